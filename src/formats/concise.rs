//! One line a finding, for editors and grep: `path:line:col: severity[rule] message`, then the summary in one line.

use std::io;

use super::TextOptions;
use super::context::{escape, found, headline, place, severity_word};
use crate::report::Report;
use crate::violation::Status;

/// Writes every finding in path order; waived ones only where `verbose` asks for them.
pub fn write(report: &Report, options: &TextOptions, out: &mut dyn io::Write) -> io::Result<()> {
    if !options.quiet {
        for finding in &report.findings {
            let violation = &finding.violation;
            let standing = match violation.status {
                Status::New => "",
                Status::Known => " (known)",
                Status::Waived if options.verbose => " (waived)",
                Status::Waived => continue,
            };
            let (place, severity) = (place(finding), severity_word(violation.severity));
            let (rule, message) = (escape(&violation.rule), escape(&violation.message));
            writeln!(out, "{place}: {severity}[{rule}] {message}{standing}")?;
        }
    }
    let rules = report.summary.rules;
    let headline = headline(report);
    let headline = headline.trim_end_matches('.');
    writeln!(out, "{}. {headline}. Rules holding: {} of {}", found(report), rules.holding, rules.total)
}
