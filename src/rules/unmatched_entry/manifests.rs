//! The manifests that `[rust]` names.

use super::Judge;
use crate::languages::rust::manifest;
use crate::registry::values;

impl Judge<'_> {
    /// What is to be read of Rust must be there, and must be what Cargo would take.
    pub(super) fn manifests(&mut self) {
        let manifests = self.context.around.cargo;
        for item in self.context.registry.rust.manifests.iter().flatten() {
            let written = item.text.as_str();
            let (message, help) = match manifests.iter().find(|manifest| manifest.path.as_str() == written) {
                Some(found) if manifest::is_of_package_or_workspace(&found.text) => continue,
                Some(_) => {
                    (format!("`manifests`: `{written}` names neither a package nor a workspace"), None)
                }
                None => {
                    let inside = format!("{written}/Cargo.toml");
                    let paths = || manifests.iter().map(|manifest| manifest.path.as_str());
                    let near =
                        paths().find(|path| *path == inside).or_else(|| values::nearest(written, paths()));
                    let help = near.map(|path| format!("did you mean `{path}`?"));
                    (format!("`manifests`: there is no Cargo.toml at `{written}`"), help)
                }
            };
            self.report(item, message, help);
        }
    }
}
