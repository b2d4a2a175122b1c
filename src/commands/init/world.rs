//! What all finders look at: the packages, and the imports between siblings that make a program run. Knows no registry
//! text.

use std::collections::{BTreeMap, VecDeque};

use crate::graph::model::{Edge, ModuleId};
use crate::graph::packages::Packages;
use crate::graph::paths::ModuleSet;
use crate::module_path;
use crate::registry::{Item, Meta};
use crate::rules::context::{Context, PRODUCTION};
use crate::source::{Language, Span};

/// How many imports lead from one of two things to the other.
pub type Links = BTreeMap<(usize, usize), u32>;

/// The project as finders see it.
pub struct World<'a> {
    /// What rules may ask.
    pub context: &'a Context<'a>,
    /// The packages.
    pub packages: Packages<'a>,
    /// By package with children that import each other, the imports between them.
    pub levels: BTreeMap<usize, Links>,
    /// By package, how many production modules it is or holds.
    pub size: Vec<u32>,
    /// The packages above which there is none and that hold more than a script, largest first.
    pub tops: Vec<usize>,
    /// What drafted entries judge: what ships, and what runs.
    meta: Meta,
}

/// Of less than this nothing is said for itself.
const LEAST_MODULES: u32 = 3;

impl<'a> World<'a> {
    /// Counts what finders ask for, in one pass over all imports.
    pub fn new(context: &'a Context<'a>) -> Self {
        let graph = context.graph;
        let packages = Packages::new(graph);
        let mut size = vec![0; packages.names.len()];
        for id in graph.module_ids() {
            let module = graph.module(id);
            if context.scope(id) == PRODUCTION && module.is_importable() && !module.opaque {
                let mut at = Some(packages.of_module[id.index()]);
                while let Some(package) = at {
                    size[package] += 1;
                    at = packages.parent[package];
                }
            }
        }
        let is_top = |at: &usize| packages.parent[*at].is_none() && size[*at] >= LEAST_MODULES;
        let mut tops: Vec<usize> =
            (0..packages.names.len()).filter(is_top).filter(|at| is_plain(packages.names[*at])).collect();
        tops.sort_by_key(|at| (std::cmp::Reverse(size[*at]), packages.names[*at]));
        let mut world = Self { context, packages, levels: BTreeMap::new(), size, tops, meta: judged() };
        for row in graph.row_ids().map(|id| graph.row(id)) {
            if !context.judges(&world.meta, row) || context.is_borrowed(row) {
                continue;
            }
            for end in graph.names().ends(row) {
                if let Some((parent, from, to)) = world.packages.siblings(row.importer, end) {
                    *world.levels.entry(parent).or_default().entry((from, to)).or_default() += 1;
                }
            }
        }
        world
    }

    /// A package's whole name.
    pub fn name(&self, package: usize) -> &'a str {
        self.packages.names[package]
    }

    /// The language of a package, by one of its modules.
    pub fn language(&self, package: usize) -> Language {
        let modules = &self.context.graph.modules;
        let name = self.name(package);
        let at = modules.partition_point(|module| module.name.as_str() < name);
        modules.get(at).map_or(Language::Python, |module| module.language)
    }

    /// The packages directly below one, in name order.
    pub fn children(&self, package: usize) -> Vec<usize> {
        let mut children: Vec<usize> =
            (0..self.packages.names.len()).filter(|at| self.packages.parent[*at] == Some(package)).collect();
        children.sort_by_key(|at| self.name(*at));
        children
    }

    /// By module the index of the one among `members` that it lies in.
    pub fn placed(&self, members: &[usize]) -> Vec<Option<usize>> {
        let of_package: BTreeMap<usize, usize> =
            members.iter().enumerate().map(|(at, package)| (*package, at)).collect();
        let place = |id: ModuleId| {
            let lies_in = |at: &usize| self.packages.parent[*at];
            let mut above = std::iter::successors(Some(self.packages.of_module[id.index()]), lies_in);
            above.find_map(|package| of_package.get(&package).copied())
        };
        self.context.graph.module_ids().map(place).collect()
    }

    /// The imports into each of the other members that the production modules of `member` reach, directly or through
    /// modules that `through` admits.
    pub fn reached(
        &self,
        member: usize,
        place: &[Option<usize>],
        through: impl Fn(ModuleId) -> bool,
    ) -> BTreeMap<usize, u32> {
        let graph = self.context.graph;
        let mut seen = ModuleSet::new(graph.modules.len());
        let starts = graph.module_ids().filter(|id| place[id.index()] == Some(member));
        let mut queue: VecDeque<ModuleId> =
            starts.filter(|id| self.context.speaks_of(&self.meta, *id)).collect();
        for id in &queue {
            seen.insert(*id);
        }
        let mut reached = BTreeMap::new();
        while let Some(id) = queue.pop_front() {
            for edge in graph.outgoing(id) {
                let rows = self.running(edge);
                if rows == 0 {
                    continue;
                }
                let to = place[edge.imported.index()];
                if let Some(to) = to.filter(|to| *to != member) {
                    *reached.entry(to).or_default() += rows;
                }
                if to != Some(member) && through(edge.imported) && !seen.contains(edge.imported) {
                    seen.insert(edge.imported);
                    queue.push_back(edge.imported);
                }
            }
        }
        reached
    }

    /// How many imports of an edge run.
    fn running(&self, edge: &Edge) -> u32 {
        let graph = self.context.graph;
        let rows = graph.rows_of_edge(edge).iter().map(|id| graph.row(*id));
        let runs = rows.filter(|row| {
            self.context.counts(&self.meta, graph.import(row)) && !self.context.is_borrowed(row)
        });
        runs.count() as u32
    }

    /// How many production modules of one member import another directly.
    pub fn importers(&self, place: &[Option<usize>], from: usize, to: usize) -> u32 {
        let graph = self.context.graph;
        let of_member = graph.module_ids().filter(|id| place[id.index()] == Some(from));
        let importing = of_member.filter(|id| {
            self.context.speaks_of(&self.meta, *id)
                && graph
                    .outgoing(*id)
                    .iter()
                    .any(|edge| place[edge.imported.index()] == Some(to) && self.running(edge) > 0)
        });
        importing.count() as u32
    }
}

/// What drafted entries say of whose imports they judge, as lines of TOML.
pub fn judged_lines(language: Language) -> Vec<String> {
    let lines = ["scopes = [\"production\"]", "except-kinds = [\"type-checking\"]"];
    let lines = if language == Language::Rust { &lines[..1] } else { &lines };
    lines.iter().map(|line| (*line).to_owned()).collect()
}

/// The same for finders.
fn judged() -> Meta {
    let item = Item { text: PRODUCTION.to_owned(), span: Span::default(), line: 0 };
    Meta { scopes: Some(vec![item]), except_kinds: vec!["type-checking".to_owned()], ..Meta::default() }
}

/// Whether a registry can name a module by that name: no target of its own, no file name that is no identifier.
pub fn is_plain(name: &str) -> bool {
    let is_identifier = |part: &str| {
        let mut chars = part.chars();
        chars.next().is_some_and(|first| first == '_' || first.is_alphabetic())
            && chars.all(|c| c == '_' || c.is_alphanumeric())
    };
    module_path::components(name).all(is_identifier)
}

/// An id made of a name.
pub fn slug(name: &str, what: &str) -> String {
    let parts: Vec<&str> = name.split(['.', ':']).filter(|part| !part.is_empty()).collect();
    format!("{}-{what}", parts.join("-"))
}
