//! `importlaw where`: definitions, doors, importers, strings, mentions; and whether any are left.

use serde_json::json;

use crate::cli::Tree;

fn project() -> Tree {
    Tree::new(&[
        ("auth/__init__.py", "\"\"\"auth, the service.\"\"\"\n"),
        ("auth/core.py", "from auth import models\nfrom auth.models import User\n"),
        ("auth/models.py", "class User:\n    pass\n\ndef load(): ...\n"),
        ("shop/__init__.py", "from auth.models import User\n__all__ = [\"User\"]\n"),
        (
            "shop/cart.py",
            "# auth is gone from here\nimport auth.models as m\nfrom auth.gone import X\n\ndef f():\n    \"\"\"Asks auth.models, not authority.\"\"\"\n    from shop import User\n    return m.User\n",
        ),
        ("shop/clean.py", "NAME = 'auth'\n"),
        ("shop/deep/auth.py", ""),
        (
            "tests/test_cart.py",
            "from unittest import mock\nfrom importlib import import_module\n\nwith mock.patch('auth.models.User'):\n    import_module('auth.core')\n",
        ),
    ])
}

#[test]
fn a_package_with_all_that_uses_it() {
    project().run(&["where", "auth"]).ends(
        0,
        "`auth` is a package, auth/__init__.py, 2 modules below it
Not meant, but of that name: `shop.deep.auth`

Imported through 3 modules
       2  auth.models
       1  auth.core
       1  auth.gone  (does not exist)

4 imports
  production: 3
    shop/__init__.py:1  auth.models.User  (reexport)
    shop/cart.py:2      auth.models
    shop/cart.py:3      auth.gone.X  (does not exist)
  test: 1
    tests/test_cart.py:5  auth.core  (dynamic)

1 string
  test: 1
    tests/test_cart.py:4  \"auth.models.User\"

2 mentions (1 comment, 1 docstring)
  production: 2
    shop/cart.py:1  # auth is gone from here
    shop/cart.py:6  \"\"\"Asks auth.models, not authority.\"\"\"

1 other string of that text
  production: 1
    shop/clean.py:1  NAME = 'auth'

Within `auth` itself, not listed: 2 imports, 0 strings, 1 mention
4 imports, 1 string, 2 mentions
",
    );
}

#[test]
fn the_last_line_says_whether_any_are_left() {
    let tree = project();
    for (name, from, code, last) in [
        ("auth", "shop", 0, "3 imports, 0 strings, 2 mentions left in `shop`"),
        ("auth", "tests", 0, "1 import, 1 string, 0 mentions left in `tests`"),
        ("auth", "shop.clean", 0, "none left in `shop.clean`"),
        ("auth", "shop.clean,=shop", 0, "1 import, 0 strings, 0 mentions left in `shop.clean`, `=shop`"),
        ("auth", "auth", 0, "2 imports, 0 strings, 1 mention left in `auth`"),
        ("auth.gone", "tests", 0, "none left in `tests`"),
    ] {
        let run = tree.run(&["where", name, "--from", from]);
        assert_eq!((run.code, run.out.lines().last()), (Some(code), Some(last)), "{name} {from}");
    }
    tree.run(&["where", "auth", "--from", "shpo"])
        .fails("error: `--from shpo` names no module\n  help: did you mean `shop`?\n");
}

#[test]
fn a_symbol_by_its_name_or_its_path() {
    let tree = project();
    let doors = json!([
        { "module": "auth.models", "imports": 3, "resolves": "first-party" },
        { "module": "shop", "imports": 1, "resolves": "first-party" },
    ]);
    for name in ["User", "models.User", "auth.models.User", "auth.models:User", "shop.User"] {
        let found = tree.run(&["where", name, "--format", "json"]).json();
        assert_eq!(
            found["definitions"],
            json!([{
                "name": "auth.models.User", "kind": "class", "path": "auth/models.py", "line": 1,
                "scope": "production", "language": "python", "modules": 0,
            }]),
            "{name}"
        );
        assert_eq!(found["doors"], doors, "{name}");
        let places: Vec<String> = found["imports"]
            .as_array()
            .unwrap()
            .iter()
            .map(|at| format!("{}:{} {} {}", at["path"], at["line"], at["written"], at["kinds"]))
            .collect();
        assert_eq!(
            places,
            [
                r#""auth/core.py":2 "auth.models.User" ["eager"]"#,
                r#""shop/__init__.py":1 "auth.models.User" ["eager","reexport"]"#,
                r#""shop/cart.py":7 "shop.User" ["deferred"]"#,
                r#""shop/cart.py":8 "auth.models.User" ["deferred","access"]"#,
            ],
            "{name}"
        );
        assert_eq!(found["strings"][0]["written"], "auth.models.User", "{name}");
    }
}

