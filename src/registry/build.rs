//! Builds the registry's types out of a document that the reader has let pass.

use std::collections::{HashMap, HashSet};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::pattern::{PathGlobs, Pattern};
use super::read::{entry_id, header_span, plain_date, span, tables, takes_away};
use super::schema::{CHECKS, CheckSpec, Form, SECTIONS};
use super::{
    Acyclic, Allowed, Canonical, CheckOptions, CheckSetting, Compatible, DuplicateDefinition, Entry,
    EntryKind, Entrypoint, Exception, External, Forbidden, IMPLIED_SCOPES, Independent, Interface, Item,
    Layers, Meta, Moved, Protected, Python, Registry, Required, Rust, Scope, SymbolPath, values,
};
use crate::facts::Date;
use crate::source::{Language, LineIndex, Span};
use crate::violation::Severity;

/// What `files = ["default"]` stands for, and the scope `test` where none is written.
pub const DEFAULT_TEST_GLOBS: [&str; 5] =
    ["**/tests/**", "**/test/**", "**/test_*.py", "**/*_test.py", "**/conftest.py"];

/// `[python] opaque` before anything is written.
pub const DEFAULT_OPAQUE: [&str; 3] = ["**._version", "**.*_pb2", "**.*_pb2_grpc"];

/// Lays the registry's table `root` in `text` over what was built of those it extends; what it builds is said to lie at
/// `inherited_at` where that is given. `exclude` collects the globs. Returns the ids that it takes away although nothing
/// is inherited by them.
pub(super) fn lay_over(
    registry: &mut Registry,
    exclude: &mut Vec<Item>,
    text: &str,
    root: &DeTable<'_>,
    inherited_at: Option<(Span, u32)>,
) -> Vec<(String, Span)> {
    let builder = Builder { lines: LineIndex::new(text), inherited_at };
    if let Some(project) = table(root, "project") {
        exclude.extend(builder.items(project, "exclude"));
    }
    builder.settings(registry, root);
    builder.entries(&mut registry.entries, root)
}

impl Default for Registry {
    fn default() -> Self {
        let items = |texts: &[&str]| -> Vec<Item> { texts.iter().map(|text| unwritten(text)).collect() };
        let test = Scope {
            name: "test".to_owned(),
            files: PathGlobs::new(&items(&DEFAULT_TEST_GLOBS)).unwrap_or_default(),
            judged: Vec::new(),
            implied: false,
        };
        Self {
            path: None,
            text: String::new(),
            extends: Vec::new(),
            inherited: Vec::new(),
            hash: super::load::hash(""),
            name: None,
            exclude: PathGlobs::default(),
            page: None,
            python: Python { opaque: default_opaque(), ..Python::default() },
            rust: Rust::default(),
            scopes: with_implied(vec![test]),
            scopes_written: false,
            entries: Vec::new(),
            checks: CHECKS.iter().filter(|check| check.ready).map(default_setting).collect(),
        }
    }
}

/// The scopes, and behind them those that exist by themselves.
fn with_implied(mut scopes: Vec<Scope>) -> Vec<Scope> {
    for name in IMPLIED_SCOPES {
        if !scopes.iter().any(|scope| scope.name == name) {
            let (files, judged) = (PathGlobs::default(), Vec::new());
            scopes.push(Scope { name: name.to_owned(), files, judged, implied: true });
        }
    }
    scopes
}

fn unwritten(text: &str) -> Item {
    Item { text: text.to_owned(), span: Span::new(0, 0), line: 0 }
}
/// The item itself, or what `default` or `!default` stands for.
fn expand_default(item: &Item) -> Vec<Item> {
    let negation = match item.text.as_str() {
        "default" => "",
        "!default" => "!",
        _ => return vec![item.clone()],
    };
    let glob = |glob: &&str| Item { text: format!("{negation}{glob}"), ..item.clone() };
    DEFAULT_TEST_GLOBS.iter().map(glob).collect()
}

fn default_opaque() -> Vec<Pattern> {
    DEFAULT_OPAQUE.iter().filter_map(|text| Pattern::parse(text, Span::new(0, 0), 0).ok()).collect()
}

