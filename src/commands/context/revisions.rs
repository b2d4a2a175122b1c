//! Other states of the tree than the one that lies there: revisions, the index, a text on standard input.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

use super::{Failure, Project, extended, load_registry, the_one};
use crate::baseline::Baseline;
use crate::discover::owners::{self, Owners};
use crate::discover::{
    Snapshot, Sources, in_repository, is_listed, read_regular, registries_in, shown, texts_in,
};
use crate::git::{self, ObjectId};
use crate::registry::Registry;
use crate::source::RelPath;

/// More than this is no source file.
const LARGEST_INPUT: u64 = 1 << 30;

impl Project {
    /// The sources that a snapshot holds.
    pub fn sources_of(&self, snapshot: &Snapshot) -> Result<Sources, Failure> {
        self.sources_under(&self.registry, Some(snapshot))
    }

    /// The sources of a snapshot, or of the working tree, as a registry lists them.
    pub fn sources_under(
        &self,
        registry: &Registry,
        snapshot: Option<&Snapshot>,
    ) -> Result<Sources, Failure> {
        let exclude = |path: &str| registry.exclude.is_match(path);
        Ok(match snapshot {
            Some(snapshot) => Sources::from_git(&self.root, &exclude, snapshot)?,
            None => Sources::from_disk(&self.root, &exclude)?,
        })
    }

    /// The registry that a snapshot holds, with what it extends there; None where it holds none.
    pub fn registry_of(&self, snapshot: &Snapshot) -> Result<Option<Registry>, Failure> {
        let resolve = |written: &str, from: &RelPath| match below(from.parent(), written) {
            Some(path) => match texts_in(&self.root, snapshot, &[&path]) {
                Ok(mut texts) => match texts.pop().flatten().map(String::from_utf8) {
                    Some(Ok(text)) => Ok((RelPath::new(path), text)),
                    Some(Err(_)) => Err(format!("`{written}` is not UTF-8")),
                    None => Err(format!("`{written}` does not exist")),
                },
                Err(error) => Err(error.to_string()),
            },
            // What lies outside the project is no part of any of its states.
            None => extended(&self.root, written, from),
        };
        the_one(&registries_in(&self.root, snapshot)?, self.as_of, &resolve)
    }

    /// The project's files, `text` standing for one of them.
    pub fn sources_with(&self, path: &str, text: &[u8]) -> Result<Sources, Failure> {
        let exclude = &self.registry.exclude;
        let overlay = BTreeMap::from([(RelPath::new(path), text.to_vec())]);
        Ok(Sources::from_disk_with(&self.root, &|path| exclude.is_match(path), overlay)?)
    }

    /// The commit that `revision` names; `option` is what asks for it.
    pub fn commit(&self, revision: &str, option: &str) -> Result<ObjectId, Failure> {
        let shallow = self.is_shallow(option)?;
        git::commit(&self.root, revision).ok_or_else(|| {
            let help =
                if shallow { WHOLE_HISTORY } else { "name a branch, a tag or a commit of this repository" };
            Failure::usage(format!("there is no commit `{revision}`"), Some(help.to_owned()))
        })
    }

    /// HEAD; nothing before the first commit.
    pub fn head(&self, option: &str) -> Result<Snapshot, Failure> {
        self.is_shallow(option)?;
        Ok(git::commit(&self.root, "HEAD").map_or(Snapshot::Empty, Snapshot::Commit))
    }

    /// The commit in which `revision` and HEAD parted.
    pub fn merge_base(&self, revision: &str, option: &str) -> Result<ObjectId, Failure> {
        let shallow = self.is_shallow(option)?;
        let (one, head) = (self.commit(revision, option)?, self.commit("HEAD", option)?);
        git::merge_base(&self.root, &one, &head).ok_or_else(|| {
            if shallow {
                let message = format!("the merge base of `{revision}` and HEAD is not in this clone");
                return Failure::usage(message, Some(WHOLE_HISTORY.to_owned()));
            }
            let help =
                format!("their histories are unrelated, or this clone lacks a part of them: {CI_HISTORY}");
            Failure::usage(format!("`{revision}` and HEAD have no merge base"), Some(help))
        })
    }

    /// Whether the clone is; fails where git has nothing to say of the root.
    fn is_shallow(&self, option: &str) -> Result<bool, Failure> {
        if !in_repository(&self.root) {
            let message = format!(
                "`{option}` compares with what git recorded: {} is in no git repository",
                self.root.display()
            );
            return Err(Failure::usage(message, None));
        }
        git::is_shallow(&self.root)
            .map_err(|why| Failure::usage(format!("`{option}` needs git, which says: {why}"), None))
    }

