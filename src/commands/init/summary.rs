//! What was drafted, in a few lines.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::draft::{Section, State};
use crate::formats::context::{counted, escape, number};
use crate::report::Report;
use crate::violation::Status;

/// A draft that was judged.
pub struct Drafted {
    /// The registry.
    pub text: String,
    /// The baseline.
    pub baseline: String,
    /// What the registry is made of; nothing of a template.
    pub sections: Vec<Section>,
    /// The run that it was judged by, without the baseline.
    pub report: Report,
}

/// Says what stands, what does not, what is recorded, and what to do next. The names are those of files that do not lie
/// where `check` looks.
pub fn write(
    drafted: &Drafted,
    (registry, baseline): (Option<&str>, Option<&str>),
    out: &mut dyn Write,
) -> io::Result<()> {
    let shown = escape(registry.unwrap_or("importlaw.toml"));
    let recorded = escape(baseline.unwrap_or("importlaw.baseline"));
    let lines = counted(drafted.text.lines().count() as u64, "line");
    let counts: Vec<String> = drafted.sections.iter().filter_map(stands).collect();
    writeln!(out, "{shown}: {lines}")?;
    if !counts.is_empty() {
        writeln!(out, "  in force   {}", counts.join(" · "))?;
    }
    let comments: Vec<String> = drafted.sections.iter().filter_map(comments).collect();
    if !comments.is_empty() {
        writeln!(out, "  comments   {} (they would break today)", comments.join(" · "))?;
    }
    let entries = drafted.baseline.lines().count() as u64;
    if entries == 0 {
        writeln!(out, "{recorded}: nothing to record, everything holds")?;
    } else {
        writeln!(out, "{recorded}: {} of today, they fail no more", counted(entries, "finding"))?;
        let mut by_rule: BTreeMap<&str, u64> = BTreeMap::new();
        for finding in drafted.report.findings.iter().filter(|f| f.violation.status == Status::New) {
            *by_rule.entry(&finding.violation.rule).or_default() += 1;
        }
        let mut rows: Vec<(&str, u64)> = by_rule.into_iter().collect();
        rows.sort_by_key(|(rule, n)| (std::cmp::Reverse(*n), *rule));
        let more = rows.len().saturating_sub(6);
        let rows: Vec<String> =
            rows.iter().take(6).map(|(rule, n)| format!("{} {}", number(*n), escape(rule))).collect();
        let rest = if more > 0 { format!(" · {more} more") } else { String::new() };
        writeln!(out, "  {}{rest}", rows.join(" · "))?;
    }
    let check = match (registry, baseline) {
        (Some(_), Some(_)) => format!("importlaw check --registry {shown} --baseline {recorded}"),
        _ => "importlaw check".to_owned(),
    };
    writeln!(out, "\nNext  read {shown}: keep what is meant, delete the rest")?;
    writeln!(
        out,
        "      git add {shown}{}",
        if entries > 0 { format!(" {recorded}") } else { String::new() }
    )?;
    writeln!(out, "      importlaw hook install    checks every commit")?;
    writeln!(out, "      {check}    in CI: exit 1 on what is new")
}

/// How many of a section stand.
fn stands(section: &Section) -> Option<String> {
    let n = section.pieces.iter().filter(|piece| piece.stands()).count();
    (n > 0).then(|| plural(n, section.noun))
}

/// How many do not hold.
fn comments(section: &Section) -> Option<String> {
    let n = section.pieces.iter().filter(|piece| matches!(piece.state, State::Comment(_))).count();
    (n > 0).then(|| plural(n, section.noun))
}

fn plural(n: usize, noun: &str) -> String {
    counted(n as u64, noun)
}
