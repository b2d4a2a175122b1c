//! `importlaw baseline`: what is new against the baseline and what of it is stale; records findings, removes stale
//! entries.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::PathBuf;

use clap::ValueEnum;
use serde::Serialize;

use super::context::{Failure, Project, Recording, on_threads, write_file};
use super::{Exit, Global};
use crate::baseline::{Baseline, Entry, text_of};
use crate::check::{self, Options};
use crate::facts::Date;
use crate::formats::context::{counted, escape, number, place, severity_word, write_json};
use crate::registry::Registry;
use crate::report::{BaselineCount, Finding, Report};
use crate::source::Language;
use crate::violation::{Place, Severity, Status};

/// What `baseline` takes.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Record every finding that is new today; makes the file where there is none. Refused where the environment says
    /// CI=true
    #[arg(long, requires = "reason", conflicts_with = "prune")]
    add: bool,
    /// Why the findings may stay
    #[arg(long, value_name = "TEXT", requires = "add")]
    reason: Option<String>,
    /// The last day they are excused, at most 366 days ahead
    #[arg(long, value_name = "YYYY-MM-DD", requires = "add")]
    until: Option<String>,
    /// Who mends them
    #[arg(long, value_name = "WHO", requires = "add")]
    owner: Option<String>,
    /// Remove entries that match no finding any more, and give those whose file was renamed its new path; adds nothing
    #[arg(long)]
    prune: bool,
    /// The baseline (default: importlaw.baseline at the project root)
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// How what is new, known and stale is listed
    #[arg(long, value_name = "FORMAT", default_value = "text", conflicts_with_all = ["add", "prune"])]
    format: ListFormat,
    /// Every new, moved and stale one in text, not the first 20 alone
    #[arg(long, conflicts_with_all = ["add", "prune"])]
    all: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ListFormat {
    Text,
    Json,
}

/// Findings or entries of a kind that are listed in text.
const LISTED: usize = 20;

/// Lists, records or prunes.
pub fn run(global: &Global, args: &Args, out: &mut (dyn Write + Send)) -> Result<Exit, Failure> {
    if args.add && in_ci() {
        let help = "record findings where a person decides it, and commit the file".to_owned();
        return Err(Failure::usage("CI=true: a baseline does not grow in CI", Some(help)));
    }
    let project = Project::open(global)?;
    let wanted = if args.add { Some(recording(args, project.as_of)?) } else { None };
    let (file, shown) = project.baseline_file(args.baseline.as_deref());
    let before = match file.try_exists() {
        Ok(false) if args.add => None,
        _ => project.baseline(args.baseline.as_deref())?,
    };
    if args.prune && before.is_none() {
        return Err(Failure::usage(format!("there is no {shown} to prune"), None));
    }
    let baseline = before.clone().unwrap_or_else(|| Baseline { path: shown.clone(), ..Baseline::default() });
    let options = Options {
        as_of_given: project.as_of_given,
        baseline: Some(baseline.clone()),
        ..Options::as_of(project.as_of)
    };
    let report = on_threads(global.jobs, || {
        let sources = project.sources()?;
        Ok::<Report, Failure>(check::check(&project.registry, &sources, &options)?)
    })??;
    let against = Against::new(&baseline, &report, &project.registry);
    let (entries, done) = match &wanted {
        Some(recording) => against.with(recording),
        None if args.prune => against.pruned(),
        None => {
            match args.format {
                ListFormat::Text => against.list(before.is_some(), args.all, out)?,
                ListFormat::Json => against.write_json(before.is_some(), out)?,
            }
            return Ok(if report.fails() { Exit::Findings } else { Exit::Clean });
        }
    };
    let text = text_of(&entries);
    if text != baseline.text {
        write_file(&file, |out| out.write_all(text.as_bytes()))
            .map_err(|error| Failure::usage(format!("{shown} cannot be written: {error}"), None))?;
    }
    writeln!(out, "{}: {done}; {}", escape(&shown), entries_counted(entries.len()))?;
    Ok(Exit::Clean)
}

/// Whether the environment is that of a build server.
fn in_ci() -> bool {
    std::env::var("CI").is_ok_and(|value| value == "1" || value.eq_ignore_ascii_case("true"))
}

fn entries_counted(n: usize) -> String {
    if n == 1 { "1 entry".to_owned() } else { format!("{} entries", number(n as u64)) }
}

