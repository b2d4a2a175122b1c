//! Text for people: the findings in blocks of one cause, then what the whole project's numbers say.
//!
//! The end of the output is what a terminal leaves in view, so the headline is the last line.

mod block;
mod first_screen;
mod snippet;
mod statistics;
mod summary;

use std::collections::BTreeMap;
use std::io;

use super::TextOptions;
use super::context::block::group;
use super::context::machine::uri;
use super::context::tables::rules_holding;
use super::context::{counted, counts, escape, found, headline, in_one_line, number};
use crate::report::{Finding, Report, Selected};
use crate::violation::Status;

/// With more unparsed files than this they become a table of directories.
const UNPARSED_BLOCKS: usize = 20;

/// Writes the report for a terminal.
pub fn write(report: &Report, options: &TextOptions, out: &mut dyn io::Write) -> io::Result<()> {
    let paint = Paint { color: options.color, links: options.links.as_deref() };
    if options.quiet {
        return writeln!(out, "{}", in_one_line(report));
    }
    let first_screen = report.project.registry.is_none();
    if first_screen {
        first_screen::write(report, options, paint, out)?;
    }
    let any_listed = if options.statistics {
        statistics::write(report, options, paint, out)?
    } else {
        write_findings(report, options, paint, out)?
    };
    write_notes(report, options, paint, out)?;
    if let Some(selected) = &report.selected {
        write_selected(selected, paint, out)?;
    }
    summary::write_tables(report, options, paint, out)?;
    if let Some(timings) = &report.summary.timings {
        summary::write_timings(timings, paint, out)?;
    }
    if first_screen && !any_listed && report.selected.is_none() {
        // The headline is still in view.
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
    // Whoever recorded them has seen them: a clean run is not to end in pages of what was known.
    let all = options.verbose || options.limit.is_none();
    let listed = |finding: &&Finding| match finding.violation.status {
        Status::New => true,
        Status::Known => all,
        Status::Waived => options.verbose,
    };
    let (unparsed, others): (Vec<&Finding>, Vec<&Finding>) =
        report.findings.iter().filter(listed).partition(|f| f.violation.kind == "unparsed-file");
    let table = unparsed.len() > UNPARSED_BLOCKS;
    let blocks = if table { group(&others) } else { group(&[others, unparsed.clone()].concat()) };

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
    let known = report.findings.iter().filter(|finding| finding.violation.status == Status::Known).count();
    if known > 0 && !all {
        writeln!(out, "{}: {} shows them\n", counted(known as u64, "known finding"), paint.bold("-v"))?;
    }
    Ok(!blocks.is_empty() || table)
}

/// What the reader should know about the run itself; with `verbose` also each use that
/// could not be decided and what was left out of the tree.
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
    if options.verbose && !report.unknown.is_empty() {
        writeln!(out, "{}", paint.bold("Cannot be decided"))?;
        for used in &report.unknown {
            let place = format!("{}:{}", escape(&used.path), used.line);
            let (target, why) = (escape(&used.target), format!("({})", escape(&used.why)));
            writeln!(out, "  {}  {target}  {}", paint.place(&used.path, &place), paint.dim(&why))?;
        }
        writeln!(out)?;
    }
    if options.verbose && !report.left_out.is_empty() {
        let mut by_why: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for left_out in &report.left_out {
            by_why.entry(&left_out.why).or_default().push(&left_out.path);
        }
        writeln!(out, "{}", paint.bold("Left out"))?;
        for (why, paths) in by_why {
            writeln!(
                out,
                "  {}",
                paint.dim(&format!("{}: {}", escape(why), counted(paths.len() as u64, "path")))
            )?;
            for path in paths {
                writeln!(out, "    {}", escape(path))?;
            }
        }
        writeln!(out)?;
    }
    Ok(())
}

/// What a narrowed run selected: counts without a percentage, apart from the whole project's numbers.
fn write_selected(selected: &Selected, paint: Paint, out: &mut dyn io::Write) -> io::Result<()> {
    let by: Vec<_> = selected.by.iter().map(|by| escape(by)).collect();
    let errors = counted(selected.errors, "error");
    let [new, known, waived] = [selected.new, selected.known, selected.waived].map(number);
    let label = paint.bold(&format!("Selected by {}:", by.join(", ")));
    writeln!(out, "{label} {new} new ({errors}), {known} known, {waived} waived")?;
    if !selected.not_judged.is_empty() {
        writeln!(out, "Not judged on a change: {}", selected.not_judged.join(", "))?;
    }
    writeln!(out)?;
    writeln!(out, "{}\n", paint.bold("The whole project"))
}

/// The last lines: what was found, the rules that hold, the counts, the headline.
fn write_end(report: &Report, paint: Paint, out: &mut dyn io::Write) -> io::Result<()> {
    if report.selected.is_none() {
        writeln!(out, "{}", found(report))?;
    }
    writeln!(out, "{}", rules_holding(report))?;
    writeln!(out, "{}", counts(&report.summary.tally))?;
    writeln!(out, "{}", paint.bold(&headline(report)))
}

/// Colours and weights; plain text where the terminal is not to be coloured.
#[derive(Clone, Copy, Debug)]
struct Paint<'a> {
    color: bool,
    /// The URL of the project's root, where places are links.
    links: Option<&'a str>,
}

impl Paint<'_> {
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

    /// A place in the file at `path`, as it is to be shown; where links are followed, one that leads there.
    fn place(self, path: &str, shown: &str) -> String {
        let shown = self.style("36", shown);
        match self.links {
            Some(root) if !path.is_empty() && !path.starts_with('/') => {
                format!("\u{1b}]8;;{root}{}\u{1b}\\{shown}\u{1b}]8;;\u{1b}\\", uri(path))
            }
            _ => shown,
        }
    }

    fn style(self, code: &str, text: &str) -> String {
        if self.color { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}

#[cfg(test)]
mod tests;
