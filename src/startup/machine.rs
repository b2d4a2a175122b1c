//! The machine that follows one start: modules loaded, half loaded, and where each stands.

use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::names::Has;
use super::{Entry, Failure, Hop, Kind, Start, World};
use crate::facts::load::{Block, Callee, Catches, Step, Try, What};
use crate::facts::{Also, Bound};
use crate::graph::model::{ModuleId, Outcome, Row, RowId, Why};
use crate::languages::python::resolve::NodeId;
use crate::module_path;
use crate::source::{FileId, Span};

/// Modules and functions that run inside each other; CPython gives up far below.
const MAX_DEPTH: usize = 600;

/// How often what failed is tried again in one start; the ways to a failure may be more than anyone can follow.
const MAX_TRIES: u32 = 4;

/// How far a module is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    New,
    Loading,
    Loaded,
}

/// Where a step stands in its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct At {
    offset: u32,
    pub(super) line: u32,
}

impl At {
    /// In no file: whoever starts the module.
    pub(super) const NOWHERE: Self = Self { offset: 0, line: 0 };

    fn of(step: &Step) -> Self {
        Self { offset: step.at, line: step.line }
    }
}

/// What happened to a module in a start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// It was loaded.
    Loaded(ModuleId),
    /// It was asked for, and had been loaded.
    Found(ModuleId),
    /// Loading it failed.
    Failed(ModuleId),
}

impl Event {
    /// The module.
    pub(super) fn module(self) -> ModuleId {
        let (Self::Loaded(module) | Self::Found(module) | Self::Failed(module)) = self;
        module
    }

    /// The module, if this is where it was loaded.
    pub(super) fn loaded(self) -> Option<ModuleId> {
        if let Self::Loaded(module) = self { Some(module) } else { None }
    }
}

/// A function, by file and index, and the class it runs on.
pub(super) type CallKey = (FileId, u32, Option<(FileId, u32)>);

/// What is known of a function that is called again.
pub(super) enum Called {
    /// It still runs; the module that called it stands there in [`Machine::loading`].
    Running(usize),
    /// It was followed, and asked for these modules.
    Done(Rc<[ModuleId]>),
}

/// What is tried again where it has failed.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Tried {
    Module(ModuleId),
    Function(CallKey),
}

/// How often it has failed, and how at last.
struct Failed {
    times: u32,
    /// Its chain begins at what failed.
    failure: Failure,
}

/// A failed step; boxed, for it is rare.
pub(super) type Flow = Result<(), Box<Failure>>;

/// What runs: a module's body, or a function of it.
#[derive(Clone, Copy)]
pub(super) struct Frame<'f> {
    pub(super) module: ModuleId,
    pub(super) file: FileId,
    /// The function, by file and index; None = the module's own body.
    pub(super) function: Option<u32>,
    /// The class whose object a method runs on.
    pub(super) receiver: Option<(FileId, u32)>,
    /// The failure that the handler around is there for.
    pub(super) handling: Option<&'f Failure>,
}

/// Follows starts, one after the other.
pub struct Machine<'w, 'a> {
    pub(super) world: &'w World<'a>,
    /// Which start it is: what an earlier one left in `states` is void.
    epoch: u32,
    states: Vec<(u32, State)>,
    /// Where a module that is being loaded stands: offset and line.
    stands: Vec<(u32, u32)>,
    /// The modules that are being loaded, outermost first.
    pub(super) loading: Vec<ModuleId>,
    /// What of a module's body did not run.
    pub(super) skipped: FxHashMap<ModuleId, Vec<Span>>,
    /// Where a module stood when another took everything from it: (importer, imported).
    taken: FxHashMap<(ModuleId, ModuleId), u32>,
    pub(super) called: FxHashMap<CallKey, Called>,
    /// Those that were followed to their end, in order.
    pub(super) calls: Vec<CallKey>,
    failed: FxHashMap<Tried, Failed>,
    hops: Vec<Hop>,
    pub(super) depth: usize,
    /// The lowest place in `loading` that the modules on top of it have asked for something.
    pub(super) asked: usize,
    /// Every module that was asked for something while it was being loaded, in order.
    pub(super) asks: Vec<ModuleId>,
    /// What happened, in order.
    pub(super) log: Vec<Event>,
    pub(super) start: Start,
    row_seen: FxHashSet<RowId>,
    /// What is undecided from earlier starts.
    told: FxHashSet<*const Failure>,
    pub(super) memos: super::many::Memos,
}

