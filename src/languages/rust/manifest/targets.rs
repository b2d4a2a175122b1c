//! The targets of a package: what its manifest writes, and what lies where Cargo looks.

use std::collections::BTreeSet;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Package, Target, TargetKind, flag, in_code, table, text, texts};
use crate::languages::rust::files::{Files, join};

/// Finds the targets of a package.
pub(super) struct Finder<'a> {
    /// As far as it is known without them.
    pub(super) package: Package,
    pub(super) table: &'a DeTable<'a>,
    /// Its `[package]`.
    pub(super) settings: &'a DeTable<'a>,
    pub(super) files: &'a Files<'a>,
}

impl Finder<'_> {
    /// The package with its targets.
    pub(super) fn find(mut self) -> Package {
        self.library();
        self.build_scripts();
        for kind in [TargetKind::Bin, TargetKind::Example, TargetKind::Test, TargetKind::Bench] {
            self.targets(kind);
        }
        self.package
    }

    fn library(&mut self) {
        let library = table(self.table, "lib");
        let said = |key: &str| text(library?, key);
        let name = in_code(said("name").unwrap_or(&self.package.name));
        if let Some(path) = said("path") {
            self.add(TargetKind::Lib, name, path);
        } else if library.is_some() || flag(self.settings, "autolib") != Some(false) {
            // Before `src/lib.rs` it was called like the library.
            let old = format!("src/{name}.rs");
            let path = if self.is_there("src/lib.rs") { "src/lib.rs" } else { &old };
            if self.is_there(path) && (path == "src/lib.rs" || library.is_some()) {
                self.add(TargetKind::Lib, name, path);
            }
        }
    }

    fn build_scripts(&mut self) {
        let settings = self.settings;
        match settings.get("build").map(Spanned::get_ref) {
            Some(DeValue::Boolean(false)) => {}
            None if !self.is_there("build.rs") => {}
            None | Some(DeValue::Boolean(true)) => self.build_script("build.rs"),
            Some(DeValue::String(path)) => self.build_script(path),
            Some(_) => texts(settings, "build").for_each(|path| self.build_script(path)),
        }
    }

    fn build_script(&mut self, path: &str) {
        let file = path.rsplit('/').next().unwrap_or(path);
        let name = format!("build-script-{}", file.strip_suffix(".rs").unwrap_or(file));
        self.add(TargetKind::Build, name, path);
    }

    /// What is written, and what lies where Cargo looks for that sort of target.
    fn targets(&mut self, kind: TargetKind) {
        let (key, auto, dir) = match kind {
            TargetKind::Bin => ("bin", "autobins", "src/bin"),
            TargetKind::Example => ("example", "autoexamples", "examples"),
            TargetKind::Test => ("test", "autotests", "tests"),
            TargetKind::Bench => ("bench", "autobenches", "benches"),
            TargetKind::Lib | TargetKind::Build => return,
        };
        let mut lying = self.lying(dir);
        if kind == TargetKind::Bin && self.is_there("src/main.rs") {
            lying.insert(0, (self.package.name.clone(), "src/main.rs".to_owned()));
        }
        let written = self.table.get(key).and_then(|list| list.get_ref().as_array());
        let mut taken = BTreeSet::new();
        let targets = written.into_iter().flat_map(|list| list.iter());
        for target in targets.filter_map(|target| target.get_ref().as_table()) {
            let said = |key: &str| text(target, key);
            let Some(name) = said("name") else { continue };
            let found = || lying.iter().find(|(lies, _)| lies == name).map(|(_, path)| path.clone());
            let path = said("path").map(str::to_owned).or_else(found);
            let path = path.unwrap_or_else(|| format!("{dir}/{name}.rs"));
            self.add(kind, name.to_owned(), &path);
            taken.extend([name.to_owned(), path]);
        }
        // In the first edition a list of targets was all of them.
        let by_default = self.package.edition > 2015 || written.is_none();
        if flag(self.settings, auto).unwrap_or(by_default) {
            for (name, path) in
                lying.iter().filter(|(name, path)| !taken.contains(name) && !taken.contains(path))
            {
                self.add(kind, name.clone(), path);
            }
        }
    }

    /// `dir/NAME.rs` and `dir/NAME/main.rs`, by name.
    fn lying(&self, dir: &str) -> Vec<(String, String)> {
        let Some(place) = join(self.package.dir(), dir) else { return Vec::new() };
        let found = self.files.below(&place).filter_map(|path| {
            let name = path.strip_suffix("/main.rs").or_else(|| path.strip_suffix(".rs"))?;
            (!name.contains('/')).then(|| (name.to_owned(), format!("{dir}/{path}")))
        });
        found.collect()
    }

    fn is_proc_macro(&self) -> bool {
        let Some(library) = table(self.table, "lib") else { return false };
        let by_key = flag(library, "proc-macro").or_else(|| flag(library, "proc_macro"));
        let mut types = texts(library, "crate-type").chain(texts(library, "crate_type"));
        by_key == Some(true) || types.any(|kind| kind == "proc-macro")
    }

    fn is_there(&self, path: &str) -> bool {
        join(self.package.dir(), path).is_some_and(|path| self.files.find(&path).is_some())
    }

    fn add(&mut self, kind: TargetKind, name: String, path: &str) {
        match join(self.package.dir(), path) {
            Some(root) if self.files.find(&root).is_some() => {
                let proc_macro = kind == TargetKind::Lib && self.is_proc_macro();
                self.package.targets.push(Target { kind, name, root, proc_macro });
            }
            _ => self.package.missing.push(path.to_owned()),
        }
    }
}
