//! The small languages inside the registry's strings: dotted names, symbols, edges, versions.
//!
//! Every function takes the text as written and says what is wrong with it in one sentence without a final stop.

use super::pattern::Pattern;
use super::{Item, Layer, Member, Package};
use crate::source::Span;

/// Whether it is an identifier, in any script.
pub(super) fn is_identifier(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(|first| first == '_' || first.is_alphabetic())
        && chars.all(|c| c == '_' || c.is_alphanumeric())
}

/// A module's dotted name.
pub(super) fn module(text: &str) -> Result<(), String> {
    if text.split('.').all(is_identifier) {
        return Ok(());
    }
    Err(match text.split_once(':') {
        Some((before, after)) if before.split('.').all(is_identifier) && is_identifier(after) => {
            format!("`{text}` names a symbol, but this is a module's dotted name")
        }
        _ => format!("`{text}` is not a dotted name"),
    })
}

/// `module` or `module:Symbol`, as its two parts.
pub(super) fn symbol_path(text: &str) -> Result<(&str, Option<&str>), String> {
    let (name, symbol) = match text.split_once(':') {
        Some((name, symbol)) => (name, Some(symbol)),
        None => (text, None),
    };
    if name.split('.').all(is_identifier) && symbol.is_none_or(is_identifier) {
        Ok((name, symbol))
    } else {
        Err(format!("`{text}` is neither `module` nor `module:Symbol`"))
    }
}

/// `module:function`.
pub(super) fn callable(text: &str) -> Result<(), String> {
    match symbol_path(text)? {
        (_, Some(_)) => Ok(()),
        (module, None) => Err(format!("`{text}` names no function: write `{module}:name`")),
    }
}

/// A symbol's name, or `*`.
pub(super) fn symbol(text: &str) -> Result<(), String> {
    if text == "*" || is_identifier(text) { Ok(()) } else { Err(format!("`{text}` is not a symbol's name")) }
}

/// A top-level package's name.
pub(super) fn top_level(text: &str) -> Result<(), String> {
    if is_identifier(text) { Ok(()) } else { Err(format!("`{text}` is not a top-level name")) }
}

/// `A` or `A -> B`, as patterns.
pub(super) fn edge(text: &str, span: Span, line: u32) -> Result<(Pattern, Option<Pattern>), String> {
    let (from, to) = match text.split_once("->") {
        Some((from, to)) => (from.trim(), Some(to.trim())),
        None => (text, None),
    };
    if from.is_empty() || to.is_some_and(str::is_empty) {
        return Err(format!("`{text}`: an edge is written `A -> B`"));
    }
    let from = Pattern::parse(from, span, line)?;
    let to = to.map(|to| Pattern::parse(to, span, line)).transpose()?;
    Ok((from, to))
}

/// `3.11`, as its two numbers.
pub(super) fn python_version(text: &str) -> Result<(u8, u8), String> {
    let number = |part: &str| part.bytes().all(|b| b.is_ascii_digit()).then(|| part.parse().ok()).flatten();
    text.split_once('.')
        .and_then(|(major, minor)| Some((number(major)?, number(minor)?)))
        .filter(|&(major, _)| major == 3)
        .ok_or_else(|| format!("`{text}` is not a Python version such as `3.11`"))
}

/// A directory relative to the root, normalised: no `./` in front, no `/` behind, `.` is empty.
pub(super) fn directory(text: &str) -> Result<&str, String> {
    let path = text.strip_suffix('/').unwrap_or(text);
    let path = path.strip_prefix("./").unwrap_or(path);
    if path == "." {
        return Ok("");
    }
    if text.is_empty() || path.split('/').any(|part| matches!(part, "" | "." | "..")) || path.contains('\\') {
        return Err(format!("`{text}` is not a directory relative to the project root"));
    }
    Ok(path)
}

/// A file relative to the root, normalised as a directory is.
pub(super) fn file(text: &str) -> Result<&str, String> {
    match directory(text) {
        Ok(path) if !path.is_empty() && !text.ends_with('/') => Ok(path),
        _ => Err(format!("`{text}` is not a file relative to the project root")),
    }
}

