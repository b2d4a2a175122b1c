//! What a commit's tree or the index holds, listed as the disk would be.
//!
//! Everything there is tracked, so nothing is ignored. No file is checked out: what lies on disk with the same bytes is
//! read there, the rest in one go from git.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::Path;

use rayon::prelude::*;

use super::classify::{Class, SHEBANG_BYTES, class_of, is_python_script};
use super::names::{Names, escaped};
use super::walk::{Found, Walk, What, named};
use super::{MANIFEST_LIMIT, SOURCE_LIMIT, read_regular};
use crate::git::{self, Entry, Mode, ObjectId};
use crate::source::{Language, RelPath};

/// A tree that git holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Snapshot {
    /// What a commit recorded.
    Commit(ObjectId),
    /// What the next commit would record.
    Index,
    /// Nothing: what a repository holds before its first commit.
    Empty,
}

/// The files of a snapshot.
#[derive(Debug, Default)]
pub(super) struct Blobs {
    /// What each holds.
    pub(super) ids: BTreeMap<RelPath, ObjectId>,
    /// The bytes of those that do not lie on disk as they are here; None of what is too large to be read.
    pub(super) texts: BTreeMap<RelPath, Option<Vec<u8>>>,
}

/// A snapshot below a root.
pub(super) struct Listing {
    /// What is where.
    pub(super) found: Vec<(RelPath, What)>,
    /// What the files hold.
    pub(super) blobs: Blobs,
    /// The paths of submodules, whose files are those on disk.
    pub(super) submodules: Vec<String>,
}

/// What is found at one path, and its blob.
struct Listed {
    what: What,
    blob: Option<(ObjectId, Bytes)>,
}

enum Bytes {
    OnDisk,
    Own(Option<Vec<u8>>),
}

/// A file of the snapshot that may be a source file.
struct Candidate<'a> {
    entry: &'a Entry,
    class: Class,
    /// Whether the file on disk has the same bytes, and whether they begin like a script's.
    on_disk: Option<bool>,
}

/// The texts of regular files in a snapshot, in the order asked for; None where there is none.
pub(super) fn texts(
    root: &Path,
    snapshot: &Snapshot,
    paths: &[&str],
) -> Result<Vec<Option<Vec<u8>>>, String> {
    let entries = entries(root, snapshot)?;
    let find = |path: &&str| entries.iter().find(|entry| entry.mode == Mode::File && entry.path == *path);
    let found: Vec<Option<&Entry>> = paths.iter().map(find).collect();
    let ids: Vec<&ObjectId> = found.iter().flatten().map(|entry| &entry.id).collect();
    let mut texts = git::blobs(root, &ids, MANIFEST_LIMIT)?.into_iter();
    Ok(found.into_iter().map(|entry| entry.and_then(|_| texts.next().flatten())).collect())
}

fn entries(root: &Path, snapshot: &Snapshot) -> Result<Vec<Entry>, String> {
    match snapshot {
        Snapshot::Commit(commit) => git::tree(root, commit),
        Snapshot::Index => git::index(root, git::index_of_hook(root).as_deref()),
        Snapshot::Empty => Ok(Vec::new()),
    }
}

/// Lists a snapshot below `root`; paths that are not UTF-8 are kept in `names`.
pub(super) fn list(root: &Path, snapshot: &Snapshot, names: &mut Names) -> Result<Listing, String> {
    let entries = entries(root, snapshot)?;
    let candidates: Vec<Candidate> = entries.par_iter().filter_map(|entry| candidate(root, entry)).collect();
    let links: Vec<&Entry> = entries.iter().filter(|entry| entry.mode == Mode::Link).collect();
    let wanted: Vec<&ObjectId> = links
        .iter()
        .map(|link| &link.id)
        .chain(candidates.iter().filter(|file| file.on_disk.is_none()).map(|file| &file.entry.id))
        .collect();
    let mut texts = git::blobs(root, &wanted, SOURCE_LIMIT)?.into_iter();
    let targets: Vec<Vec<u8>> = texts.by_ref().take(links.len()).map(Option::unwrap_or_default).collect();
    let mut listed: Vec<(OsString, Listed)> = Vec::with_capacity(candidates.len());
    let places = Places::new(root, &entries, links.iter().copied().zip(&targets));
    for link in &links {
        let what = match places.end_of(&link.path) {
            End::Inside(target) => What::Link(RelPath::new(escaped(&target))),
            End::Outside => left_out("a link out of the root"),
            End::Nothing => left_out("a link to nothing, or to itself"),
        };
        listed.push((link.path.clone(), Listed { what, blob: None }));
    }
    for Candidate { entry, class, on_disk } in candidates {
        let (bytes, script) = match on_disk {
            Some(script) => (Bytes::OnDisk, script),
            None => {
                let text = texts.next().flatten();
                let script = text.as_deref().is_some_and(is_python_script);
                (Bytes::Own(text), script)
            }
        };
        let (parent, name) = last_two(&entry.path);
        if let Some(what) = named(class, &parent, &name, script) {
            listed.push((entry.path.clone(), Listed { what, blob: Some((entry.id.clone(), bytes)) }));
        }
    }
    let mut submodules = Vec::new();
    let walk = Walk::new(root);
    for entry in entries.iter().filter(|entry| entry.mode == Mode::Submodule) {
        submodules.push(escaped(&entry.path));
        let files: Vec<Found> = walk.below(&entry.path);
        listed.extend(files.into_iter().map(|(path, what)| (path, Listed { what, blob: None })));
    }
    let mut blobs = Blobs::default();
    let mut found = Vec::with_capacity(listed.len());
    for (path, Listed { what, blob }) in names.shown(listed) {
        if let Some((id, bytes)) = blob {
            blobs.ids.insert(path.clone(), id);
            if let Bytes::Own(text) = bytes {
                blobs.texts.insert(path.clone(), text);
            }
        }
        found.push((path, what));
    }
    Ok(Listing { found, blobs, submodules })
}

