//! The walk over a file's syntax tree: imports with their kinds, and what the other readers are told on the way.
//!
//! One pass. It keeps where it stands ([`Env`]) and hands names, calls and guards to the modules that know them.

use compact_str::CompactString;
use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{
    Alias, Comprehension, ExceptHandler, Expr, ExprContext, Identifier, Pattern, Stmt, StmtAnnAssign,
    StmtClassDef, StmtFunctionDef, StmtIf, StmtImport, StmtImportFrom, StmtTry,
};
use ruff_text_size::{Ranged, TextLen, TextRange, TextSize};

use super::ExtractOptions;
use super::calls::{self, Dynamic, Known};
use super::names::{self, Names};
use super::writes::Writes;
use super::{accesses, guards};
use crate::facts::{Also, Bound, Certainty, Computed, Facts, Import, ImportKind, Problem, StringRef, When};
use crate::source::{FileKind, LineIndex};

/// Where the walk stands.
#[derive(Clone, Copy, Debug)]
struct Env {
    when: When,
    also: Also,
    /// In an `except` handler, whatever it catches: what it binds is not bound for sure.
    in_handler: bool,
}

/// The namespace that a binding goes to.
#[derive(Debug)]
enum Scope<'a> {
    Module,
    /// A class or function body, with the names it declares `global`.
    Inner {
        globals: Vec<&'a str>,
        function: bool,
    },
}

pub(super) struct Walk<'a> {
    text: &'a str,
    lines: &'a LineIndex,
    options: &'a ExtractOptions,
    /// Why the text does not parse, in source order; empty if it does.
    problems: &'a [Problem],
    env: Env,
    scope: Scope<'a>,
    /// The simple statement around the expression being read.
    statement: Option<TextRange>,
    known: Known<'a>,
    names: Names<'a>,
    writes: Writes<'a>,
    facts: Facts,
}

impl<'a> Walk<'a> {
    pub(super) fn new(
        text: &'a str,
        lines: &'a LineIndex,
        options: &'a ExtractOptions,
        problems: &'a [Problem],
    ) -> Self {
        let when = if options.kind == FileKind::Stub { When::TypeChecking } else { When::Eager };
        Self {
            text,
            lines,
            options,
            problems,
            env: Env { when, also: Also::empty(), in_handler: false },
            scope: Scope::Module,
            statement: None,
            known: Known::default(),
            names: Names::default(),
            writes: Writes::default(),
            facts: Facts::default(),
        }
    }

    /// The facts, and what the names stand for whose calls are read.
    pub(super) fn finish(mut self) -> (Facts, Known<'a>) {
        for import in &mut self.facts.imports {
            let bound = import.alias.as_ref().or(import.name.as_ref()).unwrap_or(&import.module);
            let same_name = import.alias.is_some()
                && import.alias.as_ref() == Some(import.name.as_ref().unwrap_or(&import.module));
            let is_statement = !import.kind.also.contains(Also::DYNAMIC);
            if is_statement
                && import.module_level
                && (self.options.is_package || same_name || self.names.is_in_all(bound))
            {
                import.kind.also |= Also::REEXPORT;
            }
        }
        self.names.finish(&mut self.facts);
        (self.facts, self.known)
    }

    /// Reads one statement out of its context; an indented one is not the module's own.
    pub(super) fn visit_alone(&mut self, stmt: &'a Stmt, indented: bool) {
        if indented {
            self.in_scope(false, |walk| walk.visit_stmt(stmt));
        } else {
            self.visit_stmt(stmt);
        }
    }

    /// Adds what `body`, which has been walked, reads and writes below the names of its imports.
    pub(super) fn add_uses(&mut self, body: &[Stmt]) {
        let mut by_imports = Vec::new();
        if self.options.accesses || self.writes.touch(&self.facts.imports) {
            let imports = &self.facts.imports;
            let uses = accesses::uses(body, imports, &self.known, self.lines, self.env.when);
            by_imports = uses.writes;
            if self.options.accesses {
                self.facts.accesses = uses.accesses;
            }
        }
        std::mem::take(&mut self.writes).finish(by_imports, &mut self.facts);
    }

