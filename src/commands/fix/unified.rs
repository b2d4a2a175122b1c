//! Changes as a patch that `git apply` and `patch -p1` take.

use std::fmt;
use std::io::{self, Write};

use imara_diff::{Algorithm, Diff, InternedInput, Interner, Token, UnifiedDiffConfig, UnifiedDiffPrinter};

use crate::fix::File;
use crate::formats::context::escape;

/// Writes all files' changes; `shown` to a person, with what acts on a terminal written out.
pub(super) fn write(files: &[File], shown: bool, out: &mut dyn Write) -> io::Result<()> {
    for file in files {
        let (before, after) = (String::from_utf8_lossy(&file.before), String::from_utf8_lossy(&file.after));
        let (old, new) = (name("a/", file.path.as_str()), name("b/", file.path.as_str()));
        writeln!(out, "--- {old}\n+++ {new}")?;
        let hunks = hunks(&before, &after);
        if shown {
            for line in hunks.split_inclusive('\n') {
                let line = line.strip_suffix('\n').unwrap_or(line);
                let line = line.strip_suffix('\r').unwrap_or(line);
                let parts: Vec<_> = line.split('\t').map(escape).collect();
                writeln!(out, "{}", parts.join("\t"))?;
            }
        } else {
            out.write_all(hunks.as_bytes())?;
        }
    }
    Ok(())
}

/// A path as git writes it: between quotes, and escaped, where a line or a terminal could not hold it.
fn name(side: &str, path: &str) -> String {
    if !path.contains(['"', '\\']) && matches!(escape(path), std::borrow::Cow::Borrowed(_)) {
        // Without a tab behind it, `patch` takes a name for over at its first blank.
        let end = if path.contains(' ') { "\t" } else { "" };
        return format!("{side}{path}{end}");
    }
    let mut quoted = format!("\"{side}");
    for byte in path.bytes() {
        match byte {
            b'"' | b'\\' => quoted.extend(['\\', char::from(byte)]),
            b' '..=b'~' => quoted.push(char::from(byte)),
            _ => {
                let _ = fmt::Write::write_fmt(&mut quoted, format_args!("\\{byte:03o}"));
            }
        }
    }
    quoted.push('"');
    quoted
}

fn hunks(before: &str, after: &str) -> String {
    let input = InternedInput::new(before, after);
    let mut diff = Diff::compute(Algorithm::Histogram, &input);
    diff.postprocess_lines(&input);
    diff.unified_diff(&Lines(&input.interner), UnifiedDiffConfig::default(), &input).to_string()
}

/// Lines, the last of a text perhaps not ended.
struct Lines<'i>(&'i Interner<&'i str>);

impl Lines<'_> {
    fn line(&self, f: &mut impl fmt::Write, mark: char, token: Token) -> fmt::Result {
        let line = self.0[token];
        write!(f, "{mark}{line}")?;
        if line.ends_with('\n') { Ok(()) } else { f.write_str("\n\\ No newline at end of file\n") }
    }
}

impl UnifiedDiffPrinter for Lines<'_> {
    fn display_header(
        &self,
        mut f: impl fmt::Write,
        start_before: u32,
        start_after: u32,
        len_before: u32,
        len_after: u32,
    ) -> fmt::Result {
        // A side without lines is counted from the line before it.
        let first = |start: u32, len: u32| if len == 0 { start } else { start + 1 };
        let (before, after) = (first(start_before, len_before), first(start_after, len_after));
        writeln!(f, "@@ -{before},{len_before} +{after},{len_after} @@")
    }

    fn display_context_token(&self, mut f: impl fmt::Write, token: Token) -> fmt::Result {
        self.line(&mut f, ' ', token)
    }

    fn display_hunk(&self, mut f: impl fmt::Write, before: &[Token], after: &[Token]) -> fmt::Result {
        before.iter().try_for_each(|token| self.line(&mut f, '-', *token))?;
        after.iter().try_for_each(|token| self.line(&mut f, '+', *token))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_quoted_as_git_quotes_them() {
        assert_eq!(name("a/", "p/ü [x].py"), "a/p/ü [x].py\t");
        assert_eq!(name("a/", "p/x.py"), "a/p/x.py");
        assert_eq!(name("b/", "p/a\nb.py"), r#""b/p/a\012b.py""#);
        assert_eq!(name("b/", "p/\u{202e}\"\\.py"), r#""b/p/\342\200\256\"\\.py""#);
    }

    #[test]
    fn a_last_line_that_is_not_ended_is_marked() {
        let patch =
            "@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+c\n\\ No newline at end of file\n";
        assert_eq!(hunks("a\nb", "a\nc"), patch);
        assert_eq!(hunks("a\n", "b\n"), "@@ -1,1 +1,1 @@\n-a\n+b\n");
    }
}
