//! `unmatched-entry`: a line of the registry that names nothing, so that it cannot hold nor be broken.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;

use super::context::{Context, Judgements, RuleRef};
use super::{Check, Rule, find, members};
use crate::graph::exports::{Binds, Definition};
use crate::graph::model::{ModuleId, Outcome};
use crate::languages::python::stdlib::is_stdlib;
use crate::module_path;
use crate::registry::pattern::{PathGlobs, Pattern};
use crate::registry::{
    Canonical, CheckOptions, CheckSetting, EntryKind, Exception, Forbidden, Interface, Item, Layers, Meta,
    Package, Required, SymbolPath,
};
use crate::source::{FileId, Span};
use crate::violation::Severity;

/// The check.
pub static RULE: Rule = Rule {
    id: "unmatched-entry",
    docs: include_str!("../../rules/docs/unmatched-entry.md"),
    check: Check::Registry(judge),
};

fn judge(context: &Context, setting: &CheckSetting, judged: &[Judgements], out: &mut Judgements) {
    let used: BTreeSet<Span> = judged.iter().flat_map(|judgements| &judgements.used).copied().collect();
    let mut judge = Judge { context, rule: RuleRef::check(setting), out, used, targets: None };
    for scope in &context.registry.scopes {
        judge.scope_files(scope);
    }
    for entry in &context.registry.entries {
        judge.exceptions(&entry.meta, Some(&entry.kind));
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
        match &entry.kind {
            EntryKind::Forbidden(forbidden) => {
                judge.forbidden_to(&forbidden.to);
                judge.forbids_something(forbidden);
            }
            EntryKind::Layers(layers) => judge.layers(layers),
            EntryKind::Interface(interface) => judge.interface(interface),
            EntryKind::External(external) => judge.denied(&external.deny),
            EntryKind::Required(required) => judge.required(required),
            _ => {}
        }
    }
    judge.doors_of_one_object();
    for check in &context.registry.checks {
        judge.exceptions_of_check(check);
        if let CheckOptions::DuplicateDefinition(options) = &check.options {
            judge.patterns("within", &options.within);
            if check.on {
                judge.excepted_names(&options.names);
            }
        }
    }
}

struct Judge<'a> {
    context: &'a Context<'a>,
    rule: RuleRef<'a>,
    out: &'a mut Judgements,
    /// The exceptions that excused something.
    used: BTreeSet<Span>,
    /// All targets, sorted, when something first asks.
    targets: Option<Vec<&'a str>>,
}

