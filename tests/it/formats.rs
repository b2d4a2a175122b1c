//! `check --format`: several at once, to files, and what GitHub Actions gets.

use std::fs;

use serde_json::Value;

use super::cli::{Run, Tree};

const REGISTRY: &str = "\
version = 1
[[forbidden]]
id = \"apart\"
from = [\"app\"]
to = [\"db\"]
reason = \"50% of it: gone\"
[checks]
unmatched-entry = \"off\"
";

/// One import of two is forbidden.
fn project() -> Tree {
    Tree::new(&[
        ("importlaw.toml", REGISTRY),
        ("app/__init__.py", ""),
        ("app/a.py", "s = \"é\"; from db import x\nimport app\n"),
        ("db.py", "x = 1\n"),
    ])
}

fn in_actions(tree: &Tree, arguments: &[&str]) -> Run {
    let mut command = tree.importlaw();
    command.env("GITHUB_ACTIONS", "true").env("GITHUB_STEP_SUMMARY", tree.path("../summary.md"));
    tree.end(command.args(arguments))
}

fn summary(tree: &Tree) -> String {
    fs::read_to_string(tree.path("../summary.md")).unwrap_or_default()
}

const ANNOTATION: &str = "::error file=app/a.py,line=1,endLine=1,col=25,endColumn=26,title=importlaw apart\
    ::`app.a` imports `db.x`, which `apart` forbids.%0AFix: take the import out of `app.a`, or move what it needs \
    from `db.x` to a module both may import%0AWhy: 50%25 of it: gone";
const NOTICE: &str = "::notice title=importlaw::1 error in 1 file. 50.0 %25 of 2 governed imports comply. \
    Rules holding: ";

#[test]
fn in_github_actions_text_is_followed_by_commands_and_the_step_gets_a_summary() {
    let tree = project();
    let plain = tree.run(&["check"]);
    let run = in_actions(&tree, &["check"]);
    assert_eq!((run.code, run.err.as_str()), (Some(1), ""));
    let (stop, rest) = run.out.split_once('\n').unwrap();
    let token = stop.strip_prefix("::stop-commands::").unwrap();
    let (text, commands) = rest.split_once(&format!("::{token}::\n")).unwrap();
    assert_eq!(text, plain.out, "what is for people is as it is elsewhere");
    assert!(!text.contains(token));
    let commands: Vec<&str> = commands.lines().collect();
    assert_eq!(commands.len(), 2);
    assert_eq!(commands[0], ANNOTATION);
    assert!(commands[1].starts_with(NOTICE), "{}", commands[1]);
    assert!(
        summary(&tree).starts_with("### importlaw: 50.0 % of 2 governed imports comply\n"),
        "{}",
        summary(&tree)
    );
    in_actions(&tree, &["check"]);
    assert_eq!(summary(&tree).matches("### importlaw: ").count(), 2, "what is there is kept");
}

#[test]
fn an_explicit_format_wins_in_github_actions() {
    let tree = project();
    assert_eq!(in_actions(&tree, &["check", "--format", "text"]), tree.run(&["check"]));
    assert_eq!(in_actions(&tree, &["check", "--format", "json=o.json"]).out, "");
    assert_eq!(summary(&tree), "");
    let run = in_actions(&tree, &["check", "--format", "github"]);
    assert!(run.out.starts_with(ANNOTATION), "{}", run.out);
    assert!(summary(&tree).contains("`apart`"));
}

#[test]
fn an_output_takes_the_text_and_leaves_the_commands() {
    let tree = project();
    let run = in_actions(&tree, &["check", "--output", "report.txt"]);
    assert!(run.out.starts_with("::error file=app/a.py,"), "{}", run.out);
    assert_eq!(fs::read_to_string(tree.path("report.txt")).unwrap(), tree.run(&["check"]).out);
}

#[test]
fn a_full_summary_is_said_and_changes_nothing_else() {
    let tree = project();
    fs::write(tree.path("../summary.md"), "x".repeat((1 << 20) - 50)).unwrap();
    let run = in_actions(&tree, &["check"]);
    assert_eq!(
        (run.code, run.err.as_str()),
        (
            Some(1),
            "the summary of the step cannot be written: it would be larger than 1 MiB, which GitHub does not take\n"
        )
    );
    assert_eq!(summary(&tree).len(), (1 << 20) - 50);
}

#[test]
fn compliance_under_the_minimum_is_an_annotation() {
    let tree = project();
    let run = in_actions(&tree, &["check", "--min-compliance", "90"]);
    assert_eq!(
        run.out.lines().last(),
        Some(
            "::error title=importlaw::Compliance is 50.0 %25, under the 90 %25 that --min-compliance asks for."
        )
    );
    assert_eq!(run.err, "");
}

#[test]
fn no_name_in_the_tree_is_a_command() {
    let tree = project();
    tree.write("app/x\n::error::pwned.py", b"from db import x\n");
    let run = in_actions(&tree, &["check"]);
    let (shielded, commands) = run.out.rsplit_once("\n::importlaw-").unwrap();
    assert!(shielded.starts_with("::stop-commands::importlaw-"));
    assert!(
        commands
            .lines()
            .skip(1)
            .all(|line| line.starts_with("::error file=app/") || line.starts_with("::notice "))
    );
    assert!(commands.contains("file=app/x%0A%3A%3Aerror%3A%3Apwned.py,"), "{commands}");
}

#[test]
fn every_format_at_once_to_files() {
    let tree = project();
    let formats =
        ["text", "concise", "json", "sarif", "github", "gitlab", "rdjson", "junit", "markdown", "badge"];
    let given: Vec<String> =
        formats.iter().flat_map(|f| ["--format".to_owned(), format!("{f}=out.{f}")]).collect();
    let mut arguments = vec!["check"];
    arguments.extend(given.iter().map(String::as_str));
    tree.run(&arguments).ends(1, "");
    let read = |format: &str| fs::read_to_string(tree.path(&format!("out.{format}"))).unwrap();
    for format in formats {
        assert!(!read(format).is_empty(), "{format}");
    }
    for format in ["json", "sarif", "gitlab", "rdjson", "badge"] {
        assert!(serde_json::from_str::<Value>(&read(format)).is_ok(), "{format}");
    }
    let sarif: Value = serde_json::from_str(&read("sarif")).unwrap();
    let place = &sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "app/a.py");
    assert_eq!(
        (place["region"]["startColumn"].as_u64(), place["region"]["endColumn"].as_u64()),
        (Some(25), Some(26))
    );
    let rdjson: Value = serde_json::from_str(&read("rdjson")).unwrap();
    assert_eq!(rdjson["diagnostics"][0]["location"]["range"]["start"]["column"], 26, "é is two bytes");
    let rules = sarif["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap();
    let apart = rules.iter().find(|rule| rule["id"] == "apart").unwrap();
    let page = apart["help"]["markdown"].as_str().unwrap();
    assert!(page.starts_with("# forbidden\n\n"), "{page}");
    assert!(page.contains("importlaw: allow apart -- reason") && !page.contains("<id>"), "{page}");
    assert_eq!(page.matches("\n## Example").count(), 1);
    let junit = read("junit");
    assert!(
        junit.contains("<testcase name=\"app\" classname=\"apart\" time=\"0\">\n      <failure "),
        "{junit}"
    );
}

#[test]
fn paths_are_those_of_the_repository() {
    let tree = Tree::new(&[
        ("services/importlaw.toml", REGISTRY),
        ("services/app/__init__.py", ""),
        ("services/app/a.py", "from db import x\n"),
        ("services/db.py", "x = 1\n"),
    ]);
    tree.shell("git", &["init", "--quiet"]);
    let path = |format: &str, at: &str| {
        let run = tree.run_in("services", &["check", "--format", format]);
        let document: Value = serde_json::from_str(&run.out).unwrap();
        document.pointer(at).and_then(Value::as_str).unwrap().to_owned()
    };
    assert_eq!(path("gitlab", "/0/location/path"), "services/app/a.py");
    assert_eq!(path("rdjson", "/diagnostics/0/location/path"), "services/app/a.py");
    let uri = "/runs/0/results/0/locations/0/physicalLocation/artifactLocation/uri";
    assert_eq!(path("sarif", uri), "services/app/a.py");
    assert_eq!(path("sarif", "/runs/0/automationDetails/id"), "importlaw/services/");
    assert_eq!(path("json", "/violations/0/path"), "app/a.py", "JSON counts from the project's root");
}

#[test]
fn of_a_change_the_findings_on_its_lines_come_first() {
    let tree = project();
    tree.write("app/b.py", b"import app\n");
    tree.shell("git", &["init", "--quiet"]);
    tree.shell("git", &["add", "."]);
    let author = ["-c", "user.name=n", "-c", "user.email=e"];
    tree.shell("git", &[&author[..], &["commit", "--quiet", "-m", "one"]].concat());
    tree.write("app/b.py", b"import app\nfrom db import x\n");
    let run = tree.run(&["check", "--since", "HEAD", "--format", "github"]);
    let lines: Vec<&str> = run.out.lines().collect();
    assert_eq!(lines.len(), 2, "{}", run.out);
    assert!(lines[0].starts_with("::error file=app/b.py,line=2,endLine=2,col=16,"), "{}", lines[0]);
    assert!(
        lines[1]
            .starts_with("::notice title=importlaw::1 error in 1 file, selected by --since HEAD, without ")
    );
}
