//! Attributes: what they say of an item, and what they name.

use std::ops::Range;

use super::tokens::Kind;
use super::walk::{Context, Level, Place, Until};
use super::{MAX_SEGMENTS, Path, Walk};
use crate::facts::Also;
use crate::languages::rust::text::{Declared, Form};
use crate::source::Span;

/// What attributes say of the item that follows.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Flags {
    pub test: bool,
    pub conditional: bool,
    pub macro_use: bool,
    pub macro_export: bool,
    /// `#[proc_macro]` or `#[proc_macro_attribute]`.
    pub proc_macro: bool,
    /// The name in `#[proc_macro_derive(Name)]`, as the index of its token.
    pub derive: Option<usize>,
}

/// One attribute taken apart.
struct Attribute {
    /// The tokens of its path.
    path: Range<usize>,
    /// What stands in its brackets, without them.
    arguments: Option<Range<usize>>,
    end: usize,
}

impl<'t> Walk<'t> {
    /// All attributes that stand in a row; returns the index behind them.
    pub(super) fn attribute_run(&mut self, at: usize, level: &mut Level<'t>) -> usize {
        if self.is_punct(at + 1, b'!') && self.is_open(at + 2, b'[') {
            return self.inner_attribute(at + 2, level);
        }
        let mut end = at;
        let mut flags = Flags::default();
        while self.is_punct(end, b'#') && self.is_open(end + 1, b'[') {
            let close = self.close_of(end + 1);
            self.flags(end + 2..close, &mut flags);
            end = close + 1;
        }
        if end == at {
            return at + 1;
        }
        level.now.test |= flags.test;
        if flags.conditional {
            level.now.also |= Also::CONDITIONAL;
        }
        level.flags = flags;
        level.attributes = at..end;
        if level.until == Until::Anything {
            level.until = Until::Member;
        }
        let mut at = at;
        while at < end {
            let close = self.close_of(at + 1);
            self.names(at + 2..close, level.now);
            at = close + 1;
        }
        end
    }

    /// `#![…]` speaks of what it stands in.
    fn inner_attribute(&mut self, open: usize, level: &mut Level<'t>) -> usize {
        let close = self.close_of(open);
        let range = open + 1..close;
        let mut flags = Flags::default();
        self.flags(range.clone(), &mut flags);
        for context in [&mut level.base, &mut level.now] {
            context.test |= flags.test;
            if flags.conditional {
                context.also |= Also::CONDITIONAL;
            }
        }
        if level.base.place == Place::Items && (flags.test || flags.conditional) {
            let part = level.base.part as usize;
            let mut declared = std::mem::take(&mut self.found.parts[part].declared);
            declared.test |= flags.test;
            declared.conditional |= flags.conditional;
            self.describe_one(range.clone(), &mut declared, true);
            self.found.parts[part].declared = declared;
        }
        self.names(range, level.now);
        close + 1
    }

    /// Takes an attribute apart that stands in `range`, or begins there.
    fn attribute(&self, range: Range<usize>) -> Attribute {
        let mut at = range.start;
        while at < range.end && (self.is_name(at) || self.kind(at) == Some(Kind::PathSep)) {
            at += 1;
        }
        let path = range.start..at;
        let arguments = matches!(self.kind(at), Some(Kind::Open(_))).then(|| at + 1..self.close_of(at));
        let arguments = arguments.filter(|_| at < range.end);
        Attribute { path, arguments, end: at }
    }

