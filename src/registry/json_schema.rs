//! The JSON Schema of the registry, for editors: printed from the schema table.

use serde_json::{Map, Value, json};

use super::schema::{
    self, CHECK_COMMON, CHECKS, COMMON, CheckSpec, Form, Key, Kind, LEVELS, SECTIONS, Section,
};
use crate::violation::Severity;

/// A draft 2020-12 schema of a whole `importlaw.toml`.
pub fn json_schema() -> Value {
    let properties: Map<String, Value> =
        SECTIONS.iter().map(|section| (section.name.to_owned(), section_schema(section))).collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "importlaw registry",
        "description": "Who may import what, and the one place each symbol is imported from",
        "type": "object",
        "additionalProperties": false,
        "required": ["version"],
        "properties": properties,
        "$defs": definitions(),
    })
}

/// What is said once and referred to: the kinds of strings, and the keys that every rule and every check takes.
fn definitions() -> Map<String, Value> {
    let kinds = STRINGS.iter().map(|(name, meaning)| {
        ((*name).to_owned(), json!({ "type": "string", "minLength": 1, "description": meaning }))
    });
    let keys = COMMON
        .iter()
        .chain(CHECK_COMMON)
        .map(|key| (key.name.to_owned(), described(kind_schema(&key.kind), key.doc, key.ready)));
    kinds.chain(keys).collect()
}

fn section_schema(section: &'static Section) -> Value {
    let schema = match &section.form {
        Form::Value(kind) => kind_schema(kind),
        Form::Table(keys) => table_schema(keys.iter()),
        Form::List(keys) => json!({ "type": "array", "items": table_schema(keys.iter()) }),
        Form::Entries(own) => {
            let mut entry = with_common(schema::entry_keys(own), COMMON);
            let required = entry["required"].take();
            entry["if"] = json!({ "properties": { "off": { "const": true } }, "required": ["off"] });
            entry["then"] = json!({ "required": ["id"] });
            entry["else"] = json!({ "required": required });
            if let Some(entry) = entry.as_object_mut() {
                entry.remove("required");
            }
            json!({ "type": "array", "items": entry })
        }
        Form::Map(key, value) => json!({
            "type": "object",
            "propertyNames": kind_schema(key),
            "additionalProperties": kind_schema(value),
        }),
        Form::Checks => {
            let checks: Map<String, Value> =
                CHECKS.iter().map(|check| (check.name.to_owned(), check_schema(check))).collect();
            json!({ "type": "object", "additionalProperties": false, "properties": checks })
        }
    };
    described(schema, section.doc, section.ready)
}

fn check_schema(check: &'static CheckSpec) -> Value {
    let default = match check.level {
        Some(Severity::Error) => "error",
        Some(Severity::Warn) => "warn",
        None => "off",
    };
    let mut table = with_common(schema::check_keys(check), CHECK_COMMON);
    if check.level.is_none() {
        table["required"] = json!(["level"]);
    }
    let either = json!({ "anyOf": [{ "enum": LEVELS }, table], "default": default });
    described(either, check.doc, check.ready)
}

/// A table of `keys`, of which those of `common` are defined elsewhere.
fn with_common(keys: Vec<&'static Key>, common: &[Key]) -> Value {
    let is_common = |key: &Key| common.iter().any(|other| other.name == key.name && other.doc == key.doc);
    let (shared, own): (Vec<&Key>, Vec<&Key>) = keys.into_iter().partition(|key| is_common(key));
    let mut table = table_schema(own);
    for key in shared {
        table["properties"][key.name] = json!({ "$ref": format!("#/$defs/{}", key.name) });
    }
    table
}

fn table_schema(keys: impl IntoIterator<Item = &'static Key>) -> Value {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for key in keys {
        let mut schema = kind_schema(&key.kind);
        if key.required {
            required.push(key.name);
            if matches!(key.kind, Kind::List(_)) && !key.may_be_empty {
                schema["minItems"] = json!(1);
            }
        }
        properties.insert(key.name.to_owned(), described(schema, key.doc, key.ready));
    }
    let mut schema = json!({ "type": "object", "additionalProperties": false, "properties": properties });
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    schema
}

