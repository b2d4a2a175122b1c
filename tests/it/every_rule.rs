//! Over every rule there is: its findings can be waived where they stand, and no key that names nothing passes silently.

use std::collections::BTreeMap;

use importlaw::check::{Options, STACK, check_texts};
use importlaw::facts::Date;
use importlaw::formats::{Format, TextOptions, write};
use importlaw::registry::load::{Home, load};
use importlaw::report::Report;
use importlaw::rules::ALL;
use importlaw::source::RelPath;
use importlaw::violation::{Severity, Status};

/// Judges texts; `importlaw.toml` among them is the registry. The heading `version = 1` is added to it.
fn report(files: &[(&str, String)]) -> Report {
    let registry = files.iter().find(|(path, _)| *path == "importlaw.toml").map_or("", |(_, text)| text);
    let registry = format!("version = 1\n{registry}");
    let texts: BTreeMap<RelPath, Vec<u8>> =
        files.iter().map(|(path, text)| (RelPath::new(*path), text.clone().into_bytes())).collect();
    let run = move || {
        let as_of = Date::parse("2026-11-22").unwrap();
        let registry = load(&RelPath::new("importlaw.toml"), &registry, Home::Own, as_of)
            .unwrap_or_else(|errors| panic!("{:?}\n{registry}", errors.problems()));
        check_texts(&registry, texts, &Options::as_of(as_of)).unwrap()
    };
    std::thread::Builder::new().stack_size(STACK).spawn(run).unwrap().join().unwrap()
}

/// A rule with the waiver's place, `%`, in files that break it and nothing else.
type Waivable = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

/// Every rule whose findings stand on a line of a source file.
const WAIVABLE: &[Waivable] = &[
    (
        "canonical",
        "[[canonical]]\nid = \"canonical\"\nsymbols = [\"A\"]\npath = \"p.door\"\n",
        &[
            ("p/door.py", "class A: ...\n"),
            ("p/x/face.py", "from p.door import A\n"),
            ("q.py", "from p.x.face import A  %\n"),
        ],
    ),
    (
        "doors",
        "[doors]\n\"p.door\" = [\"A\"]\n",
        &[
            ("p/door.py", "class A: ...\n"),
            ("p/x/face.py", "from p.door import A\n"),
            ("q.py", "from p.x.face import A  %\n"),
        ],
    ),
    (
        "moved",
        "[moved]\n\"p.old\" = \"p.new\"\n",
        &[("p/old.py", ""), ("p/new.py", ""), ("q.py", "import p.old  %\n")],
    ),
    (
        "forbidden",
        "[[forbidden]]\nid = \"forbidden\"\nfrom = [\"q\"]\nto = [\"p\"]\n",
        &[("p/a.py", ""), ("q.py", "import p.a  %\n")],
    ),
    (
        "layers",
        "[[layers]]\nid = \"layers\"\norder = [\"q\", \"p\"]\n",
        &[("p/a.py", "import q  %\n"), ("q.py", "")],
    ),
    (
        "independent",
        "[[independent]]\nid = \"independent\"\nmodules = [\"q\", \"p\"]\n",
        &[("p/a.py", "import q  %\n"), ("q.py", "")],
    ),
    (
        "protected",
        "[[protected]]\nid = \"protected\"\nmodules = [\"p\"]\nonly = []\n",
        &[("p/a.py", ""), ("q.py", "import p.a  %\n")],
    ),
    (
        "allowed",
        "[[allowed]]\nid = \"allowed\"\nfrom = [\"q\"]\nonly = []\n",
        &[("p/a.py", ""), ("q.py", "import p.a  %\n")],
    ),
    (
        "interface",
        "[[interface]]\nid = \"interface\"\nof = \"p\"\nexposes = [\"b\"]\n",
        &[("p/a.py", ""), ("p/b.py", ""), ("q.py", "import p.a  %\n")],
    ),
    (
        "external",
        "[[external]]\nid = \"external\"\nfrom = [\"**\"]\ndeny = [\"redis\"]\n",
        &[("q.py", "import redis  %\n")],
    ),
    (
        "required",
        "[[required]]\nid = \"required\"\nfrom = [\"q\"]\nany-of = [\"p.base\"]\n",
        &[("p/base.py", ""), ("q.py", "x = 1  %\n")],
    ),
    (
        "acyclic",
        "[[acyclic]]\nid = \"acyclic\"\nwithin = [\"p\"]\n",
        &[("p/a.py", "import p.b\nfrom p.b import x\n"), ("p/b.py", "import p.a  %\nx = 1\n")],
    ),
    (
        "entrypoint",
        "[checks]\nunresolved-import = \"off\"\n[[entrypoint]]\nid = \"entrypoint\"\nmodule = \"p.main\"\n",
        &[("p/__init__.py", ""), ("p/main.py", "import p.gone  %\n")],
    ),
    ("unresolved-import", "", &[("p/__init__.py", ""), ("q.py", "import p.gone  %\n")]),
    ("unparsed-file", "", &[("q.py", "x = = 1  %\n")]),
    ("relative-beyond-root", "", &[("p/__init__.py", ""), ("p/a.py", "from .. import q  %\n")]),
    (
        "string-reference",
        "[checks]\nstring-reference = \"error\"\n",
        &[("p/__init__.py", ""), ("q.py", "from unittest import mock\nmock.patch(\"p.gone.X\")  %\n")],
    ),
    (
        "relative-import",
        "[checks]\nrelative-import = \"error\"\n",
        &[("p/__init__.py", ""), ("p/a.py", ""), ("p/b.py", "from . import a  %\n")],
    ),
    (
        "wildcard-import",
        "[checks]\nwildcard-import = \"error\"\n",
        &[("p/a.py", ""), ("q.py", "from p.a import *  %\n")],
    ),
    (
        "duplicate-definition",
        "[checks]\nduplicate-definition = \"error\"\n",
        &[("p/a.py", "class A:  %\n    pass\n"), ("p/b.py", "class A: ...\n")],
    ),
    (
        "scope-leak",
        "[[scope]]\nname = \"test\"\nfiles = [\"default\"]\n[checks]\nscope-leak = \"error\"\n",
        &[("p/tests/a.py", ""), ("p/b.py", "import p.tests.a  %\n")],
    ),
    (
        "unknown-package",
        "[checks]\nunknown-package = \"error\"\n",
        &[("requirements.txt", "redis\n"), ("q.py", "import httpx  %\n")],
    ),
    (
        "shadowed-module",
        "[checks]\nshadowed-module = \"error\"\n",
        &[("p/__init__.py", ""), ("p.py", "x = 1  %\n")],
    ),
];

