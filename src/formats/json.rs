//! JSON for programs: complete, keys in the documented order, additive changes only (`schema` counts breaking ones).

use std::io;

use serde::Serialize;

use super::context::is_hidden;
use crate::report::{Finding, Project, Report, Selected, Summary, UnknownUse, Unparsed};
use crate::violation::{Hop, Severity, Status, Suggestion};

/// Writes the report as one JSON document.
pub fn write(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    let document = Document {
        schema: 1,
        tool: Tool { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") },
        project: &report.project,
        summary: &report.summary,
        selected: report.selected.as_ref(),
        violations: report.findings.iter().map(|finding| entry(finding, &report.project)).collect(),
        unknown: report.unknown.iter().map(unknown).collect(),
        unparsed: &report.unparsed,
    };
    let text = serde_json::to_string_pretty(&document)?;
    write_visible(&text, out)?;
    out.write_all(b"\n")
}

/// JSON must only escape ASCII control characters; whoever looks at it on a terminal needs the others escaped too.
/// All of them stand inside strings, except the line ends of the layout.
fn write_visible(text: &str, out: &mut dyn io::Write) -> io::Result<()> {
    let mut written = 0;
    for (at, c) in text.char_indices().filter(|&(_, c)| c != '\n' && is_hidden(c)) {
        out.write_all(&text.as_bytes()[written..at])?;
        for unit in c.encode_utf16(&mut [0; 2]) {
            write!(out, "\\u{unit:04x}")?;
        }
        written = at + c.len_utf8();
    }
    out.write_all(&text.as_bytes()[written..])
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
struct Entry<'a> {
    rule: &'a str,
    kind: &'static str,
    severity: Severity,
    status: Status,
    language: Option<&'static str>,
    path: &'a str,
    line: u32,
    column: u32,
    end_line: u32,
    end_column: u32,
    offset: u32,
    end_offset: u32,
    scope: &'a str,
    importer: &'a str,
    written: &'a str,
    definition: Option<&'a str>,
    kinds: Vec<&'static str>,
    message: &'a str,
    help: Option<&'a str>,
    reason: Option<&'a str>,
    registry_path: Option<&'a str>,
    registry_line: Option<u32>,
    chain: &'a [Hop],
    #[serde(skip_serializing_if = "Option::is_none")]
    reached_by: Option<u32>,
    suggestion: Option<&'a Suggestion>,
    fingerprint: &'a str,
}

fn entry<'a>(finding: &'a Finding, project: &'a Project) -> Entry<'a> {
    let violation = &finding.violation;
    Entry {
        rule: &violation.rule,
        kind: violation.kind,
        severity: violation.severity,
        status: violation.status,
        language: violation.language.map(crate::source::Language::name),
        path: &finding.path,
        line: finding.line,
        column: finding.column,
        end_line: finding.end_line,
        end_column: finding.end_column,
        offset: finding.offset,
        end_offset: finding.end_offset,
        scope: &violation.scope,
        importer: &violation.importer,
        written: &violation.written,
        definition: violation.definition.as_deref(),
        kinds: violation.import_kind.map(crate::facts::ImportKind::names).unwrap_or_default(),
        message: &violation.message,
        help: violation.help.as_deref(),
        reason: violation.reason.as_deref(),
        registry_path: violation.registry_line.and(project.registry.as_deref()),
        registry_line: violation.registry_line,
        chain: &violation.chain,
        reached_by: violation.reached_by,
        suggestion: violation.suggestion.as_ref(),
        fingerprint: &finding.fingerprint,
    }
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
