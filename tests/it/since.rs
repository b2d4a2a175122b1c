//! What a change brought: `--since`, `--staged` and `--stdin-file` on repositories of their own.

use std::fs;
use std::io::Write;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::cli::{Run, Tree};

const REGISTRY: &str = r#"version = 1

[[forbidden]]
id = "apart"
from = ["app"]
to = ["other"]
reason = "they ship apart"

[[forbidden]]
id = "far"
from = ["app"]
to = ["deep"]
indirect = true
"#;

/// When everything is committed.
const DAY: &str = "2025-11-22";

/// The tree's end of every `concise` output with these rules.
const TAIL: &str = "without unmatched-entry and unused-waiver.";

/// One commit with two findings: a forbidden import and a missing name.
fn repository() -> Tree {
    let tree = Tree::new(&[
        ("importlaw.toml", REGISTRY),
        ("app/__init__.py", ""),
        ("app/a.py", "import other.x\n"),
        ("app/b.py", "import app.gone\n"),
        ("app/util.py", ""),
        ("other/__init__.py", ""),
        ("other/x.py", ""),
        ("deep/__init__.py", ""),
        ("lib/__init__.py", ""),
        ("lib/one.py", "import lib.two\n"),
        ("lib/two.py", "import deep\n"),
    ]);
    tree.git(&["init", "-q"]);
    tree.commit(DAY);
    tree
}

/// The findings of a run, each `path:line:col: severity[rule]`, and its exit code.
#[track_caller]
fn listed(run: &Run) -> (Vec<String>, Option<i32>) {
    assert_eq!(run.err, "");
    let lines = run.out.lines().filter_map(|line| line.split_once("] ").map(|(head, _)| format!("{head}]")));
    (lines.collect(), run.code)
}

fn check(tree: &Tree, more: &[&str]) -> (Vec<String>, Option<i32>) {
    listed(&tree.run(&[&["check", "--format", "concise"], more].concat()))
}

fn found(findings: &[&str], code: i32) -> (Vec<String>, Option<i32>) {
    (findings.iter().map(ToString::to_string).collect(), Some(code))
}

#[test]
fn nothing_changed_lists_nothing() {
    let tree = repository();
    let nothing = format!(
        "No finding, selected by --since HEAD, {TAIL} 50.0 % of 4 governed imports comply. Rules holding: 9 of 11\n"
    );
    let run = tree.run(&["check", "--format", "concise", "--since", "HEAD"]);
    assert_eq!(run.err, "");
    assert_eq!((run.code, run.out), (Some(0), nothing));
    tree.write("README.md", b"text");
    assert_eq!(check(&tree, &["--since", "HEAD"]), found(&[], 0));
    assert_eq!(check(&tree, &["--staged"]), found(&[], 0));
}

#[test]
fn a_change_lists_what_it_brought() {
    let tree = repository();
    tree.write("app/util.py", b"import other.x\n"); // changed
    tree.write("app/new.py", b"import other\nimport app.nowhere\n"); // untracked
    let brought = [
        "app/new.py:1:8: error[apart]",
        "app/new.py:2:8: error[unresolved-import]",
        "app/util.py:1:8: error[apart]",
    ];
    assert_eq!(check(&tree, &["--since", "HEAD"]), found(&brought, 1));
    assert_eq!(check(&tree, &["--staged"]), found(&[], 0), "nothing of it is in the index");
    tree.git(&["add", "app/util.py"]);
    tree.write("app/util.py", b"");
    assert_eq!(check(&tree, &["--staged"]), found(&brought[2..], 1), "the index is the tree, not the disk");
    assert_eq!(check(&tree, &["--since", "HEAD"]), found(&brought[..2], 1));
    tree.write(".gitignore", b"new.py\n");
    assert_eq!(check(&tree, &["--since", "HEAD"]), found(&[], 0), "what git ignores is no part of the tree");
}

