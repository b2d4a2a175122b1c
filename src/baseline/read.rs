//! The baseline's file: one JSON object a line, every problem told at its line.

use std::fmt;

use serde_json::{Map, Value};
use thiserror::Error;

use super::{Baseline, Entry};
use crate::facts::Date;
use crate::source::{Language, Span};

/// Every key that an entry may hold.
const KEYS: [&str; 10] =
    ["language", "rule", "importer", "target", "ordinal", "path", "since", "reason", "owner", "until"];

/// Everything that is wrong with a baseline, in file order.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("{path}: {}", count(.problems.len()))]
pub struct BaselineErrors {
    /// The file, as it is shown.
    pub path: String,
    /// At least one.
    pub problems: Vec<Problem>,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// 1-based line.
    pub line: u32,
    /// 1-based column in characters.
    pub column: u32,
    /// One sentence without a final stop.
    pub message: String,
    /// What to write instead, where it is known.
    pub help: Option<String>,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.message)
    }
}

fn count(problems: usize) -> String {
    if problems == 1 { "1 problem".to_owned() } else { format!("{problems} problems") }
}

impl Baseline {
    /// Reads a baseline; its lines may stand in any order, and empty ones are passed over. A line may not end later than
    /// a year after `as_of`.
    pub fn read(path: &str, text: String, as_of: Date) -> Result<Self, BaselineErrors> {
        let mut entries = Vec::new();
        let mut problems = Vec::new();
        let mut start = 0;
        for (at, whole) in text.split_inclusive('\n').enumerate() {
            let (begin, line) = (start, at as u32 + 1);
            start += whole.len();
            let marked = whole.strip_prefix('\u{feff}').filter(|_| at == 0);
            let begin = begin + whole.len() - marked.map_or(whole.len(), str::len);
            let content = marked.unwrap_or(whole).trim_end_matches(['\n', '\r']);
            if content.trim().is_empty() {
                continue;
            }
            let span = Span::new(begin as u32, (begin + content.len()) as u32);
            let mut reader = Reader { text: content, line, problems: Vec::new() };
            match reader.entry(span, as_of) {
                Some(entry) if reader.problems.is_empty() => entries.push(entry),
                _ => problems.append(&mut reader.problems),
            }
        }
        if problems.is_empty() {
            Ok(Self { path: path.to_owned(), text, entries })
        } else {
            Err(BaselineErrors { path: path.to_owned(), problems })
        }
    }
}

/// Reads one line and collects what is wrong with it.
struct Reader<'t> {
    text: &'t str,
    line: u32,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    fn entry(&mut self, span: Span, as_of: Date) -> Option<Entry> {
        let object = self.object()?;
        for key in object.keys().filter(|key| !KEYS.contains(&key.as_str())) {
            let help = format!("an entry holds {}", KEYS.join(", "));
            self.problem::<()>(key, format!("there is no key `{key}`"), Some(help));
        }
        // All are read, so that all problems are told.
        let language = self.language(&object);
        let rule = self.text(&object, "rule", false);
        let importer = self.text(&object, "importer", true);
        let target = self.text(&object, "target", true);
        let ordinal = self.ordinal(&object);
        let path = self.text(&object, "path", false);
        let since =
            if object.contains_key("since") { self.date(&object, "since") } else { self.missing("since") };
        let reason = self.text(&object, "reason", false);
        let owner = object.contains_key("owner").then(|| self.text(&object, "owner", false)).flatten();
        let until = object.contains_key("until").then(|| self.date(&object, "until")).flatten();
        let last = Date::from_days(as_of.days() + Date::FURTHEST_AHEAD);
        if let (Some(until), Some(last)) = (until, last)
            && until > last
        {
            let ahead = Date::FURTHEST_AHEAD;
            let message =
                format!("`until` is more than {ahead} days ahead ({last} is the last day that it can name)");
            self.problem::<()>("until", message, None);
        }
        Some(Entry {
            language: language?,
            rule: rule?,
            importer: importer?,
            target: target?,
            ordinal,
            path: path?,
            since: since?,
            reason: reason?,
            owner,
            until,
            line: self.line,
            span,
        })
    }

    fn object(&mut self) -> Option<Map<String, Value>> {
        match serde_json::from_str(self.text) {
            Ok(Value::Object(object)) => return Some(object),
            Ok(_) => self.at(1, "an entry is one JSON object".to_owned(), None),
            Err(_)
                if ["<<<<<<<", "=======", ">>>>>>>", "|||||||"].iter().any(|s| self.text.starts_with(s)) =>
            {
                let help = "take the marks out and keep the lines of both sides: their order means nothing";
                self.at(1, "a merge left its mark here".to_owned(), Some(help.to_owned()));
            }
            Err(error) => {
                let column = self.text.as_bytes().get(..error.column().saturating_sub(1));
                let column = column.map_or(1, |before| String::from_utf8_lossy(before).chars().count() + 1);
                let says = error.to_string();
                let says = says.split(" at line ").next().unwrap_or_default();
                let help = "an entry is one JSON object on a line of its own";
                self.at(column as u32, format!("this is no JSON: {says}"), Some(help.to_owned()));
            }
        }
        None
    }

    #[expect(clippy::option_option, reason = "wrong, right and none, right and some")]
    fn language(&mut self, object: &Map<String, Value>) -> Option<Option<Language>> {
        let name = match object.get("language") {
            Some(Value::Null) => return Some(None),
            Some(Value::String(name)) => name.as_str(),
            Some(_) => "",
            None => return self.missing("language"),
        };
        let language = Language::ALL.into_iter().find(|language| language.name() == name);
        if language.is_none() {
            let names = Language::ALL.map(Language::name).join("\", \"");
            let help = format!("one of \"{names}\", or null for findings about the registry");
            self.problem::<()>("language", "`language` names no language".to_owned(), Some(help));
        }
        language.map(Some)
    }

    fn ordinal(&mut self, object: &Map<String, Value>) -> u32 {
        let Some(value) = object.get("ordinal") else { return 0 };
        value.as_u64().and_then(|ordinal| u32::try_from(ordinal).ok()).unwrap_or_else(|| {
            self.problem::<()>("ordinal", "`ordinal` is no number from 0 on".to_owned(), None);
            0
        })
    }

    fn text(&mut self, object: &Map<String, Value>, key: &str, may_be_empty: bool) -> Option<String> {
        match object.get(key) {
            None => self.missing(key),
            Some(Value::String(text)) if may_be_empty || !text.trim().is_empty() => Some(text.clone()),
            Some(Value::String(_)) => self.problem(key, format!("`{key}` is empty"), None),
            Some(_) => self.problem(key, format!("`{key}` is no text"), None),
        }
    }

    fn date(&mut self, object: &Map<String, Value>, key: &str) -> Option<Date> {
        let date = object.get(key).and_then(Value::as_str).and_then(Date::parse);
        if date.is_none() {
            self.problem::<()>(key, format!("`{key}` is no date"), Some("write \"YYYY-MM-DD\"".to_owned()));
        }
        date
    }

    fn missing<T>(&mut self, key: &str) -> Option<T> {
        self.at(1, format!("`{key}` is missing"), None);
        None
    }

    /// A problem at a key.
    fn problem<T>(&mut self, key: &str, message: String, help: Option<String>) -> Option<T> {
        let before = self.text.find(&format!("\"{key}\"")).and_then(|at| self.text.get(..at));
        self.at(before.map_or(1, |before| before.chars().count() as u32 + 1), message, help);
        None
    }

    fn at(&mut self, column: u32, message: String, help: Option<String>) {
        self.problems.push(Problem { line: self.line, column, message, help });
    }
}
