//! Will it start? Modules loaded as the interpreter loads them, without running anything.
//!
//! A start is followed in the order in which it runs: imports, parents' `__init__`, and by name the functions that are
//! called while a module loads. Knows the graph and the facts; no registry, no disk: what functions run is asked of
//! whoever has the texts.

mod calls;
mod machine;
mod imports;
mod failures;
mod names;
mod many;

use std::rc::Rc;
use std::sync::OnceLock;

use rustc_hash::FxHashMap;

use crate::facts::load::{Catches, Code};
use crate::graph::model::{Graph, ModuleId, RowId};
use crate::graph::paths::ModuleSet;
use crate::languages::python::resolve::NodeId;
use crate::module_path;
use crate::source::FileId;

pub use machine::Machine;
pub use many::{Survey, Verdict, survey};

/// Reads what the functions of a file run.
pub type ReadCode<'a> = &'a (dyn Fn(FileId) -> Code + Sync);

/// The project as a start finds it.
pub struct World<'a> {
    graph: &'a Graph,
    read: ReadCode<'a>,
    codes: Vec<OnceLock<Code>>,
    /// What is there; None = everything.
    present: Option<Present>,
    /// By directory, the `conftest.py` that lies in it.
    conftests: FxHashMap<&'a str, ModuleId>,
}

/// The modules that are there, and the directories that hold some.
struct Present {
    modules: ModuleSet,
    /// By node: whether it or something below it is there.
    nodes: Vec<bool>,
}

/// Why a start fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// A module does not exist.
    MissingModule,
    /// A module exists in the project, but not in what ships.
    NotShipped,
    /// A module binds no such name.
    MissingName,
    /// A module does not bind the name yet: it is still being loaded.
    NotYet,
    /// The same of an attribute.
    AttributeNotYet,
    /// A wildcard import takes a name that `__all__` lists and nothing binds.
    UnboundInAll,
    /// A file does not parse.
    Unparsed,
    /// A relative import leads above the top.
    BeyondRoot,
    /// A module raises.
    Raises,
    /// There is more to follow than is followed: what becomes of it is not known.
    TooMuch,
}

/// One failure.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    /// Why.
    pub kind: Kind,
    /// What does not exist or is not bound: `a.gone`, `a.b.Name`; for [`Kind::Unparsed`] and [`Kind::Raises`] the module.
    pub path: String,
    /// The module that is there, but does not bind the name.
    pub holder: Option<ModuleId>,
    /// Where that module binds it all the same: 1-based line, further down or in what did not run.
    pub bound_at: Option<u32>,
    /// The import that fails; None for an attribute and for what is no import.
    pub row: Option<RowId>,
    /// The module that fails.
    pub module: ModuleId,
    /// The 1-based line.
    pub line: u32,
    /// The offset at which the failing statement begins.
    pub offset: u32,
    /// How it came there, outermost first.
    pub chain: Vec<Hop>,
    /// What the exception is that stands for it by now.
    pub raised: Catches,
    /// Where the module that is still being loaded left off, for the two kinds that say so: 1-based line.
    pub stands_at: Option<u32>,
}

/// One step of the way from the entry to a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hop {
    /// The module whose statement runs.
    pub importer: ModuleId,
    /// The module it leads to: loaded, or the home of the function called.
    pub imported: ModuleId,
    /// The function called, by its file and index.
    pub function: Option<(FileId, u32)>,
    /// 1-based line in the importer.
    pub line: u32,
}

/// What is started.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'e> {
    /// The module.
    pub module: ModuleId,
    /// A name that it must have then.
    pub symbol: Option<&'e str>,
    /// Functions that are called then, by module and name.
    pub calls: &'e [(ModuleId, &'e str)],
    /// Whether it is started as pytest does: its `conftest.py` files first.
    pub as_test: bool,
}

impl Kind {
    /// The exception that it is.
    fn raised(self) -> Catches {
        match self {
            Self::MissingModule | Self::NotShipped => Catches::MISSING_MODULE,
            Self::MissingName | Self::NotYet | Self::BeyondRoot => Catches::MISSING_NAME,
            Self::AttributeNotYet | Self::UnboundInAll => Catches::ATTRIBUTE,
            Self::Unparsed => Catches::SYNTAX,
            Self::Raises => Catches::OTHER,
            // Nobody catches that we give up.
            Self::TooMuch => Catches::empty(),
        }
    }
}

impl Failure {
    /// What failures of one cause share.
    pub fn cause(&self) -> (Kind, &str) {
        (self.kind, &self.path)
    }
}

