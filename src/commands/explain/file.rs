//! `importlaw explain --file F`: every rule that applies to a file, read from its side.
//!
//! Says what the registry says; whether the file obeys is `check`'s.

use std::fmt::Write as _;
use std::io::{self, Write};
use std::path::Path;

use super::super::context::{Failure, Project, on_threads};
use super::super::{Exit, Global};
use crate::check::{Analysis, analyse};
use crate::formats::context::{counted, escape, number, severity_word};
use crate::graph::model::ModuleId;
use crate::module_path::is_within;
use crate::registry::pattern::{Pattern, Subject};
use crate::registry::values::nearest;
use crate::registry::{Allowed, Canonical, CheckSetting, Entry, EntryKind, External, Item, Meta, SymbolPath};
use crate::rules;
use crate::rules::context::{Context, PRODUCTION, Surroundings};
use crate::rules::members::{self, Group};
use crate::source::{FileId, Language, RelPath};

/// Prints every rule that applies to the file, for each module that it holds.
pub(super) fn run(global: &Global, file: &Path, out: &mut (dyn Write + Send)) -> Result<Exit, Failure> {
    let project = Project::open(global)?;
    on_threads(global.jobs, || {
        let sources = project.sources()?;
        let analysis = analyse(&project.registry, &sources)?;
        let path = source(&project, &analysis, file)?;
        let Analysis { graph, project: python, files, .. } = &analysis;
        let context = Context::new(&project.registry, graph, python, project.as_of, Surroundings::default());
        let of_file = (0..files.len()).filter(|at| files[*at].path == path).map(|at| FileId(at as u32));
        let mut modules: Vec<ModuleId> = of_file.map(|file| graph.module_of_file[file.index()]).collect();
        // What tests alone have of a Rust module is the same to read.
        modules.retain(|id| !graph.is_twin(*id));
        modules.sort_unstable();
        modules.dedup();
        for (at, id) in modules.into_iter().enumerate() {
            if at > 0 {
                writeln!(out)?;
            }
            Page { context: &context, id }.write(out)?;
        }
        Ok(Exit::Clean)
    })?
}

/// The file as the graph knows it; a slip gets the nearest one.
fn source(project: &Project, analysis: &Analysis, file: &Path) -> Result<RelPath, Failure> {
    let known = || analysis.files.iter().map(|file| file.path.as_str());
    let shown = file.display();
    let (path, wrong) = match project.relative(file) {
        Ok(path) if known().any(|known| known == path) => return Ok(RelPath::new(path)),
        Ok(path) if project.root.join(&path).is_dir() => (path, format!("{shown} is a directory")),
        Ok(path) => (path, format!("{shown} is no source file that is read")),
        Err(_) if !project.started.join(file).exists() => {
            (file.to_string_lossy().into_owned(), format!("{shown} does not exist"))
        }
        Err(failure) => return Err(failure),
    };
    let name = path.rsplit('/').next().unwrap_or(&path);
    let same_name = || known().find(|known| known.rsplit('/').next() == Some(name));
    let near = nearest(&path, known()).or_else(same_name);
    Err(Failure::usage(wrong, near.map(|near| format!("did you mean {near}?"))))
}

/// From which side an entry speaks of a module.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Itself,
    Imports,
    Imported,
}

const SIDES: [(Side, &str); 3] = [
    (Side::Itself, "What is said of it"),
    (Side::Imports, "What it may import"),
    (Side::Imported, "Who may import it"),
];

/// `id  what it says  (importlaw.toml:12): why`.
fn write_line(id: &str, says: &str, place: &str, meta: &Meta, out: &mut dyn Write) -> io::Result<()> {
    let reason = meta.reason.as_ref().map_or_else(String::new, |why| format!(": {}", escape(why.trim())));
    writeln!(out, "  {}  {}  ({place}){reason}", escape(id), escape(says))
}

/// One module's rules.
struct Page<'a> {
    context: &'a Context<'a>,
    id: ModuleId,
}

