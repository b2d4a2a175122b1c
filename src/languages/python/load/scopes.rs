//! What the names of one scope are: an import's, one value's, the receiver's, anybody's.

use ruff_python_ast::{Comprehension, Expr, Parameters, Stmt, StmtFunctionDef};
use rustc_hash::FxHashMap;

use super::Imports;
use super::definitions::Definitions;
use crate::languages::python::accesses;
use crate::languages::python::binders::{self, Binder, Binders};

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
    pub(super) fn of_body(body: &'a [Stmt], kind: Kind, imports: &Imports<'_>) -> Self {
        let mut names = Names { scope: Self::new(kind), imports, definitions: None };
        binders::of_body(body, &mut names);
        names.scope
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
        let mut names = Names { scope, imports, definitions };
        binders::of_body(&function.body, &mut names);
        names.scope
    }

    /// The targets of a comprehension.
    pub(super) fn of_comprehension(generators: &'a [Comprehension], imports: &Imports<'_>) -> Self {
        let mut names = Names { scope: Self::new(Kind::Comprehension), imports, definitions: None };
        binders::of_comprehension(generators, &mut names);
        names.scope
    }

    fn parameters(&mut self, parameters: &'a Parameters) {
        for parameter in parameters {
            let annotation = if parameter.is_variadic() { None } else { parameter.annotation() };
            self.names.insert(parameter.name().as_str(), Slot::Parameter(annotation));
        }
    }
}

struct Names<'a, 'i> {
    scope: Scope<'a>,
    imports: &'i Imports<'i>,
    /// Where they are known, the functions of the scope are told apart.
    definitions: Option<&'i Definitions>,
}

impl<'a> Binders<'a> for Names<'a, '_> {
    fn bind(&mut self, name: &'a str, binder: Binder<'a>) {
        let slot = match binder {
            Binder::Import(alias) => self.imports.at(alias.start()).map_or(Slot::Other, Slot::Import),
            Binder::Function(name) => self
                .definitions
                .and_then(|definitions| definitions.at(name))
                .map_or(Slot::Other, Slot::Function),
            Binder::Value(value) => Slot::Value(value),
            // Binds nothing, but makes the name a function's own.
            Binder::Annotation => {
                if self.scope.kind == Kind::Function {
                    self.scope.names.entry(name).or_insert(Slot::Other);
                }
                return;
            }
            Binder::Global => Slot::Global,
            Binder::Nonlocal => Slot::Nonlocal,
            Binder::Other => Slot::Other,
        };
        let before = self.scope.names.get(name).copied();
        let after = match (before, slot) {
            (None, slot) | (_, slot @ (Slot::Global | Slot::Nonlocal)) => slot,
            (Some(declared @ (Slot::Global | Slot::Nonlocal)), _) => declared,
            (Some(Slot::Import(one)), Slot::Import(other)) => {
                let same = accesses::bind_the_same(self.imports.rows, one, other);
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
        self.scope.names.insert(name, after);
    }

    fn yields(&mut self) {
        self.scope.yields = true;
    }
}
