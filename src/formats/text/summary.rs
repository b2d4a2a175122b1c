//! The whole project's numbers as tables: by scope, by rule, by package; and what they do not cover.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::io;

use super::Paint;
use crate::formats::TextOptions;
use crate::formats::context::tables::{facts, rules_worst_first, worst_first};
use crate::formats::context::{columns, counted, escape, number, percent};
use crate::report::{Finding, LanguageTally, Report, Summary, Tally, Timing, Timings};
use crate::violation::{Severity, Status};

/// Packages and directories that are listed; the rest is counted.
const ROWS: usize = 10;

/// Writes the tables and the facts beside them, each part followed by an empty line. Where nothing is amiss the tables
/// would hold nothing but 100.0 %, and are left out unless `verbose`.
pub fn write_tables(
    report: &Report,
    options: &TextOptions,
    paint: Paint,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let summary = &report.summary;
    let clean = summary.tally.compliant == summary.tally.governed
        && summary.by_rule.values().all(|row| row.findings == 0 && row.tally.compliant == row.tally.governed);
    if options.verbose || !clean {
        let mut table = Table::new(&["", "imports", "comply", "violations", "waived", "unknown", "findings"]);
        let governed = |row: &&LanguageTally| row.tally.governed > 0;
        if summary.by_language.values().filter(governed).count() > 1 {
            table.title("By language");
            for (language, row) in &summary.by_language {
                table.tally(language, &row.tally, None);
            }
        }
        if !summary.by_scope.is_empty() {
            table.title("By scope");
        }
        for (scope, tally) in worst_first(&summary.by_scope) {
            table.tally(&escape(scope), tally, None);
        }
        add_rules(summary, options, &mut table);
        if !summary.by_package.is_empty() {
            table.title("By package, worst first");
        }
        let packages = worst_first(&summary.by_package);
        for (package, tally) in packages.iter().take(ROWS) {
            table.tally(&escape(package), tally, None);
        }
        if packages.len() > ROWS {
            table.title(&format!("  … {}", counted((packages.len() - ROWS) as u64, "more package")));
        }
        table.write(paint, out)?;
        writeln!(out)?;
    }
    write_facts(report, paint, out)
}

/// Rows of rules with anything amiss; those at 100 % only where `verbose`, else counted.
fn add_rules(summary: &Summary, options: &TextOptions, table: &mut Table) {
    table.title("By rule, worst first");
    let mut fine = 0_u64;
    for (rule, row) in rules_worst_first(summary) {
        if row.findings == 0 && row.tally.compliant == row.tally.governed && !options.verbose {
            fine += 1;
            continue;
        }
        let warn = if row.severity == Severity::Warn { " (warning)" } else { "" };
        table.tally(&format!("{}{warn}", escape(rule)), &row.tally, Some(row.findings));
    }
    if fine > 0 {
        table.title(&format!("  … {} without findings", counted(fine, "more rule")));
    }
}

/// File compliance and coverage, and every file that the numbers leave out.
fn write_facts(report: &Report, paint: Paint, out: &mut dyn io::Write) -> io::Result<()> {
    let facts = facts(report);
    let widest = facts.iter().map(|(label, _)| label.len()).max().unwrap_or(0);
    for (label, text) in facts {
        writeln!(out, "{}  {text}", paint.bold(&format!("{label:widest$}")))?;
    }
    writeln!(out)
}

