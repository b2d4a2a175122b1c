//! `wildcard-import`: first-party from-imports name what they take.

use std::collections::BTreeSet;

use super::context::{Context, Judgements, RuleRef};
use super::{Check, Rule};
use crate::facts::Also;
use crate::graph::exports::Definition;
use crate::graph::model::{ModuleId, Outcome, Row};
use crate::module_path::{is_within, last};
use crate::registry::CheckSetting;
use crate::violation::Instead;

/// The check.
pub static RULE: Rule = Rule {
    id: "wildcard-import",
    docs: include_str!("../../rules/docs/wildcard-import.md"),
    check: Check::Builtin(judge),
};

fn judge(context: &Context, setting: &CheckSetting, out: &mut Judgements) {
    let rule = RuleRef::check(setting);
    for id in context.judged_rows(&setting.meta) {
        let row = context.graph.row(id);
        let import = context.graph.import(row);
        let paths = Also::ACCESS | Also::MACRO | Also::ATTRIBUTE;
        if import.name.is_none() || !context.is_statement(row) || import.kind.also.intersects(paths) {
            continue;
        }
        if !import.kind.also.contains(Also::WILDCARD) || is_customary(context, row) {
            out.compliant(context, id);
            continue;
        }
        let module = row.target.trim_end_matches('*').trim_end_matches(['.', ':']);
        let message = format!("everything is imported from `{module}`");
        let help = "name what is used: nobody can tell where a name comes from otherwise".to_owned();
        let mut raised = context.raised(rule, id, message, Some(help));
        let names = row.door.filter(|_| row.outcome == Outcome::Name && row.resolved.is_none());
        let names = names.and_then(|door| public_names(context, door));
        raised.violation.instead = names.map(|names| {
            let names = names.into_iter().collect();
            Instead { path: row.target.to_string(), named: true, safe: false, names }
        });
        out.raise(raised);
    }
}

/// The names that `*` takes out of a Python module; None where they cannot all be told.
fn public_names(context: &Context, module: ModuleId) -> Option<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    let mut seen = BTreeSet::new();
    let mut open = vec![module];
    while let Some(module) = open.pop() {
        if !seen.insert(module) {
            continue;
        }
        let facts = &context.graph.facts[context.graph.module(module).file.index()];
        if let Some(all) = &facts.all {
            if !all.complete {
                return None;
            }
            names.extend(all.names.iter().map(ToString::to_string));
            continue;
        }
        if facts.open.is_some() || !facts.problems.is_empty() {
            return None;
        }
        let bound = facts.bindings.iter().map(|binding| binding.name.as_str());
        names.extend(bound.filter(|name| !name.starts_with('_')).map(str::to_owned));
        for id in context.rows_of_module(module) {
            let row = context.graph.row(id);
            let import = context.graph.import(row);
            if import.kind.also.contains(Also::WILDCARD) && import.module_level {
                open.push(row.door.filter(|_| row.outcome == Outcome::Name)?);
            }
        }
    }
    Some(names)
}

/// Rust's customs, which are Clippy's: tests take all of the module they lie in, a prelude is there to be taken whole, a
/// facade gives on all of a module, and the variants of an enum are no module's names.
fn is_customary(context: &Context, row: &Row) -> bool {
    let Some(resolved) = &row.resolved else { return false };
    if context.graph.import(row).kind.also.contains(Also::REEXPORT) {
        return true;
    }
    let importer = context.graph.module(row.importer);
    match &resolved.definition {
        Some(Definition::Module(module)) => {
            let name = &context.graph.module(*module).name;
            let holds = is_within(&importer.name, name) && importer.name != *name;
            // What fuzzers build as well is no test to the compiler.
            let tests =
                context.scope(row.importer) == "test" || ["test", "tests"].contains(&last(&importer.name));
            last(name) == "prelude" || (holds && tests)
        }
        Some(Definition::Symbol { .. }) => true,
        Some(Definition::External(_)) | None => false,
    }
}
