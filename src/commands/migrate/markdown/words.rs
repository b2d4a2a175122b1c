//! The words and signs by which a page says what an import is. Knows no Markdown and no code.

/// What a page says of an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// This is the way.
    Canonical,
    /// The way to go instead of another that the page names.
    Replacement,
    /// It works, and another way is better.
    Compatible,
    /// Not to be used any more.
    Deprecated,
    /// It does not work.
    Broken,
}

impl Status {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Canonical => "canonical",
            Self::Replacement => "use instead",
            Self::Compatible => "compatible",
            Self::Deprecated => "deprecated",
            Self::Broken => "broken",
        }
    }
}

/// Of several, the first list that holds a word decides: nothing is called better than the worst that is said of it.
const SAYS: &[(Status, &[&str])] = &[
    (
        Status::Deprecated,
        &[
            "deprecated",
            "legacy",
            "obsolete",
            "outdated",
            "superseded",
            "retired",
            "discouraged",
            "avoid",
            "not recommended",
        ],
    ),
    (
        Status::Broken,
        &[
            "broken",
            "wrong",
            "incorrect",
            "invalid",
            "nonexistent",
            "removed",
            "forbidden",
            "does not exist",
            "do not exist",
            "did not exist",
            "doesnt exist",
            "dont exist",
            "not available",
            "not working",
            "does not work",
            "doesnt work",
            "no longer works",
            "no longer working",
            "no longer exists",
            "no longer exist",
            "no longer supported",
            "no longer available",
            "do not use",
            "dont use",
            "never use",
            "do not import",
            "dont import",
            "never import",
        ],
    ),
    (Status::Compatible, &["compatible", "compatibility", "compat", "shim", "transitional"]),
    (
        Status::Canonical,
        &[
            "canonical",
            "recommended",
            "preferred",
            "verified",
            "working",
            "correct",
            "official",
            "approved",
            "confirmed",
            "available",
            "primary",
            "ssot",
            "single source of truth",
        ],
    ),
];

/// Signs speak where no word does.
const SIGNS: &[(Status, &[char])] = &[
    (Status::Broken, &['❌', '✗', '✘', '🚫', '⛔', '🔴']),
    (Status::Deprecated, &['⚠', '🟡', '🟠']),
    (Status::Canonical, &['✅', '✔', '✓', '☑', '🟢']),
];

/// What a label says by its first word alone: "Old:", "✅ AFTER (…):".
const LABELS: &[(Status, &[&str])] =
    &[(Status::Deprecated, &["old", "before"]), (Status::Canonical, &["new", "after"])];

/// Words and signs that announce what to write instead of what stands before them.
const LEADS: &[&str] = &[
    "instead",
    "corrected",
    "replacement",
    "replaced by",
    "replace with",
    "migrate to",
    "moved to",
    "now in",
    "should be",
];
const ARROWS: &[&str] = &["→", "⇒", "➡", "⟶", "->", "=>"];

/// How those words begin.
const STARTS: &[&str] =
    &["use ", "use:", "instead", "corrected", "replace", "migrate to", "moved to", "now in", "rather than"];

/// Words after which comes what is *not* to be written.
const LEADS_BACK: &[&str] = &["instead of", "rather than", "in place of", "replaces"];

/// What a text says of the import beside it.
pub fn status_of(text: &str) -> Option<Status> {
    let words = words(text);
    let by_word = SAYS.iter().find(|(_, phrases)| phrases.iter().any(|phrase| says(&words, phrase)));
    let by_sign = || SIGNS.iter().find(|(_, signs)| text.contains(*signs));
    by_word.map(|(status, _)| *status).or_else(|| by_sign().map(|(status, _)| *status))
}

/// What a label says of the imports below it.
pub fn status_of_label(text: &str) -> Option<Status> {
    let words = words(text);
    let by_first = || {
        let first = words.first()?;
        LABELS.iter().find(|(_, known)| known.contains(&first.as_str())).map(|(status, _)| *status)
    };
    SAYS.iter()
        .find(|(_, phrases)| phrases.iter().any(|phrase| says(&words, phrase)))
        .map(|(status, _)| *status)
        .or_else(by_first)
        .or_else(|| status_of(text))
}

/// Whether a text is a label: it ends with a colon, or says nothing but a status.
pub fn is_label(text: &str) -> bool {
    let bare = text.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, '*' | '_'));
    bare.ends_with([':', '：']) || words(text).len() <= 3 && status_of(text).is_some()
}

/// Whether a text announces what to write instead.
pub fn leads_on(text: &str) -> bool {
    let words = words(text);
    (LEADS.iter().any(|phrase| has(&words, phrase)) && !leads_back(text))
        || ARROWS.iter().any(|arrow| text.contains(arrow))
        || words.last().is_some_and(|last| last == "use")
}

