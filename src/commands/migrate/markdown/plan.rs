//! What a registry can hold of a page: one door a symbol, and where each other path goes.
//!
//! Where the page contradicts itself nothing is excused by it and nothing counts as compliant by it: of two things said
//! of one path the worse holds; of two doors the one that the page marks on its line, and the other is retired; what is
//! still undecided is not put in force.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashMap;

use super::page::{Mention, Page, Told};
use super::words::Status;
use super::world::{Existence, World};
use crate::graph::exports::Definition;
use crate::module_path::{first, join};

/// One imported name of one module; the name is empty for `import a.b`, and `*` for all.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Path {
    /// `a.b`
    pub module: String,
    /// `C`
    pub name: String,
}

impl Path {
    /// Whether it is one name, and not a whole module.
    pub fn is_symbol(&self) -> bool {
        !matches!(self.name.as_str(), "" | "*")
    }

    /// As the registry writes it.
    pub fn written(&self) -> String {
        if self.is_symbol() { format!("{}:{}", self.module, self.name) } else { self.module.clone() }
    }
}

/// What the page says of one path, all lines taken together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Claim {
    /// The mentions, by index.
    pub mentions: Vec<usize>,
}

/// Where a path goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// It is a door.
    Door,
    /// It is another way to the symbol of that door, excused.
    Compatible(Path),
    /// It is an old way to the symbol of that door.
    Retired(Path),
    /// It has become that path.
    Moved(Path),
    /// Its module is not to be imported at all.
    Protected,
    /// Nowhere, and why.
    Nowhere(String),
}

/// The plan of a registry.
pub struct Plan {
    /// Where each path goes, and what the page says of it.
    pub places: BTreeMap<Path, (Claim, Place)>,
    /// For each mention what contradicts it.
    pub conflicts: Vec<BTreeSet<Conflict>>,
    /// For each mention and each of its names, whether it is there.
    pub existence: Vec<Vec<Existence>>,
}

/// Another line that says something else.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Conflict {
    /// Its line.
    pub line: u32,
    /// What it does.
    pub what: String,
    /// The name that is in question.
    pub name: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Good,
    Compatible,
    Old,
}

fn level(status: Status) -> Level {
    match status {
        Status::Canonical | Status::Replacement => Level::Good,
        Status::Compatible => Level::Compatible,
        Status::Deprecated | Status::Broken => Level::Old,
    }
}

/// Plans a registry for a page.
pub fn plan(page: &Page, world: &World) -> Plan {
    let mut planner = Planner {
        page,
        world,
        claims: BTreeMap::new(),
        better: BTreeSet::new(),
        doors: BTreeMap::new(),
        demoted: BTreeMap::new(),
        undecided: BTreeMap::new(),
        conflicts: vec![BTreeSet::new(); page.mentions.len()],
        replacements: vec![Vec::new(); page.mentions.len()],
    };
    planner.collect();
    planner.levels();
    planner.doors();
    let paths: Vec<Path> = planner.claims.keys().cloned().collect();
    let places = paths.into_iter().map(|path| {
        let place = planner.place(&path);
        let claim = planner.claims[&path].clone();
        (path, (claim, place))
    });
    let places = places.collect();
    let existence = page.mentions.iter().map(|mention| {
        let name = |path: &Path| Some(path.name.as_str()).filter(|_| path.is_symbol()).map(str::to_owned);
        paths_of(mention).iter().map(|path| world.exists(&path.module, name(path).as_deref())).collect()
    });
    let existence = existence.collect();
    Plan { places, conflicts: planner.conflicts, existence }
}

/// The paths that a mention names, in order.
pub fn paths_of(mention: &Mention) -> Vec<Path> {
    let path = |name: &str| Path { module: mention.module.clone(), name: name.to_owned() };
    if mention.names.is_empty() {
        return vec![path("")];
    }
    mention.names.iter().map(|(name, _)| path(name)).collect()
}

