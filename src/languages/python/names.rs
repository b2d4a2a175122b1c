//! The names of a module's namespace: its bindings, `__all__`, a module `__getattr__`, and what makes it open to
//! any name at all.
//!
//! Is told what the walk meets; knows nothing of imports' kinds.

use compact_str::CompactString;
use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{CmpOp, Expr, ExprCall, Identifier, MatchCase, Operator, Pattern, StmtFunctionDef};
use ruff_text_size::{Ranged, TextRange};
use rustc_hash::FxHashMap;

use super::calls::{self, Known};
use crate::facts::{All, Binding, Bound, Certainty, Facts, ModuleGetattr};
use crate::source::{LineIndex, Span};

/// Everything collected so far.
#[derive(Debug, Default)]
pub(super) struct Names<'a> {
    bindings: Vec<Binding>,
    all: Option<AllNames>,
    /// Literal collections bound at module level, for a `__getattr__` that looks names up in them.
    tables: FxHashMap<&'a str, &'a Expr>,
    getattr: Option<Getattr<'a>>,
    /// Names bound to this module's own object: `this = sys.modules[__name__]`.
    selves: Vec<&'a str>,
    open: Option<&'static str>,
}

#[derive(Debug, Default)]
struct AllNames {
    names: Vec<Option<CompactString>>,
    index: FxHashMap<CompactString, usize>,
    computed: bool,
}

#[derive(Debug, Default)]
struct Getattr<'a> {
    names: Vec<CompactString>,
    tables: Vec<&'a str>,
}

impl<'a> Names<'a> {
    /// Notes that the module binds `name`.
    pub(super) fn bind(
        &mut self,
        name: &str,
        range: TextRange,
        bound: Bound,
        certainty: Certainty,
        lines: &LineIndex,
    ) {
        if name.is_empty() {
            return;
        }
        if name == "__getattr__" {
            self.getattr.get_or_insert_default();
        }
        let span = Span::new(range.start().into(), range.end().into());
        let line = lines.line(span.start);
        self.bindings.push(Binding { name: CompactString::from(name), bound, certainty, span, line });
    }

    /// Reads a module-level `targets = value`: `__all__`, tables, and names for the module itself.
    pub(super) fn assign(&mut self, targets: &'a [Expr], value: &'a Expr, known: &Known<'_>) {
        for target in targets {
            let Expr::Name(name) = target else { continue };
            let name = name.id.as_str();
            if name == "__all__" {
                self.all.get_or_insert_default().add(value);
            }
            if is_table(value) {
                self.tables.insert(name, value);
            } else if is_own_module(value, known) {
                self.selves.push(name);
            } else if is_globals_call(value) {
                self.open_by("keeps `globals()` to write to");
            }
        }
    }

    /// Reads a module-level `target += value`.
    pub(super) fn add_assign(&mut self, target: &Expr, operator: Operator, value: &Expr) {
        if is_dunder_all(target) {
            let all = self.all.get_or_insert_default();
            if operator == Operator::Add { all.add(value) } else { all.computed = true }
        }
    }

    /// Reads a module-level `__all__.extend(…)` and its kin.
    pub(super) fn all_method(&mut self, call: &ExprCall) {
        let Expr::Attribute(method) = call.func.as_ref() else { return };
        if !is_dunder_all(&method.value) {
            return;
        }
        let all = self.all.get_or_insert_default();
        match (method.attr.as_str(), call.arguments.args.as_ref()) {
            ("extend", [value]) => all.add(value),
            ("append", [value]) | ("insert", [_, value]) => all.add_one(value),
            ("remove", [value]) => match calls::literal(value) {
                Some(name) => all.remove(&name),
                None => all.computed = true,
            },
            ("sort" | "index" | "count" | "copy", _) => {}
            _ => all.computed = true,
        }
    }

    /// Reads a module-level `def __getattr__`.
    pub(super) fn getattr(&mut self, function: &'a StmtFunctionDef) {
        let getattr = self.getattr.get_or_insert_default();
        let Some(parameter) = function.parameters.iter().next() else { return };
        let mut reader = GetattrReader { parameter: parameter.name().as_str(), getattr };
        reader.visit_body(&function.body);
    }

