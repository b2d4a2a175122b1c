//! `graph` for people: folded, around a module, with what breaks a rule.

use crate::cli::Tree;

fn project() -> Tree {
    Tree::new(&[
        (
            "importlaw.toml",
            "version = 1\n\n[[forbidden]]\nid = \"apart\"\nfrom = [\"app\"]\nto = [\"other\"]\n",
        ),
        ("app/__init__.py", ""),
        ("app/a.py", "import other.x\nimport app.b\n"),
        ("app/b.py", "from lib import tool\nimport other.y\n"),
        ("other/x.py", "import lib.tool\n"),
        ("other/y.py", ""),
        ("lib/tool.py", ""),
        ("alone.py", ""),
    ])
}

#[test]
fn packages_are_drawn_and_what_breaks_a_rule_is_red() {
    project().run(&["graph", "--format", "mermaid", "--collapse", "1"]).ends(
        0,
        "flowchart TD\n  \
           %% 7 modules and 5 imports; ✗ 2 findings of level error, in red\n  \
           %% 1 package without an arrow is not drawn\n  \
           m0[\"app<br/>3 modules\"]\n  \
           m1[\"lib<br/>1 module\"]\n  \
           m2[\"other<br/>2 modules\"]\n  \
           m0 -->|\"1\"| m1\n  \
           m0 -->|\"2 ✗ 2\"| m2\n  \
           m2 -->|\"1\"| m1\n  \
           linkStyle 1 stroke:#c4314b,stroke-width:3px\n",
    );
}

#[test]
fn a_focus_shows_its_neighbours_alone() {
    let run = project().run(&["graph", "--format", "mermaid", "--focus", "other.x", "--rule", "apart"]);
    let lines: Vec<&str> =
        run.out.lines().filter(|line| line.contains("-->") || line.contains("in red")).collect();
    assert_eq!(
        lines,
        [
            "  %% 7 modules and 5 imports around other.x; ✗ 1 finding of apart, in red",
            "  m0 -->|\"1 ✗ 1\"| m2",
            "  m2 -->|\"1\"| m1"
        ],
        "{}",
        run.out
    );
}

#[test]
fn json_around_a_module_is_complete_there() {
    let document = project().run(&["graph", "--focus", "other"]).json();
    let names = |of: &str, key: &str| -> Vec<String> {
        let rows = document[of].as_array().unwrap();
        rows.iter().map(|row| row[key].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names("modules", "name"), ["app.a", "app.b", "lib.tool", "other.x", "other.y"]);
    assert_eq!(names("edges", "importer"), ["app.a", "app.b", "other.x"]);
}

#[test]
fn without_a_fold_dot_names_every_module() {
    let tree = project();
    let whole = tree.run(&["graph", "--format", "dot"]).out;
    assert!(whole.contains("  \"app.a\" -> \"other.x\";\n"), "{whole}");
    let folded = tree.run(&["graph", "--format", "dot", "--collapse", "1"]).out;
    assert!(folded.contains("  \"app\" -> \"other\" [label=\"2 ✗ 2\", color="), "{folded}");
    let picture = tree.run(&["graph", "--format", "svg"]).out;
    assert!(picture.starts_with("<svg ") && picture.ends_with("</svg>\n"), "{picture}");
}

#[test]
fn what_cannot_be_drawn() {
    let tree = project();
    for (arguments, says) in [
        (&["--format", "svg", "--focus", "nowhere"][..], "there is no module `nowhere`"),
        (&["--focus", "nowhere"], "there is no module `nowhere`"),
        (&["--format", "svg", "--rule", "apartt"], "did you mean `apart`?"),
        (&["--collapse", "1"], "`--format json` gives every import as it is"),
        (&["--depth", "2"], "--focus"),
    ] {
        let run = tree.run(&[&["graph"], arguments].concat());
        assert_eq!(run.code, Some(2), "{arguments:?}");
        assert!(run.err.contains(says), "{}", run.err);
    }
}
