//! What to write instead: an import as the importer's language writes it, and what was meant by a path that does not
//! exist.

use std::cmp::Reverse;

use rustc_hash::FxHashMap;

use super::context::{Context, PRODUCTION};
use crate::facts::{Also, Bound};
use crate::graph::exports::Binds;
use crate::graph::model::{Graph, Missing, ModuleId, Row};
use crate::languages::rust::rewrite::raw;
use crate::module_path::{self, components, is_within, prefixes};
use crate::source::Language;
use crate::violation::Instead;

/// What an import takes, to be written down.
#[derive(Clone, Copy)]
pub struct Taken<'a> {
    /// The whole absolute path; `*` at its end takes everything.
    pub path: &'a str,
    /// Whether the last part is taken out of the module before it; else Python imports the whole path.
    pub named: bool,
    /// What the importer calls it.
    pub here: Option<&'a str>,
    /// The kinds of what it stands for.
    pub also: Also,
}

/// An import as the importer's language writes it. Where Rust code names a path without a `use`, that path.
pub fn import_of(context: &Context, importer: ModuleId, taken: Taken) -> String {
    let Taken { path, named, here, also } = taken;
    let importer = context.graph.module(importer);
    let alias = |last: &str| {
        let here = here.filter(|here| *here != last && last != "*");
        here.map_or_else(String::new, |here| format!(" as {here}"))
    };
    if importer.language == Language::Rust {
        let path_here = rust_path(&importer.name, path);
        if also.intersects(Also::ACCESS | Also::MACRO | Also::ATTRIBUTE) {
            return path_here;
        }
        let visibility = if also.contains(Also::REEXPORT) { "pub " } else { "" };
        return format!("{visibility}use {path_here}{};", alias(module_path::last(path)));
    }
    match module_path::split_last(path) {
        Some((module, name)) if named => format!("from {module} import {name}{}", alias(name)),
        _ => format!("import {path}{}", alias("")),
    }
}

/// What a program may write down instead: a path, with its last part taken out of the module before it where there is
/// one and the import takes a name. None where the project itself has nothing there.
pub fn instead(context: &Context, path: &str, named: bool, safe: bool) -> Option<Instead> {
    let named = named && module_path::parent(path).is_some();
    leads_somewhere(context, path).then(|| Instead { path: path.to_owned(), named, safe, names: Vec::new() })
}

/// Whether a path leads to a module, or to a name that a module may be taken to bind; or out of the project.
fn leads_somewhere(context: &Context, path: &str) -> bool {
    let graph = context.graph;
    let Some((prefix, module)) =
        prefixes(path).rev().find_map(|prefix| Some((prefix, graph.importable(prefix)?)))
    else {
        return !graph.tree.has_top(module_path::first(path));
    };
    match module_path::below(path, prefix).map(module_path::first) {
        None | Some("" | "*") => true,
        Some(name) => graph.names().binds(module, name) != Binds::No,
    }
}

/// Whether code of `importer` may name what a module defines, as far as `pub` and its absence tell.
pub fn may_name(graph: &Graph, importer: ModuleId, module: ModuleId, name: &str) -> bool {
    let importer = &graph.module(importer).name;
    let module = &graph.module(module).name;
    let shows = |module: &str, name: &str| {
        let files = graph.named(module).flat_map(|at| graph.modules[at].files());
        is_within(importer, module)
            || files.into_iter().all(|file| !graph.facts[file.index()].is_private(name))
    };
    shows(module, name)
        && prefixes(module).filter_map(module_path::split_last).all(|(above, child)| shows(above, child))
}

