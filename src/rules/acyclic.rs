//! `[[acyclic]]`: the packages below `within` do not import each other in a circle.
//!
//! Every import belongs to one pair of siblings: the two children of the deepest package that holds both ends. So each
//! level is a graph of its own, and all levels together are no larger than the graph of modules.

use std::collections::BTreeMap;

use super::context::{Context, Judgements, Raised, RuleRef};
use super::{Check, Rule};
use crate::graph::cycles::{Digraph, Link};
use crate::graph::model::{ModuleId, RowId};
use crate::graph::packages::Packages;
use crate::module_path;
use crate::registry::pattern::Pattern;
use crate::registry::{Acyclic, Entry, EntryKind};
use crate::violation::Hop;

/// The rule.
pub static RULE: Rule =
    Rule { id: "acyclic", docs: include_str!("../../rules/docs/acyclic.md"), check: Check::Entry(judge) };

fn judge(context: &Context, entry: &Entry, out: &mut Judgements) {
    let EntryKind::Acyclic(acyclic) = &entry.kind else { return };
    let packages = Packages::new(context.graph);
    let judged = judged(&packages, context, acyclic);
    let mut levels: BTreeMap<usize, Vec<Import>> = BTreeMap::new();
    for id in context.graph.row_ids() {
        let row = context.graph.row(id);
        if !context.judges(&entry.meta, row) || context.is_borrowed(row) {
            continue;
        }
        for end in context.graph.names().ends(row) {
            let Some((parent, from, to)) = packages.siblings(row.importer, end) else { continue };
            if judged[parent] {
                let excused = context.exception(&entry.meta, row).is_some();
                levels.entry(parent).or_default().push(Import { row: id, end, from, to, excused });
            }
        }
    }
    for imports in levels.values() {
        Level::new(&packages, imports).judge(context, entry, out);
    }
}

/// An import from one sibling to another.
struct Import {
    row: RowId,
    /// The module it comes to.
    end: ModuleId,
    /// The packages of both ends among the siblings.
    from: usize,
    to: usize,
    excused: bool,
}

/// The packages whose children are judged: what `within` names, and what lies at most `depth` levels below it.
fn judged(packages: &Packages, context: &Context, acyclic: &Acyclic) -> Vec<bool> {
    let mut judged = vec![false; packages.names.len()];
    for pattern in &acyclic.within {
        let named = named(packages, context, pattern);
        let mut level: Vec<Option<u32>> = Vec::with_capacity(packages.names.len());
        for at in 0..packages.names.len() {
            let above = packages.parent[at].and_then(|parent| level[parent]);
            let is_first = named[at] && packages.parent[at].is_none_or(|parent| !named[parent]);
            level.push(if is_first { Some(0) } else { above.map(|above| above + 1) });
            judged[at] |= level[at].is_some_and(|level| level <= acyclic.depth);
        }
    }
    judged
}

fn named(packages: &Packages, context: &Context, pattern: &Pattern) -> Vec<bool> {
    let mut named: Vec<bool> = packages.names.iter().map(|name| pattern.matches_name(name)).collect();
    for id in context.graph.module_ids() {
        named[packages.of_module[id.index()]] |= pattern.matches(&context.subject(id));
    }
    named
}

/// The children of one package with the imports between them.
struct Level<'a> {
    packages: &'a Packages<'a>,
    /// The siblings that take part, in name order; the nodes of both graphs.
    siblings: Vec<usize>,
    imports: &'a [Import],
    /// The imports between two siblings, by their nodes; indices into `imports`.
    between: BTreeMap<(usize, usize), Vec<usize>>,
}

/// Ways back are shown for so many broken links of one package: beyond that nobody reads them, and each is a search.
const MOST_WAYS: usize = 256;

impl<'a> Level<'a> {
    fn new(packages: &'a Packages<'a>, imports: &'a [Import]) -> Self {
        let mut siblings: Vec<usize> = imports.iter().flat_map(|import| [import.from, import.to]).collect();
        siblings.sort_unstable_by_key(|at| packages.names[*at]);
        siblings.dedup();
        let mut level = Self { packages, siblings, imports, between: BTreeMap::new() };
        for (at, import) in imports.iter().enumerate() {
            let nodes = (level.node(import.from), level.node(import.to));
            level.between.entry(nodes).or_default().push(at);
        }
        level
    }

    fn node(&self, package: usize) -> usize {
        self.siblings.partition_point(|at| self.packages.names[*at] < self.packages.names[package])
    }

