//! A `use` read from its tokens: trees of paths, with where each stands.

use crate::languages::rust::extract::tokens::{Kind, Token};

/// A tree of a `use`.
#[derive(Debug)]
pub(super) struct Node {
    pub start: usize,
    pub end: usize,
    /// One past the comma behind it, where there is one.
    pub comma: Option<usize>,
    /// As written, without blanks; of a leaf with its name.
    pub path: String,
    pub what: What,
}

#[derive(Debug)]
pub(super) enum What {
    /// A name or `*`, which stands at `at`.
    Leaf {
        at: u32,
        alias: Option<String>,
    },
    Group(Vec<Node>),
}

/// The attributes before the token `first`, with all up to it.
pub(super) fn attributes<'t>(text: &'t str, tokens: &[Token], first: usize) -> &'t str {
    let mut at = first;
    while let Some(close) = at.checked_sub(1).filter(|close| tokens[*close].kind == Kind::Close(b']')) {
        let open = (0..close)
            .rev()
            .find(|open| tokens[*open].kind == Kind::Open(b'[') && tokens[*open].partner as usize == close);
        let sharp = open.and_then(|open| open.checked_sub(1));
        match sharp.filter(|sharp| tokens[*sharp].kind == Kind::Punct(b'#')) {
            Some(sharp) => at = sharp,
            None => break,
        }
    }
    &text[tokens[at].start as usize..tokens[first].start as usize]
}

/// Reads trees.
pub(super) struct Reader<'t> {
    pub text: &'t str,
    pub tokens: &'t [Token],
    /// The token at hand.
    pub at: usize,
}

impl Reader<'_> {
    fn kind(&self) -> Option<Kind> {
        self.tokens.get(self.at).map(|token| token.kind)
    }

    fn word(&self, at: usize) -> &str {
        self.tokens.get(at).map_or("", |token| &self.text[token.start as usize..token.end as usize])
    }

    /// The tree that begins at the token at hand.
    pub(super) fn tree(&mut self) -> Option<Node> {
        let start = self.tokens.get(self.at)?.start as usize;
        let mut path = String::new();
        let what = loop {
            match self.kind()? {
                Kind::PathSep => path.push_str("::"),
                Kind::Word | Kind::RawWord => {
                    let at = self.tokens[self.at].start;
                    path.push_str(self.word(self.at));
                    if self.tokens.get(self.at + 1)?.kind != Kind::PathSep {
                        self.at += 1;
                        break What::Leaf { at, alias: self.alias() };
                    }
                }
                Kind::Punct(b'*') => {
                    let at = self.tokens[self.at].start;
                    path.push('*');
                    self.at += 1;
                    break What::Leaf { at, alias: None };
                }
                Kind::Open(b'{') => {
                    if path != "::" {
                        path.truncate(path.strip_suffix("::").map_or(path.len(), str::len));
                    }
                    break What::Group(self.items()?);
                }
                _ => return None,
            }
            self.at += 1;
        };
        let end = self.tokens.get(self.at.checked_sub(1)?)?.end as usize;
        Some(Node { start, end, comma: None, path, what })
    }

    fn alias(&mut self) -> Option<String> {
        if self.word(self.at) != "as" {
            return None;
        }
        let alias = self.word(self.at + 1).to_owned();
        self.at += 2;
        Some(alias)
    }

    fn items(&mut self) -> Option<Vec<Node>> {
        let close = self.tokens[self.at].partner as usize;
        self.at += 1;
        let mut items = Vec::new();
        while self.at < close {
            let mut node = self.tree()?;
            match self.kind()? {
                Kind::Punct(b',') => {
                    node.comma = Some(self.tokens[self.at].end as usize);
                    self.at += 1;
                }
                Kind::Close(b'}') => {}
                _ => return None,
            }
            items.push(node);
        }
        self.at = close + 1;
        Some(items)
    }
}
