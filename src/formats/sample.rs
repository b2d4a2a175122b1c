//! One report that holds a bit of everything, for the tests of every format.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::facts::{Also, Date, ImportKind, When};
use crate::report::{
    BaselineCount, Cell, Finding, LeftOut, Missing, Project, Report, RuleCount, RuleTally, RuleText, Snippet,
    Summary, Tally, UnknownUse, Unparsed,
};
use crate::source::{FileId, Language, LineIndex, Point, Region, Span};
use crate::violation::{Edit, Hop, Place, Severity, Status, Suggestion, Violation};

use super::{Format, TextOptions, write};

/// Plain text of 100 columns, all blocks.
pub fn options() -> TextOptions {
    TextOptions::default()
}

/// The report as written.
pub fn written(report: &Report, format: Format, options: &TextOptions) -> String {
    let mut out = Vec::new();
    write(report, format, options, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// The percentage as the report defines it.
pub fn tally(compliant: u32, violation: u32, waived: u32, unknown: u32) -> Tally {
    let governed = compliant + violation + waived + unknown;
    let compliance = (governed > 0).then(|| f64::from(compliant * 1000 / governed) / 10.0);
    Tally { governed, compliant, violation, waived, unknown, compliance }
}

/// A report on a registry without findings and without imports.
pub fn empty() -> Report {
    Report {
        project: Project {
            root: ".",
            registry: Some("importlaw.toml".to_owned()),
            registry_hash: Some("5f1d".to_owned()),
            baseline: None,
            as_of: Date::new(2026, 11, 22).unwrap(),
            as_of_given: false,
            prefix: String::new(),
        },
        summary: Summary {
            files: 0,
            unparsed_files: 0,
            excluded_files: 0,
            excluded_imports: 0,
            not_read: BTreeMap::new(),
            modules: 0,
            imports: 0,
            edges: 0,
            rules: RuleCount::default(),
            tally: Tally::default(),
            file_compliance: None,
            coverage: None,
            by_scope: BTreeMap::new(),
            by_language: BTreeMap::new(),
            by_rule: BTreeMap::new(),
            by_package: BTreeMap::new(),
            baseline: None,
            timings: None,
            elapsed_ms: None,
            missing: Missing::default(),
            starts: None,
        },
        findings: Vec::new(),
        unknown: Vec::new(),
        unparsed: Vec::new(),
        selected: None,
        gone: Vec::new(),
        moved: 0,
        prolonged: Vec::new(),
        uses: Vec::new(),
        graph: None,
        unknown_uses: Vec::new(),
        by_rule_and_scope: BTreeMap::new(),
        left_out: Vec::new(),
        notes: Vec::new(),
        rules: BTreeMap::new(),
        cells: Vec::new(),
    }
}

/// A finding of `rule` on line `line` of `path`; `source` is that line, its mark between `‹` and `›`.
pub fn finding(rule: &str, kind: &'static str, path: &str, line: u32, source: &str) -> Finding {
    let start = source.find('‹').unwrap();
    let unmarked = source.replace('‹', "");
    let end = unmarked.find('›').unwrap();
    let column = unmarked[..start].chars().count() as u32 + 1;
    let end_column = unmarked[..end].chars().count() as u32 + 1;
    Finding {
        violation: Violation {
            rule: rule.to_owned(),
            kind,
            severity: Severity::Error,
            status: Status::New,
            waived_by: String::new(),
            waiver: None,
            place: Place::Source(FileId(0), Span::new(start as u32, end as u32)),
            language: Some(Language::Python),
            importer: path.trim_end_matches(".py").replace('/', "."),
            scope: if path.contains("tests/") { "test" } else { "production" }.to_owned(),
            written: unmarked[start..end].to_owned(),
            about: String::new(),
            definition: None,
            import_kind: Some(ImportKind { when: When::Eager, also: Also::empty() }),
            message: format!("`{}` is not allowed here", &unmarked[start..end]),
            help: None,
            reason: None,
            registry_line: None,
            chain: Vec::new(),
            reached_by: None,
            stops: Vec::new(),
            instead: None,
            suggestion: None,
            cause: unmarked[start..end].to_owned(),
        },
        path: path.to_owned(),
        line,
        column,
        end_line: line,
        end_column,
        offset: start as u32,
        end_offset: end as u32,
        region: region(&unmarked.replace('›', ""), line, start..end),
        edits: Vec::new(),
        package: path.split(['/', '.']).next().unwrap_or("").to_owned(),
        on_changed_line: false,
        fingerprint: "0a1b2c".to_owned(),
        ordinal: 0,
        recorded: None,
        snippet: Snippet {
            text: unmarked.replace('›', ""),
            first_line: line,
            mark: start,
            mark_len: end - start,
        },
        registry_snippet: Snippet::default(),
    }
}

/// A part of the only line of a text, as that line of a file.
fn region(text: &str, line: u32, bytes: Range<usize>) -> Region {
    let span = Span::new(bytes.start as u32, bytes.end as u32);
    let Region { start, end } = LineIndex::new(text).region(text, span);
    Region { start: Point { line, ..start }, end: Point { line, ..end } }
}

/// A report with a registry: every sort of finding, several scopes, packages and levels.
pub fn report() -> Report {
    let mut report = empty();

    let mut chained = finding(
        "service-isolation",
        "forbidden",
        "backend/app/auth.py",
        12,
        "from auth_service.api import ‹login›",
    );
    chained.violation.message =
        "backend.app.auth imports auth_service.api.login, which backend may not reach".to_owned();
    chained.violation.definition = Some("auth_service.api.impl.login".to_owned());
    chained.violation.reason = Some("a service must start without its neighbours".to_owned());
    chained.violation.registry_line = Some(31);
    chained.violation.reached_by = Some(12);
    chained.violation.chain = vec![
        hop("backend.main", "backend.app.auth", "backend/main.py", 3),
        hop("backend.app.auth", "auth_service.api", "backend/app/auth.py", 12),
    ];
    chained.registry_snippet = Snippet {
        text: "[[forbidden]]\nid = \"service-isolation\"".to_owned(),
        first_line: 31,
        mark: 0,
        mark_len: 13,
    };

    let door = |path: &str, line| {
        let mut door = finding("settings", "canonical", path, line, "from old.settings import ‹Settings›");
        door.violation.message = "Settings comes from `shared.settings`, not from `old.settings`".to_owned();
        door.violation.help = Some("from shared.settings import Settings".to_owned());
        door.violation.registry_line = Some(8);
        door.violation.suggestion = Some(Suggestion {
            safe: true,
            edits: vec![Edit {
                path: path.to_owned(),
                offset: 5,
                end_offset: 17,
                text: "shared.settings".to_owned(),
            }],
        });
        door.edits = vec![region("from old.settings import Settings", line, 5..17)];
        door
    };

    let mut warned =
        finding("wildcard-import", "wildcard-import", "backend/util.py", 2, "from shared.types import ‹*›");
    warned.violation.severity = Severity::Warn;
    warned.violation.message = "a wildcard hides which names are imported".to_owned();
    let mut known =
        finding("service-isolation", "forbidden", "backend/legacy.py", 7, "import ‹auth_service›");
    known.violation.status = Status::Known;
    let mut waived = finding("settings", "canonical", "backend/zoo.py", 4, "from compat import ‹Settings›");
    waived.violation.status = Status::Waived;
    waived.violation.waived_by = "`compatible` until 2026-12-31".to_owned();

    report.project.baseline = Some("importlaw.baseline".to_owned());
    report.findings = vec![
        chained,
        known,
        door("backend/routes/a.py", 1),
        door("backend/routes/b.py", 1),
        door("backend/routes/b.py", 9),
        warned,
        waived,
        door("tests/test_a.py", 3),
        door("tests/test_b.py", 3),
    ];
    report.unknown = vec![UnknownUse {
        path: "backend/plugins.py".to_owned(),
        line: 14,
        rule: "unresolved-import".to_owned(),
        target: "?".to_owned(),
        why: "the module's name is computed".to_owned(),
    }];
    report.unparsed = vec![Unparsed {
        path: "backend/broken.py".to_owned(),
        line: 5,
        message: "unexpected indentation".to_owned(),
        scope: "production".to_owned(),
        recovered: 3,
    }];
    report.left_out = vec![LeftOut { path: ".venv/".to_owned(), why: "a virtual environment".to_owned() }];
    report.notes = vec!["the git index could not be read".to_owned()];

    let summary = &mut report.summary;
    summary.files = 1_234;
    summary.unparsed_files = 1;
    summary.excluded_files = 20;
    summary.excluded_imports = 340;
    summary.not_read = BTreeMap::from([("rust", 1), ("typescript", 17)]);
    summary.modules = 1_200;
    summary.imports = 5_000;
    summary.edges = 2_500;
    summary.rules = RuleCount { total: 4, holding: 2 };
    summary.tally = tally(1_990, 6, 2, 2);
    summary.baseline = Some(BaselineCount { entries: 1, known: 1, ..BaselineCount::default() });
    summary.file_compliance = Some(98.7);
    summary.coverage = Some(45.0);
    summary.by_scope = BTreeMap::from([
        ("production".to_owned(), tally(1_490, 4, 2, 2)),
        ("test".to_owned(), tally(500, 2, 0, 0)),
    ]);
    summary.by_package = BTreeMap::from([
        ("backend".to_owned(), tally(990, 4, 2, 2)),
        ("shared".to_owned(), tally(500, 0, 0, 0)),
        ("tests".to_owned(), tally(500, 2, 0, 0)),
    ]);
    let row = |tally, kind, severity, findings| RuleTally { tally, kind, severity, findings, known: 0 };
    summary.by_rule = BTreeMap::from([
        ("service-isolation".to_owned(), row(tally(998, 1, 1, 0), "forbidden", Severity::Error, 1)),
        ("settings".to_owned(), row(tally(4, 5, 1, 0), "canonical", Severity::Error, 5)),
        (
            "relative-beyond-root".to_owned(),
            row(tally(30, 0, 0, 0), "relative-beyond-root", Severity::Error, 0),
        ),
        ("unresolved-import".to_owned(), row(tally(1_998, 0, 0, 2), "unresolved-import", Severity::Error, 0)),
        ("wildcard-import".to_owned(), row(tally(1_900, 1, 0, 0), "wildcard-import", Severity::Warn, 1)),
    ]);
    let text = |reason: &str, docs: Option<&str>| RuleText {
        summary: "A module imports what it may not.".to_owned(),
        page: "# page\n\nWrite `a`, not [b](c).".to_owned(),
        reason: Some(reason.to_owned()).filter(|reason| !reason.is_empty()),
        help: None,
        docs: docs.map(str::to_owned),
    };
    report.rules = report.summary.by_rule.keys().map(|rule| (rule.clone(), text("", None))).collect();
    let isolation =
        text("a service must start without its neighbours", Some("https://example.org/isolation"));
    report.rules.insert("service-isolation".to_owned(), isolation);
    let cell =
        |rule: &str, package: &str, tally| Cell { rule: rule.to_owned(), package: package.to_owned(), tally };
    report.cells = vec![
        cell("relative-beyond-root", "backend", tally(30, 0, 0, 0)),
        cell("service-isolation", "backend", tally(498, 1, 1, 0)),
        cell("service-isolation", "shared", tally(500, 0, 0, 0)),
        cell("settings", "backend", tally(2, 3, 1, 0)),
        cell("settings", "tests", tally(2, 2, 0, 0)),
        cell("unresolved-import", "backend", tally(998, 0, 0, 2)),
        cell("unresolved-import", "tests", tally(1_000, 0, 0, 0)),
        cell("wildcard-import", "backend", tally(1_900, 1, 0, 0)),
    ];
    report
}

/// The same with what else there can be: findings about the registry, the baseline and a file that cannot be read, one
/// behind wide characters, and one whose every text means harm.
pub fn everything() -> Report {
    let mut report = report();
    report.project.prefix = "services/".to_owned();
    let mut unmatched =
        finding("unmatched-entry", "unmatched-entry", "importlaw.toml", 31, "from = [‹\"gone\"›]");
    unmatched.violation.language = None;
    unmatched.violation.import_kind = None;
    unmatched.violation.registry_line = Some(31);
    unmatched.package = String::new();
    let mut stale = finding("stale-baseline", "stale-baseline", "importlaw.baseline", 2, "‹{}›");
    stale.package = String::new();
    let mut unread = finding("unparsed-file", "unparsed-file", "backend/locked.py", 1, "‹›");
    unread.snippet = Snippet::default();
    let wide = finding("settings", "canonical", "backend/漢 字#.py", 3, "s = \"𝄞é\"; from a import ‹b›");
    let mut hostile = finding("settings", "canonical", "backend/|`<b>@all,x=1::y.py", 1, "import ‹x›");
    let text = "</failure> ]]> & \"'`|<script>alert(1)</script> @all #1 [x](http://x) 5% ::error::\u{1b}[31m\u{0}\u{fffe}\r\n::error::";
    hostile.violation.message = text.to_owned();
    hostile.violation.help = Some(text.to_owned());
    hostile.violation.reason = Some(text.to_owned());
    hostile.violation.cause = text.to_owned();
    report.findings.extend([unmatched, stale, unread, wide, hostile]);
    report.findings.sort_by(|a, b| (&a.path, a.offset).cmp(&(&b.path, b.offset)));
    for (at, finding) in report.findings.iter_mut().enumerate() {
        finding.fingerprint = format!("{at:016x}");
    }
    report.notes.push(text.to_owned());
    report
}

/// A report without a registry: two missing modules, one missing name.
pub fn without_registry() -> Report {
    let mut report = empty();
    report.project.registry = None;
    report.project.registry_hash = None;
    let missing = |path: &str, line, source: &str, cause: &str, message: &str| {
        let mut missing = finding("unresolved-import", "unresolved-import", path, line, source);
        missing.violation.cause = cause.to_owned();
        missing.violation.message = message.to_owned();
        missing
    };
    let gone = "`app.gone` does not exist";
    report.findings = vec![
        missing("app/a.py", 1, "from app.gone import ‹x›", "app.gone", gone),
        missing("app/b.py", 4, "from app.gone import ‹y›", "app.gone", gone),
        missing("tests/test_c.py", 2, "from app.db import ‹Pool›", "app.db.Pool", "`app.db` binds no `Pool`"),
    ];
    let summary = &mut report.summary;
    summary.files = 10_613;
    summary.rules = RuleCount { total: 9, holding: 8 };
    summary.tally = tally(1_000, 3, 0, 200);
    summary.file_compliance = Some(99.9);
    summary.by_scope = BTreeMap::from([
        ("production".to_owned(), tally(900, 2, 0, 200)),
        ("test".to_owned(), tally(100, 1, 0, 0)),
    ]);
    summary.by_package = BTreeMap::from([
        ("app".to_owned(), tally(900, 2, 0, 200)),
        ("tests".to_owned(), tally(100, 1, 0, 0)),
    ]);
    summary.by_rule = BTreeMap::from([(
        "unresolved-import".to_owned(),
        RuleTally {
            tally: tally(1_000, 3, 0, 200),
            kind: "unresolved-import",
            severity: Severity::Error,
            findings: 3,
            known: 0,
        },
    )]);
    summary.missing = Missing { names: 3, files: 3, production: 2, targets: 3, one_place: 1, nowhere: 2 };
    report
}

fn hop(from: &str, to: &str, path: &str, line: u32) -> Hop {
    Hop { importer: from.to_owned(), imported: to.to_owned(), path: path.to_owned(), line }
}
