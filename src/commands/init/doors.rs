//! Doors in use: symbols that could be imported by several paths, and are imported by one.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::{FxHashMap, FxHashSet};

use super::draft::{Piece, Section};
use super::text::{list, quoted};
use super::world::{World, is_plain};
use crate::facts::Also;
use crate::formats::context::{counted, number};
use crate::graph::exports::Definition;
use crate::graph::model::{ModuleId, Outcome};
use crate::module_path::{is_within, parent};
use crate::source::Language;

/// Symbols that fewer modules import need no door.
const LEAST: u32 = 5;

/// Symbols that are proposed, the most imported first.
const MOST: usize = 16;

/// Symbols with a second way in use that are told.
const TOLD: usize = 5;

/// In how many of a hundred imports a door must be used to be wished.
const WISHED: u32 = 60;

/// A symbol by where it is defined.
type Symbol<'a> = (ModuleId, &'a str);

/// The most imported symbols with one door.
pub fn find(world: &World, strict: bool) -> Section {
    let mut section = Section { title: "Doors", noun: "door", ..Section::default() };
    let graph = world.context.graph;
    let mut used: FxHashMap<Symbol, BTreeMap<ModuleId, BTreeSet<ModuleId>>> = FxHashMap::default();
    let mut paths: FxHashMap<Symbol, BTreeSet<ModuleId>> = FxHashMap::default();
    let mut missing: FxHashSet<&str> = FxHashSet::default();
    for id in graph.row_ids() {
        let row = graph.row(id);
        let import = graph.import(row);
        if graph.module(row.importer).language != Language::Python || import.kind.also.contains(Also::STRING)
        {
            continue;
        }
        if matches!(row.outcome, Outcome::Missing(_)) {
            missing.extend(import.name.as_deref());
        }
        let Some(Definition::Symbol { module, name, solid: true }) = world.context.definition(id) else {
            continue;
        };
        let symbol = (*module, name.as_str());
        let Some(door) = row.door.filter(|_| row.outcome == Outcome::Name) else { continue };
        if import.name.as_deref() != Some(name.as_str()) {
            continue;
        }
        if import.kind.also.contains(Also::REEXPORT) {
            paths.entry(symbol).or_default().insert(row.importer);
        }
        used.entry(symbol).or_default().entry(door).or_default().insert(row.importer);
    }
    let none = BTreeSet::new();
    let mut doors: Vec<Door> = used
        .iter()
        .filter_map(|(symbol, used)| door(world, *symbol, used, paths.get(symbol).unwrap_or(&none)))
        .filter(|door| !missing.contains(door.name))
        .collect();
    doors.sort_by_key(|door| (Reverse(door.by), door.name, door.path));
    // A name that two things bear is no door's.
    let mut names: BTreeMap<&str, usize> = BTreeMap::new();
    for door in &doors {
        *names.entry(door.name).or_default() += 1;
    }
    doors.retain(|door| names[door.name] == 1);
    let wished = |door: &&Door| {
        door.against == 0 || strict && door.against * 100 <= (door.by + door.against) * (100 - WISHED)
    };
    let drafted: Vec<&Door> = doors.iter().filter(wished).take(MOST).collect();
    let mut lines: Vec<(&str, Vec<&Door>)> = Vec::new();
    for door in &drafted {
        match lines.iter_mut().find(|(path, _)| *path == door.path) {
            Some((_, of_path)) => of_path.push(door),
            None => lines.push((door.path, vec![door])),
        }
    }
    for (path, of_path) in lines {
        section.pieces.push(piece(path, &of_path));
    }
    let more = doors.iter().filter(wished).count().saturating_sub(MOST);
    if more > 0 {
        section
            .notes
            .push(format!("{} more, less imported, are used the same way.", counted(more as u64, "symbol")));
    }
    let several = doors.iter().filter(|door| door.against > 0 && !wished(door));
    section.notes.extend(several.take(TOLD).map(|door| {
        format!(
            "`{}`: {} by `{}`, {} by other paths.",
            door.name,
            counted(door.by, "module"),
            door.path,
            number(door.against)
        )
    }));
    section
}

/// The way by which most import a symbol.
struct Door<'a> {
    name: &'a str,
    path: &'a str,
    /// Modules that use it.
    by: u32,
    /// Modules that use another.
    against: u32,
    /// Paths by which it could be imported.
    paths: u32,
}

fn door<'a>(
    world: &World<'a>,
    (module, name): Symbol<'a>,
    used: &BTreeMap<ModuleId, BTreeSet<ModuleId>>,
    reexports: &BTreeSet<ModuleId>,
) -> Option<Door<'a>> {
    let graph = world.context.graph;
    let named = |id: ModuleId| graph.module(id).name.as_str();
    let mut paths = reexports.clone();
    paths.extend(used.keys());
    paths.insert(module);
    if paths.len() < 2 || name.starts_with('_') || world.context.scope(module) == "test" {
        return None;
    }
    let best =
        used.iter().max_by_key(|(door, by)| (by.len(), Reverse(named(**door).len()), Reverse(**door)))?;
    // Whoever belongs to the package of either end may go the short way.
    let own = |id: ModuleId| parent(named(id)).filter(|package| package.contains('.')).unwrap_or(named(id));
    let (of_door, of_definition) = (own(*best.0), own(module));
    let speaks = |importer: &&ModuleId| {
        let importer = named(**importer);
        !is_within(importer, of_door) && !is_within(importer, of_definition)
    };
    let by = best.1.iter().filter(speaks).count() as u32;
    let others = used.iter().filter(|(door, _)| *door != best.0);
    let against =
        others.flat_map(|(_, by)| by.iter().filter(speaks)).filter(|id| !reexports.contains(id)).count()
            as u32;
    let path = named(*best.0);
    (by >= LEAST && is_plain(path)).then_some(Door { name, path, by, against, paths: paths.len() as u32 })
}

fn piece(path: &str, doors: &[&Door]) -> Piece {
    let symbols: Vec<String> = doors.iter().map(|door| door.name.to_owned()).collect();
    let used: Vec<String> = doors
        .iter()
        .map(|door| format!("`{}` by {} (of {} paths)", door.name, counted(door.by, "module"), door.paths))
        .collect();
    let lines = list(&quoted(path), &symbols);
    let against: u32 = doors.iter().map(|door| door.against).sum();
    let other =
        if against > 0 { format!(" {} by another path.", counted(against, "module")) } else { String::new() };
    Piece { lines, ..Piece::line("[doors]", vec![format!("{}.{other}", used.join(", "))], String::new()) }
}
