//! `importlaw init` on trees of its own: what it drafts holds, and what breaks it afterwards is found.

use std::fs;

use crate::cli::Tree;

/// A program in four steps, with enough imports to show an order.
fn shop() -> Tree {
    let tree = Tree::new(&[
        ("manage.py", "import shop.urls\n"),
        ("shop/__init__.py", ""),
        ("shop/urls/__init__.py", ""),
        ("shop/views/__init__.py", ""),
        ("shop/db/__init__.py", ""),
        ("shop/schemas.py", "class Row: ...\n"),
        ("tests/test_shop.py", "import shop.urls.m0\n"),
    ]);
    for n in 0..5 {
        tree.write(&format!("shop/urls/m{n}.py"), format!("import shop.views.m{n}\n").as_bytes());
        let view = format!("import shop.db.m{n}\nfrom shop.schemas import Row\n");
        tree.write(&format!("shop/views/m{n}.py"), view.as_bytes());
        tree.write(&format!("shop/db/m{n}.py"), b"from shop.schemas import Row\n");
    }
    tree
}

const NEXT: &str = "
Next  read importlaw.toml: keep what is meant, delete the rest
      git add importlaw.toml importlaw.baseline
      importlaw hook install    checks every commit
      importlaw check    in CI: exit 1 on what is new
";

#[test]
fn what_is_drafted_holds_and_what_breaks_it_is_found() {
    let tree = shop();
    let run = tree.run(&["init"]);
    assert_eq!((run.code, run.err.as_str()), (Some(0), ""));
    assert!(run.out.contains("importlaw.baseline: nothing to record, everything holds\n"), "{}", run.out);
    assert!(!tree.path("importlaw.baseline").exists());
    let text = fs::read_to_string(tree.path("importlaw.toml")).unwrap();
    let layers =
        "within = [\"shop\"]\norder = [\n    \"urls\",\n    \"views\",\n    \"db\",\n    \"schemas\",\n]\n";
    assert!(text.contains(layers), "{text}");
    assert!(text.contains("# 20 imports, none against.\n[[layers]]\n"), "{text}");
    let run = tree.run(&["check", "-q"]);
    assert_eq!((run.code, run.err.as_str()), (Some(0), ""), "{}", run.out);
    assert!(run.out.starts_with("No finding."), "{}", run.out);

    tree.write(
        "shop/db/m0.py",
        b"from shop.schemas import Row\nimport shop.urls.m1\nimport tests.test_shop\n",
    );
    let run = tree.run(&["check", "--format", "concise"]);
    assert_eq!(run.code, Some(1));
    let found: Vec<&str> =
        run.out.lines().filter_map(|line| line.split_once("] ").map(|(head, _)| head)).collect();
    assert_eq!(
        found,
        [
            "shop/db/m0.py:2:8: error[no-cycles",
            "shop/db/m0.py:2:8: error[shop-layers",
            "shop/db/m0.py:3:8: error[scope-leak",
            "tests/test_shop.py:1:8: error[shop-layers"
        ],
        "the test that the database imports leads to the urls"
    );
}

#[test]
fn the_same_tree_gives_the_same_bytes() {
    let tree = shop();
    tree.write("shop/views/m9.py", b"import shop.gone\n");
    let texts = |tree: &Tree| {
        ["importlaw.toml", "importlaw.baseline"].map(|file| fs::read_to_string(tree.path(file)).unwrap())
    };
    assert_eq!(tree.run(&["init", "--as-of", "2026-11-22"]).code, Some(0));
    let first = texts(&tree);
    for jobs in ["1", "4"] {
        let again = tree.run(&["init", "--force", "--as-of", "2026-11-22", "--jobs", jobs]);
        assert_eq!((again.code, again.err.as_str()), (Some(0), ""));
        assert_eq!(texts(&tree), first);
    }
    let printed = tree.run(&["init", "--output", "-", "--as-of", "2026-11-22"]);
    assert_eq!((printed.code, printed.out.as_str()), (Some(0), first[0].as_str()));
}

