//! `[[forbidden]]`: modules of `from` must not import modules of `to`, with `indirect` not over others either.
//!
//! The finding is the crossing import: the one that enters `to`. Removing an import never creates one.

use std::collections::{BTreeMap, VecDeque};

use super::context::{Context, Judgements, Raised, RuleRef};
use super::{Check, Rule, chains};
use crate::graph::model::{Edge, ModuleId, Outcome, Row, RowId};
use crate::graph::paths::{ModuleSet, Reach};
use crate::module_path::{is_within, prefixes};
use crate::registry::{Entry, EntryKind, Forbidden};
use crate::violation::Status;

/// The rule.
pub static RULE: Rule =
    Rule { id: "forbidden", docs: include_str!("../../rules/docs/forbidden.md"), check: Check::Entry(judge) };

fn judge(context: &Context, entry: &Entry, out: &mut Judgements) {
    let EntryKind::Forbidden(forbidden) = &entry.kind else { return };
    let mut from = ModuleSet::new(context.graph.modules.len());
    let mut crossings = BTreeMap::new();
    for (mut start, to) in context.apart(&forbidden.from, &forbidden.to) {
        start.retain(|id| context.speaks_of(&entry.meta, id));
        from.union(&start);
        Search::new(context, entry, forbidden, start, to).crossings(&mut crossings);
    }
    for id in from.iter().flat_map(|module| context.rows_of_module(module)) {
        let row = context.graph.row(id);
        if !crossings.contains_key(&id)
            && context.is_first_party(row)
            && context.counts(&entry.meta, context.graph.import(row))
        {
            out.compliant(context, id);
        }
    }
    for (id, crossing) in crossings {
        out.raise(raised(context, entry, id, crossing));
    }
}

/// An import that enters `to`.
struct Crossing {
    /// A shortest way to its module from a module of `from`.
    way: Vec<Edge>,
    /// Whether that way runs over no edge of `except`.
    free: bool,
    reached_by: u32,
}

/// What some modules of `from` reach without entering `to`.
struct Search<'a> {
    context: &'a Context<'a>,
    entry: &'a Entry,
    forbidden: &'a Forbidden,
    from: ModuleSet,
    to: ModuleSet,
    /// Without an excused edge.
    free: Reach,
    /// Over excused edges too; None where none is excused.
    any: Option<Reach>,
}

impl<'a> Search<'a> {
    fn new(
        context: &'a Context<'a>,
        entry: &'a Entry,
        forbidden: &'a Forbidden,
        from: ModuleSet,
        to: ModuleSet,
    ) -> Self {
        let stop = |_: ModuleId| !forbidden.indirect;
        let runs = |edge: &Edge| runs(context, entry, (&from, &to), edge);
        let free = context.graph.reach(&from, stop, |edge| runs(edge) && !excused(context, entry, edge));
        let any = (!entry.meta.except.is_empty()).then(|| context.graph.reach(&from, stop, runs));
        Self { context, entry, forbidden, from, to, free, any }
    }

    /// Adds what enters `to`; of what is known already a shorter or freer way is kept.
    fn crossings(&self, known: &mut BTreeMap<RowId, Crossing>) {
        let context = self.context;
        let mut found: Vec<RowId> = Vec::new();
        for module in self.any.as_ref().unwrap_or(&self.free).seen.iter() {
            found.extend(context.rows_of_module(module).filter(|id| {
                let row = context.graph.row(*id);
                self.crosses(row)
                    && context.counts(&self.entry.meta, context.graph.import(row))
                    && (self.from.contains(module) || context.carries(row))
            }));
        }
        let at = |id: &RowId| context.graph.row(*id).importer;
        let is_free = |id: &RowId| self.free.seen.contains(at(id));
        let count = |free: bool| {
            let some = self.forbidden.indirect && found.iter().any(|id| is_free(id) == free);
            some.then(|| self.reached_by(free))
        };
        let (by_free, by_any) = (count(true), count(false));
        for id in found {
            let free = is_free(&id);
            let (reach, counts) = match &self.any {
                Some(any) if !free => (any, &by_any),
                _ => (&self.free, &by_free),
            };
            let way = reach.way_to(at(&id));
            let reached_by = counts.as_ref().map_or(1, |counts| counts[at(&id).index()]);
            let new = Crossing { way, free, reached_by };
            match known.get_mut(&id) {
                None => drop(known.insert(id, new)),
                Some(old) if old.free == free => {
                    old.reached_by += reached_by;
                    if new.way.len() < old.way.len() {
                        old.way = new.way;
                    }
                }
                Some(old) if free => *old = new,
                Some(_) => {}
            }
        }
    }

