//! What a setup.py states by literals. It is a program: nothing is run, and what it computes is not known.

use rustc_hash::FxHashMap;

use super::Stated;

/// A word, a string's content, or a mark; comments and white space left out.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Token<'a> {
    Name(&'a str),
    Text(&'a str),
    Mark(char),
}

/// Reads `setup(…)`, `find_packages(…)`, `Extension(…)` and the keywords that say what [`Stated`] holds.
pub(super) fn read(text: &str) -> Stated {
    let tokens = tokens(text);
    let lists = lists(&tokens);
    let mut stated = Stated::default();
    for at in 0..tokens.len() {
        let Token::Name(name) = tokens[at] else { continue };
        let rest = &tokens[at + 1..];
        let called = rest.first() == Some(&Token::Mark('('));
        match name {
            "setup" if called && !stated.distribution && !tokens[..at].ends_with(&[Token::Name("def")]) => {
                stated.distribution = true;
                stated.name = own_name(rest);
            }
            "find_packages" | "find_namespace_packages" if called => {
                stated.roots.extend(first_argument(&rest[1..], "where"));
            }
            _ if called && name.ends_with("Extension") => {
                stated.extensions.extend(first_argument(&rest[1..], "name"));
            }
            "python_requires" => stated.requires_python = keyword_text(rest).or(stated.requires_python),
            "package_dir" => stated.roots.extend(package_dir(rest)),
            "install_requires" | "setup_requires" | "tests_require" => {
                stated.requirements.extend(requirements(&lists, rest));
            }
            "extras_require" => stated.requirements.extend(extras(rest)),
            _ => {}
        }
    }
    stated
}

/// The keyword `name` of the call itself, not of one inside it.
fn own_name(call: &[Token]) -> Option<String> {
    let mut depth = 0;
    for (at, token) in call.iter().enumerate() {
        match token {
            Token::Mark('(' | '[' | '{') => depth += 1,
            Token::Mark(')' | ']' | '}') if depth == 1 => return None,
            Token::Mark(')' | ']' | '}') => depth -= 1,
            Token::Name("name") if depth == 1 => return keyword_text(&call[at + 1..]),
            _ => {}
        }
    }
    None
}

/// `= "x"`.
fn keyword_text(rest: &[Token]) -> Option<String> {
    match rest {
        [Token::Mark('='), Token::Text(text), ..] => Some((*text).to_owned()),
        _ => None,
    }
}

/// `"x"` or `keyword="x"`, first in a call.
fn first_argument(rest: &[Token], keyword: &str) -> Option<String> {
    match rest {
        [Token::Text(text), ..] => Some((*text).to_owned()),
        [Token::Name(name), rest @ ..] if *name == keyword => keyword_text(rest),
        _ => None,
    }
}

/// `={"": "src"}`.
fn package_dir(rest: &[Token]) -> Option<String> {
    match rest {
        [Token::Mark('='), Token::Mark('{'), Token::Text(""), Token::Mark(':'), Token::Text(dir), ..] => {
            Some((*dir).to_owned())
        }
        _ => None,
    }
}

/// What each `NAME = [` is followed by; the first of a name.
fn lists<'a, 't>(tokens: &'t [Token<'a>]) -> FxHashMap<&'a str, &'t [Token<'a>]> {
    let mut lists = FxHashMap::default();
    for (at, three) in tokens.windows(3).enumerate() {
        if let [Token::Name(name), Token::Mark('='), Token::Mark('[')] = three {
            lists.entry(*name).or_insert(&tokens[at + 3..]);
        }
    }
    lists
}

/// `=["x", "y"]`, or `=NAME` of such a list.
fn requirements(lists: &FxHashMap<&str, &[Token]>, rest: &[Token]) -> Vec<String> {
    let list = match rest {
        [Token::Mark('='), Token::Mark('['), list @ ..] => list,
        [Token::Mark('='), Token::Name(name), ..] => lists.get(name).copied().unwrap_or_default(),
        _ => return Vec::new(),
    };
    until(list, ']').iter().filter_map(text_of).collect()
}

