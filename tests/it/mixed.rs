//! Python and Rust in one tree: one run, one graph, one percentage.

use crate::cli::Tree;

/// A Python package whose fast part is a Rust workspace of two members.
fn project(registry: &str) -> Tree {
    Tree::new(&[
        ("importlaw.toml", registry),
        ("Cargo.toml", "[workspace]\nmembers = [\"core\", \"wire\"]\n"),
        (
            "core/Cargo.toml",
            "[package]\nname = \"core-lib\"\nedition = \"2021\"\n[dependencies]\nwire = { path = \"../wire\" }\n",
        ),
        ("core/src/lib.rs", "mod fast;\nmod slow;\n"),
        (
            "core/src/fast.rs",
            "use crate::slow::Step;\nuse wire::Frame;\n\npub fn run(_: Step, _: Frame) {}\n",
        ),
        ("core/src/slow.rs", "pub struct Step;\n\n#[cfg(test)]\nmod tests {\n    use crate::fast::run;\n}\n"),
        ("core/src/orphan.rs", "use wire::Frame;\n"),
        ("wire/Cargo.toml", "[package]\nname = \"wire\"\nedition = \"2021\"\n"),
        ("wire/src/lib.rs", "pub struct Frame;\n"),
        ("app/__init__.py", ""),
        ("app/api.py", "from app.db import rows\n"),
        ("app/db.py", "def rows(): ...\n"),
    ])
}

const RULES: &str = "version = 1\n\
    [[forbidden]]\nid = \"api-without-db\"\nfrom = [\"app.api\"]\nto = [\"app.db\"]\n\
    [[forbidden]]\nid = \"core-without-wire\"\nfrom = [\"core_lib\"]\nto = [\"wire\"]\n\
    [[layers]]\nid = \"core\"\nwithin = [\"core_lib\"]\norder = [\"slow\", \"fast\"]\nscopes = [\"production\"]\n";

#[test]
fn one_report_by_language_too() {
    let run = project(RULES).run(&["check", "--format", "json"]);
    assert_eq!(run.code, Some(1));
    let report: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    let found: Vec<String> = report["violations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|found| {
            let text = |key: &str| found[key].as_str().unwrap_or("-").to_owned();
            format!(
                "{} {}:{} {} {}",
                text("language"),
                text("path"),
                found["line"],
                text("rule"),
                text("written")
            )
        })
        .collect();
    assert_eq!(
        found,
        [
            "python app/api.py:1 api-without-db app.db.rows",
            "rust core/Cargo.toml:5 core-without-wire wire",
            "rust core/src/fast.rs:1 core core_lib::slow::Step",
            "rust core/src/fast.rs:2 core-without-wire wire::Frame",
            "rust core/src/orphan.rs:1 orphan-file ",
        ]
    );
    let summary = &report["summary"];
    let counts = |of: &serde_json::Value| {
        ["files", "modules", "imports", "governed", "violation"].map(|key| of[key].as_u64().unwrap())
    };
    // Three modules and the tests of one in core, one in wire; the orphan is none. Five imports, one of them a manifest's.
    assert_eq!(counts(&summary["by_language"]["python"]), [3, 3, 1, 1, 1]);
    assert_eq!(counts(&summary["by_language"]["rust"]), [4, 5, 4, 4, 3]);
    assert_eq!(counts(summary), [7, 8, 5, 5, 4]);
    assert_eq!(summary["compliance"], 20.0);
    assert_eq!(summary["not_read"], serde_json::json!({ "rust": 1 }));
    let text = project(RULES).run(&["check"]);
    assert!(text.out.contains("By language\n  python"), "{}", text.out);
}

#[test]
fn without_a_registry_each_language_says_what_it_can() {
    let run = project("version = 1\n").run(&["graph"]);
    let graph: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    let edges: Vec<String> = graph["edges"]
        .as_array()
        .unwrap()
        .iter()
        .map(|edge| {
            let text = |key: &str| edge[key].as_str().unwrap_or("-").to_owned();
            format!(
                "{} -> {} {}:{} {}",
                text("importer"),
                text("imported"),
                text("path"),
                edge["line"],
                text("scope")
            )
        })
        .collect();
    assert_eq!(
        edges,
        [
            "app.api -> app.db app/api.py:1 production",
            "core_lib -> wire core/Cargo.toml:5 production",
            "core_lib::fast -> core_lib::slow core/src/fast.rs:1 production",
            "core_lib::fast -> wire core/src/fast.rs:2 production",
            "core_lib::slow::tests -> core_lib::fast core/src/slow.rs:5 test",
        ]
    );
}
