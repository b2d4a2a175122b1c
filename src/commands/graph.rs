//! `importlaw graph`: the module import graph, whole for programs, folded for people.

mod folded;

use std::collections::BTreeSet;
use std::io::Write;

use clap::ValueEnum;
use rayon::prelude::*;
use rustc_hash::FxHashSet;
use serde::Serialize;

use super::context::{Failure, Project, on_threads};
use super::{Exit, Global};
use crate::check::{Options, Started, analyse, check, start};
use crate::facts::{Also, KIND_NAMES};
use crate::formats::context::{counted, write_json};
use crate::formats::drawing;
use crate::formats::html::{self, Page};
use crate::graph::model::{Graph, ModuleId, Outcome, Row, RowId};
use crate::languages::python::resolve::NodeId;
use crate::module_path::is_within;
use crate::registry::Registry;
use crate::report::Report;
use crate::report::drawing::Drawing;
use crate::report::graph::{GraphData, GraphImport};
use crate::rules::context::PRODUCTION;
use crate::violation::{Severity, Status};
use folded::{Fold, Pair};

/// What `graph` takes.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Output format
    #[arg(long, value_name = "FORMAT", default_value = "json")]
    format: Format,
    /// Only what lies around this module or package: what it imports, and what imports it
    #[arg(long, value_name = "MODULE")]
    focus: Option<String>,
    /// How many imports away from the focus
    #[arg(long, value_name = "N", default_value_t = 1, requires = "focus")]
    depth: usize,
    /// Draw packages by the first N parts of their names, every one (default in mermaid and svg: as many as can be looked
    /// at, the largest opened first)
    #[arg(long, value_name = "N")]
    collapse: Option<usize>,
    /// Mark only what breaks this rule (default: what breaks any rule of level error)
    #[arg(long, value_name = "ID")]
    rule: Option<String>,
    /// Also edges to external packages
    #[arg(long)]
    external: bool,
    /// Also edges to the parents whose `__init__` an import runs implicitly
    #[arg(long)]
    implied: bool,
    /// Only the modules that starting this one loads, and the imports that run then
    #[arg(long, value_name = "MODULE")]
    start: Option<String>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// Every import, for programs
    Json,
    /// Every module for Graphviz; with --focus, --collapse or --rule folded as mermaid is
    Dot,
    /// A flowchart for Markdown pages: packages, and what breaks a rule in red
    Mermaid,
    /// The same as a picture
    Svg,
    /// One page for a browser: the dependency matrix and the graph, broken rules in red
    Html,
}

#[derive(Serialize)]
struct Document<'a> {
    schema: u32,
    modules: Vec<ModuleRow<'a>>,
    edges: Vec<EdgeRow<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    start: Option<StartRow<'a>>,
}

/// What became of the start that was asked for.
#[derive(Serialize)]
struct StartRow<'a> {
    module: String,
    failure: Option<String>,
    functions: u32,
    calls_not_followed: u32,
    /// Imports of a module that was half loaded, which did no harm: cycles that do not kill.
    harmless_cycles: Vec<CycleRow<'a>>,
}

/// An import of a module that is still being loaded.
#[derive(Serialize)]
struct CycleRow<'a> {
    importer: &'a str,
    imported: &'a str,
    path: &'a str,
    line: u32,
}

#[derive(Serialize)]
struct ModuleRow<'a> {
    name: &'a str,
    path: &'a str,
    language: &'static str,
    scope: &'a str,
}

/// One (importer, imported, definition, line).
#[derive(PartialEq, Eq, PartialOrd, Ord, Serialize)]
struct EdgeRow<'a> {
    importer: &'a str,
    imported: &'a str,
    definition: Option<&'a str>,
    path: &'a str,
    line: u32,
    language: &'static str,
    scope: &'a str,
    kinds: BTreeSet<Kind>,
    names: BTreeSet<&'a str>,
}

/// A kind by its place in the list of names, so that a set keeps the order of printing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Kind(usize);

const IMPLIED: usize = KIND_NAMES.len();

