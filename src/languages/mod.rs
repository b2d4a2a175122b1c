//! What a language must answer; nothing here knows the registry, the graph or the disk.

pub mod comments;
pub mod python;
pub mod rewrite;
pub mod rust;

use crate::source::Span;

/// A stretch of a text that people read and no import is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prose {
    /// Where it stands in the decoded text, its marks or quotes included.
    pub span: Span,
    /// What it is.
    pub kind: ProseKind,
}

/// What a stretch of prose is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProseKind {
    /// A comment.
    Comment,
    /// A docstring, or another string that stands alone as a statement; in Rust a doc comment.
    Docstring,
    /// Any other string literal.
    Literal,
}

impl ProseKind {
    /// Its public name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Comment => "comment",
            Self::Docstring => "docstring",
            Self::Literal => "literal",
        }
    }
}
