//! Import statements in a text that need not be Python around them: code, a comment, a sentence.

use std::ops::Range;

/// One thing that looks like an import.
#[derive(Debug, PartialEq, Eq)]
pub struct Found {
    /// Where it stands, in bytes.
    pub range: Range<usize>,
    /// What it imports; None where that cannot be understood.
    pub import: Option<Import>,
}

/// What a statement imports.
#[derive(Debug, PartialEq, Eq)]
pub enum Import {
    /// `from a.b import C as D, E`
    From {
        /// `a.b`
        module: String,
        /// `C as D`, `E`
        names: Vec<Name>,
        /// What follows the opening bracket.
        comment: String,
    },
    /// `import a.b, c`
    Modules(Vec<String>),
}

/// One imported name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// `C` of `C as D`; `*` for all.
    pub text: String,
    /// `D` of `C as D`.
    pub alias: Option<String>,
    /// Where it stands, in bytes.
    pub at: usize,
    /// What follows it on its line, behind a `#` inside the brackets.
    pub comment: String,
}

/// Where a text stands: how sure it is that a word means code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setting {
    /// A line of code.
    Code,
    /// A comment, or prose outside code: only what cannot be English counts.
    Prose,
}

/// Everything in a text that looks like an import, in order.
pub fn statements(text: &str, setting: Setting) -> Vec<Found> {
    let mut found = Vec::new();
    let mut at = 0;
    let mut in_comment = setting == Setting::Prose;
    while let Some((word, range)) = next_word(text, at) {
        if let Some(last) = text[at..range.start].rfind(['#', '\n']) {
            in_comment = setting == Setting::Prose || text[at + last..].starts_with('#');
        }
        let statement = match word {
            "from" => from_import(text, &range, in_comment),
            "import" => plain_import(text, &range, in_comment),
            _ => None,
        };
        at = statement.as_ref().map_or(range.end, |statement| statement.range.end.max(range.end));
        found.extend(statement);
    }
    found
}

/// How many brackets a line of code leaves open, and whether a backslash continues it.
pub fn left_open(line: &str) -> (i32, bool) {
    let code = line.split('#').next().unwrap_or("");
    let depth = code.chars().fold(0_i32, |depth, c| match c {
        '(' => depth.saturating_add(1),
        ')' => depth.saturating_sub(1),
        _ => depth,
    });
    (depth, line.trim_end().ends_with('\\'))
}

