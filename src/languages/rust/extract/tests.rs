//! Small texts and exactly what is found in them.

use std::fmt::Write;

use proptest::prelude::*;

use super::extract;
use crate::facts::{Also, When};
use crate::languages::rust::text::{Form, Mention, Part, Sort, Spaces, Visibility};

/// A mention in one line: form, path, alias, and what is not usual of it.
fn shown(text: &str, mention: &Mention) -> String {
    let import = &mention.import;
    let mut line = match &mention.form {
        Form::Use { visibility, only_types } => {
            let visibility = match visibility {
                Visibility::Private => String::new(),
                Visibility::Public => "pub ".to_owned(),
                Visibility::Within(path) => format!("pub({path}) "),
            };
            format!("{visibility}use{} ", if *only_types { " types" } else { "" })
        }
        Form::ExternCrate { macro_use, .. } => format!("crate{} ", if *macro_use { " macros" } else { "" }),
        Form::Path => String::new(),
        Form::Macro => "macro ".to_owned(),
    };
    let global = if mention.global { "::" } else { "" };
    let _ = write!(line, "{global}{}|{}", import.module, import.name.as_deref().unwrap());
    if let Some(alias) = &import.alias {
        let _ = write!(line, " as {alias}");
    }
    for (holds, word) in [
        (import.kind.when == When::Deferred, "deferred"),
        (import.kind.also.contains(Also::CONDITIONAL), "conditional"),
        (import.kind.also.contains(Also::WILDCARD), "wildcard"),
        (import.kind.also.contains(Also::REEXPORT), "reexport"),
        (import.kind.also.contains(Also::MACRO), "in macro"),
        (import.kind.also.contains(Also::ATTRIBUTE), "in attribute"),
        (mention.test, "test"),
        (!import.module_level, "inner"),
    ] {
        if holds {
            let _ = write!(line, ", {word}");
        }
    }
    if let Some(block) = mention.block {
        let _ = write!(line, ", block {block}");
    }
    assert!(text.get(import.span.start as usize..import.span.end as usize).is_some(), "{line}");
    let is_use = matches!(mention.form, Form::Use { .. } | Form::ExternCrate { .. });
    assert_eq!(
        !is_use && !import.module.is_empty(),
        import.kind.also.contains(Also::ACCESS) && !import.module.is_empty()
    );
    line
}

/// All mentions of a text, those of inline modules with the module's name in front.
fn mentions(text: &str) -> Vec<String> {
    let found = extract(text);
    assert_eq!(found.problem, None, "{text}");
    let line = |part: &Part, mention| match part.declared.name.as_str() {
        "" => shown(text, mention),
        name => format!("{name}: {}", shown(text, mention)),
    };
    found.parts.iter().flat_map(|part| part.mentions.iter().map(move |mention| line(part, mention))).collect()
}

#[track_caller]
fn check(text: &str, expected: &[&str]) {
    assert_eq!(mentions(text), expected, "{text}");
}

#[test]
fn every_leaf_of_a_use_is_one() {
    check(
        "use a; use a::b; use a::b as c; pub use a::{b, c::{self, d as _, *}, }; use ::a::b; use *; use {a::x, y};",
        &[
            "use |a",
            "use a|b",
            "use a|b as c",
            "pub use a|b, reexport",
            "pub use types a|c, reexport",
            "pub use a::c|d as _, reexport",
            "pub use a::c|*, wildcard, reexport",
            "use ::a|b",
            "use |*, wildcard",
            "use a|x",
            "use |y",
        ],
    );
    check(
        "pub(crate) use self::r#type::r#fn as r#match; pub(in crate::a) use super::super::X; use crate::{self as me};",
        &[
            "pub(crate) use self::type|fn as match, reexport",
            "pub(crate::a) use super::super|X, reexport",
            "use types |crate as me",
        ],
    );
    check(
        "extern crate a; #[macro_use] pub extern crate b as c; extern crate self as me;",
        &["crate |a", "crate macros |b as c, reexport", "crate |self as me"],
    );
}

