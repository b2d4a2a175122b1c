//! `[[layers]]` and `[[independent]]` on random projects, against their definition tried out chain by chain.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use importlaw::check::{Options, STACK, check_texts};
use importlaw::facts::Date;
use importlaw::registry::load::{Home, load};
use importlaw::source::RelPath;
use importlaw::violation::{Hop, Status};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

const MEMBERS: usize = 5;

/// Five members of two modules each, then modules of no member.
const MODULES: [&str; 14] = ["a", "a.x", "b", "b.x", "c", "c.x", "d", "d.x", "e", "e.x", "u", "v", "w", "z"];

type Edge = (usize, usize);

#[derive(Clone, Debug)]
struct Project {
    /// Imports: (importer, imported).
    edges: BTreeSet<Edge>,
    /// Those that the registry excepts.
    excepted: BTreeSet<Edge>,
    /// Modules that lie in another scope.
    tests: BTreeSet<usize>,
    /// Of each member, highest first; all in one for `[[independent]]`.
    layer: [usize; MEMBERS],
    /// Whether the members of a layer are kept apart.
    apart: [bool; MEMBERS],
    closed: [bool; MEMBERS],
    independent: bool,
}

fn projects() -> impl Strategy<Value = Project> {
    let edge = || (0..MODULES.len(), 0..MODULES.len());
    let edges = proptest::collection::btree_set(edge(), 0..24);
    let tests = proptest::collection::btree_set(0..MODULES.len(), 0..3);
    let flags = || proptest::array::uniform5(any::<bool>());
    let layers = proptest::array::uniform5(0..MEMBERS);
    let picks = proptest::collection::vec(any::<prop::sample::Index>(), 0..4);
    (edges, tests, layers, flags(), flags(), 0..4, picks).prop_map(
        |(mut edges, tests, layer, apart, closed, shape, picks)| {
            edges.retain(|(importer, imported)| importer != imported);
            let all: Vec<Edge> = edges.iter().copied().collect();
            let picked = picks.iter().filter(|_| !all.is_empty()).map(|pick| all[pick.index(all.len())]);
            let independent = shape == 0;
            Project {
                excepted: picked.collect(),
                edges,
                tests,
                layer: if independent { [0; MEMBERS] } else { layer },
                apart: if independent { [true; MEMBERS] } else { apart },
                closed: if shape == 1 { closed } else { [false; MEMBERS] },
                independent,
            }
        },
    )
}

impl Project {
    fn texts(&self) -> BTreeMap<RelPath, Vec<u8>> {
        let mut texts = BTreeMap::new();
        for at in 0..MODULES.len() {
            let mut text = String::new();
            for (_, imported) in self.edges.iter().filter(|(importer, _)| *importer == at) {
                writeln!(text, "import {}", MODULES[*imported]).unwrap();
            }
            texts.insert(RelPath::new(path(at)), text.into_bytes());
        }
        texts
    }

    fn registry(&self) -> String {
        let tests: Vec<String> = self.tests.iter().map(|at| format!("/{}", path(*at))).collect();
        let except = self.excepted.iter().map(|(a, b)| format!("={} -> ={}", MODULES[*a], MODULES[*b]));
        let except: Vec<String> = except.collect();
        let mut text = String::from("version = 1\n");
        if !tests.is_empty() {
            writeln!(text, "[[scope]]\nname = \"test\"\nfiles = {tests:?}").unwrap();
        }
        let scopes = "scopes = [\"production\"]";
        let members =
            |layer| (0..MEMBERS).filter(move |at| self.layer[*at] == layer).map(|at| MODULES[2 * at]);
        if self.independent {
            let modules: Vec<&str> = members(0).collect();
            writeln!(
                text,
                "[[independent]]\nid = \"r\"\nmodules = {modules:?}\nexcept = {except:?}\n{scopes}"
            )
            .unwrap();
            return text;
        }
        let levels = || (0..MEMBERS).filter(|layer| self.layer.contains(layer));
        let line =
            |layer| members(layer).collect::<Vec<_>>().join(if self.apart[layer] { " | " } else { " : " });
        let order: Vec<String> = levels().map(line).collect();
        let closed: Vec<&str> =
            levels().filter(|l| self.closed[*l]).filter_map(|l| members(l).next()).collect();
        writeln!(
            text,
            "[[layers]]\nid = \"r\"\norder = {order:?}\nclosed = {closed:?}\nexcept = {except:?}\n{scopes}"
        )
        .unwrap();
        text
    }

    /// Whether what belongs to member `from` may not reach member `to`.
    fn illegal(&self, from: usize, to: usize) -> bool {
        let (above, below) = (self.layer[from], self.layer[to]);
        let jumped = |layer: usize| self.closed[layer] && self.layer.contains(&layer);
        match above.cmp(&below) {
            std::cmp::Ordering::Greater => true,
            std::cmp::Ordering::Equal => from != to && self.apart[above],
            std::cmp::Ordering::Less => (above + 1..below).any(jumped),
        }
    }

    /// Whether a member has siblings in its layer that may not reach it.
    fn illegal_siblings(&self, member: usize) -> bool {
        let level = self.layer[member];
        self.apart[level] && self.layer.iter().filter(|layer| **layer == level).count() > 1
    }

