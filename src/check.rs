//! The pipeline: sources → facts → graph → verdicts → waivers → baseline → report. The command line and the specs all call it.

mod assemble;
pub mod change;
mod recorded;
mod renames;
pub mod rewrites;
mod since;
pub mod starts;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::Hasher;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Instant;

use aho_corasick::AhoCorasick;
use rayon::prelude::*;
use rustc_hash::FxHasher;
use thiserror::Error;

use crate::baseline::Baseline;
use crate::discover::Sources;
use crate::facts::load::Code;
use crate::facts::{Date, Facts, Problem};
use crate::graph::build;
use crate::graph::model::{Graph, ModuleId};
use crate::languages::python::project::{self, PythonProject};
use crate::languages::python::resolve::{Listing, Tree};
use crate::languages::python::{self, ExtractOptions};
use crate::languages::rust::units::{Unit, Units};
use crate::languages::rust::{self, RustProject};
use crate::registry::pattern::Subject;
use crate::registry::values::split_symbol;
use crate::registry::{Entry, EntryKind, Registry};
use crate::report::{Finding, Report, Timing, Timings};
use crate::rules;
use crate::rules::context::{Context, PRODUCTION, Surroundings};
use crate::rules::stale_baseline;
use crate::source::{FileId, FileKind, Language, RelPath, SourceFile, Span};
use crate::startup::{self, Machine, Start, World};
use crate::violation::Severity;
use since::Before;
use starts::Stopped;

/// What a run is asked for besides the registry.
#[derive(Clone, Debug)]
pub struct Options {
    /// The day dates are judged against.
    pub as_of: Date,
    /// Whether `as_of` was given.
    pub as_of_given: bool,
    /// Only findings in these files or below these directories are listed; empty = all.
    pub paths: Vec<String>,
    /// Only findings of these rules are listed; empty = all.
    pub rules: Vec<String>,
    /// Only findings in modules of this scope are listed.
    pub scope: Option<String>,
    /// Only findings that are not in the tree compared with are listed; as it is called: `--since main`.
    pub since: Option<String>,
    /// Whether the report lists every governed use.
    pub uses: bool,
    /// Whether the report says where the time went.
    pub timings: bool,
    /// What is recorded, and fails no more.
    pub baseline: Option<Baseline>,
}

impl Options {
    /// A full run, judged against that day.
    pub fn as_of(as_of: Date) -> Self {
        Self {
            as_of,
            as_of_given: false,
            paths: Vec::new(),
            rules: Vec::new(),
            scope: None,
            since: None,
            uses: false,
            timings: false,
            baseline: None,
        }
    }

    /// Whether everything is listed.
    pub fn is_full(&self) -> bool {
        self.paths.is_empty() && self.rules.is_empty() && self.scope.is_none() && self.since.is_none()
    }
}

/// Nothing was checked, which is never a success.
#[derive(Debug, Error, PartialEq, Eq, miette::Diagnostic)]
pub enum NothingChecked {
    /// No source file was found.
    #[error("nothing was checked: there is no source file in {root}{but}")]
    #[diagnostic(help(
        "importlaw reads .py, .pyi and .ipynb files, scripts with a Python shebang, and the .rs files that a Cargo.toml leads to"
    ))]
    NoSource {
        /// The project root's name.
        root: String,
        /// What there is instead.
        but: String,
    },
    /// No rule could have found anything.
    #[error(
        "nothing was checked: every check of the registry is off or a warning, and no entry names anything that exists"
    )]
    #[diagnostic(help("switch a check to \"error\", or correct the entries"))]
    NoRule,
}

/// Facts, graph and project: what every command works on.
pub struct Analysis {
    /// The graph with all facts.
    pub graph: Graph,
    /// Import roots and declared dependencies.
    pub project: PythonProject,
    /// The Rust packages and what their targets reach, where there are any.
    pub rust: Option<RustProject>,
    /// The sources of the graph, by [`FileId`]: Python files as they were found, then of each Rust file as many as it
    /// holds modules.
    pub files: Vec<SourceFile>,
    /// Hash of each file's bytes when it was read, by file id.
    pub hashes: Vec<u64>,
    /// Import lines in files that `exclude` hides.
    pub excluded_imports: u32,
    /// How long reading and the graph took.
    pub took: Vec<Timing>,
}

/// Judges the whole project. To be called on threads with at least [`STACK`] bytes of stack.
pub fn check(registry: &Registry, sources: &Sources, options: &Options) -> Result<Report, NothingChecked> {
    let analysis = analyse(registry, sources)?;
    judge(registry, sources, &analysis, options)
}

