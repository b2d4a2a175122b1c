//! `importlaw where NAME`: where something is defined, and everything that names it.
//!
//! What there is to say is [`check::whereabouts`](crate::check::whereabouts)'s. [`text`] is for people; JSON is what was
//! found as it stands. (A module cannot be called `where`.)

mod text;

use std::io::Write;

use clap::ValueEnum;

use super::context::{Failure, Project, on_threads};
use super::{Exit, Global};
use crate::check::analyse_naming;
use crate::check::whereabouts::{self, Name};
use crate::formats::context::write_json;
use crate::registry::pattern::Pattern;
use crate::registry::values::nearest;
use crate::rules::context::{Context, Surroundings};
use crate::source::Span;

/// What `where` takes.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A symbol, module or package: `C`, `a.b`, `a.b.C`, `a::b::C`; the end of a path will do
    name: String,
    /// Only what these modules import and mention (patterns as in the registry): are there any left?
    #[arg(long, value_name = "MODULES", value_delimiter = ',')]
    from: Vec<String>,
    /// Every line, not the first ones of each group
    #[arg(long)]
    all: bool,
    /// Output format
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
}

/// Prints what is known of the name; exit 1 where nothing bears it.
pub fn run(global: &Global, args: &Args, out: &mut (dyn Write + Send)) -> Result<Exit, Failure> {
    let name = Name::parse(&args.name)
        .map_err(|why| Failure::usage(why, Some("write `C`, `a.b`, `a.b.C` or `a::b::C`".to_owned())))?;
    let from = patterns(&args.from)?;
    let project = Project::open(global)?;
    let (found, near) = on_threads(global.jobs, || {
        let sources = project.sources()?;
        let analysis = analyse_naming(&project.registry, &sources, name.last())?;
        let around = Surroundings::default();
        let context =
            Context::new(&project.registry, &analysis.graph, &analysis.project, project.as_of, around);
        each_names_something(&context, &from)?;
        let found = whereabouts::find(&context, &sources, &analysis, &name, &from);
        let near = if found.is_empty() { whereabouts::nearest_name(&context, &name) } else { None };
        Ok::<_, Failure>((found, near))
    })??;
    match args.format {
        Format::Json => write_json(&found, out)?,
        Format::Text => text::write(&found, near.as_deref(), args.all, out)?,
    }
    Ok(if found.is_empty() { Exit::Findings } else { Exit::Clean })
}

fn patterns(written: &[String]) -> Result<Vec<Pattern>, Failure> {
    let parse = |text: &String| {
        Pattern::parse(text, Span::default(), 1)
            .map_err(|why| Failure::usage(format!("`--from {text}`: {why}"), None))
    };
    written.iter().map(parse).collect()
}

/// A pattern that names no module would make every answer "none left".
fn each_names_something(context: &Context, from: &[Pattern]) -> Result<(), Failure> {
    let modules = || context.graph.module_ids();
    for pattern in from {
        if !modules().any(|id| pattern.matches(&context.subject(id))) {
            let near = nearest(&pattern.text, modules().map(|id| context.graph.module(id).name.as_str()));
            let help = near.map(|near| format!("did you mean `{near}`?"));
            return Err(Failure::usage(format!("`--from {}` names no module", pattern.text), help));
        }
    }
    Ok(())
}