impl<'w, 'a> Machine<'w, 'a> {
    /// A machine at rest.
    pub fn new(world: &'w World<'a>) -> Self {
        let modules = world.graph().modules.len();
        Self {
            world,
            epoch: 0,
            states: vec![(0, State::New); modules],
            stands: vec![(0, 0); modules],
            loading: Vec::new(),
            skipped: FxHashMap::default(),
            taken: FxHashMap::default(),
            called: FxHashMap::default(),
            calls: Vec::new(),
            failed: FxHashMap::default(),
            hops: Vec::new(),
            depth: 0,
            asked: usize::MAX,
            asks: Vec::new(),
            log: Vec::new(),
            start: Start::default(),
            row_seen: FxHashSet::default(),
            told: FxHashSet::default(),
            memos: super::many::Memos::default(),
        }
    }

    /// Starts a module in a fresh process.
    pub fn start(&mut self, entry: &Entry) -> Start {
        self.begin();
        let flow = self.run(entry);
        self.start.failure = flow.err().map(|failure| *failure);
        std::mem::take(&mut self.start)
    }

    /// Forgets the start before.
    pub(super) fn begin(&mut self) {
        self.epoch += 1;
        self.loading.clear();
        self.skipped.clear();
        self.taken.clear();
        self.called.clear();
        self.calls.clear();
        self.failed.clear();
        self.hops.clear();
        self.log.clear();
        self.asks.clear();
        self.row_seen.clear();
        self.told.clear();
        self.depth = 0;
        self.asked = usize::MAX;
        self.start = Start::default();
    }

    fn run(&mut self, entry: &Entry) -> Flow {
        let world = self.world;
        if entry.as_test {
            for conftest in world.conftests_above(&world.graph().module(entry.module).path) {
                if conftest != entry.module {
                    self.load_from_top(conftest, At::NOWHERE)?;
                }
            }
        }
        self.load_from_top(entry.module, At::NOWHERE)?;
        for (module, function) in entry.calls {
            self.load_from_top(*module, At::NOWHERE)?;
            self.call_named(*module, function)?;
        }
        match entry.symbol.filter(|symbol| self.has(entry.module, entry.module, symbol) == Has::No) {
            Some(symbol) => {
                let path = module_path::join(&world.graph().module(entry.module).name, symbol);
                self.fail_about(Kind::MissingName, path, entry.module, At::NOWHERE, None, Some(entry.module))
            }
            None => Ok(()),
        }
    }

    pub(super) fn state(&self, id: ModuleId) -> State {
        match self.states[id.index()] {
            (epoch, state) if epoch == self.epoch => state,
            _ => State::New,
        }
    }

    pub(super) fn set_state(&mut self, id: ModuleId, state: State) {
        self.states[id.index()] = (self.epoch, state);
    }

    /// The offset at which a module stands that is being loaded; None for one that is done.
    pub(super) fn stands_at(&self, id: ModuleId) -> Option<u32> {
        (self.state(id) == State::Loading).then(|| self.stands[id.index()].0)
    }

    /// The line at which it stands.
    pub(super) fn stands_on(&self, id: ModuleId) -> Option<u32> {
        (self.state(id) == State::Loading).then(|| self.stands[id.index()].1)
    }

