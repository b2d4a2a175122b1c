//! Which names a module binds, and where the thing behind a name is defined, re-exports and cycles included.

use std::sync::Arc;

use compact_str::CompactString;
use rustc_hash::FxHashSet;

use super::model::{Graph, Module, ModuleId, Outcome, Row, Why, Wild};
use super::rust::RustNames;
use super::writes::{Importer, Writes};
use crate::facts::{Also, Binding, Bound, Certainty, Facts};
use crate::languages::python::resolve::{NodeId, Tree};
use crate::module_path;
use crate::source::FileId;

/// Whether a module binds a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Binds {
    /// It does, or may be taken to.
    Yes,
    /// It does not.
    No,
    /// It cannot be told.
    Unknown(Why),
}

/// Names every module has, sorted.
pub const IMPLICIT: [&str; 12] = [
    "__annotations__",
    "__builtins__",
    "__cached__",
    "__class__",
    "__dict__",
    "__doc__",
    "__file__",
    "__loader__",
    "__name__",
    "__package__",
    "__path__",
    "__spec__",
];

/// What is needed to look names up; a view of the graph that also serves while it is being built.
#[derive(Clone, Copy)]
pub struct Names<'a> {
    pub(super) modules: &'a [Module],
    pub(super) facts: &'a [Arc<Facts>],
    pub(super) wildcards: &'a [Vec<Wild>],
    pub(super) tree: &'a Tree,
    pub(super) module_of_node: &'a [Option<ModuleId>],
    pub(super) writes: &'a Writes,
    pub(super) rust: &'a RustNames,
}

/// Who asks for a name.
#[derive(Clone, Copy, Default)]
struct Asker {
    importer: Option<Importer>,
    /// The file whose bindings are no answer.
    apart_from: Option<FileId>,
}

impl<'a> Names<'a> {
    /// Whether `module` binds `name`, wildcard imports and writes from elsewhere followed; submodules are not names.
    pub fn binds(self, module: ModuleId, name: &str) -> Binds {
        self.binds_within(module, name, Asker::default(), &mut FxHashSet::default())
    }

    /// The same for an importer, for whom more writes may count.
    pub(super) fn binds_for(self, importer: ModuleId, module: ModuleId, name: &str) -> Binds {
        let asker = Asker { importer: Some(self.importer(importer)), apart_from: None };
        self.binds_within(module, name, asker, &mut FxHashSet::default())
    }

    /// The same for a file of `module` itself, without what that file states to bind.
    pub(super) fn binds_apart_from(self, file: FileId, module: ModuleId, name: &str) -> Binds {
        let asker = Asker { importer: Some(self.importer(module)), apart_from: Some(file) };
        self.binds_within(module, name, asker, &mut FxHashSet::default())
    }

    /// A module as the one that asks what is written.
    pub(super) fn importer(self, module: ModuleId) -> Importer {
        (module, self.modules[module.index()].scope)
    }

    fn binds_within(
        self,
        id: ModuleId,
        name: &str,
        asker: Asker,
        visited: &mut FxHashSet<ModuleId>,
    ) -> Binds {
        let module = &self.modules[id.index()];
        if let Some(rust) = module.rust {
            return match self.rust.find(rust, name) {
                Some(_) => Binds::Yes,
                None if self.rust.is_open(rust) => Binds::Unknown(Why::Macro),
                None => Binds::No,
            };
        }
        if module.opaque || IMPLICIT.binary_search(&name).is_ok() {
            return Binds::Yes;
        }
        let files = || module.files().map(|file| &self.facts[file.index()]);
        let stating = module.files().filter(|file| Some(*file) != asker.apart_from);
        if stating.map(|file| &self.facts[file.index()]).any(|facts| !facts.bindings_of(name).is_empty())
            || files()
                .filter_map(|facts| facts.getattr.as_ref())
                .any(|g| g.names.iter().any(|known| known == name))
            || self.writes.binds(id, name, asker.importer)
        {
            return Binds::Yes;
        }
        if !visited.insert(id) {
            return Binds::No;
        }
        let mut verdict = Binds::No;
        for wild in &self.wildcards[id.index()] {
            let from = match wild {
                Wild::Module(from) if self.is_public(*from, name) => *from,
                Wild::Module(from) => {
                    if !self.all_is_complete(*from) {
                        verdict = Binds::Unknown(Why::Wildcard);
                    }
                    continue;
                }
                Wild::Opaque => {
                    verdict = Binds::Unknown(Why::Wildcard);
                    continue;
                }
            };
            match self.binds_within(from, name, asker, visited) {
                Binds::Yes => return Binds::Yes,
                Binds::Unknown(why) => verdict = Binds::Unknown(why),
                Binds::No if self.submodule(from, name).is_some() && self.lists(from, name) => {
                    return Binds::Yes;
                }
                Binds::No => {}
            }
        }
        if verdict != Binds::No {
            verdict
        } else if files().any(|facts| facts.getattr.is_some()) {
            Binds::Unknown(Why::Getattr)
        } else if files().any(|facts| facts.open.is_some() || !facts.bindings_of("__path__").is_empty()) {
            // A module that sets its `__path__` is a package, wherever that leads.
            Binds::Unknown(Why::Open)
        } else if self.writes.may_bind(id, asker.importer) {
            Binds::Unknown(Why::Written)
        } else if module.unparsed {
            Binds::Unknown(Why::Unparsed)
        } else {
            Binds::No
        }
    }

