//! Findings and verdicts: plain data that knows no renderer.

use std::fmt;

use serde::Serialize;

use crate::facts::{Date, ImportKind};
use crate::hash::stable;
use crate::source::{FileId, Language, RelPath, Span};

/// How much a finding weighs: errors fail the gate, warnings do not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Exit 1 while one is new.
    Error,
    /// Shown, no share in the percentage.
    Warn,
}

/// The verdict of a governed use; ordered from best to worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Verdict {
    /// Obeys.
    Compliant,
    /// Breaks the rule, but something written excuses it.
    Waived,
    /// Cannot be decided; never counted as compliant.
    Unknown,
    /// Breaks the rule.
    Violation,
}

/// Where a finding stands in the gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Fails the gate when its severity is error.
    New,
    /// Recorded in the baseline.
    Known,
    /// Excused inline, by `except`, by a `compatible` door or a `moved` date.
    Waived,
}

/// Where a finding is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In a source file.
    Source(FileId, Span),
    /// In the registry, at a byte range of its text.
    Registry(Span),
    /// In the baseline, at a byte range of its text.
    Baseline(Span),
    /// A path that could not be read as a file at all.
    Path(RelPath),
}

/// One edge of a chain, importer first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Hop {
    /// The importing module.
    pub importer: String,
    /// The imported module.
    pub imported: String,
    /// The importing file.
    pub path: String,
    /// 1-based line of the import.
    pub line: u32,
}

/// Replace `[offset, end_offset)` of `path` by `text`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Edit {
    /// The file.
    pub path: String,
    /// First byte.
    pub offset: u32,
    /// One past the last byte.
    pub end_offset: u32,
    /// What stands there instead.
    pub text: String,
}

/// A change that would end the finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Suggestion {
    /// Whether it keeps the program's meaning.
    pub safe: bool,
    /// Non-overlapping.
    pub edits: Vec<Edit>,
}

/// What to import instead of what is imported, for a program to write down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instead {
    /// The whole absolute path; `*` at its end takes everything.
    pub path: String,
    /// Whether the last part is taken out of the module before it; else the whole path is a module to be imported.
    pub named: bool,
    /// Whether the program means the same afterwards, if it meant anything before.
    pub safe: bool,
    /// Of a wildcard that is to be taken apart, the names that it may bind, sorted; else empty.
    pub names: Vec<String>,
}

/// The comment that excuses a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InlineWaiver {
    /// Its 1-based line, in the finding's file.
    pub line: u32,
    /// Why.
    pub reason: String,
    /// The last day that it excuses, `YYYY-MM-DD`.
    pub until: Option<String>,
    /// `issue=`, as written.
    pub issue: Option<String>,
    /// `owner=`, as written.
    pub owner: Option<String>,
}

impl fmt::Display for InlineWaiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "inline at line {}", self.line)?;
        let until = self.until.as_ref().map(|until| format!("until {until}"));
        let details: Vec<&str> =
            [&until, &self.issue, &self.owner].into_iter().flatten().map(String::as_str).collect();
        if !details.is_empty() {
            write!(f, " ({})", details.join(", "))?;
        }
        write!(f, ": {}", self.reason)
    }
}

/// One broken rule at one place, as a rule states it.
#[derive(Clone, Debug)]
pub struct Violation {
    /// The entry's id, or the check's name.
    pub rule: String,
    /// The rule's table name, or the check's name.
    pub kind: &'static str,
    /// Its weight.
    pub severity: Severity,
    /// Where it stands in the gate; rules say `New` or `Waived`.
    pub status: Status,
    /// What excuses it, for the reader; empty unless waived or known.
    pub waived_by: String,
    /// The inline waiver, where one excuses it.
    pub waiver: Option<InlineWaiver>,
    /// Where it is shown.
    pub place: Place,
    /// The language of the importer; None for findings about the registry.
    pub language: Option<Language>,
    /// The importing module; empty for findings about the registry.
    pub importer: String,
    /// The importer's scope; empty for findings about the registry.
    pub scope: String,
    /// The target as written, made absolute; empty where the finding is not about an import.
    pub written: String,
    /// What it is about where that is no import: an item of the registry, the rule that a waiver names. Part of its
    /// [`Key`]; empty where a file has but one finding of that kind, or where such are told apart by their order alone.
    pub about: String,
    /// Where the symbol is defined after re-exports, if that differs or is asked for.
    pub definition: Option<String>,
    /// The import's kinds, if it is an import.
    pub import_kind: Option<ImportKind>,
    /// One sentence: what is wrong.
    pub message: String,
    /// Exactly what to write or do instead.
    pub help: Option<String>,
    /// Why the rule exists, from the registry.
    pub reason: Option<String>,
    /// 1-based line of the registry entry.
    pub registry_line: Option<u32>,
    /// The shortest chain that leads here, the crossing import last; empty for direct findings.
    pub chain: Vec<Hop>,
    /// How many modules of `from` reach the crossing import; forbidden only.
    pub reached_by: Option<u32>,
    /// The modules that it keeps from starting, in name order; entrypoint only.
    pub stops: Vec<String>,
    /// What to import instead, where the rule knows one thing that is meant.
    pub instead: Option<Instead>,
    /// A change that would end it.
    pub suggestion: Option<Suggestion>,
    /// What findings of one cause share; text shows them as one block. The target unless a rule knows better.
    pub cause: String,
}

