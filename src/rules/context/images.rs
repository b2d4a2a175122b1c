//! What the project's container images start and hold, for what a rule proposes.

use super::{Context, PRODUCTION};
use crate::entries::{File, Project, Proposal, proposals};
use crate::source::{FileId, Language, RelPath};

impl Context<'_> {
    /// Asks what the project says that it starts.
    pub fn ask_entries<T>(&self, ask: impl FnOnce(&Project) -> T) -> T {
        let graph = self.graph;
        let of_file = |at: usize| graph.module_of_file[at];
        let mut files: Vec<(File, FileId)> = (0..graph.facts.len())
            .filter(|at| graph.module(of_file(*at)).file.index() == *at)
            .filter(|at| graph.module(of_file(*at)).language == Language::Python)
            .map(|at| {
                let module = graph.module(of_file(at));
                let production = self.scope(of_file(at)) == PRODUCTION;
                (File { path: &module.path, module: &module.name, production }, module.file)
            })
            .collect();
        files.sort_unstable_by_key(|(file, _)| file.path);
        let binds = |path: &str, name: &str| {
            let at = files.binary_search_by_key(&path, |(file, _)| file.path);
            at.is_ok_and(|at| !graph.facts[files[at].1.index()].bindings_of(name).is_empty())
        };
        let only: Vec<File> = files.iter().map(|(file, _)| *file).collect();
        let containers: Vec<(&RelPath, &str)> =
            self.around.containers.iter().map(|manifest| (&manifest.path, manifest.text.as_str())).collect();
        let scripts = &self.project.scripts;
        ask(&Project { files: &only, scripts, containers: &containers, binds: &binds })
    }

    /// What each image holds, found when it is first asked for.
    pub fn images(&self) -> &[Proposal] {
        self.images.get_or_init(|| self.ask_entries(proposals))
    }
}
