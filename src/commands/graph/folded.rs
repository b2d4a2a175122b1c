//! Folds a module graph until it can be looked at.

use std::collections::{BTreeMap, BTreeSet};

use crate::formats::context::{counted, number};
use crate::module_path::{is_within, prefixes, top};
use crate::report::drawing::{Arrow, Drawing, Folded};

/// More boxes than these are folded, unless a depth is asked for.
const BOXES: usize = 28;

/// More arrows than these are left out, the lightest first, unless a depth is asked for.
const ARROWS: usize = 80;

/// An import as it is counted.
#[derive(Clone, Copy, Debug)]
pub struct Pair<'a> {
    /// Who imports.
    pub importer: &'a str,
    /// What is imported.
    pub imported: &'a str,
    /// How many findings are about it.
    pub findings: u32,
}

impl<'a> Pair<'a> {
    /// One that no finding is about.
    pub fn of(importer: &'a str, imported: &'a str) -> Self {
        Self { importer, imported, findings: 0 }
    }
}

/// Two boxes, and how many imports and findings lie between them.
type Counted<'c> = (&'c (&'c str, &'c str), &'c (u32, u32));

/// How much is drawn.
#[derive(Clone, Copy, Debug)]
pub struct Fold<'a> {
    /// Names are cut after that many components; None: as deep as can be looked at.
    pub collapse: Option<usize>,
    /// Only what lies around this module or package.
    pub focus: Option<&'a str>,
    /// How many steps around it.
    pub steps: usize,
}

/// Folds `pairs`, one for each import, between `modules`.
pub fn fold(modules: &BTreeSet<&str>, pairs: &[Pair], fold: Fold) -> Drawing {
    let mut left_out = Vec::new();
    let (kept, pairs): (BTreeSet<&str>, Vec<Pair>) = match fold.focus {
        None => (modules.clone(), pairs.to_vec()),
        Some(focus) => around(focus, pairs, modules, fold.steps),
    };
    let boxes = match fold.collapse {
        Some(depth) => Boxes::cut(&kept, depth),
        None => Boxes::within(&kept, fold.focus, BOXES),
    };
    let mut sizes: BTreeMap<&str, u32> = BTreeMap::new();
    for module in &kept {
        *sizes.entry(boxes.of(module)).or_default() += 1;
    }
    let mut counts: BTreeMap<(&str, &str), (u32, u32)> = BTreeMap::new();
    for pair in &pairs {
        let (from, to) = (boxes.of(pair.importer), boxes.of(pair.imported));
        if from != to {
            let count = counts.entry((from, to)).or_default();
            *count = (count.0 + 1, count.1 + pair.findings);
        }
    }
    let mut drawn: Vec<Counted> = counts.iter().collect();
    if fold.collapse.is_none() && drawn.len() > ARROWS {
        drawn
            .sort_by_key(|(pair, (imports, findings))| (*findings == 0, std::cmp::Reverse(*imports), **pair));
        let lighter =
            drawn.split_off(ARROWS.max(drawn.iter().filter(|(_, (_, findings))| *findings > 0).count()));
        let imports: u64 = lighter.iter().map(|(_, (imports, _))| u64::from(*imports)).sum();
        let most = lighter.iter().map(|(_, (imports, _))| *imports).max().unwrap_or_default();
        left_out.push(format!(
            "{} of {} at most are not drawn ({} in all): --collapse N draws every one",
            counted(lighter.len() as u64, "arrow"),
            counted(most, "import"),
            number(imports)
        ));
    }
    // What nothing is drawn from or to tells nothing.
    let mut named: BTreeSet<&str> = drawn.iter().flat_map(|((from, to), _)| [*from, *to]).collect();
    named.extend(fold.focus.filter(|_| drawn.is_empty()).map(|focus| boxes.of(focus)));
    let alone = sizes.keys().filter(|name| !named.contains(*name)).count();
    if alone > 0 {
        let what = if alone == 1 { "package without an arrow is" } else { "packages without an arrow are" };
        left_out.push(format!("{} {what} not drawn", number(alone as u64)));
    }
    let named: Vec<&str> = named.into_iter().collect();
    let at = |name: &str| named.binary_search(&name).unwrap_or_default();
    let mut arrows: Vec<Arrow> = drawn
        .iter()
        .map(|((from, to), (imports, findings))| Arrow {
            from: at(from),
            to: at(to),
            imports: *imports,
            findings: *findings,
        })
        .collect();
    arrows.sort();
    let boxes = named.iter().map(|name| Folded {
        name: (*name).to_owned(),
        modules: sizes.get(name).copied().unwrap_or_default(),
    });
    Drawing { title: String::new(), boxes: boxes.collect(), arrows, left_out }
}