/// The directories of unparsed files, two levels deep, most files first.
pub fn write_unparsed(
    findings: &[&Finding],
    options: &TextOptions,
    paint: Paint,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let mut directories: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for finding in findings {
        let (files, production) = directories.entry(directory(&finding.path)).or_default();
        *files += 1;
        *production += u64::from(finding.violation.scope == "production");
    }
    let mut rows: Vec<_> = directories.into_iter().collect();
    rows.sort_by_key(|&(_, files)| Reverse(files));

    let known = findings.iter().filter(|finding| finding.violation.status == Status::Known).count() as u64;
    let known = if known > 0 { format!(" ({} known)", number(known)) } else { String::new() };
    let title = format!("{} do not parse{known}", counted(findings.len() as u64, "file"));
    writeln!(out, "{}", paint.error(&title))?;
    let shown = if options.limit.is_none() { rows.len() } else { rows.len().min(ROWS) };
    let mut table = Table::new(&["", "files", "production"]);
    for (directory, (files, production)) in &rows[..shown] {
        table.row(vec![format!("  {}", escape(directory)), number(*files), number(*production)]);
    }
    if shown < rows.len() {
        let files: u64 = rows[shown..].iter().map(|(_, (files, _))| files).sum();
        let more = (rows.len() - shown) as u64;
        let directories = if more == 1 { "directory" } else { "directories" };
        table.title(&format!("  … {} more {directories} with {}", number(more), counted(files, "file")));
    }
    table.write(paint, out)
}

/// Where the time went: the stages, and the rules that took most of it.
pub fn write_timings(timings: &Timings, paint: Paint, out: &mut dyn io::Write) -> io::Result<()> {
    let shown = |timings: &[Timing]| {
        let each = timings.iter().map(|timing| format!("{} {} ms", escape(&timing.name), number(timing.ms)));
        each.collect::<Vec<_>>().join(" · ")
    };
    writeln!(out, "{}    {}", paint.bold("Timings"), shown(&timings.stages))?;
    let slow: Vec<Timing> = timings.rules.iter().filter(|rule| rule.ms > 0).take(SLOWEST).cloned().collect();
    if !slow.is_empty() {
        writeln!(out, "  slowest  {}", shown(&slow))?;
    }
    writeln!(out)
}

/// Rules that are named with their time.
const SLOWEST: usize = 5;

/// The first two levels of a file's directory, with a final `/`; `./` at the root.
fn directory(path: &str) -> &str {
    let ends = path.match_indices('/').map(|(at, _)| at + 1);
    ends.take(2).last().map_or("./", |end| &path[..end])
}

/// Rows of cells, the first aligned left, the others right.
pub struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with that first row.
    pub fn new(header: &[&str]) -> Self {
        Self { rows: vec![header.iter().map(|&cell| cell.to_owned()).collect()] }
    }

    /// A row.
    pub fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }

    /// A line across all columns.
    pub fn title(&mut self, text: &str) {
        self.rows.push(vec![text.to_owned()]);
    }

    fn tally(&mut self, name: &str, tally: &Tally, findings: Option<u32>) {
        let mut cells = vec![
            format!("  {name}"),
            number(tally.governed),
            percent(tally.compliance),
            number(tally.violation),
            number(tally.waived),
            number(tally.unknown),
        ];
        cells.extend(findings.map(number));
        self.row(cells);
    }

    /// Writes it, its titles in bold.
    pub fn write(&self, paint: Paint, out: &mut dyn io::Write) -> io::Result<()> {
        let mut widths: Vec<usize> = Vec::new();
        for row in self.rows.iter().filter(|row| row.len() > 1) {
            widths.resize(widths.len().max(row.len()), 0);
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = columns(cell).max(*width);
            }
        }
        for (at, row) in self.rows.iter().enumerate() {
            let mut line = String::new();
            for (column, cell) in row.iter().enumerate() {
                let gap =
                    " ".repeat(widths.get(column).map_or(0, |width| width.saturating_sub(columns(cell))));
                if column == 0 {
                    line.push_str(cell);
                    line.push_str(&gap);
                } else {
                    line.push_str("  ");
                    line.push_str(&gap);
                    line.push_str(cell);
                }
            }
            let line = line.trim_end();
            let heading = at == 0 || (row.len() == 1 && !line.starts_with(' '));
            writeln!(out, "{}", if heading { paint.bold(line) } else { line.to_owned() })?;
        }
        Ok(())
    }
}
