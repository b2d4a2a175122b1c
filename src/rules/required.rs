//! `[[required]]`: modules that must import one of others. One use each module, and its finding is at its first line.

use super::context::boundaries::alternatives;
use super::context::{Context, Judgements, RuleRef, Use, UsePlace};
use super::suggest::{Taken, import_of};
use super::{Check, Rule};
use crate::facts::{Also, ImportKind, When};
use crate::graph::exports::{Binds, Definition};
use crate::graph::model::{ModuleId, Outcome, RowId};
use crate::module_path::is_within;
use crate::registry::{Entry, EntryKind, Required, SymbolPath};
use crate::source::{FileId, Span};
use crate::violation::Verdict;

/// The rule.
pub static RULE: Rule =
    Rule { id: "required", docs: include_str!("../../rules/docs/required.md"), check: Check::Entry(judge) };

fn judge(context: &Context, entry: &Entry, out: &mut Judgements) {
    let EntryKind::Required(required) = &entry.kind else { return };
    let judge = Judge {
        context,
        rule: RuleRef::entry(entry),
        required,
        any_of: required.any_of.iter().map(|path| Wanted::new(context, path)).collect(),
        when: required.when.iter().map(|path| Wanted::new(context, path)).collect(),
    };
    for module in context.modules_of(&required.from).iter() {
        if context.speaks_of(&entry.meta, module)
            && !judge.is_source(module)
            && !context.graph.is_twin(module)
        {
            judge.module(module, out);
        }
    }
}

struct Judge<'a> {
    context: &'a Context<'a>,
    rule: RuleRef<'a>,
    required: &'a Required,
    any_of: Vec<Wanted<'a>>,
    when: Vec<Wanted<'a>>,
}

/// A module or symbol, by name and as what it is.
struct Wanted<'a> {
    spec: &'a SymbolPath,
    /// Its path, as each language writes it that may be meant.
    paths: Vec<String>,
    module: Option<ModuleId>,
    /// What the symbol is.
    definition: Option<Definition>,
}

impl<'a> Wanted<'a> {
    fn new(context: &Context, spec: &'a SymbolPath) -> Self {
        let module = context.graph.importable(&spec.module);
        let symbol = spec.symbol.as_deref();
        let definition = module.zip(symbol).and_then(|(module, name)| context.graph.definition(module, name));
        Self { spec, paths: spec.paths(), module, definition }
    }

    fn is_named_by(&self, path: &str) -> bool {
        self.paths.iter().any(|own| is_within(path, own))
    }

    fn is(&self, context: &Context, definition: &Definition) -> bool {
        if self.spec.symbol.is_some() {
            return self.definition.as_ref() == Some(definition);
        }
        match definition {
            Definition::Symbol { module, .. } | Definition::Module(module) => {
                self.is_named_by(&context.graph.module(*module).name)
            }
            Definition::External(path) => self.is_named_by(path),
        }
    }
}

