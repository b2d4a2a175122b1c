use std::collections::BTreeMap;

use super::*;
use crate::discover::Sources;

/// What a finder says of files in memory.
fn on<T: Send>(files: &[(&str, &str)], ask: impl FnOnce(&World) -> T + Send) -> T {
    let texts = files.iter().map(|(path, text)| (RelPath::new(*path), text.as_bytes().to_vec())).collect();
    let run = move || {
        let sources = Sources::from_memory(texts);
        let options = Options::as_of(Date::parse("2026-11-22").unwrap());
        let registry = read(&text::text("t", &base(&sources)).0, options.as_of).unwrap();
        let analysis = check::analyse_fully(&registry, &sources).unwrap();
        check::in_context(&registry, &sources, &analysis, &options, |context| ask(&World::new(context)))
    };
    on_threads(None, run).ok().unwrap()
}

fn lines(section: &Section) -> Vec<String> {
    section.pieces.iter().flat_map(|piece| piece.lines.clone()).collect()
}

/// A draft of files in memory: the registry's text and the baseline's.
fn draft_of(files: &[(&str, &str)], strict: bool) -> (String, String) {
    let texts = files.iter().map(|(path, text)| (RelPath::new(*path), text.as_bytes().to_vec())).collect();
    let run = move || {
        let sources = Sources::from_memory(texts);
        let options = Options::as_of(Date::parse("2026-11-22").unwrap());
        drafted(&sources, &options, strict).map(|drafted| (drafted.text, drafted.baseline))
    };
    on_threads(None, run).ok().unwrap().ok().unwrap()
}

const SERVICES: [(&str, &str); 13] = [
    ("auth/__init__.py", ""),
    ("auth/main.py", "import shared.log\n"),
    ("auth/users.py", ""),
    ("billing/__init__.py", ""),
    ("billing/main.py", "import shared.log\nimport auth.users\n"),
    ("billing/rows.py", "def late():\n    from auth.gone import x\n"),
    ("web/__init__.py", ""),
    ("web/main.py", "import shared.log\n"),
    ("web/pages.py", ""),
    ("shared/__init__.py", ""),
    ("shared/log.py", ""),
    ("shared/more.py", ""),
    ("tests/test_all.py", "import auth.main\nimport web.main\n"),
];

#[test]
fn services_that_do_not_know_each_other_are_apart_and_others_in_one_direction() {
    let section = on(&SERVICES, |world| services::find(world, false));
    let found = lines(&section).join("\n");
    assert!(found.contains("id = \"services-independent\"\nmodules = [\"auth\", \"web\"]"), "{found}");
    assert!(
        found.contains("id = \"auth-apart\"\nfrom = [\"auth\"]\nto = [\"billing\"]"),
        "billing imports auth, so that only this direction holds: {found}"
    );
    assert!(found.contains("from = [\"billing\"]\nto = [\"web\"]"), "{found}");
    assert!(found.contains("from = [\"shared\"]\nto = [\"auth\", \"billing\", \"web\"]"), "{found}");
    assert_eq!(
        section.notes,
        ["Against isolation: `billing` -> `auth`, 2 imports in 2 modules."],
        "what names a module that does not exist is one of them"
    );
}

#[test]
fn wished_services_are_apart_in_both_directions_and_libraries_below_them() {
    let found = lines(&on(&SERVICES, |world| services::find(world, true))).join("\n");
    assert!(found.contains("from = [\"auth\"]\nto = [\"billing\", \"web\"]"), "{found}");
    assert!(found.contains("from = [\"billing\"]\nto = [\"auth\", \"web\"]"), "{found}");
    assert!(found.contains("from = [\"shared\"]\nto = [\"auth\", \"billing\", \"web\"]"), "{found}");
}

#[test]
fn a_program_of_one_package_has_no_services() {
    let files = [("shop/__init__.py", ""), ("shop/a.py", ""), ("shop/b.py", "import shop.a\n")];
    assert_eq!(on(&files, |world| services::find(world, false)).pieces, []);
}

