//! The baseline laid over what the rules found; before that each finding gets its identity.

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use super::Options;
use crate::baseline::{self, Baseline, Entry, Found};
use crate::discover::Sources;
use crate::report::BaselineCount;
use crate::rules::context::{Context, Judgements, Raised};
use crate::rules::{judge_baseline, stale_baseline};
use crate::source::{RelPath, SourceFile};
use crate::violation::{Key, Place, Recorded, Status};

/// Gives every finding its fingerprint, and lays the baseline over those that nothing else excuses: what an entry is
/// about is known, an entry about nothing is a finding itself. Notes what the reader should know about it.
pub(super) fn lay_baseline(
    place: &Places,
    sources: &Sources,
    options: &Options,
    judgements: &mut Vec<Judgements>,
    notes: &mut Vec<String>,
) -> Option<BaselineCount> {
    // A key holds its rule, so that no two rules share one.
    let keys: Vec<Vec<Key>> =
        judgements.par_iter_mut().map(|judgements| identify(place, judgements)).collect();
    let baseline = options.baseline.as_ref()?;
    let mut open: Vec<(usize, usize)> = Vec::new();
    let mut found: Vec<Found> = Vec::new();
    for (j, (judged, keys)) in judgements.iter().zip(keys).enumerate() {
        for (r, (raised, key)) in judged.raised.iter().zip(keys).enumerate() {
            if may_be_recorded(raised) {
                open.push((j, r));
                let path = place.path(&raised.violation.place);
                found.push(Found { key, ordinal: raised.ordinal, path });
            }
        }
    }
    let of = baseline::compare(&baseline.entries, &found, options.as_of, &mut |since| {
        let (renames, note) = sources.renames_since(since);
        notes.extend(note);
        renames
    });
    let mut used: FxHashSet<usize> = FxHashSet::default();
    let mut count = BaselineCount { entries: baseline.entries.len() as u32, ..BaselineCount::default() };
    for ((j, r), recorded) in open.into_iter().zip(of) {
        let Some(recorded) = recorded else { continue };
        used.insert(recorded.entry);
        let raised = &mut judgements[j].raised[r];
        raised.recorded = Some(recorded);
        if recorded.in_force {
            count.known += 1;
            count.moved += u32::from(recorded.moved);
            raised.violation.status = Status::Known;
            raised.violation.waived_by = excuse(baseline, recorded);
        }
    }
    let entries = || baseline.entries.iter().enumerate();
    let holds = |entry: &Entry| entry.is_in_force(options.as_of);
    count.expired = entries().filter(|(_, entry)| !holds(entry)).count() as u32;
    let stale: Vec<&Entry> = entries()
        // Past its date it is a finding of `expired` already.
        .filter(|(at, entry)| !used.contains(at) && holds(entry))
        .map(|(_, entry)| entry)
        .collect();
    count.stale = stale.len() as u32;
    let mut about_it = judge_baseline(place.context, &stale);
    for judgements in &mut about_it {
        identify(place, judgements);
    }
    if !about_it.is_empty() && narrowed_past(baseline, options) {
        notes.push(format!(
            "a narrowed run does not judge whether entries of {} are stale; `importlaw check` of the whole does",
            baseline.path
        ));
    }
    judgements.extend(about_it);
    Some(count)
}

/// Knows in which file a finding stands.
#[derive(Clone, Copy)]
pub(super) struct Places<'a> {
    pub(super) context: &'a Context<'a>,
    pub(super) files: &'a [SourceFile],
}

impl Places<'_> {
    /// The path of the file that a place is in.
    pub(super) fn path<'p>(&'p self, place: &'p Place) -> &'p str {
        match place {
            Place::Source(file, _) => self.files[file.index()].path.as_str(),
            Place::Path(path) => path.as_str(),
            Place::Registry(_) => self.context.registry.path.as_ref().map_or("", RelPath::as_str),
            Place::Baseline(_) => self.context.around.baseline.map_or("", |baseline| &baseline.path),
        }
    }
}

/// Whether findings about stale entries are not among those that were asked for.
fn narrowed_past(baseline: &Baseline, options: &Options) -> bool {
    let by_rule = options.rules.iter().any(|rule| rule == stale_baseline::RULE.id);
    let by_path = options.paths.contains(&baseline.path);
    !options.is_full() && !by_rule && !by_path
}

/// Puts the findings of one rule into the order of the source and gives each its place among equals and its fingerprint;
/// returns their keys.
fn identify(place: &Places, judgements: &mut Judgements) -> Vec<Key> {
    judgements.raised.par_sort_by(|a, b| {
        let key = |raised: &Raised| match raised.violation.place {
            Place::Source(_, span) | Place::Registry(span) | Place::Baseline(span) => {
                (span.start, raised.line)
            }
            Place::Path(_) => (0, raised.line),
        };
        let (path_a, path_b) = (place.path(&a.violation.place), place.path(&b.violation.place));
        (path_a, key(a), &a.violation.written, &a.violation.message).cmp(&(
            path_b,
            key(b),
            &b.violation.written,
            &b.violation.message,
        ))
    });
    let mut seen: FxHashMap<Key, u32> = FxHashMap::default();
    let keys = judgements.raised.iter_mut().map(|raised| {
        let key = Key::of(&raised.violation, place.path(&raised.violation.place));
        let next = seen.entry(key.clone()).or_default();
        raised.ordinal = *next;
        *next += 1;
        raised.fingerprint = key.fingerprint(raised.ordinal);
        key
    });
    keys.collect()
}

/// What is excused already needs no entry, and an entry cannot excuse what is wrong with the baseline.
fn may_be_recorded(raised: &Raised) -> bool {
    raised.violation.status == Status::New && !matches!(raised.violation.place, Place::Baseline(_))
}

fn excuse(baseline: &Baseline, recorded: Recorded) -> String {
    let entry = &baseline.entries[recorded.entry];
    let from = if recorded.moved { format!(", then in {}", entry.path) } else { String::new() };
    let until = entry.until.map(|until| format!(" until {until}")).unwrap_or_default();
    format!("{}:{}{from}{until}: {}", baseline.path, entry.line, entry.reason)
}
