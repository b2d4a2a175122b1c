//! `[[independent]]`: no member imports another, directly or over others.

use super::context::{Context, Judgements};
use super::{Check, Rule, chains, members};
use crate::registry::{Entry, EntryKind};

/// The rule.
pub static RULE: Rule = Rule {
    id: "independent",
    docs: include_str!("../../rules/docs/independent.md"),
    check: Check::Entry(judge),
};

fn judge(context: &Context, entry: &Entry, out: &mut Judgements) {
    let EntryKind::Independent(independent) = &entry.kind else { return };
    let group = members::of_independent(context, independent);
    chains::overlaps(context, entry, &group, out);
    chains::judge(context, entry, &[group], out);
}