    /// The one name that an attribute has; empty where it is a path.
    fn name(&self, attribute: &Attribute) -> &'t str {
        if attribute.path.len() == 1 { self.word_at(attribute.path.start) } else { "" }
    }

    /// The pieces between commas.
    fn pieces(&self, range: Range<usize>) -> Vec<Range<usize>> {
        let mut pieces = Vec::new();
        let (mut start, mut at) = (range.start, range.start);
        while at < range.end {
            match self.tokens[at].kind {
                Kind::Open(_) => at = self.close_of(at),
                Kind::Punct(b',') => {
                    pieces.push(start..at);
                    start = at + 1;
                }
                _ => {}
            }
            at += 1;
        }
        if start < range.end {
            pieces.push(start..range.end);
        }
        pieces
    }

    fn flags(&self, range: Range<usize>, flags: &mut Flags) {
        let attribute = self.attribute(range);
        let last = attribute.path.end.checked_sub(1).map_or("", |last| self.word_at(last));
        flags.test |= last == "test" && !attribute.path.is_empty();
        match self.name(&attribute) {
            "cfg" => {
                let test = attribute.arguments.is_some_and(|predicate| self.is_for_tests(predicate));
                flags.test |= test;
                flags.conditional |= !test;
            }
            "bench" => flags.test = true,
            "macro_use" => flags.macro_use = true,
            "macro_export" => flags.macro_export = true,
            "proc_macro" | "proc_macro_attribute" => flags.proc_macro = true,
            "proc_macro_derive" => {
                let name = attribute.arguments.map(|range| range.start);
                flags.derive = name.filter(|&name| self.is_name(name));
            }
            "cfg_attr" => {
                let pieces = attribute.arguments.map(|range| self.pieces(range)).unwrap_or_default();
                for piece in pieces.into_iter().skip(1) {
                    let mut inner = Flags::default();
                    self.flags(piece, &mut inner);
                    flags.macro_use |= inner.macro_use;
                    flags.macro_export |= inner.macro_export;
                }
            }
            "unsafe" => {
                if let Some(inner) = attribute.arguments {
                    self.flags(inner, flags);
                }
            }
            _ => {}
        }
    }

    /// Whether a predicate of cfg holds in tests only.
    fn is_for_tests(&self, range: Range<usize>) -> bool {
        let predicate = self.attribute(range);
        let pieces = predicate.arguments.as_ref().map(|range| self.pieces(range.clone()));
        let mut pieces = pieces.unwrap_or_default().into_iter();
        match self.name(&predicate) {
            "test" => predicate.arguments.is_none() && !self.is_punct(predicate.end, b'='),
            "all" => pieces.any(|piece| self.is_for_tests(piece)),
            "any" => pieces.len() > 0 && pieces.all(|piece| self.is_for_tests(piece)),
            _ => false,
        }
    }

    /// What a module's attributes, which stand in `range`, say of its file and its cfg.
    pub(super) fn describe(&self, range: Range<usize>, declared: &mut Declared) {
        let mut at = range.start;
        while at < range.end {
            let close = self.close_of(at + 1);
            self.describe_one(at + 2..close, declared, true);
            at = close + 1;
        }
    }

    /// `path = "…"`, or `cfg_attr(…, path = "…")`, which holds sometimes.
    fn describe_one(&self, range: Range<usize>, declared: &mut Declared, always: bool) {
        let attribute = self.attribute(range);
        match (self.name(&attribute), attribute.arguments) {
            ("path", None) if self.is_punct(attribute.end, b'=') => {
                if let Some(path) = self.literal(attribute.end + 1) {
                    declared.paths.push(path);
                    declared.by_name &= !always;
                }
            }
            ("cfg", Some(predicate)) if always && !predicate.is_empty() => {
                let span = self.span(predicate.start, predicate.end - 1);
                if !declared.cfg.is_empty() {
                    declared.cfg.push_str(", ");
                }
                declared.cfg.push_str(&self.text[span.start as usize..span.end as usize]);
            }
            ("cfg_attr", Some(arguments)) => {
                for piece in self.pieces(arguments).into_iter().skip(1) {
                    self.describe_one(piece, declared, false);
                }
            }
            _ => {}
        }
    }

    /// Records what an attribute names.
    fn names(&mut self, range: Range<usize>, mut context: Context) {
        context.also |= Also::ATTRIBUTE;
        let attribute = self.attribute(range.clone());
        if attribute.path.is_empty() {
            return;
        }
        match (self.name(&attribute), attribute.arguments.clone()) {
            ("derive", Some(derives)) => {
                for piece in self.pieces(derives) {
                    let derive = self.attribute(piece);
                    if !DERIVES.contains(&self.name(&derive)) {
                        self.attribute_name(derive.path, &context);
                    }
                }
            }
            ("cfg_attr", Some(arguments)) => {
                let pieces = self.pieces(arguments);
                if !pieces.first().is_some_and(|predicate| self.is_for_tests(predicate.clone())) {
                    context.also |= Also::CONDITIONAL;
                }
                for piece in pieces.into_iter().skip(1) {
                    self.names(piece, context);
                }
            }
            ("unsafe", Some(inner)) => self.names(inner, context),
            (name, _) if BUILT_IN.contains(&name) || TOOLS.contains(&self.word_at(attribute.path.start)) => {
                // `#[doc = include_str!("x.md")]`
                for at in attribute.end..range.end {
                    if self.is_punct(at, b'!') && matches!(self.kind(at + 1), Some(Kind::Open(_))) {
                        self.included(self.word_at(at - 1), at + 1, context.part);
                    }
                }
            }
            _ => {
                self.attribute_name(attribute.path, &context);
                self.walk_as(Place::Tokens, attribute.end..range.end, context);
            }
        }
    }

    /// The name of an attribute or a derive, which stands in `range`.
    fn attribute_name(&mut self, range: Range<usize>, context: &Context) {
        let names: Vec<&str> = range
            .clone()
            .filter(|&at| self.is_name(at))
            .take(MAX_SEGMENTS)
            .map(|at| self.word_at(at))
            .collect();
        if names.is_empty() {
            return;
        }
        let global = self.kind(range.start) == Some(Kind::PathSep);
        let span = self.span(range.start, range.end - 1);
        let access = if names.len() > 1 { Also::ACCESS } else { Also::empty() };
        let path = Path { segments: &names, global, span };
        self.mention(&path, Form::Macro, access | context.also, context);
    }

    /// `serde(with = "a::b")`: a path in a string.
    pub(super) fn path_in_string(&mut self, at: usize, level: &Level<'t>) -> usize {
        let is_key = at >= 2
            && self.is_punct(at - 1, b'=')
            && self.kind(at - 2) == Some(Kind::Word)
            && KEYS.contains(&self.word_at(at - 2));
        let token = self.tokens[at];
        let written = &self.text[token.start as usize..token.end as usize];
        let quoted = written.split_once('"').and_then(|(hash, rest)| Some((hash, rest.rsplit_once('"')?.0)));
        let Some((before, content)) = quoted.filter(|_| is_key) else { return at + 1 };
        let global = content.starts_with("::");
        let names: Vec<&str> = content.trim_start_matches("::").split("::").take(MAX_SEGMENTS + 1).collect();
        if names.iter().all(|name| ra_ap_rustc_lexer::is_ident(name)) && names[0] != "Self" {
            let start = token.start + before.len() as u32 + 1;
            let span = Span::new(start, start + content.len() as u32);
            let path = Path { segments: &names, global, span };
            self.mention(&path, Form::Path, Also::ACCESS | level.now.also, &level.now);
        }
        at + 1
    }
}

