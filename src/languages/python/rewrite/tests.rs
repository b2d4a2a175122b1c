use super::*;
use crate::languages::python::{ExtractOptions, extract};
use crate::languages::rewrite::apply;
use crate::source::FileKind;

fn facts_of(text: &str) -> Facts {
    let options = ExtractOptions {
        version: (3, 14),
        accesses: false,
        load: false,
        is_package: false,
        kind: FileKind::Module,
    };
    extract(text.as_bytes(), &options)
}

/// What is wanted of every import whose written path (`old.A`, `.old.A`, `old.*`, `import old`) is in the list.
fn wanted(facts: &Facts, list: &[(&str, &str)]) -> Vec<Wanted> {
    let path = |import: &crate::facts::Import| {
        let dots = ".".repeat(import.level as usize);
        let module = import.module.as_str();
        match &import.name {
            Some(name) if module.is_empty() => format!("{dots}{name}"),
            Some(name) => format!("{dots}{module}.{name}"),
            None => format!("import {module}"),
        }
    };
    let imports = facts.imports.iter().enumerate().filter_map(|(at, import)| {
        let (old, new) = list.iter().find(|(old, _)| *old == path(import))?;
        let named = !old.starts_with("import ") && new.contains('.');
        let what = What::Import(at as u32);
        Some(Wanted { what, path: (*new).to_owned(), named, names: Vec::new() })
    });
    let strings = facts.strings.iter().enumerate().filter_map(|(at, string)| {
        let (_, new) = list.iter().find(|(old, _)| *old == string.path.as_str())?;
        let what = What::String(at as u32);
        Some(Wanted { what, path: (*new).to_owned(), named: false, names: Vec::new() })
    });
    imports.chain(strings).collect()
}

/// Rewrites, and holds the outcome to what must always be so.
#[track_caller]
fn rewritten(text: &str, list: &[(&str, &str)], risky: bool) -> (String, Vec<String>) {
    let facts = facts_of(text);
    assert!(facts.problems.is_empty(), "{:?}", facts.problems);
    let wanted = wanted(&facts, list);
    assert!(!wanted.is_empty(), "nothing of {list:?} is there");
    let done = rewrite(text, &facts, &wanted, risky);
    let new = apply(text, &done.changes).unwrap();
    let after = facts_of(&new);
    assert!(after.problems.is_empty(), "{new}\n{:?}", after.problems);
    (new, done.refused.into_iter().map(|(_, refusal)| refusal.why.to_string()).collect())
}

/// The text after everything wanted has been done.
#[track_caller]
fn fixed(text: &str, list: &[(&str, &str)]) -> String {
    let (new, refused) = rewritten(text, list, false);
    assert_eq!(refused, Vec::<String>::new());
    new
}

/// Why nothing was done.
#[track_caller]
fn refused(text: &str, list: &[(&str, &str)], risky: bool) -> String {
    let (new, refused) = rewritten(text, list, risky);
    assert_eq!(new, text);
    refused.join("\n")
}

const A: &[(&str, &str)] = &[("old.A", "new.A")];
const AB: &[(&str, &str)] = &[("old.A", "new.A"), ("old.B", "new.B")];

#[test]
fn a_statement_that_moves_whole_gets_another_module() {
    for (before, after) in [
        ("from old import A\n", "from new import A\n"),
        ("from old import A", "from new import A"),
        ("from old import A as X  # why\n", "from new import A as X  # why\n"),
        ("from old import A as A\n", "from new import A as A\n"),
        (
            "from old import (  # a\n    A,  # b\n    # c\n)\n",
            "from new import (  # a\n    A,  # b\n    # c\n)\n",
        ),
        ("from old \\\n    import A\n", "from new \\\n    import A\n"),
        ("from  old  import(A)\r\nx = A\r\n", "from  new  import(A)\r\nx = A\r\n"),
        ("def f():\n\tfrom old import A\n\treturn A\n", "def f():\n\tfrom new import A\n\treturn A\n"),
        ("if x: from old import A\n", "if x: from new import A\n"),
        ("x = 1; from old import A; y = 2\n", "x = 1; from new import A; y = 2\n"),
        ("\u{feff}from old import A\n", "\u{feff}from new import A\n"),
        (
            "try:\n    from old import A\nexcept ImportError:\n    A = None\n",
            "try:\n    from new import A\nexcept ImportError:\n    A = None\n",
        ),
    ] {
        assert_eq!(fixed(before, A), after);
    }
    assert_eq!(fixed("from old import A, B\n", AB), "from new import A, B\n");
}

