//! What can be written in a registry: ONE table of every section and key, with type and meaning.
//!
//! The reader checks documents against it and the JSON Schema for editors is printed from it. What this version does
//! not judge yet is in the table too, marked not `ready`: it is checked as written and then refused, never ignored.

use crate::facts::KIND_NAMES;
use crate::violation::Severity;

/// One top-level section or key of the registry.
#[derive(Debug)]
pub struct Section {
    /// As written in TOML.
    pub name: &'static str,
    /// How it is written.
    pub form: Form,
    /// Whether this version acts on it.
    pub ready: bool,
    /// One line for people.
    pub doc: &'static str,
}

/// How a section is written.
#[derive(Debug)]
pub enum Form {
    /// `name = value`.
    Value(Kind),
    /// `[name]`.
    Table(&'static [Key]),
    /// `[[name]]`, not a rule.
    List(&'static [Key]),
    /// `[[name]]`, a rule: these keys, `id` and [`COMMON`].
    Entries(&'static [Key]),
    /// `[name]` with keys that the user chooses: what a key is, what its value is.
    Map(Kind, Kind),
    /// `[checks]`: a level or a table for each of [`CHECKS`].
    Checks,
}

/// One key of a table.
#[derive(Debug)]
pub struct Key {
    /// As written in TOML.
    pub name: &'static str,
    /// What its value must be.
    pub kind: Kind,
    /// Whether it must be there; a required list must hold something, unless nothing is an answer too.
    pub required: bool,
    /// Whether a required list may be empty.
    pub may_be_empty: bool,
    /// Whether this version acts on it.
    pub ready: bool,
    /// One line for people.
    pub doc: &'static str,
}

/// What a value must be.
#[derive(Debug)]
pub enum Kind {
    /// Any string.
    Text,
    /// `true` or `false`.
    Flag,
    /// An integer, not negative.
    Count,
    /// The registry format's version: the integer 1.
    FormatVersion,
    /// A TOML date, at most 366 days ahead.
    Date,
    /// `"3.11"`.
    PythonVersion,
    /// One of these strings.
    Choice(&'static [&'static str]),
    /// A rule's id or a scope's name: letters, digits, `-`, `_`, `.`.
    Label,
    /// The name of a scope that exists.
    Scope,
    /// A module pattern.
    Pattern,
    /// A pattern of names below a module, or of symbols.
    NamePattern,
    /// A path glob, `!` negates.
    Glob,
    /// A directory relative to the project root.
    Directory,
    /// A file relative to the project root.
    File,
    /// A module's dotted name.
    Module,
    /// `module` or `module:Symbol`.
    SymbolPath,
    /// `module:function`; the name must be there.
    Callable,
    /// A symbol's name, or `*`.
    Symbol,
    /// A top-level package's name.
    TopLevel,
    /// One layer: names joined by `|` or `:`, parentheses around an optional one.
    Layer,
    /// A package: `pkg`, `=pkg`, `pkg:name` or `*`.
    Package,
    /// `A` or `A -> B`.
    Edge,
    /// A list of one sort of thing.
    List(&'static Kind),
    /// A table with these keys.
    Table(&'static [Key]),
    /// Either the first, or a table with these keys.
    Either(&'static Kind, &'static [Key]),
    /// A table with keys that the user chooses, of strings.
    TextMap,
}

/// A built-in check of `[checks]`.
#[derive(Debug)]
pub struct CheckSpec {
    /// Its name.
    pub name: &'static str,
    /// Its level where the registry does not set one; None = off.
    pub level: Option<Severity>,
    /// The keys that only this check takes; they win over [`CHECK_COMMON`].
    pub keys: &'static [Key],
    /// Whether this version judges it.
    pub ready: bool,
    /// Whether it speaks of Python alone where its `languages` does not say else.
    pub python: bool,
    /// One line for people.
    pub doc: &'static str,
}

/// The names that a level can have in `[checks]`.
pub const LEVELS: &[&str] = &["error", "warn", "off"];

/// Every section, in the order of the documentation.
pub const SECTIONS: &[Section] = &[
    section("version", Form::Value(Kind::FormatVersion), "Version of the registry format: 1"),
    section(
        "extends",
        Form::Value(TEXTS),
        "Registries to build on: bundled (`importlaw:tests-apart`) or a relative path",
    ),
    section("project", Form::Table(PROJECT), "What is checked"),
    section("python", Form::Table(PYTHON), "How Python modules are found"),
    section("rust", Form::Table(RUST), "How Rust crates are found"),
    section(
        "scope",
        Form::List(SCOPE),
        "A class of modules, by file; the first that matches wins, what matches none is production",
    ),
    section(
        "doors",
        Form::Map(Kind::Module, SYMBOLS),
        "Module = the symbols that are imported from it and nowhere else; \"*\" is what it defines, or its __all__",
    ),
    section(
        "moved",
        Form::Map(Kind::SymbolPath, Kind::Either(&Kind::SymbolPath, MOVED_TO)),
        "Old path = new path, whole subtrees; `:` stands before a symbol",
    ),
    section("canonical", Form::Entries(CANONICAL), "Symbols and the one door they are imported through"),
    section("forbidden", Form::Entries(FORBIDDEN), "Modules that may not import others"),
    section("layers", Form::Entries(LAYERS), "Higher layers may import lower ones, never the reverse"),
    section(
        "independent",
        Form::Entries(INDEPENDENT),
        "Modules of which none imports another, directly or not",
    ),
    section("protected", Form::Entries(PROTECTED), "Who may import these modules"),
    section(
        "allowed",
        Form::Entries(ALLOWED),
        "What these modules may import of first party, and nothing else",
    ),
    section("interface", Form::Entries(INTERFACE), "The only names that a module shows to the outside"),
    section("acyclic", Form::Entries(ACYCLIC), "No import cycles among siblings"),
    section(
        "external",
        Form::Entries(EXTERNAL),
        "Third-party and standard-library packages, and who may import them",
    ),
    section("required", Form::Entries(REQUIRED), "Modules that must import one of others"),
    section("entrypoint", Form::Entries(ENTRYPOINT), "What must start without an ImportError"),
    section("checks", Form::Checks, "Built-in checks: a level, or a table with one"),
];

/// Every built-in check, in the order of the documentation.
pub const CHECKS: &[CheckSpec] = &[
    // Elsewhere the compiler judges paths, and macros make modules that no text shows.
    python("unresolved-import", ERROR, "A first-party path or name that does not exist"),
    check("unparsed-file", ERROR, "A file that does not parse"),
    python("relative-beyond-root", ERROR, "A relative import that leaves its top-level package"),
    python(
        "string-reference",
        WARN,
        "`mock.patch(\"a.b.C\")` and literal dynamic imports that name what does not exist",
    ),
    CheckSpec { keys: RELATIVE_IMPORT, ..python("relative-import", None, "A relative import") },
    check("wildcard-import", None, "`from m import *`"),
    CheckSpec {
        keys: DUPLICATE_DEFINITION,
        ..python("duplicate-definition", None, "A name that is defined in more than one module")
    },
    check(
        "scope-leak",
        WARN,
        "A production module that imports one of another scope; judged only where a `[[scope]]` is written",
    ),
    python(
        "unknown-package",
        None,
        "An import of what is neither first party, standard library nor declared",
    ),
    check("orphan-file", WARN, "A .rs file below a package's src/ that no target reaches"),
    python("shadowed-module", WARN, "`x.py` beside `x/__init__.py`"),
    check("unmatched-entry", ERROR, "A part of the registry that no longer fits the code"),
    check("unused-waiver", ERROR, "An inline waiver that suppresses nothing"),
    check("stale-baseline", ERROR, "A baseline entry that matches no finding any more"),
    check("expired", ERROR, "A waiver, `until` or baseline entry past its date"),
];

/// What every `[[…]]` rule takes besides its own keys.
pub const COMMON: &[Key] = &[
    key(
        "severity",
        Kind::Choice(&["error", "warn"]),
        "`error` fails the gate, `warn` is shown and has no share in the percentage; default error",
    ),
    REASON,
    HELP,
    DOCS,
    OWNER,
    SCOPES,
    LANGUAGES,
    EXCEPT,
    EXCEPT_KINDS,
    OFF,
];

/// What every check's table takes besides its own keys.
pub const CHECK_COMMON: &[Key] = &[
    key("level", Kind::Choice(LEVELS), "`error`, `warn` or `off`; needed where the default is `off`"),
    REASON,
    HELP,
    DOCS,
    OWNER,
    SCOPES,
    LANGUAGES,
    EXCEPT,
    EXCEPT_KINDS,
];

/// The id of a rule.
pub const ID: Key = needed("id", Kind::Label, "Its name in findings and waivers, unique");

/// What takes an inherited entry away.
pub const OFF: Key =
    key("off", Kind::Flag, "Removes the inherited entry of this id; nothing else need be written");

/// Why, for people.
pub const REASON: Key = key("reason", Kind::Text, "Why; printed with each finding");

const ERROR: Option<Severity> = Some(Severity::Error);
const WARN: Option<Severity> = Some(Severity::Warn);

const TEXTS: Kind = Kind::List(&Kind::Text);
const PATTERNS: Kind = Kind::List(&Kind::Pattern);
const GLOBS: Kind = Kind::List(&Kind::Glob);
const SYMBOLS: Kind = Kind::List(&Kind::Symbol);
const SYMBOL_PATHS: Kind = Kind::List(&Kind::SymbolPath);
const CALLABLES: Kind = Kind::List(&Kind::Callable);
const PACKAGES: Kind = Kind::List(&Kind::Package);
const NAME_PATTERNS: Kind = Kind::List(&Kind::NamePattern);
const TOP_LEVELS: Kind = Kind::List(&Kind::TopLevel);

const HELP: Key = key("help", Kind::Text, "What to do instead; printed with each finding");
const DOCS: Key = key("docs", Kind::Text, "URL of a page that explains it");
const OWNER: Key = key("owner", Kind::Text, "Whom to ask");
const SCOPES: Key = key("scopes", Kind::List(&Kind::Scope), "Importers of these scopes only; default all");
const LANGUAGES: Key = key(
    "languages",
    Kind::List(&Kind::Choice(&["python", "rust", "typescript"])),
    "Importers in these languages only; default all",
);
const EXCEPT: Key = key(
    "except",
    Kind::List(&Kind::Either(&Kind::Edge, EXCEPTION)),
    "What is excused: an importer `A`, an edge `A -> B`, or a table with `edge`, `until` and `reason`",
);
const EXCEPT_KINDS: Key =
    key("except-kinds", Kind::List(&Kind::Choice(&KIND_NAMES)), "Imports of these kinds are not judged");
const UNTIL: Key = key("until", Kind::Date, "The last day it is excused, at most 366 days ahead");

const EXCEPTION: &[Key] =
    &[needed("edge", Kind::Edge, "The importer `A`, or the edge `A -> B`"), UNTIL, REASON];

const PROJECT: &[Key] = &[
    key("name", Kind::Text, "The project's name, for reports"),
    key("exclude", GLOBS, "Paths that are not read, as in .gitignore, on top of it"),
    key(
        "page",
        Kind::File,
        "The Markdown page that `registry list` writes and `registry check` holds to the registry",
    ),
];

const PYTHON: &[Key] = &[
    key("roots", Kind::List(&Kind::Directory), "Directories that imports start from; default: detected"),
    key(
        "opaque",
        PATTERNS,
        "Generated or compiled modules: they exist, bind every name and are never judged; added to the defaults",
    ),
    key(
        "version",
        Kind::PythonVersion,
        "The Python version whose syntax is read; default: the newest that requires-python allows",
    ),
    key("first-party", TOP_LEVELS, "Top-level names that are first party whatever the tree says"),
    key("third-party", TOP_LEVELS, "Top-level names that are third party whatever the tree says"),
    key("import-names", Kind::TextMap, "Imported name = the distribution that provides it"),
];

const RUST: &[Key] = &[key(
    "manifests",
    Kind::List(&Kind::File),
    "Cargo.toml files: these packages, the members of these workspaces, and what they depend on by path; default: \
     every workspace found",
)];

const SCOPE: &[Key] = &[
    needed("name", Kind::Label, "Its name: production, test, tooling, …"),
    needed("files", GLOBS, "Path globs as in .gitignore; `default` stands for the usual test files"),
];

const MOVED_TO: &[Key] = &[needed("to", Kind::SymbolPath, "The new path"), UNTIL, REASON];

const COMPATIBLE: &[Key] = &[needed("path", Kind::Module, "The other door"), UNTIL, REASON];

const CANONICAL: &[Key] = &[
    key("id", Kind::Label, "Its name in findings and waivers, unique; default: the first symbol"),
    needed("symbols", SYMBOLS, "The names; `*` alone is what the module defines, or its __all__"),
    needed("path", Kind::Module, "The module that they are imported from"),
    key("compatible", Kind::List(&Kind::Table(COMPATIBLE)), "Other doors that are excused for now"),
    key("retired", SYMBOL_PATHS, "Old doors: `module` or `module:OldName`"),
    key("within", PATTERNS, "Whose importers and rival definitions it speaks of; default everything"),
    key(
        "unique",
        Kind::Flag,
        "Whether a second first-party definition of the name is itself a violation; default false",
    ),
];

const FORBIDDEN: &[Key] = &[
    needed("from", PATTERNS, "Who may not"),
    needed("to", PATTERNS, "What they may not import; first party or external"),
    key("indirect", Kind::Flag, "Whether chains count too; default false"),
];

const LAYERS: &[Key] = &[
    needed(
        "order",
        Kind::List(&Kind::Layer),
        "The layers, highest first; `|` independent siblings, `:` may import each other, `(optional)`",
    ),
    key("within", PATTERNS, "Prefix of each name; several are checked in each"),
    key("exhaustive", Kind::Flag, "Whether every child of `within` must be placed; default false"),
    key("closed", Kind::List(&Kind::NamePattern), "Layers that may not be jumped over"),
];

const INDEPENDENT: &[Key] = &[needed("modules", PATTERNS, "The members")];

const PROTECTED: &[Key] = &[
    needed("modules", PATTERNS, "What is protected"),
    needed_even_if_empty("only", PATTERNS, "Who may import it; themselves always"),
];

const ALLOWED: &[Key] = &[
    needed("from", PATTERNS, "Whose imports are judged"),
    needed_even_if_empty("only", PATTERNS, "What they may import; themselves always"),
];

const INTERFACE: &[Key] = &[
    needed("of", Kind::Module, "The module"),
    needed("exposes", NAME_PATTERNS, "The names below it that others may import"),
];

const ACYCLIC: &[Key] = &[
    needed("within", PATTERNS, "Whose descendants are judged"),
    key("depth", Kind::Count, "How deep; 0 = children of `within` only; default 10"),
];

const EXTERNAL: &[Key] = &[
    needed("from", PATTERNS, "Whose imports are judged"),
    key(
        "deny",
        PACKAGES,
        "Packages that may not be imported: `pkg` with its sub-packages, `=pkg` without, `pkg:name`, `*` any third party",
    ),
    key("only", PATTERNS, "Importers that may"),
    key("only-packages", PACKAGES, "The only third-party packages that may be imported"),
];

const REQUIRED: &[Key] = &[
    needed("from", PATTERNS, "Which modules"),
    needed("any-of", SYMBOL_PATHS, "What they must import one of"),
    key("when", SYMBOL_PATHS, "Only modules that import one of these; default all"),
];

const ENTRYPOINT: &[Key] = &[
    key("module", Kind::SymbolPath, "What is started; a name after `:` must be bound too"),
    key("modules", PATTERNS, "Instead of `module`: many that are started, each for itself"),
    key("ships", PATTERNS, "What the image holds, patterns or `path:` globs; default the whole tree"),
    key("absent", PATTERNS, "What is taken away from it"),
    key("calls", CALLABLES, "Functions that the server calls besides, `module:name`"),
];

const RELATIVE_IMPORT: &[Key] =
    &[key("allow", Kind::Choice(&["siblings"]), "`siblings`: one leading dot is allowed")];

const DUPLICATE_DEFINITION: &[Key] = &[
    key("within", PATTERNS, "Whose definitions are compared; default everything"),
    key("kinds", Kind::List(&Kind::Choice(&["class", "function"])), "Kinds of definitions; default all"),
    key("except", NAME_PATTERNS, "Names that may be defined more than once"),
];

const fn section(name: &'static str, form: Form, doc: &'static str) -> Section {
    Section { name, form, ready: true, doc }
}

const fn key(name: &'static str, kind: Kind, doc: &'static str) -> Key {
    Key { name, kind, required: false, may_be_empty: false, ready: true, doc }
}

const fn needed(name: &'static str, kind: Kind, doc: &'static str) -> Key {
    Key { name, kind, required: true, may_be_empty: false, ready: true, doc }
}

const fn needed_even_if_empty(name: &'static str, kind: Kind, doc: &'static str) -> Key {
    Key { name, kind, required: true, may_be_empty: true, ready: true, doc }
}

const fn check(name: &'static str, level: Option<Severity>, doc: &'static str) -> CheckSpec {
    CheckSpec { name, level, keys: &[], ready: true, python: false, doc }
}

const fn python(name: &'static str, level: Option<Severity>, doc: &'static str) -> CheckSpec {
    CheckSpec { python: true, ..check(name, level, doc) }
}

/// The keys of a `[[name]]` rule: `id` unless it has its own, its own, and what every rule takes.
pub fn entry_keys(own: &'static [Key]) -> Vec<&'static Key> {
    let id = if own.iter().any(|key| key.name == ID.name) { None } else { Some(&ID) };
    id.into_iter().chain(own).chain(COMMON).collect()
}

/// The keys of a check's table: its own, and what every check takes unless it has one of that name.
pub fn check_keys(check: &'static CheckSpec) -> Vec<&'static Key> {
    let own = |key: &&Key| check.keys.iter().any(|own| own.name == key.name);
    check.keys.iter().chain(CHECK_COMMON.iter().filter(|key| !own(key))).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_distinct() {
        let distinct = |names: Vec<&str>| names.iter().collect::<BTreeSet<_>>().len() == names.len();
        assert!(distinct(SECTIONS.iter().map(|section| section.name).collect()));
        assert!(distinct(CHECKS.iter().map(|check| check.name).collect()));
        for section in SECTIONS {
            if let Form::Entries(own) = &section.form {
                assert!(distinct(entry_keys(own).iter().map(|key| key.name).collect()), "{}", section.name);
            }
        }
        for check in CHECKS {
            assert!(distinct(check_keys(check).iter().map(|key| key.name).collect()), "{}", check.name);
        }
    }

    #[test]
    fn what_this_version_judges() {
        let ready: Vec<_> = CHECKS.iter().filter(|check| check.ready).map(|check| check.name).collect();
        assert_eq!(
            ready,
            [
                "unresolved-import",
                "unparsed-file",
                "relative-beyond-root",
                "string-reference",
                "relative-import",
                "wildcard-import",
                "duplicate-definition",
                "scope-leak",
                "unknown-package",
                "orphan-file",
                "shadowed-module",
                "unmatched-entry",
                "unused-waiver",
                "stale-baseline",
                "expired",
            ]
        );
        let ready: Vec<_> =
            SECTIONS.iter().filter(|section| section.ready).map(|section| section.name).collect();
        let expected = [
            "version",
            "extends",
            "project",
            "python",
            "rust",
            "scope",
            "doors",
            "moved",
            "canonical",
            "forbidden",
            "layers",
            "independent",
            "protected",
            "allowed",
            "interface",
            "acyclic",
            "external",
            "required",
            "entrypoint",
            "checks",
        ];
        assert_eq!(ready, expected);
    }
}
