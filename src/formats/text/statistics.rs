//! What is new, counted: by rule, by package, by scope, by target.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::io;

use super::Paint;
use super::summary::Table;
use crate::formats::TextOptions;
use crate::formats::context::machine::active;
use crate::formats::context::{counted, cut, escape, number};
use crate::report::{Finding, Report};
use crate::violation::Severity;

/// Rows of each part; all of them where all blocks are asked for.
const ROWS: usize = 10;

/// Writes the tables, the largest numbers first, and tells whether there was anything to count.
pub fn write(
    report: &Report,
    options: &TextOptions,
    paint: Paint,
    out: &mut dyn io::Write,
) -> io::Result<bool> {
    let findings: Vec<&Finding> = active(report).collect();
    if findings.is_empty() {
        return Ok(false);
    }
    let mut table = Table::new(&[&counted(findings.len() as u64, "new finding"), "findings", "files"]);
    let rule = |finding: &Finding| {
        let warning = if finding.violation.severity == Severity::Warn { " (warning)" } else { "" };
        format!("{}{warning}", finding.violation.rule)
    };
    let package = |finding: &Finding| match finding.package.as_str() {
        "" => finding.path.clone(),
        package => package.to_owned(),
    };
    let scope = |finding: &Finding| finding.violation.scope.clone();
    let target = |finding: &Finding| finding.violation.target().to_owned();
    part("By rule", "rule", &findings, &rule, options, &mut table);
    part("By package", "package", &findings, &package, options, &mut table);
    part("By scope", "scope", &findings, &scope, options, &mut table);
    part("Most frequent targets", "target", &findings, &target, options, &mut table);
    table.write(paint, out)?;
    writeln!(out)?;
    Ok(true)
}

/// One part: what the findings share, how many share it, in how many files. What has no name is left out.
fn part(
    title: &str,
    noun: &str,
    findings: &[&Finding],
    name: &dyn Fn(&Finding) -> String,
    options: &TextOptions,
    table: &mut Table,
) {
    let mut counts: BTreeMap<String, (u64, BTreeSet<&str>)> = BTreeMap::new();
    for finding in findings {
        let (count, files) = counts.entry(name(finding)).or_default();
        *count += 1;
        files.insert(&finding.path);
    }
    counts.remove("");
    let mut rows: Vec<(String, (u64, BTreeSet<&str>))> = counts.into_iter().collect();
    rows.sort_by_key(|(_, (count, _))| Reverse(*count));
    if rows.is_empty() {
        return;
    }
    table.title(title);
    let shown = if options.limit.is_none() { rows.len() } else { rows.len().min(ROWS) };
    // Two numbers stand beside it.
    let room = options.width.saturating_sub(24).max(20);
    for (name, (count, files)) in &rows[..shown] {
        let name = format!("  {}", cut(&escape(name), room));
        table.row(vec![name, number(*count), number(files.len() as u64)]);
    }
    if shown < rows.len() {
        table.title(&format!("  … {}", counted((rows.len() - shown) as u64, &format!("more {noun}"))));
    }
}
