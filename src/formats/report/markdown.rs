//! The pages as Markdown, for people and pull requests: every number says what it counts, and nothing is graded.

mod closing;
mod escape;

use std::fmt::Write as _;
use std::io;

use crate::formats::context::{counted, number, percent, signed};
use crate::report::closing::Closing;
use crate::report::difference::{Change, Scores, Term};
use crate::report::overview::{
    Counted, EntryPoint, NotSeen, Overview, Row, RuleRow, SOON, Shells, Since, Standing, Waivers,
};
use crate::report::{Project, Tally};
use crate::violation::Severity;
use escape::{code, prose, prose_in_cell};

/// GitHub takes no longer comment; the rest is for the last lines.
const LONGEST: usize = 65_536 - 1_536;

/// Rows of a table.
const ROWS: usize = 30;

/// Of one by owner or package, of which there may be hundreds.
const SHORT: usize = 15;

/// Writes the manager's page, or with `closing` the page that closes an incident.
pub fn write(overview: &Overview, closing: Option<&Closing>, out: &mut dyn io::Write) -> io::Result<()> {
    let page = match closing {
        Some(closing) => closing::page(overview, closing),
        None => page(overview),
    };
    out.write_all(page.as_bytes())
}

fn page(overview: &Overview) -> String {
    let mut text = format!("# Imports{}\n\n", of_project(overview));
    headline(&mut text, overview);
    let _ = writeln!(text, "{}\n", judged(overview));
    first_table(&mut text, overview);
    if let Some(since) = &overview.since {
        change(&mut text, since);
    }
    causes(&mut text, overview);
    rules(&mut text, &overview.by_rule);
    if overview.by_owner == overview.by_package {
        table(
            &mut text,
            "By owner: nobody is named, so by top-level package",
            "top-level package",
            &overview.by_owner,
        );
        table(&mut text, "By scope", "scope", &overview.by_scope);
    } else {
        table(&mut text, "By owner", "owner", &overview.by_owner);
        table(&mut text, "By scope", "scope", &overview.by_scope);
        table(&mut text, "By package", "top-level package", &overview.by_package);
    }
    if !overview.entrypoints.is_empty() {
        entrypoints(&mut text, &overview.entrypoints);
    }
    waivers(&mut text, &overview.waivers);
    not_seen(&mut text, &overview.not_seen);
    notes(&mut text, overview);
    cut(&mut text, LONGEST);
    text
}

/// " of `netra`", or nothing.
fn of_project(overview: &Overview) -> String {
    overview.name.as_ref().map(|name| format!(" of {}", code(name))).unwrap_or_default()
}

fn headline(text: &mut String, overview: &Overview) {
    let tally = &overview.compliance;
    if tally.compliance.is_none() {
        text.push_str("**n/a**: no import is governed.\n\n");
        return;
    }
    let at_least = if tally.unknown > 0 { "At least " } else { "" };
    let what = if overview.project.registry.is_some() { "governed import" } else { "import that was judged" };
    let what = counted(tally.governed, what).replace("import that was judgeds", "imports that were judged");
    let verb = if tally.governed == 1 { "complies" } else { "comply" };
    let _ =
        writeln!(text, "**{at_least}{}** of {what} {verb}: {}.\n", percent(tally.compliance), counts(tally));
}

fn counts(tally: &Tally) -> String {
    format!(
        "{} compliant, {}, {} waived, {} unknown",
        number(tally.compliant),
        counted(tally.violation, "violation"),
        number(tally.waived),
        number(tally.unknown)
    )
}