#[test]
fn a_file_that_is_gone_breaks_who_imports_it() {
    let tree = repository();
    fs::remove_file(tree.path("lib/two.py")).unwrap();
    let broken = ["lib/one.py:1:8: error[unresolved-import]"];
    assert_eq!(
        check(&tree, &["--since", "HEAD"]),
        found(&broken, 1),
        "the place is in a file that did not change"
    );
    assert_eq!(check(&tree, &["--staged"]), found(&[], 0));
    tree.git(&["rm", "-q", "--cached", "lib/two.py"]);
    assert_eq!(check(&tree, &["--staged"]), found(&broken, 1));
}

#[test]
fn the_merge_base_is_compared_and_not_the_tip() {
    let tree = repository();
    tree.git(&["checkout", "-q", "-b", "topic"]);
    tree.write("app/util.py", b"import other.x\n");
    tree.commit(DAY);
    tree.git(&["checkout", "-q", "main"]);
    tree.write("app/a.py", b""); // mended on main meanwhile
    tree.commit(DAY);
    tree.git(&["checkout", "-q", "topic"]);
    assert_eq!(check(&tree, &["--since", "main"]), found(&["app/util.py:1:8: error[apart]"], 1));
    assert_eq!(check(&tree, &["--since", "HEAD"]), found(&[], 0));
    assert_eq!(
        check(&tree, &["--since", "HEAD~1", "--rule", "unresolved-import"]),
        found(&[], 0),
        "options narrow further"
    );
    assert_eq!(check(&tree, &["--since", "main", "app/a.py"]), found(&[], 0));
    assert_eq!(check(&tree, &["--since", "main", "--scope", "test"]), found(&[], 0));
}

#[test]
fn of_equals_those_on_changed_lines_are_new() {
    let tree = repository();
    // One import of other.x was there. Above it a line is added, and another import of the same.
    tree.write("app/a.py", b"def f():\n    import other.x\n\n\nimport other.x\n");
    assert_eq!(check(&tree, &["--since", "HEAD"]), found(&["app/a.py:2:12: error[apart]"], 1));
    tree.write("app/a.py", b"import other.x\n\n\nimport other.x\n");
    tree.commit(DAY);
    // Another kind of import on the same line is neither a fix nor new; the last of those that changed is.
    tree.write("app/a.py", b"def f():\n    import other.x\n    import other.x\n    import other.x\n");
    assert_eq!(check(&tree, &["--since", "HEAD"]), found(&["app/a.py:4:12: error[apart]"], 1));
    // Moved down, nothing is new.
    tree.write("app/a.py", b"x = 1\ny = 2\nimport other.x\n\n\nimport other.x\n");
    assert_eq!(check(&tree, &["--since", "HEAD"]), found(&[], 0));
}

#[test]
fn an_excuse_that_goes_makes_its_finding_new() {
    let tree = repository();
    let waived = b"import other.x  # importlaw: allow apart -- moving\n";
    tree.write("app/a.py", waived);
    assert_eq!(check(&tree, &["--since", "HEAD"]), found(&[], 0), "what a change excuses does not fail");
    let selected = |more: &[&str]| {
        tree.run(&[&["check", "--format", "json", "--since"], more].concat()).json()["selected"].clone()
    };
    let not_judged = json!(["unmatched-entry", "unused-waiver"]);
    assert_eq!(
        selected(&["HEAD"]),
        json!({ "new": 0, "waived": 1, "known": 0, "errors": 0, "not_judged": not_judged })
    );
    tree.commit(DAY);
    tree.write("app/a.py", b"import other.x\n");
    assert_eq!(check(&tree, &["--since", "HEAD"]), found(&["app/a.py:1:8: error[apart]"], 1));
    assert_eq!(
        selected(&["HEAD"]),
        json!({ "new": 1, "waived": 0, "known": 0, "errors": 1, "not_judged": not_judged })
    );
}