impl Judge<'_> {
    fn report(&mut self, item: &Item, message: String, help: Option<String>) {
        if self.context.registry.is_inherited(item.span) {
            return;
        }
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

    /// What lies in `to` itself may import it: nothing may be left of `from` that an entry speaks of.
    fn forbids_something(&mut self, forbidden: &Forbidden) {
        let all_name = |patterns: &[Pattern]| patterns.iter().all(|pattern| self.names_a_module(pattern));
        let Some(first) = forbidden.from.first() else { return };
        if !all_name(&forbidden.from) || !all_name(&forbidden.to) {
            return;
        }
        let pairs = self.context.apart(&forbidden.from, &forbidden.to);
        if pairs.iter().all(|(from, to)| from.is_empty() || to.is_empty()) {
            let message =
                format!("`{}` lies wholly within `to`, so that nothing is forbidden to it", first.text);
            let help = "name in `to` the modules that it must not import, without itself".to_owned();
            self.report(&item_of(first), message, Some(help));
        }
    }

    /// Every layer must exist in every container that does, unless it is optional.
    fn layers(&mut self, layers: &Layers) {
        for group in members::of_layers(self.context, layers) {
            let container = group.container.as_ref().map(|(_, name)| name.as_str());
            if container
                .is_some_and(|name| self.context.graph.importable(name).is_none() && !self.directory(name))
            {
                continue;
            }
            for member in group.members.iter().filter(|member| !member.optional && !member.exists) {
                let external = !self.context.graph.tree.has_top(module_path::first(&member.name));
                if external && self.is_imported(&member.name) {
                    continue;
                }
                let help = self.nearest(&member.name);
                self.report(&member.item, format!("`order`: no module is called `{}`", member.name), help);
            }
        }
    }

    fn canonical(&mut self, canonical: &Canonical) {
        let Some(module) = self.context.graph.importable(&canonical.path.text) else {
            let help = self.nearest(&canonical.path.text);
            let message = format!("the door `{}` does not exist", canonical.path.text);
            self.report(&canonical.path, message, help);
            return;
        };
        for symbol in canonical.symbols.iter().filter(|symbol| symbol.text != "*") {
            if !self.binds(module, &symbol.text) {
                self.report(symbol, format!("`{}` has no `{}`", canonical.path.text, symbol.text), None);
            }
        }
        for retired in &canonical.retired {
            self.slip_of(retired);
        }
        for compatible in &canonical.compatible {
            let used = canonical.symbols.iter().any(|symbol| match symbol.text.as_str() {
                "*" => self.is_imported(&compatible.path.text),
                name => self.comes_through(&compatible.path.text, name),
            });
            if !used {
                let message =
                    format!("nothing comes through the compatible door `{}` any more", compatible.path.text);
                self.report(&compatible.path, message, Some("remove it".to_owned()));
            }
        }
    }

    /// Two `unique` entries cannot both be the one door of one object.
    fn doors_of_one_object(&mut self) {
        let context = self.context;
        let mut owners: FxHashMap<Definition, (&str, String)> = FxHashMap::default();
        for entry in &context.registry.entries {
            let EntryKind::Canonical(canonical) = &entry.kind else { continue };
            let Some(module) =
                self.context.graph.importable(&canonical.path.text).filter(|_| canonical.unique)
            else {
                continue;
            };
            for symbol in canonical.symbols.iter().filter(|symbol| symbol.text != "*") {
                let door = module_path::join(&canonical.path.text, &symbol.text);
                let Some(definition) = context.graph.definition(module, &symbol.text) else { continue };
                match owners.get(&definition) {
                    Some((id, other)) if *id != entry.id => {
                        let message =
                            format!("`{door}` is what `{other}` of `{id}` is: one object has one door");
                        self.report(symbol, message, Some("keep one of the two entries".to_owned()));
                    }
                    Some(_) => {}
                    None => drop(owners.insert(definition, (&entry.id, door))),
                }
            }
        }
    }

    /// What moved must have gone somewhere; the old path may be gone for good.
    fn moved_to(&mut self, to: &SymbolPath) {
        if !self.exists_or_is_external(to) {
            let help = self.nearest(&to.module);
            self.report(&to.item, format!("the new path `{}` does not exist", to.item.text), help);
        }
    }

    /// The module must exist, and whatever it exposes by its plain name.
    fn interface(&mut self, interface: &Interface) {
        let of = &interface.of.text;
        if self.context.graph.importable(of).is_none() && !self.directory(of) {
            let help = self.nearest(of);
            self.report(&interface.of, format!("`of`: no module is called `{of}`"), help);
            return;
        }
        for exposed in &interface.exposes {
            let Ok(pattern) = Pattern::parse(&exposed.text, exposed.span, exposed.line) else { continue };
            let Some(below) = pattern.literal() else { continue };
            let path = module_path::join(of, below);
            let bound = module_path::parent(&path).is_some_and(|module| {
                self.context
                    .graph
                    .importable(module)
                    .is_some_and(|module| self.binds(module, module_path::last(&path)))
            });
            if !bound && self.context.graph.importable(&path).is_none() && !self.directory(&path) {
                self.report(exposed, format!("`exposes`: `{of}` has no `{below}`"), None);
            }
        }
    }

    fn required(&mut self, required: &Required) {
        for (key, paths) in [("any-of", &required.any_of), ("when", &required.when)] {
            for path in paths {
                if !self.exists_or_is_external(path) {
                    let help = self.nearest(&path.module);
                    self.report(&path.item, format!("`{key}`: `{}` does not exist", path.item.text), help);
                }
            }
        }
    }

    /// A package that nobody imports is denied with success. The project's own modules are none, and a slip of the pen
    /// is a warning.
    fn denied(&mut self, deny: &[Package]) {
        let graph = self.context.graph;
        let externals = || graph.rows.iter().filter(|row| row.outcome == Outcome::External);
        for package in deny.iter().filter(|package| package.name != "*") {
            let first = module_path::first(&package.name);
            if is_stdlib(first) || externals().any(|row| module_path::first(&row.target) == first) {
                continue;
            }
            if graph.tree.has_top(first) {
                let message = format!("`deny`: `{first}` is first party, and this speaks of packages alone");
                self.report(&package.item, message, Some("write a `[[forbidden]]` entry".to_owned()));
                continue;
            }
            let near = externals().map(|row| module_path::first(&row.target));
            let near =
                near.chain(graph.tree.top_names()).filter(|name| strsim::osa_distance(name, first) == 1);
            if let Some(near) = near.min() {
                self.warn(
                    &package.item,
                    format!("`deny`: nothing is called `{first}`, but there is `{near}`"),
                );
            }
        }
    }

    fn exists_or_is_external(&self, path: &SymbolPath) -> bool {
        let found = match (self.context.graph.importable(&path.module), &path.symbol) {
            (Some(_), None) => true,
            (Some(module), Some(symbol)) => self.binds(module, symbol),
            (None, _) => self.directory(&path.module) && path.symbol.is_none(),
        };
        found || !self.context.graph.tree.has_top(module_path::first(&path.module))
    }

    fn binds(&self, module: ModuleId, name: &str) -> bool {
        let names = self.context.graph.names();
        names.binds(module, name) != Binds::No || names.submodule(module, name).is_some()
    }

    /// An old path may be gone; one that is a letter away from a module that exists was meant to be that one.
    fn slip_of(&mut self, old: &SymbolPath) {
        if self.context.graph.importable(&old.module).is_some()
            || self.directory(&old.module)
            || self.is_imported(&old.module)
        {
            return;
        }
        let modules = self.context.graph.modules.iter().filter(|module| module.node.is_some());
        let near = modules
            .filter(|module| may_be_one_edit_apart(&module.name, &old.module))
            .find(|module| strsim::osa_distance(&module.name, &old.module) == 1);
        if let Some(near) = near {
            let message = format!("nothing is called `{}`, but there is `{}`", old.module, near.name);
            self.warn(&old.item, message);
        }
    }

    /// Whether anything imports a path or what lies below it.
    fn is_imported(&mut self, path: &str) -> bool {
        let context = self.context;
        let targets = self.targets.get_or_insert_with(|| {
            let mut targets: Vec<&str> = context.graph.rows.iter().map(|row| row.target.as_str()).collect();
            targets.sort_unstable();
            targets
        });
        let below = format!("{path}.");
        let at = targets.partition_point(|target| *target < below.as_str());
        targets.binary_search(&path).is_ok()
            || targets.get(at).is_some_and(|target| target.starts_with(&below))
    }

    /// Whether something takes that name from that module, by import or by access.
    fn comes_through(&self, module: &str, name: &str) -> bool {
        let (context, target) = (self.context, module_path::join(module, name));
        let name = || std::iter::once(name);
        let index = context.index();
        index.rows(name(), std::iter::empty()).any(|id| context.graph.row(id).target == target)
            || index
                .accesses(name(), std::iter::empty())
                .any(|step| context.graph.module(step.module).name == module)
            || index.wildcards.iter().any(|id| {
                let row = context.graph.row(*id);
                row.door.is_some_and(|door| context.graph.module(door).name == module)
            })
    }

    fn warn(&mut self, item: &Item, message: String) {
        if self.context.registry.is_inherited(item.span) {
            return;
        }
        let mut raised = self.context.raised_in_registry(self.rule, item.span, item.line, message);
        raised.violation.severity = Severity::Warn;
        self.out.raise(raised);
    }

    fn exceptions(&mut self, meta: &Meta, kind: Option<&EntryKind>) {
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
                self.stale(exception, "matches no import");
            }
        }
    }

    /// The exceptions of checks that judge no import.
    fn exceptions_of_check(&mut self, check: &CheckSetting) {
        match find(check.id).map(|rule| &rule.check) {
            Some(Check::Registry(_)) => {
                for exception in &check.meta.except {
                    self.stale(exception, &format!("excuses nothing: `{}` judges the registry", check.id));
                }
            }
            // They are judged later, so that which exception they use is not known yet.
            Some(Check::Waivers(_)) => {
                for exception in &check.meta.except {
                    let graph = self.context.graph;
                    let mut files = graph.facts.iter().zip(&graph.module_of_file);
                    let matches = |module| exception.from.matches(&self.context.subject(module));
                    if !files.any(|(facts, module)| !facts.waivers.is_empty() && matches(*module)) {
                        self.stale(exception, "matches no waiver");
                    }
                }
            }
            _ => self.exceptions(&check.meta, None),
        }
    }

    /// The names that `duplicate-definition` lets pass.
    fn excepted_names(&mut self, names: &[Pattern]) {
        for name in names {
            if !self.used.contains(&name.span) {
                let message = format!("`except`: `{}` is not defined more than once", name.text);
                self.report(&item_of(name), message, Some("remove it".to_owned()));
            }
        }
    }

    fn stale(&mut self, exception: &Exception, why: &str) {
        let message = format!("the exception `{}` {why}", exception.item.text);
        self.report(&exception.item, message, Some("remove it".to_owned()));
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
                    let mut targets = steps
                        .map(|(module, name)| module_path::join(&context.graph.module(module).name, &name))
                        .chain(outside);
                    targets.any(|target| context.excuses_use(exception, module, &target))
                })
        })
    }

    fn names_a_module(&self, pattern: &Pattern) -> bool {
        let context = self.context;
        let matches = |at: usize| pattern.matches(&context.subject(ModuleId(at as u32)));
        pattern.literal().is_some_and(|name| context.graph.named(name).any(matches))
            || context.graph.module_ids().any(|id| pattern.matches(&context.subject(id)))
            || pattern.literal().is_some_and(|name| self.directory(name))
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

/// A cheap test that rules most names out before the distance is counted.
fn may_be_one_edit_apart(one: &str, other: &str) -> bool {
    let longest = one.len().max(other.len());
    let same = |pairs: &mut dyn Iterator<Item = (u8, u8)>| pairs.take_while(|(a, b)| a == b).count();
    let start = same(&mut one.bytes().zip(other.bytes()));
    let end = same(&mut one.bytes().rev().zip(other.bytes().rev()));
    // A swap of two neighbours spoils two characters of at most four bytes each.
    one.len().abs_diff(other.len()) <= 4 && start + end + 8 >= longest
}

fn item_of(pattern: &Pattern) -> Item {
    Item { text: pattern.text.clone(), span: pattern.span, line: pattern.line }
}
