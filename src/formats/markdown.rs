//! Markdown for a comment on a pull request and for the summary of a CI job: the headline, what is worst, what is new.
//!
//! Forges refuse comments of 65,536 characters; what does not fit is counted.

use std::fmt::Write as _;
use std::io;

use super::context::block::{Block, group};
use super::context::machine::{active, repository_path, uri};
use super::context::markup::{cell, code, link, prose};
use super::context::tables::{facts, rules_holding, rules_worst_first, worst_first};
use super::context::{counted, counts, cut, found, headline, number, percent};
use crate::report::{Finding, Report, Tally};
use crate::violation::Severity;

/// Characters of the whole; some are left for what is put around it.
const ROOM: usize = 60_000;
/// Blocks that stand open; the others are folded.
const OPEN: usize = 20;
/// Rows of a table.
const ROWS: usize = 30;
/// Characters of one text from the tree or the registry.
const TEXT: usize = 400;
/// Characters of a name in a table.
const NAME: usize = 100;

/// Writes the comment.
pub fn write(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    let mut text = head(report);
    rules(report, &mut text);
    scopes(report, &mut text);
    let tail = tail(report);
    findings(report, ROOM.saturating_sub(length(&text) + length(&tail)), &mut text);
    text.push_str(&tail);
    out.write_all(text.as_bytes())
}

fn length(text: &str) -> usize {
    text.chars().count()
}

fn head(report: &Report) -> String {
    let mut text = format!("### {}: {}\n\n", env!("CARGO_PKG_NAME"), prose(&headline(report)));
    if let Some(selected) = &report.selected {
        let by: Vec<String> = selected.by.iter().take(ROWS).map(|by| code(&cut(by, TEXT))).collect();
        let _ = writeln!(
            text,
            "Selected by {}: **{} new** ({}), {} known, {} waived. All other numbers are those of the whole project.\n",
            by.join(", "),
            number(selected.new),
            counted(selected.errors, "error"),
            number(selected.known),
            number(selected.waived)
        );
        if !selected.not_judged.is_empty() {
            let _ = writeln!(text, "Not judged on a change: {}.\n", selected.not_judged.join(", "));
        }
    } else {
        let _ = writeln!(text, "{}\n", prose(&found(report)));
    }
    let _ = writeln!(text, "{}\\\n{}\n", counts(&report.summary.tally), prose(&rules_holding(report)));
    text
}

/// Rules with anything amiss.
fn rules(report: &Report, text: &mut String) {
    let amiss: Vec<_> = rules_worst_first(&report.summary)
        .into_iter()
        .filter(|(_, row)| row.findings > 0 || row.tally.compliant < row.tally.governed)
        .collect();
    if amiss.is_empty() {
        return;
    }
    text.push_str("| rule | findings | imports | comply | violations | waived | unknown |\n");
    text.push_str("|---|--:|--:|--:|--:|--:|--:|\n");
    for (rule, row) in amiss.iter().take(ROWS) {
        let warning = if row.severity == Severity::Warn { " (warning)" } else { "" };
        let (name, findings) = (cell(&cut(rule, NAME)), number(row.findings));
        let _ = writeln!(text, "| {name}{warning} | {findings} {}", numbers(&row.tally));
    }
    rest(amiss.len(), "rule", text);
}

/// Every scope, worst first.
fn scopes(report: &Report, text: &mut String) {
    let scopes = worst_first(&report.summary.by_scope);
    if scopes.is_empty() {
        return;
    }
    text.push_str(
        "| scope | imports | comply | violations | waived | unknown |\n|---|--:|--:|--:|--:|--:|\n",
    );
    for (scope, tally) in scopes.iter().take(ROWS) {
        let _ = writeln!(text, "| {} {}", cell(&cut(scope, NAME)), numbers(tally));
    }
    rest(scopes.len(), "scope", text);
}

fn numbers(tally: &Tally) -> String {
    let Tally { governed, violation, waived, unknown, compliance, .. } = *tally;
    let [governed, violation, waived, unknown] = [governed, violation, waived, unknown].map(number);
    format!("| {governed} | {} | {violation} | {waived} | {unknown} |", percent(compliance))
}

fn rest(rows: usize, noun: &str, text: &mut String) {
    if rows > ROWS {
        let _ = writeln!(text, "\n… {}", counted((rows - ROWS) as u64, &format!("more {noun}")));
    }
    text.push('\n');
}

/// What is new, one line a cause; what fits.
fn findings(report: &Report, mut room: usize, text: &mut String) {
    let new: Vec<&Finding> = active(report).collect();
    let blocks = group(&new);
    if blocks.is_empty() {
        return;
    }
    // The headings, the fold and the last line.
    room = room.saturating_sub(400);
    let lines: Vec<String> = blocks
        .iter()
        .map(|block| line(report, block))
        .take_while(|line| {
            let fits = length(line) <= room;
            room = room.saturating_sub(length(line));
            fits
        })
        .collect();
    text.push_str("#### New findings\n\n");
    let (open, folded) = lines.split_at(lines.len().min(OPEN));
    text.push_str(&open.concat());
    if !folded.is_empty() {
        let more = counted(folded.len() as u64, "more cause");
        let _ = writeln!(text, "\n<details><summary>{more}</summary>\n\n{}\n</details>", folded.concat());
    }
    let hidden: u64 = blocks[lines.len()..].iter().map(|block| block.findings.len() as u64).sum();
    if hidden > 0 {
        let causes = counted((blocks.len() - lines.len()) as u64, "more cause");
        let _ = writeln!(text, "\n… {causes} with {} do not fit here.", counted(hidden, "finding"));
    }
    text.push('\n');
}

