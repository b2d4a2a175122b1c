//! The machine that follows one start: modules loaded, half loaded, and where each stands.

use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::failures::{Failed, Tried};
use super::names::Has;
use super::{Entry, Failure, Hop, Kind, Start, World};
use crate::facts::load::{Block, Step, What};
use crate::graph::model::{ModuleId, RowId};
use crate::languages::python::resolve::NodeId;
use crate::module_path;
use crate::source::{FileId, Span};

/// Modules and functions that run inside each other; CPython gives up far below.
const MAX_DEPTH: usize = 600;

/// Steps that one machine follows; the largest projects take a tenth of it.
const MAX_STEPS: u64 = 40_000_000;

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
    pub(super) offset: u32,
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
    pub(super) stands: Vec<(u32, u32)>,
    /// The modules that are being loaded, outermost first.
    pub(super) loading: Vec<ModuleId>,
    /// What of a module's body did not run.
    pub(super) skipped: FxHashMap<ModuleId, Vec<Span>>,
    /// Where a module stood when another took everything from it: (importer, imported).
    pub(super) taken: FxHashMap<(ModuleId, ModuleId), u32>,
    pub(super) called: FxHashMap<CallKey, Called>,
    /// Those that were followed to their end, in order.
    pub(super) calls: Vec<CallKey>,
    pub(super) failed: FxHashMap<Tried, Failed>,
    pub(super) hops: Vec<Hop>,
    pub(super) depth: usize,
    /// The lowest place in `loading` that the modules on top of it have asked for something.
    pub(super) asked: usize,
    /// Every module that was asked for something while it was being loaded, in order.
    pub(super) asks: Vec<ModuleId>,
    /// What happened, in order.
    pub(super) log: Vec<Event>,
    pub(super) start: Start,
    /// How many steps have been followed, of all starts.
    pub(super) steps: u64,
    pub(super) row_seen: FxHashSet<RowId>,
    /// What is undecided from earlier starts.
    pub(super) told: FxHashSet<*const Failure>,
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
            steps: 0,
            row_seen: FxHashSet::default(),
            told: FxHashSet::default(),
            memos: super::many::Memos::default(),
        }
    }

    /// Starts a module in a fresh process.
    pub fn start(&mut self, entry: &Entry) -> Start {
        self.begin();
        let flow = self.run(entry);
        match flow {
            Err(failure) if failure.kind == Kind::TooMuch => self.undecided(*failure),
            flow => self.start.failure = flow.err().map(|failure| *failure),
        }
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
    pub(super) fn load_from_top(&mut self, id: ModuleId, at: At) -> Flow {
        match self.world.graph().module(id).node {
            Some(node) => self.load_way(node, None, id, at),
            None => self.load(id, id, at),
        }
    }

    /// Loads what lies on the way to a node, outermost first; from below `above` on, if that is given.
    pub(super) fn load_way(
        &mut self,
        node: NodeId,
        above: Option<NodeId>,
        importer: ModuleId,
        at: At,
    ) -> Flow {
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
    pub(super) fn load(&mut self, id: ModuleId, importer: ModuleId, at: At) -> Flow {
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
            return self.fail(Kind::TooMuch, graph.module(id).name.clone(), id, At { offset: 0, line: 1 });
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

    pub(super) fn done(&mut self, id: ModuleId) {
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
        self.steps += 1;
        if self.steps > MAX_STEPS {
            let name = self.world.graph().module(frame.module).name.clone();
            return self.fail(Kind::TooMuch, name, frame.module, At::of(step));
        }
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

    /// Runs `run` one hop further on.
    pub(super) fn within(&mut self, hop: Hop, tried: Tried, run: impl FnOnce(&mut Self) -> Flow) -> Flow {
        if self.depth >= MAX_DEPTH {
            let module = self.world.graph().module(hop.imported).name.clone();
            return self.fail(Kind::TooMuch, module, hop.imported, At { offset: 0, line: 1 });
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