#[test]
fn a_name_that_changes_keeps_what_the_file_calls_it() {
    let list = &[("old.A", "new.Z"), ("old.Z", "new.Z")];
    assert_eq!(fixed("from old import A\n", list), "from new import Z as A\n");
    assert_eq!(fixed("from old import A as Z\n", list), "from new import Z\n");
    assert_eq!(fixed("from old import A as X\n", list), "from new import Z as X\n");
    assert_eq!(fixed("from old import A as A\n", list), "from new import Z as A\n");
    assert_eq!(fixed("from old import Z as Z\n", list), "from new import Z as Z\n");
    // The same module, another name.
    assert_eq!(fixed("from old import A, B\n", &[("old.A", "old.C")]), "from old import C as A, B\n");
    // A module that is no part of another one any more.
    assert_eq!(fixed("from old import A\n", &[("old.A", "top")]), "import top as A\n");
    assert_eq!(fixed("from old import A, B\n", &[("old.A", "A")]), "from old import B\nimport A\n");
}

#[test]
fn one_of_several_names_gets_a_statement_of_its_own() {
    for (before, after) in [
        ("from old import A, B\n", "from old import B\nfrom new import A\n"),
        ("from old import B, A\n", "from old import B\nfrom new import A\n"),
        ("from old import B, A, C\n", "from old import B, C\nfrom new import A\n"),
        ("from old import B, A as X", "from old import B\nfrom new import A as X"),
        ("from old import (A, B)\n", "from old import (B)\nfrom new import A\n"),
        ("from old import (B, A,)\n", "from old import (B,)\nfrom new import A\n"),
        ("from old import B, \\\n    A\n", "from old import B\nfrom new import A\n"),
        ("from old import A, \\\n    B\n", "from old import B\nfrom new import A\n"),
        (
            "from old import (\n    A,  # of a\n    B,  # of b\n)\n",
            "from old import (\n    B,  # of b\n)\nfrom new import A  # of a\n",
        ),
        ("from old import (\n    B,\n    A\n)\n", "from old import (\n    B,\n)\nfrom new import A\n"),
        ("from old import (B,\n                 A)\n", "from old import (B)\nfrom new import A\n"),
        (
            "from old import A, B  # noqa: F401\n",
            "from old import B  # noqa: F401\nfrom new import A  # noqa: F401\n",
        ),
        ("from old import A, B  # because\n", "from old import B  # because\nfrom new import A\n"),
        (
            "def f():\r\n\tfrom old import A, B\r\n\treturn A\r\n",
            "def f():\r\n\tfrom old import B\r\n\tfrom new import A\r\n\treturn A\r\n",
        ),
        ("if x: from old import A, B\n", "if x: from old import B; from new import A\n"),
        ("x = 1; from old import A, B; y = 2\n", "x = 1; from old import B; from new import A; y = 2\n"),
    ] {
        assert_eq!(fixed(before, A), after);
    }
    let three = &[("old.A", "new.A"), ("old.B", "other.B"), ("old.C", "new.C")];
    assert_eq!(fixed("from old import A, B, C\n", three), "from new import A, C\nfrom other import B\n");
    assert_eq!(
        fixed("from old import A, B, C, D\n", three),
        "from old import D\nfrom new import A, C\nfrom other import B\n"
    );
}

#[test]
fn a_name_joins_an_import_of_its_new_module() {
    for (before, after) in [
        ("from new import B\nfrom old import A\n", "from new import B, A\n"),
        ("from old import A\nfrom new import B\n", "from new import B, A\n"),
        ("from new import B, C\nfrom old import A\n", "from new import A, B, C\n"),
        (
            "from new import (\n    B,\n    C\n)\nfrom old import A\n",
            "from new import (\n    A,\n    B,\n    C\n)\n",
        ),
        ("from new import (\n    B\n)\nfrom old import A\n", "from new import (\n    B,\n    A,\n)\n"),
        ("from new import (B,)\nfrom old import A, C\n", "from new import (B, A,)\nfrom old import C\n"),
        ("from new import A\nfrom old import A\n", "from new import A\n"),
        ("from old import A\nfrom new import A\n", "from new import A\n"),
        ("from new import B; from old import A\n", "from new import B, A\n"),
        ("from old import A; from new import B\n", "from new import B, A\n"),
        (
            "import x\n\nfrom new import B\n\nfrom old import A\n\nx()\n",
            "import x\n\nfrom new import B, A\n\nx()\n",
        ),
        (
            "import x\r\n\r\nfrom new import B\r\n\r\nfrom old import A\r\n\r\nx()\r\n",
            "import x\r\n\r\nfrom new import B, A\r\n\r\nx()\r\n",
        ),
        ("x = 1\nfrom new import B\ny = 2\nfrom old import A\n", "x = 1\nfrom new import B, A\ny = 2\n"),
    ] {
        assert_eq!(fixed(before, A), after);
    }
    assert_eq!(
        fixed("from old import A\nfrom older import B\n", &[("old.A", "new.A"), ("older.B", "new.B")]),
        "from new import A, B\n",
        "the first has become one of the new module"
    );
}