/// Whether a text announces what is not to be written.
pub fn leads_back(text: &str) -> bool {
    let words = words(text);
    LEADS_BACK.iter().any(|phrase| has(&words, phrase))
}

/// Where a text between two imports stops to speak of the first.
pub fn border(between: &str) -> usize {
    let lower = between.to_ascii_lowercase();
    let begins = |at: usize| !lower[..at].ends_with(|c: char| c.is_alphanumeric());
    let word = |lead: &str| lower.match_indices(lead).map(|(at, _)| at).find(|at| begins(*at));
    let words = STARTS.iter().filter_map(|lead| word(lead));
    let first = words.chain(ARROWS.iter().filter_map(|arrow| lower.find(arrow))).min();
    // What stands in brackets or after a dash explains what it follows.
    let explains = between.trim_start().starts_with(['(', '#', '—', '–', '-', ':', '|', '`']);
    first.unwrap_or(if explains { between.len() } else { 0 })
}

/// Lower-case words, without what is inside them besides letters and digits: "don't" is `dont`.
fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric() && !matches!(c, '\'' | '’' | '_'))
        .map(|word| word.chars().filter(|c| c.is_alphanumeric() || *c == '_').collect::<String>())
        .filter(|word| !word.is_empty())
        .map(|word| word.to_lowercase())
        .collect()
}

/// Whether the words hold a phrase, not denied by the word before.
fn says(words: &[String], phrase: &str) -> bool {
    positions(words, phrase).any(|at| {
        let denied = |back: usize, word: &str| at >= back && words[at - back] == word;
        let longer = denied(1, "longer") && denied(2, "no");
        !(denied(1, "not") || denied(1, "non") || denied(1, "isnt") || denied(1, "never") || longer)
    })
}

fn has(words: &[String], phrase: &str) -> bool {
    positions(words, phrase).next().is_some()
}

fn positions<'a>(words: &'a [String], phrase: &'a str) -> impl Iterator<Item = usize> + 'a {
    let length = phrase.split(' ').count();
    (0..(words.len() + 1).saturating_sub(length))
        .filter(move |at| phrase.split(' ').zip(&words[*at..]).all(|(wanted, word)| wanted == word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_before_signs_and_the_worst_word_decides() {
        let cases = [
            ("COMPATIBILITY: re-export, same class", Some(Status::Compatible)),
            ("Compatibility import (deprecated)", Some(Status::Deprecated)),
            ("❌ DEPRECATED: no longer supported", Some(Status::Deprecated)),
            ("⚠️ LEGACY", Some(Status::Deprecated)),
            ("❌ did not exist: made for test compatibility", Some(Status::Broken)),
            ("don’t use", Some(Status::Broken)),
            ("✅ VERIFIED", Some(Status::Canonical)),
            ("Primary SSOT", Some(Status::Canonical)),
            ("✅", Some(Status::Canonical)),
            ("❌", Some(Status::Broken)),
            ("not verified", None),
            ("unverified", None),
            ("❓", None),
            ("No longer a separate module", None),
            ("not deprecated", None),
            ("not recommended", Some(Status::Deprecated)),
            ("call it before the login", None),
            ("", None),
        ];
        for (text, status) in cases {
            assert_eq!(status_of(text), status, "{text}");
        }
    }

    #[test]
    fn labels() {
        for (text, status) in [
            ("❌ BEFORE (fragmented):", Some(Status::Deprecated)),
            ("✅ AFTER (unified):", Some(Status::Canonical)),
            ("Old:", Some(Status::Deprecated)),
            ("DEPRECATED (no longer working):", Some(Status::Deprecated)),
            ("These paths do not exist:", Some(Status::Broken)),
            ("Models:", None),
        ] {
            assert!(is_label(text), "{text}");
            assert_eq!(status_of_label(text), status, "{text}");
        }
        assert!(is_label("Deprecated"));
        assert!(is_label("**Broken:**"));
        assert!(!is_label("Fixed on Monday: the legacy engine is deprecated now"));
        assert!(!is_label("Models"));
    }

    #[test]
    fn what_leads_on() {
        for text in ["USE INSTEAD: ", "✅ CORRECTED: ", " → ✅ ", " -> ", "(deprecated, use "] {
            assert!(leads_on(text), "{text}");
        }
        for text in ["✅ CORRECT: ", "instead of ", "used by ", ""] {
            assert!(!leads_on(text), "{text}");
        }
        assert!(leads_back(" instead of "));
    }

    #[test]
    fn borders() {
        for (text, before) in [
            (" → ✅ ", " "),
            ("  # deprecated, use ", "  # deprecated, "),
            (" (legacy) ", " (legacy) "),
            ("; also ✅ ", ""),
        ] {
            assert_eq!(&text[..border(text)], before, "{text}");
        }
    }
}
