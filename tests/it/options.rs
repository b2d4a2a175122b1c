//! What the options select, where output goes, and which exit code follows.

use std::fs;

use serde_json::json;

use crate::cli::Tree;

const REGISTRY: &str = r#"version = 1

[[scope]]
name = "test"
files = ["tests/**"]

[[forbidden]]
id = "apart"
from = ["app", "tests"]
to = ["other"]
reason = "they ship apart"
"#;

/// Two findings of `apart`, one of them in a test; one missing name; a waived import.
fn project() -> Tree {
    Tree::new(&[
        ("importlaw.toml", REGISTRY),
        ("app/__init__.py", ""),
        ("app/a.py", "import other.x\n"),
        ("app/b.py", "from app import a\nimport app.gone\n"),
        ("app/c.py", "import other.x  # importlaw: allow apart until=2026-11-22 -- moving in #1\n"),
        ("other/__init__.py", ""),
        ("other/x.py", ""),
        ("tests/t.py", "import other.x\n"),
    ])
}

const A: &str = "app/a.py:1:8: error[apart] ";
const B: &str = "app/b.py:2:8: error[unresolved-import] ";
const T: &str = "tests/t.py:1:8: error[apart] ";

/// `check` judged on a day when the waiver holds.
const CHECK: [&str; 5] = ["check", "--as-of", "2026-11-22", "--format", "concise"];

/// The findings that are listed, up to their messages, and the exit code.
fn listed(tree: &Tree, directory: &str, more: &[&str]) -> (Vec<String>, Option<i32>) {
    let run = tree.run_in(directory, &[&CHECK, more].concat());
    assert_eq!(run.err, "", "{more:?}");
    let findings =
        run.out.lines().filter_map(|line| line.split_inclusive("] ").next().filter(|head| *head != line));
    (findings.map(str::to_owned).collect(), run.code)
}

#[test]
fn a_run_as_a_whole() {
    project().run(&CHECK).ends(
        1,
        "app/a.py:1:8: error[apart] `app.a` imports `other.x`, which `apart` forbids
app/b.py:2:8: error[unresolved-import] `app.gone` does not exist; `app` does
tests/t.py:1:8: error[apart] `tests.t` imports `other.x`, which `apart` forbids
3 errors in 3 files · 1 waived. 20.0 % of 5 governed imports comply. Rules holding: 8 of 10
",
    );
}

#[test]
fn paths_select_what_is_listed() {
    let tree = project();
    for (directory, paths, expected) in [
        ("", &["app"][..], vec![A, B]),
        ("", &["app/"], vec![A, B]),
        ("", &["./app/../app/a.py"], vec![A]),
        ("", &["app/a.py", "tests"], vec![A, T]),
        ("", &["."], vec![A, B, T]),
        ("app", &["a.py"], vec![A]),
        ("app", &["."], vec![A, B]),
        ("app", &["../tests/t.py"], vec![T]),
        ("app", &[".."], vec![A, B, T]),
        ("tests", &["-C", "../app", "b.py"], vec![B]),
    ] {
        assert_eq!(
            listed(&tree, directory, paths),
            (expected.iter().map(ToString::to_string).collect(), Some(1)),
            "{paths:?}"
        );
    }
    let absolute = tree.path("app/a.py");
    assert_eq!(listed(&tree, "", &[absolute.to_str().unwrap()]).0, [A]);
    assert_eq!(listed(&tree, "", &["other"]), (vec![], Some(0)), "what is not listed does not fail");
    assert_eq!(listed(&tree, "", &["importlaw.toml"]), (vec![], Some(0)));
    tree.write("app2/a.py", b"import other.gone\n");
    assert_eq!(listed(&tree, "", &["app"]).0, [A, B], "a directory is no prefix");
}

#[cfg(unix)]
#[test]
fn a_path_through_a_link_selects_what_it_leads_to() {
    let tree = project();
    std::os::unix::fs::symlink("app", tree.path("link")).unwrap();
    std::os::unix::fs::symlink("/", tree.path("out")).unwrap();
    assert_eq!(listed(&tree, "", &["link/a.py"]).0, [A]);
    tree.run(&["check", "out"])
        .fails("error: out lies outside the project root [ROOT]\n  help: start importlaw there, or use -C\n");
}

