//! Sources: which files there are and what they hold, from disk or from memory. Nothing else reads the tree.

mod classify;
mod names;
pub mod progress;
pub mod owners;
mod root;
mod tree;
mod walk;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::{fs, thread};

use rayon::prelude::*;
use thiserror::Error;

use crate::facts::Date;
use crate::git;
use crate::report::LeftOut;
use crate::source::{FileId, Language, RelPath, SourceFile};
use names::Names;
pub use names::escaped as shown;
use progress::Progress;
pub use root::{Root, find_root, in_repository, registries_in, repository_prefix, texts_in};
use tree::Blobs;
pub use tree::Snapshot;
use walk::{Walk, What};

/// The largest source file that is read: offsets are `u32`, and the decoded text may be longer than the bytes.
const SOURCE_LIMIT: u64 = u32::MAX as u64 / 2;

/// The largest manifest or registry that is read.
const MANIFEST_LIMIT: u64 = 4 << 20;

/// Why there are no sources at all.
#[derive(Debug, Error)]
pub enum DiscoverError {
    /// The directory to start from is none.
    #[error("cannot start in {}: {why}", path.display())]
    Start {
        /// What was asked for.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// A registry file is there, but its text cannot be had.
    #[error("cannot read {}: {why}", path.display())]
    Registry {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The root cannot be listed.
    #[error("cannot list {}: {why}", path.display())]
    Unlistable {
        /// The root.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// Git does not tell what a tree or the index holds.
    #[error("git cannot list {}: {why}", path.display())]
    Git {
        /// The root.
        path: PathBuf,
        /// What it says.
        why: String,
    },
}

/// The texts of source files and manifests, and a listing that answers "exists".
#[derive(Debug, Default)]
pub struct Sources {
    /// Source files of languages that are read, in path order; a file's id is its index.
    pub files: Vec<SourceFile>,
    /// Source files that `exclude` hides, in path order; their ids mean nothing.
    pub excluded: Vec<SourceFile>,
    /// Compiled or generated modules (`.so`, `.pyd`, `.pyx`) in path order: they exist and bind every name.
    pub compiled: Vec<RelPath>,
    /// Links inside the root, in path order.
    pub links: Vec<Link>,
    /// pyproject.toml, setup.cfg, setup.py, requirements*.txt, Pipfile; in path order.
    pub manifests: Vec<Manifest>,
    /// Dockerfiles and `.dockerignore` files, in path order.
    pub containers: Vec<Manifest>,
    /// Cargo.toml files, in path order.
    pub cargo: Vec<Manifest>,
    /// Other files that build, test or deploy (`.yaml`, `.toml`, `.cfg`, `.sh` and kin), in path order. In a snapshot they
    /// are listed, and read as they lie on disk.
    pub build: Vec<RelPath>,
    /// Rust files, in path order. Their imports are not read; which of them a target reaches is.
    pub rust: Vec<RelPath>,
    /// Rust files that `exclude` hides, in path order.
    pub excluded_rust: Vec<RelPath>,
    /// How many files of each language this version does not read.
    pub not_read: BTreeMap<&'static str, u32>,
    /// What was left out and why.
    pub left_out: Vec<LeftOut>,
    /// Paths that look like source files or hold some, but cannot be read: (path, why). Each is an unparsed-file finding.
    pub unreadable: Vec<(RelPath, String)>,
    /// What the reader should know about the listing itself (git index unreadable, …).
    pub notes: Vec<String>,
    /// The name of the root directory, for a root that is itself a package.
    pub root_name: String,
    /// Is told how far reading them has come.
    pub progress: Progress,
    /// Texts that stand for what lies there, or for what is not there yet.
    overlay: BTreeMap<RelPath, Vec<u8>>,
    origin: Origin,
}

/// A symbolic link whose target lies inside the root.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Link {
    /// The link.
    pub path: RelPath,
    /// The real file or directory.
    pub target: RelPath,
}

/// A file that says which packages there are or what an image holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// Where it lies.
    pub path: RelPath,
    /// Its text; invalid UTF-8 replaced.
    pub text: String,
}

#[derive(Debug)]
enum Origin {
    /// Below the directory; some files lie elsewhere than their shown path says.
    Disk(PathBuf, Names),
    /// What git holds; what lies below the directory with the same bytes is read there.
    Git(PathBuf, Names, Blobs),
    Memory(BTreeMap<RelPath, Vec<u8>>),
}

impl Default for Origin {
    fn default() -> Self {
        Self::Memory(BTreeMap::new())
    }
}

impl Sources {
    /// The sources below `root`; `exclude` says of a relative path whether the registry hides it.
    ///
    /// The outcome depends on the tree and git's index alone, not on the number of threads or the order in which
    /// directories list their entries.
    pub fn from_disk(root: &Path, exclude: &(dyn Fn(&str) -> bool + Sync)) -> Result<Self, DiscoverError> {
        Self::from_disk_with(root, exclude, BTreeMap::new())
    }

