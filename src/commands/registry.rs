//! `importlaw registry check|list|template|schema`.

mod markdown;
mod page;

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::ValueEnum;

use super::context::{Failure, Project, filled_template, on_threads};
use super::{Exit, Global};
use crate::check::{self, Options};
use crate::formats::context::{escape, place, severity_word};
use crate::registry::load::Home;
use crate::registry::template::TEMPLATES;
use crate::registry::{Registry, json_schema};
use crate::violation::Severity;
use page::{Page, Stale};

/// What can be asked of the registry.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Does every line still match the code, and the page of `[project] page` the registry? Exit 1 where one does not
    Check,
    /// List every rule and check in force
    List(List),
    /// Print a registry made from a template and your names; without NAME, what templates there are
    Template(TemplateArgs),
    /// Print the JSON Schema of importlaw.toml, for editors
    Schema,
}

/// What `list` takes.
#[derive(Debug, clap::Args)]
pub struct List {
    /// How it is written: `text` in lines, `markdown` as a page for people
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: ListFormat,
    /// Write the Markdown into this page (without FILE: the one of `[project] page`) if it differs. Of a page that
    /// exists only what stands between the lines `<!-- importlaw:registry -->` and `<!-- /importlaw:registry -->` is
    /// replaced
    #[arg(long, value_name = "FILE", num_args = 0..=1)]
    #[expect(clippy::option_option, reason = "not given, given alone, given with a file")]
    write: Option<Option<PathBuf>>,
}

/// What `template` takes.
#[derive(Debug, clap::Args)]
pub struct TemplateArgs {
    /// The template
    name: Option<String>,
    /// Values of one of its keys; repeatable, once for each key
    #[arg(long, value_name = "KEY=VALUE,…", requires = "name")]
    set: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ListFormat {
    Text,
    Markdown,
}

/// Runs one of them.
pub fn run(global: &Global, command: &Command, out: &mut (dyn Write + Send)) -> Result<Exit, Failure> {
    match command {
        Command::Schema => {
            let schema =
                serde_json::to_string_pretty(&json_schema::json_schema()).map_err(io::Error::from)?;
            writeln!(out, "{schema}")?;
            Ok(Exit::Clean)
        }
        Command::List(args) => {
            let project = Project::open(global)?;
            match (args.format, &args.write) {
                (ListFormat::Text, None) => list(&project.registry, out)?,
                (ListFormat::Text, Some(_)) => {
                    let help = "add `--format markdown`".to_owned();
                    return Err(Failure::usage("`--write` writes Markdown", Some(help)));
                }
                (ListFormat::Markdown, None) => {
                    write!(out, "{}", markdown::new_page(with_registry(&project.registry, "list")?))?;
                }
                (ListFormat::Markdown, Some(file)) => write_page(&project, file.as_deref(), out)?,
            }
            Ok(Exit::Clean)
        }
        Command::Template(args) => {
            match &args.name {
                Some(name) => write!(out, "{}", filled_template(name, &args.set)?)?,
                None => templates(out)?,
            }
            Ok(Exit::Clean)
        }
        Command::Check => matches_code(global, out),
    }
}

fn templates(out: &mut dyn Write) -> io::Result<()> {
    for (at, template) in TEMPLATES.iter().enumerate() {
        let apart = if at > 0 { "\n" } else { "" };
        writeln!(out, "{apart}{}\n  {}", template.summary(), template.example())?;
    }
    Ok(())
}

/// The registry, if there is one to do that with.
fn with_registry<'r>(registry: &'r Registry, what: &str) -> Result<&'r Registry, Failure> {
    if registry.path.is_some() {
        return Ok(registry);
    }
    let help = "write importlaw.toml at the project root: `importlaw registry schema` describes it";
    Err(Failure::usage(format!("there is no registry to {what}"), Some(help.to_owned())))
}

fn write_page(project: &Project, file: Option<&Path>, out: &mut dyn Write) -> Result<(), Failure> {
    let registry = with_registry(&project.registry, "list")?;
    let page = Page::open(project, file)?;
    let outcome = if page.write(registry)? { "written" } else { "already in step" };
    writeln!(out, "{}: {outcome}", escape(&page.path))?;
    if page.is_watched(project) {
        return Ok(());
    }
    let home = registry.path.as_ref().map_or(Home::Own, |path| Home::of(path.file_name(), &registry.text));
    let table = home.section("project");
    let instead = match &registry.page {
        Some(watched) => format!("it watches {}: to watch this one instead, write", escape(&watched.text)),
        None => "to have it watched, add".to_owned(),
    };
    let line = format!("page = {}", toml::Value::from(page.path.as_str()));
    let name = escape(&page.path);
    writeln!(
        io::stderr(),
        "note: `importlaw registry check` does not watch {name}; {instead} `{}` under `{table}` of the registry and \
         run this again",
        escape(&line)
    )?;
    Ok(())
}

/// The command that brings the page of `[project] page` in step.
fn mending(global: &Global) -> String {
    let mut command = "importlaw registry list --format markdown --write".to_owned();
    for (option, value) in [("-C", &global.directory), ("--registry", &global.registry)] {
        if let Some(value) = value {
            command.extend([" ", option, " ", &shell_word(&value.to_string_lossy())]);
        }
    }
    command
}

/// The text as a shell takes it for one word.
fn shell_word(text: &str) -> String {
    let is_plain =
        |c: char| c.is_alphanumeric() || matches!(c, '/' | '.' | '_' | '-' | '+' | ':' | '@' | ',');
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// The checks that are about the registry itself.
const ABOUT_THE_REGISTRY: [&str; 2] = ["unmatched-entry", "expired"];

fn matches_code(global: &Global, out: &mut (dyn Write + Send)) -> Result<Exit, Failure> {
    let project = Project::open(global)?;
    let Some(path) = &with_registry(&project.registry, "check")?.path else { return Ok(Exit::Clean) };
    let page = project.registry.page.as_ref().map(|_| Page::open(&project, None)).transpose()?;
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
    let stale = page.as_ref().and_then(|page| page.stale(&project.registry));
    if let (Some(page), Some(stale)) = (&page, &stale) {
        let Stale { line, column, message, is_writable } = stale;
        let then = if *is_writable { "mends it" } else { "then mends it" };
        writeln!(
            out,
            "{}:{line}:{column}: error[page] {}; `{}` {then}",
            escape(&page.path),
            escape(message),
            escape(&mending(global))
        )?;
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
    let of_page = match (&page, &stale) {
        (None, _) => String::new(),
        (Some(page), None) => format!("; {} is in step", escape(&page.path)),
        (Some(page), Some(_)) => format!("; {} is not in step", escape(&page.path)),
    };
    writeln!(out, "{}: {entries}, {verdict}{of_page}", escape(path.as_str()))?;
    Ok(if report.fails() || stale.is_some() { Exit::Findings } else { Exit::Clean })
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
