use std::collections::BTreeMap;

use proptest::prelude::*;

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
[doors]
# page:2 canonical (unmarked), exists
# page:6 use instead, exists
"shop.carts" = ["Basket"]

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

[moved]
# page:5 broken, does not exist: there is no module `shop.gone`; `Basket` is defined in `shop.carts`
"shop.gone:Basket" = "shop.carts:Basket"

[[protected]]
# Not to be used, and the page names nothing to use instead. Modules are meant whole.
id      = "deprecated"
modules = [
    # page:7 deprecated, exists
    "=shop.legacy",
]
only    = []
reason  = "the page calls it deprecated or broken"
"#,
    );
}

#[test]
fn what_is_not_there_stays_in_force_with_what_is_nearest() {
    drafts(
        SHOP,
        "\
# Verified
- `from shop.cart import Cart`
- `from shop.legacy import Till, Basket`
- `from shop.lazy import Anything`
- `from os import path`
- `from nowhere.at import All`
",
        r#"
[doors]
# page:2 canonical, does not exist: there is no module `shop.cart`; `Cart` is defined in `shop.carts` and 2 more
"shop.cart" = ["Cart"]
# page:3 canonical, of which `Till` exists; does not exist: `shop.legacy` has no `Basket`; `Basket` is defined in `shop.carts`
"shop.legacy" = ["Till", "Basket"]
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

/// Of two things said of one path the worse holds; without another door it is not in force.
#[test]
fn contradictions_are_never_flattering() {
    drafts(
        SHOP,
        "\
from shop.carts import Cart  # ✅

from shop.facade import Cart  # ✅

from shop.facade import Cart  # compatible

from shop.legacy import Till  # ✅

from shop.legacy import Till  # deprecated

from shop.carts import Basket  # compatible

from bank.carts import Cart  # broken
",
        r#"
[[canonical]]
# page:1 canonical, exists
symbols    = ["Cart"]
path       = "shop.carts"
compatible = [
    # page:3 canonical, exists; conflicts with line 5 (which calls it compatible)
    # page:5 compatible, exists; conflicts with line 3 (which calls it canonical)
    { path = "shop.facade", reason = "page:3, page:5" },
]

[[protected]]
# Not to be used, and the page names nothing to use instead. Modules are meant whole.
id      = "deprecated"
modules = [
    # page:13 broken, exists
    "=bank.carts",
]
only    = []
reason  = "the page calls it deprecated or broken"

# Not in force: what the page leaves undecided, and what no entry can say.
#
# page:7 canonical, exists; conflicts with line 9 (which calls it deprecated)
# page:9 deprecated, exists; conflicts with line 7 (which calls it canonical)
#   shop.legacy:Till: the page contradicts itself, and names no other door
#
# page:11 compatible, exists
#   shop.carts:Basket: the page names no door of `Basket`
"#,
    );
}

#[test]
fn of_two_doors_the_one_marked_on_its_line_is_the_door() {
    drafts(
        SHOP,
        "\
# Verified
- `from shop.carts import Cart` (canonical)
- `from shop.facade import Cart`
- `from bank.carts import Cart`
",
        r#"
[doors]
# page:4 canonical, exists
"bank.carts" = ["Cart"]

[[canonical]]
# page:2 canonical, exists; conflicts with line 3 (which names the door `shop.facade`)
symbols    = ["Cart"]
path       = "shop.carts"
retired    = [
    # page:3 canonical, exists; conflicts with line 2 (which names the door `shop.carts`)
    "shop.facade",
]
"#,
    );
    drafts(
        SHOP,
        "# Verified\n- `from shop.carts import Cart`\n- `from shop.facade import Cart`\n- `import shop.rival`\n",
        r"
# Not in force: what the page leaves undecided, and what no entry can say.
#
# page:2 canonical, exists; conflicts with line 3 (which names the door `shop.facade`)
#   shop.carts:Cart: the page names `shop.facade` as well, and marks neither on its line
#
# page:3 canonical, exists; conflicts with line 2 (which names the door `shop.carts`)
#   shop.facade:Cart: the page names `shop.carts` as well, and marks neither on its line
#
# page:4 canonical, exists
#   shop.rival: it names a module and no symbol
",
    );
}

#[test]
fn modules_wildcards_and_renamed_symbols() {
    drafts(
        SHOP,
        "\
```diff
- import shop.old
+ import shop.carts
- from shop.rival import Cart
+ from shop.carts import Basket
- from shop.facade import *
+ from shop.legacy import *
```
",
        r#"
[doors]
# page:5 use instead, exists
"shop.carts" = ["Basket"]
# page:7 use instead, exists
"shop.legacy" = ["*"]

[moved]
# page:2 deprecated, does not exist: there is no module `shop.old`; nearest is `shop`
"shop.old" = "shop.carts"
# page:4 deprecated, exists
"shop.rival:Cart" = "shop.carts:Basket"
# page:6 deprecated, exists
"shop.facade" = "shop.legacy"

# Not in force: what the page leaves undecided, and what no entry can say.
#
# page:3 use instead, exists
#   shop.carts: it names a module and no symbol
"#,
    );
}

/// An old path whose successor is old itself, and one that is its own.
#[test]
fn replacements_that_lead_nowhere() {
    drafts(
        SHOP,
        "\
```
from shop.gone import Cart  # broken
# use instead: from shop.rival import Cart

from shop.rival import Cart  # deprecated
# use instead: from shop.rival import Cart
```
",
        r"
# Not in force: what the page leaves undecided, and what no entry can say.
#
# page:2 broken, does not exist: there is no module `shop.gone`; `Cart` is defined in `shop.carts` and 2 more; conflicts with line 5 (which calls `shop.rival:Cart` deprecated or broken)
#   shop.gone:Cart: what is to be used instead, `shop.rival:Cart`, is not to be used either
#
# page:3 use instead, exists; conflicts with line 5 (which calls it deprecated)
# page:5 deprecated, exists; conflicts with line 3 (which calls it use instead)
# page:6 use instead, exists; conflicts with line 5 (which calls it deprecated)
#   shop.rival:Cart: line 6 puts it in its own place
",
    );
}

#[test]
fn the_summary_counts_lines() {
    let (_, summary) = migrate(
        SHOP,
        "\
```
from shop.carts import Cart, Gone
from shop.carts import Cart  # deprecated
from shop.lazy import X
from os import path
from shop.gone import A  # broken
from shop import [B]
```
",
    );
    let wanted = "\
docs/page.md: 5 imports read
  exist            1
  do not exist     2, 1 of them although the page recommends them
  cannot be told   1
  from outside     1
  conflict         2 with another line of the page
  not in force     3 paths, in comments at the end
  not understood   1 line: 7
";
    assert_eq!(summary, wanted);
}

/// The same symbol in two packages: each entry needs an id of its own.
#[test]
fn ids_are_unique() {
    let (registry, _) = migrate(
        SHOP,
        "\
- `from shop.carts import Cart` (canonical)
- `from shop.facade import Cart` (compatible)
- `from bank.carts import Cart` (canonical)
- `from bank import Cart` (compatible)
",
    );
    let ids: Vec<&str> = registry.lines().filter(|line| line.starts_with("id ")).collect();
    assert_eq!(ids, ["id         = \"symbol-2\""]);
}

/// Whatever a page says, the registry loads, and every line of the page that was read has its note.
#[test]
fn every_draft_loads() {
    const IMPORTS: &[&str] = &[
        "from shop.carts import Cart",
        "from shop.carts import *",
        "from shop.facade import Cart as Old, Basket",
        "from shop.legacy import (Till,\n    Cart)",
        "from shop.gone import Cart",
        "from bank.carts import Cart",
        "from doors import moved",
        "from shop import carts",
        "import shop.carts",
        "import shop.legacy, bank",
        "import os",
        "from shop.é import Ünï",
        "from shop.carts import [X]",
    ];
    const BEFORE: &[&str] =
        &["", "# USE INSTEAD: ", "# ❌ ", "- ", "+ ", "\n", "# Old:\n", "```\n", "## Broken\n", "| "];
    const AFTER: &[&str] = &["", "  # deprecated", "  # compatible", "  # ✅", "  # ❌", " → "];
    let line = (0..IMPORTS.len(), 0..BEFORE.len(), 0..AFTER.len());
    let lines = proptest::collection::vec(line, 1..20);
    let config = ProptestConfig { cases: 200, ..ProptestConfig::default() };
    proptest!(config, |(lines in lines)| {
        let text: String = lines
            .iter()
            .map(|(import, before, after)| format!("{}{}{}\n", BEFORE[*before], IMPORTS[*import], AFTER[*after]))
            .collect();
        let text = format!("```\n{text}");
        let read = page::read(&text);
        let (registry, _) = migrate(SHOP, &text);
        for mention in &read.mentions {
            let note = format!("# page:{} {}", mention.line, mention.status.word());
            prop_assert!(registry.contains(&note), "{note}\n{text}\n{registry}");
        }
    });
}

/// Doors of one symbol between which the page does not decide.
#[test]
fn many_rivals_are_counted() {
    let page: String = (0..2000).map(|at| format!("- `from shop.m{at} import Cart`\n")).collect();
    let (registry, summary) = migrate(SHOP, &page);
    assert!(
        registry.contains(
            "#   shop.m0:Cart: the page names `shop.m1`, `shop.m10`, `shop.m100` and 1996 more as well"
        ),
        "{registry}"
    );
    assert!(summary.contains("not in force     2,000 paths"), "{summary}");
}
