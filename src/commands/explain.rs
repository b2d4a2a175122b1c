//! `importlaw explain RULE`: the rule's documentation; `explain --file F`: the rules that apply to a file.

mod file;

use std::fmt::Write as _;
use std::io::Write;
use std::path::PathBuf;

use super::context::{Failure, Project};
use super::{Exit, Global};
use crate::formats::context::{counted, escape};
use crate::registry::Meta;
use crate::registry::values::nearest;
use crate::rules::{self, ALL};

/// What `explain` takes.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A rule or check, or the id of an entry of the registry; without one, all of them in a line each
    rule: Option<String>,
    /// Every example, not the first alone
    #[arg(long, conflicts_with = "file")]
    all: bool,
    /// Every rule that applies to this source file: what it may import, and who may import it
    #[arg(long, value_name = "FILE", conflicts_with = "rule")]
    file: Option<PathBuf>,
}

/// Prints the documentation of one rule, a line for each, or what applies to a file.
pub fn run(global: &Global, args: &Args, out: &mut (dyn Write + Send)) -> Result<Exit, Failure> {
    if let Some(file) = &args.file {
        return file::run(global, file, out);
    }
    let Some(id) = &args.rule else {
        let width = ALL.iter().map(|rule| rule.id.len()).max().unwrap_or(0);
        for rule in ALL {
            writeln!(out, "{:width$}  {}", rule.id, rule.summary().replace('\n', " "))?;
        }
        return Ok(Exit::Clean);
    };
    if let Some(rule) = rules::find(id) {
        return print(rule.docs, args.all, id, out);
    }
    let Some((entry, rule)) = of_entry(global, id) else {
        let help = match nearest(id, ALL.iter().map(|rule| rule.id)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`importlaw explain` names them all".to_owned(),
        };
        return Err(Failure::usage(format!("there is no rule `{id}`"), Some(help)));
    };
    writeln!(out, "{entry}")?;
    // What has to be written in a waiver is known.
    print(&rule.docs.replace("<id>", id), args.all, id, out)
}

/// Prints a document with its first example or all of them.
fn print(docs: &str, all: bool, id: &str, out: &mut dyn Write) -> Result<Exit, Failure> {
    match rules::first_example(docs) {
        (short, more) if more > 0 && !all => {
            let more = counted(more as u64, "more example");
            writeln!(out, "{short}\n\n{more}: importlaw explain {id} --all")?;
        }
        _ => writeln!(out, "{}", docs.trim_end())?,
    }
    Ok(Exit::Clean)
}

/// What an entry of the registry is and why, and the rule that it is of; findings print the entry's id.
fn of_entry(global: &Global, id: &str) -> Option<(String, &'static rules::Rule)> {
    let registry = Project::open(global).ok()?.registry;
    let entry = registry.entries.iter().find(|entry| entry.id == id)?;
    let path = registry.path.as_ref().map_or("", |path| path.as_str());
    let kind = entry.kind.name();
    let mut says = format!("`{}` is a `[[{kind}]]` entry, {}:{}\n", escape(id), escape(path), entry.id_line);
    let Meta { reason, help, docs, owner, .. } = &entry.meta;
    for (label, text) in [("why:", reason), ("fix:", help), ("see:", docs), ("ask:", owner)] {
        if let Some(text) = text {
            let _ = writeln!(says, "  {label}  {}", escape(text.trim()));
        }
    }
    Some((says, rules::find(kind)?))
}
