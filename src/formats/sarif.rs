//! SARIF 2.1.0, as GitHub code scanning and others take it
//! (<https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>).
//!
//! GitHub refuses a file in which one result has no physical location, and one of more than 25,000 results; of those it
//! keeps 5,000. So the worst come first, the rest is cut and counted in a notification. It heeds no suppressions: only
//! what is new is written. `primaryLocationLineHash` is left to the upload action, whose own survives moves of lines.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io;

use serde_json::{Value, json};

use super::context::machine::{HOMEPAGE, edits, repository_path, told, uri, worst_first};
use super::context::tables::facts;
use super::context::{counted, escape, in_one_line, number, write_json};
use crate::facts::ImportKind;
use crate::report::{Finding, Report, RuleTally, RuleText};
use crate::source::Region;
use crate::violation::Severity;

/// Results that GitHub takes of one file.
const MOST: usize = 25_000;
/// Results that it keeps.
const KEPT: usize = 5_000;
/// Characters of a description.
const DESCRIPTION: usize = 1024;
/// Where the schema lies.
const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// Writes one run.
pub fn write(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    let findings = worst_first(report);
    let indices: BTreeMap<&str, usize> =
        report.summary.by_rule.keys().enumerate().map(|(at, rule)| (rule.as_str(), at)).collect();
    let rules: Vec<Value> = report
        .summary
        .by_rule
        .iter()
        .map(|(id, row)| rule(id, row, report.rules.get(id).unwrap_or(&RuleText::default())))
        .collect();
    let mut driver = json!({
        "name": env!("CARGO_PKG_NAME"),
        "semanticVersion": env!("CARGO_PKG_VERSION"),
        "rules": rules,
    });
    set(&mut driver, "informationUri", HOMEPAGE.map(Value::from));
    let results: Vec<Value> =
        findings.iter().take(MOST).map(|finding| result(report, finding, &indices)).collect();
    let document = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": driver },
            "columnKind": "utf16CodeUnits",
            "automationDetails": { "id": format!("{}/{}", env!("CARGO_PKG_NAME"), report.project.prefix) },
            "invocations": [{
                "executionSuccessful": true,
                "toolExecutionNotifications": notifications(report, findings.len()),
            }],
            "results": results,
        }],
    });
    write_json(&document, out)
}

fn set(object: &mut Value, key: &str, value: Option<Value>) {
    if let (Some(object), Some(value)) = (object.as_object_mut(), value) {
        object.insert(key.to_owned(), value);
    }
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warn => "warning",
    }
}

fn rule(id: &str, row: &RuleTally, text: &RuleText) -> Value {
    let short = text.reason.as_deref().unwrap_or(&text.summary);
    let short = if short.is_empty() { id } else { short };
    let full = [text.reason.as_deref(), Some(text.summary.as_str()), text.help.as_deref()];
    let full: Vec<&str> = full.into_iter().flatten().filter(|part| !part.is_empty()).collect();
    let page = if text.page.is_empty() { id } else { &text.page };
    let mut tags = vec!["imports", row.kind];
    tags.dedup();
    // Strings and equal names are likely to mean what is judged; an import does mean it.
    let precision =
        if matches!(row.kind, "string-reference" | "duplicate-definition") { "medium" } else { "high" };
    let mut rule = json!({
        "id": id,
        "shortDescription": { "text": message(&short_of(short)) },
        "fullDescription": { "text": message(&short_of(&full.join("\n"))) },
        "help": { "text": message(page), "markdown": visible(page) },
        "defaultConfiguration": { "level": level(row.severity) },
        "properties": { "tags": tags, "precision": precision, "problem.severity": level(row.severity) },
    });
    let link =
        text.docs.as_deref().filter(|link| link.starts_with("https://") || link.starts_with("http://"));
    set(&mut rule, "helpUri", link.map(Value::from));
    rule
}

/// At most as many characters as a description may have.
fn short_of(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(DESCRIPTION) {
        None => Cow::Borrowed(text),
        Some(_) => Cow::Owned(text.chars().take(DESCRIPTION - 1).chain(['…']).collect()),
    }
}

/// Hidden characters made visible, lines kept.
fn visible(text: &str) -> String {
    text.lines().map(escape).collect::<Vec<_>>().join("\n")
}

/// The same for a message, in which `[text](where)` would be a link.
fn message(text: &str) -> String {
    let text = visible(text);
    if text.contains("](") {
        text.replace('\\', "\\\\").replace('[', "\\[").replace(']', "\\]")
    } else {
        text
    }
}