#[test]
fn statements_of_one_module_that_were_apart_stay_apart() {
    let relative = &[(".old.A", "p.old.A"), (".old.B", "p.old.B"), (".old.C", "p.old.C")];
    for (before, after) in [
        (
            "from .old import A as A\nfrom .old import B as B\n",
            "from p.old import A as A\nfrom p.old import B as B\n",
        ),
        ("from .old import A\nfrom .old import B, C\n", "from p.old import A\nfrom p.old import B, C\n"),
    ] {
        assert_eq!(fixed(before, relative), after);
    }
    assert_eq!(fixed("from old import A\nfrom old import B\n", AB), "from new import A\nfrom new import B\n");
    // One that keeps a name still takes no other's in.
    assert_eq!(
        fixed("from old import A, X\nfrom old import B\n", AB),
        "from old import X\nfrom new import A\nfrom new import B\n"
    );
}

#[test]
fn a_name_joins_no_import_that_is_not_its_like() {
    for (before, after) in [
        // Used, or bound, on the way.
        ("from old import A\nA()\nfrom new import B\n", "from new import A\nA()\nfrom new import B\n"),
        ("from old import A\nx = 1\nfrom new import B\n", "from new import A\nx = 1\nfrom new import B\n"),
        ("from new import B\nA = 1\nfrom old import A\n", "from new import B\nA = 1\nfrom new import A\n"),
        // Another suite, an attempt, for type checkers.
        (
            "from new import B\ndef f():\n    from old import A\n",
            "from new import B\ndef f():\n    from new import A\n",
        ),
        (
            "try:\n    from new import B\n    from old import A\nexcept E: pass\n",
            "try:\n    from new import B\n    from new import A\nexcept E: pass\n",
        ),
        (
            "from new import B\nif TYPE_CHECKING:\n    from old import A\n",
            "from new import B\nif TYPE_CHECKING:\n    from new import A\n",
        ),
        // A comment or a waiver that would be lost or would say more than it did.
        ("from new import B\nfrom old import A  # why\n", "from new import B\nfrom new import A  # why\n"),
        (
            "from new import B  # importlaw: allow x -- y\nfrom old import A\n",
            "from new import B  # importlaw: allow x -- y\nfrom new import A\n",
        ),
        // Everything, or another thing of that name.
        ("from new import *\nfrom old import A\n", "from new import *\nfrom new import A\n"),
        ("from new import Z as A\nfrom old import A\n", "from new import Z as A\nfrom new import A\n"),
    ] {
        assert_eq!(fixed(before, A), after);
    }
    let wide = format!("from new import {}\n", "b".repeat(90));
    assert_eq!(fixed(&format!("{wide}from old import A\n"), A), format!("{wide}from new import A\n"));
}

#[test]
fn relative_imports_become_absolute() {
    let list = &[(".x", "pkg.x"), (".m.A", "pkg.m.A"), ("..B", "B")];
    assert_eq!(fixed("from . import x\n", list), "from pkg import x\n");
    assert_eq!(fixed("from .import x as y\n", list), "from pkg import x as y\n");
    assert_eq!(fixed("from.import x\n", list), "from pkg import x\n");
    assert_eq!(fixed("from .m import A\nfrom pkg.m import C\n", list), "from pkg.m import C, A\n");
    assert_eq!(fixed("from .. import B\n", list), "import B\n");
}

