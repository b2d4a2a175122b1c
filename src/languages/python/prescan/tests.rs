//! Deep texts are refused and survived; real ones never trip a limit.

use super::*;
use crate::facts::Facts;
use crate::languages::python::tests::options;
use crate::languages::python::{ExtractOptions, code, extract};

/// Extracts on a worker's stack: 64 MB, more where nothing is optimised.
fn survive(text: String) -> Facts {
    let size = if cfg!(debug_assertions) { 256 } else { 64 };
    std::thread::Builder::new()
        .stack_size(size << 20)
        .spawn(move || {
            let options = ExtractOptions { accesses: true, load: true, ..options() };
            let facts = extract(text.as_bytes(), &options);
            drop(code(text.as_bytes(), &options, &facts));
            facts
        })
        .unwrap()
        .join()
        .unwrap()
}

fn message(text: &str) -> Option<&'static str> {
    check(text).err().map(|too_deep| too_deep.message)
}

fn blocks(depth: usize) -> String {
    (0..depth).flat_map(|depth| [" ".repeat(depth), "if x:\n".to_owned()]).collect()
}

#[test]
fn deep_texts_are_survived_and_named() {
    let brackets = "more than 200 nested brackets";
    let operators = "more than 1,000 nested operators";
    let levels = "expression of more than 10,000 levels";
    let cases: Vec<(String, &str)> = vec![
        ("[".repeat(1_000_000), brackets),
        (format!("{}{}", "(".repeat(100_000), ")".repeat(100_000)), brackets),
        ("f(".repeat(100_000), brackets),
        (format!("x = {}1", "-".repeat(200_000)), operators),
        (format!("x = {}1", "- ~+".repeat(50_000)), operators),
        (format!("x = {}1", "not ".repeat(100_000)), operators),
        (format!("x = {}1", "await ".repeat(100_000)), operators),
        (format!("x = {}1", "lambda: ".repeat(100_000)), operators),
        (format!("x = {}1", "lambda a, b: ".repeat(100_000)), operators),
        (format!("x = {}1", "1 if 1 else ".repeat(100_000)), operators),
        (format!("x = {}1", "0if 0else ".repeat(100_000)), operators),
        (format!("x = {}1", "1**".repeat(100_000)), operators),
        (format!("x = {}1", "yield 1, ".repeat(100_000)), operators),
        ("async ".repeat(100_000), operators),
        (format!("x = a{}", ".a".repeat(1_000_000)), levels),
        (format!("x = {}1", "a+".repeat(25_000_000)), levels),
        (format!("x = a{}", "()".repeat(1_000_000)), levels),
        (format!("x = a{}", "[0]".repeat(1_000_000)), levels),
        (format!("x = a{}", "(b)(c, d)".repeat(100_000)), levels),
        (format!("@a{}\ndef f(): pass", ".b".repeat(100_000)), levels),
        ("if a: ".repeat(100_000), levels),
        ("class A: ".repeat(100_000), levels),
        ("f\"{".repeat(100_000), brackets),
        ("f'{a:{".repeat(100_000), brackets),
        (blocks(1_000), "more than 99 levels of indentation"),
    ];
    for (text, expected) in cases {
        let start = text.chars().take(20).collect::<String>();
        assert_eq!(message(&text), Some(expected), "{start}");
        let found = survive(format!("import a\n{text}\nimport b\n"));
        assert_eq!(found.problems[0].message, expected, "{start}");
        assert_eq!(found.imports[0].module, "a", "{start}");
    }
}