fn next_word(text: &str, from: usize) -> Option<(&str, Range<usize>)> {
    let start = from + text[from..].find(is_word)?;
    let len = text[start..].find(|c| !is_word(c)).unwrap_or(text.len() - start);
    Some((&text[start..start + len], start..start + len))
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// What stands before "import" in a sentence, and names no package.
const ENGLISH: &[&str] =
    &["the", "an", "this", "that", "these", "those", "any", "each", "every", "its", "our", "your", "their"];

/// Whether a word begins a statement: nothing stands before it, or a sign that no sentence goes on after.
fn is_start(text: &str, at: usize) -> bool {
    let last = text[..at].trim_end_matches([' ', '\t']).chars().last();
    last.is_none_or(|last| !is_word(last) && !matches!(last, ',' | '.' | '\'' | '"' | ')' | ']'))
}

fn from_import(text: &str, word: &Range<usize>, in_comment: bool) -> Option<Found> {
    let mut cursor = Cursor { text, at: word.end };
    if !cursor.blank() {
        return None;
    }
    let module = cursor.run(|c| !c.is_whitespace());
    if module.is_empty() || !cursor.blank() || cursor.word() != "import" {
        return None;
    }
    let start = is_start(text, word.start);
    let is_name = module.split('.').all(is_identifier);
    let is_path = module.contains('.') || module.contains(['{', '<', '[', '/']);
    if !is_path && (!start || ENGLISH.contains(&module)) {
        return None;
    }
    let mut comment = String::new();
    let names = cursor.names(in_comment, &mut comment).filter(|_| is_name);
    // Code ends where its statement ends; whatever else follows was meant to belong to it.
    let ends = in_comment || !start || cursor.is_at_end();
    if names.is_none() || !ends {
        cursor.at = text.len() - text[cursor.at..].find('\n').map_or(0, |end| text.len() - cursor.at - end);
        return Some(Found { range: word.start..cursor.at, import: None });
    }
    let import = names.map(|names| Import::From { module: module.to_owned(), names, comment });
    Some(Found { range: word.start..cursor.at, import })
}

fn plain_import(text: &str, word: &Range<usize>, in_comment: bool) -> Option<Found> {
    let mut cursor = Cursor { text, at: word.end };
    if !is_start(text, word.start) || !cursor.blank() {
        return None;
    }
    let mut modules = Vec::new();
    let complete = loop {
        let module = cursor.run(|c| is_word(c) || c == '.');
        if !module.split('.').all(is_identifier) {
            break false;
        }
        modules.push(module.to_owned());
        let end = cursor.at;
        if cursor.blank() && cursor.word() == "as" {
            cursor.blank();
            cursor.word();
        } else {
            cursor.at = end;
        }
        if !cursor.eat(',') {
            break true;
        }
        cursor.blank();
    };
    let complete = complete && (in_comment || cursor.is_at_end());
    // "import the module" is English, unless a backtick says that it is code.
    let is_code = text[..word.start].ends_with('`') && cursor.rest().starts_with('`');
    if in_comment && !is_code && !(complete && modules.iter().all(|module| module.contains('.'))) {
        return None;
    }
    Some(Found { range: word.start..cursor.at, import: complete.then_some(Import::Modules(modules)) })
}

/// An identifier, in any script.
pub fn is_identifier(text: &str) -> bool {
    text.starts_with(|c: char| c == '_' || c.is_alphabetic()) && text.chars().all(is_word)
}

struct Cursor<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Cursor<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn run(&mut self, wanted: impl Fn(char) -> bool) -> &'t str {
        let rest = self.rest();
        let end = rest.find(|c| !wanted(c)).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    /// Spaces, and the joints of a continued line. Whether there were any.
    fn blank(&mut self) -> bool {
        let start = self.at;
        loop {
            self.run(|c| c.is_whitespace() && c != '\n');
            match self.rest().strip_prefix('\\').map(|rest| rest.trim_start_matches('\r')) {
                Some(rest) if rest.starts_with('\n') => self.at = self.text.len() - rest.len() + 1,
                _ => return self.at > start,
            }
        }
    }

    fn word(&mut self) -> &'t str {
        self.run(is_word)
    }

    fn eat(&mut self, c: char) -> bool {
        let start = self.at;
        self.blank();
        let eaten = self.rest().starts_with(c);
        self.at = if eaten { self.at + c.len_utf8() } else { start };
        eaten
    }

    /// `*`, `A as B, C`, or the same in brackets over several lines.
    fn names(&mut self, in_comment: bool, opening: &mut String) -> Option<Vec<Name>> {
        if !self.blank() && !self.rest().starts_with(['(', '*']) {
            return None;
        }
        if self.rest().starts_with('*') {
            let at = self.at;
            self.at += 1;
            return Some(vec![Name { text: "*".to_owned(), alias: None, at, comment: String::new() }]);
        }
        let bracket = self.eat('(');
        if bracket {
            *opening = self.lines();
        }
        let mut names: Vec<Name> = Vec::new();
        let mut comma = self.at;
        loop {
            // The comment behind a comma is about the name before it.
            let comment = if bracket { self.lines() } else { String::new() };
            if let Some(last) = names.last_mut() {
                set_comment(last, &comment);
            }
            if bracket && self.eat(')') {
                return (!names.is_empty()).then_some(names);
            }
            self.blank();
            let at = self.at;
            let name = self.word();
            if !is_identifier(name) {
                return None;
            }
            let end = self.at;
            let mut alias = None;
            if self.blank() && self.word() == "as" {
                self.blank();
                alias = Some(self.word().to_owned());
            } else {
                self.at = end;
            }
            // "C, which is old": the sentence goes on, the list does not.
            if in_comment
                && !bracket
                && !names.is_empty()
                && self.rest().trim_start_matches([' ', '\t']).starts_with(is_word)
            {
                self.at = comma;
                return Some(names);
            }
            names.push(Name { text: name.to_owned(), alias, at, comment: String::new() });
            let comment = if bracket { self.lines() } else { String::new() };
            if let Some(last) = names.last_mut() {
                set_comment(last, &comment);
            }
            comma = self.at;
            if self.eat(',') {
                continue;
            }
            return if bracket { self.eat(')').then_some(names) } else { Some(names) };
        }
    }

    /// Passes line ends and comments; the text of the first comment that begins on this line.
    fn lines(&mut self) -> String {
        let mut first = None;
        let mut same_line = true;
        loop {
            self.blank();
            if self.rest().starts_with('#') {
                let comment = self.run(|c| c != '\n').trim_start_matches('#').trim();
                if same_line {
                    first.get_or_insert_with(|| comment.to_owned());
                }
            } else if self.rest().starts_with('\n') {
                self.at += 1;
                same_line = false;
            } else {
                return first.unwrap_or_default();
            }
        }
    }

    fn is_at_end(&self) -> bool {
        let rest = self.rest().trim_start_matches([' ', '\t', '\r']);
        // Pages write signs and remarks in brackets behind code too.
        let sign = rest.starts_with(|c: char| !c.is_ascii() && !is_word(c));
        rest.is_empty()
            || rest.starts_with(['#', ';', '\n', '('])
            || ["->", "=>", "--"].iter().any(|sign| rest.starts_with(sign))
            || sign
    }
}

