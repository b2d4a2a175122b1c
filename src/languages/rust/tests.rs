//! Manifests, trees and orphans as tables of small projects, none of them on a disk.

use std::collections::BTreeMap;

use super::manifest::TargetKind;
use super::orphans::{Remedy, Standing, orphans};
use super::resolve::Named;
use super::units::Unit;
use super::*;
use crate::facts::Import;

/// A project of texts by path; a text that begins with `->` is a link.
fn with_project<T>(texts: &[(&str, &str)], then: impl FnOnce(&RustProject, &[RelPath]) -> T) -> T {
    let texts: BTreeMap<&str, &str> = texts.iter().copied().collect();
    let paths: Vec<RelPath> = texts.keys().map(|path| RelPath::new(*path)).collect();
    let is_manifest = |path: &&RelPath| path.file_name() == "Cargo.toml";
    let manifests: Vec<(&RelPath, &str)> =
        paths.iter().filter(is_manifest).map(|path| (path, texts[path.as_str()])).collect();
    let links: Vec<(&str, &str)> =
        texts.iter().filter_map(|(path, text)| Some((*path, text.strip_prefix("->")?))).collect();
    let is_file = |path: &&RelPath| path.as_str().ends_with(".rs") && !texts[path.as_str()].starts_with("->");
    let files: Vec<RelPath> = paths.iter().filter(is_file).cloned().collect();
    let read = |path: &RelPath| texts.get(path.as_str()).map(|text| ((*text).to_owned(), 0));
    let listing =
        Listing { manifests: &manifests, files: &files, links: &links, read: &read, ..Listing::default() };
    then(&project(&listing).0, &files)
}

/// `kind name root` of every target of the first package, then `missing path`.
fn targets(manifest: &str, files: &[&str]) -> Vec<String> {
    let mut texts = vec![("Cargo.toml", manifest)];
    texts.extend(files.iter().map(|path| (*path, "")));
    with_project(&texts, |project, _| {
        let package = &project.packages[0];
        let kind = |kind| match kind {
            TargetKind::Lib => "lib",
            TargetKind::Bin => "bin",
            TargetKind::Example => "example",
            TargetKind::Test => "test",
            TargetKind::Bench => "bench",
            TargetKind::Build => "build",
        };
        let shown = package.targets.iter().map(|t| format!("{} {} {}", kind(t.kind), t.name, t.root));
        shown.chain(package.missing.iter().map(|path| format!("missing {path}"))).collect()
    })
}

/// The files that the targets reach.
fn reached(texts: &[(&str, &str)]) -> Vec<String> {
    let mut texts = texts.to_vec();
    texts.push(("Cargo.toml", "[package]\nname = \"p\"\nedition = \"2024\"\n"));
    with_project(&texts, |project, _| project.reached.files.keys().cloned().collect())
}

/// The files that no target reaches.
fn orphaned(texts: &[(&str, &str)]) -> Vec<String> {
    with_project(texts, |project, files| {
        orphans(project, files).iter().map(|orphan| orphan.path.to_string()).collect()
    })
}

const PACKAGE: &str = "[package]\nname = \"my-p\"\nedition = \"2021\"\n";

#[test]
fn targets_lie_where_cargo_looks() {
    let files = [
        "build.rs",
        "src/lib.rs",
        "src/main.rs",
        "src/bin/a.rs",
        "src/bin/b/main.rs",
        "src/bin/b/more.rs",
        "src/bin/c/deep/main.rs",
        "examples/e.rs",
        "tests/t.rs",
        "tests/common/mod.rs",
        "benches/x/main.rs",
    ];
    assert_eq!(
        targets(PACKAGE, &files),
        [
            "lib my_p src/lib.rs",
            "build build-script-build build.rs",
            "bin my-p src/main.rs",
            "bin a src/bin/a.rs",
            "bin b src/bin/b/main.rs",
            "example e examples/e.rs",
            "test t tests/t.rs",
            "bench x benches/x/main.rs",
        ]
    );
}