    /// Runs `read` elsewhere and comes back.
    fn within(&mut self, env: Env, read: impl FnOnce(&mut Self)) {
        let before = std::mem::replace(&mut self.env, env);
        read(self);
        self.env = before;
    }

    /// Runs `read` in a namespace of its own.
    fn in_scope(&mut self, function: bool, read: impl FnOnce(&mut Self)) {
        let before = std::mem::replace(&mut self.scope, Scope::Inner { globals: Vec::new(), function });
        read(self);
        self.scope = before;
    }

    fn with_also(&self, also: Also) -> Env {
        Env { also: self.env.also | also, ..self.env }
    }

    /// Inside a function: runs later, when no guard around its definition catches anything.
    fn deferred(&self) -> Env {
        let when = self.env.when.max(When::Deferred);
        Env { when, also: self.env.also - Also::OPTIONAL - Also::EXPECTED, in_handler: false }
    }

    fn at_module_level(&self) -> bool {
        matches!(self.scope, Scope::Module)
    }

    fn certainty(&self) -> Certainty {
        if matches!(self.scope, Scope::Inner { function: true, .. }) {
            Certainty::Function
        } else if self.env.when == When::TypeChecking && self.options.kind != FileKind::Stub {
            Certainty::TypeChecking
        } else if self.env.also.intersects(Also::CONDITIONAL | Also::MAIN) || self.env.in_handler {
            Certainty::Conditional
        } else if self.env.also.contains(Also::OPTIONAL) {
            Certainty::Optional
        } else {
            Certainty::Always
        }
    }

    /// Notes a binding, if it goes to the module's namespace.
    fn bind(&mut self, name: &str, range: TextRange, bound: Bound) {
        let reaches_module = match &self.scope {
            Scope::Module => true,
            Scope::Inner { globals, .. } => globals.contains(&name),
        };
        if reaches_module {
            self.names.bind(name, range, bound, self.certainty(), self.lines);
        }
    }

    fn bind_value(&mut self, name: &Identifier) {
        self.bind(name.as_str(), name.range, Bound::Value);
    }

    fn push_import(&mut self, import: NewImport, span: TextRange, statement: TextRange) -> u32 {
        let NewImport { level, module, name, alias, lazy, also } = import;
        let when = if lazy { self.env.when.max(When::Deferred) } else { self.env.when };
        let (span, statement) = (names::span(&span), names::span(&statement));
        self.facts.imports.push(Import {
            level,
            module,
            name,
            alias,
            kind: ImportKind { when, also: self.env.also | also },
            span,
            statement,
            line: self.lines.line(span.start),
            statement_line: self.lines.line(statement.start),
            statement_end_line: self.lines.line(statement.end),
            module_level: self.at_module_level(),
        });
        self.facts.imports.len() as u32 - 1
    }

