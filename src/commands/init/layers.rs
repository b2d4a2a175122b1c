//! Layers: the children of a package in an order in which nearly all imports between them run downwards.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::draft::{Piece, Section, Tolerance};
use super::text::{layer, list, quoted};
use super::world::{Kinds, Links, World, is_plain, judged_lines, slug};
use crate::formats::context::counted;
use crate::graph::cycles::{Digraph, Link};
use crate::module_path;
use crate::source::Language;

/// More children than this are plug-ins, and have no order that a person would read.
const MOST_CHILDREN: usize = 80;

/// Fewer imports between siblings are a habit, not an order.
const LEAST_IMPORTS: u32 = 12;

/// Packages that are looked at, those with most imports between their children first.
const LOOKED_AT: usize = 16;

/// Lines that all layers together may take.
const LINES: usize = 76;

/// So many imports of a hundred may run upwards in a draft that holds, and in one that is wished.
const UPWARDS: u32 = 5;
const UPWARDS_WISHED: u32 = 15;

/// The layers of the packages that have some, the most telling first.
pub fn find(world: &World, strict: bool) -> Section {
    let mut section = Section { title: "Layers", noun: "layering", ..Section::default() };
    let mut lines = 0;
    let (mut more, mut unlayered) = (0, Vec::new());
    for (name, members, total) in candidates(world) {
        let Some(ordered) = order(world, &members, if strict { UPWARDS_WISHED } else { UPWARDS }) else {
            unlayered.push(format!("`{}` ({})", name.unwrap_or("the crates"), counted(total, "import")));
            continue;
        };
        let piece = piece(world, name, &members, &ordered, strict);
        if lines + piece.lines.len() > LINES {
            more += 1;
            continue;
        }
        lines += piece.lines.len() + 3;
        section.pieces.push(piece);
    }
    if more > 0 {
        section.notes.push(format!("{} more, smaller, are not drafted.", counted(more as u64, "layering")));
    }
    if !unlayered.is_empty() {
        let more = unlayered.len().saturating_sub(6);
        unlayered.truncate(6);
        let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
        section.notes.push(format!(
            "No order: the children of {}{rest} import each other in every direction.",
            unlayered.join(", ")
        ));
    }
    section
}

/// Packages with their children and the imports between those. First the crates, which lie in nothing.
fn candidates<'a>(world: &World<'a>) -> Vec<(Option<&'a str>, Vec<usize>, u32)> {
    let crates: Vec<usize> =
        world.tops.iter().copied().filter(|at| world.language(*at) == Language::Rust).collect();
    let mut found = Vec::new();
    for (package, links) in &world.levels {
        let name = world.name(*package);
        let members: Vec<usize> =
            world.children(*package).into_iter().filter(|at| world.size[*at] > 0).collect();
        let is_named = |at: &usize| is_plain(module_path::last(world.name(*at)));
        let total: u32 = links
            .iter()
            .filter(|((from, to), _)| world.size[*from] > 0 && world.size[*to] > 0)
            .map(|(_, weight)| weight)
            .sum();
        let members: Vec<usize> =
            members.into_iter().filter(is_named).filter(|at| takes_part(links, *at)).collect();
        if is_plain(name) && (3..=MOST_CHILDREN).contains(&members.len()) && total >= LEAST_IMPORTS {
            found.push((Some(name), members, total));
        }
    }
    // An order of packages tells more than one of modules.
    let worth = |members: &[usize], total: u32| {
        let packages = members.iter().filter(|at| world.size[**at] > 1).count() as u64;
        u64::from(total) * (1 + 3 * packages) / (1 + members.len() as u64)
    };
    found.sort_by_key(|(name, members, total)| (Reverse(worth(members, *total)), *name));
    found.truncate(LOOKED_AT);
    if (2..=2 * MOST_CHILDREN).contains(&crates.len()) {
        let total = direct(world, &crates, Kinds::Running);
        if total >= LEAST_IMPORTS {
            found.insert(0, (None, crates, total));
        }
    }
    found
}

fn takes_part(links: &Links, package: usize) -> bool {
    links.keys().any(|(from, to)| *from == package || *to == package)
}

/// Members in their order.
#[derive(Debug, PartialEq, Eq)]
struct Ordered {
    /// Highest first; members by index.
    layers: Vec<Layer>,
    /// Imports between the members.
    imports: u32,
    /// Which of them count.
    kinds: Kinds,
}

/// One line of `order`.
#[derive(Debug, PartialEq, Eq)]
struct Layer {
    members: Vec<usize>,
    /// Whether they import each other.
    entangled: bool,
}