/// One layer: names joined by `|` or `:`, parentheses around an optional one.
pub(super) fn layer(text: &str, span: Span, line: u32) -> Result<Layer, String> {
    if text.contains('|') && text.contains(':') {
        return Err(format!("`{text}` joins names with both `|` and `:`"));
    }
    let mut members = Vec::new();
    for name in text.split(['|', ':']) {
        let name = name.trim();
        let inner = name.strip_prefix('(').and_then(|name| name.strip_suffix(')'));
        let optional = inner.is_some();
        let name = inner.unwrap_or(name);
        Pattern::parse(name, span, line)?;
        members.push(Member { name: Item { text: name.to_owned(), span, line }, optional });
    }
    Ok(Layer { members, independent: !text.contains(':') })
}

/// A package: `pkg`, `=pkg`, `pkg:name` or `*`.
pub(super) fn package(item: Item) -> Result<Package, String> {
    let exact = item.text.starts_with('=');
    let rest = item.text.strip_prefix('=').unwrap_or(&item.text);
    let (name, attribute) = match rest.split_once(':') {
        Some((name, attribute)) => (name, Some(attribute)),
        None => (rest, None),
    };
    let known = item.text == "*" || name.split('.').all(is_identifier);
    if !known || attribute.is_some_and(|attribute| !is_identifier(attribute)) {
        return Err(format!("`{}` is not a package: `pkg`, `=pkg`, `pkg:name` or `*`", item.text));
    }
    let (name, attribute) = (name.to_owned(), attribute.map(str::to_owned));
    Ok(Package { name, exact, attribute, item })
}

/// What was meant: the known name that is at most a third of its letters away.
pub fn nearest<'k>(written: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let distance = |name: &str| strsim::damerau_levenshtein(written, name);
    let (best, name) = known.into_iter().map(|name| (distance(name), name)).min_by_key(|&(d, _)| d)?;
    let letters = name.chars().count().max(written.chars().count());
    (best <= (letters / 3).max(1)).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_names() {
        let known = ["from", "to", "except", "except-kinds"];
        assert_eq!(nearest("form", known), Some("from"));
        assert_eq!(nearest("execpt", known), Some("except"));
        assert_eq!(nearest("except_kinds", known), Some("except-kinds"));
        assert_eq!(nearest("colour", known), None);
    }

    #[test]
    fn directories_are_normalised() {
        for (text, path) in [(".", ""), ("./", ""), ("src", "src"), ("./a/b/", "a/b")] {
            assert_eq!(directory(text), Ok(path), "{text}");
        }
        for bad in ["", "/src", "..", "a/../b", "a//b", "C:\\x"] {
            assert!(directory(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn files_lie_below_the_root() {
        for (text, path) in [("page.md", "page.md"), ("./docs/page.md", "docs/page.md")] {
            assert_eq!(file(text), Ok(path), "{text}");
        }
        for bad in ["", ".", "docs/", "/page.md", "../page.md", "a//b.md", "a\\b.md"] {
            assert!(file(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn versions() {
        assert_eq!(python_version("3.11"), Ok((3, 11)));
        for bad in ["3", "3.11.2", "2.7", "3.x", "3.", "+3.1", ""] {
            assert!(python_version(bad).is_err(), "{bad}");
        }
    }

    fn item(text: &str) -> Item {
        Item { text: text.to_owned(), span: Span::default(), line: 1 }
    }

    #[test]
    fn packages_and_layers() {
        for good in ["redis", "=google.cloud", "os:environ", "*"] {
            assert!(package(item(good)).is_ok(), "{good}");
        }
        for bad in ["", "=", "a b", "os:", "a.*", "=*"] {
            assert!(package(item(bad)).is_err(), "{bad}");
        }
        let span = Span::default();
        for good in ["routes", "services | agents", "(adapters)", "db : cache", "a.b | *_x"] {
            assert!(layer(good, span, 1).is_ok(), "{good}");
        }
        for bad in ["", "a |", "a | b : c", "(a"] {
            assert!(layer(bad, span, 1).is_err(), "{bad}");
        }
    }
}
