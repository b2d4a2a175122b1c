//! The registry as a Markdown page that people read, and its place in a page that they write themselves.
//!
//! Knows no disk and no clock: the same registry is the same bytes. What the registry says is shown as it is written,
//! never taken as Markdown or HTML.

use std::fmt::Write as _;
use std::path::Path;

use crate::facts::Date;
use crate::formats::context::escape;
use crate::registry::schema::{CHECKS, Form, SECTIONS};
use crate::registry::{Canonical, Entry, EntryKind, Meta, Registry, SymbolPath};
use crate::source::{Language, LineIndex};
use crate::violation::Severity;

/// The line above what is written into a page.
pub const BEGIN: &str = "<!-- importlaw:registry -->";
/// The line below it.
pub const END: &str = "<!-- /importlaw:registry -->";

/// A page that holds nothing but the registry.
pub fn new_page(registry: &Registry) -> String {
    format!("# Import registry\n\n{BEGIN}\n\n{}\n{END}\n", body(registry))
}

/// The `page` with the registry between its two marker lines, everything else as it is; one without any text becomes a
/// new page. The error says why it has no place for the registry.
pub fn laid_into(page: &str, registry: &Registry) -> Result<String, String> {
    if page.trim().is_empty() {
        return Ok(new_page(registry));
    }
    let (mut begins, mut ends) = (Vec::new(), Vec::new());
    let mut at = 0;
    for (number, line) in page.split_inclusive('\n').enumerate() {
        match line.trim_end() {
            BEGIN => begins.push((number + 1, at, at + line.len())),
            END => ends.push((number + 1, at, at + line.len())),
            _ => {}
        }
        at += line.len();
    }
    let (start, end) = match (begins.as_slice(), ends.as_slice()) {
        ([(_, _, start)], [(_, end, _)]) if start <= end => (*start, *end),
        ([], []) => return Err("it has no place for the registry".to_owned()),
        ([(line, ..)], []) => return Err(format!("`{BEGIN}` on line {line} has no `{END}` below it")),
        ([], [(line, ..), ..]) => return Err(format!("`{END}` on line {line} has no `{BEGIN}` above it")),
        ([(begin, ..)], [(end, ..)]) => {
            return Err(format!("`{END}` on line {end} stands above `{BEGIN}` on line {begin}"));
        }
        ([_, (line, ..), ..], _) => return Err(format!("`{BEGIN}` stands a second time on line {line}")),
        (_, [_, (line, ..), ..]) => return Err(format!("`{END}` stands a second time on line {line}")),
    };
    let inner = format!("\n{}\n", body(registry));
    // A checkout may have turned all line ends.
    let inner = if page[..start].ends_with("\r\n") { inner.replace('\n', "\r\n") } else { inner };
    Ok(format!("{}{inner}{}", &page[..start], &page[end..]))
}

/// The generated part.
fn body(registry: &Registry) -> String {
    let shown = registry.path.as_ref().map_or("no registry", |path| {
        // What lies outside the project lies elsewhere on another machine.
        if Path::new(path.as_str()).is_absolute() { path.file_name() } else { path.as_str() }
    });
    let mut text = format!(
        "Generated from {} by `importlaw registry list`: change the registry, not these lines.\n",
        code(shown)
    );
    let writer = Writer::new(registry);
    let mut section = |heading: &str, doc: &str, table: Option<String>| {
        if let Some(table) = table {
            let _ = write!(text, "\n## {heading}\n\n{doc}.\n\n{table}");
        }
    };
    let doc = "Each of these symbols is imported from one module; `*` is everything that the module defines";
    section("Where symbols come from", doc, writer.doors());
    section(
        "Moved",
        "Old paths, with all below them, and what to write instead; `:` stands before a symbol",
        writer.moved(),
    );
    for kind in SECTIONS.iter().filter(|section| matches!(section.form, Form::Entries(_))) {
        if kind.name != "canonical" {
            section(&capitalised(kind.name), kind.doc, writer.rules(kind.name));
        }
    }
    section("Checks", "Built-in checks that the registry sets", writer.checks());
    text
}

/// Makes the tables.
struct Writer<'a> {
    registry: &'a Registry,
    /// The lines of `extends`.
    inherited: Vec<u32>,
}

impl<'a> Writer<'a> {
    fn new(registry: &'a Registry) -> Self {
        let lines = LineIndex::new(&registry.text);
        let inherited = registry.extends.iter().map(|span| lines.line(span.start)).collect();
        Self { registry, inherited }
    }

