//! Cyclic imports: CPython loads some and dies of others, and `[[entrypoint]]` says the same of each.
//!
//! CPython itself decides, in the test: all packages are written to one directory, one python3 process forks once for each
//! and imports its entry. The cases are shapes × positions ([`generated`]) and what is written by hand ([`SPECIALS`]).

mod cases;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use importlaw::check::{Options, STACK, check_texts};
use importlaw::facts::Date;
use importlaw::formats::{Format, TextOptions};
use importlaw::registry::load::{Home, load};
use importlaw::report::Report;
use importlaw::source::RelPath;

use cases::{Case, Demand, generated, specials};

/// Imports each case's entry in a process of its own; a case's JSON is `[name, root, entry]`.
const DRIVER: &str = r#"
import contextlib, functools, importlib, json, os, sys, typing, warnings

def start(root, entry):
    sys.path.insert(0, root)
    module, _, name = entry.partition(":")
    try:
        loaded = importlib.import_module(module)
        if name:
            getattr(loaded, name)
    except BaseException as error:
        return [type(error).__name__, str(error)]
    return ["loads", ""]

warnings.simplefilter("ignore")
outcomes = {}
for name, root, entry in json.load(sys.stdin):
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writing, json.dumps(start(root, entry)).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        outcomes[name] = json.load(pipe)
    os.waitpid(child, 0)
json.dump(outcomes, sys.stdout)
"#;

/// All cases, and what CPython did with each by name.
static ASKED: LazyLock<(Vec<Case>, BTreeMap<String, Outcome>)> = LazyLock::new(|| {
    let mut cases = generated();
    cases.extend(specials());
    let outcomes = cpython(&cases);
    (cases, outcomes)
});

/// The interpreter's own version: it decides what annotations run.
static PYTHON: LazyLock<String> = LazyLock::new(|| {
    let script = "import sys; print('%d.%d' % sys.version_info[:2], end='')";
    let asked = Command::new("python3").args(["-I", "-c", script]).output().expect("python3 runs");
    String::from_utf8(asked.stdout).expect("a version")
});

/// What CPython did.
#[derive(Debug, PartialEq, Eq)]
struct Outcome {
    /// `loads`, or the exception's type.
    kind: String,
    message: String,
}

/// What we say.
#[derive(Debug, PartialEq, Eq)]
enum Said {
    Starts,
    Dies(Vec<String>),
    Unknown(Vec<String>),
}

impl Outcome {
    fn loads(&self) -> bool {
        self.kind == "loads"
    }

    /// Whether the rule speaks of it: an ImportError, or the AttributeError of a module that is still being initialised.
    fn is_judged(&self) -> bool {
        self.loads()
            || self.kind.ends_with("ImportError")
            || self.kind == "ModuleNotFoundError"
            || self.message.contains("partially initialized module")
    }

    /// The missing module and name; empty for an error in words of its own.
    fn missing(&self) -> Vec<&str> {
        let quoted: Vec<&str> = self.message.split('\'').skip(1).step_by(2).collect();
        let ours = ["cannot import name", "No module named", "partially initialized module"];
        if ours.iter().any(|words| self.message.starts_with(words)) { quoted } else { Vec::new() }
    }
}

#[test]
fn every_case_is_about_imports() {
    let (cases, outcomes) = &*ASKED;
    let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
    let mut strange = Vec::new();
    for case in cases {
        let outcome = &outcomes[&case.name];
        *counts.entry(&outcome.kind).or_default() += 1;
        let kinds = ["loads", "ImportError", "ModuleNotFoundError", "AttributeError"];
        if !kinds.contains(&outcome.kind.as_str()) {
            strange.push(format!("{outcome:?}\n{}", case.text()));
        }
    }
    assert!(strange.is_empty(), "{}", strange.join("\n"));
    assert!(counts["loads"] > 150 && counts["ImportError"] > 150, "{counts:?}");
    let names: BTreeSet<&str> = cases.iter().map(|case| case.name.as_str()).collect();
    assert_eq!(names.len(), cases.len(), "a name is used twice");
}

#[test]
fn what_cpython_loads_starts_and_nothing_else_does() {
    compare(ours_alone);
}

/// What many starts share must not change what becomes of one.
#[test]
fn a_start_among_many_is_as_a_start_alone() {
    compare(ours_among_all);
}

fn compare(ours: fn(&Case) -> Said) {
    let (cases, outcomes) = &*ASKED;
    let differing: Vec<String> = on_a_stack(move || {
        cases.iter().filter_map(|case| difference(case, &outcomes[&case.name], &ours(case))).collect()
    });
    assert!(differing.is_empty(), "{} cases differ\n\n{}", differing.len(), differing.join("\n"));
}

/// How our verdict differs from CPython's, for a person; None where it does not.
fn difference(case: &Case, outcome: &Outcome, said: &Said) -> Option<String> {
    let agrees = match (said, case.demand) {
        _ if !outcome.is_judged() => true,
        (Said::Starts, _) if outcome.loads() => true,
        (Said::Dies(messages), _) if !outcome.loads() => names_the_cause(messages, outcome),
        (Said::Unknown(_), demand) => demand != Demand::Exact,
        (Said::Starts, demand) => demand == Demand::NoFalseDeath,
        (Said::Dies(_), _) => false,
    };
    (!agrees).then(|| format!("CPython: {} {}\nwe: {said:?}\n{}", outcome.kind, outcome.message, case.text()))
}

