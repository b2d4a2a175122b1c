use std::collections::BTreeMap;

use super::*;
use crate::facts::Date;
use crate::registry::Registry;
use crate::registry::load::{Home, load};
use crate::source::RelPath;

/// The registry and the summary of a page, for a project of these files.
fn migrate(files: &[(&str, &str)], text: &str) -> (String, String) {
    let texts: BTreeMap<RelPath, Vec<u8>> =
        files.iter().map(|(path, text)| (RelPath::new(*path), text.as_bytes().to_vec())).collect();
    let as_of = Date::parse("2026-11-22").unwrap();
    let project = Project {
        root: PathBuf::new(),
        started: PathBuf::new(),
        registry: Registry::default(),
        as_of,
        as_of_given: true,
    };
    let sources = Sources::from_memory(texts);
    let text = text.to_owned();
    let work = move || migrated(&project, &sources, &page::read(&text), "docs/page.md").unwrap();
    let (registry, summary) =
        std::thread::Builder::new().stack_size(crate::check::STACK).spawn(work).unwrap().join().unwrap();
    if let Err(errors) = load(&RelPath::new("importlaw.toml"), &registry, Home::Own, as_of) {
        panic!("{errors}\n{registry}");
    }
    (registry, summary)
}

/// What stands below the head.
#[track_caller]
fn drafts(files: &[(&str, &str)], text: &str, wanted: &str) {
    let (registry, _) = migrate(files, text);
    let body = registry.split_once("version = 1\n").unwrap().1;
    assert_eq!(body.trim(), wanted.trim());
}

const SHOP: &[(&str, &str)] = &[
    ("shop/__init__.py", ""),
    ("shop/carts.py", "class Cart: ...\nclass Basket: ...\n"),
    ("shop/facade.py", "from shop.carts import Cart\n"),
    ("shop/legacy.py", "class Till: ...\n"),
    ("shop/rival.py", "class Cart: ...\n"),
    ("shop/lazy.py", "def __getattr__(name):\n    return make(name)\n"),
    ("bank/__init__.py", ""),
    ("bank/carts.py", "class Cart: ...\n"),
];

#[test]
fn each_status_has_its_table() {
    drafts(
        SHOP,
        "\
```python
from shop.carts import Cart, Basket
from shop.facade import Cart  # compatible
from shop.rival import Cart  # deprecated
from shop.gone import Basket  # broken
# use instead: from shop.carts import Basket
from shop.legacy import Till  # deprecated
```
",
        r#"
[[canonical]]
# page:2 canonical (unmarked), exists
symbols    = ["Cart"]
path       = "shop.carts"
compatible = [
    # page:3 compatible, exists
    { path = "shop.facade", reason = "page:3" },
]
retired    = [
    # page:4 deprecated, exists
    "shop.rival",
]

[[canonical]]
"#
        .trim_end_matches("\n[[canonical]]\n")
        .to_owned()
        .as_str(),
    );
}

#[test]
fn what_is_not_there_stays_in_force_with_what_is_nearest() {
    drafts(
        SHOP,
        "\
# Verified
- `from shop.cart import Cart`
- `from shop.legacy import Basket`
- `from shop.lazy import Anything`
- `from os import path`
- `from nowhere.at import All`
",
        r#"
[doors]
# page:2 canonical, does not exist: there is no module `shop.cart`; `Cart` is defined in `shop.carts` and 2 more
"shop.cart" = ["Cart"]
# page:3 canonical, does not exist: `shop.legacy` has no `Basket`; `Basket` is defined in `shop.carts`
"shop.legacy" = ["Basket"]
# page:4 canonical, cannot be told: `shop.lazy` has a module `__getattr__` that may make the name up
"shop.lazy" = ["Anything"]
# page:6 canonical, does not exist: there is no module `nowhere.at`; nothing first party is called `nowhere`
"nowhere.at" = ["All"]

# Not in force: what the page leaves undecided, and what no entry can say.
#
# page:5 canonical, from outside the project
#   os:path: it comes from outside the project
"#,
    );
}
