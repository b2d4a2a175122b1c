//! `importlaw hook`: real git repositories, and a stand-in for importlaw that notes how it was called.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use crate::cli::{Run, Tree};

/// Says something, and notes its arguments in `called`; fails where a file `refuse` lies.
const STAND_IN: &str =
    "#!/bin/sh\necho said\necho \"$PWD $*\" >> \"$HOME/called\"\n[ ! -e \"$HOME/refuse\" ]\n";

fn repository() -> Tree {
    let tree =
        Tree::new(&[("a.py", "import b\n"), ("b.py", ""), ("backend/importlaw.toml", "version = 1\n")]);
    tree.shell("git", &["init", "-q", "-b", "main"]);
    tree.shell("git", &["config", "user.email", "a@example.org"]);
    tree.shell("git", &["config", "user.name", "A"]);
    tree.write("../bin/importlaw", STAND_IN.as_bytes());
    executable(&tree, "../bin/importlaw", 0o755);
    tree
}

fn executable(tree: &Tree, path: &str, mode: u32) {
    fs::set_permissions(tree.path(path), fs::Permissions::from_mode(mode)).unwrap();
}

fn mode(tree: &Tree, path: &str) -> u32 {
    tree.path(path).metadata().unwrap().permissions().mode() & 0o777
}

fn text(tree: &Tree, path: &str) -> String {
    fs::read_to_string(tree.path(path)).unwrap()
}

/// git, with the stand-in on `PATH`.
fn git(tree: &Tree, arguments: &[&str]) -> Run {
    let mut command: Command = tree.command("git");
    let path = std::env::var("PATH").unwrap();
    command.env("PATH", format!("{}:{path}", tree.path("../bin").canonicalize().unwrap().display()));
    tree.end(command.args(arguments))
}

fn commit(tree: &Tree) -> Option<i32> {
    git(tree, &["commit", "-q", "--allow-empty", "-m", "x"]).code
}

/// How the stand-in was called since the last question; the tree's place is `[ROOT]`.
fn calls(tree: &Tree) -> Vec<String> {
    let root = tree.path("").to_str().unwrap().trim_end_matches('/').to_owned();
    let called = fs::read_to_string(tree.path("../called")).unwrap_or_default();
    let _ = fs::remove_file(tree.path("../called"));
    called.lines().map(|line| line.replace(&root, "[ROOT]")).collect()
}

