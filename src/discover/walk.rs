//! One parallel pass over the tree: which files there are, and what was left out.
//!
//! The directories are read here instead of by `ignore::WalkBuilder`, whose matchers are used: it does not say what it
//! ignored, and it opens every `.gitignore`, a FIFO or a link to a device included. Nothing but `.gitignore` files,
//! first bytes of files without a suffix, and directories is read.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, FileType};
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::classify::{Class, SHEBANG_BYTES, class_of, is_manifest, is_python_script};
use super::names::escaped;
use super::{SOURCE_LIMIT, read_regular};
use crate::source::{FileKind, Language, RelPath};

/// A path relative to the root, `/`-separated, and what is there.
pub(super) type Found = (OsString, What);

/// What a path is to the listing.
#[derive(Clone, Debug)]
pub(super) enum What {
    /// A source file; whether it is a manifest too.
    Source { kind: FileKind, manifest: bool },
    /// See [`Class::Compiled`].
    Compiled,
    /// See [`Class::NotRead`].
    NotRead(Language),
    /// See [`Class::Manifest`].
    Manifest,
    /// See [`Class::Cargo`].
    Cargo,
    /// See [`Class::Container`].
    Container,
    /// See [`Class::Build`].
    Build,
    /// A link to this path inside the root.
    Link(RelPath),
    /// Not looked into, but for the files there that git tracks.
    LeftOut { why: &'static str, directory: bool, tracked: u32 },
    /// A file that git ignores and that would be no source file.
    Ignored,
    /// A source file or a directory that cannot be read.
    Unreadable { why: String, directory: bool },
}

/// A tree to be walked.
pub(super) struct Walk {
    root: PathBuf,
    found: Mutex<Vec<Found>>,
}

/// `.gitignore` files from the nearest directory up to the repository's top, its `info/exclude` last.
struct Rules {
    patterns: Gitignore,
    above: Option<Arc<Rules>>,
}

/// Directories that are out by their name wherever they lie, unless git tracks files in them.
const ALWAYS_OUT: [&str; 7] =
    [".venv", "node_modules", "target", "__pycache__", ".tox", ".nox", "site-packages"];

const IGNORED: &str = "ignored by git";

impl Walk {
    /// A walk of the directory `root`; its path must be canonical, since the targets of links are compared with it.
    pub(super) fn new(root: &Path) -> Self {
        Self { root: root.to_owned(), found: Mutex::default() }
    }

    /// Everything below the root, in no particular order. Fails if the root itself cannot be listed.
    pub(super) fn run(&self) -> io::Result<Vec<Found>> {
        let entries = list(&self.root)?;
        let rules = rules_above(&self.root);
        rayon::scope(|scope| self.directory(scope, OsString::new(), entries, rules));
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(std::mem::take(&mut *found))
    }

