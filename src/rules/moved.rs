//! `[moved]`: an old path is used, whether or not it still exists. Imports, accesses and strings.

use rustc_hash::{FxHashMap, FxHashSet};

use super::context::{Context, Judgements, Raised, RuleRef, UsePlace};
use super::suggest::{self, Taken, import_of};
use super::{Check, Rule};
use crate::facts::{Also, ImportKind, When};
use crate::graph::model::ModuleId;
use crate::module_path::{below, is_within, join_as, parent, prefixes};
use crate::registry::{Entry, EntryKind, Moved};
use crate::source::Language;
use crate::violation::{Status, Verdict};

/// The rule.
pub static RULE: Rule =
    Rule { id: "moved", docs: include_str!("../../rules/docs/moved.md"), check: Check::Entry(judge) };

fn judge(context: &Context, entry: &Entry, out: &mut Judgements) {
    let EntryKind::Moved(lines) = &entry.kind else { return };
    let judge = Judge {
        context,
        rule: RuleRef::entry(entry),
        old: lines
            .iter()
            .flat_map(|line| line.from.paths().into_iter().map(move |old| (old, line)))
            .collect(),
        new: lines.iter().flat_map(|line| line.to.paths()).collect(),
        of_symbols: lines.iter().any(|line| line.from.symbol.is_some() || line.to.symbol.is_some()),
    };
    judge.imports(out);
    judge.strings_and_accesses(out);
}

struct Judge<'a> {
    context: &'a Context<'a>,
    rule: RuleRef<'a>,
    /// The lines by their old path.
    old: FxHashMap<String, &'a Moved>,
    new: FxHashSet<String>,
    /// Whether any line speaks of a symbol; else no access can say more than its import.
    of_symbols: bool,
}

impl Judge<'_> {
    fn imports(&self, out: &mut Judgements) {
        let context = self.context;
        for id in context.graph.row_ids() {
            let row = context.graph.row(id);
            if !context.judges(self.rule.meta, row) {
                continue;
            }
            match self.line_of(row.importer, &row.target) {
                Some(line) => {
                    let language = context.graph.module(row.importer).language;
                    let import = context.graph.import(row);
                    let name = import.name.as_deref();
                    let new = renamed(line, &row.target, language);
                    let statement = context.is_statement(row);
                    let help = if statement {
                        // The file goes on calling it by the name it has here.
                        let here = import.alias.as_deref().or(import.name.as_deref());
                        let named = name.is_some() && parent(&new).is_some();
                        let taken = Taken { path: &new, named, here, also: import.kind.also };
                        format!("write `{}`", import_of(context, row.importer, taken))
                    } else {
                        format!("write `{new}`")
                    };
                    let message = message(line, &row.target, language);
                    let mut raised =
                        context.raised(self.rule.at(line.from.item.line), id, message, Some(help));
                    let named = statement && name.is_some();
                    raised.violation.instead = suggest::instead(context, &new, named, true);
                    self.excuse(line, &mut raised);
                    out.raise(raised);
                }
                None if self.is_new(&row.target) => out.compliant(context, id),
                None => {}
            }
        }
    }

    fn strings_and_accesses(&self, out: &mut Judgements) {
        let context = self.context;
        let except = |kind: ImportKind| self.rule.meta.except_kinds.iter().any(|name| kind.holds(name));
        for (at, facts) in context.graph.facts.iter().enumerate() {
            let file = crate::source::FileId(at as u32);
            let module = context.graph.module_of_file[at];
            if !context.speaks_of(self.rule.meta, module) {
                continue;
            }
            for string in &facts.strings {
                let kind = ImportKind { when: When::Deferred, also: Also::STRING };
                let place = UsePlace { module, file, span: string.span, line: string.line, kind };
                if !except(kind) {
                    self.use_of(place, string.path.as_str(), out);
                }
            }
        }
        for step in context.index().steps.iter().filter(|_| self.of_symbols) {
            let access = &context.graph.facts[step.file.index()].accesses[step.access as usize];
            let module = context.graph.module_of_file[step.file.index()];
            let kind = ImportKind { when: access.when, also: Also::ACCESS };
            if context.speaks_of(self.rule.meta, module) && !except(kind) {
                let place = UsePlace { module, file: step.file, span: access.span, line: access.line, kind };
                self.access(place, &context.symbol_path(step.module, &step.name), out);
            }
        }
    }

    fn use_of(&self, place: UsePlace, target: &str, out: &mut Judgements) {
        if let Some(line) = self.line_of(place.module, target) {
            let language = self.context.graph.module(place.module).language;
            let new = renamed(line, target, language);
            let rule = self.rule.at(line.from.item.line);
            let message = message(line, target, language);
            let mut raised = self.context.raised_use(rule, place, target.to_owned(), message);
            raised.violation.help = Some(format!("write `{new}`"));
            // What an access says follows from the import that it goes through.
            if place.kind.also.contains(Also::STRING) {
                raised.violation.instead = suggest::instead(self.context, &new, false, true);
            }
            self.excuse(line, &mut raised);
            out.raise(raised);
        } else if self.is_new(target) {
            out.compliant_use(self.context, place.module, target.to_owned());
        }
    }

    /// The import of an old module is judged itself; an access adds only what it names.
    fn access(&self, place: UsePlace, target: &str, out: &mut Judgements) {
        let symbol_line = self.line_of(place.module, target).is_some_and(|line| line.from.symbol.is_some());
        if symbol_line || self.is_new(target) {
            self.use_of(place, target, out);
        }
    }

    /// The line whose old path a target uses; the longest of several. What lies in the old subtree may use itself.
    fn line_of(&self, importer: ModuleId, target: &str) -> Option<&Moved> {
        let importer = &self.context.graph.module(importer).name;
        prefixes(target)
            .rev()
            .filter_map(|prefix| self.old.get(prefix).copied())
            .find(|line| line.from.symbol.is_some() || !is_within(importer, &line.from.module))
    }

    fn is_new(&self, target: &str) -> bool {
        prefixes(target).any(|prefix| self.new.contains(prefix))
    }

    fn excuse(&self, line: &Moved, raised: &mut Raised) {
        if let Some(reason) = &line.reason {
            raised.violation.reason = Some(reason.clone());
        }
        if let Some(until) = line.until.filter(|until| self.context.in_force(Some(*until))) {
            raised.violation.status = Status::Waived;
            raised.violation.waived_by = format!("`until = {until}` at line {}", line.from.item.line);
            raised.verdict = Verdict::Waived;
        }
    }
}

/// The new path of a target that uses the line's old one.
fn renamed(line: &Moved, target: &str, language: Language) -> String {
    let new = line.to.path(language);
    match below(target, &line.from.path(language)) {
        Some(rest) => join_as(language.separator(), &new, rest),
        None => new,
    }
}

fn message(line: &Moved, target: &str, language: Language) -> String {
    let (old, new) = (line.from.path(language), line.to.path(language));
    if old == target {
        format!("`{old}` has moved to `{new}`")
    } else {
        format!("`{target}` uses `{old}`, which has moved to `{new}`")
    }
}
