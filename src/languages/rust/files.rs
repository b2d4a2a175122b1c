//! Which Rust files there are, by path; links followed. Holds no text.

use std::collections::BTreeMap;

/// The Rust files of a tree.
#[derive(Debug)]
pub struct Files<'a> {
    /// In order.
    paths: Vec<&'a str>,
    links: BTreeMap<&'a str, &'a str>,
}

/// A file that was found.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Found<'a> {
    /// The path from which its own modules are looked for: a link to a file stays where it is.
    pub at: String,
    /// The file itself.
    pub file: &'a str,
}

impl<'a> Files<'a> {
    /// The files of those paths; links lead to files and directories.
    pub fn new(paths: impl Iterator<Item = &'a str>, links: &'a [(&'a str, &'a str)]) -> Self {
        let mut paths: Vec<&str> = paths.collect();
        paths.sort_unstable();
        Self { paths, links: links.iter().copied().collect() }
    }

    /// The file that a path leads to.
    pub(super) fn find(&self, path: &str) -> Option<Found<'a>> {
        let at = self.through_directories(path);
        let file = self.links.get(at.as_str()).copied().unwrap_or(&at);
        let file = self.paths[self.paths.binary_search(&file).ok()?];
        Some(Found { at, file })
    }

    /// The path with a linked directory replaced by what the link leads to, which is free of links.
    fn through_directories(&self, path: &str) -> String {
        if !self.links.is_empty() {
            for (end, _) in path.match_indices('/') {
                if let Some(target) = self.links.get(&path[..end]) {
                    return join(target, &path[end + 1..]).unwrap_or_else(|| path.to_owned());
                }
            }
        }
        path.to_owned()
    }

    /// The paths below a directory without that prefix, in order.
    pub(super) fn below(&self, dir: &str) -> impl Iterator<Item = &'a str> {
        let prefix = if dir.is_empty() { String::new() } else { format!("{dir}/") };
        let start = self.paths.partition_point(|path| **path < *prefix);
        self.paths[start..].iter().map_while(move |path| path.strip_prefix(prefix.as_str()))
    }
}

/// `path` as seen from the directory `dir`; None where it is absolute or leads out of the root.
pub(super) fn join(dir: &str, path: &str) -> Option<String> {
    let path = path.replace('\\', "/");
    if path.starts_with('/') || path.contains(':') {
        return None;
    }
    let mut parts: Vec<&str> = dir.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => _ = parts.pop()?,
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// The directory of a path; empty at the root.
pub(super) fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(parent, _)| parent)
}
