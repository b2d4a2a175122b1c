//! Where the names in Rust texts lead: scopes, extern prelude, namespaces apart, globs and re-exports to a fixpoint.
//!
//! Follows rustc as far as names alone go; what needs types (methods, associated items) ends at the type. Knows neither
//! registry nor graph: modules are indices into the list it is given.

mod imports;
mod paths;

use std::sync::OnceLock;

use compact_str::CompactString;
use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::modules::Module;
use super::text::{Form, Item, Mention, Sort, Spaces, Visibility};

/// A target as resolution sees it.
#[derive(Debug)]
pub struct Crate {
    /// Its root module.
    pub root: u32,
    /// Its package's edition.
    pub edition: u16,
    /// What its code may name besides its own: the name, and the root module where that is a library of the tree.
    pub externs: FxHashMap<String, Option<u32>>,
}

/// What a path names.
#[derive(Clone, Debug, PartialEq)]
pub struct Named {
    /// The absolute path as written, from the crate's name on, up to the item: what is relative to a type is cut off.
    pub target: String,
    /// The deepest module of the tree on the written way.
    pub door: Option<u32>,
    /// What became of it.
    pub outcome: Outcome,
    /// Where it is defined, re-exports followed.
    pub definition: Option<Definition>,
    /// Where it is defined under another cfg, or by another glob.
    pub others: Vec<Definition>,
    /// The modules on the way that re-export it, outermost first.
    pub through: Vec<u32>,
    /// How many of the path's last segments are relative to a type.
    pub relative: u32,
    /// Of a use leaf, the namespaces in which it names something.
    pub spaces: Spaces,
    /// Whether a name on the written path may not be named from there, as far as `pub` and its absence tell.
    pub hidden: bool,
}

/// Whether what is named is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It lies outside the tree.
    External,
    /// A module.
    Module,
    /// A name in a module; all of its names for a glob.
    Name,
    /// There is no such module (true) or name (false) in the door.
    Missing(bool),
    /// A macro may make it.
    Unknown,
}

/// Where something is defined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Definition {
    /// A module.
    Module(u32),
    /// An item of a module.
    Item {
        /// The module.
        module: u32,
        /// Its name there.
        name: CompactString,
        /// What it is.
        sort: Sort,
    },
    /// Outside the tree: its path.
    External(String),
}

/// The names of one module.
#[derive(Debug, Default)]
pub struct Exports {
    /// Those it declares or imports by name: where each is defined, and the modules that re-export it on the way.
    pub names: FxHashMap<CompactString, (Definition, Vec<u32>)>,
    /// The modules whose names it takes with `*`.
    pub globs: Vec<u32>,
    /// Whether it may hold names that no text shows: of macros, of files that are not there, of what lies outside.
    pub is_open: bool,
}

/// What a name is bound to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Def {
    Module(u32),
    /// Index into [`Resolver::items`].
    Item(u32),
    /// A crate outside the tree.
    Crate,
    /// What that leaf names, outside the tree.
    External(u32),
    /// Declared in a function: no module's.
    Local,
}

/// How a name came to be bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Via {
    /// It is declared there.
    Own,
    /// By a use leaf.
    Leaf(u32),
    /// By a glob, the leaf.
    Glob(u32),
    /// By being a dependency.
    Prelude,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Found {
    def: Def,
    via: Via,
}

/// What a search for a name says.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Look {
    /// Never empty; more than one where cfgs or globs offer several.
    Found(Vec<Found>),
    No,
    /// Imports that are not resolved yet may bring it.
    Wait,
}

/// A name as it is searched for.
#[derive(Clone, Copy)]
struct Search<'n> {
    name: &'n str,
    space: Spaces,
    /// The module that asks.
    from: u32,
    /// The leaf that asks, which does not find itself.
    by: Option<u32>,
    /// Whether imports that are not resolved yet are waited for.
    strict: bool,
}

/// From where something may be named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    Everywhere,
    /// From that module and below.
    Within(u32),
}

#[derive(Clone, Copy, Debug)]
enum Bound {
    Def(Def),
    Leaf(u32),
}

