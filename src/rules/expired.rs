//! `expired`: a waiver, or an `until` of the registry, past its date. What it excused counts again.

use super::context::{Context, Judgements, RuleRef};
use super::{Check, Rule};
use crate::registry::CheckSetting;
use crate::waivers::Used;

/// The check.
pub static RULE: Rule =
    Rule { id: "expired", docs: include_str!("../../rules/docs/expired.md"), check: Check::Waivers(judge) };

fn judge(context: &Context, setting: &CheckSetting, used: &[Used], out: &mut Judgements) {
    let rule = RuleRef::check(setting);
    for used in used.iter().filter(|used| used.expired) {
        let waiver = &context.graph.facts[used.file.index()].waivers[used.index];
        let module = context.graph.module_of_file[used.file.index()];
        let Some(until) = waiver.until.filter(|_| context.speaks_of(&setting.meta, module)) else { continue };
        let message = format!("this waiver ended on {until}");
        let mut raised = context.raised_at(rule, module, used.file, waiver.span, waiver.line, message);
        raised.violation.about = waiver.rules.join(", ");
        raised.suggest("mend what it excused, or give it a new date and say why".to_owned());
        out.raise(raised);
    }
    for entry in context.around.baseline.iter().flat_map(|baseline| &baseline.entries) {
        if let Some(until) = entry.until.filter(|until| !context.in_force(Some(*until))) {
            let message = format!("{} was excused until {until}", entry.subject());
            let mut raised = context.raised_in_baseline(rule, entry, message);
            raised.suggest("mend it and remove the entry, or give it a new date and say why".to_owned());
            out.raise(raised);
        }
    }
    let excuses = context.registry.excuses();
    for (item, until) in excuses.iter().filter_map(|excuse| Some((excuse.item, excuse.until?))) {
        if !context.in_force(Some(until)) {
            let message = format!("`{}` was excused until {until}", item.text);
            let mut raised = context.raised_in_registry(rule, item.span, item.line, message);
            raised.violation.help =
                Some("mend what it excuses and remove it, or give it a new date and say why".to_owned());
            out.raise(raised);
        }
    }
}
