//! What of a registry excuses something until a day.

use super::{Item, Registry};
use crate::facts::Date;

/// An item that excuses, with its date if it has one.
#[derive(Clone, Copy, Debug)]
pub struct Excuse<'a> {
    /// The rule it belongs to: an entry's id or a check's name.
    pub rule: &'a str,
    /// What is excused, as written.
    pub item: &'a Item,
    /// Until when, inclusive; None for ever.
    pub until: Option<Date>,
    /// Why.
    pub reason: Option<&'a str>,
}

impl Registry {
    /// Everything that excuses: `except`, `compatible` doors, lines of `[moved]`.
    pub fn excuses(&self) -> Vec<Excuse<'_>> {
        let mut all = Vec::new();
        let of_entries = self.entries.iter().map(|entry| (entry.id.as_str(), &entry.meta));
        let of_checks = self.checks.iter().map(|check| (check.id, &check.meta));
        for (rule, meta) in of_entries.chain(of_checks) {
            all.extend(meta.except.iter().map(|except| Excuse {
                rule,
                item: &except.item,
                until: except.until,
                reason: except.reason.as_deref(),
            }));
        }
        for entry in &self.entries {
            let compatible = entry.kind.canonicals().iter().flat_map(|canonical| &canonical.compatible);
            all.extend(compatible.map(|door| Excuse {
                rule: &entry.id,
                item: &door.path,
                until: door.until,
                reason: door.reason.as_deref(),
            }));
            // Without a date a moved path is broken, not excused.
            let moved = entry.kind.moved().iter().filter(|line| line.until.is_some());
            all.extend(moved.map(|line| Excuse {
                rule: &entry.id,
                item: &line.from.item,
                until: line.until,
                reason: line.reason.as_deref(),
            }));
        }
        all
    }
}