/// The order of the members. Where they have none, that of what is imported while they are loaded: functions import
/// late what would be a circle otherwise. Where there is none either, what lies above and below a heap.
fn order(world: &World, members: &[usize], percent: u32) -> Option<Ordered> {
    let is_python = world.language(members[0]) == Language::Python;
    let tries: &[(Kinds, usize)] = if is_python {
        &[25, 50, 75].map(|heap| [(Kinds::Running, heap), (Kinds::Loading, heap)]).concat()
    } else {
        &[(Kinds::Running, 75)]
    };
    let mut known: BTreeMap<Kinds, Option<Vec<Layer>>> = BTreeMap::new();
    for (kinds, heap) in tries {
        let layers = known
            .entry(*kinds)
            .or_insert_with(|| ordered(members.len(), &between(world, members, *kinds), percent));
        if layers.as_ref().is_some_and(|layers| is_order(members.len(), layers, *heap)) {
            let layers = layers.take()?;
            return Some(Ordered { layers, imports: direct(world, members, *kinds), kinds: *kinds });
        }
    }
    None
}

/// The imports between the members, with those that run over what is no member taken for their own.
fn between(world: &World, members: &[usize], kinds: Kinds) -> Links {
    let among = world.members(members);
    let mut links = Links::new();
    for from in 0..members.len() {
        let reached = world.reached(from, &among, kinds, |id| among.of(id).is_none());
        links.extend(reached.into_iter().map(|(to, weight)| ((from, to), weight)));
    }
    links
}

/// How many imports lead from one member directly to another.
fn direct(world: &World, members: &[usize], kinds: Kinds) -> u32 {
    let among = world.members(members);
    (0..members.len()).flat_map(|at| world.reached(at, &among, kinds, |_| false).into_values()).sum()
}

/// Orders nodes: the condensation of the graph once its lightest links back are taken away. Nodes that import each other
/// too much for that become one.
fn ordered(nodes: usize, links: &Links, percent: u32) -> Option<Vec<Layer>> {
    let mut group: Vec<usize> = (0..nodes).collect();
    loop {
        let mut between = Links::new();
        for ((from, to), weight) in links {
            if group[*from] != group[*to] {
                *between.entry((group[*from], group[*to])).or_default() += weight;
            }
        }
        let graph = Digraph::new(nodes, &between);
        let back = graph.breaking(&graph.components());
        let total: u32 = between.values().sum();
        let upwards: u32 = back.iter().map(|at| graph.links[*at].weight).sum();
        if u64::from(upwards) * 100 <= u64::from(total) * u64::from(percent) {
            between.retain(|(from, to), _| {
                !back.iter().any(|at| (graph.links[*at].from, graph.links[*at].to) == (*from, *to))
            });
            return Some(ranked(nodes, &group, &between));
        }
        // The two that are most entangled: not those with most imports, but those where least tells up from down.
        let entangled = |link: &Link| {
            let (up, down) =
                (u64::from(link.weight), between.get(&(link.to, link.from)).copied().unwrap_or(0));
            (up * up * 1000 / (up + u64::from(down)), Reverse((link.from, link.to)))
        };
        let heaviest = back.iter().map(|at| graph.links[*at]).max_by_key(entangled)?;
        let (keep, gone) = (heaviest.from.min(heaviest.to), heaviest.from.max(heaviest.to));
        group.iter_mut().filter(|of| **of == gone).for_each(|of| *of = keep);
    }
}

/// Whether it says something: more than a heap of what imports each other with little above or below.
fn is_order(nodes: usize, layers: &[Layer], percent: usize) -> bool {
    let heap =
        layers.iter().filter(|layer| layer.entangled).map(|layer| layer.members.len()).max().unwrap_or(0);
    layers.len() > 1 && (heap * 100 <= nodes.max(5) * percent) && nodes - heap >= 3.min(nodes - 1)
}

/// Layers of a graph without cycles: as low as what each imports allows; what nobody imports is on top.
fn ranked(nodes: usize, group: &[usize], links: &Links) -> Vec<Layer> {
    let mut out: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    let mut imported = vec![false; nodes];
    let mut importers_left: Vec<usize> = vec![0; nodes];
    for (from, to) in links.keys() {
        out.entry(*from).or_default().push(*to);
        imported[*to] = true;
        importers_left[*to] += 1;
    }
    let is_head = |node: &usize| group[*node] == *node;
    // Importers before what they import; then the height of each, the lowest first.
    let mut sequence: Vec<usize> = (0..nodes).filter(is_head).filter(|node| !imported[*node]).collect();
    let mut next = 0;
    while let Some(node) = sequence.get(next).copied() {
        next += 1;
        for to in out.get(&node).into_iter().flatten() {
            importers_left[*to] -= 1;
            if importers_left[*to] == 0 {
                sequence.push(*to);
            }
        }
    }
    let mut height = vec![0; nodes];
    for node in sequence.iter().rev() {
        let below = out.get(node).into_iter().flatten().map(|to| height[*to] + 1);
        height[*node] = below.max().unwrap_or(0);
    }
    let top = height.iter().copied().max().unwrap_or(0);
    let mut by_height: BTreeMap<Reverse<usize>, Vec<usize>> = BTreeMap::new();
    for node in (0..nodes).filter(is_head) {
        let height = if imported[node] { height[node] } else { top };
        by_height.entry(Reverse(height)).or_default().push(node);
    }
    let mut layers = Vec::new();
    for heads in by_height.into_values() {
        let members = |head: &usize| (0..nodes).filter(|node| group[*node] == *head).collect::<Vec<_>>();
        let (alone, several): (Vec<Vec<usize>>, Vec<Vec<usize>>) =
            heads.iter().map(members).partition(|members| members.len() == 1);
        layers.extend(several.into_iter().map(|members| Layer { members, entangled: true }));
        if !alone.is_empty() {
            layers.push(Layer { members: alone.concat(), entangled: false });
        }
    }
    layers
}