fn default_setting(check: &CheckSpec) -> CheckSetting {
    CheckSetting {
        id: check.name,
        on: check.level.is_some(),
        meta: Meta {
            severity: check.level.unwrap_or(Severity::Error),
            languages: check.python.then(|| vec![Language::Python]),
            ..Meta::default()
        },
        line: None,
        span: Span::new(0, 0),
        options: match check.name {
            "relative-import" => CheckOptions::RelativeImport { allow_siblings: false },
            "duplicate-definition" => CheckOptions::DuplicateDefinition(DuplicateDefinition {
                within: Vec::new(),
                classes: true,
                functions: true,
                names: Vec::new(),
            }),
            _ => CheckOptions::Nothing,
        },
    }
}

/// Builds the types. It leaves out whatever the reader has complained about: then nobody sees what it builds.
struct Builder {
    lines: LineIndex,
    inherited_at: Option<(Span, u32)>,
}

impl Builder {
    fn settings(&self, registry: &mut Registry, root: &DeTable<'_>) {
        if let Some(name) = table(root, "project").and_then(|project| text(project, "name")) {
            registry.name = Some(name);
        }
        if self.inherited_at.is_none() {
            registry.page = table(root, "project").and_then(|project| file(self.string(project, "page")?));
        }
        if let Some(python) = table(root, "python") {
            self.python(&mut registry.python, python);
        }
        if let Some(rust) = table(root, "rust").filter(|rust| rust.contains_key("manifests")) {
            let manifests = self.items(rust, "manifests").into_iter().filter_map(file);
            registry.rust.manifests = Some(manifests.collect());
        }
        if let Some(scopes) = root.get("scope") {
            let written: Vec<Scope> = tables(scopes).filter_map(|(_, table)| self.scope(table)).collect();
            registry.scopes_written = !written.is_empty();
            registry.scopes = with_implied(written);
        }
        if let Some(checks) = table(root, "checks") {
            for setting in &mut registry.checks {
                let check = CHECKS.iter().find(|check| check.name == setting.id);
                *setting =
                    check.and_then(|check| self.check(check, checks)).unwrap_or_else(|| setting.clone());
            }
        }
    }

    /// Each key that is written replaces what was there.
    fn python(&self, python: &mut Python, table: &DeTable<'_>) {
        let names = |key, names: &mut Vec<String>| {
            if table.contains_key(key) {
                *names = self.items(table, key).into_iter().map(|item| item.text).collect();
            }
        };
        names("first-party", &mut python.first_party);
        names("third-party", &mut python.third_party);
        if table.contains_key("roots") {
            let items = self.items(table, "roots");
            let roots = items.iter().filter_map(|item| Some(values::directory(&item.text).ok()?.to_owned()));
            python.roots = Some(roots.collect());
        }
        if table.contains_key("opaque") {
            python.opaque = default_opaque();
            python.opaque.extend(self.patterns(table, "opaque"));
        }
        if let Some(version) = text(table, "version") {
            python.version = values::python_version(&version).ok();
        }
        if let Some(names) = self::table(table, "import-names") {
            python.import_names = texts(names);
        }
    }

    fn scope(&self, table: &DeTable<'_>) -> Option<Scope> {
        let written = self.items(table, "files");
        let expanded: Vec<Item> = written.iter().flat_map(expand_default).collect();
        Some(Scope {
            name: text(table, "name")?,
            files: PathGlobs::new(&expanded).ok()?,
            judged: written
                .into_iter()
                .filter(|item| item.text != "default" && !item.text.starts_with('!'))
                .collect(),
            implied: false,
        })
    }

