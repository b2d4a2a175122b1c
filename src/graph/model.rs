//! Ids and flat vectors.

use std::ops::Range;
use std::sync::Arc;

use compact_str::CompactString;

use super::exports::{Definition, Names};
use super::rust::RustNames;
use super::writes::Writes;
use crate::facts::{Facts, Import};
use crate::languages::python::resolve::{NodeId, Tree};
use crate::languages::rust::text::Spaces;
use crate::module_path;
use crate::source::{FileId, Language};

/// Index of a module; modules are sorted by name, then path, so ids compare as names do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ModuleId(pub u32);

impl ModuleId {
    /// The index as `usize`.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// Index of an import of some file in [`Graph::rows`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RowId(pub u32);

impl RowId {
    /// The index as `usize`.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// What can be imported, or imports.
#[derive(Clone, Debug)]
pub struct Module {
    /// `a.b.c`, or `a::b::c` in Rust.
    pub name: String,
    /// Its file: the source, or the stub where there is no source.
    pub file: FileId,
    /// What else it is made of, by path: a stub beside the source; in Rust what `include!` brings, and of a root module
    /// the manifest.
    pub beside: Vec<(FileId, String)>,
    /// Its place in Python's tree; None for what no Python import can name.
    pub node: Option<NodeId>,
    /// Its place among the Rust modules.
    pub rust: Option<u32>,
    /// The Cargo package it belongs to, as code names packages.
    pub cargo: Option<String>,
    /// Its path, relative to the project root.
    pub path: String,
    /// Index of its scope in the registry's list, or one past it for production.
    pub scope: u16,
    /// Its language.
    pub language: Language,
    /// Whether it is a package's `__init__`.
    pub package: bool,
    /// Whether its file, or its stub, does not parse.
    pub unparsed: bool,
    /// Whether the registry calls it opaque: it exists, binds every name and is never judged.
    pub opaque: bool,
}

impl Module {
    /// Whether any import can name it.
    pub fn is_importable(&self) -> bool {
        self.node.is_some() || self.rust.is_some()
    }

    /// What it is made of, its own source first.
    pub fn files(&self) -> impl Iterator<Item = FileId> + '_ {
        std::iter::once(self.file).chain(self.beside.iter().map(|(file, _)| *file))
    }
}

/// One import with what it was found to name. Rows of a file are contiguous and in the order of [`Facts::imports`].
#[derive(Clone, Debug)]
pub struct Row {
    /// The importing module.
    pub importer: ModuleId,
    /// The importing file (the stub's own, where the import stands in the stub).
    pub file: FileId,
    /// Index into the file's [`Facts::imports`].
    pub import: u32,
    /// The absolute written path with the imported name; as written, dots first, for what leads above the root.
    pub target: CompactString,
    /// The most specific existing first-party module on the way: the door.
    pub door: Option<ModuleId>,
    /// What it names.
    pub outcome: Outcome,
    /// What more is known where the language resolves names by itself: Rust.
    pub resolved: Option<Box<Resolved>>,
}

/// Where a Rust path leads in the end.
#[derive(Clone, Debug)]
pub struct Resolved {
    /// Where it is defined, re-exports followed.
    pub definition: Option<Definition>,
    /// The modules that define it under another cfg, or for another glob.
    pub others: Vec<ModuleId>,
    /// The modules that re-export it, outermost first.
    pub through: Vec<ModuleId>,
    /// Of a use leaf, the namespaces in which it names something.
    pub spaces: Spaces,
    /// Whether a name on the written path may not be named from there.
    pub hidden: bool,
}

impl Row {
    /// The module that the edge leads to, for what leads anywhere: a module that does not exist is no end of an edge.
    /// In Python the one written, which is what an import runs; in Rust the one that defines what is named.
    pub fn leads_to(&self) -> Option<ModuleId> {
        let defining = || self.resolved.as_ref()?.definition.as_ref()?.module();
        match &self.outcome {
            Outcome::Missing(missing) if missing.module => None,
            _ => defining().or(self.door),
        }
    }
}

/// What an import names.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// Something outside the project; the standard library included.
    External,
    /// A module (the door).
    Module,
    /// A name that the door binds, or all of them for a wildcard.
    Name,
    /// A directory or a compiled module: it exists, and has no source to look into.
    Bare,
    /// It does not exist.
    Missing(Box<Missing>),
    /// Whether it exists cannot be told.
    Unknown(Why),
    /// A relative import that leads above the import root.
    BeyondRoot,
}

