//! The page's JSON document. Tables are objects of columns, strings are numbers into one table.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Serialize;

use super::Page;
use super::strings::Strings;
use crate::formats::context::{escape, found, headline};
use crate::report::closing::{ClosedRule, Closing};
use crate::report::graph::{GraphData, GraphImport};
use crate::report::overview::Overview;
use crate::report::{Finding, Snippet, Summary, UnknownUse};
use crate::source::Language;
use crate::violation::{Severity, Status};

/// Findings, and undecided uses, that are listed; a browser shows no more of use to anybody. The rest is counted.
const MOST: usize = 20_000;

/// All that the page shows.
#[derive(Debug, Serialize)]
pub struct Document<'a> {
    title: String,
    tool: &'static str,
    version: &'static str,
    registry: Option<&'a str>,
    registry_hash: Option<&'a str>,
    baseline: Option<&'a str>,
    as_of: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    overall: Option<Overall<'a>>,
    findings: Findings,
    #[serde(skip_serializing_if = "Option::is_none")]
    graph: Option<Graph<'a>>,
    strings: Vec<Cow<'a, str>>,
}

/// What is said of the whole project.
#[derive(Debug, Serialize)]
struct Overall<'a> {
    headline: String,
    found: String,
    selected: Vec<Cow<'a, str>>,
    summary: &'a Summary,
    overview: &'a Overview,
    closing: Option<Closed<'a>>,
    unknown: Unknown,
    unparsed: Unparsed,
    notes: Vec<Cow<'a, str>>,
}

/// The page that closes an incident, with what follows from it.
#[derive(Debug, Serialize)]
struct Closed<'a> {
    ready: bool,
    verdict: String,
    /// What keeps each rule from being closed.
    blocked_by: Vec<Option<String>>,
    #[serde(flatten)]
    page: &'a Closing,
}

/// Columns of the findings that are listed, in the report's order.
#[derive(Debug, Default, Serialize)]
struct Findings {
    rule: Vec<u32>,
    kind: Vec<u32>,
    /// 0 error, 1 warning.
    severity: Vec<u8>,
    /// 0 new, 1 known, 2 waived.
    status: Vec<u8>,
    path: Vec<u32>,
    line: Vec<u32>,
    column: Vec<u32>,
    scope: Vec<u32>,
    importer: Vec<u32>,
    written: Vec<u32>,
    definition: Vec<u32>,
    kinds: Vec<u32>,
    message: Vec<u32>,
    help: Vec<u32>,
    reason: Vec<u32>,
    waived_by: Vec<u32>,
    cause: Vec<u32>,
    registry_line: Vec<u32>,
    reached_by: Vec<u32>,
    /// Modules that it keeps from starting.
    stops: Vec<u32>,
    source: Vec<u32>,
    source_line: Vec<u32>,
    /// Start and length of the marked part, in UTF-16 units of the shown source.
    mark: Vec<(u32, u32)>,
    /// Hops of the chain: importer, imported, path, line.
    chain: Vec<Vec<(u32, u32, u32, u32)>>,
    /// Findings that are not listed.
    left_out: u32,
}

/// Columns of the uses that could not be decided.
#[derive(Debug, Default, Serialize)]
struct Unknown {
    path: Vec<u32>,
    line: Vec<u32>,
    rule: Vec<u32>,
    target: Vec<u32>,
    why: Vec<u32>,
    left_out: u32,
}

/// Columns of the files that do not parse.
#[derive(Debug, Default, Serialize)]
struct Unparsed {
    path: Vec<u32>,
    line: Vec<u32>,
    message: Vec<u32>,
    scope: Vec<u32>,
    recovered: Vec<u32>,
}

/// The module graph.
#[derive(Debug, Default, Serialize)]
struct Graph<'a> {
    modules: Modules<'a>,
    imports: Imports,
    orders: Vec<Order<'a>>,
}

/// Columns of the modules.
#[derive(Debug, Default, Serialize)]
struct Modules<'a> {
    /// How many UTF-16 units each name shares with the one before it, and the rest.
    name: Vec<(u32, Cow<'a, str>)>,
    /// 0 where the path follows from the name, 1 where it is a package's `__init__`, else a string.
    path: Vec<u32>,
    package: Vec<u32>,
    scope: Vec<u32>,
    language: Vec<u32>,
    /// Imports of each; they stand in the order of their importers.
    imports: Vec<u32>,
}

/// Columns of the imports.
#[derive(Debug, Default, Serialize)]
struct Imports {
    /// Difference to the module that the same importer's import before imports.
    to: Vec<i64>,
    line: Vec<u32>,
    name: Vec<u32>,
    kinds: Vec<u32>,
    /// Pairs of import and path, where it stands in another file than its importer.
    elsewhere: Vec<(u32, u32)>,
    /// Pairs of import and finding.
    findings: Vec<(u32, u32)>,
}