    fn name(&self, node: usize) -> &'a str {
        self.packages.names[self.siblings[node]]
    }

    /// The graph of all imports, or only of those that nothing excuses.
    fn graph(&self, excused_too: bool) -> Digraph {
        let counted = |import: &&usize| excused_too || !self.imports[**import].excused;
        let weights =
            self.between.iter().map(|(nodes, imports)| (*nodes, imports.iter().filter(counted).count()));
        let weights = weights.filter(|(_, weight)| *weight > 0).map(|(nodes, weight)| (nodes, weight as u32));
        Digraph::new(self.siblings.len(), &weights.collect())
    }

    fn judge(&self, context: &Context, entry: &Entry, out: &mut Judgements) {
        let mut found = BTreeMap::new();
        let free = Circles::new(self.graph(false));
        let breaking = free.graph.breaking(&free.component);
        self.find(context, entry, &free, &breaking, false, &mut found);
        // What `except` takes out of a cycle is waived; outside of any it is as good as every other.
        let whole = Circles::new(self.graph(true));
        self.find(context, entry, &whole, &self.excused(&whole), true, &mut found);
        let mut rows: Vec<RowId> = self.imports.iter().map(|import| import.row).collect();
        rows.dedup();
        for row in rows {
            match found.remove(&row) {
                Some(raised) => out.raise(raised),
                None => out.compliant(context, row),
            }
        }
    }

    /// The links on cycles that hold an excused import.
    fn excused(&self, circles: &Circles) -> Vec<usize> {
        let is_excused = |link: &Link| {
            circles.component[link.from] == circles.component[link.to]
                && self.between[&(link.from, link.to)].iter().any(|at| self.imports[*at].excused)
        };
        let links = circles.graph.links.iter().enumerate();
        links.filter(|(_, link)| is_excused(link)).map(|(at, _)| at).collect()
    }

    /// Findings about those imports of these links that have none yet and that `except` treats alike.
    fn find(
        &self,
        context: &Context,
        entry: &Entry,
        circles: &Circles,
        links: &[usize],
        excused: bool,
        found: &mut BTreeMap<RowId, Raised>,
    ) {
        for (at, link) in links.iter().map(|at| circles.graph.links[*at]).enumerate() {
            let way = if at < MOST_WAYS { circles.way_back(link) } else { Vec::new() };
            let imports = &self.between[&(link.from, link.to)];
            for import in imports.iter().map(|at| &self.imports[*at]).filter(|i| i.excused == excused) {
                let size = circles.sizes[circles.component[link.from]];
                let raised = || self.finding(context, entry, import, link, &way, size);
                found.entry(import.row).or_insert_with(raised);
            }
        }
    }

    /// A finding about an import that would break a cycle; `way` leads back from what it imports.
    fn finding(
        &self,
        context: &Context,
        entry: &Entry,
        import: &Import,
        link: Link,
        way: &[Link],
        size: usize,
    ) -> Raised {
        let row = context.graph.row(import.row);
        let importer = &context.graph.module(row.importer).name;
        let imported = &context.graph.module(import.end).name;
        let (from, to) = (self.name(link.from), self.name(link.to));
        let circle = match way {
            [] => format!("`{from}` and `{to}` import each other over others"),
            [_] => format!("`{from}` and `{to}` import each other"),
            way => {
                let others = way.iter().take(SHOWN).map(|link| short(self.name(link.to)));
                let rest = if way.len() > SHOWN { " -> …" } else { "" };
                format!(
                    "`{} -> {} -> {}{rest}` is a cycle",
                    short(from),
                    short(to),
                    others.collect::<Vec<_>>().join(" -> ")
                )
            }
        };
        let weight = match link.weight {
            1 => "the only import".to_owned(),
            weight => format!("one of {weight} imports"),
        };
        let all = if size > 2 { format!("; {size} packages hang together like this") } else { String::new() };
        let help = format!(
            "take it out of `{importer}` ({weight} from `{}` to `{}`{all}), or move what both need to a third place",
            short(from),
            short(to)
        );
        let message = format!("`{importer}` imports `{imported}`, but {circle}");
        let mut raised = context.raised(
            RuleRef::entry(entry),
            import.row,
            message,
            entry.meta.help.clone().or(Some(help)),
        );
        raised.violation.cause = format!("{from} -> {to}");
        raised.violation.chain = way.iter().map(|link| self.hop(context, link)).collect();
        if !way.is_empty() {
            raised.violation.chain.push(hop(context, import));
        }
        raised
    }

    /// The first import of a link, in order of files.
    fn hop(&self, context: &Context, link: &Link) -> Hop {
        let imports = &self.between[&(link.from, link.to)];
        let first = imports.iter().map(|at| &self.imports[*at]).find(|import| !import.excused);
        hop(context, first.unwrap_or(&self.imports[imports[0]]))
    }
}

/// The siblings' graph with its strongly connected components.
struct Circles {
    graph: Digraph,
    component: Vec<usize>,
    sizes: Vec<usize>,
}

impl Circles {
    fn new(graph: Digraph) -> Self {
        let component = graph.components();
        let mut sizes = vec![0; component.len()];
        for component in &component {
            sizes[*component] += 1;
        }
        Self { graph, component, sizes }
    }

    /// A shortest way from the link's end to its beginning.
    fn way_back(&self, link: Link) -> Vec<Link> {
        let way = self.graph.way(link.to, link.from, &self.component);
        way.into_iter().map(|at| self.graph.links[at]).collect()
    }
}

/// So many siblings of a cycle are named in a message; the chain has them all.
const SHOWN: usize = 5;

fn hop(context: &Context, import: &Import) -> Hop {
    let row = context.graph.row(import.row);
    Hop {
        importer: context.graph.module(row.importer).name.clone(),
        imported: context.graph.module(import.end).name.clone(),
        path: context.graph.path_of(row).to_owned(),
        line: context.graph.import(row).line,
    }
}

fn short(name: &str) -> &str {
    module_path::last(name)
}
