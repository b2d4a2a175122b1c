//! `importlaw fix` on a disk: what it writes, what it will not write, and how it ends.

use std::fs;
use std::process::Command;

use crate::cli::Tree;

const REGISTRY: &str = r#"version = 1

[[canonical]]
id = "store"
symbols = ["Store"]
path = "app.store"

[moved]
"app.old" = "app.new"

[checks]
string-reference = "error"
"#;

const FILES: &[(&str, &str)] = &[
    ("importlaw.toml", REGISTRY),
    ("app/__init__.py", ""),
    ("app/store.py", "class Store: ...\n"),
    ("app/new.py", "class Thing: ...\nclass Other: ...\n"),
    ("app/old.py", "from app.new import *\n"),
    ("lib/__init__.py", ""),
    ("lib/facade.py", "from app.store import Store\n\nclass Own: ...\n"),
    (
        "lib/use.py",
        "from app.new import Other\nfrom app.old import Thing\nfrom lib.facade import Own, Store  # why\n\nStore(Thing, Other, Own)\n",
    ),
    ("lib/patch.py", "from unittest import mock\n\nmock.patch('app.old.Thing')\n"),
];

/// A repository with everything committed.
fn repository(files: &[(&str, &str)]) -> Tree {
    let tree = Tree::new(files);
    tree.git(&["init", "-q"]);
    tree.git(&["add", "-A"]);
    tree.git(&["commit", "-q", "-m", "all"]);
    tree
}

fn text(tree: &Tree, path: &str) -> String {
    fs::read_to_string(tree.path(path)).unwrap()
}

#[test]
fn imports_are_written_and_a_second_run_writes_nothing() {
    let tree = repository(FILES);
    tree.run(&["fix"]).ends(0, "Fixed 3 findings in 2 files: 2 moved, 1 store.\n");
    assert_eq!(
        text(&tree, "lib/use.py"),
        "from app.new import Other, Thing\nfrom lib.facade import Own  # why\nfrom app.store import Store\n\nStore(Thing, Other, Own)\n"
    );
    assert_eq!(text(&tree, "lib/patch.py"), "from unittest import mock\n\nmock.patch('app.new.Thing')\n");
    tree.run(&["fix"]).ends(0, "Nothing was fixed.\n");
    let check = tree.run(&["check", "--quiet"]);
    assert_eq!(check.code, Some(0), "{}", check.out);
}

#[test]
fn a_diff_is_a_patch_and_writes_nothing() {
    let tree = repository(FILES);
    let run = tree.run(&["fix", "--diff"]);
    assert_eq!(run.code, Some(1), "the errors are still there");
    assert_eq!(run.err, "Would fix 3 findings in 2 files: 2 moved, 1 store.\n");
    let expected = "\
--- a/lib/patch.py
+++ b/lib/patch.py
@@ -1,3 +1,3 @@
 from unittest import mock
 
-mock.patch('app.old.Thing')
+mock.patch('app.new.Thing')
--- a/lib/use.py
+++ b/lib/use.py
@@ -1,5 +1,5 @@
-from app.new import Other
-from app.old import Thing
-from lib.facade import Own, Store  # why
+from app.new import Other, Thing
+from lib.facade import Own  # why
+from app.store import Store
 
 Store(Thing, Other, Own)
";
    assert_eq!(run.out, expected);
    tree.shell("git", &["diff", "--exit-code"]);
    tree.write("all.patch", run.out.as_bytes());
    tree.shell("git", &["apply", "all.patch"]);
    fs::remove_file(tree.path("all.patch")).unwrap();
    let check = tree.run(&["check", "--quiet"]);
    assert_eq!(check.code, Some(0), "{}", check.out);
}

#[test]
fn a_run_can_be_narrowed() {
    let tree = repository(FILES);
    tree.run(&["fix", "--rule", "store"]).ends(0, "Fixed 1 finding in 1 file: 1 store.\n");
    tree.git(&["commit", "-q", "-a", "-m", "store"]);
    tree.run(&["fix", "lib/patch.py"]).ends(0, "Fixed 1 finding in 1 file: 1 moved.\n");
    assert!(text(&tree, "lib/use.py").contains("from app.old import Thing\n"));
    tree.run(&["fix", "--rule", "stores"]).fails(
        "error: there is no rule `stores`\n  help: did you mean `store`? `importlaw registry list` names them all\n",
    );
}

