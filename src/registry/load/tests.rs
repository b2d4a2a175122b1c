use proptest::prelude::*;

use super::*;
use crate::registry::pattern::{Pattern, Subject};
use crate::registry::schema::CHECKS;
use crate::registry::{CheckOptions, EntryKind};
use crate::source::Language;
use crate::violation::Severity;

/// The complete example of the documentation.
const EXAMPLE: &str = include_str!("example.toml");

fn as_of() -> Date {
    Date::new(2026, 11, 22).unwrap()
}

fn read(text: &str, home: Home) -> Result<Registry, RegistryErrors> {
    load(&RelPath::new(home.file_name()), text, home, as_of())
}

fn registry(text: &str) -> Registry {
    read(text, Home::Own).unwrap_or_else(|errors| panic!("{:#?}", errors.problems()))
}

/// Every problem as `line: message` or `line: message (help)`.
fn problems(text: &str) -> Vec<String> {
    problems_in(text, Home::Own)
}

fn problems_in(text: &str, home: Home) -> Vec<String> {
    let Err(errors) = read(text, home) else { return Vec::new() };
    let shown = |problem: &Problem| match &problem.help {
        Some(help) => format!("{}: {} ({help})", problem.line, problem.message),
        None => format!("{}: {}", problem.line, problem.message),
    };
    errors.problems().into_iter().map(shown).collect()
}

/// What stands in `text` at the place of an item.
fn written(text: &str, span: Span) -> &str {
    &text[span.start as usize..span.end as usize]
}

#[test]
fn the_example_is_read_whole() {
    let text = EXAMPLE.to_owned();
    let registry = registry(&text);
    assert_eq!(registry.path, Some(RelPath::new("importlaw.toml")));
    assert_eq!(registry.text, text);
    assert_eq!(registry.name.as_deref(), Some("netra"));
    assert!(registry.exclude.is_match("backups/a.py") && !registry.exclude.is_match("x/backups/a.py"));

    let manifests = registry.rust.manifests.as_ref().unwrap();
    let [manifest] = manifests.as_slice() else { panic!("{manifests:?}") };
    assert_eq!((manifest.text.as_str(), written(&text, manifest.span)), ("Cargo.toml", "\"Cargo.toml\""));

    let python = &registry.python;
    assert_eq!(python.roots, Some(vec![String::new()]));
    assert_eq!(python.version, Some((3, 11)));
    let opaque: Vec<_> = python.opaque.iter().map(|pattern| pattern.text.as_str()).collect();
    assert_eq!(opaque, ["**._version", "**.*_pb2", "**.*_pb2_grpc", "**._version", "**.*_pb2"]);

    assert!(registry.scopes_written);
    let scopes: Vec<_> = registry.scopes.iter().map(|scope| scope.name.as_str()).collect();
    assert_eq!(scopes, ["production", "test", "tooling", "bench", "example"]);
    let implied: Vec<_> = registry.scopes.iter().map(|scope| scope.implied).collect();
    assert_eq!(implied, [false, false, false, true, true]);
    let bench = &registry.scopes[3];
    assert!(
        bench.judged.is_empty() && !bench.files.is_match("benches/a.rs"),
        "no path makes a file a part of it"
    );
    let tests = &registry.scopes[1];
    assert!(tests.files.is_match("x/tests/a.py") && tests.files.is_match("test_framework/a.py"));
    let judged: Vec<_> = tests.judged.iter().map(|item| item.text.as_str()).collect();
    assert_eq!(judged, ["test_framework/**"], "`default` is never stale");
    let judged: Vec<_> = registry.scopes[0].judged.iter().map(|item| item.text.as_str()).collect();
    assert_eq!(judged, ["netra_backend/app/**"], "a negation is never stale");

    let entries: Vec<_> =
        registry.entries.iter().map(|entry| (entry.id.as_str(), entry.kind.name())).collect();
    let expected = [
        ("doors", "doors"),
        ("moved", "moved"),
        ("session-manager", "canonical"),
        ("service-isolation", "forbidden"),
        ("backend-layers", "layers"),
        ("agents", "independent"),
        ("jwt", "protected"),
        ("schemas-are-leaves", "allowed"),
        ("db-face", "interface"),
        ("no-cycles", "acyclic"),
        ("redis-one-door", "external"),
        ("ssot-test-base", "required"),
        ("backend-starts", "entrypoint"),
    ];
    assert_eq!(entries, expected);
    for entry in &registry.entries {
        let name = entry.kind.name();
        let header =
            if name == "doors" || name == "moved" { format!("[{name}]") } else { format!("[[{name}]]") };
        assert_eq!(written(&text, entry.span), header);
        assert!(text.lines().nth(entry.line as usize - 1).unwrap().starts_with(&header));
    }
}