/// What does not exist.
#[derive(Clone, Debug, PartialEq)]
pub struct Missing {
    /// The first part of the path that does not exist: `a.gone` of `a.gone.x`, or `a.b.Name`.
    pub path: String,
    /// The deepest part that exists.
    pub nearest: String,
    /// Whether a module is missing; else a name in a module that exists.
    pub module: bool,
}

/// What a reference by string was found to name.
#[derive(Clone, Debug, PartialEq)]
pub struct Reference {
    /// The deepest existing first-party module on the way.
    pub door: Option<ModuleId>,
    /// The module, or the name that follows the longest module path; what lies below that name is not looked at.
    pub outcome: Outcome,
}

/// Why something cannot be decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// The module has a `__getattr__`.
    Getattr,
    /// The module writes its own namespace at run time.
    Open,
    /// Other modules write to it under names that are computed, or put something else in its place.
    Written,
    /// Modules below it are put into `sys.modules`.
    Placed,
    /// A wildcard import brings in names that are not known.
    Wildcard,
    /// The module does not parse.
    Unparsed,
    /// It lies below a name that is bound by assignment.
    BelowValue,
    /// A macro may declare it.
    Macro,
}

impl Why {
    /// A clause for a message, with the module in front: "`a.b` …".
    pub fn clause(self) -> &'static str {
        match self {
            Self::Getattr => "has a module `__getattr__` that may make the name up",
            Self::Open => "writes its own namespace at run time",
            Self::Written => "is written to from elsewhere, or replaced as a whole",
            Self::Placed => "gets a module below it that is put into `sys.modules`",
            Self::Wildcard => "imports everything from a module that is not read",
            Self::Unparsed => "does not parse",
            Self::BelowValue => "binds the name by assignment; what lies below it is not known",
            Self::Macro => "calls macros that may declare the name",
        }
    }
}

/// A wildcard import at module level, by where its names come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wild {
    /// A module of the project.
    Module(ModuleId),
    /// Something whose names are not known.
    Opaque,
}

/// All imports from one module to another.
#[derive(Clone, Copy, Debug)]
pub struct Edge {
    /// The importing module.
    pub importer: ModuleId,
    /// The imported module.
    pub imported: ModuleId,
    first: u32,
    last: u32,
}

/// The whole project.
#[derive(Debug)]
pub struct Graph {
    /// Sorted by name, then path.
    pub modules: Vec<Module>,
    /// By file, then in source order.
    pub rows: Vec<Row>,
    /// References by string, by [`FileId`] and in the order of [`Facts::strings`].
    pub references: Vec<Vec<Reference>>,
    /// What each file says, by [`FileId`].
    pub facts: Vec<Arc<Facts>>,
    /// The language's tree of directories and modules.
    pub tree: Tree,
    /// Which module each file belongs to, by [`FileId`].
    pub module_of_file: Vec<ModuleId>,
    pub(super) module_of_node: Vec<Option<ModuleId>>,
    pub(super) wildcards: Vec<Vec<Wild>>,
    /// What is bound in modules from elsewhere.
    pub writes: Writes,
    /// What the Rust modules show.
    pub rust: RustNames,
    /// Of each [`FileId`] the first that stands for the same file: a Rust file may hold several modules.
    pub home: Vec<FileId>,
    pub(super) first_row: Vec<u32>,
    /// Sorted by (importer, imported).
    pub edges: Vec<Edge>,
    edge_rows: Vec<RowId>,
    first_out: Vec<u32>,
    incoming: Vec<u32>,
    first_in: Vec<u32>,
}

