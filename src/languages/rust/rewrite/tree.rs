//! One `use` statement taken apart, and written without some of its leaves or with others in their place.
//!
//! What rustfmt has laid out is laid out as rustfmt would again; all else keeps its lines. Knows no path's meaning.

use rustc_hash::FxHashMap;

use super::read::{Node, Reader, What, attributes};
use crate::languages::rewrite::{Change, Lines, Refusal};
use crate::languages::rust::extract::tokens::{Kind, Token};
use crate::source::Span;

/// Widths that rustfmt is told; the first that explains a statement's lines is taken for the file's.
const WIDTHS: [usize; 4] = [100, 110, 120, 80];

/// A `use` statement.
pub(super) struct Statement<'t> {
    lines: Lines<'t>,
    /// From its visibility to its `;`.
    span: Span,
    /// Its attributes with what lies between them and the statement.
    attributes: &'t str,
    /// `pub(crate) `, or nothing.
    visibility: &'t str,
    tree: Node,
    /// Whether something else than blanks lies between two of its tokens.
    has_comments: bool,
}

/// What becomes of a leaf.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Deed {
    /// It is written so, in a statement of its own: `a::b as c`.
    Move(String),
    /// It stays where it is, and is written so.
    Stay(String),
    /// It goes.
    Drop,
}

/// What remains of a tree.
#[derive(Debug)]
enum Rest {
    Leaf(String),
    Group { head: String, items: Vec<Rest> },
}

/// How the lines of a statement are laid out.
#[derive(Clone, Copy)]
enum Style {
    /// As rustfmt does at that width.
    Rustfmt(usize),
    /// All on one line.
    Line,
}

/// A statement that is written anew, with the comments that went with its leaf.
#[derive(Default)]
struct Moved {
    above: Vec<String>,
    text: String,
    behind: Option<String>,
}

impl<'t> Statement<'t> {
    /// The statement that begins at `start`; None where that is no `use`.
    pub(super) fn at(text: &'t str, tokens: &'t [Token], start: u32) -> Option<Self> {
        let first = tokens.binary_search_by_key(&start, |token| token.start).ok()?;
        let word = |at: usize| tokens.get(at).map(|token| &text[token.start as usize..token.end as usize]);
        let mut at = first;
        if word(at) == Some("pub") {
            at += 1;
            if tokens.get(at)?.kind == Kind::Open(b'(') {
                at = tokens[at].partner as usize + 1;
            }
        }
        if word(at) != Some("use") {
            return None;
        }
        let visibility = &text[start as usize..tokens[at].start as usize];
        let mut reader = Reader { text, tokens, at: at + 1 };
        let tree = reader.tree()?;
        if word(reader.at) != Some(";") {
            return None;
        }
        let span = Span::new(start, tokens[reader.at].end);
        let gaps = tokens[first..=reader.at].windows(2);
        let has_comments = gaps
            .into_iter()
            .any(|pair| !text[pair[0].end as usize..pair[1].start as usize].trim().is_empty());
        let attributes = attributes(text, tokens, first);
        Some(Self { lines: Lines { text }, span, attributes, visibility, tree, has_comments })
    }

    /// The groups' paths in front of the leaf there; None where it stands alone.
    pub(super) fn group_of(&self, at: u32) -> Option<String> {
        fn find(node: &Node, at: u32, before: &str) -> Option<String> {
            let What::Group(items) = &node.what else { return None };
            let path = joined(before, &node.path);
            let own = items.iter().any(|item| matches!(item.what, What::Leaf { at: leaf, .. } if leaf == at));
            if own { Some(path) } else { items.iter().find_map(|item| find(item, at, &path)) }
        }
        find(&self.tree, at, "")
    }

