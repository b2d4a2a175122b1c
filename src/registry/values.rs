//! The small languages inside the registry's strings: dotted names, symbols, edges, versions.
//!
//! Every function takes the text as written and says what is wrong with it in one sentence without a final stop.

use super::pattern::{Pattern, rust_crate, target_sort};
use super::{Item, Layer, Member, Package};
use crate::source::Span;

/// Whether it is an identifier, in any script.
pub(super) fn is_identifier(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(|first| first == '_' || first.is_alphabetic())
        && chars.all(|c| c == '_' || c.is_alphanumeric())
}

/// A module's name, `a.b` or `a::b`.
pub(super) fn module(text: &str) -> Result<(), String> {
    if is_module(text) {
        return crate_in_code(text);
    }
    Err(match split_symbol(text) {
        (before, Some(after)) if is_module(before) && is_identifier(after) => {
            format!("`{text}` names a symbol, but this is a module's dotted name")
        }
        _ => match crate_in_code(text) {
            Ok(()) => format!("`{text}` is not a dotted name"),
            Err(why) => why,
        },
    })
}

fn is_module(text: &str) -> bool {
    let name = &text[target_sort(text)..];
    let rust = name.len() < text.len() || name.contains("::");
    if rust { name.split("::").all(is_identifier) } else { name.split('.').all(is_identifier) }
}

/// Whether the crate of what is surely a Rust name is named as in code.
fn crate_in_code(text: &str) -> Result<(), String> {
    let sort = target_sort(text);
    if sort == 0 && !text.contains("::") {
        return Ok(());
    }
    let name = text[sort..].split("::").next().unwrap_or_default();
    rust_crate(name).map_err(|why| format!("`{text}`: {why}"))
}

/// What stands before the `:` of a symbol, and the symbol. `::` is no such `:`, nor is that of `bin:app::a`; alone,
/// `test:app` is a symbol of the module `test`.
pub fn split_symbol(text: &str) -> (&str, Option<&str>) {
    match single_colons(text).last() {
        Some(at) if at + 1 != target_sort(text) || !text.contains("::") => {
            (&text[..at], Some(&text[at + 1..]))
        }
        _ => (text, None),
    }
}

/// Where a `:` stands that is no part of `::`.
fn single_colons(text: &str) -> impl Iterator<Item = usize> {
    let bytes = text.as_bytes();
    let is_colon = |at: usize| bytes.get(at) == Some(&b':');
    (0..bytes.len()).filter(move |&at| is_colon(at) && !is_colon(at + 1) && (at == 0 || !is_colon(at - 1)))
}

