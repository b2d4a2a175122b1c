//! Compliance over git's history, for whoever shows it.

use std::str::FromStr;

use super::{Failure, Project, on_threads};
use crate::check::trend::Walk;
use crate::discover::Snapshot;
use crate::facts::Date;
use crate::git::{self, ObjectId, Recorded};
use crate::registry::Registry;
use crate::report::trend::{Judge, Point, Trend};

/// Which commits are asked for, and whose rules judge them.
#[derive(Clone, Copy, Debug)]
pub struct History {
    /// At most that many.
    pub last: usize,
    /// Which of them.
    pub every: Every,
    /// Whose rules.
    pub registry: Judge,
}

/// Which commits are scored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Every {
    /// Each of so many.
    Commits(usize),
    /// The last of each day.
    Day,
    /// The last of each week.
    Week,
    /// The last of each month.
    Month,
}

impl FromStr for Every {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "day" => Ok(Self::Day),
            "week" => Ok(Self::Week),
            "month" => Ok(Self::Month),
            number => match number.parse() {
                Ok(count) if count > 0 => Ok(Self::Commits(count)),
                _ => Err("write a number of commits, day, week or month".to_owned()),
            },
        }
    }
}

/// More of a history is not looked at.
const LONGEST: usize = 1_000_000;

impl Every {
    /// How much of the history is needed for that many commits.
    fn reach(self, last: usize) -> usize {
        match self {
            Self::Commits(count) => last.saturating_mul(count).min(LONGEST),
            Self::Day | Self::Week | Self::Month => LONGEST,
        }
    }

    /// Which commits are scored, of all by their days, which stand newest first.
    fn choose(self, days: &[Date], last: usize) -> Vec<usize> {
        let periods = days.iter().enumerate().map(|(at, day)| match self {
            Self::Commits(count) => (at / count) as i64,
            Self::Day => day.days(),
            // The first of January 1970 was a Thursday.
            Self::Week => (day.days() + 3).div_euclid(7),
            Self::Month => i64::from(day.year) * 12 + i64::from(day.month),
        });
        let mut chosen = Vec::new();
        let mut newer = None;
        for (at, period) in periods.enumerate() {
            if newer != Some(period) && chosen.len() < last {
                chosen.push(at);
            }
            newer = Some(period);
        }
        chosen
    }
}

impl Project {
    /// Scores the commits that led to `head`. On threads of its own.
    pub fn trend(&self, jobs: Option<usize>, head: &ObjectId, asked: History) -> Result<Trend, Failure> {
        let failed = |why| Failure::usage(format!("the history cannot be read: {why}"), None);
        let commits = git::history(&self.root, head, asked.every.reach(asked.last)).map_err(failed)?;
        let days: Vec<Date> = commits.iter().map(|commit| commit.date).collect();
        let chosen = asked.every.choose(&days, asked.last);
        let mut notes = Vec::new();
        if chosen.len() < asked.last && git::is_shallow(&self.root).unwrap_or_default() {
            notes.push("this clone is shallow: its history is longer than what is here".to_owned());
        }
        let points = on_threads(jobs, || {
            let mut walk = Walk::default();
            let points = chosen.into_iter().map(|at| self.point(asked.registry, &mut walk, &commits[at]));
            let mut points: Vec<Point> = points.collect();
            points.reverse();
            points
        })?;
        Ok(Trend { registry: asked.registry, points, notes })
    }

    /// A commit with its numbers. One that cannot be judged is a point without numbers: the others still tell something.
    fn point(&self, judge: Judge, walk: &mut Walk, commit: &Recorded) -> Point {
        let mut score = || {
            let snapshot = Snapshot::Commit(commit.id.clone());
            let (own, as_of) = match judge {
                Judge::Today => (None, self.as_of),
                // What was excused then counts as it did then.
                Judge::Own => (Some(self.registry_of(&snapshot)?.unwrap_or_default()), commit.date),
            };
            let registry: &Registry = own.as_ref().unwrap_or(&self.registry);
            let sources = self.sources_under(registry, Some(&snapshot))?;
            Ok::<_, Failure>(walk.score(registry, sources, as_of)?)
        };
        let (score, why) = match score() {
            Ok(score) => (Some(score), None),
            Err(failure) => (None, Some(failure.to_string())),
        };
        let Recorded { id, date, subject } = commit;
        Point { commit: id.as_str().to_owned(), date: *date, subject: subject.clone(), score, why }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(every: &str, last: usize, days: &[&str]) -> Vec<usize> {
        let every: Every = every.parse().unwrap();
        let days: Vec<Date> = days.iter().map(|day| Date::parse(day).unwrap()).collect();
        every.choose(&days, last)
    }

    #[test]
    fn every_third_commit_from_the_newest() {
        let day = ["2026-11-22"; 8];
        assert_eq!(chosen("3", 30, &day), [0, 3, 6]);
        assert_eq!(chosen("3", 2, &day), [0, 3]);
        assert_eq!(Every::Commits(3).reach(2), 6);
    }

    #[test]
    fn the_last_commit_of_each_period() {
        // 2026-11-22 is a Sunday, the 16th the Monday before.
        let dates = ["2026-11-22", "2026-11-22", "2026-11-16", "2026-11-15", "2026-10-31", "2025-11-30"];
        assert_eq!(chosen("day", 30, &dates), [0, 2, 3, 4, 5]);
        assert_eq!(chosen("week", 30, &dates), [0, 3, 4, 5]);
        assert_eq!(chosen("month", 30, &dates), [0, 4, 5]);
        assert_eq!(chosen("month", 2, &dates), [0, 4]);
    }

    #[test]
    fn what_is_no_period_is_refused() {
        for text in ["0", "-1", "year", ""] {
            assert!(text.parse::<Every>().is_err(), "{text}");
        }
    }
}
