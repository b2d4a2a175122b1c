//! Formats: each is a function of the [`Report`] onto a writer.
//!
//! None of them prints, reads a file or judges anything; what they share lives in [`context`].

mod badge;
mod concise;
pub mod context;
pub mod diff;
pub mod drawing;
mod github;
mod gitlab;
pub mod html;
mod json;
mod junit;
mod markdown;
mod rdjson;
mod sarif;
pub mod report;
mod text;
pub mod trend;

#[cfg(test)]
pub(crate) mod sample;

use std::io;

use clap::ValueEnum;

use crate::report::Report;

/// How a report is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
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

impl Format {
    /// All of them.
    pub fn all() -> &'static [Self] {
        Self::value_variants()
    }

    /// Whether it tells the change of the text that would end a finding.
    pub fn suggests(self) -> bool {
        match self {
            Self::Json | Self::Sarif | Self::Rdjson => true,
            Self::Text
            | Self::Concise
            | Self::Github
            | Self::Gitlab
            | Self::Junit
            | Self::Markdown
            | Self::Badge => false,
        }
    }

    /// What it is called on the command line.
    pub fn name(self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
    }
}

/// What the formats for people depend on besides the report; the others ignore it.
#[derive(Clone, Debug)]
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
    /// Counts in place of the findings.
    pub statistics: bool,
    /// The URL of the project's root, with a final `/`, where places are to be links to follow.
    pub links: Option<String>,
}

impl Default for TextOptions {
    /// All of it, plain, as wide as where there is no terminal.
    fn default() -> Self {
        Self {
            limit: None,
            color: false,
            width: 100,
            quiet: false,
            verbose: false,
            statistics: false,
            links: None,
        }
    }
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

#[cfg(test)]
mod tests {
    use super::{Format, sample};

    /// The sample that holds everything, in every format; with `SAMPLES=DIR` it is written there for
    /// `tests/oracle/formats.py`.
    #[test]
    fn one_sample_in_every_format() {
        let report = sample::everything();
        for format in Format::all() {
            let text = sample::written(&report, *format, &sample::options());
            assert_eq!(text, sample::written(&report, *format, &sample::options()));
            assert!(
                text.ends_with('\n') && !text.contains(|c| c != '\n' && char::is_control(c)),
                "{format:?}"
            );
            match format {
                Format::Json | Format::Sarif | Format::Gitlab | Format::Rdjson | Format::Badge => {
                    serde_json::from_str::<serde_json::Value>(&text).unwrap();
                }
                Format::Junit => {
                    roxmltree::Document::parse(&text).unwrap();
                }
                Format::Text | Format::Concise | Format::Github | Format::Markdown => {}
            }
            if let Some(directory) = std::env::var_os("SAMPLES") {
                let file = std::path::Path::new(&directory).join(format!("sample.{}", format.name()));
                std::fs::write(file, text).unwrap();
            }
        }
    }
}
