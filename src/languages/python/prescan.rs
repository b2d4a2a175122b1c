//! A scan before the parser: is the text shallow enough to be parsed, and where are its import statements?
//!
//! A recursive parser, the walk over its tree and the tree's own destruction need stack in proportion to nesting,
//! and any bytes must be survived. This scanner uses none: it knows strings, comments, brackets, line continuations,
//! indentation and statement starts, exactly as ruff's lexer tells them apart, and bounds from above how deep the
//! tree can be. It knows no grammar.

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
    /// An identifier or keyword, or the prefix of a string.
    fn word(&mut self) -> Result<(), TooDeep> {
        let start = self.at;
        while let Some(&byte) = self.bytes.get(self.at) {
            if !matches!(CLASSES[usize::from(byte)], Class::Word | Class::Digit) {
                break;
            }
            if byte.is_ascii() {
                self.at += 1;
                continue;
            }
            let len = identifier_char_len(&self.bytes[self.at..]);
            if len == 0 {
                // No part of a name: it stands alone.
                self.at += usize::from(self.at == start);
                break;
            }
            self.at += len;
        }
        let word = &self.bytes[start..self.at];
        if word.len() <= 2 && matches!(self.peek(0), b'"' | b'\'') {
            match prefix_of(word) {
                Some(Prefix::Plain) => {
                    self.string();
                    return Ok(());
                }
                Some(Prefix::Interpolated { raw }) => return self.interpolated(raw),
                None => {}
            }
        }
        if self.fresh {
            self.fresh = word == b"lazy";
            if matches!(word, b"import" | b"from") && self.top.kind == Kind::Base {
                self.import.get_or_insert(start);
            }
        }
        match word {
            b"not" | b"await" | b"else" | b"async" => self.prefix(),
            b"lambda" => {
                self.top.lambdas = self.top.lambdas.saturating_add(1);
                self.prefix()
            }
            b"yield" => {
                self.top.yields = true;
                self.prefix()
            }
            b"and" | b"or" | b"in" | b"is" => self.binary(),
            _ => {
                self.after_operand = true;
                Ok(())
            }
        }
    }

    /// A number literal, exactly as far as ruff's lexer reads it: a keyword or a string may follow at once.
    fn number(&mut self) {
        let digits = |at: usize, is_digit: fn(&u8) -> bool| {
            let rest = self.bytes.get(at..).unwrap_or_default();
            at + rest.iter().take_while(|byte| is_digit(byte) || **byte == b'_').count()
        };
        let radix: Option<fn(&u8) -> bool> = match (self.peek(0), self.peek(1)) {
            (b'0', b'x' | b'X') => Some(u8::is_ascii_hexdigit),
            (b'0', b'o' | b'O') => Some(|byte| matches!(byte, b'0'..=b'7')),
            (b'0', b'b' | b'B') => Some(|byte| matches!(byte, b'0' | b'1')),
            _ => None,
        };
        let byte_at = |at: usize| self.bytes.get(at).copied().unwrap_or(0);
        let mut at;
        if let Some(is_digit) = radix {
            at = digits(self.at + 2, is_digit);
        } else {
            at = digits(self.at, u8::is_ascii_digit);
            if byte_at(at) == b'.' {
                at = digits(at + 1, u8::is_ascii_digit);
            }
            let sign = usize::from(matches!(byte_at(at + 1), b'+' | b'-'));
            if matches!(byte_at(at), b'e' | b'E') && byte_at(at + 1 + sign).is_ascii_digit() {
                at = digits(at + 1 + sign, u8::is_ascii_digit);
            }
            at += usize::from(matches!(byte_at(at), b'j' | b'J'));
        }
        self.at = at;
        self.after_operand = true;
    }

    /// A string without fields; the cursor is at its quote.
    fn string(&mut self) {
        self.after_operand = true;
        let start = self.at;
        let quote = self.bytes[start];
        let triple = self.bytes[start..].starts_with(&[quote; 3]);
        let content = start + if triple { 3 } else { 1 };
        let mut at = content;
        loop {
            let rest = &self.bytes[at..];
            let next =
                if triple { memchr::memchr(quote, rest) } else { memchr::memchr3(quote, b'\n', b'\r', rest) };
            let Some(len) = next else {
                at = self.bytes.len();
                break;
            };
            let escaped = rest[..len].iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 1;
            at += len;
            if escaped {
                at += if self.bytes[at..].starts_with(b"\r\n") { 2 } else { 1 };
            } else if self.bytes[at] != quote {
                break;
            } else if !triple {
                self.at = at + 1;
                return;
            } else if self.bytes[at..].starts_with(&[quote; 3]) {
                self.at = at + 3;
                return;
            } else {
                at += 1;
            }
        }
        self.at = at;
        // Unclosed. In a field it is rather the end of the text around it, as in `f"{a"`.
        if let Kind::Field { text, .. } = self.top.kind
            && (text.quote, text.triple) == (quote, triple)
            && is_blank_line(&self.bytes[content..])
        {
            self.at = content;
            self.end_text();
        }
    }

    /// An f-string or t-string; the cursor is at its quote.
    fn interpolated(&mut self, raw: bool) -> Result<(), TooDeep> {
        let quote = self.bytes[self.at];
        let triple = self.bytes[self.at..].starts_with(&[quote; 3]);
        self.at += if triple { 3 } else { 1 };
        self.open(Kind::Text(Text { quote, triple, raw }))
    }

    /// The text of an f-string or of a format specification, up to the next field or its end.
    fn text(&mut self, text: Text, in_spec: bool) -> Result<(), TooDeep> {
        let Text { quote, triple, raw } = text;
        let mut named_character = false;
        while let Some(&byte) = self.bytes.get(self.at) {
            match byte {
                b'\n' | b'\r' if !triple => break,
                b'\\' => match (self.peek(1), self.peek(2)) {
                    (b'{' | b'}', _) => {}
                    (b'N', b'{') if !raw => {
                        named_character = true;
                        self.at += 2;
                    }
                    (b'\r', b'\n') => self.at += 2,
                    _ => self.at += 1,
                },
                b'{' if self.peek(1) == b'{' && !in_spec => self.at += 1,
                b'{' => {
                    self.at += 1;
                    return self.open(Kind::Field { text, in_spec: false });
                }
                b'}' if named_character => named_character = false,
                b'}' if in_spec => {
                    self.at += 1;
                    return self.close();
                }
                _ if byte == quote && (!triple || self.bytes[self.at..].starts_with(&[quote; 3])) => {
                    self.at += if triple { 3 } else { 1 };
                    break;
                }
                _ => {}
            }
            self.at += 1;
        }
        // Closed, or unclosed at the end of the line or of the file.
        self.end_text();
        Ok(())
    }

    /// Leaves an f-string's text, out of any field of it.
    fn end_text(&mut self) {
        while let Some(kind) = self.pop()
            && !matches!(kind, Kind::Text(_))
        {}
        self.after_operand = true;
    }

    fn colon(&mut self) -> Result<(), TooDeep> {
        self.at += 1;
        self.after_operand = false;
        match &mut self.top.kind {
            Kind::Field { in_spec, .. } => *in_spec = true,
            _ if self.top.lambdas > 0 => self.top.lambdas -= 1,
            kind => {
                self.fresh |= *kind == Kind::Base;
                self.deepen()?;
            }
        }
        Ok(())
    }

    fn comment(&mut self) {
        let rest = &self.bytes[self.at..];
        let len = memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
        if !self.limited {
            self.found.comments.push(self.at..self.at + len);
        }
        self.at += len;
    }

    fn skip_line_break(&mut self) -> bool {
        let len = match (self.peek(0), self.peek(1)) {
            (b'\r', b'\n') => 2,
            (b'\r' | b'\n', _) => 1,
            _ => 0,
        };
        self.at += len;
        len > 0
    }

    fn skip_blanks(&mut self) {
        while matches!(self.peek(0), b' ' | b'\t' | b'\x0c') {
            self.at += 1;
        }
    }

    fn newline(&mut self) -> Result<(), TooDeep> {
        if !self.outer.is_empty() {
            let newline = self.at;
            self.skip_line_break();
            self.skip_blanks();
            let in_open_text =
                || self.outer.iter().any(|level| matches!(level.kind, Kind::Text(Text { triple: true, .. })));
            if !begins_statement(&self.bytes[self.at..]) || in_open_text() {
                return Ok(());
            }
            // No expression holds this word: the brackets were never closed.
            self.outer.clear();
            self.brackets = 0;
            self.at = newline;
        }
        self.end_statement();
        self.skip_line_break();
        self.line_start()
    }

    /// Measures the indentation of the next line that holds code.
    fn line_start(&mut self) -> Result<(), TooDeep> {
        let (mut column, mut characters) = (0_u32, 0_u32);
        while let Some(&byte) = self.bytes.get(self.at) {
            match byte {
                b' ' => {
                    self.at += 1;
                    column += 1;
                    characters += 1;
                }
                b'\t' => {
                    self.at += 1;
                    column += 2 - column % 2;
                    characters += 1;
                }
                b'\x0c' => {
                    self.at += 1;
                    (column, characters) = (0, 0);
                }
                b'\\' => {
                    self.at += 1;
                    if !self.skip_line_break() {
                        return Ok(());
                    }
                    // The whitespace before the first backslash is the indentation.
                    if characters > 0 {
                        self.skip_blanks();
                    }
                }
                b'#' => self.comment(),
                b'\n' | b'\r' => {
                    self.skip_line_break();
                    (column, characters) = (0, 0);
                }
                _ => return self.indent((column, characters)),
            }
        }
        Ok(())
    }

    fn indent(&mut self, here: (u32, u32)) -> Result<(), TooDeep> {
        let less = |a: (u32, u32), b: (u32, u32)| a.0 < b.0 && a.1 < b.1;
        let current = |indents: &[(u32, u32)]| indents.last().copied().unwrap_or_default();
        if less(current(&self.indents), here) {
            self.indents.push(here);
            if self.indents.len() > MAX_INDENTATION {
                return self.too_deep("more than 99 levels of indentation");
            }
        }
        while less(here, current(&self.indents)) {
            self.indents.pop();
        }
        Ok(())
    }
}

