//! Who imports what bears a name: statements, literal dynamic imports, accesses, references by string.

use std::collections::BTreeMap;

use rustc_hash::FxHashSet;

use super::{Asked, Collected, Door, Import, Standing, StringRef};
use crate::facts::Also;
use crate::graph::exports::Definition;
use crate::graph::model::{ModuleId, Outcome, Row, RowId};
use crate::module_path::{below, components, first};
use crate::rules::context::Step;
use crate::source::{FileId, Language, Span};

/// All that uses the name.
pub(super) struct Uses {
    pub imports: Collected<Import>,
    pub strings: Collected<StringRef>,
    pub doors: Vec<Door>,
    /// The strings among them, by file and place.
    pub literals: FxHashSet<(FileId, u32)>,
}

/// One import before it is sorted.
struct Found {
    module: ModuleId,
    file: FileId,
    span: Span,
    door: (String, &'static str),
    import: Import,
}

/// Finds all uses.
pub(super) fn find(asked: &Asked) -> Uses {
    let context = asked.context;
    let mut found: Vec<Found> = context.graph.row_ids().filter_map(|id| of_row(asked, id)).collect();
    found.extend(accesses(asked));
    let mut literals = FxHashSet::default();
    let home = |file: FileId| context.graph.home[file.index()];
    for found in found.iter().filter(|found| found.import.kinds.contains(&"dynamic")) {
        literals.insert((home(found.file), found.span.start));
    }
    // A Rust file may be a part of several targets: the library's comes first.
    let is_second = |found: &Found| first(&found.import.importer).contains(':');
    found.sort_by_cached_key(|found| {
        let Import { scope, path, line, written, .. } = &found.import;
        (asked.rank(scope), path.clone(), *line, found.span, is_second(found), written.clone())
    });
    let mut seen = FxHashSet::default();
    found.retain(|found| seen.insert((home(found.file), found.span)));
    let mut doors: BTreeMap<(String, &'static str), usize> = BTreeMap::new();
    let with_standing: Vec<(Standing, Found)> =
        found.into_iter().map(|found| (asked.standing(found.module), found)).collect();
    for (_, found) in with_standing.iter().filter(|(standing, _)| *standing == Standing::Listed) {
        *doors.entry(found.door.clone()).or_default() += 1;
    }
    let mut doors: Vec<Door> =
        doors.into_iter().map(|((module, resolves), imports)| Door { module, imports, resolves }).collect();
    // Those that are used most first; by name before.
    doors.sort_by_key(|door| std::cmp::Reverse(door.imports));
    let strings = strings(asked, &mut literals);
    let imports = with_standing.into_iter().map(|(standing, found)| (standing, found.import));
    Uses { imports: Collected::new(imports), strings: Collected::new(strings), doors, literals }
}

fn of_row(asked: &Asked, id: RowId) -> Option<Found> {
    let context = asked.context;
    let graph = context.graph;
    let row = graph.row(id);
    let definition = context.definition(id);
    if !is_meant(asked, row, definition) {
        return None;
    }
    let import = graph.import(row);
    let resolves = match &row.outcome {
        Outcome::External => "external",
        Outcome::Missing(_) | Outcome::BeyondRoot => "missing",
        Outcome::Unknown(_) => "unknown",
        Outcome::Module | Outcome::Name | Outcome::Bare => "first-party",
    };
    let door = match (&row.outcome, row.door) {
        (Outcome::External, _) => (context.module_part(row).to_owned(), "external"),
        (Outcome::Missing(missing), _) if missing.module => (context.module_part(row).to_owned(), "missing"),
        (Outcome::Missing(_), Some(door)) => (graph.module(door).name.clone(), "missing-name"),
        (_, Some(door)) => (graph.module(door).name.clone(), "first-party"),
        (Outcome::Bare, None) => (context.module_part(row).to_owned(), "first-party"),
        _ => (context.module_part(row).to_owned(), "missing"),
    };
    Some(Found {
        module: row.importer,
        file: row.file,
        span: import.span,
        door,
        import: Import {
            path: graph.path_of(row).to_owned(),
            line: import.line,
            scope: context.scope(row.importer).to_owned(),
            language: graph.module(row.importer).language.name(),
            importer: graph.module(row.importer).name.clone(),
            written: row.target.to_string(),
            definition: definition.map(|definition| graph.definition_path(definition)),
            resolves,
            kinds: import.kind.names(),
        },
    })
}

/// Whether a row names what is asked for: by its path as written, by what it means in the end, or by what its wildcard
/// brings.
fn is_meant(asked: &Asked, row: &Row, definition: Option<&Definition>) -> bool {
    let (graph, subject) = (asked.context.graph, asked.subject);
    // In Rust a module's own names are paths too.
    if row.resolved.is_some() && row.leads_to() == Some(row.importer) {
        return false;
    }
    subject.is_named_by(&row.target)
        || definition.is_some_and(|definition| subject.symbols.contains(definition))
        || graph.names().ends(row).any(|end| subject.modules.contains(end))
        || row.resolved.is_none() && !subject.symbols.is_empty() && brings(asked, row)
}

/// Whether `from m import *` brings a symbol that is asked for.
fn brings(asked: &Asked, row: &Row) -> bool {
    let (graph, name) = (asked.context.graph, asked.subject.name.last());
    let Some(door) = row.door.filter(|_| graph.import(row).kind.also.contains(Also::WILDCARD)) else {
        return false;
    };
    graph.names().is_public(door, name)
        && graph.definition(door, name).is_some_and(|at| asked.subject.symbols.contains(&at))
}

/// `m.C` and `getattr(m, "C")`. What lies below a module that a statement names is that statement's.
fn accesses(asked: &Asked) -> Vec<Found> {
    let (context, subject) = (asked.context, asked.subject);
    let (graph, last) = (context.graph, subject.name.last());
    let is_it = |step: &&Step| {
        step.definition.as_ref().is_some_and(|at| subject.symbols.contains(at))
            || step.name == last && subject.is_named_by(&context.symbol_path(step.module, &step.name))
    };
    let mut found = Vec::new();
    for step in context.index().steps.iter().filter(is_it) {
        let written = context.symbol_path(step.module, &step.name);
        let door = (graph.module(step.module).name.clone(), "first-party");
        let definition = step.definition.as_ref().map(|at| graph.definition_path(at));
        found.push(access(asked, step.file, step.access, written, door, definition));
    }
    for (at, facts) in graph.facts.iter().enumerate() {
        let file = FileId(at as u32);
        for (access_at, one) in facts.accesses.iter().enumerate() {
            if !components(&one.path).any(|part| part == last) {
                continue;
            }
            if let Some(path) = context.external_access(file, one).filter(|path| subject.is_named_by(path)) {
                let door = (module_of(&path, last), "external");
                let definition = Some(path.clone());
                found.push(access(asked, file, access_at as u32, path, door, definition));
            }
        }
    }
    found
}

/// What stands above that name in a path.
fn module_of(path: &str, name: &str) -> String {
    let above = components(path).take_while(|part| *part != name);
    above.fold(String::new(), |module, part| crate::module_path::join(&module, part))
}

fn access(
    asked: &Asked,
    file: FileId,
    access: u32,
    written: String,
    door: (String, &'static str),
    definition: Option<String>,
) -> Found {
    let graph = asked.context.graph;
    let one = &graph.facts[file.index()].accesses[access as usize];
    let module = graph.module_of_file[file.index()];
    let kind = crate::facts::ImportKind { when: one.when, also: Also::ACCESS };
    Found {
        module,
        file,
        span: one.span,
        import: Import {
            path: graph.path_of_file(file).to_owned(),
            line: one.line,
            scope: asked.context.scope(module).to_owned(),
            language: Language::Python.name(),
            importer: graph.module(module).name.clone(),
            written,
            resolves: door.1,
            definition,
            kinds: kind.names(),
        },
        door,
    }
}

/// `mock.patch("a.b.C")` and kin, in order.
fn strings(asked: &Asked, literals: &mut FxHashSet<(FileId, u32)>) -> Vec<(Standing, StringRef)> {
    let graph = asked.context.graph;
    let mut found = Vec::new();
    for (at, facts) in graph.facts.iter().enumerate() {
        let module = graph.module_of_file[at];
        for (string, reference) in facts.strings.iter().zip(&graph.references[at]) {
            let means_it = || {
                let door = reference.door?;
                let name = first(below(&string.path, &graph.module(door).name)?);
                Some(asked.subject.symbols.contains(&graph.definition(door, name)?))
            };
            if !asked.subject.is_named_by(&string.path) && means_it() != Some(true) {
                continue;
            }
            literals.insert((graph.home[at], string.span.start));
            found.push((
                asked.standing(module),
                StringRef {
                    path: graph.path_of_file(FileId(at as u32)).to_owned(),
                    line: string.line,
                    scope: asked.context.scope(module).to_owned(),
                    importer: graph.module(module).name.clone(),
                    written: string.path.to_string(),
                },
            ));
        }
    }
    found.sort_by_cached_key(|(_, at)| (asked.rank(&at.scope), at.path.clone(), at.line, at.written.clone()));
    found
}
