//! Cargo.toml: which packages there are, which of them a workspace builds, and the root files of their targets.
//!
//! Read as Cargo reads it, without Cargo: it need not be there, and it obeys files of the tree.

use std::collections::{BTreeMap, BTreeSet};

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use toml::{Table, Value};

use super::files::{Files, join, parent};
use crate::source::RelPath;

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
}

impl Package {
    /// The directory of its manifest.
    pub fn dir(&self) -> &str {
        parent(&self.manifest)
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

/// The packages of the manifests, in their order. One that is no TOML or names no package is none.
pub fn packages(manifests: &[(&RelPath, &str)], files: &Files) -> Vec<Package> {
    let tables: Vec<Manifest> = manifests
        .iter()
        .filter_map(|(path, text)| {
            let table = text.trim_start_matches('\u{feff}').parse().ok()?;
            Some(Manifest { path: path.as_str(), table })
        })
        .collect();
    let workspaces = Workspaces::new(&tables);
    let built = workspaces.built(&tables);
    tables
        .iter()
        .enumerate()
        .filter_map(|(at, manifest)| package(manifest, &workspaces, built.contains(&at), files))
        .collect()
}

struct Manifest<'a> {
    path: &'a str,
    table: Table,
}

impl Manifest<'_> {
    fn dir(&self) -> &str {
        parent(self.path)
    }

    fn package(&self) -> Option<&Table> {
        let package = self.table.get("package").or_else(|| self.table.get("project"));
        package.and_then(Value::as_table)
    }

    /// The directories that its dependencies name, those of the workspace among them.
    fn path_dependencies(&self, workspace: Option<&Workspace>) -> BTreeSet<String> {
        let mut paths = BTreeSet::new();
        let of_targets = self.table.get("target").and_then(Value::as_table);
        let targets = of_targets.into_iter().flat_map(Table::values).filter_map(Value::as_table);
        for table in targets.chain([&self.table]) {
            for kind in ["dependencies", "dev-dependencies", "build-dependencies"] {
                let dependencies = table.get(kind).and_then(Value::as_table);
                for (name, dependency) in dependencies.into_iter().flatten() {
                    if let Some(path) = dependency.get("path").and_then(Value::as_str) {
                        paths.extend(join(self.dir(), path));
                    } else if dependency.get("workspace").and_then(Value::as_bool) == Some(true) {
                        let shared = workspace.and_then(|workspace| workspace.dependencies.get(name));
                        paths.extend(shared.cloned());
                    }
                }
            }
        }
        paths
    }
}

/// A `[workspace]`.
struct Workspace {
    members: GlobSet,
    exclude: Vec<String>,
    edition: Option<u16>,
    /// Directories of its dependencies with a path, by name.
    dependencies: BTreeMap<String, String>,
}

impl Workspace {
    fn new(dir: &str, table: &Table) -> Self {
        let mut members = GlobSetBuilder::new();
        for member in texts(table.get("members")) {
            let glob = join(&globset::escape(dir), member)
                .and_then(|glob| GlobBuilder::new(&glob).literal_separator(true).build().ok());
            if let Some(glob) = glob {
                members.add(glob);
            }
        }
        let dependencies = table.get("dependencies").and_then(Value::as_table).into_iter().flatten();
        let dependencies = dependencies.filter_map(|(name, dependency)| {
            let path = dependency.get("path").and_then(Value::as_str)?;
            Some((name.clone(), join(dir, path)?))
        });
        Self {
            members: members.build().unwrap_or_default(),
            exclude: texts(table.get("exclude")).filter_map(|path| join(dir, path)).collect(),
            edition: table.get("package").and_then(|package| edition(package.get("edition")?)),
            dependencies: dependencies.collect(),
        }
    }

