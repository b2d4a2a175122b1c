//! stub
use super::text::Text;
pub fn extract(_text: &str) -> Text {
    Text { parts: vec![super::text::Part::default()], ..Text::default() }
}
