//! What a path names, once all imports are resolved: its door, its definition, and the re-exports between the two.

use std::sync::OnceLock;

use compact_str::CompactString;

use super::{
    Bound, Def, Definition, EACH, Found, Leaf, Look, MAX_HOPS, MAX_WAYS, Named, Outcome, Resolver, Search,
    Spaces, Via,
};
use crate::facts::Also;
use crate::languages::rust::text::{Form, Mention};

const PRIMITIVES: [&str; 17] = [
    "bool", "char", "str", "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128",
    "isize", "f32", "f64",
];

/// How far a path has been followed.
#[derive(Clone)]
struct Way {
    /// The absolute path as written, as far as it was followed.
    target: String,
    /// The deepest module of the tree on it.
    door: Option<u32>,
    /// What it names.
    def: Def,
    /// Outside the tree, its path there.
    outside: String,
    through: Vec<u32>,
    /// How its first segment came to be bound.
    via: Via,
    /// What its first segment is.
    head: Def,
    /// How many segments were followed.
    used: usize,
    /// Whether a name on it may not be named from where it is asked for.
    hidden: bool,
}

/// Why a path could not be followed to its end.
enum Lost {
    /// Its first segment is nothing here.
    Head,
    /// A later one is not; what lies before it.
    At(Box<Way>),
}

/// A path as it is asked for.
struct Asked<'a> {
    scope: u32,
    segments: &'a [&'a str],
    /// The namespaces of the last segment, first choice first.
    spaces: &'a [Spaces],
    global: bool,
    is_use: bool,
    by: Option<u32>,
}

