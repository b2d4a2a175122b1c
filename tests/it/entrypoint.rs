//! `[[entrypoint]]` on trees that are hostile, and in messages.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use importlaw::check::{Options, STACK, check_texts};
use importlaw::facts::Date;
use importlaw::registry::load::{Home, load};
use importlaw::report::Report;
use importlaw::source::RelPath;
use importlaw::violation::Violation;

/// What is said of the entry in that tree; `entry` is the rest of its table.
fn findings(files: &[(&str, String)], entry: &str) -> Vec<Violation> {
    findings_of("starts", files, entry)
}

fn findings_of(rule: &str, files: &[(&str, String)], entry: &str) -> Vec<Violation> {
    let text = format!(
        "version = 1\n[[entrypoint]]\nid = \"starts\"\n{entry}\n[checks]\nunresolved-import = \"off\"\n"
    );
    let as_of = Date::parse("2026-11-22").unwrap();
    let registry = load(&RelPath::new("importlaw.toml"), &text, Home::Own, as_of).unwrap();
    let texts: BTreeMap<RelPath, Vec<u8>> =
        files.iter().map(|(path, text)| (RelPath::new(*path), text.clone().into_bytes())).collect();
    let report: Report = std::thread::Builder::new()
        .stack_size(STACK)
        .spawn(move || check_texts(&registry, texts, &Options::as_of(as_of)).unwrap())
        .unwrap()
        .join()
        .unwrap();
    let violations = report.findings.into_iter().map(|finding| finding.violation);
    violations.filter(|violation| violation.rule == rule).collect()
}

/// Each of 60 modules tries the next one twice, the last is not there: 2^60 ways lead to it.
#[test]
fn what_fails_is_not_tried_without_end() {
    let shapes = [
        "try:\n    import m{n}\nexcept ImportError:\n    import m{n}\n",
        "if unknown:\n    import m{n}\nelse:\n    import m{n}\nimport m{n}\n",
    ];
    for shape in shapes {
        let files: Vec<(String, String)> = (0..60)
            .map(|n: u32| (format!("m{n}.py"), shape.replace("{n}", &(n + 1).to_string())))
            .chain([("m60.py".to_owned(), "import m0.gone\n".to_owned())])
            .collect();
        let files: Vec<(&str, String)> =
            files.iter().map(|(path, text)| (path.as_str(), text.clone())).collect();
        for entry in ["module = \"m0\"", "modules = [\"**\"]"] {
            let found = findings(&files, entry);
            assert_eq!(found.len(), 1, "{entry} {shape}");
            assert_eq!(found[0].chain.len(), 60, "{shape}");
        }
    }
}

#[test]
fn a_function_that_fails_is_not_called_without_end() {
    let mut text = String::new();
    for n in 0..60 {
        let next = n + 1;
        writeln!(
            text,
            "def f{n}():\n    try:\n        f{next}()\n    except ImportError:\n        f{next}()"
        )
        .unwrap();
    }
    text.push_str("def f60():\n    import main.gone\nf0()\n");
    let found = findings(&[("main.py", text)], "module = \"main\"");
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].chain.len(), 61);
}

const INIT: (&str, String) = ("app/__init__.py", String::new());

/// Sentence and fix of the one finding.
fn told(files: &[(&str, &str)], entry: &str) -> (String, String) {
    let files: Vec<(&str, String)> =
        std::iter::once(INIT).chain(files.iter().map(|(path, text)| (*path, (*text).to_owned()))).collect();
    let found = findings(&files, entry);
    assert_eq!(found.len(), 1, "{found:?}");
    (found[0].message.clone(), found[0].help.clone().unwrap_or_default())
}

#[test]
fn what_was_followed_is_said_and_what_was_not() {
    let (message, _) = told(
        &[
            ("app/main.py", "import app.l\napp.l.f(lambda: 1)\n"),
            ("app/l.py", "def f(g):\n    g()\n    import app.gone\n"),
        ],
        "module = \"app.main\"",
    );
    let followed = "(2 modules and 1 function followed up to there; 1 call could not be followed)";
    assert_eq!(message, format!("`app.main` does not start: `app.gone` does not exist {followed}"));
    let (message, _) = told(&[("app/main.py", "import app.gone\n")], "module = \"app.main\"");
    assert_eq!(
        message,
        "`app.main` does not start: `app.gone` does not exist (1 module followed up to there)"
    );
}

