//! Import statements and attributes of modules: what they load, and what they find there.

use super::machine::{At, Event, Flow, Frame, Machine, State};
use super::names::Has;
use super::{Failure, Kind};
use crate::facts::load::Callee;
use crate::facts::{Also, Bound};
use crate::graph::model::{ModuleId, Outcome, Row, RowId, Why};
use crate::languages::python::resolve::NodeId;
use crate::module_path;

impl Machine<'_, '_> {
    /// Runs an import statement.
    pub(super) fn import(&mut self, frame: Frame, first: u32, count: u32, at: At) -> Flow {
        let flow = self.import_rows(frame, first, count, at);
        flow.map_err(|mut failure| {
            // What is missing on the way to a door is missed by the import itself.
            if failure.kind == Kind::NotShipped && failure.row.is_none() && failure.module == frame.module {
                failure.row = Some(self.world.graph().row_of(frame.file, first));
            }
            failure
        })
    }

    fn import_rows(&mut self, frame: Frame, first: u32, count: u32, at: At) -> Flow {
        let graph = self.world.graph();
        let ids: Vec<RowId> = (first..first + count).map(|at| graph.row_of(frame.file, at)).collect();
        for id in &ids {
            if self.row_seen.insert(*id) {
                self.start.rows.push(*id);
            }
        }
        let mut bases: Vec<(RowId, ModuleId)> = Vec::new();
        for id in &ids {
            let row = graph.row(*id);
            let name = graph.import(row).name.as_deref();
            match &row.outcome {
                Outcome::External => {}
                Outcome::BeyondRoot => {
                    return self.fail_at(
                        Kind::BeyondRoot,
                        row.target.to_string(),
                        frame.module,
                        at,
                        *id,
                        None,
                    );
                }
                Outcome::Missing(missing) if missing.module => {
                    self.load_door(row, row.door, at)?;
                    let path = missing.path.clone();
                    // Who writes `sys.modules` under names that are computed may have put it there.
                    if graph.facts[frame.file.index()].open.is_some() {
                        let failure = self.failure(Kind::MissingModule, path, frame.module, at);
                        self.undecided(Failure { row: Some(*id), ..failure });
                        continue;
                    }
                    return self.fail_at(Kind::MissingModule, path, frame.module, at, *id, None);
                }
                Outcome::Missing(_) | Outcome::Unknown(_) | Outcome::Name | Outcome::Module => {
                    let base = match name {
                        Some(name) => self.base_of(row, name),
                        None => Base::Module(row.door),
                    };
                    match base {
                        Base::Module(Some(base)) if name.is_some() => {
                            self.load_door(row, Some(base), at)?;
                            bases.push((*id, base));
                        }
                        Base::Module(None) if matches!(row.outcome, Outcome::Missing(_)) => {
                            let path = row.target.to_string();
                            return self.fail_at(Kind::MissingName, path, frame.module, at, *id, None);
                        }
                        Base::Module(door) => {
                            self.load_door(row, door, at)?;
                            self.load_first(row, at)?;
                            if name.is_none() {
                                self.meet(*id, door);
                                if let Outcome::Unknown(_) = row.outcome {
                                    let path = row.target.to_string();
                                    let failure = self.failure(Kind::MissingModule, path, frame.module, at);
                                    self.undecided(Failure { row: Some(*id), ..failure });
                                }
                            }
                        }
                        Base::Directory => self.load_door(row, row.door, at)?,
                    }
                }
                Outcome::Bare => self.load_door(row, row.door, at)?,
            }
        }
        self.take_names(frame, &bases, at)
    }

