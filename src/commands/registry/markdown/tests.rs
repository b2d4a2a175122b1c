use super::*;
use crate::registry::load::{Home, load, load_extending};
use crate::source::RelPath;

fn registry(text: &str) -> Registry {
    let as_of = Date::parse("2026-11-22").unwrap();
    load(&RelPath::new("importlaw.toml"), &format!("version = 1\n{text}"), Home::Own, as_of)
        .unwrap_or_else(|errors| panic!("{:?}", errors.problems()))
}

#[test]
fn words_are_never_markup() {
    for (text, shown) in [
        ("snake_case, __init__", "snake_case, \\_\\_init\\_\\_"),
        ("a | b `c` *d* ~e~ $f$", "a \\| b \\`c\\` \\*d\\* \\~e\\~ \\$f\\$"),
        ("[x](javascript:y) ![i](u)", "\\[x\\](javascript:y) !\\[i\\](u)"),
        ("<!-- /importlaw:registry --> & <b>", "&lt;!-- /importlaw:registry --&gt; & &lt;b&gt;"),
        ("&lt; &#60; https://e.org/?a=1&b=2", "&amp;lt; &amp;#60; https://e.org/?a=1&b=2"),
        (" one\n  two\r\n| three\u{2028}four ", "one two \\| three four"),
        ("back\\slash", "back\\\\slash"),
        ("\u{1b}[31m", "\\\\u{1b}\\[31m"),
        ("é 漢 #1182", "é 漢 #1182"),
        ("", ""),
    ] {
        assert_eq!(prose(text), shown, "{text}");
    }
}

#[test]
fn code_is_shown_as_written() {
    for (text, shown) in [
        ("a.b", "`a.b`"),
        ("a | b", "`a \\| b`"),
        ("a`b", "``a`b``"),
        ("`a``", "``` `a`` ```"),
        (" a", "`  a `"),
        ("<b>&amp;", "`<b>&amp;`"),
        ("a\nb\u{202e}", "`a\\nb\\u{202e}`"),
        ("", ""),
    ] {
        assert_eq!(code(text), shown, "{text}");
    }
}

#[test]
fn only_a_plain_url_is_a_link() {
    assert_eq!(link("https://example.org/a_b?c=1&d"), "<https://example.org/a_b?c=1&d>");
    for text in ["javascript:alert(1)", "http://a b", "https://a\"b"] {
        assert_eq!(link(text), text);
    }
    assert_eq!(link("https://a>b"), "https://a&gt;b");
    assert_eq!(link("see docs/a_b.md"), "see docs/a_b.md");
}

#[test]
fn a_page_as_a_whole() {
    let text = r##"
[doors]
"shared.env" = ["get_env", "Env"]
"shared.all" = ["*"]
[moved]
"old.b" = "new.b"
"old.a:One" = { to = "new.a:Uno", until = 2026-12-31, reason = "#1182 | soon" }
[[canonical]]
symbols = ["Manager"]
path = "app.manager"
compatible = [{ path = "app", until = 2026-12-31, reason = "tests" }, { path = "app.db" }]
retired = ["auth.manager", "auth.old:Mgr"]
within = ["app", "web"]
unique = true
reason = "two of a name"
help = "ask the registry"
docs = "https://example.org/m"
owner = "@core"
[[layers]]
id = "layers"
order = ["routes", "a | b", "(db)"]
within = ["app"]
severity = "warn"
[[forbidden]]
id = "apart"
from = ["app"]
to = ["auth.*"]
indirect = true
scopes = ["production"]
except = ["app.x -> auth.y", { edge = "app.z", until = 2026-12-01, reason = "moving" }]
except-kinds = ["type-checking"]
languages = ["python"]
[checks]
wildcard-import = "error"
scope-leak = { level = "warn", reason = "later", except = ["app.q"] }
shadowed-module = "off"
"##;
    let expected = "\
# Import registry

<!-- importlaw:registry -->

Generated from `importlaw.toml` by `importlaw registry list`: change the registry, not these lines.

## Where symbols come from

Each of these symbols is imported from one module; `*` is everything that the module defines.

| symbol | import | excused for now | retired | limits | why | owner | rule | line |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |
| `*` | `from shared.all import …` | | | | | | `doors` | 5 |
| `Env` | `from shared.env import Env` | | | | | | `doors` | 4 |
| `Manager` | `from app.manager import Manager` | `app` until 2026-12-31: tests<br>`app.db` | `auth.manager`<br>`auth.old:Mgr` | within `app`, `web`<br>defined only once | two of a name<br>Instead: ask the registry<br><https://example.org/m> | @core | `Manager` | 9 |
| `get_env` | `from shared.env import get_env` | | | | | | `doors` | 4 |

## Moved

Old paths, with all below them, and what to write instead; `:` stands before a symbol.

| old | write | excused until | why | line |
| --- | --- | --- | --- | --- |
| `old.a:One` | `from new.a import Uno` | 2026-12-31 | #1182 \\| soon | 8 |
| `old.b` | `new.b` | | | 7 |

## Forbidden

Modules that may not import others.

| rule | what | limits | excused | line |
| --- | --- | --- | --- | --- |
| `apart` | `app` must not import `auth.*`, chains too | scope `production`<br>`python`<br>not `type-checking` imports | `app.x -> auth.y`<br>`app.z` until 2026-12-01: moving | 25 |

## Layers

Higher layers may import lower ones, never the reverse.

| rule | what | limits | line |
| --- | --- | --- | --- |
| `layers` | `routes` > `a \\| b` > `(db)`, in `app` | a warning only | 20 |

## Checks

Built-in checks that the registry sets.

| check | level | finds | excused | why | line |
| --- | --- | --- | --- | --- | --- |
| `wildcard-import` | error | `from m import *` | | | 35 |
| `scope-leak` | warn | A production module that imports one of another scope; judged only where a `[[scope]]` is written | `app.q` | later | 36 |
| `shadowed-module` | off | `x.py` beside `x/__init__.py` | | | 37 |

<!-- /importlaw:registry -->
";
    assert_eq!(new_page(&registry(text)), expected);
}

