//! What Rust modules show: names declared or imported, globs followed when somebody asks.

use compact_str::CompactString;
use rustc_hash::{FxHashMap, FxHashSet};

use super::exports::Definition;
use super::model::ModuleId;
use crate::languages::rust::units::Prelude;

/// The names of all Rust modules, by [`super::model::Module::rust`].
#[derive(Debug, Default)]
pub struct RustNames {
    pub(super) modules: Vec<Shown>,
    /// What the code of each target calls other crates.
    pub(super) preludes: Vec<Prelude>,
}

/// The names of one module.
#[derive(Debug, Default)]
pub(super) struct Shown {
    /// What it declares or imports by name: where it is defined, and the modules that re-export it on the way.
    pub names: FxHashMap<CompactString, (Option<Definition>, Vec<ModuleId>)>,
    /// The modules whose names it takes with `*`: as Rust modules, and as modules of the graph.
    pub globs: Vec<u32>,
    /// The module itself.
    pub module: Option<ModuleId>,
    /// Whether it may hold names that no text shows.
    pub is_open: bool,
    /// The target that it belongs to.
    pub target: u32,
    /// Whether it stands under a cfg other than that of tests.
    pub conditional: bool,
}

impl RustNames {
    /// Where a name of a module is defined, and the modules that re-export it on the way; None where it is not there.
    pub fn find(&self, module: u32, name: &str) -> Option<(Option<&Definition>, Vec<ModuleId>)> {
        let mut seen = FxHashSet::default();
        let mut open = vec![(module, Vec::new())];
        // The nearest globs first.
        let mut at = 0;
        while at < open.len() {
            let (module, through) = open[at].clone();
            at += 1;
            if !seen.insert(module) {
                continue;
            }
            let shown = self.modules.get(module as usize)?;
            if let Some((definition, more)) = shown.names.get(name) {
                let through = through.into_iter().chain(more.iter().copied()).collect();
                return Some((definition.as_ref(), through));
            }
            for glob in &shown.globs {
                open.push((*glob, through.iter().copied().chain(shown.module).collect()));
            }
        }
        None
    }

    /// What the code of a module calls other crates.
    pub fn prelude(&self, module: u32) -> Option<&Prelude> {
        self.preludes.get(self.modules.get(module as usize)?.target as usize)
    }

    /// Whether a module stands under a cfg other than that of tests.
    pub fn is_conditional(&self, module: u32) -> bool {
        self.modules.get(module as usize).is_some_and(|shown| shown.conditional)
    }

    /// The module of the graph that is there for production, where there is one: what tests alone have of it is another.
    pub fn module(&self, module: u32) -> Option<ModuleId> {
        self.modules.get(module as usize)?.module
    }

    /// Whether a module, or one whose names it takes with `*`, may hold names that no text shows.
    pub fn is_open(&self, module: u32) -> bool {
        let mut seen = FxHashSet::default();
        let mut open = vec![module];
        while let Some(module) = open.pop() {
            let Some(shown) = self.modules.get(module as usize) else { continue };
            if shown.is_open {
                return true;
            }
            if seen.insert(module) {
                open.extend(&shown.globs);
            }
        }
        false
    }
}
