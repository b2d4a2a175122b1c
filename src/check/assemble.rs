//! From judgements to the report: uses are numbered, waivers laid over, findings placed, everything counted.

use std::collections::BTreeMap;

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use super::described;
use super::packages::{Packages, packages};
use super::place::Placer;
use super::recorded::{self, Places};
use super::starts::starts;
use super::{Analysis, Options, scope_names};
use crate::discover::Sources;
use crate::graph::model::{Graph, ModuleId, Outcome};
use crate::report::compliance::{self, Judged, RuleMeta, UseMeta};
use crate::report::difference::GovernedUse;
use crate::report::{
    Finding, LanguageTally, Project, Report, RuleCount, RuleTally, Selected, Summary, Tally, UnknownUse,
    Unparsed,
};
use crate::rules::context::{Context, Judgements, Raised, Use};
use crate::rules::{ALL, judge_waivers};
use crate::source::{FileId, Language, RelPath, SourceFile, Span};
use crate::violation::{InlineWaiver, Place, Status, Verdict};
use crate::waivers::{self, Target};

/// The check that speaks of what cannot be read.
const UNPARSED: &str = "unparsed-file";

/// Checks that ask whether every line of the registry and every waiver still has something to speak of: no change alone
/// answers that.
pub(super) const NOT_JUDGED: &[&str] = &["unmatched-entry", "unused-waiver"];

