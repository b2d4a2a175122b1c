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

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::sample;
    use super::*;

    fn written(closing: Option<&Closing>) -> Value {
        let mut out = Vec::new();
        write(&sample::overview(), closing, &mut out).unwrap();
        serde_json::from_slice(&out).unwrap()
    }

    #[test]
    fn the_document_holds_the_page() {
        let page = written(None);
        assert_eq!(page["schema"], json!(1));
        assert_eq!(page["compliance"]["compliance"], json!(99.5));
        assert_eq!(page["project"]["as_of"], json!("2026-11-22"));
        assert_eq!(page["since"]["migrations"][0]["to"]["shared.settings"], json!(3));
        assert_eq!(page["by_owner"][0]["before"]["violation"], json!(9));
        assert_eq!(page["shells_before"]["reexport"], json!(8));
        assert!(page.get("closing").is_none());
    }

    #[test]
    fn a_closing_page_has_its_verdict() {
        let closing = &written(Some(&sample::closing()))["closing"];
        assert_eq!(closing["ready"], json!(false));
        assert_eq!(
            closing["verdict"],
            json!("NOT READY: settings, 2 violations, 1 waiver; starts, 1 unknown")
        );
        assert_eq!(closing["rules"][0]["findings"][2]["status"], json!("waived"));
        assert_eq!(closing["mentions"][0]["counts"]["build file"], json!(1));
    }
}
