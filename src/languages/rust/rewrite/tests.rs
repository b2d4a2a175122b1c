use proptest::prelude::*;

use super::*;
use crate::facts::Facts;
use crate::languages::rewrite::apply;
use crate::languages::rust::extract::extract;
use crate::languages::rust::units::Other;

/// A text as the module `app::here` of edition 2021, whose crate depends on `new` and `old`.
struct Here {
    text: String,
    facts: Facts,
    targets: Vec<String>,
    prelude: Prelude,
    /// What the module has of its own.
    own: &'static [&'static str],
}

impl Here {
    fn new(text: &str) -> Self {
        let mut imports: Vec<Import> = extract(text)
            .parts
            .into_iter()
            .flat_map(|part| part.mentions)
            .map(|mention| mention.import)
            .collect();
        imports.sort_by_key(|import| import.span.start);
        let mut targets: Vec<String> = imports.iter().map(absolute).collect();
        // A path goes on where its import leads.
        for (at, import) in imports.iter().enumerate().filter(|(_, import)| !is_leaf(import)) {
            let head = module_path::first(&import.module);
            let by = imports.iter().position(|other| is_leaf(other) && name_of(other) == Some(head));
            if let Some(by) = by {
                let rest = module_path::below(&targets[at], head).unwrap_or_default();
                targets[at] = module_path::join_as("::", &targets[by], rest);
            }
        }
        let others = [("new", "new"), ("old", "old"), ("renamed", "other")];
        let others = others.map(|(name, library)| Other {
            name: name.to_owned(),
            library: library.to_owned(),
            always: true,
        });
        let prelude = Prelude { edition: 2021, others: others.to_vec() };
        Self {
            text: text.to_owned(),
            facts: Facts { imports, ..Facts::default() },
            targets,
            prelude,
            own: &[],
        }
    }

    /// Everything that leads to or below the first of two paths leads to the second.
    fn wanted(&self, list: &[(&str, &str)]) -> Vec<Wanted> {
        let mut all = Vec::new();
        for (at, target) in self.targets.iter().enumerate() {
            for (old, new) in list.iter().filter(|(old, _)| module_path::is_within(target, old)) {
                let rest = module_path::below(target, old).unwrap_or_default();
                let path = if rest.is_empty() { (*new).to_owned() } else { format!("{new}::{rest}") };
                all.push(Wanted { what: What::Import(at as u32), path, named: true, names: Vec::new() });
            }
        }
        all
    }

    fn done(&self, wanted: &[Wanted], risky: bool) -> Rewritten {
        let targets: Vec<&str> = self.targets.iter().map(String::as_str).collect();
        let binds = |name: &str, _: &str| self.own.contains(&name);
        let around = Around {
            module: "app::here",
            prelude: &self.prelude,
            facts: &self.facts,
            targets: &targets,
            binds: &binds,
        };
        Rewriter::new(&self.text).unwrap().rewrite(around, wanted, risky)
    }

    fn fixed(&self, list: &[(&str, &str)], risky: bool) -> String {
        let wanted = self.wanted(list);
        let done = self.done(&wanted, risky);
        assert_eq!(done.refused, [], "{}", self.text);
        assert_ne!(wanted, [], "{}", self.text);
        let fixed = apply(&self.text, &done.changes).unwrap();
        assert!(syn::parse_file(&fixed).is_ok(), "{fixed}");
        fixed
    }
}

fn absolute(import: &Import) -> String {
    let name = import.name.as_deref().unwrap_or_default();
    let path = module_path::join_as("::", &import.module, name);
    match module_path::split_first(&path) {
        ("crate" | "super", rest) => module_path::join_as("::", "app", rest.unwrap_or_default()),
        ("self", rest) => module_path::join_as("::", "app::here", rest.unwrap_or_default()),
        _ => path,
    }
}

fn fixed(text: &str, list: &[(&str, &str)]) -> String {
    Here::new(text).fixed(list, false)
}

/// The one reason for which nothing is done, and whether `--unsafe` helps.
fn refused(text: &str, list: &[(&str, &str)], risky: bool) -> (String, bool) {
    let here = Here::new(text);
    let done = here.done(&here.wanted(list), risky);
    assert_eq!(done.changes, [], "{text}");
    let [(_, refusal)] = &done.refused[..] else { panic!("{text}: {:?}", done.refused) };
    (refusal.why.to_string(), refusal.needs_unsafe)
}

