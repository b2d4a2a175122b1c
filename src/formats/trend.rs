//! How compliance changed over commits: text and a Markdown table for people, a plot, JSON for programs. Functions of the
//! [`Trend`] alone.

pub mod plot;

use std::io;

use serde::Serialize;

use super::context::markup::prose;
use super::context::{columns, counted, cut, escape, number, percent, write_json};
use crate::report::trend::{Judge, Point, Score, Trend};

/// Hexadecimal digits of a commit's name that are shown.
const SHORT: usize = 9;

/// Columns of a commit's message that are shown.
const SUBJECT: usize = 40;

const HEAD: [&str; 8] =
    ["date", "commit", "compliance", "governed", "violations", "waived", "unknown", "rules holding"];

/// Writes a line a commit, oldest first, then what became of the first.
pub fn write_text(trend: &Trend, out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(out, "{}\n", title(trend))?;
    let rows: Vec<[String; 8]> = trend.points.iter().map(row).collect();
    let mut widths = HEAD.map(columns);
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = columns(cell).max(*width);
        }
    }
    let line = |cells: [&str; 8]| {
        let cells = cells.iter().zip(&widths).enumerate();
        let padded = cells.map(|(at, (cell, width))| {
            let space = " ".repeat(width - columns(cell));
            if at < 2 { format!("{cell}{space}") } else { format!("{space}{cell}") }
        });
        padded.collect::<Vec<_>>().join("  ")
    };
    writeln!(out, "{}", line(HEAD))?;
    for (point, row) in trend.points.iter().zip(&rows) {
        let subject = escape(&point.subject);
        writeln!(
            out,
            "{}  {}",
            line(row.each_ref().map(String::as_str)),
            cut(why(point).as_deref().unwrap_or(&subject), SUBJECT)
        )?;
    }
    writeln!(out)?;
    for note in &trend.notes {
        writeln!(out, "note: {}", escape(note))?;
    }
    writeln!(out, "{}", sum(trend))
}

/// Writes the same as a table.
pub fn write_markdown(trend: &Trend, out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(out, "**{}**\n", title(trend))?;
    writeln!(out, "| {} | |", HEAD.join(" | "))?;
    writeln!(out, "|---|---|{}---|", "--:|".repeat(HEAD.len() - 2))?;
    for point in &trend.points {
        let last = why(point).unwrap_or_else(|| point.subject.clone());
        writeln!(out, "| {} | {} |", row(point).join(" | "), prose(&cut(&last, SUBJECT)))?;
    }
    writeln!(out)?;
    for note in &trend.notes {
        writeln!(out, "Note: {}\n", prose(note))?;
    }
    writeln!(out, "{}", sum(trend))
}

/// Writes everything as one JSON document.
pub fn write_json_document(trend: &Trend, out: &mut dyn io::Write) -> io::Result<()> {
    write_json(&Document { schema: 1, trend }, out)
}

#[derive(Serialize)]
struct Document<'a> {
    schema: u32,
    #[serde(flatten)]
    trend: &'a Trend,
}

fn title(trend: &Trend) -> String {
    let judge = match trend.registry {
        Judge::Today => "all judged by today's registry",
        Judge::Own => "each judged by its own registry",
    };
    format!("Compliance of {}, {judge}", counted(trend.points.len() as u64, "commit"))
}

fn why(point: &Point) -> Option<String> {
    point.why.as_ref().map(|why| format!("no numbers: {}", escape(why)))
}

fn row(point: &Point) -> [String; 8] {
    let short = point.commit.get(..SHORT).unwrap_or(&point.commit).to_owned();
    let date = point.date.to_string();
    let Some(score) = &point.score else {
        let none = || "-".to_owned();
        return [date, short, none(), none(), none(), none(), none(), none()];
    };
    let Score { tally, rules, .. } = score;
    let [governed, violation, waived, unknown] =
        [tally.governed, tally.violation, tally.waived, tally.unknown].map(number);
    let holding = format!("{} of {}", rules.holding, rules.total);
    [date, short, percent(tally.compliance), governed, violation, waived, unknown, holding]
}

