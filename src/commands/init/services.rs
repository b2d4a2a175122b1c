//! Which top-level packages do not know each other: services apart from their neighbours, libraries below them.

use std::collections::{BTreeMap, BTreeSet};

use super::draft::{Piece, Section};
use super::text::{list, quoted};
use super::world::{Kinds, World, judged_lines, slug};
use crate::entries::guess_entries;
use crate::formats::context::counted;
use crate::module_path;
use crate::source::Language;

/// So many packages are looked at, the largest first.
const MOST: usize = 6;

/// Of so few packages each counts.
const FEW: usize = 4;

/// A package that nothing starts in and nobody imports is one only if it is as large as this.
const LARGE: u32 = 20;

/// So many broken pairs are told.
const TOLD: usize = 8;

/// What may not import what, of the Python packages at the top.
pub fn find(world: &World, strict: bool) -> Section {
    let mut section = Section { title: "Services", noun: "isolation", ..Section::default() };
    let tops: Vec<usize> = world.tops.iter().copied().filter(|at| is_python(world, *at)).collect();
    let units: Vec<usize> = relevant(world, &tops).into_iter().take(MOST).collect();
    if units.len() < 2 {
        return section;
    }
    if tops.len() > units.len() {
        let more = counted((tops.len() - units.len()) as u64, "package");
        section.notes.push(format!("Not looked at: {more} at the top, small or known to nobody."));
    }
    let units = Units::new(world, units);
    if strict {
        units.wished(&mut section);
    } else {
        units.held(&mut section);
    }
    section
}

fn is_python(world: &World, package: usize) -> bool {
    world.language(package) == Language::Python
}

/// What a program is made of: what is started, what others import, and what is large.
fn relevant(world: &World, tops: &[usize]) -> Vec<usize> {
    let started = started(world);
    let members = world.members(tops);
    let imports =
        (0..tops.len()).flat_map(|at| world.reached(at, &members, Kinds::Running, |_| false).into_keys());
    let imported: BTreeSet<usize> = imports.collect();
    let is_relevant = |at: &usize| {
        let top = tops[*at];
        started.contains(world.name(top))
            || world.is_package(top)
                && (tops.len() <= FEW || imported.contains(at) || world.size[top] >= LARGE)
    };
    (0..tops.len()).filter(is_relevant).map(|at| tops[at]).collect()
}

/// The packages in which something is started.
fn started(world: &World) -> BTreeSet<String> {
    let guesses = world.context.ask_entries(guess_entries);
    guesses.iter().map(|guess| module_path::first(split(&guess.module)).to_owned()).collect()
}

struct Units<'a> {
    names: Vec<&'a str>,
    /// Whether something is started in it.
    starts: Vec<bool>,
    /// Direct imports from one to another.
    direct: Vec<BTreeMap<usize, u32>>,
    /// How many modules make those.
    importers: BTreeMap<(usize, usize), u32>,
    /// What each reaches over whatever.
    reaches: Vec<BTreeSet<usize>>,
}

impl<'a> Units<'a> {
    fn new(world: &World<'a>, units: Vec<usize>) -> Self {
        let names: Vec<&str> = units.iter().map(|at| world.name(*at)).collect();
        let started = started(world);
        let members = world.members(&units);
        let all = 0..units.len();
        let direct: Vec<BTreeMap<usize, u32>> =
            all.clone().map(|at| world.reached(at, &members, Kinds::Running, |_| false)).collect();
        let reaches =
            all.clone().map(|at| world.reached(at, &members, Kinds::Running, |_| true).into_keys().collect());
        let importers = all.clone().flat_map(|from| direct[from].keys().map(move |to| (from, *to)));
        Self {
            starts: names.iter().map(|name| started.contains(*name)).collect(),
            importers: importers
                .map(|(from, to)| ((from, to), world.importers(&members, from, to)))
                .collect(),
            reaches: reaches.collect(),
            names,
            direct,
        }
    }

    fn all(&self) -> std::ops::Range<usize> {
        0..self.names.len()
    }

