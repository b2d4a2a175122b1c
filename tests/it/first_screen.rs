//! Without a registry: how many modules start, what stops the others, and what is taken for an entry point.

use crate::cli::Tree;

/// A service whose image lacks what it imports, a module that nobody can import, and a cycle that kills by one end.
fn project() -> Tree {
    Tree::new(&[
        ("Dockerfile", "FROM python:3.12\nCOPY shop/ shop/\nCMD [\"uvicorn\", \"shop.main:app\"]\n"),
        (
            "pyproject.toml",
            "[project]\nname = \"shop\"\n[project.scripts]\nshop-report = \"shop.report:main\"\n",
        ),
        ("billing/__init__.py", ""),
        ("billing/api.py", "def pay(): ...\n"),
        ("shop/__init__.py", ""),
        (
            "shop/main.py",
            "def create():\n    from billing.api import pay\n    return pay\n\n\napp = create()\n",
        ),
        ("shop/report.py", "from shop.store import gone\n\n\ndef main(): ...\n"),
        ("shop/store.py", "from shop.cart import Cart\n\nSTORE = 1\n"),
        ("shop/cart.py", "from shop.store import STORE\n\n\nclass Cart: ...\n"),
        ("tests/conftest.py", "import shop.gone\n"),
        ("tests/test_cart.py", "from shop.main import app\n"),
        ("tests/test_broken.py", "def (:\n"),
    ])
}

#[test]
fn says_what_starts_and_what_to_fix_first() {
    let run = project().run(&["check", "--limit", "0"]);
    let screen: Vec<&str> = run.out.lines().skip(2).take_while(|line| !line.starts_with("Missing")).collect();
    assert_eq!(
        screen,
        [
            "Will it start       3 of 7 service modules cannot be imported  (2 causes)",
            "                    3 of 3 test modules cannot be imported  (1 cause)",
            "                    0 of 2 entry points found start",
            "                      shop.main:app (Dockerfile CMD at Dockerfile:3): `billing` is not among what",
            "                        ships, says Dockerfile:2",
            "                      shop.report:main ([project.scripts] in pyproject.toml): `shop.store` is",
            "                        still being loaded, now at line 1, and has no `STORE` before line 3",
            "",
        ]
    );
    assert_eq!(run.code, Some(1));
}

#[test]
fn a_graph_of_what_one_start_loads() {
    let tree = project();
    let run = tree.run(&["graph", "--start", "shop.main"]);
    let graph: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    let names: Vec<&str> =
        graph["modules"].as_array().unwrap().iter().map(|module| module["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["billing", "billing.api", "shop", "shop.main"]);
    assert_eq!(graph["edges"][0]["imported"], "billing.api");
    assert_eq!(graph["start"]["failure"], serde_json::Value::Null);
    assert_eq!(graph["start"]["harmless_cycles"], serde_json::json!([]));
    assert_eq!(run.code, Some(0));

    let run = tree.run(&["graph", "--start", "shop.report"]);
    let graph: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(
        graph["start"]["failure"],
        "`shop.store` is still being loaded, now at line 1, and has no `STORE` before line 3"
    );
    assert_eq!(run.code, Some(1));

    let run = tree.run(&["graph", "--start", "shop.mian"]);
    assert_eq!((run.code, run.err.as_str()), (Some(2), "error: there is no module `shop.mian`\n"));
}
