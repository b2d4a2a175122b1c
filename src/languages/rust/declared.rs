//! What one text says of other files: its `mod` lines and the files that it includes, under every cfg.
//!
//! The tokens are walked, not a syntax tree: `mod` is a keyword, so that a `mod name;` is one wherever it stands, and
//! the arguments of an item macro (`cfg_rt! { mod x; }`, `cfg_if!`, `cfg_select!`) are read like any other items. It
//! recurses over brackets only, and those are bounded.

use std::str::FromStr;

use proc_macro2::{Delimiter, Group, Literal, TokenStream, TokenTree};

/// Open brackets at one place; real code has some thirty. rustc itself gives up at a few hundred.
const MAX_BRACKETS: u32 = 256;

/// What one text says of other files.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Declared {
    /// Modules that lie in files of their own.
    pub modules: Vec<Declaration>,
    /// Literal paths of `include!`: their items count as written here.
    pub includes: Vec<String>,
    /// Literal paths of `include_str!` and `include_bytes!`.
    pub data: Vec<String>,
    /// Whether a macro that is defined here declares modules: `mod name;` or `mod $name;`, wherever it is called.
    pub by_macro: bool,
}

/// `mod name;`, and the inline modules around it from the outside in.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Declaration {
    pub within: Vec<Module>,
    pub module: Module,
}

/// A module as it is declared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Module {
    /// Its name, `r#` taken off.
    pub name: String,
    /// The paths that attributes give it, under whatever cfg.
    pub paths: Vec<String>,
    /// Whether it may also lie where its name says: no `#[path]` holds always.
    pub by_name: bool,
}

/// Reads a text; an error says in words why its tokens cannot be had.
pub(super) fn declared(text: &str) -> Result<Declared, &'static str> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let text = if is_shebang(text) { text.split_once('\n').map_or("", |(_, rest)| rest) } else { text };
    let Ok(tokens) = TokenStream::from_str(text) else {
        return Err("its brackets or literals do not close");
    };
    let mut walk = Walk { found: Declared::default(), within: Vec::new(), depth: 0, in_macro: false };
    if walk.tokens(tokens) { Ok(walk.found) } else { Err("it nests more than 256 brackets") }
}

/// `#!/usr/bin/env …`, but not the inner attribute `#![…]`.
fn is_shebang(text: &str) -> bool {
    text.strip_prefix("#!").is_some_and(|rest| !rest.trim_start().starts_with('['))
}

struct Walk {
    found: Declared,
    within: Vec<Module>,
    depth: u32,
    in_macro: bool,
}

