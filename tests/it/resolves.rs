//! Which first-party names are reported as missing, case by case; each was settled by asking CPython.

use importlaw::check::{Options, STACK, check_texts};
use importlaw::facts::Date;
use importlaw::registry::load::{Home, load};
use importlaw::source::RelPath;

/// `path:line message` of each finding of `unresolved-import`.
fn missing(files: &[(&str, &str)]) -> Vec<String> {
    let texts = files.iter().map(|(path, text)| (RelPath::new(*path), text.as_bytes().to_vec())).collect();
    let run = move || {
        let as_of = Date::parse("2026-11-22").expect("a date");
        let registry =
            load(&RelPath::new("importlaw.toml"), "version = 1", Home::Own, as_of).expect("a registry");
        let report = check_texts(&registry, texts, &Options::as_of(as_of)).expect("a report");
        let findings = report.findings.iter().filter(|f| f.violation.rule == "unresolved-import");
        findings.map(|f| format!("{}:{} {}", f.path, f.line, f.violation.message)).collect()
    };
    std::thread::Builder::new().stack_size(STACK).spawn(run).expect("a thread").join().expect("findings")
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
