//! `importlaw migrate markdown PAGE`.

mod page;
mod statements;
mod words;

use std::io::Write;

use crate::commands::context::Failure;
use crate::commands::{Exit, Global};

/// What it takes.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The page
    file: std::path::PathBuf,
}

/// Writes it.
pub fn run(_: &Global, args: &Args, out: &mut (dyn Write + Send)) -> Result<Exit, Failure> {
    let text = std::fs::read_to_string(&args.file)?;
    writeln!(out, "{:?}", page::read(&text))?;
    Ok(Exit::Clean)
}