    /// What `from base import …` takes: first the submodules are loaded that nothing else binds, then every name is
    /// asked for.
    fn take_names(&mut self, frame: Frame, bases: &[(RowId, ModuleId)], at: At) -> Flow {
        let graph = self.world.graph();
        for (id, base) in bases {
            let row = graph.row(*id);
            let import = graph.import(row);
            let Some(name) = import.name.as_deref() else { continue };
            if import.kind.also.contains(Also::WILDCARD) {
                self.take_all(frame, row, *id, *base, at)?;
            } else if let Some(sub) = graph.names().submodule(*base, name) {
                match self.state(sub) {
                    State::New if self.has(frame.module, *base, name) == Has::No => {
                        self.load_door(row, Some(sub), at)?;
                    }
                    State::New => {}
                    State::Loading => self.ask(sub),
                    State::Loaded => self.log.push(Event::Found(sub)),
                }
            }
        }
        for (id, base) in bases {
            let row = graph.row(*id);
            let import = graph.import(row);
            let Some(name) = import.name.as_deref().filter(|name| *name != "*") else { continue };
            self.meet(*id, Some(*base));
            let submodule = graph.names().submodule(*base, name);
            let has = self.has(frame.module, *base, name);
            if has == Has::Unknown && row.outcome == Outcome::Unknown(Why::Getattr) {
                let failure = self.failure(Kind::MissingName, row.target.to_string(), frame.module, at);
                self.undecided(Failure { row: Some(*id), holder: Some(*base), ..failure });
                continue;
            }
            if has != Has::No
                || submodule.is_some_and(|sub| self.state(sub) != State::New || self.is_stub_only(sub))
            {
                continue;
            }
            if submodule.is_some_and(|sub| !self.world.is_present(sub)) {
                let path = module_path::join(&graph.module(*base).name, name);
                return self.fail_at(Kind::NotShipped, path, frame.module, at, *id, Some(*base));
            }
            if submodule.is_none() && self.has_directory(*base, name) {
                continue;
            }
            // What the project cannot tell is not held against it.
            if let Outcome::Unknown(_) = row.outcome {
                let failure = self.failure(Kind::MissingName, row.target.to_string(), frame.module, at);
                self.undecided(Failure { row: Some(*id), holder: Some(*base), ..failure });
                continue;
            }
            let kind = if self.state(*base) == State::Loading { Kind::NotYet } else { Kind::MissingName };
            return self.fail_at(kind, row.target.to_string(), frame.module, at, *id, Some(*base));
        }
        Ok(())
    }

    /// `from base import *`.
    fn take_all(&mut self, frame: Frame, row: &Row, id: RowId, base: ModuleId, at: At) -> Flow {
        let graph = self.world.graph();
        let kind = match self.stands_at(base) {
            Some(now) => {
                self.ask(base);
                self.taken.insert((frame.module, base), now);
                Kind::AttributeNotYet
            }
            None => Kind::UnboundInAll,
        };
        let Some(all) = &graph.facts[graph.module(base).file.index()].all else { return Ok(()) };
        if self.has(frame.module, base, "__all__") != Has::Yes {
            return Ok(());
        }
        for name in &all.names {
            if self.has(frame.module, base, name) != Has::No {
                continue;
            }
            if let Some(sub) = graph.names().submodule(base, name) {
                self.load_door(row, Some(sub), at)?;
            }
            if all.complete
                && self.has(frame.module, base, name) == Has::No
                && !self.has_directory(base, name)
            {
                let path = module_path::join(&graph.module(base).name, name);
                return self.fail_at(kind, path, frame.module, at, id, Some(base));
            }
        }
        Ok(())
    }

    /// Whether a directory or compiled module of that name lies in the package.
    fn has_directory(&self, base: ModuleId, name: &str) -> bool {
        let graph = self.world.graph();
        let child = graph.module(base).node.and_then(|node| graph.tree.child(node, name));
        child.filter(|child| graph.module_at(*child).is_none()).is_some_and(|child| {
            let node = graph.tree.node(child);
            node.compiled || node.populated && self.world.holds_something(child)
        })
    }

    /// Notes an import of a module that is still being loaded.
    fn meet(&mut self, id: RowId, module: Option<ModuleId>) {
        if let Some(module) = module.filter(|module| self.state(*module) == State::Loading) {
            self.ask(module);
            let importer = self.world.graph().row(id).importer;
            if importer != module && !self.start.cycles.contains(&(id, module)) {
                self.start.cycles.push((id, module));
            }
        }
    }

    /// The module whose name a from-import asks for: the door, or what lies above a door that is a submodule.
    fn base_of(&self, row: &Row, name: &str) -> Base {
        let graph = self.world.graph();
        let Some(door) = row.door else { return Base::Module(None) };
        if row.outcome != Outcome::Module || name == "*" {
            return Base::Module(Some(door));
        }
        let above = graph.module(door).node.and_then(|node| graph.tree.node(node).parent);
        match above.and_then(|above| graph.module_at(above)) {
            Some(base) => Base::Module(Some(base)),
            None => Base::Directory,
        }
    }

