//! `unknown-package`: a third-party import that no manifest of the project declares.

use super::context::{Context, Judgements, RuleRef};
use super::suggest::{Known, nearest_name};
use super::{Check, Rule};
use crate::facts::{Also, When};
use crate::graph::model::Row;
use crate::languages::python::stdlib::is_stdlib;
use crate::module_path;
use crate::registry::CheckSetting;

/// The check.
pub static RULE: Rule = Rule {
    id: "unknown-package",
    docs: include_str!("../../rules/docs/unknown-package.md"),
    check: Check::Builtin(judge),
};

fn judge(context: &Context, setting: &CheckSetting, out: &mut Judgements) {
    let project = context.project;
    // Where nothing is declared, everything would be unknown.
    if project.distributions.is_empty() {
        return;
    }
    let mut known = Known::default();
    let declared: Vec<&str> = project.declared.iter().map(String::as_str).collect();
    for id in context.graph.row_ids() {
        let row = context.graph.row(id);
        if !context.judges(&setting.meta, row) || !is_third_party(context, row) {
            continue;
        }
        let package = module_path::first(&row.target);
        if project.is_likely_to_declare(package) || project.provided.contains(package) {
            out.compliant(context, id);
            continue;
        }
        let message = format!("no manifest declares `{package}`");
        known.fill(context);
        let near = nearest_name(package, &declared);
        let own = known.modules_called(package).iter().find(|id| **id != row.importer);
        let first = match (near, own) {
            (Some(near), _) => format!("did you mean `{near}`? Else "),
            (None, Some(own)) => {
                format!("if `{}` is meant, import it by that path; else ", context.graph.module(*own).name)
            }
            (None, None) => String::new(),
        };
        let help = format!(
            "{first}declare the distribution that provides it; where that bears another name, say so: `[python] \
             import-names = {{ {package} = \"the distribution\" }}`"
        );
        let help = setting.meta.help.clone().unwrap_or(help);
        let mut raised = context.raised(RuleRef::check(setting), id, message, Some(help));
        package.clone_into(&mut raised.violation.cause);
        out.raise(raised);
    }
}

/// Whether an import has to be declared: nobody's own, not Python's, and neither optional nor for type checkers alone.
fn is_third_party(context: &Context, row: &Row) -> bool {
    let kind = context.graph.import(row).kind;
    let package = module_path::first(&row.target);
    let python = &context.registry.python;
    !context.is_first_party(row)
        && !kind.also.contains(Also::OPTIONAL)
        && kind.when != When::TypeChecking
        && !is_stdlib(package)
        // CPython's own tests, and the module that was started.
        && !matches!(package, "test" | "__main__")
        && !python.first_party.iter().any(|own| own == package)
        && !python.opaque.iter().any(|generated| generated.matches_name(&row.target))
}
