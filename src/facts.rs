//! What ONE file says, from its text alone: imports, the names it binds, waivers, problems.
//!
//! No configuration, no disk, no other file: so facts can be cached by the text's hash. They come in two parts:
//! statements, module-level bindings, waivers, dynamic and patch strings always; accesses ([`Facts::accesses`])
//! only for files that hold a name some rule asks for.

pub mod load;

use bitflags::bitflags;
use compact_str::CompactString;

use crate::source::Span;

/// When an import runs; exactly one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum When {
    /// When the module is loaded; class bodies, `with`, `for` and `match` included.
    Eager,
    /// Inside a function, or PEP 810 lazy.
    Deferred,
    /// Only for type checkers. Wins over deferred.
    TypeChecking,
}

bitflags! {
    /// What else is true of an import; any number of these.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
    pub struct Also: u16 {
        /// Body of a `try` that absorbs a failing import, or under `suppress(…)`.
        const OPTIONAL = 1;
        /// Inside `pytest.raises` / `assertRaises` of an import error.
        const EXPECTED = 1 << 1;
        /// Under `if`, `match`, `else`, or in a handler that absorbs a failing import.
        const CONDITIONAL = 1 << 2;
        /// Under `if __name__ == "__main__"`.
        const MAIN = 1 << 3;
        /// `from m import *`.
        const WILDCARD = 1 << 4;
        /// In `__init__` at module level, or listed in `__all__`, or `as` the same name.
        const REEXPORT = 1 << 5;
        /// A literal `importlib.import_module("…")` and kin.
        const DYNAMIC = 1 << 6;
        /// A literal in `mock.patch("a.b.C")` and kin.
        const STRING = 1 << 7;
        /// `m.Symbol` on an imported module; no statement of its own.
        const ACCESS = 1 << 8;
        /// Rust token stream.
        const MACRO = 1 << 9;
        /// Rust attributes and derives.
        const ATTRIBUTE = 1 << 10;
    }
}

/// An import's kinds: its one `when` and any `also`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ImportKind {
    /// When it runs.
    pub when: When,
    /// What else is true of it.
    pub also: Also,
}

/// Every kind by its public name, in the order of printing.
pub const KIND_NAMES: [&str; 14] = [
    "eager",
    "deferred",
    "type-checking",
    "optional",
    "expected",
    "conditional",
    "main",
    "wildcard",
    "reexport",
    "dynamic",
    "string",
    "access",
    "macro",
    "attribute",
];

impl ImportKind {
    /// Whether it holds the kind of that public name.
    pub fn holds(self, name: &str) -> bool {
        match name {
            "eager" => self.when == When::Eager,
            "deferred" => self.when == When::Deferred,
            "type-checking" => self.when == When::TypeChecking,
            other => KIND_NAMES[3..]
                .iter()
                .position(|known| *known == other)
                .is_some_and(|bit| self.also.contains(Also::from_bits_truncate(1 << bit))),
        }
    }

    /// The public names of all its kinds, `when` first.
    pub fn names(self) -> Vec<&'static str> {
        KIND_NAMES.iter().copied().filter(|name| self.holds(name)).collect()
    }
}

/// One bound name in one import statement, or one literal dynamic import.
#[derive(Clone, Debug, PartialEq)]
pub struct Import {
    /// Leading dots of a relative import; 0 for an absolute one.
    pub level: u32,
    /// The module as written, without dots in front: `a.b` of `from .a.b import c`, empty for `from . import c`.
    pub module: CompactString,
    /// The imported name of a from-import; `*` for a wildcard. None for `import a.b`.
    pub name: Option<CompactString>,
    /// The name after `as`.
    pub alias: Option<CompactString>,
    /// Its kinds.
    pub kind: ImportKind,
    /// The imported name with its alias (`c as d`), or the literal's span for a dynamic one.
    pub span: Span,
    /// The whole statement.
    pub statement: Span,
    /// 1-based line of `span`.
    pub line: u32,
    /// 1-based first line of `statement`.
    pub statement_line: u32,
    /// 1-based last line of `statement`.
    pub statement_end_line: u32,
    /// Whether it binds its name in the module's own namespace (not in a function or class body).
    pub module_level: bool,
}

