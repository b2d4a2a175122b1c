//! From what a rule wants imported instead to changes of a file's text, in the file's language.

use rustc_hash::FxHashMap;

use crate::facts::Facts;
use crate::languages::python;
use crate::languages::rewrite::{Refusal, Rewritten, Wanted, What};
use crate::source::{FileKind, Language, SourceFile, Span};
use crate::violation::{Edit, Place, Suggestion, Violation};

/// What writes the imports of one file another way.
pub struct Rewriter<'a> {
    file: &'a SourceFile,
    by_span: FxHashMap<Span, What>,
    of: Result<Of<'a>, &'static str>,
}

enum Of<'a> {
    Python(Box<python::rewrite::Rewriter<'a>>),
}

impl<'a> Rewriter<'a> {
    /// For a file with the text that its facts were made of.
    pub fn new(file: &'a SourceFile, text: &'a str, facts: &'a Facts) -> Self {
        let of = match (file.language, file.kind) {
            (Language::Python, FileKind::Notebook) => Err("notebooks are not rewritten"),
            (Language::Python, _) => {
                let rewriter = python::rewrite::Rewriter::new(text, facts);
                rewriter.map(|rewriter| Of::Python(Box::new(rewriter))).ok_or(python::rewrite::UNPARSED)
            }
            (Language::Rust, _) => Err("Rust imports are not rewritten yet"),
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

    /// The change that ends that finding alone.
    pub(super) fn suggestion(&self, violation: &Violation) -> Option<Suggestion> {
        let wanted = [self.wanted(violation)?];
        let safe_as_stated = violation.instead.as_ref().is_some_and(|instead| instead.safe);
        let (safe, done) = [false, true]
            .into_iter()
            .map(|risky| (safe_as_stated && !risky, self.rewrite(&wanted, risky)))
            .find(|(_, done)| done.refused.is_empty() && !done.changes.is_empty())?;
        let edit = |change: crate::languages::rewrite::Change| Edit {
            path: self.file.path.to_string(),
            offset: change.span.start,
            end_offset: change.span.end,
            text: change.text,
        };
        Some(Suggestion { safe, edits: done.changes.into_iter().map(edit).collect() })
    }
}
