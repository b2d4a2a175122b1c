//! Where one registry judges less than another: every entry that is gone, level that is lower, list that names less.
//!
//! Compares what two registries say, not what it does to a tree: where it cannot be told whether a change judges less
//! (another scope list, other roots) it is named, and what can only judge more is not. Knows no source file and no git.

mod layers;
mod lines;
mod lists;
mod sections;
mod settings;

use std::collections::{BTreeMap, BTreeSet};

use lines::Lines;
use settings::{Setting, Value, Way, way};

use super::{Canonical, Entry, EntryKind, Registry};
use crate::facts::Date;
use crate::module_path::is_within;
use crate::violation::Severity;

/// In what way a registry was loosened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loosening {
    /// An entry, or a line of `[doors]` or `[moved]`, is gone.
    Removed,
    /// Another kind of entry has the id.
    Replaced,
    /// A level is lower.
    Level,
    /// A flag is off, or a number lower.
    Off,
    /// Less is judged.
    Narrowed,
    /// More is excused or left out.
    Widened,
    /// An excuse ends later, or never.
    Until,
    /// What the rest is read by is another: it may judge less.
    Changed,
}

impl Loosening {
    /// Its name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Removed => "removed",
            Self::Replaced => "replaced",
            Self::Level => "level",
            Self::Off => "off",
            Self::Narrowed => "narrowed",
            Self::Widened => "widened",
            Self::Until => "until",
            Self::Changed => "changed",
        }
    }
}

/// One thing by which a registry judges less than an earlier one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loosened {
    /// In what way.
    pub kind: Loosening,
    /// The table it is in: `forbidden`, `checks`, `python`.
    pub table: &'static str,
    /// The entry's id or the check's name; empty for settings.
    pub id: String,
    /// The key; empty where the whole entry is meant.
    pub key: &'static str,
    /// One sentence without a final stop, and without the entry's name.
    pub message: String,
    /// 1-based line in the later registry; None where nothing of it is left.
    pub line: Option<u32>,
    /// 1-based line in the earlier one, where it said so.
    pub base_line: Option<u32>,
}

/// An entry that says the same under another id, which waivers and baselines name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Renamed {
    /// Its id before.
    pub from: String,
    /// Its id now.
    pub to: String,
    /// 1-based line in the later registry.
    pub line: u32,
}

/// How one registry differs from an earlier one where it says less.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// Each loosening, in the order of the earlier registry: settings, entries, checks.
    pub loosened: Vec<Loosened>,
    /// Entries that only have another id.
    pub renamed: Vec<Renamed>,
}

/// Compares `head` with the earlier `base`; `is_standard` says of a top-level name whether it is in a language's standard
/// library, which no third-party package is.
pub fn compare(base: &Registry, head: &Registry, is_standard: &dyn Fn(&str) -> bool) -> Comparison {
    let mut compare =
        Compare { base, head, is_standard, lines: Lines::new(head), found: Comparison::default() };
    compare.settings();
    compare.entries();
    compare.checks();
    compare.found
}

struct Compare<'a> {
    base: &'a Registry,
    head: &'a Registry,
    is_standard: &'a dyn Fn(&str) -> bool,
    /// Where keys stand in `head`.
    lines: Lines<'a>,
    found: Comparison,
}

/// What is being compared, and where it stands in the later registry.
#[derive(Clone, Copy)]
struct Subject<'a> {
    table: &'static str,
    id: &'a str,
    /// The later entry, for the lines of its keys.
    entry: Option<&'a Entry>,
    line: Option<u32>,
    base_line: Option<u32>,
}