impl<'a> Page<'a> {
    fn write(&self, out: &mut dyn Write) -> Result<(), Failure> {
        let registry = self.context.registry;
        let module = self.context.graph.module(self.id);
        let language = module.language.name();
        let scope = self.context.scope(self.id);
        writeln!(
            out,
            "{} is the module `{}` ({language}), scope {}",
            escape(&module.path),
            escape(&module.name),
            escape(scope)
        )?;
        if module.opaque {
            writeln!(out, "It is opaque: it exists, binds every name and is never judged.")?;
        }
        let said: Vec<(&Entry, Side, String)> = registry
            .entries
            .iter()
            .flat_map(|entry| self.roles(entry).into_iter().map(move |(side, says)| (entry, side, says)))
            .collect();
        for (side, title) in SIDES {
            let of_side: Vec<_> = said.iter().filter(|(_, of, _)| *of == side).collect();
            if of_side.is_empty() {
                continue;
            }
            writeln!(out, "\n{title}")?;
            for (entry, _, says) in of_side {
                let place = self.place(Some(entry.id_line));
                write_line(&entry.id, says, &place, &entry.meta, out)?;
            }
        }
        let silent = registry
            .entries
            .iter()
            .filter(|entry| !said.iter().any(|(said, ..)| said.id == entry.id))
            .count();
        if registry.path.is_none() {
            writeln!(out, "\nThere is no registry: only the built-in checks apply.")?;
        } else if silent > 0 {
            let (n, of) = (number(silent as u64), number(registry.entries.len() as u64));
            writeln!(out, "\nNot about this file: {n} of the registry's {of} entries.")?;
        }
        writeln!(out, "\nChecks")?;
        for check in registry.checks.iter().filter(|check| check.on && self.is_checked(check)) {
            let summary = rules::find(check.id).map_or("", rules::Rule::summary).replace('\n', " ");
            let says = format!("{}: {summary}", severity_word(check.meta.severity));
            write_line(check.id, says.trim_end_matches('.'), &self.place(check.line), &check.meta, out)?;
        }
        Ok(())
    }

    fn place(&self, line: Option<u32>) -> String {
        match (&self.context.registry.path, line) {
            (Some(path), Some(line)) => format!("{}:{line}", escape(path.as_str())),
            _ => "built in".to_owned(),
        }
    }

