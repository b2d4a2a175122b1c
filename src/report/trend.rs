//! How compliance came to be what it is: the numbers of several commits, oldest first.

use serde::Serialize;

use super::{Report, RuleCount, Tally};
use crate::facts::Date;
use crate::violation::Severity;

/// Commits with their numbers.
#[derive(Clone, Debug, Serialize)]
pub struct Trend {
    /// Whose rules judge.
    pub registry: Judge,
    /// The commits, oldest first.
    pub points: Vec<Point>,
    /// What the reader should know about the run itself.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// Whose rules judge a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Judge {
    /// The registry of today: a change of the numbers is a change of the code.
    Today,
    /// The commit's own: the numbers that were shown then.
    Own,
}

/// One commit.
#[derive(Clone, Debug, Serialize)]
pub struct Point {
    /// Its name.
    pub commit: String,
    /// The day it was committed, in the committer's time zone.
    #[serde(serialize_with = "super::date_text")]
    pub date: Date,
    /// The first line of its message.
    pub subject: String,
    /// Its numbers; None where they could not be had.
    #[serde(flatten)]
    pub score: Option<Score>,
    /// Why they could not be had.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// The numbers of one commit.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Score {
    /// The headline's counts.
    #[serde(flatten)]
    pub tally: Tally,
    /// See [`Summary::file_compliance`](super::Summary::file_compliance).
    pub file_compliance: Option<f64>,
    /// See [`Summary::coverage`](super::Summary::coverage).
    pub coverage: Option<f64>,
    /// Rules in force, and those that hold.
    pub rules: RuleCount,
    /// Findings of level error that nothing excuses; a baseline is not heeded.
    pub errors: u32,
    /// Source files.
    pub files: u32,
    /// Those that do not parse.
    pub unparsed_files: u32,
}

impl Score {
    /// The numbers of a full run.
    pub fn of(report: &Report) -> Self {
        let summary = &report.summary;
        let errors = summary.by_rule.values().filter(|rule| rule.severity == Severity::Error);
        Self {
            tally: summary.tally,
            file_compliance: summary.file_compliance,
            coverage: summary.coverage,
            rules: summary.rules,
            errors: errors.map(|rule| rule.findings).sum(),
            files: summary.files,
            unparsed_files: summary.unparsed_files,
        }
    }
}

impl Trend {
    /// The first and the last commit that have numbers.
    pub fn ends(&self) -> Option<(&Score, &Score)> {
        let mut scored = self.points.iter().filter_map(|point| point.score.as_ref());
        let first = scored.next()?;
        Some((first, scored.next_back().unwrap_or(first)))
    }
}
