//! `relative-beyond-root`: a relative import that leads above the import root.

use super::context::{Context, Judgements, RuleRef};
use super::{Check, Rule};
use crate::graph::model::Outcome;
use crate::registry::CheckSetting;

/// The check.
pub static RULE: Rule = Rule {
    id: "relative-beyond-root",
    docs: include_str!("../../rules/docs/relative-beyond-root.md"),
    check: Check::Builtin(judge),
};

fn judge(context: &Context, setting: &CheckSetting, out: &mut Judgements) {
    let rule = RuleRef::check(setting);
    for id in context.judged_rows(&setting.meta) {
        let row = context.graph.row(id);
        let import = context.graph.import(row);
        if import.level == 0 {
            continue;
        }
        if row.outcome != Outcome::BeyondRoot {
            out.compliant(context, id);
            continue;
        }
        let module = &context.graph.module(row.importer).name;
        let depth = module.matches('.').count();
        let message = if depth == 0 {
            format!("`{}` is relative, but `{module}` lies in no package", row.target)
        } else {
            format!("`{}` leads above the import root: `{module}` lies only {depth} deep", row.target)
        };
        let help = "write the absolute path of the module that is meant".to_owned();
        out.raise(context.raised(rule, id, message, Some(help)));
    }
}