#[test]
fn targets_are_what_the_manifest_says() {
    for (more, files, expected) in [
        ("autobins = false\n", &["src/main.rs", "src/bin/a.rs"][..], &[][..]),
        (
            "autobins = false\n[[bin]]\nname = \"a\"\n",
            &["src/main.rs", "src/bin/a.rs"],
            &["bin a src/bin/a.rs"],
        ),
        (
            "autotests = false\nautoexamples = false\nautobenches = false\n",
            &["tests/t.rs", "examples/e.rs", "benches/b.rs"],
            &[],
        ),
        ("build = false\n", &["build.rs"], &[]),
        ("build = \"b/x.rs\"\n", &["build.rs", "b/x.rs"], &["build build-script-x b/x.rs"]),
        ("build = true\n", &[], &["missing build.rs"]),
        ("[lib]\nname = \"q\"\npath = \"a/b.rs\"\n", &["a/b.rs", "src/lib.rs"], &["lib q a/b.rs"]),
        ("autolib = false\n", &["src/lib.rs"], &[]),
        ("[lib]\npath = \"gone.rs\"\n", &["src/lib.rs"], &["missing gone.rs"]),
        // Of one name or of one file, the written one.
        ("[[bin]]\nname = \"z\"\npath = \"src/main.rs\"\n", &["src/main.rs"], &["bin z src/main.rs"]),
        ("[[bin]]\nname = \"my-p\"\npath = \"x.rs\"\n", &["src/main.rs", "x.rs"], &["bin my-p x.rs"]),
        (
            "[[bin]]\nname = \"z\"\npath = \"x.rs\"\n",
            &["src/main.rs", "x.rs"],
            &["bin z x.rs", "bin my-p src/main.rs"],
        ),
        ("[[test]]\nname = \"t\"\n", &["tests/t/main.rs"], &["test t tests/t/main.rs"]),
        ("[[bench]]\nname = \"t\"\npath = \"../t.rs\"\n", &[], &["missing ../t.rs"]),
    ] {
        assert_eq!(targets(&format!("{PACKAGE}{more}"), files), expected, "{more}");
    }
    let old = "[package]\nname = \"p\"\n[[bin]]\nname = \"z\"\npath = \"x.rs\"\n";
    assert_eq!(targets(old, &["src/main.rs", "x.rs"]), ["bin z x.rs"], "in 2015 a list was all of them");
    let old = "[package]\nname = \"p\"\n[lib]\nname = \"q\"\n";
    assert_eq!(targets(old, &["src/q.rs"]), ["lib q src/q.rs"]);
}

#[test]
fn what_is_no_package_is_none() {
    for text in ["[workspace]\n", "[package]\n", "name = ", "[package]\nname = 1\n", "package = 1\n"] {
        assert_eq!(with_project(&[("Cargo.toml", text)], |project, _| project.packages.len()), 0, "{text}");
    }
}

/// Packages below one workspace that Cargo builds, by directory.
fn built(manifests: &[(&str, &str)]) -> Vec<String> {
    with_project(manifests, |project, _| {
        let built = project.packages.iter().filter(|package| package.is_built);
        built.map(|package| package.dir().to_owned()).collect()
    })
}

#[test]
fn members_are_built_and_what_they_depend_on() {
    let package = |more: &str| format!("[package]\nname = \"x\"\n{more}");
    let (plain, on_c, inherited) = (
        package(""),
        package("[dependencies]\nc = { path = \"../../c\" }\n"),
        package("[target.'cfg(unix)'.build-dependencies]\nd = { workspace = true }\n"),
    );
    let alone = package("[workspace]\n");
    assert_eq!(
        built(&[
            (
                "Cargo.toml",
                "[workspace]\nmembers = [\"crates/*\", \"./e\", \"f/keep\"]\nexclude = [\"crates/out\", \"f\"]\n\
                 default-members = [\"e\"]\n[workspace.dependencies]\nd = { path = \"d\" }\n"
            ),
            ("c/Cargo.toml", &plain),
            ("c/data/Cargo.toml", &plain),
            ("crates/a/Cargo.toml", &on_c),
            ("crates/a/deep/Cargo.toml", &plain),
            ("crates/b/Cargo.toml", &inherited),
            ("d/Cargo.toml", &plain),
            ("e/Cargo.toml", &plain),
            ("f/keep/Cargo.toml", &plain),
            ("f/out/Cargo.toml", &plain),
            ("g/Cargo.toml", &plain),
            ("h/Cargo.toml", &alone),
        ]),
        // `f/out` is excluded and so stands alone; `g`, `c/data` and `crates/a/deep` belong nowhere.
        ["c", "crates/a", "crates/b", "d", "e", "f/keep", "f/out", "h"]
    );
}

