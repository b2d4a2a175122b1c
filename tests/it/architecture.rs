//! The order of the modules, held by a test until the program reads Rust and can judge itself.
//!
//! Every path to another module of this crate outside `#[cfg(test)]` is collected from the syntax trees of `src/`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use syn::visit::{self, Visit};

/// Top-level modules from the lowest step to the highest; a module imports from lower steps only.
const STEPS: &[&[&str]] = &[
    &["source", "module_path", "hash"],
    &["facts", "violation"],
    &["registry", "languages", "cache", "waivers", "baseline", "fix", "report"],
    &["discover", "git", "graph", "formats", "entries"],
    &["startup"],
    &["rules"],
    &["check"],
    &["lsp"],
    &["commands"],
    &["main"],
];

/// Imports within one step: (importer, imported, why).
const WITHIN_A_STEP: &[(&str, &str, &str)] = &[
    ("violation", "facts", "a finding quotes the import's kinds and the dates that facts define"),
    ("discover", "git", "the index and other trees are listed and read by git's plumbing"),
];

/// Folders whose files do not import each other; what they share lies in `mod.rs` or in one of [`SHARED`].
const SIBLINGS_APART: &[&str] = &["rules", "formats", "commands", "languages"];

/// Files that all of their folder may import.
const SHARED: &[&str] = &["context", "suggest", "members", "chains", "comments"];

/// The modules that may touch the disk.
const DISK: &[&str] = &["discover", "cache", "baseline", "fix", "registry::load", "commands"];

#[test]
fn modules_import_in_one_direction() {
    let code = Code::read();
    let mut wrong = BTreeSet::new();
    let mut used = BTreeSet::new();
    for path in &code.paths {
        let (Some(from), Some(to)) = (path.importer.first(), path.target.first()) else { continue };
        if from == to {
            continue;
        }
        let (Some(low), Some(high)) = (step(to), step(from)) else { continue };
        if low < high {
            continue;
        }
        let allowed = WITHIN_A_STEP.iter().find(|(a, b, _)| from == a && to == b && low == high);
        match allowed {
            Some(entry) => drop(used.insert(entry)),
            None => drop(
                wrong.insert(format!("{}: `{from}` (step {high}) imports `{to}` (step {low})", path.file)),
            ),
        }
    }
    assert!(
        wrong.is_empty(),
        "against the one direction of ARCHITECTURE.md; move the code, or, within one step, add a line with a reason \
         to WITHIN_A_STEP:\n{wrong:#?}"
    );
    let exists = |module: &str| code.modules.contains([module.to_owned()].as_slice());
    let needed = |entry: &(&str, &str, &str)| used.contains(entry) || !exists(entry.0) || !exists(entry.1);
    let stale: Vec<_> = WITHIN_A_STEP.iter().filter(|entry| !needed(entry)).collect();
    assert!(stale.is_empty(), "lines of WITHIN_A_STEP that nothing needs: {stale:#?}");
}

#[test]
fn every_module_has_its_step() {
    let code = Code::read();
    let unplaced: BTreeSet<&str> = code
        .modules
        .iter()
        .filter_map(|module| module.first())
        .map(String::as_str)
        .filter(|m| step(m).is_none())
        .collect();
    assert!(
        unplaced.is_empty(),
        "new top-level modules {unplaced:?}: place each in STEPS of tests/it/architecture.rs, one step above what it \
         imports, and in ARCHITECTURE.md under \"One direction\""
    );
}

#[test]
fn siblings_do_not_import_each_other() {
    let code = Code::read();
    let mut wrong = BTreeSet::new();
    for path in &code.paths {
        let ([folder, from, ..], [same, to, ..]) = (path.importer.as_slice(), path.target.as_slice()) else {
            continue;
        };
        let is_module = code.modules.contains(&path.target[..2]);
        if folder == same
            && SIBLINGS_APART.contains(&folder.as_str())
            && from != to
            && !SHARED.contains(&to.as_str())
            && is_module
        {
            wrong.insert(format!("{}: `{folder}::{from}` imports `{folder}::{to}`", path.file));
        }
    }
    assert!(
        wrong.is_empty(),
        "what siblings share belongs into the folder's mod.rs or one of {SHARED:?}:\n{wrong:#?}"
    );
}

