//! Git's plumbing: what the index and other trees hold, where histories meet, when HEAD was committed, and what was
//! renamed since a day.
//!
//! The repository belongs to whoever wrote the tree that is judged, so nothing its configuration names may run: see
//! [`command`]. Knows no source file.

pub mod hooks;

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{io, thread};

use sha1::{Digest, Sha1};

use crate::facts::Date;

/// The most that is taken from git's output; an index of a million files prints about 60 MB.
const OUTPUT_LIMIT: u64 = 512 << 20;

/// The paths below `root` in the index of the repository that holds it, relative to `root` and `/`-separated, sorted;
/// or why git did not tell, in one line.
pub fn tracked_files(root: &Path) -> Result<Vec<OsString>, String> {
    let output = run(root, &["ls-files", "-z", "--cached"])?;
    let mut paths: Vec<OsString> =
        output.split(|&byte| byte == 0).filter(|path| !path.is_empty()).map(path_from_bytes).collect();
    paths.sort_unstable();
    paths.dedup(); // a path in conflict has up to three entries
    Ok(paths)
}

/// What an entry of a tree or of the index is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// A regular file.
    File,
    /// A symbolic link; its blob holds where it leads.
    Link,
    /// A repository of its own, of which only a commit is recorded.
    Submodule,
}

/// An object's name in hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId(Box<str>);

