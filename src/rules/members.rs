//! Which module belongs to which member of a `[[layers]]` or `[[independent]]` entry. Knows no import.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::context::Context;
use crate::graph::model::{Graph, ModuleId};
use crate::module_path;
use crate::registry::pattern::{Pattern, Subject};
use crate::registry::{Independent, Item, Layers};
use crate::source::Language;

/// What is kept apart: the layers of one container, or the members of an `[[independent]]` entry as a single layer.
pub struct Group<'a> {
    /// What holds them, if `within` names anything.
    pub container: Option<Container<'a>>,
    /// Highest first.
    pub layers: Vec<Step>,
    /// All members, those of one layer side by side.
    pub members: Vec<Member>,
    /// Members by index that name a module which an earlier one has, with that one's index and the module.
    pub overlaps: BTreeMap<u32, (u32, ModuleId)>,
    /// The first of the modules below the container, which lie side by side.
    first: u32,
    /// By module, from the first on.
    member: Vec<Option<u32>>,
}

/// The package or crate whose children are the members.
pub struct Container<'a> {
    /// The pattern of `within` that names it.
    pub pattern: &'a Pattern,
    /// Its name.
    pub name: String,
    /// Its language: a Python package and a Rust crate may share a name.
    pub language: Language,
}

/// One layer.
pub struct Step {
    /// As messages show it.
    pub name: String,
    /// Whether none of its members may import another.
    pub independent: bool,
    /// The nearest closed layer above it, whether anything is in it or not.
    pub closed_above: Option<usize>,
}

/// One member of a layer.
pub struct Member {
    /// As messages show it, with its place in the registry.
    pub item: Item,
    /// Its whole name, or what stands for it where it holds wildcards.
    pub name: String,
    /// Index of its layer.
    pub layer: usize,
    /// Whether it need not exist.
    pub optional: bool,
    /// Whether it has any module.
    pub exists: bool,
}

/// The groups of a `[[layers]]` entry: one a container, or a single one.
pub fn of_layers<'a>(context: &Context, layers: &'a Layers) -> Vec<Group<'a>> {
    if layers.within.is_empty() {
        return vec![container_group(context, layers, None)];
    }
    let containers = containers(context, &layers.within).into_iter();
    containers.map(|container| container_group(context, layers, Some(container))).collect()
}

/// The group of an `[[independent]]` entry.
pub fn of_independent<'a>(context: &Context, independent: &Independent) -> Group<'a> {
    let mut group = Group {
        container: None,
        layers: vec![Step { name: String::new(), independent: true, closed_above: None }],
        members: Vec::new(),
        overlaps: BTreeMap::new(),
        first: 0,
        member: vec![None; context.graph.modules.len()],
    };
    let mut index_of: HashMap<&str, u32> = HashMap::new();
    for id in context.graph.module_ids() {
        let subject = context.subject(id);
        for pattern in independent.modules.iter().filter(|pattern| pattern.matches(&subject)) {
            // `@scope` and `path:` name modules alone.
            let name = pattern.top(subject.name).unwrap_or(subject.name);
            let at = *index_of.entry(name).or_insert_with(|| {
                let item = Item { text: name.to_owned(), span: pattern.span, line: pattern.line };
                group.members.push(Member {
                    item,
                    name: name.to_owned(),
                    layer: 0,
                    optional: true,
                    exists: true,
                });
                group.members.len() as u32 - 1
            });
            group.place(id, at);
        }
    }
    group
}

/// The containers by name, each with the first pattern that names it. A wildcard names packages only.
fn containers<'a>(context: &Context, within: &'a [Pattern]) -> Vec<Container<'a>> {
    let graph = context.graph;
    let mut packages: BTreeSet<(&str, Language)> = BTreeSet::new();
    if within.iter().any(|pattern| pattern.literal().is_none()) {
        for module in &graph.modules {
            let mut name = module.name.as_str();
            while let Some(parent) = module_path::parent(name) {
                if !packages.insert((parent, module.language)) {
                    break;
                }
                name = parent;
            }
        }
    }
    let mut found: BTreeMap<(String, Language), &Pattern> = BTreeMap::new();
    for pattern in within {
        if let Some(name) = pattern.literal() {
            let own = [Language::Python, Language::Rust].into_iter();
            let own = own.filter_map(|language| Some((pattern.literal_in(language)?, language)));
            let (there, gone): (Vec<_>, Vec<_>) = own.partition(|(name, at)| is_there(graph, name, *at));
            // What does not exist is one container without modules.
            let first = gone.into_iter().next().unwrap_or((name, Language::Python));
            let containers = if there.is_empty() { vec![first] } else { there };
            for (name, language) in containers {
                found.entry((name.to_owned(), language)).or_insert(pattern);
            }
            continue;
        }
        for (name, language) in &packages {
            let mut named = graph.named(name).map(|at| context.subject(ModuleId(at as u32)));
            let subject = named.find(|subject| subject.language == *language);
            let subject = subject.unwrap_or(Subject { name, path: "", scope: "", language: *language });
            if pattern.names(&subject) {
                found.entry(((*name).to_owned(), *language)).or_insert(pattern);
            }
        }
    }
    found.into_iter().map(|((name, language), pattern)| Container { pattern, name, language }).collect()
}

