//! What is wrong with the members of `[[layers]]` and `[[independent]]` as written: two that hold the same modules, and
//! keys that speak of what is not there.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::error::Problems;
use super::pattern::Pattern;
use super::values::nearest;
use super::{Entry, EntryKind, Item, Layers};
use crate::module_path::parent;
use crate::source::Language;

/// Reports every member that certainly overlaps an earlier one, and keys without what they need.
pub(super) fn wrong_members<'e>(entries: impl IntoIterator<Item = &'e Entry>, problems: &mut Problems<'_>) {
    for entry in entries {
        match &entry.kind {
            EntryKind::Layers(layers) => {
                let members = layers.order.iter().flat_map(|layer| &layer.members);
                let patterns = members.filter_map(|member| {
                    let Item { text, span, line } = &member.name;
                    Pattern::parse(text, *span, *line).ok()
                });
                overlapping(&patterns.collect::<Vec<_>>(), problems);
                needs(entry, layers, problems);
            }
            EntryKind::Independent(independent) => overlapping(&independent.modules, problems),
            _ => {}
        }
    }
}

fn overlapping(patterns: &[Pattern], problems: &mut Problems<'_>) {
    let mut twice = BTreeSet::new();
    let mut parts = BTreeMap::new();
    for language in Language::ALL {
        let names = || {
            let patterns = patterns.iter().enumerate();
            patterns.filter_map(|(at, pattern)| Some((at, pattern, pattern.literal_in(language)?)))
        };
        let (mut trees, mut alone) = (HashSet::new(), HashSet::new());
        for (at, pattern, name) in names() {
            let known = if pattern.is_exact() { &mut alone } else { &mut trees };
            if !known.insert(name) {
                twice.insert(at);
            }
        }
        for (at, pattern, name) in names() {
            let above = if pattern.is_exact() { Some(name) } else { parent(name) };
            let mut above = std::iter::successors(above, |name| parent(name));
            if let Some(above) = above.find(|name| trees.contains(name)) {
                parts.entry(at).or_insert(above);
            }
        }
    }
    for pattern in twice.into_iter().map(|at| &patterns[at]) {
        let message = format!("the member `{}` is named twice", pattern.text);
        problems.add(pattern.span, message, Some("remove one of them".to_owned()));
    }
    for (at, above) in parts {
        let message = format!("the member `{}` is part of the member `{above}`", patterns[at].text);
        let help = Some("a member is a module and everything below it".to_owned());
        problems.add(patterns[at].span, message, help);
    }
}

fn needs(entry: &Entry, layers: &Layers, problems: &mut Problems<'_>) {
    if layers.exhaustive && layers.within.is_empty() {
        let help = Some("name the package whose children must be placed".to_owned());
        problems.add(entry.span, "`exhaustive` needs `within`", help);
    }
    let members = || layers.order.iter().flat_map(|layer| &layer.members).map(|member| &*member.name.text);
    for closed in &layers.closed {
        if !members().any(|name| name == closed.text) {
            let meant = nearest(&closed.text, members()).map(|name| format!("did you mean `{name}`?"));
            problems.add(closed.span, format!("`{}` is no layer of `order`", closed.text), meant);
        }
    }
}
