//! What bears a name: modules, packages and symbols.
//!
//! A whole path that exists is meant alone; else everything whose path ends so; else whatever is written so, though
//! nothing of the project is there.

use std::collections::BTreeSet;

use compact_str::CompactString;
use rustc_hash::FxHashSet;

use super::Definition as Shown;
use crate::facts::Bound;
use crate::graph::exports::Definition;
use crate::graph::model::{Graph, ModuleId};
use crate::graph::paths::ModuleSet;
use crate::module_path::{components, parent, prefixes};
use crate::registry::values::{nearest, split_symbol};
use crate::rules::context::Context;
use crate::source::Language;

/// A name as it was asked for.
pub struct Name {
    /// As written.
    pub text: String,
    parts: Vec<String>,
    /// Written with `::`: no Python name is meant.
    rust_only: bool,
}

impl Name {
    /// Reads `C`, `a.b`, `a.b.C`, `a.b:C` or `a::b::C`; the error is one sentence.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (module, symbol) = split_symbol(text);
        let parts: Vec<String> = components(module).chain(symbol).map(str::to_owned).collect();
        let is_odd = |c: char| c.is_whitespace() || c.is_control() || "*/\\\"'`()[]{},;".contains(c);
        if parts.iter().any(|part| part.is_empty() || part.contains(is_odd)) {
            return Err(format!("`{text}` is not the name of a symbol, module or package"));
        }
        Ok(Self { text: text.to_owned(), rust_only: text.contains("::"), parts })
    }

    /// The last component.
    pub fn last(&self) -> &str {
        self.parts.last().map_or("", String::as_str)
    }

    /// All but the last component.
    fn above(&self) -> &[String] {
        &self.parts[..self.parts.len() - 1]
    }

    /// The name's own path within `path`: the prefix that ends with the name. `anchored`: which is the name.
    fn top<'p>(&self, path: &'p str, anchored: bool) -> Option<&'p str> {
        if !self.may_be(path) {
            return None;
        }
        if anchored {
            let own = prefixes(path).nth(self.parts.len() - 1)?;
            return components(own).eq(self.parts.iter().map(String::as_str)).then_some(own);
        }
        prefixes(path).find(|prefix| ends_with(prefix, &self.parts))
    }

    fn may_be(&self, path: &str) -> bool {
        !self.rust_only || !path.contains('.')
    }

    /// The byte ranges of a text that hold the name as whole words, joined by `.`, `::` or `/`.
    pub fn find_in(&self, text: &str) -> Vec<std::ops::Range<usize>> {
        let Some((first, rest)) = self.parts.split_first() else { return Vec::new() };
        let found = memchr::memmem::find_iter(text.as_bytes(), first.as_bytes()).filter_map(|start| {
            let mut end = start + first.len();
            for part in rest {
                let joint = ["::", ".", "/", ":"].into_iter().find(|joint| text[end..].starts_with(joint))?;
                end += joint.len();
                end += text[end..].starts_with(part.as_str()).then_some(part.len())?;
            }
            let is_whole = !text[..start].chars().next_back().is_some_and(is_word)
                && !text[end..].chars().next().is_some_and(is_word);
            is_whole.then_some(start..end)
        });
        found.collect()
    }
}

fn is_word(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

fn ends_with(path: &str, parts: &[String]) -> bool {
    let above = components(path).count().checked_sub(parts.len());
    above.is_some_and(|above| components(path).skip(above).eq(parts.iter().map(String::as_str)))
}

/// What bears the name.
pub(super) struct Subject<'a> {
    pub name: &'a Name,
    /// The modules that bear it, and what lies below them.
    pub modules: ModuleSet,
    /// The symbols that bear it.
    pub symbols: FxHashSet<Definition>,
    /// Paths of what else ends so.
    pub namesakes: Vec<String>,
    /// The paths that bear it: modules, or directories of modules.
    tops: BTreeSet<(String, Language)>,
    /// Whether a path bears the name only if it begins with it.
    anchored: bool,
}

