//! How far each token reaches: words, numbers, strings with their fields, comments, lines and their indentation.

use super::{Kind, Level, MAX_INDENTATION, Scanner, Text, TooDeep};

impl Scanner<'_> {
    /// An identifier or keyword, or the prefix of a string.
    pub(super) fn word(&mut self) -> Result<(), TooDeep> {
        let start = self.at;
        while let Some(&byte) = self.bytes.get(self.at) {
            if byte.is_ascii_alphanumeric() || byte == b'_' {
                self.at += 1;
                continue;
            }
            if byte.is_ascii() {
                break;
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
        if matches!(self.peek(0), b'"' | b'\'') && word.len() <= 2 {
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
        self.after_operand = true;
        if word.len() > b"lambda".len() {
            return Ok(());
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
            _ => Ok(()),
        }
    }

    /// A number literal, exactly as far as ruff's lexer reads it: a keyword or a string may follow at once.
    pub(super) fn number(&mut self) {
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
    pub(super) fn string(&mut self) {
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
    pub(super) fn text(&mut self, text: Text, in_spec: bool) -> Result<(), TooDeep> {
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

    pub(super) fn colon(&mut self) -> Result<(), TooDeep> {
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

    pub(super) fn comment(&mut self) {
        let rest = &self.bytes[self.at..];
        let len = memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
        if !self.limited {
            self.found.comments.push(self.at..self.at + len);
        }
        self.at += len;
    }

    pub(super) fn skip_line_break(&mut self) -> bool {
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

    pub(super) fn newline(&mut self) -> Result<(), TooDeep> {
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
            self.top = Level::new(Kind::Base);
            self.at = newline;
        }
        self.end_statement();
        self.skip_line_break();
        self.line_start()
    }

    /// Measures the indentation of the next line that holds code.
    pub(super) fn line_start(&mut self) -> Result<(), TooDeep> {
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
