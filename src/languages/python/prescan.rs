//! A scan before the parser: is the text shallow enough to be parsed, and where are its import statements?
//!
//! A recursive parser, the walk over its tree and the tree's own destruction need stack in proportion to nesting,
//! and any bytes must be survived. This scanner uses none: it knows strings, comments, brackets, line continuations,
//! indentation and statement starts, exactly as ruff's lexer tells them apart, and bounds from above how deep the
//! tree can be. It knows no grammar.

mod tokens;

use std::ops::Range;

/// Open brackets and f-string fields, as in CPython's tokenizer.
const MAX_BRACKETS: usize = 200;
/// Indentation levels, as in CPython's tokenizer.
const MAX_INDENTATION: usize = 99;
/// Prefix operators in a row: what nests to the right.
const MAX_PREFIX_RUN: u32 = 1_000;
/// Levels of one expression: operators, attributes, calls and subscripts nest to the left.
const MAX_DEPTH: u32 = 10_000;

/// Why a text is too deep to be parsed, and where.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct TooDeep {
    pub(super) message: &'static str,
    pub(super) offset: usize,
}

/// Whether the text can be parsed on a stack of 64 MB.
pub(super) fn check(text: &str) -> Result<(), TooDeep> {
    Scanner::new(text.as_bytes(), true).run()
}

/// What the scanner found in a text that is not parsed.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Import statements, and whether they are indented.
    pub(super) imports: Vec<(Range<usize>, bool)>,
    /// Comments, from their `#` to the end of the line.
    pub(super) comments: Vec<Range<usize>>,
}

/// Finds import statements and comments, however deep the text is.
pub(super) fn find(text: &[u8]) -> Found {
    let mut scanner = Scanner::new(text, false);
    // Without limits it always reaches the end.
    let _ = scanner.run();
    scanner.found
}

/// How many import statements a file has, without parsing it.
pub fn count_imports(bytes: &[u8]) -> u32 {
    find(bytes).imports.len() as u32
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    /// No bracket is open.
    Base,
    /// `(`, `[`, `{`.
    Bracket,
    /// The text of an f-string or t-string.
    Text(Text),
    /// A replacement field in such a text; after its colon a format specification, which is text again.
    Field { text: Text, in_spec: bool },
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Text {
    quote: u8,
    triple: bool,
    raw: bool,
}

/// One open bracket, and how deep the expressions directly in it are.
#[derive(Clone, Copy, Debug)]
struct Level {
    kind: Kind,
    /// Bound on the depth of the element being read.
    depth: u32,
    /// Bound on the depth of the elements before it.
    deepest: u32,
    /// Prefix operators met since the last binary one.
    run: u32,
    /// Lambdas whose colon has not come: their commas end no element.
    lambdas: u32,
    /// After `yield`, which takes all that follows, commas end no element.
    yields: bool,
}

impl Level {
    fn new(kind: Kind) -> Self {
        Self { kind, depth: 0, deepest: 0, run: 0, lambdas: 0, yields: false }
    }
}

struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
    limited: bool,
    top: Level,
    outer: Vec<Level>,
    /// Open brackets and fields.
    brackets: usize,
    /// (column with tabs of 2, characters) of each open block, as ruff compares them.
    indents: Vec<(u32, u32)>,
    /// Whether an operand ended just before: tells `a - b` from `-b`.
    after_operand: bool,
    /// Whether a statement may begin here.
    fresh: bool,
    import: Option<usize>,
    found: Found,
}

#[derive(Clone, Copy, PartialEq)]
enum Class {
    Skip,
    Word,
    Digit,
    Quote,
    Comment,
    Newline,
    Backslash,
    Open,
    Close,
    Comma,
    Colon,
    Semicolon,
    Dot,
    Sign,
    Star,
    Tilde,
    Operator,
}

const CLASSES: [Class; 256] = {
    let mut classes = [Class::Skip; 256];
    let mut byte = 0;
    while byte < 256 {
        classes[byte] = match byte as u8 {
            b'a'..=b'z' | b'A'..=b'Z' | b'_' | 0x80.. => Class::Word,
            b'0'..=b'9' => Class::Digit,
            b'"' | b'\'' => Class::Quote,
            b'#' => Class::Comment,
            b'\n' | b'\r' => Class::Newline,
            b'\\' => Class::Backslash,
            b'(' | b'[' | b'{' => Class::Open,
            b')' | b']' | b'}' => Class::Close,
            b',' => Class::Comma,
            b':' => Class::Colon,
            b';' => Class::Semicolon,
            b'.' => Class::Dot,
            b'+' | b'-' => Class::Sign,
            b'*' => Class::Star,
            b'~' => Class::Tilde,
            b'/' | b'%' | b'@' | b'&' | b'|' | b'^' | b'<' | b'>' | b'=' | b'!' => Class::Operator,
            _ => Class::Skip,
        };
        byte += 1;
    }
    classes
};

