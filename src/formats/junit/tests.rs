use insta::assert_snapshot;

use crate::formats::Format;
use crate::formats::sample::{self, options, written};
use crate::report::{Report, Timing, Timings};
use crate::violation::Status;

fn junit(report: &Report) -> String {
    written(report, Format::Junit, &options())
}

#[test]
fn a_case_is_a_package_under_a_rule() {
    assert_snapshot!(junit(&sample::report()), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <testsuites name="importlaw" tests="8" failures="3" errors="0" skipped="2" time="0">
      <testsuite name="relative-beyond-root" tests="1" failures="0" errors="0" skipped="0" time="0">
        <testcase name="backend" classname="relative-beyond-root" time="0"/>
      </testsuite>
      <testsuite name="service-isolation" tests="2" failures="1" errors="0" skipped="0" time="0">
        <testcase name="backend" classname="service-isolation" time="0">
          <failure type="forbidden" message="backend.app.auth imports auth_service.api.login, which backend may not reach">backend/app/auth.py:12:30: backend.app.auth imports auth_service.api.login, which backend may not reach.
    Why: a service must start without its neighbours
    </failure>
        </testcase>
        <testcase name="shared" classname="service-isolation" time="0"/>
      </testsuite>
      <testsuite name="settings" tests="2" failures="2" errors="0" skipped="0" time="0">
        <testcase name="backend" classname="settings" time="0">
          <failure type="canonical" message="Settings comes from `shared.settings`, not from `old.settings` (and 2 more)">backend/routes/a.py:1:26: Settings comes from `shared.settings`, not from `old.settings`.
    Fix: from shared.settings import Settings
    backend/routes/b.py:1:26: Settings comes from `shared.settings`, not from `old.settings`.
    Fix: from shared.settings import Settings
    backend/routes/b.py:9:26: Settings comes from `shared.settings`, not from `old.settings`.
    Fix: from shared.settings import Settings
    </failure>
        </testcase>
        <testcase name="tests" classname="settings" time="0">
          <failure type="canonical" message="Settings comes from `shared.settings`, not from `old.settings` (and 1 more)">tests/test_a.py:3:26: Settings comes from `shared.settings`, not from `old.settings`.
    Fix: from shared.settings import Settings
    tests/test_b.py:3:26: Settings comes from `shared.settings`, not from `old.settings`.
    Fix: from shared.settings import Settings
    </failure>
        </testcase>
      </testsuite>
      <testsuite name="unresolved-import" tests="2" failures="0" errors="0" skipped="1" time="0">
        <testcase name="backend" classname="unresolved-import" time="0">
          <skipped message="2 imports could not be decided"/>
        </testcase>
        <testcase name="tests" classname="unresolved-import" time="0"/>
      </testsuite>
      <testsuite name="wildcard-import" tests="1" failures="0" errors="0" skipped="1" time="0">
        <testcase name="backend" classname="wildcard-import" time="0">
          <skipped message="1 warning"/>
          <system-out>backend/util.py:2:26: warning: a wildcard hides which names are imported.
    </system-out>
        </testcase>
      </testsuite>
    </testsuites>
    "#);
}

#[test]
fn a_rule_that_governs_nothing_has_a_case_of_its_own() {
    let mut report = sample::report();
    report.cells.clear();
    report.findings.clear();
    let text = junit(&report);
    assert!(text.contains("<testcase name=\"(project)\" classname=\"settings\" time=\"0\"/>"), "{text}");
    assert!(
        text.contains("<testsuites name=\"importlaw\" tests=\"5\" failures=\"0\" errors=\"0\" skipped=\"0\"")
    );
}

#[test]
fn what_a_narrowed_run_leaves_out_does_not_pass() {
    let mut report = sample::report();
    report.findings.retain(|finding| finding.violation.rule != "settings");
    let text = junit(&report);
    assert!(
        text.contains("<skipped message=\"not selected: 3 violations in the whole project\"/>"),
        "{text}"
    );
}

#[test]
fn what_is_known_does_not_fail() {
    let mut report = sample::report();
    report.findings.iter_mut().for_each(|finding| finding.violation.status = Status::Known);
    report.cells.iter_mut().for_each(|cell| cell.tally = sample::tally(1, 0, 5, 0));
    assert!(junit(&report).contains(" failures=\"0\" errors=\"0\" skipped=\"0\""));
}

#[test]
fn harm_stays_text() {
    let text = junit(&sample::everything());
    assert!(text.contains("y.py:1:8: &lt;/failure&gt; ]]&gt; &amp; &quot;'`|&lt;script&gt;"), "{text}");
    assert_eq!(text.matches("<failure ").count(), text.matches("</failure>").count());
    assert!(!text.contains(|c: char| c != '\n' && (c.is_control() || c == '\u{fffe}')));
    assert!(
        text.contains("<testcase name=\"(project)\" classname=\"unmatched-entry\" time=\"0\">"),
        "{text}"
    );
}

#[test]
fn times_are_seconds_where_they_were_measured() {
    let mut report = sample::report();
    report.summary.elapsed_ms = Some(12_034);
    let rules = vec![Timing { name: "settings".to_owned(), ms: 7 }];
    report.summary.timings = Some(Timings { stages: Vec::new(), rules });
    let text = junit(&report);
    assert!(text.contains("skipped=\"2\" time=\"12.034\">"), "{text}");
    assert!(text.contains(
        "<testsuite name=\"settings\" tests=\"2\" failures=\"2\" errors=\"0\" skipped=\"0\" time=\"0.007\">"
    ));
}

/// A reader of test reports counts what the report says of itself.
#[test]
fn a_reader_counts_the_same() {
    let text = junit(&sample::report());
    let suites = junit_parser::from_reader(text.as_bytes()).unwrap();
    let cases: Vec<_> = suites.suites.iter().flat_map(|suite| &suite.cases).collect();
    assert_eq!((suites.tests, suites.failures, suites.skipped), (8, 3, 2));
    assert_eq!(cases.len(), 8);
    assert_eq!(cases.iter().filter(|case| case.status.is_failure()).count(), 3);
    assert_eq!(cases.iter().filter(|case| case.status.is_skipped()).count(), 2);
    assert_eq!(suites.suites.iter().map(|suite| suite.failures).sum::<u64>(), 3);
    let failed = cases.iter().find(|case| case.status.is_failure()).unwrap();
    assert_eq!(
        (failed.original_name.as_str(), failed.classname.as_deref()),
        ("backend", Some("service-isolation"))
    );
}
