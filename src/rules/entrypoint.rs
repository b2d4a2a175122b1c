//! `[[entrypoint]]`: what must start without an ImportError. How a start runs is [`crate::startup`]'s business.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::context::{Context, Judgements, Raised, RuleRef, Undecided, Use};
use super::suggest::Known;
use super::{Check, Rule};
use crate::graph::model::{ModuleId, Outcome};
use crate::module_path;
use crate::registry::{Entry, EntryKind, Entrypoint};
use crate::source::Span;
use crate::startup::{self, Failure, Kind, Machine, Start, Verdict, World};
use crate::violation;

/// The rule.
pub static RULE: Rule = Rule {
    id: "entrypoint",
    docs: include_str!("../../rules/docs/entrypoint.md"),
    check: Check::Entry(judge),
};

/// What a start is called among the uses: it has no import of its own.
pub const START: &str = "<start>";

fn judge(context: &Context, entry: &Entry, out: &mut Judgements) {
    let EntryKind::Entrypoint(point) = &entry.kind else { return };
    let narrowed = narrowed(context, point);
    let rule = Judge {
        context,
        entry,
        point,
        world: narrowed.as_ref().unwrap_or_else(|| context.world()),
        rule: RuleRef::entry(entry),
        known: OnceCell::new(),
    };
    match &point.module {
        Some(module) => {
            if let Some(id) = context.graph.importable(&module.module) {
                rule.one(id, out);
            }
        }
        None => rule.many(out),
    }
}

/// The project without what does not ship; None where everything does.
fn narrowed<'a>(context: &Context<'a>, point: &Entrypoint) -> Option<World<'a>> {
    if point.ships.is_empty() && point.absent.is_empty() {
        return None;
    }
    let present = context.modules_but(&point.ships, &point.absent);
    Some(context.world().with_only(present))
}

/// What becomes of starting the one module of an entry; None where it names many, or what no import can name.
pub fn start(context: &Context, point: &Entrypoint) -> Option<Start> {
    let id = context.graph.importable(&point.module.as_ref()?.module)?;
    let narrowed = narrowed(context, point);
    Some(start_one(context, narrowed.as_ref().unwrap_or_else(|| context.world()), point, id))
}

fn start_one(context: &Context, world: &World, point: &Entrypoint, id: ModuleId) -> Start {
    let calls: Vec<(ModuleId, &str)> = point
        .calls
        .iter()
        .filter_map(|path| Some((context.graph.importable(&path.module)?, path.symbol.as_deref()?)))
        .collect();
    let symbol = point.module.as_ref().and_then(|path| path.symbol.as_deref());
    let as_test = context.scope(id) == "test";
    Machine::new(world).start(&startup::Entry { module: id, symbol, calls: &calls, as_test })
}

struct Judge<'c, 'a> {
    context: &'c Context<'a>,
    entry: &'c Entry,
    point: &'c Entrypoint,
    world: &'c World<'a>,
    rule: RuleRef<'c>,
    /// Where names are defined, filled when the first missing one asks.
    known: OnceCell<Known<'a>>,
}

impl Judge<'_, '_> {
    /// One entry, its functions and its name.
    fn one(&self, id: ModuleId, out: &mut Judgements) {
        let graph = self.context.graph;
        let start = start_one(self.context, self.world, self.point, id);
        let name = &graph.module(id).name;
        match &start.failure {
            Some(failure) => {
                let followed = followed(&start);
                let message = format!("`{name}` does not start: {}{followed}", self.world.sentence(failure));
                let mut raised = self.raise(failure, message);
                raised.on = Some(Use::Named(id, START.to_owned()));
                raised.violation.stops = vec![name.clone()];
                out.raise(raised);
            }
            None => self.starts(id, start.undecided.first().map(Rc::as_ref), out),
        }
    }