    /// Everything below a directory that is a repository of its own; nothing where it is not there.
    pub(super) fn below(&self, dir: &OsStr) -> Vec<Found> {
        if self.root.join(dir).symlink_metadata().is_ok_and(|data| data.is_dir()) {
            rayon::scope(|scope| self.subdirectory(scope, dir.to_owned(), None));
        }
        std::mem::take(&mut *self.found.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// What [`Walk::run`] found, and what it left out of the files that git tracks.
    pub(super) fn with_tracked(&self, mut found: Vec<Found>, tracked: &[OsString]) -> Vec<Found> {
        let left_out: FxHashMap<&[u8], usize> = found
            .iter()
            .enumerate()
            .filter(|(_, (_, what))| matches!(what, What::LeftOut { .. } | What::Ignored))
            .map(|(at, (path, _))| (path.as_encoded_bytes(), at))
            .collect();
        if left_out.is_empty() {
            return found;
        }
        let regained: Vec<(usize, Found)> = tracked
            .par_iter()
            .filter_map(|path| {
                let bytes = path.as_encoded_bytes();
                let mut prefixes =
                    memchr::memchr_iter(b'/', bytes).chain([bytes.len()]).map(|end| &bytes[..end]);
                let at = prefixes.find_map(|prefix| left_out.get(prefix))?;
                Some((*at, self.tracked(path)?))
            })
            .collect();
        for (at, file) in regained {
            if found[at].0 == file.0 {
                found[at] = file;
                continue;
            }
            if let What::LeftOut { tracked, .. } = &mut found[at].1 {
                *tracked += 1;
            }
            found.push(file);
        }
        found
    }

    /// What the walk would have found at `path`, which git tracks, had nothing left it out.
    fn tracked(&self, path: &OsStr) -> Option<Found> {
        let components: Vec<_> = Path::new(path).components().collect();
        let (name, parents) = components.split_last()?;
        // A directory on the way that has become a link would lead elsewhere, out of the root perhaps.
        let mut dir = self.root.clone();
        for component in parents {
            dir.push(component);
            if !matches!(component, Component::Normal(_)) || !dir.symlink_metadata().ok()?.is_dir() {
                return None;
            }
        }
        let Component::Normal(name) = name else { return None };
        let file = dir.join(name);
        let file_type = file.symlink_metadata().ok()?.file_type();
        let parent = dir.file_name().filter(|_| !parents.is_empty()).unwrap_or_default();
        let what = if file_type.is_dir() {
            None
        } else if file_type.is_symlink() {
            Some(self.link(&file))
        } else {
            let class = class_of(&parent.to_string_lossy(), &name.to_string_lossy())?;
            regular(class, &file, &parent.to_string_lossy(), file_type)
        };
        Some((path.to_owned(), what?))
    }

    fn directory<'s>(
        &'s self,
        scope: &rayon::Scope<'s>,
        dir: OsString,
        entries: Vec<(OsString, FileType)>,
        rules: Option<Arc<Rules>>,
    ) {
        let mut found = Vec::new();
        let real_dir = self.root.join(&dir);
        let rules = rules_at(&real_dir, &entries, rules);
        let parent = real_dir.file_name().filter(|_| !dir.is_empty()).unwrap_or_default().to_string_lossy();
        for (name, file_type) in entries {
            if name == ".git" {
                continue;
            }
            let mut path = dir.clone();
            if !path.is_empty() {
                path.push("/");
            }
            path.push(&name);
            let file = real_dir.join(&name);
            let ignored = || rules.as_ref().is_some_and(|rules| rules.ignore(&file, file_type.is_dir()));
            let text = name.to_string_lossy();
            let out = ALWAYS_OUT.iter().copied().find(|out| *out == text);
            let what = if file_type.is_dir() {
                if out.is_none() && !ignored() {
                    let rules = rules.clone();
                    scope.spawn(move |scope| self.subdirectory(scope, path, rules));
                    continue;
                }
                What::LeftOut { why: out.unwrap_or(IGNORED), directory: true, tracked: 0 }
            } else if file_type.is_symlink() {
                if out.is_none() && !ignored() {
                    self.link(&file)
                } else {
                    What::LeftOut { why: out.unwrap_or(IGNORED), directory: false, tracked: 0 }
                }
            } else {
                match class_of(&parent, &text) {
                    None => continue,
                    Some(Class::Source(_)) if ignored() => {
                        What::LeftOut { why: IGNORED, directory: false, tracked: 0 }
                    }
                    Some(_) if ignored() => What::Ignored,
                    Some(class) => match regular(class, &file, &parent, file_type) {
                        Some(what) => what,
                        None => continue,
                    },
                }
            };
            found.push((path, what));
        }
        self.add(found);
    }

    fn subdirectory<'s>(&'s self, scope: &rayon::Scope<'s>, dir: OsString, rules: Option<Arc<Rules>>) {
        match list(&self.root.join(&dir)) {
            Ok(entries) => match cause_to_skip(&entries) {
                None => self.directory(scope, dir, entries, rules),
                Some(why) => self.add(vec![(dir, What::LeftOut { why, directory: true, tracked: 0 })]),
            },
            Err(error) => self.add(unlisted(dir, &error)),
        }
    }

