//! Imports to be written another way, and the changes of a text that do it: what the languages' rewriters are asked and
//! answer. Knows no language.

use compact_str::CompactString;

use crate::source::Span;

/// One import, or one literal, of a file that is to name something else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// What is to be changed.
    pub what: What,
    /// The whole absolute path that it is to name; `*` at its end takes everything.
    pub path: String,
    /// Whether the last part is taken out of the module before it; else the whole path is a module to be imported.
    pub named: bool,
    /// Of a wildcard that is to be taken apart, the names that it may bind, sorted; else empty.
    pub names: Vec<String>,
}

/// What is to be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum What {
    /// The import of that index into [`Facts::imports`](crate::facts::Facts::imports); a literal one too.
    Import(u32),
    /// The string of that index into [`Facts::strings`](crate::facts::Facts::strings).
    String(u32),
}

/// Replace a stretch of the text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change {
    /// Where, in the decoded text; empty to insert.
    pub span: Span,
    /// What stands there instead.
    pub text: String,
}

/// Why something stays as it is.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Refusal {
    /// A clause for a person: "it …" is the import or the literal.
    pub why: CompactString,
    /// Whether `--unsafe` would do it.
    pub needs_unsafe: bool,
}

impl Refusal {
    /// What cannot be done at all.
    pub fn of(why: &str) -> Self {
        Self { why: why.into(), needs_unsafe: false }
    }

    /// What only `--unsafe` does.
    pub fn unless_unsafe(why: &str) -> Self {
        Self { why: why.into(), needs_unsafe: true }
    }
}

/// What became of all that was wanted of one file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rewritten {
    /// In source order, without overlaps; insertions at one place in the order they are to stand.
    pub changes: Vec<Change>,
    /// What stays as it is, by its index in what was wanted; ascending.
    pub refused: Vec<(usize, Refusal)>,
}

impl Rewritten {
    /// Everything refused for one reason.
    pub fn nothing(wanted: &[Wanted], refusal: &Refusal) -> Self {
        let refused = (0..wanted.len()).map(|at| (at, refusal.clone())).collect();
        Self { changes: Vec::new(), refused }
    }

    /// Puts the changes in order; None where two of them overlap.
    pub fn sorted(mut changes: Vec<Change>) -> Option<Vec<Change>> {
        changes.sort_by_key(|change| (change.span.start, change.span.end));
        changes.windows(2).all(|pair| pair[0].span.end <= pair[1].span.start).then_some(changes)
    }
}

/// The text with changes made that are in order and do not overlap; None where they are not.
pub fn apply(text: &str, changes: &[Change]) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for Change { span, text: new } in changes {
        out.push_str(text.get(at..span.start as usize)?);
        out.push_str(new);
        at = span.end as usize;
    }
    out.push_str(text.get(at..)?);
    Some(out)
}

/// A text by its lines.
#[derive(Clone, Copy)]
pub struct Lines<'a> {
    /// The text.
    pub text: &'a str,
}

impl<'a> Lines<'a> {
    /// The first byte of the line that holds `at`.
    pub fn line_start(self, at: usize) -> usize {
        self.text[..at].rfind(['\n', '\r']).map_or(0, |end| end + 1)
    }

    /// One past the last byte of the line that holds `at`, without what ends it.
    pub fn line_end(self, at: usize) -> usize {
        self.text[at..].find(['\n', '\r']).map_or(self.text.len(), |len| at + len)
    }

    /// The first byte of the line below the one that holds `at`.
    pub fn next_line(self, at: usize) -> usize {
        let end = self.line_end(at);
        let rest = &self.text[end..];
        end + if rest.starts_with("\r\n") { 2 } else { usize::from(!rest.is_empty()) }
    }

    /// What ends the line that holds `at`, or any line of the text.
    pub fn newline(self, at: usize) -> &'a str {
        let of = |at: usize| match &self.text[at..] {
            rest if rest.starts_with("\r\n") => "\r\n",
            rest if rest.starts_with('\r') => "\r",
            _ => "\n",
        };
        match self.line_end(at) {
            end if end < self.text.len() => of(end),
            _ => self.text.find(['\n', '\r']).map_or("\n", of),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(start: u32, end: u32, text: &str) -> Change {
        Change { span: Span::new(start, end), text: text.to_owned() }
    }

    #[test]
    fn changes_are_made_in_order_or_not_at_all() {
        let changes = Rewritten::sorted(vec![change(4, 4, "!"), change(0, 1, "xy"), change(2, 4, "")]);
        assert_eq!(apply("abcd", &changes.unwrap()), Some("xyb!".to_owned()));
        assert_eq!(Rewritten::sorted(vec![change(0, 2, ""), change(1, 3, "")]), None);
        assert_eq!(apply("abcd", &[change(2, 3, ""), change(0, 1, "")]), None);
        assert_eq!(apply("aé", &[change(2, 3, "")]), None);
    }
}
