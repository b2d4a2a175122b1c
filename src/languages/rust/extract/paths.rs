//! Paths in code and in tokens, and names of one segment.

use super::tokens::Kind;
use super::walk::{Level, Place};
use super::{MAX_SEGMENTS, Path, Walk};
use crate::facts::Also;
use crate::languages::rust::text::Form;

impl<'t> Walk<'t> {
    /// A path begins there, with `::` or a name; returns the index behind it, or of its first list of generic arguments.
    pub(super) fn path(&mut self, from: usize, level: &mut Level<'t>) -> usize {
        let global = self.kind(from) == Some(Kind::PathSep);
        self.path_from(from, from + usize::from(global), global, level)
    }

    /// `$crate::a` is a path; of `$x::a` nothing is known.
    pub(super) fn variable(&mut self, at: usize, level: &mut Level<'t>) -> usize {
        if self.is_word(at + 1, "crate") {
            return self.path_from(at, at + 1, false, level);
        }
        if self.is_name(at + 1) { self.chain(at + 2) } else { at + 1 }
    }

    /// Skips `::a::b` behind something that is no path; returns the index behind it.
    pub(super) fn chain(&self, from: usize) -> usize {
        let mut at = from;
        while self.kind(at) == Some(Kind::PathSep) {
            let name = at + 1 + usize::from(self.is_punct(at + 1, b'$'));
            if !self.is_name(name) {
                return at + 1;
            }
            at = name + 1;
        }
        at
    }

    /// The path whose first token is `first` and whose first name stands at `from`.
    fn path_from(&mut self, first: usize, from: usize, global: bool, level: &mut Level<'t>) -> usize {
        let mut segments: [&'t str; MAX_SEGMENTS] = [""; MAX_SEGMENTS];
        let mut count = 0;
        let mut generic = None;
        let mut at = from;
        let (last, behind) = loop {
            if let Some(segment) = segments.get_mut(count) {
                *segment = self.word_at(at);
            }
            count += 1;
            let mut next = at + 1;
            let separated = self.kind(next) == Some(Kind::PathSep);
            next += usize::from(separated);
            if let Some(close) = self.angle_of(next) {
                // `a::<T>::b`, and in a type `a<T>::b`
                if self.kind(close + 1) == Some(Kind::PathSep) && self.is_name(close + 2) {
                    generic.get_or_insert(next);
                    at = close + 2;
                    continue;
                }
                break (at, next);
            }
            if separated && self.is_name(next) {
                at = next;
                continue;
            }
            break (at, next);
        };
        let behind = generic.unwrap_or(behind);
        let Some(segments) = segments.get(..count) else { return behind };
        if segments[0] == "Self" {
            return behind;
        }
        let span = self.span(first, last);
        let path = Path { segments, global, span };
        let also = level.now.also;
        if self.is_punct(behind, b'!') && matches!(self.kind(behind + 1), Some(Kind::Open(_))) {
            let access = if count > 1 { Also::ACCESS } else { Also::empty() };
            self.mention(&path, Form::Macro, access | also, &level.now);
            return self.macro_call(segments[count - 1], behind + 1, level);
        }
        if count > 1 || self.is_candidate(from, level) {
            self.mention(&path, Form::Path, Also::ACCESS | also, &level.now);
        }
        behind
    }

    /// Whether a single name may be one that a glob import brings.
    fn is_candidate(&mut self, at: usize, level: &Level<'t>) -> bool {
        let name = self.word_at(at);
        if matches!(name, "self" | "crate" | "super") {
            return false;
        }
        if !name.starts_with(char::is_uppercase) {
            if self.is_callable(at + 1) {
                self.callables.insert((level.now.part, name));
            }
            return self.is_open(at + 1, b'(')
                && !level.now.also.contains(Also::ATTRIBUTE)
                && !self.callables.contains(&(level.now.part, name));
        }
        if self.generics.get(name).is_some_and(|&count| count > 0) {
            return false;
        }
        // `Iterator<Item = T>`
        let is_binding = level.is_in_angle(at)
            && (self.is_punct(at + 1, b'=') || self.is_punct(at + 1, b':'))
            && level.base.place != Place::Variants;
        !is_binding
    }

    /// Whether `: impl Fn()` or the like stands there: the parameter before may be called like a function.
    fn is_callable(&self, colon: usize) -> bool {
        let mut at = colon + 1;
        if !self.is_punct(colon, b':') {
            return false;
        }
        while self.is_punct(at, b'&') || self.is_word(at, "mut") {
            at += 1;
        }
        let generic = self.is_name(at) && self.generics.get(self.word_at(at)).is_some_and(|&count| count > 0);
        generic || ["impl", "dyn", "fn"].iter().any(|word| self.is_word(at, word))
    }

    /// `let f = |x| …`: what follows calls the closure.
    pub(super) fn closure(&mut self, from: usize, level: &Level<'t>) {
        let name = from + usize::from(self.is_word(from, "mut"));
        let value = name + 2;
        let is_closure = self.is_punct(value, b'|') || self.is_word(value, "move");
        if is_closure && self.is_name(name) && self.is_punct(name + 1, b'=') {
            self.callables.insert((level.now.part, self.word_at(name)));
        }
    }
}