/// What is said of findings that are recorded, as it is asked for.
fn recording(args: &Args, since: Date) -> Result<Recording, Failure> {
    let reason = args.reason.clone().unwrap_or_default().trim().to_owned();
    if reason.is_empty() {
        return Err(Failure::usage("`--reason` is empty", Some("say why the findings may stay".into())));
    }
    let owner = args.owner.as_deref().map(str::trim).map(str::to_owned);
    if owner.as_deref() == Some("") {
        return Err(Failure::usage("`--owner` is empty", None));
    }
    let until = args.until.as_deref().map(|text| {
        let date = Date::parse(text).ok_or_else(|| {
            Failure::usage(format!("`--until {text}` is no date"), Some("write YYYY-MM-DD".into()))
        })?;
        if date < since {
            return Err(Failure::usage(format!("`--until {text}` is over: it is {since}"), None));
        }
        if date.days() > since.days() + Date::FURTHEST_AHEAD {
            return Err(Failure::usage(format!("`--until {text}` is more than 366 days ahead"), None));
        }
        Ok(date)
    });
    Ok(Recording { since, reason, owner, until: until.transpose()? })
}

/// The project against its baseline.
struct Against<'a> {
    baseline: &'a Baseline,
    registry: &'a Registry,
    count: BaselineCount,
    /// New and known ones, in path order; not those about the baseline itself.
    findings: Vec<&'a Finding>,
    /// By entry the finding that it is about.
    of_entry: Vec<Option<&'a Finding>>,
}

/// Numbers of one rule or owner.
#[derive(Clone, Copy, Default, Serialize)]
struct Row {
    new: u32,
    known: u32,
    moved: u32,
    stale: u32,
    expired: u32,
}

impl<'a> Against<'a> {
    fn new(baseline: &'a Baseline, report: &'a Report, registry: &'a Registry) -> Self {
        let findings: Vec<&Finding> = report
            .findings
            .iter()
            .filter(|finding| finding.violation.status != Status::Waived)
            .filter(|finding| !matches!(finding.violation.place, Place::Baseline(_)))
            .collect();
        let mut of_entry = vec![None; baseline.entries.len()];
        for finding in &findings {
            if let Some(recorded) = finding.recorded {
                of_entry[recorded.entry] = Some(*finding);
            }
        }
        let count = report.summary.baseline.unwrap_or_default();
        Self { baseline, registry, count, findings, of_entry }
    }

