//! What a change brought: the findings of a tree that an earlier state of it does not have.
//!
//! Findings are matched by identity, as multisets, and only with those of the same standing: where a change takes an
//! excuse away, what it excused is new.

use std::collections::{BTreeMap, VecDeque};

use imara_diff::{Algorithm, Diff, InternedInput};
use rustc_hash::FxHashMap;

use super::assemble::NOT_JUDGED;
use super::place::{decoded, snippet};
use super::renames::take_moved;
use crate::discover::Sources;
use crate::graph::model::{Graph, ModuleId};
use crate::report::difference::Prolonged;
use crate::report::{Finding, Report};
use crate::rules::context::Context;
use crate::rules::{forbidden, independent, layers};
use crate::source::{LineIndex, RelPath, SourceFile};
use crate::violation::{Hop, Key, Status};

/// What is known of the earlier state.
pub(super) enum Before<'a> {
    /// It is this one.
    Same,
    /// It holds nothing that could be judged.
    Nothing,
    /// It was judged.
    Judged {
        /// All that was found in it.
        findings: Vec<Finding>,
        /// Who imported whom.
        graph: Box<Graph>,
        /// Its texts.
        sources: &'a Sources,
    },
}

/// Leaves the findings that `before` does not have, and adds those that only it has.
pub(super) fn compare(
    report: &mut Report,
    before: Before,
    context: &Context,
    sources: &Sources,
    files: &[SourceFile],
) {
    let judged = |finding: &Finding| !NOT_JUDGED.contains(&finding.violation.kind);
    report.findings.retain(judged);
    match before {
        Before::Same => report.findings.clear(),
        Before::Nothing => {}
        Before::Judged { mut findings, graph, sources: base } => {
            findings.retain(judged);
            report.prolonged = prolonged(&findings, &report.findings);
            let mut left: FxHashMap<(Key, bool), usize> = FxHashMap::default();
            for finding in &report.findings {
                *left.entry(standing(finding)).or_default() += 1;
            }
            let all = std::mem::take(&mut report.findings);
            report.findings = added(
                all,
                &findings,
                &graph,
                context,
                Lines { base, sources, files, changed: BTreeMap::new() },
            );
            findings.retain(|finding| match left.get_mut(&standing(finding)) {
                Some(count) if *count > 0 => {
                    *count -= 1;
                    false
                }
                _ => true,
            });
            report.moved = take_moved(&mut report.findings, &mut findings, base, sources);
            report.gone = findings;
        }
    }
}

/// Waived findings of both states whose comment names a later day than it did, or none any more.
fn prolonged(before: &[Finding], now: &[Finding]) -> Vec<Prolonged> {
    let mut days: FxHashMap<Key, VecDeque<&Option<String>>> = FxHashMap::default();
    for finding in before {
        if let Some(waiver) = &finding.violation.waiver {
            let key = Key::of(&finding.violation, &finding.path);
            days.entry(key).or_default().push_back(&waiver.until);
        }
    }
    let prolonged = now.iter().filter_map(|finding| {
        let Finding { violation, path, .. } = finding;
        let waiver = violation.waiver.as_ref()?;
        let was = days.get_mut(&Key::of(violation, path))?.pop_front()?.as_ref()?;
        // Dates written so are in the order of their text.
        waiver.until.as_ref().is_none_or(|until| until > was).then(|| Prolonged {
            rule: violation.rule.clone(),
            target: violation.target().to_owned(),
            path: path.clone(),
            line: waiver.line,
            until: waiver.until.clone(),
            was: was.clone(),
        })
    });
    prolonged.collect()
}

/// The findings that are not among the `known` ones, in their order.
fn added(
    mut findings: Vec<Finding>,
    known: &[Finding],
    graph: &Graph,
    context: &Context,
    mut lines: Lines,
) -> Vec<Finding> {
    let mut left: FxHashMap<(Key, bool), usize> = FxHashMap::default();
    for finding in known {
        *left.entry(standing(finding)).or_default() += 1;
    }
    let mut equals: FxHashMap<(Key, bool), Vec<usize>> = FxHashMap::default();
    for (at, finding) in findings.iter().enumerate() {
        equals.entry(standing(finding)).or_default().push(at);
    }
    let mut is_new = vec![false; findings.len()];
    for (key, mut equals) in equals {
        let old = left.get(&key).copied().unwrap_or_default();
        if old > 0 && old < equals.len() {
            // The last are the new ones, and before all others those on changed lines.
            equals.sort_by_key(|at| (lines.changed(&findings[*at].path, findings[*at].line), *at));
        }
        equals.into_iter().skip(old).for_each(|at| is_new[at] = true);
    }
    let mut is_new = is_new.into_iter();
    findings.retain(|_| is_new.next().unwrap_or_default());
    for finding in &mut findings {
        let chained = [forbidden::RULE.id, layers::RULE.id, independent::RULE.id];
        if chained.contains(&finding.violation.kind) && !lines.changed(&finding.path, finding.line) {
            place_at_added_hop(finding, graph, context, &mut lines);
        }
        finding.on_changed_line = lines.changed(&finding.path, finding.line);
    }
    findings
        .sort_by(|a, b| (&a.path, a.offset, &a.violation.rule).cmp(&(&b.path, b.offset, &b.violation.rule)));
    findings
}