fn result(report: &Report, finding: &Finding, indices: &BTreeMap<&str, usize>) -> Value {
    let violation = &finding.violation;
    let mut result = json!({
        "ruleId": violation.rule,
        "level": level(violation.severity),
        "message": { "text": message(&told(finding)) },
        "locations": [{ "physicalLocation": {
            "artifactLocation": artifact(report, &finding.path),
            "region": region(finding.region),
        } }],
        "partialFingerprints": { "importlaw/v1": finding.fingerprint },
        "properties": {
            "kind": violation.kind,
            "scope": violation.scope,
            "importer": violation.importer,
            "target": violation.target(),
            "importKinds": violation.import_kind.map(ImportKind::names).unwrap_or_default(),
        },
    });
    set(&mut result, "ruleIndex", indices.get(violation.rule.as_str()).map(|at| Value::from(*at)));
    set(&mut result, "codeFlows", chain(report, finding));
    set(&mut result, "fixes", fix(report, finding));
    set(&mut result, "relatedLocations", registry_line(report, finding));
    result
}

fn artifact(report: &Report, path: &str) -> Value {
    json!({ "uri": uri(&repository_path(report, path)) })
}

/// A place of no width is its line.
fn region(region: Region) -> Value {
    let Region { start, end } = region;
    if start == end {
        return json!({ "startLine": start.line.max(1) });
    }
    exact(region)
}

fn exact(Region { start, end }: Region) -> Value {
    json!({ "startLine": start.line, "startColumn": start.utf16, "endLine": end.line, "endColumn": end.utf16 })
}

fn chain(report: &Report, finding: &Finding) -> Option<Value> {
    let chain = &finding.violation.chain;
    let steps: Vec<Value> = chain
        .iter()
        .map(|hop| {
            json!({ "location": {
                "physicalLocation": {
                    "artifactLocation": artifact(report, &hop.path),
                    "region": { "startLine": hop.line.max(1) },
                },
                "message": { "text": message(&format!("{} imports {}", hop.importer, hop.imported)) },
            } })
        })
        .collect();
    (!chain.is_empty()).then(|| json!([{ "threadFlows": [{ "locations": steps }] }]))
}

fn fix(report: &Report, finding: &Finding) -> Option<Value> {
    let replacements: Vec<Value> = edits(finding)
        .into_iter()
        .map(|(edit, region)| json!({ "deletedRegion": exact(*region), "insertedContent": { "text": edit.text } }))
        .collect();
    let suggestion = finding.violation.suggestion.as_ref().filter(|_| !replacements.is_empty())?;
    let help = finding.violation.help.as_deref().unwrap_or("change the import");
    let caution = if suggestion.safe { "" } else { " (may change what the program does)" };
    Some(json!([{
        "description": { "text": message(&format!("{help}{caution}")) },
        "artifactChanges": [{
            "artifactLocation": artifact(report, &finding.path),
            "replacements": replacements,
        }],
    }]))
}

/// Where the rule is written; not for what stands in the registry itself.
fn registry_line(report: &Report, finding: &Finding) -> Option<Value> {
    let line = finding.violation.registry_line?;
    let registry = report.project.registry.as_deref().filter(|registry| *registry != finding.path)?;
    let shown = &finding.registry_snippet;
    let line = if shown.text.is_empty() { line } else { shown.first_line };
    Some(json!([{
        "id": 1,
        "physicalLocation": { "artifactLocation": artifact(report, registry), "region": { "startLine": line.max(1) } },
        "message": { "text": message(&format!("the rule {}", finding.violation.rule)) },
    }]))
}

/// The run in one line, what was not judged, what does not fit.
fn notifications(report: &Report, found: usize) -> Vec<Value> {
    let mut all = vec![("summary", "note", in_one_line(report))];
    let covered: Vec<String> =
        facts(report).into_iter().map(|(label, words)| format!("{label}: {words}")).collect();
    all.push(("coverage", "note", covered.join(". ")));
    all.extend(report.notes.iter().map(|note| ("note", "warning", note.clone())));
    let results = counted(found as u64, "finding");
    if found > MOST {
        let (most, cut) = (number(MOST as u64), number((found - MOST) as u64));
        let words = format!("{results}: this file holds the worst {most}, and {cut} are left out");
        all.push(("cut", "warning", words));
    }
    if found > KEPT {
        let kept = number(KEPT as u64);
        let words = format!("{results}: GitHub code scanning keeps {kept} of a run; the worst stand first");
        all.push(("limit", "warning", words));
    }
    let notification = |(id, level, text): (&str, &str, String)| {
        json!({
            "descriptor": { "id": format!("{}/{id}", env!("CARGO_PKG_NAME")) },
            "level": level,
            "message": { "text": message(&text) },
        })
    };
    all.into_iter().map(notification).collect()
}

#[cfg(test)]
mod tests;
