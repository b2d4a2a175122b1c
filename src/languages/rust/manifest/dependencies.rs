//! What a manifest's dependency tables say, and which package of the tree each dependency is.

use std::collections::{BTreeMap, HashMap};

use toml::de::{DeTable, DeValue};

use super::workspaces::Workspace;
use super::{
    Dependency, DependencyKind, Manifest, Package, flag, in_code, is_inherited, table, tables, text,
};
use crate::languages::rust::files::join;
use crate::source::{LineIndex, Span};

/// The tables of each kind; the second name is the older one, and the first wins where both are written.
const TABLES: [(DependencyKind, [&str; 2]); 3] = [
    (DependencyKind::Normal, ["dependencies", "dependencies"]),
    (DependencyKind::Dev, ["dev-dependencies", "dev_dependencies"]),
    (DependencyKind::Build, ["build-dependencies", "build_dependencies"]),
];

/// What crates.io is called in `[patch]`.
const CRATES_IO: &str = "crates-io";

/// A dependency before it is known which packages there are.
pub(super) struct Written {
    dependency: Dependency,
    /// Whether `package` renames it, so that its key is its name in code.
    is_renamed: bool,
    /// The directory that it leads to, within the tree.
    pub(super) dir: Option<String>,
}

/// What a dependency or a patch says of the package that it means.
pub(super) struct Origin {
    /// `package`, if it is written.
    package: Option<String>,
    place: Place,
}

enum Place {
    /// A directory; None where it lies outside the tree.
    Path(Option<String>),
    /// A repository or a registry, as `[patch]` calls it.
    Source(String),
}

impl Origin {
    /// Of what is written in a manifest of the directory `dir`.
    fn new(dir: &str, value: &DeValue<'_>) -> Self {
        let said = |key: &str| text(value.as_table()?, key);
        let place = match (said("path"), said("git"), said("registry-index").or_else(|| said("registry"))) {
            (Some(path), ..) => Place::Path(join(dir, path)),
            (None, Some(url), _) => Place::Source(source(url)),
            (None, None, registry) => Place::Source(source(registry.unwrap_or(CRATES_IO))),
        };
        Self { package: said("package").map(str::to_owned), place }
    }
}

/// A source as it can be compared.
fn source(name: &str) -> String {
    let name = name.trim_end_matches('/');
    let name = name.strip_suffix(".git").unwrap_or(name);
    if name == "https://github.com/rust-lang/crates.io-index" { CRATES_IO } else { name }.to_owned()
}

/// `[workspace.dependencies]` by key.
pub(super) fn shared(dir: &str, workspace: &DeTable<'_>) -> BTreeMap<String, Origin> {
    let written = table(workspace, "dependencies").into_iter().flat_map(|table| table.iter());
    written.map(|(key, value)| (key.get_ref().to_string(), Origin::new(dir, value.get_ref()))).collect()
}

/// Directories in the tree that a workspace puts in the place of packages, from its root's manifest.
#[derive(Default)]
pub(super) struct Patches {
    /// By source and package.
    patched: HashMap<(String, String), String>,
    /// By package.
    replaced: HashMap<String, String>,
}

impl Patches {
    pub(super) fn new(dir: &str, root: &DeTable<'_>) -> Self {
        let mut patches = Self::default();
        for (of, table) in tables(table(root, "patch")) {
            for (key, value) in table {
                let Origin { package, place: Place::Path(Some(path)) } = Origin::new(dir, value.get_ref())
                else {
                    continue;
                };
                let package = package.unwrap_or_else(|| key.get_ref().to_string());
                patches.patched.entry((source(of), package)).or_insert(path);
            }
        }
        for (key, table) in tables(table(root, "replace")) {
            // `name:version`, or the same behind `url#`.
            let name = key.rsplit('#').next().unwrap_or(key).split([':', '@']).next().unwrap_or(key);
            if let Some(path) = text(table, "path").and_then(|path| join(dir, path)) {
                patches.replaced.entry(name.to_owned()).or_insert(path);
            }
        }
        patches
    }

    fn dir(&self, source: &str, package: &str) -> Option<&String> {
        let key = (source.to_owned(), package.to_owned());
        self.patched.get(&key).or_else(|| self.replaced.get(package))
    }
}

/// The dependencies of a manifest in their order, as a member of that workspace.
pub(super) fn written(manifest: &Manifest, workspace: Option<&Workspace>) -> Vec<Written> {
    // A package of no workspace is its own root.
    let own = workspace.is_none().then(|| Patches::new(manifest.dir(), &manifest.table));
    let patches = workspace.map(|workspace| &workspace.patches).or(own.as_ref());
    let lines = LineIndex::new(manifest.text);
    let mut reader = Reader { manifest, workspace, patches, lines, written: Vec::new() };
    reader.all(&manifest.table, None);
    for (cfg, table) in tables(table(&manifest.table, "target")) {
        reader.all(table, Some(cfg));
    }
    reader.written.sort_by_key(|written| written.dependency.span.start);
    reader.written
}

struct Reader<'a> {
    manifest: &'a Manifest<'a>,
    workspace: Option<&'a Workspace>,
    patches: Option<&'a Patches>,
    lines: LineIndex,
    written: Vec<Written>,
}

impl Reader<'_> {
    fn all(&mut self, of: &DeTable<'_>, cfg: Option<&str>) {
        for (when, [name, old_name]) in TABLES {
            let Some(table) = table(of, name).or_else(|| table(of, old_name)) else { continue };
            for (key, value) in table {
                let range = key.span();
                let span = Span::new(range.start as u32, range.end as u32);
                self.add(key.get_ref(), span, value.get_ref(), when, cfg);
            }
        }
    }

    fn add(&mut self, key: &str, span: Span, value: &DeValue<'_>, when: DependencyKind, cfg: Option<&str>) {
        let own;
        let origin = if value.as_table().is_some_and(is_inherited) {
            self.workspace.and_then(|workspace| workspace.dependencies.get(key))
        } else {
            own = Origin::new(self.manifest.dir(), value);
            Some(&own)
        };
        let renamed = origin.and_then(|origin| origin.package.clone());
        let is_renamed = renamed.is_some();
        let package = renamed.unwrap_or_else(|| key.to_owned());
        let dir = match origin.map(|origin| &origin.place) {
            None => None,
            Some(Place::Path(path)) => path.clone(),
            Some(Place::Source(source)) => {
                self.patches.and_then(|patches| patches.dir(source, &package)).cloned()
            }
        };
        let dependency = Dependency {
            name: in_code(key),
            package,
            when,
            member: None,
            span,
            line: self.lines.line(span.start),
            cfg: cfg.map(str::to_owned),
            optional: value.as_table().and_then(|table| flag(table, "optional")) == Some(true),
        };
        self.written.push(Written { dependency, is_renamed, dir });
    }
}

/// Gives each package its dependencies, now that it is known which packages there are and what their libraries are called.
pub(super) fn link(packages: &mut [Package], written: Vec<Vec<Written>>) {
    let libraries: BTreeMap<String, (usize, String)> = packages
        .iter()
        .enumerate()
        .filter_map(|(at, package)| Some((package.dir().to_owned(), (at, package.library()?.crate_name()))))
        .collect();
    for (package, written) in packages.iter_mut().zip(written) {
        let linked = written.into_iter().map(|Written { mut dependency, is_renamed, dir }| {
            if let Some((member, library)) = dir.and_then(|dir| libraries.get(&dir)) {
                dependency.member = Some(*member);
                if !is_renamed {
                    dependency.name.clone_from(library);
                }
            }
            dependency
        });
        package.dependencies = linked.collect();
    }
}
