//! Module paths as text: one string, never a vector of segments.
//!
//! A Python name is written `a.b.c`, a Rust name `a::b::c`; one name holds one kind of separator, so that text alone
//! tells where it comes apart. A single `:` is no separator: `bin:app::a` is the module `a` of the binary `app`.

/// Whether `path` is `prefix` or lies below it.
pub fn is_within(path: &str, prefix: &str) -> bool {
    path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || separator_at(rest, 0).is_some())
}

/// The path from `prefix` down, `c.d` of `a.b.c.d` below `a.b`; None for what does not lie below it.
pub fn below<'p>(path: &'p str, prefix: &str) -> Option<&'p str> {
    let rest = path.strip_prefix(prefix)?;
    Some(&rest[separator_at(rest, 0)?..])
}

/// Everything before the last component; None at the top.
pub fn parent(path: &str) -> Option<&str> {
    split_last(path).map(|(parent, _)| parent)
}

/// The last component.
pub fn last(path: &str) -> &str {
    split_last(path).map_or(path, |(_, last)| last)
}

/// The first component.
pub fn first(path: &str) -> &str {
    split_first(path).0
}

/// The first component, with the dot that the name of a hidden directory begins with: `.github`.
pub fn top(path: &str) -> &str {
    let named = path.trim_start_matches('.');
    &path[..path.len() - named.len() + first(named).len()]
}

/// The first component, and what lies below it.
pub fn split_first(path: &str) -> (&str, Option<&str>) {
    match separators(path).next() {
        Some((at, len)) => (&path[..at], Some(&path[at + len..])),
        None => (path, None),
    }
}

/// Everything before the last component, and that; None at the top.
pub fn split_last(path: &str) -> Option<(&str, &str)> {
    separators(path).next_back().map(|(at, len)| (&path[..at], &path[at + len..]))
}

/// `a`, `b`, `c` of `a.b.c`.
pub fn components(path: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(path);
    std::iter::from_fn(move || {
        let (head, tail) = split_first(rest?);
        rest = tail;
        Some(head)
    })
}

/// `a`, `a.b`, `a.b.c` of `a.b.c`.
pub fn prefixes(path: &str) -> impl DoubleEndedIterator<Item = &str> {
    separators(path).map(|(at, _)| &path[..at]).chain(std::iter::once(path))
}

/// `base.name` or `base::name`, as the two tell; `name` alone where `base` is empty.
///
/// One component beside another tells nothing and gets a dot: where the base may be a whole Rust crate, [`join_as`].
pub fn join(base: &str, name: &str) -> String {
    let rust = memchr::memchr(b':', base.as_bytes()).is_some() || name.contains("::");
    join_as(if rust { "::" } else { "." }, base, name)
}

/// The same with a [language's separator](crate::source::Language::separator).
pub fn join_as(separator: &str, base: &str, name: &str) -> String {
    if base.is_empty() { name.to_owned() } else { [base, separator, name].concat() }
}

/// Where the separators stand, and how long they are.
fn separators(path: &str) -> impl DoubleEndedIterator<Item = (usize, usize)> {
    let ends = memchr::memchr2_iter(b'.', b':', path.as_bytes());
    ends.filter_map(move |at| Some((at, separator_at(path, at)?)))
}

/// How long the separator is that begins there.
fn separator_at(path: &str, at: usize) -> Option<usize> {
    match path.as_bytes().get(at..)? {
        [b'.', ..] => Some(1),
        [b':', b':', ..] => Some(2),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn within_respects_component_borders() {
        for (path, prefix, rest) in [
            ("a.b", "a.b", None),
            ("a.b.c", "a.b", Some("c")),
            ("a.b.c.d", "a.b", Some("c.d")),
            ("a::b", "a::b", None),
            ("a::b::c", "a", Some("b::c")),
            ("bin:a::b", "bin:a", Some("b")),
        ] {
            assert!(is_within(path, prefix), "{path} {prefix}");
            assert_eq!(below(path, prefix), rest, "{path} {prefix}");
        }
        for (path, prefix) in
            [("a.bc", "a.b"), ("a::bc", "a::b"), ("a:b", "a"), ("bin:a::b", "bin"), ("a", "a.b"), ("é", "e")]
        {
            assert!(!is_within(path, prefix), "{path} {prefix}");
            assert_eq!(below(path, prefix), None, "{path} {prefix}");
        }
    }

    #[test]
    fn prefixes_end_with_the_path_itself() {
        for (path, up) in [
            ("a.b.c", &["a", "a.b", "a.b.c"][..]),
            ("a::b::c", &["a", "a::b", "a::b::c"]),
            ("bin:a::b", &["bin:a", "bin:a::b"]),
            ("a", &["a"]),
            ("", &[""]),
        ] {
            assert_eq!(prefixes(path).collect::<Vec<_>>(), up);
            let down: Vec<_> = up.iter().rev().copied().collect();
            assert_eq!(prefixes(path).rev().collect::<Vec<_>>(), down);
        }
    }

    #[test]
    fn the_top_of_a_hidden_directory_has_a_name() {
        for (path, expected) in [
            (".github.scripts.x", ".github"),
            ("a.b", "a"),
            ("a::b", "a"),
            (".a", ".a"),
            ("", ""),
            ("..", ".."),
        ] {
            assert_eq!(top(path), expected);
        }
    }

    #[test]
    fn a_path_comes_apart_at_either_separator() {
        for (path, parts) in [
            ("a.b.c", &["a", "b", "c"][..]),
            ("a::b::c", &["a", "b", "c"]),
            ("bin:app::a::b", &["bin:app", "a", "b"]),
            ("build:pkg", &["build:pkg"]),
            ("a", &["a"]),
            ("", &[""]),
            ("..a.b", &["", "", "a", "b"]),
            ("é::ü.", &["é", "ü", ""]),
        ] {
            assert_eq!(components(path).collect::<Vec<_>>(), parts, "{path}");
            assert_eq!(first(path), parts[0], "{path}");
            assert_eq!(last(path), parts[parts.len() - 1], "{path}");
        }
        assert_eq!(parent("a.b.c"), Some("a.b"));
        assert_eq!(parent("a::b::c"), Some("a::b"));
        assert_eq!(parent("bin:app::a"), Some("bin:app"));
        assert_eq!(parent("bin:app"), None);
        assert_eq!(split_last("a::b"), Some(("a", "b")));
        assert_eq!(split_first("a::b::c"), ("a", Some("b::c")));
    }

    #[test]
    fn what_is_joined_keeps_its_separator() {
        for (base, name, joined) in [
            ("", "a", "a"),
            ("a", "b", "a.b"),
            ("a.b", "c.d", "a.b.c.d"),
            ("a::b", "c", "a::b::c"),
            ("a", "b::c", "a::b::c"),
            ("bin:a", "b", "bin:a::b"),
        ] {
            assert_eq!(join(base, name), joined);
        }
        assert_eq!(join_as("::", "a", "b"), "a::b");
        assert_eq!(join_as("::", "", "b"), "b");
    }

    #[test]
    fn malformed_paths_come_apart_somewhere() {
        for path in [":", "::", ":::", "a:::b", "::a", "a::", "."] {
            assert!(is_within(path, first(path)), "{path}");
            assert!(path.ends_with(last(path)), "{path}");
            assert!(components(path).count() <= path.len() + 1, "{path}");
        }
    }
}
