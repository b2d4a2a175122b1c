//! Classes with several definitions: where there is none today there may be none tomorrow.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::draft::{Piece, Section};
use super::text::quoted;
use super::world::{World, is_plain};
use crate::facts::Bound;
use crate::formats::context::counted;
use crate::graph::model::ModuleId;
use crate::rules::context::PRODUCTION;
use crate::source::Language;

/// Packages that are named, the largest first.
const MOST: usize = 5;

/// Names that are told.
const TOLD: usize = 8;

/// A package with fewer classes proves nothing.
const LEAST: usize = 10;

/// The check on the packages where it holds, and the names it would find.
pub fn find(world: &World) -> Section {
    let mut section = Section { title: "One definition", noun: "check", ..Section::default() };
    let classes = classes(world);
    let units = units(world);
    let members = world.members(&units);
    let mut of_unit: Vec<BTreeMap<&str, u32>> = vec![BTreeMap::new(); units.len()];
    for (name, places) in &classes {
        for id in places {
            if let Some(unit) = members.of(*id) {
                *of_unit[unit].entry(name).or_default() += 1;
            }
        }
    }
    let mut taken: BTreeSet<&str> = BTreeSet::new();
    let mut within: Vec<&str> = Vec::new();
    let mut order: Vec<usize> = (0..units.len()).collect();
    order.sort_by_key(|at| (Reverse(of_unit[*at].len()), world.name(units[*at])));
    for unit in order {
        let own = &of_unit[unit];
        let once = own.values().all(|n| *n == 1) && own.keys().all(|name| !taken.contains(name));
        if own.len() >= LEAST && once && within.len() < MOST {
            taken.extend(own.keys());
            within.push(world.name(units[unit]));
        }
    }
    if !within.is_empty() {
        let within: Vec<String> = within.into_iter().map(quoted).collect();
        let line = format!(
            "duplicate-definition = {{ level = \"error\", within = [{}], kinds = [\"class\"], scopes = [\"production\"] }}",
            within.join(", ")
        );
        let about =
            format!("{}, each name defined once in all of these.", counted(taken.len() as u64, "class name"));
        section.pieces.push(Piece::line("[checks]", vec![about], line));
    }
    let mut several: Vec<(&str, &Vec<ModuleId>)> =
        classes.iter().map(|(name, places)| (*name, places)).collect();
    several.retain(|(_, places)| places.len() > 1);
    several.sort_by_key(|(name, places)| (Reverse(places.len()), *name));
    let total = several.len();
    if total > 0 {
        let told: Vec<String> =
            several.iter().take(TOLD).map(|(name, places)| format!("`{name}` ({})", places.len())).collect();
        let rest = if total > TOLD { ", …" } else { "" };
        let names = counted(total as u64, "class name");
        section.notes.push(format!("Defined in several modules: {names}: {}{rest}.", told.join(", ")));
    }
    section
}

/// The production modules that define each public class.
fn classes<'a>(world: &World<'a>) -> BTreeMap<&'a str, Vec<ModuleId>> {
    let graph = world.context.graph;
    let mut classes: BTreeMap<&str, Vec<ModuleId>> = BTreeMap::new();
    for id in graph.module_ids() {
        let module = graph.module(id);
        if module.language != Language::Python
            || world.context.scope(id) != PRODUCTION
            || !module.is_importable()
        {
            continue;
        }
        let facts = &graph.facts[module.file.index()];
        for same in facts.bindings.chunk_by(|a, b| a.name == b.name) {
            let name = same[0].name.as_str();
            let is_class = same.iter().any(|binding| binding.bound == Bound::Class);
            let is_fallback = same.iter().any(|binding| matches!(binding.bound, Bound::Import(_)));
            if is_class && !is_fallback && !name.starts_with('_') {
                classes.entry(name).or_default().push(id);
            }
        }
    }
    classes
}

/// The Python packages at the top, or what lies directly below them where they are the whole project.
fn units(world: &World) -> Vec<usize> {
    let tops = world.tops.iter().copied().filter(|at| world.language(*at) == Language::Python);
    let units = tops.flat_map(|top| {
        let children = world.children(top);
        if children.iter().filter(|at| world.size[**at] > 2).count() > 1 { children } else { vec![top] }
    });
    units.filter(|at| world.size[*at] > 2 && is_plain(world.name(*at))).collect()
}
