//! CODEOWNERS: whose files are whose, as GitHub and GitLab read it.

use ignore::gitignore::{Gitignore, GitignoreBuilder};

/// Where it may lie, in the order in which it is looked for.
pub const PATHS: [&str; 4] = ["CODEOWNERS", ".github/CODEOWNERS", ".gitlab/CODEOWNERS", "docs/CODEOWNERS"];

/// The lines of a CODEOWNERS file.
#[derive(Debug)]
pub struct Owners {
    lines: Vec<Line>,
}

#[derive(Debug)]
struct Line {
    pattern: Gitignore,
    /// `a/*` speaks of the files in `a`, not of those further below.
    only_here: bool,
    owners: String,
}

impl Owners {
    /// Reads the text; a line that is no pattern speaks of no file.
    pub fn new(text: &str) -> Self {
        let mut section = "";
        let mut lines = Vec::new();
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            // `[Name][2] @owner`: a section of GitLab, whose owners stand for those of its lines.
            if line.starts_with(['[', '^']) {
                section = line.rsplit(']').next().unwrap_or_default().trim();
                continue;
            }
            let line = line.split(" #").next().unwrap_or(line);
            let end = end_of_pattern(line);
            let (pattern, owners) = (&line[..end], line[end..].trim());
            let mut builder = GitignoreBuilder::new("");
            // A pattern of its own has no comments and excludes nothing.
            if pattern.starts_with('!') || builder.add_line(None, pattern).is_err() {
                continue;
            }
            let Ok(compiled) = builder.build() else { continue };
            let owners = if owners.is_empty() { section } else { owners };
            let owners = owners.split_whitespace().collect::<Vec<_>>().join(" ");
            let only_here = pattern.ends_with("/*");
            lines.push(Line { pattern: compiled, only_here, owners });
        }
        Self { lines }
    }

    /// The owners of a file, as written; None where it has none. The last line that speaks of it counts.
    pub fn of(&self, path: &str) -> Option<&str> {
        let matches = |line: &&Line| {
            if line.only_here {
                line.pattern.matched(path, false).is_ignore()
            } else {
                line.pattern.matched_path_or_any_parents(path, false).is_ignore()
            }
        };
        self.lines
            .iter()
            .rev()
            .find(matches)
            .map(|line| line.owners.as_str())
            .filter(|owners| !owners.is_empty())
    }
}

/// Where the pattern ends: at the first white space that no `\\` stands before.
fn end_of_pattern(line: &str) -> usize {
    let mut escaped = false;
    for (at, c) in line.char_indices() {
        match c {
            '\\' if !escaped => escaped = true,
            _ if c.is_whitespace() && !escaped => return at,
            _ => escaped = false,
        }
    }
    line.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_that_speaks_of_a_file_counts() {
        let owners = Owners::new(
            "# a comment\n* @all\n*.py @py @python  # trailing\n/app/ @app\ndocs/* @docs\n/app/free/\nwith\\ space.py @space\n",
        );
        for (path, owner) in [
            ("x.txt", Some("@all")),
            ("x.py", Some("@py @python")),
            ("lib/x.py", Some("@py @python")),
            ("app/deep/x.py", Some("@app")),
            ("lib/app/x.txt", Some("@all")),
            ("app/free/x.py", None),
            ("docs/x.py", Some("@docs")),
            ("docs/deep/x.py", Some("@py @python")),
            ("with space.py", Some("@space")),
        ] {
            assert_eq!(owners.of(path), owner, "{path}");
        }
    }

    #[test]
    fn sections_own_what_their_lines_do_not_say() {
        let owners = Owners::new("[Backend][2] @back\napp/\nlib/ @lib\n^[Optional]\ndocs/\n");
        assert_eq!(owners.of("app/x.py"), Some("@back"));
        assert_eq!(owners.of("lib/x.py"), Some("@lib"));
        assert_eq!(owners.of("docs/x.py"), None);
    }
}
