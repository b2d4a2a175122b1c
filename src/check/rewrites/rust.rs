//! What of a Rust file's imports may be written another way, asked of the whole graph: whether the importer may name the
//! new path, whether that is the same thing, and whether all modules that hold the file agree.

use rustc_hash::FxHashMap;

use crate::facts::{Also, Bound};
use crate::graph::exports::Definition;
use crate::graph::model::{Graph, ModuleId, Outcome, Row};
use crate::languages::rewrite::{Refusal, Rewritten, Wanted, What};
use crate::languages::rust::rewrite::{Around, Rewriter, is_leaf};
use crate::languages::rust::text::Spaces;
use crate::languages::rust::units::Prelude;
use crate::module_path;
use crate::rules::suggest::may_name;
use crate::source::{FileId, Span};

/// One of the modules that a Rust file holds.
pub(super) struct Source<'a> {
    graph: &'a Graph,
    file: FileId,
    rewriter: Rewriter<'a>,
}

/// What a changed import must lead to when the tree is read again.
pub struct Expected {
    importer: String,
    target: String,
    definition: Option<String>,
    spaces: Spaces,
    /// Whether it may lead to nothing else in another namespace: another thing of its name is there.
    exactly: bool,
}

impl<'a> Source<'a> {
    pub(super) fn new(graph: &'a Graph, file: FileId, text: &'a str) -> Option<Self> {
        Some(Self { graph, file, rewriter: Rewriter::new(text)? })
    }

    pub(super) fn rewrite(&self, wanted: &[Wanted], risky: bool) -> Rewritten {
        let mut refused = Vec::new();
        let mut allowed = Vec::new();
        for (at, one) in wanted.iter().enumerate() {
            match self.may_be(self.file, one, risky) {
                Ok(()) => allowed.push((at, one.clone())),
                Err(refusal) => refused.push((at, refusal)),
            }
        }
        let asked: Vec<Wanted> = allowed.iter().map(|(_, one)| one.clone()).collect();
        let mut done = in_words(self.graph, self.file, |around| self.rewriter.rewrite(around, &asked, risky))
            .unwrap_or_default();
        for (at, _) in &mut done.refused {
            *at = allowed[*at].0;
        }
        done.refused.extend(refused);
        done.refused.sort_by_key(|(at, _)| *at);
        done
    }

    /// Whether the new path may take the old one's place.
    fn may_be(&self, file: FileId, wanted: &Wanted, risky: bool) -> Result<(), Refusal> {
        let graph = self.graph;
        let What::Import(index) = wanted.what else { return Ok(()) };
        let row = graph.row(graph.row_of(file, index));
        let path = wanted.path.strip_suffix("::*").unwrap_or(&wanted.path);
        let Some((module, name)) = place_of(graph, path) else { return Ok(()) };
        let is_shown = |module: ModuleId, name: &str| {
            may_name(graph, row.importer, module, name) && is_shown(graph, row.importer, module, name)
        };
        let (shown, new) = match name {
            Some(name) => (is_shown(module, name), graph.definition(module, name)),
            None => {
                let around = module_path::split_last(path);
                let around = around.and_then(|(around, last)| Some((graph.importable(around)?, last)));
                let shown = around.is_none_or(|(around, last)| is_shown(around, last));
                (shown, Some(Definition::Module(module)))
            }
        };
        if !shown {
            let importer = &graph.module(row.importer).name;
            return Err(Refusal::of(&format!("`{path}` cannot be named from `{importer}`")));
        }
        // Its own way there would lead in a circle.
        let import = graph.import(row);
        let leads_there = row.importer == module && import.module_level
            || import.kind.also.contains(Also::REEXPORT)
                && name.is_some_and(|name| graph.hops(module, name).contains(&row.importer));
        if leads_there && is_leaf(import) {
            return Err(Refusal::of("its new path goes through it"));
        }
        let variants = row.resolved.as_ref().is_some_and(|resolved| !resolved.others.is_empty());
        if !risky && variants {
            return Err(Refusal::unless_unsafe(
                "it leads to one thing or another, as a `cfg` or a `*` has it",
            ));
        }
        if !risky && self.hangs_on_more(row, path, module, name) {
            return Err(Refusal::unless_unsafe("its new path is there under a `cfg` alone"));
        }
        match (graph.definition_of_row(row), new) {
            (Some(old), Some(new)) if old != new && !risky => Err(Refusal::unless_unsafe(
                "what it leads to now is another thing than what stands there instead",
            )),
            _ => Ok(()),
        }
    }