    /// The crossing imports over edges that `runs` admits, each with the length of the shortest chain to it.
    fn crossings(&self, runs: impl Fn(&Edge) -> bool) -> BTreeMap<Edge, usize> {
        let mut found = BTreeMap::new();
        for to in 0..MEMBERS {
            let starts = |at: usize| {
                !self.tests.contains(&at) && member(at).is_some_and(|from| self.illegal(from, to))
            };
            // A chain goes on through a test of a member of which a production module would be a start.
            let kept_apart = self.illegal_siblings(to);
            let passes = |at: usize| match member(at) {
                None => true,
                Some(from) => {
                    self.tests.contains(&at) && (self.illegal(from, to) || from == to && kept_apart)
                }
            };
            let mut length: BTreeMap<usize, usize> =
                (0..MODULES.len()).filter(|at| starts(*at)).map(|at| (at, 0)).collect();
            loop {
                let before = length.clone();
                for edge in self.edges.iter().filter(|edge| runs(edge) && passes(edge.1)) {
                    let Some(so_far) = length.get(&edge.0).copied() else { continue };
                    let known = length.entry(edge.1).or_insert(usize::MAX);
                    *known = (*known).min(so_far + 1);
                }
                if length == before {
                    break;
                }
            }
            for edge in &self.edges {
                if member(edge.1) == Some(to)
                    && member(edge.0) != Some(to)
                    && let Some(so_far) = length.get(&edge.0)
                {
                    found.insert(*edge, so_far + 1);
                }
            }
        }
        found
    }

    /// What the program finds: crossing import, whether it is waived, and the chain.
    fn findings(&self) -> BTreeMap<Edge, (bool, Vec<Hop>)> {
        let as_of = Date::parse("2026-11-22").unwrap();
        let registry = load(&RelPath::new("importlaw.toml"), &self.registry(), Home::Own, as_of)
            .unwrap_or_else(|errors| panic!("{:?}\n{}", errors.problems(), self.registry()));
        let report = check_texts(&registry, self.texts(), &Options::as_of(as_of)).unwrap();
        let findings = report.findings.iter().filter(|finding| finding.violation.rule == "r");
        let found: Vec<_> = findings
            .map(|finding| {
                let violation = &finding.violation;
                let edge = (index(&violation.importer), index(&violation.written));
                (edge, (violation.status == Status::Waived, violation.chain.clone()))
            })
            .collect();
        let distinct: BTreeMap<Edge, (bool, Vec<Hop>)> = found.iter().cloned().collect();
        assert_eq!(distinct.len(), found.len(), "an import is found twice");
        distinct
    }
}

fn path(at: usize) -> String {
    let name = MODULES[at].replace('.', "/");
    if at < 2 * MEMBERS && at.is_multiple_of(2) {
        format!("{name}/__init__.py")
    } else {
        format!("{name}.py")
    }
}

fn member(at: usize) -> Option<usize> {
    (at < 2 * MEMBERS).then_some(at / 2)
}

fn index(name: &str) -> usize {
    MODULES.iter().position(|module| *module == name).unwrap()
}

fn run(cases: u32, test: impl Fn(&Project) -> Result<(), TestCaseError> + Send + 'static) {
    let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
    let run = move || TestRunner::new(config).run(&projects(), |project| test(&project)).unwrap();
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(run).unwrap();
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
}

#[test]
fn the_findings_are_the_crossing_imports_and_their_chains_are_shortest_and_real() {
    run(300, |project| {
        let free = project.crossings(|edge| !project.excepted.contains(edge));
        let any = project.crossings(|_| true);
        let findings = project.findings();
        prop_assert_eq!(findings.keys().collect::<Vec<_>>(), any.keys().collect::<Vec<_>>());
        for (edge, (waived, chain)) in findings {
            let direct_or_longer = free.get(&edge).or(any.get(&edge)).copied();
            prop_assert_eq!(waived, project.excepted.contains(&edge) || !free.contains_key(&edge));
            prop_assert_eq!(Some(chain.len().max(1)), direct_or_longer, "{:?}", chain);
            let hops: Vec<Edge> =
                chain.iter().map(|hop| (index(&hop.importer), index(&hop.imported))).collect();
            prop_assert!(hops.iter().all(|hop| project.edges.contains(hop)), "{:?}", chain);
            prop_assert!(hops.windows(2).all(|pair| pair[0].1 == pair[1].0), "{:?}", chain);
            prop_assert!(hops.is_empty() || hops.last() == Some(&edge), "{:?}", chain);
        }
        Ok(())
    });
}

#[test]
fn removing_an_import_creates_no_finding() {
    run(60, |project| {
        let before = project.findings();
        for edge in &project.edges {
            let mut less = project.clone();
            less.edges.remove(edge);
            for (found, (waived, _)) in less.findings() {
                let known = before.get(&found);
                prop_assert!(known.is_some(), "{:?} without {:?}", found, edge);
                prop_assert!(
                    waived || known.is_some_and(|(waived, _)| !waived),
                    "{:?} without {:?}",
                    found,
                    edge
                );
            }
        }
        Ok(())
    });
}
