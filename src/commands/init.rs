//! `importlaw init`: drafts a registry that holds today, and records what does not.
//!
//! Finders in `init/` look at the graph and hand over plain data; [`text`] writes it; a run of the check decides what of
//! it holds, before anything is on the disk.

mod cycles;
mod doors;
mod draft;
mod duplicates;
mod layers;
mod moved;
mod scopes;
mod services;
mod starts;
mod summary;
mod text;
mod world;

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::context::{Failure, Project, Recording, filled_template, on_threads, write_file};
use super::{Exit, Global};
use crate::baseline::{self, Baseline, text_of};
use crate::check::{self, Analysis, Options};
use crate::discover::Sources;
use crate::facts::Date;
use crate::registry::Registry;
use crate::registry::load::{Home, load};
use crate::report::Report;
use crate::rules::context::Context;
use crate::source::RelPath;
use crate::violation::{Place, Severity, Status};
use draft::{Piece, Section, settle};
use summary::Drafted;
use world::World;

/// What `init` takes.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Draft the wished state: services apart in both directions, no cycle, one door, tests apart; what breaks it goes
    /// to the baseline
    #[arg(long)]
    strict: bool,
    /// Begin with this template instead (`importlaw registry template` lists them)
    #[arg(long, value_name = "NAME", conflicts_with = "strict")]
    template: Option<String>,
    /// Values of one of the template's keys; repeatable, once for each key
    #[arg(long, value_name = "KEY=VALUE,…", requires = "template")]
    set: Vec<String>,
    /// Write the registry to this file and the baseline beside it (`-`: print the registry, record nothing)
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Replace the registry and the baseline that are there
    #[arg(long)]
    force: bool,
}

/// The registry at the root.
const FILE: &str = "importlaw.toml";

/// Why what is recorded may stay.
const REASON: &str = "present when importlaw was introduced";

/// Drafts, judges, writes.
pub fn run(global: &Global, args: &Args, out: &mut (dyn Write + Send)) -> Result<Exit, Failure> {
    if global.registry.is_some() {
        let help = "`--output FILE` says where it is written".to_owned();
        return Err(Failure::usage("`init` reads no registry: `--registry` has no meaning here", Some(help)));
    }
    let (project, home) = Project::without_registry(global)?;
    let target = Target::new(args, &project, home)?;
    let filled = args.template.as_ref().map(|name| filled_template(name, &args.set)).transpose()?;
    let options = Options { as_of_given: project.as_of_given, ..Options::as_of(project.as_of) };
    let drafted = on_threads(global.jobs, || {
        let sources = project.sources()?;
        match filled {
            Some(text) => of_text(text, &sources, &options),
            None => drafted(&sources, &options, args.strict),
        }
    })??;
    target.write(&drafted, out)?;
    let shown = (target.shown_registry.as_deref(), target.shown_baseline.as_deref());
    match target.registry {
        Some(_) => summary::write(&drafted, shown, out)?,
        None => summary::write(&drafted, shown, &mut io::stderr())?,
    }
    Ok(Exit::Clean)
}

/// Where it goes.
struct Target {
    /// The registry's file; None = standard output.
    registry: Option<PathBuf>,
    baseline: PathBuf,
    /// How they are called where they do not lie where `check` looks for them, and where they do.
    shown_registry: Option<String>,
    shown_baseline: Option<String>,
}

