//! The pages as one JSON document.

use std::io;

use serde::Serialize;

use crate::formats::context::write_json;
use crate::report::closing::Closing;
use crate::report::overview::Overview;

/// Writes one document; with `closing` the page that closes an incident is in it, with its verdict.
pub fn write(overview: &Overview, closing: Option<&Closing>, out: &mut dyn io::Write) -> io::Result<()> {
    let tool = Tool { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") };
    let closing = closing.map(|page| Closed { ready: page.is_ready(), verdict: page.verdict(), page });
    write_json(&Document { schema: 1, tool, overview, closing }, out)
}

#[derive(Serialize)]
struct Document<'a> {
    schema: u32,
    tool: Tool,
    #[serde(flatten)]
    overview: &'a Overview,
    #[serde(skip_serializing_if = "Option::is_none")]
    closing: Option<Closed<'a>>,
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct Closed<'a> {
    ready: bool,
    verdict: String,
    #[serde(flatten)]
    page: &'a Closing,
}