#[test]
fn what_is_wrong_already_is_recorded_and_not_switched_off() {
    let tree = shop();
    tree.write("shop/views/m9.py", b"import shop.gone\nimport shop.db.m0\n");
    tree.write("shop/views/broken.py", b"def f(:\n");
    let run = tree.run(&["init", "--as-of", "2026-11-22"]);
    assert_eq!((run.code, run.err.as_str()), (Some(0), ""));
    let recorded = "importlaw.baseline: 2 findings of today, they fail no more\n  1 unparsed-file · 1 unresolved-import\n";
    assert!(run.out.contains(recorded), "{}", run.out);
    assert!(run.out.ends_with(NEXT), "{}", run.out);
    let baseline = fs::read_to_string(tree.path("importlaw.baseline")).unwrap();
    assert_eq!(baseline.lines().count(), 2);
    assert!(
        baseline.lines().all(|line| line.contains("\"reason\":\"present when importlaw was introduced\""))
    );
    let run = tree.run(&["check", "-q"]);
    assert_eq!(run.code, Some(0), "{}", run.out);
    assert!(run.out.starts_with("No new finding · 2 known (importlaw.baseline)."), "{}", run.out);
    let text = fs::read_to_string(tree.path("importlaw.toml")).unwrap();
    assert!(!text.contains("off"), "{text}");
}

#[test]
fn strict_keeps_what_is_wished_and_records_what_breaks_it() {
    let tree = shop();
    // A circle, and production that imports a test's helper.
    tree.write(
        "shop/schemas.py",
        b"import tests.helper\n\ndef late():\n    import shop.db.m1\n\nclass Row: ...\n",
    );
    tree.write("tests/helper.py", b"");
    let run = tree.run(&["init", "--output", "-"]);
    assert!(run.out.contains("#     scope-leak = \"error\"\n"), "{}", run.out);
    assert!(!run.out.contains("within = [\"shop\"]\nscopes"), "not free of circles: {}", run.out);
    let run = tree.run(&["init", "--strict"]);
    assert_eq!((run.code, run.err.as_str()), (Some(0), ""));
    let text = fs::read_to_string(tree.path("importlaw.toml")).unwrap();
    assert!(text.contains("\nscope-leak = \"error\"\n"), "{text}");
    assert!(text.contains("[[acyclic]]\nid = \"no-cycles\"\nwithin = [\"shop\"]\n"), "{text}");
    let baseline = fs::read_to_string(tree.path("importlaw.baseline")).unwrap();
    let rules: Vec<&str> = baseline.lines().filter_map(|line| line.split('"').nth(7)).collect();
    assert_eq!(rules, ["no-cycles", "scope-leak", "shop-layers"]);
    assert_eq!(tree.run(&["check", "-q"]).code, Some(0));
}

#[test]
fn what_is_there_is_not_replaced() {
    let tree = shop();
    tree.write("importlaw.toml", b"version = 1\n");
    tree.run(&["init"]).fails(
        "error: there is a registry already: [ROOT]/importlaw.toml\n  help: `--output FILE` writes the draft elsewhere, \
         `--output -` prints it; `--force` replaces what is there\n",
    );
    assert_eq!(tree.run(&["init", "--output", "drafts.toml"]).code, Some(0));
    assert!(tree.path("drafts.toml").exists() && !tree.path("drafts.baseline").exists());
    tree.run(&["init", "--output", "drafts.toml"])
        .fails("error: [ROOT]/drafts.toml is there already\n  help: `--force` replaces it\n");
    tree.run(&["init", "--output", "pyproject.toml"]).fails(
        "error: `--output pyproject.toml` names no registry file\n  help: for example: --output drafts/importlaw.toml\n",
    );
    assert_eq!(tree.run(&["init", "--force"]).code, Some(0));
    assert!(fs::read_to_string(tree.path("importlaw.toml")).unwrap().contains("[[layers]]"));

    let tree = Tree::new(&[("pyproject.toml", "[tool.importlaw]\nversion = 1\n"), ("a.py", "")]);
    for arguments in [&["init"][..], &["init", "--force"]] {
        tree.run(arguments).fails(
            "error: [ROOT]/pyproject.toml holds a registry already\n  help: `--output FILE` writes the draft elsewhere, \
             `--output -` prints it\n",
        );
    }
    let tree = Tree::new(&[("importlaw.baseline", ""), ("a.py", "")]);
    tree.run(&["init"])
        .fails("error: [ROOT]/importlaw.baseline is there already\n  help: `--force` replaces it\n");
}

