use super::*;
use crate::source::{FileId, FileKind, Language};

/// The project of source files, compiled files (by suffix) and manifests (those with a text).
fn project_of(paths: &[&str], texts: &[(&str, &str)]) -> PythonProject {
    let mut paths: Vec<RelPath> = paths.iter().map(|path| RelPath::new(*path)).collect();
    paths.sort();
    let (compiled, sources): (Vec<_>, Vec<_>) = paths
        .into_iter()
        .partition(|path| [".so", ".pyd", ".pyx"].iter().any(|end| path.as_str().ends_with(end)));
    let file = |path| SourceFile { id: FileId(0), path, language: Language::Python, kind: FileKind::Module };
    let files: Vec<_> = sources.into_iter().map(file).collect();
    let texts: Vec<_> = texts.iter().map(|(path, text)| (RelPath::new(*path), *text)).collect();
    let manifests: Vec<_> = texts.iter().map(|(path, text)| (path, *text)).collect();
    project(&files, &compiled, &manifests)
}

#[test]
fn roots_are_detected() {
    let pyproject = "[project]\nname='x'\n";
    for (paths, manifests, roots) in [
        (&["a.py"][..], &[][..], &[""][..]),
        (&["a.py", "src/b/__init__.py"], &[], &["", "src"]),
        (&["__init__.py", "src/__init__.py"], &[], &[""]),
        (&["src/__init__.pyi"], &[], &[""]),
        (
            &["services/a/m.py", "services/b/src/m.py"],
            &[("services/a/pyproject.toml", pyproject), ("services/b/pyproject.toml", pyproject)],
            &["", "services/a", "services/b", "services/b/src"],
        ),
        (&["pkg/__init__.py"], &[("pkg/setup.cfg", "[metadata]\nname=x")], &[""]),
        (&["a/m.py"], &[("a/pyproject.toml", "[tool.black]\nline-length=1")], &[""]),
        (&["a/m.py"], &[("a/setup.py", "import setuptools\nsetuptools.setup()")], &["", "a"]),
        (&["a/m.py"], &[("a/setup.py", "def setup(): pass")], &[""]),
        (&["a/m.py"], &[("a/setup.cfg", "[flake8]\nx=1")], &[""]),
        (
            &["lib/m.py", "py/_x.so"],
            &[(
                "pyproject.toml",
                "[tool.setuptools.packages.find]\nwhere=['./lib/', 'py', 'gone', '../out', '/abs']",
            )],
            &["", "lib", "py"],
        ),
        (&["lib/m.py"], &[("pyproject.toml", "[tool.setuptools.package-dir]\n'' = 'lib'")], &["", "lib"]),
        (
            &["a/lib/m.py"],
            &[("a/pyproject.toml", "[[tool.poetry.packages]]\ninclude='m'\nfrom='lib'")],
            &["", "a", "a/lib"],
        ),
        (
            &["lib/p/m.py", "py/m.py"],
            &[(
                "pyproject.toml",
                "[tool.hatch.build.targets.wheel]\npackages=['lib/p', 'top']\nsources={py='', x='y'}",
            )],
            &["", "lib", "py"],
        ),
        (
            &["t/m.py", "u/m.py"],
            &[("pyproject.toml", "[tool.pytest.ini_options]\npythonpath='t u .'")],
            &["", "t", "u"],
        ),
        (&["t/m.py", "u/m.py"], &[("setup.cfg", "[tool:pytest]\npythonpath =\n  t\n  u")], &["", "t", "u"]),
        (&["lib/m.py"], &[("setup.cfg", "[options]\npackage_dir =\n  = lib")], &["", "lib"]),
        (&["python/m.py"], &[("pyproject.toml", "[tool.maturin]\npython-source='python'")], &["", "python"]),
        (&["a-b/m.py", "a.py", "a/m.py"], &[("a/Pipfile", ""), ("a-b/setup.py", "setup()")], &["", "a-b"]),
    ] {
        assert_eq!(project_of(paths, manifests).roots, roots, "{paths:?} {manifests:?}");
    }
}

