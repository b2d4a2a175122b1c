//! Whether CI runs the check, as far as literal text tells.

use std::path::Path;

use crate::discover::read_regular;
use crate::report::closing::Place;

/// What runs a project's checks, and directories of such files.
const FILES: [&str; 17] = [
    ".gitlab-ci.yml",
    ".pre-commit-config.yaml",
    "Makefile",
    "justfile",
    "Jenkinsfile",
    "azure-pipelines.yml",
    "bitbucket-pipelines.yml",
    ".circleci/config.yml",
    ".travis.yml",
    ".drone.yml",
    "lefthook.yml",
    "tox.ini",
    "noxfile.py",
    "Taskfile.yml",
    "package.json",
    "pyproject.toml",
    "cloudbuild.yaml",
];
const DIRECTORIES: [&str; 6] = [".github/workflows", ".gitlab", ".ci", ".buildkite", ".husky", ".githooks"];

/// No such file is larger.
const LARGEST: u64 = 1 << 20;

/// The lines that run it, by file.
pub(super) fn runs_of_the_check(root: &Path) -> Vec<Place> {
    let mut paths: Vec<String> = FILES.iter().map(|file| (*file).to_owned()).collect();
    for directory in DIRECTORIES {
        let entries = std::fs::read_dir(root.join(directory)).into_iter().flatten().flatten();
        paths.extend(entries.map(|entry| format!("{directory}/{}", entry.file_name().to_string_lossy())));
    }
    paths.sort_unstable();
    let mut found = Vec::new();
    for path in paths {
        let Ok(bytes) = read_regular(&root.join(&path), LARGEST) else { continue };
        let text = String::from_utf8_lossy(&bytes);
        for (at, line) in text.lines().enumerate() {
            let line = line.trim();
            if runs_it(line) {
                found.push(Place {
                    kind: "ci",
                    path: path.clone(),
                    line: at as u32 + 1,
                    scope: String::new(),
                    text: line.to_owned(),
                });
            }
        }
    }
    found
}

/// Whether a line runs the check: `importlaw check`, with whatever stands between (`-C dir`, a closing quote), or the
/// hook of the pre-commit framework. A line that is commented out runs nothing.
fn runs_it(line: &str) -> bool {
    let checks = line.split_once("importlaw").is_some_and(|(_, rest)| {
        !rest.starts_with(char::is_alphanumeric) && rest.split_whitespace().any(|word| word == "check")
    });
    !line.starts_with(['#', '/']) && (checks || line.trim_start_matches("- ") == "id: importlaw")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_runs_the_check_is_known() {
        for (line, runs) in [
            ("run: importlaw check --since origin/main", true),
            ("\"$bin/importlaw\" -C . check", true),
            ("- id: importlaw", true),
            ("# importlaw check", false),
            ("run: importlaw report", false),
            ("importlawcheck", false),
        ] {
            assert_eq!(runs_it(line), runs, "{line}");
        }
    }
}
