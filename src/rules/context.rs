//! What every rule may read, and what it states.

pub mod boundaries;
mod images;
mod index;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use rayon::prelude::*;

pub use crate::registry::PRODUCTION;
use index::Index;
pub use index::Step;

use crate::baseline::{Baseline, Entry as Recording};
use crate::discover::Manifest;
use crate::entries::Proposal;
use crate::facts::load::Code;
use crate::facts::{Access, Also, Binding, Bound, Date, Import, ImportKind};
use crate::graph::exports::Definition;
use crate::graph::model::{Edge, Graph, ModuleId, Outcome, Row, RowId};
use crate::graph::paths::ModuleSet;
use crate::languages::python::project::PythonProject;
use crate::languages::rust::RustProject;
use crate::module_path::{self, components, prefixes};
use crate::registry::pattern::{Pattern, Subject};
use crate::registry::{CheckSetting, Entry, Exception, Meta, Registry};
use crate::report::{Missing, Timing};
use crate::source::{FileId, RelPath, Span};
use crate::startup::{ReadCode, World};
use crate::violation::{Hop, Place, Recorded, Severity, Status, Verdict, Violation};

/// Everything a rule may read.
pub struct Context<'a> {
    /// The registry, or the defaults.
    pub registry: &'a Registry,
    /// The module graph with all facts.
    pub graph: &'a Graph,
    /// What the manifests declare.
    pub project: &'a PythonProject,
    /// The day dates are judged against.
    pub as_of: Date,
    /// What the tree holds besides.
    pub around: Surroundings<'a>,
    images: OnceLock<Vec<Proposal>>,
    world: World<'a>,
    definitions: OnceLock<Vec<Option<Definition>>>,
    index: OnceLock<Index>,
}

/// What a rule may know of the tree besides the graph; by default nothing.
#[derive(Clone, Copy)]
pub struct Surroundings<'a> {
    /// Paths of source files, hidden ones included: what a path pattern may name.
    pub paths: &'a [&'a str],
    /// Paths that cannot be read, and why.
    pub unreadable: &'a [(RelPath, String)],
    /// Dockerfiles and `.dockerignore` files.
    pub containers: &'a [Manifest],
    /// Cargo.toml files.
    pub cargo: &'a [Manifest],
    /// What the functions of a file run.
    pub read_code: ReadCode<'a>,
    /// The Rust packages and what their targets reach, where there are any.
    pub rust: Option<&'a RustProject>,
    /// Rust files, in path order.
    pub rust_files: &'a [RelPath],
    /// What is recorded, where something is.
    pub baseline: Option<&'a Baseline>,
}

impl Default for Surroundings<'_> {
    fn default() -> Self {
        Self {
            paths: &[],
            unreadable: &[],
            containers: &[],
            cargo: &[],
            read_code: &|_| Code::default(),
            rust: None,
            rust_files: &[],
            baseline: None,
        }
    }
}

/// The rule that is being run, entry or check.
#[derive(Clone, Copy)]
pub struct RuleRef<'a> {
    /// The entry's id or the check's name.
    pub id: &'a str,
    /// The table's name or the check's name.
    pub kind: &'static str,
    /// What every rule may say.
    pub meta: &'a Meta,
    /// 1-based line in the registry, if it stands there.
    pub line: Option<u32>,
    /// Whether it is an entry of the registry.
    pub entry: bool,
}

impl<'a> RuleRef<'a> {
    /// An entry.
    pub fn entry(entry: &'a Entry) -> Self {
        Self {
            id: &entry.id,
            kind: entry.kind.name(),
            meta: &entry.meta,
            line: Some(entry.line),
            entry: true,
        }
    }

    /// A built-in check.
    pub fn check(setting: &'a CheckSetting) -> Self {
        Self { id: setting.id, kind: setting.id, meta: &setting.meta, line: setting.line, entry: false }
    }

    /// The same rule, speaking from another line of its table.
    pub fn at(self, line: u32) -> Self {
        Self { line: Some(line), ..self }
    }
}

/// A governed use: an import's, or one that has no import of its own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Use {
    /// The use of a row: its importer and its target.
    Row(RowId),
    /// An importer and a target.
    Named(ModuleId, String),
}

