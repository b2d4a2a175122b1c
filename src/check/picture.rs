//! The module graph for those who draw it: modules, imports, and which of them each finding is about.

use rustc_hash::FxHashMap;

use super::assemble::package_of;
use crate::graph::model::RowId;
use crate::registry::EntryKind;
use crate::report::Finding;
use crate::report::graph::{GraphData, GraphImport, GraphModule, LayerOrder};
use crate::rules::context::Context;
use crate::rules::members;
use crate::source::{FileId, Language, Span};
use crate::violation::Place;

/// The graph, with the findings that are listed laid over its imports.
pub(super) fn graph(context: &Context, findings: &[Finding]) -> GraphData {
    let graph = context.graph;
    let modules = graph
        .module_ids()
        .map(|id| {
            let module = graph.module(id);
            GraphModule {
                name: module.name.clone(),
                path: module.path.clone(),
                package: package_of(module).to_owned(),
                scope: context.scope(id).to_owned(),
                language: module.language,
            }
        })
        .collect();
    let about = about(findings);
    let mut imports = Vec::with_capacity(graph.rows.len());
    for edge in &graph.edges {
        imports.extend(graph.rows_of_edge(edge).iter().map(|id: &RowId| {
            let row = graph.row(*id);
            let import = graph.import(row);
            let path = graph.path_of(row);
            let found = about.get(&(row.file, import.span));
            let is_it = |at: &&u32| findings[**at as usize].violation.written == row.target;
            GraphImport {
                importer: edge.importer.0,
                imported: edge.imported.0,
                line: import.line,
                name: import.name.as_deref().unwrap_or_default().to_owned(),
                kind: import.kind,
                path: (path != graph.module(edge.importer).path).then(|| path.to_owned()),
                findings: found.into_iter().flatten().filter(is_it).copied().collect(),
            }
        }));
    }
    imports.sort_by(|a, b| {
        let key = |import: &GraphImport| (import.importer, import.imported, import.line);
        (key(a), &a.name).cmp(&(key(b), &b.name))
    });
    GraphData { modules, imports, orders: orders(context) }
}

/// Findings about imports, by the place of the import.
fn about(findings: &[Finding]) -> FxHashMap<(FileId, Span), Vec<u32>> {
    let mut about: FxHashMap<(FileId, Span), Vec<u32>> = FxHashMap::default();
    for (at, finding) in findings.iter().enumerate() {
        if let Place::Source(file, span) = finding.violation.place {
            about.entry((file, span)).or_default().push(at as u32);
        }
    }
    about
}

/// The orders of all `[[layers]]` entries, in the registry's order.
fn orders(context: &Context) -> Vec<LayerOrder> {
    let mut orders = Vec::new();
    for entry in &context.registry.entries {
        let EntryKind::Layers(layers) = &entry.kind else { continue };
        for group in members::of_layers(context, layers) {
            let mut order = LayerOrder {
                rule: entry.id.clone(),
                container: group.container.as_ref().map_or_else(String::new, |at| at.name.clone()),
                language: group.container.as_ref().map_or(Language::Python, |at| at.language),
                layers: vec![Vec::new(); group.layers.len()],
            };
            for member in group.members.iter().filter(|member| member.exists) {
                order.layers[member.layer].push(member.name.clone());
            }
            order.layers.retain(|layer| !layer.is_empty());
            orders.push(order);
        }
    }
    orders
}