#[test]
fn a_leaf_has_its_span_and_its_statement() {
    let text = "#[x]\npub(crate) use a::{\n    b,\n    c as d,\n};\n";
    let found = extract(text);
    let mention = &found.parts[0].mentions[2];
    let import = &mention.import;
    let of = |span: crate::source::Span| &text[span.start as usize..span.end as usize];
    assert_eq!(of(import.span), "c as d");
    assert_eq!(of(import.statement), "pub(crate) use a::{\n    b,\n    c as d,\n};");
    assert_eq!((import.line, import.statement_line, import.statement_end_line), (4, 2, 5));
    assert_eq!((import.level, import.module_level), (0, true));
}

#[test]
fn paths_are_found_wherever_they_stand() {
    check(
        "fn f<T: a::A>(x: &mut a::b::B<a::C>, y: impl Fn(b::x) -> b::y) -> Result<(), a::E> where T: ::c::D {
            let a::P { x, .. } = a::b::<a::T>::c(1.0, a::K..b::L)?;
            match x { a::Q(1..=b::M) | ::e::f => x.y::<g::H>().z, Self::N => (), _ => |q: h::i| -> j::k { l::m } }
            <T as n::o::Trait<p::q>>::r::s; <t::u>::v; Vec::<w::X>::new; s.a::b; 1.max(y::z); 'l: loop { break 'l }
        }",
        &[
            "a|A",
            "a::b|B",
            "a|C",
            "|Fn",
            "b|x",
            "b|y",
            "|Result",
            "a|E",
            "::c|D",
            "a|P, deferred, inner",
            "a::b|c, deferred, inner",
            "a|T, deferred, inner",
            "a|K, deferred, inner",
            "b|L, deferred, inner",
            "a|Q, deferred, inner",
            "b|M, deferred, inner",
            "::e|f, deferred, inner",
            "g|H, deferred, inner",
            "h|i, deferred, inner",
            "j|k, deferred, inner",
            "l|m, deferred, inner",
            "n::o|Trait, deferred, inner",
            "p|q, deferred, inner",
            "t|u, deferred, inner",
            "Vec|new, deferred, inner",
            "w|X, deferred, inner",
            "y|z, deferred, inner",
        ],
    );
    check(
        "pub(in a::b) struct S(pub (a::B), pub(crate) c::D) where [(); { e::F }]:;
         impl<T> ::g::H for i::J<T> { const K: l::M = n::O; type P = q::R; fn s(&self) -> t::U { v::w() } }
         type X<'a> = dyn for<'b> ::y::Z<'b> + use<'a>; const _: A<{ b::C }> = if d < e { f::G } else { h > i };",
        &[
            "a|B", "c|D", "e|F, inner", "::g|H", "i|J", "l|M", "n|O", "q|R", "t|U", "v|w, deferred, inner",
            "::y|Z", "|A", "b|C, inner", "f|G, inner",
        ],
    );
    check("/// a::b\n//! c::d\n/* e::f */ // g::h\nconst A: &str = \"i::j\";", &[]);
}

#[test]
fn names_of_one_segment_count_once() {
    check(
        "fn f<T>(x: Foo, t: T) -> Foo { bar(x); x.baz(); BAR; bar(Quux); name; Iterator::<Item = i32>::x }
         #[cfg(test)] fn g() -> Foo { let _: dyn Tr<Out = u8>; }
         struct Own; fn own() -> Own { own() }",
        &[
            "|Foo",
            "|bar, deferred, inner",
            "|BAR, deferred, inner",
            "|Quux, deferred, inner",
            "Iterator|x, deferred, inner",
            "|Foo, test",
            "|Tr, deferred, test, inner",
        ],
    );
    check(
        "fn f<F>(g: impl Fn(), h: &mut dyn Fn(), i: F, j: u8) { g(); h(); i(); let mut k = |x| x; k(1); j(l()) }",
        &["|Fn", "|j, deferred, inner", "|l, deferred, inner"],
    );
    check(
        "use a::{Foo, b as Bar}; fn f(x: Foo) -> Bar { b() }",
        &["use a|Foo", "use a|b as Bar", "|b, deferred, inner"],
    );
}

