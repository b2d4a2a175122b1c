//! What a registry says, as settings that can be compared: each key of the schema with the way in which it judges.
//!
//! [`WAYS`] is the one place that knows what it means to write more or less under a key. Whoever adds a key to the schema
//! adds its way; a test walks the schema.

use crate::facts::Date;
use crate::registry::build::DEPTH;
use crate::registry::pattern::Pattern;
use crate::registry::{
    Acyclic, Allowed, Canonical, CheckOptions, CheckSetting, Entry, EntryKind, Entrypoint, Exception,
    External, Forbidden, Independent, Interface, Item, Layer, Layers, Meta, Moved, Package, Protected,
    Required, SymbolPath,
};
use crate::source::Language;
use crate::violation::Severity;

/// In what way a key decides how much is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// It does not.
    Silent,
    /// It says what the rest speaks of: two things that differ in it are two things.
    Identity,
    /// error, warn, off.
    Level,
    /// What is on judges more.
    Flag,
    /// A smaller number judges less.
    Count,
    /// Any other value may judge less.
    Other,
    /// What is taken out of the list is judged no longer.
    Judged,
    /// The same; nothing written is everything.
    JudgedOrAll,
    /// The same where nothing written makes other things of what the entry names.
    Prefix,
    /// The same where each item of the list stands for itself.
    Members,
    /// What is added to the list is judged no longer, or as long as its date says.
    Excused,
    /// The same; nothing written excuses everything.
    ExcusedOrAll,
    /// The date of an excuse: later is longer.
    Until,
    /// The order of layers.
    Order,
}

/// What a table of the registry holds: its keys with their ways.
type Ways = &'static [(&'static str, Way)];

/// Every key of the schema. A key of a table in a list stands behind the list's: `except.until`.
pub(super) const WAYS: &[(&str, Ways)] = &[
    // Another version is another format: none but 1 can be read.
    ("", &[("version", Way::Silent), ("extends", Way::Other)]),
    ("project", &[("name", Way::Silent), ("exclude", Way::Excused), ("page", Way::Silent)]),
    (
        "python",
        &[
            ("roots", Way::Other),
            ("opaque", Way::Excused),
            ("version", Way::Other),
            // What is first party escapes `external`, what is not all the others.
            ("first-party", Way::Other),
            ("third-party", Way::Other),
            ("import-names", Way::Excused),
        ],
    ),
    ("rust", &[("manifests", Way::JudgedOrAll)]),
    // A file in another scope is judged by other rules, whichever way it went.
    ("scope", &[("name", Way::Other), ("files", Way::Other)]),
    ("doors", &[("", Way::Judged)]),
    ("moved", &[("", Way::Judged), ("to", Way::Silent), ("until", Way::Excused), ("reason", Way::Silent)]),
    (
        "canonical",
        &[
            ("id", Way::Identity),
            ("symbols", Way::Judged),
            ("path", Way::Other),
            ("compatible", Way::Excused),
            ("compatible.path", Way::Identity),
            ("compatible.until", Way::Until),
            ("compatible.reason", Way::Silent),
            ("retired", Way::Judged),
            ("within", Way::JudgedOrAll),
            ("unique", Way::Flag),
        ],
    ),
    ("forbidden", &[("from", Way::Judged), ("to", Way::Judged), ("indirect", Way::Flag)]),
    (
        "layers",
        &[("order", Way::Order), ("within", Way::Prefix), ("exhaustive", Way::Flag), ("closed", Way::Judged)],
    ),
    ("independent", &[("modules", Way::Members)]),
    // One protected module is outside of another, and so are those of `allowed`.
    ("protected", &[("modules", Way::Members), ("only", Way::Excused)]),
    ("allowed", &[("from", Way::Members), ("only", Way::Excused)]),
    ("interface", &[("of", Way::Other), ("exposes", Way::Excused)]),
    ("acyclic", &[("within", Way::Judged), ("depth", Way::Count)]),
    (
        "external",
        &[
            ("from", Way::Judged),
            ("deny", Way::Judged),
            ("only", Way::Excused),
            ("only-packages", Way::ExcusedOrAll),
        ],
    ),
    ("required", &[("from", Way::Judged), ("any-of", Way::Excused), ("when", Way::JudgedOrAll)]),
    (
        "entrypoint",
        &[
            ("module", Way::Judged),
            ("modules", Way::Judged),
            ("ships", Way::ExcusedOrAll),
            ("absent", Way::Judged),
            ("calls", Way::Judged),
        ],
    ),
    ("relative-import", &[("allow", Way::Excused)]),
    (
        "duplicate-definition",
        &[("within", Way::JudgedOrAll), ("kinds", Way::JudgedOrAll), ("except", Way::Excused)],
    ),
    (
        COMMON,
        &[
            ("id", Way::Identity),
            ("severity", Way::Level),
            ("level", Way::Level),
            ("reason", Way::Silent),
            ("help", Way::Silent),
            ("docs", Way::Silent),
            ("owner", Way::Silent),
            ("scopes", Way::JudgedOrAll),
            ("languages", Way::JudgedOrAll),
            ("except", Way::Excused),
            ("except.edge", Way::Identity),
            ("except.until", Way::Until),
            ("except.reason", Way::Silent),
            ("except-kinds", Way::Excused),
            // An entry that is off is none.
            ("off", Way::Identity),
        ],
    ),
];

