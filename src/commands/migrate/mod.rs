//! `importlaw migrate …`: a registry out of what a project already has. One file a kind of input.

pub mod markdown;

use std::io::Write;
use std::path::PathBuf;

use super::context::{Failure, Project, write_file};
use super::{Exit, Global};
use crate::registry::load::{Home, load};
use crate::source::RelPath;

/// What can be turned into a registry.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// A page of import lines marked canonical, compatible, deprecated, broken or "use instead"
    Markdown(markdown::Args),
}

/// Reads it and writes the registry.
pub fn run(global: &Global, command: &Command, out: &mut (dyn Write + Send)) -> Result<Exit, Failure> {
    match command {
        Command::Markdown(args) => markdown::run(global, args, out),
    }
}

/// Where the registry goes.
#[derive(Debug, clap::Args)]
pub struct Output {
    /// Write the registry to this file (default: standard output)
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Replace that file if there is one
    #[arg(long, requires = "output")]
    force: bool,
}

impl Output {
    /// Refuses to replace what is there; to be asked before the work is done.
    fn may_be_written(&self, project: &Project) -> Result<(), Failure> {
        match &self.output {
            Some(path) if !self.force && project.started.join(path).symlink_metadata().is_ok() => {
                let help = "write `--force` to replace it, or give another name".to_owned();
                Err(Failure::usage(format!("{} exists", path.display()), Some(help)))
            }
            _ => Ok(()),
        }
    }

    /// Writes a registry, which must load.
    fn write(&self, project: &Project, registry: &str, out: &mut dyn Write) -> Result<(), Failure> {
        let path = RelPath::new(Home::Own.file_name());
        load(&path, registry, Home::Own, project.as_of).map_err(Box::new)?;
        let Some(path) = &self.output else { return Ok(out.write_all(registry.as_bytes())?) };
        let place = project.started.join(path);
        write_file(&place, |file| file.write_all(registry.as_bytes()))
            .map_err(|error| Failure::usage(format!("{} cannot be written: {error}", path.display()), None))
    }
}
