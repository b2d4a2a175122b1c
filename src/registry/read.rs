//! The typed reader: checks a spanned TOML document against the schema and collects every problem.
//!
//! It builds nothing. What it lets pass, `load` can take without asking again.

use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use super::error::Problems;
use super::pattern::{self, PathGlobs, Pattern};
use super::schema::{self, CHECKS, CheckSpec, Form, Key, Kind, LEVELS, SECTIONS};
use super::whole::Whole;
use super::{Item, values};
use crate::facts::Date;
use crate::source::Span;

type Value<'i> = Spanned<DeValue<'i>>;

/// One pass over a registry.
pub(super) struct Reader<'p, 't> {
    problems: &'p mut Problems<'t>,
    as_of: Date,
    intact: bool,
    whole: &'p Whole<'p>,
    /// Which of the registries that make up the whole one this is.
    number: usize,
    /// Whether a nearer registry replaces the entry at hand, so that its scopes need not exist.
    is_replaced: bool,
    ids: Vec<(String, Span)>,
}

/// The byte range of a key or value.
pub(super) fn span<T>(spanned: &Spanned<T>) -> Span {
    let range = spanned.span();
    Span::new(range.start as u32, range.end as u32)
}

/// The header of a table; of one without (a dotted key makes one), its first key.
pub(super) fn header_span(table: &Value<'_>) -> Span {
    let own = span(table);
    if own.end > own.start {
        return own;
    }
    let first = table.get_ref().as_table().and_then(|table| table.keys().next());
    first.map_or(own, span)
}

