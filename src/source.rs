//! Where text comes from: files, their languages, byte spans and line positions.
//!
//! Knows no disk, no registry and no language's grammar.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Index of a file in [`Sources::files`](crate::discover::Sources), in path order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileId(pub u32);

impl FileId {
    /// The index as `usize`, for indexing parallel vectors.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A path relative to the project root, with `/` on every platform and no leading `./`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RelPath(Box<str>);

impl RelPath {
    /// Takes a path as is; the caller has made it relative and `/`-separated.
    pub fn new(path: impl Into<Box<str>>) -> Self {
        Self(path.into())
    }

    /// The path as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part after the last `/`.
    pub fn file_name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or("")
    }

    /// The part before the last `/`; empty for a file at the root.
    pub fn parent(&self) -> &str {
        self.0.rsplit_once('/').map_or("", |(parent, _)| parent)
    }
}

impl fmt::Display for RelPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A language the registry can speak of; [`Language::is_read`] tells which of them this version parses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// `.py`, `.pyi`, `.ipynb` and suffix-less scripts with a Python shebang.
    Python,
    /// `.rs`.
    Rust,
    /// `.ts`, `.tsx`, `.mts`, `.cts`, `.js`, `.jsx`, `.mjs`, `.cjs`.
    TypeScript,
}

impl Language {
    /// Every one, in the order of their names.
    pub const ALL: [Self; 3] = [Self::Python, Self::Rust, Self::TypeScript];

    /// The name used in the registry, in JSON and in pattern prefixes.
    pub fn name(self) -> &'static str {
        match self {
            Self::Python => "python",
            Self::Rust => "rust",
            Self::TypeScript => "typescript",
        }
    }

    /// What stands between the components of a module's name.
    pub fn separator(self) -> &'static str {
        match self {
            Self::Python => ".",
            Self::Rust => "::",
            Self::TypeScript => "/",
        }
    }

    /// Whether this version extracts imports from the language; the others are counted as `not_read`.
    pub fn is_read(self) -> bool {
        matches!(self, Self::Python)
    }
}

/// What sort of source file it is; decides how its text is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FileKind {
    /// An ordinary source file.
    Module,
    /// A Python `.pyi` stub: resolves names; its own imports are type-checking.
    Stub,
    /// A Jupyter notebook.
    Notebook,
    /// A suffix-less file with a shebang: an importer that nothing can import.
    Script,
}

/// One source file of a language that is read.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// Its place in path order.
    pub id: FileId,
    /// Where it lies.
    pub path: RelPath,
    /// In which language it is written.
    pub language: Language,
    /// How its text is taken.
    pub kind: FileKind,
}

/// A half-open byte range in a file's decoded text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// A span from two byte offsets.
    pub fn new(start: u32, end: u32) -> Self {
        Self { start, end }
    }
}

/// A 1-based position; the column counts characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// 1-based line.
    pub line: u32,
    /// 1-based column in characters.
    pub column: u32,
}

/// A 1-based line and what its columns are for programs, which count otherwise than people.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Point {
    /// 1-based line.
    pub line: u32,
    /// 1-based column in UTF-16 code units.
    pub utf16: u32,
    /// 1-based column in bytes of UTF-8.
    pub byte: u32,
}

/// A half-open range of a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Region {
    /// Its first character.
    pub start: Point,
    /// The character after its last.
    pub end: Point,
}

/// Line starts of one text. A line ends with `\n`, `\r\n` or a lone `\r`, as Python reads them.
#[derive(Clone, Debug)]
pub struct LineIndex {
    starts: Vec<u32>,
}

impl LineIndex {
    /// Scans `text` once.
    pub fn new(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut starts = vec![0];
        for at in memchr::memchr2_iter(b'\n', b'\r', bytes) {
            if bytes[at] == b'\r' && bytes.get(at + 1) == Some(&b'\n') {
                continue;
            }
            starts.push(at as u32 + 1);
        }
        Self { starts }
    }

    /// 1-based line that holds the byte `offset`.
    pub fn line(&self, offset: u32) -> u32 {
        self.starts.partition_point(|&start| start <= offset) as u32
    }

    /// Byte offset at which the 1-based `line` begins; the last line's where there is no such line.
    pub fn line_start(&self, line: u32) -> u32 {
        let at = (line.max(1) as usize - 1).min(self.starts.len() - 1);
        self.starts[at]
    }

    /// Number of lines, a final empty one included.
    pub fn len(&self) -> u32 {
        self.starts.len() as u32
    }

    /// Never true: a text has at least one line.
    pub fn is_empty(&self) -> bool {
        self.starts.is_empty()
    }

    /// Line and character column of a byte `offset` of `text`; an offset inside a character counts as its start.
    pub fn position(&self, text: &str, offset: u32) -> Position {
        let (line, before) = self.before(text, offset);
        Position { line, column: before.chars().count() as u32 + 1 }
    }

    /// A byte `span` of `text` as programs count lines and columns.
    pub fn region(&self, text: &str, span: Span) -> Region {
        let [start, end] = [span.start, span.end].map(|offset| {
            let (line, before) = self.before(text, offset);
            let utf16 = before.encode_utf16().count() as u32 + 1;
            Point { line, utf16, byte: before.len() as u32 + 1 }
        });
        Region { start, end }
    }

    /// The line of a byte `offset`, and what stands before it there.
    fn before<'t>(&self, text: &'t str, offset: u32) -> (u32, &'t str) {
        let line = self.line(offset);
        let start = self.line_start(line) as usize;
        let mut end = (offset as usize).min(text.len());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        (line, text.get(start..end).unwrap_or(""))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_as_python_reads_them() {
        let text = "a\nb\r\nc\rd";
        let index = LineIndex::new(text);
        assert_eq!(index.len(), 4);
        let d = text.find('d').unwrap() as u32;
        assert_eq!(index.position(text, d), Position { line: 4, column: 1 });
        assert_eq!(index.line(3), 2, "the carriage return belongs to its line");
    }

    #[test]
    fn columns_count_characters() {
        let text = "é = 1; x";
        let index = LineIndex::new(text);
        assert_eq!(index.position(text, text.find('x').unwrap() as u32).column, 8);
    }

    #[test]
    fn programs_count_code_units_and_bytes() {
        let text = "a\n𝄞é = x";
        let index = LineIndex::new(text);
        let x = text.find('x').unwrap() as u32;
        let region = index.region(text, Span::new(x, x + 1));
        // Two units and four bytes, one unit and two bytes, then three of each.
        assert_eq!(region.start, Point { line: 2, utf16: 7, byte: 10 });
        assert_eq!(region.end, Point { line: 2, utf16: 8, byte: 11 });
    }
}
