//! What the formats share: making untrusted text visible, numbers and words as people read them, the headline.
//!
//! Every string that comes from the tree or the registry passes through [`escape`] on its way to a terminal.

pub mod block;
pub mod entry;
pub mod machine;
pub mod markup;
pub mod tables;

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io;

use serde::Serialize;
use unicode_width::UnicodeWidthStr;

use crate::report::{Finding, Report, Tally};
use crate::violation::{Severity, Status};

/// Whether a character acts on a terminal, or on the reader's eye, instead of being seen: control characters
/// (line ends and ESC among them), bidirectional overrides, invisible format characters.
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// The text with every hidden character written out: `\n`, `\r`, `\t`, else `\u{1b}`.
pub fn escape(text: &str) -> Cow<'_, str> {
    if !text.contains(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if is_hidden(c) {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
    }
    Cow::Owned(shown)
}

/// `12345` as `12,345`.
pub fn number(n: impl Into<u64>) -> String {
    let digits = n.into().to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A difference with its sign: `+1,234`.
pub fn signed(n: i64) -> String {
    match n {
        0 => "0".to_owned(),
        n if n < 0 => format!("-{}", number(n.unsigned_abs())),
        n => format!("+{}", number(n.unsigned_abs())),
    }
}

/// Text for an attribute or an element. XML has no way to write most control characters, so they are made visible.
pub fn xml(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\n' => safe.push('\n'),
            '\u{fffe}' | '\u{ffff}' => safe.extend(c.escape_unicode()),
            c if is_hidden(c) => safe.extend(c.escape_default()),
            c => safe.push(c),
        }
    }
    safe
}

/// A number with its noun: `1 file`, `2,000 files`.
pub fn counted(n: impl Into<u64>, noun: &str) -> String {
    let n = n.into();
    format!("{} {noun}{}", number(n), if n == 1 { "" } else { "s" })
}

/// `82.3 %`, or `n/a` where nothing is governed.
pub fn percent(compliance: Option<f64>) -> String {
    compliance.map_or_else(|| "n/a".to_owned(), |value| format!("{value:.1} %"))
}

/// `600` milliseconds as `0.6 s`.
pub fn seconds(milliseconds: u64) -> String {
    format!("{}.{} s", number(milliseconds / 1000), milliseconds % 1000 / 100)
}

/// The whole project's compliance as one sentence.
pub fn headline(report: &Report) -> String {
    let tally = &report.summary.tally;
    let at_least = if tally.unknown > 0 { "At least " } else { "" };
    match (tally.compliance, &report.project.registry) {
        (None, Some(_)) => "n/a: the rules govern no import".to_owned(),
        (None, None) => "n/a: no import is judged. No rule of yours is checked yet.".to_owned(),
        (value, Some(_)) => {
            let verb = if tally.governed == 1 { "complies" } else { "comply" };
            format!("{at_least}{} of {} {verb}", percent(value), counted(tally.governed, "governed import"))
        }
        (value, None) => {
            format!("{at_least}{} of imports resolve. No rule of yours is checked yet.", percent(value))
        }
    }
}

/// The four counts that the headline is made of.
pub fn counts(tally: &Tally) -> String {
    format!(
        "{} compliant · {} · {} waived · {} unknown",
        number(tally.compliant),
        counted(tally.violation, "violation"),
        number(tally.waived),
        number(tally.unknown)
    )
}

/// `12 errors and 3 warnings in 9 files · 40 known · 4 waived`: what the run found, by its standing in the gate.
pub fn found(report: &Report) -> String {
    let (mut errors, mut warnings, mut known, mut waived) = (0_u64, 0_u64, 0_u64, 0_u64);
    let mut files = 0_u64;
    let mut last_path = None;
    for finding in &report.findings {
        match (finding.violation.status, finding.violation.severity) {
            (Status::New, Severity::Error) => errors += 1,
            (Status::New, Severity::Warn) => warnings += 1,
            (Status::Known, _) => known += 1,
            (Status::Waived, _) => waived += 1,
        }
        // Findings are sorted by path, so a file is new exactly when it differs from the one before.
        if finding.violation.status == Status::New && last_path != Some(&finding.path) {
            files += 1;
            last_path = Some(&finding.path);
        }
    }
    let mut text = match (errors, warnings) {
        (0, 0) if known > 0 => "No new finding".to_owned(),
        (0, 0) => "No finding".to_owned(),
        // Else it would read as if the run had failed.
        (0, _) => format!("No error, {} in {}", counted(warnings, "warning"), counted(files, "file")),
        (_, 0) => format!("{} in {}", counted(errors, "error"), counted(files, "file")),
        _ => {
            let (errors, warnings) = (counted(errors, "error"), counted(warnings, "warning"));
            format!("{errors} and {warnings} in {}", counted(files, "file"))
        }
    };
    if known > 0 {
        let _ = write!(text, " · {} known", number(known));
        let file = report.project.baseline.as_deref();
        let _ = file.map_or(Ok(()), |file| write!(text, " ({})", escape(file)));
    }
    if waived > 0 {
        let _ = write!(text, " · {} waived", number(waived));
    }
    text
}