    fn subject(&self) -> Subject<'a> {
        self.context.subject(self.id)
    }

    fn is_one_of(&self, patterns: &[Pattern]) -> bool {
        patterns.iter().any(|pattern| pattern.matches(&self.subject()))
    }

    /// Whether a check looks at files of this language and scope.
    fn is_checked(&self, check: &CheckSetting) -> bool {
        let language = self.context.graph.module(self.id).language;
        let named = || check.meta.languages.as_ref().is_some_and(|list| list.contains(&language));
        let looks = match check.id {
            "unresolved-import" | "duplicate-definition" => language == Language::Python || named(),
            "relative-beyond-root" | "relative-import" | "string-reference" | "shadowed-module" => {
                language == Language::Python
            }
            "orphan-file" => language == Language::Rust,
            "scope-leak" => self.context.scope(self.id) == PRODUCTION,
            // It looks at the registry.
            "unmatched-entry" => false,
            _ => true,
        };
        looks && self.context.speaks_of(&check.meta, self.id)
    }

    /// What an entry says of the module, from each side.
    fn roles(&self, entry: &Entry) -> Vec<(Side, String)> {
        let imports = self.context.speaks_of(&entry.meta, self.id);
        let mut said = match &entry.kind {
            EntryKind::Doors(doors) => self.doors(doors),
            EntryKind::Canonical(canonical) => self.doors(std::slice::from_ref(canonical)),
            EntryKind::Moved(lines) => {
                let name = &self.context.graph.module(self.id).name;
                let gone = lines
                    .iter()
                    .find(|line| line.from.symbol.is_none() && is_within(name, &line.from.module));
                let mut said = vec![(
                    Side::Imports,
                    format!("{} may no longer be used", counted(lines.len() as u64, "old path")),
                )];
                said.extend(
                    gone.map(|line| (Side::Imported, format!("has moved to `{}`", line.to.item.text))),
                );
                said
            }
            EntryKind::Forbidden(forbidden) => {
                let chains = if forbidden.indirect { ", directly or through others" } else { "" };
                let (from, to) = (self.is_one_of(&forbidden.from), self.is_one_of(&forbidden.to));
                let others = if from && to { "the others of " } else { "" };
                let may_not = format!("may not import {others}{}{chains}", list(&forbidden.to));
                let by = format!("{} may not import it{chains}", list(&forbidden.from));
                chosen([(from, Side::Imports, may_not), (to && !from, Side::Imported, by)])
            }
            EntryKind::Layers(layers) => {
                members::of_layers(self.context, layers).iter().flat_map(|group| self.layer(group)).collect()
            }
            EntryKind::Independent(independent) => {
                let group = members::of_independent(self.context, independent);
                let member = group.member_of(self.id).map(|at| &group.members[at as usize].name);
                let says = |member| {
                    format!(
                        "`{member}` and the others of {} import none of each other",
                        list(&independent.modules)
                    )
                };
                member.map(|member| (Side::Itself, says(member))).into_iter().collect()
            }
            EntryKind::Protected(protected) => {
                let (own, may) = (self.is_one_of(&protected.modules), self.is_one_of(&protected.only));
                let only = match protected.only.as_slice() {
                    [] => "nobody".to_owned(),
                    only => format!("only {}", list(only)),
                };
                let modules = list(&protected.modules);
                chosen([
                    (own, Side::Imported, format!("{only} may import it")),
                    (!own && may, Side::Imports, format!("may import {modules}, which others may not")),
                    (!own && !may, Side::Imports, format!("may not import {modules}: {only} may")),
                ])
            }
            EntryKind::Allowed(allowed) => self.allowed(allowed),
            EntryKind::Interface(interface) => {
                let name = &self.context.graph.module(self.id).name;
                let inside = is_within(name, &interface.of.text);
                let exposes = items(&interface.exposes);
                let of = &interface.of.text;
                chosen([
                    (inside, Side::Imported, format!("the outside may import only {exposes} of `{of}`")),
                    (!inside, Side::Imports, format!("of `{of}` it may import only {exposes}")),
                ])
            }
            EntryKind::Acyclic(acyclic) => {
                let says = format!("is part of no cycle of imports within {}", list(&acyclic.within));
                chosen([(self.is_one_of(&acyclic.within), Side::Itself, says)])
            }
            EntryKind::External(external) => self.external(external),
            EntryKind::Required(required) => {
                let when = match required.when.as_slice() {
                    [] => String::new(),
                    when => format!(" if it imports {}", paths(when)),
                };
                let says = format!("must import {}{when}", paths(&required.any_of));
                chosen([(self.is_one_of(&required.from), Side::Imports, says)])
            }
            EntryKind::Entrypoint(entry) => {
                let name = &self.context.graph.module(self.id).name;
                let starts = entry.module.as_ref().is_some_and(|module| module.module == *name)
                    || self.is_one_of(&entry.modules);
                let what =
                    entry.module.as_ref().map_or_else(|| list(&entry.modules), |at| quoted(&at.item.text));
                let ships = !entry.ships.is_empty() && self.is_one_of(&entry.ships);
                let absent = self.is_one_of(&entry.absent);
                chosen([
                    (starts, Side::Itself, "must start without an ImportError".to_owned()),
                    (!starts && ships && !absent, Side::Itself, format!("ships with {what}")),
                    (!starts && absent, Side::Itself, format!("is not there where {what} starts")),
                ])
            }
        };
        said.retain(|(side, _)| imports || *side != Side::Imports);
        for (side, says) in &mut said {
            self.qualify(&entry.meta, *side, says);
        }
        said
    }

    /// Adds what is excused, and of whose imports the entry speaks.
    fn qualify(&self, meta: &Meta, side: Side, says: &mut String) {
        if side == Side::Imported
            && let Some(scopes) = &meta.scopes
        {
            let scopes: Vec<&str> = scopes.iter().map(|scope| scope.text.as_str()).collect();
            let _ = write!(says, ", of scope {}", scopes.join(" or "));
        }
        let subject = self.subject();
        let excused = meta.except.iter().filter(|except| {
            self.context.in_force(except.until)
                && match side {
                    Side::Imported => except.to.as_ref().is_some_and(|to| to.matches(&subject)),
                    Side::Imports | Side::Itself => except.from.matches(&subject),
                }
        });
        let excused: Vec<String> = excused.map(|except| quoted(&except.item.text)).collect();
        if !excused.is_empty() {
            let _ = write!(says, "; excused: {}", excused.join(", "));
        }
        if side == Side::Imports && !meta.except_kinds.is_empty() {
            let _ = write!(says, "; not judged: {} imports", meta.except_kinds.join(", "));
        }
    }

    /// One line for all symbols of an entry: which have a door elsewhere, and which have it here.
    fn doors(&self, doors: &[Canonical]) -> Vec<(Side, String)> {
        let name = &self.context.graph.module(self.id).name;
        let speaks = |door: &&Canonical| door.within.is_empty() || self.is_one_of(&door.within);
        let (here, elsewhere): (Vec<&Canonical>, Vec<&Canonical>) =
            doors.iter().partition(|door| door.path.text == *name);
        let elsewhere: Vec<&Canonical> = elsewhere.into_iter().filter(speaks).collect();
        let mut said = Vec::new();
        match elsewhere.as_slice() {
            [] => {}
            [door] => said.push((
                Side::Imports,
                format!("takes {} from `{}`, nowhere else", items(&door.symbols), door.path.text),
            )),
            several => {
                let symbols: usize = several.iter().map(|door| door.symbols.len()).sum();
                let (symbols, doors) =
                    (counted(symbols as u64, "symbol"), counted(several.len() as u64, "door"));
                said.push((Side::Imports, format!("takes {symbols} from their {doors}")));
            }
        }
        for door in here {
            said.push((Side::Imported, format!("is the one door of {}", items(&door.symbols))));
        }
        for door in doors {
            let symbols = items(&door.symbols);
            if door.compatible.iter().any(|compatible| compatible.path.text == *name) {
                let says =
                    format!("is excused as a door of {symbols} for now; `{}` is the door", door.path.text);
                said.push((Side::Imported, says));
            }
            if door.retired.iter().any(|retired| retired.module == *name) {
                let says = format!("is a retired door of {symbols}; `{}` is the door", door.path.text);
                said.push((Side::Imported, says));
            }
        }
        said
    }

    fn layer(&self, group: &Group) -> Vec<(Side, String)> {
        let Some(member) = group.member_of(self.id).map(|at| &group.members[at as usize]) else {
            return Vec::new();
        };
        let steps = |steps: &[members::Step]| {
            steps.iter().map(|step| quoted(&step.name)).collect::<Vec<_>>().join(", ")
        };
        let own = &group.layers[member.layer];
        let (above, lower) = (steps(&group.layers[..member.layer]), steps(&group.layers[member.layer + 1..]));
        let neighbours = own.independent.then(|| format!("its neighbours in `{}`", own.name));
        let not: Vec<String> =
            (!above.is_empty()).then(|| above.clone()).into_iter().chain(neighbours).collect();
        let may = if lower.is_empty() { "no other layer" } else { &lower };
        let not = if not.is_empty() { String::new() } else { format!("; not {}", not.join(", nor ")) };
        let imports = format!("stands in layer `{}`: may import {may}{not}", member.item.text);
        let imported = match (above.is_empty(), lower.is_empty()) {
            (true, _) => "no other layer".to_owned(),
            (false, true) => above,
            (false, false) => format!("{above}; not {lower}"),
        };
        vec![(Side::Imports, imports), (Side::Imported, format!("of other layers {imported}"))]
    }

    fn allowed(&self, allowed: &Allowed) -> Vec<(Side, String)> {
        let own = self.is_one_of(&allowed.from);
        let only = match allowed.only.as_slice() {
            [] => "nothing of first party".to_owned(),
            only => format!("of first party only {}", list(only)),
        };
        let from = list(&allowed.from);
        let by = if self.is_one_of(&allowed.only) { "may" } else { "may not" };
        chosen([
            (own, Side::Imports, format!("may import {only}, and itself")),
            (!own, Side::Imported, format!("{from} {by} import it")),
        ])
    }

    fn external(&self, external: &External) -> Vec<(Side, String)> {
        if !self.is_one_of(&external.from) {
            return Vec::new();
        }
        let packages = |list: &[crate::registry::Package]| {
            list.iter().map(|package| quoted(&package.item.text)).collect::<Vec<_>>().join(", ")
        };
        let may = self.is_one_of(&external.only);
        let denied = packages(&external.deny);
        let only = external.only_packages.as_deref();
        let only = only.filter(|_| !may).map(|only| match only {
            [] => "may import no third party".to_owned(),
            only => format!("may import of third party only {}", packages(only)),
        });
        let deny = match (external.deny.is_empty(), may) {
            (true, _) => None,
            (false, true) => Some(format!("may import {denied}, which others may not")),
            (false, false) => Some(format!("may not import {denied}")),
        };
        let says: Vec<String> = deny.into_iter().chain(only).collect();
        if says.is_empty() { Vec::new() } else { vec![(Side::Imports, says.join("; "))] }
    }
}

fn chosen<const N: usize>(said: [(bool, Side, String); N]) -> Vec<(Side, String)> {
    said.into_iter().filter(|(holds, ..)| *holds).map(|(_, side, says)| (side, says)).collect()
}

fn quoted(text: &str) -> String {
    format!("`{text}`")
}

fn list(patterns: &[Pattern]) -> String {
    patterns.iter().map(|pattern| quoted(&pattern.text)).collect::<Vec<_>>().join(", ")
}

fn items(items: &[Item]) -> String {
    items.iter().map(|item| quoted(&item.text)).collect::<Vec<_>>().join(", ")
}

fn paths(paths: &[SymbolPath]) -> String {
    paths.iter().map(|path| quoted(&path.item.text)).collect::<Vec<_>>().join(" or ")
}
