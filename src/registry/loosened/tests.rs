use std::collections::BTreeSet;

use super::settings::{COMMON, WAYS, known_way};
use super::*;
use crate::registry::load::{Home, load_extending};
use crate::registry::schema::{self, CHECKS, Form, Key, Kind, SECTIONS};
use crate::source::RelPath;

fn registry_with(text: &str, inherited: &str) -> Registry {
    let text = format!("version = 1\n{text}");
    let as_of = Date::parse("2026-11-22").unwrap_or_else(|| panic!("a date"));
    let resolve = |written: &str, _: &RelPath| Ok((RelPath::new(written), inherited.to_owned()));
    load_extending(&RelPath::new("importlaw.toml"), &text, Home::Own, as_of, &resolve)
        .unwrap_or_else(|errors| panic!("{errors}: {errors:?}\n{text}"))
}

fn registry(text: &str) -> Registry {
    registry_with(text, "version = 1\n")
}

fn is_standard(name: &str) -> bool {
    name == "os"
}

/// Each loosening as `LINE/BASE LINE table id: message`.
fn named(base: &Registry, head: &Registry) -> Vec<String> {
    let line = |line: Option<u32>| line.map_or("-".to_owned(), |line| line.to_string());
    let found = compare(base, head, &is_standard);
    let loosened = found.loosened.iter().map(|one| {
        let Loosened { table, id, message, .. } = one;
        let space = if id.is_empty() { "" } else { " " };
        format!("{}/{} {table}{space}{id}: {message}", line(one.line), line(one.base_line))
    });
    let renamed = found.renamed.iter().map(|one| format!("{}: {} renamed {}", one.line, one.from, one.to));
    loosened.chain(renamed).collect()
}

