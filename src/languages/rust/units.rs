//! From resolved modules to what the graph takes in: one unit for each module and file it is written in, those of its
//! lines that are there for tests apart from the others.

use compact_str::CompactString;
use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::files::Files;
use super::manifest::{DependencyKind, Extern, Package, Target, TargetKind, externs};
use super::modules::{Module, Reached, tree};
use super::resolve::{Crate, Definition, Exports, Named, Outcome, Resolver};
use super::text::{Form, Sort, Spaces, Visibility};
use crate::facts::{Also, Binding, Bound, Certainty, Facts, Import, ImportKind, When};
use crate::languages::comments;
use crate::source::RelPath;

/// The class of a module, by what is built of it; None where only its path tells.
pub type Class = Option<&'static str>;

/// What one file says of one module.
#[derive(Debug)]
pub struct Unit {
    /// The file.
    pub path: String,
    /// The module, by index into [`Units::modules`].
    pub module: u32,
    /// Which of the module's pieces it is; 0 is the one that declares it.
    pub piece: u32,
    /// Its scope, where Rust itself tells.
    pub class: Class,
    /// The imports and names.
    pub facts: Facts,
    /// What each import names.
    pub named: Vec<Named>,
}

/// A module by its name.
#[derive(Debug)]
pub struct ModuleName {
    /// `krate::a::b`.
    pub name: String,
    /// The file that it is written in.
    pub path: String,
    /// The module it lies in.
    pub parent: Option<u32>,
    /// The package's name as code has it.
    pub package: String,
    /// Its target, by index into [`Units::preludes`].
    pub target: u32,
    /// Whether it stands under a cfg other than that of tests.
    pub conditional: bool,
}

/// What the code of one target calls other crates.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Prelude {
    /// Its edition.
    pub edition: u16,
    /// The other crates, each by the name that code has for it.
    pub others: Vec<Other>,
}

/// Another crate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Other {
    /// As code names it.
    pub name: String,
    /// The name of its root module; of one outside the tree again what code says.
    pub library: String,
    /// Whether it is there whenever the target is built: not for tests alone, nor under a cfg or a feature.
    pub always: bool,
}

/// All that the graph takes in.
#[derive(Debug, Default)]
pub struct Units {
    /// The modules of all targets.
    pub modules: Vec<ModuleName>,
    /// What each module shows.
    pub exports: Vec<Exports>,
    /// By target.
    pub preludes: Vec<Prelude>,
    /// Sorted by path, then module, production first. What is the file's (waivers) lies in the first one of each file.
    pub units: Vec<Unit>,
}

/// Reads all targets of the packages that are built.
pub(super) fn units(
    packages: &[Package],
    manifests: &[(&RelPath, &str)],
    files: &Files,
    reached: &Reached,
) -> Units {
    let mut modules: Vec<Module> = Vec::new();
    let mut crates: Vec<Crate> = Vec::new();
    let mut owners: Vec<(usize, &Target)> = Vec::new();
    let mut library_roots: FxHashMap<usize, u32> = FxHashMap::default();
    let libraries: Vec<String> =
        packages.iter().filter_map(|package| Some(package.library()?.crate_name())).collect();
    for (at, package) in packages.iter().enumerate().filter(|(_, package)| package.is_built) {
        for target in &package.targets {
            let root = modules.len() as u32;
            let name = shown_name(package, target, &libraries);
            tree(&target.root, &name, crates.len() as u32, files, reached, &mut modules);
            if modules.len() as u32 == root {
                continue;
            }
            if target.kind == TargetKind::Lib {
                library_roots.insert(at, root);
            }
            crates.push(Crate { root, edition: package.edition, externs: FxHashMap::default() });
            owners.push((at, target));
        }
    }
    for (one, (package, target)) in crates.iter_mut().zip(&owners) {
        one.externs.extend(super::manifest::SYSROOT.iter().map(|name| ((*name).to_owned(), None)));
        for (name, leads) in externs(packages, *package, target) {
            let root = match leads {
                Extern::Member(member) => library_roots.get(&member).copied(),
                Extern::External => None,
            };
            one.externs.insert(name.to_owned(), root);
        }
    }
    let resolver = Resolver::new(&modules, &crates);
    let numbers: Vec<u32> = (0..modules.len() as u32).collect();
    let mut units: Vec<Unit> = numbers
        .par_iter()
        .flat_map_iter(|at| {
            let (_, target) = owners[modules[*at as usize].target as usize];
            units_of(&resolver, &modules, *at, target.kind)
        })
        .collect();
    let exports = resolver.exports();
    let names = modules
        .iter()
        .map(|module| ModuleName {
            name: module.name.clone(),
            path: module.pieces.first().map_or_else(String::new, |piece| piece.path.to_owned()),
            parent: module.parent,
            package: packages[owners[module.target as usize].0].name.replace('-', "_"),
            target: module.target,
            conditional: module.conditional,
        })
        .collect();
    let preludes = crates
        .iter()
        .zip(&owners)
        .map(|(one, (package, target))| prelude(one, &packages[*package], target, &modules))
        .collect();
    for (at, package) in packages.iter().enumerate().filter(|(_, package)| package.is_built) {
        let own = || crates.iter().zip(&owners).filter(|(_, (owner, _))| *owner == at);
        let of_kind =
            |kind| own().filter(move |(_, (_, target))| target.kind == kind).map(|(one, _)| one.root);
        let mut binaries = of_kind(TargetKind::Bin);
        // Which of several binaries a dependency is for only their code tells.
        let only_binary = || binaries.next().filter(|_| binaries.next().is_none());
        if let Some(root) = of_kind(TargetKind::Lib).next().or_else(only_binary) {
            units.extend(manifest_units(package, root, &library_roots, &modules));
        }
    }
    give_waivers(&mut units, manifests, reached);
    Units { modules: names, exports, preludes, units }
}

