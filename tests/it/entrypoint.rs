//! `[[entrypoint]]` on trees that are hostile, and in messages.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use importlaw::check::{Options, STACK, check_texts};
use importlaw::facts::Date;
use importlaw::registry::load::{Home, load};
use importlaw::report::Report;
use importlaw::source::RelPath;
use importlaw::violation::Violation;

/// What is said of the entry in that tree; `entry` is the rest of its table.
fn findings(files: &[(&str, String)], entry: &str) -> Vec<Violation> {
    let text = format!(
        "version = 1\n[[entrypoint]]\nid = \"starts\"\n{entry}\n[checks]\nunresolved-import = \"off\"\n"
    );
    let as_of = Date::parse("2026-11-22").unwrap();
    let registry = load(&RelPath::new("importlaw.toml"), &text, Home::Own, as_of).unwrap();
    let texts: BTreeMap<RelPath, Vec<u8>> =
        files.iter().map(|(path, text)| (RelPath::new(*path), text.clone().into_bytes())).collect();
    let report: Report = std::thread::Builder::new()
        .stack_size(STACK)
        .spawn(move || check_texts(&registry, texts, &Options::as_of(as_of)).unwrap())
        .unwrap()
        .join()
        .unwrap();
    let violations = report.findings.into_iter().map(|finding| finding.violation);
    violations.filter(|violation| violation.rule == "starts").collect()
}

/// Each of 60 modules tries the next one twice, the last is not there: 2^60 ways lead to it.
#[test]
fn what_fails_is_not_tried_without_end() {
    let shapes = [
        "try:\n    import m{n}\nexcept ImportError:\n    import m{n}\n",
        "if unknown:\n    import m{n}\nelse:\n    import m{n}\nimport m{n}\n",
    ];
    for shape in shapes {
        let files: Vec<(String, String)> = (0..60)
            .map(|n: u32| (format!("m{n}.py"), shape.replace("{n}", &(n + 1).to_string())))
            .chain([("m60.py".to_owned(), "import m0.gone\n".to_owned())])
            .collect();
        let files: Vec<(&str, String)> =
            files.iter().map(|(path, text)| (path.as_str(), text.clone())).collect();
        for entry in ["module = \"m0\"", "modules = [\"**\"]"] {
            let found = findings(&files, entry);
            assert_eq!(found.len(), 1, "{entry} {shape}");
            assert_eq!(found[0].chain.len(), 60, "{shape}");
        }
    }
}

#[test]
fn a_function_that_fails_is_not_called_without_end() {
    let mut text = String::new();
    for n in 0..60 {
        let next = n + 1;
        writeln!(
            text,
            "def f{n}():\n    try:\n        f{next}()\n    except ImportError:\n        f{next}()"
        )
        .unwrap();
    }
    text.push_str("def f60():\n    import main.gone\nf0()\n");
    let found = findings(&[("main.py", text)], "module = \"main\"");
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].chain.len(), 61);
}