/// An earlier registry, a later one that judges less, and how that is told. Line 1 is `version = 1`; what is written in
/// braces is the entry `x` of that table.
const LOOSENED: &[(&str, &str, &str)] = &[
    // Entries.
    ("[[forbidden]]\nid='x'\nfrom=['a']\nto=['b']", "", "-/2 forbidden x: is gone"),
    (
        "[[forbidden]]\nid='x'\nfrom=['a']\nto=['b']",
        "[[independent]]\nid='x'\nmodules=['a','b']",
        "2/2 forbidden x: is a `independent` entry, was a `forbidden` one",
    ),
    (
        "[doors]\n'm'=['A','B']\n'n'=['C']",
        "[doors]\n'm'=['A']\n'n'=['C']",
        "3/3 doors doors: the door `m` no longer holds `B`",
    ),
    (
        "[doors]\n'm'=['A','B']\n'n'=['C']",
        "[doors]\n'n'=['C']",
        "2/3 doors doors: the door `m` of `A`, `B` is gone",
    ),
    ("[doors]\n'm'=['A']", "", "-/3 doors doors: the door `m` of `A` is gone"),
    ("[doors]\n'm'=['*']", "[doors]\n'm'=['A']", "3/3 doors doors: the door `m` no longer holds `*`"),
    ("[moved]\n'a:X'='b:X'\n'c'='d'", "[moved]\n'c'='d'", "2/3 moved moved: `a:X` is gone"),
    ("[moved]\n'c'='d'", "", "-/3 moved moved: `c` is gone"),
    (
        "[moved]\n'c'='d'",
        "[moved]\n'c'={to='d',until=2026-12-31}",
        "3/2 moved moved: `c` is excused until 2026-12-31, was not",
    ),
    (
        "[moved]\n'c'={to='d',until=2026-12-31}",
        "[moved]\n'c'={to='d',until=2027-01-31}",
        "3/3 moved moved: `c` is excused until 2027-01-31, was until 2026-12-31",
    ),
    // What every entry takes.
    (
        "[[independent]]\nid='x'\nmodules=['a','b']",
        "[[independent]]\nid='x'\nmodules=['a','b']\nseverity='warn'",
        "5/2 independent x: is `warn`, was `error`",
    ),
    (
        "[[independent]]\nid='x'\nmodules=['a','b']",
        "[[independent]]\nid='x'\nmodules=['a','b']\nscopes=['production']",
        "5/2 independent x: `scopes` is `production` alone, was everything",
    ),
    (
        "[[independent]]\nid='x'\nmodules=['a','b']\nscopes=['production','test']",
        "[[independent]]\nid='x'\nmodules=['a','b']\nscopes=['production']",
        "5/5 independent x: `scopes` no longer holds `test`",
    ),
    (
        "[[independent]]\nid='x'\nmodules=['a','b']",
        "[[independent]]\nid='x'\nmodules=['a','b']\nlanguages=['rust']",
        "5/2 independent x: `languages` is `rust` alone, was everything",
    ),
    (
        "[[independent]]\nid='x'\nmodules=['a','b']\nexcept=['a.x -> b']",
        "[[independent]]\nid='x'\nmodules=['a','b']\nexcept=[\n'a -> b']",
        "6/2 independent x: `except` now holds `a -> b`",
    ),
    (
        "[[independent]]\nid='x'\nmodules=['a','b']\nexcept=[{edge='a -> b',until=2026-12-31}]",
        "[[independent]]\nid='x'\nmodules=['a','b']\nexcept=[{edge='a -> b',until=2027-02-28}]",
        "5/5 independent x: `except` holds `a -> b` until 2027-02-28, was until 2026-12-31",
    ),
    (
        "[[independent]]\nid='x'\nmodules=['a','b']\nexcept=[{edge='a -> b',until=2026-12-31}]",
        "[[independent]]\nid='x'\nmodules=['a','b']\nexcept=['a -> b']",
        "5/5 independent x: `except` holds `a -> b` without an end, was until 2026-12-31",
    ),
    (
        "[[independent]]\nid='x'\nmodules=['a','b']",
        "[[independent]]\nid='x'\nmodules=['a','b']\nexcept-kinds=['type-checking']",
        "5/2 independent x: `except-kinds` now holds `type-checking`",
    ),
    // canonical
    (
        "[[canonical]]\nid='x'\nsymbols=['A','B']\npath='m.n'",
        "[[canonical]]\nid='x'\nsymbols=['A']\npath='m.n'",
        "4/4 canonical x: `symbols` no longer holds `B`",
    ),
    (
        "[[canonical]]\nid='x'\nsymbols=['A']\npath='m.n'",
        "[[canonical]]\nid='x'\nsymbols=['A']\npath='m'",
        "5/5 canonical x: `path` is `m`, above `m.n`",
    ),
    (
        "[[canonical]]\nid='x'\nsymbols=['A']\npath='m.n'",
        "[[canonical]]\nid='x'\nsymbols=['A']\npath='o'",
        "5/5 canonical x: `path` is `o`, was `m.n`",
    ),
    (
        "[[canonical]]\nid='x'\nsymbols=['A']\npath='m'",
        "[[canonical]]\nid='x'\nsymbols=['A']\npath='m'\ncompatible=[{path='n',until=2026-12-31}]",
        "6/2 canonical x: `compatible` now holds `n` until 2026-12-31",
    ),
    (
        "[[canonical]]\nid='x'\nsymbols=['A']\npath='m'\ncompatible=[{path='n',until=2026-12-31}]",
        "[[canonical]]\nid='x'\nsymbols=['A']\npath='m'\ncompatible=[{path='n'}]",
        "6/6 canonical x: `compatible` holds `n` without an end, was until 2026-12-31",
    ),
    (
        "[[canonical]]\nid='x'\nsymbols=['A']\npath='m'\nretired=['old','old:B']",
        "[[canonical]]\nid='x'\nsymbols=['A']\npath='m'\nretired=['old']",
        "6/6 canonical x: `retired` no longer holds `old:B`",
    ),
    (
        "[[canonical]]\nid='x'\nsymbols=['A']\npath='m'",
        "[[canonical]]\nid='x'\nsymbols=['A']\npath='m'\nwithin=['p']",
        "6/2 canonical x: `within` is `p` alone, was everything",
    ),
    (
        "[[canonical]]\nid='x'\nsymbols=['A']\npath='m'\nunique=true",
        "[[canonical]]\nid='x'\nsymbols=['A']\npath='m'\nunique=false",
        "6/2 canonical x: `unique` is off",
    ),
    (
        "[[canonical]]\nid='x'\nsymbols=['A']\npath='m'\nunique=true",
        "[[canonical]]\nid='x'\nsymbols=['A']\npath='m'",
        "2/2 canonical x: `unique` is off",
    ),
    // forbidden
    (
        "[[forbidden]]\nid='x'\nfrom=['a','c']\nto=['b']",
        "[[forbidden]]\nid='x'\nfrom=['a']\nto=['b']",
        "4/4 forbidden x: `from` no longer holds `c`",
    ),
    (
        "[[forbidden]]\nid='x'\nfrom=['a']\nto=['b']",
        "[[forbidden]]\nid='x'\nfrom=['a.p','a.q']\nto=['b']",
        "4/4 forbidden x: `from` holds `a.p`, `a.q` instead of `a`",
    ),
    (
        "[[forbidden]]\nid='x'\nfrom=['a']\nto=['b']",
        "[[forbidden]]\nid='x'\nfrom=['=a']\nto=['b']",
        "4/4 forbidden x: `from` holds `=a` instead of `a`",
    ),
    (
        "[[forbidden]]\nid='x'\nfrom=['a']\nto=['b.**']",
        "[[forbidden]]\nid='x'\nfrom=['a']\nto=['b.*']",
        "5/5 forbidden x: `to` holds `b.*` instead of `b.**`",
    ),
    (
        "[[forbidden]]\nid='x'\nfrom=['a']\nto=['b']\nindirect=true",
        "[[forbidden]]\nid='x'\nfrom=['a']\nto=['b']",
        "2/2 forbidden x: `indirect` is off",
    ),
    // layers
    (
        "[[layers]]\nid='x'\norder=['a','b','c']\nexhaustive=true\nwithin=['p']",
        "[[layers]]\nid='x'\norder=['a','b','c']\nwithin=['p']",
        "2/2 layers x: `exhaustive` is off",
    ),
    (
        "[[layers]]\nid='x'\norder=['a','b','c']\nclosed=['b']",
        "[[layers]]\nid='x'\norder=['a','b','c']\nclosed=[]",
        "5/5 layers x: `closed` no longer holds `b`",
    ),
    (
        "[[layers]]\nid='x'\nwithin=['p','q']\norder=['a','b']",
        "[[layers]]\nid='x'\nwithin=['p']\norder=['a','b']",
        "4/4 layers x: `within` no longer holds `q`",
    ),
    (
        "[[layers]]\nid='x'\norder=['a','b']",
        "[[layers]]\nid='x'\norder=['a','b']\nwithin=['p']",
        "5/2 layers x: `within` is `p`, was nothing: the names are others",
    ),
    (
        "[[acyclic]]\nid='x'\nwithin=['a.b']\ndepth=0",
        "[[acyclic]]\nid='x'\nwithin=['a']\ndepth=0",
        "4/4 acyclic x: `within` no longer holds `a.b`",
    ),
    (
        "[[layers]]\nid='x'\norder=['a','b','c']",
        "[[layers]]\nid='x'\norder=['a','c']",
        "4/4 layers x: `order` no longer holds `b`",
    ),
    (
        "[[layers]]\nid='x'\norder=['a','b','c']",
        "[[layers]]\nid='x'\norder=['a','(b)','c']",
        "4/4 layers x: `b` is optional in `order`",
    ),
    (
        "[[layers]]\nid='x'\norder=['a','b','c']",
        "[[layers]]\nid='x'\norder=['b',\n'a','c']",
        "4/4 layers x: `b` may import `a` now",
    ),
    (
        "[[layers]]\nid='x'\norder=['a','b','c']",
        "[[layers]]\nid='x'\norder=['a','b : c']",
        "4/4 layers x: `c` may import `b` now",
    ),
    (
        "[[layers]]\nid='x'\norder=['a | b','c']",
        "[[layers]]\nid='x'\norder=['a : b','c']",
        "4/4 layers x: `a` and `b` may import each other now",
    ),
    (
        "[[layers]]\nid='x'\norder=['a | b','c']",
        "[[layers]]\nid='x'\norder=['b','a','c']",
        "4/4 layers x: `b` may import `a` now",
    ),
    // The others.
    (
        "[[independent]]\nid='x'\nmodules=['a.*']",
        "[[independent]]\nid='x'\nmodules=['a','b']",
        "4/4 independent x: `modules` no longer holds `a.*`",
    ),
    (
        "[[protected]]\nid='x'\nmodules=['a','b']\nonly=['c']",
        "[[protected]]\nid='x'\nmodules=['a']\nonly=['c']",
        "4/4 protected x: `modules` no longer holds `b`",
    ),
    (
        "[[protected]]\nid='x'\nmodules=['a']\nonly=['c.d']",
        "[[protected]]\nid='x'\nmodules=['a']\nonly=['c']",
        "5/2 protected x: `only` now holds `c`",
    ),
    (
        "[[allowed]]\nid='x'\nfrom=['a','b']\nonly=['c']",
        "[[allowed]]\nid='x'\nfrom=['a']\nonly=['c']",
        "4/4 allowed x: `from` no longer holds `b`",
    ),
    (
        "[[allowed]]\nid='x'\nfrom=['a']\nonly=['c']",
        "[[allowed]]\nid='x'\nfrom=['a']\nonly=['c','d']",
        "5/2 allowed x: `only` now holds `d`",
    ),
    (
        "[[interface]]\nid='x'\nof='a'\nexposes=['get_*']",
        "[[interface]]\nid='x'\nof='a'\nexposes=['get_*','set']",
        "5/2 interface x: `exposes` now holds `set`",
    ),
    (
        "[[interface]]\nid='x'\nof='a'\nexposes=['get']",
        "[[interface]]\nid='x'\nof='a.b'\nexposes=['get']",
        "4/4 interface x: `of` is `a.b`, was `a`",
    ),
    (
        "[[acyclic]]\nid='x'\nwithin=['a','b']",
        "[[acyclic]]\nid='x'\nwithin=['a']",
        "4/4 acyclic x: `within` no longer holds `b`",
    ),
    (
        "[[acyclic]]\nid='x'\nwithin=['a']",
        "[[acyclic]]\nid='x'\nwithin=['a']\ndepth=2",
        "5/2 acyclic x: `depth` is 2, was 10",
    ),
    (
        "[[external]]\nid='x'\nfrom=['a','b']\ndeny=['redis']",
        "[[external]]\nid='x'\nfrom=['a']\ndeny=['redis']",
        "4/4 external x: `from` no longer holds `b`",
    ),
    (
        "[[external]]\nid='x'\nfrom=['a']\ndeny=['redis']",
        "[[external]]\nid='x'\nfrom=['a']\ndeny=['redis.client']",
        "5/5 external x: `deny` holds `redis.client` instead of `redis`",
    ),
    (
        "[[external]]\nid='x'\nfrom=['a']\ndeny=['os:environ']",
        "[[external]]\nid='x'\nfrom=['a']\ndeny=['*']",
        "5/5 external x: `deny` no longer holds `os:environ`",
    ),
    (
        "[[external]]\nid='x'\nfrom=['a']\ndeny=['redis']",
        "[[external]]\nid='x'\nfrom=['a']\ndeny=['redis']\nonly=['a.b']",
        "6/2 external x: `only` now holds `a.b`",
    ),
    (
        "[[external]]\nid='x'\nfrom=['a']\nonly-packages=['attrs']",
        "[[external]]\nid='x'\nfrom=['a']\nonly-packages=['attrs','redis']",
        "5/2 external x: `only-packages` now holds `redis`",
    ),
    (
        "[[external]]\nid='x'\nfrom=['a']\nonly-packages=['attrs']\ndeny=['os']",
        "[[external]]\nid='x'\nfrom=['a']\ndeny=['os']",
        "2/2 external x: `only-packages` is gone, and without it nothing is left out",
    ),
    (
        "[[required]]\nid='x'\nfrom=['a','b']\nany-of=['m']",
        "[[required]]\nid='x'\nfrom=['a']\nany-of=['m']",
        "4/4 required x: `from` no longer holds `b`",
    ),
    (
        "[[required]]\nid='x'\nfrom=['a']\nany-of=['m']",
        "[[required]]\nid='x'\nfrom=['a']\nany-of=['m','n:B']",
        "5/2 required x: `any-of` now holds `n:B`",
    ),
    (
        "[[required]]\nid='x'\nfrom=['a']\nany-of=['m']",
        "[[required]]\nid='x'\nfrom=['a']\nany-of=['m']\nwhen=['unittest:TestCase']",
        "6/2 required x: `when` is `unittest:TestCase` alone, was everything",
    ),
    (
        "[[entrypoint]]\nid='x'\nmodule='a.main:app'",
        "[[entrypoint]]\nid='x'\nmodule='a.main'",
        "4/4 entrypoint x: `module` holds `a.main` instead of `a.main:app`",
    ),
    (
        "[[entrypoint]]\nid='x'\nmodules=['a','b']",
        "[[entrypoint]]\nid='x'\nmodules=['a']",
        "4/4 entrypoint x: `modules` no longer holds `b`",
    ),
    (
        "[[entrypoint]]\nid='x'\nmodule='a'\nships=['a']",
        "[[entrypoint]]\nid='x'\nmodule='a'\nships=['a','b']",
        "5/2 entrypoint x: `ships` now holds `b`",
    ),
    (
        "[[entrypoint]]\nid='x'\nmodule='a'\nships=['a']",
        "[[entrypoint]]\nid='x'\nmodule='a'",
        "2/2 entrypoint x: `ships` is gone, and without it nothing is left out",
    ),
    (
        "[[entrypoint]]\nid='x'\nmodule='a'\nabsent=['path:m/**']",
        "[[entrypoint]]\nid='x'\nmodule='a'",
        "2/5 entrypoint x: `absent` no longer holds `path:m/**`",
    ),
    (
        "[[entrypoint]]\nid='x'\nmodule='a'\ncalls=['a:f','a:g']",
        "[[entrypoint]]\nid='x'\nmodule='a'\ncalls=['a:f']",
        "5/5 entrypoint x: `calls` no longer holds `a:g`",
    ),
    // Checks.
    ("", "[checks]\nunparsed-file='warn'", "3/- checks unparsed-file: is `warn`, was `error`"),
    ("", "[checks]\norphan-file='off'", "3/- checks orphan-file: is `off`, was `warn`"),
    ("[checks]\nwildcard-import='error'", "", "-/3 checks wildcard-import: is `off`, was `error`"),
    (
        "[checks]\nrelative-import={level='error'}",
        "[checks]\nrelative-import={level='error',allow='siblings'}",
        "3/3 checks relative-import: `allow` now holds `siblings`",
    ),
    (
        "[checks]\nduplicate-definition={level='warn',kinds=['class','function']}",
        "[checks]\nduplicate-definition={level='warn',kinds=['class']}",
        "3/3 checks duplicate-definition: `kinds` no longer holds `function`",
    ),
    (
        "[checks]\nduplicate-definition={level='warn'}",
        "[checks]\nduplicate-definition={level='warn',within=['a']}",
        "3/3 checks duplicate-definition: `within` is `a` alone, was everything",
    ),
    (
        "[checks]\nduplicate-definition={level='warn',except=['*Config']}",
        "[checks]\nduplicate-definition={level='warn',except=['*']}",
        "3/3 checks duplicate-definition: `except` now holds `*`",
    ),
    (
        "",
        "[checks]\nunresolved-import={except=['legacy']}",
        "3/- checks unresolved-import: `except` now holds `legacy`",
    ),
    // Settings.
    (
        "[project]\nexclude=['a/**']",
        "[project]\nexclude=['a/**',\n'b/**']",
        "4/- project: `exclude` now holds `b/**`",
    ),
    (
        "[project]\nexclude=['a/**','!a/b/**']",
        "[project]\nexclude=['a/**']",
        "3/3 project: `exclude` no longer holds `!a/b/**`",
    ),
    (
        "[project]\nexclude=['a/**','!a/b/**']",
        "[project]\nexclude=['!a/b/**','a/**']",
        "3/- project: `exclude` has another order",
    ),
    ("", "[python]\nroots=['src']", "3/- python: `roots` is `src`, was detected"),
    ("[python]\nroots=['.','src']", "[python]\nroots=['.']", "3/- python: `roots` is `.`, was `.`, `src`"),
    ("", "[python]\nopaque=['a.gen']", "3/- python: `opaque` now holds `a.gen`"),
    ("", "[python]\nversion='3.9'", "3/- python: `version` is `3.9`, was that of requires-python"),
    ("[python]\nfirst-party=['a']", "", "-/- python: `first-party` is empty, was `a`"),
    ("", "[python]\nthird-party=['a']", "3/- python: `third-party` is `a`, was empty"),
    ("", "[python]\nimport-names={yaml='PyYAML'}", "3/- python: `import-names` now holds `yaml = PyYAML`"),
    (
        "[rust]\nmanifests=['a/Cargo.toml','b/Cargo.toml']",
        "[rust]\nmanifests=['a/Cargo.toml']",
        "3/3 rust: `manifests` no longer holds `b/Cargo.toml`",
    ),
    (
        "",
        "[rust]\nmanifests=['a/Cargo.toml']",
        "3/- rust: `manifests` is `a/Cargo.toml` alone, was everything",
    ),
    (
        "[[scope]]\nname='test'\nfiles=['tests/**']",
        "[[scope]]\nname='test'\nfiles=['tests/**','app/**']",
        "2/- scope: the scope `test` has other files: now `app/**`",
    ),
    (
        "[[scope]]\nname='test'\nfiles=['tests/**']\n[[scope]]\nname='tooling'\nfiles=['scripts/**']",
        "[[scope]]\nname='test'\nfiles=['tests/**']",
        "2/- scope: the scope `tooling` is gone",
    ),
    (
        "[[scope]]\nname='test'\nfiles=['tests/**']\n[[scope]]\nname='tooling'\nfiles=['scripts/**']",
        "[[scope]]\nname='tooling'\nfiles=['scripts/**']\n[[scope]]\nname='test'\nfiles=['tests/**']",
        "2/- scope: the scopes have another order",
    ),
    (
        "[[scope]]\nname='test'\nfiles=['default']",
        "",
        "-/- scope: no `[[scope]]` is written: `scope-leak` is not judged",
    ),
    // What is extended.
    ("extends=['base.toml']", "", "-/2 extends: `base.toml` is no longer extended"),
];

