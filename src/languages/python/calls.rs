//! Imports that are calls: `import_module("a.b")` and kin, `sys.modules["a"]`, and references by string.
//!
//! Answers questions about one expression; knows neither when it runs nor what the file binds besides.

use std::borrow::Cow;

use compact_str::CompactString;
use ruff_python_ast::{
    Expr, ExprCall, ExprContext, ExprSubscript, Number, Operator, StmtImport, StmtImportFrom,
};
use ruff_text_size::{Ranged, TextRange};
use rustc_hash::FxHashMap;

/// What the names stand for that this file imports from the few modules whose calls are read.
#[derive(Debug, Default)]
pub(super) struct Known<'a> {
    full: FxHashMap<&'a str, CompactString>,
}

const READ_MODULES: [&str; 9] = [
    "builtins",
    "importlib",
    "mock",
    "pkgutil",
    "sys",
    "typing",
    "typing_extensions",
    "unittest",
    "pytest_mock",
];

fn is_read(module: &str) -> bool {
    READ_MODULES.contains(&module.split('.').next().unwrap_or(module))
}

impl<'a> Known<'a> {
    /// Notes `import importlib as il`.
    pub(super) fn import(&mut self, stmt: &'a StmtImport) {
        for alias in &stmt.names {
            if let Some(asname) = &alias.asname
                && is_read(&alias.name)
            {
                self.full.insert(asname.as_str(), CompactString::from(alias.name.as_str()));
            }
        }
    }

    /// Notes `from importlib import import_module as load`.
    pub(super) fn import_from(&mut self, stmt: &'a StmtImportFrom) {
        let Some(module) = stmt.module.as_ref().filter(|module| stmt.level == 0 && is_read(module)) else {
            return;
        };
        for alias in &stmt.names {
            let local = alias.asname.as_ref().unwrap_or(&alias.name);
            self.full.insert(local.as_str(), compact_str::format_compact!("{module}.{}", alias.name));
        }
    }

    /// Whether a name is `typing.TYPE_CHECKING`.
    pub(super) fn is_type_checking(&self, name: &str) -> bool {
        name == "TYPE_CHECKING" || self.full.get(name).is_some_and(|full| full.ends_with(".TYPE_CHECKING"))
    }

    /// The dotted path an expression stands for; its first part as written unless it is a known import.
    fn path(&self, expr: &Expr) -> Option<CompactString> {
        let written = dotted(expr)?;
        let (first, rest) = written.split_once('.').map_or((written.as_str(), None), |(a, b)| (a, Some(b)));
        match (self.full.get(first), rest) {
            (Some(full), Some(rest)) => Some(compact_str::format_compact!("{full}.{rest}")),
            (Some(full), None) => Some(full.clone()),
            (None, _) => Some(written),
        }
    }

    /// Whether the expression is `sys.modules`.
    pub(super) fn is_sys_modules(&self, expr: &Expr) -> bool {
        let candidate = match expr {
            Expr::Attribute(attribute) => attribute.attr.as_str() == "modules",
            Expr::Name(name) => self.full.contains_key(name.id.as_str()),
            _ => false,
        };
        candidate && self.path(expr).is_some_and(|path| path == "sys.modules")
    }
}

/// `a.b.c` of a chain of attributes on a name.
pub(super) fn dotted(expr: &Expr) -> Option<CompactString> {
    let mut parts: Vec<&str> = Vec::new();
    let mut expr = expr;
    loop {
        match expr {
            Expr::Name(name) => {
                let mut path = CompactString::from(name.id.as_str());
                for part in parts.iter().rev() {
                    path.push('.');
                    path.push_str(part);
                }
                return Some(path);
            }
            Expr::Attribute(attribute) => {
                parts.push(attribute.attr.as_str());
                expr = &attribute.value;
            }
            _ => return None,
        }
    }
}

