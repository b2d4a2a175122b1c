//! From text to [`Registry`]: finds the table, lets the reader check it, builds the types from what it let pass.
//!
//! Reads no file: whoever has the texts hands them over.

use std::fmt;

use thiserror::Error;
use toml::de::DeTable;

use super::error::{Problem, Problems, RegistryErrors};
use super::extends::{self, Resolve};
use super::pattern::PathGlobs;
use super::read::{Reader, header_span, suggest};
use super::whole::Whole;
use super::{Inherited, Registry, build, members, overlap};
use crate::facts::Date;
use crate::hash::stable;
use crate::source::{LineIndex, RelPath, Span};

/// Which table of which file a registry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Home {
    /// A whole file, `importlaw.toml` by default.
    Own,
    /// `[tool.importlaw]` in pyproject.toml.
    Pyproject,
    /// `[workspace.metadata.importlaw]` in Cargo.toml.
    Workspace,
    /// `[package.metadata.importlaw]` in Cargo.toml, for a package that is no workspace.
    Package,
}

impl Home {
    /// Every home, in the order of looking.
    pub const ALL: [Self; 4] = [Self::Own, Self::Pyproject, Self::Workspace, Self::Package];

    /// The home that a file of this name and text is.
    pub fn of(file_name: &str, text: &str) -> Self {
        match file_name {
            "pyproject.toml" => Self::Pyproject,
            "Cargo.toml" if !holds_table(text, Self::Workspace) && holds_table(text, Self::Package) => {
                Self::Package
            }
            "Cargo.toml" => Self::Workspace,
            _ => Self::Own,
        }
    }

    /// The file that is looked for at the project root.
    pub fn file_name(self) -> &'static str {
        match self {
            Self::Own => "importlaw.toml",
            Self::Pyproject => "pyproject.toml",
            Self::Workspace | Self::Package => "Cargo.toml",
        }
    }

    /// How a section of the registry is written there: `[project]`, `[tool.importlaw.project]`.
    pub fn section(self, name: &str) -> String {
        let keys: Vec<&str> = self.table().iter().copied().chain([name]).collect();
        format!("[{}]", keys.join("."))
    }

    /// The keys that lead to the registry's table.
    pub fn table(self) -> &'static [&'static str] {
        match self {
            Self::Own => &[],
            Self::Pyproject => &["tool", "importlaw"],
            Self::Workspace => &["workspace", "metadata", "importlaw"],
            Self::Package => &["package", "metadata", "importlaw"],
        }
    }
}

impl fmt::Display for Home {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Own => f.write_str(self.file_name()),
            other => write!(f, "[{}] in {}", other.table().join("."), other.file_name()),
        }
    }
}

/// Two registries at once.
#[derive(Clone, Debug, PartialEq, Eq, Error, miette::Diagnostic)]
#[error("two registries: {0} and {1}")]
#[diagnostic(help("keep one of them, or, of two files, name the one to use with `--registry`"))]
pub struct TwoRegistries(pub Home, pub Home);

/// Which of the files at the project root holds the registry: `texts` are those that exist, by name.
pub fn find(texts: &[(&str, &str)]) -> Result<Option<Home>, TwoRegistries> {
    let mut found = Home::ALL.into_iter().filter(|home| {
        let holds = |text| *home == Home::Own || holds_table(text, *home);
        texts.iter().any(|(name, text)| *name == home.file_name() && holds(text))
    });
    match (found.next(), found.next()) {
        (Some(one), Some(other)) => Err(TwoRegistries(one, other)),
        (one, _) => Ok(one),
    }
}

fn holds_table(text: &str, home: Home) -> bool {
    // Most manifests have none, and parsing a large one for nothing costs more than looking for the word.
    text.contains("importlaw") && {
        let (document, _) = DeTable::parse_recoverable(text);
        locate(document.get_ref(), home).is_some()
    }
}

/// Reads a registry that builds on no file; see [`load_extending`].
pub fn load(path: &RelPath, text: &str, home: Home, as_of: Date) -> Result<Registry, RegistryErrors> {
    load_extending(path, text, home, as_of, &|written, _| Err(format!("`{written}` cannot be read here")))
}

