//! What rustc says of small crates, as tables: the path as written, and where the thing is defined.

use std::collections::BTreeMap;

use super::{Definition, Outcome};
use crate::languages::rust::units::Units;
use crate::languages::rust::{Listing, project};
use crate::source::RelPath;

fn units(texts: &[(&str, &str)]) -> Units {
    let texts: BTreeMap<&str, &str> = texts.iter().copied().collect();
    let paths: Vec<RelPath> = texts.keys().map(|path| RelPath::new(*path)).collect();
    let manifests: Vec<(&RelPath, &str)> = paths
        .iter()
        .filter(|path| path.file_name() == "Cargo.toml")
        .map(|path| (path, texts[path.as_str()]))
        .collect();
    let files: Vec<RelPath> = paths.iter().filter(|path| path.as_str().ends_with(".rs")).cloned().collect();
    let read = |path: &RelPath| texts.get(path.as_str()).map(|text| ((*text).to_owned(), 0));
    project(&Listing { manifests: &manifests, files: &files, read: &read, ..Listing::default() }).1
}

/// `importer: target = definition <- re-exporters`; `?` for what a macro may make, `!` for what is not there.
fn lines(units: &Units) -> Vec<String> {
    let name = |module: &u32| units.modules[*module as usize].name.as_str();
    let mut lines = Vec::new();
    for unit in units.units.iter().filter(|unit| unit.path.ends_with(".rs")) {
        for named in &unit.named {
            let definition = |definition: &Definition| match definition {
                Definition::Module(module) => name(module).to_owned(),
                Definition::Item { module, name: item, .. } => format!("{}::{item}", name(module)),
                Definition::External(path) => format!("({path})"),
            };
            let found = match (&named.outcome, &named.definition) {
                (Outcome::Unknown, _) => "?".to_owned(),
                (Outcome::Missing(_), _) => "!".to_owned(),
                (_, Some(one)) => {
                    let all = std::iter::once(one).chain(&named.others).map(definition);
                    all.collect::<Vec<_>>().join(" | ")
                }
                (_, None) => "none".to_owned(),
            };
            let through: Vec<&str> = named.through.iter().map(name).collect();
            let by = if through.is_empty() { String::new() } else { format!(" <- {}", through.join(", ")) };
            let test = if unit.class == Some("test") { " (test)" } else { "" };
            lines.push(format!("{}{test}: {} = {found}{by}", name(&unit.module), named.target));
        }
    }
    lines
}

/// A library `p` of one file.
fn of_lib(text: &str) -> Vec<String> {
    lines(&units(&[("Cargo.toml", "[package]\nname = \"p\"\nedition = \"2021\"\n"), ("src/lib.rs", text)]))
}

#[track_caller]
fn says(text: &str, expected: &[&str]) {
    assert_eq!(of_lib(text), expected, "{text}");
}

#[test]
fn a_path_starts_in_its_own_module() {
    says(
        "pub mod a { pub struct A; pub mod b { pub fn f() {} } }
         mod user { use crate::a::A; use super::a::b; use super::super::p; pub fn g() { b::f(); self::b::f(); } }",
        &[
            "p::user: p::a::A = p::a::A",
            "p::user: p::a::b = p::a::b",
            // Above the root there is nothing.
            "p::user: p::super::p = !",
            "p::user: p::a::b::f = p::a::b::f",
            // By a name that this module has for it.
            "p::user: p::user::b::f = p::a::b::f <- p::user",
        ],
    );
    // A parent's names are not a child's.
    says("mod a { pub struct A; } use a::A; mod c { fn f() -> A { A } }", &["p: p::a::A = p::a::A"]);
}

#[test]
fn what_stands_in_the_same_module_is_no_import() {
    says("struct A; enum E { V } fn f() { A; E::V; self::f(); crate::f(); } mod m {}", &[]);
    // What an import of the module brought is that import's.
    says("mod a { pub struct A; } use a::A; fn f(a: A) -> A { A::new(); A }", &["p: p::a::A = p::a::A"]);
}