/// The tables of a `[[name]]` list.
pub(super) fn tables<'v, 'i>(list: &'v Value<'i>) -> impl Iterator<Item = (&'v Value<'i>, &'v DeTable<'i>)> {
    let items = list.get_ref().as_array().map_or(&[] as &[Value<'i>], |array| array);
    items.iter().filter_map(|item| Some((item, item.get_ref().as_table()?)))
}

/// An entry's id: as written, else the first symbol of a `[[canonical]]`.
pub(super) fn entry_id<'v>(kind: &str, table: &'v DeTable<'_>) -> Option<(&'v str, Span)> {
    let written = table.get("id").or_else(|| {
        let symbols = table.get("symbols").filter(|_| kind == "canonical")?;
        symbols.get_ref().as_array()?.first()
    })?;
    Some((written.get_ref().as_str()?, span(written)))
}

impl<'p, 't> Reader<'p, 't> {
    /// A reader that judges dates against `as_of`. Of a document that is not `intact` it does not say what is missing:
    /// that may stand where the syntax error is.
    pub(super) fn new(
        problems: &'p mut Problems<'t>,
        as_of: Date,
        intact: bool,
        whole: &'p Whole<'p>,
        number: usize,
    ) -> Self {
        Self { problems, as_of, intact, whole, number, is_replaced: false, ids: Vec::new() }
    }

    /// Checks a whole registry, the table `root`; `at` is where to say that something is missing from it.
    pub(super) fn registry(&mut self, root: &DeTable<'_>, at: Span) {
        if self.intact && !root.contains_key("version") {
            self.problems.add(at, "the registry needs `version`", Some("write `version = 1`".to_owned()));
        }
        for (name, value) in root {
            match SECTIONS.iter().find(|section| section.name == name.get_ref()) {
                Some(section) => {
                    self.section(section, span(name), value);
                }
                None => self.unknown_section(name.get_ref(), span(name), value),
            }
        }
        self.duplicate_ids();
    }

    fn unknown_section(&mut self, name: &str, at: Span, value: &Value<'_>) {
        let (what, at) = match value.get_ref() {
            DeValue::Table(_) => (format!("section `[{name}]`"), header_span(value)),
            DeValue::Array(array) if array.iter().any(|item| item.get_ref().is_table()) => {
                (format!("section `[[{name}]]`"), array.first().map_or(at, header_span))
            }
            _ => (format!("key `{name}`"), at),
        };
        let help = suggest(name, SECTIONS.iter().map(|section| section.name));
        self.problems.add(at, format!("unknown {what}"), Some(help));
    }

    fn section(&mut self, section: &'static schema::Section, at: Span, value: &Value<'_>) {
        let name = section.name;
        match &section.form {
            Form::Value(kind) => {
                self.value(&format!("`{name}`"), kind, value);
                if !section.ready {
                    self.not_judged(at, &format!("`{name}`"));
                }
            }
            Form::Table(keys) => {
                let Some(table) = self.table(name, at, value) else { return };
                let keys: Vec<&Key> = keys.iter().collect();
                self.keys(&format!("`[{name}]`"), header_span(value), table, &keys);
                if !section.ready {
                    self.not_judged(header_span(value), &format!("`[{name}]`"));
                }
            }
            Form::Map(key, kind) => {
                if let Some(table) = self.table(name, at, value) {
                    self.map(name, key, kind, table);
                }
            }
            Form::List(keys) => {
                let keys: Vec<&Key> = keys.iter().collect();
                for (item, table) in self.list(name, at, value) {
                    self.keys(&format!("`[[{name}]]`"), header_span(item), table, &keys);
                }
            }
            Form::Entries(own) => {
                let keys = schema::entry_keys(own);
                for (item, table) in self.list(name, at, value) {
                    self.entry(section, header_span(item), table, &keys);
                }
            }
            Form::Checks => {
                if let Some(table) = self.table(name, at, value) {
                    self.checks(table);
                }
            }
        }
    }

    fn table<'v, 'i>(&mut self, name: &str, at: Span, value: &'v Value<'i>) -> Option<&'v DeTable<'i>> {
        match value.get_ref() {
            DeValue::Table(table) => Some(table),
            DeValue::Array(array) => {
                let at = array.first().map_or(at, header_span);
                self.problems.add(at, format!("`{name}` is written `[{name}]`, once"), None);
                None
            }
            other => {
                self.wrong_type(span(value), &format!("`{name}`"), "a table", other);
                None
            }
        }
    }

    fn list<'v, 'i>(
        &mut self,
        name: &str,
        at: Span,
        value: &'v Value<'i>,
    ) -> Vec<(&'v Value<'i>, &'v DeTable<'i>)> {
        match value.get_ref() {
            DeValue::Array(items) => {
                for item in items.iter().filter(|item| !item.get_ref().is_table()) {
                    self.wrong_type(span(item), &format!("an item of `{name}`"), "a table", item.get_ref());
                }
            }
            DeValue::Table(_) => {
                let header = header_span(value);
                let at = if header.end > header.start { header } else { at };
                self.problems.add(at, format!("`{name}` is written `[[{name}]]`"), None);
            }
            other => self.wrong_type(span(value), &format!("`{name}`"), "a list of tables", other),
        }
        tables(value).collect()
    }

    fn entry(&mut self, section: &schema::Section, at: Span, table: &DeTable<'_>, keys: &[&Key]) {
        let name = format!("`[[{}]]`", section.name);
        let id = entry_id(section.name, table);
        if takes_away(table) {
            let keys = [&schema::ID, &schema::OFF, &schema::REASON];
            self.keys(&format!("{name} with `off = true`"), at, table, &keys);
            self.ids.extend(id.map(|(id, at)| (id.to_owned(), at)));
            return;
        }
        let last_writer = id.and_then(|(id, _)| self.whole.last_writers.get(id));
        self.is_replaced = last_writer.is_some_and(|last| *last > self.number);
        self.keys(&name, at, table, keys);
        self.is_replaced = false;
        self.one_of(section.name, at, table);
        if section.name == "entrypoint" {
            self.no_use_at_entrypoint(table);
        }
        if let Some((id, at)) = id {
            if id == "*" {
                self.problems.add(at, format!("{name} needs an `id` where its first symbol is `*`"), None);
            } else {
                self.ids.push((id.to_owned(), at));
            }
        }
        if !section.ready {
            self.not_judged(at, &name);
        }
    }

    /// Keys of which an entry needs one, whichever it is.
    fn one_of(&mut self, section: &str, at: Span, table: &DeTable<'_>) {
        let [one, other] = match section {
            "external" => ["deny", "only-packages"],
            "entrypoint" => ["module", "modules"],
            _ => return,
        };
        if self.intact && !table.contains_key(one) && !table.contains_key(other) {
            self.problems.add(at, format!("`[[{section}]]` needs `{one}` or `{other}`"), None);
        }
        let Some((written, value)) = table.get_key_value(other).filter(|_| section == "entrypoint") else {
            return;
        };
        if table.contains_key(one) {
            let help = Some("write two entries".to_owned());
            let message = format!("`[[{section}]]` takes `{one}` or `{other}`, not both");
            self.problems.add(span(written), message, help);
        } else if value.get_ref().as_array().is_some_and(|list| list.is_empty()) {
            self.problems.add(span(value), format!("`{other}` of `[[{section}]]` is empty"), None);
        }
    }

    /// Keys that an entry takes and that would do nothing here.
    fn no_use_at_entrypoint(&mut self, table: &DeTable<'_>) {
        let one = table.contains_key("module") && !table.contains_key("modules");
        let many = table.contains_key("modules") && !table.contains_key("module");
        let useless = [
            ("calls", many, "belongs to `module`, not to `modules`", "write an entry with `module` for it"),
            (
                "scopes",
                one,
                "belongs to `modules`: one `module` is started whatever its scope",
                "take it out",
            ),
            (
                "except-kinds",
                one || many,
                "has no use here: a start runs imports of every kind",
                "take it out",
            ),
        ];
        for (key, is_useless, why, help) in useless {
            if let Some((written, _)) = table.get_key_value(key).filter(|_| is_useless) {
                let message = format!("`{key}` of `[[entrypoint]]` {why}");
                self.problems.add(span(written), message, Some(help.to_owned()));
            }
        }
    }

    fn checks(&mut self, table: &DeTable<'_>) {
        for (name, value) in table {
            let Some(check) = CHECKS.iter().find(|check| check.name == name.get_ref()) else {
                let help = suggest(name.get_ref(), CHECKS.iter().map(|check| check.name));
                self.problems.add(span(name), format!("unknown check `{}`", name.get_ref()), Some(help));
                continue;
            };
            let level = self.check(check, span(name), value);
            if !check.ready && level != Some("off") {
                self.not_judged(span(name), &format!("the check `{}`", check.name));
            }
        }
    }

    /// Checks one check's setting and returns the level it sets, if it sets one.
    fn check<'v>(&mut self, check: &'static CheckSpec, at: Span, value: &'v Value<'_>) -> Option<&'v str> {
        let name = format!("`{}`", check.name);
        match value.get_ref() {
            DeValue::Table(table) => {
                self.keys(&name, at, table, &schema::check_keys(check));
                let level = table.get("level");
                if level.is_none() && check.level.is_none() {
                    let help = Some("write `level = \"error\"` or `level = \"warn\"`".to_owned());
                    self.problems.add(at, format!("{name} is off by default, so it needs a `level`"), help);
                }
                level?.get_ref().as_str()
            }
            DeValue::String(_) => {
                self.value(&name, &Kind::Choice(LEVELS), value);
                value.get_ref().as_str()
            }
            other => {
                self.wrong_type(span(value), &name, "a level or a table", other);
                None
            }
        }
    }

    fn map(&mut self, name: &str, key_kind: &Kind, kind: &Kind, table: &DeTable<'_>) {
        for (key, value) in table {
            if is_unquoted(span(key), value) {
                let message = format!("a dotted key of `[{name}]` must be quoted");
                let help = Some(format!("write `\"{}.…\" = …`", key.get_ref()));
                self.problems.add(span(key), message, help);
                continue;
            }
            let label = format!("`{}`", key.get_ref());
            self.text(&label, key_kind, key.get_ref(), span(key));
            self.value(&label, kind, value);
            let target = match value.get_ref() {
                DeValue::Table(table) => table.get("to").and_then(|to| to.get_ref().as_str()),
                other => other.as_str(),
            };
            if target == Some(key.get_ref()) {
                self.problems.add(span(value), format!("`{}` moves to itself", key.get_ref()), None);
            }
        }
    }

    /// Checks a table's keys; `what` is how messages name the table, `at` where they say that a key is missing.
    fn keys(&mut self, what: &str, at: Span, table: &DeTable<'_>, keys: &[&Key]) {
        for (name, value) in table {
            let Some(key) = keys.iter().find(|key| key.name == name.get_ref()) else {
                let help = suggest(name.get_ref(), keys.iter().map(|key| key.name));
                self.problems.add(
                    span(name),
                    format!("unknown key `{}` in {what}", name.get_ref()),
                    Some(help),
                );
                continue;
            };
            let label = format!("`{}`", key.name);
            self.value(&label, &key.kind, value);
            let is_empty = || value.get_ref().as_array().is_some_and(|array| array.is_empty());
            if key.required && !key.may_be_empty && is_empty() {
                let help = Some(format!("{label}: {}", key.doc));
                self.problems.add(span(value), format!("{label} of {what} is empty"), help);
            }
            if !key.ready {
                self.not_judged(span(name), &format!("{label} of {what}"));
            }
        }
        for key in keys.iter().filter(|key| self.intact && key.required && !table.contains_key(key.name)) {
            let help = Some(format!("`{}`: {}", key.name, key.doc));
            self.problems.add(at, format!("{what} needs `{}`", key.name), help);
        }
    }

    /// Checks a value; `label` is how messages name it.
    fn value(&mut self, label: &str, kind: &Kind, value: &Value<'_>) {
        let at = span(value);
        match (kind, value.get_ref()) {
            (Kind::List(inner), DeValue::Array(items)) => self.items(label, inner, items),
            (Kind::Table(keys) | Kind::Either(_, keys), DeValue::Table(table)) => {
                self.keys(label, at, table, &keys.iter().collect::<Vec<_>>());
            }
            (Kind::Either(inner, _), DeValue::String(_)) => self.value(label, inner, value),
            (Kind::TextMap, DeValue::Table(table)) => {
                table.iter().for_each(|(key, value)| {
                    self.value(&format!("`{}`", key.get_ref()), &Kind::Text, value);
                });
            }
            (Kind::Flag, DeValue::Boolean(_)) => {}
            (Kind::Count, DeValue::Integer(number)) => {
                if u32::from_str_radix(number.as_str(), number.radix()).is_err() {
                    self.problems.add(at, format!("{label} must be a count, not {number}"), None);
                }
            }
            (Kind::FormatVersion, DeValue::Integer(number)) => {
                if number.as_str() != "1" {
                    self.problems.add(at, format!("{label} must be 1, not {number}"), None);
                }
            }
            (Kind::Date, DeValue::Datetime(written)) => self.date(label, written, at),
            (Kind::Date, DeValue::String(text)) if Date::parse(text).is_some() => {
                let help = Some(format!("write it without quotes: {text}"));
                self.problems.add(at, format!("{label} must be a date, not a string"), help);
            }
            (kind, DeValue::String(text)) if kind.is_text() => self.text(label, kind, text, at),
            (kind, other) => {
                self.wrong_type(at, label, &kind.expected(), other);
            }
        }
    }

    fn items(&mut self, label: &str, inner: &Kind, items: &DeArray<'_>) {
        let item_label = format!("an item of {label}");
        for item in items {
            self.value(&item_label, inner, item);
        }
        let star = items.iter().find(|item| item.get_ref().as_str() == Some("*"));
        if let (Kind::Symbol, Some(star), true) = (inner, star, items.len() > 1) {
            self.problems.add(span(star), "`*` already stands for every name: write it alone", None);
        }
    }

    fn text(&mut self, label: &str, kind: &Kind, text: &str, at: Span) {
        let line = self.problems.line(at);
        let result = match kind {
            Kind::PythonVersion => values::python_version(text).map(drop),
            Kind::Pattern => Pattern::parse(text, at, line).map(|pattern| self.scope_of(&pattern, at)),
            Kind::NamePattern => Pattern::parse(text, at, line).map(drop),
            Kind::Glob => {
                let item = Item { text: text.to_owned(), span: at, line };
                PathGlobs::new(&[item]).map(drop).map_err(|(_, why)| why)
            }
            Kind::Directory => values::directory(text).map(drop),
            Kind::File => values::file(text).map(drop),
            Kind::Module => values::module(text),
            Kind::SymbolPath => values::symbol_path(text).map(drop),
            Kind::Callable => values::callable(text),
            Kind::Symbol => values::symbol(text),
            Kind::TopLevel => values::top_level(text),
            Kind::Layer => values::layer(text, at, line).map(drop),
            Kind::Package => values::package(Item { text: text.to_owned(), span: at, line }).map(drop),
            Kind::Edge => values::edge(text, at, line).map(|(from, to)| {
                std::iter::once(from).chain(to).for_each(|pattern| self.scope_of(&pattern, at));
            }),
            Kind::Label if !pattern::is_label(text) => {
                Err(format!("`{text}` is not a name: letters, digits, `-`, `_` and `.` only"))
            }
            Kind::Choice(known) if !known.contains(&text) => {
                let help = suggest(text, known.iter().copied());
                self.problems.add(at, format!("{label} cannot be `{text}`"), Some(help));
                Ok(())
            }
            Kind::Scope => {
                self.scope(text, at);
                Ok(())
            }
            _ => Ok(()),
        };
        if let Err(message) = result {
            self.problems.add(at, message, None);
        }
    }

    fn scope_of(&mut self, pattern: &Pattern, at: Span) {
        if let Some(scope) = pattern.scope_name() {
            self.scope(scope, at);
        }
    }

    fn scope(&mut self, name: &str, at: Span) {
        let judged = self.whole.is_complete && !self.is_replaced;
        if judged && !self.whole.scopes.iter().any(|known| known == name) {
            let help = suggest(name, self.whole.scopes.iter().map(String::as_str));
            self.problems.add(at, format!("unknown scope `{name}`"), Some(help));
        }
    }

    fn date(&mut self, label: &str, written: &toml::value::Datetime, at: Span) {
        let Some(date) = plain_date(written) else {
            self.problems.add(at, format!("{label} must be a date without a time, not {written}"), None);
            return;
        };
        let latest = self.as_of.days() + Date::FURTHEST_AHEAD;
        if date.days() > latest {
            let ahead = Date::FURTHEST_AHEAD;
            let help =
                Date::from_days(latest).map(|latest| format!("{latest} is the last day that it can name"));
            self.problems.add(at, format!("{label} is more than {ahead} days ahead"), help);
        }
    }

    fn wrong_type(&mut self, at: Span, label: &str, expected: &str, found: &DeValue<'_>) {
        let found_text = match found {
            DeValue::String(_) => "a string",
            DeValue::Integer(_) => "an integer",
            DeValue::Float(_) => "a float",
            DeValue::Boolean(_) => "a boolean",
            DeValue::Datetime(_) => "a date",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a table",
        };
        let help = match found {
            DeValue::String(text) if expected.starts_with("a list of") => {
                Some(format!("put it in brackets: [\"{text}\"]"))
            }
            _ => None,
        };
        self.problems.add(at, format!("{label} must be {expected}, not {found_text}"), help);
    }

    fn not_judged(&mut self, at: Span, what: &str) {
        let message = format!("{what} is not judged by this version yet: remove it or keep it in a comment");
        self.problems.add(at, message, None);
    }

    fn duplicate_ids(&mut self) {
        let mut ids = std::mem::take(&mut self.ids);
        ids.sort_by(|(a, first), (b, second)| a.cmp(b).then(first.cmp(second)));
        for (id, at) in &ids {
            let taken_by = match id.as_str() {
                "doors" | "moved" => Some(format!("`{id}` is the id of `[{id}]`")),
                id => CHECKS
                    .iter()
                    .find(|check| check.name == id)
                    .map(|_| format!("`{id}` is the id of a check")),
            };
            if let Some(message) = taken_by {
                self.problems.add(*at, message, Some("choose another `id`".to_owned()));
            }
        }
        for same in ids.chunk_by(|(a, _), (b, _)| a == b) {
            let (id, first) = &same[0];
            let first = self.problems.line(*first);
            for (_, at) in &same[1..] {
                let message = format!("the id `{id}` is taken: line {first} has it");
                self.problems.add(*at, message, Some("give this entry another `id`".to_owned()));
            }
        }
    }
}

