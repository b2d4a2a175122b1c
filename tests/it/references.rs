//! What strings such as those of `mock.patch` lead to.

use std::collections::BTreeMap;

use importlaw::check::{STACK, analyse};
use importlaw::discover::Sources;
use importlaw::graph::model::{Outcome, Why};
use importlaw::registry::Registry;
use importlaw::source::RelPath;

/// `path: outcome` of each string of `tests/test_it.py`.
fn references(files: &[(&str, &str)], strings: &[&str]) -> Vec<String> {
    let calls: String = strings.iter().fold("from unittest import mock\n".to_owned(), |text, path| {
        text + &format!("mock.patch({path:?})\n")
    });
    let test = "tests/test_it.py";
    let texts: BTreeMap<RelPath, Vec<u8>> = files
        .iter()
        .map(|(path, text)| (*path, *text))
        .chain([(test, calls.as_str())])
        .map(|(path, text)| (RelPath::new(path), text.as_bytes().to_vec()))
        .collect();
    let found = move || {
        let graph = analyse(&Registry::default(), &Sources::from_memory(texts)).expect("a graph").graph;
        let module = graph.modules.iter().find(|module| module.path == test).expect("the test");
        let facts = &graph.facts[module.file.index()].strings;
        let found = facts.iter().zip(&graph.references[module.file.index()]);
        found.map(|(string, reference)| format!("{}: {}", string.path, shown(&reference.outcome))).collect()
    };
    std::thread::Builder::new().stack_size(STACK).spawn(found).expect("a thread").join().expect("references")
}

fn shown(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Missing(missing) if missing.module => format!("no module {}", missing.path),
        Outcome::Missing(missing) => format!("no name {}", missing.path),
        Outcome::Unknown(Why::Getattr) => "may be made up".to_owned(),
        other => format!("{other:?}").to_lowercase(),
    }
}

#[test]
fn the_longest_module_path_and_the_next_name_count() {
    let files = [
        ("shop/__init__.py", "from shop.orders import Order\n"),
        ("shop/orders.py", "import requests\nclass Order:\n    total = 1\n"),
        ("shop/lazy.py", "def __getattr__(name):\n    return name\n"),
        ("shop/web_pb2.py", ""),
    ];
    let strings = [
        "shop.orders",
        "shop.orders.Order.gone.deeper",
        "shop.orders.requests.post",
        "shop.orders.open",
        "shop.orders.opened",
        "shop.Order",
        "shop.Oder",
        "shop.gone.Order",
        "shop.lazy.x",
        "shop.web_pb2.Message",
        "shop.__doc__",
    ];
    let expected = [
        "shop.orders: module",
        "shop.orders.Order.gone.deeper: name",
        "shop.orders.requests.post: name",
        "shop.orders.open: name",
        "shop.orders.opened: no name shop.orders.opened",
        "shop.Order: name",
        "shop.Oder: no name shop.Oder",
        "shop.gone.Order: no module shop.gone",
        "shop.lazy.x: may be made up",
        "shop.web_pb2.Message: bare",
        "shop.__doc__: name",
    ];
    assert_eq!(references(&files, &strings), expected);
}

#[test]
fn first_party_is_what_it_is_for_imports() {
    let files = [
        ("pyproject.toml", "[project]\nname = \"x\"\ndependencies = [\"alembic\"]\n"),
        ("used/a.py", "A = 1\n"),
        ("docs/conf.py", ""),
        ("alembic/env.py", ""),
        ("main.py", "import used.a\nimport alembic.op\n"),
    ];
    let strings =
        ["used.a.A", "used.b.B", "docs.conf.x", "alembic.op.add_column", "os.path.exists", "main.used"];
    let expected = [
        "used.a.A: name",
        "used.b.B: no module used.b",
        "docs.conf.x: external",
        "alembic.op.add_column: external",
        "os.path.exists: external",
        "main.used: name",
    ];
    assert_eq!(references(&files, &strings), expected);
}
