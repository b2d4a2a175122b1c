//! Words: the keywords that begin an item, and what each declares.

use std::ops::Range;

use compact_str::CompactString;

use super::tokens::Kind;
use super::walk::{Body, Context, Level, Place, Until};
use super::{Walk, joined};
use crate::facts::Also;
use crate::languages::rust::text::{Declared, Item, Part, Sort, Spaces, Visibility};

impl<'t> Walk<'t> {
    /// Reads a keyword, an item's beginning, or a path that begins with a name.
    pub(super) fn word(&mut self, at: usize, level: &mut Level<'t>) -> usize {
        let next = at + 1;
        match self.word_at(at) {
            "use" => {
                if let Some(close) = self.angle_of(next) {
                    // `impl Trait + use<'a, T>`
                    return close + 1;
                }
                self.use_item(at, level)
            }
            "mod" => self.module(at, level),
            "pub" => self.visibility(at, level),
            "fn" => {
                if !self.is_name(next) {
                    return next;
                }
                let is_macro = level.flags.proc_macro;
                if let Some(derive) = level.flags.derive {
                    self.declare(derive, Sort::Macro, Spaces::MACRO, level);
                }
                let (sort, spaces) = if is_macro {
                    (Sort::Macro, Spaces::MACRO | Spaces::VALUE)
                } else {
                    (Sort::Function, Spaces::VALUE)
                };
                self.item(next, sort, spaces, Until::Body, Body::Function, level)
            }
            "struct" => self.item(next, Sort::Type, Spaces::TYPE, Until::Body, Body::Fields, level),
            "union" if self.is_union(at) => {
                self.item(next, Sort::Type, Spaces::TYPE, Until::Body, Body::Fields, level)
            }
            "enum" => self.item(next, Sort::Type, Spaces::TYPE, Until::Body, Body::Variants, level),
            "trait" => self.item(next, Sort::Type, Spaces::TYPE, Until::Body, Body::Members, level),
            "type" => self.item(next, Sort::Type, Spaces::TYPE, Until::Semicolon, Body::None, level),
            "const" => {
                if level.is_in_angle(at) || !self.is_const(at) {
                    return next;
                }
                if self.word_at(next) == "_" {
                    level.begin(Until::Semicolon, Body::None);
                    return next + 1;
                }
                self.item(next, Sort::Value, Spaces::VALUE, Until::Semicolon, Body::None, level)
            }
            "static" => match self.static_name(at) {
                Some(name) => {
                    self.item(name, Sort::Value, Spaces::VALUE, Until::Semicolon, Body::None, level)
                }
                None => next,
            },
            "impl" => {
                if self.begins_statement(at) && matches!(level.base.place, Place::Items | Place::Code) {
                    level.begin(Until::Body, Body::Members);
                    self.generics(next, level);
                }
                next
            }
            "extern" => self.foreign(at, level),
            "macro_rules" if self.is_punct(next, b'!') => self.rules(at, level),
            "macro" => self.item(next, Sort::Macro, Spaces::MACRO, Until::Body, Body::Rules, level),
            "let" => {
                if level.until == Until::Member && at == level.attributes.end {
                    level.until = Until::Semicolon;
                }
                self.closure(next, level);
                next
            }
            "try" if self.is_punct(next, b'!') => self.path(at, level),
            "as" | "async" | "await" | "break" | "box" | "continue" | "do" | "dyn" | "else" | "false"
            | "for" | "if" | "in" | "loop" | "match" | "move" | "mut" | "ref" | "return" | "true" | "try"
            | "unsafe" | "where" | "while" | "yield" | "_" => next,
            "default" | "auto" | "safe" if self.is_word(next, "unsafe") || self.begins_keyword(next) => next,
            _ => self.path(at, level),
        }
    }

    /// Whether a word there is one before which `default` or `auto` is no name.
    fn begins_keyword(&self, at: usize) -> bool {
        self.kind(at) == Some(Kind::Word)
            && matches!(
                self.word_at(at),
                "fn" | "impl" | "const" | "type" | "async" | "extern" | "trait" | "static"
            )
    }

    /// Whether nothing of a statement stands before a token.
    fn begins_statement(&self, at: usize) -> bool {
        let Some(before) = at.checked_sub(1) else { return true };
        match self.kind(before) {
            Some(Kind::Open(_) | Kind::Close(b'}' | b']') | Kind::Punct(b';')) => true,
            Some(Kind::Word) => matches!(self.word_at(before), "unsafe" | "default" | "const"),
            _ => false,
        }
    }