    /// Whether the new path needs a cfg that neither the importer needs nor the old path.
    fn hangs_on_more(&self, row: &Row, path: &str, module: ModuleId, name: Option<&str>) -> bool {
        let graph = self.graph;
        let importer = graph.module(row.importer).name.as_str();
        let definition = graph.definition_of_row(row).map(|definition| graph.definition_path(&definition));
        let needed = |prefix: &str| {
            let known = [Some(importer), Some(row.target.as_str()), definition.as_deref()];
            known.into_iter().flatten().any(|path| module_path::is_within(path, prefix))
        };
        let conditional = |prefix: &str| {
            let rust = graph.importable(prefix).and_then(|id| graph.module(id).rust);
            rust.is_some_and(|rust| graph.rust.is_conditional(rust))
        };
        if module_path::prefixes(path).any(|prefix| conditional(prefix) && !needed(prefix)) {
            return true;
        }
        // A re-export that only a cfg brings, where the old path did without.
        let files = graph.module(module).files().map(|file| &graph.facts[file.index()]);
        let mut bindings = files.flat_map(|facts| {
            let named = name.map_or(&[][..], |name| facts.bindings_of(name));
            named.iter().map(move |binding| (facts, &binding.bound))
        });
        let mut any = false;
        let always = bindings.any(|(facts, bound)| {
            any = true;
            match bound {
                Bound::Import(at) => !facts.imports[*at as usize].kind.also.contains(Also::CONDITIONAL),
                _ => true,
            }
        });
        any && !always
    }

    /// What must hold afterwards of an import that has been changed.
    pub(super) fn expected(&self, wanted: &Wanted, risky: bool) -> Option<Expected> {
        let What::Import(index) = wanted.what else { return None };
        let graph = self.graph;
        let row = graph.row(graph.row_of(self.file, index));
        let import = graph.import(row);
        let local = import.alias.as_deref().or(import.name.as_deref()).unwrap_or_default();
        let definition = graph.definition_of_row(row).map(|definition| graph.definition_path(&definition));
        Some(Expected {
            importer: graph.module(row.importer).name.clone(),
            target: wanted.path.clone(),
            definition: definition.filter(|_| !risky),
            spaces: row.resolved.as_ref().map_or(Spaces::empty(), |resolved| resolved.spaces),
            exactly: graph.facts[self.file.index()].bindings_of(local).len() > 1,
        })
    }

    /// Whether every module that holds the file would write the same there: because it wants to, or because that leads
    /// to the same as before.
    pub(super) fn agrees(
        &self,
        wanted: &Wanted,
        said: &dyn Fn(FileId, Span) -> Option<String>,
    ) -> Result<(), Refusal> {
        let graph = self.graph;
        let What::Import(index) = wanted.what else { return Ok(()) };
        let row = graph.row(graph.row_of(self.file, index));
        let own = self.writes(self.file, wanted);
        let span = graph.import(row).span;
        for (other, at) in self.holders(span).filter(|(other, _)| *other != self.file) {
            let twin = graph.row(graph.row_of(other, at));
            // What is told once of a line that all of them share, and what is the same to one that asks for nothing.
            let same = || {
                let own =
                    |file: FileId| module_path::first(&graph.module(graph.module_of_file[file.index()]).name);
                let path = match module_path::below(&wanted.path, own(self.file)) {
                    Some(rest) => module_path::join_as("::", own(other), rest),
                    None => wanted.path.clone(),
                };
                let one = Wanted { what: What::Import(at), path, ..wanted.clone() };
                let known = graph.definition_of_row(twin).is_some();
                let is_same = (known || twin.target == row.target) && self.may_be(other, &one, false).is_ok();
                is_same.then(|| self.writes(other, &one)).flatten()
            };
            if said(other, span).or_else(same) != own {
                return Err(Refusal::of(
                    "several targets share the file, and it would not lead all of them to the same as before",
                ));
            }
        }
        Ok(())
    }

    /// Where an import stands.
    pub(super) fn span(&self, index: u32) -> Option<Span> {
        Some(self.graph.facts[self.file.index()].imports.get(index as usize)?.span)
    }

    /// What a module of the file would write.
    pub(super) fn writes(&self, file: FileId, wanted: &Wanted) -> Option<String> {
        in_words(self.graph, file, |around| self.rewriter.writes(around, wanted).ok()).flatten()
    }

