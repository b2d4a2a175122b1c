//! The answer for people: what it is, through what it is imported, by whom, and where it is spoken of; the last line is
//! the sum.

use std::io::{self, Write};

use crate::check::whereabouts::{Counts, Definition, Found, Import, Mention};
use crate::facts::KIND_NAMES;
use crate::formats::context::{columns, counted, cut, escape, number};

/// Lines of a list, unless all are wanted.
const SHOWN: usize = 10;

/// A longer place does not push the column beside it further out.
const WIDEST_PLACE: usize = 64;

/// What a line of a comment is cut to.
const WIDEST_TEXT: usize = 110;

/// Writes everything that was found.
pub(super) fn write(found: &Found, near: Option<&str>, all: bool, out: &mut dyn Write) -> io::Result<()> {
    if found.is_empty() {
        writeln!(
            out,
            "Nothing is called `{}`: no definition, import, string, comment or docstring names it",
            escape(&found.name)
        )?;
        return near.map_or(Ok(()), |near| writeln!(out, "  help: did you mean `{}`?", escape(near)));
    }
    let limit = if all { usize::MAX } else { SHOWN };
    definitions(found, limit, out)?;
    doors(found, limit, out)?;
    let several = found.definitions.iter().filter(|at| at.line.is_some()).count() > 1;
    let imports = found.imports.iter().map(|at| Line {
        scope: &at.scope,
        place: place(&at.path, at.line),
        says: import(at, several),
    });
    group(&counted(found.counts.imports as u64, "import"), imports.collect(), limit, out)?;
    let strings = found.strings.iter().map(|at| Line {
        scope: &at.scope,
        place: place(&at.path, at.line),
        says: format!("\"{}\"", escape(&at.written)),
    });
    group(&counted(found.counts.strings as u64, "string"), strings.collect(), limit, out)?;
    let comments = found.mentions.iter().filter(|at| at.kind == "comment").count();
    let title = format!(
        "{} ({}, {})",
        counted(found.counts.mentions as u64, "mention"),
        counted(comments as u64, "comment"),
        counted((found.counts.mentions - comments) as u64, "docstring"),
    );
    group(&title, found.mentions.iter().map(mention).collect(), limit, out)?;
    let title = format!("{} of that text", counted(found.counts.literals as u64, "other string"));
    group(&title, found.literals.iter().map(mention).collect(), limit, out)?;
    sum(found, out)
}

/// What bears the name.
fn definitions(found: &Found, limit: usize, out: &mut dyn Write) -> io::Result<()> {
    let name = escape(&found.name);
    match found.definitions.as_slice() {
        [] => writeln!(out, "`{name}` is defined nowhere in the project")?,
        [one] => writeln!(out, "`{}` is {}", escape(&one.name), what(one))?,
        several => {
            writeln!(out, "`{name}` is {} things", number(several.len() as u64))?;
            for one in several.iter().take(limit) {
                writeln!(out, "  `{}`: {}", escape(&one.name), what(one))?;
            }
            more(several.len(), limit, "  ", out)?;
        }
    }
    if let Some((first, rest)) = found.namesakes.split_first() {
        let others =
            if rest.is_empty() { String::new() } else { format!(" and {} more", number(rest.len() as u64)) };
        writeln!(out, "Not meant, but of that name: `{}`{others}", escape(first))?;
    }
    Ok(())
}

/// "a class, a/b.py:12".
fn what(definition: &Definition) -> String {
    let mut says = match definition.kind {
        "directory" => "a directory of modules".to_owned(),
        "external" => "from outside the project".to_owned(),
        kind => format!("a {kind}"),
    };
    if let Some(path) = &definition.path {
        let place = definition.line.map_or_else(|| escape(path).into_owned(), |line| place(path, line));
        says = format!("{says}, {place}");
    }
    if definition.modules > 0 {
        says = format!("{says}, {} below it", counted(definition.modules as u64, "module"));
    }
    match &definition.scope {
        Some(scope) if scope != crate::rules::context::PRODUCTION => format!("{says} ({})", escape(scope)),
        _ => says,
    }
}

