//! The walk over one bracket's tokens: statements and items begin and end here, brackets within are walked alike.

use std::ops::Range;

use super::Walk;
use super::attributes::Flags;
use super::tokens::Kind;
use crate::facts::Also;
use crate::languages::rust::text::{Block, Visibility};

/// What stands between two brackets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Items: a file, a module, an `extern` block, the arguments of a macro where items stand.
    Items,
    /// Statements and items, or a match's arms.
    Code,
    /// Types, patterns, expressions in parentheses, the fields of a struct.
    Plain,
    /// The body of an impl or a trait: nothing in it is an item.
    Members,
    /// The variants of an enum.
    Variants,
    /// The arguments of a macro or an attribute.
    Tokens,
    /// The rules of a macro.
    Rules,
}

/// Where a token stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Context {
    /// Index of the part.
    pub part: u32,
    pub block: Option<u32>,
    pub place: Place,
    /// In a function's body.
    pub deferred: bool,
    /// In any block, so not at the module's level.
    pub inner: bool,
    pub test: bool,
    /// [`Also::CONDITIONAL`], [`Also::MACRO`] and [`Also::ATTRIBUTE`] as they hold here.
    pub also: Also,
}

impl Context {
    pub(super) fn new(part: u32, place: Place) -> Self {
        let also = Also::empty();
        Self { part, block: None, place, deferred: false, inner: false, test: false, also }
    }
}

/// Where what has begun ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Until {
    /// Nothing has begun that matters.
    Anything,
    /// Something with attributes: a field, an arm, an expression.
    Member,
    /// An item that ends with `;` or its body.
    Body,
    /// One that ends with `;` alone.
    Semicolon,
}

/// What the next braces of an item are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Body {
    None,
    Function,
    Fields,
    Variants,
    Members,
    Foreign,
    Rules,
}

/// The state of the walk between two brackets.
pub(super) struct Level<'t> {
    /// What holds for all of it.
    pub base: Context,
    /// What holds for the item or statement at hand.
    pub now: Context,
    pub until: Until,
    pub body: Body,
    /// The attributes of what begins, as a range of tokens.
    pub attributes: Range<usize>,
    pub flags: Flags,
    /// Its visibility and that one's first token.
    pub visibility: Option<(usize, Visibility)>,
    /// The struct or enum at hand, as an index of the part's items.
    pub item: Option<usize>,
    /// Where the last list of generic arguments ends.
    angle: usize,
    generics: Vec<&'t str>,
    /// Whether a variant may begin.
    fresh: bool,
}

impl<'t> Level<'t> {
    /// An item begins.
    pub(super) fn begin(&mut self, until: Until, body: Body) {
        self.until = until;
        self.body = body;
        self.item = None;
    }

    /// Whether it is the place of an item or a statement, not the middle of one.
    pub(super) fn is_between(&self) -> bool {
        matches!(self.until, Until::Anything | Until::Member)
    }

    pub(super) fn is_in_angle(&self, at: usize) -> bool {
        at < self.angle
    }

    /// The generic parameters of the item that began, which hold to its end.
    pub(super) fn add_generic(&mut self, name: &'t str) {
        self.generics.push(name);
    }

    /// What an item's name was declared with: its visibility.
    pub(super) fn visible(&self) -> Visibility {
        self.visibility.as_ref().map_or(Visibility::Private, |(_, visibility)| visibility.clone())
    }
}

impl<'t> Walk<'t> {
    /// Walks what stands between two brackets.
    pub(super) fn walk(&mut self, range: Range<usize>, context: Context) {
        let mut level = Level {
            base: context,
            now: context,
            until: Until::Anything,
            body: Body::None,
            attributes: 0..0,
            flags: Flags::default(),
            visibility: None,
            item: None,
            angle: 0,
            generics: Vec::new(),
            fresh: true,
        };
        let end = range.end.min(self.tokens.len());
        let mut at = range.start;
        while at < end {
            at = self.step(at, &mut level).max(at + 1);
        }
        self.end(&mut level);
    }

    /// The item or statement at hand has ended.
    pub(super) fn end(&mut self, level: &mut Level<'t>) {
        for name in level.generics.drain(..) {
            if let Some(count) = self.generics.get_mut(name) {
                *count -= 1;
            }
        }
        level.now = level.base;
        level.begin(Until::Anything, Body::None);
        level.attributes = 0..0;
        level.flags = Flags::default();
        level.visibility = None;
    }