enum Prefix {
    Plain,
    Interpolated { raw: bool },
}

fn prefix_of(word: &[u8]) -> Option<Prefix> {
    let lower = |at: usize| word.get(at).map_or(0, u8::to_ascii_lowercase);
    match (lower(0), lower(1)) {
        (b'f' | b't', 0) => Some(Prefix::Interpolated { raw: false }),
        (b'r', b'f' | b't') | (b'f' | b't', b'r') => Some(Prefix::Interpolated { raw: true }),
        (b'r' | b'b' | b'u', 0) | (b'r', b'b') | (b'b', b'r') => Some(Prefix::Plain),
        _ => None,
    }
}

/// Length of the character that the bytes begin with; 0 if it is no part of a name.
fn identifier_char_len(bytes: &[u8]) -> usize {
    let chunk = &bytes[..bytes.len().min(4)];
    let valid = match std::str::from_utf8(chunk) {
        Ok(text) => text,
        Err(error) => std::str::from_utf8(&chunk[..error.valid_up_to()]).unwrap_or(""),
    };
    valid.chars().next().filter(|c| c.is_alphanumeric()).map_or(0, char::len_utf8)
}

/// Whether nothing but whitespace and a comment stands on the line.
fn is_blank_line(bytes: &[u8]) -> bool {
    let code = bytes.iter().find(|byte| !matches!(byte, b' ' | b'\t' | b'\x0c'));
    code.is_none_or(|byte| matches!(byte, b'\n' | b'\r' | b'#'))
}