    /// Many entries, told by cause.
    fn many(&self, out: &mut Judgements) {
        let context = self.context;
        let chosen = context.modules_of(&self.point.modules);
        let entries: Vec<ModuleId> = chosen
            .iter()
            .filter(|id| context.speaks_of(self.rule.meta, *id) && self.world.is_present(*id))
            // What no import can name is not started either.
            .filter(|id| context.graph.module(*id).node.is_some())
            .collect();
        let survey = startup::survey(self.world, &entries, |id| self.is_test(id));
        let mut stopped: BTreeMap<u32, Vec<ModuleId>> = BTreeMap::new();
        for (id, verdict) in entries.iter().zip(&survey.verdicts) {
            match verdict {
                Verdict::Starts => self.starts(*id, None, out),
                Verdict::Unknown(cause) => self.starts(*id, Some(&survey.causes[*cause as usize]), out),
                Verdict::Fails(cause) => stopped.entry(*cause).or_default().push(*id),
            }
        }
        for (cause, ids) in &stopped {
            // The way there is that of the first.
            let as_test = self.is_test(ids[0]);
            let start = Machine::new(self.world).start(&startup::Entry {
                module: ids[0],
                symbol: None,
                calls: &[],
                as_test,
            });
            let failure = start.failure.as_ref().unwrap_or(&survey.causes[*cause as usize]);
            let sentence = self.world.sentence(failure);
            let message = match ids.len() {
                1 => format!("{sentence}: stops `{}`", context.graph.module(ids[0]).name),
                n => format!("{sentence}: stops {n} of {} modules", entries.len()),
            };
            let mut raised = self.raise(failure, message);
            let mut uses = ids.iter().map(|id| Use::Named(*id, START.to_owned()));
            raised.on = uses.next();
            raised.also_on = uses.collect();
            raised.violation.stops = ids.iter().map(|id| context.graph.module(*id).name.clone()).collect();
            out.raise(raised);
        }
    }

    fn is_test(&self, id: ModuleId) -> bool {
        self.context.scope(id) == "test"
    }

    /// An entry of which no failure is certain.
    fn starts(&self, id: ModuleId, undecided: Option<&Failure>, out: &mut Judgements) {
        let on = Use::Named(id, START.to_owned());
        let Some(failure) = undecided else {
            out.verdicts.push((on, violation::Verdict::Compliant));
            return;
        };
        let at = self.context.graph.module(failure.module);
        out.verdicts.push((on, violation::Verdict::Unknown));
        out.undecided.push(Undecided {
            file: self.context.graph.module(id).file,
            line: 1,
            target: self.context.graph.module(id).name.clone(),
            why: match failure.kind {
                Kind::TooMuch => {
                    format!("{}: {}:{} and on", self.world.sentence(failure), at.path, failure.line)
                }
                _ => format!(
                    "may not start: {} ({}:{}), below a condition or a guard that may not catch it",
                    self.world.sentence(failure),
                    at.path,
                    failure.line
                ),
            },
        });
    }

    /// The finding at the statement that fails.
    fn raise(&self, failure: &Failure, message: String) -> Raised {
        let (context, graph) = (self.context, self.context.graph);
        let help = self.help(failure);
        let mut raised = match failure.row {
            Some(row) => context.raised(self.rule, row, message, Some(help)),
            None => {
                let file = graph.module(failure.module).file;
                let span = graph.facts[file.index()]
                    .problems
                    .first()
                    .map_or(Span::new(failure.offset, failure.offset), |problem| problem.span);
                let mut raised =
                    context.raised_at(self.rule, failure.module, file, span, failure.line, message);
                raised.violation.help = Some(help);
                raised.violation.written.clone_from(&failure.path);
                raised
            }
        };
        raised.violation.cause.clone_from(&failure.path);
        raised.violation.chain = failure
            .chain
            .iter()
            .map(|hop| violation::Hop {
                importer: graph.module(hop.importer).name.clone(),
                imported: self.world.leads_to(hop),
                path: graph.module(hop.importer).path.clone(),
                line: hop.line,
            })
            .collect();
        raised
    }

