//! `importlaw hook install|uninstall`: git hooks that run the check.
//!
//! A hook that somebody wrote by hand is kept and called first. A hook that a program manages (pre-commit, lefthook,
//! husky) would be written anew by it and ours be gone, so it is left alone and the help says what to write there.
//! Nothing is replaced or removed but what bears our mark and is as we wrote it.

mod script;

use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use super::context::{Failure, write_file};
use super::{Exit, Global};
use crate::discover::find_root;
use crate::formats::context::escape;
use crate::git::hooks::{self, Hooks};
use script::{Kind, Script, Written};

/// What can be done with hooks.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Write a pre-commit hook that checks what is staged; a hook that is there is called first
    Install {
        /// Also a pre-push hook that checks what the branch adds to its upstream
        #[arg(long)]
        pre_push: bool,
    },
    /// Take the hooks away and put back what was there before
    Uninstall {
        /// Only the pre-push hook
        #[arg(long)]
        pre_push: bool,
    },
}

/// Installs or uninstalls.
pub fn run(global: &Global, command: &Command, out: &mut dyn Write) -> Result<Exit, Failure> {
    if global.registry.is_some() {
        let help = "leave it out: the hook uses the registry at the project's root";
        return Err(Failure::usage("a hook takes no --registry", Some(help.to_owned())));
    }
    let started = global.directory.clone().unwrap_or_else(|| PathBuf::from("."));
    let root = find_root(&started)?.dir;
    let found = hooks::hooks(&started.canonicalize()?).map_err(|why| {
        let help = "hooks belong to a git repository with a work tree: start importlaw in one, or use -C";
        Failure::usage(format!("git does not say where hooks lie: {why}"), Some(help.to_owned()))
    })?;
    match command {
        Command::Install { pre_push } => {
            let kinds: &[Kind] =
                if *pre_push { &[Kind::PreCommit, Kind::PrePush] } else { &[Kind::PreCommit] };
            let places: Vec<Place> = kinds.iter().map(|kind| Place::new(&found, *kind)).collect();
            let project = below(&found.top, &root)?;
            // Nothing is written where one of them cannot be.
            let plans: Result<Vec<(Place, Plan)>, Failure> =
                places.into_iter().map(|place| plan(&found, place, &project)).collect();
            for (place, plan) in plans? {
                install(&found, &place, &plan, out)?;
            }
        }
        Command::Uninstall { pre_push } => {
            let kinds: &[Kind] = if *pre_push { &[Kind::PrePush] } else { &[Kind::PreCommit, Kind::PrePush] };
            for kind in kinds {
                uninstall(&found, &Place::new(&found, *kind), out)?;
            }
        }
    }
    Ok(Exit::Clean)
}

/// One hook's files.
struct Place {
    kind: Kind,
    hook: PathBuf,
    /// What was there before, and is called first.
    before: PathBuf,
}

impl Place {
    fn new(hooks: &Hooks, kind: Kind) -> Self {
        let name = kind.name();
        Self {
            kind,
            hook: hooks.directory.join(name),
            before: hooks.directory.join(format!("{name}{}", script::BEFORE)),
        }
    }
}

/// What installing a hook takes.
enum Plan {
    /// Nothing: it is there.
    Keep,
    /// The text; and whether a hook of somebody else is moved aside.
    Write { text: String, chain: bool },
}

/// What lies at a path.
enum There {
    Nothing,
    /// As we wrote it.
    Ours(String),
    /// Ours, and changed since.
    Changed,
    /// Somebody else's; its beginning.
    Foreign(String),
    /// No file.
    Odd,
}

/// Hooks are short; managers name themselves near the top.
const READ_AT_MOST: u64 = 64 << 10;

fn there(path: &Path) -> io::Result<There> {
    let data = match path.symlink_metadata() {
        Ok(data) => data,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(There::Nothing),
        Err(error) => return Err(error),
    };
    // A link is somebody else's, wherever it leads; what it leads to need not be there.
    let is_file = path.metadata().is_ok_and(|data| data.is_file());
    if !is_file && !data.is_symlink() {
        return Ok(There::Odd);
    }
    let mut bytes = Vec::new();
    if is_file {
        fs::File::open(path)?.take(READ_AT_MOST).read_to_end(&mut bytes)?;
    }
    let text = String::from_utf8_lossy(&bytes).into_owned();
    Ok(match script::written(&text) {
        _ if data.is_symlink() => There::Foreign(text),
        Written::Ours => There::Ours(text),
        Written::Changed => There::Changed,
        Written::Foreign => There::Foreign(text),
    })
}

