//! `.dockerignore`: which files of the context no image gets, as BuildKit matches them.
//!
//! Unlike `.gitignore`, a pattern is anchored at the context's root, a wildcard as the last component covers directories
//! too, and `!` takes a file back although its directory is ignored. The last line that matches decides, with one
//! exception of BuildKit's own: it asks `!` lines only of what is ignored so far. `!backend` therefore takes nothing back
//! of what `**/logs` ignores below `backend`, since `backend` itself was never ignored.

use std::collections::BTreeSet;

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

use crate::registry::Item;
use crate::registry::pattern::PathGlobs;
use crate::source::Span;

/// How many globs one line may become; a line that would be more matches nothing.
const FORMS: usize = 16;

/// More lines than any real file has; those beyond are not read.
const LINES: usize = 2000;

/// What one `.dockerignore` takes away.
#[derive(Debug, Default)]
pub(super) struct Ignore {
    /// The directory that its patterns are relative to, with a `/` behind; "" the project root.
    context: String,
    globs: GlobSet,
    /// For each glob the line that it is a form of.
    owners: Vec<usize>,
    /// For each line whether it takes back.
    negated: Vec<bool>,
    /// The lines that take away as globs of paths below the project root, in order, each once.
    pub(super) taking: Vec<String>,
}

/// A directory on the way to a path, and which lines match it or a directory above it.
type Above<'p> = (&'p str, Vec<bool>);

impl Ignore {
    /// Reads the file; `context` is the directory that its patterns are relative to.
    pub(super) fn parse(text: &str, context: &str) -> Self {
        let mut ignore = Self { context: directory(context), ..Self::default() };
        let mut builder = GlobSetBuilder::new();
        let mut seen = BTreeSet::new();
        let lines = text.trim_start_matches('\u{feff}').lines().filter(|line| !line.starts_with('#'));
        for line in lines.take(LINES) {
            let line = line.trim();
            let (negated, pattern) = match line.strip_prefix('!') {
                Some(pattern) => (true, pattern.trim()),
                None => (false, line),
            };
            let Some(pattern) = cleaned(pattern) else { continue };
            for form in forms(&pattern) {
                // In a .dockerignore braces are themselves.
                let literal = form.replace('{', "\\{").replace('}', "\\}");
                let glob = GlobBuilder::new(&literal).literal_separator(true).backslash_escape(true).build();
                let Ok(glob) = glob else { continue };
                builder.add(glob);
                ignore.owners.push(ignore.negated.len());
                let paths = covering(&ignore.context, &form).into_iter().filter(|_| !negated);
                ignore.taking.extend(paths.filter(|path| seen.insert(path.clone())));
            }
            ignore.negated.push(negated);
        }
        match builder.build() {
            Ok(globs) => Self { globs, ..ignore },
            Err(_) => Self::default(),
        }
    }

    /// Which of the paths below the project root are taken away; linear if those of one directory stand together.
    pub(super) fn taken(&self, paths: &[&str]) -> Vec<bool> {
        let mut above: Vec<Above> = Vec::new();
        let taken = paths.iter().map(|path| {
            let Some(path) = path.strip_prefix(&self.context) else { return false };
            let is_above = |dir: &str| path.strip_prefix(dir).is_some_and(|rest| rest.starts_with('/'));
            while above.last().is_some_and(|(dir, _)| !is_above(dir)) {
                above.pop();
            }
            let known = above.last().map_or(0, |(dir, _)| dir.len() + 1);
            let ends = path[known..].match_indices('/').map(|(at, _)| known + at);
            for end in ends {
                let (_, matched) = self.judge(&path[..end], above.last());
                above.push((&path[..end], matched));
            }
            self.judge(path, above.last()).0
        });
        taken.collect()
    }

    /// Whether one path is taken away, and which lines match it or what lies above it.
    fn judge(&self, path: &str, above: Option<&Above>) -> (bool, Vec<bool>) {
        let mut own = vec![false; self.negated.len()];
        self.globs.matches(path).into_iter().for_each(|glob| own[self.owners[glob]] = true);
        let mut taken = false;
        for (line, negated) in self.negated.iter().enumerate() {
            let inherited = above.is_some_and(|(_, matched)| matched[line]);
            own[line] = inherited || own[line] && *negated == taken;
            if own[line] {
                taken = !negated;
            }
        }
        (taken, own)
    }
}

/// One path glob of the registry.
pub(super) fn glob(text: &str) -> Option<PathGlobs> {
    PathGlobs::new(&[Item { text: text.to_owned(), span: Span::default(), line: 0 }]).ok()
}

/// A directory as a prefix of paths.
pub(super) fn directory(dir: &str) -> String {
    if dir.is_empty() { String::new() } else { format!("{dir}/") }
}

/// A form as path globs of the registry; a literal last component covers what lies below it by itself.
fn covering(context: &str, form: &str) -> Vec<String> {
    let anchored = |form: &str| {
        let anchor = if context.is_empty() && !form.contains('/') { "/" } else { "" };
        format!("{anchor}{context}{form}")
    };
    let last = form.rsplit('/').next().unwrap_or(form);
    if last != "**" && last.contains(['*', '?', '[']) {
        vec![anchored(form), anchored(&format!("{form}/**"))]
    } else {
        vec![anchored(form)]
    }
}

/// The pattern without what says nothing: `./a//b/` is `a/b`; None where nothing is left or it leads out.
fn cleaned(pattern: &str) -> Option<String> {
    let mut parts: Vec<&str> = Vec::new();
    for part in pattern.split('/') {
        match part {
            "" | "." => {}
            ".." => _ = parts.pop()?,
            part => parts.push(part),
        }
    }
    (!parts.is_empty()).then(|| parts.join("/"))
}

