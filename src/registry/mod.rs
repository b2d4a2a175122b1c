//! The registry as used: every section read, validated and compiled. [`load`] makes it from the text.
//!
//! Knows no source file and no graph; patterns are matched by whoever has the modules.

pub mod error;
pub mod json_schema;
pub mod load;
mod overlap;
pub mod pattern;
mod read;
pub mod schema;
pub mod values;

use crate::facts::Date;
use crate::source::{Language, RelPath, Span};
use crate::violation::Severity;
use pattern::{PathGlobs, Pattern};

/// A whole registry. [`Registry::default`] is "no registry": built-in checks at their default levels.
#[derive(Clone, Debug)]
pub struct Registry {
    /// The file it came from, relative to the project root; None without a registry.
    pub path: Option<RelPath>,
    /// Its text, for showing lines of it.
    pub text: String,
    /// Hex hash of all text that took part.
    pub hash: String,
    /// `[project] name`.
    pub name: Option<String>,
    /// `[project] exclude`.
    pub exclude: PathGlobs,
    /// `[python]`.
    pub python: Python,
    /// The `[[scope]]` list in order, or the assumed `test` scope; see [`Registry::scopes_written`].
    pub scopes: Vec<Scope>,
    /// Whether any `[[scope]]` is written.
    pub scopes_written: bool,
    /// All entries, in file order. `[doors]` and `[moved]` are one entry each.
    pub entries: Vec<Entry>,
    /// Every built-in check that this version judges, in the order of [`schema::CHECKS`].
    pub checks: Vec<CheckSetting>,
}

/// `[python]`.
#[derive(Clone, Debug, Default)]
pub struct Python {
    /// `roots`, relative directories (`.` is ""); None = detect.
    pub roots: Option<Vec<String>>,
    /// `opaque`, the defaults included.
    pub opaque: Vec<Pattern>,
    /// `version` as (major, minor).
    pub version: Option<(u8, u8)>,
    /// `first-party`: top-level names.
    pub first_party: Vec<String>,
    /// `third-party`: top-level names.
    pub third_party: Vec<String>,
}

/// One `[[scope]]`.
#[derive(Clone, Debug)]
pub struct Scope {
    /// Its name.
    pub name: String,
    /// Its files; `default` already expanded.
    pub files: PathGlobs,
    /// What a stale pattern is reported by: (pattern as written, its span, 1-based line); `default` and `!` left out.
    pub judged: Vec<Item>,
}

/// A written list item with its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// As written.
    pub text: String,
    /// Byte range in the registry text.
    pub span: Span,
    /// 1-based line.
    pub line: u32,
}

/// What every entry and every check may say besides.
#[derive(Clone, Debug)]
pub struct Meta {
    /// `severity`, or the check's level.
    pub severity: Severity,
    /// `reason`.
    pub reason: Option<String>,
    /// `help`.
    pub help: Option<String>,
    /// `docs`.
    pub docs: Option<String>,
    /// `owner`.
    pub owner: Option<String>,
    /// `scopes`; None = all.
    pub scopes: Option<Vec<Item>>,
    /// `languages`; None = all.
    pub languages: Option<Vec<Language>>,
    /// `except`.
    pub except: Vec<Exception>,
    /// `except-kinds`, validated against [`crate::facts::KIND_NAMES`].
    pub except_kinds: Vec<String>,
}

impl Default for Meta {
    fn default() -> Self {
        Self {
            severity: Severity::Error,
            reason: None,
            help: None,
            docs: None,
            owner: None,
            scopes: None,
            languages: None,
            except: Vec::new(),
            except_kinds: Vec::new(),
        }
    }
}

/// One exception: an importer, or an edge.
#[derive(Clone, Debug)]
pub struct Exception {
    /// The importer.
    pub from: Pattern,
    /// The imported side; None = whatever it imports.
    pub to: Option<Pattern>,
    /// Until when it excuses, inclusive.
    pub until: Option<Date>,
    /// Its own reason.
    pub reason: Option<String>,
    /// As written, with its place.
    pub item: Item,
}

/// One rule of the registry.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its id, unique.
    pub id: String,
    /// Span of its header in the registry text.
    pub span: Span,
    /// 1-based line of its header.
    pub line: u32,
    /// What every entry may say.
    pub meta: Meta,
    /// What it says by its kind.
    pub kind: EntryKind,
}

/// The kinds of entries that this version judges.
#[derive(Clone, Debug)]
pub enum EntryKind {
    /// `[doors]`; id `doors`.
    Doors(Vec<Canonical>),
    /// `[moved]`; id `moved`.
    Moved(Vec<Moved>),
    /// `[[canonical]]`.
    Canonical(Canonical),
    /// `[[forbidden]]`.
    Forbidden(Forbidden),
}

impl EntryKind {
    /// The TOML table's name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Doors(_) => "doors",
            Self::Moved(_) => "moved",
            Self::Canonical(_) => "canonical",
            Self::Forbidden(_) => "forbidden",
        }
    }
}

/// Symbols and their one door.
#[derive(Clone, Debug)]
pub struct Canonical {
    /// The names; `*` alone = what the module defines, or its `__all__`.
    pub symbols: Vec<Item>,
    /// The door: a module's dotted name.
    pub path: Item,
    /// Doors excused for now.
    pub compatible: Vec<Compatible>,
    /// Old doors.
    pub retired: Vec<SymbolPath>,
    /// Whose importers and rival definitions it speaks of; empty = everything.
    pub within: Vec<Pattern>,
    /// Whether a second definition of the name is itself a violation.
    pub unique: bool,
}

/// A door that is excused until a date.
#[derive(Clone, Debug)]
pub struct Compatible {
    /// The module's dotted name.
    pub path: Item,
    /// Until when, inclusive.
    pub until: Option<Date>,
    /// Why.
    pub reason: Option<String>,
}

/// `module` or `module:Symbol`.
#[derive(Clone, Debug, PartialEq)]
pub struct SymbolPath {
    /// The module's dotted name.
    pub module: String,
    /// The symbol after `:`.
    pub symbol: Option<String>,
    /// As written, with its place.
    pub item: Item,
}

/// One line of `[moved]`.
#[derive(Clone, Debug)]
pub struct Moved {
    /// The old path.
    pub from: SymbolPath,
    /// The new path.
    pub to: SymbolPath,
    /// Until when a use of the old path is excused, inclusive.
    pub until: Option<Date>,
    /// Why.
    pub reason: Option<String>,
}

/// `[[forbidden]]`.
#[derive(Clone, Debug)]
pub struct Forbidden {
    /// Who may not.
    pub from: Vec<Pattern>,
    /// What.
    pub to: Vec<Pattern>,
    /// Chains too.
    pub indirect: bool,
}

/// One built-in check with its level.
#[derive(Clone, Debug)]
pub struct CheckSetting {
    /// Its name.
    pub id: &'static str,
    /// False = off.
    pub on: bool,
    /// Its level is `meta.severity`.
    pub meta: Meta,
    /// Where the registry sets it, if it does.
    pub line: Option<u32>,
    /// `relative-import`'s `allow = "siblings"`.
    pub allow_siblings: bool,
}
