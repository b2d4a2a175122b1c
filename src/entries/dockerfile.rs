//! The text of a Dockerfile as instructions: continuation lines joined, comments and heredocs passed over.

use rustc_hash::FxHashMap;

/// One instruction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Instruction {
    /// Its first word, in capitals.
    pub(super) keyword: String,
    /// What follows it, joined over its lines.
    pub(super) rest: String,
    /// 1-based line on which it begins.
    pub(super) line: u32,
}

/// All instructions, in order. What is none is one of an unknown keyword.
pub(super) fn instructions(text: &str) -> Vec<Instruction> {
    let lines: Vec<&str> = text.trim_start_matches('\u{feff}').lines().collect();
    let escape = escape(&lines);
    // Where a heredoc may end at the latest, so that an end that never comes is not looked for again and again.
    let ends: FxHashMap<&str, usize> = lines.iter().enumerate().map(|(at, line)| (line.trim(), at)).collect();
    let mut found = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        let line = at as u32 + 1;
        let first = lines[at].trim();
        at += 1;
        if first.is_empty() || first.starts_with('#') {
            continue;
        }
        let mut joined = String::new();
        let mut part = first;
        while let Some(before) = part.strip_suffix(escape) {
            joined.push_str(before);
            // Comments and empty lines do not end it.
            let is_none = |line: &&str| line.trim_start().starts_with('#') || line.trim().is_empty();
            at += lines[at..].iter().take_while(|line| is_none(line)).count();
            part = lines.get(at).map_or("", |line| line.trim_end());
            at = (at + 1).min(lines.len());
        }
        joined.push_str(part);
        let (keyword, rest) = joined.split_once(char::is_whitespace).unwrap_or((&joined, ""));
        let keyword = keyword.to_ascii_uppercase();
        if matches!(keyword.as_str(), "RUN" | "COPY" | "ADD") {
            for end in heredocs(rest) {
                if ends.get(end).is_some_and(|last| *last >= at) {
                    at += lines[at..].iter().take_while(|line| line.trim() != end).count() + 1;
                }
            }
        }
        found.push(Instruction { keyword, rest: rest.trim().to_owned(), line });
    }
    found
}

/// The character that joins lines: a directive above the first instruction may set it.
fn escape(lines: &[&str]) -> char {
    let directives = lines.iter().map_while(|line| line.trim().strip_prefix('#'));
    let mut set = directives.filter_map(|line| line.split_once('='));
    match set.find(|(name, _)| name.trim().eq_ignore_ascii_case("escape")) {
        Some((_, value)) if value.trim() == "`" => '`',
        _ => '\\',
    }
}

/// The words that end the heredocs which an instruction begins: `<<EOF`, `<<-"EOF"`.
fn heredocs(rest: &str) -> impl Iterator<Item = &str> {
    rest.match_indices("<<").filter_map(|(at, _)| {
        if rest[..at].ends_with('<') {
            return None;
        }
        let word = rest[at + 2..].trim_start_matches('-').trim_start_matches(['"', '\'']);
        let end = word.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(word.len());
        (end > 0 && !word.starts_with(|c: char| c.is_ascii_digit())).then(|| &word[..end])
    })
}

/// The words of the JSON form, where it is one: `["a", "b"]`.
pub(super) fn exec_form(rest: &str) -> Option<Vec<String>> {
    if rest.starts_with('[') { serde_json::from_str(rest).ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(u32, String, String)> {
        instructions(text).into_iter().map(|i| (i.line, i.keyword, i.rest)).collect()
    }

    fn one(line: u32, keyword: &str, rest: &str) -> (u32, String, String) {
        (line, keyword.to_owned(), rest.to_owned())
    }

    #[test]
    fn lines_are_joined_and_comments_passed_over() {
        let text = "\
# syntax=docker/dockerfile:1
from python:3.11 AS base

ENV A=1 \\
    # about B
    B=2 \\

    C=3
  # indented
CMD [\"sh\", \"-c\", \"\\
  exec uvicorn a:b\"]
";
        let expected = [
            one(2, "FROM", "python:3.11 AS base"),
            one(4, "ENV", "A=1     B=2     C=3"),
            one(10, "CMD", "[\"sh\", \"-c\", \"  exec uvicorn a:b\"]"),
        ];
        assert_eq!(found(text), expected);
    }

    #[test]
    fn heredocs_are_no_instructions() {
        let text = "\
RUN <<EOF
COPY secret .
EOF
RUN cat <<-'ONE' <<TWO > f
FROM a
\tONE
FROM b
TWO
COPY <<NEVER /f
RUN x <<< y && z << 2
CMD c
";
        let keywords: Vec<_> = found(text).into_iter().map(|(line, keyword, _)| (line, keyword)).collect();
        let expected = [(1, "RUN"), (4, "RUN"), (9, "COPY"), (10, "RUN"), (11, "CMD")];
        assert_eq!(keywords, expected.map(|(line, keyword)| (line, keyword.to_owned())));
    }

    #[test]
    fn the_escape_can_be_a_backtick() {
        assert_eq!(found("# escape=`\nCOPY a `\n b\n"), [one(1 + 1, "COPY", "a  b")]);
        assert_eq!(found("COPY a \\"), [one(1, "COPY", "a")]);
    }

    #[test]
    fn the_exec_form_is_json() {
        assert_eq!(exec_form("[\"a\", \"b c\"]"), Some(vec!["a".to_owned(), "b c".to_owned()]));
        assert_eq!(exec_form("[ 'a' ]"), None);
        assert_eq!(exec_form("a b"), None);
    }
}
