//! Which directory is the project's root, and which files there may hold its registry.

use std::fs;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

use super::{DiscoverError, MANIFEST_LIMIT, read_regular};
use crate::registry::load::Home;
use crate::source::RelPath;

/// A project root with the files at it that hold a registry; two of them is for the caller to refuse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Root {
    /// The root, absolute.
    pub dir: PathBuf,
    /// Path and text of each, relative to the root: importlaw.toml, pyproject.toml, Cargo.toml, in this order.
    pub registries: Vec<(RelPath, String)>,
}

/// The nearest ancestor of `start`, itself included, with a registry; else with `.git`; else `start`.
pub fn find_root(start: &Path) -> Result<Root, DiscoverError> {
    let start = fs::canonicalize(start)
        .map_err(|error| DiscoverError::Start { path: start.to_owned(), why: error.to_string() })?;
    if !start.is_dir() {
        return Err(DiscoverError::Start { path: start, why: "not a directory".to_owned() });
    }
    for dir in start.ancestors() {
        let registries = registries_at(dir)?;
        if !registries.is_empty() {
            return Ok(Root { dir: dir.to_owned(), registries });
        }
    }
    let repository = start.ancestors().find(|dir| is_top(dir));
    Ok(Root { dir: repository.unwrap_or(&start).to_owned(), registries: Vec::new() })
}

/// Whether the absolute `dir` lies in a git repository's work tree.
pub fn in_repository(dir: &Path) -> bool {
    dir.ancestors().any(is_top)
}

fn is_top(dir: &Path) -> bool {
    dir.join(".git").symlink_metadata().is_ok()
}

fn registries_at(dir: &Path) -> Result<Vec<(RelPath, String)>, DiscoverError> {
    let mut registries = Vec::new();
    let own = dir.join("importlaw.toml");
    if own.symlink_metadata().is_ok() {
        let refuse = |why: String| DiscoverError::Registry { path: own.clone(), why };
        let bytes = read_regular(&own, MANIFEST_LIMIT).map_err(|error| refuse(error.to_string()))?;
        let text = String::from_utf8(bytes).map_err(|_| refuse("it is not UTF-8".to_owned()))?;
        registries.push((RelPath::new("importlaw.toml"), text));
    }
    for (name, homes) in
        [("pyproject.toml", &[Home::Pyproject][..]), ("Cargo.toml", &[Home::Workspace, Home::Package][..])]
    {
        // A manifest that cannot be read holds no registry that anybody could mean.
        let Ok(bytes) = read_regular(&dir.join(name), MANIFEST_LIMIT) else { continue };
        let Ok(text) = String::from_utf8(bytes) else { continue };
        if homes.iter().any(|home| holds_table(&text, home.table())) {
            registries.push((RelPath::new(name), text));
        }
    }
    Ok(registries)
}

/// Whether the TOML `text` has the table; where it does not parse, whether a line opens it, so that the mistake is
/// reported instead of the registry passed over.
fn holds_table(text: &str, path: &[&str]) -> bool {
    if !text.contains("importlaw") {
        return false;
    }
    if let Ok(table) = text.parse::<Table>() {
        let value = Value::Table(table);
        return path.iter().try_fold(&value, |value, key| value.get(key)).is_some();
    }
    let header = path.join(".");
    text.lines().filter_map(|line| line.trim_start().strip_prefix('[')).any(|line| {
        let name = line.trim_start_matches(['[', ' ', '\t']).strip_prefix(header.as_str());
        name.is_some_and(|rest| rest.trim_start().starts_with([']', '.']))
    })
}
