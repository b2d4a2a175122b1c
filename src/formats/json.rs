//! JSON for programs: complete, keys in the documented order, additive changes only (`schema` counts breaking ones).

use std::io;

use serde::Serialize;

use super::context::entry::{Entry, entry};
use super::context::write_json;
use crate::report::{Project, Report, Selected, Summary, UnknownUse, Unparsed};

/// Writes the report as one JSON document.
pub fn write(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    let document = Document {
        schema: 1,
        tool: Tool { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") },
        project: &report.project,
        summary: &report.summary,
        selected: report.selected.as_ref(),
        violations: report
            .findings
            .iter()
            .map(|finding| entry(finding, report.project.registry.as_deref()))
            .collect(),
        unknown: report.unknown.iter().map(unknown).collect(),
        unparsed: &report.unparsed,
    };
    write_json(&document, out)
}

#[derive(Serialize)]
struct Document<'a> {
    schema: u32,
    tool: Tool,
    project: &'a Project,
    summary: &'a Summary,
    #[serde(skip_serializing_if = "Option::is_none")]
    selected: Option<&'a Selected>,
    violations: Vec<Entry<'a>>,
    unknown: Vec<Unknown<'a>>,
    unparsed: &'a [Unparsed],
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct Unknown<'a> {
    rule: &'a str,
    path: &'a str,
    line: u32,
    target: &'a str,
    why: &'a str,
}