impl Serialize for Kind {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(KIND_NAMES.get(self.0).unwrap_or(&"implied"))
    }
}

/// Prints the graph.
pub fn run(global: &Global, args: &Args, out: &mut (dyn Write + Send)) -> Result<Exit, Failure> {
    let project = Project::open(global)?;
    project.known_rules(args.rule.as_slice())?;
    if matches!(args.format, Format::Json) && (args.collapse.is_some() || args.rule.is_some()) {
        let help = "use --format dot, mermaid or svg; a program folds and marks as it likes";
        return Err(Failure::usage("`--format json` gives every import as it is", Some(help.to_owned())));
    }
    match args.format {
        Format::Html => return page(global, args, &project, out),
        Format::Mermaid | Format::Svg if args.start.is_none() => return picture(global, args, &project, out),
        Format::Dot if args.start.is_none() && args.folds() => return picture(global, args, &project, out),
        Format::Json | Format::Dot | Format::Mermaid | Format::Svg => {}
    }
    on_threads(global.jobs, || {
        let sources = project.sources()?;
        let registry = &project.registry;
        let (analysis, started) = match &args.start {
            Some(name) => {
                let (analysis, started) = start(registry, &sources, name)?;
                let no_such = || Failure::usage(format!("there is no module `{name}`"), None);
                (analysis, Some(started.ok_or_else(no_such)?))
            }
            None => (analyse(registry, &sources)?, None),
        };
        let shown = Shown::new(&analysis.graph, started.as_ref());
        let edges = edges(&analysis.graph, &project.registry, args, &shown);
        let start = args.start.clone().zip(started).map(|(module, Started { start, failure })| StartRow {
            module,
            failure,
            functions: start.functions,
            calls_not_followed: start.not_followed,
            harmless_cycles: cycles(&analysis.graph, &start.cycles),
        });
        let exit = if start.as_ref().is_some_and(|start| start.failure.is_some()) {
            Exit::Findings
        } else {
            Exit::Clean
        };
        let modules = modules(&analysis.graph, &project.registry, &shown);
        match args.format {
            Format::Json => {
                let (modules, edges) = match &args.focus {
                    Some(focus) => focused(focus, args.depth, modules, edges)?,
                    None => (modules, edges),
                };
                write_json(&Document { schema: 1, modules, edges, start }, out)?;
            }
            Format::Dot if !args.folds() => dot(&edges, out)?,
            Format::Dot | Format::Mermaid | Format::Svg | Format::Html => {
                let names = modules.iter().map(|module| module.name).collect();
                let pairs: Vec<Pair> =
                    edges.iter().map(|edge| Pair::of(edge.importer, edge.imported)).collect();
                write_drawing(args, &draw(args, names, &pairs, false)?, out)?;
            }
        }
        Ok(exit)
    })?
}

impl Args {
    /// Whether DOT draws packages instead of modules.
    fn folds(&self) -> bool {
        self.focus.is_some() || self.collapse.is_some() || self.rule.is_some()
    }
}

/// A drawing of the whole graph; what is red on it only the rules know.
fn picture(
    global: &Global,
    args: &Args,
    project: &Project,
    out: &mut (dyn Write + Send),
) -> Result<Exit, Failure> {
    if args.external || args.implied {
        let help = "--external and --implied go with json and dot".to_owned();
        return Err(Failure::usage("a drawing shows the graph of first party", Some(help)));
    }
    let report = judged(global, args, project)?;
    let graph = report.graph.unwrap_or_default();
    let counts = |at: &u32| {
        let violation = &report.findings[*at as usize].violation;
        // Of a rule that is asked for its warnings are, too.
        (args.rule.is_some() || violation.severity == Severity::Error) && violation.status != Status::Waived
    };
    let name = |at: u32| graph.modules[at as usize].name.as_str();
    let pairs = graph.imports.iter().map(|import| Pair {
        importer: name(import.importer),
        imported: name(import.imported),
        findings: import.findings.iter().filter(|at| counts(at)).count() as u32,
    });
    let names = graph.modules.iter().map(|module| module.name.as_str()).collect();
    let drawing = draw(args, names, &pairs.collect::<Vec<_>>(), true)?;
    write_drawing(args, &drawing, out)?;
    Ok(Exit::Clean)
}