fn line(report: &Report, block: &Block) -> String {
    let finding = block.findings[0];
    let violation = &finding.violation;
    let path = repository_path(report, &finding.path);
    let shown = format!("{}:{}", cut(&path, TEXT), finding.line);
    let place = link(&shown, &uri(&path), finding.line);
    let warning = if violation.severity == Severity::Warn { " (warning)" } else { "" };
    let mut line = format!("- {place} {}{warning}: ", code(&cut(&violation.rule, NAME)));
    line.push_str(&prose(&cut(&violation.message, TEXT)));
    if let Some(help) = &violation.help {
        let _ = write!(line, "; fix: {}", prose(&cut(&help.replace('\n', " "), TEXT)));
    }
    match block.findings.len() as u64 - 1 {
        0 => {}
        more => {
            let _ = write!(line, " — and {}", counted(more, "more place"));
        }
    }
    line.push('\n');
    line
}

/// What the numbers do not cover, and what the reader should know of the run.
fn tail(report: &Report) -> String {
    let mut text = String::new();
    for (label, words) in facts(report) {
        let _ = writeln!(text, "- {label}: {}", prose(&words));
    }
    for note in report.notes.iter().take(ROWS) {
        let _ = writeln!(text, "- Note: {}", prose(&cut(note, TEXT)));
    }
    text
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::formats::Format;
    use crate::formats::sample::{self, finding, options, written};
    use crate::report::{Report, Selected};

    fn markdown(report: &Report) -> String {
        written(report, Format::Markdown, &options())
    }

    #[test]
    fn the_whole_comment() {
        assert_snapshot!(markdown(&sample::report()), @r"
        ### importlaw: At least 99.5 % of 2,000 governed imports comply

        6 errors and 1 warning in 6 files · 1 known (importlaw.baseline) · 1 waived

        1,990 compliant · 6 violations · 2 waived · 2 unknown\
        Rules holding: 2 of 4 · worst: settings, 5 violations in 10 imports

        | rule | findings | imports | comply | violations | waived | unknown |
        |---|--:|--:|--:|--:|--:|--:|
        | `settings` | 5 | 10 | 40.0 % | 5 | 1 | 0 |
        | `service-isolation` | 1 | 1,000 | 99.8 % | 1 | 1 | 0 |
        | `unresolved-import` | 0 | 2,000 | 99.9 % | 0 | 0 | 2 |
        | `wildcard-import` (warning) | 1 | 1,901 | 99.9 % | 1 | 0 | 0 |

        | scope | imports | comply | violations | waived | unknown |
        |---|--:|--:|--:|--:|--:|
        | `production` | 1,498 | 99.4 % | 4 | 2 | 2 |
        | `test` | 502 | 99.6 % | 2 | 0 | 0 |

        #### New findings

        - [`backend/routes/a.py:1`](backend/routes/a.py#L1) `settings`: Settings comes from `shared.settings`, not from `old.settings`; fix: from shared.settings import Settings — and 4 more places
        - [`backend/app/auth.py:12`](backend/app/auth.py#L12) `service-isolation`: backend.app.auth imports auth\_service.api.login, which backend may not reach
        - [`backend/util.py:2`](backend/util.py#L2) `wildcard-import` (warning): a wildcard hides which names are imported

        - Files: 1,234 read, 98.7 % of those with imports comply in full
        - Coverage: 45.0 % of first-party imports have a rule in the registry
        - Not parsed: 1 file (1 production)
        - Excluded: 20 files with 340 import lines
        - Not read: 1 rust file that no target reaches, 17 typescript files
        - Note: the git index could not be read
        ");
    }

    #[test]
    fn any_number_of_findings_fits() {
        let mut report = sample::report();
        let long = "`漢` @everyone <b> ".repeat(300);
        report.findings = (1..=9_000)
            .map(|line| {
                let mut one = finding(
                    "r",
                    "forbidden",
                    &format!("{line:04}/{}.py", "d|r ".repeat(20)),
                    line,
                    "import ‹x›",
                );
                one.violation.cause = line.to_string();
                one.violation.message.clone_from(&long);
                one.violation.help = Some(long.clone());
                one
            })
            .collect();
        report.notes = vec![long; 500];
        let text = markdown(&report);
        assert!(text.chars().count() < 65_536, "{}", text.chars().count());
        assert!(text.contains("<details><summary>"), "the rest is folded");
        let listed = text.lines().filter(|line| line.starts_with("- [")).count();
        assert!(
            text.contains(&format!("… {} more causes with ", super::number(9_000 - listed as u64))),
            "{listed}"
        );
        assert_eq!(text.matches("<b>").count(), text.matches("` @everyone <b>").count(), "only within code");
    }

    #[test]
    fn a_narrowed_run_says_so() {
        let mut report = sample::report();
        report.selected = Some(Selected {
            by: vec!["--since a`b".to_owned()],
            new: 2,
            errors: 1,
            not_judged: &["unused-waiver"],
            ..Selected::default()
        });
        let text = markdown(&report);
        assert!(
            text.contains(
                "Selected by ``--since a`b``: **2 new** (1 error), 0 known, 0 waived. All other numbers are those of \
                 the whole project.\n\nNot judged on a change: unused-waiver.\n"
            ),
            "{text}"
        );
    }
}
