//! `importlaw report`: the pages that people read.

mod ci;

use std::io::Write;
use std::path::PathBuf;

use clap::ValueEnum;

use super::context::history::{Every, History};
use super::context::{Failure, Project, on_threads, write_file};
use super::{Exit, Global};
use crate::check::Options;
use crate::check::change::{Own, States};
use crate::check::overview::{self, Asked, Base, Dates, Pages};
use crate::discover::{Snapshot, in_repository};
use crate::formats::html::{self, Page};
use crate::formats::{self, report};
use crate::git;
use crate::registry::Registry;
use crate::report::closing::Closing;
use crate::report::difference::State;
use crate::report::trend::Judge;

/// What `report` takes.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Output format
    #[arg(long, value_name = "FORMAT", default_value = "markdown")]
    format: Format,
    /// Write the report to this file
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Add what changed since the merge base of REV and HEAD, and what migrated from door to door
    #[arg(long, value_name = "REV")]
    since: Option<String>,
    /// Add how compliance changed over the last N commits, all judged by today's registry
    #[arg(long, value_name = "N", conflicts_with = "closing")]
    trend: Option<usize>,
    /// The page that closes an incident: whether these entries, checks and entry points hold, and what is left; exit 1
    /// unless all of them may be closed
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    closing: Vec<String>,
    /// Findings that this file records are known (default: importlaw.baseline at the project root, where there is one)
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Heed no baseline
    #[arg(long, conflicts_with = "baseline")]
    no_baseline: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people and pull requests
    Markdown,
    /// For programs
    Json,
    /// One page for a browser, without a network: also every finding with its line, the dependency matrix and the graph
    Html,
}

/// Judges the project and writes the page.
pub fn run(global: &Global, args: &Args, out: &mut (dyn Write + Send)) -> Result<Exit, Failure> {
    let project = Project::open(global)?;
    let ids = known_ids(args, &project)?;
    let base_commit =
        args.since.as_ref().map(|revision| project.merge_base(revision, "--since")).transpose()?;
    let head_commit = in_repository(&project.root).then(|| git::commit(&project.root, "HEAD")).flatten();
    let base = base_commit.clone().map(Snapshot::Commit);
    let trend = args.trend.map(|last| {
        let head = project.commit("HEAD", "--trend")?;
        let asked = History { last, every: Every::Commits(1), registry: Judge::Today };
        project.trend(global.jobs, &head, asked)
    });
    let trend = trend.transpose()?;
    let options = Options {
        as_of_given: project.as_of_given,
        graph: args.format == Format::Html,
        baseline: if args.no_baseline { None } else { project.baseline(args.baseline.as_deref())? },
        ..Options::as_of(project.as_of)
    };
    let owners = project.code_owners(None)?;
    let owner_of = |path: &str| owners.as_ref()?.of(path).map(str::to_owned);
    // One that is given judges both states.
    let own = base.as_ref().filter(|_| global.registry.is_none()).map(|base| project.registry_of(base));
    // So is the registry: what stands in no commit judges nothing tomorrow.
    let of_commit = match &head_commit {
        Some(head) if global.registry.is_none() => {
            let recorded = project.registry_of(&Snapshot::Commit(head.clone()));
            recorded.is_ok_and(|recorded| recorded.unwrap_or_default().hash == project.registry.hash)
        }
        _ => true,
    };
    let (mut pages, dirty) = on_threads(global.jobs, || {
        let sources = project.sources()?;
        let base_sources = base.as_ref().map(|base| project.sources_of(base)).transpose()?;
        let of_other = |registry: &Registry| {
            let (head, base) =
                (project.sources_under(registry, None)?, project.sources_under(registry, base.as_ref())?);
            Ok::<_, Failure>((head, base))
        };
        let other = own.as_ref().and_then(|own| own.as_ref().ok()).map(|own| own.clone().unwrap_or_default());
        let is_same = |own: &Registry| own.path == project.registry.path && own.hash == project.registry.hash;
        let other = other.filter(|own| !is_same(own));
        let listed = other.as_ref().map(of_other).transpose()?;
        let own = match (&own, &other, &listed) {
            (Some(Err(_)), ..) => Own::Unreadable,
            (_, Some(registry), Some((head, base))) => Own::Other(States { registry, head, base }),
            _ => Own::Same,
        };
        let asked = Asked {
            registry: &project.registry,
            sources: &sources,
            base: base_sources.as_ref().map(|sources| Base { sources, own }),
            options: &options,
            owner_of: &owner_of,
            history: head_commit.as_ref().and_then(|_| history(&project, &options)),
            closing: &ids,
        };
        let pages = overview::pages(&asked)?;
        // What is said of a commit must be true of it.
        let recorded =
            head_commit.clone().map(|head| project.sources_of(&Snapshot::Commit(head))).transpose()?;
        let dirty = recorded.is_some_and(|recorded| !recorded.is_like(&sources) || !of_commit);
        Ok::<_, Failure>((pages, dirty))
    })??;
    if let Some(Err(failure)) = &own {
        pages.overview.notes.push(format!("the base's own registry cannot be read: {failure}"));
    }
    pages.overview.uncommitted = dirty;
    pages.overview.trend = trend;
    let id = |commit: &git::ObjectId| commit.as_str().to_owned();
    pages.overview.head = State { revision: None, commit: head_commit.as_ref().map(id) };
    if let Some(since) = &mut pages.overview.since {
        since.base = State { revision: args.since.clone(), commit: base_commit.as_ref().map(id) };
    }
    if let Some(closing) = &mut pages.closing {
        closing.ci = ci::runs_of_the_check(&project.root);
        closing.command = command(global, args, &project);
    }
    let ready = pages.closing.as_ref().is_none_or(Closing::is_ready);
    match &args.output {
        None => write(&project, &pages, args.format, out)?,
        Some(path) => {
            let place = project.started.join(path);
            write_file(&place, |file| write(&project, &pages, args.format, file)).map_err(|error| {
                Failure::usage(format!("{} cannot be written: {error}", path.display()), None)
            })?;
        }
    }
    Ok(if ready { Exit::Clean } else { Exit::Findings })
}

