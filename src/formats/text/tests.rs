use std::fmt::Write as _;

use insta::assert_snapshot;

use crate::formats::context::is_hidden;
use crate::formats::sample::{self, finding, options, tally, written};
use crate::formats::{Format, TextOptions};
use crate::report::{Finding, Report, RuleCount, Selected};
use crate::violation::{Severity, Status};

fn text(report: &Report) -> String {
    written(report, Format::Text, &options())
}

/// The first lines of the blocks, without the places in full: where, which rule, which standing.
fn heads(text: &str) -> Vec<&str> {
    text.lines().filter(|line| line.contains(".py:") && !line.starts_with(' ')).collect()
}

#[test]
fn a_run_with_a_registry() {
    assert_snapshot!(text(&sample::report()), @r"
    backend/routes/a.py:1:26  settings
      × Settings comes from `shared.settings`, not from `old.settings`
       ╭────
     1 │ from old.settings import Settings
       ·                          ────────
       ╰────
      rule: importlaw.toml:8
      fix:  from shared.settings import Settings
      and 4 more in 3 files, among them
        backend/routes/b.py:1:26
        backend/routes/b.py:9:26
        tests/test_a.py:3:26

    backend/app/auth.py:12:30  service-isolation
      × backend.app.auth imports auth_service.api.login, which backend may not reach
        ╭────
     12 │ from auth_service.api import login
        ·                              ─────
        ╰────
      chain: 12 modules lead here; a shortest way is
        1  backend.main -> backend.app.auth      (backend/main.py:3)
        2  backend.app.auth -> auth_service.api  (backend/app/auth.py:12)
      rule: importlaw.toml:31  [[forbidden]]
      why:  a service must start without its neighbours

    backend/util.py:2:26  wildcard-import (warning)
      ⚠ a wildcard hides which names are imported
       ╭────
     2 │ from shared.types import *
       ·                          ─
       ╰────

    backend/legacy.py:7:8  service-isolation (known)
      × `auth_service` is not allowed here
       ╭────
     7 │ import auth_service
       ·        ────────────
       ╰────

    note: the git index could not be read

                                 imports   comply  violations  waived  unknown  findings
    By scope
      production                   1,498   99.4 %           4       2        2
      test                           502   99.6 %           2       0        0
    By rule, worst first
      settings                        10   40.0 %           5       1        0         5
      service-isolation            1,000   99.8 %           1       1        0         1
      unresolved-import            2,000   99.9 %           0       0        2         0
      wildcard-import (warning)    1,901   99.9 %           1       0        0         1
      … 1 more rule without findings
    By package, worst first
      backend                        998   99.1 %           4       2        2
      tests                          502   99.6 %           2       0        0
      shared                         500  100.0 %           0       0        0

    Files       1,234 read, 98.7 % of those with imports comply in full
    Coverage    45.0 % of first-party imports have a rule in the registry
    Not parsed  1 file (1 production)
    Excluded    20 files with 340 import lines
    Not read    1 rust file that no target reaches, 17 typescript files

    6 errors and 1 warning in 6 files · 1 known (importlaw.baseline) · 1 waived
    Rules holding: 2 of 4 · worst: settings, 5 violations in 10 imports
    1,990 compliant · 6 violations · 2 waived · 2 unknown
    At least 99.5 % of 2,000 governed imports comply
    ");
}

#[test]
fn a_run_without_a_registry() {
    assert_snapshot!(text(&sample::without_registry()), @r"
    importlaw 0.1 · no importlaw.toml: built-in checks only · 10,613 files

    Missing names  3 in 3 files, 2 of them production · 3 targets
                   1 exists in exactly one place · 0 in several · 2 nowhere

    Fix these first              imports
      `app.gone` does not exist        2
      `app.db` binds no `Pool`         1

    At least 83.1 % of imports resolve. No rule of yours is checked yet.
    Next  importlaw check --all | --format json   every finding
          importlaw init                          drafts a registry that holds today
          importlaw baseline --add --reason …   from now on only what is new

    app/a.py:1:22  unresolved-import
      × `app.gone` does not exist
       ╭────
     1 │ from app.gone import x
       ·                      ─
       ╰────
      and 1 more: app/b.py:4:22

    tests/test_c.py:2:20  unresolved-import
      × `app.db` binds no `Pool`
       ╭────
     2 │ from app.db import Pool
       ·                    ────
       ╰────

                         imports  comply  violations  waived  unknown  findings
    By scope
      production           1,102  81.6 %           2       0      200
      test                   101  99.0 %           1       0        0
    By rule, worst first
      unresolved-import    1,203  83.1 %           3       0      200         3
    By package, worst first
      app                  1,102  81.6 %           2       0      200
      tests                  101  99.0 %           1       0        0

    Files  10,613 read, 99.9 % of those with imports comply in full

    3 errors in 3 files
    Rules holding: 8 of 9 · worst: unresolved-import, 3 violations in 1,203 imports
    1,000 compliant · 3 violations · 0 waived · 200 unknown
    At least 83.1 % of imports resolve. No rule of yours is checked yet.
    ");
}

#[test]
fn nothing_governed_is_never_100() {
    assert_snapshot!(text(&sample::empty()), @r"
    Files  0 read

    No finding
    Rules holding: 0 of 0
    0 compliant · 0 violations · 0 waived · 0 unknown
    n/a: the rules govern no import
    ");
}

#[test]
fn a_clean_run_is_short() {
    let mut report = sample::empty();
    report.summary.files = 7;
    report.summary.tally = tally(1_234, 0, 0, 0);
    report.summary.rules = RuleCount { total: 12, holding: 12 };
    report.summary.coverage = Some(45.0);
    report.summary.elapsed_ms = Some(1_670);
    report.project.as_of_given = true;
    report.summary.by_scope.insert("production".to_owned(), tally(1_234, 0, 0, 0));
    assert_snapshot!(text(&report), @r"
    Files         7 read; 1.6 s
    Coverage      45.0 % of first-party imports have a rule in the registry
    Judged as of  2026-11-22

    No finding
    Rules holding: 12 of 12
    1,234 compliant · 0 violations · 0 waived · 0 unknown
    100.0 % of 1,234 governed imports comply
    ");
}

#[test]
fn a_clean_run_without_a_registry_says_the_headline_once() {
    let mut report = sample::empty();
    report.project.registry = None;
    report.summary.files = 1;
    report.summary.tally = tally(2, 0, 0, 0);
    assert_snapshot!(text(&report), @r"
    importlaw 0.1 · no importlaw.toml: built-in checks only · 1 file

    Missing names  none

    100.0 % of imports resolve. No rule of yours is checked yet.
    Next  importlaw check --all | --format json   every finding
          importlaw init                          drafts a registry that holds today

    Files  1 read
    ");
}

#[test]
fn quiet_is_one_line() {
    let quiet = TextOptions { quiet: true, ..options() };
    assert_snapshot!(written(&sample::report(), Format::Text, &quiet), @"6 errors and 1 warning in 6 files · 1 known (importlaw.baseline) · 1 waived. At least 99.5 % of 2,000 governed imports comply. Rules holding: 2 of 4");
}

#[test]
fn verbose_adds_what_is_waived_undecided_and_left_out() {
    let verbose = written(&sample::report(), Format::Text, &TextOptions { verbose: true, ..options() });
    let last = *heads(&verbose).last().unwrap();
    assert_eq!(last, "backend/zoo.py:4:20  settings (waived by `compatible` until 2026-12-31)");
    assert!(verbose.contains(
        "Cannot be decided\n  backend/plugins.py:14  ?  (the module's name is computed)\n\n\
         Left out\n  a virtual environment: 1 path\n    .venv/\n\n"
    ));
    assert!(verbose.contains("  relative-beyond-root            30  100.0 %"), "{verbose}");
}

#[test]
fn a_narrowed_run_counts_what_it_selected() {
    let mut report = sample::report();
    report.selected = Some(Selected {
        by: vec!["--rule settings".to_owned()],
        new: 5,
        waived: 1,
        known: 0,
        errors: 5,
        not_judged: &[],
    });
    let text = text(&report);
    assert!(text.contains(
        "\n\nSelected by --rule settings: 5 new (5 errors), 0 known, 1 waived\n\nThe whole project\n\n"
    ));
    assert!(!text.contains("in 6 files"), "the findings are counted once");
}

/// One finding of `rule` in `path` for the cause `cause`.
fn caused(rule: &str, path: &str, cause: &str) -> Finding {
    let mut finding = finding(rule, "forbidden", path, 1, "import ‹m›");
    finding.violation.cause = cause.to_owned();
    finding
}

#[test]
fn blocks_are_ordered_by_standing_level_scope_size_and_place() {
    let mut known = caused("r", "a.py", "known");
    known.violation.status = Status::Known;
    let mut warned = caused("r", "b.py", "warned");
    warned.violation.severity = Severity::Warn;
    let mut report = sample::empty();
    report.findings = vec![
        known,
        warned,
        caused("r", "c.py", "once"),
        caused("r", "d.py", "twice"),
        caused("s", "d.py", "once"),
        caused("r", "e.py", "twice"),
        caused("r", "tests/f.py", "thrice"),
        caused("r", "tests/g.py", "thrice"),
        caused("r", "tests/h.py", "thrice"),
    ];
    assert_eq!(
        heads(&text(&report)),
        [
            "d.py:1:8  r",
            "c.py:1:8  r",
            "d.py:1:8  s",
            "tests/f.py:1:8  r",
            "b.py:1:8  r (warning)",
            "a.py:1:8  r (known)"
        ]
    );
}

#[test]
fn a_block_shows_production_first_and_names_three_further_places() {
    let mut report = sample::empty();
    report.findings = ["a/tests/x.py", "b.py", "b.py", "c.py", "d.py", "e.py"]
        .map(|path| caused("r", path, "one"))
        .to_vec();
    let text = text(&report);
    assert!(text.starts_with("b.py:1:8  r\n"), "{text}");
    assert!(
        text.contains("  and 5 more in 5 files, among them\n    b.py:1:8\n    c.py:1:8\n    d.py:1:8\n\n")
    );
}

#[test]
fn long_sentences_are_wrapped_and_line_ends_of_the_registry_kept() {
    let mut report = sample::empty();
    report.findings = vec![caused("r", "a.py", "x")];
    let violation = &mut report.findings[0].violation;
    violation.message = "`a.rather.long.module.name` is imported where it must not be".to_owned();
    violation.reason = Some("first line of why\nsecond\n".to_owned());
    violation.help = Some("write something else instead, please".to_owned());
    let narrow = written(&report, Format::Text, &TextOptions { width: 36, ..options() });
    let block = &narrow[..narrow.find("\n\n").unwrap()];
    assert_snapshot!(block, @r"
    a.py:1:8  r
      × `a.rather.long.module.name` is
      │ imported where it must not be
       ╭────
     1 │ import m
       ·        ─
       ╰────
      why:  first line of why
            second
      fix:  write something else
            instead, please
    ");
}

#[test]
fn findings_without_a_cause_stand_alone() {
    let mut report = sample::empty();
    report.findings = vec![caused("r", "a.py", ""), caused("r", "b.py", "")];
    assert_eq!(heads(&text(&report)), ["a.py:1:8  r", "b.py:1:8  r"]);
}

#[test]
fn the_limit_counts_what_it_hides() {
    let mut report = sample::empty();
    report.findings = vec![
        caused("r", "a.py", "1"),
        caused("r", "b.py", "2"),
        caused("r", "c.py", "3"),
        caused("r", "d.py", "3"),
    ];
    let limited = |limit| written(&report, Format::Text, &TextOptions { limit: Some(limit), ..options() });
    assert_eq!(heads(&limited(1)), ["c.py:1:8  r"]);
    assert!(limited(1).contains("\n\n… 2 more blocks with 2 findings: --all shows them\n\n"));
    assert!(limited(0).starts_with("… 3 more blocks with 4 findings: --all shows them\n\n"));
    assert!(!limited(3).contains("--all"));
}

fn unparsed(n: usize) -> Report {
    let mut report = sample::empty();
    report.findings = (0..n)
        .map(|at| {
            let directory = ["", "app/", "app/api/v1/", "tests/unit/", "tests/unit/db/"][at % 5];
            let path = format!("{directory}f{at}.py");
            let mut finding = finding("unparsed-file", "unparsed-file", &path, 1, "‹def›");
            finding.violation.cause = path;
            finding
        })
        .collect();
    report
}

#[test]
fn the_table_of_unparsed_files_says_how_many_are_known() {
    let mut report = unparsed(1021);
    report.findings[7..].iter_mut().for_each(|finding| finding.violation.status = Status::Known);
    assert_eq!(text(&report).lines().next(), Some("1,021 files do not parse (1,014 known)"));
}

#[test]
fn more_than_twenty_unparsed_files_become_a_table() {
    assert_eq!(heads(&text(&unparsed(20))).len(), 20);
    let text = text(&unparsed(21));
    assert_eq!(heads(&text).len(), 0);
    let end = text.find("\n\n").unwrap();
    assert_snapshot!(&text[..end], @r"
    21 files do not parse
                   files  production
      tests/unit/      8           0
      ./               5           5
      app/             4           4
      app/api/         4           4
    ");
}

#[test]
fn unparsed_directories_beyond_ten_are_counted() {
    let mut report = sample::empty();
    report.findings = (0..30)
        .map(|at| finding("unparsed-file", "unparsed-file", &format!("d{:02}/f.py", at % 12), at, "‹def›"))
        .collect();
    let limited = written(&report, Format::Text, &TextOptions { limit: Some(50), ..options() });
    assert!(
        limited.contains("\n  d09/      2           2\n  … 2 more directories with 4 files\n\n"),
        "{limited}"
    );
    assert!(text(&report).contains("\n  d11/      2           2\n\n"), "--all shows every directory");
}

#[test]
fn only_colour_brings_escape_codes() {
    let colored = TextOptions { color: true, ..options() };
    let colored = written(&sample::report(), Format::Text, &colored);
    assert!(colored.contains("\u{1b}[1;31msettings\u{1b}[0m"));
    assert!(!text(&sample::report()).contains('\u{1b}'));
}

#[test]
fn nothing_from_the_tree_reaches_the_terminal_unescaped() {
    let evil = "e\u{1b}[31m\nv\u{202e}i\u{9b}l\r";
    let mut report = sample::without_registry();
    for (at, finding) in sample::report().findings.into_iter().chain(report.findings.clone()).enumerate() {
        let mut finding = finding;
        let violation = &mut finding.violation;
        for field in
            [&mut violation.message, &mut violation.rule, &mut violation.waived_by, &mut finding.path]
        {
            field.push_str(evil);
        }
        let _ = write!(violation.cause, "{evil}{at}");
        violation.help = Some(evil.to_owned());
        violation.reason = Some(evil.to_owned());
        for hop in &mut violation.chain {
            for field in [&mut hop.importer, &mut hop.imported, &mut hop.path] {
                field.push_str(evil);
            }
        }
        finding.snippet.text.push_str("# \u{1b}[31m\u{202e}\u{9b}");
        finding.registry_snippet.text.insert_str(0, "\u{1b}[31m");
        report.findings.push(finding);
    }
    report.unknown = sample::report().unknown;
    report.left_out = sample::report().left_out;
    let (unknown, left_out) = (&mut report.unknown[0], &mut report.left_out[0]);
    for field in
        [&mut unknown.path, &mut unknown.target, &mut unknown.why, &mut left_out.path, &mut left_out.why]
    {
        field.push_str(evil);
    }
    report.notes = vec![evil.to_owned()];
    report.selected = Some(Selected { by: vec![evil.to_owned()], ..Selected::default() });
    let summary = &mut report.summary;
    summary.by_scope.insert(evil.to_owned(), tally(0, 1, 0, 0));
    summary.by_package.insert(evil.to_owned(), tally(0, 1, 0, 0));
    let row = summary.by_rule["unresolved-import"].clone();
    summary.by_rule.insert(evil.to_owned(), row);

    let verbose = TextOptions { verbose: true, ..options() };
    for registry in [None, Some(evil.to_owned())] {
        report.project.registry = registry;
        for format in [Format::Text, Format::Concise, Format::Json] {
            let text = written(&report, format, &verbose);
            let hidden = text.chars().find(|&c| c != '\n' && is_hidden(c));
            assert_eq!(hidden, None, "{format:?}");
            assert!(!text.lines().any(|line| line.starts_with('v')), "a line end got through in {format:?}");
        }
    }
}

#[test]
fn statistics_count_what_is_new() {
    let mut report = sample::report();
    report.findings[5].violation.written = "shared.types.*".to_owned();
    let counted = written(&report, Format::Text, &TextOptions { statistics: true, ..options() });
    let statistics = counted.split("\n\n").next().unwrap();
    assert_snapshot!(statistics, @r"
    7 new findings               findings  files
    By rule
      settings                          5      4
      service-isolation                 1      1
      wildcard-import (warning)         1      1
    By package
      backend                           5      4
      tests                             2      2
    By scope
      production                        5      4
      test                              2      2
    Most frequent targets
      Settings                          5      4
      login                             1      1
      shared.types.*                    1      1
    ");
    assert!(!counted.contains("──"), "the findings themselves are left out");
    assert!(counted.contains("By scope\n  production"), "the whole project's numbers stay");
}

#[test]
fn statistics_show_the_largest_numbers_first_and_count_the_rest() {
    let mut report = sample::empty();
    for n in 1..=12_u32 {
        let one = |at| finding(&format!("rule-{n:02}"), "forbidden", &format!("a{at}.py"), at, "import ‹x›");
        report.findings.extend((0..n).map(one));
    }
    let counted =
        |limit| written(&report, Format::Text, &TextOptions { statistics: true, limit, ..options() });
    let shown = counted(Some(50));
    assert!(shown.starts_with("78 new findings"), "{shown}");
    let rules: Vec<&str> = shown.lines().filter(|line| line.starts_with("  rule-")).collect();
    assert_eq!(rules.len(), 10);
    assert!(rules[0].starts_with("  rule-12 ") && rules[9].starts_with("  rule-03 "), "{rules:?}");
    assert!(shown.contains("  … 2 more rules\n"), "{shown}");
    assert_eq!(counted(None).lines().filter(|line| line.starts_with("  rule-")).count(), 12);
}

#[test]
fn statistics_of_nothing_are_left_out() {
    let counted = written(&sample::empty(), Format::Text, &TextOptions { statistics: true, ..options() });
    assert_eq!(counted, text(&sample::empty()));
}

#[test]
fn places_are_links_where_they_are_followed() {
    let mut report = sample::report();
    report.findings.truncate(1);
    report.findings[0].path = "backend/ü x.py".to_owned();
    let links = Some("file:///home/me/shop/".to_owned());
    let linked = written(&report, Format::Text, &TextOptions { links, color: true, ..options() });
    assert!(
        linked.contains(
            "\u{1b}]8;;file:///home/me/shop/backend/%C3%BC%20x.py\u{1b}\\\u{1b}[36mbackend/ü x.py:12:30\u{1b}[0m\u{1b}]8;;\u{1b}\\"
        ),
        "{linked}"
    );
    assert!(linked.contains("\u{1b}]8;;file:///home/me/shop/importlaw.toml\u{1b}\\"));
    assert_eq!(linked.matches("\u{1b}]8;;file:").count(), linked.matches("\u{1b}]8;;\u{1b}").count());
}
