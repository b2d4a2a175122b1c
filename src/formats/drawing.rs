//! A [`Drawing`] as Graphviz's DOT, as a Mermaid flowchart, as an SVG picture. What breaks a rule is red, thick, and says so
//! in words.

mod layout;
mod svg;

use std::io;

pub use svg::write as write_svg;

use super::context::{counted, escape, number, xml};
use crate::report::drawing::{Arrow, Drawing};

/// Writes Graphviz's language.
pub fn write_dot(drawing: &Drawing, out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(out, "digraph imports {{")?;
    writeln!(out, "  label={};", quoted(&caption(drawing)))?;
    writeln!(out, "  node [shape=box, style=rounded, fontname=\"sans-serif\"];")?;
    for folded in &drawing.boxes {
        let inside = format!("{}\n{}", folded.name, counted(folded.modules, "module"));
        writeln!(out, "  {} [label={}];", quoted(&folded.name), quoted(&inside))?;
    }
    for arrow in &drawing.arrows {
        let (from, to) = (&drawing.boxes[arrow.from].name, &drawing.boxes[arrow.to].name);
        let red =
            if arrow.findings > 0 { ", color=\"#c4314b\", fontcolor=\"#c4314b\", penwidth=2" } else { "" };
        writeln!(out, "  {} -> {} [label={}{red}];", quoted(from), quoted(to), quoted(&label(arrow)))?;
    }
    writeln!(out, "}}")
}

/// Writes a Mermaid flowchart, as Markdown pages on many sites show it.
pub fn write_mermaid(drawing: &Drawing, out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(out, "flowchart TD")?;
    for line in std::iter::once(&drawing.title).chain(&drawing.left_out) {
        // Braces would begin a directive.
        writeln!(out, "  %% {}", escape(line).replace(['{', '}'], " "))?;
    }
    for (at, folded) in drawing.boxes.iter().enumerate() {
        let modules = counted(folded.modules, "module");
        writeln!(out, "  m{at}[\"{}<br/>{modules}\"]", entities(&folded.name))?;
    }
    for arrow in &drawing.arrows {
        writeln!(out, "  m{} -->|\"{}\"| m{}", arrow.from, label(arrow), arrow.to)?;
    }
    let red: Vec<String> = drawing
        .arrows
        .iter()
        .enumerate()
        .filter(|(_, arrow)| arrow.findings > 0)
        .map(|(at, _)| at.to_string())
        .collect();
    if !red.is_empty() {
        writeln!(out, "  linkStyle {} stroke:#c4314b,stroke-width:3px", red.join(","))?;
    }
    Ok(())
}

/// What stands beside an arrow: how many imports, and how many findings lie on them.
fn label(arrow: &Arrow) -> String {
    match arrow.findings {
        0 => number(arrow.imports),
        findings => format!("{} ✗ {}", number(arrow.imports), number(findings)),
    }
}

/// What the drawing shows and what it leaves out.
fn caption(drawing: &Drawing) -> String {
    let lines: Vec<&str> =
        std::iter::once(&drawing.title).chain(&drawing.left_out).map(String::as_str).collect();
    lines.join("\n")
}

/// A quoted string of DOT; its line ends stay.
fn quoted(text: &str) -> String {
    let lines: Vec<String> =
        text.split('\n').map(|line| escape(line).replace('\\', "\\\\").replace('"', "\\\"")).collect();
    format!("\"{}\"", lines.join("\\n"))
}

/// Text on one line in which nothing is markup, for Mermaid and SVG.
fn entities(text: &str) -> String {
    xml(&escape(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::drawing::Folded;

    fn sample() -> Drawing {
        let folded = |name: &str, modules| Folded { name: name.to_owned(), modules };
        let arrow = |from, to, imports, findings| Arrow { from, to, imports, findings };
        Drawing {
            title: "3 packages".to_owned(),
            boxes: vec![folded("app", 12), folded("db", 1), folded("evil\"<b>", 2)],
            arrows: vec![arrow(0, 1, 40, 0), arrow(1, 0, 2, 1), arrow(0, 2, 1, 0)],
            left_out: vec!["4 arrows are not drawn".to_owned()],
        }
    }

    fn written(write: impl FnOnce(&Drawing, &mut dyn io::Write) -> io::Result<()>) -> String {
        let mut out = Vec::new();
        write(&sample(), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn dot_quotes_names_and_marks_what_breaks_a_rule() {
        let expected = r##"digraph imports {
  label="3 packages\n4 arrows are not drawn";
  node [shape=box, style=rounded, fontname="sans-serif"];
  "app" [label="app\n12 modules"];
  "db" [label="db\n1 module"];
  "evil\"<b>" [label="evil\"<b>\n2 modules"];
  "app" -> "db" [label="40"];
  "db" -> "app" [label="2 ✗ 1", color="#c4314b", fontcolor="#c4314b", penwidth=2];
  "app" -> "evil\"<b>" [label="1"];
}
"##;
        assert_eq!(written(write_dot), expected);
    }

    #[test]
    fn mermaid_numbers_its_boxes() {
        let expected = r#"flowchart TD
  %% 3 packages
  %% 4 arrows are not drawn
  m0["app<br/>12 modules"]
  m1["db<br/>1 module"]
  m2["evil&quot;&lt;b&gt;<br/>2 modules"]
  m0 -->|"40"| m1
  m1 -->|"2 ✗ 1"| m0
  m0 -->|"1"| m2
  linkStyle 1 stroke:#c4314b,stroke-width:3px
"#;
        assert_eq!(written(write_mermaid), expected);
    }

    #[test]
    fn a_name_that_no_xml_may_hold_is_written_out() {
        assert_eq!(entities("a\u{ffff}b\nc<"), "a\\u{ffff}b\\nc&lt;");
    }

    #[test]
    fn a_picture_holds_every_box_and_arrow_and_no_markup_of_the_tree() {
        let text = written(write_svg);
        assert_eq!(text.matches("<rect class=\"box\"").count(), 3, "{text}");
        assert_eq!(text.matches("<path class=\"way").count(), 3, "{text}");
        assert_eq!(text.matches("class=\"way red\"").count(), 1, "{text}");
        assert!(text.contains("evil&quot;&lt;b&gt;"), "{text}");
        assert!(!text.contains("<b>"), "{text}");
        assert_eq!(text, written(write_svg));
    }
}
