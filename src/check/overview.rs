//! The pages of `importlaw report`: what was judged, put the way people ask for it.
//!
//! Nothing is judged here: every number is the report's, or a count of what the graph holds.

mod dates;
mod migrations;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use super::since::Before;
use super::{Analysis, NothingChecked, Options, analyse, change, closing, in_context, picture, since, whole};
use crate::baseline::Baseline;
use crate::discover::Sources;
use crate::facts::Bound;
use crate::graph::model::Graph;
use crate::languages::python::decode::decode;
use crate::languages::python::shell::{Shell, shell};
use crate::module_path;
use crate::registry::{Entry, EntryKind, Registry};
use crate::report::closing::Closing;
use crate::report::difference::{Change, GovernedUse, State};
use crate::report::overview::{
    Cause, Counted, EntryPoint, NotSeen, Overview, Row, RuleRow, SOON, Shells, Since, Standing, Waivers,
    badness, worst_first,
};
use crate::report::{Finding, Report, Tally};
use crate::rules::context::Context;
use crate::rules::{entrypoint, stale_baseline};
use crate::source::{FileKind, Language, RelPath};
use crate::violation::{Severity, Status, Verdict};
pub use dates::Dates;

/// What the pages are asked for.
pub struct Asked<'a> {
    /// The head's registry.
    pub registry: &'a Registry,
    /// The head.
    pub sources: &'a Sources,
    /// What it is compared with.
    pub base: Option<Base<'a>>,
    /// The day, and what is recorded.
    pub options: &'a Options,
    /// Whose a file is, where CODEOWNERS says it.
    pub owner_of: &'a (dyn Fn(&str) -> Option<String> + Sync),
    /// Earlier states of what excuses until a day, the oldest first; in words what they are.
    pub history: Option<(Vec<Dates>, String)>,
    /// The rules to be closed; empty = none.
    pub closing: &'a [String],
}

/// An earlier state.
#[derive(Clone, Copy)]
pub struct Base<'a> {
    /// Its files, as the head's registry lists them.
    pub sources: &'a Sources,
    /// Its own registry.
    pub own: change::Own<'a>,
}

/// All that `report` shows.
pub struct Pages {
    /// What was found.
    pub report: Report,
    /// The manager's page.
    pub overview: Overview,
    /// The page that closes an incident, where one was asked for.
    pub closing: Option<Closing>,
}

/// Makes the pages. To be called on threads with at least [`STACK`](super::STACK) bytes of stack.
pub fn pages(asked: &Asked) -> Result<Pages, NothingChecked> {
    let options = Options {
        uses: true,
        baseline: asked.options.baseline.clone(),
        ..Options::as_of(asked.options.as_of)
    };
    let options = Options { as_of_given: asked.options.as_of_given, ..options };
    let analysis = analyse(asked.registry, asked.sources)?;
    let earlier = asked
        .base
        .map(|base| change::before(asked.registry, asked.sources, &analysis, base.sources, &options));
    in_context(asked.registry, asked.sources, &analysis, &options, |context| {
        let (mut report, _) = whole(context, asked.sources, &analysis, &options)?;
        let page = Page { asked, context, analysis: &analysis, report: &report, options: &options };
        let (overview, before) = page.overview(earlier);
        let closing = (!asked.closing.is_empty()).then(|| {
            closing::closing(
                context,
                asked.sources,
                &analysis,
                &report,
                before.as_ref(),
                &overview,
                asked.closing,
            )
        });
        report.graph = asked.options.graph.then(|| picture::graph(context, &report.findings));
        Ok(Pages { report, overview, closing })
    })
}

struct Page<'p, 'a> {
    asked: &'p Asked<'a>,
    context: &'p Context<'p>,
    analysis: &'p Analysis,
    report: &'p Report,
    options: &'p Options,
}

/// The earlier state as the tables show it.
#[derive(Default)]
struct Earlier {
    by_owner: BTreeMap<String, Tally>,
    shells: Shells,
    introduced: BTreeMap<String, u32>,
    fixed: BTreeMap<String, u32>,
    dates: Option<Dates>,
}

