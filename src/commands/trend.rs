//! `importlaw trend`: compliance over git's history.

use std::io::Write;
use std::str::FromStr;

use clap::ValueEnum;

use super::context::{Failure, Project, on_threads};
use super::{Exit, Global};
use crate::check::trend::Walk;
use crate::discover::Snapshot;
use crate::facts::Date;
use crate::formats::trend;
use crate::git::{self, Recorded};
use crate::registry::Registry;
use crate::report::trend::{Judge, Point, Trend};

/// What `trend` takes.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The commit to end with
    #[arg(default_value = "HEAD")]
    head: String,
    /// How many commits are scored
    #[arg(long, value_name = "N", default_value_t = 30)]
    last: usize,
    /// Score every Nth commit, or the last one of each day, week or month
    #[arg(long, value_name = "N|day|week|month", default_value = "1")]
    every: Every,
    /// Judge each commit by the registry that it held (default: all by today's)
    #[arg(long, conflicts_with = "registry")]
    own_registry: bool,
    /// Output format
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// A table for a page
    Markdown,
    /// A plot
    Svg,
    /// For programs
    Json,
}

/// Which commits are scored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Every {
    Commits(usize),
    Day,
    Week,
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

/// Scores commits, and writes how the numbers changed.
pub fn run(global: &Global, args: &Args, out: &mut (dyn Write + Send)) -> Result<Exit, Failure> {
    if args.last == 0 {
        return Err(Failure::usage("`--last 0` asks for no commit", None));
    }
    let project = Project::open(global)?;
    let head = project.commit(&args.head, "trend")?;
    let failed = |why| Failure::usage(format!("the history cannot be read: {why}"), None);
    let commits = git::history(&project.root, &head, args.every.reach(args.last)).map_err(failed)?;
    let days: Vec<Date> = commits.iter().map(|commit| commit.date).collect();
    let chosen = args.every.choose(&days, args.last);
    let mut notes = Vec::new();
    if chosen.len() < args.last && git::is_shallow(&project.root).unwrap_or_default() {
        notes.push("this clone is shallow: its history is longer than what is here".to_owned());
    }
    let points = on_threads(global.jobs, || {
        let mut walk = Walk::default();
        let mut points: Vec<Point> =
            chosen.into_iter().map(|at| point(&project, args, &mut walk, &commits[at])).collect();
        points.reverse();
        points
    })?;
    let trend = Trend { registry: if args.own_registry { Judge::Own } else { Judge::Today }, points, notes };
    match args.format {
        Format::Text => trend::write_text(&trend, out)?,
        Format::Markdown => trend::write_markdown(&trend, out)?,
        Format::Svg => trend::plot::write(&trend, out)?,
        Format::Json => trend::write_json_document(&trend, out)?,
    }
    Ok(Exit::Clean)
}

/// A commit with its numbers. One that cannot be judged is a point without numbers: the others still tell something.
fn point(project: &Project, args: &Args, walk: &mut Walk, commit: &Recorded) -> Point {
    let mut score = || {
        let snapshot = Snapshot::Commit(commit.id.clone());
        let own = args.own_registry.then(|| project.registry_of(&snapshot)).transpose()?;
        let own = own.map(Option::unwrap_or_default);
        let registry: &Registry = own.as_ref().unwrap_or(&project.registry);
        let sources = project.sources_under(registry, Some(&snapshot))?;
        // What was excused then counts as it did then.
        let as_of = if args.own_registry { commit.date } else { project.as_of };
        Ok::<_, Failure>(walk.score(registry, sources, as_of)?)
    };
    let (score, why) = match score() {
        Ok(score) => (Some(score), None),
        Err(failure) => (None, Some(failure.to_string())),
    };
    let Recorded { id, date, subject } = commit;
    Point { commit: id.as_str().to_owned(), date: *date, subject: subject.clone(), score, why }
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
