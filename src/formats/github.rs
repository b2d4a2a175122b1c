//! Workflow commands of GitHub Actions: annotations in the diff of a pull request
//! (<https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands>).
//!
//! GitHub shows ten errors, ten warnings and ten notices of a step, and drops the rest without a word: so no more are
//! written, the worst, and a notice says how many there are.

use std::io;

use super::context::machine::{count, repository_path, told, worst_first};
use super::context::{counted, in_one_line, number};
use crate::report::{Finding, Report};
use crate::violation::Severity;

/// Annotations of one kind that GitHub shows of a step.
const A_KIND: usize = 10;

/// Writes the worst findings, then the notice.
pub fn write(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    let findings = worst_first(report);
    for severity in [Severity::Error, Severity::Warn] {
        let of_kind = findings.iter().filter(|finding| finding.violation.severity == severity);
        for finding in of_kind.take(A_KIND) {
            annotation(report, finding, out)?;
        }
    }
    let most = A_KIND as u64;
    let cut: Vec<String> = [(Severity::Error, "error"), (Severity::Warn, "warning")]
        .into_iter()
        .map(|(severity, noun)| (count(&findings, severity), noun))
        .filter(|(found, _)| *found > most)
        .map(|(found, noun)| format!("{} of {}", number(most), counted(found, noun)))
        .collect();
    let cut = if cut.is_empty() {
        String::new()
    } else {
        format!(" Annotated: {}, as GitHub shows no more of a step.", cut.join(" and "))
    };
    let name = env!("CARGO_PKG_NAME");
    writeln!(out, "::notice title={name}::{}", data(&format!("{}.{cut}", in_one_line(report))))
}

fn annotation(report: &Report, finding: &Finding, out: &mut dyn io::Write) -> io::Result<()> {
    let kind = match finding.violation.severity {
        Severity::Error => "error",
        Severity::Warn => "warning",
    };
    let file = property(&repository_path(report, &finding.path));
    write!(out, "::{kind} file={file},line={},endLine={}", finding.line, finding.end_line)?;
    // Columns are heeded within one line only.
    if finding.line == finding.end_line && finding.column < finding.end_column {
        write!(out, ",col={},endColumn={}", finding.column, finding.end_column)?;
    }
    let title = format!("{} {}", env!("CARGO_PKG_NAME"), finding.violation.rule);
    writeln!(out, ",title={}::{}", property(&title), data(&told(finding)))
}

/// What stands behind the `::`.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// What stands behind a `=`.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use crate::formats::Format;
    use crate::formats::sample::{self, finding, options, written};
    use crate::report::Report;
    use crate::violation::Severity;

    fn commands(report: &Report) -> Vec<String> {
        written(report, Format::Github, &options()).lines().map(str::to_owned).collect()
    }

    #[test]
    fn annotations_then_the_notice() {
        let lines = commands(&sample::report());
        assert_eq!(lines.len(), 8);
        assert_eq!(
            lines[0],
            "::error file=backend/app/auth.py,line=12,endLine=12,col=30,endColumn=35,title=importlaw \
             service-isolation::backend.app.auth imports auth_service.api.login, which backend may not reach.\
             %0AWhy: a service must start without its neighbours"
        );
        assert!(lines[6].starts_with("::warning file=backend/util.py,line=2,"), "{}", lines[6]);
        assert_eq!(
            lines[7],
            "::notice title=importlaw::6 errors and 1 warning in 6 files · 1 known (importlaw.baseline) · \
             1 waived. At least 99.5 %25 of 2,000 governed imports comply. Rules holding: 2 of 4."
        );
    }

    #[test]
    fn ten_of_a_kind_those_on_changed_lines_first_and_the_rest_is_counted() {
        let mut report = sample::empty();
        report.findings = (1..=1_234)
            .map(|line| finding("r", "forbidden", &format!("a{line:04}.py"), line, "import ‹x›"))
            .chain((1..=11).map(|line| {
                let mut warned = finding("w", "forbidden", &format!("b{line:02}.py"), line, "import ‹x›");
                warned.violation.severity = Severity::Warn;
                warned
            }))
            .collect();
        report.findings[999].on_changed_line = true;
        let lines = commands(&report);
        assert_eq!(lines.len(), 21);
        assert!(lines[0].starts_with("::error file=a1000.py,line=1000,"), "{}", lines[0]);
        assert!(lines[9].starts_with("::error file=a0009.py,"), "{}", lines[9]);
        assert!(lines[10].starts_with("::warning file=b01.py,"), "{}", lines[10]);
        let notice = lines.last().unwrap();
        assert!(
            notice.ends_with(
                " Annotated: 10 of 1,234 errors and 10 of 11 warnings, as GitHub shows no more of a step."
            ),
            "{notice}"
        );
    }

    #[test]
    fn nothing_breaks_out_of_its_place() {
        let mut report = sample::empty();
        report.findings = vec![finding("r", "forbidden", "a,line=9::x%\r\n::error::y.py", 1, "import ‹x›")];
        report.findings[0].violation.message = "50% of\n::set-env name=x::y".to_owned();
        report.findings[0].violation.help = Some("first\r\n::error::second".to_owned());
        let lines = commands(&report);
        assert_eq!(lines.len(), 2);
        assert_eq!(
            lines[0],
            "::error file=a%2Cline=9%3A%3Ax%25%0D%0A%3A%3Aerror%3A%3Ay.py,line=1,endLine=1,col=8,endColumn=9,\
             title=importlaw r::50%25 of\\n::set-env name=x::y.%0AFix: first%0A::error::second"
        );
    }

    #[test]
    fn a_finding_over_several_lines_has_no_columns() {
        let mut report = sample::empty();
        report.findings = vec![finding("r", "forbidden", "a.py", 1, "import ‹x›")];
        report.findings[0].end_line = 3;
        assert!(commands(&report)[0].starts_with("::error file=a.py,line=1,endLine=3,title=importlaw r::"));
    }
}
