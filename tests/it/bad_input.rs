//! Whatever lies in the tree or stands on the command line: an answer with its exit code, never a panic, never a hang.

use std::fs;

use crate::cli::{Run, Tree};

/// One line a finding, then the summary.
fn concise(tree: &Tree) -> Run {
    tree.run(&["check", "--format", "concise"])
}

/// The last line of a run without a registry that found so much.
fn summary(found: &str, headline: &str, holding: u32) -> String {
    format!(
        "{found}. {headline} of imports resolve. No rule of yours is checked yet. Rules holding: {holding} of 9\n"
    )
}

#[test]
fn nothing_to_check_is_no_success() {
    let help = "  help: importlaw reads .py, .pyi and .ipynb files, scripts with a Python shebang, and the .rs files that a Cargo.toml leads to\n";
    let nothing =
        |but: &str| format!("error: nothing was checked: there is no source file in project{but}\n{help}");
    Tree::new(&[]).run(&["check"]).fails(&nothing(""));
    Tree::new(&[("README.md", "")]).run(&["graph"]).fails(&nothing(""));
    Tree::new(&[("a.rs", ""), ("b.rs", ""), ("c.ts", "")])
        .run(&["check"])
        .fails(&nothing(" (2 rust files that no Cargo.toml leads to; 1 typescript file, not read yet)"));
    Tree::new(&[("importlaw.toml", "version = 1\n[project]\nexclude = [\"*.py\"]\n"), ("a.py", "")])
        .run(&["check"])
        .fails(&nothing(" (`exclude` hides 1 file)"));
    Tree::new(&[(".gitignore", "*.py\n"), (".venv/x.py", ""), ("a.py", ""), ("b.py", "")])
        .run(&["check"])
        .fails(&nothing(" (1 path left out: .venv; 2 paths left out: ignored by git)"));
}

#[test]
fn a_registry_that_can_find_nothing_is_no_success() {
    let off = [
        "unresolved-import",
        "unparsed-file",
        "relative-beyond-root",
        "unmatched-entry",
        "unused-waiver",
        "expired",
    ];
    let checks = off.join(" = \"warn\"\n") + " = \"warn\"\n";
    let registry =
        format!("version = 1\n[[forbidden]]\nfrom = [\"x\"]\nto = [\"y\"]\nid = \"r\"\n[checks]\n{checks}");
    Tree::new(&[("importlaw.toml", &registry), ("a.py", "import a\n")]).run(&["check"]).fails(
        "error: nothing was checked: every check of the registry is off or a warning, and no entry names anything \
         that exists\n  help: switch a check to \"error\", or correct the entries\n",
    );
}

