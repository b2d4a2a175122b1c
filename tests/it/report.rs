//! `importlaw report`: the manager's page, what changed, and the page that closes an incident.

use serde_json::{Value, json};

use crate::cli::Tree;

const REGISTRY: &str = r#"version = 1

[project]
name = "shop"

[[canonical]]
id      = "user"
symbols = ["User"]
path    = "shop.users"
retired = ["shop.old"]
reason  = "two classes of one name"

[[forbidden]]
id     = "apart"
from   = ["shop"]
to     = ["auth"]
owner  = "@platform"
scopes = ["production"]
except = [{ edge = "shop.bridge -> auth", until = 2025-12-01, reason = "until the gateway is there" }]

[[entrypoint]]
id     = "starts"
module = "shop.main"
"#;

fn commit(tree: &Tree, message: &str) {
    tree.git(&["add", "-A"]);
    tree.git(&["commit", "-q", "-m", message]);
}

/// Two importers through the retired door, one through the right one, one of another service.
fn project() -> Tree {
    Tree::new(&[
        ("importlaw.toml", REGISTRY),
        ("shop/__init__.py", ""),
        ("shop/users.py", "class User:\n    name = 'x'\n"),
        ("shop/old.py", "'''Moved.'''\nfrom shop.users import User\n__all__ = ['User']\n"),
        (
            "shop/main.py",
            "from shop.users import User\nfrom shop import cart\n\ndef run():\n    return User, cart\n\nrun()\n",
        ),
        ("shop/cart.py", "from shop.old import User\nUser()\n"),
        ("shop/desk.py", "from shop.old import User\n# shop.old.User goes\nUser()\n"),
        ("shop/bridge.py", "import auth\nauth\n"),
        ("auth/__init__.py", ""),
        ("deploy.yaml", "command: python -m shop.old.User\n"),
    ])
}

fn json_of(tree: &Tree, more: &[&str]) -> Value {
    let run = tree.run(&[&["report", "--format", "json", "--as-of", "2025-11-22"], more].concat());
    assert_eq!(run.err, "");
    serde_json::from_str(&run.out).unwrap()
}

#[test]
fn the_managers_page_says_what_is_asked() {
    let tree = project();
    tree.write("CODEOWNERS", b"/shop/cart.py @carts\n");
    let run = tree.run(&["report", "--as-of", "2025-11-22"]);
    assert_eq!((run.err.as_str(), run.code), ("", Some(0)), "a report is no gate");
    for line in [
        "# Imports of `shop`",
        "| Entry points starting | 1 of 1 |",
        "| Waivers that end within 30 days, or have ended | 1 of 1 with a date |",
        "| Dates (`until`) put off | not known: git has no history of the registry |",
        "| Python modules that only re-export | 1 |",
        "* **HOLDS** `starts` (`shop.main`): 5 modules and 1 function followed",
        "* until 2025-12-01 (9 days left): `shop.bridge -> auth` of `apart`, `importlaw.toml:19`: until the gateway is there",
    ] {
        assert!(run.out.lines().any(|at| at == line), "{line}\n{}", run.out);
    }
    let page = json_of(&tree, &[]);
    assert_eq!(page["compliance"]["violation"], json!(2));
    assert_eq!(page["rules"]["holding"], json!(page["rules"]["total"].as_u64().unwrap() - 1));
    let cause = &page["causes"][0];
    assert_eq!((&cause["cause"], &cause["uses"]), (&json!("shop.old.User"), &json!(2)));
    let owners: Vec<(&str, u64)> = page["by_owner"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["name"].as_str().unwrap(), row["violation"].as_u64().unwrap()))
        .collect();
    assert_eq!(
        owners,
        [("@carts", 1), ("shop", 1), ("@platform", 0)],
        "what the entry's owner has is waived"
    );
    assert_eq!(page["by_rule"][0]["id"], json!("user"));
    assert!(page.get("closing").is_none());
}

#[test]
fn a_change_is_a_sum_and_what_migrated() {
    let tree = project();
    tree.git(&["init", "-q"]);
    commit(&tree, "one");
    tree.write("shop/cart.py", b"from shop.users import User\nUser()\n");
    tree.write("shop/more.py", b"from shop.old import User\nUser()\n");
    let page = json_of(&tree, &["--since", "HEAD"]);
    let since = &page["since"];
    assert_eq!(
        since["migrations"],
        json!([{ "name": "User", "from": "shop.old", "to": { "shop.users": 1 }, "migrated": 1, "remaining": 1, "introduced": 1 }])
    );
    assert_eq!((&since["introduced"], &since["fixed"]), (&json!(1), &json!(1)));
    assert_eq!(since["change"]["policy"], json!({ "governed": 0, "compliant": 0 }));
    let sum = |of: &str| -> i64 {
        ["policy", "fixed", "broken", "deleted", "added"]
            .iter()
            .map(|term| since["change"][term][of].as_i64().unwrap())
            .sum()
    };
    let tally = |code: &str, of: &str| since["scores"][code]["head_registry"][of].as_i64().unwrap();
    for of in ["governed", "compliant"] {
        assert_eq!(tally("base_code", of) + sum(of), tally("head_code", of), "{of}");
    }
    let user = page["by_rule"].as_array().unwrap().iter().find(|row| row["id"] == "user").unwrap();
    assert_eq!((&user["introduced"], &user["fixed"]), (&json!(1), &json!(1)));
    let run = tree.run(&["report", "--since", "HEAD"]);
    let line = "| `User` | `shop.old` | `shop.users` 1 | 1 | 1 | 1 |";
    assert!(run.out.lines().any(|at| at == line), "{}", run.out);
    assert!(run.out.contains("` **with changes that are not committed** · registry"), "{}", run.out);
}