/// Where a use without a row stands.
#[derive(Clone, Copy, Debug)]
pub struct UsePlace {
    /// The module that uses.
    pub module: ModuleId,
    /// Its file.
    pub file: FileId,
    /// The expression.
    pub span: Span,
    /// 1-based line.
    pub line: u32,
    /// Its kinds.
    pub kind: ImportKind,
}

/// A finding with what it takes to place it.
#[derive(Debug)]
pub struct Raised {
    /// The finding.
    pub violation: Violation,
    /// The use it is about; None for findings without a share in the percentage.
    pub on: Option<Use>,
    /// Further uses that it decides.
    pub also_on: Vec<Use>,
    /// 1-based line of the name in its file, 0 where it stands in no source file.
    pub line: u32,
    /// First and last line of the statement.
    pub statement: (u32, u32),
    /// The verdict it stands for: a violation, or unknown for what is only a warning about something undecided.
    pub verdict: Verdict,
    /// The item of `except` that excuses it, by its place in the registry.
    pub excused_by: Option<Span>,
    /// The entry of the baseline that is about it; laid over it once all rules have spoken.
    pub recorded: Option<Recorded>,
    /// Which of the findings that share its key it is, from 0; given once all rules have spoken.
    pub ordinal: u32,
    /// Hex identity; given once all rules have spoken.
    pub fingerprint: String,
}

impl Raised {
    /// A finding that stands in no source file that could be read.
    pub fn outside(violation: Violation) -> Self {
        Self {
            violation,
            on: None,
            also_on: Vec::new(),
            line: 0,
            statement: (0, 0),
            verdict: Verdict::Violation,
            excused_by: None,
            recorded: None,
            ordinal: 0,
            fingerprint: String::new(),
        }
    }

    /// Says what to do instead, where the registry does not say it itself.
    pub fn suggest(&mut self, help: String) {
        self.violation.help.get_or_insert(help);
    }

    /// Marks it as excused by an exception.
    pub fn excuse(&mut self, exception: &Exception) {
        self.violation.status = Status::Waived;
        self.violation.waived_by = format!("`except` at line {}", exception.item.line);
        if let Some(reason) = &exception.reason {
            self.violation.waived_by = format!("{}: {reason}", self.violation.waived_by);
        }
        self.excused_by = Some(exception.item.span);
    }
}

impl Raised {
    /// Every use that it decides.
    pub fn uses(&self) -> impl Iterator<Item = &Use> {
        self.on.iter().chain(&self.also_on)
    }
}

/// Something that could not be decided, for the list of unknown uses.
#[derive(Debug)]
pub struct Undecided {
    /// The file.
    pub file: FileId,
    /// 1-based line.
    pub line: u32,
    /// The target as far as known.
    pub target: String,
    /// Why.
    pub why: String,
}

/// All that one rule states.
#[derive(Debug)]
pub struct Judgements {
    /// The rule's id.
    pub rule: String,
    /// Its kind.
    pub kind: &'static str,
    /// Its level.
    pub severity: Severity,
    /// Whether it is an entry of the registry.
    pub entry: bool,
    /// Verdicts of governed uses that raise no finding.
    pub verdicts: Vec<(Use, Verdict)>,
    /// Findings.
    pub raised: Vec<Raised>,
    /// What could not be decided.
    pub undecided: Vec<Undecided>,
    /// Items of `except` that excused something: these are not stale.
    pub used: BTreeSet<Span>,
    /// How long it took.
    pub took: Option<Timing>,
    /// Numbers for the first screen; unresolved-import only.
    pub missing: Option<Missing>,
}

impl Judgements {
    /// Nothing stated yet.
    pub fn new(rule: RuleRef) -> Self {
        Self {
            rule: rule.id.to_owned(),
            kind: rule.kind,
            severity: rule.meta.severity,
            entry: rule.entry,
            verdicts: Vec::new(),
            raised: Vec::new(),
            undecided: Vec::new(),
            used: BTreeSet::new(),
            took: None,
            missing: None,
        }
    }

    /// A governed row that obeys; in a file that does not parse that cannot be said.
    pub fn compliant(&mut self, context: &Context, row: RowId) {
        let verdict = context.best_verdict(context.graph.row(row).file);
        self.verdicts.push((Use::Row(row), verdict));
    }

