//! `extends`: which texts make up a registry, in the order in which each is laid over those before it.
//!
//! Knows what is bundled; files are read by whoever asks.

use std::collections::HashSet;

use toml::de::DeTable;

use super::load::{Home, locate};
use super::read::span;
use super::values::nearest;
use crate::source::{RelPath, Span};

/// Registries that every project can build on, by name.
pub const BUNDLED: &[(&str, &str)] = &[
    ("rust-crate", include_str!("../../rules/rust-crate.toml")),
    ("strict", include_str!("../../rules/strict.toml")),
    ("tests-apart", include_str!("../../rules/tests-apart.toml")),
];

/// Finds the file that a registry names, as written, from the registry's own path: where it lies, and its text.
pub type Resolve<'a> = &'a dyn Fn(&str, &RelPath) -> Result<(RelPath, String), String>;

/// How many registries may stand one upon the other, besides the main one.
const DEEPEST: usize = 8;
const BUNDLED_PREFIX: &str = "importlaw:";

/// One text that takes part.
pub(super) struct Part {
    pub(super) path: RelPath,
    pub(super) text: String,
    pub(super) home: Home,
    /// Where the main registry names it, directly or not; None for the main registry itself.
    pub(super) inherited_at: Option<Span>,
    /// What it names and cannot be had.
    pub(super) refused: Vec<(Span, Refusal)>,
}

/// Why a registry cannot be had.
pub(super) struct Refusal {
    pub(super) message: String,
    pub(super) help: Option<String>,
}

impl Refusal {
    fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), help: None }
    }
}

/// All texts, each once and after what it extends; the main registry is the last.
pub(super) fn collect(path: &RelPath, text: &str, home: Home, resolve: Resolve) -> Vec<Part> {
    let mut walk = Walk { resolve, parts: Vec::new(), done: HashSet::new(), above: Vec::new() };
    walk.visit(path.clone(), text.to_owned(), home, None);
    walk.parts
}

struct Walk<'a> {
    resolve: Resolve<'a>,
    parts: Vec<Part>,
    done: HashSet<RelPath>,
    above: Vec<RelPath>,
}

impl Walk<'_> {
    fn visit(&mut self, path: RelPath, text: String, home: Home, inherited_at: Option<Span>) {
        self.above.push(path.clone());
        let mut refused = Vec::new();
        for (name, at) in extended(&text, home) {
            match self.fetch(&name, &path) {
                Ok((below, _)) if self.done.contains(&below) => {}
                Ok((below, text)) => {
                    let home = Home::of(below.file_name(), &text);
                    self.visit(below, text, home, inherited_at.or(Some(at)));
                }
                Err(refusal) => refused.push((at, refusal)),
            }
        }
        self.above.pop();
        self.done.insert(path.clone());
        self.parts.push(Part { path, text, home, inherited_at, refused });
    }

    fn fetch(&self, name: &str, from: &RelPath) -> Result<(RelPath, String), Refusal> {
        let (path, text) = match name.strip_prefix(BUNDLED_PREFIX) {
            Some(bundled) => bundled_text(bundled).map(|text| (RelPath::new(name), text.to_owned()))?,
            None => self.file(name, from)?,
        };
        if let Some(at) = self.above.iter().position(|above| *above == path) {
            let circle: Vec<&str> = self.above[at..].iter().map(RelPath::as_str).collect();
            return Err(Refusal::new(format!("`{name}` extends itself: {} -> {path}", circle.join(" -> "))));
        }
        if self.above.len() > DEEPEST {
            return Err(Refusal::new(format!("`{name}` is more than {DEEPEST} registries deep")));
        }
        Ok((path, text))
    }

    fn file(&self, name: &str, from: &RelPath) -> Result<(RelPath, String), Refusal> {
        if name.is_empty() || name.starts_with(['/', '\\']) || name.contains(':') {
            let message = format!("`{name}` is neither `{BUNDLED_PREFIX}NAME` nor a relative path");
            return Err(Refusal::new(message));
        }
        if from.as_str().starts_with(BUNDLED_PREFIX) {
            return Err(Refusal::new(format!("`{name}`: a bundled registry extends bundled ones only")));
        }
        (self.resolve)(name, from).map_err(Refusal::new)
    }
}

fn bundled_text(name: &str) -> Result<&'static str, Refusal> {
    if let Some((_, text)) = BUNDLED.iter().find(|(known, _)| *known == name) {
        return Ok(text);
    }
    let names = || BUNDLED.iter().map(|(name, _)| *name);
    let help = match nearest(name, names()) {
        Some(known) => format!("did you mean `{BUNDLED_PREFIX}{known}`?"),
        None => format!("known here: {}", names().collect::<Vec<_>>().join(", ")),
    };
    Err(Refusal { message: format!("no registry `{name}` is bundled"), help: Some(help) })
}

/// What `extends` lists. What is no string is the reader's to complain about.
fn extended(text: &str, home: Home) -> Vec<(String, Span)> {
    if !text.contains("extends") {
        return Vec::new();
    }
    let (document, _) = DeTable::parse_recoverable(text);
    let list = locate(document.get_ref(), home).and_then(|(root, _)| root.get("extends"));
    let items = list.and_then(|list| list.get_ref().as_array()).into_iter().flat_map(|items| items.iter());
    items.filter_map(|item| Some((item.get_ref().as_str()?.to_owned(), span(item)))).collect()
}

#[cfg(test)]
mod tests;
