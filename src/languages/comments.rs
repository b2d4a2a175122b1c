//! Inline waivers: `# importlaw: allow ID[, ID…] [until=DATE] [issue=#N] [owner=@who] -- REASON`, in Rust after `//`.
//!
//! Reads comments it is given, of any language; what a waiver covers is decided elsewhere.

use std::ops::Range;

use compact_str::CompactString;

use crate::facts::{Date, Waiver};
use crate::source::{LineIndex, Span};

/// What every waiver begins with.
pub(super) const MARK: &str = "importlaw:";

/// `allow-file` stands at most this far down, where a reader looks for it.
const LAST_FILE_WIDE_LINE: u32 = 20;

/// The waivers in a comment: behind its first `mark`, or after any other in it. `comment` is without what closes a block
/// comment; a waiver ends with its line.
pub(super) fn waivers(
    text: &str,
    comment: Range<usize>,
    mark: &str,
    lines: &LineIndex,
    found: &mut Vec<Waiver>,
) {
    let Some(body) = text.get(comment.clone()) else { return };
    let mut starts: Vec<usize> = memchr::memmem::find_iter(body.as_bytes(), MARK)
        .filter(|&at| body[..at].trim_end_matches([' ', '\t']).ends_with(mark))
        .collect();
    starts.push(body.len());
    let first_line = lines.line(comment.start as u32);
    let before = &text[lines.line_start(first_line) as usize..comment.start];
    // From its end: a long line with many comments is read once.
    let begins_line = before.trim_end().trim_start_matches('\u{feff}').is_empty();
    for pair in starts.windows(2) {
        let [start, end] = *pair else { continue };
        let written = body[start..end].trim_end();
        // The next waiver's own mark is not part of this one.
        let written = if end < body.len() { written.strip_suffix(mark).unwrap_or(written) } else { written };
        let written = written.split(['\n', '\r']).next().unwrap_or(written).trim_end();
        let offset = comment.start + start;
        let span = Span::new(offset as u32, (offset + written.len()) as u32);
        let line = lines.line(span.start);
        let alone = begins_line || line > first_line;
        found.push(waiver(written, span, line, alone));
    }
}

/// The waivers in the comments of a TOML text.
pub(super) fn of_toml(text: &str) -> Vec<Waiver> {
    let mut found = Vec::new();
    if memchr::memmem::find(text.as_bytes(), MARK.as_bytes()).is_none() {
        return found;
    }
    let lines = LineIndex::new(text);
    let bytes = text.as_bytes();
    // What closes the string that is open; of a string of one line its end does too.
    let mut open: Option<&[u8]> = None;
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        at += match open {
            Some(close) if bytes[at..].starts_with(close) => {
                open = None;
                close.len()
            }
            Some(close) if close[0] == b'"' && *byte == b'\\' => 2,
            Some(close) => {
                if close.len() == 1 && *byte == b'\n' {
                    open = None;
                }
                1
            }
            None => match byte {
                b'#' => {
                    let end = memchr::memchr(b'\n', &bytes[at..]).map_or(text.len(), |len| at + len);
                    waivers(text, at..end, "#", &lines, &mut found);
                    end - at
                }
                b'"' | b'\'' => {
                    let quotes: [&[u8]; 4] = [b"\"\"\"", b"'''", b"\"", b"'"];
                    open = quotes.into_iter().find(|quotes| bytes[at..].starts_with(quotes));
                    open.map_or(1, <[u8]>::len)
                }
                _ => 1,
            },
        };
    }
    found
}

/// Reads `importlaw: …`; the first thing wrong with it is kept.
fn waiver(written: &str, span: Span, line: u32, alone: bool) -> Waiver {
    let mut waiver = Waiver {
        span,
        line,
        alone,
        file_wide: false,
        rules: Vec::new(),
        until: None,
        max: None,
        issue: None,
        owner: None,
        reason: CompactString::default(),
        malformed: None,
    };
    if let Err(message) = read(&mut waiver, &written[MARK.len()..]) {
        waiver.malformed = Some(message);
    }
    waiver
}