const C: &[(&str, &str)] = &[("app::old::C", "app::new::C")];

#[test]
fn a_leaf_alone_gets_its_path_in_place() {
    for (before, after) in [
        ("use crate::old::C;\n", "use crate::new::C;\n"),
        ("use super::old::C; // why\n", "use crate::new::C; // why\n"),
        ("use crate::old::C as D;\n", "use crate::new::C as D;\n"),
        ("use crate::old::C as _;\n", "use crate::new::C as _;\n"),
        ("fn f() {\n    use crate::old::C;\n}\n", "fn f() {\n    use crate::new::C;\n}\n"),
        ("#[allow(unused_imports)]\nuse crate::old::C;\n", "#[allow(unused_imports)]\nuse crate::new::C;\n"),
        ("use crate :: old :: C ;\n", "use crate::new::C ;\n"),
    ] {
        assert_eq!(fixed(before, C), after);
    }
    assert_eq!(fixed("use crate::old::C;\n", &[("app::old::C", "app::new::D")]), "use crate::new::D as C;\n");
    assert_eq!(fixed("use crate::old::C as D;\n", &[("app::old::C", "app::new::D")]), "use crate::new::D;\n");
    assert_eq!(fixed("use crate::old::m;\n", &[("app::old::m", "app::n")]), "use crate::n as m;\n");
    assert_eq!(fixed("use self::old::C;\n", &[("app::here::old::C", "app::C")]), "use crate::C;\n");
}

#[test]
fn names_are_written_as_the_crate_has_them() {
    for (before, list, after) in [
        ("use old::C;\n", ("old::C", "new::a::C"), "use new::a::C;\n"),
        ("use ::old::C;\n", ("old::C", "new::C"), "use ::new::C;\n"),
        ("use ::old::C;\n", ("old::C", "app::C"), "use crate::C;\n"),
        ("use crate::old::C;\n", ("app::old::C", "other::C"), "use renamed::C;\n"),
        ("use old as y;\n", ("old", "new"), "use new as y;\n"),
        ("use old;\n", ("old", "new"), "use new as old;\n"),
        ("use crate::old::r#type;\n", ("app::old::type", "app::r::type"), "use crate::r::r#type;\n"),
        ("use crate::old::C;\n", ("app::old::C", "app::match::C"), "use crate::r#match::C;\n"),
        ("use crate::old::r#type;\n", ("app::old::type", "app::kind"), "use crate::kind as r#type;\n"),
    ] {
        assert_eq!(fixed(before, &[list]), after);
    }
    let mut here = Here::new("use crate::old::C;\n");
    here.own = &["new"];
    assert_eq!(here.fixed(&[("app::old::C", "new::C")], false), "use ::new::C;\n");
    assert_eq!(
        refused("use crate::old::C;\n", &[("app::old::C", "bin:app::C")], true),
        ("its crate does not depend on `bin:app`".to_owned(), false)
    );
    let mut here = Here::new("use crate::old::C;\n");
    here.prelude.others[0].always = false;
    let done = here.done(&here.wanted(&[("app::old::C", "new::C")]), true);
    assert_eq!(done.refused[0].1.why, "its crate depends on `new` for tests alone, or under a condition");
}

#[test]
fn edition_2015_begins_at_the_root() {
    for (before, after) in [
        ("use old::C;\n", "use new::C;\n"),
        ("use ::old::C;\n", "use ::new::C;\n"),
        ("use crate::old::C;\n", "use crate::new::C;\n"),
        ("fn f(_: ::old::C) {}\n", "fn f(_: crate::new::C) {}\n"),
    ] {
        let mut here = Here::new(before);
        here.prelude.edition = 2015;
        for target in &mut here.targets {
            *target = "app::old::C".to_owned();
        }
        assert_eq!(here.fixed(C, false), after);
    }
}

