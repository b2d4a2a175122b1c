//! `unused-waiver`: an inline waiver that is malformed, names no rule, or suppresses nothing.

use super::context::{Context, Judgements, RuleRef};
use super::{Check, Rule};
use crate::facts::Date;
use crate::registry::CheckSetting;
use crate::source::{FileId, Language};
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
            let mut raised = at(format!("this waiver is not understood: {problem}"));
            let sign = comment_sign(context, used.file);
            raised.suggest(format!("write `{sign} importlaw: allow RULE -- REASON`"));
            out.raise(raised);
            continue;
        }
        if let Some((last, until)) = used.too_far.zip(waiver.until) {
            let ahead = Date::FURTHEST_AHEAD;
            let message =
                format!("this waiver ends on {until}, more than {ahead} days ahead: it suppresses nothing");
            let mut raised = at(message);
            raised.suggest(format!("{last} is the last day that it can name"));
            out.raise(raised);
            continue;
        }
        for unknown in &used.unknown_rules {
            let mut raised = at(format!("this waiver names `{unknown}`, and no rule is called that"));
            raised.violation.about.clone_from(unknown);
            raised.suggest(rule_like(context, unknown));
            out.raise(raised);
        }
        if used.expired {
            continue;
        }
        if let Some((max, count)) = used.over {
            let findings = if max == 1 { "finding" } else { "findings" };
            let mut raised =
                at(format!("this waiver allows {max} {findings} and covers {count}: none is suppressed"));
            raised.suggest("mend what is too much, or raise `max`".to_owned());
            out.raise(raised);
            continue;
        }
        for idle in &used.idle_rules {
            let mut raised = at(format!("this waiver suppresses no finding of `{idle}`"));
            raised.violation.about.clone_from(idle);
            raised.suggest("remove it".to_owned());
            out.raise(raised);
        }
    }
}

/// What a comment of that file begins with.
fn comment_sign(context: &Context, file: FileId) -> &'static str {
    let module = context.graph.module(context.graph.module_of_file[file.index()]);
    if module.language == Language::Rust && context.graph.path_of_file(file).ends_with(".rs") {
        "//"
    } else {
        "#"
    }
}

/// The rule whose id is nearest to what is written.
fn rule_like(context: &Context, written: &str) -> String {
    let entries = context.registry.entries.iter().map(|entry| entry.id.as_str());
    let known = entries.chain(context.registry.checks.iter().map(|check| check.id));
    let near = known.map(|id| (strsim::osa_distance(id, written), id)).min();
    match near.filter(|(distance, _)| *distance <= 2) {
        Some((_, id)) => format!("did you mean `{id}`?"),
        None => "write the `id` of an entry of the registry, or the name of a check".to_owned(),
    }
}