#[derive(Clone, Copy, Debug)]
struct Bind {
    spaces: Spaces,
    bound: Bound,
    reach: Reach,
    test: bool,
}

/// Where names are bound: a module, or a block of a function.
#[derive(Debug, Default)]
struct Scope {
    /// The module it is or lies in.
    module: u32,
    /// Of a block, the scope around it.
    around: Option<u32>,
    names: FxHashMap<CompactString, Vec<Bind>>,
    globs: Vec<u32>,
    /// Whether a macro may declare more.
    by_macro: bool,
}

struct Entry<'r> {
    module: u32,
    item: &'r Item,
}

/// A use leaf or an `extern crate`.
struct Leaf<'r> {
    scope: u32,
    mention: &'r Mention,
    reach: Reach,
    only_types: bool,
    /// What it names, in each namespace.
    found: [Vec<Def>; 3],
    /// The modules or types whose name it asks for; of a glob those whose names it brings.
    bases: Vec<Def>,
}

const EACH: [Spaces; 3] = [Spaces::TYPE, Spaces::VALUE, Spaces::MACRO];

fn index(space: Spaces) -> usize {
    EACH.iter().position(|each| *each == space).unwrap_or(0)
}

/// Under how many cfgs, or by how many globs, one name is followed.
const MAX_WAYS: usize = 8;

/// A chain of re-exports longer than this is taken for a cycle.
const MAX_HOPS: usize = 32;

/// In how many modules one name is looked for, glob after glob: a bound on time and on the depth of the search.
const MAX_REACH: usize = 512;

/// Resolves names over all targets of a tree.
pub struct Resolver<'r> {
    modules: &'r [Module<'r>],
    crates: &'r [Crate],
    scopes: Vec<Scope>,
    /// The scope of each block: by module, piece and block.
    blocks: FxHashMap<(u32, u32, u32), u32>,
    items: Vec<Entry<'r>>,
    leaves: Vec<Leaf<'r>>,
    /// The leaf of a mention, by its address in the texts and its module.
    leaf_of: FxHashMap<(u32, u32, u32), u32>,
    /// The leaves of each `extern crate` at the root of a target, by target and name.
    extern_crates: FxHashMap<(u32, CompactString), Vec<u32>>,
    /// `macro_rules!` that are not exported, by target and name.
    macros: FxHashMap<(u32, CompactString), Vec<u32>>,
    targets: Vec<OnceLock<String>>,
    through_paths: Vec<OnceLock<Vec<u32>>>,
}

