//! What compliance is: uses, rules and verdicts in, counts and percentages out. It is defined here and nowhere else.

use std::collections::BTreeMap;

use super::Tally;
use crate::source::Language;
use crate::violation::{Severity, Verdict};

/// A use as compliance counts it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UseMeta {
    /// The importing file, any number that tells files apart.
    pub file: u32,
    /// Index of its scope's name.
    pub scope: u32,
    /// Index of its top-level package's name.
    pub package: u32,
    /// The language it is written in.
    pub language: Option<Language>,
    /// Whether what it names is first party.
    pub first_party: bool,
}

/// A rule as compliance counts it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RuleMeta {
    /// Its level: warnings have a row and no share in the headline.
    pub severity: Severity,
    /// Whether it is an entry of the registry, and so counts for coverage.
    pub entry: bool,
}

/// One rule's verdict of one use; several of the same pair count as the worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Judged {
    /// Index of the rule.
    pub rule: u32,
    /// Index of the use.
    pub on: u32,
    /// The verdict.
    pub verdict: Verdict,
}

/// All that is counted; indices are those of the input.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Counts {
    /// Each governed use once, by the worst verdict of its error-level rules.
    pub overall: Tally,
    /// By scope index.
    pub by_scope: BTreeMap<u32, Tally>,
    /// By package index.
    pub by_package: BTreeMap<u32, Tally>,
    /// By language.
    pub by_language: BTreeMap<Language, Tally>,
    /// By rule index.
    pub by_rule: Vec<Tally>,
    /// By rule and package index.
    pub by_cell: BTreeMap<(u32, u32), Tally>,
    /// The same by scope index.
    pub by_rule_and_scope: Vec<BTreeMap<u32, Tally>>,
    /// By use: the worst verdict of its error-level rules; None where none governs it.
    pub worst: Vec<Option<Verdict>>,
    /// See [`Summary::file_compliance`].
    pub file_compliance: Option<f64>,
    /// See [`Summary::coverage`]; None only where there is no use at all.
    pub coverage: Option<f64>,
}

/// Counts verdicts. The definition of compliance: `compliant / (compliant + violation + waived + unknown)`.
///
/// `unparsed` lists the files that do not parse, sorted; they count among the files even where nothing is governed.
pub fn count(uses: &[UseMeta], rules: &[RuleMeta], judged: &[Judged], unparsed: &[u32]) -> Counts {
    let mut counts = Counts {
        by_rule: vec![Tally::default(); rules.len()],
        by_rule_and_scope: vec![BTreeMap::new(); rules.len()],
        ..Counts::default()
    };
    let mut worst: Vec<Option<Verdict>> = vec![None; uses.len()];
    let mut covered = vec![false; uses.len()];
    let mut sorted: Vec<&Judged> = judged.iter().collect();
    sorted.sort_unstable_by_key(|judged| (judged.rule, judged.on, judged.verdict));
    for (at, one) in sorted.iter().enumerate() {
        let last = sorted.get(at + 1).is_none_or(|next| (next.rule, next.on) != (one.rule, one.on));
        let (rule, on) = (one.rule as usize, one.on as usize);
        covered[on] |= rules[rule].entry;
        if !last {
            continue;
        }
        counts.by_rule[rule].add(one.verdict);
        counts.by_cell.entry((one.rule, uses[on].package)).or_default().add(one.verdict);
        counts.by_rule_and_scope[rule].entry(uses[on].scope).or_default().add(one.verdict);
        if rules[rule].severity == Severity::Error {
            worst[on] = worst[on].max(Some(one.verdict));
        }
    }
    let mut files: BTreeMap<u32, bool> = unparsed.iter().map(|file| (*file, false)).collect();
    for (meta, verdict) in uses.iter().zip(&worst) {
        let Some(verdict) = verdict else { continue };
        counts.overall.add(*verdict);
        counts.by_scope.entry(meta.scope).or_default().add(*verdict);
        counts.by_package.entry(meta.package).or_default().add(*verdict);
        if let Some(language) = meta.language {
            counts.by_language.entry(language).or_default().add(*verdict);
        }
        *files.entry(meta.file).or_insert(true) &= *verdict == Verdict::Compliant;
    }
    let by_rule = counts.by_rule.iter_mut();
    let by_scope = counts.by_rule_and_scope.iter_mut().flat_map(BTreeMap::values_mut);
    let others = counts.by_scope.values_mut().chain(counts.by_package.values_mut());
    by_rule.chain(by_scope).chain(others).chain(counts.by_language.values_mut()).for_each(Tally::close);
    counts.by_cell.values_mut().for_each(Tally::close);
    counts.overall.close();
    let clean = files.values().filter(|clean| **clean).count() as u32;
    counts.file_compliance = percent(clean, files.len() as u32);
    let first_party = || uses.iter().zip(&covered).filter(|(meta, _)| meta.first_party);
    counts.worst = worst;
    counts.coverage =
        percent(first_party().filter(|(_, c)| **c).count() as u32, first_party().count() as u32);
    counts
}

impl Tally {
    /// The counts of these verdicts.
    pub fn of(verdicts: impl IntoIterator<Item = Verdict>) -> Self {
        let mut tally = Self::default();
        verdicts.into_iter().for_each(|verdict| tally.add(verdict));
        tally.close();
        tally
    }

    fn add(&mut self, verdict: Verdict) {
        self.governed += 1;
        match verdict {
            Verdict::Compliant => self.compliant += 1,
            Verdict::Waived => self.waived += 1,
            Verdict::Unknown => self.unknown += 1,
            Verdict::Violation => self.violation += 1,
        }
    }