    /// [`Sources::from_disk`] with texts that stand for files, whether they are there or not.
    pub fn from_disk_with(
        root: &Path,
        exclude: &(dyn Fn(&str) -> bool + Sync),
        overlay: BTreeMap<RelPath, Vec<u8>>,
    ) -> Result<Self, DiscoverError> {
        let unlistable =
            |error: io::Error| DiscoverError::Unlistable { path: root.to_owned(), why: error.to_string() };
        let root = fs::canonicalize(root).map_err(unlistable)?;
        let walk = Walk::new(&root);
        let (found, tracked) = thread::scope(|scope| {
            let tracked = in_repository(&root).then(|| scope.spawn(|| git::tracked_files(&root)));
            (walk.run(), tracked.and_then(|thread| thread.join().ok()))
        });
        let mut found = found.map_err(unlistable)?;
        let root_name = root.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let mut sources = Self { root_name, ..Self::default() };
        match tracked {
            Some(Ok(tracked)) => found = walk.with_tracked(found, &tracked),
            Some(Err(why)) => sources.notes.push(format!(
                "git could not be asked ({why}): files that it tracks although .gitignore names them are left out, \
                 and the date of the commit is not known"
            )),
            None => {}
        }
        let mut names = Names::default();
        let mut found = names.shown(found);
        found.retain(|(path, _)| !overlay.contains_key(path));
        let laid = overlay.iter();
        found.extend(laid.filter_map(|(path, text)| Some((path.clone(), walk::in_memory(path, text)?))));
        sources.overlay = overlay;
        sources.origin = Origin::Disk(root, names);
        sources.list(found, exclude);
        Ok(sources)
    }

    /// The sources below `root` as a snapshot holds them. Nothing is checked out and no program of the repository runs.
    pub fn from_git(
        root: &Path,
        exclude: &(dyn Fn(&str) -> bool + Sync),
        snapshot: &Snapshot,
    ) -> Result<Self, DiscoverError> {
        let root = fs::canonicalize(root)
            .map_err(|error| DiscoverError::Unlistable { path: root.to_owned(), why: error.to_string() })?;
        let root_name = root.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let mut sources = Self { root_name, ..Self::default() };
        let mut names = Names::default();
        let listing = tree::list(&root, snapshot, &mut names)
            .map_err(|why| DiscoverError::Git { path: root.clone(), why })?;
        sources.notes.extend(listing.submodules.iter().map(|path| {
            format!("the submodule {path} is taken as it lies on disk: git records only its commit")
        }));
        sources.origin = Origin::Git(root, names, listing.blobs);
        sources.list(listing.found, exclude);
        Ok(sources)
    }

    /// Whether a path is known to hold the same bytes here and there, without reading them.
    pub fn shares(&self, other: &Self, path: &RelPath) -> bool {
        match (&self.origin, &other.origin) {
            (Origin::Git(_, _, here), Origin::Git(_, _, there)) => here.ids.get(path) == there.ids.get(path),
            (Origin::Git(_, _, here), Origin::Disk(..)) => {
                !here.texts.contains_key(path) && !other.overlay.contains_key(path)
            }
            (Origin::Disk(..), Origin::Git(..)) => other.shares(self, path),
            _ => false,
        }
    }

