//! `[[interface]]`: the only names below a module that the outside may import. By door and by definition.

use std::borrow::Cow;
use std::collections::BTreeSet;

use rustc_hash::{FxHashMap, FxHashSet};

use super::context::boundaries::alternatives;
use super::context::{Context, Judgements, RuleRef, UsePlace};
use super::suggest::{Taken, import_of};
use super::{Check, Rule};
use crate::facts::{Also, Import, ImportKind};
use crate::graph::exports::Definition;
use crate::graph::model::{ModuleId, Outcome, Row};
use crate::graph::paths::ModuleSet;
use crate::module_path::{below, is_within, last, parent};
use crate::registry::pattern::Pattern;
use crate::registry::{Entry, EntryKind, Interface};
use crate::source::FileId;

/// The rule.
pub static RULE: Rule =
    Rule { id: "interface", docs: include_str!("../../rules/docs/interface.md"), check: Check::Entry(judge) };

fn judge(context: &Context, entry: &Entry, out: &mut Judgements) {
    let EntryKind::Interface(interface) = &entry.kind else { return };
    let judge = Judge::new(context, RuleRef::entry(entry), interface);
    let hidden = judge.imports(out);
    judge.accesses(&hidden, out);
}

struct Judge<'a> {
    context: &'a Context<'a>,
    rule: RuleRef<'a>,
    of: &'a str,
    written: Vec<&'a str>,
    exposes: Vec<Pattern>,
    /// `of` and what lies below it.
    inside: ModuleSet,
    /// What exposed names stand for, wherever it is defined, with the path that shows it.
    shown: FxHashMap<Definition, String>,
}

/// What a use was found to do.
enum Case {
    /// It takes what is shown.
    Shown,
    /// It names what is not shown.
    ByDoor,
    /// It names something outside that is not shown inside: this path.
    ByDefinition(String),
}

/// Names taken from below `of` by import, for which an access through the import is no second finding.
type Hidden = FxHashSet<(ModuleId, String)>;

impl<'a> Judge<'a> {
    fn new(context: &'a Context<'a>, rule: RuleRef<'a>, interface: &'a Interface) -> Self {
        let of = interface.of.text.as_str();
        let mut inside = ModuleSet::new(context.graph.modules.len());
        for id in context.graph.module_ids().filter(|id| is_within(&context.graph.module(*id).name, of)) {
            inside.insert(id);
        }
        let exposes = interface.exposes.iter();
        let exposes = exposes.filter_map(|item| Pattern::parse(&item.text, item.span, item.line).ok());
        let written = interface.exposes.iter().map(|item| item.text.as_str()).collect();
        let mut judge = Self {
            context,
            rule,
            of,
            written,
            exposes: exposes.collect(),
            inside,
            shown: FxHashMap::default(),
        };
        judge.find_shown();
        judge
    }

    /// Every exposed name of `of` and of the modules below it, in name order: the shortest path comes first.
    fn find_shown(&mut self) {
        for id in self.inside.iter().collect::<Vec<_>>() {
            let mut names = BTreeSet::new();
            self.names_of(id, &mut names, &mut Vec::new());
            for name in names {
                self.show(id, name);
            }
        }
    }

    /// The names that a module may bind, those of wildcard imports included.
    fn names_of(&self, id: ModuleId, names: &mut BTreeSet<&'a str>, visited: &mut Vec<ModuleId>) {
        if visited.contains(&id) {
            return;
        }
        visited.push(id);
        let graph = self.context.graph;
        for file in graph.files_of(id) {
            names.extend(graph.facts[file.index()].bindings.iter().map(|binding| binding.name.as_str()));
            for row in &graph.rows[graph.rows_of(file)] {
                let wildcard = row.outcome == Outcome::Name && graph.import(row).name.as_deref() == Some("*");
                if let Some(door) = row.door.filter(|_| wildcard) {
                    self.names_of(door, names, visited);
                }
            }
        }
    }

    fn show(&mut self, module: ModuleId, name: &str) {
        let path = self.context.symbol_path(module, name);
        if self.exposes(&path)
            && let Some(definition) = self.context.graph.definition(module, name)
        {
            self.shown.entry(definition).or_insert(path);
        }
    }

    /// Judges every import from outside; which hidden names they take.
    fn imports(&self, out: &mut Judgements) -> Hidden {
        let context = self.context;
        let mut hidden = Hidden::default();
        for id in context.judged_rows(self.rule.meta) {
            let row = context.graph.row(id);
            if self.inside.contains(row.importer) || context.is_borrowed(row) {
                continue;
            }
            let import = context.graph.import(row);
            let comes_inside = row.door.is_some_and(|door| self.inside.contains(door));
            let path = if comes_inside { self.path(row, import) } else { Cow::Borrowed(row.target.as_str()) };
            let case = self.case(&path, context.definition(id));
            match &case {
                None => continue,
                Some(Case::Shown) => {
                    out.compliant(context, id);
                    continue;
                }
                Some(Case::ByDoor) => drop(hidden.insert((row.importer, path.to_string()))),
                Some(Case::ByDefinition(_)) => {}
            }
            let message = self.message(case.as_ref(), &path);
            let here = import.alias.as_deref().or(import.name.as_deref());
            let help = self.help(row.importer, &path, context.definition(id), here, import.kind.also);
            out.raise(context.raised(self.rule, id, message, Some(help)));
        }
        hidden
    }

