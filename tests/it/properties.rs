//! What must hold of rules whatever the project: random small graphs, and attempts to flatter the number.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use importlaw::check::{Options, check_texts};
use importlaw::facts::Date;
use importlaw::registry::load::{Home, load};
use importlaw::report::{Finding, Report};
use importlaw::source::RelPath;
use importlaw::violation::Status;
use proptest::prelude::*;

fn report(files: &BTreeMap<String, String>, registry: &str) -> Report {
    let as_of = Date::parse("2026-11-22").expect("a date");
    let registry =
        load(&RelPath::new("importlaw.toml"), registry, Home::Own, as_of).expect("a registry without errors");
    let texts = files.iter().map(|(path, text)| (RelPath::new(path.as_str()), text.clone().into_bytes()));
    check_texts(&registry, texts.collect(), &Options::as_of(as_of)).expect("a report")
}

// --- forbidden ---

/// The modules of every random project, and two names outside it.
const MODULES: [&str; 11] = ["a", "a.x", "a.y", "b", "b.x", "b.y", "c", "c.x", "d", "json", "outside.deep"];
/// How many of them are of the project.
const OWN: usize = 9;

/// A project as its edges by (importer, imported), each with whether it runs only in a function.
#[derive(Clone, Debug)]
struct World {
    edges: BTreeMap<(usize, usize), bool>,
    from: Vec<&'static str>,
    to: Vec<&'static str>,
    indirect: bool,
    except: BTreeSet<(usize, usize)>,
    without_deferred: bool,
}

prop_compose! {
    fn world()(
        edges in prop::collection::btree_map((0..OWN, 0..MODULES.len()), any::<bool>(), 0..24),
        except in prop::collection::btree_set((0..OWN, 0..MODULES.len()), 0..12),
        wide_from in any::<bool>(),
        wide_to in any::<bool>(),
        indirect in prop::bool::weighted(0.8),
        without_deferred in prop::bool::weighted(0.3),
    ) -> World {
        World {
            edges: edges.into_iter().filter(|((a, b), _)| a != b).collect(),
            from: if wide_from { vec!["a", "c.x"] } else { vec!["a"] },
            to: if wide_to { vec!["b", "json"] } else { vec!["b"] },
            indirect,
            except,
            without_deferred,
        }
    }
}

impl World {
    fn files(&self) -> BTreeMap<String, String> {
        let mut files = BTreeMap::new();
        for (at, module) in MODULES.iter().enumerate().take(OWN) {
            let path = match *module {
                "a" | "b" | "c" => format!("{module}/__init__.py"),
                module => format!("{}.py", module.replace('.', "/")),
            };
            let mut text = String::new();
            for ((_, imported), deferred) in self.edges.range((at, 0)..(at + 1, 0)) {
                let import = format!("import {}", MODULES[*imported]);
                let line = if *deferred { format!("def f(): {import}\n") } else { format!("{import}\n") };
                text.push_str(&line);
            }
            files.insert(path, text);
        }
        files
    }

    fn registry(&self) -> String {
        let mut text = format!(
            "version = 1\n[[forbidden]]\nid = \"apart\"\nfrom = {:?}\nto = {:?}\nindirect = {}\n",
            self.from, self.to, self.indirect
        );
        if self.without_deferred {
            text.push_str("except-kinds = [\"deferred\"]\n");
        }
        text.push_str("except = [");
        for (importer, imported) in &self.except {
            write!(text, "\"={} -> ={}\", ", MODULES[*importer], MODULES[*imported]).expect("a string");
        }
        text + "]\n"
    }

    fn findings(&self) -> Vec<Finding> {
        let findings = report(&self.files(), &self.registry()).findings;
        findings.into_iter().filter(|finding| finding.violation.rule == "apart").collect()
    }

    fn is_in(names: &[&str], module: usize) -> bool {
        let module = MODULES[module];
        names.iter().any(|name| module == *name || module.starts_with(&format!("{name}.")))
    }

    fn counts(&self, edge: (usize, usize)) -> bool {
        self.edges.get(&edge).is_some_and(|deferred| !(*deferred && self.without_deferred))
    }

    /// How many edges it takes from one module of `from` to a module outside `to`, by trying every length.
    fn distance(&self, start: usize, end: usize, free: bool) -> Option<usize> {
        let mut at = BTreeSet::from([start]);
        for length in 0..=OWN {
            if at.contains(&end) {
                return Some(length);
            }
            if !self.indirect {
                return None;
            }
            let next = self.edges.keys().filter(|edge| {
                at.contains(&edge.0)
                    && self.counts(**edge)
                    && edge.1 < OWN
                    && !Self::is_in(&self.to, edge.1)
                    && !(free && self.except.contains(edge))
            });
            at = next.map(|edge| edge.1).collect();
        }
        None
    }