/// A cleaned pattern as globs in which `**` is a whole component.
fn forms(pattern: &str) -> Vec<String> {
    let mut forms = vec![String::new()];
    for (at, part) in pattern.split('/').enumerate() {
        let separator = if at == 0 { "" } else { "/" };
        let choices = component(part);
        let longer = forms
            .iter()
            .flat_map(|form| choices.iter().map(move |choice| format!("{form}{separator}{choice}")));
        forms = longer.take(FORMS + 1).collect();
    }
    if forms.len() > FORMS { Vec::new() } else { forms }
}

/// What one component may be: Docker's `**b` is whatever ends with b, `a**` what begins with a, and `a**b` is `ab` or
/// `a…/b`.
fn component(part: &str) -> Vec<String> {
    let mut pieces = part.split("**");
    let mut choices = vec![pieces.next().unwrap_or_default().to_owned()];
    for piece in pieces {
        let longer = choices.iter().flat_map(|choice| match (choice.as_str(), piece) {
            ("", "") => vec!["**".to_owned()],
            ("" | "**", piece) => vec![format!("**/*{piece}")],
            (choice, "") => vec![format!("{choice}*")],
            (choice, piece) => vec![format!("{choice}{piece}"), format!("{choice}*/**/{piece}")],
        });
        choices = longer.take(FORMS + 1).collect();
    }
    choices
}

#[cfg(test)]
mod tests {
    use super::*;

    fn takes(text: &str, context: &str, path: &str) -> bool {
        Ignore::parse(text, context).taken(&[path]) == [true]
    }

    #[test]
    fn patterns_are_anchored_and_the_last_match_decides() {
        let text = "# a comment\n\nmonitoring/\n*.md\n**/tests\n**/cloud*\n!**/cloud_detector.py\nold\n!old/kept\n\
                    old/kept/secret?.py\n{a}\n";
        let expected = [
            ("README.md", true),
            ("a.py", false),
            ("a/x.py", false),
            ("docs/README.md", false),
            ("monitoring/a.py", true),
            ("old/a.py", true),
            ("old/kept/a.py", false),
            ("old/kept/secret1.py", true),
            ("old/kept/secret12.py", false),
            ("tests/a.py", true),
            ("x/cloud.py", true),
            ("x/cloudy/a.py", true),
            ("x/cloudy/cloud_detector.py", false),
            ("x/monitoring/a.py", false),
            ("x/y/tests/z/a.py", true),
            ("{a}/x.py", true),
        ];
        let ignore = Ignore::parse(text, "");
        let paths = expected.map(|(path, _)| path);
        let taken = ignore.taken(&paths);
        assert_eq!(paths.into_iter().zip(taken).collect::<Vec<_>>(), expected);
        for (path, taken) in expected {
            assert_eq!(takes(text, "", path), taken, "{path} alone");
        }
        let taking = [
            "/monitoring",
            "/*.md",
            "*.md/**",
            "**/tests",
            "**/cloud*",
            "**/cloud*/**",
            "/old",
            "old/kept/secret?.py",
            "old/kept/secret?.py/**",
            "/{a}",
        ];
        assert_eq!(ignore.taking, taking);
    }

    /// The file that took a platform's monitoring away from its image, and what was believed to bring it back.
    #[test]
    fn a_directory_that_is_not_ignored_is_not_taken_back() {
        let text = "**/monitoring\n**/logs\n!backend\n!backend/app/monitoring\n";
        assert!(takes(text, "", "monitoring/a.py"));
        assert!(
            takes(text, "", "backend/logs/a.py"),
            "`!backend` takes back what is ignored as `backend` alone"
        );
        assert!(takes(text, "", "backend/monitoring/a.py"));
        assert!(!takes(text, "", "backend/app/monitoring/a.py"));
        assert!(!takes(text, "", "backend/app/monitoring/x/a.py"));
        assert!(
            !takes(text, "", "backend/app/monitoring/logs/a.py"),
            "`**/logs` is not asked: it is ignored so far"
        );
        assert!(!takes("*\n!backend\n", "", "backend/logs/a.py"));
        assert!(
            !takes("*\n**/logs\n!backend\n", "", "backend/logs/a.py"),
            "here `backend` itself was ignored"
        );
    }

    #[test]
    fn everything_but() {
        let text = "*\n!app\n!/main.py\n";
        assert!(takes(text, "", "a/b.py") && takes(text, "", "c.py"));
        assert!(!takes(text, "", "app/x/y.py") && !takes(text, "", "main.py"));
    }

    #[test]
    fn a_context_of_its_own() {
        let (text, context) = ("tests\n**/*.log\n", "services/a");
        assert!(takes(text, context, "services/a/tests/x.py") && takes(text, context, "services/a/x/y.log"));
        assert!(!takes(text, context, "tests/x.py") && !takes(text, context, "services/a/x/tests/y.py"));
    }

    #[test]
    fn stars_inside_a_component() {
        for (pattern, path, taken) in [
            ("**.pyc", "a/b/c.pyc", true),
            ("**.pyc", "c.pyc", true),
            ("a**", "abc/d.py", true),
            ("a**", "b/a.py", false),
            ("a**b.py", "ab.py", true),
            ("a**b.py", "ax/y/b.py", true),
            ("a**b.py", "axb.py", false),
            ("**", "a/b.py", true),
            ("a/**", "a/b/c.py", true),
            ("./a/", "a/b.py", true),
            ("x/../a", "a/b.py", true),
            ("../a", "a/b.py", false),
            (".", "a/b.py", false),
            ("[", "a/b.py", false),
            ("a**b**c**d**e**f**g", "abcdefg", false),
        ] {
            assert_eq!(takes(pattern, "", path), taken, "{pattern} {path}");
        }
    }
}
