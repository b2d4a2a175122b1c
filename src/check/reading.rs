//! A tree is read: what each file says, then the graph of all. What another state of the tree shares with it is not read
//! again.

use std::collections::BTreeMap;
use std::hash::Hasher;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Instant;

use aho_corasick::AhoCorasick;
use rayon::prelude::*;
use rustc_hash::FxHasher;

use super::{Analysis, NothingChecked};
use crate::discover::Sources;
use crate::discover::progress::Stage;
use crate::facts::load::Code;
use crate::facts::{Facts, Problem};
use crate::graph::build;
use crate::languages::python::project;
use crate::languages::python::resolve::{Listing, Tree};
use crate::languages::python::{self, ExtractOptions};
use crate::languages::rust::units::{Unit, Units};
use crate::languages::rust::{self, RustProject};
use crate::registry::pattern::Subject;
use crate::registry::{Entry, EntryKind, Registry};
use crate::report::Timing;
use crate::source::{FileId, FileKind, Language, RelPath, SourceFile, Span};

/// A state of the same tree that is analysed already, for the same registry.
#[derive(Clone, Copy)]
pub(super) struct Later<'a> {
    pub(super) sources: &'a Sources,
    pub(super) analysis: &'a Analysis,
}

impl Later<'_> {
    /// What the file at that path says there, where it is the same file. `files` of both are in path order.
    fn facts(self, sources: &Sources, file: &SourceFile) -> Option<(Arc<Facts>, u64)> {
        if !sources.shares(self.sources, &file.path) {
            return None;
        }
        let theirs = &self.sources.files;
        let at = theirs.binary_search_by(|other| other.path.cmp(&file.path)).ok()?;
        (theirs[at].kind == file.kind)
            .then(|| (Arc::clone(&self.analysis.graph.facts[at]), self.analysis.hashes[at]))
    }
}

/// Analyses a tree; what it shares with a `later` one is not read again.
pub(super) fn analyse_beside(
    registry: &Registry,
    sources: &Sources,
    wanted: &Wanted,
    later: Option<Later>,
) -> Result<Analysis, NothingChecked> {
    let manifests: Vec<(&RelPath, &str)> =
        sources.manifests.iter().map(|manifest| (&manifest.path, manifest.text.as_str())).collect();
    let mut project = project::project(&sources.files, &sources.compiled, &manifests);
    if let Some(roots) = &registry.python.roots {
        project.roots.clone_from(roots);
    }
    project.add_import_names(&registry.python.import_names);
    let version = registry.python.version.unwrap_or(project.version);
    let start = Instant::now();
    // The newest Python that the manifests allow decides what parses.
    let later = later.filter(|later| {
        registry.python.version.is_some() || later.analysis.project.version == project.version
    });
    sources.progress.begin(Stage::Reading, sources.files.len() + sources.rust.len());
    let (mut facts, mut hashes): (Vec<Arc<Facts>>, Vec<u64>) = sources
        .files
        .par_iter()
        .map(|file| {
            sources.progress.step();
            later.and_then(|later| later.facts(sources, file)).unwrap_or_else(|| {
                let (facts, hash) = read(sources, file, version, wanted);
                (Arc::new(facts), hash)
            })
        })
        .unzip();
    let (rust, mut units) = read_rust(registry, sources);
    // What `exclude` hides may be named, and is not judged.
    let hidden = |unit: &Unit| {
        sources.excluded_rust.binary_search_by(|path| path.as_str().cmp(unit.path.as_str())).is_ok()
    };
    let excluded_rust: u32 =
        units.units.iter().filter(|unit| hidden(unit)).map(|unit| unit.named.len() as u32).sum();
    units.units.retain(|unit| !hidden(unit));
    if sources.files.is_empty() && sources.unreadable.is_empty() && units.units.is_empty() {
        return Err(NothingChecked::NoSource { root: sources.root_name.clone(), but: instead(sources) });
    }
    let mut files = sources.files.clone();
    for unit in &mut units.units {
        let id = FileId(files.len() as u32);
        let path = RelPath::new(unit.path.as_str());
        let read = rust.as_ref().and_then(|rust| rust.reached.files.get(&unit.path)).map(|file| file.stamp);
        let stamp = read.or_else(|| sources.read(&path).ok().map(|bytes| hash(&bytes)));
        files.push(SourceFile { id, path, language: Language::Rust, kind: FileKind::Module });
        facts.push(Arc::new(std::mem::take(&mut unit.facts)));
        hashes.push(stamp.unwrap_or_default());
    }
    let excluded_python: u32 = sources
        .excluded
        .par_iter()
        .map(|file| sources.read(&file.path).map_or(0, |bytes| python::prescan::count_imports(&bytes)))
        .sum();
    let excluded_imports = excluded_python + excluded_rust;
    sources.progress.begin(Stage::Graph, 0);
    let mut took = vec![Timing::since("files", start)];
    let start = Instant::now();
    let links = links(sources);
    let tree = Tree::new(&Listing {
        files: &sources.files,
        compiled: &project.opaque,
        links: &links,
        roots: &project.roots,
        root_name: &sources.root_name,
    });
    let graph = build::build(build::Input {
        files: &files,
        facts,
        tree,
        rust: build::rust::Rust { units, first: sources.files.len() as u32 },
        scope_named: &|name| registry.scopes.iter().position(|scope| scope.name == name).map(|at| at as u16),
        first_party: &registry.python.first_party,
        third_party: &registry.python.third_party,
        is_declared: &|name| project.declares(name),
        is_opaque: &|name, path| {
            let subject = Subject { name, path, scope: "", language: Language::Python };
            registry.python.opaque.iter().any(|pattern| pattern.matches(&subject))
        },
        scope_of: &|path| registry.scope_at(path) as u16,
        production: registry.production() as u16,
    });
    took.push(Timing::since("graph", start));
    Ok(Analysis { graph, project, rust, files, hashes, excluded_imports, took })
}