fn set_comment(name: &mut Name, comment: &str) {
    if name.comment.is_empty() {
        comment.clone_into(&mut name.comment);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `a.b: C as D, E`, `modules a, b`, or `?` and the text, for each.
    fn shown(text: &str, setting: Setting) -> Vec<String> {
        let found = statements(text, setting);
        let show = |found: &Found| match &found.import {
            None => format!("? {}", &text[found.range.clone()]),
            Some(Import::Modules(modules)) => format!("modules {}", modules.join(", ")),
            Some(Import::From { module, names, .. }) => {
                let name = |name: &Name| match &name.alias {
                    Some(alias) => format!("{} as {alias}", name.text),
                    None => name.text.clone(),
                };
                format!("{module}: {}", names.iter().map(name).collect::<Vec<_>>().join(", "))
            }
        };
        found.iter().map(show).collect()
    }

    #[test]
    fn code() {
        for (text, wanted) in [
            ("from a.b import C, D as E  # note", vec!["a.b: C, D as E"]),
            ("from a import b", vec!["a: b"]),
            ("from a.b import (C,\n    D,  # old\n)  # all", vec!["a.b: C, D"]),
            ("from a.b import (  # why\n    # between\n    C\n)", vec!["a.b: C"]),
            ("from a.b import C, \\\n    D", vec!["a.b: C, D"]),
            ("from a.b import *", vec!["a.b: *"]),
            ("import a.b as c, d", vec!["modules a.b, d"]),
            ("from a import b; import c", vec!["a: b", "modules c"]),
            ("from a.b import C  # use from d.e import C", vec!["a.b: C", "d.e: C"]),
            ("from a.b import [CLASSES]  # note", vec!["? from a.b import [CLASSES]  # note"]),
            ("from a.b import C → from a.d import C", vec!["a.b: C", "a.d: C"]),
            ("from a.b import C  ❌", vec!["a.b: C"]),
            ("from a.b import C (old) -> from a.d import C", vec!["a.b: C", "a.d: C"]),
            ("from a.b import C D", vec!["? from a.b import C D"]),
            ("from a.b import C, ...", vec!["? from a.b import C, ..."]),
            ("from a.{part} import C", vec!["? from a.{part} import C"]),
            ("from a.b import", vec!["? from a.b import"]),
            ("from a.b import (C", vec!["? from a.b import (C"]),
            ("import x from 'y'", vec!["? import x"]),
            ("x = 1  # from a.b import C, which is old", vec!["a.b: C"]),
            ("python -c \"from a.b import C\"", vec!["a.b: C"]),
            ("x = from_import(1)", vec![]),
            ("raise E from error", vec![]),
            ("reimport a", vec![]),
        ] {
            assert_eq!(shown(text, Setting::Code), wanted, "{text}");
        }
    }

    #[test]
    fn prose() {
        for (text, wanted) in [
            ("USE INSTEAD: from a.b import C", vec!["a.b: C"]),
            ("❌ from a import C → ✅ from b import C", vec!["a: C", "b: C"]),
            ("taken from the import registry", vec![]),
            ("import the module", vec![]),
            ("import a.b", vec!["modules a.b"]),
            ("cannot import name 'C' from 'a.b'", vec![]),
            ("we took from a.b import C away", vec!["a.b: C"]),
        ] {
            assert_eq!(shown(text, Setting::Prose), wanted, "{text}");
        }
    }

    #[test]
    fn comments_belong_to_the_name_before_them() {
        let text = "from a import (\n    B,  # old\n    C  # new\n)";
        let found = statements(text, Setting::Code);
        let Some(Import::From { names, .. }) = &found[0].import else { panic!("{found:?}") };
        let of = |at: usize| (names[at].text.as_str(), names[at].comment.as_str());
        assert_eq!((of(0), of(1)), (("B", "old"), ("C", "new")));
        assert_eq!(&text[names[1].at..=names[1].at], "C");
    }

    #[test]
    fn what_is_left_open() {
        for (text, open) in [
            ("from a import (b,  # )", (1, false)),
            ("from a import (b)  # (", (0, false)),
            ("from a import b, \\", (0, true)),
            ("from a import b", (0, false)),
            (")", (-1, false)),
        ] {
            assert_eq!(left_open(text), open, "{text}");
        }
    }
}