impl Page<'_, '_> {
    fn overview(&self, earlier: Option<(Before, Option<Report>)>) -> (Overview, Option<Report>) {
        let Self { context, report, .. } = *self;
        let summary = &report.summary;
        let mut before: Option<Report> = None;
        let mut since = None;
        let mut known = Earlier::default();
        let compares = earlier.is_some();
        if let Some((state, judged)) = earlier {
            before = if matches!(state, Before::Same) { Some(report.clone()) } else { judged };
            (since, known) = self.since(state, before.as_ref());
        }
        let entrypoints = self.entrypoints();
        let calls_not_followed = entrypoints.iter().filter_map(|entry| entry.not_followed).sum();
        let of = |pick: fn(&Report) -> &BTreeMap<String, Tally>| {
            rows(pick(report), before.as_ref().map(pick).filter(|_| compares))
        };
        let by_owner = self.by_owner(&report.uses, &report.findings);
        let overview = Overview {
            name: context.registry.name.clone(),
            project: report.project.clone(),
            head: State::default(),
            uncommitted: false,
            files: summary.files,
            modules: summary.modules,
            compliance: summary.tally,
            file_compliance: summary.file_compliance,
            coverage: summary.coverage,
            rules: summary.rules,
            trend: None,
            entrypoints,
            waivers: self.waivers(known.dates),
            causes: causes(report),
            by_owner: rows(&by_owner, compares.then_some(&known.by_owner)),
            by_scope: of(|report| &report.summary.by_scope),
            by_package: of(|report| &report.summary.by_package),
            by_rule: by_rule(report, before.as_ref(), &known.introduced, &known.fixed),
            shells: shells(self.asked.sources, &self.analysis.graph),
            shells_before: since.as_ref().map(|_: &Since| known.shells),
            not_seen: self.not_seen(calls_not_followed),
            notes: report.notes.clone(),
            since,
        };
        (overview, before)
    }

    /// The change, and the earlier state as the tables show it.
    fn since(&self, before: Before, judged: Option<&Report>) -> (Option<Since>, Earlier) {
        let Self { context, report, analysis, options, asked } = *self;
        let Some(base) = asked.base else { return (None, Earlier::default()) };
        let mut known = Earlier::default();
        let mut migrations = Vec::new();
        let (uses, tally) = judged
            .map_or((&[][..], Tally::default()), |judged| (judged.uses.as_slice(), judged.summary.tally));
        match &before {
            Before::Same => {
                known.by_owner = self.by_owner(&report.uses, &report.findings);
                known.shells = shells(asked.sources, &analysis.graph);
            }
            Before::Nothing => {}
            Before::Judged { findings, graph, sources } => {
                known.by_owner = self.by_owner(uses, findings);
                known.shells = shells(sources, graph);
                known.dates = Some(dates::inline(graph));
                migrations = migrations::migrations(context, graph);
            }
        }
        let mut changed = report.clone();
        since::compare(&mut changed, before, context, asked.sources, &analysis.files);
        let of_code = |finding: &&Finding| {
            finding.violation.kind != stale_baseline::RULE.id && finding.violation.status != Status::Waived
        };
        let (introduced, fixed): (Vec<&Finding>, Vec<&Finding>) = (
            changed.findings.iter().filter(of_code).collect(),
            changed.gone.iter().filter(of_code).collect(),
        );
        for (findings, by_rule) in [(&introduced, &mut known.introduced), (&fixed, &mut known.fixed)] {
            for finding in findings {
                *by_rule.entry(finding.violation.rule.clone()).or_default() += 1;
            }
        }
        let mut change = Change::of(uses, &report.uses);
        let scores;
        (scores, change.policy) = change::scores(base.own, tally, report.summary.tally, options);
        let since = Since {
            base: State::default(),
            scores,
            change,
            introduced: introduced.len() as u32,
            fixed: fixed.len() as u32,
            migrations,
        };
        (Some(since), known)
    }

