//! The pipeline: sources → facts → graph → verdicts → waivers → baseline → report. The command line and the specs all call it.

mod assemble;
pub mod change;
mod closing;
mod described;
pub mod overview;
mod packages;
mod picture;
mod place;
mod reading;
mod recorded;
mod renames;
pub mod rewrites;
mod since;
pub mod starts;
pub mod trend;
pub mod whereabouts;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use aho_corasick::AhoCorasick;
use thiserror::Error;

use crate::baseline::Baseline;
use crate::discover::Sources;
use crate::discover::progress::Stage;
use crate::facts::Date;
use crate::graph::model::{Graph, ModuleId};
use crate::languages::python::project::PythonProject;
use crate::languages::rust::RustProject;
use crate::registry::Registry;
use crate::registry::values::split_symbol;
use crate::report::{Finding, Report, Timing, Timings};
use crate::rules;
use crate::rules::context::{Context, PRODUCTION, Surroundings};
use crate::rules::stale_baseline;
use crate::source::{FileId, RelPath, SourceFile};
use crate::startup::{self, Machine, Start, World};
use crate::violation::Severity;
pub use reading::hash;
use reading::{Accesses, Later, Wanted, analyse_beside, read_code};
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
    /// Whether the report holds the module graph.
    pub graph: bool,
    /// Whether findings hold the change of the text that would end them: for that files are parsed once more.
    pub suggestions: bool,
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
            graph: false,
            suggestions: false,
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

/// [`check`](check()) where what runs at load time is read too, with what the report was made from.
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

/// [`check`](check()) of what has been read already, for a registry of these scopes that asks for as much of each file.
pub fn judge(
    registry: &Registry,
    sources: &Sources,
    analysis: &Analysis,
    options: &Options,
) -> Result<Report, NothingChecked> {
    judge_against(registry, sources, analysis, options, None)
}

/// Lets `work` ask what rules may ask.
pub fn in_context<T>(
    registry: &Registry,
    sources: &Sources,
    analysis: &Analysis,
    options: &Options,
    work: impl FnOnce(&Context) -> T,
) -> T {
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
    work(&Context::new(registry, graph, project, options.as_of, around))
}

fn judge_against(
    registry: &Registry,
    sources: &Sources,
    analysis: &Analysis,
    options: &Options,
    before: Option<Before>,
) -> Result<Report, NothingChecked> {
    in_context(registry, sources, analysis, options, |context| {
        let (mut report, mut timings) = whole(context, sources, analysis, options)?;
        let start = Instant::now();
        if let Some(before) = before {
            since::compare(&mut report, before, context, sources, &analysis.files);
        }
        assemble::select(&mut report, options);
        report.graph = options.graph.then(|| picture::graph(context, &report.findings));
        if let Some(stage) = timings.stages.last_mut() {
            stage.ms += Timing::since("", start).ms;
        }
        report.summary.timings = options.timings.then_some(timings);
        Ok(report)
    })
}

/// What every rule found, nothing of it left out, and how long that took.
fn whole(
    context: &Context,
    sources: &Sources,
    analysis: &Analysis,
    options: &Options,
) -> Result<(Report, Timings), NothingChecked> {
    if !can_find_anything(context) {
        return Err(NothingChecked::NoRule);
    }
    let mut took = analysis.took.clone();
    let start = Instant::now();
    sources.progress.begin(Stage::Judging, 0);
    let judgements = rules::judge(context);
    took.push(Timing::since("rules", start));
    let mut rules: Vec<Timing> = judgements.iter().filter_map(|rule| rule.took.clone()).collect();
    rules.sort_by_key(|rule| Reverse(rule.ms));
    sources.progress.begin(Stage::Reporting, 0);
    let start = Instant::now();
    let report = assemble::report(context, sources, analysis, options, judgements);
    took.push(Timing::since("report", start));
    Ok((report, Timings { stages: took, rules }))
}

/// Reads every file once and builds the graph.
pub fn analyse(registry: &Registry, sources: &Sources) -> Result<Analysis, NothingChecked> {
    analyse_for(registry, sources, &Wanted::new(registry))
}

/// The same, with all that any registry of these scopes may ask of a file.
pub fn analyse_fully(registry: &Registry, sources: &Sources) -> Result<Analysis, NothingChecked> {
    analyse_for(registry, sources, &Wanted { accesses: Accesses::Everything, load: true })
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

/// Stack that extraction wants on each thread: a parser and the drop of its tree recurse. Unoptimised frames are larger.
pub const STACK: usize = if cfg!(debug_assertions) { 512 << 20 } else { 64 << 20 };

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
