//! Functions called while a module loads: found by name, followed once in a start.

use std::rc::Rc;

use super::failures::Tried;
use super::machine::{At, Called, Event, Flow, Frame, Machine, State};
use super::{Hop, Kind};
use crate::facts::Certainty;
use crate::facts::load::{Call, Callee, Code, FunctionKind};
use crate::graph::exports::Definition;
use crate::graph::model::ModuleId;
use crate::module_path;
use crate::source::FileId;

/// Bases above bases.
const MAX_BASES: usize = 20;

/// What a name stands for that is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Target {
    Function(FileId, u32),
    Class(FileId, u32),
    /// Outside the project: assumed to call nothing of ours.
    External,
    Unknown,
}

impl Machine<'_, '_> {
    /// Calls a function of a module by its name: what a server calls besides.
    pub(super) fn call_named(&mut self, module: ModuleId, function: &str) -> Flow {
        let file = self.world.graph().module(module).file;
        let frame = Frame { module, file, function: None, receiver: None, handling: None };
        let call =
            Call { callee: Callee::Name(function.into()), method: None, drives: true, result_called: false };
        self.call(frame, &call, At::NOWHERE)
    }

    pub(super) fn call(&mut self, frame: Frame, call: &Call, at: At) -> Flow {
        let target = self.target(frame, &call.callee);
        match (target, &call.method) {
            (Target::External, _) => Ok(()),
            (Target::Function(file, function), None) => {
                let receiver = match call.callee {
                    Callee::Receiver(_) | Callee::Super(_) | Callee::Function(_) => frame.receiver,
                    _ => self.code(file).functions[function as usize].class.map(|class| (file, class)),
                };
                self.follow(frame, file, function, receiver, call, at)
            }
            (Target::Class(file, class), None) => {
                for method in ["__new__", "__init__", "__post_init__"] {
                    if let Some((home, function)) = self.method(file, class, method, 0) {
                        self.follow(frame, home, function, Some((file, class)), call, at)?;
                    }
                }
                Ok(())
            }
            (Target::Class(file, class), Some(method)) => match self.method(file, class, method, 0) {
                Some((home, function)) => self.follow(frame, home, function, Some((file, class)), call, at),
                None => {
                    self.start.not_followed += 1;
                    Ok(())
                }
            },
            (Target::Unknown, _) | (Target::Function(..), Some(_)) => {
                self.start.not_followed += 1;
                Ok(())
            }
        }
    }

    /// Runs a function once for each class it runs on.
    fn follow(
        &mut self,
        frame: Frame,
        file: FileId,
        function: u32,
        receiver: Option<(FileId, u32)>,
        call: &Call,
        at: At,
    ) -> Flow {
        let world = self.world;
        let body = &world.code(file).functions[function as usize];
        if body.kind != FunctionKind::Plain && !call.drives {
            return Ok(());
        }
        let key = (file, function, receiver);
        match self.called.get(&key) {
            Some(Called::Done(asked_for)) => {
                for module in Rc::clone(asked_for).iter().copied() {
                    match self.state(module) {
                        State::Loaded => self.log.push(Event::Found(module)),
                        State::Loading => self.ask(module),
                        State::New => self.log.push(Event::Failed(module)),
                    }
                }
                return Ok(());
            }
            Some(Called::Running(loading)) => {
                if let Some(caller) = self.loading.get(*loading).copied() {
                    self.ask(caller);
                }
                return Ok(());
            }
            None => {}
        }
        self.called.insert(key, Called::Running(self.loading.len().saturating_sub(1)));
        self.start.functions += 1;
        let (begin, asks) = (self.log.len(), self.asks.len());
        let module = world.graph().module_of_file[file.index()];
        let called = Some((file, function));
        let hop = Hop { importer: frame.module, imported: module, function: called, line: at.line };
        let inner = Frame { module, file, function: Some(function), receiver, handling: None };
        let mut flow = self.within(hop, Tried::Function(key), |machine| machine.block(inner, &body.body));
        if let Err(failure) = &flow
            && body.wrapped
        {
            // Its decorator may guard it, or not call it at all.
            self.undecided((**failure).clone());
            flow = Ok(());
        }
        let mut asked_for: Vec<ModuleId> = self.log[begin..].iter().map(|event| event.module()).collect();
        asked_for.extend(&self.asks[asks..]);
        asked_for.sort_unstable();
        asked_for.dedup();
        match &flow {
            Ok(()) => {
                self.calls.push(key);
                self.called.insert(key, Called::Done(asked_for.into()))
            }
            // The next call runs it again.
            Err(_) => self.called.remove(&key),
        };
        let flow = match flow {
            // Whether a function that raises was meant to be reached here, nobody knows.
            Err(failure) if failure.kind == Kind::Raises && failure.module == module => Ok(()),
            flow => flow,
        };
        flow?;
        match body.returns.filter(|_| call.result_called) {
            Some(returned) => {
                let call = Call { result_called: false, ..call.clone() };
                self.follow(frame, file, returned, receiver, &call, at)
            }
            None => Ok(()),
        }
    }

    fn code(&self, file: FileId) -> &Code {
        self.world.code(file)
    }

