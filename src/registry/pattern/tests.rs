use proptest::prelude::*;

use super::*;

fn pattern(text: &str) -> Pattern {
    Pattern::parse(text, Span::new(0, 0), 1).unwrap_or_else(|why| panic!("{why}"))
}

fn error(text: &str) -> String {
    Pattern::parse(text, Span::new(0, 0), 1).unwrap_err()
}

fn globs(texts: &[&str]) -> PathGlobs {
    PathGlobs::new(&items(texts)).unwrap()
}

fn items(texts: &[&str]) -> Vec<Item> {
    texts.iter().map(|&text| Item { text: text.to_owned(), span: Span::new(0, 0), line: 1 }).collect()
}

#[test]
fn names() {
    let table: &[(&str, &[&str], &[&str])] = &[
        ("a.b", &["a.b", "a.b.c", "a.b.c.d"], &["a", "a.bc", "x.a.b", "b"]),
        ("=a.b", &["a.b"], &["a", "a.b.c"]),
        ("a.*", &["a.b", "a.b.c"], &["a", "b.a"]),
        ("=a.*", &["a.b"], &["a", "a.b.c"]),
        ("a.get_*", &["a.get_", "a.get_x", "a.get_x.y"], &["a.get", "a.forget_x"]),
        ("a.*_*_c", &["a.x_y_c", "a.__c", "a.x_c_c"], &["a.x_c", "a.x_y_c2"]),
        ("**", &["a", "a.b"], &[]),
        ("=**", &["a", "a.b"], &[]),
        ("a.**", &["a", "a.b.c"], &["b"]),
        ("=a.**", &["a", "a.b.c"], &["b", "b.a"]),
        ("**.b", &["b", "a.b", "a.x.b", "a.b.c"], &["a", "a.xb"]),
        ("=**.b", &["b", "a.b", "a.b.b"], &["a.b.c"]),
        ("a.**.c", &["a.c", "a.b.c", "a.b.c.d", "a.x.y.c"], &["a.b", "c", "x.a.c"]),
        ("a.**.b.**.c", &["a.b.c", "a.x.b.y.c.z"], &["a.c.b", "a.b"]),
        ("tests.**.test_*", &["tests.test_a", "tests.x.test_a"], &["tests.a", "test_a"]),
        ("é*", &["é", "étude.x"], &["e"]),
        ("a.**.**.b", &["a.b", "a.x.y.b"], &["a.x"]),
        // Rust's names, dotted: as Python's, and with `::`.
        ("a.b", &["a::b", "a::b::c"], &["a", "a::bc", "a:b"]),
        ("=a.b", &["a::b", "a.b"], &["a::b::c"]),
        ("a.*", &["a::b", "a::b::c"], &["a", "b::a"]),
        ("a.**.get_*", &["a::get_x", "a::b::c::get_x::d"], &["a::b", "a::forget_x"]),
        ("a", &["a::b", "a.b"], &["bin:a::b", "a:b"]),
        ("**", &["a::b", "bin:a::b"], &[]),
        // With `::` they are Rust's alone.
        ("a::b", &["a::b", "a::b::c"], &["a", "a.b", "a.b.c", "a::bc"]),
        ("=a::b", &["a::b"], &["a::b::c", "a.b"]),
        ("a::*", &["a::b", "a::b::c"], &["a", "a.b", "b::a"]),
        ("=a::**", &["a", "a::b::c"], &["a.b"]),
        ("**::b", &["b", "a::x::b"], &["a.b"]),
        ("a::get_*", &["a::get_x::y"], &["a.get_x"]),
        ("rust:a.b", &["a::b"], &["a.b"]),
        ("rust:a.*", &["a::b"], &["a.b"]),
        ("rust:a", &["a", "a::b"], &["a.b"]),
        ("python:a", &["a", "a.b"], &["a::b"]),
        ("python:a.*", &["a.b"], &["a::b"]),
        ("python:*", &["a"], &["a::b", "bin:a"]),
        // A target's sort belongs to the first component.
        ("bin:a", &["bin:a", "bin:a::b"], &["a", "a::b", "bin:ab", "bin"]),
        ("bin:a::b", &["bin:a::b"], &["a::b", "bin:a"]),
        ("rust:=bin:a", &["bin:a"], &["bin:a::b"]),
        ("bin:*", &["bin:a", "bin:a::b"], &["a", "test:a"]),
        ("bin:a*::b", &["bin:ab::b"], &["bin:b::b"]),
        ("test:*::b", &["test:a::b::c"], &["test:a", "a::b"]),
    ];
    for (text, yes, no) in table {
        for name in *yes {
            assert!(pattern(text).matches_name(name), "{text} ~ {name}");
        }
        for name in *no {
            assert!(!pattern(text).matches_name(name), "{text} !~ {name}");
        }
    }
}

