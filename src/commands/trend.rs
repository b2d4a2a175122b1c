//! `importlaw trend`: compliance over git's history.

use std::io::Write;

use clap::ValueEnum;

use super::context::history::{Every, History};
use super::context::{Failure, Project};
use super::{Exit, Global};
use crate::formats::trend;
use crate::report::trend::Judge;

/// What `trend` takes.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The commit to end with
    #[arg(default_value = "HEAD")]
    head: String,
    /// How many commits are scored
    #[arg(long, value_name = "N", default_value_t = 30)]
    last: usize,
    /// Score every Nth commit, or the last one of each day, week or month
    #[arg(long, value_name = "N|day|week|month", default_value = "1")]
    every: Every,
    /// Judge each commit by the registry that it held (default: all by today's)
    #[arg(long, conflicts_with = "registry")]
    own_registry: bool,
    /// Output format
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// A table for a page
    Markdown,
    /// A plot
    Svg,
    /// For programs
    Json,
}

/// Scores commits, and writes how the numbers changed.
pub fn run(global: &Global, args: &Args, out: &mut (dyn Write + Send)) -> Result<Exit, Failure> {
    if args.last == 0 {
        return Err(Failure::usage("`--last 0` asks for no commit", None));
    }
    let project = Project::open(global)?;
    let head = project.commit(&args.head, "trend")?;
    let registry = if args.own_registry { Judge::Own } else { Judge::Today };
    let asked = History { last: args.last, every: args.every, registry };
    let trend = project.trend(global.jobs, &head, asked)?;
    match args.format {
        Format::Text => trend::write_text(&trend, out)?,
        Format::Markdown => trend::write_markdown(&trend, out)?,
        Format::Svg => trend::plot::write(&trend, out)?,
        Format::Json => trend::write_json_document(&trend, out)?,
    }
    Ok(Exit::Clean)
}
