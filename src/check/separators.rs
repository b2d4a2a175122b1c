//! Every rule says the same of modules that are named as Rust names them.
//!
//! A Python project is judged twice: as it is, and with all its names, and the registry's, written with `::`. What is
//! found must be the same but for the separator.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::*;
use crate::graph::model::Outcome;
use crate::registry::load::{Home, load};
use crate::source::Language;

/// `path: text` of the project. No name below sorts differently with the other separator.
const FILES: &[(&str, &str)] = &[
    ("app/__init__.py", ""),
    (
        "app/main.py",
        "from app.core import engine\nimport app.low.store\nfrom app.face import Shown, hidden\n",
    ),
    ("app/core/__init__.py", ""),
    (
        "app/core/engine.py",
        "from app.main import nothing\nfrom app.core.parts import wheel\nimport redis.client\n",
    ),
    ("app/core/parts/__init__.py", "from app.core.parts.wheel import Wheel\n"),
    ("app/core/parts/wheel.py", "from app.core import engine\nclass Wheel: pass\n"),
    ("app/low/__init__.py", ""),
    ("app/low/store.py", "from app.high import view\nfrom other.old import Thing\n"),
    ("app/high/__init__.py", ""),
    ("app/high/view.py", "from app.core.parts import Wheel\nfrom app.core.parts.wheel import Wheel as W\n"),
    ("app/stray.py", "from app.low import store\nfrom app.high import gone\n"),
    ("app/face/__init__.py", "from app.face.impl import Shown\nhidden = 1\n"),
    ("app/face/impl.py", "class Shown: pass\nclass Deep: pass\n"),
    ("appx/__init__.py", ""),
    ("appx/user.py", "from app.face.impl import Deep\nfrom app.face import Shown\nfrom os import environ\n"),
    ("other/__init__.py", ""),
    ("other/old.py", "class Thing: pass\n"),
    ("other/new.py", "from other.old import Thing\nfrom appx.user import *\n"),
    ("other/uses.py", "import os\nimport app.face.impl as f\nfrom other import Root\nos.environ\nf.Deep()\n"),
];

/// Every kind of entry; the names in `"…"` are written with dots.
const REGISTRY: &str = r#"
[doors]
"app.core.parts" = ["Wheel"]
[moved]
"other.old:Thing" = "other.new:Thing"
"app.high.gone" = "app.high.view"
"other:Root" = "other.new:Thing"
[[layers]]
id = "layers"
order = ["high", "core | main", "low", "nowhere.at.all"]
within = ["app", "app.no*.*"]
exhaustive = true
[[independent]]
id = "independent"
modules = ["app.core.*", "app.low.store", "app.c*.nothing"]
[[forbidden]]
id = "forbidden"
from = ["app.low"]
to = ["app.core.parts", "redis.clent"]
indirect = true
except = ["app.high.view -> app.core.parts.Wheel", "app.low.store -> app.high"]
[[protected]]
id = "protected"
modules = ["app.core.*"]
only = ["app.main", "app.hgh"]
[[allowed]]
id = "allowed"
from = ["appx.**"]
only = ["app.low"]
[[interface]]
id = "interface"
of = "app.face"
exposes = ["Shown", "impl.Gone", "d*"]
[[acyclic]]
id = "acyclic"
within = ["app"]
[[external]]
id = "external"
from = ["app", "appx", "other"]
deny = ["redis.client", "os:environ", "app.low", "os:enviro"]
[[external]]
id = "packages"
from = ["=app.core.engine"]
only-packages = ["redis.other"]
[[required]]
id = "required"
from = ["app.*", "=appx.user"]
any-of = ["app.face:Shown", "app.core"]
[[canonical]]
id = "canonical"
symbols = ["Deep"]
path = "app.face"
retired = ["app.face.impl", "other.old:Deep"]
within = ["appx"]
"#;

/// A name with `::` for each dot.
fn in_rust(name: &str) -> String {
    name.replace('.', "::")
}

fn options() -> Options {
    Options::as_of(Date::parse("2026-11-22").unwrap())
}

fn registry(text: &str) -> Registry {
    load(&RelPath::new("importlaw.toml"), &format!("version = 1\n{text}"), Home::Own, options().as_of)
        .unwrap_or_else(|errors| panic!("{:#?}", errors.problems()))
}

fn sources(files: &[(&str, &str)]) -> Sources {
    let texts = files.iter().map(|(path, text)| (RelPath::new(*path), text.as_bytes().to_vec()));
    Sources::from_memory(texts.collect::<BTreeMap<_, _>>())
}

