//! What a manager asks of a project: one page of numbers, each with what it counts. Plain data for every format of
//! `report`; who knows the graph fills it.

use std::collections::BTreeMap;

use serde::Serialize;

use super::difference::{Change, Scores, State};
use super::trend::Trend;
use super::{Project, RuleCount, Tally};
use crate::violation::Severity;

/// The page.
#[derive(Clone, Debug, Serialize)]
pub struct Overview {
    /// `[project] name`, where it is written.
    pub name: Option<String>,
    /// What was judged, by which registry.
    pub project: Project,
    /// The commit that is checked out; nothing without git.
    pub head: State,
    /// Whether what was judged differs from that commit.
    pub uncommitted: bool,
    /// Source files that were read.
    pub files: u32,
    /// Modules in them.
    pub modules: u32,
    /// The number and its counts: a lower bound where `unknown` is not 0.
    pub compliance: Tally,
    /// Percentage of files all of whose uses are compliant.
    pub file_compliance: Option<f64>,
    /// Percentage of first-party uses that a registry entry governs.
    pub coverage: Option<f64>,
    /// How many rules hold.
    pub rules: RuleCount,
    /// How the number came about; only with `--since`.
    pub since: Option<Since>,
    /// Commits that led here, oldest first; only with `--trend`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trend: Option<Trend>,
    /// What must start.
    pub entrypoints: Vec<EntryPoint>,
    /// What is excused until a day, and whether such days were put off.
    pub waivers: Waivers,
    /// The causes whose repair moves most uses, most first.
    pub causes: Vec<Cause>,
    /// By owner, most violations first.
    pub by_owner: Vec<Row>,
    /// By scope, most violations first.
    pub by_scope: Vec<Row>,
    /// By rule, most violations first; rows overlap.
    pub by_rule: Vec<RuleRow>,
    /// By top-level package, most violations first.
    pub by_package: Vec<Row>,
    /// Modules without code of their own.
    pub shells: Shells,
    /// The same in the state compared with.
    pub shells_before: Option<Shells>,
    /// What was not seen.
    pub not_seen: NotSeen,
    /// What the reader should know about the run itself.
    pub notes: Vec<String>,
}

/// One line of a table.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// An owner, a scope, a package.
    pub name: String,
    /// Its uses.
    #[serde(flatten)]
    pub tally: Tally,
    /// The same in the state compared with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Tally>,
}

/// One rule.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RuleRow {
    /// Its id.
    pub id: String,
    /// Its table or check.
    pub kind: &'static str,
    /// Its level.
    pub severity: Severity,
    /// Its uses.
    #[serde(flatten)]
    pub tally: Tally,
    /// Findings that nothing excuses.
    pub findings: u32,
    /// Findings that the baseline records.
    pub known: u32,
    /// The same uses in the state compared with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Tally>,
    /// Findings that the change brought.
    pub introduced: u32,
    /// Findings that it ended.
    pub fixed: u32,
}

/// How the number came about.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Since {
    /// What is compared with.
    pub base: State,
    /// The counts under both registries.
    pub scores: Scores,
    /// The sum that leads from one to the other.
    pub change: Change,
    /// Findings that only the head has.
    pub introduced: u32,
    /// Findings that only the base has.
    pub fixed: u32,
    /// Names that came through another door, those of most importers first.
    pub migrations: Vec<Migration>,
}

/// A name and one of its old doors.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Migration {
    /// The name that is imported.
    pub name: String,
    /// The module through which it came in the base.
    pub from: String,
    /// The modules through which the same importers get it now, with their number.
    pub to: BTreeMap<String, u32>,
    /// Importers that changed the door.
    pub migrated: u32,
    /// Importers that use the old door still.
    pub remaining: u32,
    /// Importers that use the old door and did not in the base.
    pub introduced: u32,
}

/// How an entry point stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Nothing speaks against it.
    Holds,
    /// Something does.
    DoesNotHold,
    /// It could not be decided.
    CannotSay,
}

