//! What manifests say of dependencies, as tables of small trees, none of them on a disk.

use super::*;
use crate::source::RelPath;

/// The packages of a tree of texts by path; what is no Cargo.toml is a file.
fn of(texts: &[(&str, &str)]) -> Vec<Package> {
    of_chosen(texts, None)
}

fn of_chosen(texts: &[(&str, &str)], chosen: Option<&[&str]>) -> Vec<Package> {
    let (manifests, files): (Vec<_>, Vec<_>) =
        texts.iter().copied().partition(|(path, _)| path.rsplit('/').next() == Some("Cargo.toml"));
    let manifests: Vec<(RelPath, &str)> =
        manifests.into_iter().map(|(path, text)| (RelPath::new(path), text)).collect();
    let manifests: Vec<(&RelPath, &str)> = manifests.iter().map(|(path, text)| (path, *text)).collect();
    let files = Files::new(files.iter().map(|(path, _)| *path), &[]);
    let chosen: Option<Vec<RelPath>> =
        chosen.map(|paths| paths.iter().map(|path| RelPath::new(*path)).collect());
    packages(&manifests, &files, chosen.as_deref())
}

/// `when name package`, and what else there is to say, of every dependency of the first package.
fn dependencies(texts: &[(&str, &str)]) -> Vec<String> {
    let packages = of(texts);
    let shown = packages[0].dependencies.iter().map(|dependency| {
        let mut words = vec![
            match dependency.when {
                DependencyKind::Normal => "normal",
                DependencyKind::Dev => "dev",
                DependencyKind::Build => "build",
            }
            .to_owned(),
            dependency.name.clone(),
            dependency.package.clone(),
        ];
        words.extend(dependency.member.map(|at| format!("= {}", packages[at].dir())));
        words.extend(dependency.cfg.as_ref().map(|cfg| format!("[{cfg}]")));
        words.extend(dependency.optional.then(|| "optional".to_owned()));
        words.join(" ")
    });
    shown.collect()
}

/// A library in the directory of its name.
const MY_LIB: [(&str, &str); 2] =
    [("my-lib/Cargo.toml", "[package]\nname = \"my-lib\"\n"), ("my-lib/src/lib.rs", "")];

/// The dependencies of a package `a`, beside [`MY_LIB`], in a workspace whose manifest goes on so.
fn in_workspace(workspace: &str, dependencies_of_a: &str) -> Vec<String> {
    let root = format!("[workspace]\nmembers = [\"*\"]\n{workspace}");
    let a = format!("[package]\nname = \"a\"\n{dependencies_of_a}");
    let mut texts = vec![("a/Cargo.toml", a.as_str()), ("a/src/lib.rs", ""), ("Cargo.toml", root.as_str())];
    texts.extend(MY_LIB);
    dependencies(&texts)
}

#[test]
fn dependencies_are_those_of_every_table_in_the_order_of_the_text() {
    let text = "[dependencies]\nserde = \"1\"\naho-corasick = { version = \"1\", optional = true }\n\
                [dev_dependencies]\nold = \"1\"\n\
                [target.'cfg(unix)'.dependencies]\nlibc = \"0.2\"\n\
                [build-dependencies.cc]\nversion = \"1\"\n\
                [target.x86_64-pc-windows-gnu.dev-dependencies]\nw = { git = \"https://x.org/w\", package = \"w-real\" }\n\
                [target.\"cfg(any())\".dependencies.log]\nversion = \"1\"\n\
                [dependencies.last]\nversion = \"1\"\n";
    assert_eq!(
        in_workspace("", text),
        [
            "normal serde serde",
            "normal aho_corasick aho-corasick optional",
            "dev old old",
            "normal libc libc [cfg(unix)]",
            "build cc cc",
            "dev w w-real [x86_64-pc-windows-gnu]",
            "normal log log [cfg(any())]",
            "normal last last",
        ]
    );
}

#[test]
fn of_an_older_and_a_newer_table_the_newer_counts() {
    let text = "[dev_dependencies]\nold = \"1\"\n[dev-dependencies]\nnew = \"1\"\n";
    assert_eq!(in_workspace("", text), ["dev new new"]);
}

