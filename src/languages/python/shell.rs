//! Whether a module has code of its own: what a migration leaves behind often has none.
//!
//! Read on demand: facts do not hold bodies. Where it is not certain, a module has code.

use ruff_python_ast::{Expr, Mod, Stmt, StmtClassDef, StmtFunctionDef};
use ruff_python_parser::{Mode, ParseOptions, parse_unchecked};

use super::prescan;

/// What a module without code of its own holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shell {
    /// Imports for others, and names for what they bring.
    Reexport,
    /// Classes and functions without a body.
    Stubs,
}

/// What a decoded text is a shell of; None where it has code, or nothing at all.
pub fn shell(text: &str) -> Option<Shell> {
    prescan::check(text).ok()?;
    let parsed = parse_unchecked(text, ParseOptions::from(Mode::Module));
    if !parsed.errors().is_empty() {
        return None;
    }
    let Mod::Module(module) = parsed.syntax() else { return None };
    let mut found = Found::default();
    found.body(&module.body)?;
    match found {
        Found { stubs: true, .. } => Some(Shell::Stubs),
        Found { imports: true, .. } => Some(Shell::Reexport),
        Found { .. } => None,
    }
}

#[derive(Default)]
struct Found {
    imports: bool,
    stubs: bool,
}

impl Found {
    /// Looks through statements; None as soon as one does something.
    fn body(&mut self, body: &[Stmt]) -> Option<()> {
        body.iter().try_for_each(|stmt| self.statement(stmt))
    }

    fn statement(&mut self, stmt: &Stmt) -> Option<()> {
        match stmt {
            Stmt::Import(_) | Stmt::ImportFrom(_) => self.imports = true,
            Stmt::Pass(_) => {}
            Stmt::Expr(statement) if is_text(&statement.value) || warns(&statement.value) => {}
            Stmt::Assign(assign) => {
                let [Expr::Name(target)] = &assign.targets[..] else { return None };
                let name = target.id.as_str();
                let dunder = name.starts_with("__") && name.ends_with("__");
                (dunder || is_path(&assign.value)).then_some(())?;
            }
            Stmt::If(branches) => {
                self.body(&branches.body)?;
                branches.elif_else_clauses.iter().try_for_each(|clause| self.body(&clause.body))?;
            }
            Stmt::Try(attempt) => {
                self.body(&attempt.body)?;
                for handler in &attempt.handlers {
                    self.body(&handler.as_except_handler()?.body)?;
                }
                self.body(&attempt.orelse)?;
                self.body(&attempt.finalbody)?;
            }
            Stmt::FunctionDef(function) if is_stub(function) => self.stubs = true,
            Stmt::ClassDef(class) if is_empty(class) => self.stubs = true,
            _ => return None,
        }
        Some(())
    }
}

/// A function that does nothing. A decorator may do something with it, `abstractmethod` and `overload` among them.
fn is_stub(function: &StmtFunctionDef) -> bool {
    function.decorator_list.is_empty() && function.body.iter().all(does_nothing)
}

/// A class without bases, fields and methods that do something: an exception inherits what it does.
fn is_empty(class: &StmtClassDef) -> bool {
    let bases = class.arguments.as_ref().map_or(&[][..], |arguments| &arguments.args[..]);
    let keywords = class.arguments.as_ref().is_some_and(|arguments| !arguments.keywords.is_empty());
    let only_object =
        bases.iter().all(|base| matches!(base, Expr::Name(name) if name.id.as_str() == "object"));
    only_object
        && !keywords
        && class.decorator_list.is_empty()
        && class.body.iter().all(|stmt| match stmt {
            Stmt::FunctionDef(function) => is_stub(function),
            other => does_nothing(other),
        })
}

fn does_nothing(stmt: &Stmt) -> bool {
    match stmt {
        Stmt::Pass(_) => true,
        Stmt::Expr(statement) => is_text(&statement.value),
        Stmt::Return(end) => end.value.as_deref().is_none_or(|value| matches!(value, Expr::NoneLiteral(_))),
        Stmt::Raise(raise) => raise.exc.as_deref().is_some_and(|raised| {
            let raised = if let Expr::Call(call) = raised { &*call.func } else { raised };
            matches!(raised, Expr::Name(name) if name.id.as_str() == "NotImplementedError")
        }),
        _ => false,
    }
}

/// A docstring, or `...`.
fn is_text(expr: &Expr) -> bool {
    matches!(expr, Expr::StringLiteral(_) | Expr::EllipsisLiteral(_))
}

/// `warnings.warn(…)`: the module says that it is no more than a way to another.
fn warns(expr: &Expr) -> bool {
    let Expr::Call(call) = expr else { return false };
    match &*call.func {
        Expr::Name(name) => name.id.as_str() == "warn",
        Expr::Attribute(attribute) => attribute.attr.as_str() == "warn",
        _ => false,
    }
}

/// `a` or `a.b.c`.
fn is_path(expr: &Expr) -> bool {
    match expr {
        Expr::Name(_) => true,
        Expr::Attribute(attribute) => is_path(&attribute.value),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_only_passes_on_or_does_nothing() {
        for (text, expected) in [
            ("'''Moved.'''\nfrom b import C\nD = C\n__all__ = ['C']\n", Some(Shell::Reexport)),
            ("import warnings\nwarnings.warn('moved')\nfrom b import *\n", Some(Shell::Reexport)),
            ("try:\n    from b import C\nexcept ImportError:\n    C = None\n", None),
            ("try:\n    from b import C\nexcept ImportError:\n    from c import C\n", Some(Shell::Reexport)),
            (
                "class A:\n    '''Stub.'''\n    def f(self):\n        raise NotImplementedError('later')\n",
                Some(Shell::Stubs),
            ),
            ("from x import y\ndef f():\n    pass\n", Some(Shell::Stubs)),
            ("class E(Exception):\n    pass\n", None),
            ("class A:\n    x: int\n", None),
            ("def f():\n    return 1\n", None),
            ("@overload\ndef f(): ...\n", None),
            ("x = 1\n", None),
            ("", None),
            ("'''only words'''\n", None),
            ("def f(:\n", None),
        ] {
            assert_eq!(shell(text), expected, "{text}");
        }
    }
}