#[test]
fn only_few_modules_touch_the_disk() {
    let code = Code::read();
    let wrong: BTreeSet<&str> = code
        .disk
        .iter()
        .filter(|(_, importer)| {
            let name = importer.join("::");
            !DISK
                .iter()
                .any(|may| name == *may || name.strip_prefix(may).is_some_and(|rest| rest.starts_with("::")))
        })
        .map(|(file, _)| file.as_str())
        .collect();
    assert!(wrong.is_empty(), "`std::fs` belongs into {DISK:?}, but is used in {wrong:#?}");
}

/// The collector itself: what it must see, and what it must not.
#[test]
fn paths_are_collected_from_uses_expressions_and_macros() {
    let mut code = Code::default();
    let text = r"
        use crate::{facts, source::{self as s, Span}};
        use super::super::graph::Graph;
        use std::{fs, io};
        fn f() -> importlaw::report::Report { self::g(); matches!(1, crate::check::N) }
        #[cfg(test)] mod tests { use crate::main::X; }
        #[cfg(test)] mod long_tests;
        mod inner { use super::g; use serde::Serialize; }
    ";
    code.collect("src/rules/one.rs", &["rules".into(), "one".into()], &syn::parse_file(text).unwrap());
    let targets: BTreeSet<String> = code.paths.iter().map(|path| path.target.join("::")).collect();
    let expected =
        ["check::N", "facts", "graph::Graph", "report::Report", "rules::one::g", "source", "source::Span"];
    assert_eq!(targets, expected.map(str::to_owned).into());
    assert_eq!(code.disk.len(), 1);
    assert_eq!(
        code.tests,
        BTreeSet::from([vec!["rules".to_owned(), "one".to_owned(), "long_tests".to_owned()]])
    );
}

/// The step of a top-level module.
fn step(module: &str) -> Option<usize> {
    STEPS.iter().position(|step| step.contains(&module))
}

/// A module's path below the crate: `[rules, forbidden]`.
type Module = Vec<String>;

/// What the syntax trees say.
#[derive(Default)]
struct Code {
    modules: BTreeSet<Module>,
    paths: Vec<ModulePath>,
    disk: BTreeSet<(String, Module)>,
    /// Modules of their own files that are declared under `#[cfg(test)]`.
    tests: BTreeSet<Module>,
}

/// One path to a module or item of this crate.
struct ModulePath {
    file: String,
    importer: Module,
    target: Module,
}

impl Code {
    /// Reads all of `src/`.
    fn read() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut code = Self::default();
        let mut by_module = BTreeMap::new();
        for entry in walkdir::WalkDir::new(root.join("src")).sort_by_file_name() {
            let entry = entry.unwrap();
            let path = entry.path().strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
            let Some(module) = path.strip_prefix("src/").and_then(|path| path.strip_suffix(".rs")) else {
                continue;
            };
            let module = module.strip_suffix("/mod").unwrap_or(module);
            let module: Module = match module {
                "lib" => continue,
                other => other.split('/').map(str::to_owned).collect(),
            };
            by_module.insert(module, path);
        }
        for (module, path) in &by_module {
            let text = std::fs::read_to_string(root.join(path)).unwrap();
            code.collect(path, module, &syn::parse_file(&text).unwrap());
        }
        let tests = std::mem::take(&mut code.tests);
        let is_test = |module: &Module| tests.iter().any(|test| module.starts_with(test));
        code.paths.retain(|path| !is_test(&path.importer));
        code.disk.retain(|(_, importer)| !is_test(importer));
        code.modules = by_module.into_keys().filter(|module| !is_test(module)).collect();
        assert!(code.modules.len() > 5 && code.paths.len() > 5, "src/ was not read");
        code
    }

    fn collect(&mut self, file: &str, module: &[String], tree: &syn::File) {
        Collector { code: self, file, module: module.to_vec() }.visit_file(tree);
    }
}

