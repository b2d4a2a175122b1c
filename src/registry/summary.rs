//! What an entry says, in a line: for lists.

use super::pattern::Pattern;
use super::{EntryKind, Item, Package};

impl EntryKind {
    /// One line, without the id.
    pub fn summary(&self) -> String {
        match self {
            Self::Doors(doors) => format!("{} modules", doors.len()),
            Self::Moved(lines) => format!("{} paths", lines.len()),
            Self::Canonical(canonical) => {
                format!("{} from {}", items(&canonical.symbols), canonical.path.text)
            }
            Self::Forbidden(forbidden) => {
                let chains = if forbidden.indirect { ", chains too" } else { "" };
                format!("{} must not import {}{chains}", patterns(&forbidden.from), patterns(&forbidden.to))
            }
            Self::Layers(layers) => {
                let lines = layers.order.iter().map(|layer| {
                    let names: Vec<&str> =
                        layer.members.iter().map(|member| member.name.text.as_str()).collect();
                    names.join(if layer.independent { " | " } else { " : " })
                });
                lines.collect::<Vec<_>>().join(" > ")
            }
            Self::Independent(independent) => {
                format!("{} import none of each other", patterns(&independent.modules))
            }
            Self::Protected(protected) if protected.only.is_empty() => {
                format!("{} imported by nobody else", patterns(&protected.modules))
            }
            Self::Protected(protected) => {
                format!("{} only imported by {}", patterns(&protected.modules), patterns(&protected.only))
            }
            Self::Allowed(allowed) if allowed.only.is_empty() => {
                format!("{} import nothing of first party", patterns(&allowed.from))
            }
            Self::Allowed(allowed) => {
                format!("{} import only {}", patterns(&allowed.from), patterns(&allowed.only))
            }
            Self::Interface(interface) => {
                format!("{} shows only {}", interface.of.text, items(&interface.exposes))
            }
            Self::Acyclic(acyclic) => format!("no cycles within {}", patterns(&acyclic.within)),
            Self::External(external) => match &external.only_packages {
                Some(packages) => format!("{} import only {}", patterns(&external.from), names(packages)),
                None => format!("{} must not import {}", patterns(&external.from), names(&external.deny)),
            },
            Self::Required(required) => {
                let any_of: Vec<&str> = required.any_of.iter().map(|path| path.item.text.as_str()).collect();
                format!("{} must import {}", patterns(&required.from), any_of.join(" or "))
            }
            Self::Entrypoint(entry) => {
                let started = match &entry.module {
                    Some(module) => module.item.text.clone(),
                    None => patterns(&entry.modules),
                };
                let of_image = |word: &str, list: &[Pattern]| match list {
                    [] => String::new(),
                    list => format!(" {word} {}", patterns(list)),
                };
                let (ships, absent) = (of_image("from", &entry.ships), of_image("without", &entry.absent));
                format!("{started} must start{ships}{absent}")
            }
        }
    }
}

fn patterns(list: &[Pattern]) -> String {
    joined(list.iter().map(|pattern| pattern.text.as_str()))
}

fn items(list: &[Item]) -> String {
    joined(list.iter().map(|item| item.text.as_str()))
}

fn names(list: &[Package]) -> String {
    joined(list.iter().map(|package| package.item.text.as_str()))
}

fn joined<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    texts.collect::<Vec<_>>().join(", ")
}