    /// The names of a statement that the text really holds. Where it does not parse, the parser makes imports of
    /// prose that begins with `import` or `from`, and names of whatever follows a missing comma.
    fn written_names<'n>(
        &self,
        stmt: TextRange,
        names: &'n [Alias],
        module: Option<&Identifier>,
    ) -> &'n [Alias] {
        let (start, end) = (u32::from(stmt.start()), u32::from(stmt.end()));
        let first = self.problems.partition_point(|problem| problem.span.start < start);
        let Some(problem) = self.problems.get(first) else { return names };
        let rest = self.between(stmt.end(), self.text.text_len());
        let next = rest.trim_start_matches([' ', '\t']);
        let goes_on = !next.is_empty() && !next.starts_with(['\n', '\r', '#']);
        let next_token = (self.text.len() - next.len()) as u32;
        let broken_inside = problem.span.start < end || problem.span.start == end && !rest.is_empty();
        let unnamed = module
            .zip(names.first())
            .is_some_and(|(module, name)| !self.between(module.end(), name.start()).contains("import"));
        if unnamed {
            return &[];
        }
        let broken_after = goes_on && problem.span.start == next_token;
        if !(broken_inside || broken_after) {
            return names;
        }
        let parenthesized =
            names.first().is_some_and(|name| self.between(stmt.start(), name.start()).contains('('));
        let mut whole = names.partition_point(|name| u32::from(name.end()) <= problem.span.start);
        // A name behind which an operator is the error begins the next statement: `(b,` and below it `x = 1`.
        let error = self.between(TextSize::from(problem.span.start), self.text.text_len());
        if let Some(last) = whole.checked_sub(1).map(|at| &names[at])
            && error.starts_with(['=', ':', '.', '(', '[', '+', '-', '*', '/', '<', '>', '%'])
            && self.between(last.end(), TextSize::from(problem.span.start)).trim().is_empty()
        {
            whole -= 1;
        }
        if parenthesized { &names[..whole] } else { &[] }
    }

    fn between(&self, start: TextSize, end: TextSize) -> &'a str {
        self.text.get(usize::from(start)..usize::from(end)).unwrap_or("")
    }

    fn import(&mut self, stmt: &'a StmtImport) {
        self.known.import(stmt);
        for alias in self.written_names(stmt.range, &stmt.names, None) {
            if !calls::is_path(&alias.name) {
                continue; // What the parser made up for `import a.`.
            }
            let import = NewImport {
                level: 0,
                module: CompactString::from(alias.name.as_str()),
                name: None,
                alias: alias.asname.as_ref().map(|name| CompactString::from(name.as_str())),
                lazy: stmt.is_lazy,
                also: Also::empty(),
            };
            let index = self.push_import(import, alias.range, stmt.range);
            if let Some(name) = &alias.asname {
                self.bind(name.as_str(), name.range, Bound::Import(index));
            } else {
                let first = crate::module_path::first(&alias.name);
                self.bind(first, alias.range, Bound::Import(index));
            }
        }
    }

    fn import_from(&mut self, stmt: &'a StmtImportFrom) {
        let module = stmt.module.as_ref().map_or("", Identifier::as_str);
        if (stmt.level == 0 || !module.is_empty()) && !calls::is_path(module) {
            return;
        }
        self.known.import_from(stmt);
        for alias in self.written_names(stmt.range, &stmt.names, stmt.module.as_ref()) {
            let wildcard = alias.name.as_str() == "*";
            if !wildcard && !calls::is_path(&alias.name) {
                continue;
            }
            let import = NewImport {
                level: stmt.level,
                module: CompactString::from(module),
                name: Some(CompactString::from(alias.name.as_str())),
                alias: alias.asname.as_ref().map(|name| CompactString::from(name.as_str())),
                lazy: stmt.is_lazy,
                also: if wildcard { Also::WILDCARD } else { Also::empty() },
            };
            let index = self.push_import(import, alias.range, stmt.range);
            if !wildcard {
                let name = alias.asname.as_ref().unwrap_or(&alias.name);
                self.bind(name.as_str(), name.range, Bound::Import(index));
            }
        }
    }

    fn dynamic(&mut self, found: Dynamic, call: TextRange) {
        match found {
            Dynamic::Literal { level, module, name, range } => {
                let import = NewImport { level, module, name, alias: None, lazy: false, also: Also::DYNAMIC };
                let statement = self.statement.unwrap_or(call);
                self.push_import(import, range, statement);
            }
            Dynamic::Computed(callee) => {
                let span = names::span(&call);
                self.facts.computed.push(Computed { span, line: self.lines.line(span.start), callee });
            }
        }
    }

    fn if_stmt(&mut self, stmt: &'a StmtIf) {
        for branch in guards::branches(stmt, &self.known) {
            if let Some(test) = branch.test {
                self.visit_expr(test);
            }
            let mut env = self.env;
            if !branch.runs {
                env.when = When::TypeChecking;
            }
            env.also |= if branch.conditional { Also::CONDITIONAL } else { Also::empty() };
            env.also |= if branch.main { Also::MAIN } else { Also::empty() };
            self.within(env, |walk| walk.visit_body(branch.body));
        }
    }

    fn try_stmt(&mut self, stmt: &'a StmtTry) {
        let body = if guards::any_absorbs(stmt) { self.with_also(Also::OPTIONAL) } else { self.env };
        self.within(body, |walk| walk.visit_body(&stmt.body));
        for handler in &stmt.handlers {
            let also = if guards::absorbs(handler) { Also::CONDITIONAL } else { Also::empty() };
            let env = Env { in_handler: true, ..self.with_also(also) };
            let ExceptHandler::ExceptHandler(handler) = handler;
            if let Some(caught) = &handler.type_ {
                self.visit_expr(caught);
            }
            self.within(env, |walk| {
                if let Some(name) = &handler.name {
                    walk.bind_value(name);
                }
                walk.visit_body(&handler.body);
            });
        }
        self.visit_body(&stmt.orelse);
        self.visit_body(&stmt.finalbody);
    }

    fn function(&mut self, function: &'a StmtFunctionDef) {
        for decorator in &function.decorator_list {
            self.visit_decorator(decorator);
        }
        if let Some(type_params) = &function.type_params {
            self.visit_type_params(type_params);
        }
        self.visit_parameters(&function.parameters);
        if let Some(returns) = &function.returns {
            self.visit_annotation(returns);
        }
        self.bind(function.name.as_str(), function.name.range, Bound::Function);
        if self.at_module_level() && function.name.as_str() == "__getattr__" {
            self.names.getattr(function);
        }
        let env = self.deferred();
        self.within(env, |walk| walk.in_scope(true, |walk| walk.visit_body(&function.body)));
    }

    fn class(&mut self, class: &'a StmtClassDef) {
        for decorator in &class.decorator_list {
            self.visit_decorator(decorator);
        }
        if let Some(type_params) = &class.type_params {
            self.visit_type_params(type_params);
        }
        if let Some(arguments) = &class.arguments {
            self.visit_arguments(arguments);
        }
        self.bind(class.name.as_str(), class.name.range, Bound::Class);
        let in_function = matches!(self.scope, Scope::Inner { function: true, .. });
        self.in_scope(in_function, |walk| walk.visit_body(&class.body));
    }

    /// Reads `targets = value`; `X = m.X` makes X another name for it.
    fn assign(&mut self, targets: &'a [Expr], value: &'a Expr) {
        for target in targets {
            if let Expr::Name(name) = target {
                let bound = calls::dotted(value).map_or(Bound::Value, Bound::Alias);
                self.bind(name.id.as_str(), name.range, bound);
            } else {
                self.visit_expr(target);
            }
        }
        self.visit_expr(value);
        if self.at_module_level() {
            self.names.assign(targets, value, &self.known);
        }
    }

    fn annotated(&mut self, stmt: &'a StmtAnnAssign) {
        self.visit_annotation(&stmt.annotation);
        match &stmt.value {
            Some(value) => self.assign(std::slice::from_ref(&*stmt.target), value),
            // An annotation alone binds nothing, but in a stub it is all there is.
            None => match stmt.target.as_ref() {
                Expr::Name(name) if self.options.kind == FileKind::Stub => {
                    self.bind(name.id.as_str(), name.range, Bound::Value);
                }
                Expr::Name(_) => {}
                target => self.visit_expr(target),
            },
        }
    }

    /// A store or deletion through a subscript or an attribute.
    fn write(&mut self, expr: &'a Expr) {
        let module_level = self.at_module_level();
        if let Expr::Attribute(attribute) = expr {
            self.writes.attribute(&attribute.value, attribute.attr.as_str(), &self.known);
        }
        match expr {
            Expr::Subscript(subscript) => {
                self.writes.subscript(subscript, &self.known);
                self.names.opening_write(&subscript.value, module_level, &self.known);
                self.names.replaces_itself(&subscript.value, &subscript.slice, &self.known);
            }
            Expr::Attribute(attribute) if !known_dunder(attribute.attr.as_str()) => {
                self.names.opening_write(&attribute.value, false, &self.known);
            }
            _ => {}
        }
    }
}

