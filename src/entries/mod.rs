//! What a project says that it starts, and what its container images hold: Dockerfiles, declared scripts, and files by
//! their usual names.
//!
//! These are proposals for people: what `[[entrypoint]]` could say. Nothing is judged by them.

mod command;
mod dockerfile;
mod ignore;
mod image;
mod ships;

use std::collections::{BTreeMap, BTreeSet};

use command::What;
use ignore::Ignore;
use image::{Image, Starts, View, below};

use crate::languages::python::project::Script;
use crate::module_path;
use crate::source::RelPath;

/// The project as far as proposals need it.
pub struct Project<'a> {
    /// Every source file, in path order.
    pub files: &'a [File<'a>],
    /// Scripts that the manifests declare.
    pub scripts: &'a [Script],
    /// Dockerfiles and `.dockerignore` files with their texts, in path order.
    pub containers: &'a [(&'a RelPath, &'a str)],
    /// Whether the module at that path binds a name.
    pub binds: &'a dyn Fn(&str, &str) -> bool,
}

/// A source file.
#[derive(Clone, Copy, Debug)]
pub struct File<'a> {
    /// Its path.
    pub path: &'a str,
    /// The module that it is.
    pub module: &'a str,
    /// Whether it is of scope production.
    pub production: bool,
}

/// What a Dockerfile's image starts and holds, as `[[entrypoint]]` would say it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// The Dockerfile.
    pub path: RelPath,
    /// The line of its first copy that brings source files.
    pub line: u32,
    /// What it starts: `a.b:app` or `a.b`.
    pub entry: Vec<String>,
    /// What it copies, before `absent`; empty = the whole tree.
    pub ships: Vec<String>,
    /// What `.dockerignore` takes away of that.
    pub absent: Vec<String>,
    /// Lines of copies that could not be followed: then it may hold more.
    pub unclear: Vec<u32>,
}

/// Something that is probably started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guess {
    /// `a.b` or `a.b:app`.
    pub module: String,
    /// Where that comes from, for people.
    pub source: String,
}

/// What the images of all Dockerfiles hold; without those that hold no source file.
pub fn proposals(project: &Project) -> Vec<Proposal> {
    images(project).iter().map(|built| built.proposal(project)).collect()
}

/// What the image of one Dockerfile holds; None where it holds no source file.
pub fn propose(project: &Project, dockerfile: &RelPath) -> Option<Proposal> {
    let (path, text) = project.containers.iter().find(|(path, _)| *path == dockerfile)?;
    Some(Built::new(&mut Contexts::new(project), path, text)?.proposal(project))
}

/// What is probably started, best source first: an image's command, a declared script, then files by their names. Only
/// production modules that exist; each once.
pub fn guess_entries(project: &Project) -> Vec<Guess> {
    let mut guesses = Guesses { by_name: BTreeMap::new(), seen: BTreeSet::new(), found: Vec::new() };
    for file in project.files.iter().filter(|file| file.production) {
        guesses.by_name.entry(file.module).or_insert(file.path);
    }
    for built in images(project) {
        let source = format!("Dockerfile {} at {}:{}", built.starts.keyword, built.path, built.starts.line);
        for entry in built.entries(project) {
            guesses.add(&entry, &source);
        }
    }
    for script in project.scripts {
        guesses.add(&script.target, &script.source);
    }
    for (file_name, application) in [
        ("manage.py", None),
        ("asgi.py", Some("application")),
        ("wsgi.py", Some("application")),
        ("__main__.py", None),
        ("main.py", None),
    ] {
        for file in project.files.iter().filter(|file| file.production) {
            if file.path.rsplit('/').next() != Some(file_name) {
                continue;
            }
            match application {
                None => guesses.add(file.module, file_name),
                Some(name) if (project.binds)(file.path, name) => {
                    guesses.add(&format!("{}:{name}", file.module), file_name);
                }
                Some(_) => {}
            }
        }
    }
    guesses.found
}

struct Guesses<'a> {
    /// Production modules.
    by_name: BTreeMap<&'a str, &'a str>,
    /// Modules, and modules with a name, that are guessed already.
    seen: BTreeSet<String>,
    found: Vec<Guess>,
}

impl Guesses<'_> {
    /// Adds a module once; without a name it adds nothing to one with a name.
    fn add(&mut self, module: &str, source: &str) {
        let name = module.split(':').next().unwrap_or(module);
        if !self.by_name.contains_key(name) || self.seen.contains(module) {
            return;
        }
        self.seen.extend([module.to_owned(), name.to_owned()]);
        self.found.push(Guess { module: module.to_owned(), source: source.to_owned() });
    }
}

/// A Dockerfile that was followed.
struct Built<'a> {
    path: &'a RelPath,
    image: Image,
    starts: Starts,
    ignore: Ignore,
}

fn images<'a>(project: &Project<'a>) -> Vec<Built<'a>> {
    let mut contexts = Contexts::new(project);
    project.containers.iter().filter_map(|(path, text)| Built::new(&mut contexts, path, text)).collect()
}