#[test]
fn the_edition_may_be_the_workspaces() {
    let manifests = [
        ("Cargo.toml", "[workspace]\nmembers = [\"a\", \"b\"]\n[workspace.package]\nedition = \"2021\"\n"),
        ("a/Cargo.toml", "[package]\nname = \"a\"\nedition.workspace = true\n"),
        ("b/Cargo.toml", "[package]\nname = \"b\"\n"),
    ];
    let editions: Vec<u16> =
        with_project(&manifests, |project, _| project.packages.iter().map(|p| p.edition).collect());
    assert_eq!(editions, [2021, 2015]);
}

#[test]
fn modules_lie_where_rustc_looks() {
    for (lib, more, expected) in [
        (
            "mod a; mod b;",
            &[("src/a.rs", ""), ("src/b/mod.rs", ""), ("src/c.rs", "")][..],
            &["src/a.rs", "src/b/mod.rs"][..],
        ),
        // A file owns the directory of its name, `mod.rs` its own.
        (
            "mod a;",
            &[("src/a.rs", "mod x;"), ("src/x.rs", ""), ("src/a/x.rs", "")],
            &["src/a.rs", "src/a/x.rs"],
        ),
        (
            "mod a;",
            &[("src/a/mod.rs", "mod x;"), ("src/a/x.rs", ""), ("src/a/a/x.rs", "")],
            &["src/a/mod.rs", "src/a/x.rs"],
        ),
        (
            "mod a { pub mod b; mod c { mod d; } }",
            &[("src/a/b.rs", ""), ("src/a/c/d.rs", "")],
            &["src/a/b.rs", "src/a/c/d.rs"],
        ),
        ("mod a;", &[("src/a.rs", "mod b { mod c; }"), ("src/a/b/c.rs", "")], &["src/a.rs", "src/a/b/c.rs"]),
        ("mod r#async;", &[("src/async.rs", "")], &["src/async.rs"]),
        (
            "pub(crate) mod a; pub(in crate::x) mod b; unsafe mod c;",
            &[("src/a.rs", ""), ("src/b.rs", ""), ("src/c.rs", "")],
            &["src/a.rs", "src/b.rs", "src/c.rs"],
        ),
        // `#[path]`: relative to the file's directory; its file owns its directory.
        (
            "#[path = \"x/y.rs\"] mod a;",
            &[("src/x/y.rs", "mod z;"), ("src/x/z.rs", ""), ("src/a.rs", "")],
            &["src/x/y.rs", "src/x/z.rs"],
        ),
        (
            "mod a;",
            &[("src/a.rs", "#[path = \"b.rs\"] mod c;"), ("src/b.rs", ""), ("src/a/b.rs", "")],
            &["src/a.rs", "src/b.rs"],
        ),
        (
            "mod a;",
            &[
                ("src/a.rs", "mod in_ { #[path = \"b.rs\"] mod c; }"),
                ("src/a/in_/b.rs", ""),
                ("src/b.rs", ""),
            ],
            &["src/a.rs", "src/a/in_/b.rs"],
        ),
        ("#[path = \"x\"] mod a { mod b; }", &[("src/x/b.rs", ""), ("src/a/b.rs", "")], &["src/x/b.rs"]),
        ("#[path = \"../t/a.rs\"] mod a;", &[("t/a.rs", "")], &["t/a.rs"]),
        ("#[path = r#\"x.rs\"#] #[doc = \"y\"] /// z\npub(crate) mod a;", &[("src/x.rs", "")], &["src/x.rs"]),
        // Under a condition both.
        (
            "#[cfg_attr(windows, path = \"w.rs\")] mod a;",
            &[("src/w.rs", ""), ("src/a.rs", "")],
            &["src/a.rs", "src/w.rs"],
        ),
        ("#[cfg_attr(x, allow(y), cfg_attr(z, path = \"w.rs\"))] mod a;", &[("src/w.rs", "")], &["src/w.rs"]),
        (
            "#[cfg(a)] mod a; #[cfg(not(a))] #[path = \"b.rs\"] mod a;",
            &[("src/a.rs", ""), ("src/b.rs", "")],
            &["src/a.rs", "src/b.rs"],
        ),
        // In macros.
        (
            "cfg_rt! { mod a; cfg_b! { pub mod b { mod c; } } }",
            &[("src/a.rs", ""), ("src/b/c.rs", "")],
            &["src/a.rs", "src/b/c.rs"],
        ),
        (
            "cfg_if::cfg_if! { if #[cfg(unix)] { mod a; } else { #[path = \"c.rs\"] mod b; } }",
            &[("src/a.rs", ""), ("src/c.rs", "")],
            &["src/a.rs", "src/c.rs"],
        ),
        (
            "cfg_select! { unix => { mod a; } _ => { mod b; } }",
            &[("src/a.rs", ""), ("src/b.rs", "")],
            &["src/a.rs", "src/b.rs"],
        ),
        // What is included owns its directory; what is a text is followed no further.
        (
            "include!(\"g/x.rs\");",
            &[("src/g/x.rs", "mod y;"), ("src/g/y.rs", "")],
            &["src/g/x.rs", "src/g/y.rs"],
        ),
        ("const X: &str = include_str!(\"x.rs\");", &[("src/x.rs", "mod y;"), ("src/y.rs", "")], &[]),
        ("include!(concat!(env!(\"OUT_DIR\"), \"/x.rs\"));", &[("src/x.rs", "")], &[]),
        // No modules.
        ("// mod a;\nconst X: &str = \"mod a;\"; /* mod a; */", &[("src/a.rs", "")], &[]),
        ("#!/usr/bin/env run\n#![allow(x)]\nmod a;", &[("src/a.rs", "")], &["src/a.rs"]),
        ("\u{feff}mod a;", &[("src/a.rs", "")], &["src/a.rs"]),
        // A circle ends.
        ("#[path = \"lib.rs\"] mod a;", &[], &[]),
        // Links.
        (
            "mod a; mod b;",
            &[
                ("src/a.rs", "->s/a.rs"),
                ("s/a.rs", "mod x;"),
                ("src/a/x.rs", ""),
                ("src/b", "->s/b"),
                ("s/b/mod.rs", "mod c;"),
                ("s/b/c.rs", ""),
            ],
            &["s/a.rs", "s/b/c.rs", "s/b/mod.rs", "src/a/x.rs"],
        ),
    ] {
        let mut texts = vec![("src/lib.rs", lib)];
        texts.extend(more);
        let mut expected: Vec<&str> = expected.to_vec();
        expected.push("src/lib.rs");
        expected.sort_unstable();
        assert_eq!(reached(&texts), expected, "{lib}");
    }
}

