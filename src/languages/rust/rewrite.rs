//! Rust imports written another way: leaves of `use` and plain paths, all that is wanted of one file at once.
//!
//! Names keep the name that the file calls them by. What cannot be done without guessing is refused, with the reason;
//! whether the new path leads to the same thing others say. Knows no other file.

mod read;
mod tree;

use std::collections::BTreeMap;

use rustc_hash::{FxHashMap, FxHashSet};

use super::extract::tokens::{Token, tokens};
use super::units::Prelude;
use crate::facts::{Also, Facts, Import};
use crate::languages::rewrite::{Change, Refusal, Rewritten, Wanted, What};
use crate::module_path;
use crate::source::LineIndex;
use tree::{Deed, Statement};

/// Why nothing of such a file is rewritten.
pub const UNPARSED: &str = "the file does not parse";

/// What is known of a file around its text: one of the modules that it is.
#[derive(Clone, Copy)]
pub struct Around<'a> {
    /// The module's name.
    pub module: &'a str,
    /// What its crate calls others.
    pub prelude: &'a Prelude,
    /// What it says.
    pub facts: &'a Facts,
    /// What each of its imports names, an absolute path.
    pub targets: &'a [&'a str],
    /// Whether a name means something else in it than that crate.
    pub binds: &'a dyn Fn(&str, &str) -> bool,
}

/// A file whose imports can be rewritten, each alone or all at once.
pub struct Rewriter<'a> {
    text: &'a str,
    tokens: Vec<Token>,
}

impl<'a> Rewriter<'a> {
    /// Takes a text apart again; None where it does not parse.
    pub fn new(text: &'a str) -> Option<Self> {
        let read = tokens(text, &LineIndex::new(text));
        read.problem.is_none().then_some(Self { text, tokens: read.list })
    }

    /// The path that an import would be given, as that module writes it.
    pub fn writes(&self, around: Around, wanted: &Wanted) -> Result<String, Refusal> {
        let What::Import(index) = wanted.what else { return Err(no_import()) };
        let import = around.facts.imports.get(index as usize).ok_or_else(no_longer)?;
        let start = if is_leaf(import) { self.path_of_use(import) } else { import.span.start };
        let old = around.targets.get(index as usize).copied().unwrap_or_default();
        around.path(&wanted.path, old, is_leaf(import), &self.text[start as usize..import.span.end as usize])
    }

    /// Where the path of a `use` begins.
    fn path_of_use(&self, import: &Import) -> u32 {
        let from = self.tokens.partition_point(|token| token.start < import.statement.start);
        let mut tokens = self.tokens[from..].iter();
        let is_use = |token: &&Token| &self.text[token.start as usize..token.end as usize] == "use";
        tokens.find(is_use);
        tokens.next().map_or(import.span.start, |token| token.start)
    }

