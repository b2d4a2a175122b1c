//! Exceptions that excuse nothing: an allowance that nobody uses hides the next violation.

use super::{Judge, item_of};
use crate::module_path;
use crate::registry::pattern::Pattern;
use crate::registry::{CheckSetting, EntryKind, Exception, Meta, Required};
use crate::rules::{Check, find};
use crate::source::{FileId, Language};

impl Judge<'_> {
    pub(super) fn exceptions(&mut self, meta: &Meta, kind: Option<&EntryKind>) {
        let rows = &self.context.graph.rows;
        for exception in &meta.except {
            let used = self.used.contains(&exception.item.span)
                || match kind {
                    Some(EntryKind::Required(required)) => self.excuses_a_module(exception, required),
                    _ => {
                        rows.iter().any(|row| self.context.excuses(exception, row))
                            || kind.is_some() && self.excuses_an_access(exception)
                    }
                };
            if !used {
                self.stale(exception, "matches no import", self.module_meant(exception));
            }
        }
    }

    /// The exceptions of checks that judge no import.
    pub(super) fn exceptions_of_check(&mut self, check: &CheckSetting) {
        match find(check.id).map(|rule| &rule.check) {
            Some(Check::Registry(_)) => {
                for exception in &check.meta.except {
                    let why = format!("excuses nothing: `{}` judges the registry", check.id);
                    self.stale(exception, &why, None);
                }
            }
            // They are judged later, so that which exception they use is not known yet.
            Some(Check::Waivers(_)) => {
                for exception in &check.meta.except {
                    let graph = self.context.graph;
                    let mut files = graph.facts.iter().zip(&graph.module_of_file);
                    let matches = |module| exception.from.matches(&self.context.subject(module));
                    if !files.any(|(facts, module)| !facts.waivers.is_empty() && matches(*module)) {
                        self.stale(exception, "matches no waiver", None);
                    }
                }
            }
            _ => self.exceptions(&check.meta, None),
        }
    }

    /// The names that `duplicate-definition` lets pass.
    pub(super) fn excepted_names(&mut self, names: &[Pattern]) {
        for name in names {
            if !self.used.contains(&name.span) {
                let message = format!("`except`: `{}` is not defined more than once", name.text);
                self.report(&item_of(name), message, Some("remove it".to_owned()));
            }
        }
    }

    fn stale(&mut self, exception: &Exception, why: &str, help: Option<String>) {
        let message = format!("the exception `{}` {why}", exception.item.text);
        self.report(&exception.item, message, help.or_else(|| Some("remove it".to_owned())));
    }

    /// What to write where an exception names what is imported from a module, and not the module.
    fn module_meant(&self, exception: &Exception) -> Option<String> {
        let to = exception.to.as_ref()?;
        let mut names = Language::ALL.into_iter().filter_map(|language| to.literal_in(language));
        names.find_map(|name| self.module_of_name(exception, name))
    }

    fn module_of_name(&self, exception: &Exception, to: &str) -> Option<String> {
        let context = self.context;
        let (module, name) = module_path::split_last(to)?;
        let door = context.graph.importable(module)?;
        let mut rows = context.graph.rows.iter();
        let is_meant = rows.any(|row| {
            row.door == Some(door)
                && row.target == to
                && exception.from.matches(&context.subject(row.importer))
        });
        let from = &exception.from.text;
        is_meant.then(|| {
            format!(
                "an exception names modules, and `{name}` is a name of `{module}`: write `{from} -> {module}`"
            )
        })
    }

    /// What lacks an import is excused by its name, whatever else it imports.
    fn excuses_a_module(&self, exception: &Exception, required: &Required) -> bool {
        let context = self.context;
        let to = |to: &Pattern| required.any_of.iter().any(|path| to.matches_name(&path.module));
        let from = context.modules_of(&required.from);
        exception.to.as_ref().is_none_or(to)
            && from.iter().any(|id| exception.from.matches(&context.subject(id)))
    }

    fn excuses_an_access(&self, exception: &Exception) -> bool {
        let context = self.context;
        context.graph.facts.iter().enumerate().any(|(at, facts)| {
            let file = FileId(at as u32);
            let module = context.graph.module_of_file[at];
            exception.from.matches(&context.subject(module))
                && facts.accesses.iter().any(|access| {
                    let outside = context.external_access(file, access);
                    let steps = context.access_steps(file, access).into_iter();
                    let mut targets =
                        steps.map(|(module, name)| context.symbol_path(module, &name)).chain(outside);
                    targets.any(|target| context.excuses_use(exception, module, &target))
                })
        })
    }
}
