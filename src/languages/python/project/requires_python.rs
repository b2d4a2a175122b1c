//! Which Python a version constraint allows: PEP 440 as in `requires-python`, and Poetry's `^`, `~` and `||`.

/// The newest Python that this tool knows.
pub const NEWEST: (u8, u8) = (3, 14);

/// The newest minor version that `constraint` allows any patch release of; None where it allows none that is known.
pub(super) fn newest_allowed(constraint: &str) -> Option<(u8, u8)> {
    let choices: Vec<Vec<Clause>> =
        constraint.split('|').filter(|part| !part.is_empty()).map(clauses).collect();
    (0..=NEWEST.1)
        .rev()
        .map(|minor| (NEWEST.0, minor))
        .find(|&python| choices.iter().any(|all| all.iter().all(|clause| clause.allows(python))))
}

/// `>=3.9`: an operator, the numbers, and whether `.*` ends them.
struct Clause<'a> {
    operator: &'a str,
    release: Vec<u32>,
    wildcard: bool,
}

/// The clauses of `>=3.8, <3.12`; commas may be left out.
fn clauses(text: &str) -> Vec<Clause<'_>> {
    let mut clauses = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches([' ', ',', '\t', '\n']);
        if rest.is_empty() {
            return clauses;
        }
        let (operator, after) = split_while(rest, |c| "<>=!~^".contains(c));
        let (version, after) =
            split_while(after.trim_start(), |c| c.is_ascii_alphanumeric() || "._*+-".contains(c));
        if operator.is_empty() && version.is_empty() {
            return clauses; // no version constraint at all from here on
        }
        rest = after;
        let numbers =
            version.split('.').map_while(|part| split_while(part, |c| c.is_ascii_digit()).0.parse().ok());
        clauses.push(Clause { operator, release: numbers.collect(), wildcard: version.ends_with('*') });
    }
}

fn split_while(text: &str, keep: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(|c| !keep(c)).unwrap_or(text.len()))
}

impl Clause<'_> {
    /// Whether some patch release of that minor version obeys. What cannot be understood forbids nothing.
    fn allows(&self, (major, minor): (u8, u8)) -> bool {
        let python = [u32::from(major), u32::from(minor)];
        let release = &self.release[..];
        let is_series =
            |length: usize| python.iter().zip(release).take(length).all(|(have, want)| have == want);
        match self.operator {
            _ if release.is_empty() => true,
            // The series' last patch release is above any bound within it, its first below.
            ">=" | ">" => python[..] >= release[..release.len().min(2)],
            "<" => python[..] < *without_zeros(release),
            "<=" => python[..] <= *without_zeros(release) || is_series(2),
            "!=" => !(self.wildcard && is_series(2)),
            "~=" => python[..] >= release[..release.len().min(2)] && is_series(release.len() - 1),
            "^" => python[..] >= release[..release.len().min(2)] && is_series(1),
            "==" | "===" | "=" | "~" | "" => is_series(2),
            _ => true,
        }
    }
}

/// 3.12.0 is 3.12.
fn without_zeros(release: &[u32]) -> &[u32] {
    let zeros = release.iter().rev().take_while(|&&number| number == 0).count();
    &release[..release.len() - zeros]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_that_is_allowed() {
        for (constraint, newest) in [
            (">=3.9", Some((3, 14))),
            (">=3.8,<3.12", Some((3, 11))),
            (">= 3.8, < 3.12.0", Some((3, 11))),
            (">=3.8 <3.12", Some((3, 11))),
            ("<3.12.4", Some((3, 12))),
            ("<=3.10", Some((3, 10))),
            ("<=3.10.0", Some((3, 10))),
            ("~=3.10", Some((3, 14))),
            ("~=3.10.2", Some((3, 10))),
            ("==3.11.*", Some((3, 11))),
            ("==3.11.4", Some((3, 11))),
            ("==3.*", Some((3, 14))),
            ("3.11", Some((3, 11))),
            ("*", Some((3, 14))),
            ("^3.9", Some((3, 14))),
            ("~3.9", Some((3, 9))),
            ("<4", Some((3, 14))),
            ("<4.0", Some((3, 14))),
            (">=3.7,<4.0,!=3.14.*", Some((3, 13))),
            (">=3.7,!=3.14.0", Some((3, 14))),
            ("~3.9 || ~3.10", Some((3, 10))),
            (">=3.13rc1", Some((3, 14))),
            (">=2.7,<3", None),
            (">=3.15", None),
            ("nonsense", Some((3, 14))),
            (">=3.99999999999999999999", Some((3, 14))),
            ("", None),
        ] {
            assert_eq!(newest_allowed(constraint), newest, "{constraint}");
        }
    }
}
