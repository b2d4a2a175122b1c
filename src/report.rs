//! The one result of a run: findings with their places, and the summary.
//!
//! Knows no renderer and no rule.

pub mod closing;
pub mod compliance;
pub mod difference;
pub mod drawing;
pub mod graph;
pub mod overview;
pub mod starts;
pub mod trend;

use std::collections::BTreeMap;
use std::time::Instant;

use serde::Serialize;

use difference::{GovernedUse, Prolonged};
use graph::GraphData;
use starts::Starts;

use crate::facts::Date;
use crate::source::Region;
use crate::violation::{Recorded, Severity, Violation};

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
    /// Findings of the state compared with that are no more, in path order.
    pub gone: Vec<Finding>,
    /// Findings that both states have, in files that were renamed.
    pub moved: u32,
    /// Inline waivers that end later than in the earlier state.
    pub prolonged: Vec<Prolonged>,
    /// Every governed use, where it was asked for.
    pub uses: Vec<GovernedUse>,
    /// The module graph, where it was asked for.
    pub graph: Option<GraphData>,
    /// Every use that a rule could not decide, where uses were asked for; sorted like `unknown`, of which it has more: uses
    /// in files that do not parse.
    pub unknown_uses: Vec<UnknownUse>,
    /// Each rule's uses by the importer's scope, where uses were asked for.
    pub by_rule_and_scope: BTreeMap<String, BTreeMap<String, Tally>>,
    /// What was left out of the tree and why; shown by `-v`.
    pub left_out: Vec<LeftOut>,
    /// Things the reader should know about the run itself (the git index could not be read, …).
    pub notes: Vec<String>,
    /// What the rules in force are, by id; those of [`Summary::by_rule`].
    pub rules: BTreeMap<String, RuleText>,
    /// The uses of each top-level package under each rule that governs any of them, sorted by rule and package.
    pub cells: Vec<Cell>,
}

/// What a rule is, for formats that describe it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RuleText {
    /// What its kind finds, in a sentence.
    pub summary: String,
    /// Its kind's page in Markdown, with one example.
    pub page: String,
    /// Why it exists.
    pub reason: Option<String>,
    /// What to do about its findings.
    pub help: Option<String>,
    /// Where more about it is written.
    pub docs: Option<String>,
}

/// One top-level package under one rule.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    /// The rule's id.
    pub rule: String,
    /// The importers' top-level package.
    pub package: String,
    /// The uses.
    pub tally: Tally,
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
    /// The baseline's path; None without one.
    pub baseline: Option<String>,
    /// The day dates are judged against.
    #[serde(serialize_with = "date_text")]
    pub as_of: Date,
    /// Whether `as_of` was given by `--as-of`.
    #[serde(skip)]
    pub as_of_given: bool,
    /// What leads from the repository's top to the root, with a final `/`; empty where that is the same. Programs that
    /// speak of a repository count its paths from there.
    #[serde(skip)]
    pub prefix: String,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde calls")]
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
    /// The same place as programs count columns.
    pub region: Region,
    /// Where each edit of its suggestion applies, in their order; empty where one of them is in another file.
    pub edits: Vec<Region>,
    /// The top-level package of its module; empty where it is about no module.
    pub package: String,
    /// Whether it stands on a line that the change under judgement added or altered.
    pub on_changed_line: bool,
    /// Hex identity without line numbers.
    pub fingerprint: String,
    /// Which of the findings that share its [`Key`](crate::violation::Key) it is, in source order, from 0.
    pub ordinal: u32,
    /// The entry of the baseline that is about it.
    pub recorded: Option<Recorded>,
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
    /// How many first-party imports were recovered from it.
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
    /// How many of its findings the baseline records.
    pub known: u32,
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
    /// By the importer's language: those that were read.
    pub by_language: BTreeMap<&'static str, LanguageTally>,
    /// By rule id; rows overlap.
    pub by_rule: BTreeMap<String, RuleTally>,
    /// By the importer's top-level package.
    pub by_package: BTreeMap<String, Tally>,
    /// What has become of the baseline's entries; only with one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub baseline: Option<BaselineCount>,
    /// Where the time went, only with `--timings`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timings: Option<Timings>,
    /// Wall time, only with `--timings`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub elapsed_ms: Option<u64>,
    /// Which modules start; only without a registry.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub starts: Option<Starts>,
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

/// What has become of the baseline's entries: each is known, stale or expired.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct BaselineCount {
    /// All of them.
    pub entries: u32,
    /// Those that excuse a finding.
    pub known: u32,
    /// Of the known, those whose file was renamed since.
    pub moved: u32,
    /// Those that no finding matches any more.
    pub stale: u32,
    /// Those past their date, matched or not.
    pub expired: u32,
}

/// Where the time went, in milliseconds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Timings {
    /// Stages in their order.
    pub stages: Vec<Timing>,
    /// Rules, the slowest first.
    pub rules: Vec<Timing>,
}

/// How long one thing took.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Timing {
    /// A stage, or a rule's id.
    pub name: String,
    /// Milliseconds, rounded.
    pub ms: u64,
}

impl Timing {
    /// What took from `start` until now.
    pub fn since(name: &str, start: Instant) -> Self {
        let ms = (start.elapsed().as_micros() as u64 + 500) / 1000;
        Self { name: name.to_owned(), ms }
    }
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
    /// Checks that speak of the whole registry, and say nothing of a change.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub not_judged: &'static [&'static str],
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

/// One language of the project.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct LanguageTally {
    /// Files that were read.
    pub files: u32,
    /// Modules in them.
    pub modules: u32,
    /// Imports in them.
    pub imports: u32,
    /// Its governed uses.
    #[serde(flatten)]
    pub tally: Tally,
}
