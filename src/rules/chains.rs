//! Chains of imports between members that are kept apart: what `layers` and `independent` share, and how a chain is told.
//!
//! One search for each layer finds the crossing imports into it. It starts from every module that may not reach that
//! layer and goes through modules of no layer only: a chain through another layer is that layer's finding.

use std::collections::{BTreeMap, HashSet};

use rayon::prelude::*;

use super::context::{Context, Judgements, Raised, RuleRef};
use super::members::Group;
use crate::graph::model::{Edge, ModuleId, Outcome, Row, RowId};
use crate::graph::paths::{ModuleSet, Nearest};
use crate::module_path;
use crate::registry::{Entry, Meta};
use crate::violation::{Hop, Status};

/// What waives a crossing import that no chain reaches otherwise.
pub const ONLY_OVER_EXCEPTIONS: &str = "every chain that leads here runs over an edge in `except`";

/// The label of all modules that may reach no member of a layer; a sibling there has its member's index.
const STRANGER: u32 = u32::MAX;

/// Judges the imports of all members against each other: raises every crossing import once, and calls the others of
/// the members' modules compliant.
pub fn judge(context: &Context, entry: &Entry, groups: &[Group], out: &mut Judgements) {
    let judge = Judge::new(context, entry);
    let found: Vec<Vec<(RowId, Crossing)>> = groups.par_iter().map(|group| judge.crossings(group)).collect();
    let mut crossings: BTreeMap<RowId, (&Group, Crossing)> = BTreeMap::new();
    for (group, found) in groups.iter().zip(found) {
        for (row, crossing) in found {
            let known = crossings.get(&row);
            if known.is_none_or(|(_, known)| known.excused && !crossing.excused) {
                crossings.insert(row, (group, crossing));
            }
        }
    }
    let mut listed = ModuleSet::new(context.graph.modules.len());
    for id in groups.iter().flat_map(Group::modules).filter(|id| judge.spoken.contains(*id)) {
        listed.insert(id);
    }
    for id in context.graph.row_ids() {
        let row = context.graph.row(id);
        if let Some((group, crossing)) = crossings.get(&id) {
            out.raise(judge.raised(group, crossing, id, row));
        } else if listed.contains(row.importer) && context.is_first_party(row) && judge.counts(id) {
            out.compliant(context, id);
        }
    }
}

/// Raises every member that names a module which an earlier member has: the two cannot be kept apart.
pub fn overlaps(context: &Context, entry: &Entry, group: &Group, out: &mut Judgements) {
    for (member, (first, module)) in &group.overlaps {
        let [member, first] = [member, first].map(|at| &group.members[*at as usize].item);
        let message = format!(
            "`{}` and `{}` of `{}` both hold `{}`, which counts for `{}`",
            first.text,
            member.text,
            entry.id,
            context.graph.module(*module).name,
            first.text
        );
        let mut raised = context.raised_in_registry(RuleRef::entry(entry), member.span, member.line, message);
        raised.violation.help = Some("name each module once".to_owned());
        out.raise(raised);
    }
}

/// The hops of a way and of the crossing import at its end; none where the way is empty.
pub fn hops(context: &Context, meta: &Meta, way: &[Edge], row: &Row) -> Vec<Hop> {
    if way.is_empty() {
        return Vec::new();
    }
    let counts = |row: &Row| context.counts(meta, context.graph.import(row));
    let mut hops: Vec<Hop> = way.iter().map(|edge| context.hop(edge, counts)).collect();
    let importer = context.graph.module(row.importer);
    let door = row.door.map(|door| context.graph.module(door).name.clone());
    hops.push(Hop {
        importer: importer.name.clone(),
        imported: door.unwrap_or_else(|| row.target.to_string()),
        path: importer.path.clone(),
        line: context.graph.import(row).line,
    });
    hops
}

/// What ends a crossing import, direct or at the end of a way.
pub fn help(context: &Context, way: &[Edge], row: &Row) -> String {
    let importer = &context.graph.module(row.importer).name;
    if way.is_empty() && context.graph.is_in_manifest(row) {
        let manifest = context.graph.path_of(row);
        return format!("take the dependency out of `{manifest}`, once no code of `{importer}` needs it");
    }
    let before = match way.len() {
        0 => {
            return format!(
                "take the import out of `{importer}`, or move what it needs from `{}` to a module both may import",
                row.target
            );
        }
        1 => "imports".to_owned(),
        hops => format!("{hops} imports"),
    };
    format!("take this import out of `{importer}`, or one of the {before} before it that lead here")
}

