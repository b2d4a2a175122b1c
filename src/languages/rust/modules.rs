//! Which files the targets reach, under any cfg, and the tree of modules that each target makes of them.
//!
//! Reads files through a callback, each once, all of one depth in parallel.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

use compact_str::CompactString;
use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::extract::extract;
use super::files::{Files, Found, join, parent};
use super::text::{Declared, Text, Visibility};
use crate::facts::Problem;
use crate::source::{RelPath, Span};

/// The text of a file with a stamp that tells whether it is still the same; None where it cannot be read.
pub type Read<'a> = &'a (dyn Fn(&RelPath) -> Option<(String, u64)> + Sync);

/// An inline module with several paths has as many places; more than that of one module are not followed.
const MAX_PLACES: usize = 16;

/// Files that name each other by `#[path]` can make modules without number; what lies beyond is not followed.
const MAX_MODULES: usize = 200_000;

/// What the targets reach.
#[derive(Debug, Default)]
pub struct Reached {
    /// Files that are part of some target, by path, with what each says.
    pub files: BTreeMap<String, File>,
    /// Files that some target holds as a text.
    pub data: BTreeSet<String>,
    /// Directories below which anything may be reached: those of modules whose own file is not there or not understood.
    pub unknown: BTreeSet<String>,
}

/// A file that some target reaches.
#[derive(Debug, Default)]
pub struct File {
    /// What it says.
    pub text: Text,
    /// Tells whether it is still the one that was read.
    pub stamp: u64,
}

impl Reached {
    /// Whether it may be said that no target reaches the file.
    pub(super) fn is_orphan(&self, path: &str) -> bool {
        let unknown = |dir: &str| self.unknown.contains(dir);
        !self.files.contains_key(path)
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
    let mut known: BTreeSet<Place> = BTreeSet::new();
    let mut level: BTreeSet<Place> = roots.filter_map(|root| Some(owner(files.find(root)?))).collect();
    while !level.is_empty() {
        let fresh: BTreeSet<&str> =
            level.iter().map(|place| place.file).filter(|file| !reached.files.contains_key(*file)).collect();
        let fresh: Vec<&str> = fresh.into_iter().collect();
        let read: Vec<File> = fresh.par_iter().map(|file| of_file(file, read)).collect();
        reached.files.extend(fresh.into_iter().map(str::to_owned).zip(read));
        let mut next = BTreeSet::new();
        for place in &level {
            let Some(File { text, .. }) = reached.files.get(place.file) else { continue };
            if text.problem.is_some() {
                reached.unknown.extend(place.dir());
            }
            // Who calls the macro is not known: a sibling, often the file that holds this one.
            if text.by_macro {
                reached.unknown.insert(place.home.clone());
            }
            let data = text.data.iter().filter_map(|path| files.find(&join(&place.home, path)?));
            reached.data.extend(data.map(|found| found.file.to_owned()));
            let below = Below::of(place, text, files);
            next.extend(below.includes.into_iter().map(|(_, place)| place));
            for (_, _, places) in below.files {
                next.extend(places);
            }
            reached.unknown.extend(below.missing);
        }
        known.append(&mut level);
        level = next.into_iter().filter(|place| !known.contains(place)).collect();
    }
    reached
}

fn of_file(file: &str, read: Read<'_>) -> File {
    let nothing = |why: &str| {
        let problem = Problem { message: why.into(), span: Span::default(), line: 1 };
        Text { parts: vec![super::text::Part::default()], problem: Some(problem), ..Text::default() }
    };
    let Some((text, stamp)) = read(&RelPath::new(file)) else {
        return File { text: nothing("it cannot be read"), stamp: 0 };
    };
    // A fault of the reader must not take the run down with it, nor pass for a file without imports.
    let text = catch_unwind(AssertUnwindSafe(|| extract(&text)))
        .unwrap_or_else(|_| nothing("reading it failed (please report this file)"));
    File { text, stamp }
}

/// A file that owns its directory: a root, a `mod.rs`, what `#[path]` or `include!` names.
fn owner(found: Found<'_>) -> Place<'_> {
    Place { file: found.file, home: parent(&found.at).to_owned(), stem: None }
}

/// The files that a file declares.
struct Below<'a, 't> {
    /// What `include!` puts into a part.
    includes: Vec<(u32, Place<'a>)>,
    /// The `mod x;` lines of each part, and where the file of each is: several under several cfgs.
    files: Vec<(u32, &'t Declared, Vec<Place<'a>>)>,
    /// Where a file was looked for that is not there.
    missing: Vec<String>,
}

impl<'a, 't> Below<'a, 't> {
    fn of(place: &Place<'a>, text: &'t Text, files: &Files<'a>) -> Self {
        let mut below = Self { includes: Vec::new(), files: Vec::new(), missing: Vec::new() };
        let mut places: Vec<Vec<Place>> = Vec::with_capacity(text.parts.len());
        for (at, part) in text.parts.iter().enumerate() {
            let own = match part.parent {
                None => vec![place.clone()],
                Some(parent) => inline(&places[parent as usize], &part.declared),
            };
            for declared in &part.files {
                let mut found = Vec::new();
                for around in &own {
                    let before = found.len();
                    let named = declared.paths.iter();
                    found.extend(named.filter_map(|path| files.find(&join(&around.home, path)?)).map(owner));
                    if !declared.by_name {
                        continue;
                    }
                    let Some(dir) = around.dir() else { continue };
                    let name = declared.name.as_str();
                    let below_dir = if dir.is_empty() { name.to_owned() } else { format!("{dir}/{name}") };
                    if let Some(lies) = files.find(&format!("{below_dir}.rs")) {
                        found.push(Place { stem: Some(name.to_owned()), ..owner(lies) });
                    }
                    found.extend(files.find(&format!("{below_dir}/mod.rs")).map(owner));
                    if found.len() == before {
                        below.missing.push(below_dir);
                    }
                }
                found.sort();
                found.dedup();
                below.files.push((at as u32, declared, found));
            }
            places.push(own);
        }
        for (part, path) in &text.includes {
            let found = join(&place.home, path).and_then(|path| files.find(&path));
            below.includes.extend(found.map(|found| (*part, owner(found))));
        }
        below
    }
}

/// The places of an inline module: as many as its paths make.
fn inline<'a>(around: &[Place<'a>], declared: &Declared) -> Vec<Place<'a>> {
    let mut inner = Vec::new();
    for place in around {
        let named = declared.paths.iter().filter_map(|path| join(&place.home, path));
        let by_name = declared.by_name.then(|| join(&place.dir()?, &declared.name)).flatten();
        inner.extend(named.chain(by_name).map(|home| Place { file: place.file, home, stem: None }));
    }
    inner.truncate(MAX_PLACES);
    inner
}

