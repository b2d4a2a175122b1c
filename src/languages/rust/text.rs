//! What ONE Rust text says, from its text alone: the modules written in it, what each declares, and what it names.
//!
//! Plain data. Knows no other file: where a name leads is found by `resolve`, where a module's file lies by `modules`.

use bitflags::bitflags;
use compact_str::CompactString;

use crate::facts::{Import, Problem, Waiver};
use crate::source::Span;

/// All that one text says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Text {
    /// The modules written in it: the file's own first, then inline ones in source order, so that each comes after the
    /// one it stands in. Never empty.
    pub parts: Vec<Part>,
    /// Literal paths of `include!`, with the part each stands in.
    pub includes: Vec<(u32, String)>,
    /// Literal paths of `include_str!` and `include_bytes!`.
    pub data: Vec<String>,
    /// Whether a `macro_rules!` declares modules in files, which lie where it is called: they are in no part's `files`.
    pub by_macro: bool,
    /// Inline waivers, in source order.
    pub waivers: Vec<Waiver>,
    /// Why it could not be read to its end. What was found before is above.
    pub problem: Option<Problem>,
}

/// One module as far as this text writes it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Part {
    /// Index of the part it stands in; None for the file's own.
    pub parent: Option<u32>,
    /// How it was declared. The file's own is declared by another file: here stand `test` and `cfg` alone, as its inner
    /// attributes say.
    pub declared: Declared,
    /// Its `mod x;` lines.
    pub files: Vec<Declared>,
    /// What it declares besides modules, in source order; what stands in its functions has a `block`.
    pub items: Vec<Item>,
    /// What it imports and names, in source order.
    pub mentions: Vec<Mention>,
    /// The blocks of its functions that hold imports or items, outer ones first.
    pub blocks: Vec<Block>,
    /// Whether a macro is called where items stand, one that is not understood: it may declare anything.
    pub by_macro: bool,
}

/// `mod x;` or `mod x { … }`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Declared {
    /// The name, without `r#`.
    pub name: CompactString,
    /// What `#[path]` says, under any cfg.
    pub paths: Vec<String>,
    /// Whether its file is also looked for by its name: no `#[path]` that holds under every cfg.
    pub by_name: bool,
    /// Who may name it.
    pub visibility: Visibility,
    /// The predicates of its `#[cfg(…)]` as written, of inner ones too, joined with `, `; empty without.
    pub cfg: CompactString,
    /// Whether it stands under a cfg other than that of tests, its own or one around it in the text.
    pub conditional: bool,
    /// Whether it is there for tests only: `#[cfg(test)]`, `#[cfg(all(test, …))]`; also inherited from what it stands in.
    pub test: bool,
    /// The name's span.
    pub span: Span,
    /// 1-based line.
    pub line: u32,
    /// `#[macro_use]`.
    pub macro_use: bool,
}

/// Who may name something.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Visibility {
    /// The module itself and what lies below it.
    #[default]
    Private,
    /// `pub`.
    Public,
    /// `pub(crate)`, `pub(super)`, `pub(self)`, `pub(in a::b)`: the path, `::` between segments.
    Within(CompactString),
}

bitflags! {
    /// The namespaces in which something has its name.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
    pub struct Spaces: u8 {
        /// Types, traits, modules, crates.
        const TYPE = 1;
        /// Functions, constants, statics, constructors.
        const VALUE = 1 << 1;
        /// Macros, attributes and derives.
        const MACRO = 1 << 2;
    }
}

/// What sort of thing an item is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// struct, enum, union, trait, type alias.
    Type,
    /// fn.
    Function,
    /// const, static.
    Value,
    /// `macro_rules!`, `macro`, `#[proc_macro…] fn`.
    Macro,
}

/// Something declared; no module.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// The name, without `r#`. Of a derive macro the name of the derive.
    pub name: CompactString,
    /// What it is.
    pub sort: Sort,
    /// Where it has its name: a tuple or unit struct in two.
    pub spaces: Spaces,
    /// Who may name it. That of a `macro_rules!` is private, but for `exported`.
    pub visibility: Visibility,
    /// `#[macro_export]`, or a procedural macro: it lies at the crate's root.
    pub exported: bool,
    /// The variants of an enum.
    pub variants: Vec<CompactString>,
    /// Index into [`Part::blocks`] of the innermost block it stands in, if in any.
    pub block: Option<u32>,
    /// Whether it is there for tests only, by itself or by what it stands in.
    pub test: bool,
    /// The name's span.
    pub span: Span,
    /// 1-based line.
    pub line: u32,
}

/// How something is named.
#[derive(Clone, Debug, PartialEq)]
pub enum Form {
    /// One leaf of a `use`: it binds a name here, `import.alias` or else `import.name`; `*` binds all, `_` none.
    Use {
        /// Who may name what it binds.
        visibility: Visibility,
        /// `self` behind a path (`a::b::{self}`): it binds types alone. `import` is that of `a::b`.
        only_types: bool,
    },
    /// `extern crate a as b;`: `import.module` is empty. `extern crate self as b` has the name `self`.
    ExternCrate {
        /// Who may name it.
        visibility: Visibility,
        /// `#[macro_use]`.
        macro_use: bool,
    },
    /// A path in code, in a macro's tokens or in an attribute. With one segment (`import.module` empty) it stands for all
    /// of that name in this part and block.
    Path,
    /// The name of a macro that is called, of an attribute or a derive.
    Macro,
}

/// A use leaf, or a path.
#[derive(Clone, Debug, PartialEq)]
pub struct Mention {
    /// As rules see it. `module` is the path as written, `::` between segments, without the last one, `r#` and generic
    /// arguments taken out, `$crate` written `crate`; `name` is the last segment. Whether it stands at the module's own
    /// level is `module_level`.
    pub import: Import,
    /// How it is named.
    pub form: Form,
    /// Written with `::` in front.
    pub global: bool,
    /// Index into [`Part::blocks`] of the innermost block it stands in, if in any.
    pub block: Option<u32>,
    /// Whether it is there for tests only, by itself or by what it stands in.
    pub test: bool,
}

/// A function's block that holds imports or items of its own.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// The block around it, of those in the list.
    pub parent: Option<u32>,
}