/// Whether the line begins with a keyword that only a statement begins with.
fn begins_statement(line: &[u8]) -> bool {
    const KEYWORDS: [&[u8]; 18] = [
        b"assert",
        b"break",
        b"class",
        b"continue",
        b"def",
        b"del",
        b"elif",
        b"except",
        b"finally",
        b"global",
        b"import",
        b"nonlocal",
        b"pass",
        b"raise",
        b"return",
        b"try",
        b"while",
        b"with",
    ];
    matches!(line.first(), Some(b'a'..=b'w'))
        && KEYWORDS.iter().any(|keyword| {
            let is_name = |&next: &u8| next.is_ascii_alphanumeric() || next == b'_' || !next.is_ascii();
            line.starts_with(keyword) && !line.get(keyword.len()).is_some_and(is_name)
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Facts;
    use crate::languages::python::tests::options;

    /// Extracts on a worker's stack: 64 MB, more where nothing is optimised.
    fn survive(text: String) -> Facts {
        let size = if cfg!(debug_assertions) { 256 } else { 64 };
        std::thread::Builder::new()
            .stack_size(size << 20)
            .spawn(move || crate::languages::python::extract(text.as_bytes(), &options()))
            .unwrap()
            .join()
            .unwrap()
    }

    fn message(text: &str) -> Option<&'static str> {
        check(text).err().map(|too_deep| too_deep.message)
    }

    fn blocks(depth: usize) -> String {
        (0..depth).flat_map(|depth| [" ".repeat(depth), "if x:\n".to_owned()]).collect()
    }

    #[test]
    fn deep_texts_are_survived_and_named() {
        let brackets = "more than 200 nested brackets";
        let operators = "more than 1,000 nested operators";
        let levels = "expression of more than 10,000 levels";
        let cases: Vec<(String, &str)> = vec![
            ("[".repeat(1_000_000), brackets),
            (format!("{}{}", "(".repeat(100_000), ")".repeat(100_000)), brackets),
            ("f(".repeat(100_000), brackets),
            (format!("x = {}1", "-".repeat(200_000)), operators),
            (format!("x = {}1", "- ~+".repeat(50_000)), operators),
            (format!("x = {}1", "not ".repeat(100_000)), operators),
            (format!("x = {}1", "await ".repeat(100_000)), operators),
            (format!("x = {}1", "lambda: ".repeat(100_000)), operators),
            (format!("x = {}1", "lambda a, b: ".repeat(100_000)), operators),
            (format!("x = {}1", "1 if 1 else ".repeat(100_000)), operators),
            (format!("x = {}1", "0if 0else ".repeat(100_000)), operators),
            (format!("x = {}1", "1**".repeat(100_000)), operators),
            (format!("x = {}1", "yield 1, ".repeat(100_000)), operators),
            ("async ".repeat(100_000), operators),
            (format!("x = a{}", ".a".repeat(1_000_000)), levels),
            (format!("x = {}1", "a+".repeat(25_000_000)), levels),
            (format!("x = a{}", "()".repeat(1_000_000)), levels),
            (format!("x = a{}", "[0]".repeat(1_000_000)), levels),
            (format!("x = a{}", "(b)(c, d)".repeat(100_000)), levels),
            (format!("@a{}\ndef f(): pass", ".b".repeat(100_000)), levels),
            ("if a: ".repeat(100_000), levels),
            ("class A: ".repeat(100_000), levels),
            ("f\"{".repeat(100_000), brackets),
            ("f'{a:{".repeat(100_000), brackets),
            (blocks(1_000), "more than 99 levels of indentation"),
        ];
        for (text, expected) in cases {
            let start = text.chars().take(20).collect::<String>();
            assert_eq!(message(&text), Some(expected), "{start}");
            let found = survive(format!("import a\n{text}\nimport b\n"));
            assert_eq!(found.problems[0].message, expected, "{start}");
            assert_eq!(found.imports[0].module, "a", "{start}");
        }
    }

    #[test]
    fn texts_at_the_limits_are_parsed() {
        let cases = [
            format!("x = {}1{}", "(".repeat(200), ")".repeat(200)),
            format!("x = {}1", "-".repeat(1_000)),
            format!("x = {}1", "not ".repeat(1_000)),
            format!("x = {}1", "lambda: ".repeat(1_000)),
            format!("x = {}1", "1 if 1 else ".repeat(1_000)),
            format!("x = {}1", "1**".repeat(1_000)),
            format!("x = a{}", ".a".repeat(9_990)),
            format!("x = {}1", "a+".repeat(9_990)),
            format!("x = a{}", "()".repeat(9_990)),
            blocks(99) + &" ".repeat(99) + "pass",
        ];
        for text in cases {
            let start = text.chars().take(20).collect::<String>();
            let found = survive(format!("import a\n{text}\nimport b\n"));
            assert_eq!(found.problems, [], "{start}");
            assert_eq!(found.imports.len(), 2, "{start}");
        }
    }

    #[test]
    fn breadth_is_not_depth() {
        let cases = [
            format!("x = [{}]", "a.b.c(-1), ".repeat(100_000)),
            format!("x = {{{}}}", "'a': lambda x: not x,\n".repeat(20_000)),
            "x = a.b + f(c)\n".repeat(100_000),
            "a = not b; c = -d;".repeat(20_000),
            format!("x = {}b", "not a and ".repeat(3_000)),
            format!("x = {}1", "a**2 + ".repeat(3_000)),
            format!("f'{}'", "{a.b}".repeat(100_000)),
            format!("'''{}'''", "((((".repeat(100_000)),
            format!("# {}", "((((".repeat(100_000)),
            format!("x = '{}'", "[\\'".repeat(100_000)),
            "x = (\ndef f(): pass\n".repeat(1_000),
        ];
        for text in cases {
            assert_eq!(message(&text), None, "{}", text.chars().take(20).collect::<String>());
        }
    }

    #[test]
    fn strings_and_fields_end_where_ruff_ends_them() {
        let deep = "(".repeat(300);
        for opening in [
            "''",
            "'a'",
            "\"'\"",
            "'''a'b'''",
            "r'\\'' ",
            "rb'\\\\'",
            "f'{a}'",
            "f'{{'",
            "f'{a:{b}}'",
            "f'{a!r:>{w}}'",
            "f'''{\n'x'}\n'''",
            "f'{d[\"a\"]}'",
            "f'{f\"{1}\"}'",
            "f'\\N{DASH}'",
            "f'\\{a}'",
            "rf'\\{a}'",
            "f'{lambda}'",
            "1if'a'",
            "1jf'{b}'",
            "0xf'{'",
            "é'{'",
            "'a' \\\n",
            "'unclosed\n",
            "f'{a\n}'",
            "f'{a'\n",
            "f'{a:'\n",
        ] {
            assert!(message(&format!("x = {opening}{deep}")).is_some(), "{opening}");
        }
        for opening in ["'''", "\"\"\"a'''", "#", "f'''", "f'''{a}", "f'''{a:", "rb'''", "'a\\\n"] {
            assert_eq!(message(&format!("x = {opening}{}", deep.replace('(', "(("))), None, "{opening}");
        }
    }

    #[test]
    fn import_statements_are_found_without_parsing() {
        let text = "import a\nif x: import b; from c import (d,\n  e)\n'''\nimport no\n'''\nx = [\nimport_me]\n    from f import g  # import\nimport h \\\n , i";
        let found = find(text.as_bytes());
        let rows: Vec<_> =
            found.imports.iter().map(|(range, indented)| (&text[range.clone()], *indented)).collect();
        assert_eq!(
            rows,
            [
                ("import a", false),
                ("import b", false),
                ("from c import (d,\n  e)", false),
                ("from f import g  # import", true),
                ("import h \\\n , i", false),
            ]
        );
        assert_eq!(count_imports(text.as_bytes()), 5);
        assert_eq!(count_imports(b"\xff\xfe\x00import a\nimport b\n"), 1);
    }
}