    /// The changes that write all that is wanted of one module. `risky`: also what may change the program's meaning.
    pub fn rewrite(&self, around: Around, wanted: &[Wanted], risky: bool) -> Rewritten {
        let mut refused: BTreeMap<usize, Refusal> = BTreeMap::new();
        let mut changes = Vec::new();
        let mut statements: BTreeMap<u32, Vec<Leaf>> = BTreeMap::new();
        let mut paths = Vec::new();
        for (at, one) in wanted.iter().enumerate() {
            let What::Import(index) = one.what else {
                refused.insert(at, no_import());
                continue;
            };
            let checked = around.facts.imports.get(index as usize).ok_or_else(no_longer).and_then(|import| {
                may_change(import, self.text, risky)?;
                Ok((import, self.writes(around, one)?))
            });
            match checked {
                Err(refusal) => drop(refused.insert(at, refusal)),
                Ok((import, path)) if is_leaf(import) => {
                    let leaf = Leaf { at, index, import, path, target: &one.path };
                    statements.entry(import.statement.start).or_default().push(leaf);
                }
                Ok((import, path)) => paths.push(Leaf { at, index, import, path, target: &one.path }),
            }
        }
        let mut changed: FxHashMap<u32, &str> = FxHashMap::default();
        let mut unnamed: FxHashSet<&str> = FxHashSet::default();
        for (start, leaves) in &statements {
            match self.statement(around, *start, leaves, &mut unnamed) {
                Ok(done) => {
                    changes.extend(done);
                    changed.extend(leaves.iter().map(|leaf| (leaf.index, leaf.target)));
                }
                Err(refusal) => refused.extend(leaves.iter().map(|leaf| (leaf.at, refusal.clone()))),
            }
        }
        let heads = if paths.is_empty() { Heads::default() } else { Heads::new(around.facts, &paths) };
        for path in &paths {
            match self.path(around, path, &changed, &heads, risky) {
                Ok(change) => changes.extend(change),
                Err(refusal) => drop(refused.insert(path.at, refusal)),
            }
        }
        match Rewritten::sorted(changes) {
            Some(changes) => Rewritten { changes, refused: refused.into_iter().collect() },
            None => Rewritten::nothing(wanted, &Refusal::of("its changes overlap those of another import")),
        }
    }

    /// Leaves of one `use`.
    fn statement<'l>(
        &self,
        around: Around,
        start: u32,
        leaves: &[Leaf<'l>],
        unnamed: &mut FxHashSet<&'l str>,
    ) -> Result<Vec<Change>, Refusal> {
        let statement = Statement::at(self.text, &self.tokens, start)
            .ok_or_else(|| Refusal::of("it is an `extern crate`, or no plain `use`"))?;
        let mut deeds: FxHashMap<u32, Deed> = FxHashMap::default();
        for leaf in leaves {
            let at = leaf.import.span.start;
            let written = &self.text[at as usize..leaf.import.span.end as usize];
            let local = local_of(leaf.import, written);
            let is_star = leaf.import.kind.also.contains(Also::WILDCARD);
            let alias =
                if is_star || last_of(&leaf.path) == local { String::new() } else { format!(" as {local}") };
            // A trait may be taken in twice without a name, which is once too often.
            if local == "_" && (around.takes_unnamed(leaf) || !unnamed.insert(leaf.target)) {
                deeds.insert(at, Deed::Drop);
                continue;
            }
            let group = statement.group_of(at).filter(|_| named(written) != "self");
            let inside = match group.as_deref() {
                Some("") => Some(leaf.path.as_str()),
                Some(group) => leaf.path.strip_prefix(group).and_then(|rest| rest.strip_prefix("::")),
                None => None,
            };
            let deed = match inside {
                Some(rest) => Deed::Stay(format!("{rest}{alias}")),
                None => Deed::Move(format!("{}{alias}", leaf.path)),
            };
            deeds.insert(at, deed);
        }
        statement.without(&deeds)
    }

