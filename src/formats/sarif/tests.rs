use serde_json::{Value, json};

use crate::formats::Format;
use crate::formats::sample::{self, finding, options, written};
use crate::report::Report;

fn run(report: &Report) -> Value {
    let document: Value = serde_json::from_str(&written(report, Format::Sarif, &options())).unwrap();
    assert_eq!(document["version"], "2.1.0");
    assert_eq!(document["runs"].as_array().unwrap().len(), 1);
    document["runs"][0].clone()
}

fn notified(run: &Value) -> Vec<String> {
    let notifications = run["invocations"][0]["toolExecutionNotifications"].as_array().unwrap();
    let text = |n: &Value| {
        format!("{}: {}", n["descriptor"]["id"].as_str().unwrap(), n["message"]["text"].as_str().unwrap())
    };
    notifications.iter().map(text).collect()
}

#[test]
fn a_finding_with_its_chain() {
    let run = run(&sample::report());
    assert_eq!(run["columnKind"], "utf16CodeUnits");
    assert_eq!(run["automationDetails"]["id"], "importlaw/");
    assert_eq!(run["results"].as_array().unwrap().len(), 7, "nothing known, nothing waived");
    assert_eq!(
        run["results"][0],
        json!({
            "ruleId": "service-isolation",
            "ruleIndex": 1,
            "level": "error",
            "message": { "text": "backend.app.auth imports auth_service.api.login, which backend may not reach.\n\
                                  Why: a service must start without its neighbours" },
            "locations": [{ "physicalLocation": {
                "artifactLocation": { "uri": "backend/app/auth.py" },
                "region": { "startLine": 12, "startColumn": 30, "endLine": 12, "endColumn": 35 },
            } }],
            "relatedLocations": [{
                "id": 1,
                "message": { "text": "the rule service-isolation" },
                "physicalLocation": {
                    "artifactLocation": { "uri": "importlaw.toml" }, "region": { "startLine": 31 } },
            }],
            "codeFlows": [{ "threadFlows": [{ "locations": [
                { "location": {
                    "physicalLocation": {
                        "artifactLocation": { "uri": "backend/main.py" }, "region": { "startLine": 3 } },
                    "message": { "text": "backend.main imports backend.app.auth" } } },
                { "location": {
                    "physicalLocation": {
                        "artifactLocation": { "uri": "backend/app/auth.py" }, "region": { "startLine": 12 } },
                    "message": { "text": "backend.app.auth imports auth_service.api" } } },
            ] }] }],
            "partialFingerprints": { "importlaw/v1": "0a1b2c" },
            "properties": {
                "kind": "forbidden", "scope": "production", "importer": "backend.app.auth", "target": "login",
                "importKinds": ["eager"],
            },
        })
    );
}

#[test]
fn a_rule_says_what_it_is() {
    let run = run(&sample::report());
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    let ids: Vec<&str> = rules.iter().map(|rule| rule["id"].as_str().unwrap()).collect();
    assert_eq!(
        ids,
        ["relative-beyond-root", "service-isolation", "settings", "unresolved-import", "wildcard-import"]
    );
    assert_eq!(
        rules[1],
        json!({
            "id": "service-isolation",
            "shortDescription": { "text": "a service must start without its neighbours" },
            "fullDescription": { "text": "a service must start without its neighbours\nA module imports what it may not." },
            "help": { "text": "# page\n\nWrite `a`, not \\[b\\](c).", "markdown": "# page\n\nWrite `a`, not [b](c)." },
            "helpUri": "https://example.org/isolation",
            "defaultConfiguration": { "level": "error" },
            "properties": {
                "tags": ["imports", "forbidden"], "precision": "high", "problem.severity": "error" },
        })
    );
    assert_eq!(rules[4]["defaultConfiguration"]["level"], "warning");
}

#[test]
fn an_edit_is_a_fix() {
    let results = run(&sample::report())["results"].clone();
    assert_eq!(
        results[1]["fixes"],
        json!([{
            "description": { "text": "from shared.settings import Settings" },
            "artifactChanges": [{
                "artifactLocation": { "uri": "backend/routes/a.py" },
                "replacements": [{
                    "deletedRegion": { "startLine": 1, "startColumn": 6, "endLine": 1, "endColumn": 18 },
                    "insertedContent": { "text": "shared.settings" },
                }],
            }],
        }])
    );
    assert_eq!(results[0]["fixes"], Value::Null);
}

