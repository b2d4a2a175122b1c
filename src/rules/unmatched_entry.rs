//! `unmatched-entry`: a line of the registry that names nothing, so that it cannot hold nor be broken.

use super::context::{Context, Judgements, RuleRef};
use super::{Check, Rule};
use crate::graph::exports::Binds;
use crate::graph::model::ModuleId;
use crate::module_path;
use crate::registry::pattern::{PathGlobs, Pattern};
use crate::registry::{Canonical, CheckOptions, CheckSetting, EntryKind, Item, Meta, SymbolPath};
use crate::violation::Severity;

/// The check.
pub static RULE: Rule = Rule {
    id: "unmatched-entry",
    docs: include_str!("../../rules/docs/unmatched-entry.md"),
    check: Check::Builtin(judge),
};

fn judge(context: &Context, setting: &CheckSetting, out: &mut Judgements) {
    let mut judge = Judge { context, rule: RuleRef::check(setting), out };
    for scope in &context.registry.scopes {
        judge.scope_files(scope);
    }
    for entry in &context.registry.entries {
        judge.exceptions(&entry.meta);
        for (key, patterns) in entry.kind.patterns() {
            judge.patterns(key, patterns);
        }
        for canonical in entry.kind.canonicals() {
            judge.canonical(canonical);
        }
        for line in entry.kind.moved() {
            judge.slip_of(&line.from);
            judge.moved_to(&line.to);
        }
        if let EntryKind::Forbidden(forbidden) = &entry.kind {
            judge.forbidden_to(&forbidden.to);
        }
    }
    for check in &context.registry.checks {
        judge.exceptions(&check.meta);
        if let CheckOptions::DuplicateDefinition(options) = &check.options {
            judge.patterns("within", &options.within);
        }
    }
}

struct Judge<'a> {
    context: &'a Context<'a>,
    rule: RuleRef<'a>,
    out: &'a mut Judgements,
}

