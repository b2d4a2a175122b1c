//! Files below a package's `src/` that no target reaches, and where each would have to be declared.

use std::collections::BTreeMap;

use super::RustProject;
use super::files::parent;
use super::manifest::{Package, TargetKind};
use crate::source::RelPath;

/// A file that no target reaches.
#[derive(Debug, PartialEq, Eq)]
pub struct Orphan<'a> {
    /// The file.
    pub path: &'a RelPath,
    /// Its package.
    pub package: &'a Package,
    /// What would make it part of a target.
    pub remedy: Remedy,
}

/// What makes a file part of a target.
#[derive(Debug, PartialEq, Eq)]
pub enum Remedy {
    /// It lies where a target's root file would: the table of the manifest that would name it, and its name.
    Target {
        /// `lib` or `bin`.
        table: &'static str,
        /// The name of a `[[bin]]`.
        name: Option<String>,
        /// Its path from the package's directory.
        path: String,
    },
    /// A `mod` line in another file.
    Declare {
        /// The line.
        line: String,
        /// The file that would hold it.
        parent: String,
        /// What is to be said of that file.
        standing: Standing,
    },
}

/// How a file stands that would declare another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// A target reaches it.
    Reached,
    /// It is there, and no target reaches it either.
    Orphan,
    /// It is not there.
    Missing,
}

/// The files among `files` (in path order) below the `src/` of their package that no target reaches.
pub fn orphans<'a>(project: &'a RustProject, files: &'a [RelPath]) -> Vec<Orphan<'a>> {
    let packages: BTreeMap<&str, &Package> =
        project.packages.iter().map(|package| (package.dir(), package)).collect();
    let is_there = |path: &str| files.binary_search_by(|file| file.as_str().cmp(path)).is_ok();
    let orphans = files.iter().filter_map(|path| {
        let package = owner(path.as_str(), &packages)?;
        let inside = path.as_str()[package.dir().len()..].trim_start_matches('/');
        if !inside.starts_with("src/")
            || !package.is_built
            || package.targets.is_empty()
            || !package.missing.is_empty()
            || !project.reached.is_orphan(path.as_str())
        {
            return None;
        }
        Some(Orphan { path, package, remedy: remedy(project, package, path.as_str(), inside, &is_there) })
    });
    orphans.collect()
}

/// The package in whose directory a file lies, nearest first.
fn owner<'a>(path: &str, packages: &BTreeMap<&str, &'a Package>) -> Option<&'a Package> {
    let mut dir = path;
    while !dir.is_empty() {
        dir = parent(dir);
        if let Some(package) = packages.get(dir) {
            return Some(package);
        }
    }
    None
}

fn remedy(
    project: &RustProject,
    package: &Package,
    path: &str,
    inside: &str,
    is_there: &dyn Fn(&str) -> bool,
) -> Remedy {
    let target = |table, name: Option<&str>| Remedy::Target {
        table,
        name: name.map(str::to_owned),
        path: inside.to_owned(),
    };
    let inside_bin = inside.strip_prefix("src/bin/").and_then(|rest| {
        let name = rest.strip_suffix("/main.rs").or_else(|| rest.strip_suffix(".rs"));
        name.filter(|name| !name.contains('/'))
    });
    match (inside, inside_bin) {
        ("src/lib.rs", _) => return target("lib", None),
        ("src/main.rs", _) => return target("bin", Some(&package.name)),
        (_, Some(name)) => return target("bin", Some(name)),
        _ => {}
    }
    let inside = inside.strip_suffix("/mod.rs").unwrap_or(inside);
    let below = path.strip_suffix("/mod.rs").or_else(|| path.strip_suffix(".rs")).unwrap_or(path);
    let (dir, stem) = (parent(below), below.rsplit('/').next().unwrap_or(below));
    // What lies directly in `src/` is declared in a root, wherever that lies.
    let is_root_of = |root: &str| parent(root) == dir || parent(inside) == "src";
    let roots = |kind| {
        let of_kind = package.targets.iter().filter(move |target| target.kind == kind);
        of_kind.map(|target| target.root.as_str()).find(|root| is_root_of(root))
    };
    let file = || path.rsplit('/').next().unwrap_or(path);
    let line = if is_identifier(stem) {
        format!("mod {stem};")
    } else {
        format!("#[path = \"{}\"] mod {};", file(), stem.replace(|c: char| !c.is_alphanumeric(), "_"))
    };
    let (as_mod, as_file) = (format!("{dir}/mod.rs"), format!("{dir}.rs"));
    let root = roots(TargetKind::Lib).or_else(|| roots(TargetKind::Bin));
    let parents = [root, Some(as_file.as_str()), Some(as_mod.as_str())];
    let there = parents.into_iter().flatten().find(|parent| *parent != path && is_there(parent));
    let parent = there.unwrap_or(&as_file).to_owned();
    let standing = match there {
        Some(parent) if project.reached.files.contains_key(parent) => Standing::Reached,
        Some(_) => Standing::Orphan,
        None => Standing::Missing,
    };
    Remedy::Declare { line, parent, standing }
}

fn is_identifier(name: &str) -> bool {
    let mut letters = name.chars();
    letters.next().is_some_and(|first| first.is_alphabetic() || first == '_')
        && letters.all(|letter| letter.is_alphanumeric() || letter == '_')
}