    fn of(&self, status: Status) -> impl Iterator<Item = &'a Finding> {
        self.findings.iter().copied().filter(move |finding| finding.violation.status == status)
    }

    fn moved(&self) -> impl Iterator<Item = (&'a Finding, &'a Entry)> {
        let entries = &self.baseline.entries;
        self.findings.iter().filter_map(move |finding| {
            let recorded = finding.recorded.filter(|recorded| recorded.moved && recorded.in_force)?;
            Some((*finding, &entries[recorded.entry]))
        })
    }

    /// Entries that no finding matches.
    fn idle(&self) -> impl Iterator<Item = &'a Entry> {
        self.baseline
            .entries
            .iter()
            .zip(&self.of_entry)
            .filter(|(_, of)| of.is_none())
            .map(|(entry, _)| entry)
    }

    /// Entries past their date that would excuse something.
    fn expired(&self) -> impl Iterator<Item = &'a Entry> {
        let all = self.baseline.entries.iter().zip(&self.of_entry);
        all.filter(|(_, finding)| is_over(**finding)).map(|(entry, _)| entry)
    }

    /// All entries, and one for each new finding. An entry past its date makes way for the new one of its finding.
    fn with(&self, recording: &Recording) -> (Vec<Entry>, String) {
        let all = self.baseline.entries.iter().zip(&self.of_entry);
        let kept = all.filter(|(_, finding)| !is_over(**finding));
        let mut entries: Vec<Entry> = kept.map(|(entry, _)| entry.clone()).collect();
        let before = entries.len();
        let over = self.baseline.entries.len() - before;
        entries.extend(self.of(Status::New).map(|finding| recording.entry(finding)));
        let mut done = match entries.len() - before {
            0 => "nothing is new".to_owned(),
            added => format!("{} recorded", counted(added as u64, "finding")),
        };
        if over > 0 {
            done = format!("{done}, {} of them anew after their date", number(over as u64));
        }
        (entries, done)
    }

    /// The entries that are about a finding, each as the finding is now.
    fn pruned(&self) -> (Vec<Entry>, String) {
        let mut entries = Vec::new();
        for (entry, finding) in self.baseline.entries.iter().zip(&self.of_entry) {
            if let Some(Finding { violation, ordinal, path, .. }) = finding {
                let importer = violation.importer.clone();
                entries.push(Entry { importer, path: path.clone(), ordinal: *ordinal, ..entry.clone() });
            }
        }
        let removed = self.baseline.entries.len() - entries.len();
        let moved = match self.count.moved {
            0 => String::new(),
            n => format!(", {} moved", number(n)),
        };
        (entries, format!("{} removed{moved}", number(removed as u64)))
    }

    /// Who answers for findings of a rule, as its entry says.
    fn owner_of(&self, rule: &str) -> Option<&'a str> {
        let entries = self.registry.entries.iter().filter(|entry| entry.id == rule).map(|entry| &entry.meta);
        let checks = self.registry.checks.iter().filter(|check| check.id == rule).map(|check| &check.meta);
        entries.chain(checks).find_map(|meta| meta.owner.as_deref())
    }

    /// The numbers by what `name` makes of a rule and the owner whom an entry names.
    fn rows(&self, name: impl Fn(&'a str, Option<&'a str>) -> &'a str) -> BTreeMap<&'a str, Row> {
        let mut rows: BTreeMap<&str, Row> = BTreeMap::new();
        for finding in self.of(Status::New) {
            rows.entry(name(&finding.violation.rule, None)).or_default().new += 1;
        }
        for (entry, finding) in self.baseline.entries.iter().zip(&self.of_entry) {
            let row = rows.entry(name(&entry.rule, entry.owner.as_deref())).or_default();
            match finding.and_then(|finding| finding.recorded) {
                None => row.stale += 1,
                Some(recorded) if !recorded.in_force => row.expired += 1,
                Some(recorded) => {
                    row.known += 1;
                    row.moved += u32::from(recorded.moved);
                }
            }
        }
        rows
    }

    fn by_rule(&self) -> BTreeMap<&'a str, Row> {
        self.rows(|rule, _| rule)
    }

    fn by_owner(&self) -> BTreeMap<&'a str, Row> {
        self.rows(|rule, owner| owner.or_else(|| self.owner_of(rule)).unwrap_or(NOBODY))
    }

    fn total(&self) -> Row {
        let stale = self.idle().count() as u32;
        let expired = self.expired().count() as u32;
        let BaselineCount { known, moved, .. } = self.count;
        Row { new: self.of(Status::New).count() as u32, known, moved, stale, expired }
    }

    fn list(&self, is_there: bool, all: bool, out: &mut dyn Write) -> io::Result<()> {
        let path = escape(&self.baseline.path);
        let limit = if all { usize::MAX } else { LISTED };
        section(out, "New", limit, self.of(Status::New).collect(), |finding| {
            let violation = &finding.violation;
            let (rule, message) = (escape(&violation.rule), escape(&violation.message));
            format!("{}: {}[{rule}] {message}", place(finding), severity_word(violation.severity))
        })?;
        section(out, "Moved", limit, self.moved().collect(), |(finding, entry)| {
            format!("{}: {}, then in {}", place(finding), escape(&entry.subject()), escape(&entry.path))
        })?;
        let of_entry = |entry: &Entry| format!("{path}:{}: {}", entry.line, escape(&entry.subject()));
        section(out, "Stale", limit, self.idle().collect(), of_entry)?;
        section(out, "Past their date", limit, self.expired().collect(), |entry| {
            let until = entry.until.map(|until| until.to_string()).unwrap_or_default();
            format!("{}, until {until}", of_entry(entry))
        })?;
        let (by_rule, by_owner) = (self.by_rule(), self.by_owner());
        if !by_rule.is_empty() {
            let names = by_rule.keys().chain(by_owner.keys()).map(|name| escape(name).chars().count());
            let width = names.max().unwrap_or(0);
            writeln!(out, "{:w$}  {HEAD}", "By rule", w = width + 2)?;
            by_rule.iter().try_for_each(|(name, row)| row.write(name, width, out))?;
            if by_owner.keys().any(|owner| *owner != NOBODY) {
                writeln!(out, "By owner")?;
                by_owner.iter().try_for_each(|(name, row)| row.write(name, width, out))?;
            }
            writeln!(out)?;
        }
        let Row { new, known, moved, stale, expired } = self.total();
        match (is_there, new) {
            (true, _) => {}
            (false, 0) => writeln!(out, "there is no {path}, and nothing to record")?,
            (false, _) => {
                let add = "`importlaw baseline --add --reason TEXT` records what is new";
                writeln!(out, "there is no {path}: {add}")?;
            }
        }
        let among = if moved > 0 { format!(" ({} moved)", number(moved)) } else { String::new() };
        let over = if expired > 0 { format!(", {} past their date", number(expired)) } else { String::new() };
        let [new, known, stale] = [new, known, stale].map(number);
        writeln!(out, "{path}: {new} new, {known} known{among}, {stale} stale{over}")
    }

    fn write_json(&self, is_there: bool, out: &mut dyn Write) -> io::Result<()> {
        let of_finding = |finding: &'a Finding| {
            let violation = &finding.violation;
            let recorded = finding.recorded.map(|recorded| &self.baseline.entries[recorded.entry]);
            Listed {
                status: violation.status,
                language: violation.language,
                rule: &violation.rule,
                severity: violation.severity,
                importer: &violation.importer,
                target: violation.target(),
                path: &finding.path,
                line: finding.line,
                column: finding.column,
                message: &violation.message,
                fingerprint: &finding.fingerprint,
                entry: recorded.map(|entry| entry.line),
                moved_from: recorded.filter(|_| finding.recorded.is_some_and(|r| r.moved)).map(|e| &*e.path),
            }
        };
        write_json(
            &Document {
                schema: 1,
                baseline: is_there.then_some(&self.baseline.path),
                total: self.total(),
                by_rule: self.by_rule(),
                by_owner: self.by_owner(),
                findings: self.findings.iter().map(|finding| of_finding(finding)).collect(),
                stale: self.idle().map(Recorded::new).collect(),
                expired: self.expired().map(Recorded::new).collect(),
            },
            out,
        )
    }
}