/// Makes the report of one run.
pub(super) fn report(
    context: &Context,
    sources: &Sources,
    analysis: &Analysis,
    options: &Options,
    mut judgements: Vec<Judgements>,
) -> Report {
    for judgements in &mut judgements {
        told_once(context, judgements);
    }
    let waived = lay_waivers(context, &mut judgements);
    judgements.extend(judge_waivers(context, &waived));
    let mut notes = sources.notes.clone();
    notes.extend(analysis.project.notes.iter().cloned());
    let place = Places { context, files: &analysis.files };
    let baseline = recorded::lay_baseline(&place, sources, options, &mut judgements, &mut notes);
    let unparsed = unparsed(context, sources, analysis);
    let (uses, mut judged) = Uses::number(context.graph, &judgements);
    let names = scope_names(context.registry);
    let mut packages = packages(context.graph);
    let rules: Vec<RuleMeta> =
        judgements.iter().map(|j| RuleMeta { severity: j.severity, entry: j.entry }).collect();
    let mut unparsed_modules = unparsed_modules(context.graph);
    let mut metas = uses.metas(context.graph, &packages);
    let imported = options.uses.then(|| uses.all.clone());
    // What could not even be opened may import anything: one unknown use each.
    for (path, _) in &sources.unreadable {
        let file = (context.graph.home.len() + metas.len()) as u32;
        let package = packages.number(path.as_str().split('/').next().unwrap_or(""));
        let scope = context.registry.scope_at(path.as_str()) as u32;
        unparsed_modules.push(file);
        let rule = judgements.iter().position(|judgements| judgements.kind == UNPARSED);
        let on = metas.len() as u32;
        judged.extend(rule.map(|rule| Judged { rule: rule as u32, on, verdict: Verdict::Unknown }));
        metas.push(UseMeta { file, scope, package, language: None, first_party: false });
    }
    let counts = compliance::count(&metas, &rules, &judged, &unparsed_modules);
    let governed =
        imported.map(|imported| governed(context.graph, &imported, &counts.worst)).unwrap_or_default();
    let mut by_rule = BTreeMap::new();
    for (judgements, tally) in judgements.iter().zip(&counts.by_rule) {
        let count = |status| judgements.raised.iter().filter(|r| r.violation.status == status).count() as u32;
        let row = RuleTally {
            tally: *tally,
            kind: judgements.kind,
            severity: judgements.severity,
            findings: count(Status::New),
            known: count(Status::Known),
        };
        by_rule.insert(judgements.rule.clone(), row);
    }
    let mut by_rule_and_scope = BTreeMap::new();
    if options.uses {
        for (judgements, by_scope) in judgements.iter().zip(&counts.by_rule_and_scope) {
            let by_scope = by_scope.iter().map(|(at, tally)| (names[*at as usize].to_owned(), *tally));
            by_rule_and_scope.insert(judgements.rule.clone(), by_scope.collect());
        }
    }
    let holding = by_rule.values().filter(|row| row.findings + row.known == 0).count() as u32;
    let named = |by: &BTreeMap<u32, Tally>, names: &dyn Fn(u32) -> String| -> BTreeMap<String, Tally> {
        by.iter().map(|(at, tally)| (names(*at), *tally)).collect()
    };
    let cells = described::cells(&judgements, &packages.names, &counts.by_cell);
    let missing = judgements.iter().find_map(|j| j.missing.clone()).unwrap_or_default();
    let summary = Summary {
        files: context.graph.homes().filter(|file| is_source(&analysis.files[file.index()])).count() as u32,
        unparsed_files: unparsed.len() as u32,
        excluded_files: (sources.excluded.len() + sources.excluded_rust.len()) as u32,
        excluded_imports: analysis.excluded_imports,
        not_read: not_read(sources, analysis),
        modules: context.graph.modules.len() as u32,
        imports: context.graph.rows.len() as u32,
        edges: context.graph.edges.len() as u32,
        rules: RuleCount { total: by_rule.len() as u32, holding },
        tally: counts.overall,
        file_compliance: counts.file_compliance,
        coverage: if context.registry.path.is_some() { counts.coverage } else { None },
        by_language: by_language(context.graph, analysis, &counts.by_language),
        by_scope: named(&counts.by_scope, &|at| names[at as usize].to_owned()),
        by_package: named(&counts.by_package, &|at| packages.names[at as usize].to_owned()),
        by_rule,
        baseline,
        timings: None,
        elapsed_ms: None,
        missing,
        starts: (context.registry.path.is_none() && !sources.files.is_empty()).then(|| starts(context)),
    };
    let rules = described::rules(context, &judgements);
    let unknown = unknown(sources, analysis, &judgements);
    let unknown_uses =
        if options.uses { unknown_uses(context, analysis, &judgements, &unknown) } else { Vec::new() };
    let raised: Vec<Raised> = judgements.into_iter().flat_map(|j| j.raised).collect();
    let findings = Placer { place, sources, analysis, packages: &packages, suggestions: options.suggestions }
        .place(raised);
    Report {
        project: Project {
            root: ".",
            registry: context.registry.path.as_ref().map(ToString::to_string),
            registry_hash: context.registry.path.as_ref().map(|_| context.registry.hash.clone()),
            baseline: options.baseline.as_ref().map(|baseline| baseline.path.clone()),
            as_of: options.as_of,
            as_of_given: options.as_of_given,
            prefix: String::new(),
        },
        summary,
        findings,
        unknown,
        unparsed,
        selected: None,
        gone: Vec::new(),
        moved: 0,
        prolonged: Vec::new(),
        uses: governed,
        graph: None,
        unknown_uses,
        by_rule_and_scope,
        left_out: sources.left_out.clone(),
        notes,
        rules,
        cells,
    }
}

/// A line of a file that several targets share is one finding, which decides the uses of all of them.
fn told_once(context: &Context, judgements: &mut Judgements) {
    let mut first: FxHashMap<(FileId, Span, String), usize> = FxHashMap::default();
    let mut kept: Vec<Raised> = Vec::with_capacity(judgements.raised.len());
    for raised in std::mem::take(&mut judgements.raised) {
        let shared = match raised.violation.place {
            Place::Source(file, span) if raised.violation.language == Some(Language::Rust) => {
                Some((context.graph.home[file.index()], span, raised.violation.cause.clone()))
            }
            _ => None,
        };
        let Some(key) = shared else {
            kept.push(raised);
            continue;
        };
        match first.get(&key) {
            Some(at)
                if kept[*at].verdict == raised.verdict
                    && kept[*at].violation.status == raised.violation.status =>
            {
                kept[*at].also_on.extend(raised.on.into_iter().chain(raised.also_on));
            }
            _ => {
                first.insert(key, kept.len());
                kept.push(raised);
            }
        }
    }
    judgements.raised = kept;
}