#[test]
fn every_kind_of_entry_has_its_table() {
    let text = r#"
[[independent]]
id = "i"
modules = ["a", "b"]
[[protected]]
id = "p"
modules = ["a"]
only = []
[[allowed]]
id = "al"
from = ["a"]
only = ["b"]
[[interface]]
id = "in"
of = "a"
exposes = ["get_*"]
[[acyclic]]
id = "ac"
within = ["a"]
[[external]]
id = "e"
from = ["**"]
deny = ["redis"]
only = ["a.redis"]
[[required]]
id = "r"
from = ["a"]
any-of = ["b:B"]
"#;
    let page = new_page(&registry(text));
    let rows: Vec<&str> =
        page.lines().filter(|line| line.starts_with("| `") || line.starts_with("## ")).collect();
    assert_eq!(
        rows,
        [
            "## Independent",
            "| `i` | `a`, `b` import none of each other | 3 |",
            "## Protected",
            "| `p` | `a` imported by nobody else | 6 |",
            "## Allowed",
            "| `al` | `a` import only `b` | 10 |",
            "## Interface",
            "| `in` | `a` shows only `get_*` | 14 |",
            "## Acyclic",
            "| `ac` | no cycles within `a` | 18 |",
            "## External",
            "| `e` | `**` must not import `redis`, except `a.redis` | 21 |",
            "## Required",
            "| `r` | `a` must import `b:B` | 26 |",
        ]
    );
}

#[test]
fn what_is_inherited_says_so_and_an_outer_registry_goes_by_its_name() {
    let base = "version = 1\n[project]\npage = \"base.md\"\n[[forbidden]]\nid = \"x\"\nfrom = [\"a\"]\nto = [\"b\"]\n[checks]\nexpired = \"warn\"\n";
    let main =
        "version = 1\nextends = [\n\"base.toml\"]\n[[forbidden]]\nid = \"y\"\nfrom = [\"a\"]\nto = [\"c\"]\n";
    let resolve = |_: &str, _: &RelPath| Ok((RelPath::new("base.toml"), base.to_owned()));
    let as_of = Date::parse("2026-11-22").unwrap();
    let outside = RelPath::new("/elsewhere/law.toml");
    let registry = load_extending(&outside, main, Home::Own, as_of, &resolve).unwrap();
    assert_eq!(registry.page, None, "a page is its own project's");
    let page = new_page(&registry);
    assert!(page.contains("Generated from `law.toml` by"), "{page}");
    for row in [
        "| `x` | `a` must not import `b` | 3 (inherited) |\n",
        "| `y` | `a` must not import `c` | 4 |\n",
        "| `expired` | warn | A waiver, `until` or baseline entry past its date | 3 (inherited) |\n",
    ] {
        assert!(page.contains(row), "{row}\n{page}");
    }
}

#[test]
fn what_stands_around_the_markers_is_kept() {
    let registry = registry("");
    let inner = format!("\n{}\n", body(&registry));
    for (above, below) in
        [("", ""), ("# Mine\n\ntext\n", "\nmore, no line end"), ("\u{feff}é\r\n  \n", "\n\n\n")]
    {
        let page = format!("{above}{BEGIN}\nold\n{END}\n{below}");
        assert_eq!(
            laid_into(&page, &registry),
            Ok(format!("{above}{BEGIN}\n{inner}{END}\n{below}")),
            "{above:?} {below:?}"
        );
    }
    let page = format!("a\r\n{BEGIN}\r\n{END}\r\nb\nc\r\n");
    let wanted = format!("a\r\n{BEGIN}\r\n{}{END}\r\nb\nc\r\n", inner.replace('\n', "\r\n"));
    assert_eq!(laid_into(&page, &registry), Ok(wanted.clone()), "the line ends are those of the marker");
    assert_eq!(laid_into(&wanted, &registry), Ok(wanted.clone()), "once more changes nothing");
    for empty in ["", "\n \n"] {
        assert_eq!(laid_into(empty, &registry), Ok(new_page(&registry)));
    }
    assert_eq!(laid_into(&new_page(&registry), &registry), Ok(new_page(&registry)));
}

#[test]
fn a_page_without_a_clear_place_is_refused() {
    let registry = registry("");
    let (begin, end) = (format!("{BEGIN}\n"), format!("{END}\n"));
    for (page, why) in [
        ("# Mine\n".to_owned(), "it has no place for the registry".to_owned()),
        (format!("    {begin}    {end}text {begin}"), "it has no place for the registry".to_owned()),
        (format!("a\n{begin}b\n"), format!("`{BEGIN}` on line 2 has no `{END}` below it")),
        (format!("a\n{end}"), format!("`{END}` on line 2 has no `{BEGIN}` above it")),
        (format!("{end}{begin}"), format!("`{END}` on line 1 stands above `{BEGIN}` on line 2")),
        (format!("{begin}{end}a\n{begin}"), format!("`{BEGIN}` stands a second time on line 4")),
        (format!("{begin}{end}{end}"), format!("`{END}` stands a second time on line 3")),
    ] {
        assert_eq!(laid_into(&page, &registry), Err(why), "{page}");
    }
}