/// `module` or `module:Symbol`, as its two parts.
pub(super) fn symbol_path(text: &str) -> Result<(&str, Option<&str>), String> {
    let (name, symbol) = split_symbol(text);
    crate_in_code(name)?;
    if is_module(name) && symbol.is_none_or(is_identifier) {
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
    let colons: Vec<usize> = joining_colons(text).collect();
    if text.contains('|') && !colons.is_empty() {
        return Err(format!("`{text}` joins names with both `|` and `:`"));
    }
    let mut members = Vec::new();
    for name in layer_names(text) {
        let inner = name.strip_prefix('(').and_then(|name| name.strip_suffix(')'));
        let optional = inner.is_some();
        let name = inner.unwrap_or(name);
        Pattern::parse(name, span, line)?;
        members.push(Member { name: Item { text: name.to_owned(), span, line }, optional });
    }
    Ok(Layer { members, independent: colons.is_empty() })
}

/// The names of a layer as written, parentheses included.
pub(super) fn layer_names(text: &str) -> Vec<&str> {
    let mut names = Vec::new();
    let mut start = 0;
    for at in joining_colons(text).chain([text.len()]) {
        names.extend(text[start..at].split('|').map(str::trim));
        start = at + 1;
    }
    names
}

/// The `:` of a layer that join two names; that of `bin:app` stands close to both.
fn joining_colons(text: &str) -> impl Iterator<Item = usize> {
    single_colons(text).filter(|&at| {
        let start = text[..at].rfind([' ', '(', '|', ':', '=']).map_or(0, |before| before + 1);
        target_sort(&text[start..]) == 0 || text[at + 1..].starts_with(' ')
    })
}

/// A package: `pkg`, `=pkg`, `pkg:name` or `*`.
pub(super) fn package(item: Item) -> Result<Package, String> {
    let exact = item.text.starts_with('=');
    let rest = item.text.strip_prefix('=').unwrap_or(&item.text);
    let (name, attribute) = split_symbol(rest);
    crate_in_code(name)?;
    let known = item.text == "*" || is_module(name);
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
        for good in ["redis", "=google.cloud", "os:environ", "*", "std::env", "=std::fs", "std::env:var"] {
            assert!(package(item(good)).is_ok(), "{good}");
        }
        for bad in ["", "=", "a b", "os:", "a.*", "=*", "a::", "a.b::c", "serde-json::x"] {
            assert!(package(item(bad)).is_err(), "{bad}");
        }
        let span = Span::default();
        for good in ["routes", "services | agents", "(adapters)", "db : cache", "a.b | *_x"] {
            assert!(layer(good, span, 1).is_ok(), "{good}");
        }
        for bad in ["", "a |", "a | b : c", "(a", "a::b | c : d", "a ::b", "my-a::b"] {
            assert!(layer(bad, span, 1).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_colon_joins_layers_unless_it_is_part_of_a_name() {
        let table: &[(&str, &[&str], bool)] = &[
            ("db : cache", &["db", "cache"], false),
            ("db:cache", &["db", "cache"], false),
            ("a::b", &["a::b"], true),
            ("a::b : (c::d)", &["a::b", "c::d"], false),
            ("a::b | c", &["a::b", "c"], true),
            ("bin:a | bin:b::c", &["bin:a", "bin:b::c"], true),
            ("bin:a : (bin:b)", &["bin:a", "bin:b"], false),
            ("test : bin", &["test", "bin"], false),
            ("bin: a", &["bin", "a"], false),
            ("x.test:a", &["x.test", "a"], false),
            ("(test:a):b", &["test:a", "b"], false),
            ("mytest:bin", &["mytest", "bin"], false),
        ];
        for (text, names, independent) in table {
            let layer = layer(text, Span::default(), 1).unwrap_or_else(|why| panic!("{why}"));
            let found: Vec<&str> = layer.members.iter().map(|member| member.name.text.as_str()).collect();
            assert_eq!((found.as_slice(), layer.independent), (*names, *independent), "{text}");
        }
    }

    #[test]
    fn modules_and_symbols() {
        for good in ["a", "a.b", "é.b", "a::b", "bin:a", "bin:a::b", "build:a"] {
            assert_eq!(module(good), Ok(()), "{good}");
        }
        let table = [
            ("a.b:C", "`a.b:C` names a symbol, but this is a module's dotted name"),
            ("a::b:C", "`a::b:C` names a symbol, but this is a module's dotted name"),
            ("bin:a:C", "`bin:a:C` names a symbol, but this is a module's dotted name"),
            ("a-b", "`a-b` is not a dotted name"),
            ("a.b::c", "`a.b::c` is not a dotted name"),
            ("a::b-c", "`a::b-c` is not a dotted name"),
            ("my-a::b", "`my-a::b`: a crate is named as in code: `my_a`, not `my-a`"),
            ("bin:my-a", "`bin:my-a`: a crate is named as in code: `my_a`, not `my-a`"),
            ("crate::a", "`crate::a`: `crate` is no crate: a registry speaks of it by its name"),
        ];
        for (text, why) in table {
            assert_eq!(module(text), Err(why.to_owned()));
        }
        let table = [
            ("a.b", ("a.b", None)),
            ("a.b:C", ("a.b", Some("C"))),
            ("a::b", ("a::b", None)),
            ("a::b:C", ("a::b", Some("C"))),
            ("a::b::C", ("a::b::C", None)),
            ("test:app", ("test", Some("app"))),
            ("bin:app::a", ("bin:app::a", None)),
            ("bin:app:C", ("bin:app", Some("C"))),
            ("bin:app::a:C", ("bin:app::a", Some("C"))),
        ];
        for (text, parts) in table {
            assert_eq!(symbol_path(text), Ok(parts), "{text}");
        }
        for bad in ["a:", ":a", "a:::b", "a::", "::a", "a:b:c", "a.b::c", "a::b:c.d", "my-a::b:C"] {
            assert!(symbol_path(bad).is_err(), "{bad}");
        }
    }
}
