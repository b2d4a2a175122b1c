//! Text for people: the findings in blocks of one cause, then what the whole project's numbers say.
//!
//! The end of the output is what a terminal leaves in view, so the headline is the last line.

mod block;
mod first_screen;
mod snippet;
mod summary;

use std::io;

use super::TextOptions;
use super::context::{counted, counts, escape, found, headline, number};
use crate::report::{Finding, Report};
use crate::violation::Status;

/// With more unparsed files than this they become a table of directories.
const UNPARSED_BLOCKS: usize = 20;

/// Writes the report for a terminal.
pub fn write(report: &Report, options: &TextOptions, out: &mut dyn io::Write) -> io::Result<()> {
    let paint = Paint { color: options.color };
    if options.quiet {
        writeln!(out, "{}", paint.bold(&headline(report)))?;
        return writeln!(out, "{}", counts(&report.summary.tally));
    }
    let first_screen = report.project.registry.is_none();
    if first_screen {
        first_screen::write(report, options, paint, out)?;
    }
    let listed = write_findings(report, options, paint, out)?;
    write_notes(report, options, paint, out)?;
    summary::write_tables(report, options, paint, out)?;
    if first_screen && !listed {
        return Ok(());
    }
    write_end(report, paint, out)
}

/// Writes the blocks and tells whether there was any.
fn write_findings(
    report: &Report,
    options: &TextOptions,
    paint: Paint,
    out: &mut dyn io::Write,
) -> io::Result<bool> {
    let listed = |finding: &&Finding| options.verbose || finding.violation.status != Status::Waived;
    let (unparsed, others): (Vec<&Finding>, Vec<&Finding>) =
        report.findings.iter().filter(listed).partition(|f| f.violation.kind == "unparsed-file");
    let table = unparsed.len() > UNPARSED_BLOCKS;
    let blocks =
        if table { block::group(&others) } else { block::group(&[others, unparsed.clone()].concat()) };

    let shown = options.limit.unwrap_or(blocks.len()).min(blocks.len());
    for block in &blocks[..shown] {
        block::write(block, report, options, paint, out)?;
        writeln!(out)?;
    }
    let (rest, hidden) =
        (&blocks[shown..], blocks[shown..].iter().map(|b| b.findings.len() as u64).sum::<u64>());
    if !rest.is_empty() {
        let (blocks, hidden) = (counted(rest.len() as u64, "more block"), counted(hidden, "finding"));
        writeln!(out, "… {blocks} with {hidden}: {} shows them\n", paint.bold("--all"))?;
    }
    if table {
        summary::write_unparsed(&unparsed, options, paint, out)?;
        writeln!(out)?;
    }
    Ok(!blocks.is_empty() || table)
}

/// What the reader should know about the run itself; with `verbose` also what was left out of the tree.
fn write_notes(
    report: &Report,
    options: &TextOptions,
    paint: Paint,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    for note in &report.notes {
        writeln!(out, "{} {}", paint.bold("note:"), escape(note))?;
    }
    if !report.notes.is_empty() {
        writeln!(out)?;
    }
    if options.verbose && !report.left_out.is_empty() {
        writeln!(out, "{}", paint.bold("Left out"))?;
        for left_out in &report.left_out {
            let why = format!("({})", escape(&left_out.why));
            writeln!(out, "  {}  {}", escape(&left_out.path), paint.dim(&why))?;
        }
        writeln!(out)?;
    }
    Ok(())
}

/// The last lines: what was found, the rules that hold, the counts, the headline.
fn write_end(report: &Report, paint: Paint, out: &mut dyn io::Write) -> io::Result<()> {
    if let Some(selected) = &report.selected {
        let by: Vec<_> = selected.by.iter().map(|by| escape(by)).collect();
        writeln!(
            out,
            "Selected by {}: {} new ({}), {} known, {} waived",
            by.join(", "),
            number(selected.new),
            counted(selected.errors, "error"),
            number(selected.known),
            number(selected.waived)
        )?;
        writeln!(out, "The whole project:")?;
    } else {
        writeln!(out, "{}", found(report))?;
    }
    summary::write_rules_holding(report, out)?;
    writeln!(out, "{}", counts(&report.summary.tally))?;
    writeln!(out, "{}", paint.bold(&headline(report)))
}

/// Colours and weights; plain text where the terminal is not to be coloured.
#[derive(Clone, Copy, Debug)]
struct Paint {
    color: bool,
}

impl Paint {
    fn bold(self, text: &str) -> String {
        self.style("1", text)
    }

    fn dim(self, text: &str) -> String {
        self.style("2", text)
    }

    fn error(self, text: &str) -> String {
        self.style("1;31", text)
    }

    fn warning(self, text: &str) -> String {
        self.style("1;33", text)
    }

    fn path(self, text: &str) -> String {
        self.style("36", text)
    }

    fn style(self, code: &str, text: &str) -> String {
        if self.color { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}
