//! Lists: what is no longer in one, and what is in it now.

use super::settings::{One, Way, What};
use super::{Compare, Loosening, Subject, lasts, listed};
use crate::module_path::{first, is_within};
use crate::registry::{Exception, Package};

impl Compare<'_> {
    /// Compares two lists; None = nothing is written.
    pub(super) fn list(
        &mut self,
        subject: Subject,
        key: &'static str,
        way: Way,
        before: Option<&[One]>,
        now: Option<&[One]>,
    ) {
        match (way, before, now) {
            (Way::Prefix, Some([]), Some(now @ [_, ..])) => {
                let texts: Vec<&str> = now.iter().map(|one| one.text).collect();
                let message = format!("`{key}` is {}, was nothing: the names are others", listed(&texts));
                self.add(subject, Loosening::Changed, key, message, None);
            }
            (Way::Judged | Way::Members | Way::Prefix, before, now) => {
                self.lost(subject, key, way, before.unwrap_or_default(), now.unwrap_or_default());
            }
            (Way::JudgedOrAll, Some(before), Some(now)) => self.lost(subject, key, way, before, now),
            (Way::JudgedOrAll, None, Some(now)) => {
                let texts: Vec<&str> = now.iter().map(|one| one.text).collect();
                let message = format!("`{key}` is {} alone, was everything", listed(&texts));
                self.add(subject, Loosening::Narrowed, key, message, None);
            }
            (Way::Excused, before, now) => {
                self.gained(subject, key, before.unwrap_or_default(), now.unwrap_or_default());
            }
            (Way::ExcusedOrAll, Some(before), Some(now)) => self.gained(subject, key, before, now),
            (Way::ExcusedOrAll, Some(_), None) => {
                let message = format!("`{key}` is gone, and without it nothing is left out");
                self.add(subject, Loosening::Widened, key, message, None);
            }
            _ => {}
        }
    }

    /// What `now` no longer covers.
    fn lost(&mut self, subject: Subject, key: &'static str, way: Way, before: &[One], now: &[One]) {
        for gone in before {
            if now.iter().any(|one| self.covers(one, gone, way)) {
                continue;
            }
            let part = |one: &&One| one.text != gone.text && self.covers(gone, one, way);
            let parts: Vec<&str> = now.iter().filter(part).map(|one| one.text).collect();
            let list = if key.is_empty() { String::new() } else { format!("`{key}` ") };
            let message = match (key.is_empty(), parts.as_slice()) {
                (_, parts @ [_, ..]) => format!("{list}holds {} instead of `{}`", listed(parts), gone.text),
                (false, []) => format!("{list}no longer holds `{}`", gone.text),
                (true, []) => format!("`{}` is gone", gone.text),
            };
            let kind = if key.is_empty() { Loosening::Removed } else { Loosening::Narrowed };
            self.add(subject, kind, key, message, gone.line);
        }
    }

    /// What `before` did not cover, or not for as long.
    fn gained(&mut self, subject: Subject, key: &'static str, before: &[One], now: &[One]) {
        for one in now {
            let held: Vec<&One> = before.iter().filter(|held| self.covers(held, one, Way::Excused)).collect();
            let lasted = held.iter().map(|held| held.until);
            // None never ends.
            let longest =
                if held.iter().any(|held| held.until.is_none()) { None } else { lasted.max().flatten() };
            let at = Subject {
                line: one.line.or(subject.line),
                entry: subject.entry.filter(|_| one.line.is_none()),
                ..subject
            };
            let is_line_of_moved = subject.table == "moved";
            let (kind, message, base_line) = if held.is_empty() {
                let ends = one.until.map_or_else(String::new, |until| format!(" until {until}"));
                let message = if is_line_of_moved {
                    format!("`{}` is excused{ends}, was not", one.text)
                } else {
                    format!("`{key}` now holds `{}`{ends}", one.text)
                };
                (Loosening::Widened, message, None)
            } else if longest.is_some_and(|longest| one.until.is_none_or(|until| until > longest)) {
                let list = if is_line_of_moved { String::new() } else { format!("`{key}` holds ") };
                let is = if is_line_of_moved { " is excused" } else { "" };
                let message =
                    format!("{list}`{}`{is} {}, was {}", one.text, lasts(one.until), lasts(longest));
                (Loosening::Until, message, held.iter().find_map(|held| held.line))
            } else {
                continue;
            };
            self.add(at, kind, key, message, base_line);
        }
    }

    /// Whether all that `narrow` says is said by `wide`.
    fn covers(&self, wide: &One, narrow: &One, way: Way) -> bool {
        if wide.text == narrow.text && !matches!(wide.what, What::Start(_)) {
            return true;
        }
        match (&wide.what, &narrow.what) {
            (What::Symbol, What::Symbol) => wide.text == "*",
            (What::Pattern(wide), What::Pattern(narrow)) if way == Way::Members => wide.includes_each(narrow),
            (What::Pattern(wide), What::Pattern(narrow) | What::Near(narrow)) => wide.includes(narrow),
            (What::Names(Some(wide)), What::Names(Some(narrow))) => wide.includes(narrow),
            (What::Package(wide), What::Package(narrow)) => self.package_covers(wide, narrow),
            (What::Tree(wide), What::Tree(narrow)) => {
                wide.symbol.is_none() && is_within(&narrow.module, &wide.module)
            }
            (What::Start(wide), What::Start(narrow)) => {
                wide.module == narrow.module && (narrow.symbol.is_none() || narrow.symbol == wide.symbol)
            }
            (What::Edge(wide), What::Edge(narrow)) => edge_covers(wide, narrow),
            _ => false,
        }
    }

    fn package_covers(&self, wide: &Package, narrow: &Package) -> bool {
        if wide.name == "*" {
            // Any third party, and none of what comes with the language.
            return narrow.name == "*" || !(self.is_standard)(first(&narrow.name));
        }
        if wide.attribute.is_some() {
            return wide.name == narrow.name && wide.attribute == narrow.attribute;
        }
        if wide.exact {
            return wide.name == narrow.name && narrow.exact && narrow.attribute.is_none();
        }
        is_within(&narrow.name, &wide.name)
    }
}

fn edge_covers(wide: &Exception, narrow: &Exception) -> bool {
    let to = match (&wide.to, &narrow.to) {
        (None, _) => true,
        (Some(wide), Some(narrow)) => wide.includes(narrow),
        (Some(_), None) => false,
    };
    to && wide.from.includes(&narrow.from)
}