    /// A path in code; None where it follows the `use` that it begins with.
    fn path(
        &self,
        around: Around,
        leaf: &Leaf,
        changed: &FxHashMap<u32, &str>,
        heads: &Heads,
        risky: bool,
    ) -> Result<Option<Change>, Refusal> {
        let import = leaf.import;
        if import.module.is_empty() {
            return Err(Refusal::of("it is a name that a `*` brings"));
        }
        let written = &self.text[import.span.start as usize..import.span.end as usize];
        let plain = written.strip_prefix("$").unwrap_or(written);
        let plain = plain.strip_prefix("::").unwrap_or(plain);
        let segments: Vec<&str> = plain.split("::").collect();
        let is_name = |segment: &&str| {
            let name = segment.strip_prefix("r#").unwrap_or(segment);
            !name.is_empty() && name.chars().all(|c| c == '_' || c.is_alphanumeric())
        };
        let asked: Vec<&str> = import.module.split("::").chain(import.name.as_deref()).collect();
        let says =
            segments.iter().take(asked.len()).map(|segment| segment.strip_prefix("r#").unwrap_or(segment));
        if !segments.iter().all(is_name) || segments.len() < asked.len() || !says.eq(asked.iter().copied()) {
            return Err(Refusal::of("it is not written as a plain path"));
        }
        let behind: String = segments[asked.len()..].iter().map(|segment| format!("::{segment}")).collect();
        let replace = |path: &str| Ok(Some(Change { span: import.span, text: format!("{path}{behind}") }));
        let head = asked[0];
        let by = if plain == written { heads.bound.get(head).map_or(&[][..], Vec::as_slice) } else { &[] };
        let &[by] = by else {
            if by.iter().any(|by| changed.contains_key(by)) {
                return Err(Refusal::of("several imports lead to it, and some of them change"));
            }
            return replace(&leaf.path);
        };
        let old = around.targets.get(by as usize).copied().unwrap_or_default();
        let now = changed.get(&by).copied().unwrap_or(old);
        let was = around.targets.get(leaf.index as usize).copied().unwrap_or_default();
        if changed.contains_key(&by)
            && let Some(rest) = module_path::below(was, old)
            && leaf.target == module_path::join_as("::", now, rest)
        {
            return Ok(None);
        }
        if let Some(rest) = module_path::below(leaf.target, now) {
            let rest = module_path::components(rest).map(raw).collect::<Vec<_>>().join("::");
            return replace(&format!("{}::{rest}", segments[0]));
        }
        if !heads.kept.contains(head) && !risky {
            return Err(Refusal::unless_unsafe(
                "it goes through an import of this file that may then be used no more",
            ));
        }
        replace(&leaf.path)
    }
}

/// An import that is to be changed.
struct Leaf<'a> {
    /// Its place in what is wanted.
    at: usize,
    index: u32,
    import: &'a Import,
    /// What it is to be written as.
    path: String,
    /// The same as an absolute path.
    target: &'a str,
}

/// The names that paths of a file begin with.
#[derive(Default)]
struct Heads<'a> {
    /// By name, the leaves that bind it.
    bound: FxHashMap<&'a str, Vec<u32>>,
    /// With which paths begin that stay as they are.
    kept: FxHashSet<&'a str>,
}

impl<'a> Heads<'a> {
    fn new(facts: &'a Facts, changing: &[Leaf]) -> Self {
        let changing: FxHashSet<u32> = changing.iter().map(|path| path.index).collect();
        let mut heads = Self::default();
        for (at, import) in facts.imports.iter().enumerate() {
            let at = at as u32;
            if !is_leaf(import) {
                if !changing.contains(&at) {
                    heads.kept.insert(module_path::first(&import.module));
                }
            } else if let Some(name) = name_of(import) {
                heads.bound.entry(name).or_default().push(at);
            }
        }
        heads
    }
}

