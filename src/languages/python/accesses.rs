//! Accesses and writes: `m.Symbol`, `getattr(m, "Symbol")` and `m.x = …` where an import of this file bound `m` and
//! nothing rebinds it.
//!
//! A second walk, made only for files some rule asks about or that write to such a name. Follows Python's scopes:
//! a function's names are local in all of it, a class body's only directly in it, a comprehension's targets are its own.

use compact_str::CompactString;
use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{Comprehension, Expr, ExprContext, Parameters, Stmt, StmtFunctionDef};
use ruff_text_size::{Ranged, TextRange};
use rustc_hash::FxHashMap;

use super::binders::{self, Binder, Binders};
use super::calls::{self, Known};
use super::{guards, names, writes};
use crate::facts::{Access, Also, Import, When, Write};
use crate::source::LineIndex;

/// At most so many alternative imports of one name in one scope are followed (`try: import a as m`, `except: …`).
const MAX_ALTERNATIVES: usize = 8;

/// What is read and written below the names of imports.
pub(super) struct Uses {
    /// In source order.
    pub(super) accesses: Vec<Access>,
    /// In no order.
    pub(super) writes: Vec<Write>,
}

/// The uses of imports in a module's body.
pub(super) fn uses(
    body: &[Stmt],
    imports: &[Import],
    known: &Known<'_>,
    lines: &LineIndex,
    when: When,
) -> Uses {
    let by_offset = imports
        .iter()
        .enumerate()
        .filter(|(_, import)| !import.kind.also.intersects(Also::DYNAMIC | Also::WILDCARD))
        .map(|(index, import)| (import.span.start, index as u32))
        .collect();
    let imports = Imports { by_offset, imports };
    let found = Uses { accesses: Vec::new(), writes: Vec::new() };
    let mut walk = AccessWalk { scopes: Vec::new(), imports: &imports, known, lines, when, found };
    walk.in_scope(Scope::of_body(body, &imports, false), |walk| walk.visit_body(body));
    walk.found.accesses.sort_by_key(|access| (access.span.start, access.import));
    walk.found
}

struct Imports<'i> {
    /// Import statements' names by where they stand.
    by_offset: FxHashMap<u32, u32>,
    imports: &'i [Import],
}

impl Imports<'_> {
    fn at(&self, range: TextRange) -> Option<u32> {
        self.by_offset.get(&u32::from(range.start())).copied()
    }
}

/// Whether two imports bind one name to the same thing, as `import a.b` and `import a.c` do.
pub(super) fn bind_the_same(imports: &[Import], one: u32, other: u32) -> bool {
    let target = |index: u32| {
        let import = imports.get(index as usize)?;
        let plain = import.name.is_none() && import.alias.is_none();
        let module = if plain { crate::module_path::first(&import.module) } else { &import.module };
        Some((import.level, module, import.name.as_deref()))
    };
    target(one) == target(other)
}

/// What a name is in a scope.
enum Slot {
    /// Bound by imports and by nothing else.
    Imports(Vec<u32>),
    /// Declared `global`.
    Global,
    /// Declared `nonlocal`.
    Nonlocal,
    /// Anything else.
    Other,
}

#[derive(Default)]
struct Scope<'a> {
    names: FxHashMap<&'a str, Slot>,
    is_class: bool,
}

impl<'a> Scope<'a> {
    fn of_body(body: &'a [Stmt], imports: &Imports<'_>, is_class: bool) -> Self {
        let mut names = Names { scope: Self { is_class, ..Self::default() }, imports };
        binders::of_body(body, &mut names);
        names.scope
    }

    fn of_function(function: &'a StmtFunctionDef, imports: &Imports<'_>) -> Self {
        let mut scope = Self::of_body(&function.body, imports, false);
        scope.parameters(&function.parameters);
        scope
    }

    fn parameters(&mut self, parameters: &'a Parameters) {
        for parameter in parameters {
            self.names.insert(parameter.name().as_str(), Slot::Other);
        }
    }

    fn rebind(&mut self, name: &'a str) {
        let slot = self.names.entry(name).or_insert(Slot::Other);
        if matches!(slot, Slot::Imports(_)) {
            *slot = Slot::Other;
        }
    }

