//! What commands share: finding the project, loading the registry, listing the sources, writing files, and failing with
//! exit 2.

pub mod history;
pub mod policy;
mod recording;
mod revisions;

use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme};
use thiserror::Error;

pub use recording::Recording;

use super::Global;
use crate::baseline::{self, Baseline, BaselineErrors};
use crate::check::{self, NothingChecked};
use crate::discover::{self, DiscoverError, Sources, find_root, in_repository, shown};
use crate::facts::Date;
use crate::formats::context::escape;
use crate::git;
use crate::registry::Registry;
use crate::registry::error::RegistryErrors;
use crate::registry::extends::Resolve;
use crate::registry::load::{self, Home, TwoRegistries};
use crate::registry::template::{self, NotFilled};
use crate::registry::values::nearest;
use crate::source::RelPath;

/// Why a command could not do its work: usage, registry, or nothing to work on. Always exit 2.
#[derive(Debug, Error)]
pub enum Failure {
    /// The listing failed.
    #[error(transparent)]
    Discover(#[from] DiscoverError),
    /// The registry is wrong.
    #[error(transparent)]
    Registry(#[from] Box<RegistryErrors>),
    /// There are two of them.
    #[error(transparent)]
    TwoRegistries(#[from] TwoRegistries),
    /// The baseline is wrong.
    #[error("{0}")]
    Baseline(#[from] BaselineErrors),
    /// Nothing was checked.
    #[error(transparent)]
    NothingChecked(#[from] NothingChecked),
    /// The command line asks for something that cannot be.
    #[error("{message}")]
    Usage {
        /// What is wrong.
        message: String,
        /// What to write instead.
        help: Option<String>,
    },
    /// The output could not be written.
    #[error("the output cannot be written: {0}")]
    Output(#[from] io::Error),
}

impl Failure {
    /// A usage failure.
    pub fn usage(message: impl Into<String>, help: Option<String>) -> Self {
        Self::Usage { message: message.into(), help }
    }

    /// Shows it to a person: what is wrong, then what to do about it.
    pub fn render(&self, color: bool, out: &mut dyn Write) -> io::Result<()> {
        if let Self::Registry(errors) = self {
            draw_problems(errors, color, out)?;
            return writeln!(out, "error: {}; nothing was checked", escape(&self.to_string()));
        }
        if let Self::Baseline(errors) = self {
            list_problems(errors, out)?;
            return writeln!(out, "error: {}; nothing was checked", escape(&errors.to_string()));
        }
        writeln!(out, "error: {}", escape(&self.to_string()))?;
        let help = match self {
            Self::TwoRegistries(error) => error.help().map(|help| help.to_string()),
            Self::NothingChecked(error) => error.help().map(|help| help.to_string()),
            Self::Usage { help, .. } => help.clone(),
            Self::Discover(_) | Self::Registry(_) | Self::Baseline(_) | Self::Output(_) => None,
        };
        help.map_or(Ok(()), |help| writeln!(out, "  help: {}", escape(&help)))
    }
}

/// Every problem at its line; the registry's own text has been made safe to show.
fn draw_problems(errors: &RegistryErrors, color: bool, out: &mut dyn Write) -> io::Result<()> {
    let theme = if color { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
    let handler = GraphicalReportHandler::new_themed(theme).with_width(100).with_links(false);
    for problem in errors.diagnostics() {
        let mut text = String::new();
        if handler.render_report(&mut text, &problem).is_err() {
            text = format!("  {problem}\n");
        }
        writeln!(out, "{}", text.trim_end())?;
        writeln!(out)?;
    }
    Ok(())
}

/// Problems of a baseline that are shown; its lines are written by a program, and are wrong all at once.
const PROBLEMS: usize = 50;

/// Every problem at its line.
fn list_problems(errors: &BaselineErrors, out: &mut dyn Write) -> io::Result<()> {
    for problem in errors.problems.iter().take(PROBLEMS) {
        writeln!(out, "{}:{}", escape(&errors.path), escape(&problem.to_string()))?;
        if let Some(help) = &problem.help {
            writeln!(out, "  help: {}", escape(help))?;
        }
    }
    match errors.problems.len().saturating_sub(PROBLEMS) {
        0 => writeln!(out),
        more => writeln!(out, "… {more} more\n"),
    }
}

/// A project with its registry, before its files are listed.
pub struct Project {
    /// The project root, absolute.
    pub root: PathBuf,
    /// Where the command was started, absolute.
    pub started: PathBuf,
    /// The registry, or none.
    pub registry: Registry,
    /// The day dates are judged against.
    pub as_of: Date,
    /// Whether that day was given.
    pub as_of_given: bool,
}

impl Project {
    /// Finds the project root and loads its registry.
    pub fn open(global: &Global) -> Result<Self, Failure> {
        let started = global.directory.clone().unwrap_or_else(|| PathBuf::from("."));
        let root = find_root(&started)?;
        let started = std::fs::canonicalize(&started)?;
        let (as_of, as_of_given) = judged_against(global, &root.dir)?;
        let registry = match &global.registry {
            Some(written) => {
                let file = started.join(written);
                let text = std::fs::read_to_string(&file).map_err(|error| {
                    Failure::usage(
                        format!("the registry {} cannot be read: {error}", written.display()),
                        None,
                    )
                })?;
                let shown = file.canonicalize().unwrap_or(file);
                let shown = shown.strip_prefix(&root.dir).unwrap_or(&shown).to_string_lossy().into_owned();
                let resolve = |written: &str, from: &RelPath| extended(&root.dir, written, from);
                load_registry(&shown, &text, as_of, &resolve)?
            }
            None => {
                let resolve = |written: &str, from: &RelPath| extended(&root.dir, written, from);
                the_one(&root.registries, as_of, &resolve)?.unwrap_or_default()
            }
        };
        Ok(Self { root: root.dir, started, registry, as_of, as_of_given })
    }

    /// A project as if it had no registry, and where there is one.
    pub fn without_registry(global: &Global) -> Result<(Self, Option<Home>), Failure> {
        let started = global.directory.clone().unwrap_or_else(|| PathBuf::from("."));
        let root = find_root(&started)?;
        let started = std::fs::canonicalize(&started)?;
        let (as_of, as_of_given) = judged_against(global, &root.dir)?;
        let texts: Vec<(&str, &str)> =
            root.registries.iter().map(|(path, text)| (path.file_name(), text.as_str())).collect();
        let home = load::find(&texts)?;
        Ok((Self { root: root.dir, started, registry: Registry::default(), as_of, as_of_given }, home))
    }

    /// What to call it: its name in the registry, else its root's.
    pub fn name(&self) -> String {
        let root = || self.root.file_name().map_or_else(|| ".".to_owned(), shown);
        self.registry.name.clone().unwrap_or_else(root)
    }

    /// Lists the project's files.
    pub fn sources(&self) -> Result<Sources, Failure> {
        let exclude = &self.registry.exclude;
        Ok(Sources::from_disk(&self.root, &|path| exclude.is_match(path))?)
    }

    /// The baseline: that file, which must be there, or the one at the project root where there is one.
    pub fn baseline(&self, given: Option<&Path>) -> Result<Option<Baseline>, Failure> {
        let (file, shown) = self.baseline_file(given);
        let bytes = match discover::read_regular(&file, LARGEST_BASELINE) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound && given.is_none() => return Ok(None),
            Err(error) => {
                let help = (error.kind() == io::ErrorKind::NotFound)
                    .then(|| "`importlaw baseline --add --reason TEXT` writes one".to_owned());
                let message = format!("the baseline {shown} cannot be read: {error}");
                return Err(Failure::usage(message, help));
            }
        };
        let text = String::from_utf8(bytes)
            .map_err(|_| Failure::usage(format!("the baseline {shown} is not UTF-8"), None))?;
        Ok(Some(Baseline::read(&shown, text, self.as_of)?))
    }

    /// A rule that does not exist would select nothing, and look like a pass.
    pub fn known_rules(&self, asked: &[String]) -> Result<(), Failure> {
        self.known(asked, |rule| format!("there is no rule `{rule}`"))
    }

    /// Whether all of these are entries or checks; else `says` tells what is wrong with the first that is none.
    pub fn known(&self, asked: &[String], says: impl Fn(&str) -> String) -> Result<(), Failure> {
        let registry = &self.registry;
        let rules = || {
            let entries = registry.entries.iter().map(|entry| entry.id.as_str());
            entries.chain(registry.checks.iter().map(|check| check.id))
        };
        let Some(rule) = asked.iter().find(|rule| !rules().any(|known| known == rule.as_str())) else {
            return Ok(());
        };
        let help = match nearest(rule, rules()) {
            Some(near) => format!("did you mean `{near}`? `importlaw registry list` names them all"),
            None => "`importlaw registry list` names them all".to_owned(),
        };
        Err(Failure::usage(says(rule), Some(help)))
    }

    /// Where the baseline lies, and how that is shown: relative to the root where it lies below it.
    pub fn baseline_file(&self, given: Option<&Path>) -> (PathBuf, String) {
        let file = match given {
            Some(written) => self.started.join(written),
            None => self.root.join(baseline::FILE),
        };
        let real = file.canonicalize().unwrap_or_else(|_| file.clone());
        let shown = match real.strip_prefix(&self.root) {
            Ok(inside) if given.is_some() => {
                let parts: Vec<String> = inside.components().map(|part| shown(part.as_os_str())).collect();
                parts.join("/")
            }
            _ => given.map_or_else(|| baseline::FILE.to_owned(), |written| written.display().to_string()),
        };
        (file, shown)
    }

    /// A path argument, relative to where the command was started, as one relative to the root: links resolved, since
    /// findings are listed where a file really lies.
    pub fn relative(&self, path: &Path) -> Result<String, Failure> {
        let real = self.started.join(path).canonicalize().map_err(|error| {
            Failure::usage(
                match error.kind() {
                    io::ErrorKind::NotFound => format!("{} does not exist", path.display()),
                    _ => format!("{} cannot be reached: {error}", path.display()),
                },
                None,
            )
        })?;
        let inside = real.strip_prefix(&self.root).map_err(|_| {
            let message = format!("{} lies outside the project root {}", path.display(), self.root.display());
            Failure::usage(message, Some("start importlaw there, or use -C".to_owned()))
        })?;
        let parts: Vec<String> = inside.components().map(|part| shown(part.as_os_str())).collect();
        Ok(parts.join("/"))
    }
}

/// The day dates are judged against, and whether it was given.
fn judged_against(global: &Global, root: &Path) -> Result<(Date, bool), Failure> {
    let as_of = match global.as_of.as_deref() {
        Some(text) => Date::parse(text).ok_or_else(|| {
            Failure::usage(format!("`--as-of {text}` is no date"), Some("write YYYY-MM-DD".into()))
        })?,
        None if in_repository(root) => git::head_date(root).unwrap_or_else(today),
        None => today(),
    };
    Ok((as_of, global.as_of.is_some()))
}

/// A registry made from the template of that name and `KEY=VALUE` texts.
pub fn filled_template(name: &str, set: &[String]) -> Result<String, Failure> {
    let not_filled = |error: NotFilled| Failure::usage(error.message, Some(error.help));
    let template = template::named(name).map_err(not_filled)?;
    let pairs: Result<Vec<(&str, &str)>, Failure> = set
        .iter()
        .map(|written| {
            written.split_once('=').ok_or_else(|| {
                let help = format!("for example: {}", template.example());
                Failure::usage(format!("`--set {written}` sets nothing: write KEY=VALUE"), Some(help))
            })
        })
        .collect();
    template::fill(template, &pairs?).map_err(not_filled)
}

/// A million entries are 250 MB.
const LARGEST_BASELINE: u64 = 256 << 20;

/// The registry among the texts of files that hold one; None where there is none.
fn the_one(
    registries: &[(RelPath, String)],
    as_of: Date,
    resolve: Resolve,
) -> Result<Option<Registry>, Failure> {
    let texts: Vec<(&str, &str)> =
        registries.iter().map(|(path, text)| (path.file_name(), text.as_str())).collect();
    let Some(home) = load::find(&texts)? else { return Ok(None) };
    let name = home.file_name();
    let text = texts.iter().find(|(of, _)| *of == name).map_or("", |(_, text)| *text);
    load_registry(name, text, as_of, resolve).map(Some)
}

fn load_registry(path: &str, text: &str, as_of: Date, resolve: Resolve) -> Result<Registry, Failure> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let loaded = load::load_extending(&RelPath::new(path), text, Home::of(name, text), as_of, resolve);
    Ok(loaded.map_err(Box::new)?)
}

/// A registry is written by people; more than this is something else.
const LARGEST_EXTENDED: u64 = 1 << 20;

/// The file that a registry extends, by its path relative to the root where it lies below it, and its text.
fn extended(root: &Path, written: &str, from: &RelPath) -> Result<(RelPath, String), String> {
    let beside = root.join(from.parent());
    let file = beside.join(written).canonicalize().map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => format!("`{written}` does not exist"),
        _ => format!("`{written}` cannot be reached: {error}"),
    })?;
    let unreadable = |error: io::Error| format!("`{written}` cannot be read: {error}");
    // Opening what is no regular file may wait for ever.
    if !std::fs::metadata(&file).map_err(unreadable)?.is_file() {
        return Err(format!("`{written}` is no regular file"));
    }
    let mut bytes = Vec::new();
    let opened = std::fs::File::open(&file).map_err(unreadable)?;
    opened.take(LARGEST_EXTENDED + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > LARGEST_EXTENDED {
        return Err(format!("`{written}` is larger than {LARGEST_EXTENDED} bytes"));
    }
    let text = String::from_utf8(bytes).map_err(|_| format!("`{written}` is not UTF-8"))?;
    let shown = file.strip_prefix(root).unwrap_or(&file).to_string_lossy().into_owned();
    Ok((RelPath::new(shown), text))
}

/// Today in UTC.
fn today() -> Date {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_secs());
    Date::from_days((seconds / 86_400) as i64).unwrap_or(Date { year: 1970, month: 1, day: 1 })
}

/// Writes a file that is seen whole or not at all: beside its place, then renamed. What is there and no regular file
/// (a device, a pipe) is written to as it is.
pub fn write_file(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    if path.metadata().is_ok_and(|data| !data.is_file()) {
        let mut file = BufWriter::new(std::fs::OpenOptions::new().write(true).open(path)?);
        write(&mut file)?;
        return file.flush();
    }
    // A link stays one: what it leads to is replaced.
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let mut name = path.clone().into_os_string();
    name.push(format!(".{}.tmp", std::process::id()));
    let temporary = PathBuf::from(name);
    let written = std::fs::File::create_new(&temporary).and_then(|file| {
        let mut file = BufWriter::new(file);
        write(&mut file)?;
        file.flush()?;
        if let Ok(before) = path.metadata() {
            std::fs::set_permissions(&temporary, before.permissions())?;
        }
        std::fs::rename(&temporary, &path)
    });
    if written.is_err() {
        let _ = std::fs::remove_file(&temporary);
    }
    written
}

/// More threads than this do nothing but take memory for their stacks.
const MOST_THREADS: usize = 256;

/// Runs `work` on threads whose stacks hold the parser.
pub fn on_threads<T: Send>(jobs: Option<usize>, work: impl FnOnce() -> T + Send) -> Result<T, Failure> {
    let threads = jobs.unwrap_or(0).min(MOST_THREADS);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).stack_size(check::STACK).build();
    let pool = pool.map_err(|error| Failure::usage(format!("threads cannot be started: {error}"), None))?;
    Ok(pool.install(work))
}