/// Everything that a run finds, with what it was found in: what runs at load time is read too.
pub fn judged(
    registry: &Registry,
    sources: &Sources,
    options: &Options,
) -> Result<(Analysis, Report), NothingChecked> {
    let analysis = analyse_for(registry, sources, &Wanted { load: true, ..Wanted::new(registry) })?;
    let report = judge(registry, sources, &analysis, options)?;
    Ok((analysis, report))
}

/// The Python modules of a tree that [`judged`] has read which cannot be imported, by their paths.
pub fn stopped(registry: &Registry, sources: &Sources, analysis: &Analysis) -> BTreeSet<String> {
    let (graph, is_test) = (&analysis.graph, is_test(registry, analysis));
    let version = registry.python.version.unwrap_or(analysis.project.version);
    let code = |file: FileId| read_code(sources, analysis, file, version);
    let stopped = starts::stopped(&World::new(graph, &code), graph, is_test);
    stopped.into_iter().map(|id| graph.module(id).path.clone()).collect()
}

/// What keeps those of [`stopped`] from being imported that have one of these paths.
pub fn why_stopped<'p>(
    registry: &Registry,
    sources: &Sources,
    analysis: &Analysis,
    paths: &[&'p str],
) -> Vec<(&'p str, Stopped)> {
    let (graph, is_test) = (&analysis.graph, is_test(registry, analysis));
    let version = registry.python.version.unwrap_or(analysis.project.version);
    let code = |file: FileId| read_code(sources, analysis, file, version);
    let world = World::new(graph, &code);
    let modules: BTreeMap<&str, ModuleId> =
        graph.module_ids().map(|id| (graph.module(id).path.as_str(), id)).collect();
    let why = |path: &&'p str| {
        let id = *modules.get(*path)?;
        Some((*path, starts::why_stopped(&world, graph, id, is_test(id))?))
    };
    paths.iter().filter_map(why).collect()
}

fn is_test<'a>(registry: &'a Registry, analysis: &'a Analysis) -> impl Fn(ModuleId) -> bool + 'a {
    let scopes = scope_names(registry);
    move |id| scopes[usize::from(analysis.graph.module(id).scope)] == "test"
}

/// Whether a finding is asked for.
pub fn is_selected(finding: &Finding, options: &Options) -> bool {
    assemble::is_selected(finding, options)
}

/// Narrows what a report lists; its summary stays whole.
pub fn narrow(report: &mut Report, options: &Options) {
    assemble::select(report, options);
}

fn judge(
    registry: &Registry,
    sources: &Sources,
    analysis: &Analysis,
    options: &Options,
) -> Result<Report, NothingChecked> {
    judge_against(registry, sources, analysis, options, None)
}

fn judge_against(
    registry: &Registry,
    sources: &Sources,
    analysis: &Analysis,
    options: &Options,
    before: Option<Before>,
) -> Result<Report, NothingChecked> {
    let read = sources.files.iter().chain(&sources.excluded).map(|file| file.path.as_str());
    let rust = sources.rust.iter().chain(&sources.excluded_rust).map(RelPath::as_str);
    let paths: Vec<&str> = read.chain(rust).collect();
    let Analysis { graph, project, .. } = analysis;
    let version = registry.python.version.unwrap_or(project.version);
    let code = |file: FileId| read_code(sources, analysis, file, version);
    let around = Surroundings {
        paths: &paths,
        unreadable: &sources.unreadable,
        containers: &sources.containers,
        cargo: &sources.cargo,
        read_code: &code,
        rust: analysis.rust.as_ref(),
        rust_files: &sources.rust,
        baseline: options.baseline.as_ref(),
    };
    let context = Context::new(registry, graph, project, options.as_of, around);
    if !can_find_anything(&context) {
        return Err(NothingChecked::NoRule);
    }
    let mut took = analysis.took.clone();
    let start = Instant::now();
    let judgements = rules::judge(&context);
    took.push(Timing::since("rules", start));
    let mut rules: Vec<Timing> = judgements.iter().filter_map(|rule| rule.took.clone()).collect();
    rules.sort_by_key(|rule| Reverse(rule.ms));
    let start = Instant::now();
    let mut report = assemble::report(&context, sources, analysis, options, judgements);
    if let Some(before) = before {
        since::compare(&mut report, before, &context, sources, &analysis.files);
    }
    assemble::select(&mut report, options);
    took.push(Timing::since("report", start));
    report.summary.timings = options.timings.then_some(Timings { stages: took, rules });
    Ok(report)
}

