//! The source line with its import underlined, drawn by miette.
//!
//! miette prints control characters raw and counts lines from the start of what it is given, so it gets a window of
//! sanitised lines that knows its own line number.

use std::fmt;

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents,
    Severity, SourceCode, SourceSpan, SpanContents,
};

use super::Paint;
use crate::formats::context::{escape, is_hidden};
use crate::report::Snippet;

/// Lines shown before and after the marked one.
const CONTEXT: usize = 2;
/// Characters of one line that are shown; of a longer one the part around the mark.
const LINE_CHARS: usize = 160;

/// The message under its severity's sign, then the snippet. `message` is already escaped and wrapped.
pub fn draw(message: &str, severity: Severity, snippet: &Snippet, paint: Paint) -> String {
    let theme = if paint.color { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_wrap_lines(false)
        .with_links(false)
        .without_primary_span_start()
        .without_syntax_highlighting();
    let view = View { message, severity, window: Window::new(snippet) };
    let mut drawn = String::new();
    // Drawing into a string fails only if miette refuses its own window; then the message alone says enough.
    if handler.render_report(&mut drawn, &view).is_err() {
        drawn = format!("  {message}\n");
    }
    drawn
}

/// The marked line alone, sanitised and without indentation; None where there is no text.
pub fn marked_line(snippet: &Snippet) -> Option<String> {
    let before = snippet.text.get(..snippet.mark)?;
    let line = snippet.text.lines().nth(before.matches('\n').count())?.trim();
    (!line.is_empty()).then(|| escape(line).into_owned())
}

/// A few sanitised lines and where they begin.
#[derive(Debug)]
struct Window {
    text: String,
    /// 0-based number of the first line in its file.
    first_line: usize,
    mark: SourceSpan,
}

impl Window {
    /// None where there is nothing to show. Marks that do not fit the text are clipped to it.
    fn new(snippet: &Snippet) -> Option<Self> {
        let lines: Vec<&str> = snippet.text.split('\n').collect();
        let mut mark = snippet.mark.min(snippet.text.len());
        while !snippet.text.is_char_boundary(mark) {
            mark -= 1;
        }
        let marked = snippet.text[..mark].matches('\n').count();
        let column = mark - snippet.text[..mark].rfind('\n').map_or(0, |at| at + 1);
        if lines[marked].trim().is_empty() {
            return None;
        }
        let first = marked.saturating_sub(CONTEXT);
        let last = (marked + CONTEXT).min(lines.len() - 1);

        let mut window = Self {
            text: String::new(),
            first_line: (snippet.first_line as usize + first).saturating_sub(1),
            mark: (0, 0).into(),
        };
        for (at, line) in lines.iter().enumerate().take(last + 1).skip(first) {
            if at > first {
                window.text.push('\n');
            }
            let line = line.strip_suffix('\r').unwrap_or(line);
            if at == marked {
                // A mark of several lines is underlined on its first.
                window.push_marked(line, column.min(line.len()), snippet.mark_len);
            } else {
                push_clipped(line, &mut window.text);
            }
        }
        window.text.truncate(window.text.trim_end_matches('\n').len());
        Some(window)
    }

    fn push_marked(&mut self, line: &str, column: usize, len: usize) {
        let mut end = column.saturating_add(len).min(line.len());
        while !line.is_char_boundary(end) {
            end += 1;
        }
        let (before, marked, after) = (&line[..column], &line[column..end], &line[end..]);
        // As much before the mark as leaves half a line for it and what follows.
        let spare = before.chars().count().saturating_sub(LINE_CHARS / 2);
        if line.chars().count() > LINE_CHARS && spare > 0 {
            self.text.push('…');
            self.text.extend(before.chars().skip(spare).flat_map(visible));
        } else {
            self.text.extend(before.chars().flat_map(visible));
        }
        let start = self.text.len();
        push_clipped(marked, &mut self.text);
        self.mark = (start, self.text.len() - start).into();
        let room =
            LINE_CHARS.saturating_sub(before.chars().count().min(LINE_CHARS / 2) + marked.chars().count());
        if after.chars().count() <= room {
            self.text.extend(after.chars().flat_map(visible));
        } else {
            self.text.extend(after.chars().take(room).flat_map(visible));
            self.text.push('…');
        }
    }
}

fn push_clipped(line: &str, text: &mut String) {
    text.extend(line.chars().take(LINE_CHARS).flat_map(visible));
    if line.chars().nth(LINE_CHARS).is_some() {
        text.push('…');
    }
}

/// The characters shown for one: itself, or its escape. Tabs stay: miette expands them and underlines accordingly.
fn visible(c: char) -> impl Iterator<Item = char> {
    let hidden = is_hidden(c) && c != '\t';
    hidden.then(|| c.escape_default()).into_iter().flatten().chain((!hidden).then_some(c))
}

impl SourceCode for Window {
    /// The whole window, whatever span is asked for: it has been cut already.
    fn read_span<'a>(
        &'a self,
        _span: &SourceSpan,
        _before: usize,
        _after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let lines = self.text.lines().count();
        let whole = (0, self.text.len()).into();
        Ok(Box::new(MietteSpanContents::new(self.text.as_bytes(), whole, self.first_line, 0, lines)))
    }
}

