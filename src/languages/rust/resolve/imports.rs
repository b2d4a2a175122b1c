//! All imports to a fixpoint: each round resolves what it can from what the round before found.
//!
//! First strictly: a name waits while an import that is not resolved may still bring it. When nothing moves any more,
//! the rest is taken as it stands, so that circles end.

use rayon::prelude::*;
use rustc_hash::FxHashSet;

use super::{Bound, Def, EACH, Found, Leaf, Look, MAX_REACH, MAX_WAYS, Resolver, Search, Spaces, Via, index};
use crate::languages::rust::text::Form;

/// More rounds than any code needs: each follows every chain of imports one step further.
const MAX_ROUNDS: usize = 200;

/// What one round found of a leaf.
#[derive(Default)]
struct Step {
    found: [Vec<Def>; 3],
    bases: Vec<Def>,
}

impl Resolver<'_> {
    pub(super) fn settle(&mut self) {
        let mut strict = true;
        for _ in 0..MAX_ROUNDS {
            let leaves = (0..self.leaves.len() as u32).into_par_iter();
            let steps: Vec<Step> = leaves.map(|leaf| self.try_leaf(leaf, strict)).collect();
            let mut moved = false;
            for (leaf, step) in self.leaves.iter_mut().zip(steps) {
                moved |= add(&mut leaf.bases, step.bases);
                for (known, found) in leaf.found.iter_mut().zip(step.found) {
                    moved |= add(known, found);
                }
            }
            if !moved {
                if !strict && !self.give_up() {
                    break;
                }
                strict = false;
            }
        }
    }

    /// Takes what begins with nothing known for a crate that no manifest names; says whether there is any such import.
    fn give_up(&mut self) -> bool {
        let nothing = |at: &u32| {
            let leaf = &self.leaves[*at as usize];
            let import = &leaf.mention.import;
            let head = import.module.split("::").next().filter(|head| !head.is_empty());
            let Some(head) = head.or(import.name.as_deref()).filter(|head| *head != "*") else {
                return false;
            };
            let from = self.scopes[leaf.scope as usize].module;
            let unknown = |space| {
                let search = Search { name: head, space, from, by: Some(*at), strict: false };
                self.head_of_import(leaf, &search) == Look::No
            };
            leaf.bases.is_empty() && leaf.found.iter().all(Vec::is_empty) && EACH.into_iter().all(unknown)
        };
        let outside: Vec<u32> = (0..self.leaves.len() as u32).filter(nothing).collect();
        for at in &outside {
            let leaf = &mut self.leaves[*at as usize];
            leaf.bases.push(Def::External(*at));
            leaf.found.iter_mut().for_each(|found| found.push(Def::External(*at)));
        }
        !outside.is_empty()
    }

    fn try_leaf(&self, at: u32, strict: bool) -> Step {
        let leaf = &self.leaves[at as usize];
        let mut step = Step::default();
        let import = &leaf.mention.import;
        let name = import.name.as_deref().unwrap_or_default();
        let from = self.scopes[leaf.scope as usize].module;
        let outside = |def: Def| if def == Def::Crate { Def::External(at) } else { def };
        if matches!(leaf.mention.form, Form::ExternCrate { .. }) {
            step.found[0].push(self.brought(at));
            return step;
        }
        let is_glob = name == "*";
        let spaces = EACH.into_iter().filter(|space| !leaf.only_types || *space == Spaces::TYPE);
        if import.module.is_empty() && !is_glob {
            for space in spaces {
                let search = Search { name, space, from, by: Some(at), strict };
                if let Look::Found(found) = self.head_of_import(leaf, &search) {
                    step.found[index(space)].extend(found.into_iter().map(|found| outside(found.def)));
                }
            }
            return step;
        }
        step.bases = self.bases_of_import(leaf, at, strict).into_iter().map(outside).collect();
        if is_glob {
            return step;
        }
        for base in &step.bases {
            match *base {
                Def::Module(module) => {
                    for space in spaces.clone() {
                        let search = Search { name, space, from, by: Some(at), strict };
                        if let Look::Found(found) = self.lookup(module, &search) {
                            step.found[index(space)]
                                .extend(found.into_iter().map(|found| outside(found.def)));
                        }
                    }
                }
                Def::Item(_) | Def::Local => step.found[0].push(*base),
                Def::Crate | Def::External(_) => {
                    step.found.iter_mut().for_each(|found| found.push(Def::External(at)));
                }
            }
        }
        step
    }

    /// What the path of a leaf without its last segment names; nothing while that is not known.
    fn bases_of_import(&self, leaf: &Leaf, at: u32, strict: bool) -> Vec<Def> {
        let import = &leaf.mention.import;
        let from = self.scopes[leaf.scope as usize].module;
        if import.module.is_empty() {
            // `use ::*` and `use *` speak of the root in the first edition.
            return vec![Def::Module(self.root_of(from))];
        }
        let search = |name| Search { name, space: Spaces::TYPE, from, by: Some(at), strict };
        let mut segments = import.module.split("::");
        let head = search(segments.next().unwrap_or_default());
        let Look::Found(found) = self.head_of_import(leaf, &head) else { return Vec::new() };
        let mut bases: Vec<Def> = found.into_iter().map(|found| found.def).collect();
        for segment in segments {
            let mut next = Vec::new();
            for base in bases {
                match base {
                    Def::Module(module) if segment == "super" => {
                        next.extend(self.modules[module as usize].parent.map(Def::Module));
                    }
                    Def::Module(module) => {
                        if let Look::Found(found) = self.lookup(module, &search(segment)) {
                            next.extend(found.into_iter().map(|found| found.def));
                        }
                    }
                    other => next.push(other),
                }
            }
            next.truncate(MAX_WAYS);
            bases = next;
        }
        bases
    }

    fn head_of_import(&self, leaf: &Leaf, search: &Search) -> Look {
        self.head(leaf.scope, search, leaf.mention.global, true)
    }

    /// What the first segment of a path means.
    pub(super) fn head(&self, scope: u32, search: &Search, global: bool, is_use: bool) -> Look {
        let Search { name: head, space, from: module, .. } = *search;
        let own = |def| Look::Found(vec![Found { def, via: Via::Own }]);
        match head {
            "crate" => return own(Def::Module(self.root_of(module))),
            "self" => return own(Def::Module(module)),
            "super" => {
                return self.modules[module as usize]
                    .parent
                    .map_or(Look::No, |parent| own(Def::Module(parent)));
            }
            _ => {}
        }
        let old = self.crate_of(module).edition < 2018;
        let prelude = || match self.prelude(module, head) {
            found if space == Spaces::TYPE && !found.is_empty() => Look::Found(found),
            _ => Look::No,
        };
        if global || (old && is_use) {
            let look = if old { self.lookup(self.root_of(module), search) } else { Look::No };
            return if look == Look::No { prelude() } else { look };
        }
        let mut at = Some(scope);
        while let Some(scope) = at {
            let look = self.lookup(scope, search);
            if look != Look::No {
                return look;
            }
            at = self.scopes[scope as usize].around;
        }
        if space == Spaces::MACRO {
            return self.textual(module, head).map_or(Look::No, own);
        }
        prelude()
    }

    /// What the code of a module's target may name without an import: what an `extern crate` at the root brings, else a
    /// dependency.
    fn prelude(&self, module: u32, name: &str) -> Vec<Found> {
        let target = self.modules[module as usize].target;
        if let Some(leaves) = self.extern_crates.get(&(target, name.into())) {
            return leaves
                .iter()
                .map(|leaf| Found { def: self.brought(*leaf), via: Via::Leaf(*leaf) })
                .collect();
        }
        let def = self.extern_crate(module, name);
        def.map(|def| Found { def, via: Via::Prelude }).into_iter().collect()
    }

    /// What the `extern crate` of a leaf brings.
    fn brought(&self, leaf: u32) -> Def {
        let Leaf { scope, mention, .. } = &self.leaves[leaf as usize];
        let module = self.scopes[*scope as usize].module;
        let name = mention.import.name.as_deref().unwrap_or_default();
        let own = (name == "self").then(|| Def::Module(self.root_of(module)));
        match own.or_else(|| self.extern_crate(module, name)) {
            Some(Def::Crate) | None => Def::External(leaf),
            Some(def) => def,
        }
    }

    /// A crate by the name that the manifest of a module's target has for it.
    fn extern_crate(&self, module: u32, name: &str) -> Option<Def> {
        let known = self.crate_of(module).externs.get(name)?;
        Some(known.map_or(Def::Crate, Def::Module))
    }

    /// A `macro_rules!` of the target that is not named by a path: the nearest one above, else the only one. Which of
    /// several elsewhere is meant hangs on the order of the text.
    fn textual(&self, module: u32, name: &str) -> Option<Def> {
        let target = self.modules[module as usize].target;
        let known = self.macros.get(&(target, name.into()))?;
        let above = known.iter().rev().find(|item| self.lies_in(module, self.items[**item as usize].module));
        let only = || known.first().filter(|_| known.len() == 1);
        above.or_else(only).map(|item| Def::Item(*item))
    }

    /// Searches the names of one scope: what it declares and imports by name, then its globs.
    pub(super) fn lookup(&self, scope: u32, search: &Search) -> Look {
        self.lookup_apart(scope, search, &mut FxHashSet::default())
    }

    /// The same, without the globs of scopes that were searched before.
    fn lookup_apart(&self, scope: u32, search: &Search, seen: &mut FxHashSet<u32>) -> Look {
        let Search { name, space, from, by, strict } = *search;
        let here = &self.scopes[scope as usize];
        let mut wait = false;
        let mut all: Vec<Found> = Vec::new();
        let binds = here.names.get(name).map_or(&[][..], Vec::as_slice);
        for test in [false, true] {
            for bind in binds.iter().filter(|bind| bind.spaces.contains(space) && bind.test == test) {
                match bind.bound {
                    Bound::Def(def) => all.push(Found { def, via: Via::Own }),
                    // An import does not find itself: `use x::x` asks for another one.
                    Bound::Leaf(leaf) if Some(leaf) == by => {}
                    Bound::Leaf(leaf) => {
                        let found = &self.leaves[leaf as usize].found;
                        all.extend(
                            found[index(space)].iter().map(|def| Found { def: *def, via: Via::Leaf(leaf) }),
                        );
                        wait |= found.iter().all(Vec::is_empty);
                    }
                }
            }
            if !all.is_empty() {
                all.truncate(MAX_WAYS);
                return Look::Found(all);
            }
        }
        if wait && strict {
            return Look::Wait;
        }
        if seen.len() >= MAX_REACH || !seen.insert(scope) {
            return Look::No;
        }
        let through = Search { from: here.module, ..*search };
        for glob in &here.globs {
            let leaf = &self.leaves[*glob as usize];
            if Some(*glob) == by || !self.reaches(leaf.reach, from) {
                continue;
            }
            wait |= leaf.bases.is_empty();
            let mut bring = |def: Def| {
                if all.len() < MAX_WAYS && all.iter().all(|known| known.def != def) {
                    all.push(Found { def, via: Via::Glob(*glob) });
                }
            };
            for base in &leaf.bases {
                match *base {
                    Def::Module(module) => match self.lookup_visible(module, &through, seen) {
                        Look::Found(found) => found.into_iter().for_each(|found| bring(found.def)),
                        Look::Wait => wait = true,
                        Look::No => {}
                    },
                    Def::Item(item) => {
                        let variants = &self.items[item as usize].item.variants;
                        if space != Spaces::MACRO && variants.iter().any(|variant| variant == name) {
                            bring(Def::Item(item));
                        }
                    }
                    Def::Crate | Def::External(_) | Def::Local => {}
                }
            }
        }
        match all.is_empty() {
            false => Look::Found(all),
            true if wait && strict => Look::Wait,
            true => Look::No,
        }
    }

    /// The same of a module, without what may not be named from where the search starts.
    fn lookup_visible(&self, module: u32, search: &Search, seen: &mut FxHashSet<u32>) -> Look {
        if !self.is_visible(module, search.name, search.space, search.from) {
            return Look::No;
        }
        self.lookup_apart(module, search, seen)
    }

    /// Whether a module may name what another has of that name; what it has not, nothing hides.
    pub(super) fn is_visible(&self, module: u32, name: &str, space: Spaces, from: u32) -> bool {
        let binds = self.scopes[module as usize].names.get(name).map_or(&[][..], Vec::as_slice);
        let mut of_space = binds.iter().filter(|bind| bind.spaces.contains(space)).peekable();
        of_space.peek().is_none() || of_space.any(|bind| self.reaches(bind.reach, from))
    }
}

/// Adds what is new; says whether anything is.
fn add(known: &mut Vec<Def>, found: Vec<Def>) -> bool {
    let before = known.len();
    for def in found {
        if known.len() < MAX_WAYS && !known.contains(&def) {
            known.push(def);
        }
    }
    known.len() > before
}