impl ObjectId {
    /// The name that git gives to a file of these bytes; None where the repository does not use SHA-1, as `self` shows.
    pub fn of_blob_like(&self, bytes: &[u8]) -> Option<Self> {
        if self.0.len() != 40 {
            return None;
        }
        let mut hasher = Sha1::new();
        hasher.update(format!("blob {}\0", bytes.len()).as_bytes());
        hasher.update(bytes);
        let hex: String = hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        Some(Self(hex.into()))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// One entry of a tree or of the index, below the root that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Relative to that root, `/`-separated.
    pub path: OsString,
    /// What it is.
    pub mode: Mode,
    /// The blob, or a submodule's commit.
    pub id: ObjectId,
}

/// The commit that a revision names; None where it names none.
pub fn commit(root: &Path, revision: &str) -> Option<ObjectId> {
    let named = format!("{revision}^{{commit}}");
    object_id(&run(root, &["rev-parse", "--verify", "--quiet", "--end-of-options", &named]).ok()?)
}

/// Whether the clone holds only the newest part of the history; or why git does not tell anything of it.
pub fn is_shallow(root: &Path) -> Result<bool, String> {
    Ok(run(root, &["rev-parse", "--is-shallow-repository"])?.starts_with(b"true"))
}

/// The best commit that two commits have in common; None where they have none.
pub fn merge_base(root: &Path, one: &ObjectId, other: &ObjectId) -> Option<ObjectId> {
    object_id(&run(root, &["merge-base", one.as_str(), other.as_str()]).ok()?)
}

/// The entries of a commit's tree below `root`, sorted by path.
pub fn tree(root: &Path, commit: &ObjectId) -> Result<Vec<Entry>, String> {
    // `<mode> <type> <object>\t<path>`, relative to where git was started.
    entries(&run(root, &["ls-tree", "-r", "-z", commit.as_str()])?, |fields| {
        let [mode, _, id] = fields else { return None };
        Some((*mode, *id))
    })
}

/// The entries of the index below `root`, sorted by path. `file` is another index than the repository's own, as git
/// hands one to its hooks.
///
/// Of a path in conflict, with which git commits nothing, one side counts.
pub fn index(root: &Path, file: Option<&Path>) -> Result<Vec<Entry>, String> {
    let mut command = command(root);
    if let Some(file) = file {
        command.env("GIT_INDEX_FILE", file);
    }
    // `<mode> <object> <stage>\t<path>`; intent-to-add entries name the empty blob, and are so read.
    let stages = output_of(command.args(["ls-files", "-s", "-z", "--cached"]), "ls-files")?;
    let mut found = entries(&stages, |fields| {
        let [mode, id, _] = fields else { return None };
        Some((*mode, *id))
    })?;
    found.dedup_by(|next, kept| next.path == kept.path); // stages 1 to 3 of a path in conflict
    Ok(found)
}

/// The index that git told this process to use, where it belongs to the repository that holds `root`. A commit of
/// chosen paths (`git commit -a`) runs its hooks before the repository's own index is written.
pub fn index_of_hook(root: &Path) -> Option<PathBuf> {
    let file = PathBuf::from(std::env::var_os("GIT_INDEX_FILE")?).canonicalize().ok()?;
    let output = run(root, &["rev-parse", "--absolute-git-dir"]).ok()?;
    let line = output.strip_suffix(b"\n").unwrap_or(&output);
    let own = PathBuf::from(path_from_bytes(line)).canonicalize().ok()?;
    file.starts_with(own).then_some(file)
}

/// The bytes of blobs, in the order asked for; an error where the clone lacks one. A blob of more than `limit` bytes is
/// None.
pub fn blobs(root: &Path, ids: &[&ObjectId], limit: u64) -> Result<Vec<Option<Vec<u8>>>, String> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let asked: String = ids.iter().flat_map(|id| [id.as_str(), "\n"]).collect();
    let mut child = command(root)
        .args(["cat-file", "--batch"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| format!("git did not start: {error}"))?;
    let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
    let read: Result<Vec<Option<Vec<u8>>>, String> = thread::scope(|scope| {
        // Git waits for its answers to be read, and would never read the end of the questions.
        scope.spawn(move || stdin.map(|mut pipe| pipe.write_all(asked.as_bytes())));
        let pipe = stdout.ok_or("git has no output")?;
        let mut pipe = BufReader::with_capacity(1 << 16, pipe);
        ids.iter().map(|id| one_blob(&mut pipe, id, limit)).collect()
    });
    if read.is_err() {
        let _ = child.kill();
    }
    let _ = child.wait();
    read
}

/// One answer of `cat-file --batch`: `<object> <type> <size>`, the bytes, a line end.
fn one_blob(pipe: &mut impl BufRead, id: &ObjectId, limit: u64) -> Result<Option<Vec<u8>>, String> {
    let broken = |error: io::Error| format!("git's output could not be read: {error}");
    let mut header = String::new();
    pipe.read_line(&mut header).map_err(broken)?;
    let size = match header.trim_end().split(' ').collect::<Vec<_>>()[..] {
        [name, "blob", size] if name == id.as_str() => size.parse::<u64>().ok(),
        _ => None,
    };
    let size = size.ok_or_else(|| format!("this clone lacks the object {}", id.as_str()))?;
    let mut bytes = Vec::new();
    let mut text = pipe.take(size);
    if size <= limit {
        text.read_to_end(&mut bytes).map_err(broken)?;
    } else {
        io::copy(&mut text, &mut io::sink()).map_err(broken)?;
    }
    let mut end = [0];
    pipe.read_exact(&mut end).map_err(broken)?;
    Ok((size <= limit).then_some(bytes))
}

fn object_id(output: &[u8]) -> Option<ObjectId> {
    let text = str::from_utf8(output).ok()?.trim();
    let named = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    named.then(|| ObjectId(text.into()))
}

/// Entries that end with NUL, each `<fields>\t<path>`; `of` picks mode and object among the fields.
fn entries(
    output: &[u8],
    of: impl for<'a> Fn(&[&'a str]) -> Option<(&'a str, &'a str)>,
) -> Result<Vec<Entry>, String> {
    let read = |line: &[u8]| {
        let tab = line.iter().position(|&byte| byte == b'\t')?;
        let fields: Vec<&str> = str::from_utf8(&line[..tab]).ok()?.split(' ').collect();
        let (mode, id) = of(&fields)?;
        let mode = match mode {
            "120000" => Mode::Link,
            "160000" => Mode::Submodule,
            _ => Mode::File,
        };
        Some(Entry { path: path_from_bytes(&line[tab + 1..]), mode, id: object_id(id.as_bytes())? })
    };
    let lines = output.split(|&byte| byte == 0).filter(|line| !line.is_empty());
    let found: Option<Vec<Entry>> = lines.map(read).collect();
    let mut found = found.ok_or("git's listing is not understood")?;
    found.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(found)
}

/// The day on which HEAD was committed, in the committer's own time zone; None before the first commit.
pub fn head_date(root: &Path) -> Option<Date> {
    committer_date(&run(root, &["cat-file", "commit", "HEAD"]).ok()?)
}