    /// Uses by owner: of a use that breaks a rule whose entry names one, that; else whose file it is; else its top-level
    /// package.
    fn by_owner(&self, uses: &[GovernedUse], findings: &[Finding]) -> BTreeMap<String, Tally> {
        let entries = &self.context.registry.entries;
        let owners: FxHashMap<&str, &str> = entries
            .iter()
            .filter_map(|entry| Some((entry.id.as_str(), entry.meta.owner.as_deref()?)))
            .collect();
        let mut of_use: FxHashMap<(&str, &str), &str> = FxHashMap::default();
        for violation in findings.iter().map(|finding| &finding.violation) {
            if let Some(owner) = owners.get(violation.rule.as_str()) {
                of_use.entry((&violation.importer, violation.target())).or_insert(owner);
            }
        }
        let mut of_file: FxHashMap<&str, Option<String>> = FxHashMap::default();
        let mut verdicts: BTreeMap<String, Vec<Verdict>> = BTreeMap::new();
        for on in uses {
            let by_entry = of_use.get(&(on.importer.as_str(), on.target.as_str()));
            let owner = match by_entry.filter(|_| on.verdict != Verdict::Compliant) {
                Some(owner) => (*owner).to_owned(),
                None => {
                    let file = of_file.entry(&on.path).or_insert_with(|| (self.asked.owner_of)(&on.path));
                    file.clone().unwrap_or_else(|| module_path::top(&on.importer).to_owned())
                }
            };
            verdicts.entry(owner).or_default().push(on.verdict);
        }
        verdicts.into_iter().map(|(owner, verdicts)| (owner, Tally::of(verdicts))).collect()
    }

    fn entrypoints(&self) -> Vec<EntryPoint> {
        let report = self.report;
        let entries = self.context.registry.entries.iter();
        let mut points: Vec<EntryPoint> = entries.filter_map(|entry| self.entrypoint(entry)).collect();
        // Without a registry, what is probably started.
        points.extend(report.summary.starts.iter().flat_map(|starts| &starts.entries).map(|guess| {
            EntryPoint {
                id: guess.source.clone(),
                starts: guess.module.clone(),
                standing: if guess.failure.is_some() { Standing::DoesNotHold } else { Standing::Holds },
                of: 1,
                start: u32::from(guess.failure.is_none()),
                modules: None,
                functions: None,
                not_followed: None,
                failure: guess.failure.clone(),
            }
        }));
        points
    }

    fn entrypoint(&self, entry: &Entry) -> Option<EntryPoint> {
        let EntryKind::Entrypoint(point) = &entry.kind else { return None };
        let tally = self.report.summary.by_rule.get(&entry.id).map(|row| row.tally).unwrap_or_default();
        let start = entrypoint::start(self.context, point);
        let first = self.report.findings.iter().find(|finding| finding.violation.rule == entry.id);
        let patterns: Vec<&str> = point.modules.iter().map(|pattern| pattern.text.as_str()).collect();
        Some(EntryPoint {
            id: entry.id.clone(),
            starts: point.module.as_ref().map_or_else(|| patterns.join(", "), |path| path.item.text.clone()),
            standing: match tally {
                Tally { violation: 0, waived: 0, unknown: 0, governed: 1.., .. } => Standing::Holds,
                Tally { violation: 0, waived: 0, .. } => Standing::CannotSay,
                _ => Standing::DoesNotHold,
            },
            of: tally.governed,
            start: tally.compliant,
            modules: start.as_ref().map(|start| start.loaded.len() as u32),
            functions: start.as_ref().map(|start| start.functions),
            not_followed: start.as_ref().map(|start| start.not_followed),
            failure: first.map(|finding| finding.violation.message.clone()),
        })
    }

