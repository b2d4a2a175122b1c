//! What an entry says, in a line: for lists.

use super::pattern::Pattern;
use super::{EntryKind, Item, Layer, Package};

/// How a name from the registry is shown among the words.
pub type Show<'a> = &'a dyn Fn(&str) -> String;

impl EntryKind {
    /// One line, without the id.
    pub fn summary(&self) -> String {
        self.summary_with(&str::to_owned)
    }

    /// The same, each name as `show` makes it.
    pub fn summary_with(&self, show: Show) -> String {
        match self {
            Self::Doors(doors) => several(doors.len(), "module"),
            Self::Moved(lines) => several(lines.len(), "path"),
            Self::Canonical(canonical) => {
                format!("{} from {}", items(&canonical.symbols, show), show(&canonical.path.text))
            }
            Self::Forbidden(forbidden) => {
                let chains = if forbidden.indirect { ", chains too" } else { "" };
                let (from, to) = (patterns(&forbidden.from, show), patterns(&forbidden.to, show));
                format!("{from} must not import {to}{chains}")
            }
            Self::Layers(layers) => {
                let lines = layers.order.iter().map(|layer| show(&names_of(layer)));
                let order = lines.collect::<Vec<_>>().join(" > ");
                let within = (!layers.within.is_empty()).then(|| patterns(&layers.within, show));
                let within = within.map_or(String::new(), |within| format!(", in {within}"));
                let closed = (!layers.closed.is_empty()).then(|| items(&layers.closed, show));
                let closed = closed.map_or(String::new(), |closed| format!(", not past {closed}"));
                let exhaustive = if layers.exhaustive { ", nothing besides" } else { "" };
                format!("{order}{within}{closed}{exhaustive}")
            }
            Self::Independent(independent) => {
                format!("{} import none of each other", patterns(&independent.modules, show))
            }
            Self::Protected(protected) if protected.only.is_empty() => {
                format!("{} imported by nobody else", patterns(&protected.modules, show))
            }
            Self::Protected(protected) => {
                let (modules, only) = (patterns(&protected.modules, show), patterns(&protected.only, show));
                format!("{modules} only imported by {only}")
            }
            Self::Allowed(allowed) if allowed.only.is_empty() => {
                format!("{} import nothing of first party", patterns(&allowed.from, show))
            }
            Self::Allowed(allowed) => {
                format!("{} import only {}", patterns(&allowed.from, show), patterns(&allowed.only, show))
            }
            Self::Interface(interface) => {
                format!("{} shows only {}", show(&interface.of.text), items(&interface.exposes, show))
            }
            Self::Acyclic(acyclic) => {
                let depth = if acyclic.depth == 0 { ", among its children only" } else { "" };
                format!("no cycles within {}{depth}", patterns(&acyclic.within, show))
            }
            Self::External(external) => {
                let from = patterns(&external.from, show);
                let denied = (!external.deny.is_empty())
                    .then(|| format!("must not import {}", packages(&external.deny, show)));
                let only = external.only_packages.as_ref().map(|only| match only.as_slice() {
                    [] => "import no third party".to_owned(),
                    only => format!("import only {}", packages(only, show)),
                });
                let said: Vec<String> = denied.into_iter().chain(only).collect();
                let may = (!external.only.is_empty()).then(|| patterns(&external.only, show));
                let may = may.map_or(String::new(), |may| format!(", except {may}"));
                format!("{from} {}{may}", said.join(" and "))
            }
            Self::Required(required) => {
                let paths = |paths: &[super::SymbolPath]| {
                    paths.iter().map(|path| show(&path.item.text)).collect::<Vec<_>>().join(" or ")
                };
                let when = (!required.when.is_empty()).then(|| paths(&required.when));
                let when = when.map_or(String::new(), |when| format!(", where they import {when}"));
                format!("{} must import {}{when}", patterns(&required.from, show), paths(&required.any_of))
            }
            Self::Entrypoint(entry) => {
                let started = match &entry.module {
                    Some(module) => show(&module.item.text),
                    None => patterns(&entry.modules, show),
                };
                let of_image = |word: &str, list: &[Pattern]| match list {
                    [] => String::new(),
                    list => format!(" {word} {}", patterns(list, show)),
                };
                let (ships, absent) = (of_image("from", &entry.ships), of_image("without", &entry.absent));
                format!("{started} must start{ships}{absent}")
            }
        }
    }
}

/// A layer as it is written.
fn names_of(layer: &Layer) -> String {
    let written = layer.members.iter().map(|member| {
        let name = &member.name.text;
        if member.optional { format!("({name})") } else { name.clone() }
    });
    written.collect::<Vec<_>>().join(if layer.independent { " | " } else { " : " })
}

fn patterns(list: &[Pattern], show: Show) -> String {
    joined(list.iter().map(|pattern| pattern.text.as_str()), show)
}

fn several(n: usize, noun: &str) -> String {
    format!("{n} {noun}{}", if n == 1 { "" } else { "s" })
}

fn items(list: &[Item], show: Show) -> String {
    joined(list.iter().map(|item| item.text.as_str()), show)
}

fn packages(list: &[Package], show: Show) -> String {
    joined(list.iter().map(|package| package.item.text.as_str()), show)
}

fn joined<'a>(texts: impl Iterator<Item = &'a str>, show: Show) -> String {
    texts.map(show).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use crate::facts::Date;
    use crate::registry::load::{Home, load};
    use crate::source::RelPath;

    #[test]
    fn an_entry_says_all_that_decides() {
        let text = "version = 1
[[layers]]
id = \"l\"
order = [\"a\", \"b | (c)\", \"d : e\"]
within = [\"x\", \"y\"]
closed = [\"b\"]
exhaustive = true
[[external]]
id = \"e\"
from = [\"**\"]
deny = [\"redis\"]
only = [\"x.redis\"]
[[external]]
id = \"o\"
from = [\"x\"]
only-packages = [\"attrs\"]
[[required]]
id = \"r\"
from = [\"tests\"]
any-of = [\"base:A\", \"base:B\"]
when = [\"unittest\"]
[[acyclic]]
id = \"c\"
within = [\"x\"]
depth = 0
[[external]]
id = \"p\"
from = [\"x.pure\"]
only-packages = []
";
        let as_of = Date::parse("2026-11-22").unwrap();
        let registry = load(&RelPath::new("importlaw.toml"), text, Home::Own, as_of).unwrap();
        let said: Vec<String> = registry.entries.iter().map(|entry| entry.kind.summary()).collect();
        assert_eq!(
            said,
            [
                "a > b | (c) > d : e, in x, y, not past b, nothing besides",
                "** must not import redis, except x.redis",
                "x import only attrs",
                "tests must import base:A or base:B, where they import unittest",
                "no cycles within x, among its children only",
                "x.pure import no third party",
            ]
        );
        let marked = registry.entries[1].kind.summary_with(&|name| format!("<{name}>"));
        assert_eq!(marked, "<**> must not import <redis>, except <x.redis>");
    }
}