/// The versions of a file that the history of HEAD holds, the oldest first; of many only the last `limit`. A version of
/// more than `bytes` bytes is left out.
pub fn versions(root: &Path, path: &str, limit: usize, bytes: u64) -> Result<Vec<Vec<u8>>, String> {
    let count = format!("--max-count={limit}");
    let file = format!(":(literal){path}");
    let commits = run(root, &["rev-list", "--topo-order", "--reverse", &count, "HEAD", "--", &file])?;
    let how =
        ["diff-tree", "--stdin", "-r", "-m", "--root", "--no-commit-id", "--no-renames", "-z", "--relative"];
    let changes = run_with(root, &[&how[..], &["--", &file]].concat(), Some(&commits))?;
    // `:<mode> <mode> <object> <object> <status>`, the path; each ended by NUL.
    let fields = changes.split(|&byte| byte == 0).filter_map(|field| str::from_utf8(field).ok());
    let changes = fields.filter(|field| field.starts_with(':'));
    let after = changes.filter_map(|change| object_id(change.split(' ').nth(3)?.as_bytes()));
    let mut ids: Vec<ObjectId> = after.filter(|id| id.as_str().bytes().any(|byte| byte != b'0')).collect();
    ids.dedup();
    let texts = blobs(root, &ids.iter().collect::<Vec<_>>(), bytes)?;
    Ok(texts.into_iter().flatten().collect())
}

/// Commits that are searched for renames; a longer history is not followed to its beginning.
const COMMITS: &str = "10000";

/// What became of the files that were renamed since that day and in the index: by each old path below `root` the paths
/// that it may have now. And what the reader should know where the answer may lack something.
///
/// A rename is what git takes for one: in a commit, or between HEAD and the index, a file is gone and another is there
/// that is alike by half. A file moved in the working tree alone is none before `git add` tells the index.
pub fn renames_since(root: &Path, since: Date) -> (BTreeMap<String, Vec<String>>, Option<String>) {
    match renames(root, since) {
        Ok(steps) => {
            let shallow = run(root, &["rev-parse", "--is-shallow-repository"]);
            let is_shallow = shallow.is_ok_and(|answer| answer.starts_with(b"true"));
            let note = is_shallow.then(|| {
                "this clone is shallow: git does not know what was renamed before its history begins \
                 (a full clone does, in CI `fetch-depth: 0`)"
                    .to_owned()
            });
            (chained(steps), note)
        }
        Err(why) => (BTreeMap::new(), Some(format!("git could not say what was renamed: {why}"))),
    }
}

/// Renames as (old, new), the oldest first.
fn renames(root: &Path, since: Date) -> Result<Vec<(String, String)>, String> {
    // No HEAD, no renames.
    if run(root, &["rev-parse", "--verify", "--quiet", "HEAD"]).is_err() {
        return Ok(Vec::new());
    }
    // The day is the committer's own, and may begin up to 14 hours before Greenwich's.
    let age = format!("--max-age={}", (since.days() - 1) * 86_400);
    let count = format!("--max-count={COMMITS}");
    let commits = run(root, &["rev-list", "--topo-order", "--reverse", "--no-merges", &age, &count, "HEAD"])?;
    let how = ["-M50%", "-l1000", "--diff-filter=R", "--name-status", "-z", "--relative"];
    let committed = run_with(
        root,
        &[&["diff-tree", "--stdin", "-r", "--no-commit-id"], &how[..]].concat(),
        Some(&commits),
    )?;
    let staged = run(root, &[&["diff-index", "--cached"], &how[..], &["HEAD"]].concat())?;
    Ok([committed, staged].iter().flat_map(|output| steps(output)).collect())
}

/// `R087`, old, new; each ended by NUL. Paths that are not UTF-8 are left out.
fn steps(output: &[u8]) -> Vec<(String, String)> {
    let mut fields = output.split(|&byte| byte == 0);
    let mut steps = Vec::new();
    while let (Some(status), Some(old), Some(new)) = (fields.next(), fields.next(), fields.next()) {
        if status.starts_with(b"R")
            && let (Ok(old), Ok(new)) = (str::from_utf8(old), str::from_utf8(new))
        {
            steps.push((old.to_owned(), new.to_owned()));
        }
    }
    steps
}

