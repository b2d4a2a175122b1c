//! The page that holds the registry: where it lies, whether it is in step, writing it.
//!
//! A page is somebody's text. It is only touched between its marker lines, and only inside the project.

use std::io;
use std::path::{Component, Path, PathBuf};

use super::markdown::{self, BEGIN, END};
use crate::commands::context::{Failure, Project, write_file};
use crate::discover::{read_regular, shown};
use crate::formats::context::cut;
use crate::registry::Registry;

/// Nobody reads a longer page.
const LARGEST: u64 = 16 << 20;

/// A page, which need not exist yet.
pub struct Page {
    /// Its path relative to the project root.
    pub path: String,
    file: PathBuf,
    text: Option<String>,
}

/// How a page differs from what it should be.
#[derive(Debug, PartialEq, Eq)]
pub struct Stale {
    /// 1-based line.
    pub line: u32,
    /// 1-based column in characters.
    pub column: u32,
    /// What is wrong, without what to do about it.
    pub message: String,
    /// Whether writing it is all that is needed.
    pub is_writable: bool,
}

impl Page {
    /// The page at `written`, as the command line names it, or that of `[project] page`.
    pub fn open(project: &Project, written: Option<&Path>) -> Result<Self, Failure> {
        let asked = match (written, &project.registry.page) {
            (Some(written), _) => project.started.join(written),
            (None, Some(page)) => project.root.join(&page.text),
            (None, None) => {
                let help =
                    "write `--write FILE`, or `page = \"docs/imports.md\"` under `[project]` of the registry";
                return Err(Failure::usage("there is no page to write to", Some(help.to_owned())));
            }
        };
        let named = written.map_or_else(
            || project.registry.page.as_ref().map_or(String::new(), |page| page.text.clone()),
            |written| written.display().to_string(),
        );
        let file =
            real_place(&asked).map_err(|why| Failure::usage(format!("the page {named} {why}"), None))?;
        let Ok(inside) = file.strip_prefix(&project.root) else {
            let message =
                format!("the page {named} lies outside the project root {}", project.root.display());
            return Err(Failure::usage(message, Some("keep it in the project".to_owned())));
        };
        let parts: Vec<String> = inside.components().map(|part| shown(part.as_os_str())).collect();
        let path = parts.join("/");
        let text = match read_regular(&file, LARGEST) {
            Ok(bytes) => Some(
                String::from_utf8(bytes)
                    .map_err(|_| Failure::usage(format!("the page {path} is not UTF-8"), None))?,
            ),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => {
                return Err(Failure::usage(format!("the page {path} cannot be read: {error}"), None));
            }
        };
        Ok(Self { path, file, text })
    }

    /// Whether it is the page that `[project] page` names.
    pub fn is_watched(&self, project: &Project) -> bool {
        let watched = project.registry.page.as_ref();
        watched.is_some_and(|page| real_place(&project.root.join(&page.text)).is_ok_and(|at| at == self.file))
    }

    /// Brings it in step; false where it is already.
    pub fn write(&self, registry: &Registry) -> Result<bool, Failure> {
        let wanted = markdown::laid_into(self.text.as_deref().unwrap_or(""), registry).map_err(|why| {
            let help = format!(
                "write these two lines where the registry shall stand, each alone: {BEGIN} and {END}"
            );
            Failure::usage(format!("the page {} was left as it is: {why}", self.path), Some(help))
        })?;
        if self.text.as_ref() == Some(&wanted) {
            return Ok(false);
        }
        let parent = self.file.parent().map_or(Ok(()), std::fs::create_dir_all);
        let written = parent.and_then(|()| write_file(&self.file, |out| out.write_all(wanted.as_bytes())));
        written.map_err(|error| {
            Failure::usage(format!("the page {} cannot be written: {error}", self.path), None)
        })?;
        Ok(true)
    }

    /// Where it differs first from what it should be.
    pub fn stale(&self, registry: &Registry) -> Option<Stale> {
        let first = |message: String, is_writable| Stale { line: 1, column: 1, message, is_writable };
        let Some(text) = &self.text else { return Some(first("the page does not exist".to_owned(), true)) };
        match markdown::laid_into(text, registry) {
            Ok(wanted) => difference(text, &wanted),
            Err(why) => {
                let message = format!("{why}: write {BEGIN} and {END} there, each on a line of its own");
                Some(first(message, false))
            }
        }
    }
}

/// The absolute path without links, of what need not exist.
fn real_place(path: &Path) -> Result<PathBuf, String> {
    let mut missing = Vec::new();
    for above in path.ancestors() {
        if above.symlink_metadata().is_ok() {
            let real = above.canonicalize().map_err(|error| match error.kind() {
                io::ErrorKind::NotFound => "is a link that leads nowhere".to_owned(),
                _ => format!("cannot be reached: {error}"),
            })?;
            return Ok(missing.iter().rev().fold(real, |real, part| real.join(part)));
        }
        match above.components().next_back() {
            Some(Component::Normal(part)) => missing.push(part.to_owned()),
            Some(Component::CurDir) => {}
            _ => break,
        }
    }
    Err("lies in a directory that does not exist".to_owned())
}

/// The first line in which the two differ, and its first column.
fn difference(text: &str, wanted: &str) -> Option<Stale> {
    if text == wanted {
        return None;
    }
    let (mut old, mut new) = (text.lines(), wanted.lines());
    let mut line = 0;
    loop {
        line += 1;
        let (old, new) = (old.next(), new.next());
        if old == new && old.is_some() {
            continue;
        }
        let same =
            old.unwrap_or("").chars().zip(new.unwrap_or("").chars()).take_while(|(a, b)| a == b).count();
        let quoted = |line: Option<&str>| match line {
            Some("") => "an empty line".to_owned(),
            Some(line) => format!("`{}`", around(line, same)),
            None => "nothing".to_owned(),
        };
        let message = format!("the page says {}, the registry {}", quoted(old), quoted(new));
        return Some(Stale { line, column: same as u32 + 1, message, is_writable: true });
    }
}

/// A long line from shortly before the character `at` on.
fn around(line: &str, at: usize) -> String {
    const BEFORE: usize = 30;
    const SHOWN: usize = 80;
    let skipped = if line.chars().count() <= SHOWN { 0 } else { at.saturating_sub(BEFORE) };
    let rest: String = line.chars().skip(skipped).collect();
    format!("{}{}", if skipped > 0 { "…" } else { "" }, cut(&rest, SHOWN))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_difference_is_told_with_its_place() {
        let told = |text, wanted| {
            let stale = difference(text, wanted).unwrap();
            (stale.line, stale.column, stale.message)
        };
        assert_eq!(difference("a\nb\n", "a\nb\n"), None);
        assert_eq!(
            told("a\n| é1 |\n", "a\n| é2 |\n"),
            (2, 4, "the page says `| é1 |`, the registry `| é2 |`".to_owned())
        );
        assert_eq!(
            told("a\n", "a\n\n"),
            (2, 1, "the page says nothing, the registry an empty line".to_owned())
        );
        let (old, new) = ("x".repeat(100) + "old", "x".repeat(100) + "new");
        let xs = "x".repeat(30);
        assert_eq!(told(&old, &new), (1, 101, format!("the page says `…{xs}old`, the registry `…{xs}new`")));
    }
}