impl Resolver<'_> {
    /// What a mention names; None for what is no import.
    pub(super) fn name(&self, scope: u32, mention: &Mention, leaf: Option<u32>) -> Option<Named> {
        let import = &mention.import;
        let name = import.name.as_deref()?;
        let mut segments: Vec<&str> = import.module.split("::").filter(|part| !part.is_empty()).collect();
        let from = self.scopes[scope as usize].module;
        if let Form::ExternCrate { .. } = mention.form {
            return Some(self.extern_crate_named(leaf?, name));
        }
        let is_glob = name == "*";
        if !is_glob {
            segments.push(name);
        }
        let spaces: &[Spaces] = match &mention.form {
            Form::Use { only_types: true, .. } => &EACH[..1],
            Form::Use { .. } if is_glob => &EACH[..1],
            Form::Use { .. } | Form::ExternCrate { .. } => &EACH,
            Form::Macro => &EACH[2..],
            Form::Path if import.kind.also.contains(Also::ATTRIBUTE) => &EACH,
            Form::Path => &EACH[..2],
        };
        let is_use = matches!(mention.form, Form::Use { .. });
        let asked = Asked { scope, segments: &segments, spaces, global: mention.global, is_use, by: leaf };
        if is_glob && segments.is_empty() {
            let root = self.root_of(from);
            return Some(Named {
                target: format!("{}::*", self.modules[root as usize].name),
                door: Some(root),
                outcome: Outcome::Name,
                definition: Some(Definition::Module(root)),
                others: Vec::new(),
                through: Vec::new(),
                relative: 0,
                spaces: Spaces::empty(),
                hidden: false,
            });
        }
        match self.walk(&asked, 0) {
            Ok(ways) if is_glob => self.glob_named(ways, segments.len()),
            Ok(ways) if is_use => {
                // A variant is a name that can be imported.
                let mut named = self.reached(ways, segments.len())?;
                let relative = std::mem::take(&mut named.relative) as usize;
                named.target = joined(named.target, &segments[segments.len() - relative..]);
                Some(named)
            }
            Ok(mut ways) => {
                let is_attribute = import.kind.also.contains(Also::ATTRIBUTE);
                ways.retain(|way| self.is_import(from, &segments, is_attribute, way));
                self.reached(ways, segments.len())
            }
            Err(Lost::Head) if is_use => Some(self.headless(from, &segments, is_glob)),
            Err(Lost::Head) => None,
            // A token stream is no path for sure, and a module of a primitive type's name does not hide the type.
            Err(Lost::At(_)) if !is_use && import.kind.also.contains(Also::MACRO) => None,
            Err(Lost::At(_)) if !is_use && PRIMITIVES.contains(&segments[0]) => None,
            Err(Lost::At(way)) => Some(self.lost(*way, &segments, is_glob, leaf)),
        }
    }

    /// The absolute written path of a leaf.
    pub(super) fn target_of(&self, leaf: u32, depth: usize) -> String {
        if let Some(known) = self.targets.get(leaf as usize).and_then(|known| known.get()) {
            return known.clone();
        }
        let import = &self.leaves[leaf as usize].mention.import;
        let name = import.name.as_deref().unwrap_or_default();
        let mut segments: Vec<&str> = import.module.split("::").filter(|part| !part.is_empty()).collect();
        if name != "*" {
            segments.push(name);
        }
        let written = segments.join("::");
        if depth >= MAX_HOPS {
            return written;
        }
        let target = if matches!(self.leaves[leaf as usize].mention.form, Form::ExternCrate { .. }) {
            self.extern_crate_named(leaf, name).target
        } else {
            let Leaf { scope, mention, .. } = &self.leaves[leaf as usize];
            let (scope, global) = (*scope, mention.global);
            let asked =
                Asked { scope, segments: &segments, spaces: &EACH, global, is_use: true, by: Some(leaf) };
            match self.walk(&asked, depth + 1) {
                Ok(ways) => {
                    ways.into_iter().next().map_or(written, |way| joined(way.target, &segments[way.used..]))
                }
                Err(Lost::At(way)) => joined(way.target, &segments[way.used..]),
                Err(Lost::Head) => written,
            }
        };
        if let Some(slot) = self.targets.get(leaf as usize) {
            // Another thread may have been faster, with the same answer.
            drop(slot.set(target.clone()));
        }
        target
    }

    /// Follows a name from a module through what re-exports it; those modules are added to `through`.
    pub(super) fn follow(
        &self,
        module: u32,
        name: &str,
        space: Spaces,
        through: &mut Vec<u32>,
        depth: usize,
    ) -> Option<Def> {
        let (mut at, mut name) = (module, CompactString::from(name));
        let mut end = None;
        for _ in 0..MAX_HOPS {
            let search = Search { name: &name, space, from: at, by: None, strict: false };
            let Look::Found(found) = self.lookup(at, &search) else { break };
            let Some(Found { def, via }) = found.first().copied() else { break };
            end = Some(def);
            let leaf = match via {
                Via::Own | Via::Prelude => break,
                Via::Leaf(leaf) | Via::Glob(leaf) => leaf,
            };
            through.push(at);
            through.extend(self.through_path(leaf, depth));
            let leaf = &self.leaves[leaf as usize];
            let Some(Def::Module(base)) = leaf.bases.first() else { break };
            if let Via::Leaf(_) = via {
                name = leaf.mention.import.name.clone().unwrap_or_default();
            }
            at = *base;
        }
        end
    }

    /// The modules that re-export, on the path of a leaf, the module whose name it asks for.
    fn through_path(&self, leaf: u32, depth: usize) -> Vec<u32> {
        let slot = self.through_paths.get(leaf as usize);
        if let Some(known) = slot.and_then(OnceLock::get) {
            return known.clone();
        }
        let Leaf { scope, mention, .. } = &self.leaves[leaf as usize];
        let segments: Vec<&str> = mention.import.module.split("::").filter(|part| !part.is_empty()).collect();
        if segments.is_empty() || depth >= MAX_HOPS {
            return Vec::new();
        }
        let (scope, global) = (*scope, mention.global);
        let asked =
            Asked { scope, segments: &segments, spaces: &EACH[..1], global, is_use: true, by: Some(leaf) };
        let ways = self.walk(&asked, depth + 1).unwrap_or_default();
        let through = ways.into_iter().next().map_or_else(Vec::new, |way| way.through);
        if let Some(slot) = slot {
            // Another thread may have been faster, with the same answer.
            drop(slot.set(through.clone()));
        }
        through
    }

    /// Follows a path under every cfg: what it names, first choice first. Where no way leads to its end, how far the
    /// first one does.
    fn walk(&self, asked: &Asked, depth: usize) -> Result<Vec<Way>, Lost> {
        let Asked { scope, segments, spaces, .. } = *asked;
        let from = self.scopes[scope as usize].module;
        let of = |at: usize| if at + 1 == segments.len() { spaces } else { &EACH[..1] };
        let mut open = self.first(asked, of(0), depth);
        open.reverse();
        let (mut ends, mut lost) = (Vec::new(), None);
        while let Some(mut way) = open.pop() {
            let Some(segment) = segments.get(way.used) else {
                ends.push(way);
                continue;
            };
            match way.def {
                Def::Module(module) if *segment == "super" => {
                    let Some(parent) = self.modules[module as usize].parent else {
                        lost.get_or_insert(way);
                        continue;
                    };
                    way.def = Def::Module(parent);
                    way.door = Some(parent);
                    way.target.clone_from(&self.modules[parent as usize].name);
                    way.used += 1;
                    open.push(way);
                }
                Def::Module(module) => {
                    let search = |space: &Spaces| {
                        let search =
                            Search { name: segment, space: *space, from, by: asked.by, strict: false };
                        match self.lookup(module, &search) {
                            Look::Found(found) => Some((found, *space)),
                            Look::No | Look::Wait => None,
                        }
                    };
                    // Code speaks of a module only on the way to something in it.
                    let is_end = way.used + 1 == segments.len() && !asked.is_use;
                    let is_module = |found: &Found| matches!(found.def, Def::Module(_));
                    let item =
                        |space: &Spaces| search(space).filter(|(found, _)| !found.iter().all(is_module));
                    let spaces = of(way.used);
                    let item = if is_end { spaces.iter().find_map(item) } else { None };
                    let Some((found, space)) = item.or_else(|| spaces.iter().find_map(search)) else {
                        lost.get_or_insert(way);
                        continue;
                    };
                    way.target = format!("{}::{segment}", way.target);
                    way.used += 1;
                    way.hidden |= !self.is_visible(module, segment, space, from);
                    self.follow(module, segment, space, &mut way.through, depth);
                    for found in found.into_iter().take(MAX_WAYS - open.len().min(MAX_WAYS - 1)).rev() {
                        let mut next = way.clone();
                        self.arrive(&mut next, found.def, depth);
                        open.push(next);
                    }
                }
                // What follows is relative to the type, or to what is not known.
                Def::Item(_) | Def::Local => ends.push(way),
                Def::Crate | Def::External(_) => {
                    if way.outside.rsplit("::").next().is_some_and(is_type) {
                        ends.push(way);
                        continue;
                    }
                    way.target = format!("{}::{segment}", way.target);
                    way.outside = format!("{}::{segment}", way.outside);
                    way.used += 1;
                    open.push(way);
                }
            }
        }
        match (ends.is_empty(), lost) {
            (false, _) => Ok(ends),
            (true, Some(lost)) => Err(Lost::At(Box::new(lost))),
            (true, None) => Err(Lost::Head),
        }
    }

    /// What the first segment of a path is.
    fn first(&self, asked: &Asked, spaces: &[Spaces], depth: usize) -> Vec<Way> {
        let Asked { scope, segments, global, is_use, by, .. } = *asked;
        let Some(head) = segments.first().copied() else { return Vec::new() };
        let from = self.scopes[scope as usize].module;
        let look = spaces.iter().find_map(|space| {
            let search = Search { name: head, space: *space, from, by, strict: false };
            match self.head(scope, &search, global, is_use) {
                Look::Found(found) => Some((found, *space)),
                Look::No | Look::Wait => None,
            }
        });
        let Some((found, space)) = look else { return Vec::new() };
        found.into_iter().map(|found| self.begun(scope, head, found, space, depth)).collect()
    }

    /// A path whose first segment was found.
    fn begun(&self, scope: u32, head: &str, found: Found, space: Spaces, depth: usize) -> Way {
        let from = self.scopes[scope as usize].module;
        let mut way = Way {
            target: head.to_owned(),
            door: None,
            def: found.def,
            outside: head.to_owned(),
            through: Vec::new(),
            via: found.via,
            head: found.def,
            used: 1,
            hidden: false,
        };
        match found.via {
            Via::Own | Via::Prelude => match found.def {
                Def::Module(module) => way.target.clone_from(&self.modules[module as usize].name),
                Def::Item(item) => {
                    let module = self.items[item as usize].module;
                    way.door = Some(module);
                    way.target = format!("{}::{head}", self.modules[module as usize].name);
                }
                // It is nobody's here: the module that names it is no door to it.
                Def::Crate => {}
                Def::External(_) | Def::Local => way.door = Some(from),
            },
            Via::Leaf(at) => {
                way.target = self.target_of(at, depth);
                let leaf = &self.leaves[at as usize];
                if let Some(Def::Module(base)) = leaf.bases.first() {
                    way.door = Some(*base);
                    let name = leaf.mention.import.name.as_deref().unwrap_or_default();
                    way.through = self.through_path(at, depth);
                    self.follow(*base, name, space, &mut way.through, depth);
                }
            }
            Via::Glob(leaf) => {
                way.target = format!("{}::{head}", self.target_of(leaf, depth));
                match self.leaves[leaf as usize].bases.first() {
                    Some(Def::Module(base)) => {
                        way.door = Some(*base);
                        way.through = self.through_path(leaf, depth);
                        self.follow(*base, head, space, &mut way.through, depth);
                    }
                    Some(Def::Item(item)) => way.door = Some(self.items[*item as usize].module),
                    _ => {}
                }
            }
        }
        if !matches!(found.def, Def::Crate) {
            self.arrive(&mut way, found.def, depth);
        }
        way
    }

    fn arrive(&self, way: &mut Way, def: Def, depth: usize) {
        way.def = def;
        match def {
            Def::Module(module) => way.door = Some(module),
            Def::External(leaf) => way.outside = self.target_of(leaf, depth + 1),
            Def::Crate | Def::Item(_) | Def::Local => {}
        }
    }

    /// Whether a path that was followed is an import: it leads out of its module, and no import there brought it.
    fn is_import(&self, from: u32, segments: &[&str], is_attribute: bool, way: &Way) -> bool {
        let elsewhere = |def: Def| match def {
            Def::Item(item) => self.items[item as usize].module != from,
            Def::Module(module) => module != from,
            Def::Crate | Def::External(_) => true,
            Def::Local => false,
        };
        let alone = segments.len() == 1;
        match (way.via, way.head) {
            // A `macro_rules!` of another module, which is no attribute, or one of the module's own names.
            (Via::Own, Def::Item(_)) => !is_attribute && elsewhere(way.head),
            (Via::Own, Def::Local) | (Via::Leaf(_), Def::Item(_) | Def::Local) => false,
            (Via::Leaf(_) | Via::Prelude | Via::Own, _) if alone => false,
            (Via::Leaf(_), Def::External(_)) if is_type(segments[0]) => false,
            _ => elsewhere(way.def),
        }
    }

    /// What a path names that was followed to its end; None where no way is an import.
    fn reached(&self, ways: Vec<Way>, segments: usize) -> Option<Named> {
        let mut ways = ways.into_iter().map(|way| self.reached_by(way, segments));
        let mut named = ways.next()?;
        for other in ways.filter_map(|way| way.definition) {
            if named.definition.as_ref() != Some(&other) && !named.others.contains(&other) {
                named.others.push(other);
            }
        }
        Some(named)
    }

    fn reached_by(&self, way: Way, segments: usize) -> Named {
        let outcome = match way.def {
            Def::Module(_) => Outcome::Module,
            Def::Crate | Def::External(_) if way.door.is_none() => Outcome::External,
            Def::Crate | Def::External(_) | Def::Item(_) | Def::Local => Outcome::Name,
        };
        let definition = match way.def {
            Def::Crate | Def::External(_) => Definition::External(way.outside),
            def => self.definition_of(def),
        };
        Named {
            target: way.target,
            door: way.door,
            outcome,
            definition: Some(definition),
            others: Vec::new(),
            through: way.through,
            relative: (segments - way.used) as u32,
            hidden: way.hidden,
            spaces: Spaces::empty(),
        }
    }

    fn glob_named(&self, ways: Vec<Way>, segments: usize) -> Option<Named> {
        let mut named = self.reached(ways, segments)?;
        named.target.push_str("::*");
        if named.outcome == Outcome::Module {
            named.outcome = Outcome::Name;
        }
        Some(named)
    }

    fn extern_crate_named(&self, leaf: u32, name: &str) -> Named {
        match self.leaves[leaf as usize].found[0].first() {
            Some(Def::Module(module)) => Named {
                target: self.modules[*module as usize].name.clone(),
                door: Some(*module),
                outcome: Outcome::Module,
                definition: Some(Definition::Module(*module)),
                others: Vec::new(),
                through: Vec::new(),
                relative: 0,
                spaces: Spaces::empty(),
                hidden: false,
            },
            _ => outside(name.to_owned()),
        }
    }

    /// An import whose first segment is nothing known: a crate that no manifest names, unless a macro may make it.
    fn headless(&self, from: u32, segments: &[&str], is_glob: bool) -> Named {
        let mut target = segments.join("::");
        if is_glob {
            target.push_str("::*");
        }
        if self.is_open(from) || self.brings_unknown(from) {
            return Named {
                target,
                door: None,
                outcome: Outcome::Unknown,
                definition: None,
                others: Vec::new(),
                through: Vec::new(),
                relative: 0,
                spaces: Spaces::empty(),
                hidden: false,
            };
        }
        outside(target)
    }

    fn lost(&self, way: Way, segments: &[&str], is_glob: bool, by: Option<u32>) -> Named {
        let mut target = joined(way.target, &segments[way.used..]);
        if is_glob {
            target.push_str("::*");
        }
        let open = way.door.is_some_and(|door| self.is_open(door) || self.brings_unknown(door));
        let module = is_glob || way.used + 1 < segments.len();
        let next = segments.get(way.used);
        let is_imported = way.door.is_some_and(|door| next.is_some_and(|name| self.imports(door, name, by)));
        let outcome = if open || is_imported { Outcome::Unknown } else { Outcome::Missing(module) };
        Named {
            target,
            // Where a module that nobody sees would lead is not known either.
            door: way.door.filter(|_| !(open && module)),
            outcome,
            definition: None,
            others: Vec::new(),
            through: way.through,
            relative: 0,
            spaces: Spaces::empty(),
            hidden: false,
        }
    }

    /// Whether a module imports something by that name, told or not, by another leaf than the one that asks.
    fn imports(&self, module: u32, name: &str, by: Option<u32>) -> bool {
        let binds = self.scopes[module as usize].names.get(name);
        binds.is_some_and(|binds| {
            binds.iter().any(|bind| matches!(bind.bound, Bound::Leaf(leaf) if Some(leaf) != by))
        })
    }

    /// Whether a module imports all of something whose names are not known.
    fn brings_unknown(&self, module: u32) -> bool {
        let globs = self.scopes[module as usize].globs.iter();
        let bases = globs.map(|glob| &self.leaves[*glob as usize].bases);
        let unknown = |base: &Def| match base {
            Def::Module(base) => self.is_open(*base),
            Def::Item(_) => false,
            Def::Crate | Def::External(_) | Def::Local => true,
        };
        bases.into_iter().any(|bases| bases.is_empty() || bases.iter().any(unknown))
    }
}

fn outside(target: String) -> Named {
    Named {
        definition: Some(Definition::External(target.clone())),
        target,
        door: None,
        outcome: Outcome::External,
        others: Vec::new(),
        through: Vec::new(),
        relative: 0,
        spaces: Spaces::empty(),
        hidden: false,
    }
}

fn joined(mut target: String, segments: &[&str]) -> String {
    for segment in segments {
        target.push_str("::");
        target.push_str(segment);
    }
    target
}

/// Whether a segment looks like a type's name: outside the tree there is nothing else to go by.
fn is_type(segment: &str) -> bool {
    segment.chars().next().is_some_and(char::is_uppercase)
}