    fn close(&mut self) {
        self.compliance = percent(self.compliant, self.governed);
    }
}

/// Rounded down to one decimal, so that 100.0 means all; None of nothing.
pub fn percent(part: u32, whole: u32) -> Option<f64> {
    (whole > 0).then(|| (u64::from(part) * 1000 / u64::from(whole)) as f64 / 10.0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const VERDICTS: [Verdict; 4] =
        [Verdict::Compliant, Verdict::Waived, Verdict::Unknown, Verdict::Violation];

    fn uses(n: u32) -> Vec<UseMeta> {
        (0..n)
            .map(|at| UseMeta {
                file: at / 3,
                scope: at % 2,
                package: at % 3,
                language: None,
                first_party: true,
            })
            .collect()
    }

    fn rules(severities: &[bool]) -> Vec<RuleMeta> {
        let severity = |error: &bool| if *error { Severity::Error } else { Severity::Warn };
        severities.iter().map(|error| RuleMeta { severity: severity(error), entry: true }).collect()
    }

    prop_compose! {
        fn world()(
            severities in prop::collection::vec(any::<bool>(), 1..5),
            raw in prop::collection::vec((any::<u32>(), 0..30_u32, 0..4_usize), 0..80),
        ) -> (Vec<RuleMeta>, Vec<Judged>) {
            let rules = rules(&severities);
            let count = rules.len() as u32;
            let judged = raw
                .into_iter()
                .map(|(rule, on, verdict)| Judged { rule: rule % count, on, verdict: VERDICTS[verdict] })
                .collect();
            (rules, judged)
        }
    }

    fn value(counts: &Counts) -> f64 {
        counts.overall.compliance.unwrap_or(0.0)
    }

    proptest! {
        /// A rule that nobody breaks, over uses that are governed already, leaves the headline as it is.
        #[test]
        fn a_rule_nobody_breaks_does_not_raise_the_headline((rules, judged) in world()) {
            let uses = uses(30);
            let before = count(&uses, &rules, &judged, &[]);
            let errors = |j: &&Judged| rules[j.rule as usize].severity == Severity::Error;
            let governed: Vec<u32> = judged.iter().filter(errors).map(|j| j.on).collect();
            let mut more_rules = rules.clone();
            more_rules.push(RuleMeta { severity: Severity::Error, entry: true });
            let mut more = judged.clone();
            more.extend(governed.iter().map(|on| Judged {
                rule: rules.len() as u32,
                on: *on,
                verdict: Verdict::Compliant,
            }));
            let after = count(&uses, &more_rules, &more, &[]);
            prop_assert_eq!(before.overall, after.overall);
        }

        /// Taking a violating use out, all other verdicts unchanged, never lowers the headline.
        #[test]
        fn taking_a_violating_use_out_never_lowers_the_headline((rules, judged) in world(), pick in any::<prop::sample::Index>()) {
            let uses = uses(30);
            let before = count(&uses, &rules, &judged, &[]);
            let violating: Vec<u32> = judged
                .iter()
                .filter(|j| j.verdict == Verdict::Violation && rules[j.rule as usize].severity == Severity::Error)
                .map(|j| j.on)
                .collect();
            prop_assume!(!violating.is_empty());
            let gone = violating[pick.index(violating.len())];
            let rest: Vec<Judged> = judged.iter().copied().filter(|j| j.on != gone).collect();
            let after = count(&uses, &rules, &rest, &[]);
            prop_assert!(after.overall.governed == 0 || value(&after) >= value(&before));
        }

        /// Each governed use is counted once, whatever the cut.
        #[test]
        fn every_cut_adds_up_to_the_headline((rules, judged) in world()) {
            let counts = count(&uses(30), &rules, &judged, &[]);
            let all = counts.overall;
            prop_assert_eq!(all.governed, all.compliant + all.violation + all.waived + all.unknown);
            prop_assert_eq!(all.governed, counts.by_scope.values().map(|t| t.governed).sum::<u32>());
            prop_assert_eq!(all.governed, counts.by_package.values().map(|t| t.governed).sum::<u32>());
        }
    }

    #[test]
    fn a_hundred_percent_means_all() {
        assert_eq!(percent(99_999, 100_000), Some(99.9));
        assert_eq!(percent(5, 5), Some(100.0));
        assert_eq!(percent(0, 0), None);
        assert_eq!(percent(2, 3), Some(66.6));
    }

    #[test]
    fn the_worst_verdict_of_the_error_rules_counts() {
        let rules = rules(&[true, true, false]);
        let judged = |rule, verdict| Judged { rule, on: 0, verdict };
        let counts = count(
            &uses(1),
            &rules,
            &[judged(0, Verdict::Compliant), judged(1, Verdict::Waived), judged(2, Verdict::Violation)],
            &[],
        );
        assert_eq!((counts.overall.governed, counts.overall.waived), (1, 1));
        assert_eq!(counts.by_rule[2].violation, 1, "a warning has a row");
        assert_eq!(counts.by_rule[0].compliant, 1);
    }

    #[test]
    fn a_file_that_does_not_parse_counts_among_the_files() {
        let judged = [Judged { rule: 0, on: 0, verdict: Verdict::Compliant }];
        let counts = count(&uses(1), &rules(&[true]), &judged, &[7]);
        assert_eq!(counts.file_compliance, Some(50.0));
    }
}