fn write(project: &Project, pages: &Pages, format: Format, out: &mut dyn Write) -> std::io::Result<()> {
    let Pages { overview, closing, report: found } = pages;
    match format {
        Format::Markdown => {
            report::markdown::write(overview, closing.as_ref(), out)?;
            match &overview.trend {
                Some(trend) => {
                    writeln!(out, "\n## How it came to be\n")?;
                    formats::trend::write_markdown(trend, out)
                }
                None => Ok(()),
            }
        }
        Format::Json => report::json::write(overview, closing.as_ref(), out),
        Format::Html => {
            let title = project.name();
            let page =
                Page { title: &title, report: found, overview: Some(overview), closing: closing.as_ref() };
            html::write(&page, out)
        }
    }
}

/// The ids to be closed, each of which must exist: a page about nothing would close anything.
fn known_ids(args: &Args, project: &Project) -> Result<Vec<String>, Failure> {
    project.known(&args.closing, |id| format!("`--closing {id}`: there is no entry or check `{id}`"))?;
    let mut ids: Vec<String> = Vec::new();
    for id in &args.closing {
        if !ids.contains(id) {
            ids.push(id.clone());
        }
    }
    Ok(ids)
}

/// Earlier dates of what is excused, as git has them.
fn history(project: &Project, options: &Options) -> Option<(Vec<Dates>, String)> {
    let registries = project.registries_before().unwrap_or_default();
    let mut states: Vec<Dates> = registries.iter().map(overview::dates_of_registry).collect();
    let mut words = Vec::new();
    if !registries.is_empty() {
        words.push(format!("the registry with {} of its versions in git", registries.len()));
    }
    if let Some(baseline) = &options.baseline {
        let versions = project.baselines_before(&baseline.path).unwrap_or_default();
        words.push(format!("the baseline with {} of its own", versions.len()));
        states.extend(versions.iter().map(overview::dates_of_baseline));
    }
    (!states.is_empty()).then(|| (states, words.join(", ")))
}

/// The command that makes the same page of the same commit.
fn command(global: &Global, args: &Args, project: &Project) -> String {
    let mut words = vec!["importlaw report --closing".to_owned(), args.closing.join(",")];
    words.extend(args.since.iter().map(|since| format!("--since {since}")));
    words.extend(global.registry.iter().map(|file| format!("--registry {}", file.display())));
    words.extend(args.baseline.iter().map(|file| format!("--baseline {}", file.display())));
    words.extend(args.no_baseline.then(|| "--no-baseline".to_owned()));
    words.push(format!("--as-of {}", project.as_of));
    words.join(" ")
}
