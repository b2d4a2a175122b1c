//! `policy-weakened`: what `diff` and `check --since` say of a registry and a baseline that let more pass than before.

use serde_json::json;

use crate::cli::Tree;

const DAY: &str = "2026-11-22";

const BASE: &str = r#"version = 1

[[forbidden]]
id = "apart"
from = ["app", "lib"]
to = ["other"]
indirect = true

[[independent]]
id = "alone"
modules = ["app", "deep"]

[checks]
wildcard-import = "warn"
"#;

/// `lib` is left out, `indirect` is off, `alone` has another id, wildcards are free.
const HEAD: &str = r#"version = 1

[[independent]]
id = "each-alone"
modules = ["deep", "app"]

[[forbidden]]
id = "apart"
from = ["app"]
to = ["other"]
"#;

const ENTRY: &str = r#"{"language":"python","rule":"apart","importer":"app.a","target":"other.x","path":"app/a.py","since":"2026-06-30","reason":"x"}"#;

fn repository() -> Tree {
    let tree = Tree::new(&[
        ("importlaw.toml", BASE),
        ("app/__init__.py", ""),
        ("app/a.py", "import app\n"),
        ("lib/__init__.py", "import other\n"),
        ("other/__init__.py", ""),
        ("deep/__init__.py", ""),
    ]);
    tree.git(&["init", "-q"]);
    tree.commit(DAY);
    tree
}

#[test]
fn each_loosening_stands_at_its_line_and_what_is_gone_where_the_base_has_it() {
    let tree = repository();
    tree.write("importlaw.toml", HEAD.as_bytes());
    tree.commit(DAY);
    let run = tree.run(&["diff", "HEAD~1", "HEAD"]);
    let told = "\
! importlaw.toml:9: policy-weakened[apart] `from` no longer holds `lib`
! importlaw.toml:7: policy-weakened[apart] `indirect` is off
! HEAD~1:importlaw.toml:14: policy-weakened[wildcard-import] is `off`, was `warn`
~ importlaw.toml:4: `alone` is renamed `each-alone`: waivers and baselines name it
";
    assert!(run.out.contains(told), "{}", run.out);
    assert!(run.out.contains(", policy weakened in 3 places\n"), "{}", run.out);
    assert_eq!(
        (run.code, run.err.as_str()),
        (Some(0), ""),
        "nothing is introduced: the rule no longer says so"
    );
    assert_eq!(tree.run(&["diff", "HEAD~1", "HEAD", "--deny-weakened"]).code, Some(1));
    assert_eq!(tree.run(&["diff", "HEAD", "HEAD", "--deny-weakened"]).code, Some(0));
    // The way back tightens.
    let back = tree.run(&["diff", "HEAD", "HEAD~1", "--deny-weakened"]);
    assert!(!back.out.contains("policy-weakened"), "{}", back.out);
    let json = tree.run(&["diff", "HEAD~1", "HEAD", "--format", "json"]).json();
    assert_eq!(
        json["weakened"][0],
        json!({
            "rule": "policy-weakened", "kind": "narrowed", "table": "forbidden", "id": "apart", "key": "from",
            "message": "`from` no longer holds `lib`", "path": "importlaw.toml", "line": 9,
            "base_path": "importlaw.toml", "base_line": 5
        })
    );
    assert_eq!(json["weakened"].as_array().unwrap().len(), 3);
    assert_eq!(
        json["renamed"],
        json!([{ "from": "alone", "to": "each-alone", "path": "importlaw.toml", "line": 4 }])
    );
}

