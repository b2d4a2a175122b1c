//! Who is called: from the expression in call position to a [`Callee`].

use compact_str::CompactString;
use ruff_python_ast::Expr;

use super::Reader;
use super::scopes::{Kind, Slot};
use crate::facts::Bound;
use crate::facts::load::Callee;
use crate::languages::python::calls;

/// A callee and the method called on what it makes.
pub(super) type Target = (Callee, Option<CompactString>);

/// What a name is where it is read.
pub(super) enum Found<'s, 'a> {
    /// A name of the module's namespace.
    Module(Option<&'s Slot<'a>>),
    /// A local name, and the index of its scope.
    Local(usize, &'s Slot<'a>),
    /// Bound nowhere: Python's own.
    Builtin,
}

/// Who bound a name by an import.
pub(super) enum Imported {
    /// The module.
    ByModule,
    /// The function or class whose body is read, or one around it.
    Here(u32),
}

/// Built-in callables that make nothing with a method of first party.
const PLAIN_MAKERS: [&str; 26] = [
    "abs",
    "bool",
    "bytearray",
    "bytes",
    "chr",
    "complex",
    "dict",
    "dir",
    "float",
    "format",
    "frozenset",
    "hash",
    "hex",
    "id",
    "int",
    "len",
    "list",
    "open",
    "ord",
    "range",
    "repr",
    "round",
    "set",
    "sorted",
    "str",
    "tuple",
];

