//! Which names and modules an import leads to, and which are reported as missing; each case was settled by asking
//! CPython.

use std::collections::BTreeMap;

use importlaw::check::{Options, STACK, analyse, check_texts};
use importlaw::discover::Sources;
use importlaw::facts::Date;
use importlaw::registry::Registry;
use importlaw::registry::load::{Home, load};
use importlaw::source::RelPath;

/// `path:line message` of each finding of `unresolved-import`.
fn missing(files: &[(&str, &str)]) -> Vec<String> {
    let texts = texts(files);
    on_a_stack(move || {
        let report = check_texts(&registry(), texts, &Options::as_of(as_of())).expect("a report");
        let findings = report.findings.iter().filter(|f| f.violation.rule == "unresolved-import");
        findings.map(|f| format!("{}:{} {}", f.path, f.line, f.violation.message)).collect()
    })
}

/// `importer -> imported` of each edge.
fn edges(files: &[(&str, &str)]) -> Vec<String> {
    let texts = texts(files);
    on_a_stack(move || {
        let graph = analyse(&registry(), &Sources::from_memory(texts)).expect("a graph").graph;
        let name = |id| graph.module(id).name.as_str();
        graph.edges.iter().map(|e| format!("{} -> {}", name(e.importer), name(e.imported))).collect()
    })
}

fn texts(files: &[(&str, &str)]) -> BTreeMap<RelPath, Vec<u8>> {
    files.iter().map(|(path, text)| (RelPath::new(*path), text.as_bytes().to_vec())).collect()
}

fn as_of() -> Date {
    Date::parse("2026-11-22").expect("a date")
}

fn registry() -> Registry {
    load(&RelPath::new("importlaw.toml"), "version = 1", Home::Own, as_of()).expect("a registry")
}

fn on_a_stack(run: impl FnOnce() -> Vec<String> + Send + 'static) -> Vec<String> {
    std::thread::Builder::new().stack_size(STACK).spawn(run).expect("a thread").join().expect("no panic")
}

#[test]
fn a_wildcard_leads_to_the_submodules_that_all_lists() {
    let found = edges(&[
        ("pkg/__init__.py", "from .c import thing\n__all__ = ['a', 'c', 'thing', 'gone']\nc = 1\n"),
        ("pkg/a.py", ""),
        ("pkg/b.py", ""),
        ("pkg/c.py", "thing = 1\n"),
        ("use.py", "from pkg import *\n"),
    ]);
    assert_eq!(found, ["pkg -> pkg.c", "use -> pkg", "use -> pkg.a"], "`c` is bound by the package itself");
}

#[test]
fn a_name_is_not_bound_by_the_import_that_asks_its_own_module_for_it() {
    let found = missing(&[
        ("pkg/__init__.py", "from . import a, gone\nfrom pkg import lost\nfrom . import late\nlate = 1\n"),
        ("pkg/a.py", "from pkg.a import nothing\nfrom .a import b as c, c\n"),
        ("use.py", "from pkg import gone\n"),
    ]);
    assert_eq!(
        found,
        [
            "pkg/__init__.py:1 `pkg` has no `gone`",
            "pkg/__init__.py:2 `pkg` has no `lost`",
            "pkg/a.py:1 `pkg.a` has no `nothing`",
            "pkg/a.py:2 `pkg.a` has no `b`",
        ],
        "what imports a name that fails in its own module is not to blame",
    );
}

#[test]
fn a_script_named_like_a_package_from_elsewhere_is_not_that_package() {
    assert_eq!(missing(&[("bin/docker.py", "from docker import Client\n")]), [""; 0]);
}

#[test]
fn a_module_hides_the_directory_of_its_name_unless_that_is_a_package() {
    let found = missing(&[
        ("pkg/__init__.py", ""),
        ("pkg/auth.py", "def check(): ...\n"),
        ("pkg/auth/ticket.py", "from . import other\n"),
        ("pkg/auth/other.py", ""),
        (
            "pkg/use.py",
            "from pkg.auth import check, ticket\nfrom pkg.auth.ticket import x\nimport pkg.auth.other\n",
        ),
        ("pkg/near.py", "from .auth import other\nfrom .auth.other import y\n"),
        ("pkg/both.py", ""),
        ("pkg/both/__init__.py", ""),
        ("pkg/both/sub.py", ""),
        ("pkg/spread.py", "__path__ = ['elsewhere']\n"),
        ("pkg/spread/part.py", ""),
        ("top.py", ""),
        ("top/sub.py", ""),
        ("use.py", "import pkg.both.sub\nimport pkg.spread.part\nimport top.sub\n"),
    ]);
    assert_eq!(
        found,
        [
            "pkg/near.py:1 `pkg.auth.other` cannot be imported: `pkg/auth.py` is a module, not a package",
            "pkg/near.py:2 `pkg.auth.other` cannot be imported: `pkg/auth.py` is a module, not a package",
            "pkg/use.py:1 `pkg.auth.ticket` cannot be imported: `pkg/auth.py` is a module, not a package",
            "pkg/use.py:2 `pkg.auth.ticket` cannot be imported: `pkg/auth.py` is a module, not a package",
            "pkg/use.py:3 `pkg.auth.other` cannot be imported: `pkg/auth.py` is a module, not a package",
            "use.py:3 `top.sub` cannot be imported: `top.py` is a module, not a package",
        ]
    );
}