    /// Whether what stands there in a module's body did not run.
    pub(super) fn is_skipped(&self, id: ModuleId, at: u32) -> bool {
        self.skipped.get(&id).is_some_and(|spans| spans.iter().any(|span| span.start <= at && at < span.end))
    }

    /// Where `imported` stood when `importer` took everything from it, if it was not done.
    pub(super) fn taken_at(&self, importer: ModuleId, imported: ModuleId) -> Option<u32> {
        self.taken.get(&(importer, imported)).copied()
    }

    /// Loads a module and before it the packages above it, as `import a.b.c` does.
    fn load_from_top(&mut self, id: ModuleId, at: At) -> Flow {
        match self.world.graph().module(id).node {
            Some(node) => self.load_way(node, None, id, at),
            None => self.load(id, id, at),
        }
    }

    /// Loads what lies on the way to a node, outermost first; from below `above` on, if that is given.
    fn load_way(&mut self, node: NodeId, above: Option<NodeId>, importer: ModuleId, at: At) -> Flow {
        let tree = &self.world.graph().tree;
        // What is there already is found without its parents, even where those have failed since.
        if let Some(module) =
            self.world.graph().module_at(node).filter(|module| self.state(*module) == State::Loaded)
        {
            self.log.push(Event::Found(module));
            return Ok(());
        }
        let mut way = vec![node];
        let mut next = tree.node(node).parent;
        while let Some(parent) = next.filter(|parent| Some(*parent) != above && !tree.node(*parent).root) {
            way.push(parent);
            next = tree.node(parent).parent;
        }
        for node in way.into_iter().rev() {
            let Some(module) = self.world.graph().module_at(node) else { continue };
            if self.world.is_present(module) {
                self.load(module, importer, at)?;
            } else if !self.world.holds_something(node) {
                return self.fail(Kind::NotShipped, tree.name(node), importer, at);
            }
        }
        Ok(())
    }

    /// Loads one module, if it is not loaded yet.
    fn load(&mut self, id: ModuleId, importer: ModuleId, at: At) -> Flow {
        match self.state(id) {
            State::Loaded => {
                self.log.push(Event::Found(id));
                return Ok(());
            }
            State::Loading => {
                self.ask(id);
                return Ok(());
            }
            State::New => {}
        }
        if let Some(flow) = self.recall(id) {
            return flow;
        }
        let module = self.world.graph().module(id);
        if module.opaque || self.is_stub_only(id) {
            self.done(id);
            return Ok(());
        }
        let hop = Hop { importer, imported: id, function: None, line: at.line };
        let outermost = at == At::NOWHERE;
        if !outermost {
            self.hops.push(hop);
        }
        let flow = match self.has_failed(Tried::Module(id)) {
            Some(failure) => {
                self.log.push(Event::Failed(id));
                Err(failure)
            }
            None => self.load_body(id),
        };
        if let Err(failure) = &flow {
            self.note_failed(Tried::Module(id), failure);
        }
        if !outermost {
            self.hops.pop();
        }
        flow
    }

    fn load_body(&mut self, id: ModuleId) -> Flow {
        let graph = self.world.graph();
        let file = graph.module(id).file;
        let facts = &graph.facts[file.index()];
        if let Some(problem) = facts.problems.first() {
            return self.fail(
                Kind::Unparsed,
                graph.module(id).name.clone(),
                id,
                At { offset: problem.span.start, line: problem.line },
            );
        }
        if self.depth >= MAX_DEPTH {
            self.start.not_followed += 1;
            self.done(id);
            return Ok(());
        }
        let mark = self.mark();
        self.set_state(id, State::Loading);
        self.stands[id.index()] = (0, 1);
        self.skipped.remove(&id);
        self.loading.push(id);
        self.depth += 1;
        let frame = Frame { module: id, file, function: None, receiver: None, handling: None };
        let flow = self.block(frame, &facts.load);
        self.depth -= 1;
        self.loading.pop();
        match &flow {
            Ok(()) => self.done(id),
            // As the interpreter does: what fails is no longer there, what it has loaded is.
            Err(_) => {
                self.set_state(id, State::New);
                self.log.push(Event::Failed(id));
            }
        }
        self.remember(id, &mark, &flow);
        flow
    }

