//! What one baseline excuses that an earlier one did not.

use std::collections::BTreeMap;

use super::Entry;
use crate::facts::Date;
use crate::violation::Key;

/// How a baseline grew.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Growth<'a> {
    /// Entries that the earlier one lacks, in file order.
    pub added: Vec<&'a Entry>,
    /// Entries that end later than they did, or no longer end, with the day on which they did.
    pub later: Vec<(&'a Entry, Date)>,
}

/// What `now` has that `before` has not, as multisets. `moved` says of an earlier path and a later one whether a file may
/// have gone from the one to the other; an entry that went with its file is none that was added.
pub fn growth<'a>(before: &[Entry], now: &'a [Entry], moved: &dyn Fn(&str, &str) -> bool) -> Growth<'a> {
    let (mut old, mut new) = (by_key(before), by_key(now));
    let mut growth = Growth::default();
    let mut gone: Vec<&Entry> = Vec::new();
    let mut added: Vec<&'a Entry> = Vec::new();
    for (key, old) in &mut old {
        let new = new.remove(key).unwrap_or_default();
        for (before, now) in old.iter().zip(&new) {
            let was = before.until.filter(|was| now.until.is_none_or(|until| until > *was));
            growth.later.extend(was.map(|was| (*now, was)));
        }
        gone.extend(old.iter().skip(new.len()));
        added.extend(new.into_iter().skip(old.len()));
    }
    added.extend(new.into_values().flatten());
    let mut left: BTreeMap<_, Vec<&Entry>> = BTreeMap::new();
    for entry in gone {
        left.entry((entry.language, &entry.rule, &entry.target)).or_default().push(entry);
    }
    added.sort_by_key(|entry| entry.line);
    added.retain(|entry| {
        let Some(left) = left.get_mut(&(entry.language, &entry.rule, &entry.target)) else { return true };
        let place = left.iter().position(|old| moved(&old.path, &entry.path));
        place.map(|place| left.swap_remove(place)).is_none()
    });
    growth.later.sort_by_key(|(entry, _)| entry.line);
    growth.added = added;
    growth
}

/// Entries by what they are about, equal ones in source order.
fn by_key(entries: &[Entry]) -> BTreeMap<Key, Vec<&Entry>> {
    let mut by_key: BTreeMap<Key, Vec<&Entry>> = BTreeMap::new();
    for entry in entries {
        by_key.entry(entry.key()).or_default().push(entry);
    }
    for entries in by_key.values_mut() {
        entries.sort_by_key(|entry| entry.ordinal);
    }
    by_key
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::baseline::Baseline;

    /// Entries written `importer target [until]`.
    fn entries(written: &[&str]) -> Vec<Entry> {
        let line = |written: &&str| {
            let mut words = written.split(' ');
            let [importer, target] = [words.next(), words.next()].map(Option::unwrap_or_default);
            let until = words.next().map_or_else(String::new, |until| format!(r#","until":"{until}""#));
            format!(
                r#"{{"language":"python","rule":"r","importer":"{importer}","target":"{target}","path":"{importer}.py","since":"2026-06-30","reason":"x"{until}}}"#
            ) + "\n"
        };
        let as_of = Date::parse("2026-11-22").unwrap_or_else(|| panic!("a date"));
        let text: String = written.iter().map(line).collect();
        Baseline::read("b", text, as_of).unwrap_or_else(|errors| panic!("{errors}")).entries
    }

    fn told(before: &[&str], now: &[&str], moved: &dyn Fn(&str, &str) -> bool) -> Vec<String> {
        let (before, now) = (entries(before), entries(now));
        let growth = growth(&before, &now, moved);
        let added = growth.added.iter().map(|entry| format!("+{} {}", entry.importer, entry.target));
        let later = growth.later.iter().map(|(entry, was)| format!("{} was until {was}", entry.importer));
        added.chain(later).collect()
    }

    #[test]
    fn entries_are_counted_as_a_multiset() {
        let stays = |_: &str, _: &str| false;
        assert_eq!(told(&["a x", "a x"], &["a x"], &stays), [""; 0]);
        assert_eq!(told(&["a x"], &["a x", "a x"], &stays), ["+a x"]);
        assert_eq!(told(&["a x"], &["b x"], &stays), ["+b x"], "a swap");
        assert_eq!(told(&["a x"], &["b x"], &|old, new| (old, new) == ("a.py", "b.py")), [""; 0]);
        assert_eq!(told(&["a x"], &["b y"], &|_, _| true), ["+b y"]);
        assert_eq!(told(&[], &["a x", "b y"], &stays), ["+a x", "+b y"]);
    }

    #[test]
    fn a_later_end_is_told_and_an_earlier_is_not() {
        let stays = |_: &str, _: &str| false;
        let (soon, late) = ("a x 2026-12-31", "a x 2027-02-28");
        assert_eq!(told(&[soon], &[late], &stays), ["a was until 2026-12-31"]);
        assert_eq!(told(&[soon], &["a x"], &stays), ["a was until 2026-12-31"]);
        assert_eq!(told(&[late], &[soon], &stays), [""; 0]);
        assert_eq!(told(&["a x"], &[soon], &stays), [""; 0]);
    }
}
