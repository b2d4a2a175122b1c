//! The module graph for those who draw it: modules, imports, and which of them each finding is about.

use rustc_hash::FxHashMap;

use super::packages::package_of;
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::{Options, check_texts};
    use crate::facts::Date;
    use crate::registry::Registry;
    use crate::registry::load::{self, Home};
    use crate::report::Report;
    use crate::source::RelPath;

    const TREE: &[(&str, &str)] = &[
        ("web/__init__.py", ""),
        ("web/page.py", "from core import gone\nfrom core import *\nimport store.table as t\n"),
        ("store/__init__.py", ""),
        ("store/table.py", "import core\n\ndef late():\n    from web.page import t, late\n"),
        ("core/__init__.py", "base = 1\n"),
        ("core/part.py", ""),
    ];

    fn report(registry: &str) -> Report {
        let as_of = Date::parse("2026-11-22").unwrap();
        let path = RelPath::new("importlaw.toml");
        let resolve = |_: &str, _: &RelPath| Err("no other".to_owned());
        let registry: Registry =
            load::load_extending(&path, registry, Home::of("importlaw.toml", registry), as_of, &resolve)
                .unwrap();
        let texts: BTreeMap<RelPath, Vec<u8>> =
            TREE.iter().map(|(path, text)| (RelPath::new(*path), text.as_bytes().to_vec())).collect();
        check_texts(&registry, texts, &Options { graph: true, ..Options::as_of(as_of) }).unwrap()
    }

    const LAYERS: &str =
        "version = 1\n[[layers]]\nid = \"down\"\norder = [\"web\", \"(gone)\", \"store | core\"]\n";

    #[test]
    fn every_import_of_first_party_is_an_edge_with_its_line_and_its_findings() {
        let report = report(LAYERS);
        let graph = report.graph.as_ref().unwrap();
        let names: Vec<&str> = graph.modules.iter().map(|module| module.name.as_str()).collect();
        assert_eq!(names, ["core", "core.part", "store", "store.table", "web", "web.page"]);
        let shown: Vec<_> = graph
            .imports
            .iter()
            .map(|import| {
                let rules: Vec<&str> = import
                    .findings
                    .iter()
                    .map(|at| report.findings[*at as usize].violation.rule.as_str())
                    .collect();
                let (from, to) = (names[import.importer as usize], names[import.imported as usize]);
                (from, to, import.line, import.name.as_str(), rules)
            })
            .collect();
        assert_eq!(
            shown,
            [
                ("store.table", "core", 1, "", vec!["down"]),
                ("store.table", "web.page", 4, "late", vec!["down", "unresolved-import"]),
                ("store.table", "web.page", 4, "t", vec!["down"]),
                ("web.page", "core", 1, "gone", vec!["unresolved-import"]),
                ("web.page", "core", 2, "*", vec![]),
                ("web.page", "store.table", 3, "", vec![]),
            ]
        );
        let page = &graph.modules[5];
        assert_eq!(
            (page.path.as_str(), page.package.as_str(), page.scope.as_str()),
            ("web/page.py", "web", "production")
        );
    }

    #[test]
    fn layers_that_exist_are_ordered() {
        let report = report(LAYERS);
        let order = &report.graph.unwrap().orders[0];
        assert_eq!((order.rule.as_str(), order.container.as_str()), ("down", ""));
        assert_eq!(order.layers, [vec!["web"], vec!["store", "core"]]);
    }

    #[test]
    fn what_is_not_asked_for_is_not_made() {
        let texts = BTreeMap::from([(RelPath::new("a.py"), b"import a\n".to_vec())]);
        let options = Options::as_of(Date::parse("2026-11-22").unwrap());
        assert_eq!(check_texts(&Registry::default(), texts, &options).unwrap().graph, None);
    }
}