#[test]
fn an_orphan_is_below_src_of_a_package_that_is_built() {
    let package = ("Cargo.toml", PACKAGE);
    for (texts, expected) in [
        (&[package, ("src/lib.rs", "mod a;"), ("src/a.rs", ""), ("src/b.rs", "")][..], &["src/b.rs"][..]),
        (&[package, ("src/lib.rs", ""), ("b.rs", ""), ("tests/c/mod.rs", "")], &[]),
        // Another target of the package, or of another one, may reach it.
        (
            &[
                package,
                ("src/lib.rs", ""),
                ("src/b.rs", ""),
                ("tests/t.rs", "#[path = \"../src/b.rs\"] mod b;"),
            ],
            &[],
        ),
        (&[package, ("src/lib.rs", "#[doc = include_str!(\"b.rs\")] fn f() {}"), ("src/b.rs", "")], &[]),
        // A package within belongs to itself; one that no workspace has is data.
        (&[package, ("src/lib.rs", ""), ("src/in/Cargo.toml", PACKAGE), ("src/in/b.rs", "")], &[]),
        (
            &[
                ("Cargo.toml", "[workspace]\n"),
                ("data/Cargo.toml", PACKAGE),
                ("data/src/lib.rs", ""),
                ("data/src/b.rs", ""),
            ],
            &[],
        ),
        // Nothing is known.
        (&[package, ("src/b.rs", "")], &[]),
        (
            &[
                ("Cargo.toml", "[package]\nname = \"p\"\n[lib]\npath = \"gen.rs\"\n"),
                ("src/main.rs", ""),
                ("src/b.rs", ""),
            ],
            &[],
        ),
        (&[package, ("src/lib.rs", "mod a;"), ("src/a/b.rs", ""), ("src/c.rs", "")], &["src/c.rs"]),
        (
            &[package, ("src/lib.rs", "mod a;"), ("src/a.rs", "fn {"), ("src/a/b.rs", ""), ("src/c.rs", "")],
            &["src/c.rs"],
        ),
        (&[package, ("src/lib.rs", "}"), ("src/a.rs", "")], &[]),
        (
            &[
                package,
                ("src/lib.rs", "macro_rules! m { ($($n:ident)*) => { $(mod $n;)* } } m!(a b);"),
                ("src/a.rs", ""),
            ],
            &[],
        ),
        // What a macro declares lies where it is called.
        (
            &[
                package,
                ("src/lib.rs", "#[macro_use] mod m; all!();"),
                ("src/m.rs", "macro_rules! all { () => { mod a; } }"),
                ("src/a.rs", ""),
            ],
            &[],
        ),
    ] {
        assert_eq!(orphaned(texts), expected, "{texts:?}");
    }
}

