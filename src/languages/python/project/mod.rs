//! What a repository's listing and manifests say of its Python: import roots, declared dependencies, the version, and
//! modules that are compiled.
//!
//! Literal reading only: no build is run, and no manifest is an error, since a project may be checked that nobody can
//! build any more.

mod dependencies;
mod ini;
mod manifest;
mod requires_python;
mod setup_py;

use std::collections::BTreeSet;

use crate::module_path;
use crate::source::{RelPath, SourceFile};
use dependencies::{import_names, name_of, normalised, stems};
pub use requires_python::NEWEST;

/// What is known of a project's Python before any source file is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PythonProject {
    /// Import roots as relative directories, `""` the project root; sorted, so that a parent comes first.
    pub roots: Vec<String>,
    /// Top-level names that declared dependencies may be imported by; see [`PythonProject::declares`].
    pub declared: BTreeSet<String>,
    /// The distributions that are declared, as PEP 503 writes them.
    pub distributions: BTreeSet<String>,
    /// What these are likely to share with the names of their modules.
    stems: BTreeSet<String>,
    /// Top-level names that need no declaration: those of the project's own distributions, and the tool that a
    /// `setup.py` runs under.
    pub provided: BTreeSet<String>,
    /// The newest Python that `requires-python` allows.
    pub version: (u8, u8),
    /// Paths, without suffix, of modules that exist in compiled form only: they bind every name. Sorted.
    pub opaque: Vec<String>,
    /// Scripts and other entry points that the manifests declare, in their order.
    pub scripts: Vec<Script>,
    /// Manifests that do not parse: one sentence each.
    pub notes: Vec<String>,
}

/// Something that a manifest declares to be started or loaded by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// Its name: of a console script what is typed.
    pub name: String,
    /// `a.b:main`, or `a.b`.
    pub target: String,
    /// Where it stands, for people: `[project.scripts] in pyproject.toml`.
    pub source: String,
}

/// What one manifest states, in its own words.
#[derive(Debug, Default)]
struct Stated {
    /// Whether it makes its directory a distribution.
    distribution: bool,
    /// The distribution's name.
    name: Option<String>,
    /// Import roots relative to the manifest.
    roots: Vec<String>,
    /// Requirements of every group and extra, whatever they are needed for.
    requirements: Vec<String>,
    /// The version constraint.
    requires_python: Option<String>,
    /// Dotted names of extension modules.
    extensions: Vec<String>,
    /// Entry points: (where, name, target).
    scripts: Vec<(String, String, String)>,
}

impl PythonProject {
    /// Whether some declared dependency may be imported by the top-level `name`.
    pub fn declares(&self, name: &str) -> bool {
        self.declared.contains(name)
    }

    /// Whether some declared dependency is likely to be what is imported by the top-level `name`; it may bear another.
    pub fn is_likely_to_declare(&self, name: &str) -> bool {
        self.declares(name) || stems(name).iter().any(|stem| self.stems.contains(stem))
    }

    /// Adds top-level names by which a distribution may be imported; they are declared where it is.
    pub fn add_import_names(&mut self, names: &[(String, String)]) {
        for (name, distribution) in names {
            if self.distributions.contains(&normalised(distribution)) {
                self.declared.insert(module_path::first(name).to_owned());
            }
        }
    }
}