#[test]
fn a_dependency_by_path_is_a_member() {
    for (workspace, text, expected) in [
        ("", "my-lib = { path = \"../my-lib\" }", "normal my_lib my-lib = my-lib"),
        ("", "my-lib = { path = \"./../my-lib/\", version = \"9\" }", "normal my_lib my-lib = my-lib"),
        ("", "x-y = { path = \"../my-lib\", package = \"my-lib\" }", "normal x_y my-lib = my-lib"),
        // By version alone it is that of crates.io.
        ("", "my-lib = \"1\"", "normal my_lib my-lib"),
        ("", "my-lib = { path = \"../gone\" }", "normal my_lib my-lib"),
        ("", "my-lib = { path = \"../../../my-lib\" }", "normal my_lib my-lib"),
        // From the workspace, whose paths start at its root.
        (
            "[workspace.dependencies]\nmy-lib = { path = \"my-lib\" }\n",
            "my-lib = { workspace = true, optional = true }",
            "normal my_lib my-lib = my-lib optional",
        ),
        (
            "[workspace.dependencies]\nz = { path = \"my-lib\", package = \"my-lib\" }\n",
            "z.workspace = true",
            "normal z my-lib = my-lib",
        ),
        ("[workspace.dependencies]\nmy-lib = \"1\"\n", "my-lib.workspace = true", "normal my_lib my-lib"),
        ("", "my-lib.workspace = true", "normal my_lib my-lib"),
    ] {
        assert_eq!(
            in_workspace(workspace, &format!("[dependencies]\n{text}\n")),
            [expected],
            "{workspace}{text}"
        );
    }
}

#[test]
fn what_is_patched_with_a_path_is_a_member() {
    let path = "{ path = \"my-lib\" }";
    for (workspace, text, expected) in [
        (format!("[patch.crates-io]\nmy-lib = {path}\n"), "my-lib = \"1\"", "normal my_lib my-lib = my-lib"),
        (
            format!("[patch.crates-io]\nmy-lib = {path}\n"),
            "other = { version = \"1\", package = \"my-lib\" }",
            "normal other my-lib = my-lib",
        ),
        (
            "[patch.crates-io]\nx = { path = \"my-lib\", package = \"my-lib\" }\n".to_owned(),
            "my-lib = \"1\"",
            "normal my_lib my-lib = my-lib",
        ),
        (
            format!("[patch.\"https://github.com/rust-lang/crates.io-index\"]\nmy-lib = {path}\n"),
            "my-lib = \"1\"",
            "normal my_lib my-lib = my-lib",
        ),
        (
            format!("[patch.\"https://x.org/r\"]\nmy-lib = {path}\n"),
            "my-lib = { git = \"https://x.org/r.git\" }",
            "normal my_lib my-lib = my-lib",
        ),
        (
            format!("[patch.ours]\nmy-lib = {path}\n"),
            "my-lib = { version = \"1\", registry = \"ours\" }",
            "normal my_lib my-lib = my-lib",
        ),
        (
            format!("[replace]\n\"my-lib:1.0.0\" = {path}\n"),
            "my-lib = \"1\"",
            "normal my_lib my-lib = my-lib",
        ),
        (
            format!("[replace]\n\"https://x.org/r#my-lib@1.0.0\" = {path}\n"),
            "my-lib = \"1\"",
            "normal my_lib my-lib = my-lib",
        ),
        // Another source, another package.
        (format!("[patch.crates-io]\nmy-lib = {path}\n"), "my-lib = { git = \"u\" }", "normal my_lib my-lib"),
        (format!("[patch.\"u\"]\nmy-lib = {path}\n"), "my-lib = \"1\"", "normal my_lib my-lib"),
        (format!("[patch.crates-io]\nmy-libs = {path}\n"), "my-lib = \"1\"", "normal my_lib my-lib"),
        (
            "[patch.crates-io]\nmy-lib = { git = \"u\" }\n".to_owned(),
            "my-lib = \"1\"",
            "normal my_lib my-lib",
        ),
    ] {
        assert_eq!(
            in_workspace(&workspace, &format!("[dependencies]\n{text}\n")),
            [expected],
            "{workspace}{text}"
        );
    }
}

#[test]
fn only_the_root_patches() {
    let patch = "[patch.crates-io]\nmy-lib = { path = \"../my-lib\" }\n";
    let text = format!("[dependencies]\nmy-lib = \"1\"\n{patch}");
    assert_eq!(in_workspace("", &text), ["normal my_lib my-lib"]);
    let alone = format!("[package]\nname = \"a\"\n{text}");
    let mut texts = vec![("a/Cargo.toml", alone.as_str())];
    texts.extend(MY_LIB);
    assert_eq!(dependencies(&texts), ["normal my_lib my-lib = my-lib"]);
}