impl<'r> Resolver<'r> {
    /// Takes in all that is declared, and resolves all imports.
    pub fn new(modules: &'r [Module<'r>], crates: &'r [Crate]) -> Self {
        let mut resolver = Self {
            modules,
            crates,
            scopes: Vec::with_capacity(modules.len()),
            blocks: FxHashMap::default(),
            items: Vec::new(),
            leaves: Vec::new(),
            leaf_of: FxHashMap::default(),
            extern_crates: FxHashMap::default(),
            macros: FxHashMap::default(),
            targets: Vec::new(),
            through_paths: Vec::new(),
        };
        for at in 0..modules.len() as u32 {
            resolver.scopes.push(Scope { module: at, ..Scope::default() });
        }
        for at in 0..modules.len() as u32 {
            resolver.declare(at);
        }
        resolver.settle();
        resolver.targets = resolver.leaves.iter().map(|_| OnceLock::new()).collect();
        resolver.through_paths = resolver.leaves.iter().map(|_| OnceLock::new()).collect();
        resolver
    }

    /// What each mention of a module names, by piece and mention; None for what is no import: a name of its own module,
    /// one that an import of its own binds, or one that is nobody's here.
    pub fn named(&self, module: u32) -> Vec<(u32, u32, Named)> {
        let mut all = Vec::new();
        for (p, piece) in self.modules[module as usize].pieces.iter().enumerate() {
            let mentions = &piece.text.parts[piece.part as usize].mentions;
            for (m, mention) in mentions.iter().enumerate() {
                let scope = self.scope_at(module, p as u32, mention.block);
                let leaf = self.leaf_of.get(&(module, p as u32, m as u32)).copied();
                if let Some(mut named) = self.name(scope, mention, leaf) {
                    named.spaces = leaf.map_or(Spaces::empty(), |leaf| self.spaces_of(leaf));
                    all.push((p as u32, m as u32, named));
                }
            }
        }
        all
    }

    fn spaces_of(&self, leaf: u32) -> Spaces {
        let found = EACH.into_iter().zip(&self.leaves[leaf as usize].found);
        found.filter(|(_, found)| !found.is_empty()).map(|(space, _)| space).collect()
    }

    /// What each module shows: its own names and those it imports by name, and from where it takes all.
    pub fn exports(&self) -> Vec<Exports> {
        let modules: Vec<u32> = (0..self.modules.len() as u32).collect();
        modules.par_iter().map(|module| self.exports_of(*module)).collect()
    }

    fn exports_of(&self, module: u32) -> Exports {
        let scope = &self.scopes[module as usize];
        let mut exports = Exports { is_open: self.is_open(module), ..Exports::default() };
        for name in scope.names.keys() {
            // Types before values before macros.
            let mut through = Vec::new();
            let def = EACH.iter().find_map(|space| {
                through.clear();
                self.follow(module, name, *space, &mut through, 0)
            });
            if let Some(def) = def {
                exports.names.insert(name.clone(), (self.definition_of(def), through));
            }
        }
        for glob in &scope.globs {
            let leaf = &self.leaves[*glob as usize];
            exports.is_open |= leaf.bases.is_empty();
            for base in &leaf.bases {
                match *base {
                    Def::Module(base) => exports.globs.push(base),
                    Def::Item(item) => {
                        let definition = self.definition_of(Def::Item(item));
                        for variant in &self.items[item as usize].item.variants {
                            let free = exports.names.entry(variant.clone());
                            free.or_insert_with(|| (definition.clone(), Vec::new()));
                        }
                    }
                    Def::Crate | Def::External(_) | Def::Local => exports.is_open = true,
                }
            }
        }
        exports
    }

    /// Whether a module may hold names that no text shows: macros declare some, or files of it are not there.
    pub fn is_open(&self, module: u32) -> bool {
        self.scopes[module as usize].by_macro || self.modules[module as usize].incomplete
    }

    fn definition_of(&self, def: Def) -> Definition {
        match def {
            Def::Module(module) => Definition::Module(module),
            Def::Item(item) => {
                let Entry { module, item } = &self.items[item as usize];
                Definition::Item { module: *module, name: item.name.clone(), sort: item.sort }
            }
            Def::External(leaf) => Definition::External(self.target_of(leaf, 0)),
            Def::Crate | Def::Local => Definition::External(String::new()),
        }
    }

    fn declare(&mut self, at: u32) {
        let module = &self.modules[at as usize];
        for (name, child) in &module.children {
            let declared = &self.modules[*child as usize];
            let bind = Bind {
                spaces: Spaces::TYPE,
                bound: Bound::Def(Def::Module(*child)),
                reach: self.reach(at, &declared.visibility),
                test: declared.test,
            };
            self.bind(at, name, bind);
        }
        for (p, piece) in module.pieces.iter().enumerate() {
            let part = &piece.text.parts[piece.part as usize];
            self.scopes[at as usize].by_macro |= part.by_macro;
            for (b, block) in part.blocks.iter().enumerate() {
                let scope = self.scopes.len() as u32;
                let around = self.scope_at(at, p as u32, block.parent);
                self.scopes.push(Scope { module: at, around: Some(around), ..Scope::default() });
                self.blocks.insert((at, p as u32, b as u32), scope);
            }
            for item in &part.items {
                self.declare_item(at, p as u32, item);
            }
            for (m, mention) in part.mentions.iter().enumerate() {
                let scope = self.scope_at(at, p as u32, mention.block);
                self.declare_import(scope, at, (p as u32, m as u32), mention);
            }
        }
    }

    fn declare_item(&mut self, module: u32, piece: u32, item: &'r Item) {
        let entry = self.items.len() as u32;
        self.items.push(Entry { module, item });
        let target = self.modules[module as usize].target;
        let mut bind = Bind {
            spaces: item.spaces,
            bound: Bound::Def(Def::Item(entry)),
            reach: self.reach(module, &item.visibility),
            test: item.test,
        };
        if item.exported {
            bind.reach = Reach::Everywhere;
            self.bind(self.crates[target as usize].root, &item.name, bind);
        }
        if let Some(block) = item.block {
            bind.bound = Bound::Def(Def::Local);
            let scope = self.scope_at(module, piece, Some(block));
            self.bind(scope, &item.name, bind);
        } else if item.sort == Sort::Macro && item.visibility == Visibility::Private {
            self.macros.entry((target, item.name.clone())).or_default().push(entry);
        } else {
            self.bind(module, &item.name, bind);
        }
    }

    fn declare_import(&mut self, scope: u32, module: u32, place: (u32, u32), mention: &'r Mention) {
        let (visibility, only_types) = match &mention.form {
            Form::Use { visibility, only_types } => (visibility, *only_types),
            Form::ExternCrate { visibility, .. } => (visibility, true),
            Form::Path | Form::Macro => return,
        };
        let at = self.leaves.len() as u32;
        let reach = self.reach(module, visibility);
        self.leaves.push(Leaf {
            scope,
            mention,
            reach,
            only_types,
            found: Default::default(),
            bases: Vec::new(),
        });
        self.leaf_of.insert((module, place.0, place.1), at);
        let import = &mention.import;
        let name = import.alias.as_ref().or(import.name.as_ref());
        match name.map(CompactString::as_str) {
            Some("*") => self.scopes[scope as usize].globs.push(at),
            Some("_") | None => {}
            Some(name) => {
                let spaces = if only_types { Spaces::TYPE } else { Spaces::all() };
                let bind = Bind { spaces, bound: Bound::Leaf(at), reach, test: mention.test };
                self.bind(scope, name, bind);
                if matches!(mention.form, Form::ExternCrate { .. }) && scope == self.root_of(module) {
                    let target = self.modules[module as usize].target;
                    self.extern_crates.entry((target, name.into())).or_default().push(at);
                }
            }
        }
    }

    fn bind(&mut self, scope: u32, name: &str, bind: Bind) {
        self.scopes[scope as usize].names.entry(name.into()).or_default().push(bind);
    }

    fn scope_at(&self, module: u32, piece: u32, block: Option<u32>) -> u32 {
        block.and_then(|block| self.blocks.get(&(module, piece, block)).copied()).unwrap_or(module)
    }

    fn reach(&self, module: u32, visibility: &Visibility) -> Reach {
        let within = match visibility {
            Visibility::Public => return Reach::Everywhere,
            Visibility::Private => module,
            Visibility::Within(path) => self.ancestor(module, path),
        };
        Reach::Within(within)
    }

    /// What `crate`, `super`, `in a::b` of a visibility means; in doubt the whole crate.
    fn ancestor(&self, module: u32, path: &str) -> u32 {
        let root = self.root_of(module);
        let mut at = root;
        for (n, segment) in path.split("::").enumerate() {
            let next = match segment {
                "crate" => Some(root),
                "self" => Some(module),
                "super" if n == 0 => self.modules[module as usize].parent,
                "super" => self.modules[at as usize].parent,
                name => self.modules[at as usize]
                    .children
                    .iter()
                    .find(|(child, _)| child == name)
                    .map(|(_, child)| *child),
            };
            match next {
                Some(next) => at = next,
                None => return root,
            }
        }
        at
    }

    fn root_of(&self, module: u32) -> u32 {
        self.crates[self.modules[module as usize].target as usize].root
    }

    fn crate_of(&self, module: u32) -> &Crate {
        &self.crates[self.modules[module as usize].target as usize]
    }

    fn reaches(&self, reach: Reach, from: u32) -> bool {
        match reach {
            Reach::Everywhere => true,
            Reach::Within(module) => self.lies_in(from, module),
        }
    }

    fn lies_in(&self, mut at: u32, module: u32) -> bool {
        while at != module {
            match self.modules[at as usize].parent {
                Some(parent) => at = parent,
                None => return false,
            }
        }
        true
    }
}

#[cfg(test)]
mod tests;
