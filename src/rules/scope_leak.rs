//! `scope-leak`: a production module imports one of another scope.

use super::context::{Context, Judgements, PRODUCTION, RuleRef};
use super::{Check, Rule};
use crate::graph::model::ModuleId;
use crate::registry::CheckSetting;

/// The check.
pub static RULE: Rule = Rule {
    id: "scope-leak",
    docs: include_str!("../../rules/docs/scope-leak.md"),
    check: Check::Builtin(judge),
};

fn judge(context: &Context, setting: &CheckSetting, out: &mut Judgements) {
    // The assumed `test` scope would call `django.test` a test.
    if !context.registry.scopes_written {
        return;
    }
    let rule = RuleRef::check(setting);
    for id in context.judged_rows(&setting.meta) {
        let row = context.graph.row(id);
        if context.scope(row.importer) != PRODUCTION {
            continue;
        }
        let leaks = |id: &ModuleId| context.scope(*id) != PRODUCTION;
        let found = match &row.resolved {
            Some(_) => {
                let permits = |importer, imported| leaks(&importer) || !leaks(&imported);
                context.judged_ends(row, permits).into_iter().find(leaks)
            }
            None => row.door.filter(leaks),
        };
        let Some(door) = found else {
            out.compliant(context, id);
            continue;
        };
        let scope = context.scope(door);
        let imported = &context.graph.module(door).name;
        let message = format!("production module imports `{imported}`, which is of scope `{scope}`");
        let help = format!(
            "move what is needed out of `{imported}`, or correct the `[[scope]]` list if one of the two is in the wrong scope"
        );
        out.raise(context.raised(rule, id, message, Some(help)));
    }
}