fn doors(found: &Found, limit: usize, out: &mut dyn Write) -> io::Result<()> {
    if found.doors.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nImported through {}", counted(found.doors.len() as u64, "module"))?;
    for door in found.doors.iter().take(limit) {
        let note = match door.resolves {
            "missing" => "  (does not exist)",
            "missing-name" => "  (exists, but has no such name)",
            "external" => "  (outside the project)",
            _ => "",
        };
        writeln!(out, "  {:>6}  {}{note}", number(door.imports as u64), escape(&door.module))?;
    }
    more(found.doors.len(), limit, "  ", out)
}

/// What an import names, and how; where several things bear the name, which one it comes to.
fn import(import: &Import, several: bool) -> String {
    let mut says = escape(&import.written).into_owned();
    if let Some(definition) = &import.definition
        && several
        && *definition != import.written
    {
        says = format!("{says} = {}", escape(definition));
    }
    let mut notes = notable(&import.kinds);
    match import.resolves {
        "missing" => notes.push("does not exist"),
        "unknown" => notes.push("not known to exist"),
        _ => {}
    }
    if notes.is_empty() { says } else { format!("{says}  ({})", notes.join(", ")) }
}

fn mention(mention: &Mention) -> Line<'_> {
    Line {
        scope: &mention.scope,
        place: place(&mention.path, mention.line),
        says: cut(&escape(&mention.text), WIDEST_TEXT).into_owned(),
    }
}

/// One line of a list.
struct Line<'a> {
    scope: &'a str,
    place: String,
    says: String,
}

/// A list under its scopes, each of them limited.
fn group(title: &str, lines: Vec<Line>, limit: usize, out: &mut dyn Write) -> io::Result<()> {
    if lines.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{title}")?;
    for of_scope in lines.chunk_by(|a, b| a.scope == b.scope) {
        writeln!(out, "  {}: {}", escape(of_scope[0].scope), number(of_scope.len() as u64))?;
        let shown = &of_scope[..of_scope.len().min(limit)];
        let width = shown.iter().map(|line| columns(&line.place)).max().unwrap_or(0).min(WIDEST_PLACE);
        for line in shown {
            let gap = " ".repeat(width.saturating_sub(columns(&line.place)));
            writeln!(out, "    {}{gap}  {}", line.place, line.says)?;
        }
        more(of_scope.len(), limit, "    ", out)?;
    }
    Ok(())
}

fn more(there: usize, limit: usize, indent: &str, out: &mut dyn Write) -> io::Result<()> {
    match there.saturating_sub(limit) {
        0 => Ok(()),
        more => writeln!(out, "{indent}… {} more: --all", number(more as u64)),
    }
}

fn place(path: &str, line: u32) -> String {
    format!("{}:{line}", escape(path))
}

/// The last line answers.
fn sum(found: &Found, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out)?;
    if found.from.is_empty() {
        if !found.inside.is_none_left() {
            writeln!(out, "Within `{}` itself, not listed: {}", escape(&found.name), counts(found.inside))?;
        }
        return writeln!(out, "{}", counts(found.counts));
    }
    if !found.elsewhere.is_none_left() {
        writeln!(out, "Elsewhere: {}", counts(found.elsewhere))?;
    }
    let from: Vec<String> = found.from.iter().map(|from| format!("`{}`", escape(from))).collect();
    let left = if found.counts.is_none_left() { "none".to_owned() } else { counts(found.counts) };
    writeln!(out, "{left} left in {}", from.join(", "))
}

fn counts(counts: Counts) -> String {
    let Counts { imports, strings, mentions, .. } = counts;
    let parts = [(imports, "import"), (strings, "string"), (mentions, "mention")];
    parts.map(|(n, noun)| counted(n as u64, noun)).join(", ")
}

/// The kinds of an import that are worth a word: most imports are eager.
fn notable(kinds: &[&'static str]) -> Vec<&'static str> {
    kinds.iter().copied().filter(|kind| *kind != KIND_NAMES[0]).collect()
}
