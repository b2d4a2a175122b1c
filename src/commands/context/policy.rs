//! What a state of the project lets pass that an earlier one did not: its registry and its baseline.

use std::collections::BTreeMap;

use super::{LARGEST_BASELINE, Project};
use crate::baseline::{self, Baseline};
use crate::discover::{Snapshot, read_regular, texts_in};
use crate::languages::python::stdlib::is_stdlib;
use crate::registry::Registry;
use crate::registry::loosened::{self, Comparison, Loosened};
use crate::report::difference::{Difference, POLICY_WEAKENED, Renamed, Weakened};
use crate::source::RelPath;

/// What the registry `head` judges less than `base`.
pub fn loosened(base: &Registry, head: &Registry) -> Comparison {
    loosened::compare(base, head, &|name| is_stdlib(name) || matches!(name, "std" | "core" | "alloc"))
}

/// Adds to a difference what the registry `head` judges less than `base`.
pub fn add_loosened(difference: &mut Difference, base: &Registry, head: &Registry) {
    let Comparison { loosened, renamed } = loosened(base, head);
    let path = |registry: &Registry| registry.path.as_ref().map(|path| path.as_str().to_owned());
    difference.weakened.extend(loosened.into_iter().map(|one| {
        let Loosened { kind, table, id, key, message, line, base_line } = one;
        Weakened {
            rule: POLICY_WEAKENED,
            kind: kind.name(),
            table: table.to_owned(),
            id,
            key: key.to_owned(),
            message,
            path: path(head),
            line,
            base_path: path(base),
            base_line,
        }
    }));
    difference.renamed.extend(renamed.into_iter().map(|one| {
        let loosened::Renamed { from, to, line } = one;
        Renamed { from, to, path: path(head), line }
    }));
}

impl Project {
    /// Adds to a difference what the baseline at the root excuses that the base's does not; the error says why that is
    /// not known. `moved` says whether a file may have gone from one path to the other.
    pub fn add_growth(
        &self,
        difference: &mut Difference,
        (base, head): (&Snapshot, Option<&Snapshot>),
        moved: &dyn Fn(&str, &str) -> bool,
    ) -> Result<(), String> {
        let (before, now) = (self.baseline_of(Some(base))?, self.baseline_of(head)?);
        let growth = baseline::growth(&before.entries, &now.entries, moved);
        let weakened = |kind, id: &str, message, line| Weakened {
            rule: POLICY_WEAKENED,
            kind,
            table: "baseline".to_owned(),
            id: id.to_owned(),
            message,
            path: Some(now.path.clone()),
            line: Some(line),
            ..Weakened::default()
        };
        if let Some(first) = growth.added.first() {
            let mut by_rule: BTreeMap<&str, u32> = BTreeMap::new();
            for entry in &growth.added {
                *by_rule.entry(&entry.rule).or_default() += 1;
            }
            let by_rule: Vec<String> =
                by_rule.into_iter().map(|(rule, count)| format!("{count} of `{rule}`")).collect();
            let message = format!("grew by {}: {}", growth.added.len(), by_rule.join(", "));
            difference.weakened.push(weakened("grown", "", message, first.line));
        }
        for (entry, was) in growth.later {
            let is =
                entry.until.map_or_else(|| "without an end".to_owned(), |until| format!("until {until}"));
            let message = format!("{} is excused {is}, was until {was}", entry.subject());
            difference.weakened.push(weakened("until", &entry.rule, message, entry.line));
        }
        Ok(())
    }

    /// The baseline at the root of a snapshot, or of the working tree; empty where there is none.
    fn baseline_of(&self, snapshot: Option<&Snapshot>) -> Result<Baseline, String> {
        let bytes = match snapshot {
            Some(snapshot) => {
                let texts = texts_in(&self.root, snapshot, &[baseline::FILE]);
                texts.map_err(|error| error.to_string())?.pop().flatten()
            }
            None => match read_regular(&self.root.join(baseline::FILE), LARGEST_BASELINE) {
                Ok(bytes) => Some(bytes),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
                Err(error) => return Err(error.to_string()),
            },
        };
        let text = String::from_utf8(bytes.unwrap_or_default()).map_err(|_| "it is not UTF-8".to_owned())?;
        Baseline::read(baseline::FILE, text, self.as_of).map_err(|errors| errors.to_string())
    }

    /// Says that the registry judges less than that of `base`, the merge base of `revision`; None where it does not, or
    /// where that cannot be read.
    pub fn told_loosened(&self, base: &Snapshot, revision: &str) -> Option<String> {
        let Snapshot::Commit(commit) = base else { return None };
        // Where the branch has gone on, what it holds now is not what is compared with.
        let is_tip = self.commit(revision, "--since").is_ok_and(|tip| tip == *commit);
        let revision = if is_tip { revision } else { commit.as_str().get(..10)? };
        let own = self.registry_of(base).ok()?.unwrap_or_default();
        if own.hash == self.registry.hash {
            return None;
        }
        let places = match loosened(&own, &self.registry).loosened.len() {
            0 => return None,
            1 => "1 place".to_owned(),
            places => format!("{places} places"),
        };
        let at = self.registry.path.as_ref().map_or("registry", RelPath::as_str);
        Some(format!("{at}: loosened in {places} since {revision}: see `importlaw diff {revision}`"))
    }
}
