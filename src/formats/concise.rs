//! One line a finding, for editors and grep: `path:line:col: severity[rule] message`, then the summary in one line.

use std::io;

use super::TextOptions;
use super::context::{escape, in_one_line, place, severity_word};
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
    writeln!(out, "{}", in_one_line(report))
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::formats::sample::{self, finding, options, written};
    use crate::formats::{Format, TextOptions};

    #[test]
    fn one_line_a_finding() {
        assert_snapshot!(written(&sample::report(), Format::Concise, &options()), @r"
        backend/app/auth.py:12:30: error[service-isolation] backend.app.auth imports auth_service.api.login, which backend may not reach
        backend/legacy.py:7:8: error[service-isolation] `auth_service` is not allowed here (known)
        backend/routes/a.py:1:26: error[settings] Settings comes from `shared.settings`, not from `old.settings`
        backend/routes/b.py:1:26: error[settings] Settings comes from `shared.settings`, not from `old.settings`
        backend/routes/b.py:9:26: error[settings] Settings comes from `shared.settings`, not from `old.settings`
        backend/util.py:2:26: warning[wildcard-import] a wildcard hides which names are imported
        tests/test_a.py:3:26: error[settings] Settings comes from `shared.settings`, not from `old.settings`
        tests/test_b.py:3:26: error[settings] Settings comes from `shared.settings`, not from `old.settings`
        6 errors and 1 warning in 6 files · 1 known (importlaw.baseline) · 1 waived. At least 99.5 % of 2,000 governed imports comply. Rules holding: 2 of 4
        ");
    }

    #[test]
    fn waived_findings_are_listed_when_asked_for() {
        let verbose = TextOptions { verbose: true, ..options() };
        let text = written(&sample::report(), Format::Concise, &verbose);
        assert_eq!(
            text.lines().nth(6),
            Some("backend/zoo.py:4:20: error[settings] `Settings` is not allowed here (waived)")
        );
    }

    #[test]
    fn quiet_leaves_the_summary() {
        let quiet = TextOptions { quiet: true, ..options() };
        assert_eq!(
            written(&sample::empty(), Format::Concise, &quiet),
            "No finding. n/a: the rules govern no import. Rules holding: 0 of 0\n"
        );
    }

    #[test]
    fn a_finding_never_takes_two_lines() {
        let mut report = sample::empty();
        let mut finding = finding("r", "forbidden", "a\n\u{1b}b.py", 1, "import ‹m›");
        finding.violation.message = "one\ntwo".to_owned();
        report.findings = vec![finding];
        let text = written(&report, Format::Concise, &options());
        assert_eq!(text.lines().next(), Some("a\\n\\u{1b}b.py:1:8: error[r] one\\ntwo"));
        assert_eq!(text.lines().count(), 2);
    }
}