#[test]
fn the_name_a_pattern_stands_for() {
    let table = [
        ("a.b", "a.b.c.d", Some("a.b")),
        ("=a.b", "a.b", Some("a.b")),
        ("=a.b", "a.b.c", None),
        ("a.*", "a.b.c", Some("a.b")),
        ("a.*", "a", None),
        ("a.**.c", "a.b.c.c", Some("a.b.c")),
        ("a.b", "a::b::c::d", Some("a::b")),
        ("a::b", "a::b::c::d", Some("a::b")),
        ("a::b", "a.b.c", None),
        ("a.*", "a::b::c", Some("a::b")),
        ("bin:*", "bin:a::b", Some("bin:a")),
        ("bin:*::b", "bin:a::b::c", Some("bin:a::b")),
        ("python:a", "a::b", None),
        ("@test", "a", None),
        ("path:a/**", "a", None),
    ];
    for (text, name, top) in table {
        assert_eq!(pattern(text).top(name), top, "{text} {name}");
    }
}

#[test]
fn many_deep_wildcards_are_cheap() {
    let text = format!("={}", vec!["**.a"; 60].join("."));
    let name = format!("{}.b", vec!["a"; 2_000].join("."));
    assert!(!pattern(&text).matches_name(&name));
    let text = format!("{}b", "*a".repeat(60));
    assert!(!pattern(&text).matches_name(&"a".repeat(5_000)));
}

#[test]
fn scopes_paths_and_languages() {
    let subject = Subject { name: "a.b", path: "src/a/b.py", scope: "test", language: Language::Python };
    let rust = Subject { name: "a::b", language: Language::Rust, ..subject };
    let table = [
        ("@test", true, true),
        ("@production", false, false),
        ("path:src/**", true, true),
        ("path:*.rs", false, false),
        ("a", true, true),
        ("a.b", true, true),
        ("=a.*", true, true),
        ("python:a.b", true, false),
        ("rust:a.b", false, true),
        ("rust:*", false, true),
        ("a::b", false, true),
        ("a::*", false, true),
        ("a/b", false, false),
        ("python:a", true, false),
        ("rust:a", false, true),
        ("rust:=a::b", false, true),
        ("ts:a", false, false),
        ("python:@test", true, false),
    ];
    for (text, in_python, in_rust) in table {
        assert_eq!(pattern(text).matches(&subject), in_python, "{text} in Python");
        assert_eq!(pattern(text).matches(&rust), in_rust, "{text} in Rust");
    }
    assert!(!pattern("@test").matches_name("test"));
    assert!(!pattern("path:a").matches_name("a"));
}

#[test]
fn what_a_pattern_says_of_itself() {
    let table = [
        ("a.b", Some("a.b"), Some("a::b")),
        ("=a.b", Some("a.b"), Some("a::b")),
        ("a", Some("a"), Some("a")),
        ("python:a.b", Some("a.b"), None),
        ("python:a", Some("a"), None),
        ("rust:=a::b", None, Some("a::b")),
        ("rust:a.b", None, Some("a::b")),
        ("a::b", None, Some("a::b")),
        ("build:a", None, Some("build:a")),
        ("a.*", None, None),
        ("@test", None, None),
    ];
    for (text, in_python, in_rust) in table {
        let pattern = pattern(text);
        assert_eq!(pattern.literal_in(Language::Python), in_python, "{text}");
        assert_eq!(pattern.literal_in(Language::Rust), in_rust, "{text}");
        assert_eq!(pattern.literal(), in_python.or(in_rust), "{text}");
        let named = |name: &str, language| pattern.names(&Subject { name, path: "", scope: "", language });
        for (own, language) in [(in_python, Language::Python), (in_rust, Language::Rust)] {
            let Some(name) = own else { continue };
            assert!(named(name, language), "{text}");
            assert!(!named(&format!("{name}{}x", language.separator()), language), "{text}");
        }
    }
    assert!(pattern("=a.b").is_exact() && pattern("=a.*").is_exact());
    assert!(!pattern("a.b").is_exact());
    for wild in ["a.*", "**", "@test", "path:a"] {
        assert_eq!(pattern(wild).literal(), None, "{wild}");
    }
    assert_eq!(pattern("@test").scope_name(), Some("test"));
    assert_eq!(pattern("test").scope_name(), None);
}

