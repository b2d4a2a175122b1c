//! What the reader of one registry must know of those that make up the whole one with it.

use std::collections::HashMap;

use toml::de::DeTable;

use super::read::{entry_id, tables};
use super::schema::{Form, SECTIONS};
use super::{IMPLIED_SCOPES, PRODUCTION};

/// What must be known of the registries that make up one, to judge each of them.
pub(super) struct Whole<'d> {
    /// Whether all of them could be had and parsed: else nothing is said of what may stand in another.
    pub(super) is_complete: bool,
    /// The scopes that patterns and `scopes` can name.
    pub(super) scopes: Vec<String>,
    /// The nearest registry that writes an entry of this id.
    pub(super) last_writers: HashMap<&'d str, usize>,
}

impl<'d> Whole<'d> {
    /// Of all registries that could be located, the main one last.
    pub(super) fn new(registries: &[Option<&'d DeTable<'_>>], is_complete: bool) -> Self {
        Self { is_complete, scopes: known_scopes(registries), last_writers: last_writers(registries) }
    }
}

/// The scopes that patterns and `scopes` can name: those of the nearest list, which is the last.
fn known_scopes(registries: &[Option<&DeTable<'_>>]) -> Vec<String> {
    let mut known = vec![PRODUCTION.to_owned()];
    let lists = registries.iter().rev().flatten().filter_map(|root| root.get("scope"));
    if let Some(list) = lists.into_iter().find(|list| list.get_ref().is_array()) {
        let names = tables(list).filter_map(|(_, table)| table.get("name")?.get_ref().as_str());
        known.extend(names.map(str::to_owned));
    }
    for name in IMPLIED_SCOPES {
        if !known.iter().any(|known| known == name) {
            known.push(name.to_owned());
        }
    }
    known
}

/// By id, the number of the last registry that writes an entry of it or takes it away.
fn last_writers<'d>(registries: &[Option<&'d DeTable<'_>>]) -> HashMap<&'d str, usize> {
    let mut last = HashMap::new();
    for (number, root) in registries.iter().enumerate() {
        let Some(root) = root else { continue };
        for section in SECTIONS.iter().filter(|section| matches!(section.form, Form::Entries(_))) {
            let entries = root.get(section.name).into_iter().flat_map(tables);
            let ids = entries.filter_map(|(_, table)| entry_id(section.name, table));
            last.extend(ids.map(|(id, _)| (id, number)));
        }
    }
    last
}
