//! What a run without a registry answers before it lists: which names are missing, what to fix first, what to do next.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::io;

use super::Paint;
use crate::formats::TextOptions;
use crate::formats::context::{columns, counted, cut, escape, headline, number, seconds};
use crate::report::Report;
use crate::violation::{Severity, Status};

/// Causes that are named.
const CAUSES: usize = 10;

/// Writes the screen, an empty line at its end.
pub fn write(
    report: &Report,
    options: &TextOptions,
    paint: Paint,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let summary = &report.summary;
    let version = concat!(env!("CARGO_PKG_VERSION_MAJOR"), ".", env!("CARGO_PKG_VERSION_MINOR"));
    write!(out, "importlaw {version} · no importlaw.toml: built-in checks only · ")?;
    write!(out, "{}", counted(summary.files, "file"))?;
    match summary.elapsed_ms {
        Some(elapsed) => writeln!(out, ", {}\n", seconds(elapsed))?,
        None => writeln!(out, "\n")?,
    }
    write_missing(report, paint, out)?;
    write_causes(report, options, paint, out)?;
    writeln!(out, "{}", paint.bold(&headline(report)))?;
    let next = paint.bold("Next");
    writeln!(out, "{next}  importlaw check --all | --format json   every finding\n")
}

fn write_missing(report: &Report, paint: Paint, out: &mut dyn io::Write) -> io::Result<()> {
    let missing = &report.summary.missing;
    write!(out, "{}  ", paint.bold("Missing names"))?;
    if missing.names == 0 {
        writeln!(out, "none")?;
    } else {
        let (files, targets) = (counted(missing.files, "file"), counted(missing.targets, "target"));
        let several = missing.names.saturating_sub(missing.one_place + missing.nowhere);
        let numbers =
            [missing.names, missing.production, missing.one_place, several, missing.nowhere].map(number);
        let widest = numbers.iter().map(String::len).max().unwrap_or(0);
        let [names, production, one_place, several, nowhere] = numbers;
        writeln!(out, "{names:>widest$} in {files}, {production} of them production · {targets}")?;
        let exist = |n| if n == 1 { "exists" } else { "exist" };
        writeln!(
            out,
            "{:15}{one_place:>widest$} {} in exactly one place · {several} in several · {nowhere} nowhere",
            "",
            exist(missing.one_place)
        )?;
    }
    if report.summary.unparsed_files > 0 {
        let files = counted(report.summary.unparsed_files, "file");
        let production = report.unparsed.iter().filter(|file| file.scope == "production").count() as u64;
        let recovered: u64 = report.unparsed.iter().map(|file| u64::from(file.recovered)).sum();
        write!(out, "{}   {files} ({} production)", paint.bold("Not readable"), number(production))?;
        if recovered > 0 {
            let count = if recovered == 1 { "counts" } else { "count" };
            write!(
                out,
                ": {} of the project could be read, and {count} as unknown",
                counted(recovered, "import")
            )?;
        }
        writeln!(out)?;
    }
    writeln!(out)
}

/// The causes that most imports share.
fn write_causes(
    report: &Report,
    options: &TextOptions,
    paint: Paint,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let mut causes: BTreeMap<&str, Cause> = BTreeMap::new();
    for violation in report.findings.iter().map(|finding| &finding.violation) {
        let counts = violation.severity == Severity::Error && violation.status != Status::Waived;
        if violation.kind != "unresolved-import" || !counts {
            continue;
        }
        let cause =
            causes.entry(&violation.cause).or_insert(Cause { imports: 0, message: Some(&violation.message) });
        cause.imports += 1;
        if cause.message != Some(&violation.message) {
            cause.message = None;
        }
    }
    if causes.is_empty() {
        return Ok(());
    }
    let mut causes: Vec<_> = causes.into_iter().collect();
    causes.sort_by_key(|(_, cause)| Reverse(cause.imports));

    let room = options.width.saturating_sub(12).clamp(30, 80);
    let lines: Vec<(String, String)> = causes
        .iter()
        .take(CAUSES)
        .map(|(name, cause)| {
            // Only the sentence: what does exist beside it is said where the finding is shown.
            let sentence = cause.message.and_then(|message| message.split("; ").next());
            let text = escape(sentence.unwrap_or(name));
            (cut(&text, room).into_owned(), number(cause.imports))
        })
        .collect();
    let title = "Fix these first";
    let widest = lines.iter().map(|(text, _)| columns(text) + 2).max().unwrap_or(0).max(title.len());
    writeln!(out, "{}{}  imports", paint.bold(title), " ".repeat(widest - title.len()))?;
    for (text, imports) in lines {
        let gap = " ".repeat(widest - columns(&text) - 2);
        writeln!(out, "  {text}{gap}  {imports:>7}")?;
    }
    if causes.len() > CAUSES {
        let imports: u64 = causes[CAUSES..].iter().map(|(_, cause)| cause.imports).sum();
        let more = format!("… {}", counted((causes.len() - CAUSES) as u64, "more cause"));
        let gap = " ".repeat((widest - 2).saturating_sub(columns(&more)));
        writeln!(out, "  {more}{gap}  {:>7}", number(imports))?;
    }
    writeln!(out)
}

/// What one cause amounts to.
struct Cause<'a> {
    imports: u64,
    /// What its findings say, while they all say the same.
    message: Option<&'a str>,
}
