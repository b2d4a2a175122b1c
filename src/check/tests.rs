use std::fs;

use tempfile::TempDir;

use super::*;
use crate::report::Finding;

fn tree() -> (TempDir, Sources) {
    let dir = TempDir::new().unwrap();
    fs::write(dir.path().join("a.py"), "import b.gone\n").unwrap();
    fs::write(dir.path().join("b.py"), "").unwrap();
    let sources = Sources::from_disk(dir.path(), &|_| false).unwrap();
    (dir, sources)
}

fn options() -> Options {
    Options::as_of(Date::parse("2026-11-22").unwrap())
}

fn shown(finding: &Finding) -> (&str, u32, u32, &str, &str) {
    let Finding { path, line, column, violation, snippet, .. } = finding;
    (path, *line, *column, &violation.message, &snippet.text)
}

#[test]
fn a_file_that_vanishes_before_it_is_read_is_a_finding() {
    let (dir, sources) = tree();
    fs::remove_file(dir.path().join("b.py")).unwrap();
    let report = check(&Registry::default(), &sources, &options()).unwrap();
    let found: Vec<_> = report.findings.iter().map(shown).collect();
    let vanished = "does not parse: it cannot be read: No such file or directory (os error 2)";
    assert_eq!(
        found,
        [("a.py", 1, 8, "`b.gone` does not exist; `b` does", "import b.gone"), ("b.py", 1, 1, vanished, "")]
    );
    assert!(report.fails());
}

#[test]
fn a_file_that_changes_after_it_was_read_is_shown_without_its_text() {
    for change in [None, Some(""), Some("x = 1\n# \u{e9}\u{e9}\u{e9}\u{e9}")] {
        let (dir, sources) = tree();
        let registry = Registry::default();
        let analysis = analyse(&registry, &sources).unwrap();
        let file = dir.path().join("a.py");
        match change {
            None => fs::remove_file(file).unwrap(),
            Some(text) => fs::write(file, text).unwrap(),
        }
        let report = judge(&registry, &sources, &analysis, &options()).unwrap();
        let found: Vec<_> = report.findings.iter().map(shown).collect();
        assert_eq!(found, [("a.py", 1, 1, "`b.gone` does not exist; `b` does", "")], "{change:?}");
    }
}

#[test]
fn a_tree_whose_only_source_cannot_be_read_was_not_found_empty() {
    let mut sources = Sources::default();
    sources.unreadable.push((RelPath::new("x.py"), "it is a FIFO".to_owned()));
    let report = check(&Registry::default(), &sources, &options()).unwrap();
    assert_eq!(report.findings.iter().map(|finding| finding.path.as_str()).collect::<Vec<_>>(), ["x.py"]);
    assert_eq!(report.summary.tally.compliance, Some(0.0));
}

fn registry(text: &str) -> Registry {
    let path = RelPath::new("importlaw.toml");
    crate::registry::load::load(&path, text, crate::registry::load::Home::Own, options().as_of)
        .unwrap_or_else(|errors| panic!("{:#?}", errors.problems()))
}

/// `text` over one project, with the modules below `lab` put into the scope `bench`, as Rust has it.
fn with_a_bench(text: &str) -> Report {
    let files = [("app.py", "import lab.speed\n"), ("lab/speed.py", "import app\n"), ("lab/__init__.py", "")];
    let texts = files.iter().map(|(path, text)| (RelPath::new(*path), text.as_bytes().to_vec()));
    let sources = Sources::from_memory(texts.collect::<BTreeMap<_, _>>());
    let registry = registry(&format!("version = 1\n{text}"));
    let mut analysis = analyse(&registry, &sources).unwrap();
    let bench = registry.scopes.iter().position(|scope| scope.name == "bench").unwrap();
    for module in analysis.graph.modules.iter_mut().filter(|module| module.name == "lab.speed") {
        module.scope = bench as u16;
    }
    judge(&registry, &sources, &analysis, &options()).unwrap()
}

#[test]
fn a_scope_that_exists_by_itself_is_one_like_any_other() {
    let forbid = "[[forbidden]]\nid = \"f\"\nfrom = [\"@bench\"]\nto = [\"app\"]\nscopes = [\"bench\"]\n";
    let leak = "[[scope]]\nname = \"test\"\nfiles = [\"default\"]\n";
    for (text, expected) in [
        (forbid.to_owned(), vec!["`lab.speed` imports `app`, which `f` forbids"]),
        // That scopes exist by themselves does not make `scope-leak` judge.
        (String::new(), vec![]),
        (leak.to_owned(), vec!["production module imports `lab.speed`, which is of scope `bench`"]),
    ] {
        let report = with_a_bench(&text);
        let found: Vec<_> =
            report.findings.iter().map(|finding| finding.violation.message.as_str()).collect();
        assert_eq!(found, expected, "{text}");
        let scopes: Vec<_> = report.summary.by_scope.keys().map(String::as_str).collect();
        assert_eq!(scopes, ["bench", "production"], "those alone of which something is governed");
    }
}

#[test]
fn a_scope_without_modules_is_no_scope_to_speak_of() {
    let scoped = |scope: &str| {
        let entry = format!(
            "[[forbidden]]\nid = \"f\"\nfrom = [\"app\"]\nto = [\"lab\"]\nscopes = [\"{scope}\", \"production\"]\n"
        );
        let report =
            with_a_bench(&format!("{entry}[checks]\nunresolved-import = {{ scopes = [\"{scope}\"] }}\n"));
        let findings = report.findings.iter().filter(|finding| finding.violation.kind == "unmatched-entry");
        findings.map(|finding| (finding.line, finding.violation.message.clone())).collect::<Vec<_>>()
    };
    let none = "`scopes`: no module is of scope `tooling`".to_owned();
    assert_eq!(scoped("tooling"), [(6, none.clone()), (8, none)]);
    assert_eq!(scoped("bench"), []);
    assert_eq!(scoped("test"), [], "it has files, written or not");
}

#[test]
fn a_written_production_and_the_rest_are_one_scope() {
    let texts = [("a.py", "import b\n"), ("b.py", "import a\n")];
    let texts = texts.iter().map(|(path, text)| (RelPath::new(*path), text.as_bytes().to_vec())).collect();
    let text = "version = 1\n[[scope]]\nname = \"production\"\nfiles = [\"a.py\"]\n";
    let report = check_texts(&registry(text), texts, &options()).unwrap();
    assert_eq!(report.summary.by_scope["production"].governed, 2);
    assert_eq!(report.summary.by_scope.len(), 1);
}