    fn import(&mut self, name: &'a str, index: u32, imports: &Imports<'_>) {
        if let Slot::Imports(all) = self.names.entry(name).or_insert_with(|| Slot::Imports(Vec::new()))
            && all.len() < MAX_ALTERNATIVES
            && !all.iter().any(|&other| bind_the_same(imports.imports, index, other))
        {
            all.push(index);
        }
    }
}

struct Names<'a, 'i> {
    scope: Scope<'a>,
    imports: &'i Imports<'i>,
}

impl<'a> Binders<'a> for Names<'a, '_> {
    fn bind(&mut self, name: &'a str, binder: Binder<'a>) {
        match binder {
            Binder::Import(alias) => {
                if let Some(index) = self.imports.at(alias) {
                    self.scope.import(name, index, self.imports);
                }
            }
            Binder::Global => {
                self.scope.names.insert(name, Slot::Global);
            }
            Binder::Nonlocal => {
                self.scope.names.insert(name, Slot::Nonlocal);
            }
            // `m = None` where the import of m failed leaves nothing to access.
            Binder::Value(value) if value.is_none_literal_expr() => {}
            Binder::Function(_) | Binder::Value(_) | Binder::Annotation | Binder::Other => {
                self.scope.rebind(name);
            }
        }
    }
}

struct AccessWalk<'a, 'i> {
    scopes: Vec<Scope<'a>>,
    imports: &'i Imports<'i>,
    known: &'i Known<'i>,
    lines: &'i LineIndex,
    when: When,
    found: Uses,
}

impl<'a> AccessWalk<'a, '_> {
    fn in_scope(&mut self, scope: Scope<'a>, read: impl FnOnce(&mut Self)) {
        self.scopes.push(scope);
        read(self);
        self.scopes.pop();
    }

    fn during(&mut self, when: When, read: impl FnOnce(&mut Self)) {
        let before = std::mem::replace(&mut self.when, when);
        read(self);
        self.when = before;
    }

    /// The imports that `name` stands for here.
    fn imports_of(&self, name: &str) -> &[u32] {
        let innermost = self.scopes.len().saturating_sub(1);
        for (at, scope) in self.scopes.iter().enumerate().rev() {
            if scope.is_class && at != innermost {
                continue;
            }
            match scope.names.get(name) {
                Some(Slot::Imports(imports)) => return imports,
                Some(Slot::Global) => match self.scopes.first().and_then(|module| module.names.get(name)) {
                    Some(Slot::Imports(imports)) => return imports,
                    _ => return &[],
                },
                Some(Slot::Other) => return &[],
                Some(Slot::Nonlocal) | None => {}
            }
        }
        &[]
    }

    fn note(&mut self, root: &str, path: &CompactString, range: TextRange) {
        let span = names::span(&range);
        let rows: Vec<Access> = self
            .imports_of(root)
            .iter()
            .map(|&import| Access {
                import,
                path: path.clone(),
                span,
                line: self.lines.line(span.start),
                when: self.when,
            })
            .collect();
        self.found.accesses.extend(rows);
    }

    /// Notes `object.name = …`; a name of None is computed.
    fn write(&mut self, object: &Expr, name: Option<&str>) {
        let Some(path) = calls::dotted(object) else { return };
        let (root, module) = path.split_once('.').unwrap_or((&path, ""));
        let write = |import: &u32| Write {
            import: Some(*import),
            module: CompactString::from(module),
            name: name.map(CompactString::from),
        };
        let written: Vec<Write> = self.imports_of(root).iter().map(write).collect();
        self.found.writes.extend(written);
    }

    /// The elements of a comprehension, in a scope that has its targets.
    fn comprehension(&mut self, generators: &'a [Comprehension], elements: &[&'a Expr]) {
        // The first iterable is evaluated outside.
        if let Some(first) = generators.first() {
            self.visit_expr(&first.iter);
        }
        let mut targets = Names { scope: Scope::default(), imports: self.imports };
        binders::of_comprehension(generators, &mut targets);
        self.in_scope(targets.scope, |walk| {
            for (at, generator) in generators.iter().enumerate() {
                if at > 0 {
                    walk.visit_expr(&generator.iter);
                }
                for condition in &generator.ifs {
                    walk.visit_expr(condition);
                }
            }
            for element in elements {
                walk.visit_expr(element);
            }
        });
    }
}