impl Compare<'_> {
    fn entries(&mut self) {
        let (base, head) = (self.base, self.head);
        let now: BTreeMap<&str, &Entry> =
            head.entries.iter().map(|entry| (entry.id.as_str(), entry)).collect();
        let before: BTreeSet<&str> = base.entries.iter().map(|entry| entry.id.as_str()).collect();
        let mut fresh: BTreeMap<String, Vec<&Entry>> = BTreeMap::new();
        for entry in head.entries.iter().rev().filter(|entry| !before.contains(entry.id.as_str())) {
            fresh.entry(content(entry)).or_default().push(entry);
        }
        for entry in &base.entries {
            let later = now.get(entry.id.as_str()).copied();
            let subject = Subject {
                table: entry.kind.name(),
                id: &entry.id,
                entry: later,
                line: later.map(|later| later.line),
                base_line: Some(entry.line),
            };
            match (&entry.kind, later) {
                (EntryKind::Doors(doors), _) => self.doors(subject, doors),
                (EntryKind::Moved(_), None) => {
                    let nothing = Entry { kind: EntryKind::Moved(Vec::new()), ..entry.clone() };
                    self.all(subject, &settings::of_entry(entry), &settings::of_entry(&nothing));
                }
                (kind, Some(later)) if kind.name() == later.kind.name() => {
                    self.all(subject, &settings::of_entry(entry), &settings::of_entry(later));
                }
                (_, Some(later)) => {
                    let message =
                        format!("is a `{}` entry, was a `{}` one", later.kind.name(), entry.kind.name());
                    self.add(subject, Loosening::Replaced, "", message, None);
                }
                (_, None) => match fresh.get_mut(&content(entry)).and_then(Vec::pop) {
                    Some(later) => {
                        let (from, to) = (entry.id.clone(), later.id.clone());
                        self.found.renamed.push(Renamed { from, to, line: later.id_line });
                    }
                    None => self.add(subject, Loosening::Removed, "", "is gone".to_owned(), None),
                },
            }
        }
    }

    /// Each line of `[doors]` by its path. A long form that says all of it stands for it.
    fn doors(&mut self, subject: Subject, doors: &[Canonical]) {
        let head = self.head;
        for door in doors {
            let same = |canonical: &&Canonical| canonical.path.text == door.path.text;
            let in_full = head
                .entries
                .iter()
                .filter(|entry| matches!(entry.kind, EntryKind::Doors(_)) || is_whole(entry))
                .flat_map(|entry| entry.kind.canonicals());
            let now: Vec<&Canonical> = in_full.filter(same).collect();
            let holds = |text: &str| {
                now.iter()
                    .flat_map(|canonical| &canonical.symbols)
                    .any(|item| item.text == text || item.text == "*")
            };
            let gone: Vec<&str> =
                door.symbols.iter().map(|item| item.text.as_str()).filter(|text| !holds(text)).collect();
            if gone.is_empty() {
                continue;
            }
            let (kind, message) = if now.is_empty() {
                (Loosening::Removed, format!("the door `{}` of {} is gone", door.path.text, listed(&gone)))
            } else {
                (
                    Loosening::Narrowed,
                    format!("the door `{}` no longer holds {}", door.path.text, listed(&gone)),
                )
            };
            let line = now.first().map(|now| now.path.line).or(subject.line);
            let subject = Subject { line, ..subject };
            self.add(subject, kind, "", message, Some(door.path.line));
        }
    }

    fn checks(&mut self) {
        for (before, now) in self.base.checks.iter().zip(&self.head.checks) {
            let subject =
                Subject { table: "checks", id: now.id, entry: None, line: now.line, base_line: before.line };
            let (was, is) = (settings::of_check(before), settings::of_check(now));
            if before.on && !now.on {
                // What it would have been told does not matter then.
                self.level(subject, "level", Some(before.meta.severity), None);
            } else if before.on {
                self.all(subject, &was, &is);
            }
        }
    }

    /// Compares all settings of two things of one kind.
    fn all(&mut self, subject: Subject, base: &[Setting], head: &[Setting]) {
        for (before, now) in base.iter().zip(head) {
            let section = if subject.table == "checks" { subject.id } else { subject.table };
            self.one(subject, before.key, way(section, before.key), &before.value, &now.value);
        }
    }

    fn one(&mut self, subject: Subject, key: &'static str, way: Way, before: &Value, now: &Value) {
        match (before, now) {
            (Value::Flag(true), Value::Flag(false)) => {
                self.add(subject, Loosening::Off, key, format!("`{key}` is off"), None);
            }
            (Value::Count(before), Value::Count(now)) if now < before => {
                self.add(subject, Loosening::Off, key, format!("`{key}` is {now}, was {before}"), None);
            }
            (Value::Level(before), Value::Level(now)) => self.level(subject, key, *before, *now),
            (Value::Text(before, at), Value::Text(now, line)) if before != now => {
                let is = if is_within(before, now) {
                    format!("`{key}` is `{now}`, above `{before}`")
                } else {
                    format!("`{key}` is `{now}`, was `{before}`")
                };
                let subject = Subject { line: Some(*line), entry: None, ..subject };
                self.add(subject, Loosening::Changed, key, is, Some(*at));
            }
            (Value::List(before), Value::List(now)) => {
                self.list(subject, key, way, before.as_deref(), now.as_deref());
            }
            (Value::Order(before), Value::Order(now)) => self.order(subject, before, now),
            _ => {}
        }
    }

    fn level(
        &mut self,
        subject: Subject,
        key: &'static str,
        before: Option<Severity>,
        now: Option<Severity>,
    ) {
        let weight = |level: Option<Severity>| match level {
            Some(Severity::Error) => 2,
            Some(Severity::Warn) => 1,
            None => 0,
        };
        let word = |level: Option<Severity>| match level {
            Some(Severity::Error) => "error",
            Some(Severity::Warn) => "warn",
            None => "off",
        };
        if weight(now) < weight(before) {
            let message = format!("is `{}`, was `{}`", word(now), word(before));
            self.add(subject, Loosening::Level, key, message, None);
        }
    }

    /// Adds one at the key's own line where it is written, else at the entry's.
    fn add(
        &mut self,
        subject: Subject,
        kind: Loosening,
        key: &'static str,
        message: String,
        base_line: Option<u32>,
    ) {
        let line = subject.entry.and_then(|entry| self.lines.of_key(entry, key)).or(subject.line);
        self.found.loosened.push(Loosened {
            kind,
            table: subject.table,
            id: subject.id.to_owned(),
            key,
            message,
            line,
            base_line: base_line.or(subject.base_line),
        });
    }
}