#[test]
fn bad_patterns_say_why() {
    let table = [
        ("", "a pattern cannot be empty"),
        ("=", "`=` names no module"),
        ("a..b", "`a..b`: a component is empty"),
        (".a", "`.a`: a component is empty"),
        ("a.", "`a.`: a component is empty"),
        ("a.b**", "`a.b**`: `**` must be a whole component"),
        ("a.***", "`a.***`: `**` must be a whole component"),
        ("a.b:C", "`a.b:C`: `:` names a symbol, but this speaks of modules"),
        ("a b", "`a b`: a name holds no spaces"),
        ("a -> b", "`a -> b`: a name holds no spaces"),
        ("a.{b,c}", "`a.{b,c}`: `{` is not a wildcard here: only `*` and `**` are"),
        ("a|b", "`a|b`: a module name cannot hold `|`"),
        ("@", "`@`: `@` stands before the name of a scope"),
        ("path:", "a path glob cannot be empty"),
        ("path:!a", "`path:!a`: a single path glob cannot be negated"),
        ("path:[a", "`[a`: unclosed character class; missing ']'"),
        ("a::", "`a::`: a component is empty"),
        ("a:::b", "`a:::b`: `:` names a symbol, but this speaks of modules"),
        ("a::b:C", "`a::b:C`: `:` names a symbol, but this speaks of modules"),
        ("a.b::c", "`a.b::c`: a name is written with `::` or with `.`, not both"),
        ("bin:a.b", "`bin:a.b`: a name is written with `::` or with `.`, not both"),
        ("bin:", "`bin:`: a component is empty"),
        ("bin:**", "`bin:**`: `**` cannot be part of a component: write `bin:*`"),
        ("my-crate::a", "`my-crate::a`: a crate is named as in code: `my_crate`, not `my-crate`"),
        ("rust:my-crate", "`rust:my-crate`: a crate is named as in code: `my_crate`, not `my-crate`"),
        ("=bin:my-*::a", "`=bin:my-*::a`: a crate is named as in code: `my_*`, not `my-*`"),
        ("crate::a", "`crate::a`: `crate` is no crate: a registry speaks of it by its name"),
        ("python:a::b", "`python:a::b`: the parts of a python name are joined by `.`, not `::`"),
        ("rust:a/b", "`rust:a/b`: the parts of a rust name are joined by `::`, not `/`"),
        ("python:bin:a", "`python:bin:a`: `:` names a symbol, but this speaks of modules"),
    ];
    for (text, message) in table {
        assert_eq!(error(text), message);
    }
}

#[test]
fn path_globs() {
    let default = ["**/tests/**", "**/test/**", "**/test_*.py", "**/*_test.py", "**/conftest.py"];
    let table: &[(&[&str], &[&str], &[&str])] = &[
        (&["*.py"], &["a.py", "x/y/a.py"], &["a.pyi", "a.py/b.txt"]),
        (&["/*.py"], &["a.py"], &["x/a.py"]),
        (&["scripts/*.py"], &["scripts/a.py"], &["scripts/x/a.py", "x/scripts/a.py"]),
        (&["scripts/**"], &["scripts/a.py", "scripts/x/a.py"], &["x/scripts/a.py", "scripts"]),
        (&["**/gen/*.py"], &["gen/a.py", "x/y/gen/a.py"], &["gen/x/a.py"]),
        (&["backups"], &["backups/a.py", "x/backups/y/a.py", "backups"], &["backups2/a.py"]),
        (&["backups/"], &["backups/a.py", "x/backups/y/a.py"], &["backups"]),
        (&["/backups"], &["backups/a.py"], &["x/backups/a.py"]),
        (&["a/b"], &["a/b/c.py", "a/b"], &["x/a/b/c.py"]),
        (&["a/**/b"], &["a/b", "a/x/y/b/c.py"], &["b"]),
        (&["a?.py"], &["ab.py"], &["a.py", "abc.py", "a/.py"]),
        (&["[ab].py"], &["a.py"], &["c.py"]),
        (&["/{{name}}/**"], &["{{name}}/a.py"], &["name/a.py"]),
        (&["\\!a.py"], &["!a.py"], &["a.py"]),
        (&["app/**", "!**/tests/**"], &["app/a.py"], &["app/tests/a.py", "tests/a.py"]),
        (&["app/**", "!**/tests/**", "app/tests/keep.py"], &["app/tests/keep.py"], &["app/tests/a.py"]),
        (&["!a.py", "*.py"], &["a.py"], &[]),
        (&["!a.py"], &[], &["a.py", "b.py"]),
        (&[], &[], &["a.py"]),
        (
            &default,
            &["tests/a.py", "x/tests/y/a.py", "x/test/a.py", "test_a.py", "x/a_test.py", "x/conftest.py"],
            &["a.py", "testing/a.py", "x/contest.py", "x/test_a.txt"],
        ),
    ];
    for (texts, yes, no) in table {
        for path in *yes {
            assert!(globs(texts).is_match(path), "{texts:?} ~ {path}");
        }
        for path in *no {
            assert!(!globs(texts).is_match(path), "{texts:?} !~ {path}");
        }
    }
}

