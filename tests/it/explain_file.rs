//! `importlaw explain --file`: every rule that applies to a file, from its side.

use crate::cli::Tree;

const REGISTRY: &str = r#"version = 1

[doors]
"app.db" = ["Engine"]
"app.env" = ["get_env", "Env"]

[moved]
"app.old" = "app.db"

[[forbidden]]
id       = "apart"
from     = ["app"]
to       = ["other"]
indirect = true
scopes   = ["production"]
except   = ["app.db -> other.types"]
reason   = "they ship apart"

[[layers]]
id     = "order"
order  = ["web", "db | env"]
within = ["app"]

[[protected]]
id      = "kept"
modules = ["app.env"]
only    = ["app.db"]

[[external]]
id     = "one-redis"
from   = ["**"]
deny   = ["redis"]
only   = ["app.db"]

[checks]
unresolved-import = { level = "warn", scopes = ["test"] }
wildcard-import   = "error"
"#;

fn project() -> Tree {
    Tree::new(&[
        ("importlaw.toml", REGISTRY),
        ("app/__init__.py", ""),
        ("app/db.py", ""),
        ("app/env.py", ""),
        ("app/web.py", ""),
        ("other/__init__.py", ""),
        ("other/types.py", ""),
        ("tests/test_db.py", ""),
        ("notes.txt", ""),
    ])
}

/// What is said before the checks.
fn said(tree: &Tree, file: &str) -> String {
    let run = tree.run(&["explain", "--file", file]);
    assert_eq!((run.code, run.err.as_str()), (Some(0), ""), "{file}");
    run.out.split_once("\nChecks\n").expect("checks").0.to_owned()
}

#[test]
fn every_entry_that_speaks_of_a_file() {
    let tree = project();
    assert_eq!(
        said(&tree, "app/db.py"),
        "app/db.py is the module `app.db` (python), scope production

What it may import
  doors  takes `get_env`, `Env` from `app.env`, nowhere else  (importlaw.toml:3)
  moved  1 old path may no longer be used  (importlaw.toml:7)
  apart  may not import `other`, directly or through others; excused: `app.db -> other.types`  (importlaw.toml:11): they ship apart
  order  stands in layer `db`: may import no other layer; not `web`, nor its neighbours in `db | env`  (importlaw.toml:20)
  kept  may import `app.env`, which others may not  (importlaw.toml:25)
  one-redis  may import `redis`, which others may not  (importlaw.toml:30)

Who may import it
  doors  is the one door of `Engine`  (importlaw.toml:3)
  order  of other layers `web`  (importlaw.toml:20)
"
    );
    assert_eq!(
        said(&tree, "other/types.py"),
        "other/types.py is the module `other.types` (python), scope production

What it may import
  doors  takes 3 symbols from their 2 doors  (importlaw.toml:3)
  moved  1 old path may no longer be used  (importlaw.toml:7)
  kept  may not import `app.env`: only `app.db` may  (importlaw.toml:25)
  one-redis  may not import `redis`  (importlaw.toml:30)

Who may import it
  apart  `app` may not import it, directly or through others, of scope production; excused: `app.db -> other.types`  (importlaw.toml:11): they ship apart

Not about this file: 1 of the registry's 6 entries.
"
    );
}

#[test]
fn the_checks_that_look_at_it() {
    let tree = project();
    for (file, unresolved) in [("app/web.py", false), ("tests/test_db.py", true)] {
        let run = tree.run(&["explain", "--file", file]);
        let checks = run.out.split_once("\nChecks\n").expect("checks").1;
        let has = |start: &str| checks.lines().any(|line| line.starts_with(start));
        assert_eq!(has("  unresolved-import  warning: "), unresolved, "{file}");
        assert!(has("  wildcard-import  error: ") && has("  unparsed-file  error: "), "{file}");
        assert!(!has("  orphan-file") && !has("  unmatched-entry") && !has("  relative-import"), "{file}");
    }
}

#[test]
fn a_file_that_is_no_source() {
    let tree = project();
    tree.run(&["explain", "--file", "app/bd.py"])
        .fails("error: app/bd.py does not exist\n  help: did you mean app/db.py?\n");
    tree.run(&["explain", "--file", "src/web.py"])
        .fails("error: src/web.py does not exist\n  help: did you mean app/web.py?\n");
    tree.run(&["explain", "--file", "notes.txt"]).fails("error: notes.txt is no source file that is read\n");
    tree.run(&["explain", "--file", "app"]).fails("error: app is a directory\n");
    let run = tree.run_in("app", &["explain", "--file", "env.py"]);
    assert!(run.out.starts_with("app/env.py is the module `app.env`"), "{}", run.out);
}