fn unknown(used: &UnknownUse) -> Unknown<'_> {
    Unknown { rule: &used.rule, path: &used.path, line: used.line, target: &used.target, why: &used.why }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::formats::sample::{self, finding, options, tally, written};
    use crate::formats::{Format, TextOptions};
    use crate::report::{Report, RuleTally, Selected};
    use crate::violation::Severity;

    fn json(report: &Report) -> String {
        written(report, Format::Json, &options())
    }

    #[test]
    fn a_whole_document() {
        let mut report = sample::report();
        report.findings.truncate(1);
        let summary = &mut report.summary;
        summary.by_scope.clear();
        summary.by_package.clear();
        summary.by_rule.retain(|rule, _| rule == "service-isolation");
        assert_snapshot!(json(&report), @r#"
        {
          "schema": 1,
          "tool": {
            "name": "importlaw",
            "version": "0.1.0"
          },
          "project": {
            "root": ".",
            "registry": "importlaw.toml",
            "registry_hash": "5f1d",
            "baseline": "importlaw.baseline",
            "as_of": "2026-11-22"
          },
          "summary": {
            "files": 1234,
            "unparsed_files": 1,
            "excluded_files": 20,
            "excluded_imports": 340,
            "not_read": {
              "rust": 1,
              "typescript": 17
            },
            "modules": 1200,
            "imports": 5000,
            "edges": 2500,
            "rules": {
              "total": 4,
              "holding": 2
            },
            "governed": 2000,
            "compliant": 1990,
            "violation": 6,
            "waived": 2,
            "unknown": 2,
            "compliance": 99.5,
            "file_compliance": 98.7,
            "coverage": 45.0,
            "by_scope": {},
            "by_language": {},
            "by_rule": {
              "service-isolation": {
                "governed": 1000,
                "compliant": 998,
                "violation": 1,
                "waived": 1,
                "unknown": 0,
                "compliance": 99.8,
                "kind": "forbidden",
                "severity": "error",
                "findings": 1,
                "known": 0
              }
            },
            "by_package": {},
            "baseline": {
              "entries": 1,
              "known": 1,
              "moved": 0,
              "stale": 0,
              "expired": 0
            }
          },
          "violations": [
            {
              "rule": "service-isolation",
              "kind": "forbidden",
              "severity": "error",
              "status": "new",
              "language": "python",
              "path": "backend/app/auth.py",
              "line": 12,
              "column": 30,
              "end_line": 12,
              "end_column": 35,
              "offset": 29,
              "end_offset": 34,
              "scope": "production",
              "importer": "backend.app.auth",
              "written": "login",
              "definition": "auth_service.api.impl.login",
              "kinds": [
                "eager"
              ],
              "message": "backend.app.auth imports auth_service.api.login, which backend may not reach",
              "help": null,
              "reason": "a service must start without its neighbours",
              "registry_path": "importlaw.toml",
              "registry_line": 31,
              "chain": [
                {
                  "importer": "backend.main",
                  "imported": "backend.app.auth",
                  "path": "backend/main.py",
                  "line": 3
                },
                {
                  "importer": "backend.app.auth",
                  "imported": "auth_service.api",
                  "path": "backend/app/auth.py",
                  "line": 12
                }
              ],
              "reached_by": 12,
              "suggestion": null,
              "fingerprint": "0a1b2c"
            }
          ],
          "unknown": [
            {
              "rule": "unresolved-import",
              "path": "backend/plugins.py",
              "line": 14,
              "target": "?",
              "why": "the module's name is computed"
            }
          ],
          "unparsed": [
            {
              "path": "backend/broken.py",
              "line": 5,
              "message": "unexpected indentation"
            }
          ]
        }
        "#);
    }

    #[test]
    fn what_is_absent_is_null_and_what_is_optional_is_left_out() {
        let mut report = sample::empty();
        report.project.registry = None;
        report.project.registry_hash = None;
        let mut bare = finding("unmatched-entry", "unmatched-entry", "importlaw.toml", 3, "‹x›");
        bare.violation.language = None;
        bare.violation.import_kind = None;
        report.findings = vec![bare];
        let document: serde_json::Value = serde_json::from_str(&json(&report)).unwrap();
        assert_eq!(document.get("selected"), None);
        assert_eq!(document["summary"].get("elapsed_ms"), None);
        for key in ["compliance", "file_compliance", "coverage"] {
            assert_eq!(document["summary"].get(key), Some(&serde_json::Value::Null), "{key}");
        }
        let entry = &document["violations"][0];
        assert_eq!(entry.get("reached_by"), None);
        assert_eq!(entry["kinds"], serde_json::json!([]));
        assert_eq!(entry["chain"], serde_json::json!([]));
        for key in
            ["language", "definition", "help", "reason", "registry_path", "registry_line", "suggestion"]
        {
            assert_eq!(entry.get(key), Some(&serde_json::Value::Null), "{key}");
        }
    }

    #[test]
    fn a_suggestion_lists_its_edits() {
        let text = json(&sample::report());
        let expected = r#"      "suggestion": {
        "safe": true,
        "edits": [
          {
            "path": "backend/routes/a.py",
            "offset": 5,
            "end_offset": 17,
            "text": "shared.settings"
          }
        ]
      },
      "fingerprint": "0a1b2c""#;
        assert!(text.contains(expected), "{text}");
    }

    #[test]
    fn timings_and_selections_have_their_place() {
        let mut report = sample::empty();
        report.summary.elapsed_ms = Some(12);
        report.selected = Some(Selected {
            by: vec!["--rule x".to_owned()],
            new: 1,
            waived: 2,
            known: 3,
            errors: 1,
            not_judged: &[],
        });
        let text = json(&report);
        assert!(text.contains(
            "\"by_package\": {},\n    \"elapsed_ms\": 12\n  },\n  \"selected\": {\n    \"new\": 1,\n    \
             \"waived\": 2,\n    \"known\": 3,\n    \"errors\": 1\n  },\n  \"violations\": [],"
        ));
    }

    #[test]
    fn percentages_have_one_decimal() {
        let mut report = sample::empty();
        let row =
            |tally| RuleTally { tally, kind: "forbidden", severity: Severity::Error, findings: 0, known: 0 };
        for permille in 0..=1000 {
            report.summary.by_rule.insert(format!("{permille}"), row(tally(permille, 1000 - permille, 0, 0)));
        }
        let text = json(&report);
        for permille in [0, 1, 987, 999, 1000] {
            assert!(
                text.contains(&format!("\"compliance\": {}.{},", permille / 10, permille % 10)),
                "{permille}"
            );
        }
        let shown = text.lines().filter_map(|line| line.trim().strip_prefix("\"compliance\": "));
        for value in shown.filter(|value| !value.starts_with("null")) {
            assert_eq!(
                value.trim_end_matches(',').split_once('.').map(|(_, tail)| tail.len()),
                Some(1),
                "{value}"
            );
        }
    }

    #[test]
    fn hidden_characters_are_escaped_and_come_back() {
        let evil = "\u{1b}[31m\n\u{202e}\u{9b}\u{e0041} \"\\";
        let mut report = sample::empty();
        report.findings = vec![finding("r", "forbidden", "a.py", 1, "import ‹m›")];
        report.findings[0].path = evil.to_owned();
        let text = json(&report);
        assert!(text.contains(r#""path": "\u001b[31m\n\u202e\u009b\udb40\udc41 \"\\","#), "{text}");
        let document: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(document["violations"][0]["path"], evil);
    }

    #[test]
    fn nothing_but_the_report_decides() {
        let others = TextOptions {
            limit: Some(0),
            color: true,
            width: 10,
            quiet: true,
            verbose: true,
            statistics: true,
            links: Some("file:///".to_owned()),
        };
        let report = sample::report();
        assert_eq!(written(&report, Format::Json, &others), json(&report));
        assert_eq!(json(&report).matches("\"fingerprint\"").count(), report.findings.len());
    }
}
