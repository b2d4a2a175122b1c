//! The page that closes an incident: what the named rules say, and what is left of the names that they retire.

use std::collections::{BTreeMap, BTreeSet};

use super::Analysis;
use super::whereabouts::{self, Name};
use crate::discover::Sources;
use crate::registry::pattern::Pattern;
use crate::registry::{Entry, EntryKind, Meta};
use crate::report::closing::{ClosedRule, Closing, Found, NowAndBefore, Place, Retired};
use crate::report::overview::{Overview, Standing};
use crate::report::{Report, Tally, UnknownUse};
use crate::rules::context::Context;
use crate::rules::unmatched_entry;
use crate::source::{LineIndex, RelPath};
use crate::violation::{Severity, Status};

/// Makes the page of the rules with these ids, each of which exists.
pub(super) fn closing(
    context: &Context,
    sources: &Sources,
    analysis: &Analysis,
    report: &Report,
    before: Option<&Report>,
    overview: &Overview,
    ids: &[String],
) -> Closing {
    let rules: Vec<ClosedRule> = ids.iter().filter_map(|id| rule(context, report, before, id)).collect();
    let texts = build_texts(context, sources);
    let entries = ids.iter().filter_map(|id| context.registry.entries.iter().find(|entry| entry.id == *id));
    let mut mentions = Vec::new();
    for entry in entries {
        for name in retired_names(&entry.kind) {
            mentions.extend(name.find(context, sources, analysis, &texts, entry));
        }
    }
    let excused = overview.waivers.dated.iter();
    let mut not_seen = overview.not_seen.clone();
    let named: Vec<_> = overview.entrypoints.iter().filter(|entry| ids.contains(&entry.id)).collect();
    if !named.is_empty() {
        not_seen.calls_not_followed = named.iter().filter_map(|entry| entry.not_followed).sum();
    }
    Closing {
        rules,
        entrypoints: overview.entrypoints.clone(),
        mentions,
        waivers: excused.filter(|dated| dated.rules.iter().any(|rule| ids.contains(rule))).cloned().collect(),
        not_seen,
        ci: Vec::new(),
        command: String::new(),
    }
}

fn rule(context: &Context, report: &Report, before: Option<&Report>, id: &str) -> Option<ClosedRule> {
    let entry = context.registry.entries.iter().find(|entry| entry.id == id);
    let check = context.registry.checks.iter().find(|check| check.id == id);
    let (meta, kind, line): (&Meta, &'static str, Option<u32>) = match (entry, check) {
        (Some(entry), _) => (&entry.meta, entry.kind.name(), Some(entry.line)),
        (None, Some(check)) => (&check.meta, check.id, check.line),
        (None, None) => return None,
    };
    let row = report.summary.by_rule.get(id);
    let now = row.map(|row| row.tally).unwrap_or_default();
    let findings: Vec<Found> = report
        .findings
        .iter()
        .filter(|finding| finding.violation.rule == id)
        .map(|finding| Found {
            path: finding.path.clone(),
            line: finding.line,
            scope: finding.violation.scope.clone(),
            status: Some(finding.violation.status),
            message: finding.violation.message.clone(),
        })
        .collect();
    let unknown: Vec<Found> =
        report.unknown_uses.iter().filter(|unknown| unknown.rule == id).map(undecided).collect();
    let unknown = if unknown.is_empty() { told(report, id) } else { unknown };
    let about_it = entry.map(|entry| about(context, report, entry)).unwrap_or_default();
    let open = findings.iter().any(|found| found.status != Some(Status::Waived));
    let undecided = now.unknown > 0 || !unknown.is_empty() || !about_it.is_empty() || row.is_none();
    Some(ClosedRule {
        id: id.to_owned(),
        kind,
        severity: meta.severity,
        registry_line: line,
        reason: meta.reason.clone(),
        off: row.is_none(),
        standing: match (open || now.violation > 0, undecided) {
            (true, _) => Standing::DoesNotHold,
            (false, true) => Standing::CannotSay,
            (false, false) => Standing::Holds,
        },
        now,
        before: before.map(|before| before.summary.by_rule.get(id).map(|row| row.tally).unwrap_or_default()),
        by_scope: by_scope(report, before, id),
        findings,
        unknown,
        about_it,
    })
}