impl Around<'_> {
    /// An absolute path as code of the module writes it.
    fn path(&self, path: &str, old: &str, is_use: bool, written: &str) -> Result<String, Refusal> {
        let (krate, rest) = module_path::split_first(path);
        let rest: String = rest.map_or_else(String::new, |rest| {
            module_path::components(rest).map(|part| format!("::{}", raw(part))).collect()
        });
        let own = module_path::first(self.module);
        if krate == own {
            if written.starts_with("$crate::") {
                return Ok(format!("$crate{rest}"));
            }
            let from_root = is_use && self.prelude.edition < 2018;
            let head = written.strip_prefix("::").unwrap_or(written);
            // What the root of a 2015 crate holds its paths begin with.
            if from_root && !rest.is_empty() && !begins_with_keyword(head) {
                let global = if written.starts_with("::") { "::" } else { "" };
                return Ok(format!("{global}{}", &rest[2..]));
            }
            return Ok(format!("crate{rest}"));
        }
        if written.starts_with('$') {
            return Err(Refusal::of(
                "`$crate` is this crate wherever the macro is called; another is not there",
            ));
        }
        let known = self.prelude.others.iter().find(|other| other.library == krate);
        let name = match known {
            Some(other) if other.always || krate == module_path::first(old) => other.name.as_str(),
            Some(_) => {
                let why = format!("its crate depends on `{krate}` for tests alone, or under a condition");
                return Err(Refusal::of(&why));
            }
            None => return Err(Refusal::of(&format!("its crate does not depend on `{krate}`"))),
        };
        let global = if (self.binds)(name, krate) || written.starts_with("::") { "::" } else { "" };
        Ok(format!("{global}{}{rest}", raw(name)))
    }

    /// Whether the module takes in the same without a name already.
    fn takes_unnamed(&self, leaf: &Leaf) -> bool {
        let same = |(at, other): (usize, &Import)| {
            at != leaf.index as usize
                && is_leaf(other)
                && name_of(other) == Some("_")
                && other.module_level
                && leaf.import.module_level
                && self.targets.get(at) == Some(&leaf.target)
        };
        self.facts.imports.iter().enumerate().any(same)
    }
}

fn begins_with_keyword(path: &str) -> bool {
    ["crate", "self", "super"].iter().any(|word| module_path::is_within(path, word))
}

/// Whether it is a leaf of a `use`, or an `extern crate`; else a path in code.
pub fn is_leaf(import: &Import) -> bool {
    import.statement != import.span
}

/// The name that a leaf binds.
fn name_of(import: &Import) -> Option<&str> {
    import.alias.as_deref().or(import.name.as_deref())
}

/// The same as it is written, `r#` and all.
fn local_of<'t>(import: &'t Import, written: &'t str) -> &'t str {
    let last = written.split_whitespace().next_back().unwrap_or(written);
    match (&import.alias, &import.name) {
        (None, Some(name)) if written == "self" => name,
        _ => last,
    }
}

/// What stands before `as`.
fn named(written: &str) -> &str {
    written.split_whitespace().next().unwrap_or(written)
}

fn last_of(path: &str) -> &str {
    path.rsplit("::").next().unwrap_or(path)
}

/// What an import is that is changed at one's own risk, or never.
fn may_change(import: &Import, text: &str, risky: bool) -> Result<(), Refusal> {
    let statement = &text[import.statement.start as usize..import.statement.end as usize];
    if is_leaf(import) && statement.split_whitespace().any(|word| word == "extern") {
        return Err(Refusal::of("it is an `extern crate`"));
    }
    let reasons = [
        (Also::WILDCARD, "it takes everything, and the new path may hold other names"),
        (Also::REEXPORT, "it is a re-export, on which others may rely"),
        (Also::MACRO, "it stands among a macro's tokens"),
        (Also::ATTRIBUTE, "it stands in an attribute"),
        (Also::CONDITIONAL, "it stands under a `cfg`"),
    ];
    let found = reasons.iter().find(|(kind, _)| import.kind.also.contains(*kind));
    found.filter(|_| !risky).map_or(Ok(()), |(_, why)| Err(Refusal::unless_unsafe(why)))
}

fn no_longer() -> Refusal {
    Refusal::of("it is no longer there")
}

fn no_import() -> Refusal {
    Refusal::of("it is no import")
}

/// Words that are no names in Rust unless `r#` stands before them. Sorted.
const KEYWORDS: [&str; 47] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn", "else",
    "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro",
    "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "static", "struct", "trait",
    "true", "try", "type", "typeof", "unsafe", "unsized", "use", "virtual", "where", "yield",
];

/// A name as code writes it.
pub fn raw(name: &str) -> std::borrow::Cow<'_, str> {
    match KEYWORDS.binary_search(&name) {
        Ok(_) => format!("r#{name}").into(),
        Err(_) => name.into(),
    }
}

#[cfg(test)]
mod tests;
