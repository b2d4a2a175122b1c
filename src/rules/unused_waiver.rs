//! `unused-waiver`: an inline waiver that is malformed, names no rule, or suppresses nothing.

use super::context::{Context, Judgements, RuleRef};
use super::{Check, Rule};
use crate::registry::CheckSetting;
use crate::waivers::Used;

/// The check.
pub static RULE: Rule = Rule {
    id: "unused-waiver",
    docs: include_str!("../../rules/docs/unused-waiver.md"),
    check: Check::Waivers(judge),
};

fn judge(context: &Context, setting: &CheckSetting, used: &[Used], out: &mut Judgements) {
    let rule = RuleRef::check(setting);
    for used in used {
        let waiver = &context.graph.facts[used.file.index()].waivers[used.index];
        let module = context.graph.module_of_file[used.file.index()];
        if !context.speaks_of(&setting.meta, module) {
            continue;
        }
        let at =
            |message: String| context.raised_at(rule, module, used.file, waiver.span, waiver.line, message);
        if let Some(problem) = &waiver.malformed {
            out.raise(at(format!("this waiver is not understood: {problem}")));
            continue;
        }
        for unknown in &used.unknown_rules {
            out.raise(at(format!("this waiver names `{unknown}`, and no rule is called that")));
        }
        if used.expired {
            continue;
        }
        if let Some((max, count)) = used.over {
            out.raise(at(format!(
                "this waiver allows {max} findings, and covers {count}: none is suppressed"
            )));
            continue;
        }
        for idle in &used.idle_rules {
            let mut raised = at(format!("this waiver suppresses no finding of `{idle}`"));
            raised.violation.help = Some("remove it".to_owned());
            out.raise(raised);
        }
    }
}