/// Reads the listing (source files and compiled files, each in path order) and the manifests' texts by path.
pub fn project(files: &[SourceFile], compiled: &[RelPath], manifests: &[(&RelPath, &str)]) -> PythonProject {
    let tree = Tree { files, compiled };
    let mut roots = BTreeSet::from([String::new()]);
    let mut requirements = Vec::new();
    let mut own_names = BTreeSet::new();
    let mut provided = BTreeSet::new();
    let mut opaque: BTreeSet<String> = compiled.iter().map(without_suffix).collect();
    let mut constraint: Option<(usize, String)> = None; // of the manifest nearest the root
    let mut notes = Vec::new();
    let mut scripts = Vec::new();
    roots.extend(tree.root("", "src"));

    for (path, text) in manifests {
        let stated = match manifest::read(path.file_name(), text) {
            Ok(stated) => stated,
            Err(why) => {
                notes.push(format!("{path} does not parse, so what it declares is not known: {why}"));
                continue;
            }
        };
        let dir = path.parent();
        let mut hints: Vec<&str> = stated.roots.iter().map(String::as_str).collect();
        if stated.distribution {
            hints.extend(["", "src"]);
        }
        let own_roots: Vec<String> = hints.iter().filter_map(|hint| tree.root(dir, hint)).collect();
        for extension in &stated.extensions {
            let relative = extension.replace('.', "/");
            opaque.extend(own_roots.iter().map(|root| joined(root, &relative)));
        }
        roots.extend(own_roots);
        scripts.extend(stated.scripts.into_iter().filter_map(|(section, name, target)| {
            let target = dependencies::entry_target(&target)?;
            Some(Script { name, target, source: format!("{section} in {path}") })
        }));
        requirements.extend(stated.requirements);
        own_names.extend(stated.name.as_deref().map(normalised));
        provided.extend(stated.name.iter().flat_map(|name| import_names(name)));
        if matches!(path.file_name(), "setup.py" | "setup.cfg") {
            provided.extend(import_names("setuptools"));
        }
        let depth = path.as_str().matches('/').count();
        if let Some(stated) = stated.requires_python
            && constraint.as_ref().is_none_or(|(nearest, _)| depth < *nearest)
        {
            constraint = Some((depth, stated));
        }
    }

    // A repository's own distributions are no dependencies, though one may require another.
    let required = requirements
        .iter()
        .filter_map(|requirement| name_of(requirement))
        .filter(|name| !own_names.contains(&normalised(name)));
    let distributions: BTreeSet<String> = required.clone().map(normalised).collect();
    let declared = required.flat_map(import_names).collect();
    let version = constraint.and_then(|(_, text)| requires_python::newest_allowed(&text)).unwrap_or(NEWEST);
    PythonProject {
        roots: roots.into_iter().collect(),
        declared,
        stems: distributions.iter().flat_map(|name| stems(name)).collect(),
        distributions,
        provided,
        version,
        opaque: opaque.into_iter().collect(),
        scripts,
        notes,
    }
}

/// The listing, asked about directories.
struct Tree<'a> {
    files: &'a [SourceFile],
    compiled: &'a [RelPath],
}

impl Tree<'_> {
    /// `hint`, relative to `dir`, as an import root: a directory inside the tree, and no package itself.
    fn root(&self, dir: &str, hint: &str) -> Option<String> {
        let mut parts: Vec<&str> = dir.split('/').filter(|part| !part.is_empty()).collect();
        if hint.starts_with('/') {
            return None;
        }
        for part in hint.split(['/', '\\']) {
            match part {
                "" | "." => {}
                ".." => _ = parts.pop()?,
                part => parts.push(part),
            }
        }
        let root = parts.join("/");
        (root.is_empty() || self.holds_modules(&root) && !self.is_package(&root)).then_some(root)
    }

    fn holds_modules(&self, dir: &str) -> bool {
        let inside = format!("{dir}/");
        let file = self.files.partition_point(|file| file.path.as_str() < inside.as_str());
        let compiled = self.compiled.partition_point(|path| path.as_str() < inside.as_str());
        self.files.get(file).is_some_and(|file| file.path.as_str().starts_with(&inside))
            || self.compiled.get(compiled).is_some_and(|path| path.as_str().starts_with(&inside))
    }

    fn is_package(&self, dir: &str) -> bool {
        ["__init__.py", "__init__.pyi"].iter().any(|init| {
            let path = joined(dir, init);
            self.files.binary_search_by(|file| file.path.as_str().cmp(&path)).is_ok()
        })
    }
}

fn joined(dir: &str, path: &str) -> String {
    if dir.is_empty() { path.to_owned() } else { format!("{dir}/{path}") }
}

/// `a/_x` of `a/_x.cpython-311-x86_64-linux-gnu.so`.
fn without_suffix(path: &RelPath) -> String {
    joined(path.parent(), path.file_name().split('.').next().unwrap_or_default())
}

#[cfg(test)]
mod tests;
