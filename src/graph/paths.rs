//! Shortest chains, breadth first. Ids compare as names do, so visiting in id order breaks ties by name.

use super::model::{Edge, Graph, ModuleId};

/// A set of modules, one bit each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModuleSet {
    words: Vec<u64>,
}

impl ModuleSet {
    /// The empty set over that many modules.
    pub fn new(modules: usize) -> Self {
        Self { words: vec![0; modules.div_ceil(64)] }
    }

    /// Adds a module; whether it was not in yet.
    pub fn insert(&mut self, id: ModuleId) -> bool {
        let word = &mut self.words[id.index() / 64];
        let bit = 1 << (id.index() % 64);
        let new = *word & bit == 0;
        *word |= bit;
        new
    }

    /// Whether it holds a module.
    pub fn contains(&self, id: ModuleId) -> bool {
        self.words[id.index() / 64] & (1 << (id.index() % 64)) != 0
    }

    /// Adds all of another set.
    pub fn union(&mut self, other: &Self) {
        for (word, more) in self.words.iter_mut().zip(&other.words) {
            *word |= more;
        }
    }

    /// Takes all of another set out.
    pub fn subtract(&mut self, other: &Self) {
        for (word, less) in self.words.iter_mut().zip(&other.words) {
            *word &= !less;
        }
    }

    /// Keeps only those that `keep` admits.
    pub fn retain(&mut self, keep: impl Fn(ModuleId) -> bool) {
        let out: Vec<ModuleId> = self.iter().filter(|id| !keep(*id)).collect();
        for id in out {
            self.words[id.index() / 64] &= !(1 << (id.index() % 64));
        }
    }

    /// Whether every module of it is in another set too.
    pub fn is_subset(&self, other: &Self) -> bool {
        self.words.iter().zip(&other.words).all(|(word, others)| word & !others == 0)
    }

    /// Whether no module is in both.
    pub fn is_disjoint(&self, other: &Self) -> bool {
        self.words.iter().zip(&other.words).all(|(word, others)| word & others == 0)
    }

    /// How many modules it holds.
    pub fn len(&self) -> u32 {
        self.words.iter().map(|word| word.count_ones()).sum()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }

    /// Its modules in name order.
    pub fn iter(&self) -> impl Iterator<Item = ModuleId> {
        self.words.iter().enumerate().flat_map(|(at, word)| {
            (0..64).filter(move |bit| word & (1 << bit) != 0).map(move |bit| ModuleId((at * 64 + bit) as u32))
        })
    }
}

/// What a breadth-first search from a set of modules reached, and over which edges.
#[derive(Debug)]
pub struct Reach {
    /// Everything reached, the start included.
    pub seen: ModuleSet,
    before: Vec<Option<Edge>>,
}

impl Graph {
    /// Searches from `start` over edges that `follow` admits; it never goes beyond a module that `stop` names.
    pub fn reach(
        &self,
        start: &ModuleSet,
        stop: impl Fn(ModuleId) -> bool,
        follow: impl Fn(&Edge) -> bool,
    ) -> Reach {
        let mut seen = start.clone();
        let mut before = vec![None; self.modules.len()];
        let mut queue: Vec<ModuleId> = start.iter().collect();
        let mut next = 0;
        while let Some(&id) = queue.get(next) {
            next += 1;
            if stop(id) {
                continue;
            }
            for edge in self.outgoing(id) {
                if !seen.contains(edge.imported) && follow(edge) {
                    seen.insert(edge.imported);
                    before[edge.imported.index()] = Some(*edge);
                    queue.push(edge.imported);
                }
            }
        }
        Reach { seen, before }
    }

    /// Searches from modules with labels, each its own, over modules that `passes` admits and edges that `follow` admits.
    ///
    /// A module keeps the ways from the two nearest labels: whatever label is asked to be left out, one of the two is
    /// the nearest of the others. So the ways between any number of labels cost no more than two plain searches.
    pub fn nearest(
        &self,
        starts: impl Iterator<Item = (ModuleId, u32)>,
        passes: impl Fn(ModuleId) -> bool,
        follow: impl Fn(&Edge) -> bool,
    ) -> Nearest {
        let mut ways: Vec<[Option<Step>; 2]> = vec![[None; 2]; self.modules.len()];
        let mut queue: Vec<(ModuleId, Step, usize)> = Vec::new();
        for (id, label) in starts {
            let step = Step { label, before: None };
            ways[id.index()][0] = Some(step);
            queue.push((id, step, 0));
        }
        let mut next = 0;
        while let Some(&(id, Step { label, .. }, slot)) = queue.get(next) {
            next += 1;
            for edge in self.outgoing(id).iter().filter(|edge| passes(edge.imported)) {
                let known = &mut ways[edge.imported.index()];
                let free = match known {
                    [None, _] => 0,
                    [Some(first), None] if first.label != label => 1,
                    _ => continue,
                };
                if follow(edge) {
                    let step = Step { label, before: Some((*edge, slot)) };
                    known[free] = Some(step);
                    queue.push((edge.imported, step, free));
                }
            }
        }
        Nearest { ways }
    }
}

/// One way to a module: the label it comes from, and the last edge with the place of the way to its importer.
#[derive(Clone, Copy, Debug)]
struct Step {
    label: u32,
    before: Option<(Edge, usize)>,
}

/// What a search from labelled modules reached: see [`Graph::nearest`].
#[derive(Debug)]
pub struct Nearest {
    ways: Vec<[Option<Step>; 2]>,
}

impl Nearest {
    /// Every module reached, starts included, in name order.
    pub fn reached(&self) -> impl Iterator<Item = ModuleId> {
        let reached = self.ways.iter().enumerate().filter(|(_, ways)| ways[0].is_some());
        reached.map(|(at, _)| ModuleId(at as u32))
    }

    /// The edges of a shortest way to `end` from a label other than `label`, first edge first; None if there is none.
    pub fn way_apart_from(&self, label: u32, end: ModuleId) -> Option<Vec<Edge>> {
        let mut step = self.ways[end.index()].iter().flatten().find(|step| step.label != label).copied();
        step?;
        let mut way = Vec::new();
        while let Some((edge, slot)) = step.and_then(|step| step.before) {
            way.push(edge);
            step = self.ways[edge.importer.index()][slot];
        }
        way.reverse();
        Some(way)
    }
}

impl Reach {
    /// The edges of a shortest way from the start to `end`, first edge first; empty for a module of the start.
    pub fn way_to(&self, end: ModuleId) -> Vec<Edge> {
        let mut way = Vec::new();
        let mut at = end;
        while let Some(edge) = self.before[at.index()] {
            way.push(edge);
            at = edge.importer;
        }
        way.reverse();
        way
    }
}
