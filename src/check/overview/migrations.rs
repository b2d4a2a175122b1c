//! Names that come through another door than before: of the same importer the same name, imported from one module then
//! and from another now. Where the name is defined may have moved with it.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::graph::model::{Graph, Outcome};
use crate::module_path;
use crate::registry::Registry;
use crate::report::overview::Migration;
use crate::rules::context::Context;

/// By importer and name the modules through which it comes.
type Doors = BTreeMap<(String, String), BTreeSet<String>>;

/// What migrated between an earlier state and this one, the names of most importers first.
pub(super) fn migrations(context: &Context, before: &Graph) -> Vec<Migration> {
    let (old, new) = (doors(before, context.registry), doors(context.graph, context.registry));
    compare(&old, &new)
}

fn doors(graph: &Graph, registry: &Registry) -> Doors {
    let renamed: BTreeMap<String, String> = registry
        .entries
        .iter()
        .flat_map(|entry| entry.kind.moved())
        .filter_map(|line| Some((line.from.paths(), line.to.symbol.clone()?)))
        .flat_map(|(paths, name)| paths.into_iter().map(move |path| (path, name.clone())))
        .collect();
    let mut doors = Doors::new();
    for row in graph.rows.iter().filter(|row| row.outcome != Outcome::External) {
        let import = graph.import(row);
        if import.name.as_deref().is_none_or(|name| name == "*") {
            continue;
        }
        let Some(door) = module_path::parent(&row.target) else { continue };
        // What the registry knows under a new name is one name.
        let name =
            renamed.get(row.target.as_str()).map_or_else(|| module_path::last(&row.target), String::as_str);
        let importer = graph.module(row.importer).name.clone();
        doors.entry((importer, name.to_owned())).or_default().insert(door.to_owned());
    }
    doors
}

fn compare(old: &Doors, new: &Doors) -> Vec<Migration> {
    let none = BTreeSet::new();
    let mut found: BTreeMap<(&str, &str), Migration> = BTreeMap::new();
    for (key, before) in old {
        let after = new.get(key).unwrap_or(&none);
        let came: Vec<&String> = after.difference(before).collect();
        let Some(last) = came.last() else { continue };
        for (at, from) in before.difference(after).enumerate() {
            let to = came.get(at).unwrap_or(last);
            let migration = found.entry((&key.1, from)).or_insert_with(|| Migration {
                name: key.1.clone(),
                from: from.clone(),
                to: BTreeMap::new(),
                migrated: 0,
                remaining: 0,
                introduced: 0,
            });
            *migration.to.entry((*to).clone()).or_default() += 1;
            migration.migrated += 1;
        }
    }
    for (key, after) in new {
        for door in after {
            let Some(migration) = found.get_mut(&(key.1.as_str(), door.as_str())) else { continue };
            if old.get(key).is_some_and(|before| before.contains(door)) {
                migration.remaining += 1;
            } else {
                migration.introduced += 1;
            }
        }
    }
    let mut found: Vec<Migration> = found.into_values().collect();
    found.sort_by_key(|migration| Reverse(migration.migrated));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_comes_through_another_door_migrated() {
        let doors = |uses: &[(&str, &str, &str)]| {
            let mut doors = Doors::new();
            for (importer, name, door) in uses {
                let key = ((*importer).to_owned(), (*name).to_owned());
                doors.entry(key).or_default().insert((*door).to_owned());
            }
            doors
        };
        let old = doors(&[
            ("a", "C", "old"),
            ("b", "C", "old"),
            ("c", "C", "old"),
            ("d", "C", "old"),
            ("d", "D", "old"),
            ("e", "C", "new"),
        ]);
        let new = doors(&[
            ("a", "C", "new"),
            ("b", "C", "newer"),
            ("c", "C", "old"),
            ("d", "D", "old"),
            ("e", "C", "new"),
            ("f", "C", "old"),
        ]);
        let to = BTreeMap::from([("new".to_owned(), 1), ("newer".to_owned(), 1)]);
        let (name, from) = ("C".to_owned(), "old".to_owned());
        assert_eq!(
            compare(&old, &new),
            [Migration { name, from, to, migrated: 2, remaining: 1, introduced: 1 }],
            "d imports it no more, which is no migration"
        );
    }
}