impl Judge<'_> {
    /// Whether a module is itself what must be imported, or defines it.
    fn is_source(&self, module: ModuleId) -> bool {
        let name = &self.context.graph.module(module).name;
        self.any_of.iter().any(|wanted| {
            let definition = wanted.definition.as_ref().and_then(Definition::module);
            is_within(name, &wanted.spec.module) || definition == Some(module)
        })
    }

    fn module(&self, module: ModuleId, out: &mut Judgements) {
        let context = self.context;
        if !self.when.is_empty() && !self.uses(module, &self.when) {
            return;
        }
        let unparsed = context.graph.module(module).unparsed;
        let Some(first) = self.required.any_of.first() else { return };
        let on = Use::Named(module, format!("{} (required)", first.item.text));
        if self.uses(module, &self.any_of) {
            out.verdicts.push((on, Verdict::Compliant));
            return;
        }
        if unparsed {
            out.verdicts.push((on, Verdict::Unknown));
            return;
        }
        let name = &context.graph.module(module).name;
        let texts: Vec<&str> = self.required.any_of.iter().map(|path| path.item.text.as_str()).collect();
        let message = format!("`{name}` does not import {}", alternatives(&texts));
        let kind = ImportKind { when: When::Eager, also: Also::empty() };
        let file = context.graph.module(module).file;
        let (span, line) = beginning(context, module);
        let place = UsePlace { module, file, span, line, kind };
        let target = first.path(context.graph.module(module).language);
        let mut raised = context.raised_use(self.rule, place, target, message);
        raised.violation.import_kind = None;
        raised.suggest(help(context, module, first));
        raised.on = Some(on);
        out.raise(raised);
    }

    /// Whether a module imports one of these, or takes one out of a module that it imports.
    fn uses(&self, module: ModuleId, wanted: &[Wanted]) -> bool {
        let context = self.context;
        context.graph.files_of(module).any(|file| {
            let mut rows = context.graph.rows_of(file).map(|at| RowId(at as u32));
            rows.any(|id| self.row_is(id, wanted)) || self.accesses(file, wanted)
        })
    }

    fn row_is(&self, id: RowId, wanted: &[Wanted]) -> bool {
        let context = self.context;
        let row = context.graph.row(id);
        if !context.counts(self.rule.meta, context.graph.import(row)) || context.graph.is_in_manifest(row) {
            return false;
        }
        let wildcard = context.graph.import(row).name.as_deref() == Some("*") && row.outcome == Outcome::Name;
        let names = context.graph.names();
        wanted.iter().any(|wanted| {
            wanted.is_named_by(&row.target)
                || context.definition(id).is_some_and(|definition| wanted.is(context, definition))
                || wildcard
                    && wanted.spec.symbol.as_ref().is_some_and(|symbol| {
                        row.door.is_some()
                            && row.door == wanted.module
                            && row.door.is_some_and(|door| {
                                names.is_public(door, symbol) && names.binds(door, symbol) == Binds::Yes
                            })
                    })
        })
    }

    /// `import unittest` and then `unittest.TestCase` is one way to import it.
    fn accesses(&self, file: FileId, wanted: &[Wanted]) -> bool {
        let context = self.context;
        let counts = |when| {
            let kind = ImportKind { when, also: Also::ACCESS };
            !self.rule.meta.except_kinds.iter().any(|name| kind.holds(name))
        };
        let accesses = &context.graph.facts[file.index()].accesses;
        accesses.iter().filter(|access| counts(access.when)).any(|access| {
            if let Some(path) = context.external_access(file, access) {
                return wanted.iter().any(|wanted| wanted.is_named_by(&path));
            }
            context.access_steps(file, access).iter().any(|(module, name)| {
                let path = context.symbol_path(*module, name);
                let definition = context.graph.definition(*module, name);
                wanted.iter().any(|wanted| {
                    wanted.is_named_by(&path)
                        || definition.as_ref().is_some_and(|definition| wanted.is(context, definition))
                })
            })
        })
    }
}

/// Where a module begins: its file, or of a module that stands in another one's file the first thing it says.
fn beginning(context: &Context, module: ModuleId) -> (Span, u32) {
    let graph = context.graph;
    let name = &graph.module(module).name;
    let file = graph.module(module).file;
    let mut others = graph.same_file(graph.home[file.index()]).map(|file| graph.module_of_file[file.index()]);
    let is_inline =
        others.any(|other| is_within(name, &graph.module(other).name) && graph.module(other).name != *name);
    let facts = &graph.facts[file.index()];
    let imports = facts.imports.iter().map(|import| (import.span, import.line));
    let said = imports.chain(facts.bindings.iter().map(|binding| (binding.span, binding.line)));
    let first = said.filter(|_| is_inline).min_by_key(|(span, _)| span.start);
    first.unwrap_or((Span::default(), 1))
}

fn help(context: &Context, importer: ModuleId, first: &SymbolPath) -> String {
    match &first.symbol {
        Some(_) => {
            let path = first.path(context.graph.module(importer).language);
            let taken = Taken { path: &path, named: true, here: None, also: Also::empty() };
            format!("write `{}` and use it", import_of(context, importer, taken))
        }
        None => format!("import what it needs from `{}` and use it", first.module),
    }
}
