//! Generated parts of README: the rule table, the options, the templates and the example output (one test: one file). `UPDATE=1 cargo test` writes them.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use importlaw::registry::schema::CHECKS;
use importlaw::registry::template::TEMPLATES;
use importlaw::rules::ALL;
use importlaw::violation::Severity;

fn readme() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")
}

/// Holds what stands between the two markers to `wanted`, or with `UPDATE` makes it so.
fn hold(name: &str, wanted: &str) {
    let text = std::fs::read_to_string(readme()).expect("README.md");
    let (open, close) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
    let start = text.find(&open).expect("the opening marker") + open.len();
    let end = start + text[start..].find(&close).expect("the closing marker");
    if std::env::var_os("UPDATE").is_some() {
        let updated = format!("{}{wanted}{}", &text[..start], &text[end..]);
        std::fs::write(readme(), updated).expect("README.md is writable");
        return;
    }
    assert_eq!(&text[start..end], wanted, "README.md's `{name}` is stale: UPDATE=1 cargo test");
}

#[test]
fn the_generated_parts_are_those_of_the_program() {
    let mut table = String::from("| rule | level | finds |\n|---|---|---|\n");
    for rule in ALL {
        let level =
            CHECKS.iter().find(|check| check.name == rule.id).map_or("`severity`, else error", |check| {
                match check.level {
                    Some(Severity::Error) => "error",
                    Some(Severity::Warn) => "warn",
                    None => "off",
                }
            });
        let summary = rule.summary().replace('\n', " ");
        writeln!(table, "| [`{0}`](rules/docs/{0}.md) | {level} | {summary} |", rule.id).expect("a string");
    }
    hold("rules", &table);

    let help = program("check --help", 0);
    hold("options", &format!("```text\n{}\n```\n", help.trim_end()));

    let mut templates = String::new();
    for template in TEMPLATES {
        let command = template.example();
        write!(templates, "{}\n\n    {command}\n\n", template.summary()).expect("a string");
        let arguments = command.strip_prefix("importlaw ").expect("a command of this program");
        let text = program(arguments, 0);
        // One shows what they are like.
        if template.name == "layered" {
            // The heading says it already.
            let tables = &text[text.find("version = ").expect("the registry's version")..];
            write!(templates, "```toml\n{tables}```\n\n").expect("a string");
        }
    }
    hold("templates", &format!("{}\n", templates.trim_end()));

    let shown = "check --rule service-isolation --rule session-manager --limit 3 --as-of 2026-11-22";
    let text = program(&format!("{shown} -C fixtures/platform/before"), 1);
    hold("example", &format!("```text\n{text}```\n"));
}

/// What the program prints; the arguments hold no spaces of their own.
fn program(arguments: &str, code: i32) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_importlaw"))
        .args(arguments.split(' '))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env_clear()
        .output()
        .expect("the binary runs");
    assert_eq!(output.status.code(), Some(code), "{arguments}");
    String::from_utf8(output.stdout).expect("UTF-8")
}
