use std::cell::Cell;

use proptest::prelude::*;

use super::*;

fn date(text: &str) -> Date {
    Date::parse(text).unwrap()
}

const AS_OF: &str = "2026-11-22";

/// `importer target`, with `#n` for the nth of equals, from 0; the path is the importer's with `.py`.
fn entry(written: &str) -> Entry {
    let (words, ordinal) = written.split_once('#').unwrap_or((written, "0"));
    let (importer, target) = words.trim().split_once(' ').unwrap();
    Entry {
        language: Some(Language::Python),
        rule: "apart".to_owned(),
        importer: importer.to_owned(),
        target: target.to_owned(),
        ordinal: ordinal.parse().unwrap(),
        path: format!("{}.py", importer.replace('.', "/")),
        since: date("2026-06-30"),
        reason: "#12".to_owned(),
        owner: None,
        until: None,
        line: 1,
        span: Span::default(),
    }
}

/// What each finding is called by: the entry's number, `~` before it where the file was renamed, `!` where it is void.
fn compared(entries: &[Entry], found: &[&str], renames: &mut dyn FnMut(Date) -> Renames) -> Vec<String> {
    let recorded: Vec<Entry> = found.iter().map(|found| entry(found)).collect();
    let found: Vec<Found> = recorded
        .iter()
        .map(|entry| Found { key: entry.key(), ordinal: entry.ordinal, path: &entry.path })
        .collect();
    let of = compare(entries, &found, date(AS_OF), renames);
    of.into_iter()
        .map(|recorded| match recorded {
            None => "new".to_owned(),
            Some(Recorded { entry, moved, in_force }) => {
                format!("{}{}{entry}", if moved { "~" } else { "" }, if in_force { "" } else { "!" })
            }
        })
        .collect()
}

fn without_renames(entries: &[&str], found: &[&str]) -> Vec<String> {
    let entries: Vec<Entry> = entries.iter().map(|written| entry(written)).collect();
    compared(&entries, found, &mut |_| Renames::new())
}

#[test]
fn a_finding_is_known_by_its_importer_and_its_target() {
    assert_eq!(without_renames(&["a x", "b y"], &["a x", "a y", "b y"]), ["0", "new", "1"]);
}

#[test]
fn one_mended_and_one_made_is_not_even() {
    assert_eq!(without_renames(&["a x"], &["a y"]), ["new"]);
}

#[test]
fn another_rule_or_language_is_another_finding() {
    let mut other = entry("a x");
    other.rule = "layers".to_owned();
    let mut rust = entry("a x");
    rust.language = Some(Language::Rust);
    assert_eq!(compared(&[other, rust], &["a x"], &mut |_| Renames::new()), ["new"]);
}

#[test]
fn of_equal_findings_the_last_are_new() {
    assert_eq!(without_renames(&["a x", "a x#1"], &["a x", "a x#1", "a x#2"]), ["0", "1", "new"]);
    assert_eq!(without_renames(&["a x#1", "a x"], &["a x"]), ["1"]);
}

#[test]
fn an_ordinal_of_its_own_comes_first_then_the_order() {
    // The first of three was waived when the others were recorded.
    assert_eq!(without_renames(&["a x#1", "a x#2"], &["a x", "a x#1", "a x#2"]), ["new", "0", "1"]);
    // Above both another was made and waived.
    assert_eq!(without_renames(&["a x", "a x#1"], &["a x#1", "a x#2"]), ["1", "0"]);
}

#[test]
fn entries_that_a_merge_doubled_count_twice() {
    assert_eq!(without_renames(&["a x", "a x"], &["a x", "a x#1", "a x#2"]), ["0", "1", "new"]);
}

#[test]
fn the_order_of_lines_means_nothing() {
    let (one, other) = (["a x", "a x#1", "b x"], ["b x", "a x#1", "a x"]);
    let found = ["a x", "a x#1", "b x"];
    assert_eq!(without_renames(&one, &found), ["0", "1", "2"]);
    assert_eq!(without_renames(&other, &found), ["2", "1", "0"]);
}

#[test]
fn an_entry_past_its_date_takes_what_others_leave() {
    let until = |written: &str, until: &str| Entry { until: Some(date(until)), ..entry(written) };
    let none = &mut |_| Renames::new();
    assert_eq!(compared(&[until("a x", "2026-11-22")], &["a x"], none), ["0"], "its last day counts");
    assert_eq!(compared(&[until("a x", "2026-11-21")], &["a x"], none), ["!0"]);
    let two = [until("a x", "2026-11-21"), entry("a x#1")];
    assert_eq!(compared(&two, &["a x"], none), ["1"]);
    assert_eq!(compared(&two, &["a x", "a x#1"], none), ["!0", "1"]);
}

