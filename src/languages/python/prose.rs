//! The comments, docstrings and other strings of a text, for whoever asks where a name is mentioned.
//!
//! Read on demand: facts do not hold them. What a comment says is not looked at.

use ruff_python_ast::token::TokenKind;
use ruff_python_ast::visitor::{Visitor, walk_stmt};
use ruff_python_ast::{Expr, Mod, Stmt};
use ruff_python_parser::{Mode, ParseOptions, parse_unchecked};
use ruff_text_size::{Ranged, TextRange};

use super::{names, prescan};
use crate::languages::{Prose, ProseKind};
use crate::source::{FileKind, Span};

/// All prose of a decoded text, in source order. Of a text too deep to be parsed the comments alone.
pub fn prose(text: &str, kind: FileKind) -> Vec<Prose> {
    if prescan::check(text).is_err() {
        let comments = prescan::find(text.as_bytes()).comments.into_iter();
        let span = |range: std::ops::Range<usize>| Span::new(range.start as u32, range.end as u32);
        return comments.map(|range| Prose { span: span(range), kind: ProseKind::Comment }).collect();
    }
    let mode = if kind == FileKind::Notebook { Mode::Ipython } else { Mode::Module };
    let parsed = parse_unchecked(text, ParseOptions::from(mode));
    let mut alone = Alone::default();
    if let Mod::Module(module) = parsed.syntax() {
        alone.visit_body(&module.body);
    }
    let stands_alone = |range: TextRange| {
        let before = alone.strings.partition_point(|string| string.start() <= range.start());
        before.checked_sub(1).is_some_and(|at| alone.strings[at].contains_range(range))
    };
    let tokens = parsed.tokens().iter().filter_map(|token| {
        let kind = match token.kind() {
            TokenKind::Comment => ProseKind::Comment,
            TokenKind::String if stands_alone(token.range()) => ProseKind::Docstring,
            TokenKind::String | TokenKind::FStringMiddle | TokenKind::TStringMiddle => ProseKind::Literal,
            _ => return None,
        };
        Some(Prose { span: names::span(&token.range()), kind })
    });
    tokens.collect()
}

/// Strings that are statements of their own, in source order.
#[derive(Default)]
struct Alone {
    strings: Vec<TextRange>,
}

impl Visitor<'_> for Alone {
    fn visit_stmt(&mut self, stmt: &Stmt) {
        match stmt {
            Stmt::Expr(statement) if matches!(*statement.value, Expr::StringLiteral(_)) => {
                self.strings.push(statement.value.range());
            }
            Stmt::Expr(_) => {}
            other => walk_stmt(self, other),
        }
    }

    fn visit_expr(&mut self, _: &Expr) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<(&str, &'static str)> {
        let found = prose(text, FileKind::Module).into_iter();
        found.map(|at| (&text[at.span.start as usize..at.span.end as usize], at.kind.name())).collect()
    }

    #[test]
    fn prose_is_told_by_where_it_stands() {
        let text = "'''module'''
import a  # first
x = 'literal # no comment'
class C:
    \"\"\"class\"\"\"
    y = 1
    'about y'
    def f(self, z=\"default\"):
        'def' ' ends'
        return f'from {x!r} on'  # last
";
        assert_eq!(
            of(text),
            [
                ("'''module'''", "docstring"),
                ("# first", "comment"),
                ("'literal # no comment'", "literal"),
                ("\"\"\"class\"\"\"", "docstring"),
                ("'about y'", "docstring"),
                ("\"default\"", "literal"),
                ("'def'", "docstring"),
                ("' ends'", "docstring"),
                ("from ", "literal"),
                (" on", "literal"),
                ("# last", "comment"),
            ]
        );
    }

    #[test]
    fn what_does_not_parse_has_prose_nevertheless() {
        assert_eq!(of("def f(:\n    'doc'\n# why\n"), [("'doc'", "docstring"), ("# why", "comment")]);
        let deep = format!("{}1{}\n# still read\n", "(".repeat(5000), ")".repeat(5000));
        assert_eq!(of(&deep), [("# still read", "comment")]);
    }
}
