//! From facts and the language's tree to the graph: every import gets an outcome; none is dropped.

pub mod rust;
mod written;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use compact_str::CompactString;
use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::exports::{Binds, Names};
use super::model::{Graph, Missing, Module, ModuleId, Outcome, Parts, Reference, Row, Why, Wild};
use crate::facts::{Also, Bound, Facts, Import};
use crate::languages::python::resolve::{Lookup, NodeId, Tree};
use crate::languages::python::stdlib::{is_builtin, is_stdlib};
use crate::module_path;
use crate::source::{FileId, FileKind, Language, SourceFile};
use rust::Rust;

/// What the graph is made of.
pub struct Input<'a> {
    /// Source files; ids are indices.
    pub files: &'a [SourceFile],
    /// What each says, by id.
    pub facts: Vec<Arc<Facts>>,
    /// The tree over the Python files.
    pub tree: Tree,
    /// Which Rust module each of the other files is, and what its imports name.
    pub rust: Rust,
    /// Index of the scope of that name.
    pub scope_named: &'a (dyn Fn(&str) -> Option<u16> + Sync),
    /// Top-level names that are first party whatever else is true.
    pub first_party: &'a [String],
    /// Top-level names that are external whatever else is true.
    pub third_party: &'a [String],
    /// Whether a dependency of that import name is declared.
    pub is_declared: &'a (dyn Fn(&str) -> bool + Sync),
    /// Whether a module of that name and path is opaque.
    pub is_opaque: &'a (dyn Fn(&str, &str) -> bool + Sync),
    /// Index of a path's scope.
    pub scope_of: &'a (dyn Fn(&str) -> u16 + Sync),
    /// The index of the scope of what no other names.
    pub production: u16,
}

/// Builds the graph; parallel over files.
pub fn build(input: Input) -> Graph {
    let (modules, module_of_file, module_of_node) = modules(&input);
    let map = rust::Map::new(&input, &module_of_file);
    let rust_names = rust::names(&input, &map);
    let finder = Finder::new(&input, &module_of_file, &module_of_node);
    let found: Vec<Vec<Found>> = input
        .files
        .par_iter()
        .map(|file| {
            let imports = input.facts[file.id.index()].imports.iter().filter(|_| is_python(file));
            imports.map(|import| finder.find(file.id, import)).collect()
        })
        .collect();
    let wildcards = wildcards(&finder, &found, modules.len());
    let writes = written::writes(&finder, &found, &modules);
    let names = Names {
        modules: &modules,
        facts: &input.facts,
        wildcards: &wildcards,
        tree: &input.tree,
        module_of_node: &module_of_node,
        writes: &writes,
        rust: &rust_names,
    };
    let rows: Vec<Vec<Row>> = input
        .files
        .par_iter()
        .map(|file| {
            if !is_python(file) {
                return rust::rows(&input, &map, &modules, file.id);
            }
            let imports = &input.facts[file.id.index()].imports;
            let found = &found[file.id.index()];
            imports
                .iter()
                .zip(found)
                .enumerate()
                .map(|(at, (import, found))| {
                    let (outcome, door) = finder.outcome(names, file.id, import, found);
                    let target: CompactString = finder.target(file.id, import, found).into();
                    let importer = module_of_file[file.id.index()];
                    let outcome = or_placed(names, importer, &target, outcome);
                    Row { importer, file: file.id, import: at as u32, target, door, outcome, resolved: None }
                })
                .collect()
        })
        .collect();
    let references = input
        .files
        .par_iter()
        .map(|file| {
            let strings = &input.facts[file.id.index()].strings;
            strings.iter().map(|string| finder.reference(names, file.id, &string.path)).collect()
        })
        .collect();
    let mut first_row = Vec::with_capacity(rows.len() + 1);
    let mut count = 0;
    for rows in &rows {
        first_row.push(count);
        count += rows.len() as u32;
    }
    first_row.push(count);
    let rows = rows.into_iter().flatten().collect();
    let home = home(input.files);
    let Input { facts, tree, .. } = input;
    Graph::new(Parts {
        modules,
        rows,
        references,
        facts,
        tree,
        module_of_file,
        module_of_node,
        wildcards,
        writes,
        rust: rust_names,
        home,
        first_row,
    })
}

fn is_python(file: &SourceFile) -> bool {
    file.language == Language::Python
}

/// Of each file the first of the same path.
fn home(files: &[SourceFile]) -> Vec<FileId> {
    let mut first: FxHashMap<&str, FileId> = FxHashMap::default();
    files.iter().map(|file| *first.entry(file.path.as_str()).or_insert(file.id)).collect()
}