/// Whether a message names all that CPython's does.
fn names_the_cause(messages: &[String], outcome: &Outcome) -> bool {
    let missing = outcome.missing();
    messages.iter().any(|message| missing.iter().all(|name| message.contains(name)))
}

/// The entry in an `[[entrypoint]]` of its own.
fn ours_alone(case: &Case) -> Said {
    let report = report(case, &format!("module = \"{}\"", case.entry));
    let dies: Vec<String> = report
        .findings
        .iter()
        .filter(|finding| finding.violation.rule == "starts")
        .map(|finding| format!("{}:{} {}", finding.path, finding.line, finding.violation.message))
        .collect();
    let unknown =
        report.unknown.iter().filter(|row| row.rule == "starts").map(|row| row.why.clone()).collect();
    said(dies, unknown)
}

/// The entry as one of all modules of the tree.
fn ours_among_all(case: &Case) -> Said {
    let tops: BTreeSet<&str> = case
        .files
        .keys()
        .map(|path| path.split('/').next().unwrap_or(path).trim_end_matches(".py"))
        .collect();
    let report = report(case, &format!("modules = {:?}", tops.iter().collect::<Vec<_>>()));
    // A name after `:` is not asked for among many; that it is bound is another test's business.
    let module = case.entry.split(':').next().unwrap_or(&case.entry);
    let mut written = Vec::new();
    let options = TextOptions::default();
    importlaw::formats::write(&report, Format::Json, &options, &mut written).expect("JSON");
    let report: serde_json::Value = serde_json::from_slice(&written).expect("JSON");
    let rows = |key: &str| {
        report[key].as_array().cloned().unwrap_or_default().into_iter().filter(|row| row["rule"] == "starts")
    };
    let stopped = |row: &serde_json::Value| {
        row["stops"].as_array().is_some_and(|stops| stops.iter().any(|name| name == module))
    };
    let dies = rows("violations")
        .filter(stopped)
        .map(|row| format!("{}:{} {}", row["path"], row["line"], row["message"]))
        .collect();
    let unknown =
        rows("unknown").filter(|row| row["target"] == module).map(|row| row["why"].to_string()).collect();
    said(dies, unknown)
}

fn said(dies: Vec<String>, unknown: Vec<String>) -> Said {
    match (dies.is_empty(), unknown.is_empty()) {
        (false, _) => Said::Dies(dies),
        (true, false) => Said::Unknown(unknown),
        (true, true) => Said::Starts,
    }
}

fn report(case: &Case, entry: &str) -> Report {
    let as_of = Date::parse("2026-11-22").expect("a date");
    let python = &*PYTHON;
    let text = format!(
        "version = 1\n[python]\nversion = \"{python}\"\n[checks]\nunresolved-import = \"off\"\nstring-reference = \"off\"\n\
         relative-beyond-root = \"off\"\nshadowed-module = \"off\"\n\
         [[entrypoint]]\nid = \"starts\"\n{entry}\n"
    );
    let registry = load(&RelPath::new("importlaw.toml"), &text, Home::Own, as_of).expect("a registry");
    let texts: BTreeMap<RelPath, Vec<u8>> = case
        .files
        .iter()
        .map(|(path, text)| (RelPath::new(path.as_str()), text.clone().into_bytes()))
        .collect();
    check_texts(&registry, texts, &Options::as_of(as_of)).expect("a report")
}

/// What CPython does with each case, by name.
fn cpython(cases: &[Case]) -> BTreeMap<String, Outcome> {
    let directory = tempfile::tempdir().expect("a directory");
    let mut jobs = Vec::new();
    for (number, case) in cases.iter().enumerate() {
        let root = directory.path().join(number.to_string());
        for (path, text) in &case.files {
            let path = root.join(path);
            std::fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
            std::fs::write(path, text).expect("a file");
        }
        jobs.push((&case.name, root, &case.entry));
    }
    let mut python = Command::new("python3")
        .args(["-I", "-B", "-c", DRIVER])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3 is needed: CPython decides what these tests expect");
    let mut stdin = python.stdin.take().expect("a pipe");
    stdin.write_all(&serde_json::to_vec(&jobs).expect("JSON")).expect("python3 reads");
    drop(stdin);
    let output = python.wait_with_output().expect("python3 ends");
    assert!(output.status.success(), "the driver failed in python3: {}", output.status);
    let outcomes: BTreeMap<String, (String, String)> =
        serde_json::from_slice(&output.stdout).expect("the driver writes JSON");
    outcomes.into_iter().map(|(name, (kind, message))| (name, Outcome { kind, message })).collect()
}

fn on_a_stack<T: Send + 'static>(run: impl FnOnce() -> T + Send + 'static) -> T {
    std::thread::Builder::new().stack_size(STACK).spawn(run).expect("a thread").join().expect("no panic")
}
