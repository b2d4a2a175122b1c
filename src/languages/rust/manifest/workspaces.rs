//! `[workspace]`: which manifests belong to one, and which packages Cargo builds.

use std::collections::{BTreeMap, BTreeSet};

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use toml::de::DeTable;

use super::dependencies::{self, Origin, Patches, Written};
use super::{Manifest, edition, table, text, texts};
use crate::languages::rust::files::{join, parent};
use crate::source::RelPath;

/// A `[workspace]`, and what else counts in its root alone.
pub(super) struct Workspace {
    members: GlobSet,
    exclude: Vec<String>,
    pub(super) edition: Option<u16>,
    /// What its members may inherit.
    pub(super) dependencies: BTreeMap<String, Origin>,
    pub(super) patches: Patches,
}

impl Workspace {
    /// Of a root's manifest in the directory `dir`, and the `[workspace]` in it.
    fn new(dir: &str, root: &DeTable<'_>, workspace: &DeTable<'_>) -> Self {
        let mut members = GlobSetBuilder::new();
        for member in texts(workspace, "members") {
            let glob = join(&globset::escape(dir), member)
                .and_then(|glob| GlobBuilder::new(&glob).literal_separator(true).build().ok());
            if let Some(glob) = glob {
                members.add(glob);
            }
        }
        Self {
            members: members.build().unwrap_or_default(),
            exclude: texts(workspace, "exclude").filter_map(|path| join(dir, path)).collect(),
            edition: table(workspace, "package").and_then(edition),
            dependencies: dependencies::shared(dir, workspace),
            patches: Patches::new(dir, root),
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
pub(super) struct Workspaces(BTreeMap<String, Workspace>);

impl Workspaces {
    pub(super) fn new(manifests: &[Manifest]) -> Self {
        let workspaces = manifests.iter().filter_map(|manifest| {
            let workspace = table(&manifest.table, "workspace")?;
            let dir = manifest.dir();
            Some((dir.to_owned(), Workspace::new(dir, &manifest.table, workspace)))
        });
        Self(workspaces.collect())
    }

    /// The workspace that a manifest belongs to, or would have to.
    pub(super) fn home(&self, manifest: &Manifest) -> Option<&Workspace> {
        self.0.get(&self.of(manifest)?)
    }

    /// Its directory: the nearest one.
    fn of(&self, manifest: &Manifest) -> Option<String> {
        let own = manifest.package().and_then(|package| text(package, "workspace"));
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

    /// The manifests that Cargo builds: roots, members, what is in no workspace, and what these depend on by path. Where
    /// some are `chosen`: they, and of each that is a root its members.
    pub(super) fn built(
        &self,
        manifests: &[Manifest],
        dependencies: &[Vec<Written>],
        chosen: Option<&[RelPath]>,
    ) -> BTreeSet<usize> {
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
        let named: Option<BTreeSet<&str>> = chosen.map(|chosen| {
            let chosen: BTreeSet<&str> = chosen.iter().map(RelPath::as_str).collect();
            manifests.iter().filter(|manifest| chosen.contains(manifest.path)).map(Manifest::dir).collect()
        });
        let is_built = |at: usize| match &named {
            None => is_member(at),
            // Whoever names a package wants it, member or not.
            Some(named) => {
                let of_named = || homes[at].as_deref().is_some_and(|home| named.contains(home));
                named.contains(manifests[at].dir()) || (of_named() && is_member(at))
            }
        };
        let mut queue: Vec<usize> = (0..manifests.len()).filter(|at| is_built(*at)).collect();
        let mut built: BTreeSet<usize> = queue.iter().copied().collect();
        while let Some(at) = queue.pop() {
            let dirs = dependencies[at].iter().filter_map(|written| written.dir.as_deref());
            for dependency in dirs.filter_map(|dir| at_dir.get(dir)) {
                if built.insert(*dependency) {
                    queue.push(*dependency);
                }
            }
        }
        built
    }
}