fn read(waiver: &mut Waiver, written: &str) -> Result<(), CompactString> {
    let (head, reason) = split_reason(written);
    let mut words = head.split_whitespace();
    match words.next() {
        Some("allow") => {}
        Some("allow-file") => waiver.file_wide = true,
        Some(other) => {
            return Err(format!("`{other}` is not known here; write `allow` or `allow-file`").into());
        }
        None => return Err("says nothing; write `importlaw: allow RULE -- REASON`".into()),
    }
    let mut seen = Vec::new();
    for word in words {
        match word.split_once('=') {
            Some((key, value)) => {
                if seen.contains(&key) {
                    return Err(format!("`{key}=` is given twice").into());
                }
                seen.push(key);
                read_key(waiver, key, value)?;
            }
            None if seen.is_empty() => {
                let rules = word.split(',').filter(|rule| !rule.is_empty()).map(CompactString::from);
                waiver.rules.extend(rules);
            }
            None => return Err(format!("`{word}` stands after a key; rules come first").into()),
        }
    }
    if let Some(rule) = waiver.rules.iter().find(|rule| !rule.chars().all(is_id_char)) {
        return Err(format!("`{rule}` is not a rule's id").into());
    }
    if waiver.rules.is_empty() {
        return Err("names no rule".into());
    }
    match reason {
        Some(reason) if !reason.is_empty() => waiver.reason = reason.into(),
        _ => return Err("gives no reason; write `-- REASON` at its end".into()),
    }
    if waiver.file_wide && waiver.line > LAST_FILE_WIDE_LINE {
        return Err(format!("`allow-file` must stand within the first {LAST_FILE_WIDE_LINE} lines").into());
    }
    Ok(())
}

fn read_key(waiver: &mut Waiver, key: &str, value: &str) -> Result<(), CompactString> {
    match key {
        "until" => match Date::parse(value) {
            Some(date) => waiver.until = Some(date),
            None => return Err(format!("`until={value}` is not a date like 2027-03-31").into()),
        },
        "max" if !waiver.file_wide => return Err("`max=` belongs to `allow-file`".into()),
        "max" => match value.parse() {
            Ok(max) => waiver.max = Some(max),
            Err(_) => return Err(format!("`max={value}` is not a number").into()),
        },
        "issue" | "owner" if value.is_empty() => return Err(format!("`{key}=` is empty").into()),
        "issue" => waiver.issue = Some(value.into()),
        "owner" => waiver.owner = Some(value.into()),
        _ => return Err(format!("`{key}=` is not known; known are until, issue, owner and max").into()),
    }
    Ok(())
}

/// Splits at the first word `--`.
fn split_reason(written: &str) -> (&str, Option<&str>) {
    let is_word = |at: usize| {
        let before = written[..at].chars().next_back();
        let after = written[at + 2..].chars().next();
        before.is_none_or(char::is_whitespace) && after.is_none_or(char::is_whitespace)
    };
    match written.match_indices("--").map(|(at, _)| at).find(|&at| is_word(at)) {
        Some(at) => (&written[..at], Some(written[at + 2..].trim())),
        None => (written, None),
    }
}

fn is_id_char(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '-' | '_' | '.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_has_waivers_in_its_comments_alone() {
        let text = r##"
[package]
name = "a" # importlaw: allow one -- beside a value
description = "# importlaw: allow no -- a string, with \" in it"
literal = '# importlaw: allow no -- another'
text = """
# importlaw: allow no -- lines
"""
# importlaw: allow two -- alone
broken = "
b = 1 # noqa # importlaw: allow three -- behind an open string
"##;
        let waivers = of_toml(text);
        let found: Vec<(u32, bool, &str)> =
            waivers.iter().map(|waiver| (waiver.line, waiver.alone, waiver.rules[0].as_str())).collect();
        assert_eq!(found, [(3, false, "one"), (9, true, "two"), (11, false, "three")]);
    }
}
