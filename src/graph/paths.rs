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
