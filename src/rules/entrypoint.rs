//! `[[entrypoint]]`: what must start without an ImportError.

use super::context::{Context, Judgements};
use super::{Check, Rule};
use crate::registry::{Entry, EntryKind};

/// The rule.
pub static RULE: Rule = Rule {
    id: "entrypoint",
    docs: include_str!("../../rules/docs/entrypoint.md"),
    check: Check::Entry(judge),
};

// The simulation of the start-up is written elsewhere and called from here; until then nothing is reported.
fn judge(_context: &Context, entry: &Entry, _out: &mut Judgements) {
    let EntryKind::Entrypoint(_entrypoint) = &entry.kind else { return };
}
