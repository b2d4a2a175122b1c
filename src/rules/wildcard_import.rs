//! `wildcard-import`: first-party from-imports name what they take.

use super::context::{Context, Judgements, RuleRef};
use super::{Check, Rule};
use crate::facts::Also;
use crate::registry::CheckSetting;

/// The check.
pub static RULE: Rule = Rule {
    id: "wildcard-import",
    docs: include_str!("../../rules/docs/wildcard-import.md"),
    check: Check::Builtin(judge),
};

fn judge(context: &Context, setting: &CheckSetting, out: &mut Judgements) {
    let rule = RuleRef::check(setting);
    for id in context.judged_rows(&setting.meta) {
        let row = context.graph.row(id);
        let import = context.graph.import(row);
        if import.name.is_none() || !context.is_statement(row) {
            continue;
        }
        if !import.kind.also.contains(Also::WILDCARD) {
            out.compliant(context, id);
            continue;
        }
        let module = row.target.trim_end_matches(".*");
        let message = format!("everything is imported from `{module}`");
        let help = "name what is used: nobody can tell where a name comes from otherwise".to_owned();
        out.raise(context.raised(rule, id, message, Some(help)));
    }
}
