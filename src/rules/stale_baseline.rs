//! `stale-baseline`: an entry of the baseline that no finding matches any more.

use rustc_hash::FxHashSet;

use super::context::{Context, Judgements, RuleRef};
use super::{Check, Rule};
use crate::baseline::Entry;
use crate::registry::CheckSetting;

/// The check.
pub static RULE: Rule = Rule {
    id: "stale-baseline",
    docs: include_str!("../../rules/docs/stale-baseline.md"),
    check: Check::Baseline(judge),
};

fn judge(context: &Context, setting: &CheckSetting, stale: &[&Entry], out: &mut Judgements) {
    if stale.is_empty() {
        return;
    }
    let paths: FxHashSet<&str> = context.around.paths.iter().copied().collect();
    for entry in stale {
        let message = format!("nothing is found any more: {}{}", entry.subject(), why(context, &entry.rule));
        let mut raised = context.raised_in_baseline(RuleRef::check(setting), entry, message);
        let remove = "remove the line; `importlaw baseline --prune` removes every stale one";
        let is_gone = entry.language.is_some() && !paths.contains(entry.path.as_str());
        raised.suggest(if is_gone {
            let path = &entry.path;
            format!("if {path} was renamed and git does not know of it yet, `git add` its new place; else {remove}")
        } else {
            remove.to_owned()
        });
        out.raise(raised);
    }
}

/// Why a rule finds nothing at all.
fn why(context: &Context, rule: &str) -> &'static str {
    let registry = context.registry;
    if registry.entries.iter().any(|entry| entry.id == rule) {
        return "";
    }
    match registry.checks.iter().find(|check| check.id == rule) {
        Some(check) if check.on => "",
        Some(_) => " (the check is off)",
        None => " (no rule is called that)",
    }
}