    /// Reads a call anywhere that may bind names in the module behind its text.
    pub(super) fn opening_call(&mut self, call: &'a ExprCall, at_module_level: bool, known: &Known<'_>) {
        match call.func.as_ref() {
            Expr::Name(name) => match name.id.as_str() {
                "exec" if at_module_level => self.open_by("runs `exec` at module level"),
                "exec" if call.arguments.args.iter().skip(1).any(is_globals_call) => {
                    self.open_by("runs `exec` in `globals()`");
                }
                "setattr"
                    if call.arguments.args.first().is_some_and(|object| self.is_self(object, known)) =>
                {
                    self.open_by("sets attributes of its own module");
                }
                _ => {}
            },
            Expr::Attribute(method)
                if matches!(method.attr.as_str(), "update" | "setdefault" | "__setitem__") =>
            {
                self.opening_write(&method.value, at_module_level, known);
            }
            _ => {}
        }
    }

    /// Reads a write to a subscript or attribute of `object`: `globals()["x"] = …`, `sys.modules[__name__].x = …`.
    pub(super) fn opening_write(&mut self, object: &'a Expr, at_module_level: bool, known: &Known<'_>) {
        match object {
            Expr::Call(call) => match call.func.as_ref() {
                Expr::Name(name) if name.id.as_str() == "globals" => {
                    self.open_by("writes through `globals()`");
                }
                Expr::Name(name) if matches!(name.id.as_str(), "vars" | "locals") => {
                    match call.arguments.args.first() {
                        None if at_module_level => self.open_by("writes through `vars()`"),
                        Some(object) if self.is_self(object, known) => {
                            self.open_by("writes through `vars()`");
                        }
                        _ => {}
                    }
                }
                _ => {}
            },
            Expr::Attribute(attribute)
                if attribute.attr.as_str() == "__dict__" && self.is_self(&attribute.value, known) =>
            {
                self.open_by("writes through its own `__dict__`");
            }
            object if known.is_sys_modules(object) && at_module_level => self.open_by("writes `sys.modules`"),
            object if self.is_self(object, known) => self.open_by("sets attributes of its own module"),
            _ => {}
        }
    }

    /// Reads a write to `sys.modules[key]` that stands in a function.
    pub(super) fn replaces_itself(&mut self, object: &Expr, key: &Expr, known: &Known<'_>) {
        if is_name(key, "__name__") && known.is_sys_modules(object) {
            self.open_by("writes `sys.modules`");
        }
    }

    fn open_by(&mut self, why: &'static str) {
        self.open.get_or_insert(why);
    }

    fn is_self(&self, expr: &Expr, known: &Known<'_>) -> bool {
        match expr {
            Expr::Name(name) => self.selves.contains(&name.id.as_str()),
            _ => is_own_module(expr, known),
        }
    }

    /// The literal names of `__all__` so far.
    pub(super) fn is_in_all(&self, name: &str) -> bool {
        self.all.as_ref().is_some_and(|all| all.index.contains_key(name))
    }

    /// Hands everything over.
    pub(super) fn finish(mut self, facts: &mut Facts) {
        self.bindings.sort_by(|a, b| a.name.cmp(&b.name).then(a.span.start.cmp(&b.span.start)));
        facts.bindings = self.bindings;
        // `X = Y` of a name that is not this module's says nothing about where X is defined.
        for at in 0..facts.bindings.len() {
            if let Bound::Alias(path) = &facts.bindings[at].bound
                && facts.bindings_of(crate::module_path::first(path)).is_empty()
            {
                facts.bindings[at].bound = Bound::Value;
            }
        }
        facts.all = self
            .all
            .map(|all| All { names: all.names.into_iter().flatten().collect(), complete: !all.computed });
        facts.getattr = self.getattr.take().map(|mut getattr| {
            for table in getattr.tables {
                if let Some(table) = self.tables.get(table) {
                    keys(table, &mut getattr.names);
                }
            }
            getattr.names.sort_unstable();
            getattr.names.dedup();
            ModuleGetattr { names: getattr.names }
        });
        facts.open = self.open.map(CompactString::const_new);
    }
}