    fn accesses(&self, hidden: &Hidden, out: &mut Judgements) {
        let context = self.context;
        for (at, facts) in context.graph.facts.iter().enumerate() {
            let file = FileId(at as u32);
            let module = context.graph.module_of_file[at];
            if self.inside.contains(module) || !context.speaks_of(self.rule.meta, module) {
                continue;
            }
            for access in &facts.accesses {
                let kind = ImportKind { when: access.when, also: Also::ACCESS };
                if self.rule.meta.except_kinds.iter().any(|name| kind.holds(name)) {
                    continue;
                }
                let steps = context.access_steps(file, access);
                let path = |(module, name): &(ModuleId, String)| context.symbol_path(*module, name);
                // The deepest name below `of` is what is meant; what follows it is the thing's own.
                let step = steps.iter().rev().find(|step| self.is_below(&path(step))).or(steps.last());
                let Some(step) = step else { continue };
                let (of, name) = step;
                let definition = context.graph.definition(*of, name);
                let path = path(step);
                let place = UsePlace { module, file, span: access.span, line: access.line, kind };
                match self.case(&path, definition.as_ref()) {
                    None => {}
                    Some(Case::Shown) => out.compliant_use(context, module, path),
                    // The import itself is the finding.
                    Some(Case::ByDoor) if self.is_taken(hidden, module, &path) => {}
                    Some(case) => {
                        let message = self.message(Some(&case), &path);
                        let help = self.help(module, &path, definition.as_ref(), None, Also::empty());
                        let mut raised = context.raised_use(self.rule, place, path, message);
                        raised.violation.definition = definition.map(|d| context.graph.definition_path(&d));
                        raised.violation.help = Some(help);
                        out.raise(raised);
                    }
                }
            }
        }
    }

    fn is_taken(&self, hidden: &Hidden, importer: ModuleId, path: &str) -> bool {
        let mut at = Some(path);
        while let Some(path) = at.filter(|path| self.is_below(path)) {
            if hidden.contains(&(importer, path.to_owned())) {
                return true;
            }
            at = parent(path);
        }
        false
    }

    /// What a row names, by the module it comes to; for what comes to none as written.
    fn path(&self, row: &'a Row, import: &Import) -> Cow<'a, str> {
        let module = |id: ModuleId| self.context.graph.module(id).name.as_str();
        match (&row.outcome, row.door, &import.name) {
            (Outcome::Module, Some(door), _) => Cow::Borrowed(module(door)),
            (Outcome::Name | Outcome::Unknown(_), Some(door), Some(name)) => {
                Cow::Owned(self.context.symbol_path(door, name))
            }
            (Outcome::Missing(missing), ..) if !missing.module => Cow::Borrowed(&missing.path),
            _ => Cow::Borrowed(&row.target),
        }
    }

    fn case(&self, path: &str, definition: Option<&Definition>) -> Option<Case> {
        if is_within(path, self.of) {
            // Whoever imports `of` itself has imported nothing below it yet.
            let case = if self.exposes(path) { Case::Shown } else { Case::ByDoor };
            return self.is_below(path).then_some(case);
        }
        let definition = definition?;
        let module = definition.module().filter(|module| self.inside.contains(*module))?;
        let path = self.context.graph.definition_path(definition);
        if *definition == Definition::Module(module) && path == self.of {
            return None;
        }
        let shown = self.shown.contains_key(definition) || self.exposes(&path);
        Some(if shown { Case::Shown } else { Case::ByDefinition(path) })
    }

    fn is_below(&self, path: &str) -> bool {
        below(path, self.of).is_some()
    }

    /// Whether a path below `of` is shown, by itself or by something above it.
    fn exposes(&self, path: &str) -> bool {
        below(path, self.of).is_some_and(|below| self.exposes.iter().any(|e| e.matches_name(below)))
    }

    fn message(&self, case: Option<&Case>, path: &str) -> String {
        let of = self.of;
        match case {
            Some(Case::ByDefinition(definition)) => {
                format!("`{path}` is `{definition}`, which `{of}` does not show")
            }
            _ if parent(path) == Some(of) && last(path) == "*" => {
                format!("`{path}` takes everything, but `{of}` does not show `*`")
            }
            _ => format!("`{path}` lies below `{of}`, which does not show it"),
        }
    }

    fn help(
        &self,
        importer: ModuleId,
        path: &str,
        definition: Option<&Definition>,
        here: Option<&str>,
        also: Also,
    ) -> String {
        if let Some(help) = &self.rule.meta.help {
            return help.clone();
        }
        let may = alternatives(&self.written);
        if last(path) == "*" {
            return format!("import by name what `{}` shows: {may}", self.of);
        }
        if let Some(shown) = definition.and_then(|definition| self.shown.get(definition)) {
            let taken = Taken { path: shown, named: true, here, also };
            return format!("write `{}`", import_of(self.context, importer, taken));
        }
        format!("ask for it through what `{}` shows: {may}", self.of)
    }
}