#[test]
fn the_largest_packages_without_a_circle_are_named_and_circles_counted() {
    let files = [
        ("shop/__init__.py", ""),
        ("shop/good/__init__.py", ""),
        ("shop/good/a.py", "import shop.good.b\n"),
        ("shop/good/b.py", "import shop.good.c\n"),
        ("shop/good/c.py", ""),
        ("shop/good/d.py", ""),
        ("shop/bad/__init__.py", ""),
        ("shop/bad/a.py", "import shop.bad.b\n"),
        ("shop/bad/b.py", "import shop.bad.a\nimport shop.bad.c\n"),
        ("shop/bad/c.py", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import shop.bad.b\n"),
    ];
    let section = on(&files, |world| cycles::find(world, false));
    assert_eq!(lines(&section)[2], "within = [\"shop.good\"]");
    assert_eq!(section.notes, ["`shop.bad`: 2 of 3 children hang together in circles, closed by 1 import."]);
    let section = on(&files, |world| cycles::find(world, true));
    assert_eq!(lines(&section)[2], "within = [\"shop\"]");
}

/// `Cart` is defined in one module and shown by another; five modules import it by `path`, and `other` too.
fn doors_in(other: &str) -> Vec<Section> {
    let users: Vec<(String, String)> = (0..5)
        .map(|n| (format!("web/m{n}.py"), "from shop.api import Cart\n".to_owned()))
        .chain([("web/other.py".to_owned(), other.to_owned())])
        .collect();
    let mut files = vec![
        ("shop/__init__.py", ""),
        ("shop/api/__init__.py", "from shop.impl.carts import Cart as Cart\n"),
        ("shop/impl/__init__.py", ""),
        ("shop/impl/carts.py", "class Cart: ...\n"),
        ("web/__init__.py", ""),
    ];
    files.extend(users.iter().map(|(path, text)| (path.as_str(), text.as_str())));
    on(&files, |world| vec![doors::find(world, false), doors::find(world, true)])
}

#[test]
fn the_door_that_all_use_is_proposed() {
    let [held, _] = doors_in("").try_into().unwrap();
    assert_eq!(lines(&held), ["\"shop.api\" = [\"Cart\"]"]);
    assert_eq!(held.pieces[0].about, ["`Cart` by 5 modules (of 2 paths)."]);
}

#[test]
fn a_second_door_in_use_is_told_and_wished_away() {
    let [held, wished] = doors_in("from shop.impl.carts import Cart\n").try_into().unwrap();
    assert_eq!(lines(&held), [] as [String; 0]);
    assert_eq!(held.notes, ["`Cart`: 5 modules by `shop.api`, 1 by other paths."]);
    assert_eq!(lines(&wished), ["\"shop.api\" = [\"Cart\"]"]);
}

#[test]
fn a_name_that_something_misses_is_no_door() {
    let [held, _] = doors_in("from shop.gone import Cart\n").try_into().unwrap();
    assert_eq!(lines(&held), [] as [String; 0], "the entry would break there");
}

#[test]
fn classes_defined_once_stay_so() {
    let classes =
        |names: &str, n: usize| (0..n).map(|at| format!("class {names}{at}: ...\n")).collect::<String>();
    let (one, two) = (classes("A", 10), classes("B", 12));
    let mut files = vec![
        ("a/__init__.py", one.as_str()),
        ("a/m.py", ""),
        ("a/n.py", ""),
        ("b/__init__.py", two.as_str()),
        ("b/m.py", "class B0: ...\n"),
        ("b/n.py", ""),
    ];
    let section = on(&files, duplicates::find);
    assert_eq!(
        lines(&section),
        [
            "duplicate-definition = { level = \"error\", within = [\"a\"], kinds = [\"class\"], scopes = [\"production\"] }"
        ]
    );
    assert_eq!(section.notes, ["Defined in several modules: 1 class name: `B0` (2)."]);
    files[4].1 = "";
    let found = lines(&on(&files, duplicates::find));
    assert!(found[0].contains("within = [\"b\", \"a\"]"), "the one with more classes first: {found:?}");
}

fn moved_in(files: &[(&str, &str)], renames: &[(&str, &str)]) -> Section {
    let renames: BTreeMap<String, Vec<String>> =
        renames.iter().map(|(old, new)| ((*old).to_owned(), vec![(*new).to_owned()])).collect();
    on(files, |world| moved::find(world, &renames))
}

#[test]
fn what_git_saw_renamed_is_proposed_where_the_old_is_gone() {
    let files = [
        ("shop/__init__.py", ""),
        ("shop/new.py", ""),
        ("shop/back.py", ""),
        ("shop/user.py", "import shop.old\n"),
    ];
    let renames =
        [("shop/old.py", "shop/new.py"), ("shop/back.py", "shop/new.py"), ("shop/x.py", "shop/gone.py")];
    let section = moved_in(&files, &renames);
    assert_eq!(lines(&section), ["\"shop.old\" = \"shop.new\""]);
    assert_eq!(
        section.pieces[0].about,
        ["Renamed within the last 500 commits (1 module).", "1 import of the old path left."]
    );
}

#[test]
fn a_package_that_moved_whole_is_one_line() {
    let files = [
        ("shop/__init__.py", ""),
        ("shop/new/__init__.py", ""),
        ("shop/new/a.py", ""),
        ("shop/new/b.py", ""),
    ];
    let renames = [
        ("old/__init__.py", "shop/new/__init__.py"),
        ("old/a.py", "shop/new/a.py"),
        ("old/b.py", "shop/new/b.py"),
    ];
    assert_eq!(lines(&moved_in(&files, &renames)), ["\"old\" = \"shop.new\""]);
}

#[test]
fn what_is_started_is_proposed_with_what_its_image_holds() {
    let files = [
        (
            "Dockerfile",
            "FROM python:3.12\nWORKDIR /app\nCOPY shop/ shop/\nCMD [\"python\", \"-m\", \"shop.main\"]\n",
        ),
        ("shop/__init__.py", ""),
        ("shop/main.py", ""),
        ("other/__init__.py", ""),
        ("other/deep/er/main.py", ""),
    ];
    let section = on(&files, starts::find);
    assert_eq!(
        lines(&section),
        ["[[entrypoint]]", "id = \"shop-main-starts\"", "module = \"shop.main\"", "ships = [\"shop\"]"]
    );
}

fn scopes_in(paths: &[&str]) -> Vec<String> {
    let texts = paths.iter().map(|path| (RelPath::new(*path), Vec::new())).collect();
    let found = lines(&scopes::find(&Sources::from_memory(texts)));
    found.into_iter().filter(|line| line.starts_with("files")).collect()
}

#[test]
fn directories_say_what_does_not_ship() {
    let paths = [
        "shop/__init__.py",
        "shop/migrations/0001_initial.py",
        "scripts/x.py",
        "setup.py",
        "test_support/y.py",
    ];
    assert_eq!(
        scopes_in(&paths),
        [
            "files = [\"default\", \"test_support/**\"]",
            "files = [\"**/migrations/0*.py\"]",
            "files = [\"scripts/**\", \"/*.py\"]"
        ]
    );
}

#[test]
fn a_package_called_test_without_tests_is_shipped() {
    let paths = ["shop/__init__.py", "shop/test/__init__.py", "shop/test/client.py", "tests/test_a.py"];
    assert_eq!(scopes_in(&paths), ["files = [\"default\", \"!shop/test/**\"]"]);
    let paths = ["shop/__init__.py", "shop/test/__init__.py", "shop/test/test_a.py"];
    assert_eq!(scopes_in(&paths), ["files = [\"default\"]"]);
}

#[test]
fn what_does_not_hold_steps_back_and_says_how_often() {
    // A door breaks by a string that only the rule on it reads.
    let mut files = vec![
        ("shop/__init__.py".to_owned(), String::new()),
        ("shop/api/__init__.py".to_owned(), "from shop.impl.carts import Cart as Cart\n".to_owned()),
        ("shop/impl/__init__.py".to_owned(), String::new()),
        ("shop/impl/carts.py".to_owned(), "class Cart: ...\n".to_owned()),
        ("web/__init__.py".to_owned(), String::new()),
        ("web/late.py".to_owned(), "import shop.impl.carts\nshop.impl.carts.Cart()\n".to_owned()),
    ];
    files.extend((0..5).map(|n| (format!("web/m{n}.py"), "from shop.api import Cart\n".to_owned())));
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let (text, baseline) = draft_of(&files, false);
    let comment = "# Not in force: it would break in 1 place. `--strict` writes it, and records those.\n\
                   #     [doors]\n#     \"shop.api\" = [\"Cart\"]\n";
    assert!(text.contains(comment), "{text}");
    assert_eq!(baseline, "");
    let (text, baseline) = draft_of(&files, true);
    assert!(
        text.contains(
            "\n[doors]\n# `Cart` by 5 modules (of 2 paths).\n# 1 place against, recorded in the baseline.\n\"shop.api\" = [\"Cart\"]\n"
        ),
        "{text}"
    );
    assert_eq!(baseline.lines().count(), 1, "{baseline}");
    assert!(baseline.contains("\"rule\":\"doors\",\"importer\":\"web.late\""), "{baseline}");
}

#[test]
fn long_lists_are_broken_and_still_read() {
    let names: Vec<String> = (0..40).map(|n| format!("a_rather_long_name_{n}")).collect();
    let written = text::list("modules", &names).join("\n");
    let read: toml::Table = written.parse().unwrap();
    assert_eq!(read["modules"].as_array().unwrap().len(), 40);
    assert!(written.lines().all(|line| line.len() <= 110), "{written}");
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let written = format!("order = [\n{}\n]", text::layer(&names, "|").join("\n"));
    let read: toml::Table = written.parse().unwrap();
    assert_eq!(read["order"][0].as_str().unwrap(), names.join(" | "));
}