impl<'a> Reader<'a, '_> {
    pub(super) fn find(&self, name: &str) -> Found<'_, 'a> {
        self.find_from(self.scopes.len(), name)
    }

    /// The name as it is read in the scope before index `end`.
    fn find_from(&self, end: usize, name: &str) -> Found<'_, 'a> {
        for level in (1..end).rev() {
            let scope = &self.scopes[level];
            if scope.kind == Kind::Class && level + 1 != end {
                continue;
            }
            match scope.names.get(name) {
                Some(Slot::Global) => break,
                None | Some(Slot::Nonlocal) => {}
                Some(slot) => return Found::Local(level, slot),
            }
        }
        let slot = self.scopes.first().and_then(|module| module.names.get(name));
        if slot.is_some() || self.imports.wildcard || !self.facts.bindings_of(name).is_empty() {
            Found::Module(slot)
        } else {
            Found::Builtin
        }
    }

    pub(super) fn is_builtin(&self, name: &str) -> bool {
        matches!(self.find(name), Found::Builtin)
    }

    /// The import behind a name whose attributes are looked up.
    pub(super) fn import_of(&self, name: &str) -> Option<Imported> {
        match self.find(name) {
            Found::Module(Some(Slot::Import(_) | Slot::Imports)) => Some(Imported::ByModule),
            Found::Local(_, Slot::Import(index)) => Some(Imported::Here(*index)),
            _ => None,
        }
    }

    /// What the module's namespace calls an expression, if it is a dotted name of it.
    pub(super) fn module_path(&self, expr: &Expr) -> Option<CompactString> {
        match self.reference(self.scopes.len(), &calls::dotted(expr)?) {
            Some(Callee::Name(path)) => Some(path),
            _ => None,
        }
    }

    /// Who is called by `func(…)`; None where it is nobody who could be of first party.
    pub(super) fn target(&self, func: &Expr) -> Option<Target> {
        const UNKNOWN: Option<Target> = Some((Callee::Unknown, None));
        let Expr::Attribute(method) = func else {
            let Expr::Name(name) = func else { return UNKNOWN };
            return Some((self.reference(self.scopes.len(), name.id.as_str())?, None));
        };
        let name = method.attr.as_str();
        match method.value.as_ref() {
            Expr::Name(object) => self.method(object.id.as_str(), name),
            Expr::Call(made) => match made.func.as_ref() {
                Expr::Name(maker) if maker.id.as_str() == "super" && self.is_builtin("super") => {
                    Some((Callee::Super(CompactString::from(name)), None))
                }
                maker => self.method_of_made(self.scopes.len(), maker, name),
            },
            object if is_literal(object) => None,
            _ => match calls::dotted(func) {
                Some(path) => Some((self.reference(self.scopes.len(), &path)?, None)),
                None => UNKNOWN,
            },
        }
    }

    /// Who is called by `object.name(…)`.
    fn method(&self, object: &str, name: &str) -> Option<Target> {
        let (level, slot) = match self.find(object) {
            Found::Local(level, slot) => (level, Some(slot)),
            Found::Module(slot) => (0, slot),
            Found::Builtin => return None,
        };
        // What a function or a loop may bind anew is not what the one assignment made.
        let is_one = || level > 0 || self.is_value_only(object);
        match slot {
            Some(Slot::Value(Expr::Call(made))) if is_one() => {
                if let known @ (None | Some((_, Some(_)))) = self.method_of_made(level + 1, &made.func, name)
                {
                    return known;
                }
            }
            Some(Slot::Value(value)) if is_literal(value) && is_one() => return None,
            Some(Slot::Parameter(Some(Expr::Name(class))))
                if PLAIN_MAKERS.contains(&class.id.as_str()) && self.is_builtin(class.id.as_str()) =>
            {
                return None;
            }
            _ => {}
        }
        let path = compact_str::format_compact!("{object}.{name}");
        Some((self.reference(self.scopes.len(), &path)?, None))
    }

    fn is_value_only(&self, name: &str) -> bool {
        matches!(self.facts.bindings_of(name), [binding] if binding.bound == Bound::Value)
    }

    /// Who is called by `maker(…).name(…)`, where the maker stands in the scope before index `end`.
    fn method_of_made(&self, end: usize, maker: &Expr, name: &str) -> Option<Target> {
        const UNKNOWN: Option<Target> = Some((Callee::Unknown, None));
        let Some(path) = calls::dotted(maker) else {
            // `", ".join(…).upper()`.
            return match maker {
                Expr::Attribute(method) if is_literal(&method.value) => None,
                _ => UNKNOWN,
            };
        };
        match self.reference(end, &path) {
            Some(Callee::Unknown) => UNKNOWN,
            Some(callee) => Some((callee, Some(CompactString::from(name)))),
            None if PLAIN_MAKERS.contains(&path.as_str()) => None,
            None => UNKNOWN,
        }
    }

    /// What a dotted path names, read in the scope before index `end`; None where it begins with a built-in name.
    fn reference(&self, end: usize, path: &str) -> Option<Callee> {
        let (first, rest) = path.split_once('.').unwrap_or((path, ""));
        Some(match self.find_from(end, first) {
            Found::Builtin => return None,
            Found::Module(_) => Callee::Name(CompactString::from(path)),
            Found::Local(_, slot) => match slot {
                Slot::Import(index) => Callee::Import(*index, CompactString::from(rest)),
                Slot::Function(index) if rest.is_empty() => Callee::Function(*index),
                Slot::Receiver { class: true } if rest.is_empty() => {
                    Callee::Receiver(CompactString::default())
                }
                Slot::Receiver { .. } if !rest.is_empty() && !rest.contains('.') => {
                    Callee::Receiver(CompactString::from(rest))
                }
                _ => Callee::Unknown,
            },
        })
    }

    /// The function of this body that an expression names: `inner` of `return inner`.
    pub(super) fn own_function(&self, expr: &Expr) -> Option<u32> {
        let Expr::Name(name) = expr else { return None };
        match self.find(name.id.as_str()) {
            Found::Local(_, Slot::Function(index)) => Some(*index),
            _ => None,
        }
    }
}

/// Whether an expression makes an object of a built-in type.
fn is_literal(expr: &Expr) -> bool {
    matches!(
        expr,
        Expr::StringLiteral(_)
            | Expr::BytesLiteral(_)
            | Expr::FString(_)
            | Expr::TString(_)
            | Expr::NumberLiteral(_)
            | Expr::BooleanLiteral(_)
            | Expr::NoneLiteral(_)
            | Expr::EllipsisLiteral(_)
            | Expr::List(_)
            | Expr::Tuple(_)
            | Expr::Set(_)
            | Expr::Dict(_)
            | Expr::ListComp(_)
            | Expr::SetComp(_)
            | Expr::DictComp(_)
            | Expr::Generator(_)
            | Expr::Compare(_)
    )
}