impl Graph {
    /// Puts the edges beside everything else that has been found.
    pub(super) fn new(parts: Parts) -> Self {
        let Parts {
            modules,
            rows,
            references,
            facts,
            tree,
            module_of_file,
            module_of_node,
            wildcards,
            writes,
            rust,
            home,
            first_row,
        } = parts;
        let names = Names {
            modules: &modules,
            facts: &facts,
            wildcards: &wildcards,
            tree: &tree,
            module_of_node: &module_of_node,
            writes: &writes,
            rust: &rust,
        };
        let mut triples: Vec<(ModuleId, ModuleId, RowId)> = Vec::with_capacity(rows.len());
        for (at, row) in rows.iter().enumerate() {
            triples.extend(names.ends(row).map(|end| (row.importer, end, RowId(at as u32))));
        }
        triples.sort_unstable();
        let mut edges: Vec<Edge> = Vec::new();
        for (at, (importer, imported, _)) in triples.iter().enumerate() {
            match edges.last_mut() {
                Some(edge) if edge.importer == *importer && edge.imported == *imported => {
                    edge.last = at as u32 + 1;
                }
                _ => edges.push(Edge {
                    importer: *importer,
                    imported: *imported,
                    first: at as u32,
                    last: at as u32 + 1,
                }),
            }
        }
        let first_out = offsets(modules.len(), edges.iter().map(|edge| edge.importer.index()));
        let first_in = offsets(modules.len(), edges.iter().map(|edge| edge.imported.index()));
        let mut next = first_in.clone();
        let mut incoming = vec![0; edges.len()];
        for (at, edge) in edges.iter().enumerate() {
            let slot = &mut next[edge.imported.index()];
            incoming[*slot as usize] = at as u32;
            *slot += 1;
        }
        let edge_rows = triples.into_iter().map(|(_, _, row)| row).collect();
        Self {
            modules,
            rows,
            references,
            facts,
            tree,
            module_of_file,
            module_of_node,
            wildcards,
            writes,
            rust,
            home,
            first_row,
            edges,
            edge_rows,
            first_out,
            incoming,
            first_in,
        }
    }

    /// The module of that id.
    pub fn module(&self, id: ModuleId) -> &Module {
        &self.modules[id.index()]
    }

    /// Every module's id, in name order.
    pub fn module_ids(&self) -> impl DoubleEndedIterator<Item = ModuleId> + use<> {
        (0..self.modules.len() as u32).map(ModuleId)
    }

    /// The row of that id.
    pub fn row(&self, id: RowId) -> &Row {
        &self.rows[id.index()]
    }

    /// Every row's id.
    pub fn row_ids(&self) -> impl Iterator<Item = RowId> + use<> {
        (0..self.rows.len() as u32).map(RowId)
    }

    /// The import of a row.
    pub fn import(&self, row: &Row) -> &Import {
        &self.facts[row.file.index()].imports[row.import as usize]
    }

    /// The row of a file's import.
    pub fn row_of(&self, file: FileId, import: u32) -> RowId {
        RowId(self.first_row[file.index()] + import)
    }

    /// The path of the file a row stands in: the module's own, or of what lies beside it.
    pub fn path_of(&self, row: &Row) -> &str {
        self.path_of_file(row.file)
    }

    /// Whether it is what tests alone have of a Rust module, or what a manifest states for them, beside that module.
    pub fn is_twin(&self, id: ModuleId) -> bool {
        self.module(id).rust.is_some_and(|rust| self.rust.module(rust) != Some(id))
    }

    /// Whether a row is a dependency that a manifest states.
    pub fn is_in_manifest(&self, row: &Row) -> bool {
        row.resolved.is_some() && self.path_of(row).ends_with(".toml")
    }

    /// The path of a file.
    pub fn path_of_file(&self, file: FileId) -> &str {
        let module = self.module(self.module_of_file[file.index()]);
        let beside = module.beside.iter().find(|(beside, _)| *beside == file);
        beside.map_or(&module.path, |(_, path)| path)
    }

