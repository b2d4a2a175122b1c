//! Sources: which files there are and what they hold, from disk or from memory. Nothing else reads the tree.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::{fs, io};

use crate::facts::Date;
use crate::report::LeftOut;
use crate::source::{FileId, FileKind, Language, RelPath, SourceFile};

/// The texts of source files and manifests, and a listing that answers "exists".
#[derive(Debug, Default)]
pub struct Sources {
    /// Source files of languages that are read, in path order; a file's id is its index.
    pub files: Vec<SourceFile>,
    /// Source files that `exclude` hides, in path order; their ids mean nothing.
    pub excluded: Vec<SourceFile>,
    /// Compiled or generated modules (`.so`, `.pyd`, `.pyx`) in path order: they exist and bind every name.
    pub compiled: Vec<RelPath>,
    /// Links inside the root, in path order.
    pub links: Vec<Link>,
    /// pyproject.toml, setup.cfg, setup.py, requirements*.txt, Pipfile; in path order.
    pub manifests: Vec<Manifest>,
    /// How many files of each language this version does not read.
    pub not_read: BTreeMap<&'static str, u32>,
    /// What was left out and why.
    pub left_out: Vec<LeftOut>,
    /// Paths that look like source files or hold some, but cannot be read: (path, why). Each is an unparsed-file finding.
    pub unreadable: Vec<(RelPath, String)>,
    /// What the reader should know about the listing itself (git index unreadable, …).
    pub notes: Vec<String>,
    /// Committer date of the commit checked out, in its own time zone.
    pub head_date: Option<Date>,
    /// The name of the root directory, for a root that is itself a package.
    pub root_name: String,
    origin: Origin,
}

/// A symbolic link whose target lies inside the root.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Link {
    /// The link.
    pub path: RelPath,
    /// The real file or directory.
    pub target: RelPath,
}

/// A file that says which packages there are, not itself a source file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// Where it lies.
    pub path: RelPath,
    /// Its text; invalid UTF-8 replaced.
    pub text: String,
}

#[derive(Debug)]
enum Origin {
    Disk(PathBuf),
    Memory(BTreeMap<RelPath, Vec<u8>>),
}

impl Default for Origin {
    fn default() -> Self {
        Self::Memory(BTreeMap::new())
    }
}

impl Sources {
    /// Sources from texts alone: every path with a known suffix is a source file. For tests, specs and editors.
    pub fn from_memory(texts: BTreeMap<RelPath, Vec<u8>>) -> Self {
        let mut sources = Self { root_name: "project".to_owned(), ..Self::default() };
        for path in texts.keys() {
            let kind = match path.file_name().rsplit_once('.').map(|(_, suffix)| suffix) {
                Some("py") => FileKind::Module,
                Some("pyi") => FileKind::Stub,
                Some("ipynb") => FileKind::Notebook,
                _ => continue,
            };
            let id = FileId(sources.files.len() as u32);
            sources.files.push(SourceFile { id, path: path.clone(), language: Language::Python, kind });
        }
        sources.origin = Origin::Memory(texts);
        sources
    }

    /// The bytes of a file, read now.
    pub fn read(&self, path: &RelPath) -> io::Result<Vec<u8>> {
        match &self.origin {
            Origin::Disk(root) => fs::read(root.join(path.as_str())),
            Origin::Memory(texts) => texts.get(path).cloned().ok_or_else(|| io::ErrorKind::NotFound.into()),
        }
    }
}
