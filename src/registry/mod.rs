//! The registry as used: every section read, validated and compiled. [`load`] makes it from the text.
//!
//! Knows no source file and no graph; patterns are matched by whoever has the modules.

pub mod dated;
pub mod error;
pub mod json_schema;
mod build;
pub mod extends;
pub mod load;
mod members;
mod overlap;
pub mod pattern;
mod read;
pub mod schema;
mod summary;
pub mod template;
pub mod values;
mod whole;

use crate::facts::Date;
use crate::module_path;
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
    /// Where it names what it extends: all that is inherited has one of these spans, and its line.
    pub extends: Vec<Span>,
    /// `[project] name`.
    pub name: Option<String>,
    /// `[project] exclude`.
    pub exclude: PathGlobs,
    /// `[project] page`, relative to the root; never inherited, since it is a file of the project that names it.
    pub page: Option<Item>,
    /// `[python]`.
    pub python: Python,
    /// `[rust]`.
    pub rust: Rust,
    /// The `[[scope]]` list in order, or the assumed `test` scope; see [`Registry::scopes_written`]. Then those of
    /// [`IMPLIED_SCOPES`] that are not among them.
    pub scopes: Vec<Scope>,
    /// Whether any `[[scope]]` is written.
    pub scopes_written: bool,
    /// All entries, in file order. `[doors]` and `[moved]` are one entry each.
    pub entries: Vec<Entry>,
    /// Every built-in check that this version judges, in the order of [`schema::CHECKS`].
    pub checks: Vec<CheckSetting>,
}

impl Registry {
    /// Whether what lies at `span` comes from a registry that this one extends.
    pub fn is_inherited(&self, span: Span) -> bool {
        self.extends.contains(&span)
    }

    /// The index of the scope of what lies at that path.
    pub fn scope_at(&self, path: &str) -> usize {
        self.scopes.iter().position(|scope| scope.files.is_match(path)).unwrap_or_else(|| self.production())
    }

    /// The index of what no other scope names: one past the list, unless the list says what else is production.
    pub fn production(&self) -> usize {
        self.scopes.iter().position(|scope| scope.name == PRODUCTION).unwrap_or(self.scopes.len())
    }
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
    /// `import-names`: (imported name, distribution).
    pub import_names: Vec<(String, String)>,
}

/// `[rust]`.
#[derive(Clone, Debug, Default)]
pub struct Rust {
    /// `manifests`, relative to the root; None = every one that is found.
    pub manifests: Option<Vec<Item>>,
}

/// The scope of what no `[[scope]]` names.
pub const PRODUCTION: &str = "production";

/// The scopes that exist without being written: in Rust it is the language and the target that say what is one of them.
pub const IMPLIED_SCOPES: [&str; 4] = ["test", "bench", "example", "tooling"];

/// One `[[scope]]`, or what stands for one.
#[derive(Clone, Debug)]
pub struct Scope {
    /// Its name.
    pub name: String,
    /// Its files; `default` already expanded.
    pub files: PathGlobs,
    /// What a stale pattern is reported by: (pattern as written, its span, 1-based line); `default` and `!` left out.
    pub judged: Vec<Item>,
    /// Whether it exists only as one of [`IMPLIED_SCOPES`]: no path makes a file a part of it.
    pub implied: bool,
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
    /// 1-based line of what it is called by: its `id`, or what stands for one.
    pub id_line: u32,
    /// What every entry may say.
    pub meta: Meta,
    /// What it says by its kind.
    pub kind: EntryKind,
}

/// The kinds of entries.
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
    /// `[[layers]]`.
    Layers(Layers),
    /// `[[independent]]`.
    Independent(Independent),
    /// `[[protected]]`.
    Protected(Protected),
    /// `[[allowed]]`.
    Allowed(Allowed),
    /// `[[interface]]`.
    Interface(Interface),
    /// `[[acyclic]]`.
    Acyclic(Acyclic),
    /// `[[external]]`.
    External(External),
    /// `[[required]]`.
    Required(Required),
    /// `[[entrypoint]]`.
    Entrypoint(Entrypoint),
}