#[test]
fn rules_and_scopes_select_too() {
    let tree = project();
    assert_eq!(listed(&tree, "", &["--rule", "apart"]).0, [A, T]);
    assert_eq!(listed(&tree, "", &["--rule", "apart", "--rule", "unresolved-import"]).0, [A, B, T]);
    assert_eq!(listed(&tree, "", &["--scope", "test"]).0, [T]);
    assert_eq!(listed(&tree, "", &["--scope", "production", "--rule", "apart"]).0, [A]);
    assert_eq!(listed(&tree, "", &["--rule", "unparsed-file"]), (vec![], Some(0)));
    tree.run(&["check", "--rule", "apert"])
        .fails("error: there is no rule `apert`\n  help: did you mean `apart`? `importlaw registry list` names them all\n");
    tree.run(&["check", "--rule", "zzz"])
        .fails("error: there is no rule `zzz`\n  help: `importlaw registry list` names them all\n");
    assert_eq!(listed(&tree, "", &["--scope", "bench"]), (vec![], Some(0)), "it exists by itself");
    tree.run(&["check", "--scope", "tests"]).fails(
        "error: there is no scope `tests`\n  help: one of test, bench, example, tooling, production\n",
    );
}

#[test]
fn the_summary_stays_whole() {
    let tree = project();
    let json = |more: &[&str]| {
        tree.run(&[&["check", "--as-of", "2026-11-22", "--format", "json"], more].concat()).json()
    };
    let (whole, narrowed) = (json(&[]), json(&["--scope", "test", "tests"]));
    assert_eq!(whole["summary"], narrowed["summary"]);
    assert_eq!(whole.get("selected"), None);
    assert_eq!(narrowed["selected"], json!({ "new": 1, "waived": 0, "known": 0, "errors": 1 }));
    assert_eq!(json(&["app/c.py"])["selected"], json!({ "new": 0, "waived": 1, "known": 0, "errors": 0 }));
    let text = tree.run(&["check", "--as-of", "2026-11-22", "tests", "--rule", "apart"]).out;
    assert!(text.contains("\nSelected by PATH tests, --rule apart: 1 new (1 error), 0 known, 0 waived\n\nThe whole project\n"), "{text}");
    assert!(
        text.ends_with(
            "\n1 compliant · 3 violations · 1 waived · 0 unknown\n20.0 % of 5 governed imports comply\n"
        ),
        "{text}"
    );
}

#[test]
fn json_has_its_keys() {
    let report = project().run(&["check", "--as-of", "2026-11-22", "--format", "json"]).json();
    let keys =
        |value: &serde_json::Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>().join(" ");
    assert_eq!(keys(&report), "project schema summary tool unknown unparsed violations");
    assert_eq!(report["schema"], 1);
    assert_eq!(keys(&report["project"]), "as_of baseline registry registry_hash root");
    assert_eq!(
        keys(&report["summary"]),
        "by_language by_package by_rule by_scope compliance compliant coverage edges excluded_files excluded_imports \
         file_compliance files governed imports modules not_read rules unknown unparsed_files violation waived"
    );
    assert_eq!(
        keys(&report["violations"][0]),
        "chain column definition end_column end_line end_offset fingerprint help importer kind kinds language line \
         message offset path reached_by reason registry_line registry_path rule scope severity status suggestion written"
    );
    let timed = project().run(&["check", "--timings", "--format", "json"]).json();
    assert!(timed["summary"]["elapsed_ms"].is_u64());
    let timings = &timed["summary"]["timings"];
    let names = |list: &str| -> Vec<String> {
        let rows = timings[list].as_array().expect("a list");
        rows.iter().map(|row| row["name"].as_str().expect("a name").to_owned()).collect()
    };
    assert_eq!(names("stages"), ["listing", "files", "graph", "rules", "report"]);
    assert!(names("rules").contains(&"unresolved-import".to_owned()), "{timings}");
}

#[test]
fn quiet_is_one_line() {
    let line =
        "3 errors in 3 files · 1 waived. 20.0 % of 5 governed imports comply. Rules holding: 8 of 10\n";
    project().run(&["check", "--as-of", "2026-11-22", "-q"]).ends(1, line);
    project().run(&["check", "--as-of", "2026-11-22", "-q", "--format", "concise"]).ends(1, line);
    let line = "1 error in 1 file, selected by PATH app/a.py. 20.0 % of 5 governed imports comply. Rules holding: 8 of 10\n";
    project().run(&["check", "--as-of", "2026-11-22", "-q", "app/a.py"]).ends(1, line);
}

