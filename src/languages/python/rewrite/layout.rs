//! Where on their lines statements and names stand, and how new ones are written among them.

use std::fmt::Write;

use super::statements::{Statement, Statements};
use crate::languages::rewrite::{Change, Lines};
use crate::source::Span;

/// A line that becomes longer than this by a new name is left as it is, and the name gets a statement of its own; one
/// that is longer by itself is written one name a line.
const WIDEST: usize = 100;

/// The text with its statements.
#[derive(Clone, Copy)]
pub(super) struct Layout<'a> {
    pub(super) text: &'a str,
    pub(super) statements: &'a Statements,
}

/// A name as it is to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct New {
    pub(super) name: String,
    /// What follows `as`.
    pub(super) alias: Option<String>,
    /// The comment that goes with it.
    pub(super) comment: Option<String>,
}

impl New {
    pub(super) fn written(&self) -> String {
        written(&self.name, self.alias.as_deref())
    }

    pub(super) fn local(&self) -> &str {
        self.alias.as_deref().unwrap_or(&self.name)
    }
}

pub(super) fn written(name: &str, alias: Option<&str>) -> String {
    alias.map_or_else(|| name.to_owned(), |alias| format!("{name} as {alias}"))
}

/// A statement to be written: names out of a module, or without one a module itself.
#[derive(Clone, Debug)]
pub(super) struct Group {
    pub(super) module: Option<String>,
    pub(super) items: Vec<New>,
}

