//! `importlaw graph`: the module import graph as JSON or DOT.

use std::collections::BTreeSet;
use std::io::Write;

use clap::ValueEnum;
use rayon::prelude::*;
use serde::Serialize;

use super::context::{Failure, Project, on_threads};
use super::{Exit, Global};
use crate::check::analyse;
use crate::facts::{Also, KIND_NAMES};
use crate::formats::context::write_json;
use crate::graph::model::{Graph, ModuleId, Outcome, Row};
use crate::languages::python::resolve::NodeId;
use crate::registry::Registry;
use crate::rules::context::PRODUCTION;

/// What `graph` takes.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Output format
    #[arg(long, value_name = "FORMAT", default_value = "json")]
    format: Format,
    /// Also edges to external packages
    #[arg(long)]
    external: bool,
    /// Also edges to the parents whose `__init__` an import runs implicitly
    #[arg(long)]
    implied: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Json,
    Dot,
}

#[derive(Serialize)]
struct Document<'a> {
    schema: u32,
    modules: Vec<ModuleRow<'a>>,
    edges: Vec<EdgeRow<'a>>,
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
    on_threads(global.jobs, || {
        let sources = project.sources()?;
        let analysis = analyse(&project.registry, &sources)?;
        let edges = edges(&analysis.graph, args);
        match args.format {
            Format::Json => {
                let modules = modules(&analysis.graph, &project.registry);
                write_json(&Document { schema: 1, modules, edges }, out)?;
            }
            Format::Dot => dot(&edges, out)?,
        }
        Ok(Exit::Clean)
    })?
}

fn modules<'a>(graph: &'a Graph, registry: &'a Registry) -> Vec<ModuleRow<'a>> {
    graph
        .modules
        .iter()
        .map(|module| ModuleRow {
            name: &module.name,
            path: &module.path,
            language: module.language.name(),
            scope: registry.scopes.get(module.scope as usize).map_or(PRODUCTION, |scope| scope.name.as_str()),
        })
        .collect()
}

/// One row for each (importer, imported, definition, line), sorted.
fn edges<'a>(graph: &'a Graph, args: &Args) -> Vec<EdgeRow<'a>> {
    let mut rows: Vec<EdgeRow> =
        graph.rows.par_iter().flat_map_iter(|row| of_row(graph, row, args)).collect();
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

fn key<'e>(edge: &'e EdgeRow) -> (&'e str, &'e str, Option<&'e str>, u32, &'e str) {
    (edge.importer, edge.imported, edge.definition, edge.line, edge.path)
}

fn of_row<'a>(graph: &'a Graph, row: &'a Row, args: &Args) -> Vec<EdgeRow<'a>> {
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
    let mut edges = Vec::new();
    for end in graph.names().ends(row) {
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