    fn excludes(&self, dir: &str) -> bool {
        let within = |above: &String| {
            dir.strip_prefix(above.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.exclude.iter().any(within) && !self.members.is_match(dir)
    }
}

/// The workspaces by their directory.
struct Workspaces(BTreeMap<String, Workspace>);

impl Workspaces {
    fn new(manifests: &[Manifest]) -> Self {
        let workspaces = manifests.iter().filter_map(|manifest| {
            let table = manifest.table.get("workspace")?.as_table()?;
            Some((manifest.dir().to_owned(), Workspace::new(manifest.dir(), table)))
        });
        Self(workspaces.collect())
    }

    /// The directory of the workspace that a manifest belongs to, or would have to: the nearest one.
    fn of(&self, manifest: &Manifest) -> Option<String> {
        let own = manifest.package().and_then(|package| package.get("workspace")?.as_str());
        if let Some(path) = own {
            return join(manifest.dir(), path);
        }
        let mut dir = manifest.dir();
        loop {
            if let Some(workspace) = self.0.get(dir) {
                return (!workspace.excludes(manifest.dir())).then(|| dir.to_owned());
            }
            if dir.is_empty() {
                return None;
            }
            dir = parent(dir);
        }
    }

    /// The manifests that Cargo builds: roots, members, what is in no workspace, and what these depend on by path.
    fn built(&self, manifests: &[Manifest]) -> BTreeSet<usize> {
        let homes: Vec<Option<String>> = manifests.iter().map(|manifest| self.of(manifest)).collect();
        let at_dir: BTreeMap<&str, usize> =
            manifests.iter().enumerate().map(|(at, manifest)| (manifest.dir(), at)).collect();
        let is_member = |at: usize| match &homes[at] {
            None => true,
            Some(home) => {
                let dir = manifests[at].dir();
                home == dir || self.0.get(home).is_some_and(|workspace| workspace.members.is_match(dir))
            }
        };
        let mut queue: Vec<usize> = (0..manifests.len()).filter(|at| is_member(*at)).collect();
        let mut built: BTreeSet<usize> = queue.iter().copied().collect();
        while let Some(at) = queue.pop() {
            let workspace = homes[at].as_ref().and_then(|home| self.0.get(home));
            let paths = manifests[at].path_dependencies(workspace);
            for dependency in paths.iter().filter_map(|path| at_dir.get(path.as_str())) {
                if built.insert(*dependency) {
                    queue.push(*dependency);
                }
            }
        }
        built
    }
}

fn package(manifest: &Manifest, workspaces: &Workspaces, is_built: bool, files: &Files) -> Option<Package> {
    let table = manifest.package()?;
    let name = table.get("name")?.as_str()?;
    let edition = match table.get("edition") {
        Some(Value::Table(inherited))
            if inherited.get("workspace").and_then(Value::as_bool) == Some(true) =>
        {
            workspaces.of(manifest).and_then(|home| workspaces.0.get(&home)?.edition)
        }
        Some(value) => edition(value),
        None => None,
    };
    let package = Package {
        manifest: manifest.path.to_owned(),
        name: name.to_owned(),
        edition: edition.unwrap_or(2015),
        is_built,
        targets: Vec::new(),
        missing: Vec::new(),
    };
    let mut finder = Finder { package, table: &manifest.table, settings: table, files };
    finder.library();
    finder.build_scripts();
    for kind in [TargetKind::Bin, TargetKind::Example, TargetKind::Test, TargetKind::Bench] {
        finder.targets(kind);
    }
    Some(finder.package)
}

/// Finds the targets of a package.
struct Finder<'a> {
    package: Package,
    table: &'a Table,
    settings: &'a Table,
    files: &'a Files<'a>,
}

impl Finder<'_> {
    fn library(&mut self) {
        let library = self.table.get("lib").and_then(Value::as_table);
        let said = |key: &str| library?.get(key)?.as_str();
        let name = said("name").map_or_else(|| self.package.name.replace('-', "_"), str::to_owned);
        if let Some(path) = said("path") {
            self.add(TargetKind::Lib, name, path);
        } else if library.is_some() || self.settings.get("autolib").and_then(Value::as_bool) != Some(false) {
            // Before `src/lib.rs` it was called like the library.
            let old = format!("src/{name}.rs");
            let path = if self.is_there("src/lib.rs") { "src/lib.rs" } else { &old };
            if self.is_there(path) && (path == "src/lib.rs" || library.is_some()) {
                self.add(TargetKind::Lib, name, path);
            }
        }
    }

