//! Manifests as Cargo reads them: packages, targets and dependencies against what `cargo metadata` says of the same tree.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use importlaw::discover::Sources;
use importlaw::languages::rust::files::Files;
use importlaw::languages::rust::manifest::{DependencyKind, Package, TargetKind, packages};
use importlaw::source::RelPath;
use serde_json::Value;

/// One line for each thing that a package is said to have, so that a difference is read at once.
type Facts = BTreeSet<String>;

/// What `cargo metadata` says of the workspace at `root`.
fn metadata(root: &Path, options: &[&str]) -> Value {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--offline", "--format-version", "1"])
        .args(options)
        .current_dir(root)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// What Cargo says of the workspace at `root`, by package.
fn theirs(root: &Path) -> Vec<(String, Facts)> {
    let metadata = metadata(root, &["--no-deps"]);
    let packages = metadata["packages"].as_array().unwrap();
    let libraries = their_libraries(packages);
    let mut all: Vec<_> = packages.iter().map(|package| their_package(root, package, &libraries)).collect();
    all.sort();
    all
}

/// The names of libraries by their package's directory.
fn their_libraries(packages: &[Value]) -> BTreeMap<&Path, &str> {
    fn library(package: &Value) -> Option<(&Path, &str)> {
        let not_lib = ["custom-build", "bin", "example", "test", "bench"];
        let targets = package["targets"].as_array()?;
        let library =
            targets.iter().find(|target| !not_lib.contains(&target["kind"][0].as_str().unwrap()))?;
        Some((Path::new(package["manifest_path"].as_str()?).parent()?, library["name"].as_str()?))
    }
    packages.iter().filter_map(library).collect()
}

fn their_package(root: &Path, package: &Value, libraries: &BTreeMap<&Path, &str>) -> (String, Facts) {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let inside = |value: &Value| {
        let path = value.as_str().unwrap();
        Path::new(path).strip_prefix(root).unwrap_or(Path::new(path)).to_str().unwrap().replace('\\', "/")
    };
    let mut facts = Facts::from([
        format!("name {}", text(&package["name"])),
        format!("edition {}", text(&package["edition"])),
    ]);
    for target in package["targets"].as_array().unwrap() {
        let kind = match target["kind"][0].as_str().unwrap() {
            "custom-build" => "build",
            kind @ ("bin" | "example" | "test" | "bench" | "proc-macro") => kind,
            _ => "lib",
        };
        facts.insert(format!("target {kind} {} {}", text(&target["name"]), inside(&target["src_path"])));
    }
    for dependency in package["dependencies"].as_array().unwrap() {
        let package = text(&dependency["name"]);
        let path = dependency["path"].as_str().map(Path::new);
        let library = || path.and_then(|path| libraries.get(path).copied()).unwrap_or(&package);
        let name = dependency["rename"].as_str().unwrap_or_else(library).replace('-', "_");
        facts.insert(dependency_line(
            dependency["kind"].as_str().unwrap_or("normal"),
            &package,
            &name,
            dependency["path"].is_string().then(|| inside(&dependency["path"])).as_deref(),
            dependency["target"].as_str(),
            dependency["optional"].as_bool().unwrap(),
        ));
    }
    (inside(&package["manifest_path"]), facts)
}

fn dependency_line(
    kind: &str,
    package: &str,
    name: &str,
    path: Option<&str>,
    cfg: Option<&str>,
    optional: bool,
) -> String {
    // Cargo prints a condition anew.
    let cfg = cfg.map(|cfg| cfg.replace(' ', ""));
    format!("dependency {kind} {package} as {name} path={path:?} cfg={cfg:?} optional={optional}")
}

/// The packages of the tree at `root` as we read them.
fn ours(root: &Path) -> Vec<Package> {
    let sources = Sources::from_disk(root, &|_| false).unwrap();
    let manifests: Vec<(&RelPath, &str)> =
        sources.cargo.iter().map(|manifest| (&manifest.path, manifest.text.as_str())).collect();
    let links: Vec<(&str, &str)> =
        sources.links.iter().map(|link| (link.path.as_str(), link.target.as_str())).collect();
    packages(&manifests, &Files::new(sources.rust.iter().map(RelPath::as_str), &links), None)
}

fn our_facts(all: &[Package], package: &Package) -> Facts {
    let mut facts = Facts::from([format!("name {}", package.name), format!("edition {}", package.edition)]);
    for target in &package.targets {
        let kind = match target.kind {
            TargetKind::Lib if target.proc_macro => "proc-macro",
            TargetKind::Lib => "lib",
            TargetKind::Bin => "bin",
            TargetKind::Example => "example",
            TargetKind::Test => "test",
            TargetKind::Bench => "bench",
            TargetKind::Build => "build",
        };
        facts.insert(format!("target {kind} {} {}", target.name, target.root));
    }
    for dependency in &package.dependencies {
        let member = dependency.member.map(|at| &all[at]);
        facts.insert(dependency_line(
            kind_name(dependency.when),
            &dependency.package,
            &dependency.name,
            member.map(Package::dir),
            dependency.cfg.as_deref(),
            dependency.optional,
        ));
    }
    facts
}

fn kind_name(kind: DependencyKind) -> &'static str {
    match kind {
        DependencyKind::Normal => "normal",
        DependencyKind::Dev => "dev",
        DependencyKind::Build => "build",
    }
}

