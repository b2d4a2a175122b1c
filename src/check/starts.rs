//! Every module started for itself: what the first screen says where no registry asks.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::entries::{Guess, Proposal, guess_entries};
use crate::graph::model::{Graph, ModuleId};
use crate::graph::paths::ModuleSet;
use crate::registry::pattern::Pattern;
use crate::report::starts::{StartCause, StartCount, StartEntry, Starts};
use crate::rules::context::{Context, PRODUCTION};
use crate::source::{Language, Span};
use crate::startup::{self, Failure, Kind, Machine, Survey, Verdict, World};

/// Starts the modules of packages, and those of scope test.
pub(super) fn starts(context: &Context) -> Starts {
    let graph = context.graph;
    let (mut service, mut test) = (Vec::new(), Vec::new());
    let starts = |id: &ModuleId| graph.module(*id).language == Language::Python && !graph.module(*id).opaque;
    for id in graph.module_ids().filter(starts) {
        match context.scope(id) {
            PRODUCTION if in_package(context, id) => service.push(id),
            "test" => test.push(id),
            _ => {}
        }
    }
    let world = context.world();
    let (of_service, of_test) = rayon::join(
        || startup::survey(world, &service, |_| false),
        || startup::survey(world, &test, |_| true),
    );
    let mut causes: BTreeMap<(Kind, &str), (StartCause, Vec<ModuleId>)> = BTreeMap::new();
    let entries = context.ask_entries(guess_entries).into_iter().map(|guess| entry(context, guess)).collect();
    let starts = Starts {
        service: count(context, &service, &of_service, &mut causes, |cause| &mut cause.service),
        test: count(context, &test, &of_test, &mut causes, |cause| &mut cause.test),
        entries,
        causes: Vec::new(),
    };
    // A file that does not parse and stops nothing but itself is told with the others of its kind.
    let mut causes: Vec<StartCause> = causes
        .into_iter()
        .filter(|((kind, _), (_, stopped))| *kind != Kind::Unparsed || stopped.len() > 1)
        .map(|(_, (cause, _))| cause)
        .collect();
    causes.sort_by_key(|cause| (Reverse(cause.service), Reverse(cause.test)));
    Starts { causes, ..starts }
}

/// What keeps a module from being imported.
pub struct Stopped {
    /// In words.
    pub why: String,
    /// The files on the way to what fails, outermost first.
    pub way: Vec<String>,
}

/// The Python modules that cannot be imported, each in a process of its own. `is_test` says of a module whether it runs
/// as a test does.
pub(super) fn stopped(world: &World, graph: &Graph, is_test: impl Fn(ModuleId) -> bool) -> Vec<ModuleId> {
    let python = |id: &ModuleId| graph.module(*id).language == Language::Python && !graph.module(*id).opaque;
    let (test, other): (Vec<ModuleId>, Vec<ModuleId>) =
        graph.module_ids().filter(python).partition(|id| is_test(*id));
    let (of_test, of_other) =
        rayon::join(|| startup::survey(world, &test, |_| true), || startup::survey(world, &other, |_| false));
    let surveys = [(test, of_test), (other, of_other)].into_iter();
    let verdicts = surveys.flat_map(|(entries, survey)| entries.into_iter().zip(survey.verdicts));
    verdicts.filter(|(_, verdict)| matches!(verdict, Verdict::Fails(_))).map(|(id, _)| id).collect()
}

/// What keeps one module from being imported.
pub(super) fn why_stopped(world: &World, graph: &Graph, module: ModuleId, as_test: bool) -> Option<Stopped> {
    let entry = startup::Entry { module, symbol: None, calls: &[], as_test };
    let failure = Machine::new(world).start(&entry).failure?;
    let path = |id: ModuleId| graph.module(id).path.clone();
    let mut way: Vec<String> = failure.chain.iter().map(|hop| path(hop.importer)).collect();
    way.push(path(failure.module));
    // What binds a name no more is nearer to the failure than what asks for it.
    way.extend(failure.holder.filter(|_| failure.kind == Kind::MissingName).map(path));
    Some(Stopped { why: world.sentence(&failure), way })
}

/// Whether a module lies in a directory with `__init__`: what services are made of, scripts are not.
fn in_package(context: &Context, id: ModuleId) -> bool {
    let graph = context.graph;
    let place = graph.tree.place(graph.module(id).file);
    place.node.is_some() && graph.tree.node(place.directory).package
}

/// Starts what is probably started; where the whole tree does, then what its image holds.
fn entry(context: &Context, guess: Guess) -> StartEntry {
    let graph = context.graph;
    let Guess { module, source } = guess;
    let (name, symbol) = match module.split_once(':') {
        Some((name, symbol)) => (name, Some(symbol)),
        None => (module.as_str(), None),
    };
    let start = |world: &World, id: ModuleId| {
        let entry = startup::Entry { module: id, symbol, calls: &[], as_test: false };
        Machine::new(world).start(&entry).failure.map(|failure| world.sentence(&failure))
    };
    let failure = graph.importable(name).and_then(|id| {
        start(context.world(), id).or_else(|| {
            let mut images = context.images().iter();
            let image = images.find(|image| image.entry.contains(&module) && image.unclear.is_empty())?;
            let world = context.world().with_only(held(context, image)?);
            let failure = start(&world, id)?;
            Some(format!("{failure}, says {}:{}", image.path, image.line))
        })
    });
    StartEntry { module, source, failure }
}

/// The modules that an image holds; None where that is everything.
fn held(context: &Context, image: &Proposal) -> Option<ModuleSet> {
    let patterns = |texts: &[String]| -> Vec<Pattern> {
        texts.iter().filter_map(|text| Pattern::parse(text, Span::default(), 0).ok()).collect()
    };
    if image.ships.is_empty() && image.absent.is_empty() {
        return None;
    }
    Some(context.modules_but(&patterns(&image.ships), &patterns(&image.absent)))
}

fn count<'s>(
    context: &Context,
    entries: &[ModuleId],
    survey: &'s Survey,
    causes: &mut BTreeMap<(Kind, &'s str), (StartCause, Vec<ModuleId>)>,
    share: fn(&mut StartCause) -> &mut u32,
) -> StartCount {
    let mut count = StartCount { modules: entries.len() as u32, ..StartCount::default() };
    let mut others = vec![false; survey.causes.len()];
    for (id, verdict) in entries.iter().zip(&survey.verdicts) {
        let at = match verdict {
            Verdict::Starts => continue,
            Verdict::Unknown(_) => {
                count.unknown += 1;
                continue;
            }
            Verdict::Fails(at) => *at as usize,
        };
        let failure = &survey.causes[at];
        count.fail += 1;
        if failure.kind == Kind::Unparsed && failure.module == *id {
            count.unparsed += 1;
        } else {
            others[at] = true;
        }
        let (cause, stopped) =
            causes.entry(failure.cause()).or_insert_with(|| (cause(context, failure), Vec::new()));
        *share(cause) += 1;
        stopped.push(*id);
    }
    count.causes = others.iter().filter(|other| **other).count() as u32;
    count
}

fn cause(context: &Context, failure: &Failure) -> StartCause {
    StartCause {
        message: context.world().sentence(failure),
        path: context.graph.module(failure.module).path.clone(),
        line: failure.line,
        service: 0,
        test: 0,
    }
}