/// Keys whose strings are paths, of serde and of what follows its example.
const KEYS: &[&str] = &[
    "with",
    "default",
    "serialize_with",
    "deserialize_with",
    "skip_serializing_if",
    "remote",
    "from",
    "try_from",
    "into",
    "getter",
];

/// Derives that need no import.
const DERIVES: &[&str] =
    &["Clone", "Copy", "Debug", "Default", "Eq", "PartialEq", "Ord", "PartialOrd", "Hash"];

/// Tools whose attributes the compiler passes over.
const TOOLS: &[&str] = &["rustfmt", "clippy", "diagnostic", "miri", "rust_analyzer", "rustdoc"];

/// Attributes of the language itself, and the helper of `derive(Default)`.
const BUILT_IN: &[&str] = &[
    "allow",
    "automatically_derived",
    "bench",
    "cfg",
    "cfg_attr",
    "cold",
    "coverage",
    "crate_name",
    "crate_type",
    "debugger_visualizer",
    "default",
    "deny",
    "deprecated",
    "derive",
    "doc",
    "expect",
    "export_name",
    "feature",
    "forbid",
    "global_allocator",
    "ignore",
    "inline",
    "instruction_set",
    "link",
    "link_name",
    "link_ordinal",
    "link_section",
    "macro_export",
    "macro_use",
    "must_use",
    "naked",
    "no_builtins",
    "no_implicit_prelude",
    "no_link",
    "no_main",
    "no_mangle",
    "no_std",
    "non_exhaustive",
    "panic_handler",
    "path",
    "proc_macro",
    "proc_macro_attribute",
    "proc_macro_derive",
    "recursion_limit",
    "repr",
    "should_panic",
    "target_feature",
    "test",
    "track_caller",
    "type_length_limit",
    "unsafe",
    "used",
    "warn",
    "windows_subsystem",
];
