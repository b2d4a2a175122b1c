//! Inline waivers and the findings they cover. Knows no rule: which waiver was used for what is said as data.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::facts::{Date, Facts, Import, Waiver};
use crate::source::FileId;

/// A finding as waivers see it.
pub struct Target<'a> {
    /// The file it stands in.
    pub file: FileId,
    /// The rule's id.
    pub rule: &'a str,
    /// 1-based line of the name.
    pub line: u32,
    /// First and last line of its statement.
    pub statement: (u32, u32),
    /// Whether it fails the gate or is shown; one that is excused already needs no waiver.
    pub open: bool,
}

/// One waiver after the run.
#[derive(Debug)]
pub struct Used {
    /// Its file.
    pub file: FileId,
    /// Its index among the file's waivers.
    pub index: usize,
    /// Whether its date has passed.
    pub expired: bool,
    /// The last day that it could name, where its date lies beyond.
    pub too_far: Option<Date>,
    /// The rules it names that do not exist.
    pub unknown_rules: Vec<String>,
    /// The rules it names that it suppressed nothing of.
    pub idle_rules: Vec<String>,
    /// `max` and the count, where it covers more than it allows.
    pub over: Option<(u32, u32)>,
}

/// Which waiver suppresses which finding.
pub struct Applied {
    /// For each finding the waiver's index in its file, if one suppresses it.
    pub by: Vec<Option<usize>>,
    /// Every waiver of the project, in file order.
    pub used: Vec<Used>,
}

/// Lays every file's waivers over the findings in it. `home` tells of each source the first one of the same file, which
/// holds its waivers; targets name that one.
pub fn apply(
    facts: &[impl std::ops::Deref<Target = Facts>],
    home: &[FileId],
    targets: &[Target],
    rules: &FxHashSet<&str>,
    as_of: Date,
) -> Applied {
    let mut by_file: FxHashMap<FileId, Vec<usize>> = FxHashMap::default();
    for (at, target) in targets.iter().enumerate() {
        by_file.entry(target.file).or_default().push(at);
    }
    let mut applied = Applied { by: vec![None; targets.len()], used: Vec::new() };
    let all = facts;
    for (at, facts) in all.iter().enumerate().filter(|(_, facts)| !facts.waivers.is_empty()) {
        let file = FileId(at as u32);
        let same_file = all[at..].iter().zip(&home[at..]).take_while(|(_, home)| **home == file);
        let imports: Vec<&Import> = same_file.flat_map(|(facts, _)| &facts.imports).collect();
        let names: FxHashSet<u32> = imports.iter().map(|import| import.line).collect();
        let here = by_file.get(&file).map_or(&[][..], Vec::as_slice);
        for (index, waiver) in facts.waivers.iter().enumerate() {
            let expired = waiver.until.is_some_and(|until| until < as_of);
            let unknown = |rule: &&str| !rules.contains(rule);
            let last = Date::from_days(as_of.days() + Date::FURTHEST_AHEAD);
            let too_far = last.filter(|last| waiver.until.is_some_and(|until| until > *last));
            let mut used = Used {
                file,
                index,
                expired,
                too_far,
                unknown_rules: Vec::new(),
                idle_rules: Vec::new(),
                over: None,
            };
            if waiver.malformed.is_some() || too_far.is_some() {
                applied.used.push(used);
                continue;
            }
            let statement = spoken_of(waiver, &imports, &names);
            let covered: Vec<usize> = here
                .iter()
                .copied()
                .filter(|at| {
                    let target = &targets[*at];
                    target.open
                        && waiver.rules.iter().any(|rule| rule == target.rule)
                        && covers(waiver, target, statement, &names)
                })
                .collect();
            let rules_named = || waiver.rules.iter().map(compact_str::CompactString::as_str);
            used.unknown_rules = rules_named().filter(unknown).map(str::to_owned).collect();
            used.idle_rules = rules_named()
                .filter(|rule| !unknown(rule) && !covered.iter().any(|at| targets[*at].rule == *rule))
                .map(str::to_owned)
                .collect();
            used.over =
                waiver.max.filter(|max| covered.len() as u32 > *max).map(|max| (max, covered.len() as u32));
            if !expired && used.over.is_none() {
                for at in covered {
                    applied.by[at] = applied.by[at].or(Some(index));
                }
            }
            applied.used.push(used);
        }
    }
    applied
}

fn covers(waiver: &Waiver, target: &Target, statement: Option<u32>, names: &FxHashSet<u32>) -> bool {
    if waiver.file_wide {
        return true;
    }
    if let Some(first) = statement {
        return target.statement.0 == first;
    }
    // On a line that holds names it covers those names.
    !waiver.alone
        && target.line == waiver.line
        && (names.contains(&waiver.line) || target.statement.0 == target.line)
}

/// The first line of the statement a waiver speaks of as a whole: the one it stands above, or the one on whose first
/// line, holding no name, it stands.
fn spoken_of(waiver: &Waiver, imports: &[&Import], names: &FxHashSet<u32>) -> Option<u32> {
    if waiver.alone {
        return Some(waiver.line + 1);
    }
    let begins = imports.iter().any(|import| import.statement_line == waiver.line);
    (begins && !names.contains(&waiver.line)).then_some(waiver.line)
}
