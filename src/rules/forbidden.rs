//! `[[forbidden]]`: modules of `from` must not import modules of `to`, with `indirect` not over others either.
//!
//! The finding is the crossing import: the one that enters `to`. Removing an import never creates one.

use super::context::{Context, Judgements, RuleRef};
use super::{Check, Rule};
use crate::graph::model::{Edge, ModuleId, Outcome, Row, RowId};
use crate::graph::paths::{ModuleSet, Reach};
use crate::registry::{Entry, EntryKind, Forbidden};
use crate::violation::{Hop, Status};

/// The rule.
pub static RULE: Rule =
    Rule { id: "forbidden", docs: include_str!("../../rules/docs/forbidden.md"), check: Check::Entry(judge) };

fn judge(context: &Context, entry: &Entry, out: &mut Judgements) {
    let EntryKind::Forbidden(forbidden) = &entry.kind else { return };
    let judge = Judge::new(context, entry, forbidden);
    for id in context.graph.row_ids() {
        let row = context.graph.row(id);
        if !judge.reaches(row.importer) || !context.counts(&entry.meta, context.graph.import(row)) {
            continue;
        }
        if judge.crosses(row) {
            out.raise(judge.crossing(id, row));
        } else if judge.from.contains(row.importer) && context.is_first_party(row) {
            out.compliant(context, id);
        }
    }
}

struct Judge<'a> {
    context: &'a Context<'a>,
    entry: &'a Entry,
    forbidden: &'a Forbidden,
    /// Modules of `from` in the rule's scopes, without those of `to`.
    from: ModuleSet,
    to: ModuleSet,
    /// What `from` reaches without an excused edge; `from` alone unless indirect.
    free: Reach,
    /// What it reaches over excused edges too.
    any: Reach,
}

impl<'a> Judge<'a> {
    fn new(context: &'a Context<'a>, entry: &'a Entry, forbidden: &'a Forbidden) -> Self {
        let to = context.modules_of(&forbidden.to);
        let mut from = context.modules_of(&forbidden.from);
        from.subtract(&to);
        let mut starts = ModuleSet::new(context.graph.modules.len());
        for id in from.iter().filter(|id| context.speaks_of(&entry.meta, *id)) {
            starts.insert(id);
        }
        let from = starts;
        let stop = |id: ModuleId| to.contains(id) || !forbidden.indirect;
        let counts = |row: &Row| context.counts(&entry.meta, context.graph.import(row));
        let runs = |edge: &Edge| {
            !to.contains(edge.imported)
                && context.graph.rows_of_edge(edge).iter().any(|id| counts(context.graph.row(*id)))
        };
        let excused = |edge: &Edge| {
            entry.meta.except.iter().any(|e| context.in_force(e.until) && context.excuses_edge(e, edge))
        };
        let free = context.graph.reach(&from, stop, |edge| runs(edge) && !excused(edge));
        let any = context.graph.reach(&from, stop, runs);
        Self { context, entry, forbidden, from, to, free, any }
    }

    fn reaches(&self, module: ModuleId) -> bool {
        self.any.seen.contains(module) && !self.to.contains(module)
    }

    /// Whether a row enters `to`: by the module it comes to, or by name where there is no module to come to.
    fn crosses(&self, row: &Row) -> bool {
        match (&row.outcome, row.door) {
            (Outcome::Module | Outcome::Name | Outcome::Unknown(_), Some(_)) => {
                self.context.graph.names().ends(row).any(|end| self.to.contains(end))
            }
            (Outcome::BeyondRoot, _) => false,
            (_, door) => {
                door.is_some_and(|door| self.to.contains(door))
                    || self.forbidden.to.iter().any(|to| to.matches_name(&row.target))
            }
        }
    }

    fn crossing(&self, id: RowId, row: &Row) -> super::context::Raised {
        let context = self.context;
        let rule = RuleRef::entry(self.entry);
        let reach = if self.free.seen.contains(row.importer) { &self.free } else { &self.any };
        let way = reach.way_to(row.importer);
        let counts = |row: &Row| context.counts(&self.entry.meta, context.graph.import(row));
        let mut chain: Vec<Hop> = way.iter().map(|edge| context.hop(edge, counts)).collect();
        let importer = &context.graph.module(row.importer).name;
        let message = match chain.first() {
            None => format!("`{importer}` imports `{}`, which `{}` forbids", row.target, self.entry.id),
            Some(first) => format!(
                "`{}` reaches `{}` through `{importer}`, which `{}` forbids",
                first.importer, row.target, self.entry.id
            ),
        };
        let help = if chain.is_empty() {
            format!(
                "take the import out of `{importer}`, or move what it needs from `{}` to a module both may import",
                row.target
            )
        } else {
            format!(
                "take this import out of `{importer}`, or one of the {} before it that lead here",
                if chain.len() == 1 { "imports".to_owned() } else { format!("{} imports", chain.len()) }
            )
        };
        if !chain.is_empty() {
            let imported = row
                .door
                .map_or_else(|| row.target.to_string(), |door| context.graph.module(door).name.clone());
            chain.push(Hop {
                importer: importer.clone(),
                imported,
                path: context.graph.module(row.importer).path.clone(),
                line: context.graph.import(row).line,
            });
        }
        let mut raised = context.raised(rule, id, message, self.entry.meta.help.clone().or(Some(help)));
        raised.violation.chain = chain;
        if !self.free.seen.contains(row.importer) && raised.violation.status != Status::Waived {
            raised.violation.status = Status::Waived;
            "every chain that leads here runs over an edge in `except`"
                .clone_into(&mut raised.violation.waived_by);
        }
        raised.violation.reached_by =
            Some(if self.forbidden.indirect { self.reached_by(row.importer) } else { 1 });
        raised
    }

    /// How many modules of `from` reach a module without entering `to`: a search against the arrows.
    fn reached_by(&self, module: ModuleId) -> u32 {
        let context = self.context;
        let mut seen = ModuleSet::new(context.graph.modules.len());
        seen.insert(module);
        let mut queue = vec![module];
        let mut count = 0;
        while let Some(id) = queue.pop() {
            count += u32::from(self.from.contains(id));
            for edge in context.graph.incoming(id) {
                let runs = !self.to.contains(edge.importer)
                    && self.any.seen.contains(edge.importer)
                    && !seen.contains(edge.importer)
                    && context.graph.rows_of_edge(edge).iter().any(|id| {
                        context.counts(&self.entry.meta, context.graph.import(context.graph.row(*id)))
                    });
                if runs {
                    seen.insert(edge.importer);
                    queue.push(edge.importer);
                }
            }
        }
        count
    }
}