/// What was judged: commit, registry, day, version.
fn judged(overview: &Overview) -> String {
    let Project { registry, registry_hash, as_of, .. } = &overview.project;
    let mut parts = Vec::new();
    if let Some(commit) = &overview.head.commit {
        let changed = if overview.uncommitted { " **with changes that are not committed**" } else { "" };
        parts.push(format!("commit {}{changed}", code(commit)));
    }
    match (registry, registry_hash) {
        (Some(path), Some(hash)) => {
            parts.push(format!("registry {} ({})", code(path), code(&hash[..hash.len().min(16)])));
        }
        _ => parts.push("no registry: built-in checks only".to_owned()),
    }
    parts.push(format!("dates judged as of {as_of}"));
    parts.push(format!("importlaw {}", env!("CARGO_PKG_VERSION")));
    parts.push(format!("{}, {}", counted(overview.files, "file"), counted(overview.modules, "module")));
    parts.join(" · ")
}

fn first_table(text: &mut String, overview: &Overview) {
    text.push_str("| | |\n|---|---|\n");
    let mut row = |name: &str, value: String| {
        let _ = writeln!(text, "| {name} | {value} |");
    };
    if let Some(Since { scores: Scores { base_code, head_code }, change, base, .. }) = &overview.since {
        let before = base_code.base_registry.unwrap_or(base_code.head_registry).compliance;
        let Change { policy, fixed, broken, deleted, added } = change;
        let policy = policy.map_or_else(|| "n/a".to_owned(), |term| signed(term.compliant));
        row(
            &format!("Since {}", base.revision.as_deref().map_or_else(|| "the base".to_owned(), code)),
            format!(
                "{} → {}: fixed {}, broken {}, deleted {}, added {}, policy {policy} (compliant uses)",
                percent(before),
                percent(head_code.head_registry.compliance),
                signed(fixed.compliant),
                signed(broken.compliant),
                signed(deleted.compliant),
                signed(added.compliant),
            ),
        );
    }
    row("Rules holding", format!("{} of {}", number(overview.rules.holding), number(overview.rules.total)));
    let points = &overview.entrypoints;
    let starting = points.iter().filter(|entry| entry.standing == Standing::Holds).count() as u32;
    row(
        "Entry points starting",
        match points.len() {
            0 => "none is named".to_owned(),
            all => format!("{} of {}", number(starting), number(all as u32)),
        },
    );
    let Waivers { uses, dated, soon, put_off, compared_with } = &overview.waivers;
    row("Waived uses", number(*uses));
    row(
        &format!("Waivers that end within {SOON} days, or have ended"),
        format!("{} of {} with a date", number(*soon), number(dated.len() as u32)),
    );
    row(
        "Dates (`until`) put off",
        match compared_with {
            Some(with) => format!("{} (compared: {})", number(put_off.len() as u32), prose_in_cell(with)),
            None => "not known: git has no history of the registry".to_owned(),
        },
    );
    row("Files all of whose uses comply", percent(overview.file_compliance));
    if overview.project.registry.is_some() {
        row("First-party uses that a registry entry governs", percent(overview.coverage));
    }
    let Shells { reexport, reexporting_packages, stubs } = overview.shells;
    let before = overview.shells_before;
    let change = |now: u32, before: Option<u32>| match before {
        Some(before) if before != now => {
            format!("{} ({})", number(now), signed(i64::from(now) - i64::from(before)))
        }
        Some(_) => format!("{} (no change)", number(now)),
        None => number(now),
    };
    row("Python modules that only re-export", change(reexport, before.map(|before| before.reexport)));
    row(
        "Python packages whose `__init__` only re-exports",
        change(reexporting_packages, before.map(|before| before.reexporting_packages)),
    );
    row("Python modules that hold only stubs", change(stubs, before.map(|before| before.stubs)));
    text.push('\n');
}

