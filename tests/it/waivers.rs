//! Inline waivers, in a Python file, a Rust file and a manifest: each form over the same two findings of one import.

use serde_json::{Value, json};

use crate::cli::Tree;

const REGISTRY: &str = r#"version = 1

[[forbidden]]
id = "apart"
from = ["app"]
to = ["other"]

[[protected]]
id = "walled"
modules = ["other"]
only = ["nobody"]

[checks]
unmatched-entry = "off"
"#;

/// Where waivers stand: the file, the sign of a comment, and the file's text around the two places of a waiver.
struct Place {
    file: &'static str,
    sign: &'static str,
    /// Lines: what stands first, the import that breaks both rules.
    import: &'static str,
    first: &'static str,
}

const PLACES: [Place; 3] = [
    Place { file: "app/a.py", sign: "#", first: "\"\"\"Doc.\"\"\"", import: "from other import x" },
    Place { file: "app/src/lib.rs", sign: "//", first: "//! Doc.", import: "use other::x;" },
    Place {
        file: "app/Cargo.toml",
        sign: "#",
        first: "[package]\nname = \"app\"\nedition = \"2024\"\n[dependencies]",
        import: "other = { path = \"../other\" }",
    },
];

impl Place {
    /// The tree whose file has these comments: on a line of its own at the top, above the import, behind it.
    fn tree(&self, top: &str, above: &str, behind: &str) -> Tree {
        let comment = |waiver: &str| match waiver {
            "" => String::new(),
            waiver => format!("{} importlaw: {waiver}", self.sign),
        };
        let [top, above, behind] = [top, above, behind].map(comment);
        let text = format!("{top}\n{}\n{above}\n{} {behind}\n", self.first, self.import);
        let mut files = vec![("importlaw.toml", REGISTRY), (self.file, text.as_str())];
        if self.sign == "#" && self.file.ends_with(".py") {
            files.extend([("app/__init__.py", ""), ("other/__init__.py", "x = 1\n")]);
        } else {
            files.extend([
                ("Cargo.toml", "[workspace]\nmembers = [\"app\", \"other\"]\n"),
                ("other/Cargo.toml", "[package]\nname = \"other\"\nedition = \"2024\"\n"),
                ("other/src/lib.rs", "pub fn x() {}\n"),
            ]);
            if self.file.ends_with(".rs") {
                let manifest = "[package]\nname = \"app\"\nedition = \"2024\"\n[dependencies]\nother = { path = \"../other\" }\n";
                files.push(("app/Cargo.toml", manifest));
            } else {
                files.push(("app/src/lib.rs", ""));
            }
        }
        Tree::new(&files)
    }

    /// The findings in the file, as JSON.
    fn findings(&self, tree: &Tree) -> Vec<Value> {
        let run = tree.run(&["check", "--format", "json", "--as-of", "2026-11-22", self.file]);
        run.json()["violations"].as_array().unwrap().clone()
    }

    /// The same as `status rule`, sorted.
    fn told(&self, tree: &Tree) -> Vec<String> {
        let words = |finding: &Value| {
            format!("{} {}", finding["status"].as_str().unwrap(), finding["rule"].as_str().unwrap())
        };
        let mut told: Vec<String> = self.findings(tree).iter().map(words).collect();
        told.sort();
        told
    }
}

