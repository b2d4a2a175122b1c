//! `importlaw registry check|list|schema`.

use std::io::Write;

use super::context::{Failure, Project, on_threads};
use super::{Exit, Global};
use crate::check::{self, Options};
use crate::formats::context::{escape, place, severity_word};
use crate::registry::{Registry, json_schema};
use crate::violation::Severity;

/// What can be asked of the registry.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Does every line still match the code? Exit 1 where one does not
    Check,
    /// List every rule and check in force
    List,
    /// Print the JSON Schema of importlaw.toml, for editors
    Schema,
}

/// Runs one of them.
pub fn run(global: &Global, command: &Command, out: &mut (dyn Write + Send)) -> Result<Exit, Failure> {
    match command {
        Command::Schema => {
            let schema =
                serde_json::to_string_pretty(&json_schema::json_schema()).map_err(std::io::Error::from)?;
            writeln!(out, "{schema}")?;
            Ok(Exit::Clean)
        }
        Command::List => {
            let project = Project::open(global)?;
            list(&project.registry, out)?;
            Ok(Exit::Clean)
        }
        Command::Check => matches_code(global, out),
    }
}

/// The checks that are about the registry itself.
const ABOUT_THE_REGISTRY: [&str; 2] = ["unmatched-entry", "expired"];

fn matches_code(global: &Global, out: &mut (dyn Write + Send)) -> Result<Exit, Failure> {
    let project = Project::open(global)?;
    let Some(path) = &project.registry.path else {
        let help = "write importlaw.toml at the project root: `importlaw registry schema` describes it";
        return Err(Failure::usage("there is no registry to check", Some(help.to_owned())));
    };
    let mut report = on_threads(global.jobs, || {
        let sources = project.sources()?;
        let options = Options { as_of_given: project.as_of_given, ..Options::as_of(project.as_of) };
        Ok::<_, Failure>(check::check(&project.registry, &sources, &options)?)
    })??;
    report.findings.retain(|finding| {
        ABOUT_THE_REGISTRY.contains(&finding.violation.kind) && finding.path == path.as_str()
    });
    for finding in &report.findings {
        let violation = &finding.violation;
        let (rule, message) = (escape(&violation.rule), escape(&violation.message));
        writeln!(out, "{}: {}[{rule}] {message}", place(finding), severity_word(violation.severity))?;
    }
    let entries = match project.registry.entries.len() {
        1 => "1 entry".to_owned(),
        n => format!("{n} entries"),
    };
    let verdict = match report.findings.len() {
        0 => "every line matches the code".to_owned(),
        1 => "1 item does not match the code".to_owned(),
        n => format!("{n} items do not match the code"),
    };
    writeln!(out, "{}: {entries}, {verdict}", escape(path.as_str()))?;
    Ok(if report.fails() { Exit::Findings } else { Exit::Clean })
}

fn list(registry: &Registry, out: &mut dyn Write) -> Result<(), Failure> {
    let mut rows: Vec<[String; 4]> = Vec::new();
    for entry in &registry.entries {
        rows.push([
            escape(&entry.id).into_owned(),
            entry.kind.name().to_owned(),
            level(entry.meta.severity).to_owned(),
            escape(&entry.kind.summary()).into_owned(),
        ]);
    }
    for check in &registry.checks {
        let level = if check.on { level(check.meta.severity) } else { "off" };
        let place = check.line.map_or_else(|| "default".to_owned(), |line| format!("line {line}"));
        rows.push([check.id.to_owned(), "check".to_owned(), level.to_owned(), place]);
    }
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let (id, kind) = (width(0), width(1));
    for [name, table, level, what] in &rows {
        writeln!(out, "{name:id$}  {table:kind$}  {level:5}  {what}")?;
    }
    Ok(())
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warn => "warn",
    }
}