    /// Whether there is a source file at that path.
    pub fn holds(&self, path: &RelPath) -> bool {
        self.files.binary_search_by(|file| file.path.cmp(path)).is_ok()
            || self.rust.binary_search(path).is_ok()
    }

    /// Whether both hold the same files with the same bytes.
    pub fn is_like(&self, other: &Self) -> bool {
        let paths = |sources: &'_ Self| -> Vec<RelPath> {
            let files = sources.files.iter().chain(&sources.excluded).map(|file| file.path.clone());
            let manifests = [&sources.manifests, &sources.containers, &sources.cargo].into_iter().flatten();
            let others = [&sources.compiled, &sources.rust, &sources.excluded_rust].into_iter().flatten();
            files.chain(manifests.map(|manifest| manifest.path.clone())).chain(others.cloned()).collect()
        };
        let (here, there) = (paths(self), paths(other));
        here == there
            && self.links == other.links
            && self.unreadable == other.unreadable
            && here.par_iter().all(|path| self.shares(other, path))
    }

    /// Sources from texts alone: every path with a known suffix is a source file. For tests, specs and editors.
    pub fn from_memory(texts: BTreeMap<RelPath, Vec<u8>>) -> Self {
        Self::from_memory_excluding(texts, &|_| false)
    }

    /// [`Sources::from_memory`] with a predicate of relative paths that says what the registry hides.
    pub fn from_memory_excluding(
        texts: BTreeMap<RelPath, Vec<u8>>,
        exclude: &(dyn Fn(&str) -> bool + Sync),
    ) -> Self {
        let mut sources = Self { root_name: "project".to_owned(), ..Self::default() };
        let found = texts
            .iter()
            .filter_map(|(path, text)| Some((path.clone(), walk::in_memory(path, text)?)))
            .collect();
        sources.origin = Origin::Memory(texts);
        sources.list(found, exclude);
        sources
    }

    /// What became of files that were renamed since that day, by their old paths; and what the reader should know about
    /// the answer. Nothing without a repository.
    pub fn renames_since(&self, since: Date) -> (BTreeMap<String, Vec<String>>, Option<String>) {
        match &self.origin {
            Origin::Disk(root, _) if in_repository(root) => git::renames_since(root, since),
            _ => (BTreeMap::new(), None),
        }
    }

    /// Lays a text over a file that is listed; None takes what was laid over it away.
    pub fn lay(&mut self, path: &RelPath, text: Option<Vec<u8>>) {
        match text {
            Some(text) => self.overlay.insert(path.clone(), text),
            None => self.overlay.remove(path),
        };
    }

    /// Where a listed file lies on disk, for whoever writes it; None where the sources come from elsewhere.
    pub fn on_disk(&self, path: &RelPath) -> Option<PathBuf> {
        match &self.origin {
            Origin::Disk(root, names) => Some(root.join(names.real(path))),
            Origin::Git(..) | Origin::Memory(_) => None,
        }
    }

    /// The same of the newest `commits`.
    pub fn renames_of_last(&self, commits: usize) -> BTreeMap<String, Vec<String>> {
        match &self.origin {
            Origin::Disk(root, _) if in_repository(root) => git::renames_of_last(root, commits),
            _ => BTreeMap::new(),
        }
    }

    /// The bytes of a file, read now. Fails where the path is no longer a regular file, or has grown too large.
    pub fn read(&self, path: &RelPath) -> io::Result<Vec<u8>> {
        self.read_at_most(path, SOURCE_LIMIT)
    }

    fn read_at_most(&self, path: &RelPath, limit: u64) -> io::Result<Vec<u8>> {
        if let Some(text) = self.overlay.get(path) {
            return Ok(text.clone());
        }
        match &self.origin {
            Origin::Git(_, _, Blobs { texts, .. }) if texts.contains_key(path) => {
                let text = texts.get(path).and_then(Option::as_ref);
                let text = text.filter(|text| text.len() as u64 <= limit);
                text.cloned()
                    .ok_or_else(|| io::Error::other(format!("it is larger than {} MiB", limit >> 20)))
            }
            Origin::Disk(root, names) | Origin::Git(root, names, _) => {
                let file = root.join(names.real(path));
                // Listed as a regular file; what took its place since is not followed. (Between this line and the next
                // it may still be swapped: the standard library cannot open without following.)
                if !file.symlink_metadata()?.is_file() {
                    return Err(io::Error::other("it is not a regular file"));
                }
                read_regular(&file, limit)
            }
            Origin::Memory(texts) => texts.get(path).cloned().ok_or_else(|| io::ErrorKind::NotFound.into()),
        }
    }

