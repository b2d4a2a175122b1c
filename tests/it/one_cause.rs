//! Several rules may find one thing wrong with one import; a person is told once, and of one way to mend it.

use crate::cli::Tree;

const REGISTRY: &str = r#"version = 1

[moved]
"shared.old_env" = "shared.env"

[[canonical]]
id = "env"
symbols = ["get_env"]
path = "shared.env"
retired = ["shared.older_env"]
"#;

fn tree(registry: &str, importer: &str) -> Tree {
    Tree::new(&[
        ("importlaw.toml", registry),
        ("shared/__init__.py", ""),
        ("shared/env.py", "def get_env(): ...\n"),
        ("other/env.py", "def get_env(): ...\n"),
        ("shop/a.py", importer),
    ])
}

/// The blocks of the text output: what stands before the tables.
fn blocks(tree: &Tree) -> String {
    let run = tree.run(&["check"]);
    assert_eq!((run.code, run.err.as_str()), (Some(1), ""));
    run.out.split("\n              ").next().unwrap().to_owned()
}

#[test]
fn an_old_path_that_is_gone_is_one_block() {
    let tree = tree(REGISTRY, "from shared.old_env import get_env\n");
    let expected = "\
shop/a.py:1:28  moved
  × `shared.old_env.get_env` uses `shared.old_env`, which has moved to `shared.env`
   ╭────
 1 │ from shared.old_env import get_env
   ·                            ───────
   ╰────
  rule: importlaw.toml:4  \"shared.old_env\" = \"shared.env\"
  fix:  write `from shared.env import get_env`
  also: env: `shared.old_env.get_env` has moved; `get_env` has its door in `shared.env`
        unresolved-import: `shared.old_env` does not exist; `shared` does
";
    assert_eq!(blocks(&tree), expected);
}

#[test]
fn a_retired_door_that_is_gone_is_one_block() {
    let tree = tree(REGISTRY, "from shared.older_env import get_env\n");
    let expected = "\
shop/a.py:1:30  env
  × `shared.older_env.get_env` is a retired door of `get_env`
   ╭────
 1 │ from shared.older_env import get_env
   ·                              ───────
   ╰────
  rule: importlaw.toml:7  id = \"env\"
  fix:  write `from shared.env import get_env`
  also: unresolved-import: `shared.older_env` does not exist; `shared` does
";
    assert_eq!(blocks(&tree), expected);
}

#[test]
fn a_waived_move_hides_no_missing_module() {
    let tree = tree(
        "version = 1\n[moved]\n\"shared.old_env\" = \"shared.env\"\n",
        "from shared.old_env import get_env  # importlaw: allow moved -- for now\n",
    );
    let expected = "\
shop/a.py:1:28  unresolved-import
  × `shared.old_env` does not exist; `shared` does
   ╭────
 1 │ from shared.old_env import get_env  # importlaw: allow moved -- for now
   ·                            ───────
   ╰────
  fix:  write `from shared.env import get_env`
";
    assert_eq!(blocks(&tree), expected);
}

#[test]
fn each_rule_counts_its_own_and_machines_are_told_of_each() {
    let tree = tree(REGISTRY, "from shared.old_env import get_env\n");
    let run = tree.run(&["check", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    let found = report["violations"].as_array().unwrap();
    let told: Vec<(&str, &str)> = found
        .iter()
        .map(|finding| (finding["rule"].as_str().unwrap(), finding["help"].as_str().unwrap()))
        .collect();
    let write = "write `from shared.env import get_env`";
    assert_eq!(told, [("env", write), ("moved", write), ("unresolved-import", write)]);
    for rule in ["env", "moved", "unresolved-import"] {
        assert_eq!(report["summary"]["by_rule"][rule]["violation"], 1, "{rule}");
    }
    assert_eq!(report["summary"]["violation"], 1, "the headline counts the use once");
}