#[test]
fn each_loosening_is_named_alone_at_its_line() {
    for (base, head, expected) in LOOSENED {
        assert_eq!(named(&registry(base), &registry(head)), [*expected], "{base}\n->\n{head}");
    }
}

#[test]
fn the_way_back_is_a_tightening_and_silent() {
    // Neither of two judges all that the other does.
    let both_judge_less = [
        "4/4 layers x: `b` may import `a` now",
        "4/4 independent x: `modules` no longer holds `a.*`",
        "5/2 layers x: `within` is `p`, was nothing: the names are others",
        "4/4 acyclic x: `within` no longer holds `a.b`",
        "5/5 external x: `deny` no longer holds `os:environ`",
    ];
    for (base, head, told) in LOOSENED {
        let found = compare(&registry(head), &registry(base), &is_standard).loosened;
        let certain = |one: &Loosened| !matches!(one.kind, Loosening::Changed | Loosening::Replaced);
        if !both_judge_less.contains(told) {
            assert!(!found.iter().any(certain), "{told}: {found:?}");
        }
    }
}

#[test]
fn tightenings_and_words_name_nothing() {
    let entry = "[[forbidden]]\nid='x'\nfrom=['a']\nto=['b']\nexcept=['a.x -> b']\n";
    let table = [
        (entry, "[[forbidden]]\nid='x'\nfrom=['a']\nto=['b']\n"),
        (entry, "[[forbidden]]\nid='x'\nfrom=['a']\nto=['b']\nexcept=['a.x.y -> b.c']\n"),
        (entry, "[[forbidden]]\nid='x'\nfrom=['**']\nto=['b','c']\nindirect=true\nexcept=['a.x -> b']\n"),
        (
            entry,
            "[[forbidden]]\nid='x'\nfrom=['a.x','a']\nto=['*']\nreason='r'\nowner='@o'\nhelp='h'\ndocs='d'\n",
        ),
        (entry, "[[forbidden]]\nid='x'\nfrom=['a']\nto=['b']\nexcept=[{edge='a.x -> b',until=2026-12-31}]\n"),
        ("[[layers]]\nid='x'\norder=['a','b']", "[[layers]]\nid='x'\norder=['a','c','b']\nclosed=['c']"),
        ("[[layers]]\nid='x'\norder=['a','b : c']", "[[layers]]\nid='x'\norder=['a','b | c']"),
        ("[[layers]]\nid='x'\norder=['a','b : c']", "[[layers]]\nid='x'\norder=['a','c','b']"),
        ("[[layers]]\nid='x'\norder=['a','b']", "[[layers]]\nid='x'\norder=['a | b']"),
        ("[[acyclic]]\nid='x'\nwithin=['a.b']\ndepth=2", "[[acyclic]]\nid='x'\nwithin=['a']"),
        ("[[layers]]\nid='x'\norder=['(a)','b']", "[[layers]]\nid='x'\norder=['a','b']"),
        ("[[external]]\nid='x'\nfrom=['a']\ndeny=['redis']", "[[external]]\nid='x'\nfrom=['a']\ndeny=['*']"),
        (
            "[[external]]\nid='x'\nfrom=['a']\ndeny=['os:environ','=os.path']",
            "[[external]]\nid='x'\nfrom=['a']\ndeny=['os']",
        ),
        (
            "[[entrypoint]]\nid='x'\nmodule='a'",
            "[[entrypoint]]\nid='x'\nmodule='a:app'\nships=['a']\ncalls=['a:f']",
        ),
        ("[moved]\n'a.b:X'='c:X'", "[moved]\n'a.b'='c'"),
        ("[moved]\n'a'={to='b',until=2026-12-31}", "[moved]\n'a'='c'"),
        ("[doors]\n'm'=['A']", "[doors]\n'm'=['*']"),
        ("[doors]\n'm'=['A']", "[[canonical]]\nsymbols=['A']\npath='m'\nunique=true"),
        ("[project]\nexclude=['a/**','b']", "[project]\nname='n'\nexclude=['a/c/**']"),
        ("[project]\nexclude=['a/**']", "[project]\nexclude=['a/**','!a/b/**']"),
        ("[rust]\nmanifests=['a/Cargo.toml']", ""),
        ("", "[[scope]]\nname='test'\nfiles=['default']"),
        ("", "extends=['importlaw:tests-apart']\n[checks]\nwildcard-import='warn'\nscope-leak='error'"),
        ("[checks]\nwildcard-import='off'", "[checks]\nwildcard-import={level='warn',except=['a']}"),
    ];
    for (base, head) in table {
        assert_eq!(named(&registry(base), &registry(head)), [""; 0], "{base}\n->\n{head}");
    }
}

