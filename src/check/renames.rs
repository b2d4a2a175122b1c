//! Findings in files that were renamed: the importing module has another name, and the finding is the old one.
//!
//! A file that only one of two states has goes with one that only the other has: of the same bytes, or of the same file
//! name and at least half of its lines.

use std::collections::{BTreeMap, BTreeSet};

use imara_diff::{Algorithm, Diff, InternedInput};

use crate::discover::Sources;
use crate::report::Finding;
use crate::source::RelPath;
use crate::violation::Status;

/// Takes out of both lists what is in both but for the file's name, and tells how many that were.
pub(super) fn take_moved(
    added: &mut Vec<Finding>,
    gone: &mut Vec<Finding>,
    base: &Sources,
    sources: &Sources,
) -> u32 {
    let (old, new) = (only_in(base, sources, gone), only_in(sources, base, added));
    let renamed = renamed(&old, &new);
    let mut left: BTreeMap<Moved, Vec<usize>> = BTreeMap::new();
    for (at, finding) in gone.iter().enumerate() {
        if let Some(new) = renamed.get(finding.path.as_str()) {
            left.entry(moved(new, finding)).or_default().push(at);
        }
    }
    let mut matched = BTreeSet::new();
    let before = added.len();
    added.retain(|finding| {
        let old = left.get_mut(&moved(&finding.path, finding)).and_then(Vec::pop);
        matched.extend(old);
        old.is_none()
    });
    let mut at = 0..;
    gone.retain(|_| at.next().is_some_and(|at| !matched.contains(&at)));
    (before - added.len()) as u32
}

/// What a finding is known by where its file has this path: all of its identity but the importer.
type Moved = (String, String, String, bool);

fn moved(path: &str, finding: &Finding) -> Moved {
    let violation = &finding.violation;
    let target = if violation.written.is_empty() { &violation.message } else { &violation.written };
    (path.to_owned(), violation.rule.clone(), target.clone(), violation.status == Status::Waived)
}

/// The files with findings that `here` has and `there` has not, with their bytes.
fn only_in(here: &Sources, there: &Sources, findings: &[Finding]) -> BTreeMap<String, Vec<u8>> {
    let paths: BTreeSet<&str> = findings.iter().map(|finding| finding.path.as_str()).collect();
    let text = |path: &str| {
        let file = RelPath::new(path);
        if there.holds(&file) { None } else { Some((path.to_owned(), here.read(&file).ok()?)) }
    };
    paths.into_iter().filter_map(text).collect()
}

/// The new paths of the old ones.
fn renamed<'a>(
    old: &'a BTreeMap<String, Vec<u8>>,
    new: &'a BTreeMap<String, Vec<u8>>,
) -> BTreeMap<&'a str, &'a str> {
    let mut found: BTreeMap<&str, &str> = BTreeMap::new();
    let mut taken: BTreeSet<&str> = BTreeSet::new();
    let mut by_bytes: BTreeMap<&[u8], Vec<&str>> = BTreeMap::new();
    let mut by_name: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (path, bytes) in new.iter().rev() {
        by_bytes.entry(bytes).or_default().push(path);
        by_name.entry(file_name(path)).or_default().push(path);
    }
    for (path, bytes) in old {
        if let Some(same) = by_bytes.get_mut(bytes.as_slice()).and_then(Vec::pop) {
            found.insert(path, same);
            taken.insert(same);
        }
    }
    for (path, bytes) in old.iter().filter(|(path, _)| !found.contains_key(path.as_str())).collect::<Vec<_>>()
    {
        // Of many files of one name only the first few are compared.
        let mut candidates = by_name.get(file_name(path)).into_iter().flatten().rev();
        let alike = candidates.by_ref().filter(|new| !taken.contains(**new)).take(MOST_COMPARED);
        let best =
            alike.map(|other| (shared_lines(bytes, &new[*other]), *other)).filter(|(share, _)| *share >= 50);
        if let Some((_, other)) = best.max_by(|a, b| a.0.cmp(&b.0).then(b.1.cmp(a.1))) {
            found.insert(path, other);
            taken.insert(other);
        }
    }
    found
}

const MOST_COMPARED: usize = 20;

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// How much of the longer text is in the other too, in percent of its lines.
fn shared_lines(old: &[u8], new: &[u8]) -> u32 {
    let mut input = InternedInput::default();
    input.update_before(old.split(|byte| *byte == b'\n'));
    input.update_after(new.split(|byte| *byte == b'\n'));
    let diff = Diff::compute(Algorithm::Histogram, &input);
    let (before, after) = (input.before.len() as u32, input.after.len() as u32);
    (before - diff.count_removals()) * 100 / before.max(after).max(1)
}