#[test]
fn a_baseline_that_grows_is_named_and_one_that_moves_with_its_file_is_not() {
    let tree = repository();
    tree.write("importlaw.baseline", format!("{ENTRY}\n").as_bytes());
    tree.commit(DAY);
    let more = ENTRY.replace("other.x", "other.y").replace('}', r#","until":"2026-12-31"}"#);
    tree.write("importlaw.baseline", format!("{ENTRY}\n{more}\n").as_bytes());
    let grown = tree.run(&["diff", "HEAD", "--deny-weakened"]);
    assert_eq!(grown.code, Some(1));
    let told = "! importlaw.baseline:2: policy-weakened[baseline] grew by 1: 1 of `apart`\n";
    assert!(grown.out.contains(told), "{}", grown.out);
    tree.commit(DAY);
    let later = more.replace("2026-12-31", "2027-02-28");
    tree.write("importlaw.baseline", format!("{ENTRY}\n{later}\n").as_bytes());
    let told = "! importlaw.baseline:2: policy-weakened[apart] `other.y` of `apart` in `app.a` is excused until \
                2027-02-28, was until 2026-12-31\n";
    assert!(tree.run(&["diff", "HEAD"]).out.contains(told));
    // A renamed file takes its entries along.
    tree.git(&["mv", "app/a.py", "app/b.py"]);
    let moved = format!("{ENTRY}\n{more}\n").replace("app.a", "app.b").replace("app/a.py", "app/b.py");
    tree.write("importlaw.baseline", moved.as_bytes());
    let run = tree.run(&["diff", "HEAD", "--deny-weakened"]);
    assert!(!run.out.contains("policy-weakened"), "{}", run.out);
    tree.write("importlaw.baseline", b"nonsense\n");
    assert!(
        tree.run(&["diff", "HEAD"])
            .out
            .contains("note: a baseline cannot be read, so how it grew is not known")
    );
    assert_eq!(tree.run(&["diff", "HEAD", "--deny-weakened"]).code, Some(2), "a gate fails closed");
}

#[test]
fn an_inline_waiver_that_ends_later_is_named() {
    let tree = repository();
    let line = |until: &str| format!("import other  # importlaw: allow apart{until} -- soon\n");
    tree.write("lib/__init__.py", line(" until=2026-12-31").as_bytes());
    tree.commit(DAY);
    let told = |until: &str| {
        tree.write("lib/__init__.py", format!("x = 1\n{}", line(until)).as_bytes());
        let run = tree.run(&["diff", "HEAD"]);
        run.out.lines().find(|line| line.starts_with('!')).map(str::to_owned)
    };
    let start = "! lib/__init__.py:2: policy-weakened[apart] `other` is excused";
    assert_eq!(told(" until=2027-02-28"), Some(format!("{start} until 2027-02-28, was until 2026-12-31")));
    assert_eq!(told(""), Some(format!("{start} without an end, was until 2026-12-31")));
    assert_eq!(told(" until=2026-12-31"), None);
    assert_eq!(told(" until=2026-12-01"), None);
}

#[test]
fn a_check_since_says_that_the_registry_was_loosened() {
    let tree = repository();
    tree.write("importlaw.toml", HEAD.as_bytes());
    let note = |arguments: &[&str]| {
        let run = tree.run(&[&["check"], arguments].concat());
        run.out.lines().find(|line| line.contains("loosened")).map(str::to_owned)
    };
    let told = "note: importlaw.toml: loosened in 3 places since HEAD: see `importlaw diff HEAD`";
    assert_eq!(note(&["--since", "HEAD"]).as_deref(), Some(told));
    assert_eq!(note(&["--staged"]), None, "the index has the registry of HEAD");
    assert_eq!(note(&["--since", "HEAD", "--registry", "importlaw.toml"]), None, "it judges both");
    tree.git(&["add", "-A"]);
    assert_eq!(note(&["--staged"]).as_deref(), Some(told));
    tree.commit(DAY);
    assert_eq!(note(&["--since", "HEAD"]), None);
    assert_eq!(note(&[]), None);
}

#[test]
fn one_registry_for_both_says_nothing_of_a_change() {
    let tree = repository();
    tree.run(&["diff", "HEAD", "--deny-weakened", "--registry", "importlaw.toml"]).fails(
        "error: `--deny-weakened` compares the registry of each state, and `--registry` gives one for both\n  \
         help: leave one of them out\n",
    );
    tree.write("importlaw.toml", b"version = 1\nnonsense = 3\n");
    tree.commit(DAY);
    tree.write("importlaw.toml", BASE.as_bytes());
    let run = tree.run(&["diff", "HEAD", "--deny-weakened"]);
    assert_eq!(run.code, Some(2));
    assert!(run.err.contains("cannot tell: the base's own registry cannot be read"), "{}", run.err);
}

#[test]
fn a_swap_in_one_file_is_told_by_the_baseline() {
    let tree = Tree::new(&[
        (
            "importlaw.toml",
            "version = 1\n[[forbidden]]\nid = \"apart\"\nfrom = [\"app\"]\nto = [\"other\"]\n",
        ),
        ("app/__init__.py", ""),
        ("app/a.py", "import other.x\nimport app\n"),
        ("other/__init__.py", ""),
        ("other/x.py", ""),
        ("other/y.py", ""),
    ]);
    tree.git(&["init", "-q"]);
    tree.run(&["baseline", "--add", "--reason", "#12", "--as-of", DAY])
        .ends(0, "importlaw.baseline: 1 finding recorded; 1 entry\n");
    tree.commit(DAY);
    tree.write("app/a.py", b"import app\nimport other.y\n");
    let run = tree.run(&["check", "--format", "concise"]);
    assert_eq!(run.code, Some(1));
    let rules: Vec<&str> = run.out.lines().filter_map(|line| Some(line.split_once("] ")?.0)).collect();
    assert_eq!(rules, ["app/a.py:2:8: error[apart", "importlaw.baseline:1:1: error[stale-baseline"]);
}