/// What a rule says of things that are no uses.
fn told(report: &Report, id: &str) -> Vec<Found> {
    let told = report.unknown.iter().filter(|unknown| unknown.rule == id);
    told.map(undecided).collect()
}

fn undecided(unknown: &UnknownUse) -> Found {
    Found {
        path: unknown.path.clone(),
        line: unknown.line,
        scope: String::new(),
        status: None,
        message: format!("`{}`: {}", unknown.target, unknown.why),
    }
}

fn by_scope(report: &Report, before: Option<&Report>, id: &str) -> BTreeMap<String, NowAndBefore> {
    let empty = BTreeMap::new();
    let of = |report: &'_ Report| report.by_rule_and_scope.get(id).cloned().unwrap_or_default();
    let (now, then) = (of(report), before.map_or_else(|| empty.clone(), of));
    let scopes: BTreeSet<&String> = now.keys().chain(then.keys()).collect();
    let tally = |of: &BTreeMap<String, Tally>, scope: &String| of.get(scope).copied().unwrap_or_default();
    scopes
        .into_iter()
        .map(|scope| {
            let before = before.map(|_| tally(&then, scope));
            (scope.clone(), NowAndBefore { now: tally(&now, scope), before })
        })
        .collect()
}

/// What is said of an entry's own lines: that one of them names nothing. Such an entry holds because it is mute.
fn about(context: &Context, report: &Report, entry: &Entry) -> Vec<Found> {
    if context.registry.is_inherited(entry.span) {
        return Vec::new();
    }
    let lines = context.registry.text.lines().enumerate().skip(entry.line as usize);
    let next = lines.filter(|(_, line)| line.starts_with('[')).map(|(at, _)| at as u32 + 1).next();
    let within = entry.line..next.unwrap_or(u32::MAX);
    let said = report.findings.iter().filter(|finding| {
        let violation = &finding.violation;
        violation.kind == unmatched_entry::RULE.id
            && violation.severity == Severity::Error
            && violation.status != Status::Waived
            && violation.registry_line.is_some_and(|line| within.contains(&line))
    });
    said.map(|finding| Found {
        path: finding.path.clone(),
        line: finding.line,
        scope: String::new(),
        status: Some(finding.violation.status),
        message: finding.violation.message.clone(),
    })
    .collect()
}

/// A name that an entry retires or forbids.
struct RetiredName<'a> {
    /// A module, or a package from outside.
    module: &'a str,
    /// Of which only these names are meant; empty = all of it.
    symbols: Vec<&'a str>,
    /// Whose mentions count; empty = everybody's but its own.
    from: &'a [Pattern],
}

fn retired_names(kind: &EntryKind) -> Vec<RetiredName<'_>> {
    match kind {
        EntryKind::Canonical(canonical) => canonical
            .retired
            .iter()
            .map(|path| RetiredName {
                module: &path.module,
                symbols: match &path.symbol {
                    Some(symbol) => vec![symbol],
                    None => canonical
                        .symbols
                        .iter()
                        .map(|item| item.text.as_str())
                        .filter(|name| *name != "*")
                        .collect(),
                },
                from: &canonical.within,
            })
            .collect(),
        EntryKind::Moved(lines) => lines
            .iter()
            .map(|line| RetiredName {
                module: &line.from.module,
                symbols: line.from.symbol.as_deref().into_iter().collect(),
                from: &[],
            })
            .collect(),
        EntryKind::Forbidden(forbidden) => forbidden
            .to
            .iter()
            .filter_map(plain)
            .map(|module| RetiredName { module, symbols: Vec::new(), from: &forbidden.from })
            .collect(),
        EntryKind::Protected(protected) => protected
            .modules
            .iter()
            .filter_map(plain)
            .map(|module| RetiredName { module, symbols: Vec::new(), from: &[] })
            .collect(),
        _ => Vec::new(),
    }
}

/// The module that a pattern names alone.
fn plain(pattern: &Pattern) -> Option<&str> {
    let text = pattern.text.trim_start_matches('=');
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | ':');
    (!text.contains("path:") && text.chars().all(is_name)).then_some(text)
}