impl AllNames {
    fn add(&mut self, value: &Expr) {
        match value {
            Expr::List(list) => list.elts.iter().for_each(|name| self.add_one(name)),
            Expr::Tuple(tuple) => tuple.elts.iter().for_each(|name| self.add_one(name)),
            Expr::Set(set) => set.elts.iter().for_each(|name| self.add_one(name)),
            Expr::BinOp(sum) if sum.op == Operator::Add => {
                self.add(&sum.left);
                self.add(&sum.right);
            }
            Expr::Call(call) => match (call.func.as_ref(), call.arguments.args.as_ref()) {
                (Expr::Name(name), [value])
                    if matches!(name.id.as_str(), "list" | "tuple" | "sorted" | "set") =>
                {
                    self.add(value);
                }
                (Expr::Name(name), []) if matches!(name.id.as_str(), "list" | "tuple") => {}
                _ => self.computed = true,
            },
            Expr::Name(name) if name.id.as_str() == "__all__" => {}
            _ => self.computed = true,
        }
    }

    fn add_one(&mut self, name: &Expr) {
        match name {
            Expr::Starred(starred) => self.add(&starred.value),
            _ => match calls::literal(name) {
                Some(name) => {
                    let name = CompactString::from(name.as_ref());
                    if !self.index.contains_key(&name) {
                        self.index.insert(name.clone(), self.names.len());
                        self.names.push(Some(name));
                    }
                }
                None => self.computed = true,
            },
        }
    }

    fn remove(&mut self, name: &str) {
        if let Some(at) = self.index.remove(name) {
            self.names[at] = None;
        }
    }
}

fn is_name(expr: &Expr, wanted: &str) -> bool {
    matches!(expr, Expr::Name(name) if name.id.as_str() == wanted)
}

fn is_dunder_all(expr: &Expr) -> bool {
    is_name(expr, "__all__")
}

fn is_globals_call(expr: &Expr) -> bool {
    matches!(expr, Expr::Call(call) if is_name(&call.func, "globals"))
}

/// `sys.modules[__name__]`, `import_module(__name__)`, `__import__(__name__)`.
fn is_own_module(expr: &Expr, known: &Known<'_>) -> bool {
    match expr {
        Expr::Subscript(subscript) => {
            is_name(&subscript.slice, "__name__") && known.is_sys_modules(&subscript.value)
        }
        Expr::Call(call) => {
            matches!(call.arguments.args.as_ref(), [name, ..] if is_name(name, "__name__"))
                && (calls::dynamic_call(call, known, false).is_some()
                    || is_sys_modules_get(&call.func, known))
        }
        _ => false,
    }
}

fn is_sys_modules_get(func: &Expr, known: &Known<'_>) -> bool {
    matches!(func, Expr::Attribute(method) if method.attr.as_str() == "get" && known.is_sys_modules(&method.value))
}

/// A literal collection, or a call that makes one of a literal.
fn is_table(expr: &Expr) -> bool {
    match expr {
        Expr::Dict(_) | Expr::Tuple(_) | Expr::List(_) | Expr::Set(_) => true,
        Expr::Call(call) => {
            matches!(call.func.as_ref(), Expr::Name(name)
                if matches!(name.id.as_str(), "dict" | "frozenset" | "set" | "tuple" | "list"))
        }
        _ => false,
    }
}

