//! One page of each kind that holds a bit of everything, for the tests of every format.

use std::collections::BTreeMap;

use crate::formats::sample::{empty, tally};
use crate::report::RuleCount;
use crate::report::closing::{ClosedRule, Closing, Found, NowAndBefore, Place, Retired};
use crate::report::difference::{Change, Scores, State, Term, Under};
use crate::report::overview::{
    Cause, Counted, Dated, EntryPoint, Migration, NotSeen, Overview, PutOff, Row, RuleRow, Shells, Since,
    Standing, Waivers,
};
use crate::violation::{Severity, Status};

/// The manager's page of a project that is compared with an earlier state.
pub fn overview() -> Overview {
    let row = |name: &str, now, before| Row { name: name.to_owned(), tally: now, before: Some(before) };
    let rule = |id: &str, kind, severity, now, before, findings| RuleRow {
        id: id.to_owned(),
        kind,
        severity,
        tally: now,
        findings,
        known: 0,
        before: Some(before),
        introduced: 1,
        fixed: 4,
    };
    Overview {
        name: Some("shop".to_owned()),
        project: empty().project,
        head: State { revision: None, commit: Some("aebb16f7".to_owned()) },
        uncommitted: false,
        files: 1_234,
        modules: 1_200,
        compliance: tally(1_990, 6, 2, 2),
        file_compliance: Some(98.7),
        coverage: Some(45.0),
        rules: RuleCount { total: 4, holding: 2 },
        since: Some(since()),
        trend: None,
        entrypoints: vec![entrypoint(Standing::DoesNotHold)],
        waivers: waivers(),
        causes: vec![Cause {
            cause: "old.settings.Settings".to_owned(),
            rules: vec!["settings".to_owned()],
            message: "`Settings` comes through `old.settings`, not its door `shared.settings`".to_owned(),
            path: "backend/routes/a.py".to_owned(),
            line: 1,
            uses: 3,
            findings: 3,
        }],
        by_owner: vec![
            row("@team/back|end", tally(990, 4, 2, 2), tally(980, 9, 2, 2)),
            row("shared", tally(500, 0, 0, 0), tally(500, 0, 0, 0)),
        ],
        by_scope: vec![row("production", tally(1_490, 4, 2, 2), tally(1_480, 9, 2, 2))],
        by_rule: vec![
            rule("settings", "canonical", Severity::Error, tally(4, 5, 1, 0), tally(1, 8, 1, 0), 5),
            rule(
                "wildcard-import",
                "wildcard-import",
                Severity::Warn,
                tally(9, 1, 0, 0),
                tally(9, 1, 0, 0),
                1,
            ),
        ],
        by_package: vec![row("backend", tally(990, 4, 2, 2), tally(980, 9, 2, 2))],
        shells: Shells { reexport: 5, reexporting_packages: 7, stubs: 2 },
        shells_before: Some(Shells { reexport: 8, reexporting_packages: 7, stubs: 1 }),
        not_seen: not_seen(),
        notes: vec!["the git index could not be read".to_owned()],
    }
}