/// The files of each context that was asked for, by their paths in it.
struct Contexts<'p, 'a> {
    project: &'p Project<'a>,
    views: BTreeMap<String, View>,
}

impl<'p, 'a> Contexts<'p, 'a> {
    fn new(project: &'p Project<'a>) -> Self {
        Self { project, views: BTreeMap::new() }
    }

    fn view(&mut self, context: &str) -> &View {
        let project = self.project;
        self.views.entry(context.to_owned()).or_insert_with(|| {
            let start = ignore::directory(context);
            let files = project.files.iter().enumerate();
            files.filter_map(|(at, file)| Some((file.path.strip_prefix(&start)?.to_owned(), at))).collect()
        })
    }
}

impl<'a> Built<'a> {
    /// Follows a Dockerfile in the context that fits best; None where its image holds no source file.
    fn new(contexts: &mut Contexts, path: &'a RelPath, text: &str) -> Option<Self> {
        if path.file_name().ends_with(".dockerignore") {
            return None;
        }
        // From its own directory upwards. What it copies is in the right one; `COPY . .` in any.
        let parents = std::iter::successors(Some(path.parent()), |dir| {
            (!dir.is_empty()).then(|| dir.rsplit_once('/').map_or("", |(parent, _)| parent))
        });
        let mut best: Option<(u32, Image, &str)> = None;
        for context in parents {
            let read = image::read(text, contexts.view(context))?;
            if read.found > best.as_ref().map_or(0, |(found, ..)| *found) {
                best = Some((read.found, read.image, context));
            }
        }
        let (_, image, context) = best?;
        if image.files.is_empty() {
            return None;
        }
        let text_at = |path: &str| {
            let found = contexts.project.containers.iter().find(|(container, _)| container.as_str() == path);
            found.map(|(_, text)| *text)
        };
        let beside = text_at(&format!("{path}.dockerignore"));
        let ignore = beside.or_else(|| text_at(&below(context, ".dockerignore")));
        let ignore = ignore.map_or_else(Ignore::default, |text| Ignore::parse(text, context));
        let starts = image.starts();
        Some(Self { path, image, starts, ignore })
    }

    fn proposal(&self, project: &Project) -> Proposal {
        let mut copied = vec![false; project.files.len()];
        self.image.files.values().for_each(|at| copied[*at] = true);
        let absent = ships::absent(project.files, &copied, &self.ignore);
        Proposal {
            path: self.path.clone(),
            line: self.image.first_copy.unwrap_or(1),
            entry: self.entries(project),
            ships: ships::ships(project.files, &copied),
            absent,
            unclear: self.image.unclear.clone(),
        }
    }

    /// What it starts, by the names that the project has for it.
    fn entries(&self, project: &Project) -> Vec<String> {
        let mut entries = Vec::new();
        for started in &self.starts.started {
            let dirs = started.dirs.iter().map(|dir| below(&self.image.workdir, dir));
            let dirs: Vec<String> = dirs.chain(self.image.import_dirs()).collect();
            let (found, name) = match &started.what {
                What::Module(module, name) => (self.module(project, &dirs, module, &[""]), name.as_deref()),
                What::Run(module) => (self.module(project, &dirs, module, &["__main__", ""]), None),
                What::Script(path) => {
                    let at = self.image.files.get(&below(&self.image.workdir, path));
                    (at.map(|at| project.files[*at].module.to_owned()), None)
                }
                What::Program(program) => {
                    let script = project.scripts.iter().find(|script| script.name == *program);
                    match script.and_then(|script| script.target.split_once(':')) {
                        Some((module, name)) => (is_module(project, module), Some(name)),
                        None => (None, None),
                    }
                }
            };
            if let Some(module) = found {
                let entry = name.map_or_else(|| module.clone(), |name| format!("{module}:{name}"));
                if !entries.contains(&entry) {
                    entries.push(entry);
                }
            }
        }
        entries
    }

    /// The project's name of a module that the image imports by `name`, or of one of its `children`: the file found in
    /// the image, or, if it lacks it, the module that is called so.
    fn module(&self, project: &Project, dirs: &[String], name: &str, children: &[&str]) -> Option<String> {
        let path = name.replace('.', "/");
        for dir in dirs {
            for child in children {
                let stem = below(&below(dir, &path), child);
                let mut files = [format!("{stem}.py"), format!("{stem}/__init__.py")].into_iter();
                if let Some(at) = files.find_map(|file| self.image.files.get(&file)) {
                    return Some(project.files[*at].module.to_owned());
                }
            }
        }
        children.iter().find_map(|child| match *child {
            "" => is_module(project, name),
            child => is_module(project, &module_path::join(name, child)),
        })
    }
}

fn is_module(project: &Project, name: &str) -> Option<String> {
    project.files.iter().any(|file| file.module == name).then(|| name.to_owned())
}

#[cfg(test)]
mod tests;
