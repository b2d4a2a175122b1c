//! `importlaw why A B`: a shortest import chain, or that there is none.

use std::io::Write;

use super::context::{Failure, Project, on_threads};
use super::{Exit, Global};
use crate::check::analyse;
use crate::formats::context::escape;
use crate::graph::model::Graph;
use crate::graph::paths::ModuleSet;
use crate::module_path::is_within;
use crate::registry::values::nearest;

/// What `why` takes.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The importing module, with everything below it
    from: String,
    /// The imported module, with everything below it
    to: String,
}

/// Prints the chain; exit 1 where there is none.
pub fn run(global: &Global, args: &Args, out: &mut dyn Write) -> Result<Exit, Failure> {
    let project = Project::open(global)?;
    let analysis = on_threads(global.jobs, || {
        let sources = project.sources()?;
        Ok::<_, Failure>(analyse(&project.registry, &sources)?)
    })??;
    let graph = &analysis.graph;
    let from = set(graph, &args.from)?;
    let to = set(graph, &args.to)?;
    if from.iter().any(|id| to.contains(id)) {
        let message = format!("`{}` and `{}` share modules: one lies in the other", args.from, args.to);
        return Err(Failure::usage(message, None));
    }
    let reach = graph.reach(&from, |id| to.contains(id), |_| true);
    let shortest =
        to.iter().filter(|id| reach.seen.contains(*id)).map(|id| (reach.way_to(id).len(), id)).min();
    let Some((_, end)) = shortest else {
        writeln!(out, "no chain of imports leads from {} to {}", escape(&args.from), escape(&args.to))?;
        return Ok(Exit::Findings);
    };
    let way = reach.way_to(end);
    writeln!(out, "{} imports {} in {}:", escape(&args.from), escape(&args.to), steps(way.len()))?;
    for edge in &way {
        let row = graph.rows_of_edge(edge).first().map(|row| graph.row(*row));
        let line = row.map_or(0, |row| graph.import(row).line);
        let kinds = row.map_or_else(String::new, |row| graph.import(row).kind.names().join(", "));
        let importer = graph.module(edge.importer);
        let (from, to) = (escape(&importer.name), escape(&graph.module(edge.imported).name));
        writeln!(out, "  {from} -> {to}  ({}:{line}, {kinds})", escape(&importer.path))?;
    }
    Ok(Exit::Clean)
}

fn steps(count: usize) -> String {
    if count == 1 { "one step".to_owned() } else { format!("{count} steps") }
}

fn set(graph: &Graph, name: &str) -> Result<ModuleSet, Failure> {
    let mut set = ModuleSet::new(graph.modules.len());
    for id in graph.module_ids().filter(|id| is_within(&graph.module(*id).name, name)) {
        set.insert(id);
    }
    if set.is_empty() {
        let near = nearest(name, graph.module_ids().map(|id| graph.module(id).name.as_str()));
        let help = near.map(|near| format!("did you mean `{near}`?"));
        return Err(Failure::usage(format!("no module is called `{name}`"), help));
    }
    Ok(set)
}