/// A part of a text, as a piece of a module.
#[derive(Clone, Copy, Debug)]
pub struct Piece<'r> {
    /// The file's path.
    pub path: &'r str,
    /// What the file says.
    pub text: &'r Text,
    /// Index into [`Text::parts`].
    pub part: u32,
}

/// A module of one target.
#[derive(Debug)]
pub struct Module<'r> {
    /// Its whole name, `krate::a::b`.
    pub name: String,
    /// Which target, by index into the list the tree was made from.
    pub target: u32,
    /// The module it lies in; None for a target's root.
    pub parent: Option<u32>,
    /// What it is written in: one piece, and what `include!` puts there.
    pub pieces: Vec<Piece<'r>>,
    /// The modules in it, in source order; several of one name under several cfgs.
    pub children: Vec<(CompactString, u32)>,
    /// Who may name it.
    pub visibility: Visibility,
    /// Whether it is there for tests only, by its declaration or by one around it.
    pub test: bool,
    /// Whether it stands under a cfg other than that of tests; those it lies in may do so too.
    pub conditional: bool,
    /// Whether a file or module that it declares is not there, so that it may hold more than is known.
    pub incomplete: bool,
}

/// The modules of the target with that root file: the root first, each after the one it lies in. Appended to `modules`.
pub(super) fn tree<'r>(
    root: &str,
    name: &str,
    target: u32,
    files: &Files<'r>,
    reached: &'r Reached,
    modules: &mut Vec<Module<'r>>,
) {
    let Some(place) = files.find(root).map(owner) else { return };
    let first = modules.len() as u32;
    modules.push(Module {
        name: name.to_owned(),
        target,
        parent: None,
        pieces: Vec::new(),
        children: Vec::new(),
        visibility: Visibility::Public,
        test: false,
        conditional: false,
        incomplete: false,
    });
    let mut declared_as: FxHashMap<(u32, &str, &str), u32> = FxHashMap::default();
    let mut open = vec![(first, place)];
    while let Some((at, place)) = open.pop() {
        let Some((path, file)) = reached.files.get_key_value(place.file) else { continue };
        let text = &file.text;
        let below = Below::of(&place, text, files);
        // Which module each part is.
        let mut of_part: Vec<u32> = Vec::with_capacity(text.parts.len());
        for (index, part) in text.parts.iter().enumerate() {
            let own = match part.parent {
                None => at,
                Some(parent) => add(modules, of_part[parent as usize], &part.declared),
            };
            modules[own as usize].pieces.push(Piece { path, text, part: index as u32 });
            modules[own as usize].incomplete |= text.problem.is_some();
            modules[own as usize].conditional |= part.declared.conditional && part.parent.is_none();
            of_part.push(own);
        }
        for (part, place) in below.includes {
            let at = of_part[part as usize];
            if !comes_again(modules, at, place.file) && modules.len() < MAX_MODULES {
                open.push((at, place));
            }
        }
        for (part, declared, places) in below.files {
            let parent = of_part[part as usize];
            if places.is_empty() {
                modules[parent as usize].incomplete = true;
            }
            for place in places {
                if comes_again(modules, parent, place.file) || modules.len() >= MAX_MODULES {
                    continue;
                }
                // One file under two cfgs is one module.
                match declared_as.entry((parent, &declared.name, place.file)) {
                    Entry::Occupied(twin) => {
                        let twin = &mut modules[*twin.get() as usize];
                        twin.test &= declared.test;
                        twin.conditional &= declared.conditional;
                        if declared.visibility == Visibility::Public {
                            twin.visibility = Visibility::Public;
                        }
                    }
                    Entry::Vacant(free) => {
                        let child = add(modules, parent, declared);
                        free.insert(child);
                        open.push((child, place));
                    }
                }
            }
        }
    }
}

fn add(modules: &mut Vec<Module>, parent: u32, declared: &Declared) -> u32 {
    let at = modules.len() as u32;
    let around = &mut modules[parent as usize];
    around.children.push((declared.name.clone(), at));
    let module = Module {
        name: format!("{}::{}", around.name, declared.name),
        target: around.target,
        parent: Some(parent),
        pieces: Vec::new(),
        children: Vec::new(),
        visibility: declared.visibility.clone(),
        test: around.test || declared.test,
        conditional: declared.conditional,
        incomplete: false,
    };
    modules.push(module);
    at
}

/// Whether a file is already a piece of the module or of one it lies in: a circle, which rustc refuses.
fn comes_again(modules: &[Module], mut at: u32, file: &str) -> bool {
    loop {
        let module = &modules[at as usize];
        if module.pieces.iter().any(|piece| piece.path == file) {
            return true;
        }
        match module.parent {
            Some(parent) => at = parent,
            None => return false,
        }
    }
}
