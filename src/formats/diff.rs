//! How two states differ: text for people, JSON for programs. Functions of the [`Difference`] alone.

use std::collections::BTreeMap;
use std::io;

use serde::Serialize;

use super::context::entry::{Entry, entry};
use super::context::{counted, escape, number, percent, place, severity_word, signed, write_json};
use crate::report::difference::{Change, Difference, Owned, Renamed, Scores, State, Term, Weakened};
use crate::report::{Finding, Tally};
use crate::violation::Status;

/// Writes text: what came and went, by owner, the sum, the headline. At most `limit` findings of each.
pub fn write_text(difference: &Difference, limit: Option<usize>, out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(out, "{} -> {}\n", state(&difference.base), state(&difference.head))?;
    for (sign, findings) in [('+', &difference.introduced), ('-', &difference.fixed)] {
        let shown = limit.unwrap_or(findings.len()).min(findings.len());
        for finding in &findings[..shown] {
            let violation = &finding.violation;
            let standing = if violation.status == Status::Waived { " (waived)" } else { "" };
            let (rule, message) = (escape(&violation.rule), escape(&violation.message));
            let (place, severity) = (place(finding), severity_word(violation.severity));
            writeln!(out, "{sign} {place}: {severity}[{rule}] {message}{standing}")?;
        }
        if shown < findings.len() {
            writeln!(
                out,
                "{sign} … {}: --all shows them",
                counted((findings.len() - shown) as u64, "more finding")
            )?;
        }
    }
    if !difference.introduced.is_empty() || !difference.fixed.is_empty() {
        writeln!(out)?;
    }
    write_policy(difference, limit, out)?;
    if let Some(by_owner) = difference.by_owner.as_ref().filter(|by_owner| !by_owner.is_empty()) {
        let width = by_owner.keys().map(|owner| escape(owner).chars().count()).max().unwrap_or(0).max(8);
        writeln!(out, "{:<width$}  {:>10}  {:>5}", "By owner", "introduced", "fixed")?;
        for (owner, Owned { introduced, fixed }) in by_owner {
            writeln!(out, "{:<width$}  {:>10}  {:>5}", escape(owner), number(*introduced), number(*fixed))?;
        }
        writeln!(out)?;
    }
    write_sum(difference, out)?;
    for note in &difference.notes {
        writeln!(out, "note: {}", escape(note))?;
    }
    writeln!(out, "Not judged on a change: {}", difference.not_judged.join(", "))?;
    let errors = difference.introduced.iter().filter(|finding| finding.fails()).count() as u64;
    let moved = match difference.moved {
        0 => String::new(),
        moved => format!(", {} in renamed files", number(moved)),
    };
    let weakened = match difference.weakened.len() as u64 {
        0 => String::new(),
        weakened => format!(", policy weakened in {}", counted(weakened, "place")),
    };
    let (introduced, fixed) = (difference.introduced.len() as u64, difference.fixed.len() as u64);
    writeln!(
        out,
        "{} introduced ({}), {} fixed{moved}{weakened}",
        counted(introduced, "finding"),
        counted(errors, "error"),
        number(fixed)
    )?;
    let Scores { base_code, head_code } = &difference.scores;
    let before = base_code.base_registry.unwrap_or(base_code.head_registry);
    let after = head_code.head_registry;
    let at_least = |unknown: bool| if unknown { "at least " } else { "" };
    writeln!(
        out,
        "Compliance {}{} -> {}{}",
        at_least(before.unknown > 0),
        percent(before.compliance),
        at_least(after.unknown > 0),
        percent(after.compliance)
    )
}

/// What is judged less, each at its line; what is gone, at the line where the base has it.
fn write_policy(difference: &Difference, limit: Option<usize>, out: &mut dyn io::Write) -> io::Result<()> {
    let Difference { weakened, renamed, .. } = difference;
    if weakened.is_empty() && renamed.is_empty() {
        return Ok(());
    }
    let shown = limit.unwrap_or(weakened.len()).min(weakened.len());
    for one in &weakened[..shown] {
        let Weakened { rule, table, id, message, .. } = one;
        let name = if id.is_empty() { table } else { id };
        writeln!(out, "! {}: {rule}[{}] {}", at(one, &difference.base), escape(name), escape(message))?;
    }
    if shown < weakened.len() {
        let more = counted((weakened.len() - shown) as u64, "more loosening");
        writeln!(out, "! … {more}: --all shows them")?;
    }
    for Renamed { from, to, path, line } in renamed {
        let path = escape(path.as_deref().unwrap_or_default());
        let (from, to) = (escape(from), escape(to));
        writeln!(out, "~ {path}:{line}: `{from}` is renamed `{to}`: waivers and baselines name it")?;
    }
    writeln!(out)
}