impl<'a> Visitor<'a> for AccessWalk<'a, '_> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::FunctionDef(function) => {
                for decorator in &function.decorator_list {
                    self.visit_decorator(decorator);
                }
                self.visit_parameters(&function.parameters);
                if let Some(returns) = &function.returns {
                    self.visit_annotation(returns);
                }
                let scope = Scope::of_function(function, self.imports);
                let when = self.when.max(When::Deferred);
                self.during(when, |walk| walk.in_scope(scope, |walk| walk.visit_body(&function.body)));
            }
            Stmt::ClassDef(class) => {
                for decorator in &class.decorator_list {
                    self.visit_decorator(decorator);
                }
                if let Some(arguments) = &class.arguments {
                    self.visit_arguments(arguments);
                }
                let scope = Scope::of_body(&class.body, self.imports, true);
                self.in_scope(scope, |walk| walk.visit_body(&class.body));
            }
            Stmt::If(stmt) => {
                for branch in guards::branches(stmt, self.known) {
                    if let Some(test) = branch.test {
                        self.visit_expr(test);
                    }
                    let when = if branch.runs { self.when } else { When::TypeChecking };
                    self.during(when, |walk| walk.visit_body(branch.body));
                }
            }
            _ => visitor::walk_stmt(self, stmt),
        }
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Attribute(attribute) if attribute.ctx == ExprContext::Load => {
                // The longest chain is one access; it is read from its end, once.
                let mut parts = vec![attribute.attr.as_str()];
                let mut object = attribute.value.as_ref();
                while let Expr::Attribute(inner) = object {
                    parts.push(inner.attr.as_str());
                    object = &inner.value;
                }
                let Expr::Name(root) = object else { return self.visit_expr(object) };
                if !self.imports_of(root.id.as_str()).is_empty() {
                    parts.reverse();
                    self.note(root.id.as_str(), &CompactString::from(parts.join(".")), attribute.range);
                }
            }
            Expr::Attribute(attribute) if attribute.ctx == ExprContext::Store => {
                self.write(&attribute.value, Some(attribute.attr.as_str()));
                self.visit_expr(&attribute.value);
            }
            Expr::Call(call) => {
                if let Some((object, name)) = writes::set_by(call) {
                    self.write(object, name.as_deref());
                }
                if let (Expr::Name(function), [object, name, ..]) =
                    (call.func.as_ref(), call.arguments.args.as_ref())
                    && function.id.as_str() == "getattr"
                    && let Some(name) = calls::literal(name).filter(|name| calls::is_path(name))
                    && let Some(object) = calls::dotted(object)
                {
                    let path = compact_str::format_compact!("{object}.{name}");
                    if let Some((root, rest)) = path.split_once('.') {
                        self.note(root, &CompactString::from(rest), call.range());
                    }
                }
                visitor::walk_expr(self, expr);
            }
            Expr::Lambda(lambda) => {
                let mut scope = Scope::default();
                if let Some(parameters) = &lambda.parameters {
                    self.visit_parameters(parameters);
                    scope.parameters(parameters);
                }
                let when = self.when.max(When::Deferred);
                self.during(when, |walk| walk.in_scope(scope, |walk| walk.visit_expr(&lambda.body)));
            }
            Expr::ListComp(comp) => self.comprehension(&comp.generators, &[&comp.elt]),
            Expr::SetComp(comp) => self.comprehension(&comp.generators, &[&comp.elt]),
            Expr::Generator(comp) => self.comprehension(&comp.generators, &[&comp.elt]),
            Expr::DictComp(comp) => {
                let elements: Vec<&Expr> =
                    comp.key.as_deref().into_iter().chain([comp.value.as_ref()]).collect();
                self.comprehension(&comp.generators, &elements);
            }
            _ => visitor::walk_expr(self, expr),
        }
    }
}
