use serde_json::Value;

use super::{Page, write};
use crate::facts::{Also, ImportKind, When};
use crate::formats::report::sample as pages;
use crate::formats::sample;
use crate::report::graph::{GraphData, GraphImport, GraphModule, LayerOrder};
use crate::report::overview::Overview;
use crate::report::{Report, Snippet};
use crate::source::Language;
use crate::violation::Status;

const DATA: &str = "<script type=\"application/json\" id=\"data\">";

fn page(report: &Report, overview: Option<&Overview>) -> String {
    let mut out = Vec::new();
    write(&Page { title: "shop", report, overview, closing: None }, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// What the browser's parser takes for the document: up to the first end of a script.
fn text(page: &str) -> &str {
    let (_, rest) = page.split_once(DATA).unwrap();
    rest.split_once("</script>").unwrap().0
}

fn data(page: &str) -> Value {
    serde_json::from_str(text(page)).unwrap()
}

fn overview(report: &Report) -> Overview {
    Overview { compliance: report.summary.tally, ..pages::overview() }
}

fn module(name: &str, path: &str) -> GraphModule {
    GraphModule {
        name: name.to_owned(),
        path: path.to_owned(),
        package: name.split('.').next().unwrap().to_owned(),
        scope: "production".to_owned(),
        language: Language::Python,
    }
}

fn import(importer: u32, imported: u32, line: u32, name: &str, findings: &[u32]) -> GraphImport {
    GraphImport {
        importer,
        imported,
        line,
        name: name.to_owned(),
        kind: ImportKind { when: When::Eager, also: Also::empty() },
        path: None,
        findings: findings.to_vec(),
    }
}

fn graph() -> GraphData {
    GraphData {
        modules: vec![
            module("app", "app/__init__.py"),
            module("app.api", "app/api.py"),
            module("app.apple", "lib/app/apple.py"),
        ],
        imports: vec![import(0, 2, 3, "x", &[]), import(1, 0, 1, "", &[]), import(1, 2, 2, "core", &[1])],
        orders: vec![LayerOrder {
            rule: "down".to_owned(),
            container: "app".to_owned(),
            language: Language::Python,
            layers: vec![vec!["app.api".to_owned()], vec!["app.apple".to_owned()]],
        }],
    }
}

#[test]
fn nothing_in_the_tree_ends_the_document_or_begins_markup() {
    let mut report = sample::report();
    let evil = "</script><script>alert(1)</script><!-- <img src=q onerror=alert(1)>";
    report.findings[0].path = format!("{evil}.py");
    evil.clone_into(&mut report.findings[0].violation.message);
    evil.clone_into(&mut report.findings[0].violation.rule);
    report.summary.by_rule.insert(evil.to_owned(), report.summary.by_rule["settings"].clone());
    report.notes = vec![evil.to_owned()];
    let overview =
        Overview { notes: vec![evil.to_owned()], name: Some(evil.to_owned()), ..overview(&report) };
    let page = page(&report, Some(&overview));
    assert!(!text(&page).contains('<'), "no character of the document can begin markup");
    assert!(!page.contains("alert(1)</script>"));
    let data = data(&page);
    let strings = data["strings"].as_array().unwrap();
    let of = |column: &str| &strings[data["findings"][column][0].as_u64().unwrap() as usize];
    assert_eq!(of("path"), &Value::from(format!("{evil}.py")));
    assert_eq!(of("message"), &Value::from(evil));
    assert_eq!(data["overall"]["notes"][0], Value::from(evil));
    assert_eq!(data["overall"]["overview"]["name"], Value::from(evil));
}

#[test]
fn what_would_deceive_the_eye_is_written_out() {
    let mut report = sample::report();
    report.findings.truncate(1);
    report.findings[0].path = "a\u{202e}yp.b".to_owned();
    report.findings[0].snippet = Snippet {
        text: "\timport \u{202e}a # 漢".to_owned(),
        first_line: 7,
        mark: 8,
        mark_len: "\u{202e}a".len(),
    };
    let data = data(&page(&report, None));
    let string = |column: &str| {
        data["strings"][data["findings"][column][0].as_u64().unwrap() as usize].as_str().unwrap().to_owned()
    };
    assert_eq!(string("path"), "a\\u{202e}yp.b");
    assert_eq!(string("source"), "    import \\u{202e}a # 漢");
    let mark = &data["findings"]["mark"][0];
    assert_eq!((mark[0].as_u64(), mark[1].as_u64()), (Some(11), Some(9)), "of the text that is shown");
}

#[test]
fn marks_count_as_a_browser_does() {
    let mut report = sample::report();
    report.findings.truncate(1);
    report.findings[0].snippet =
        Snippet { text: "x = '🦀'; import é".to_owned(), first_line: 1, mark: 19, mark_len: 2 };
    let mark = data(&page(&report, None))["findings"]["mark"][0].clone();
    assert_eq!(mark, serde_json::json!([17, 1]), "the crab is two units, é is one");
    report.findings[0].snippet.mark = 6;
    let mark = data(&page(&report, None))["findings"]["mark"][0].clone();
    assert_eq!(mark[1], 0, "a mark that cuts a character marks nothing");
}

#[test]
fn the_graph_is_written_compactly() {
    let report = Report { graph: Some(graph()), ..sample::report() };
    let data = data(&page(&report, None));
    let modules = &data["graph"]["modules"];
    assert_eq!(modules["name"], serde_json::json!([[0, "app"], [3, ".api"], [6, "ple"]]));
    assert_eq!(modules["imports"], serde_json::json!([1, 2, 0]));
    let path = modules["path"].as_array().unwrap();
    assert_eq!((path[0].as_u64(), path[1].as_u64()), (Some(1), Some(0)), "they follow from the name");
    assert_eq!(data["strings"][path[2].as_u64().unwrap() as usize - 2], "lib/app/apple.py");
    let imports = &data["graph"]["imports"];
    assert_eq!(imports["to"], serde_json::json!([2, 0, 2]));
    assert_eq!(imports["line"], serde_json::json!([3, 1, 2]));
    assert_eq!(imports["findings"], serde_json::json!([[2, 1]]));
    assert_eq!(data["graph"]["orders"][0]["layers"], serde_json::json!([["app.api"], ["app.apple"]]));
}

#[test]
fn without_a_graph_there_is_none() {
    let report = sample::report();
    let data = data(&page(&report, Some(&overview(&report))));
    assert!(data.get("graph").is_none());
    assert_eq!(data["findings"]["rule"].as_array().unwrap().len(), report.findings.len());
}

#[test]
fn without_the_managers_page_there_is_the_graph_alone() {
    let report = Report { graph: Some(graph()), ..sample::report() };
    let data = data(&page(&report, None));
    assert!(data.get("overall").is_none());
    assert_eq!(data["title"], "shop");
}

#[test]
fn an_empty_report_is_a_page() {
    let report = sample::empty();
    let data = data(&page(&report, Some(&overview(&report))));
    assert_eq!(data["overall"]["overview"]["compliance"]["compliance"], Value::Null, "never 100 of nothing");
    assert_eq!(data["overall"]["headline"], "n/a: the rules govern no import");
    assert_eq!(data["findings"]["rule"], serde_json::json!([]));
}

#[test]
fn of_too_many_findings_the_worst_are_listed_and_the_rest_counted() {
    let mut report = sample::report();
    let finding =
        report.findings.iter().find(|finding| finding.violation.rule == "settings").unwrap().clone();
    let worst = report.findings.len() as u32;
    let waived = (0..20_010).map(|line| {
        let mut waived = finding.clone();
        waived.violation.status = Status::Waived;
        waived.line = line;
        waived
    });
    report.findings.splice(0..0, waived);
    report.graph = Some(GraphData { imports: vec![import(0, 2, 1, "", &[20_005, 20_010])], ..graph() });
    let data = data(&page(&report, None));
    let status = data["findings"]["status"].as_array().unwrap();
    assert_eq!((status.len(), data["findings"]["left_out"].as_u64()), (20_000, Some(u64::from(worst) + 10)));
    assert_eq!(status.iter().filter(|status| **status == 0).count(), 7, "all that are new");
    let first_new = status.iter().position(|status| *status == 0).unwrap();
    assert_eq!(data["graph"]["imports"]["findings"], serde_json::json!([[0, first_new]]));
}

#[test]
fn the_same_report_is_the_same_page() {
    let report = Report { graph: Some(graph()), ..sample::report() };
    let overview = overview(&report);
    assert_eq!(page(&report, Some(&overview)), page(&report, Some(&overview)));
}

/// 10,000 modules and 60,000 imports must stay a file that a browser opens at once and a mail carries.
#[test]
fn a_large_graph_stays_small() {
    let modules: Vec<GraphModule> = (0..10_000)
        .map(|at| {
            let name = format!("platform_backend.app.services.area_{:03}.module_{:02}", at / 100, at % 100);
            let path = format!("{}.py", name.replace('.', "/"));
            module(&name, &path)
        })
        .collect();
    let imports =
        (0..60_000_u32).map(|at| import(at / 6, at * 7_919 % 10_000, at % 40, "thing", &[])).collect();
    let report =
        Report { graph: Some(GraphData { modules, imports, orders: Vec::new() }), ..sample::report() };
    let bytes = page(&report, None).len();
    assert!(bytes < 1_500_000, "{bytes} bytes");
}

#[test]
fn the_page_holds_every_part_and_asks_nobody() {
    let report = sample::report();
    let overview = overview(&report);
    let closing = pages::closing();
    let mut out = Vec::new();
    let whole = Page { title: "shop", report: &report, overview: Some(&overview), closing: Some(&closing) };
    write(&whole, &mut out).unwrap();
    let page = String::from_utf8(out).unwrap();
    assert!(!page.contains(super::PLACE), "every place is filled");
    assert!(page.contains("default-src 'none'"));
    let (head, _) = page.split_once(DATA).unwrap();
    for outside in ["http://", "https://", "src=", "@import", "url("] {
        assert!(!head.contains(outside), "{outside}");
    }
    for script in super::SCRIPTS {
        assert!(page.contains(script));
        assert!(!script.contains("</script"), "it would end its element");
        for markup in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("] {
            assert!(!script.contains(markup), "{markup} makes markup of text");
        }
    }
    let closing = &data(&page)["overall"]["closing"];
    assert_eq!(closing["ready"], false);
    assert_eq!(closing["verdict"], pages::closing().verdict());
    assert_eq!(closing["blocked_by"].as_array().unwrap().len(), pages::closing().rules.len());
}