/// The sum, and what migrated.
fn change(text: &mut String, since: &Since) {
    let Since { base, scores: Scores { base_code, head_code }, change, introduced, fixed, migrations } =
        since;
    let revision = base.revision.as_deref().map_or_else(|| "the base".to_owned(), code);
    let commit = base.commit.as_deref().map(|commit| format!(" ({})", code(commit))).unwrap_or_default();
    let _ = writeln!(text, "## Since {revision}{commit}\n");
    text.push_str("| | governed | compliant | |\n|---|--:|--:|--:|\n");
    let total = |tally: &Tally| {
        format!("{} | {} | {}", number(tally.governed), number(tally.compliant), percent(tally.compliance))
    };
    let _ =
        writeln!(text, "| before | {} |", total(&base_code.base_registry.unwrap_or(base_code.head_registry)));
    let Change { policy, fixed: mended, broken, deleted, added } = change;
    for (name, term) in [
        ("policy: the base's code under today's registry", policy.as_ref()),
        ("fixed: the same use, now compliant", Some(mended)),
        ("broken: the same use, no longer compliant", Some(broken)),
        ("deleted: with its statement or file", Some(deleted)),
        ("added: new uses", Some(added)),
    ] {
        let _ = match term {
            Some(Term { governed, compliant }) => {
                writeln!(text, "| {name} | {} | {} | |", signed(*governed), signed(*compliant))
            }
            None => writeln!(text, "| {name} | n/a | n/a | |"),
        };
    }
    let _ = writeln!(text, "| now | {} |\n", total(&head_code.head_registry));
    let _ = writeln!(text, "{} introduced, {} fixed.\n", counted(*introduced, "finding"), number(*fixed));
    if migrations.is_empty() {
        text.push_str("No name came through another door.\n\n");
        return;
    }
    let moved: u32 = migrations.iter().map(|migration| migration.migrated).sum();
    let _ = writeln!(text, "### Imports that migrated: {}\n", number(moved));
    text.push_str(
        "| name | old door | new door | migrated | remaining | introduced |\n|---|---|---|--:|--:|--:|\n",
    );
    for migration in migrations.iter().take(ROWS) {
        let mut to: Vec<(&String, &u32)> = migration.to.iter().collect();
        to.sort_by_key(|(_, n)| std::cmp::Reverse(**n));
        let mut doors: Vec<String> =
            to.iter().take(3).map(|(door, n)| format!("{} {}", cell(door), number(**n))).collect();
        if to.len() > 3 {
            doors.push(format!("{} more", to.len() - 3));
        }
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} |",
            cell(&migration.name),
            cell(&migration.from),
            doors.join("<br>"),
            number(migration.migrated),
            number(migration.remaining),
            number(migration.introduced)
        );
    }
    more(text, migrations.len(), ROWS, "old door");
    text.push_str("\nRemaining and introduced count importers that use the old door: those that did before, and those that did not.\n\n");
}

fn cell(text: &str) -> String {
    code(text).replace('|', "\\|")
}

fn more(text: &mut String, there: usize, shown: usize, noun: &str) {
    if there > shown {
        let _ = writeln!(
            text,
            "\n… {} (all in `--format json`)",
            counted((there - shown) as u64, &format!("more {noun}"))
        );
    }
}

fn causes(text: &mut String, overview: &Overview) {
    if overview.causes.is_empty() {
        return;
    }
    text.push_str("## What would move most\n\nUses that nothing else speaks against: each turns compliant once the cause is mended.\n\n");
    text.push_str("| uses | cause | rules | for one |\n|--:|---|---|---|\n");
    for cause in &overview.causes {
        let rules: Vec<String> = cause.rules.iter().map(|rule| cell(rule)).collect();
        let place = cell(&format!("{}:{}", cause.path, cause.line));
        let _ = writeln!(
            text,
            "| {} | {} | {} | {place}: {} |",
            number(cause.uses),
            cell(&cause.cause),
            rules.join(", "),
            prose_in_cell(&cause.message)
        );
    }
    text.push('\n');
}

const COLUMNS: &str = "compliance | governed | violation | waived | unknown |";

fn columns(tally: &Tally) -> String {
    format!(
        "{} | {} | {} | {} | {} |",
        percent(tally.compliance),
        number(tally.governed),
        number(tally.violation),
        number(tally.waived),
        number(tally.unknown)
    )
}