    /// Whether `from module import *` takes that name, if the module binds it.
    pub fn is_public(self, module: ModuleId, name: &str) -> bool {
        match self.all(module) {
            Some(all) => all.names.iter().any(|listed| listed == name) || !all.complete,
            None => !name.starts_with('_'),
        }
    }

    /// The module below a package, by its own name.
    pub fn submodule(self, module: ModuleId, name: &str) -> Option<ModuleId> {
        let parent = &self.modules[module.index()];
        if let Some(rust) = parent.rust {
            let Some((Some(Definition::Module(below)), _)) = self.rust.find(rust, name) else { return None };
            let lies_there = module_path::parent(&self.modules[below.index()].name) == Some(&parent.name);
            return lies_there.then_some(*below);
        }
        self.module_of_node[self.tree.child(parent.node?, name)?.index()]
    }

    /// The modules that a row's edges lead to: its door, and for a wildcard the submodules that it loads.
    pub fn ends(self, row: &Row) -> impl Iterator<Item = ModuleId> + use<> {
        let import = &self.facts[row.file.index()].imports[row.import as usize];
        let door = row.leads_to();
        let wild = door.filter(|_| row.resolved.is_none() && import.kind.also.contains(Also::WILDCARD));
        let taken = wild.map_or_else(Vec::new, |door| self.submodules_listed(door));
        let others = row.resolved.as_ref().map_or_else(Vec::new, |resolved| resolved.others.clone());
        let importer = row.importer;
        door.into_iter().chain(others).chain(taken).filter(move |end| *end != importer)
    }

    /// The submodules that `__all__` lists and the module does not bind: `from module import *` loads them.
    fn submodules_listed(self, module: ModuleId) -> Vec<ModuleId> {
        let facts = &self.facts[self.modules[module.index()].file.index()];
        let listed = facts.all.iter().flat_map(|all| &all.names);
        let unbound = listed.filter(|name| facts.bindings_of(name).is_empty());
        unbound.filter_map(|name| self.submodule(module, name)).collect()
    }

    fn all(self, module: ModuleId) -> Option<&'a crate::facts::All> {
        self.facts[self.modules[module.index()].file.index()].all.as_ref()
    }

    fn lists(self, module: ModuleId, name: &str) -> bool {
        self.all(module).is_some_and(|all| all.names.iter().any(|listed| listed == name))
    }

    fn all_is_complete(self, module: ModuleId) -> bool {
        self.all(module).is_none_or(|all| all.complete)
    }
}

/// Where the thing behind a name is defined.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Definition {
    /// A name bound by something else than an import.
    Symbol {
        /// The module that defines it.
        module: ModuleId,
        /// Its name there.
        name: CompactString,
        /// Whether it is a class or function; else a value.
        solid: bool,
    },
    /// A module.
    Module(ModuleId),
    /// Outside the project: its absolute path.
    External(CompactString),
}

impl Definition {
    /// The module that holds the definition, if it lies in the project.
    pub fn module(&self) -> Option<ModuleId> {
        match self {
            Self::Symbol { module, .. } | Self::Module(module) => Some(*module),
            Self::External(_) => None,
        }
    }
}