impl Walk {
    /// Returns whether the brackets were within bounds.
    fn tokens(&mut self, tokens: TokenStream) -> bool {
        self.depth += 1;
        if self.depth > MAX_BRACKETS {
            return false;
        }
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        // The attributes of the item that begins.
        let mut attributes: Vec<&TokenTree> = Vec::new();
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            at += 1;
            match token {
                TokenTree::Punct(punct) if punct.as_char() == '#' => {
                    if let Some(group @ TokenTree::Group(inner)) = tokens.get(at)
                        && inner.delimiter() == Delimiter::Bracket
                    {
                        attributes.push(group);
                        // `#[doc = include_str!("x.rs")]`
                        if !self.tokens(inner.stream()) {
                            return false;
                        }
                        at += 1;
                    }
                    continue;
                }
                TokenTree::Ident(word) if *word == "pub" => {
                    // `pub(crate)`
                    let restricted = |group: &Group| group.delimiter() == Delimiter::Parenthesis;
                    at += usize::from(
                        matches!(tokens.get(at), Some(TokenTree::Group(group)) if restricted(group)),
                    );
                    continue;
                }
                TokenTree::Ident(word) if *word == "unsafe" => continue,
                TokenTree::Ident(word) if *word == "macro_rules" => {
                    if let Some(TokenTree::Group(rules)) = tokens.get(at + 2) {
                        let around = std::mem::replace(&mut self.in_macro, true);
                        if !self.tokens(rules.stream()) {
                            return false;
                        }
                        self.in_macro = around;
                        at += 3;
                    }
                }
                TokenTree::Ident(word) if *word == "mod" => {
                    if let Some(TokenTree::Ident(name)) = tokens.get(at) {
                        let module = module(&name.to_string(), &attributes);
                        match tokens.get(at + 1) {
                            Some(TokenTree::Punct(end)) if end.as_char() == ';' => {
                                self.found.by_macro |= self.in_macro;
                                let within = self.within.clone();
                                self.found.modules.push(Declaration { within, module });
                                at += 2;
                            }
                            Some(TokenTree::Group(body)) if body.delimiter() == Delimiter::Brace => {
                                self.within.push(module);
                                if !self.tokens(body.stream()) {
                                    return false;
                                }
                                self.within.pop();
                                at += 2;
                            }
                            _ => at += 1,
                        }
                    } else if let (Some(TokenTree::Punct(dollar)), Some(TokenTree::Punct(end))) =
                        (tokens.get(at), tokens.get(at + 2))
                    {
                        self.found.by_macro |= dollar.as_char() == '$' && end.as_char() == ';';
                    }
                }
                TokenTree::Ident(word) => {
                    let list = match word.to_string().as_str() {
                        "include" => Some(&mut self.found.includes),
                        "include_str" | "include_bytes" => Some(&mut self.found.data),
                        _ => None,
                    };
                    if let Some(list) = list
                        && let (Some(TokenTree::Punct(bang)), Some(TokenTree::Group(arguments))) =
                            (tokens.get(at), tokens.get(at + 1))
                        && bang.as_char() == '!'
                        && let Some(TokenTree::Literal(path)) = arguments.stream().into_iter().next()
                    {
                        list.extend(text_of(&path));
                    }
                }
                TokenTree::Group(group) => {
                    if !self.tokens(group.stream()) {
                        return false;
                    }
                }
                TokenTree::Punct(_) | TokenTree::Literal(_) => {}
            }
            attributes.clear();
        }
        self.depth -= 1;
        true
    }
}

fn module(name: &str, attributes: &[&TokenTree]) -> Module {
    let name = name.strip_prefix("r#").unwrap_or(name).to_owned();
    let mut module = Module { name, paths: Vec::new(), by_name: true };
    for attribute in attributes {
        if let TokenTree::Group(group) = attribute {
            attribute_paths(&group.stream().into_iter().collect::<Vec<_>>(), true, &mut module);
        }
    }
    module
}

/// `path = "…"`, or `cfg_attr(…, path = "…")`, which holds sometimes.
fn attribute_paths(tokens: &[TokenTree], always: bool, module: &mut Module) {
    match tokens {
        [TokenTree::Ident(word), TokenTree::Punct(equals), TokenTree::Literal(path)]
            if *word == "path" && equals.as_char() == '=' =>
        {
            module.paths.extend(text_of(path));
            module.by_name &= !always;
        }
        [TokenTree::Ident(word), TokenTree::Group(arguments)] if *word == "cfg_attr" => {
            let arguments: Vec<TokenTree> = arguments.stream().into_iter().collect();
            let comma =
                |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ',');
            for argument in arguments.split(comma).skip(1) {
                attribute_paths(argument, false, module);
            }
        }
        _ => {}
    }
}

/// The text of a string literal; None for any other, and for escapes that no path needs.
fn text_of(literal: &Literal) -> Option<String> {
    let literal = literal.to_string();
    if let Some(raw) = literal.strip_prefix('r') {
        let text = raw.trim_matches('#').strip_prefix('"')?.strip_suffix('"')?;
        return Some(text.to_owned());
    }
    let text = literal.strip_prefix('"')?.strip_suffix('"')?.replace("\\\\", "/");
    (!text.contains('\\')).then_some(text)
}
