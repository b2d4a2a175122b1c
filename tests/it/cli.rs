//! The real binary on trees of its own, with an environment of its own.

use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc;
use std::time::Duration;
use std::{fs, thread};

use tempfile::TempDir;

/// A run that takes longer hangs.
const PATIENCE: Duration = Duration::from_mins(5);

/// A directory `project` with files, removed in the end.
pub struct Tree {
    dir: TempDir,
}

/// How a run ended; in the texts the tree's own place is `[ROOT]`.
#[derive(Debug, PartialEq)]
pub struct Run {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Tree {
    /// Files as (path, text); a path that ends with `/` is a directory.
    pub fn new(files: &[(&str, &str)]) -> Self {
        let tree = Self { dir: TempDir::new().unwrap() };
        fs::create_dir(tree.path("")).unwrap();
        for (path, text) in files {
            tree.write(path, text.as_bytes());
        }
        tree
    }

    /// Where a path of the tree lies.
    pub fn path(&self, path: &str) -> PathBuf {
        self.dir.path().canonicalize().unwrap().join("project").join(path)
    }

    pub fn write(&self, path: &str, bytes: &[u8]) {
        let file = self.path(path);
        if path.ends_with('/') {
            return fs::create_dir_all(file).unwrap();
        }
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, bytes).unwrap();
    }

    /// Another program in the tree; it must succeed.
    pub fn shell(&self, program: &str, arguments: &[&str]) {
        let status = self.command(program).args(arguments).status().unwrap();
        assert!(status.success(), "{program} {arguments:?}");
    }

    /// `git` in the tree, as somebody; it must succeed.
    #[track_caller]
    pub fn git(&self, arguments: &[&str]) {
        self.git_on("2025-11-22", arguments);
    }

    /// Commits all there is on that day, even where nothing changed.
    #[track_caller]
    pub fn commit(&self, day: &str) {
        static COMMITS: AtomicU32 = AtomicU32::new(0);
        // Of one tree and one second, another commit.
        let message = COMMITS.fetch_add(1, Ordering::Relaxed).to_string();
        self.git(&["add", "-A"]);
        self.git_on(day, &["commit", "-q", "--allow-empty", "-m", &message]);
    }

    /// The same on that day.
    #[track_caller]
    pub fn git_on(&self, day: &str, arguments: &[&str]) {
        let date = format!("{day}T12:00:00Z");
        let mut command = self.command("git");
        command.args(["-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "init.defaultBranch=main"]);
        command.env("GIT_COMMITTER_DATE", &date).env("GIT_AUTHOR_DATE", &date);
        let output = command.args(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// A program that starts in the tree and knows of nothing else but `PATH`.
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.path("")).env_clear().env("HOME", self.dir.path()).stdin(Stdio::null());
        if let Some(path) = std::env::var_os("PATH") {
            command.env("PATH", path);
        }
        command
    }

    /// `importlaw` in the tree's root.
    pub fn importlaw(&self) -> Command {
        self.command(env!("CARGO_BIN_EXE_importlaw"))
    }

    pub fn run(&self, arguments: &[&str]) -> Run {
        self.end(self.importlaw().args(arguments))
    }

    /// The same, started in a directory of the tree.
    pub fn run_in(&self, directory: &str, arguments: &[&str]) -> Run {
        self.end(self.importlaw().args(arguments).current_dir(self.path(directory)))
    }

    /// Waits for the command's end.
    pub fn end(&self, command: &mut Command) -> Run {
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (send, ended) = mpsc::channel();
        thread::spawn(move || send.send(child.wait_with_output()));
        let Output { status, stdout, stderr } = ended.recv_timeout(PATIENCE).expect("the run ends").unwrap();
        let root = self.path("");
        let root = root.to_str().unwrap().trim_end_matches('/');
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8").replace(root, "[ROOT]");
        Run { code: status.code(), out: text(stdout), err: text(stderr) }
    }
}

impl Run {
    /// Asserts a failure: exit code 2, nothing on standard output, and this on standard error.
    #[track_caller]
    pub fn fails(&self, err: &str) {
        assert_eq!((self.code, self.out.as_str(), self.err.as_str()), (Some(2), "", err));
    }

    /// Asserts the whole outcome; nothing on standard error.
    #[track_caller]
    pub fn ends(&self, code: i32, out: &str) {
        assert_eq!((self.code, self.err.as_str(), self.out.as_str()), (Some(code), "", out));
    }

    /// Standard output as JSON.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        assert_eq!(self.err, "");
        serde_json::from_str(&self.out).expect("JSON")
    }
}