fn write_drawing(args: &Args, drawing: &Drawing, out: &mut dyn Write) -> std::io::Result<()> {
    match args.format {
        Format::Dot => drawing::write_dot(drawing, out),
        Format::Mermaid => drawing::write_mermaid(drawing, out),
        Format::Svg | Format::Json | Format::Html => drawing::write_svg(drawing, out),
    }
}

/// Everything that is found, with the graph that it was found in.
fn judged(global: &Global, args: &Args, project: &Project) -> Result<Report, Failure> {
    let options = Options {
        as_of_given: project.as_of_given,
        rules: args.rule.iter().cloned().collect(),
        graph: true,
        baseline: project.baseline(None)?,
        ..Options::as_of(project.as_of)
    };
    on_threads(global.jobs, || {
        Ok::<Report, Failure>(check(&project.registry, &project.sources()?, &options)?)
    })?
}

/// Folds what is shown, and says what is seen.
fn draw(args: &Args, modules: BTreeSet<&str>, pairs: &[Pair], judged: bool) -> Result<Drawing, Failure> {
    let count = modules.len() as u64;
    let mut names = modules;
    names.extend(pairs.iter().map(|pair| pair.imported));
    let focus = args.focus.as_deref();
    known_focus(focus, &names)?;
    let fold = Fold { collapse: args.collapse, focus, steps: args.depth };
    let mut drawing = folded::fold(&names, pairs, fold);
    let around = focus.map_or_else(String::new, |focus| format!(" around {focus}"));
    let red: u32 = drawing.arrows.iter().map(|arrow| arrow.findings).sum();
    let breaks = match &args.rule {
        _ if !judged => String::new(),
        Some(rule) => format!("; ✗ {} of {rule}, in red", counted(red, "finding")),
        None => format!("; ✗ {} of level error, in red", counted(red, "finding")),
    };
    let imports = counted(pairs.len() as u64, "import");
    drawing.title = format!("{} and {imports}{around}{breaks}", counted(count, "module"));
    Ok(drawing)
}

/// The part of the graph that lies around a module.
fn focused<'a>(
    focus: &str,
    steps: usize,
    mut modules: Vec<ModuleRow<'a>>,
    mut edges: Vec<EdgeRow<'a>>,
) -> Result<(Vec<ModuleRow<'a>>, Vec<EdgeRow<'a>>), Failure> {
    let names: BTreeSet<&str> = modules.iter().map(|module| module.name).collect();
    known_focus(Some(focus), &names)?;
    let pairs: Vec<Pair> = edges.iter().map(|edge| Pair::of(edge.importer, edge.imported)).collect();
    let (kept, pairs) = folded::around(focus, &pairs, &names, steps);
    let pairs: FxHashSet<(&str, &str)> = pairs.iter().map(|pair| (pair.importer, pair.imported)).collect();
    modules.retain(|module| kept.contains(module.name));
    edges.retain(|edge| pairs.contains(&(edge.importer, edge.imported)));
    Ok((modules, edges))
}

/// A picture of what does not exist would be empty, and look like a clean one.
fn known_focus(focus: Option<&str>, names: &BTreeSet<&str>) -> Result<(), Failure> {
    match focus {
        Some(focus) if !names.iter().any(|name| is_within(name, focus)) => {
            Err(Failure::usage(format!("there is no module `{focus}`"), None))
        }
        _ => Ok(()),
    }
}