fn renamed(pairs: &[(&str, &str)]) -> Renames {
    let mut renames = Renames::new();
    for (old, new) in pairs {
        renames.entry((*old).to_owned()).or_default().push((*new).to_owned());
    }
    renames
}

#[test]
fn what_moved_with_its_file_is_known() {
    let entries = [entry("a x"), entry("a y"), entry("b x")];
    let now = renamed(&[("a.py", "c.py")]);
    assert_eq!(compared(&entries, &["c x", "c y", "c z"], &mut |_| now.clone()), ["~0", "~1", "new"]);
    assert_eq!(compared(&entries, &["d x"], &mut |_| now.clone()), ["new"], "git names no such rename");
}

#[test]
fn a_file_that_moved_takes_no_more_than_it_had() {
    let now = renamed(&[("a.py", "c.py")]);
    assert_eq!(compared(&[entry("a x")], &["c x", "c x#1"], &mut |_| now.clone()), ["~0", "new"]);
    // What is still where it was stays what it is.
    assert_eq!(compared(&[entry("a x")], &["a x", "c x"], &mut |_| now.clone()), ["0", "new"]);
}

#[test]
fn two_files_may_have_had_one_name() {
    let now = renamed(&[("a.py", "b.py"), ("a.py", "c.py")]);
    let entries = [entry("a x"), entry("a y")];
    assert_eq!(compared(&entries, &["b y", "c x"], &mut |_| now.clone()), ["~1", "~0"]);
}

#[test]
fn renames_are_asked_for_once_and_only_where_it_matters() {
    let asked = Cell::new(0);
    let mut ask = |since: Date| {
        asked.set(asked.get() + 1);
        assert_eq!(since, date("2026-03-01"), "the oldest of those that may have moved");
        Renames::new()
    };
    compared(&[entry("a x")], &["a x"], &mut ask);
    compared(&[entry("a x")], &["b y"], &mut ask);
    compared(&[entry("a x")], &["a y"], &mut ask);
    assert_eq!(asked.get(), 0);
    let older = Entry { since: date("2026-03-01"), ..entry("a x") };
    let unmoved = Entry { since: date("2026-01-01"), ..entry("q z") };
    compared(&[entry("a x"), older, unmoved], &["b x"], &mut ask);
    assert_eq!(asked.get(), 1);
}

#[test]
fn findings_without_an_importer_are_known_by_their_path() {
    let registry = Entry {
        language: None,
        rule: "unmatched-entry".to_owned(),
        importer: String::new(),
        target: "\"x\"".to_owned(),
        path: "importlaw.toml".to_owned(),
        ..entry("a x")
    };
    let key = Key {
        language: None,
        rule: "unmatched-entry".to_owned(),
        importer: "importlaw.toml".to_owned(),
        target: "\"x\"".to_owned(),
    };
    assert_eq!(registry.key(), key);
    let found = [Found { key, ordinal: 0, path: "importlaw.toml" }];
    let of = compare(&[registry], &found, date(AS_OF), &mut |_| Renames::new());
    assert_eq!(of, [Some(Recorded { entry: 0, moved: false, in_force: true })]);
}

#[test]
fn it_is_written_sorted_and_read_as_written() {
    let dated = Entry {
        owner: Some("@shop".to_owned()),
        until: Some(date("2026-12-31")),
        reason: "a \"b\"\n".to_owned(),
        ..entry("b x#1")
    };
    let text = text_of(&[dated.clone(), entry("a x")]);
    let expected = concat!(
        r#"{"language":"python","rule":"apart","importer":"a","target":"x","path":"a.py","#,
        r#""since":"2026-06-30","reason":"#,
        "\"#12\"}\n",
        r#"{"language":"python","rule":"apart","importer":"b","target":"x","ordinal":1,"path":"b.py","#,
        r#""since":"2026-06-30","reason":"a \"b\"\n","owner":"@shop","until":"2026-12-31"}"#,
        "\n"
    );
    assert_eq!(text, expected);
    let read = Baseline::read("f", text.clone(), date(AS_OF)).unwrap();
    assert_eq!(text_of(&read.entries), text);
    assert_eq!((read.entries[1].line, read.entries[1].ordinal), (2, 1));
    assert_eq!(read.entries[1].until, dated.until);
}