    /// Lays the entries of a document over `entries`: those above replace what has their id, `[doors]` and `[moved]`
    /// line by line.
    fn entries(&self, entries: &mut Vec<Entry>, root: &DeTable<'_>) -> Vec<(String, Span)> {
        let mut own = Vec::new();
        for name in ["doors", "moved"] {
            let Some(value) = root.get(name) else { continue };
            let Some(table) = value.get_ref().as_table() else { continue };
            let below = take(entries, name).map(|entry| entry.kind);
            let kind = match name {
                "doors" => {
                    let written = table.iter().map(|(path, symbols)| self.door(path, symbols));
                    let below = if let Some(EntryKind::Doors(doors)) = below { doors } else { Vec::new() };
                    EntryKind::Doors(merged(below, written.collect(), |door| &door.path.text))
                }
                _ => {
                    let written = table.iter().filter_map(|(from, to)| self.moved(from, to));
                    let below = if let Some(EntryKind::Moved(lines)) = below { lines } else { Vec::new() };
                    EntryKind::Moved(merged(below, written.collect(), |line| &line.from.item.text))
                }
            };
            let at = header_span(value);
            own.push((at, self.entry((name, at), at, Meta::default(), kind)));
        }
        let mut missing = Vec::new();
        // Those of one document do not replace each other: the reader complains of an id that is taken.
        let mut inherited: HashMap<String, usize> =
            entries.iter().enumerate().map(|(at, entry)| (entry.id.clone(), at)).collect();
        let mut replaced = vec![false; entries.len()];
        for name in SECTIONS.iter().filter(|s| matches!(s.form, Form::Entries(_))).map(|s| s.name) {
            for (value, table) in root.get(name).into_iter().flat_map(tables) {
                let Some((id, id_span)) = entry_id(name, table) else { continue };
                let below = inherited.remove(id);
                if let Some(at) = below {
                    replaced[at] = true;
                }
                if takes_away(table) {
                    missing.extend(below.is_none().then(|| (id.to_owned(), id_span)));
                } else if let Some(kind) = self.kind(name, table) {
                    let at = header_span(value);
                    own.push((at, self.entry((id, id_span), at, self.meta(table, "severity"), kind)));
                }
            }
        }
        own.sort_by_key(|(at, _)| at.start);
        let mut replaced = replaced.into_iter();
        entries.retain(|_| replaced.next() != Some(true));
        entries.extend(own.into_iter().map(|(_, entry)| entry));
        missing
    }

    fn entry(&self, (id, id_span): (&str, Span), span: Span, meta: Meta, kind: EntryKind) -> Entry {
        let (span, line) = self.place(span);
        let (_, id_line) = self.place(id_span);
        Entry { id: id.to_owned(), span, line, id_line, meta, kind }
    }

    fn door(&self, path: &Spanned<std::borrow::Cow<'_, str>>, symbols: &Spanned<DeValue<'_>>) -> Canonical {
        Canonical {
            symbols: self.list(symbols),
            path: self.item(path.get_ref(), span(path)),
            compatible: Vec::new(),
            retired: Vec::new(),
            within: Vec::new(),
            unique: false,
        }
    }

    fn moved(&self, from: &Spanned<std::borrow::Cow<'_, str>>, to: &Spanned<DeValue<'_>>) -> Option<Moved> {
        let details = to.get_ref().as_table();
        let target = match details {
            Some(details) => details.get("to")?,
            None => to,
        };
        Some(Moved {
            from: symbol_path(self.item(from.get_ref(), span(from)))?,
            to: symbol_path(self.item(target.get_ref().as_str()?, span(target)))?,
            until: details.and_then(|details| date(details, "until")),
            reason: details.and_then(|details| text(details, "reason")),
        })
    }

    fn canonical(&self, table: &DeTable<'_>) -> Option<Canonical> {
        let compatible = table.get("compatible").into_iter().flat_map(tables).filter_map(|(_, table)| {
            Some(Compatible {
                path: self.string(table, "path")?,
                until: date(table, "until"),
                reason: text(table, "reason"),
            })
        });
        Some(Canonical {
            symbols: self.items(table, "symbols"),
            path: self.string(table, "path")?,
            compatible: compatible.collect(),
            retired: self.items(table, "retired").into_iter().filter_map(symbol_path).collect(),
            within: self.patterns(table, "within"),
            unique: flag(table, "unique"),
        })
    }

