//! A set of files in the fewest patterns of the registry: whole packages by their name, else path globs.

use std::collections::BTreeMap;

use super::File;
use super::ignore::{Ignore, glob};
use crate::module_path::is_within;

/// How many files of one directory are named one by one, before a glob takes their place.
const SINGLE: usize = 3;

/// How many lines of `.dockerignore` are tried as they are written; each is compared with every file.
const LINES: usize = 200;

/// Patterns for the files that are `copied`; none where all are.
pub(super) fn ships(files: &[File], copied: &[bool]) -> Vec<String> {
    if copied.iter().all(|copied| *copied) { Vec::new() } else { patterns(files, copied, true) }
}

/// Path globs for what is `copied`, but taken away by `.dockerignore`: its own lines where they hold without exception.
pub(super) fn absent(files: &[File], copied: &[bool], ignore: &Ignore) -> Vec<String> {
    let paths: Vec<&str> = files.iter().map(|file| file.path).collect();
    let taken: Vec<bool> =
        ignore.taken(&paths).into_iter().zip(copied).map(|(taken, copied)| taken && *copied).collect();
    let mut left: Vec<usize> = (0..files.len()).filter(|at| taken[*at]).collect();
    let mut lines = Vec::new();
    for text in ignore.taking.iter().take(LINES) {
        if left.is_empty() {
            break;
        }
        let Some(globs) = glob(text) else { continue };
        let is_match = |at: &usize| globs.is_match(files[*at].path);
        let (takes, others): (Vec<usize>, Vec<usize>) = left.iter().partition(|at| is_match(at));
        if takes.is_empty() || (0..files.len()).any(|at| copied[at] && !taken[at] && is_match(&at)) {
            continue;
        }
        left = others;
        lines.push(format!("path:{text}"));
    }
    let mut rest = vec![false; files.len()];
    for at in left {
        rest[at] = true;
    }
    lines.extend(patterns(files, &rest, false));
    lines
}

/// What lies directly in a directory, and below it.
#[derive(Default)]
struct Dir<'a> {
    dirs: BTreeMap<&'a str, Dir<'a>>,
    files: Vec<usize>,
    total: usize,
    chosen: usize,
}

fn patterns(files: &[File], chosen: &[bool], by_name: bool) -> Vec<String> {
    let mut top = Dir::default();
    for (at, file) in files.iter().enumerate() {
        let mut dir = &mut top;
        let mut parts = file.path.split('/').peekable();
        while let Some(part) = parts.next() {
            dir.total += 1;
            dir.chosen += usize::from(chosen[at]);
            if parts.peek().is_some() {
                dir = dir.dirs.entry(part).or_default();
            } else {
                dir.files.push(at);
            }
        }
    }
    let mut modules: Vec<&str> = files.iter().map(|file| file.module).collect();
    modules.sort_unstable();
    let mut writer = Writer { files, chosen, modules, by_name, out: Vec::new() };
    writer.below("", &top);
    writer.out
}

struct Writer<'a> {
    files: &'a [File<'a>],
    chosen: &'a [bool],
    /// Sorted.
    modules: Vec<&'a str>,
    by_name: bool,
    out: Vec<String>,
}

impl Writer<'_> {
    fn below(&mut self, path: &str, dir: &Dir) {
        for (name, inner) in &dir.dirs {
            let path = if path.is_empty() { (*name).to_owned() } else { format!("{path}/{name}") };
            if inner.chosen == inner.total {
                let name = self.name_of(inner).filter(|_| self.by_name);
                self.out.push(name.unwrap_or_else(|| format!("path:{path}/**")));
            } else if inner.chosen > 0 {
                self.below(&path, inner);
            }
        }
        let chosen: Vec<usize> = dir.files.iter().copied().filter(|at| self.chosen[*at]).collect();
        let all = chosen.len() == dir.files.len();
        if all && chosen.len() > SINGLE && chosen.iter().all(|at| self.files[*at].path.ends_with(".py")) {
            self.out.push(format!("path:{path}/*.py"));
            return;
        }
        for at in chosen {
            let File { path, module, .. } = self.files[at];
            let anchor = if path.contains('/') { "" } else { "/" };
            let pattern = match (self.named(module), self.covered(module)) {
                (1, 1) if self.by_name && is_plain(module) => module.to_owned(),
                (1, _) if self.by_name && is_plain(module) => format!("={module}"),
                _ => format!("path:{anchor}{path}"),
            };
            self.out.push(pattern);
        }
    }

    /// The name that covers a whole directory and nothing else.
    fn name_of(&self, dir: &Dir) -> Option<String> {
        let name = package_of(self.files, dir)?;
        (is_plain(&name) && self.covered(&name) == dir.total).then_some(name)
    }

    /// How many files a module is.
    fn named(&self, module: &str) -> usize {
        let start = self.modules.partition_point(|other| *other < module);
        self.modules[start..].iter().take_while(|other| **other == module).count()
    }

    /// How many files lie in a module or below it.
    fn covered(&self, module: &str) -> usize {
        let start = self.modules.partition_point(|other| *other < module);
        // `a-b` sorts between `a` and `a.b`.
        let near = self.modules[start..].iter().take_while(|other| other.starts_with(module));
        near.filter(|other| is_within(other, module)).count()
    }
}

/// The module of a directory, by any file directly or indirectly in it.
fn package_of(files: &[File], dir: &Dir) -> Option<String> {
    if let Some(at) = dir.files.first() {
        let File { path, module, .. } = files[*at];
        let stem = path.rsplit('/').next()?.split('.').next()?;
        if stem == "__init__" {
            return Some(module.to_owned());
        }
        return module.strip_suffix(stem)?.strip_suffix('.').map(str::to_owned);
    }
    let (name, inner) = dir.dirs.iter().next()?;
    package_of(files, inner)?.strip_suffix(name)?.strip_suffix('.').map(str::to_owned)
}

fn is_plain(module: &str) -> bool {
    let is_name = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || c == '_');
    module.split('.').all(is_name)
}