    /// All sources of the same file as `home`, itself first: in Rust a file may hold several modules.
    pub fn same_file(&self, home: FileId) -> impl Iterator<Item = FileId> + '_ {
        let from = home.index();
        (from..self.home.len()).take_while(move |at| self.home[*at] == home).map(|at| FileId(at as u32))
    }

    /// Every file once, by the first of its sources.
    pub fn homes(&self) -> impl Iterator<Item = FileId> + '_ {
        self.home.iter().enumerate().filter(|(at, home)| home.index() == *at).map(|(_, home)| *home)
    }

    /// The rows of a file.
    pub fn rows_of(&self, file: FileId) -> Range<usize> {
        self.first_row[file.index()] as usize..self.first_row[file.index() + 1] as usize
    }

    /// What a module is made of, its own source first.
    pub fn files_of(&self, id: ModuleId) -> impl Iterator<Item = FileId> + '_ {
        self.module(id).files()
    }

    /// The module at a node of the tree.
    pub fn module_at(&self, node: NodeId) -> Option<ModuleId> {
        self.module_of_node[node.index()]
    }

    /// The modules of that name, in path order.
    pub fn named(&self, name: &str) -> Range<usize> {
        let start = self.modules.partition_point(|module| module.name.as_str() < name);
        let len = self.modules[start..].partition_point(|module| module.name == name);
        start..start + len
    }

    /// The modules below a package of one language, which lie side by side; all of them below none. A Python package
    /// and a Rust crate may share a name, so that the name alone does not tell.
    pub fn below(&self, package: &str, language: Language) -> Range<usize> {
        let prefix = module_path::join_as(language.separator(), package, "");
        let start = self.modules.partition_point(|module| module.name.as_str() < prefix.as_str());
        let len = self.modules[start..].partition_point(|module| module.name.starts_with(&prefix));
        start..start + len
    }

    /// Whether a module, or a directory of modules, bears that name.
    pub fn has(&self, name: &str) -> bool {
        !self.named(name).is_empty()
            || [Language::Python, Language::Rust].iter().any(|at| !self.below(name, *at).is_empty())
    }

    /// Where a module's wildcard imports at module level take their names from.
    pub fn wildcards_of(&self, id: ModuleId) -> &[Wild] {
        &self.wildcards[id.index()]
    }

    /// The first module of that name that an import can reach.
    pub fn importable(&self, name: &str) -> Option<ModuleId> {
        self.named(name).find(|at| self.modules[*at].is_importable()).map(|at| ModuleId(at as u32))
    }

    /// Edges that leave a module, by the imported module's name.
    pub fn outgoing(&self, id: ModuleId) -> &[Edge] {
        &self.edges[self.first_out[id.index()] as usize..self.first_out[id.index() + 1] as usize]
    }

    /// Edges that enter a module, by the importer's name.
    pub fn incoming(&self, id: ModuleId) -> impl Iterator<Item = &Edge> {
        let range = self.first_in[id.index()] as usize..self.first_in[id.index() + 1] as usize;
        self.incoming[range].iter().map(|edge| &self.edges[*edge as usize])
    }

    /// The imports that make up an edge, in source order.
    pub fn rows_of_edge(&self, edge: &Edge) -> &[RowId] {
        &self.edge_rows[edge.first as usize..edge.last as usize]
    }
}

/// What [`super::build`] found, before the edges are laid.
pub(super) struct Parts {
    pub modules: Vec<Module>,
    pub rows: Vec<Row>,
    pub references: Vec<Vec<Reference>>,
    pub facts: Vec<Arc<Facts>>,
    pub tree: Tree,
    pub module_of_file: Vec<ModuleId>,
    pub module_of_node: Vec<Option<ModuleId>>,
    pub wildcards: Vec<Vec<Wild>>,
    pub writes: Writes,
    pub rust: RustNames,
    pub home: Vec<FileId>,
    pub first_row: Vec<u32>,
}

/// Start offsets of buckets `0..count`, and one more for the end.
fn offsets(count: usize, buckets: impl Iterator<Item = usize>) -> Vec<u32> {
    let mut starts = vec![0; count + 1];
    for bucket in buckets {
        starts[bucket + 1] += 1;
    }
    for at in 0..count {
        starts[at + 1] += starts[at];
    }
    starts
}
