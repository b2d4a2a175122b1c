//! GitLab Code Quality: a bare array, one element a finding
//! (<https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format>).
//!
//! GitLab matches the fingerprints of two branches, so they hold no line; of equal ones it keeps a single finding, so they
//! hold an ordinal.

use std::io;

use serde::Serialize;

use super::context::machine::{active, repository_path, told};
use super::context::write_json;
use crate::report::{Finding, Report};
use crate::violation::Severity;

/// Writes what is new, in path order.
pub fn write(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    let issues: Vec<Issue> = active(report).map(|finding| issue(report, finding)).collect();
    write_json(&issues, out)
}

#[derive(Serialize)]
struct Issue<'a> {
    description: String,
    check_name: &'a str,
    fingerprint: &'a str,
    severity: &'static str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u32,
}

fn issue<'a>(report: &Report, finding: &'a Finding) -> Issue<'a> {
    Issue {
        description: told(finding),
        check_name: &finding.violation.rule,
        fingerprint: &finding.fingerprint,
        severity: match finding.violation.severity {
            Severity::Error => "major",
            Severity::Warn => "minor",
        },
        location: Location {
            // A registry may lie elsewhere, and GitLab takes no absolute path.
            path: repository_path(report, &finding.path).trim_start_matches('/').to_owned(),
            lines: Lines { begin: finding.line },
        },
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::formats::Format;
    use crate::formats::sample::{self, options, written};
    use crate::report::Report;

    fn issues(report: &Report) -> Vec<Value> {
        serde_json::from_str(&written(report, Format::Gitlab, &options())).unwrap()
    }

    #[test]
    fn one_element_a_new_finding() {
        let mut report = sample::report();
        report.project.prefix = "services/".to_owned();
        let issues = issues(&report);
        assert_eq!(issues.len(), 7, "nothing known, nothing waived");
        assert_eq!(
            issues[0],
            json!({
                "description": "backend.app.auth imports auth_service.api.login, which backend may not reach.\n\
                                Why: a service must start without its neighbours",
                "check_name": "service-isolation",
                "fingerprint": "0a1b2c",
                "severity": "major",
                "location": { "path": "services/backend/app/auth.py", "lines": { "begin": 12 } },
            })
        );
        assert_eq!(issues[4]["severity"], "minor");
    }

    #[test]
    fn no_path_is_absolute() {
        let mut report = sample::report();
        report.findings[0].path = "/etc/rules.toml".to_owned();
        assert_eq!(issues(&report)[0]["location"]["path"], "etc/rules.toml");
    }

    #[test]
    fn nothing_is_an_empty_array() {
        assert_eq!(issues(&sample::empty()), Vec::<Value>::new());
    }
}