/// What a finding is matched by.
fn standing(finding: &Finding) -> (Key, bool) {
    (Key::of(&finding.violation, &finding.path), finding.violation.status == Status::Waived)
}

/// Moves a finding from the import that ends its chain to the one that closed the chain.
fn place_at_added_hop(finding: &mut Finding, before: &Graph, context: &Context, lines: &mut Lines) {
    let chain = &finding.violation.chain;
    let was = |hop: &Hop| edge(before, hop).is_some();
    let added = chain.iter().find(|hop| !was(hop)).or_else(|| {
        // The import was there, of another kind.
        chain.iter().find(|hop| lines.changed(&hop.path, hop.line))
    });
    let Some((hop, edge)) = added.and_then(|hop| Some((hop, edge(context.graph, hop)?))) else { return };
    let rows = context.graph.rows_of_edge(&context.graph.outgoing(edge.0)[edge.1]);
    let imports = rows.iter().map(|row| context.graph.row(*row));
    let Some(row) = imports.into_iter().find(|row| context.graph.import(row).line == hop.line) else {
        return;
    };
    let (span, path) = (context.graph.import(row).span, hop.path.clone());
    let help =
        format!("take this import out of `{}`: of the chain it is what the change added", hop.importer);
    let Some((text, index)) = lines.text(&path) else { return };
    let (start, end) = (index.position(&text, span.start), index.position(&text, span.end));
    finding.path = path;
    (finding.line, finding.column) = (start.line, start.column);
    (finding.end_line, finding.end_column) = (end.line, end.column);
    (finding.offset, finding.end_offset) = (span.start, span.end);
    finding.region = index.region(&text, span);
    finding.edits.clear();
    finding.snippet = snippet(&text, &index, span);
    if !context
        .registry
        .entries
        .iter()
        .any(|entry| entry.id == finding.violation.rule && entry.meta.help.is_some())
    {
        finding.violation.help = Some(help);
    }
}

/// The edge that a hop runs over: its importer, and its place among that module's.
fn edge(graph: &Graph, hop: &Hop) -> Option<(ModuleId, usize)> {
    graph.named(&hop.importer).find_map(|at| {
        let importer = ModuleId(at as u32);
        let edges = graph.outgoing(importer);
        let at = edges.iter().position(|edge| graph.module(edge.imported).name == hop.imported)?;
        Some((importer, at))
    })
}

/// Which lines of which files the change touched; files are compared when they are first asked for.
struct Lines<'a> {
    base: &'a Sources,
    sources: &'a Sources,
    /// The sources of the graph: they tell how a text is taken.
    files: &'a [SourceFile],
    /// By path; None where every line is new.
    changed: BTreeMap<String, Option<Vec<u32>>>,
}

impl Lines<'_> {
    /// Whether a 1-based line was added or altered.
    fn changed(&mut self, path: &str, line: u32) -> bool {
        if !self.changed.contains_key(path) {
            let lines = self.compare(path);
            self.changed.insert(path.to_owned(), lines);
        }
        self.changed[path].as_ref().is_none_or(|lines| lines.binary_search(&line).is_ok())
    }

    fn compare(&self, path: &str) -> Option<Vec<u32>> {
        let file = RelPath::new(path);
        if self.base.shares(self.sources, &file) {
            return Some(Vec::new());
        }
        let (old, old_index) = self.text_in(self.base, path)?;
        let (new, new_index) = self.text(path)?;
        let mut input = InternedInput::default();
        input.update_before(lines(&old, &old_index));
        input.update_after(lines(&new, &new_index));
        let diff = Diff::compute(Algorithm::Histogram, &input);
        Some((1..=new_index.len()).filter(|line| diff.is_added(line - 1)).collect())
    }

    fn text(&self, path: &str) -> Option<(String, LineIndex)> {
        self.text_in(self.sources, path)
    }

    fn text_in(&self, sources: &Sources, path: &str) -> Option<(String, LineIndex)> {
        let file = self.files.iter().find(|file| file.path.as_str() == path)?;
        let bytes = sources.read(&file.path).ok()?;
        let text = decoded(&bytes, file).into_owned();
        let index = LineIndex::new(&text);
        Some((text, index))
    }
}

/// The lines of a text without their ends: how a line ends is no change of what it says.
fn lines<'a>(text: &'a str, index: &LineIndex) -> impl Iterator<Item = &'a str> {
    (1..=index.len()).map(move |line| {
        let start = index.line_start(line) as usize;
        let end = if line == index.len() { text.len() } else { index.line_start(line + 1) as usize };
        text[start..end].trim_end_matches(['\r', '\n'])
    })
}