#[test]
fn matched_patterns_are_indices_of_items() {
    let globs = globs(&["backups", "*.py", "!x/**", "never.py"]);
    let matched = |path: &str| globs.matched_patterns(path).collect::<Vec<_>>();
    assert_eq!(matched("backups/a.py"), [0, 1]);
    assert_eq!(matched("x/a.py"), [1, 2]);
    assert_eq!(matched("a.txt"), [0_usize; 0]);
    assert!(!globs.is_empty());
    assert!(PathGlobs::default().is_empty());
}

#[test]
fn bad_globs_say_which_and_why() {
    let table = [
        ("", "a path glob cannot be empty"),
        ("!", "`!` names no path"),
        ("/", "`/` names no path"),
        ("a//b", "`a//b`: a component is empty"),
        ("../a", "`../a`: `..` cannot be part of a path below the project root"),
        ("./a", "`./a`: `.` cannot be part of a path below the project root"),
        ("[a", "`[a`: unclosed character class; missing ']'"),
    ];
    for (text, message) in table {
        let error = PathGlobs::new(&items(&["fine.py", text])).unwrap_err();
        assert_eq!(error, (1, message.to_owned()));
    }
}

/// The definition, by trying everything.
fn naive(pattern: &[&str], name: &[&str], exact: bool) -> bool {
    match pattern.split_first() {
        None => name.is_empty() || !exact,
        Some((&"**", rest)) => (0..=name.len()).any(|skip| naive(rest, &name[skip..], exact)),
        Some((part, rest)) => name.split_first().is_some_and(|(head, tail)| {
            naive_component(part.as_bytes(), head.as_bytes()) && naive(rest, tail, exact)
        }),
    }
}

fn naive_component(glob: &[u8], text: &[u8]) -> bool {
    match glob.split_first() {
        None => text.is_empty(),
        Some((b'*', rest)) => (0..=text.len()).any(|skip| naive_component(rest, &text[skip..])),
        Some((byte, rest)) => {
            text.split_first().is_some_and(|(t, tail)| t == byte && naive_component(rest, tail))
        }
    }
}

proptest! {
    #[test]
    fn matching_agrees_with_its_definition(
        parts in prop::collection::vec(prop::sample::select(vec!["**", "*", "a", "b", "ab", "a*", "*b", "a*b*"]), 1..6),
        name in prop::collection::vec(prop::sample::select(vec!["a", "b", "ab", "aab", "abb", "ba"]), 1..7),
        exact in any::<bool>(),
    ) {
        let text = format!("{}{}", if exact { "=" } else { "" }, parts.join("."));
        let expected = naive(&parts, &name, exact);
        for name in [name.join("."), name.join("::")] {
            prop_assert_eq!(pattern(&text).matches_name(&name), expected, "{} {:?}", text, name);
        }
    }

    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,12}", name in "[a-z.*:/=@!]{0,12}") {
        for text in [text, name.clone()] {
            if let Ok(pattern) = Pattern::parse(&text, Span::new(0, 0), 1) {
                pattern.matches_name(&name);
                pattern.top(&name);
            }
            if let Ok(globs) = PathGlobs::new(&items(&[&text])) {
                globs.is_match(&name);
            }
        }
    }
}
