use super::*;
use crate::facts::Date;
use crate::registry::error::RegistryErrors;
use crate::registry::load::load_extending;
use crate::registry::{EntryKind, Registry};
use crate::violation::Severity;

fn load(main: &str, files: &[(&str, &str)]) -> Result<Registry, RegistryErrors> {
    let resolve = |written: &str, from: &RelPath| {
        let path = if from.parent().is_empty() {
            written.to_owned()
        } else {
            format!("{}/{written}", from.parent())
        };
        let found = files.iter().find(|(known, _)| *known == path);
        found
            .map(|(path, text)| (RelPath::new(*path), (*text).to_owned()))
            .ok_or_else(|| format!("`{written}` does not exist"))
    };
    let as_of = Date::new(2026, 11, 22).unwrap();
    load_extending(&RelPath::new("importlaw.toml"), main, Home::Own, as_of, &resolve)
}

fn loaded(main: &str, files: &[(&str, &str)]) -> Registry {
    load(main, files).unwrap_or_else(|errors| panic!("{:#?}", errors.problems()))
}

/// Every problem as `file:line: message`, with its help in brackets.
fn problems(main: &str, files: &[(&str, &str)]) -> Vec<String> {
    let errors = load(main, files).expect_err("problems");
    let of_file = errors.files().iter().flat_map(|file| file.problems.iter().map(move |p| (file, p)));
    of_file
        .map(|(file, problem)| {
            let help = problem.help.as_ref().map_or(String::new(), |help| format!(" ({help})"));
            format!("{}:{}: {}{help}", file.path, problem.line, problem.message)
        })
        .collect()
}

fn forbidden(id: &str, from: &str, to: &str) -> String {
    format!("[[forbidden]]\nid = \"{id}\"\nfrom = [\"{from}\"]\nto = [\"{to}\"]\n")
}

/// The ids with what each forbids, in order.
fn ids(registry: &Registry) -> Vec<(&str, String)> {
    registry.entries.iter().map(|entry| (entry.id.as_str(), entry.kind.summary())).collect()
}

#[test]
fn every_bundled_registry_is_in_the_folder_says_what_it_is_for_and_loads() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("rules");
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter_map(|name| name.strip_suffix(".toml").map(str::to_owned))
        .collect();
    names.sort();
    assert_eq!(names, BUNDLED.iter().map(|(name, _)| *name).collect::<Vec<_>>());
    for (name, text) in BUNDLED {
        assert!(text.starts_with("# "), "{name} begins with what it is for");
        loaded(text, &[]);
        loaded(&format!("version = 1\nextends = [\"importlaw:{name}\"]\n"), &[]);
    }
}

#[test]
fn tests_apart_makes_scope_leak_an_error_at_the_line_that_names_it() {
    let main = "version = 1\nextends = [\n  \"importlaw:tests-apart\",\n]\n";
    let registry = loaded(main, &[]);
    let leak = registry.checks.iter().find(|check| check.id == "scope-leak").unwrap();
    assert_eq!((leak.on, leak.meta.severity, leak.line), (true, Severity::Error, Some(3)));
    assert!(leak.meta.reason.is_some());
    assert!(registry.scopes_written);
    assert!(registry.scopes[0].files.is_match("a/test_b.py"));
    assert_eq!(registry.text, main);

    let registry = loaded(&format!("{main}[checks]\nscope-leak = \"warn\"\n"), &[]);
    let leak = registry.checks.iter().find(|check| check.id == "scope-leak").unwrap();
    assert_eq!((leak.meta.severity, leak.line, &leak.meta.reason), (Severity::Warn, Some(6), &None));
}

#[test]
fn strict_turns_on_every_check_that_is_off_by_default_and_touches_no_other() {
    let registry =
        loaded("version = 1\nextends = [\"importlaw:strict\"]\n[checks]\nrelative-import = \"off\"\n", &[]);
    let default = Registry::default();
    for (setting, default) in registry.checks.iter().zip(&default.checks) {
        assert_eq!(setting.line.is_some(), !default.on, "{}", setting.id);
        assert_eq!(setting.on, setting.id != "relative-import", "{}", setting.id);
        assert_eq!(setting.meta.reason.is_some(), setting.line == Some(2), "{}", setting.id);
    }
}