fn prelude(one: &Crate, package: &Package, target: &Target, modules: &[Module]) -> Prelude {
    let when = if target.kind == TargetKind::Build { DependencyKind::Build } else { DependencyKind::Normal };
    let is_own = |name: &str| package.library().is_some_and(|library| library.name == name);
    let is_dependency = |name: &str| {
        let mut named = package.dependencies.iter().filter(|dependency| dependency.name == name);
        named.any(|dependency| dependency.when == when && !dependency.optional && dependency.cfg.is_none())
    };
    let has_dev = matches!(target.kind, TargetKind::Test | TargetKind::Bench | TargetKind::Example);
    let mut others: Vec<Other> = one
        .externs
        .iter()
        .map(|(name, root)| Other {
            name: name.clone(),
            library: root.map_or_else(|| name.clone(), |root| modules[root as usize].name.clone()),
            always: has_dev || matches!(name.as_str(), "std" | "core") || is_own(name) || is_dependency(name),
        })
        .collect();
    // Of several names for one crate the first that is always there.
    others.sort_by(|a, b| (&a.library, !a.always, &a.name).cmp(&(&b.library, !b.always, &b.name)));
    Prelude { edition: one.edition, others }
}

/// A target's name: a binary that bears a library's name, and what nothing can import, say what they are.
fn shown_name(package: &Package, target: &Target, libraries: &[String]) -> String {
    let name = target.crate_name();
    match target.kind {
        TargetKind::Bin if libraries.contains(&name) => format!("bin:{name}"),
        TargetKind::Lib | TargetKind::Bin => name,
        TargetKind::Test => format!("test:{name}"),
        TargetKind::Bench => format!("bench:{name}"),
        TargetKind::Example => format!("example:{name}"),
        TargetKind::Build => format!("build:{}", package.name.replace('-', "_")),
    }
}

fn class_of(kind: TargetKind, test: bool) -> Class {
    match kind {
        TargetKind::Test => Some("test"),
        _ if test => Some("test"),
        TargetKind::Bench => Some("bench"),
        TargetKind::Example => Some("example"),
        TargetKind::Build => Some("tooling"),
        TargetKind::Lib | TargetKind::Bin => None,
    }
}

/// The units of one module: what each of its pieces says, with what is there for tests alone apart.
fn units_of(resolver: &Resolver, modules: &[Module], at: u32, kind: TargetKind) -> Vec<Unit> {
    let module = &modules[at as usize];
    let mut named: FxHashMap<(u32, u32), Named> =
        resolver.named(at).into_iter().map(|(piece, mention, named)| ((piece, mention), named)).collect();
    let mut units = Vec::new();
    for (p, piece) in module.pieces.iter().enumerate() {
        let part = &piece.text.parts[piece.part as usize];
        for test in [false, true] {
            let mut unit = Unit {
                path: piece.path.to_owned(),
                module: at,
                class: class_of(kind, test || module.test),
                facts: Facts::default(),
                named: Vec::new(),
                piece: p as u32,
            };
            let facts = &mut unit.facts;
            let apart = |is_for_tests: bool| !module.test && is_for_tests != test;
            for (m, mention) in part.mentions.iter().enumerate() {
                if apart(mention.test) {
                    continue;
                }
                let Some(named) = named.remove(&(p as u32, m as u32)) else { continue };
                let import = cut(&mention.import, named.relative);
                if matches!(mention.form, Form::Use { .. } | Form::ExternCrate { .. })
                    && mention.block.is_none()
                {
                    facts.bindings.extend(binding_of_import(&import, facts.imports.len() as u32));
                }
                facts.imports.push(import);
                unit.named.push(named);
            }
            for item in part.items.iter().filter(|item| item.block.is_none() && !apart(item.test)) {
                if item.visibility == Visibility::Private && !item.exported {
                    facts.private.push(item.name.clone());
                }
                facts.bindings.push(Binding {
                    name: item.name.clone(),
                    bound: match item.sort {
                        Sort::Type => Bound::Class,
                        Sort::Function | Sort::Macro => Bound::Function,
                        Sort::Value => Bound::Value,
                    },
                    certainty: Certainty::Always,
                    span: item.span,
                    line: item.line,
                });
            }
            let is_empty = facts.imports.is_empty() && facts.bindings.is_empty();
            if test && (module.test || is_empty) {
                continue;
            }
            facts.bindings.sort_by(|a, b| (&a.name, a.span.start).cmp(&(&b.name, b.span.start)));
            if p == 0 && !test {
                let private = |child: u32| modules[child as usize].visibility == Visibility::Private;
                let children = module.children.iter().filter(|(_, child)| private(*child));
                facts.private.extend(children.map(|(name, _)| name.clone()));
            }
            facts.private.sort_unstable();
            facts.private.dedup();
            facts.problems.extend(piece.text.problem.clone());
            units.push(unit);
        }
    }
    units
}

