//! What a file is, by its name; for a file without a suffix, by its first bytes.

use crate::source::{FileKind, Language};

/// How many bytes tell a script: the kernel itself reads no longer shebang than 256.
pub(super) const SHEBANG_BYTES: usize = 128;

/// What a name says of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// A source file of a language that is read.
    Source(FileKind),
    /// A compiled module, or one that is compiled from a language no extractor knows.
    Compiled,
    /// A source file of a language that is not read yet.
    NotRead(Language),
    /// A manifest and nothing else; see [`is_manifest`].
    Manifest,
    /// A Cargo.toml.
    Cargo,
    /// A Dockerfile or a `.dockerignore`.
    Container,
    /// What builds, tests or deploys, by its suffix: it may name modules in plain text.
    Build,
    /// A name without a suffix: a script if it begins like one.
    NoSuffix,
}

/// The class of the file `name` in a directory named `parent`; None for a file that says nothing about imports.
pub(super) fn class_of(parent: &str, name: &str) -> Option<Class> {
    let Some((stem, suffix)) = name.rsplit_once('.') else {
        if is_container(name) {
            return Some(Class::Container);
        }
        return Some(if is_manifest(parent, name) { Class::Manifest } else { Class::NoSuffix });
    };
    Some(match suffix {
        "py" => Class::Source(FileKind::Module),
        "pyi" => Class::Source(FileKind::Stub),
        "ipynb" => Class::Source(FileKind::Notebook),
        "so" | "pyd" | "pyx" if !stem.is_empty() => Class::Compiled,
        "rs" => Class::NotRead(Language::Rust),
        "toml" if name == "Cargo.toml" => Class::Cargo,
        "ts" | "tsx" | "mts" | "cts" | "js" | "jsx" | "mjs" | "cjs" => Class::NotRead(Language::TypeScript),
        _ if is_manifest(parent, name) => Class::Manifest,
        _ if is_container(name) => Class::Container,
        "toml" | "yaml" | "yml" | "cfg" | "ini" | "mk" | "sh" => Class::Build,
        _ => return None,
    })
}

/// Whether the file `name` in a directory named `parent` says which distributions or dependencies there are.
pub(super) fn is_manifest(parent: &str, name: &str) -> bool {
    matches!(name, "pyproject.toml" | "setup.cfg" | "setup.py" | "Pipfile")
        || name.strip_suffix(".txt").is_some_and(|stem| {
            parent == "requirements" || stem.starts_with("requirements") || stem.ends_with("requirements")
        })
}

/// Whether the file `name` says what a container image holds: `Dockerfile`, `Dockerfile.dev`, `dev.Dockerfile`,
/// `.dockerignore`.
fn is_container(name: &str) -> bool {
    let (first, last) = (name.split('.').next().unwrap_or(name), name.rsplit('.').next().unwrap_or(name));
    matches!(first, "Dockerfile" | "Containerfile")
        || matches!(last, "Dockerfile" | "dockerfile" | "Containerfile" | "dockerignore")
}

/// Whether a file that begins with `head` is a Python script: `#!/usr/bin/env python3`, `#!/opt/x/bin/python -u`.
pub(super) fn is_python_script(head: &[u8]) -> bool {
    let Some(line) = head.strip_prefix(b"#!") else { return false };
    let line = line.split(|&byte| byte == b'\n').next().unwrap_or(line);
    line.split(u8::is_ascii_whitespace).any(|word| {
        let program = word.rsplit(|&byte| byte == b'/').next().unwrap_or(word);
        program.starts_with(b"python") || program.starts_with(b"pypy")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_its_class() {
        for (parent, name, class) in [
            ("", "a.py", Some(Class::Source(FileKind::Module))),
            ("", "a.pyi", Some(Class::Source(FileKind::Stub))),
            ("", "a.ipynb", Some(Class::Source(FileKind::Notebook))),
            ("", "setup.py", Some(Class::Source(FileKind::Module))),
            ("", "_x.cpython-311-x86_64-linux-gnu.so", Some(Class::Compiled)),
            ("", "_x.pyx", Some(Class::Compiled)),
            ("", ".so", None),
            ("", "libx.so.1", None),
            ("", "a.rs", Some(Class::NotRead(Language::Rust))),
            ("", "a.d.ts", Some(Class::NotRead(Language::TypeScript))),
            ("", "requirements-dev.txt", Some(Class::Manifest)),
            ("", "test-requirements.txt", Some(Class::Manifest)),
            ("requirements", "dev.txt", Some(Class::Manifest)),
            ("", "dev.txt", None),
            ("", "Pipfile", Some(Class::Manifest)),
            ("a", "Cargo.toml", Some(Class::Cargo)),
            ("a", "cargo.toml", Some(Class::Build)),
            ("", "docker-compose.yml", Some(Class::Build)),
            ("", "pyproject.toml", Some(Class::Manifest)),
            ("", "Makefile", Some(Class::NoSuffix)),
            ("", "Dockerfile", Some(Class::Container)),
            ("", "Dockerfile.dev", Some(Class::Container)),
            ("", "backend.Dockerfile", Some(Class::Container)),
            ("", "Containerfile", Some(Class::Container)),
            ("", ".dockerignore", Some(Class::Container)),
            ("", "backend.Dockerfile.dockerignore", Some(Class::Container)),
            ("", "Dockerfile.py", Some(Class::Source(FileKind::Module))),
            ("", "Dockerfiles", Some(Class::NoSuffix)),
            ("", "dockerignore.md", None),
            ("", ".gitignore", None),
            ("", "a.PY", None),
        ] {
            assert_eq!(class_of(parent, name), class, "{parent}/{name}");
        }
        assert!(is_manifest("", "setup.py"), "both a manifest and a source file");
    }

    #[test]
    fn a_shebang_names_its_interpreter() {
        for (head, script) in [
            ("#!/usr/bin/env python3\nimport a\n", true),
            ("#!/usr/bin/env -S python3 -u\n", true),
            ("#! /usr/bin/python\r\n", true),
            ("#!/opt/pypy3", true),
            ("#!/usr/bin/env -S uv run --script\n# python\n", false),
            ("#!/bin/sh\nexec python x\n", false),
            ("#!/opt/python/bin/sh\n", false),
            ("import a\n", false),
            ("", false),
        ] {
            assert_eq!(is_python_script(head.as_bytes()), script, "{head}");
        }
    }
}
