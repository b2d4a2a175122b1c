//! Formats: each is a function of the [`Report`] onto a writer.
//!
//! None of them prints, reads a file or judges anything; what they share lives in [`context`].

mod badge;
mod concise;
pub mod context;
pub mod diff;
mod github;
mod gitlab;
mod json;
mod junit;
mod markdown;
mod rdjson;
mod sarif;
mod text;

#[cfg(test)]
mod sample;

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
    /// SARIF 2.1.0, for GitHub code scanning and others.
    Sarif,
    /// Workflow commands of GitHub Actions: annotations.
    Github,
    /// GitLab Code Quality.
    Gitlab,
    /// For reviewdog.
    Rdjson,
    /// JUnit XML: a case is a top-level package under a rule.
    Junit,
    /// For a comment on a pull request.
    Markdown,
    /// For a shields endpoint.
    Badge,
}

/// What the formats for people depend on besides the report; the others ignore it.
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
        Format::Sarif => sarif::write(report, out),
        Format::Github => github::write(report, out),
        Format::Gitlab => gitlab::write(report, out),
        Format::Rdjson => rdjson::write(report, out),
        Format::Junit => junit::write(report, out),
        Format::Markdown => markdown::write(report, out),
        Format::Badge => badge::write(report, out),
    }
}