    /// The registry as the head's history has it, the oldest first: what of it can be read.
    pub fn registries_before(&self) -> Result<Vec<Registry>, String> {
        let Some(path) = &self.registry.path else { return Ok(Vec::new()) };
        let resolve = |written: &str, from: &RelPath| extended(&self.root, written, from);
        let texts = git::versions(&self.root, path.as_str(), VERSIONS, LARGEST_VERSION)?;
        let read = |text: Vec<u8>| {
            let text = String::from_utf8(text).ok()?;
            load_registry(path.as_str(), &text, self.as_of, &resolve).ok()
        };
        Ok(texts.into_iter().filter_map(read).collect())
    }

    /// The baseline at that path as the head's history has it, the oldest first: what of it can be read.
    pub fn baselines_before(&self, path: &str) -> Result<Vec<Baseline>, String> {
        let texts = git::versions(&self.root, path, VERSIONS, LARGEST_VERSION)?;
        let read = |text: Vec<u8>| Baseline::read(path, String::from_utf8(text).ok()?, self.as_of).ok();
        Ok(texts.into_iter().filter_map(read).collect())
    }

    /// CODEOWNERS of a snapshot, or of the working tree; None where there is none.
    pub fn code_owners(&self, snapshot: Option<&Snapshot>) -> Result<Option<Owners>, Failure> {
        let texts = match snapshot {
            Some(snapshot) => texts_in(&self.root, snapshot, &owners::PATHS)?,
            None => {
                let read = |path: &&str| read_regular(&self.root.join(path), LARGEST_OWNERS).ok();
                owners::PATHS.iter().map(read).collect()
            }
        };
        let text = texts.into_iter().flatten().next();
        Ok(text.map(|text| Owners::new(&String::from_utf8_lossy(&text))))
    }

    /// Standard input, and the path that it stands for, relative to the root.
    pub fn standard_input(&self, path: &Path) -> Result<(String, Vec<u8>), Failure> {
        let place = self.place(path)?;
        let mut text = Vec::new();
        io::stdin()
            .lock()
            .take(LARGEST_INPUT + 1)
            .read_to_end(&mut text)
            .map_err(|error| Failure::usage(format!("standard input cannot be read: {error}"), None))?;
        if text.len() as u64 > LARGEST_INPUT {
            return Err(Failure::usage("standard input holds more than 1 GiB", None));
        }
        if !is_listed(&RelPath::new(place.as_str()), &text) {
            let message = format!(
                "{} is neither a source file nor a manifest: nothing in it would be read",
                path.display()
            );
            return Err(Failure::usage(message, None));
        }
        Ok((place, text))
    }

    /// A path argument relative to the root, whether it is there or not; links on the way are resolved.
    pub fn place(&self, path: &Path) -> Result<String, Failure> {
        let whole = self.started.join(path);
        let mut missing: Vec<&Path> = Vec::new();
        for there in whole.ancestors() {
            let Ok(real) = there.canonicalize() else {
                missing.extend(there.file_name().map(Path::new));
                continue;
            };
            let rest: PathBuf = missing.iter().rev().collect();
            let inside = real.strip_prefix(&self.root).ok().map(|inside| inside.join(&rest));
            let whole = there.join(&rest) == whole
                && rest.components().all(|part| matches!(part, Component::Normal(_)));
            let inside = inside.filter(|_| whole).ok_or_else(|| {
                let message =
                    format!("{} lies outside the project root {}", path.display(), self.root.display());
                Failure::usage(message, Some("start importlaw there, or use -C".to_owned()))
            })?;
            let parts: Vec<String> = inside.components().map(|part| shown(part.as_os_str())).collect();
            return Ok(parts.join("/"));
        }
        Err(Failure::usage(format!("{} does not exist", path.display()), None))
    }
}

/// GitHub reads no larger one.
const LARGEST_OWNERS: u64 = 3 << 20;

/// Versions of a file that are read; of a longer history the last ones.
const VERSIONS: usize = 200;

/// A larger version is left out.
const LARGEST_VERSION: u64 = 16 << 20;

/// A relative path as one from the root; None where it leaves it.
fn below(parent: &str, written: &str) -> Option<String> {
    let mut parts: Vec<&str> = parent.split('/').filter(|part| !part.is_empty()).collect();
    for part in Path::new(written).components() {
        match part {
            Component::Normal(part) => parts.push(part.to_str()?),
            Component::CurDir => {}
            Component::ParentDir => drop(parts.pop()?),
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(parts.join("/"))
}

/// How to get what a shallow clone lacks.
const WHOLE_HISTORY: &str = "this clone is shallow: fetch the whole history (`fetch-depth: 0` of actions/checkout, \
                             `GIT_DEPTH: 0` of GitLab, elsewhere `git fetch --unshallow`)";

/// The same where it is not known to be shallow.
const CI_HISTORY: &str = "in CI, fetch the whole history (`fetch-depth: 0` of actions/checkout)";