/// Leaves what lies around a module.
fn narrow(graph: &mut GraphData, focus: &str, steps: usize) -> Result<(), Failure> {
    let name = |at: u32| graph.modules[at as usize].name.as_str();
    let names: BTreeSet<&str> = graph.modules.iter().map(|module| module.name.as_str()).collect();
    known_focus(Some(focus), &names)?;
    let pair = |import: &GraphImport| (name(import.importer), name(import.imported));
    let pairs: Vec<Pair> =
        graph.imports.iter().map(pair).map(|(importer, imported)| Pair::of(importer, imported)).collect();
    let (kept, ways) = folded::around(focus, &pairs, &names, steps);
    let ways: FxHashSet<(&str, &str)> = ways.iter().map(|pair| (pair.importer, pair.imported)).collect();
    let modules: Vec<bool> = graph.modules.iter().map(|module| kept.contains(module.name.as_str())).collect();
    let imports: FxHashSet<(u32, u32)> = graph
        .imports
        .iter()
        .filter(|import| ways.contains(&pair(import)))
        .map(|import| (import.importer, import.imported))
        .collect();
    graph.retain(|at| modules[at as usize], |import| imports.contains(&(import.importer, import.imported)));
    Ok(())
}

/// The page with the graph; what is red on it only the rules know.
fn page(
    global: &Global,
    args: &Args,
    project: &Project,
    out: &mut (dyn Write + Send),
) -> Result<Exit, Failure> {
    if args.external || args.implied || args.start.is_some() || args.collapse.is_some() {
        let message = "`--format html` shows the graph of first party, and folds packages itself";
        let help =
            "--external, --implied and --start go with json and dot, --collapse with dot, mermaid and svg";
        return Err(Failure::usage(message, Some(help.to_owned())));
    }
    let mut report = judged(global, args, project)?;
    if let (Some(focus), Some(graph)) = (&args.focus, &mut report.graph) {
        narrow(graph, focus, args.depth)?;
    }
    let page = Page { title: &project.name(), report: &report, overview: None, closing: None };
    html::write(&page, out)?;
    Ok(Exit::Clean)
}

fn cycles<'a>(graph: &'a Graph, met: &[(RowId, ModuleId)]) -> Vec<CycleRow<'a>> {
    let cycle = |(row, imported): &(RowId, ModuleId)| {
        let row = graph.row(*row);
        CycleRow {
            importer: &graph.module(row.importer).name,
            imported: &graph.module(*imported).name,
            path: graph.path_of(row),
            line: graph.import(row).line,
        }
    };
    met.iter().map(cycle).collect()
}

/// What of the graph is shown: everything, or what a start loads and runs.
struct Shown {
    modules: Option<FxHashSet<ModuleId>>,
    rows: Vec<RowId>,
}

impl Shown {
    fn new(graph: &Graph, started: Option<&Started>) -> Self {
        let Some(Started { start, .. }) = started else {
            return Self { modules: None, rows: graph.row_ids().collect() };
        };
        Self { modules: Some(start.loaded.iter().copied().collect()), rows: start.rows.clone() }
    }

    fn holds(&self, module: ModuleId) -> bool {
        self.modules.as_ref().is_none_or(|modules| modules.contains(&module))
    }
}

fn modules<'a>(graph: &'a Graph, registry: &'a Registry, shown: &Shown) -> Vec<ModuleRow<'a>> {
    graph
        .module_ids()
        .filter(|id| shown.holds(*id))
        .map(|id| graph.module(id))
        .map(|module| ModuleRow {
            name: &module.name,
            path: &module.path,
            language: module.language.name(),
            scope: scope(registry, module.scope),
        })
        .collect()
}

fn scope(registry: &Registry, at: u16) -> &str {
    registry.scopes.get(at as usize).map_or(PRODUCTION, |scope| scope.name.as_str())
}

/// One row for each (importer, imported, definition, line), sorted.
fn edges<'a>(graph: &'a Graph, registry: &'a Registry, args: &Args, shown: &Shown) -> Vec<EdgeRow<'a>> {
    let of = |id: &RowId| of_row(graph, registry, graph.row(*id), args, shown);
    let mut rows: Vec<EdgeRow> = shown.rows.par_iter().flat_map_iter(of).collect();
    rows.par_sort_by(|a, b| key(a).cmp(&key(b)));
    let mut merged: Vec<EdgeRow> = Vec::new();
    for row in rows {
        match merged.last_mut() {
            Some(last) if key(last) == key(&row) => {
                last.kinds.extend(row.kinds);
                last.names.extend(row.names);
            }
            _ => merged.push(row),
        }
    }
    merged
}

