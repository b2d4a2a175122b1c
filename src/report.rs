//! The one result of a run: findings with their places, and the summary.
//!
//! Compliance is defined here and nowhere else. Knows no renderer and no rule.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::facts::Date;
use crate::violation::{Severity, Violation};

/// Everything a format may say.
#[derive(Clone, Debug)]
pub struct Report {
    /// What was judged.
    pub project: Project,
    /// The whole project's numbers.
    pub summary: Summary,
    /// All findings that are listed, sorted by (path, offset, rule).
    pub findings: Vec<Finding>,
    /// Uses that could not be decided, sorted by (path, line, rule, target).
    pub unknown: Vec<UnknownUse>,
    /// Files that do not parse, sorted by path.
    pub unparsed: Vec<Unparsed>,
    /// Counts of what a narrowed run (PATH, --scope, --rule) selected; None for a full one.
    pub selected: Option<Selected>,
    /// What was left out of the tree and why; shown by `-v`.
    pub left_out: Vec<LeftOut>,
    /// Things the reader should know about the run itself (the git index could not be read, …).
    pub notes: Vec<String>,
}

/// What was judged.
#[derive(Clone, Debug, Serialize)]
pub struct Project {
    /// Always `.`: paths are relative to the project root.
    pub root: &'static str,
    /// The registry's path; None without one.
    pub registry: Option<String>,
    /// Hash of the registry's text.
    pub registry_hash: Option<String>,
    /// The day dates are judged against.
    #[serde(serialize_with = "date_text")]
    pub as_of: Date,
    /// Whether `as_of` was given by `--as-of`.
    #[serde(skip)]
    pub as_of_given: bool,
}

fn date_text<S: serde::Serializer>(date: &Date, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(date)
}

/// A finding with its place resolved for people: 1-based lines and character columns, and the text around it.
#[derive(Clone, Debug)]
pub struct Finding {
    /// What the rule said.
    pub violation: Violation,
    /// Path relative to the root, the registry's for findings about it.
    pub path: String,
    /// 1-based first line.
    pub line: u32,
    /// 1-based first column, in characters.
    pub column: u32,
    /// 1-based last line.
    pub end_line: u32,
    /// 1-based column after the last character.
    pub end_column: u32,
    /// Byte offsets in the file (decoded to UTF-8).
    pub offset: u32,
    /// One past the last byte.
    pub end_offset: u32,
    /// Hex identity without line numbers.
    pub fingerprint: String,
    /// Source lines around the finding, for showing; empty where the text could not be read again.
    pub snippet: Snippet,
    /// The registry line that the finding comes from, for showing; empty for built-in checks.
    pub registry_snippet: Snippet,
}

/// A few whole lines of a text.
#[derive(Clone, Debug, Default)]
pub struct Snippet {
    /// The lines, joined by `\n`, as in the file (not sanitised).
    pub text: String,
    /// 1-based line number of the first of them.
    pub first_line: u32,
    /// Byte offset of the marked part in `text`.
    pub mark: usize,
    /// Its length in bytes.
    pub mark_len: usize,
}

/// A use that could not be decided.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct UnknownUse {
    /// The file.
    pub path: String,
    /// 1-based line.
    pub line: u32,
    /// The rule that could not decide.
    pub rule: String,
    /// The target, as far as it is known.
    pub target: String,
    /// Why it cannot be decided.
    pub why: String,
}

/// A file that does not parse.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Unparsed {
    /// The file.
    pub path: String,
    /// 1-based line of the first problem.
    pub line: u32,
    /// The first problem.
    pub message: String,
    /// Its scope.
    #[serde(skip)]
    pub scope: String,
    /// How many imports were recovered from it.
    #[serde(skip)]
    pub recovered: u32,
}

/// A path that was not read, and why.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LeftOut {
    /// The path, a directory with a final `/`.
    pub path: String,
    /// Why, in a few words.
    pub why: String,
}

/// Counts of uses; each governed use is in exactly one of the four.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Tally {
    /// All of them.
    pub governed: u32,
    /// Obeying.
    pub compliant: u32,
    /// Breaking.
    pub violation: u32,
    /// Breaking, excused.
    pub waived: u32,
    /// Undecidable.
    pub unknown: u32,
    /// Percentage rounded down to one decimal; None where nothing is governed.
    pub compliance: Option<f64>,
}

/// A rule's row.
#[derive(Clone, Debug, Serialize)]
pub struct RuleTally {
    /// Its counts.
    #[serde(flatten)]
    pub tally: Tally,
    /// Its table name or check name.
    pub kind: &'static str,
    /// Its level.
    pub severity: Severity,
    /// How many findings it has that are neither waived nor known.
    pub findings: u32,
}

/// The whole project's numbers.
#[derive(Clone, Debug, Serialize)]
pub struct Summary {
    /// Source files read.
    pub files: u32,
    /// Of those, files that do not parse.
    pub unparsed_files: u32,
    /// Source files that `exclude` hides.
    pub excluded_files: u32,
    /// Import lines in them.
    pub excluded_imports: u32,
    /// Files of languages not read yet, by language.
    pub not_read: BTreeMap<&'static str, u32>,
    /// Modules.
    pub modules: u32,
    /// Imports (bound names in import statements, and literal dynamic ones).
    pub imports: u32,
    /// Distinct (importer, imported) pairs of first-party modules.
    pub edges: u32,
    /// Rules in force, and those without a new or known violation.
    pub rules: RuleCount,
    /// The headline's counts.
    #[serde(flatten)]
    pub tally: Tally,
    /// Percentage of files all of whose uses are compliant; None where no file has a use.
    pub file_compliance: Option<f64>,
    /// Percentage of first-party uses that a registry entry governs; None without a registry.
    pub coverage: Option<f64>,
    /// By the importer's scope.
    pub by_scope: BTreeMap<String, Tally>,
    /// By rule id; rows overlap.
    pub by_rule: BTreeMap<String, RuleTally>,
    /// By the importer's top-level package.
    pub by_package: BTreeMap<String, Tally>,
    /// Wall time, only with `--timings`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub elapsed_ms: Option<u64>,
    /// Extra numbers of the first screen, shown by text only.
    #[serde(skip)]
    pub missing: Missing,
}

/// How many rules there are and how many hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RuleCount {
    /// In force (not off).
    pub total: u32,
    /// Without a finding that is new or known.
    pub holding: u32,
}

/// What the first screen says of names that do not exist.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Missing {
    /// Unresolved imports.
    pub names: u32,
    /// Files that hold them.
    pub files: u32,
    /// Of the names, those in production modules.
    pub production: u32,
    /// Distinct targets.
    pub targets: u32,
    /// Names whose definition exists in exactly one place.
    pub one_place: u32,
    /// Names that are defined nowhere.
    pub nowhere: u32,
}

/// What a narrowed run selected.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Selected {
    /// How it was narrowed, for text: `PATH src/a`, `--rule x`.
    #[serde(skip)]
    pub by: Vec<String>,
    /// Findings listed, by status.
    pub new: u32,
    /// Excused ones.
    pub waived: u32,
    /// Known ones.
    pub known: u32,
    /// Of the new, those of level error.
    pub errors: u32,
}

impl Report {
    /// Whether a listed finding fails the gate.
    pub fn fails(&self) -> bool {
        self.findings.iter().any(Finding::fails)
    }
}

impl Finding {
    /// Whether it fails the gate: new and of level error.
    pub fn fails(&self) -> bool {
        self.violation.severity == Severity::Error && self.violation.status == crate::violation::Status::New
    }
}