#[test]
fn doors_and_moved_keep_every_part() {
    let text = EXAMPLE.to_owned();
    let registry = registry(&text);
    let EntryKind::Doors(doors) = &registry.entries[0].kind else { panic!() };
    assert_eq!(doors.len(), 1);
    assert_eq!(doors[0].path.text, "shared.isolated_environment");
    assert_eq!(written(&text, doors[0].path.span), "\"shared.isolated_environment\"");
    let symbols: Vec<_> = doors[0].symbols.iter().map(|item| written(&text, item.span)).collect();
    assert_eq!(symbols, ["\"IsolatedEnvironment\"", "\"get_env\""]);

    let EntryKind::Moved(moved) = &registry.entries[1].kind else { panic!() };
    let paths: Vec<_> = moved
        .iter()
        .map(|moved| (moved.from.module.as_str(), moved.from.symbol.as_deref(), moved.to.module.as_str()))
        .collect();
    let expected = [
        ("dev_launcher.isolated_environment", None, "shared.isolated_environment"),
        ("netra_backend.app.agents.state", Some("DeepAgentState"), "netra_backend.app.schemas.agent_models"),
        ("a.b", Some("Old"), "c.d"),
    ];
    assert_eq!(paths, expected);
    assert_eq!(moved[2].to.symbol.as_deref(), Some("New"));
    assert_eq!(moved[2].until, Date::new(2026, 12, 31));
    assert_eq!(moved[2].reason.as_deref(), Some("#1182"));
    assert_eq!(written(&text, moved[2].to.item.span), "\"c.d:New\"");
    assert_eq!((moved[0].until, moved[0].reason.as_deref()), (None, None));
}

#[test]
fn canonical_and_forbidden_keep_every_part() {
    let text = EXAMPLE.to_owned();
    let registry = registry(&text);
    let canonical_entry = &registry.entries[2];
    assert_eq!(canonical_entry.meta.reason.as_deref(), Some("issue 1308: two classes of one name"));
    let EntryKind::Canonical(canonical) = &canonical_entry.kind else { panic!() };
    assert_eq!(canonical.path.text, "netra_backend.app.database.session_manager");
    assert!(canonical.unique);
    assert_eq!(canonical.within[0].literal(), Some("netra_backend"));
    assert_eq!(canonical.retired[0].module, "auth_service.auth_core.session_manager");
    assert_eq!(canonical.compatible[0].path.text, "netra_backend.app.db");
    assert_eq!(canonical.compatible[0].until, Date::new(2026, 12, 31));
    assert_eq!(canonical.compatible[0].reason.as_deref(), Some("golden-path tests"));

    let forbidden_entry = &registry.entries[3];
    let EntryKind::Forbidden(forbidden) = &forbidden_entry.kind else { panic!() };
    assert!(forbidden.indirect);
    let to: Vec<_> = forbidden.to.iter().map(|pattern| written(&text, pattern.span)).collect();
    assert_eq!(to, ["\"auth_service\"", "\"analytics_service\""]);
    let meta = &forbidden_entry.meta;
    assert_eq!(meta.severity, Severity::Error);
    assert_eq!(meta.except_kinds, ["type-checking"]);
    let scopes = meta.scopes.as_ref().unwrap();
    assert_eq!((scopes.len(), scopes[0].text.as_str()), (1, "production"));
    let exception = &meta.except[0];
    assert_eq!(exception.from.literal(), Some("netra_backend.app.auth.models"));
    assert_eq!(exception.to.as_ref().unwrap().literal(), Some("auth_service.contracts"));
    assert_eq!(exception.item.text, "netra_backend.app.auth.models -> auth_service.contracts");
}

#[test]
fn an_entrypoint_keeps_every_part() {
    let text = EXAMPLE.to_owned();
    let registry = registry(&text);
    let EntryKind::Entrypoint(entrypoint) = &registry.entries[12].kind else { panic!() };
    let module = entrypoint.module.as_ref().unwrap();
    assert_eq!((module.module.as_str(), module.symbol.as_deref()), ("netra_backend.app.main", Some("app")));
    assert_eq!(written(&text, module.item.span), "\"netra_backend.app.main:app\"");
    assert!(entrypoint.modules.is_empty());
    let texts = |patterns: &[Pattern]| patterns.iter().map(|p| p.text.clone()).collect::<Vec<_>>();
    assert_eq!(texts(&entrypoint.ships), ["netra_backend", "shared"]);
    assert_eq!(texts(&entrypoint.absent), ["path:**/monitoring/**"]);
    let calls: Vec<_> = entrypoint.calls.iter().map(|path| (&*path.module, path.symbol.as_deref())).collect();
    assert_eq!(calls, [("netra_backend.app.core.lifespan_manager", Some("lifespan"))]);
    let kind = &registry.entries[12].kind;
    let items: Vec<_> = kind.modules().iter().map(|item| item.text.as_str()).collect();
    assert_eq!(items, ["netra_backend.app.main:app", "netra_backend.app.core.lifespan_manager:lifespan"]);
    let summary =
        "netra_backend.app.main:app must start from netra_backend, shared without path:**/monitoring/**";
    assert_eq!(kind.summary(), summary);
}