/// The crate that the cases of Rust stand in.
const CRATE: (&str, &str) = ("Cargo.toml", "[package]\nname = \"p\"\nedition = \"2024\"\n");

/// The same of Rust: every rule that can find something on a line of a Rust file.
const WAIVABLE_IN_RUST: &[Waivable] = &[
    (
        "canonical",
        "[[canonical]]\nid = \"canonical\"\nsymbols = [\"A\"]\npath = \"p::door\"\n",
        &[
            ("src/lib.rs", "pub mod door;\npub mod face;\nmod q;\n"),
            ("src/door.rs", "pub struct A;\n"),
            ("src/face.rs", "pub use crate::door::A;\n"),
            ("src/q.rs", "use crate::face::A; %\n"),
        ],
    ),
    (
        "doors",
        "[doors]\n\"p::door\" = [\"A\"]\n",
        &[
            ("src/lib.rs", "pub mod door;\npub mod face;\nmod q;\n"),
            ("src/door.rs", "pub struct A;\n"),
            ("src/face.rs", "pub use crate::door::A;\n"),
            ("src/q.rs", "fn q(_: crate::face::A) {} %\n"),
        ],
    ),
    (
        "moved",
        "[moved]\n\"p::old\" = \"p::new\"\n",
        &[
            ("src/lib.rs", "mod new;\nmod old;\nmod q;\n"),
            ("src/new.rs", ""),
            ("src/old.rs", ""),
            ("src/q.rs", "use crate::old; %\n"),
        ],
    ),
    (
        "forbidden",
        "[[forbidden]]\nid = \"forbidden\"\nfrom = [\"p::q\"]\nto = [\"p::a\"]\n",
        &[
            ("src/lib.rs", "mod a;\nmod q;\n"),
            ("src/a.rs", ""),
            ("src/q.rs", "fn q() {\n    use crate::a; %\n}\n"),
        ],
    ),
    (
        "layers",
        "[[layers]]\nid = \"layers\"\norder = [\"q\", \"a\"]\nwithin = [\"p\"]\n",
        &[("src/lib.rs", "mod a;\nmod q;\n"), ("src/a.rs", "use super::q; %\n"), ("src/q.rs", "")],
    ),
    (
        "independent",
        "[[independent]]\nid = \"independent\"\nmodules = [\"p::q\", \"p::a\"]\n",
        &[("src/lib.rs", "mod a;\nmod q;\n"), ("src/a.rs", "use crate::q; %\n"), ("src/q.rs", "")],
    ),
    (
        "protected",
        "[[protected]]\nid = \"protected\"\nmodules = [\"p::a\"]\nonly = []\n",
        &[
            ("src/lib.rs", "mod a;\nmod q;\n"),
            ("src/a.rs", "pub fn a() {}\n"),
            ("src/q.rs", "use crate::a::{a}; %\n"),
        ],
    ),
    (
        "allowed",
        "[[allowed]]\nid = \"allowed\"\nfrom = [\"p::q\"]\nonly = []\n",
        &[
            ("src/lib.rs", "mod a;\nmod q;\n"),
            ("src/a.rs", ""),
            ("src/q.rs", "#[cfg(test)]\nuse crate::a; %\n"),
        ],
    ),
    (
        "interface",
        "[[interface]]\nid = \"interface\"\nof = \"p::a\"\nexposes = [\"b\"]\n",
        &[
            ("src/lib.rs", "mod a;\nmod q;\n"),
            ("src/a.rs", "pub fn b() {}\npub fn c() {}\n"),
            ("src/q.rs", "fn q() { crate::a::c(); } %\n"),
        ],
    ),
    (
        "external",
        "[[external]]\nid = \"external\"\nfrom = [\"p\"]\ndeny = [\"std::process\"]\n",
        &[("src/lib.rs", "use std::process::exit; %\n")],
    ),
    (
        "required",
        "[[required]]\nid = \"required\"\nfrom = [\"p::q\"]\nany-of = [\"p::a\"]\n",
        &[("src/lib.rs", "mod a;\nmod q;\n"), ("src/a.rs", ""), ("src/q.rs", "fn q() {} %\n")],
    ),
    (
        "acyclic",
        "[[acyclic]]\nid = \"acyclic\"\nwithin = [\"p\"]\n",
        &[
            ("src/lib.rs", "mod a;\nmod b;\n"),
            ("src/a.rs", "use crate::b;\nuse crate::b::x;\n"),
            ("src/b.rs", "use crate::a; %\npub fn x() {}\n"),
        ],
    ),
    (
        "unresolved-import",
        "[checks]\nunresolved-import = { level = \"error\", languages = [\"rust\"] }\n",
        &[("src/lib.rs", "use crate::gone; %\n")],
    ),
    ("unparsed-file", "", &[("src/lib.rs", "fn q() { %\n")]),
    (
        "wildcard-import",
        "[checks]\nwildcard-import = \"error\"\n",
        &[("src/lib.rs", "mod a;\nmod q;\n"), ("src/a.rs", ""), ("src/q.rs", "use crate::a::*; %\n")],
    ),
    (
        "duplicate-definition",
        "[checks]\nduplicate-definition = { level = \"error\", languages = [\"rust\"] }\n",
        &[
            ("src/lib.rs", "mod a;\nmod q;\n"),
            ("src/a.rs", "pub struct A; %\n"),
            ("src/q.rs", "pub(crate) struct A;\n"),
        ],
    ),
    (
        "scope-leak",
        "[[scope]]\nname = \"test\"\nfiles = [\"src/a.rs\"]\n[checks]\nscope-leak = \"error\"\n",
        &[("src/lib.rs", "mod a;\nmod q;\n"), ("src/a.rs", ""), ("src/q.rs", "use crate::a; %\n")],
    ),
];

