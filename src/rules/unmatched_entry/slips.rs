//! Slips of the pen: names that are one edit away from one that exists.
//!
//! What lies outside the project is known only by what imports, manifests and the standard library say of it.

use std::cell::OnceCell;
use std::collections::BTreeSet;

use crate::graph::model::Outcome;
use crate::languages::python::stdlib;
use crate::languages::rust::manifest::SYSROOT;
use crate::module_path::{components, first, last, parent, prefixes, split_last};
use crate::registry::pattern::Pattern;
use crate::rules::context::Context;
use crate::source::Language;

/// Packages from outside the project.
pub(super) struct Outside<'a> {
    context: &'a Context<'a>,
    /// Everything that is imported from them, with what it lies in; made when something first asks.
    paths: OnceCell<BTreeSet<&'a str>>,
}

/// Shorter names of the standard library are near too much.
const SHORTEST: usize = 5;

impl<'a> Outside<'a> {
    pub(super) fn new(context: &'a Context<'a>) -> Self {
        Self { context, paths: OnceCell::new() }
    }

    /// Whether what bears that top-level name may lie outside the project: it does not lie inside, or is imported from
    /// outside all the same, as a dependency is that a directory shares its name with.
    pub(super) fn may_hold(&self, top: &str) -> bool {
        !self.is_own(top) || self.paths().contains(top)
    }

    /// Whether the project holds a package or a crate of that name.
    pub(super) fn is_own(&self, top: &str) -> bool {
        let graph = self.context.graph;
        graph.tree.has_top(top) || graph.named(top).any(|at| graph.modules[at].language == Language::Rust)
    }

    /// Whether exactly that, or something below it, is imported from outside.
    pub(super) fn imports(&self, path: &str) -> bool {
        self.paths().contains(path)
    }

    /// Of a path that nothing bears the part that is a slip, and what was meant.
    pub(super) fn slip<'p>(&self, path: &'p str) -> Option<(&'p str, String)> {
        let top = first(path);
        if !self.is_known(top) {
            let stdlib: &[&str] = stdlib::modules();
            let stdlib = stdlib.iter().copied().filter(|name| name.len() >= SHORTEST);
            let imported = self.paths().iter().copied().filter(|path| parent(path).is_none());
            let declared = self.context.project.declared.iter().map(String::as_str);
            let own = self.context.graph.tree.top_names();
            let known = own.chain(imported).chain(declared).chain(self.crates()).chain(stdlib);
            return Some((top, nearest(top, known)?));
        }
        // `std::os` and `std::ops`, `std::ptr` and `std::str` are all there, used or not.
        let is_short = SYSROOT.contains(&top) && last(path).len() < SHORTEST;
        if path == top || is_short || self.paths().contains(path) {
            return None;
        }
        let depth = |path: &str| components(path).count();
        let alike = self.paths().iter().copied().filter(|known| depth(known) == depth(path));
        Some((path, nearest(path, alike)?))
    }

    fn is_known(&self, top: &str) -> bool {
        let python = &self.context.registry.python;
        stdlib::is_stdlib(top)
            || self.context.project.declares(top)
            || python.first_party.iter().chain(&python.third_party).any(|name| name == top)
            || SYSROOT.contains(&top)
            || self.crates().any(|name| name == top)
            || self.paths().contains(top)
    }

    /// What Cargo.toml files depend on, as code names it.
    fn crates(&self) -> impl Iterator<Item = &'a str> {
        let packages = self.context.around.rust.into_iter().flat_map(|project| &project.packages);
        packages.flat_map(|package| &package.dependencies).map(|dependency| dependency.name.as_str())
    }

    fn paths(&self) -> &BTreeSet<&'a str> {
        self.paths.get_or_init(|| {
            let rows = self.context.graph.rows.iter().filter(|row| row.outcome == Outcome::External);
            rows.flat_map(|row| prefixes(&row.target)).collect()
        })
    }
}

/// The plain name before the first wildcard of a pattern of names; None where there is none.
pub(super) fn plain_head(pattern: &Pattern) -> Option<&str> {
    let text = &pattern.text;
    let text = text.strip_prefix("python:").or(text.strip_prefix("rust:")).unwrap_or(text);
    let name = text.strip_prefix('=').unwrap_or(text);
    if pattern.scope_name().is_some() || name.starts_with("path:") || name.starts_with("ts:") {
        return None;
    }
    match name.split_once('*') {
        None => Some(name),
        Some((head, _)) => split_last(head).map(|(head, _)| head),
    }
}

/// The first in the alphabet of the names that are one edit away.
pub(super) fn nearest<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> Option<String> {
    let near = known.filter(|known| may_be_one_edit_apart(known, name));
    near.filter(|known| strsim::osa_distance(known, name) == 1).min().map(str::to_owned)
}

/// A cheap test that rules most names out before the distance is counted.
fn may_be_one_edit_apart(one: &str, other: &str) -> bool {
    let longest = one.len().max(other.len());
    let same = |pairs: &mut dyn Iterator<Item = (u8, u8)>| pairs.take_while(|(a, b)| a == b).count();
    let start = same(&mut one.bytes().zip(other.bytes()));
    let end = same(&mut one.bytes().rev().zip(other.bytes().rev()));
    // A swap of two neighbours spoils two characters of at most four bytes each.
    one.len().abs_diff(other.len()) <= 4 && start + end + 8 >= longest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Span;

    #[test]
    fn the_head_ends_before_the_component_with_a_wildcard() {
        let head = |text: &str| {
            let pattern = Pattern::parse(text, Span::default(), 1).unwrap();
            plain_head(&pattern).map(str::to_owned)
        };
        for (text, plain) in [
            ("a.b", Some("a.b")),
            ("=a.b", Some("a.b")),
            ("python:a", Some("a")),
            ("a.b*.c", Some("a")),
            ("a.**", Some("a")),
            ("a*", None),
            ("**.a", None),
            ("@test", None),
            ("path:a/**", None),
            ("a::b", Some("a::b")),
            ("rust:=a", Some("a")),
            ("a::b*::c", Some("a")),
            ("a::**", Some("a")),
            ("python:path:a/**", None),
        ] {
            assert_eq!(head(text).as_deref(), plain, "{text}");
        }
    }
}
