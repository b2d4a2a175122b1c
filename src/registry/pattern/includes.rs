//! Whether all that one pattern names, another names too: for comparing what is written, without any module at hand.
//!
//! Where it cannot be told the answer is no.

use super::{Part, PathGlobs, Pattern, Shape, component_matches, translate};
use crate::module_path::components;

impl Pattern {
    /// Whether every module that `other` can name is one of this pattern's; false where that cannot be told.
    pub fn includes(&self, other: &Self) -> bool {
        if self.text == other.text {
            return true;
        }
        if self.language.is_some() && self.language != other.language {
            return false;
        }
        match (&self.shape, &other.shape) {
            (Shape::Scope(scope), Shape::Scope(other)) => scope == other,
            (Shape::Path(globs), Shape::Path(other)) => {
                other.written().iter().all(|item| globs.includes(&item.text))
            }
            _ => match (parts_of(&self.shape), parts_of(&other.shape)) {
                (Some((wide, exact)), Some((narrow, other_exact))) => {
                    (!exact || other_exact) && parts_include(&wide, exact, &narrow)
                }
                _ => false,
            },
        }
    }

    /// Whether, besides, what stands for itself in `other` does so here: `a.x` under `a.*`, but not under `a`.
    pub fn includes_each(&self, other: &Self) -> bool {
        let depth = |pattern: &Self| parts_of(&pattern.shape).map(|(parts, _)| parts.len());
        let is_deep = |pattern: &Self| {
            parts_of(&pattern.shape)
                .is_some_and(|(parts, _)| parts.iter().any(|part| matches!(part, Part::Deep)))
        };
        self.text == other.text
            || (self.includes(other)
                && self.is_exact() == other.is_exact()
                && depth(self) == depth(other)
                && !is_deep(self)
                && !is_deep(other))
    }
}

/// The components of a name, and whether nothing below it is meant.
fn parts_of(shape: &Shape) -> Option<(Vec<Part>, bool)> {
    match shape {
        Shape::Literal { name, exact, .. } => {
            Some((components(name).map(|part| Part::Literal(part.into())).collect(), *exact))
        }
        Shape::Wild { parts, exact } => Some((parts.to_vec(), *exact)),
        Shape::Scope(_) | Shape::Path(_) => None,
    }
}

/// Whether `wide` matches whatever `narrow` matches; unless `whole`, a beginning of it is enough.
fn parts_include(wide: &[Part], whole: bool, narrow: &[Part]) -> bool {
    // Whether the parts of `wide` so far match the first n of `narrow`, for each n.
    let mut reached = vec![false; narrow.len() + 1];
    reached[0] = true;
    for part in wide {
        let mut next = vec![false; narrow.len() + 1];
        for at in 0..=narrow.len() {
            next[at] = match part {
                Part::Deep => reached[at] || (at > 0 && next[at - 1]),
                _ => at > 0 && reached[at - 1] && part_includes(part, &narrow[at - 1]),
            };
        }
        reached = next;
    }
    if whole { reached[narrow.len()] } else { reached.contains(&true) }
}

fn part_includes(wide: &Part, narrow: &Part) -> bool {
    match (wide, narrow) {
        (Part::Literal(one), Part::Literal(other)) => one == other,
        // A star of the narrow one is a character like others: only a star takes it.
        (Part::Glob(glob), Part::Literal(text) | Part::Glob(text)) => {
            component_matches(glob.as_bytes(), text.as_bytes())
        }
        _ => false,
    }
}