/// Every rule whose findings no comment can excuse, and why.
const NOT_WAIVABLE: &[(&str, &str)] = &[
    ("orphan-file", "stands in a Rust file that no target holds and nobody reads: `except` or `exclude`"),
    ("unmatched-entry", "stands in the registry: the line is corrected or deleted there"),
    ("unused-waiver", "is about the comment itself: that is corrected or deleted"),
    ("stale-baseline", "stands in the baseline: the line is deleted there"),
    ("expired", "is about a date in a comment or the registry: a new date is an excuse with a reason"),
];

#[test]
fn every_rule_can_be_waived_where_it_finds_or_says_why_not() {
    let mut ids: Vec<&str> = WAIVABLE.iter().map(|(id, ..)| *id).collect();
    ids.extend(NOT_WAIVABLE.iter().map(|(id, _)| *id));
    let mut all: Vec<&str> = ALL.iter().map(|rule| rule.id).collect();
    ids.sort_unstable();
    all.sort_unstable();
    assert_eq!(ids, all);

    let python = WAIVABLE.iter().map(|case| ("#", None, case));
    let rust = WAIVABLE_IN_RUST.iter().map(|case| ("//", Some(CRATE), case));
    for (sign, manifest, (id, registry, files)) in python.chain(rust) {
        let waiver = format!("{sign} importlaw: allow {id} -- a reason");
        let file_wide = format!("{sign} importlaw: allow-file {id} -- a reason");
        for (comment, status) in
            [("", Status::New), (waiver.as_str(), Status::Waived), (file_wide.as_str(), Status::Waived)]
        {
            let mut texts = vec![("importlaw.toml", (*registry).to_owned())];
            texts.extend(manifest.map(|(path, text)| (path, text.to_owned())));
            texts.extend(files.iter().map(|(path, text)| (*path, text.replace('%', comment))));
            let report = report(&texts);
            let found: Vec<_> = report
                .findings
                .iter()
                .map(|finding| (finding.violation.rule.as_str(), finding.violation.status))
                .collect();
            assert_eq!(found, [(*id, status)], "{comment}");
            assert_eq!(report.fails(), status == Status::New, "{id} {comment}");
        }
    }
}

/// The registry of a case with an exception for that importer; None where the rule takes no importers.
fn with_exception(id: &str, registry: &str, importer: &str) -> Option<String> {
    let except = format!("except = [\"{importer}\"]");
    match id {
        // Two have no key for it, and what the third excepts are names.
        "doors" | "moved" | "duplicate-definition" => None,
        _ if registry.contains(&format!("[[{id}]]")) => Some(format!("{registry}{except}\n")),
        _ => {
            let level = format!("{id} = {{ level = \"error\", {except} }}");
            let plain = format!("{id} = \"error\"");
            Some(if registry.contains(&plain) {
                registry.replace(&plain, &level)
            } else {
                format!("{registry}[checks]\n{level}\n")
            })
        }
    }
}

#[test]
fn every_rule_heeds_its_exceptions_and_calls_none_stale_that_it_needs() {
    let python = WAIVABLE.iter().map(|case| (None, case));
    let rust = WAIVABLE_IN_RUST.iter().map(|case| (Some(CRATE), case));
    // Two of the cases set a table already.
    let cases = python.chain(rust).filter(|(_, (_, registry, _))| !registry.contains("languages"));
    for (manifest, (id, registry, files)) in cases {
        let texts = |registry: &str| {
            let mut texts = vec![("importlaw.toml", registry.to_owned())];
            texts.extend(manifest.map(|(path, text)| (path, text.to_owned())));
            texts.extend(files.iter().map(|(path, text)| (*path, text.replace('%', ""))));
            texts
        };
        let importer = report(&texts(registry)).findings[0].violation.importer.clone();
        let Some(registry) = with_exception(id, registry, &importer) else { continue };
        let report = report(&texts(&registry));
        let found: Vec<_> = report
            .findings
            .iter()
            .map(|finding| (finding.violation.rule.as_str(), finding.violation.status))
            .collect();
        assert_eq!(found, [(*id, Status::Waived)], "{registry}");
    }
}

/// What is found, as `rule status message`.
fn found(files: &[(&str, &str)]) -> Vec<String> {
    let texts: Vec<(&str, String)> = files.iter().map(|(path, text)| (*path, (*text).to_owned())).collect();
    let status = |status, severity| match (status, severity) {
        (Status::Waived, _) => "waived",
        (_, Severity::Error) => "error",
        (_, Severity::Warn) => "warn",
    };
    report(&texts)
        .findings
        .iter()
        .map(|finding| {
            let violation = &finding.violation;
            format!(
                "{} {} {}",
                violation.rule,
                status(violation.status, violation.severity),
                violation.message
            )
        })
        .collect()
}

#[test]
fn an_exception_for_a_second_definition_is_heeded_and_not_stale() {
    let registry = "[[canonical]]\nid = \"a\"\nsymbols = [\"A\"]\npath = \"p.door\"\nunique = true\nexcept = [\"p.old\"]\n";
    let files =
        [("importlaw.toml", registry), ("p/door.py", "class A: ...\n"), ("p/old.py", "class A: ...\n")];
    assert_eq!(found(&files), ["a waived `p.old.A` is a second definition of `A`"]);
}

