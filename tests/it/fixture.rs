//! `fixtures/platform`: the findings that `before/importlaw.toml` states are found, and no others; `after` is clean.

use std::path::{Path, PathBuf};

use importlaw::check::{Options, STACK, check};
use importlaw::discover::Sources;
use importlaw::facts::Date;
use importlaw::registry::load::{Home, load};
use importlaw::report::Report;
use importlaw::source::RelPath;
use importlaw::violation::{Severity, Status};

fn platform(state: &str) -> (String, Report) {
    judged(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/platform").join(state))
}

/// A project on the disk under its own registry: the registry's text, and the report.
pub fn judged(root: PathBuf) -> (String, Report) {
    let text = std::fs::read_to_string(root.join("importlaw.toml")).expect("a registry");
    let for_thread = text.clone();
    let run = move || on(&root, &for_thread);
    let report =
        std::thread::Builder::new().stack_size(STACK).spawn(run).expect("a thread").join().expect("a report");
    (text, report)
}

fn on(root: &Path, text: &str) -> Report {
    let as_of = Date::parse("2026-11-22").expect("a date");
    let registry =
        load(&RelPath::new("importlaw.toml"), text, Home::Own, as_of).expect("a registry without errors");
    let sources = Sources::from_disk(root, &|path| registry.exclude.is_match(path)).expect("sources");
    check(&registry, &sources, &Options::as_of(as_of)).expect("a report")
}

#[test]
fn before_has_the_findings_that_its_registry_states() {
    let (text, report) = platform("before");
    let stated = |prefix: &str| -> Vec<String> {
        let lines = text.lines().filter_map(|line| line.strip_prefix(prefix));
        lines.map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
    };
    let mut expected: Vec<String> =
        stated("# expect ").into_iter().filter(|l| !l.starts_with("compliance")).collect();
    let mut found: Vec<String> = report
        .findings
        .iter()
        .map(|finding| {
            let level = match (finding.violation.status, finding.violation.severity) {
                (Status::Waived, _) => "waived",
                (_, Severity::Error) => "error",
                (_, Severity::Warn) => "warn",
            };
            format!("{level} {}:{} {}", finding.path, finding.line, finding.violation.rule)
        })
        .collect();
    expected.sort();
    found.sort();
    assert_eq!(found, expected);
    let tally = report.summary.tally;
    let counted = format!(
        "{:.1}: governed {}, compliant {}, violation {}, waived {}, unknown {}",
        tally.compliance.expect("a percentage"),
        tally.governed,
        tally.compliant,
        tally.violation,
        tally.waived,
        tally.unknown
    );
    assert_eq!(stated("# expect compliance "), [counted]);
}

#[test]
fn after_is_clean() {
    let (_, report) = platform("after");
    assert!(report.findings.is_empty(), "{:?}", report.findings);
    assert_eq!(report.summary.tally.compliance, Some(100.0));
    assert_eq!(report.summary.rules.holding, report.summary.rules.total);
}