impl Target {
    /// Refuses to replace what somebody wrote.
    fn new(args: &Args, project: &Project, home: Option<Home>) -> Result<Self, Failure> {
        let at_root = |name: &str| project.root.join(name);
        match &args.output {
            Some(output) if output.as_os_str() == "-" => {
                let baseline = at_root(baseline::FILE);
                Ok(Self { registry: None, baseline, shown_registry: None, shown_baseline: None })
            }
            Some(output) => {
                let file = project.started.join(output);
                let beside = file.with_extension("baseline");
                if output.extension().is_none_or(|suffix| suffix != "toml") || is_manifest(output) {
                    let help = Some("for example: --output drafts/importlaw.toml".to_owned());
                    let message = format!("`--output {}` names no registry file", output.display());
                    return Err(Failure::usage(message, help));
                }
                if !args.force {
                    free(&file, "`--force` replaces it")?;
                    free(&beside, "the baseline goes beside the registry; `--force` replaces both")?;
                }
                Ok(Self {
                    shown_registry: Some(output.display().to_string()),
                    shown_baseline: Some(output.with_extension("baseline").display().to_string()),
                    registry: Some(file),
                    baseline: beside,
                })
            }
            None => {
                match home {
                    Some(Home::Own) if args.force => {}
                    None => {
                        if !args.force {
                            free(&at_root(baseline::FILE), "`--force` replaces it")?;
                        }
                    }
                    Some(home) => {
                        let message = match home {
                            Home::Own => format!("there is a registry already: {}", at_root(FILE).display()),
                            _ => format!("{} holds a registry already", at_root(home.file_name()).display()),
                        };
                        let help = match home {
                            Home::Own => {
                                "`--output FILE` writes the draft elsewhere, `--output -` prints it; `--force` replaces what is there"
                            }
                            _ => "`--output FILE` writes the draft elsewhere, `--output -` prints it",
                        };
                        return Err(Failure::usage(message, Some(help.to_owned())));
                    }
                }
                Ok(Self {
                    registry: Some(at_root(FILE)),
                    baseline: at_root(baseline::FILE),
                    shown_registry: None,
                    shown_baseline: None,
                })
            }
        }
    }

    fn write(&self, drafted: &Drafted, out: &mut (dyn Write + Send)) -> Result<(), Failure> {
        let Some(registry) = &self.registry else {
            return Ok(write!(out, "{}", drafted.text)?);
        };
        let save = |file: &Path, text: &str| {
            write_file(file, |out| out.write_all(text.as_bytes())).map_err(|error| {
                Failure::usage(format!("{} cannot be written: {error}", file.display()), None)
            })
        };
        // What records comes first: a registry without it would fail.
        if !drafted.baseline.is_empty() || self.baseline.exists() {
            save(&self.baseline, &drafted.baseline)?;
        }
        save(registry, &drafted.text)
    }
}

fn is_manifest(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name == "pyproject.toml" || name == "Cargo.toml")
}

fn free(file: &Path, help: &str) -> Result<(), Failure> {
    if file.symlink_metadata().is_err() {
        return Ok(());
    }
    Err(Failure::usage(format!("{} is there already", file.display()), Some(help.to_owned())))
}

/// A registry that somebody else wrote, with what breaks it.
fn of_text(text: String, sources: &Sources, options: &Options) -> Result<Drafted, Failure> {
    let registry = read(&text, options.as_of)?;
    let analysis = check::analyse(&registry, sources)?;
    let report = check::judge(&registry, sources, &analysis, options)?;
    let wrong = report.findings.iter().map(|finding| &finding.violation);
    let mut wrong = wrong.filter(|violation| {
        matches!(violation.place, Place::Registry(_)) && violation.severity == Severity::Error
    });
    if let Some(first) = wrong.next() {
        let more = wrong.count();
        let rest = if more > 0 { format!("; {more} more") } else { String::new() };
        let help = "`--set` names packages of this project".to_owned();
        return Err(Failure::usage(
            format!("the filled template does not fit the code: {}{rest}", first.message),
            Some(help),
        ));
    }
    Ok(Drafted { baseline: recorded(&report, options.as_of), sections: Vec::new(), report, text })
}

/// How often a draft may lose pieces before it is given up; each time at least one goes, and most go at once.
const ROUNDS: usize = 8;

fn drafted(sources: &Sources, options: &Options, strict: bool) -> Result<Drafted, Failure> {
    let head = head(strict);
    let mut sections = base(sources);
    let registry = read(&text::text(head, &sections).0, options.as_of)?;
    let mut analysis = check::analyse_fully(&registry, sources)?;
    let renames = sources.renames_of_last(moved::COMMITS);
    check::in_context(&registry, sources, &analysis, options, |context| {
        found(context, &renames, strict, &mut sections);
    });
    let (mut text, mut places) = text::text(head, &sections);
    let mut registry = read(&text, options.as_of)?;
    let mut report = check::judge(&registry, sources, &analysis, options)?;
    for _ in 0..ROUNDS {
        let scopes = of_base(&sections);
        let changed = settle(&mut sections, &places, &report, strict);
        (text, places) = text::text(head, &sections);
        if !changed {
            break;
        }
        registry = read(&text, options.as_of)?;
        if of_base(&sections) != scopes {
            analysis = check::analyse_fully(&registry, sources)?;
        }
        report = check::judge(&registry, sources, &analysis, options)?;
    }
    let baseline = recorded(&report, options.as_of);
    let drafted = Drafted { text, baseline, sections, report };
    let left = drafted.left(sources, &analysis, options)?;
    if let Some(left) = left {
        let help = "please report this tree; `importlaw check` works without a registry".to_owned();
        return Err(Failure::usage(format!("the draft does not hold: {left}"), Some(help)));
    }
    Ok(drafted)
}

