//! Text from the tree and the registry made harmless in Markdown: it neither formats, links, mentions nor is HTML.

use crate::formats::context::escape;

/// A span of code that shows the text as it is; in a table the caller escapes its pipes.
pub(super) fn code(text: &str) -> String {
    let shown = escape(text);
    let (mut longest, mut run) = (0, 0);
    for c in shown.chars() {
        run = if c == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    let fence = "`".repeat(longest + 1);
    let pad = if shown.starts_with('`') || shown.ends_with('`') || shown.is_empty() { " " } else { "" };
    format!("{fence}{pad}{shown}{pad}{fence}")
}

/// A sentence whose `code` stays code, and nothing else of it is markup.
pub(super) fn prose(text: &str) -> String {
    let shown = escape(text);
    let parts: Vec<&str> = shown.split('`').collect();
    // An odd number of marks: nobody knows which of them belong together.
    if parts.len().is_multiple_of(2) || parts.iter().skip(1).step_by(2).any(|part| part.is_empty()) {
        return plain(&shown);
    }
    let part = |(at, part): (usize, &&str)| if at % 2 == 1 { format!("`{part}`") } else { plain(part) };
    parts.iter().enumerate().map(part).collect()
}

/// The same in a cell of a table.
pub(super) fn prose_in_cell(text: &str) -> String {
    prose(text).replace('|', "\\|")
}

fn plain(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut last = ' ';
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let within_a_word = last.is_alphanumeric() && chars.peek().is_some_and(|next| next.is_alphanumeric());
        match c {
            '<' => shown.push_str("&lt;"),
            '>' => shown.push_str("&gt;"),
            '&' => shown.push_str("&amp;"),
            '@' => shown.push_str("&#64;"),
            '\\' | '`' | '*' | '[' | ']' | '~' => shown.extend(['\\', c]),
            '_' if !within_a_word => shown.push_str("\\_"),
            c => shown.push(c),
        }
        last = c;
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_fenced_by_more_marks_than_it_holds() {
        assert_eq!(code("a_b.c"), "`a_b.c`");
        assert_eq!(code("a``b"), "```a``b```");
        assert_eq!(code("`"), "`` ` ``");
        assert_eq!(code("<b>\n\u{1b}"), "`<b>\\n\\u{1b}`");
    }

    #[test]
    fn prose_keeps_its_code_and_nothing_else() {
        assert_eq!(prose("`a.b` has no `x_y`"), "`a.b` has no `x_y`");
        assert_eq!(
            prose("<img src=x> @team *b* [l](u) snake_case _i_"),
            "&lt;img src=x&gt; &#64;team \\*b\\* \\[l\\](u) snake_case \\_i\\_"
        );
        assert_eq!(prose("one ` mark <b>"), "one \\` mark &lt;b&gt;");
        assert_eq!(prose_in_cell("a | `b|c`"), "a \\| `b\\|c`");
    }
}
