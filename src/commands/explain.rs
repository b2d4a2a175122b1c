//! `importlaw explain RULE`: the rule's documentation.

use std::io::Write;

use super::context::{Failure, Project};
use super::{Exit, Global};
use crate::registry::values::nearest;
use crate::rules::{self, ALL};

/// What `explain` takes.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A rule or check, or the id of an entry of the registry; without one, all of them in a line each
    rule: Option<String>,
}

/// Prints the documentation of one rule, or a line for each.
pub fn run(global: &Global, args: &Args, out: &mut dyn Write) -> Result<Exit, Failure> {
    let Some(id) = &args.rule else {
        let width = ALL.iter().map(|rule| rule.id.len()).max().unwrap_or(0);
        for rule in ALL {
            writeln!(out, "{:width$}  {}", rule.id, rule.summary().replace('\n', " "))?;
        }
        return Ok(Exit::Clean);
    };
    let Some(rule) = rules::find(id).or_else(|| of_entry(global, id)) else {
        let help = match nearest(id, ALL.iter().map(|rule| rule.id)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`importlaw explain` names them all".to_owned(),
        };
        return Err(Failure::usage(format!("there is no rule `{id}`"), Some(help)));
    };
    writeln!(out, "{}", rule.docs.trim_end())?;
    Ok(Exit::Clean)
}

/// The rule that an entry of the registry is of; findings print the entry's id.
fn of_entry(global: &Global, id: &str) -> Option<&'static rules::Rule> {
    let project = Project::open(global).ok()?;
    let entry = project.registry.entries.iter().find(|entry| entry.id == id)?;
    rules::find(entry.kind.name())
}