impl EntryKind {
    /// The TOML table's name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Doors(_) => "doors",
            Self::Moved(_) => "moved",
            Self::Canonical(_) => "canonical",
            Self::Forbidden(_) => "forbidden",
            Self::Layers(_) => "layers",
            Self::Independent(_) => "independent",
            Self::Protected(_) => "protected",
            Self::Allowed(_) => "allowed",
            Self::Interface(_) => "interface",
            Self::Acyclic(_) => "acyclic",
            Self::External(_) => "external",
            Self::Required(_) => "required",
            Self::Entrypoint(_) => "entrypoint",
        }
    }

    /// The canonical specifications it holds: one, those of `[doors]`, or none.
    pub fn canonicals(&self) -> &[Canonical] {
        match self {
            Self::Canonical(canonical) => std::slice::from_ref(canonical),
            Self::Doors(doors) => doors,
            _ => &[],
        }
    }

    /// The patterns that must name a module of the project, by their key. What may also be external, or nothing at
    /// all, is not among them.
    pub fn patterns(&self) -> Vec<(&'static str, &[Pattern])> {
        match self {
            Self::Doors(_) | Self::Moved(_) | Self::Interface(_) => Vec::new(),
            Self::Canonical(canonical) => vec![("within", &canonical.within)],
            Self::Forbidden(forbidden) => vec![("from", &forbidden.from)],
            Self::Layers(layers) => vec![("within", &layers.within)],
            Self::Independent(independent) => vec![("modules", &independent.modules)],
            Self::Protected(protected) => vec![("modules", &protected.modules), ("only", &protected.only)],
            Self::Allowed(allowed) => vec![("from", &allowed.from), ("only", &allowed.only)],
            Self::Acyclic(acyclic) => vec![("within", &acyclic.within)],
            Self::External(external) => vec![("from", &external.from), ("only", &external.only)],
            Self::Required(required) => vec![("from", &required.from)],
            Self::Entrypoint(entry) => vec![("modules", &entry.modules), ("ships", &entry.ships)],
        }
    }

    /// The modules that must exist by their whole name.
    pub fn modules(&self) -> Vec<&Item> {
        match self {
            Self::Interface(interface) => vec![&interface.of],
            Self::Required(required) => {
                required.any_of.iter().chain(&required.when).map(|path| &path.item).collect()
            }
            Self::Entrypoint(entry) => {
                entry.module.iter().chain(&entry.calls).map(|path| &path.item).collect()
            }
            Self::Layers(layers) if layers.within.is_empty() => {
                let members = layers.order.iter().flat_map(|layer| &layer.members);
                members.filter(|member| !member.optional).map(|member| &member.name).collect()
            }
            other => other.canonicals().iter().map(|canonical| &canonical.path).collect(),
        }
    }

    /// Names without which no access is judged, apart from symbols with a door and old paths.
    pub fn accessed(&self) -> Vec<&str> {
        match self {
            Self::Interface(interface) => vec![module_path::last(&interface.of.text)],
            Self::External(external) => {
                let names = external.deny.iter().map(|package| match &package.attribute {
                    Some(attribute) => attribute,
                    // A sub-package can be reached by an access; a top-level one only by an import.
                    None => {
                        module_path::parent(&package.name).map_or("", |_| module_path::last(&package.name))
                    }
                });
                names.filter(|name| !name.is_empty()).collect()
            }
            Self::Required(required) => {
                let paths = required.any_of.iter().chain(&required.when);
                paths.filter_map(|path| path.symbol.as_deref()).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The lines of `[moved]`, or none.
    pub fn moved(&self) -> &[Moved] {
        if let Self::Moved(lines) = self { lines } else { &[] }
    }
}

/// Symbols and their one door.
#[derive(Clone, Debug)]
pub struct Canonical {
    /// The names; `*` alone = what the module defines, or its `__all__`.
    pub symbols: Vec<Item>,
    /// The door: a module's name.
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

impl SymbolPath {
    /// The path of the symbol, or of the module, as that language writes it: only a module of one component leaves the
    /// language open.
    pub fn path(&self, language: Language) -> String {
        path_in(language, &self.module, self.symbol.as_deref())
    }

    /// The same in every language that may be meant.
    pub fn paths(&self) -> Vec<String> {
        paths(&self.module, self.symbol.as_deref())
    }
}

fn path_in(language: Language, module: &str, symbol: Option<&str>) -> String {
    let Some(symbol) = symbol else { return module.to_owned() };
    if is_open(module) {
        module_path::join_as(language.separator(), module, symbol)
    } else {
        module_path::join(module, symbol)
    }
}

fn paths(module: &str, symbol: Option<&str>) -> Vec<String> {
    let languages: &[Language] = if symbol.is_some() && is_open(module) {
        &[Language::Python, Language::Rust]
    } else {
        &[Language::Python]
    };
    languages.iter().map(|language| path_in(*language, module, symbol)).collect()
}

/// Whether a module of that name may be of any language.
fn is_open(module: &str) -> bool {
    !module.contains(['.', ':'])
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

/// `[[layers]]`: higher may import lower, never the reverse.
#[derive(Clone, Debug)]
pub struct Layers {
    /// Highest first.
    pub order: Vec<Layer>,
    /// Prefixes of every name, each checked for itself; empty = the names are whole.
    pub within: Vec<Pattern>,
    /// Whether every child of `within` must be placed.
    pub exhaustive: bool,
    /// Names of layers that may not be jumped over.
    pub closed: Vec<Item>,
}

/// One line of `order`.
#[derive(Clone, Debug)]
pub struct Layer {
    /// Its names.
    pub members: Vec<Member>,
    /// Joined by `|` (or alone): none may import another. Joined by `:`: they may.
    pub independent: bool,
}

/// One name of a layer.
#[derive(Clone, Debug)]
pub struct Member {
    /// The dotted name, below `within`; its span is that of the whole line.
    pub name: Item,
    /// Written in parentheses: need not exist.
    pub optional: bool,
}

/// `[[independent]]`: no member imports another, directly or not.
#[derive(Clone, Debug)]
pub struct Independent {
    /// The members; what a wildcard names is a member each.
    pub modules: Vec<Pattern>,
}

/// `[[protected]]`.
#[derive(Clone, Debug)]
pub struct Protected {
    /// What is protected; each is its own.
    pub modules: Vec<Pattern>,
    /// Who may import it.
    pub only: Vec<Pattern>,
}

/// `[[allowed]]`.
#[derive(Clone, Debug)]
pub struct Allowed {
    /// Whose imports are judged.
    pub from: Vec<Pattern>,
    /// What of first party they may import, besides themselves.
    pub only: Vec<Pattern>,
}

/// `[[interface]]`.
#[derive(Clone, Debug)]
pub struct Interface {
    /// The module's dotted name.
    pub of: Item,
    /// Patterns of the path below it.
    pub exposes: Vec<Item>,
}

/// `[[acyclic]]`.
#[derive(Clone, Debug)]
pub struct Acyclic {
    /// Whose descendants are judged.
    pub within: Vec<Pattern>,
    /// How deep; 0 = children only.
    pub depth: u32,
}

/// `[[external]]`.
#[derive(Clone, Debug)]
pub struct External {
    /// Whose imports are judged.
    pub from: Vec<Pattern>,
    /// What may not be imported.
    pub deny: Vec<Package>,
    /// Importers that may all the same.
    pub only: Vec<Pattern>,
    /// The only third-party packages that may be imported, if that is said.
    pub only_packages: Option<Vec<Package>>,
}

/// An external package as a rule names it.
#[derive(Clone, Debug)]
pub struct Package {
    /// The dotted name; `*` = any third party.
    pub name: String,
    /// `=pkg`: without its sub-packages.
    pub exact: bool,
    /// `pkg:name`: one attribute.
    pub attribute: Option<String>,
    /// As written, with its place.
    pub item: Item,
}

impl Package {
    /// The path that a use of it lies within, as that language writes it.
    pub fn path(&self, language: Language) -> String {
        path_in(language, &self.name, self.attribute.as_deref())
    }

    /// The same in every language that may be meant.
    pub fn paths(&self) -> Vec<String> {
        paths(&self.name, self.attribute.as_deref())
    }
}

/// `[[required]]`.
#[derive(Clone, Debug)]
pub struct Required {
    /// Which modules.
    pub from: Vec<Pattern>,
    /// What they must import one of.
    pub any_of: Vec<SymbolPath>,
    /// Only modules that import one of these; empty = all.
    pub when: Vec<SymbolPath>,
}

/// `[[entrypoint]]`: what must start without an ImportError; either `module` or `modules` is there.
#[derive(Clone, Debug)]
pub struct Entrypoint {
    /// What is started; its symbol must be bound too.
    pub module: Option<SymbolPath>,
    /// Many that are started, each for itself.
    pub modules: Vec<Pattern>,
    /// What the image holds; empty = the whole tree.
    pub ships: Vec<Pattern>,
    /// What is taken away from it; may match nothing.
    pub absent: Vec<Pattern>,
    /// Functions that are called besides; each has its symbol.
    pub calls: Vec<SymbolPath>,
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
    /// Its name there.
    pub span: Span,
    /// What only this check takes.
    pub options: CheckOptions,
}

/// What only one check takes.
#[derive(Clone, Debug, Default)]
pub enum CheckOptions {
    /// It takes nothing besides.
    #[default]
    Nothing,
    /// `relative-import`.
    RelativeImport {
        /// `allow = "siblings"`.
        allow_siblings: bool,
    },
    /// `duplicate-definition`.
    DuplicateDefinition(DuplicateDefinition),
}

/// What `duplicate-definition` takes.
#[derive(Clone, Debug)]
pub struct DuplicateDefinition {
    /// Whose definitions are compared; empty = everything.
    pub within: Vec<Pattern>,
    /// Whether classes are.
    pub classes: bool,
    /// Whether functions are.
    pub functions: bool,
    /// Names that may be defined more than once.
    pub names: Vec<Pattern>,
}
