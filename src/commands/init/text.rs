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
        for piece in section.pieces.iter().filter(|piece| matches!(piece.state, State::Comment(_))) {
            self.lines.push(String::new());
            self.comments([evidence(piece).as_str()]);
            let table = piece.table.map(str::to_owned);
            self.lines.extend(table.iter().chain(&piece.lines).map(|line| format!("#     {line}")));
        }
        if !section.notes.is_empty() {
            self.lines.push(String::new());
            self.comments(section.notes.iter().map(String::as_str));
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
        State::InForce { governed, against } => {
            let all = of.unwrap_or(governed).max(against);
            let share = u64::from(all - against) * 1000 / u64::from(all);
            let (whole, tenth) = (share / 10, share % 10);
            let against = counted(against, "import");
            let of = number(all);
            format!("{whole}.{tenth} %: {against} of {of} against, recorded in the baseline.")
        }
        State::Comment(against) => {
            let places = counted(against, "place");
            format!("Not in force: it would break in {places}. `--strict` writes it, and records those.")
        }
        State::Drafted | State::Dropped => String::new(),
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
        line.push_str(&format!(" {item},"));
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
