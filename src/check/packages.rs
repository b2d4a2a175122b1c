//! The top-level packages that numbers are told by.

use rustc_hash::FxHashMap;

use crate::graph::model::{Graph, Module, ModuleId};
use crate::module_path;

/// Top-level packages of all modules.
#[derive(Default)]
pub(super) struct Packages<'a> {
    pub(super) names: Vec<&'a str>,
    numbers: FxHashMap<&'a str, u32>,
    pub(super) of_module: Vec<u32>,
}

impl<'a> Packages<'a> {
    /// The name of a module's.
    pub(super) fn of(&self, module: ModuleId) -> &'a str {
        self.names[self.of_module[module.index()] as usize]
    }

    pub(super) fn number(&mut self, name: &'a str) -> u32 {
        *self.numbers.entry(name).or_insert_with(|| {
            self.names.push(name);
            self.names.len() as u32 - 1
        })
    }
}

pub(super) fn packages(graph: &Graph) -> Packages<'_> {
    let mut packages = Packages::default();
    for module in &graph.modules {
        let at = packages.number(package_of(module));
        packages.of_module.push(at);
    }
    packages
}

/// The top-level package of a module, in Rust the Cargo package.
pub(super) fn package_of(module: &Module) -> &str {
    module.cargo.as_deref().unwrap_or(module_path::top(&module.name))
}
