//! What an `except` clause catches of what a failing import raises.

use ruff_python_ast::{Expr, StmtWith};

use super::Reader;
use super::callees::Found;
use super::scopes::Slot;
use crate::facts::Bound;
use crate::facts::load::Catches;
use crate::languages::python::stdlib::is_stdlib;
use crate::languages::python::{calls, guards};
use crate::module_path;

/// At most so many bindings of a name are looked at.
const MAX_BINDINGS: usize = 8;

impl Reader<'_, '_> {
    /// What a handler of that type catches; one without a type catches everything.
    pub(super) fn catches(&self, caught: Option<&Expr>) -> Catches {
        let Some(caught) = caught else { return Catches::all() - Catches::UNKNOWN };
        match caught {
            Expr::Tuple(tuple) => {
                tuple.elts.iter().fold(Catches::empty(), |all, one| all | self.catches(Some(one)))
            }
            Expr::Name(name) if self.is_assigned(name.id.as_str()) => Catches::UNKNOWN,
            Expr::Name(name) => of_name(name.id.as_str()),
            Expr::Attribute(attribute) => of_name(attribute.attr.as_str()),
            _ => Catches::UNKNOWN,
        }
    }

    /// What the managers of a `with` statement swallow: `suppress(…)`, and `pytest.raises(…)`, which asks for it.
    pub(super) fn swallows(&self, stmt: &StmtWith) -> Option<(usize, Catches)> {
        let mut guards = stmt.items.iter().enumerate().filter_map(|(at, item)| {
            let Expr::Call(call) = &item.context_expr else { return None };
            let caught = match guards::last_name(&call.func)? {
                "suppress" => call.arguments.args.as_ref(),
                "raises" | "assertRaises" | "assertRaisesRegex" | "assertRaisesRegexp" => {
                    std::slice::from_ref(call.arguments.args.first()?)
                }
                _ => return None,
            };
            let caught = caught.iter().fold(Catches::empty(), |all, one| all | self.catches(Some(one)));
            Some((at, caught))
        });
        let first = guards.next()?;
        Some(guards.fold(first, |(at, all), (_, one)| (at, all | one)))
    }

    /// What `raise exception` raises.
    pub(super) fn raised(&self, exception: &Expr) -> Catches {
        let class = if let Expr::Call(call) = exception { &call.func } else { exception };
        let caught = self.catches(Some(class));
        // Nobody knows what a variable holds: whatever there is around it catches it.
        if caught == Catches::UNKNOWN { Catches::all() } else { caught }
    }

    /// Whether a manager may swallow what is raised below it, for all that can be told: not what Python itself brings.
    pub(super) fn may_swallow(&self, manager: &Expr) -> bool {
        let func = if let Expr::Call(call) = manager { &call.func } else { manager };
        let Some(path) = calls::dotted(func) else { return true };
        let first = module_path::first(&path);
        let import = match self.find(first) {
            Found::Builtin => return false,
            Found::Local(_, Slot::Import(index)) => Some(*index),
            Found::Local(..) => None,
            Found::Module(_) => {
                self.facts.bindings_of(first).iter().find_map(|binding| match binding.bound {
                    Bound::Import(index) => Some(index),
                    _ => None,
                })
            }
        };
        let import = import.and_then(|index| self.imports.rows.get(index as usize));
        !import.is_some_and(|import| import.level == 0 && is_stdlib(module_path::first(&import.module)))
    }

    /// Whether a name stands for the value of an assignment, which may be a tuple of classes.
    fn is_assigned(&self, name: &str) -> bool {
        match self.find(name) {
            Found::Local(_, slot) => !matches!(slot, Slot::Import(_) | Slot::Imports),
            Found::Module(_) => self
                .facts
                .bindings_of(name)
                .iter()
                .take(MAX_BINDINGS)
                .any(|binding| matches!(binding.bound, Bound::Value | Bound::Alias(_))),
            Found::Builtin => false,
        }
    }
}

fn of_name(name: &str) -> Catches {
    match name {
        "BaseException" => Catches::all() - Catches::UNKNOWN,
        "Exception" => Catches::all() - Catches::UNKNOWN - Catches::EXIT,
        "SystemExit" => Catches::EXIT,
        "ImportError" => Catches::MISSING_MODULE | Catches::MISSING_NAME,
        "ModuleNotFoundError" => Catches::MISSING_MODULE,
        "AttributeError" => Catches::ATTRIBUTE,
        "SyntaxError" => Catches::SYNTAX,
        _ if looks_like_a_class(name) => Catches::OTHER,
        _ => Catches::UNKNOWN,
    }
}

fn looks_like_a_class(name: &str) -> bool {
    let name = name.trim_start_matches('_');
    name.starts_with(char::is_uppercase) && name.contains(char::is_lowercase)
}