#[test]
fn blocks_are_those_that_hold_imports_or_items() {
    let text = "fn f() { a::b; { use c::d; e::f; fn g() { use h::i; } } if x { j::k } }
                const _: () = { use l::m; };";
    check(
        text,
        &[
            "a|b, deferred, inner",
            "use c|d, deferred, inner, block 0",
            "e|f, deferred, inner, block 0",
            "use h|i, deferred, inner, block 1",
            "j|k, deferred, inner",
            "use l|m, inner, block 2",
        ],
    );
    let found = extract(text);
    let parents: Vec<Option<u32>> = found.parts[0].blocks.iter().map(|block| block.parent).collect();
    assert_eq!(parents, [None, Some(0), None]);
    assert_eq!(found.parts[0].items[1].block, Some(0));
}

#[test]
fn cfg_and_test_hold_for_what_they_stand_on() {
    check(
        "#[cfg(unix)] use a::b; use a::c;
         #[cfg(test)] mod tests { use super::*; #[cfg(x)] fn f() { a::b(); } }
         #[cfg(all(test, unix))] use a::d; #[cfg(any(test, unix))] use a::e; #[cfg(not(test))] use a::f;
         #[tokio::test(flavor = \"x\")] async fn g() { a::g(); }
         struct S { #[cfg(x)] a: a::h, b: a::i }
         fn h() { #[cfg(y)] let x = a::j; a::k; #[cfg(y)] m! { X } a::K; #[cfg(y)] { a::l } a::m; #[cfg(test)] a::n(a::o, a::p); a::q }
         #[cfg_attr(x, derive(a::R))] enum E { #[cfg(z)] A(a::s), B(a::t) }",
        &[
            "use a|b, conditional",
            "use a|c",
            "use a|d, test",
            "use a|e, conditional",
            "use a|f, conditional",
            "macro tokio|test, in attribute, test",
            "a|g, deferred, test, inner",
            "a|h, conditional",
            "a|i",
            "a|j, deferred, conditional, inner",
            "a|k, deferred, inner",
            "macro |m, deferred, conditional, inner",
            "|X, deferred, conditional, in macro, inner",
            "a|K, deferred, inner",
            "a|l, deferred, conditional, inner",
            "a|m, deferred, inner",
            "a|n, deferred, test, inner",
            "a|o, deferred, test, inner",
            "a|p, deferred, test, inner",
            "a|q, deferred, inner",
            "macro a|R, conditional, in attribute",
            "a|s, conditional",
            "a|t",
            "tests: use super|*, wildcard, test",
            "tests: a|b, deferred, conditional, test, inner",
        ],
    );
    check(
        "fn f() { #[cfg(x)] if match a { _ => b } && match c { _ => d } { e::f } else { g::h } i::j }",
        &["e|f, deferred, conditional, inner", "g|h, deferred, conditional, inner", "i|j, deferred, inner"],
    );
    check("#![cfg(test)] use a::b;", &["use a|b, test"]);
    let found = extract("#![cfg(test)]\nmod a {} mod b;");
    assert!(found.parts.iter().all(|part| part.declared.test) && found.parts[0].files[0].test);
}

#[test]
fn macros_are_read_like_code() {
    check(
        "fn f() { vec![a::b, x.c::d, $e::f, $crate::g::h]; i::j!(k!{l::M}); a != (b); }",
        &[
            "macro |vec, deferred, inner",
            "a|b, deferred, in macro, inner",
            "crate::g|h, deferred, in macro, inner",
            "macro i|j, deferred, inner",
            "macro |k, deferred, in macro, inner",
            "l|M, deferred, in macro, inner",
        ],
    );
    check(
        "fn f() { quote! { use a::{b, c::*}; struct X { d: e::F } fn g(x: Y) {} } }",
        &[
            "macro |quote, deferred, inner",
            "a|b, deferred, in macro, inner",
            "a|c, deferred, in macro, inner",
            "e|F, deferred, in macro, inner",
            "|Y, deferred, in macro, inner",
        ],
    );
    let text = "macro_rules! m { ($x:ty) => { use $crate::a::b; fn f() -> c::D { $x::e() } } }
                #[macro_export] macro_rules! n { () => { mod $x; } }
                pub macro o($x:ident) { g::h }";
    check(text, &["crate::a|b, in macro", "c|D, in macro", "g|h, in macro"]);
    let found = extract(text);
    assert!(found.by_macro && !found.parts[0].by_macro);
    let items: Vec<(&str, bool)> =
        found.parts[0].items.iter().map(|item| (item.name.as_str(), item.exported)).collect();
    assert_eq!(items, [("m", false), ("n", true), ("o", false)]);
}

#[test]
fn macros_where_items_stand_are_read_as_items() {
    let text = "cfg_if::cfg_if! { if #[cfg(unix)] { mod a; use b::c; } else if #[cfg(test)] { mod d { use e::f; } } else { pub use g::h; } }
                cfg_rt! { pub(crate) mod i; pub struct J { k: l::M } }
                thread_local! { static N: o::P = const { q::r() }; }";
    check(
        text,
        &[
            "macro cfg_if|cfg_if",
            "use b|c, conditional",
            "pub use g|h, conditional, reexport",
            "macro |cfg_rt",
            "l|M, conditional, in macro",
            "macro |thread_local",
            "o|P, in macro",
            "q|r, in macro, inner",
            "d: use e|f, conditional, test",
        ],
    );
    let found = extract(text);
    let part = &found.parts[0];
    let files: Vec<(&str, &str)> =
        part.files.iter().map(|file| (file.name.as_str(), file.cfg.as_str())).collect();
    assert_eq!(files, [("a", ""), ("i", "")]);
    let items: Vec<&str> = part.items.iter().map(|item| item.name.as_str()).collect();
    assert_eq!(items, ["J", "N"]);
    assert!(!part.by_macro);
    assert!(extract("mod a { make! { A => B } }").parts[1].by_macro);
    assert!(extract("make!(a);").parts[0].by_macro);
    assert!(!extract("const A: B = make!(a); impl C { make! {} } fn f() { make! {} }").parts[0].by_macro);
}

#[test]
fn attributes_name_macros_and_paths() {
    check(
        "#[derive(Debug, Serialize, a::B)] #[serde(with = \"c::d\", default = \"e\", rename = \"f::g\", bound = \"h::I\")]
         #[inline] #[allow(clippy::all)] #[rustfmt::skip] #[doc = include_str!(\"x.md\")]
         struct S { #[j::k(l::m, N, o(p))] q: u8, #[cfg_attr(x, serde(skip_serializing_if = \"Option::is_none\"))] r: u8 }",
        &[
            "macro |Serialize, in attribute",
            "macro a|B, in attribute",
            "macro |serde, in attribute",
            "c|d, in attribute",
            "|e, in attribute",
            "macro j|k, in attribute",
            "l|m, in attribute",
            "|N, in attribute",
            "Option|is_none, conditional, in attribute",
        ],
    );
    assert_eq!(extract("#[doc = include_str!(\"x.md\")] struct S;").data, ["x.md"]);
}

#[test]
fn items_are_what_their_words_say() {
    let text = "pub struct A; struct B(u8); pub(crate) struct C<T: X> where T: Y { d: u8 } pub enum D { E, #[x] F(u8), G { h: u8 } = 1 }
        union H { a: u8 } unsafe auto trait I { fn no(); const NO: u8; type No; } type J = u8; pub const fn k() {} const L: *const u8 = x;
        const _: () = (); static mut M: u8 = 1; extern \"C\" { pub fn n(); static O: u8; type P; } pub(super) async unsafe extern \"C\" fn q() {}
        impl X for Y { fn no() {} const NO: u8 = 1; } fn r#fn(x: fn(u8)) { union(); let union = 1; struct Inner; }
        #[proc_macro_derive(Name, attributes(x))] pub fn derive_it() {} #[proc_macro] pub fn make() {}
        #[cfg(test)] trait S = X; union!{}";
    let found = extract(text);
    assert_eq!(found.problem, None);
    let shown = |part: &Part| -> Vec<String> {
        let item = |item: &super::Item| {
            assert_eq!(
                &text[item.span.start as usize..item.span.end as usize].trim_start_matches("r#"),
                &item.name
            );
            format!(
                "{:?} {} {}{}{}{}{:?}",
                item.sort,
                item.name,
                if item.spaces.contains(Spaces::TYPE) { "T" } else { "" },
                if item.spaces.contains(Spaces::VALUE) { "V" } else { "" },
                if item.spaces.contains(Spaces::MACRO) { "M" } else { "" },
                match &item.visibility {
                    Visibility::Private => " ".to_owned(),
                    Visibility::Public => " pub ".to_owned(),
                    Visibility::Within(path) => format!(" pub({path}) "),
                },
                item.variants
            ) + if item.exported { " exported" } else { "" }
                + if item.test { " test" } else { "" }
                + if item.block.is_some() { " inner" } else { "" }
        };
        part.items.iter().map(item).collect()
    };
    assert_eq!(
        shown(&found.parts[0]),
        [
            "Type A TV pub []",
            "Type B TV []",
            "Type C T pub(crate) []",
            "Type D T pub [\"E\", \"F\", \"G\"]",
            "Type H T []",
            "Type I T []",
            "Type J T []",
            "Function k V pub []",
            "Value L V []",
            "Value M V []",
            "Function n V pub []",
            "Value O V []",
            "Type P T []",
            "Function q V pub(super) []",
            "Function fn V []",
            "Type Inner TV [] inner",
            "Macro Name M pub [] exported",
            "Function derive_it V pub []",
            "Macro make VM pub [] exported",
            "Type S T [] test",
        ]
    );
    assert_eq!(found.parts[0].items[2].sort, Sort::Type);
}

#[test]
fn modules_keep_what_is_around_them() {
    let text = "mod a { pub(crate) mod b; mod c { mod r#d; } }
        #[cfg(unix)] #[cfg(not(x))] #[macro_use] #[path = \"e/f.rs\"] mod e;
        #[cfg_attr(windows, path = \"w.rs\")] mod g; include!(\"x.rs\"); mod h { include! { \"y.rs\" } }
        const A: &[u8] = include_bytes!(\"z\"); include!(concat!(env!(\"O\"), \"/q.rs\")); include!(env!(\"Q\"));";
    let found = extract(text);
    let shown: Vec<String> = found
        .parts
        .iter()
        .map(|part| {
            let files: Vec<&str> = part.files.iter().map(|file| file.name.as_str()).collect();
            format!("{:?} {} {files:?}", part.parent, part.declared.name)
        })
        .collect();
    assert_eq!(shown, ["None  [\"e\", \"g\"]", "Some(0) a [\"b\"]", "Some(1) c [\"d\"]", "Some(0) h []",]);
    let e = &found.parts[0].files[0];
    assert_eq!((e.paths.as_slice(), e.by_name), ([String::from("e/f.rs")].as_slice(), false));
    assert_eq!((e.cfg.as_str(), e.macro_use, e.line), ("unix, not(x)", true, 2));
    let g = &found.parts[0].files[1];
    assert_eq!(
        (g.paths.as_slice(), g.by_name, g.macro_use),
        ([String::from("w.rs")].as_slice(), true, false)
    );
    assert_eq!(found.parts[1].files[0].visibility, Visibility::Within("crate".into()));
    assert_eq!(found.includes, [(0, "x.rs".to_owned()), (3, "y.rs".to_owned())]);
    assert_eq!(found.data, ["z"]);
}

#[test]
fn waivers_stand_in_comments() {
    let text = "use a::b; // importlaw: allow x -- because\n/* importlaw: allow y -- so */\nuse a::c;\n\
                /* importlaw: allow z -- so */ use d::e;\n/// // importlaw: allow no -- no\n\
                const A: &str = \"// importlaw: allow no -- no\"; // b // importlaw: allow w -- a // importlaw: allow v -- b\n";
    let found = extract(text);
    let shown: Vec<(&str, u32, bool, &str)> = found
        .waivers
        .iter()
        .map(|waiver| (waiver.rules[0].as_str(), waiver.line, waiver.alone, waiver.reason.as_str()))
        .collect();
    assert_eq!(
        shown,
        [
            ("x", 1, false, "because"),
            ("y", 2, true, "so"),
            ("z", 4, false, "so"),
            ("w", 6, false, "a"),
            ("v", 6, false, "b"),
        ]
    );
}

#[test]
fn odd_texts_are_read() {
    check("\u{feff}#!/usr/bin/env run\n#![allow(x)]\nuse a::b;", &["use a|b"]);
    check("---\n[deps]\nx = \"\n---\nuse a::b;", &["use a|b"]);
    check("macro_rules! m { () => { ## #\"x\" } } use a::b;", &["use a|b"]);
    check(
        "fn f() { 'a'; b'\\''; '\\u{1F600}'; r#\"\"a::b\"#; c\"x\"; 0..a::B; 1.; x.0.1; }",
        &["a|B, deferred, inner"],
    );
    let line = |text: &str| extract(text).parts[0].mentions[0].import.line;
    assert_eq!(line("\u{feff}#!/usr/bin/env run\n\nuse a::b;"), 3);
}

#[test]
fn a_text_that_cannot_be_read_keeps_what_stands_before() {
    for (text, message, at, line) in [
        ("use a::b;\nfn f() { c::d", "`{` is not closed", 17, 2),
        ("use a::b;\n}\nuse c::d;", "`}` closes nothing", 10, 2),
        ("use a::b; fn f() {\n (c::d }", "`}` does not close the `(` of line 2", 26, 2),
        ("use a::b; \"x", "string literal is not closed", 10, 1),
        ("use a::b; '(y", "character literal is not closed", 10, 1),
        ("use a::b; /* x", "comment is not closed", 10, 1),
    ] {
        let found = extract(text);
        let problem = found.problem.as_ref().map(|problem| (problem.message.as_str(), problem.line));
        assert_eq!(problem, Some((message, line)), "{text}");
        assert_eq!(found.problem.as_ref().map(|problem| problem.span.start), Some(at), "{text}");
        assert_eq!(shown(text, &found.parts[0].mentions[0]), "use a|b");
    }
}

#[test]
fn depth_is_bounded_and_time_linear() {
    let deep = |open: &str, n: usize, close: &str| open.repeat(n) + &close.repeat(n);
    assert_eq!(extract(&deep("{", 256, "}")).problem, None);
    let problem = extract(&deep("mod a { ", 100_000, "}")).problem.unwrap();
    assert_eq!(problem.message, "nests more than 256 brackets");
    for piece in [
        "(",
        "<",
        "a<",
        "a::<",
        ">",
        "fn a<",
        "fn a ",
        "#[cfg(a)] x ",
        "#[a] ",
        "use a::{",
        "use ",
        "pub ",
        "impl ",
        "a::",
        "::",
        "$",
        "$a::",
        "mod a ",
        "struct A ",
        "enum E { ",
        "a! ",
        "a!(",
        "'a ",
        "/*",
        "#",
        "##",
        "#!",
        "#![",
        "[",
        "const A ",
        "a<b>::",
        "static ",
        "extern ",
        "extern crate a",
        "macro_rules! a ",
        "union ",
        "where ",
        "{ use a::b; ",
        "#[cfg_attr(a, ",
        "#[cfg(all(",
        "<a as ",
        "<a>::b",
        "let ",
        "r#a ",
        "- ",
        "// importlaw: allow ",
        "/* importlaw: */",
        "pub(in a) use b; ",
    ] {
        let _ = extract(&piece.repeat(60_000));
    }
    let wide = format!("use {}::{{{}}};", vec!["a"; 20_000].join("::"), "b,".repeat(20_000));
    let _ = extract(&wide);
    let long = format!("use {}::{{{}}};", "a".repeat(200_000), "b,".repeat(50_000));
    let _ = extract(&long);
}

proptest! {
    #[test]
    fn any_text_is_survived(text in any::<String>()) {
        let _ = extract(&text);
    }

    #[test]
    fn any_row_of_tokens_is_survived(
        tokens in prop::collection::vec(
            prop::sample::select(vec![
                "use", "mod", "fn", "struct", "enum", "trait", "impl", "const", "static", "extern", "crate", "macro_rules", "!", "::",
                "a", "B", "self", "Self", "as", "*", "{", "}", "(", ")", "[", "]", "<", ">", ";", ",", "#", "$", ".", "..", "=", "pub", "in",
                "cfg", "cfg_attr", "test", "derive", "path", "\"x\"", "'a", "include", "type", "union", "unsafe", "->", "=>", "let", "r#a",
                "proc_macro_derive", "with", "default", "where", "macro", "\u{feff}", "\n", "// importlaw: allow x\n", "_", "for", "mut",
            ]),
            0..60,
        )
    ) {
        for separator in [" ", ""] {
            let text = tokens.join(separator);
            let found = extract(&text);
            for part in &found.parts {
                for mention in &part.mentions {
                    let span = mention.import.span;
                    prop_assert!(text.get(span.start as usize..span.end as usize).is_some());
                }
            }
        }
    }
}