/// Modules in name order, and which of them each file and each node is.
fn modules(input: &Input) -> (Vec<Module>, Vec<ModuleId>, Vec<Option<ModuleId>>) {
    let tree = &input.tree;
    let mut modules: Vec<Module> = input
        .files
        .par_iter()
        .filter(|file| is_python(file))
        .filter_map(|file| {
            let node = tree.place(file.id).node;
            let stub = node.and_then(|node| {
                let node = tree.node(node);
                // A stub beside its source is a part of that module.
                node.source.and(node.stub)
            });
            if stub == Some(file.id) && file.kind == FileKind::Stub {
                return None;
            }
            let name = tree.module_name(file);
            let path = file.path.to_string();
            let own = |file: FileId| !input.facts[file.index()].problems.is_empty();
            // What the package of the same name shadows exists as a file, but no import reaches it.
            let node = node.filter(|node| tree.node(*node).shadowed != Some(file.id));
            Some(Module {
                opaque: (input.is_opaque)(&name, &path),
                scope: (input.scope_of)(&path),
                language: file.language,
                package: file.path.file_name().starts_with("__init__."),
                unparsed: own(file.id) || stub.is_some_and(own),
                file: file.id,
                beside: stub
                    .filter(|_| node.is_some())
                    .map(|stub| (stub, input.files[stub.index()].path.to_string()))
                    .into_iter()
                    .collect(),
                node,
                rust: None,
                cargo: None,
                name,
                path,
            })
        })
        .collect();
    modules.extend(rust::modules(input));
    // A file may hold production code and tests of one module.
    modules.par_sort_unstable_by(|a, b| (&a.name, &a.path, a.file).cmp(&(&b.name, &b.path, b.file)));
    let mut of_file = vec![ModuleId(0); input.files.len()];
    let mut of_node = vec![None; tree.len()];
    for (at, module) in modules.iter().enumerate() {
        let id = ModuleId(at as u32);
        for file in module.files() {
            of_file[file.index()] = id;
        }
        if let Some(node) = module.node {
            of_node[node.index()] = Some(id);
        }
    }
    (modules, of_file, of_node)
}

/// Where an import leads, before names are looked up.
#[derive(Clone, Copy, Debug)]
enum Found {
    External,
    BeyondRoot,
    At {
        /// How far the module part leads; offsets count in the module part alone.
        lookup: Lookup,
        /// The submodule of the imported name, where the module part was found.
        sub: Option<NodeId>,
    },
}

struct Finder<'a> {
    input: &'a Input<'a>,
    module_of_file: &'a [ModuleId],
    module_of_node: &'a [Option<ModuleId>],
    /// Directories without `__init__` below which some import finds a source file.
    live: Vec<AtomicBool>,
}

impl<'a> Finder<'a> {
    fn new(
        input: &'a Input<'a>,
        module_of_file: &'a [ModuleId],
        module_of_node: &'a [Option<ModuleId>],
    ) -> Self {
        let live = input.tree.ids().map(|_| AtomicBool::new(false)).collect();
        Self { input, module_of_file, module_of_node, live }
    }

    fn find(&self, file: FileId, import: &Import) -> Found {
        let tree = &self.input.tree;
        let place = tree.place(file);
        let lookup = if import.level > 0 {
            let Some(base) = tree.relative_base(place, import.level) else { return Found::BeyondRoot };
            tree.descend(base, &import.module)
        } else {
            let first = module_path::first(&import.module);
            if self.input.third_party.iter().any(|name| name == first) {
                return Found::External;
            }
            match tree.absolute(place, &import.module) {
                // A file beside the importer never stands in for a package that is known to come from elsewhere.
                Some(lookup) if tree.has_top(first) || !self.comes_from_elsewhere(first) => lookup,
                _ => return Found::External,
            }
        };
        let inside = import.level > 0 && import.module.is_empty();
        let hidden = !inside && tree.hides_its_directory(lookup.nearest);
        let sub = match import.name.as_deref() {
            Some(name) if lookup.found && !hidden && name != "*" => tree
                .child(lookup.nearest, name)
                .filter(|sub| tree.node(*sub).is_module() || tree.node(*sub).populated),
            _ => None,
        };
        let hit = sub.filter(|sub| tree.node(*sub).is_module()).unwrap_or(lookup.nearest);
        if lookup.found && tree.node(hit).is_module() {
            self.live[lookup.first.index()].store(true, Ordering::Relaxed);
        }
        Found::At { lookup, sub }
    }

    fn comes_from_elsewhere(&self, first: &str) -> bool {
        !self.input.first_party.iter().any(|name| name == first)
            && (is_stdlib(first) || (self.input.is_declared)(first))
    }

    /// Whether what was found is the project's own. A directory alone is not enough: `docs/` does not make `docs` ours.
    fn is_first_party(&self, import: &Import, first: NodeId) -> bool {
        import.level > 0 || self.is_own(module_path::first(&import.module), first)
    }