/// Holds what we read against what Cargo says; returns the directories that we take for built and Cargo does not name.
fn compare(root: &Path) -> Vec<String> {
    let root = root.canonicalize().unwrap();
    let (theirs, ours) = (theirs(&root), ours(&root));
    assert!(!theirs.is_empty());
    for (manifest, facts) in &theirs {
        let package = ours.iter().find(|package| package.manifest == *manifest);
        let package = package.unwrap_or_else(|| panic!("{manifest} is not read"));
        assert!(package.is_built, "{manifest}");
        assert_eq!(package.missing, [""; 0], "{manifest}");
        let found = our_facts(&ours, package);
        let difference = |a: &Facts, b: &Facts| a.difference(b).cloned().collect::<Vec<_>>().join("\n  ");
        let (lacking, more) = (difference(facts, &found), difference(&found, facts));
        assert!(lacking.is_empty() && more.is_empty(), "{manifest}\nlacking:\n  {lacking}\nmore:\n  {more}");
    }
    let is_new = |package: &&Package| {
        package.is_built && !theirs.iter().any(|(manifest, _)| package.manifest == *manifest)
    };
    ours.iter().filter(is_new).map(|package| package.dir().to_owned()).collect()
}

fn write(root: &Path, files: &[(&str, &str)]) {
    for (path, text) in files {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

#[test]
fn this_repository() {
    compare(Path::new(env!("CARGO_MANIFEST_DIR")));
}

#[test]
fn a_workspace_that_inherits_and_renames() {
    let dir = tempfile::tempdir().unwrap();
    write(
        dir.path(),
        &[
            (
                "Cargo.toml",
                r#"
[workspace]
resolver = "2"
members = ["crates/*", "tools/one"]
exclude = ["crates/left-out"]

[workspace.package]
edition = "2021"
version = "1.2.3"

[workspace.dependencies]
core-lib = { path = "crates/core-lib", version = "1.2.3" }
short = { path = "crates/long-name", package = "long-name" }
serde = { version = "1", default-features = false }
log_04 = { package = "log", version = "0.4" }
"#,
            ),
            (
                "crates/app/Cargo.toml",
                r#"
[package]
name = "the-app"
version.workspace = true
edition = { workspace = true }
default-run = "the-app"

[dependencies]
core-lib.workspace = true
short = { workspace = true, optional = true }
serde = { workspace = true, features = ["derive"] }
log_04.workspace = true
regex-lite = "0.1"
same = { package = "same", version = "1" }
dash-key = { package = "another", version = "1" }
macros = { path = "../macros" }
from-git = { git = "https://example.org/from-git" }

[dependencies.in-own-header]
version = "2"
optional = true

[target.'cfg(unix)'.dependencies]
libc = "0.2"

[target.'cfg(all(unix, not(target_os="macos")))'.dependencies.inotify]
version = "0.10"

[target.x86_64-pc-windows-gnu.build-dependencies]
cc = "1"

[dev-dependencies]
core-lib = { workspace = true, features = ["testing"] }
proptest = "1"

[build-dependencies]
outside = { path = "../../outside/kept" }

[features]
default = []

[[bin]]
name = "second-bin"
path = "src/other/second.rs"

[[example]]
name = "shown"
crate-type = ["cdylib"]

[[test]]
name = "all"
path = "tests/it/main.rs"
"#,
            ),
            ("crates/app/build.rs", "fn main() {}"),
            ("crates/app/src/main.rs", "fn main() {}"),
            ("crates/app/src/lib.rs", ""),
            ("crates/app/src/bin/tool-a.rs", "fn main() {}"),
            ("crates/app/src/bin/tool_b/main.rs", "fn main() {}"),
            ("crates/app/src/bin/tool_b/help.rs", ""),
            ("crates/app/src/other/second.rs", "fn main() {}"),
            ("crates/app/examples/shown.rs", ""),
            ("crates/app/examples/plain.rs", "fn main() {}"),
            ("crates/app/tests/it/main.rs", ""),
            ("crates/app/tests/loose.rs", ""),
            ("crates/app/tests/common/mod.rs", ""),
            ("crates/app/benches/speed.rs", ""),
            (
                "crates/core-lib/Cargo.toml",
                "[package]\nname = \"core-lib\"\nversion.workspace = true\nedition.workspace = true\n\
                 [features]\ntesting = []\n[lib]\nname = \"corelib\"\npath = \"lib/mod.rs\"\n\
                 crate-type = [\"rlib\", \"cdylib\"]\n",
            ),
            ("crates/core-lib/lib/mod.rs", ""),
            (
                "crates/long-name/Cargo.toml",
                "[package]\nname = \"long-name\"\nversion = \"1.0.0\"\nedition = \"2024\"\n\
                 [dev-dependencies]\nlong-name = { path = \".\" }\n",
            ),
            ("crates/long-name/src/lib.rs", ""),
            (
                "crates/macros/Cargo.toml",
                "[package]\nname = \"macros\"\nedition = \"2021\"\n[lib]\nproc-macro = true\n",
            ),
            ("crates/macros/src/lib.rs", ""),
            ("crates/left-out/Cargo.toml", "[package]\nname = \"left-out\"\nedition = \"2021\"\n"),
            ("crates/left-out/src/lib.rs", ""),
            (
                "tools/one/Cargo.toml",
                "[package]\nname = \"one\"\nversion = \"0.1.0\"\nedition = \"2021\"\nbuild = \"script/generate.rs\"\n\
                 autobins = false\nautotests = false\n[[bin]]\nname = \"named\"\n",
            ),
            ("tools/one/src/main.rs", "fn main() {}"),
            ("tools/one/src/bin/named.rs", "fn main() {}"),
            ("tools/one/src/bin/unnamed.rs", "fn main() {}"),
            ("tools/one/tests/unnamed.rs", ""),
            ("tools/one/script/generate.rs", "fn main() {}"),
            ("outside/kept/Cargo.toml", "[package]\nname = \"outside\"\nedition = \"2021\"\n"),
            ("outside/kept/src/lib.rs", ""),
            ("outside/unused/Cargo.toml", "[package]\nname = \"unused\"\nedition = \"2021\"\n"),
            ("outside/unused/src/lib.rs", ""),
        ],
    );
    // It stands alone, which this workspace does not speak of.
    assert_eq!(compare(dir.path()), ["crates/left-out"]);
}

#[test]
fn a_package_of_the_first_edition_that_is_a_workspace_too() {
    let dir = tempfile::tempdir().unwrap();
    write(
        dir.path(),
        &[
            (
                "Cargo.toml",
                r#"
[package]
name = "old-root"
version = "0.1.0"
authors = []
build = true

[workspace]

[dependencies]
part = { path = "part" }

[dev_dependencies]
part-two = { path = "part/two", package = "two" }

[build_dependencies]
cc = "1"

[[bin]]
name = "only"
path = "only.rs"

[[example]]
name = "deep"
path = "examples/deep/er/main.rs"
"#,
            ),
            ("build.rs", "fn main() {}"),
            ("only.rs", "fn main() {}"),
            ("src/lib.rs", ""),
            ("src/main.rs", "fn main() {}"),
            ("src/bin/not.rs", "fn main() {}"),
            ("examples/deep/er/main.rs", "fn main() {}"),
            ("examples/not.rs", "fn main() {}"),
            ("tests/found.rs", ""),
            ("tests/also/main.rs", ""),
            ("benches/found-too.rs", ""),
            (
                "part/Cargo.toml",
                "[package]\nname = \"part\"\nedition = \"2018\"\nbuild = false\nautoexamples = false\nautobenches = false\n\
                 [lib]\npath = \"src/part.rs\"\n[target.'cfg(windows)'.dev-dependencies]\ntwo = { path = \"two\" }\n",
            ),
            ("part/build.rs", "fn main() {}"),
            ("part/src/part.rs", ""),
            ("part/src/lib.rs", ""),
            ("part/src/main.rs", "fn main() {}"),
            ("part/examples/not.rs", "fn main() {}"),
            ("part/benches/not.rs", ""),
            ("part/tests/part.rs", ""),
            (
                "part/two/Cargo.toml",
                "[package]\nname = \"two\"\nedition = \"2021\"\n[lib]\nname = \"deux\"\n",
            ),
            ("part/two/src/lib.rs", ""),
            ("stray/Cargo.toml", "[package]\nname = \"stray\"\nedition = \"2021\"\n"),
            ("stray/src/lib.rs", ""),
        ],
    );
    assert_eq!(compare(dir.path()), [""; 0]);
}

#[test]
fn names_are_those_that_cargo_hands_to_the_compiler() {
    let dir = tempfile::tempdir().unwrap();
    write(
        dir.path(),
        &[
            (
                "Cargo.toml",
                r#"
[workspace]
resolver = "2"
members = ["app", "second"]

[workspace.dependencies]
inherited = { path = "libs/inherited" }
alias = { path = "libs/inherited", package = "inherited" }

[patch.crates-io]
patched = { path = "libs/patched" }
any-key = { path = "libs/other-patched", package = "other-patched" }
"#,
            ),
            (
                "app/Cargo.toml",
                r#"
[package]
name = "app"
edition = "2024"

[dependencies]
patched = "1"
by-another-name = { package = "other-patched", version = "1" }
inherited.workspace = true
key = { path = "../libs/key", package = "key" }
"#,
            ),
            ("app/src/main.rs", "fn main() {}"),
            (
                "second/Cargo.toml",
                r#"
[package]
name = "second"
edition = "2024"

[target.'cfg(windows)'.dependencies]
other-patched = "1.0"

[dev-dependencies]
alias.workspace = true

[build-dependencies]
key = { path = "../libs/key" }
"#,
            ),
            ("second/build.rs", "fn main() {}"),
            ("second/src/main.rs", "fn main() {}"),
            (
                "libs/patched/Cargo.toml",
                "[package]\nname = \"patched\"\nversion = \"1.2.3\"\nedition = \"2024\"\n\
                 [dependencies]\nother-patched = \"1\"\n",
            ),
            ("libs/patched/src/lib.rs", ""),
            (
                "libs/other-patched/Cargo.toml",
                "[package]\nname = \"other-patched\"\nversion = \"1.0.0\"\nedition = \"2024\"\n\
                 [lib]\nname = \"otherwise\"\n",
            ),
            ("libs/other-patched/src/lib.rs", ""),
            ("libs/inherited/Cargo.toml", "[package]\nname = \"inherited\"\nedition = \"2024\"\n"),
            ("libs/inherited/src/lib.rs", ""),
            (
                "libs/key/Cargo.toml",
                "[package]\nname = \"key\"\nedition = \"2024\"\n[lib]\nname = \"called_by_library\"\n",
            ),
            ("libs/key/src/lib.rs", ""),
        ],
    );
    let root = dir.path().canonicalize().unwrap();
    let ours = ours(&root);
    let mut found = Facts::new();
    for package in &ours {
        for dependency in &package.dependencies {
            let member = &ours[dependency.member.expect("all of them are members")];
            let kind = kind_name(dependency.when);
            let (name, cfg) = (&dependency.name, dependency.cfg.as_deref());
            found.insert(format!("{} {kind} {name} = {} {cfg:?}", package.name, member.name));
        }
    }
    assert_eq!(found, resolved(&root));
    assert_eq!(found.len(), 8);
}

/// What Cargo resolves each dependency to, and by which name code knows it.
fn resolved(root: &Path) -> Facts {
    let metadata = metadata(root, &[]);
    let packages = metadata["packages"].as_array().unwrap();
    let name =
        |id: &Value| packages.iter().find(|package| package["id"] == *id).unwrap()["name"].as_str().unwrap();
    let mut facts = Facts::new();
    for node in metadata["resolve"]["nodes"].as_array().unwrap() {
        for dependency in node["deps"].as_array().unwrap() {
            for kind in dependency["dep_kinds"].as_array().unwrap() {
                let (when, cfg) = (kind["kind"].as_str().unwrap_or("normal"), kind["target"].as_str());
                let (owner, package) = (name(&node["id"]), name(&dependency["pkg"]));
                let called = dependency["name"].as_str().unwrap();
                facts.insert(format!("{owner} {when} {called} = {package} {cfg:?}"));
            }
        }
    }
    facts
}
