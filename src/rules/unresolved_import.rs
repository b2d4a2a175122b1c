//! `unresolved-import`: a first-party module or name that does not exist.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use rustc_hash::FxHashMap;

use super::context::{Context, Judgements, PRODUCTION, Raised, RuleRef, Undecided, Use};
use super::{Check, Rule};
use crate::facts::{Also, Bound};
use crate::graph::model::{Missing, Module, ModuleId, Outcome, Row, RowId};
use crate::module_path;
use crate::registry::CheckSetting;
use crate::report;
use crate::violation::{Severity, Status, Verdict};

/// The check.
pub static RULE: Rule = Rule {
    id: "unresolved-import",
    docs: include_str!("../../rules/docs/unresolved-import.md"),
    check: Check::Builtin(judge),
};

fn judge(context: &Context, setting: &CheckSetting, out: &mut Judgements) {
    let rule = RuleRef::check(setting);
    let mut known = Known::default();
    let mut stats = Stats::default();
    for id in context.graph.row_ids() {
        let row = context.graph.row(id);
        let import = context.graph.import(row);
        if !context.is_first_party(row)
            || !context.is_statement(row)
            || !context.speaks_of(&setting.meta, row.importer)
            || setting.meta.except_kinds.iter().any(|kind| import.kind.holds(kind))
        {
            continue;
        }
        let expected = import.kind.also.contains(Also::EXPECTED);
        match &row.outcome {
            Outcome::Missing(_) if expected => out.compliant(context, id),
            // A test that expects a failure which does not come: nothing here can tell which side is wrong.
            _ if expected => {}
            Outcome::Missing(missing) => {
                known.fill(context);
                let raised = finding(context, rule, id, row, missing, &known, &mut stats);
                out.raise(raised);
            }
            Outcome::Unknown(why) => {
                out.verdicts.push((Use::Row(id), Verdict::Unknown));
                let module = row.door.map_or("", |door| context.graph.module(door).name.as_str());
                out.undecided.push(Undecided {
                    file: row.file,
                    line: import.line,
                    target: row.target.to_string(),
                    why: format!("`{module}` {}", why.clause()),
                });
            }
            Outcome::BeyondRoot | Outcome::External => {}
            Outcome::Module | Outcome::Name | Outcome::Bare => out.compliant(context, id),
        }
    }
    computed(context, setting, out);
    out.missing = Some(stats.finish());
}

/// Imports whose target is computed: one unknown use each module.
fn computed(context: &Context, setting: &CheckSetting, out: &mut Judgements) {
    for id in context.graph.module_ids().filter(|id| context.speaks_of(&setting.meta, *id)) {
        let file = context.graph.module(id).file;
        let calls = &context.graph.facts[file.index()].computed;
        if !calls.is_empty() {
            out.verdicts.push((Use::Named(id, COMPUTED.to_owned()), Verdict::Unknown));
        }
        out.undecided.extend(calls.iter().map(|call| Undecided {
            file,
            line: call.line,
            target: COMPUTED.to_owned(),
            why: format!("`{}` is called with a computed name", call.callee),
        }));
    }
}

const COMPUTED: &str = "<computed>";

fn finding(
    context: &Context,
    rule: RuleRef,
    id: RowId,
    row: &Row,
    missing: &Missing,
    known: &Known,
    stats: &mut Stats,
) -> Raised {
    let import = context.graph.import(row);
    let nearest =
        if missing.nearest.is_empty() { String::new() } else { format!("; `{}` does", missing.nearest) };
    let hidden_by = hidden_by(context, missing);
    let message = if let Some(module) = hidden_by {
        format!("`{}` cannot be imported: `{}` is a module, not a package", missing.path, module.path)
    } else if missing.module {
        format!("`{}` does not exist{nearest}", missing.path)
    } else {
        format!("`{}` has no `{}`", missing.nearest, module_path::last(&missing.path))
    };
    let wanted = import.name.as_deref().unwrap_or(module_path::last(&missing.path));
    let places = known.places(wanted, row.importer);
    stats.note(context, row, places.len());
    let help = hidden_by.map_or_else(
        || suggestion(context, row, missing, wanted, &places, known),
        |module| {
            let directory = module.path.trim_end_matches(".py");
            format!("`{}` hides the directory `{directory}/` beside it: rename one of the two", module.path)
        },
    );
    let mut raised = context.raised(rule, id, message, Some(help));
    if missing.module {
        raised.violation.cause.clone_from(&missing.path);
    }
    if import.kind.also.contains(Also::OPTIONAL) {
        raised.violation.severity = Severity::Warn;
        raised.verdict = Verdict::Unknown;
    }
    // What names an exception in the list of causes is no longer a cause.
    if raised.violation.status == Status::Waived {
        raised.verdict = Verdict::Waived;
    }
    raised
}

/// The plain module beside a directory of its name, where the missing path does lie in that directory.
fn hidden_by<'a>(context: &Context<'a>, missing: &Missing) -> Option<&'a Module> {
    let graph = context.graph;
    let modules = graph.named(&missing.nearest).map(|at| &graph.modules[at]);
    modules.into_iter().find(|module| {
        module.node.is_some_and(|node| {
            graph.tree.hides_its_directory(node)
                && graph.tree.child(node, module_path::last(&missing.path)).is_some()
        })
    })
}

