//! What a file does with the names of an import: for changes that have to follow every use.

use ruff_python_ast::ModModule;
use ruff_python_ast::token::TokenKind;
use ruff_python_parser::Parsed;
use ruff_text_size::Ranged;
use rustc_hash::{FxHashMap, FxHashSet};

use super::layout::change;
use crate::facts::{Also, Facts, When};
use crate::languages::python::accesses::{self, bind_the_same};
use crate::languages::python::calls::Known;
use crate::languages::rewrite::{Change, Refusal};
use crate::module_path;
use crate::source::LineIndex;

/// The changes that let every `a.b.X` of a file follow its `import a.b` to another path. `alike` are all imports that
/// change together.
pub(super) fn renamed(
    parsed: &Parsed<ModModule>,
    text: &str,
    facts: &Facts,
    index: u32,
    path: &str,
    alike: &[u32],
) -> Result<Vec<Change>, Refusal> {
    let imports = &facts.imports;
    let old = imports[index as usize].module.as_str();
    let (first, below) = module_path::split_first(old);
    let below = below.unwrap_or("");
    // Imports that bind the same first name.
    let same: Vec<u32> =
        (0..imports.len() as u32).filter(|other| bind_the_same(imports, index, *other)).collect();
    let stays = same.iter().any(|other| !alike.contains(other));
    let known = Known::default();
    let body = &parsed.syntax().body;
    let found = accesses::uses(body, imports, &known, &LineIndex::new(text), When::Eager).accesses;
    let mut changes = Vec::new();
    let mut seen: FxHashSet<u32> = FxHashSet::default();
    for access in found.iter().filter(|access| same.contains(&access.import)) {
        let start = access.span.start as usize;
        let written = &text[start..access.span.end as usize];
        // Of several imports that lead to it the longest is meant.
        let meant = same
            .iter()
            .filter_map(|at| module_path::split_first(&imports[*at as usize].module).1)
            .filter(|rest| module_path::is_within(&access.path, rest))
            .max_by_key(|rest| rest.len());
        seen.insert(access.span.start);
        if meant != Some(below) {
            if meant.is_none() && !stays {
                return Err(Refusal::of(&format!("`{first}` is used in another way too")));
            }
            continue;
        }
        if !written.starts_with(old) {
            return Err(Refusal::of(&format!("a use of `{first}` is not a plain dotted name")));
        }
        changes.push(change(start, start + old.len(), path.to_owned()));
    }
    let inside = |at: u32| imports.iter().any(|i| (i.statement.start..i.statement.end).contains(&at));
    let mut before = None;
    for token in parsed.tokens() {
        let start = u32::from(token.range().start());
        let name = token.kind() == TokenKind::Name && before != Some(TokenKind::Dot) && !inside(start);
        let says = &text[start as usize..usize::from(token.range().end())];
        if name && says == first && !seen.contains(&start) && !stays {
            return Err(Refusal::of(&format!("`{first}` is used in another way too")));
        }
        let new = module_path::first(path);
        if name && says == new && new != first {
            return Err(Refusal::of(&format!("the file has a `{new}` of its own")));
        }
        before = Some(token.kind());
    }
    if facts.all.as_ref().is_some_and(|all| all.names.iter().any(|name| name == first)) && !stays {
        return Err(Refusal::of(&format!("`__all__` names `{first}`")));
    }
    changes.dedup();
    Ok(changes)
}

/// Those of the names that a wildcard may bind which the file says anywhere as names of their own, in `__all__` too;
/// in alphabetical order.
pub(super) fn used_names(
    parsed: &Parsed<ModModule>,
    text: &str,
    facts: &Facts,
    index: u32,
    names: &[String],
) -> Vec<String> {
    let wildcard = facts.imports[index as usize].statement;
    // What another import binds for sure below is not the wildcard's.
    let others: FxHashMap<&str, u32> = facts
        .imports
        .iter()
        .filter(|other| other.module_level && !other.kind.also.contains(Also::DYNAMIC))
        .filter(|other| other.statement.start > wildcard.start && other.kind.when == When::Eager)
        .filter_map(|other| Some((other.alias.as_deref().or(other.name.as_deref())?, other.span.start)))
        .collect();
    let mut said: FxHashSet<&str> = FxHashSet::default();
    let mut before = None;
    for token in parsed.tokens() {
        let written = &text[usize::from(token.range().start())..usize::from(token.range().end())];
        match token.kind() {
            TokenKind::Name if before != Some(TokenKind::Dot) => {
                said.insert(written);
            }
            // `"Name"` as an annotation.
            TokenKind::String => {
                said.insert(written.trim_matches(['"', '\'']));
            }
            _ => {}
        }
        before = Some(token.kind());
    }
    let all = facts.all.as_ref();
    let listed = |name: &str| all.is_some_and(|all| all.names.iter().any(|listed| listed == name));
    names
        .iter()
        .filter(|name| said.contains(name.as_str()) || listed(name))
        .filter(|name| !others.contains_key(name.as_str()))
        .cloned()
        .collect()
}
