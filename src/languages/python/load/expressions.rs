//! Expressions in the order in which they are evaluated: calls, and attributes of what imports bound.

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{
    Arguments, Comprehension, Expr, ExprAttribute, ExprCall, ExprContext, ExprIf, Parameters, Pattern, Stmt,
};
use ruff_text_size::{Ranged, TextSize};

use super::Reader;
use super::callees::Imported;
use super::scopes::Scope;
use crate::facts::load::{Block, Call, Callee, What};
use crate::languages::python::calls::{self, Dynamic};
use crate::module_path;

/// Which arguments of a call run as coroutines or are run through as iterables.
#[derive(Clone, Copy, PartialEq)]
enum Drives {
    Nothing,
    First,
    /// The first, which may also be a function that is called.
    FirstOrFunction,
    All,
}

impl<'a> Reader<'a, '_> {
    pub(super) fn expr(&mut self, expr: &'a Expr) {
        self.visit_expr(expr);
    }

    /// An expression whose value is awaited, iterated or entered.
    pub(super) fn driven(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Call(call) => self.call(call, true, false),
            _ => self.expr(expr),
        }
    }

    pub(super) fn arguments(&mut self, arguments: &'a Arguments) {
        for argument in arguments.args.iter().chain(arguments.keywords.iter().map(|keyword| &keyword.value)) {
            self.expr(argument);
        }
    }

    pub(super) fn pattern(&mut self, pattern: &'a Pattern) {
        visitor::walk_pattern(self, pattern);
    }

    pub(super) fn call(&mut self, call: &'a ExprCall, drives: bool, result_called: bool) {
        if let Some(Dynamic::Literal { range, .. }) =
            calls::dynamic_call(call, self.known, self.options.is_package)
        {
            self.arguments(&call.arguments);
            if let Some(first) = self.imports.at(range.start()).filter(|&index| self.imports.runs(index)) {
                self.push(What::Import { first, count: 1 }, call.start());
            }
            return;
        }
        if !call.func.is_name_expr() {
            self.expr(&call.func);
        }
        let driven = self.drives(&call.func);
        let mut function = None;
        for (at, argument) in call.arguments.args.iter().enumerate() {
            match driven {
                Drives::All => self.driven(argument),
                Drives::First if at == 0 => self.driven(argument),
                Drives::FirstOrFunction if at == 0 => {
                    self.driven(argument);
                    if matches!(argument, Expr::Name(_) | Expr::Attribute(_)) {
                        function = Some(argument);
                    }
                }
                _ => self.expr(argument),
            }
        }
        for keyword in &call.arguments.keywords {
            self.expr(&keyword.value);
        }
        if let Some(function) = function
            && let Some((callee, method)) = self.target(function)
        {
            let what = What::Call(Call { callee, method, drives: true, result_called: false });
            self.push(what, function.start());
        }
        self.getattr(call);
        if let Some((callee, method)) = self.target(&call.func) {
            self.push(What::Call(Call { callee, method, drives, result_called }), call.start());
        }
    }

    /// `getattr(m, "x")` asks as `m.x` does.
    fn getattr(&mut self, call: &ExprCall) {
        let ([object, name], []) = (call.arguments.args.as_ref(), call.arguments.keywords.as_ref()) else {
            return;
        };
        let is_getattr = matches!(call.func.as_ref(), Expr::Name(func) if func.id.as_str() == "getattr");
        if !is_getattr || !self.is_builtin("getattr") {
            return;
        }
        if let (Some(object), Some(name)) = (calls::dotted(object), calls::literal(name)) {
            self.access(&module_path::join(&object, &name), call.start());
        }
    }

    /// An attribute of what an import bound.
    fn access(&mut self, path: &str, start: TextSize) {
        let (root, rest) = path.split_once('.').unwrap_or((path, ""));
        let callee = match self.import_of(root) {
            Some(Imported::ByModule) => Callee::Name(path.into()),
            Some(Imported::Here(index)) => Callee::Import(index, rest.into()),
            None => return,
        };
        self.push(What::Access(callee), start);
    }

    fn drives(&self, func: &Expr) -> Drives {
        match func {
            Expr::Name(name) => {
                let name = name.id.as_str();
                let consumes = matches!(
                    name,
                    "list"
                        | "tuple"
                        | "set"
                        | "frozenset"
                        | "dict"
                        | "sorted"
                        | "next"
                        | "any"
                        | "all"
                        | "sum"
                );
                if consumes && self.is_builtin(name) { Drives::First } else { Drives::Nothing }
            }
            Expr::Attribute(method) => match (method.value.as_ref(), method.attr.as_str()) {
                (_, "run_until_complete") => Drives::First,
                (Expr::Name(module), "run") if matches!(module.id.as_str(), "anyio" | "trio") => {
                    Drives::FirstOrFunction
                }
                // `run`, `gather`, `wait_for`, `create_task`: each takes coroutines to run them.
                (Expr::Name(module), _) if module.id.as_str() == "asyncio" => Drives::All,
                _ => Drives::Nothing,
            },
            _ => Drives::Nothing,
        }
    }

    /// The longest chain of attributes is one access; it is read from its end, once.
    fn attribute(&mut self, attribute: &'a ExprAttribute, expr: &'a Expr) {
        let mut object = attribute.value.as_ref();
        while let Expr::Attribute(inner) = object {
            object = &inner.value;
        }
        let Expr::Name(root) = object else { return self.expr(object) };
        let chain = if attribute.ctx == ExprContext::Load { expr } else { attribute.value.as_ref() };
        if !chain.is_attribute_expr() {
            return;
        }
        let Some(import) = self.import_of(root.id.as_str()) else { return };
        let range = chain.range();
        let written = self.text.get(usize::from(range.start())..usize::from(range.end())).unwrap_or("");
        let key = match import {
            Imported::ByModule => (u32::MAX, written),
            Imported::Here(index) => (index, written),
        };
        if !self.seen.insert(key) {
            return;
        }
        self.seen_in_order.push(key);
        let Some(path) = calls::dotted(chain) else { return };
        self.access(&path, range.start());
    }

    /// A conditional expression; those in its `else` are arms of the same.
    fn either(&mut self, either: &'a ExprIf) {
        self.expr(&either.test);
        let mut arms = Vec::new();
        self.arm(&mut arms, |reader| reader.expr(&either.body));
        let mut orelse = either.orelse.as_ref();
        while let Expr::If(next) = orelse {
            self.arm(&mut arms, |reader| {
                reader.expr(&next.test);
                reader.expr(&next.body);
            });
            orelse = &next.orelse;
        }
        self.arm(&mut arms, |reader| reader.expr(orelse));
        self.maybe(arms, either.start());
    }

    fn comprehension(&mut self, generators: &'a [Comprehension], elements: [Option<&'a Expr>; 2]) {
        // The first iterable is evaluated outside, and in any case.
        if let Some(first) = generators.first() {
            self.driven(&first.iter);
        }
        let scope = Scope::of_comprehension(generators, self.imports);
        let mut arms: Vec<Block> = Vec::new();
        self.arm(&mut arms, |reader| {
            reader.in_scope(scope, |reader| {
                for (at, generator) in generators.iter().enumerate() {
                    if at > 0 {
                        reader.driven(&generator.iter);
                    }
                    generator.ifs.iter().for_each(|condition| reader.expr(condition));
                }
                elements.into_iter().flatten().for_each(|element| reader.expr(element));
            });
        });
        if let Some(start) = generators.first().map(Ranged::start) {
            self.maybe(arms, start);
        }
    }
}

