//! One table of all strings of the page: a path or a message that stands in ten thousand findings is written once.

use std::borrow::Cow;

use rustc_hash::FxHashMap;

use crate::formats::context::escape;

/// Strings by number, in the order in which they came; 0 is the empty one. What would act on the reader's eye instead of
/// being seen is written out.
#[derive(Debug)]
pub struct Strings<'a> {
    all: Vec<Cow<'a, str>>,
    numbers: FxHashMap<Cow<'a, str>, u32>,
}

impl<'a> Strings<'a> {
    /// Only the empty string.
    pub fn new() -> Self {
        let mut strings = Self { all: Vec::new(), numbers: FxHashMap::default() };
        strings.add("");
        strings
    }

    /// The number of a string that has not been escaped.
    pub fn add(&mut self, text: &'a str) -> u32 {
        self.add_shown(escape(text))
    }

    /// The number of a string, 0 for none.
    pub fn add_any(&mut self, text: Option<&'a str>) -> u32 {
        text.map_or(0, |text| self.add(text))
    }

    /// The number of a string that can be shown as it is.
    pub fn add_shown(&mut self, text: Cow<'a, str>) -> u32 {
        if let Some(number) = self.numbers.get(&text) {
            return *number;
        }
        let number = self.all.len() as u32;
        self.all.push(text.clone());
        self.numbers.insert(text, number);
        number
    }

    /// The table.
    pub fn into_table(self) -> Vec<Cow<'a, str>> {
        self.all
    }
}
