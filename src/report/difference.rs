//! Two states of a project: what one of them brought and what it ended, and how the counts came from one to the other.
//!
//! The counts are a sum that adds up: policy, then what happened to each use, found by its file, importer and target.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Finding, Tally};
use crate::violation::Verdict;

/// A governed use and its verdict: the worst of the error-level rules.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct GovernedUse {
    /// The importing file.
    pub path: String,
    /// The importing module.
    pub importer: String,
    /// The target.
    pub target: String,
    /// Its verdict.
    pub verdict: Verdict,
}

/// One of the two states.
#[derive(Clone, Debug, Default, Serialize)]
pub struct State {
    /// As it was asked for; None for the working tree.
    pub revision: Option<String>,
    /// The commit that this names.
    pub commit: Option<String>,
}

/// A state's counts under the registry of each; `base` is None where the base's registry cannot be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Under {
    /// Under the base's registry.
    pub base_registry: Option<Tally>,
    /// Under the head's.
    pub head_registry: Tally,
}

/// Both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Scores {
    /// The base's code.
    pub base_code: Under,
    /// The head's code.
    pub head_code: Under,
}

/// One term of the sum.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Term {
    /// How many more uses are governed.
    pub governed: i64,
    /// How many more of them comply.
    pub compliant: i64,
}

/// The sum that leads from the base's code under its own registry to the head's code under its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The base's code under the head's registry instead of its own; None where that cannot be read.
    pub policy: Option<Term>,
    /// Uses of the same file that comply now.
    pub fixed: Term,
    /// Uses of the same file that no longer comply, though they are the same.
    pub broken: Term,
    /// Uses that are gone, with their statement or file.
    pub deleted: Term,
    /// New uses.
    pub added: Term,
}

/// What an owner's files lost and gained.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Owned {
    /// Findings introduced.
    pub introduced: u32,
    /// Findings fixed.
    pub fixed: u32,
}

/// One thing by which less is judged, or more excused, than before.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Weakened {
    /// Always `policy-weakened`.
    pub rule: &'static str,
    /// In what way: `removed`, `narrowed`, `grown`, …
    pub kind: &'static str,
    /// The table of the registry, or `baseline`.
    pub table: String,
    /// The entry's id or the check's name; empty for settings.
    pub id: String,
    /// The key; empty where the whole entry is meant.
    pub key: String,
    /// One sentence without a final stop.
    pub message: String,
    /// The file of the head that says so; None where it has none.
    pub path: Option<String>,
    /// Its 1-based line; None where nothing of it is left.
    pub line: Option<u32>,
    /// The base's file.
    pub base_path: Option<String>,
    /// Its 1-based line.
    pub base_line: Option<u32>,
}

/// An inline waiver that excuses a finding for longer than before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prolonged {
    /// The rule that it excuses from.
    pub rule: String,
    /// What is imported, or what the finding is about.
    pub target: String,
    /// The file.
    pub path: String,
    /// 1-based line of the waiver there.
    pub line: u32,
    /// The last day, `YYYY-MM-DD`; None where it has none.
    pub until: Option<String>,
    /// The one before.
    pub was: String,
}

impl Prolonged {
    /// What it is as a part of the policy.
    pub fn weakened(&self) -> Weakened {
        let Self { rule, target, path, line, until, was } = self;
        let is = until.as_ref().map_or_else(|| "without an end".to_owned(), |until| format!("until {until}"));
        Weakened {
            rule: POLICY_WEAKENED,
            kind: "until",
            table: "waiver".to_owned(),
            id: rule.clone(),
            message: format!("`{target}` is excused {is}, was until {was}"),
            path: Some(path.clone()),
            line: Some(*line),
            ..Weakened::default()
        }
    }
}

/// The rule of every [`Weakened`].
pub const POLICY_WEAKENED: &str = "policy-weakened";

/// An entry that only has another id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Renamed {
    /// Its id before.
    pub from: String,
    /// Its id now.
    pub to: String,
    /// The head's registry.
    pub path: Option<String>,
    /// 1-based line there.
    pub line: u32,
}