#[test]
fn an_exception_for_a_child_that_needs_no_layer_is_not_stale_though_it_imports_nothing() {
    let registry = "[[layers]]\nid = \"l\"\norder = [\"a\", \"b\"]\nwithin = [\"p\"]\nexhaustive = true\nexcept = [\"p.c\", \"p.b\"]\n";
    let files = [("importlaw.toml", registry), ("p/a.py", ""), ("p/b.py", ""), ("p/c.py", "")];
    assert_eq!(
        found(&files),
        [
            "l waived `p.c` is in no layer of `l`, which is exhaustive",
            "unmatched-entry error the exception `p.b` matches no import"
        ]
    );
}

#[test]
fn exceptions_of_checks_about_comments_are_not_stale() {
    let registry = "[checks]\nunused-waiver = { except = [\"p\"] }\nexpired = { except = [\"q\", \"r\"] }\n";
    let files = [
        ("importlaw.toml", registry),
        ("p.py", "x = 1  # importlaw: allow expired -- nothing here\n"),
        ("q.py", "x = 1  # importlaw: allow wildcard-import until=2026-01-01 -- for a while\n"),
        ("r.py", "x = 1\n"),
    ];
    assert_eq!(
        found(&files),
        [
            "unmatched-entry error the exception `r` matches no waiver",
            "unused-waiver waived this waiver suppresses no finding of `expired`",
            "expired waived this waiver ended on 2026-01-01",
        ]
    );
}

#[test]
fn a_check_of_the_registry_knows_no_exceptions() {
    let registry = "[checks]\nunmatched-entry = { except = [\"p\"] }\n";
    let files = [("importlaw.toml", registry), ("p.py", "import q\n"), ("q.py", "")];
    let says =
        "unmatched-entry error the exception `p` excuses nothing: `unmatched-entry` judges the registry";
    assert_eq!(found(&files), [says]);
}

#[test]
fn names_that_may_be_defined_more_than_once_and_are_not_are_stale() {
    let registry = |level| {
        format!(
            "[checks]\nduplicate-definition = {{ level = \"{level}\", except = [\"*Config\", \"AppConfig\", \"Gone\", \"Once\"] }}\n"
        )
    };
    let texts = "class AppConfig: ...\nclass Twice: ...\n";
    let files = |registry| {
        let once = format!("{texts}class Once: ...\n");
        vec![("importlaw.toml", registry), ("p.py", texts.to_owned()), ("q.py", once)]
    };
    let findings = |level| {
        let files = files(registry(level));
        let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
        found(&files)
    };
    assert_eq!(
        findings("error"),
        [
            "unmatched-entry error `except`: `Gone` is not defined more than once",
            "unmatched-entry error `except`: `Once` is not defined more than once",
            "duplicate-definition error `Twice` is defined in 2 modules: `p` (0 importers), `q` (0 importers)",
        ]
    );
    assert_eq!(findings("off"), [""; 0], "what is off excepts nothing");
}

