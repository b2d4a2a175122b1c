//! The page that closes an incident. Its last line is the verdict.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::escape::{code, prose};
use super::{LONGEST, cut, dated, entrypoint, judged, not_seen, notes, of_project};
use crate::formats::context::{counted, number, percent};
use crate::report::Tally;
use crate::report::closing::{ClosedRule, Closing, Found, MENTIONS, NowAndBefore, Retired};
use crate::report::overview::Overview;
use crate::violation::{Severity, Status};

/// Places of each kind that are shown of a name.
const PLACES: usize = 8;

/// Violations of a rule that are shown.
const FINDINGS: usize = 100;

/// Waived and undecided uses of a rule that are shown.
const OTHERS: usize = 20;

pub(super) fn page(overview: &Overview, closing: &Closing) -> String {
    let names: Vec<String> = closing.rules.iter().map(|rule| code(&rule.id)).collect();
    let mut text =
        format!("# Closing {}{}\n\n{}\n\n", names.join(", "), of_project(overview), judged(overview));
    for rule in &closing.rules {
        let _ = writeln!(text, "{}", line(rule, overview));
    }
    text.push('\n');
    for rule in closing.rules.iter().filter(|rule| !rule.by_scope.is_empty()) {
        by_scope(&mut text, rule);
    }
    if !closing.entrypoints.is_empty() {
        text.push_str("## Entry points\n\n");
        for entry in &closing.entrypoints {
            let _ = writeln!(text, "* {}", entrypoint(entry));
        }
        text.push('\n');
    }
    mentions(&mut text, &closing.mentions);
    text.push_str("## Waivers\n\n");
    if closing.waivers.is_empty() {
        let undated: u32 =
            closing.rules.iter().map(|rule| rule.count(Status::Waived) + rule.count(Status::Known)).sum();
        let _ = writeln!(
            text,
            "None of these rules is waived until a day; {} waived without one.",
            counted(undated, "finding")
        );
    }
    dated(&mut text, &closing.waivers);
    text.push('\n');
    not_seen(&mut text, &closing.not_seen);
    relapse(&mut text, overview, closing);
    notes(&mut text, overview);
    let _ = writeln!(text, "Made by {}{}\n", code(&closing.command), at(overview));
    for rule in &closing.rules {
        details(&mut text, rule);
    }
    let verdict = prose(&closing.verdict());
    cut(&mut text, LONGEST.saturating_sub(verdict.chars().count()));
    let _ = writeln!(text, "\n{verdict}");
    text
}

fn at(overview: &Overview) -> String {
    overview.head.commit.as_ref().map(|commit| format!(" at commit {}", code(commit))).unwrap_or_default()
}

/// One line a rule: its standing, before and now.
fn line(rule: &ClosedRule, overview: &Overview) -> String {
    let mut line = format!("* **{}** {} ({}", rule.standing.word(), code(&rule.id), rule.kind);
    if let Some(at) = rule.registry_line {
        let registry = overview.project.registry.as_deref().unwrap_or_default();
        let _ = write!(line, ", {}", code(&format!("{registry}:{at}")));
    }
    line.push_str("): ");
    let tally = rule.now;
    let compliance = |tally: &Tally| {
        format!("{} ({} of {})", percent(tally.compliance), number(tally.compliant), number(tally.governed))
    };
    if let Some(before) = &rule.before {
        let _ = write!(line, "{} → ", compliance(before));
    }
    let _ = write!(line, "{}", compliance(&tally));
    if let Some(blocked) = rule.blocked_by() {
        let _ = write!(line, "; {blocked}");
    }
    if let Some(reason) = &rule.reason {
        let _ = write!(line, ". {}", prose(reason));
    }
    line
}

fn by_scope(text: &mut String, rule: &ClosedRule) {
    let _ = writeln!(
        text,
        "| {} | governed | compliant | violation | waived | unknown |",
        code(&rule.id).replace('|', "\\|")
    );
    text.push_str("|---|--:|--:|--:|--:|--:|\n");
    for (scope, NowAndBefore { now, before }) in &rule.by_scope {
        let cell = |of: fn(&Tally) -> u32| match before {
            Some(before) if of(before) != of(now) => format!("{} → {}", number(of(before)), number(of(now))),
            _ => number(of(now)),
        };
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} |",
            code(scope).replace('|', "\\|"),
            cell(|tally| tally.governed),
            cell(|tally| tally.compliant),
            cell(|tally| tally.violation),
            cell(|tally| tally.waived),
            cell(|tally| tally.unknown)
        );
    }
    text.push('\n');
}