impl<'a> Scanner<'a> {
    fn new(bytes: &'a [u8], limited: bool) -> Self {
        let at = if bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
        Self {
            bytes,
            at,
            limited,
            top: Level::new(Kind::Base),
            outer: Vec::new(),
            brackets: 0,
            indents: Vec::new(),
            after_operand: false,
            fresh: true,
            import: None,
            found: Found::default(),
        }
    }

    fn run(&mut self) -> Result<(), TooDeep> {
        self.line_start()?;
        while let Some(&byte) = self.bytes.get(self.at) {
            if let Kind::Text(text) = self.top.kind {
                self.text(text, false)?;
                continue;
            }
            if let Kind::Field { text, in_spec: true } = self.top.kind {
                self.text(text, true)?;
                continue;
            }
            match CLASSES[usize::from(byte)] {
                Class::Skip => self.at += 1,
                Class::Word => self.word()?,
                Class::Digit => self.number(),
                Class::Quote => self.string(),
                Class::Comment => self.comment(),
                Class::Newline => self.newline()?,
                Class::Backslash => {
                    self.at += 1;
                    self.skip_line_break();
                }
                Class::Open => {
                    self.at += 1;
                    self.open(Kind::Bracket)?;
                }
                Class::Close => {
                    self.at += 1;
                    self.close()?;
                }
                Class::Comma => {
                    self.at += 1;
                    self.after_operand = false;
                    if self.top.lambdas == 0 && !self.top.yields {
                        self.end_element();
                    }
                }
                Class::Colon => self.colon()?,
                Class::Semicolon => {
                    if self.top.kind == Kind::Base {
                        self.end_statement();
                    }
                    self.at += 1;
                }
                Class::Dot => {
                    if self.peek(1).is_ascii_digit() {
                        self.number();
                    } else {
                        self.at += 1;
                        self.deepen()?;
                    }
                }
                Class::Sign => {
                    self.at += 1;
                    if self.after_operand { self.binary()? } else { self.prefix()? }
                }
                Class::Star => {
                    self.at += 1;
                    if self.peek(0) == b'*' {
                        self.at += 1;
                        self.prefix()?;
                    } else if self.after_operand {
                        self.binary()?;
                    } else {
                        self.prefix()?;
                    }
                }
                Class::Tilde => {
                    self.at += 1;
                    self.prefix()?;
                }
                Class::Operator => {
                    self.at += 1;
                    self.binary()?;
                }
            }
        }
        self.end_statement();
        Ok(())
    }

    fn peek(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn too_deep(&self, message: &'static str) -> Result<(), TooDeep> {
        if self.limited { Err(TooDeep { message, offset: self.at.saturating_sub(1) }) } else { Ok(()) }
    }

    fn deepen(&mut self) -> Result<(), TooDeep> {
        self.top.depth = self.top.depth.saturating_add(1);
        if self.top.depth > MAX_DEPTH {
            return self.too_deep("expression of more than 10,000 levels");
        }
        Ok(())
    }

    fn binary(&mut self) -> Result<(), TooDeep> {
        self.after_operand = false;
        self.top.run = 0;
        self.deepen()
    }

    fn prefix(&mut self) -> Result<(), TooDeep> {
        self.after_operand = false;
        self.top.run = self.top.run.saturating_add(1);
        if self.top.run > MAX_PREFIX_RUN {
            return self.too_deep("more than 1,000 nested operators");
        }
        self.deepen()
    }

    fn end_element(&mut self) {
        self.top.deepest = self.top.deepest.max(self.top.depth);
        self.top.depth = 0;
        self.top.run = 0;
    }

    fn open(&mut self, kind: Kind) -> Result<(), TooDeep> {
        self.outer.push(std::mem::replace(&mut self.top, Level::new(kind)));
        self.after_operand = false;
        if !matches!(kind, Kind::Text(_)) {
            self.brackets += 1;
            if self.brackets > MAX_BRACKETS {
                return self.too_deep("more than 200 nested brackets");
            }
        }
        Ok(())
    }

    /// Closes the innermost bracket, whatever its shape: so does ruff's lexer.
    fn close(&mut self) -> Result<(), TooDeep> {
        self.after_operand = true;
        match self.pop() {
            Some(Kind::Field { .. }) | None => Ok(()),
            Some(_) => self.deepen(),
        }
    }

    fn pop(&mut self) -> Option<Kind> {
        let inner = std::mem::replace(&mut self.top, self.outer.pop()?);
        let depth = inner.depth.max(inner.deepest);
        // Fields stand side by side in their text; anything else is an operand of what goes on after it.
        if matches!(inner.kind, Kind::Field { .. }) {
            self.top.deepest = self.top.deepest.max(depth.saturating_add(1));
        } else {
            self.top.depth = self.top.depth.max(depth);
        }
        self.brackets -= usize::from(!matches!(inner.kind, Kind::Text(_)));
        Some(inner.kind)
    }

    fn end_statement(&mut self) {
        if let Some(start) = self.import.take() {
            let end = self.at.min(self.bytes.len());
            self.found.imports.push((start..end, !self.indents.is_empty()));
        }
        let kind = self.top.kind;
        self.top = Level::new(kind);
        self.after_operand = false;
        self.fresh = true;
    }
}

#[cfg(test)]
mod tests;