/// A registry text that names what does not exist by one key, and the finding's message without its rule.
const UNMATCHED: &[(&str, &str)] = &[
    ("[[entrypoint]]\nid = \"x\"\nmodule = \"p.gone:app\"\n", "error `module`: no module is called `p.gone`"),
    ("[[entrypoint]]\nid = \"x\"\nmodules = [\"gone.*\"]\n", "error `modules`: no module matches `gone.*`"),
    (
        "[[entrypoint]]\nid = \"x\"\nmodule = \"p.env\"\ncalls = [\"p.env:gone\"]\n",
        "error `calls`: `p.env` has no `gone`",
    ),
    (
        "[[entrypoint]]\nid = \"x\"\nmodule = \"p.env\"\nships = [\"p\", \"gone\"]\n",
        "error `ships`: no module is called `gone`",
    ),
    (
        "[python]\nfirst-party = [\"p\"]\n[[forbidden]]\nid = \"x\"\nfrom = [\"q\"]\nto = [\"p.gone\"]\n",
        "error `to`: no module is called `p.gone`",
    ),
    (
        "[[scope]]\nname = \"test\"\nfiles = [\"gone/**\"]\n",
        "error scope `test`: no source file matches `gone/**`",
    ),
    ("[doors]\n\"p.gone\" = [\"X\"]\n", "error the door `p.gone` does not exist"),
    ("[doors]\n\"gone\" = [\"X\"]\n", "error the door `gone` does not exist"),
    ("[doors]\n\"p.env\" = [\"gone\"]\n", "error `p.env` has no `gone`"),
    ("[doors]\n\"p\" = [\"*\"]\n", "error `p` defines nothing that `*` could stand for"),
    ("[moved]\n\"p.old\" = \"p.gone\"\n", "error the new path `p.gone` does not exist"),
    ("[moved]\n\"p.old\" = \"pp.env\"\n", "warn the new path: nothing is called `pp`, but there is `p`"),
    ("[moved]\n\"p.old:X\" = \"p.env:gone\"\n", "error the new path `p.env:gone` does not exist"),
    ("[moved]\n\"p.othr\" = \"p.env\"\n", "warn nothing is called `p.othr`, but there is `p.other`"),
    (
        "[moved]\n\"p.env:gett\" = \"q:get\"\n",
        "warn nothing is called `p.env:gett`, but there is `p.env:get`",
    ),
    ("[[canonical]]\npath = \"p.gone\"\nsymbols = [\"X\"]\n", "error the door `p.gone` does not exist"),
    ("[[canonical]]\npath = \"p.env\"\nsymbols = [\"gone\"]\n", "error `p.env` has no `gone`"),
    (
        "[[canonical]]\npath = \"p.env\"\nsymbols = [\"get\"]\nwithin = [\"gone\"]\n",
        "error `within`: no module is called `gone`",
    ),
    (
        "[[canonical]]\npath = \"p.env\"\nsymbols = [\"get\"]\ncompatible = [{ path = \"gone\" }]\n",
        "error nothing comes through the compatible door `gone` any more",
    ),
    (
        "[[canonical]]\npath = \"p.env\"\nsymbols = [\"get\"]\nretired = [\"p.othr\"]\n",
        "warn nothing is called `p.othr`, but there is `p.other`",
    ),
    (
        "[[canonical]]\npath = \"p.env\"\nsymbols = [\"put\"]\nretired = [\"p.env:gett\"]\n",
        "warn nothing is called `p.env:gett`, but there is `p.env:get`",
    ),
    (
        "[[forbidden]]\nid = \"x\"\nfrom = [\"gone\"]\nto = [\"p\"]\n",
        "error `from`: no module is called `gone`",
    ),
    (
        "[[forbidden]]\nid = \"x\"\nfrom = [\"p.*_gone\"]\nto = [\"q\"]\n",
        "error `from`: no module matches `p.*_gone`",
    ),
    (
        "[[forbidden]]\nid = \"x\"\nfrom = [\"@test\"]\nto = [\"p\"]\n",
        "error `from`: no module is of scope `test`",
    ),
    (
        "[[forbidden]]\nid = \"x\"\nfrom = [\"path:gone/**\"]\nto = [\"p\"]\n",
        "error `from`: no module lies at `gone/**`",
    ),
    (
        "[[forbidden]]\nid = \"x\"\nfrom = [\"q\"]\nto = [\"p.gone\"]\n",
        "error `to`: no module is called `p.gone`",
    ),
    (
        "[[forbidden]]\nid = \"x\"\nfrom = [\"q\"]\nto = [\"p.gone*\"]\n",
        "error `to`: no module matches `p.gone*`",
    ),
    (
        "[[forbidden]]\nid = \"x\"\nfrom = [\"p\"]\nto = [\"qq\"]\n",
        "warn `to`: nothing is called `qq`, but there is `q`",
    ),
    (
        "[[forbidden]]\nid = \"x\"\nfrom = [\"p\"]\nto = [\"djangoo\"]\n",
        "warn `to`: nothing is called `djangoo`, but there is `django`",
    ),
    (
        "[[forbidden]]\nid = \"x\"\nfrom = [\"p\"]\nto = [\"django.dbb\"]\n",
        "warn `to`: nothing is called `django.dbb`, but there is `django.db`",
    ),
    (
        "[[forbidden]]\nid = \"x\"\nfrom = [\"p\"]\nto = [\"=djangoo\"]\n",
        "warn `to`: nothing is called `djangoo`, but there is `django`",
    ),
    (
        "[[forbidden]]\nid = \"x\"\nfrom = [\"p\"]\nto = [\"djangoo.*\"]\n",
        "warn `to`: nothing is called `djangoo`, but there is `django`",
    ),
    (
        "[[forbidden]]\nid = \"x\"\nfrom = [\"p\"]\nto = [\"subproces\"]\n",
        "warn `to`: nothing is called `subproces`, but there is `subprocess`",
    ),
    (
        "[[forbidden]]\nid = \"x\"\nfrom = [\"p\"]\nto = [\"httpxx\"]\n",
        "warn `to`: nothing is called `httpxx`, but there is `httpx`",
    ),
    (
        "[[forbidden]]\nid = \"x\"\nfrom = [\"p\"]\nto = [\"q\"]\nexcept = [\"gone\"]\n",
        "error the exception `gone` matches no import",
    ),
    (
        "[[forbidden]]\nid = \"x\"\nfrom = [\"p\"]\nto = [\"q\"]\nexcept = [\"p.env -> gone\"]\n",
        "error the exception `p.env -> gone` matches no import",
    ),
    ("[[layers]]\nid = \"x\"\norder = [\"gone\", \"p\"]\n", "error `order`: no module is called `gone`"),
    (
        "[[layers]]\nid = \"x\"\norder = [\"env\", \"gone | other\"]\nwithin = [\"p\"]\n",
        "error `order`: no module is called `p.gone`",
    ),
    ("[[layers]]\nid = \"x\"\norder = [\"g*e\", \"p\"]\n", "error `order`: no module matches `g*e`"),
    (
        "[[layers]]\nid = \"x\"\norder = [\"env\", \"other\"]\nwithin = [\"p\", \"gone\"]\n",
        "error `within`: no module is called `gone`",
    ),
    (
        "[[layers]]\nid = \"x\"\norder = [\"env\", \"(other)\"]\nwithin = [\"p\", \"gone.*\"]\n",
        "error `within`: no module matches `gone.*`",
    ),
    (
        "[[independent]]\nid = \"x\"\nmodules = [\"p\", \"gone\"]\n",
        "error `modules`: no module is called `gone`",
    ),
    (
        "[[independent]]\nid = \"x\"\nmodules = [\"p.*\", \"gone.*\"]\n",
        "error `modules`: no module matches `gone.*`",
    ),
    (
        "[[protected]]\nid = \"x\"\nmodules = [\"gone\"]\nonly = []\n",
        "error `modules`: no module is called `gone`",
    ),
    (
        "[[protected]]\nid = \"x\"\nmodules = [\"p.other\"]\nonly = [\"gone\"]\n",
        "error `only`: no module is called `gone`",
    ),
    ("[[allowed]]\nid = \"x\"\nfrom = [\"gone\"]\nonly = []\n", "error `from`: no module is called `gone`"),
    (
        "[[allowed]]\nid = \"x\"\nfrom = [\"p\"]\nonly = [\"gone\"]\n",
        "error `only`: no module is called `gone`",
    ),
    (
        "[[interface]]\nid = \"x\"\nof = \"gone\"\nexposes = [\"X\"]\n",
        "error `of`: no module is called `gone`",
    ),
    (
        "[[interface]]\nid = \"x\"\nof = \"p.env\"\nexposes = [\"get\", \"gone\"]\n",
        "error `exposes`: `p.env` has no `gone`",
    ),
    (
        "[[interface]]\nid = \"x\"\nof = \"p\"\nexposes = [\"env.get\", \"env.gone\"]\n",
        "error `exposes`: `p` has no `env.gone`",
    ),
    ("[[acyclic]]\nid = \"x\"\nwithin = [\"gone\"]\n", "error `within`: no module is called `gone`"),
    (
        "[[external]]\nid = \"x\"\nfrom = [\"gone\"]\ndeny = [\"redis\"]\n",
        "error `from`: no module is called `gone`",
    ),
    (
        "[[external]]\nid = \"x\"\nfrom = [\"p\"]\ndeny = [\"redis\"]\nonly = [\"gone\"]\n",
        "error `only`: no module is called `gone`",
    ),
    (
        "[[external]]\nid = \"x\"\nfrom = [\"p\"]\ndeny = [\"djangoo\"]\n",
        "warn `deny`: nothing is called `djangoo`, but there is `django`",
    ),
    (
        "[[external]]\nid = \"x\"\nfrom = [\"p\"]\ndeny = [\"=djangoo\"]\n",
        "warn `deny`: nothing is called `djangoo`, but there is `django`",
    ),
    (
        "[[external]]\nid = \"x\"\nfrom = [\"p\"]\ndeny = [\"django.dbb\"]\n",
        "warn `deny`: nothing is called `django.dbb`, but there is `django.db`",
    ),
    (
        "[[external]]\nid = \"x\"\nfrom = [\"p\"]\ndeny = [\"os:envron\"]\n",
        "warn `deny`: nothing is called `os:envron`, but there is `os:environ`",
    ),
    (
        "[[external]]\nid = \"x\"\nfrom = [\"p\"]\ndeny = [\"subproces\"]\n",
        "warn `deny`: nothing is called `subproces`, but there is `subprocess`",
    ),
    (
        "[[external]]\nid = \"x\"\nfrom = [\"p\"]\ndeny = [\"httpxx\"]\n",
        "warn `deny`: nothing is called `httpxx`, but there is `httpx`",
    ),
    (
        "[[external]]\nid = \"x\"\nfrom = [\"p\"]\ndeny = [\"p\"]\n",
        "error `deny`: `p` is first party, and this speaks of packages alone",
    ),
    (
        "[[external]]\nid = \"x\"\nfrom = [\"p\"]\nonly-packages = [\"p\"]\n",
        "error `only-packages`: `p` is first party, and this speaks of packages alone",
    ),
    (
        "[[external]]\nid = \"x\"\nfrom = [\"p\"]\nonly-packages = [\"djangoo\"]\n",
        "warn `only-packages`: nothing is called `djangoo`, but there is `django`",
    ),
    (
        "[[required]]\nid = \"x\"\nfrom = [\"gone\"]\nany-of = [\"p\"]\n",
        "error `from`: no module is called `gone`",
    ),
    (
        "[[required]]\nid = \"x\"\nfrom = [\"p.other\"]\nany-of = [\"p.env\", \"p.gone\"]\n",
        "error `any-of`: `p.gone` does not exist",
    ),
    (
        "[[required]]\nid = \"x\"\nfrom = [\"q\"]\nany-of = [\"p.env\", \"djangoo\"]\n",
        "warn `any-of`: nothing is called `djangoo`, but there is `django`",
    ),
    (
        "[[required]]\nid = \"x\"\nfrom = [\"q\"]\nany-of = [\"p.env\"]\nwhen = [\"p.env:gone\"]\n",
        "error `when`: `p.env:gone` does not exist",
    ),
    (
        "[[required]]\nid = \"x\"\nfrom = [\"q\"]\nany-of = [\"p.env\"]\nwhen = [\"unittests:TestCase\"]\n",
        "warn `when`: nothing is called `unittests`, but there is `unittest`",
    ),
    (
        "[[required]]\nid = \"x\"\nfrom = [\"q\"]\nany-of = [\"p.env\"]\nexcept = [\"p\"]\n",
        "error the exception `p` matches no import",
    ),
    (
        "[checks]\nduplicate-definition = { level = \"warn\", within = [\"gone\"] }\n",
        "error `within`: no module is called `gone`",
    ),
    (
        "[checks]\nunresolved-import = { except = [\"gone\"] }\n",
        "error the exception `gone` matches no import",
    ),
    ("[checks]\nunparsed-file = { except = [\"gone\"] }\n", "error the exception `gone` matches no import"),
    (
        "[checks]\nscope-leak = \"error\"\n",
        "error `scope-leak` is on, but judges nothing: no `[[scope]]` is written",
    ),
    (
        "[checks]\nscope-leak = \"warn\"\n",
        "warn `scope-leak` is on, but judges nothing: no `[[scope]]` is written",
    ),
    (
        "[checks]\norphan-file = \"error\"\n",
        "error `orphan-file` is on, but judges nothing: there is no Cargo.toml",
    ),
    (
        "[rust]\nmanifests = [\"tools/Cargo.toml\"]\n",
        "error `manifests`: there is no Cargo.toml at `tools/Cargo.toml`",
    ),
];