#[test]
fn every_finding_has_a_place() {
    let run = run(&sample::everything());
    let places: Vec<String> = run["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|result| {
            let place = &result["locations"][0]["physicalLocation"];
            let uri = place["artifactLocation"]["uri"].as_str().unwrap();
            format!("{uri} {}", place["region"])
        })
        .filter(|place| !place.contains("/routes/") && !place.contains("/test_"))
        .collect();
    assert_eq!(
        places,
        [
            r#"services/backend/app/auth.py {"endColumn":35,"endLine":12,"startColumn":30,"startLine":12}"#,
            r#"services/backend/locked.py {"startLine":1}"#,
            r#"services/backend/%7C%60%3Cb%3E%40all%2Cx%3D1%3A%3Ay.py {"endColumn":9,"endLine":1,"startColumn":8,"startLine":1}"#,
            // `s = "` is 5 units, the note 2, the letter 1, `"; from a import ` 17.
            r#"services/backend/%E6%BC%A2%20%E5%AD%97%23.py {"endColumn":27,"endLine":3,"startColumn":26,"startLine":3}"#,
            r#"services/importlaw.baseline {"endColumn":3,"endLine":2,"startColumn":1,"startLine":2}"#,
            r#"services/importlaw.toml {"endColumn":15,"endLine":31,"startColumn":9,"startLine":31}"#,
            r#"services/backend/util.py {"endColumn":27,"endLine":2,"startColumn":26,"startLine":2}"#,
        ]
        .map(str::to_owned)
    );
    assert_eq!(run["automationDetails"]["id"], "importlaw/services/");
}

#[test]
fn a_message_holds_no_link() {
    let mut report = sample::empty();
    report.findings = vec![finding("r", "forbidden", "a.py", 1, "import ‹x›")];
    report.findings[0].violation.message = "`a[0]` is [here](http://x)".to_owned();
    assert_eq!(run(&report)["results"][0]["message"]["text"], "`a\\[0\\]` is \\[here\\](http://x).");
    report.findings[0].violation.message = "`a[0]` is gone".to_owned();
    assert_eq!(run(&report)["results"][0]["message"]["text"], "`a[0]` is gone.");
}

#[test]
fn what_does_not_fit_is_counted() {
    let mut report = sample::empty();
    let many = |n: u32| (0..n).map(|line| finding("r", "forbidden", "a.py", line, "import ‹x›")).collect();
    report.findings = many(5_000);
    assert_eq!(notified(&run(&report)).len(), 2, "the summary, and what was judged");
    report.findings = many(25_010);
    report.findings[25_009].violation.scope = "production".to_owned();
    report.findings[25_009].violation.reached_by = Some(9);
    let run = run(&report);
    assert_eq!(run["results"].as_array().unwrap().len(), 25_000);
    assert_eq!(run["results"][0]["locations"][0]["physicalLocation"]["region"]["startLine"], 25_009);
    assert_eq!(
        notified(&run)[2..],
        [
            "importlaw/cut: 25,010 findings: this file holds the worst 25,000, and 10 are left out",
            "importlaw/limit: 25,010 findings: GitHub code scanning keeps 5,000 of a run; the worst stand first",
        ]
    );
}

#[test]
fn the_run_says_what_it_did_not_judge() {
    assert_eq!(
        notified(&run(&sample::report())),
        [
            "importlaw/summary: 6 errors and 1 warning in 6 files · 1 known (importlaw.baseline) · 1 waived. At least \
             99.5 % of 2,000 governed imports comply. Rules holding: 2 of 4",
            "importlaw/coverage: Files: 1,234 read, 98.7 % of those with imports comply in full. Coverage: 45.0 % of \
             first-party imports have a rule in the registry. Not parsed: 1 file (1 production). Excluded: 20 files \
             with 340 import lines. Not read: 1 rust file that no target reaches, 17 typescript files",
            "importlaw/note: the git index could not be read",
        ]
    );
}

/// Types made from the published schema read the document, and writing them again gives the same: every key and value is
/// one that the schema knows, and none that it asks for is missing.
#[test]
fn types_of_the_published_schema_read_it_and_lose_nothing() {
    let mut report = sample::report();
    let text = written(&report, Format::Sarif, &options());
    let typed: serde_sarif::sarif::Sarif = serde_json::from_str(&text).unwrap();
    assert_eq!(typed.runs.len(), 1);
    assert_eq!(serde_json::to_value(&typed).unwrap(), serde_json::from_str::<Value>(&text).unwrap());
    report.findings.clear();
    let text = written(&report, Format::Sarif, &options());
    let typed: serde_sarif::sarif::Sarif = serde_json::from_str(&text).unwrap();
    assert_eq!(typed.runs[0].results.as_ref().map(Vec::len), Some(0));
}
