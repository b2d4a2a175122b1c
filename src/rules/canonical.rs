//! `[[canonical]]` and `[doors]`: each symbol comes from its one door.
//!
//! A use is judged when what it names *is* the object behind the door, when it goes through a retired door, when it
//! does not resolve and its name is one of the symbols, or with `unique` when it names a rival definition.

mod door;

use rustc_hash::FxHashMap;

use super::context::{Context, Judgements, Raised, RuleRef, Step, Use, UsePlace};
use super::suggest::{self, Taken, import_of};
use super::{Check, Rule};
use crate::facts::{Also, ImportKind};
use crate::graph::exports::{Binds, Definition};
use crate::graph::model::{ModuleId, Outcome, Row, RowId};
use crate::module_path::{is_within, join_as};
use crate::registry::{Canonical, Entry};
use crate::violation::{Instead, Status, Verdict};
use door::{Door, Symbol, door};

/// `[[canonical]]`.
pub static RULE: Rule =
    Rule { id: "canonical", docs: include_str!("../../rules/docs/canonical.md"), check: Check::Entry(judge) };

/// `[doors]`.
pub static DOORS: Rule =
    Rule { id: "doors", docs: include_str!("../../rules/docs/doors.md"), check: Check::Entry(judge) };

fn judge(context: &Context, entry: &Entry, out: &mut Judgements) {
    let specs: Vec<&Canonical> = entry.kind.canonicals().iter().collect();
    let judge = Judge::new(context, RuleRef::entry(entry), &specs);
    judge.imports(out);
    judge.accesses(out);
    judge.rivals(out);
}

/// What a use was found to do.
struct Judged<'a> {
    door: &'a Door<'a>,
    symbol: &'a Symbol,
    case: Case,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Case {
    /// Through the door.
    Right,
    /// The same object through another door.
    Other,
    /// Through a path that the registry retired, or that `[moved]` names as the symbol's old one.
    Old,
    /// It does not resolve; the name is the symbol's.
    Gone,
    /// Another definition of the same name.
    Rival,
}

/// One name taken from one module.
#[derive(Clone, Copy)]
struct Candidate<'a> {
    importer: ModuleId,
    /// The written module.
    module: &'a str,
    /// The module it came to.
    door: Option<ModuleId>,
    name: &'a str,
    definition: Option<&'a Definition>,
    missing: bool,
    also: Also,
}

struct Judge<'a> {
    context: &'a Context<'a>,
    rule: RuleRef<'a>,
    doors: Vec<Door<'a>>,
    by_definition: FxHashMap<Definition, Vec<(usize, usize)>>,
    by_name: FxHashMap<String, Vec<(usize, usize)>>,
    /// Every name that a use in question can have, sorted: those of the symbols and the old ones.
    names: Vec<String>,
    /// How many entries of the registry claim a name.
    claims: FxHashMap<&'a str, u32>,
}

