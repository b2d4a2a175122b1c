//! What a condition, a handler or a context manager says about the imports under it.
//!
//! Pure questions to expressions; knows nothing of the walk that asks them.

use ruff_python_ast::{BoolOp, CmpOp, ExceptHandler, Expr, Number, Stmt, StmtIf, StmtTry, StmtWith, UnaryOp};

use super::calls::Known;

/// The last part of a dotted expression: `c` of `a.b.c`.
pub(super) fn last_name(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::Name(name) => Some(name.id.as_str()),
        Expr::Attribute(attribute) => Some(attribute.attr.as_str()),
        _ => None,
    }
}

/// Whether catching `expr` catches a failing import.
fn is_import_error(expr: &Expr) -> bool {
    match expr {
        Expr::Tuple(tuple) => tuple.elts.iter().any(is_import_error),
        Expr::Starred(starred) => is_import_error(&starred.value),
        _ => matches!(
            last_name(expr),
            Some("ImportError" | "ModuleNotFoundError" | "Exception" | "BaseException")
        ),
    }
}

/// Whether the handler catches a failing import.
pub(super) fn absorbs(handler: &ExceptHandler) -> bool {
    let ExceptHandler::ExceptHandler(handler) = handler;
    handler.type_.as_deref().is_none_or(is_import_error)
}

/// Whether some handler of the `try` catches a failing import.
pub(super) fn any_absorbs(stmt: &StmtTry) -> bool {
    stmt.handlers.iter().any(absorbs)
}

/// What a `with` statement says about the imports in its body.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct WithGuard {
    /// `suppress(ImportError)`.
    pub(super) optional: bool,
    /// `pytest.raises(ImportError)`, `self.assertRaises(ImportError)`.
    pub(super) expected: bool,
}

/// Reads the context managers of `stmt`.
pub(super) fn with_guard(stmt: &StmtWith) -> WithGuard {
    let mut guard = WithGuard::default();
    for item in &stmt.items {
        let Expr::Call(call) = &item.context_expr else { continue };
        let keywords = call.arguments.keywords.iter().map(|keyword| &keyword.value);
        if !call.arguments.args.iter().chain(keywords).any(is_import_error) {
            continue;
        }
        match last_name(&call.func) {
            Some("suppress") => guard.optional = true,
            Some("raises" | "assertRaises" | "assertRaisesRegex" | "assertRaisesRegexp") => {
                guard.expected = true;
            }
            _ => {}
        }
    }
    guard
}

/// One branch of an `if` statement.
#[derive(Debug)]
pub(super) struct Branch<'a> {
    /// Its condition; None for `else`.
    pub(super) test: Option<&'a Expr>,
    /// Its statements.
    pub(super) body: &'a [Stmt],
    /// Whether the program can run it: where it cannot, for `TYPE_CHECKING` is false, it is for type checkers.
    pub(super) runs: bool,
    /// Whether it depends on anything else.
    pub(super) conditional: bool,
    /// `if __name__ == "__main__"`.
    pub(super) main: bool,
}

/// The branches of an `if`, in source order.
pub(super) fn branches<'a>(stmt: &'a StmtIf, known: &Known<'_>) -> Vec<Branch<'a>> {
    let first = (Some(stmt.test.as_ref()), stmt.body.as_ref());
    let rest = stmt.elif_else_clauses.iter().map(|clause| (clause.test.as_ref(), clause.body.as_ref()));
    // Whether the branch at hand is reached, by the tests before it: always, never, or sometimes.
    let (mut reached, mut sometimes) = (true, false);
    let mut branches = Vec::with_capacity(1 + rest.len());
    for (test, body) in std::iter::once(first).chain(rest) {
        let truth = test.map_or(Some(true), |test| truth(test, known));
        let main = test.is_some_and(is_main_test);
        branches.push(Branch {
            test,
            body,
            runs: reached && truth != Some(false),
            conditional: sometimes || truth.is_none() && !main,
            main,
        });
        reached &= truth != Some(true);
        sometimes |= truth.is_none();
    }
    branches
}

/// What a condition evaluates to when the program runs, where `TYPE_CHECKING` is false; None = it depends.
pub(super) fn truth(test: &Expr, known: &Known<'_>) -> Option<bool> {
    match test {
        Expr::Name(name) if known.is_type_checking(name.id.as_str()) => Some(false),
        Expr::Attribute(attribute) if attribute.attr.as_str() == "TYPE_CHECKING" => Some(false),
        Expr::BooleanLiteral(literal) => Some(literal.value),
        Expr::NumberLiteral(literal) => match &literal.value {
            Number::Int(int) => int.as_u64().map(|value| value != 0),
            _ => None,
        },
        Expr::UnaryOp(unary) if unary.op == UnaryOp::Not => truth(&unary.operand, known).map(|value| !value),
        Expr::BoolOp(bool_op) => {
            let decisive = bool_op.op == BoolOp::Or;
            let mut all_known = true;
            for value in &bool_op.values {
                match truth(value, known) {
                    Some(value) if value == decisive => return Some(decisive),
                    Some(_) => {}
                    None => all_known = false,
                }
            }
            all_known.then_some(!decisive)
        }
        _ => None,
    }
}

/// Whether the condition holds only where the file is run as a program.
fn is_main_test(test: &Expr) -> bool {
    match test {
        Expr::Compare(compare) => {
            let [CmpOp::Eq] = compare.ops.as_ref() else { return false };
            let [right] = compare.comparators.as_ref() else { return false };
            let is_dunder = |expr: &Expr| matches!(expr, Expr::Name(name) if name.id.as_str() == "__name__");
            let is_main = |expr: &Expr| matches!(expr, Expr::StringLiteral(literal) if literal.value.to_str() == "__main__");
            is_dunder(&compare.left) && is_main(right) || is_main(&compare.left) && is_dunder(right)
        }
        Expr::BoolOp(bool_op) => bool_op.op == BoolOp::And && bool_op.values.iter().any(is_main_test),
        _ => false,
    }
}

/// Whether the statement is one line's worth: no body of its own.
pub(super) fn is_simple(stmt: &Stmt) -> bool {
    !matches!(
        stmt,
        Stmt::FunctionDef(_)
            | Stmt::ClassDef(_)
            | Stmt::For(_)
            | Stmt::While(_)
            | Stmt::If(_)
            | Stmt::With(_)
            | Stmt::Match(_)
            | Stmt::Try(_)
    )
}