#[test]
fn a_chain_is_told_where_the_change_closed_it() {
    let tree = repository();
    tree.write("app/util.py", b"x = 1\nimport lib.one\n");
    let report = tree.run(&["check", "--format", "json", "--since", "HEAD"]).json();
    let found: Vec<&Value> = report["violations"].as_array().unwrap().iter().collect();
    assert_eq!(found.len(), 1);
    let of = |key: &str| found[0][key].clone();
    assert_eq!((of("path"), of("line"), of("column")), (json!("app/util.py"), json!(2), json!(8)));
    assert_eq!(
        (of("importer"), of("written")),
        (json!("lib.two"), json!("deep")),
        "its identity is the crossing import's"
    );
    assert_eq!((of("offset"), of("end_offset")), (json!(13), json!(20)));
    assert_eq!(
        of("help"),
        json!("take this import out of `app.util`: of the chain it is what the change added")
    );
    assert_eq!(of("chain").as_array().unwrap().len(), 3);
    let whole = tree.run(&["check", "--format", "json", "--rule", "far"]).json();
    assert_eq!(whole["violations"][0]["path"], "lib/two.py");
    assert_eq!(whole["violations"][0]["fingerprint"], of("fingerprint"));
    // With the crossing import itself new, that is the place.
    tree.write("lib/two.py", b"");
    tree.commit(DAY);
    tree.write("lib/two.py", b"import deep\n");
    assert_eq!(check(&tree, &["--since", "HEAD"]), self::found(&["lib/two.py:1:8: error[far]"], 1));
}

#[test]
fn the_summary_is_the_whole_tree_s() {
    let tree = repository();
    tree.write("app/util.py", b"import other.x\n");
    let whole = tree.run(&["check", "--format", "json"]).json();
    let since = tree.run(&["check", "--format", "json", "--since", "HEAD"]).json();
    assert_eq!(whole["summary"], since["summary"]);
    tree.git(&["add", "-A"]);
    assert_eq!(whole["summary"], tree.run(&["check", "--format", "json", "--staged"]).json()["summary"]);
    let text = tree.run(&["check", "--staged"]);
    let selected = "Selected by --staged: 1 new (1 error), 0 known, 0 waived\n\
                    Not judged on a change: unmatched-entry, unused-waiver\n\nThe whole project\n";
    assert!(text.out.contains(selected), "{}", text.out);
}

#[test]
fn both_states_are_judged_under_the_registry_of_today() {
    let tree = repository();
    tree.write("importlaw.toml", REGISTRY.replace("to = [\"deep\"]", "to = [\"other\", \"zzz\"]").as_bytes());
    assert_eq!(check(&tree, &["--since", "HEAD"]), found(&[], 0), "a new rule alone makes nothing new");
    tree.write("app/b.py", b"import app.gone\nimport other\n");
    let brought = ["app/b.py:2:8: error[apart]", "app/b.py:2:8: error[far]"];
    assert_eq!(check(&tree, &["--since", "HEAD"]), found(&brought, 1));
}

#[test]
fn the_registry_is_the_index_s_too() {
    let tree = repository();
    let extending = format!("extends = [\"rules/more.toml\"]\n{REGISTRY}");
    let more = "version = 1\n[checks]\nunresolved-import = \"off\"\n";
    tree.write("rules/more.toml", more.as_bytes());
    tree.write("importlaw.toml", extending.as_bytes());
    tree.git(&["add", "-A"]);
    tree.write("rules/more.toml", b"version = 1\n");
    tree.write("app/util.py", b"import app.nowhere\n");
    tree.git(&["add", "app"]);
    assert_eq!(check(&tree, &["--staged"]), found(&[], 0), "the staged text of both files counts");
    assert_eq!(check(&tree, &["--since", "HEAD"]), found(&["app/util.py:1:8: error[unresolved-import]"], 1));
    assert_eq!(
        check(&tree, &["--staged", "--registry", "importlaw.toml"]),
        found(&["app/util.py:1:8: error[unresolved-import]"], 1),
        "one that is named is read where it lies"
    );
    tree.git(&["rm", "-q", "--cached", "importlaw.toml"]);
    assert_eq!(check(&tree, &["--staged"]).1, Some(1), "without one in the index the one on disk serves");
}