    /// What a `[[name]]` table says by its kind.
    fn kind(&self, name: &str, table: &DeTable<'_>) -> Option<EntryKind> {
        let patterns = |key| self.patterns(table, key);
        let symbol_paths = |key| self.items(table, key).into_iter().filter_map(symbol_path).collect();
        let packages = |key| self.items(table, key).into_iter().filter_map(|item| values::package(item).ok());
        Some(match name {
            "canonical" => EntryKind::Canonical(self.canonical(table)?),
            "forbidden" => EntryKind::Forbidden(Forbidden {
                from: patterns("from"),
                to: patterns("to"),
                indirect: flag(table, "indirect"),
            }),
            "layers" => EntryKind::Layers(Layers {
                order: self
                    .items(table, "order")
                    .iter()
                    .filter_map(|item| values::layer(&item.text, item.span, item.line).ok())
                    .collect(),
                within: patterns("within"),
                exhaustive: flag(table, "exhaustive"),
                closed: self.items(table, "closed"),
            }),
            "independent" => EntryKind::Independent(Independent { modules: patterns("modules") }),
            "protected" => {
                EntryKind::Protected(Protected { modules: patterns("modules"), only: patterns("only") })
            }
            "allowed" => EntryKind::Allowed(Allowed { from: patterns("from"), only: patterns("only") }),
            "interface" => EntryKind::Interface(Interface {
                of: self.string(table, "of")?,
                exposes: self.items(table, "exposes"),
            }),
            "acyclic" => EntryKind::Acyclic(Acyclic { within: patterns("within"), depth: depth(table) }),
            "external" => EntryKind::External(External {
                from: patterns("from"),
                deny: packages("deny").collect(),
                only: patterns("only"),
                only_packages: table
                    .contains_key("only-packages")
                    .then(|| packages("only-packages").collect()),
            }),
            "required" => EntryKind::Required(Required {
                from: patterns("from"),
                any_of: symbol_paths("any-of"),
                when: symbol_paths("when"),
            }),
            "entrypoint" => EntryKind::Entrypoint(Entrypoint {
                module: self.string(table, "module").and_then(symbol_path),
                modules: patterns("modules"),
                ships: patterns("ships"),
                absent: patterns("absent"),
                calls: symbol_paths("calls"),
            }),
            _ => return None,
        })
    }

    /// What a document says of a check, if anything.
    fn check(&self, check: &'static CheckSpec, checks: &DeTable<'_>) -> Option<CheckSetting> {
        let mut setting = default_setting(check);
        let (name, value) = checks.get_key_value(check.name)?;
        let (span, line) = self.place(span(name));
        (setting.span, setting.line) = (span, Some(line));
        let mut level = value.get_ref().as_str();
        if let Some(table) = value.get_ref().as_table() {
            let default = setting.meta;
            setting.meta = Meta { severity: default.severity, ..self.meta(table, "level") };
            setting.meta.languages = setting.meta.languages.or(default.languages);
            self.options(table, &mut setting);
            level = table.get("level").and_then(|level| level.get_ref().as_str());
        }
        if let Some(level) = level {
            setting.on = level != "off";
            setting.meta.severity = if level == "warn" { Severity::Warn } else { Severity::Error };
        }
        Some(setting)
    }

    fn options(&self, table: &DeTable<'_>, setting: &mut CheckSetting) {
        match &mut setting.options {
            CheckOptions::Nothing => {}
            CheckOptions::RelativeImport { allow_siblings } => {
                *allow_siblings = text(table, "allow").is_some();
            }
            CheckOptions::DuplicateDefinition(options) => {
                let kinds = table.contains_key("kinds").then(|| self.items(table, "kinds"));
                let compares =
                    |kind| kinds.as_ref().is_none_or(|kinds| kinds.iter().any(|item| item.text == kind));
                options.classes = compares("class");
                options.functions = compares("function");
                options.within = self.patterns(table, "within");
                // Its `except` holds names, not importers.
                options.names = self.patterns(table, "except");
                setting.meta.except.clear();
            }
        }
    }

    fn meta(&self, table: &DeTable<'_>, level: &str) -> Meta {
        let languages = |items: Vec<Item>| items.iter().filter_map(|item| language(&item.text)).collect();
        Meta {
            severity: match text(table, level).as_deref() {
                Some("warn") => Severity::Warn,
                _ => Severity::Error,
            },
            reason: text(table, "reason"),
            help: text(table, "help"),
            docs: text(table, "docs"),
            owner: text(table, "owner"),
            scopes: table.get("scopes").map(|list| self.list(list)),
            languages: table.get("languages").map(|list| languages(self.list(list))),
            except: self.exceptions(table),
            except_kinds: self.items(table, "except-kinds").into_iter().map(|item| item.text).collect(),
        }
    }

    fn exceptions(&self, table: &DeTable<'_>) -> Vec<Exception> {
        let written = table.get("except").and_then(|list| list.get_ref().as_array());
        let written = written.into_iter().flat_map(|array| array.iter());
        written.filter_map(|value| self.exception(value)).collect()
    }