    /// The failure of what has been tried often enough. What came of it before is not in the window of whoever asks
    /// now, so that nobody but the outermost may be remembered.
    pub(super) fn has_failed(&mut self, tried: Tried) -> Option<Box<Failure>> {
        self.failed.get(&tried).filter(|failed| failed.times >= MAX_TRIES)?;
        if let Some(outermost) = self.loading.first() {
            self.ask(*outermost);
        }
        let failed = self.failed.get(&tried)?;
        let chain = self.hops.iter().chain(&failed.failure.chain).copied().collect();
        Some(Box::new(Failure { chain, ..failed.failure.clone() }))
    }

    /// Notes that what runs now has failed.
    pub(super) fn note_failed(&mut self, tried: Tried, failure: &Failure) {
        let times = self.failed.get(&tried).map_or(1, |failed| failed.times + 1);
        if times > MAX_TRIES {
            return;
        }
        let chain = failure.chain.get(self.hops.len()..).unwrap_or_default().to_vec();
        self.failed.insert(tried, Failed { times, failure: Failure { chain, ..failure.clone() } });
    }

    fn done(&mut self, id: ModuleId) {
        self.set_state(id, State::Loaded);
        self.log.push(Event::Loaded(id));
        self.start.loaded.push(id);
    }

    /// Notes that a module is asked for something while it is being loaded.
    pub(super) fn ask(&mut self, id: ModuleId) {
        if let Some(place) = self.loading.iter().rposition(|loading| *loading == id) {
            self.asked = self.asked.min(place);
            self.asks.push(id);
        }
    }

    /// Runs a block.
    pub(super) fn block(&mut self, frame: Frame, block: &Block) -> Flow {
        for step in block {
            self.step(frame, step)?;
        }
        Ok(())
    }

    fn step(&mut self, frame: Frame, step: &Step) -> Flow {
        if frame.function.is_none() {
            self.stands[frame.module.index()] = (step.at, step.line);
        }
        match &step.what {
            What::Import { first, count } => self.import(frame, *first, *count, At::of(step)),
            What::Call(call) => self.call(frame, call, At::of(step)),
            What::Access(callee) => self.access(frame, callee, At::of(step)),
            What::Try(guarded) => self.guarded(frame, guarded),
            What::Maybe(arms) => {
                for arm in arms {
                    if let Err(failure) = self.block(frame, arm) {
                        self.undecided(*failure);
                    }
                }
                Ok(())
            }
            What::Raise(raised) => {
                let mut failure = match frame.handling {
                    Some(failure) => failure.clone(),
                    None => {
                        let name = self.world.graph().module(frame.module).name.clone();
                        self.failure(Kind::Raises, name, frame.module, At::of(step))
                    }
                };
                failure.raised = raised.unwrap_or(failure.raised);
                Err(Box::new(failure))
            }
        }
    }

    /// What may fail or not. That something raises below a condition is what conditions are for.
    pub(super) fn undecided(&mut self, failure: Failure) {
        if failure.kind != Kind::Raises {
            self.start.undecided.push(Rc::new(failure));
        }
    }

    /// The same of one that an earlier start has met; once in each start.
    pub(super) fn undecided_as(&mut self, failure: &Rc<Failure>) {
        if self.told.insert(Rc::as_ptr(failure)) {
            self.start.undecided.push(Rc::clone(failure));
        }
    }

