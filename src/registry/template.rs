//! Templates: registries that need a project's names before they say anything.
//!
//! A template is valid TOML, so that editors and tests can read it. In its strings
//! - `{key}` stands for the values of a key: the string is repeated for each of them,
//! - `{key.each}` repeats the whole table that it stands in, and is one of the values there,
//! - `{key.others}` stands for the values that `{key.each}` is not.
//!
//! A string holds one of them at most, and no escape. The comment at the top explains the template and is not filled in.

use std::fmt::Write as _;

use thiserror::Error;

use super::schema::Kind;
use super::values::{self, nearest};
use crate::module_path::is_within;
use crate::source::Span;

/// A registry with gaps.
#[derive(Debug)]
pub struct Template {
    /// What it is asked for by.
    pub name: &'static str,
    /// Its file.
    pub text: &'static str,
    /// What fills it; all of them are needed.
    pub keys: &'static [TemplateKey],
}

/// What fills gaps.
#[derive(Debug)]
pub struct TemplateKey {
    /// Its name.
    pub name: &'static str,
    /// What each value is: a module, a pattern or a layer.
    kind: Kind,
    /// How many values it needs.
    least: usize,
    /// What it means.
    doc: &'static str,
    /// Values that make an example.
    example: &'static str,
}

/// Every template, by name.
pub const TEMPLATES: &[Template] = &[
    Template {
        name: "hexagonal",
        text: include_str!("../../rules/templates/hexagonal.toml"),
        keys: &[
            key("domain", Kind::Module, 1, "the packages of the domain", "shop.domain"),
            key("application", Kind::Module, 1, "those of the use cases", "shop.application"),
            key("adapters", Kind::Module, 1, "the packages that adapters lie in", "shop.adapters"),
        ],
    },
    Template {
        name: "layered",
        text: include_str!("../../rules/templates/layered.toml"),
        keys: &[
            key("layers", Kind::Layer, 2, "the layers below `within`, highest first", "routes,services,db"),
            key("within", Kind::Pattern, 1, "the packages that hold them", "shop"),
        ],
    },
    Template {
        name: "services",
        text: include_str!("../../rules/templates/services.toml"),
        keys: &[key("services", Kind::Module, 2, "the packages of the services", "auth,billing")],
    },
];

const fn key(
    name: &'static str,
    kind: Kind,
    least: usize,
    doc: &'static str,
    example: &'static str,
) -> TemplateKey {
    TemplateKey { name, kind, least, doc, example }
}

/// Why a template cannot be filled.
#[derive(Debug, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct NotFilled {
    /// Everything that is wrong, in one sentence without a final stop.
    pub message: String,
    /// What to write instead.
    pub help: String,
}

/// The template of that name.
pub fn named(name: &str) -> Result<&'static Template, NotFilled> {
    TEMPLATES.iter().find(|template| template.name == name).ok_or_else(|| {
        let names = || TEMPLATES.iter().map(|template| template.name);
        let help = match nearest(name, names()) {
            Some(known) => format!("did you mean `{known}`?"),
            None => format!("known here: {}", names().collect::<Vec<_>>().join(", ")),
        };
        NotFilled { message: format!("there is no template `{name}`"), help }
    })
}

/// The text of a registry: the template with each key's values, written `a,b`, in its gaps.
pub fn fill(template: &Template, set: &[(&str, &str)]) -> Result<String, NotFilled> {
    let values = template.values(set)?;
    let (head, body) = template.text.split_once("\nversion = ").unwrap_or((template.text, ""));
    let mut text = String::new();
    for line in head.lines().take_while(|line| *line != "#") {
        text.push_str(line);
        text.push('\n');
    }
    let from: Vec<String> =
        values.iter().map(|(key, values)| format!("{key} = {}", values.join(", "))).collect();
    let from = from.join("; ");
    let _ = write!(text, "#\n# From importlaw's template `{}`: {from}.\nversion = ", template.name);
    for table in tables(body) {
        let repeated = values.iter().find(|(key, _)| table.contains(&format!("{{{key}.each}}")));
        let times = repeated.map_or(1, |(_, values)| values.len());
        for number in 0..times {
            // Tables stand apart by an empty line, the last of a repeated one too.
            if number > 0 && !text.ends_with("\n\n") {
                text.push('\n');
            }
            filled(table, &values, number, &mut text);
        }
    }
    Ok(text)
}

/// The values of each key, in the order of the template.
type Values<'s> = Vec<(&'static str, Vec<&'s str>)>;