#[test]
fn verbose_lists_what_is_waived_and_left_out() {
    let tree = project();
    tree.write(".venv/x.py", b"");
    let text = tree.run(&["check", "--as-of", "2026-11-22", "-v"]).out;
    assert!(text.contains("app/c.py:1:8  apart (waived by inline at line 1: moving in #1)\n"), "{text}");
    assert!(text.contains("Left out\n  .venv: 1 path\n    .venv/\n"), "{text}");
    let plain = tree.run(&["check", "--as-of", "2026-11-22"]).out;
    assert!(!plain.contains("app/c.py") && !plain.contains("Left out"), "{plain}");
}

#[test]
fn limits_count_what_they_hide() {
    let imports: Vec<String> = (0..60).map(|at| format!("import a.gone{at}\n")).collect();
    let tree = Tree::new(&[("importlaw.toml", "version = 1\n"), ("a.py", &imports.concat())]);
    let blocks = |more: &[&str]| {
        let text = tree.run(&[&["check"], more].concat()).out;
        let hidden = text.lines().find(|line| line.starts_with('…')).unwrap_or("").to_owned();
        (text.lines().filter(|line| line.starts_with("a.py:")).count(), hidden)
    };
    assert_eq!(blocks(&[]), (50, "… 10 more blocks with 10 findings: --all shows them".to_owned()));
    assert_eq!(
        blocks(&["--limit", "59"]),
        (59, "… 1 more block with 1 finding: --all shows them".to_owned())
    );
    assert_eq!(
        blocks(&["--limit", "0"]),
        (0, "… 60 more blocks with 60 findings: --all shows them".to_owned())
    );
    assert_eq!(blocks(&["--all"]), (60, String::new()));
    let run = tree.run(&["check", "--limit", "1", "--all"]);
    assert_eq!((run.code, run.out.as_str()), (Some(2), ""));
    let report = tree.run(&["check", "--limit", "1", "--format", "json"]).json();
    assert_eq!(report["violations"].as_array().unwrap().len(), 60, "programs get everything");
}

#[test]
fn colour_only_where_it_is_wanted() {
    let tree = project();
    let colored = |command: &mut std::process::Command| tree.end(command).out.contains('\u{1b}');
    assert!(!colored(tree.importlaw().arg("check")), "a pipe is no terminal");
    assert!(colored(tree.importlaw().args(["check", "--color", "always"])));
    assert!(
        colored(tree.importlaw().args(["check", "--color", "always"]).env("NO_COLOR", "1")),
        "asked for is asked for"
    );
    assert!(!colored(tree.importlaw().args(["check", "--color", "never"])));
    assert!(!colored(tree.importlaw().args(["check", "--color", "always", "--format", "json"])));
    let strip = |text: &str| {
        let mut parts = text.split('\u{1b}');
        let first = parts.next().unwrap_or("").to_owned();
        parts.fold(first, |text, part| text + part.split_once('m').map_or("", |(_, rest)| rest))
    };
    let (plain, colors) = (tree.run(&["check"]), tree.run(&["check", "--color", "always"]));
    assert_eq!(strip(&colors.out), plain.out, "colours change nothing else");
    tree.run(&["check", "--color", "always", "--output", "out.txt"]).ends(1, "");
    assert_eq!(fs::read_to_string(tree.path("out.txt")).unwrap(), plain.out, "nor do they reach a file");
}

#[test]
fn outputs_go_where_they_are_sent() {
    let tree = project();
    let whole = |format| tree.run(&["check", "--format", format]).out;
    let (json, concise, text) = (whole("json"), whole("concise"), whole("text"));
    let read = |path| fs::read_to_string(tree.path(path)).unwrap();
    tree.run(&["check", "--format", "json=a.json", "--format", "concise", "--format", "text=t.txt"])
        .ends(1, &concise);
    assert_eq!((read("a.json"), read("t.txt")), (json.clone(), text));
    tree.write("old.json", "x".repeat(100_000).as_bytes());
    tree.run(&["check", "--format", "json", "--output", "old.json"]).ends(1, "");
    assert_eq!(read("old.json"), json);
    tree.run(&["check", "-C", "app", "--format", "json=in.json"]).ends(1, "");
    assert_eq!(read("app/in.json"), json, "-C holds for outputs too");
    tree.run(&["check", "--format", "json", "--format", "text"]).fails(
        "error: two formats cannot share the standard output\n  help: give one of them a file: --format json=out.json\n",
    );
    tree.run(&["check", "--format", "jsn"])
        .fails("error: there is no format `jsn`\n  help: one of text, concise, json, sarif, github, gitlab, rdjson, junit, markdown, badge\n");
    tree.run(&["check", "--format", "json=no/where.json"])
        .fails("error: no/where.json cannot be written: No such file or directory (os error 2)\n");
    let left: Vec<_> = fs::read_dir(tree.path("")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().ends_with(".tmp")), "{left:?}");
}