/// The order of a container's children.
#[derive(Debug, Serialize)]
struct Order<'a> {
    rule: Cow<'a, str>,
    container: Cow<'a, str>,
    language: &'static str,
    layers: Vec<Vec<Cow<'a, str>>>,
}

impl<'a> Document<'a> {
    /// The document of a page.
    pub fn new(page: &Page<'a>) -> Self {
        let report = page.report;
        let mut strings = Strings::new();
        let listed = listed(&report.findings);
        let findings = Findings::new(&report.findings, &listed, &mut strings);
        let graph = report.graph.as_ref().map(|graph| Graph::new(graph, &listed, &mut strings));
        Self {
            title: escape(page.title).into_owned(),
            tool: env!("CARGO_PKG_NAME"),
            version: env!("CARGO_PKG_VERSION"),
            registry: report.project.registry.as_deref(),
            registry_hash: report.project.registry_hash.as_deref(),
            baseline: report.project.baseline.as_deref(),
            as_of: report.project.as_of.to_string(),
            overall: page.overview.map(|overview| Overall::new(page, overview, &mut strings)),
            findings,
            graph,
            strings: strings.into_table(),
        }
    }
}

impl<'a> Overall<'a> {
    fn new(page: &Page<'a>, overview: &'a Overview, strings: &mut Strings<'a>) -> Self {
        let report = page.report;
        let selected = report.selected.iter().flat_map(|selected| &selected.by);
        let mut unparsed = Unparsed::default();
        for file in &report.unparsed {
            unparsed.path.push(strings.add(&file.path));
            unparsed.line.push(file.line);
            unparsed.message.push(strings.add(&file.message));
            unparsed.scope.push(strings.add(&file.scope));
            unparsed.recovered.push(file.recovered);
        }
        Self {
            headline: headline(report),
            found: found(report),
            selected: selected.map(|by| escape(by)).collect(),
            summary: &report.summary,
            overview,
            closing: page.closing.map(|page| Closed {
                ready: page.is_ready(),
                verdict: page.verdict(),
                blocked_by: page.rules.iter().map(ClosedRule::blocked_by).collect(),
                page,
            }),
            unknown: Unknown::new(&report.unknown, strings),
            unparsed,
            notes: overview.notes.iter().map(|note| escape(note)).collect(),
        }
    }
}

/// The findings that are listed, by their indices in order: the worst, where there are too many.
fn listed(findings: &[Finding]) -> Vec<u32> {
    let mut listed: Vec<u32> = (0..findings.len() as u32).collect();
    if listed.len() > MOST {
        listed.sort_by_key(|at| {
            let violation = &findings[*at as usize].violation;
            (
                violation.status != Status::New,
                violation.severity,
                violation.scope != "production",
                violation.status,
            )
        });
        listed.truncate(MOST);
        listed.sort_unstable();
    }
    listed
}

impl Findings {
    fn new<'a>(findings: &'a [Finding], listed: &[u32], strings: &mut Strings<'a>) -> Self {
        let mut columns = Self { left_out: (findings.len() - listed.len()) as u32, ..Self::default() };
        for at in listed {
            columns.push(&findings[*at as usize], strings);
        }
        columns
    }

    fn push<'a>(&mut self, finding: &'a Finding, strings: &mut Strings<'a>) {
        let violation = &finding.violation;
        self.rule.push(strings.add(&violation.rule));
        self.kind.push(strings.add(violation.kind));
        self.severity.push(u8::from(violation.severity == Severity::Warn));
        self.status.push(match violation.status {
            Status::New => 0,
            Status::Known => 1,
            Status::Waived => 2,
        });
        self.path.push(strings.add(&finding.path));
        self.line.push(finding.line);
        self.column.push(finding.column);
        self.scope.push(strings.add(&violation.scope));
        self.importer.push(strings.add(&violation.importer));
        self.written.push(strings.add(violation.target()));
        self.definition.push(strings.add_any(violation.definition.as_deref()));
        let kinds = violation.import_kind.map_or_else(String::new, |kind| kind.names().join(", "));
        self.kinds.push(strings.add_shown(kinds.into()));
        self.message.push(strings.add(&violation.message));
        self.help.push(strings.add_any(violation.help.as_deref()));
        self.reason.push(strings.add_any(violation.reason.as_deref()));
        self.waived_by.push(strings.add(&violation.waived_by));
        self.cause.push(strings.add(&violation.cause));
        self.registry_line.push(violation.registry_line.unwrap_or(0));
        self.reached_by.push(violation.reached_by.unwrap_or(0));
        self.stops.push(violation.stops.len() as u32);
        let Shown { text, mark } = shown(&finding.snippet);
        self.source.push(strings.add_shown(text.into()));
        self.source_line.push(finding.snippet.first_line);
        self.mark.push(mark);
        let hops = violation.chain.iter().map(|hop| {
            let (importer, imported) = (strings.add(&hop.importer), strings.add(&hop.imported));
            (importer, imported, strings.add(&hop.path), hop.line)
        });
        self.chain.push(hops.collect());
    }
}

