//! Statements in the order in which they run, and where they leave the block they stand in.

use bitflags::bitflags;
use ruff_python_ast::{
    AnyParameterRef, ExceptHandler, Expr, Identifier, Stmt, StmtClassDef, StmtFor, StmtFunctionDef, StmtIf,
    StmtImport, StmtImportFrom, StmtMatch, StmtTry, StmtWhile, StmtWith, WithItem,
};
use ruff_text_size::{Ranged, TextRange, TextSize};

use super::Reader;
use super::callees::Found;
use super::scopes::{Kind, Scope, Slot};
use crate::facts::load::{Block, Call, Catches, FunctionKind, Handler, Try, What};
use crate::languages::python::{calls, guards, names};
use crate::source::Span;

bitflags! {
    /// How a statement may end.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(super) struct Flow: u8 {
        /// The next one runs.
        const NEXT = 1;
        /// The function returns.
        const RETURN = 1 << 1;
        /// The loop goes on, or ends.
        const LOOP = 1 << 2;
        /// An exception.
        const RAISE = 1 << 3;
    }
}

impl<'a> Reader<'a, '_> {
    /// Reads a suite. What stands behind a statement that may leave it goes into blocks of their own: one for each
    /// stretch up to the next such statement, side by side, for a function may have thousands.
    pub(super) fn body(&mut self, body: &'a [Stmt]) -> Flow {
        let mut exits = Flow::empty();
        let mut rest = body;
        let mut certain = true;
        loop {
            let (flow, read) = if certain {
                self.stretch(rest)
            } else {
                let (at, start) = (self.at, rest.first().map(Ranged::start));
                let mut read = (Flow::NEXT, rest.len());
                let mut arms = Vec::new();
                self.arm(&mut arms, |reader| read = reader.stretch(rest));
                let after = self.at;
                self.at = arms.first().and_then(|arm| arm.first()).map_or(at, |step| step.at);
                self.maybe(arms, start.unwrap_or_default());
                self.at = after;
                read
            };
            exits |= flow - Flow::NEXT;
            rest = &rest[read..];
            if !flow.contains(Flow::NEXT) {
                return exits;
            }
            if rest.is_empty() {
                return exits | Flow::NEXT;
            }
            certain = false;
        }
    }

    /// Reads statements up to one that may leave the suite; how many those were.
    fn stretch(&mut self, body: &'a [Stmt]) -> (Flow, usize) {
        let mut exits = Flow::empty();
        for (at, stmt) in body.iter().enumerate() {
            let flow = self.stmt(stmt);
            exits |= flow - Flow::NEXT;
            if !flow.contains(Flow::NEXT) {
                return (exits, at + 1);
            }
            if flow.intersects(Flow::RETURN | Flow::LOOP) {
                return (exits | Flow::NEXT, at + 1);
            }
        }
        (exits | Flow::NEXT, body.len())
    }

    fn stmt(&mut self, stmt: &'a Stmt) -> Flow {
        if !self.in_class {
            self.at = stmt.start().into();
        }
        match stmt {
            Stmt::FunctionDef(function) => self.function(function),
            Stmt::ClassDef(class) => self.class(class),
            Stmt::Import(stmt) => self.import(stmt),
            Stmt::ImportFrom(stmt) => self.import_from(stmt),
            Stmt::If(stmt) => return self.if_stmt(stmt),
            Stmt::Try(stmt) => return self.try_stmt(stmt),
            Stmt::With(stmt) => return self.with_stmt(stmt),
            Stmt::For(stmt) => return self.for_stmt(stmt),
            Stmt::While(stmt) => return self.while_stmt(stmt),
            Stmt::Match(stmt) => return self.match_stmt(stmt),
            Stmt::Return(stmt) => {
                if let Some(value) = &stmt.value {
                    self.expr(value);
                    self.returned(value);
                }
                return Flow::RETURN;
            }
            Stmt::Raise(stmt) => {
                for value in [&stmt.exc, &stmt.cause].into_iter().flatten() {
                    self.expr(value);
                }
                let raised = stmt.exc.as_deref().map(|exception| self.raised(exception));
                self.push(What::Raise(raised), stmt.start());
                return Flow::RAISE;
            }
            Stmt::Break(_) | Stmt::Continue(_) => return Flow::LOOP,
            Stmt::Expr(stmt) => {
                if let Expr::Call(call) = stmt.value.as_ref()
                    && self.is_exit(&call.func)
                {
                    self.arguments(&call.arguments);
                    self.push(What::Raise(Some(Catches::EXIT)), stmt.start());
                    return Flow::RAISE;
                }
                self.expr(&stmt.value);
            }
            Stmt::Assign(stmt) => {
                self.expr(&stmt.value);
                stmt.targets.iter().for_each(|target| self.expr(target));
            }
            Stmt::AugAssign(stmt) => {
                self.expr(&stmt.target);
                self.expr(&stmt.value);
            }
            Stmt::AnnAssign(stmt) => {
                if let Some(value) = &stmt.value {
                    self.expr(value);
                }
                let in_function = self.scopes.last().is_some_and(|scope| scope.kind == Kind::Function);
                if !in_function {
                    self.annotation(&stmt.annotation);
                }
                self.expr(&stmt.target);
            }
            Stmt::Assert(stmt) => {
                self.expr(&stmt.test);
                if let Some(message) = &stmt.msg {
                    let mut arms = Vec::new();
                    self.arm(&mut arms, |reader| reader.expr(message));
                    self.maybe(arms, message.start());
                }
            }
            Stmt::Delete(stmt) => stmt.targets.iter().for_each(|target| self.expr(target)),
            // The value of a type alias waits until someone asks for it.
            Stmt::TypeAlias(_)
            | Stmt::Global(_)
            | Stmt::Nonlocal(_)
            | Stmt::Pass(_)
            | Stmt::IpyEscapeCommand(_) => {}
        }
        Flow::NEXT
    }

    fn is_exit(&self, func: &Expr) -> bool {
        match func {
            Expr::Name(name) => {
                matches!(name.id.as_str(), "exit" | "quit") && self.is_builtin(name.id.as_str())
            }
            Expr::Attribute(exit) if matches!(exit.attr.as_str(), "exit" | "_exit") => {
                calls::dotted(func).is_some_and(|path| path == "sys.exit" || path == "os._exit")
            }
            _ => false,
        }
    }

    fn import(&mut self, stmt: &'a StmtImport) {
        for alias in stmt.names.iter().filter(|_| !stmt.is_lazy) {
            let Some(first) = self.imports.at(alias.start()).filter(|&index| self.imports.runs(index)) else {
                continue;
            };
            if !self.in_class {
                self.at = alias.start().into();
            }
            self.push(What::Import { first, count: 1 }, alias.start());
        }
    }

    fn import_from(&mut self, stmt: &'a StmtImportFrom) {
        let rows = || stmt.names.iter().filter_map(|alias| self.imports.at(alias.start()));
        let Some(first) = rows().next().filter(|&index| !stmt.is_lazy && self.imports.runs(index)) else {
            return;
        };
        let count = rows().count() as u32;
        self.push(What::Import { first, count }, stmt.start());
    }

    fn if_stmt(&mut self, stmt: &'a StmtIf) -> Flow {
        let at = self.at;
        let (mut flow, mut arms, mut is_whole) = (Flow::empty(), Vec::new(), false);
        for (position, branch) in guards::branches(stmt, self.known).into_iter().enumerate() {
            if !branch.runs {
                continue;
            }
            if branch.main {
                flow |= Flow::NEXT;
                continue;
            }
            is_whole |= branch.test.is_none() || !branch.conditional;
            if !branch.conditional {
                flow |= self.body(branch.body);
                continue;
            }
            if let Some(test) = branch.test.filter(|_| position == 0) {
                self.expr(test);
            }
            self.arm(&mut arms, |reader| {
                if let Some(test) = branch.test.filter(|_| position > 0) {
                    reader.expr(test);
                }
                flow |= reader.body(branch.body);
            });
        }
        self.maybe_at(at, arms, stmt.start());
        if is_whole { flow } else { flow | Flow::NEXT }
    }

    fn maybe_at(&mut self, at: u32, arms: Vec<Block>, start: TextSize) {
        let after = std::mem::replace(&mut self.at, at);
        self.maybe(arms, start);
        self.at = after;
    }

    fn match_stmt(&mut self, stmt: &'a StmtMatch) -> Flow {
        let at = self.at;
        self.expr(&stmt.subject);
        let (mut flow, mut arms, mut is_whole) = (Flow::empty(), Vec::new(), false);
        for case in &stmt.cases {
            is_whole |= case.guard.is_none() && case.pattern.is_irrefutable();
            self.arm(&mut arms, |reader| {
                reader.pattern(&case.pattern);
                if let Some(guard) = &case.guard {
                    reader.expr(guard);
                }
                flow |= reader.body(&case.body);
            });
        }
        self.maybe_at(at, arms, stmt.start());
        if is_whole { flow } else { flow | Flow::NEXT }
    }

    fn for_stmt(&mut self, stmt: &'a StmtFor) -> Flow {
        self.driven(&stmt.iter);
        self.expr(&stmt.target);
        let (at, mut flow) = (self.at, Flow::empty());
        if is_filled(&stmt.iter) {
            flow = self.body(&stmt.body);
        } else {
            let mut arms = Vec::new();
            self.arm(&mut arms, |reader| flow = reader.body(&stmt.body));
            self.maybe_at(at, arms, stmt.start());
        }
        let after = self.after_loop(&stmt.orelse, flow);
        (flow - Flow::LOOP) | Flow::NEXT | after
    }

    fn while_stmt(&mut self, stmt: &'a StmtWhile) -> Flow {
        let at = self.at;
        let truth = guards::truth(&stmt.test, self.known);
        if truth == Some(true) {
            let flow = self.body(&stmt.body);
            let goes_on = if flow.contains(Flow::LOOP) { Flow::NEXT } else { Flow::empty() };
            return (flow - Flow::LOOP - Flow::NEXT) | goes_on;
        }
        self.expr(&stmt.test);
        let (mut flow, mut arms) = (Flow::empty(), Vec::new());
        if truth.is_none() {
            self.arm(&mut arms, |reader| flow = reader.body(&stmt.body));
        }
        self.maybe_at(at, arms, stmt.start());
        let after = self.after_loop(&stmt.orelse, flow);
        (flow - Flow::LOOP) | Flow::NEXT | after
    }

    /// The `else` of a loop, which `break` leaves out.
    fn after_loop(&mut self, orelse: &'a [Stmt], flow: Flow) -> Flow {
        let Some(first) = orelse.first() else { return Flow::NEXT };
        if !flow.contains(Flow::LOOP) {
            return self.body(orelse);
        }
        let (at, mut after, mut arms) = (self.at, Flow::NEXT, Vec::new());
        self.arm(&mut arms, |reader| after |= reader.body(orelse));
        self.maybe_at(at, arms, first.start());
        after
    }

    fn with_stmt(&mut self, stmt: &'a StmtWith) -> Flow {
        let unknown = || {
            let at = stmt.items.iter().position(|item| self.may_swallow(&item.context_expr))?;
            Some((at, Catches::UNKNOWN))
        };
        let guard = self.swallows(stmt).or_else(unknown);
        let (outside, inside) = stmt.items.split_at(guard.map_or(stmt.items.len(), |(at, _)| at + 1));
        self.managers(outside);
        let Some((_, catches)) = guard else { return self.body(&stmt.body) };
        let at = self.at;
        let mut flow = Flow::NEXT;
        let body = self.block(|reader| {
            reader.managers(inside);
            flow |= reader.body(&stmt.body);
        });
        let handler = Handler { catches, body: Block::new(), span: Span::default() };
        let body_span = suite(&stmt.body);
        self.guarded(at, Try { body, body_span, handlers: vec![handler], ..Try::default() }, stmt.start());
        flow
    }

    fn managers(&mut self, items: &'a [WithItem]) {
        for item in items {
            self.driven(&item.context_expr);
            if let Some(target) = &item.optional_vars {
                self.expr(target);
            }
        }
    }

    fn try_stmt(&mut self, stmt: &'a StmtTry) -> Flow {
        let at = self.at;
        let mut flow = Flow::empty();
        let body = self.block(|reader| flow = reader.body(&stmt.body));
        let mut handlers = Vec::with_capacity(stmt.handlers.len());
        let mut handled = Flow::empty();
        for ExceptHandler::ExceptHandler(handler) in &stmt.handlers {
            let body = self.block(|reader| {
                if !reader.in_class {
                    reader.at = handler.start().into();
                }
                if let Some(caught) = &handler.type_ {
                    reader.expr(caught);
                }
                handled |= reader.body(&handler.body);
            });
            let catches = self.catches(handler.type_.as_deref());
            handlers.push(Handler { catches, body, span: suite(&handler.body) });
        }
        let mut orelse = Block::new();
        if flow.contains(Flow::NEXT) {
            flow -= Flow::NEXT;
            orelse = self.block(|reader| flow |= reader.body(&stmt.orelse));
        }
        flow |= handled;
        let mut last = Flow::NEXT;
        let finalbody = self.block(|reader| last = reader.body(&stmt.finalbody));
        let (body_span, orelse_span) = (suite(&stmt.body), suite(&stmt.orelse));
        self.guarded(at, Try { body, body_span, handlers, orelse, orelse_span, finalbody }, stmt.start());
        if last.contains(Flow::NEXT) { flow | (last - Flow::NEXT) } else { last }
    }

    fn guarded(&mut self, at: u32, guarded: Try, start: TextSize) {
        let blocks = [&guarded.body, &guarded.orelse, &guarded.finalbody];
        if blocks.iter().all(|block| block.is_empty())
            && guarded.handlers.iter().all(|handler| handler.body.is_empty())
        {
            return;
        }
        let after = std::mem::replace(&mut self.at, at);
        self.push(What::Try(Box::new(guarded)), start);
        self.at = after;
    }

    fn class(&mut self, class: &'a StmtClassDef) {
        for decorator in &class.decorator_list {
            self.decorator(&decorator.expression);
        }
        if let Some(arguments) = &class.arguments {
            self.arguments(arguments);
            self.bases(&class.name, &arguments.args);
        }
        let outer = std::mem::replace(&mut self.in_class, true);
        let scope = Scope::of_body(&class.body, Kind::Class, self.imports);
        self.in_scope(scope, |reader| {
            reader.body(&class.body);
        });
        self.in_class = outer;
        for decorator in class.decorator_list.iter().rev() {
            self.decorate(&decorator.expression);
        }
    }

    fn bases(&mut self, name: &Identifier, bases: &[Expr]) {
        let Some(index) = self.definitions.as_ref().and_then(|definitions| definitions.at(name)) else {
            return;
        };
        let bases = bases
            .iter()
            .map(|base| if let Expr::Subscript(base) = base { &base.value } else { base })
            .filter_map(|base| self.module_path(base))
            .collect();
        if let Some(definitions) = &mut self.definitions
            && let Some(class) = definitions.code.classes.get_mut(index as usize)
        {
            class.bases = bases;
        }
    }

    /// What defining a function runs, and, where that is asked for, what calling it does.
    fn function(&mut self, function: &'a StmtFunctionDef) {
        for decorator in &function.decorator_list {
            self.decorator(&decorator.expression);
        }
        let parameters = &function.parameters;
        for default in
            parameters.iter_non_variadic_params().filter_map(|parameter| parameter.default.as_deref())
        {
            self.expr(default);
        }
        let annotations = parameters.iter().filter_map(AnyParameterRef::annotation);
        for annotation in annotations.chain(function.returns.as_deref()) {
            self.annotation(annotation);
        }
        for decorator in function.decorator_list.iter().rev() {
            self.decorate(&decorator.expression);
        }
        if let Some(index) = self.definitions.as_ref().and_then(|definitions| definitions.at(&function.name))
        {
            self.function_body(index, function);
        }
    }

    fn function_body(&mut self, index: u32, function: &'a StmtFunctionDef) {
        let is_method = self.scopes.last().is_some_and(|scope| scope.kind == Kind::Class);
        let scope = Scope::of_function(function, is_method, self.imports, self.definitions.as_ref());
        let yields = scope.yields;
        let at = self.at;
        let in_class = std::mem::replace(&mut self.in_class, false);
        let outer = self.function.replace(index);
        let depth = std::mem::take(&mut self.depth);
        let seen = (std::mem::take(&mut self.seen), std::mem::take(&mut self.seen_in_order));
        let body = self.block(|reader| {
            reader.in_scope(scope, |reader| {
                reader.body(&function.body);
            });
        });
        (self.seen, self.seen_in_order) = seen;
        (self.at, self.in_class, self.function, self.depth) = (at, in_class, outer, depth);
        if let Some(definitions) = &mut self.definitions
            && let Some(function) = definitions.code.functions.get_mut(index as usize)
        {
            function.body = body;
            if yields {
                function.kind = FunctionKind::Generator;
            }
        }
    }

    fn returned(&mut self, value: &Expr) {
        let Some((function, inner)) = self.function.zip(self.own_function(value)) else { return };
        if let Some(definitions) = &mut self.definitions
            && let Some(function) = definitions.code.functions.get_mut(function as usize)
        {
            function.returns.get_or_insert(inner);
        }
    }

    fn annotation(&mut self, annotation: &'a Expr) {
        if !self.lazy_annotations {
            self.expr(annotation);
        }
    }

    /// Evaluates a decorator; one with arguments is called here for what decorates.
    fn decorator(&mut self, decorator: &'a Expr) {
        match decorator {
            Expr::Call(call) => self.call(call, false, true),
            _ => self.expr(decorator),
        }
    }

    /// Calls a decorator without arguments on what it stands over.
    fn decorate(&mut self, decorator: &'a Expr) {
        if matches!(decorator, Expr::Call(_)) || self.is_accessor(decorator) {
            return;
        }
        if let Some((callee, method)) = self.target(decorator) {
            let call = Call { callee, method, drives: false, result_called: false };
            self.push(What::Call(call), decorator.start());
        }
    }

    /// `@x.setter` and its kin, where `x` is a property of the class.
    fn is_accessor(&self, decorator: &Expr) -> bool {
        let Expr::Attribute(attribute) = decorator else { return false };
        let Expr::Name(property) = attribute.value.as_ref() else { return false };
        matches!(attribute.attr.as_str(), "setter" | "getter" | "deleter")
            && matches!(self.find(property.id.as_str()), Found::Local(_, Slot::Other | Slot::Value(_)))
    }
}

/// Whether an iterable is written out and holds something.
fn is_filled(iterable: &Expr) -> bool {
    let elements = match iterable {
        Expr::List(list) => &list.elts,
        Expr::Tuple(tuple) => &tuple.elts,
        Expr::Set(set) => &set.elts,
        _ => return false,
    };
    elements.iter().any(|element| !element.is_starred_expr())
}

/// From the first statement to the last; empty where there is none.
fn suite(body: &[Stmt]) -> Span {
    match (body.first(), body.last()) {
        (Some(first), Some(last)) => names::span(&TextRange::new(first.start(), last.end())),
        _ => Span::default(),
    }
}
