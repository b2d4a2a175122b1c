//! What a run without a registry answers before it lists: which names are missing, what to fix first, what to do next.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::io;

use super::Paint;
use crate::formats::TextOptions;
use crate::formats::context::{columns, counted, cut, escape, headline, number, seconds, wrap};
use crate::report::Report;
use crate::report::starts::{StartCount, Starts};
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
    if let Some(starts) = &summary.starts {
        write_starts(starts, options, paint, out)?;
    }
    write_rust(report, paint, out)?;
    // Only Python's names are looked up where nobody asks.
    let looked_up = summary.by_language.is_empty() || summary.by_language.contains_key("python");
    if looked_up {
        write_missing(report, paint, out)?;
    }
    write_unreadable(report, paint, out)?;
    if looked_up || summary.unparsed_files > 0 {
        writeln!(out)?;
    }
    let first = summary.starts.as_ref().is_some_and(|starts| !starts.causes.is_empty());
    if let Some(starts) = summary.starts.as_ref().filter(|_| first) {
        write_stops(starts, options, paint, out)?;
    } else {
        write_causes(report, options, paint, out)?;
    }
    writeln!(out, "{}", paint.bold(&headline(report)))?;
    let next = paint.bold("Next");
    writeln!(out, "{next}  importlaw check --all | --format json   every finding")?;
    writeln!(out, "      importlaw init                          drafts a registry that holds today")?;
    let any_new = report.findings.iter().any(|finding| finding.violation.status == Status::New);
    if any_new && report.project.baseline.is_none() {
        writeln!(out, "      importlaw baseline --add --reason …   from now on only what is new")?;
    }
    writeln!(out)
}

/// How many modules can be imported, each for itself.
fn write_starts(
    starts: &Starts,
    options: &TextOptions,
    paint: Paint,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let rows = [("service", &starts.service), ("test", &starts.test)];
    if starts.entries.is_empty() && rows.iter().all(|(_, count)| count.modules == 0) {
        return Ok(());
    }
    let mut label = "Will it start";
    for (kind, count) in rows.into_iter().filter(|(_, count)| count.modules > 0) {
        write!(out, "{}{:2}", paint.bold(label), "")?;
        let modules = counted(count.modules, &format!("{kind} module"));
        if count.fail == 0 {
            writeln!(out, "{:>6} {modules} can be imported", "all")?;
        } else {
            let fail = number(count.fail);
            writeln!(out, "{fail:>6} of {modules} cannot be imported  ({})", reasons(count))?;
        }
        if count.unknown > 0 {
            writeln!(out, "{:15}{:>6} more may fail or not, below a condition", "", number(count.unknown))?;
        }
        label = "             ";
    }
    let stopped = starts.entries.iter().filter(|entry| entry.failure.is_some()).count();
    if !starts.entries.is_empty() {
        let entries = counted(starts.entries.len() as u64, "entry point");
        let starting = number((starts.entries.len() - stopped) as u64);
        writeln!(out, "{label:15}{starting:>6} of {entries} found start")?;
    }
    for entry in starts.entries.iter().filter(|entry| entry.failure.is_some()).take(CAUSES) {
        let why = entry.failure.as_deref().unwrap_or_default();
        let (module, source) = (escape(&entry.module), escape(&entry.source));
        let rest = format!("({source}): {}", escape(why));
        // The first line holds the module besides, the others stand below it.
        let room = options.width.saturating_sub(24);
        let lines = wrap(&format!("{module} {rest}"), room);
        let text = lines.join(&format!("\n{:24}", ""));
        let text = text.strip_prefix(module.as_ref()).unwrap_or(&text);
        writeln!(out, "{:22}{}{text}", "", paint.bold(&module))?;
    }
    writeln!(out)
}

/// What there is of Rust, of which nothing is judged until somebody says what.
fn write_rust(report: &Report, paint: Paint, out: &mut dyn io::Write) -> io::Result<()> {
    let Some(rust) = report.summary.by_language.get("rust") else { return Ok(()) };
    let (modules, files) = (counted(rust.modules, "module"), counted(rust.files, "file"));
    let imports = counted(rust.imports, "import");
    writeln!(out, "{}           {modules} in {files}, {imports}", paint.bold("Rust"))?;
    let orphans =
        report.findings.iter().filter(|finding| finding.violation.kind == "orphan-file").count() as u64;
    if orphans > 0 {
        writeln!(out, "{:15}{} below `src/` that no target reaches", "", counted(orphans, "file"))?;
    }
    writeln!(
        out,
        "{:15}whether its paths exist is for `cargo check` to say; who may import whom is for you",
        ""
    )?;
    writeln!(out)
}

/// What stops modules: those that do not parse, other causes.
fn reasons(count: &StartCount) -> String {
    let causes = |noun: &str| counted(count.causes, noun);
    match (count.unparsed, count.causes) {
        (0, _) => causes("cause"),
        (unparsed, 0) => format!("{} not parse", does(unparsed)),
        (unparsed, _) => format!("{} not parse, {}", does(unparsed), causes("other cause")),
    }
}

fn does(n: u32) -> String {
    format!("{} {}", number(n), if n == 1 { "does" } else { "do" })
}

/// What stops most modules.
fn write_stops(
    starts: &Starts,
    options: &TextOptions,
    paint: Paint,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let room = options.width.saturating_sub(36).clamp(30, 80);
    let lines: Vec<(String, String)> = starts
        .causes
        .iter()
        .take(CAUSES)
        .map(|cause| {
            let tests = || counted(cause.test, "test module");
            let stops = match (cause.service, cause.test) {
                (0, _) => tests(),
                (service, 0) => counted(service, "module"),
                (service, test) => format!("{}, {} of tests", counted(service, "module"), number(test)),
            };
            (cut(&escape(&cause.message), room).into_owned(), stops)
        })
        .collect();
    let rest = starts.causes.len().saturating_sub(CAUSES) as u64;
    let more = (rest > 0).then(|| (counted(rest, "more cause"), String::new()));
    write_first("stops", &lines, more, paint, out)
}

/// A table of causes with what each amounts to, the worst first, and a line for the rest.
fn write_first(
    header: &str,
    lines: &[(String, String)],
    more: Option<(String, String)>,
    paint: Paint,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let title = "Fix these first";
    let widest = lines.iter().map(|(text, _)| columns(text) + 2).max().unwrap_or(0).max(title.len());
    writeln!(out, "{}{}  {header}", paint.bold(title), " ".repeat(widest - title.len()))?;
    let more = more.map(|(text, amount)| (format!("… {text}"), amount));
    for (text, amount) in lines.iter().chain(&more) {
        let gap = " ".repeat((widest - 2).saturating_sub(columns(text)));
        writeln!(out, "{}", format!("  {text}{gap}  {amount}").trim_end())?;
    }
    writeln!(out)
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
    Ok(())
}

fn write_unreadable(report: &Report, paint: Paint, out: &mut dyn io::Write) -> io::Result<()> {
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
    Ok(())
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
            (cut(&text, room).into_owned(), format!("{:>7}", number(cause.imports)))
        })
        .collect();
    let rest = &causes[causes.len().min(CAUSES)..];
    let imports: u64 = rest.iter().map(|(_, cause)| cause.imports).sum();
    let more = (!rest.is_empty())
        .then(|| (counted(rest.len() as u64, "more cause"), format!("{:>7}", number(imports))));
    write_first("imports", &lines, more, paint, out)
}

/// What one cause amounts to.
struct Cause<'a> {
    imports: u64,
    /// What its findings say, while they all say the same.
    message: Option<&'a str>,
}
