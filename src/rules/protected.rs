//! `[[protected]]`: only the modules of `only` import these. Direct imports.

use super::context::boundaries::{Trees, one_of};
use super::context::{Context, Judgements, RuleRef};
use super::{Check, Rule};
use crate::graph::model::{ModuleId, Row};
use crate::graph::paths::ModuleSet;
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
        if !comes_from_outside(context, &trees, &only, row) {
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
        let message = format!("`{importer}` imports {}, which {may} may import", context.told(row));
        let help = format!("{ask}take the import out of `{importer}`");
        let help = entry.meta.help.clone().unwrap_or(help);
        out.raise(context.raised(RuleRef::entry(entry), id, message, Some(help)));
    }
}

/// Whether a row enters a protected tree that its importer is not in. One protected module is outside of another.
fn comes_from_outside(context: &Context, trees: &Trees, only: &ModuleSet, row: &Row) -> bool {
    let enters = |importer: ModuleId, imported: ModuleId| {
        let inside = trees.of(importer);
        trees.of(imported).iter().any(|tree| !inside.contains(tree))
    };
    let outside = |tree: &u32| !trees.of(row.importer).contains(tree);
    let bare = context.bare_paths(row);
    if !bare.is_empty() {
        return bare.iter().any(|path| trees.of_name(path).any(|tree| outside(&tree)));
    }
    let permits = |importer, imported| only.contains(importer) || !enters(importer, imported);
    context.judged_ends(row, permits).into_iter().any(|end| enters(row.importer, end))
}
