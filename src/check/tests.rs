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
