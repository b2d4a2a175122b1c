//! What files bind outside of themselves: attributes of imported modules, and modules put into `sys.modules`.
//!
//! A write may run at any time, so what is written counts as bound always. What production writes counts for every
//! importer; what a scope writes counts for importers of that scope alone: a test that patches an attribute onto a
//! module makes no production import right.

use compact_str::CompactString;
use rustc_hash::FxHashMap;

use super::model::ModuleId;
use crate::module_path;

/// Everything that is written, by what it is written to.
#[derive(Debug)]
pub struct Writes {
    /// The index that stands for production; see [`Module::scope`](super::model::Module::scope).
    production: u16,
    modules: FxHashMap<ModuleId, Written>,
    placed: FxHashMap<CompactString, Vec<u16>>,
}

/// What is written to one module, by name the scopes of who does it.
#[derive(Debug, Default)]
struct Written {
    names: FxHashMap<CompactString, Vec<u16>>,
    /// Under names that are computed; or the module is replaced as a whole.
    computed: Vec<u16>,
}

impl Writes {
    pub(super) fn new(production: u16) -> Self {
        Self { production, modules: FxHashMap::default(), placed: FxHashMap::default() }
    }

    /// Notes that a file of that scope binds `name` in `module`; a name of None is computed.
    pub(super) fn bind(&mut self, module: ModuleId, name: Option<&CompactString>, scope: u16) {
        let written = self.modules.entry(module).or_default();
        match name {
            Some(name) => add(written.names.entry(name.clone()).or_default(), scope),
            None => add(&mut written.computed, scope),
        }
    }

    /// Notes that a file of that scope puts a module into `sys.modules` that the project does not hold.
    pub(super) fn place(&mut self, path: &CompactString, scope: u16) {
        add(self.placed.entry(path.clone()).or_default(), scope);
    }

    /// Whether `module` gets `name` from elsewhere, for an importer of that scope; None = of production.
    pub fn binds(&self, module: ModuleId, name: &str, scope: Option<u16>) -> bool {
        let scopes = self.modules.get(&module).and_then(|written| written.names.get(name));
        scopes.is_some_and(|scopes| self.counts(scopes, scope))
    }

    /// Whether `module` may get any name from elsewhere, for an importer of that scope; None = of production.
    pub fn may_bind(&self, module: ModuleId, scope: Option<u16>) -> bool {
        self.modules.get(&module).is_some_and(|written| self.counts(&written.computed, scope))
    }

    /// Whether a module that is put into `sys.modules` lies on the way along `path`, for an importer of that scope.
    pub(super) fn places(&self, path: &str, scope: u16) -> bool {
        let counts =
            |path: &str| self.placed.get(path).is_some_and(|scopes| self.counts(scopes, Some(scope)));
        !self.placed.is_empty()
            && std::iter::successors(Some(path), |path| module_path::parent(path)).any(counts)
    }

    fn counts(&self, writers: &[u16], importer: Option<u16>) -> bool {
        writers.contains(&self.production) || importer.is_some_and(|scope| writers.contains(&scope))
    }
}

fn add(scopes: &mut Vec<u16>, scope: u16) {
    if !scopes.contains(&scope) {
        scopes.push(scope);
    }
}