#[cfg(unix)]
#[test]
fn devices_and_links_are_written_to_not_replaced() {
    let tree = project();
    let json = tree.run(&["check", "--format", "json"]).out;
    tree.write("real.json", b"");
    std::os::unix::fs::symlink("real.json", tree.path("link.json")).unwrap();
    tree.run(&["check", "--format", "json=link.json"]).ends(1, "");
    assert!(tree.path("link.json").symlink_metadata().unwrap().is_symlink());
    assert_eq!(fs::read_to_string(tree.path("real.json")).unwrap(), json);
    tree.run(&["check", "--output", "/dev/null"]).ends(1, "");
    tree.shell("mkfifo", &["pipe"]);
    let script =
        format!("cat pipe & '{}' check --format json=pipe -q; wait", env!("CARGO_BIN_EXE_importlaw"));
    let run = tree.end(tree.command("sh").args(["-c", &script]));
    assert_eq!(run.out, json);
    assert!(!tree.path("pipe").metadata().unwrap().is_file());
    if tree.path("/dev/full").exists() {
        tree.run(&["check", "--output", "/dev/full"])
            .fails("error: /dev/full cannot be written: No space left on device (os error 28)\n");
    }
}

#[test]
fn compliance_can_be_a_gate() {
    let tree = Tree::new(&[
        ("a.py", "import b\nfrom b import x\nimport c\nx = __import__(x)\n"),
        ("b.py", "x = 1\n"),
    ]);
    let run = tree.run(&["check", "-q"]);
    run.ends(
        0,
        "No finding. At least 66.6 % of imports resolve. No rule of yours is checked yet. Rules holding: 9 of 9\n",
    );
    assert_eq!(tree.run(&["check", "-q", "--min-compliance", "66.6"]), run);
    let under = "Compliance is 66.6 %, under the 66.7 % that --min-compliance asks for.\n";
    tree.run(&["check", "-q", "--min-compliance", "66.7"]).ends(1, &format!("{}\n{under}", run.out));
    let json = tree.run(&["check", "--min-compliance", "66.7", "--format", "json"]);
    assert_eq!((json.code, json.err.as_str()), (Some(1), under));
    assert!(serde_json::from_str::<serde_json::Value>(&json.out).is_ok());
    let nothing = Tree::new(&[("a.py", "")]);
    assert_eq!(nothing.run(&["check", "--min-compliance", "100"]).code, Some(0), "n/a is under nothing");
    for bad in ["nan", "101", "x", "inf"] {
        let run = tree.run(&["check", "--min-compliance", bad]);
        assert_eq!((run.code, run.out.as_str()), (Some(2), ""));
        assert!(run.err.contains("write a number from 0 to 100"), "{}", run.err);
    }
}

#[test]
fn a_waiver_holds_through_its_last_day() {
    let tree = project();
    let findings = |day: &str| {
        let run = tree.run(&["check", "--as-of", day, "--format", "concise", "app/c.py"]);
        let lines: Vec<String> =
            run.out.lines().map(|line| line.split("] ").next().unwrap().to_owned()).collect();
        (run.code, lines[..lines.len() - 1].to_vec())
    };
    assert_eq!(findings("2026-11-22"), (Some(0), vec![]));
    let expired = ["app/c.py:1:8: error[apart", "app/c.py:1:19: error[expired"].map(str::to_owned).to_vec();
    assert_eq!(findings("2026-11-23"), (Some(1), expired));
}

#[test]
fn the_day_is_the_commit_s_unless_it_is_given() {
    let tree = project();
    let day = |more: &[&str]| {
        let report = tree.run(&[&["check", "--format", "json"], more].concat()).json();
        report["project"]["as_of"].as_str().unwrap().to_owned()
    };
    assert_eq!(day(&["--as-of", "2026-02-28"]), "2026-02-28");
    tree.shell("git", &["init", "-q"]);
    let mut commit = tree.command("git");
    commit.args(["-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-q", "--allow-empty", "-m", "x"]);
    assert!(commit.env("GIT_COMMITTER_DATE", "1700000000 +0530").status().unwrap().success());
    assert_eq!(day(&[]), "2023-11-15");
    assert_eq!(day(&["--as-of", "2028-02-29"]), "2028-02-29");
    for bad in ["2026-02-29", "2026-13-01", "26-01-01", "tomorrow", ""] {
        let run = tree.run(&["check", &format!("--as-of={bad}")]);
        run.fails(&format!("error: `--as-of {bad}` is no date\n  help: write YYYY-MM-DD\n"));
    }
}

