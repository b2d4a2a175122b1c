//! `registry list --format markdown --write`, and `registry check` that holds the page to the registry.

use std::fs;

use crate::cli::Tree;

const REGISTRY: &str = r#"version = 1

[[forbidden]]
id = "apart"
from = ["app"]
to = ["other"]
"#;

const BLOCK: &str = "<!-- importlaw:registry -->

Generated from `importlaw.toml` by `importlaw registry list`: change the registry, not these lines.

## Forbidden

Modules that may not import others.

| rule | what | line |
| --- | --- | --- |
| `apart` | `app` must not import `other` | 3 |

<!-- /importlaw:registry -->
";

const WRITE: [&str; 5] = ["registry", "list", "--format", "markdown", "--write"];

fn project(registry: &str) -> Tree {
    Tree::new(&[("importlaw.toml", registry), ("app/a.py", ""), ("other/b.py", ""), ("app/__init__.py", "")])
}

/// The same with `[project] page` above the entries.
fn watched(page: &str) -> String {
    REGISTRY.replace("version = 1\n", &format!("version = 1\nproject.page = \"{page}\""))
}

fn write(tree: &Tree, more: &[&str]) -> crate::cli::Run {
    tree.run(&[&WRITE, more].concat())
}

fn page(tree: &Tree, path: &str) -> String {
    fs::read_to_string(tree.path(path)).unwrap()
}

#[test]
fn a_page_is_written_and_then_left_alone() {
    let tree = project(REGISTRY);
    let printed = tree.run(&WRITE[..4]);
    printed.ends(0, &format!("# Import registry\n\n{BLOCK}"));
    let run = write(&tree, &["docs/law/imports.md"]);
    assert_eq!((run.code, run.out.as_str()), (Some(0), "docs/law/imports.md: written\n"));
    assert_eq!(
        run.err,
        "note: `importlaw registry check` does not watch docs/law/imports.md; to have it watched, add \
         `page = \"docs/law/imports.md\"` under `[project]` of the registry and run this again\n"
    );
    assert_eq!(page(&tree, "docs/law/imports.md"), printed.out);
    let written = || fs::metadata(tree.path("docs/law/imports.md")).unwrap().modified().unwrap();
    let before = written();
    assert_eq!(write(&tree, &["docs/law/imports.md"]).out, "docs/law/imports.md: already in step\n");
    assert_eq!(written(), before);
    assert_eq!(fs::read_dir(tree.path("docs/law")).unwrap().count(), 1, "no temporary file is left");
}

#[test]
fn check_fails_until_the_page_is_in_step() {
    let tree = project(&watched("docs/imports.md"));
    let summary = "importlaw.toml: 1 entry, every line matches the code; docs/imports.md is";
    let mends = "`importlaw registry list --format markdown --write` mends it";
    let check = |code, first: &str, state| {
        tree.run(&["registry", "check"]).ends(code, &format!("{first}{summary} {state}\n"));
    };
    check(1, &format!("docs/imports.md:1:1: error[page] the page does not exist; {mends}\n"), "not in step");
    write(&tree, &[]).ends(0, "docs/imports.md: written\n");
    check(0, "", "in step");
    write(&tree, &[]).ends(0, "docs/imports.md: already in step\n");

    let own = format!("Mine.\n\n{BLOCK}\nStays.\n");
    tree.write("docs/imports.md", own.as_bytes());
    check(0, "", "in step");
    tree.write("importlaw.toml", watched("docs/imports.md").replace("\"other\"", "\"other.b\"").as_bytes());
    check(
        1,
        &format!(
            "docs/imports.md:13:41: error[page] the page says `| `apart` | `app` must not import `other` | 3 |`, \
             the registry `| `apart` | `app` must not import `other.b` | 3 |`; {mends}\n"
        ),
        "not in step",
    );
    write(&tree, &[]).ends(0, "docs/imports.md: written\n");
    assert_eq!(page(&tree, "docs/imports.md"), own.replace("`other`", "`other.b`"));
    check(0, "", "in step");
    assert_eq!(tree.run(&["check", "-q"]).code, Some(0));

    tree.write("docs/imports.md", b"# Mine\n");
    check(
        1,
        "docs/imports.md:1:1: error[page] it has no place for the registry: write <!-- importlaw:registry --> and \
         <!-- /importlaw:registry --> there, each on a line of its own; `importlaw registry list --format markdown \
         --write` then mends it\n",
        "not in step",
    );
}

#[test]
fn nothing_of_a_page_acts_on_the_terminal() {
    let tree = project(&watched("page.md"));
    tree.write("page.md", BLOCK.replace("`other`", "\u{1b}[31m\u{202e}").as_bytes());
    assert!(tree.run(&["registry", "check"]).out.starts_with(
        "page.md:11:35: error[page] the page says `| `apart` | `app` must not import \\u{1b}[31m\\u{202e} | 3 |`, the \
         registry `| `apart` | `app` must not import `other` | 3 |`; "
    ));
}