    fn doors(&self) -> Option<String> {
        let mut rows = Vec::new();
        for entry in &self.registry.entries {
            for canonical in entry.kind.canonicals() {
                for symbol in &canonical.symbols {
                    rows.push((
                        &symbol.text,
                        &canonical.path.text,
                        self.door(entry, canonical, &symbol.text),
                    ));
                }
            }
        }
        // A symbol is looked up by its name; entries of equal names keep the order of the file.
        rows.sort_by_key(|(symbol, path, _)| (*symbol, *path));
        let rows: Vec<_> = rows.into_iter().map(|(_, _, row)| row).collect();
        let columns =
            ["symbol", "import", "excused for now", "retired", "limits", "why", "owner", "rule", "line"];
        table(columns, &rows)
    }

    fn door(&self, entry: &Entry, canonical: &Canonical, symbol: &str) -> [String; 9] {
        let import =
            format!("from {} import {}", canonical.path.text, if symbol == "*" { "…" } else { symbol });
        let compatible = canonical.compatible.iter();
        let compatible =
            compatible.map(|door| excused(&door.path.text, door.until, door.reason.as_deref())).collect();
        let retired = canonical.retired.iter().map(|path| code(&path.item.text)).collect();
        let mut limits = Vec::new();
        if !canonical.within.is_empty() {
            limits.push(format!("within {}", codes(canonical.within.iter().map(|within| &within.text))));
        }
        if canonical.unique {
            limits.push("defined only once".to_owned());
        }
        limits.extend(self::limits(&entry.meta));
        // A door of `[doors]` has a line of its own.
        let line = if matches!(entry.kind, EntryKind::Doors(_)) { canonical.path.line } else { entry.line };
        [
            code(symbol),
            code(&import),
            lines(compatible),
            lines(retired),
            lines(limits),
            why(&entry.meta),
            owner(&entry.meta),
            code(&entry.id),
            self.line(line),
        ]
    }

    fn moved(&self) -> Option<String> {
        let lines = self.registry.entries.iter().flat_map(|entry| entry.kind.moved());
        let mut lines: Vec<_> = lines.collect();
        lines.sort_by_key(|line| &line.from.item.text);
        let rows: Vec<_> = lines
            .into_iter()
            .map(|line| {
                [
                    code(&line.from.item.text),
                    code(&written(&line.to)),
                    line.until.map_or(String::new(), |until| until.to_string()),
                    line.reason.as_deref().map_or(String::new(), prose),
                    self.line(line.from.item.line),
                ]
            })
            .collect();
        table(["old", "write", "excused until", "why", "line"], &rows)
    }

    fn rules(&self, kind: &str) -> Option<String> {
        let entries = self.registry.entries.iter().filter(|entry| entry.kind.name() == kind);
        let rows: Vec<_> = entries
            .map(|entry| {
                [
                    code(&entry.id),
                    entry.kind.summary_with(&code),
                    lines(limits(&entry.meta)),
                    exceptions(&entry.meta),
                    why(&entry.meta),
                    owner(&entry.meta),
                    self.line(entry.line),
                ]
            })
            .collect();
        table(["rule", "what", "limits", "excused", "why", "owner", "line"], &rows)
    }

    /// Those that are written; the others change with the program.
    fn checks(&self) -> Option<String> {
        let written = self.registry.checks.iter().filter_map(|check| Some((check, check.line?)));
        let rows: Vec<_> = written
            .map(|(check, line)| {
                let level = match (check.on, check.meta.severity) {
                    (false, _) => "off",
                    (true, Severity::Error) => "error",
                    (true, Severity::Warn) => "warn",
                };
                let spec = CHECKS.iter().find(|known| known.name == check.id);
                let doc = spec.map_or("", |spec| spec.doc);
                // A warning is said by the level already, and what a check is for by its line.
                let mut meta = Meta { severity: Severity::Error, ..check.meta.clone() };
                let default = spec.is_some_and(|spec| spec.python);
                meta.languages = meta.languages.filter(|said| !(default && *said == [Language::Python]));
                [
                    code(check.id),
                    level.to_owned(),
                    doc.replace('|', "\\|"),
                    lines(limits(&meta)),
                    exceptions(&meta),
                    why(&meta),
                    owner(&meta),
                    self.line(line),
                ]
            })
            .collect();
        table(["check", "level", "finds", "limits", "excused", "why", "owner", "line"], &rows)
    }

    fn line(&self, line: u32) -> String {
        let inherited = if self.inherited.contains(&line) { " (inherited)" } else { "" };
        format!("{line}{inherited}")
    }
}

