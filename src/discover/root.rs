//! Which directory is the project's root, and which files there may hold its registry.

use std::fs;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

use super::tree::{self, Snapshot};
use super::{DiscoverError, MANIFEST_LIMIT, read_regular, shown};
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

/// What leads from the top of the repository to `dir`, with a final `/`; empty where it is the top, or in no repository.
pub fn repository_prefix(dir: &Path) -> String {
    let top = dir.ancestors().find(|dir| is_top(dir));
    let below = top.and_then(|top| dir.strip_prefix(top).ok());
    let parts = below.into_iter().flat_map(Path::components);
    parts.map(|part| format!("{}/", shown(part.as_os_str()))).collect()
}

fn is_top(dir: &Path) -> bool {
    dir.join(".git").symlink_metadata().is_ok()
}

fn registries_at(dir: &Path) -> Result<Vec<(RelPath, String)>, DiscoverError> {
    let own = dir.join("importlaw.toml");
    let own_text = match own.symlink_metadata() {
        Err(_) => None,
        Ok(_) => Some(
            read_regular(&own, MANIFEST_LIMIT)
                .map_err(|error| DiscoverError::Registry { path: own.clone(), why: error.to_string() })?,
        ),
    };
    // A manifest that cannot be read holds no registry that anybody could mean.
    let others = [1, 2].map(|at| read_regular(&dir.join(HOMES[at]), MANIFEST_LIMIT).ok());
    let [second, third] = others;
    registries(dir, [own_text, second, third])
}

/// The registries at the root in a snapshot of it.
pub fn registries_in(root: &Path, snapshot: &Snapshot) -> Result<Vec<(RelPath, String)>, DiscoverError> {
    let texts = texts_in(root, snapshot, &HOMES)?;
    let mut texts = texts.into_iter();
    registries(root, [(); 3].map(|()| texts.next().flatten()))
}

/// The texts of regular files in a snapshot of `root`, in the order asked for; None where there is none.
pub fn texts_in(
    root: &Path,
    snapshot: &Snapshot,
    paths: &[&str],
) -> Result<Vec<Option<Vec<u8>>>, DiscoverError> {
    tree::texts(root, snapshot, paths).map_err(|why| DiscoverError::Git { path: root.to_owned(), why })
}

/// The files that may hold a registry.
const HOMES: [&str; 3] = ["importlaw.toml", "pyproject.toml", "Cargo.toml"];

/// Those of the texts of [`HOMES`] that hold one.
fn registries(
    dir: &Path,
    [own, pyproject, cargo]: [Option<Vec<u8>>; 3],
) -> Result<Vec<(RelPath, String)>, DiscoverError> {
    let mut registries = Vec::new();
    if let Some(bytes) = own {
        let text = String::from_utf8(bytes).map_err(|_| DiscoverError::Registry {
            path: dir.join(HOMES[0]),
            why: "it is not UTF-8".to_owned(),
        })?;
        registries.push((RelPath::new(HOMES[0]), text));
    }
    for (name, bytes, homes) in [
        (HOMES[1], pyproject, &[Home::Pyproject][..]),
        (HOMES[2], cargo, &[Home::Workspace, Home::Package][..]),
    ] {
        let Some(text) = bytes.and_then(|bytes| String::from_utf8(bytes).ok()) else { continue };
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