#[test]
fn a_template_is_filled_and_what_breaks_it_recorded() {
    let tree = shop();
    let set = "layers=schemas,views";
    let run = tree.run(&["init", "--template", "layered", "--set", set, "--set", "within=shop"]);
    assert_eq!((run.code, run.err.as_str()), (Some(0), ""));
    assert!(
        run.out.contains("importlaw.baseline: 10 findings of today, they fail no more\n  10 layers\n"),
        "{}",
        run.out
    );
    assert_eq!(tree.run(&["check", "-q"]).code, Some(0));
    let printed = tree.run(&["registry", "template", "layered", "--set", set, "--set", "within=shop"]);
    assert_eq!(fs::read_to_string(tree.path("importlaw.toml")).unwrap(), printed.out);
    let run = tree.run(&[
        "init",
        "--force",
        "--template",
        "layered",
        "--set",
        "layers=a,b",
        "--set",
        "within=shop",
    ]);
    assert_eq!(run.code, Some(2));
    assert!(run.err.starts_with("error: the filled template does not fit the code: "), "{}", run.err);
}

#[test]
fn renamed_modules_are_told_by_git() {
    let tree = shop();
    tree.write("shop/views/legacy_cart.py", b"from shop.schemas import Row\nROWS = [Row()]\n");
    tree.git(&["init", "-q"]);
    tree.commit("2025-11-21");
    fs::rename(tree.path("shop/views/legacy_cart.py"), tree.path("shop/views/baskets.py")).unwrap();
    tree.commit("2025-11-22");
    assert_eq!(tree.run(&["init"]).code, Some(0));
    let text = fs::read_to_string(tree.path("importlaw.toml")).unwrap();
    assert!(text.contains("\"shop.views.legacy_cart\" = \"shop.views.baskets\"\n"), "{text}");
    assert_eq!(tree.run(&["check", "-q"]).code, Some(0));
}

#[test]
fn crates_are_laid_in_the_order_of_their_dependencies() {
    let crates = [("app", &["store", "base"][..]), ("store", &["base"]), ("base", &[])];
    let tree = Tree::new(&[(
        "Cargo.toml",
        "[workspace]\nmembers = [\"app\", \"store\", \"base\"]\nresolver = \"2\"\n",
    )]);
    for (name, uses) in crates {
        let dependencies: String =
            uses.iter().map(|used| format!("{used} = {{ path = \"../{used}\" }}\n")).collect();
        let manifest = format!(
            "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2021\"\n\n[dependencies]\n{dependencies}"
        );
        tree.write(&format!("{name}/Cargo.toml"), manifest.as_bytes());
        tree.write(&format!("{name}/src/lib.rs"), b"pub mod a;\npub mod b;\npub fn f() {}\n");
        let uses: String = uses.iter().map(|used| format!("use {used}::a::g as {used}_g;\n")).collect();
        for module in ["a", "b"] {
            let text = format!("{uses}pub fn g() {{}}\n");
            tree.write(&format!("{name}/src/{module}.rs"), text.as_bytes());
        }
    }
    // Without these the imports are too few to show an order.
    tree.write(
        "app/src/b.rs",
        b"use store::a::g as x;\nuse store::b::g as y;\nuse base::a::g as z;\nuse base::b::g as w;\nuse base::f;\nuse store::f as v;\n",
    );
    let run = tree.run(&["init"]);
    assert_eq!((run.code, run.err.as_str()), (Some(0), ""));
    let text = fs::read_to_string(tree.path("importlaw.toml")).unwrap();
    assert!(
        text.contains(
            "version = 1\n# What holds of any Rust workspace.\nextends = [\"importlaw:rust-crate\"]\n"
        ),
        "{text}"
    );
    assert!(text.contains("order = [\n    \"app\",\n    \"store\",\n    \"base\",\n]\n"), "{text}");
    assert_eq!(tree.run(&["check", "-q"]).code, Some(0));
}