/// A reference by string: `mock.patch("a.b.C")`, `monkeypatch.setattr("a.b.c", …)`.
#[derive(Clone, Debug, PartialEq)]
pub struct StringRef {
    /// The dotted path in the literal.
    pub path: CompactString,
    /// Whether the last name may be new: `create=True`, `raising=False`.
    pub may_create: bool,
    /// The literal with its quotes.
    pub span: Span,
    /// 1-based line.
    pub line: u32,
}

/// `m.Symbol` or `getattr(m, "Symbol")` where `m` is a name an import of this file bound and nothing rebinds in scope.
#[derive(Clone, Debug, PartialEq)]
pub struct Access {
    /// Index into [`Facts::imports`] of the import that bound the first name.
    pub import: u32,
    /// What follows the imported thing: `b.C` of `a.b.C` where `import a` bound `a`; for `import a.b`, which binds
    /// `a`, the path below `a`.
    pub path: CompactString,
    /// The whole dotted expression.
    pub span: Span,
    /// 1-based line.
    pub line: u32,
    /// When it runs.
    pub when: When,
}

/// A name that this file binds in another module: `m.x = …`, `setattr(m, "x", …)`, `sys.modules["a.b"].x = …`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Write {
    /// Index into [`Facts::imports`] of the import that bound the first name; None for `sys.modules["a.b"]`.
    pub import: Option<u32>,
    /// The module as a path below the imported thing, empty for that itself; without an import its absolute path.
    /// For `import a.b`, which binds `a`, the path below `a`.
    pub module: CompactString,
    /// The name; None where it is computed: `setattr(m, name, …)`.
    pub name: Option<CompactString>,
}

/// How surely a name is bound once the module has been loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Certainty {
    /// Unconditionally.
    Always,
    /// In the body of a `try` that absorbs import errors.
    Optional,
    /// Under a condition, or in a handler.
    Conditional,
    /// By `global` in a function.
    Function,
    /// Only for type checkers.
    TypeChecking,
}

/// What a module-level binding binds its name to.
#[derive(Clone, Debug, PartialEq)]
pub enum Bound {
    /// `class X`.
    Class,
    /// `def x`.
    Function,
    /// An import, by index into [`Facts::imports`].
    Import(u32),
    /// `X = m.X` or `X = Y`: another dotted name, whose first part is itself bound here or imported.
    Alias(CompactString),
    /// Anything else.
    Value,
}

/// One binding of one name in the module's namespace.
#[derive(Clone, Debug, PartialEq)]
pub struct Binding {
    /// The name.
    pub name: CompactString,
    /// What it is bound to.
    pub bound: Bound,
    /// How surely.
    pub certainty: Certainty,
    /// The name's span.
    pub span: Span,
    /// 1-based line.
    pub line: u32,
}

/// `__all__` as far as literals tell.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct All {
    /// The literal names, in source order, without duplicates.
    pub names: Vec<CompactString>,
    /// False where a part of it is computed.
    pub complete: bool,
}

/// A module-level `__getattr__`: any name it does not state is unknown.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ModuleGetattr {
    /// The names it compares with literals or looks up in a literal table.
    pub names: Vec<CompactString>,
}

/// Something that imports, but what cannot be told: `import_module(name)`.
#[derive(Clone, Debug, PartialEq)]
pub struct Computed {
    /// The call.
    pub span: Span,
    /// 1-based line.
    pub line: u32,
    /// What was called, for the message: `importlib.import_module`.
    pub callee: CompactString,
}

