//! An SVG picture, readable in light and dark, without a script or anything from elsewhere.

use std::fmt::Write as _;
use std::io;

use super::layout::{Layout, layout};
use super::{caption, entities, label};
use crate::formats::context::{columns, counted};
use crate::report::drawing::{Arrow, Drawing};

/// Around everything.
const MARGIN: f64 = 24.0;
/// The height of a box.
const BOX: f64 = 44.0;
/// What a letter takes, about.
const LETTER: f64 = 7.4;
/// Above the picture, for each line of its caption.
const LINE: f64 = 18.0;

const STYLE: &str = ":root{color-scheme:light dark}text{font:13px ui-sans-serif,system-ui,sans-serif;fill:#1f2328}\
.small{font-size:11px;fill:#59636e}.title{font-weight:600}.box{fill:#f6f8fa;stroke:#8c959f}\
.way{fill:none;stroke:#8c959f;opacity:.75}.head{fill:#8c959f}.red{stroke:#c4314b;opacity:1}.redhead{fill:#c4314b}\
.label{font-size:11px;text-anchor:middle;paint-order:stroke;stroke:#fff;stroke-width:4px}.redlabel{fill:#a40e26;font-weight:600}\
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.small{fill:#9198a1}.box{fill:#161b22;stroke:#6e7681}.way{stroke:#6e7681}\
.head{fill:#6e7681}.red{stroke:#ff7b8a}.redhead{fill:#ff7b8a}.label{stroke:#0d1117}.redlabel{fill:#ff9ba6}.ground{fill:#0d1117}}\
.ground{fill:#fff}";

/// The same in the dark; it has to stand after what it replaces.
const DARK_GROUND: &str = "@media(prefers-color-scheme:dark){.ground{fill:#0d1117}}";

/// Writes the picture.
pub fn write(drawing: &Drawing, out: &mut dyn io::Write) -> io::Result<()> {
    let widths: Vec<f64> = drawing
        .boxes
        .iter()
        .map(|folded| {
            let letters = columns(&folded.name).max(columns(&counted(folded.modules, "module")));
            letters as f64 * LETTER + 20.0
        })
        .collect();
    let Layout { boxes, ways, size } = layout(&widths, &drawing.arrows);
    let caption = caption(drawing);
    let lines: Vec<&str> = caption.lines().collect();
    let top = MARGIN + lines.len() as f64 * LINE + BOX / 2.0 + 8.0;
    let longest = lines.iter().map(|line| columns(line)).max().unwrap_or_default() as f64 * LETTER;
    let (width, height) = (size.0.max(longest) + 2.0 * MARGIN, size.1 + top + BOX / 2.0 + MARGIN);
    writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" width=\"{width:.0}\" height=\"{height:.0}\" role=\"img\" aria-label=\"import graph\">"
    )?;
    writeln!(out, "<style>{STYLE}{DARK_GROUND}</style>")?;
    for (name, class) in [("a", "head"), ("r", "redhead")] {
        writeln!(
            out,
            "<marker id=\"{name}\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"9\" markerHeight=\"9\" markerUnits=\"userSpaceOnUse\" orient=\"auto\"><path class=\"{class}\" d=\"M0 0L8 4L0 8z\"/></marker>"
        )?;
    }
    writeln!(out, "<rect class=\"ground\" width=\"100%\" height=\"100%\"/>")?;
    for (at, line) in lines.iter().enumerate() {
        let (y, class) = (MARGIN + at as f64 * LINE, if at == 0 { "title" } else { "small" });
        writeln!(out, "<text class=\"{class}\" x=\"{MARGIN}\" y=\"{y}\">{}</text>", entities(line))?;
    }
    let shift = |(x, y): (f64, f64)| (x + MARGIN, y + top);
    // What breaks a rule is drawn last, above the others.
    let mut order: Vec<usize> = (0..ways.len()).collect();
    order.sort_by_key(|at| drawing.arrows[*at].findings > 0);
    let mut labels = Vec::new();
    for at in order {
        let (arrow, points) = (&drawing.arrows[at], ways[at].iter().copied().map(shift).collect::<Vec<_>>());
        labels.push((arrow, way(drawing, arrow, &points, out)?));
    }
    for (folded, ((x, y), width)) in drawing.boxes.iter().zip(boxes.iter().copied().map(shift).zip(&widths)) {
        let modules = counted(folded.modules, "module");
        writeln!(
            out,
            "<rect class=\"box\" x=\"{:.1}\" y=\"{:.1}\" width=\"{width:.1}\" height=\"{BOX}\" rx=\"6\"/><text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text><text class=\"small\" x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{modules}</text>",
            x - width / 2.0,
            y - BOX / 2.0,
            y - 2.0,
            entities(&folded.name),
            y + 14.0
        )?;
    }
    for (arrow, (x, y)) in labels {
        let class = if arrow.findings > 0 { "label redlabel" } else { "label" };
        writeln!(out, "<text class=\"{class}\" x=\"{x:.1}\" y=\"{:.1}\">{}</text>", y + 4.0, label(arrow))?;
    }
    writeln!(out, "</svg>")
}

/// Draws an arrow through its points; tells where its label goes.
fn way(
    drawing: &Drawing,
    arrow: &Arrow,
    points: &[(f64, f64)],
    out: &mut dyn io::Write,
) -> io::Result<(f64, f64)> {
    let (first, last) = (points[0], points[points.len() - 1]);
    let downwards = first.1 <= last.1;
    let side = if downwards { BOX / 2.0 } else { -BOX / 2.0 };
    // An arrow upwards would lie upon the one downwards between the same boxes.
    let aside = if downwards { -7.0 } else { 9.0 };
    let mut points: Vec<(f64, f64)> = points.iter().map(|(x, y)| (x + aside, *y)).collect();
    let ends = points.len() - 1;
    points[0].1 += side;
    points[ends].1 -= side;
    let mut path = format!("M{:.1} {:.1}", points[0].0, points[0].1);
    for step in points.windows(2) {
        let ((x, y), (to_x, to_y)) = (step[0], step[1]);
        let middle = f64::midpoint(y, to_y);
        let _ = write!(path, "C{x:.1} {middle:.1} {to_x:.1} {middle:.1} {to_x:.1} {to_y:.1}");
    }
    let (class, head) = if arrow.findings > 0 { ("way red", "r") } else { ("way", "a") };
    let width = 1.0 + f64::from(arrow.imports).log10() * 1.2;
    let (from, to) = (&drawing.boxes[arrow.from].name, &drawing.boxes[arrow.to].name);
    writeln!(
        out,
        "<path class=\"{class}\" stroke-width=\"{width:.1}\" marker-end=\"url(#{head})\" d=\"{path}\"><title>{} imports {}: {}</title></path>",
        entities(from),
        entities(to),
        label(arrow)
    )?;
    let (a, b) = (points[0], points[1]);
    // Nearer to the importer, where arrows to one box have not met yet.
    Ok((a.0 + (b.0 - a.0) * 0.38, a.1 + (b.1 - a.1) * 0.42))
}
