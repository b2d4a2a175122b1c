//! The trend as a picture: compliance as a line over its dates, violations as bars below it. Both axes of counts begin at
//! nothing, so that no slope is made steeper than it is; that of compliance does where it must, and says so.

use std::io;

use crate::facts::Date;
use crate::formats::context::{number, percent};
use crate::report::trend::{Point, Score, Trend};

use super::{SHORT, title};

const WIDTH: f64 = 760.0;
const LEFT: f64 = 56.0;
const RIGHT: f64 = 16.0;
/// The part of the line: from and to.
const LINE: (f64, f64) = (40.0, 210.0);
/// The part of the bars.
const BARS: (f64, f64) = (244.0, 320.0);
const HEIGHT: f64 = 352.0;

const STYLE: &str = "text{font:12px system-ui,sans-serif;fill:#24292f}.t{font-weight:600;font-size:14px}.g{stroke:#d0d7de}\
.l{fill:none;stroke:#0969da;stroke-width:2}circle{fill:#0969da}.b{fill:#bc4c00}\
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.g{stroke:#30363d}.l{stroke:#58a6ff}circle{fill:#58a6ff}.b{fill:#f0883e}}";

/// Writes an SVG picture.
pub fn write(trend: &Trend, out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" width=\"{WIDTH}\" height=\"{HEIGHT}\" role=\"img\">"
    )?;
    writeln!(out, "<style>{STYLE}</style>")?;
    writeln!(out, "<text class=\"t\" x=\"{LEFT}\" y=\"20\">{}</text>", title(trend))?;
    let scored: Vec<(&Point, &Score)> =
        trend.points.iter().filter_map(|point| Some((point, point.score.as_ref()?))).collect();
    let x = Across::new(&trend.points);
    lines(&scored, &x, out)?;
    bars(&scored, &x, out)?;
    if let (Some(first), Some(last)) = (trend.points.first(), trend.points.last()) {
        let (y, end) = (BARS.1 + 20.0, WIDTH - RIGHT);
        writeln!(out, "<text x=\"{LEFT}\" y=\"{y}\">{}</text>", first.date)?;
        writeln!(out, "<text x=\"{end}\" y=\"{y}\" text-anchor=\"end\">{}</text>", last.date)?;
    }
    writeln!(out, "</svg>")
}

/// Where a day lies; commits of one day lie side by side.
struct Across {
    at: Vec<(String, f64)>,
}

impl Across {
    fn new(points: &[Point]) -> Self {
        let days = |date: Date| date.days() as f64;
        let first = points.first().map_or(0.0, |point| days(point.date));
        let span = points.last().map_or(0.0, |point| days(point.date)) - first;
        let last = (points.len().max(2) - 1) as f64;
        let at = points.iter().enumerate().map(|(at, point)| {
            // Where all lie in a few days, or dates run backwards, their order alone tells.
            let share = at as f64 / last;
            let by_date =
                if span > 0.0 { ((days(point.date) - first) / span).clamp(0.0, 1.0) } else { share };
            let share = if span >= points.len() as f64 { by_date } else { share };
            (point.commit.clone(), LEFT + 6.0 + share * (WIDTH - LEFT - RIGHT - 12.0))
        });
        Self { at: at.collect() }
    }

    fn of(&self, point: &Point) -> f64 {
        self.at.iter().find(|(commit, _)| *commit == point.commit).map_or(LEFT, |(_, x)| *x)
    }
}

/// Compliance; its axis begins at the ten below the lowest, and says where.
fn lines(scored: &[(&Point, &Score)], x: &Across, out: &mut dyn io::Write) -> io::Result<()> {
    let values = || scored.iter().filter_map(|(_, score)| score.tally.compliance);
    let low = (values().fold(100.0_f64, f64::min) / 10.0).floor() * 10.0;
    let low = low.min(90.0);
    let (top, bottom) = LINE;
    let y = |value: f64| bottom - (value - low) / (100.0 - low) * (bottom - top);
    for value in [low, f64::midpoint(low, 100.0), 100.0] {
        axis(y(value), &format!("{value} %"), out)?;
    }
    let shares = scored.iter().filter_map(|(point, score)| Some((*point, *score, score.tally.compliance?)));
    let places: Vec<(f64, f64, &Point, &Score)> =
        shares.map(|(point, score, value)| (x.of(point), y(value), point, score)).collect();
    let path: Vec<String> = places.iter().map(|(x, y, ..)| format!("{x:.1},{y:.1}")).collect();
    writeln!(out, "<polyline class=\"l\" points=\"{}\"/>", path.join(" "))?;
    for (x, y, point, score) in places {
        writeln!(out, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\">{}</circle>", tip(point, score))?;
    }
    Ok(())
}

/// Violations, from none on.
fn bars(scored: &[(&Point, &Score)], x: &Across, out: &mut dyn io::Write) -> io::Result<()> {
    let most = scored.iter().map(|(_, score)| score.tally.violation).max().unwrap_or_default();
    let (top, bottom) = BARS;
    writeln!(out, "<text x=\"{LEFT}\" y=\"{}\">violations</text>", top - 10.0)?;
    axis(bottom, "0", out)?;
    if most == 0 {
        return Ok(());
    }
    axis(top, &number(most), out)?;
    let width = ((WIDTH - LEFT - RIGHT) / scored.len() as f64 * 0.6).clamp(1.0, 14.0);
    for (point, score) in scored {
        let height = f64::from(score.tally.violation) / f64::from(most) * (bottom - top);
        let (x, y) = (x.of(point) - width / 2.0, bottom - height);
        writeln!(
            out,
            "<rect class=\"b\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\">{}</rect>",
            tip(point, score)
        )?;
    }
    Ok(())
}

fn axis(y: f64, name: &str, out: &mut dyn io::Write) -> io::Result<()> {
    let (end, text) = (WIDTH - RIGHT, LEFT - 6.0);
    writeln!(out, "<line class=\"g\" x1=\"{LEFT}\" y1=\"{y:.1}\" x2=\"{end}\" y2=\"{y:.1}\"/>")?;
    writeln!(out, "<text x=\"{text}\" y=\"{:.1}\" text-anchor=\"end\">{name}</text>", y + 4.0)
}

/// What a browser shows under the pointer. Nothing of it comes from the tree but the commit's hexadecimal name.
fn tip(point: &Point, score: &Score) -> String {
    format!(
        "<title>{} {}: {}, {} violations</title>",
        point.date,
        point.commit.get(..SHORT).unwrap_or(&point.commit),
        percent(score.tally.compliance),
        number(score.tally.violation)
    )
}