impl PathGlobs {
    /// Whether each path that `glob` (no negation) can name is covered, as far as trying some tells: paths of names that
    /// nobody writes, so that only a wildcard can match them.
    pub fn includes(&self, glob: &str) -> bool {
        if self.written().iter().any(|item| item.text == glob)
            && self.written().iter().all(|item| !item.text.starts_with('!'))
        {
            return true;
        }
        let Ok((false, globs)) = translate(glob) else { return false };
        globs.iter().all(|glob| {
            DEPTHS.iter().all(|depth| {
                let parts = glob.split('/').flat_map(|part| match part {
                    "**" => vec![ODD.to_owned(); *depth],
                    part => vec![part.replace(['*', '?'], ODD)],
                });
                let path = parts.collect::<Vec<_>>().join("/");
                // `a/**` covers what lies below `a`, and that is never nothing.
                (glob.ends_with("/**") && *depth == 0) || path.is_empty() || self.is_match(&path)
            })
        })
    }
}

/// How many directories `**` stands for when it is tried.
const DEPTHS: [usize; 3] = [0, 1, 9];

/// A name of one character that no glob spells.
const ODD: &str = "\u{1}";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::Item;
    use crate::source::Span;

    fn pattern(text: &str) -> Pattern {
        Pattern::parse(text, Span::default(), 1).unwrap_or_else(|why| panic!("{why}"))
    }

    #[test]
    fn a_pattern_includes_what_is_named_by_no_other_module() {
        let table = [
            ("a", "a", true),
            ("a", "a.b", true),
            ("a.b", "a", false),
            ("a", "=a", true),
            ("=a", "a", false),
            ("=a", "=a", true),
            ("a", "ab", false),
            ("a.*", "a.b", true),
            ("a.*", "a.b.c", true),
            ("a.*", "a", false),
            ("a", "a.*", true),
            ("a.b*", "a.bc*", true),
            ("a.bc*", "a.b*", false),
            ("a.*", "a.**", false),
            ("a.**", "a", true),
            ("**", "x.y", true),
            ("**.t", "a.b.t", true),
            ("**.t", "a.**.t", true),
            ("**.t", "a.**.s", false),
            ("**.t", "a.**", false),
            ("=**.t", "a.t", false),
            ("=a.*", "=a.b", true),
            ("a.b", "a::b::c", true),
            ("a::b", "a.b", false),
            ("python:a", "a", false),
            ("python:a", "python:a.b", true),
            ("a", "rust:a.b", true),
            ("@test", "@test", true),
            ("@test", "@bench", false),
            ("@test", "tests", false),
            ("path:a/**", "path:a/b/**", true),
            ("path:a/b/**", "path:a/**", false),
        ];
        for (wide, narrow, expected) in table {
            assert_eq!(pattern(wide).includes(&pattern(narrow)), expected, "{wide} includes {narrow}");
        }
    }

    #[test]
    fn what_stands_for_itself_is_not_taken_up_by_what_lies_above() {
        let table = [
            ("a.*", "a.x", true),
            ("a", "a.x", false),
            ("a", "a.*", false),
            ("a.*", "a.b*", true),
            ("a.**", "a.x", false),
            ("a.x", "=a.x", false),
        ];
        for (wide, narrow, expected) in table {
            assert_eq!(pattern(wide).includes_each(&pattern(narrow)), expected, "{wide} and {narrow}");
        }
    }

    #[test]
    fn globs_include_what_they_cover() {
        let table: &[(&[&str], &str, bool)] = &[
            (&["a/**"], "a/**", true),
            (&["a/**"], "a/b/**", true),
            (&["a/**"], "a/b.py", true),
            (&["a"], "/a/**", true),
            (&["a/b/**"], "a/**", false),
            (&["a/*"], "a/**", false),
            (&["*.py"], "a/*.py", true),
            (&["*.py"], "a/*", false),
            (&["a/**", "!a/b/**"], "a/**", true),
            (&["a/**", "!a/b/**"], "a/b/c/**", false),
        ];
        for (written, glob, expected) in table {
            let items: Vec<Item> = written
                .iter()
                .map(|text| Item { text: (*text).to_owned(), span: Span::default(), line: 1 })
                .collect();
            let globs = PathGlobs::new(&items).unwrap_or_else(|(_, why)| panic!("{why}"));
            assert_eq!(globs.includes(glob), *expected, "{written:?} include {glob}");
        }
    }
}
