//! The module graph as plain data, for formats that draw it. Knows no rule and no source text.

use crate::facts::ImportKind;
use crate::source::Language;

/// Who imports whom, and which imports the findings are about.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GraphData {
    /// All modules, sorted by name, then path.
    pub modules: Vec<GraphModule>,
    /// First-party imports, sorted by (importer, imported, line, name).
    pub imports: Vec<GraphImport>,
    /// Containers whose children the registry puts in an order.
    pub orders: Vec<LayerOrder>,
}

impl GraphData {
    /// Leaves these modules, by index, and of the imports between them these.
    pub fn retain(&mut self, module: impl Fn(u32) -> bool, import: impl Fn(&GraphImport) -> bool) {
        let mut next = 0..;
        let count = self.modules.len() as u32;
        let now: Vec<Option<u32>> =
            (0..count).map(|at| if module(at) { next.next() } else { None }).collect();
        let mut kept = now.iter().map(Option::is_some);
        self.modules.retain(|_| kept.next().unwrap_or_default());
        self.imports.retain_mut(|one| {
            let ends = now[one.importer as usize].zip(now[one.imported as usize]);
            let ends = ends.filter(|_| import(one));
            (one.importer, one.imported) = ends.unwrap_or_default();
            ends.is_some()
        });
    }
}

/// A module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GraphModule {
    /// `a.b.c`, or `a::b::c` in Rust.
    pub name: String,
    /// Its file, relative to the project root.
    pub path: String,
    /// Its package, as [`Summary::by_package`](super::Summary::by_package) names it.
    pub package: String,
    /// Its scope.
    pub scope: String,
    /// Its language.
    pub language: Language,
}

/// One imported name.
#[derive(Clone, Debug, PartialEq)]
pub struct GraphImport {
    /// Index of the importing module.
    pub importer: u32,
    /// Index of the imported module: in Python the one that is written, in Rust the one that defines.
    pub imported: u32,
    /// 1-based line in the importer's file.
    pub line: u32,
    /// The name that is imported of the module; empty where it is the module itself.
    pub name: String,
    /// Its kinds.
    pub kind: ImportKind,
    /// Another file than the importer's own where it stands: a stub, a manifest.
    pub path: Option<String>,
    /// Indices of the findings about it, into [`Report::findings`](super::Report::findings).
    pub findings: Vec<u32>,
}

/// The order that an entry gives to the children of one container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayerOrder {
    /// The entry's id.
    pub rule: String,
    /// The container's name; empty where the layers are top-level.
    pub container: String,
    /// The language of what is ordered.
    pub language: Language,
    /// Whole names of modules, the highest layer first.
    pub layers: Vec<Vec<String>>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{Also, When};

    #[test]
    fn what_is_left_is_numbered_anew() {
        let module = |name: &str| GraphModule {
            name: name.to_owned(),
            path: format!("{name}.py"),
            package: name.to_owned(),
            scope: "production".to_owned(),
            language: Language::Python,
        };
        let import = |importer, imported, line| GraphImport {
            importer,
            imported,
            line,
            name: String::new(),
            kind: ImportKind { when: When::Eager, also: Also::empty() },
            path: None,
            findings: Vec::new(),
        };
        let mut graph = GraphData {
            modules: ["a", "b", "c"].map(module).to_vec(),
            imports: vec![import(0, 1, 1), import(0, 2, 2), import(2, 0, 3), import(2, 0, 4)],
            orders: Vec::new(),
        };
        graph.retain(|at| at != 1, |import| import.line != 4);
        let names: Vec<&str> = graph.modules.iter().map(|module| module.name.as_str()).collect();
        assert_eq!(names, ["a", "c"]);
        assert_eq!(graph.imports, [import(0, 1, 2), import(1, 0, 3)]);
    }
}
