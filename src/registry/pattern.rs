//! Patterns: names of modules, and path globs.

use globset::GlobSet;

use crate::source::{Language, Span};

/// What a pattern is matched against: one module.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// Its name, `a.b.c`.
    pub name: &'a str,
    /// Its file, relative to the root.
    pub path: &'a str,
    /// Its scope.
    pub scope: &'a str,
    /// Its language.
    pub language: Language,
}

/// A compiled module pattern.
#[derive(Clone, Debug)]
pub struct Pattern {
    /// As written.
    pub text: String,
    /// Byte range in the registry text.
    pub span: Span,
    /// 1-based line there.
    pub line: u32,
}

/// Path globs as in .gitignore, `!` negation included; the last match wins.
#[derive(Clone, Debug, Default)]
pub struct PathGlobs {
    _set: GlobSet,
}