/// Whether a `[[canonical]]` says of its symbols no less than a line of `[doors]` does.
fn is_whole(entry: &Entry) -> bool {
    let EntryKind::Canonical(canonical) = &entry.kind else { return false };
    let meta = &entry.meta;
    meta.severity == Severity::Error
        && canonical.compatible.is_empty()
        && canonical.within.is_empty()
        && meta.scopes.is_none()
        && meta.languages.is_none()
        && meta.except.is_empty()
        && meta.except_kinds.is_empty()
}

/// All that an entry says but for its id and its words, so that two that say the same are equal.
fn content(entry: &Entry) -> String {
    let mut content = entry.kind.name().to_owned();
    for setting in settings::of_entry(entry) {
        let value = match setting.value {
            Value::Flag(on) => on.to_string(),
            Value::Count(count) => count.to_string(),
            Value::Level(level) => format!("{level:?}"),
            Value::Text(text, _) => text.to_owned(),
            Value::Order(layers) => {
                let names = |layer: &super::Layer| {
                    let names = layer.members.iter().map(|member| (&member.name.text, member.optional));
                    format!("{:?} {}", names.collect::<Vec<_>>(), layer.independent)
                };
                layers.iter().map(names).collect::<Vec<_>>().join("\n")
            }
            Value::List(items) => {
                let sorted = items.map(|items| {
                    items.iter().map(|one| (one.text.to_owned(), one.until)).collect::<BTreeSet<_>>()
                });
                format!("{sorted:?}")
            }
        };
        content.extend(["\n", setting.key, " ", &value]);
    }
    content
}

/// `a`, `b` and 3 more.
fn listed(texts: &[&str]) -> String {
    const SHOWN: usize = 5;
    let shown: Vec<String> = texts.iter().take(SHOWN).map(|text| format!("`{text}`")).collect();
    match texts.len().saturating_sub(SHOWN) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// How long an excuse lasts.
fn lasts(until: Option<Date>) -> String {
    until.map_or_else(|| "without an end".to_owned(), |until| format!("until {until}"))
}

#[cfg(test)]
mod tests;