#[test]
fn the_nearer_entry_replaces_the_whole_of_the_inherited_one() {
    let base = format!("version = 1\n{}{}", forbidden("x", "a", "b"), forbidden("y", "a", "c"));
    let base = format!("{base}reason = \"of y\"\nindirect = true\n{}", forbidden("z", "a", "d"));
    let main = format!(
        "version = 1\nextends = [\"base.toml\"]\n{}[[layers]]\nid = \"z\"\noff = true\nreason = \"no\"\n",
        forbidden("y", "e", "f")
    );
    let registry = loaded(&main, &[("base.toml", &base)]);
    let expected = [("x", "a must not import b".to_owned()), ("y", "e must not import f".to_owned())];
    assert_eq!(ids(&registry), expected);
    let [x, y] = &registry.entries[..] else { panic!() };
    assert_eq!((x.line, y.line), (2, 3), "what is inherited lies where `extends` names it");
    assert_eq!(&main[x.span.start as usize..x.span.end as usize], "\"base.toml\"");
    let EntryKind::Forbidden(of_x) = &x.kind else { panic!() };
    let EntryKind::Forbidden(of_y) = &y.kind else { panic!() };
    assert!(registry.is_inherited(of_x.from[0].span) && !registry.is_inherited(of_y.from[0].span));
    assert_eq!((&y.meta.reason, of_y.indirect), (&None, false));
}