impl Judge<'_> {
    fn report(&mut self, item: &Item, message: String, help: Option<String>) {
        let mut raised = self.context.raised_in_registry(self.rule, item.span, item.line, message);
        raised.violation.help = help;
        self.out.raise(raised);
    }

    fn scope_files(&mut self, scope: &crate::registry::Scope) {
        let Ok(globs) = PathGlobs::new(&scope.judged) else { return };
        let mut seen = vec![false; scope.judged.len()];
        for path in self.context.paths {
            globs.matched_patterns(path).for_each(|at| seen[at] = true);
        }
        for (item, _) in scope.judged.iter().zip(&seen).filter(|(_, seen)| !**seen) {
            self.report(
                item,
                format!("scope `{}`: no source file matches `{}`", scope.name, item.text),
                None,
            );
        }
    }

    fn patterns(&mut self, key: &str, patterns: &[Pattern]) {
        for pattern in patterns {
            if !self.names_a_module(pattern) {
                let help = self.nearest(&pattern.text);
                self.report(
                    &item_of(pattern),
                    format!("`{key}`: no module is called `{}`", pattern.text),
                    help,
                );
            }
        }
    }

    /// A prohibition may match nothing. What it forbids must exist, or be external; a slip of the pen is a warning.
    fn forbidden_to(&mut self, patterns: &[Pattern]) {
        for pattern in patterns {
            if self.names_a_module(pattern) {
                continue;
            }
            let first = module_path::first(pattern.text.trim_start_matches('='));
            let external = pattern.literal().is_some() && !self.context.graph.tree.has_top(first);
            if !external {
                let help = self.nearest(&pattern.text);
                self.report(&item_of(pattern), format!("`to`: no module is called `{}`", pattern.text), help);
                continue;
            }
            let imported = self.context.graph.rows.iter().any(|row| pattern.matches_name(&row.target));
            let slip =
                self.context.graph.tree.top_names().filter(|top| strsim::osa_distance(top, first) == 1).min();
            if let Some(slip) = slip.filter(|_| !imported) {
                self.warn(
                    &item_of(pattern),
                    format!("`to`: nothing is called `{}`, but there is `{slip}`", pattern.text),
                );
            }
        }
    }

    fn canonical(&mut self, canonical: &Canonical) {
        let Some(module) = self.module(&canonical.path.text) else {
            let help = self.nearest(&canonical.path.text);
            let message = format!("the door `{}` does not exist", canonical.path.text);
            self.report(&canonical.path, message, help);
            return;
        };
        let names = self.context.graph.names();
        for symbol in canonical.symbols.iter().filter(|symbol| symbol.text != "*") {
            let bound = names.binds(module, &symbol.text) != Binds::No
                || names.submodule(module, &symbol.text).is_some();
            if !bound {
                self.report(symbol, format!("`{}` has no `{}`", canonical.path.text, symbol.text), None);
            }
        }
        for retired in &canonical.retired {
            self.slip_of(retired);
        }
        for compatible in &canonical.compatible {
            let used = self.context.graph.rows.iter().any(|row| {
                canonical.symbols.iter().any(|symbol| {
                    let target = module_path::join(&compatible.path.text, &symbol.text);
                    row.target == target
                        || symbol.text == "*" && module_path::is_within(&row.target, &compatible.path.text)
                })
            });
            if !used {
                let message =
                    format!("nothing comes through the compatible door `{}` any more", compatible.path.text);
                self.report(&compatible.path, message, Some("remove it".to_owned()));
            }
        }
    }

    /// What moved must have gone somewhere; the old path may be gone for good.
    fn moved_to(&mut self, to: &SymbolPath) {
        let names = self.context.graph.names();
        let found = match (self.module(&to.module), &to.symbol) {
            (Some(_), None) => true,
            (Some(module), Some(symbol)) => {
                names.binds(module, symbol) != Binds::No || names.submodule(module, symbol).is_some()
            }
            (None, _) => self.directory(&to.module) && to.symbol.is_none(),
        };
        let external = !self.context.graph.tree.has_top(module_path::first(&to.module));
        if !found && !external {
            let help = self.nearest(&to.module);
            self.report(&to.item, format!("the new path `{}` does not exist", to.item.text), help);
        }
    }

    /// An old path may be gone; one that is a letter away from a module that exists was meant to be that one.
    fn slip_of(&mut self, old: &SymbolPath) {
        if self.module(&old.module).is_some() || self.directory(&old.module) || self.is_imported(&old.module)
        {
            return;
        }
        let modules = self.context.graph.modules.iter().filter(|module| module.node.is_some());
        let near = modules
            .filter(|module| module.name.len().abs_diff(old.module.len()) <= 1)
            .find(|module| strsim::osa_distance(&module.name, &old.module) == 1);
        if let Some(near) = near {
            let message = format!("nothing is called `{}`, but there is `{}`", old.module, near.name);
            self.warn(&old.item, message);
        }
    }

    fn is_imported(&self, path: &str) -> bool {
        self.context.graph.rows.iter().any(|row| module_path::is_within(&row.target, path))
    }

    fn warn(&mut self, item: &Item, message: String) {
        let mut raised = self.context.raised_in_registry(self.rule, item.span, item.line, message);
        raised.violation.severity = Severity::Warn;
        self.out.raise(raised);
    }

    fn exceptions(&mut self, meta: &Meta) {
        for exception in &meta.except {
            if !self.context.graph.rows.iter().any(|row| self.context.excuses(exception, row)) {
                let message = format!("the exception `{}` matches no import", exception.item.text);
                self.report(&exception.item, message, Some("remove it".to_owned()));
            }
        }
    }

    fn names_a_module(&self, pattern: &Pattern) -> bool {
        let context = self.context;
        context.graph.module_ids().any(|id| pattern.matches(&context.subject(id)))
            || pattern.literal().is_some_and(|name| self.directory(name))
    }

    fn module(&self, name: &str) -> Option<ModuleId> {
        let mut found = self.context.graph.named(name).map(|at| ModuleId(at as u32));
        found.find(|id| self.context.graph.module(*id).node.is_some())
    }

    /// Whether modules lie below a name that is none itself.
    fn directory(&self, name: &str) -> bool {
        let modules = &self.context.graph.modules;
        let start = modules.partition_point(|module| module.name.as_str() < name);
        modules[start..].iter().take(1).any(|module| module_path::is_within(&module.name, name))
    }

    /// The module whose name is nearest to what is written.
    fn nearest(&self, written: &str) -> Option<String> {
        let modules = self.context.graph.modules.iter().filter(|module| module.node.is_some());
        modules
            .filter(|module| module.name.len().abs_diff(written.len()) <= 2)
            .map(|module| (strsim::osa_distance(&module.name, written), module.name.as_str()))
            .filter(|(distance, _)| *distance <= 2)
            .min()
            .map(|(_, name)| format!("did you mean `{name}`?"))
    }
}

fn item_of(pattern: &Pattern) -> Item {
    Item { text: pattern.text.clone(), span: pattern.span, line: pattern.line }
}