/// The Rust packages of the tree, and what their modules say.
fn read_rust(registry: &Registry, sources: &Sources) -> (Option<RustProject>, Units) {
    if sources.cargo.is_empty() || sources.rust.is_empty() {
        return (None, Units::default());
    }
    let manifests: Vec<(&RelPath, &str)> =
        sources.cargo.iter().map(|manifest| (&manifest.path, manifest.text.as_str())).collect();
    let chosen = registry.rust.manifests.as_ref();
    let chosen: Option<Vec<RelPath>> =
        chosen.map(|items| items.iter().map(|item| RelPath::new(item.text.as_str())).collect());
    let links = links(sources);
    let (project, units) = rust::project(&rust::Listing {
        manifests: &manifests,
        chosen: chosen.as_deref(),
        files: &sources.rust,
        hidden: &sources.excluded_rust,
        links: &links,
        read: &|path| {
            sources.progress.step();
            let bytes = sources.read(path).ok()?;
            Some((String::from_utf8_lossy(&bytes).into_owned(), hash(&bytes)))
        },
    });
    (Some(project), units)
}

fn links(sources: &Sources) -> Vec<(&str, &str)> {
    sources.links.iter().map(|link| (link.path.as_str(), link.target.as_str())).collect()
}

/// What a tree without source files holds instead, in brackets; empty where it holds nothing worth a word.
fn instead(sources: &Sources) -> String {
    let counted = |n: usize, noun: &str| format!("{n} {noun}{}", if n == 1 { "" } else { "s" });
    let mut parts: Vec<String> = sources
        .not_read
        .iter()
        .map(|(language, n)| {
            let files = counted(*n as usize, &format!("{language} file"));
            let why = if *language == "rust" { " that no Cargo.toml leads to" } else { ", not read yet" };
            format!("{files}{why}")
        })
        .collect();
    if !sources.excluded.is_empty() {
        parts.push(format!("`exclude` hides {}", counted(sources.excluded.len(), "file")));
    }
    let mut left_out: BTreeMap<&str, usize> = BTreeMap::new();
    for left in &sources.left_out {
        *left_out.entry(&left.why).or_default() += 1;
    }
    parts.extend(left_out.iter().map(|(why, n)| format!("{} left out: {why}", counted(*n, "path"))));
    if parts.is_empty() { String::new() } else { format!(" ({})", parts.join("; ")) }
}

