//! A text as a flat row of tokens, brackets matched: what the walk needs of rustc's lexer, and no more.
//!
//! White space and comments are left out; what a comment waives is read here, where comments are seen. Knows no item
//! and no path.

use std::ops::Range;

use compact_str::{CompactString, format_compact};
use ra_ap_rustc_lexer::{FrontmatterAllowed, LiteralKind, TokenKind, strip_shebang, tokenize};

use crate::facts::{Problem, Waiver};
use crate::languages::comments;
use crate::source::{LineIndex, Span};

/// Open brackets at one place; real code has some thirty. rustc itself gives up at a few hundred.
const MAX_BRACKETS: usize = 256;

/// What a token is, as far as the walk asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::languages::rust) enum Kind {
    /// An identifier, a keyword or `_`.
    Word,
    /// `r#name`.
    RawWord,
    /// `"…"` or `r"…"`.
    Str,
    /// Any other literal, a lifetime, and what Rust does not know.
    Other,
    /// `(`, `[`, `{`; the partner closes it.
    Open(u8),
    /// `)`, `]`, `}`.
    Close(u8),
    /// `::`.
    PathSep,
    /// `->`.
    Arrow,
    /// `=>`.
    FatArrow,
    /// `..`, `...`, `..=`.
    Dots,
    /// One ASCII character. Of `<` and `>` the partner is the other one, where they may be a list of generic arguments.
    Punct(u8),
}

/// A token; its partner is an index of a token, of one without a partner 0.
#[derive(Clone, Copy, Debug)]
pub(in crate::languages::rust) struct Token {
    pub kind: Kind,
    pub start: u32,
    pub end: u32,
    pub partner: u32,
}

/// All that a text holds: its tokens up to the first problem.
#[derive(Default)]
pub(in crate::languages::rust) struct Tokens {
    pub list: Vec<Token>,
    pub waivers: Vec<Waiver>,
    pub problem: Option<Problem>,
}

/// Takes a text apart.
pub(in crate::languages::rust) fn tokens(text: &str, lines: &LineIndex) -> Tokens {
    let start = text.len() - text.trim_start_matches('\u{feff}').len();
    let start = start + strip_shebang(&text[start..]).unwrap_or(0);
    let mut found = Found {
        text,
        lines,
        has_waivers: memchr::memmem::find(text.as_bytes(), comments::MARK.as_bytes()).is_some(),
        tokens: Tokens::default(),
        open: Vec::new(),
        angles: Vec::new(),
    };
    found.tokens.list.reserve(text.len() / 5);
    let problem = found.read(start).err().or_else(|| found.unclosed());
    found.tokens.problem =
        problem.map(|(span, message)| Problem { message, span, line: lines.line(span.start) });
    // What is open where the text ends or the reading stopped reaches to there.
    let end = found.tokens.list.len() as u32;
    for (open, _) in found.open {
        found.tokens.list[open].partner = end;
    }
    found.tokens
}

type Stop = (Span, CompactString);

struct Found<'t> {
    text: &'t str,
    lines: &'t LineIndex,
    has_waivers: bool,
    tokens: Tokens,
    /// Open brackets, and how many of `angles` stand before each.
    open: Vec<(usize, usize)>,
    /// Open `<` of the innermost bracket, after those of the outer ones.
    angles: Vec<usize>,
}

