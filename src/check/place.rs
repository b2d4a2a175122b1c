//! Findings get their lines, columns and source lines. Only files that have some are read again.

use std::borrow::Cow;
use std::collections::BTreeMap;

use rayon::prelude::*;

use super::described;
use super::packages::Packages;
use super::recorded::Places;
use super::rewrites::Rewriter;
use super::{Analysis, hash};
use crate::discover::Sources;
use crate::languages::python::decode::decode;
use crate::report::{Finding, Snippet};
use crate::rules::context::Raised;
use crate::source::{FileId, Language, LineIndex, Point, Position, Region, SourceFile, Span};
use crate::violation::Place;

/// Gives findings their lines, columns and source lines; reads again only the files that have some.
pub(super) struct Placer<'a> {
    pub(super) place: Places<'a>,
    pub(super) sources: &'a Sources,
    pub(super) analysis: &'a Analysis,
    pub(super) packages: &'a Packages<'a>,
    /// Whether findings get their change of the text.
    pub(super) suggestions: bool,
}

impl Placer<'_> {
    pub(super) fn place(&self, raised: Vec<Raised>) -> Vec<Finding> {
        let mut by_file: BTreeMap<Option<FileId>, Vec<Raised>> = BTreeMap::new();
        for raised in raised {
            let file = match raised.violation.place {
                Place::Source(file, _) => Some(file),
                Place::Registry(_) | Place::Baseline(_) | Place::Path(_) => None,
            };
            by_file.entry(file).or_default().push(raised);
        }
        let by_file: Vec<(Option<FileId>, Vec<Raised>)> = by_file.into_iter().collect();
        let mut findings: Vec<Finding> = by_file
            .into_par_iter()
            .flat_map_iter(|(file, raised)| match file {
                Some(file) => self.in_file(&self.analysis.files[file.index()], raised),
                None => self.elsewhere(raised),
            })
            .collect();
        findings.par_sort_by(|a, b| {
            let key = |f: &Finding| (f.offset, f.line);
            (&a.path, key(a), &a.violation.rule, &a.violation.written, &a.violation.message).cmp(&(
                &b.path,
                key(b),
                &b.violation.rule,
                &b.violation.written,
                &b.violation.message,
            ))
        });
        findings
    }

    fn in_file(&self, file: &SourceFile, raised: Vec<Raised>) -> Vec<Finding> {
        let bytes = self.sources.read(&file.path).unwrap_or_default();
        // What has changed since it was read is not shown with lines that are not meant.
        let unchanged = hash(&bytes) == self.analysis.hashes[file.id.index()];
        let text = if unchanged { decoded(&bytes, file) } else { "".into() };
        let index = LineIndex::new(&text);
        let graph = self.place.context.graph;
        let rewrites = |raised: &Raised| self.suggestions && raised.violation.instead.is_some();
        let rewriter = raised.iter().any(rewrites).then(|| Rewriter::new(file, &text, graph));
        raised
            .into_iter()
            .map(|mut raised| {
                if let Some(rewriter) = rewriter.as_ref().filter(|_| !text.is_empty()) {
                    raised.violation.suggestion = rewriter.suggestion(&raised.violation);
                }
                let Place::Source(_, span) = raised.violation.place else {
                    return self.at(file.path.as_str(), raised, Span::default(), "", &LineIndex::new(""));
                };
                let mut finding = self.at(file.path.as_str(), raised, span, &text, &index);
                if text.is_empty() {
                    finding.snippet = Snippet::default();
                }
                finding
            })
            .collect()
    }

    fn elsewhere(&self, raised: Vec<Raised>) -> Vec<Finding> {
        let none = LineIndex::new("");
        let registry = self.place.context.registry.text.as_str();
        let baseline = self.place.context.around.baseline.map_or("", |baseline| &baseline.text);
        let indices = (LineIndex::new(registry), LineIndex::new(baseline));
        raised
            .into_iter()
            .map(|raised| {
                let path = self.place.path(&raised.violation.place).to_owned();
                match raised.violation.place {
                    Place::Registry(span) => self.at(&path, raised, span, registry, &indices.0),
                    Place::Baseline(span) => self.at(&path, raised, span, baseline, &indices.1),
                    Place::Path(_) | Place::Source(..) => self.at(&path, raised, Span::default(), "", &none),
                }
            })
            .collect()
    }

    /// The top-level package that a place is in.
    fn package<'p>(&'p self, place: &'p Place) -> &'p str {
        match place {
            Place::Source(file, _) => {
                let module = self.place.context.graph.module_of_file[file.index()];
                self.packages.of(module)
            }
            Place::Path(path) => path.as_str().split('/').next().unwrap_or(""),
            Place::Registry(_) | Place::Baseline(_) => "",
        }
    }

    fn at(&self, path: &str, raised: Raised, span: Span, text: &str, index: &LineIndex) -> Finding {
        let (start, end, region) = if text.is_empty() {
            let line = raised.line.max(1);
            let point = Point { line, utf16: 1, byte: 1 };
            let position = Position { line, column: 1 };
            (position, position, Region { start: point, end: point })
        } else {
            (index.position(text, span.start), index.position(text, span.end), index.region(text, span))
        };
        let registry = self.place.context.registry;
        let registry_snippet = match (raised.violation.registry_line, &raised.violation.place) {
            (Some(line), Place::Source(..) | Place::Baseline(_) | Place::Path(_)) => {
                // The header of an entry says nothing; the line with its id tells it from others.
                let entries = &registry.entries;
                let entry =
                    entries.iter().find(|entry| entry.line == line && entry.id == raised.violation.rule);
                registry_line(&registry.text, entry.map_or(line, |entry| entry.id_line))
            }
            _ => Snippet::default(),
        };
        Finding {
            path: path.to_owned(),
            line: start.line,
            column: start.column,
            end_line: end.line,
            end_column: end.column,
            offset: span.start,
            end_offset: span.end,
            region,
            edits: described::edits(&raised.violation, path, text, index),
            package: self.package(&raised.violation.place).to_owned(),
            on_changed_line: false,
            fingerprint: raised.fingerprint,
            ordinal: raised.ordinal,
            recorded: raised.recorded,
            snippet: snippet(text, index, span),
            registry_snippet,
            violation: raised.violation,
        }
    }
}