/// One search for a definition.
#[derive(Default)]
struct Walk {
    /// The names being followed, outermost first: one that comes again is a cycle.
    open: Vec<(ModuleId, CompactString)>,
    /// Those that led nowhere: the ways through them may be more than anyone can follow.
    closed: FxHashSet<(ModuleId, CompactString)>,
    /// The modules on the way that was found, innermost first.
    trail: Vec<ModuleId>,
}

/// A chain of re-exports longer than this is taken for a cycle.
const MAX_HOPS: usize = 100;

impl Graph {
    /// The view that looks names up.
    pub fn names(&self) -> Names<'_> {
        Names {
            modules: &self.modules,
            facts: &self.facts,
            wildcards: &self.wildcards,
            tree: &self.tree,
            module_of_node: &self.module_of_node,
            writes: &self.writes,
            rust: &self.rust,
        }
    }

    /// What a row's import means in the end; None where that cannot be told.
    pub fn definition_of_row(&self, row: &Row) -> Option<Definition> {
        self.row_definition(row, &mut Walk::default())
    }

    /// Where `name` of `module` is defined; a submodule counts where nothing binds the name.
    pub fn definition(&self, module: ModuleId, name: &str) -> Option<Definition> {
        if let Some(rust) = self.module(module).rust {
            return self.rust.find(rust, name)?.0.cloned();
        }
        self.follow(module, name, &mut Walk::default())
    }

    /// The modules on the way from `name` of `module` to its definition, both ends included; empty if there is none.
    pub fn hops(&self, module: ModuleId, name: &str) -> Vec<ModuleId> {
        if let Some(rust) = self.module(module).rust {
            let found = self.rust.find(rust, name);
            return found.map_or_else(Vec::new, |(definition, through)| {
                let defining = definition.and_then(Definition::module);
                defining.into_iter().chain(through.into_iter().rev()).collect()
            });
        }
        let mut walk = Walk::default();
        self.follow(module, name, &mut walk);
        walk.trail.dedup();
        walk.trail
    }

    /// A definition's dotted path, `a.b.C` or `a.b`.
    pub fn definition_path(&self, definition: &Definition) -> String {
        match definition {
            Definition::Symbol { module, name, .. } => {
                let module = self.module(*module);
                module_path::join_as(module.language.separator(), &module.name, name)
            }
            Definition::Module(module) => self.module(*module).name.clone(),
            Definition::External(path) => path.to_string(),
        }
    }

    fn row_definition(&self, row: &Row, walk: &mut Walk) -> Option<Definition> {
        if let Some(resolved) = &row.resolved {
            return resolved.definition.clone();
        }
        let import = self.import(row);
        match (&row.outcome, row.door) {
            (Outcome::External, _) => Some(Definition::External(row.target.clone())),
            // As in CPython: what the package binds comes before its submodule of that name.
            (Outcome::Module | Outcome::Name, Some(door)) => match import.name.as_deref() {
                None | Some("*") => Some(Definition::Module(door)),
                Some(name) => {
                    let base = self.base_of(row, door, name);
                    match base {
                        Some(base) => self.follow(base, name, walk),
                        None => Some(Definition::Module(door)),
                    }
                }
            },
            _ => None,
        }
    }

    /// The module whose name `from … import name` asks for: the door itself, or the parent of a submodule door.
    fn base_of(&self, row: &Row, door: ModuleId, name: &str) -> Option<ModuleId> {
        if row.outcome == Outcome::Name {
            return Some(door);
        }
        let parent = self.tree.node(self.module(door).node?).parent?;
        let base = self.module_at(parent)?;
        (!self.facts_of(base).all(|facts| facts.bindings_of(name).is_empty())).then_some(base)
    }

    fn facts_of(&self, module: ModuleId) -> impl Iterator<Item = &Facts> {
        self.files_of(module).map(|file| &*self.facts[file.index()])
    }

    fn follow(&self, id: ModuleId, name: &str, walk: &mut Walk) -> Option<Definition> {
        if walk.open.len() >= MAX_HOPS || walk.open.iter().any(|(seen, n)| *seen == id && n == name) {
            return None;
        }
        let key = (id, CompactString::from(name));
        if walk.closed.contains(&key) {
            return None;
        }
        walk.open.push(key.clone());
        let found = self.follow_bindings(id, name, walk);
        walk.open.pop();
        if found.is_some() {
            walk.trail.push(id);
            // What led nowhere because this was still open may lead here from now on.
            walk.closed.clear();
        } else {
            walk.closed.insert(key);
        }
        found
    }

    fn follow_bindings(&self, id: ModuleId, name: &str, walk: &mut Walk) -> Option<Definition> {
        for file in self.files_of(id) {
            let mut bindings: Vec<&Binding> = self.facts[file.index()].bindings_of(name).iter().collect();
            bindings.sort_by_key(|binding| order_of_trust(binding));
            for binding in bindings {
                if let Some(found) = self.follow_binding(id, file, binding, walk) {
                    return Some(found);
                }
            }
        }
        let names = self.names();
        for wild in &self.wildcards[id.index()] {
            if let Wild::Module(from) = wild
                && names.is_public(*from, name)
                && names.binds(*from, name) == Binds::Yes
                && let Some(found) = self.follow(*from, name, walk)
            {
                return Some(found);
            }
        }
        names.submodule(id, name).map(Definition::Module)
    }

    fn follow_binding(
        &self,
        id: ModuleId,
        file: FileId,
        binding: &Binding,
        walk: &mut Walk,
    ) -> Option<Definition> {
        let own = |solid| Some(Definition::Symbol { module: id, name: binding.name.clone(), solid });
        match &binding.bound {
            Bound::Class | Bound::Function => own(true),
            Bound::Value => own(false),
            Bound::Import(import) => {
                let row = self.row(self.row_of(file, *import));
                let import = self.import(row);
                if import.name.is_none() && import.alias.is_none() && row.outcome != Outcome::External {
                    // `import a.b` binds `a`.
                    return self.first_component(row).map(Definition::Module);
                }
                self.row_definition(row, walk)
            }
            Bound::Alias(path) => self.follow_alias(id, path, walk).or_else(|| own(false)),
        }
    }

    /// `X = m.Y`: the thing itself, if every step on the way is a module or a definition of the project.
    fn follow_alias(&self, id: ModuleId, path: &str, walk: &mut Walk) -> Option<Definition> {
        let mut parts = path.split('.');
        let mut at = self.alias_start(id, parts.next()?, walk)?;
        for part in parts {
            at = match at {
                Step::Node(node) => {
                    let found = self.module_at(node).and_then(|module| self.follow(module, part, walk));
                    match found {
                        Some(Definition::Module(module)) => Step::Node(self.module(module).node?),
                        Some(other) => Step::End(other),
                        None => Step::Node(self.tree.child(node, part)?),
                    }
                }
                Step::End(Definition::External(path)) => {
                    Step::End(Definition::External(format!("{path}.{part}").into()))
                }
                Step::End(_) => return None,
            };
        }
        match at {
            Step::Node(node) => self.module_at(node).map(Definition::Module),
            Step::End(definition) => Some(definition),
        }
    }

    /// What the first name of a dotted path stands for; `import a.b` binds `a`, which may be a bare directory.
    fn alias_start(&self, id: ModuleId, name: &str, walk: &mut Walk) -> Option<Step> {
        for file in self.files_of(id) {
            for binding in self.facts[file.index()].bindings_of(name) {
                let Bound::Import(import) = binding.bound else { continue };
                let row = self.row(self.row_of(file, import));
                let import = self.import(row);
                if import.name.is_none() && import.alias.is_none() && row.outcome != Outcome::External {
                    return self.first_node(row).map(Step::Node);
                }
            }
        }
        Some(match self.follow(id, name, walk)? {
            Definition::Module(module) => Step::Node(self.module(module).node?),
            other => Step::End(other),
        })
    }

    fn first_component(&self, row: &Row) -> Option<ModuleId> {
        self.module_at(self.first_node(row)?)
    }

    /// The node of the first component of a row's path: what `import a.b` binds.
    pub fn first_node(&self, row: &Row) -> Option<NodeId> {
        let mut node = self.module(row.door?).node?;
        for _ in 0..row.target.matches('.').count() {
            node = self.tree.node(node).parent?;
        }
        Some(node)
    }
}

/// How far a dotted path has been followed.
enum Step {
    /// To a directory or module.
    Node(NodeId),
    /// To what is none.
    End(Definition),
}

/// The binding that holds once the module is loaded comes first: the last unconditional one, then what a `try` tries
/// first, then the first of the alternatives, then what only type checkers see.
fn order_of_trust(binding: &Binding) -> (Certainty, i64) {
    let offset = i64::from(binding.span.start);
    match binding.certainty {
        Certainty::Always => (Certainty::Always, -offset),
        other => (other, offset),
    }
}