    /// `const NAME:`, but neither `*const T`, nor `const fn`, nor `const { … }`.
    pub(super) fn is_const(&self, at: usize) -> bool {
        let is_pointer = at > 0 && (self.is_punct(at - 1, b'*') || self.is_word(at - 1, "raw"));
        self.is_name(at + 1)
            && !is_pointer
            && (self.is_punct(at + 2, b':') || self.is_punct(at + 2, b'=') || self.is_punct(at + 2, b'<'))
    }

    /// The name of `static mut NAME:`; none of a closure.
    pub(super) fn static_name(&self, at: usize) -> Option<usize> {
        let is_marked = self.is_word(at + 1, "mut") || self.is_word(at + 1, "ref");
        let name = at + 1 + usize::from(is_marked && !self.is_punct(at + 2, b':'));
        (self.is_name(name) && self.is_punct(name + 1, b':')).then_some(name)
    }

    /// `union Name {`; the word is a name elsewhere.
    pub(super) fn is_union(&self, at: usize) -> bool {
        self.is_name(at + 1)
            && (self.is_open(at + 2, b'{') || self.is_punct(at + 2, b'<') || self.is_word(at + 2, "where"))
    }

    /// An item whose name stands at `name` begins; returns the index behind the name.
    fn item(
        &mut self,
        name: usize,
        sort: Sort,
        spaces: Spaces,
        until: Until,
        body: Body,
        level: &mut Level<'t>,
    ) -> usize {
        if !self.is_name(name) {
            return name;
        }
        match level.base.place {
            Place::Tokens | Place::Rules => return name + 1,
            Place::Items | Place::Code => {
                level.begin(until, body);
                self.declare(name, sort, spaces, level);
                if matches!(body, Body::Fields | Body::Variants) {
                    level.item = Some(self.part(&level.now).items.len() - 1);
                }
            }
            Place::Plain | Place::Members | Place::Variants => level.begin(until, body),
        }
        self.generics(name + 1, level);
        name + 1
    }

    fn declare(&mut self, name: usize, sort: Sort, spaces: Spaces, level: &Level<'t>) {
        if !matches!(level.base.place, Place::Items | Place::Code) {
            return;
        }
        let span = self.span_of(name);
        let is_procedural = level.flags.proc_macro || level.flags.derive.is_some();
        let item = Item {
            name: self.word_at(name).into(),
            sort,
            spaces,
            visibility: level.visible(),
            exported: level.flags.macro_export || is_procedural && sort == Sort::Macro,
            variants: Vec::new(),
            block: level.now.block,
            test: level.now.test,
            span,
            line: self.lines.line(span.start),
        };
        self.part(&level.now).items.push(item);
    }

    /// A struct that ends with `;` has a constructor of its name.
    pub(super) fn is_also_value(&mut self, level: &Level<'t>) {
        if let Some(item) = level.item {
            self.part(&level.now).items[item].spaces |= Spaces::VALUE;
        }
    }

    /// The parameters of `<T: A, const N: usize>`, which hold until the item ends.
    fn generics(&mut self, at: usize, level: &mut Level<'t>) {
        let Some(close) = self.angle_of(at) else { return };
        let mut begins = true;
        let mut at = at + 1;
        while at < close {
            match self.tokens[at].kind {
                Kind::Open(_) => at = self.close_of(at),
                Kind::Punct(b'<') => at = self.angle_of(at).unwrap_or(at),
                Kind::Punct(b',') => begins = true,
                Kind::Punct(b'#') => {}
                Kind::Word if begins && self.word_at(at) == "const" => {}
                Kind::Word | Kind::RawWord if begins => {
                    begins = false;
                    let name = self.word_at(at);
                    *self.generics.entry(name).or_default() += 1;
                    level.add_generic(name);
                }
                _ => begins = false,
            }
            at += 1;
        }
    }

    /// The variants of an enum, which stand in `range`.
    pub(super) fn variants(&mut self, range: Range<usize>, context: Context, item: Option<usize>) {
        let from = self.variants.len();
        self.walk_as(Place::Variants, range, context);
        let variants = self.variants.split_off(from);
        if let Some(item) = item {
            self.part(&context).items[item].variants = variants;
        }
    }

