//! What is wrong with the members of `[[layers]]` and `[[independent]]` as written: two that hold the same modules, and
//! keys that speak of what is not there.

use std::collections::HashMap;

use super::error::Problems;
use super::pattern::Pattern;
use super::values::nearest;
use super::{Entry, EntryKind, Item, Layers};
use crate::module_path::parent;

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
    let mut trees: HashMap<&str, usize> = HashMap::new();
    let mut alone: HashMap<&str, usize> = HashMap::new();
    for (at, pattern) in patterns.iter().enumerate() {
        let Some(name) = pattern.literal() else { continue };
        let known = if pattern.is_exact() { &mut alone } else { &mut trees };
        if known.insert(name, at).is_some() {
            let message = format!("the member `{}` is named twice", pattern.text);
            problems.add(pattern.span, message, Some("remove one of them".to_owned()));
        }
    }
    for pattern in patterns {
        let Some(name) = pattern.literal() else { continue };
        let above = if pattern.is_exact() { Some(name) } else { parent(name) };
        let mut above = std::iter::successors(above, |name| parent(name));
        if let Some(above) = above.find(|name| trees.contains_key(name)) {
            let message = format!("the member `{}` is part of the member `{above}`", pattern.text);
            problems.add(
                pattern.span,
                message,
                Some("a member is a module and everything below it".to_owned()),
            );
        }
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
