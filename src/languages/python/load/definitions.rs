//! The functions and classes of a file, listed before their bodies are read: a body names those that come later.

use compact_str::{CompactString, format_compact};
use ruff_python_ast::statement_visitor::{self, StatementVisitor};
use ruff_python_ast::{Expr, Identifier, Stmt};
use ruff_text_size::Ranged;
use rustc_hash::FxHashMap;

use crate::facts::load::{Block, Class, Code, Function, FunctionKind};
use crate::languages::python::guards;
use crate::source::LineIndex;

pub(super) struct Definitions {
    pub(super) code: Code,
    /// Functions and classes by where their name stands.
    by_name: FxHashMap<u32, u32>,
}

impl Definitions {
    /// All that `body` defines, at any depth, with empty bodies.
    pub(super) fn of(body: &[Stmt], lines: &LineIndex) -> Self {
        let definitions = Self { code: Code::default(), by_name: FxHashMap::default() };
        let mut lister = Lister { definitions, lines, prefix: CompactString::default(), class: None };
        lister.visit_body(body);
        lister.definitions
    }

    /// The index of the function, or of the class, of that name.
    pub(super) fn at(&self, name: &Identifier) -> Option<u32> {
        self.by_name.get(&name.start().into()).copied()
    }
}

struct Lister<'i> {
    definitions: Definitions,
    lines: &'i LineIndex,
    /// What stands in front of a name defined here, with its full stop.
    prefix: CompactString,
    /// The class whose body is directly around.
    class: Option<u32>,
}

impl Lister<'_> {
    fn within(&mut self, prefix: CompactString, class: Option<u32>, body: &[Stmt]) {
        let outer = (std::mem::replace(&mut self.prefix, prefix), std::mem::replace(&mut self.class, class));
        self.visit_body(body);
        (self.prefix, self.class) = outer;
    }

    fn line(&self, name: &Identifier) -> u32 {
        self.lines.line(name.start().into())
    }
}

impl<'a> StatementVisitor<'a> for Lister<'_> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::FunctionDef(function) => {
                let name = format_compact!("{}{}", self.prefix, function.name);
                let prefix = format_compact!("{name}.<locals>.");
                let kind = if function.is_async { FunctionKind::Async } else { FunctionKind::Plain };
                let line = self.line(&function.name);
                let functions = &mut self.definitions.code.functions;
                let index = functions.len() as u32;
                let wrapped =
                    function.decorator_list.iter().any(|decorator| !is_transparent(&decorator.expression));
                let (class, body, returns) = (self.class, Block::new(), None);
                functions.push(Function { name, line, kind, class, wrapped, body, returns });
                self.definitions.by_name.insert(function.name.start().into(), index);
                self.within(prefix, None, &function.body);
            }
            Stmt::ClassDef(class) => {
                let name = format_compact!("{}{}", self.prefix, class.name);
                let prefix = format_compact!("{name}.");
                let line = self.line(&class.name);
                let classes = &mut self.definitions.code.classes;
                let index = classes.len() as u32;
                classes.push(Class { name, line, bases: Vec::new() });
                self.definitions.by_name.insert(class.name.start().into(), index);
                self.within(prefix, Some(index), &class.body);
            }
            _ => statement_visitor::walk_stmt(self, stmt),
        }
    }
}

/// Whether a decorator of Python's own leaves a function as it is, or calls it as it would be called.
fn is_transparent(decorator: &Expr) -> bool {
    let name = if let Expr::Call(call) = decorator { &call.func } else { decorator };
    matches!(
        guards::last_name(name),
        Some(
            "abstractmethod"
                | "asynccontextmanager"
                | "cache"
                | "cached_property"
                | "classmethod"
                | "contextmanager"
                | "final"
                | "lru_cache"
                | "override"
                | "property"
                | "staticmethod"
                | "wraps"
        )
    )
}
