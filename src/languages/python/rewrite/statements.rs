//! The import statements of a file, each with the suite that it stands in and where its parts are written.

use ruff_python_ast::token::TokenKind;
use ruff_python_ast::{Alias, ModModule, Stmt, StmtTry};
use ruff_python_parser::Parsed;
use ruff_text_size::{Ranged, TextRange};
use rustc_hash::FxHashMap;

/// All of a file, in source order.
pub(super) struct Statements {
    pub(super) all: Vec<Statement>,
    /// By suite, what stands in it.
    pub(super) suites: Vec<Suite>,
    /// Where each imported name is written: (statement, item), by the first byte.
    pub(super) by_offset: FxHashMap<usize, (usize, usize)>,
    /// The comments, in source order.
    pub(super) comments: Vec<(usize, usize)>,
    /// The names, keywords apart, in source order.
    pub(super) names: Vec<(usize, usize)>,
}

/// The statements of one body.
#[derive(Default)]
pub(super) struct Suite {
    /// Whether it is a part of a `try`: what is imported there may be expected to fail.
    pub(super) in_try: bool,
    /// Where each statement stands, and whether it imports.
    pub(super) statements: Vec<(usize, usize, bool)>,
}

/// One import statement.
#[derive(Debug)]
pub(super) struct Statement {
    pub(super) start: usize,
    pub(super) end: usize,
    /// Its suite, and its place there.
    pub(super) suite: usize,
    pub(super) place: usize,
    pub(super) lazy: bool,
    /// What stands between `from` and `import`; None for `import a.b`.
    pub(super) from: Option<From>,
    pub(super) items: Vec<Item>,
    /// The brackets around the names: (first byte of the opening one, of the closing one).
    pub(super) brackets: Option<(usize, usize)>,
}

/// The module of a from-import.
#[derive(Debug)]
pub(super) struct From {
    pub(super) level: u32,
    pub(super) module: String,
    /// The dots and the module.
    pub(super) start: usize,
    pub(super) end: usize,
}

impl From {
    /// Whether it is written as the same module.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        (self.level, &self.module) == (other.level, &other.module)
    }
}

/// One name of a statement.
#[derive(Debug)]
pub(super) struct Item {
    /// With its alias.
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) name: String,
    pub(super) alias: Option<String>,
    /// One past the comma behind it, if there is one.
    pub(super) comma: Option<usize>,
}

impl Item {
    /// The name that it binds.
    pub(super) fn local(&self) -> &str {
        self.alias.as_deref().unwrap_or(&self.name)
    }
}

impl Statements {
    pub(super) fn new(parsed: &Parsed<ModModule>) -> Self {
        let mut found = Self {
            all: Vec::new(),
            suites: Vec::new(),
            by_offset: FxHashMap::default(),
            comments: Vec::new(),
            names: Vec::new(),
        };
        for token in parsed.tokens() {
            match token.kind() {
                TokenKind::Comment => found.comments.push(bytes(token.range())),
                TokenKind::Name => found.names.push(bytes(token.range())),
                _ => {}
            }
        }
        found.suite(&parsed.syntax().body, false, parsed);
        found.all.sort_by_key(|statement| statement.start);
        for (at, statement) in found.all.iter().enumerate() {
            for (item_at, item) in statement.items.iter().enumerate() {
                found.by_offset.insert(item.start, (at, item_at));
            }
        }
        found
    }