    /// What to write instead.
    fn help(&self, failure: &Failure) -> String {
        let graph = self.context.graph;
        if let Some(help) = &self.entry.meta.help {
            return help.clone();
        }
        let path = &failure.path;
        match failure.kind {
            Kind::MissingModule | Kind::MissingName => {
                let missing = failure.row.map(|row| graph.row(row));
                match missing.map(|row| (row, &row.outcome)) {
                    Some((row, Outcome::Missing(missing))) => {
                        let known = self.known.get_or_init(|| {
                            let mut known = Known::default();
                            known.fill(self.context);
                            known
                        });
                        known.instead_of(self.context, row, missing)
                    }
                    missing => {
                        let (holder, name) = (module_path::parent(path), module_path::last(path));
                        let holder = holder.unwrap_or_default();
                        match missing {
                            Some(_) => {
                                format!("bind `{name}` in `{holder}` in any case, or take the import out")
                            }
                            None => format!("bind `{name}` in `{holder}`, or correct `module`"),
                        }
                    }
                }
            }
            Kind::NotShipped => self.ship(path),
            Kind::NotYet | Kind::AttributeNotYet => self.move_below(failure),
            Kind::UnboundInAll => format!("take the name out of `__all__`, or bind `{path}`"),
            Kind::Unparsed => "mend the file: nothing that imports it starts".to_owned(),
            Kind::BeyondRoot => "write the import with the whole path".to_owned(),
            Kind::TooMuch => "start less at once".to_owned(),
            Kind::Raises => "take the `raise` out, or do not import the module at the start".to_owned(),
        }
    }

    /// What the image would have to hold, and what it does hold where a Dockerfile tells.
    fn ship(&self, path: &str) -> String {
        let started = self.point.module.as_ref().map_or("", |module| module.module.as_str());
        let starts = |entry: &String| entry.split(':').next() == Some(started);
        let image = self.context.images().iter().find(|image| image.entry.iter().any(starts));
        let copies = image.filter(|image| image.unclear.is_empty() && !image.ships.is_empty()).map(|image| {
            let (ships, absent) = (image.ships.join("`, `"), image.absent.join("`, `"));
            let without = if absent.is_empty() { String::new() } else { format!(" without `{absent}`") };
            format!("; {}:{} copies `{ships}`{without}", image.path, image.line)
        });
        let module = self.context.graph.importable(path);
        let ships = self.context.modules_but(&self.point.ships, &[]);
        let instead = if module.is_some_and(|module| ships.contains(module)) {
            format!("let the image hold `{path}` and take it out of `absent`")
        } else {
            format!("copy `{path}` into the image and name it in `ships`")
        };
        let copies = copies.unwrap_or_default();
        format!("{instead}, or take the import out of what runs at the start{copies}")
    }

    /// What breaks a cycle that kills: which statement would have to move.
    fn move_below(&self, failure: &Failure) -> String {
        let graph = self.context.graph;
        let holder = failure.holder.map(|holder| graph.module(holder));
        let (Some(holder), Some(now)) = (holder, failure.stands_at) else {
            return "import it inside the function that needs it".to_owned();
        };
        let at = format!("{}:{}", graph.module(failure.module).path, failure.line);
        let later = match failure.row {
            Some(_) => format!("move the import at {at} into the function that needs it"),
            None => format!("use the name at {at} only in a function that is called later"),
        };
        match failure.bound_at {
            Some(line) => format!(
                "move line {now} of `{}` below line {line}, where the name is bound; or {later}",
                holder.path
            ),
            None => later,
        }
    }
}

/// How much of a start was followed, in brackets; empty where nothing was.
fn followed(start: &Start) -> String {
    let counted = |n: usize, noun: &str| format!("{n} {noun}{}", if n == 1 { "" } else { "s" });
    let done: Vec<String> = [(start.loaded.len(), "module"), (start.functions as usize, "function")]
        .into_iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, noun)| counted(n, noun))
        .collect();
    let done = (!done.is_empty()).then(|| format!("{} followed up to there", done.join(" and ")));
    let calls = counted(start.not_followed as usize, "call");
    let not_done = (start.not_followed > 0).then(|| format!("{calls} could not be followed"));
    let said: Vec<String> = done.into_iter().chain(not_done).collect();
    if said.is_empty() { String::new() } else { format!(" ({})", said.join("; ")) }
}