fn rules(text: &mut String, rows: &[RuleRow]) {
    if rows.is_empty() {
        return;
    }
    // What holds and governs is one line: the table is for what does not.
    let (shown, holding): (Vec<&RuleRow>, Vec<&RuleRow>) = rows.iter().partition(|row| {
        row.findings + row.known > 0
            || row.tally.unknown > 0
            || row.introduced + row.fixed > 0
            || row.tally.waived > 0
    });
    let compared = rows.iter().any(|row| row.before.is_some());
    text.push_str("## By rule\n\nRows overlap: a use may be governed by several rules.\n\n");
    if !shown.is_empty() {
        let extra = if compared { " before | introduced | fixed |" } else { "" };
        let _ = writeln!(text, "| rule | level | findings | {COLUMNS}{extra}");
        let extra = if compared { "--:|--:|--:|" } else { "" };
        let _ = writeln!(text, "|---|---|--:|--:|--:|--:|--:|--:|{extra}");
    }
    for row in shown.iter().take(ROWS) {
        let level = if row.severity == Severity::Error { "error" } else { "warn" };
        let findings = if row.known > 0 {
            format!("{} + {} known", number(row.findings), number(row.known))
        } else {
            number(row.findings)
        };
        let _ = write!(text, "| {} | {level} | {findings} | {}", cell(&row.id), columns(&row.tally));
        if let Some(before) = row.before.as_ref() {
            let _ = write!(
                text,
                " {} | {} | {} |",
                percent(before.compliance),
                number(row.introduced),
                number(row.fixed)
            );
        }
        text.push('\n');
    }
    more(text, shown.len(), ROWS, "rule");
    if !holding.is_empty() {
        let names: Vec<String> = holding.iter().take(ROWS).map(|row| code(&row.id)).collect();
        let rest = holding.len().saturating_sub(ROWS);
        let rest = if rest > 0 { format!(" and {rest} more") } else { String::new() };
        let _ = writeln!(text, "\nNothing is found by {}{rest}.", names.join(", "));
    }
    text.push('\n');
}

fn table(text: &mut String, title: &str, column: &str, rows: &[Row]) {
    if rows.is_empty() {
        return;
    }
    let compared = rows.iter().any(|row| row.before.is_some());
    let before = if compared { " before |" } else { "" };
    let rule = if compared { "--:|" } else { "" };
    let _ = writeln!(text, "## {title}\n\n| {column} | {COLUMNS}{before}\n|---|--:|--:|--:|--:|--:|{rule}");
    for row in rows.iter().take(SHORT) {
        let _ = write!(text, "| {} | {}", cell(&row.name), columns(&row.tally));
        if let Some(before) = &row.before {
            let _ = write!(text, " {} |", percent(before.compliance));
        }
        text.push('\n');
    }
    more(text, rows.len(), SHORT, column);
    text.push('\n');
}

fn entrypoints(text: &mut String, points: &[EntryPoint]) {
    text.push_str("## Entry points\n\n");
    for entry in points {
        let _ = writeln!(text, "* {}", entrypoint(entry));
    }
    text.push('\n');
}

/// One entry point with how much of its start was followed.
fn entrypoint(entry: &EntryPoint) -> String {
    let mut line = format!("**{}** {} ({})", entry.standing.word(), code(&entry.id), code(&entry.starts));
    if entry.of > 1 {
        let _ = write!(line, ": {} of {} modules start", number(entry.start), number(entry.of));
    }
    let followed = [(entry.modules, "module"), (entry.functions, "function")];
    let followed: Vec<String> =
        followed.into_iter().filter_map(|(n, noun)| Some(counted(n?, noun))).collect();
    if !followed.is_empty() {
        let until = if entry.failure.is_some() { " up to there" } else { "" };
        let _ = write!(line, ": {} followed{until}", followed.join(" and "));
    }
    if let Some(calls) = entry.not_followed.filter(|calls| *calls > 0) {
        let _ = write!(line, "; {} could not be followed", counted(calls, "call"));
    }
    if let Some(failure) = &entry.failure {
        let _ = write!(line, ". {}", prose(failure));
    }
    line
}