fn kind_schema(kind: &'static Kind) -> Value {
    match kind {
        Kind::Flag => json!({ "type": "boolean" }),
        Kind::Count => json!({ "type": "integer", "minimum": 0 }),
        Kind::FormatVersion => json!({ "const": 1 }),
        // TOML has dates; editors hand them to a schema as strings.
        Kind::Date => json!({ "type": "string", "format": "date" }),
        Kind::PythonVersion => json!({ "type": "string", "pattern": r"^3\.[0-9]+$" }),
        Kind::Choice(known) => json!({ "enum": known }),
        Kind::List(inner) => json!({ "type": "array", "items": kind_schema(inner) }),
        Kind::Table(keys) => table_schema(keys.iter()),
        Kind::Either(inner, keys) => json!({ "anyOf": [kind_schema(inner), table_schema(keys.iter())] }),
        Kind::TextMap => json!({ "type": "object", "additionalProperties": { "type": "string" } }),
        Kind::Text => json!({ "type": "string" }),
        Kind::Label => defined("label"),
        Kind::Scope => defined("scope"),
        Kind::Pattern => defined("pattern"),
        Kind::NamePattern => defined("name-pattern"),
        Kind::Glob => defined("glob"),
        Kind::Directory => defined("directory"),
        Kind::File => defined("file"),
        Kind::Module => defined("module"),
        Kind::SymbolPath => defined("symbol-path"),
        Kind::Callable => defined("callable"),
        Kind::Symbol => defined("symbol"),
        Kind::TopLevel => defined("top-level"),
        Kind::Layer => defined("layer"),
        Kind::Package => defined("package"),
        Kind::Edge => defined("edge"),
    }
}

fn defined(name: &str) -> Value {
    json!({ "$ref": format!("#/$defs/{name}") })
}

/// What the kinds of strings hold.
const STRINGS: &[(&str, &str)] = &[
    ("label", "Letters, digits, `-`, `_` and `.`"),
    ("scope", "The name of a scope"),
    (
        "pattern",
        "A module pattern: `a.b` covers the module and all below it, `=a.b` the module alone, `*` is one component or \
         a part of one, `**` any number; `a::b` is Rust's alone, `a.b` any language's; `@scope`; `path:GLOB`; \
         `python:`, `rust:` and `ts:` in front",
    ),
    ("name-pattern", "A pattern of names: `get_*`"),
    ("glob", "A path glob as in .gitignore; `!` in front takes files out again"),
    ("directory", "A directory relative to the project root"),
    ("file", "A file relative to the project root"),
    ("module", "A module's name: `a.b`, or `a::b` in Rust"),
    ("symbol-path", "`module` or `module:Symbol`"),
    ("callable", "`module:function`"),
    ("symbol", "A symbol's name, or `*`"),
    ("top-level", "A top-level package's name"),
    ("layer", "One layer: `a`, `a | b` (independent), `a : b` (may import each other), `(a)` (optional)"),
    ("package", "`pkg` with its sub-packages, `=pkg` without, `pkg:name` one attribute, `*` any third party"),
    ("edge", "An importer `A`, or an edge `A -> B`"),
];

/// Adds what people read.
fn described(mut schema: Value, doc: &str, ready: bool) -> Value {
    let note = if ready { "" } else { " (not judged by this version yet)" };
    schema["description"] = json!(format!("{doc}{note}"));
    schema
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn the_file_is_in_step_with_the_table() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules/registry.schema.json");
        let current = format!("{}\n", serde_json::to_string_pretty(&json_schema()).unwrap());
        if std::env::var_os("UPDATE").is_some() {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, &current).unwrap();
        }
        let stored = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(stored == current, "rules/registry.schema.json is stale: run the tests with UPDATE=1");
    }

    #[test]
    fn every_reference_has_its_definition() {
        fn references<'v>(value: &'v Value, found: &mut Vec<&'v str>) {
            match value {
                Value::Object(map) => {
                    found.extend(map.get("$ref").and_then(Value::as_str));
                    map.values().for_each(|value| references(value, found));
                }
                Value::Array(items) => items.iter().for_each(|value| references(value, found)),
                _ => {}
            }
        }
        let schema = json_schema();
        let mut found = Vec::new();
        references(&schema, &mut found);
        assert!(found.len() > 50);
        for reference in found {
            let pointer = reference.strip_prefix('#').unwrap();
            assert!(schema.pointer(pointer).is_some(), "{reference}");
        }
    }

    #[test]
    fn it_says_what_the_table_says() {
        let schema = json_schema();
        let at = |pointer: &str| schema.pointer(pointer).unwrap_or_else(|| panic!("{pointer}"));
        assert_eq!(at("/required"), &json!(["version"]));
        assert_eq!(at("/properties/version/const"), &json!(1));
        assert_eq!(at("/properties/forbidden/items/else/required"), &json!(["id", "from", "to"]));
        assert_eq!(at("/properties/canonical/items/else/required"), &json!(["symbols", "path"]));
        assert_eq!(at("/properties/forbidden/items/properties/indirect/type"), &json!("boolean"));
        assert_eq!(at("/properties/checks/properties/wildcard-import/default"), &json!("off"));
        let except =
            "/properties/checks/properties/duplicate-definition/anyOf/1/properties/except/items/$ref";
        assert_eq!(at(except), &json!("#/$defs/name-pattern"), "a check's own key wins");
        assert_eq!(at("/properties/forbidden/items/properties/except/$ref"), &json!("#/$defs/except"));
        assert_eq!(
            at("/properties/rust/properties/manifests/items"),
            at("/properties/project/properties/page/$ref")
                .as_str()
                .map(|to| json!({ "$ref": to }))
                .as_ref()
                .unwrap()
        );
    }
}