    /// Where a link leads, resolved once and completely.
    fn link(&self, link: &Path) -> What {
        let Ok(target) = fs::canonicalize(link) else {
            return What::LeftOut { why: "a link to nothing, or to itself", directory: false, tracked: 0 };
        };
        match target.strip_prefix(&self.root) {
            Err(_) => What::LeftOut { why: "a link out of the root", directory: false, tracked: 0 },
            Ok(target) => {
                let parts: Vec<&OsStr> = target.iter().collect();
                What::Link(RelPath::new(escaped(&parts.join(OsStr::new("/")))))
            }
        }
    }

    fn add(&self, mut found: Vec<Found>) {
        self.found.lock().unwrap_or_else(PoisonError::into_inner).append(&mut found);
    }
}

/// A directory's entries. One that cannot be told is left out: it has vanished since.
fn list(dir: &Path) -> io::Result<Vec<(OsString, FileType)>> {
    let mut entries = Vec::new();
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        if let Ok(file_type) = entry.file_type() {
            entries.push((entry.file_name(), file_type));
        }
    }
    Ok(entries)
}

/// Why a directory that holds these entries is left out, if it is.
fn cause_to_skip(entries: &[(OsString, FileType)]) -> Option<&'static str> {
    let holds = |name| entries.iter().any(|(entry, _)| entry == name);
    if holds("pyvenv.cfg") {
        return Some("holds pyvenv.cfg: a virtual environment");
    }
    holds("CACHEDIR.TAG").then_some("holds CACHEDIR.TAG: a cache")
}

/// What is said of a directory that cannot be listed; nothing of one that has vanished meanwhile.
pub(super) fn unlisted(dir: OsString, error: &io::Error) -> Vec<Found> {
    if error.kind() == io::ErrorKind::NotFound {
        return Vec::new();
    }
    vec![(dir, What::Unreadable { why: error.to_string(), directory: true })]
}

/// What a text that lies nowhere is.
pub(super) fn in_memory(path: &RelPath, text: &[u8]) -> Option<What> {
    let parent = path.parent().rsplit('/').next().unwrap_or_default();
    named(class_of(parent, path.file_name())?, parent, path.file_name(), is_python_script(text))
}

/// What the file `name` is in a directory named `parent`; `script` says whether one without a suffix is a script.
pub(super) fn named(class: Class, parent: &str, name: &str, script: bool) -> Option<What> {
    (class != Class::NoSuffix || script).then(|| of_class(class, is_manifest(parent, name)))
}

/// What a readable file is; one without a suffix is known for a script.
fn of_class(class: Class, manifest: bool) -> What {
    match class {
        Class::Source(kind) => What::Source { kind, manifest },
        Class::NoSuffix => What::Source { kind: FileKind::Script, manifest },
        Class::Compiled => What::Compiled,
        Class::NotRead(language) => What::NotRead(language),
        Class::Manifest => What::Manifest,
        Class::Cargo => What::Cargo,
        Class::Container => What::Container,
        Class::Build => What::Build,
    }
}

/// What a file of a class is, which is neither directory nor link; None for one without a suffix that is no script.
fn regular(class: Class, file: &Path, parent: &str, file_type: FileType) -> Option<What> {
    let refused = if !file_type.is_file() {
        Some(format!("it is {}, not a regular file", special(file_type)))
    } else if matches!(class, Class::Source(_)) && file.metadata().is_ok_and(|data| data.len() > SOURCE_LIMIT)
    {
        Some("it is larger than 2 GiB".to_owned())
    } else {
        None
    };
    match (class, refused) {
        (Class::Source(_), Some(why)) => Some(What::Unreadable { why, directory: false }),
        (Class::NoSuffix | Class::NotRead(_) | Class::Compiled | Class::Build, Some(_)) => None,
        (Class::NoSuffix, None) if !starts_as_script(file) => None,
        (class, _) => {
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            Some(of_class(class, is_manifest(parent, &name)))
        }
    }
}