    /// The changes that do something with some leaves, by where each stands.
    pub(super) fn without(&self, deeds: &FxHashMap<u32, Deed>) -> Result<Vec<Change>, Refusal> {
        if let What::Leaf { at, .. } = &self.tree.what {
            if self.has_comments {
                return Err(Refusal::of("a comment stands in its path"));
            }
            return match deeds.get(at) {
                Some(Deed::Move(new) | Deed::Stay(new)) => {
                    Ok(vec![change(self.tree.start, self.tree.end, new.clone())])
                }
                Some(Deed::Drop) => Ok(vec![self.gone()]),
                None => Ok(Vec::new()),
            };
        }
        let mut moved = Vec::new();
        let rest = rest(&self.tree, deeds);
        let mut changes = Vec::new();
        if self.has_comments || rest.is_some() && self.style().is_none() {
            self.cut(&self.tree, deeds, &mut changes, &mut moved)?;
            if rest.is_none() {
                if !self.is_told(&moved) {
                    return Err(comments_between());
                }
                changes.clear();
            }
        } else {
            Self::moved(&self.tree, deeds, &mut moved);
            if let Some(rest) = &rest {
                let style = self.style().unwrap_or(Style::Line);
                changes.push(change(self.tree.start, self.tree.end, self.written(rest, style)));
            }
        }
        if rest.is_none() {
            if moved.is_empty() {
                return Ok(vec![self.gone()]);
            }
            let start = self.span.start as usize;
            let lines = self.statements(&moved).join(&format!("{}{}", self.newline(), self.indent()));
            // What stands before it on its first line stays, its attributes too.
            let lines = lines.strip_prefix(self.attributes).unwrap_or(&lines).to_owned();
            changes.push(change(start, self.span.end as usize, lines));
        } else if !moved.is_empty() {
            changes.push(self.behind(&self.statements(&moved)));
        }
        Ok(changes)
    }

    /// Takes the whole statement out, its lines too where nothing else is on them.
    fn gone(&self) -> Change {
        let start = self.span.start as usize - self.attributes.len();
        let end = self.span.end as usize;
        let layout = self.lines;
        let line = layout.line_start(start);
        let alone = layout.text[line..start].trim().is_empty()
            && layout.text[end..layout.line_end(end)].trim().is_empty();
        if alone {
            change(line, layout.next_line(end), String::new())
        } else {
            change(start, end, String::new())
        }
    }