    /// Reads what stands at a token; returns the index behind it.
    fn step(&mut self, at: usize, level: &mut Level<'t>) -> usize {
        match self.tokens[at].kind {
            Kind::Word => {
                if level.base.place == Place::Variants && level.fresh {
                    level.fresh = false;
                    return self.variant(at, level);
                }
                self.word(at, level)
            }
            Kind::RawWord => {
                if level.base.place == Place::Variants && level.fresh {
                    level.fresh = false;
                    return self.variant(at, level);
                }
                self.path(at, level)
            }
            Kind::Open(bracket) => self.group(at, bracket, level),
            Kind::PathSep if self.is_name(at + 1) => {
                // `f!()::b` goes on with what a macro makes.
                if at > 0 && self.kind(at - 1) == Some(Kind::Close(b')')) {
                    return self.chain(at);
                }
                self.path(at, level)
            }
            Kind::Punct(b';') => {
                if level.body == Body::Fields {
                    self.is_also_value(level);
                }
                self.end(level);
                at + 1
            }
            Kind::Punct(b',') => {
                if !level.is_in_angle(at) {
                    level.fresh = true;
                    if level.until == Until::Member {
                        self.end(level);
                    }
                }
                at + 1
            }
            Kind::Punct(b'<') => {
                if let Some(close) = self.angle_of(at) {
                    level.angle = level.angle.max(close);
                }
                at + 1
            }
            // `<T as a::b::Trait>::x`: what follows is found by types.
            Kind::Punct(b'>') if self.closes_path(at) => self.chain(at + 1),
            Kind::Punct(b'.') if self.is_name(at + 1) => {
                let behind = at + 2;
                behind + usize::from(self.kind(behind) == Some(Kind::PathSep))
            }
            Kind::Punct(b'$') => self.variable(at, level),
            Kind::Punct(b'#') => self.attribute_run(at, level),
            Kind::Str if level.now.also.contains(Also::ATTRIBUTE) => self.path_in_string(at, level),
            _ => at + 1,
        }
    }

    /// Whether a `>` ends a part of a path; not that of `impl<T> ::a::Trait` or `for<'a> ::a::Trait<'a>`.
    fn closes_path(&self, at: usize) -> bool {
        let open = self.tokens[at].partner as usize;
        let before = open.checked_sub(1);
        self.angle_of(open) == Some(at)
            && !before.is_some_and(|before| self.is_word(before, "impl") || self.is_word(before, "for"))
    }

    fn group(&mut self, open: usize, bracket: u8, level: &mut Level<'t>) -> usize {
        let close = self.close_of(open);
        let inner = open + 1..close;
        let is_brace = bracket == b'{';
        let mut context = level.now;
        if is_brace && level.body != Body::None && !level.is_in_angle(open) {
            match level.body {
                Body::Function => {
                    context.deferred = true;
                    self.block(inner, context);
                }
                Body::Fields => self.walk_as(Place::Plain, inner, context),
                Body::Variants => self.variants(inner, context, level.item),
                Body::Members => self.walk_as(Place::Members, inner, context),
                Body::Rules => self.rules_in(inner, context),
                Body::Foreign | Body::None => self.walk(inner, context),
            }
            self.end(level);
            return close + 1;
        }
        match level.base.place {
            Place::Tokens | Place::Rules => self.walk(inner, context),
            _ if level.body == Body::Rules => self.rules_in(inner, context),
            Place::Items if is_brace && level.is_between() && context.also.contains(Also::MACRO) => {
                self.walk(inner, context);
            }
            _ if is_brace => {
                context.place = Place::Code;
                self.block(inner, context);
            }
            _ => self.walk_as(Place::Plain, inner, context),
        }
        if is_brace {
            self.end_of_braces(close, level);
        }
        close + 1
    }

    /// Braces that are no item's body end what has attributes, where nothing goes on behind them.
    pub(super) fn end_of_braces(&mut self, close: usize, level: &mut Level<'t>) {
        if level.until == Until::Member && !self.goes_on(close + 1, level) {
            self.end(level);
        }
    }

    /// Whether a statement goes on behind its braces.
    fn goes_on(&self, at: usize, level: &Level<'t>) -> bool {
        match self.kind(at) {
            Some(Kind::Word) => level.base.place == Place::Code && self.word_at(at) == "else",
            Some(Kind::FatArrow) => true,
            // `if match x { … } {`
            Some(Kind::Open(b'{')) => {
                ["if", "while", "match", "for"].iter().any(|word| self.is_word(level.attributes.end, word))
            }
            Some(Kind::Punct(b'&')) => self.is_punct(at + 1, b'&'),
            Some(Kind::Punct(punct)) => matches!(punct, b'.' | b'?' | b'|' | b'='),
            _ => false,
        }
    }

    pub(super) fn walk_as(&mut self, place: Place, range: Range<usize>, mut context: Context) {
        context.place = place;
        self.walk(range, context);
    }

    /// Braces that hold statements; a block of its own where imports or items are among them.
    fn block(&mut self, inner: Range<usize>, mut context: Context) {
        context.place = Place::Code;
        context.inner = true;
        if self.holds_items(inner.clone()) {
            let parent = context.block;
            let blocks = &mut self.part(&context).blocks;
            blocks.push(Block { parent });
            context.block = Some(blocks.len() as u32 - 1);
        }
        self.walk(inner, context);
    }

    /// Whether an import or an item stands there, not in a bracket within.
    fn holds_items(&self, range: Range<usize>) -> bool {
        let mut at = range.start;
        while at < range.end.min(self.tokens.len()) {
            match self.tokens[at].kind {
                Kind::Open(_) => at = self.close_of(at),
                Kind::Word if self.begins_item(at) => return true,
                _ => {}
            }
            at += 1;
        }
        false
    }

    fn begins_item(&self, at: usize) -> bool {
        match self.word_at(at) {
            "use" => !self.is_punct(at + 1, b'<'),
            "fn" | "struct" | "enum" | "trait" | "type" | "macro" => self.is_name(at + 1),
            "const" => self.is_const(at),
            "static" => self.static_name(at).is_some(),
            "extern" => !self.is_word(at + 1, "fn") && !self.is_word(at + 2, "fn"),
            "macro_rules" => self.is_punct(at + 1, b'!') && self.is_name(at + 2),
            "union" => self.is_union(at),
            _ => false,
        }
    }
}