/// An import that enters a member which it must not reach.
struct Crossing {
    /// Where the chain starts.
    from: u32,
    /// What it enters.
    to: u32,
    /// From a module of `from` to the importer; empty for that module itself.
    way: Vec<Edge>,
    /// Whether every way runs over an edge in `except`.
    excused: bool,
}

struct Judge<'a> {
    context: &'a Context<'a>,
    entry: &'a Entry,
    /// The modules that the rule speaks of: where chains start.
    spoken: ModuleSet,
    /// The edges that an exception in force takes out.
    excused: HashSet<(ModuleId, ModuleId)>,
    /// Imports that lead to no module, by what they name: a layer may be external, or what is imported gone.
    strays: Vec<(RowId, &'a str)>,
}

impl<'a> Judge<'a> {
    fn new(context: &'a Context<'a>, entry: &'a Entry) -> Self {
        let graph = context.graph;
        let mut spoken = ModuleSet::new(graph.modules.len());
        for id in graph.module_ids().filter(|id| context.speaks_of(&entry.meta, *id)) {
            spoken.insert(id);
        }
        let in_force: Vec<_> = entry.meta.except.iter().filter(|e| context.in_force(e.until)).collect();
        let excused =
            graph.edges.iter().filter(|edge| in_force.iter().any(|e| context.excuses_edge(e, edge)));
        let strays = graph.row_ids().filter_map(|id| {
            let row = graph.row(id);
            let stray = match &row.outcome {
                Outcome::External | Outcome::Bare => true,
                Outcome::Missing(missing) => missing.module,
                _ => false,
            };
            stray.then_some((id, row.target.as_str()))
        });
        Self {
            context,
            entry,
            spoken,
            excused: excused.map(|edge| (edge.importer, edge.imported)).collect(),
            strays: strays.collect(),
        }
    }

    fn counts(&self, id: RowId) -> bool {
        self.context.counts(&self.entry.meta, self.context.graph.import(self.context.graph.row(id)))
    }

    /// Whether a chain may run over an import: it begins there, or goes on over it.
    fn runs(&self, group: &Group, id: RowId) -> bool {
        let row = self.context.graph.row(id);
        let begins = || group.member_of(row.importer).is_some() && self.spoken.contains(row.importer);
        self.counts(id) && (self.context.carries(row) || begins())
    }

    /// Whether a row takes what a module of its own member imports for itself: that import is the finding.
    fn is_borrowed(&self, group: &Group, id: RowId) -> bool {
        let row = self.context.graph.row(id);
        let spoken = |door: &ModuleId| {
            self.spoken.contains(*door) && group.member_of(*door) == group.member_of(row.importer)
        };
        row.door.as_ref().is_some_and(spoken) && self.context.is_borrowed(row)
    }

    /// Every crossing import of a group; one that enters two members comes twice.
    fn crossings(&self, group: &Group) -> Vec<(RowId, Crossing)> {
        let graph = self.context.graph;
        let strays = self.entered_by_name(group);
        let mut found = Vec::new();
        for layer in 0..group.layers.len() {
            let unexcused = |edge: &Edge| !self.excused.contains(&(edge.importer, edge.imported));
            let Some(free) = self.search(group, layer, unexcused) else { continue };
            let any = if self.excused.is_empty() { None } else { self.search(group, layer, |_| true) };
            let crossing = |importer: ModuleId, to: u32| {
                let way = free.way_apart_from(to, importer);
                let excused = way.is_none();
                let way = way.or_else(|| any.as_ref()?.way_apart_from(to, importer))?;
                let start = way.first().map_or(importer, |edge| edge.importer);
                Some(Crossing { from: group.member_of(start)?, to, way, excused })
            };
            let enters = |importer: ModuleId, member: u32| {
                group.members[member as usize].layer == layer && group.member_of(importer) != Some(member)
            };
            for importer in any.as_ref().unwrap_or(&free).reached() {
                for edge in graph.outgoing(importer) {
                    let to = group.member_of(edge.imported).filter(|to| enters(importer, *to));
                    let Some(to) = to else { continue };
                    let rows = graph.rows_of_edge(edge).iter();
                    for row in rows.filter(|row| self.runs(group, **row) && !self.is_borrowed(group, **row)) {
                        found.extend(crossing(importer, to).map(|crossing| (*row, crossing)));
                    }
                }
            }
            for (row, to) in &strays {
                let importer = graph.row(*row).importer;
                if enters(importer, *to) && self.runs(group, *row) {
                    found.extend(crossing(importer, *to).map(|crossing| (*row, crossing)));
                }
            }
        }
        found
    }