#[test]
fn import_names_count_where_their_distribution_is_declared() {
    let text = "[project]\nname='My.App'\ndependencies=['Acme.Platform_SDK', 'my-app[all]']";
    let mut project = project_of(&[], &[("pyproject.toml", text), ("tools/setup.py", "setup()")]);
    assert_eq!(project.distributions.iter().collect::<Vec<_>>(), ["acme-platform-sdk"]);
    let provided = ["_distutils_hack", "my", "my_app", "pkg_resources", "setuptools"];
    assert_eq!(project.provided.iter().collect::<Vec<_>>(), provided);
    let names = [("acmelib.client", "acme_platform-sdk"), ("other", "absent")];
    project.add_import_names(&names.map(|(name, of)| (name.to_owned(), of.to_owned())));
    assert_eq!(project.declared.iter().collect::<Vec<_>>(), ["acme", "acme_platform_sdk", "acmelib"]);
}

#[test]
fn dependencies_are_those_of_every_manifest_and_group() {
    for (path, text, declared) in [
        (
            "pyproject.toml",
            "[project]\nname='My.App'\ndependencies=['requests>=2', 'my-app[all]']\noptional-dependencies.x=['PyYAML']",
            &["_yaml", "pyyaml", "requests", "yaml"][..],
        ),
        ("pyproject.toml", "[dependency-groups]\ndev=['ruff', {include-group='x'}]", &["ruff"]),
        (
            "pyproject.toml",
            "[tool.poetry.dependencies]\npython='^3.9'\nattrs='*'\n[tool.poetry.group.dev.dependencies]\nmypy={version='1'}\n[tool.poetry.dev-dependencies]\nblack='1'",
            &["attr", "attrs", "black", "mypy"],
        ),
        (
            "requirements/dev.txt",
            "# x\n-r base.txt\nDjango==4 ; python_version>'3'\n\npillow\\\n  --hash=x\nname @ https://e.org/x\n./local\n",
            &["PIL", "django", "name", "pillow"],
        ),
        (
            "setup.cfg",
            "[options]\ninstall_requires =\n  a-b; python_version < '3'\n  c\n[options.extras_require]\nx =\n  d",
            &["a_b", "c", "d"],
        ),
        ("setup.py", "setup(install_requires=['protobuf'])", &["google", "protobuf"]),
        (
            "Pipfile",
            "[packages]\nflask='*'\n[dev-packages]\nscikit-learn={version='1'}",
            &["flask", "scikit_learn", "sklearn"],
        ),
    ] {
        let project = project_of(&[], &[(path, text)]);
        assert_eq!(project.declared.iter().collect::<Vec<_>>(), declared, "{path} {text}");
        assert_eq!(project.notes, [""; 0]);
    }
    let siblings = project_of(
        &[],
        &[
            ("a/pyproject.toml", "[project]\nname='a'\ndependencies=['B_core', 'c']"),
            ("b/pyproject.toml", "[project]\nname='b-core'"),
        ],
    );
    assert!(siblings.declares("c") && !siblings.declares("b_core"));
}

#[test]
fn the_version_is_the_top_most_manifest_s() {
    for (manifests, version) in [
        (&[][..], (3, 14)),
        (&[("pyproject.toml", "[project]\nrequires-python='>=3.8,<3.12'")][..], (3, 11)),
        (
            &[
                ("a/pyproject.toml", "[project]\nrequires-python='<3.10'"),
                ("pyproject.toml", "[project]\nrequires-python='<3.13'"),
            ],
            (3, 12),
        ),
        (
            &[("a/pyproject.toml", "[project]\nrequires-python='<3.10'"), ("pyproject.toml", "[project]")],
            (3, 9),
        ),
        (&[("setup.cfg", "[options]\npython_requires = ==3.10.*")], (3, 10)),
        (&[("setup.py", "setup(python_requires='~=3.10.1')")], (3, 10)),
        (&[("pyproject.toml", "[tool.poetry.dependencies]\npython='~3.9'")], (3, 9)),
        (&[("Pipfile", "[requires]\npython_version='3.8'")], (3, 8)),
        (&[("setup.py", "setup(python_requires='<3')")], (3, 14)),
    ] {
        assert_eq!(project_of(&[], manifests).version, version, "{manifests:?}");
    }
}