#[test]
fn what_cannot_be_compared_is_said() {
    let tree = Tree::new(&[("app.py", "import nothing_like_it\n")]);
    for option in [&["--since", "main"][..], &["--staged"]] {
        tree.run(&[&["check"], option].concat()).fails(&format!(
            "error: `{}` compares with what git recorded: [ROOT] is in no git repository\n",
            option[0]
        ));
    }
    let tree = repository();
    tree.run(&["check", "--since", "nowhere"]).fails(
        "error: there is no commit `nowhere`\n  help: name a branch, a tag or a commit of this repository\n",
    );
    assert_eq!(tree.run(&["check", "--since", "--all"]).code, Some(2));
    tree.run(&["check", "--since=--all"]).fails(
        "error: there is no commit `--all`\n  help: name a branch, a tag or a commit of this repository\n",
    );
    tree.git(&["checkout", "-q", "--orphan", "other"]);
    tree.commit(DAY);
    tree.run(&["check", "--since", "main"]).fails(
        "error: `main` and HEAD have no merge base\n  help: their histories are unrelated, or this clone lacks a \
         part of them: in CI, fetch the whole history (`fetch-depth: 0` of actions/checkout)\n",
    );
}

#[test]
fn a_shallow_clone_is_told_how_to_fetch() {
    let tree = repository();
    tree.git(&["checkout", "-q", "-b", "topic"]);
    tree.commit(DAY);
    tree.git(&["checkout", "-q", "main"]);
    tree.commit(DAY);
    let url = format!("file://{}", tree.path("").display());
    tree.git(&["clone", "-q", "--depth", "1", "--no-single-branch", &url, "clone"]);
    let how = "this clone is shallow: fetch the whole history (`fetch-depth: 0` of actions/checkout, `GIT_DEPTH: 0` of \
               GitLab, elsewhere `git fetch --unshallow`)";
    tree.run_in("clone", &["check", "--since", "origin/topic"]).fails(&format!(
        "error: the merge base of `origin/topic` and HEAD is not in this clone\n  help: {how}\n"
    ));
    tree.run_in("clone", &["check", "--since", "HEAD~1"])
        .fails(&format!("error: there is no commit `HEAD~1`\n  help: {how}\n"));
    assert_eq!(tree.run_in("clone", &["check", "--since", "HEAD"]).code, Some(0));
}

#[test]
fn before_the_first_commit_everything_staged_is_new() {
    let tree = Tree::new(&[
        ("app/__init__.py", ""),
        ("app/a.py", "import app.gone\n"),
        ("b.py", "import app.gone\n"),
    ]);
    tree.git(&["init", "-q"]);
    tree.git(&["add", "app"]);
    assert_eq!(check(&tree, &["--staged"]), found(&["app/a.py:1:8: error[unresolved-import]"], 1));
    tree.run(&["check", "--since", "HEAD"]).fails(
        "error: there is no commit `HEAD`\n  help: name a branch, a tag or a commit of this repository\n",
    );
}

#[test]
fn a_project_below_the_top_of_its_repository() {
    let tree = repository();
    tree.write("sub/importlaw.toml", REGISTRY.as_bytes());
    for (path, text) in
        [("app/__init__.py", ""), ("app/c.py", ""), ("other/__init__.py", ""), ("deep/__init__.py", "")]
    {
        tree.write(&format!("sub/{path}"), text.as_bytes());
    }
    tree.commit(DAY);
    tree.write("sub/app/c.py", b"import other\n");
    let run =
        |more: &[&str]| listed(&tree.run_in("sub", &[&["check", "--format", "concise"], more].concat()));
    assert_eq!(run(&["--since", "HEAD"]), found(&["app/c.py:1:8: error[apart]"], 1));
    assert_eq!(run(&["--staged"]), found(&[], 0));
    tree.git(&["add", "-A"]);
    assert_eq!(run(&["--staged"]), found(&["app/c.py:1:8: error[apart]"], 1));
    assert_eq!(run(&["--since", "HEAD~1"]).1, Some(1), "there was no project then");
}