/// Follows each file through its renames: `a` to `b` and `b` to `c` is `a` to `c`, and `b` to `c`.
fn chained(steps: Vec<(String, String)>) -> BTreeMap<String, Vec<String>> {
    let mut began: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (old, new) in steps {
        let mut of = began.remove(&old).unwrap_or_default();
        of.insert(old);
        began.entry(new).or_default().append(&mut of);
    }
    let mut ended: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (now, before) in began {
        for old in before.into_iter().filter(|old| *old != now) {
            ended.entry(old).or_default().push(now.clone());
        }
    }
    ended
}

/// Git with everything off that would run a program, write, or ask.
///
/// The user's own configuration stays: `safe.directory` decides whether the repository is trusted at all. What a
/// configuration could run is overruled on the command line, which is read last: the file system monitor and hooks.
/// Filters, pagers, diff drivers and signature programs run in porcelain only. A missing object would be fetched from
/// a partial clone's remote by a program of its choice: no protocol is allowed. A directory that merely looks
/// like a bare repository is not taken for one.
fn command(root: &Path) -> Command {
    let mut command = Command::new("git");
    command.arg("-C").arg(root).args(["--no-pager", "--no-optional-locks", "--no-replace-objects"]);
    for setting in [
        "core.fsmonitor=false",
        "core.hooksPath=/dev/null",
        "core.untrackedCache=false",
        "safe.bareRepository=explicit",
    ] {
        command.args(["-c", setting]);
    }
    command
        .env("LC_ALL", "C")
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("GIT_NO_LAZY_FETCH", "1")
        .env("GIT_ALLOW_PROTOCOL", "none");
    // Inside a hook these name the repository of the hook, which need not be the one that holds `root`.
    for variable in [
        "GIT_DIR",
        "GIT_WORK_TREE",
        "GIT_COMMON_DIR",
        "GIT_INDEX_FILE",
        "GIT_PREFIX",
        "GIT_NAMESPACE",
        "GIT_OBJECT_DIRECTORY",
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    ] {
        command.env_remove(variable);
    }
    command
}

fn run(root: &Path, arguments: &[&str]) -> Result<Vec<u8>, String> {
    run_with(root, arguments, None)
}

fn run_with(root: &Path, arguments: &[&str], input: Option<&[u8]>) -> Result<Vec<u8>, String> {
    output_with(command(root).args(arguments), arguments[0], input)
}

fn output_of(command: &mut Command, name: &str) -> Result<Vec<u8>, String> {
    output_with(command, name, None)
}

fn output_with(command: &mut Command, name: &str, input: Option<&[u8]>) -> Result<Vec<u8>, String> {
    let mut child = command
        .stdin(if input.is_some() { Stdio::piped() } else { Stdio::null() })
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("git did not start: {error}"))?;
    let stdin = child.stdin.take();
    let stderr = child.stderr.take();
    let stdout = child.stdout.take();
    let mut output = Vec::new();
    // All pipes are served at once: git would wait for ever on the one that nobody does.
    let (read, complaint) = thread::scope(|scope| {
        if let (Some(mut pipe), Some(input)) = (stdin, input) {
            // Whoever ends before it has read all of it says why.
            scope.spawn(move || pipe.write_all(input).is_ok());
        }
        let complaint = scope.spawn(|| stderr.map(first_bytes).unwrap_or_default());
        let read = stdout.map(|pipe| pipe.take(OUTPUT_LIMIT + 1).read_to_end(&mut output));
        (read, complaint.join().unwrap_or_default())
    });
    let status = child.wait().map_err(|error| format!("git did not end: {error}"))?;
    if output.len() as u64 > OUTPUT_LIMIT {
        return Err(format!("git {name} printed more than {} MB", OUTPUT_LIMIT >> 20));
    }
    match read {
        Some(Ok(_)) if status.success() => Ok(output),
        Some(Err(error)) => Err(format!("git's output could not be read: {error}")),
        _ => {
            let complaint = String::from_utf8_lossy(&complaint);
            let line = complaint.lines().next().unwrap_or("it gave no reason");
            Err(line.strip_prefix("fatal: ").unwrap_or(line).to_owned())
        }
    }
}

