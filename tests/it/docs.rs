//! `rules/docs/*.md` run: every example is a project, every finding it states is found, and no other.

use std::collections::BTreeMap;

use importlaw::baseline::{self, Baseline};
use importlaw::check::{Options, STACK, check_texts};
use importlaw::facts::Date;
use importlaw::registry::Registry;
use importlaw::registry::load::{Home, load, load_extending};
use importlaw::rules::ALL;
use importlaw::source::RelPath;
use importlaw::violation::{Severity, Status};

/// The day the documents are written for.
const AS_OF: &str = "2026-11-22";

#[derive(Default)]
struct Example {
    title: String,
    files: BTreeMap<String, String>,
    compliance: Option<String>,
}

/// The `## Example…` sections of a document, each a project of its own.
fn examples(docs: &str) -> Vec<Example> {
    let mut examples = Vec::new();
    let mut current: Option<Example> = None;
    let mut path = None;
    let mut lines = docs.lines();
    while let Some(line) = lines.next() {
        if let Some(title) = line.strip_prefix("## ") {
            examples.extend(current.take());
            if title.starts_with("Example") {
                current = Some(Example { title: title.to_owned(), ..Example::default() });
            }
        } else if let Some(value) = line.strip_prefix("compliance: ") {
            if let Some(example) = &mut current {
                example.compliance = Some(value.trim().to_owned());
            }
        } else if let Some(name) = line.strip_prefix('`').and_then(|rest| rest.strip_suffix("`:")) {
            path = Some(name.to_owned());
        } else if line.starts_with("```") {
            let text: Vec<&str> = lines.by_ref().take_while(|line| !line.starts_with("```")).collect();
            if let (Some(path), Some(example)) = (path.take(), &mut current) {
                let twice = example.files.insert(path.clone(), text.join("\n") + "\n");
                assert!(twice.is_none(), "{}: {path} stands there twice", example.title);
            }
        }
    }
    examples.extend(current);
    examples
}

/// A finding as a document states it: `# error: [rule] "part of the message"`, in Rust behind `//`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Stated {
    path: String,
    line: u32,
    level: String,
    rule: String,
    part: String,
}

fn stated(example: &Example) -> Vec<Stated> {
    let mut all = Vec::new();
    for (path, text) in &example.files {
        for (at, line) in text.lines().enumerate() {
            for level in ["error", "warn", "known", "waived"] {
                let sign = if path.ends_with(".rs") { "//" } else { "#" };
                for rest in line.split(&format!("{sign} {level}: [")).skip(1) {
                    let (rule, rest) = rest.split_once("] \"").expect("`level: [rule] \"part\"`");
                    let (part, _) = rest.split_once('"').expect("a closing quote");
                    all.push(Stated {
                        path: path.clone(),
                        line: at as u32 + 1,
                        level: level.to_owned(),
                        rule: rule.to_owned(),
                        part: part.to_owned(),
                    });
                }
            }
        }
    }
    all.sort();
    all
}

fn run(example: &Example) -> Result<(), String> {
    let as_of = Date::parse(AS_OF).expect("a date");
    let beside = |written: &str, _: &RelPath| match example.files.get(written) {
        Some(text) => Ok((RelPath::new(written), text.clone())),
        None => Err(format!("`{written}` does not exist")),
    };
    let registry = match example.files.get("importlaw.toml") {
        Some(text) => load_extending(&RelPath::new("importlaw.toml"), text, Home::Own, as_of, &beside)
            .map_err(|errors| format!("the registry is wrong: {:?}", errors.problems()))?,
        None => Registry::default(),
    };
    // No comment may stand in it: what is stated behind a line is no part of it.
    let lines = |text: &String| -> String {
        let entries = text.lines().map(|line| line.split("  # ").next().unwrap_or(line));
        entries.flat_map(|line| [line, "\n"]).collect()
    };
    let baseline = example
        .files
        .get(baseline::FILE)
        .map(|text| Baseline::read(baseline::FILE, lines(text), as_of))
        .transpose()
        .map_err(|errors| format!("the baseline is wrong: {:?}", errors.problems))?;
    let texts =
        example.files.iter().map(|(path, text)| (RelPath::new(path.as_str()), text.clone().into_bytes()));
    let report = check_texts(&registry, texts.collect(), &Options { baseline, ..Options::as_of(as_of) })
        .map_err(|e| e.to_string())?;
    let mut missing = stated(example);
    let mut problems = Vec::new();
    for finding in &report.findings {
        let level = match (finding.violation.status, finding.violation.severity) {
            (Status::Waived, _) => "waived",
            (Status::Known, _) => "known",
            (_, Severity::Error) => "error",
            (_, Severity::Warn) => "warn",
        };
        let at = missing.iter().position(|stated| {
            stated.path == finding.path
                && stated.line == finding.line
                && stated.level == level
                && stated.rule == finding.violation.rule
                && finding.violation.message.contains(&stated.part)
        });
        match at {
            Some(at) => drop(missing.remove(at)),
            None => problems.push(format!(
                "not stated: {}:{} {level}: [{}] \"{}\"",
                finding.path, finding.line, finding.violation.rule, finding.violation.message
            )),
        }
    }
    problems.extend(missing.iter().map(|stated| format!("not found: {stated:?}")));
    let compliance = report.summary.tally.compliance.map_or("n/a".to_owned(), |value| format!("{value:.1}"));
    if example.compliance.as_ref().is_some_and(|stated| *stated != compliance) {
        problems.push(format!("compliance is {compliance}, {:?} is stated", example.compliance));
    }
    if problems.is_empty() { Ok(()) } else { Err(problems.join("\n    ")) }
}

