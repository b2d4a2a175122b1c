//! Dotted module paths as text: one string, never a vector of segments.

/// Whether `path` is `prefix` or lies below it.
pub fn is_within(path: &str, prefix: &str) -> bool {
    path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// Everything before the last component; None at the top.
pub fn parent(path: &str) -> Option<&str> {
    path.rsplit_once('.').map(|(parent, _)| parent)
}

/// The last component.
pub fn last(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}

/// The first component.
pub fn first(path: &str) -> &str {
    path.split('.').next().unwrap_or(path)
}

/// `a`, `a.b`, `a.b.c` of `a.b.c`.
pub fn prefixes(path: &str) -> impl DoubleEndedIterator<Item = &str> {
    path.match_indices('.').map(|(at, _)| &path[..at]).chain(std::iter::once(path))
}

/// `base.name`, or `name` alone where `base` is empty.
pub fn join(base: &str, name: &str) -> String {
    if base.is_empty() { name.to_owned() } else { format!("{base}.{name}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn within_respects_component_borders() {
        assert!(is_within("a.b", "a.b"));
        assert!(is_within("a.b.c", "a.b"));
        assert!(!is_within("a.bc", "a.b"));
    }

    #[test]
    fn prefixes_end_with_the_path_itself() {
        assert_eq!(prefixes("a.b.c").collect::<Vec<_>>(), ["a", "a.b", "a.b.c"]);
        assert_eq!(prefixes("a").rev().collect::<Vec<_>>(), ["a"]);
    }
}
