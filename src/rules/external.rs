//! `[[external]]`: which packages from outside the project are imported, and by whom.

use rustc_hash::FxHashSet;

use super::context::boundaries::{alternatives, one_of};
use super::context::{Context, Judgements, RuleRef, Undecided, Use, UsePlace};
use super::{Check, Rule};
use crate::facts::{Access, Also, Import, ImportKind};
use crate::graph::model::{ModuleId, Outcome, Row, RowId};
use crate::graph::paths::ModuleSet;
use crate::languages::python::stdlib::is_stdlib;
use crate::languages::rust::manifest::SYSROOT;
use crate::module_path::{first, is_within};
use crate::registry::{Entry, EntryKind, External, Package};
use crate::source::{FileId, Language};
use crate::violation::Verdict;

/// The rule.
pub static RULE: Rule =
    Rule { id: "external", docs: include_str!("../../rules/docs/external.md"), check: Check::Entry(judge) };

fn judge(context: &Context, entry: &Entry, out: &mut Judgements) {
    let EntryKind::External(external) = &entry.kind else { return };
    let judge = Judge {
        context,
        rule: RuleRef::entry(entry),
        external,
        from: context.modules_of(&external.from),
        only: context.modules_of(&external.only),
        deny: external.deny.iter().map(Name::new).collect(),
        only_packages: external.only_packages.as_ref().map(|all| all.iter().map(Name::new).collect()),
    };
    let denied = judge.imports(out);
    judge.accesses(&denied, out);
}

struct Judge<'a> {
    context: &'a Context<'a>,
    rule: RuleRef<'a>,
    external: &'a External,
    from: ModuleSet,
    only: ModuleSet,
    deny: Vec<Name<'a>>,
    only_packages: Option<Vec<Name<'a>>>,
}

/// A package as a rule names it, with the path that a use of it lies within, as each language writes it that may be meant.
struct Name<'a> {
    package: &'a Package,
    paths: Vec<String>,
}

/// Imports that a name of `deny` covers, and the names they cover by importer: an access through one is no second use.
#[derive(Default)]
struct Denied {
    rows: FxHashSet<RowId>,
    names: FxHashSet<(ModuleId, usize)>,
}

impl<'a> Name<'a> {
    fn new(package: &'a Package) -> Self {
        Self { package, paths: package.paths() }
    }

    fn holds(&self, path: &str) -> bool {
        self.paths.iter().any(|own| is_within(path, own))
    }

    /// Whether an import takes what is named.
    fn covers(&self, context: &Context, row: &Row) -> bool {
        let target = row.target.as_str();
        if self.package.name == "*" {
            return !is_standard(context, row);
        }
        if self.package.exact && self.package.attribute.is_none() {
            let name = self.package.name.as_str();
            let named = context.graph.import(row).name.is_some();
            return target == name || named && context.module_part(row) == name;
        }
        self.holds(target)
    }

    /// Whether a wildcard import may take the attribute that is named.
    fn may_be_in(&self, import: &Import) -> bool {
        self.package.attribute.is_some()
            && import.name.as_deref() == Some("*")
            && import.module == self.package.name
    }
}

/// Whether a row comes to what the importer's language brings along.
fn is_standard(context: &Context, row: &Row) -> bool {
    match context.graph.module(row.importer).language {
        Language::Rust => SYSROOT.contains(&first(&row.target)),
        _ => is_stdlib(first(&row.target)),
    }
}