/// A file's text as its offsets count it.
pub(super) fn decoded<'a>(bytes: &'a [u8], file: &SourceFile) -> Cow<'a, str> {
    match file.language {
        Language::Python => decode(bytes, file.kind).unwrap_or_default(),
        Language::Rust | Language::TypeScript => String::from_utf8_lossy(bytes),
    }
}

/// At most so many bytes of a line are kept on each side of the mark, and of the mark itself.
const WINDOW: usize = 240;

/// The marked line (the first one of several), cut to a window where it is very long.
pub(super) fn snippet(text: &str, index: &LineIndex, span: Span) -> Snippet {
    if text.is_empty() {
        return Snippet::default();
    }
    let line = index.line(span.start);
    let line_start = index.line_start(line) as usize;
    let line_end = text[line_start..].find(['\n', '\r']).map_or(text.len(), |at| line_start + at);
    let start = (span.start as usize).clamp(line_start, line_end);
    let end = (span.end as usize).clamp(start, line_end).min(start + WINDOW);
    let from = boundary(text, line_start.max(start.saturating_sub(WINDOW)));
    let to = boundary(text, line_end.min(end + WINDOW)).max(from);
    let end = boundary(text, end).clamp(start, to);
    Snippet { text: text[from..to].to_owned(), first_line: line, mark: start - from, mark_len: end - start }
}

fn boundary(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn registry_line(text: &str, line: u32) -> Snippet {
    let Some(shown) = text.lines().nth(line as usize - 1) else { return Snippet::default() };
    let mark_len = shown.trim_end().len();
    Snippet { text: shown.to_owned(), first_line: line, mark: 0, mark_len }
}