/// The page that closes an incident: one rule that does not hold, one of which nobody can say, one that holds.
pub fn closing() -> Closing {
    let found = |path: &str, status, message: &str| Found {
        path: path.to_owned(),
        line: 3,
        scope: "production".to_owned(),
        status,
        message: message.to_owned(),
    };
    let rule = |id: &str, standing, now, findings, unknown| ClosedRule {
        id: id.to_owned(),
        kind: "canonical",
        severity: Severity::Error,
        registry_line: Some(8),
        reason: Some("two classes of one name".to_owned()),
        off: false,
        standing,
        now,
        before: Some(tally(1, 3, 0, 0)),
        by_scope: BTreeMap::from([(
            "production".to_owned(),
            NowAndBefore { now, before: Some(tally(1, 3, 0, 0)) },
        )]),
        findings,
        unknown,
        about_it: Vec::new(),
    };
    let place = |kind, path: &str, text: &str| Place {
        kind,
        path: path.to_owned(),
        line: 4,
        scope: String::new(),
        text: text.to_owned(),
    };
    Closing {
        rules: vec![
            rule(
                "settings",
                Standing::DoesNotHold,
                tally(2, 2, 1, 0),
                vec![
                    found("backend/a.py", Some(Status::New), "`Settings` comes through `old.settings`"),
                    found(
                        "backend/b.py",
                        Some(Status::New),
                        "<b>`Settings`</b> | comes through `old.settings`",
                    ),
                    found("backend/zoo.py", Some(Status::Waived), "`Settings` comes through `compat`"),
                ],
                Vec::new(),
            ),
            rule(
                "starts",
                Standing::CannotSay,
                tally(0, 0, 0, 1),
                Vec::new(),
                vec![found("backend/main.py", None, "may not start")],
            ),
            rule("apart", Standing::Holds, tally(4, 0, 0, 0), Vec::new(), Vec::new()),
        ],
        entrypoints: vec![entrypoint(Standing::Holds)],
        mentions: vec![Retired {
            rule: "settings".to_owned(),
            name: "old.settings:Settings".to_owned(),
            from: vec!["backend".to_owned()],
            counts: BTreeMap::from([("comment", 1), ("build file", 1)]),
            places: vec![
                place("comment", "backend/a.py", "# `old.settings` had Settings"),
                place("build file", "deploy.yaml", "run: old.settings:Settings"),
            ],
        }],
        waivers: waivers().dated,
        not_seen: not_seen(),
        ci: vec![place("ci", ".github/workflows/ci.yml", "- run: importlaw check")],
        command: "importlaw report --closing settings,starts,apart".to_owned(),
    }
}

fn since() -> Since {
    let under = |base, head| Under { base_registry: Some(base), head_registry: head };
    let term = |governed, compliant| Term { governed, compliant };
    Since {
        base: State { revision: Some("main".to_owned()), commit: Some("0123abcd".to_owned()) },
        scores: Scores {
            base_code: under(tally(1_980, 11, 2, 2), tally(1_980, 11, 2, 2)),
            head_code: under(tally(1_990, 6, 2, 2), tally(1_990, 6, 2, 2)),
        },
        change: Change {
            policy: Some(term(0, 0)),
            fixed: term(0, 4),
            broken: term(0, -1),
            deleted: term(-3, -1),
            added: term(8, 8),
        },
        introduced: 1,
        fixed: 4,
        migrations: vec![Migration {
            name: "Settings".to_owned(),
            from: "old.settings".to_owned(),
            to: BTreeMap::from([("shared.settings".to_owned(), 3), ("compat".to_owned(), 1)]),
            migrated: 4,
            remaining: 2,
            introduced: 1,
        }],
    }
}

fn entrypoint(standing: Standing) -> EntryPoint {
    let fails = standing != Standing::Holds;
    EntryPoint {
        id: "starts".to_owned(),
        starts: "backend.main:app".to_owned(),
        standing,
        of: 1,
        start: u32::from(!fails),
        modules: Some(136),
        functions: Some(20),
        not_followed: Some(3),
        failure: fails.then(|| "`backend.main` does not start: `app.gone` does not exist".to_owned()),
    }
}

fn waivers() -> Waivers {
    Waivers {
        uses: 2,
        dated: vec![Dated {
            until: "2026-12-01".to_owned(),
            days: 9,
            rules: vec!["settings".to_owned()],
            what: "compat".to_owned(),
            path: "importlaw.toml".to_owned(),
            line: 12,
            reason: "golden-path tests".to_owned(),
        }],
        soon: 1,
        put_off: vec![PutOff {
            what: "settings: compat".to_owned(),
            path: "importlaw.toml".to_owned(),
            dates: vec!["2026-10-01".to_owned(), "2026-12-01".to_owned()],
        }],
        compared_with: Some("the registry with 2 of its versions in git".to_owned()),
    }
}

fn not_seen() -> NotSeen {
    NotSeen {
        unparsed_files: 1,
        unparsed: vec![Counted { name: "backend/".to_owned(), count: 1 }],
        excluded_files: 20,
        excluded_imports: 340,
        not_read: BTreeMap::from([("typescript".to_owned(), 17)]),
        computed_imports: 6,
        undecided: vec![Counted { name: "unresolved-import".to_owned(), count: 2 }],
        calls_not_followed: 3,
    }
}