impl<'a> Subject<'a> {
    /// Finds what is meant.
    pub fn find(context: &Context, name: &'a Name) -> Self {
        let graph = context.graph;
        let (exact_tops, loose_tops) = (tops(graph, name, true), tops(graph, name, false));
        let (exact_symbols, loose_symbols) = (symbols(graph, name, true), symbols(graph, name, false));
        let is_exact = !exact_tops.is_empty() || !exact_symbols.is_empty();
        let path = |definition: &Definition| graph.definition_path(definition);
        let mut namesakes = BTreeSet::new();
        if is_exact {
            let others = loose_tops.difference(&exact_tops).map(|(name, _)| name.clone());
            namesakes.extend(others.chain(loose_symbols.difference(&exact_symbols).map(path)));
        }
        let (tops, symbols) =
            if is_exact { (exact_tops, exact_symbols) } else { (loose_tops, loose_symbols) };
        let anchored = is_exact
            || tops.is_empty()
                && symbols.is_empty()
                && graph.rows.iter().any(|row| name.top(&row.target, true).is_some());
        let mut modules = ModuleSet::new(graph.modules.len());
        for id in graph.module_ids().filter(|id| name.top(&graph.module(*id).name, anchored).is_some()) {
            modules.insert(id);
        }
        Self { name, modules, symbols, namesakes: namesakes.into_iter().collect(), tops, anchored }
    }

    /// Whether a written path names it, or something below it.
    pub fn is_named_by(&self, path: &str) -> bool {
        self.name.top(path, self.anchored).is_some()
    }

    /// What bears the name, by its path.
    pub fn definitions(&self, context: &Context) -> Vec<Shown> {
        let graph = context.graph;
        let mut shown: BTreeSet<Shown> = BTreeSet::new();
        for (name, language) in &self.tops {
            let modules = graph.below(name, *language).len();
            let own = graph.named(name).map(|at| ModuleId(at as u32));
            let own: Vec<ModuleId> =
                own.filter(|id| graph.module(*id).language == *language && !graph.is_twin(*id)).collect();
            let crate_root = *language == Language::Rust && parent(name).is_none();
            for id in &own {
                let module = graph.module(*id);
                shown.insert(Shown {
                    name: name.clone(),
                    kind: match (crate_root, module.package) {
                        (true, _) => "crate",
                        (false, true) if *language == Language::Python => "package",
                        _ => "module",
                    },
                    path: Some(module.path.clone()),
                    line: None,
                    scope: Some(context.scope(*id).to_owned()),
                    language: Some(language.name()),
                    modules,
                });
            }
            if own.is_empty() {
                shown.insert(Shown {
                    name: name.clone(),
                    kind: "directory",
                    path: None,
                    line: None,
                    scope: None,
                    language: Some(language.name()),
                    modules,
                });
            }
        }
        shown.extend(self.symbols.iter().map(|definition| symbol(context, definition)));
        shown.into_iter().collect()
    }
}

fn symbol(context: &Context, definition: &Definition) -> Shown {
    let graph = context.graph;
    let mut shown = Shown {
        name: graph.definition_path(definition),
        kind: "value",
        path: None,
        line: None,
        scope: None,
        language: None,
        modules: 0,
    };
    match definition {
        Definition::External(_) => shown.kind = "external",
        Definition::Module(id) => {
            let module = graph.module(*id);
            shown.kind = "module";
            shown.path = Some(module.path.clone());
            shown.scope = Some(context.scope(*id).to_owned());
            shown.language = Some(module.language.name());
        }
        Definition::Symbol { module: id, name, .. } => {
            let module = graph.module(*id);
            let bindings = graph.files_of(*id).flat_map(|file| {
                let bindings = graph.facts[file.index()].bindings_of(name).iter();
                bindings.map(move |binding| (file, binding))
            });
            let rank = |bound: &Bound| match bound {
                Bound::Class | Bound::Function => 0,
                Bound::Value | Bound::Alias(_) => 1,
                Bound::Import(_) => 2,
            };
            let found = bindings.min_by_key(|(_, binding)| rank(&binding.bound));
            shown.path = Some(found.map_or(&*module.path, |(file, _)| graph.path_of_file(file)).to_owned());
            shown.line = found.map(|(_, binding)| binding.line);
            shown.kind = match found.map(|(_, binding)| &binding.bound) {
                Some(Bound::Class) if module.language == Language::Rust => "type",
                Some(Bound::Class) => "class",
                Some(Bound::Function) => "function",
                _ => "value",
            };
            shown.scope = Some(context.scope(*id).to_owned());
            shown.language = Some(module.language.name());
        }
    }
    shown
}

