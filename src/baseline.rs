//! The baseline: findings that are recorded, so that what is new stands out. What its file says, and which finding each
//! entry is about.
//!
//! Entries and findings are compared as multisets of [`Key`]s: counts alone would miss that one was mended and another
//! made. Knows no disk, no git and no rule: who calls says what was renamed.

mod growth;
mod read;

use std::collections::{BTreeMap, VecDeque};

use rustc_hash::FxHashMap;
use serde::Serialize;

pub use growth::{Growth, growth};
pub use read::{BaselineErrors, Problem};

use crate::facts::Date;
use crate::source::{Language, Span};
use crate::violation::{Key, Recorded};

/// Where the baseline lies, relative to the project root, unless another file is named.
pub const FILE: &str = "importlaw.baseline";

/// A baseline as written.
#[derive(Clone, Debug, Default)]
pub struct Baseline {
    /// Its file, as it is shown.
    pub path: String,
    /// The text.
    pub text: String,
    /// Its entries in the file's order.
    pub entries: Vec<Entry>,
}

/// One recorded finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The importer's language; None for findings about the registry.
    pub language: Option<Language>,
    /// The rule's id.
    pub rule: String,
    /// The importing module; empty where no module is meant.
    pub importer: String,
    /// What is imported, or what the finding is about.
    pub target: String,
    /// Which of equal findings it is, from 0 in source order.
    pub ordinal: u32,
    /// The file, for people and for renames.
    pub path: String,
    /// The day it was recorded.
    pub since: Date,
    /// Why it may stay.
    pub reason: String,
    /// Who mends it.
    pub owner: Option<String>,
    /// The last day it is excused.
    pub until: Option<Date>,
    /// 1-based line in the file.
    pub line: u32,
    /// That line, without its end.
    pub span: Span,
}

/// An entry as it is written, keys in the order of the documentation.
#[derive(Serialize)]
struct Line<'a> {
    language: Option<Language>,
    rule: &'a str,
    importer: &'a str,
    target: &'a str,
    #[serde(skip_serializing_if = "is_first")]
    ordinal: u32,
    path: &'a str,
    since: String,
    reason: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde calls")]
fn is_first(ordinal: &u32) -> bool {
    *ordinal == 0
}

impl Entry {
    /// The key of the findings it is about.
    pub fn key(&self) -> Key {
        Key {
            language: self.language,
            rule: self.rule.clone(),
            importer: if self.importer.is_empty() { self.path.clone() } else { self.importer.clone() },
            target: self.target.clone(),
        }
    }

    /// Whether it still excuses; its last day counts.
    pub fn is_in_force(&self, as_of: Date) -> bool {
        self.until.is_none_or(|until| as_of <= until)
    }

    /// What it is about, in a few words.
    pub fn subject(&self) -> String {
        let Self { rule, importer, target, path, .. } = self;
        let place = if importer.is_empty() { path } else { importer };
        if target.is_empty() {
            format!("`{rule}` in `{place}`")
        } else {
            format!("`{target}` of `{rule}` in `{place}`")
        }
    }

    /// Its line, without an end.
    fn written(&self) -> String {
        let line = Line {
            language: self.language,
            rule: &self.rule,
            importer: &self.importer,
            target: &self.target,
            ordinal: self.ordinal,
            path: &self.path,
            since: self.since.to_string(),
            reason: &self.reason,
            owner: self.owner.as_deref(),
            until: self.until.map(|until| until.to_string()),
        };
        // Strings and numbers alone: nothing of it can fail to be JSON.
        serde_json::to_string(&line).unwrap_or_default()
    }
}

/// The text of a file with these entries: a line each, in the order that `LC_ALL=C sort` gives them.
pub fn text_of(entries: &[Entry]) -> String {
    let mut lines: Vec<String> = entries.iter().map(Entry::written).collect();
    lines.sort_unstable();
    lines.into_iter().flat_map(|line| [line, "\n".to_owned()]).collect()
}

/// A finding as the baseline sees it.
#[derive(Clone, Debug)]
pub struct Found<'a> {
    /// What it is.
    pub key: Key,
    /// Which of the findings with that key it is, from 0 in source order.
    pub ordinal: u32,
    /// Its file.
    pub path: &'a str,
}

/// By the old path of a file the paths it may lie at now.
pub type Renames = BTreeMap<String, Vec<String>>;

