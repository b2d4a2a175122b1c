//! Rows and accesses by name and by definition: many entries over one project must not each read all of it.

use compact_str::CompactString;
use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::Context;
use crate::graph::exports::Definition;
use crate::graph::model::{ModuleId, RowId};
use crate::source::FileId;

/// Everything that takes a name from a module of the project.
pub struct Index {
    /// First-party wildcard imports.
    pub wildcards: Vec<RowId>,
    /// What accesses name, in source order.
    pub steps: Vec<Step>,
    rows: Lookup,
    accesses: Lookup,
}

/// One name of one module that an access uses.
pub struct Step {
    /// The file.
    pub file: FileId,
    /// Index into the file's [`crate::facts::Facts::accesses`].
    pub access: u32,
    /// The module whose name it uses.
    pub module: ModuleId,
    /// The name.
    pub name: CompactString,
    /// Where that name is defined.
    pub definition: Option<Definition>,
}

#[derive(Default)]
struct Lookup {
    by_name: FxHashMap<CompactString, Vec<u32>>,
    by_definition: FxHashMap<Definition, Vec<u32>>,
}

impl Index {
    pub(super) fn new(context: &Context) -> Self {
        let graph = context.graph;
        let (mut rows, mut wildcards) = (Lookup::default(), Vec::new());
        for id in graph.row_ids() {
            let row = graph.row(id);
            match graph.import(row).name.as_deref() {
                Some("*") if context.is_first_party(row) => wildcards.push(id),
                Some(name) if context.is_first_party(row) => rows.add(id.0, name, context.definition(id)),
                _ => {}
            }
        }
        let steps: Vec<Step> = graph
            .facts
            .par_iter()
            .enumerate()
            .flat_map_iter(|(at, _)| steps(context, FileId(at as u32)))
            .collect();
        let mut accesses = Lookup::default();
        for (at, step) in steps.iter().enumerate() {
            accesses.add(at as u32, &step.name, step.definition.as_ref());
        }
        Self { wildcards, steps, rows, accesses }
    }

    /// The imports of one of these names, or of what is one of these definitions, in source order.
    pub fn rows<'d>(
        &self,
        names: impl Iterator<Item = &'d str>,
        definitions: impl Iterator<Item = &'d Definition>,
    ) -> impl Iterator<Item = RowId> {
        self.rows.find(names, definitions).into_iter().map(RowId)
    }

    /// The accesses to one of these names, or to what is one of these definitions, in source order.
    pub fn accesses<'d>(
        &self,
        names: impl Iterator<Item = &'d str>,
        definitions: impl Iterator<Item = &'d Definition>,
    ) -> impl Iterator<Item = &Step> {
        self.accesses.find(names, definitions).into_iter().map(|at| &self.steps[at as usize])
    }
}

fn steps(context: &Context, file: FileId) -> Vec<Step> {
    let accesses = context.graph.facts[file.index()].accesses.iter().enumerate();
    let steps = accesses.flat_map(|(at, access)| {
        context.access_steps(file, access).into_iter().map(move |(module, name)| (at as u32, module, name))
    });
    steps
        .map(|(access, module, name)| {
            let definition = context.graph.definition(module, &name);
            Step { file, access, module, name: name.into(), definition }
        })
        .collect()
}

impl Lookup {
    fn add(&mut self, at: u32, name: &str, definition: Option<&Definition>) {
        match self.by_name.get_mut(name) {
            Some(known) => known.push(at),
            None => drop(self.by_name.insert(name.into(), vec![at])),
        }
        match definition {
            None | Some(Definition::External(_)) => {}
            Some(definition) => match self.by_definition.get_mut(definition) {
                Some(known) => known.push(at),
                None => drop(self.by_definition.insert(definition.clone(), vec![at])),
            },
        }
    }

    fn find<'d>(
        &self,
        names: impl Iterator<Item = &'d str>,
        definitions: impl Iterator<Item = &'d Definition>,
    ) -> Vec<u32> {
        let named = names.filter_map(|name| self.by_name.get(name));
        let defined = definitions.filter_map(|definition| self.by_definition.get(definition));
        let mut found: Vec<u32> = named.chain(defined).flatten().copied().collect();
        found.sort_unstable();
        found.dedup();
        found
    }
}