    /// What holds today: those that know nothing of each other, then for each what it does not reach.
    fn held(&self, section: &mut Section) {
        let mut candidates: Vec<usize> = self.all().collect();
        candidates.sort_by_key(|at| !self.starts[*at]);
        let mut apart: Vec<usize> = Vec::new();
        for unit in candidates {
            let knows =
                |other: &usize| self.reaches[unit].contains(other) || self.reaches[*other].contains(&unit);
            if !apart.iter().any(knows) {
                apart.push(unit);
            }
        }
        apart.sort_unstable();
        if apart.len() > 1 {
            let modules = self.named(apart.iter().copied());
            let mut lines = vec!["[[independent]]".to_owned(), "id = \"services-independent\"".to_owned()];
            lines.extend(list("modules", &modules));
            lines.extend(judged_lines(Language::Python, Kinds::Running));
            lines.push("reason = \"each must start where the others are not installed\"".to_owned());
            let about = "None of these reaches another, directly or over others.".to_owned();
            section.pieces.push(Piece::entry("services-independent".to_owned(), vec![about], lines));
        }
        for unit in self.all() {
            let is_covered = |other: usize| apart.contains(&unit) && apart.contains(&other);
            let others = self.all().filter(|other| *other != unit && !is_covered(*other));
            let to: Vec<usize> = others.filter(|other| !self.reaches[unit].contains(other)).collect();
            if !to.is_empty() {
                section.pieces.push(self.forbidden(unit, &to));
            }
        }
        section.notes.extend(self.broken());
    }

    /// Services apart in both directions, and libraries that know no service.
    fn wished(&self, section: &mut Section) {
        let importers =
            |unit: usize| self.all().filter(|from| self.direct[*from].contains_key(&unit)).count();
        let is_library = |unit: usize| !self.starts[unit] && importers(unit) > 0;
        let services: Vec<usize> = self.all().filter(|unit| !is_library(*unit)).collect();
        for unit in self.all() {
            let to: Vec<usize> = services.iter().copied().filter(|service| *service != unit).collect();
            if !to.is_empty() {
                section.pieces.push(self.forbidden(unit, &to));
            }
        }
    }

    fn forbidden(&self, unit: usize, to: &[usize]) -> Piece {
        let id = slug(self.names[unit], "apart");
        let mut lines = vec!["[[forbidden]]".to_owned(), format!("id = {}", quoted(&id))];
        lines.extend(list("from", &self.named([unit])));
        lines.extend(list("to", &self.named(to.iter().copied())));
        lines.push("indirect = true".to_owned());
        lines.extend(judged_lines(Language::Python, Kinds::Running));
        let reason = if self.starts[unit] {
            "a service must start without its neighbours"
        } else {
            "what others stand on knows nothing of them"
        };
        lines.push(format!("reason = {}", quoted(reason)));
        let known: Vec<String> = self.direct[unit]
            .iter()
            .map(|(other, n)| format!("`{}` ({})", self.names[*other], counted(*n, "import")))
            .collect();
        let about = if known.is_empty() {
            format!("`{}` imports none of the packages at the top.", self.names[unit])
        } else {
            format!("`{}` imports {}.", self.names[unit], known.join(", "))
        };
        Piece::entry(id, vec![about], lines)
    }

    /// Pairs of what is started where one imports the other, and pairs that import each other.
    fn broken(&self) -> Vec<String> {
        let mut broken: Vec<(u32, usize, usize)> = Vec::new();
        for (from, to) in self.all().flat_map(|from| self.all().map(move |to| (from, to))) {
            let Some(n) = self.direct[from].get(&to) else { continue };
            let back = self.direct[to].get(&from);
            let is_lighter = back.is_some_and(|back| (n, from) < (back, to));
            if self.starts[from] && self.starts[to] && back.is_none() || is_lighter {
                broken.push((*n, from, to));
            }
        }
        broken.sort_unstable();
        let told = broken.iter().take(TOLD).map(|(n, from, to)| {
            let modules = counted(self.importers[&(*from, *to)], "module");
            let imports = counted(*n, "import");
            format!(
                "Against isolation: `{}` -> `{}`, {imports} in {modules}.",
                self.names[*from], self.names[*to]
            )
        });
        told.collect()
    }

    fn named(&self, units: impl IntoIterator<Item = usize>) -> Vec<String> {
        units.into_iter().map(|at| self.names[at].to_owned()).collect()
    }
}

fn split(module: &str) -> &str {
    module.split(':').next().unwrap_or(module)
}
