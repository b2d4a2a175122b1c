//! Templates and bundled registries, judged on small projects: a right one is clean, and each wrong import is found once.

use std::collections::BTreeMap;

use importlaw::check::{Options, STACK, check_texts};
use importlaw::facts::Date;
use importlaw::registry::load::{Home, load};
use importlaw::registry::template::{TEMPLATES, fill, named};
use importlaw::source::RelPath;

use crate::cli::Tree;

/// The findings as `path:line rule` of the files with `changed` laid over, judged on a thread that holds the parser.
fn findings(registry: &str, files: &[(&str, &str)], changed: &[(&str, &str)]) -> Vec<String> {
    let as_of = Date::parse("2026-11-22").unwrap();
    let registry = load(&RelPath::new("importlaw.toml"), registry, Home::Own, as_of).unwrap();
    let files: BTreeMap<&str, &str> = files.iter().chain(changed).copied().collect();
    let texts = files.iter().map(|(path, text)| (RelPath::new(*path), text.as_bytes().to_vec())).collect();
    let judge = move || check_texts(&registry, texts, &Options::as_of(as_of)).unwrap();
    let report = std::thread::Builder::new().stack_size(STACK).spawn(judge).unwrap().join().unwrap();
    let found = report.findings.iter();
    found.map(|finding| format!("{}:{} {}", finding.path, finding.line, finding.violation.rule)).collect()
}

#[track_caller]
fn finds(registry: &str, files: &[(&str, &str)], changed: &[(&str, &str)], expected: &[&str]) {
    assert_eq!(findings(registry, files, changed), expected, "{changed:?}");
}

const SERVICES: [(&str, &str); 8] = [
    ("auth/__init__.py", ""),
    ("auth/main.py", "import shared.log\n"),
    ("billing/__init__.py", ""),
    (
        "billing/main.py",
        "from typing import TYPE_CHECKING\nimport shared.log\nif TYPE_CHECKING:\n    import auth.main\n",
    ),
    ("web/__init__.py", ""),
    ("shared/__init__.py", ""),
    ("shared/log.py", ""),
    ("tests/test_all.py", "import auth.main\nimport billing.main\n"),
];

#[test]
fn services() {
    let registry = fill(named("services").unwrap(), &[("services", "auth,billing,web")]).unwrap();
    finds(&registry, &SERVICES, &[], &[]);
    let wrong = [("auth/main.py", "import shared.log\nfrom billing import main\n")];
    finds(&registry, &SERVICES, &wrong, &["auth/main.py:2 auth-apart"]);
    let wrong = [("web/__init__.py", "def late():\n    import auth.main\n")];
    finds(&registry, &SERVICES, &wrong, &["web/__init__.py:2 web-apart"]);
    // Both that use the log reach `web` through it.
    let wrong = [("shared/log.py", "import web\n")];
    finds(&registry, &SERVICES, &wrong, &["shared/log.py:1 auth-apart", "shared/log.py:1 billing-apart"]);
}

const LAYERED: [(&str, &str); 7] = [
    ("shop/__init__.py", ""),
    ("shop/routes.py", "import shop.services\nimport shop.db.rows\n"),
    ("shop/services.py", "import shop.db.rows\n"),
    ("shop/db/__init__.py", ""),
    ("shop/db/rows.py", "import shop.errors\n"),
    ("shop/errors.py", ""),
    ("tests/test_db.py", "import shop.db.rows\nimport shop.routes\n"),
];

#[test]
fn layered() {
    let set = [("layers", "routes,services,db"), ("within", "shop")];
    let registry = fill(named("layered").unwrap(), &set).unwrap();
    finds(&registry, &LAYERED, &[], &[]);
    let wrong = [("shop/db/rows.py", "import shop.errors\nimport shop.services\n")];
    finds(&registry, &LAYERED, &wrong, &["shop/db/rows.py:2 layers"]);
    let wrong = [("shop/errors.py", "import shop.routes\n")];
    finds(&registry, &LAYERED, &wrong, &["shop/errors.py:1 layers"]);
}

const HEXAGONAL: [(&str, &str); 10] = [
    ("shop/__init__.py", ""),
    ("shop/domain.py", "import decimal\n"),
    ("shop/application/__init__.py", ""),
    ("shop/application/order.py", "from shop.domain import decimal\nimport attrs\n"),
    ("shop/adapters/__init__.py", ""),
    ("shop/adapters/http.py", "import flask\nimport shop.application.order\n"),
    ("shop/adapters/sql/__init__.py", "from shop.adapters.sql import rows\n"),
    ("shop/adapters/sql/rows.py", "import sqlalchemy\nimport shop.domain\n"),
    ("shop/main.py", "import shop.adapters.http\nimport shop.adapters.sql\nimport shop.application.order\n"),
    ("tests/test_domain.py", "import pytest\nimport shop.domain\nimport shop.adapters.sql\n"),
];

