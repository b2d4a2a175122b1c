//! Which names a module has at this point of a start: what lies above the statement it stands at, and has run.

use rustc_hash::FxHashSet;

use super::machine::{Machine, State};
use crate::facts::{Also, Binding, Certainty};
use crate::graph::exports::IMPLICIT;
use crate::graph::model::{ModuleId, Outcome, Row};
use crate::graph::writes::Importer;

/// Whether a module has a name now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Has {
    Yes,
    No,
    /// It may make it up.
    Unknown,
}

impl Machine<'_, '_> {
    /// Whether `from module import name` in `importer` finds the name without loading a submodule.
    pub(super) fn has(&self, importer: ModuleId, module: ModuleId, name: &str) -> Has {
        let importer = Some((importer, self.world.graph().module(importer).scope));
        self.has_within(importer, module, name, self.stands_at(module), &mut FxHashSet::default())
    }

    /// The same of a module that stands at offset `now`; None = it is done.
    fn has_within(
        &self,
        importer: Option<Importer>,
        id: ModuleId,
        name: &str,
        now: Option<u32>,
        visited: &mut FxHashSet<ModuleId>,
    ) -> Has {
        let graph = self.world.graph();
        let module = graph.module(id);
        if module.opaque || IMPLICIT.binary_search(&name).is_ok() || self.is_stub_only(id) {
            return Has::Yes;
        }
        let facts = &graph.facts[module.file.index()];
        if facts.bindings_of(name).iter().any(|binding| self.has_run(id, binding, now)) {
            return Has::Yes;
        }
        if graph.names().submodule(id, name).is_some_and(|sub| self.state(sub) == State::Loaded) {
            return Has::Yes;
        }
        // Whoever writes it may have done so by now.
        if graph.writes.binds(id, name, importer) {
            return Has::Yes;
        }
        if !visited.insert(id) {
            return Has::No;
        }
        let mut verdict = Has::No;
        for at in graph.rows_of(module.file) {
            let row = &graph.rows[at];
            let import = graph.import(row);
            let runs = import.module_level
                && import.kind.also.contains(Also::WILDCARD)
                && !import.kind.holds("type-checking")
                && now.is_none_or(|now| import.statement.end <= now)
                && !self.is_skipped(id, import.statement.start);
            if runs {
                match self.has_by_wildcard(importer, row, name, visited) {
                    Has::Yes => return Has::Yes,
                    Has::Unknown => verdict = Has::Unknown,
                    Has::No => {}
                }
            }
        }
        if verdict == Has::Unknown {
            return verdict;
        }
        let stated = facts.getattr.as_ref();
        if stated.is_some_and(|stated| stated.names.iter().any(|known| known == name)) {
            let mut defined = facts.bindings_of("__getattr__").iter();
            return if defined.any(|binding| self.has_run(id, binding, now)) { Has::Yes } else { Has::No };
        }
        if stated.is_some()
            || facts.open.is_some()
            || !facts.bindings_of("__path__").is_empty()
            || graph.writes.may_bind(id, importer)
        {
            return Has::Unknown;
        }
        Has::No
    }

    fn has_by_wildcard(
        &self,
        importer: Option<Importer>,
        row: &Row,
        name: &str,
        visited: &mut FxHashSet<ModuleId>,
    ) -> Has {
        match (row.door, &row.outcome) {
            (Some(door), Outcome::Name | Outcome::Module) => {
                if !self.world.graph().names().is_public(door, name) {
                    return Has::No;
                }
                // It took what was there when it ran.
                let then = self.taken_at(row.importer, door).or_else(|| self.stands_at(door));
                self.has_within(importer, door, name, then, visited)
            }
            (_, Outcome::Missing(_) | Outcome::BeyondRoot) => Has::No,
            _ => Has::Unknown,
        }
    }

    /// Whether a binding has run by now, or may have.
    fn has_run(&self, id: ModuleId, binding: &Binding, now: Option<u32>) -> bool {
        binding.certainty != Certainty::TypeChecking
            && (binding.certainty == Certainty::Function || now.is_none_or(|now| binding.span.start < now))
            && !self.is_skipped(id, binding.span.start)
    }

    /// The line at which a module binds a name that it has not now: further down, or in what did not run.
    pub(super) fn binding_line(&self, id: ModuleId, name: &str) -> Option<u32> {
        let graph = self.world.graph();
        let facts = &graph.facts[graph.module(id).file.index()];
        let mut bindings = facts.bindings_of(name).iter();
        bindings.find(|binding| binding.certainty != Certainty::TypeChecking).map(|binding| binding.line)
    }

    /// A module without a source exists for type checkers; what stands behind it at run time is not in the tree.
    pub(super) fn is_stub_only(&self, id: ModuleId) -> bool {
        let graph = self.world.graph();
        let module = graph.module(id);
        module.node.is_some_and(|node| graph.tree.node(node).source.is_none())
    }
}
