//! What runs while a module is loaded, read from its tree; and, on demand, what its functions run.
//!
//! A walk of its own after the one that finds the imports: it follows the order of execution instead of the text's
//! and keeps only what [`facts::load`](crate::facts::load) tells of. Which module or function a name means is not
//! known here.

mod scopes;
mod definitions;
mod callees;
mod catches;
mod statements;
mod expressions;

use ruff_python_ast::statement_visitor::{self, StatementVisitor};
use ruff_python_ast::{Mod, Stmt};
use ruff_python_parser::parse_unchecked;
use ruff_text_size::TextSize;
use rustc_hash::FxHashSet;

use super::calls::Known;
use super::{ExtractOptions, extract, prescan};
use crate::facts::load::{Block, Code, Step, What};
use crate::facts::{Also, Facts, Import, When};
use crate::source::LineIndex;
use definitions::Definitions;
use scopes::{Kind, Scope};

/// At most so many blocks of conditional expressions stand in each other; what lies deeper is read as one of them.
const MAX_DEPTH: u32 = 100;

/// What the module's own body runs.
pub(super) fn module(
    body: &[Stmt],
    text: &str,
    options: &ExtractOptions,
    facts: &Facts,
    known: &Known<'_>,
    lines: &LineIndex,
) -> Block {
    let imports = Imports::new(&facts.imports);
    let mut reader = Reader::new(text, options, facts, &imports, known, lines, None);
    reader.module(body);
    reader.block
}

/// What the functions of a decoded text run.
pub(super) fn code(text: &str, options: &ExtractOptions, facts: &Facts) -> Code {
    if prescan::check(text).is_err() {
        return Code::default();
    }
    let parsed = parse_unchecked(text, extract::parse_options(options));
    if !parsed.errors().is_empty() || !parsed.unsupported_syntax_errors().is_empty() {
        return Code::default();
    }
    let Mod::Module(module) = parsed.syntax() else { return Code::default() };
    let lines = LineIndex::new(text);
    let mut known = KnownReader(Known::default());
    known.visit_body(&module.body);
    let imports = Imports::new(&facts.imports);
    let definitions = Definitions::of(&module.body, &lines);
    let mut reader = Reader::new(text, options, facts, &imports, &known.0, &lines, Some(definitions));
    reader.module(&module.body);
    reader.definitions.map_or_else(Code::default, |definitions| definitions.code)
}

/// Reads the import statements alone.
struct KnownReader<'a>(Known<'a>);

impl<'a> StatementVisitor<'a> for KnownReader<'a> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::Import(stmt) => self.0.import(stmt),
            Stmt::ImportFrom(stmt) => self.0.import_from(stmt),
            _ => statement_visitor::walk_stmt(self, stmt),
        }
    }
}

/// The rows of [`Facts::imports`] by where they stand.
struct Imports<'i> {
    by_offset: Vec<(u32, u32)>,
    rows: &'i [Import],
    /// Whether the module may have names that nobody can list.
    wildcard: bool,
}

impl<'i> Imports<'i> {
    fn new(rows: &'i [Import]) -> Self {
        let mut by_offset: Vec<(u32, u32)> =
            rows.iter().enumerate().map(|(index, row)| (row.span.start, index as u32)).collect();
        by_offset.sort_unstable();
        let wildcard = rows.iter().any(|row| row.module_level && row.kind.also.contains(Also::WILDCARD));
        Self { by_offset, rows, wildcard }
    }

    fn at(&self, start: TextSize) -> Option<u32> {
        let found = self.by_offset.binary_search_by_key(&u32::from(start), |&(start, _)| start).ok()?;
        Some(self.by_offset[found].1)
    }

    /// Whether the program runs it.
    fn runs(&self, index: u32) -> bool {
        self.rows
            .get(index as usize)
            .is_some_and(|row| row.kind.when != When::TypeChecking && !row.kind.also.contains(Also::MAIN))
    }
}

/// Where the walk stands and what it has found so far.
struct Reader<'a, 'i> {
    text: &'a str,
    options: &'i ExtractOptions,
    facts: &'i Facts,
    imports: &'i Imports<'i>,
    known: &'i Known<'a>,
    lines: &'i LineIndex,
    /// Whether annotations wait until someone asks for them.
    lazy_annotations: bool,
    /// The functions and classes to be filled; None where only the module's body is asked for.
    definitions: Option<Definitions>,
    /// The module's scope first.
    scopes: Vec<Scope<'a>>,
    /// The function whose body is read: index into the definitions.
    function: Option<u32>,
    /// See [`Step::at`].
    at: u32,
    /// Whether `at` stands, being a class statement's.
    in_class: bool,
    block: Block,
    /// How many conditional blocks are open.
    depth: u32,
    /// The accesses that have run for sure where the walk stands, by local import and as written.
    seen: FxHashSet<(u32, &'a str)>,
    /// The same in the order of their coming.
    seen_in_order: Vec<(u32, &'a str)>,
}

impl<'a, 'i> Reader<'a, 'i> {
    fn new(
        text: &'a str,
        options: &'i ExtractOptions,
        facts: &'i Facts,
        imports: &'i Imports<'i>,
        known: &'i Known<'a>,
        lines: &'i LineIndex,
        definitions: Option<Definitions>,
    ) -> Self {
        let future = |row: &Import| row.module == "__future__" && row.name.as_deref() == Some("annotations");
        Self {
            text,
            options,
            facts,
            imports,
            known,
            lines,
            lazy_annotations: options.version >= (3, 14) || facts.imports.iter().any(future),
            definitions,
            scopes: Vec::new(),
            function: None,
            at: 0,
            in_class: false,
            block: Block::new(),
            depth: 0,
            seen: FxHashSet::default(),
            seen_in_order: Vec::new(),
        }
    }

    fn module(&mut self, body: &'a [Stmt]) {
        let scope = Scope::of_body(body, Kind::Module, self.imports);
        self.in_scope(scope, |reader| {
            reader.body(body);
        });
    }

    fn in_scope(&mut self, scope: Scope<'a>, read: impl FnOnce(&mut Self)) {
        self.scopes.push(scope);
        read(self);
        self.scopes.pop();
    }

    fn push(&mut self, what: What, start: TextSize) {
        let line = self.lines.line(start.into());
        self.block.push(Step { at: self.at, line, what });
    }

    /// What `read` finds, as a block of its own that may not run to its end.
    fn block(&mut self, read: impl FnOnce(&mut Self)) -> Block {
        let outer = std::mem::take(&mut self.block);
        let seen = self.seen_in_order.len();
        self.depth += 1;
        read(self);
        self.depth -= 1;
        self.forget(seen);
        std::mem::replace(&mut self.block, outer)
    }

    /// Forgets the accesses that came after the first `count`.
    fn forget(&mut self, count: usize) {
        for access in self.seen_in_order.drain(count..) {
            self.seen.remove(&access);
        }
    }

    /// One arm of several; one that lies too deep is read in place.
    fn arm(&mut self, arms: &mut Vec<Block>, read: impl FnOnce(&mut Self)) {
        if self.depth < MAX_DEPTH {
            arms.push(self.block(read));
        } else {
            read(self);
        }
    }

    /// At most one of `arms` runs.
    fn maybe(&mut self, mut arms: Vec<Block>, start: TextSize) {
        arms.retain(|arm| !arm.is_empty());
        if !arms.is_empty() {
            self.push(What::Maybe(arms), start);
        }
    }
}

#[cfg(test)]
mod tests;
