//! How each kind of rule is judged: one file a rule, one table of all of them.
//!
//! A rule reads the [`Context`] and states verdicts and findings; it neither prints nor reads files. Rules never
//! import each other: what they share is in [`context`], [`suggest`], [`members`] and [`chains`].

pub mod acyclic;
pub mod allowed;
pub mod canonical;
pub mod chains;
pub mod context;
pub mod duplicate_definition;
pub mod entrypoint;
pub mod expired;
pub mod external;
pub mod forbidden;
pub mod independent;
pub mod interface;
pub mod layers;
pub mod members;
pub mod moved;
pub mod orphan_file;
pub mod protected;
pub mod relative_beyond_root;
pub mod relative_import;
pub mod required;
pub mod scope_leak;
pub mod shadowed_module;
pub mod stale_baseline;
pub mod string_reference;
pub mod suggest;
pub mod unknown_package;
pub mod unmatched_entry;
pub mod unparsed_file;
pub mod unresolved_import;
pub mod unused_waiver;
pub mod wildcard_import;

use rustc_hash::FxHashMap;

use std::time::Instant;

use crate::baseline::Entry;
use crate::graph::model::ModuleId;
use crate::module_path;
use crate::registry::{self, CheckSetting};
use crate::report::Timing;
use crate::source::{FileId, Language, Span};
use crate::violation::Place;
use crate::waivers::Used;
use context::{Context, Judgements, Raised, RuleRef, Use};

/// A kind of rule, or a built-in check.
pub struct Rule {
    /// The table's name in the registry, or the check's name.
    pub id: &'static str,
    /// `rules/docs/<id>.md`: documentation, `explain` text and executed spec in one.
    pub docs: &'static str,
    /// How it is judged.
    pub check: Check,
}

/// When and on what a rule is run.
pub enum Check {
    /// Once for each entry of that kind.
    Entry(fn(&Context, &registry::Entry, &mut Judgements)),
    /// Once, if it is on.
    Builtin(fn(&Context, &CheckSetting, &mut Judgements)),
    /// Once, if it is on, after those: it needs to know which exceptions were used.
    Registry(fn(&Context, &CheckSetting, &[Judgements], &mut Judgements)),
    /// Once, if it is on, after all others: it needs to know which waivers were used.
    Waivers(fn(&Context, &CheckSetting, &[Used], &mut Judgements)),
    /// Once, if it is on and there is a baseline, after the baseline was laid over what all others found: it needs to
    /// know which entries are about nothing.
    Baseline(fn(&Context, &CheckSetting, &[&Entry], &mut Judgements)),
}

/// Every rule, in the order of the documentation.
pub static ALL: [&Rule; 28] = [
    &canonical::RULE,
    &canonical::DOORS,
    &moved::RULE,
    &forbidden::RULE,
    &layers::RULE,
    &independent::RULE,
    &protected::RULE,
    &allowed::RULE,
    &interface::RULE,
    &external::RULE,
    &required::RULE,
    &acyclic::RULE,
    &entrypoint::RULE,
    &unresolved_import::RULE,
    &unparsed_file::RULE,
    &relative_beyond_root::RULE,
    &string_reference::RULE,
    &relative_import::RULE,
    &wildcard_import::RULE,
    &duplicate_definition::RULE,
    &scope_leak::RULE,
    &unknown_package::RULE,
    &orphan_file::RULE,
    &shadowed_module::RULE,
    &unmatched_entry::RULE,
    &unused_waiver::RULE,
    &stale_baseline::RULE,
    &expired::RULE,
];

/// The rule of that id.
pub fn find(id: &str) -> Option<&'static Rule> {
    ALL.iter().copied().find(|rule| rule.id == id)
}

/// A rule's documentation up to its first example, and how many more there are.
pub fn first_example(docs: &str) -> (&str, usize) {
    let mut more = docs.match_indices("\n## Example").map(|(at, _)| at).skip(1);
    match more.next() {
        None => (docs.trim_end(), 0),
        Some(end) => (docs[..end].trim_end(), 1 + more.count()),
    }
}

impl Rule {
    /// The first paragraph of its documentation: what it finds, one sentence.
    pub fn summary(&self) -> &'static str {
        self.docs.split("\n\n").nth(1).unwrap_or("").trim()
    }
}

/// Runs every entry and every check that is on, but for those about waivers, in the registry's order.
pub fn judge(context: &Context) -> Vec<Judgements> {
    let mut all = Vec::new();
    for entry in &context.registry.entries {
        if let Some(Rule { check: Check::Entry(run), .. }) = find(entry.kind.name()) {
            let start = Instant::now();
            let mut judgements = Judgements::new(RuleRef::entry(entry));
            run(context, entry, &mut judgements);
            once_a_place(context, &mut judgements);
            judgements.took = Some(Timing::since(&entry.id, start));
            all.push(judgements);
        }
    }
    for setting in context.registry.checks.iter().filter(|setting| setting.on) {
        // What there is nothing of cannot hold.
        if setting.id == orphan_file::RULE.id && context.around.rust.is_none() {
            continue;
        }
        if let Some(Rule { check: Check::Builtin(run), .. }) = find(setting.id) {
            let start = Instant::now();
            let mut judgements = Judgements::new(RuleRef::check(setting));
            run(context, setting, &mut judgements);
            once_a_place(context, &mut judgements);
            judgements.took = Some(Timing::since(setting.id, start));
            all.push(judgements);
        }
    }
    agree(context, &mut all);
    for setting in context.registry.checks.iter().filter(|setting| setting.on) {
        if let Some(Rule { check: Check::Registry(run), .. }) = find(setting.id) {
            let mut judgements = Judgements::new(RuleRef::check(setting));
            run(context, setting, &all, &mut judgements);
            all.push(judgements);
        }
    }
    all
}