    /// Loads a door of a row with what lies above it, but for the directory of a script that imports what lies beside it.
    fn load_door(&mut self, row: &Row, door: Option<ModuleId>, at: At) -> Flow {
        let graph = self.world.graph();
        let Some(node) = door.and_then(|door| graph.module(door).node) else { return Ok(()) };
        let absolute = graph.import(row).level == 0;
        let beside = absolute && !graph.tree.has_top(module_path::first(&row.target));
        let above = beside.then(|| graph.tree.place(row.file).directory);
        self.load_way(node, above, row.importer, at)
    }

    /// `import a.b` binds `a`, and loads it if it has failed since.
    fn load_first(&mut self, row: &Row, at: At) -> Flow {
        let graph = self.world.graph();
        let import = graph.import(row);
        if import.name.is_some() || import.kind.also.contains(Also::DYNAMIC) {
            return Ok(());
        }
        match graph.first_node(row).and_then(|node| graph.module_at(node)) {
            Some(first) if self.world.is_present(first) => self.load(first, row.importer, at),
            _ => Ok(()),
        }
    }

    /// `m.x` of a module that is still being loaded.
    pub(super) fn access(&mut self, frame: Frame, callee: &Callee, at: At) -> Flow {
        if self.loading.is_empty() {
            return Ok(());
        }
        let graph = self.world.graph();
        let (row, rest) = match callee {
            Callee::Name(path) => {
                let (first, rest) = path.split_once('.').unwrap_or((path, ""));
                let facts = &graph.facts[frame.file.index()];
                let now = self.stands_at(frame.module);
                let mut bound = None;
                for binding in facts.bindings_of(first) {
                    let Bound::Import(import) = binding.bound else { return Ok(()) };
                    if bound.is_none() || now.is_none_or(|now| binding.span.start < now) {
                        bound = Some(import);
                    }
                }
                let Some(import) = bound else { return Ok(()) };
                (graph.row_of(frame.file, import), rest)
            }
            Callee::Import(import, rest) => (graph.row_of(frame.file, *import), rest.as_str()),
            _ => return Ok(()),
        };
        let row = graph.row(row);
        let import = graph.import(row);
        let mut node_at = match (&row.outcome, import.name.as_deref()) {
            (Outcome::Module | Outcome::Bare, None) if import.alias.is_none() => graph.first_node(row),
            (Outcome::Module, None) => row.door.and_then(|door| graph.module(door).node),
            (Outcome::Module, Some(name)) => match self.base_of(row, name) {
                // What the package binds by itself is no module, or nobody knows which.
                Base::Module(Some(base)) if !self.binds_itself(base, name) => {
                    row.door.and_then(|door| graph.module(door).node)
                }
                _ => None,
            },
            _ => None,
        };
        for part in rest.split('.').filter(|part| !part.is_empty()) {
            let Some(node) = node_at else { break };
            let child = graph.tree.child(node, part);
            if let Some(module) = graph.module_at(node) {
                match self.state(module) {
                    State::Loading if module != frame.module => {
                        self.ask(module);
                        if self.has(frame.module, module, part) == Has::No && !self.is_loaded_below(child) {
                            let path = module_path::join(&graph.module(module).name, part);
                            return self.fail_about(
                                Kind::AttributeNotYet,
                                path,
                                frame.module,
                                at,
                                None,
                                Some(module),
                            );
                        }
                    }
                    _ => {}
                }
                if self.binds_itself(module, part) {
                    break;
                }
            }
            node_at = child;
        }
        Ok(())
    }

    /// Whether a module binds the name to something else than its own submodule, for all that can be told.
    fn binds_itself(&self, module: ModuleId, name: &str) -> bool {
        let graph = self.world.graph();
        let file = graph.module(module).file;
        let submodule = graph.names().submodule(module, name);
        graph.facts[file.index()].bindings_of(name).iter().any(|binding| match binding.bound {
            Bound::Import(import) => {
                let row = graph.row(graph.row_of(file, import));
                row.outcome != Outcome::Module || submodule.is_none() || row.door != submodule
            }
            _ => true,
        })
    }

    /// Whether the parent has its child as an attribute: that is set once the child is done. A directory may be.
    fn is_loaded_below(&mut self, child: Option<NodeId>) -> bool {
        let Some(child) = child else { return false };
        let Some(module) = self.world.graph().module_at(child) else { return true };
        if self.state(module) == State::Loaded {
            self.log.push(Event::Found(module));
        }
        self.state(module) == State::Loaded
    }
}

/// What a from-import takes names of.
enum Base {
    /// A module; None where there is none in the project.
    Module(Option<ModuleId>),
    /// A directory without `__init__`.
    Directory,
}