    fn newline(&self) -> &'t str {
        self.lines.newline(self.span.end as usize)
    }

    /// The blanks before the statement, or before its attributes.
    fn indent(&self) -> &'t str {
        let start = self.span.start as usize - self.attributes.len();
        let line = &self.lines.text[self.lines.line_start(start)..start];
        &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
    }

    /// The statements that leaves have become, each with what stands above it.
    fn statements(&self, moved: &[Moved]) -> Vec<String> {
        let mut lines = Vec::new();
        for one in moved {
            lines.extend(one.above.iter().cloned());
            let comment = one.behind.as_ref().map_or_else(String::new, |comment| format!(" {comment}"));
            lines.push(format!("{}{}use {};{comment}", self.attributes, self.visibility, one.text));
        }
        lines
    }

    /// Inserts lines below the statement, or behind it where something follows on its line.
    fn behind(&self, lines: &[String]) -> Change {
        let end = self.span.end as usize;
        let line_end = self.lines.line_end(end);
        let follows = self.lines.text[end..line_end].trim_start();
        if follows.is_empty() || follows.starts_with("//") {
            let lines: Vec<String> =
                lines.iter().map(|line| format!("{}{}{line}", self.newline(), self.indent())).collect();
            return change(line_end, line_end, lines.concat());
        }
        change(end, end, lines.iter().map(|line| format!(" {line}")).collect())
    }

    /// How the statement is laid out, where that is known.
    fn style(&self) -> Option<Style> {
        let as_it_is = rest(&self.tree, &FxHashMap::default())?;
        let now = &self.lines.text[self.tree.start..self.tree.end];
        let styles = WIDTHS.into_iter().map(Style::Rustfmt).chain([Style::Line]);
        styles.into_iter().find(|style| self.written(&as_it_is, *style) == now)
    }

    fn written(&self, rest: &Rest, style: Style) -> String {
        let Style::Rustfmt(width) = style else { return rest.line() };
        let line = self.lines.line_start(self.tree.start);
        let column = self.lines.text[line..self.tree.start].chars().count();
        let indent = self.lines.text[line..].chars().take_while(|c| *c == ' ').count();
        rest.written(column, indent, width).replace('\n', self.newline())
    }

    /// What the leaves that move have become, in source order.
    fn moved(node: &Node, deeds: &FxHashMap<u32, Deed>, out: &mut Vec<Moved>) {
        match &node.what {
            What::Leaf { at, .. } => {
                if let Some(Deed::Move(text)) = deeds.get(at) {
                    out.push(Moved { text: text.clone(), ..Moved::default() });
                }
            }
            What::Group(items) => items.iter().for_each(|item| Self::moved(item, deeds, out)),
        }
    }

    /// Whether every comment of the statement goes with a leaf.
    fn is_told(&self, moved: &[Moved]) -> bool {
        let text = &self.lines.text[self.span.start as usize..self.span.end as usize];
        let comments = text.matches("//").count() + text.matches("/*").count();
        let told = moved.iter().flat_map(|one| one.above.iter().chain(&one.behind));
        told.map(|comment| comment.matches("//").count() + comment.matches("/*").count()).sum::<usize>()
            == comments
    }

    /// Takes leaves out of their lines, and leaves the lines around them as they are.
    fn cut(
        &self,
        node: &Node,
        deeds: &FxHashMap<u32, Deed>,
        changes: &mut Vec<Change>,
        moved: &mut Vec<Moved>,
    ) -> Result<(), Refusal> {
        let items = match &node.what {
            What::Leaf { at, .. } => {
                if let Some(Deed::Stay(new)) = deeds.get(at) {
                    if self.has_gap_with_comment(node.start, node.end) {
                        return Err(comments_between());
                    }
                    changes.push(change(node.start, node.end, new.clone()));
                }
                return Ok(());
            }
            What::Group(items) => items,
        };
        let gone: Vec<bool> = items.iter().map(|item| rest(item, deeds).is_none()).collect();
        let kept_before = |at: usize| (0..at).rev().find(|at| !gone[*at]);
        for (at, item) in items.iter().enumerate() {
            if !gone[at] {
                self.cut(item, deeds, changes, moved)?;
                continue;
            }
            let found = moved.len();
            Self::moved(item, deeds, moved);
            let end = item.comma.unwrap_or(item.end);
            let layout = self.lines;
            let (line, line_end) = (layout.line_start(item.start), layout.line_end(end));
            let behind = layout.text[end..line_end].trim();
            let own_line = layout.text[line..item.start].trim().is_empty()
                && (behind.is_empty() || behind.starts_with("//"));
            if self.has_gap_with_comment(item.start, end) {
                return Err(comments_between());
            }
            if own_line {
                let (from, above) = self.above(line, node.start);
                let moved = &mut moved[found..];
                if moved.is_empty() && !(behind.is_empty() && above.is_empty()) {
                    return Err(comments_between());
                }
                if let Some(first) = moved.first_mut() {
                    first.above = above;
                }
                if let Some(last) = moved.last_mut().filter(|_| !behind.is_empty()) {
                    last.behind = Some(behind.to_owned());
                }
                changes.push(change(from, layout.next_line(end), String::new()));
                continue;
            }
            let next = items.get(at + 1).filter(|next| layout.line_start(next.start) == line);
            let (from, to) = match (next, kept_before(at)) {
                (Some(next), _) => (item.start, next.start),
                // Those between are gone by themselves.
                (None, Some(kept)) if kept + 1 == at => (items[kept].end, item.end),
                (None, _) => (item.start, end),
            };
            if self.has_gap_with_comment(from, to) {
                return Err(comments_between());
            }
            changes.push(change(from, to, String::new()));
        }
        Ok(())
    }

    fn has_gap_with_comment(&self, from: usize, to: usize) -> bool {
        let text = &self.lines.text[from..to];
        text.contains("//") || text.contains("/*")
    }

    /// The comments on the lines right above a leaf's, and where they begin.
    fn above(&self, line: usize, group: usize) -> (usize, Vec<String>) {
        let (mut from, mut above) = (line, Vec::new());
        while from > group {
            let start = self.lines.line_start(from - 1);
            let before = self.lines.text[start..from].trim();
            if start <= group || !before.starts_with("//") {
                break;
            }
            above.insert(0, before.to_owned());
            from = start;
        }
        (from, above)
    }
}

