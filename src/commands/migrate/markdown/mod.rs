//! `importlaw migrate markdown PAGE`: a registry out of a page of import lines.

mod draft;
mod page;
mod plan;
mod statements;
mod words;
mod world;

use std::io::{self, Write};
use std::path::PathBuf;

use super::Output;
use crate::check::analyse;
use crate::commands::context::{Failure, Project, on_threads};
use crate::commands::{Exit, Global};
use crate::discover::Sources;
use crate::rules::context::{Context, Surroundings};
use world::World;

/// What it takes.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The page
    file: PathBuf,
    #[command(flatten)]
    output: Output,
}

/// Reads the page, asks the project what of it is true, and writes the registry; the count goes to standard error.
pub fn run(global: &Global, args: &Args, out: &mut (dyn Write + Send)) -> Result<Exit, Failure> {
    let project = Project::open(global)?;
    args.output.may_be_written(&project)?;
    let shown = args.file.display();
    let text = std::fs::read_to_string(project.started.join(&args.file))
        .map_err(|error| Failure::usage(format!("{shown} cannot be read: {error}"), None))?;
    let page = page::read(&text);
    if page.mentions.is_empty() {
        return Err(nothing_read(&shown.to_string(), &page));
    }
    let source = args.file.to_string_lossy();
    let (registry, summary) = on_threads(global.jobs, || {
        let sources = project.sources()?;
        migrated(&project, &sources, &page, &source)
    })??;
    args.output.write(&project, &registry, out)?;
    io::stderr().write_all(summary.as_bytes())?;
    Ok(Exit::Clean)
}

fn migrated(
    project: &Project,
    sources: &Sources,
    page: &page::Page,
    source: &str,
) -> Result<(String, String), Failure> {
    let analysis = analyse(&project.registry, sources)?;
    let context = Context::new(
        &project.registry,
        &analysis.graph,
        &analysis.project,
        project.as_of,
        Surroundings::default(),
    );
    let world = World::new(context);
    let plan = plan::plan(page, &world);
    Ok((draft::draft(page, &plan, &world, source), draft::summary(page, &plan, source)))
}

fn nothing_read(shown: &str, page: &page::Page) -> Failure {
    let lines: Vec<String> = page.not_understood.iter().take(10).map(u32::to_string).collect();
    let help = match lines.as_slice() {
        [] => {
            "import lines are `from a.b import C` or `import a.b`, in code blocks or in the text".to_owned()
        }
        lines => format!("these lines look like imports and could not be understood: {}", lines.join(", ")),
    };
    Failure::usage(format!("nothing was read: {shown} holds no import line"), Some(help))
}

#[cfg(test)]
mod tests;
