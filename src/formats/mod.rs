//! Formats: each is a function of the [`Report`] onto a writer.
//!
//! None of them prints, reads a file or judges anything; what they share lives in [`context`].

mod concise;
pub mod context;
pub mod diff;
pub mod html;
mod json;
pub mod report;
mod text;

#[cfg(test)]
pub(crate) mod sample;

use std::io;

use crate::report::Report;

/// How a report is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people: findings in blocks, then the summary.
    Text,
    /// One line a finding, for editors and grep.
    Concise,
    /// Everything, for programs.
    Json,
}

/// What the formats for people depend on besides the report; [`Format::Json`] ignores it.
#[derive(Clone, Copy, Debug)]
pub struct TextOptions {
    /// At most that many blocks; None = all.
    pub limit: Option<usize>,
    /// Whether to colour.
    pub color: bool,
    /// Columns of the terminal.
    pub width: usize,
    /// Only one line.
    pub quiet: bool,
    /// Waived findings and what was left out of the tree, too.
    pub verbose: bool,
}

/// Writes `report` in `format`.
pub fn write(
    report: &Report,
    format: Format,
    options: &TextOptions,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    match format {
        Format::Text => text::write(report, options, out),
        Format::Concise => concise::write(report, options, out),
        Format::Json => json::write(report, out),
    }
}
