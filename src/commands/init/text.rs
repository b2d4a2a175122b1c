//! The registry's text: sections with headings, each piece under what is said of it, what does not hold as a comment.

use super::draft::{Piece, Places, Section, State};
use crate::formats::context::{counted, escape, number, wrap};

/// Lines of text are broken here.
const WIDTH: usize = 110;

/// The text, and where each piece that stands lies in it.
pub fn text(head: &str, sections: &[Section]) -> (String, Places) {
    let mut out = Text { lines: wrap(head, WIDTH - 2).iter().map(|line| format!("# {line}")).collect() };
    out.lines.push("version = 1".to_owned());
    let mut places = Places::new();
    for (at, section) in sections.iter().enumerate() {
        out.section(at, section, &mut places);
    }
    let mut text = out.lines.join("\n");
    text.push('\n');
    (text, places)
}

/// So many pieces of a section that do not hold are written as they would stand, in so many lines; so many more are named.
const WHOLE: usize = 2;
const LINES: usize = 14;
const NAMED: usize = 6;

/// What a line of a table is about.
fn first_name(line: &str) -> &str {
    line.split(['"', ' ']).find(|part| !part.is_empty()).unwrap_or(line)
}

struct Text {
    lines: Vec<String>,
}

impl Text {
    fn section(&mut self, at: usize, section: &Section, places: &mut Places) {
        let said = |piece: &Piece| piece.state != State::Dropped;
        if !section.pieces.iter().any(said) && section.notes.is_empty() {
            return;
        }
        if !section.title.is_empty() {
            self.lines.push(String::new());
            self.lines.push(format!("# --- {} ---", section.title));
        }
        let mut table = None;
        for (number, piece) in section.pieces.iter().enumerate().filter(|(_, piece)| piece.stands()) {
            if piece.table.is_none() && !piece.lines[0].starts_with("extends") || piece.table != table {
                self.lines.push(String::new());
            }
            if let Some(name) = piece.table.filter(|_| piece.table != table) {
                self.lines.push(name.to_owned());
            }
            table = piece.table;
            let from = self.lines.len() as u32 + 1;
            self.comments(piece.about.iter().map(String::as_str).chain([evidence(piece).as_str()]));
            self.lines.extend(piece.lines.iter().cloned());
            places.push(((at, number), (from, self.lines.len() as u32)));
        }
        self.not_in_force(section);
        if !section.notes.is_empty() {
            self.lines.push(String::new());
            self.comments(section.notes.iter().map(String::as_str));
        }
    }

    /// What does not hold: the first few as they would stand, the others by their names.
    fn not_in_force(&mut self, section: &Section) {
        let (mut whole, mut lines) = (0, 0);
        let mut names = Vec::new();
        for piece in &section.pieces {
            let State::Comment(against) = piece.state else { continue };
            if whole < WHOLE && lines + piece.lines.len() <= LINES {
                (whole, lines) = (whole + 1, lines + piece.lines.len());
                let places = counted(against, "place");
                self.lines.push(String::new());
                self.comments([format!(
                    "Not in force: it would break in {places}. `--strict` writes it, and records those."
                )
                .as_str()]);
                let table = piece.table.map(str::to_owned);
                self.lines.extend(table.iter().chain(&piece.lines).map(|line| format!("#     {line}")));
            } else {
                let name =
                    if piece.rule.is_empty() { first_name(&piece.lines[0]) } else { piece.rule.as_str() };
                names.push(format!("`{name}` ({})", number(against)));
            }
        }
        if !names.is_empty() {
            let more = names.len().saturating_sub(NAMED);
            names.truncate(NAMED);
            let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
            self.lines.push(String::new());
            let names = names.join(", ");
            self.comments([format!(
                "Not in force either, with the places where they would break: {names}{rest}."
            )
            .as_str()]);
        }
    }

    fn comments<'t>(&mut self, texts: impl IntoIterator<Item = &'t str>) {
        for text in texts.into_iter().filter(|text| !text.is_empty()) {
            self.lines.extend(wrap(&escape(text), WIDTH - 2).iter().map(|line| format!("# {line}")));
        }
    }
}

/// What a run said of a piece; nothing before the first.
fn evidence(piece: &Piece) -> String {
    let of = piece.tolerance.map(|tolerance| tolerance.of);
    match piece.state {
        State::InForce { governed, against: 0 } => match of.unwrap_or(governed) {
            0 => String::new(),
            n => format!("{}, none against.", counted(n, "import")),
        },
        State::InForce { governed, against } if of.unwrap_or(governed) == 0 => {
            format!("{} against, recorded in the baseline.", counted(against, "place"))
        }
        State::InForce { governed, against } => {
            let all = of.unwrap_or(governed).max(against);
            let share = u64::from(all - against) * 1000 / u64::from(all);
            let (whole, tenth) = (share / 10, share % 10);
            let against = counted(against, "import");
            let of = number(all);
            format!("{whole}.{tenth} %: {against} of {of} against, recorded in the baseline.")
        }
        State::Drafted | State::Comment(_) | State::Dropped => String::new(),
    }
}

/// A string of TOML.
pub fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

/// `key = [...]`, on one line where it fits.
pub fn list(key: &str, items: &[String]) -> Vec<String> {
    let quoted: Vec<String> = items.iter().map(|item| quoted(item)).collect();
    let one = format!("{key} = [{}]", quoted.join(", "));
    if one.chars().count() <= WIDTH {
        return vec![one];
    }
    let mut lines = vec![format!("{key} = [")];
    let mut line = String::from("   ");
    for item in quoted {
        if line.chars().count() + item.chars().count() + 2 > WIDTH && line.len() > 3 {
            lines.push(std::mem::replace(&mut line, String::from("   ")));
        }
        line.extend([" ", item.as_str(), ","]);
    }
    lines.push(line);
    lines.push("]".to_owned());
    lines
}

/// A layer of `order`: a string, over several lines where it is long.
pub fn layer(names: &[&str], joined: &str) -> Vec<String> {
    let text = names.join(&format!(" {joined} "));
    if text.chars().count() + 7 <= WIDTH || names.len() < 2 {
        return vec![format!("    {},", quoted(&text))];
    }
    let wrapped = wrap(&text, WIDTH - 8);
    let last = wrapped.len().saturating_sub(1);
    let lines = wrapped.iter().enumerate().map(|(at, line)| match (at == 0, at == last) {
        (true, _) => format!("    \"\"\"{line} \\"),
        (false, true) => format!("       {line}\"\"\","),
        (false, false) => format!("       {line} \\"),
    });
    lines.collect()
}
