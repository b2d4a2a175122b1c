//! What formats describe besides findings and sums: the rules, each package under each rule, the places of edits.

use std::collections::BTreeMap;

use crate::report::{Cell, RuleText, Tally};
use crate::rules;
use crate::rules::context::{Context, Judgements};
use crate::source::{LineIndex, Region, Span};
use crate::violation::Violation;

/// What the rules in force are: their kinds' pages, and what the registry says of them.
pub(super) fn rules(context: &Context, judgements: &[Judgements]) -> BTreeMap<String, RuleText> {
    let registry = context.registry;
    let text = |judgements: &Judgements| {
        let id = &judgements.rule;
        let entry = registry.entries.iter().find(|entry| entry.id == *id).map(|entry| &entry.meta);
        let check = || registry.checks.iter().find(|check| check.id == id).map(|check| &check.meta);
        let meta = entry.or_else(check);
        let kind = rules::find(judgements.kind);
        RuleText {
            summary: kind.map(|rule| rule.summary().replace('\n', " ")).unwrap_or_default(),
            page: kind.map(|rule| rules::first_example(rule.docs).0.replace("<id>", id)).unwrap_or_default(),
            reason: meta.and_then(|meta| meta.reason.clone()),
            help: meta.and_then(|meta| meta.help.clone()),
            docs: meta.and_then(|meta| meta.docs.clone()),
        }
    };
    judgements.iter().map(|judgements| (judgements.rule.clone(), text(judgements))).collect()
}

/// The uses of each package under each rule, by their names; `packages` by index.
pub(super) fn cells(
    judgements: &[Judgements],
    packages: &[&str],
    tallies: &BTreeMap<(u32, u32), Tally>,
) -> Vec<Cell> {
    let cell = |((rule, package), tally): (&(u32, u32), &Tally)| Cell {
        rule: judgements[*rule as usize].rule.clone(),
        package: packages[*package as usize].to_owned(),
        tally: *tally,
    };
    let mut cells: Vec<Cell> = tallies.iter().map(cell).collect();
    cells.sort_by(|a, b| (&a.rule, &a.package).cmp(&(&b.rule, &b.package)));
    cells
}

/// Where the edits of a suggestion apply, if all of them are in this file.
pub(super) fn edits(violation: &Violation, path: &str, text: &str, index: &LineIndex) -> Vec<Region> {
    let edits = violation.suggestion.as_ref().map_or(&[][..], |suggestion| &suggestion.edits);
    // What is shown of a notebook is its code, and no part of the file as it lies there.
    if text.is_empty() || path.ends_with(".ipynb") || edits.iter().any(|edit| edit.path != path) {
        return Vec::new();
    }
    edits.iter().map(|edit| index.region(text, Span::new(edit.offset, edit.end_offset))).collect()
}
