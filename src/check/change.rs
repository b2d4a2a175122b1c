//! Two states of one tree under one registry: what the later one brought.

use std::time::Instant;

use super::since::Before;
use super::{
    Analysis, Later, NothingChecked, Options, Wanted, analyse, analyse_beside, assemble, check, judge,
    judge_against,
};
use crate::discover::Sources;
use crate::facts::Date;
use crate::registry::Registry;
use crate::report::difference::{Change, Difference, Scores, Term};
use crate::report::{Report, Tally, Timing};

/// [`check`](check()), listing only what `base`, an earlier state of the tree, does not have. Both are judged under the one
/// registry. To be called on threads with at least [`STACK`](super::STACK) bytes of stack.
pub fn check_since(
    registry: &Registry,
    sources: &Sources,
    base: &Sources,
    options: &Options,
) -> Result<Report, NothingChecked> {
    let analysis = analyse(registry, sources)?;
    let start = Instant::now();
    let (before, _) = before(registry, sources, &analysis, base, options);
    let took = Timing::since("base", start);
    let mut report = judge_against(registry, sources, &analysis, options, Some(before))?;
    if let Some(timings) = &mut report.summary.timings {
        timings.stages.push(took);
    }
    Ok(report)
}

/// Judges an earlier state as a whole; its report besides, where there is one.
pub(super) fn before<'a>(
    registry: &Registry,
    sources: &Sources,
    analysis: &Analysis,
    base: &'a Sources,
    options: &Options,
) -> (Before<'a>, Option<Report>) {
    if base.is_like(sources) {
        return (Before::Same, None);
    }
    // What no tree was judged of broke nothing.
    let later = Later { sources, analysis };
    let Ok(analysis) = analyse_beside(registry, base, &Wanted::new(registry), Some(later)) else {
        return (Before::Nothing, None);
    };
    // Where uses are counted, both states are excused from the same.
    let baseline = options.baseline.clone().filter(|_| options.uses);
    let whole = Options { uses: options.uses, baseline, ..Options::as_of(options.as_of) };
    let Ok(mut report) = judge(registry, base, &analysis, &whole) else { return (Before::Nothing, None) };
    let findings = std::mem::take(&mut report.findings);
    (Before::Judged { findings, graph: Box::new(analysis.graph), sources: base }, Some(report))
}

/// Two states of a tree as a registry lists them.
#[derive(Clone, Copy)]
pub struct States<'a> {
    /// The registry.
    pub registry: &'a Registry,
    /// The later state.
    pub head: &'a Sources,
    /// The earlier one.
    pub base: &'a Sources,
}

/// The base's own registry.
#[derive(Clone, Copy)]
pub enum Own<'a> {
    /// It is the head's.
    Same,
    /// It is another; both states as it lists them.
    Other(States<'a>),
    /// It cannot be read.
    Unreadable,
}

/// How two states differ under the head's registry.
pub fn difference(states: States, own: Own, as_of: Date) -> Result<Difference, NothingChecked> {
    let options = Options { uses: true, since: Some(String::new()), ..Options::as_of(as_of) };
    let States { registry, head, base } = states;
    let analysis = analyse(registry, head)?;
    let (before, earlier) = before(registry, head, &analysis, base, &options);
    let same = matches!(before, Before::Same);
    let report = judge_against(registry, head, &analysis, &options, Some(before))?;
    drop(analysis);
    let (uses, tally) = match &earlier {
        Some(earlier) => (earlier.uses.as_slice(), earlier.summary.tally),
        None if same => (report.uses.as_slice(), report.summary.tally),
        None => (&[][..], Tally::default()),
    };
    let mut difference = Difference {
        change: Change::of(uses, &report.uses),
        notes: report.notes,
        introduced: report.findings,
        fixed: report.gone,
        moved: report.moved,
        not_judged: assemble::NOT_JUDGED,
        ..Difference::default()
    };
    (difference.scores, difference.change.policy) = scores(own, tally, report.summary.tally, &options);
    Ok(difference)
}

/// The counts of both states under both registries, given those under the head's; and what the policy brought.
pub(super) fn scores(own: Own, before: Tally, after: Tally, options: &Options) -> (Scores, Option<Term>) {
    let mut scores = Scores::default();
    (scores.base_code.head_registry, scores.head_code.head_registry) = (before, after);
    let (base, head) = match own {
        Own::Unreadable => return (scores, None),
        Own::Same => (before, after),
        Own::Other(own) => {
            let options = Options { baseline: options.baseline.clone(), ..Options::as_of(options.as_of) };
            let tally = |sources| {
                let report = check(own.registry, sources, &options);
                report.map(|report| report.summary.tally).unwrap_or_default()
            };
            (tally(own.base), tally(own.head))
        }
    };
    (scores.base_code.base_registry, scores.head_code.base_registry) = (Some(base), Some(head));
    let more = |after: u32, before: u32| i64::from(after) - i64::from(before);
    let policy = Term {
        governed: more(before.governed, base.governed),
        compliant: more(before.compliant, base.compliant),
    };
    (scores, Some(policy))
}
