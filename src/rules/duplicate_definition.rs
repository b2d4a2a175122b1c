//! `duplicate-definition`: one name, more than one top-level class or function.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::{FxHashMap, FxHashSet};

use super::context::{Context, Judgements, Raised, RuleRef};
use super::{Check, Rule};
use crate::facts::{Binding, Bound};
use crate::graph::exports::Definition;
use crate::graph::model::ModuleId;
use crate::registry::{CheckOptions, CheckSetting, DuplicateDefinition};
use crate::source::Span;

/// The check.
pub static RULE: Rule = Rule {
    id: "duplicate-definition",
    docs: include_str!("../../rules/docs/duplicate-definition.md"),
    check: Check::Builtin(judge),
};

/// The modules that define a name, in name order, each with its first definition.
type Places<'a> = Vec<(ModuleId, &'a Binding)>;

fn judge(context: &Context, setting: &CheckSetting, out: &mut Judgements) {
    let CheckOptions::DuplicateDefinition(options) = &setting.options else { return };
    let mut duplicates = definitions(context, setting, options);
    duplicates.retain(|(_, name), places| places.len() > 1 && !is_excepted(name, options, out));
    let importers = importers(context, &duplicates);
    for ((_, name), places) in &duplicates {
        out.raise(finding(context, setting, name, places, &importers));
    }
}

/// Whether the registry says that a name may be defined more than once; notes by which of its items.
fn is_excepted(name: &str, options: &DuplicateDefinition, out: &mut Judgements) -> bool {
    let matching = options.names.iter().filter(|pattern| pattern.matches_name(name));
    let by: Vec<Span> = matching.map(|pattern| pattern.span).collect();
    out.used.extend(&by);
    !by.is_empty()
}

/// All definitions that are compared, by (whether a test, name): a test's helper is no rival of what is tested.
fn definitions<'a>(
    context: &'a Context,
    setting: &CheckSetting,
    options: &DuplicateDefinition,
) -> BTreeMap<(bool, &'a str), Places<'a>> {
    let within = (!options.within.is_empty()).then(|| context.modules_of(&options.within));
    let mut definitions: BTreeMap<(bool, &str), Places> = BTreeMap::new();
    for id in context.graph.module_ids() {
        let module = context.graph.module(id);
        let compared = module.is_importable()
            && module.node.is_none_or(|node| !context.graph.tree.is_hidden(node))
            && !module.path.ends_with(".pyi")
            && context.speaks_of(&setting.meta, id)
            && within.as_ref().is_none_or(|within| within.contains(id));
        if !compared {
            continue;
        }
        let is_test = context.scope(id) == "test";
        let facts = &context.graph.facts[module.file.index()];
        let home = context.graph.home[module.file.index()];
        let bindings = &facts.bindings;
        for same in bindings.chunk_by(|a, b| a.name == b.name) {
            let name = same[0].name.as_str();
            // What is also imported is defined here only where the import fails.
            let is_fallback = same.iter().any(|binding| matches!(binding.bound, Bound::Import(_)));
            let definition = same.iter().find(|binding| match binding.bound {
                Bound::Class => options.classes,
                Bound::Function => options.functions,
                _ => false,
            });
            let own = name.starts_with('_') || name == "main" || facts.is_private(name);
            // A test is found by its name, and nobody imports it.
            let own = own || is_test && (name.starts_with("test") || name.starts_with("Test"));
            if let Some(definition) = definition
                && !is_fallback
                && !own
            {
                let places = definitions.entry((is_test, name)).or_default();
                // Several Rust targets may hold one file, and of several modules of one name a target has one.
                let is_same = |(known, binding): &(ModuleId, &Binding)| {
                    let known = context.graph.module(*known);
                    known.name == module.name && module.rust.is_some()
                        || binding.span == definition.span && context.graph.home[known.file.index()] == home
                };
                if !places.iter().any(is_same) {
                    places.push((id, definition));
                }
            }
        }
    }
    definitions
}

/// How many modules import each of the duplicates, through whatever door.
fn importers<'a>(
    context: &'a Context,
    duplicates: &BTreeMap<(bool, &'a str), Places>,
) -> FxHashMap<(ModuleId, &'a str), usize> {
    let names: FxHashSet<&str> = duplicates.keys().map(|(_, name)| *name).collect();
    let mut importers: FxHashMap<(ModuleId, &str), BTreeSet<ModuleId>> = FxHashMap::default();
    for id in context.graph.row_ids() {
        if let Some(Definition::Symbol { module, name, .. }) = context.definition(id)
            && names.contains(name.as_str())
        {
            importers.entry((*module, name.as_str())).or_default().insert(context.graph.row(id).importer);
        }
    }
    importers.into_iter().map(|(definition, importers)| (definition, importers.len())).collect()
}

/// So many places are listed; a name of more is a convention.
const LISTED: usize = 20;

fn finding(
    context: &Context,
    setting: &CheckSetting,
    name: &str,
    places: &Places,
    importers: &FxHashMap<(ModuleId, &str), usize>,
) -> Raised {
    let count = |id: ModuleId| importers.get(&(id, name)).copied().unwrap_or(0);
    let mut sorted: Vec<ModuleId> = places.iter().map(|(id, _)| *id).collect();
    sorted.sort_by_key(|id| (Reverse(count(*id)), *id));
    let shown = sorted.iter().take(LISTED).map(|id| {
        let count = count(*id);
        let importers = if count == 1 { "importer" } else { "importers" };
        format!("`{}` ({count} {importers})", context.graph.module(*id).name)
    });
    let shown: Vec<String> = shown.collect();
    let rest = match sorted.len().saturating_sub(LISTED) {
        0 => String::new(),
        rest => format!(" and {rest} more"),
    };
    let message = format!("`{name}` is defined in {} modules: {}{rest}", places.len(), shown.join(", "));
    let (module, binding) = places[0];
    let file = context.graph.module(module).file;
    let mut raised =
        context.raised_at(RuleRef::check(setting), module, file, binding.span, binding.line, message);
    raised.suggest(
        "keep one and import it from there, or give each its own name; where the name is a convention, list it under \
         `except`"
            .to_owned(),
    );
    // The places change with every import; the name is what the finding is about.
    name.clone_into(&mut raised.violation.cause);
    name.clone_into(&mut raised.violation.written);
    raised
}