#[test]
fn modules_imported_whole_keep_their_name() {
    let list = &[("import old", "new"), ("import a.b", "c.d")];
    assert_eq!(fixed("import old\n", list), "import new as old\n");
    assert_eq!(fixed("import x, old as o\n", list), "import x, new as o\n");
    assert_eq!(fixed("import a.b as o, z\n", list), "import c.d as o, z\n");
    assert_eq!(
        refused("import a.b\nprint(a.b.X)\n", list, false),
        "it binds `a`, and every use of that would have to be renamed"
    );
}

#[test]
fn uses_follow_a_plain_import_where_all_of_them_can() {
    let list = &[("import a.b", "c.d")];
    let risky = |text: &str| rewritten(text, list, true);
    let (new, why) = risky("import a.b\ndef f(x: a.b.X = a.b.y[0]):\n    return a.b.Z(a.b.q.r)\n");
    assert_eq!(why, Vec::<String>::new());
    assert_eq!(new, "import c.d\ndef f(x: c.d.X = c.d.y[0]):\n    return c.d.Z(c.d.q.r)\n");
    // Another import goes on binding `a`.
    let (new, _) = risky("import a.b\nimport a.c\na.b.X(a.c.X, a)\n");
    assert_eq!(new, "import c.d\nimport a.c\nc.d.X(a.c.X, a)\n");
    for (text, why) in [
        ("import a.b\nf(a, a.b.X)\n", "`a` is used in another way too"),
        ("import a.b\na.other\n", "`a` is used in another way too"),
        ("import a.b\na . b . X\n", "a use of `a` is not a plain dotted name"),
        ("import a.b\nc = a.b.X\n", "the file has a `c` of its own"),
        ("import a.b\n__all__ = ['a']\n", "`__all__` names `a`"),
    ] {
        assert_eq!(refused(text, list, true), why);
    }
}

#[test]
fn a_wildcard_moves_or_is_taken_apart() {
    assert_eq!(fixed("from old import *\n", &[("old.*", "new.*")]), "from new import *\n");
    let text = "from old import *\n__all__ = ['C']\nA(x.B)\n";
    let facts = facts_of(text);
    let names = ["A", "B", "C", "D"].map(str::to_owned).to_vec();
    let one = Wanted { what: What::Import(0), path: "old.*".to_owned(), named: true, names };
    let done = rewrite(text, &facts, std::slice::from_ref(&one), true);
    assert_eq!(apply(text, &done.changes).unwrap(), "from old import A, C\n__all__ = ['C']\nA(x.B)\n");
    let done = rewrite(text, &facts, &[one], false);
    assert!(done.changes.is_empty() && done.refused[0].1.needs_unsafe, "{done:?}");
}

#[test]
fn literals_are_written_anew_between_their_quotes() {
    let list = &[("old.A", "new.A"), ("import old.m", "new.m")];
    assert_eq!(fixed("mock.patch('old.A')\n", list), "mock.patch('new.A')\n");
    assert_eq!(fixed("mock.patch(r\"\"\"old.A\"\"\")\n", list), "mock.patch(r\"\"\"new.A\"\"\")\n");
    assert_eq!(
        fixed("import importlib\nm = importlib.import_module(\"old.m\")\n", list),
        "import importlib\nm = importlib.import_module(\"new.m\")\n"
    );
    assert_eq!(
        fixed("import pkgutil\npkgutil.resolve_name('old:A')\n", list),
        "import pkgutil\npkgutil.resolve_name('new:A')\n"
    );
    assert_eq!(refused("mock.patch('old' '.A')\n", list, false), "it is put together of several literals");
    assert_eq!(
        refused("__import__('old.m')\n", list, false),
        "`__import__` gives back the package at the front of the path"
    );
}

#[test]
fn what_would_lose_a_comment_is_left_alone() {
    let why = "comments stand between the names of its statement";
    assert_eq!(refused("from old import (B,  # of b\n                 A)\n", A, false), why);
    assert_eq!(refused("from old import (A,  # of a\n                 B)\n", A, false), why);
}

#[test]
fn a_file_that_does_not_parse_is_left_alone() {
    let text = "from old import A\nif:\n";
    let facts = facts_of(text);
    let done = rewrite(text, &facts, &wanted(&facts, A), false);
    assert_eq!(done.changes, []);
    assert_eq!(done.refused[0].1.why, "the file does not parse");
}

mod properties {
    use std::collections::BTreeSet;
    use std::fmt::Write;

    use proptest::prelude::*;

    use super::*;