fn plan(hooks: &Hooks, place: Place, project: &str) -> Result<(Place, Plan), Failure> {
    refuse_managed_directory(hooks, place.kind)?;
    let text = Script { kind: place.kind, project, binary: fallback(hooks) }.text();
    let shown = shown(hooks, &place.hook);
    let plan = match there(&place.hook).map_err(|error| unreadable(&shown, &error))? {
        There::Ours(written) if written == text => Plan::Keep,
        There::Ours(written) if script::project_of(&written) != project => {
            let other = script::project_of(&written);
            let message =
                format!("{shown} checks `{}` already, and git has one hook of a kind", name_of(&other));
            let help = "one registry at the top of the repository can speak of all of it; or uninstall the hook and write one by hand that checks each";
            return Err(Failure::usage(message, Some(help.to_owned())));
        }
        There::Nothing | There::Ours(_) => Plan::Write { text, chain: false },
        There::Changed => return Err(changed(&shown)),
        There::Odd => {
            return Err(Failure::usage(format!("{shown} is no file, so no hook can be written there"), None));
        }
        There::Foreign(foreign) => {
            if let Some((manager, help)) = script::manager(&foreign, place.kind) {
                let message = format!("{shown} is managed by {manager}, which would write it anew");
                return Err(Failure::usage(message, Some(help)));
            }
            if place.before.symlink_metadata().is_ok() {
                let message = format!(
                    "{shown} would be moved to {}, but that exists already",
                    self::shown(hooks, &place.before)
                );
                let help = format!(
                    "take one of the two away, or add `{}` to the hook by hand",
                    place.kind.command()
                );
                return Err(Failure::usage(message, Some(help)));
            }
            Plan::Write { text, chain: true }
        }
    };
    Ok((place, plan))
}

/// Husky writes all hooks of its directory anew; `/dev/null` has none.
fn refuse_managed_directory(hooks: &Hooks, kind: Kind) -> Result<(), Failure> {
    let Some(path) = &hooks.configured else { return Ok(()) };
    let written = escape(&path.to_string_lossy()).into_owned();
    if path.components().any(|part| part.as_os_str() == ".husky") {
        let help = format!("add the line `{}` to .husky/{}", kind.command(), kind.name());
        return Err(Failure::usage(
            format!("hooks are managed by husky: core.hooksPath is {written}"),
            Some(help),
        ));
    }
    if hooks.directory.exists() && !hooks.directory.is_dir() {
        let message = format!("hooks are switched off: core.hooksPath is {written}, which is no directory");
        let help = "`git config --show-origin --get core.hooksPath` says where that is set";
        return Err(Failure::usage(message, Some(help.to_owned())));
    }
    Ok(())
}

/// Whatever starts git need not know the same `PATH`: the hook then takes this very program. A directory of hooks that is
/// configured may be shared, and holds no path of this machine.
fn fallback(hooks: &Hooks) -> Option<String> {
    if hooks.configured.is_some() {
        return None;
    }
    let binary = std::env::current_exe().ok()?;
    Some(binary.to_str()?.replace('\\', "/")).filter(|path| !path.contains(char::is_control))
}

fn install(hooks: &Hooks, place: &Place, plan: &Plan, out: &mut dyn Write) -> Result<(), Failure> {
    let (name, shown) = (place.kind.name(), shown(hooks, &place.hook));
    let Plan::Write { text, chain } = plan else {
        writeln!(out, "{name}: {shown} is there already and runs `{}`", place.kind.command())?;
        return Ok(());
    };
    write_hook(place, text, *chain)
        .map_err(|error| Failure::usage(format!("{shown} cannot be written: {error}"), None))?;
    writeln!(out, "{name}: {shown} runs `{}`", place.kind.command())?;
    if place.before.symlink_metadata().is_ok() {
        writeln!(out, "  what was there runs first: {}", self::shown(hooks, &place.before))?;
    }
    Ok(())
}