/// A Rust file that several targets hold is several modules: what is wrong in it is said once, of the library's.
fn once_a_place(context: &Context, judgements: &mut Judgements) {
    let graph = context.graph;
    let place = |raised: &Raised| match raised.violation.place {
        Place::Source(file, span) if raised.violation.language == Some(Language::Rust) => {
            Some(((graph.home[file.index()], span), graph.module_of_file[file.index()]))
        }
        _ => None,
    };
    // A binary of the library's name, and what nothing can import, has a `:` in its name.
    let rank = |id: ModuleId| (module_path::first(&graph.module(id).name).contains(':'), id);
    let mut first: FxHashMap<(FileId, Span), ModuleId> = FxHashMap::default();
    for (place, module) in judgements.raised.iter().filter_map(place) {
        let known = first.entry(place).or_insert(module);
        if rank(module) < rank(*known) {
            *known = module;
        }
    }
    let mut others: FxHashMap<(FileId, Span), Vec<Use>> = FxHashMap::default();
    judgements.raised.retain(|raised| match place(raised) {
        Some((place, module)) if first.get(&place) != Some(&module) => {
            others.entry(place).or_default().extend(raised.uses().cloned());
            false
        }
        _ => true,
    });
    for raised in &mut judgements.raised {
        if let Some(uses) = place(raised).and_then(|(place, _)| others.remove(&place)) {
            raised.also_on.extend(uses);
        }
    }
}

/// Where the registry says what to write instead of a path, a check that finds nothing at that path says the same.
fn agree(context: &Context, all: &mut [Judgements]) {
    let mut wanted: FxHashMap<(FileId, Span), String> = FxHashMap::default();
    for kind in [moved::RULE.id, canonical::RULE.id, canonical::DOORS.id] {
        for raised in all.iter().filter(|judged| judged.kind == kind).flat_map(|judged| &judged.raised) {
            if let (Place::Source(file, span), Some(help)) = (&raised.violation.place, &raised.violation.help)
            {
                wanted.entry((*file, *span)).or_insert_with(|| help.clone());
            }
        }
    }
    let checks = context.registry.checks.iter().filter(|check| check.meta.help.is_none());
    let paths = [unresolved_import::RULE.id, string_reference::RULE.id];
    let of_paths: Vec<&str> = checks.map(|check| check.id).filter(|id| paths.contains(id)).collect();
    let nothing_there = all.iter_mut().filter(|judged| of_paths.contains(&judged.kind));
    for raised in nothing_there.flat_map(|judged| &mut judged.raised) {
        if let Place::Source(file, span) = raised.violation.place
            && let Some(help) = wanted.get(&(file, span))
        {
            raised.violation.help = Some(help.clone());
        }
    }
}

/// Runs the checks about waivers.
pub fn judge_waivers(context: &Context, used: &[Used]) -> Vec<Judgements> {
    let mut all = Vec::new();
    for setting in context.registry.checks.iter().filter(|setting| setting.on) {
        if let Some(Rule { check: Check::Waivers(run), .. }) = find(setting.id) {
            let mut judgements = Judgements::new(RuleRef::check(setting));
            run(context, setting, used, &mut judgements);
            all.push(judgements);
        }
    }
    all
}

/// Runs the checks about the baseline.
pub fn judge_baseline(context: &Context, stale: &[&Entry]) -> Vec<Judgements> {
    let mut all = Vec::new();
    for setting in context.registry.checks.iter().filter(|setting| setting.on) {
        if let Some(Rule { check: Check::Baseline(run), .. }) = find(setting.id) {
            let mut judgements = Judgements::new(RuleRef::check(setting));
            run(context, setting, stale, &mut judgements);
            all.push(judgements);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::schema;

    #[test]
    fn every_check_of_the_schema_that_is_ready_has_a_rule() {
        for check in schema::CHECKS.iter().filter(|check| check.ready) {
            assert!(find(check.name).is_some(), "{} has no rule", check.name);
        }
    }

    #[test]
    fn documentation_begins_with_the_id_and_a_sentence() {
        for rule in ALL {
            assert!(rule.docs.starts_with(&format!("# {}\n\n", rule.id)), "{}", rule.id);
            assert!(rule.summary().ends_with('.'), "{}: {}", rule.id, rule.summary());
        }
    }
}
