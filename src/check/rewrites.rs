//! From what a rule wants imported instead to changes of a file's text, in the file's language.

mod rust;

use rustc_hash::FxHashMap;

use crate::graph::model::Graph;
use crate::languages::rewrite::{Change, Refusal, Rewritten, Wanted, What};
use crate::languages::{self, python};
use crate::source::{FileId, FileKind, Language, SourceFile, Span};
use crate::violation::{Edit, Place, Suggestion, Violation};
use rust::Source;
pub use rust::{Expected, broken};

/// What writes the imports of one file another way.
pub struct Rewriter<'a> {
    file: &'a SourceFile,
    by_span: FxHashMap<Span, What>,
    of: Result<Of<'a>, &'static str>,
}

enum Of<'a> {
    Python(Box<python::rewrite::Rewriter<'a>>),
    Rust(Source<'a>),
}

impl<'a> Rewriter<'a> {
    /// For a file of a graph with the text that its facts were made of.
    pub fn new(file: &'a SourceFile, text: &'a str, graph: &'a Graph) -> Self {
        let facts = &graph.facts[file.id.index()];
        let of = match (file.language, file.kind) {
            (Language::Python, FileKind::Notebook) => Err("notebooks are not rewritten"),
            (Language::Python, _) => {
                let rewriter = python::rewrite::Rewriter::new(text, facts);
                rewriter.map(|rewriter| Of::Python(Box::new(rewriter))).ok_or(python::rewrite::UNPARSED)
            }
            (Language::Rust, _) if file.path.as_str().ends_with(".toml") => {
                Err("it is a dependency that a manifest states")
            }
            (Language::Rust, _) => {
                let source = Source::new(graph, file.id, text);
                source.map(Of::Rust).ok_or(languages::rust::rewrite::UNPARSED)
            }
            (Language::TypeScript, _) => Err("TypeScript is not read"),
        };
        // A statement's own name comes before a literal in it.
        let strings = facts.strings.iter().enumerate().map(|(at, s)| (s.span, What::String(at as u32)));
        let imports = facts.imports.iter().enumerate().map(|(at, i)| (i.span, What::Import(at as u32)));
        Self { file, by_span: strings.chain(imports).collect(), of }
    }

    /// The changes that write all that is wanted; `risky`: also what may change the program's meaning.
    pub fn rewrite(&self, wanted: &[Wanted], risky: bool) -> Rewritten {
        match &self.of {
            Ok(Of::Python(rewriter)) => rewriter.rewrite(wanted, risky),
            Ok(Of::Rust(source)) => source.rewrite(wanted, risky),
            Err(why) => Rewritten::nothing(wanted, &Refusal::of(why)),
        }
    }

    /// What a finding wants of the file, where it is about one import or literal and knows what is meant.
    pub fn wanted(&self, violation: &Violation) -> Option<Wanted> {
        let instead = violation.instead.as_ref()?;
        let Place::Source(_, span) = violation.place else { return None };
        let what = *self.by_span.get(&span)?;
        let (path, names) = (instead.path.clone(), instead.names.clone());
        Some(Wanted { what, path, named: instead.named, names })
    }

    /// What must hold of a changed import when the tree is read again, where that is more than its findings tell.
    pub fn expected(&self, wanted: &Wanted, risky: bool) -> Option<Expected> {
        match &self.of {
            Ok(Of::Rust(source)) => source.expected(wanted, risky),
            Ok(Of::Python(_)) | Err(_) => None,
        }
    }

    /// Where several modules share the file: whether all of them would write the same there. `said`: what those that
    /// want something want to write at a place.
    pub fn agrees(
        &self,
        wanted: &Wanted,
        said: &dyn Fn(FileId, Span) -> Option<String>,
    ) -> Result<(), Refusal> {
        match &self.of {
            Ok(Of::Rust(source)) => source.agrees(wanted, said),
            Ok(Of::Python(_)) | Err(_) => Ok(()),
        }
    }

    /// Where several modules share the file: the place of an import, and its path as it would be written.
    pub fn writes(&self, wanted: &Wanted) -> Option<(Span, String)> {
        let (Ok(Of::Rust(source)), What::Import(index)) = (&self.of, wanted.what) else { return None };
        Some((source.span(index)?, source.writes(self.file.id, wanted)?))
    }

    /// The same import as the first of the modules has it that share the file.
    pub fn first_holder(&self, wanted: &Wanted) -> (FileId, What) {
        let (Ok(Of::Rust(source)), What::Import(index)) = (&self.of, wanted.what) else {
            return (self.file.id, wanted.what);
        };
        let first = source.span(index).and_then(|span| source.holders(span).next());
        first.map_or((self.file.id, wanted.what), |(file, at)| (file, What::Import(at)))
    }

    /// The change that ends that finding alone.
    pub(super) fn suggestion(&self, violation: &Violation) -> Option<Suggestion> {
        let wanted = [self.wanted(violation)?];
        let alike = self.agrees(&wanted[0], &|_, _| None).is_ok();
        let safe_as_stated = alike && violation.instead.as_ref().is_some_and(|instead| instead.safe);
        let (safe, done) = [false, true]
            .into_iter()
            .map(|risky| (safe_as_stated && !risky, self.rewrite(&wanted, risky)))
            .find(|(_, done)| done.refused.is_empty() && !done.changes.is_empty())?;
        let edit = |change: Change| Edit {
            path: self.file.path.to_string(),
            offset: change.span.start,
            end_offset: change.span.end,
            text: change.text,
        };
        Some(Suggestion { safe, edits: done.changes.into_iter().map(edit).collect() })
    }
}
