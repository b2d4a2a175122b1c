//! Whether what a page names is there: asked of the project's graph.

use std::cmp::Reverse;

use crate::graph::exports::{Binds, Definition};
use crate::graph::model::{ModuleId, Why};
use crate::languages::python::stdlib::is_stdlib;
use crate::module_path::{first, join, last, prefixes};
use crate::rules::context::{Context, PRODUCTION};
use crate::rules::suggest::{Known, shared_prefix};

/// Whether a module, or a name in it, is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Existence {
    /// It is.
    Yes,
    /// It is not; what is nearest to it.
    No(String),
    /// It cannot be told, and why.
    Unknown(String),
    /// It comes from outside the project.
    Outside,
}

/// The project, as a page's reader asks it.
pub struct World<'a> {
    context: Context<'a>,
    known: Known<'a>,
}

impl<'a> World<'a> {
    /// Of a project.
    pub fn new(context: Context<'a>) -> Self {
        let mut known = Known::default();
        known.fill(&context);
        Self { context, known }
    }

    /// Whether a module is there, and where `name` is told, that name in it.
    pub fn exists(&self, module: &str, name: Option<&str>) -> Existence {
        let graph = self.context.graph;
        let below = name.is_some_and(|name| self.is_module(&join(module, name)));
        match (graph.importable(module), name) {
            (Some(id), Some(name)) if !below => match graph.names().binds(id, name) {
                Binds::Yes => Existence::Yes,
                Binds::Unknown(why) => Existence::Unknown(format!("`{module}` {}", Why::clause(why))),
                Binds::No => self.missing(format!("`{module}` has no `{name}`"), module, Some(name)),
            },
            (Some(_), _) => Existence::Yes,
            (None, _) if below || name.is_none() && graph.has(module) => Existence::Yes,
            (None, _) if self.is_outside(module) => Existence::Outside,
            (None, _) => self.missing(format!("there is no module `{module}`"), module, name),
        }
    }

    /// Where what a module binds by a name is defined.
    pub fn definition(&self, module: &str, name: &str) -> Option<Definition> {
        let id = self.context.graph.importable(module)?;
        self.context.graph.definition(id, name)
    }

    /// The path of a definition.
    pub fn path_of(&self, definition: &Definition) -> String {
        self.context.graph.definition_path(definition)
    }

    /// Whether a module, or a directory of modules, bears that name.
    pub fn is_module(&self, name: &str) -> bool {
        self.context.graph.has(name)
    }

    fn is_outside(&self, module: &str) -> bool {
        let top = first(module);
        !self.context.graph.tree.has_top(top) && (is_stdlib(top) || self.context.project.declares(top))
    }

    fn missing(&self, what: String, module: &str, name: Option<&str>) -> Existence {
        let wanted = name.filter(|name| *name != "*");
        let defining = wanted.map_or(&[][..], |name| self.known.defining(name));
        let near = match (self.nearest(defining, module), wanted) {
            (Some((near, others)), Some(wanted)) => {
                let others = if others == 0 { String::new() } else { format!(" and {others} more") };
                format!("`{wanted}` is defined in `{near}`{others}")
            }
            _ => match self.nearest(self.known.modules_called(last(module)), module) {
                Some((near, _)) if near != module => format!("nearest is `{near}`"),
                _ => match prefixes(module).rev().find(|prefix| self.is_module(prefix)) {
                    Some(prefix) if prefix != module => format!("nearest is `{prefix}`"),
                    Some(_) => "nothing of that name is defined in the project".to_owned(),
                    None => format!("nothing first party is called `{}`", first(module)),
                },
            },
        };
        Existence::No(format!("{what}; {near}"))
    }

    /// The one that shares most of a path, production before all, and how many others there are.
    fn nearest(&self, modules: &[ModuleId], path: &str) -> Option<(&str, usize)> {
        let name = |id: &ModuleId| self.context.graph.module(*id).name.as_str();
        let best = modules.iter().min_by_key(|id| {
            let apart = self.context.scope(**id) != PRODUCTION;
            (apart, Reverse(shared_prefix(name(id), path)), name(id))
        })?;
        Some((name(best), modules.len() - 1))
    }
}