#[test]
fn a_leaf_is_taken_out_of_its_group() {
    for (before, after) in [
        ("use crate::old::{B, C};\n", "use crate::old::B;\nuse crate::new::C;\n"),
        ("use crate::old::{C, B};\n", "use crate::old::B;\nuse crate::new::C;\n"),
        ("use crate::old::{A, C, B};\n", "use crate::old::{A, B};\nuse crate::new::C;\n"),
        ("use crate::old::{self, C};\n", "use crate::old::{self};\nuse crate::new::C;\n"),
        ("use crate::old::{self as o, C as D};\n", "use crate::old::{self as o};\nuse crate::new::C as D;\n"),
        ("use crate::old::{C};\n", "use crate::new::C;\n"),
        ("use crate::old::{C, *};\n", "use crate::old::*;\nuse crate::new::C;\n"),
        ("use crate::{a, old::{C, B}};\n", "use crate::{a, old::B};\nuse crate::new::C;\n"),
        ("use {crate::old::C, std::fmt};\n", "use {crate::new::C, std::fmt};\n"),
        (
            "mod m {\n    #[allow(unused_imports)]\n    use crate::old::{B, C};\n}\n",
            "mod m {\n    #[allow(unused_imports)]\n    use crate::old::B;\n    #[allow(unused_imports)]\n    use crate::new::C;\n}\n",
        ),
        (
            "use crate::old::{B, C};\r\nfn f() {}\r\n",
            "use crate::old::B;\r\nuse crate::new::C;\r\nfn f() {}\r\n",
        ),
        ("use crate::old::{B, C}; // why\n", "use crate::old::B; // why\nuse crate::new::C;\n"),
        ("use crate::old::{B, C}; fn f() {}", "use crate::old::B; use crate::new::C; fn f() {}"),
        ("use crate::old::{B, C};", "use crate::old::B;\nuse crate::new::C;"),
    ] {
        assert_eq!(fixed(before, C), after);
    }
    let all = &[("app::old::C", "app::new::C"), ("app::old::B", "app::B")];
    assert_eq!(fixed("use crate::old::{B, C};\n", all), "use crate::B;\nuse crate::new::C;\n");
    assert_eq!(
        fixed("    #[allow(x)]\n    use crate::old::{B, C as D};\n", all),
        "    #[allow(x)]\n    use crate::B;\n    #[allow(x)]\n    use crate::new::C as D;\n"
    );
}

#[test]
fn a_module_named_by_self_is_imported_by_its_name() {
    let list = &[("app::old::m", "app::n::m")];
    assert_eq!(fixed("use crate::old::m::{self};\n", list), "use crate::n::m;\n");
    assert_eq!(fixed("use crate::old::m::{self as x};\n", list), "use crate::n::m as x;\n");
    assert_eq!(
        fixed("use crate::old::{m::{self, A}, b};\n", &[("app::old::m", "app::n")]),
        "use crate::old::b;\nuse crate::n as m;\nuse crate::n::A;\n"
    );
}

#[test]
fn a_leaf_stays_in_a_group_that_has_its_new_path() {
    for (before, after) in [
        ("use crate::{old::C, z};\n", "use crate::{new::C, z};\n"),
        (
            "use crate::{\n    a::{b, c},\n    old::C,\n};\n",
            "use crate::{\n    a::{b, c},\n    new::C,\n};\n",
        ),
        (
            "use crate::{\n    // Why.\n    old::C, // here\n    z,\n};\n",
            "use crate::{\n    // Why.\n    new::C, // here\n    z,\n};\n",
        ),
    ] {
        assert_eq!(fixed(before, C), after);
    }
    assert_eq!(
        fixed("use crate::fs::{file::File, Other};\n", &[("app::fs::file::File", "app::fs::File")]),
        "use crate::fs::{File, Other};\n"
    );
}

#[test]
fn a_group_is_laid_out_as_rustfmt_would() {
    let before = "use crate::old::{
    Aaaaaaaaaaaaa, Bbbbbbbbbbbbbbbbb, C, Ddddddddddddddddd, Eeeeeeeeeeeeeeeeeeeeee, Ffffffffffff,
    Gggg,
};
";
    let after = "use crate::old::{
    Aaaaaaaaaaaaa, Bbbbbbbbbbbbbbbbb, Ddddddddddddddddd, Eeeeeeeeeeeeeeeeeeeeee, Ffffffffffff, Gggg,
};
use crate::new::C;
";
    assert_eq!(fixed(before, C), after);
    let before = "use crate::{
    a::{b, c},
    old::{B, C},
    y, z,
};
";
    let after = "use crate::{
    a::{b, c},
    old::B,
    y, z,
};
use crate::new::C;
";
    assert_eq!(fixed(before, C), after);
    assert_eq!(
        fixed("use crate::{\n    old::{B, C},\n    z,\n};\n", C),
        "use crate::{old::B, z};\nuse crate::new::C;\n",
        "it holds no group any more"
    );
    let names = "Name01Long, Name02Long, Name03Long, Name04Long, Name05Long, Name06LongLongest";
    assert_eq!(
        fixed(&format!("use crate::old::{{\n    {names}, C,\n}};\n"), C),
        format!("use crate::old::{{{names}}};\nuse crate::new::C;\n"),
        "it fits on a line now"
    );
}