impl<'a> Visitor<'a> for Reader<'a, '_> {
    /// Statements are read by what they do to the order; no expression holds one.
    fn visit_stmt(&mut self, _: &'a Stmt) {}

    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Call(call) => self.call(call, false, false),
            Expr::Attribute(attribute) => self.attribute(attribute, expr),
            Expr::Await(awaited) => self.driven(&awaited.value),
            Expr::YieldFrom(from) => self.driven(&from.value),
            Expr::Starred(starred) => self.driven(&starred.value),
            Expr::If(either) => self.either(either),
            Expr::BoolOp(operation) => {
                for (at, value) in operation.values.iter().enumerate() {
                    if at == 0 {
                        self.expr(value);
                        continue;
                    }
                    let mut arms = Vec::new();
                    self.arm(&mut arms, |reader| reader.expr(value));
                    self.maybe(arms, value.start());
                }
            }
            Expr::Lambda(lambda) => {
                let parameters = lambda.parameters.as_deref().into_iter();
                for parameter in parameters.flat_map(Parameters::iter_non_variadic_params) {
                    if let Some(default) = &parameter.default {
                        self.expr(default);
                    }
                }
            }
            Expr::ListComp(comp) => self.comprehension(&comp.generators, [Some(&comp.elt), None]),
            Expr::SetComp(comp) => self.comprehension(&comp.generators, [Some(&comp.elt), None]),
            Expr::Generator(comp) => self.comprehension(&comp.generators, [Some(&comp.elt), None]),
            Expr::DictComp(comp) => {
                self.comprehension(&comp.generators, [comp.key.as_deref(), Some(&comp.value)]);
            }
            _ => visitor::walk_expr(self, expr),
        }
    }
}