fn read(sources: &Sources, file: &SourceFile, version: (u8, u8), wanted: &Wanted) -> (Facts, u64) {
    let bytes = match sources.read(&file.path) {
        Ok(bytes) => bytes,
        Err(error) => return (unreadable(format!("it cannot be read: {error}")), 0),
    };
    let accesses = wanted.accesses_in(&bytes);
    let options = ExtractOptions { accesses, load: wanted.load, ..extract_options(file, version) };
    // A parser's own fault must not take the run down with it, nor pass for a file without imports.
    let facts = catch_unwind(AssertUnwindSafe(|| python::extract(&bytes, &options)))
        .unwrap_or_else(|_| unreadable("the parser failed on it (please report this file)".to_owned()));
    (facts, hash(&bytes))
}

/// What the functions of a file run; nothing where the file is no longer the one that was read.
pub(super) fn read_code(sources: &Sources, analysis: &Analysis, file: FileId, version: (u8, u8)) -> Code {
    let source = &analysis.files[file.index()];
    let bytes = sources.read(&source.path).unwrap_or_default();
    if hash(&bytes) != analysis.hashes[file.index()] {
        return Code::default();
    }
    let options = extract_options(source, version);
    let facts = &analysis.graph.facts[file.index()];
    catch_unwind(AssertUnwindSafe(|| python::code(&bytes, &options, facts))).unwrap_or_default()
}

fn extract_options(file: &SourceFile, version: (u8, u8)) -> ExtractOptions {
    ExtractOptions {
        version,
        accesses: false,
        load: false,
        is_package: file.path.file_name().starts_with("__init__."),
        kind: file.kind,
    }
}

fn unreadable(message: String) -> Facts {
    let problem = Problem { message: message.into(), span: Span::default(), line: 1 };
    Facts { problems: vec![problem], ..Facts::default() }
}

/// A quick hash that tells whether a file is still the one that was read; never stored.
pub fn hash(bytes: &[u8]) -> u64 {
    let mut hasher = FxHasher::default();
    hasher.write(bytes);
    hasher.write_usize(bytes.len());
    hasher.finish()
}

/// What is wanted of files besides what is always read.
pub(super) struct Wanted {
    pub(super) accesses: Accesses,
    /// What runs at load time.
    pub(super) load: bool,
}

/// The names for which accesses are wanted.
pub(super) enum Accesses {
    Nothing,
    Everything,
    Names(AhoCorasick),
}

impl Wanted {
    pub(super) fn new(registry: &Registry) -> Self {
        let starts = |entry: &Entry| matches!(entry.kind, EntryKind::Entrypoint(_));
        let load = registry.path.is_none() || registry.entries.iter().any(starts);
        Self { accesses: Accesses::new(registry), load }
    }

    fn accesses_in(&self, bytes: &[u8]) -> bool {
        match &self.accesses {
            Accesses::Nothing => false,
            Accesses::Everything => true,
            Accesses::Names(names) => names.is_match(bytes),
        }
    }
}

impl Accesses {
    fn new(registry: &Registry) -> Self {
        let mut names: Vec<&str> = Vec::new();
        for entry in &registry.entries {
            let symbols = entry.kind.canonicals().iter().flat_map(|canonical| &canonical.symbols);
            names.extend(symbols.map(|symbol| symbol.text.as_str()));
            let moved = entry.kind.moved().iter().flat_map(|line| [&line.from, &line.to]);
            names.extend(moved.filter_map(|path| path.symbol.as_deref()));
            names.extend(entry.kind.accessed());
        }
        if names.is_empty() {
            return Self::Nothing;
        }
        if names.contains(&"*") {
            return Self::Everything;
        }
        AhoCorasick::new(&names).map_or(Self::Everything, Self::Names)
    }
}