    /// A governed use without a row that obeys.
    pub fn compliant_use(&mut self, context: &Context, module: ModuleId, target: String) {
        let verdict = context.best_verdict(context.graph.module(module).file);
        self.verdicts.push((Use::Named(module, target), verdict));
    }

    /// A finding.
    pub fn raise(&mut self, raised: Raised) {
        self.used.extend(raised.excused_by);
        self.raised.push(raised);
    }
}

impl<'a> Context<'a> {
    /// A context over one state of the project.
    pub fn new(
        registry: &'a Registry,
        graph: &'a Graph,
        project: &'a PythonProject,
        as_of: Date,
        around: Surroundings<'a>,
    ) -> Self {
        Self {
            registry,
            graph,
            project,
            as_of,
            around,
            images: OnceLock::new(),
            world: World::new(graph, around.read_code),
            definitions: OnceLock::new(),
            index: OnceLock::new(),
        }
    }

    /// The name of a module's scope.
    pub fn scope(&self, module: ModuleId) -> &'a str {
        let at = self.graph.module(module).scope as usize;
        self.registry.scopes.get(at).map_or(PRODUCTION, |scope| scope.name.as_str())
    }

    /// A module as patterns see it.
    pub fn subject(&self, id: ModuleId) -> Subject<'a> {
        let module = &self.graph.modules[id.index()];
        Subject { name: &module.name, path: &module.path, scope: self.scope(id), language: module.language }
    }

    /// The modules that any of the patterns names.
    pub fn modules_of(&self, patterns: &[Pattern]) -> ModuleSet {
        let mut set = ModuleSet::new(self.graph.modules.len());
        for id in self.graph.module_ids() {
            let subject = self.subject(id);
            if patterns.iter().any(|pattern| pattern.matches(&subject)) {
                set.insert(id);
            }
        }
        set
    }

    /// The modules that some pattern of `some` names (all where there is none), without those of `but`.
    pub fn modules_but(&self, some: &[Pattern], but: &[Pattern]) -> ModuleSet {
        let mut set = ModuleSet::new(self.graph.modules.len());
        for id in self.graph.module_ids() {
            let subject = self.subject(id);
            let named = |patterns: &[Pattern]| patterns.iter().any(|pattern| pattern.matches(&subject));
            if (some.is_empty() || named(some)) && !named(but) {
                set.insert(id);
            }
        }
        set
    }

    /// `from` and `to` taken apart so that no module stands on both sides: what may not import what.
    ///
    /// As import-linter pairs them: a member of `from` may import itself and what it lies in. What `to` says of
    /// names outside the project holds for all of them. A plain name is one
    /// member, a name with wildcards as many as it matches. Where the two have nothing in common that is one pair.
    pub fn apart(&self, from: &[Pattern], to: &[Pattern]) -> Vec<(ModuleSet, ModuleSet)> {
        let (all_from, all_to) = (self.modules_of(from), self.modules_of(to));
        if all_from.is_disjoint(&all_to) {
            return vec![(all_from, all_to)];
        }
        let targets = self.members(to);
        let mut pairs: Vec<(ModuleSet, ModuleSet)> = Vec::new();
        for mut source in self.members(from) {
            let mut to = ModuleSet::new(self.graph.modules.len());
            targets.iter().filter(|target| !source.is_subset(target)).for_each(|target| to.union(target));
            source.subtract(&to);
            match pairs.iter_mut().find(|(_, known)| *known == to) {
                Some((known, _)) => known.union(&source),
                None => pairs.push((source, to)),
            }
        }
        pairs
    }

    /// The modules that patterns name, each with what lies below it.
    fn members(&self, patterns: &[Pattern]) -> Vec<ModuleSet> {
        let mut members = BTreeMap::new();
        for (at, pattern) in patterns.iter().enumerate() {
            for id in self.graph.module_ids() {
                let subject = self.subject(id);
                if pattern.matches(&subject) {
                    let top = prefixes(subject.name).find(|prefix| pattern.matches_name(prefix));
                    members
                        .entry((at, top.unwrap_or_default()))
                        .or_insert_with(|| ModuleSet::new(self.graph.modules.len()))
                        .insert(id);
                }
            }
        }
        members.into_values().collect()
    }

    /// The rows of a module: those of its source, then those of its stub.
    pub fn rows_of_module(&self, module: ModuleId) -> impl Iterator<Item = RowId> {
        self.graph.files_of(module).flat_map(|file| self.graph.rows_of(file)).map(|at| RowId(at as u32))
    }

    /// Whether a rule speaks of that importer at all, by its scopes and languages.
    pub fn speaks_of(&self, meta: &Meta, importer: ModuleId) -> bool {
        let module = self.graph.module(importer);
        !module.opaque
            && meta.scopes.as_ref().is_none_or(|s| s.iter().any(|item| item.text == self.scope(importer)))
            && meta.languages.as_ref().is_none_or(|languages| languages.contains(&module.language))
    }

    /// Whether a rule counts an import of these kinds: none does that is expected to fail, nor one it leaves out.
    pub fn counts(&self, meta: &Meta, import: &Import) -> bool {
        !import.kind.also.contains(Also::EXPECTED)
            && !meta.except_kinds.iter().any(|kind| import.kind.holds(kind))
    }

    /// Whether a rule judges a row: its importer, and its kinds.
    pub fn judges(&self, meta: &Meta, row: &Row) -> bool {
        self.speaks_of(meta, row.importer) && self.counts(meta, self.graph.import(row))
    }

    /// The exception in force that excuses a row, if any.
    pub fn exception<'m>(&self, meta: &'m Meta, row: &Row) -> Option<&'m Exception> {
        if meta.except.is_empty() {
            return None;
        }
        meta.except.iter().find(|e| self.in_force(e.until) && self.excuses(e, row))
    }

    /// Whether an exception's pattern is about that row, whatever its date.
    pub fn excuses(&self, exception: &Exception, row: &Row) -> bool {
        exception.from.matches(&self.subject(row.importer))
            && exception.to.as_ref().is_none_or(|to| self.names_target(to, row))
    }

    /// Whether an exception's pattern is about that use without a row, whatever its date.
    pub fn excuses_use(&self, exception: &Exception, module: ModuleId, target: &str) -> bool {
        exception.from.matches(&self.subject(module))
            && exception.to.as_ref().is_none_or(|to| to.matches_name(target))
    }

    /// Whether an exception in force takes the whole edge out.
    pub fn excuses_edge(&self, exception: &Exception, edge: &Edge) -> bool {
        exception.from.matches(&self.subject(edge.importer))
            && exception.to.as_ref().is_none_or(|to| to.matches(&self.subject(edge.imported)))
    }

    /// Whether a pattern names what a row imports: the module it comes to, or for what has no module its written path.
    pub fn names_target(&self, pattern: &Pattern, row: &Row) -> bool {
        match row.outcome {
            Outcome::Module | Outcome::Name | Outcome::Unknown(_) => {
                let named = |id: ModuleId| pattern.matches(&self.subject(id));
                // In Rust the module that defines what is named is as good as the one that is written.
                row.door.is_some_and(named) || row.resolved.is_some() && row.leads_to().is_some_and(named)
            }
            _ => pattern.matches_name(&row.target),
        }
    }

    /// Whether a date has not passed; no date holds for ever.
    pub fn in_force(&self, until: Option<Date>) -> bool {
        until.is_none_or(|until| self.as_of <= until)
    }

    /// The definition of every row, found once when a rule first asks.
    pub fn definition(&self, row: RowId) -> Option<&Definition> {
        let all = self.definitions.get_or_init(|| {
            self.graph.rows.par_iter().map(|row| self.graph.definition_of_row(row)).collect()
        });
        all[row.index()].as_ref()
    }

    /// Imports and accesses by what they name, made once when a rule first asks.
    pub fn index(&self) -> &Index {
        self.index.get_or_init(|| Index::new(self))
    }

    /// The project as a start finds it.
    pub fn world(&self) -> &World<'a> {
        &self.world
    }

    /// Compliant, or unknown where the file does not parse.
    pub fn best_verdict(&self, file: FileId) -> Verdict {
        if self.graph.facts[file.index()].problems.is_empty() { Verdict::Compliant } else { Verdict::Unknown }
    }

    /// A finding about a row; excused if an exception in force says so.
    pub fn raised(&self, rule: RuleRef, id: RowId, message: String, help: Option<String>) -> Raised {
        let row = self.graph.row(id);
        let import = self.graph.import(row);
        let mut violation = self.finding(rule, message, Place::Source(row.file, import.span));
        violation.help = rule.meta.help.clone().or(help);
        violation.importer.clone_from(&self.graph.module(row.importer).name);
        self.scope(row.importer).clone_into(&mut violation.scope);
        violation.language = Some(self.graph.module(row.importer).language);
        violation.written = row.target.to_string();
        violation.cause = row.target.to_string();
        violation.import_kind = Some(import.kind);
        violation.definition =
            self.graph.definition_of_row(row).map(|definition| self.graph.definition_path(&definition));
        let mut raised = Raised {
            on: Some(Use::Row(id)),
            line: import.line,
            statement: (import.statement_line, import.statement_end_line),
            ..Raised::outside(violation)
        };
        if let Some(exception) = self.exception(rule.meta, row) {
            raised.excuse(exception);
        }
        raised
    }

    /// A finding about something in a source file that is no import statement; an exception excuses it that names its
    /// module and no import.
    pub fn raised_at(
        &self,
        rule: RuleRef,
        module: ModuleId,
        file: FileId,
        span: Span,
        line: u32,
        message: String,
    ) -> Raised {
        let mut violation = self.finding(rule, message, Place::Source(file, span));
        violation.help.clone_from(&rule.meta.help);
        violation.importer.clone_from(&self.graph.module(module).name);
        self.scope(module).clone_into(&mut violation.scope);
        violation.language = Some(self.graph.module(module).language);
        let mut raised = Raised { line, statement: (line, line), ..Raised::outside(violation) };
        let subject = self.subject(module);
        let mut except = rule.meta.except.iter().filter(|e| self.in_force(e.until) && e.to.is_none());
        if let Some(exception) = except.find(|e| e.from.matches(&subject)) {
            raised.excuse(exception);
        }
        raised
    }

    /// A finding about a place of the registry.
    pub fn raised_in_registry(&self, rule: RuleRef, span: Span, line: u32, message: String) -> Raised {
        let mut violation = self.finding(rule.at(line), message, Place::Registry(span));
        let written = self.registry.text.get(span.start as usize..span.end as usize);
        written.unwrap_or_default().clone_into(&mut violation.about);
        Raised::outside(violation)
    }

    /// A finding about an entry of the baseline.
    pub fn raised_in_baseline(&self, rule: RuleRef, entry: &Recording, message: String) -> Raised {
        let mut violation = self.finding(rule, message, Place::Baseline(entry.span));
        violation.help.clone_from(&rule.meta.help);
        // Two entries may be about equal findings, each of them one of its own.
        violation.about = format!("{} {} {}", entry.rule, entry.importer, entry.target);
        Raised { line: entry.line, ..Raised::outside(violation) }
    }

    /// The bare finding of a rule at a place.
    pub fn finding(&self, rule: RuleRef, message: String, place: Place) -> Violation {
        Violation {
            rule: rule.id.to_owned(),
            kind: rule.kind,
            severity: rule.meta.severity,
            status: Status::New,
            waived_by: String::new(),
            waiver: None,
            place,
            language: None,
            importer: String::new(),
            scope: String::new(),
            written: String::new(),
            about: String::new(),
            definition: None,
            import_kind: None,
            cause: message.clone(),
            message,
            help: None,
            reason: match (&rule.meta.reason, &rule.meta.docs) {
                (Some(reason), Some(docs)) => Some(format!("{reason} ({docs})")),
                (reason, docs) => reason.clone().or_else(|| docs.clone()),
            },
            registry_line: rule.line,
            chain: Vec::new(),
            reached_by: None,
            stops: Vec::new(),
            instead: None,
            suggestion: None,
        }
    }

    /// The class or function of that name that a module itself defines.
    pub fn definition_of(&self, module: ModuleId, name: &str) -> Option<&'a Binding> {
        let bindings = self.graph.facts[self.graph.module(module).file.index()].bindings_of(name);
        bindings.iter().find(|binding| matches!(binding.bound, Bound::Class | Bound::Function))
    }

    /// What `*` of a door stands for: the module's `__all__`, or what it defines itself.
    pub fn star_names(&self, module: ModuleId) -> Vec<String> {
        let facts = &self.graph.facts[self.graph.module(module).file.index()];
        if let Some(all) = &facts.all {
            return all.names.iter().map(ToString::to_string).collect();
        }
        let defined = facts.bindings.iter().filter(|binding| {
            matches!(binding.bound, Bound::Class | Bound::Function | Bound::Value)
                && !binding.name.starts_with('_')
                && !facts.is_private(&binding.name)
        });
        let mut names: Vec<String> = defined.map(|binding| binding.name.to_string()).collect();
        names.dedup();
        names
    }

    /// What an access names: each step of its path that is a name of a module, as (module, name), outermost first.
    pub fn access_steps(&self, file: FileId, access: &Access) -> Vec<(ModuleId, String)> {
        let graph = self.graph;
        let row = graph.row(graph.row_of(file, access.import));
        let import = graph.import(row);
        let mut at = if import.name.is_none() && import.alias.is_none() {
            // `import a.b` binds `a`: the path counts from there.
            graph.first_node(row)
        } else {
            match graph.definition_of_row(row) {
                Some(Definition::Module(module)) => graph.module(module).node,
                _ => None,
            }
        };
        let mut steps = Vec::new();
        for part in components(&access.path) {
            let Some(node) = at else { break };
            at = graph.tree.child(node, part);
            if let Some(module) = graph.module_at(node) {
                steps.push((module, part.to_owned()));
                // What the package binds comes before its submodule of that name.
                at = match graph.definition(module, part) {
                    Some(Definition::Module(below)) => graph.module(below).node,
                    Some(_) => None,
                    None => at,
                };
            }
        }
        steps
    }

    /// The path of a name of a module.
    pub fn symbol_path(&self, module: ModuleId, name: &str) -> String {
        let module = self.graph.module(module);
        module_path::join_as(module.language.separator(), &module.name, name)
    }

    /// The absolute path that an access names, where its import leads out of the project.
    pub fn external_access(&self, file: FileId, access: &Access) -> Option<String> {
        let row = self.graph.row(self.graph.row_of(file, access.import));
        let import = self.graph.import(row);
        // `import a.b` binds `a`: the path counts from there.
        let plain = import.name.is_none() && import.alias.is_none();
        let base = if plain { module_path::first(&row.target) } else { &row.target };
        let separator = self.graph.module(row.importer).language.separator();
        (row.outcome == Outcome::External).then(|| module_path::join_as(separator, base, &access.path))
    }

    /// A finding about an access or a string: what stands in a source file and has a target, but no row.
    pub fn raised_use(&self, rule: RuleRef, place: UsePlace, target: String, message: String) -> Raised {
        let UsePlace { module, file, span, line, kind } = place;
        let mut raised = self.raised_at(rule, module, file, span, line, message);
        raised.violation.cause.clone_from(&target);
        raised.violation.written.clone_from(&target);
        raised.violation.import_kind = Some(kind);
        let excused =
            rule.meta.except.iter().find(|e| self.in_force(e.until) && self.excuses_use(e, module, &target));
        if let Some(exception) = excused {
            raised.excuse(exception);
        }
        raised.on = Some(Use::Named(module, target));
        raised
    }

    /// The hop of an edge, at the first of its imports that `counts` admits.
    pub fn hop(&self, edge: &Edge, counts: impl Fn(&Row) -> bool) -> Hop {
        let rows = self.graph.rows_of_edge(edge);
        let row = rows.iter().map(|id| self.graph.row(*id)).find(|row| counts(row));
        Hop {
            importer: self.graph.module(edge.importer).name.clone(),
            imported: self.graph.module(edge.imported).name.clone(),
            path: self.graph.module(edge.importer).path.clone(),
            line: row.map_or(0, |row| self.graph.import(row).line),
        }
    }

    /// Whether a row is first party: everything but external.
    pub fn is_first_party(&self, row: &Row) -> bool {
        row.outcome != Outcome::External
    }

    /// Whether a row stands for a statement, not for a literal dynamic import.
    pub fn is_statement(&self, row: &Row) -> bool {
        !self.graph.import(row).kind.also.contains(Also::DYNAMIC)
    }

    /// The rows of first-party import statements and literal dynamic imports that a rule judges.
    pub fn judged_rows(&self, meta: &'a Meta) -> impl Iterator<Item = RowId> {
        self.graph.row_ids().filter(move |id| {
            let row = self.graph.row(*id);
            self.is_first_party(row) && self.judges(meta, row)
        })
    }
}