struct Planner<'a> {
    page: &'a Page,
    world: &'a World<'a>,
    claims: BTreeMap<Path, Claim>,
    /// Modules, and names in them, of which some line says something better than that they are old.
    better: BTreeSet<String>,
    /// The doors of a symbol: several only where they lead to different objects.
    doors: BTreeMap<String, Vec<Path>>,
    /// Doors that gave way to another.
    demoted: BTreeMap<Path, Path>,
    /// Doors between which the page does not decide.
    undecided: BTreeMap<Path, String>,
    conflicts: Vec<BTreeSet<Conflict>>,
    /// For each mention the mentions that replace it.
    replacements: Vec<Vec<usize>>,
}

impl Planner<'_> {
    fn collect(&mut self) {
        for (at, mention) in self.page.mentions.iter().enumerate() {
            for path in paths_of(mention) {
                if level(mention.status) != Level::Old {
                    self.better.extend([path.module.clone(), join(&path.module, &path.name)]);
                }
                let claim = self.claims.entry(path).or_default();
                if claim.mentions.last() != Some(&at) {
                    claim.mentions.push(at);
                }
            }
            for old in &mention.replaces {
                self.replacements[*old].push(at);
            }
        }
    }

    /// Lines that say different things of one path.
    fn levels(&mut self) {
        for (path, claim) in &self.claims {
            // The first line of each level stands for all of it.
            let mut firsts: BTreeMap<Level, usize> = BTreeMap::new();
            for at in &claim.mentions {
                firsts.entry(level(self.page.mentions[*at].status)).or_insert(*at);
            }
            for at in &claim.mentions {
                let mention = &self.page.mentions[*at];
                for (_, other) in firsts.iter().filter(|(other, _)| **other != level(mention.status)) {
                    let other = &self.page.mentions[*other];
                    let what = format!("calls it {}", other.status.word());
                    self.conflicts[*at].insert(Conflict { line: other.line, what, name: path.name.clone() });
                }
            }
        }
    }

    fn level_of(&self, path: &Path) -> Option<Level> {
        let claim = self.claims.get(path)?;
        claim.mentions.iter().map(|at| level(self.page.mentions[*at].status)).max()
    }

    fn is_contradicted(&self, path: &Path) -> bool {
        let claim = &self.claims[path];
        let levels: BTreeSet<Level> =
            claim.mentions.iter().map(|at| level(self.page.mentions[*at].status)).collect();
        levels.len() > 1
    }

    /// One door for each object.
    fn doors(&mut self) {
        let mut good: BTreeMap<&str, Vec<&Path>> = BTreeMap::new();
        for path in self.claims.keys().filter(|path| path.is_symbol()) {
            if self.level_of(path) == Some(Level::Good) {
                good.entry(&path.name).or_default().push(path);
            }
        }
        let mut decided: Vec<(Vec<Path>, Option<Path>)> = Vec::new();
        for paths in good.values() {
            let mut groups: Vec<Vec<&Path>> = Vec::new();
            // The first group of each top-level package and of each object, as `same` would find it.
            let mut of_top: FxHashMap<&str, usize> = FxHashMap::default();
            let mut of_object: FxHashMap<Definition, usize> = FxHashMap::default();
            for path in paths {
                let top = first(&path.module);
                let object = self.world.definition(&path.module, &path.name);
                let known = [of_top.get(top), object.as_ref().and_then(|object| of_object.get(object))];
                let group = known.into_iter().flatten().copied().min().unwrap_or(groups.len());
                if group == groups.len() {
                    groups.push(Vec::new());
                }
                groups[group].push(path);
                of_top.insert(top, group);
                of_object.extend(object.map(|object| (object, group)));
            }
            for group in groups {
                let best = group.iter().map(|path| self.told(path)).max();
                let strongest: Vec<&&Path> =
                    group.iter().filter(|path| Some(self.told(path)) == best).collect();
                let door = if let [door] = strongest.as_slice() { Some((**door).clone()) } else { None };
                decided.push((group.into_iter().cloned().collect(), door));
            }
        }
        for (group, door) in decided {
            self.rival_doors(&group);
            for path in &group {
                match &door {
                    Some(door) if door == path => {
                        self.doors.entry(path.name.clone()).or_default().push(path.clone());
                    }
                    Some(door) => drop(self.demoted.insert(path.clone(), door.clone())),
                    None => {
                        let others = group.iter().filter(|other| *other != path);
                        let named: Vec<String> =
                            others.take(MOST_RIVALS).map(|other| format!("`{}`", other.module)).collect();
                        let more = match group.len() - 1 - named.len() {
                            0 => String::new(),
                            more => format!(" and {more} more"),
                        };
                        let why = format!(
                            "the page names {}{more} as well, and marks neither on its line",
                            named.join(", ")
                        );
                        self.undecided.insert(path.clone(), why);
                    }
                }
            }
        }
    }

    /// Whether two doors of one name are meant for one thing: in one top-level package, or leading to one object.
    fn same(&self, one: &Path, other: &Path) -> bool {
        let definition = |path: &Path| self.world.definition(&path.module, &path.name);
        first(&one.module) == first(&other.module)
            || definition(one).is_some_and(|one| definition(other).is_some_and(|other| one == other))
    }

    fn told(&self, path: &Path) -> Told {
        let mentions = self.claims[path].mentions.iter().map(|at| self.page.mentions[*at].told);
        // A label, a heading and silence weigh the same: they speak of many lines at once.
        mentions.max().filter(|told| *told == Told::Line).unwrap_or(Told::Nowhere)
    }

    fn rival_doors(&mut self, group: &[Path]) {
        if group.len() < 2 {
            return;
        }
        for path in group {
            // The first line that names each other door.
            let others = group.iter().filter(|other| *other != path).filter_map(|other| {
                let at = self.claims[other].mentions.first()?;
                let (line, what) =
                    (self.page.mentions[*at].line, format!("names the door `{}`", other.module));
                Some(Conflict { line, what, name: path.name.clone() })
            });
            let others: Vec<Conflict> = others.take(MOST_RIVALS).collect();
            for at in &self.claims[path].mentions {
                self.conflicts[*at].extend(others.iter().cloned());
            }
        }
    }

    fn place(&mut self, path: &Path) -> Place {
        if let Some(door) = self.demoted.get(path) {
            return Place::Retired(door.clone());
        }
        if let Some(why) = self.undecided.get(path) {
            return Place::Nowhere(why.clone());
        }
        match self.level_of(path) {
            Some(Level::Good) => self.place_of_good(path),
            Some(Level::Compatible) => match self.door_of(path) {
                Some(door) => Place::Compatible(door),
                None => Place::Nowhere(self.why_without_door(path)),
            },
            Some(Level::Old) | None => self.place_of_old(path),
        }
    }

    fn place_of_good(&self, path: &Path) -> Place {
        let others = || self.of_module(&path.module).any(|(other, _)| other.is_symbol());
        match path.name.as_str() {
            "" => Place::Nowhere("it names a module and no symbol".to_owned()),
            "*" if others() => Place::Nowhere("the page names single symbols of that module too".to_owned()),
            _ if self.world.exists(&path.module, None) == Existence::Outside => {
                Place::Nowhere("it comes from outside the project".to_owned())
            }
            _ => Place::Door,
        }
    }

    fn place_of_old(&mut self, path: &Path) -> Place {
        match self.replacement(path) {
            Some((to, by)) if to.written() == path.written() => {
                let line = self.page.mentions[by].line;
                Place::Nowhere(format!("line {line} puts it in its own place"))
            }
            Some((to, _)) if self.level_of(&to) == Some(Level::Old) => {
                self.replaced_by_old(path, &to);
                Place::Nowhere(format!(
                    "what is to be used instead, `{}`, is not to be used either",
                    to.written()
                ))
            }
            Some((to, _)) => {
                let claim = &self.claims[path];
                let broken = claim.mentions.iter().any(|at| self.page.mentions[*at].status == Status::Broken);
                // A door that gave way to another is none.
                let to = self.demoted.get(&to).cloned().unwrap_or(to);
                let is_door = self.doors.get(&to.name).is_some_and(|doors| doors.contains(&to))
                    && self.place_of_good(&to) == Place::Door;
                if is_door && to.name == path.name && !broken { Place::Retired(to) } else { Place::Moved(to) }
            }
            None => match self.door_of(path) {
                Some(door) => Place::Retired(door),
                None if self.is_contradicted(path) => Place::Nowhere(self.why_without_door(path)),
                None if self.is_old_altogether(path) => Place::Protected,
                None => Place::Nowhere(self.why_without_door(path)),
            },
        }
    }

    /// What the page says to use instead, and where.
    fn replacement(&self, path: &Path) -> Option<(Path, usize)> {
        let mentions = &self.claims[path].mentions;
        mentions.iter().flat_map(|at| self.replacements[*at].iter().map(move |by| (*at, *by))).find_map(
            |(at, by)| {
                let (old, new) = (&self.page.mentions[at], &self.page.mentions[by]);
                let to = |name: &str| Path { module: new.module.clone(), name: name.to_owned() };
                if !path.is_symbol() {
                    let whole = new.names.is_empty() || new.names.iter().any(|(name, _)| name == "*");
                    return whole.then(|| (to(""), by));
                }
                let named = new.names.iter().find(|(name, alias)| {
                    *name == path.name || alias.as_ref().is_some_and(|alias| *alias == path.name)
                });
                // A new name is meant for the old one right above it.
                let nearest = new.replaces.last().map(|at| &self.page.mentions[*at].names);
                let alone = nearest == Some(&old.names) && old.names.len() == 1 && new.names.len() == 1;
                let alone = new.names.first().filter(|_| alone);
                named.or(alone).filter(|(name, _)| name != "*").map(|(name, _)| (to(name), by))
            },
        )
    }

    fn replaced_by_old(&mut self, path: &Path, to: &Path) {
        let old = self.claims[to].mentions.iter().map(|at| &self.page.mentions[*at]);
        let Some(line) =
            old.filter(|mention| level(mention.status) == Level::Old).map(|mention| mention.line).min()
        else {
            return;
        };
        for at in &self.claims[path].mentions {
            let what = format!("calls `{}` deprecated or broken", to.written());
            self.conflicts[*at].insert(Conflict { line, what, name: path.name.clone() });
        }
    }

    /// The door of a path's symbol: the one in its top-level package, or the one that leads to the same object.
    fn door_of(&self, path: &Path) -> Option<Path> {
        let doors = self.doors.get(&path.name)?;
        let mut doors = doors.iter().filter(|door| *door != path && self.place_of_good(door) == Place::Door);
        doors.find(|door| self.same(door, path)).cloned()
    }

    fn why_without_door(&self, path: &Path) -> String {
        if self.is_contradicted(path) {
            return "the page contradicts itself, and names no other door".to_owned();
        }
        match self.doors.get(&path.name).and_then(|doors| doors.first()) {
            Some(door) => {
                format!("the page's door `{}` lies in another package, and is another object", door.module)
            }
            None => format!(
                "the page names no door of `{}`",
                if path.name.is_empty() { "it" } else { &path.name }
            ),
        }
    }

    /// Whether a module is there, and nothing good is said of anything in it.
    fn is_old_altogether(&self, path: &Path) -> bool {
        let below = format!("{}.", path.module);
        let first_below = self.better.range(below.clone()..).next();
        self.world.is_module(&path.module)
            && !self.better.contains(&path.module)
            && !first_below.is_some_and(|better| better.starts_with(&below))
    }

    /// What the page says of one module and of names in it.
    fn of_module(&self, module: &str) -> impl Iterator<Item = (&Path, &Claim)> {
        let from = Path { module: module.to_owned(), name: String::new() };
        self.claims.range(from..).take_while(move |(path, _)| path.module == module)
    }
}

/// A note names no more rivals than this.
const MOST_RIVALS: usize = 3;
