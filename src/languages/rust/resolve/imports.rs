//! All imports to a fixpoint: each round resolves what it can from what the round before found.
//!
//! First strictly: a name waits while an import that is not resolved may still bring it. When nothing moves any more,
//! the rest is taken as it stands, so that circles end.

use super::{Bound, Def, EACH, Found, FxHashSet, Leaf, Look, ParallelIterator, Resolver, Spaces, Via, index};
use crate::languages::rust::text::Form;
use rayon::prelude::*;

/// More rounds than any code needs: each follows every chain of imports one step further.
const MAX_ROUNDS: usize = 200;

/// What one round found of a leaf.
struct Step {
    leaf: u32,
    found: [Option<Def>; 3],
    base: Option<Def>,
}

impl<'r> Resolver<'r> {
    pub(super) fn settle(&mut self) {
        let mut open: Vec<u32> = (0..self.leaves.len() as u32).collect();
        let mut strict = true;
        for _ in 0..MAX_ROUNDS {
            let steps: Vec<Step> = open.par_iter().map(|leaf| self.try_leaf(*leaf, strict)).collect();
            let mut moved = false;
            for step in steps {
                let leaf = &mut self.leaves[step.leaf as usize];
                if leaf.base.is_none() && step.base.is_some() {
                    leaf.base = step.base;
                    moved = true;
                }
                for (known, found) in leaf.found.iter_mut().zip(step.found) {
                    if known.is_none() && found.is_some() {
                        *known = found;
                        moved = true;
                    }
                }
            }
            if !moved {
                if !strict {
                    break;
                }
                strict = false;
            }
            open.retain(|leaf| !is_settled(&self.leaves[*leaf as usize]));
        }
    }

    fn try_leaf(&self, at: u32, strict: bool) -> Step {
        let leaf = &self.leaves[at as usize];
        let mut step = Step { leaf: at, found: leaf.found, base: leaf.base };
        let import = &leaf.mention.import;
        let name = import.name.as_deref().unwrap_or_default();
        if matches!(leaf.mention.form, Form::ExternCrate { .. }) {
            let module = self.scopes[leaf.scope as usize].module;
            let def = if name == "self" {
                Def::Module(self.root_of(module))
            } else {
                self.extern_crate(module, name).unwrap_or(Def::Crate)
            };
            step.found[0] = Some(if def == Def::Crate { Def::External(at) } else { def });
            return step;
        }
        let is_glob = name == "*";
        if import.module.is_empty() && !is_glob {
            for space in EACH.into_iter().filter(|space| !leaf.only_types || *space == Spaces::TYPE) {
                let slot = &mut step.found[index(space)];
                if slot.is_none()
                    && let Look::Found(found) = self.head_of_import(leaf, at, name, space, strict)
                {
                    *slot = Some(if found.def == Def::Crate { Def::External(at) } else { found.def });
                }
            }
            return step;
        }
        if step.base.is_none() {
            step.base = self.base_of_import(leaf, at, strict);
        }
        let Some(base) = step.base else { return step };
        if is_glob {
            return step;
        }
        match base {
            Def::Module(module) => {
                let from = self.scopes[leaf.scope as usize].module;
                for space in EACH.into_iter().filter(|space| !leaf.only_types || *space == Spaces::TYPE) {
                    let slot = &mut step.found[index(space)];
                    if slot.is_none()
                        && let Look::Found(found) = self.lookup(
                            module,
                            name,
                            space,
                            from,
                            Some(at),
                            strict,
                            &mut FxHashSet::default(),
                        )
                    {
                        *slot = Some(if found.def == Def::Crate { Def::External(at) } else { found.def });
                    }
                }
            }
            Def::Item(item) => step.found[0] = Some(Def::Item(item)),
            Def::Crate | Def::External(_) => step.found = [Some(Def::External(at)); 3],
            Def::Local => step.found[0] = Some(Def::Local),
        }
        step
    }

    /// What the path of a leaf without its last segment names; None while that is not known.
    fn base_of_import(&self, leaf: &Leaf, at: u32, strict: bool) -> Option<Def> {
        let import = &leaf.mention.import;
        if import.module.is_empty() {
            // `use ::*` and `use *` speak of the root in the first edition.
            return Some(Def::Module(self.root_of(self.scopes[leaf.scope as usize].module)));
        }
        let mut segments = import.module.split("::");
        let head = segments.next().unwrap_or_default();
        let Look::Found(found) = self.head_of_import(leaf, at, head, Spaces::TYPE, strict) else {
            return None;
        };
        let from = self.scopes[leaf.scope as usize].module;
        let mut def = found.def;
        for segment in segments {
            def = match def {
                Def::Module(module) if segment == "super" => {
                    Def::Module(self.modules[module as usize].parent?)
                }
                Def::Module(module) => {
                    let look = self.lookup(
                        module,
                        segment,
                        Spaces::TYPE,
                        from,
                        Some(at),
                        strict,
                        &mut FxHashSet::default(),
                    );
                    let Look::Found(found) = look else { return None };
                    found.def
                }
                other => other,
            };
        }
        Some(if def == Def::Crate { Def::External(at) } else { def })
    }

    fn head_of_import(&self, leaf: &Leaf, at: u32, head: &str, space: Spaces, strict: bool) -> Look {
        self.head(leaf.scope, head, space, leaf.mention.global, true, Some(at), strict)
    }