/// The beginning of what a pipe gives; the rest is read and dropped.
fn first_bytes(mut pipe: impl Read) -> Vec<u8> {
    let mut bytes = Vec::new();
    let _ = pipe.by_ref().take(4096).read_to_end(&mut bytes);
    let _ = io::copy(&mut pipe, &mut io::sink());
    bytes
}

/// The committer's day in a raw commit object.
fn committer_date(commit: &[u8]) -> Option<Date> {
    let line = commit
        .split(|&byte| byte == b'\n')
        .take_while(|line| !line.is_empty())
        .find_map(|line| line.strip_prefix(b"committer "))?;
    // The name may hold anything but `>`: the stamp is what follows the last one.
    let stamp = line.rsplit(|&byte| byte == b'>').next()?;
    let (seconds, zone) = str::from_utf8(stamp).ok()?.trim().split_once(' ')?;
    let zone: i16 = zone.parse().ok()?; // +0530 is five and a half hours
    let east = i64::from(zone / 100) * 3600 + i64::from(zone % 100) * 60;
    let local = seconds.parse::<i64>().ok()?.checked_add(east)?;
    Date::from_days(local.div_euclid(86_400))
}

/// A path as git writes it.
#[cfg(unix)]
pub fn path_from_bytes(bytes: &[u8]) -> OsString {
    use std::os::unix::ffi::OsStringExt;
    OsString::from_vec(bytes.to_vec())
}

/// A path as git writes it.
#[cfg(not(unix))]
pub fn path_from_bytes(bytes: &[u8]) -> OsString {
    String::from_utf8_lossy(bytes).into_owned().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commit_is_dated_where_its_committer_lives() {
        for (stamp, date) in [
            ("1700000000 +0000", Some("2023-11-14")), // 22:13:20 in Greenwich
            ("1700000000 +0530", Some("2023-11-15")),
            ("1700000000 -0800", Some("2023-11-14")),
            ("0 -0030", Some("1969-12-31")),
            ("1700000000", None),
            ("99999999999999999 +0000", None),
            ("9223372036854775807 +0100", None),
        ] {
            let commit = format!(
                "tree 0\nauthor A <a@b> 1 +0000\ncommitter Odd > Name <a@b> {stamp}\n\ncommitter X <x> 86400 +0000\n"
            );
            assert_eq!(
                committer_date(commit.as_bytes()).map(|date| date.to_string()).as_deref(),
                date,
                "{stamp}"
            );
        }
        assert_eq!(
            committer_date(b"tree 0\n\ncommitter X <x> 86400 +0000\n"),
            None,
            "the message is no header"
        );
    }

    #[test]
    fn renames_come_in_threes_and_others_are_passed_over() {
        let pairs = |output: &[u8]| {
            steps(output).into_iter().map(|(old, new)| format!("{old} {new}")).collect::<Vec<_>>()
        };
        assert_eq!(pairs(b"R100\0a.py\0b.py\0R051\0c d.py\0e\nf.py\0"), ["a.py b.py", "c d.py e\nf.py"]);
        assert_eq!(pairs(b"R100\0\xff.py\0b.py\0R100\0c\0d\0"), ["c d"], "what is not UTF-8 has no entry");
        assert_eq!(pairs(b""), [""; 0]);
        assert_eq!(pairs(b"R100\0a.py"), [""; 0]);
    }

    #[test]
    fn renames_are_followed_to_where_the_file_lies_now() {
        let now = |steps: &[(&str, &str)]| {
            let steps = steps.iter().map(|(old, new)| ((*old).to_owned(), (*new).to_owned())).collect();
            let all = chained(steps).into_iter().map(|(old, new)| format!("{old} {}", new.join(" ")));
            all.collect::<Vec<_>>()
        };
        assert_eq!(now(&[("a", "b"), ("b", "c")]), ["a c", "b c"]);
        assert_eq!(now(&[("b", "c"), ("a", "b")]), ["a b", "b c"], "another file took its name");
        assert_eq!(now(&[("a", "b"), ("a", "c")]), ["a b c"], "two files had one name");
        assert_eq!(now(&[("a", "b"), ("b", "a")]), ["b a"], "there and back");
    }
}