    /// A variant's name stands there.
    pub(super) fn variant(&mut self, at: usize, level: &Level<'t>) -> usize {
        debug_assert_eq!(level.base.place, Place::Variants);
        let name = CompactString::from(self.word_at(at));
        self.variants.push(name);
        at + 1
    }

    /// `pub`, `pub(crate)`, `pub(in a::b)`, but of `pub (A, B)` the first word.
    fn visibility(&mut self, at: usize, level: &mut Level<'t>) -> usize {
        let mut next = at + 1;
        let mut visibility = Visibility::Public;
        let restricted = self.is_open(next, b'(')
            && match self.word_at(next + 1) {
                "in" => true,
                "crate" | "self" | "super" => self.kind(next + 2) == Some(Kind::Close(b')')),
                _ => false,
            };
        if restricted {
            let close = self.close_of(next);
            let names = (next + 1..close).filter(|&at| self.is_name(at) && !self.is_word(at, "in"));
            let names: Vec<&str> = names.map(|at| self.word_at(at)).collect();
            visibility = Visibility::Within(joined(&names).unwrap_or_default());
            next = close + 1;
        }
        level.visibility = Some((at, visibility));
        next
    }

    /// `mod x;` or `mod x { … }`.
    fn module(&mut self, at: usize, level: &mut Level<'t>) -> usize {
        let name = at + 1;
        let is_file = |end: usize| self.is_punct(end, b';');
        if level.base.place == Place::Rules {
            let end = name + usize::from(self.is_punct(name, b'$')) + 1;
            self.found.by_macro |= is_file(end);
            return if self.is_name(name) { name + 1 } else { name };
        }
        if !self.is_name(name) || level.base.place == Place::Tokens {
            return if self.is_name(name) { name + 1 } else { name };
        }
        let end = name + 1;
        let is_file = is_file(end);
        if !is_file && !self.is_open(end, b'{') {
            return end;
        }
        let mut declared = self.declared(name, level);
        declared.visibility = level.visible();
        let mut context = level.now;
        if is_file {
            self.part(&context).files.push(declared);
            self.end(level);
            return end + 1;
        }
        let parent = Some(context.part);
        context.part = self.found.parts.len() as u32;
        context.block = None;
        context.deferred = false;
        context.inner = false;
        self.found.parts.push(Part { parent, declared, ..Part::default() });
        let close = self.close_of(end);
        self.walk_as(Place::Items, end + 1..close, context);
        self.end(level);
        close + 1
    }

    /// The module whose name stands at `name`, with what its attributes say; its visibility is not filled in.
    fn declared(&self, name: usize, level: &Level<'t>) -> Declared {
        let span = self.span_of(name);
        let mut declared = Declared {
            name: self.word_at(name).into(),
            by_name: true,
            test: level.now.test,
            conditional: level.now.also.contains(Also::CONDITIONAL),
            span,
            line: self.lines.line(span.start),
            macro_use: level.flags.macro_use,
            ..Declared::default()
        };
        self.describe(level.attributes.clone(), &mut declared);
        declared
    }

    /// `extern crate`, or `extern "C" { … }`, or the beginning of a function or its type.
    fn foreign(&mut self, at: usize, level: &mut Level<'t>) -> usize {
        let next = at + 1;
        if self.is_word(next, "crate") && self.is_name(next + 1) {
            return self.extern_crate(at, level);
        }
        let next = next + usize::from(self.kind(next) == Some(Kind::Str));
        if self.is_open(next, b'{') && level.is_between() {
            level.begin(Until::Body, Body::Foreign);
        }
        next
    }

    /// `macro_rules! name { … }`
    fn rules(&mut self, at: usize, level: &mut Level<'t>) -> usize {
        let name = at + 2;
        let Some(&Kind::Open(bracket)) = self.kind(name + 1).as_ref() else { return name };
        if !self.is_name(name) {
            return name;
        }
        level.visibility = None;
        self.declare(name, Sort::Macro, Spaces::MACRO, level);
        let close = self.close_of(name + 1);
        self.rules_in(name + 2..close, level.now);
        if bracket == b'{' {
            self.end(level);
        }
        close + 1
    }

    /// Walks the rules of a macro.
    pub(super) fn rules_in(&mut self, range: Range<usize>, mut context: Context) {
        context.also |= Also::MACRO;
        self.walk_as(Place::Rules, range, context);
    }
}
