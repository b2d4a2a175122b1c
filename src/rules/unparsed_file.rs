//! `unparsed-file`: a source file that cannot be read or does not parse.

use super::context::{Context, Judgements, Raised, RuleRef, Undecided, Use};
use super::{Check, Rule};
use crate::registry::CheckSetting;
use crate::violation::{Place, Verdict};

/// The check.
pub static RULE: Rule = Rule {
    id: "unparsed-file",
    docs: include_str!("../../rules/docs/unparsed-file.md"),
    check: Check::Builtin(judge),
};

fn judge(context: &Context, setting: &CheckSetting, out: &mut Judgements) {
    let rule = RuleRef::check(setting);
    for (path, why) in context.around.unreadable {
        let mut violation =
            context.finding(rule, format!("cannot be read: {why}"), Place::Path(path.clone()));
        violation.help.clone_from(&setting.meta.help);
        let mut raised = Raised::outside(violation);
        raised.suggest("make it readable, remove it, or list it under `[project] exclude`".to_owned());
        out.raise(raised);
    }
    for file in context.graph.homes() {
        let module = context.graph.module_of_file[file.index()];
        let facts = &context.graph.facts[file.index()];
        let Some(problem) = facts.problems.first() else { continue };
        if !context.speaks_of(&setting.meta, module) {
            continue;
        }
        let message = format!("does not parse: {}", problem.message);
        let mut raised = context.raised_at(rule, module, file, problem.span, problem.line, message);
        let mut recovered = 0;
        for at in context.graph.same_file(file).flat_map(|file| context.graph.rows_of(file)) {
            let row = &context.graph.rows[at];
            if context.is_first_party(row) && context.counts(&setting.meta, context.graph.import(row)) {
                recovered += 1;
                out.verdicts.push((Use::Row(crate::graph::model::RowId(at as u32)), Verdict::Unknown));
                out.undecided.push(Undecided {
                    file,
                    line: context.graph.import(row).line,
                    target: row.target.to_string(),
                    why: "the file does not parse".to_owned(),
                });
            }
        }
        if recovered == 0 {
            out.verdicts.push((Use::Named(module, NOTHING_SEEN.to_owned()), Verdict::Unknown));
            out.undecided.push(Undecided {
                file,
                line: problem.line,
                target: NOTHING_SEEN.to_owned(),
                why: "the file does not parse, and no import of the project was found in it".to_owned(),
            });
        }
        let counts = match recovered {
            0 => "no import of the project could be read from it: it counts as one unknown use".to_owned(),
            1 => "one import of the project could still be read, and counts as unknown at best".to_owned(),
            n => format!("{n} imports of the project could still be read, and count as unknown at best"),
        };
        raised.suggest(format!(
            "repair it, or list it under `[project] exclude` if it is not meant to parse; {counts}"
        ));
        out.raise(raised);
    }
}

const NOTHING_SEEN: &str = "<unparsed>";