/// Where the keys stand that every entry and every check takes.
pub(super) const COMMON: &str = "*";

/// The way of a key; what has none is taken to judge less whenever it changes.
pub(super) fn way(section: &str, key: &str) -> Way {
    known_way(section, key).or_else(|| known_way(COMMON, key)).unwrap_or(Way::Other)
}

/// The way of a key as [`WAYS`] gives it.
pub(super) fn known_way(section: &str, key: &str) -> Option<Way> {
    let (_, keys) = WAYS.iter().find(|(name, _)| *name == section)?;
    keys.iter().find(|(name, _)| *name == key).map(|(_, way)| *way)
}

/// One thing that is set.
#[derive(Debug)]
pub(super) struct Setting<'a> {
    pub(super) key: &'static str,
    pub(super) value: Value<'a>,
}

/// To what.
#[derive(Debug)]
pub(super) enum Value<'a> {
    /// A flag.
    Flag(bool),
    /// A number.
    Count(u32),
    /// A level; None = off.
    Level(Option<Severity>),
    /// A text, its line, and whether it is the name of a module.
    Text(&'a str, u32),
    /// A list; None where nothing is written.
    List(Option<Vec<One<'a>>>),
    /// `order` of layers.
    Order(&'a [Layer]),
}

/// An item of a list.
#[derive(Debug)]
pub(super) struct One<'a> {
    /// As written.
    pub(super) text: &'a str,
    /// 1-based line; None where it stands nowhere.
    pub(super) line: Option<u32>,
    /// The last day that it excuses.
    pub(super) until: Option<Date>,
    pub(super) what: What<'a>,
}

/// What an item is, as far as one can hold another.
#[derive(Debug)]
pub(super) enum What<'a> {
    /// Itself alone.
    Text,
    /// A symbol's name, or `*`.
    Symbol,
    /// A module pattern.
    Pattern(&'a Pattern),
    /// A module pattern that reaches only so far down: it holds no other.
    Near(&'a Pattern),
    /// A pattern of names.
    Names(Option<Box<Pattern>>),
    /// A package.
    Package(&'a Package),
    /// A module and all below it, or a symbol of it.
    Tree(&'a SymbolPath),
    /// What is started, and whether it must be bound too.
    Start(&'a SymbolPath),
    /// An exception.
    Edge(&'a Exception),
}

/// All that an entry says that decides what is judged, apart from what it is.
pub(super) fn of_entry(entry: &Entry) -> Vec<Setting<'_>> {
    let mut settings = of_kind(&entry.kind);
    let Meta { severity, scopes, languages, except, except_kinds, reason: _, help: _, docs: _, owner: _ } =
        &entry.meta;
    settings.push(Setting { key: "severity", value: Value::Level(Some(*severity)) });
    settings.extend(common(scopes.as_deref(), languages.as_deref(), except, except_kinds));
    settings
}

/// All that a check's setting says that decides what is judged.
pub(super) fn of_check(check: &CheckSetting) -> Vec<Setting<'_>> {
    let CheckSetting { id: _, on, meta, line, span: _, options } = check;
    let mut settings = vec![Setting { key: "level", value: Value::Level(on.then_some(meta.severity)) }];
    match options {
        CheckOptions::Nothing => {}
        CheckOptions::RelativeImport { allow_siblings } => {
            let siblings = allow_siblings.then(|| text("siblings", *line));
            settings.push(Setting { key: "allow", value: Value::List(Some(siblings.into_iter().collect())) });
        }
        CheckOptions::DuplicateDefinition(options) => {
            let kinds = [("class", options.classes), ("function", options.functions)];
            let kinds = kinds.into_iter().filter(|(_, on)| *on).map(|(kind, _)| text(kind, *line));
            settings.push(unless_empty("within", patterns(&options.within)));
            settings.push(Setting { key: "kinds", value: Value::List(Some(kinds.collect())) });
            settings.push(list("except", patterns(&options.names)));
        }
    }
    let Meta { severity: _, scopes, languages, except, except_kinds, reason: _, help: _, docs: _, owner: _ } =
        meta;
    let mut common = common(scopes.as_deref(), languages.as_deref(), except, except_kinds);
    // Its own `except` holds names.
    common.retain(|setting| settings.iter().all(|own| own.key != setting.key));
    settings.extend(common);
    settings
}

fn common<'a>(
    scopes: Option<&'a [Item]>,
    languages: Option<&'a [Language]>,
    except: &'a [Exception],
    except_kinds: &'a [String],
) -> Vec<Setting<'a>> {
    let edges = except.iter().map(|exception| One {
        text: &exception.item.text,
        line: Some(exception.item.line),
        until: exception.until,
        what: What::Edge(exception),
    });
    let languages =
        languages.map(|languages| languages.iter().map(|language| text(language.name(), None)).collect());
    vec![
        Setting { key: "scopes", value: Value::List(scopes.map(texts)) },
        Setting { key: "languages", value: Value::List(languages) },
        list("except", edges.collect()),
        list("except-kinds", except_kinds.iter().map(|kind| text(kind, None)).collect()),
    ]
}

fn of_kind(kind: &EntryKind) -> Vec<Setting<'_>> {
    match kind {
        // Each of their lines is compared with its own.
        EntryKind::Doors(_) => Vec::new(),
        EntryKind::Moved(lines) => of_moved(lines),
        EntryKind::Canonical(canonical) => of_canonical(canonical),
        EntryKind::Forbidden(Forbidden { from, to, indirect }) => vec![
            list("from", patterns(from)),
            list("to", patterns(to)),
            Setting { key: "indirect", value: Value::Flag(*indirect) },
        ],
        EntryKind::Layers(Layers { order, within, exhaustive, closed }) => vec![
            Setting { key: "order", value: Value::Order(order) },
            list("within", patterns(within)),
            Setting { key: "exhaustive", value: Value::Flag(*exhaustive) },
            list("closed", names(closed)),
        ],
        EntryKind::Independent(Independent { modules }) => vec![list("modules", patterns(modules))],
        EntryKind::Protected(Protected { modules, only }) => {
            vec![list("modules", patterns(modules)), list("only", patterns(only))]
        }
        EntryKind::Allowed(Allowed { from, only }) => {
            vec![list("from", patterns(from)), list("only", patterns(only))]
        }
        EntryKind::Interface(Interface { of, exposes }) => {
            vec![
                Setting { key: "of", value: Value::Text(&of.text, of.line) },
                list("exposes", names(exposes)),
            ]
        }
        EntryKind::Acyclic(Acyclic { within, depth }) => {
            // From further above, what has a depth does not reach as far down.
            let near = |pattern| One { what: What::Near(pattern), ..text(&pattern.text, Some(pattern.line)) };
            let within = if *depth < DEPTH { within.iter().map(near).collect() } else { patterns(within) };
            vec![list("within", within), Setting { key: "depth", value: Value::Count(*depth) }]
        }
        EntryKind::External(External { from, deny, only, only_packages }) => vec![
            list("from", patterns(from)),
            list("deny", packages(deny)),
            list("only", patterns(only)),
            Setting { key: "only-packages", value: Value::List(only_packages.as_deref().map(packages)) },
        ],
        EntryKind::Required(Required { from, any_of, when }) => {
            let tree = |path| symbol_path(path, What::Tree);
            vec![
                list("from", patterns(from)),
                list("any-of", any_of.iter().map(tree).collect()),
                unless_empty("when", when.iter().map(tree).collect()),
            ]
        }
        EntryKind::Entrypoint(Entrypoint { module, modules, ships, absent, calls }) => vec![
            list("module", module.iter().map(|module| symbol_path(module, What::Start)).collect()),
            list("modules", patterns(modules)),
            unless_empty("ships", patterns(ships)),
            list("absent", patterns(absent)),
            list("calls", calls.iter().map(|call| symbol_path(call, |_| What::Text)).collect()),
        ],
    }
}

/// Without a date the old path is a violation at once.
fn of_moved(lines: &[Moved]) -> Vec<Setting<'_>> {
    let one = |line| {
        let Moved { from, until, to: _, reason: _ }: &Moved = line;
        One { until: *until, ..symbol_path(from, What::Tree) }
    };
    let excused = lines.iter().filter(|line| line.until.is_some()).map(one);
    vec![
        list("", lines.iter().map(|line| One { until: None, ..one(line) }).collect()),
        list("until", excused.collect()),
    ]
}

