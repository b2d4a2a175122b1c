//! What no entry says: what is read, what is first party, which scope a file is in, and what a registry builds on.

use std::collections::BTreeMap;

use super::settings::{known_way, patterns, text, texts};
use super::{Compare, Loosening, Subject, listed};
use crate::registry::pattern::PathGlobs;
use crate::registry::{Inherited, Scope};

impl Compare<'_> {
    pub(super) fn settings(&mut self) {
        self.extends();
        self.exclude();
        self.python();
        let (base, head) = (self.base, self.head);
        let manifests = [&base.rust.manifests, &head.rust.manifests].map(|list| list.as_deref().map(texts));
        let [before, now] = manifests;
        self.setting("rust", "manifests", before.as_deref(), now.as_deref());
        self.scopes();
    }

    /// A list of `[table]`.
    fn setting(
        &mut self,
        table: &'static str,
        key: &'static str,
        before: Option<&[super::settings::One]>,
        now: Option<&[super::settings::One]>,
    ) {
        let subject = self.subject(table, key);
        if let Some(way) = known_way(table, key) {
            self.list(subject, key, way, before, now);
        }
    }

    fn subject(&self, table: &'static str, key: &str) -> Subject<'static> {
        let line = self.lines.of_setting(table, key).or_else(|| self.inherited_line());
        Subject { table, id: "", entry: None, line, base_line: None }
    }

    /// What is written nowhere and yet there comes from what is extended.
    fn inherited_line(&self) -> Option<u32> {
        self.head.inherited.first().map(|inherited| inherited.line)
    }

    fn extends(&mut self) {
        let now: BTreeMap<&str, &Inherited> =
            self.head.inherited.iter().map(|inherited| (inherited.path.as_str(), inherited)).collect();
        for before in &self.base.inherited {
            let path = before.path.as_str();
            let (kind, message, line) = match now.get(path) {
                None => (Loosening::Removed, format!("`{path}` is no longer extended"), None),
                Some(now) if now.hash != before.hash => {
                    (Loosening::Changed, format!("`{path}` is another version"), Some(now.line))
                }
                Some(_) => continue,
            };
            let subject =
                Subject { table: "extends", id: "", entry: None, line, base_line: Some(before.line) };
            self.add(subject, kind, "extends", message, None);
        }
    }

    fn exclude(&mut self) {
        let (before, now) = (&self.base.exclude, &self.head.exclude);
        let negates = |globs: &PathGlobs| globs.written().iter().any(|item| item.text.starts_with('!'));
        let subject = self.subject("project", "exclude");
        let mut told = false;
        for item in now.written().iter().filter(|item| !item.text.starts_with('!')) {
            let is_there = before.written().iter().any(|old| old.text == item.text);
            if !is_there && !before.includes(&item.text) {
                told = true;
                let at = Subject { line: Some(item.line), ..subject };
                let message = format!("`exclude` now holds `{}`", item.text);
                self.add(at, Loosening::Widened, "exclude", message, None);
            }
        }
        for item in before.written().iter().filter(|item| item.text.starts_with('!')) {
            if now.is_empty() || now.written().iter().any(|new| new.text == item.text) {
                continue;
            }
            told = true;
            let message = format!("`exclude` no longer holds `{}`", item.text);
            self.add(subject, Loosening::Widened, "exclude", message, Some(item.line));
        }
        // The last that matches wins: where something is taken back the order counts.
        if !told && negates(before) && negates(now) && order_differs(before, now) {
            self.add(subject, Loosening::Changed, "exclude", "`exclude` has another order".to_owned(), None);
        }
    }

    fn python(&mut self) {
        let (before, now) = (&self.base.python, &self.head.python);
        let written = |roots: &Option<Vec<String>>| match roots {
            None => "detected".to_owned(),
            Some(roots) => {
                let roots: Vec<&str> =
                    roots.iter().map(|root| if root.is_empty() { "." } else { root.as_str() }).collect();
                listed(&roots)
            }
        };
        let version = |version: Option<(u8, u8)>| match version {
            None => "that of requires-python".to_owned(),
            Some((major, minor)) => format!("`{major}.{minor}`"),
        };
        let names = |names: &[String]| {
            let mut names: Vec<&str> = names.iter().map(String::as_str).collect();
            names.sort_unstable();
            if names.is_empty() { "empty".to_owned() } else { listed(&names) }
        };
        for (key, before, now) in [
            ("roots", written(&before.roots), written(&now.roots)),
            ("version", version(before.version), version(now.version)),
            ("first-party", names(&before.first_party), names(&now.first_party)),
            ("third-party", names(&before.third_party), names(&now.third_party)),
        ] {
            if before != now {
                let subject = self.subject("python", key);
                self.add(subject, Loosening::Changed, key, format!("`{key}` is {now}, was {before}"), None);
            }
        }
        self.setting("python", "opaque", Some(&patterns(&before.opaque)), Some(&patterns(&now.opaque)));
        let pairs = |names: &[(String, String)]| -> Vec<String> {
            names.iter().map(|(name, distribution)| format!("{name} = {distribution}")).collect()
        };
        let (before, now) = (pairs(&before.import_names), pairs(&now.import_names));
        let [before, now] =
            [&before, &now].map(|pairs| pairs.iter().map(|pair| text(pair, None)).collect::<Vec<_>>());
        self.setting("python", "import-names", Some(&before), Some(&now));
    }

    fn scopes(&mut self) {
        let (base, head) = (self.base, self.head);
        if base.scopes_written && !head.scopes_written {
            let message = "no `[[scope]]` is written: `scope-leak` is not judged".to_owned();
            self.add(self.subject("scope", ""), Loosening::Changed, "files", message, None);
        }
        let texts = |scope: &Scope| -> Vec<String> {
            scope.files.written().iter().map(|item| item.text.clone()).collect()
        };
        let written = |scopes: &[Scope]| -> Vec<(String, Vec<String>)> {
            scopes
                .iter()
                .filter(|scope| !scope.implied)
                .map(|scope| (scope.name.clone(), texts(scope)))
                .collect()
        };
        let (before, now) = (written(&base.scopes), written(&head.scopes));
        if before == now {
            return;
        }
        let subject = self.subject("scope", "");
        let mut told = false;
        for (name, files) in &before {
            let message = match now.iter().find(|(other, _)| other == name) {
                None => ("name", format!("the scope `{name}` is gone")),
                Some((_, other)) if other != files => {
                    ("files", format!("the scope `{name}` has other files{}", gained_and_lost(files, other)))
                }
                Some(_) => continue,
            };
            told = true;
            self.add(subject, Loosening::Changed, message.0, message.1, None);
        }
        for (name, _) in now.iter().filter(|(name, _)| before.iter().all(|(other, _)| other != name)) {
            told = true;
            self.add(subject, Loosening::Changed, "name", format!("the scope `{name}` is new"), None);
        }
        if !told {
            let message = "the scopes have another order".to_owned();
            self.add(subject, Loosening::Changed, "name", message, None);
        }
    }
}

/// ` (now …, no longer …)`
fn gained_and_lost(before: &[String], now: &[String]) -> String {
    let only = |these: &[String], those: &[String]| -> Vec<String> {
        these.iter().filter(|text| !those.contains(text)).cloned().collect()
    };
    let (gained, lost) = (only(now, before), only(before, now));
    let part = |word: &str, texts: &[String]| {
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        (!texts.is_empty()).then(|| format!("{word} {}", listed(&texts)))
    };
    let parts: Vec<String> = [part("now", &gained), part("no longer", &lost)].into_iter().flatten().collect();
    if parts.is_empty() { " in another order".to_owned() } else { format!(": {}", parts.join(", ")) }
}

/// Whether those items that both hold stand in another order.
fn order_differs(before: &PathGlobs, now: &PathGlobs) -> bool {
    let common = |these: &PathGlobs, those: &PathGlobs| -> Vec<String> {
        let held = |text: &str| those.written().iter().any(|item| item.text == text);
        these.written().iter().map(|item| item.text.clone()).filter(|text| held(text)).collect()
    };
    common(before, now) != common(now, before)
}
