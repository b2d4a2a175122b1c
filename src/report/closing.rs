//! The page that closes an incident: whether what was promised holds, what is left, what was not seen, and what catches a
//! relapse. Plain data; that it is ready follows from it alone.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Tally;
use super::overview::{Dated, EntryPoint, NotSeen, Standing};
use crate::violation::{Severity, Status};

/// The page.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Closing {
    /// The rules that were named, in that order.
    pub rules: Vec<ClosedRule>,
    /// The entry points of the registry.
    pub entrypoints: Vec<EntryPoint>,
    /// What the named rules retire or forbid, and where it is mentioned still.
    pub mentions: Vec<Retired>,
    /// What the named rules excuse until a day.
    pub waivers: Vec<Dated>,
    /// What was not seen.
    pub not_seen: NotSeen,
    /// Where CI runs the check, as far as literal text tells.
    pub ci: Vec<Place>,
    /// The command that makes this page again.
    pub command: String,
}

/// One rule that was named.
#[derive(Clone, Debug, Serialize)]
pub struct ClosedRule {
    /// Its id.
    pub id: String,
    /// Its table or check.
    pub kind: &'static str,
    /// Its level.
    pub severity: Severity,
    /// 1-based line of the registry; none for a check that is not set there.
    pub registry_line: Option<u32>,
    /// Why it is there.
    pub reason: Option<String>,
    /// Whether it is off: then it says nothing.
    pub off: bool,
    /// How it stands.
    pub standing: Standing,
    /// Its uses.
    pub now: Tally,
    /// The same in the state compared with.
    pub before: Option<Tally>,
    /// By scope: now and before.
    pub by_scope: BTreeMap<String, NowAndBefore>,
    /// Its findings, whatever their standing, in path order.
    pub findings: Vec<Found>,
    /// What it could not decide.
    pub unknown: Vec<Found>,
    /// What other checks say of its lines in the registry: that they name nothing, for one.
    pub about_it: Vec<Found>,
}

/// A scope's uses under a rule.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct NowAndBefore {
    /// Now.
    pub now: Tally,
    /// In the state compared with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Tally>,
}

/// A finding, or what could not be decided, at its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Found {
    /// The file.
    pub path: String,
    /// 1-based line.
    pub line: u32,
    /// The importer's scope; empty where there is none.
    pub scope: String,
    /// Whether something excuses it; none of what is undecided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// What is wrong.
    pub message: String,
}

/// A name that a rule retires or forbids.
#[derive(Clone, Debug, Serialize)]
pub struct Retired {
    /// The rule.
    pub rule: String,
    /// The name.
    pub name: String,
    /// Whose mentions count; empty = everybody's.
    pub from: Vec<String>,
    /// How many of each kind: import, dynamic, string, comment, docstring, build file.
    pub counts: BTreeMap<&'static str, u32>,
    /// The places, by kind, then in path order.
    pub places: Vec<Place>,
}

/// The kinds of mentions in their order on the page.
pub const MENTIONS: [&str; 6] = ["import", "dynamic", "string", "comment", "docstring", "build file"];

/// A line of a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Place {
    /// What it is: a kind of mention, or what runs in CI.
    pub kind: &'static str,
    /// The file.
    pub path: String,
    /// 1-based line.
    pub line: u32,
    /// The scope; empty for what is no source file.
    pub scope: String,
    /// The line, or what it names.
    pub text: String,
}

impl Closing {
    /// Whether every named rule has neither violation, waiver nor unknown.
    pub fn is_ready(&self) -> bool {
        !self.rules.is_empty() && self.rules.iter().all(|rule| rule.blocked_by().is_none())
    }

    /// The last line: `READY TO CLOSE`, or all that stands against it.
    pub fn verdict(&self) -> String {
        if self.is_ready() {
            return "READY TO CLOSE".to_owned();
        }
        let blocked: Vec<String> = self
            .rules
            .iter()
            .filter_map(|rule| Some(format!("{}, {}", rule.id, rule.blocked_by()?)))
            .collect();
        format!("NOT READY: {}", blocked.join("; "))
    }
}

impl ClosedRule {
    /// Findings of that status.
    pub fn count(&self, status: Status) -> u32 {
        self.findings.iter().filter(|found| found.status == Some(status)).count() as u32
    }

    /// What keeps it from being closed, counted; None where nothing does.
    pub fn blocked_by(&self) -> Option<String> {
        if self.off {
            return Some("which is off and judges nothing".to_owned());
        }
        let counted =
            |n: u32, noun: &str| (n > 0).then(|| format!("{n} {noun}{}", if n == 1 { "" } else { "s" }));
        // A finding may decide several uses, and some have none.
        let violations = self.now.violation.max(self.count(Status::New));
        let excused = self.now.waived.max(self.count(Status::Waived) + self.count(Status::Known));
        let unknown = self.now.unknown.max(self.unknown.len() as u32);
        let parts = [
            counted(violations, "violation"),
            counted(excused, "waiver"),
            (unknown > 0).then(|| format!("{unknown} unknown")),
            counted(self.about_it.len() as u32, "registry line that names nothing")
                .map(|text| text.replace("line that names nothings", "lines that name nothing")),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        (!parts.is_empty()).then(|| parts.join(", "))
    }
}
