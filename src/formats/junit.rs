//! JUnit XML: a suite is a rule, a case is a top-level package under that rule, so that passing ones are there too and a
//! trend shows.
//!
//! A case fails where the gate does: by an error that is new. What could not be decided, warns only, or was not asked for
//! in a narrowed run, is neither a failure nor a pass: the case is skipped and says why.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;

use super::context::machine::{active, repository_path, told};
use super::context::{counted, escape, severity_word, xml};
use crate::report::{Finding, Report, Tally};
use crate::violation::Severity;

/// Writes all rules in force, by name.
pub fn write(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    let suites: Vec<(&str, Vec<Case>)> =
        cases(report).into_iter().map(|(rule, cases)| (rule, cases.into_values().collect())).collect();
    let cases = || suites.iter().flat_map(|(_, cases)| cases);
    let tests = cases().count();
    let failures = cases().filter(|case| case.fails()).count();
    let skipped = cases().filter(|case| case.skipped().is_some()).count();
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    let time = seconds(report.summary.elapsed_ms);
    writeln!(
        out,
        "<testsuites name=\"{}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" skipped=\"{skipped}\" \
         time=\"{time}\">",
        env!("CARGO_PKG_NAME")
    )?;
    for (rule, cases) in &suites {
        suite(report, rule, cases, out)?;
    }
    writeln!(out, "</testsuites>")
}

/// What a rule says of the findings of one package.
#[derive(Default)]
struct Case<'a> {
    name: String,
    tally: Tally,
    findings: Vec<&'a Finding>,
}

impl Case<'_> {
    fn fails(&self) -> bool {
        self.findings.iter().any(|finding| finding.fails())
    }

    /// Why it neither fails nor passes.
    fn skipped(&self) -> Option<String> {
        if self.fails() {
            return None;
        }
        let warnings = self.findings.len() as u64;
        let Tally { violation, unknown, .. } = self.tally;
        match (warnings, violation, unknown) {
            (0, 0, 0) => None,
            (0, 0, unknown) => Some(format!("{} could not be decided", counted(unknown, "import"))),
            (0, violation, _) => {
                Some(format!("not selected: {} in the whole project", counted(violation, "violation")))
            }
            (warnings, ..) => Some(counted(warnings, "warning")),
        }
    }
}

/// What findings and rules without a package are about.
const PROJECT: &str = "(project)";

/// By rule, then by package.
fn cases(report: &Report) -> BTreeMap<&str, BTreeMap<&str, Case<'_>>> {
    let named = |name: &str| Case { name: name.to_owned(), ..Case::default() };
    let mut all: BTreeMap<&str, BTreeMap<&str, Case>> =
        report.summary.by_rule.keys().map(|rule| (rule.as_str(), BTreeMap::new())).collect();
    for cell in &report.cells {
        let cases = all.entry(&cell.rule).or_default();
        cases.entry(&cell.package).or_insert_with(|| Case { tally: cell.tally, ..named(&cell.package) });
    }
    for finding in active(report) {
        let package = if finding.package.is_empty() { PROJECT } else { &finding.package };
        let cases = all.entry(&finding.violation.rule).or_default();
        cases.entry(package).or_insert_with(|| named(package)).findings.push(finding);
    }
    for cases in all.values_mut().filter(|cases| cases.is_empty()) {
        cases.insert(PROJECT, named(PROJECT));
    }
    all
}

fn suite(report: &Report, rule: &str, cases: &[Case], out: &mut dyn io::Write) -> io::Result<()> {
    let failures = cases.iter().filter(|case| case.fails()).count();
    let skipped = cases.iter().filter(|case| case.skipped().is_some()).count();
    let took =
        report.summary.timings.as_ref().and_then(|all| all.rules.iter().find(|took| took.name == rule));
    writeln!(
        out,
        "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{failures}\" errors=\"0\" skipped=\"{skipped}\" time=\"{}\">",
        xml(rule),
        cases.len(),
        seconds(took.map(|took| took.ms))
    )?;
    for case in cases {
        write!(out, "    <testcase name=\"{}\" classname=\"{}\" time=\"0\"", xml(&case.name), xml(rule))?;
        if let Some(why) = case.skipped() {
            writeln!(out, ">\n      <skipped message=\"{}\"/>", xml(&why))?;
            if !case.findings.is_empty() {
                writeln!(out, "      <system-out>{}</system-out>", xml(&listed(report, &case.findings)))?;
            }
            writeln!(out, "    </testcase>")?;
        } else if case.fails() {
            failure(report, case, out)?;
        } else {
            writeln!(out, "/>")?;
        }
    }
    writeln!(out, "  </testsuite>")
}

fn failure(report: &Report, case: &Case, out: &mut dyn io::Write) -> io::Result<()> {
    let errors: Vec<&&Finding> = case.findings.iter().filter(|finding| finding.fails()).collect();
    let Some(first) = errors.first() else { return writeln!(out, "/>") };
    let kind = first.violation.kind;
    let more = match errors.len() as u64 - 1 {
        0 => String::new(),
        more => format!(" (and {more} more)"),
    };
    writeln!(
        out,
        ">\n      <failure type=\"{}\" message=\"{}{more}\">{}</failure>\n    </testcase>",
        xml(kind),
        xml(&escape(&first.violation.message)),
        xml(&listed(report, &case.findings))
    )
}

/// A paragraph each: the place, then what is wrong there and what to do.
fn listed(report: &Report, findings: &[&Finding]) -> String {
    let mut text = String::new();
    for finding in findings {
        let severity = match finding.violation.severity {
            Severity::Error => "",
            Severity::Warn => severity_word(Severity::Warn),
        };
        let gap = if severity.is_empty() { "" } else { ": " };
        let path = repository_path(report, &finding.path);
        let place = format!("{}:{}:{}", escape(&path), finding.line, finding.column);
        let _ = writeln!(text, "{place}: {severity}{gap}{}", told(finding));
    }
    text
}

/// Milliseconds as seconds; 0 where they were not measured.
fn seconds(milliseconds: Option<u64>) -> String {
    milliseconds.map_or_else(|| "0".to_owned(), |ms| format!("{}.{:03}", ms / 1000, ms % 1000))
}

#[cfg(test)]
mod tests;