#[test]
fn lines_that_rustfmt_did_not_write_stay() {
    for (before, after) in [
        ("use crate::old::{\n    B,\n    C,\n};\n", "use crate::old::{\n    B,\n};\nuse crate::new::C;\n"),
        (
            "use crate::old::{\n    A, C,\n    B\n};\n",
            "use crate::old::{\n    A,\n    B\n};\nuse crate::new::C;\n",
        ),
        ("use crate::old::{ B, C };\n", "use crate::old::{ B };\nuse crate::new::C;\n"),
        ("use crate::old::{ C, B };\n", "use crate::old::{ B };\nuse crate::new::C;\n"),
    ] {
        assert_eq!(fixed(before, C), after);
    }
}

#[test]
fn a_comment_goes_with_its_leaf_and_none_is_lost() {
    for (before, after) in [
        (
            "use crate::old::{\n    B, // of b\n    C, // of c\n};\n",
            "use crate::old::{\n    B, // of b\n};\nuse crate::new::C; // of c\n",
        ),
        (
            "use crate::old::{\n    // of c,\n    // and more\n    C,\n    // of b\n    B,\n};\n",
            "use crate::old::{\n    // of b\n    B,\n};\n// of c,\n// and more\nuse crate::new::C;\n",
        ),
        ("use crate::old::{\n    C, // of c\n};\n", "use crate::new::C; // of c\n"),
    ] {
        assert_eq!(fixed(before, C), after);
    }
    let why = ("comments stand between the names of its statement".to_owned(), false);
    for text in [
        "use crate::old::{B, /* of c */ C};\n",
        "use crate::old::{C /* of c */, B};\n",
        "use crate::old::{\n    C,\n    // of nobody\n};\n",
    ] {
        assert_eq!(refused(text, C, true), why, "{text}");
    }
    assert_eq!(refused("use crate::/* */old::C;\n", C, true).0, "a comment stands in its path");
}

#[test]
fn nothing_is_taken_in_twice_without_a_name() {
    let list = &[("app::old::T", "app::T")];
    assert_eq!(
        fixed("use crate::T as _;\nuse crate::old::T as _;\nf!();\n", list),
        "use crate::T as _;\nf!();\n"
    );
    assert_eq!(
        fixed("use crate::old::{B, T as _};\nuse crate::T as _;\n", list),
        "use crate::old::B;\nuse crate::T as _;\n"
    );
    assert_eq!(
        fixed("use crate::old::T as _;\nuse crate::a::T as _;\n", &[list[0], ("app::a::T", "app::T")]),
        "use crate::T as _;\n"
    );
}