    /// The modules of the file that hold an import there, with its index; in the order of their ids.
    pub(super) fn holders(&self, span: Span) -> impl Iterator<Item = (FileId, u32)> + '_ {
        let home = self.graph.home[self.file.index()];
        self.graph.same_file(home).filter_map(move |file| {
            let imports = &self.graph.facts[file.index()].imports;
            let at = imports.iter().position(|import| import.span == span)?;
            Some((file, at as u32))
        })
    }
}

/// What is not as expected of a file that has been written anew.
pub fn broken(graph: &Graph, files: &[FileId], expected: &[Expected]) -> Option<String> {
    let mut rows: FxHashMap<(&str, &str), Vec<&Row>> = FxHashMap::default();
    for row in files.iter().flat_map(|file| &graph.rows[graph.rows_of(*file)]) {
        rows.entry((graph.module(row.importer).name.as_str(), row.target.as_str())).or_default().push(row);
    }
    expected.iter().find_map(|one| {
        let path = &one.target;
        let Some(rows) = rows.get(&(one.importer.as_str(), path.as_str())) else {
            return Some(format!("`{path}` would not be what its new path names"));
        };
        rows.iter().find_map(|row| one.differs(graph, row)).map(|why| format!("`{path}` {why}"))
    })
}

impl Expected {
    fn differs(&self, graph: &Graph, row: &Row) -> Option<&'static str> {
        let is_there = match row.outcome {
            Outcome::Module | Outcome::Name | Outcome::Bare => true,
            Outcome::External => graph.named(module_path::first(&self.target)).is_empty(),
            Outcome::Missing(_) | Outcome::Unknown(_) | Outcome::BeyondRoot => false,
        };
        if !is_there || row.resolved.as_ref().is_some_and(|resolved| resolved.hidden) {
            return Some("is not there for its importer, or may not be named from there");
        }
        let definition = graph.definition_of_row(row).map(|definition| graph.definition_path(&definition));
        if self.definition.is_some() && definition != self.definition {
            return Some("would lead to another thing than before");
        }
        // Of a path in code one namespace is asked.
        if !is_leaf(graph.import(row)) {
            return None;
        }
        let spaces = row.resolved.as_ref().map_or(Spaces::empty(), |resolved| resolved.spaces);
        if !spaces.contains(self.spaces) {
            return Some(
                "does not name all that the old path names: a type, a value and a macro may share it",
            );
        }
        (self.exactly && spaces != self.spaces)
            .then_some("names more than the old path, and the file has another thing of that name")
    }
}

/// Does something with what is known of one module of a file.
fn in_words<T>(graph: &Graph, file: FileId, then: impl FnOnce(Around) -> T) -> Option<T> {
    let module = graph.module(graph.module_of_file[file.index()]);
    let rust = module.rust?;
    let prelude: &Prelude = graph.rust.prelude(rust)?;
    let targets: Vec<&str> = graph.rows[graph.rows_of(file)].iter().map(|row| row.target.as_str()).collect();
    let binds = |name: &str, krate: &str| match graph.rust.find(rust, name) {
        None => false,
        Some((Some(definition), _)) => graph.definition_path(definition) != krate,
        Some((None, _)) => true,
    };
    let facts = &graph.facts[file.index()];
    Some(then(Around { module: &module.name, prelude, facts, targets: &targets, binds: &binds }))
}

/// The module of the project that a path leads into, and the name in it; None for what lies outside.
fn place_of<'p>(graph: &Graph, path: &'p str) -> Option<(ModuleId, Option<&'p str>)> {
    let mut prefixes = module_path::prefixes(path).rev();
    let (prefix, module) = prefixes.find_map(|prefix| Some((prefix, graph.importable(prefix)?)))?;
    Some((module, module_path::below(path, prefix).filter(|rest| !rest.is_empty()).map(module_path::first)))
}

/// Whether a name that a module imports is there for others too.
fn is_shown(graph: &Graph, importer: ModuleId, module: ModuleId, name: &str) -> bool {
    let own = &graph.module(module).name;
    if module_path::is_within(&graph.module(importer).name, own) {
        return true;
    }
    let mut bindings = graph.named(own).flat_map(|at| graph.modules[at].files()).flat_map(|file| {
        let facts = &graph.facts[file.index()];
        facts.bindings_of(name).iter().map(move |binding| (facts, binding))
    });
    let mut any = false;
    let shown = bindings.any(|(facts, binding)| {
        any = true;
        match binding.bound {
            Bound::Import(at) => facts.imports[at as usize].kind.also.contains(Also::REEXPORT),
            _ => true,
        }
    });
    shown || !any
}