impl Judge<'_> {
    fn imports(&self, out: &mut Judgements) -> Denied {
        let context = self.context;
        let mut denied = Denied::default();
        for id in context.graph.row_ids() {
            let row = context.graph.row(id);
            if row.outcome != Outcome::External
                || !self.from.contains(row.importer)
                || !context.judges(self.rule.meta, row)
            {
                continue;
            }
            let import = context.graph.import(row);
            if let Some(at) = self.deny.iter().position(|name| name.covers(context, row)) {
                denied.rows.insert(id);
                denied.names.insert((row.importer, at));
                self.denied(id, row, out);
            } else if let Some(name) = self.deny.iter().find(|name| name.may_be_in(import)) {
                self.undecided(id, row, name, out);
            } else if let Some(packages) = self.only_packages.as_ref().filter(|_| !is_standard(context, row))
            {
                let named = packages.iter().any(|name| name.covers(context, row));
                if named || self.only.contains(row.importer) {
                    out.compliant(context, id);
                } else {
                    self.unlisted(id, row, out);
                }
            }
        }
        denied
    }

    fn denied(&self, id: RowId, row: &Row, out: &mut Judgements) {
        if self.only.contains(row.importer) {
            out.compliant(self.context, id);
            return;
        }
        let message = self.message(row.importer, "imports", &row.target);
        out.raise(self.context.raised(self.rule, id, message, Some(self.help(row.importer))));
    }

    fn unlisted(&self, id: RowId, row: &Row, out: &mut Judgements) {
        let importer = &self.context.graph.module(row.importer).name;
        let packages = self.external.only_packages.iter().flatten();
        let listed: Vec<&str> = packages.map(|package| package.item.text.as_str()).collect();
        let package = first(&row.target);
        let message =
            format!("`{importer}` imports `{}`, and `{package}` is not in `only-packages`", row.target);
        let help = match listed.as_slice() {
            [] => format!("take the import out of `{importer}`, which may import the standard library alone"),
            listed => format!("use {} instead, or the standard library", alternatives(listed)),
        };
        let help = self.rule.meta.help.clone().unwrap_or(help);
        out.raise(self.context.raised(self.rule, id, message, Some(help)));
    }

    /// What a package from outside puts into `*` is not known.
    fn undecided(&self, id: RowId, row: &Row, name: &Name, out: &mut Judgements) {
        if self.only.contains(row.importer) {
            out.compliant(self.context, id);
            return;
        }
        out.verdicts.push((Use::Row(id), Verdict::Unknown));
        out.undecided.push(Undecided {
            file: row.file,
            line: self.context.graph.import(row).line,
            target: row.target.to_string(),
            why: format!("whether `*` takes in `{}` is not known", self.path(row.importer, name)),
        });
    }

    fn accesses(&self, denied: &Denied, out: &mut Judgements) {
        let context = self.context;
        for (at, facts) in context.graph.facts.iter().enumerate() {
            let file = FileId(at as u32);
            let module = context.graph.module_of_file[at];
            if facts.accesses.is_empty()
                || !self.from.contains(module)
                || !context.speaks_of(self.rule.meta, module)
            {
                continue;
            }
            for access in &facts.accesses {
                let kind = ImportKind { when: access.when, also: Also::ACCESS };
                if !self.rule.meta.except_kinds.iter().any(|name| kind.holds(name)) {
                    let place = UsePlace { module, file, span: access.span, line: access.line, kind };
                    self.access(place, access, denied, out);
                }
            }
        }
    }

    fn access(&self, place: UsePlace, access: &Access, denied: &Denied, out: &mut Judgements) {
        let context = self.context;
        let UsePlace { module, file, .. } = place;
        if denied.rows.contains(&context.graph.row_of(file, access.import)) {
            return;
        }
        let Some(path) = context.external_access(file, access) else { return };
        let name = self.deny.iter().enumerate().find(|(at, name)| {
            let package = name.package;
            let known =
                package.attribute.is_none() && (package.exact || denied.names.contains(&(module, *at)));
            !known && name.holds(&path)
        });
        let Some((_, name)) = name else { return };
        let path = self.path(module, name);
        let on = Use::Named(module, path.clone());
        if self.only.contains(module) {
            out.verdicts.push((on, context.best_verdict(file)));
            return;
        }
        let message = self.message(module, "uses", &path);
        let mut raised = context.raised_use(self.rule, place, path, message);
        raised.violation.help = Some(self.help(module));
        raised.on = Some(on);
        out.raise(raised);
    }

    /// What a name stands for in the importer's language.
    fn path(&self, importer: ModuleId, name: &Name) -> String {
        name.package.path(self.context.graph.module(importer).language)
    }

    fn message(&self, importer: ModuleId, verb: &str, target: &str) -> String {
        let importer = &self.context.graph.module(importer).name;
        if self.external.only.is_empty() {
            return format!("`{importer}` {verb} `{target}`, which `{}` denies", self.rule.id);
        }
        let may = one_of(&self.external.only);
        format!("`{importer}` {verb} `{target}`, which only {may} may use")
    }

    fn help(&self, importer: ModuleId) -> String {
        if let Some(help) = &self.rule.meta.help {
            return help.clone();
        }
        let importer = &self.context.graph.module(importer).name;
        if self.external.only.is_empty() {
            return format!("take it out of `{importer}`");
        }
        format!("ask for what it does through {}", one_of(&self.external.only))
    }
}
