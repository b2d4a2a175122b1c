//! Where the keys of a registry stand: what is compared are values, and most of them do not know.

use toml::de::DeTable;

use crate::registry::load::{Home, locate};
use crate::registry::read::{header_span, span, tables};
use crate::registry::{Entry, Registry};
use crate::source::{LineIndex, Span};

pub(super) struct Lines<'a> {
    document: DeTable<'a>,
    home: Home,
    index: LineIndex,
}

impl<'a> Lines<'a> {
    pub(super) fn new(registry: &'a Registry) -> Self {
        let (document, _) = DeTable::parse_recoverable(&registry.text);
        let name = registry.path.as_ref().map_or("", |path| path.file_name());
        Self {
            document: document.into_inner(),
            home: Home::of(name, &registry.text),
            index: LineIndex::new(&registry.text),
        }
    }

    /// The line of an entry's key; None for what is inherited or not written.
    pub(super) fn of_key(&self, entry: &Entry, key: &str) -> Option<u32> {
        let (root, _) = locate(&self.document, self.home)?;
        let (_, table) =
            tables(root.get(entry.kind.name())?).find(|(value, _)| header_span(value) == entry.span)?;
        let (key, _) = table.get_key_value(key)?;
        Some(self.line(span(key)))
    }

    /// The line of a key of `[table]`, or of the table itself where `key` is empty.
    pub(super) fn of_setting(&self, table: &str, key: &str) -> Option<u32> {
        let (root, _) = locate(&self.document, self.home)?;
        let (name, value) = root.get_key_value(table)?;
        if key.is_empty() {
            let first = value.get_ref().as_array().and_then(|items| items.iter().next());
            return Some(self.line(first.map_or_else(|| span(name), header_span)));
        }
        let (key, _) = value.get_ref().as_table()?.get_key_value(key)?;
        Some(self.line(span(key)))
    }

    fn line(&self, span: Span) -> u32 {
        self.index.line(span.start)
    }
}
