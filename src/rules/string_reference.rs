//! `string-reference`: a string names a first-party module or name that does not exist. Patchers and literal dynamic
//! imports: what `unresolved-import` leaves out because no statement says it.

use super::context::{Context, Judgements, Raised, RuleRef, Undecided, Use, UsePlace};
use super::suggest::{Form, Known, Lost};
use super::{Check, Rule};
use crate::facts::{Also, ImportKind, When};
use crate::graph::exports::Definition;
use crate::graph::model::{Missing, ModuleId, Outcome, Reference, RowId};
use crate::module_path;
use crate::registry::CheckSetting;
use crate::source::FileId;
use crate::violation::{Severity, Status, Verdict};

/// The check.
pub static RULE: Rule = Rule {
    id: "string-reference",
    docs: include_str!("../../rules/docs/string-reference.md"),
    check: Check::Builtin(judge),
};

fn judge(context: &Context, setting: &CheckSetting, out: &mut Judgements) {
    let mut judge = Judge { context, setting, rule: RuleRef::check(setting), known: Known::default(), out };
    for (at, references) in context.graph.references.iter().enumerate() {
        let file = FileId(at as u32);
        let module = context.graph.module_of_file[at];
        if context.speaks_of(&setting.meta, module) && !judge.leaves_out(STRING) {
            for (at, reference) in references.iter().enumerate() {
                judge.string(module, file, at, reference);
            }
        }
    }
    for id in context.graph.row_ids() {
        judge.dynamic(id);
    }
}

const STRING: ImportKind = ImportKind { when: When::Deferred, also: Also::STRING };

struct Judge<'a, 'o> {
    context: &'a Context<'a>,
    setting: &'a CheckSetting,
    rule: RuleRef<'a>,
    known: Known<'a>,
    out: &'o mut Judgements,
}

impl Judge<'_, '_> {
    fn leaves_out(&self, kind: ImportKind) -> bool {
        self.setting.meta.except_kinds.iter().any(|name| kind.holds(name))
    }

    fn string(&mut self, module: ModuleId, file: FileId, at: usize, reference: &Reference) {
        let string = &self.context.graph.facts[file.index()].strings[at];
        let path = string.path.as_str();
        match &reference.outcome {
            Outcome::External | Outcome::BeyondRoot => {}
            Outcome::Module | Outcome::Name | Outcome::Bare => {
                self.out.compliant_use(self.context, module, path.to_owned());
            }
            Outcome::Unknown(why) => {
                self.out.verdicts.push((Use::Named(module, path.to_owned()), Verdict::Unknown));
                self.undecided(file, string.line, path, reference.door, why.clause());
            }
            Outcome::Missing(missing)
                if string.may_create && missing.path == path || self.is_rebound(reference) =>
            {
                self.out.compliant_use(self.context, module, path.to_owned());
            }
            Outcome::Missing(missing) => {
                let place = UsePlace { module, file, span: string.span, line: string.line, kind: STRING };
                let below = module_path::below(path, &missing.path).unwrap_or("");
                let wanted = match module_path::first(below) {
                    below if missing.module && !below.is_empty() => below,
                    _ => module_path::last(&missing.path),
                };
                let help = self.help(wanted, path, module, reference.door, missing);
                let mut raised = self.context.raised_use(self.rule, place, path.to_owned(), message(missing));
                raised.suggest(help);
                self.raise(raised, missing);
            }
        }
    }

    fn dynamic(&mut self, id: RowId) {
        let context = self.context;
        let row = context.graph.row(id);
        let import = context.graph.import(row);
        if !context.is_first_party(row)
            || context.is_statement(row)
            || !context.speaks_of(&self.setting.meta, row.importer)
            || self.leaves_out(import.kind)
        {
            return;
        }
        let expected = import.kind.also.contains(Also::EXPECTED);
        match &row.outcome {
            Outcome::Missing(_) if expected => self.out.compliant(context, id),
            _ if expected => {}
            Outcome::External | Outcome::BeyondRoot => {}
            Outcome::Module | Outcome::Name | Outcome::Bare => self.out.compliant(context, id),
            Outcome::Unknown(why) => {
                self.out.verdicts.push((Use::Row(id), Verdict::Unknown));
                self.undecided(row.file, import.line, &row.target, row.door, why.clause());
            }
            Outcome::Missing(missing) => {
                let wanted = import.name.as_deref().unwrap_or(module_path::last(&missing.path));
                let help = self.help(wanted, &row.target, row.importer, row.door, missing);
                let mut raised = context.raised(self.rule, id, message(missing), Some(help));
                if import.kind.also.contains(Also::OPTIONAL) {
                    raised.violation.severity = Severity::Warn;
                    raised.verdict = Verdict::Unknown;
                }
                self.raise(raised, missing);
            }
        }
    }

    /// Whether a package on the way binds the next name to something else than its submodule: attributes come first.
    fn is_rebound(&self, reference: &Reference) -> bool {
        let graph = self.context.graph;
        let mut node = reference.door.and_then(|door| graph.module(door).node);
        while let Some(at) = node {
            node = graph.tree.node(at).parent;
            let (Some(module), Some(package)) =
                (graph.module_at(at), node.and_then(|parent| graph.module_at(parent)))
            else {
                continue;
            };
            let bound = graph.definition(package, &graph.tree.node(at).name);
            if bound.is_some_and(|bound| bound != Definition::Module(module)) {
                return true;
            }
        }
        false
    }

    fn undecided(&mut self, file: FileId, line: u32, target: &str, door: Option<ModuleId>, why: &str) {
        let module = door.map_or("", |door| self.context.graph.module(door).name.as_str());
        let why = format!("`{module}` {why}");
        self.out.undecided.push(Undecided { file, line, target: target.to_owned(), why });
    }

    fn help(
        &mut self,
        wanted: &str,
        target: &str,
        importer: ModuleId,
        door: Option<ModuleId>,
        missing: &Missing,
    ) -> String {
        self.known.fill(self.context);
        let places = self.known.places(self.context, wanted, importer);
        let lost = Lost { wanted, target, importer, door, missing, form: Form::Text };
        self.known.suggestion(self.context, &lost, &places)
    }

    fn raise(&mut self, mut raised: Raised, missing: &Missing) {
        if missing.module {
            raised.violation.cause.clone_from(&missing.path);
        }
        if raised.violation.status == Status::Waived {
            raised.verdict = Verdict::Waived;
        }
        self.out.raise(raised);
    }
}

fn message(missing: &Missing) -> String {
    let Missing { path, nearest, module } = missing;
    match (module, nearest.as_str()) {
        (true, "") => format!("`{path}` does not exist"),
        (true, nearest) => format!("`{path}` does not exist; `{nearest}` does"),
        (false, nearest) => format!("`{nearest}` has no `{}`", module_path::last(path)),
    }
}