/// A path as code of `importer` writes it: its own crate is `crate`.
fn rust_path(importer: &str, path: &str) -> String {
    let own = module_path::first(importer);
    let mut parts = components(path);
    let first = parts.next().unwrap_or_default();
    let first = if is_within(path, own) { "crate" } else { first };
    let mut written = first.to_owned();
    for part in parts {
        written.push_str("::");
        written.push_str(&raw(part));
    }
    written
}

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
    /// `from a.b import C as alias`, `use a::b::C as alias;`.
    From {
        /// The name after `as`.
        alias: Option<&'a str>,
        /// Its kinds.
        also: Also,
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
            let hidden = module.node.is_some_and(|node| graph.tree.is_hidden(node));
            if hidden || !module.is_importable() {
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

    /// The modules other than `importer`, and of its language, that define a class or function of that name which it may
    /// name.
    pub fn places(&self, context: &Context, name: &str, importer: ModuleId) -> Vec<ModuleId> {
        let language = |id: &ModuleId| context.graph.module(*id).language;
        let others = self.defining(name).iter().copied().filter(|id| *id != importer);
        others
            .filter(|id| language(id) == language(&importer) && may_name(context.graph, importer, *id, name))
            .collect()
    }

    /// The one module that must have been meant by a name that is missing from `target`'s package: nothing else in the
    /// project defines it, it lies in the same top-level package, and code of the importer's scope may import it.
    pub fn only_place(
        &self,
        context: &Context,
        name: &str,
        target: &str,
        importer: ModuleId,
    ) -> Option<ModuleId> {
        let places = self.places(context, name, importer);
        let [only] = places.as_slice() else { return None };
        let name = &context.graph.module(*only).name;
        let own = context.scope(importer);
        let near = module_path::first(name) == module_path::first(target);
        (near && !is_foreign(context, own, *only) && !is_test_file(module_path::last(name))).then_some(*only)
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
            Some(name) if name != "*" => {
                Form::From { alias: import.alias.as_deref(), also: import.kind.also }
            }
            _ => Form::Import,
        };
        let lost =
            Lost { wanted, target: &row.target, importer: row.importer, door: row.door, missing, form };
        self.suggestion(context, &lost, &self.places(context, wanted, row.importer))
    }

    /// What to write instead: where a definition of that name does exist, else the nearest name.
    pub fn suggestion(&self, context: &Context, lost: &Lost, places: &[ModuleId]) -> String {
        let name = |id: &ModuleId| context.graph.module(*id).name.as_str();
        let Lost { wanted, missing, .. } = *lost;
        if let Some(written) = lost.elsewhere(context) {
            let own = if matches!(lost.form, Form::Text) { PRODUCTION } else { context.scope(lost.importer) };
            let near = |id: &&ModuleId| !is_foreign(context, own, **id);
            let mut nearest: Vec<&ModuleId> = places.iter().filter(near).collect();
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
        let candidates =
            if missing.module { siblings(context, lost) } else { bound_names(context, lost.door) };
        if let Some(near) = nearest_name(last, &candidates) {
            let separator = context.graph.module(lost.importer).language.separator();
            return format!("did you mean `{}`?", module_path::join_as(separator, &missing.nearest, near));
        }
        if missing.module {
            let language = context.graph.module(lost.importer).language;
            let mut homonyms = self.modules_called(last).to_vec();
            homonyms.retain(|id| context.graph.module(*id).language == language);
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

/// Whether a module holds tests, by pytest's customs: what it defines is its own, and nobody imports it.
fn is_test_file(name: &str) -> bool {
    name.starts_with("test_") || name.ends_with("_test") || name == "conftest"
}

/// Nobody wants production code to import from a test, nor a test to patch another one.
fn is_foreign(context: &Context, own: &str, module: ModuleId) -> bool {
    let scope = context.scope(module);
    scope != PRODUCTION && scope != own
}

impl Lost<'_> {
    /// How the wanted name is written from another module; None where it is no single name that is asked for.
    fn elsewhere(&self, context: &Context) -> Option<impl Fn(&str) -> String> {
        let Lost { form, wanted, importer, .. } = *self;
        let separator = context.graph.module(importer).language.separator();
        (!matches!(form, Form::Import)).then_some(move |module: &str| {
            let path = module_path::join_as(separator, module, wanted);
            match form {
                Form::From { alias, also } => {
                    import_of(context, importer, Taken { path: &path, named: true, here: alias, also })
                }
                Form::Import | Form::Text => path,
            }
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
fn siblings<'a>(context: &'a Context, lost: &Lost) -> Vec<&'a str> {
    let parent = lost.missing.nearest.as_str();
    if context.graph.module(lost.importer).language == Language::Rust {
        let below = &context.graph.modules[context.graph.below(parent, Language::Rust)];
        let mut names: Vec<&str> = below
            .iter()
            .filter_map(|module| Some(module_path::first(module_path::below(&module.name, parent)?)))
            .collect();
        names.dedup();
        return names;
    }
    let Some(node) = context.graph.named(parent).find_map(|at| context.graph.modules[at].node) else {
        return Vec::new();
    };
    context.graph.tree.children(node).iter().map(|(name, _)| name.as_str()).collect()
}

/// How many leading components two paths share.
pub fn shared_prefix(a: &str, b: &str) -> usize {
    components(a).zip(components(b)).take_while(|(a, b)| a == b).count()
}
