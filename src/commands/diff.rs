//! `importlaw diff`: what one state of the project has that another has not.

use std::io::Write;

use clap::ValueEnum;

use super::context::{Failure, Project, on_threads};
use super::{Exit, Global};
use crate::check::change::{self, Own, States};
use crate::discover::Snapshot;
use crate::formats::diff;
use crate::registry::Registry;
use crate::report::difference::State;
use crate::source::RelPath;

/// What `diff` takes.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The commit to compare with
    base: String,
    /// The commit that is compared (default: the working tree)
    head: Option<String>,
    /// Output format
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
    /// At most N findings introduced and fixed in text
    #[arg(long, value_name = "N", default_value_t = 50)]
    limit: usize,
    /// All findings in text
    #[arg(long, conflicts_with = "limit")]
    all: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// For programs
    Json,
}

/// Compares two states and writes how they differ.
pub fn run(global: &Global, args: &Args, out: &mut (dyn Write + Send)) -> Result<Exit, Failure> {
    let mut project = Project::open(global)?;
    let base_commit = project.commit(&args.base, "diff")?;
    let head_commit = args.head.as_ref().map(|head| project.commit(head, "diff")).transpose()?;
    let base = Snapshot::Commit(base_commit.clone());
    let head = head_commit.clone().map(Snapshot::Commit);
    let given = global.registry.is_some();
    if let Some(head) = head.as_ref().filter(|_| !given) {
        project.registry = project.registry_of(head)?.unwrap_or_default();
    }
    // One that is given judges every state; one that an older version wrote may be none for this one.
    let own =
        if given { Ok(None) } else { project.registry_of(&base).map(|own| Some(own.unwrap_or_default())) };
    let is_same = |own: &Registry| own.path == project.registry.path && own.hash == project.registry.hash;
    let own = own.map(|own| own.filter(|own| !is_same(own)));

    let mut difference = on_threads(global.jobs, || {
        let list =
            |registry: &Registry, snapshot: Option<&Snapshot>| project.sources_under(registry, snapshot);
        let (head_sources, base_sources) =
            (list(&project.registry, head.as_ref())?, list(&project.registry, Some(&base))?);
        let states = States { registry: &project.registry, head: &head_sources, base: &base_sources };
        Ok::<_, Failure>(match &own {
            Err(_) => change::difference(states, Own::Unreadable, project.as_of)?,
            Ok(None) => change::difference(states, Own::Same, project.as_of)?,
            Ok(Some(registry)) => {
                let (head, base) = (list(registry, head.as_ref())?, list(registry, Some(&base))?);
                let own = States { registry, head: &head, base: &base };
                change::difference(states, Own::Other(own), project.as_of)?
            }
        })
    })??;
    if let Err(failure) = &own {
        difference.notes.push(format!("the base's own registry cannot be read: {failure}"));
    }
    difference.base =
        State { revision: Some(args.base.clone()), commit: Some(base_commit.as_str().to_owned()) };
    difference.head = State {
        revision: args.head.clone(),
        commit: head_commit.as_ref().map(|commit| commit.as_str().to_owned()),
    };
    if let Some(owners) = project.code_owners(head.as_ref())? {
        difference.count_owners(|path| owners.of(path).unwrap_or("nobody").to_owned());
    }
    match args.format {
        Format::Text => diff::write_text(&difference, (!args.all).then_some(args.limit), out)?,
        Format::Json => {
            let registry = project.registry.path.as_ref().map(RelPath::as_str);
            diff::write_json_document(&difference, registry, out)?;
        }
    }
    Ok(if difference.fails() { Exit::Findings } else { Exit::Clean })
}
