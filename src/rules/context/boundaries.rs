//! What the rules about single imports share: whose trees patterns name, what a row leads to, how a list reads.

use rustc_hash::FxHashMap;

use super::Context;
use crate::facts::{Also, Bound};
use crate::graph::model::{ModuleId, Outcome, Row};
use crate::module_path::is_within;
use crate::registry::pattern::Pattern;

/// The trees that patterns name. Each name that a pattern stands for is one, with everything below it: `a.*` is a tree
/// for every child of `a`. A pattern of a scope or of files is one tree as a whole.
pub struct Trees<'a> {
    patterns: &'a [Pattern],
    ids: FxHashMap<(usize, &'a str), u32>,
    of_module: Vec<Vec<u32>>,
}

/// The tree of a name below which no module lies: nobody is inside.
const DESERTED: u32 = u32::MAX;

impl<'a> Trees<'a> {
    /// Finds the trees; every pattern is matched against every module once.
    pub fn new(context: &Context<'a>, patterns: &'a [Pattern]) -> Self {
        let mut trees = Self { patterns, ids: FxHashMap::default(), of_module: Vec::new() };
        for id in context.graph.module_ids() {
            let subject = context.subject(id);
            let mut own = Vec::new();
            for (at, pattern) in patterns.iter().enumerate().filter(|(_, p)| p.matches(&subject)) {
                let top = pattern.top(subject.name).unwrap_or("");
                let next = trees.ids.len() as u32;
                own.push(*trees.ids.entry((at, top)).or_insert(next));
            }
            trees.of_module.push(own);
        }
        trees
    }

    /// The trees that a module lies in.
    pub fn of(&self, module: ModuleId) -> &[u32] {
        &self.of_module[module.index()]
    }

    /// The trees that a name lies in, whether or not there is a module of that name.
    pub fn of_name(&self, name: &str) -> impl Iterator<Item = u32> {
        self.patterns.iter().enumerate().filter_map(move |(at, pattern)| {
            let top = pattern.top(name)?;
            Some(self.ids.get(&(at, top)).copied().unwrap_or(DESERTED))
        })
    }
}

impl Context<'_> {
    /// The modules that a rule about direct imports judges a row by. In Python those it leads to. In Rust the one that
    /// defines what is named, so that a re-export does not launder a violation; but a re-export whose own import the
    /// rule permits ends the path there. `permits` says that of an importer and what it imports.
    pub fn judged_ends(&self, row: &Row, permits: impl Fn(ModuleId, ModuleId) -> bool) -> Vec<ModuleId> {
        let through = row.resolved.as_ref().map_or(&[][..], |resolved| &resolved.through);
        if self.is_borrowed(row) {
            return row.door.into_iter().collect();
        }
        if let (false, Some(end)) = (through.is_empty(), row.leads_to()) {
            let next = through.iter().skip(1).copied().chain([end]);
            let hop = through.iter().zip(next).find(|(importer, imported)| permits(**importer, *imported));
            if let Some((judged, _)) = hop {
                return if *judged == row.importer { Vec::new() } else { vec![*judged] };
            }
        }
        self.graph.names().ends(row).collect()
    }

    /// What a row names, for a sentence: the written path, and where that is a re-export in Rust what defines it.
    pub fn told(&self, row: &Row) -> String {
        let end = row.leads_to().filter(|end| row.resolved.is_some() && Some(*end) != row.door);
        match end {
            Some(end) => format!("`{}` (defined in `{}`)", row.target, self.graph.module(end).name),
            None => format!("`{}`", row.target),
        }
    }

    /// Whether a row takes what a Rust module imports for itself, as what lies below it may: that import is judged where
    /// it stands, and the module is no door.
    pub fn is_borrowed(&self, row: &Row) -> bool {
        let (Some(resolved), Some(door)) = (&row.resolved, row.door) else { return false };
        let name = self.graph.import(row).name.as_deref().unwrap_or("*");
        let importer = &self.graph.module(row.importer).name;
        if row.outcome != Outcome::Name
            || resolved.through.first() != Some(&door)
            || !is_within(importer, &self.graph.module(door).name)
        {
            return false;
        }
        let mut imports = self.graph.files_of(door).flat_map(|file| {
            let facts = &self.graph.facts[file.index()];
            let named = facts.bindings_of(name).iter().filter_map(|binding| match binding.bound {
                Bound::Import(at) => facts.imports.get(at as usize),
                _ => None,
            });
            let globs = facts.imports.iter().filter(|import| import.kind.also.contains(Also::WILDCARD));
            named.chain(globs)
        });
        !imports.any(|import| import.kind.also.contains(Also::REEXPORT))
    }

    /// Whether a chain that has come to a row's importer may go on over it. A Rust re-export only gives a name on: who
    /// uses the name has an edge to its definition.
    pub fn carries(&self, row: &Row) -> bool {
        row.resolved.is_none() || !self.graph.import(row).kind.also.contains(Also::REEXPORT)
    }

    /// The written paths of a row that leads to no module one could look at; none for a row that does.
    pub fn bare_paths<'r>(&self, row: &'r Row) -> Vec<&'r str> {
        match &row.outcome {
            Outcome::Bare => {}
            Outcome::Missing(missing) if missing.module => {}
            _ => return Vec::new(),
        }
        let target = row.target.as_str();
        match self.graph.import(row).name {
            Some(_) => vec![target, self.module_part(row)],
            None => vec![target],
        }
    }

    /// The module that a row's statement names, made absolute: its target without the imported name.
    pub fn module_part<'r>(&self, row: &'r Row) -> &'r str {
        let target = row.target.as_str();
        let name = self.graph.import(row).name.as_deref();
        let module = name.and_then(|name| target.strip_suffix(name));
        module.map_or(target, |module| module.trim_end_matches(['.', ':']))
    }
}

/// How patterns read in a sentence: `a`, `b` or `c`; of many, the first ones.
pub fn one_of(patterns: &[Pattern]) -> String {
    alternatives(&patterns.iter().map(|pattern| pattern.text.as_str()).collect::<Vec<_>>())
}

/// The same of any texts.
pub fn alternatives(texts: &[&str]) -> String {
    const SHOWN: usize = 4;
    let quoted: Vec<String> = texts.iter().take(SHOWN).map(|text| format!("`{text}`")).collect();
    match quoted.as_slice() {
        _ if texts.len() > SHOWN => format!("{} or {} more", quoted.join(", "), texts.len() - SHOWN),
        [first @ .., last] if !first.is_empty() => format!("{} or {last}", first.join(", ")),
        _ => quoted.concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_read_as_a_sentence() {
        assert_eq!(alternatives(&["a"]), "`a`");
        assert_eq!(alternatives(&["a", "b"]), "`a` or `b`");
        assert_eq!(alternatives(&["a", "b", "c", "d"]), "`a`, `b`, `c` or `d`");
        assert_eq!(alternatives(&["a", "b", "c", "d", "e", "f"]), "`a`, `b`, `c`, `d` or 2 more");
    }
}