#[test]
fn every_example_finds_what_it_states_and_nothing_else() {
    let checked = std::thread::Builder::new().stack_size(STACK).spawn(|| {
        let mut problems = Vec::new();
        for rule in ALL {
            let examples = examples(rule.docs);
            assert!(examples.len() >= 2, "{} has {} examples", rule.id, examples.len());
            for example in examples {
                if let Err(problem) = run(&example) {
                    problems.push(format!("rules/docs/{}.md, {}:\n    {problem}", rule.id, example.title));
                }
            }
        }
        assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
    });
    checked.expect("a thread").join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
}

/// What a reader asks of every rule, in the order of the document.
const SECTIONS: [&str; 5] = ["## In the registry", "## Judged", "## Not judged", "## Fix", "## Waive"];

#[test]
fn every_document_answers_what_a_reader_asks() {
    for rule in ALL {
        let headings = rule.docs.lines().filter(|line| line.starts_with("## "));
        let before: Vec<&str> = headings.take_while(|line| !line.starts_with("## Example")).collect();
        assert_eq!(before, SECTIONS, "{}", rule.id);
        let section = |title: &str| rule.docs.split(title).nth(1).and_then(|rest| rest.split("\n## ").next());
        let registry = section(SECTIONS[0]).expect("it was found");
        let shown: Vec<&str> = registry.lines().filter_map(|line| line.strip_prefix("    ")).collect();
        assert!(!shown.is_empty(), "{} shows no registry", rule.id);
        let text = format!("version = 1\n{}\n", shown.join("\n"));
        let as_of = Date::parse(AS_OF).expect("a date");
        let loaded = load(&RelPath::new("importlaw.toml"), &text, Home::Own, as_of);
        if let Err(errors) = loaded {
            panic!("{} shows a registry that is wrong: {:?}", rule.id, errors.problems());
        }
        let waive = section(SECTIONS[4]).expect("it was found");
        let spelled = waive.contains("`# importlaw: allow");
        assert!(spelled || waive.contains("cannot be waived"), "{} says not how to waive", rule.id);
        let prose = rule.docs.lines().skip(3).take_while(|line| !line.starts_with("## Example"));
        let too_long = prose.map(str::to_owned).find(|line| line.chars().count() > 120);
        assert_eq!(too_long, None, "{}", rule.id);
    }
}

#[test]
fn every_further_example_finds_what_it_states_and_nothing_else() {
    let checked = std::thread::Builder::new().stack_size(STACK).spawn(|| {
        let failed = examples(include_str!("examples.md")).into_iter().filter_map(|example| {
            run(&example).err().map(|problem| format!("{}:\n    {problem}", example.title))
        });
        let problems: Vec<String> = failed.collect();
        assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
    });
    checked.expect("a thread").join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
}

#[test]
fn the_folder_and_the_table_agree() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("rules/docs");
    let mut files: Vec<String> = std::fs::read_dir(folder)
        .expect("rules/docs")
        .map(|entry| {
            entry.expect("an entry").file_name().to_string_lossy().trim_end_matches(".md").to_owned()
        })
        .collect();
    files.sort();
    let mut table: Vec<&str> = ALL.iter().map(|rule| rule.id).collect();
    table.sort_unstable();
    assert_eq!(files, table);
}
