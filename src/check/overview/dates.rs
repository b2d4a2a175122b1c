//! What is excused until a day, and whether such days were put off.

use std::collections::BTreeMap;

use crate::baseline::Baseline;
use crate::facts::Date;
use crate::graph::model::Graph;
use crate::registry::Registry;
use crate::report::overview::{Dated, PutOff};
use crate::rules::context::Context;
use crate::source::RelPath;

/// Until when what is excused: by the file in which it is written and what it is.
pub type Dates = BTreeMap<(String, String), Option<Date>>;

/// Everything with a date, the next first.
pub(super) fn dated(context: &Context) -> Vec<Dated> {
    let Context { registry, graph, as_of, .. } = context;
    let days = |until: Date| until.days() - as_of.days();
    let path = path_of(registry);
    let mut all: Vec<Dated> = registry
        .excuses()
        .into_iter()
        .filter_map(|excuse| {
            let until = excuse.until?;
            Some(Dated {
                until: until.to_string(),
                days: days(until),
                rules: vec![excuse.rule.to_owned()],
                what: excuse.item.text.clone(),
                path: path.clone(),
                line: excuse.item.line,
                reason: excuse.reason.unwrap_or_default().to_owned(),
            })
        })
        .collect();
    for file in graph.homes() {
        all.extend(graph.facts[file.index()].waivers.iter().filter_map(|waiver| {
            let until = waiver.until?;
            Some(Dated {
                until: until.to_string(),
                days: days(until),
                rules: waiver.rules.iter().map(ToString::to_string).collect(),
                what: "inline waiver".to_owned(),
                path: graph.path_of_file(file).to_owned(),
                line: waiver.line,
                reason: waiver.reason.to_string(),
            })
        }));
    }
    if let Some(baseline) = context.around.baseline {
        all.extend(baseline.entries.iter().filter_map(|entry| {
            let until = entry.until?;
            Some(Dated {
                until: until.to_string(),
                days: days(until),
                rules: vec![entry.rule.clone()],
                what: entry.subject(),
                path: baseline.path.clone(),
                line: entry.line,
                reason: entry.reason.clone(),
            })
        }));
    }
    all.sort();
    all
}

fn path_of(registry: &Registry) -> String {
    registry.path.as_ref().map_or("", RelPath::as_str).to_owned()
}

/// Those of a registry.
pub(super) fn of_registry(registry: &Registry) -> Dates {
    let path = path_of(registry);
    let excuses = registry.excuses().into_iter();
    excuses
        .map(|excuse| ((path.clone(), format!("{}: {}", excuse.rule, excuse.item.text)), excuse.until))
        .collect()
}

/// Those of a baseline.
pub(super) fn of_baseline(baseline: &Baseline) -> Dates {
    let entries = baseline.entries.iter();
    entries
        .map(|entry| {
            let nth = if entry.ordinal == 0 { String::new() } else { format!(" ({})", entry.ordinal + 1) };
            ((baseline.path.clone(), format!("{}{nth}", entry.subject())), entry.until)
        })
        .collect()
}

/// Those written in the code.
pub(super) fn inline(graph: &Graph) -> Dates {
    let mut all = Dates::new();
    for file in graph.homes() {
        for waiver in &graph.facts[file.index()].waivers {
            let rules: Vec<&str> = waiver.rules.iter().map(AsRef::as_ref).collect();
            let (path, what) = (graph.path_of_file(file).to_owned(), rules.join(", "));
            // Of several that name the same rules in one file the first to last are told apart by their order.
            let nth = (2..).map(|n| format!("{what} ({n})"));
            let free = std::iter::once(what.clone())
                .chain(nth)
                .find(|what| !all.contains_key(&(path.clone(), what.clone())));
            all.insert((path, free.unwrap_or_default()), waiver.until);
        }
    }
    all
}

/// The dates that were moved to a later day, or taken away so that the excuse holds for ever; `states` oldest first.
pub(super) fn put_off(states: &[&Dates], now: &Dates) -> Vec<PutOff> {
    let later = |one: Option<Date>, next: Option<Date>| match (one, next) {
        (Some(one), Some(next)) => next > one,
        (Some(_), None) => true,
        (None, _) => false,
    };
    let shown = |date: Option<Date>| date.map_or_else(|| "none".to_owned(), |date| date.to_string());
    now.iter()
        .filter_map(|(key, until)| {
            let mut dates: Vec<Option<Date>> =
                states.iter().filter_map(|state| state.get(key)).copied().collect();
            dates.push(*until);
            dates.dedup();
            let moved = dates.windows(2).any(|pair| later(pair[0], pair[1]));
            moved.then(|| PutOff {
                what: key.1.clone(),
                path: key.0.clone(),
                dates: dates.into_iter().map(shown).collect(),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_later_day_or_none_is_put_off() {
        let state = |days: &[(&str, Option<&str>)]| -> Dates {
            let day = |text: &str| Date::parse(text).unwrap();
            days.iter().map(|(what, until)| (("f".to_owned(), (*what).to_owned()), until.map(day))).collect()
        };
        let first = state(&[("a", Some("2026-01-01")), ("b", Some("2026-05-01")), ("c", Some("2026-01-01"))]);
        let second = state(&[("a", Some("2026-03-01")), ("b", Some("2026-02-01")), ("d", None)]);
        let now = state(&[("a", Some("2026-02-01")), ("b", Some("2026-02-01")), ("c", None), ("d", None)]);
        let found: Vec<String> = put_off(&[&first, &second], &now)
            .iter()
            .map(|one| format!("{} {}", one.what, one.dates.join(" ")))
            .collect();
        assert_eq!(found, ["a 2026-01-01 2026-03-01 2026-02-01", "c 2026-01-01 none"]);
    }
}
