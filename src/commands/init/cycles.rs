//! Packages without cycles, and the largest cycles there are.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::draft::{Piece, Section};
use super::text::list;
use super::world::{Kinds, Links, World, is_plain, judged_lines};
use crate::formats::context::{counted, number};
use crate::graph::cycles::Digraph;
use crate::source::Language;

/// Packages of one entry, the largest first.
const MOST: usize = 16;

/// Cycles that are told.
const TOLD: usize = 5;

/// Below this a package has hardly room for one.
const LEAST_MODULES: u32 = 5;

/// The packages whose children, at any depth, do not import each other in a circle.
pub fn find(world: &World, strict: bool) -> Section {
    let mut section = Section { title: "Cycles", noun: "freedom from cycles", ..Section::default() };
    let circles: BTreeMap<usize, Circle> =
        world.levels.iter().filter_map(|(package, links)| Some((*package, circle(links)?))).collect();
    let within = if strict { world.tops.clone() } else { free(world, &circles) };
    let rust = within.iter().any(|at| world.language(*at) == Language::Rust);
    let python = within.iter().any(|at| world.language(*at) == Language::Python);
    let names: Vec<String> = within.iter().take(MOST).map(|at| world.name(*at).to_owned()).collect();
    if !names.is_empty() {
        let mut lines = vec!["[[acyclic]]".to_owned(), "id = \"no-cycles\"".to_owned()];
        lines.extend(list("within", &names));
        lines.extend(judged_lines(
            if rust && !python { Language::Rust } else { Language::Python },
            Kinds::Running,
        ));
        lines.push("reason = \"of what imports each other nothing is changed or tested alone\"".to_owned());
        let more = within.len().saturating_sub(MOST);
        let rest = if more > 0 {
            format!(" {} more, smaller, are not named.", number(more as u64))
        } else {
            String::new()
        };
        let about = format!("At no depth do siblings below these import each other in a circle.{rest}");
        section.pieces.push(Piece::entry("no-cycles".to_owned(), vec![about], lines));
    }
    let mut circles: Vec<(usize, Circle)> = circles.into_iter().collect();
    circles.sort_by_key(|(package, circle)| (Reverse(circle.size), world.name(*package)));
    let more = circles.len().saturating_sub(TOLD);
    for (package, Circle { size, of, closing }) in circles.into_iter().take(TOLD) {
        let imports = counted(closing, "import");
        let (name, size, of) = (world.name(package), number(size as u64), number(of as u64));
        section.notes.push(format!(
            "`{name}`: {size} of {of} children hang together in circles, closed by {imports}."
        ));
    }
    if more > 0 {
        section.notes.push(format!("{} with circles.", counted(more as u64, "smaller package")));
    }
    section
}

/// What hangs together among siblings.
struct Circle {
    /// The most siblings that reach each other.
    size: usize,
    /// Of how many.
    of: usize,
    /// How many imports would have to go.
    closing: u32,
}

fn circle(links: &Links) -> Option<Circle> {
    let mut siblings: Vec<usize> = links.keys().flat_map(|(from, to)| [*from, *to]).collect();
    siblings.sort_unstable();
    siblings.dedup();
    let node = |package: usize| siblings.partition_point(|at| *at < package);
    let links: Links = links.iter().map(|((from, to), weight)| ((node(*from), node(*to)), *weight)).collect();
    let graph = Digraph::new(siblings.len(), &links);
    let component = graph.components();
    let mut sizes = vec![0; siblings.len()];
    for component in &component {
        sizes[*component] += 1;
    }
    let size = sizes.iter().copied().max().filter(|size| *size > 1)?;
    let closing = graph.breaking(&component).iter().map(|at| graph.links[*at].weight).sum();
    Some(Circle { size, of: siblings.len(), closing })
}

/// The largest packages with imports between siblings and no circle below them, themselves included.
fn free(world: &World, circles: &BTreeMap<usize, Circle>) -> Vec<usize> {
    let parents = &world.packages.parent;
    let above = |package: usize| std::iter::successors(Some(package), |at| parents[*at]);
    let mut is_free = vec![true; parents.len()];
    for package in circles.keys() {
        above(*package).for_each(|at| is_free[at] = false);
    }
    let mut has_links = vec![false; parents.len()];
    for package in world.levels.keys() {
        above(*package).for_each(|at| has_links[at] = true);
    }
    let mut found: Vec<usize> = (0..parents.len())
        .filter(|at| is_free[*at] && has_links[*at] && parents[*at].is_none_or(|parent| !is_free[parent]))
        .filter(|at| world.size[*at] >= LEAST_MODULES && is_plain(world.name(*at)))
        .collect();
    found.sort_by_key(|at| (Reverse(world.size[*at]), world.name(*at)));
    found
}
