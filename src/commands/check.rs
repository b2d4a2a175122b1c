//! `importlaw check`: the gate.

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::time::Instant;

use clap::ValueEnum;

use super::context::{Failure, Project, on_threads, write_file};
use super::{Exit, Global};
use crate::check::{self, Options, change};
use crate::discover::Snapshot;
use crate::formats::{self, Format, TextOptions};
use crate::registry::values::nearest;
use crate::report::{Report, Timing};
use crate::rules::context::PRODUCTION;

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
    /// List only what REV does not have: the working tree is compared with the merge base of REV and HEAD
    #[arg(long, value_name = "REV")]
    since: Option<String>,
    /// Check what git's index holds, as the next commit will record it; implies --since HEAD
    #[arg(long)]
    staged: bool,
    /// Check standard input as if it were this file, which need not exist
    #[arg(long, value_name = "PATH", conflicts_with = "staged")]
    stdin_file: Option<PathBuf>,
    /// Also fail under this compliance, in percent of the whole project
    #[arg(long, value_name = "N", value_parser = percentage)]
    min_compliance: Option<f64>,
    /// Findings that this file records are known and do not fail (default: importlaw.baseline at the project root,
    /// where there is one)
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Heed no baseline
    #[arg(long, conflicts_with = "baseline")]
    no_baseline: bool,
    /// Say how long the run took, its stages and its slowest rules
    #[arg(long)]
    timings: bool,
    /// At most N blocks of findings in text
    #[arg(long, value_name = "N", default_value_t = 50)]
    limit: usize,
    /// All blocks of findings in text
    #[arg(long, conflicts_with = "limit")]
    all: bool,
    /// Only one line: what was found, the compliance, the rules that hold
    #[arg(short, long)]
    quiet: bool,
    /// Also what is waived, and what was left out and why
    #[arg(short, long)]
    verbose: bool,
}

/// Judges the project and writes the report.
pub fn run(global: &Global, args: &Args, out: &mut (dyn Write + Send)) -> Result<Exit, Failure> {
    let start = Instant::now();
    let targets = targets(args)?;
    let mut project = Project::open(global)?;
    if args.staged && global.registry.is_none() {
        // Until the first commit of a registry, the one that lies there serves.
        project.head("--staged")?;
        if let Some(registry) = project.registry_of(&Snapshot::Index)? {
            project.registry = registry;
        }
    }
    let project = project;
    let input = args.stdin_file.as_ref().map(|path| project.standard_input(path)).transpose()?;
    let paths: Result<Vec<String>, Failure> = args
        .paths
        .iter()
        .map(|path| match (&input, project.place(path)) {
            (Some((input, _)), Ok(place)) if *input == place => Ok(place),
            _ => project.relative(path),
        })
        .collect();
    // The root itself selects everything.
    let paths = paths?.into_iter().filter(|path| !path.is_empty()).collect();
    known_rules(args, &project)?;
    let options = Options {
        as_of: project.as_of,
        as_of_given: project.as_of_given,
        paths,
        rules: args.rule.clone(),
        scope: args.scope.clone(),
        since: since(args),
        uses: false,
        graph: false,
        timings: args.timings,
        baseline: if args.no_baseline { None } else { project.baseline(args.baseline.as_deref())? },
    };
    let base = base(args, &project)?;
    let mut report = on_threads(global.jobs, || {
        let listing = Instant::now();
        let sources = match &input {
            Some((path, text)) => project.sources_with(path, text)?,
            None if args.staged => project.sources_of(&Snapshot::Index)?,
            None => project.sources()?,
        };
        let base = base.map(|base| project.sources_of(&base)).transpose()?;
        let listing = Timing::since("listing", listing);
        let mut report = match base {
            Some(base) => change::check_since(&project.registry, &sources, &base, &options)?,
            None => check::check(&project.registry, &sources, &options)?,
        };
        if let Some(timings) = &mut report.summary.timings {
            timings.stages.insert(0, listing);
        }
        Ok::<Report, Failure>(report)
    })??;
    if args.timings {
        report.summary.elapsed_ms = Some(start.elapsed().as_millis() as u64);
    }
    let on_terminal = targets.iter().find(|(_, file)| file.is_none()).map(|(format, _)| *format);
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
                let place = project.started.join(&path);
                let written = write_file(&place, |file| formats::write(&report, format, &text, file));
                written.map_err(|error| {
                    Failure::usage(format!("{} cannot be written: {error}", path.display()), None)
                })?;
            }
        }
    }
    let now = report.summary.tally.compliance;
    let under = args.min_compliance.zip(now).filter(|(min, now)| now < min);
    if let Some((min, now)) = under {
        let says = format!("Compliance is {now:.1} %, under the {min} % that --min-compliance asks for.");
        // A program that reads standard output gets nothing but its format.
        match on_terminal {
            Some(Format::Text | Format::Concise) => writeln!(out, "\n{says}")?,
            Some(Format::Json) | None => writeln!(io::stderr(), "{says}")?,
        }
    }
    Ok(if report.fails() || under.is_some() { Exit::Findings } else { Exit::Clean })
}

/// What narrows the list to a change, as it is called.
fn since(args: &Args) -> Option<String> {
    let since = args.since.as_ref().map(|revision| format!("--since {revision}"));
    let staged = args.staged.then(|| "--staged".to_owned());
    match (staged, since) {
        (Some(staged), Some(since)) => Some(format!("{staged} {since}")),
        (staged, since) => staged.or(since),
    }
}

/// What is compared with, if anything is.
fn base(args: &Args, project: &Project) -> Result<Option<Snapshot>, Failure> {
    match &args.since {
        Some(revision) => Ok(Some(Snapshot::Commit(project.merge_base(revision, "--since")?))),
        None if args.staged => Ok(Some(project.head("--staged")?)),
        None => Ok(None),
    }
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
    let rules = || {
        let entries = registry.entries.iter().map(|entry| entry.id.as_str());
        entries.chain(registry.checks.iter().map(|check| check.id))
    };
    for rule in &args.rule {
        if !rules().any(|known| known == rule) {
            let help = match nearest(rule, rules()) {
                Some(near) => format!("did you mean `{near}`? `importlaw registry list` names them all"),
                None => "`importlaw registry list` names them all".to_owned(),
            };
            return Err(Failure::usage(format!("there is no rule `{rule}`"), Some(help)));
        }
    }
    if let Some(scope) = &args.scope {
        let mut scopes: Vec<&str> = registry.scopes.iter().map(|scope| scope.name.as_str()).collect();
        if !scopes.contains(&PRODUCTION) {
            scopes.push(PRODUCTION);
        }
        if !scopes.contains(&scope.as_str()) {
            let help = format!("one of {}", scopes.join(", "));
            return Err(Failure::usage(format!("there is no scope `{scope}`"), Some(help)));
        }
    }
    Ok(())
}

/// A percentage; `nan` would let everything pass.
fn percentage(text: &str) -> Result<f64, String> {
    let number: f64 = text.parse().map_err(|_| "write a number from 0 to 100".to_owned())?;
    if (0.0..=100.0).contains(&number) { Ok(number) } else { Err("write a number from 0 to 100".to_owned()) }
}

fn width(to_terminal: bool) -> usize {
    let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    match columns {
        Some(columns) if to_terminal && io::stdout().is_terminal() => usize::clamp(columns, 60, 160),
        _ => 100,
    }
}
