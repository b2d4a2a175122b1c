//! A door with all that is known of it: what its symbols really are, who is inside, which paths they had.

use crate::facts::Date;
use crate::graph::exports::Definition;
use crate::graph::model::ModuleId;
use crate::graph::paths::ModuleSet;
use crate::module_path::{is_within, parent};
use crate::registry::Canonical;
use crate::rules::context::{Context, RuleRef};

/// A door with what its symbols really are.
pub(super) struct Door<'a> {
    pub(super) spec: &'a Canonical,
    pub(super) line: u32,
    pub(super) module: Option<ModuleId>,
    pub(super) within: Option<ModuleSet>,
    pub(super) symbols: Vec<Symbol>,
    pub(super) old: Vec<Old>,
}

/// A path that a symbol had, by `retired` or by `[moved]`.
pub(super) struct Old {
    pub(super) module: String,
    /// The name there; None for a whole module.
    pub(super) name: Option<String>,
    /// The symbol it has become, where that is told.
    pub(super) symbol: Option<String>,
    /// The line of `[moved]` it comes from; else it is `retired`.
    pub(super) moved: Option<u32>,
    /// Until when `[moved]` excuses it.
    pub(super) until: Option<Date>,
}

pub(super) struct Symbol {
    pub(super) name: String,
    pub(super) definition: Option<Definition>,
    /// Modules that the re-exports run through, and packages whose members import as they like.
    pub(super) hops: Vec<ModuleId>,
    pub(super) insiders: Vec<String>,
}

impl Door<'_> {
    /// The old path that a use goes through.
    pub(super) fn old(&self, module: &str, name: &str) -> Option<&Old> {
        self.old.iter().find(|old| old.module == module && old.name.as_ref().is_none_or(|old| old == name))
    }

    /// The symbol that an old path leads to: the one told, or the one of that name, or for an old name the first.
    pub(super) fn symbol_of(&self, old: &Old, name: &str) -> Option<&Symbol> {
        let wanted = old.symbol.as_deref().unwrap_or(name);
        let first = self.symbols.first().filter(|_| old.name.is_some() && old.symbol.is_none());
        self.symbols.iter().find(|symbol| symbol.name == wanted).or(first)
    }
}

pub(super) fn door<'a>(context: &Context, rule: RuleRef, spec: &'a Canonical) -> Door<'a> {
    let module = context.graph.importable(&spec.path.text);
    let mut names: Vec<String> = Vec::new();
    for symbol in &spec.symbols {
        match module {
            Some(module) if symbol.text == "*" => names.extend(context.star_names(module)),
            _ if symbol.text == "*" => {}
            _ => names.push(symbol.text.clone()),
        }
    }
    let symbols = names
        .into_iter()
        .map(|name| {
            let definition = module.and_then(|module| context.graph.definition(module, &name));
            let hops = module.map_or_else(Vec::new, |module| context.graph.hops(module, &name));
            let mut insiders = vec![package_of(&spec.path.text).to_owned()];
            if let Some(module) = definition.as_ref().and_then(Definition::module) {
                insiders.push(package_of(&context.graph.module(module).name).to_owned());
            }
            // What the project does not define itself is nobody's to have a door for elsewhere.
            let definition = definition.filter(|d| !matches!(d, Definition::External(_)));
            Symbol { name, definition, hops, insiders }
        })
        .collect();
    let within = (!spec.within.is_empty()).then(|| context.modules_of(&spec.within));
    let line = if rule.kind == "doors" { spec.path.line } else { rule.line.unwrap_or(spec.path.line) };
    let old = old_paths(context, spec);
    Door { spec, line, module, within, symbols, old }
}

/// What `retired` names, and what `[moved]` says has become this door or one of its symbols.
fn old_paths(context: &Context, spec: &Canonical) -> Vec<Old> {
    let path = &spec.path.text;
    let retired = spec.retired.iter().map(|old| Old {
        module: old.module.clone(),
        name: old.symbol.clone(),
        symbol: None,
        moved: None,
        until: None,
    });
    let lines = context.registry.entries.iter().flat_map(|entry| entry.kind.moved());
    let moved = lines.filter_map(|line| {
        let (moved, until) = (Some(line.from.item.line), line.until);
        match (&line.from.symbol, &line.to.symbol) {
            (Some(_), Some(new)) if line.to.module == *path => Some(Old {
                module: line.from.module.clone(),
                name: line.from.symbol.clone(),
                symbol: Some(new.clone()),
                moved,
                until,
            }),
            (None, None) if is_within(path, &line.to.module) => Some(Old {
                module: format!("{}{}", line.from.module, &path[line.to.module.len()..]),
                name: None,
                symbol: None,
                moved,
                until,
            }),
            _ => None,
        }
    });
    retired.chain(moved).collect()
}

/// The package whose members count as inside: the parent, unless that is a whole top-level package.
fn package_of(module: &str) -> &str {
    parent(module).filter(|package| parent(package).is_some()).unwrap_or(module)
}