    fn exception(&self, value: &Spanned<DeValue<'_>>) -> Option<Exception> {
        let details = value.get_ref().as_table();
        let edge = match details {
            Some(details) => details.get("edge")?,
            None => value,
        };
        let item = self.item(edge.get_ref().as_str()?, span(edge));
        let (from, to) = values::edge(&item.text, item.span, item.line).ok()?;
        Some(Exception {
            from,
            to,
            until: details.and_then(|details| date(details, "until")),
            reason: details.and_then(|details| text(details, "reason")),
            item,
        })
    }

    fn patterns(&self, table: &DeTable<'_>, key: &str) -> Vec<Pattern> {
        let items = self.items(table, key).into_iter();
        items.filter_map(|item| Pattern::parse(&item.text, item.span, item.line).ok()).collect()
    }

    fn items(&self, table: &DeTable<'_>, key: &str) -> Vec<Item> {
        table.get(key).map(|list| self.list(list)).unwrap_or_default()
    }

    fn list(&self, value: &Spanned<DeValue<'_>>) -> Vec<Item> {
        let items = value.get_ref().as_array().into_iter().flat_map(|array| array.iter());
        items.filter_map(|item| Some(self.item(item.get_ref().as_str()?, span(item)))).collect()
    }

    fn string(&self, table: &DeTable<'_>, key: &str) -> Option<Item> {
        let value = table.get(key)?;
        Some(self.item(value.get_ref().as_str()?, span(value)))
    }

    fn item(&self, text: &str, span: Span) -> Item {
        let (span, line) = self.place(span);
        Item { text: text.to_owned(), span, line }
    }

    /// Where findings say that it stands: places are those of the main registry.
    fn place(&self, span: Span) -> (Span, u32) {
        self.inherited_at.unwrap_or_else(|| (span, self.lines.line(span.start)))
    }
}

fn take(entries: &mut Vec<Entry>, id: &str) -> Option<Entry> {
    entries.iter().position(|entry| entry.id == id).map(|at| entries.remove(at))
}

/// What lies below, without what is written by the same key, then what is written.
fn merged<T>(mut below: Vec<T>, written: Vec<T>, key: impl Fn(&T) -> &str) -> Vec<T> {
    let keys: HashSet<&str> = written.iter().map(&key).collect();
    below.retain(|line| !keys.contains(key(line)));
    below.extend(written);
    below
}

fn table<'v, 'i>(table: &'v DeTable<'i>, key: &str) -> Option<&'v DeTable<'i>> {
    table.get(key)?.get_ref().as_table()
}

fn text(table: &DeTable<'_>, key: &str) -> Option<String> {
    Some(table.get(key)?.get_ref().as_str()?.to_owned())
}

/// The strings of a table, by key.
fn texts(table: &DeTable<'_>) -> Vec<(String, String)> {
    let texts = table
        .iter()
        .map(|(key, value)| Some((key.get_ref().to_string(), value.get_ref().as_str()?.to_owned())));
    texts.flatten().collect()
}

fn flag(table: &DeTable<'_>, key: &str) -> bool {
    table.get(key).and_then(|value| value.get_ref().as_bool()).unwrap_or(false)
}

/// `depth` of `[[acyclic]]` where it is not written: as deep as any tree is.
pub(super) const DEPTH: u32 = 10;

/// `depth` of `[[acyclic]]`.
fn depth(table: &DeTable<'_>) -> u32 {
    let written = table.get("depth").and_then(|value| value.get_ref().as_integer());
    written.and_then(|integer| u32::from_str_radix(integer.as_str(), integer.radix()).ok()).unwrap_or(DEPTH)
}

fn date(table: &DeTable<'_>, key: &str) -> Option<Date> {
    plain_date(table.get(key)?.get_ref().as_datetime()?)
}

/// A file relative to the root, normalised.
fn file(item: Item) -> Option<Item> {
    Some(Item { text: values::file(&item.text).ok()?.to_owned(), ..item })
}

fn symbol_path(item: Item) -> Option<SymbolPath> {
    let (module, symbol) = values::symbol_path(&item.text).ok()?;
    Some(SymbolPath { module: module.to_owned(), symbol: symbol.map(str::to_owned), item })
}

fn language(name: &str) -> Option<Language> {
    Language::ALL.into_iter().find(|known| known.name() == name)
}