#[test]
fn tracked_files_count_whatever_ignores_them() {
    let tree = repository();
    tree.write(".gitignore", b"gen/\n");
    tree.write("gen/__init__.py", b"");
    tree.write("gen/a.py", b"import gen.gone\n");
    tree.git(&["add", "-f", "gen"]);
    tree.commit(DAY);
    tree.write("gen/b.py", b"import gen.gone\n");
    assert_eq!(check(&tree, &["--since", "HEAD"]), found(&[], 0), "ignored and not tracked");
    tree.git(&["add", "-f", "gen/b.py"]);
    let brought = ["gen/b.py:1:8: error[unresolved-import]"];
    assert_eq!(check(&tree, &["--since", "HEAD"]), found(&brought, 1));
    assert_eq!(check(&tree, &["--staged"]), found(&brought, 1));
}

#[cfg(unix)]
#[test]
fn links_lead_in_a_tree_where_they_lead_on_disk() {
    let tree = repository();
    std::os::unix::fs::symlink("other", tree.path("alias")).unwrap();
    std::os::unix::fs::symlink("/etc", tree.path("out")).unwrap();
    std::os::unix::fs::symlink("nothing", tree.path("dead")).unwrap();
    std::os::unix::fs::symlink("../alias/x.py", tree.path("app/y.py")).unwrap();
    tree.write("app/util.py", b"import alias.x\nfrom app.y import *\n");
    let whole = check(&tree, &[]);
    tree.commit(DAY);
    assert_eq!(check(&tree, &[]), whole);
    assert_eq!(check(&tree, &["--since", "HEAD"]), found(&[], 0));
    tree.write("app/new.py", b"");
    assert_eq!(check(&tree, &["--since", "HEAD"]), found(&[], 0));
    let summary =
        |more: &[&str]| tree.run(&[&["check", "--format", "json"], more].concat()).json()["summary"].clone();
    tree.git(&["add", "-A"]);
    assert_eq!(summary(&[]), summary(&["--staged"]));
}

#[test]
fn no_program_of_the_repository_runs() {
    let tree = repository();
    tree.write(".gitattributes", b"*.py filter=evil diff=evil\n");
    let evil = format!("touch {}; cat", tree.path("evil").display());
    for (key, value) in [
        ("filter.evil.clean", evil.as_str()),
        ("filter.evil.smudge", &evil),
        ("filter.evil.process", &evil),
        ("diff.evil.textconv", &evil),
        ("diff.evil.command", &evil),
        ("diff.external", &evil),
        ("core.fsmonitor", &evil),
        ("core.pager", &evil),
    ] {
        tree.git(&["config", key, value]);
    }
    tree.write("app/util.py", b"import other.x\n");
    assert_eq!(check(&tree, &["--since", "HEAD"]), found(&["app/util.py:1:8: error[apart]"], 1));
    assert_eq!(check(&tree, &["--staged"]), found(&[], 0));
    assert!(!tree.path("evil").exists());
}

#[test]
fn a_hook_s_index_is_read() {
    let tree = repository();
    let hook = format!("#!/bin/sh\n{} check --staged --format concise\n", env!("CARGO_BIN_EXE_importlaw"));
    tree.write(".git/hooks/pre-commit", hook.as_bytes());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(tree.path(".git/hooks/pre-commit"), fs::Permissions::from_mode(0o755)).unwrap();
    }
    tree.write("app/util.py", b"import other.x\n");
    let commits = |arguments: &[&str]| {
        let mut command = tree.command("git");
        command.args(["-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-q", "-m", "x"]);
        command.args(arguments).output().unwrap().status.success()
    };
    assert!(!commits(&["-a"]), "the index of `commit -a` is not the repository's yet");
    assert!(!commits(&["app/util.py"]), "nor that of chosen paths");
    tree.write("app/util.py", b"import app.a\n");
    assert!(commits(&["-a"]));
}

