//! `importlaw migrate …`: a registry out of what a project already has. One file a kind of input.

pub mod markdown;

use std::io::Write;

use super::context::Failure;
use super::{Exit, Global};

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