impl Drafted {
    /// What would still be new, by the text and the baseline alone, as they will lie on the disk.
    fn left(
        &self,
        sources: &Sources,
        analysis: &Analysis,
        options: &Options,
    ) -> Result<Option<String>, Failure> {
        let registry = read(&self.text, options.as_of)?;
        let baseline = Baseline::read(baseline::FILE, self.baseline.clone(), options.as_of)?;
        let options = Options { baseline: Some(baseline), ..options.clone() };
        let report = check::judge(&registry, sources, analysis, &options)?;
        let new = report.findings.into_iter().find(|finding| finding.violation.status == Status::New);
        Ok(new.map(|finding| format!("{}:{}: {}", finding.path, finding.line, finding.violation.message)))
    }
}

fn head(strict: bool) -> &'static str {
    if strict {
        "Drafted by `importlaw init --strict`: the wished state. What breaks it today is recorded in importlaw.baseline, \
         and fails no more; what is new does. Delete what is not meant."
    } else {
        "Drafted by `importlaw init`: what holds today, and how well. Read each entry, keep what is meant, delete the \
         rest. What is wrong already is recorded in importlaw.baseline; `importlaw check` fails on what is new."
    }
}

fn read(text: &str, as_of: Date) -> Result<Registry, Failure> {
    Ok(load(&RelPath::new(FILE), text, Home::Own, as_of).map_err(Box::new)?)
}

/// What is said of the files, before any is read.
fn base(sources: &Sources) -> Vec<Section> {
    let mut settings = Section { noun: "setting", ..Section::default() };
    if !sources.rust.is_empty() && !sources.cargo.is_empty() {
        let about = "What holds of any Rust workspace.".to_owned();
        let line = "extends = [\"importlaw:rust-crate\"]".to_owned();
        settings.pieces.push(Piece::entry(String::new(), vec![about], vec![line]));
    }
    vec![settings, scopes::find(sources)]
}

/// Which of those stand.
fn of_base(sections: &[Section]) -> Vec<bool> {
    sections.iter().take(2).flat_map(|section| section.pieces.iter().map(Piece::stands)).collect()
}

/// What is said of the code.
fn found(
    context: &Context,
    renames: &BTreeMap<String, Vec<String>>,
    strict: bool,
    sections: &mut Vec<Section>,
) {
    let world = World::new(context);
    let roots = &context.project.roots;
    if (2..=12).contains(&roots.iter().filter(|root| *root != "src").count()) {
        let about = "Where absolute imports begin, as it was found.".to_owned();
        let roots: Vec<String> =
            roots.iter().map(|root| if root.is_empty() { ".".to_owned() } else { root.clone() }).collect();
        let piece = Piece {
            lines: text::list("roots", &roots),
            ..Piece::line("[python]", vec![about], String::new())
        };
        sections[0].pieces.push(piece);
    }
    let has_scopes = !sections[1].pieces.is_empty();
    sections.push(services::find(&world, strict));
    sections.push(layers::find(&world, strict));
    sections.push(cycles::find(&world, strict));
    sections.push(doors::find(&world, strict));
    sections.push(moved::find(&world, renames));
    let mut checks = duplicates::find(&world);
    if has_scopes {
        let about = "What ships imports nothing of the other scopes.".to_owned();
        let mut piece = Piece::line("[checks]", vec![about], "scope-leak = \"error\"".to_owned());
        "scope-leak".clone_into(&mut piece.rule);
        checks.pieces.insert(0, piece);
    }
    checks.title = "Checks";
    sections.push(checks);
    sections.push(starts::find(&world));
}

/// The baseline's text: what is new today.
fn recorded(report: &Report, since: Date) -> String {
    let recording = Recording { since, reason: REASON.to_owned(), owner: None, until: None };
    let new = report.findings.iter().filter(|finding| {
        let violation = &finding.violation;
        violation.status == Status::New && !matches!(violation.place, Place::Baseline(_))
    });
    text_of(&new.map(|finding| recording.entry(finding)).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests;