impl<'a> Judge<'a> {
    fn new(context: &'a Context<'a>, rule: RuleRef<'a>, specs: &[&'a Canonical]) -> Self {
        let doors: Vec<Door> = specs.iter().map(|spec| door(context, rule, spec)).collect();
        let mut by_definition: FxHashMap<Definition, Vec<(usize, usize)>> = FxHashMap::default();
        let mut by_name: FxHashMap<String, Vec<(usize, usize)>> = FxHashMap::default();
        for (at, door) in doors.iter().enumerate() {
            for (symbol_at, symbol) in door.symbols.iter().enumerate() {
                if let Some(definition) = &symbol.definition {
                    by_definition.entry(definition.clone()).or_default().push((at, symbol_at));
                }
                by_name.entry(symbol.name.clone()).or_default().push((at, symbol_at));
            }
        }
        let old = doors.iter().flat_map(|door| &door.old).filter_map(|old| old.name.as_ref());
        let mut names: Vec<String> = by_name.keys().chain(old).cloned().collect();
        names.sort_unstable();
        names.dedup();
        Self { context, rule, doors, by_definition, by_name, names, claims: claims(context) }
    }

    fn imports(&self, out: &mut Judgements) {
        let context = self.context;
        for id in &context.index().wildcards {
            let row = context.graph.row(*id);
            // Which names Rust code takes with `*` is known: each has a row of its own.
            if row.resolved.is_none() && context.judges(self.rule.meta, row) {
                self.wildcard(*id, row, out);
            }
        }
        let names = self.names.iter().map(String::as_str);
        for id in context.index().rows(names, self.by_definition.keys()) {
            let row = context.graph.row(id);
            let import = context.graph.import(row);
            let Some(name) = import.name.as_deref() else { continue };
            if !context.judges(self.rule.meta, row) || context.is_borrowed(row) {
                continue;
            }
            let module = context.module_part(row);
            let missing = matches!(row.outcome, Outcome::Missing(_));
            let definition = if missing { None } else { context.definition(id) };
            let door = if row.outcome == Outcome::Name { row.door } else { None };
            let also = import.kind.also;
            let candidate =
                Candidate { importer: row.importer, module, door, name, definition, missing, also };
            match self.judged(candidate) {
                None => {}
                Some(Judged { case: Case::Right, .. }) => out.compliant(context, id),
                Some(judged) => {
                    let (message, help) = self.words(&judged, candidate, import.alias.as_deref());
                    let mut raised = context.raised(self.rule.at(judged.door.line), id, message, Some(help));
                    raised.violation.instead = self.instead(&judged, candidate);
                    self.finish(&judged, candidate, &mut raised);
                    out.raise(raised);
                }
            }
        }
    }

    /// The symbol through its door: safe where the old path leads to that same symbol, or nowhere and the program
    /// stands or falls with it.
    fn instead(&self, judged: &Judged, candidate: Candidate) -> Option<Instead> {
        let graph = self.context.graph;
        let separator = graph.module(candidate.importer).language.separator();
        let path = join_as(separator, &judged.door.spec.path.text, &judged.symbol.name);
        let same =
            candidate.definition.is_some() && candidate.definition == judged.symbol.definition.as_ref();
        let fails = candidate.missing && !candidate.also.contains(Also::OPTIONAL);
        suggest::instead(self.context, &path, true, same || fails)
    }

    /// One use for every registered symbol that the wildcard binds.
    fn wildcard(&self, id: RowId, row: &Row, out: &mut Judgements) {
        let context = self.context;
        let Some(from) = row.door.filter(|_| row.outcome == Outcome::Name) else { return };
        let names = context.graph.names();
        let import = context.graph.import(row);
        for name in &self.names {
            if !names.is_public(from, name) || names.binds(from, name) != Binds::Yes {
                continue;
            }
            let definition = context.graph.definition(from, name);
            let module = context.graph.module(from).name.as_str();
            let candidate = Candidate {
                importer: row.importer,
                module,
                door: Some(from),
                name,
                definition: definition.as_ref(),
                missing: false,
                also: Also::empty(),
            };
            let target = context.symbol_path(from, name);
            match self.judged(candidate) {
                None => {}
                Some(Judged { case: Case::Right, .. }) => out.compliant_use(context, row.importer, target),
                Some(judged) => {
                    let (message, help) = self.words(&judged, candidate, None);
                    let mut raised = context.raised(self.rule.at(judged.door.line), id, message, Some(help));
                    raised.violation.cause.clone_from(&target);
                    raised.violation.import_kind = Some(import.kind);
                    raised.on = Some(Use::Named(row.importer, target));
                    self.finish(&judged, candidate, &mut raised);
                    out.raise(raised);
                }
            }
        }
    }

    fn accesses(&self, out: &mut Judgements) {
        let context = self.context;
        let names = self.names.iter().map(String::as_str);
        for step in context.index().accesses(names, self.by_definition.keys()) {
            let access = &context.graph.facts[step.file.index()].accesses[step.access as usize];
            let importer = context.graph.module_of_file[step.file.index()];
            let kind = ImportKind { when: access.when, also: Also::ACCESS };
            if !context.speaks_of(self.rule.meta, importer)
                || self.rule.meta.except_kinds.iter().any(|name| kind.holds(name))
            {
                continue;
            }
            let place =
                UsePlace { module: importer, file: step.file, span: access.span, line: access.line, kind };
            self.access(place, step, out);
        }
    }

    fn access(&self, place: UsePlace, step: &Step, out: &mut Judgements) {
        let context = self.context;
        let candidate = Candidate {
            importer: place.module,
            module: &context.graph.module(step.module).name,
            door: Some(step.module),
            name: &step.name,
            definition: step.definition.as_ref(),
            missing: false,
            also: Also::empty(),
        };
        let target = context.symbol_path(step.module, &step.name);
        match self.judged(candidate) {
            None => {}
            Some(Judged { case: Case::Right, .. }) => out.compliant_use(context, place.module, target),
            Some(judged) => {
                let (message, help) = self.words(&judged, candidate, None);
                let mut raised = context.raised_use(self.rule.at(judged.door.line), place, target, message);
                raised.suggest(help);
                self.finish(&judged, candidate, &mut raised);
                out.raise(raised);
            }
        }
    }

    /// With `unique`: every further class or function of the name is a finding of its own.
    fn rivals(&self, out: &mut Judgements) {
        let context = self.context;
        for door in self.doors.iter().filter(|door| door.spec.unique) {
            for symbol in &door.symbols {
                let Some(own) = symbol.definition.as_ref().and_then(Definition::module) else { continue };
                let own_binding = context.definition_of(own, &symbol.name);
                for id in context.graph.module_ids().filter(|id| *id != own && self.is_rival(door, own, *id))
                {
                    let file = context.graph.module(id).file;
                    let Some(binding) = context.definition_of(id, &symbol.name) else { continue };
                    // Several Rust targets may hold one file.
                    let home = |id| context.graph.home[context.graph.module(id).file.index()];
                    if own_binding.is_some_and(|at| at.span == binding.span) && home(own) == home(id) {
                        continue;
                    }
                    let rival = context.symbol_path(id, &symbol.name);
                    let message = format!("`{rival}` is a second definition of `{}`", symbol.name);
                    let mut raised = context.raised_at(
                        self.rule.at(door.line),
                        id,
                        file,
                        binding.span,
                        binding.line,
                        message,
                    );
                    let path = join_as(
                        context.graph.module(id).language.separator(),
                        &door.spec.path.text,
                        &symbol.name,
                    );
                    let taken = Taken { path: &path, named: true, here: None, also: Also::empty() };
                    let import = import_of(context, id, taken);
                    raised.suggest(format!("rename it, or remove it and write `{import}`"));
                    raised.violation.definition =
                        symbol.definition.as_ref().map(|d| context.graph.definition_path(d));
                    raised.on = Some(Use::Named(id, format!("{rival} (definition)")));
                    raised.violation.written = rival;
                    out.raise(raised);
                }
            }
        }
    }

    /// Whether definitions in that module are rivals of a door's: inside `within`, tests apart.
    fn is_rival(&self, door: &Door, own: ModuleId, module: ModuleId) -> bool {
        let context = self.context;
        let test = |id| context.scope(id) == "test";
        !self.is_same_module(own, module)
            && door.within.as_ref().is_none_or(|within| within.contains(module))
            && test(module) == test(own)
            && context.speaks_of(self.rule.meta, module)
    }

    /// Whether two are one Rust module under several cfgs.
    fn is_same_module(&self, one: ModuleId, other: ModuleId) -> bool {
        let [one, other] = [one, other].map(|id| self.context.graph.module(id));
        one.rust.is_some() && one.name == other.name
    }

    fn judged(&'a self, candidate: Candidate) -> Option<Judged<'a>> {
        let mut best: Option<Judged> = None;
        for judged in self.cases(candidate) {
            if judged.case == Case::Right {
                return Some(judged);
            }
            best = best.or(Some(judged));
        }
        best
    }

    fn cases(&'a self, candidate: Candidate) -> impl Iterator<Item = Judged<'a>> {
        let same = candidate.definition.and_then(|definition| self.by_definition.get(definition));
        let same = same.into_iter().flatten().map(move |at| {
            let (door, symbol) = self.at(*at);
            let through = candidate.door.is_some() && candidate.door == door.module
                || candidate.module == door.spec.path.text;
            (door, symbol, if through { Case::Right } else { Case::Other })
        });
        let named = self.by_name.get(candidate.name).into_iter().flatten();
        let named = named.filter_map(move |at| {
            let (door, symbol) = self.at(*at);
            self.named_case(candidate, door, symbol).map(|case| (door, symbol, case))
        });
        let old = self.doors.iter().filter_map(move |door| {
            let symbol = door.symbol_of(door.old(candidate.module, candidate.name)?, candidate.name)?;
            Some((door, symbol, Case::Old))
        });
        same.chain(old).chain(named).filter_map(move |(door, symbol, case)| {
            let speaks = door.within.as_ref().is_none_or(|within| within.contains(candidate.importer));
            (speaks && !self.is_inside(symbol, candidate.importer)).then_some(Judged { door, symbol, case })
        })
    }

    fn named_case(&self, candidate: Candidate, door: &Door, symbol: &Symbol) -> Option<Case> {
        let claims = self.claims.get(candidate.name).copied().unwrap_or(0);
        if candidate.missing && candidate.module != door.spec.path.text && claims == 1 {
            return Some(Case::Gone);
        }
        match candidate.definition {
            Some(definition @ Definition::Symbol { module, name, solid: true })
                if door.spec.unique
                    && *name == symbol.name
                    && symbol.definition.as_ref().is_some_and(|own| {
                        own != definition
                            && !own.module().is_some_and(|own| self.is_same_module(own, *module))
                    })
                    && door.within.as_ref().is_none_or(|within| within.contains(*module)) =>
            {
                Some(Case::Rival)
            }
            _ => None,
        }
    }

    fn at(&'a self, (door, symbol): (usize, usize)) -> (&'a Door<'a>, &'a Symbol) {
        (&self.doors[door], &self.doors[door].symbols[symbol])
    }

    /// Whether an importer may import the symbol as it likes: inside the package of the door or of the definition, or
    /// one of the re-exports on the way.
    fn is_inside(&self, symbol: &Symbol, importer: ModuleId) -> bool {
        let name = &self.context.graph.module(importer).name;
        symbol.hops.contains(&importer) || symbol.insiders.iter().any(|package| is_within(name, package))
    }

    fn words(&self, judged: &Judged, candidate: Candidate, alias: Option<&str>) -> (String, String) {
        let graph = self.context.graph;
        let door = &judged.door.spec.path.text;
        let name = &judged.symbol.name;
        let separator = graph.module(candidate.importer).language.separator();
        let path = join_as(separator, door, name);
        let here = Some(alias.unwrap_or(candidate.name));
        let taken = Taken { path: &path, named: true, here, also: candidate.also };
        let write = format!("write `{}`", import_of(self.context, candidate.importer, taken));
        let written = join_as(separator, candidate.module, candidate.name);
        match judged.case {
            Case::Right | Case::Other => {
                let home = candidate.definition.and_then(Definition::module);
                let home = home.map(|module| graph.module(module).name.as_str());
                let home = home.filter(|home| home != door && *home != candidate.module);
                let home = home.map_or_else(String::new, |home| format!(" (it is defined in `{home}`)"));
                (format!("`{name}` comes through `{}`, not its door `{door}`{home}", candidate.module), write)
            }
            Case::Old
                if judged
                    .door
                    .old(candidate.module, candidate.name)
                    .is_some_and(|old| old.moved.is_some()) =>
            {
                (format!("`{written}` has moved; `{name}` has its door in `{door}`"), write)
            }
            Case::Old => (format!("`{written}` is a retired door of `{name}`"), write),
            Case::Gone => (format!("`{written}` does not exist; `{name}` has its door in `{door}`"), write),
            Case::Rival => {
                let rival = candidate.definition.map_or(written, |d| graph.definition_path(d));
                (
                    format!("`{rival}` is another `{name}` than the one of `{door}`"),
                    format!("{write}, or rename one of the two"),
                )
            }
        }
    }

    fn finish(&self, judged: &Judged, candidate: Candidate, raised: &mut Raised) {
        raised.violation.definition = candidate.definition.map(|d| self.context.graph.definition_path(d));
        if judged.case == Case::Rival || raised.violation.status == Status::Waived {
            return;
        }
        let moved =
            judged.door.old(candidate.module, candidate.name).and_then(|old| Some((old.moved?, old.until?)));
        if let Some((line, until)) = moved.filter(|(_, until)| self.context.in_force(Some(*until))) {
            raised.violation.status = Status::Waived;
            raised.verdict = Verdict::Waived;
            raised.violation.waived_by = format!("`until = {until}` of `[moved]` at line {line}");
            return;
        }
        let compatible = judged
            .door
            .spec
            .compatible
            .iter()
            .find(|c| c.path.text == candidate.module && self.context.in_force(c.until));
        if let Some(compatible) = compatible {
            raised.violation.status = Status::Waived;
            raised.verdict = Verdict::Waived;
            raised.violation.waived_by = format!("`compatible` door at line {}", compatible.path.line);
            if let Some(until) = compatible.until {
                raised.violation.waived_by = format!("{} until {until}", raised.violation.waived_by);
            }
            if let Some(reason) = &compatible.reason {
                raised.violation.waived_by = format!("{}: {reason}", raised.violation.waived_by);
            }
        }
    }
}

fn claims<'a>(context: &Context<'a>) -> FxHashMap<&'a str, u32> {
    let mut claims = FxHashMap::default();
    for entry in &context.registry.entries {
        for symbol in entry.kind.canonicals().iter().flat_map(|spec| &spec.symbols) {
            *claims.entry(symbol.text.as_str()).or_default() += 1;
        }
    }
    claims
}
