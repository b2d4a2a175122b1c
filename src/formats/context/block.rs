//! Blocks: findings of one rule and one cause, and in which order a person wants them.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::report::Finding;
use crate::violation::{Severity, Status};

/// Findings that differ in their place only, the one to show in full first.
pub struct Block<'a> {
    /// Never empty; production first, then in path order.
    pub findings: Vec<&'a Finding>,
    /// What other rules say of the first one's import, to the same end.
    pub also: Vec<&'a Finding>,
}

/// Two findings of one import and one standing that say to write the same.
type Cause<'a> = (&'a str, u32, u32, Status, &'a str);

/// What an import is found for, and which finding tells most of it: what has become of its path, what its door is, that
/// there is nothing. None for what has a cause of its own.
fn rank(finding: &Finding) -> Option<u8> {
    match finding.violation.kind {
        "moved" => Some(0),
        "canonical" | "doors" => Some(1),
        "unresolved-import" | "string-reference" => Some(2),
        _ => None,
    }
}

fn cause(finding: &Finding) -> Option<Cause<'_>> {
    let help = finding.violation.help.as_deref()?;
    Some((&finding.path, finding.offset, finding.end_offset, finding.violation.status, help))
}

/// Takes out of the findings those that another of the same import tells, by what they share with that one.
fn fold<'a>(findings: &[&'a Finding]) -> (Vec<&'a Finding>, BTreeMap<Cause<'a>, Vec<&'a Finding>>) {
    let mut first: BTreeMap<Cause, (u8, Severity)> = BTreeMap::new();
    for finding in findings {
        if let (Some(rank), Some(cause)) = (rank(finding), cause(finding)) {
            let this = (rank, finding.violation.severity);
            first.entry(cause).and_modify(|best| *best = this.min(*best)).or_insert(this);
        }
    }
    let mut folded: BTreeMap<Cause, Vec<&Finding>> = BTreeMap::new();
    let mut told = Vec::new();
    for &finding in findings {
        let cause = cause(finding).zip(rank(finding));
        match cause.and_then(|(cause, rank)| Some((cause, rank, first.get(&cause)?))) {
            // A warning does not tell an error.
            Some((cause, rank, (best, severity)))
                if rank > *best && finding.violation.severity >= *severity =>
            {
                folded.entry(cause).or_default().push(finding);
            }
            _ => told.push(finding),
        }
    }
    (told, folded)
}

/// Groups findings (in path order) by standing, rule and cause, and orders the blocks: new before known before waived,
/// error before warning, production first, then by number of findings, then by place.
pub fn group<'a>(findings: &[&'a Finding]) -> Vec<Block<'a>> {
    let mut blocks: BTreeMap<_, Vec<&Finding>> = BTreeMap::new();
    let (told, mut folded) = fold(findings);
    for (at, &finding) in told.iter().enumerate() {
        let violation = &finding.violation;
        // Without a cause a finding has nothing in common with another.
        let alone = if violation.cause.is_empty() { Some(at) } else { None };
        let key = (violation.status, violation.severity, &violation.rule, &violation.cause, alone);
        blocks.entry(key).or_default().push(finding);
    }
    let mut blocks: Vec<Block<'a>> = blocks
        .into_values()
        .map(|mut findings| {
            findings.sort_by_key(|finding| !is_production(finding));
            let also = findings.first().and_then(|first| folded.remove(&cause(first)?)).unwrap_or_default();
            Block { findings, also }
        })
        .collect();
    blocks.sort_by_cached_key(|block| {
        let first = block.findings[0];
        let violation = &first.violation;
        (
            (violation.status, violation.severity, !is_production(first), Reverse(block.findings.len())),
            (first.path.clone(), first.offset, violation.rule.clone(), violation.cause.clone()),
        )
    });
    blocks
}

/// Whether it is in a production module.
fn is_production(finding: &Finding) -> bool {
    finding.violation.scope == "production"
}
