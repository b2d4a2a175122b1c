//! Which modules the writes of all files go to, and for whom each counts.

use super::{Finder, Found};
use crate::facts::Write;
use crate::graph::model::{Module, ModuleId};
use crate::graph::writes::{Reach, Writes};
use crate::source::FileId;

/// What every file writes to modules of the project.
pub(super) fn writes(finder: &Finder, found: &[Vec<Found>], modules: &[Module]) -> Writes {
    let input = finder.input;
    let mut imported = vec![false; modules.len()];
    for found in found.iter().flatten() {
        if let Found::At { lookup, sub } = found
            && let Some(module) = finder.module_of_node[sub.unwrap_or(lookup.nearest).index()]
        {
            imported[module.index()] = true;
        }
    }
    let mut writes = Writes::default();
    for file in input.files {
        let facts = &input.facts[file.id.index()];
        let writer = finder.module_of_file[file.id.index()];
        let module = &modules[writer.index()];
        // A package comes with whatever lies in it, and pytest loads a `conftest.py` before the tests it is there for.
        let with_others =
            imported[writer.index()] || module.package || file.path.file_name() == "conftest.py";
        let reach = match module.scope {
            scope if scope == input.production => Reach::All,
            scope if with_others => Reach::Scope(scope),
            _ => Reach::Own(writer),
        };
        for write in &facts.writes {
            if let Some(module) = finder.written(file.id, &found[file.id.index()], write) {
                writes.bind(module, write.name.as_ref(), reach);
            }
        }
        for path in &facts.placed {
            let lookup = input.tree.absolute(input.tree.place(file.id), path).filter(|lookup| lookup.found);
            match lookup.and_then(|lookup| finder.module_of_node[lookup.nearest.index()]) {
                Some(module) => writes.bind(module, None, reach),
                None => writes.place(path, reach),
            }
        }
    }
    writes
}

impl Finder<'_> {
    /// The module that a write goes to, if it is one of the project.
    fn written(&self, file: FileId, found: &[Found], write: &Write) -> Option<ModuleId> {
        let tree = &self.input.tree;
        let Some(at) = write.import else {
            let lookup = tree.absolute(tree.place(file), &write.module).filter(|lookup| lookup.found)?;
            return self.module_of_node[lookup.nearest.index()];
        };
        let import = &self.input.facts[file.index()].imports[at as usize];
        let Found::At { lookup, sub } = &found[at as usize] else { return None };
        if !self.is_first_party(import, lookup.first) {
            return None;
        }
        let start = match (&import.name, &import.alias) {
            // `import a.b` binds `a`.
            (None, None) => lookup.first,
            (None, Some(_)) if lookup.found => lookup.nearest,
            _ => (*sub)?,
        };
        let mut parts = write.module.split('.').filter(|part| !part.is_empty());
        let node = parts.try_fold(start, |node, part| tree.child(node, part))?;
        self.module_of_node[node.index()]
    }
}