/// The text of a string expression that holds nothing computed.
pub(super) fn literal(expr: &Expr) -> Option<Cow<'_, str>> {
    match expr {
        Expr::StringLiteral(text) => Some(Cow::Borrowed(text.value.to_str())),
        Expr::FString(text) => {
            let mut value = String::new();
            for part in &text.value {
                match part {
                    ruff_python_ast::FStringPart::Literal(part) => value.push_str(part.as_str()),
                    ruff_python_ast::FStringPart::FString(part) => {
                        for element in &part.elements {
                            value.push_str(&element.as_literal()?.value);
                        }
                    }
                }
            }
            Some(Cow::Owned(value))
        }
        Expr::BinOp(sum) if sum.op == Operator::Add => {
            // Left-deep: walked in a loop, for a chain may be thousands of terms long.
            let mut terms = vec![literal(&sum.right)?];
            let mut left = sum.left.as_ref();
            while let Expr::BinOp(inner) = left
                && inner.op == Operator::Add
            {
                terms.push(literal(&inner.right)?);
                left = &inner.left;
            }
            terms.push(literal(left)?);
            terms.reverse();
            Some(Cow::Owned(terms.concat()))
        }
        _ => None,
    }
}

/// A call or subscript that imports.
#[derive(Debug, PartialEq)]
pub(super) enum Dynamic {
    /// What it imports is written there.
    Literal {
        /// Leading dots, relative to the package of the file.
        level: u32,
        /// The module.
        module: CompactString,
        /// The name after `:` of `resolve_name("a.b:C")`.
        name: Option<CompactString>,
        /// The literal.
        range: TextRange,
    },
    /// What it imports is computed; the name of what was called.
    Computed(CompactString),
}

/// Reads a call as an import, if it is one.
pub(super) fn dynamic_call(call: &ExprCall, known: &Known<'_>, is_package: bool) -> Option<Dynamic> {
    let candidate = match call.func.as_ref() {
        Expr::Name(name) => name.id.as_str() == "__import__" || known.full.contains_key(name.id.as_str()),
        Expr::Attribute(attribute) => {
            matches!(attribute.attr.as_str(), "import_module" | "__import__" | "resolve_name")
        }
        _ => false,
    };
    if !candidate {
        return None;
    }
    let callee = known.path(&call.func)?;
    let found = match callee.as_str() {
        "importlib.import_module" => import_module(call, is_package),
        "__import__" | "builtins.__import__" | "importlib.__import__" => dunder_import(call),
        "pkgutil.resolve_name" => resolve_name(call),
        _ => return None,
    };
    Some(found.unwrap_or(Dynamic::Computed(callee)))
}

fn import_module(call: &ExprCall, is_package: bool) -> Option<Dynamic> {
    let argument = call.arguments.find_argument_value("name", 0)?;
    let text = literal(argument)?;
    let module = text.trim_start_matches('.');
    if !is_path(module) {
        return None;
    }
    let dots = u32::try_from(text.len() - module.len()).ok()?;
    let (level, module) = if dots == 0 {
        (0, CompactString::from(module))
    } else {
        match call.arguments.find_argument_value("package", 1)? {
            Expr::Name(name) if name.id.as_str() == "__package__" => (dots, CompactString::from(module)),
            // A package's `__name__` is its `__package__`; a module's lies one level below it.
            Expr::Name(name) if name.id.as_str() == "__name__" && is_package => {
                (dots, CompactString::from(module))
            }
            Expr::Name(name) if name.id.as_str() == "__name__" && dots > 1 => {
                (dots - 1, CompactString::from(module))
            }
            package => {
                let package = literal(package)?;
                let mut base = package.as_ref();
                for _ in 1..dots {
                    base = crate::module_path::parent(base)?;
                }
                (0, compact_str::format_compact!("{base}.{module}"))
            }
        }
    };
    Some(Dynamic::Literal { level, module, name: None, range: argument.range() })
}

fn dunder_import(call: &ExprCall) -> Option<Dynamic> {
    let argument = call.arguments.find_argument_value("name", 0)?;
    let text = literal(argument)?;
    let level = match call.arguments.find_argument_value("level", 4) {
        None => 0,
        Some(Expr::NumberLiteral(number)) => match &number.value {
            Number::Int(int) => u32::try_from(int.as_u64()?).ok()?,
            _ => return None,
        },
        Some(_) => return None,
    };
    is_path(&text).then(|| Dynamic::Literal {
        level,
        module: CompactString::from(text.as_ref()),
        name: None,
        range: argument.range(),
    })
}

