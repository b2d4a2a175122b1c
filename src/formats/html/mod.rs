//! HTML for people: one file that needs neither a network nor a build step.
//!
//! The page (`page.html`, `page.css` and the scripts beside it) is the same for every project; what differs is one JSON
//! document inside it, [`data`]. No text of the tree or the registry becomes markup: the document is written so that it
//! cannot end its own element, and the scripts set text, never HTML. The page's content security policy forbids to load
//! or send anything.

mod data;
mod strings;

use std::io;

use crate::formats::context::{is_hidden, write_json_text};
use crate::report::Report;
use crate::report::closing::Closing;
use crate::report::overview::Overview;

/// What is written.
#[derive(Clone, Copy, Debug)]
pub struct Page<'a> {
    /// The project's name.
    pub title: &'a str,
    /// What is shown; with [`Report::graph`] also the matrix and the graph.
    pub report: &'a Report,
    /// The manager's page; without it there is nothing but the matrix and the graph.
    pub overview: Option<&'a Overview>,
    /// The page that closes an incident, where one was asked for.
    pub closing: Option<&'a Closing>,
}

const PAGE: &str = include_str!("page.html");
const STYLE: &str = include_str!("page.css");

/// In the order in which they depend on each other.
const SCRIPTS: [&str; 13] = [
    include_str!("dom.js"),
    include_str!("data.js"),
    include_str!("summary.js"),
    include_str!("overview.js"),
    include_str!("trend.js"),
    include_str!("closing.js"),
    include_str!("tables.js"),
    include_str!("findings.js"),
    include_str!("matrix.js"),
    include_str!("layout.js"),
    include_str!("arrows.js"),
    include_str!("graph.js"),
    include_str!("page.js"),
];

/// Opens a place in `page.html` where something is put in.
const PLACE: &str = "<!-- put ";

/// Writes the page.
pub fn write(page: &Page, out: &mut dyn io::Write) -> io::Result<()> {
    let mut parts = PAGE.split(PLACE);
    write!(out, "{}", parts.next().unwrap_or_default())?;
    for part in parts {
        let (what, rest) = part.split_once(" -->").unwrap_or(("", part));
        match what {
            "style" => write!(out, "<style>\n{STYLE}</style>")?,
            "data" => {
                write!(out, "<script type=\"application/json\" id=\"data\">")?;
                write_json(&data::Document::new(page), out)?;
                write!(out, "</script>")?;
            }
            _ => {
                for script in SCRIPTS {
                    write!(out, "<script>\n{script}</script>\n")?;
                }
            }
        }
        out.write_all(rest.as_bytes())?;
    }
    Ok(())
}

/// JSON on one line in which nothing can begin markup: `<` stands only inside its strings.
fn write_json(document: &data::Document, out: &mut dyn io::Write) -> io::Result<()> {
    write_json_text(&serde_json::to_string(document)?, |c| c == '<' || is_hidden(c), out)
}

#[cfg(test)]
mod tests;