impl Kind {
    /// Whether it is written as a string.
    pub(super) fn is_text(&self) -> bool {
        !matches!(
            self,
            Self::Flag
                | Self::Count
                | Self::FormatVersion
                | Self::Date
                | Self::List(_)
                | Self::Table(_)
                | Self::Either(..)
                | Self::TextMap
        )
    }

    fn expected(&self) -> String {
        match self {
            Self::Flag => "true or false".to_owned(),
            Self::Count => "a count".to_owned(),
            Self::FormatVersion => "the integer 1".to_owned(),
            Self::Date => "a date".to_owned(),
            Self::List(inner) if inner.is_text() => "a list of strings".to_owned(),
            Self::List(Self::Either(..)) => "a list of strings or tables".to_owned(),
            Self::List(_) => "a list of tables".to_owned(),
            Self::Table(_) | Self::TextMap => "a table".to_owned(),
            Self::Either(..) => "a string or a table".to_owned(),
            _ => "a string".to_owned(),
        }
    }
}

/// The date of a TOML date without a time, if it exists.
pub(super) fn plain_date(written: &toml::value::Datetime) -> Option<Date> {
    match written {
        toml::value::Datetime { date: Some(date), time: None, offset: None } => {
            Date::new(date.year, date.month, date.day)
        }
        _ => None,
    }
}

/// Whether an entry only takes an inherited one away.
pub(super) fn takes_away(table: &DeTable<'_>) -> bool {
    table.get("off").and_then(|off| off.get_ref().as_bool()) == Some(true)
}

/// Whether TOML took an unquoted dotted key apart: such a table stands nowhere but at its key.
fn is_unquoted(key: Span, value: &Value<'_>) -> bool {
    value.get_ref().is_table() && span(value) == key
}

pub(super) fn suggest<'k>(written: &str, known: impl IntoIterator<Item = &'k str>) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    match values::nearest(written, known.iter().copied()) {
        Some(name) => format!("did you mean `{name}`?"),
        None => format!("known here: {}", known.join(", ")),
    }
}