#[test]
fn what_may_change_the_program_waits() {
    let unsafely = |text: &str, after: &str| {
        assert_eq!(Here::new(text).fixed(C, true), after);
        let (why, needs_unsafe) = refused(text, C, false);
        assert!(needs_unsafe, "{text}");
        why
    };
    for (text, after, why) in [
        (
            "pub use crate::old::C;\n",
            "pub use crate::new::C;\n",
            "it is a re-export, on which others may rely",
        ),
        (
            "pub(crate) use crate::old::{B, C};\n",
            "pub(crate) use crate::old::B;\npub(crate) use crate::new::C;\n",
            "it is a re-export, on which others may rely",
        ),
        (
            "#[cfg(unix)]\nuse crate::old::C;\n",
            "#[cfg(unix)]\nuse crate::new::C;\n",
            "it stands under a `cfg`",
        ),
        (
            "#[cfg(unix)]\nuse crate::old::{B, C};\n",
            "#[cfg(unix)]\nuse crate::old::B;\n#[cfg(unix)]\nuse crate::new::C;\n",
            "it stands under a `cfg`",
        ),
        (
            "fn f() {\n    m!(crate::old::C);\n}\n",
            "fn f() {\n    m!(crate::new::C);\n}\n",
            "it stands among a macro's tokens",
        ),
        (
            "macro_rules! m {\n    () => { $crate::old::C };\n}\n",
            "macro_rules! m {\n    () => { $crate::new::C };\n}\n",
            "it stands among a macro's tokens",
        ),
        (
            "#[derive(crate::old::C)]\nstruct S;\n",
            "#[derive(crate::new::C)]\nstruct S;\n",
            "it stands in an attribute",
        ),
    ] {
        assert_eq!(unsafely(text, after), why, "{text}");
    }
    let list = &[("app::old::C", "new::C")];
    assert_eq!(
        refused("macro_rules! m {\n    () => { $crate::old::C };\n}\n", list, true).0,
        "`$crate` is this crate wherever the macro is called; another is not there"
    );
    let list = &[("app::old", "app::new")];
    assert_eq!(
        refused("use crate::old::*;\n", list, false),
        ("it takes everything, and the new path may hold other names".to_owned(), true)
    );
    assert_eq!(Here::new("use crate::old::*;\n").fixed(list, true), "use crate::new::*;\n");
    assert_eq!(refused("extern crate old;\n", &[("old", "new")], true).0, "it is an `extern crate`");
    assert_eq!(
        refused("#[macro_use]\npub extern crate old as x;\n", &[("old", "new")], true).0,
        "it is an `extern crate`"
    );
}

#[test]
fn a_plain_path_is_replaced() {
    for (before, after) in [
        ("fn f(_: crate::old::C) {}\n", "fn f(_: crate::new::C) {}\n"),
        ("fn f() {\n    crate::old::C::make(1);\n}\n", "fn f() {\n    crate::new::C::make(1);\n}\n"),
        ("fn f(_: crate::old::C<u8>) {}\n", "fn f(_: crate::new::C<u8>) {}\n"),
        ("impl super::old::C for X {}\n", "impl crate::new::C for X {}\n"),
    ] {
        let mut here = Here::new(before);
        // What is relative to a type is cut off.
        for (import, target) in here.facts.imports.iter_mut().zip(&mut here.targets) {
            if import.name.as_deref() == Some("make") {
                (import.module, import.name) = ("crate::old".into(), Some("C".into()));
                *target = "app::old::C".to_owned();
            }
        }
        assert_eq!(here.fixed(C, false), after);
    }
    assert_eq!(
        refused("fn f() {\n    crate :: old :: C;\n}\n", C, true),
        ("it is not written as a plain path".to_owned(), false)
    );
}

#[test]
fn a_path_follows_its_import() {
    let list = &[("app::old", "app::new")];
    assert_eq!(
        fixed("use crate::old;\nfn f(_: old::C) {}\n", list),
        "use crate::new as old;\nfn f(_: old::C) {}\n"
    );
    // Its import leads to where the new path goes on.
    assert_eq!(
        fixed("use crate::a;\nfn f(_: a::old::C) {}\n", &[("app::a::old::C", "app::a::C")]),
        "use crate::a;\nfn f(_: a::C) {}\n"
    );
    // Its import is used by others, too, or would be used no more.
    assert_eq!(
        fixed("use crate::old as o;\nfn f(_: o::C, _: o::D) {}\n", C),
        "use crate::old as o;\nfn f(_: crate::new::C, _: o::D) {}\n"
    );
    let (why, needs_unsafe) = refused("use crate::old as o;\nfn f(_: o::C) {}\n", C, false);
    assert_eq!(why, "it goes through an import of this file that may then be used no more");
    assert!(needs_unsafe);
}

#[test]
fn a_file_that_does_not_parse_is_left_alone() {
    assert!(Rewriter::new("use crate::old::{C;\n").is_none());
    assert!(Rewriter::new("fn f() { \"").is_none());
}