fn resolve_name(call: &ExprCall) -> Option<Dynamic> {
    let argument = call.arguments.find_argument_value("name", 0)?;
    let text = literal(argument)?;
    let (module, name) =
        text.split_once(':').map_or((text.as_ref(), None), |(module, name)| (module, Some(name)));
    let name = name.filter(|name| !name.is_empty());
    if !is_path(module) || name.is_some_and(|name| !is_path(name)) {
        return None;
    }
    Some(Dynamic::Literal {
        level: 0,
        module: CompactString::from(module),
        name: name.map(CompactString::from),
        range: argument.range(),
    })
}

/// Reads `sys.modules[…]` as an import where its value is asked for.
pub(super) fn sys_modules_read(subscript: &ExprSubscript, known: &Known<'_>) -> Option<Dynamic> {
    if subscript.ctx != ExprContext::Load || !known.is_sys_modules(&subscript.value) {
        return None;
    }
    match literal(&subscript.slice) {
        Some(text) if is_path(&text) => Some(Dynamic::Literal {
            level: 0,
            module: CompactString::from(text.as_ref()),
            name: None,
            range: subscript.slice.range(),
        }),
        Some(_) => None,
        None if names_a_loaded_module(&subscript.slice) => None,
        None => Some(Dynamic::Computed(CompactString::const_new("sys.modules"))),
    }
}

/// `__name__`, `cls.__module__` and the like: the module is there already, and nothing is imported.
fn names_a_loaded_module(expr: &Expr) -> bool {
    match expr {
        Expr::Name(name) => matches!(name.id.as_str(), "__name__" | "__package__" | "__module__"),
        Expr::Attribute(attribute) => {
            matches!(attribute.attr.as_str(), "__name__" | "__package__" | "__module__")
        }
        _ => false,
    }
}

/// The literal of a call that refers to a thing by string: `mock.patch("a.b.C")`, `monkeypatch.setattr("a.b.c", …)`.
pub(super) fn string_reference(call: &ExprCall, known: &Known<'_>) -> Option<(CompactString, TextRange)> {
    let candidate = match call.func.as_ref() {
        Expr::Name(name) => name.id.as_str() == "patch" || known.full.contains_key(name.id.as_str()),
        Expr::Attribute(attribute) => matches!(
            attribute.attr.as_str(),
            "patch" | "dict" | "multiple" | "object" | "setattr" | "delattr"
        ),
        _ => false,
    };
    if !candidate {
        return None;
    }
    let argument =
        ["target", "in_dict"].iter().find_map(|name| call.arguments.find_argument_value(name, 0))?;
    let text = literal(argument).filter(|text| text.contains('.') && is_path(text))?;
    let refers = match call.func.as_ref() {
        // Whatever the object is called: only pytest's monkeypatch takes a dotted string there.
        Expr::Attribute(method) if matches!(method.attr.as_str(), "setattr" | "delattr") => true,
        func => is_patch(&known.path(func)?),
    };
    refers.then(|| (CompactString::from(text.as_ref()), argument.range()))
}

/// Whether a patcher is told that the name need not exist yet: `create=True`, `raising=False`, or a computed value there.
pub(super) fn may_create(call: &ExprCall) -> bool {
    let is = |name: &str, usual: bool| match call.arguments.find_keyword(name).map(|keyword| &keyword.value) {
        Some(Expr::BooleanLiteral(literal)) => literal.value == usual,
        Some(_) => false,
        None => true,
    };
    !is("create", false) || !is("raising", true)
}

/// `patch`, `unittest.mock.patch.dict`, `self.mocker.patch`: a patcher of unittest.mock or pytest-mock.
fn is_patch(callee: &str) -> bool {
    let base = ["dict", "multiple", "object"]
        .iter()
        .find_map(|method| callee.strip_suffix(method)?.strip_suffix('.'))
        .unwrap_or(callee);
    match base.rsplit_once('.') {
        None => base == "patch",
        Some((owner, "patch")) => crate::module_path::last(owner).contains("mock"),
        Some(_) => false,
    }
}

/// Whether a text is one identifier or several joined by dots.
pub(super) fn is_path(text: &str) -> bool {
    text.split('.').all(|part| {
        let mut chars = part.chars();
        chars.next().is_some_and(|first| first == '_' || first.is_alphabetic())
            && chars.all(|c| c == '_' || c.is_alphanumeric())
    })
}