/// What became of one start.
#[derive(Clone, Debug, Default)]
pub struct Start {
    /// Why it fails, if it does.
    pub failure: Option<Failure>,
    /// What may fail and may not: below a condition, or caught by nobody knows whom.
    pub undecided: Vec<Rc<Failure>>,
    /// The modules that were loaded, in the order in which they were done; also those loaded before a failure.
    pub loaded: Vec<ModuleId>,
    /// The imports that ran.
    pub rows: Vec<RowId>,
    /// How many functions were followed.
    pub functions: u32,
    /// How many calls could not be followed.
    pub not_followed: u32,
    /// Imports of a module that was still being loaded, which did no harm.
    pub cycles: Vec<(RowId, ModuleId)>,
}

impl<'a> World<'a> {
    /// The whole project. `read` gives what the functions of a file run.
    pub fn new(graph: &'a Graph, read: ReadCode<'a>) -> Self {
        let conftests = graph.module_ids().filter_map(|id| {
            let (directory, name) = split(&graph.module(id).path);
            (name == "conftest.py").then_some((directory, id))
        });
        let codes = (0..graph.facts.len()).map(|_| OnceLock::new()).collect();
        Self { graph, read, codes, present: None, conftests: conftests.collect() }
    }

    /// The same project of which only those modules are there.
    #[must_use]
    pub fn with_only(&self, modules: ModuleSet) -> Self {
        let tree = &self.graph.tree;
        let mut nodes = vec![false; tree.len()];
        for id in self.graph.module_ids().filter(|id| modules.contains(*id)) {
            let mut at = self.graph.module(id).node;
            while let Some(node) = at.filter(|node| !nodes[node.index()]) {
                nodes[node.index()] = true;
                at = tree.node(node).parent;
            }
        }
        let codes = (0..self.codes.len()).map(|_| OnceLock::new()).collect();
        let present = Some(Present { modules, nodes });
        Self { graph: self.graph, read: self.read, codes, present, conftests: self.conftests.clone() }
    }

    /// The graph it follows.
    pub fn graph(&self) -> &'a Graph {
        self.graph
    }

    fn code(&self, file: FileId) -> &Code {
        self.codes[file.index()].get_or_init(|| (self.read)(file))
    }

    /// Whether that module is there.
    pub fn is_present(&self, module: ModuleId) -> bool {
        self.present.as_ref().is_none_or(|present| present.modules.contains(module))
    }

    /// Whether the node leads anywhere: a module or a directory above one.
    fn holds_something(&self, node: NodeId) -> bool {
        self.present.as_ref().is_none_or(|present| present.nodes[node.index()])
    }

    /// The `conftest.py` files that pytest loads before a file of that path, outermost first.
    fn conftests_above(&self, path: &str) -> Vec<ModuleId> {
        let mut found = Vec::new();
        let mut directory = split(path).0;
        loop {
            found.extend(self.conftests.get(directory).filter(|id| self.is_present(**id)));
            if directory.is_empty() {
                break;
            }
            directory = split(directory).0;
        }
        found.reverse();
        found
    }

    /// What a hop leads to: `a.b`, or for a call `a.b.f`.
    pub fn leads_to(&self, hop: &Hop) -> String {
        let module = &self.graph.module(hop.imported).name;
        match hop.function {
            Some((file, at)) => module_path::join(module, &self.code(file).functions[at as usize].name),
            None => module.clone(),
        }
    }

    /// A failure's path in words for people: "`a.b` has no `x`".
    pub fn sentence(&self, failure: &Failure) -> String {
        let path = &failure.path;
        let name = module_path::last(path);
        let holder = match failure.holder {
            Some(holder) => &self.graph.module(holder).name,
            None => module_path::parent(path).unwrap_or_default(),
        };
        match failure.kind {
            Kind::MissingModule => format!("`{path}` does not exist"),
            Kind::NotShipped => format!("`{path}` is not among what ships"),
            Kind::MissingName => match failure.bound_at {
                Some(line) => {
                    format!("`{holder}` has no `{name}`: what would bind it at line {line} does not run")
                }
                None => format!("`{holder}` has no `{name}`"),
            },
            Kind::NotYet | Kind::AttributeNotYet => {
                let later = failure.bound_at.map_or_else(String::new, |line| format!(" before line {line}"));
                let now = failure.stands_at.map_or_else(String::new, |line| format!(", now at line {line}"));
                format!("`{holder}` is still being loaded{now}, and has no `{name}`{later}")
            }
            Kind::UnboundInAll => format!("`__all__` of `{holder}` lists `{name}`, which nothing binds"),
            Kind::Unparsed => format!("`{path}` does not parse"),
            Kind::BeyondRoot => format!("`{path}` leads above the top-level package"),
            Kind::TooMuch => "more runs at its start than is followed".to_owned(),
            Kind::Raises => format!("`{path}` raises when it is loaded"),
        }
    }
}

/// The directory and the file name of a path.
fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}
