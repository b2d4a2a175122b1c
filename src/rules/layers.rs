//! `[[layers]]`: higher layers may import lower ones, never the reverse, directly or over others.

use super::context::{Context, Judgements, RuleRef};
use super::members::{self, Group};
use super::{Check, Rule, chains};
use crate::registry::{Entry, EntryKind};

/// The rule.
pub static RULE: Rule =
    Rule { id: "layers", docs: include_str!("../../rules/docs/layers.md"), check: Check::Entry(judge) };

fn judge(context: &Context, entry: &Entry, out: &mut Judgements) {
    let EntryKind::Layers(layers) = &entry.kind else { return };
    let groups = members::of_layers(context, layers);
    chains::judge(context, entry, &groups, out);
    for group in &groups {
        chains::overlaps(context, entry, group, out);
        if layers.exhaustive {
            unplaced(context, entry, group, out);
        }
    }
}

/// A child of the container that no layer holds is a finding at the line of `within`; an exception may name it.
fn unplaced(context: &Context, entry: &Entry, group: &Group, out: &mut Judgements) {
    let Some(container) = &group.container else { return };
    let pattern = container.pattern;
    // Rust keeps tests beside what they test, in the same tree.
    let tests = |id| context.graph.module(id).rust.is_some() && context.scope(id) == "test";
    for child in group.unplaced(context.graph, |id| context.speaks_of(&entry.meta, id) && !tests(id)) {
        let name = container.child(&child);
        let message = format!("`{name}` is in no layer of `{}`, which is exhaustive", entry.id);
        let help = format!("give `{child}` its place in `order`, or name `{name}` in `except`");
        let mut raised =
            context.raised_in_registry(RuleRef::entry(entry), pattern.span, pattern.line, message);
        raised.violation.help = entry.meta.help.clone().or(Some(help));
        raised.violation.about.clone_from(&name);
        let exception = entry.meta.except.iter().find(|exception| {
            context.in_force(exception.until) && exception.to.is_none() && exception.from.matches_name(&name)
        });
        if let Some(exception) = exception {
            raised.excuse(exception);
        }
        out.raise(raised);
    }
}
