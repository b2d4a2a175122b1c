//! The module tree from the root files of targets: which files are reached, under any cfg.
//!
//! Reads files through a callback, each once, all of one depth in parallel.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::declared::{Declared, Module, declared};
use super::files::{Files, Found, join, parent};
use crate::source::RelPath;

/// The text of a file; None where it cannot be read.
pub type Read<'a> = &'a (dyn Fn(&RelPath) -> Option<String> + Sync);

/// An inline module with several paths has as many places; more than that of one module are not followed.
const MAX_PLACES: usize = 16;

/// What the targets reach.
#[derive(Debug, Default)]
pub struct Reached {
    /// Files that are part of some target.
    pub files: BTreeSet<String>,
    /// Files that some target holds as a text.
    pub data: BTreeSet<String>,
    /// Files of which it is not known what they declare, and why, by path.
    pub unparsed: BTreeMap<String, String>,
    /// Directories below which anything may be reached: those of modules whose own file is not there or not understood.
    pub unknown: BTreeSet<String>,
}

impl Reached {
    /// Whether it may be said that no target reaches the file.
    pub(super) fn is_orphan(&self, path: &str) -> bool {
        let unknown = |dir: &str| self.unknown.contains(dir);
        !self.files.contains(path)
            && !self.data.contains(path)
            && !unknown("")
            && !path.match_indices('/').any(|(end, _)| unknown(&path[..end]))
    }
}

/// A file as the module that it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place<'a> {
    file: &'a str,
    /// The directory of the file.
    home: String,
    /// The directory below that in which its modules lie; None where it owns its directory.
    stem: Option<String>,
}

impl Place<'_> {
    /// Where the file of a module `x` is looked for, without `#[path]`.
    fn dir(&self) -> Option<String> {
        self.stem.as_ref().map_or_else(|| Some(self.home.clone()), |stem| join(&self.home, stem))
    }
}

/// All that is reached from the root files at those paths.
pub(super) fn reached<'a>(
    roots: impl Iterator<Item = &'a str>,
    files: &Files<'a>,
    read: Read<'_>,
) -> Reached {
    let mut reached = Reached::default();
    let mut texts: BTreeMap<&str, Declared> = BTreeMap::new();
    let mut known: BTreeSet<Place> = BTreeSet::new();
    let mut level: BTreeSet<Place> = roots.filter_map(|root| Some(owner(files.find(root)?))).collect();
    while !level.is_empty() {
        let fresh: BTreeSet<&str> =
            level.iter().map(|place| place.file).filter(|file| !texts.contains_key(file)).collect();
        let fresh: Vec<&str> = fresh.into_iter().collect();
        let read: Vec<Result<Declared, String>> = fresh.par_iter().map(|file| of_file(file, read)).collect();
        for (file, result) in fresh.into_iter().zip(read) {
            reached.files.insert(file.to_owned());
            let declared = result.unwrap_or_else(|why| {
                reached.unparsed.insert(file.to_owned(), why);
                Declared::default()
            });
            texts.insert(file, declared);
        }
        let mut next = BTreeSet::new();
        for place in &level {
            if reached.unparsed.contains_key(place.file) {
                reached.unknown.extend(place.dir());
                continue;
            }
            if let Some(declared) = texts.get(place.file) {
                next.extend(follow(place, declared, files, &mut reached));
            }
        }
        known.append(&mut level);
        level = next.into_iter().filter(|place| !known.contains(place)).collect();
    }
    reached
}

fn of_file(file: &str, read: Read<'_>) -> Result<Declared, String> {
    let Some(text) = read(&RelPath::new(file)) else { return Err("it cannot be read".to_owned()) };
    declared(&text).map_err(str::to_owned)
}

/// A file that owns its directory: a root, a `mod.rs`, what `#[path]` or `include!` names.
fn owner(found: Found<'_>) -> Place<'_> {
    Place { file: found.file, home: parent(&found.at).to_owned(), stem: None }
}

/// The files that a file declares.
fn follow<'a>(
    place: &Place<'a>,
    declared: &Declared,
    files: &Files<'a>,
    reached: &mut Reached,
) -> Vec<Place<'a>> {
    let mut all = Vec::new();
    // Who calls the macro is not known: a sibling, often the file that holds this one.
    if declared.by_macro {
        reached.unknown.insert(place.home.clone());
    }
    let find = |path: &String| files.find(&join(&place.home, path)?);
    all.extend(declared.includes.iter().filter_map(find).map(owner));
    reached.data.extend(declared.data.iter().filter_map(find).map(|found| found.file.to_owned()));
    for declaration in &declared.modules {
        for around in around(place, &declaration.within) {
            let before = all.len();
            let module = &declaration.module;
            let named = module.paths.iter().filter_map(|path| files.find(&join(&around.home, path)?));
            all.extend(named.map(owner));
            if !module.by_name {
                continue;
            }
            let Some(dir) = around.dir() else { continue };
            let below = if dir.is_empty() { module.name.clone() } else { format!("{dir}/{}", module.name) };
            if let Some(found) = files.find(&format!("{below}.rs")) {
                all.push(Place { stem: Some(module.name.clone()), ..owner(found) });
            }
            all.extend(files.find(&format!("{below}/mod.rs")).map(owner));
            if all.len() == before {
                reached.unknown.insert(below);
            }
        }
    }
    all
}

/// The places of the innermost of some inline modules of a file: as many as their paths make.
fn around<'a>(place: &Place<'a>, within: &[Module]) -> Vec<Place<'a>> {
    let mut places = vec![place.clone()];
    for module in within {
        let mut inner = Vec::new();
        for place in &places {
            let named = module.paths.iter().filter_map(|path| join(&place.home, path));
            let by_name = module.by_name.then(|| join(&place.dir()?, &module.name)).flatten();
            inner.extend(named.chain(by_name).map(|home| Place { file: place.file, home, stem: None }));
        }
        inner.truncate(MAX_PLACES);
        places = inner;
    }
    places
}