/// Applies inline waivers: what one covers is waived.
fn lay_waivers(context: &Context, judgements: &mut [Judgements]) -> Vec<waivers::Used> {
    let known: FxHashSet<String> = ALL
        .iter()
        .map(|rule| rule.id.to_owned())
        .chain(context.registry.entries.iter().map(|entry| entry.id.clone()))
        .collect();
    let known: FxHashSet<&str> = known.iter().map(String::as_str).collect();
    let mut targets = Vec::new();
    let mut places = Vec::new();
    for (j, judgement) in judgements.iter().enumerate() {
        for (r, raised) in judgement.raised.iter().enumerate() {
            if let Place::Source(file, _) = raised.violation.place {
                targets.push(Target {
                    file: context.graph.home[file.index()],
                    rule: &judgement.rule,
                    line: raised.line,
                    statement: raised.statement,
                    open: raised.violation.status == Status::New,
                });
                places.push((j, r));
            }
        }
    }
    let applied = waivers::apply(&context.graph.facts, &context.graph.home, &targets, &known, context.as_of);
    drop(targets);
    for ((j, r), by) in places.into_iter().zip(&applied.by) {
        let Some(index) = by else { continue };
        let raised = &mut judgements[j].raised[r];
        if let Place::Source(file, _) = raised.violation.place {
            let home = context.graph.home[file.index()];
            let waiver = &context.graph.facts[home.index()].waivers[*index];
            raised.violation.status = Status::Waived;
            let waiver = InlineWaiver {
                line: waiver.line,
                reason: waiver.reason.to_string(),
                until: waiver.until.map(|until| until.to_string()),
                issue: waiver.issue.as_ref().map(ToString::to_string),
                owner: waiver.owner.as_ref().map(ToString::to_string),
            };
            raised.violation.waived_by = waiver.to_string();
            raised.violation.waiver = Some(waiver);
        }
    }
    applied.used
}

/// Governed uses by number: those of rows first, then the ones without a row.
struct Uses<'a> {
    all: Vec<(ModuleId, &'a str, bool)>,
}

impl<'a> Uses<'a> {
    fn number(graph: &'a Graph, judgements: &'a [Judgements]) -> (Self, Vec<Judged>) {
        let mut all: Vec<(ModuleId, &str, bool)> = graph
            .rows
            .par_iter()
            .map(|row| (row.importer, row.target.as_str(), row.outcome != Outcome::External))
            .collect();
        let named = judgements.iter().flat_map(|judgement| {
            let raised = judgement.raised.iter().flat_map(Raised::uses);
            judgement.verdicts.iter().map(|(on, _)| on).chain(raised)
        });
        all.extend(named.filter_map(|on| match on {
            // Coverage counts imports alone.
            Use::Named(module, target) => Some((*module, target.as_str(), false)),
            Use::Row(_) => None,
        }));
        all.par_sort_unstable_by(|a, b| (a.0, a.1, !a.2).cmp(&(b.0, b.1, !b.2)));
        all.dedup_by(|a, b| (a.0, a.1) == (b.0, b.1));
        let find = |module: ModuleId, target: &str| {
            all.partition_point(|(m, t, _)| (*m, *t) < (module, target)) as u32
        };
        let of_row: Vec<u32> =
            graph.rows.par_iter().map(|row| find(row.importer, row.target.as_str())).collect();
        let number = |on: &Use| match on {
            Use::Row(row) => of_row[row.index()],
            Use::Named(module, target) => find(*module, target),
        };
        let mut judged = Vec::new();
        for (rule, judgement) in judgements.iter().enumerate() {
            let rule = rule as u32;
            judged.extend(judgement.verdicts.iter().map(|(on, verdict)| Judged {
                rule,
                on: number(on),
                verdict: *verdict,
            }));
            for raised in &judgement.raised {
                // What is recorded is excused like all the rest.
                let open = raised.violation.status == Status::New;
                let verdict = if open { raised.verdict } else { Verdict::Waived };
                judged.extend(raised.uses().map(|on| Judged { rule, on: number(on), verdict }));
            }
        }
        (Self { all }, judged)
    }

