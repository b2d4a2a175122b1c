//! The module graph as plain data, for formats that draw it. Knows no rule and no source text.

use crate::facts::ImportKind;
use crate::source::Language;

/// Who imports whom, and which imports the findings are about.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GraphData {
    /// All modules, sorted by name, then path.
    pub modules: Vec<GraphModule>,
    /// First-party imports, sorted by (importer, imported, line, name).
    pub imports: Vec<GraphImport>,
    /// Containers whose children the registry puts in an order.
    pub orders: Vec<LayerOrder>,
}

/// A module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GraphModule {
    /// `a.b.c`, or `a::b::c` in Rust.
    pub name: String,
    /// Its file, relative to the project root.
    pub path: String,
    /// Its package, as [`Summary::by_package`](super::Summary::by_package) names it.
    pub package: String,
    /// Its scope.
    pub scope: String,
    /// Its language.
    pub language: Language,
}

/// One imported name.
#[derive(Clone, Debug, PartialEq)]
pub struct GraphImport {
    /// Index of the importing module.
    pub importer: u32,
    /// Index of the imported module: in Python the one that is written, in Rust the one that defines.
    pub imported: u32,
    /// 1-based line in the importer's file.
    pub line: u32,
    /// The name that is imported of the module; empty where it is the module itself.
    pub name: String,
    /// Its kinds.
    pub kind: ImportKind,
    /// Another file than the importer's own where it stands: a stub, a manifest.
    pub path: Option<String>,
    /// Indices of the findings about it, into [`Report::findings`](super::Report::findings).
    pub findings: Vec<u32>,
}

/// The order that an entry gives to the children of one container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayerOrder {
    /// The entry's id.
    pub rule: String,
    /// The container's name; empty where the layers are top-level.
    pub container: String,
    /// The language of what is ordered.
    pub language: Language,
    /// Whole names of modules, the highest layer first.
    pub layers: Vec<Vec<String>>,
}
