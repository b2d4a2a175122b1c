//! `unmatched-entry`: a line of the registry that names nothing, so that it cannot hold nor be broken.

mod exceptions;
mod manifests;
mod slips;

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;

use super::context::{Context, Judgements, RuleRef};
use super::{Check, Rule, members, suggest};
use crate::graph::exports::{Binds, Definition};
use crate::graph::model::{ModuleId, Row};
use crate::module_path::{self, below, components};
use crate::registry::pattern::{PathGlobs, Pattern};
use crate::registry::values::split_symbol;
use crate::registry::{
    Canonical, CheckOptions, CheckSetting, EntryKind, Entrypoint, Forbidden, Interface, Item, Layers, Meta,
    Package, Required, SymbolPath,
};
use crate::source::{Language, Span};
use crate::violation::Severity;
use slips::{Outside, nearest, plain_head};

/// The check.
pub static RULE: Rule = Rule {
    id: "unmatched-entry",
    docs: include_str!("../../rules/docs/unmatched-entry.md"),
    check: Check::Registry(judge),
};

fn judge(context: &Context, setting: &CheckSetting, judged: &[Judgements], out: &mut Judgements) {
    let used: BTreeSet<Span> = judged.iter().flat_map(|judgements| &judgements.used).copied().collect();
    let outside = Outside::new(context);
    let mut judge = Judge { context, rule: RuleRef::check(setting), out, used, outside, targets: None };
    for scope in &context.registry.scopes {
        judge.scope_files(scope);
    }
    for entry in &context.registry.entries {
        judge.exceptions(&entry.meta, Some(&entry.kind));
        judge.scopes(&entry.meta);
        for (key, patterns) in entry.kind.patterns() {
            judge.patterns(key, patterns);
        }
        for canonical in entry.kind.canonicals() {
            judge.canonical(canonical);
        }
        for line in entry.kind.moved() {
            judge.slip_of(&line.from, |near| *near == line.to.item.text);
            let missing = format!("the new path `{}` does not exist", line.to.item.text);
            judge.exists("the new path", &line.to, missing);
        }
        match &entry.kind {
            EntryKind::Forbidden(forbidden) => {
                judge.forbidden_to(&forbidden.to);
                judge.forbids_something(forbidden);
            }
            EntryKind::Layers(layers) => judge.layers(layers),
            EntryKind::Interface(interface) => judge.interface(interface),
            EntryKind::External(external) => {
                judge.packages("deny", &external.deny);
                judge.packages("only-packages", external.only_packages.as_deref().unwrap_or_default());
            }
            EntryKind::Required(required) => judge.required(required),
            EntryKind::Entrypoint(entrypoint) => judge.entrypoint(entrypoint),
            _ => {}
        }
    }
    judge.doors_of_one_object();
    judge.manifests();
    for check in &context.registry.checks {
        judge.exceptions_of_check(check);
        judge.scopes(&check.meta);
        judge.judges_something(check);
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
    outside: Outside<'a>,
    /// All targets, sorted, when something first asks.
    targets: Option<Vec<&'a str>>,
}

impl Judge<'_> {
    fn report(&mut self, item: &Item, message: String, help: Option<String>) {
        if self.context.registry.is_inherited(item.span) {
            return;
        }
        let mut raised = self.context.raised_in_registry(self.rule, item.span, item.line, message);
        raised.violation.help = self.rule.meta.help.clone().or(help);
        self.out.raise(raised);
    }

    fn scope_files(&mut self, scope: &crate::registry::Scope) {
        let Ok(globs) = PathGlobs::new(&scope.judged) else { return };
        let mut seen = vec![false; scope.judged.len()];
        for path in self.context.around.paths {
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

    /// A scope that nobody writes exists only by what is of it: an entry that speaks of no other holds nothing.
    fn scopes(&mut self, meta: &Meta) {
        let context = self.context;
        let is_implied =
            |name: &str| context.registry.scopes.iter().any(|scope| scope.implied && scope.name == name);
        for item in meta.scopes.iter().flatten().filter(|item| is_implied(&item.text)) {
            if !context.graph.module_ids().any(|id| context.scope(id) == item.text) {
                let message = format!("`scopes`: no module is of scope `{}`", item.text);
                let help = "name a scope that has modules, or write a `[[scope]]` of that name".to_owned();
                self.report(item, message, Some(help));
            }
        }
    }

    fn patterns(&mut self, key: &str, patterns: &[Pattern]) {
        for pattern in patterns {
            if !self.names_a_module(pattern) {
                let help = self.nearest(&pattern.text);
                self.report(&item_of(pattern), format!("`{key}`: {}", none_is(pattern)), help);
            }
        }
    }

    /// A prohibition may match nothing. What it forbids must exist, or be external; a slip of the pen is a warning.
    fn forbidden_to(&mut self, patterns: &[Pattern]) {
        for pattern in patterns {
            let is_imported =
                |row: &Row| !self.context.is_first_party(row) && pattern.matches_name(&row.target);
            if self.names_a_module(pattern) || self.context.graph.rows.iter().any(is_imported) {
                continue;
            }
            match plain_head(pattern).filter(|head| self.outside.may_hold(module_path::first(head))) {
                Some(head) => {
                    let languages = [Language::Python, Language::Rust].into_iter();
                    let languages = languages.filter(|language| pattern.speaks_of(*language));
                    let paths: Vec<String> = languages
                        .map(|language| components(head).collect::<Vec<_>>().join(language.separator()))
                        .collect();
                    self.slip("`to`", &item_of(pattern), &paths, false);
                }
                None => {
                    let help = self.nearest(&pattern.text);
                    self.report(&item_of(pattern), format!("`to`: {}", none_is(pattern)), help);
                }
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
            let container = group.container.as_ref().map(|container| container.name.as_str());
            if container.is_some_and(|name| {
                self.context.graph.importable(name).is_none() && !self.context.graph.has(name)
            }) {
                continue;
            }
            for member in group.members.iter().filter(|member| !member.optional && !member.exists) {
                let external = !self.outside.is_own(module_path::first(&member.name));
                if external && self.is_imported(&member.name) {
                    continue;
                }
                let help = self.nearest(&member.name);
                let verb = if member.name.contains('*') { "matches" } else { "is called" };
                let message = format!("`order`: no module {verb} `{}`", member.name);
                self.report(&member.item, message, help);
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
        for symbol in &canonical.symbols {
            let path = &canonical.path.text;
            if symbol.text == "*" && self.context.star_names(module).is_empty() {
                self.report(symbol, format!("`{path}` defines nothing that `*` could stand for"), None);
            } else if symbol.text != "*" && !self.binds(module, &symbol.text) {
                self.report(symbol, format!("`{path}` has no `{}`", symbol.text), None);
            }
        }
        for retired in &canonical.retired {
            // A door may have had a name much like the one it has.
            self.slip_of(retired, |near| match split_symbol(near) {
                (_, None) => *near == canonical.path.text,
                (_, Some(name)) => canonical.symbols.iter().any(|symbol| symbol.text == name),
            });
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
                let door = self.context.symbol_path(module, &symbol.text);
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

    /// The module must exist, and whatever it exposes by its plain name.
    fn interface(&mut self, interface: &Interface) {
        let of = &interface.of.text;
        if self.context.graph.importable(of).is_none() && !self.context.graph.has(of) {
            let help = self.nearest(of);
            self.report(&interface.of, format!("`of`: no module is called `{of}`"), help);
            return;
        }
        let mut named = self.context.graph.named(of).map(|at| self.context.graph.modules[at].language);
        let language =
            named.next().unwrap_or(if of.contains(':') { Language::Rust } else { Language::Python });
        for exposed in &interface.exposes {
            let Ok(pattern) = Pattern::parse(&exposed.text, exposed.span, exposed.line) else { continue };
            let Some(below) = pattern.literal_in(language) else { continue };
            let path = module_path::join_as(language.separator(), of, below);
            let bound = module_path::parent(&path).is_some_and(|module| {
                self.context
                    .graph
                    .importable(module)
                    .is_some_and(|module| self.binds(module, module_path::last(&path)))
            });
            if !bound && self.context.graph.importable(&path).is_none() && !self.context.graph.has(&path) {
                self.report(exposed, format!("`exposes`: `{of}` has no `{below}`"), None);
            }
        }
    }

    fn required(&mut self, required: &Required) {
        for (key, paths) in [("any-of", &required.any_of), ("when", &required.when)] {
            for path in paths {
                let missing = format!("`{key}`: `{}` does not exist", path.item.text);
                self.exists(&format!("`{key}`"), path, missing);
            }
        }
    }

    /// The modules must exist, and the functions that are called. Whether `module` binds its name is what the rule
    /// itself judges.
    fn entrypoint(&mut self, entrypoint: &Entrypoint) {
        let paths = entrypoint.module.iter().map(|path| ("module", path));
        for (key, path) in paths.chain(entrypoint.calls.iter().map(|path| ("calls", path))) {
            let name = &path.module;
            match (self.context.graph.importable(name), &path.symbol) {
                (Some(module), Some(symbol)) if key == "calls" && !self.binds(module, symbol) => {
                    self.report(&path.item, format!("`calls`: `{name}` has no `{symbol}`"), None);
                }
                (None, _) if !self.context.graph.named(name).is_empty() => {
                    let message = format!("`{key}`: `{name}` is a file that no import can name");
                    self.report(&path.item, message, None);
                }
                (None, _) if self.context.graph.has(name) => {
                    let help =
                        format!("name what is started in it: of `python -m {name}` it is `{name}.__main__`");
                    let message =
                        format!("`{key}`: `{name}` is a directory without `__init__.py`, no module");
                    self.report(&path.item, message, Some(help));
                }
                (None, _) => {
                    let help = self.nearest(name);
                    self.report(&path.item, format!("`{key}`: no module is called `{name}`"), help);
                }
                _ => {}
            }
        }
    }

    /// A package that nobody imports is denied with success. The project's own modules are none, and a slip of the pen
    /// is a warning.
    fn packages(&mut self, key: &str, packages: &[Package]) {
        for package in packages.iter().filter(|package| package.name != "*") {
            let first = module_path::first(&package.name);
            if !self.outside.may_hold(first) {
                let message = format!("`{key}`: `{first}` is first party, and this speaks of packages alone");
                self.report(&package.item, message, Some("write a `[[forbidden]]` entry".to_owned()));
                continue;
            }
            self.slip(&format!("`{key}`"), &package.item, &package.paths(), package.attribute.is_some());
        }
    }

    /// Warns where a path outside the project is one edit away from another; its last component may be an attribute.
    /// `paths` is that path as each language writes it that may be meant.
    fn slip(&mut self, key: &str, item: &Item, paths: &[String], attribute: bool) {
        if paths.iter().any(|path| self.outside.imports(path)) {
            return;
        }
        let mut slips = paths.iter().filter_map(|path| Some((path, self.outside.slip(path)?)));
        let Some((path, (slip, near))) = slips.next() else { return };
        let shown = |part: &str| match module_path::split_last(part) {
            Some((module, name)) if slip == path && attribute => format!("{module}:{name}"),
            _ => part.to_owned(),
        };
        let near = shown(&near);
        let message = format!("{key}: nothing is called `{}`, but there is `{near}`", shown(slip));
        self.warn(item, message, Some(if_meant(&near)));
    }

    /// What must exist if it is first party; outside, a slip of the pen is a warning.
    fn exists(&mut self, key: &str, path: &SymbolPath, missing: String) {
        let found = match (self.context.graph.importable(&path.module), &path.symbol) {
            (Some(_), None) => true,
            (Some(module), Some(symbol)) => self.binds(module, symbol),
            (None, _) => self.context.graph.has(&path.module) && path.symbol.is_none(),
        };
        if found {
            return;
        }
        if self.outside.may_hold(module_path::first(&path.module)) {
            return self.slip(key, &path.item, &path.paths(), path.symbol.is_some());
        }
        let help = self.nearest(&path.module);
        self.report(&path.item, missing, help);
    }

    /// A check that is switched on by name and has nothing to go by.
    fn judges_something(&mut self, check: &CheckSetting) {
        let Some(line) = check.line.filter(|_| check.on) else { return };
        let (lacks, help) = match check.id {
            "scope-leak" if !self.context.registry.scopes_written => (
                "no `[[scope]]` is written",
                "say which files are no production (`[[scope]]` with `name = \"test\"` and `files = [\"default\"]` \
                 takes the usual test files), or delete the line",
            ),
            "unknown-package" if self.context.project.distributions.is_empty() => (
                "no manifest declares anything",
                "declare the dependencies in pyproject.toml or requirements.txt, or delete the line",
            ),
            "orphan-file" if self.context.around.rust.is_none() => {
                ("there is no Cargo.toml", "delete the line")
            }
            _ => return,
        };
        let item = Item { text: check.id.to_owned(), span: check.span, line };
        let message = format!("`{}` is on, but judges nothing: {lacks}", check.id);
        match check.meta.severity {
            Severity::Error => self.report(&item, message, Some(help.to_owned())),
            // It would not fail the run if it did judge.
            Severity::Warn => self.warn(&item, message, Some(help.to_owned())),
        }
    }

    fn binds(&self, module: ModuleId, name: &str) -> bool {
        let names = self.context.graph.names();
        names.binds(module, name) != Binds::No || names.submodule(module, name).is_some()
    }

    /// An old path may be gone; one that is a letter away from what exists was meant to be that. What `is_new` tells is
    /// what it has become.
    fn slip_of(&mut self, old: &SymbolPath, is_new: impl Fn(&String) -> bool) {
        let context = self.context;
        if old.paths().iter().any(|path| self.is_imported(path)) {
            return;
        }
        let near = match (context.graph.importable(&old.module), &old.symbol) {
            (Some(_), None) => None,
            (Some(module), Some(symbol)) => {
                if self.binds(module, symbol) || symbol.chars().count() < SHORTEST_SYMBOL {
                    return;
                }
                let names = suggest::bound_names(context, Some(module)).into_iter();
                nearest(symbol, names).map(|name| format!("{}:{name}", old.module))
            }
            (None, _) if self.context.graph.has(&old.module) => None,
            (None, _) => {
                let modules = context.graph.modules.iter().filter(|module| module.node.is_some());
                nearest(&old.module, modules.map(|module| module.name.as_str()))
            }
        };
        if let Some(near) = near.filter(|near| !is_new(near)) {
            let text = if split_symbol(&near).1.is_some() { &old.item.text } else { &old.module };
            let message = format!("nothing is called `{text}`, but there is `{near}`");
            self.warn(&old.item, message, Some(if_meant(&near)));
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
        let is_below = |separator: &str| {
            let below = module_path::join_as(separator, path, "");
            let at = targets.partition_point(|target| *target < below.as_str());
            targets.get(at).is_some_and(|target| target.starts_with(&below))
        };
        targets.binary_search(&path).is_ok() || is_below(".") || is_below("::")
    }

    /// Whether something takes that name from that module, by import or by access.
    fn comes_through(&self, module: &str, name: &str) -> bool {
        let context = self.context;
        let is_it = |target: &str| below(target, module) == Some(name);
        let name = || std::iter::once(name);
        let index = context.index();
        index.rows(name(), std::iter::empty()).any(|id| is_it(&context.graph.row(id).target))
            || index
                .accesses(name(), std::iter::empty())
                .any(|step| context.graph.module(step.module).name == module)
            || index.wildcards.iter().any(|id| {
                let row = context.graph.row(*id);
                row.door.is_some_and(|door| context.graph.module(door).name == module)
            })
    }

    fn warn(&mut self, item: &Item, message: String, help: Option<String>) {
        if self.context.registry.is_inherited(item.span) {
            return;
        }
        let mut raised = self.context.raised_in_registry(self.rule, item.span, item.line, message);
        raised.violation.severity = Severity::Warn;
        raised.violation.help = self.rule.meta.help.clone().or(help);
        self.out.raise(raised);
    }

    fn names_a_module(&self, pattern: &Pattern) -> bool {
        let context = self.context;
        let matches = |at: usize| pattern.matches(&context.subject(ModuleId(at as u32)));
        let literals = || Language::ALL.into_iter().filter_map(|language| pattern.literal_in(language));
        literals().any(|name| context.graph.named(name).any(matches))
            || context.graph.module_ids().any(|id| pattern.matches(&context.subject(id)))
            || literals().any(|name| self.context.graph.has(name))
    }

    /// The module whose name is nearest to what is written.
    fn nearest(&self, written: &str) -> Option<String> {
        let in_rust = written.replace('.', "::");
        if in_rust != written && self.context.graph.has(&in_rust) {
            return Some(format!("did you mean `{in_rust}`?"));
        }
        let modules = self.context.graph.modules.iter().filter(|module| module.node.is_some());
        modules
            .filter(|module| module.name.len().abs_diff(written.len()) <= 2)
            .map(|module| (strsim::osa_distance(&module.name, written), module.name.as_str()))
            .filter(|(distance, _)| *distance <= 2)
            .min()
            .map(|(_, name)| format!("did you mean `{name}`?"))
    }
}

/// Shorter names of one module are near each other without a slip.
const SHORTEST_SYMBOL: usize = 4;

/// How a pattern that names nothing reads.
fn none_is(pattern: &Pattern) -> String {
    let text = &pattern.text;
    match (pattern.scope_name(), text.split_once("path:"), pattern.literal()) {
        (Some(scope), ..) => format!("no module is of scope `{scope}`"),
        (None, Some((_, glob)), None) => format!("no module lies at `{glob}`"),
        (None, _, Some(_)) => format!("no module is called `{text}`"),
        _ => format!("no module matches `{text}`"),
    }
}

fn if_meant(near: &str) -> String {
    format!("if `{near}` is meant, write that; else nothing need be done")
}

fn item_of(pattern: &Pattern) -> Item {
    Item { text: pattern.text.clone(), span: pattern.span, line: pattern.line }
}