/// Source lines that can be shown, and where their mark is.
struct Shown {
    text: String,
    mark: (u32, u32),
}

fn shown(snippet: &Snippet) -> Shown {
    let text = &snippet.text;
    let end = snippet.mark.saturating_add(snippet.mark_len);
    let (before, marked, after) =
        match (text.get(..snippet.mark), text.get(snippet.mark..end), text.get(end..)) {
            (Some(before), Some(marked), Some(after)) => (before, marked, after),
            _ => (text.as_str(), "", ""),
        };
    // Lines stay lines, and a tab is no hidden character in source.
    let visible = |part: &str| {
        let lines: Vec<String> =
            part.split('\n').map(|line| escape(&line.replace('\t', "    ")).into_owned()).collect();
        lines.join("\n")
    };
    let (before, marked, after) = (visible(before), visible(marked), visible(after));
    let units = |part: &str| part.encode_utf16().count() as u32;
    Shown { mark: (units(&before), units(&marked)), text: [before, marked, after].concat() }
}

impl Unknown {
    fn new<'a>(uses: &'a [UnknownUse], strings: &mut Strings<'a>) -> Self {
        let mut columns = Self { left_out: uses.len().saturating_sub(MOST) as u32, ..Self::default() };
        for unknown in uses.iter().take(MOST) {
            columns.path.push(strings.add(&unknown.path));
            columns.line.push(unknown.line);
            columns.rule.push(strings.add(&unknown.rule));
            columns.target.push(strings.add(&unknown.target));
            columns.why.push(strings.add(&unknown.why));
        }
        columns
    }
}

impl<'a> Graph<'a> {
    fn new(graph: &'a GraphData, listed: &[u32], strings: &mut Strings<'a>) -> Self {
        let mut modules = Modules::default();
        let mut before: Cow<str> = "".into();
        for module in &graph.modules {
            let name = escape(&module.name);
            let shared =
                name.chars().zip(before.chars()).take_while(|(a, b)| a == b).map(|(c, _)| c.len_utf16());
            let shared: usize = shared.sum();
            let rest: String =
                String::from_utf16_lossy(&name.encode_utf16().skip(shared).collect::<Vec<u16>>());
            modules.name.push((shared as u32, rest.into()));
            before = name;
            modules.path.push(match implied_path(&module.name, &module.path, module.language) {
                Some(number) => number,
                None => strings.add(&module.path) + PATHS,
            });
            modules.package.push(strings.add(&module.package));
            modules.scope.push(strings.add(&module.scope));
            modules.language.push(strings.add(module.language.name()));
        }
        modules.imports = vec![0; graph.modules.len()];
        let mut imports = Imports::default();
        let mut last = (u32::MAX, 0);
        let places: BTreeMap<u32, u32> =
            listed.iter().enumerate().map(|(to, from)| (*from, to as u32)).collect();
        for (at, import) in graph.imports.iter().enumerate() {
            modules.imports[import.importer as usize] += 1;
            let from = if last.0 == import.importer { i64::from(last.1) } else { 0 };
            last = (import.importer, import.imported);
            imports.push(at as u32, import, i64::from(import.imported) - from, strings);
            let found = import.findings.iter().filter_map(|finding| places.get(finding));
            imports.findings.extend(found.map(|finding| (at as u32, *finding)));
        }
        let orders = graph.orders.iter().map(|order| Order {
            rule: escape(&order.rule),
            container: escape(&order.container),
            language: order.language.name(),
            layers: order
                .layers
                .iter()
                .map(|layer| layer.iter().map(|name| escape(name)).collect())
                .collect(),
        });
        Self { modules, imports, orders: orders.collect() }
    }
}

impl Imports {
    fn push<'a>(&mut self, at: u32, import: &'a GraphImport, to: i64, strings: &mut Strings<'a>) {
        self.to.push(to);
        self.line.push(import.line);
        self.name.push(strings.add(&import.name));
        self.kinds.push(strings.add_shown(import.kind.names().join(", ").into()));
        if let Some(path) = &import.path {
            self.elsewhere.push((at, strings.add(path)));
        }
    }
}

/// Paths below this number follow from the module's name.
const PATHS: u32 = 2;

/// 0 for `a/b.py` of `a.b`, 1 for `a/b/__init__.py`.
fn implied_path(name: &str, path: &str, language: Language) -> Option<u32> {
    if language != Language::Python {
        return None;
    }
    let stem = name.replace('.', "/");
    match path.strip_prefix(stem.as_str())? {
        ".py" => Some(0),
        "/__init__.py" => Some(1),
        _ => None,
    }
}