/// Whether the entry about a finding is past its date.
fn is_over(finding: Option<&Finding>) -> bool {
    finding.and_then(|finding| finding.recorded).is_some_and(|recorded| !recorded.in_force)
}

/// Who answers for what nobody is named for.
const NOBODY: &str = "(no owner)";

/// The columns of [`Row::write`].
const HEAD: &str = "   new   known   moved   stale  expired";

impl Row {
    fn write(self, name: &str, width: usize, out: &mut dyn Write) -> io::Result<()> {
        let Self { new, known, moved, stale, expired } = self;
        let [new, known, moved, stale, expired] = [new, known, moved, stale, expired].map(number);
        let name = escape(name);
        writeln!(out, "  {name:width$}  {new:>6}  {known:>6}  {moved:>6}  {stale:>6}  {expired:>7}")
    }
}

/// A heading and a line each; nothing where there is nothing.
fn section<T>(
    out: &mut dyn Write,
    title: &str,
    limit: usize,
    items: Vec<T>,
    line: impl Fn(T) -> String,
) -> io::Result<()> {
    if items.is_empty() {
        return Ok(());
    }
    writeln!(out, "{title}")?;
    let more = items.len().saturating_sub(limit);
    for item in items.into_iter().take(limit) {
        writeln!(out, "  {}", line(item))?;
    }
    if more > 0 {
        writeln!(out, "  … {} more: --all", number(more as u64))?;
    }
    writeln!(out)
}

#[derive(Serialize)]
struct Document<'a> {
    schema: u32,
    baseline: Option<&'a String>,
    total: Row,
    by_rule: BTreeMap<&'a str, Row>,
    by_owner: BTreeMap<&'a str, Row>,
    findings: Vec<Listed<'a>>,
    stale: Vec<Recorded<'a>>,
    expired: Vec<Recorded<'a>>,
}

#[derive(Serialize)]
struct Listed<'a> {
    status: Status,
    language: Option<Language>,
    rule: &'a str,
    severity: Severity,
    importer: &'a str,
    target: &'a str,
    path: &'a str,
    line: u32,
    column: u32,
    message: &'a str,
    fingerprint: &'a str,
    entry: Option<u32>,
    moved_from: Option<&'a str>,
}

#[derive(Serialize)]
struct Recorded<'a> {
    line: u32,
    language: Option<Language>,
    rule: &'a str,
    importer: &'a str,
    target: &'a str,
    path: &'a str,
    owner: Option<&'a str>,
}

impl<'a> Recorded<'a> {
    fn new(entry: &'a Entry) -> Self {
        let Entry { line, language, rule, importer, target, path, owner, .. } = entry;
        Self { line: *line, language: *language, rule, importer, target, path, owner: owner.as_deref() }
    }
}
