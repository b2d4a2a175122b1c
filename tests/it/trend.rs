//! `trend` on a repository of its own.

use serde_json::{Value, json};

use crate::cli::Tree;

const REGISTRY: &str = r#"version = 1

[[forbidden]]
id = "apart"
from = ["app"]
to = ["other"]
"#;

fn commit(tree: &Tree, day: &str, message: &str) {
    tree.git(&["add", "-A"]);
    tree.git_on(day, &["commit", "-q", "-m", message]);
}

/// Nothing to read, then two bad imports of two, one of two, none of one; the registry came with the third.
fn repository() -> Tree {
    let tree = Tree::new(&[("README", "nothing to read")]);
    tree.git(&["init", "-q"]);
    commit(&tree, "2026-10-01", "begin");
    tree.write("other/x.py", "y = z = 1\n".as_bytes());
    tree.write("app/a.py", "from other.x import y\n".as_bytes());
    tree.write("app/b.py", "from other.x import z\n".as_bytes());
    commit(&tree, "2026-10-02", "bad");
    tree.write("importlaw.toml", REGISTRY.as_bytes());
    tree.write("app/b.py", "import app.a\n".as_bytes());
    commit(&tree, "2026-10-02", "better");
    tree.write("app/a.py", "".as_bytes());
    commit(&tree, "2026-11-05", "good");
    tree
}

fn points(tree: &Tree, arguments: &[&str]) -> Vec<Value> {
    let run = tree.run(&[&["trend", "--format", "json"], arguments].concat());
    assert_eq!((run.code, run.err.as_str()), (Some(0), ""));
    let mut document: Value = serde_json::from_str(&run.out).unwrap();
    serde_json::from_value(document["points"].take()).unwrap()
}

fn shares(points: &[Value]) -> Vec<(&str, &Value)> {
    points.iter().map(|point| (point["subject"].as_str().unwrap(), &point["compliance"])).collect()
}

#[test]
fn every_commit_is_judged_by_the_registry_of_today() {
    let tree = repository();
    let points = points(&tree, &[]);
    assert_eq!(
        shares(&points),
        [("begin", &Value::Null), ("bad", &json!(0.0)), ("better", &json!(50.0)), ("good", &json!(100.0))]
    );
    assert!(points[0]["why"].as_str().unwrap().starts_with("nothing was checked"), "{}", points[0]);
    assert_eq!(points[1]["date"], "2026-10-02");
    assert_eq!((&points[1]["violation"], &points[1]["errors"]), (&json!(2), &json!(2)));
    assert_eq!(points[3]["rules"]["total"], points[1]["rules"]["total"]);
}

#[test]
fn or_each_by_its_own() {
    let tree = repository();
    let points = points(&tree, &["--own-registry"]);
    // Before there was one, the built-in checks judged alone: all imports resolve.
    assert_eq!(
        shares(&points)[1..],
        [("bad", &json!(100.0)), ("better", &json!(50.0)), ("good", &json!(100.0))]
    );
}

#[test]
fn commits_are_chosen() {
    let tree = repository();
    let names = |arguments: &[&str]| -> Vec<String> {
        shares(&points(&tree, arguments)).into_iter().map(|(name, _)| name.to_owned()).collect()
    };
    assert_eq!(names(&["--last", "2"]), ["better", "good"]);
    assert_eq!(names(&["--every", "2"]), ["bad", "good"]);
    assert_eq!(names(&["--every", "day"]), ["begin", "better", "good"]);
    assert_eq!(names(&["--every", "month", "--last", "5"]), ["better", "good"]);
    assert_eq!(names(&["HEAD~1", "--last", "1"]), ["better"]);
}

#[test]
fn the_checkout_matters_not() {
    let tree = repository();
    let before = points(&tree, &[]);
    tree.write("app/a.py", "from other.x import y\n".as_bytes());
    tree.write("app/new.py", "from other.x import y\n".as_bytes());
    assert_eq!(points(&tree, &[]), before);
}

#[test]
fn what_cannot_be_asked() {
    let tree = repository();
    for (arguments, says) in [
        (&["--last", "0"][..], "asks for no commit"),
        (&["nowhere"], "there is no commit `nowhere`"),
        (&["--every", "year"], "write a number of commits, day, week or month"),
    ] {
        let run = tree.run(&[&["trend"], arguments].concat());
        assert_eq!(run.code, Some(2), "{arguments:?}");
        assert!(run.err.contains(says), "{}", run.err);
    }
    let bare = Tree::new(&[("a.py", "import b\n")]);
    let run = bare.run(&["trend"]);
    assert_eq!(run.code, Some(2));
    assert!(run.err.contains("is in no git repository"), "{}", run.err);
}

#[test]
fn the_report_shows_it_too() {
    let tree = repository();
    let page = tree.run(&["report", "--trend", "2"]);
    assert_eq!(page.code, Some(0), "{}", page.err);
    let (_, trend) = page.out.split_once("## How it came to be\n").unwrap();
    assert!(
        trend.contains("Compliance 50.0 % -> 100.0 %, governed imports 2 -> 1, violations 1 -> 0"),
        "{trend}"
    );
    let document = tree.run(&["report", "--trend", "2", "--format", "json"]).json();
    let points = document["trend"]["points"].as_array().unwrap();
    assert_eq!(shares(points), [("better", &json!(50.0)), ("good", &json!(100.0))]);
    let html = tree.run(&["report", "--trend", "2", "--format", "html"]).out;
    assert!(html.contains("\"subject\":\"better\"") && html.contains("function drawTrend("));
    assert!(tree.run(&["report", "--format", "json"]).json().get("trend").is_none());
}