#[test]
fn re_exports_are_followed_and_kept() {
    says(
        "mod inner { pub struct X; pub struct Y; }
         pub mod face { pub use crate::inner::X; pub use crate::inner::Y as Z; }
         mod user { use crate::face::{X, Z}; }",
        &[
            "p::face: p::inner::X = p::inner::X",
            "p::face: p::inner::Y = p::inner::Y",
            "p::user: p::face::X = p::inner::X <- p::face",
            "p::user: p::face::Z = p::inner::Y <- p::face",
        ],
    );
    says(
        "mod inner { pub mod deep { pub struct X; } }
         pub mod one { pub use crate::two::*; }
         pub mod two { pub use crate::inner::deep; }
         mod user { use crate::one::deep::X; }",
        &[
            "p::one: p::two::* = p::two",
            "p::two: p::inner::deep = p::inner::deep",
            "p::user: p::one::deep::X = p::inner::deep::X <- p::one, p::two",
        ],
    );
}

#[test]
fn circles_of_re_exports_end() {
    says(
        "pub mod a { pub use crate::b::*; pub struct A; } pub mod b { pub use crate::a::*; }
         mod user { use crate::b::A; use crate::a::None; }",
        &[
            "p::a: p::b::* = p::b",
            "p::b: p::a::* = p::a",
            "p::user: p::b::A = p::a::A <- p::b",
            "p::user: p::a::None = !",
        ],
    );
    says(
        "mod a { pub use crate::b::X; } mod b { pub use crate::a::X; }",
        &["p::a: p::b::X = ?", "p::b: p::a::X = ?"],
    );
}

#[test]
fn namespaces_are_apart() {
    // `x` is a module and a function; what is called is the function.
    says(
        "pub mod x { pub fn x() {} } pub use x::x;
         mod user { fn f() { crate::x(); crate::x::x(); } }",
        &["p: p::x::x = p::x::x", "p::user: p::x = p::x::x <- p", "p::user: p::x::x = p::x::x"],
    );
}

#[test]
fn a_named_import_beats_a_glob_and_two_globs_may_both_be_meant() {
    says(
        "mod a { pub struct X; } mod b { pub struct X; pub struct Y; }
         mod user { use crate::a::X; use crate::b::*; fn f(_: X, _: Y) {} }",
        &["p::user: p::a::X = p::a::X", "p::user: p::b::* = p::b", "p::user: p::b::Y = p::b::Y"],
    );
    says(
        "mod a { pub struct X; } mod b { pub struct X; } mod user { use crate::a::*; use crate::b::*; fn f(_: X) {} }",
        &["p::user: p::a::* = p::a", "p::user: p::b::* = p::b", "p::user: p::a::X = p::a::X | p::b::X"],
    );
}

#[test]
fn a_glob_brings_what_may_be_seen() {
    // Private imports of a parent are seen by its children alone.
    says(
        "mod a { pub struct X; }
         mod up { use crate::a::X; mod tests { use super::*; fn f(_: X) {} } }
         mod other { use crate::up::*; fn f(_: X) {} }",
        &[
            "p::up: p::a::X = p::a::X",
            "p::up::tests: p::up::* = p::up",
            "p::up::tests: p::up::X = p::a::X <- p::up",
            "p::other: p::up::* = p::up",
        ],
    );
    // `pub(in …)` reaches as far as it says.
    says(
        "pub mod a { pub mod b { pub(in crate::a) struct X; pub(super) struct Y; pub(crate) struct Z; } use b::*; fn f(_: X, _: Y) {} }
         mod c { use crate::a::b::*; fn f(_: X, _: Z) {} }",
        &[
            "p::a: p::a::b::* = p::a::b",
            "p::a: p::a::b::X = p::a::b::X",
            "p::a: p::a::b::Y = p::a::b::Y",
            "p::c: p::a::b::* = p::a::b",
            "p::c: p::a::b::Z = p::a::b::Z",
        ],
    );
}