#[test]
fn what_git_cannot_bring_back_is_not_written_over() {
    let help = "  help: commit or stash first, or say --allow-dirty; --diff shows the changes\n";
    let tree = repository(FILES);
    // Another file's changes are nobody's business.
    tree.write("app/store.py", b"class Store: pass\n");
    tree.write("lib/patch.py", b"# mine\nfrom unittest import mock\n\nmock.patch('app.old.Thing')\n");
    let refused =
        format!("error: lib/patch.py would be written, and has changes that are not committed\n{help}");
    tree.run(&["fix"]).fails(&refused);
    tree.git(&["add", "-A"]);
    tree.run(&["fix"]).fails(&refused);
    assert!(text(&tree, "lib/use.py").contains("app.old"), "nothing at all was written");
    tree.run(&["fix", "--allow-dirty"]).ends(0, "Fixed 3 findings in 2 files: 2 moved, 1 store.\n");
    assert!(text(&tree, "lib/patch.py").starts_with("# mine\n"));

    let tree = repository(&FILES[..8]);
    tree.write("lib/patch.py", FILES[8].1.as_bytes());
    tree.run(&["fix"]).fails(&refused);
    let tree = Tree::new(FILES);
    tree.run(&["fix"]).fails(&format!(
        "error: 2 files would be written, and no git repository holds what they are now\n{help}"
    ));
    tree.run(&["fix", "--allow-dirty"]).ends(0, "Fixed 3 findings in 2 files: 2 moved, 1 store.\n");
}

#[test]
fn a_file_that_would_get_worse_is_left_alone() {
    let forbidden = format!(
        "{REGISTRY}\n[[forbidden]]\nid = \"apart\"\nfrom = [\"lib.use\"]\nto = [\"app.store\"]\nindirect = false\n"
    );
    let mut files = FILES.to_vec();
    files[0].1 = &forbidden;
    let tree = repository(&files);
    tree.run(&["fix"]).ends(
        1,
        "Fixed 1 finding in 1 file: 1 moved.\n\
         Left alone: 2 findings\n      \
           2  it would have a new finding: [apart] `lib.use` imports `app.store.Store`, which `apart` forbids\n           \
              lib/use.py:2 [moved]\n           \
              lib/use.py:3 [store]\n\
         2 errors remain: `importlaw check` lists them.\n",
    );
    assert_eq!(text(&tree, "lib/use.py"), FILES[7].1);
}

#[test]
fn what_is_waived_stays_and_what_is_recorded_goes() {
    let waived = "from app.old import Thing  # importlaw: allow moved -- until the release\n";
    let tree = repository(
        &[&FILES[..7], &[("lib/use.py", waived), ("lib/b.py", "from app.old import Thing\n")]].concat(),
    );
    tree.run(&["baseline", "--add", "--reason", "old"]);
    let run = tree.run(&["fix"]);
    assert_eq!(run.out.lines().next(), Some("Fixed 1 finding in 1 file: 1 moved."), "{run:?}");
    assert_eq!(text(&tree, "lib/use.py"), waived);
    assert_eq!(text(&tree, "lib/b.py"), "from app.new import Thing\n");
}

#[test]
fn names_with_one_definition_and_relative_imports() {
    let tree = repository(&[
        (
            "importlaw.toml",
            "version = 1\n[checks]\nrelative-import = \"error\"\nunresolved-import = \"error\"\n",
        ),
        ("app/__init__.py", ""),
        ("app/a.py", "from .gone import Thing, Twice\nfrom . import b\n"),
        ("app/b.py", "class Thing: ...\nclass Twice: ...\n"),
        ("app/c.py", "class Twice: ...\n"),
        ("other/__init__.py", ""),
        ("other/d.py", "from other.gone import Thing\n"),
    ]);
    let run = tree.run(&["fix"]);
    assert_eq!(
        run.out,
        "Fixed 4 findings in 1 file: 3 relative-import, 1 unresolved-import.\n2 errors remain: `importlaw check` lists them.\n"
    );
    assert_eq!(
        text(&tree, "app/a.py"),
        "from app.b import Thing\nfrom app.gone import Twice\nfrom app import b\n"
    );
    assert_eq!(text(&tree, "other/d.py"), "from other.gone import Thing\n", "another top-level package");
    tree.run(&["fix", "--allow-dirty"])
        .ends(1, "Nothing was fixed.\n2 errors remain: `importlaw check` lists them.\n");
}