/// Writes beside the place first, so that at no time half a hook is there.
fn write_hook(place: &Place, text: &str, chain: bool) -> io::Result<()> {
    if let Some(directory) = place.hook.parent() {
        fs::create_dir_all(directory)?;
    }
    let mut name = place.hook.clone().into_os_string();
    name.push(format!(".importlaw.{}", std::process::id()));
    let beside = PathBuf::from(name);
    let written = write_file(&beside, |file| file.write_all(text.as_bytes()))
        .and_then(|()| make_executable(&beside))
        .and_then(|()| if chain { set_aside(place) } else { Ok(()) })
        .and_then(|()| fs::rename(&beside, &place.hook));
    if written.is_err() {
        let _ = fs::remove_file(&beside);
        if chain && place.hook.symlink_metadata().is_err() {
            let _ = fs::rename(&place.before, &place.hook);
        }
    }
    written
}

/// A second name for the hook, so that it is never gone; where there are no second names, it is moved.
fn set_aside(place: &Place) -> io::Result<()> {
    fs::hard_link(&place.hook, &place.before).or_else(|_| fs::rename(&place.hook, &place.before))
}

#[cfg(unix)]
fn make_executable(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
fn make_executable(_: &Path) -> io::Result<()> {
    Ok(())
}

fn uninstall(hooks: &Hooks, place: &Place, out: &mut dyn Write) -> Result<(), Failure> {
    let (name, shown) = (place.kind.name(), shown(hooks, &place.hook));
    match there(&place.hook).map_err(|error| unreadable(&shown, &error))? {
        There::Nothing => writeln!(out, "{name}: there is no hook")?,
        There::Foreign(_) | There::Odd => {
            writeln!(out, "{name}: {shown} was not written by importlaw and stays as it is")?;
        }
        There::Changed => return Err(changed(&shown)),
        There::Ours(_) => {
            let chained = place.before.symlink_metadata().is_ok();
            let done =
                if chained { fs::rename(&place.before, &place.hook) } else { fs::remove_file(&place.hook) };
            done.map_err(|error| Failure::usage(format!("{shown} cannot be taken away: {error}"), None))?;
            let says = if chained { "is again what it was before" } else { "is gone" };
            writeln!(out, "{name}: {shown} {says}")?;
        }
    }
    Ok(())
}

fn changed(shown: &str) -> Failure {
    let help = "take your changes out again, or delete the file";
    Failure::usage(format!("{shown} was changed since importlaw wrote it"), Some(help.to_owned()))
}

fn unreadable(shown: &str, error: &io::Error) -> Failure {
    Failure::usage(format!("{shown} cannot be read: {error}"), None)
}

/// The project's directory as the hook finds it from the top of the work tree; empty for the top itself.
fn below(top: &Path, root: &Path) -> Result<String, Failure> {
    let top = top.canonicalize()?;
    let below = root.strip_prefix(&top).unwrap_or(Path::new(""));
    let parts: Option<Vec<&str>> = below.components().map(|part| part.as_os_str().to_str()).collect();
    let path = parts.map(|parts| parts.join("/")).filter(|path| !path.contains(char::is_control));
    path.ok_or_else(|| {
        Failure::usage(format!("{} cannot be written into a hook", escape(&below.to_string_lossy())), None)
    })
}

/// A project's directory for a sentence.
fn name_of(project: &str) -> &str {
    if project.is_empty() { "." } else { project }
}

/// A path from the top of the work tree, as messages show it.
fn shown(hooks: &Hooks, path: &Path) -> String {
    let top = hooks.top.canonicalize().unwrap_or_else(|_| hooks.top.clone());
    let real = path.parent().and_then(|parent| parent.canonicalize().ok());
    let real =
        real.map_or_else(|| path.to_owned(), |parent| parent.join(path.file_name().unwrap_or_default()));
    escape(&real.strip_prefix(&top).unwrap_or(&real).to_string_lossy()).into_owned()
}