#[test]
fn what_has_no_definition_is_found_where_it_is_written() {
    let tree = project();
    let gone = tree.run(&["where", "auth.gone"]);
    assert_eq!(gone.code, Some(0));
    assert!(gone.out.starts_with("`auth.gone` is defined nowhere in the project\n"), "{}", gone.out);
    assert_eq!(gone.out.lines().last(), Some("1 import, 0 strings, 0 mentions"));
    let outside = tree.run(&["where", "unittest"]);
    assert!(outside.out.contains("       1  unittest  (outside the project)\n"), "{}", outside.out);
    tree.run(&["where", "Usr"]).ends(
        1,
        "Nothing is called `Usr`: no definition, import, string, comment or docstring names it
  help: did you mean `User`?
",
    );
    let nothing = tree.run(&["where", "Usr", "--format", "json"]);
    assert_eq!((nothing.code, &nothing.json()["definitions"]), (Some(1), &json!([])));
    tree.run(&["where", "a b"]).fails(
        "error: `a b` is not the name of a symbol, module or package\n  help: write `C`, `a.b`, `a.b.C` or `a::b::C`\n",
    );
}

#[test]
fn rust_too() {
    let tree = Tree::new(&[
        ("Cargo.toml", "[package]\nname = \"shop\"\nversion = \"1.0.0\"\nedition = \"2024\"\n"),
        ("src/lib.rs", "//! Begins with [`Cart`].\npub mod cart;\npub mod till;\npub use cart::Cart;\n"),
        (
            "src/cart.rs",
            "/// A cart.\npub struct Cart;\n\nimpl Cart {\n    pub fn own() -> Cart { Cart }\n}\n",
        ),
        (
            "src/till.rs",
            "use crate::cart::Cart; // Cart, by its door\n/* Cart */\nfn pay(_: Cart) -> &'static str { \"Cart\" }\n#[cfg(test)]\nmod tests {\n    use crate::Cart;\n}\n",
        ),
    ]);
    for name in ["Cart", "shop::cart::Cart", "shop.cart.Cart", "shop::Cart"] {
        let found = tree.run(&["where", name, "--format", "json"]).json();
        let places = |list: &str| -> Vec<String> {
            let list = found[list].as_array().unwrap().iter();
            list.map(|at| format!("{}:{} {}", at["path"], at["line"], at["scope"]).replace('"', "")).collect()
        };
        assert_eq!(found["definitions"][0]["name"], "shop::cart::Cart", "{name}");
        assert_eq!(found["definitions"][0]["kind"], "type", "{name}");
        assert_eq!(
            places("imports"),
            ["src/lib.rs:4 production", "src/till.rs:1 production", "src/till.rs:6 test"],
            "{name}"
        );
        if name == "Cart" {
            assert_eq!(
                places("mentions"),
                ["src/lib.rs:1 production", "src/till.rs:1 production", "src/till.rs:2 production"]
            );
            assert_eq!(places("literals"), ["src/till.rs:3 production"]);
        }
    }
}

#[test]
fn long_lists_end_with_what_is_missing_and_bytes_do_no_harm() {
    let mut importers: Vec<(String, String)> =
        (0..13).map(|n| (format!("app/m{n:02}.py"), "from app.lib import Tool\n".to_owned())).collect();
    importers
        .push(("app/star.py".into(), "from app.lib import *\n\nx = Tool  # Tool \u{1b}[31m red\n".into()));
    importers.push((
        "app/broken.py".into(),
        "from app.lib import Tool\ndef f(:\n    'Tool'\n# Tools, not a Tool\n".into(),
    ));
    importers.push(("app/lib.py".into(), "class Tool: ...\nclass Tools: ...\n".into()));
    let files: Vec<(&str, &str)> =
        importers.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let tree = Tree::new(&files);
    let run = tree.run(&["where", "Tool"]);
    assert_eq!(run.code, Some(0));
    let shown: Vec<&str> =
        run.out.lines().filter(|line| line.contains("app.lib.Tool") || line.contains('…')).collect();
    assert_eq!(shown.len(), 1 + 10 + 1, "{}", run.out);
    assert_eq!(shown.last(), Some(&"    … 5 more: --all"));
    assert!(
        run.out.ends_with(
            "
3 mentions (2 comments, 1 docstring)
  production: 3
    app/broken.py:3  'Tool'
    app/broken.py:4  # Tools, not a Tool
    app/star.py:3    x = Tool  # Tool \\u{1b}[31m red

15 imports, 0 strings, 3 mentions
"
        ),
        "{}",
        run.out
    );
    let all = tree.run(&["where", "Tool", "--all"]);
    assert!(all.out.contains("    app/star.py:1    app.lib.*  (wildcard)\n"), "{}", all.out);
    assert_eq!(all.out.lines().filter(|line| line.ends_with("app.lib.Tool")).count(), 14);
}

#[test]
fn without_sources_nothing_can_be_said() {
    let tree = Tree::new(&[("notes.txt", "Tool\n")]);
    assert_eq!(tree.run(&["where", "Tool"]).code, Some(2));
}
