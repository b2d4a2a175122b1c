//! Findings as entries of a baseline.

use crate::baseline::Entry;
use crate::facts::Date;
use crate::report::Finding;
use crate::source::Span;

/// What is said of findings that are recorded.
pub struct Recording {
    /// The day.
    pub since: Date,
    /// Why they may stay.
    pub reason: String,
    /// Who mends them.
    pub owner: Option<String>,
    /// The last day they are excused.
    pub until: Option<Date>,
}

impl Recording {
    /// The entry of one finding.
    pub fn entry(&self, finding: &Finding) -> Entry {
        let violation = &finding.violation;
        Entry {
            language: violation.language,
            rule: violation.rule.clone(),
            importer: violation.importer.clone(),
            target: violation.target().to_owned(),
            ordinal: finding.ordinal,
            path: finding.path.clone(),
            since: self.since,
            reason: self.reason.clone(),
            owner: self.owner.clone(),
            until: self.until,
            line: 0,
            span: Span::default(),
        }
    }
}