/// The run in one line: what was found, the compliance, the rules that hold.
pub fn in_one_line(report: &Report) -> String {
    let rules = report.summary.rules;
    let selected = report.selected.as_ref().map_or_else(String::new, |selected| {
        let without = if selected.not_judged.is_empty() { "" } else { ", without " };
        let by = selected.by.join(", ");
        format!(", selected by {}{without}{}", escape(&by), selected.not_judged.join(" and "))
    });
    let headline = headline(report);
    let headline = headline.trim_end_matches('.');
    format!("{}{selected}. {headline}. Rules holding: {} of {}", found(report), rules.holding, rules.total)
}

/// Writes a document as indented JSON with a line end. JSON must only escape ASCII control characters; whoever looks at
/// it on a terminal needs the others escaped too. All of them stand inside strings, except the line ends of the layout.
pub fn write_json(document: &impl Serialize, out: &mut dyn io::Write) -> io::Result<()> {
    let text = serde_json::to_string_pretty(document)?;
    write_json_text(&text, |c| c != '\n' && is_hidden(c), out)?;
    out.write_all(b"\n")
}

/// Writes JSON with those characters escaped that `needs_escape` names, which must stand inside strings only.
pub fn write_json_text(
    text: &str,
    needs_escape: impl Fn(char) -> bool,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let mut written = 0;
    for (at, c) in text.char_indices().filter(|&(_, c)| needs_escape(c)) {
        out.write_all(&text.as_bytes()[written..at])?;
        for unit in c.encode_utf16(&mut [0; 2]) {
            write!(out, "\\u{unit:04x}")?;
        }
        written = at + c.len_utf8();
    }
    out.write_all(&text.as_bytes()[written..])
}

/// `path:line:col`, escaped.
pub fn place(finding: &Finding) -> String {
    format!("{}:{}:{}", escape(&finding.path), finding.line, finding.column)
}

/// How severe a finding is, as a word.
pub fn severity_word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warn => "warning",
    }
}

/// Columns that an escaped text takes on a terminal.
pub fn columns(text: &str) -> usize {
    text.width()
}

/// The text cut to `width` columns, an ellipsis at its end where something is missing.
pub fn cut(text: &str, width: usize) -> Cow<'_, str> {
    if columns(text) <= width {
        return Cow::Borrowed(text);
    }
    let mut kept = String::new();
    let mut used = 1;
    for c in text.chars() {
        used += columns(c.encode_utf8(&mut [0; 4]));
        if used > width {
            break;
        }
        kept.push(c);
    }
    kept.push('…');
    Cow::Owned(kept)
}

/// The text broken at spaces into lines of at most `width` columns; a longer word keeps a line of its own, whole, so
/// that a name can be copied.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut used = 0;
    for word in text.split(' ') {
        let needed = columns(word);
        match lines.last_mut() {
            Some(line) if line.is_empty() || used + 1 + needed <= width => {
                if !line.is_empty() {
                    line.push(' ');
                    used += 1;
                }
                line.push_str(word);
                used += needed;
            }
            _ => {
                lines.push(word.to_owned());
                used = needed;
            }
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_characters_become_visible() {
        assert_eq!(escape("plain é 漢"), "plain é 漢");
        assert_eq!(escape("a\u{1b}[31m\nb\r\tc"), "a\\u{1b}[31m\\nb\\r\\tc");
        assert_eq!(escape("x\u{202e}y\u{9b}z\u{feff}"), "x\\u{202e}y\\u{9b}z\\u{feff}");
        assert_eq!(escape("\u{7f}\u{2066}\u{200b}\0"), "\\u{7f}\\u{2066}\\u{200b}\\u{0}");
    }

    #[test]
    fn numbers_have_separators() {
        assert_eq!(number(0_u32), "0");
        assert_eq!(number(999_u32), "999");
        assert_eq!(number(1_000_u32), "1,000");
        assert_eq!(number(12_345_678_u32), "12,345,678");
        assert_eq!(counted(1_u32, "file"), "1 file");
        assert_eq!(counted(0_u32, "file"), "0 files");
    }

    #[test]
    fn percentages_keep_one_decimal() {
        assert_eq!(percent(Some(100.0)), "100.0 %");
        assert_eq!(percent(Some(98.7)), "98.7 %");
        assert_eq!(percent(None), "n/a");
    }

    #[test]
    fn wrapping_breaks_at_spaces_only() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("a very.long.dotted.name b", 5), ["a", "very.long.dotted.name", "b"]);
        assert_eq!(wrap("", 5), [""]);
    }

    #[test]
    fn cutting_counts_columns() {
        assert_eq!(cut("abcdef", 6), "abcdef");
        assert_eq!(cut("abcdefg", 6), "abcde…");
        assert_eq!(cut("漢字漢字", 6), "漢字…", "a wide character is never halved");
    }
}