fn left_out(why: &'static str) -> What {
    What::LeftOut { why, directory: false, tracked: 0 }
}

/// The names of a path's directory and of the file itself.
fn last_two(path: &OsStr) -> (String, String) {
    let path = Path::new(path);
    let text = |name: Option<&OsStr>| name.unwrap_or_default().to_string_lossy().into_owned();
    (text(path.parent().and_then(Path::file_name)), text(path.file_name()))
}

fn candidate<'a>(root: &Path, entry: &'a Entry) -> Option<Candidate<'a>> {
    if entry.mode != Mode::File {
        return None;
    }
    let (parent, name) = last_two(&entry.path);
    let class = class_of(&parent, &name)?;
    // Of these it matters that they are there, not what they hold.
    let never_read = matches!(class, Class::Compiled | Class::Build | Class::NotRead(Language::TypeScript));
    let on_disk = if never_read { Some(false) } else { on_disk(root, entry) };
    Some(Candidate { entry, class, on_disk })
}

/// Whether the bytes on disk begin like a script's; None where there are none, or others.
fn on_disk(root: &Path, entry: &Entry) -> Option<bool> {
    let file = root.join(&entry.path);
    if !file.symlink_metadata().ok()?.is_file() {
        return None;
    }
    let bytes = read_regular(&file, SOURCE_LIMIT).ok()?;
    let same = entry.id.of_blob_like(&bytes)? == entry.id;
    same.then(|| is_python_script(&bytes[..bytes.len().min(SHEBANG_BYTES)]))
}

/// What is where in a tree, to follow links in it.
struct Places<'a> {
    root: &'a Path,
    /// Files, submodules, and the directories above them.
    there: BTreeMap<Vec<u8>, Option<&'a [u8]>>,
}

/// Where a link leads.
#[derive(Debug, PartialEq, Eq)]
enum End {
    Inside(OsString),
    Outside,
    Nothing,
}

/// More links than this on one way are a circle.
const MOST_LINKS: usize = 40;

impl<'a> Places<'a> {
    fn new(
        root: &'a Path,
        entries: &'a [Entry],
        links: impl Iterator<Item = (&'a Entry, &'a Vec<u8>)>,
    ) -> Self {
        let mut there = BTreeMap::new();
        let mut links = links.peekable();
        if links.peek().is_none() {
            return Self { root, there };
        }
        for entry in entries {
            let path = entry.path.as_encoded_bytes();
            for end in memchr::memchr_iter(b'/', path).chain([path.len()]) {
                there.insert(path[..end].to_vec(), None);
            }
        }
        for (link, target) in links {
            there.insert(link.path.as_encoded_bytes().to_vec(), Some(target.as_slice()));
        }
        Self { root, there }
    }

    fn end_of(&self, link: &OsStr) -> End {
        let mut left: Vec<Vec<u8>> = components(link.as_encoded_bytes());
        let mut at: Vec<Vec<u8>> = Vec::new();
        let mut links = 0;
        while let Some(next) = left.pop() {
            if next == b".." {
                if at.pop().is_none() {
                    return End::Outside;
                }
                continue;
            }
            at.push(next);
            match self.there.get(&at.join(&b'/')) {
                None => return End::Nothing,
                Some(None) => {}
                Some(Some(target)) => {
                    links += 1;
                    if links > MOST_LINKS {
                        return End::Nothing;
                    }
                    at.pop();
                    let relative = if target.starts_with(b"/") {
                        let root = self.root.as_os_str().as_encoded_bytes();
                        let Some(inside) = target.strip_prefix(root).filter(|rest| rest.starts_with(b"/"))
                        else {
                            return End::Outside;
                        };
                        at.clear();
                        inside
                    } else {
                        target
                    };
                    left.extend(components(relative));
                }
            }
        }
        End::Inside(git::path_from_bytes(&at.join(&b'/')))
    }
}

/// The parts of a path, the last one first.
fn components(path: &[u8]) -> Vec<Vec<u8>> {
    let parts = path.split(|&byte| byte == b'/').filter(|part| !part.is_empty() && *part != b".");
    let mut parts: Vec<Vec<u8>> = parts.map(<[u8]>::to_vec).collect();
    parts.reverse();
    parts
}