#[test]
fn an_orphan_is_told_where_it_would_be_declared() {
    let declare = |line: &str, parent: &str, standing| Remedy::Declare {
        line: line.to_owned(),
        parent: parent.to_owned(),
        standing,
    };
    let target = |table, name: Option<&str>, path: &str| Remedy::Target {
        table,
        name: name.map(str::to_owned),
        path: path.to_owned(),
    };
    let off = format!("{PACKAGE}autobins = false\nautolib = false\n[[bin]]\nname = \"z\"\npath = \"z.rs\"\n");
    for (manifest, lib, path, expected) in [
        (PACKAGE, "mod a;", "src/b.rs", declare("mod b;", "src/lib.rs", Standing::Reached)),
        (PACKAGE, "mod a;", "src/b/mod.rs", declare("mod b;", "src/lib.rs", Standing::Reached)),
        (PACKAGE, "mod a;", "src/a/b.rs", declare("mod b;", "src/a.rs", Standing::Reached)),
        (
            PACKAGE,
            "mod a;",
            "src/a/b-c.rs",
            declare("#[path = \"b-c.rs\"] mod b_c;", "src/a.rs", Standing::Reached),
        ),
        (PACKAGE, "", "src/a/b.rs", declare("mod b;", "src/a.rs", Standing::Orphan)),
        (PACKAGE, "mod a;", "src/q/b.rs", declare("mod b;", "src/q.rs", Standing::Missing)),
        (off.as_str(), "mod a;", "src/lib.rs", target("lib", None, "src/lib.rs")),
        (off.as_str(), "mod a;", "src/main.rs", target("bin", Some("my-p"), "src/main.rs")),
        (off.as_str(), "mod a;", "src/bin/k/main.rs", target("bin", Some("k"), "src/bin/k/main.rs")),
        (off.as_str(), "mod a;", "src/x.rs", declare("mod x;", "z.rs", Standing::Reached)),
    ] {
        let texts =
            [("Cargo.toml", manifest), ("z.rs", ""), ("src/a.rs", ""), ("src/lib.rs", lib), (path, "")];
        let lib_first = if path == "src/lib.rs" { &texts[..3] } else { &texts[..4] };
        let mut texts = lib_first.to_vec();
        texts.push((path, ""));
        with_project(&texts, |project, files| {
            let all = orphans(project, files);
            let found = all.iter().find(|orphan| orphan.path.as_str() == path);
            assert_eq!(found.map(|orphan| &orphan.remedy), Some(&expected), "{path}");
        });
    }
}

