//! From one Rust text to what it says: a flat row of tokens, walked once.
//!
//! No syntax tree: keywords are reserved, so that an item is known by its first words, and whatever else stands there is
//! a row of paths, be it a type, an expression, a pattern or a macro's argument. It recurses over brackets alone, and
//! those are bounded. Knows no other file.

pub(super) mod tokens;
mod walk;
mod items;
mod uses;
mod paths;
mod attributes;
mod macros;

use compact_str::CompactString;
use rustc_hash::{FxHashMap, FxHashSet};

use super::text::{Declared, Form, Item, Mention, Part, Sort, Text};
use crate::facts::{Also, Import, ImportKind, When};
use crate::source::{LineIndex, Span};
use tokens::{Kind, Token};
use walk::{Context, Place};

/// More segments than that are no path that anybody writes.
const MAX_SEGMENTS: usize = 64;

/// Nor are more bytes.
const MAX_PATH: usize = 2048;

/// All that a text says. Never panics.
pub fn extract(text: &str) -> Text {
    let lines = LineIndex::new(text);
    let tokens = tokens::tokens(text, &lines);
    let mut found = Text { waivers: tokens.waivers, problem: tokens.problem, ..Text::default() };
    found.parts.push(Part {
        declared: Declared { by_name: true, line: 1, ..Declared::default() },
        ..Part::default()
    });
    let mut walk = Walk {
        text,
        tokens: &tokens.list,
        lines: &lines,
        found,
        generics: FxHashMap::default(),
        named: FxHashSet::default(),
        callables: FxHashSet::default(),
        variants: Vec::new(),
    };
    walk.walk(0..tokens.list.len(), Context::new(0, Place::Items));
    let mut found = walk.found;
    found.parts.iter_mut().for_each(leave_out_own_names);
    found
}

struct Walk<'t> {
    text: &'t str,
    tokens: &'t [Token],
    lines: &'t LineIndex,
    found: Text,
    /// The generic parameters that are in scope, and how often.
    generics: FxHashMap<&'t str, u32>,
    /// The names of one segment that are mentioned already.
    named: FxHashSet<Named<'t>>,
    /// Parameters and closures that are called like functions, with their part.
    callables: FxHashSet<(u32, &'t str)>,
    /// The variants of the enums that are being read.
    variants: Vec<CompactString>,
}

/// Of which names one mention is enough.
#[derive(PartialEq, Eq, Hash)]
struct Named<'t> {
    name: &'t str,
    part: u32,
    block: Option<u32>,
    test: bool,
    is_macro: bool,
}

/// A path as found: the segments, and the first and last byte of it.
struct Path<'a, 't> {
    segments: &'a [&'t str],
    global: bool,
    span: Span,
}

impl<'t> Walk<'t> {
    fn kind(&self, at: usize) -> Option<Kind> {
        self.tokens.get(at).map(|token| token.kind)
    }

    /// The text of a token, `r#` taken off; empty where there is none.
    fn word_at(&self, at: usize) -> &'t str {
        let Some(token) = self.tokens.get(at) else { return "" };
        let word = &self.text[token.start as usize..token.end as usize];
        if token.kind == Kind::RawWord { &word[2..] } else { word }
    }

    fn is_word(&self, at: usize, word: &str) -> bool {
        self.kind(at) == Some(Kind::Word) && self.word_at(at) == word
    }

    fn is_punct(&self, at: usize, punct: u8) -> bool {
        self.kind(at) == Some(Kind::Punct(punct))
    }

    fn is_name(&self, at: usize) -> bool {
        matches!(self.kind(at), Some(Kind::Word | Kind::RawWord))
    }

    fn is_open(&self, at: usize, bracket: u8) -> bool {
        self.kind(at) == Some(Kind::Open(bracket))
    }

    /// The index of what closes the bracket there; the row's end where nothing does.
    fn close_of(&self, open: usize) -> usize {
        self.tokens[open].partner as usize
    }

    /// The index of the `>` to that `<`.
    fn angle_of(&self, at: usize) -> Option<usize> {
        let token = self.tokens.get(at)?;
        (token.kind == Kind::Punct(b'<') && token.partner != 0).then_some(token.partner as usize)
    }

    fn span_of(&self, at: usize) -> Span {
        self.tokens.get(at).map_or_else(Span::default, |token| Span::new(token.start, token.end))
    }

    /// From the first to the last token, both included.
    fn span(&self, first: usize, last: usize) -> Span {
        Span::new(self.span_of(first).start, self.span_of(last).end)
    }

    fn part(&mut self, context: &Context) -> &mut Part {
        &mut self.found.parts[context.part as usize]
    }

    /// Records a path with all its segments; of one segment the first mention only.
    fn mention(&mut self, path: &Path<'_, 't>, form: Form, also: Also, context: &Context) {
        let Some((&name, module)) = path.segments.split_last() else { return };
        if module.is_empty() {
            let is_macro = form == Form::Macro;
            let (part, block, test) = (context.part, context.block, context.test);
            if path.global || !self.named.insert(Named { name, part, block, test, is_macro }) {
                return;
            }
        }
        let Some(module) = joined(module) else { return };
        let import = self.import(module, name, None, path.span, path.span, also, context);
        let mention = Mention { import, form, global: path.global, block: context.block, test: context.test };
        self.part(context).mentions.push(mention);
    }

    #[expect(clippy::too_many_arguments, reason = "as many as an import has properties")]
    fn import(
        &self,
        module: CompactString,
        name: &str,
        alias: Option<CompactString>,
        span: Span,
        statement: Span,
        also: Also,
        context: &Context,
    ) -> Import {
        let when = if context.deferred { When::Deferred } else { When::Eager };
        let line = self.lines.line(span.start);
        Import {
            level: 0,
            module,
            name: Some(name.into()),
            alias,
            kind: ImportKind { when, also },
            span,
            statement,
            line,
            statement_line: line,
            statement_end_line: self.lines.line(span.end),
            module_level: !context.inner,
        }
    }
}

/// The segments with `::` between them; None where nobody would write so many.
fn joined(segments: &[&str]) -> Option<CompactString> {
    if segments.len() > MAX_SEGMENTS {
        return None;
    }
    let mut all = CompactString::default();
    for segment in segments {
        if all.len() + segment.len() > MAX_PATH {
            return None;
        }
        if !all.is_empty() {
            all.push_str("::");
        }
        all.push_str(segment);
    }
    Some(all)
}

/// Takes out the names of one segment that the part's own level declares or imports by name: they are found there.
fn leave_out_own_names(part: &mut Part) {
    let is_one = |mention: &Mention| mention.form == Form::Path && mention.import.module.is_empty();
    if !part.mentions.iter().any(is_one) {
        return;
    }
    let item = |item: &Item| {
        (item.block.is_none() && item.sort != Sort::Macro).then(|| (item.name.clone(), item.test))
    };
    let leaf = |mention: &Mention| {
        let import = &mention.import;
        let is_leaf = matches!(mention.form, Form::Use { .. }) && mention.block.is_none();
        let name = import.alias.as_ref().or(import.name.as_ref())?;
        is_leaf.then(|| (name.clone(), mention.test))
    };
    let own: FxHashSet<(CompactString, bool)> =
        part.items.iter().filter_map(item).chain(part.mentions.iter().filter_map(leaf)).collect();
    part.mentions.retain(|mention| {
        let Some(name) = mention.import.name.as_ref().filter(|_| is_one(mention)) else { return true };
        let is_own = |test: bool| own.contains(&(name.clone(), test));
        !(is_own(false) || mention.test && is_own(true))
    });
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod reference;