/// Which entry each finding is about, if any; an entry is about one finding at most.
///
/// Of equal findings the ones with an entry's own ordinal come first, then the others in source order. Entries whose
/// date has passed take what is left by the others, so that nothing is void that need not be. What is still left on both
/// sides is compared again without the importer, where `renames` (asked once, for all that happened since a day, and
/// only if it matters) knows that the entry's file now lies where the finding stands.
pub fn compare(
    entries: &[Entry],
    found: &[Found],
    as_of: Date,
    renames: &mut dyn FnMut(Date) -> Renames,
) -> Vec<Option<Recorded>> {
    let mut pairing = Pairing { entries, found, as_of, of: vec![None; found.len()] };
    let mut groups: FxHashMap<Key, (Vec<usize>, Vec<usize>)> = FxHashMap::default();
    for (at, entry) in entries.iter().enumerate() {
        groups.entry(entry.key()).or_default().0.push(at);
    }
    for (at, found) in found.iter().enumerate() {
        if let Some((_, findings)) = groups.get_mut(&found.key) {
            findings.push(at);
        }
    }
    let mut idle: Vec<usize> = Vec::new();
    for (mut of_group, mut findings) in groups.into_values() {
        of_group.sort_by_key(|at| (entries[*at].ordinal, *at));
        findings.sort_by_key(|at| found[*at].ordinal);
        idle.extend(pairing.pair(of_group, findings));
    }
    idle.sort_by_key(|at| (entries[*at].key(), entries[*at].ordinal, *at));
    pairing.pair_moved(&idle, renames);
    pairing.of
}

/// A [`Key`] without its importer: language, rule, target.
type Unplaced<'a> = (Option<Language>, &'a str, &'a str);

struct Pairing<'a> {
    entries: &'a [Entry],
    found: &'a [Found<'a>],
    as_of: Date,
    of: Vec<Option<Recorded>>,
}

impl Pairing<'_> {
    /// Pairs entries and findings of one key, both in order of their ordinals; returns the entries that are left.
    fn pair(&mut self, entries: Vec<usize>, findings: Vec<usize>) -> Vec<usize> {
        let (holding, void): (Vec<usize>, Vec<usize>) =
            entries.into_iter().partition(|at| self.entries[*at].is_in_force(self.as_of));
        let mut left = Vec::new();
        let mut open = findings;
        for entries in [holding, void] {
            let mut others = VecDeque::new();
            for at in entries {
                let ordinal = self.entries[at].ordinal;
                // Both are in order, but ordinals of an entry may repeat.
                match open.binary_search_by_key(&ordinal, |at| self.found[*at].ordinal) {
                    Ok(place) if self.of[open[place]].is_none() => self.record(at, open[place], false),
                    _ => others.push_back(at),
                }
            }
            open.retain(|at| self.of[*at].is_none());
            for finding in &open {
                let Some(at) = others.pop_front() else { break };
                self.record(at, *finding, false);
            }
            open.retain(|at| self.of[*at].is_none());
            left.extend(others);
        }
        left
    }

    /// Pairs entries that are left with findings that are left, where a file was renamed.
    fn pair_moved(&mut self, idle: &[usize], renames: &mut dyn FnMut(Date) -> Renames) {
        let mut open: FxHashMap<Unplaced, BTreeMap<&str, VecDeque<usize>>> = FxHashMap::default();
        for (at, found) in self.found.iter().enumerate().filter(|(at, _)| self.of[*at].is_none()) {
            let key = (found.key.language, found.key.rule.as_str(), found.key.target.as_str());
            open.entry(key).or_default().entry(found.path).or_default().push_back(at);
        }
        let key = |at: usize| {
            let Entry { language, rule, target, .. } = &self.entries[at];
            (*language, rule.as_str(), target.as_str())
        };
        let may_have_moved: Vec<usize> = idle
            .iter()
            .copied()
            .filter(|at| {
                let here = self.entries[*at].path.as_str();
                open.get(&key(*at)).is_some_and(|paths| paths.keys().any(|path| *path != here))
            })
            .collect();
        let Some(since) = may_have_moved.iter().map(|at| self.entries[*at].since).min() else { return };
        let renames = renames(since);
        let mut pairs = Vec::new();
        for in_force in [true, false] {
            for at in may_have_moved.iter().copied() {
                let entry = &self.entries[at];
                let (Some(paths), Some(places)) = (renames.get(&entry.path), open.get_mut(&key(at))) else {
                    continue;
                };
                if entry.is_in_force(self.as_of) == in_force
                    && let Some(finding) =
                        paths.iter().find_map(|path| places.get_mut(path.as_str())?.pop_front())
                {
                    pairs.push((at, finding));
                }
            }
        }
        for (at, finding) in pairs {
            self.record(at, finding, true);
        }
    }

    fn record(&mut self, entry: usize, finding: usize, moved: bool) {
        let in_force = self.entries[entry].is_in_force(self.as_of);
        self.of[finding] = Some(Recorded { entry, moved, in_force });
    }
}

#[cfg(test)]
mod tests;