#[test]
fn tables_merge_key_by_key_and_exclude_is_appended() {
    let base = "version = 1
[project]
name = \"base\"
exclude = [\"old/**\", \"!old/kept.py\"]
[python]
version = \"3.9\"
first-party = [\"a\"]
[rust]
manifests = [\"a/Cargo.toml\"]
[doors]
\"m.one\" = [\"A\"]
\"m.two\" = [\"B\"]
[moved]
\"old.a\" = \"new.a\"
\"old.b\" = \"new.b\"
[checks]
wildcard-import = \"error\"
expired = \"off\"
";
    let main = "version = 1
extends = [\"base.toml\"]
project.exclude = [\"more/**\"]
python.first-party = [\"b\"]
checks.expired = \"warn\"
doors.\"m.two\" = [\"C\"]
moved.\"old.b\" = \"newer.b\"
";
    let registry = loaded(main, &[("base.toml", base)]);
    assert_eq!(registry.name.as_deref(), Some("base"));
    let excluded = |path| registry.exclude.is_match(path);
    assert!(excluded("old/a.py") && excluded("more/a.py") && !excluded("old/kept.py"));
    assert_eq!(
        (registry.python.version, &registry.python.first_party[..]),
        (Some((3, 9)), &["b".to_owned()][..])
    );
    let manifests = |main: &str| {
        let manifests = loaded(main, &[("base.toml", base)]).rust.manifests.unwrap();
        manifests.into_iter().map(|item| (item.text, item.line)).collect::<Vec<_>>()
    };
    assert_eq!(manifests(main), [("a/Cargo.toml".to_owned(), 2)]);
    let nearer = main.replace("project.exclude", "rust.manifests = [\"b/Cargo.toml\"]\nproject.exclude");
    assert_eq!(manifests(&nearer), [("b/Cargo.toml".to_owned(), 3)]);
    let check = |id| registry.checks.iter().find(|check| check.id == id).unwrap();
    assert!(check("wildcard-import").on && check("expired").on);
    assert_eq!((check("wildcard-import").line, check("expired").line), (Some(2), Some(5)));

    let doors: Vec<_> = registry.entries[0]
        .kind
        .canonicals()
        .iter()
        .map(|door| (door.path.text.as_str(), door.symbols[0].text.as_str(), door.path.line))
        .collect();
    assert_eq!(doors, [("m.one", "A", 2), ("m.two", "C", 6)]);
    let moved: Vec<_> =
        registry.entries[1].kind.moved().iter().map(|line| (&*line.from.module, &*line.to.module)).collect();
    assert_eq!(moved, [("old.a", "new.a"), ("old.b", "newer.b")]);
}

#[test]
fn later_items_win_and_a_registry_that_two_extend_is_laid_first() {
    let ground = format!("version = 1\n{}{}", forbidden("x", "ground", "b"), forbidden("y", "ground", "b"));
    let one = format!("version = 1\nextends = [\"ground.toml\"]\n{}", forbidden("x", "one", "b"));
    let two = format!(
        "version = 1\nextends = [\"ground.toml\"]\n{}{}",
        forbidden("y", "two", "b"),
        forbidden("z", "two", "b")
    );
    let files = [("s/ground.toml", &*ground), ("s/one.toml", &*one), ("s/two.toml", &*two)];
    let main = "version = 1\nextends = [\n\"s/one.toml\",\n\"s/two.toml\"]\n";
    let registry = loaded(main, &files);
    let from = registry.entries.iter().map(|e| (&*e.id, e.kind.patterns()[0].1[0].text.as_str(), e.line));
    assert_eq!(from.collect::<Vec<_>>(), [("x", "one", 3), ("y", "two", 4), ("z", "two", 4)]);
}

#[test]
fn scopes_are_those_of_the_nearest_list() {
    let base = format!(
        "version = 1\n[[scope]]\nname = \"perf\"\nfiles = [\"perf/**\"]\n{}{}",
        forbidden("x", "a", "@perf"),
        forbidden("y", "a", "@perf")
    );
    let main = "version = 1\nextends = [\"base.toml\"]\n";
    assert_eq!(loaded(main, &[("base.toml", &base)]).scopes[0].name, "perf");
    let own = format!(
        "{main}[[scope]]\nname = \"lab\"\nfiles = [\"lab/**\"]\n[[forbidden]]\nid = \"x\"\noff = true\n"
    );
    assert_eq!(
        problems(&own, &[("base.toml", &base)]),
        ["base.toml:12: unknown scope `perf` (known here: production, lab, test, bench, example, tooling)"],
        "`x` is taken away, `y` is not"
    );
    let own = format!("{own}{}", forbidden("y", "a", "@lab"));
    let registry = loaded(&own, &[("base.toml", &base)]);
    assert_eq!(ids(&registry), [("y", "a must not import @lab".to_owned())]);
    let scopes: Vec<_> = registry.scopes.iter().map(|scope| (scope.name.as_str(), scope.implied)).collect();
    let implied = ["test", "bench", "example", "tooling"].map(|name| (name, true));
    assert_eq!(scopes, [&[("lab", false)][..], &implied].concat());
}

#[test]
fn the_hash_is_that_of_all_texts() {
    let main = "version = 1\nextends = [\"base.toml\"]\n";
    let hash = |base| loaded(main, &[("base.toml", base)]).hash;
    assert_eq!(hash("version = 1\n"), hash("version = 1\n"));
    assert_ne!(hash("version = 1\n"), hash("version = 1 # other\n"));
}

#[test]
fn everything_wrong_is_reported_in_its_file_at_once() {
    let base = "version = 1\nextends = [\"deep.toml\"]\n[forbiden]\n";
    let deep = "version = 1\n[project]\nnmae = \"x\"\nname = \n";
    let main = "version = 1\nextends = [\"base.toml\"]\ncolour = 1\n[[forbidden]]\nid = \"x\"\noff = true\n";
    assert_eq!(
        problems(main, &[("base.toml", base), ("deep.toml", deep)]),
        [
            "importlaw.toml:3: unknown key `colour` (known here: version, extends, project, python, rust, scope, doors, moved, canonical, forbidden, layers, independent, protected, allowed, interface, acyclic, external, required, entrypoint, checks)",
            "base.toml:3: unknown section `[forbiden]` (did you mean `forbidden`?)",
            "deep.toml:3: unknown key `nmae` in `[project]` (did you mean `name`?)",
            "deep.toml:4: not valid TOML: string values must be quoted, expected literal string",
        ]
    );
}

#[test]
fn wrong_members_are_told_once_in_their_file() {
    let base = "version = 1\n[[independent]]\nid = \"i\"\nmodules = [\"a\", \"b\",\n\"a\"]\n";
    let main =
        base.replace("version = 1\n", "version = 1\nextends = [\"base.toml\"]\n").replace("\"i\"", "\"j\"");
    let message = "the member `a` is named twice (remove one of them)";
    assert_eq!(
        problems(&main, &[("base.toml", base)]),
        [format!("importlaw.toml:6: {message}"), format!("base.toml:5: {message}")]
    );
}

#[test]
fn what_cannot_be_had_is_reported_where_it_is_named() {
    let main = "version = 1
extends = [
  \"importlaw:tests-aprt\",
  \"importlaw:zzzzzzzzzzzzzzzz\",
  \"missing.toml\",
  \"https://example.org/a.toml\",
  \"/etc/a.toml\",
  1,
]
scopes = 1
[[forbidden]]
id = \"x\"
off = true
";
    let found = problems(main, &[]);
    let expected = [
        "importlaw.toml:3: no registry `tests-aprt` is bundled (did you mean `importlaw:tests-apart`?)",
        "importlaw.toml:4: no registry `zzzzzzzzzzzzzzzz` is bundled (known here: rust-crate, strict, tests-apart)",
        "importlaw.toml:5: `missing.toml` does not exist",
        "importlaw.toml:6: `https://example.org/a.toml` is neither `importlaw:NAME` nor a relative path",
        "importlaw.toml:7: `/etc/a.toml` is neither `importlaw:NAME` nor a relative path",
        "importlaw.toml:8: an item of `extends` must be a string, not an integer",
        "importlaw.toml:10: unknown key `scopes` (did you mean `scope`?)",
    ];
    assert_eq!(found, expected, "whether `x` is inherited is not known");
}

#[test]
fn circles_and_towers_are_errors() {
    let extending = |name: &str| format!("version = 1\nextends = [\"{name}\"]\n");
    let (one, two) = (extending("two.toml"), extending("one.toml"));
    assert_eq!(
        problems(&one.replace("two", "one"), &[("one.toml", &one), ("two.toml", &two)]),
        ["two.toml:2: `one.toml` extends itself: one.toml -> two.toml -> one.toml"]
    );
    let tower: Vec<(String, String)> =
        (1..=9).map(|n| (format!("{n}.toml"), extending(&format!("{}.toml", n + 1)))).collect();
    let mut files: Vec<(&str, &str)> = tower.iter().map(|(name, text)| (&**name, &**text)).collect();
    files[7].1 = "version = 1\n";
    loaded(&extending("1.toml"), &files);
    files[7].1 = &tower[7].1;
    files[8].1 = "version = 1\n";
    assert_eq!(problems(&extending("1.toml"), &files), ["8.toml:2: `9.toml` is more than 8 registries deep"]);
}

#[test]
fn only_what_is_inherited_is_taken_away() {
    let base = format!("version = 1\n{}", forbidden("services", "a", "b"));
    let off = |id: &str| {
        format!("version = 1\nextends = [\"base.toml\"]\n[[forbidden]]\nid = \"{id}\"\noff = true\n")
    };
    let files = [("base.toml", &*base)];
    assert_eq!(ids(&loaded(&off("services"), &files)), []);
    assert_eq!(
        problems(&off("service"), &files),
        ["importlaw.toml:4: nothing is inherited by the id `service` (did you mean `services`?)"]
    );
    assert_eq!(
        problems(&format!("{}to = [\"c\"]\n", off("services")), &files),
        [
            "importlaw.toml:6: unknown key `to` in `[[forbidden]]` with `off = true` (known here: id, off, reason)"
        ]
    );
    let twice = format!("{}{}", off("services"), forbidden("services", "a", "c"));
    assert_eq!(
        problems(&twice, &files),
        ["importlaw.toml:7: the id `services` is taken: line 4 has it (give this entry another `id`)"]
    );
}