#[test]
fn nothing_that_names_what_does_not_exist_passes_silently() {
    let mut wrong = Vec::new();
    for (registry, expected) in UNMATCHED {
        let files = [
            ("importlaw.toml", *registry),
            ("requirements.txt", "django\nhttpx\n"),
            ("p/__init__.py", ""),
            ("p/env.py", "def get(): ...\ndef put(): ...\n"),
            ("p/other.py", ""),
            ("q.py", "import django.db.models\nfrom os import environ\nfrom p.env import get\n"),
        ];
        let found: Vec<String> =
            found(&files).into_iter().filter(|line| line.starts_with("unmatched-entry")).collect();
        if found != [format!("unmatched-entry {expected}")] {
            wrong.push(format!("{registry}  expected {expected}\n  found {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), UNMATCHED.len(), wrong.join("\n"));
}

#[test]
fn every_kind_of_entry_is_among_those_that_may_name_nothing() {
    for rule in ALL.iter().filter(|rule| matches!(rule.check, importlaw::rules::Check::Entry(_))) {
        let named = |registry: &str| registry.contains(&format!("[{}]", rule.id));
        assert!(UNMATCHED.iter().any(|(registry, _)| named(registry)), "{}", rule.id);
    }
}

#[test]
fn what_may_match_nothing_does_so_in_silence() {
    let files = |registry| {
        [
            ("importlaw.toml", registry),
            ("p/__init__.py", ""),
            ("p/utils.py", "def get_users(): ...\n"),
            ("q.py", "import django.db\nfrom p.utils import get_users\n"),
        ]
    };
    for registry in [
        // A module or a name that was renamed by one letter.
        "[moved]\n\"p.util\" = \"p.utils\"\n\"p.utils:get_user\" = \"p.utils:get_users\"\n",
        "[[canonical]]\npath = \"p.utils\"\nsymbols = [\"get_users\"]\nretired = [\"p.util\", \"p.utils:get_user\"]\n",
        // What nobody imports is forbidden and denied with success.
        "[[forbidden]]\nid = \"x\"\nfrom = [\"p\"]\nto = [\"redis\", \"django.http\", \"celery.*\", \"os\"]\n",
        "[[external]]\nid = \"x\"\nfrom = [\"p\"]\ndeny = [\"redis\", \"rr\", \"django.http\", \"os:environ\", \"*\"]\n",
        "[[required]]\nid = \"x\"\nfrom = [\"q\"]\nany-of = [\"p.utils\", \"pytest\"]\nwhen = [\"unittest:TestCase\"]\n",
        // Levels that nobody wrote.
        "[checks]\nscope-leak = \"off\"\n",
    ] {
        assert_eq!(found(&files(registry)), [""; 0], "{registry}");
    }
    let registry = "[checks]\nunknown-package = \"error\"\n";
    let says =
        "unmatched-entry error `unknown-package` is on, but judges nothing: no manifest declares anything";
    assert_eq!(found(&files(registry)), [says]);
}

#[test]
fn an_exception_that_names_a_symbol_is_told_the_module() {
    let registry = "[[forbidden]]\nid = \"x\"\nfrom = [\"q\"]\nto = [\"p\"]\nexcept = [\"q -> p.env.get\", \"q -> p.env.gone\", \"q -> r.get\"]\n";
    let files = [
        ("importlaw.toml", registry.to_owned()),
        ("p/env.py", "def get(): ...\n".to_owned()),
        ("q.py", "from p.env import get\n".to_owned()),
        ("r.py", "def get(): ...\n".to_owned()),
    ];
    let report = report(&files);
    let told: Vec<(&str, Option<&str>)> = report
        .findings
        .iter()
        .filter(|finding| finding.violation.rule == "unmatched-entry")
        .map(|finding| (finding.violation.message.as_str(), finding.violation.help.as_deref()))
        .collect();
    assert_eq!(
        told,
        [
            (
                "the exception `q -> p.env.get` matches no import",
                Some("an exception names modules, and `get` is a name of `p.env`: write `q -> p.env`")
            ),
            ("the exception `q -> p.env.gone` matches no import", Some("remove it")),
            ("the exception `q -> r.get` matches no import", Some("remove it")),
        ]
    );
}

#[test]
fn every_rule_prints_the_reason_and_the_help_that_are_written() {
    for (id, registry, files) in WAIVABLE {
        if matches!(*id, "doors" | "moved") {
            continue;
        }
        let says = "reason = \"a why\"";
        let help = "help = \"a what\"";
        let registry = if registry.contains(&format!("[[{id}]]")) {
            format!("{registry}{says}\n{help}\n")
        } else {
            let level = format!("{id} = {{ level = \"error\", {says}, {help} }}");
            let plain = format!("{id} = \"error\"");
            if registry.contains(&plain) {
                registry.replace(&plain, &level)
            } else {
                format!("{registry}[checks]\n{level}\n")
            }
        };
        let mut texts = vec![("importlaw.toml", registry)];
        texts.extend(files.iter().map(|(path, text)| (*path, text.replace('%', ""))));
        let report = report(&texts);
        let violation = &report.findings[0].violation;
        assert_eq!(
            (violation.rule.as_str(), violation.reason.as_deref(), violation.help.as_deref()),
            (*id, Some("a why"), Some("a what"))
        );
    }
}

#[test]
fn a_directory_is_there_though_a_script_sorts_before_what_it_holds() {
    let registry = "[[interface]]\nid = \"face\"\nof = \"p\"\nexposes = [\"m\"]\n";
    let files = [("importlaw.toml", registry), ("p-x.py", ""), ("p/m.py", ""), ("q.py", "import p.m\n")];
    let report = report(&files.map(|(path, text)| (path, text.to_owned())));
    let found: Vec<&str> = report.findings.iter().map(|finding| finding.violation.message.as_str()).collect();
    assert_eq!(found, [""; 0]);
}

/// Text as a terminal without colours shows it, and JSON.
fn rendered(files: &[(&str, &str)]) -> (String, serde_json::Value) {
    let texts: Vec<(&str, String)> = files.iter().map(|(path, text)| (*path, (*text).to_owned())).collect();
    let report = report(&texts);
    let options = TextOptions::default();
    let written = |format| {
        let mut out = Vec::new();
        write(&report, format, &options, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    };
    (written(Format::Text), serde_json::from_str(&written(Format::Json)).unwrap())
}

#[test]
fn a_finding_in_rust_is_told_as_rust_is_written() {
    let registry = "[[canonical]]\nid = \"session\"\nsymbols = [\"Session\"]\npath = \"p::db\"\n";
    let files = [
        CRATE,
        ("importlaw.toml", registry),
        ("src/lib.rs", "pub mod db;\npub mod face;\nmod web;\n"),
        ("src/db.rs", "pub struct Session;\n"),
        ("src/face.rs", "pub use crate::db::Session as Job;\n"),
        ("src/web.rs", "mod page {\n    use crate::face::{\n        Job,\n    };\n}\n"),
    ];
    let (text, json) = rendered(&files);
    let finding = &json["violations"][0];
    for (key, value) in [
        ("language", "rust"),
        ("path", "src/web.rs"),
        ("importer", "p::web::page"),
        ("written", "p::face::Job"),
        ("definition", "p::db::Session"),
        ("message", "`Session` comes through `p::face`, not its door `p::db`"),
        ("help", "write `use crate::db::Session as Job;`"),
    ] {
        assert_eq!(finding[key], value, "{key}");
    }
    assert_eq!((&finding["line"], &finding["column"]), (&3.into(), &9.into()));
    assert_eq!(json["violations"].as_array().unwrap().len(), 1);
    for part in ["src/web.rs:3:9", "        Job,", "fix:  write `use crate::db::Session as Job;`"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(!text.contains("from p"), "{text}");
}

#[test]
fn a_waiver_in_a_rust_file_is_told_how_it_is_written() {
    let files = [CRATE, ("src/lib.rs", "// importlaw: allow\n")];
    let (_, json) = rendered(&files);
    assert_eq!(json["violations"][0]["help"], "write `// importlaw: allow RULE -- REASON`");
}

#[test]
fn a_file_of_several_targets_is_judged_once() {
    let registry = "[[external]]\nid = \"processes\"\nfrom = [\"**\"]\ndeny = [\"std::process\"]\n";
    let files = [
        CRATE,
        ("importlaw.toml", registry),
        ("src/lib.rs", "mod run;\n"),
        ("src/main.rs", "mod run;\nfn main() {}\n"),
        ("src/run.rs", "use std::process::exit;\n"),
        ("tests/a.rs", "mod common;\n"),
        ("tests/b.rs", "mod common;\n"),
        ("tests/common/mod.rs", "use std::process::exit;\n"),
    ];
    assert_eq!(
        found(&files),
        [
            "processes error `p::run` imports `std::process::exit`, which `processes` denies",
            "processes error `test:a::common` imports `std::process::exit`, which `processes` denies",
        ]
    );
    let (_, json) = rendered(&files);
    assert_eq!(json["summary"]["violation"], 4, "each of the modules is a use");
}

#[test]
fn what_rust_may_name_outside_is_known_though_nothing_imports_it() {
    let registry = "[[external]]\nid = \"e\"\nfrom = [\"p\"]\ndeny = [\"std::os\", \"std::process\", \"serde\", \"sered\"]\n";
    let manifest = format!("{}[dependencies]\nserde = \"1\"\n", CRATE.1);
    let files = [
        ("Cargo.toml", manifest.as_str()),
        ("importlaw.toml", registry),
        ("src/lib.rs", "use std::ops::Add;\n"),
    ];
    assert_eq!(found(&files).len(), 1, "{:?}", found(&files));
    assert!(found(&files)[0].contains("`sered`"), "{:?}", found(&files));
}

/// The first finding's help, in a crate `p` whose root declares these modules.
fn help(registry: &str, root: &str, files: &[(&str, &str)]) -> String {
    let mut texts = vec![CRATE, ("importlaw.toml", registry), ("src/lib.rs", root)];
    texts.extend(files);
    let (_, json) = rendered(&texts);
    json["violations"][0]["help"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn what_to_write_in_rust_is_rust() {
    let moved = "[moved]\n\"p::old\" = \"p::type::new\"\n\"p::old:A\" = \"p::type::new:B\"\n";
    let root = "mod old;\nmod r#type {\n    pub mod new;\n}\nmod q;\n";
    for (written, help_expected) in [
        ("use crate::old;", "write `use crate::r#type::new as old;`"),
        ("use crate::old as o;", "write `use crate::r#type::new as o;`"),
        ("use super::old::f;", "write `use crate::r#type::new::f;`"),
        ("pub(crate) use crate::old::f;", "write `pub use crate::r#type::new::f;`"),
        ("use crate::old::{A};", "write `use crate::r#type::new::B as A;`"),
        ("use crate::old::T as _;", "write `use crate::r#type::new::T as _;`"),
        ("use crate::old::*;", "write `use crate::r#type::new::*;`"),
        ("fn q(_: crate::old::A) {}", "write `crate::r#type::new::B`"),
        ("fn q() { log!(\"{}\", crate::old::f()); }", "write `crate::r#type::new::f`"),
        ("#[serde(with = \"crate::old::f\")] struct Q;", "write `crate::r#type::new::f`"),
    ] {
        let files = [
            ("src/old.rs", "pub struct A;\npub trait T {}\npub fn f() {}\n"),
            ("src/type/new.rs", "pub struct B;\npub trait T {}\npub fn f() {}\n"),
            ("src/q.rs", written),
        ];
        assert_eq!(help(moved, root, &files), help_expected, "{written}");
    }
    // From another target the library bears its name.
    let files = [
        ("src/old.rs", "pub fn f() {}\n"),
        ("src/type/new.rs", "pub struct B;\npub fn f() {}\n"),
        ("src/main.rs", "use p::old::f;\nfn main() {}\n"),
    ];
    assert_eq!(
        help(moved, "pub mod old;\npub mod r#type {\n    pub mod new;\n}\n", &files),
        "write `use p::r#type::new::f;`"
    );
}

#[test]
fn what_rust_code_may_not_name_is_not_suggested() {
    let registry = "[checks]\nunresolved-import = { level = \"error\", languages = [\"rust\"] }\n";
    let web = ("src/web.rs", "use crate::db::Session;\n");
    let told =
        |root: &str, inner: &str| help(registry, root, &[("src/db.rs", ""), ("src/inner.rs", inner), web]);
    assert_eq!(
        told("mod db;\nmod inner;\nmod web;\n", "pub struct Session;\n"),
        "`Session` is defined in `p::inner`: write `use crate::inner::Session;`"
    );
    for inner in ["struct Session;\n", "mod deep {\n    pub struct Session;\n}\n"] {
        assert_eq!(
            told("mod db;\nmod inner;\nmod web;\n", inner),
            "nothing of that name is defined in the project: remove the import, or restore `p::db::Session`",
            "{inner}"
        );
    }
    // What stands below the one that keeps it may name it.
    let files =
        [("src/db.rs", "use crate::db::gone::A;\nstruct A;\nmod low {\n    use crate::db::gone::A;\n}\n")];
    assert_eq!(
        help(registry, "mod db;\n", &files[..]),
        "nothing of that name is defined in the project: remove the import, or restore `p::db::gone`"
    );
}
