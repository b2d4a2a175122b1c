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

#[test]
fn a_name_written_from_outside_is_bound() {
    let writers = [
        "from p import a\na.x = 1\n",
        "from . import a\ndef f():\n    a.x = 1\n",
        "import p.a\np.a.x = 1\n",
        "import p.a as m\nm.x: int = 1\n",
        "from p import a\nsetattr(a, 'x', 1)\n",
        "import sys\nsys.modules['p.a'].x = 1\n",
        "import sys\nsetattr(sys.modules['p.a'], 'x', 1)\n",
        "from p import a\n(a.x, y) = 1, 2\n",
        // What cannot be told is not reported either.
        "from p import a\nfor n in names: setattr(a, n, 1)\n",
        "import sys\nsys.modules['p.a'] = object()\n",
    ];
    for writer in writers {
        let found = missing(&[
            ("p/__init__.py", ""),
            ("p/a.py", ""),
            ("p/b.py", writer),
            ("p/wild.py", "from p.a import *\n"),
            ("p/c.py", "import p.b\nfrom p.a import x\nfrom p.wild import x as y\n"),
        ]);
        assert_eq!(found, [""; 0], "{writer}");
    }
    let others = [
        "from p import a\na.y = 1\n",
        "from p import a\na.x\n",
        "from p import a\na.Class.x = 1\n",
        "from p import a\ndef f(a):\n    a.x = 1\n",
        "from p import b as a\na.x = 1\n",
        "import p.a\np.x = 1\n",
        "import sys\nsys.modules['a'].x = 1\n",
        "from p import a\nsetattr(a.Class, n, 1)\n",
    ];
    for other in others {
        let found = missing(&[
            ("p/__init__.py", ""),
            ("p/a.py", "class Class: ...\n"),
            ("p/b.py", other),
            ("p/c.py", "from p.a import x\n"),
        ]);
        assert_eq!(found, ["p/c.py:1 `p.a` has no `x`"], "{other}");
    }
}

#[test]
fn what_a_test_writes_counts_for_what_is_loaded_with_it() {
    let found = missing(&[
        ("p/__init__.py", ""),
        ("p/a.py", ""),
        ("p/c.py", "from p.a import x\nimport p.gone\n"),
        ("tests/conftest.py", "import sys\nfrom p import a\na.x = 1\nsys.modules['p.gone'] = a\n"),
        ("tests/__init__.py", ""),
        ("tests/tools.py", "from p import a\na.tool = 1\n"),
        ("tests/test_a.py", "import tests.tools\nfrom p import a\na.own = 1\nfrom p.a import own, tool, x\n"),
        // Nothing but pytest loads `test_a`, and `test_b` starts without it.
        ("tests/test_b.py", "from p.a import x, tool\nimport p.gone\nfrom p.a import own\n"),
    ]);
    assert_eq!(
        found,
        [
            "p/c.py:1 `p.a` has no `x`",
            "p/c.py:2 `p.gone` does not exist; `p` does",
            "tests/test_b.py:3 `p.a` has no `own`",
        ]
    );
}

#[test]
fn a_module_put_into_sys_modules_may_be_there() {
    let found = missing(&[
        ("p/__init__.py", ""),
        ("p/a.py", "import sys\nsys.modules['p.gone'] = sys.modules['p.far.off'] = sys\n"),
        (
            "p/b.py",
            "import p.gone\nfrom p import gone\nfrom p.gone import x\nimport p.gone.below\nfrom .gone import y\n",
        ),
        ("p/c.py", "import p.far.off\nfrom p.far.off import x\nimport p.far\nimport p.gone_too\n"),
    ]);
    assert_eq!(
        found,
        ["p/c.py:3 `p.far` does not exist; `p` does", "p/c.py:4 `p.gone_too` does not exist; `p` does"]
    );
}