/// From where to where, in words and counts.
fn sum(trend: &Trend) -> String {
    let Some((first, last)) = trend.ends() else { return "No commit has numbers.".to_owned() };
    let at_least = |score: &Score| if score.tally.unknown > 0 { "at least " } else { "" };
    format!(
        "Compliance {}{} -> {}{}, governed imports {} -> {}, violations {} -> {}",
        at_least(first),
        percent(first.tally.compliance),
        at_least(last),
        percent(last.tally.compliance),
        number(first.tally.governed),
        number(last.tally.governed),
        number(first.tally.violation),
        number(last.tally.violation)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Date;
    use crate::formats::sample::tally;
    use crate::report::RuleCount;

    pub fn trend() -> Trend {
        let score = |compliant, violation, unknown| Score {
            tally: tally(compliant, violation, 0, unknown),
            file_compliance: Some(50.0),
            coverage: None,
            rules: RuleCount { total: 3, holding: 1 },
            errors: violation,
            files: 12,
            unparsed_files: 0,
        };
        let point =
            |commit: &str, date: &str, subject: &str, score: Option<Score>, why: Option<&str>| Point {
                commit: commit.repeat(20),
                date: Date::parse(date).unwrap(),
                subject: subject.to_owned(),
                score,
                why: why.map(str::to_owned),
            };
        Trend {
            registry: Judge::Today,
            points: vec![
                point("a1", "2026-10-01", "begin", Some(score(700, 300, 0)), None),
                point("b2", "2026-10-02", "empty", None, Some("nothing was checked")),
                point("c3", "2026-11-03", "use | `x` \u{1b}[31m", Some(score(1800, 199, 1)), None),
            ],
            notes: vec!["a note".to_owned()],
        }
    }

    fn written(write: impl FnOnce(&Trend, &mut dyn io::Write) -> io::Result<()>) -> String {
        let mut out = Vec::new();
        write(&trend(), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_line_a_commit_and_the_sum() {
        let expected = "\
Compliance of 3 commits, all judged by today's registry

date        commit     compliance  governed  violations  waived  unknown  rules holding
2026-10-01  a1a1a1a1a      70.0 %     1,000         300       0        0         1 of 3  begin
2026-10-02  b2b2b2b2b           -         -           -       -        -              -  no numbers: nothing was checked
2026-11-03  c3c3c3c3c      90.0 %     2,000         199       0        1         1 of 3  use | `x` \\u{1b}[31m

note: a note
Compliance 70.0 % -> at least 90.0 %, governed imports 1,000 -> 2,000, violations 300 -> 199
";
        assert_eq!(written(write_text), expected);
    }

    #[test]
    fn a_message_is_no_markup() {
        let text = written(write_markdown);
        let row = "| 2026-11-03 | c3c3c3c3c | 90.0 % | 2,000 | 199 | 0 | 1 | 1 of 3 | use \\| `x` \\\\u\\{1b\\}\\[31m |\n";
        assert!(text.contains(row), "{text}");
    }

    #[test]
    fn json_has_numbers_or_says_why_not() {
        let document: serde_json::Value = serde_json::from_str(&written(write_json_document)).unwrap();
        assert_eq!(document["schema"], 1);
        assert_eq!(document["registry"], "today");
        assert_eq!(document["points"][0]["compliance"], 70.0);
        assert_eq!(document["points"][0]["date"], "2026-10-01");
        assert_eq!(document["points"][0].get("why"), None);
        assert_eq!(document["points"][1].get("compliance"), None);
        assert_eq!(document["points"][1]["why"], "nothing was checked");
    }

    #[test]
    fn the_plot_marks_every_commit_that_has_numbers() {
        let text = written(plot::write);
        assert_eq!(text.matches("<circle").count(), 2, "{text}");
        assert!(text.contains("<title>2026-11-03 c3c3c3c3c: 90.0 %, 199 violations</title>"), "{text}");
        assert!(text.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\""));
        assert!(!text.contains('\u{1b}'));
    }
}