    fn guarded(&mut self, frame: Frame, guarded: &Try) -> Flow {
        let flow = self.block(frame, &guarded.body);
        let own = frame.function.is_none();
        let mut unrun: Vec<Span> = guarded.handlers.iter().map(|handler| handler.span).collect();
        let flow = match flow {
            Ok(()) => {
                if own {
                    self.skip(frame.module, unrun);
                }
                self.block(frame, &guarded.orelse)
            }
            Err(failure) => {
                let raised = failure.raised;
                let caught = guarded
                    .handlers
                    .iter()
                    .position(|handler| handler.catches.intersects(raised | Catches::UNKNOWN));
                match caught {
                    None => Err(failure),
                    Some(at) => {
                        let handler = &guarded.handlers[at];
                        unrun.swap_remove(at);
                        unrun.push(guarded.orelse_span);
                        let broke_off = self.stands[frame.module.index()].0;
                        unrun.push(Span::new(broke_off, guarded.body_span.end));
                        if own {
                            self.skip(frame.module, unrun);
                        }
                        if !handler.catches.intersects(raised) {
                            self.undecided((*failure).clone());
                        }
                        let frame = Frame { handling: Some(&failure), ..frame };
                        self.block(frame, &handler.body)
                    }
                }
            }
        };
        match self.block(frame, &guarded.finalbody) {
            Ok(()) => flow,
            failed => failed,
        }
    }

    fn skip(&mut self, module: ModuleId, spans: Vec<Span>) {
        let spans = spans.into_iter().filter(|span| span.end > span.start);
        self.skipped.entry(module).or_default().extend(spans);
    }

    /// Runs an import statement.
    fn import(&mut self, frame: Frame, first: u32, count: u32, at: At) -> Flow {
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
    fn access(&mut self, frame: Frame, callee: &Callee, at: At) -> Flow {
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

    fn fail(&self, kind: Kind, path: String, module: ModuleId, at: At) -> Flow {
        Err(Box::new(self.failure(kind, path, module, at)))
    }

    fn fail_at(
        &self,
        kind: Kind,
        path: String,
        module: ModuleId,
        at: At,
        row: RowId,
        holder: Option<ModuleId>,
    ) -> Flow {
        self.fail_about(kind, path, module, at, Some(row), holder)
    }

    fn fail_about(
        &self,
        kind: Kind,
        path: String,
        module: ModuleId,
        at: At,
        row: Option<RowId>,
        holder: Option<ModuleId>,
    ) -> Flow {
        let bound_at = holder.and_then(|holder| self.binding_line(holder, module_path::last(&path)));
        let stands_at = holder
            .filter(|holder| self.state(*holder) == State::Loading)
            .map(|holder| self.stands[holder.index()].1);
        let failure = self.failure(kind, path, module, at);
        Err(Box::new(Failure { holder, bound_at, row, stands_at, ..failure }))
    }

    pub(super) fn failure(&self, kind: Kind, path: String, module: ModuleId, at: At) -> Failure {
        Failure {
            kind,
            path,
            holder: None,
            bound_at: None,
            row: None,
            module,
            line: at.line,
            offset: at.offset,
            chain: self.hops.clone(),
            raised: kind.raised(),
            stands_at: None,
        }
    }

    /// Runs `run` one hop further on.
    pub(super) fn within(&mut self, hop: Hop, tried: Tried, run: impl FnOnce(&mut Self) -> Flow) -> Flow {
        if self.depth >= MAX_DEPTH {
            self.start.not_followed += 1;
            return Ok(());
        }
        // What the server calls, no statement leads to.
        let outermost = hop.line == At::NOWHERE.line;
        if !outermost {
            self.hops.push(hop);
        }
        self.depth += 1;
        let flow = match self.has_failed(tried) {
            Some(failure) => Err(failure),
            None => run(self),
        };
        if let Err(failure) = &flow {
            self.note_failed(tried, failure);
        }
        self.depth -= 1;
        if !outermost {
            self.hops.pop();
        }
        flow
    }
}

/// What a from-import takes names of.
enum Base {
    /// A module; None where there is none in the project.
    Module(Option<ModuleId>),
    /// A directory without `__init__`.
    Directory,
}