    fn waivers(&self, inline_before: Option<Dates>) -> Waivers {
        let (context, asked) = (self.context, self.asked);
        let baseline = context.around.baseline;
        let dated = dates::dated(context);
        let soon = dated.iter().filter(|dated| dated.days <= SOON).count() as u32;
        let mut states: Vec<&Dates> = asked.history.iter().flat_map(|(states, _)| states).collect();
        states.extend(&inline_before);
        let mut now = dates::of_registry(context.registry);
        now.extend(dates::inline(context.graph));
        now.extend(baseline.map(dates::of_baseline).unwrap_or_default());
        let mut compared_with: Vec<&str> = asked.history.iter().map(|(_, words)| words.as_str()).collect();
        if inline_before.is_some() {
            compared_with.push("inline waivers with the base");
        }
        Waivers {
            uses: self.report.summary.tally.waived,
            put_off: dates::put_off(&states, &now),
            compared_with: (!compared_with.is_empty()).then(|| compared_with.join(", ")),
            dated,
            soon,
        }
    }

    fn not_seen(&self, calls_not_followed: u32) -> NotSeen {
        let Self { context, report, .. } = *self;
        let summary = &report.summary;
        let computed = context.graph.facts.iter().map(|facts| facts.computed.len() as u32).sum();
        let directory = |path: &str| {
            let parent = path.rsplit_once('/').map_or("", |(parent, _)| parent);
            parent.splitn(3, '/').take(2).collect::<Vec<_>>().join("/") + "/"
        };
        NotSeen {
            unparsed_files: summary.unparsed_files,
            unparsed: most_first(report.unparsed.iter().map(|file| directory(&file.path))),
            excluded_files: summary.excluded_files,
            excluded_imports: summary.excluded_imports,
            not_read: summary.not_read.iter().map(|(language, n)| ((*language).to_owned(), *n)).collect(),
            computed_imports: computed,
            undecided: most_first(report.unknown.iter().map(|unknown| unknown.rule.clone())),
            calls_not_followed,
        }
    }
}

/// Earlier dates of the registry and of the baseline, as the history of their files has them.
pub fn dates_of_registry(registry: &Registry) -> Dates {
    dates::of_registry(registry)
}

/// The same of a baseline.
pub fn dates_of_baseline(baseline: &Baseline) -> Dates {
    dates::of_baseline(baseline)
}

fn most_first(names: impl Iterator<Item = String>) -> Vec<Counted> {
    let mut counts: BTreeMap<String, u32> = BTreeMap::new();
    for name in names {
        *counts.entry(name).or_default() += 1;
    }
    let mut counted: Vec<Counted> = counts.into_iter().map(|(name, count)| Counted { name, count }).collect();
    counted.sort_by_key(|counted| Reverse(counted.count));
    counted
}

/// A table; what only the earlier state has is in it too.
fn rows(now: &BTreeMap<String, Tally>, before: Option<&BTreeMap<String, Tally>>) -> Vec<Row> {
    let names: BTreeSet<&String> = now.keys().chain(before.iter().flat_map(|before| before.keys())).collect();
    let row = |name: &String| Row {
        name: name.clone(),
        tally: now.get(name).copied().unwrap_or_default(),
        before: before.map(|before| before.get(name).copied().unwrap_or_default()),
    };
    worst_first(names.into_iter().map(row).collect())
}

fn by_rule(
    report: &Report,
    before: Option<&Report>,
    introduced: &BTreeMap<String, u32>,
    fixed: &BTreeMap<String, u32>,
) -> Vec<RuleRow> {
    let count = |of: &BTreeMap<String, u32>, id: &str| of.get(id).copied().unwrap_or_default();
    let mut rows: Vec<RuleRow> = report
        .summary
        .by_rule
        .iter()
        .map(|(id, row)| RuleRow {
            id: id.clone(),
            kind: row.kind,
            severity: row.severity,
            tally: row.tally,
            findings: row.findings,
            known: row.known,
            before: before
                .map(|before| before.summary.by_rule.get(id).map(|row| row.tally).unwrap_or_default()),
            introduced: count(introduced, id),
            fixed: count(fixed, id),
        })
        .collect();
    let key = |row: &RuleRow| (row.severity, Reverse((row.findings + row.known, badness(&row.tally))));
    rows.sort_by_key(key);
    rows
}

