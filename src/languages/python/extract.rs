//! From a decoded text to its facts: scanned, parsed, walked.
//!
//! Decides what is kept of a text that does not parse; the walk itself is in [`walk`](super::walk).

use std::ops::Range;

use compact_str::CompactString;
use ruff_python_ast::token::TokenKind;
use ruff_python_ast::visitor::Visitor;
use ruff_python_ast::{Mod, Stmt};
use ruff_python_parser::{Mode, ParseOptions, parse_cells_unchecked, parse_unchecked};
use ruff_text_size::{Ranged, TextRange};

use super::walk::Walk;
use super::{ExtractOptions, load, names, prescan};
use crate::facts::{Facts, Problem};
use crate::languages::comments;
use crate::source::{FileKind, LineIndex};

/// All that a decoded text says.
pub(super) fn extract_text(text: &str, options: &ExtractOptions) -> Facts {
    let lines = LineIndex::new(text);
    let has_waivers = memchr::memmem::find(text.as_bytes(), comments::MARK.as_bytes()).is_some();
    let too_deep = match prescan::check(text) {
        Ok(()) => return parse_whole(text, options, &lines, has_waivers),
        Err(too_deep) => too_deep,
    };
    let found = prescan::find(text.as_bytes());
    let mut facts = parse_imports(text, options, &lines, found.imports);
    if has_waivers {
        for comment in found.comments {
            comments::waivers(text, comment, "#", &lines, &mut facts.waivers);
        }
    }
    let at = u32::try_from(too_deep.offset).unwrap_or(u32::MAX);
    facts.problems.push(problem(too_deep.message, TextRange::empty(at.into()), &lines));
    facts
}

pub(super) fn parse_options(options: &ExtractOptions) -> ParseOptions {
    let mode = if options.kind == FileKind::Notebook { Mode::Ipython } else { Mode::Module };
    ParseOptions::from(mode).with_target_version(options.version.into())
}

fn parse_whole(text: &str, options: &ExtractOptions, lines: &LineIndex, has_waivers: bool) -> Facts {
    let parsed = parse_unchecked(text, parse_options(options));
    let mut problems: Vec<Problem> = parsed
        .errors()
        .iter()
        .map(|error| (error.error.to_string(), error.location))
        .chain(parsed.unsupported_syntax_errors().iter().map(|error| (error.to_string(), error.range)))
        .map(|(message, range)| problem(&message, range, lines))
        .collect();
    problems.sort_by_key(|problem| problem.span.start);
    let mut walk = Walk::new(text, lines, options, &problems);
    if let Mod::Module(module) = parsed.syntax() {
        walk.visit_body(&module.body);
        walk.add_uses(&module.body);
    }
    let (mut facts, known) = walk.finish();
    if options.load
        && options.kind != FileKind::Stub
        && problems.is_empty()
        && let Mod::Module(module) = parsed.syntax()
    {
        facts.load = load::module(&module.body, text, options, &facts, &known, lines);
    }
    if has_waivers {
        for token in parsed.tokens().iter().filter(|token| token.kind() == TokenKind::Comment) {
            comments::waivers(text, token.range().to_std_range(), "#", lines, &mut facts.waivers);
        }
    }
    facts.problems = problems;
    facts
}

/// The imports of a text too deep to be parsed as a whole: each statement alone. What it stands under is not known;
/// the strictest reading is taken.
fn parse_imports(
    text: &str,
    options: &ExtractOptions,
    lines: &LineIndex,
    statements: Vec<(Range<usize>, bool)>,
) -> Facts {
    let parsed: Vec<_> = statements
        .into_iter()
        .filter(|(range, _)| prescan::check(&text[range.clone()]).is_ok())
        .filter_map(|(range, indented)| {
            let range = TextRange::new(
                u32::try_from(range.start).ok()?.into(),
                u32::try_from(range.end).ok()?.into(),
            );
            let parsed = parse_cells_unchecked(text, [range], &parse_options(options));
            parsed.errors().is_empty().then(|| (parsed.into_suite(), indented))
        })
        .collect();
    let mut walk = Walk::new(text, lines, options, &[]);
    for (suite, indented) in &parsed {
        for stmt in suite.iter().filter(|stmt| matches!(stmt, Stmt::Import(_) | Stmt::ImportFrom(_))) {
            walk.visit_alone(stmt, *indented);
        }
    }
    walk.finish().0
}

fn problem(message: &str, range: TextRange, lines: &LineIndex) -> Problem {
    let span = names::span(&range);
    Problem {
        message: CompactString::from(message.trim_end_matches('.')),
        span,
        line: lines.line(span.start),
    }
}