    /// Every crossing import with whether it is excused, the length of the chain, and how many modules reach it.
    fn expected(&self) -> BTreeMap<(String, String), (bool, usize, u32)> {
        let starts: Vec<usize> = (0..OWN).filter(|at| Self::is_in(&self.from, *at)).collect();
        let mut expected = BTreeMap::new();
        for edge in self.edges.keys().filter(|edge| self.counts(**edge)) {
            if Self::is_in(&self.to, edge.0) || !Self::is_in(&self.to, edge.1) {
                continue;
            }
            for free in [true, false] {
                let distances = starts.iter().filter_map(|start| self.distance(*start, edge.0, free));
                let distances: Vec<usize> = distances.collect();
                if let Some(least) = distances.iter().min() {
                    let length = if *least == 0 { 0 } else { least + 1 };
                    let excused = !free || self.except.contains(edge);
                    let key = (MODULES[edge.0].to_owned(), MODULES[edge.1].to_owned());
                    expected.insert(key, (excused, length, distances.len() as u32));
                    break;
                }
            }
        }
        expected
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    /// Found is what a search by brute force finds: verdict, shortest length and `reached_by` included.
    #[test]
    fn forbidden_finds_every_crossing_import(world in world()) {
        let found: BTreeMap<(String, String), (bool, usize, u32)> = world
            .findings()
            .into_iter()
            .map(|finding| {
                let v = finding.violation;
                let excused = v.status == Status::Waived;
                ((v.importer, v.written), (excused, v.chain.len(), v.reached_by.unwrap_or(0)))
            })
            .collect();
        prop_assert_eq!(found, world.expected());
    }

    /// Each hop is an import on the line that it names, one leads to the next, and only the last enters `to`.
    #[test]
    fn every_chain_is_real(world in world()) {
        let files = world.files();
        let index = |name: &str| MODULES.iter().position(|module| *module == name).expect("a module");
        for finding in world.findings() {
            let chain = &finding.violation.chain;
            let Some(last) = chain.last() else { continue };
            prop_assert!(World::is_in(&world.from, index(&chain[0].importer)));
            prop_assert_eq!(&last.importer, &finding.violation.importer);
            for (at, hop) in chain.iter().enumerate() {
                let line = files[&hop.path].lines().nth(hop.line as usize - 1).expect("a line");
                let is_last = at + 1 == chain.len();
                // `import json` comes to no module: its last hop names the written path.
                prop_assert!(line.ends_with(&format!("import {}", hop.imported)), "{}: {:?}", line, hop);
                prop_assert!(world.counts((index(&hop.importer), index(&hop.imported))));
                prop_assert_eq!(World::is_in(&world.to, index(&hop.imported)), is_last);
                prop_assert!(is_last || hop.imported == chain[at + 1].importer);
            }
        }
    }

    /// Removing an import never creates a finding, nor brings an excused one to life.
    #[test]
    fn removing_an_import_never_creates_a_finding(world in world(), pick in any::<prop::sample::Index>()) {
        prop_assume!(!world.edges.is_empty());
        let found = |world: &World, open: bool| -> BTreeSet<(String, String)> {
            let all = world.findings().into_iter().map(|finding| finding.violation);
            all.filter(|v| !open || v.status == Status::New).map(|v| (v.importer, v.written)).collect()
        };
        let gone = *world.edges.keys().nth(pick.index(world.edges.len())).expect("an edge");
        let mut less = world.clone();
        less.edges.remove(&gone);
        for open in [true, false] {
            let (before, after) = (found(&world, open), found(&less, open));
            prop_assert!(after.is_subset(&before), "{:?} is new", after.difference(&before));
        }
    }
}

// --- what to write instead ---

#[test]
fn the_fix_says_exactly_what_to_write() {
    let old = "from old.a import One\nfrom old.a import One as First\nfrom old.a import Two\nfrom old.a import *\n\
               import old.a\nimport old.a as o\nimport_module(\"old.a\")\nmock.patch(\"old.a.Two\")\n\
               from face import Cart as Basket\nimport face\nface.Cart()\n";
    let user = format!("from importlib import import_module\nfrom unittest import mock\n{old}");
    let files = [
        ("new/a.py", "One = Two = 1\n"),
        ("new/b.py", "Uno = 1\n"),
        ("face.py", "from db import Cart\n"),
        ("db.py", "class Cart:\n    pass\n"),
        ("shop/user.py", user.as_str()),
    ];
    let files = files.into_iter().map(|(path, text)| (path.to_owned(), text.to_owned())).collect();
    let registry = "version = 1\n[moved]\n\"old.a\" = \"new.a\"\n\"old.a:One\" = \"new.b:Uno\"\n\
                    [[canonical]]\nsymbols = [\"Cart\"]\npath = \"db\"\n";
    let fixes: Vec<(u32, String)> = report(&files, registry)
        .findings
        .into_iter()
        .filter(|finding| matches!(finding.violation.kind, "moved" | "canonical"))
        .map(|finding| (finding.line - 2, finding.violation.help.expect("a fix")))
        .collect();
    let expected = [
        (1, "write `from new.b import Uno as One`"),
        (2, "write `from new.b import Uno as First`"),
        (3, "write `from new.a import Two`"),
        (4, "write `from new.a import *`"),
        (5, "write `import new.a`"),
        (6, "write `import new.a as o`"),
        (7, "write `new.a`"),
        (8, "write `new.a.Two`"),
        (9, "write `from db import Cart as Basket`"),
        (11, "write `from db import Cart`"),
    ];
    let fixes: Vec<(u32, &str)> = fixes.iter().map(|(line, fix)| (*line, fix.as_str())).collect();
    assert_eq!(fixes, expected);
}

// --- the number ---

/// One right and one wrong use under each of two rules: 50 %.
fn shop(user: &str) -> BTreeMap<String, String> {
    let files = [
        ("core/db.py", "class Session:\n    pass\n"),
        ("core/face.py", "from core.db import Session\n"),
        ("core/other.py", "ONE = TWO = 1\n"),
        ("auth.py", "TOKEN = 1\n"),
        ("shop/user.py", user),
    ];
    files.into_iter().map(|(path, text)| (path.to_owned(), text.to_owned())).collect()
}

const REGISTRY: &str = r#"version = 1
[checks]
unresolved-import = "off"
[[canonical]]
id = "session"
symbols = ["Session"]
path = "core.db"
COMPATIBLE
[[forbidden]]
id = "apart"
from = ["shop"]
to = ["auth"]
EXCEPT
"#;

const USER: &str = "from core.face import Session\nfrom core.other import ONE, TWO\nimport auth\n";

fn compliance(user: &str, compatible: &str, except: &str) -> (f64, u32, u32) {
    let registry = REGISTRY.replace("COMPATIBLE", compatible).replace("EXCEPT", except);
    let tally = report(&shop(user), &registry).summary.tally;
    (tally.compliance.expect("a percentage"), tally.compliant, tally.governed)
}

#[test]
fn nothing_that_excuses_raises_the_number() {
    // Governed: Session (not through its door), ONE, TWO, auth, and what core.face takes from the door.
    let before = compliance(USER, "", "");
    assert_eq!(before, (60.0, 3, 5));
    assert_eq!(compliance(USER, "compatible = [{ path = \"core.face\", until = 2027-01-01 }]", ""), before);
    assert_eq!(compliance(USER, "except = [\"shop\"]", "except = [\"shop -> auth\"]"), before);
    let inline = USER.replace("import auth\n", "import auth  # importlaw: allow apart -- for now\n");
    assert_eq!(compliance(&inline, "", ""), before);
    let whole = format!("# importlaw: allow-file apart, session -- for now\n{USER}");
    assert_eq!(compliance(&whole, "", ""), before);
}

#[test]
fn writing_the_same_uses_otherwise_does_not_change_the_number() {
    let before = compliance(USER, "", "");
    let ways = [
        USER.replace("ONE, TWO", "ONE\nfrom core.other import TWO"),
        USER.replace("ONE, TWO", "ONE as a, TWO as b"),
        format!("{USER}from core.other import ONE, TWO\n"),
        format!("{USER}from core.other import ONE\ndef f():\n    from core.other import ONE, TWO\n"),
        format!("{USER}import auth\n"),
        USER.replace("import auth", "def f():\n    import auth"),
        USER.replace("import auth", "import auth as core_auth"),
        USER.replace("import auth", "try:\n    import auth\nexcept ImportError:\n    auth = None"),
        USER.replace("import auth", "__import__(\"auth\")"),
        USER.replace("import Session", "import Session as Right"),
    ];
    for way in &ways {
        assert_eq!(compliance(way, "", ""), before, "{way}");
    }
}