#[cfg(unix)]
fn special(file_type: FileType) -> &'static str {
    use std::os::unix::fs::FileTypeExt;
    match file_type {
        fifo if fifo.is_fifo() => "a FIFO",
        socket if socket.is_socket() => "a socket",
        _ => "a device",
    }
}

#[cfg(not(unix))]
fn special(_: FileType) -> &'static str {
    "something else"
}

fn starts_as_script(file: &Path) -> bool {
    let mut head = Vec::with_capacity(SHEBANG_BYTES);
    let read = File::open(file).and_then(|file| file.take(SHEBANG_BYTES as u64).read_to_end(&mut head));
    read.is_ok() && is_python_script(&head)
}

impl Rules {
    fn ignore(&self, path: &Path, is_dir: bool) -> bool {
        match self.patterns.matched(path, is_dir) {
            Match::Ignore(_) => true,
            Match::Whitelist(_) => false,
            Match::None => self.above.as_ref().is_some_and(|above| above.ignore(path, is_dir)),
        }
    }
}

/// The rules that a directory's parents up to the repository's top set; none where it is in no repository, or is the
/// top itself.
fn rules_above(root: &Path) -> Option<Arc<Rules>> {
    let depth = root.ancestors().position(|dir| dir.join(".git").symlink_metadata().is_ok())?;
    let dirs: Vec<&Path> = root.ancestors().take(depth + 1).skip(1).collect();
    let mut rules = exclude_file(dirs.last()?);
    for dir in dirs.iter().rev() {
        rules = add_patterns(dir, &dir.join(".gitignore"), rules);
    }
    rules
}

/// The rules inside a directory. A repository of its own begins anew, as it does for git.
fn rules_at(dir: &Path, entries: &[(OsString, FileType)], above: Option<Arc<Rules>>) -> Option<Arc<Rules>> {
    let holds = |name| entries.iter().any(|(entry, _)| entry == name);
    let above = if holds(".git") { exclude_file(dir) } else { above };
    if holds(".gitignore") { add_patterns(dir, &dir.join(".gitignore"), above) } else { above }
}

/// `info/exclude` of the repository whose top is `top`, wherever its git directory lies (a submodule's or a linked
/// work tree's `.git` is a file that names it).
fn exclude_file(top: &Path) -> Option<Arc<Rules>> {
    let pointed = |file: &Path, prefix: &str| {
        let text = read_regular(file, 4096).ok()?;
        let path = str::from_utf8(&text).ok()?.strip_prefix(prefix)?.trim().to_owned();
        Some(file.parent()?.join(path))
    };
    let git = pointed(&top.join(".git"), "gitdir:").unwrap_or_else(|| top.join(".git"));
    let common = pointed(&git.join("commondir"), "").unwrap_or(git);
    add_patterns(top, &common.join("info/exclude"), None)
}

/// `above` with the patterns of `file`, which speak of paths below `dir`. Like git, follows no link to them.
fn add_patterns(dir: &Path, file: &Path, above: Option<Arc<Rules>>) -> Option<Arc<Rules>> {
    if !file.symlink_metadata().is_ok_and(|data| data.is_file()) {
        return above;
    }
    let Ok(bytes) = read_regular(file, 1 << 20) else { return above };
    let text = String::from_utf8_lossy(&bytes);
    let mut builder = GitignoreBuilder::new(dir);
    for line in text.trim_start_matches('\u{feff}').lines() {
        // A line that is no glob matches nothing, for git too.
        let _ = builder.add_line(None, line);
    }
    match builder.build() {
        Ok(patterns) if !patterns.is_empty() => Some(Arc::new(Rules { patterns, above })),
        _ => above,
    }
}