    fn build_scripts(&mut self) {
        let settings = self.settings;
        match settings.get("build") {
            Some(Value::Boolean(false)) => {}
            None if !self.is_there("build.rs") => {}
            None | Some(Value::Boolean(true)) => self.build_script("build.rs"),
            Some(Value::String(path)) => self.build_script(path),
            several => texts(several).for_each(|path| self.build_script(path)),
        }
    }

    fn build_script(&mut self, path: &str) {
        self.add(TargetKind::Build, "build-script-build".to_owned(), path);
    }

    /// What is written, and what lies where Cargo looks for that sort of target.
    fn targets(&mut self, kind: TargetKind) {
        let (key, auto, dir) = match kind {
            TargetKind::Bin => ("bin", "autobins", "src/bin"),
            TargetKind::Example => ("example", "autoexamples", "examples"),
            TargetKind::Test => ("test", "autotests", "tests"),
            TargetKind::Bench => ("bench", "autobenches", "benches"),
            TargetKind::Lib | TargetKind::Build => return,
        };
        let mut lying = self.lying(dir);
        if kind == TargetKind::Bin && self.is_there("src/main.rs") {
            lying.insert(0, (self.package.name.clone(), "src/main.rs".to_owned()));
        }
        let written = self.table.get(key).and_then(Value::as_array);
        let mut taken = BTreeSet::new();
        for target in written.into_iter().flatten().filter_map(Value::as_table) {
            let said = |key: &str| target.get(key).and_then(Value::as_str);
            let Some(name) = said("name") else { continue };
            let found = || lying.iter().find(|(lies, _)| lies == name).map(|(_, path)| path.clone());
            let path = said("path").map(str::to_owned).or_else(found);
            let path = path.unwrap_or_else(|| format!("{dir}/{name}.rs"));
            self.add(kind, name.to_owned(), &path);
            taken.extend([name.to_owned(), path]);
        }
        // In the first edition a list of targets was all of them.
        let by_default = self.package.edition > 2015 || written.is_none();
        if self.settings.get(auto).and_then(Value::as_bool).unwrap_or(by_default) {
            for (name, path) in
                lying.iter().filter(|(name, path)| !taken.contains(name) && !taken.contains(path))
            {
                self.add(kind, name.clone(), path);
            }
        }
    }

    /// `dir/NAME.rs` and `dir/NAME/main.rs`, by name.
    fn lying(&self, dir: &str) -> Vec<(String, String)> {
        let Some(place) = join(self.package.dir(), dir) else { return Vec::new() };
        let found = self.files.below(&place).filter_map(|path| {
            let name = path.strip_suffix("/main.rs").or_else(|| path.strip_suffix(".rs"))?;
            (!name.contains('/')).then(|| (name.to_owned(), format!("{dir}/{path}")))
        });
        found.collect()
    }

    fn is_there(&self, path: &str) -> bool {
        join(self.package.dir(), path).is_some_and(|path| self.files.find(&path).is_some())
    }

    fn add(&mut self, kind: TargetKind, name: String, path: &str) {
        match join(self.package.dir(), path) {
            Some(root) if self.files.find(&root).is_some() => {
                self.package.targets.push(Target { kind, name, root });
            }
            _ => self.package.missing.push(path.to_owned()),
        }
    }
}

fn edition(value: &Value) -> Option<u16> {
    value.as_str()?.parse().ok()
}

fn texts(value: Option<&Value>) -> impl Iterator<Item = &str> {
    value.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}
