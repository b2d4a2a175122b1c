//! What ships and what does not, by what the tree's directories are called. Knows paths alone.

use std::collections::{BTreeMap, BTreeSet};

use super::draft::{Piece, Section};
use super::text::{list, quoted};
use crate::discover::Sources;
use crate::formats::context::number;
use crate::source::RelPath;

/// Directories of what is run by hand or by a build server, wherever they lie at the top.
const TOOLING: [&str; 16] = [
    "scripts",
    "script",
    "tools",
    "tool",
    "bin",
    "ci",
    ".ci",
    ".github",
    ".claude",
    "hack",
    "docs",
    "doc",
    "devtools",
    "benchmarks",
    "bench",
    "deploy",
];

/// Directories of what shows how it is used.
const EXAMPLES: [&str; 6] = ["examples", "example", "samples", "demo", "demos", "tutorials"];

/// A test directory may be anywhere; so many files that no rule of names finds are one.
const LISTED: usize = 12;

/// The `[[scope]]` list; empty where nothing but Rust is there, whose targets say what they are.
pub fn find(sources: &Sources) -> Section {
    let mut section = Section { title: "Scopes", noun: "scope", ..Section::default() };
    if sources.files.is_empty() {
        return section;
    }
    let rust = sources.rust.iter().map(RelPath::as_str);
    let paths: Vec<&str> = sources.files.iter().map(|file| file.path.as_str()).chain(rust).collect();
    let python: Vec<&str> = sources.files.iter().map(|file| file.path.as_str()).collect();
    let tests = tests(&python, !sources.rust.is_empty());
    let is_test = |path: &str| by_default(path) || starts_below(path, &tests.besides);
    let n = python.iter().filter(|path| is_test(path) && !starts_below(path, &tests.shipped)).count();
    let mut about = Vec::new();
    if n > 0 {
        about.push(format!("{} Python files are tests or help them.", number(n as u64)));
    }
    if !tests.shipped.is_empty() {
        about.push("What is called test and holds none is shipped: `!` keeps it production.".to_owned());
    }
    section.pieces.push(scope("test", about, &tests.files));
    let rest: Vec<&str> = paths.iter().copied().filter(|path| !is_test(path)).collect();
    // A package of that name may be the program that runs them: each has a number, or lies among versions.
    let is_numbered = |path: &&&str| {
        let name = last(path);
        name.starts_with('0') && path.rsplit('/').nth(1) == Some("migrations")
    };
    let is_version =
        |path: &&&str| path.contains("alembic/versions/") || path.contains("migrations/versions/");
    let mut migrations = Vec::new();
    if rest.iter().filter(is_numbered).count() > 0 {
        migrations.push("**/migrations/0*.py".to_owned());
    }
    for glob in ["**/alembic/versions/**", "**/migrations/versions/**"] {
        let inner = glob.trim_matches('*');
        if rest.iter().filter(is_version).any(|path| format!("/{path}").contains(inner)) {
            migrations.push(glob.to_owned());
        }
    }
    if !migrations.is_empty() {
        let about = "Each speaks of the models of its day, and nobody imports it.".to_owned();
        section.pieces.push(scope("migrations", vec![about], &migrations));
    }
    let tops: BTreeSet<&str> = rest.iter().filter_map(|path| Some(path.split_once('/')?.0)).collect();
    let named = |names: &[&str]| -> Vec<String> {
        tops.iter().filter(|top| names.contains(top)).map(|top| format!("{top}/**")).collect()
    };
    let mut tooling = named(&TOOLING);
    let has_packages = python.iter().any(|path| path.contains('/'));
    let loose = rest.iter().filter(|path| !path.contains('/') && !is_package_file(path)).count();
    if loose > 0 && has_packages {
        tooling.push("/*.py".to_owned());
    }
    if !tooling.is_empty() {
        let about = "Run by hand or by a build server; nothing ships with it.".to_owned();
        section.pieces.push(scope("tooling", vec![about], &tooling));
    }
    let examples = named(&EXAMPLES);
    if !examples.is_empty() {
        section.pieces.push(scope("example", Vec::new(), &examples));
    }
    section
}

fn scope(name: &str, about: Vec<String>, files: &[String]) -> Piece {
    let mut lines = vec!["[[scope]]".to_owned(), format!("name  = {}", quoted(name))];
    lines.extend(list("files", files));
    Piece::entry(String::new(), about, lines)
}

/// The files of scope test.
struct Tests {
    /// As `files` says it.
    files: Vec<String>,
    /// Directories beyond the usual.
    besides: Vec<String>,
    /// Directories by a usual name that hold no test.
    shipped: Vec<String>,
}

fn tests(paths: &[&str], has_rust: bool) -> Tests {
    let mut of_dir: BTreeMap<&str, bool> = BTreeMap::new();
    let mut besides: BTreeMap<&str, bool> = BTreeMap::new();
    let packages: BTreeSet<&str> =
        paths.iter().filter_map(|path| path.strip_suffix("/__init__.py")).collect();
    for path in paths {
        let dirs = path.match_indices('/').map(|(at, _)| &path[..at]);
        let outermost = dirs.clone().find(|dir| matches!(last(dir), "test" | "tests"));
        let holds_test = is_test_file(last(path));
        if let Some(dir) = outermost {
            *of_dir.entry(dir).or_default() |= holds_test;
        } else if let Some(dir) = dirs.clone().next().filter(|dir| is_called_test(dir)) {
            *besides.entry(dir).or_default() |= true;
        }
    }
    let parent = |dir: &str| dir.rsplit_once('/').map_or(String::new(), |(parent, _)| parent.to_owned());
    let shipped: Vec<String> = of_dir
        .into_iter()
        .filter(|(dir, holds_test)| {
            !holds_test && packages.contains(dir) && packages.contains(parent(dir).as_str())
        })
        .map(|(dir, _)| dir.to_owned())
        .take(LISTED)
        .collect();
    let besides: Vec<String> = besides.into_keys().map(str::to_owned).take(LISTED).collect();
    let mut files = vec!["default".to_owned()];
    files.extend(besides.iter().map(|dir| format!("{dir}/**")));
    files.extend(shipped.iter().map(|dir| format!("!{dir}/**")));
    if has_rust {
        files.extend(["!**/src/**/*.rs", "**/tests/**/src/**"].map(str::to_owned));
    }
    Tests { files, besides, shipped }
}

/// Whether a directory at the top is called as what helps tests, though not as `default` has it.
fn is_called_test(name: &str) -> bool {
    let parts: Vec<&str> = name.split(['_', '-', '.']).collect();
    parts.len() > 1 && parts.iter().any(|part| matches!(*part, "test" | "tests" | "testing" | "e2e"))
        || matches!(name, "testing" | "e2e" | "integration_tests" | "testlib")
}

fn is_test_file(name: &str) -> bool {
    name.starts_with("test_")
        || name.ends_with("_test.py")
        || matches!(name, "tests.py" | "conftest.py" | "test.py")
}

fn by_default(path: &str) -> bool {
    let name = last(path);
    path.split('/').rev().skip(1).any(|dir| matches!(dir, "test" | "tests"))
        || name.starts_with("test_") && name.ends_with(".py")
        || name.ends_with("_test.py")
        || name == "conftest.py"
}

fn is_package_file(path: &str) -> bool {
    path == "__init__.py"
}

fn starts_below(path: &str, dirs: &[String]) -> bool {
    dirs.iter().any(|dir| path.strip_prefix(dir.as_str()).is_some_and(|rest| rest.starts_with('/')))
}

fn last(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}
