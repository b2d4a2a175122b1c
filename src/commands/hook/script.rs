//! The text of a hook, and whose a hook is that is there. Knows no disk.

use crate::hash::stable;

/// What the name of a hook that is kept ends with.
pub(super) const BEFORE: &str = ".before-importlaw";

/// The second line of every hook of ours, with a hash of what follows it.
const MARK: &str = "# importlaw hook ";

/// Stands before the directory of the project that a hook checks.
const PROJECT: &str = "project=";

/// A hook of git.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Before a commit is made.
    PreCommit,
    /// Before anything is pushed.
    PrePush,
}

impl Kind {
    /// The file's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::PreCommit => "pre-commit",
            Self::PrePush => "pre-push",
        }
    }

    /// What it runs.
    pub fn command(self) -> &'static str {
        match self {
            Self::PreCommit => "importlaw check --staged",
            Self::PrePush => "importlaw check --since @{upstream}",
        }
    }
}

/// What goes into a hook.
pub(super) struct Script<'a> {
    pub kind: Kind,
    /// The project's directory, seen from the top of the work tree; empty for the top.
    pub project: &'a str,
    /// What is run where `PATH` knows no importlaw.
    pub binary: Option<String>,
}

impl Script<'_> {
    /// The whole file.
    pub fn text(&self) -> String {
        let body = self.body();
        format!("#!/bin/sh\n{MARK}{:032x}\n{body}", stable(body.as_bytes()))
    }

    fn body(&self) -> String {
        let name = self.kind.name();
        let skip = match self.kind {
            Kind::PreCommit => "git commit --no-verify",
            Kind::PrePush => "git push --no-verify",
        };
        let binary = match &self.binary {
            Some(path) => format!(" || importlaw={}", quoted(path)),
            None => String::new(),
        };
        let project = if self.project.is_empty() { String::new() } else { format!("./{}", self.project) };
        let project = quoted(&project);
        let (before, check) = match self.kind {
            Kind::PreCommit => (PRE_COMMIT_BEFORE, PRE_COMMIT),
            Kind::PrePush => (PRE_PUSH_BEFORE, PRE_PUSH),
        };
        format!(
            "# Written by `importlaw hook install`; `importlaw hook uninstall` takes it away again.
# To do without it once: {skip}
{PROJECT}{project}

before=$(dirname -- \"$0\")/{name}{BEFORE}
{before}
importlaw=$(command -v importlaw){binary}
if [ ! -x \"$importlaw\" ]; then
    echo 'importlaw is not on PATH, so nothing was checked. To do without it once: {skip}' >&2
    exit 1
fi
{RUN}
{check}"
        )
    }
}

/// A commit that is in order is made without a word.
const RUN: &str = r#"run() {
    color=never
    if [ -t 1 ] && [ -z "${NO_COLOR-}" ]; then color=always; fi
    said=$("$importlaw" ${project:+-C "$project"} check --color "$color" "$@" 2>&1) && exit 0
    code=$?
    printf '%s\n' "$said"
    exit "$code"
}
"#;

const PRE_COMMIT_BEFORE: &str = r#"if [ -x "$before" ]; then
    "$before" "$@" || exit $?
fi
"#;

const PRE_COMMIT: &str = "run --staged
";

/// What is pushed comes on standard input: one line a reference, for both hooks.
const PRE_PUSH_BEFORE: &str = r#"refs=$(cat)
if [ -x "$before" ]; then
    { [ -z "$refs" ] || printf '%s\n' "$refs"; } | "$before" "$@" || exit $?
fi

# Where nothing is pushed but deletions of branches, nothing is checked.
pushes=
while read -r _ local_id _ _; do
    case $local_id in *[!0]*) pushes=yes ;; esac
done <<EOF
$refs
EOF
[ -n "$pushes" ] || exit 0
"#;

const PRE_PUSH: &str = r#"
# What the branch adds to its upstream; before there is one, to the remote's default branch; on the very first push all of it.
remote=${1:-origin}
for since in '@{upstream}' "refs/remotes/$remote/HEAD" "refs/remotes/$remote/main" "refs/remotes/$remote/master"; do
    if git rev-parse --verify --quiet "$since^{commit}" >/dev/null; then
        run --since "$since"
    fi
done
run
"#;

/// A text as one word of sh.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// Whose a hook is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Written {
    Ours,
    Changed,
    Foreign,
}

/// Whether a file is a hook of ours, of any version, and as it was written.
pub(super) fn written(text: &str) -> Written {
    let rest = text.strip_prefix("#!/bin/sh\n").and_then(|rest| rest.strip_prefix(MARK));
    let Some((hash, body)) = rest.and_then(|rest| rest.split_once('\n')) else { return Written::Foreign };
    if hash == format!("{:032x}", stable(body.as_bytes())) { Written::Ours } else { Written::Changed }
}

/// The project that a hook of ours checks; empty for the top of the work tree.
pub(super) fn project_of(text: &str) -> String {
    let line = text.lines().find_map(|line| line.strip_prefix(PROJECT)).unwrap_or_default();
    let path = line.replace(r"'\''", "\0").replace('\'', "").replace('\0', "'");
    path.strip_prefix("./").unwrap_or(&path).to_owned()
}

/// The program that wrote a hook and will write it anew, and what to tell it instead.
pub(super) fn manager(text: &str, kind: Kind) -> Option<(&'static str, String)> {
    let (name, command) = (kind.name(), kind.command());
    if text.contains("pre-commit.com") || text.contains("by prek") {
        let help = format!(
            "add to .pre-commit-config.yaml: `- {{repo: local, hooks: [{{id: importlaw, name: importlaw, entry: \"{command}\", language: system, pass_filenames: false, always_run: true, stages: [{name}]}}]}}`"
        );
        return Some(("the pre-commit framework", help));
    }
    if text.to_ascii_lowercase().contains("lefthook") {
        let help =
            format!("add to lefthook.yml: `{name}: {{commands: {{importlaw: {{run: \"{command}\"}}}}}}`");
        return Some(("lefthook", help));
    }
    if text.contains("husky") {
        return Some(("husky", format!("add the line `{command}` to .husky/{name}")));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hook_of_ours_is_known_and_so_is_a_changed_one() {
        let script = Script { kind: Kind::PreCommit, project: "", binary: Some("/a b/it's".to_owned()) };
        let text = script.text();
        assert_eq!(written(&text), Written::Ours);
        assert_eq!(written(&format!("{text}echo more\n")), Written::Changed);
        assert_eq!(written("#!/bin/sh\n# importlaw hook 0\n"), Written::Changed);
        assert_eq!(written("#!/bin/sh\necho importlaw hook\n"), Written::Foreign);
        assert!(text.contains(r"importlaw=$(command -v importlaw) || importlaw='/a b/it'\''s'"), "{text}");
    }

    #[test]
    fn the_project_is_read_back() {
        for project in ["", "backend", "it's/a b"] {
            for kind in [Kind::PreCommit, Kind::PrePush] {
                assert_eq!(project_of(&Script { kind, project, binary: None }.text()), project);
            }
        }
    }
}
