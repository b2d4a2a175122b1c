//! What the names of one scope are: an import's, one value's, the receiver's, anybody's.

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{
    Comprehension, ExceptHandler, Expr, ExprContext, Identifier, Parameters, Pattern, Stmt, StmtFunctionDef,
};
use rustc_hash::FxHashMap;

use super::Imports;
use super::definitions::Definitions;
use crate::languages::python::{accesses, names};

/// What a name is in a scope.
#[derive(Clone, Copy, Debug)]
pub(super) enum Slot<'a> {
    /// One import, or several of the same thing.
    Import(u32),
    /// Several imports of different things, and nothing else.
    Imports,
    /// Assigned once, with that value.
    Value(&'a Expr),
    /// A parameter so annotated.
    Parameter(Option<&'a Expr>),
    /// The first parameter of a method; whether it is the class.
    Receiver { class: bool },
    /// A function defined once in this scope.
    Function(u32),
    /// Declared `global`.
    Global,
    /// Declared `nonlocal`.
    Nonlocal,
    /// Anything else.
    Other,
}

/// What kind of body has the scope.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind {
    Module,
    Class,
    Function,
    Comprehension,
}

pub(super) struct Scope<'a> {
    pub(super) names: FxHashMap<&'a str, Slot<'a>>,
    pub(super) kind: Kind,
    /// Whether a `yield` stands directly in it.
    pub(super) yields: bool,
}

impl<'a> Scope<'a> {
    fn new(kind: Kind) -> Self {
        Self { names: FxHashMap::default(), kind, yields: false }
    }

    /// The names that `body` binds, not those of the functions and classes in it.
    pub(super) fn of_body(
        body: &'a [Stmt],
        kind: Kind,
        imports: &Imports<'_>,
        definitions: Option<&Definitions>,
    ) -> Self {
        Self::new(kind).with_body(body, imports, definitions)
    }

    /// The names of a function; `is_method` where a class body defines it.
    pub(super) fn of_function(
        function: &'a StmtFunctionDef,
        is_method: bool,
        imports: &Imports<'_>,
        definitions: Option<&Definitions>,
    ) -> Self {
        let mut scope = Self::new(Kind::Function);
        scope.parameters(&function.parameters);
        if is_method
            && let Some(first) = function.parameters.posonlyargs.first().or(function.parameters.args.first())
        {
            let name = first.parameter.name.as_str();
            let decorated = |wanted: &str| {
                let is = |expr: &Expr| matches!(expr, Expr::Name(name) if name.id.as_str() == wanted);
                function.decorator_list.iter().any(|decorator| is(&decorator.expression))
            };
            if matches!(name, "self" | "cls") || !decorated("staticmethod") {
                let class = name == "cls" || decorated("classmethod");
                scope.names.insert(name, Slot::Receiver { class });
            }
        }
        scope.with_body(&function.body, imports, definitions)
    }

    /// The targets of a comprehension.
    pub(super) fn of_comprehension(generators: &'a [Comprehension], imports: &Imports<'_>) -> Self {
        let scope = Self::new(Kind::Comprehension);
        let mut collector = Collector { scope, imports, definitions: None };
        for generator in generators {
            collector.visit_expr(&generator.target);
        }
        collector.scope
    }

    fn with_body(self, body: &'a [Stmt], imports: &Imports<'_>, definitions: Option<&Definitions>) -> Self {
        let mut collector = Collector { scope: self, imports, definitions };
        collector.visit_body(body);
        collector.scope
    }

    fn parameters(&mut self, parameters: &'a Parameters) {
        for parameter in parameters {
            let annotation = if parameter.is_variadic() { None } else { parameter.annotation() };
            self.names.insert(parameter.name().as_str(), Slot::Parameter(annotation));
        }
    }