#[test]
fn a_date_that_is_put_off_is_told() {
    let tree = project();
    tree.git(&["init", "-q"]);
    commit(&tree, "one");
    tree.write("importlaw.toml", REGISTRY.replace("2025-12-01", "2026-02-01").as_bytes());
    commit(&tree, "two");
    let waivers = &json_of(&tree, &[])["waivers"];
    assert_eq!(
        waivers["put_off"],
        json!([{ "what": "apart: shop.bridge -> auth", "path": "importlaw.toml", "dates": ["2025-12-01", "2026-02-01"] }])
    );
    assert_eq!(waivers["compared_with"], json!("the registry with 2 of its versions in git"));
    assert_eq!(waivers["soon"], json!(0));
}

#[test]
fn what_is_not_ready_says_all_that_stands_against_it() {
    let tree = project();
    let run = tree.run(&["report", "--closing", "user,apart,starts", "--as-of", "2025-11-22"]);
    assert_eq!((run.err.as_str(), run.code), ("", Some(1)));
    assert_eq!(run.out.lines().last(), Some("NOT READY: user, 2 violations; apart, 1 waiver"));
    for line in [
        "* **DOES NOT HOLD** `user` (canonical, `importlaw.toml:6`): 50.0 % (2 of 4); 2 violations. two classes of one name",
        "* **HOLDS** `apart` (forbidden, `importlaw.toml:13`): 83.3 % (5 of 6); 1 waiver",
        "* `shop.old:User` (`user`): import 2, comment 1, build file 1",
        "  * build file `deploy.yaml:1`: `command: python -m shop.old.User`",
        "## `user`: violations (2)",
        "* `user`: level error: a new finding fails `importlaw check`; `importlaw.toml:6`",
    ] {
        assert!(run.out.lines().any(|at| at == line), "{line}\n{}", run.out);
    }
    assert!(run.out.contains("**No CI file runs the check**"), "{}", run.out);
    assert!(
        run.out.contains("Made by `importlaw report --closing user,apart,starts --as-of 2025-11-22`"),
        "{}",
        run.out
    );
    let page = json_of(&tree, &["--closing", "user"]);
    let closing = &page["closing"];
    assert_eq!(
        (&closing["ready"], &closing["verdict"]),
        (&json!(false), &json!("NOT READY: user, 2 violations"))
    );
    assert_eq!(closing["rules"][0]["standing"], json!("does_not_hold"));
}

#[test]
fn what_is_ready_says_so_and_what_catches_a_relapse() {
    let tree = project();
    tree.git(&["init", "-q"]);
    commit(&tree, "one");
    for file in ["shop/cart.py", "shop/desk.py"] {
        tree.write(file, b"from shop.users import User\nUser()\n");
    }
    tree.write(".github/workflows/ci.yml", b"steps:\n  - run: importlaw check\n");
    let run = tree.run(&["report", "--closing", "user", "--since", "HEAD"]);
    assert_eq!((run.err.as_str(), run.code), ("", Some(0)));
    assert_eq!(run.out.lines().last(), Some("READY TO CLOSE"));
    for line in [
        "* **HOLDS** `user` (canonical, `importlaw.toml:6`): 50.0 % (2 of 4) → 100.0 % (4 of 4). two classes of one name",
        "| `production` | 4 | 2 → 4 | 2 → 0 | 0 | 0 |",
        "* run by `.github/workflows/ci.yml:2`: `- run: importlaw check`",
        "* `shop.old:User` (`user`): build file 1",
    ] {
        assert!(run.out.lines().any(|at| at == line), "{line}\n{}", run.out);
    }
}

#[test]
fn what_cannot_be_said_is_not_closed() {
    let tree = project();
    tree.write("shop/cart.py", b"from shop.users import User\nUser()\n");
    tree.write("shop/desk.py", b"from shop.users import User\ndef f(:\n");
    let run = tree.run(&["report", "--closing", "user"]);
    assert_eq!((run.err.as_str(), run.code), ("", Some(1)));
    assert_eq!(run.out.lines().last(), Some("NOT READY: user, 1 unknown"));
    assert!(run.out.contains("* **CANNOT SAY** `user`"), "{}", run.out);
}

#[test]
fn an_id_that_does_not_exist_is_no_page() {
    let run = project().run(&["report", "--closing", "usr"]);
    assert_eq!((run.out.as_str(), run.code), ("", Some(2)));
    assert_eq!(
        run.err,
        "error: `--closing usr`: there is no entry or check `usr`\n  help: did you mean `user`? `importlaw registry list` names them all\n"
    );
}