fn comments_between() -> Refusal {
    Refusal::of("comments stand between the names of its statement")
}

/// What remains of a tree; None where nothing does. A group that is left with one tree is no group any more.
fn rest(node: &Node, deeds: &FxHashMap<u32, Deed>) -> Option<Rest> {
    match &node.what {
        What::Leaf { at, alias } => {
            match deeds.get(at) {
                Some(Deed::Move(_) | Deed::Drop) => return None,
                Some(Deed::Stay(new)) => return Some(Rest::Leaf(new.clone())),
                None => {}
            }
            let alias = alias.as_ref().map_or_else(String::new, |alias| format!(" as {alias}"));
            Some(Rest::Leaf(format!("{}{alias}", node.path)))
        }
        What::Group(all) => {
            let mut items: Vec<Rest> = all.iter().filter_map(|item| rest(item, deeds)).collect();
            if items.is_empty() && !all.is_empty() {
                return None;
            }
            let head = node.path.clone();
            let is_one = items.len() == 1 && items.len() < all.len();
            if is_one && items.first().is_some_and(Rest::stands_alone) {
                return items.pop().map(|only| match only {
                    Rest::Leaf(leaf) => Rest::Leaf(joined(&head, &leaf)),
                    Rest::Group { head: below, items } => Rest::Group { head: joined(&head, &below), items },
                });
            }
            Some(Rest::Group { head, items })
        }
    }
}

impl Rest {
    /// Whether it means the same without a group around it: `{self}` takes types alone.
    fn stands_alone(&self) -> bool {
        let text = match self {
            Self::Leaf(text) => text,
            Self::Group { head, .. } => head,
        };
        !(text == "self" || text.starts_with("self ") || text.starts_with("::") || text.is_empty())
    }

    fn line(&self) -> String {
        match self {
            Self::Leaf(text) => text.clone(),
            Self::Group { head, items } => {
                let items: Vec<String> = items.iter().map(Self::line).collect();
                joined(head, &format!("{{{}}}", items.join(", ")))
            }
        }
    }

    /// As rustfmt lays it out: on one line where it fits and holds no group, else names
    /// packed, and where there is a group every path on a line of its own.
    fn written(&self, column: usize, indent: usize, width: usize) -> String {
        let Self::Group { head, items } = self else { return self.line() };
        let nested = items.iter().any(|item| matches!(item, Self::Group { .. }));
        let line = self.line();
        // rustfmt wants room for two more columns than there are.
        if !nested && column + line.chars().count() + 2 < width {
            return line;
        }
        let inner = indent + 4;
        let blanks = " ".repeat(inner);
        let mut out = format!("{}\n", joined(head, "{"));
        let mut at = 0;
        let mut after_path = false;
        for (number, item) in items.iter().enumerate() {
            let text = item.written(inner, inner, width);
            let len = text.chars().count() + 1;
            // Nor does it count the last comma.
            let counted = len - usize::from(number + 1 == items.len());
            let is_path = text.contains("::");
            let breaks = nested && (is_path || after_path);
            after_path = is_path;
            if at > 0 && !breaks && at + 1 + counted < width {
                out.push(' ');
                at += 1 + len;
            } else {
                if at > 0 {
                    out.push('\n');
                }
                out.push_str(&blanks);
                at = inner + len;
            }
            out.push_str(&text);
            out.push(',');
        }
        format!("{out}\n{}}}", " ".repeat(indent))
    }
}

/// `a::b`, or one of the two where the other is empty; a lone `::` in front stays one.
fn joined(before: &str, path: &str) -> String {
    match (before, path) {
        ("" | "::", _) => format!("{before}{path}"),
        _ => format!("{before}::{path}"),
    }
}

fn change(start: usize, end: usize, text: String) -> Change {
    Change { span: Span::new(start as u32, end as u32), text }
}
