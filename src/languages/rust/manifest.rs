//! Cargo.toml: which packages there are, which of them Cargo builds, what their targets are and what they depend on.
//!
//! Read as Cargo reads it, without Cargo: it need not be there, and it obeys files of the tree. Knows no lock file and no
//! package from outside the tree.

mod dependencies;
mod targets;
mod workspaces;

use std::collections::HashMap;

use toml::de::{DeTable, DeValue};

use super::files::{Files, parent};
use crate::source::{RelPath, Span};
use dependencies::Written;
use targets::Finder;
use workspaces::Workspaces;

/// Crates that come with the compiler. `std` and `core` are in the extern prelude, `proc_macro` in that of a library of
/// procedural macros; the others come in by `extern crate`.
pub const SYSROOT: [&str; 5] = ["std", "core", "alloc", "proc_macro", "test"];

/// A package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    /// Its Cargo.toml.
    pub manifest: String,
    /// Its name.
    pub name: String,
    /// Its edition.
    pub edition: u16,
    /// Whether Cargo builds it: it is no file of a workspace that does not have it as a member.
    pub is_built: bool,
    /// Its targets whose root file is there.
    pub targets: Vec<Target>,
    /// Paths of targets that are not there: generated, perhaps.
    pub missing: Vec<String>,
    /// What it depends on, in the order of its manifest.
    pub dependencies: Vec<Dependency>,
}

impl Package {
    /// The directory of its manifest.
    pub fn dir(&self) -> &str {
        parent(&self.manifest)
    }

    /// Its library, if it has one whose root file is there.
    pub fn library(&self) -> Option<&Target> {
        self.targets.iter().find(|target| target.kind == TargetKind::Lib)
    }
}

/// What is compiled from one root file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// What sort of target.
    pub kind: TargetKind,
    /// Its name.
    pub name: String,
    /// Its root file.
    pub root: String,
    /// Whether it is a library of procedural macros.
    pub proc_macro: bool,
}

impl Target {
    /// The name of its crate, as code writes it.
    pub fn crate_name(&self) -> String {
        in_code(&self.name)
    }
}

/// A sort of target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TargetKind {
    /// `src/lib.rs`
    Lib,
    /// `src/main.rs`, `src/bin/*`
    Bin,
    /// `examples/*`
    Example,
    /// `tests/*`
    Test,
    /// `benches/*`
    Bench,
    /// `build.rs`
    Build,
}

/// One dependency of a package, as one line of its manifest says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dependency {
    /// As code names it: the key where `package` renames it, else the library's name of a package of this tree, else the
    /// package's name with `_` for `-` (a library outside the tree may be called otherwise, which only its own manifest
    /// says).
    pub name: String,
    /// The package's name.
    pub package: String,
    /// Which targets may use it.
    pub when: DependencyKind,
    /// The package of this tree that it is, by index: reached by path, its own, the workspace's or that of a patch, and
    /// with a library.
    pub member: Option<usize>,
    /// Its key in the manifest's text.
    pub span: Span,
    /// 1-based line of its key.
    pub line: u32,
    /// The condition of its `[target.'…']` table as written: `cfg(unix)`, or a target's name.
    pub cfg: Option<String>,
    /// Whether only a feature turns it on.
    pub optional: bool,
}

/// Which targets may use a dependency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DependencyKind {
    /// `[dependencies]`
    Normal,
    /// `[dev-dependencies]`
    Dev,
    /// `[build-dependencies]`
    Build,
}

/// What a name of the extern prelude stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extern {
    /// The library of a package of this tree, by index.
    Member(usize),
    /// A package from outside.
    External,
}

/// The packages of the manifests, in their order. One that is no TOML or names no package is none. Where manifests are
/// `chosen`, only they count, the members of those that are workspaces, and what these depend on by path: no other package
/// is built or has targets.
pub fn packages(manifests: &[(&RelPath, &str)], files: &Files, chosen: Option<&[RelPath]>) -> Vec<Package> {
    let documents: Vec<Manifest> =
        manifests.iter().filter_map(|(path, text)| Manifest::new(path, text)).collect();
    let workspaces = Workspaces::new(&documents);
    let written: Vec<Vec<Written>> =
        documents.iter().map(|manifest| dependencies::written(manifest, workspaces.home(manifest))).collect();
    let built = workspaces.built(&documents, &written, chosen);
    let (mut packages, mut of_packages) = (Vec::new(), Vec::new());
    for (at, (manifest, written)) in documents.iter().zip(written).enumerate() {
        let is_built = built.contains(&at);
        let has_targets = is_built || chosen.is_none();
        if let Some(package) = package(manifest, &workspaces, is_built, has_targets.then_some(files)) {
            packages.push(package);
            of_packages.push(written);
        }
    }
    dependencies::link(&mut packages, of_packages);
    packages
}