pub(super) fn of_canonical(canonical: &Canonical) -> Vec<Setting<'_>> {
    let Canonical { symbols, path, compatible, retired, within, unique } = canonical;
    let symbols = symbols.iter().map(|item| One { what: What::Symbol, ..text(&item.text, Some(item.line)) });
    let doors = compatible
        .iter()
        .map(|door| One { until: door.until, ..text(&door.path.text, Some(door.path.line)) });
    vec![
        list("symbols", symbols.collect()),
        Setting { key: "path", value: Value::Text(&path.text, path.line) },
        list("compatible", doors.collect()),
        list("retired", retired.iter().map(|path| symbol_path(path, |_| What::Text)).collect()),
        unless_empty("within", patterns(within)),
        Setting { key: "unique", value: Value::Flag(*unique) },
    ]
}

fn list<'a>(key: &'static str, items: Vec<One<'a>>) -> Setting<'a> {
    Setting { key, value: Value::List(Some(items)) }
}

/// Where no item is nothing written.
fn unless_empty<'a>(key: &'static str, items: Vec<One<'a>>) -> Setting<'a> {
    Setting { key, value: Value::List((!items.is_empty()).then_some(items)) }
}

pub(super) fn text(text: &str, line: Option<u32>) -> One<'_> {
    One { text, line, until: None, what: What::Text }
}

pub(super) fn texts(items: &[Item]) -> Vec<One<'_>> {
    items.iter().map(|item| text(&item.text, Some(item.line))).collect()
}

pub(super) fn patterns(patterns: &[Pattern]) -> Vec<One<'_>> {
    patterns
        .iter()
        .map(|pattern| One { what: What::Pattern(pattern), ..text(&pattern.text, Some(pattern.line)) })
        .collect()
}

fn names(items: &[Item]) -> Vec<One<'_>> {
    let pattern = |item: &Item| Pattern::parse(&item.text, item.span, item.line).ok().map(Box::new);
    items
        .iter()
        .map(|item| One { what: What::Names(pattern(item)), ..text(&item.text, Some(item.line)) })
        .collect()
}

fn packages(packages: &[Package]) -> Vec<One<'_>> {
    packages
        .iter()
        .map(|package| One {
            what: What::Package(package),
            ..text(&package.item.text, Some(package.item.line))
        })
        .collect()
}

fn symbol_path<'a>(path: &'a SymbolPath, what: impl Fn(&'a SymbolPath) -> What<'a>) -> One<'a> {
    One { what: what(path), ..text(&path.item.text, Some(path.item.line)) }
}