fn mentions(text: &mut String, retired: &[Retired]) {
    if retired.is_empty() {
        return;
    }
    text.push_str(
        "## Remaining mentions\n\nA mention is no violation by itself: what a rule forbids is above.\n\n",
    );
    for name in retired {
        let counts = |counts: &BTreeMap<&str, u32>| {
            let all =
                MENTIONS.iter().filter_map(|kind| Some(format!("{kind} {}", number(*counts.get(kind)?))));
            let all: Vec<String> = all.collect();
            if all.is_empty() { "none".to_owned() } else { all.join(", ") }
        };
        let from: Vec<String> = name.from.iter().map(|from| code(from)).collect();
        let from = if from.is_empty() { String::new() } else { format!(" in {}", from.join(", ")) };
        let _ =
            writeln!(text, "* {} ({}){from}: {}", code(&name.name), code(&name.rule), counts(&name.counts));
        for kind in MENTIONS {
            let of_kind: Vec<_> = name.places.iter().filter(|place| place.kind == kind).collect();
            for place in of_kind.iter().take(PLACES) {
                let at = code(&format!("{}:{}", place.path, place.line));
                let said: String = place.text.chars().take(120).collect();
                let scope = if place.scope.is_empty() {
                    String::new()
                } else {
                    format!(" ({})", prose(&place.scope))
                };
                let _ = writeln!(text, "  * {kind} {at}{scope}: {}", code(&said));
            }
            if of_kind.len() > PLACES {
                let _ = writeln!(
                    text,
                    "  * … {}",
                    counted((of_kind.len() - PLACES) as u64, &format!("more {kind}"))
                );
            }
        }
    }
    text.push('\n');
}

fn relapse(text: &mut String, overview: &Overview, closing: &Closing) {
    text.push_str("## What catches a relapse\n\n");
    for rule in &closing.rules {
        let level = match (rule.off, rule.severity) {
            (true, _) => "off: it catches nothing",
            (false, Severity::Error) => "level error: a new finding fails `importlaw check`",
            (false, Severity::Warn) => "level warn: a new finding is shown, and fails nothing",
        };
        let registry = overview.project.registry.as_deref().unwrap_or_default();
        let at = match rule.registry_line {
            Some(line) => code(&format!("{registry}:{line}")),
            None => "a default of the tool, set by no line".to_owned(),
        };
        let _ = writeln!(text, "* {}: {level}; {at}", code(&rule.id));
    }
    if closing.ci.is_empty() {
        text.push_str(
            "* **No CI file runs the check**: nothing in `.github/workflows`, `.gitlab-ci.yml`, `.pre-commit-config.yaml`, \
             `.ci/`, `Makefile` and their like holds `importlaw check`\n",
        );
    }
    for place in &closing.ci {
        let at = code(&format!("{}:{}", place.path, place.line));
        let _ = writeln!(text, "* run by {at}: {}", code(&place.text));
    }
    text.push('\n');
}

/// All that stands against a rule.
fn details(text: &mut String, rule: &ClosedRule) {
    let of = |wanted: &[Status]| -> Vec<&Found> {
        rule.findings
            .iter()
            .filter(|found| found.status.is_some_and(|status| wanted.contains(&status)))
            .collect()
    };
    let open = of(&[Status::New]);
    let excused = of(&[Status::Waived, Status::Known]);
    let unknown: Vec<&Found> = rule.unknown.iter().collect();
    let about: Vec<&Found> = rule.about_it.iter().collect();
    for (title, found, shown) in [
        ("violations", open, FINDINGS),
        ("waived or recorded", excused, OTHERS),
        ("not decided", unknown, OTHERS),
        ("registry lines that name nothing", about, OTHERS),
    ] {
        if found.is_empty() {
            continue;
        }
        let _ = writeln!(text, "## {}: {title} ({})\n", code(&rule.id), number(found.len() as u32));
        for one in found.iter().take(shown) {
            let scope =
                if one.scope.is_empty() { String::new() } else { format!(" ({})", prose(&one.scope)) };
            let _ = writeln!(
                text,
                "* {}{scope}: {}",
                code(&format!("{}:{}", one.path, one.line)),
                prose(&one.message)
            );
        }
        if found.len() > shown {
            let _ =
                writeln!(text, "* … {} more (all in `--format json`)", number((found.len() - shown) as u32));
        }
        text.push('\n');
    }
}
