//! The HTML report and the graph as a page, by the real binary; tests/browser looks at them in a browser.

use super::cli::Tree;

const REGISTRY: &str =
    "version = 1\n[project]\nname = \"shop\"\n[[layers]]\nid = \"down\"\norder = [\"web\", \"core\"]\n";

fn tree() -> Tree {
    Tree::new(&[
        ("importlaw.toml", REGISTRY),
        ("web/__init__.py", ""),
        ("web/page.py", "import core.base\n"),
        ("core/__init__.py", ""),
        ("core/base.py", "import web.page\n"),
    ])
}

/// The document inside a page.
fn data(page: &str) -> serde_json::Value {
    let (_, rest) = page.split_once("id=\"data\">").unwrap();
    serde_json::from_str(rest.split_once("</script>").unwrap().0).unwrap()
}

#[test]
fn the_graph_is_a_page_without_the_report() {
    let run = tree().run(&["graph", "--format", "html"]);
    assert_eq!((run.code, run.err.as_str()), (Some(0), ""), "a graph is no gate");
    let data = data(&run.out);
    assert_eq!(data["title"], "shop");
    assert!(data.get("overall").is_none());
    assert_eq!(data["graph"]["orders"][0]["layers"], serde_json::json!([["web"], ["core"]]));
    let imports = &data["graph"]["imports"];
    assert_eq!(imports["line"], serde_json::json!([1, 1]));
    assert_eq!(imports["findings"], serde_json::json!([[0, 0]]), "core.base's, which is the first by name");
}

#[test]
fn the_report_goes_to_a_file_and_holds_everything() {
    let tree = tree();
    let run = tree.run(&["report", "--format", "html", "--output", "report.html"]);
    assert_eq!((run.code, run.out.as_str(), run.err.as_str()), (Some(0), "", ""));
    let page = std::fs::read_to_string(tree.path("report.html")).unwrap();
    let data = data(&page);
    assert_eq!(data["overall"]["overview"]["compliance"]["compliance"], 50.0);
    assert_eq!(data["overall"]["headline"], "50.0 % of 2 governed imports comply");
    assert_eq!(data["findings"]["path"].as_array().unwrap().len(), 1);
    assert_eq!(data["graph"]["modules"]["imports"], serde_json::json!([0, 1, 0, 1]));
}

#[test]
fn a_closing_page_that_is_not_ready_fails_in_html_too() {
    let run = tree().run(&["report", "--format", "html", "--closing", "down"]);
    assert_eq!(run.code, Some(1));
    assert_eq!(data(&run.out)["overall"]["closing"]["verdict"], "NOT READY: down, 1 violation");
}

#[test]
fn what_the_page_cannot_show_is_refused() {
    for option in [&["--external"][..], &["--implied"], &["--start", "web.page"], &["--collapse", "1"]] {
        let run = tree().run(&[&["graph", "--format", "html"], option].concat());
        run.fails(
            "error: `--format html` shows the graph of first party, and folds packages itself\n  help: --external, --implied and --start go with json and dot, --collapse with dot, mermaid and svg\n",
        );
    }
}

#[test]
fn a_page_around_a_module_holds_its_neighbours_alone() {
    let tree = Tree::new(&[
        ("importlaw.toml", "version = 1\n[[forbidden]]\nid = \"x\"\nfrom = [\"a\"]\nto = [\"b\"]\n"),
        ("a.py", "import b\nimport gone\n"),
        ("b.py", "import c\n"),
        ("c.py", "import d\n"),
        ("d.py", ""),
    ]);
    let page = tree.run(&["graph", "--format", "html", "--focus", "b", "--rule", "x"]);
    let data = data(&page.out);
    assert_eq!(data["graph"]["modules"]["imports"], serde_json::json!([1, 1, 0]), "a, b and c; not d");
    assert_eq!(data["findings"]["path"].as_array().unwrap().len(), 1, "those of the rule alone");
    let lost = tree.run(&["graph", "--format", "html", "--focus", "e"]);
    assert_eq!((lost.code, lost.err.as_str()), (Some(2), "error: there is no module `e`\n"));
}

#[test]
fn a_project_without_a_name_is_called_like_its_directory() {
    let tree = Tree::new(&[("a.py", "import b\n"), ("b.py", "")]);
    assert_eq!(data(&tree.run(&["graph", "--format", "html"]).out)["title"], "project");
}