#[test]
fn compiled_modules_are_opaque() {
    let project = project_of(
        &["pkg/_a.cpython-311-x86_64-linux-gnu.so", "pkg/_b.pyx", "_c.abi3.so", "py/m.py", "rs/src/m.py"],
        &[
            ("pyproject.toml", "[tool.maturin]\nmodule-name='pkg._core'\npython-source='py'\n[project]"),
            ("rs/setup.py", "setup(ext_modules=[Extension('fast._x', [])])"),
            ("setup.cfg", "[metadata]"),
        ],
    );
    assert_eq!(
        project.opaque,
        ["_c", "pkg/_a", "pkg/_b", "pkg/_core", "py/pkg/_core", "rs/fast/_x", "rs/src/fast/_x",]
    );
}

#[test]
fn a_manifest_that_does_not_parse_is_a_note() {
    let project =
        project_of(&["a/m.py"], &[("a/pyproject.toml", "[project\nname"), ("a/requirements.txt", "x")]);
    assert_eq!(project.roots, [""]);
    assert!(project.declares("x"));
    let [note] = &project.notes[..] else { panic!("{:?}", project.notes) };
    assert!(
        note.starts_with("a/pyproject.toml does not parse, so what it declares is not known: "),
        "{note}"
    );
    assert!(!note.contains('\n'));
}

#[test]
fn prose_by_the_name_of_a_manifest_declares_nothing() {
    let text = "Requirements\n\nWe ask for these:\n  id: int\nsteps\nKey steps to take\n";
    let project = project_of(&[], &[("requirements-plan.txt", text)]);
    assert_eq!(project.declared.len(), 0);
    assert_eq!(
        project.notes,
        [
            "requirements-plan.txt does not parse, so what it declares is not known: 3 of its lines are no requirements"
        ]
    );
    let mostly =
        project_of(&[], &[("requirements.txt", "a\n<<<<<<< HEAD\nb==1\n-e .\nhttps://e.org/x.zip\n")]);
    assert_eq!(mostly.declared.iter().collect::<Vec<_>>(), ["a", "b"]);
}

#[test]
fn depth_is_bounded_by_the_parser() {
    for text in [
        "a.".repeat(100_000) + "a = 1",
        format!("[{}a]", "a.".repeat(100_000)),
        format!("a = {}", "[".repeat(100_000)),
    ] {
        let project = project_of(&[], &[("pyproject.toml", &text)]);
        let [note] = &project.notes[..] else { panic!("{:?}", project.notes) };
        assert!(note.contains("recurs"), "{note}");
    }
}

#[test]
fn declared_scripts_are_read() {
    let pyproject = "\
[project.scripts]
app = 'pkg.cli:main'
bad = '1:x'
[project.gui-scripts]
gui = 'pkg.gui:App.run [qt]'
[project.entry-points.\"pkg.plugins\"]
one = 'pkg.plugins'
[tool.poetry.scripts]
old = { reference = 'pkg.old:main', type = 'console' }
";
    let setup_cfg = "\
[options.entry_points]
console_scripts =
    tool = tools.cli : main
    # none = x
    nonsense
";
    let project = project_of(&[], &[("pyproject.toml", pyproject), ("tools/setup.cfg", setup_cfg)]);
    let found: Vec<_> =
        project.scripts.iter().map(|script| (&*script.name, &*script.target, &*script.source)).collect();
    let expected = [
        ("app", "pkg.cli:main", "[project.scripts] in pyproject.toml"),
        ("gui", "pkg.gui:App", "[project.gui-scripts] in pyproject.toml"),
        ("old", "pkg.old:main", "[tool.poetry.scripts] in pyproject.toml"),
        ("one", "pkg.plugins", "[project.entry-points.pkg.plugins] in pyproject.toml"),
        ("tool", "tools.cli:main", "console_scripts in tools/setup.cfg"),
    ];
    assert_eq!(found, expected);
}