/// How two states differ.
#[derive(Clone, Debug, Default)]
pub struct Difference {
    /// What is compared with.
    pub base: State,
    /// What is compared.
    pub head: State,
    /// Findings that only the head has, in path order.
    pub introduced: Vec<Finding>,
    /// Findings that only the base has, in path order.
    pub fixed: Vec<Finding>,
    /// How many findings both have in files that were renamed.
    pub moved: u32,
    /// What the head's registry and baseline let pass that the base's did not.
    pub weakened: Vec<Weakened>,
    /// Entries of the registry that have another id.
    pub renamed: Vec<Renamed>,
    /// Both by CODEOWNERS; None without such a file.
    pub by_owner: Option<BTreeMap<String, Owned>>,
    /// The counts.
    pub scores: Scores,
    /// How they came about.
    pub change: Change,
    /// Checks that say nothing of a change.
    pub not_judged: &'static [&'static str],
    /// What the reader should know about the run itself.
    pub notes: Vec<String>,
}

impl Difference {
    /// Whether something new fails the gate.
    pub fn fails(&self) -> bool {
        self.introduced.iter().any(Finding::fails)
    }

    /// Counts introduced and fixed findings by the owner of their file.
    pub fn count_owners(&mut self, owner_of: impl Fn(&str) -> String) {
        let mut by_owner: BTreeMap<String, Owned> = BTreeMap::new();
        for finding in &self.introduced {
            by_owner.entry(owner_of(&finding.path)).or_default().introduced += 1;
        }
        for finding in &self.fixed {
            by_owner.entry(owner_of(&finding.path)).or_default().fixed += 1;
        }
        self.by_owner = Some(by_owner);
    }
}

impl Change {
    /// The change of code, judged under one registry.
    pub fn of(before: &[GovernedUse], after: &[GovernedUse]) -> Self {
        type Key<'a> = (&'a str, &'a str, &'a str);
        fn by_key(uses: &[GovernedUse]) -> BTreeMap<Key<'_>, bool> {
            let key = |on: &GovernedUse| on.verdict == Verdict::Compliant;
            uses.iter()
                .map(|on| ((on.path.as_str(), on.importer.as_str(), on.target.as_str()), key(on)))
                .collect()
        }
        let (before, after) = (by_key(before), by_key(after));
        let mut change = Self::default();
        for (key, complied) in &before {
            match after.get(key) {
                None => {
                    change.deleted.governed -= 1;
                    change.deleted.compliant -= i64::from(*complied);
                }
                Some(true) if !complied => change.fixed.compliant += 1,
                Some(false) if *complied => change.broken.compliant -= 1,
                Some(_) => {}
            }
        }
        for (_, complies) in after.iter().filter(|(key, _)| !before.contains_key(*key)) {
            change.added.governed += 1;
            change.added.compliant += i64::from(*complies);
        }
        change
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(path: &str, target: &str, verdict: Verdict) -> GovernedUse {
        GovernedUse { path: path.to_owned(), importer: "m".to_owned(), target: target.to_owned(), verdict }
    }

    #[test]
    fn the_terms_add_up() {
        let before = [
            on("a.py", "kept", Verdict::Compliant),
            on("a.py", "mended", Verdict::Violation),
            on("a.py", "excused", Verdict::Waived),
            on("a.py", "breaks", Verdict::Compliant),
            on("b.py", "moved", Verdict::Violation),
            on("b.py", "gone", Verdict::Compliant),
        ];
        let after = [
            on("a.py", "kept", Verdict::Compliant),
            on("a.py", "mended", Verdict::Compliant),
            on("a.py", "excused", Verdict::Violation),
            on("a.py", "breaks", Verdict::Unknown),
            on("c.py", "moved", Verdict::Violation),
            on("c.py", "more", Verdict::Compliant),
        ];
        let change = Change::of(&before, &after);
        let term = |governed, compliant| Term { governed, compliant };
        assert_eq!(
            change,
            Change {
                policy: None,
                fixed: term(0, 1),
                broken: term(0, -1),
                deleted: term(-2, -1),
                added: term(2, 1),
            }
        );
        let all = [change.fixed, change.broken, change.deleted, change.added];
        let sum = |of: fn(&Term) -> i64| all.iter().map(of).sum::<i64>();
        assert_eq!((6 + sum(|t| t.governed), 3 + sum(|t| t.compliant)), (6, 3));
    }
}
