//! `[[protected]]`: only the modules of `only` import these. Direct imports; the module written is the one judged.

use super::context::boundaries::{Trees, one_of};
use super::context::{Context, Judgements, RuleRef};
use super::{Check, Rule};
use crate::graph::model::Row;
use crate::registry::{Entry, EntryKind};

/// The rule.
pub static RULE: Rule =
    Rule { id: "protected", docs: include_str!("../../rules/docs/protected.md"), check: Check::Entry(judge) };

fn judge(context: &Context, entry: &Entry, out: &mut Judgements) {
    let EntryKind::Protected(protected) = &entry.kind else { return };
    let trees = Trees::new(context, &protected.modules);
    let only = context.modules_of(&protected.only);
    for id in context.judged_rows(&entry.meta) {
        let row = context.graph.row(id);
        if !comes_from_outside(context, &trees, row) {
            continue;
        }
        if only.contains(row.importer) {
            out.compliant(context, id);
            continue;
        }
        let importer = &context.graph.module(row.importer).name;
        let (may, ask) = match protected.only.as_slice() {
            [] => ("nobody".to_owned(), String::new()),
            only => {
                (format!("only {}", one_of(only)), format!("ask {} for what it needs, or ", one_of(only)))
            }
        };
        let message = format!("`{importer}` imports `{}`, which {may} may import", row.target);
        let help = format!("{ask}take the import out of `{importer}`");
        let help = entry.meta.help.clone().unwrap_or(help);
        out.raise(context.raised(RuleRef::entry(entry), id, message, Some(help)));
    }
}

/// Whether a row enters a protected tree that its importer is not in. One protected module is outside of another.
fn comes_from_outside(context: &Context, trees: &Trees, row: &Row) -> bool {
    let inside = trees.of(row.importer);
    let outside = |tree: &u32| !inside.contains(tree);
    let bare = context.bare_paths(row);
    if !bare.is_empty() {
        return bare.iter().any(|path| trees.of_name(path).any(|tree| outside(&tree)));
    }
    context.graph.names().ends(row).any(|end| trees.of(end).iter().any(outside))
}