struct Collector<'a> {
    code: &'a mut Code,
    file: &'a str,
    module: Module,
}

impl Collector<'_> {
    /// Records a path as written, if it leads into this crate or to the disk.
    fn record(&mut self, segments: &[String]) {
        let Some((first, mut rest)) = segments.split_first() else { return };
        let mut target = match first.as_str() {
            "crate" | "importlaw" => Module::new(),
            "self" => self.module.clone(),
            "super" => self.module[..self.module.len() - 1].to_vec(),
            "std" if rest.first().is_some_and(|next| next == "fs") => {
                self.code.disk.insert((self.file.to_owned(), self.module.clone()));
                return;
            }
            _ => return,
        };
        while let Some(("super", after)) = rest.split_first().map(|(next, after)| (next.as_str(), after)) {
            target.pop();
            rest = after;
        }
        target.extend(rest.iter().filter(|segment| *segment != "self").cloned());
        let (file, importer) = (self.file.to_owned(), self.module.clone());
        self.code.paths.push(ModulePath { file, importer, target });
    }

    fn record_use(&mut self, tree: &syn::UseTree, before: &mut Vec<String>) {
        let last = match tree {
            syn::UseTree::Path(path) => {
                before.push(path.ident.to_string());
                self.record_use(&path.tree, before);
                before.pop();
                return;
            }
            syn::UseTree::Group(group) => {
                group.items.iter().for_each(|item| self.record_use(item, before));
                return;
            }
            syn::UseTree::Name(name) => Some(name.ident.to_string()),
            syn::UseTree::Rename(rename) => Some(rename.ident.to_string()),
            syn::UseTree::Glob(_) => None,
        };
        let segments: Vec<String> = before.iter().cloned().chain(last).collect();
        self.record(&segments);
    }
}

/// Whether an attribute is `#[cfg(test)]`.
fn is_test(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute.parse_args::<syn::Path>().is_ok_and(|path| path.is_ident("test"))
    })
}

impl Visit<'_> for Collector<'_> {
    fn visit_item(&mut self, item: &syn::Item) {
        let attributes = match item {
            syn::Item::Fn(item) => &item.attrs,
            syn::Item::Impl(item) => &item.attrs,
            syn::Item::Mod(item) => &item.attrs,
            syn::Item::Use(item) => &item.attrs,
            _ => return visit::visit_item(self, item),
        };
        if !is_test(attributes) {
            visit::visit_item(self, item);
        } else if let syn::Item::Mod(syn::ItemMod { ident, content: None, .. }) = item {
            let module = self.module.iter().cloned().chain([ident.to_string()]).collect();
            self.code.tests.insert(module);
        }
    }

    fn visit_item_mod(&mut self, item: &syn::ItemMod) {
        self.module.push(item.ident.to_string());
        visit::visit_item_mod(self, item);
        self.module.pop();
    }

    fn visit_item_use(&mut self, item: &syn::ItemUse) {
        self.record_use(&item.tree, &mut Vec::new());
    }

    fn visit_path(&mut self, path: &syn::Path) {
        let segments: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        if segments.len() > 1 {
            self.record(&segments);
        }
        visit::visit_path(self, path);
    }

    /// The arguments of a macro are only tokens: paths are found by their spelling.
    fn visit_macro(&mut self, mac: &syn::Macro) {
        let text: String = mac.tokens.to_string().split_whitespace().collect();
        for start in ["crate::", "std::fs::"] {
            for (at, _) in text.match_indices(start) {
                let path = text[at..].split(|c: char| !c.is_alphanumeric() && c != '_' && c != ':').next();
                let segments: Vec<String> = path.unwrap_or("").split("::").map(str::to_owned).collect();
                self.record(&segments);
            }
        }
        visit::visit_macro(self, mac);
    }
}