#[test]
fn what_may_change_the_program_waits_for_unsafe() {
    let registry = "version = 1\n[moved]\n\"app.old\" = \"app.new\"\n[checks]\nwildcard-import = \"error\"\n";
    let tree = repository(&[
        ("importlaw.toml", registry),
        ("app/__init__.py", ""),
        ("app/new.py", "class Thing: ...\nclass Other: ...\n"),
        ("app/old.py", ""),
        ("lib/__init__.py", ""),
        ("lib/a.py", "import app.old\n\napp.old.Thing()\n"),
        ("lib/b.py", "from app.new import *\n\nThing()\n"),
    ]);
    tree.run(&["fix"]).ends(
        1,
        "Nothing was fixed.\n\
         Needs --unsafe: 2 findings\n      \
           1  it binds `app`, and every use of that would have to be renamed\n           \
              lib/a.py:1 [moved]\n      \
           1  it takes everything: to name what is used may miss a name\n           \
              lib/b.py:1 [wildcard-import]\n\
         2 errors remain: `importlaw check` lists them.\n",
    );
    tree.run(&["fix", "--unsafe"]).ends(0, "Fixed 2 findings in 2 files: 1 moved, 1 wildcard-import.\n");
    assert_eq!(text(&tree, "lib/a.py"), "import app.new\n\napp.new.Thing()\n");
    assert_eq!(text(&tree, "lib/b.py"), "from app.new import Thing\n\nThing()\n");
}

#[test]
fn bytes_that_are_no_plain_text_are_left_and_line_ends_stay() {
    let tree = repository(FILES);
    tree.write("lib/use.py", b"# -*- coding: latin-1 -*-\nfrom app.old import Thing  # \xe9\n");
    tree.write("lib/patch.py", b"\xef\xbb\xbffrom app.old import Thing\r\nx = 1\r\n");
    let notebook = r#"{"cells": [{"cell_type": "code", "source": ["from app.old import Thing\n"]}]}"#;
    tree.write("lib/n.ipynb", notebook.as_bytes());
    tree.run(&["fix", "--allow-dirty"]).ends(
        1,
        "Fixed 1 finding in 1 file: 1 moved.\n\
         Left alone: 2 findings\n      \
           1  its text is not UTF-8\n           \
              lib/use.py:2 [moved]\n      \
           1  notebooks are not rewritten\n           \
              lib/n.ipynb:1 [moved]\n\
         2 errors remain: `importlaw check` lists them.\n",
    );
    assert_eq!(
        fs::read(tree.path("lib/patch.py")).unwrap(),
        b"\xef\xbb\xbffrom app.new import Thing\r\nx = 1\r\n"
    );
}

