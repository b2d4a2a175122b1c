//! `relative-import`: first-party imports are written absolute, or among siblings only.

use super::context::{Context, Judgements, RuleRef};
use super::suggest::{Taken, import_of};
use super::{Check, Rule};
use crate::graph::model::Outcome;
use crate::module_path;
use crate::registry::{CheckOptions, CheckSetting};
use crate::violation::Instead;

/// The check.
pub static RULE: Rule = Rule {
    id: "relative-import",
    docs: include_str!("../../rules/docs/relative-import.md"),
    check: Check::Builtin(judge),
};

fn judge(context: &Context, setting: &CheckSetting, out: &mut Judgements) {
    let rule = RuleRef::check(setting);
    let siblings = matches!(setting.options, CheckOptions::RelativeImport { allow_siblings: true });
    for id in context.judged_rows(&setting.meta) {
        let row = context.graph.row(id);
        let import = context.graph.import(row);
        // Rust's paths from `self` and `super` are how it is written.
        if !context.is_statement(row) || row.resolved.is_some() {
            continue;
        }
        if import.level == 0 || (siblings && import.level == 1) {
            out.compliant(context, id);
            continue;
        }
        let dots = ".".repeat(import.level as usize);
        let message = format!("`from {dots}{} import …` is relative", import.module);
        let name = import.name.as_deref().unwrap_or("");
        let module = row.target.strip_suffix(name).unwrap_or(&row.target).trim_end_matches('.');
        let path = module_path::join(module, name);
        let inside = row.outcome != Outcome::BeyondRoot;
        let help = inside.then(|| {
            let taken =
                Taken { path: &path, named: true, here: import.alias.as_deref(), also: import.kind.also };
            format!("write `{}`", import_of(context, row.importer, taken))
        });
        let mut raised = context.raised(rule, id, message, help);
        if inside {
            // The same place, whether or not there is anything.
            let named = module_path::parent(&path).is_some();
            raised.violation.instead = Some(Instead { path, named, safe: true, names: Vec::new() });
        }
        out.raise(raised);
    }
}