/// What lies at most `steps` imports from a module or package, in either direction, and the imports on the way.
pub fn around<'a>(
    focus: &str,
    pairs: &[Pair<'a>],
    modules: &BTreeSet<&'a str>,
    steps: usize,
) -> (BTreeSet<&'a str>, Vec<Pair<'a>>) {
    let mut kept: BTreeSet<&str> = modules.iter().copied().filter(|name| is_within(name, focus)).collect();
    let mut ways: BTreeSet<usize> = BTreeSet::new();
    for _ in 0..steps {
        let mut next = BTreeSet::new();
        for (at, Pair { importer, imported, .. }) in pairs.iter().enumerate() {
            if kept.contains(importer) || kept.contains(imported) {
                ways.insert(at);
                next.extend([*importer, *imported]);
            }
        }
        kept.extend(next);
    }
    (kept, ways.into_iter().map(|at| pairs[at]).collect())
}

/// Which box each module lies in.
struct Boxes<'a> {
    of: BTreeMap<&'a str, &'a str>,
}

/// What the smallest are folded into where there are too many at the top.
const OTHERS: &str = "(others)";

impl<'a> Boxes<'a> {
    /// The box of a module; of what is no module, itself.
    fn of<'n>(&self, module: &'n str) -> &'n str
    where
        'a: 'n,
    {
        self.of.get(module).copied().unwrap_or(module)
    }

    /// Names cut after `depth` components.
    fn cut(modules: &BTreeSet<&'a str>, depth: usize) -> Self {
        let cut = |name: &'a str| {
            prefixes(name).filter(|prefix| !prefix.is_empty()).take(depth.max(1)).last().unwrap_or(name)
        };
        Self { of: modules.iter().map(|name| (*name, cut(name))).collect() }
    }

    /// Opens packages, the largest first, as long as there are at most `most` boxes; what is in focus before all others.
    fn within(modules: &BTreeSet<&'a str>, focus: Option<&str>, most: usize) -> Self {
        let mut boxes: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for name in modules {
            boxes.entry(top(name)).or_default().push(name);
        }
        let mut closed: BTreeSet<&str> = BTreeSet::new();
        let in_focus =
            |name: &str| focus.is_some_and(|focus| is_within(name, focus) || is_within(focus, name));
        loop {
            let candidates =
                boxes.iter().filter(|(name, inside)| inside.len() > 1 && !closed.contains(*name));
            let next = candidates
                .max_by_key(|(name, inside)| (in_focus(name), inside.len(), std::cmp::Reverse(**name)));
            let Some((&name, inside)) = next else { break };
            let depth = prefixes(name).count();
            let mut parts: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
            for module in inside {
                parts.entry(prefixes(module).nth(depth).unwrap_or(name)).or_default().push(module);
            }
            // What lies around the focus tells nothing with the focus inside of it, and of a handful of boxes the one
            // that holds nearly everything neither.
            let hides = focus.is_some_and(|focus| focus != name && is_within(focus, name))
                || boxes.len() <= most / 4 && inside.len() * 2 > modules.len();
            if !hides && boxes.len() - 1 + parts.len() > most {
                // To open smaller ones instead would show what matters less in more detail.
                if !in_focus(name) {
                    break;
                }
                closed.insert(name);
                continue;
            }
            boxes.remove(name);
            // The package itself is a box of its own, and is not opened again.
            closed.insert(name);
            boxes.extend(parts);
        }
        let mut of = BTreeMap::new();
        let mut largest: Vec<(&str, Vec<&str>)> = boxes.into_iter().collect();
        largest.sort_by_key(|(name, inside)| (!in_focus(name), std::cmp::Reverse(inside.len()), *name));
        let whole = if largest.len() > most { most - 1 } else { most };
        for (at, (name, inside)) in largest.into_iter().enumerate() {
            let name = if at < whole { name } else { OTHERS };
            of.extend(inside.into_iter().map(|module| (module, name)));
        }
        Self { of }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set<'a>(names: &[&'a str]) -> BTreeSet<&'a str> {
        names.iter().copied().collect()
    }

    fn drawn(drawing: &Drawing) -> Vec<String> {
        let name = |at: usize| drawing.boxes[at].name.as_str();
        drawing
            .arrows
            .iter()
            .map(|arrow| {
                let Arrow { from, to, imports, findings } = *arrow;
                format!("{} -> {}: {imports}/{findings}", name(from), name(to))
            })
            .collect()
    }

    const MODULES: [&str; 6] = ["a", "a.x", "a.y", "b", "b.z.deep", "c"];
    const IMPORTS: [(&str, &str, u32); 5] =
        [("a.x", "b.z.deep", 1), ("a.y", "b", 0), ("a.x", "a.y", 0), ("b", "c", 0), ("a.x", "b.z.deep", 0)];

    fn whole(collapse: Option<usize>, focus: Option<&str>, steps: usize) -> Drawing {
        let pairs = IMPORTS.map(|(importer, imported, findings)| Pair { importer, imported, findings });
        fold(&set(&MODULES), &pairs, Fold { collapse, focus, steps })
    }

    #[test]
    fn packages_are_folded_and_imports_counted() {
        let drawing = whole(Some(1), None, 1);
        assert_eq!(drawn(&drawing), ["a -> b: 3/1", "b -> c: 1/0"]);
        assert_eq!(drawing.boxes[0], Folded { name: "a".to_owned(), modules: 3 });
        let deeper = drawn(&whole(Some(2), None, 1));
        assert_eq!(deeper, ["a.x -> a.y: 1/0", "a.x -> b.z: 2/1", "a.y -> b: 1/0", "b -> c: 1/0"]);
    }

    #[test]
    fn a_focus_keeps_its_neighbours() {
        assert_eq!(drawn(&whole(Some(1), Some("c"), 1)), ["b -> c: 1/0"]);
        assert_eq!(drawn(&whole(Some(3), Some("c"), 2)), ["a.y -> b: 1/0", "b -> c: 1/0"]);
    }

    #[test]
    fn too_many_packages_are_folded_into_one() {
        let names: Vec<String> = (0..40).map(|at| format!("p{at:02}")).collect();
        let modules: BTreeSet<&str> = names.iter().map(String::as_str).collect();
        let boxes = Boxes::within(&modules, None, 28);
        let kinds: BTreeSet<&str> = modules.iter().map(|name| boxes.of(name)).collect();
        assert_eq!(kinds.len(), 28);
        assert_eq!((boxes.of("p26"), boxes.of("p27")), ("p26", OTHERS));
    }

    #[test]
    fn a_hidden_directory_has_a_name() {
        let modules = set(&[".github.scripts.x", ".github.scripts.y", "p"]);
        assert_eq!(Boxes::cut(&modules, 1).of(".github.scripts.x"), ".github");
        assert_eq!(Boxes::within(&modules, None, 2).of(".github.scripts.x"), ".github.scripts");
        assert_eq!(Boxes::within(&modules, None, 3).of(".github.scripts.x"), ".github.scripts.x");
    }

    #[test]
    fn the_largest_package_is_opened_first() {
        let modules = set(&["big.a", "big.b", "big.c", "small.a", "small.b"]);
        let boxes = Boxes::within(&modules, None, 4);
        assert_eq!((boxes.of("big.a"), boxes.of("small.a")), ("big.a", "small"));
        let boxes = Boxes::within(&modules, Some("small"), 3);
        assert_eq!((boxes.of("big.a"), boxes.of("small.a")), ("big", "small.a"));
    }

    #[test]
    fn a_package_that_is_nearly_all_there_is_is_opened_however_many_it_holds() {
        let mut names: Vec<String> = (0..40).map(|at| format!("p.m{at:02}")).collect();
        names.extend(["p.m39.deep", "script"].map(str::to_owned));
        let modules: BTreeSet<&str> = names.iter().map(String::as_str).collect();
        let boxes = Boxes::within(&modules, None, 28);
        let kinds: BTreeSet<&str> = modules.iter().map(|name| boxes.of(name)).collect();
        assert_eq!(kinds.len(), 28);
        let of = |name| boxes.of(name);
        assert_eq!(
            (of("p.m39.deep"), of("p.m25"), of("p.m26"), of("script")),
            ("p.m39", "p.m25", OTHERS, OTHERS)
        );
        // One of several is not: that there are so few boxes says something.
        let mut several = modules.clone();
        several.extend(["a", "b", "c", "d", "e", "f"]);
        assert_eq!(Boxes::within(&several, None, 28).of("p.m25"), "p");
    }

    #[test]
    fn what_is_in_focus_has_a_box() {
        let names: Vec<String> =
            (0..40).map(|at| format!("p.q.m{at:02}")).chain(["p.x".to_owned()]).collect();
        let modules: BTreeSet<&str> = names.iter().map(String::as_str).collect();
        let boxes = Boxes::within(&modules, Some("p.q.m39"), 28);
        assert_eq!((boxes.of("p.q.m39"), boxes.of("p.q.m38")), ("p.q.m39", OTHERS));
    }
}