#[test]
fn the_name_that_a_server_asks_for_is_no_import() {
    let (message, help) = told(&[("app/main.py", "x = 1\n")], "module = \"app.main:app\"");
    assert!(message.starts_with("`app.main` does not start: `app.main` has no `app` ("), "{message}");
    assert_eq!(help, "bind `app` in `app.main`, or correct `module`");
}

#[test]
fn what_is_absent_is_not_to_be_named_in_ships() {
    let files = [("app/main.py", "import app.lost\n"), ("app/lost.py", "")];
    let (_, help) = told(&files, "module = \"app.main\"\nabsent = [\"app.lost\"]");
    let rest = "or take the import out of what runs at the start";
    assert_eq!(help, format!("let the image hold `app.lost` and take it out of `absent`, {rest}"));
    let (_, help) = told(&files, "module = \"app.main\"\nships = [\"=app\", \"app.main\"]");
    assert_eq!(help, format!("copy `app.lost` into the image and name it in `ships`, {rest}"));
}

#[test]
fn an_attribute_that_comes_too_late_is_no_import() {
    let files = [
        ("app/main.py", "import app.a\n"),
        ("app/a.py", "from app.b import B\nclass A: pass\n"),
        ("app/b.py", "import app.a\nclass B(app.a.A): pass\n"),
    ];
    let (_, help) = told(&files, "module = \"app.main\"");
    let first = "move line 1 of `app/a.py` below line 2, where the name is bound";
    assert_eq!(
        help,
        format!("{first}; or use the name at app/b.py:2 only in a function that is called later")
    );
}

#[test]
fn no_statement_leads_to_what_the_server_calls() {
    let files = [
        INIT,
        ("app/main.py", String::new()),
        ("app/l.py", "def f():\n    g()\ndef g():\n    import app.gone\n".to_owned()),
    ];
    let found = findings(&files, "module = \"app.main\"\ncalls = [\"app.l:f\"]");
    let lines: Vec<u32> = found[0].chain.iter().map(|hop| hop.line).collect();
    assert_eq!(lines, [2]);
}

#[test]
fn what_cannot_be_started_is_no_entry() {
    let files = [
        ("run", "#!/usr/bin/env python3\n".to_owned()),
        ("scripts/go.py", String::new()),
        ("main.py", String::new()),
    ];
    let said = |module: &str| {
        let found = findings_of("unmatched-entry", &files, &format!("module = \"{module}\""));
        found.into_iter().map(|violation| violation.message).collect::<Vec<_>>()
    };
    assert_eq!(said("run"), ["`module`: `run` is a file that no import can name"]);
    assert_eq!(said("scripts"), ["`module`: `scripts` is a directory without `__init__.py`, no module"]);
    assert_eq!(said("scripts.go"), [""; 0]);
}

/// 60 levels of two modules, each of which takes `x` from either of the next level; nobody binds it.
#[test]
fn a_name_that_nobody_binds_is_not_looked_for_without_end() {
    let level = |n: u32| {
        let text = format!("try:\n    from a{n} import x\nexcept ImportError:\n    from b{n} import x\n");
        ["a", "b"].map(|letter| (format!("{letter}{}.py", n - 1), text.clone()))
    };
    let files: Vec<(String, String)> = (1..=60).flat_map(level).collect();
    let ends = [
        ("a60.py", String::new()),
        ("b60.py", String::new()),
        ("main.py", "from a0 import x\nx()\n".to_owned()),
    ];
    let files: Vec<(&str, String)> =
        files.iter().map(|(path, text)| (path.as_str(), text.clone())).chain(ends).collect();
    let found = findings(&files, "module = \"main\"");
    assert_eq!((found.len(), found[0].chain.len()), (1, 60));
}

/// The second caller of `f` needs `a` as much as the first did, though `f` is not followed again.
#[test]
fn a_function_followed_before_asks_for_the_same_half_loaded_module() {
    let caller = "import lib\nlib.f()\n".to_owned();
    let files = [
        ("a.py", "import c1\nimport c2\nimport lib.gone\n".to_owned()),
        ("c1.py", caller.clone()),
        ("c2.py", caller),
        ("lib.py", "def f():\n    import a\n".to_owned()),
    ];
    let found = findings(&files, "modules = [\"**\"]");
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].stops, ["a", "c1", "c2"]);
}