#[test]
fn checks_take_a_level_or_a_table() {
    let text = "\
version = 1
[checks]
relative-import = { level = \"warn\", allow = \"siblings\", except = [{ edge = \"a\", until = 2026-12-01, reason = \"r\" }] }
expired = \"off\"
unresolved-import = { except-kinds = [\"optional\"], languages = [\"python\", \"rust\"] }
duplicate-definition = { level = \"warn\", within = [\"a\"], kinds = [\"class\"], except = [\"*Config\"] }
string-reference = \"off\"
";
    let registry = registry(text);
    let ids: Vec<_> = registry.checks.iter().map(|check| check.id).collect();
    let ready: Vec<_> = CHECKS.iter().filter(|check| check.ready).map(|check| check.name).collect();
    assert_eq!(ids, ready);
    let check = |id: &str| registry.checks.iter().find(|check| check.id == id).unwrap();

    let relative = check("relative-import");
    assert!(relative.on);
    assert!(matches!(relative.options, CheckOptions::RelativeImport { allow_siblings: true }));
    assert_eq!((relative.meta.severity, relative.line), (Severity::Warn, Some(3)));
    assert_eq!(relative.meta.except[0].until, Date::new(2026, 12, 1));
    assert_eq!(relative.meta.except[0].reason.as_deref(), Some("r"));
    assert!(relative.meta.except[0].to.is_none());

    assert!(!check("expired").on);
    let unresolved = check("unresolved-import");
    assert!(unresolved.on, "a table without a level keeps the default");
    assert_eq!(unresolved.meta.severity, Severity::Error);
    assert_eq!(unresolved.meta.except_kinds, ["optional"]);
    assert_eq!(unresolved.meta.languages, Some(vec![Language::Python, Language::Rust]));
    let scope_leak = check("scope-leak");
    assert_eq!((scope_leak.on, scope_leak.meta.severity, scope_leak.line), (true, Severity::Warn, None));
    assert!(!check("wildcard-import").on);
    let duplicates = check("duplicate-definition");
    let CheckOptions::DuplicateDefinition(options) = &duplicates.options else { panic!("{duplicates:?}") };
    let texts = |patterns: &[Pattern]| patterns.iter().map(|p| p.text.clone()).collect::<Vec<_>>();
    assert_eq!((texts(&options.within), texts(&options.names)), (vec!["a".into()], vec!["*Config".into()]));
    assert_eq!((options.classes, options.functions), (true, false));
    assert!(duplicates.meta.except.is_empty(), "its `except` holds names, not importers");
}

#[test]
fn no_registry_has_the_defaults() {
    let none = Registry::default();
    assert_eq!(none.path, None);
    assert!(!none.scopes_written);
    let scopes: Vec<_> = none.scopes.iter().map(|scope| (scope.name.as_str(), scope.implied)).collect();
    assert_eq!(scopes, [("test", false), ("bench", true), ("example", true), ("tooling", true)]);
    assert!(none.scopes[0].files.is_match("a/tests/b.py"));
    assert!(none.scopes[0].judged.is_empty());
    let opaque = |name| {
        let subject = Subject { name, path: "x.py", scope: "production", language: Language::Python };
        none.python.opaque.iter().any(|pattern| pattern.matches(&subject))
    };
    assert!(opaque("a._version") && opaque("_version") && opaque("a.b_pb2_grpc") && !opaque("a.version"));
    let on: Vec<_> = none.checks.iter().filter(|check| check.on).map(|check| check.id).collect();
    assert_eq!(on.len(), 11);
    assert!(!on.contains(&"relative-import") && !on.contains(&"wildcard-import"));
}

#[test]
fn a_canonical_without_id_is_called_after_its_first_symbol() {
    let text = "version = 1\n[[canonical]]\nsymbols = [\"B\", \"A\"]\npath = \"m\"\n";
    assert_eq!(registry(text).entries[0].id, "B");
    assert!(!registry(text).scopes_written);
    assert_eq!(registry(text).scopes[0].name, "test");
}

#[test]
fn every_mistake_has_its_message_and_line() {
    let forbidden = "[[forbidden]]\nid = \"x\"\nfrom = [\"a\"]\nto = [\"b\"]\n";
    let table: &[(&str, &[&str])] = &[
        ("[forbiden]\n", &["2: unknown section `[forbiden]` (did you mean `forbidden`?)"]),
        ("[[forbiden]]\n", &["2: unknown section `[[forbiden]]` (did you mean `forbidden`?)"]),
        ("[forbidden]\nid = \"x\"\n", &["2: `forbidden` is written `[[forbidden]]`"]),
        ("[[checks]]\n", &["2: `checks` is written `[checks]`, once"]),
        ("project = 1\n", &["2: `project` must be a table, not an integer"]),
        (
            "[project]\nexclude = \"a\"\n",
            &["3: `exclude` must be a list of strings, not a string (put it in brackets: [\"a\"])"],
        ),
        (
            "[project]\nexclude = [\"a\",\n 1]\n",
            &["4: an item of `exclude` must be a string, not an integer"],
        ),
        ("[project]\nexclude = [\"[a\"]\n", &["3: `[a`: unclosed character class; missing ']'"]),
        ("[project]\nnmae = \"x\"\n", &["3: unknown key `nmae` in `[project]` (did you mean `name`?)"]),
        ("[project]\npage = \"../x.md\"\n", &["3: `../x.md` is not a file relative to the project root"]),
        (
            "[project]\ncolour = 1\n",
            &["3: unknown key `colour` in `[project]` (known here: name, exclude, page)"],
        ),
        ("[python]\nversion = 3.11\n", &["3: `version` must be a string, not a float"]),
        ("[python]\nversion = \"3\"\n", &["3: `3` is not a Python version such as `3.11`"]),
        ("[python]\nroots = [\"../a\"]\n", &["3: `../a` is not a directory relative to the project root"]),
        ("[python]\nfirst-party = [\"a.b\"]\n", &["3: `a.b` is not a top-level name"]),
        ("[python]\nopaque = [\"a..b\"]\n", &["3: `a..b`: a component is empty"]),
        ("[python]\nimport-names = { PIL = 1 }\n", &["3: `PIL` must be a string, not an integer"]),
        (
            "[[scope]]\nname = \"a b\"\nfiles = [\"x\"]\n",
            &["3: `a b` is not a name: letters, digits, `-`, `_` and `.` only"],
        ),
        (
            "[[scope]]\nname = \"x\"\nfiles = []\n",
            &[
                "4: `files` of `[[scope]]` is empty (`files`: Path globs as in .gitignore; `default` stands for the usual test files)",
            ],
        ),
        (
            "[doors]\n\"a.b\" = \"X\"\n",
            &["3: `a.b` must be a list of strings, not a string (put it in brackets: [\"X\"])"],
        ),
        ("[doors]\na.b = [\"X\"]\n", &["3: a dotted key of `[doors]` must be quoted (write `\"a.…\" = …`)"]),
        ("[doors]\n\"a:b\" = [\"X\"]\n", &["3: `a:b` names a symbol, but this is a module's dotted name"]),
        ("[doors]\n\"a-b\" = [\"X\"]\n", &["3: `a-b` is not a dotted name"]),
        ("[doors]\n\"a\" = [\"X.y\"]\n", &["3: `X.y` is not a symbol's name"]),
        ("[doors]\n\"a\" = [\"X\", \"*\"]\n", &["3: `*` already stands for every name: write it alone"]),
        ("[moved]\n\"a:b:c\" = \"d\"\n", &["3: `a:b:c` is neither `module` nor `module:Symbol`"]),
        ("[moved]\n\"a\" = \"a\"\n", &["3: `a` moves to itself"]),
        ("[moved]\n\"a\" = 1\n", &["3: `a` must be a string or a table, not an integer"]),
        ("[moved]\n\"a\" = { until = 2026-12-31 }\n", &["3: `a` needs `to` (`to`: The new path)"]),
        (
            "[moved]\n\"a\" = { to = \"b\", until = \"2026-12-31\" }\n",
            &["3: `until` must be a date, not a string (write it without quotes: 2026-12-31)"],
        ),
        (
            "[moved]\n\"a\" = { to = \"b\", until = 2026-12-31T10:00:00 }\n",
            &["3: `until` must be a date without a time, not 2026-12-31T10:00:00"],
        ),
        ("[moved]\n\"a\" = { to = \"b\", until = \"soon\" }\n", &["3: `until` must be a date, not a string"]),
        (
            "[moved]\n\"a\" = { to = \"b\", until = 2026-02-29 }\n",
            &["3: not valid TOML: invalid date, expected day between 01 and 28"],
        ),
        (
            "[moved]\n\"a\" = { to = \"b\", until = 2027-11-24 }\n",
            &["3: `until` is more than 366 days ahead (2027-11-23 is the last day that it can name)"],
        ),
        (
            "[[canonical]]\nsymbols = [\"*\"]\npath = \"a\"\n",
            &["3: `[[canonical]]` needs an `id` where its first symbol is `*`"],
        ),
        (
            "[[canonical]]\nsymbols = [\"A\"]\npath = \"a\"\ncompatible = [\"b\"]\n",
            &["5: an item of `compatible` must be a table, not a string"],
        ),
        (
            "[[canonical]]\nsymbols = [\"A\"]\npath = \"a\"\nretired = [\"b:\"]\n",
            &["5: `b:` is neither `module` nor `module:Symbol`"],
        ),
        (
            "[[forbidden]]\nid = \"x\"\nto = [\"b\"]\n",
            &["2: `[[forbidden]]` needs `from` (`from`: Who may not)"],
        ),
        (
            "[[forbidden]]\nid = \"x y\"\nfrom = [\"a\"]\nto = [\"b\"]\n",
            &["3: `x y` is not a name: letters, digits, `-`, `_` and `.` only"],
        ),
        (&format!("{forbidden}indirect = 1\n"), &["6: `indirect` must be true or false, not an integer"]),
        (
            &format!("{forbidden}severity = \"off\"\n"),
            &["6: `severity` cannot be `off` (known here: error, warn)"],
        ),
        (&format!("{forbidden}scopes = [\"tset\"]\n"), &["6: unknown scope `tset` (did you mean `test`?)"]),
        (
            &format!("{forbidden}languages = [\"pyton\"]\n"),
            &["6: an item of `languages` cannot be `pyton` (did you mean `python`?)"],
        ),
        (
            &format!("{forbidden}except-kinds = [\"egaer\"]\n"),
            &["6: an item of `except-kinds` cannot be `egaer` (did you mean `eager`?)"],
        ),
        (&format!("{forbidden}except = [\"a ->\"]\n"), &["6: `a ->`: an edge is written `A -> B`"]),
        (
            &format!("{forbidden}except = [\"a -> @perf\"]\n"),
            &["6: unknown scope `perf` (known here: production, test, bench, example, tooling)"],
        ),
        (
            &format!(
                "{forbidden}scopes = [\"tooling\", \"bench\", \"example\"]\nexcept = [\"@bench -> @test\"]\n"
            ),
            &[],
        ),
        ("[[forbidden]]\nid = \"x\"\noff = true\n", &["3: nothing is inherited by the id `x`"]),
        (
            &format!("{forbidden}{forbidden}"),
            &["7: the id `x` is taken: line 3 has it (give this entry another `id`)"],
        ),
        (&forbidden.replace('x', "moved"), &["3: `moved` is the id of `[moved]` (choose another `id`)"]),
        (&forbidden.replace('x', "expired"), &["3: `expired` is the id of a check (choose another `id`)"]),
        (
            "[[layers]]\nid = \"l\"\nordr = [\"a\"]\n",
            &[
                "2: `[[layers]]` needs `order` (`order`: The layers, highest first; `|` independent siblings, `:` may import each other, `(optional)`)",
                "4: unknown key `ordr` in `[[layers]]` (did you mean `order`?)",
            ],
        ),
        (
            "[[external]]\nid = \"e\"\nfrom = [\"a\"]\nonly = [\"b\"]\n",
            &["2: `[[external]]` needs `deny` or `only-packages`"],
        ),
        ("[[entrypoint]]\nid = \"e\"\nmodules = [\"tests.**.test_*\"]\n", &[]),
        (
            "[[entrypoint]]\nid = \"e\"\nships = [\"a:b\"]\n",
            &[
                "2: `[[entrypoint]]` needs `module` or `modules`",
                "4: `a:b`: `:` names a symbol, but this speaks of modules",
            ],
        ),
        (
            "[[entrypoint]]\nid = \"e\"\nmodule = \"a\"\nmodules = []\ncalls = [\"a.b\", \"c:d\"]\nabsent = [\"path:!a\"]\n",
            &[
                "5: `[[entrypoint]]` takes `module` or `modules`, not both (write two entries)",
                "6: `a.b` names no function: write `a.b:name`",
                "7: `path:!a`: a single path glob cannot be negated",
            ],
        ),
        (
            "[[entrypoint]]\nid = \"e\"\nmodules = [\"a\"]\nscopes = [\"test\"]\ncalls = [\"a:b\"]\n",
            &[
                "6: `calls` of `[[entrypoint]]` belongs to `module`, not to `modules` (write an entry with `module` for it)",
            ],
        ),
        (
            "[[entrypoint]]\nid = \"e\"\nmodule = \"a\"\nscopes = [\"test\"]\nexcept-kinds = [\"optional\"]\n",
            &[
                "5: `scopes` of `[[entrypoint]]` belongs to `modules`: one `module` is started whatever its scope (take it out)",
                "6: `except-kinds` of `[[entrypoint]]` has no use here: a start runs imports of every kind (take it out)",
            ],
        ),
        ("[[entrypoint]]\nid = \"e\"\nmodules = []\n", &["4: `modules` of `[[entrypoint]]` is empty"]),
        (
            "[[entrypoint]]\nid = \"e\"\nmodule = \"a.b:c.d\"\n",
            &["4: `a.b:c.d` is neither `module` nor `module:Symbol`"],
        ),
        (
            "[[independent]]\nid = \"i\"\nmodules = [\"a.b\", \"a::b::c\", \"python:a.b\", \"python:x\", \"rust:x\"]\n",
            &[
                "4: the member `a::b::c` is part of the member `a::b` (a member is a module and everything below it)",
                "4: the member `python:a.b` is named twice (remove one of them)",
            ],
        ),
        ("[[independent]]\nid = \"i\"\nmodules = [\"a::b\", \"bin:a\", \"a::bc\"]\n", &[]),
        (
            "[[layers]]\nid = \"l\"\norder = [\"x::a | x::b : c\", \"my-x::a\"]\n",
            &[
                "4: `x::a | x::b : c` joins names with both `|` and `:`",
                "4: `my-x::a`: a crate is named as in code: `my_x`, not `my-x`",
            ],
        ),
        ("[[allowed]]\nid = \"a\"\nfrom = [\"a\"]\nonly = []\n", &[]),
        (
            "[[layers]]\nid = \"l\"\norder = [\"a | =b\", \"c\", \"a\"]\nclosed = [\"c\", \"aa\"]\nexhaustive = true\n",
            &[
                "2: `exhaustive` needs `within` (name the package whose children must be placed)",
                "4: the member `a` is named twice (remove one of them)",
                "5: `aa` is no layer of `order` (did you mean `a`?)",
            ],
        ),
        (
            "[[independent]]\nid = \"i\"\nmodules = [\"a\", \"=a\", \"a.b.c\", \"=ab\", \"ab.c\", \"ab.*\"]\n",
            &[
                "4: the member `=a` is part of the member `a` (a member is a module and everything below it)",
                "4: the member `a.b.c` is part of the member `a` (a member is a module and everything below it)",
            ],
        ),
        ("[checks]\nexpierd = \"off\"\n", &["3: unknown check `expierd` (did you mean `expired`?)"]),
        ("[checks]\nexpired = \"warm\"\n", &["3: `expired` cannot be `warm` (did you mean `warn`?)"]),
        ("[checks]\nexpired = true\n", &["3: `expired` must be a level or a table, not a boolean"]),
        (
            "[checks]\nwildcard-import = { scopes = [\"test\"] }\n",
            &[
                "3: `wildcard-import` is off by default, so it needs a `level` (write `level = \"error\"` or `level = \"warn\"`)",
            ],
        ),
        (
            "[checks]\nrelative-import = { level = \"error\", allow = \"sibling\" }\n",
            &["3: `allow` cannot be `sibling` (did you mean `siblings`?)"],
        ),
        (
            "[checks]\nduplicate-definition = { level = \"warn\", kinds = [\"method\"] }\n",
            &["3: an item of `kinds` cannot be `method` (known here: class, function)"],
        ),
    ];
    for (text, expected) in table {
        assert_eq!(problems(&format!("version = 1\n{text}")), *expected, "{text}");
    }
    assert_eq!(problems(""), ["1: the registry needs `version` (write `version = 1`)"]);
    assert_eq!(problems("version = 2"), ["1: `version` must be 1, not 2"]);
    assert_eq!(problems("version = \"1\""), ["1: `version` must be the integer 1, not a string"]);
}

#[test]
fn default_files_can_be_taken_out() {
    let text = "version = 1\n[[scope]]\nname = \"production\"\nfiles = [\"app/**\", \"!default\"]\n";
    let scope = &registry(text).scopes[0];
    assert!(scope.files.is_match("app/a.py"));
    assert!(!scope.files.is_match("app/tests/a.py") && !scope.files.is_match("app/conftest.py"));
}

#[test]
fn the_last_day_that_a_date_can_name() {
    let text = "version = 1\n[moved]\n\"a\" = { to = \"b\", until = 2027-11-23 }\n";
    assert_eq!(problems(text), [""; 0]);
}

#[test]
fn six_mistakes_are_six_problems_in_file_order() {
    let text = "\
version = 1
[project]
exlude = [\"a\"]
[[scope]]
name = \"prod\"
files = [\"/\"]
[[forbidden]]
id = \"x\"
from = [\"@pord\"]
to = \"b\"
[[canonical]]
id = \"x\"
symbols = [\"A\"]
path = \"m\"
within = [\"a b\"]
";
    let expected = [
        "3: unknown key `exlude` in `[project]` (did you mean `exclude`?)",
        "6: `/` names no path",
        "9: unknown scope `pord` (did you mean `prod`?)",
        "10: `to` must be a list of strings, not a string (put it in brackets: [\"b\"])",
        "12: the id `x` is taken: line 8 has it (give this entry another `id`)",
        "15: `a b`: a name holds no spaces",
    ];
    assert_eq!(problems(text), expected);
}

#[test]
fn syntax_errors_stand_beside_the_others_and_have_no_echo() {
    let text =
        "version = 1\n[project]\nnmae = \"x\"\n[[forbidden]]\nid = \"x\nfrom = [\"a\"]\nto = [\"b\" \"c\"]\n";
    let expected = [
        "3: unknown key `nmae` in `[project]` (did you mean `name`?)",
        "5: not valid TOML: invalid basic string, expected `\"`",
        "7: not valid TOML: missing comma between array elements, expected `,`",
    ];
    assert_eq!(problems(text), expected);

    let unclosed = "version = 1\n[project]\nexclude = [\n\"a\"\n\n[python]\nopaque = [\"b\"]\n[doors]\n";
    let found = problems(unclosed);
    assert!(found.len() <= 3, "{found:?}");
    assert!(found.iter().any(|problem| problem.starts_with("6: not valid TOML")), "{found:?}");
    assert_eq!(problems("version = 1\nversion = 1\n"), ["2: not valid TOML: duplicate key"]);
}

#[test]
fn unique_entries_may_not_overlap() {
    let with = |first: &str, second: &str| {
        let entry = |id: &str, within: &str| {
            format!(
                "[[canonical]]\nid = \"{id}\"\nsymbols = [\"S\"]\npath = \"m.{id}\"\nunique = true\n{within}\n"
            )
        };
        problems(&format!("version = 1\n{}{}", entry("one", first), entry("two", second)))
    };
    let message = "10: `S` is `unique` in `one` too, and their `within` overlap (narrow one of them: `one` is at line 2)";
    let overlapping = [
        ("", ""),
        ("within = [\"a\"]", ""),
        ("within = [\"a\"]", "within = [\"a.b\"]"),
        ("within = [\"x\", \"=a.b\"]", "within = [\"a\"]"),
        ("within = [\"a.*\"]", "within = [\"a.b\"]"),
        ("within = [\"a.*\"]", "within = [\"a.*\"]"),
        ("within = [\"a.b\"]", "within = [\"a::b::c\"]"),
        ("within = [\"rust:a\"]", "within = [\"a.b\"]"),
    ];
    for (first, second) in overlapping {
        assert_eq!(with(first, second), [message], "{first} {second}");
    }
    for (first, second) in [
        ("within = [\"a\"]", "within = [\"b\"]"),
        ("within = [\"=a\"]", "within = [\"a.b\"]"),
        ("within = [\"a\"]", "within = [\"ab\"]"),
        ("within = [\"a.*\"]", "within = [\"*.b\"]"),
        ("within = [\"python:a\"]", "within = [\"rust:a\"]"),
        ("within = [\"python:a.b\"]", "within = [\"a::b\"]"),
        ("within = [\"python:a\"]", "within = [\"rust:**\"]"),
    ] {
        assert_eq!(with(first, second), [""; 0], "{first} {second}");
    }
    assert_eq!(
        problems("version = 1\n[[canonical]]\nsymbols = [\"S\", \"S\"]\npath = \"m\"\nunique = true\n"),
        [""; 0],
        "an entry is no rival of itself"
    );
    let not_unique = "version = 1\n[doors]\n\"a\" = [\"S\"]\n\"b\" = [\"S\"]\n";
    assert_eq!(problems(not_unique), [""; 0]);
}

#[test]
fn entries_come_in_file_order_whatever_their_kind() {
    let forbidden = |id: &str| format!("[[forbidden]]\nid = \"{id}\"\nfrom = [\"a\"]\nto = [\"b\"]\n");
    let canonical = "[[canonical]]\nsymbols = [\"S\"]\npath = \"m\"\n";
    let text =
        format!("version = 1\n{}{canonical}{}[moved]\n\"a\" = \"b\"\n", forbidden("f1"), forbidden("f2"));
    let ids: Vec<_> = registry(&text).entries.iter().map(|entry| (entry.id.clone(), entry.line)).collect();
    let expected = [("f1", 2), ("S", 6), ("f2", 9), ("moved", 13)];
    assert_eq!(ids, expected.map(|(id, line)| (id.to_owned(), line)));
}

#[test]
fn registries_inside_manifests_keep_their_places() {
    let pyproject = "\
[project]
name = \"x\"
version = \"0.1\"

[tool.importlaw]
version = 1

[[tool.importlaw.forbidden]]
id = \"f\"
from = [\"a\"]
to = [\"b\"]
";
    let entry = read(pyproject, Home::Pyproject).unwrap().entries.remove(0);
    assert_eq!((entry.line, written(pyproject, entry.span)), (8, "[[tool.importlaw.forbidden]]"));

    let wrong = pyproject.replace("from", "form").replace("\nversion = 1\n", "\n");
    let expected = [
        "5: the registry needs `version` (write `version = 1`)",
        "7: `[[forbidden]]` needs `from` (`from`: Who may not)",
        "9: unknown key `form` in `[[forbidden]]` (did you mean `from`?)",
    ];
    assert_eq!(problems_in(&wrong, Home::Pyproject), expected);

    let cargo =
        "[workspace]\nmembers = []\n[workspace.metadata.importlaw]\nversion = 1\nchecks.expired = \"off\"\n";
    let registry = read(cargo, Home::Workspace).unwrap();
    let expired = registry.checks.iter().find(|check| check.id == "expired").unwrap();
    assert_eq!((expired.on, expired.line), (false, Some(5)));
    assert_eq!(
        problems_in("[workspace]\n", Home::Workspace),
        ["1: there is no [workspace.metadata.importlaw] in Cargo.toml"]
    );
}

#[test]
fn a_package_may_hold_the_registry() {
    let text =
        "[package]\nname = \"p\"\n[package.metadata.importlaw]\nversion = 1\nchecks.expird = \"off\"\n";
    assert_eq!(problems_in(text, Home::Package), ["5: unknown check `expird` (did you mean `expired`?)"]);
    let text = text.replace("expird", "expired");
    let registry = read(&text, Home::Package).unwrap();
    let expired = registry.checks.iter().find(|check| check.id == "expired").unwrap();
    assert_eq!((expired.on, expired.line), (false, Some(5)));
}

#[test]
fn manifests_are_files_below_the_root() {
    let text = "version = 1\n[rust]\nmanifests = [\"./a/Cargo.toml\", \"Cargo.toml\"]\n";
    let manifests = registry(text).rust.manifests.unwrap();
    let shown: Vec<_> =
        manifests.iter().map(|item| (item.text.as_str(), written(text, item.span), item.line)).collect();
    assert_eq!(shown, [("a/Cargo.toml", "\"./a/Cargo.toml\"", 3), ("Cargo.toml", "\"Cargo.toml\"", 3)]);
    assert_eq!(registry("version = 1\n[rust]\nmanifests = []\n").rust.manifests, Some(vec![]));
    assert_eq!(registry("version = 1\n[rust]\n").rust.manifests, None);
    assert_eq!(
        problems("version = 1\n[rust]\nmanifests = [\"../Cargo.toml\", \"a/\"]\nmanifest = \"Cargo.toml\"\n"),
        [
            "3: `../Cargo.toml` is not a file relative to the project root",
            "3: `a/` is not a file relative to the project root",
            "4: unknown key `manifest` in `[rust]` (did you mean `manifests`?)",
        ]
    );
}

#[test]
fn one_registry_is_found_and_two_are_refused() {
    let pyproject = ("pyproject.toml", "[tool.importlaw]\nversion = 1\n");
    let workspace = "[workspace.metadata.importlaw]\nversion = 1\n";
    let package = "[package.metadata.importlaw]\nversion = 1\n";
    let own = ("importlaw.toml", "");
    let both = format!("{workspace}{package}");
    assert_eq!(find(&[]), Ok(None));
    for (texts, expected) in [
        (&[("pyproject.toml", "[tool.ruff]\n# importlaw\n"), ("Cargo.toml", "[package]")][..], None),
        (&[pyproject, ("Cargo.toml", "")], Some(Home::Pyproject)),
        (&[own], Some(Home::Own)),
        (&[("Cargo.toml", workspace)], Some(Home::Workspace)),
        (&[("Cargo.toml", package)], Some(Home::Package)),
        (&[("Cargo.toml", "[workspace]\n[package.metadata]\nimportlaw = {}\n")], Some(Home::Package)),
    ] {
        assert_eq!(find(texts), Ok(expected), "{texts:?}");
    }
    for (texts, one, other) in [
        (
            &[("Cargo.toml", workspace), pyproject][..],
            "[tool.importlaw] in pyproject.toml",
            "[workspace.metadata.importlaw] in Cargo.toml",
        ),
        (&[("Cargo.toml", package), own], "importlaw.toml", "[package.metadata.importlaw] in Cargo.toml"),
        (
            &[("Cargo.toml", both.as_str())],
            "[workspace.metadata.importlaw] in Cargo.toml",
            "[package.metadata.importlaw] in Cargo.toml",
        ),
    ] {
        let message = format!("two registries: {one} and {other}");
        assert_eq!(find(texts).unwrap_err().to_string(), message, "{texts:?}");
    }
    for (name, text, expected) in [
        ("pyproject.toml", "", Home::Pyproject),
        ("rules.toml", package, Home::Own),
        ("Cargo.toml", package, Home::Package),
        ("Cargo.toml", workspace, Home::Workspace),
        ("Cargo.toml", "", Home::Workspace),
    ] {
        assert_eq!(Home::of(name, text), expected, "{name} {text}");
    }
    assert_eq!(Home::Package.section("project"), "[package.metadata.importlaw.project]");
}

#[test]
fn the_hash_is_fnv_1a_of_the_text() {
    assert_eq!(hash(""), "6c62272e07bb014262b821756295c58d");
    assert_eq!(hash("a"), "d228cb696f1a8caf78912b704e4a8964");
}

#[test]
fn a_byte_order_mark_shifts_nothing() {
    let text = "\u{feff}version = 1\n[[forbidden]]\nid = \"f\"\nfrom = [\"a\"]\nto = [\"b\"]\n";
    let entry = registry(text).entries.remove(0);
    assert_eq!((entry.line, written(text, entry.span)), (2, "[[forbidden]]"));
}

#[test]
fn nesting_without_end_is_an_error_and_no_overflow() {
    let brackets = format!("version = 1\nx = {}", "[".repeat(100_000));
    assert_eq!(problems(&brackets), ["2: not valid TOML: cannot recurse further; max recursion depth met"]);
    let dots = format!("version = 1\n{}b = 1", "a.".repeat(100_000));
    // The parser does not say where.
    assert_eq!(problems(&dots), ["1: not valid TOML: recursion limit"]);
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(from in 0..EXAMPLE.len(), length in 0..40_usize, put in "[\\PC\\n]{0,6}") {
        let end = (from + length).min(EXAMPLE.len());
        if EXAMPLE.is_char_boundary(from) && EXAMPLE.is_char_boundary(end) {
            let text = format!("{}{put}{}", &EXAMPLE[..from], &EXAMPLE[end..]);
            if let Err(errors) = read(&text, Home::Own) {
                prop_assert!(!errors.problems().is_empty());
                prop_assert!(errors.problems().is_sorted_by_key(|problem| problem.span.start));
                let mut shown = String::new();
                let handler = miette::GraphicalReportHandler::new_themed(miette::GraphicalTheme::unicode_nocolor());
                prop_assert!(handler.render_report(&mut shown, &errors).is_ok());
            }
        }
    }
}