    fn suite(&mut self, body: &[Stmt], in_try: bool, parsed: &Parsed<ModModule>) {
        let suite = self.suites.len();
        let is_import = |stmt: &Stmt| matches!(stmt, Stmt::Import(_) | Stmt::ImportFrom(_));
        let statements = body.iter().map(|stmt| {
            let (start, end) = bytes(stmt.range());
            (start, end, is_import(stmt))
        });
        self.suites.push(Suite { in_try, statements: statements.collect() });
        for (place, stmt) in body.iter().enumerate() {
            match stmt {
                Stmt::Import(_) | Stmt::ImportFrom(_) => {
                    self.all.extend(statement(stmt, suite, place, parsed));
                }
                Stmt::FunctionDef(function) => self.suite(&function.body, false, parsed),
                Stmt::ClassDef(class) => self.suite(&class.body, false, parsed),
                Stmt::With(with) => self.suite(&with.body, false, parsed),
                Stmt::For(each) => {
                    self.suite(&each.body, false, parsed);
                    self.suite(&each.orelse, false, parsed);
                }
                Stmt::While(repeat) => {
                    self.suite(&repeat.body, false, parsed);
                    self.suite(&repeat.orelse, false, parsed);
                }
                Stmt::If(choice) => {
                    self.suite(&choice.body, false, parsed);
                    for clause in &choice.elif_else_clauses {
                        self.suite(&clause.body, false, parsed);
                    }
                }
                Stmt::Match(choice) => {
                    for case in &choice.cases {
                        self.suite(&case.body, false, parsed);
                    }
                }
                Stmt::Try(StmtTry { body, handlers, orelse, finalbody, .. }) => {
                    self.suite(body, true, parsed);
                    for handler in handlers {
                        let ruff_python_ast::ExceptHandler::ExceptHandler(handler) = handler;
                        self.suite(&handler.body, true, parsed);
                    }
                    self.suite(orelse, true, parsed);
                    self.suite(finalbody, true, parsed);
                }
                _ => {}
            }
        }
    }

    /// The comments that begin in a stretch of the text.
    pub(super) fn comments_in(&self, start: usize, end: usize) -> &[(usize, usize)] {
        within(&self.comments, start, end)
    }

    /// Whether a name is written in a stretch of the text.
    pub(super) fn says(&self, text: &str, name: &str, start: usize, end: usize) -> bool {
        within(&self.names, start, end).iter().any(|&(from, to)| &text[from..to] == name)
    }
}

/// Those of sorted stretches that begin in another.
fn within(all: &[(usize, usize)], start: usize, end: usize) -> &[(usize, usize)] {
    let first = all.partition_point(|(at, _)| *at < start);
    let len = all[first..].partition_point(|(at, _)| *at < end);
    &all[first..first + len]
}

fn statement(stmt: &Stmt, suite: usize, place: usize, parsed: &Parsed<ModModule>) -> Option<Statement> {
    let (start, end) = bytes(stmt.range());
    let (names, lazy) = match stmt {
        Stmt::Import(import) => (&import.names, import.is_lazy),
        Stmt::ImportFrom(import) => (&import.names, import.is_lazy),
        _ => return None,
    };
    let tokens = parsed.tokens().in_range(stmt.range());
    let keyword = tokens.iter().position(|token| token.kind() == TokenKind::Import)?;
    let from = match stmt {
        Stmt::ImportFrom(import) => {
            let from = tokens.iter().position(|token| token.kind() == TokenKind::From)?;
            let module = tokens.get(from + 1..keyword).filter(|module| !module.is_empty())?;
            let (first, last) = (module.first()?, module.last()?);
            Some(From {
                level: import.level,
                module: import.module.as_ref().map_or(String::new(), ToString::to_string),
                start: bytes(first.range()).0,
                end: bytes(last.range()).1,
            })
        }
        _ => None,
    };
    let opening = tokens[keyword..].iter().find(|token| token.kind() == TokenKind::Lpar);
    let closing = tokens.iter().rev().find(|token| token.kind() == TokenKind::Rpar);
    let brackets = opening.zip(closing).map(|(open, close)| (bytes(open.range()).0, bytes(close.range()).0));
    let commas: Vec<usize> = tokens[keyword..]
        .iter()
        .filter(|token| token.kind() == TokenKind::Comma)
        .map(|token| bytes(token.range()).1)
        .collect();
    let items = names.iter().enumerate().map(|(at, alias)| item(alias, commas.get(at).copied()));
    Some(Statement { start, end, suite, place, lazy, from, items: items.collect(), brackets })
}

fn item(alias: &Alias, comma: Option<usize>) -> Item {
    let (start, end) = bytes(alias.range);
    let name = alias.name.to_string();
    Item { start, end, name, alias: alias.asname.as_ref().map(ToString::to_string), comma }
}

fn bytes(range: TextRange) -> (usize, usize) {
    (range.start().into(), range.end().into())
}