#[test]
fn all_mistakes_of_a_registry_are_told_at_once() {
    let registry = "version = 2
[project]
exclud = [\"a\"]
[[forbidden]]
id = \"a\"
from = [\"a..b\"]
to = [\"b\"]
[[forbidden]]
id = \"a\"
from = []
to = [\"c\"]
[checks]
unresolved-import = \"loud\"
";
    let tree = Tree::new(&[("importlaw.toml", registry), ("a.py", "")]);
    let run = tree.run(&["check"]);
    assert_eq!((run.code, run.out.as_str()), (Some(2), ""));
    let messages: Vec<&str> = run.err.lines().filter_map(|line| line.strip_prefix("  × ")).collect();
    assert_eq!(
        messages,
        [
            "`version` must be 1, not 2",
            "unknown key `exclud` in `[project]`",
            "`a..b`: a component is empty",
            "the id `a` is taken: line 5 has it",
            "`from` of `[[forbidden]]` is empty",
            "`unresolved-import` cannot be `loud`",
        ]
    );
    let places: Vec<&str> =
        run.err.lines().filter_map(|line| line.trim_start().strip_prefix("╭─[")?.strip_suffix(']')).collect();
    assert_eq!(
        places,
        ["1:11", "3:1", "6:9", "9:6", "10:8", "13:21"].map(|at| format!("importlaw.toml:{at}"))
    );
    assert_eq!(run.err.lines().last(), Some("error: importlaw.toml: 6 problems; nothing was checked"));
    assert_eq!(run, tree.run(&["registry", "list"]), "every command that needs it says the same");
}

#[test]
fn one_mistake_in_full() {
    Tree::new(&[("importlaw.toml", "version = 1\n[project]\nexclud = []\n"), ("a.py", "")])
        .run(&["check"])
        .fails(
            "  × unknown key `exclud` in `[project]`
   ╭─[importlaw.toml:3:1]
 2 │ [project]
 3 │ exclud = []
   · ──────
   ╰────
  help: did you mean `exclude`?

error: importlaw.toml: 1 problem; nothing was checked
",
        );
}

#[test]
fn two_registries_are_one_too_many() {
    let tree = Tree::new(&[
        ("importlaw.toml", "version = 1\n"),
        ("pyproject.toml", "[tool.importlaw]\nversion = 1\n"),
        ("a.py", ""),
    ]);
    tree.run(&["check"]).fails(
        "error: two registries: importlaw.toml and [tool.importlaw] in pyproject.toml
  help: keep one of them, or, of two files, name the one to use with `--registry`
",
    );
    assert_eq!(tree.run(&["check", "--registry", "importlaw.toml"]).code, Some(0));
}

#[test]
fn registries_that_cannot_be_read() {
    let tree = Tree::new(&[("a.py", ""), ("sub/x.toml", "version = 1\u{1b}[31m\n")]);
    tree.run(&["check", "--registry", "gone.toml"])
        .fails("error: the registry gone.toml cannot be read: No such file or directory (os error 2)\n");
    let run = tree.run_in("sub", &["check", "--registry", "x.toml", "-C", ".."]);
    assert_eq!(run.code, Some(2), "relative to -C: {run:?}");
    let run = tree.run(&["check", "--registry", "sub/x.toml"]);
    assert_eq!((run.code, run.err.contains('\u{1b}')), (Some(2), false), "{run:?}");
    tree.write("importlaw.toml", b"version = 1\xff\n");
    tree.run(&["check"]).fails("error: cannot read [ROOT]/importlaw.toml: it is not UTF-8\n");
    fs::remove_file(tree.path("importlaw.toml")).unwrap();
    tree.write("importlaw.toml/", b"");
    tree.run(&["check"]).fails("error: cannot read [ROOT]/importlaw.toml: it is not a regular file\n");
}

#[test]
fn toml_nested_too_deeply_is_a_mistake_like_another() {
    for (open, close) in [("[", "]"), ("{a=", "}")] {
        let deep = format!("a = {}1{}\n", open.repeat(50_000), close.repeat(50_000));
        let tree = Tree::new(&[("importlaw.toml", &deep), ("a.py", "")]);
        let run = tree.run(&["check"]);
        assert_eq!(run.code, Some(2));
        assert!(run.err.ends_with("nothing was checked\n"), "{}", &run.err[run.err.len() - 200..]);
        let manifest = format!("# importlaw\n{deep}");
        let tree = Tree::new(&[("pyproject.toml", &manifest), ("a.py", "")]);
        assert_eq!(tree.run(&["check", "-q"]).code, Some(0), "a manifest that does not parse is no registry");
    }
}

#[test]
fn bytes_that_are_no_python() {
    let tree = Tree::new(&[]);
    let all: Vec<u8> = (0..=255).cycle().take(25_600).collect();
    for (bytes, place, message) in [
        (&all[..], "1:1", "source code contains a null byte"),
        (b"import os\nx = 1\x00\n", "2:1", "source code contains a null byte"),
        (b"import os\nx = '\xff'\n", "2:1", "file is not valid UTF-8"),
    ] {
        tree.write("a.py", bytes);
        let says = format!("a.py:{place}: error[unparsed-file] does not parse: {message}\n");
        concise(&tree).ends(1, &(says + &summary("1 error in 1 file", "At least 0.0 %", 8)));
    }
}

#[test]
fn nesting_that_would_exhaust_the_stack() {
    let tree = Tree::new(&[]);
    for (text, column, message) in [
        ("(".repeat(100_000) + &")".repeat(100_000), 201, "more than 200 nested brackets"),
        ("[".repeat(100_000), 201, "more than 200 nested brackets"),
        ("-".repeat(200_000) + "1", 1001, "more than 1,000 nested operators"),
        ("~".repeat(200_000) + "1", 1001, "more than 1,000 nested operators"),
        ("a+".repeat(1 << 20) + "a", 20_000, "expression of more than 10,000 levels"),
        ("a.".repeat(1 << 20) + "a", 20_000, "expression of more than 10,000 levels"),
    ] {
        tree.write("a.py", format!("import b\nx = {text}\nimport b.gone\n").as_bytes());
        tree.write("b.py", b"");
        let says = format!(
            "a.py:2:{}: error[unparsed-file] does not parse: {message}\n\
             a.py:3:8: error[unresolved-import] `b.gone` does not exist; `b` does\n",
            column + 4
        );
        concise(&tree).ends(1, &(says + &summary("2 errors in 1 file", "At least 0.0 %", 7)));
    }
}

#[test]
fn nesting_in_other_places() {
    let blocks: String = (0..2_000).map(|at| " ".repeat(at) + "if x:\n").collect();
    let notebook = format!("{{\"cells\": {}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    let strings = "f\"{".repeat(10_000);
    let requirement = format!("[project]\ndependencies = [{}]\n", "\"a\",".repeat(10_000));
    let tree = Tree::new(&[
        ("blocks.py", &blocks),
        ("deep.ipynb", &notebook),
        ("strings.py", &strings),
        ("setup.py", &format!("setup(install_requires={}{})\n", "[".repeat(100_000), "]".repeat(100_000))),
        ("setup.cfg", &"[options]\n".repeat(10_000)),
        ("requirements.txt", &"-r requirements.txt\n".repeat(10_000)),
        ("pyproject.toml", &requirement),
        ("Pipfile", &"[".repeat(100_000)),
        ("elif.py", &("if x:\n  pass\n".to_owned() + &"elif x:\n  pass\n".repeat(50_000))),
        ("not.py", &("x = ".to_owned() + &"not ".repeat(200_000) + "1\n")),
        ("lambda.py", &("x = ".to_owned() + &"lambda: ".repeat(100_000) + "1\n")),
        ("await.py", &("async def f(): x = ".to_owned() + &"await ".repeat(100_000) + "1\n")),
        ("star.py", &("x = ".to_owned() + &"*".repeat(100_000) + "1\n")),
        ("ternary.py", &("x = ".to_owned() + &"a if b else ".repeat(100_000) + "1\n")),
        ("compare.py", &("x = ".to_owned() + &"a < ".repeat(100_000) + "1\n")),
        ("power.py", &("x = ".to_owned() + &"a ** ".repeat(100_000) + "1\n")),
        ("walrus.py", &("x = ".to_owned() + &"(a := ".repeat(100_000) + "1\n")),
        ("call.py", &("x = a".to_owned() + &"()".repeat(100_000) + "\n")),
        ("index.py", &("x = a".to_owned() + &"[0]".repeat(100_000) + "\n")),
        ("decorators.py", &("@a\n".repeat(100_000) + "def f(): pass\n")),
        ("continued.py", &("x = ".to_owned() + &"\\\n".repeat(100_000) + "1\n")),
        ("dots.py", &format!("from {} import x\n", ".".repeat(100_000))),
        ("long.py", &format!("import {}a\n", "a.".repeat(100_000))),
    ]);
    let run = tree.run(&["check", "--format", "json"]);
    assert_eq!(run.code, Some(1), "{}", run.err);
    let report = run.json();
    assert_eq!(report["summary"]["files"], 19);
    let unparsed: Vec<&str> =
        report["unparsed"].as_array().unwrap().iter().map(|file| file["path"].as_str().unwrap()).collect();
    for file in ["blocks.py", "deep.ipynb", "strings.py", "setup.py", "not.py", "star.py", "walrus.py"] {
        assert!(unparsed.contains(&file), "{file} in {unparsed:?}");
    }
    for file in ["decorators.py", "elif.py", "continued.py"] {
        assert!(!unparsed.contains(&file), "{file} in {unparsed:?}");
    }
    assert!(!run.out.contains("please report"), "the parser did not panic");
}

#[cfg(unix)]
#[test]
fn links_that_lead_nowhere_or_round() {
    let tree = Tree::new(&[("a.py", "import b\n"), ("b.py", ""), ("pkg/c.py", "import a\n")]);
    for (target, link) in
        [("loop", "loop"), (".", "pkg/round"), ("..", "pkg/up"), ("gone.py", "x.py"), ("/", "out")]
    {
        std::os::unix::fs::symlink(target, tree.path(link)).unwrap();
    }
    concise(&tree).ends(0, &summary("No finding", "100.0 %", 9));
    let run = tree.run(&["check", "-v"]);
    assert!(
        run.out.contains(
            "Left out\n  a link out of the root: 1 path\n    out\n  a link to nothing, or to itself: 2 paths\n    \
             loop\n    x.py\n"
        ),
        "{}",
        run.out
    );
}

#[cfg(unix)]
#[test]
fn a_fifo_is_not_waited_for() {
    let tree = Tree::new(&[("a.py", "import b\n"), ("b.py", "")]);
    tree.shell("mkfifo", &["x.py", ".gitignore", "pyproject.toml", "script"]);
    let says = "x.py:1:1: error[unparsed-file] cannot be read: it is a FIFO, not a regular file\n";
    concise(&tree).ends(1, &(says.to_owned() + &summary("1 error in 1 file", "At least 50.0 %", 8)));
    tree.shell("mkfifo", &["importlaw.toml"]);
    tree.run(&["check"]).fails("error: cannot read [ROOT]/importlaw.toml: it is not a regular file\n");
}

#[cfg(unix)]
#[test]
fn names_cannot_drive_the_terminal() {
    use std::os::unix::ffi::OsStrExt;

    let tree = Tree::new(&[("b.py", "")]);
    let evil = "a\u{1b}[31m\u{202e}\nb.py:1:1: red.py";
    tree.write(evil, b"import b.gone\n# \x1b[31m\n");
    fs::write(tree.path("").join(std::ffi::OsStr::from_bytes(b"\xff\x1b.py")), "import b.gone\n").unwrap();
    let shown = "a\\u{1b}[31m\\u{202e}\\nb.py:1:1: red.py";
    let run = concise(&tree);
    let lines: Vec<&str> = run.out.lines().collect();
    assert_eq!(
        lines[..2],
        [
            "\\xff\\u{1b}.py:1:8: error[unresolved-import] `b.gone` does not exist; `b` does".to_owned(),
            format!("{shown}:1:8: error[unresolved-import] `b.gone` does not exist; `b` does"),
        ]
    );
    assert_eq!(lines.len(), 3);
    for arguments in [
        &["check"][..],
        &["check", "-v"],
        &["check", "--format", "json"],
        &["graph", "--format", "dot"],
        &["graph", "--format", "html"],
        &["report", "--format", "html"],
        &["graph"],
        &["why", "a", "b"],
        &["why", "b", "nothing\u{1b}[31m"],
        &["check", "gone\u{1b}[31m"],
        &["check", "--rule", "\u{1b}[31m"],
        &["check", "--scope", "\u{202e}"],
        &["check", "--format", "\u{1b}[31m"],
        &["check", "--registry", "\u{1b}[31m"],
        &["check", "--as-of", "\u{1b}[31m"],
        &["check", "-C", "\u{1b}[31m"],
        &["check", "--output", "no\u{1b}[31m/where"],
        &["explain", "\u{1b}[31m"],
    ] {
        let run = tree.run(arguments);
        let raw = |text: &str| text.contains(['\u{1b}', '\u{202e}']);
        assert!(!raw(&run.out) && !raw(&run.err), "{arguments:?}: {run:?}");
        assert!(!run.out.is_empty() || !run.err.is_empty(), "{arguments:?}");
    }
    let report = tree.run(&["check", "--format", "json"]).json();
    assert_eq!(report["violations"][1]["path"], evil, "programs get the name itself");
}

#[cfg(unix)]
#[test]
fn what_may_not_be_read_is_a_finding() {
    use std::os::unix::fs::PermissionsExt;

    let tree = Tree::new(&[("a.py", "import b\n"), ("b.py", ""), ("dir/c.py", "")]);
    for path in ["b.py", "dir"] {
        fs::set_permissions(tree.path(path), fs::Permissions::from_mode(0o000)).unwrap();
    }
    let may_read_all = fs::read(tree.path("b.py")).is_ok();
    let run = concise(&tree);
    fs::set_permissions(tree.path("dir"), fs::Permissions::from_mode(0o755)).unwrap();
    if may_read_all {
        // The super-user is refused nothing.
        return run.ends(0, &summary("No finding", "100.0 %", 9));
    }
    let says =
        "b.py:1:1: error[unparsed-file] does not parse: it cannot be read: Permission denied (os error 13)
dir/:1:1: error[unparsed-file] cannot be read: Permission denied (os error 13)
";
    run.ends(1, &(says.to_owned() + &summary("2 errors in 2 files", "At least 50.0 %", 8)));
}

#[test]
fn places_that_are_not_there() {
    let tree = Tree::new(&[("a.py", ""), ("gone/", "")]);
    tree.run(&["check", "nothere"]).fails("error: nothere does not exist\n");
    tree.run(&["check", "a.py/b"]).fails("error: a.py/b cannot be reached: Not a directory (os error 20)\n");
    tree.run(&["check", ".."])
        .fails("error: .. lies outside the project root [ROOT]\n  help: start importlaw there, or use -C\n");
    tree.run(&["check", "-C", "nothere"])
        .fails("error: cannot start in nothere: No such file or directory (os error 2)\n");
    tree.run(&["check", "-C", "a.py"]).fails("error: cannot start in [ROOT]/a.py: not a directory\n");
}

#[cfg(unix)]
#[test]
fn the_working_directory_has_vanished() {
    let tree = Tree::new(&[("gone/", "")]);
    let mut shell = tree.command("sh");
    let script = format!("cd gone && rmdir ../gone && exec '{}' check", env!("CARGO_BIN_EXE_importlaw"));
    tree.end(shell.args(["-c", &script]))
        .fails("error: cannot start in .: No such file or directory (os error 2)\n");
}

#[cfg(unix)]
#[test]
fn a_reader_that_has_seen_enough() {
    let imports: Vec<String> = (0..20_000).map(|at| format!("import a.gone{at}, outside{at}\n")).collect();
    let tree = Tree::new(&[("a.py", &imports.concat())]);
    // A gate whose verdict nobody took is no success; for anything else the reader decides what is enough.
    for (command, code) in [
        ("check --all", 2),
        ("check --format json", 2),
        ("check --format concise", 2),
        ("graph --external", 0),
    ] {
        let script = format!("{{ '{}' {command}; echo $? >&2; }} | head -1", env!("CARGO_BIN_EXE_importlaw"));
        let run = tree.end(tree.command("sh").args(["-c", &script]));
        assert_eq!(run.out.lines().count(), 1, "{command}");
        assert_eq!(run.err, format!("{code}\n"), "{command}: neither a panic nor a complaint");
    }
}

#[cfg(unix)]
#[test]
fn an_output_that_takes_nothing() {
    let tree = Tree::new(&[("a.py", "")]);
    let full = fs::OpenOptions::new().write(true).open("/dev/full");
    let Ok(full) = full else { return };
    let mut command = tree.importlaw();
    let status = command.arg("check").stdout(full).output().unwrap();
    assert_eq!(
        (status.status.code(), String::from_utf8(status.stderr).unwrap().as_str()),
        (Some(2), "error: the output cannot be written: No space left on device (os error 28)\n")
    );
}

#[test]
fn a_registry_extends_regular_files_of_bounded_size_wherever_they_lie() {
    let main = "version = 1
extends = [\"rules/ours.toml\", \"rules\", \"large.toml\", \"latin.toml\", \"none.toml\"]
";
    let ours = "version = 1\nextends = [\"../../outside.toml\"]\n";
    let forbidden = "version = 1\n[[forbidden]]\nid = \"apart\"\nfrom = [\"a\"]\nto = [\"b\"]\n";
    let large = "#".repeat((1 << 20) + 1);
    let tree = Tree::new(&[
        ("importlaw.toml", main),
        ("rules/ours.toml", ours),
        ("../outside.toml", "version = 1\ncolour = 1\n"),
        ("large.toml", &large),
        ("a.py", "import b\n"),
        ("b.py", ""),
    ]);
    tree.write("latin.toml", b"# \xe9\n");
    let run = tree.run(&["check"]);
    assert_eq!((run.code, run.out.as_str()), (Some(2), ""));
    let messages: Vec<&str> = run.err.lines().filter_map(|line| line.strip_prefix("  × ")).collect();
    assert_eq!(
        messages,
        [
            "`rules` is no regular file",
            "`large.toml` is larger than 1048576 bytes",
            "`latin.toml` is not UTF-8",
            "`none.toml` does not exist",
            "unknown key `colour`",
        ]
    );
    let last = run.err.lines().last().unwrap();
    assert!(last.starts_with("error: importlaw.toml: 4 problems; /"), "{last}");
    assert!(last.ends_with("/outside.toml: 1 problem; nothing was checked"), "{last}");

    tree.write("importlaw.toml", main.split_inclusive(", ").next().unwrap().replace(", ", "]\n").as_bytes());
    tree.write("../outside.toml", forbidden.as_bytes());
    let run = tree.run(&["check", "--format", "json"]);
    assert_eq!(run.code, Some(1));
    let finding = &run.json()["violations"][0];
    assert_eq!(
        (&finding["rule"], &finding["path"], &finding["registry_path"], &finding["registry_line"]),
        (&"apart".into(), &"a.py".into(), &"importlaw.toml".into(), &2.into())
    );
}
