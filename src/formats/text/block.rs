//! Blocks: findings of one rule and one cause, the first place in full, the others counted.

use std::io;

use super::{Paint, snippet};
use crate::formats::TextOptions;
use crate::formats::context::block::Block;
use crate::formats::context::{columns, counted, cut, escape, number, place, severity_word, wrap};
use crate::report::{Finding, Report};
use crate::violation::{Severity, Status, Violation};

/// Further places that a block names.
const PLACES: usize = 3;

/// Writes one block.
pub fn write(
    block: &Block,
    report: &Report,
    options: &TextOptions,
    paint: Paint,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let finding = block.findings[0];
    let violation = &finding.violation;
    let rule = escape(&violation.rule);
    let rule = match violation.severity {
        Severity::Error => paint.error(&rule),
        Severity::Warn => paint.warning(&rule),
    };
    write!(out, "{}  {rule}", paint.place(&finding.path, &place(finding)))?;
    match (violation.status, violation.severity) {
        (Status::New, Severity::Error) => {}
        (Status::New, severity) => write!(out, " ({})", severity_word(severity))?,
        (Status::Known, _) if violation.waived_by.is_empty() => write!(out, " (known)")?,
        (Status::Known, _) => write!(out, " (known, {})", escape(&violation.waived_by))?,
        (Status::Waived, _) if violation.waived_by.is_empty() => write!(out, " (waived)")?,
        (Status::Waived, _) => write!(out, " (waived by {})", escape(&violation.waived_by))?,
    }
    writeln!(out)?;

    let message = wrap(&escape(&violation.message), options.width.saturating_sub(4)).join("\n");
    let severity = match violation.severity {
        Severity::Error => miette::Severity::Error,
        Severity::Warn => miette::Severity::Warning,
    };
    write!(out, "{}", snippet::draw(&message, severity, &finding.snippet, paint))?;

    write_chain(violation, paint, out)?;
    write_registry_line(finding, report, options, paint, out)?;
    for (label, text) in [("why:", &violation.reason), ("fix:", &violation.help)] {
        if let Some(text) = text {
            write_labelled(label, text, options, paint, out)?;
        }
    }
    if !block.also.is_empty() {
        let also = |also: &&Finding| format!("{}: {}", also.violation.rule, also.violation.message);
        let also: Vec<String> = block.also.iter().map(also).collect();
        write_labelled("also:", &also.join("\n"), options, paint, out)?;
    }
    write_other_places(&block.findings[1..], paint, out)
}

/// `importer -> imported  (file:line)`, numbered, the places aligned.
fn write_chain(violation: &Violation, paint: Paint, out: &mut dyn io::Write) -> io::Result<()> {
    if violation.chain.is_empty() {
        return Ok(());
    }
    match violation.reached_by {
        Some(n) if n > 1 => {
            let modules = counted(n, "module");
            writeln!(out, "  {} {modules} lead here; a shortest way is", paint.bold("chain:"))?;
        }
        _ => writeln!(out, "  {}", paint.bold("chain:"))?,
    }
    let edges: Vec<String> = violation
        .chain
        .iter()
        .map(|hop| format!("{} -> {}", escape(&hop.importer), escape(&hop.imported)))
        .collect();
    let widest = edges.iter().map(|edge| columns(edge)).max().unwrap_or(0);
    let digits = edges.len().to_string().len();
    for (at, (edge, hop)) in edges.iter().zip(&violation.chain).enumerate() {
        let place = format!("({}:{})", escape(&hop.path), hop.line);
        let gap = " ".repeat(widest - columns(edge) + 2);
        writeln!(out, "    {:>digits$}  {edge}{gap}{}", at + 1, paint.place(&hop.path, &place))?;
    }
    Ok(())
}

/// Where the rule is written; not for findings that stand in the registry themselves.
fn write_registry_line(
    finding: &Finding,
    report: &Report,
    options: &TextOptions,
    paint: Paint,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let (Some(line), Some(registry)) = (finding.violation.registry_line, &report.project.registry) else {
        return Ok(());
    };
    if finding.path == *registry {
        return Ok(());
    }
    let shown = &finding.registry_snippet;
    let line = if shown.text.is_empty() { line } else { shown.first_line };
    let place = format!("{}:{line}", escape(registry));
    write!(out, "  {} {}", paint.bold("rule:"), paint.place(registry, &place))?;
    if let Some(text) = snippet::marked_line(shown) {
        let room = options.width.saturating_sub(columns(&place) + 10).max(20);
        write!(out, "  {}", paint.dim(&cut(&text, room)))?;
    }
    writeln!(out)
}

/// A text of the registry or a rule after its label; its own line ends are kept.
fn write_labelled(
    label: &str,
    text: &str,
    options: &TextOptions,
    paint: Paint,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let indent = 8;
    let width = options.width.saturating_sub(indent);
    let lines = text.trim().lines().flat_map(|line| wrap(&escape(line), width));
    for (at, line) in lines.enumerate() {
        if at == 0 {
            writeln!(out, "  {}{}{line}", paint.bold(label), " ".repeat(6 - label.len()))?;
        } else {
            writeln!(out, "{:indent$}{line}", "")?;
        }
    }
    Ok(())
}

fn write_other_places(others: &[&Finding], paint: Paint, out: &mut dyn io::Write) -> io::Result<()> {
    let (number, only) = match others {
        [] => return Ok(()),
        [only] => {
            return writeln!(out, "  and 1 more: {}", paint.place(&only.path, &place(only)));
        }
        _ => (number(others.len() as u64), others.len() <= PLACES),
    };
    let mut files: Vec<&str> = others.iter().map(|finding| finding.path.as_str()).collect();
    files.sort_unstable();
    files.dedup();
    let files = counted(files.len() as u64, "file");
    writeln!(out, "  and {number} more in {files}{}", if only { ":" } else { ", among them" })?;
    for finding in others.iter().take(PLACES) {
        writeln!(out, "    {}", paint.place(&finding.path, &place(finding)))?;
    }
    Ok(())
}
