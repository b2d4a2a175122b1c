//! Names that a file binds in other modules, and modules that it puts into `sys.modules`.
//!
//! Is told what the walk meets, and finds what needs no scopes. What the first name of `m.x = …` stands for, the walk
//! in [`accesses`](super::accesses) tells: few files write to a name that they import, and only those take it.

use compact_str::CompactString;
use ruff_python_ast::{Expr, ExprCall, ExprSubscript};
use rustc_hash::FxHashSet;

use super::calls::{self, Known};
use crate::facts::{Also, Facts, Import, Write};
use crate::module_path;

/// Everything met so far.
#[derive(Debug, Default)]
pub(super) struct Writes<'a> {
    /// First names of what is written to.
    roots: FxHashSet<&'a str>,
    /// Written through `sys.modules["a.b"]`.
    found: Vec<Write>,
    placed: Vec<CompactString>,
}

impl<'a> Writes<'a> {
    /// Reads `object.name = …`.
    pub(super) fn attribute(&mut self, object: &'a Expr, name: &str, known: &Known<'_>) {
        self.write(object, Some(name), known);
    }

    /// Reads a call that may be one of `setattr`, or of `sys.modules.setdefault`.
    pub(super) fn call(&mut self, call: &'a ExprCall, known: &Known<'_>) {
        if let Some((object, name)) = set_by(call) {
            self.write(object, name.as_deref(), known);
        } else if let Expr::Attribute(method) = call.func.as_ref()
            && matches!(method.attr.as_str(), "setdefault" | "__setitem__")
            && known.is_sys_modules(&method.value)
            && let Some(key) = call.arguments.args.first()
        {
            self.place(key);
        }
    }

    /// Reads `object[key] = …`.
    pub(super) fn subscript(&mut self, subscript: &ExprSubscript, known: &Known<'_>) {
        if known.is_sys_modules(&subscript.value) {
            self.place(&subscript.slice);
        }
    }

    /// Whether something is written to a name that one of these imports binds, in whatever scope.
    pub(super) fn touch(&self, imports: &[Import]) -> bool {
        !self.roots.is_empty()
            && imports.iter().any(|import| {
                let plain = || module_path::first(&import.module);
                let bound = import.alias.as_deref().or(import.name.as_deref()).unwrap_or_else(plain);
                !import.kind.also.contains(Also::DYNAMIC) && self.roots.contains(bound)
            })
    }

    /// Hands everything over, `by_imports` being what the other walk has found.
    pub(super) fn finish(mut self, by_imports: Vec<Write>, facts: &mut Facts) {
        self.found.extend(by_imports);
        self.found.sort_unstable();
        self.found.dedup();
        self.placed.sort_unstable();
        self.placed.dedup();
        facts.writes = self.found;
        facts.placed = self.placed;
    }

    fn write(&mut self, object: &'a Expr, name: Option<&str>, known: &Known<'_>) {
        let mut root = object;
        let mut below: Vec<&str> = Vec::new();
        while let Expr::Attribute(attribute) = root {
            below.push(attribute.attr.as_str());
            root = &attribute.value;
        }
        match root {
            Expr::Name(name) => {
                self.roots.insert(name.id.as_str());
            }
            Expr::Subscript(subscript) if known.is_sys_modules(&subscript.value) => {
                if let Some(module) = calls::literal(&subscript.slice).filter(|text| calls::is_path(text)) {
                    below.push(&module);
                    below.reverse();
                    let module = CompactString::from(below.join("."));
                    self.found.push(Write { import: None, module, name: name.map(CompactString::from) });
                }
            }
            _ => {}
        }
    }

    fn place(&mut self, key: &Expr) {
        if let Some(module) = calls::literal(key).filter(|text| calls::is_path(text)) {
            self.placed.push(CompactString::from(module.as_ref()));
        }
    }
}

/// The object and the name of `setattr(object, name, …)`; a name of None is computed.
pub(super) fn set_by(call: &ExprCall) -> Option<(&Expr, Option<CompactString>)> {
    let (Expr::Name(function), [object, name, ..]) = (call.func.as_ref(), call.arguments.args.as_ref())
    else {
        return None;
    };
    let name = calls::literal(name).map(|name| CompactString::from(name.as_ref()));
    (function.id.as_str() == "setattr").then_some((object, name))
}