/// A waiver, and what becomes of the two findings; findings about the waiver itself besides.
const FORMS: [(&str, &[&str]); 14] = [
    ("allow apart, walled -- both", &["waived apart", "waived walled"]),
    ("allow apart,walled -- both", &["waived apart", "waived walled"]),
    ("allow apart walled -- both", &["waived apart", "waived walled"]),
    ("allow apart -- one", &["new walled", "waived apart"]),
    ("allow apart until=2026-11-22 -- its last day", &["new walled", "waived apart"]),
    ("allow apart until=2026-11-21 -- over", &["new apart", "new expired", "new walled"]),
    ("allow apart until=2027-11-24 -- too far", &["new apart", "new unused-waiver", "new walled"]),
    ("allow apart issue=#7 owner=@me -- kept", &["new walled", "waived apart"]),
    ("allow apart, wildcard-import -- idle", &["new unused-waiver", "new walled", "waived apart"]),
    ("allow apart, apatr -- no such rule", &["new unused-waiver", "new walled", "waived apart"]),
    ("allow apart", &["new apart", "new unused-waiver", "new walled"]),
    ("allow apart why=x -- no such key", &["new apart", "new unused-waiver", "new walled"]),
    ("allow apart max=1 -- for files", &["new apart", "new unused-waiver", "new walled"]),
    ("allow -- nothing", &["new apart", "new unused-waiver", "new walled"]),
];

#[test]
fn each_form_in_each_language_behind_and_above() {
    for place in &PLACES {
        for (waiver, told) in FORMS {
            assert_eq!(place.told(&place.tree("", "", waiver)), told, "{}, behind: {waiver}", place.file);
            assert_eq!(place.told(&place.tree("", waiver, "")), told, "{}, above: {waiver}", place.file);
        }
    }
}

#[test]
fn a_file_is_waived_as_far_as_its_max() {
    for place in &PLACES {
        let table: [(&str, &[&str]); 4] = [
            ("allow-file apart, walled -- legacy", &["waived apart", "waived walled"]),
            ("allow-file apart, walled max=2 -- legacy", &["waived apart", "waived walled"]),
            ("allow-file apart, walled max=1 -- legacy", &["new apart", "new unused-waiver", "new walled"]),
            ("allow-file apart max=x -- legacy", &["new apart", "new unused-waiver", "new walled"]),
        ];
        for (waiver, told) in table {
            assert_eq!(place.told(&place.tree(waiver, "", "")), told, "{}: {waiver}", place.file);
        }
        let message = place.findings(&place.tree("allow-file apart, walled max=1 -- legacy", "", ""));
        let about = message.iter().find(|finding| finding["rule"] == "unused-waiver").unwrap();
        assert_eq!(about["message"], "this waiver allows 1 finding and covers 2: none is suppressed");
    }
}

#[test]
fn issue_and_owner_are_shown() {
    for place in &PLACES {
        let waiver = "allow apart, walled until=2027-03-31 issue=#1412 owner=@sessions -- moving";
        let tree = place.tree("", "", waiver);
        for finding in place.findings(&tree) {
            let line = finding["line"].as_u64().unwrap();
            assert_eq!(
                finding["waiver"],
                json!({ "line": line, "reason": "moving", "until": "2027-03-31", "issue": "#1412", "owner": "@sessions" })
            );
            assert_eq!(
                finding["waived_by"],
                format!("inline at line {line} (until 2027-03-31, #1412, @sessions): moving")
            );
        }
        let run = tree.run(&["check", "-v", "--as-of", "2026-11-22", place.file]);
        let told = "(waived by inline at line";
        let lines: Vec<&str> = run.out.lines().filter(|line| line.contains(told)).collect();
        assert_eq!(lines.len(), 2, "{}", run.out);
        assert!(lines[0].ends_with("(until 2027-03-31, #1412, @sessions): moving)"), "{lines:?}");
    }
}

#[test]
fn a_date_too_far_ahead_is_told_with_the_last_one() {
    let place = &PLACES[0];
    let findings = place.findings(&place.tree("", "", "allow apart until=2027-11-24 -- x"));
    let about = findings.iter().find(|finding| finding["rule"] == "unused-waiver").unwrap();
    assert_eq!(
        about["message"],
        "this waiver ends on 2027-11-24, more than 366 days ahead: it suppresses nothing"
    );
    assert_eq!(about["help"], "2027-11-23 is the last day that it can name");
    assert_eq!(place.told(&place.tree("", "", "allow apart until=2027-11-23 -- x"))[1], "waived apart");
}
