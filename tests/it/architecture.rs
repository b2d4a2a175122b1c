//! This repository under its own `importlaw.toml`: it holds, in full, and what breaks it is found.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use importlaw::check::{Options, STACK, check_texts};
use importlaw::facts::Date;
use importlaw::registry::load::{Home, load};
use importlaw::registry::{EntryKind, Registry};
use importlaw::report::{Finding, Report};
use importlaw::source::RelPath;

use crate::fixture;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn today() -> Date {
    Date::parse("2026-11-22").unwrap()
}

fn own_registry() -> (String, Registry) {
    let text = std::fs::read_to_string(root().join("importlaw.toml")).unwrap();
    let registry = load(&RelPath::new("importlaw.toml"), &text, Home::Own, today()).unwrap();
    (text, registry)
}

#[test]
fn this_repository_obeys_its_own_registry() {
    let (_, report) = fixture::judged(root());
    let found: Vec<String> = report.findings.iter().map(shown).collect();
    assert_eq!(found, [""; 0]);
    let summary = report.summary;
    assert_eq!(summary.tally.compliance, Some(100.0), "{:?}", summary.tally);
    assert_eq!(summary.rules.holding, summary.rules.total);
    // A rule that governs nothing would hold as well, and so would all of them over one language alone.
    for (rule, language) in [("one-direction", "rust"), ("scripts-need-little", "python")] {
        assert!(summary.by_rule[rule].tally.compliant > 10, "{rule} does not see {language}");
    }
}

#[test]
fn every_top_level_module_must_have_its_place() {
    let (_, registry) = own_registry();
    let order = registry.entries.iter().find(|entry| entry.id == "one-direction").unwrap();
    let EntryKind::Layers(layers) = &order.kind else { panic!("{order:?}") };
    let within: Vec<&str> = layers.within.iter().map(|pattern| pattern.text.as_str()).collect();
    assert_eq!((within, layers.exhaustive, order.meta.scopes.is_none()), (vec!["importlaw"], true, true));
}

#[test]
fn what_breaks_it_is_found() {
    let (registry_text, registry) = own_registry();
    let mut texts = own_texts();
    let mut plant = |path: &str, line: &str| {
        let text = texts.entry(RelPath::new(path)).or_default();
        let before = String::from_utf8_lossy(text).lines().count();
        text.extend_from_slice(format!("{line}\n").as_bytes());
        before + 1
    };
    let upward = plant("src/source.rs", "use crate::commands::Exit;");
    let disk = plant("src/hash.rs", "fn key() { matches!(std::fs::read(\"key\"), Ok(_)); }");
    let sibling = plant("src/rules/allowed.rs", "use super::layers::RULE as ORDER;");
    plant("src/lib.rs", "mod newcomer;");
    plant("src/newcomer.rs", "");
    plant("src/stray.rs", "");
    let within = 1 + registry_text.lines().position(|line| line == "within     = [\"importlaw\"]").unwrap();

    let run = move || check_texts(&registry, texts, &Options::as_of(today()));
    let judge = std::thread::Builder::new().stack_size(STACK).spawn(run).unwrap();
    let report: Report = judge.join().unwrap().unwrap();
    let found: Vec<String> = report.findings.iter().map(shown).collect();
    assert_eq!(
        found,
        [
            format!(
                "importlaw.toml:{within} one-direction: `importlaw::newcomer` is in no layer of `one-direction`, \
                 which is exhaustive"
            ),
            format!(
                "src/hash.rs:{disk} disk: `importlaw::hash` imports `std::fs::read`, which only \
                 `importlaw::discover`, `importlaw::registry::load` or `importlaw::commands` may use"
            ),
            format!(
                "src/rules/allowed.rs:{sibling} rules-apart: `importlaw::rules::allowed` imports \
                 `importlaw::rules::layers::RULE`, but may import only `=importlaw::rules`, \
                 `importlaw::rules::context`, `importlaw::rules::suggest`, `importlaw::rules::members` or 14 more"
            ),
            format!(
                "src/source.rs:{upward} one-direction: `importlaw::source` imports `importlaw::commands::Exit`, \
                 but `source` lies below `commands` in `one-direction`"
            ),
            "src/stray.rs:1 orphan-file: no target of the package `importlaw` reaches this file".to_owned(),
        ]
    );
}

/// The texts that the registry speaks of, by their paths.
fn own_texts() -> BTreeMap<RelPath, Vec<u8>> {
    let root = root();
    let text = |path: &Path| {
        let relative = path.strip_prefix(&root).unwrap().to_str().unwrap().replace('\\', "/");
        (RelPath::new(relative), std::fs::read(path).unwrap())
    };
    let files = ["src", "tests", "benches", "docs", "Cargo.toml"]
        .into_iter()
        .flat_map(|name| walkdir::WalkDir::new(root.join(name)).into_iter().map(Result::unwrap));
    files.filter(|entry| entry.file_type().is_file()).map(|entry| text(entry.path())).collect()
}

fn shown(finding: &Finding) -> String {
    let Finding { violation, path, line, .. } = finding;
    format!("{path}:{line} {}: {}", violation.rule, violation.message)
}