#[test]
fn any_text_is_survived() {
    let deep = |open: &str, n: usize, close: &str| open.repeat(n) + &close.repeat(n);
    let problem = |text: &str| extract::extract(text).problem.is_some();
    assert!(!problem(&deep("{", 200, "}")));
    assert!(problem(&deep("{", 100_000, "}")));
    assert!(problem(&"(".repeat(100_000)));
    assert!(problem("\""));
    assert!(problem(&"/*".repeat(50_000)));
    assert!(!problem(&format!("#[path = {}] mod a;", deep("(", 150, ")"))));
    for text in [
        "mod",
        "mod ;",
        "mod a",
        "#[path] mod a;",
        "#[path = 1] mod a;",
        "#",
        "#!",
        "#![",
        "include!",
        "mod $",
        "\0",
        "#[cfg_attr] mod a;",
        "pub",
    ] {
        let _ = extract::extract(text);
    }
}

/// `path:line target outcome` of all that the package `p` imports and names.
fn named(texts: &[(&str, &str)]) -> Vec<String> {
    listed(texts, |units, unit, import, named| {
        let door = named.door.map_or("nowhere", |door| units.modules[door as usize].name.as_str());
        format!("{}:{} {} {:?} by {door}", unit.path, import.line, named.target, named.outcome)
    })
}

/// All that the package `p` imports and names, as `show` shows it.
fn listed(texts: &[(&str, &str)], show: impl Fn(&Units, &Unit, &Import, &Named) -> String) -> Vec<String> {
    let listed: Vec<(RelPath, &str)> =
        texts.iter().map(|(path, text)| (RelPath::new(*path), *text)).collect();
    let manifest = RelPath::new("Cargo.toml");
    let manifests =
        [(&manifest, "[package]\nname = \"p\"\nedition = \"2024\"\n[dependencies]\nserde = \"1\"\n")];
    let files: Vec<RelPath> = listed.iter().map(|(path, _)| path.clone()).collect();
    let read = |path: &RelPath| {
        listed.iter().find(|(known, _)| known == path).map(|(_, text)| ((*text).to_owned(), 0))
    };
    let (_, units) =
        project(&Listing { manifests: &manifests, files: &files, read: &read, ..Listing::default() });
    let shown = units.units.iter().flat_map(|unit| {
        unit.facts.imports.iter().zip(&unit.named).map(|(import, named)| show(&units, unit, import, named))
    });
    shown.collect()
}

