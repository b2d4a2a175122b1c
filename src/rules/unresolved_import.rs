//! `unresolved-import`: a first-party module or name that does not exist.

use std::collections::BTreeSet;

use super::context::{Context, Judgements, PRODUCTION, Raised, RuleRef, Undecided, Use};
use super::suggest::{self, Known};
use super::{Check, Rule};
use crate::facts::Also;
use crate::graph::model::{Missing, Module, Outcome, Row, RowId};
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
    if setting.meta.except_kinds.iter().any(|kind| kind == "dynamic") {
        return;
    }
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
    stats.note(context, row, known.places(context, wanted, row.importer).len());
    let help = hidden_by.map_or_else(
        || known.instead_of(context, row, missing),
        |module| {
            let directory = module.path.trim_end_matches(".py");
            format!("`{}` hides the directory `{directory}/` beside it: rename one of the two", module.path)
        },
    );
    let mut raised = context.raised(rule, id, message, Some(help));
    let single = import.name.as_deref().filter(|name| *name != "*" && hidden_by.is_none());
    raised.violation.instead = single.and_then(|name| {
        let place = known.only_place(context, name, &row.target, row.importer)?;
        // Where somebody catches the failure, the program has gone on without.
        let fails = !import.kind.also.contains(Also::OPTIONAL);
        suggest::instead(context, &context.symbol_path(place, name), true, fails)
    });
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