#[test]
fn empty_lines_line_ends_and_a_byte_order_mark_mean_nothing() {
    let line = text_of(&[entry("a x")]);
    let line = line.trim_end();
    let text = format!("\u{feff}{line}\r\n\r\n  \n{line}");
    let read = Baseline::read("f", text.clone(), date(AS_OF)).unwrap();
    let lines: Vec<u32> = read.entries.iter().map(|entry| entry.line).collect();
    assert_eq!(lines, [1, 4]);
    for entry in &read.entries {
        assert_eq!(&text[entry.span.start as usize..entry.span.end as usize], line);
    }
    assert_eq!(Baseline::read("f", String::new(), date(AS_OF)).unwrap().entries, []);
}

/// Each problem as `line:column: message`, with its help.
fn problems(text: &str) -> Vec<String> {
    let errors = Baseline::read("f", text.to_owned(), date(AS_OF)).unwrap_err();
    assert_eq!(errors.path, "f");
    errors
        .problems
        .iter()
        .map(|problem| match &problem.help {
            None => problem.to_string(),
            Some(help) => format!("{problem} ({help})"),
        })
        .collect()
}

#[test]
fn every_problem_is_told_at_its_place() {
    let text = r#"{"language":"java","rule":"","importer":1,"target":"x","ordinal":-1,"since":"2026-02-30","reason":"r"}
[]
{"language":"python","rulez":"é"
{}
{"language":null,"rule":"r","importer":"","target":"","path":"p","since":"2026-01-01","reason":"r","until":"2027-11-24","who":"é"}
{"language":null,"rule":"r","importer":"","target":"","path":"p","since":"2026-01-01","reason":" ","owner":null,"until":"2027-11-23"}
"#;
    assert_eq!(
        problems(text),
        [
            "1:2: `language` names no language (one of \"python\", \"rust\", \"typescript\", or null for findings \
             about the registry)",
            "1:20: `rule` is empty",
            "1:30: `importer` is no text",
            "1:56: `ordinal` is no number from 0 on",
            "1:1: `path` is missing",
            "1:69: `since` is no date (write \"YYYY-MM-DD\")",
            "2:1: an entry is one JSON object",
            "3:32: this is no JSON: EOF while parsing an object (an entry is one JSON object on a line of its own)",
            "4:1: `language` is missing",
            "4:1: `rule` is missing",
            "4:1: `importer` is missing",
            "4:1: `target` is missing",
            "4:1: `path` is missing",
            "4:1: `since` is missing",
            "4:1: `reason` is missing",
            "5:121: there is no key `who` (an entry holds language, rule, importer, target, ordinal, path, since, \
             reason, owner, until)",
            "5:100: `until` is more than 366 days ahead (2027-11-23 is the last day that it can name)",
            "6:87: `reason` is empty",
            "6:100: `owner` is no text",
        ]
    );
}

#[test]
fn the_marks_of_a_merge_are_named() {
    let line = text_of(&[entry("a x")]);
    let text = format!("<<<<<<< HEAD\n{line}=======\n{line}>>>>>>> theirs\n");
    let mark = "a merge left its mark here (take the marks out and keep the lines of both sides: their order means \
                nothing)";
    assert_eq!(problems(&text), [format!("1:1: {mark}"), format!("3:1: {mark}"), format!("5:1: {mark}")]);
}

proptest! {
    /// Whatever the file holds, it is read or told about at a place that exists.
    #[test]
    fn no_text_is_beyond_it(
        lines in prop::collection::vec(prop_oneof![".*", Just(text_of(&[entry("a x")])), "\\{\"[a-z]*\":.*"], 0..8),
        cut in any::<prop::sample::Index>(),
    ) {
        let text = lines.join("\n");
        let ends: Vec<usize> = (0..=text.len()).filter(|at| text.is_char_boundary(*at)).collect();
        let text = &text[..ends[cut.index(ends.len())]];
        match Baseline::read("f", text.to_owned(), date(AS_OF)) {
            Ok(read) => prop_assert!(read.entries.iter().all(|entry| entry.line as usize <= text.lines().count())),
            Err(errors) => {
                prop_assert!(!errors.problems.is_empty());
                let lines: Vec<&str> = text.split('\n').collect();
                for problem in &errors.problems {
                    let line = lines[problem.line as usize - 1];
                    prop_assert!(problem.column as usize <= line.chars().count() + 1, "{problem}");
                }
            }
        }
    }
}