#[test]
fn a_member_is_called_as_its_library_is() {
    for (lib, expected) in [
        ("[lib]\nname = \"other\"\n", Some("other")),
        ("[lib]\nname = \"with-dash\"\n", Some("with_dash")),
        ("", Some("b_b")),
        // Without a library there is nothing to import.
        ("[lib]\npath = \"gone.rs\"\n", None),
    ] {
        let b = format!("[package]\nname = \"b-b\"\n{lib}");
        let packages = of(&[
            (
                "a/Cargo.toml",
                "[package]\nname = \"a\"\n[dependencies]\nb-b = { path = \"../b\" }\n\
                 [dev-dependencies]\nb-c = { path = \"../b\", package = \"b-b\" }\n",
            ),
            ("b/Cargo.toml", &b),
            ("b/src/lib.rs", ""),
        ]);
        let named: Vec<_> = packages[0].dependencies.iter().map(|d| (d.name.as_str(), d.member)).collect();
        let member = expected.map(|_| 1);
        assert_eq!(named, [(expected.unwrap_or("b_b"), member), ("b_c", member)], "{lib}");
    }
}

#[test]
fn a_dependency_stands_at_its_key() {
    for (text, shown, line) in [
        ("[dependencies]\nfoo = \"1\"\n", "foo", 5),
        ("[dependencies]\n\"foo\" = \"1\"\n", "\"foo\"", 5),
        ("[dependencies]\n\n  foo.workspace = true\n", "foo", 6),
        ("[dependencies.foo]\npath = \"x\"\n", "foo", 4),
        ("[target.'cfg(unix)'.dependencies . foo]\nversion = \"1\"\n", "foo", 4),
        ("[dependencies]\nfoo.version = \"1\"\nfoo.optional = true\n", "foo", 5),
        ("dependencies.foo = \"1\"\n", "foo", 4),
        ("target.'cfg(unix)'.dependencies = { foo = \"1\" }\n", "foo", 4),
    ] {
        for start in ["\n\n\n", "\u{feff}\n\n\n"] {
            let text = format!("{start}{text}[package]\nname = \"p\"\n");
            let packages = of(&[("Cargo.toml", &text)]);
            let [dependency] = packages[0].dependencies.as_slice() else { panic!("{text}") };
            let (start, end) = (dependency.span.start as usize, dependency.span.end as usize);
            assert_eq!((&text[start..end], dependency.line), (shown, line), "{text}");
        }
    }
}

#[test]
fn a_library_may_be_of_procedural_macros() {
    for (text, expected) in [
        ("[lib]\nproc-macro = true\n", true),
        ("[lib]\nproc_macro = true\n", true),
        ("[lib]\ncrate-type = [\"proc-macro\"]\n", true),
        ("[lib]\ncrate-type = [\"cdylib\", \"rlib\"]\n", false),
        ("[lib]\nproc-macro = false\n", false),
        ("", false),
    ] {
        let text = format!("[package]\nname = \"p\"\n{text}");
        let packages = of(&[("Cargo.toml", &text), ("src/lib.rs", ""), ("src/main.rs", "")]);
        let found: Vec<_> = packages[0].targets.iter().map(|t| (t.kind, t.proc_macro)).collect();
        assert_eq!(found, [(TargetKind::Lib, expected), (TargetKind::Bin, false)], "{text}");
    }
}

#[test]
fn code_writes_no_dashes() {
    let packages =
        of(&[("Cargo.toml", "[package]\nname = \"my-p\"\n"), ("src/lib.rs", ""), ("src/bin/a-b.rs", "")]);
    let names: Vec<String> = packages[0].targets.iter().map(Target::crate_name).collect();
    assert_eq!(names, ["my_p", "a_b"]);
    assert_eq!(packages[0].library().map(|library| library.root.as_str()), Some("src/lib.rs"));
    let packages = of(&[("Cargo.toml", "[package]\nname = \"p\"\n"), ("src/main.rs", "")]);
    assert_eq!(packages[0].library(), None);
}

/// Three packages: `p` with a target of each kind, and two that it may depend on.
fn externs_of(kind: TargetKind, dependencies: &str) -> Vec<String> {
    let p = format!("[package]\nname = \"my-p\"\nedition = \"2024\"\n{dependencies}");
    let packages = of(&[
        ("Cargo.toml", &p),
        ("b/Cargo.toml", "[package]\nname = \"b\"\n"),
        ("b/src/lib.rs", ""),
        ("c/Cargo.toml", "[package]\nname = \"c\"\n"),
        ("c/src/lib.rs", ""),
        ("build.rs", ""),
        ("src/lib.rs", ""),
        ("src/main.rs", ""),
        ("tests/t.rs", ""),
        ("examples/e.rs", ""),
        ("benches/b.rs", ""),
    ]);
    let target = packages[0].targets.iter().find(|target| target.kind == kind).unwrap();
    let shown = externs(&packages, 0, target).into_iter().map(|(name, found)| match found {
        Extern::Member(at) => format!("{name} = {}", packages[at].name),
        Extern::External => name.to_owned(),
    });
    shown.collect()
}