#[test]
fn json_says_the_edits_of_each_finding() {
    let tree = repository(FILES);
    let report = tree.run(&["check", "--format", "json"]).json();
    let found: Vec<(String, String)> = report["violations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| (finding["path"].to_string(), finding["suggestion"].to_string()))
        .collect();
    let edit = |path: &str, offset: u32, end: u32, text: &str| {
        format!(
            r#"{{"edits":[{{"end_offset":{end},"offset":{offset},"path":"{path}","text":"{text}"}}],"safe":true}}"#
        )
    };
    assert_eq!(found[0], (r#""lib/patch.py""#.to_owned(), edit("lib/patch.py", 39, 52, "app.new.Thing")));
    assert_eq!(found.len(), 3);
}

#[test]
fn what_would_no_longer_start_is_left_alone() {
    // `lib.facade` is loaded while `app.store` is: through the door, it would ask for `Store` too early.
    let tree = repository(&[
        ("importlaw.toml", "version = 1\n[doors]\n\"app.store\" = [\"Store\"]\n"),
        ("app/__init__.py", ""),
        ("app/base.py", "class Store: ...\n"),
        ("app/store.py", "import lib.facade\nfrom app.base import Store\n"),
        ("lib/__init__.py", ""),
        ("lib/facade.py", "from app.base import Store\n"),
        ("lib/other.py", "from app.base import Store\n"),
    ]);
    let run = tree.run(&["fix"]);
    assert!(run.out.starts_with("Fixed 1 finding in 1 file: 1 doors.\nLeft alone: 1 finding\n"), "{run:?}");
    assert!(run.out.contains("could not be imported any more"), "{run:?}");
    assert_eq!(text(&tree, "lib/facade.py"), "from app.base import Store\n");
    assert_eq!(text(&tree, "lib/other.py"), "from app.store import Store\n");
}

/// A workspace of a library that has a facade and a program that goes around it, with a file that two tests share.
const WORKSPACE: &[(&str, &str)] = &[
    (
        "importlaw.toml",
        "version = 1\n\n[doors]\n\"shapes\" = [\"Circle\", \"Area\"]\n\n[moved]\n\"shapes::old\" = \"shapes::plane\"\n",
    ),
    ("Cargo.toml", "[workspace]\nresolver = \"2\"\nmembers = [\"shapes\", \"draw\"]\n"),
    ("shapes/Cargo.toml", "[package]\nname = \"shapes\"\nversion = \"0.1.0\"\nedition = \"2021\"\n"),
    (
        "shapes/src/lib.rs",
        "pub mod plane;\npub mod solid;\npub mod old {\n    pub use crate::plane::*;\n}\nmod inner;\n\npub use plane::{Area, Circle};\n",
    ),
    (
        "shapes/src/plane.rs",
        "pub struct Circle;\npub struct Square;\npub trait Area {\n    fn area(&self) -> u32 {\n        1\n    }\n}\nimpl Area for Circle {}\npub fn unit() -> Circle {\n    Circle\n}\n",
    ),
    (
        "shapes/src/solid.rs",
        "use crate::plane::{Area, Circle};\n\npub fn ball(c: &Circle) -> u32 {\n    c.area()\n}\n",
    ),
    ("shapes/src/inner.rs", "// Private.\n"),
    (
        "draw/Cargo.toml",
        "[package]\nname = \"draw\"\nversion = \"0.1.0\"\nedition = \"2021\"\n\n[dependencies]\ngeo = { path = \"../shapes\", package = \"shapes\" }\n",
    ),
    (
        "draw/src/lib.rs",
        "use geo::{\n    old::{unit, Square},\n    plane::{Area as _, Circle as Round}, // of a plane\n};\n\npub fn all() -> (u32, Square, Round) {\n    (unit().area(), Square, geo::old::unit())\n}\n",
    ),
    (
        "draw/src/main.rs",
        "use geo::plane::Circle;\n\n#[cfg(unix)]\nuse geo::plane::Area;\n\nfn main() {\n    let _ = (Circle, draw::all());\n    #[cfg(unix)]\n    let _ = Circle.area();\n}\n",
    ),
    ("draw/tests/one.rs", "mod common;\n\n#[test]\nfn one() {\n    common::check();\n}\n"),
    ("draw/tests/two.rs", "mod common;\n\n#[test]\nfn two() {\n    common::check();\n}\n"),
    (
        "draw/tests/common/mod.rs",
        "use geo::plane::{self, Area, Circle};\n\npub fn check() {\n    let circle: geo::plane::Circle = Circle;\n    assert_eq!(circle.area(), plane::unit().area());\n}\n",
    ),
    (".gitignore", "target\n"),
];

/// Whether the workspace compiles, its tests too.
fn compiles(tree: &Tree) {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .args(["check", "--quiet", "--offline", "--workspace", "--tests"])
        .env("CARGO_TARGET_DIR", tree.path("target"))
        .current_dir(tree.path(""))
        .status()
        .unwrap();
    assert!(status.success());
}

#[test]
fn a_rust_workspace_compiles_before_and_after() {
    let tree = repository(WORKSPACE);
    compiles(&tree);
    tree.git(&["add", "-A"]);
    tree.git(&["commit", "-q", "-m", "lock"]);
    let run = tree.run(&["fix"]);
    assert_eq!(
        run.out,
        "\
Fixed 9 findings in 3 files: 6 doors, 3 moved.
Needs --unsafe: 1 finding
      1  it stands under a `cfg`
           draw/src/main.rs:4 [doors]
1 error remains: `importlaw check` lists it.
"
    );
    compiles(&tree);
    assert_eq!(
        text(&tree, "draw/src/lib.rs"),
        "use geo::plane::unit;\nuse geo::plane::Square;\nuse geo::Area as _;\nuse geo::Circle as Round; // of a plane\n\npub fn all() -> (u32, Square, Round) {\n    (unit().area(), Square, geo::plane::unit())\n}\n"
    );
    assert_eq!(
        text(&tree, "draw/src/main.rs"),
        "use geo::Circle;\n\n#[cfg(unix)]\nuse geo::plane::Area;\n\nfn main() {\n    let _ = (Circle, draw::all());\n    #[cfg(unix)]\n    let _ = Circle.area();\n}\n"
    );
    assert_eq!(
        text(&tree, "draw/tests/common/mod.rs"),
        "use geo::plane::{self};\nuse geo::Area;\nuse geo::Circle;\n\npub fn check() {\n    let circle: geo::Circle = Circle;\n    assert_eq!(circle.area(), plane::unit().area());\n}\n",
        "two tests hold it, and it is written once"
    );
    tree.git(&["commit", "-q", "-a", "-m", "fixed"]);
    let again = tree.run(&["fix"]);
    assert!(again.out.starts_with("Nothing was fixed.\n"), "{}", again.out);
    assert!(tree.run(&["fix", "--unsafe"]).out.starts_with("Fixed 1 finding in 1 file: 1 doors.\n"));
    compiles(&tree);
}

/// A library `a` with what is asked of its paths.
fn library(registry: &str, lib: &str, more: &[(&str, &str)]) -> Tree {
    let registry = format!("version = 1\n\n[moved]\n{registry}");
    let files = [
        ("importlaw.toml", registry.as_str()),
        ("Cargo.toml", "[workspace]\nresolver = \"2\"\nmembers = [\"a\", \"b\"]\n"),
        ("a/Cargo.toml", "[package]\nname = \"a\"\nversion = \"0.1.0\"\nedition = \"2021\"\n"),
        ("a/src/lib.rs", lib),
        (
            "b/Cargo.toml",
            "[package]\nname = \"b\"\nversion = \"0.1.0\"\nedition = \"2021\"\n\n[dependencies]\na = { path = \"../a\" }\n",
        ),
    ];
    repository(&files.into_iter().chain(more.iter().copied()).collect::<Vec<_>>())
}

#[test]
fn what_a_rust_importer_may_not_name_is_left_alone() {
    let lib = "pub mod old {\n    pub struct X;\n    pub struct Y;\n    pub struct Z;\n}\nmod shut {\n    pub use crate::old::X;\n}\npub mod open {\n    pub(crate) use crate::old::Y;\n    #[cfg(unix)]\n    pub use crate::old::Z;\n}\n";
    let uses = "use a::old::X;\nuse a::old::Z;\n\npub fn f(_: X, _: Z) {}\n\npub mod m;\n";
    let registry =
        "\"a::old:X\" = \"a::shut:X\"\n\"a::old:Y\" = \"a::open:Y\"\n\"a::old:Z\" = \"a::open:Z\"\n";
    let below = "use a::old::Y;\n\npub fn f(_: Y) {}\n";
    let tree = library(registry, lib, &[("b/src/lib.rs", uses), ("b/src/m.rs", below)]);
    tree.run(&["fix", "b"]).ends(
        1,
        "\
Nothing was fixed.
Needs --unsafe: 1 finding
      1  its new path is there under a `cfg` alone
           b/src/lib.rs:2 [moved]
Left alone: 2 findings
      1  `a::open::Y` is not there for its importer, or may not be named from there
           b/src/m.rs:1 [moved]
      1  `a::shut::X` cannot be named from `b`
           b/src/lib.rs:1 [moved]
3 errors remain: `importlaw check` lists them.
",
    );
}

#[test]
fn a_file_of_several_crates_is_written_where_that_is_right_for_all() {
    let shared = "#[path = \"../../shared.rs\"]\nmod shared;\n";
    let lib = format!(
        "pub mod new {{\n    pub struct X;\n}}\npub mod old {{\n    pub use crate::new::X;\n}}\n{shared}"
    );
    let other =
        format!("pub mod new {{\n    pub struct X;\n}}\npub mod old {{\n    pub struct X;\n}}\n{shared}");
    let text_of = "use crate::old::X;\n\npub fn f(_: X) {}\n";
    let registry = "\"a::old:X\" = \"a::new:X\"\n";
    library(registry, &lib, &[("b/src/lib.rs", &other), ("shared.rs", text_of)]).run(&["fix"]).ends(
        1,
        "\
Nothing was fixed.
Left alone: 1 finding
      1  several targets share the file, and it would not lead all of them to the same as before
           shared.rs:1 [moved]
1 error remains: `importlaw check` lists it.
",
    );
    let tree = library(registry, &lib, &[("b/src/lib.rs", &lib), ("shared.rs", text_of)]);
    tree.run(&["fix"]).ends(0, "Fixed 1 finding in 1 file: 1 moved.\n");
    assert_eq!(text(&tree, "shared.rs"), "use crate::new::X;\n\npub fn f(_: X) {}\n");
}

#[test]
fn of_several_files_only_the_one_that_no_longer_binds_a_name_is_left_alone() {
    // Others take `C` through the wildcard of `p.facade`, which itself does not use it.
    let tree = repository(&[
        (
            "importlaw.toml",
            "version = 1\n[checks]\nrelative-import = \"error\"\nwildcard-import = \"error\"\n",
        ),
        ("p/__init__.py", ""),
        ("p/a.py", "A = 1\nB = 2\nC = 3\n"),
        ("p/facade.py", "from p.a import *\n\nprint(A)\n"),
        ("p/other.py", "from p.a import *\n\nprint(B)\n"),
        ("p/user.py", "def run():\n    from .facade import C\n\n    print(C)\n"),
    ]);
    let run = tree.run(&["fix", "--unsafe"]);
    run.ends(
        1,
        "Fixed 2 findings in 2 files: 1 relative-import, 1 wildcard-import.\n\
         Left alone: 1 finding\n      1  p/user.py would have a new finding: [unresolved-import] `p.facade` has no `C`\n           \
         p/facade.py:1 [wildcard-import]\n1 error remains: `importlaw check` lists it.\n",
    );
    assert_eq!(text(&tree, "p/facade.py"), "from p.a import *\n\nprint(A)\n");
    assert_eq!(text(&tree, "p/other.py"), "from p.a import B\n\nprint(B)\n");
    assert_eq!(text(&tree, "p/user.py"), "def run():\n    from p.facade import C\n\n    print(C)\n");
}

#[test]
fn what_stops_a_start_is_blamed_on_the_file_that_no_longer_binds_a_name() {
    let tree = repository(&[
        (
            "importlaw.toml",
            "version = 1\n[checks]\nrelative-import = \"error\"\nwildcard-import = \"error\"\n",
        ),
        ("p/__init__.py", ""),
        ("p/a.py", "A = 1\nC = 3\n"),
        ("p/facade.py", "from p.a import *\n\nprint(A)\n"),
        ("p/user.py", "from .facade import C\n\nprint(C)\n"),
    ]);
    tree.run(&["fix", "--unsafe"]).ends(
        1,
        "Fixed 1 finding in 1 file: 1 relative-import.\n\
         Left alone: 1 finding\n      1  p/user.py could not be imported any more: `p.facade` has no `C`\n           \
         p/facade.py:1 [wildcard-import]\n1 error remains: `importlaw check` lists it.\n",
    );
    assert_eq!(text(&tree, "p/user.py"), "from p.facade import C\n\nprint(C)\n");
}