/// Causes that are shown.
const CAUSES: usize = 5;

/// The causes whose repair turns most uses compliant: uses that nothing else speaks against.
fn causes(report: &Report) -> Vec<Cause> {
    type On<'a> = (&'a str, &'a str);
    let open = |on: &&GovernedUse| matches!(on.verdict, Verdict::Violation | Verdict::Waived);
    let uses: FxHashSet<On> =
        report.uses.iter().filter(open).map(|on| (on.importer.as_str(), on.target.as_str())).collect();
    let mut against: FxHashMap<On, BTreeSet<&str>> = FxHashMap::default();
    let mut of_cause: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in &report.findings {
        let violation = &finding.violation;
        if violation.severity != Severity::Error || violation.status == Status::Waived {
            continue;
        }
        let mut told = false;
        let started = violation.stops.iter().map(|module| (module.as_str(), entrypoint::START));
        let own = std::iter::once((violation.importer.as_str(), violation.target()));
        for on in started.chain(own).filter_map(|on| uses.get(&on).copied()) {
            against.entry(on).or_default().insert(&violation.cause);
            told = true;
        }
        if told {
            of_cause.entry(&violation.cause).or_default().push(finding);
        }
    }
    let mut alone: FxHashMap<&str, u32> = FxHashMap::default();
    for causes in against.values().filter(|causes| causes.len() == 1) {
        if let Some(cause) = causes.first() {
            *alone.entry(cause).or_default() += 1;
        }
    }
    let mut causes: Vec<Cause> = of_cause
        .into_iter()
        .filter_map(|(cause, findings)| {
            let first = findings.first()?;
            let rules: BTreeSet<&String> = findings.iter().map(|finding| &finding.violation.rule).collect();
            Some(Cause {
                cause: cause.to_owned(),
                rules: rules.into_iter().cloned().collect(),
                message: first.violation.message.clone(),
                path: first.path.clone(),
                line: first.line,
                uses: alone.get(cause).copied().unwrap_or_default(),
                findings: findings.len() as u32,
            })
        })
        .filter(|cause| cause.uses > 0)
        .collect();
    causes.sort_by_key(|cause| Reverse(cause.uses));
    causes.truncate(CAUSES);
    causes
}

/// A longer text is no shell.
const LARGEST_SHELL: usize = 64 << 10;

/// Counts Python modules without code of their own.
fn shells(sources: &Sources, graph: &Graph) -> Shells {
    let modules: Vec<_> = graph
        .modules
        .iter()
        .filter(|module| module.language == Language::Python && !module.unparsed && !module.opaque)
        .filter(|module| {
            let facts = &graph.facts[module.file.index()];
            let defines = |bound: &Bound| matches!(bound, Bound::Class | Bound::Function);
            !facts.imports.is_empty() || facts.bindings.iter().any(|binding| defines(&binding.bound))
        })
        .collect();
    let found: Vec<(Shell, bool)> = modules
        .par_iter()
        .filter_map(|module| {
            let path = RelPath::new(graph.path_of_file(module.file));
            if !path.as_str().ends_with(".py") {
                return None;
            }
            let bytes = sources.read(&path).ok().filter(|bytes| bytes.len() <= LARGEST_SHELL)?;
            let text = decode(&bytes, FileKind::Module).ok()?;
            Some((shell(&text)?, module.package))
        })
        .collect();
    let count = |wanted: (Shell, bool)| found.iter().filter(|found| **found == wanted).count() as u32;
    Shells {
        reexport: count((Shell::Reexport, false)),
        reexporting_packages: count((Shell::Reexport, true)),
        stubs: count((Shell::Stubs, false)) + count((Shell::Stubs, true)),
    }
}