    /// What the first segment of a path means.
    #[expect(clippy::too_many_arguments, reason = "a search has many conditions, and each caller states all")]
    pub(super) fn head(
        &self,
        scope: u32,
        head: &str,
        space: Spaces,
        global: bool,
        is_use: bool,
        asked_by: Option<u32>,
        strict: bool,
    ) -> Look {
        let module = self.scopes[scope as usize].module;
        let own = |def| Look::Found(Found { def, via: Via::Own });
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
        let prelude = || match self.extern_crate(module, head) {
            Some(def) if space == Spaces::TYPE => Look::Found(Found { def, via: Via::Prelude }),
            _ => Look::No,
        };
        let search =
            |scope| self.lookup(scope, head, space, module, asked_by, strict, &mut FxHashSet::default());
        if global || (old && is_use) {
            let look = if old { search(self.root_of(module)) } else { Look::No };
            return if look == Look::No { prelude() } else { look };
        }
        let mut at = Some(scope);
        while let Some(scope) = at {
            let look = search(scope);
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

    /// A crate by the name that the code of a module's target has for it.
    fn extern_crate(&self, module: u32, name: &str) -> Option<Def> {
        let known = self.crate_of(module).externs.get(name)?;
        Some(known.map_or(Def::Crate, Def::Module))
    }

    /// A `macro_rules!` of the target that is not named by a path: the nearest one above, else the only one.
    fn textual(&self, module: u32, name: &str) -> Option<Def> {
        let target = self.modules[module as usize].target;
        let known = self.macros.get(&(target, name.into()))?;
        let above = known.iter().rev().find(|item| self.lies_in(module, self.items[**item as usize].module));
        above.or_else(|| known.first()).map(|item| Def::Item(*item))
    }

    /// Searches the names of one scope: what it declares and imports by name, then its globs.
    #[expect(clippy::too_many_arguments, reason = "a search has many conditions, and each caller states all")]
    pub(super) fn lookup(
        &self,
        scope: u32,
        name: &str,
        space: Spaces,
        from: u32,
        asked_by: Option<u32>,
        strict: bool,
        seen: &mut FxHashSet<u32>,
    ) -> Look {
        let here = &self.scopes[scope as usize];
        let mut wait = false;
        let binds = here.names.get(name).map_or(&[][..], Vec::as_slice);
        let of_space =
            |test: bool| binds.iter().filter(move |bind| bind.spaces.contains(space) && bind.test == test);
        for bind in of_space(false).chain(of_space(true)) {
            match bind.bound {
                Bound::Def(def) => return Look::Found(Found { def, via: Via::Own }),
                // An import does not find itself: `use x::x` asks for another one.
                Bound::Leaf(leaf) if Some(leaf) == asked_by => {}
                Bound::Leaf(leaf) => match self.leaves[leaf as usize].found[index(space)] {
                    Some(def) => return Look::Found(Found { def, via: Via::Leaf(leaf) }),
                    None => wait |= self.leaves[leaf as usize].found == [None; 3],
                },
            }
        }
        if wait && strict {
            return Look::Wait;
        }
        if !seen.insert(scope) {
            return Look::No;
        }
        for glob in &here.globs {
            let leaf = &self.leaves[*glob as usize];
            if Some(*glob) == asked_by || !self.reaches(leaf.reach, from) {
                continue;
            }
            match leaf.base {
                None => wait = true,
                Some(Def::Module(module)) => {
                    match self.lookup_visible(module, name, space, here.module, asked_by, strict, seen) {
                        Look::Found(found) => {
                            return Look::Found(Found { def: found.def, via: Via::Glob(*glob) });
                        }
                        Look::Wait => wait = true,
                        Look::No => {}
                    }
                }
                Some(Def::Item(item)) => {
                    let variants = &self.items[item as usize].item.variants;
                    if space != Spaces::MACRO && variants.iter().any(|variant| variant == name) {
                        return Look::Found(Found { def: Def::Item(item), via: Via::Glob(*glob) });
                    }
                }
                Some(Def::Crate | Def::External(_) | Def::Local) => {}
            }
        }
        if wait && strict { Look::Wait } else { Look::No }
    }

    /// The same of a module, without what may not be named from `from`.
    #[expect(clippy::too_many_arguments, reason = "a search has many conditions, and each caller states all")]
    fn lookup_visible(
        &self,
        module: u32,
        name: &str,
        space: Spaces,
        from: u32,
        asked_by: Option<u32>,
        strict: bool,
        seen: &mut FxHashSet<u32>,
    ) -> Look {
        let binds = self.scopes[module as usize].names.get(name).map_or(&[][..], Vec::as_slice);
        let mut of_space = binds.iter().filter(|bind| bind.spaces.contains(space)).peekable();
        if of_space.peek().is_some() && !of_space.any(|bind| self.reaches(bind.reach, from)) {
            return Look::No;
        }
        self.lookup(module, name, space, from, asked_by, strict, seen)
    }
}

fn is_settled(leaf: &Leaf) -> bool {
    let is_glob = leaf.mention.import.name.as_deref() == Some("*");
    if is_glob { leaf.base.is_some() } else { leaf.found.iter().all(Option::is_some) }
}