/// The files that build, test or deploy, and their texts.
fn build_texts(context: &Context, sources: &Sources) -> Vec<(String, String)> {
    let manifests = [&sources.manifests, &sources.cargo, &sources.containers].into_iter().flatten();
    let mut texts: Vec<(String, String)> =
        manifests.map(|file| (file.path.to_string(), file.text.clone())).collect();
    texts.extend(sources.build.iter().filter_map(|path| {
        let bytes = sources.read(path).ok()?;
        Some((path.to_string(), String::from_utf8_lossy(&bytes).into_owned()))
    }));
    // The registry names what it retires; that is its business.
    let registry = context.registry.path.as_ref().map_or("", RelPath::as_str);
    texts.retain(|(path, _)| path != registry && !path.ends_with(".py"));
    texts.sort();
    texts.dedup();
    texts
}

impl RetiredName<'_> {
    fn find(
        &self,
        context: &Context,
        sources: &Sources,
        analysis: &Analysis,
        texts: &[(String, String)],
        entry: &Entry,
    ) -> Option<Retired> {
        let name = Name::parse(self.module).ok()?;
        // A module may mention itself.
        let from: Vec<Pattern> =
            self.from.iter().filter(|pattern| plain(pattern) != Some(self.module)).cloned().collect();
        let found = whereabouts::find(context, sources, analysis, &name, &from);
        let scopes = entry.meta.scopes.as_ref();
        let in_scope = |scope: &str| scopes.is_none_or(|scopes| scopes.iter().any(|item| item.text == scope));
        let meant = |text: &str| {
            self.symbols.is_empty() || self.symbols.iter().any(|symbol| holds_word(text, symbol))
        };
        let mut places: Vec<Place> = Vec::new();
        for import in found.imports.iter().filter(|import| meant(&import.written)) {
            let kind = if import.kinds.contains(&"dynamic") { "dynamic" } else { "import" };
            places.push(place(kind, &import.path, import.line, &import.scope, &import.written));
        }
        for string in found.strings.iter().filter(|string| meant(&string.written)) {
            places.push(place("string", &string.path, string.line, &string.scope, &string.written));
        }
        // A single word in a string is most often no name of a module.
        let literals = found.literals.iter().filter(|_| self.module.contains(['.', ':']));
        for mention in found.mentions.iter().chain(literals).filter(|mention| meant(&mention.text)) {
            let kind = if mention.kind == "literal" { "string" } else { mention.kind };
            places.push(place(kind, &mention.path, mention.line, &mention.scope, &mention.text));
        }
        places.retain(|place| in_scope(&place.scope));
        let below: Vec<String> = from
            .iter()
            .filter_map(plain)
            .map(|module| module.replace("::", "/").replace('.', "/") + "/")
            .collect();
        for (path, text) in texts {
            if !below.is_empty() && !below.iter().any(|directory| path.starts_with(directory.as_str())) {
                continue;
            }
            let lines = LineIndex::new(text);
            let mut last = 0;
            for range in name.find_in(text) {
                let line = lines.line(range.start as u32);
                let whole = text[lines.line_start(line) as usize..].lines().next().unwrap_or_default().trim();
                if line != last && meant(whole) {
                    places.push(place("build file", path, line, "", whole));
                }
                last = line;
            }
        }
        let order = |kind: &str| crate::report::closing::MENTIONS.iter().position(|known| *known == kind);
        places.sort_by_cached_key(|place| (order(place.kind), place.path.clone(), place.line));
        places.dedup();
        let mut counts = BTreeMap::new();
        for place in &places {
            *counts.entry(place.kind).or_default() += 1;
        }
        let shown = match &self.symbols[..] {
            [] => self.module.to_owned(),
            symbols => format!("{}:{}", self.module, symbols.join(", ")),
        };
        let from = from.iter().map(|pattern| pattern.text.clone()).collect();
        Some(Retired { rule: entry.id.clone(), name: shown, from, counts, places })
    }
}

fn place(kind: &'static str, path: &str, line: u32, scope: &str, text: &str) -> Place {
    Place { kind, path: path.to_owned(), line, scope: scope.to_owned(), text: text.to_owned() }
}

/// Whether a text holds a word, whole.
fn holds_word(text: &str, word: &str) -> bool {
    let is_word = |c: char| c == '_' || c.is_alphanumeric();
    text.match_indices(word).any(|(at, _)| {
        !text[..at].chars().next_back().is_some_and(is_word)
            && !text[at + word.len()..].chars().next().is_some_and(is_word)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_whole() {
        assert!(holds_word("from a.b import C, D", "C"));
        assert!(holds_word("C", "C"));
        assert!(!holds_word("Cs and MyC", "C"));
    }
}
