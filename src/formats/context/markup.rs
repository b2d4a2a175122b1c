//! Untrusted text in GitHub's and GitLab's Markdown: it is shown as it is, and does nothing.

use std::fmt::Write as _;

use super::escape;

/// Text for running Markdown. What stands between backticks stays code; of the rest nothing is markup, HTML, a link, a
/// mention or a reference.
pub fn prose(text: &str) -> String {
    let text = escape(text);
    let mut shown = String::with_capacity(text.len() + 16);
    let mut rest = text.as_ref();
    while let Some(open) = rest.find('`') {
        let (before, after) = (&rest[..open], &rest[open + 1..]);
        plain(before, &mut shown);
        match after.find('`') {
            Some(close) if close > 0 => {
                shown.push_str(&code(&after[..close]));
                rest = &after[close + 1..];
            }
            _ => {
                shown.push_str("\\`");
                rest = after;
            }
        }
    }
    plain(rest, &mut shown);
    shown
}

/// A code span that holds the text whatever backticks are in it; an empty one is nothing.
pub fn code(text: &str) -> String {
    let text = escape(text);
    if text.is_empty() {
        return String::new();
    }
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    // Of a space on both sides one is taken off by whoever reads it.
    let edge = |c: char| c == '`' || c == ' ';
    let pad = if text.starts_with(edge) || text.ends_with(edge) { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// A code span in the cell of a table, which a pipe would end even there.
pub fn cell(text: &str) -> String {
    code(text).replace('|', "\\|")
}

/// Writes text of which nothing is code.
fn plain(text: &str, shown: &mut String) {
    for c in text.chars() {
        match c {
            '\\' | '*' | '_' | '{' | '}' | '[' | ']' | '!' | '|' | '~' | '$' => {
                shown.push('\\');
                shown.push(c);
            }
            '<' => shown.push_str("&lt;"),
            '>' => shown.push_str("&gt;"),
            '&' => shown.push_str("&amp;"),
            // Mentions, references and addresses are found after markup; a space of no width ends the word.
            '@' | '#' | ':' => {
                shown.push(c);
                if c != ':' || shown.ends_with("p:") || shown.ends_with("s:") {
                    shown.push('\u{200b}');
                }
            }
            c => shown.push(c),
        }
    }
    if let Some(at) = shown.find("www.") {
        let safe = shown[at..].replace("www.", "www\u{200b}.");
        shown.replace_range(at.., &safe);
    }
}

/// A link to a line; `uri` is safe already.
pub fn link(shown: &str, uri: &str, line: u32) -> String {
    let mut link = String::new();
    let _ = write!(link, "[{}]({uri}#L{line})", code(shown));
    link
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_prose_is_markup() {
        assert_eq!(prose("a <script>b & c"), "a &lt;script&gt;b &amp; c");
        assert_eq!(
            prose("*a* _b_ [c](d) ![e](f) | ~g~ $h$"),
            "\\*a\\* \\_b\\_ \\[c\\](d) \\!\\[e\\](f) \\| \\~g\\~ \\$h\\$"
        );
        assert_eq!(prose("ask @team about #12"), "ask @\u{200b}team about #\u{200b}12");
        assert_eq!(
            prose("see http://x, https://y or www.z"),
            "see http:\u{200b}//x, https:\u{200b}//y or www\u{200b}.z"
        );
        assert_eq!(prose("a\nb\u{1b}"), "a\\\\nb\\\\u\\{1b\\}");
    }

    #[test]
    fn code_stays_code() {
        assert_eq!(prose("`a.b` imports `c_d`: no"), "`a.b` imports `c_d`: no");
        assert_eq!(prose("a ` b"), "a \\` b");
        assert_eq!(prose("``"), "\\`\\`");
        assert_eq!(prose("`@x <b>`"), "`@x <b>`");
    }

    #[test]
    fn a_code_span_holds_any_text() {
        assert_eq!(code("a`b"), "``a`b``");
        assert_eq!(code("``a"), "``` ``a ```");
        assert_eq!(code(" a"), "`  a `");
        assert_eq!(code(""), "");
        assert_eq!(cell("a|b"), "`a\\|b`");
        assert_eq!(link("a/b.py:3", "a/b.py", 3), "[`a/b.py:3`](a/b.py#L3)");
    }
}