/// The paths of modules, or of directories of them, that bear the name.
fn tops(graph: &Graph, name: &Name, anchored: bool) -> BTreeSet<(String, Language)> {
    let modules = graph.modules.iter().filter(|module| module.is_importable() || !anchored);
    modules
        .filter_map(|module| Some((name.top(&module.name, anchored)?.to_owned(), module.language)))
        .collect()
}

/// The symbols that bear the name: under a whole path wherever they are defined, else where they are defined.
fn symbols(graph: &Graph, name: &Name, anchored: bool) -> FxHashSet<Definition> {
    let (above, last) = (name.above(), name.last());
    if anchored && above.is_empty() {
        return FxHashSet::default();
    }
    let modules = graph.module_ids().filter(|id| {
        let module = graph.module(*id);
        let parts = || above.iter().map(String::as_str);
        name.may_be(&module.name)
            && !graph.is_twin(*id)
            && if anchored { components(&module.name).eq(parts()) } else { ends_with(&module.name, above) }
    });
    let definitions =
        modules.filter(|id| shows(graph, *id, last)).filter_map(|id| graph.definition(id, last));
    let bears_it = |definition: &Definition| match definition {
        Definition::Symbol { name, .. } => anchored || name == last,
        Definition::Module(_) | Definition::External(_) => false,
    };
    definitions.filter(bears_it).collect()
}

/// Whether a module may show a name: of most, their bindings tell at once.
fn shows(graph: &Graph, id: ModuleId, name: &str) -> bool {
    graph.module(id).rust.is_some()
        || !graph.wildcards_of(id).is_empty()
        || graph.files_of(id).any(|file| !graph.facts[file.index()].bindings_of(name).is_empty())
}

/// The nearest name there is, of as many components.
pub fn nearest_name(context: &Context, name: &Name) -> Option<String> {
    let graph = context.graph;
    let mut known: BTreeSet<CompactString> = BTreeSet::new();
    for module in &graph.modules {
        if name.parts.len() > 1 {
            known.insert(module.name.as_str().into());
        } else {
            known.extend(components(&module.name).map(CompactString::from));
        }
    }
    if name.parts.len() == 1 {
        let bindings = graph.facts.iter().flat_map(|facts| &facts.bindings);
        known.extend(bindings.map(|binding| binding.name.clone()));
    }
    nearest(&name.text, known.iter().map(CompactString::as_str)).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_with_any_separator() {
        for (text, parts) in [
            ("C", &["C"][..]),
            ("a.b.C", &["a", "b", "C"]),
            ("a.b:C", &["a", "b", "C"]),
            ("a::b::C", &["a", "b", "C"]),
            ("bin:a::b", &["bin:a", "b"]),
        ] {
            assert_eq!(
                Name::parse(text).map(|name| name.parts),
                Ok(parts.iter().map(|&p| p.to_owned()).collect())
            );
        }
        for odd in ["", "a..b", "a b", "a/b.py", "*", "a.", "a.b()"] {
            assert!(Name::parse(odd).is_err(), "{odd}");
        }
    }

    #[test]
    fn a_path_bears_a_name_at_its_begin_or_anywhere() {
        for (name, path, exact, loose) in [
            ("a.b", "a.b", Some("a.b"), Some("a.b")),
            ("a.b", "a.b.c", Some("a.b"), Some("a.b")),
            ("a.b", "a::b::c", Some("a::b"), Some("a::b")),
            ("a::b", "a.b.c", None, None),
            ("b.c", "a.b.c.d", None, Some("a.b.c")),
            ("b", "a.bc", None, None),
            ("b", "bb.b", None, Some("bb.b")),
            ("a.b.c", "a.b", None, None),
        ] {
            let name = Name::parse(name).unwrap();
            assert_eq!((name.top(path, true), name.top(path, false)), (exact, loose), "{} {path}", name.text);
        }
    }

    #[test]
    fn texts_hold_whole_words() {
        for (name, text, held) in [
            ("auth", "auth, auth.x and x.auth; not oauth, auth_x or authé", &["auth", "auth", "auth"][..]),
            ("a.b", "a.b a::b a/b.py a:b a.bc xa.b a b", &["a.b", "a::b", "a/b", "a:b"]),
            ("C", "é.C «C» CC", &["C", "C"]),
        ] {
            let name = Name::parse(name).unwrap();
            let found: Vec<&str> = name.find_in(text).into_iter().map(|range| &text[range]).collect();
            assert_eq!(found, held, "{}", name.text);
        }
    }
}