#[test]
fn an_entry_of_another_id_that_says_the_same_is_renamed() {
    let base = registry("[[forbidden]]\nid='x'\nfrom=['a','b']\nto=['c']\nreason='r'");
    let same = registry("[[forbidden]]\nid='y'\nfrom=['b','a']\nto=['c']");
    assert_eq!(named(&base, &same), ["3: x renamed y"]);
    let less = registry("[[forbidden]]\nid='y'\nfrom=['a']\nto=['c']");
    assert_eq!(named(&base, &less), ["-/2 forbidden x: is gone"]);
    let (one, other) =
        ("[[canonical]]\nsymbols=['A','B']\npath='m'", "[[canonical]]\nsymbols=['B','A']\npath='m'");
    assert_eq!(named(&registry(one), &registry(other)), ["3: A renamed B"]);
}

#[test]
fn an_inherited_registry_of_another_text_is_another_version_and_another_hash() {
    let (one, other) = (
        "version=1\n[[forbidden]]\nid='x'\nfrom=['a']\nto=['b']\n",
        "version=1\n[[forbidden]]\nid='x'\nfrom=['a']\nto=['c']\n",
    );
    let main = "extends=['base.toml']\n";
    let (base, head) = (registry_with(main, one), registry_with(main, other));
    assert_eq!(base.text, head.text);
    assert_ne!(base.hash, head.hash, "the hash covers inherited text");
    assert_eq!(
        named(&base, &head),
        ["2/2 extends: `base.toml` is another version", "2/2 forbidden x: `to` no longer holds `b`"]
    );
}

