use std::process::Command;

use tempfile::TempDir;

use super::*;
use crate::facts::Date;
use crate::source::FileKind;

/// A tree of files given as (path, text); a path that ends with `/` is a directory.
fn tree(files: &[(&str, &str)]) -> TempDir {
    let dir = TempDir::new().unwrap();
    write(dir.path(), files);
    dir
}

fn write(root: &Path, files: &[(&str, &str)]) {
    for (path, text) in files {
        let file = root.join(path);
        if path.ends_with('/') {
            fs::create_dir_all(&file).unwrap();
        } else {
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(&file, text).unwrap();
        }
    }
}

fn run_git(root: &Path, arguments: &[&str]) {
    let output = Command::new("git")
        .arg("-C")
        .arg(root)
        .args(["-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "init.defaultBranch=main"])
        .args(arguments)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_COMMITTER_DATE", "1700000000 +0530")
        .env_remove("GIT_DIR")
        .env_remove("GIT_INDEX_FILE")
        .output()
        .unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

fn sources(root: &Path) -> Sources {
    Sources::from_disk(root, &|_| false).unwrap()
}

fn files(sources: &Sources) -> Vec<&str> {
    sources.files.iter().map(|file| file.path.as_str()).collect()
}

fn left_out(sources: &Sources) -> Vec<(&str, &str)> {
    sources.left_out.iter().map(|left| (left.path.as_str(), left.why.as_str())).collect()
}

#[test]
fn source_files_by_suffix_in_path_order() {
    let dir = tree(&[
        ("b.py", ""),
        ("a/z.pyi", ""),
        ("a.py", ""),
        ("a/n.ipynb", ""),
        ("a/_x.cpython-311-x86_64-linux-gnu.so", ""),
        ("a/x.rs", ""),
        ("a/x.ts", ""),
        ("a/y.js", ""),
        ("README.md", ""),
        (".hidden/c.py", ""),
        (".git/hooks/d.py", ""),
    ]);
    let sources = sources(dir.path());
    assert_eq!(files(&sources), [".hidden/c.py", "a.py", "a/n.ipynb", "a/z.pyi", "b.py"]);
    assert!(sources.files.iter().enumerate().all(|(at, file)| file.id.index() == at));
    assert_eq!(sources.files[2].kind, FileKind::Notebook);
    assert_eq!(sources.files[3].kind, FileKind::Stub);
    assert_eq!(sources.compiled, [RelPath::new("a/_x.cpython-311-x86_64-linux-gnu.so")]);
    assert_eq!(sources.not_read, BTreeMap::from([("rust", 1), ("typescript", 2)]));
    assert_eq!(sources.left_out, []);
    assert_eq!(sources.root_name, dir.path().file_name().unwrap().to_str().unwrap());
}

#[test]
fn gitignore_counts_without_a_repository_and_not_from_above() {
    let outer = tree(&[(".gitignore", "*.py\n"), (".ignore", "*.py\n"), ("p/.ignore", "*.py\n")]);
    let root = outer.path().join("p");
    write(
        &root,
        &[
            (".gitignore", "\u{feff}build/\n/gen.py\n*.tmp.py\n[\n"),
            ("a.py", ""),
            ("gen.py", ""),
            ("build/x.py", ""),
            ("sub/gen.py", ""),
            ("sub/build/x.py", ""),
            ("sub/b.tmp.py", ""),
            ("deep/.gitignore", "!b.tmp.py\nkept/*\n!kept/k.py\n"),
            ("deep/b.tmp.py", ""),
            ("deep/kept/j.py", ""),
            ("deep/kept/k.py", ""),
            ("c.tmp.md", ""),
        ],
    );
    let sources = sources(&root);
    assert_eq!(files(&sources), ["a.py", "deep/b.tmp.py", "deep/kept/k.py", "sub/gen.py"]);
    assert_eq!(
        left_out(&sources),
        [
            ("build/", "ignored by git"),
            ("deep/kept/j.py", "ignored by git"),
            ("gen.py", "ignored by git"),
            ("sub/b.tmp.py", "ignored by git"),
            ("sub/build/", "ignored by git"),
        ]
    );
    assert_eq!(sources.notes, [""; 0]);
}

#[test]
fn in_a_repository_the_rules_reach_down_to_the_root_and_no_further_than_it() {
    let repository = tree(&[
        (".gitignore", "gen/\n"),
        (".git/info/exclude", "private.py\n"),
        ("p/gen/a.py", ""),
        ("p/private.py", ""),
        ("p/a.py", ""),
        ("p/nested/.git/HEAD", ""),
        ("p/nested/gen/b.py", ""),
        ("p/nested/private.py", ""),
    ]);
    let expected = ["a.py", "nested/gen/b.py", "nested/private.py"];
    let found = sources(&repository.path().join("p"));
    assert_eq!(files(&found), expected);
    // That `.git` is no repository git can be asked about.
    let [note] = &found.notes[..] else { panic!("{:?}", found.notes) };
    assert!(note.starts_with("git could not be asked (not a git repository"), "{note}");

    // A linked work tree's exclude file lies in the main repository.
    let linked =
        tree(&[("main/.git/info/exclude", "private.py\n"), ("main/.git/worktrees/w/commondir", "../..\n")]);
    write(
        linked.path(),
        &[("w/.git", "gitdir: ../main/.git/worktrees/w\n"), ("w/private.py", ""), ("w/a.py", "")],
    );
    assert_eq!(files(&sources(&linked.path().join("w"))), ["a.py"]);
}

#[test]
fn always_out_unless_tracked() {
    let dir = tree(&[
        (".gitignore", "*.gen.py\nvendor\n"),
        ("a.gen.py", ""),
        ("b.gen.py", ""),
        ("vendor/pyproject.toml", "[project]"),
        ("vendor/v.py", ""),
        ("vendor/deep/w.py", ""),
        ("vendor/untracked.py", ""),
        ("target/t.py", ""),
        ("site-packages/s.py", ""),
        ("node_modules/n.py", ""),
        (".venv/e.py", ""),
        ("env/pyvenv.cfg", ""),
        ("env/e.py", ""),
        ("cache/CACHEDIR.TAG", ""),
        ("cache/e.py", ""),
        ("lib/__pycache__/e.py", ""),
        ("gone.py", ""),
    ]);
    run_git(dir.path(), &["init", "-q"]);
    let tracked = [
        "a.gen.py",
        "vendor/v.py",
        "vendor/deep/w.py",
        "vendor/pyproject.toml",
        "target/t.py",
        "env/e.py",
        "gone.py",
    ];
    run_git(dir.path(), &[&["add", "-f"][..], &tracked].concat());
    run_git(dir.path(), &["commit", "-qm", "x"]);
    fs::remove_file(dir.path().join("gone.py")).unwrap();
    let found = sources(dir.path());
    assert_eq!(files(&found), ["a.gen.py", "env/e.py", "target/t.py", "vendor/deep/w.py", "vendor/v.py"]);
    assert_eq!(
        left_out(&found),
        [
            (".venv/", ".venv"),
            ("b.gen.py", "ignored by git"),
            ("cache/", "holds CACHEDIR.TAG: a cache"),
            ("env/", "holds pyvenv.cfg: a virtual environment, but for 1 tracked file"),
            ("lib/__pycache__/", "__pycache__"),
            ("node_modules/", "node_modules"),
            ("site-packages/", "site-packages"),
            ("target/", "target, but for 1 tracked file"),
            ("vendor/", "ignored by git, but for 3 tracked files"),
        ]
    );
    assert_eq!(
        found.manifests,
        [Manifest { path: RelPath::new("vendor/pyproject.toml"), text: "[project]".into() }]
    );
    assert_eq!(git::head_date(dir.path()), Date::new(2023, 11, 15));
    assert_eq!(found.notes, [""; 0]);
    // As the root itself it is read, whatever its name; and the index is asked for what lies below it.
    assert_eq!(files(&sources(&dir.path().join("site-packages"))), ["s.py"]);
    assert_eq!(files(&sources(&dir.path().join("vendor"))), ["deep/w.py", "untracked.py", "v.py"]);
}

#[test]
fn the_repository_s_configuration_runs_nothing() {
    let dir = tree(&[(".gitignore", "a.py\n"), ("a.py", "")]);
    run_git(dir.path(), &["init", "-q"]);
    run_git(dir.path(), &["add", "-f", "a.py"]);
    run_git(dir.path(), &["config", "core.fsmonitor", "touch ran; false"]);
    let found = sources(dir.path());
    assert_eq!(files(&found), ["a.py"]);
    assert_eq!(git::head_date(dir.path()), None, "no commit yet");
    assert_eq!(found.notes, [""; 0]);
    assert!(!dir.path().join("ran").exists(), "the repository's configuration runs nothing");
}

#[test]
fn asking_for_renames_runs_nothing_either() {
    let dir = tree(&[(".gitattributes", "*.py diff=mine filter=mine\n"), ("a.py", "x = 1\ny = 2\nz = 3\n")]);
    run_git(dir.path(), &["init", "-q"]);
    run_git(dir.path(), &["add", "-A"]);
    run_git(dir.path(), &["commit", "-qm", "x"]);
    for path in ["b.py", "c.py"] {
        fs::rename(dir.path().join("a.py"), dir.path().join(path)).unwrap();
        fs::write(dir.path().join(path), "x = 1\ny = 2\nz = 4\n").unwrap();
        run_git(dir.path(), &["add", "-A"]);
        if path == "b.py" {
            run_git(dir.path(), &["commit", "-qm", "y"]);
            fs::copy(dir.path().join("b.py"), dir.path().join("a.py")).unwrap();
            fs::remove_file(dir.path().join("b.py")).unwrap();
        }
    }
    // Another text than the index has: who looked at it would have to run the filter.
    fs::write(dir.path().join("c.py"), "").unwrap();
    for key in ["diff.external", "diff.mine.command", "diff.mine.textconv", "filter.mine.clean"] {
        run_git(dir.path(), &["config", key, "touch ran; false"]);
    }
    run_git(dir.path(), &["config", "diff.renames", "false"]);
    run_git(dir.path(), &["config", "core.fsmonitor", "touch ran; false"]);
    let (renames, note) = sources(dir.path()).renames_since(Date::new(2023, 11, 15).unwrap());
    let renames: Vec<String> = renames.iter().map(|(old, new)| format!("{old} {}", new.join(" "))).collect();
    assert_eq!((renames, note), (vec!["a.py c.py".to_owned(), "b.py c.py".to_owned()], None));
    assert!(!dir.path().join("ran").exists(), "the repository's configuration runs nothing");
}

#[cfg(unix)]
#[test]
fn links_are_resolved_once_and_never_followed() {
    use std::os::unix::fs::symlink;
    let outside = tree(&[("secret.py", "")]);
    let dir = tree(&[("pkg/a.py", ""), ("pkg/sub/b.py", ""), (".gitignore", "ignored\n")]);
    for (target, link) in [
        ("a.py", "pkg/file.py"),
        ("pkg", "alias"),
        ("..", "pkg/sub/loop"),
        ("self.py", "self.py"),
        ("nowhere.py", "dangling.py"),
        ("pkg", "ignored"),
        ("pkg", "node_modules"),
        ("alias/sub", "twice"),
        (".", "here"),
    ] {
        symlink(target, dir.path().join(link)).unwrap();
    }
    symlink(outside.path(), dir.path().join("out")).unwrap();
    symlink(outside.path().join("secret.py"), dir.path().join("secret.py")).unwrap();
    let found = sources(dir.path());
    assert_eq!(files(&found), ["pkg/a.py", "pkg/sub/b.py"]);
    let links: Vec<_> = found.links.iter().map(|link| (link.path.as_str(), link.target.as_str())).collect();
    assert_eq!(
        links,
        [
            ("alias", "pkg"),
            ("here", ""),
            ("pkg/file.py", "pkg/a.py"),
            ("pkg/sub/loop", "pkg"),
            ("twice", "pkg/sub"),
        ]
    );
    assert_eq!(
        left_out(&found),
        [
            ("dangling.py", "a link to nothing, or to itself"),
            ("ignored", "ignored by git"),
            ("node_modules", "node_modules"),
            ("out", "a link out of the root"),
            ("secret.py", "a link out of the root"),
            ("self.py", "a link to nothing, or to itself"),
        ]
    );

    // What became a link after the listing is not read.
    fs::remove_file(dir.path().join("pkg/a.py")).unwrap();
    symlink(outside.path().join("secret.py"), dir.path().join("pkg/a.py")).unwrap();
    assert_eq!(found.read(&found.files[0].path).unwrap_err().to_string(), "it is not a regular file");
}

#[cfg(unix)]
#[test]
fn a_tracked_path_behind_a_link_is_not_read() {
    let dir = tree(&[(".gitignore", "vendor\nkept\n"), ("vendor/v.py", ""), ("kept/k.py", "")]);
    run_git(dir.path(), &["init", "-q"]);
    run_git(dir.path(), &["add", "-f", "vendor", "kept"]);
    fs::remove_dir_all(dir.path().join("vendor")).unwrap();
    let outside = tree(&[("v.py", "")]);
    std::os::unix::fs::symlink(outside.path(), dir.path().join("vendor")).unwrap();
    assert_eq!(files(&sources(dir.path())), ["kept/k.py"]);
}

#[cfg(unix)]
#[test]
fn special_files_are_never_opened() {
    let dir = tree(&[("a.py", "")]);
    for name in ["pipe.py", "pipe", "pipe.md", ".gitignore", "requirements.txt"] {
        assert!(Command::new("mkfifo").arg(dir.path().join(name)).status().unwrap().success());
    }
    let _socket = std::os::unix::net::UnixListener::bind(dir.path().join("socket.pyi")).unwrap();
    let found = sources(dir.path());
    assert_eq!(files(&found), ["a.py"]);
    assert_eq!(
        found.unreadable,
        [
            (RelPath::new("pipe.py"), "it is a FIFO, not a regular file".to_owned()),
            (RelPath::new("socket.pyi"), "it is a socket, not a regular file".to_owned()),
        ]
    );
    assert_eq!(found.notes, ["requirements.txt could not be read: it is not a regular file"]);
}

#[test]
fn a_directory_that_cannot_be_read_is_named() {
    // Permissions mean nothing to root, who may run the tests: the error is made, not provoked.
    let mut sources = Sources::default();
    let denied = |dir: &str| walk::unlisted(dir.into(), &io::ErrorKind::PermissionDenied.into());
    let found =
        [denied("a"), denied("old/b"), walk::unlisted("c".into(), &io::ErrorKind::NotFound.into())].concat();
    sources.list(Names::default().shown(found), &|path| path.starts_with("old/"));
    assert_eq!(sources.unreadable, [(RelPath::new("a/"), "permission denied".to_owned())]);
}

#[cfg(unix)]
#[test]
fn odd_names_stay_apart() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let dir = tree(&[("new\nline.py", "1"), ("caf\\xe9.py", "2")]);
    for (name, text) in [(&b"caf\xe9.py"[..], "3"), (b"caf\xe8.py", "4"), (b"d\xff.py", "5")] {
        fs::write(dir.path().join(OsStr::from_bytes(name)), text).unwrap();
    }
    let found = sources(dir.path());
    let texts: Vec<_> = found
        .files
        .iter()
        .map(|file| (file.path.as_str(), String::from_utf8(found.read(&file.path).unwrap()).unwrap()))
        .collect();
    assert_eq!(
        texts,
        [
            ("caf\\\\xe9.py", "3".to_owned()),
            ("caf\\xe8.py", "4".to_owned()),
            ("caf\\xe9.py", "2".to_owned()),
            ("d\\xff.py", "5".to_owned()),
            ("new\nline.py", "1".to_owned()),
        ]
    );
}

#[test]
fn scripts_have_a_shebang_and_no_suffix() {
    let dir = tree(&[
        ("bin/run", "#!/usr/bin/env python3\nimport a\n"),
        ("bin/sh", "#!/bin/sh\n"),
        ("bin/empty", ""),
        ("bin/.run", "#!/usr/bin/env python3\n"),
    ]);
    let found = sources(dir.path());
    assert_eq!(files(&found), ["bin/run"]);
    assert_eq!(found.files[0].kind, FileKind::Script);
}

#[test]
fn excluded_files_are_counted_and_speak_for_nothing() {
    let texts = [
        ("a.py", ""),
        ("old/a.py", ""),
        ("old/deep/b.py", ""),
        ("old/x.ts", ""),
        ("old/x.so", ""),
        ("old/pyproject.toml", ""),
        ("pyproject.toml", "x = 1"),
        ("setup.py", "y"),
    ];
    let dir = tree(&texts);
    let memory = texts.iter().map(|(path, text)| (RelPath::new(*path), text.as_bytes().to_vec())).collect();
    let exclude = |path: &str| path.starts_with("old/");
    for found in
        [Sources::from_disk(dir.path(), &exclude).unwrap(), Sources::from_memory_excluding(memory, &exclude)]
    {
        assert_eq!(files(&found), ["a.py", "setup.py"]);
        let excluded: Vec<_> = found.excluded.iter().map(|file| file.path.as_str()).collect();
        assert_eq!(excluded, ["old/a.py", "old/deep/b.py"]);
        assert_eq!(found.not_read, BTreeMap::new());
        assert_eq!(found.compiled, [RelPath::new("old/x.so")], "an import of it still resolves");
        assert_eq!(
            found.manifests,
            [
                Manifest { path: RelPath::new("pyproject.toml"), text: "x = 1".to_owned() },
                Manifest { path: RelPath::new("setup.py"), text: "y".to_owned() },
            ]
        );
        assert_eq!(found.read(&RelPath::new("setup.py")).unwrap(), b"y");
        assert_eq!(found.read(&RelPath::new("gone.py")).unwrap_err().kind(), io::ErrorKind::NotFound);
    }
}

#[test]
fn what_is_too_large_is_said() {
    let dir = tree(&[("huge.py", ""), ("requirements.txt", ""), ("a.py", "x")]);
    for (name, size) in [("huge.py", SOURCE_LIMIT + 1), ("requirements.txt", MANIFEST_LIMIT + 1)] {
        File::options().write(true).open(dir.path().join(name)).unwrap().set_len(size).unwrap();
    }
    let found = sources(dir.path());
    assert_eq!(files(&found), ["a.py"]);
    assert_eq!(found.unreadable, [(RelPath::new("huge.py"), "it is larger than 2 GiB".to_owned())]);
    assert_eq!(found.notes, ["requirements.txt could not be read: it is larger than 4 MiB"]);
}

#[test]
fn neither_threads_nor_the_order_of_creation_change_the_listing() {
    let names: Vec<String> = (0..200).map(|n| format!("d{}/e{}/m{n}.py", n % 7, n % 3)).collect();
    let forward: Vec<_> = names.iter().map(|name| (name.as_str(), "")).collect();
    let backward: Vec<_> = forward.iter().rev().copied().collect();
    let listing = |files_in: &[(&str, &str)], threads| {
        let dir = tree(files_in);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let found = pool.install(|| sources(dir.path()));
        files(&found).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    let mut sorted = names.clone();
    sorted.sort();
    assert_eq!(listing(&forward, 1), sorted);
    assert_eq!(listing(&backward, 4), sorted);
}

#[test]
fn the_root_is_the_nearest_registry_then_the_repository_then_the_start() {
    let dir = tree(&[
        ("plain/deep/", ""),
        ("repo/.git/", ""),
        ("repo/sub/", ""),
        ("repo/pyproject.toml", "[tool.importlawful]\n[project]\nkeywords = ['importlaw']\n"),
        ("reg/.git/", ""),
        ("reg/pyproject.toml", "[tool.importlaw]\nversion = 1\n"),
        ("reg/in/.git/", ""),
        ("two/importlaw.toml", "version = 1"),
        ("two/pyproject.toml", "tool.importlaw.version = 1"),
        ("two/Cargo.toml", "[workspace.metadata]\nimportlaw = {}"),
        ("crate/Cargo.toml", "[package]\nname = 'x'\nmetadata.importlaw.version = 1\n"),
        ("crate/src/", ""),
        ("typo/Cargo.toml", "x = [\n[package.metadata.importlaw]\n"),
        ("broken/pyproject.toml", "x = [\n [ tool.importlaw.checks]\n"),
        ("text.txt", ""),
    ]);
    let base = dir.path().canonicalize().unwrap();
    let root = |start: &str| {
        let root = find_root(&base.join(start)).unwrap();
        let names = root.registries.iter().map(|(path, _)| path.to_string()).collect::<Vec<_>>().join(" ");
        (root.dir.strip_prefix(&base).unwrap().to_str().unwrap().to_owned(), names)
    };
    for (start, dir, registries) in [
        ("repo/sub", "repo", ""),
        ("plain/deep", "plain/deep", ""),
        ("reg/in", "reg", "pyproject.toml"),
        ("two", "two", "importlaw.toml pyproject.toml Cargo.toml"),
        ("crate/src", "crate", "Cargo.toml"),
        ("typo", "typo", "Cargo.toml"),
        ("broken", "broken", "pyproject.toml"),
    ] {
        assert_eq!(root(start), (dir.to_owned(), registries.to_owned()), "{start}");
    }
    let error = find_root(&base.join("text.txt")).unwrap_err().to_string();
    assert!(error.ends_with("text.txt: not a directory"), "{error}");
    let error = find_root(&base.join("nowhere")).unwrap_err().to_string();
    assert!(error.contains("nowhere: No such file"), "{error}");
    write(&base, &[("bad/importlaw.toml/", "")]);
    let error = find_root(&base.join("bad")).unwrap_err().to_string();
    assert!(error.ends_with("importlaw.toml: it is not a regular file"), "{error}");
}

#[test]
fn dockerfiles_are_read_unless_hidden() {
    let texts = ["Dockerfile", "a/.dockerignore", "a/b.Dockerfile", "old/Dockerfile", "a/c.py"];
    let texts = texts.map(|path| (RelPath::new(path), path.as_bytes().to_vec())).into();
    let found = Sources::from_memory_excluding(texts, &|path| path.starts_with("old/"));
    let read: Vec<_> = found.containers.iter().map(|file| (file.path.as_str(), file.text.as_str())).collect();
    let expected = ["Dockerfile", "a/.dockerignore", "a/b.Dockerfile"].map(|path| (path, path));
    assert_eq!(read, expected);
    assert_eq!((found.files.len(), found.manifests.len()), (1, 0));
}
