//! The same tree gives the same bytes, however many threads read it and in whatever order its files were created.

use std::fmt::Write;

use crate::cli::Tree;

const REGISTRY: &str = r#"version = 1

[[scope]]
name = "test"
files = ["**/test_*.py"]

[doors]
"pkg1.home" = ["Thing"]

[moved]
"pkg2.old" = "pkg2.m2"

[[canonical]]
id = "helper"
symbols = ["helper"]
path = "pkg0.m0"
unique = true

[[forbidden]]
id = "apart"
from = ["pkg0", "pkg3"]
to = ["pkg4"]
indirect = true

[[forbidden]]
id = "never-used"
from = ["pkg9"]
to = ["gone"]

[checks]
wildcard-import = "warn"
relative-import = "warn"
"#;

/// A few hundred files with findings of many kinds; who imports whom follows from the numbers alone.
fn files() -> Vec<(String, String)> {
    let mut files = vec![("importlaw.toml".to_owned(), REGISTRY.to_owned())];
    for package in 0..6 {
        files.push((format!("pkg{package}/__init__.py"), format!("from .m{package} import *\n")));
        files.push((format!("pkg{package}/home.py"), "class Thing: ...\n".to_owned()));
        for module in 0..50 {
            let mut text =
                format!("def helper(): ...\nfrom pkg{} import m{}\n", (package + 1) % 6, (module * 7) % 50);
            let next = (package + module) % 6;
            let _ = match module % 10 {
                0 => writeln!(text, "from pkg{next}.home import Thing"),
                1 => writeln!(text, "import pkg{next}.gone{}", module % 3),
                2 => writeln!(text, "from pkg{next} import *"),
                3 => writeln!(text, "from pkg2.old import x  # importlaw: allow moved -- later"),
                4 => writeln!(text, "from . import nothing, m1"),
                5 => writeln!(text, "def f(:\nimport pkg4.m{module}"),
                6 => writeln!(text, "import os  # importlaw: allow apart -- nothing to waive"),
                7 => writeln!(text, "def f():\n    import pkg4.m{module}\n    __import__(name)"),
                8 => writeln!(text, "try:\n    import pkg{next}.perhaps\nexcept ImportError: ..."),
                _ => writeln!(text, "from pkg{next}.m{} import helper", module % 5),
            };
            let name = if module % 11 == 3 { "test_m" } else { "m" };
            files.push((format!("pkg{package}/{name}{module}.py"), text));
        }
    }
    files
}

#[test]
fn threads_and_the_order_of_creation_change_nothing() {
    let mut files = files();
    let tree = |files: &[(String, String)]| {
        Tree::new(&files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect::<Vec<_>>())
    };
    let forwards = tree(&files);
    files.reverse();
    let backwards = tree(&files);
    for command in [
        &["check", "--all", "-v"][..],
        &["check", "--format", "json"],
        &["check", "--format", "concise", "pkg3"],
        &["graph", "--external", "--implied"],
        &["graph", "--format", "dot"],
        &["graph", "--format", "html"],
        &["report", "--format", "html"],
        &["why", "pkg0", "pkg4"],
        &["registry", "check"],
        &["registry", "list", "--format", "markdown"],
    ] {
        let run =
            |tree: &Tree, jobs| tree.run(&[command, &["--jobs", jobs, "--as-of", "2026-11-22"]].concat());
        let one = run(&forwards, "1");
        assert!(!one.out.is_empty(), "{command:?}: {}", one.err);
        for (tree, jobs) in [(&forwards, "2"), (&forwards, "7"), (&backwards, "1"), (&backwards, "2")] {
            assert_eq!(run(tree, jobs), one, "{command:?}");
        }
    }
    let report = forwards.run(&["check", "--format", "json", "--as-of", "2026-11-22"]).json();
    let mut rules: Vec<&str> =
        report["violations"].as_array().unwrap().iter().map(|v| v["rule"].as_str().unwrap()).collect();
    rules.sort_unstable();
    rules.dedup();
    assert!(rules.len() >= 9, "findings of many kinds, but {rules:?}");
}
