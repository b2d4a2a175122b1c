//! What to write instead of a path that does not exist; shared by the checks that find such paths.

use std::cmp::Reverse;

use rustc_hash::FxHashMap;

use super::context::{Context, PRODUCTION};
use crate::facts::Bound;
use crate::graph::model::{Missing, ModuleId, Row};
use crate::module_path::{self, components};

/// A path that does not exist, and how it is written.
pub struct Lost<'a> {
    /// The name whose definition may lie elsewhere.
    pub wanted: &'a str,
    /// The whole absolute path.
    pub target: &'a str,
    /// Who asks for it.
    pub importer: ModuleId,
    /// The deepest existing module on the way.
    pub door: Option<ModuleId>,
    /// What does not exist.
    pub missing: &'a Missing,
    /// How it is written.
    pub form: Form<'a>,
}

/// How a path is written.
#[derive(Clone, Copy)]
pub enum Form<'a> {
    /// `from a.b import C as alias`.
    From {
        /// The name after `as`.
        alias: Option<&'a str>,
    },
    /// `import a.b`, or a wildcard.
    Import,
    /// `"a.b.C"`.
    Text,
}

/// Where names are defined, filled when the first missing one asks.
#[derive(Default)]
pub struct Known<'a> {
    filled: bool,
    definitions: FxHashMap<&'a str, Vec<ModuleId>>,
    modules: FxHashMap<&'a str, Vec<ModuleId>>,
}

impl<'a> Known<'a> {
    /// Collects all definitions, once.
    pub fn fill(&mut self, context: &Context<'a>) {
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

    /// The modules that define a class or function of that name.
    pub fn defining(&self, name: &str) -> &[ModuleId] {
        self.definitions.get(name).map_or(&[], Vec::as_slice)
    }

    /// The modules other than `importer` that define a class or function of that name.
    pub fn places(&self, name: &str, importer: ModuleId) -> Vec<ModuleId> {
        self.defining(name).iter().copied().filter(|id| *id != importer).collect()
    }

    /// The modules whose last component is that name.
    pub fn modules_called(&self, name: &str) -> &[ModuleId] {
        self.modules.get(name).map_or(&[], Vec::as_slice)
    }

    /// What to write instead of an import of what does not exist.
    pub fn instead_of(&self, context: &Context, row: &Row, missing: &Missing) -> String {
        let import = context.graph.import(row);
        let wanted = import.name.as_deref().unwrap_or(module_path::last(&missing.path));
        let form = match import.name.as_deref() {
            Some(name) if name != "*" => Form::From { alias: import.alias.as_deref() },
            _ => Form::Import,
        };
        let lost =
            Lost { wanted, target: &row.target, importer: row.importer, door: row.door, missing, form };
        self.suggestion(context, &lost, &self.places(wanted, row.importer))
    }

    /// What to write instead: where a definition of that name does exist, else the nearest name.
    pub fn suggestion(&self, context: &Context, lost: &Lost, places: &[ModuleId]) -> String {
        let name = |id: &ModuleId| context.graph.module(*id).name.as_str();
        let Lost { wanted, missing, .. } = *lost;
        if let Some(written) = lost.elsewhere() {
            // Nobody wants production code to import from a test, nor a test to patch another one.
            let own = if matches!(lost.form, Form::Text) { PRODUCTION } else { context.scope(lost.importer) };
            let foreign = |id: &ModuleId| {
                let scope = context.scope(*id);
                scope != PRODUCTION && scope != own
            };
            let mut nearest: Vec<&ModuleId> = places.iter().filter(|id| !foreign(id)).collect();
            nearest.sort_by_key(|id| (Reverse(shared_prefix(name(id), lost.target)), name(id)));
            match nearest.as_slice() {
                [] => {
                    if let Some(first) = places.iter().map(name).min() {
                        return format!(
                            "`{wanted}` is defined only outside production and this scope (`{first}`): \
                             move it, remove the import, or restore `{}`",
                            missing.path
                        );
                    }
                }
                [one] => {
                    return format!(
                        "`{wanted}` is defined in `{0}`: write `{1}`",
                        name(one),
                        written(name(one))
                    );
                }
                [first, rest @ ..] => {
                    return format!(
                        "`{wanted}` is defined in {} modules; if the one in `{1}` is meant, write `{2}`",
                        rest.len() + 1,
                        name(first),
                        written(name(first))
                    );
                }
            }
        }
        let last = module_path::last(&missing.path);
        let candidates = if missing.module {
            siblings(context, &missing.nearest)
        } else {
            bound_names(context, lost.door)
        };
        if let Some(near) = nearest_name(last, &candidates) {
            let separator = context.graph.module(lost.importer).language.separator();
            return format!("did you mean `{}`?", module_path::join_as(separator, &missing.nearest, near));
        }
        if missing.module {
            let mut homonyms = self.modules_called(last).to_vec();
            homonyms.sort_by_key(|id| (Reverse(shared_prefix(name(id), &missing.path)), name(id)));
            if let Some(first) = homonyms.first() {
                return format!("a module of that name exists: `{}`", name(first));
            }
        }
        let what = if matches!(lost.form, Form::Text) { "reference" } else { "import" };
        format!(
            "nothing of that name is defined in the project: remove the {what}, or restore `{}`",
            missing.path
        )
    }
}

impl Lost<'_> {
    /// How the wanted name is written from another module; None where it is no single name that is asked for.
    fn elsewhere(&self) -> Option<impl Fn(&str) -> String> {
        let form = self.form;
        let wanted = self.wanted;
        (!matches!(form, Form::Import)).then_some(move |module: &str| match form {
            Form::From { alias: Some(alias) } => format!("from {module} import {wanted} as {alias}"),
            Form::From { alias: None } | Form::Import => format!("from {module} import {wanted}"),
            Form::Text => format!("{module}.{wanted}"),
        })
    }
}

/// The name that is one slip away, if there is one; the first in order of likeness, then of the alphabet.
pub fn nearest_name<'a>(name: &str, candidates: &[&'a str]) -> Option<&'a str> {
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

/// The names the door binds, for "did you mean".
pub fn bound_names<'a>(context: &'a Context, door: Option<ModuleId>) -> Vec<&'a str> {
    let files = door.into_iter().flat_map(|door| context.graph.files_of(door));
    files
        .flat_map(|file| context.graph.facts[file.index()].bindings.iter())
        .map(|binding| binding.name.as_str())
        .collect()
}

/// What lies below a package, for "did you mean".
fn siblings<'a>(context: &'a Context, parent: &str) -> Vec<&'a str> {
    let Some(node) = context.graph.named(parent).find_map(|at| context.graph.modules[at].node) else {
        return Vec::new();
    };
    context.graph.tree.children(node).iter().map(|(name, _)| name.as_str()).collect()
}

/// How many leading components two paths share.
pub fn shared_prefix(a: &str, b: &str) -> usize {
    components(a).zip(components(b)).take_while(|(a, b)| a == b).count()
}
