//! The comments, doc comments and strings of a text, for whoever asks where a name is mentioned.
//!
//! Read on demand: facts do not hold them. What a comment says is not looked at.

use ra_ap_rustc_lexer::{FrontmatterAllowed, LiteralKind, TokenKind, strip_shebang, tokenize};

use crate::languages::{Prose, ProseKind};
use crate::source::Span;

/// All prose of a text, in source order.
pub fn prose(text: &str) -> Vec<Prose> {
    let start = text.len() - text.trim_start_matches('\u{feff}').len();
    let mut from = start + strip_shebang(&text[start..]).unwrap_or(0);
    let mut frontmatter = FrontmatterAllowed::Yes;
    let mut found = Vec::new();
    // As in the extraction: a `##` or `#"` is one token of rustc's in the newest edition only.
    'anew: loop {
        let mut at = from;
        for token in tokenize(&text[from..], frontmatter) {
            let end = at + token.len as usize;
            if token.kind == TokenKind::GuardedStrPrefix {
                from = at + 1;
                frontmatter = FrontmatterAllowed::No;
                continue 'anew;
            }
            if let Some(kind) = kind_of(token.kind) {
                found.push(Prose { span: Span::new(at as u32, end as u32), kind });
            }
            at = end;
        }
        return found;
    }
}

fn kind_of(token: TokenKind) -> Option<ProseKind> {
    match token {
        TokenKind::LineComment { doc_style: None } | TokenKind::BlockComment { doc_style: None, .. } => {
            Some(ProseKind::Comment)
        }
        TokenKind::LineComment { .. } | TokenKind::BlockComment { .. } => Some(ProseKind::Docstring),
        TokenKind::Literal { kind, .. } => {
            use LiteralKind::{ByteStr, CStr, RawByteStr, RawCStr, RawStr, Str};
            let is_string = matches!(
                kind,
                Str { .. }
                    | RawStr { .. }
                    | ByteStr { .. }
                    | RawByteStr { .. }
                    | CStr { .. }
                    | RawCStr { .. }
            );
            is_string.then_some(ProseKind::Literal)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_is_told_by_its_marks() {
        let text = "#!/usr/bin/env run
//! inner doc
/// outer doc
fn f<'a>() { // plain
    let s = \"// literal\"; /* block /* nested */ */
    let r = r#\"raw\"#;
    /** doc block */
    let c = 'c'; //// not doc
    m!(##\"x\");
}
";
        let found = prose(text);
        let shown: Vec<(&str, &str)> = found
            .iter()
            .map(|at| (&text[at.span.start as usize..at.span.end as usize], at.kind.name()))
            .collect();
        assert_eq!(
            shown,
            [
                ("//! inner doc", "docstring"),
                ("/// outer doc", "docstring"),
                ("// plain", "comment"),
                ("\"// literal\"", "literal"),
                ("/* block /* nested */ */", "comment"),
                ("r#\"raw\"#", "literal"),
                ("/** doc block */", "docstring"),
                ("//// not doc", "comment"),
                ("\"x\"", "literal"),
            ]
        );
        assert_eq!(prose("/* open").len(), 1);
    }
}