/// Every leaf of every `use` of a text: its path without `r#`, and the name it binds. Sorted.
fn leaves(text: &str) -> Vec<(String, String)> {
    fn walk(tree: &syn::UseTree, before: &str, out: &mut Vec<(String, String)>) {
        let path = |name: &syn::Ident| match name.to_string().as_str() {
            "self" => before.to_owned(),
            name => module_path::join_as("::", before, name),
        };
        match tree {
            syn::UseTree::Path(tree) => walk(&tree.tree, &path(&tree.ident), out),
            syn::UseTree::Group(group) => group.items.iter().for_each(|tree| walk(tree, before, out)),
            syn::UseTree::Name(name) => {
                let path = path(&name.ident);
                out.push((path.clone(), module_path::last(&path).to_owned()));
            }
            syn::UseTree::Rename(name) => out.push((path(&name.ident), name.rename.to_string())),
            syn::UseTree::Glob(_) => out.push((format!("{before}::*"), String::new())),
        }
    }
    let mut out = Vec::new();
    for item in syn::parse_file(text).unwrap_or_else(|error| panic!("{error}: {text}")).items {
        if let syn::Item::Use(item) = item {
            walk(&item.tree, "", &mut out);
        }
    }
    out.sort();
    out
}

fn comments(text: &str) -> usize {
    text.matches("// ").count()
}

/// A group with a path before it, laid out in one of several ways.
fn group() -> impl Strategy<Value = String> {
    let name = prop_oneof![Just("A"), Just("B"), Just("C"), Just("Dddddddddddddddddddddddd")];
    let alias = prop_oneof![Just(""), Just(" as X"), Just(" as Y")];
    let leaf = (name, alias).prop_map(|(name, alias)| format!("{name}{alias}"));
    let leaf = prop_oneof![6 => leaf, 1 => Just("self".to_owned()), 1 => Just("*".to_owned())];
    leaf.prop_recursive(3, 24, 6, |inner| {
        let segment = prop_oneof![Just("old"), Just("b"), Just("b::old"), Just("old::c"), Just("new")];
        (segment, prop::collection::vec(inner, 1..7), 0..5_usize).prop_map(|(segment, items, layout)| {
            match layout {
                0 => format!("{segment}::{{{}}}", items.join(", ")),
                1 => format!("{segment}::{{ {}, }}", items.join(",")),
                2 => format!("{segment}::{{\n    {},\n}}", items.join(",\n    ")),
                3 => format!("{segment}::{{\n    {}, // end\n}}", items.join(", // mid\n    ")),
                _ => format!("{segment}::{{\n    // above\n    {}\n}}", items.join(",\n    // above\n    ")),
            }
        })
    })
}

proptest! {
    /// Every leaf that leads to what has moved leads to its new place, all others where they led, and all bind what they
    /// bound; no comment is lost, and a second run changes nothing.
    #[test]
    fn every_name_stays_bound_to_its_thing(groups in prop::collection::vec(group(), 1..4)) {
        // `*` and `self` stand in groups alone.
        let in_group = |group: &&String| group.contains('{');
        let text: String = groups.iter().filter(in_group).map(|group| format!("use crate::{group};\n")).collect();
        let list = &[("app::old", "app::new"), ("app::b::old", "new"), ("app::b::A", "app::b::Z")];
        let here = Here::new(&text);
        let wanted = here.wanted(list);
        let done = here.done(&wanted, true);
        let after = apply(&text, &done.changes).unwrap();
        let (before, found) = (leaves(&text), leaves(&after));
        prop_assert_eq!(comments(&text), comments(&after), "{}\n{}", text, after);
        let moved = |(path, name): &(String, String)| {
            let absolute = path.replacen("crate", "app", 1);
            let new = list.iter().find_map(|(old, new)| {
                let rest = module_path::is_within(&absolute, old).then(|| &absolute[old.len()..])?;
                Some(format!("{new}{rest}").replacen("app::", "crate::", 1))
            });
            (new.unwrap_or_else(|| path.clone()), name.clone())
        };
        if done.refused.is_empty() {
            let mut expected: Vec<(String, String)> = before.iter().map(moved).collect();
            expected.sort();
            prop_assert_eq!(&found, &expected, "{}\n{}", text, after);
            let again = Here::new(&after);
            prop_assert_eq!(again.wanted(list), vec![]);
        } else {
            // What is left is left whole.
            prop_assert_eq!(found.len(), before.len());
            for leaf in &before {
                prop_assert!(found.contains(leaf) || found.contains(&moved(leaf)), "{}\n{}", text, after);
            }
        }
    }
}
