//! `expired`: a waiver, or an `until` of the registry, past its date. What it excused counts again.

use super::context::{Context, Judgements, RuleRef};
use super::{Check, Rule};
use crate::facts::Date;
use crate::registry::{CheckSetting, Item};
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
    for (item, until) in dated(context) {
        if !context.in_force(Some(until)) {
            let message = format!("`{}` was excused until {until}", item.text);
            let mut raised = context.raised_in_registry(rule, item.span, item.line, message);
            raised.violation.help =
                Some("mend what it excuses and remove it, or give it a new date and say why".to_owned());
            out.raise(raised);
        }
    }
}

/// Everything in the registry that ends on a day.
fn dated<'a>(context: &'a Context) -> Vec<(&'a Item, Date)> {
    let mut dated = Vec::new();
    let metas = context.registry.entries.iter().map(|entry| &entry.meta);
    for meta in metas.chain(context.registry.checks.iter().map(|check| &check.meta)) {
        dated.extend(meta.except.iter().filter_map(|e| Some((&e.item, e.until?))));
    }
    for entry in &context.registry.entries {
        let compatible = entry.kind.canonicals().iter().flat_map(|canonical| &canonical.compatible);
        dated.extend(compatible.filter_map(|c| Some((&c.path, c.until?))));
        dated.extend(entry.kind.moved().iter().filter_map(|m| Some((&m.from.item, m.until?))));
    }
    dated
}