    fn bind(&mut self, name: &'a str, slot: Slot<'a>, imports: &Imports<'_>) {
        let before = self.names.get(name).copied();
        let after = match (before, slot) {
            (None, slot) => slot,
            (Some(declared @ (Slot::Global | Slot::Nonlocal)), _) => declared,
            (Some(Slot::Import(one)), Slot::Import(other)) => {
                let same = accesses::bind_the_same(imports.rows, one, other);
                if same { Slot::Import(one) } else { Slot::Imports }
            }
            (Some(Slot::Imports), Slot::Import(_)) => Slot::Imports,
            // `m = None` where the import of m failed, before or after it, leaves nothing to call.
            (Some(import @ (Slot::Import(_) | Slot::Imports)), Slot::Value(value))
            | (Some(Slot::Value(value)), import @ Slot::Import(_))
                if value.is_none_literal_expr() =>
            {
                import
            }
            _ => Slot::Other,
        };
        self.names.insert(name, after);
    }
}

struct Collector<'a, 'i> {
    scope: Scope<'a>,
    imports: &'i Imports<'i>,
    definitions: Option<&'i Definitions>,
}

impl<'a> Collector<'a, '_> {
    fn rebind(&mut self, name: &'a str) {
        self.scope.bind(name, Slot::Other, self.imports);
    }

    fn assign(&mut self, target: &'a Expr, value: &'a Expr) {
        match target {
            Expr::Name(name) => self.scope.bind(name.id.as_str(), Slot::Value(value), self.imports),
            _ => self.visit_expr(target),
        }
    }
}

impl<'a> Visitor<'a> for Collector<'a, '_> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::FunctionDef(function) => {
                let index = self.definitions.and_then(|definitions| definitions.at(&function.name));
                let is_local = self.scope.kind == Kind::Function;
                let slot = index.filter(|_| is_local).map_or(Slot::Other, Slot::Function);
                self.scope.bind(function.name.as_str(), slot, self.imports);
            }
            Stmt::ClassDef(class) => self.rebind(class.name.as_str()),
            Stmt::Global(stmt) => {
                for name in &stmt.names {
                    self.scope.names.insert(name.as_str(), Slot::Global);
                }
            }
            Stmt::Nonlocal(stmt) => {
                for name in &stmt.names {
                    self.scope.names.insert(name.as_str(), Slot::Nonlocal);
                }
            }
            Stmt::Import(stmt) => {
                for alias in &stmt.names {
                    let first = || crate::module_path::first(&alias.name);
                    let name = alias.asname.as_ref().map_or_else(first, Identifier::as_str);
                    let slot = self.imports.at(alias.range.start()).map_or(Slot::Other, Slot::Import);
                    self.scope.bind(name, slot, self.imports);
                }
            }
            Stmt::ImportFrom(stmt) => {
                for alias in stmt.names.iter().filter(|alias| alias.name.as_str() != "*") {
                    let name = alias.asname.as_ref().unwrap_or(&alias.name).as_str();
                    let slot = self.imports.at(alias.range.start()).map_or(Slot::Other, Slot::Import);
                    self.scope.bind(name, slot, self.imports);
                }
            }
            Stmt::Assign(stmt) => {
                self.visit_expr(&stmt.value);
                for target in &stmt.targets {
                    self.assign(target, &stmt.value);
                }
            }
            Stmt::AnnAssign(stmt) => {
                if let Some(value) = &stmt.value {
                    self.visit_expr(value);
                    self.assign(&stmt.target, value);
                }
            }
            _ => visitor::walk_stmt(self, stmt),
        }
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Name(name) if name.ctx != ExprContext::Load => self.rebind(name.id.as_str()),
            Expr::Name(_) | Expr::Lambda(_) => {}
            _ => {
                if matches!(expr, Expr::Yield(_) | Expr::YieldFrom(_)) {
                    self.scope.yields = true;
                }
                visitor::walk_expr(self, expr);
            }
        }
    }

    fn visit_annotation(&mut self, _: &'a Expr) {}

    fn visit_comprehension(&mut self, comprehension: &'a Comprehension) {
        self.visit_expr(&comprehension.iter);
        for condition in &comprehension.ifs {
            self.visit_expr(condition);
        }
    }

    fn visit_except_handler(&mut self, handler: &'a ExceptHandler) {
        let ExceptHandler::ExceptHandler(caught) = handler;
        if let Some(name) = &caught.name {
            self.rebind(name.as_str());
        }
        visitor::walk_except_handler(self, handler);
    }

    fn visit_pattern(&mut self, pattern: &'a Pattern) {
        if let Some(name) = names::captured(pattern) {
            self.rebind(name.as_str());
        }
        visitor::walk_pattern(self, pattern);
    }
}