#[test]
fn a_commit_is_checked_and_refused_and_the_hook_goes_again() {
    let tree = repository();
    let written = "pre-commit: .git/hooks/pre-commit runs `importlaw check --staged`\n";
    tree.run(&["hook", "install"]).ends(0, written);
    assert_eq!(mode(&tree, ".git/hooks/pre-commit"), 0o755);
    git(&tree, &["commit", "-q", "--allow-empty", "-m", "x"]).ends(0, "");
    assert_eq!(calls(&tree), ["[ROOT] check --color never --staged"]);
    tree.write("../refuse", b"");
    let refused = git(&tree, &["commit", "-q", "--allow-empty", "-m", "x"]);
    assert_eq!((refused.code, refused.out.as_str(), refused.err.as_str()), (Some(1), "", "said\n"));
    assert_eq!(git(&tree, &["commit", "-q", "--allow-empty", "--no-verify", "-m", "x"]).code, Some(0));

    let before = text(&tree, ".git/hooks/pre-commit");
    tree.run(&["hook", "install"])
        .ends(0, "pre-commit: .git/hooks/pre-commit is there already and runs `importlaw check --staged`\n");
    assert_eq!(text(&tree, ".git/hooks/pre-commit"), before);
    tree.run(&["hook", "uninstall"])
        .ends(0, "pre-commit: .git/hooks/pre-commit is gone\npre-push: there is no hook\n");
    assert!(!tree.path(".git/hooks/pre-commit").exists());
    tree.run(&["hook", "uninstall"]).ends(0, "pre-commit: there is no hook\npre-push: there is no hook\n");
    assert_eq!(commit(&tree), Some(0));
    let left: Vec<String> = fs::read_dir(tree.path(".git/hooks"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| !name.ends_with(".sample"))
        .collect();
    assert_eq!(left, [""; 0]);
}

#[test]
fn a_hook_that_is_there_runs_first_and_comes_back_as_it_was() {
    let tree = repository();
    let own = "#!/bin/sh\necho own >> \"$HOME/called\"\n[ ! -e own-refuses ]\n";
    tree.write(".git/hooks/pre-commit", own.as_bytes());
    executable(&tree, ".git/hooks/pre-commit", 0o750);
    tree.run(&["hook", "install"]).ends(
        0,
        "pre-commit: .git/hooks/pre-commit runs `importlaw check --staged`
  what was there runs first: .git/hooks/pre-commit.before-importlaw
",
    );
    assert_eq!(commit(&tree), Some(0));
    assert_eq!(calls(&tree), ["own", "[ROOT] check --color never --staged"]);
    tree.write("own-refuses", b"");
    assert_eq!(commit(&tree), Some(1));
    assert_eq!(calls(&tree), ["own"]);
    tree.run(&["hook", "install"])
        .ends(0, "pre-commit: .git/hooks/pre-commit is there already and runs `importlaw check --staged`\n");
    tree.run(&["hook", "uninstall"]).ends(
        0,
        "pre-commit: .git/hooks/pre-commit is again what it was before\npre-push: there is no hook\n",
    );
    assert_eq!(
        (text(&tree, ".git/hooks/pre-commit").as_str(), mode(&tree, ".git/hooks/pre-commit")),
        (own, 0o750)
    );
    assert!(!tree.path(".git/hooks/pre-commit.before-importlaw").exists());
    tree.run(&["hook", "uninstall"]).ends(
        0,
        "pre-commit: .git/hooks/pre-commit was not written by importlaw and stays as it is\npre-push: there is no hook\n",
    );

    tree.write(".git/hooks/pre-commit.before-importlaw", b"kept\n");
    tree.run(&["hook", "install"]).fails(
        "error: .git/hooks/pre-commit would be moved to .git/hooks/pre-commit.before-importlaw, but that exists already
  help: take one of the two away, or add `importlaw check --staged` to the hook by hand
",
    );
    assert_eq!(text(&tree, ".git/hooks/pre-commit"), own);
}

#[test]
fn a_link_is_kept_as_a_link() {
    let tree = repository();
    tree.write("own.sh", b"#!/bin/sh\nexit 3\n");
    executable(&tree, "own.sh", 0o755);
    std::os::unix::fs::symlink("../../own.sh", tree.path(".git/hooks/pre-commit")).unwrap();
    assert_eq!(tree.run(&["hook", "install"]).code, Some(0));
    assert_eq!(commit(&tree), Some(1));
    assert_eq!(text(&tree, "own.sh"), "#!/bin/sh\nexit 3\n");
    assert_eq!(tree.run(&["hook", "uninstall"]).code, Some(0));
    assert_eq!(fs::read_link(tree.path(".git/hooks/pre-commit")).unwrap().to_str(), Some("../../own.sh"));
}

#[test]
fn a_hook_that_a_program_manages_is_left_alone() {
    let cases = [
        (
            "# File generated by pre-commit: https://pre-commit.com\n",
            "the pre-commit framework",
            "add to .pre-commit-config.yaml: `- {repo: local, hooks: [{id: importlaw, name: importlaw, entry: \"importlaw check --staged\", language: system, pass_filenames: false, always_run: true, stages: [pre-commit]}]}`",
        ),
        (
            "call_lefthook run \"pre-commit\" \"$@\"\n",
            "lefthook",
            "add to lefthook.yml: `pre-commit: {commands: {importlaw: {run: \"importlaw check --staged\"}}}`",
        ),
        (
            ". \"$(dirname \"$0\")/_/husky.sh\"\n",
            "husky",
            "add the line `importlaw check --staged` to .husky/pre-commit",
        ),
    ];
    let tree = repository();
    for (body, manager, help) in cases {
        let hook = format!("#!/bin/sh\n{body}");
        tree.write(".git/hooks/pre-commit", hook.as_bytes());
        tree.run(&["hook", "install", "--pre-push"]).fails(&format!(
            "error: .git/hooks/pre-commit is managed by {manager}, which would write it anew\n  help: {help}\n"
        ));
        assert_eq!(text(&tree, ".git/hooks/pre-commit"), hook);
        assert!(!tree.path(".git/hooks/pre-push").exists(), "all or nothing");
    }
    tree.shell("git", &["config", "core.hooksPath", ".husky/_"]);
    tree.run(&["hook", "install"]).fails(
        "error: hooks are managed by husky: core.hooksPath is .husky/_
  help: add the line `importlaw check --staged` to .husky/pre-commit
",
    );
}

#[test]
fn what_was_changed_by_hand_is_neither_replaced_nor_removed() {
    let tree = repository();
    assert_eq!(tree.run(&["hook", "install"]).code, Some(0));
    let changed = format!("{}echo more\n", text(&tree, ".git/hooks/pre-commit"));
    tree.write(".git/hooks/pre-commit", changed.as_bytes());
    for command in ["install", "uninstall"] {
        tree.run(&["hook", command]).fails(
            "error: .git/hooks/pre-commit was changed since importlaw wrote it
  help: take your changes out again, or delete the file
",
        );
    }
    assert_eq!(text(&tree, ".git/hooks/pre-commit"), changed);
}

#[test]
fn hooks_lie_where_git_looks_for_them() {
    let tree = repository();
    tree.shell("git", &["config", "core.hooksPath", "team hooks"]);
    tree.run_in("backend", &["hook", "install", "-C", ".."])
        .ends(0, "pre-commit: team hooks/pre-commit runs `importlaw check --staged`\n");
    assert_eq!(commit(&tree), Some(0));
    assert_eq!(calls(&tree), ["[ROOT] check --color never --staged"]);
    // What others share names no path of this machine, and says so where importlaw is missing.
    assert!(!text(&tree, "team hooks/pre-commit").contains(env!("CARGO_BIN_EXE_importlaw")));
    fs::remove_file(tree.path("../bin/importlaw")).unwrap();
    let refused = git(&tree, &["commit", "-q", "--allow-empty", "-m", "x"]);
    assert_eq!(
        (refused.code, refused.err.as_str()),
        (
            Some(1),
            "importlaw is not on PATH, so nothing was checked. To do without it once: git commit --no-verify\n"
        )
    );
    tree.shell("git", &["config", "core.hooksPath", "/dev/null"]);
    tree.run(&["hook", "install"]).fails(
        "error: hooks are switched off: core.hooksPath is /dev/null, which is no directory
  help: `git config --show-origin --get core.hooksPath` says where that is set
",
    );
}

#[test]
fn a_second_work_tree_shares_the_hooks() {
    let tree = repository();
    assert_eq!(commit(&tree), Some(0));
    tree.shell("git", &["worktree", "add", "-q", "../second"]);
    let run = tree.run(&["hook", "install", "-C", "../second"]);
    assert_eq!((run.code, run.err.as_str()), (Some(0), ""));
    assert_eq!(run.out, "pre-commit: [ROOT]/.git/hooks/pre-commit runs `importlaw check --staged`\n");
    assert_eq!(git(&tree, &["-C", "../second", "commit", "-q", "--allow-empty", "-m", "x"]).code, Some(0));
    assert!(calls(&tree)[0].ends_with("/second check --color never --staged"));
}

#[test]
fn a_project_below_the_top_is_named_in_the_hook() {
    let tree = repository();
    tree.write("shop/importlaw.toml", b"version = 1\n");
    assert_eq!(tree.run_in("backend", &["hook", "install"]).code, Some(0));
    assert_eq!(commit(&tree), Some(0));
    assert_eq!(calls(&tree), ["[ROOT] -C ./backend check --color never --staged"]);
    tree.run_in("shop", &["hook", "install"]).fails(
        "error: .git/hooks/pre-commit checks `backend` already, and git has one hook of a kind
  help: one registry at the top of the repository can speak of all of it; or uninstall the hook and write one by hand that checks each
",
    );
}

#[test]
fn a_push_is_checked_against_what_the_remote_has() {
    let tree = repository();
    tree.shell("git", &["init", "-q", "--bare", "../remote.git"]);
    tree.shell("git", &["remote", "add", "origin", "../remote.git"]);
    assert_eq!(commit(&tree), Some(0));
    let own = "#!/bin/sh\ncat >> \"$HOME/pushed\"\n";
    tree.write(".git/hooks/pre-push", own.as_bytes());
    executable(&tree, ".git/hooks/pre-push", 0o755);
    tree.run(&["hook", "install", "--pre-push"]).ends(
        0,
        "pre-commit: .git/hooks/pre-commit runs `importlaw check --staged`
pre-push: .git/hooks/pre-push runs `importlaw check --since @{upstream}`
  what was there runs first: .git/hooks/pre-push.before-importlaw
",
    );
    let push = |arguments: &[&str]| {
        let run = git(&tree, &[&["push", "-q"], arguments].concat());
        (run.code, calls(&tree))
    };
    let called = |arguments: &str| vec![format!("[ROOT] {arguments}")];
    assert_eq!(
        push(&["origin", "main"]),
        (Some(0), called("check --color never")),
        "nothing is there to compare with"
    );
    let pushed = text(&tree, "../pushed");
    assert!(pushed.starts_with("refs/heads/main ") && pushed.ends_with('\n'), "{pushed}");
    let side = ["push", "-q", "--no-verify", "origin", "main:side"];
    assert_eq!(git(&tree, &side).code, Some(0));
    let since = |revision: &str| called(&format!("check --color never --since {revision}"));
    assert_eq!(git(&tree, &["commit", "-q", "--no-verify", "--allow-empty", "-m", "x"]).code, Some(0));
    assert_eq!(push(&["origin", "main:third"]), (Some(0), since("refs/remotes/origin/main")));
    assert_eq!(push(&["-u", "origin", "main"]), (Some(0), since("refs/remotes/origin/main")));
    assert_eq!(push(&["origin", "main:fourth"]), (Some(0), since("@{upstream}")));
    assert_eq!(push(&["origin", ":side"]), (Some(0), vec![]), "a branch is taken away");
    tree.write("../refuse", b"");
    assert_eq!(push(&["origin", "main:fifth"]).0, Some(1));
    tree.run(&["hook", "uninstall", "--pre-push"])
        .ends(0, "pre-push: .git/hooks/pre-push is again what it was before\n");
    assert_eq!(text(&tree, ".git/hooks/pre-push"), own);
    assert!(tree.path(".git/hooks/pre-commit").exists());
}

#[test]
fn without_a_repository_there_is_no_hook() {
    let tree = Tree::new(&[("a.py", "")]);
    let run = tree.run(&["hook", "install"]);
    assert_eq!((run.code, run.out.as_str()), (Some(2), ""));
    assert!(
        run.err.starts_with("error: git does not say where hooks lie: not a git repository")
            && run.err.ends_with("  help: hooks belong to a git repository with a work tree: start importlaw in one, or use -C\n"),
        "{}",
        run.err
    );
    repository().run(&["hook", "install", "--registry", "x.toml"]).fails(
        "error: a hook takes no --registry\n  help: leave it out: the hook uses the registry at the project's root\n",
    );
}