#[test]
fn an_enum_is_a_place_of_names_and_no_module() {
    says(
        "pub mod a { pub enum Kind { One, Two } }
         mod user { use crate::a::Kind::{self, One}; use crate::a::Kind::*; fn f() { Two; crate::a::Kind::One; } }",
        &[
            "p::user: p::a::Kind = p::a::Kind",
            "p::user: p::a::Kind::One = p::a::Kind",
            "p::user: p::a::Kind::* = p::a::Kind",
            "p::user: p::a::Kind::Two = p::a::Kind",
            "p::user: p::a::Kind = p::a::Kind",
        ],
    );
}

#[test]
fn cfgs_are_united() {
    says(
        "#[cfg(unix)] mod imp { pub fn run() {} } #[cfg(windows)] mod imp { pub fn run() {} }
         mod user { use crate::imp::run; }",
        &["p::user: p::imp::run = p::imp::run | p::imp::run"],
    );
    says(
        "mod a { pub struct A; } mod b { pub struct A; }
         #[cfg(x)] pub use a::A; #[cfg(not(x))] pub use b::A; mod user { use crate::A; }",
        &["p: p::a::A = p::a::A", "p: p::b::A = p::b::A", "p::user: p::A = p::a::A | p::b::A <- p"],
    );
}

#[test]
fn functions_have_scopes_of_their_own() {
    says(
        "mod a { pub fn f() {} pub struct A; }
         mod user { fn g() { use crate::a::{self, f}; f(); a::f(); { struct A; A; } } fn h() { a::f(); } }",
        &["p::user: p::a = p::a", "p::user: p::a::f = p::a::f", "p::user: p::a::f = p::a::f"],
    );
}

