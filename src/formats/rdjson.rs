//! rdjson, which reviewdog turns into review comments of any forge
//! (<https://github.com/reviewdog/reviewdog/tree/master/proto/rdf>). Columns count bytes of UTF-8 from 1, ends are exclusive.

use std::io;

use serde::Serialize;

use super::context::machine::{HOMEPAGE, active, edits, repository_path, told};
use super::context::{escape, write_json};
use crate::report::{Finding, Report};
use crate::source::{Point, Region};
use crate::violation::Severity;

/// Writes what is new, in path order.
pub fn write(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    let document = Document {
        source: Source { name: env!("CARGO_PKG_NAME"), url: HOMEPAGE },
        severity: if report.fails() { "ERROR" } else { "WARNING" },
        diagnostics: active(report).map(|finding| diagnostic(report, finding)).collect(),
    };
    write_json(&document, out)
}

#[derive(Serialize)]
struct Document<'a> {
    source: Source,
    severity: &'static str,
    diagnostics: Vec<Diagnostic<'a>>,
}

#[derive(Serialize)]
struct Source {
    name: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'static str>,
}

#[derive(Serialize)]
struct Diagnostic<'a> {
    message: String,
    location: Location,
    severity: &'static str,
    code: Code<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suggestions: Vec<Suggestion<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Related>,
}

#[derive(Serialize)]
struct Code<'a> {
    value: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
}

#[derive(Serialize)]
struct Location {
    path: String,
    range: Range,
}

#[derive(Serialize)]
struct Range {
    start: Position,
    #[serde(skip_serializing_if = "Option::is_none")]
    end: Option<Position>,
}

#[derive(Serialize)]
struct Position {
    line: u32,
    column: u32,
}

#[derive(Serialize)]
struct Suggestion<'a> {
    range: Range,
    text: &'a str,
}

#[derive(Serialize)]
struct Related {
    message: String,
    location: Location,
}

fn diagnostic<'a>(report: &'a Report, finding: &'a Finding) -> Diagnostic<'a> {
    let violation = &finding.violation;
    let link = report.rules.get(&violation.rule).and_then(|rule| rule.docs.as_deref());
    // Several suggestions are taken one by one, and half of a change is none.
    let suggestions = match edits(finding)[..] {
        [(edit, region)] => vec![Suggestion { range: range(*region), text: &edit.text }],
        _ => Vec::new(),
    };
    let related = violation.chain.iter().map(|hop| Related {
        message: escape(&format!("{} imports {}", hop.importer, hop.imported)).into_owned(),
        location: Location {
            path: repository_path(report, &hop.path),
            range: Range { start: Position { line: hop.line, column: 1 }, end: None },
        },
    });
    Diagnostic {
        message: told(finding),
        location: Location { path: repository_path(report, &finding.path), range: range(finding.region) },
        severity: match violation.severity {
            Severity::Error => "ERROR",
            Severity::Warn => "WARNING",
        },
        code: Code { value: &violation.rule, url: link },
        suggestions,
        related_locations: related.collect(),
    }
}

fn range(region: Region) -> Range {
    let position = |point: Point| Position { line: point.line, column: point.byte };
    Range { start: position(region.start), end: Some(position(region.end)) }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::formats::Format;
    use crate::formats::sample::{self, options, written};
    use crate::report::Report;
    use crate::violation::Edit;

    fn rdjson(report: &Report) -> Value {
        serde_json::from_str(&written(report, Format::Rdjson, &options())).unwrap()
    }

    #[test]
    fn a_finding_with_its_chain() {
        let document = rdjson(&sample::report());
        assert_eq!(
            (&document["source"]["name"], &document["severity"]),
            (&json!("importlaw"), &json!("ERROR"))
        );
        assert_eq!(
            document["diagnostics"][0],
            json!({
                "message": "backend.app.auth imports auth_service.api.login, which backend may not reach.\n\
                            Why: a service must start without its neighbours",
                "location": { "path": "backend/app/auth.py", "range": {
                    "start": { "line": 12, "column": 30 }, "end": { "line": 12, "column": 35 } } },
                "severity": "ERROR",
                "code": { "value": "service-isolation", "url": "https://example.org/isolation" },
                "related_locations": [
                    { "message": "backend.main imports backend.app.auth",
                      "location": { "path": "backend/main.py", "range": { "start": { "line": 3, "column": 1 } } } },
                    { "message": "backend.app.auth imports auth_service.api",
                      "location": { "path": "backend/app/auth.py", "range": { "start": { "line": 12, "column": 1 } } } },
                ],
            })
        );
    }

    #[test]
    fn one_edit_is_a_suggestion_and_two_are_none() {
        let mut report = sample::report();
        let edited = |report: &Report| rdjson(report)["diagnostics"][1]["suggestions"].clone();
        assert_eq!(
            edited(&report),
            json!([{ "range": { "start": { "line": 1, "column": 6 }, "end": { "line": 1, "column": 18 } },
                     "text": "shared.settings" }])
        );
        let finding = &mut report.findings[2];
        let more = Edit { path: finding.path.clone(), offset: 40, end_offset: 40, text: "\n".to_owned() };
        finding.violation.suggestion.as_mut().unwrap().edits.push(more);
        assert_eq!(edited(&report), Value::Null, "the second one's place is not known");
        let region = report.findings[2].region;
        report.findings[2].edits.push(region);
        assert_eq!(edited(&report), Value::Null);
    }

    #[test]
    fn columns_count_bytes() {
        let mut report = sample::empty();
        report.findings = vec![sample::finding("x", "canonical", "a.py", 3, "s = \"𝄞é\"; from a import ‹b›")];
        let range = &rdjson(&report)["diagnostics"][0]["location"]["range"];
        // `s = "` is 5 bytes, the note 4, the letter 2, `"; from a import ` 17.
        assert_eq!(
            *range,
            json!({ "start": { "line": 3, "column": 29 }, "end": { "line": 3, "column": 30 } })
        );
    }
}