/// A table without the columns that are empty in every row; None without rows.
fn table<const N: usize>(columns: [&str; N], rows: &[[String; N]]) -> Option<String> {
    if rows.is_empty() {
        return None;
    }
    let used: Vec<usize> = (0..N).filter(|at| rows.iter().any(|row| !row[*at].is_empty())).collect();
    let mut text = String::new();
    let mut line = |cells: &mut dyn Iterator<Item = &str>| {
        for cell in cells {
            let _ = write!(text, "|{}{cell} ", if cell.is_empty() { "" } else { " " });
        }
        text.push_str("|\n");
    };
    line(&mut used.iter().map(|at| columns[*at]));
    line(&mut used.iter().map(|_| "---"));
    for row in rows {
        line(&mut used.iter().map(|at| row[*at].as_str()));
    }
    Some(text)
}

/// What narrows an entry down.
fn limits(meta: &Meta) -> Vec<String> {
    let mut limits = Vec::new();
    if let Some(scopes) = &meta.scopes {
        limits.push(format!("scope {}", codes(scopes.iter().map(|scope| &scope.text))));
    }
    if let Some(languages) = &meta.languages {
        limits.push(codes(languages.iter().map(|language| language.name())));
    }
    if !meta.except_kinds.is_empty() {
        limits.push(format!("not {} imports", codes(&meta.except_kinds)));
    }
    if meta.severity == Severity::Warn {
        limits.push("a warning only".to_owned());
    }
    limits
}

fn exceptions(meta: &Meta) -> String {
    let exceptions = meta.except.iter();
    lines(
        exceptions.map(|except| excused(&except.item.text, except.until, except.reason.as_deref())).collect(),
    )
}

/// What is excused, until when and why.
fn excused(what: &str, until: Option<Date>, reason: Option<&str>) -> String {
    let until = until.map_or(String::new(), |until| format!(" until {until}"));
    let reason = reason.map_or(String::new(), |reason| format!(": {}", prose(reason)));
    format!("{}{until}{reason}", code(what))
}

fn why(meta: &Meta) -> String {
    let help = meta.help.as_deref().map(|help| format!("Instead: {}", prose(help)));
    let said = [meta.reason.as_deref().map(prose), help, meta.docs.as_deref().map(link)];
    lines(said.into_iter().flatten().collect())
}

fn owner(meta: &Meta) -> String {
    meta.owner.as_deref().map_or(String::new(), prose)
}

/// How the new path of a `[moved]` line is written: a symbol by its import.
fn written(path: &SymbolPath) -> String {
    match &path.symbol {
        Some(symbol) => format!("from {} import {symbol}", path.module),
        None => path.module.clone(),
    }
}

/// Several things in one cell.
fn lines(things: Vec<String>) -> String {
    things.join("<br>")
}

fn codes<T: AsRef<str>>(texts: impl IntoIterator<Item = T>) -> String {
    texts.into_iter().map(|text| code(text.as_ref())).collect::<Vec<_>>().join(", ")
}

/// The text as code in a cell. A table is taken apart before its code is read, so a `|` is escaped even there.
fn code(text: &str) -> String {
    let text = escape(text).replace('|', "\\|");
    if text.is_empty() {
        return text;
    }
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let touches = text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']);
    let pad = if touches { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// The text as words in a cell: on one line, and nothing in it acts as Markdown or HTML.
fn prose(text: &str) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let words = escape(&words);
    let mut shown = String::with_capacity(words.len());
    let mut before = ' ';
    for (at, c) in words.char_indices() {
        let after = &words[at + c.len_utf8()..];
        match c {
            // Elsewhere it is itself, and part of a URL.
            '&' if begins_entity(after) => shown.push_str("&amp;"),
            '<' => shown.push_str("&lt;"),
            '>' => shown.push_str("&gt;"),
            // Inside a word it emphasises nothing, and names are full of it.
            '_' if before.is_alphanumeric() && after.starts_with(char::is_alphanumeric) => {
                shown.push(c);
            }
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '$' => shown.extend(['\\', c]),
            c => shown.push(c),
        }
        before = c;
    }
    shown
}

/// Whether what follows a `&` makes it an entity: `lt;`, `#60;`.
fn begins_entity(after: &str) -> bool {
    after.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '#').starts_with(';')
}

/// A URL as a link; anything else as words.
fn link(text: &str) -> String {
    let is_web = text.starts_with("https://") || text.starts_with("http://");
    let is_plain = |c: char| c.is_ascii_graphic() && !matches!(c, '<' | '>' | '|' | '\\' | '`' | '"');
    if is_web && text.chars().all(is_plain) { format!("<{text}>") } else { prose(text) }
}

fn capitalised(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or(String::new(), |first| first.to_uppercase().chain(chars).collect())
}

#[cfg(test)]
mod tests;