#[test]
fn macros_are_found_by_text_by_path_and_by_use() {
    says(
        "#[macro_use] mod macros { macro_rules! m { () => { $crate::a::f() } } }
         mod a { pub fn f() {} #[macro_export] macro_rules! out { () => {} } }
         mod user { fn g() { m!(); crate::out!(); } }
         mod other { macro_rules! own { () => {} } pub(crate) use own; fn g() { own!() } }
         mod last { use crate::other::own; }",
        &[
            "p::macros: p::a::f = p::a::f",
            "p::user: p::macros::m = p::macros::m",
            "p::user: p::out = p::a::out",
            "p::other: p::other::own = p::other::own",
            "p::last: p::other::own = p::other::own <- p::other",
        ],
    );
    // A token stream is no path for sure; an attribute is no `macro_rules!`.
    says(
        "macro_rules! pin { () => {} } mod a { #[pin] struct S; fn f() { q!(crate::nowhere::X, std::x) } }",
        &["p::a: std::x = (std::x)"],
    );
}

#[test]
fn macros_may_make_names_and_what_nobody_makes_is_missing() {
    says(
        "pub mod made { make_items!{} } pub mod plain { pub struct A; }
         mod user { use crate::made::X; use crate::made::deep::Y; use crate::plain::B; }",
        &["p::user: p::made::X = ?", "p::user: p::made::deep::Y = ?", "p::user: p::plain::B = !"],
    );
}

#[test]
fn crates_outside_end_a_path() {
    says(
        "use std::sync::{Arc, atomic}; use serde::Serialize as S; extern crate alloc as heap;
         pub mod face { pub use serde::Serialize; }
         fn f() { Arc::new(1); atomic::fence(); std::process::Command::new(\"\").arg(\"\"); heap::vec::Vec::new(); S::x(); }
         mod user { use crate::face::Serialize; fn f() { Vec::<u8>::new(); u8::MAX; } }",
        &[
            "p: std::sync::Arc = (std::sync::Arc)",
            "p: std::sync::atomic = (std::sync::atomic)",
            "p: serde::Serialize = (serde::Serialize)",
            "p: alloc = (alloc)",
            "p: std::sync::atomic::fence = (std::sync::atomic::fence)",
            "p: std::process::Command = (std::process::Command)",
            "p: alloc::vec::Vec = (alloc::vec::Vec)",
            "p::face: serde::Serialize = (serde::Serialize)",
            "p::user: p::face::Serialize = (serde::Serialize) <- p::face",
        ],
    );
}

#[test]
fn members_are_first_party_by_the_name_that_code_has_for_them() {
    let texts = [
        ("Cargo.toml", "[workspace]\nmembers = [\"a\", \"b-c\"]\n"),
        (
            "a/Cargo.toml",
            "[package]\nname = \"a\"\nedition = \"2021\"\n[dependencies]\nbee = { package = \"b-c\", path = \"../b-c\" }\n",
        ),
        ("a/src/lib.rs", "pub struct A; use bee::deep::B; use ::bee::deep; use b_c::X;"),
        ("a/src/main.rs", "use a::A; mod m; fn main() { crate::m::f(); }"),
        ("a/src/m.rs", "pub fn f() {}"),
        ("a/tests/t.rs", "use a::A; mod m { use super::A; }"),
        ("b-c/Cargo.toml", "[package]\nname = \"b-c\"\nedition = \"2021\"\n"),
        ("b-c/src/lib.rs", "pub mod deep { pub struct B; }"),
    ];
    assert_eq!(
        lines(&units(&texts)),
        [
            "a: b_c::deep::B = b_c::deep::B",
            "a: b_c::deep = b_c::deep",
            // By the name in its manifest nobody knows it here.
            "a: b_c::X = (b_c::X)",
            "bin:a: a::A = a::A",
            "bin:a: bin:a::m::f = bin:a::m::f",
            "test:t (test): a::A = a::A",
            "test:t::m (test): test:t::A = a::A <- test:t",
        ]
    );
}

#[test]
fn in_the_first_edition_a_use_starts_at_the_root() {
    let texts = [
        ("Cargo.toml", "[package]\nname = \"p\"\n"),
        ("src/lib.rs", "mod a { pub struct A; } mod user { use a::A; use ::a; fn f() { ::a::A; } }"),
    ];
    assert_eq!(
        lines(&units(&texts)),
        ["p::user: p::a::A = p::a::A", "p::user: p::a = p::a", "p::user: p::a::A = p::a::A"]
    );
}

#[test]
fn a_file_of_several_targets_is_a_module_of_each() {
    let texts = [
        ("Cargo.toml", "[package]\nname = \"p\"\nedition = \"2021\"\n"),
        ("src/lib.rs", "pub struct X;"),
        ("tests/a.rs", "mod common; use common::help;"),
        ("tests/b.rs", "mod common;"),
        ("tests/common/mod.rs", "use p::X; pub fn help(_: X) {}"),
    ];
    assert_eq!(
        lines(&units(&texts)),
        [
            "test:a (test): test:a::common::help = test:a::common::help",
            "test:a::common (test): p::X = p::X",
            "test:b::common (test): p::X = p::X",
        ]
    );
}

#[test]
fn tests_in_a_module_are_apart() {
    says(
        "mod a { pub struct A; pub struct B; }
         mod user { use crate::a::A; #[cfg(test)] use crate::a::B; #[test] fn t() { crate::a::A; } #[cfg(test)] mod tests { use super::*; fn f(_: A) {} } }",
        &[
            "p::user: p::a::A = p::a::A",
            "p::user (test): p::a::B = p::a::B",
            "p::user (test): p::a::A = p::a::A",
            "p::user::tests (test): p::user::* = p::user",
            "p::user::tests (test): p::user::A = p::a::A <- p::user",
        ],
    );
}
