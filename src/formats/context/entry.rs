//! A finding as the JSON formats show it.

use serde::Serialize;

use crate::report::Finding;
use crate::violation::{Hop, InlineWaiver, Severity, Status, Suggestion};

/// A finding as JSON shows it, keys in the documented order.
#[derive(Serialize)]
pub struct Entry<'a> {
    rule: &'a str,
    kind: &'static str,
    severity: Severity,
    status: Status,
    #[serde(skip_serializing_if = "str::is_empty")]
    waived_by: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    waiver: Option<&'a InlineWaiver>,
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
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    stops: &'a [String],
    suggestion: Option<&'a Suggestion>,
    fingerprint: &'a str,
}

/// The entry of a finding; `registry` is the registry's path.
pub fn entry<'a>(finding: &'a Finding, registry: Option<&'a str>) -> Entry<'a> {
    let violation = &finding.violation;
    Entry {
        rule: &violation.rule,
        kind: violation.kind,
        severity: violation.severity,
        status: violation.status,
        waived_by: &violation.waived_by,
        waiver: violation.waiver.as_ref(),
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
        registry_path: violation.registry_line.and(registry),
        registry_line: violation.registry_line,
        chain: &violation.chain,
        reached_by: violation.reached_by,
        stops: &violation.stops,
        suggestion: violation.suggestion.as_ref(),
        fingerprint: &finding.fingerprint,
    }
}
