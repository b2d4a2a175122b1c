//! What files bind outside of themselves: attributes of imported modules, and modules put into `sys.modules`.
//!
//! A write may run at any time, so what is written counts as bound always, for whoever the writer runs with: what
//! production writes counts for every importer, what a scope writes for importers of that scope alone. A test that
//! patches a module makes no production import right; and what nothing loads but pytest, only its own.

use compact_str::CompactString;
use rustc_hash::{FxHashMap, FxHashSet};

use super::model::ModuleId;
use crate::module_path;

/// For whom a write counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Reach {
    /// For every importer.
    All,
    /// For importers of the scope of that index.
    Scope(u16),
    /// For the module that writes.
    Own(ModuleId),
}

/// Who asks, where not what every importer may count on is wanted: a module and its scope.
pub type Importer = (ModuleId, u16);

/// Everything that is written, by what it is written to.
#[derive(Debug, Default)]
pub struct Writes {
    modules: FxHashMap<ModuleId, Written>,
    placed: FxHashMap<CompactString, FxHashSet<Reach>>,
}

/// What is written to one module.
#[derive(Debug, Default)]
struct Written {
    names: FxHashMap<CompactString, FxHashSet<Reach>>,
    /// Under names that are computed; or the module is replaced as a whole.
    computed: FxHashSet<Reach>,
}

impl Writes {
    /// Whether `module` gets `name` from elsewhere.
    pub fn binds(&self, module: ModuleId, name: &str, importer: Option<Importer>) -> bool {
        let written = self.modules.get(&module).and_then(|written| written.names.get(name));
        written.is_some_and(|reaches| reach(reaches, importer))
    }

    /// Whether `module` may get any name from elsewhere.
    pub fn may_bind(&self, module: ModuleId, importer: Option<Importer>) -> bool {
        self.modules.get(&module).is_some_and(|written| reach(&written.computed, importer))
    }

    /// Whether a module that is put into `sys.modules` lies on the way along `path`.
    pub(super) fn places(&self, path: &str, importer: Option<Importer>) -> bool {
        let placed = |path: &str| self.placed.get(path).is_some_and(|reaches| reach(reaches, importer));
        !self.placed.is_empty()
            && std::iter::successors(Some(path), |path| module_path::parent(path)).any(placed)
    }

    /// Notes that `name` is bound in `module`; a name of None is computed.
    pub(super) fn bind(&mut self, module: ModuleId, name: Option<&CompactString>, for_whom: Reach) {
        let written = self.modules.entry(module).or_default();
        match name {
            Some(name) => written.names.entry(name.clone()).or_default().insert(for_whom),
            None => written.computed.insert(for_whom),
        };
    }

    /// Notes that a module is put into `sys.modules` that the project does not hold.
    pub(super) fn place(&mut self, path: &CompactString, for_whom: Reach) {
        self.placed.entry(path.clone()).or_default().insert(for_whom);
    }
}

fn reach(reaches: &FxHashSet<Reach>, importer: Option<Importer>) -> bool {
    let reaches_it =
        |(id, scope)| reaches.contains(&Reach::Scope(scope)) || reaches.contains(&Reach::Own(id));
    !reaches.is_empty() && (reaches.contains(&Reach::All) || importer.is_some_and(reaches_it))
}
