//! What a Markdown page says of imports: each line's path, its names, and what the page calls them.
//!
//! Knows no project: whether any of it is true is not asked here.

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use super::statements::{Import, Name, Setting, left_open, statements};
use super::words::{Status, border, is_label, leads_back, leads_on, status_of, status_of_label};
use crate::source::LineIndex;

/// All that a page says.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// In the order of the page.
    pub mentions: Vec<Mention>,
    /// Lines that look like imports and could not be understood.
    pub not_understood: Vec<u32>,
}

/// One import of one module, as the page calls it.
#[derive(Debug, PartialEq, Eq)]
pub struct Mention {
    /// 1-based line on the page.
    pub line: u32,
    /// What it is called.
    pub status: Status,
    /// Where it is called so.
    pub told: Told,
    /// The absolute module.
    pub module: String,
    /// The imported names, each with its alias; empty for `import a.b`.
    pub names: Vec<(String, Option<String>)>,
    /// For a replacement: the mentions whose place it takes.
    pub replaces: Vec<usize>,
}

/// Where a page says what an import is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Told {
    /// Nowhere: a page of imports recommends what it does not mark.
    Nowhere,
    /// In a heading above.
    Heading,
    /// In a label above: "Deprecated:".
    Label,
    /// On the line itself.
    Line,
}

/// Reads a page.
pub fn read(text: &str) -> Page {
    let mut reader = Reader {
        text,
        lines: LineIndex::new(text),
        page: Page::default(),
        headings: Vec::new(),
        labels: vec![Label::default()],
        pending: Vec::new(),
        gap: true,
        new_item: false,
    };
    reader.read();
    let mut page = reader.page;
    page.not_understood.sort_unstable();
    page.not_understood.dedup();
    page
}

/// An import runs over no more lines than this.
const LONGEST: usize = 200;

/// An import holds no more names than this; one that does is not understood.
const MOST_NAMES: usize = 500;

/// A replacement speaks of no more lines above it than this.
const MOST_REPLACED: usize = 50;

#[derive(Clone, Copy, Default)]
struct Label {
    status: Option<Status>,
    /// Whether it announces what to write instead of what came before.
    leads_on: bool,
    /// Whether it stands on the line that it speaks of.
    on_line: bool,
}

impl Label {
    fn of(text: &str) -> Self {
        if is_label(text) {
            Self { status: status_of_label(text), leads_on: leads_on(text), on_line: false }
        } else {
            Self::default()
        }
    }

    fn says_something(self) -> bool {
        self.status.is_some() || self.leads_on
    }
}

/// A stretch of prose on one line of the page.
struct Piece {
    line: u32,
    code: bool,
    text: String,
}

struct Reader<'t> {
    text: &'t str,
    lines: LineIndex,
    page: Page,
    /// The headings above, outermost first.
    headings: Vec<(HeadingLevel, Option<Status>)>,
    /// The last label of the page, and of each list item that is open.
    labels: Vec<Label>,
    /// Mentions that a replacement on the next lines may speak of.
    pending: Vec<usize>,
    /// Whether what comes next stands apart from what came before.
    gap: bool,
    /// Whether a list item has begun since the last mention.
    new_item: bool,
}