#[test]
fn a_target_sees_what_cargo_hands_it() {
    let text = "[build-dependencies]\ncc = \"1\"\nb = { path = \"b\" }\n\
                [dev-dependencies]\nproptest = \"1\"\nmy-p = { path = \".\" }\n\
                [dependencies]\nb = { path = \"b\" }\naho-corasick = \"1\"\n";
    let library = ["b = b", "aho_corasick", "proptest", "my_p = my-p"].as_slice();
    let others = ["my_p = my-p", "b = b", "aho_corasick", "proptest"].as_slice();
    for (kind, expected) in [
        (TargetKind::Lib, library),
        (TargetKind::Bin, others),
        (TargetKind::Test, others),
        (TargetKind::Example, others),
        (TargetKind::Bench, others),
        (TargetKind::Build, &["cc", "b = b"]),
    ] {
        assert_eq!(externs_of(kind, text), expected, "{kind:?}");
    }
}

#[test]
fn of_several_dependencies_by_one_name_the_first_member_wins() {
    let text = "[target.'cfg(unix)'.dependencies]\nx = { package = \"outside\", version = \"1\" }\n\
                [target.'cfg(windows)'.dependencies]\nx = { package = \"b\", path = \"b\" }\n\
                [target.'cfg(wasm)'.dependencies]\nx = { package = \"c\", path = \"c\" }\n";
    assert_eq!(externs_of(TargetKind::Lib, text), ["x = b"]);
}

#[test]
fn chosen_manifests_are_all_that_count() {
    let package = |name: &str, more: &str| format!("[package]\nname = \"{name}\"\n{more}");
    let (a, b, c, d) = (
        package("a", "[dependencies]\nd = { path = \"../../d\" }\n"),
        package("b", ""),
        package("c", ""),
        package("d", ""),
    );
    let texts = [
        ("one/Cargo.toml", "[workspace]\nmembers = [\"a\", \"b\"]\n"),
        ("one/a/Cargo.toml", a.as_str()),
        ("one/a/src/lib.rs", ""),
        ("one/b/Cargo.toml", b.as_str()),
        ("one/b/src/lib.rs", ""),
        ("one/c/Cargo.toml", c.as_str()),
        ("one/c/src/lib.rs", ""),
        ("d/Cargo.toml", d.as_str()),
        ("d/src/lib.rs", ""),
        ("e/Cargo.toml", "[package]\nname = \"e\"\n[lib]\npath = \"gone.rs\"\n"),
    ];
    for (chosen, expected) in [
        (None, "a b d e"),
        (Some(&["one/Cargo.toml"][..]), "a b d"),
        (Some(&["one/a/Cargo.toml"]), "a d"),
        (Some(&["one/b/Cargo.toml", "e/Cargo.toml"]), "b e"),
        // Whoever names it wants it.
        (Some(&["one/c/Cargo.toml"]), "c"),
        (Some(&["gone/Cargo.toml"]), ""),
        (Some(&["one/a"]), ""),
        (Some(&[]), ""),
    ] {
        let packages = of_chosen(&texts, chosen);
        assert_eq!(packages.len(), 5, "their places do not depend on it");
        let built: Vec<&str> =
            packages.iter().filter(|package| package.is_built).map(|package| package.name.as_str()).collect();
        assert_eq!(built.join(" "), expected, "{chosen:?}");
        if chosen.is_some() {
            let bears = |package: &&Package| !package.targets.is_empty() || !package.missing.is_empty();
            let bearing: Vec<&str> = packages.iter().filter(bears).map(|p| p.name.as_str()).collect();
            assert_eq!(bearing.join(" "), expected, "{chosen:?}");
        }
    }
}

#[test]
fn what_cannot_be_understood_is_passed_over() {
    for text in [
        "dependencies = 1\n",
        "dependencies = [\"a\"]\n",
        "[dependencies]\na = 1\n",
        "[dependencies]\na = { path = 1, workspace = \"x\" }\n",
        "target = 1\n",
        "[target]\nx = 1\n",
        "[patch]\nx = 1\n",
        "[patch.crates-io]\nx = 1\n",
        "[replace]\n\"\" = { path = \"..\" }\n\"#\" = { path = \".\" }\n",
        "workspace = 1\n",
        "lib = 1\nbin = 1\n",
        "[[bin]]\npath = \"x\"\n",
    ] {
        let text = format!("package = {{ name = \"p\" }}\n{text}");
        assert_eq!(of(&[("Cargo.toml", &text)]).len(), 1, "{text}");
    }
}
