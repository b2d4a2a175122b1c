use super::super::sample;
use super::*;

fn written(overview: &Overview, closing: Option<&Closing>) -> String {
    let mut out = Vec::new();
    write(overview, closing, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[track_caller]
fn has(page: &str, lines: &[&str]) {
    for line in lines {
        assert!(page.lines().any(|at| at == *line), "{line}\n{page}");
    }
}

#[test]
fn the_managers_page_begins_with_the_number_and_what_it_counts() {
    let page = written(&sample::overview(), None);
    let first: Vec<&str> = page.lines().take(5).collect();
    assert_eq!(
        first,
        [
            "# Imports of `shop`",
            "",
            "**At least 99.5 %** of 2,000 governed imports comply: 1,990 compliant, 6 violations, 2 waived, 2 unknown.",
            "",
            "commit `aebb16f7` · registry `importlaw.toml` (`5f1d`) · dates judged as of 2026-11-22 · importlaw 0.1.0 · 1,234 files, 1,200 modules",
        ]
    );
    has(
        &page,
        &[
            "| Since `main` | 99.2 % → 99.5 %: fixed +4, broken -1, deleted -1, added +8, policy 0 (compliant uses) |",
            "| Rules holding | 2 of 4 |",
            "| Entry points starting | 0 of 1 |",
            "| Waivers that end within 30 days, or have ended | 1 of 1 with a date |",
            "| Dates (`until`) put off | 1 (compared: the registry with 2 of its versions in git) |",
            "| Python modules that only re-export | 5 (-3) |",
            "| Python packages whose `__init__` only re-exports | 7 (no change) |",
            "| Python modules that hold only stubs | 2 (+1) |",
            "| deleted: with its statement or file | -3 | -1 | |",
            "### Imports that migrated: 4",
            "| `Settings` | `old.settings` | `shared.settings` 3<br>`compat` 1 | 4 | 2 | 1 |",
            "| 3 | `old.settings.Settings` | `settings` | `backend/routes/a.py:1`: `Settings` comes through `old.settings`, not its door `shared.settings` |",
            "| `@team/back\\|end` | 99.1 % | 998 | 4 | 2 | 2 | 98.6 % |",
            "| `settings` | error | 5 | 40.0 % | 10 | 5 | 1 | 0 | 10.0 % | 1 | 4 |",
            "* **DOES NOT HOLD** `starts` (`backend.main:app`): 136 modules and 20 functions followed up to there; 3 calls could not be followed. `backend.main` does not start: `app.gone` does not exist",
            "* put off: `settings: compat` in `importlaw.toml`: 2026-10-01 → 2026-12-01",
            "* files that are not read: 17 `typescript`",
            "* 6 imports whose target is computed",
            "Note: the git index could not be read",
        ],
    );
}

#[test]
fn without_an_unknown_use_the_number_is_no_lower_bound() {
    let mut overview = sample::overview();
    overview.compliance = crate::formats::sample::tally(1, 0, 0, 0);
    assert!(written(&overview, None).contains("\n**100.0 %** of 1 governed import complies: 1 compliant,"));
    overview.compliance = Tally::default();
    assert!(written(&overview, None).contains("\n**n/a**: no import is governed.\n"));
}

#[test]
fn the_closing_page_ends_with_its_verdict() {
    let closing = sample::closing();
    let page = written(&sample::overview(), Some(&closing));
    assert_eq!(page.lines().last(), Some("NOT READY: settings, 2 violations, 1 waiver; starts, 1 unknown"));
    has(
        &page,
        &[
            "# Closing `settings`, `starts`, `apart` of `shop`",
            "* **DOES NOT HOLD** `settings` (canonical, `importlaw.toml:8`): 25.0 % (1 of 4) → 40.0 % (2 of 5); 2 violations, 1 waiver. two classes of one name",
            "* **CANNOT SAY** `starts` (canonical, `importlaw.toml:8`): 25.0 % (1 of 4) → 0.0 % (0 of 1); 1 unknown. two classes of one name",
            "* **HOLDS** `apart` (canonical, `importlaw.toml:8`): 25.0 % (1 of 4) → 100.0 % (4 of 4). two classes of one name",
            "| `production` | 4 → 5 | 1 → 2 | 3 → 2 | 0 → 1 | 0 |",
            "* `old.settings:Settings` (`settings`) in `backend`: comment 1, build file 1",
            "  * comment `backend/a.py:4`: ``# `old.settings` had Settings``",
            "* run by `.github/workflows/ci.yml:4`: `- run: importlaw check`",
            "Made by `importlaw report --closing settings,starts,apart` at commit `aebb16f7`",
            "## `settings`: violations (2)",
            "* `backend/b.py:3` (production): &lt;b&gt;`Settings`&lt;/b&gt; | comes through `old.settings`",
            "## `settings`: waived or recorded (1)",
            "## `starts`: not decided (1)",
        ],
    );
}

#[test]
fn only_what_holds_without_excuse_is_ready() {
    let mut closing = sample::closing();
    closing.rules.drain(..2);
    assert_eq!(closing.verdict(), "READY TO CLOSE");
    let page = written(&sample::overview(), Some(&closing));
    assert_eq!(page.lines().last(), Some("READY TO CLOSE"));
    closing.rules[0].off = true;
    assert_eq!(closing.verdict(), "NOT READY: apart, which is off and judges nothing");
    closing.rules.clear();
    assert!(!closing.is_ready(), "a page about nothing closes nothing");
}

#[test]
fn no_page_is_longer_than_a_comment_on_github_may_be() {
    let (mut overview, mut closing) = (sample::overview(), sample::closing());
    let one = closing.rules[0].findings[0].clone();
    for _ in 0..80 {
        let mut rule = closing.rules[0].clone();
        rule.findings = vec![one.clone(); 100];
        closing.rules.push(rule);
    }
    overview.notes = vec!["a note | of <some> length".to_owned(); 5_000];
    for page in [written(&overview, None), written(&overview, Some(&closing))] {
        assert!(page.chars().count() < 65_536, "{}", page.chars().count());
        assert!(page.contains(" cut: a comment on GitHub may not be longer"));
    }
    let page = written(&overview, Some(&closing));
    assert!(page.lines().last().unwrap().starts_with("NOT READY: settings, 2 violations, 1 waiver; starts"));
}