    /// Everything that an import of `old` may look like, and what may stand around it.
    const STATEMENTS: [&str; 22] = [
        "from old import A",
        "from old import A as X, B",
        "from old import B, C, A",
        "from old import (A, B,)",
        "from old import (\n@    A,  # of a\n@    C,\n@    B  # of b\n@)",
        "from old import (A,\n@    B,\n@    D)",
        "from old import C, \\\n@    D",
        "from old import A as A",
        "from old import B  # noqa: F401",
        "from new import B",
        "from new import (\n@    D,\n@)",
        "from new import C as A",
        "from other import E, A",
        "from . import A",
        "import old",
        "import old.m as B, sys",
        "x = 1; from old import A; from new import D; y = 2",
        "if x: from old import A, B",
        "A()",
        "# a comment",
        "",
        "__all__ = ['A', 'B']",
    ];

    const OPENINGS: [&str; 5] = ["def f():", "class K:", "if TYPE_CHECKING:", "try:", "with x:"];

    const WANTED: [(&str, &str); 8] = [
        ("old.A", "new.A"),
        ("old.B", "new.Z"),
        ("old.C", "other.C"),
        ("old.D", "top"),
        (".A", "pkg.A"),
        ("import old", "new"),
        ("import old.m", "new.m"),
        ("other.E", "new.E"),
    ];

    prop_compose! {
        fn text()(
            blocks in prop::collection::vec((0..=OPENINGS.len(), prop::collection::vec(0..STATEMENTS.len(), 1..6)), 1..5),
            newline in 0..3usize,
            ended in any::<bool>(),
        ) -> String {
            let mut text = String::new();
            for (opening, statements) in blocks {
                let opening = OPENINGS.get(opening);
                let indent = if opening.is_some() { "\t" } else { "" };
                let _ = writeln!(text, "{}", opening.unwrap_or(&""));
                for at in statements {
                    let _ = writeln!(text, "{indent}{}", STATEMENTS[at].replace('@', indent));
                }
                if let Some(opening) = opening {
                    let _ = writeln!(text, "{indent}pass");
                    if *opening == "try:" {
                        text.push_str("except ImportError:\n\tA = None\n");
                    }
                }
            }
            let text = if ended { text.as_str() } else { text.trim_end() };
            text.replace('\n', ["\n", "\r\n", "\r"][newline])
        }
    }

    /// Every name that an import binds, by the number of lines that are no import before it: suites stay apart.
    fn bound(facts: &Facts) -> BTreeSet<(String, bool)> {
        let local = |import: &crate::facts::Import| {
            let name = import.alias.as_ref().or(import.name.as_ref());
            name.map_or_else(|| crate::module_path::first(&import.module).to_owned(), ToString::to_string)
        };
        facts.imports.iter().map(|import| (local(import), import.module_level)).collect()
    }

    fn comments(text: &str) -> Vec<String> {
        let mut found: Vec<String> =
            text.split(['\n', '\r']).filter_map(|line| Some(line.split_once('#')?.1.to_owned())).collect();
        found.sort();
        found.dedup();
        found
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

        #[test]
        fn what_is_rewritten_parses_keeps_its_names_and_is_done(text in text(), risky in any::<bool>()) {
            let facts = facts_of(&text);
            prop_assert!(facts.problems.is_empty(), "{text}");
            let asked = wanted(&facts, &WANTED);
            let done = rewrite(&text, &facts, &asked, risky);
            let new = apply(&text, &done.changes).expect("changes in order");
            let after = facts_of(&new);
            prop_assert!(after.problems.is_empty(), "{text}\n->\n{new}");
            prop_assert_eq!(bound(&facts), bound(&after), "{}\n->\n{}", text, new);
            prop_assert_eq!(comments(&text), comments(&new));
            // What is left is what was refused, and it goes on being refused.
            let asked = wanted(&after, &WANTED);
            prop_assert!(asked.len() <= done.refused.len(), "{text}\n->\n{new}");
            let again = rewrite(&new, &after, &asked, risky);
            prop_assert_eq!(again.changes, vec![], "{}\n->\n{}", text, new);
            // Each change alone parses too.
            for one in wanted(&facts, &WANTED) {
                let alone = rewrite(&text, &facts, &[one], risky);
                let new = apply(&text, &alone.changes).expect("changes in order");
                prop_assert!(facts_of(&new).problems.is_empty(), "{text}\n->\n{new}");
            }
        }
    }
}