/// An import as rules see it: the path up to the item, without what is relative to its type.
fn cut(import: &Import, relative: u32) -> Import {
    let mut import = import.clone();
    for _ in 0..relative {
        let (rest, last) = match import.module.rsplit_once("::") {
            Some((rest, last)) => (CompactString::from(rest), CompactString::from(last)),
            None => (CompactString::default(), import.module.clone()),
        };
        import.module = rest;
        import.name = Some(last);
    }
    import
}

fn binding_of_import(import: &Import, at: u32) -> Option<Binding> {
    let name = import.alias.as_ref().or(import.name.as_ref())?;
    let is_name = name != "*" && name != "_";
    is_name.then(|| Binding {
        name: name.clone(),
        bound: Bound::Import(at),
        certainty: Certainty::Always,
        span: import.span,
        line: import.line,
    })
}

/// What a manifest says: its package's code may import these members, so that it depends on them.
fn manifest_units(
    package: &Package,
    root: u32,
    library_roots: &FxHashMap<usize, u32>,
    modules: &[Module],
) -> Vec<Unit> {
    let mut units = Vec::new();
    for (kind, class) in [
        (DependencyKind::Normal, None),
        (DependencyKind::Dev, Some("test")),
        (DependencyKind::Build, Some("tooling")),
    ] {
        let mut unit = Unit {
            path: package.manifest.clone(),
            module: root,
            class,
            facts: Facts::default(),
            named: Vec::new(),
            piece: u32::MAX,
        };
        for dependency in package.dependencies.iter().filter(|dependency| dependency.when == kind) {
            let Some(member) = dependency.member.and_then(|member| library_roots.get(&member)) else {
                continue;
            };
            let target = modules[*member as usize].name.clone();
            let conditional = dependency.optional || dependency.cfg.is_some();
            unit.facts.imports.push(Import {
                level: 0,
                module: CompactString::default(),
                name: Some(target.as_str().into()),
                alias: None,
                kind: ImportKind {
                    when: When::Eager,
                    also: if conditional { Also::CONDITIONAL } else { Also::empty() },
                },
                span: dependency.span,
                statement: dependency.span,
                line: dependency.line,
                statement_line: dependency.line,
                statement_end_line: dependency.line,
                module_level: true,
            });
            unit.named.push(Named {
                target,
                door: Some(*member),
                outcome: Outcome::Module,
                definition: Some(Definition::Module(*member)),
                others: Vec::new(),
                through: Vec::new(),
                relative: 0,
                spaces: Spaces::empty(),
                hidden: false,
            });
        }
        if !unit.named.is_empty() {
            units.push(unit);
        }
    }
    units
}

/// Lays each file's waivers into its first unit.
fn give_waivers(units: &mut [Unit], manifests: &[(&RelPath, &str)], reached: &Reached) {
    units.sort_by(|a, b| (&a.path, a.module, a.class, a.piece).cmp(&(&b.path, b.module, b.class, b.piece)));
    for same_file in units.chunk_by_mut(|a, b| a.path == b.path) {
        let path = same_file[0].path.as_str();
        let manifest = || manifests.iter().find(|(manifest, _)| manifest.as_str() == path);
        same_file[0].facts.waivers = match reached.files.get(path) {
            Some(file) => file.text.waivers.clone(),
            None => manifest().map_or_else(Vec::new, |(_, text)| comments::of_toml(text)),
        };
    }
}
