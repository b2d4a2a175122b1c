//! `importlaw check`: the gate.

mod actions;
mod progress;

use std::io::{self, IsTerminal, Write};
use std::path::{MAIN_SEPARATOR, Path, PathBuf};
use std::time::Instant;

use supports_hyperlinks::Stream;

use super::context::{Failure, Project, on_threads, write_file};
use super::{Exit, Global};
use crate::check::{self, Options, change};
use crate::discover::progress::{Progress, Stage};
use crate::discover::{Snapshot, repository_prefix};
use crate::formats::context::machine::uri;
use crate::formats::{self, Format, TextOptions};
use crate::report::{Report, Timing};
use crate::rules::context::PRODUCTION;

/// What `check` takes.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// List only findings in these files or directories; graph and summary are always whole
    paths: Vec<PathBuf>,
    /// Output format: text, concise, json, sarif, github, gitlab, rdjson, junit, markdown or badge; repeatable, each
    /// may go to a file of its own as `json=out.json` (default: text; in GitHub Actions text, then github)
    #[arg(long, value_name = "FORMAT[=FILE]")]
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
    /// Count the findings instead of listing them: by rule, package, scope and target; all of each with --all
    #[arg(long)]
    statistics: bool,
    /// Say how long the run took, its stages and its slowest rules
    #[arg(long)]
    timings: bool,
    /// At most N blocks of findings in text
    #[arg(long, value_name = "N", default_value_t = 50)]
    limit: usize,
    /// All blocks of findings in text, known ones too
    #[arg(long, conflicts_with = "limit")]
    all: bool,
    /// Only one line: what was found, the compliance, the rules that hold
    #[arg(short, long)]
    quiet: bool,
    /// Also what is known and waived, and what was left out and why
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
    project.known_rules(&args.rule)?;
    known_scope(args, &project)?;
    let options = Options {
        as_of: project.as_of,
        as_of_given: project.as_of_given,
        paths,
        rules: args.rule.clone(),
        scope: args.scope.clone(),
        since: since(args),
        uses: false,
        graph: false,
        suggestions: targets.iter().any(|(format, _)| format.suggests()),
        timings: args.timings,
        baseline: if args.no_baseline { None } else { project.baseline(args.baseline.as_deref())? },
    };
    let base = base(args, &project)?;
    // One that is given judges both states.
    let loosened = match &base {
        Some(base) if global.registry.is_none() => {
            let asked = args.since.as_deref().unwrap_or("HEAD");
            project.told_loosened(base, asked)
        }
        _ => None,
    };
    let progress =
        if progress::is_wanted() && !args.quiet { Progress::watched() } else { Progress::default() };
    let shown = progress::show(&progress, width(true));
    let report = on_threads(global.jobs, || {
        let listing = Instant::now();
        progress.begin(Stage::Listing, 0);
        let mut sources = match &input {
            Some((path, text)) => project.sources_with(path, text)?,
            None if args.staged => project.sources_of(&Snapshot::Index)?,
            None => project.sources()?,
        };
        let mut base = base.map(|base| project.sources_of(&base)).transpose()?;
        for sources in base.iter_mut().chain([&mut sources]) {
            sources.progress = progress.clone();
        }
        let listing = Timing::since("listing", listing);
        let mut report = match base {
            Some(base) => change::check_since(&project.registry, &sources, &base, &options)?,
            None => check::check(&project.registry, &sources, &options)?,
        };
        if let Some(timings) = &mut report.summary.timings {
            timings.stages.insert(0, listing);
        }
        Ok::<Report, Failure>(report)
    });
    drop(shown);
    let mut report = report??;
    if args.timings {
        report.summary.elapsed_ms = Some(start.elapsed().as_millis() as u64);
    }
    report.notes.extend(loosened);
    report.project.prefix = repository_prefix(&project.root);
    let on_stdout: Vec<Format> =
        targets.iter().filter(|(_, file)| file.is_none()).map(|(format, _)| *format).collect();
    for (format, file) in targets {
        let color = file.is_none() && global.color();
        let text = TextOptions {
            limit: (!args.all).then_some(args.limit),
            color,
            width: width(file.is_none()),
            quiet: args.quiet,
            verbose: args.verbose,
            statistics: args.statistics,
            links: if color && supports_hyperlinks::on(Stream::Stdout) {
                Some(root_url(&project.root))
            } else {
                None
            },
        };
        match file {
            None if format != Format::Github && on_stdout.contains(&Format::Github) => {
                actions::write_shielded(&report, format, &text, out)?;
            }
            None => formats::write(&report, format, &text, out)?,
            Some(path) => {
                let place = project.started.join(&path);
                let written = write_file(&place, |file| formats::write(&report, format, &text, file));
                written.map_err(|error| {
                    Failure::usage(format!("{} cannot be written: {error}", path.display()), None)
                })?;
            }
        }
        // The gate's verdict does not hang on a summary.
        if format == Format::Github
            && let Err(error) = actions::append_summary(&report, &text)
        {
            writeln!(io::stderr(), "the summary of the step cannot be written: {error}")?;
        }
    }
    let now = report.summary.tally.compliance;
    let under = args.min_compliance.zip(now).filter(|(min, now)| now < min);
    if let Some((min, now)) = under {
        let says = format!("Compliance is {now:.1} %, under the {min} % that --min-compliance asks for.");
        // A program that reads standard output gets nothing but its format.
        match on_stdout[..] {
            [Format::Text | Format::Concise] => writeln!(out, "\n{says}")?,
            [.., Format::Github] => writeln!(out, "::error title=importlaw::{}", says.replace('%', "%25"))?,
            _ => writeln!(io::stderr(), "{says}")?,
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
        let format = Format::all().iter().find(|format| format.name().eq_ignore_ascii_case(name));
        let Some(format) = format else {
            let known: Vec<String> = Format::all().iter().map(|format| format.name()).collect();
            let help = format!("one of {}", known.join(", "));
            return Err(Failure::usage(format!("there is no format `{name}`"), Some(help)));
        };
        targets.push((*format, file));
    }
    if targets.is_empty() {
        targets.push((Format::Text, args.output.clone()));
        if actions::is_here() {
            targets.push((Format::Github, None));
        }
    }
    // The runner finds its commands among whatever else there is; they stand last, where a reader looks.
    targets.sort_by_key(|(format, file)| file.is_none() && *format == Format::Github);
    let on_stdout: Vec<Format> =
        targets.iter().filter(|(_, file)| file.is_none()).map(|(format, _)| *format).collect();
    match on_stdout[..] {
        [] | [_] | [Format::Text | Format::Concise, Format::Github] => Ok(targets),
        _ => Err(Failure::usage(
            "two formats cannot share the standard output",
            Some("give one of them a file: --format json=out.json".to_owned()),
        )),
    }
}

/// A scope that does not exist would list nothing, and look like a pass.
fn known_scope(args: &Args, project: &Project) -> Result<(), Failure> {
    let registry = &project.registry;
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

/// The columns to write for: as `COLUMNS` says, else the terminal's own; 100 where it is no terminal.
fn width(to_terminal: bool) -> usize {
    if !to_terminal || !io::stdout().is_terminal() {
        return 100;
    }
    let given = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let own = || terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    given.or_else(own).map_or(100, |columns| usize::clamp(columns, 60, 160))
}

/// A URL to which paths can be added.
fn root_url(root: &Path) -> String {
    let shown = root.to_string_lossy().replace(MAIN_SEPARATOR, "/");
    let slash = if shown.starts_with('/') { "" } else { "/" };
    format!("{}/", uri(&format!("{slash}{shown}")).trim_end_matches('/'))
}
