//! Which statements and expressions of one body bind which names: the rules of Python's scopes, written once.
//!
//! Tells [`Binders`] of them one by one; what a name then is, its scope decides.

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{Comprehension, ExceptHandler, Expr, ExprContext, Identifier, Pattern, Stmt};
use ruff_text_size::TextRange;

use super::names;

/// What binds a name.
#[derive(Clone, Copy, Debug)]
pub(super) enum Binder<'a> {
    /// An import; the alias's range.
    Import(TextRange),
    /// A function definition; its name.
    Function(&'a Identifier),
    /// An assignment of that value to the name alone.
    Value(&'a Expr),
    /// `x: T` without a value.
    Annotation,
    /// `global x`.
    Global,
    /// `nonlocal x`.
    Nonlocal,
    /// Anything else: a class, a loop, part of an assignment.
    Other,
}

/// Who is told.
pub(super) trait Binders<'a> {
    /// `name` is bound by `binder`, in source order.
    fn bind(&mut self, name: &'a str, binder: Binder<'a>);

    /// A `yield` stands there.
    fn yields(&mut self) {}
}

/// Tells of the names that one body binds, not of those of the functions and classes in it.
pub(super) fn of_body<'a>(body: &'a [Stmt], binders: &mut impl Binders<'a>) {
    Collector(binders).visit_body(body);
}

/// Tells of the targets of a comprehension.
pub(super) fn of_comprehension<'a>(generators: &'a [Comprehension], binders: &mut impl Binders<'a>) {
    for generator in generators {
        Collector(binders).visit_expr(&generator.target);
    }
}

struct Collector<'b, B>(&'b mut B);

impl<B> Collector<'_, B> {
    fn assign<'a>(&mut self, target: &'a Expr, binder: Binder<'a>)
    where
        B: Binders<'a>,
    {
        match target {
            Expr::Name(name) => self.0.bind(name.id.as_str(), binder),
            _ => self.visit_expr(target),
        }
    }
}

impl<'a, B: Binders<'a>> Visitor<'a> for Collector<'_, B> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::FunctionDef(function) => {
                self.0.bind(function.name.as_str(), Binder::Function(&function.name));
            }
            Stmt::ClassDef(class) => self.0.bind(class.name.as_str(), Binder::Other),
            Stmt::Global(stmt) => {
                for name in &stmt.names {
                    self.0.bind(name.as_str(), Binder::Global);
                }
            }
            Stmt::Nonlocal(stmt) => {
                for name in &stmt.names {
                    self.0.bind(name.as_str(), Binder::Nonlocal);
                }
            }
            Stmt::Import(stmt) => {
                for alias in &stmt.names {
                    let first = || crate::module_path::first(&alias.name);
                    let name = alias.asname.as_ref().map_or_else(first, Identifier::as_str);
                    self.0.bind(name, Binder::Import(alias.range));
                }
            }
            Stmt::ImportFrom(stmt) => {
                for alias in stmt.names.iter().filter(|alias| alias.name.as_str() != "*") {
                    let name = alias.asname.as_ref().unwrap_or(&alias.name).as_str();
                    self.0.bind(name, Binder::Import(alias.range));
                }
            }
            Stmt::Assign(stmt) => {
                self.visit_expr(&stmt.value);
                for target in &stmt.targets {
                    self.assign(target, Binder::Value(&stmt.value));
                }
            }
            Stmt::AnnAssign(stmt) => {
                if let Some(value) = &stmt.value {
                    self.visit_expr(value);
                }
                let binder = stmt.value.as_deref().map_or(Binder::Annotation, Binder::Value);
                self.assign(&stmt.target, binder);
            }
            _ => visitor::walk_stmt(self, stmt),
        }
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Name(name) if name.ctx == ExprContext::Store => {
                self.0.bind(name.id.as_str(), Binder::Other);
            }
            Expr::Name(_) | Expr::Lambda(_) => {}
            _ => {
                if matches!(expr, Expr::Yield(_) | Expr::YieldFrom(_)) {
                    self.0.yields();
                }
                visitor::walk_expr(self, expr);
            }
        }
    }

    fn visit_comprehension(&mut self, comprehension: &'a Comprehension) {
        self.visit_expr(&comprehension.iter);
        for condition in &comprehension.ifs {
            self.visit_expr(condition);
        }
    }

    fn visit_except_handler(&mut self, handler: &'a ExceptHandler) {
        let ExceptHandler::ExceptHandler(caught) = handler;
        if let Some(name) = &caught.name {
            self.0.bind(name.as_str(), Binder::Other);
        }
        visitor::walk_except_handler(self, handler);
    }

    fn visit_pattern(&mut self, pattern: &'a Pattern) {
        if let Some(name) = names::captured(pattern) {
            self.0.bind(name.as_str(), Binder::Other);
        }
        visitor::walk_pattern(self, pattern);
    }
}