/// Whether a Cargo.toml of this text is that of a package or of a workspace.
pub fn is_of_package_or_workspace(text: &str) -> bool {
    let path = RelPath::new("Cargo.toml");
    Manifest::new(&path, text).is_some_and(|manifest| {
        let named = manifest.package().and_then(|package| self::text(package, "name"));
        named.is_some() || table(&manifest.table, "workspace").is_some()
    })
}

/// What the extern prelude of a target of `packages[package]` holds besides the sysroot, each name once: its package's
/// library first, then dependencies in the order of the manifest.
///
/// Libraries and binaries have the dev-dependencies too, after all others, since their `#[cfg(test)]` items do.
pub fn externs<'a>(packages: &'a [Package], package: usize, target: &Target) -> Vec<(&'a str, Extern)> {
    use DependencyKind::{Build, Dev, Normal};
    let mut externs: Vec<(&str, Extern)> = Vec::new();
    let Some(owner) = packages.get(package) else { return externs };
    if !matches!(target.kind, TargetKind::Lib | TargetKind::Build) {
        externs.extend(owner.library().map(|library| (library.name.as_str(), Extern::Member(package))));
    }
    let mut places: HashMap<&str, usize> = externs.iter().map(|(name, _)| (*name, 0)).collect();
    let kinds = if target.kind == TargetKind::Build { &[Build][..] } else { &[Normal, Dev] };
    for kind in kinds {
        for dependency in owner.dependencies.iter().filter(|dependency| dependency.when == *kind) {
            let found = dependency.member.map_or(Extern::External, Extern::Member);
            let at = *places.entry(dependency.name.as_str()).or_insert(externs.len());
            match externs.get_mut(at) {
                None => externs.push((&dependency.name, found)),
                Some((_, known)) if *known == Extern::External => *known = found,
                Some(_) => {}
            }
        }
    }
    externs
}

/// A Cargo.toml as it is written.
struct Manifest<'a> {
    path: &'a str,
    text: &'a str,
    table: DeTable<'a>,
}

impl<'a> Manifest<'a> {
    /// None where it is no TOML.
    fn new(path: &'a RelPath, text: &'a str) -> Option<Self> {
        let table = DeTable::parse(text).ok()?.into_inner();
        Some(Self { path: path.as_str(), text, table })
    }

    fn dir(&self) -> &'a str {
        parent(self.path)
    }

    fn package(&self) -> Option<&DeTable<'a>> {
        table(&self.table, "package").or_else(|| table(&self.table, "project"))
    }
}

/// The package of a manifest without its dependencies; without `files` also without targets.
fn package(
    manifest: &Manifest,
    workspaces: &Workspaces,
    is_built: bool,
    files: Option<&Files>,
) -> Option<Package> {
    let settings = manifest.package()?;
    let name = text(settings, "name")?;
    let edition = if table(settings, "edition").is_some_and(is_inherited) {
        workspaces.home(manifest).and_then(|workspace| workspace.edition)
    } else {
        edition(settings)
    };
    let package = Package {
        manifest: manifest.path.to_owned(),
        name: name.to_owned(),
        edition: edition.unwrap_or(2015),
        is_built,
        targets: Vec::new(),
        missing: Vec::new(),
        dependencies: Vec::new(),
    };
    Some(match files {
        Some(files) => Finder { package, table: &manifest.table, settings, files }.find(),
        None => package,
    })
}

/// A name with `_` for `-`.
fn in_code(name: &str) -> String {
    name.replace('-', "_")
}

fn table<'t, 'i>(table: &'t DeTable<'i>, key: &str) -> Option<&'t DeTable<'i>> {
    table.get(key)?.get_ref().as_table()
}

fn text<'t>(table: &'t DeTable<'_>, key: &str) -> Option<&'t str> {
    table.get(key)?.get_ref().as_str()
}

fn flag(table: &DeTable<'_>, key: &str) -> Option<bool> {
    table.get(key)?.get_ref().as_bool()
}

fn texts<'t>(table: &'t DeTable<'_>, key: &str) -> impl Iterator<Item = &'t str> {
    let list = table.get(key).and_then(|value| value.get_ref().as_array());
    list.into_iter().flat_map(|list| list.iter()).filter_map(|item| item.get_ref().as_str())
}

/// The tables of an object whose keys anybody may choose.
fn tables<'t, 'i>(value: Option<&'t DeTable<'i>>) -> impl Iterator<Item = (&'t str, &'t DeTable<'i>)> {
    let values = value.into_iter().flat_map(|table| table.iter());
    values.filter_map(|(key, value)| match value.get_ref() {
        DeValue::Table(table) => Some((key.get_ref().as_ref(), table)),
        _ => None,
    })
}

/// `workspace = true`: what is said there counts.
fn is_inherited(table: &DeTable<'_>) -> bool {
    flag(table, "workspace") == Some(true)
}

fn edition(table: &DeTable<'_>) -> Option<u16> {
    text(table, "edition")?.parse().ok()
}

#[cfg(test)]
mod tests;