impl Reader<'_> {
    fn read(&mut self) {
        let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
        let mut prose: Vec<Piece> = Vec::new();
        let mut code: Option<Vec<(u32, String)>> = None;
        let mut table = Table::default();
        for (event, range) in Parser::new_ext(self.text, options).into_offset_iter() {
            match event {
                Event::Start(Tag::CodeBlock(_)) => {
                    self.prose(&mut prose);
                    code = Some(Vec::new());
                }
                Event::End(TagEnd::CodeBlock) => self.code(&code.take().unwrap_or_default()),
                Event::Text(text) if code.is_some() => {
                    let first = self.line(range.start);
                    if let Some(lines) = &mut code {
                        // A blank line inside a list comes as a text of its own.
                        let numbered = text.lines().zip(first..).map(|(text, line)| (line, text.to_owned()));
                        lines.extend(numbered);
                    }
                }
                Event::Text(text) | Event::InlineHtml(text) => {
                    prose.push(Piece { line: self.line(range.start), code: false, text: text.to_string() });
                }
                Event::Code(text) => {
                    prose.push(Piece { line: self.line(range.start), code: true, text: text.to_string() });
                }
                Event::Html(text) => {
                    let first = self.line(range.start);
                    let lines = text.lines().zip(first..);
                    let imports = lines.filter(|(text, _)| !statements(text, Setting::Prose).is_empty());
                    self.page.not_understood.extend(imports.map(|(_, line)| line));
                }
                Event::Start(Tag::TableHead) => {
                    self.prose(&mut prose);
                    table = Table::default();
                }
                Event::End(TagEnd::TableHead) => {
                    table.in_body = true;
                    prose.clear();
                }
                Event::End(TagEnd::TableCell) if !table.in_body => {
                    let text: String = prose.drain(..).map(|piece| piece.text).collect();
                    table.heads.push(text);
                }
                Event::Start(Tag::TableRow) => {
                    table.column = 0;
                    self.gap = true;
                }
                Event::End(TagEnd::TableCell) => {
                    table.column += 1;
                    let line = self.line(range.start);
                    prose.push(Piece { line, code: false, text: " | ".to_owned() });
                }
                Event::Start(Tag::TableCell) if table.in_body => {
                    let import = !statements(&self.text[range.clone()], Setting::Prose).is_empty();
                    if let Some(head) = table.heads.get(table.column).filter(|_| import) {
                        let (line, text) = (self.line(range.start), format!("{head}: "));
                        prose.push(Piece { line, code: false, text });
                    }
                }
                Event::End(TagEnd::TableRow) => self.prose(&mut prose),
                Event::Start(Tag::Heading { level, .. }) => {
                    self.prose(&mut prose);
                    self.headings.retain(|(above, _)| *above < level);
                    self.labels = vec![Label::default()];
                    self.pending.clear();
                }
                Event::End(TagEnd::Heading(level)) => {
                    let text: String = prose.iter().map(|piece| piece.text.as_str()).collect();
                    self.headings.push((level, status_of(&text)));
                    self.prose(&mut prose);
                    self.labels = vec![Label::default()];
                }
                Event::Start(Tag::Item) => {
                    self.prose(&mut prose);
                    self.labels.push(Label::default());
                    self.new_item = true;
                }
                Event::End(TagEnd::Item) => {
                    self.prose(&mut prose);
                    if self.labels.len() > 1 {
                        self.labels.pop();
                    }
                }
                Event::Start(Tag::Paragraph | Tag::List(_) | Tag::BlockQuote(_) | Tag::Table(_))
                | Event::End(TagEnd::Paragraph | TagEnd::List(_) | TagEnd::Table | TagEnd::BlockQuote(_)) => {
                    self.prose(&mut prose);
                }
                _ => {}
            }
        }
        self.prose(&mut prose);
    }

    fn line(&self, offset: usize) -> u32 {
        self.lines.line(offset as u32)
    }

    /// A code block: each statement with the comments about it.
    fn code(&mut self, lines: &[(u32, String)]) {
        self.gap = true;
        let mut label = Label::default();
        let mut at = 0;
        while let Some((_, text)) = lines.get(at) {
            at += 1;
            let text = text.trim().trim_start_matches(">>> ").trim_start_matches("... ");
            // As in a difference: what goes, and what comes instead.
            let starts = |text: &str| text.starts_with("from ") || text.starts_with("import ");
            let (sign, text) = match text.strip_prefix(['-', '+']).map(str::trim_start) {
                Some(rest) if starts(rest) => (text.get(..1), rest),
                _ => (None, text),
            };
            if text.is_empty() {
                self.gap = true;
                label = Label::default();
                continue;
            }
            let comment = text.strip_prefix('#').map(|rest| rest.trim_start_matches('#').trim());
            let setting = if comment.is_some() { Setting::Prose } else { Setting::Code };
            let marked = match sign {
                Some("-") => Label { status: Some(Status::Deprecated), leads_on: false, on_line: true },
                Some("+") => Label { status: Some(Status::Canonical), leads_on: true, on_line: true },
                _ => label,
            };
            let (whole, numbers) = Self::statement(lines, at - 1, comment.unwrap_or(text));
            if self.logical_line(&whole, &numbers, setting, marked) {
                at += numbers.len() - 1;
                continue;
            }
            if let Some(comment) = comment.filter(|comment| is_label(comment)) {
                label = Label::of(comment);
            }
        }
    }

    /// The line at `at` with those below that an open bracket or a backslash joins to it, and their numbers. Alone where
    /// that makes no import of it: nothing below may be swallowed by a bracket that is never closed.
    fn statement(lines: &[(u32, String)], at: usize, first: &str) -> (String, Vec<u32>) {
        let alone = || (first.to_owned(), vec![lines[at].0]);
        // Of a remark, only what it says from its import on.
        let Some(start) = statements(first, Setting::Prose).first().map(|found| found.range.start) else {
            return alone();
        };
        let (mut depth, mut joined) = left_open(&first[start..]);
        let (mut whole, mut numbers) = alone();
        for (number, text) in lines[at + 1..].iter().take(LONGEST) {
            if depth <= 0 && !joined {
                break;
            }
            let text = text.trim();
            if text.starts_with("from ") || text.starts_with("import ") {
                break;
            }
            let text = text.trim_start_matches(['#', '+', '-']).trim_start_matches("... ");
            let (opened, goes_on) = left_open(text);
            (depth, joined) = (depth + opened, goes_on);
            whole.push('\n');
            whole.push_str(text);
            numbers.push(*number);
        }
        let found = statements(&whole, Setting::Prose);
        let understood = found.first().is_some_and(|found| found.import.is_some());
        if understood { (whole, numbers) } else { alone() }
    }

    /// A paragraph, an item, a heading or a row of a table: statements in it, or a label of what follows.
    fn prose(&mut self, pieces: &mut Vec<Piece>) {
        let pieces = std::mem::take(pieces);
        if pieces.is_empty() {
            return;
        }
        let mut any = false;
        let label = self.label();
        for line in pieces.chunk_by(|a, b| a.line == b.line) {
            let shown =
                |piece: &Piece| if piece.code { format!("`{}`", piece.text) } else { piece.text.clone() };
            let text: String = line.iter().map(shown).collect();
            any |= self.logical_line(&text, &[line[0].line], Setting::Prose, label);
        }
        if !any {
            let text: String = pieces.iter().map(|piece| piece.text.as_str()).collect();
            if let Some(last) = self.labels.last_mut() {
                *last = Label::of(&text);
            }
        }
    }

    fn label(&self) -> Label {
        self.labels.iter().rev().copied().find(|label| label.says_something()).unwrap_or_default()
    }

    /// All statements of one line of code or prose; `numbers` are the lines of the page that it runs over. Whether there
    /// was any.
    fn logical_line(&mut self, text: &str, numbers: &[u32], setting: Setting, label: Label) -> bool {
        let found = statements(text, setting);
        if found.is_empty() {
            return false;
        }
        let label = if label.says_something() { label } else { self.label() };
        let ends: Vec<usize> = text.match_indices('\n').map(|(at, _)| at).collect();
        let line_of = |offset: usize| {
            let line = ends.partition_point(|end| *end < offset);
            numbers.get(line).or(numbers.last()).copied().unwrap_or(0)
        };
        let mut before = 0;
        let mut previous_tail = 0;
        for (at, statement) in found.iter().enumerate() {
            let next = found.get(at + 1).map_or(text.len(), |next| next.range.start);
            let after = &text[statement.range.end..next];
            let tail = if at + 1 < found.len() { &after[..border(after)] } else { after };
            let prefix = &text[before.max(previous_tail)..statement.range.start];
            before = statement.range.end;
            previous_tail = statement.range.end + tail.len();
            let line = line_of(statement.range.start);
            let is_short =
                |import: &&Import| !matches!(import, Import::From { names, .. } if names.len() > MOST_NAMES);
            let Some(import) = statement.import.as_ref().filter(is_short) else {
                self.page.not_understood.push(line);
                continue;
            };
            let tail = match import {
                Import::From { comment, .. } => format!("{comment} {tail}"),
                Import::Modules(_) => tail.to_owned(),
            };
            // What something else on its line takes the place of is old, marked or not.
            let is_left = at + 1 < found.len() && leads_on(&after[border(after)..]);
            let (status, told) = match self.status(prefix, &tail, label) {
                (Status::Canonical | Status::Compatible, _) if is_left => (Status::Deprecated, Told::Line),
                other => other,
            };
            match import {
                Import::Modules(modules) => {
                    for module in modules {
                        self.mention(line, status, told, module, &[]);
                    }
                }
                // A name may have a line and a remark of its own.
                Import::From { module, names, .. } => {
                    let own = |name: &Name| status_of(&name.comment);
                    for names in names.chunk_by(|a, b| own(a) == own(b)) {
                        match own(&names[0]) {
                            Some(status) => {
                                self.mention(line_of(names[0].at), status, Told::Line, module, names);
                            }
                            None => self.mention(line, status, told, module, names),
                        }
                    }
                }
            }
        }
        true
    }

    /// What the page calls a statement with these words around it.
    fn status(&self, prefix: &str, tail: &str, label: Label) -> (Status, Told) {
        let is_spent = self.pending.is_empty() || self.new_item && self.pending_is_replaced();
        let has_old = !is_spent;
        if leads_back(prefix) {
            return (Status::Deprecated, Told::Line);
        }
        if leads_on(prefix) {
            let status = if has_old { Status::Replacement } else { Status::Canonical };
            return (status, Told::Line);
        }
        if let Some(status) =
            status_of_label(prefix).filter(|_| !prefix.trim().is_empty()).max(status_of(tail))
        {
            return (status, Told::Line);
        }
        let told = if label.on_line { Told::Line } else { Told::Label };
        if label.leads_on && has_old {
            return (Status::Replacement, told);
        }
        if let Some(status) = label.status {
            return (status, told);
        }
        let heading = self.headings.iter().rev().find_map(|(_, status)| *status);
        heading.map_or((Status::Canonical, Told::Nowhere), |status| (status, Told::Heading))
    }

    /// Whether a replacement has been named already.
    fn pending_is_replaced(&self) -> bool {
        let last = self.page.mentions.last();
        last.is_some_and(|last| last.replaces.iter().any(|old| self.pending.contains(old)))
    }

    fn mention(&mut self, line: u32, status: Status, told: Told, module: &str, names: &[Name]) {
        let at = self.page.mentions.len();
        let mut replaces = Vec::new();
        match status {
            Status::Deprecated | Status::Broken => {
                if self.gap || self.pending_is_replaced() || self.pending.len() >= MOST_REPLACED {
                    self.pending.clear();
                }
                self.pending.push(at);
            }
            Status::Replacement => replaces.clone_from(&self.pending),
            Status::Canonical | Status::Compatible => self.pending.clear(),
        }
        self.gap = false;
        self.new_item = false;
        let names = names.iter().map(|name| (name.text.clone(), name.alias.clone())).collect();
        let module = module.to_owned();
        self.page.mentions.push(Mention { line, status, told, module, names, replaces });
    }
}

#[derive(Default)]
struct Table {
    heads: Vec<String>,
    in_body: bool,
    column: usize,
}

#[cfg(test)]
mod tests;