/// `={"extra": ["x", "y"]}`: what no colon follows.
fn extras(rest: &[Token]) -> Vec<String> {
    let [Token::Mark('='), Token::Mark('{'), table @ ..] = rest else { return Vec::new() };
    let table = until(table, '}');
    let is_key = |at: usize| table.get(at + 1) == Some(&Token::Mark(':'));
    table.iter().enumerate().filter(|(at, _)| !is_key(*at)).filter_map(|(_, token)| text_of(token)).collect()
}

/// The tokens before `end`. A literal holds no `=`: stopping there keeps the reading of brackets that are never
/// closed linear.
fn until<'t, 'a>(tokens: &'t [Token<'a>], end: char) -> &'t [Token<'a>] {
    let stop = tokens.iter().position(|token| *token == Token::Mark(end) || *token == Token::Mark('='));
    &tokens[..stop.unwrap_or(tokens.len())]
}

fn text_of(token: &Token) -> Option<String> {
    match token {
        Token::Text(text) => Some((*text).to_owned()),
        Token::Name(_) | Token::Mark(_) => None,
    }
}

fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if first == '#' {
            rest = rest.find('\n').map_or("", |end| &rest[end..]);
        } else if matches!(first, '"' | '\'') {
            let (content, after) = string(rest, first);
            // A prefix (`r`, `b`, `f`) was read as a word of its own.
            if let Some(Token::Name("r" | "b" | "u" | "f" | "rb" | "br" | "R" | "B" | "U" | "F")) =
                tokens.last()
            {
                tokens.pop();
            }
            tokens.push(Token::Text(content));
            rest = after;
        } else if first.is_alphanumeric() || first == '_' {
            let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
            tokens.push(Token::Name(&rest[..end]));
            rest = &rest[end..];
        } else {
            if !first.is_whitespace() && first != '\\' {
                tokens.push(Token::Mark(first));
            }
            rest = &rest[first.len_utf8()..];
        }
    }
    tokens
}

/// The content of the string that `text` begins with, escapes left as they are, and what follows it.
fn string(text: &str, quote: char) -> (&str, &str) {
    let triple = text.as_bytes().iter().take(3).filter(|&&byte| byte == quote as u8).count() == 3;
    let width = if triple { 3 } else { 1 };
    let (open, body) = text.split_at(width);
    let bytes = body.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 2,
            b'\n' if !triple => break,
            _ if bytes[at..].starts_with(open.as_bytes()) => return (&body[..at], &body[at + width..]),
            _ => at += 1,
        }
    }
    // Not closed: what follows is taken for code again.
    let end = if triple { body.len() } else { body.find('\n').unwrap_or(body.len()) };
    body.split_at(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_are_read() {
        let stated = read(
            r#"
"""setup(name="docstring")"""
from setuptools import setup, find_packages, Extension
# setup(name="comment")
REQS = ["attrs>=2",  # "not this"
        'PyYAML']
EXT = [Extension("pkg._fast", ["pkg/fast.c"]), RustExtension(name=r"pkg._rs")]
setup(
    name="my-app",
    python_requires=">=3.9",
    package_dir={"": "lib"},
    packages=find_packages(where="python"),
    install_requires=REQS,
    tests_require=["pytest"],
    extras_require={"web": ["flask", 'jinja2'], "all": "django"},
)
"#,
        );
        assert!(stated.distribution);
        assert_eq!(stated.name.as_deref(), Some("my-app"));
        assert_eq!(stated.requires_python.as_deref(), Some(">=3.9"));
        assert_eq!(stated.roots, ["lib", "python"]);
        assert_eq!(stated.extensions, ["pkg._fast", "pkg._rs"]);
        assert_eq!(stated.requirements, ["attrs>=2", "PyYAML", "pytest", "flask", "jinja2", "django"]);
    }

    #[test]
    fn only_a_call_makes_a_distribution() {
        for (text, distribution) in [
            ("import setuptools\nsetuptools.setup()", true),
            ("def setup(): pass", false),
            ("# setup()", false),
            ("'''\nsetup()\n'''", false),
            ("x = 'a\\'setup(' \nsetup", false),
            ("x = 'open\nsetup()", true),
            ("x = '''open\nsetup()", false),
            ("x = '\\", false),
            ("'", false),
            ("\"é\\é", false),
        ] {
            assert_eq!(read(text).distribution, distribution, "{text}");
        }
    }
}