#[test]
fn hexagonal() {
    let set = [("domain", "shop.domain"), ("application", "shop.application"), ("adapters", "shop.adapters")];
    let registry = fill(named("hexagonal").unwrap(), &set).unwrap();
    finds(&registry, &HEXAGONAL, &[], &[]);
    let found = |path, text, rule: &str| {
        finds(&registry, &HEXAGONAL, &[(path, text)], &[&format!("{path}:1 {rule}")]);
    };
    found("shop/domain.py", "import shop.application.order\nimport decimal\n", "domain-inside");
    found("shop/domain.py", "import sqlalchemy\nimport decimal\n", "domain-pure");
    found("shop/application/__init__.py", "import shop.adapters.sql\n", "application-inside");
    found("shop/adapters/http.py", "from shop.adapters import sql\n", "adapters-apart");
}

const STRICT: &str = "version = 1\nextends = [\"importlaw:strict\"]\n";

#[test]
fn strict() {
    let files = [
        ("pyproject.toml", "[project]\nname = \"shop\"\ndependencies = [\"attrs\"]\n"),
        ("shop/__init__.py", ""),
        ("shop/a.py", "import attrs\nfrom shop.b import B\nclass A: pass\ndef run(): pass\n"),
        ("shop/b.py", "import os\nclass B: pass\ndef run(): pass\n"),
    ];
    finds(STRICT, &files, &[], &[]);
    finds(STRICT, &files, &[("shop/a.py", "from .b import B\n")], &["shop/a.py:1 relative-import"]);
    finds(STRICT, &files, &[("shop/a.py", "from shop.b import *\n")], &["shop/a.py:1 wildcard-import"]);
    finds(STRICT, &files, &[("shop/a.py", "import flask\n")], &["shop/a.py:1 unknown-package"]);
    finds(STRICT, &files, &[("shop/a.py", "class B: pass\n")], &["shop/a.py:1 duplicate-definition"]);
    let weaker = format!("{STRICT}[checks]\nrelative-import = \"off\"\n");
    finds(&weaker, &files, &[("shop/a.py", "from .b import B\n")], &[]);
}

#[test]
fn the_command_prints_what_can_be_used_as_it_is() {
    let tree = Tree::new(&SERVICES);
    let set = ["registry", "template", "services", "--set", "services=auth,billing"];
    let printed = tree.run(&set);
    printed.ends(0, &fill(named("services").unwrap(), &[("services", "auth,billing")]).unwrap());
    tree.write("importlaw.toml", printed.out.as_bytes());
    assert_eq!(tree.run(&["check"]).code, Some(0));
    tree.run(&["registry", "check"]).ends(0, "importlaw.toml: 2 entries, every line matches the code\n");

    let list = tree.run(&["registry", "template"]);
    assert_eq!((list.code, list.out.lines().count()), (Some(0), 3 * TEMPLATES.len() - 1));
    assert!(
        list.out.ends_with(
            "\nServices apart: no service imports another, directly or through other modules.\n  importlaw \
             registry template services --set services=auth,billing\n"
        ),
        "{}",
        list.out
    );
}

#[test]
fn a_wrong_command_is_told_the_right_one() {
    let tree = Tree::new(&[]);
    let example = "importlaw registry template services --set services=auth,billing\n";
    let keys =
        format!("  help: its keys are `services`, the packages of the services. For example: {example}");
    let template = |more: &[&str]| tree.run(&[&["registry", "template"], more].concat());
    template(&["services"])
        .fails(&format!("error: the template `services` cannot be filled: it needs `services`\n{keys}"));
    template(&["services", "--set", "service=a,b"]).fails(&format!(
        "error: the template `services` cannot be filled: it has no key `service`; did you mean `services`?; it needs \
         `services`\n{keys}"
    ));
    template(&["services", "--set", "services"]).fails(&format!(
        "error: `--set services` sets nothing: write KEY=VALUE\n  help: for example: {example}"
    ));
    template(&["service"]).fails("error: there is no template `service`\n  help: did you mean `services`?\n");
    template(&["services", "--set", "services=\u{1b}[31m,b"]).fails(&format!(
        "error: the template `services` cannot be filled: `services`: `\\u{{1b}}[31m` is not a dotted name\n{keys}"
    ));
    assert_eq!(template(&["--set", "services=a,b"]).code, Some(2));
}