#[test]
fn the_mending_command_names_what_was_named() {
    let tree = project("version = 1\n");
    tree.write("sub dir/law.toml", watched("page.md").as_bytes());
    let run = tree.run(&["registry", "check", "-C", "app", "--registry", "../sub dir/law.toml"]);
    assert_eq!(
        run.out.lines().next(),
        Some(
            "page.md:1:1: error[page] the page does not exist; `importlaw registry list --format markdown --write -C \
             app --registry '../sub dir/law.toml'` mends it"
        )
    );
    let run = write(&tree, &["-C", "app", "--registry", "../sub dir/law.toml"]);
    run.ends(0, "page.md: written\n");
    assert_eq!(
        page(&tree, "page.md"),
        format!("# Import registry\n\n{}", BLOCK.replace("importlaw.toml", "sub dir/law.toml"))
    );
}

#[test]
fn a_file_is_named_from_where_the_command_starts() {
    let tree = project(&watched("page.md"));
    assert_eq!(tree.run_in("app", &[&WRITE[..], &["../page.md"]].concat()).err, "");
    let run = tree.run_in("app", &[&WRITE[..], &["./other.md"]].concat());
    assert_eq!(run.out, "app/other.md: written\n");
    assert_eq!(
        run.err,
        "note: `importlaw registry check` does not watch app/other.md; it watches page.md: to watch this one instead, \
         write `page = \"app/other.md\"` under `[project]` of the registry and run this again\n"
    );
    let pyproject = "[tool.importlaw]\nversion = 1\n[tool.importlaw.checks]\nexpired = \"warn\"\n";
    let tree = Tree::new(&[("pyproject.toml", pyproject), ("a.py", "")]);
    assert!(write(&tree, &["page.md"]).err.contains(" under `[tool.importlaw.project]` of the registry"));
}

#[test]
fn nobodys_page_is_destroyed() {
    let tree = project(REGISTRY);
    tree.write("page.md", b"# Mine\n");
    write(&tree, &["page.md"]).fails(
        "error: the page page.md was left as it is: it has no place for the registry\n  help: write these two lines \
         where the registry shall stand, each alone: <!-- importlaw:registry --> and <!-- /importlaw:registry -->\n",
    );
    assert_eq!(page(&tree, "page.md"), "# Mine\n");
    tree.write("latin.md", b"\xe9");
    write(&tree, &["latin.md"]).fails("error: the page latin.md is not UTF-8\n");
    write(&tree, &["importlaw.toml"]);
    assert_eq!(page(&tree, "importlaw.toml"), REGISTRY);
}

#[test]
fn what_cannot_be_meant_is_refused() {
    let tree = project(REGISTRY);
    write(&tree, &[]).fails(
        "error: there is no page to write to\n  help: write `--write FILE`, or `page = \"docs/imports.md\"` under \
         `[project]` of the registry\n",
    );
    tree.run(&["registry", "list", "--write", "page.md"])
        .fails("error: `--write` writes Markdown\n  help: add `--format markdown`\n");
    write(&tree, &["app"]).fails("error: the page app cannot be read: it is not a regular file\n");
    write(&tree, &["gone/../page.md"])
        .fails("error: the page gone/../page.md lies in a directory that does not exist\n");
    tree.write("importlaw.toml", watched("../page.md").as_bytes());
    assert!(write(&tree, &[]).err.contains("`../page.md` is not a file relative to the project root"));
    fs::remove_file(tree.path("importlaw.toml")).unwrap();
    write(&tree, &["page.md"]).fails(
        "error: there is no registry to list\n  help: write importlaw.toml at the project root: `importlaw registry \
         schema` describes it\n",
    );
    assert!(!tree.path("page.md").exists());
}

#[cfg(unix)]
#[test]
fn no_path_and_no_link_leads_out_of_the_project() {
    use std::os::unix::fs::symlink;

    let tree = project(&watched("docs/page.md"));
    let outside = tree.path("").parent().unwrap().join("outside");
    fs::create_dir(&outside).unwrap();
    fs::write(outside.join("page.md"), BLOCK).unwrap();
    symlink(&outside, tree.path("docs")).unwrap();
    symlink("../outside/page.md", tree.path("link.md")).unwrap();
    symlink("nowhere.md", tree.path("dangling.md")).unwrap();
    let refused = |name: &str| {
        format!(
            "error: the page {name} lies outside the project root [ROOT]\n  help: keep it in the project\n"
        )
    };
    for name in ["../page.md", "docs/page.md", "docs/new/page.md", "link.md"] {
        write(&tree, &[name]).fails(&refused(name));
    }
    for arguments in [&WRITE[..], &["registry", "check"]] {
        tree.run(arguments).fails(&refused("docs/page.md"));
    }
    write(&tree, &["dangling.md"]).fails("error: the page dangling.md is a link that leads nowhere\n");
    assert_eq!(fs::read_to_string(outside.join("page.md")).unwrap(), BLOCK);
    assert_eq!(fs::read_dir(&outside).unwrap().count(), 1);

    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o640);
    tree.write("real.md", BLOCK.replace("`other`", "old").as_bytes());
    fs::set_permissions(tree.path("real.md"), mode).unwrap();
    symlink("real.md", tree.path("inner.md")).unwrap();
    assert_eq!(
        write(&tree, &["inner.md"]).out,
        "real.md: written\n",
        "a link inside is followed and stays one"
    );
    assert_eq!(page(&tree, "real.md"), BLOCK);
    let kept = tree.path("real.md").metadata().unwrap().permissions();
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&kept) & 0o777, 0o640, "who may read it stays");
    assert!(tree.path("inner.md").symlink_metadata().unwrap().is_symlink());
}
