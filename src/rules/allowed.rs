//! `[[allowed]]`: what modules may import of first party, besides themselves, and nothing else.

use super::context::boundaries::{Trees, one_of};
use super::context::{Context, Judgements, RuleRef};
use super::suggest::{Taken, import_of, may_name};
use super::{Check, Rule};
use crate::graph::exports::Definition;
use crate::graph::model::{ModuleId, Outcome, Row, RowId};
use crate::graph::paths::ModuleSet;
use crate::registry::{Allowed, Entry, EntryKind};

/// The rule.
pub static RULE: Rule =
    Rule { id: "allowed", docs: include_str!("../../rules/docs/allowed.md"), check: Check::Entry(judge) };

fn judge(context: &Context, entry: &Entry, out: &mut Judgements) {
    let EntryKind::Allowed(allowed) = &entry.kind else { return };
    let judge = Judge {
        context,
        allowed,
        from: Trees::new(context, &allowed.from),
        only: context.modules_of(&allowed.only),
    };
    for id in context.judged_rows(&entry.meta) {
        let row = context.graph.row(id);
        // What leads above the import root names no module; relative-beyond-root speaks of it.
        if judge.from.of(row.importer).is_empty() || row.outcome == Outcome::BeyondRoot {
            continue;
        }
        if judge.may_import(row) {
            out.compliant(context, id);
            continue;
        }
        let importer = &context.graph.module(row.importer).name;
        let may = match allowed.only.as_slice() {
            [] => "nothing of first party".to_owned(),
            only => format!("only {}", one_of(only)),
        };
        let message = format!("`{importer}` imports {}, but may import {may}", context.told(row));
        let help = entry.meta.help.clone().unwrap_or_else(|| judge.help(id));
        out.raise(context.raised(RuleRef::entry(entry), id, message, Some(help)));
    }
}

struct Judge<'a> {
    context: &'a Context<'a>,
    allowed: &'a Allowed,
    /// Each of `from` is its own: one may not import another.
    from: Trees<'a>,
    only: ModuleSet,
}

impl Judge<'_> {
    fn may_import(&self, row: &Row) -> bool {
        let own = self.from.of(row.importer);
        let bare = self.context.bare_paths(row);
        let by_name = bare.iter().any(|path| {
            self.allowed.only.iter().any(|only| only.matches_name(path))
                || self.from.of_name(path).any(|tree| own.contains(&tree))
        });
        if bare.is_empty() || row.outcome == Outcome::Bare {
            let permits = |importer: ModuleId, imported| {
                let own = self.from.of(importer);
                own.is_empty() || self.holds(own, imported)
            };
            by_name || self.context.judged_ends(row, permits).into_iter().all(|end| self.holds(own, end))
        } else {
            by_name
        }
    }

    fn holds(&self, own: &[u32], module: ModuleId) -> bool {
        self.only.contains(module) || self.from.of(module).iter().any(|tree| own.contains(tree))
    }

    /// Where the definition itself may be imported from, that is what to write.
    fn help(&self, id: RowId) -> String {
        let row = self.context.graph.row(id);
        let import = self.context.graph.import(row);
        if let Some(Definition::Symbol { module, name, .. }) = self.context.definition(id)
            && self.holds(self.from.of(row.importer), *module)
            && *module != row.importer
            && may_name(self.context.graph, row.importer, *module, name)
        {
            let path = self.context.symbol_path(*module, name);
            let here = import.alias.as_deref().or(import.name.as_deref());
            let taken = Taken { path: &path, named: true, here, also: import.kind.also };
            return format!("write `{}`", import_of(self.context, row.importer, taken));
        }
        let importer = &self.context.graph.module(row.importer).name;
        match self.allowed.only.as_slice() {
            [] => format!("take the import out of `{importer}`"),
            only => format!("move what it needs to {}, or take the import out of `{importer}`", one_of(only)),
        }
    }
}