/// `check` with a text on standard input.
fn with_input(tree: &Tree, text: &str, more: &[&str]) -> Run {
    let mut command = tree.importlaw();
    command.args(["check", "--format", "concise"]).args(more);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Run { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}

#[test]
fn standard_input_stands_for_a_file() {
    let tree = repository();
    let a = "app/a.py:1:8: error[apart]";
    let b = "app/b.py:1:8: error[unresolved-import]";
    for (path, text, expected) in [
        ("app/a.py", "", &[b][..]),
        ("app/a.py", "\n\nimport other.x\n", &["app/a.py:3:8: error[apart]", b]),
        ("app/gone.py", "", &[a]),
        ("app/new/gone.py", "import other\n", &[a, b, "app/new/gone.py:1:8: error[apart]"]),
    ] {
        let run = with_input(&tree, text, &["--stdin-file", path]);
        assert_eq!(listed(&run), found(expected, 1), "{path}");
    }
    let run = with_input(&tree, "import other\n", &["--stdin-file", "app/z.py", "--since", "HEAD"]);
    assert_eq!(listed(&run), found(&["app/z.py:1:8: error[apart]"], 1));
    let run = with_input(&tree, "import other\n", &["--stdin-file", "app/z.py", "app/z.py"]);
    assert_eq!(listed(&run), found(&["app/z.py:1:8: error[apart]"], 1), "PATH need not be there either");
    let run = with_input(&tree, "x", &["--stdin-file", "notes.txt"]);
    run.fails("error: notes.txt is neither a source file nor a manifest: nothing in it would be read\n");
    let run = with_input(&tree, "", &["--stdin-file", "../x.py"]);
    assert_eq!(run.code, Some(2));
    assert!(run.err.starts_with("error: ../x.py lies outside the project root "), "{}", run.err);
}

/// Over [`repository`]: one finding mended, one file with a finding gone, two introduced.
fn changed() -> Tree {
    let tree = repository();
    tree.write("app/c.py", b"import other.x\nimport lib.one\n");
    tree.write(".github/CODEOWNERS", b"/app/ @app\n/app/b.py @bee\n");
    tree.commit(DAY);
    tree.write("app/b.py", b"import app.a\n");
    fs::remove_file(tree.path("app/c.py")).unwrap();
    tree.write("app/util.py", b"import other\n");
    tree.write("lib/more.py", b"import lib.nowhere\nimport lib.two\n");
    tree
}

#[test]
fn what_is_unknown_before_makes_the_compliance_before_a_lower_bound() {
    let tree = changed();
    tree.write("app/half.py", b"import lib.one\ndef (\n");
    tree.commit(DAY);
    let run = tree.run(&["diff", "HEAD~1"]);
    assert!(run.out.contains("\nCompliance 33.3 % -> at least "), "{run:?}");
    fs::remove_file(tree.path("app/half.py")).unwrap();
    let run = tree.run(&["diff", "HEAD"]);
    assert!(run.out.contains("\nCompliance at least ") && run.out.ends_with(" -> 57.1 %\n"), "{run:?}");
}

#[test]
fn a_difference_is_a_sum() {
    let tree = changed();
    let short =
        String::from_utf8(tree.command("git").args(["rev-parse", "HEAD"]).output().unwrap().stdout).unwrap();
    let expected = format!(
        "HEAD ({}) -> the working tree

+ app/util.py:1:8: error[apart] `app.util` imports `other`, which `apart` forbids
+ lib/more.py:1:8: error[unresolved-import] `lib.nowhere` does not exist; `lib` does
- app/b.py:1:8: error[unresolved-import] `app.gone` does not exist; `app` does
- app/c.py:1:8: error[apart] `app.c` imports `other.x`, which `apart` forbids
- lib/two.py:1:8: error[far] `app.c` reaches `deep` through `lib.two`, which `far` forbids

By owner  introduced  fixed
@app               1      1
@bee               0      1
nobody             1      1

                          governed  compliant
before                           6          2   33.3 %
  policy                         0          0
  fixed                          0         +1
  broken                         0          0
  deleted                       -3         -1
  added                         +4         +2
after                            7          4   57.1 %

Not judged on a change: unmatched-entry, unused-waiver
2 findings introduced (2 errors), 3 fixed
Compliance 33.3 % -> 57.1 %
",
        &short[..10]
    );
    tree.run(&["diff", "HEAD"]).ends(1, &expected);
}

#[test]
fn two_commits_are_compared_each_with_its_registry() {
    let tree = changed();
    tree.write("importlaw.toml", REGISTRY.replace("to = [\"other\"]", "to = [\"other.x\"]").as_bytes());
    tree.commit(DAY);
    tree.write("app/util.py", b"import deep\n"); // no part of either commit
    let run = tree.run(&["diff", "HEAD~1", "HEAD", "--format", "json"]);
    let report = run.json();
    assert_eq!(run.code, Some(1));
    let paths = |key: &str| -> Vec<String> {
        report[key]
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| entry["path"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(paths("introduced"), ["lib/more.py"], "the loosened rule lets app.util go");
    assert_eq!(paths("fixed"), ["app/b.py", "app/c.py", "lib/two.py"]);
    let share = |code: &str, registry: &str| report["compliance"][code][registry]["compliance"].clone();
    assert_eq!(share("base_code", "base_registry"), json!(33.3));
    assert_eq!(share("base_code", "head_registry"), json!(33.3));
    assert_eq!(share("head_code", "base_registry"), json!(57.1));
    assert_eq!(share("head_code", "head_registry"), json!(71.4), "more than the code alone has earned");
    assert_eq!(report["change"]["policy"], json!({ "governed": 0, "compliant": 0 }));
    assert_eq!(report["base"]["revision"], "HEAD~1");
    assert_eq!(tree.run(&["diff", "HEAD", "HEAD"]).code, Some(0));
    tree.run(&["diff", "nowhere"]).fails(
        "error: there is no commit `nowhere`\n  help: name a branch, a tag or a commit of this repository\n",
    );
}

#[test]
fn a_registry_that_cannot_be_read_is_said() {
    let tree = repository();
    tree.write("importlaw.toml", b"version = 1\nnonsense = 3\n");
    tree.commit(DAY);
    tree.write("importlaw.toml", REGISTRY.as_bytes());
    let run = tree.run(&["diff", "HEAD"]);
    assert_eq!((run.code, run.err.as_str()), (Some(0), ""));
    assert!(run.out.contains("  policy                       n/a        n/a\n"), "{}", run.out);
    assert!(run.out.contains("note: the base's own registry cannot be read: "), "{}", run.out);
}

#[test]
fn a_submodule_is_taken_as_it_lies_there() {
    let tree = repository();
    let other = Tree::new(&[("pkg.py", "import app.gone\nx = 1\n")]);
    other.git(&["init", "-q"]);
    other.commit(DAY);
    let url = other.path("");
    tree.git(&[
        "-c",
        "protocol.file.allow=always",
        "submodule",
        "add",
        "-q",
        url.to_str().unwrap(),
        "vendored",
    ]);
    tree.commit(DAY);
    tree.write("app/util.py", b"from vendored.pkg import x\n");
    assert_eq!(
        check(&tree, &["--since", "HEAD"]),
        found(&[], 0),
        "neither its finding nor the import is new"
    );
    let text = tree.run(&["check", "--staged"]).out;
    assert!(text.contains("note: the submodule vendored is taken as it lies on disk"), "{text}");
}

#[test]
fn a_renamed_file_brings_nothing() {
    let tree = repository();
    tree.write("app/many.py", b"import other.x\nimport other\na = 1\nb = 2\n");
    tree.commit(DAY);
    tree.git(&["mv", "app/a.py", "app/first.py"]); // same bytes
    tree.write("app/sub/__init__.py", b"");
    tree.git(&["mv", "app/many.py", "app/sub/many.py"]);
    tree.write("app/sub/many.py", b"import other.x\nimport other\na = 1\nimport deep\n"); // same name, most lines
    let brought = ["app/sub/many.py:4:8: error[far]"];
    assert_eq!(check(&tree, &["--since", "HEAD"]), found(&brought, 1));
    let diff = tree.run(&["diff", "HEAD"]);
    assert!(
        diff.out.contains("\n1 finding introduced (1 error), 0 fixed, 3 in renamed files\n"),
        "{}",
        diff.out
    );
    tree.write("app/sub/many.py", b"import other.x\n\n\nx = 1\ny = 2\n");
    let brought = ["app/sub/many.py:1:8: error[apart]"];
    assert_eq!(check(&tree, &["--since", "HEAD"]), found(&brought, 1), "of the old file too little is left");
}