/// Whether a module of that language bears the name, or lies below it.
fn is_there(graph: &Graph, name: &str, language: Language) -> bool {
    graph.named(name).any(|at| graph.modules[at].language == language)
        || !graph.below(name, language).is_empty()
}

fn container_group<'a>(context: &Context, layers: &Layers, container: Option<Container<'a>>) -> Group<'a> {
    let (within, language) =
        container.as_ref().map_or(("", Language::Python), |at| (at.name.as_str(), at.language));
    let mut members = Vec::new();
    let mut patterns = Vec::new();
    for (layer, line) in layers.order.iter().enumerate() {
        for member in &line.members {
            let item = &member.name;
            // It was read as a pattern before.
            let Ok(pattern) = Pattern::parse(&item.text, item.span, item.line) else { continue };
            members.push(Member {
                item: item.clone(),
                name: member_name(container.as_ref(), &item.text),
                layer,
                optional: member.optional,
                exists: false,
            });
            patterns.push(pattern);
        }
    }
    let below = context.graph.below(within, language);
    let mut group = Group {
        layers: Vec::new(),
        members,
        overlaps: BTreeMap::new(),
        first: below.start as u32,
        member: vec![None; below.len()],
        container,
    };
    for id in below.map(|at| ModuleId(at as u32)) {
        let subject = context.subject(id);
        let subject = Subject { name: group.name_below(subject.name), ..subject };
        for at in (0..patterns.len()).filter(|at| patterns[*at].matches(&subject)) {
            group.place(id, at as u32);
        }
    }
    for (at, line) in layers.order.iter().enumerate() {
        let names: Vec<&str> = line.members.iter().map(|member| member.name.text.as_str()).collect();
        let closed = |at: &usize| {
            let mut members = layers.order[*at].members.iter();
            members.any(|member| layers.closed.iter().any(|closed| closed.text == member.name.text))
        };
        group.layers.push(Step {
            name: names.join(if line.independent { " | " } else { " : " }),
            independent: line.independent && line.members.len() > 1,
            closed_above: (0..at).rev().find(closed),
        });
    }
    group
}

/// The whole name of a member as it is written, seen from the container.
fn member_name(container: Option<&Container>, written: &str) -> String {
    let written = written.trim_start_matches('=');
    match container {
        Some(container) if container.language == Language::Rust => {
            container.child(&written.replace('.', "::"))
        }
        Some(container) => container.child(written),
        None => written.to_owned(),
    }
}

impl Container<'_> {
    /// The name of what lies below it.
    pub fn child(&self, name: &str) -> String {
        module_path::join_as(self.language.separator(), &self.name, name)
    }
}

impl Group<'_> {
    /// The member that a module belongs to, by index.
    pub fn member_of(&self, id: ModuleId) -> Option<u32> {
        *self.member.get(id.0.checked_sub(self.first)? as usize)?
    }

    /// All modules of members, in name order.
    pub fn modules(&self) -> impl Iterator<Item = ModuleId> {
        self.below().filter(|id| self.member_of(*id).is_some())
    }

    /// The children of the container that hold a module which is in no layer, and which `judged` admits.
    pub fn unplaced(&self, graph: &Graph, judged: impl Fn(ModuleId) -> bool) -> BTreeSet<String> {
        let unplaced = self.below().filter(|id| self.member_of(*id).is_none() && judged(*id));
        let names = unplaced.map(|id| self.name_below(&graph.module(id).name));
        names.map(|name| module_path::first(name).to_owned()).collect()
    }

    fn below(&self) -> impl Iterator<Item = ModuleId> + use<> {
        (self.first..self.first + self.member.len() as u32).map(ModuleId)
    }

    /// The name of a module below the container, seen from there.
    fn name_below<'n>(&self, name: &'n str) -> &'n str {
        let container = self.container.as_ref();
        container.and_then(|container| module_path::below(name, &container.name)).unwrap_or(name)
    }

    /// A module belongs to the first member that names it.
    fn place(&mut self, id: ModuleId, member: u32) {
        let first = *self.member[(id.0 - self.first) as usize].get_or_insert(member);
        if first == member {
            self.members[member as usize].exists = true;
        } else {
            self.overlaps.entry(member).or_insert((first, id));
        }
    }
}
