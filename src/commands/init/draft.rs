//! The draft as data: sections of pieces, each a few lines of TOML with what is to be said of them. A run of the check
//! decides which of them hold. Knows neither graph nor finders.

use std::collections::BTreeMap;

use crate::report::Report;
use crate::violation::{Place, Severity, Status};

/// Pieces of one sort under a heading.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Section {
    /// The heading; empty for what stands above all.
    pub title: &'static str,
    /// What the summary counts them as.
    pub noun: &'static str,
    /// Best first.
    pub pieces: Vec<Piece>,
    /// What is said and proposes nothing, a line each.
    pub notes: Vec<String>,
}

/// What may stand in the registry or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The table that it is a line of; None for one of its own.
    pub table: Option<&'static str>,
    /// The id that its findings bear, by which the report counts what it governs; empty where nothing is to be counted.
    pub rule: String,
    /// What is said of it.
    pub about: Vec<String>,
    /// Its text.
    pub lines: Vec<String>,
    /// The imports it is about, where so many of a hundred of them may be against it; else none may.
    pub tolerance: Option<Tolerance>,
    /// What has become of it.
    pub state: State,
}

/// How many findings are few.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tolerance {
    /// The imports that the piece is about.
    pub of: u32,
    /// How many in a hundred of them may be against it.
    pub percent: u32,
}

/// What has become of a piece.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// It stands, not judged yet.
    #[default]
    Drafted,
    /// It stands: it governs so many imports, so many findings are against it.
    InForce {
        /// What it governs.
        governed: u32,
        /// What is against it.
        against: u32,
    },
    /// It stands as a comment: so many findings were against it.
    Comment(u32),
    /// It does not stand: the registry itself was wrong with it.
    Dropped,
}

impl Piece {
    /// A piece with a table of its own.
    pub fn entry(rule: String, about: Vec<String>, lines: Vec<String>) -> Self {
        Self { table: None, rule, about, lines, tolerance: None, state: State::Drafted }
    }

    /// A line of a table.
    pub fn line(table: &'static str, about: Vec<String>, line: String) -> Self {
        Self { table: Some(table), ..Self::entry(String::new(), about, vec![line]) }
    }

    /// Whether it stands.
    pub fn stands(&self) -> bool {
        matches!(self.state, State::Drafted | State::InForce { .. })
    }
}

/// Lines of the text, from and to, of each piece that stands: by section and piece.
pub type Places = Vec<((usize, usize), (u32, u32))>;

/// Takes the report of a run: what does not hold steps back. Whether anything did.
pub fn settle(sections: &mut [Section], places: &Places, report: &Report, strict: bool) -> bool {
    let mut against: BTreeMap<(usize, usize), u32> = BTreeMap::new();
    let mut wrong: BTreeMap<(usize, usize), u32> = BTreeMap::new();
    for finding in &report.findings {
        let violation = &finding.violation;
        let (line, counts) = match violation.place {
            Place::Registry(_) => (Some(finding.line), &mut wrong),
            _ => (violation.registry_line, &mut against),
        };
        if violation.status != Status::New || violation.severity != Severity::Error && line.is_none() {
            continue;
        }
        let piece = line.and_then(|line| places.iter().find(|(_, (from, to))| (*from..=*to).contains(&line)));
        if let Some((piece, _)) = piece
            && (violation.severity == Severity::Error || matches!(violation.place, Place::Registry(_)))
        {
            *counts.entry(*piece).or_default() += 1;
        }
    }
    let mut changed = false;
    for (at, section) in sections.iter_mut().enumerate() {
        for (number, piece) in section.pieces.iter_mut().enumerate().filter(|(_, piece)| piece.stands()) {
            let against = against.get(&(at, number)).copied().unwrap_or(0);
            let tally = report.summary.by_rule.get(&piece.rule);
            let governed = tally.map_or(0, |row| row.tally.governed);
            let few = |tolerance: Tolerance| {
                u64::from(against) * 100 <= u64::from(tolerance.of) * u64::from(tolerance.percent)
            };
            piece.state = if wrong.contains_key(&(at, number)) {
                State::Dropped
            } else if against == 0 || strict || piece.tolerance.is_some_and(few) {
                State::InForce { governed, against }
            } else {
                State::Comment(against)
            };
            changed |= !piece.stands();
        }
    }
    changed
}
