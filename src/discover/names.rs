//! Paths as shown, where a file's name is not UTF-8.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::fmt::Write;
use std::path::Path;

use crate::source::RelPath;

/// Where the files lie whose shown path is not their real one.
#[derive(Debug, Default)]
pub(super) struct Names {
    real: BTreeMap<RelPath, OsString>,
}

impl Names {
    /// Gives every path of a listing its shown form, each a different one.
    pub(super) fn shown<T>(&mut self, listing: Vec<(OsString, T)>) -> Vec<(RelPath, T)> {
        let mut odd = Vec::new();
        let mut shown = Vec::with_capacity(listing.len());
        for (path, what) in listing {
            match path.into_string() {
                Ok(text) => shown.push((RelPath::new(text), what)),
                Err(path) => odd.push((path, what)),
            }
        }
        if odd.is_empty() {
            return shown;
        }
        odd.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        let mut taken: BTreeSet<RelPath> = shown.iter().map(|(path, _)| path.clone()).collect();
        for (path, what) in odd {
            let mut form = RelPath::new(escaped(&path));
            while !taken.insert(form.clone()) {
                form = RelPath::new(form.as_str().replacen("\\x", "\\\\x", 1));
            }
            self.real.insert(form.clone(), path);
            shown.push((form, what));
        }
        shown
    }

    /// The real path of a shown one.
    pub(super) fn real<'a>(&'a self, shown: &'a RelPath) -> &'a Path {
        self.real.get(shown).map_or(Path::new(shown.as_str()), Path::new)
    }
}

/// The path with each byte that is not part of a character as `\xHH`: how a path that is not UTF-8 is shown.
pub fn escaped(path: &OsStr) -> String {
    let mut text = String::new();
    for chunk in path.as_encoded_bytes().utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            // Writing to a String cannot fail.
            let _ = write!(text, "\\x{byte:02x}");
        }
    }
    text
}
