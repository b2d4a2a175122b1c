//! `orphan-file`: a Rust file below a package's `src/` that no target reaches.

use super::context::{Context, Judgements, PRODUCTION, Raised, RuleRef};
use super::{Check, Rule};
use crate::languages::rust::orphans::{Orphan, Remedy, Standing, orphans};
use crate::registry::CheckSetting;
use crate::registry::pattern::Subject;
use crate::source::{Language, RelPath};
use crate::violation::Place;

/// The check.
pub static RULE: Rule = Rule {
    id: "orphan-file",
    docs: include_str!("../../rules/docs/orphan-file.md"),
    check: Check::Builtin(judge),
};

fn judge(context: &Context, setting: &CheckSetting, out: &mut Judgements) {
    if setting.meta.languages.as_ref().is_some_and(|languages| !languages.contains(&Language::Rust)) {
        return;
    }
    let Some(project) = context.around.rust else { return };
    for orphan in orphans(project, context.around.rust_files) {
        let message = format!("no target of the package `{}` reaches this file", orphan.package.name);
        raise(context, setting, out, orphan.path, message, help(&orphan));
    }
}

fn raise(
    context: &Context,
    setting: &CheckSetting,
    out: &mut Judgements,
    path: &RelPath,
    message: String,
    help: String,
) {
    let scopes = &context.registry.scopes;
    let scope = scopes.iter().find(|scope| scope.files.is_match(path.as_str()));
    let scope = scope.map_or(PRODUCTION, |scope| scope.name.as_str());
    if setting.meta.scopes.as_ref().is_some_and(|scopes| scopes.iter().all(|item| item.text != scope)) {
        return;
    }
    let mut violation = context.finding(RuleRef::check(setting), message, Place::Path(path.clone()));
    violation.help.clone_from(&setting.meta.help);
    violation.language = Some(Language::Rust);
    scope.clone_into(&mut violation.scope);
    path.as_str().clone_into(&mut violation.cause);
    let mut raised = Raised::outside(violation);
    raised.suggest(help);
    // It is no module of anything, so that it has no name.
    let subject = Subject { name: "", path: path.as_str(), scope, language: Language::Rust };
    let excepted = |exception: &&crate::registry::Exception| {
        context.in_force(exception.until) && exception.to.is_none() && exception.from.matches(&subject)
    };
    if let Some(exception) = setting.meta.except.iter().find(excepted) {
        raised.excuse(exception);
    }
    out.raise(raised);
}

fn help(orphan: &Orphan) -> String {
    match &orphan.remedy {
        Remedy::Target { table: "lib", path, .. } => {
            format!("name it in {}: `[lib] path = \"{path}\"`; or delete it", orphan.package.manifest)
        }
        Remedy::Target { table, name, path } => {
            let name = name.as_deref().unwrap_or_default();
            let table = format!("`[[{table}]]` with `name = \"{name}\"` and `path = \"{path}\"`");
            format!("name it in {}: {table}; or delete it", orphan.package.manifest)
        }
        Remedy::Declare { line, parent, standing } => {
            let but = match standing {
                Standing::Reached => "",
                Standing::Orphan => ", which no target reaches either",
                Standing::Missing => ", a file that is not there yet",
            };
            format!("declare it: `{line}` in {parent}{but}; or delete it")
        }
    }
}