    /// Whether a row enters `to`: by the module it comes to, or by name where there is no module to come to.
    fn crosses(&self, row: &Row) -> bool {
        match &row.outcome {
            Outcome::BeyondRoot => false,
            _ if self.ends(row).into_iter().any(|end| self.to.contains(end)) => true,
            Outcome::External | Outcome::Bare => self.names(row),
            Outcome::Missing(missing) if missing.module => self.names(row),
            _ if row.door.is_none() => self.names(row),
            // What binds the name must not matter: taking an import away would else make a finding.
            _ => self.forbidden.to.iter().any(|to| {
                let language = self.context.graph.module(row.importer).language;
                to.literal_in(language) == Some(row.target.as_str())
                    && self.context.graph.named(&row.target).is_empty()
            }),
        }
    }

    /// The modules that a row is judged by. Where chains count, no re-export on the way matters.
    fn ends(&self, row: &Row) -> Vec<ModuleId> {
        let forbids = |importer, imported| self.from.contains(importer) && self.to.contains(imported);
        self.context
            .judged_ends(row, |importer, imported| !self.forbidden.indirect && !forbids(importer, imported))
    }

    /// Whether `to` names a target, and not the part of the project that the importer itself lies in.
    fn names(&self, row: &Row) -> bool {
        let importer = &self.context.graph.module(row.importer).name;
        self.forbidden.to.iter().any(|to| {
            let mut named = prefixes(&row.target).filter(|prefix| to.matches_name(prefix));
            to.matches_name(&row.target) && named.next().is_some_and(|named| !is_within(importer, named))
        })
    }

    /// For each module how many modules of `from` reach it, 64 of them at a time.
    fn reached_by(&self, free: bool) -> Vec<u32> {
        let context = self.context;
        let reach = if free { &self.free } else { self.any.as_ref().unwrap_or(&self.free) };
        let mut next: Vec<Vec<ModuleId>> = vec![Vec::new(); context.graph.modules.len()];
        for id in reach.seen.iter() {
            let outgoing = context.graph.outgoing(id).iter().filter(|edge| {
                runs(context, self.entry, (&self.from, &self.to), edge)
                    && !(free && excused(context, self.entry, edge))
            });
            next[id.index()] = outgoing.map(|edge| edge.imported).collect();
        }
        let mut counts = vec![0; next.len()];
        let starts: Vec<ModuleId> = self.from.iter().collect();
        for starts in starts.chunks(64) {
            let mut masks = vec![0_u64; next.len()];
            for (bit, start) in starts.iter().enumerate() {
                masks[start.index()] |= 1 << bit;
            }
            let mut queue: VecDeque<ModuleId> = starts.iter().copied().collect();
            while let Some(id) = queue.pop_front() {
                let mask = masks[id.index()];
                for imported in &next[id.index()] {
                    let known = &mut masks[imported.index()];
                    if *known | mask != *known {
                        *known |= mask;
                        queue.push_back(*imported);
                    }
                }
            }
            counts.iter_mut().zip(&masks).for_each(|(count, mask)| *count += mask.count_ones());
        }
        counts
    }
}

/// Whether a chain may run over an edge before it enters `to`.
fn runs(context: &Context, entry: &Entry, (from, to): (&ModuleSet, &ModuleSet), edge: &Edge) -> bool {
    let counts = |id: &RowId| {
        let row = context.graph.row(*id);
        context.counts(&entry.meta, context.graph.import(row))
            && (from.contains(row.importer) || context.carries(row))
    };
    !to.contains(edge.imported) && context.graph.rows_of_edge(edge).iter().any(counts)
}

fn excused(context: &Context, entry: &Entry, edge: &Edge) -> bool {
    entry.meta.except.iter().any(|e| context.in_force(e.until) && context.excuses_edge(e, edge))
}

fn raised(context: &Context, entry: &Entry, id: RowId, crossing: Crossing) -> Raised {
    let row = context.graph.row(id);
    let importer = &context.graph.module(row.importer).name;
    let message = match crossing.way.first() {
        None => format!("`{importer}` imports {}, which `{}` forbids", context.told(row), entry.id),
        Some(first) => format!(
            "`{}` reaches {} through `{importer}`, which `{}` forbids",
            context.graph.module(first.importer).name,
            context.told(row),
            entry.id
        ),
    };
    let help = entry.meta.help.clone().or_else(|| Some(chains::help(context, &crossing.way, row)));
    let mut raised = context.raised(RuleRef::entry(entry), id, message, help);
    raised.violation.chain = chains::hops(context, &entry.meta, &crossing.way, row);
    if !crossing.free && raised.violation.status != Status::Waived {
        raised.violation.status = Status::Waived;
        chains::ONLY_OVER_EXCEPTIONS.clone_into(&mut raised.violation.waived_by);
    }
    raised.violation.reached_by = Some(crossing.reached_by);
    raised
}
