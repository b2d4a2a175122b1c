//! Where git looks for the hooks of a work tree. It starts none.

use std::path::{Path, PathBuf};

use super::{path_from_bytes, run};

/// A work tree's top and its hooks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hooks {
    /// The top of the work tree, where git starts the hooks.
    pub top: PathBuf,
    /// Where they lie; it need not exist.
    pub directory: PathBuf,
    /// `core.hooksPath` as it is set, where it is.
    pub configured: Option<PathBuf>,
}

/// The hooks of the work tree that holds `root`, as `git rev-parse --git-path hooks` tells; or why git did not tell.
pub fn hooks(root: &Path) -> Result<Hooks, String> {
    let top = one_path(&run(root, &["rev-parse", "--show-toplevel"])?);
    let common = root.join(one_path(&run(root, &["rev-parse", "--git-common-dir"])?));
    // `--git-path hooks` itself would answer with what is set for every call to keep hooks from running: the last value.
    let values = run(root, &["config", "-z", "--type=path", "--get-all", "core.hooksPath"])?;
    let values: Vec<&[u8]> = values.split(|&byte| byte == 0).collect();
    let own = values.iter().rev().skip(2).find(|value| !value.is_empty());
    let configured = own.map(|value| PathBuf::from(path_from_bytes(value)));
    let directory = configured.as_ref().map_or_else(|| common.join("hooks"), |path| top.join(path));
    Ok(Hooks { top, directory, configured })
}

/// The path that a line of output holds.
fn one_path(output: &[u8]) -> PathBuf {
    PathBuf::from(path_from_bytes(output.strip_suffix(b"\n").unwrap_or(output)))
}