    fn metas(&self, graph: &Graph, packages: &Packages) -> Vec<UseMeta> {
        self.all
            .iter()
            .map(|(module, _, first_party)| UseMeta {
                file: file_of(graph, *module),
                scope: u32::from(graph.module(*module).scope),
                package: packages.of_module[module.index()],
                language: Some(graph.module(*module).language),
                first_party: *first_party,
            })
            .collect()
    }
}

/// The uses that have a verdict.
fn governed(graph: &Graph, uses: &[(ModuleId, &str, bool)], worst: &[Option<Verdict>]) -> Vec<GovernedUse> {
    let judged = uses
        .iter()
        .zip(worst)
        .filter_map(|((module, target, _), verdict)| Some((module, target, (*verdict)?)));
    judged
        .map(|(module, target, verdict)| {
            let module = graph.module(*module);
            let (path, importer) = (module.path.clone(), module.name.clone());
            GovernedUse { path, importer, target: (*target).to_owned(), verdict }
        })
        .collect()
}

/// What there is of each language.
fn by_language(
    graph: &Graph,
    analysis: &Analysis,
    tallies: &BTreeMap<Language, Tally>,
) -> BTreeMap<&'static str, LanguageTally> {
    let mut all: BTreeMap<&'static str, LanguageTally> = BTreeMap::new();
    for file in graph.homes().map(|home| &analysis.files[home.index()]).filter(|file| is_source(file)) {
        all.entry(file.language.name()).or_default().files += 1;
    }
    for module in &graph.modules {
        all.entry(module.language.name()).or_default().modules += 1;
    }
    for row in &graph.rows {
        all.entry(graph.module(row.importer).language.name()).or_default().imports += 1;
    }
    for (language, tally) in tallies {
        all.entry(language.name()).or_default().tally = *tally;
    }
    all
}

/// Whether it is a source file, and no manifest that stands for what a package's code may import.
fn is_source(file: &SourceFile) -> bool {
    file.language != Language::Rust || file.path.as_str().ends_with(".rs")
}

/// Files that are not read: of languages that never are, and Rust files that no target reaches.
fn not_read(sources: &Sources, analysis: &Analysis) -> BTreeMap<&'static str, u32> {
    let mut not_read = sources.not_read.clone();
    let reached = |path: &RelPath| {
        analysis.rust.as_ref().is_some_and(|rust| rust.reached.files.contains_key(path.as_str()))
    };
    let unreached = sources.rust.iter().filter(|path| !reached(path)).count() as u32;
    not_read.remove(Language::Rust.name());
    if unreached > 0 {
        not_read.insert(Language::Rust.name(), unreached);
    }
    not_read
}

fn unparsed(context: &Context, sources: &Sources, analysis: &Analysis) -> Vec<Unparsed> {
    let graph = context.graph;
    let mut unparsed: Vec<Unparsed> = sources
        .unreadable
        .iter()
        .map(|(path, why)| Unparsed {
            path: path.to_string(),
            line: 0,
            message: why.clone(),
            scope: String::new(),
            recovered: 0,
        })
        .collect();
    for file in graph.homes().map(|home| &analysis.files[home.index()]) {
        let facts = &graph.facts[file.id.index()];
        if let Some(problem) = facts.problems.first() {
            unparsed.push(Unparsed {
                path: file.path.to_string(),
                line: problem.line,
                message: problem.message.to_string(),
                scope: context.scope(graph.module_of_file[file.id.index()]).to_owned(),
                recovered: graph
                    .same_file(file.id)
                    .flat_map(|file| graph.rows_of(file))
                    .filter(|at| graph.rows[*at].outcome != Outcome::External)
                    .count() as u32,
            });
        }
    }
    unparsed.sort();
    unparsed
}

fn unparsed_modules(graph: &Graph) -> Vec<u32> {
    graph.module_ids().filter(|id| graph.module(*id).unparsed).map(|id| file_of(graph, id)).collect()
}

/// The number of the file that a module is written in: several modules may share one.
fn file_of(graph: &Graph, module: ModuleId) -> u32 {
    graph.home[graph.module(module).file.index()].0
}

