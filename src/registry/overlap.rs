//! Two `unique` entries cannot both own a symbol where their `within` overlap.

use std::collections::HashMap;

use super::error::Problems;
use super::pattern::Pattern;
use super::{Canonical, Entry, EntryKind, Item};
use crate::module_path::is_within;
use crate::source::Language;

/// Reports every symbol that an earlier `unique` entry certainly claims for some of the same modules.
pub(super) fn rival_unique_entries(entries: &[Entry], problems: &mut Problems<'_>) {
    let mut claims: HashMap<&str, Vec<(&Entry, &Canonical)>> = HashMap::new();
    for entry in entries {
        let EntryKind::Canonical(canonical) = &entry.kind else { continue };
        if !canonical.unique {
            continue;
        }
        for Item { text, span, .. } in canonical.symbols.iter().filter(|symbol| symbol.text != "*") {
            let earlier = claims.entry(text).or_default();
            let rival = earlier.iter().find(|(rival, of_rival)| {
                !std::ptr::eq(*rival, entry) && overlap(&of_rival.within, &canonical.within)
            });
            if let Some((rival, _)) = rival {
                let message =
                    format!("`{text}` is `unique` in `{}` too, and their `within` overlap", rival.id);
                let help = Some(format!("narrow one of them: `{}` is at line {}", rival.id, rival.line));
                problems.add(*span, message, help);
            }
            earlier.push((entry, canonical));
        }
    }
}

/// Whether some module is certainly in both; an empty list is everything.
fn overlap(one: &[Pattern], other: &[Pattern]) -> bool {
    one.is_empty() || other.is_empty() || one.iter().any(|a| other.iter().any(|b| patterns_overlap(a, b)))
}

fn patterns_overlap(a: &Pattern, b: &Pattern) -> bool {
    let mut both =
        Language::ALL.into_iter().filter(|language| a.speaks_of(*language) && b.speaks_of(*language));
    both.any(|language| match (a.literal_in(language), b.literal_in(language)) {
        (Some(name_a), Some(name_b)) => match (a.is_exact(), b.is_exact()) {
            (true, true) => name_a == name_b,
            (true, false) => is_within(name_a, name_b),
            (false, true) => is_within(name_b, name_a),
            (false, false) => is_within(name_a, name_b) || is_within(name_b, name_a),
        },
        (Some(name), None) => b.matches_name(name),
        (None, Some(name)) => a.matches_name(name),
        (None, None) => a.text == b.text,
    })
}