fn key<'e>(edge: &'e EdgeRow) -> (&'e str, &'e str, Option<&'e str>, u32, &'e str, &'e str) {
    (edge.importer, edge.imported, edge.definition, edge.line, edge.path, edge.scope)
}

fn of_row<'a>(
    graph: &'a Graph,
    registry: &'a Registry,
    row: &'a Row,
    args: &Args,
    shown: &Shown,
) -> Vec<EdgeRow<'a>> {
    let import = graph.import(row);
    let importer = graph.module(row.importer);
    let kinds: BTreeSet<Kind> =
        (0..KIND_NAMES.len()).filter(|at| import.kind.holds(KIND_NAMES[*at])).map(Kind).collect();
    let path = graph.path_of(row);
    let edge = |imported: &'a str, definition: Option<&'a str>, kinds: BTreeSet<Kind>| EdgeRow {
        importer: &importer.name,
        imported,
        definition,
        path,
        line: import.line,
        language: importer.language.name(),
        scope: scope(registry, importer.scope),
        kinds,
        names: import.name.as_deref().into_iter().collect(),
    };
    if row.outcome == Outcome::External {
        let package = crate::module_path::first(&row.target);
        return if args.external { vec![edge(package, None, kinds)] } else { Vec::new() };
    }
    let definition = graph
        .definition_of_row(row)
        .and_then(|definition| definition.module())
        .map(|module| graph.module(module).name.as_str());
    if let Some(resolved) = &row.resolved {
        // The door as written; the edge itself leads to the modules that define what is named.
        let door = row.door.filter(|door| *door != row.importer).or(row.leads_to());
        let door = door.filter(|door| *door != row.importer && shown.holds(*door));
        let others = resolved.others.iter().map(|other| Some(graph.module(*other).name.as_str()));
        let defining = std::iter::once(definition).chain(others);
        let edges = door.into_iter().flat_map(|door| {
            defining.clone().map(move |defining| (graph.module(door).name.as_str(), defining))
        });
        return edges.map(|(door, defining)| edge(door, defining, kinds.clone())).collect();
    }
    let mut edges = Vec::new();
    for end in graph.names().ends(row).filter(|end| shown.holds(*end)) {
        // What a wildcard loads besides its door is that submodule, wherever the door's own names are defined.
        let definition =
            if row.door == Some(end) { definition } else { Some(graph.module(end).name.as_str()) };
        edges.push(edge(&graph.module(end).name, definition, kinds.clone()));
        if args.implied && !import.kind.also.contains(Also::WILDCARD) {
            edges.extend(
                parents(graph, row.importer, end)
                    .map(|parent| edge(parent, None, BTreeSet::from([Kind(IMPLIED)]))),
            );
        }
    }
    edges
}

/// The packages above a module, whose `__init__` an import of it runs.
fn parents(graph: &Graph, importer: ModuleId, module: ModuleId) -> impl Iterator<Item = &str> {
    let parent = move |node: &NodeId| graph.tree.node(*node).parent;
    let nodes = std::iter::successors(graph.module(module).node.as_ref().and_then(parent), parent);
    let modules = nodes.filter_map(|node| graph.module_at(node));
    modules.filter(move |parent| *parent != importer).map(|parent| graph.module(parent).name.as_str())
}

/// Modules as nodes, one arrow for each pair.
fn dot(edges: &[EdgeRow], out: &mut dyn Write) -> std::io::Result<()> {
    let pairs: BTreeSet<(&str, &str)> = edges.iter().map(|edge| (edge.importer, edge.imported)).collect();
    writeln!(out, "digraph imports {{")?;
    for (importer, imported) in pairs {
        writeln!(out, "  {} -> {};", quoted(importer), quoted(imported))?;
    }
    writeln!(out, "}}")
}

fn quoted(name: &str) -> String {
    let escaped: String = crate::formats::context::escape(name).replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{escaped}\"")
}
