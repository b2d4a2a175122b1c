//! The whole project's numbers in the order a person wants them, and what they leave out.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::{counted, escape, number, percent, seconds};
use crate::report::{Report, RuleTally, Summary, Tally};
use crate::violation::Severity;

/// `Rules holding: 7 of 12`, and the worst of the others with its own count. Escaped.
pub fn rules_holding(report: &Report) -> String {
    let summary = &report.summary;
    let holding = format!("Rules holding: {} of {}", summary.rules.holding, summary.rules.total);
    let worst = rules_worst_first(summary)
        .into_iter()
        .find(|(_, row)| row.severity == Severity::Error && (row.findings > 0 || row.tally.violation > 0));
    match worst {
        Some((rule, row)) if row.tally.violation > 0 => {
            let violations = counted(row.tally.violation, "violation");
            let governed = counted(row.tally.governed, "import");
            format!("{holding} · worst: {}, {violations} in {governed}", escape(rule))
        }
        Some((rule, row)) => {
            format!("{holding} · worst: {}, {}", escape(rule), counted(row.findings, "finding"))
        }
        None => holding,
    }
}

/// Errors before warnings, then by what is amiss, then by name.
pub fn rules_worst_first(summary: &Summary) -> Vec<(&str, &RuleTally)> {
    let mut rules: Vec<_> = summary.by_rule.iter().map(|(rule, row)| (rule.as_str(), row)).collect();
    rules.sort_by_key(|(_, row)| {
        (row.severity, Reverse((row.tally.violation, row.findings, row.tally.unknown, row.tally.waived)))
    });
    rules
}

/// By what is amiss, then the largest, then by name.
pub fn worst_first(tallies: &BTreeMap<String, Tally>) -> Vec<(&str, &Tally)> {
    let mut rows: Vec<_> = tallies.iter().map(|(name, tally)| (name.as_str(), tally)).collect();
    rows.sort_by_key(|(_, tally)| Reverse((tally.violation, tally.unknown, tally.waived, tally.governed)));
    rows
}

/// File compliance and coverage, and every file that the numbers leave out: a label and a few words each.
pub fn facts(report: &Report) -> Vec<(&'static str, String)> {
    let summary = &report.summary;
    let mut facts: Vec<(&'static str, String)> = Vec::new();
    let mut files = format!("{} read", number(summary.files));
    if summary.file_compliance.is_some() {
        files = format!("{files}, {} of those with imports comply in full", percent(summary.file_compliance));
    }
    if let (Some(elapsed), Some(_)) = (summary.elapsed_ms, &report.project.registry) {
        files = format!("{files}; {}", seconds(elapsed));
    }
    facts.push(("Files", files));
    if summary.coverage.is_some() {
        let coverage = percent(summary.coverage);
        facts.push(("Coverage", format!("{coverage} of first-party imports have a rule in the registry")));
    }
    if summary.unparsed_files > 0 {
        let production = report.unparsed.iter().filter(|file| file.scope == "production").count() as u64;
        let files = counted(summary.unparsed_files, "file");
        facts.push(("Not parsed", format!("{files} ({} production)", number(production))));
    }
    if summary.excluded_files > 0 {
        let files = counted(summary.excluded_files, "file");
        facts
            .push(("Excluded", format!("{files} with {}", counted(summary.excluded_imports, "import line"))));
    }
    let not_read: Vec<String> = summary
        .not_read
        .iter()
        .filter(|(_, files)| **files > 0)
        .map(|(language, files)| {
            let why = if *language == "rust" { " that no target reaches" } else { "" };
            format!("{}{why}", counted(*files, &format!("{language} file")))
        })
        .collect();
    if !not_read.is_empty() {
        facts.push(("Not read", not_read.join(", ")));
    }
    if report.project.as_of_given {
        facts.push(("Judged as of", report.project.as_of.to_string()));
    }
    facts
}