/// The module that names a crate is no door to it: else a project would be governed by rules about itself wherever it
/// uses the standard library.
#[test]
fn what_lies_outside_the_tree_is_external_however_it_is_named() {
    let library = "\
mod a;
pub use std::fs;
";
    let a = "\
use serde::de::*;
use std::path::Path;
use crate::fs as disk;
fn f() -> std::io::Result<()> {
    println!(\"{:?}\", ::std::env::var(\"HOME\"));
    disk::read(\"x\");
    Path::new(\"x\");
}
";
    assert_eq!(
        named(&[("src/a.rs", a), ("src/lib.rs", library)]),
        [
            "src/a.rs:1 serde::de::* External by nowhere",
            "src/a.rs:2 std::path::Path External by nowhere",
            // What a module of the tree re-exports came through that module.
            "src/a.rs:3 p::fs Name by p",
            "src/a.rs:4 std::io::Result External by nowhere",
            "src/a.rs:5 std::env::var External by nowhere",
            "src/a.rs:6 p::fs::read Name by p",
            "src/lib.rs:2 std::fs External by nowhere",
        ]
    );
}

/// An `extern crate` at the root names its crate in all modules of the target.
#[test]
fn extern_crate_at_the_root_names_a_crate_everywhere() {
    let library = "\
extern crate self as me;
extern crate serde as sd;
mod a;
pub mod x;
";
    let a = "\
use me::x::S;
use sd::de;
mod b {
    extern crate serde as inner;
    pub fn f() { ::me::x::g(); me::x::g(); sd::ser::h(); inner::i(); }
}
fn f() { inner::i(); }
";
    assert_eq!(
        named(&[("src/a.rs", a), ("src/lib.rs", library), ("src/x.rs", "pub struct S;\npub fn g() {}\n")]),
        [
            "src/a.rs:1 p::x::S Name by p::x",
            "src/a.rs:2 serde::de External by nowhere",
            "src/a.rs:4 serde External by nowhere",
            "src/a.rs:5 p::x::g Name by p::x",
            "src/a.rs:5 p::x::g Name by p::x",
            "src/a.rs:5 serde::ser::h External by nowhere",
            "src/a.rs:5 serde::i External by nowhere",
            "src/lib.rs:1 p Module by p",
            "src/lib.rs:2 serde External by nowhere",
        ]
    );
}

/// What re-exports the path of a re-export has re-exported the name too: a rule that permits that door ends there.
#[test]
fn re_exports_on_the_path_of_a_re_export_are_passed_through() {
    let texts = [
        ("src/a.rs", "pub mod x { pub struct S; pub struct T; }\n"),
        ("src/b.rs", "pub use crate::a::x;\n"),
        ("src/b2.rs", "pub use crate::b;\n"),
        ("src/c.rs", "use crate::b::x;\npub use x::S;\npub use crate::b2::b::x::T;\n"),
        ("src/d.rs", "use crate::c::S;\nuse crate::c::T;\nfn f() { T::new(); }\n"),
        ("src/e.rs", "use crate::b2::b;\nfn f() { b::x::S::new(); }\n"),
        ("src/g.rs", "use crate::b2::b::x;\nfn f() { x::S::new(); }\n"),
        ("src/h.rs", "use crate::b2::b::*;\nfn f() { x::S::new(); }\n"),
        ("src/lib.rs", "mod a;\nmod b;\nmod b2;\nmod c;\nmod d;\nmod e;\nmod g;\nmod h;\n"),
    ];
    let shown = listed(&texts, |units, unit, import, named| {
        let through = named.through.iter().map(|module| units.modules[*module as usize].name.as_str());
        format!("{}:{} {}: {}", unit.path, import.line, named.target, through.collect::<Vec<_>>().join(" "))
    });
    assert_eq!(
        shown,
        [
            "src/b.rs:1 p::a::x: ",
            "src/b2.rs:1 p::b: ",
            "src/c.rs:1 p::b::x: p::b",
            "src/c.rs:2 p::b::x::S: p::b",
            "src/c.rs:3 p::b2::b::x::T: p::b2 p::b",
            "src/d.rs:1 p::c::S: p::c p::b",
            "src/d.rs:2 p::c::T: p::c p::b2 p::b",
            "src/e.rs:1 p::b2::b: p::b2",
            "src/e.rs:2 p::b2::b::x::S: p::b2 p::b",
            "src/g.rs:1 p::b2::b::x: p::b2 p::b",
            "src/g.rs:2 p::b2::b::x::S: p::b2 p::b",
            "src/h.rs:1 p::b2::b::*: p::b2",
            "src/h.rs:2 p::b2::b::x::S: p::b2 p::b",
        ]
    );
}

/// A macro makes it, and an import by name shows it: that import cannot be told, and so neither can what goes through it.
#[test]
fn what_an_import_brings_that_cannot_be_told_is_not_missing() {
    let texts = [
        ("src/a.rs", "make!(Made);\n"),
        ("src/b.rs", "pub use crate::a::Made;\n"),
        ("src/c.rs", "use crate::b::Made;\nuse crate::b::Gone;\nfn f() { crate::b::Made::new(); }\n"),
        ("src/lib.rs", "mod a;\nmod b;\nmod c;\n"),
    ];
    assert_eq!(
        named(&texts),
        [
            "src/b.rs:1 p::a::Made Unknown by p::a",
            "src/c.rs:1 p::b::Made Unknown by p::b",
            "src/c.rs:2 p::b::Gone Missing(false) by p::b",
            "src/c.rs:3 p::b::Made::new Unknown by p::b",
        ]
    );
}