    /// From all that may not reach a layer through modules of no layer; None where everything may.
    fn search(&self, group: &Group, layer: usize, follow: impl Fn(&Edge) -> bool) -> Option<Nearest> {
        let label = |id: ModuleId| label(group, group.member_of(id)?, layer);
        let starts = || {
            let spoken = group.modules().filter(|id| self.spoken.contains(*id));
            spoken.filter_map(|id| Some((id, label(id)?)))
        };
        starts().next()?;
        // What would be a start but for its scope is where no chain begins, so those of others go on through it.
        let passes =
            |id: ModuleId| group.member_of(id).is_none() || !self.spoken.contains(id) && label(id).is_some();
        let runs = |edge: &Edge| {
            follow(edge) && self.context.graph.rows_of_edge(edge).iter().any(|row| self.runs(group, *row))
        };
        Some(self.context.graph.nearest(starts(), passes, runs))
    }

    /// The stray imports that name something of a member.
    fn entered_by_name(&self, group: &Group) -> Vec<(RowId, u32)> {
        let mut tops: Vec<&str> =
            group.members.iter().map(|member| module_path::first(&member.name)).collect();
        tops.sort_unstable();
        tops.dedup();
        let strays = self.strays.iter().filter(|(id, target)| {
            tops.binary_search(&module_path::first(target)).is_ok() && self.counts(*id)
        });
        let entered = strays.filter_map(|(id, target)| {
            let to = group.members.iter().position(|member| module_path::is_within(target, &member.name));
            Some((*id, to? as u32))
        });
        entered.collect()
    }

    fn raised(&self, group: &Group, crossing: &Crossing, id: RowId, row: &Row) -> Raised {
        let context = self.context;
        let importer = &context.graph.module(row.importer).name;
        let why = self.why(group, crossing);
        let message = match crossing.way.first() {
            None => format!("`{importer}` imports {}, but {why}", context.told(row)),
            Some(first) => format!(
                "`{}` reaches {} through `{importer}`, but {why}",
                context.graph.module(first.importer).name,
                context.told(row)
            ),
        };
        let help = self.entry.meta.help.clone().or_else(|| Some(help(context, &crossing.way, row)));
        let mut raised = context.raised(RuleRef::entry(self.entry), id, message, help);
        raised.violation.chain = hops(context, &self.entry.meta, &crossing.way, row);
        if crossing.excused && raised.violation.status != Status::Waived {
            raised.violation.status = Status::Waived;
            ONLY_OVER_EXCEPTIONS.clone_into(&mut raised.violation.waived_by);
        }
        raised
    }

    fn why(&self, group: &Group, crossing: &Crossing) -> String {
        let [from, to] = [crossing.from, crossing.to].map(|member| &group.members[member as usize]);
        let (from_name, to_name, id) = (&from.item.text, &to.item.text, &self.entry.id);
        let closed = group.layers[to.layer].closed_above.filter(|_| from.layer < to.layer);
        if let Some(closed) = closed {
            let closed = &group.layers[closed].name;
            format!("`{closed}`, which `{id}` closes, lies between `{from_name}` and `{to_name}`")
        } else if from.layer == to.layer {
            format!("`{from_name}` and `{to_name}` are independent in `{id}`")
        } else {
            format!("`{from_name}` lies below `{to_name}` in `{id}`")
        }
    }
}

/// How a member's modules are labelled in the search into a layer; None where they may reach it.
fn label(group: &Group, member: u32, layer: usize) -> Option<u32> {
    let from = group.members[member as usize].layer;
    let to = &group.layers[layer];
    if from == layer {
        return to.independent.then_some(member);
    }
    let jumps = to.closed_above.is_some_and(|closed| from < closed);
    (from > layer || jumps).then_some(STRANGER)
}