/// Reads the registry in `text`, the file at `path`, and what it `extends`, which `resolve` finds; dates are judged
/// against `as_of`. All problems are reported at once.
pub fn load_extending(
    path: &RelPath,
    text: &str,
    home: Home,
    as_of: Date,
    resolve: Resolve,
) -> Result<Registry, RegistryErrors> {
    let parts = extends::collect(path, text, home, resolve);
    let documents: Vec<_> = parts.iter().map(|part| DeTable::parse_recoverable(&part.text)).collect();
    let roots: Vec<_> = parts
        .iter()
        .zip(&documents)
        .map(|(part, (document, _))| locate(document.get_ref(), part.home))
        .collect();
    let tables: Vec<Option<&DeTable<'_>>> = roots.iter().map(|root| root.map(|(root, _)| root)).collect();
    let inherited = documents.iter().zip(&parts).filter(|(_, part)| part.inherited_at.is_some());
    let is_complete = parts.iter().all(|part| part.refused.is_empty())
        && inherited.into_iter().all(|((_, syntax), _)| syntax.is_empty());
    let whole = Whole::new(&tables, is_complete);

    let mut registry = Registry::default();
    let mut exclude = Vec::new();
    let mut found: Vec<Problems> = Vec::new();
    for (number, ((part, (_, syntax)), root)) in parts.iter().zip(&documents).zip(&roots).enumerate() {
        let mut problems = Problems::new(&part.text);
        for (at, refusal) in &part.refused {
            problems.add(*at, &refusal.message, refusal.help.clone());
        }
        match root {
            Some((root, at)) => {
                Reader::new(&mut problems, as_of, syntax.is_empty(), &whole, number).registry(root, *at);
                let place = part.inherited_at.map(|span| (span, LineIndex::new(text).line(span.start)));
                let ids: Vec<String> = registry.entries.iter().map(|entry| entry.id.clone()).collect();
                let missing = build::lay_over(&mut registry, &mut exclude, &part.text, root, place);
                for (id, at) in missing.into_iter().filter(|_| whole.is_complete) {
                    let help = (!ids.is_empty()).then(|| suggest(&id, ids.iter().map(String::as_str)));
                    problems.add(at, format!("nothing is inherited by the id `{id}`"), help);
                }
                registry.extends.extend(part.inherited_at);
                if part.inherited_at.is_some() {
                    // Built once more where it really lies: there its mistakes are shown.
                    let mut alone = Registry::default();
                    build::lay_over(&mut alone, &mut Vec::new(), &part.text, root, None);
                    members::wrong_members(&alone.entries, &mut problems);
                }
            }
            None => problems.add(Span::new(0, 0), format!("there is no {}", part.home), None),
        }
        found.push(problems);
    }
    if let Some(main) = found.last_mut() {
        overlap::rival_unique_entries(&registry.entries, main);
        let own = registry.entries.iter().filter(|entry| !registry.is_inherited(entry.span));
        members::wrong_members(own, main);
    }
    registry.exclude = PathGlobs::new(&exclude).unwrap_or_default();

    let mut errors = RegistryErrors::default();
    for ((part, (_, syntax)), problems) in parts.iter().zip(&documents).zip(found).rev() {
        let mut found = problems.into_sorted();
        if !syntax.is_empty() {
            found = with_syntax_errors(&part.text, syntax, found);
        }
        errors.add(&part.path, &part.text, found);
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    registry.path = Some(path.clone());
    text.clone_into(&mut registry.text);
    registry.inherited = parts
        .iter()
        .filter_map(|part| {
            let line = LineIndex::new(text).line(part.inherited_at?.start);
            Some(Inherited { path: part.path.clone(), hash: hash(&part.text), line })
        })
        .collect();
    let texts: Vec<&str> = parts.iter().map(|part| part.text.as_str()).collect();
    // No TOML document holds a NUL.
    registry.hash = hash(&texts.join("\0"));
    Ok(registry)
}

/// The registry's table, and where to say that something is missing from it.
pub(super) fn locate<'d, 'i>(document: &'d DeTable<'i>, home: Home) -> Option<(&'d DeTable<'i>, Span)> {
    let mut at = Span::new(0, 0);
    let mut table = document;
    for key in home.table() {
        let value = table.get(*key)?;
        at = header_span(value);
        table = value.get_ref().as_table()?;
    }
    Some((table, at))
}

/// Adds the syntax errors. What the parser could make of a broken statement says nothing, so other problems on its line
/// are left out.
fn with_syntax_errors(text: &str, syntax: &[toml::de::Error], found: Vec<Problem>) -> Vec<Problem> {
    let mut problems = Problems::new(text);
    for error in syntax {
        let range = error.span().unwrap_or_default();
        let at = Span::new(range.start as u32, range.end as u32);
        problems.add(at, format!("not valid TOML: {}", error.message()), None);
    }
    let mut all = problems.into_sorted();
    let broken: Vec<u32> = all.iter().map(|problem| problem.line).collect();
    // An unclosed bracket makes the same complaint at the start of every line below it.
    let mut before: Option<Problem> = None;
    all.retain(|problem| {
        let echo = before.as_ref().is_some_and(|before| {
            problem.line == before.line || (problem.column == 1 && problem.message == before.message)
        });
        before = Some(problem.clone());
        !echo
    });
    all.extend(found.into_iter().filter(|problem| !broken.contains(&problem.line)));
    all.sort_by_key(|problem| problem.span.start);
    all
}

/// Hex identity of a registry's text.
pub(super) fn hash(text: &str) -> String {
    format!("{:032x}", stable(text.as_bytes()))
}

#[cfg(test)]
mod tests;
