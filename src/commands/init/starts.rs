//! What is started: images' commands, declared scripts and files by their usual names, with what an image holds.

use super::draft::{Piece, Section};
use super::text::{list, quoted};
use super::world::{World, is_plain, slug};
use crate::entries::{Guess, guess_entries};
use crate::formats::context::counted;
use crate::module_path::components;

/// Starts that are drafted.
const MOST: usize = 8;

/// Where a `main.py` is what is started.
const DEEPEST: usize = 3;

/// An image that takes more patterns is not written down.
const PATTERNS: usize = 12;

/// An entry for each start.
pub fn find(world: &World) -> Section {
    let mut section = Section { title: "Starts", noun: "entry point", ..Section::default() };
    let guesses = world.context.ask_entries(guess_entries);
    let images = world.context.images();
    let mut named: Vec<&Guess> = guesses.iter().filter(|guess| is_start(guess)).collect();
    // Of a module alone and one with a name, the second says more.
    let with_name = |module: &str| {
        guesses
            .iter()
            .any(|other| other.module.strip_prefix(module).is_some_and(|rest| rest.starts_with(':')))
    };
    named.retain(|guess| !with_name(&guess.module));
    for guess in named.iter().take(MOST) {
        let id = slug(&guess.module, "starts");
        let mut about = vec![format!("From {}.", guess.source)];
        let mut lines = vec!["[[entrypoint]]".to_owned(), format!("id = {}", quoted(&id))];
        lines.push(format!("module = {}", quoted(&guess.module)));
        let image = images.iter().find(|image| image.entry.contains(&guess.module));
        if let Some(image) = image {
            let patterns = image.ships.len() + image.absent.len();
            let place = format!("{}:{}", image.path, image.line);
            if !image.unclear.is_empty() {
                about.push(format!("Not all that {place} copies could be followed: `ships` is left out."));
            } else if patterns > PATTERNS {
                about.push(format!("The image of {place} takes {patterns} patterns: `ships` is left out."));
            } else if patterns > 0 {
                about.push(format!("`ships` is what {place} copies."));
                for (key, items) in [("ships", &image.ships), ("absent", &image.absent)] {
                    if !items.is_empty() {
                        lines.extend(list(key, items));
                    }
                }
            }
        }
        section.pieces.push(Piece::entry(String::new(), about, lines));
    }
    let more = named.len().saturating_sub(MOST);
    if more > 0 {
        section.notes.push(format!("Not drafted: {} more.", counted(more as u64, "probable start")));
    }
    section
}

/// Whether it is likely: deep in a package `main.py` is a name like any other.
fn is_start(guess: &Guess) -> bool {
    let module = guess.module.split(':').next().unwrap_or_default();
    is_plain(module) && (guess.source != "main.py" || components(module).count() <= DEEPEST)
}
