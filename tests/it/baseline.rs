//! What is recorded, in trees with a real git repository: known, new, stale, expired, moved; recording and pruning.

use std::fs;

use serde_json::json;

use crate::cli::{Run, Tree};

const REGISTRY: &str = r#"version = 1

[[forbidden]]
id = "apart"
from = ["app"]
to = ["other"]
owner = "@apps"
"#;

/// Four findings: three of `apart`, one missing name; nothing is recorded and nothing committed.
fn project() -> Tree {
    let tree = Tree::new(&[
        ("importlaw.toml", REGISTRY),
        ("app/__init__.py", ""),
        ("app/a.py", "import other.x\nimport other.y\n"),
        ("app/b.py", "# A few lines, so that a moved file is alike.\nimport other.x\nimport app.gone\n"),
        ("other/__init__.py", ""),
        ("other/x.py", ""),
        ("other/y.py", ""),
    ]);
    tree.shell("git", &["init", "-q"]);
    tree
}

/// The same, recorded and committed on 2026-06-30.
fn recorded() -> Tree {
    let tree = project();
    let add = ["baseline", "--add", "--reason", "#12", "--as-of", "2026-06-30"];
    tree.run(&add).ends(0, "importlaw.baseline: 4 findings recorded; 4 entries\n");
    tree.commit("2026-06-30");
    tree
}

/// `check` with a line a finding; the messages are cut.
fn check(tree: &Tree, more: &[&str]) -> (Option<i32>, Vec<String>) {
    let run = tree.run(&[&["check", "--format", "concise", "--as-of", "2026-11-22"], more].concat());
    assert_eq!(run.err, "", "{more:?}");
    let cut = |line: &str| match line.split_once("] ") {
        Some((head, _)) if line.ends_with("(known)") => format!("{head}] known"),
        Some((head, _)) => format!("{head}]"),
        None => line.split(". ").next().unwrap_or_default().to_owned(),
    };
    (run.code, run.out.lines().map(cut).collect())
}

fn text(tree: &Tree) -> String {
    fs::read_to_string(tree.path("importlaw.baseline")).unwrap()
}

