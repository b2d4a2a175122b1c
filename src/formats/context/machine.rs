//! What the formats of other programs share: which findings they get and in which order, under which paths, in which
//! words.
//!
//! Such programs know neither waivers nor baselines: they get what is new, and nothing that is excused.

use std::cmp::Reverse;
use std::fmt::Write as _;

use super::escape;
use crate::report::{Finding, Report};
use crate::source::Region;
use crate::violation::{Edit, Severity, Status};

/// Where more about the program is to be read, as Cargo.toml states it; None as long as it states nothing.
pub const HOMEPAGE: Option<&str> =
    if env!("CARGO_PKG_HOMEPAGE").is_empty() { None } else { Some(env!("CARGO_PKG_HOMEPAGE")) };

/// What neither a waiver nor the baseline excuses, in path order.
pub fn active(report: &Report) -> impl Iterator<Item = &Finding> {
    report.findings.iter().filter(|finding| finding.violation.status == Status::New)
}

/// The same for programs that take only so many: errors first, then what stands on lines that the change touched,
/// production, what stops most modules, what most modules reach.
pub fn worst_first(report: &Report) -> Vec<&Finding> {
    let mut findings: Vec<&Finding> = active(report).collect();
    findings.sort_by_key(|finding| {
        let violation = &finding.violation;
        let weight = (violation.stops.len(), violation.reached_by);
        (violation.severity, !finding.on_changed_line, violation.scope != "production", Reverse(weight))
    });
    findings
}

/// How many of the findings have that severity.
pub fn count(findings: &[&Finding], severity: Severity) -> u64 {
    findings.iter().filter(|finding| finding.violation.severity == severity).count() as u64
}

/// A path as the repository counts it; one that lies elsewhere stays absolute. What is about no file at all is about the
/// registry.
pub fn repository_path(report: &Report, path: &str) -> String {
    match path {
        "" => format!("{}{}", report.project.prefix, report.project.registry.as_deref().unwrap_or(REGISTRY)),
        path if path.starts_with('/') => path.to_owned(),
        path => format!("{}{path}", report.project.prefix),
    }
}

/// The registry's usual name.
const REGISTRY: &str = "importlaw.toml";

/// A path as a relative URI: `/` stays, every byte that means something in a URI is written out.
pub fn uri(path: &str) -> String {
    let mut uri = String::from(if path.starts_with('/') { "file://" } else { "" });
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(char::from(byte));
            }
            _ => {
                let _ = write!(uri, "%{byte:02X}");
            }
        }
    }
    uri
}

/// What is wrong, then in paragraphs of their own what to do about it and why the rule exists. Escaped.
pub fn told(finding: &Finding) -> String {
    let violation = &finding.violation;
    let mut told = escape(&violation.message).trim_end_matches('.').to_owned();
    told.push('.');
    for (label, text) in [("Fix", &violation.help), ("Why", &violation.reason)] {
        if let Some(text) = text {
            let lines: Vec<_> = text.trim().lines().map(escape).collect();
            let _ = write!(told, "\n{label}: {}", lines.join("\n"));
        }
    }
    told
}

/// The edits of a finding's suggestion with their regions; none where a region of one is not known.
pub fn edits(finding: &Finding) -> Vec<(&Edit, &Region)> {
    let edits = finding.violation.suggestion.as_ref().map_or(&[][..], |suggestion| &suggestion.edits);
    if edits.len() == finding.edits.len() { edits.iter().zip(&finding.edits).collect() } else { Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::sample;

    #[test]
    fn paths_become_uris() {
        assert_eq!(uri("a/b-1_x.py"), "a/b-1_x.py");
        assert_eq!(uri("a b/ü#?%:\\.py"), "a%20b/%C3%BC%23%3F%25%3A%5C.py");
        assert_eq!(uri("/etc/x.toml"), "file:///etc/x.toml");
    }

    #[test]
    fn paths_are_counted_from_the_repository() {
        let mut report = sample::empty();
        assert_eq!(repository_path(&report, "a/b.py"), "a/b.py");
        report.project.prefix = "services/".to_owned();
        assert_eq!(repository_path(&report, "a/b.py"), "services/a/b.py");
        assert_eq!(repository_path(&report, "/tmp/rules.toml"), "/tmp/rules.toml");
        assert_eq!(repository_path(&report, ""), "services/importlaw.toml");
        report.project.registry = None;
        assert_eq!(repository_path(&report, ""), "services/importlaw.toml");
    }

    #[test]
    fn the_worst_come_first() {
        let mut report = sample::report();
        let places = |report: &Report| -> Vec<String> {
            worst_first(report).iter().map(|f| format!("{}:{}", f.path, f.line)).collect()
        };
        assert_eq!(
            places(&report),
            [
                "backend/app/auth.py:12",
                "backend/routes/a.py:1",
                "backend/routes/b.py:1",
                "backend/routes/b.py:9",
                "tests/test_a.py:3",
                "tests/test_b.py:3",
                "backend/util.py:2",
            ],
            "what is reached by most, production, tests, the warning; nothing known, nothing waived"
        );
        report.findings.iter_mut().find(|f| f.path == "tests/test_b.py").unwrap().on_changed_line = true;
        assert_eq!(places(&report)[0], "tests/test_b.py:3");
    }

    #[test]
    fn what_is_wrong_ends_with_its_sentence() {
        let mut finding = sample::report().findings.remove(0);
        finding.violation.message = "a\u{1b}b is wrong.".to_owned();
        finding.violation.help = Some("write `x`\nor `y`\n".to_owned());
        finding.violation.reason = None;
        assert_eq!(told(&finding), "a\\u{1b}b is wrong.\nFix: write `x`\nor `y`");
    }
}