/// What to write instead: where a definition of that name does exist, else the nearest name.
fn suggestion(
    context: &Context,
    row: &Row,
    missing: &Missing,
    wanted: &str,
    places: &[ModuleId],
    known: &Known,
) -> String {
    let import = context.graph.import(row);
    let name = |id: &ModuleId| context.graph.module(*id).name.as_str();
    let from_import = import.name.as_deref().is_some_and(|name| name != "*");
    if from_import {
        // Nobody wants production code to import from a test.
        let foreign = |id: &ModuleId| {
            let scope = context.scope(*id);
            scope != PRODUCTION && scope != context.scope(row.importer)
        };
        let mut nearest: Vec<&ModuleId> = places.iter().collect();
        nearest.sort_by_key(|id| (foreign(id), Reverse(shared_prefix(name(id), &row.target)), name(id)));
        let alias = import.alias.as_deref().map_or_else(String::new, |alias| format!(" as {alias}"));
        match nearest.as_slice() {
            [] => {}
            [one] => {
                return format!(
                    "`{wanted}` is defined in `{0}`: write `from {0} import {wanted}{alias}`",
                    name(one)
                );
            }
            [first, rest @ ..] => {
                return format!(
                    "`{wanted}` is defined in {} modules, the nearest is `{1}`: write `from {1} import {wanted}{alias}`",
                    rest.len() + 1,
                    name(first)
                );
            }
        }
    }
    let last = module_path::last(&missing.path);
    let candidates =
        if missing.module { siblings(context, &missing.nearest) } else { bound_names(context, row) };
    if let Some(near) = nearest_name(last, &candidates) {
        return format!("did you mean `{}`?", module_path::join(&missing.nearest, near));
    }
    if missing.module {
        let mut homonyms = known.modules_called(last);
        homonyms.sort_by_key(|id| (Reverse(shared_prefix(name(id), &missing.path)), name(id)));
        if let Some(first) = homonyms.first() {
            return format!("a module of that name exists: `{}`", name(first));
        }
    }
    format!(
        "nothing of that name is defined in the project: remove the import, or restore `{}`",
        missing.path
    )
}

/// The names the door binds, for "did you mean".
fn bound_names<'a>(context: &'a Context, row: &Row) -> Vec<&'a str> {
    let Some(door) = row.door else { return Vec::new() };
    context
        .graph
        .files_of(door)
        .flat_map(|file| context.graph.facts[file.index()].bindings.iter())
        .map(|binding| binding.name.as_str())
        .collect()
}

/// The name that is one slip away, if there is one; the first in order of likeness, then of the alphabet.
fn nearest_name<'a>(name: &str, candidates: &[&'a str]) -> Option<&'a str> {
    let allowed = match name.chars().count() {
        0..=3 => return None,
        4..=7 => 1,
        _ => 2,
    };
    candidates
        .iter()
        .filter(|candidate| candidate.len().abs_diff(name.len()) <= allowed)
        .map(|candidate| (strsim::osa_distance(name, candidate), *candidate))
        .filter(|(distance, _)| (1..=allowed).contains(distance))
        .min()
        .map(|(_, candidate)| candidate)
}

/// How many leading components two paths share.
fn shared_prefix(a: &str, b: &str) -> usize {
    a.split('.').zip(b.split('.')).take_while(|(a, b)| a == b).count()
}

/// Where names are defined, filled when the first missing one asks.
#[derive(Default)]
struct Known<'a> {
    filled: bool,
    definitions: FxHashMap<&'a str, Vec<ModuleId>>,
    modules: FxHashMap<&'a str, Vec<ModuleId>>,
}

impl<'a> Known<'a> {
    fn fill(&mut self, context: &Context<'a>) {
        if self.filled {
            return;
        }
        self.filled = true;
        let graph = context.graph;
        for id in graph.module_ids() {
            let module = &graph.modules[id.index()];
            if module.node.is_none_or(|node| graph.tree.is_hidden(node)) {
                continue;
            }
            self.modules.entry(module_path::last(&module.name)).or_default().push(id);
            for binding in &graph.facts[module.file.index()].bindings {
                let places = self.definitions.entry(binding.name.as_str());
                if matches!(binding.bound, Bound::Class | Bound::Function) {
                    let places = places.or_default();
                    if places.last() != Some(&id) {
                        places.push(id);
                    }
                }
            }
        }
    }

    fn places(&self, name: &str, importer: ModuleId) -> Vec<ModuleId> {
        self.definitions.get(name).into_iter().flatten().copied().filter(|id| *id != importer).collect()
    }

    fn modules_called(&self, name: &str) -> Vec<ModuleId> {
        self.modules.get(name).cloned().unwrap_or_default()
    }
}

/// What lies below a package, for "did you mean".
fn siblings<'a>(context: &'a Context, parent: &str) -> Vec<&'a str> {
    let Some(node) = context.graph.named(parent).find_map(|at| context.graph.modules[at].node) else {
        return Vec::new();
    };
    context.graph.tree.children(node).iter().map(|(name, _)| name.as_str()).collect()
}

/// Counts for the first screen.
#[derive(Default)]
struct Stats {
    missing: report::Missing,
    files: BTreeSet<u32>,
    targets: BTreeSet<String>,
}

impl Stats {
    fn note(&mut self, context: &Context, row: &Row, places: usize) {
        self.missing.names += 1;
        self.missing.production += u32::from(context.scope(row.importer) == PRODUCTION);
        self.missing.one_place += u32::from(places == 1);
        self.missing.nowhere += u32::from(places == 0);
        self.files.insert(row.file.0);
        self.targets.insert(row.target.to_string());
    }

    fn finish(mut self) -> report::Missing {
        self.missing.files = self.files.len() as u32;
        self.missing.targets = self.targets.len() as u32;
        self.missing
    }
}
