//! What all finders look at: the packages, and the imports between siblings that make a program run. Knows no registry
//! text.

use std::collections::{BTreeMap, VecDeque};

use crate::graph::model::{Edge, ModuleId, Outcome, Row};
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
    /// By module, the modules it imports, each with how many imports count by [`Kinds`].
    out: Vec<Vec<(ModuleId, [u32; 2])>>,
    /// By module, what it names of modules that do not exist.
    strays: BTreeMap<ModuleId, Vec<&'a Row>>,
    /// What drafted entries judge: what ships, and what runs.
    metas: [Meta; 2],
}

/// Which imports count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kinds {
    /// All that run.
    Running,
    /// Those that run while a module is loaded, not those inside functions.
    Loading,
}

/// Packages that are looked at together.
pub struct Members<'a> {
    /// By module the index of the one that it lies in.
    place: Vec<Option<usize>>,
    /// Index by name.
    of_name: BTreeMap<&'a str, usize>,
}

impl Members<'_> {
    /// The one that a module lies in.
    pub fn of(&self, id: ModuleId) -> Option<usize> {
        self.place[id.index()]
    }
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
        let metas = [Kinds::Running, Kinds::Loading].map(judged);
        let mut world = Self {
            context,
            packages,
            levels: BTreeMap::new(),
            size,
            tops,
            out: Vec::new(),
            strays: BTreeMap::new(),
            metas,
        };
        world.out = graph.module_ids().map(|id| world.edges(id)).collect();
        for row in &graph.rows {
            let importer = graph.module(row.importer);
            if matches!(&row.outcome, Outcome::Missing(missing) if missing.module) && !importer.opaque {
                world.strays.entry(row.importer).or_default().push(row);
            }
            if !context.judges(&world.metas[0], row) || context.is_borrowed(row) {
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

    /// Packages to be looked at together.
    pub fn members(&self, members: &[usize]) -> Members<'a> {
        let mut of_package = vec![None; self.packages.names.len()];
        members.iter().enumerate().for_each(|(at, package)| of_package[*package] = Some(at));
        let place = |id: ModuleId| {
            let lies_in = |at: &usize| self.packages.parent[*at];
            let mut above = std::iter::successors(Some(self.packages.of_module[id.index()]), lies_in);
            above.find_map(|package| of_package[package])
        };
        Members {
            place: self.context.graph.module_ids().map(place).collect(),
            of_name: members.iter().enumerate().map(|(at, package)| (self.name(*package), at)).collect(),
        }
    }

    /// The imports into each of the other members that the production modules of `member` reach, directly or through
    /// modules that `through` admits.
    pub fn reached(
        &self,
        member: usize,
        members: &Members,
        kinds: Kinds,
        through: impl Fn(ModuleId) -> bool,
    ) -> BTreeMap<usize, u32> {
        let graph = self.context.graph;
        let mut seen = ModuleSet::new(graph.modules.len());
        let starts = graph.module_ids().filter(|id| members.of(*id) == Some(member));
        let mut queue: VecDeque<ModuleId> =
            starts.filter(|id| self.context.speaks_of(&self.metas[0], *id)).collect();
        for id in &queue {
            seen.insert(*id);
        }
        let mut reached = BTreeMap::new();
        while let Some(id) = queue.pop_front() {
            let strays = self.strays.get(&id).into_iter().flatten();
            for row in strays.filter(|row| self.counts(kinds, row)) {
                let to = module_path::prefixes(&row.target).find_map(|prefix| members.of_name.get(prefix));
                if let Some(to) = to.filter(|to| **to != member) {
                    *reached.entry(*to).or_default() += 1;
                }
            }
            for (imported, rows) in &self.out[id.index()] {
                let rows = rows[kinds as usize];
                if rows == 0 {
                    continue;
                }
                let to = members.of(*imported);
                if let Some(to) = to.filter(|to| *to != member) {
                    *reached.entry(to).or_default() += rows;
                }
                if to != Some(member) && through(*imported) && !seen.contains(*imported) {
                    seen.insert(*imported);
                    queue.push_back(*imported);
                }
            }
        }
        reached
    }

    /// What leaves a module.
    fn edges(&self, id: ModuleId) -> Vec<(ModuleId, [u32; 2])> {
        let graph = self.context.graph;
        let counted = |edge: &Edge| {
            let mut counts = [0; 2];
            let rows = graph.rows_of_edge(edge).iter().map(|id| graph.row(*id));
            for row in rows.filter(|row| !self.context.is_borrowed(row)) {
                counts[0] += u32::from(self.counts(Kinds::Running, row));
                counts[1] += u32::from(self.counts(Kinds::Loading, row));
            }
            (edge.imported, counts)
        };
        graph.outgoing(id).iter().map(counted).collect()
    }

    fn counts(&self, kinds: Kinds, row: &Row) -> bool {
        self.context.counts(&self.metas[kinds as usize], self.context.graph.import(row))
    }

    /// How many production modules of one member import another directly.
    pub fn importers(&self, members: &Members, from: usize, to: usize) -> u32 {
        let graph = self.context.graph;
        let of_member = graph.module_ids().filter(|id| members.of(*id) == Some(from));
        let names = |id: &ModuleId| {
            let mut strays = self.strays.get(id).into_iter().flatten();
            strays
                .any(|row| module_path::prefixes(&row.target).any(|at| members.of_name.get(at) == Some(&to)))
        };
        let imports =
            |(imported, rows): &(ModuleId, [u32; 2])| members.of(*imported) == Some(to) && rows[0] > 0;
        let importing = of_member.filter(|id| {
            self.context.speaks_of(&self.metas[0], *id)
                && (self.out[id.index()].iter().any(imports) || names(id))
        });
        importing.count() as u32
    }

    /// Whether a package is one with `__init__`, or a crate.
    pub fn is_package(&self, package: usize) -> bool {
        let graph = self.context.graph;
        graph
            .named(self.name(package))
            .any(|at| graph.modules[at].package || graph.modules[at].rust.is_some())
    }
}

/// What drafted entries say of whose imports they judge, as lines of TOML.
pub fn judged_lines(language: Language, kinds: Kinds) -> Vec<String> {
    let mut lines = vec!["scopes = [\"production\"]".to_owned()];
    if language == Language::Python {
        lines.push(format!("except-kinds = {}", toml::Value::from(except(kinds))));
    }
    lines
}

fn except(kinds: Kinds) -> Vec<String> {
    let except: &[&str] = match kinds {
        Kinds::Running => &["type-checking"],
        Kinds::Loading => &["type-checking", "deferred"],
    };
    except.iter().map(|kind| (*kind).to_owned()).collect()
}

/// The same for finders.
fn judged(kinds: Kinds) -> Meta {
    let item = Item { text: PRODUCTION.to_owned(), span: Span::default(), line: 0 };
    Meta { scopes: Some(vec![item]), except_kinds: except(kinds), ..Meta::default() }
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