/// A finding as miette takes it.
#[derive(Debug)]
struct View<'a> {
    message: &'a str,
    severity: Severity,
    window: Option<Window>,
}

impl fmt::Display for View<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message)
    }
}

impl std::error::Error for View<'_> {}

impl Diagnostic for View<'_> {
    fn severity(&self) -> Option<Severity> {
        Some(self.severity)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.window.as_ref().map(|window| window as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let mark = self.window.as_ref()?.mark;
        Some(Box::new(std::iter::once(LabeledSpan::new_with_span(None, mark))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Draws a text in which `‹` and `›` enclose the mark, its first line being line 9.
    fn drawn(marked: &str) -> String {
        let mark = marked.find('‹').unwrap();
        let text = marked.replace('‹', "");
        let mark_len = text.find('›').unwrap() - mark;
        let snippet = Snippet { text: text.replace('›', ""), first_line: 9, mark, mark_len };
        draw("message", Severity::Error, &snippet, Paint { color: false, links: None })
    }

    #[test]
    fn lines_keep_their_numbers() {
        assert_eq!(
            drawn("from a import (\n    ‹b›,\n)"),
            "  × message
    ╭────
  9 │ from a import (
 10 │     b,
    ·     ─
 11 │ )
    ╰────
"
        );
    }

    #[test]
    fn hidden_characters_are_shown_and_underlined() {
        assert_eq!(
            drawn("x\u{1b} = ‹a\u{202e}b›\r"),
            "  × message
   ╭────
 9 │ x\\u{1b} = a\\u{202e}b
   ·           ──────────
   ╰────
"
        );
    }

    #[test]
    fn wide_characters_and_tabs_are_underlined_where_they_stand() {
        assert_eq!(
            drawn("\tx = \"漢字\"; ‹import 漢›"),
            "  × message
   ╭────
 9 │     x = \"漢字\"; import 漢
   ·                 ─────────
   ╰────
"
        );
    }

    #[test]
    fn long_lines_are_cut_around_the_mark() {
        let (before, after) = ("b".repeat(5_000), "a".repeat(5_000));
        let text = drawn(&format!("{before}‹mark›{after}"));
        let line = format!("…{}mark{}…", "b".repeat(80), "a".repeat(76));
        assert_eq!(text.lines().nth(2), Some(format!(" 9 │ {line}").as_str()));
        assert_eq!(text.lines().nth(3), Some(format!("   · {:81}────", "").as_str()));
    }

    #[test]
    fn marks_that_do_not_fit_are_clipped() {
        for (text, mark, mark_len) in
            [("é", 1, 9), ("ab\ncd", 1, 4), ("a", 7, 0), ("a\n", 2, 1), ("", 0, 0), ("é", 0, 1)]
        {
            let snippet = Snippet { text: text.to_owned(), first_line: 0, mark, mark_len };
            let text = draw("m", Severity::Error, &snippet, Paint { color: false, links: None });
            assert!(text.starts_with("  × m\n"), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_with_any_mark_is_drawn(text in "[a-z 漢é\t\r\n\u{1b}\u{202e}]{0,40}", mark in 0_usize..50, mark_len in 0_usize..50) {
            let snippet = Snippet { text, first_line: 9, mark, mark_len };
            let drawn = draw("m", Severity::Warning, &snippet, Paint { color: false, links: None });
            proptest::prop_assert!(drawn.starts_with("  ⚠ m\n"), "{}", drawn);
            proptest::prop_assert!(!drawn.contains(|c| c != '\n' && is_hidden(c)), "{}", drawn);
        }
    }

    #[test]
    fn the_marked_line_alone() {
        let snippet =
            Snippet { text: "a = 1\n  to = [\"x\"]\t".to_owned(), first_line: 3, mark: 8, mark_len: 2 };
        assert_eq!(marked_line(&snippet).as_deref(), Some("to = [\"x\"]"));
        assert_eq!(marked_line(&Snippet::default()), None);
    }
}
