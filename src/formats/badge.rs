//! A badge: the JSON that a shields endpoint takes (<https://shields.io/badges/endpoint-badge>).

use std::io;

use serde::Serialize;

use super::context::write_json;
use crate::report::Report;

/// Writes the headline as a badge. The number is a lower bound, as it is everywhere.
pub fn write(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    let compliance = report.summary.tally.compliance;
    let message = compliance.map_or_else(|| "n/a".to_owned(), |value| format!("{value:.1}%"));
    write_json(&Badge { schema_version: 1, label: "imports", message, color: color(compliance) }, out)
}

#[derive(Serialize)]
struct Badge {
    #[serde(rename = "schemaVersion")]
    schema_version: u32,
    label: &'static str,
    message: String,
    color: &'static str,
}

/// The colours that shields names.
fn color(compliance: Option<f64>) -> &'static str {
    match compliance {
        None => "lightgrey",
        Some(value) if value >= 100.0 => "brightgreen",
        Some(value) if value >= 95.0 => "green",
        Some(value) if value >= 90.0 => "yellowgreen",
        Some(value) if value >= 75.0 => "yellow",
        Some(value) if value >= 50.0 => "orange",
        Some(_) => "red",
    }
}

#[cfg(test)]
mod tests {
    use crate::formats::Format;
    use crate::formats::sample::{self, options, written};

    #[test]
    fn the_headline() {
        let badge = |report| written(&report, Format::Badge, &options());
        assert_eq!(
            badge(sample::report()),
            "{\n  \"schemaVersion\": 1,\n  \"label\": \"imports\",\n  \"message\": \"99.5%\",\n  \"color\": \"green\"\n}\n"
        );
        let none: serde_json::Value = serde_json::from_str(&badge(sample::empty())).unwrap();
        assert_eq!((none["message"].as_str(), none["color"].as_str()), (Some("n/a"), Some("lightgrey")));
    }

    #[test]
    fn only_all_is_bright() {
        let colors =
            [100.0, 99.9, 95.0, 94.9, 90.0, 75.0, 74.9, 50.0, 49.9, 0.0].map(|v| super::color(Some(v)));
        assert_eq!(
            colors,
            [
                "brightgreen",
                "green",
                "green",
                "yellowgreen",
                "yellowgreen",
                "yellow",
                "orange",
                "orange",
                "red",
                "red"
            ]
        );
    }
}