/// Reads every file once and builds the graph.
pub fn analyse(registry: &Registry, sources: &Sources) -> Result<Analysis, NothingChecked> {
    analyse_for(registry, sources, &Wanted::new(registry))
}

/// The same, with the accesses of every file whose bytes hold that name, and of no other.
pub fn analyse_naming(
    registry: &Registry,
    sources: &Sources,
    name: &str,
) -> Result<Analysis, NothingChecked> {
    let accesses = AhoCorasick::new([name]).map_or(Accesses::Everything, Accesses::Names);
    analyse_for(registry, sources, &Wanted { accesses, load: false })
}

/// Starts `module`, and tells what became of it. None where no import can name it.
pub fn start(
    registry: &Registry,
    sources: &Sources,
    module: &str,
) -> Result<(Analysis, Option<Started>), NothingChecked> {
    let analysis = analyse_for(registry, sources, &Wanted { load: true, ..Wanted::new(registry) })?;
    let version = registry.python.version.unwrap_or(analysis.project.version);
    let code = |file: FileId| read_code(sources, &analysis, file, version);
    let world = World::new(&analysis.graph, &code);
    let started = analysis.graph.importable(module).map(|module| {
        let entry = startup::Entry { module, symbol: None, calls: &[], as_test: false };
        let start = Machine::new(&world).start(&entry);
        let failure = start.failure.as_ref().map(|failure| world.sentence(failure));
        Started { start, failure }
    });
    drop(world);
    Ok((analysis, started))
}

/// What became of one start, with its failure in words.
pub struct Started {
    /// What was followed.
    pub start: Start,
    /// Why it fails.
    pub failure: Option<String>,
}

fn analyse_for(registry: &Registry, sources: &Sources, wanted: &Wanted) -> Result<Analysis, NothingChecked> {
    analyse_beside(registry, sources, wanted, None)
}

/// A state of the same tree that is analysed already, for the same registry.
#[derive(Clone, Copy)]
struct Later<'a> {
    sources: &'a Sources,
    analysis: &'a Analysis,
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
fn analyse_beside(
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
    let (mut facts, mut hashes): (Vec<Arc<Facts>>, Vec<u64>) = sources
        .files
        .par_iter()
        .map(|file| {
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

/// Stack that extraction wants on each thread: a parser and the drop of its tree recurse. Unoptimised frames are larger.
pub const STACK: usize = if cfg!(debug_assertions) { 512 << 20 } else { 64 << 20 };

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
fn read_code(sources: &Sources, analysis: &Analysis, file: FileId, version: (u8, u8)) -> Code {
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
struct Wanted {
    accesses: Accesses,
    /// What runs at load time.
    load: bool,
}

/// The names for which accesses are wanted.
enum Accesses {
    Nothing,
    Everything,
    Names(AhoCorasick),
}

impl Wanted {
    fn new(registry: &Registry) -> Self {
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

/// Whether some check is on at error level, or some entry names something that exists.
fn can_find_anything(context: &Context) -> bool {
    let registry = context.registry;
    // What is wrong with a baseline is nothing that is found in the code.
    let checks = registry.checks.iter().filter(|check| check.id != stale_baseline::RULE.id);
    if checks.into_iter().any(|check| check.on && check.meta.severity == Severity::Error) {
        return true;
    }
    let exists = |name: &str| !context.graph.named(name).is_empty();
    registry.entries.iter().any(|entry| {
        let patterns = entry.kind.patterns();
        patterns.iter().any(|(_, patterns)| !context.modules_of(patterns).is_empty())
            || entry
                .kind
                .modules()
                .iter()
                .any(|item| exists(&item.text) || exists(split_symbol(&item.text).0))
            || entry.kind.moved().iter().any(|line| exists(&line.from.module) || exists(&line.to.module))
    })
}

/// Scope names by index: the registry's, then production.
fn scope_names(registry: &Registry) -> Vec<&str> {
    let written = registry.scopes.iter().map(|scope| scope.name.as_str());
    written.chain(std::iter::once(PRODUCTION)).collect()
}

/// Checks texts alone, without a disk: for specs and tests.
pub fn check_texts(
    registry: &Registry,
    texts: BTreeMap<RelPath, Vec<u8>>,
    options: &Options,
) -> Result<Report, NothingChecked> {
    let sources = Sources::from_memory_excluding(texts, &|path| registry.exclude.is_match(path));
    check(registry, &sources, options)
}

#[cfg(test)]
mod separators;
#[cfg(test)]
mod tests;