#[test]
fn exit_codes_of_the_other_commands() {
    let tree = project();
    tree.run(&["why", "app.a", "other"])
        .ends(0, "app.a imports other in one step:\n  app.a -> other.x  (app/a.py:1, eager)\n");
    tree.run(&["why", "other", "app"]).ends(1, "no chain of imports leads from other to app\n");
    tree.run(&["why", "app.aa", "other"])
        .fails("error: no module is called `app.aa`\n  help: did you mean `app.a`?\n");
    tree.run(&["why", "app", "app.a"])
        .fails("error: `app` and `app.a` share modules: one lies in the other\n");
    tree.run(&["explain", "forbiden"])
        .fails("error: there is no rule `forbiden`\n  help: did you mean `forbidden`?\n");
    tree.run(&["explain", "zz"])
        .fails("error: there is no rule `zz`\n  help: `importlaw explain` names them all\n");
    tree.run(&["registry", "check"]).ends(0, "importlaw.toml: 1 entry, every line matches the code\n");
    tree.write("importlaw.toml", REGISTRY.replace("\"app\"", "\"web\"").as_bytes());
    tree.run(&["registry", "check"]).ends(
        1,
        "importlaw.toml:9:9: error[unmatched-entry] `from`: no module is called `web`
importlaw.toml: 1 entry, 1 item does not match the code
",
    );
    fs::remove_file(tree.path("importlaw.toml")).unwrap();
    tree.run(&["registry", "check"]).fails(
        "error: there is no registry to check\n  help: write importlaw.toml at the project root: \
         `importlaw registry schema` describes it\n",
    );
    assert_eq!(tree.run(&[]).code, Some(2));
    assert_eq!(tree.run(&["nonsense"]).code, Some(2));
    assert_eq!(tree.run(&["--version"]).out, concat!("importlaw ", env!("CARGO_PKG_VERSION"), "\n"));
}

#[test]
fn more_threads_than_sense() {
    let tree = project();
    let run = tree.run(&["check"]);
    for jobs in ["0", "1", "3", "1000000"] {
        assert_eq!(tree.run(&["check", "--jobs", jobs]), run, "{jobs}");
    }
}

#[test]
fn warnings_alone_do_not_read_like_a_failure() {
    let tree = Tree::new(&[
        ("importlaw.toml", "version = 1\n"),
        ("p/__init__.py", ""),
        ("p/a.py", "import p.b\n"),
        ("p/b.py", ""),
        ("p.py", ""),
    ]);
    let line =
        "No error, 1 warning in 1 file. 100.0 % of 1 governed import complies. Rules holding: 8 of 9\n";
    tree.run(&["check", "-q"]).ends(0, line);
}

#[test]
fn a_rule_is_explained_with_one_example_or_all_and_an_entry_by_its_own_words() {
    let registry = "version = 1\n[[forbidden]]\nid = \"apart\"\nfrom = [\"a\"]\nto = [\"b\"]\nreason = \"a why\"\nowner = \"Ada\"\n";
    let tree = Tree::new(&[("importlaw.toml", registry)]);
    let explain = |arguments: &[&str]| {
        let run = tree.run(&[&["explain"], arguments].concat());
        assert_eq!((run.code, run.err.as_str()), (Some(0), ""));
        run.out
    };
    let examples = |text: &str| text.matches("\n## Example").count();
    let (short, long) = (explain(&["forbidden"]), explain(&["forbidden", "--all"]));
    let more = examples(&long) - 1;
    assert!(more > 1);
    assert_eq!(examples(&short), 1);
    assert!(
        short.ends_with(&format!("\n\n{more} more examples: importlaw explain forbidden --all\n")),
        "{short}"
    );
    assert!(long.starts_with(short.rsplit_once("\n\n").unwrap().0));

    let own = explain(&["apart"]);
    let head =
        "`apart` is a `[[forbidden]]` entry, importlaw.toml:3\n  why:  a why\n  ask:  Ada\n\n# forbidden\n";
    assert!(own.starts_with(head), "{own}");
    assert!(own.contains("`# importlaw: allow apart -- reason`"), "{own}");
}
