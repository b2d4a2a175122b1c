//! `importlaw check`: the gate.

use std::fs;
use std::io::{BufWriter, IsTerminal, Write};
use std::path::PathBuf;

use clap::ValueEnum;

use super::context::{Failure, Project, on_threads};
use super::{Exit, Global};
use crate::check::{self, Options};
use crate::formats::{self, Format, TextOptions};
use crate::report::Report;

/// What `check` takes.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// List only findings in these files or directories; graph and summary are always whole
    paths: Vec<PathBuf>,
    /// Output format; repeatable, each may go to a file of its own as `json=out.json`
    #[arg(long, value_name = "FORMAT[=FILE]", default_value = "text")]
    format: Vec<String>,
    /// Write the output to this file
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// List only findings in modules of this scope
    #[arg(long, value_name = "SCOPE")]
    scope: Option<String>,
    /// List only findings of this rule; repeatable
    #[arg(long, value_name = "ID")]
    rule: Vec<String>,
    /// Also fail under this compliance, in percent of the whole project
    #[arg(long, value_name = "N")]
    min_compliance: Option<f64>,
    /// Say how long the run took
    #[arg(long)]
    timings: bool,
    /// At most N blocks of findings in text
    #[arg(long, value_name = "N", default_value_t = 50)]
    limit: usize,
    /// All blocks of findings in text
    #[arg(long, conflicts_with = "limit")]
    all: bool,
    /// Only the headline
    #[arg(short, long)]
    quiet: bool,
    /// Also what is waived, and what was left out and why
    #[arg(short, long)]
    verbose: bool,
}

/// Judges the project and writes the report.
pub fn run(global: &Global, args: &Args, out: &mut (dyn Write + Send)) -> Result<Exit, Failure> {
    let targets = targets(args)?;
    let project = Project::open(global)?;
    let paths: Result<Vec<String>, Failure> = args.paths.iter().map(|path| project.relative(path)).collect();
    // The root itself selects everything.
    let paths = paths?.into_iter().filter(|path| !path.is_empty()).collect();
    known_rules(args, &project)?;
    let options = Options {
        as_of: project.as_of,
        as_of_given: project.as_of_given,
        paths,
        rules: args.rule.clone(),
        scope: args.scope.clone(),
        timings: args.timings,
    };
    let report = on_threads(global.jobs, || {
        let sources = project.sources()?;
        Ok::<Report, Failure>(check::check(&project.registry, &sources, &options)?)
    })??;
    for (format, file) in targets {
        let color = file.is_none() && global.color();
        let text = TextOptions {
            limit: (!args.all).then_some(args.limit),
            color,
            width: width(file.is_none()),
            quiet: args.quiet,
            verbose: args.verbose,
        };
        match file {
            None => formats::write(&report, format, &text, out)?,
            Some(path) => {
                let mut file = BufWriter::new(tempfile_beside(&path)?);
                formats::write(&report, format, &text, &mut file)?;
                file.flush()?;
                drop(file);
                fs::rename(temporary(&path), &path)?;
            }
        }
    }
    let under =
        args.min_compliance.is_some_and(|min| report.summary.tally.compliance.is_some_and(|c| c < min));
    if under && let (Some(min), Some(now)) = (args.min_compliance, report.summary.tally.compliance) {
        writeln!(out, "\nCompliance is {now:.1} %, under the {min} % that --min-compliance asks for.")?;
    }
    Ok(if report.fails() || under { Exit::Findings } else { Exit::Clean })
}

/// Where each format goes; None = standard output.
fn targets(args: &Args) -> Result<Vec<(Format, Option<PathBuf>)>, Failure> {
    let mut targets = Vec::new();
    for written in &args.format {
        let (name, file) = match written.split_once('=') {
            Some((name, file)) => (name, Some(PathBuf::from(file))),
            None => (written.as_str(), args.output.clone()),
        };
        let format = Format::from_str(name, true).map_err(|_| {
            let known: Vec<String> = Format::value_variants()
                .iter()
                .filter_map(|format| format.to_possible_value().map(|value| value.get_name().to_owned()))
                .collect();
            Failure::usage(
                format!("there is no format `{name}`"),
                Some(format!("one of {}", known.join(", "))),
            )
        })?;
        targets.push((format, file));
    }
    if targets.iter().filter(|(_, file)| file.is_none()).count() > 1 {
        return Err(Failure::usage(
            "two formats cannot share the standard output",
            Some("give one of them a file: --format json=out.json".to_owned()),
        ));
    }
    Ok(targets)
}

/// A rule or scope that does not exist would list nothing, and look like a pass.
fn known_rules(args: &Args, project: &Project) -> Result<(), Failure> {
    let registry = &project.registry;
    for rule in &args.rule {
        let entry = registry.entries.iter().any(|entry| entry.id == *rule);
        if !entry && !registry.checks.iter().any(|check| check.id == rule) {
            let message = format!("there is no rule `{rule}`");
            return Err(Failure::usage(message, Some("`importlaw registry list` names them all".to_owned())));
        }
    }
    if let Some(scope) = &args.scope {
        let known =
            scope == crate::rules::context::PRODUCTION || registry.scopes.iter().any(|s| s.name == *scope);
        if !known {
            return Err(Failure::usage(format!("there is no scope `{scope}`"), None));
        }
    }
    Ok(())
}

fn temporary(path: &std::path::Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{}.tmp", std::process::id()));
    PathBuf::from(name)
}

/// A report is seen whole or not at all: it is written beside its place and renamed.
fn tempfile_beside(path: &std::path::Path) -> Result<fs::File, Failure> {
    fs::File::create_new(temporary(path))
        .map_err(|error| Failure::usage(format!("{} cannot be written: {error}", path.display()), None))
}

fn width(to_terminal: bool) -> usize {
    let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    match columns {
        Some(columns) if to_terminal && std::io::stdout().is_terminal() => usize::clamp(columns, 60, 160),
        _ => 100,
    }
}
