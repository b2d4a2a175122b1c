//! Rust modules and what they import, as resolved by the language, in terms of the graph.

use rustc_hash::FxHashMap;

use super::Input;
use crate::graph::exports::Definition;
use crate::graph::model::{Missing, Module, ModuleId, Outcome, Resolved, Row, Why};
use crate::graph::rust::{RustNames, Shown};
use crate::languages::rust::resolve;
use crate::languages::rust::text::Sort;
use crate::languages::rust::units::{Class, Unit, Units};
use crate::module_path;
use crate::source::{FileId, Language};

/// Rust as the graph takes it in; by default nothing.
#[derive(Default)]
pub struct Rust {
    /// Modules, names, and what each unit's imports name. The units' facts lie among those of all files.
    pub units: Units,
    /// The [`FileId`] of the first unit; the others follow.
    pub first: u32,
}

impl Rust {
    fn file(&self, at: usize) -> FileId {
        FileId(self.first + at as u32)
    }
}

/// The modules of all units: those of one module and class are one.
pub(super) fn modules(input: &Input) -> Vec<Module> {
    let rust = &input.rust;
    let mut modules: Vec<Module> = Vec::new();
    let mut known: FxHashMap<(u32, Class), usize> = FxHashMap::default();
    let mut units: Vec<(usize, &Unit)> = rust.units.units.iter().enumerate().collect();
    units.sort_by_key(|(_, unit)| unit.piece);
    for (at, unit) in units {
        let file = rust.file(at);
        let unparsed = !input.facts[file.index()].problems.is_empty();
        if let Some(known) = known.get(&(unit.module, unit.class)) {
            modules[*known].beside.push((file, unit.path.clone()));
            modules[*known].unparsed |= unparsed;
            continue;
        }
        known.insert((unit.module, unit.class), modules.len());
        modules.push(Module {
            name: rust.units.modules[unit.module as usize].name.clone(),
            file,
            beside: Vec::new(),
            node: None,
            rust: Some(unit.module),
            cargo: Some(rust.units.modules[unit.module as usize].package.clone()),
            path: unit.path.clone(),
            scope: unit
                .class
                .and_then(|class| (input.scope_named)(class))
                .unwrap_or_else(|| (input.scope_of)(&unit.path)),
            language: Language::Rust,
            package: false,
            unparsed,
            opaque: false,
        });
    }
    modules
}

/// Rust modules as modules of the graph: of several with one name the one that is there for production.
pub(super) struct Map {
    ids: Vec<Option<ModuleId>>,
    of_unit: Vec<ModuleId>,
}

impl Map {
    pub(super) fn new(input: &Input, of_file: &[ModuleId]) -> Self {
        let rust = &input.rust;
        let mut ids = vec![None; rust.units.modules.len()];
        let mut of_unit = Vec::with_capacity(rust.units.units.len());
        for (at, unit) in rust.units.units.iter().enumerate() {
            let id = of_file[rust.file(at).index()];
            of_unit.push(id);
            let known = &mut ids[unit.module as usize];
            if known.is_none() || unit.class.is_none() {
                *known = Some(id);
            }
        }
        Self { ids, of_unit }
    }

    fn id(&self, module: u32) -> Option<ModuleId> {
        self.ids[module as usize]
    }

    fn definition(&self, definition: &resolve::Definition) -> Option<Definition> {
        match definition {
            resolve::Definition::Module(module) => self.id(*module).map(Definition::Module),
            resolve::Definition::Item { module, name, sort } => {
                let solid = *sort != Sort::Value;
                Some(Definition::Symbol { module: self.id(*module)?, name: name.clone(), solid })
            }
            resolve::Definition::External(path) => Some(Definition::External(path.as_str().into())),
        }
    }

    fn through(&self, through: &[u32]) -> Vec<ModuleId> {
        through.iter().filter_map(|module| self.id(*module)).collect()
    }
}

/// The rows of one file, which is a unit.
pub(super) fn rows(input: &Input, map: &Map, modules: &[Module], file: FileId) -> Vec<Row> {
    let at = file.0 - input.rust.first;
    let unit = &input.rust.units.units[at as usize];
    let importer = map.of_unit[at as usize];
    let rows = unit.named.iter().enumerate();
    rows.map(|(import, named)| {
        let door = named.door.and_then(|door| map.id(door));
        let missing = |module: bool| {
            let nearest = door.map_or(String::new(), |door| modules[door.index()].name.clone());
            // Behind a re-export the written path does not begin with the door's name.
            let below = module_path::below(&named.target, &nearest).filter(|_| !nearest.is_empty());
            let path = below.map_or_else(
                || named.target.clone(),
                |below| format!("{nearest}::{}", module_path::first(below)),
            );
            Outcome::Missing(Box::new(Missing { path, nearest, module }))
        };
        let outcome = match named.outcome {
            resolve::Outcome::External => Outcome::External,
            resolve::Outcome::Module if door.is_some() => Outcome::Module,
            resolve::Outcome::Name if door.is_some() => Outcome::Name,
            // What `exclude` hides is there, and is not looked at.
            resolve::Outcome::Module | resolve::Outcome::Name => Outcome::Bare,
            resolve::Outcome::Missing(module) => missing(module),
            resolve::Outcome::Unknown => Outcome::Unknown(Why::Macro),
        };
        let definition = named.definition.as_ref().and_then(|definition| map.definition(definition));
        let others = named.others.iter().filter_map(|other| map.definition(other)?.module()).collect();
        Row {
            importer,
            file,
            import: import as u32,
            target: named.target.as_str().into(),
            door,
            outcome,
            resolved: Some(Box::new(Resolved {
                definition,
                others,
                through: map.through(&named.through),
                spaces: named.spaces,
                hidden: named.hidden,
            })),
        }
    })
    .collect()
}

/// What all modules show.
pub(super) fn names(input: &Input, map: &Map) -> RustNames {
    let modules = input.rust.units.exports.iter().enumerate().map(|(at, exports)| Shown {
        names: exports
            .names
            .iter()
            .map(|(name, (definition, through))| {
                (name.clone(), (map.definition(definition), map.through(through)))
            })
            .collect(),
        globs: exports.globs.clone(),
        module: map.id(at as u32),
        is_open: exports.is_open,
        target: input.rust.units.modules[at].target,
        conditional: input.rust.units.modules[at].conditional,
    });
    RustNames { modules: modules.collect(), preludes: input.rust.units.preludes.clone() }
}