impl Found<'_> {
    fn read(&mut self, start: usize) -> Result<(), Stop> {
        let mut from = start;
        let mut frontmatter = FrontmatterAllowed::Yes;
        // A `##` or `#"` is one token of rustc's in the newest edition only: the reading begins anew behind its first `#`.
        'anew: loop {
            let mut at = from;
            for token in tokenize(&self.text[from..], frontmatter) {
                let end = at + token.len as usize;
                if token.kind == TokenKind::GuardedStrPrefix {
                    self.push(Kind::Punct(b'#'), at..at + 1);
                    from = at + 1;
                    frontmatter = FrontmatterAllowed::No;
                    continue 'anew;
                }
                self.token(token.kind, at..end)?;
                at = end;
            }
            return Ok(());
        }
    }

    fn token(&mut self, kind: TokenKind, range: Range<usize>) -> Result<(), Stop> {
        let kind = match kind {
            TokenKind::Whitespace | TokenKind::Frontmatter { .. } => return Ok(()),
            TokenKind::LineComment { doc_style } => {
                if self.has_waivers && doc_style.is_none() {
                    comments::waivers(self.text, range, "//", self.lines, &mut self.tokens.waivers);
                }
                return Ok(());
            }
            TokenKind::BlockComment { doc_style, terminated } => {
                if !terminated {
                    return Err(stop(range, 2, "comment is not closed"));
                }
                if self.has_waivers && doc_style.is_none() {
                    self.block_comment(range);
                }
                return Ok(());
            }
            TokenKind::Ident | TokenKind::InvalidIdent | TokenKind::UnknownPrefix => Kind::Word,
            TokenKind::RawIdent => Kind::RawWord,
            TokenKind::Literal { kind, .. } => match is_closed(kind) {
                Ok(()) if matches!(kind, LiteralKind::Str { .. } | LiteralKind::RawStr { .. }) => Kind::Str,
                Ok(()) => Kind::Other,
                Err(message) => return Err(stop(range, 1, message)),
            },
            TokenKind::Colon if self.joins(b':', range.start) => return self.join(Kind::PathSep, range.end),
            TokenKind::Gt if self.joins(b'-', range.start) => return self.join(Kind::Arrow, range.end),
            TokenKind::Gt if self.joins(b'=', range.start) => return self.join(Kind::FatArrow, range.end),
            TokenKind::Dot => {
                let dots = self.joins(b'.', range.start)
                    || self
                        .last()
                        .is_some_and(|last| last.kind == Kind::Dots && last.end as usize == range.start);
                if dots {
                    return self.join(Kind::Dots, range.end);
                }
                Kind::Punct(b'.')
            }
            TokenKind::OpenParen => return self.opens(b'(', range),
            TokenKind::OpenBracket => return self.opens(b'[', range),
            TokenKind::OpenBrace => return self.opens(b'{', range),
            TokenKind::CloseParen => return self.closes(b'(', b')', range),
            TokenKind::CloseBracket => return self.closes(b'[', b']', range),
            TokenKind::CloseBrace => return self.closes(b'{', b'}', range),
            TokenKind::Semi => {
                self.angles.truncate(self.open.last().map_or(0, |&(_, base)| base));
                Kind::Punct(b';')
            }
            TokenKind::Lt => {
                self.angles.push(self.tokens.list.len());
                Kind::Punct(b'<')
            }
            TokenKind::Gt => {
                self.push(Kind::Punct(b'>'), range);
                let close = self.tokens.list.len() - 1;
                if self.angles.len() > self.open.last().map_or(0, |&(_, base)| base)
                    && let Some(open) = self.angles.pop()
                {
                    self.tokens.list[open].partner = close as u32;
                    self.tokens.list[close].partner = open as u32;
                }
                return Ok(());
            }
            _ if range.len() == 1 => Kind::Punct(self.text.as_bytes()[range.start]),
            _ => Kind::Other,
        };
        self.push(kind, range);
        Ok(())
    }

    fn push(&mut self, kind: Kind, range: Range<usize>) {
        let (start, end) = (range.start as u32, range.end as u32);
        self.tokens.list.push(Token { kind, start, end, partner: 0 });
    }

    fn last(&self) -> Option<&Token> {
        self.tokens.list.last()
    }

    /// Whether the last token is that character, directly before `start`.
    fn joins(&self, first: u8, start: usize) -> bool {
        self.last().is_some_and(|last| last.kind == Kind::Punct(first) && last.end as usize == start)
    }

    /// The last token grows to `end`.
    #[expect(clippy::unnecessary_wraps, reason = "it ends a match arm like the others")]
    fn join(&mut self, kind: Kind, end: usize) -> Result<(), Stop> {
        if let Some(last) = self.tokens.list.last_mut() {
            last.kind = kind;
            last.end = end as u32;
        }
        Ok(())
    }

    fn opens(&mut self, bracket: u8, range: Range<usize>) -> Result<(), Stop> {
        if self.open.len() == MAX_BRACKETS {
            return Err(stop(range, 1, "nests more than 256 brackets"));
        }
        // `if a < b {` compares; `A<{ N }>` does not.
        let argument = [b'<', b',', b'='].map(Kind::Punct);
        if bracket == b'{' && !self.last().is_some_and(|last| argument.contains(&last.kind)) {
            self.angles.truncate(self.open.last().map_or(0, |&(_, base)| base));
        }
        self.open.push((self.tokens.list.len(), self.angles.len()));
        self.push(Kind::Open(bracket), range);
        Ok(())
    }

    fn closes(&mut self, opening: u8, bracket: u8, range: Range<usize>) -> Result<(), Stop> {
        let Some(&(open, base)) = self.open.last() else {
            return Err(stop(range, 1, format_compact!("`{}` closes nothing", char::from(bracket))));
        };
        let begun = self.tokens.list[open];
        if begun.kind != Kind::Open(opening) {
            let (line, bracket) = (self.lines.line(begun.start), char::from(bracket));
            let first = &self.text[begun.start as usize..begun.end as usize];
            return Err(stop(
                range,
                1,
                format_compact!("`{bracket}` does not close the `{first}` of line {line}"),
            ));
        }
        self.open.pop();
        self.angles.truncate(base);
        self.tokens.list[open].partner = self.tokens.list.len() as u32;
        self.push(Kind::Close(bracket), range);
        Ok(())
    }

    /// What is still open where the text ends.
    fn unclosed(&self) -> Option<Stop> {
        let &(open, _) = self.open.last()?;
        let token = self.tokens.list[open];
        let bracket = &self.text[token.start as usize..token.end as usize];
        Some((Span::new(token.start, token.end), format_compact!("`{bracket}` is not closed")))
    }

    fn block_comment(&mut self, range: Range<usize>) {
        let found = self.tokens.waivers.len();
        let body = range.start..range.end - 2;
        comments::waivers(self.text, body, "/*", self.lines, &mut self.tokens.waivers);
        let rest = self.text[range.end..].trim_start_matches([' ', '\t']);
        let ends_line = rest.is_empty() || rest.starts_with(['\n', '\r']);
        for waiver in &mut self.tokens.waivers[found..] {
            waiver.alone &= ends_line;
        }
    }
}

/// Stops at the first `len` bytes of a range.
fn stop(range: Range<usize>, len: usize, message: impl Into<CompactString>) -> Stop {
    (Span::new(range.start as u32, (range.start + len).min(range.end) as u32), message.into())
}

fn is_closed(kind: LiteralKind) -> Result<(), &'static str> {
    match kind {
        LiteralKind::Int { .. }
        | LiteralKind::Float { .. }
        | LiteralKind::Char { terminated: true }
        | LiteralKind::Byte { terminated: true }
        | LiteralKind::Str { terminated: true }
        | LiteralKind::ByteStr { terminated: true }
        | LiteralKind::CStr { terminated: true }
        | LiteralKind::RawStr { n_hashes: Some(_) }
        | LiteralKind::RawByteStr { n_hashes: Some(_) }
        | LiteralKind::RawCStr { n_hashes: Some(_) } => Ok(()),
        LiteralKind::Char { .. } | LiteralKind::Byte { .. } => Err("character literal is not closed"),
        _ => Err("string literal is not closed"),
    }
}