    fn is_own(&self, name: &str, first: NodeId) -> bool {
        self.input.tree.node(first).is_module()
            || self.input.first_party.iter().any(|own| own == name)
            || (self.live[first.index()].load(Ordering::Relaxed) && !self.comes_from_elsewhere(name))
    }

    fn outcome(
        &self,
        names: Names,
        file: FileId,
        import: &Import,
        found: &Found,
    ) -> (Outcome, Option<ModuleId>) {
        let tree = &self.input.tree;
        let (lookup, sub) = match found {
            Found::External => return (Outcome::External, None),
            Found::BeyondRoot => return (Outcome::BeyondRoot, None),
            Found::At { lookup, .. } if !self.is_first_party(import, lookup.first) => {
                return (Outcome::External, None);
            }
            Found::At { lookup, sub } => (lookup, sub),
        };
        let nearest = self.nearest_module(lookup.nearest);
        if self.is_generated(import, lookup, *sub) {
            return (Outcome::Bare, nearest);
        }
        if !lookup.found {
            return self.missing_module(names, file, import, lookup, nearest);
        }
        let base = self.module_of_node[lookup.nearest.index()];
        if let Some(sub) = sub {
            return match self.module_of_node[sub.index()] {
                Some(module) => (Outcome::Module, Some(module)),
                None => (Outcome::Bare, base),
            };
        }
        match (&import.name, base) {
            (None, Some(base)) => (Outcome::Module, Some(base)),
            (None, None) => (Outcome::Bare, nearest),
            (Some(_), None) if tree.node(lookup.nearest).compiled => (Outcome::Bare, nearest),
            (Some(name), Some(base)) if name == "*" => (Outcome::Name, Some(base)),
            (Some(name), Some(base)) => match self.binds(names, file, base, name) {
                Binds::Yes => (Outcome::Name, Some(base)),
                Binds::Unknown(why) => (Outcome::Unknown(why), Some(base)),
                Binds::No => (missing(tree.name(lookup.nearest), name, false), Some(base)),
            },
            (Some(name), None) if name == "*" => (Outcome::Bare, nearest),
            (Some(name), None) => (missing(tree.name(lookup.nearest), name, false), nearest),
        }
    }

    /// Whether `base` binds `name`, asked by an import of that file. A module that asks itself has to bind the name by
    /// something else than such imports.
    fn binds(&self, names: Names, file: FileId, base: ModuleId, name: &str) -> Binds {
        let importer = self.module_of_file[file.index()];
        if importer != base {
            return names.binds_for(importer, base, name);
        }
        let facts = &self.input.facts[file.index()];
        let asks_itself = |bound: &Bound| {
            let Bound::Import(import) = bound else { return false };
            let import = &facts.imports[*import as usize];
            let own = names.modules[base.index()].name == import.module || import.level > 0;
            own && import.name.as_deref() == Some(name)
                && matches!(self.find(file, import),
                Found::At { lookup, .. } if lookup.found && self.module_of_node[lookup.nearest.index()] == Some(base))
        };
        let bindings = facts.bindings_of(name);
        if bindings.is_empty() || !bindings.iter().all(|binding| asks_itself(&binding.bound)) {
            return names.binds_for(importer, base, name);
        }
        names.binds_apart_from(file, base, name)
    }

    /// Whether what is missing is called opaque: generated at build time, so that it is there when the program runs.
    fn is_generated(&self, import: &Import, lookup: &Lookup, sub: Option<NodeId>) -> bool {
        let name = import.name.as_deref().filter(|name| *name != "*");
        if lookup.found && (sub.is_some() || name.is_none()) {
            return false;
        }
        let rest = import.module[lookup.matched as usize..].trim_start_matches('.');
        let path = module_path::join(&self.input.tree.name(lookup.nearest), rest);
        let path = path.trim_end_matches('.');
        let opaque = |path: &str| (self.input.is_opaque)(path, "");
        (!lookup.found && opaque(path)) || name.is_some_and(|name| opaque(&module_path::join(path, name)))
    }

    /// The module part of an import does not exist; unless something on the way may make it up.
    fn missing_module(
        &self,
        names: Names,
        file: FileId,
        import: &Import,
        lookup: &Lookup,
        nearest: Option<ModuleId>,
    ) -> (Outcome, Option<ModuleId>) {
        let tree = &self.input.tree;
        let matched = lookup.matched as usize;
        let rest = import.module[matched..].trim_start_matches('.');
        let next = module_path::first(rest);
        if tree.node(lookup.nearest).compiled {
            return (Outcome::Bare, nearest);
        }
        if let Some(module) = self.module_of_node[lookup.nearest.index()] {
            let bindings = || {
                let files = names.modules[module.index()].files();
                files.flat_map(|file| names.facts[file.index()].bindings_of(next))
            };
            let a_definition = bindings().any(|b| matches!(b.bound, Bound::Class | Bound::Function));
            let importer = self.module_of_file[file.index()];
            let why = match names.binds_for(importer, module, next) {
                Binds::Yes if a_definition => None,
                Binds::Yes => Some(Why::BelowValue),
                // That the package itself does not parse says nothing about the files below it, nor do its attributes.
                Binds::No | Binds::Unknown(Why::Unparsed | Why::Written) => None,
                Binds::Unknown(why) => Some(why),
            };
            if let Some(why) = why {
                return (Outcome::Unknown(why), Some(module));
            }
        }
        (missing(tree.name(lookup.nearest), next, true), nearest)
    }

