use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::*;

/// `line status module: names (told)`, and the mentions it replaces by their lines.
fn shown(text: &str) -> Vec<String> {
    let page = read(text);
    let show = |mention: &Mention| {
        let name = |(name, alias): &(String, Option<String>)| match alias {
            Some(alias) => format!("{name} as {alias}"),
            None => name.clone(),
        };
        let names: Vec<String> = mention.names.iter().map(name).collect();
        let replaces: Vec<String> =
            mention.replaces.iter().map(|at| page.mentions[*at].line.to_string()).collect();
        let told = format!("{:?}", mention.told).to_lowercase();
        let mut line = format!(
            "{} {} {}: {} ({told})",
            mention.line,
            mention.status.word(),
            mention.module,
            names.join(", ")
        );
        if !replaces.is_empty() {
            line = format!("{line} for {}", replaces.join(", "));
        }
        line
    };
    let mut lines: Vec<String> = page.mentions.iter().map(show).collect();
    lines.extend(page.not_understood.iter().map(|line| format!("{line} ?")));
    lines
}

#[track_caller]
fn reads(text: &str, wanted: &[&str]) {
    assert_eq!(shown(text), wanted);
}

#[test]
fn headings_labels_and_the_line_itself() {
    reads(
        "\
# Imports
## ✅ Verified
```python
# Sessions (issue #1, not closed here
from a.b import C, D
from a.old import C  # COMPATIBILITY: the reports follow
# LEGACY PATHS (deprecated but working):
from a.c import E

from a.d import F
```
### More
`from a.e import G` is used everywhere.
## Broken
- `from a.f import H`
",
        &[
            "5 canonical a.b: C, D (heading)",
            "6 compatible a.old: C (line)",
            "8 deprecated a.c: E (label)",
            "10 canonical a.d: F (heading)",
            "13 canonical a.e: G (heading)",
            "15 broken a.f: H (heading)",
        ],
    );
}

#[test]
fn nothing_said_is_canonical_and_told_nowhere() {
    reads("from a.b import C\n", &["1 canonical a.b: C (nowhere)"]);
}