/// Attributes of a module whose change binds nothing that an import could ask for.
fn known_dunder(name: &str) -> bool {
    matches!(name, "__doc__" | "__file__" | "__path__" | "__package__" | "__name__")
}

struct NewImport {
    level: u32,
    module: CompactString,
    name: Option<CompactString>,
    alias: Option<CompactString>,
    lazy: bool,
    also: Also,
}

impl<'a> Visitor<'a> for Walk<'a> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        let outer = std::mem::replace(&mut self.statement, guards::is_simple(stmt).then(|| stmt.range()));
        match stmt {
            Stmt::Import(stmt) => self.import(stmt),
            Stmt::ImportFrom(stmt) => self.import_from(stmt),
            Stmt::FunctionDef(function) => self.function(function),
            Stmt::ClassDef(class) => self.class(class),
            Stmt::If(stmt) => self.if_stmt(stmt),
            Stmt::Try(stmt) => self.try_stmt(stmt),
            Stmt::With(stmt) => {
                for item in &stmt.items {
                    self.visit_with_item(item);
                }
                let guard = guards::with_guard(stmt);
                let mut env = self.env;
                env.also.set(Also::OPTIONAL, env.also.contains(Also::OPTIONAL) || guard.optional);
                env.also.set(Also::EXPECTED, env.also.contains(Also::EXPECTED) || guard.expected);
                self.within(env, |walk| walk.visit_body(&stmt.body));
            }
            Stmt::Match(stmt) => {
                self.visit_expr(&stmt.subject);
                let env = self.with_also(Also::CONDITIONAL);
                self.within(env, |walk| stmt.cases.iter().for_each(|case| walk.visit_match_case(case)));
            }
            Stmt::Assign(stmt) => self.assign(&stmt.targets, &stmt.value),
            Stmt::AnnAssign(stmt) => self.annotated(stmt),
            Stmt::AugAssign(stmt) => {
                if self.at_module_level() {
                    self.names.add_assign(&stmt.target, stmt.op, &stmt.value);
                }
                self.visit_expr(&stmt.target);
                self.visit_expr(&stmt.value);
            }
            Stmt::Global(stmt) => {
                if let Scope::Inner { globals, .. } = &mut self.scope {
                    globals.extend(stmt.names.iter().map(Identifier::as_str));
                }
            }
            _ => visitor::walk_stmt(self, stmt),
        }
        self.statement = outer;
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Name(name) => {
                if name.ctx == ExprContext::Store {
                    self.bind(name.id.as_str(), name.range, Bound::Value);
                }
                return;
            }
            Expr::Call(call) => {
                if let Some(found) = calls::dynamic_call(call, &self.known, self.options.is_package) {
                    self.dynamic(found, call.range());
                } else if let Some((path, range)) = calls::string_reference(call, &self.known) {
                    let span = names::span(&range);
                    let (line, may_create) = (self.lines.line(span.start), calls::may_create(call));
                    self.facts.strings.push(StringRef { path, may_create, span, line });
                }
                let module_level = self.at_module_level();
                if module_level {
                    self.names.all_method(call);
                }
                self.names.opening_call(call, module_level, &self.known);
                self.writes.call(call, &self.known);
            }
            Expr::Subscript(subscript) => match subscript.ctx {
                ExprContext::Load => {
                    if let Some(found) = calls::sys_modules_read(subscript, &self.known) {
                        self.dynamic(found, subscript.range);
                    }
                }
                ExprContext::Store => self.write(expr),
                _ => {}
            },
            Expr::Attribute(attribute) if attribute.ctx == ExprContext::Store => self.write(expr),
            Expr::Lambda(lambda) => {
                if let Some(parameters) = &lambda.parameters {
                    self.visit_parameters(parameters);
                }
                let env = self.deferred();
                self.within(env, |walk| walk.in_scope(true, |walk| walk.visit_expr(&lambda.body)));
                return;
            }
            Expr::If(either) => {
                let env = self.with_also(Also::CONDITIONAL);
                self.within(env, |walk| walk.visit_expr(&either.body));
                self.visit_expr(&either.test);
                self.within(env, |walk| walk.visit_expr(&either.orelse));
                return;
            }
            _ => {}
        }
        visitor::walk_expr(self, expr);
    }

    /// A comprehension's targets are its own.
    fn visit_comprehension(&mut self, comprehension: &'a Comprehension) {
        self.visit_expr(&comprehension.iter);
        for condition in &comprehension.ifs {
            self.visit_expr(condition);
        }
    }

    fn visit_pattern(&mut self, pattern: &'a Pattern) {
        if let Some(name) = names::captured(pattern) {
            self.bind_value(name);
        }
        visitor::walk_pattern(self, pattern);
    }
}
