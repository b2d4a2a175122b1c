//! What is wrong with a registry as written: every problem with its place, shown together.

use std::fmt;

use miette::{Diagnostic, LabeledSpan, NamedSource, SourceCode, SourceSpan};
use thiserror::Error;

use crate::source::{LineIndex, RelPath, Span};

/// Everything that is wrong with a registry and what it extends. Rendered by miette it shows each problem at its line.
#[derive(Debug, Default, Error)]
#[error("{}", summary(.files))]
pub struct RegistryErrors {
    files: Vec<FileErrors>,
}

/// Everything that is wrong with one file, in file order.
#[derive(Debug, Error)]
#[error("{path}: {}", count(.problems.len()))]
pub struct FileErrors {
    /// The file, relative to the project root.
    pub path: RelPath,
    /// At least one.
    pub problems: Vec<Problem>,
    source_code: NamedSource<String>,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct Problem {
    /// One sentence without a final stop.
    pub message: String,
    /// What to write instead, where it is known.
    pub help: Option<String>,
    /// Byte range in the registry text.
    pub span: Span,
    /// 1-based line.
    pub line: u32,
    /// 1-based column in characters.
    pub column: u32,
}

impl RegistryErrors {
    /// Takes the problems that were [`collected`](Problems) in `text`, the file at `path`.
    pub(super) fn add(&mut self, path: &RelPath, text: &str, problems: Vec<Problem>) {
        if !problems.is_empty() {
            let source_code =
                NamedSource::new(printable(path.as_str()), sanitise(text)).with_language("TOML");
            self.files.push(FileErrors { path: path.clone(), problems, source_code });
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// The files with problems: the registry itself first, then what it extends, the nearest first.
    pub fn files(&self) -> &[FileErrors] {
        &self.files
    }

    /// The problems of all files; at least one.
    pub fn problems(&self) -> Vec<&Problem> {
        self.files.iter().flat_map(|file| &file.problems).collect()
    }

    /// Each problem with the text it is about, to be drawn on its own.
    pub fn diagnostics(&self) -> impl Iterator<Item = impl Diagnostic + '_> {
        self.files.iter().flat_map(|file| {
            file.problems.iter().map(|problem| InText { problem, source_code: &file.source_code })
        })
    }
}

/// A problem with its text.
#[derive(Debug, Error)]
#[error("{problem}")]
struct InText<'a> {
    problem: &'a Problem,
    source_code: &'a NamedSource<String>,
}

impl Diagnostic for InText<'_> {
    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(self.source_code)
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.problem.help()
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        self.problem.labels()
    }
}

impl Diagnostic for RegistryErrors {
    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn Diagnostic> + 'a>> {
        Some(Box::new(self.files.iter().map(|file| file as &dyn Diagnostic)))
    }
}

impl Diagnostic for FileErrors {
    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.source_code)
    }

    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn Diagnostic> + 'a>> {
        Some(Box::new(self.problems.iter().map(|problem| problem as &dyn Diagnostic)))
    }
}

impl Diagnostic for Problem {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let (start, end) = (self.span.start as usize, self.span.end as usize);
        let span = SourceSpan::from((start, end.saturating_sub(start)));
        Some(Box::new(std::iter::once(LabeledSpan::new_with_span(None, span))))
    }
}

fn summary(files: &[FileErrors]) -> String {
    files.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

fn count(problems: usize) -> String {
    if problems == 1 { "1 problem".to_owned() } else { format!("{problems} problems") }
}

/// Collects problems while a registry is read.
pub(super) struct Problems<'t> {
    text: &'t str,
    lines: LineIndex,
    found: Vec<Problem>,
}

impl<'t> Problems<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, lines: LineIndex::new(text), found: Vec::new() }
    }

    pub(super) fn add(&mut self, span: Span, message: impl AsRef<str>, help: Option<String>) {
        let place = self.lines.position(self.text, span.start);
        self.found.push(Problem {
            message: printable(message.as_ref()),
            help: help.map(|help| printable(&help)),
            span,
            line: place.line,
            column: place.column,
        });
    }

    pub(super) fn line(&self, span: Span) -> u32 {
        self.lines.line(span.start)
    }

    /// All of them in file order; those of one place in the order of finding.
    pub(super) fn into_sorted(mut self) -> Vec<Problem> {
        self.found.sort_by_key(|problem| problem.span.start);
        self.found
    }
}

/// Whether a terminal might act on the character instead of showing it: control characters, and those that turn the
/// direction of writing.
fn acts_on_terminals(c: char) -> bool {
    c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The same text, byte offsets kept, with nothing in it that a terminal would act on.
fn sanitise(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\r' | '\t' => safe.push(c),
            c if acts_on_terminals(c) => (0..c.len_utf8()).for_each(|_| safe.push('?')),
            c => safe.push(c),
        }
    }
    safe
}

/// A message may quote what the file says, and TOML can write any character as an escape.
fn printable(message: &str) -> String {
    let mut safe = String::with_capacity(message.len());
    for c in message.chars() {
        if c != '\n' && acts_on_terminals(c) {
            safe.extend(c.escape_unicode());
        } else {
            safe.push(c);
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_cannot_drive_a_terminal() {
        let text = "a = \"\u{1b}[31m\u{9b}\u{202e}é\"\r\n\tb";
        let safe = sanitise(text);
        assert_eq!(safe, "a = \"?[31m?????é\"\r\n\tb");
        assert_eq!(safe.len(), text.len());
        assert_eq!(printable("key `\u{1b}[0m`"), "key `\\u{1b}[0m`");
    }

    #[test]
    fn every_problem_is_rendered_at_its_line() {
        let text = "version = 2\nextra\u{1b} = 1\n";
        let mut problems = Problems::new(text);
        problems.add(Span::new(12, 17), "second", Some("do this".to_owned()));
        problems.add(Span::new(10, 11), "first", None);
        let mut errors = RegistryErrors::default();
        errors.add(&RelPath::new("importlaw.toml"), text, problems.into_sorted());
        assert_eq!(errors.to_string(), "importlaw.toml: 2 problems");
        let places: Vec<_> =
            errors.problems().iter().map(|p| (p.message.as_str(), p.line, p.column)).collect();
        assert_eq!(places, [("first", 1, 11), ("second", 2, 1)]);

        let mut shown = String::new();
        let handler = miette::GraphicalReportHandler::new_themed(miette::GraphicalTheme::unicode_nocolor());
        handler.render_report(&mut shown, &errors).unwrap();
        assert!(!shown.contains('\u{1b}'), "{shown}");
        for part in ["first", "importlaw.toml:1:11", "second", "importlaw.toml:2:1", "do this", "extra? = 1"]
        {
            assert!(shown.contains(part), "{part} in\n{shown}");
        }
    }
}