#[test]
fn use_instead_replaces_what_stands_right_above() {
    reads(
        "\
```python
from a.x import X  # ❌

from a.b import C  # ❌ BROKEN PATH
from a.c import C  # ❌ BROKEN PATH
# no import on this line
# USE INSTEAD: from a.d import C, E
from a.e import F  # DEPRECATED
# ✅ CORRECTED: from a.g import H as F
```
",
        &[
            "2 broken a.x: X (line)",
            "4 broken a.b: C (line)",
            "5 broken a.c: C (line)",
            "7 use instead a.d: C, E (line) for 4, 5",
            "8 deprecated a.e: F (line)",
            "9 use instead a.g: H as F (line) for 8",
        ],
    );
}

#[test]
fn one_line_may_hold_both() {
    reads(
        "\
- ❌ `from a.b import C` → ✅ `from a.d import C`
- from a.c import D (deprecated, use from a.e import D)
- use `from a.f import G` instead of `from a.g import G`
```text
from a.h import H → from a.i import H
```
",
        &[
            "1 broken a.b: C (line)",
            "1 use instead a.d: C (line) for 1",
            "2 deprecated a.c: D (line)",
            "2 use instead a.e: D (line) for 2",
            "3 canonical a.f: G (line)",
            "3 deprecated a.g: G (line)",
            "5 deprecated a.h: H (line)",
            "5 use instead a.i: H (line) for 5",
        ],
    );
}

#[test]
fn prose_labels_speak_of_the_block_below() {
    reads(
        "\
**Deprecated:**

```python
from a.b import C
```

**Use instead:**

```python
from a.d import C
```

And then:

- Old:
  - `from a.e import F`
- `from a.g import H`
",
        &[
            "4 deprecated a.b: C (label)",
            "10 use instead a.d: C (label) for 4",
            "16 deprecated a.e: F (label)",
            "17 canonical a.g: H (nowhere)",
        ],
    );
}

#[test]
fn tables() {
    reads(
        "\
| Deprecated | Use instead | Note |
|---|---|---|
| `from a.b import C` | `from a.d import C` | later |
| `from a.c import E` | none | |

| Import | Status |
|---|---|
| `from a.f import G` | ✅ |
| `from a.g import G` | legacy |
",
        &[
            "3 deprecated a.b: C (line)",
            "3 use instead a.d: C (line) for 3",
            "4 deprecated a.c: E (line)",
            "8 canonical a.f: G (line)",
            "9 deprecated a.g: G (line)",
        ],
    );
}

#[test]
fn over_several_lines() {
    reads(
        "\
```python
from a.b import (  # canonical
    C,
    D,  # deprecated
    E,
)
# from a.c import (
#     F,
# )  # old name, deprecated
from a.d import G, \\
    H
```
",
        &[
            "2 canonical a.b: C (line)",
            "4 deprecated a.b: D (line)",
            "2 canonical a.b: E (line)",
            "7 deprecated a.c: F (line)",
            "10 canonical a.d: G, H (nowhere)",
        ],
    );
}

#[test]
fn modules_wildcards_and_differences() {
    reads(
        "\
```diff
- from a.b import C
+ from a.d import C
- import a.old
+ import a.new
```
`import a` and `from a.e import *` are fine.
",
        &[
            "2 deprecated a.b: C (line)",
            "3 use instead a.d: C (line) for 2",
            "4 deprecated a.old:  (line)",
            "5 use instead a.new:  (line) for 4",
            "7 canonical a:  (nowhere)",
            "7 canonical a.e: * (nowhere)",
        ],
    );
}

#[test]
fn what_cannot_be_understood_is_told() {
    reads(
        "\
```python
from a.b import [CLASSES]
from .c import D
from a.{part} import E
x = 1  # from the import registry
```
```ts
import x from \"y\"
```
<pre>
from a.f import G
</pre>

English: we import the module, from which others import.
",
        &["2 ?", "3 ?", "4 ?", "8 ?", "11 ?"],
    );
}

#[test]
fn blocks_that_are_nested_or_never_closed() {
    reads(
        "\
> 1. step
>
>    ```python
>    from a.b import C  # ✅
>
>    from a.d import E
>    ```
\r
~~~
from a.f import (G
from a.h import I
",
        &[
            "4 canonical a.b: C (line)",
            "6 canonical a.d: E (nowhere)",
            "11 canonical a.h: I (nowhere)",
            "10 ?",
        ],
    );
}

#[test]
fn pages_without_imports() {
    for text in ["", "# A page\n\nSome text.\n", "```\n```\n", "|a|\n|-|\n"] {
        reads(text, &[]);
    }
}

proptest! {
    #[test]
    fn no_page_makes_it_panic(
        parts in proptest::collection::vec(
            prop_oneof![
                Just("from "), Just("import "), Just("a.b"), Just(" import "), Just("("), Just(")"), Just(","),
                Just("\n"), Just("\r\n"), Just("```"), Just("# "), Just("- "), Just("> "), Just("|"), Just("`"),
                Just("❌"), Just("→"), Just("use "), Just("\\"), Just("*"), Just("é"), Just("\u{0}"), Just(" as "),
                Just("<!--"), Just("    "), Just(":"), Just("\t"),
            ],
            0..60,
        ),
    ) {
        let text = parts.concat();
        let lines = text.lines().count().max(1) as u32;
        let page = read(&text);
        for mention in &page.mentions {
            prop_assert!((1..=lines).contains(&mention.line), "{mention:?}");
        }
    }
}

#[test]
fn large_pages_are_read_in_linear_time() {
    let start = Instant::now();
    for (line, count) in [
        ("from a.b import (\n", 5_000),
        ("from a.b import C  # broken\n", 5_000),
        ("import a.b; ", 5_000),
        ("from a.b import C → ", 5_000),
        ("# USE INSTEAD: from a.b import C\n", 5_000),
        ("# from ", 5_000),
    ] {
        read(&format!("```\n{}", line.repeat(count)));
        read(&line.repeat(count));
    }
    assert!(start.elapsed() < Duration::from_secs(30), "{:?}", start.elapsed());
}

#[test]
fn an_import_of_more_names_than_any_has() {
    let names: Vec<String> = (0..600).map(|at| format!("C{at}")).collect();
    let page = read(&format!("```python\nfrom a import D\nfrom a.b import {}\n```\n", names.join(", ")));
    assert_eq!((page.mentions.len(), page.not_understood), (1, vec![3]));
}