#[test]
fn what_is_recorded_does_not_fail() {
    let tree = project();
    assert_eq!(check(&tree, &[]).0, Some(1));
    tree.run(&["baseline", "--add", "--reason", "#12", "--as-of", "2026-06-30"])
        .ends(0, "importlaw.baseline: 4 findings recorded; 4 entries\n");
    assert_eq!(
        text(&tree),
        r##"{"language":"python","rule":"apart","importer":"app.a","target":"other.x","path":"app/a.py","since":"2026-06-30","reason":"#12"}
{"language":"python","rule":"apart","importer":"app.a","target":"other.y","path":"app/a.py","since":"2026-06-30","reason":"#12"}
{"language":"python","rule":"apart","importer":"app.b","target":"other.x","path":"app/b.py","since":"2026-06-30","reason":"#12"}
{"language":"python","rule":"unresolved-import","importer":"app.b","target":"app.gone","path":"app/b.py","since":"2026-06-30","reason":"#12"}
"##
    );
    let known = [
        "app/a.py:1:8: error[apart] known",
        "app/a.py:2:8: error[apart] known",
        "app/b.py:2:8: error[apart] known",
        "app/b.py:3:8: error[unresolved-import] known",
        "No new finding · 4 known (importlaw.baseline)",
    ];
    assert_eq!(check(&tree, &[]), (Some(0), known.map(str::to_owned).to_vec()));
    assert_eq!(check(&tree, &["--no-baseline"]).1.last().unwrap(), "4 errors in 2 files");

    let report = tree.run(&["check", "--format", "json"]).json();
    assert_eq!(report["project"]["baseline"], "importlaw.baseline");
    assert_eq!(
        report["summary"]["baseline"],
        json!({"entries": 4, "known": 4, "moved": 0, "stale": 0, "expired": 0})
    );
    let apart = &report["summary"]["by_rule"]["apart"];
    let counted = [&apart["findings"], &apart["known"], &apart["violation"], &apart["waived"]];
    assert_eq!(counted.map(|n| n.as_u64().unwrap()), [0, 3, 0, 3], "what is recorded is excused");
    assert_eq!(report["summary"]["compliance"], 0.0, "and complies no better");
    // Neither `apart` nor `unresolved-import` holds.
    let rules = &report["summary"]["rules"];
    assert_eq!(rules["total"].as_u64().unwrap() - rules["holding"].as_u64().unwrap(), 2);
    let statuses = report["violations"].as_array().unwrap().iter().map(|v| v["status"].as_str().unwrap());
    assert_eq!(statuses.collect::<Vec<_>>(), ["known"; 4]);
    let without = tree.run(&["check", "--no-baseline", "--format", "json"]).json();
    assert_eq!(without["project"]["baseline"], serde_json::Value::Null);
    assert_eq!(without["summary"].get("baseline"), None);
    let prints = |report: &serde_json::Value| -> Vec<String> {
        let all = report["violations"].as_array().unwrap().iter();
        all.map(|v| v["fingerprint"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(prints(&report), prints(&without), "a finding stays the same one");
}

#[test]
fn new_findings_stand_before_known_ones() {
    let tree = recorded();
    tree.write("app/c.py", b"import other.y\n");
    let run = tree.run(&["check"]);
    assert_eq!(run.out.lines().filter(|line| line.contains("  apart")).count(), 2, "{}", run.out);
    assert!(run.out.contains("\n\n4 known findings: -v shows them\n\n"), "{}", run.out);
    let run = tree.run(&["check", "-v"]);
    assert_eq!(run.code, Some(1));
    let heads: Vec<&str> = run.out.lines().filter(|line| line.contains("  apart")).take(3).collect();
    assert_eq!(
        heads,
        [
            "app/c.py:1:8  apart",
            "app/a.py:1:8  apart (known, importlaw.baseline:1: #12)",
            "app/a.py:2:8  apart (known, importlaw.baseline:2: #12)",
        ]
    );
    assert!(run.out.contains("\n1 error in 1 file · 4 known (importlaw.baseline)\n"), "{}", run.out);
}

#[test]
fn one_mended_and_another_made_are_told_apart() {
    let tree = recorded();
    tree.write("other/z.py", b"");
    tree.write("app/a.py", b"import other.z\nimport other.y\n");
    let expected = [
        "app/a.py:1:8: error[apart]",
        "app/a.py:2:8: error[apart] known",
        "app/b.py:2:8: error[apart] known",
        "app/b.py:3:8: error[unresolved-import] known",
        "importlaw.baseline:1:1: error[stale-baseline]",
        "2 errors in 2 files · 3 known (importlaw.baseline)",
    ];
    assert_eq!(check(&tree, &[]), (Some(1), expected.map(str::to_owned).to_vec()));
}

#[test]
fn what_moves_within_its_module_stays_known() {
    let tree = recorded();
    tree.write("app/a.py", b"x = 1\n\n\ndef f():\n    from other import y\n\n\nimport other.x as z\n");
    assert_eq!(check(&tree, &[]).0, Some(0));
}

#[test]
fn a_third_equal_import_is_new() {
    let tree = recorded();
    tree.write("app/a.py", b"import other.x\nimport other.y\nimport other.x\n");
    let (code, lines) = check(&tree, &[]);
    assert_eq!((code, lines[2].as_str()), (Some(1), "app/a.py:3:8: error[apart]"));
}

#[test]
fn a_stale_entry_is_an_error_at_its_line_and_pruned() {
    let tree = recorded();
    tree.write("app/a.py", b"import other.y\n");
    let run = tree.run(&["check", "--format", "concise", "--rule", "stale-baseline"]);
    let message = "importlaw.baseline:1:1: error[stale-baseline] nothing is found any more: `other.x` of `apart` in \
                   `app.a`\n";
    assert_eq!(run.code, Some(1));
    assert!(run.out.starts_with(message), "{}", run.out);
    tree.run(&["baseline", "--prune"]).ends(0, "importlaw.baseline: 1 removed; 3 entries\n");
    assert_eq!(check(&tree, &[]).0, Some(0));
    assert_eq!(text(&tree).lines().count(), 3);
    assert!(!text(&tree).contains(r#""importer":"app.a","target":"other.x""#));
    // New findings are not taken in.
    tree.write("app/c.py", b"import other.y\n");
    tree.run(&["baseline", "--prune"]).ends(0, "importlaw.baseline: 0 removed; 3 entries\n");
    assert_eq!(check(&tree, &[]).0, Some(1));
}

#[test]
fn a_narrowed_run_says_that_it_does_not_judge_what_is_stale() {
    let tree = recorded();
    tree.write("app/a.py", b"import other.y\n");
    let note = "note: a narrowed run does not judge whether entries of importlaw.baseline are stale; `importlaw \
                check` of the whole does\n";
    for (more, code, noted) in [
        (&["app"][..], 0, true),
        (&["--rule", "apart"], 0, true),
        (&["--scope", "production"], 0, true),
        (&[], 1, false),
        (&["--rule", "stale-baseline"], 1, false),
        (&["importlaw.baseline"], 1, false),
        (&["app", "--no-baseline"], 1, false),
    ] {
        let run = tree.run(&[&["check"], more].concat());
        assert_eq!((run.code, run.out.contains(note)), (Some(code), noted), "{more:?}\n{}", run.out);
    }
}

#[test]
fn a_staged_rename_is_known_and_pruning_writes_the_new_place() {
    let tree = recorded();
    tree.shell("git", &["mv", "app/b.py", "app/c.py"]);
    let expected = [
        "app/a.py:1:8: error[apart] known",
        "app/a.py:2:8: error[apart] known",
        "app/c.py:2:8: error[apart] known",
        "app/c.py:3:8: error[unresolved-import] known",
        "No new finding · 4 known (importlaw.baseline)",
    ];
    assert_eq!(check(&tree, &[]), (Some(0), expected.map(str::to_owned).to_vec()));
    tree.run(&["baseline"]).ends(
        0,
        "Moved
  app/c.py:2:8: `other.x` of `apart` in `app.b`, then in app/b.py
  app/c.py:3:8: `app.gone` of `unresolved-import` in `app.b`, then in app/b.py

By rule                 new   known   moved   stale  expired
  apart                   0       3       1       0        0
  unresolved-import       0       1       1       0        0
By owner
  (no owner)              0       1       1       0        0
  @apps                   0       3       1       0        0

importlaw.baseline: 0 new, 4 known (2 moved), 0 stale
",
    );
    tree.run(&["baseline", "--prune"]).ends(0, "importlaw.baseline: 0 removed, 2 moved; 4 entries\n");
    assert_eq!(text(&tree).matches(r#""importer":"app.c","#).count(), 2);
    assert_eq!(text(&tree).matches(r#""path":"app/c.py""#).count(), 2);
    assert_eq!(text(&tree).matches("app.b\"").count(), 0);
}

#[test]
fn committed_renames_are_followed_one_after_the_other() {
    let tree = recorded();
    tree.shell("git", &["mv", "app/b.py", "app/c.py"]);
    tree.commit("2026-07-15");
    tree.write("late/__init__.py", b"");
    tree.write("importlaw.toml", REGISTRY.replace("[\"app\"]", "[\"app\", \"late\"]").as_bytes());
    tree.shell("git", &["mv", "app/c.py", "late/d.py"]);
    tree.commit("2026-08-15");
    let (code, lines) = check(&tree, &[]);
    assert_eq!(code, Some(0), "{lines:?}");
    assert_eq!(lines.last().unwrap(), "No new finding · 4 known (importlaw.baseline)");

    // A clone without the history cannot know, and says so.
    let url = format!("file://{}", tree.path("").display());
    tree.shell("git", &["clone", "-q", "--depth", "1", &url, "../shallow"]);
    let run = tree.run(&["check", "-C", "../shallow", "--as-of", "2026-11-22"]);
    assert_eq!(run.code, Some(1));
    let note = "note: this clone is shallow: git does not know what was renamed before its history begins (a full \
                clone does, in CI `fetch-depth: 0`)\n";
    assert!(run.out.contains(note), "{}", run.out);
    assert!(run.out.contains("\n4 errors in 2 files · 2 known (importlaw.baseline)\n"), "{}", run.out);
}

#[test]
fn a_project_below_the_repository_s_top_has_its_own_paths() {
    let tree = Tree::new(&[("README.md", "")]);
    tree.shell("git", &["init", "-q"]);
    for (path, text) in [
        ("sub/importlaw.toml", REGISTRY),
        ("sub/app/b.py", "# A few lines, so that a moved file is alike.\nimport other.x\n"),
        ("sub/other/x.py", ""),
    ] {
        tree.write(path, text.as_bytes());
    }
    tree.run(&["baseline", "-C", "sub", "--add", "--reason", "#12", "--as-of", "2026-06-30"])
        .ends(0, "importlaw.baseline: 1 finding recorded; 1 entry\n");
    tree.commit("2026-06-30");
    tree.shell("git", &["mv", "sub/app/b.py", "sub/app/c.py"]);
    assert_eq!(check(&tree, &["-C", "sub"]).0, Some(0));
    tree.commit("2026-07-01");
    assert_eq!(check(&tree, &["-C", "sub"]).0, Some(0));
}

#[test]
fn what_git_does_not_call_renamed_is_new() {
    let tree = recorded();
    // Another file with the same finding, and the recorded one gone.
    tree.write("app/b.py", b"");
    tree.write("app/c.py", b"import other.x\n");
    tree.shell("git", &["add", "-A"]);
    let expected = [
        "app/a.py:1:8: error[apart] known",
        "app/a.py:2:8: error[apart] known",
        "app/c.py:1:8: error[apart]",
        "importlaw.baseline:3:1: error[stale-baseline]",
        "importlaw.baseline:4:1: error[stale-baseline]",
        "3 errors in 2 files · 2 known (importlaw.baseline)",
    ];
    assert_eq!(check(&tree, &[]), (Some(1), expected.map(str::to_owned).to_vec()));
}

#[test]
fn a_date_ends_an_entry() {
    let tree = project();
    let add = ["baseline", "--add", "--reason", "#12", "--owner", "@b", "--until", "2026-09-30"];
    tree.run(&[&add[..], &["--as-of", "2026-06-30"]].concat())
        .ends(0, "importlaw.baseline: 4 findings recorded; 4 entries\n");
    let on = |day: &str| -> Run { tree.run(&["check", "--format", "concise", "--as-of", day]) };
    assert_eq!(on("2026-09-30").code, Some(0), "the last day counts");
    let run = on("2026-10-01");
    assert_eq!(run.code, Some(1));
    let first = "app/a.py:1:8: error[apart] `app.a` imports `other.x`, which `apart` forbids\n";
    assert!(run.out.starts_with(first), "{}", run.out);
    let expired = "importlaw.baseline:1:1: error[expired] `other.x` of `apart` in `app.a` was excused until \
                   2026-09-30\n";
    assert!(run.out.contains(expired), "{}", run.out);
    assert!(!run.out.contains("stale-baseline"), "{}", run.out);
    let run = tree.run(&["baseline", "--as-of", "2026-10-01"]);
    assert_eq!(run.code, Some(1));
    let last = "\nimportlaw.baseline: 4 new, 0 known, 0 stale, 4 past their date\n";
    assert!(run.out.ends_with(last), "{}", run.out);

    // Recorded anew, an entry makes way for its successor.
    tree.run(&["baseline", "--add", "--reason", "#13", "--as-of", "2026-10-01"])
        .ends(0, "importlaw.baseline: 4 findings recorded, 4 of them anew after their date; 4 entries\n");
    assert!(!text(&tree).contains("#12"));
    assert_eq!(on("2026-10-01").code, Some(0));
}

#[test]
fn recording_wants_a_reason_and_a_person() {
    let tree = project();
    let run = tree.run(&["baseline", "--add"]);
    assert_eq!(run.code, Some(2));
    assert!(run.err.contains("--reason"), "{}", run.err);
    tree.run(&["baseline", "--add", "--reason", " "])
        .fails("error: `--reason` is empty\n  help: say why the findings may stay\n");
    for ci in ["true", "1", "True"] {
        let mut command = tree.importlaw();
        command.args(["baseline", "--add", "--reason", "x"]).env("CI", ci);
        tree.end(&mut command).fails(
            "error: CI=true: a baseline does not grow in CI\n  help: record findings where a person decides it, and \
             commit the file\n",
        );
    }
    let until = |day: &str| {
        tree.run(&["baseline", "--add", "--reason", "x", "--until", day, "--as-of", "2026-06-30"])
    };
    until("soon").fails("error: `--until soon` is no date\n  help: write YYYY-MM-DD\n");
    until("2026-06-29").fails("error: `--until 2026-06-29` is over: it is 2026-06-30\n");
    until("2027-07-02").fails("error: `--until 2027-07-02` is more than 366 days ahead\n");
    assert!(!tree.path("importlaw.baseline").exists());
    tree.run(&["baseline", "--prune"]).fails("error: there is no importlaw.baseline to prune\n");
}

#[test]
fn adding_again_adds_what_is_new_alone() {
    let tree = recorded();
    tree.run(&["baseline", "--add", "--reason", "#14"])
        .ends(0, "importlaw.baseline: nothing is new; 4 entries\n");
    tree.write("app/c.py", b"import other.y\n");
    tree.run(&["baseline", "--add", "--reason", "#14", "--as-of", "2026-07-01"])
        .ends(0, "importlaw.baseline: 1 finding recorded; 5 entries\n");
    let added: Vec<String> =
        text(&tree).lines().filter(|line| line.contains("#14")).map(str::to_owned).collect();
    assert_eq!(
        added,
        [
            r##"{"language":"python","rule":"apart","importer":"app.c","target":"other.y","path":"app/c.py","since":"2026-07-01","reason":"#14"}"##
        ]
    );
}

#[test]
fn every_kind_of_finding_can_be_recorded() {
    let registry = format!(
        "{REGISTRY}\n[[protected]]\nid = \"p\"\nmodules = [\"nowhere\"]\nonly = []\n\n[[layers]]\nid = \"l\"\n\
         order = [\"a\"]\nwithin = [\"app\"]\nexhaustive = true\n\n[checks]\nexpired = \"warn\"\n"
    );
    let tree = Tree::new(&[
        ("importlaw.toml", &registry),
        ("app/__init__.py", "import app.a  # importlaw: allow apart until=2026-01-01 -- once\n"),
        ("app/a.py", "import app.b  # importlaw: allow apart -- never\n"),
        ("app/b.py", "x = = 1\n"),
        ("app/c.py", ""),
        ("c.py", ""),
        ("c/__init__.py", ""),
        ("other/x.py", ""),
        ("crate/Cargo.toml", "[package]\nname = \"crate\"\n"),
        ("crate/src/lib.rs", ""),
        ("crate/src/stray.rs", ""),
    ]);
    let run = tree.run(&["baseline", "--add", "--reason", "x", "--as-of", "2026-06-30"]);
    assert_eq!(run.code, Some(0), "{}", run.err);
    let mut rules: Vec<(String, String)> = text(&tree)
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
        .map(|entry| (entry["rule"].as_str().unwrap().into(), entry["target"].as_str().unwrap().into()))
        .collect();
    rules.sort();
    let expected = [
        ("expired", "apart"),
        ("l", "app.b"),
        ("l", "app.c"),
        ("orphan-file", ""),
        ("shadowed-module", ""),
        ("unmatched-entry", "\"nowhere\""),
        ("unparsed-file", ""),
        ("unused-waiver", "apart"),
    ];
    assert_eq!(rules, expected.map(|(rule, target)| (rule.to_owned(), target.to_owned())));
    let run = tree.run(&["check", "--format", "concise", "--as-of", "2026-06-30"]);
    assert_eq!(run.code, Some(0));
    assert!(run.out.contains("\nNo new finding · 8 known (importlaw.baseline)."), "{}", run.out);
    // A child without a layer takes no other's place.
    tree.write("app/d.py", b"");
    fs::remove_file(tree.path("app/c.py")).unwrap();
    let run = tree.run(&["check", "--format", "concise", "--as-of", "2026-06-30"]);
    let open: Vec<&str> = run.out.lines().filter(|line| !line.ends_with("(known)")).collect();
    assert_eq!(
        open[0].split(" `app.").next(),
        Some("importlaw.baseline:7:1: error[stale-baseline] nothing is found any more:")
    );
    assert_eq!(open.len(), 3, "{open:#?}");
    assert!(open[1].ends_with("`app.d` is in no layer of `l`, which is exhaustive"), "{open:#?}");
}

#[test]
fn a_baseline_may_lie_elsewhere() {
    let tree = project();
    tree.write("ci/", b"");
    tree.run(&["baseline", "--baseline", "ci/law.jsonl", "--add", "--reason", "x"])
        .ends(0, "ci/law.jsonl: 4 findings recorded; 4 entries\n");
    assert_eq!(check(&tree, &[]).0, Some(1));
    let (code, lines) = check(&tree, &["--baseline", "ci/law.jsonl"]);
    assert_eq!((code, lines[4].as_str()), (Some(0), "No new finding · 4 known (ci/law.jsonl)"));
    let run = tree.run_in("ci", &["check", "--baseline", "law.jsonl", "-q"]);
    assert_eq!(run.code, Some(0));
    assert!(run.out.contains("4 known (ci/law.jsonl)"), "{}", run.out);
    tree.run(&["check", "--baseline", "none"]).fails(
        "error: the baseline none cannot be read: No such file or directory (os error 2)\n  help: `importlaw \
         baseline --add --reason TEXT` writes one\n",
    );
    tree.run(&["check", "--baseline", "ci"])
        .fails("error: the baseline ci cannot be read: it is not a regular file\n");
    let run = tree.run(&["check", "--baseline", "ci/law.jsonl", "--no-baseline"]);
    assert_eq!(run.code, Some(2));
}

#[test]
fn a_broken_baseline_is_told_in_full_and_nothing_is_checked() {
    let tree = project();
    tree.write("importlaw.baseline", b"<<<<<<< HEAD\n{\"rule\": 1}\n\x1b[31m\n");
    let run = tree.run(&["check"]);
    run.fails(
        "importlaw.baseline:1:1: a merge left its mark here
  help: take the marks out and keep the lines of both sides: their order means nothing
importlaw.baseline:2:1: `language` is missing
importlaw.baseline:2:2: `rule` is no text
importlaw.baseline:2:1: `importer` is missing
importlaw.baseline:2:1: `target` is missing
importlaw.baseline:2:1: `path` is missing
importlaw.baseline:2:1: `since` is missing
importlaw.baseline:2:1: `reason` is missing
importlaw.baseline:3:1: this is no JSON: expected value
  help: an entry is one JSON object on a line of its own

error: importlaw.baseline: 9 problems; nothing was checked
",
    );
    for arguments in [&["baseline"][..], &["baseline", "--prune"], &["baseline", "--add", "--reason", "x"]] {
        assert_eq!(tree.run(arguments).code, Some(2), "{arguments:?}");
    }
    assert_eq!(tree.run(&["check", "--no-baseline"]).code, Some(1));
    tree.write("importlaw.baseline", b"\xff\n");
    tree.run(&["check"]).fails("error: the baseline importlaw.baseline is not UTF-8\n");
}

#[test]
fn the_order_of_lines_and_their_ends_mean_nothing() {
    let tree = recorded();
    let lines: Vec<String> = text(&tree).lines().rev().map(|line| format!("{line}\r\n\r\n")).collect();
    tree.write("importlaw.baseline", lines.concat().as_bytes());
    assert_eq!(check(&tree, &[]).0, Some(0));
    // Written, it is in order again.
    tree.run(&["baseline", "--prune"]).ends(0, "importlaw.baseline: 0 removed; 4 entries\n");
    let mut sorted: Vec<String> = text(&tree).lines().map(str::to_owned).collect();
    sorted.sort();
    assert_eq!(text(&tree), sorted.join("\n") + "\n");
}

#[test]
fn the_listing_as_json() {
    let tree = recorded();
    tree.write("app/a.py", b"import other.y\n");
    tree.write("app/c.py", b"import other.y\n");
    let run = tree.run(&["baseline", "--format", "json"]);
    assert_eq!(run.code, Some(1));
    let listing = run.json();
    let row =
        |new, known, stale| json!({"new": new, "known": known, "moved": 0, "stale": stale, "expired": 0});
    assert_eq!(listing["schema"], 1);
    assert_eq!(listing["baseline"], "importlaw.baseline");
    assert_eq!(listing["total"], row(1, 3, 1));
    let other = json!({
        "line": 1, "language": "python", "rule": "apart", "importer": "app.a", "target": "other.x",
        "path": "app/a.py", "owner": null,
    });
    assert_eq!((&listing["stale"], &listing["expired"]), (&json!([other]), &json!([])));
    assert_eq!(listing["by_rule"], json!({"apart": row(1, 2, 1), "unresolved-import": row(0, 1, 0)}));
    assert_eq!(listing["by_owner"], json!({"(no owner)": row(0, 1, 0), "@apps": row(1, 2, 1)}));
    let statuses: Vec<String> = listing["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| format!("{} {} {} {}", f["importer"], f["target"], f["status"], f["entry"]))
        .collect();
    assert_eq!(
        statuses,
        [
            r#""app.a" "other.y" "known" 2"#,
            r#""app.b" "other.x" "known" 3"#,
            r#""app.b" "app.gone" "known" 4"#,
            r#""app.c" "other.y" "new" null"#,
        ]
    );
}

#[test]
fn without_a_baseline_everything_is_new() {
    let tree = project();
    let run = tree.run(&["baseline"]);
    assert_eq!(run.code, Some(1));
    let end = "\nthere is no importlaw.baseline: `importlaw baseline --add --reason TEXT` records what is \
               new\nimportlaw.baseline: 4 new, 0 known, 0 stale\n";
    assert!(run.out.ends_with(end), "{}", run.out);
    assert_eq!(tree.run(&["baseline", "--format", "json"]).json()["baseline"], serde_json::Value::Null);
    let clean = Tree::new(&[("a.py", "")]);
    clean.run(&["baseline"]).ends(
        0,
        "there is no importlaw.baseline, and nothing to record\nimportlaw.baseline: 0 new, 0 known, 0 stale\n",
    );
    clean
        .run(&["baseline", "--add", "--reason", "x"])
        .ends(0, "importlaw.baseline: nothing is new; 0 entries\n");
    assert!(!clean.path("importlaw.baseline").exists());
}

#[test]
fn what_an_inline_waiver_excuses_needs_no_entry() {
    let tree = recorded();
    tree.write("app/a.py", b"import other.x  # importlaw: allow apart -- #13\nimport other.y\n");
    let (code, lines) = check(&tree, &[]);
    assert_eq!(code, Some(1));
    assert_eq!(lines[3], "importlaw.baseline:1:1: error[stale-baseline]");
    assert_eq!(lines[4], "1 error in 1 file · 3 known (importlaw.baseline) · 1 waived");
}

#[test]
fn a_rename_that_git_does_not_know_of_is_told_how_to_become_one() {
    let tree = recorded();
    fs::rename(tree.path("app/b.py"), tree.path("app/c.py")).unwrap();
    let run = tree.run(&["check"]);
    assert_eq!(run.code, Some(1));
    let fix = "  fix:  if app/b.py was renamed and git does not know of it yet, `git add` its new place; else
        remove the line; `importlaw baseline --prune` removes every stale one
";
    assert_eq!(run.out.matches(fix).count(), 2, "{}", run.out);
    tree.shell("git", &["add", "-A"]);
    assert_eq!(tree.run(&["check"]).code, Some(0));
}