    fn target(&self, frame: Frame, callee: &Callee) -> Target {
        match callee {
            Callee::Name(path) => self.named(frame.module, path),
            Callee::Import(import, rest) => {
                let graph = self.world.graph();
                let row = graph.row(graph.row_of(frame.file, *import));
                let parts = rest.split('.').filter(|part| !part.is_empty());
                let import = graph.import(row);
                if import.name.is_none() && import.alias.is_none() {
                    let first = graph.first_node(row).and_then(|node| graph.module_at(node));
                    return first
                        .map_or(Target::External, |first| self.below(Definition::Module(first), parts));
                }
                match graph.definition_of_row(row) {
                    Some(definition) => self.below(definition, parts),
                    None => Target::Unknown,
                }
            }
            Callee::Function(at) => Target::Function(frame.file, *at),
            Callee::Receiver(path) => match frame.receiver {
                Some((file, class)) if path.is_empty() => Target::Class(file, class),
                Some((file, class)) if !path.contains('.') => self
                    .method(file, class, path, 0)
                    .map_or(Target::Unknown, |(file, at)| Target::Function(file, at)),
                _ => Target::Unknown,
            },
            Callee::Super(path) => self.inherited(frame, path),
            Callee::Unknown => Target::Unknown,
        }
    }

    /// `super().m` in a method: the method of a base of the class that defines it.
    fn inherited(&self, frame: Frame, name: &str) -> Target {
        let code = self.code(frame.file);
        let class = frame.function.and_then(|at| code.functions[at as usize].class);
        let Some(class) = class else { return Target::Unknown };
        for base in &code.classes[class as usize].bases {
            if let Target::Class(file, base) = self.named(frame.module, base)
                && let Some((file, at)) = self.method(file, base, name, 0)
            {
                return Target::Function(file, at);
            }
        }
        // The bases end outside the project.
        Target::External
    }

    /// What a dotted name of a module's namespace stands for.
    fn named(&self, module: ModuleId, path: &str) -> Target {
        let graph = self.world.graph();
        let file = graph.module(module).file;
        let mut parts = path.split('.');
        let Some(first) = parts.next() else { return Target::Unknown };
        let facts = &graph.facts[file.index()];
        // `import a.b` binds `a`: the bare directory too.
        let imported = facts.bindings_of(first).iter().find_map(|binding| match binding.bound {
            crate::facts::Bound::Import(import) => Some(graph.row(graph.row_of(file, import))),
            _ => None,
        });
        if let Some(row) = imported {
            let import = graph.import(row);
            if import.name.is_none() && import.alias.is_none() && row.door.is_some() {
                return self.below_node(graph.first_node(row), parts);
            }
        }
        match graph.definition(module, first) {
            Some(definition) => self.below(definition, parts),
            None => Target::Unknown,
        }
    }

    fn below_node<'p>(
        &self,
        node: Option<crate::languages::python::resolve::NodeId>,
        mut parts: impl Iterator<Item = &'p str>,
    ) -> Target {
        let graph = self.world.graph();
        let mut at = node;
        loop {
            let Some(node) = at else { return Target::Unknown };
            if let Some(module) = graph.module_at(node) {
                return self.below(Definition::Module(module), parts);
            }
            let Some(part) = parts.next() else { return Target::Unknown };
            at = graph.tree.child(node, part);
        }
    }

    /// Follows the rest of a dotted name below what its beginning stands for.
    fn below<'p>(&self, definition: Definition, mut parts: impl Iterator<Item = &'p str>) -> Target {
        let graph = self.world.graph();
        let mut at = definition;
        loop {
            match at {
                Definition::External(_) => return Target::External,
                Definition::Module(module) => {
                    let Some(part) = parts.next() else { return Target::Unknown };
                    let Some(next) = graph.definition(module, part) else { return Target::Unknown };
                    at = next;
                }
                Definition::Symbol { module, name, solid } => {
                    if !solid {
                        return Target::Unknown;
                    }
                    let rest: Vec<&str> = parts.collect();
                    return self.defined(module, &name, &rest);
                }
            }
        }
    }

    /// A function or class by its name in its module, and what lies below it.
    fn defined(&self, module: ModuleId, name: &str, rest: &[&str]) -> Target {
        let graph = self.world.graph();
        let file = graph.module(module).file;
        let code = self.code(file);
        // Which of several is meant, only running it tells.
        let bindings = graph.facts[file.index()].bindings_of(name);
        if bindings.len() > 1 && bindings.iter().any(|binding| binding.certainty != Certainty::Always) {
            return Target::Unknown;
        }
        let whole = module_path::join(name, &rest.join("."));
        let whole = whole.trim_end_matches('.');
        if let Some(class) = code.class(whole) {
            return Target::Class(file, class);
        }
        let above = self.stands_on(module).unwrap_or(u32::MAX);
        if let Some(at) = code.function(whole, above) {
            return Target::Function(file, at);
        }
        // A method that a base defines: `C.m()`.
        let owner = rest.split_last().and_then(|(method, above)| {
            let owner = module_path::join(name, &above.join("."));
            Some((code.class(owner.trim_end_matches('.'))?, *method))
        });
        let inherited = owner.and_then(|(class, method)| self.method(file, class, method, 0));
        inherited.map_or(Target::Unknown, |(file, at)| Target::Function(file, at))
    }

    /// The method that a class has by that name, its bases asked in their order.
    fn method(&self, file: FileId, class: u32, name: &str, depth: usize) -> Option<(FileId, u32)> {
        let code = self.code(file);
        let class = &code.classes[class as usize];
        if let Some(at) = code.function(&format!("{}.{name}", class.name), u32::MAX) {
            return Some((file, at));
        }
        if depth >= MAX_BASES {
            return None;
        }
        let module = self.world.graph().module_of_file[file.index()];
        class.bases.iter().find_map(|base| match self.named(module, base) {
            Target::Class(file, base) => self.method(file, base, name, depth + 1),
            _ => None,
        })
    }
}
