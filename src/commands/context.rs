//! What commands share: finding the project, loading the registry, listing the sources, and failing with exit 2.

use std::io::{self, Write};
use std::path::{Component, Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme};
use thiserror::Error;

use super::Global;
use crate::check::{self, NothingChecked};
use crate::discover::{DiscoverError, Sources, find_root};
use crate::facts::Date;
use crate::git;
use crate::registry::Registry;
use crate::registry::error::RegistryErrors;
use crate::registry::load::{self, Home, TwoRegistries};
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

    /// Shows it to a person.
    pub fn render(&self, color: bool, out: &mut dyn Write) -> io::Result<()> {
        let diagnostic: &dyn Diagnostic = match self {
            Self::Registry(error) => error.as_ref(),
            Self::TwoRegistries(error) => error,
            Self::NothingChecked(error) => error,
            Self::Usage { help, .. } => {
                writeln!(out, "error: {}", escaped(&self.to_string()))?;
                return help.as_ref().map_or(Ok(()), |help| writeln!(out, "  help: {}", escaped(help)));
            }
            Self::Discover(_) | Self::Output(_) => {
                return writeln!(out, "error: {}", escaped(&self.to_string()));
            }
        };
        let theme = if color { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
        let mut text = String::new();
        if GraphicalReportHandler::new_themed(theme).render_report(&mut text, diagnostic).is_err() {
            text = format!("error: {self}\n");
        }
        out.write_all(text.as_bytes())
    }
}

fn escaped(text: &str) -> String {
    text.chars()
        .flat_map(|c| if c.is_control() { c.escape_unicode().collect::<Vec<_>>() } else { vec![c] })
        .collect()
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
        let given = global.as_of.as_deref().map(|text| {
            Date::parse(text).ok_or_else(|| {
                Failure::usage(format!("`--as-of {text}` is no date"), Some("write YYYY-MM-DD".into()))
            })
        });
        let as_of_given = given.is_some();
        let as_of = match given {
            Some(date) => date?,
            None => git::head_date(&root.dir).unwrap_or_else(today),
        };
        let registry = match &global.registry {
            Some(file) => {
                let file = started.join(file);
                let text = std::fs::read_to_string(&file).map_err(|error| {
                    Failure::usage(format!("the registry {} cannot be read: {error}", file.display()), None)
                })?;
                let shown = file.canonicalize().unwrap_or(file);
                let shown = shown.strip_prefix(&root.dir).unwrap_or(&shown).to_string_lossy().into_owned();
                load_registry(&shown, &text, as_of)?
            }
            None => {
                let texts: Vec<(Home, &str)> = root
                    .registries
                    .iter()
                    .map(|(path, text)| (Home::of(path.file_name()), text.as_str()))
                    .collect();
                match load::find(&texts)? {
                    None => Registry::default(),
                    Some(home) => {
                        let text = texts.iter().find(|(of, _)| *of == home).map_or("", |(_, text)| *text);
                        load_registry(home.file_name(), text, as_of)?
                    }
                }
            }
        };
        Ok(Self { root: root.dir, started, registry, as_of, as_of_given })
    }

    /// Lists the project's files.
    pub fn sources(&self) -> Result<Sources, Failure> {
        let exclude = &self.registry.exclude;
        Ok(Sources::from_disk(&self.root, &|path| exclude.is_match(path))?)
    }

    /// A path argument, relative to where the command was started, as one relative to the root.
    pub fn relative(&self, path: &Path) -> Result<String, Failure> {
        let full = normalised(&self.started.join(path));
        if full.symlink_metadata().is_err() {
            return Err(Failure::usage(format!("{} does not exist", path.display()), None));
        }
        let inside = full.strip_prefix(&self.root).map(Path::to_owned).or_else(|_| {
            full.canonicalize()
                .ok()
                .and_then(|real| real.strip_prefix(&self.root).map(Path::to_owned).ok())
                .ok_or(())
        });
        let inside = inside.map_err(|()| {
            let message = format!("{} lies outside the project root {}", path.display(), self.root.display());
            Failure::usage(message, Some("start importlaw there, or use -C".to_owned()))
        })?;
        let parts: Vec<String> =
            inside.components().map(|part| part.as_os_str().to_string_lossy().into_owned()).collect();
        Ok(parts.join("/"))
    }
}

fn load_registry(path: &str, text: &str, as_of: Date) -> Result<Registry, Failure> {
    let name = path.rsplit('/').next().unwrap_or(path);
    Ok(load::load(&RelPath::new(path), text, Home::of(name), as_of).map_err(Box::new)?)
}

/// Resolves `.` and `..` by text alone: what a link points to is not asked.
fn normalised(path: &Path) -> PathBuf {
    let mut parts = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                parts.pop();
            }
            other => parts.push(other),
        }
    }
    parts
}

/// Today in UTC.
fn today() -> Date {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_secs());
    Date::from_days((seconds / 86_400) as i64).unwrap_or(Date { year: 1970, month: 1, day: 1 })
}

/// Runs `work` on threads whose stacks hold the parser.
pub fn on_threads<T: Send>(jobs: Option<usize>, work: impl FnOnce() -> T + Send) -> Result<T, Failure> {
    let threads = jobs.unwrap_or(0);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).stack_size(check::STACK).build();
    let pool = pool.map_err(|error| Failure::usage(format!("threads cannot be started: {error}"), None))?;
    Ok(pool.install(work))
}