/// The literal strings that `in` finds in a collection.
fn keys(table: &Expr, names: &mut Vec<CompactString>) {
    let mut add = |expr: &Expr| {
        if let Some(text) = calls::literal(expr) {
            names.push(CompactString::from(text.as_ref()));
        }
    };
    match table {
        Expr::Dict(dict) => dict.iter_keys().flatten().for_each(add),
        Expr::Tuple(tuple) => tuple.elts.iter().for_each(add),
        Expr::List(list) => list.elts.iter().for_each(add),
        Expr::Set(set) => set.elts.iter().for_each(add),
        Expr::Call(call) => {
            for keyword in &call.arguments.keywords {
                if let Some(name) = keyword.arg.as_ref().filter(|_| is_name(&call.func, "dict")) {
                    names.push(CompactString::from(name.as_str()));
                }
            }
            if let [inner] = call.arguments.args.as_ref()
                && is_table(inner)
            {
                keys(inner, names);
            }
        }
        literal => add(literal),
    }
}

/// Collects the names that the body of a module `__getattr__` compares its parameter with.
struct GetattrReader<'r, 'a> {
    parameter: &'a str,
    getattr: &'r mut Getattr<'a>,
}

impl<'a> GetattrReader<'_, 'a> {
    fn is_parameter(&self, expr: &Expr) -> bool {
        is_name(expr, self.parameter)
    }

    /// What the parameter is looked up in: a literal collection or the name of one.
    fn looked_up_in(&mut self, table: &'a Expr) {
        match table {
            Expr::Name(name) => self.getattr.tables.push(name.id.as_str()),
            table => keys(table, &mut self.getattr.names),
        }
    }

    fn pattern(&mut self, pattern: &'a Pattern) {
        match pattern {
            Pattern::MatchValue(value) => keys(&value.value, &mut self.getattr.names),
            Pattern::MatchOr(or) => or.patterns.iter().for_each(|pattern| self.pattern(pattern)),
            Pattern::MatchAs(matched) => {
                if let Some(pattern) = &matched.pattern {
                    self.pattern(pattern);
                }
            }
            _ => {}
        }
    }
}

impl<'a> Visitor<'a> for GetattrReader<'_, 'a> {
    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Compare(compare) => {
                let mut left = compare.left.as_ref();
                for (operator, right) in compare.ops.iter().zip(&compare.comparators) {
                    match operator {
                        CmpOp::Eq | CmpOp::NotEq if self.is_parameter(left) => {
                            if let Some(name) = calls::literal(right) {
                                self.getattr.names.push(CompactString::from(name.as_ref()));
                            }
                        }
                        CmpOp::Eq | CmpOp::NotEq if self.is_parameter(right) => {
                            if let Some(name) = calls::literal(left) {
                                self.getattr.names.push(CompactString::from(name.as_ref()));
                            }
                        }
                        CmpOp::In | CmpOp::NotIn if self.is_parameter(left) && is_lookup(right) => {
                            self.looked_up_in(right);
                        }
                        _ => {}
                    }
                    left = right;
                }
            }
            Expr::Subscript(subscript) if self.is_parameter(&subscript.slice) => {
                self.looked_up_in(&subscript.value);
            }
            Expr::Call(call) => {
                if let Expr::Attribute(method) = call.func.as_ref()
                    && matches!(method.attr.as_str(), "get" | "pop")
                    && call.arguments.args.first().is_some_and(|name| self.is_parameter(name))
                {
                    self.looked_up_in(&method.value);
                }
            }
            _ => {}
        }
        visitor::walk_expr(self, expr);
    }

    fn visit_match_case(&mut self, case: &'a MatchCase) {
        self.pattern(&case.pattern);
        visitor::walk_match_case(self, case);
    }
}

/// Whether `name in expr` looks a name up in a collection, rather than finding a part of a text.
fn is_lookup(expr: &Expr) -> bool {
    is_table(expr) || matches!(expr, Expr::Name(_))
}

/// The name that a match pattern itself binds.
pub(super) fn captured(pattern: &Pattern) -> Option<&Identifier> {
    match pattern {
        Pattern::MatchAs(matched) => matched.name.as_ref(),
        Pattern::MatchStar(rest) => rest.name.as_ref(),
        Pattern::MatchMapping(mapping) => mapping.rest.as_ref(),
        _ => None,
    }
}

/// The text a range covers, as offsets.
pub(super) fn span(ranged: &impl Ranged) -> Span {
    Span::new(ranged.start().into(), ranged.end().into())
}