fn judged(language: Language) -> Vec<String> {
    let rust = language == Language::Rust;
    let names = if rust { in_rust(REGISTRY) } else { REGISTRY.to_owned() };
    let checks = "[checks]\nunresolved-import = { level = \"warn\", languages = [\"python\", \"rust\"] }\nscope-leak = \"off\"\nunknown-package = \"off\"\n";
    let (registry, sources) = (registry(&format!("{checks}{names}")), sources(FILES));
    let mut analysis = analyse(&registry, &sources).unwrap();
    if rust {
        translate(&mut analysis.graph);
    }
    let report = judge(&registry, &sources, &analysis, &options()).unwrap();
    let mut lines: Vec<String> = report
        .findings
        .iter()
        .map(|finding| {
            let violation = &finding.violation;
            let chain: Vec<String> =
                violation.chain.iter().map(|hop| format!("{} -> {}", hop.importer, hop.imported)).collect();
            format!(
                "{}:{} {} {:?}: {} / {} / {:?} / {}",
                finding.path,
                finding.line,
                violation.rule,
                violation.status,
                violation.message,
                without_code(violation.help.as_deref().unwrap_or_default()),
                violation.definition,
                chain.join(", ")
            )
        })
        .collect();
    lines.push(format!("{:?}", report.summary.tally));
    for (name, row) in &report.summary.by_rule {
        lines.push(format!("{name} {:?}", row.tally));
    }
    lines
}

/// A help without the line to write: each language has its own.
fn without_code(help: &str) -> String {
    match help.split_once("write `") {
        Some((before, code)) => {
            format!("{before}write{}", code.split_once('`').map_or("", |(_, after)| after))
        }
        None => help.to_owned(),
    }
}

fn translate(graph: &mut Graph) {
    for module in &mut graph.modules {
        module.name = in_rust(&module.name);
        module.language = Language::Rust;
    }
    assert!(graph.modules.is_sorted_by(|a, b| a.name < b.name), "ids still compare as names do");
    for row in &mut graph.rows {
        row.target = in_rust(&row.target).into();
        if let Outcome::Missing(missing) = &mut row.outcome {
            missing.path = in_rust(&missing.path);
            missing.nearest = in_rust(&missing.nearest);
        }
    }
    for import in graph.facts.iter_mut().flat_map(|facts| &mut Arc::make_mut(facts).imports) {
        import.module = in_rust(&import.module).into();
    }
}

/// A finding's line without the statement behind "write".
fn without_statement(line: &str) -> String {
    match line.split_once("write `").and_then(|(before, rest)| Some((before, rest.split_once('`')?.1))) {
        Some((before, behind)) => format!("{before}write {behind}"),
        None => line.to_owned(),
    }
}

#[test]
fn what_is_found_does_not_hang_on_the_separator() {
    let python = judged(Language::Python);
    let rules: BTreeSet<&str> = python.iter().filter_map(|line| line.split(' ').nth(1)).collect();
    for id in ["doors", "moved", "layers", "independent", "forbidden", "protected", "allowed", "interface"] {
        assert!(rules.contains(id), "{id} finds something: {python:#?}");
    }
    for id in ["acyclic", "external", "packages", "required", "canonical", "unmatched-entry"] {
        assert!(rules.contains(id), "{id} finds something: {python:#?}");
    }
    // What the text of a file and of the registry says keeps its dots; so do paths of files.
    // So does a statement that is to be written instead: each language has its own.
    let alike = |lines: Vec<String>| -> Vec<String> {
        lines.iter().map(|line| in_rust(&without_statement(line))).collect()
    };
    let (python, rust) = (alike(python), alike(judged(Language::Rust)));
    for (python, rust) in python.iter().zip(&rust) {
        assert_eq!(python, rust);
    }
    assert_eq!(python.len(), rust.len());
}

/// The modules of `appy` are those of a Rust crate `app` beside the Python package.
#[test]
fn a_package_and_a_crate_may_share_a_name() {
    let files = [
        ("app/__init__.py", ""),
        ("app/high.py", ""),
        ("app/low.py", "from app import high\n"),
        ("appy/high.py", ""),
        ("appy/low.py", "from appy import high\n"),
    ];
    let found = |within: &str| {
        let layers =
            format!("[[layers]]\nid = \"l\"\norder = [\"high\", \"low\"]\nwithin = [\"{within}\"]\n");
        let (registry, sources) = (registry(&layers), sources(&files));
        let mut analysis = analyse(&registry, &sources).unwrap();
        for module in analysis.graph.modules.iter_mut().filter(|module| module.name.starts_with("appy.")) {
            module.name = module.name.replace("appy.", "app::");
            module.language = Language::Rust;
        }
        let names: Vec<&str> = analysis.graph.modules.iter().map(|module| module.name.as_str()).collect();
        assert_eq!(names, ["app", "app.high", "app.low", "app::high", "app::low"]);
        assert_eq!(analysis.graph.below("app", Language::Python), 1..3);
        assert_eq!(analysis.graph.below("app", Language::Rust), 3..5);
        assert_eq!(analysis.graph.below("", Language::Rust), 0..5);
        assert!(analysis.graph.has("app::high") && analysis.graph.has("app") && !analysis.graph.has("ap"));
        let report = judge(&registry, &sources, &analysis, &options()).unwrap();
        let layers = report.findings.iter().filter(|finding| finding.violation.rule == "l");
        layers.map(|finding| finding.path.clone()).collect::<Vec<_>>()
    };
    assert_eq!(found("app"), ["app/low.py", "appy/low.py"]);
    assert_eq!(found("python:app"), ["app/low.py"]);
    assert_eq!(found("rust:app"), ["appy/low.py"]);
    assert_eq!(found("a*"), ["app/low.py", "appy/low.py"]);
}