fn waivers(text: &mut String, waivers: &Waivers) {
    let Waivers { dated, put_off, .. } = waivers;
    if dated.is_empty() && put_off.is_empty() {
        return;
    }
    text.push_str("## Waivers with a date\n\n");
    self::dated(text, dated);
    for one in put_off.iter().take(ROWS) {
        let _ = writeln!(
            text,
            "* put off: {} in {}: {}",
            code(&one.what),
            code(&one.path),
            one.dates.join(" → ")
        );
    }
    text.push('\n');
}

fn dated(text: &mut String, dated: &[crate::report::overview::Dated]) {
    for one in dated.iter().take(ROWS) {
        let left = match one.days {
            days if days < 0 => format!("ended {} ago", counted(days.unsigned_abs(), "day")),
            days => format!("{} left", counted(days.unsigned_abs(), "day")),
        };
        let rules: Vec<String> = one.rules.iter().map(|rule| code(rule)).collect();
        let place = code(&format!("{}:{}", one.path, one.line));
        let _ = writeln!(
            text,
            "* until {} ({left}): {} of {}, {place}: {}",
            one.until,
            what(&one.what),
            rules.join(", "),
            prose(&one.reason)
        );
    }
    more(text, dated.len(), ROWS, "date");
}

/// What is excused: words of the baseline, which mark code, or an item of the registry.
fn what(text: &str) -> String {
    if text.contains('`') { prose(text) } else { code(text) }
}

fn not_seen(text: &mut String, seen: &NotSeen) {
    text.push_str("## What was not seen\n\n");
    let NotSeen { unparsed_files, unparsed, excluded_files, excluded_imports, not_read, .. } = seen;
    let list = |items: &[Counted]| {
        let mut parts: Vec<String> =
            items.iter().take(8).map(|item| format!("{} {}", code(&item.name), number(item.count))).collect();
        if items.len() > 8 {
            parts.push(format!("{} more", items.len() - 8));
        }
        if parts.is_empty() { String::new() } else { format!(": {}", parts.join(", ")) }
    };
    let parse = if *unparsed_files == 1 { "does not parse" } else { "do not parse" };
    let _ = writeln!(text, "* {} that {parse}{}", counted(*unparsed_files, "file"), list(unparsed));
    let _ = writeln!(
        text,
        "* {} that `exclude` hides, with {}",
        counted(*excluded_files, "file"),
        counted(*excluded_imports, "import line")
    );
    let read: Vec<String> =
        not_read.iter().map(|(language, n)| format!("{} {}", number(*n), code(language))).collect();
    if !read.is_empty() {
        let _ = writeln!(text, "* files that are not read: {}", read.join(", "));
    }
    let _ = writeln!(text, "* {} whose target is computed", counted(seen.computed_imports, "import"));
    let undecided: u32 = seen.undecided.iter().map(|item| item.count).sum();
    let _ =
        writeln!(text, "* {} that could not be decided{}", counted(undecided, "use"), list(&seen.undecided));
    let _ = writeln!(
        text,
        "* {} at the start of entry points that could not be followed",
        counted(seen.calls_not_followed, "call")
    );
    text.push('\n');
}

fn notes(text: &mut String, overview: &Overview) {
    for note in &overview.notes {
        let _ = writeln!(text, "Note: {}\n", prose(note));
    }
}

/// Keeps a page below a length, in whole lines, and says so.
fn cut(text: &mut String, longest: usize) {
    if text.chars().count() <= longest {
        return;
    }
    let end = text.char_indices().nth(longest).map_or(text.len(), |(at, _)| at);
    let end = text[..end].rfind('\n').map_or(end, |at| at + 1);
    let lines = text[end..].lines().count() as u64;
    text.truncate(end);
    let _ = writeln!(
        text,
        "\n… {} cut: a comment on GitHub may not be longer; `--format json` holds everything.",
        counted(lines, "line")
    );
}

#[cfg(test)]
mod tests;