    /// Sorts what was found into the lists, by path.
    fn list(&mut self, mut found: Vec<(RelPath, What)>, exclude: &(dyn Fn(&str) -> bool + Sync)) {
        found.par_sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        let excluded: Vec<bool> = found.par_iter().map(|(path, _)| exclude(path.as_str())).collect();
        for ((path, what), excluded) in found.into_iter().zip(excluded) {
            match what {
                What::Source { kind, manifest } => {
                    if manifest && !excluded {
                        self.manifests.push(Manifest { path: path.clone(), text: String::new() });
                    }
                    let list = if excluded { &mut self.excluded } else { &mut self.files };
                    let id = FileId(list.len() as u32);
                    list.push(SourceFile { id, path, language: Language::Python, kind });
                }
                What::Manifest if !excluded => self.manifests.push(Manifest { path, text: String::new() }),
                What::Container if !excluded => self.containers.push(Manifest { path, text: String::new() }),
                What::Cargo if !excluded => self.cargo.push(Manifest { path, text: String::new() }),
                What::Build if !excluded => self.build.push(path),
                What::NotRead(Language::Rust) if excluded => self.excluded_rust.push(path),
                What::NotRead(language) if !excluded => {
                    if language == Language::Rust {
                        self.rust.push(path);
                    }
                    let count = self.not_read.entry(language.name()).or_default();
                    *count += 1;
                }
                What::Unreadable { why, directory } if !excluded => {
                    self.unreadable.push((if directory { as_directory(&path) } else { path }, why));
                }
                What::Manifest
                | What::Cargo
                | What::Container
                | What::Build
                | What::NotRead(_)
                | What::Unreadable { .. }
                | What::Ignored => {}
                What::Compiled => self.compiled.push(path),
                What::Link(target) => self.links.push(Link { path, target }),
                What::LeftOut { why, directory, tracked } => {
                    let path = if directory { as_directory(&path) } else { path }.to_string();
                    let why = match tracked {
                        0 => why.to_owned(),
                        1 => format!("{why}, but for 1 tracked file"),
                        n => format!("{why}, but for {n} tracked files"),
                    };
                    self.left_out.push(LeftOut { path, why });
                }
            }
        }
        let (manifests, cargo, containers) = (
            std::mem::take(&mut self.manifests),
            std::mem::take(&mut self.cargo),
            std::mem::take(&mut self.containers),
        );
        self.manifests = self.with_texts(manifests);
        self.cargo = self.with_texts(cargo);
        self.containers = self.with_texts(containers);
    }

    fn with_texts(&mut self, mut manifests: Vec<Manifest>) -> Vec<Manifest> {
        let read: Vec<io::Result<Vec<u8>>> =
            manifests.par_iter().map(|manifest| self.read_at_most(&manifest.path, MANIFEST_LIMIT)).collect();
        for (manifest, read) in manifests.iter_mut().zip(read) {
            match read {
                Ok(bytes) => manifest.text = String::from_utf8_lossy(&bytes).into_owned(),
                Err(error) => self.notes.push(format!("{} could not be read: {error}", manifest.path)),
            }
        }
        manifests
    }
}

/// Whether a file of that path and text would be listed at all.
pub fn is_listed(path: &RelPath, text: &[u8]) -> bool {
    walk::in_memory(path, text).is_some_and(|what| !matches!(what, What::Build))
}

fn as_directory(path: &RelPath) -> RelPath {
    RelPath::new(format!("{path}/"))
}

/// The bytes of a regular file, links followed; anything else is not opened, since a FIFO would block.
pub fn read_regular(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let data = fs::metadata(path)?;
    if !data.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    let mut bytes = Vec::with_capacity(data.len().min(limit) as usize + 1);
    File::open(path)?.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(io::Error::other(format!("it is larger than {} MiB", limit >> 20)));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests;