#[test]
fn an_inherited_entry_that_is_turned_off_is_gone() {
    let one = "version=1\n[[forbidden]]\nid='x'\nfrom=['a']\nto=['b']\n";
    let base = registry_with("extends=['base.toml']", one);
    let head = registry_with("extends=['base.toml']\n[[forbidden]]\nid='x'\noff=true", one);
    assert_eq!(named(&base, &head), ["-/2 forbidden x: is gone"]);
}

#[test]
fn a_registry_in_pyproject_has_its_lines_there() {
    let load = |indirect: &str| {
        let text = format!(
            "[tool.importlaw]\nversion=1\n[[tool.importlaw.forbidden]]\nid='x'\nfrom=['a']\nto=['b']\nindirect={indirect}\n"
        );
        let as_of = Date::parse("2026-11-22").unwrap_or_else(|| panic!("a date"));
        load_extending(&RelPath::new("pyproject.toml"), &text, Home::Pyproject, as_of, &|_, _| {
            Err(String::new())
        })
        .unwrap_or_else(|errors| panic!("{errors}"))
    };
    assert_eq!(named(&load("true"), &load("false")), ["7/3 forbidden x: `indirect` is off"]);
}

/// Every key of the schema: its table, its name, and the key of the list that it is in.
fn keys() -> Vec<(&'static str, String)> {
    fn nested(
        section: &'static str,
        prefix: &str,
        key: &'static Key,
        keys: &mut Vec<(&'static str, String)>,
    ) {
        let name = format!("{prefix}{}", key.name);
        let mut kind = &key.kind;
        while let Kind::List(inner) = kind {
            kind = inner;
        }
        if let Kind::Table(inner) | Kind::Either(_, inner) = kind {
            inner.iter().for_each(|key| nested(section, &format!("{name}."), key, keys));
        }
        keys.push((section, name));
    }
    let mut keys = Vec::new();
    for section in SECTIONS {
        match &section.form {
            Form::Value(_) => keys.push(("", section.name.to_owned())),
            Form::Table(own) | Form::List(own) | Form::Entries(own) => {
                own.iter().for_each(|key| nested(section.name, "", key, &mut keys));
            }
            Form::Map(_, value) => {
                keys.push((section.name, String::new()));
                if let Kind::Either(_, own) = value {
                    own.iter().for_each(|key| nested(section.name, "", key, &mut keys));
                }
            }
            Form::Checks => {}
        }
    }
    for check in CHECKS {
        check.keys.iter().for_each(|key| nested(check.name, "", key, &mut keys));
    }
    nested(COMMON, "", &schema::ID, &mut keys);
    schema::COMMON.iter().chain(schema::CHECK_COMMON).for_each(|key| nested(COMMON, "", key, &mut keys));
    keys
}

#[test]
fn every_key_of_the_schema_has_its_way() {
    let keys = keys();
    for (section, key) in &keys {
        assert!(known_way(section, key).is_some(), "`{key}` of `{section}` is not classified in WAYS");
    }
    let known: BTreeSet<(&str, &str)> = keys.iter().map(|(section, key)| (*section, key.as_str())).collect();
    for (section, ways) in WAYS {
        for (key, _) in *ways {
            assert!(known.contains(&(*section, *key)), "the schema knows no `{key}` of `{section}`");
        }
    }
}

#[test]
fn every_key_that_can_loosen_is_shown_to_do_so() {
    let mut shown = BTreeSet::new();
    for (base, head, _) in LOOSENED {
        for one in compare(&registry(base), &registry(head), &is_standard).loosened {
            let table = if one.table == "checks" { one.id.clone() } else { one.table.to_owned() };
            let until = one.kind == Loosening::Until;
            let nested = if until { format!("{}.until", one.key) } else { one.key.to_owned() };
            shown.insert((table, nested.clone()));
            shown.insert((COMMON.to_owned(), nested));
        }
    }
    for (section, ways) in WAYS {
        for (key, way) in ways.iter().filter(|(_, way)| !matches!(way, Way::Silent | Way::Identity)) {
            let section = if *key == "extends" { "extends" } else { section };
            assert!(shown.contains(&(section.to_owned(), (*key).to_owned())), "{section} {key}: {way:?}");
        }
    }
}
