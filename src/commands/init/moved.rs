//! Old paths: modules that git saw renamed, and that are no more where they were.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::draft::{Piece, Section};
use super::text::quoted;
use super::world::{World, is_plain};
use crate::formats::context::counted;
use crate::graph::model::Outcome;
use crate::module_path::is_within;
use crate::source::Language;

/// Commits that are looked at.
pub const COMMITS: usize = 500;

/// Paths that are proposed, first those that somebody still refers to, then those of most modules.
const MOST: usize = 12;

/// The modules that have moved; `renames` are the paths of each old one now.
pub fn find(world: &World, renames: &BTreeMap<String, Vec<String>>) -> Section {
    let mut section = Section { title: "Moved", noun: "moved path", ..Section::default() };
    let steps = steps(world, renames);
    let mut lines = whole(world, &steps);
    let left = left(world, lines.iter().map(|line| line.0.as_str()));
    lines.sort_by_key(|(old, _, files)| (Reverse(left[old.as_str()]), Reverse(*files), old.clone()));
    for (old, new, files) in lines.iter().take(MOST) {
        let left = left[old.as_str()];
        let mut about =
            vec![format!("Renamed within the last {COMMITS} commits ({}).", counted(*files, "module"))];
        if left > 0 {
            about.push(format!("{} of the old path left.", counted(left, "import")));
        }
        let line = format!("{} = {}", quoted(old), quoted(new));
        section.pieces.push(Piece::line("[moved]", about, line));
    }
    let more = lines.len().saturating_sub(MOST);
    if more > 0 {
        section.notes.push(format!("{} more were renamed.", counted(more as u64, "module")));
    }
    section
}

/// Old and new module names, in the order of the old ones.
fn steps(world: &World, renames: &BTreeMap<String, Vec<String>>) -> BTreeMap<String, String> {
    let graph = world.context.graph;
    let by_path: BTreeMap<&str, &str> = graph
        .modules
        .iter()
        .filter(|module| module.language == Language::Python && module.is_importable())
        .map(|module| (module.path.as_str(), module.name.as_str()))
        .collect();
    let mut roots: Vec<&str> = world.context.project.roots.iter().map(String::as_str).collect();
    roots.sort_by_key(|root| Reverse(root.len()));
    let mut steps = BTreeMap::new();
    for (old, now) in renames {
        let [now] = now.as_slice() else { continue };
        let (Some(new), Some(old)) = (by_path.get(now.as_str()), module_of(old, &roots)) else { continue };
        let is_gone = graph.importable(&old).is_none() && !graph.has(&old);
        if is_gone && is_plain(&old) && is_plain(new) && old != *new && !is_within(new, &old) {
            steps.insert(old, (*new).to_owned());
        }
    }
    steps
}

/// The name by which the module at a path would be imported.
fn module_of(path: &str, roots: &[&str]) -> Option<String> {
    let below =
        |root: &str| if root.is_empty() { Some(path) } else { path.strip_prefix(root)?.strip_prefix('/') };
    let inner = roots.iter().find_map(|root| below(root))?;
    let stem = inner.strip_suffix(".py")?;
    let stem = stem.strip_suffix("/__init__").unwrap_or(stem);
    Some(stem.replace('/', "."))
}

/// The steps with packages that moved as a whole as one: old, new, how many modules.
fn whole(world: &World, steps: &BTreeMap<String, String>) -> Vec<(String, String, u32)> {
    let mut lines: BTreeMap<(String, String), u32> = BTreeMap::new();
    for (old, new) in steps {
        let (mut old, mut new) = (old.as_str(), new.as_str());
        // Upwards as long as both end alike and nothing is left of the old one.
        while let (Some((above, last)), Some((target, same))) = (old.rsplit_once('.'), new.rsplit_once('.')) {
            let all = |steps: &BTreeMap<String, String>| {
                let of_package = steps.iter().filter(|(old, _)| is_within(old, above));
                of_package.clone().count() > 1
                    && of_package.into_iter().all(|(_, new)| is_within(new, target))
            };
            if last != same || world.context.graph.has(above) || !all(steps) || is_within(target, above) {
                break;
            }
            (old, new) = (above, target);
        }
        *lines.entry((old.to_owned(), new.to_owned())).or_default() += 1;
    }
    let mut whole: Vec<(String, String, u32)> = Vec::new();
    for ((old, new), files) in lines {
        match whole.iter_mut().find(|(above, ..)| is_within(&old, above)) {
            Some((.., of_above)) => *of_above += files,
            None => whole.push((old, new, files)),
        }
    }
    whole
}

/// How many imports still name each of the old paths.
fn left<'o>(world: &World, old: impl Iterator<Item = &'o str>) -> BTreeMap<String, u32> {
    let mut left: BTreeMap<String, u32> = old.map(|old| (old.to_owned(), 0)).collect();
    for row in &world.context.graph.rows {
        if !matches!(row.outcome, Outcome::Missing(_)) {
            continue;
        }
        for prefix in crate::module_path::prefixes(&row.target) {
            if let Some(n) = left.get_mut(prefix) {
                *n += 1;
            }
        }
    }
    left
}
