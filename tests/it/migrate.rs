//! `importlaw migrate`: what is written, where, and what is refused; and the registries of known projects.

use std::path::Path;

use importlaw::facts::Date;
use importlaw::registry::load::{Home, load};
use importlaw::source::RelPath;

use crate::cli::Tree;

const PAGE: &str = "\
# Imports

## Verified

```python
from shop.carts import Cart
from shop import Cart  # compatible, until the reports follow
```
";

const REGISTRY: &str = r#"# Drafted by `importlaw migrate markdown` from docs/imports.md: read it before you rely on it.
#
# `page:N` is line N of that page. Where the page contradicts itself, nothing is excused and nothing counts as
# compliant by it: of two things said of one path the worse holds; of two doors the one marked on its own line, the
# other is retired; what is still undecided stands in comments at the end.
version = 1

[[canonical]]
# page:6 canonical, exists
symbols    = ["Cart"]
path       = "shop.carts"
compatible = [
    # page:7 compatible, exists
    { path = "shop", reason = "page:7" },
]
"#;

const SUMMARY: &str = "\
docs/imports.md: 2 imports read
  exist            2
  do not exist     0
  conflict         0 with another line of the page
  not in force     0 paths, in comments at the end
  not understood   0 lines
";

fn shop() -> Tree {
    Tree::new(&[
        (".git/", ""),
        ("docs/imports.md", PAGE),
        ("docs/other.md", "# Nothing\n\n```\nfrom shop import [CARTS]\n```\n"),
        ("shop/__init__.py", "from shop.carts import Cart\n"),
        ("shop/carts.py", "class Cart: ...\n"),
        ("shop/orders.py", "from shop import Cart\n"),
    ])
}

#[test]
fn a_page_becomes_a_registry_that_check_takes() {
    let tree = shop();
    let run = tree.run(&["migrate", "markdown", "docs/imports.md"]);
    assert_eq!((run.code, run.out.as_str(), run.err.as_str()), (Some(0), REGISTRY, SUMMARY));

    let run = tree.run(&["migrate", "markdown", "docs/imports.md", "--output", "importlaw.toml"]);
    assert_eq!((run.code, run.out.as_str(), run.err.as_str()), (Some(0), "", SUMMARY));
    assert_eq!(std::fs::read_to_string(tree.path("importlaw.toml")).unwrap(), REGISTRY);
    tree.run(&["registry", "check"]).ends(0, "importlaw.toml: 1 entry, every line matches the code\n");
}

#[test]
fn nothing_is_replaced_unasked() {
    let tree = shop();
    tree.write("mine.toml", b"mine");
    let arguments = ["migrate", "markdown", "docs/imports.md", "--output", "mine.toml"];
    tree.run(&arguments)
        .fails("error: mine.toml exists\n  help: write `--force` to replace it, or give another name\n");
    assert_eq!(std::fs::read(tree.path("mine.toml")).unwrap(), b"mine");
    assert_eq!(tree.run(&[&arguments[..], &["--force"]].concat()).code, Some(0));
    assert_eq!(std::fs::read_to_string(tree.path("mine.toml")).unwrap(), REGISTRY);
    let left: Vec<_> =
        std::fs::read_dir(tree.path("")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().contains(".tmp")), "{left:?}");
}

#[test]
fn reading_nothing_is_a_failure() {
    let tree = shop();
    tree.write("empty.md", b"# Nothing here\n");
    tree.write("latin.md", b"caf\xe9\n");
    tree.run(&["migrate", "markdown", "docs/other.md"]).fails(
        "error: nothing was read: docs/other.md holds no import line\n  \
         help: these lines look like imports and could not be understood: 4\n",
    );
    tree.run(&["migrate", "markdown", "empty.md"]).fails(
        "error: nothing was read: empty.md holds no import line\n  \
         help: import lines are `from a.b import C` or `import a.b`, in code blocks or in the text\n",
    );
    tree.run(&["migrate", "markdown", "latin.md"])
        .fails("error: latin.md cannot be read: stream did not contain valid UTF-8\n");
    let run = tree.run(&["migrate", "markdown", "gone.md"]);
    assert_eq!((run.code, run.out.as_str()), (Some(2), ""));
    assert!(run.err.starts_with("error: gone.md cannot be read: "), "{}", run.err);
}

#[test]
fn registries_of_known_projects_load() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules/examples");
    let as_of = Date::parse("2026-11-22").expect("a date");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let names: Vec<_> = files.iter().filter_map(|file| file.file_name()?.to_str()).collect();
    assert_eq!(names, ["netra.toml", "ruff.toml", "rust-analyzer.toml"]);
    let errors: Vec<String> = files
        .iter()
        .filter_map(|file| {
            let text = std::fs::read_to_string(file).unwrap();
            let path = RelPath::new(file.file_name().unwrap().to_str().unwrap());
            let errors = load(&path, &text, Home::Own, as_of).err()?;
            let all: Vec<String> = errors.diagnostics().map(|problem| problem.to_string()).collect();
            Some(format!("{path}: {}", all.join("; ")))
        })
        .collect();
    assert_eq!(errors, [] as [String; 0]);
}