impl Violation {
    /// What is imported, as written and made absolute; else what the finding is about.
    pub fn target(&self) -> &str {
        if self.written.is_empty() { &self.about } else { &self.written }
    }
}

/// What makes a finding the same one tomorrow: no line, no column, no words of a message, no level, no kind of import.
/// Several findings may share a key; their order in the source tells them apart.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    /// The language of the importer; None for findings about the registry.
    pub language: Option<Language>,
    /// The entry's id, or the check's name.
    pub rule: String,
    /// The importing module; the path where no module is meant.
    pub importer: String,
    /// What is imported, as written and made absolute; else what the finding is about.
    pub target: String,
}

impl Key {
    /// The key of a finding in that file.
    pub fn of(violation: &Violation, path: &str) -> Self {
        let Violation { language, rule, importer, .. } = violation;
        Self {
            language: *language,
            rule: rule.clone(),
            importer: if importer.is_empty() { path.to_owned() } else { importer.clone() },
            target: violation.target().to_owned(),
        }
    }

    /// A short name of the finding that is the `ordinal`th, from 0, of those with this key.
    pub fn fingerprint(&self, ordinal: u32) -> String {
        let language = self.language.map_or("", Language::name);
        let text = [language, &self.rule, &self.importer, &self.target, &ordinal.to_string()].join("\0");
        let hash = stable(text.as_bytes());
        format!("{:016x}", (hash >> 64) as u64 ^ hash as u64)
    }
}

/// What the baseline says of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// Which of its entries, from 0 in the file's order.
    pub entry: usize,
    /// Whether the entry names the file's place before it was renamed.
    pub moved: bool,
    /// Whether the entry still holds; past its date it excuses nothing.
    pub in_force: bool,
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl Date {
    /// How many days ahead an excuse may end: whoever wants more says so once a year.
    pub const FURTHEST_AHEAD: i64 = 366;

    /// Reads `YYYY-MM-DD`; None unless it is a day that exists.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let (y, m, d) = (parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() || y.len() != 4 || m.len() != 2 || d.len() != 2 {
            return None;
        }
        let digits =
            |part: &str| part.bytes().all(|b| b.is_ascii_digit()).then(|| part.parse().ok()).flatten();
        Self::new(digits(y)?, digits(m)? as u8, digits(d)? as u8)
    }

    /// A date that exists, or None.
    pub fn new(year: u16, month: u8, day: u8) -> Option<Self> {
        let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let days = match month {
            1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
            4 | 6 | 9 | 11 => 30,
            2 if leap => 29,
            2 => 28,
            _ => return None,
        };
        (1..=days).contains(&day).then_some(Self { year, month, day })
    }

    /// Days since 1970-01-01 (negative before), by the civil calendar.
    pub fn days(self) -> i64 {
        let (y, m, d) = (i64::from(self.year), i64::from(self.month), i64::from(self.day));
        let y = if m <= 2 { y - 1 } else { y };
        let era = y.div_euclid(400);
        let yoe = y.rem_euclid(400);
        let doy = (153 * ((m + 9) % 12) + 2) / 5 + d - 1;
        era * 146_097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719_468
    }

    /// The day that many days after 1970-01-01.
    pub fn from_days(days: i64) -> Option<Self> {
        let z = days + 719_468;
        let era = z.div_euclid(146_097);
        let doe = z.rem_euclid(146_097);
        let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
        let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
        let mp = (5 * doy + 2) / 153;
        let day = doy - (153 * mp + 2) / 5 + 1;
        let month = if mp < 10 { mp + 3 } else { mp - 9 };
        let year = yoe + era * 400 + i64::from(month <= 2);
        Self::new(u16::try_from(year).ok()?, month as u8, day as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_round_trip() {
        assert_eq!(Date::new(1970, 1, 1).unwrap().days(), 0);
        assert_eq!(Date::new(2026, 11, 22).unwrap().days(), 20_779);
        for days in [-1, 0, 59, 60, 365, 11_016, 20_779, 47_540] {
            assert_eq!(Date::from_days(days).unwrap().days(), days);
        }
        assert_eq!(Date::parse("2026-02-29"), None);
        assert_eq!(Date::parse("2028-02-29"), Date::new(2028, 2, 29));
        assert_eq!(Date::parse("2026-2-9"), None);
    }

    #[test]
    fn verdicts_are_ordered_from_best_to_worst() {
        assert!(Verdict::Compliant < Verdict::Waived);
        assert!(Verdict::Waived < Verdict::Unknown);
        assert!(Verdict::Unknown < Verdict::Violation);
    }
}