    /// What a dotted path in a string names. A name below a name is not looked at: that may be anything's attribute.
    fn reference(&self, names: Names, file: FileId, path: &str) -> Reference {
        const EXTERNAL: Reference = Reference { door: None, outcome: Outcome::External };
        let tree = &self.input.tree;
        let first = module_path::first(path);
        if !tree.has_top(first) || self.input.third_party.iter().any(|name| name == first) {
            return EXTERNAL;
        }
        let lookup = match tree.absolute(tree.place(file), path) {
            Some(lookup) if self.is_own(first, lookup.first) => lookup,
            _ => return EXTERNAL,
        };
        let rest = path[lookup.matched as usize..].trim_start_matches('.');
        let name = module_path::first(rest);
        let above = tree.name(lookup.nearest);
        let importer = self.module_of_file[file.index()];
        let is_opaque = || (self.input.is_opaque)(&module_path::join(&above, name), "");
        let outcome = match self.module_of_node[lookup.nearest.index()] {
            Some(_) if lookup.found => Outcome::Module,
            None if lookup.found || tree.node(lookup.nearest).compiled => Outcome::Bare,
            _ if is_opaque() => Outcome::Bare,
            None => missing(above, name, true),
            // A patcher makes a name that shadows a builtin.
            Some(_) if is_builtin(rest) => Outcome::Name,
            Some(module) => match names.binds_for(importer, module, name) {
                Binds::Yes => Outcome::Name,
                Binds::Unknown(why) => Outcome::Unknown(why),
                Binds::No => missing(above, name, names.modules[module.index()].package && rest != name),
            },
        };
        let outcome = or_placed(names, importer, path, outcome);
        Reference { door: self.nearest_module(lookup.nearest), outcome }
    }

    fn nearest_module(&self, mut node: NodeId) -> Option<ModuleId> {
        loop {
            if let Some(module) = self.module_of_node[node.index()] {
                return Some(module);
            }
            node = self.input.tree.node(node).parent?;
        }
    }

    /// The absolute written path with the imported name.
    fn target(&self, file: FileId, import: &Import, found: &Found) -> String {
        let tree = &self.input.tree;
        let mut target = if import.level == 0 {
            import.module.to_string()
        } else if matches!(found, Found::BeyondRoot) {
            format!("{}{}", ".".repeat(import.level as usize), import.module)
        } else {
            let base = tree
                .relative_base(tree.place(file), import.level)
                .map_or_else(String::new, |base| tree.name(base));
            if import.module.is_empty() { base } else { module_path::join(&base, &import.module) }
        };
        if let Some(name) = &import.name {
            if !target.is_empty() && !target.ends_with('.') {
                target.push('.');
            }
            target.push_str(name);
        }
        target
    }
}

fn missing(nearest: String, next: &str, module: bool) -> Outcome {
    Outcome::Missing(Box::new(Missing { path: module_path::join(&nearest, next), nearest, module }))
}

/// The outcome, unless what is missing on the way to `target` may be found in `sys.modules`.
fn or_placed(names: Names, importer: ModuleId, target: &str, outcome: Outcome) -> Outcome {
    match outcome {
        Outcome::Missing(_) if names.writes.places(target, Some(names.importer(importer))) => {
            Outcome::Unknown(Why::Placed)
        }
        outcome => outcome,
    }
}

/// Module-level wildcard imports of each module, in source order.
fn wildcards(finder: &Finder, found: &[Vec<Found>], modules: usize) -> Vec<Vec<Wild>> {
    let mut wildcards = vec![Vec::new(); modules];
    for file in finder.input.files {
        for (import, found) in finder.input.facts[file.id.index()].imports.iter().zip(&found[file.id.index()])
        {
            if !import.module_level || !import.kind.also.contains(Also::WILDCARD) {
                continue;
            }
            let module = match found {
                Found::At { lookup, .. } if lookup.found && finder.is_first_party(import, lookup.first) => {
                    finder.module_of_node[lookup.nearest.index()]
                }
                _ => None,
            };
            wildcards[finder.module_of_file[file.id.index()].index()]
                .push(module.map_or(Wild::Opaque, Wild::Module));
        }
    }
    wildcards
}