#[test]
fn texts_at_the_limits_are_parsed() {
    let cases = [
        format!("x = {}1{}", "(".repeat(200), ")".repeat(200)),
        format!("x = {}1", "-".repeat(1_000)),
        format!("x = {}1", "not ".repeat(1_000)),
        format!("x = {}1", "lambda: ".repeat(1_000)),
        format!("x = {}1", "1 if 1 else ".repeat(1_000)),
        format!("x = {}1", "1**".repeat(1_000)),
        format!("x = a{}", ".a".repeat(9_990)),
        format!("x = {}1", "a+".repeat(9_990)),
        format!("def f():\n  x = a{}", ".b()".repeat(4_990)),
        format!("def f():\n  x = {}a()", "a() if b() else ".repeat(1_000)),
        format!("def f():\n  x = {}a(){}", "(a() and ".repeat(199), ")".repeat(199)),
        format!("x = a{}", "()".repeat(9_990)),
        blocks(99) + &" ".repeat(99) + "pass",
    ];
    for text in cases {
        let start = text.chars().take(20).collect::<String>();
        let found = survive(format!("import a\n{text}\nimport b\n"));
        assert_eq!(found.problems, [], "{start}");
        assert_eq!(found.imports.len(), 2, "{start}");
    }
}

#[test]
fn breadth_is_not_depth() {
    let cases = [
        format!("x = [{}]", "a.b.c(-1), ".repeat(100_000)),
        format!("x = {{{}}}", "'a': lambda x: not x,\n".repeat(20_000)),
        "x = a.b + f(c)\n".repeat(100_000),
        "a = not b; c = -d;".repeat(20_000),
        format!("x = {}b", "not a and ".repeat(3_000)),
        format!("x = {}1", "a**2 + ".repeat(3_000)),
        format!("f'{}'", "{a.b}".repeat(100_000)),
        format!("'''{}'''", "((((".repeat(100_000)),
        format!("# {}", "((((".repeat(100_000)),
        format!("x = '{}'", "[\\'".repeat(100_000)),
        "x = (\ndef f(): pass\n".repeat(1_000),
        "f'{a(b,}'\nx = 1\nassert a\nf'{a:\n'\n".repeat(1_000),
    ];
    for text in cases {
        assert_eq!(message(&text), None, "{}", text.chars().take(20).collect::<String>());
    }
}

#[test]
fn strings_and_fields_end_where_ruff_ends_them() {
    let deep = "(".repeat(300);
    for opening in [
        "''",
        "'a'",
        "\"'\"",
        "'''a'b'''",
        "r'\\'' ",
        "rb'\\\\'",
        "f'{a}'",
        "f'{{'",
        "f'{a:{b}}'",
        "f'{a!r:>{w}}'",
        "f'''{\n'x'}\n'''",
        "f'{d[\"a\"]}'",
        "f'{f\"{1}\"}'",
        "f'\\N{DASH}'",
        "f'\\{a}'",
        "rf'\\{a}'",
        "f'{lambda}'",
        "1if'a'",
        "1jf'{b}'",
        "0xf'{'",
        "é'{'",
        "'a' \\\n",
        "'unclosed\n",
        "f'{a\n}'",
        "f'{a'\n",
        "f'{a:'\n",
    ] {
        assert!(message(&format!("x = {opening}{deep}")).is_some(), "{opening}");
    }
    for opening in ["'''", "\"\"\"a'''", "#", "f'''", "f'''{a}", "f'''{a:", "rb'''", "'a\\\n"] {
        assert_eq!(message(&format!("x = {opening}{}", deep.replace('(', "(("))), None, "{opening}");
    }
}

#[test]
fn import_statements_are_found_without_parsing() {
    let text = "import a\nif x: import b; from c import (d,\n  e)\n'''\nimport no\n'''\nx = [\nimport_me]\n    from f import g  # import\nimport h \\\n , i";
    let found = find(text.as_bytes());
    let rows: Vec<_> =
        found.imports.iter().map(|(range, indented)| (&text[range.clone()], *indented)).collect();
    assert_eq!(
        rows,
        [
            ("import a", false),
            ("import b", false),
            ("from c import (d,\n  e)", false),
            ("from f import g  # import", true),
            ("import h \\\n , i", false),
        ]
    );
    assert_eq!(count_imports(text.as_bytes()), 5);
    assert_eq!(count_imports(b"\xff\xfe\x00import a\nimport b\n"), 1);
}