/// One entry of `[[entrypoint]]`, or what is taken for an entry point where there is no registry.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EntryPoint {
    /// Its id; what names it where there is no registry.
    pub id: String,
    /// The module, or the patterns of many.
    pub starts: String,
    /// How it stands.
    pub standing: Standing,
    /// Modules started: all, and those that start for certain.
    pub of: u32,
    /// Those that start for certain.
    pub start: u32,
    /// Modules that the start loaded; of one module only.
    pub modules: Option<u32>,
    /// Functions that were followed.
    pub functions: Option<u32>,
    /// Calls that could not be followed.
    pub not_followed: Option<u32>,
    /// Why it does not start.
    pub failure: Option<String>,
}

/// What is excused until a day.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Waivers {
    /// Uses that something excuses, dated or not.
    pub uses: u32,
    /// Everything with a date, the next first.
    pub dated: Vec<Dated>,
    /// How many of them end within [`SOON`] days, or have ended.
    pub soon: u32,
    /// Dates that were put off.
    pub put_off: Vec<PutOff>,
    /// What the dates were compared with, in words; None where that was not possible.
    pub compared_with: Option<String>,
}

/// Days within which a waiver's end is near.
pub const SOON: i64 = 30;

/// One thing that is excused until a day.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Dated {
    /// The last day.
    pub until: String,
    /// Days left; negative once it is over.
    pub days: i64,
    /// The rules that it excuses from.
    pub rules: Vec<String>,
    /// What it excuses, as written.
    pub what: String,
    /// Where it is written.
    pub path: String,
    /// 1-based line.
    pub line: u32,
    /// Why.
    pub reason: String,
}

/// A date that was moved.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct PutOff {
    /// What it excuses, as written.
    pub what: String,
    /// The file in which it is written.
    pub path: String,
    /// The dates it had, the oldest first, the present one last; `none` for no date.
    pub dates: Vec<String>,
}

/// Something whose repair would turn uses compliant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Cause {
    /// What its findings share: most often the path that is imported.
    pub cause: String,
    /// The rules that it breaks.
    pub rules: Vec<String>,
    /// One of its messages.
    pub message: String,
    /// Where that stands.
    pub path: String,
    /// 1-based line.
    pub line: u32,
    /// Uses that nothing else speaks against.
    pub uses: u32,
    /// Findings.
    pub findings: u32,
}

/// Python modules without code of their own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Shells {
    /// Modules, packages apart, that only import names for others.
    pub reexport: u32,
    /// Packages (`__init__`) that do.
    pub reexporting_packages: u32,
    /// Modules that hold only stubs: classes and functions without a body.
    pub stubs: u32,
}

/// What was not seen.
#[derive(Clone, Debug, Default, Serialize)]
pub struct NotSeen {
    /// Files that do not parse.
    pub unparsed_files: u32,
    /// The same by directory, most first.
    pub unparsed: Vec<Counted>,
    /// Files that `exclude` hides.
    pub excluded_files: u32,
    /// Import lines in them.
    pub excluded_imports: u32,
    /// Files of languages that are not read.
    pub not_read: BTreeMap<String, u32>,
    /// Imports whose target is computed.
    pub computed_imports: u32,
    /// Uses that could not be decided, by why, most first.
    pub undecided: Vec<Counted>,
    /// Calls that the starts of the entry points could not follow.
    pub calls_not_followed: u32,
}

/// A name and how many.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Counted {
    /// What.
    pub name: String,
    /// How many.
    pub count: u32,
}

impl Standing {
    /// How it is said.
    pub fn word(self) -> &'static str {
        match self {
            Self::Holds => "HOLDS",
            Self::DoesNotHold => "DOES NOT HOLD",
            Self::CannotSay => "CANNOT SAY",
        }
    }
}

/// Rows with the most violations first, then with the most of what is excused or undecided, then by name.
pub fn worst_first(mut rows: Vec<Row>) -> Vec<Row> {
    rows.sort_by(|a, b| badness(&b.tally).cmp(&badness(&a.tally)).then_with(|| a.name.cmp(&b.name)));
    rows
}

/// What rows are ordered by.
pub fn badness(tally: &Tally) -> (u32, u32) {
    (tally.violation, tally.waived + tally.unknown)
}