impl<'a> Layout<'a> {
    fn lines(self) -> Lines<'a> {
        Lines { text: self.text }
    }

    /// The first byte of the line that holds `at`.
    pub(super) fn line_start(self, at: usize) -> usize {
        self.lines().line_start(at)
    }

    /// One past the last byte of the line that holds `at`, without what ends it.
    pub(super) fn line_end(self, at: usize) -> usize {
        self.lines().line_end(at)
    }

    /// The first byte of the line below the one that holds `at`.
    pub(super) fn next_line(self, at: usize) -> usize {
        self.lines().next_line(at)
    }

    /// What ends the line that holds `at`, or any line of the text.
    pub(super) fn newline(self, at: usize) -> &'a str {
        self.lines().newline(at)
    }

    /// What stands before a statement on its line.
    pub(super) fn before(self, statement: &Statement) -> &'a str {
        self.text[self.line_start(statement.start)..statement.start].trim_start_matches('\u{feff}')
    }

    /// What stands behind a statement on its last line.
    pub(super) fn behind(self, statement: &Statement) -> &'a str {
        &self.text[statement.end..self.line_end(statement.end)]
    }

    /// Whether a statement shares its lines with nothing but a comment.
    pub(super) fn is_alone(self, statement: &Statement) -> bool {
        let behind = self.behind(statement).trim_start();
        self.before(statement).trim().is_empty() && (behind.is_empty() || behind.starts_with('#'))
    }

    /// The comments on a statement's lines.
    pub(super) fn comments(self, statement: &Statement) -> &'a [(usize, usize)] {
        self.statements.comments_in(statement.start, self.line_end(statement.end))
    }

    /// Whether a name has its lines for itself, between brackets.
    pub(super) fn has_own_lines(self, statement: &Statement, item: usize) -> bool {
        let item = &statement.items[item];
        let end = item.comma.unwrap_or(item.end);
        let before = &self.text[self.line_start(item.start)..item.start];
        let behind = self.text[end..self.line_end(end)].trim_start();
        statement.brackets.is_some()
            && before.trim().is_empty()
            && (behind.is_empty() || behind.starts_with('#'))
    }

    /// The comment behind a name that has its lines for itself.
    pub(super) fn own_comment(self, statement: &Statement, item: usize) -> Option<String> {
        if !self.has_own_lines(statement, item) {
            return None;
        }
        let item = &statement.items[item];
        let (start, end) = *self.statements.comments_in(item.start, self.line_end(item.end)).first()?;
        Some(self.text[start..end].trim_end().to_owned())
    }

    /// What takes names out of a statement that keeps others; None where a comment would go with them.
    pub(super) fn without(self, statement: &Statement, gone: &dyn Fn(usize) -> bool) -> Option<Vec<Change>> {
        let items = &statement.items;
        let out: Vec<usize> = (0..items.len()).filter(|at| gone(*at)).collect();
        if out.iter().all(|at| self.has_own_lines(statement, *at)) {
            let lines = out.iter().map(|at| {
                let item = &items[*at];
                let end = self.next_line(item.comma.unwrap_or(item.end));
                change(self.line_start(item.start), end, String::new())
            });
            return Some(lines.collect());
        }
        let mut changes = Vec::new();
        let mut at = 0;
        while at < items.len() {
            if !gone(at) {
                at += 1;
                continue;
            }
            let first = at;
            while at < items.len() && gone(at) {
                at += 1;
            }
            let (start, end) = match first.checked_sub(1) {
                Some(kept) => (items[kept].end, items[at - 1].end),
                None => (items[first].start, items.get(at)?.start),
            };
            if !self.statements.comments_in(start, end).is_empty() {
                return None;
            }
            changes.push(change(start, end, String::new()));
        }
        Some(changes)
    }

    /// What adds names to a statement; None where they do not fit.
    pub(super) fn with(self, statement: &Statement, added: &[New]) -> Option<Vec<Change>> {
        let items = &statement.items;
        let last = items.len().checked_sub(1)?;
        let on_lines = self.has_own_lines(statement, last);
        if !on_lines {
            let more: usize = added.iter().map(|new| new.written().chars().count() + 2).sum();
            let line = &self.text[self.line_start(items[last].end)..self.line_end(items[last].end)];
            let too_wide = line.chars().count() + more > WIDEST;
            if too_wide || added.iter().any(|new| new.comment.is_some()) {
                return None;
            }
        }
        let mut added: Vec<&New> = added.iter().collect();
        let sorted_by = |key: &dyn Fn(&str) -> String| {
            let keys: Vec<String> = items.iter().map(|item| key(&item.name)).collect();
            keys.len() > 1 && keys.is_sorted()
        };
        let lower: &dyn Fn(&str) -> String = &str::to_lowercase;
        let plain: &dyn Fn(&str) -> String = &str::to_owned;
        let order = [plain, lower].into_iter().find(|key| sorted_by(key));
        if let Some(key) = order {
            added.sort_by_key(|new| key(&new.name));
        }
        let newline = self.newline(items[last].end);
        let mut changes = Vec::new();
        let mut behind = String::new();
        for new in added {
            let next = order.and_then(|key| items.iter().position(|item| key(&item.name) > key(&new.name)));
            let next = next.filter(|at| on_lines == self.has_own_lines(statement, *at));
            let comment = new.comment.as_ref().map_or_else(String::new, |comment| format!("  {comment}"));
            match next {
                Some(at) if on_lines => {
                    let start = self.line_start(items[at].start);
                    let indent = &self.text[start..items[at].start];
                    let line = format!("{indent}{},{comment}{newline}", new.written());
                    changes.push(change(start, start, line));
                }
                Some(at) => {
                    changes.push(change(items[at].start, items[at].start, format!("{}, ", new.written())));
                }
                None if on_lines => {
                    let indent = &self.text[self.line_start(items[last].start)..items[last].start];
                    let _ = write!(behind, "{indent}{},{comment}{newline}", new.written());
                }
                None => {
                    let _ = write!(behind, ", {}", new.written());
                }
            }
        }
        if !behind.is_empty() {
            let end = items[last].end;
            let place = if on_lines { self.next_line(items[last].comma.unwrap_or(end)) } else { end };
            if on_lines && items[last].comma.is_none() {
                changes.push(change(end, end, ",".to_owned()));
            }
            changes.push(change(place, place, behind));
        }
        Some(changes)
    }

    /// Names in the place of a wildcard: in one line, or where that is too wide one a line in brackets.
    pub(super) fn names(self, statement: &Statement, names: &[String]) -> String {
        let line = names.join(", ");
        let before = self.before(statement);
        let head = statement.items.first().map_or(0, |item| item.start - statement.start);
        if before.chars().count() + head + line.chars().count() <= WIDEST || !before.trim().is_empty() {
            return line;
        }
        let newline = self.newline(statement.end);
        let unit = if before.contains('\t') { "\t" } else { "    " };
        let lines: String = names.iter().map(|name| format!("{before}{unit}{name},{newline}")).collect();
        format!("({newline}{lines}{before})")
    }

    /// What takes a whole statement out of a suite that holds others; None where it shares its line in a way that is not
    /// understood.
    pub(super) fn removed(self, statement: &Statement) -> Option<Change> {
        if self.is_alone(statement) {
            let start = self.line_start(statement.start);
            let mut end = self.next_line(statement.end);
            let blank = |at: usize| self.text[at..self.line_end(at)].trim().is_empty();
            let above = self.text[..start].trim_end_matches([' ', '\t']);
            let above = above.strip_suffix("\r\n").or_else(|| above.strip_suffix(['\n', '\r']));
            let blank_above = above.is_none_or(|above| blank(self.line_start(above.len())));
            // Of the blank lines above and below one stays.
            if blank_above && end < self.text.len() && blank(end) {
                end = self.next_line(end);
            }
            let keeps_mark = if self.text[start..].starts_with('\u{feff}') { 3 } else { 0 };
            return Some(change(start + keeps_mark, end, String::new()));
        }
        let behind = self.behind(statement);
        let next = behind.trim_start().strip_prefix(';').map(|rest| rest.trim_start_matches([' ', '\t']));
        if let Some(next) = next
            && !next.is_empty()
            && !next.starts_with('#')
        {
            let end = self.line_end(statement.end) - next.len();
            return Some(change(statement.start, end, String::new()));
        }
        let before = &self.text[self.line_start(statement.start)..statement.start];
        let kept = before.trim_end().strip_suffix(';')?.trim_end();
        let start = self.line_start(statement.start) + kept.len();
        Some(change(start, statement.end, String::new()))
    }

    /// What writes new statements behind one.
    pub(super) fn followed_by(self, statement: &Statement, groups: &[Group]) -> Option<Change> {
        let lazy = if statement.lazy { "lazy " } else { "" };
        if !self.is_alone(statement) {
            let mut text = String::new();
            for group in groups {
                if group.items.iter().any(|item| item.comment.is_some()) {
                    return None;
                }
                text.push_str("; ");
                text.push_str(&one_line(group, lazy));
            }
            return Some(change(statement.end, statement.end, text));
        }
        let indent = self.before(statement);
        let newline = self.newline(statement.end);
        let pragma = self.pragma(statement).map_or_else(String::new, |pragma| format!("  {pragma}"));
        let mut text = String::new();
        for group in groups {
            let line = one_line(group, lazy);
            let comments = group.items.iter().filter(|item| item.comment.is_some()).count();
            let fits = indent.chars().count() + line.chars().count() <= WIDEST;
            if group.items.len() == 1 || comments == 0 && fits {
                let comment = group.items[0].comment.as_ref();
                let comment = comment.map_or_else(|| pragma.clone(), |comment| format!("  {comment}"));
                let _ = write!(text, "{indent}{line}{comment}{newline}");
                continue;
            }
            let module = group.module.as_deref().unwrap_or_default();
            let unit = if indent.contains('\t') { "\t" } else { "    " };
            let _ = write!(text, "{indent}{lazy}from {module} import ({pragma}{newline}");
            for item in &group.items {
                let comment = item.comment.as_ref().map_or_else(String::new, |c| format!("  {c}"));
                let _ = write!(text, "{indent}{unit}{},{comment}{newline}", item.written());
            }
            let _ = write!(text, "{indent}){newline}");
        }
        let place = self.next_line(statement.end);
        if place == self.text.len() && !self.text.ends_with(['\n', '\r']) {
            // The last line of the text is not ended.
            text = format!("{newline}{}", text.strip_suffix(newline).unwrap_or(&text));
        }
        Some(change(place, place, text))
    }

    /// What is said to other tools at the end of a statement of one line.
    pub(super) fn pragma(self, statement: &Statement) -> Option<&'a str> {
        let [(start, end)] = self.comments(statement) else { return None };
        let comment = self.text[*start..*end].trim_end();
        let says = comment.trim_start_matches(['#', ' ']);
        let known = ["noqa", "type:", "pylint:", "pyright:", "mypy:", "isort:", "ruff:", "pragma:", "nosec"];
        let one_line = self.line_start(statement.start) == self.line_start(statement.end);
        (one_line && known.iter().any(|word| says.starts_with(word))).then_some(comment)
    }
}

/// A new statement in one line.
pub(super) fn one_line(group: &Group, lazy: &str) -> String {
    let items: Vec<String> = group.items.iter().map(New::written).collect();
    let items = items.join(", ");
    match &group.module {
        Some(module) => format!("{lazy}from {module} import {items}"),
        None => format!("{lazy}import {items}"),
    }
}

pub(super) fn change(start: usize, end: usize, text: String) -> Change {
    Change { span: Span::new(start as u32, end as u32), text }
}
