//! Packages by name: what lies in what, and which two siblings an import is between. Every import belongs to one pair of
//! siblings, so that all levels together are no larger than the graph of modules.

use rustc_hash::FxHashMap;

use super::model::{Graph, ModuleId};
use crate::module_path;

/// Every name that is a module or leads to one, a parent before its children.
pub struct Packages<'a> {
    /// Their names.
    pub names: Vec<&'a str>,
    /// What each lies in.
    pub parent: Vec<Option<usize>>,
    /// How many lie above each.
    pub depth: Vec<u32>,
    /// By module, which it is.
    pub of_module: Vec<usize>,
}

impl<'a> Packages<'a> {
    /// All of a graph.
    pub fn new(graph: &'a Graph) -> Self {
        let mut packages =
            Self { names: Vec::new(), parent: Vec::new(), depth: Vec::new(), of_module: Vec::new() };
        let mut known: FxHashMap<&str, usize> = FxHashMap::default();
        for module in &graph.modules {
            let name = module.name.as_str();
            let mut above = None;
            for (depth, prefix) in module_path::prefixes(name).enumerate() {
                let at = *known.entry(prefix).or_insert(packages.names.len());
                if at == packages.names.len() {
                    packages.names.push(prefix);
                    packages.parent.push(above);
                    packages.depth.push(depth as u32);
                }
                above = Some(at);
            }
            packages.of_module.extend(above);
        }
        packages
    }

    /// The deepest package that holds both modules, and its children on the way to each; None if one holds the other.
    pub fn siblings(&self, importer: ModuleId, imported: ModuleId) -> Option<(usize, usize, usize)> {
        let (mut from, mut to) = (self.of_module[importer.index()], self.of_module[imported.index()]);
        let depth = self.depth[from].min(self.depth[to]);
        while self.depth[from] > depth {
            from = self.parent[from]?;
        }
        while self.depth[to] > depth {
            to = self.parent[to]?;
        }
        if from == to {
            return None;
        }
        while self.parent[from] != self.parent[to] {
            from = self.parent[from]?;
            to = self.parent[to]?;
        }
        Some((self.parent[from]?, from, to))
    }
}
