//! In GitHub Actions: the text and the workflow commands share standard output, and the step gets a summary.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::Path;

use crate::formats::{self, Format, TextOptions};
use crate::hash::stable;
use crate::report::Report;

/// Bytes that GitHub takes of a step's summary.
const LARGEST_SUMMARY: u64 = 1 << 20;

/// Whether the program runs there.
pub fn is_here() -> bool {
    std::env::var_os("GITHUB_ACTIONS").is_some_and(|value| value == "true")
}

/// Writes what is for people, in which the runner is to see no commands, whatever the tree's files and modules are
/// called.
pub fn write_shielded(
    report: &Report,
    format: Format,
    options: &TextOptions,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut text = Vec::new();
    formats::write(report, format, options, &mut text)?;
    let token = token(&text);
    writeln!(out, "::stop-commands::{token}")?;
    out.write_all(&text)?;
    writeln!(out, "::{token}::")
}

/// A word that the text does not hold, the same for the same text.
fn token(text: &[u8]) -> String {
    let mut token = format!("importlaw-{:032x}", stable(text));
    while memchr::memmem::find(text, token.as_bytes()).is_some() {
        token = format!("importlaw-{:032x}", stable(token.as_bytes()));
    }
    token
}

/// Appends the report to the summary of the step, where there is one. A step that has said more than fits keeps what it
/// has.
pub fn append_summary(report: &Report, options: &TextOptions) -> io::Result<()> {
    let Some(file) = std::env::var_os("GITHUB_STEP_SUMMARY").filter(|file| !file.is_empty()) else {
        return Ok(());
    };
    append(report, options, Path::new(&file))
}

fn append(report: &Report, options: &TextOptions, file: &Path) -> io::Result<()> {
    let mut text = Vec::new();
    formats::write(report, Format::Markdown, options, &mut text)?;
    let mut file = OpenOptions::new().append(true).create(true).open(file)?;
    let held = file.metadata()?.len();
    if held > 0 {
        // What was written last may have no line end.
        text.splice(0..0, *b"\n\n");
    }
    if held + text.len() as u64 > LARGEST_SUMMARY {
        return Err(io::Error::other("it would be larger than 1 MiB, which GitHub does not take"));
    }
    file.write_all(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_is_no_part_of_the_text() {
        let first = token(b"a");
        assert_eq!(token(b"a"), first);
        assert_ne!(token(b"b"), first);
        assert_eq!(first.len(), "importlaw-".len() + 32);
    }
}