fn unknown(sources: &Sources, analysis: &Analysis, judgements: &[Judgements]) -> Vec<UnknownUse> {
    let mut unknown: Vec<UnknownUse> = judgements
        .iter()
        .flat_map(|judgement| {
            judgement.undecided.iter().map(|undecided| UnknownUse {
                path: analysis.files[undecided.file.index()].path.to_string(),
                line: undecided.line,
                rule: judgement.rule.clone(),
                target: undecided.target.clone(),
                why: undecided.why.clone(),
            })
        })
        .collect();
    if judgements.iter().any(|judgement| judgement.kind == UNPARSED) {
        unknown.extend(sources.unreadable.iter().map(|(path, why)| UnknownUse {
            path: path.to_string(),
            line: 1,
            rule: UNPARSED.to_owned(),
            target: "<unread>".to_owned(),
            why: format!("cannot be read: {why}"),
        }));
    }
    unknown.sort();
    unknown.dedup();
    unknown
}

/// Whether a finding is asked for.
pub(super) fn is_selected(finding: &Finding, options: &Options) -> bool {
    let below = |path: &str, dir: &str| {
        dir.is_empty() || path.strip_prefix(dir).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    (options.paths.is_empty() || options.paths.iter().any(|path| below(&finding.path, path)))
        && (options.rules.is_empty() || options.rules.contains(&finding.violation.rule))
        && options.scope.as_ref().is_none_or(|scope| finding.violation.scope == *scope)
}

/// Every use of which a rule says that it is not known, with the reason where the rule gave one.
fn unknown_uses(
    context: &Context,
    analysis: &Analysis,
    judgements: &[Judgements],
    told: &[UnknownUse],
) -> Vec<UnknownUse> {
    let graph = context.graph;
    let why: FxHashMap<(&str, &str, &str), &str> =
        told.iter().map(|one| ((&*one.rule, &*one.path, &*one.target), &*one.why)).collect();
    let mut all = Vec::new();
    for judgement in judgements {
        for (on, _) in judgement.verdicts.iter().filter(|(_, verdict)| *verdict == Verdict::Unknown) {
            let (file, line, target) = match on {
                Use::Row(id) => {
                    let row = graph.row(*id);
                    (row.file, graph.import(row).line, row.target.as_str())
                }
                Use::Named(module, target) => (graph.module(*module).file, 1, target.as_str()),
            };
            let path = analysis.files[file.index()].path.as_str();
            let module = &graph.module(graph.module_of_file[file.index()]).name;
            let key = |target| (judgement.rule.as_str(), path, target);
            let why = why.get(&key(target)).or_else(|| why.get(&key(module)));
            let unparsed = !graph.facts[file.index()].problems.is_empty();
            let why =
                why.copied().unwrap_or(if unparsed { "the file does not parse" } else { "not decided" });
            all.push(UnknownUse {
                path: path.to_owned(),
                line,
                rule: judgement.rule.clone(),
                target: target.to_owned(),
                why: why.to_owned(),
            });
        }
    }
    all.sort();
    all.dedup();
    all
}

/// Narrows what is listed; the summary stays whole.
pub(super) fn select(report: &mut Report, options: &Options) {
    if options.is_full() {
        return;
    }
    report.findings.retain(|finding| is_selected(finding, options));
    let findings = &report.findings;
    let status = |status| findings.iter().filter(|finding| finding.violation.status == status).count() as u32;
    let mut by: Vec<String> = options.paths.iter().map(|path| format!("PATH {path}")).collect();
    by.extend(options.rules.iter().map(|rule| format!("--rule {rule}")));
    by.extend(options.scope.iter().map(|scope| format!("--scope {scope}")));
    by.extend(options.since.clone());
    report.selected = Some(Selected {
        by,
        new: status(Status::New),
        waived: status(Status::Waived),
        known: status(Status::Known),
        errors: findings.iter().filter(|finding| finding.fails()).count() as u32,
        not_judged: if options.since.is_some() { NOT_JUDGED } else { &[] },
    });
}