/// A date without a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    /// Year.
    pub year: u16,
    /// Month, 1 to 12.
    pub month: u8,
    /// Day, 1 to 31.
    pub day: u8,
}

/// An inline waiver as written: `# importlaw: allow ID[, ID…] [until=DATE] [issue=#N] [owner=@who] -- REASON`.
#[derive(Clone, Debug, PartialEq)]
pub struct Waiver {
    /// The comment's part from `importlaw:` on.
    pub span: Span,
    /// 1-based line it stands on.
    pub line: u32,
    /// Whether nothing but the comment stands on its line; then it speaks of the statement that begins on the next.
    pub alone: bool,
    /// `allow-file`: the whole file.
    pub file_wide: bool,
    /// The rules named.
    pub rules: Vec<CompactString>,
    /// Until when it holds, inclusive.
    pub until: Option<Date>,
    /// `max=N` of `allow-file`.
    pub max: Option<u32>,
    /// `issue=`, as written.
    pub issue: Option<CompactString>,
    /// `owner=`, as written.
    pub owner: Option<CompactString>,
    /// The text after `--`.
    pub reason: CompactString,
    /// What is wrong with it as written; then it suppresses nothing.
    pub malformed: Option<CompactString>,
}

/// Why the file, or a part of it, could not be read.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    /// What is wrong, one sentence without a final stop.
    pub message: CompactString,
    /// Where in the decoded text.
    pub span: Span,
    /// 1-based line.
    pub line: u32,
}

/// All that one file says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    /// Import statements and literal dynamic imports, in source order.
    pub imports: Vec<Import>,
    /// Names bound in the module's namespace, sorted by (name, offset).
    pub bindings: Vec<Binding>,
    /// Names, of modules in it too, that only the module itself and what lies below it may use: Rust. Sorted, each once.
    pub private: Vec<CompactString>,
    /// `__all__`, where there is one.
    pub all: Option<All>,
    /// A module-level `__getattr__`, where there is one.
    pub getattr: Option<ModuleGetattr>,
    /// Why the module may bind anything at all (`exec`, writes through `globals()`, `sys.modules`), if it may.
    pub open: Option<CompactString>,
    /// Names that it binds in other modules, whenever that runs; sorted, each once.
    pub writes: Vec<Write>,
    /// Modules that it puts into `sys.modules` by a literal, whenever that runs: their absolute paths, sorted, each once.
    pub placed: Vec<CompactString>,
    /// References by string.
    pub strings: Vec<StringRef>,
    /// Imports whose target is computed.
    pub computed: Vec<Computed>,
    /// Accesses; filled only when asked for.
    pub accesses: Vec<Access>,
    /// What runs while the module is loaded; filled only when asked for. Empty where the file does not parse.
    pub load: load::Block,
    /// Inline waivers.
    pub waivers: Vec<Waiver>,
    /// Why it does not parse, first problem first. Non-empty means unparsed; what was recovered is above.
    pub problems: Vec<Problem>,
}

impl Facts {
    /// Whether only the module itself and what lies below it may use that name.
    pub fn is_private(&self, name: &str) -> bool {
        self.private.binary_search_by(|known| known.as_str().cmp(name)).is_ok()
    }

    /// Every binding of `name`, in source order.
    pub fn bindings_of(&self, name: &str) -> &[Binding] {
        let start = self.bindings.partition_point(|b| b.name.as_str() < name);
        let len = self.bindings[start..].partition_point(|b| b.name.as_str() == name);
        &self.bindings[start..start + len]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kind_names_follow_the_bits() {
        let kind = ImportKind { when: When::Deferred, also: Also::OPTIONAL | Also::ACCESS };
        assert_eq!(kind.names(), ["deferred", "optional", "access"]);
        let all = ImportKind { when: When::Eager, also: Also::all() };
        assert_eq!(all.names().len(), KIND_NAMES.len() - 2, "every `also` has a name");
    }
}
