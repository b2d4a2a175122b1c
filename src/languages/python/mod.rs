//! Python: what one text says ([`extract`]), and which module a dotted path names (`resolve`).
//!
//! The only place that knows ruff's parser and syntax tree; nothing of either leaves this folder.

pub mod decode;
pub mod notebook;
pub mod prescan;
pub mod guards;
pub mod calls;
pub mod names;
pub mod binders;
pub mod writes;
pub mod accesses;
pub mod load;
pub mod walk;
pub mod prose;
pub mod shell;
pub mod extract;
pub mod stdlib;
pub mod project;
pub mod resolve;

use crate::facts::Facts;
use crate::facts::load::Code;
use crate::source::FileKind;

/// What has to be known of a file besides its bytes.
#[derive(Clone, Debug)]
pub struct ExtractOptions {
    /// The Python whose grammar decides what parses, as (major, minor).
    pub version: (u8, u8),
    /// Whether accesses to imported modules are wanted too; see [`Facts::accesses`].
    pub accesses: bool,
    /// Whether what runs at load time is wanted too; see [`Facts::load`].
    pub load: bool,
    /// Whether the file is a package's `__init__`.
    pub is_package: bool,
    /// What sort of file it is.
    pub kind: FileKind,
}

/// All that one file says. Never panics; callers give it a stack of 64 MB (256 MB without optimisation).
pub fn extract(bytes: &[u8], options: &ExtractOptions) -> Facts {
    match decode::decode(bytes, options.kind) {
        Ok(text) => extract::extract_text(&text, options),
        Err(problem) => Facts { problems: vec![problem], ..Facts::default() },
    }
}

/// What the functions of a file run when they are called; `facts` are what [`extract`] made of the same bytes. Empty
/// where the file does not parse. Like it in all else.
pub fn code(bytes: &[u8], options: &ExtractOptions, facts: &Facts) -> Code {
    match decode::decode(bytes, options.kind) {
        Ok(text) if facts.problems.is_empty() => load::code(&text, options, facts),
        _ => Code::default(),
    }
}

#[cfg(test)]
mod tests;