fn piece(world: &World, name: Option<&str>, members: &[usize], ordered: &Ordered, strict: bool) -> Piece {
    let language = world.language(members[0]);
    let id = name.map_or_else(|| "crates-in-order".to_owned(), |name| slug(name, "layers"));
    let mut lines = vec!["[[layers]]".to_owned(), format!("id = {}", quoted(&id))];
    if let Some(name) = name {
        lines.extend(list("within", &[name.to_owned()]));
    }
    lines.push("order = [".to_owned());
    for step in &ordered.layers {
        let names: Vec<&str> =
            step.members.iter().map(|at| module_path::last(world.name(members[*at]))).collect();
        lines.extend(layer(&names, if step.entangled { ":" } else { "|" }));
    }
    lines.push("]".to_owned());
    lines.extend(judged_lines(language, ordered.kinds));
    lines.push("reason = \"what lies below knows nothing of what is built upon it\"".to_owned());
    let what = if name.is_some() { "its children" } else { "the crates" };
    let entangled = ordered.layers.iter().filter(|layer| layer.entangled).count();
    let mut about = vec![format!(
        "{} between {what}; higher lines may import lower ones.",
        counted(ordered.imports, "import")
    )];
    if entangled > 0 {
        about.push("`:` joins what imports each other too much to be told apart.".to_owned());
    }
    if ordered.kinds == Kinds::Loading {
        about.push(
            "What functions import when they are called is left out: it runs in every direction.".to_owned(),
        );
    }
    let percent = if strict { 100 } else { UPWARDS };
    Piece { tolerance: Some(Tolerance { of: ordered.imports, percent }), ..Piece::entry(id, about, lines) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The layers of nodes as text, highest first.
    fn shown(nodes: usize, links: &[(usize, usize, u32)]) -> Vec<String> {
        let links = links.iter().map(|&(from, to, weight)| ((from, to), weight)).collect();
        let layers = ordered(nodes, &links, UPWARDS).unwrap();
        let text = |layer: &Layer| {
            let names: Vec<String> = layer.members.iter().map(usize::to_string).collect();
            names.join(if layer.entangled { ":" } else { "|" })
        };
        layers.iter().map(text).collect()
    }

    #[test]
    fn importers_lie_above_what_they_import() {
        assert_eq!(shown(3, &[(0, 1, 4), (1, 2, 4), (0, 2, 4)]), ["0", "1", "2"]);
        assert_eq!(shown(4, &[(0, 2, 4), (1, 2, 4), (2, 3, 4)]), ["0|1", "2", "3"]);
    }

    #[test]
    fn what_nobody_imports_is_on_top_and_the_rest_as_low_as_it_may() {
        assert_eq!(shown(4, &[(0, 1, 4), (1, 2, 4), (3, 2, 1)]), ["0|3", "1", "2"]);
        assert_eq!(shown(4, &[(0, 1, 4), (1, 2, 4), (0, 3, 1)]), ["0", "1", "2|3"]);
    }

    #[test]
    fn few_imports_upwards_are_borne() {
        assert_eq!(shown(2, &[(0, 1, 95), (1, 0, 5)]), ["0", "1"]);
    }

    #[test]
    fn what_imports_each_other_too_much_is_one() {
        assert_eq!(shown(3, &[(0, 1, 90), (1, 0, 10), (1, 2, 9)]), ["0:1", "2"]);
        // Between 2 and 3 no direction prevails; from 0 to 1 one does, though more imports run against it.
        let links = [(0, 1, 400), (1, 0, 21), (2, 3, 10), (3, 2, 9), (1, 2, 50)];
        assert_eq!(shown(4, &links), ["0", "1", "2:3"]);
    }

    #[test]
    fn a_heap_is_no_order() {
        let heap = |n: usize| Layer { members: (0..n).collect(), entangled: true };
        let alone = |n: usize| Layer { members: (0..n).collect(), entangled: false };
        assert!(!is_order(8, &[heap(8)], 75));
        assert!(is_order(8, &[alone(4), heap(4)], 50));
        assert!(!is_order(8, &[alone(3), heap(5)], 50));
        assert!(!is_order(8, &[alone(2), heap(6)], 75), "two of eight say little");
    }
}
