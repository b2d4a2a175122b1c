//! `use` and `extern crate`: one mention a leaf.

use super::tokens::Kind;
use super::walk::{Context, Level, Place};
use super::{MAX_SEGMENTS, Path, Walk, joined};
use crate::facts::Also;
use crate::languages::rust::text::{Form, Mention, Visibility};
use crate::source::Span;

/// What all leaves of one `use` share.
struct Statement {
    context: Context,
    /// None in a macro's tokens, where a leaf is a path like any other.
    visibility: Option<Visibility>,
    global: bool,
}

/// The segments before the place at hand.
#[derive(Default)]
struct Before<'t> {
    segments: Vec<&'t str>,
}

impl<'t> Walk<'t> {
    /// `use a::{b, c as d};`; returns the index behind it.
    pub(super) fn use_item(&mut self, at: usize, level: &mut Level<'t>) -> usize {
        let context = level.now;
        let is_tokens = matches!(context.place, Place::Tokens | Place::Rules);
        let statement = Statement {
            context,
            visibility: (!is_tokens).then(|| level.visible()),
            global: self.kind(at + 1) == Some(Kind::PathSep),
        };
        let found = self.part(&context).mentions.len();
        let end = self.tree(at + 1, &mut Before::default(), &statement);
        if is_tokens {
            return end;
        }
        let last = if self.is_punct(end, b';') { end } else { end.saturating_sub(1).max(at) };
        let first = level.visibility.as_ref().map_or(at, |&(first, _)| first);
        self.set_statement(self.span(first, last), found, &context);
        self.end(level);
        last + 1
    }

    /// `extern crate a as b;`
    pub(super) fn extern_crate(&mut self, at: usize, level: &mut Level<'t>) -> usize {
        let context = level.now;
        let name = at + 2;
        if matches!(context.place, Place::Tokens | Place::Rules) {
            return name + 1;
        }
        let renamed = self.is_word(name + 1, "as") && self.is_name(name + 2);
        let last = if renamed { name + 2 } else { name };
        let alias = renamed.then(|| self.word_at(last).into());
        let visibility = level.visible();
        let also = reexport(&visibility) | context.also;
        let span = self.span(name, last);
        let import = self.import("".into(), self.word_at(name), alias, span, span, also, &context);
        let form = Form::ExternCrate { visibility, macro_use: level.flags.macro_use };
        let mention = Mention { import, form, global: false, block: context.block, test: context.test };
        let found = self.part(&context).mentions.len();
        self.part(&context).mentions.push(mention);
        let end = if self.is_punct(last + 1, b';') { last + 1 } else { last };
        let first = level.visibility.as_ref().map_or(at, |&(first, _)| first);
        self.set_statement(self.span(first, end), found, &context);
        self.end(level);
        end + 1
    }

    /// Fills in the statement of the mentions from index `found` on.
    fn set_statement(&mut self, span: Span, found: usize, context: &Context) {
        let (line, end_line) = (self.lines.line(span.start), self.lines.line(span.end));
        for mention in &mut self.part(context).mentions[found..] {
            mention.import.statement = span;
            mention.import.statement_line = line;
            mention.import.statement_end_line = end_line;
        }
    }

    /// One tree of a `use`; returns the index behind it.
    fn tree(&mut self, from: usize, before: &mut Before<'t>, statement: &Statement) -> usize {
        let depth = before.segments.len();
        let mut at = from;
        if self.kind(at) == Some(Kind::PathSep) {
            at += 1;
        }
        loop {
            match self.kind(at) {
                Some(Kind::Word | Kind::RawWord) => {
                    let name = self.word_at(at);
                    if self.kind(at + 1) != Some(Kind::PathSep) {
                        at = self.leaf(at, before, statement);
                        break;
                    }
                    before.segments.push(name);
                    at += 2;
                }
                Some(Kind::Punct(b'$')) if self.is_word(at + 1, "crate") => at += 1,
                Some(Kind::Punct(b'*')) => {
                    self.wildcard(at, before, statement);
                    at += 1;
                    break;
                }
                Some(Kind::Open(b'{')) => {
                    let close = self.close_of(at);
                    at += 1;
                    while at < close {
                        let end = self.tree(at, before, statement);
                        at = if self.is_punct(end, b',') || end == at { end + 1 } else { end };
                    }
                    at = close + 1;
                    break;
                }
                _ => break,
            }
        }
        before.segments.truncate(depth);
        at.min(self.tokens.len())
    }

    /// The last name of a path, which stands at `at`; returns the index behind it.
    fn leaf(&mut self, at: usize, before: &Before<'t>, statement: &Statement) -> usize {
        let name = self.word_at(at);
        let renamed = self.is_word(at + 1, "as") && self.is_name(at + 2);
        let last = if renamed { at + 2 } else { at };
        let alias = renamed.then(|| self.word_at(last).into());
        let only_types = name == "self" && !before.segments.is_empty();
        let mut segments = before.segments.as_slice();
        let mut named = name;
        if only_types && let Some((&module, outer)) = segments.split_last() {
            (named, segments) = (module, outer);
        }
        let context = &statement.context;
        let span = self.span(at, last);
        let Some(visibility) = statement.visibility.clone() else {
            self.path_of_leaf(before, (!only_types).then_some(name), span, statement);
            return last + 1;
        };
        if let Some(module) = joined(segments) {
            let also = reexport(&visibility) | of_statement(context);
            let import = self.import(module, named, alias, span, span, also, context);
            let form = Form::Use { visibility, only_types };
            let (global, block, test) = (statement.global, context.block, context.test);
            self.part(context).mentions.push(Mention { import, form, global, block, test });
        }
        last + 1
    }

    fn wildcard(&mut self, at: usize, before: &Before<'t>, statement: &Statement) {
        let context = &statement.context;
        let span = self.span_of(at);
        let Some(visibility) = statement.visibility.clone() else {
            return self.path_of_leaf(before, None, span, statement);
        };
        if let Some(module) = joined(&before.segments) {
            let also = Also::WILDCARD | reexport(&visibility) | of_statement(context);
            let import = self.import(module, "*", None, span, span, also, context);
            let form = Form::Use { visibility, only_types: false };
            let (global, block, test) = (statement.global, context.block, context.test);
            self.part(context).mentions.push(Mention { import, form, global, block, test });
        }
    }

    /// A leaf in a macro's tokens: a path of two segments or more.
    fn path_of_leaf(
        &mut self,
        before: &Before<'t>,
        name: Option<&'t str>,
        span: Span,
        statement: &Statement,
    ) {
        if before.segments.len() + usize::from(name.is_some()) < 2 || before.segments.len() > MAX_SEGMENTS {
            return;
        }
        let segments: Vec<&str> = before.segments.iter().copied().chain(name).collect();
        let path = Path { segments: &segments, global: statement.global, span };
        let also = Also::ACCESS | statement.context.also;
        self.mention(&path, Form::Path, also, &statement.context);
    }
}

/// A `use` in a macro's arguments that reads like one is one.
fn of_statement(context: &Context) -> Also {
    context.also - Also::MACRO
}

fn reexport(visibility: &Visibility) -> Also {
    if *visibility == Visibility::Private { Also::empty() } else { Also::REEXPORT }
}