/// `importlaw.toml:12`, or as git names it where only the base has it: `main:importlaw.toml:12`.
fn at(one: &Weakened, base: &State) -> String {
    let place = |path: &Option<String>, line: Option<u32>| {
        let line = line.map_or_else(String::new, |line| format!(":{line}"));
        format!("{}{line}", escape(path.as_deref().unwrap_or_default()))
    };
    if one.path.is_some() && (one.line.is_some() || one.base_line.is_none()) {
        return place(&one.path, one.line);
    }
    let revision = escape(base.revision.as_deref().unwrap_or_default());
    format!("{revision}:{}", place(&one.base_path, one.base_line))
}

/// The sum, and what the other registry would say.
fn write_sum(difference: &Difference, out: &mut dyn io::Write) -> io::Result<()> {
    let Difference { scores: Scores { base_code, head_code }, change, .. } = difference;
    let Change { policy, fixed, broken, deleted, added } = change;
    let mut line = |name: &str, governed: &str, compliant: &str, share: &str| {
        let line = format!("{name:<24} {governed:>9}  {compliant:>9}  {share:>7}");
        writeln!(out, "{}", line.trim_end())
    };
    line("", "governed", "compliant", "")?;
    let [governed, compliant, share] = total(&base_code.base_registry.unwrap_or(base_code.head_registry));
    line("before", &governed, &compliant, &share)?;
    for (name, term) in [
        ("  policy", policy.as_ref()),
        ("  fixed", Some(fixed)),
        ("  broken", Some(broken)),
        ("  deleted", Some(deleted)),
        ("  added", Some(added)),
    ] {
        match term {
            None => line(name, "n/a", "n/a", "")?,
            Some(Term { governed, compliant }) => line(name, &signed(*governed), &signed(*compliant), "")?,
        }
    }
    let [governed, compliant, share] = total(&head_code.head_registry);
    line("after", &governed, &compliant, &share)?;
    if let Some(tally) = head_code.base_registry.filter(|_| *policy != Some(Term::default())) {
        let [governed, compliant, share] = total(&tally);
        line("after, by base's rules", &governed, &compliant, &share)?;
    }
    writeln!(out)
}

fn total(tally: &Tally) -> [String; 3] {
    [number(tally.governed), number(tally.compliant), percent(tally.compliance)]
}

fn state(state: &State) -> String {
    match (&state.revision, &state.commit) {
        (Some(revision), Some(commit)) => {
            format!("{} ({})", escape(revision), &commit[..commit.len().min(10)])
        }
        (Some(revision), None) => escape(revision).into_owned(),
        (None, _) => "the working tree".to_owned(),
    }
}

/// Writes one JSON document. `registry` is the path of the head's registry.
pub fn write_json_document(
    difference: &Difference,
    registry: Option<&str>,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    write_json(
        &Document {
            schema: 1,
            tool: Tool { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") },
            base: &difference.base,
            head: &difference.head,
            compliance: &difference.scores,
            change: &difference.change,
            by_owner: difference.by_owner.as_ref(),
            not_judged: difference.not_judged,
            weakened: &difference.weakened,
            renamed: &difference.renamed,
            moved: difference.moved,
            introduced: entries(&difference.introduced, registry),
            fixed: entries(&difference.fixed, registry),
        },
        out,
    )
}

fn entries<'a>(findings: &'a [Finding], registry: Option<&'a str>) -> Vec<Entry<'a>> {
    findings.iter().map(|finding| entry(finding, registry)).collect()
}

#[derive(Serialize)]
struct Document<'a> {
    schema: u32,
    tool: Tool,
    base: &'a State,
    head: &'a State,
    compliance: &'a Scores,
    change: &'a Change,
    #[serde(skip_serializing_if = "Option::is_none")]
    by_owner: Option<&'a BTreeMap<String, Owned>>,
    not_judged: &'a [&'static str],
    weakened: &'a [Weakened],
    renamed: &'a [Renamed],
    moved: u32,
    introduced: Vec<Entry<'a>>,
    fixed: Vec<Entry<'a>>,
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
}