impl Template {
    /// What it is for, in a line.
    pub fn summary(&self) -> &'static str {
        self.text.lines().next().unwrap_or("").trim_start_matches("# ")
    }

    /// A command that fills it.
    pub fn example(&self) -> String {
        let set = self.keys.iter().map(|key| format!(" --set {}={}", key.name, key.example));
        format!("importlaw registry template {}{}", self.name, set.collect::<String>())
    }

    fn values<'s>(&self, set: &[(&str, &'s str)]) -> Result<Values<'s>, NotFilled> {
        let mut problems = Vec::new();
        for (name, _) in set {
            if !self.keys.iter().any(|key| key.name == *name) {
                let meant = nearest(name, self.keys.iter().map(|key| key.name));
                let meant = meant.map_or(String::new(), |known| format!("; did you mean `{known}`?"));
                problems.push(format!("it has no key `{name}`{meant}"));
            }
        }
        let mut values: Values<'s> = Vec::new();
        for key in self.keys {
            let mut written = set.iter().filter(|(name, _)| *name == key.name).map(|(_, text)| *text);
            let Some(text) = written.next() else {
                problems.push(format!("it needs `{}`", key.name));
                continue;
            };
            if written.next().is_some() {
                problems.push(format!("`{0}` is set twice: write `{0}=a,b`", key.name));
            }
            let list: Vec<&str> = text.split(',').map(str::trim).collect();
            let wrong = list.iter().filter_map(|value| key.check(value).err());
            problems.extend(wrong.map(|wrong| format!("`{}`: {wrong}", key.name)));
            if list.len() < key.least {
                problems.push(format!("`{}` needs at least {} values, `{text}` is one", key.name, key.least));
            }
            values.push((key.name, list));
        }
        if problems.is_empty() {
            problems.extend(self.overlaps(&values));
        }
        if problems.is_empty() {
            return Ok(values);
        }
        let keys = self.keys.iter().map(|key| format!("`{}`, {}", key.name, key.doc));
        let keys = keys.collect::<Vec<_>>().join("; ");
        Err(NotFilled {
            message: format!("the template `{}` cannot be filled: {}", self.name, problems.join("; ")),
            help: format!("its keys are {keys}. For example: {}", self.example()),
        })
    }

    /// A module that lies in another one, or is named twice, would be told apart from itself.
    fn overlaps(&self, values: &Values<'_>) -> Vec<String> {
        let mut names: Vec<&str> = Vec::new();
        for (key, (_, list)) in self.keys.iter().zip(values) {
            match key.kind {
                Kind::Module => names.extend(list),
                Kind::Layer => names.extend(list.iter().flat_map(|layer| {
                    let names = values::layer_names(layer).into_iter();
                    names.map(|name| name.trim_start_matches('(').trim_end_matches(')'))
                })),
                _ => {}
            }
        }
        let mut problems = Vec::new();
        for (at, name) in names.iter().enumerate() {
            let others = names.iter().enumerate().filter(|(other, _)| *other != at);
            for (other, above) in others {
                if name == above && other < at {
                    problems.push(format!("`{name}` is named twice"));
                } else if name != above && is_within(name, above) {
                    problems.push(format!("`{name}` lies within `{above}`"));
                }
            }
        }
        problems
    }
}

impl TemplateKey {
    fn check(&self, value: &str) -> Result<(), String> {
        match self.kind {
            Kind::Layer => values::layer(value, Span::default(), 1).map(drop),
            Kind::Pattern => super::pattern::Pattern::parse(value, Span::default(), 1).map(drop),
            _ => values::module(value),
        }
    }
}

/// What stands above the first table, then each table.
fn tables(body: &str) -> Vec<&str> {
    let starts = body.match_indices("\n[").map(|(at, _)| at + 1);
    let bounds: Vec<usize> = [0].into_iter().chain(starts).chain([body.len()]).collect();
    bounds.windows(2).map(|bounds| &body[bounds[0]..bounds[1]]).collect()
}

/// Writes one table with its gaps filled, `{key.each}` with the value of that number.
fn filled(table: &str, values: &Values<'_>, number: usize, text: &mut String) {
    for (at, part) in table.split('"').enumerate() {
        // Every second part stands between quotes.
        if at % 2 == 0 {
            text.push_str(part);
        } else {
            let strings = strings(part, values, number).into_iter();
            let quoted = strings.map(|string| toml::Value::from(string).to_string());
            text.push_str(&quoted.collect::<Vec<_>>().join(", "));
        }
    }
}

/// What one string of a template stands for.
fn strings(string: &str, values: &Values<'_>, number: usize) -> Vec<String> {
    for (key, list) in values {
        let every = list.iter().enumerate();
        for (gap, stands_for) in [
            (format!("{{{key}}}"), every.clone().map(|(_, value)| value).collect::<Vec<_>>()),
            (format!("{{{key}.each}}"), list.get(number).into_iter().collect()),
            (
                format!("{{{key}.others}}"),
                every.filter(|(at, _)| *at != number).map(|(_, value)| value).collect(),
            ),
        ] {
            if string.contains(&gap) {
                return stands_for.into_iter().map(|value| string.replace(&gap, value)).collect();
            }
        }
    }
    vec![string.to_owned()]
}

#[cfg(test)]
mod tests;
