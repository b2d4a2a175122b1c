//! Import statements written another way: all that is wanted of one file at once, and nothing around it touched.
//!
//! Names keep the name that the file calls them by. What cannot be done without guessing is refused, with the reason.

mod layout;
mod plan;
mod statements;
mod uses;

use ruff_python_ast::ModModule;
use ruff_python_parser::{Mode, ParseOptions, Parsed, parse_unchecked};

use super::prescan;
use crate::facts::{Also, Facts};
use crate::languages::rewrite::{Change, Refusal, Rewritten, Wanted, What};
use crate::source::Span;
use layout::Layout;
use plan::Planner;
use statements::Statements;

/// A parsed file whose imports can be rewritten, each alone or all at once.
pub struct Rewriter<'a> {
    text: &'a str,
    facts: &'a Facts,
    parsed: Parsed<ModModule>,
    statements: Statements,
}

/// Why nothing of such a file is rewritten.
pub const UNPARSED: &str = "the file does not parse";

impl<'a> Rewriter<'a> {
    /// Reads a decoded text again, whose facts are known; None where it does not parse. Called on threads with a stack
    /// that holds the parser.
    pub fn new(text: &'a str, facts: &'a Facts) -> Option<Self> {
        if !facts.problems.is_empty() || prescan::check(text).is_err() {
            return None;
        }
        let parsed = parse_unchecked(text, ParseOptions::from(Mode::Module)).try_into_module()?;
        if !parsed.errors().is_empty() {
            return None;
        }
        let statements = Statements::new(&parsed);
        Some(Self { text, facts, parsed, statements })
    }

    /// The changes that write all that is wanted. `risky`: also what may change the program's meaning.
    pub fn rewrite(&self, wanted: &[Wanted], risky: bool) -> Rewritten {
        let mut changes = Vec::new();
        let mut refused = Vec::new();
        let layout = Layout { text: self.text, statements: &self.statements };
        let mut planner = Planner::new(layout, self.facts);
        for (at, one) in wanted.iter().enumerate() {
            let done = match one.what {
                What::String(index) => self.string(index, &one.path).map(|change| changes.push(change)),
                What::Import(index) => match self.facts.imports.get(index as usize) {
                    Some(import) if import.kind.also.contains(Also::DYNAMIC) => {
                        self.dynamic(index, &one.path).map(|change| changes.push(change))
                    }
                    Some(import) if import.kind.also.contains(Also::WILDCARD) => {
                        self.wildcard(index, one, risky).map(|names| planner.want_wildcard(index, one, names))
                    }
                    Some(_) => planner.want(at, index, one),
                    None => Err(Refusal::of("it is no longer there")),
                },
            };
            if let Err(refusal) = done {
                refused.push((at, refusal));
            }
        }
        planner.plain_imports(risky, &|index, path, alike| {
            uses::renamed(&self.parsed, self.text, self.facts, index, path, alike)
        });
        let (planned, more) = planner.finish();
        changes.extend(planned);
        refused.extend(more);
        refused.sort_by_key(|(at, _)| *at);
        match Rewritten::sorted(changes) {
            Some(changes) => Rewritten { changes, refused },
            None => Rewritten::nothing(wanted, &Refusal::of("its changes overlap those of another import")),
        }
    }

    /// The names that take the place of a wildcard; None to keep it one.
    fn wildcard(&self, index: u32, wanted: &Wanted, risky: bool) -> Result<Option<Vec<String>>, Refusal> {
        if wanted.names.is_empty() {
            return Ok(None);
        }
        if !risky {
            return Err(Refusal::unless_unsafe("it takes everything: to name what is used may miss a name"));
        }
        let used = uses::used_names(&self.parsed, self.text, self.facts, index, &wanted.names);
        if used.is_empty() {
            return Err(Refusal::of("it takes everything, and the file uses nothing of it by name"));
        }
        Ok(Some(used))
    }

    /// A reference by string.
    fn string(&self, index: u32, path: &str) -> Result<Change, Refusal> {
        let string =
            self.facts.strings.get(index as usize).ok_or_else(|| Refusal::of("it is no longer there"))?;
        self.literal(string.span, &string.path, path)
    }

    /// A literal of `import_module` and its kin.
    fn dynamic(&self, index: u32, path: &str) -> Result<Change, Refusal> {
        let import = &self.facts.imports[index as usize];
        if import.level > 0 {
            return Err(Refusal::of("its literal is relative to a package"));
        }
        let before = self.text[..import.span.start as usize].trim_end();
        if before.ends_with("__import__(") {
            return Err(Refusal::of("`__import__` gives back the package at the front of the path"));
        }
        let Some(name) = &import.name else { return self.literal(import.span, &import.module, path) };
        let old = format!("{}:{name}", import.module);
        let (module, name) = path.rsplit_once('.').ok_or_else(|| Refusal::of("it names no module"))?;
        self.literal(import.span, &old, &format!("{module}:{name}"))
    }

    /// Writes another content between the quotes of one plain literal.
    fn literal(&self, span: Span, old: &str, new: &str) -> Result<Change, Refusal> {
        let pieced = || Refusal::of("it is put together of several literals");
        let written = self.text.get(span.start as usize..span.end as usize).ok_or_else(pieced)?;
        let prefix = written.len() - written.trim_start_matches(['r', 'R', 'u', 'U', 'f', 'F']).len();
        let quotes = ["\"\"\"", "'''", "\"", "'"].into_iter().find(|q| written[prefix..].starts_with(q));
        let quotes = quotes.ok_or_else(pieced)?;
        let inner = written[prefix + quotes.len()..].strip_suffix(quotes).ok_or_else(pieced)?;
        if inner != old {
            return Err(pieced());
        }
        let start = span.start + (prefix + quotes.len()) as u32;
        Ok(Change { span: Span::new(start, start + inner.len() as u32), text: new.to_owned() })
    }
}

/// The changes of a text that write all that is wanted; see [`Rewriter`].
pub fn rewrite(text: &str, facts: &Facts, wanted: &[Wanted], risky: bool) -> Rewritten {
    match Rewriter::new(text, facts) {
        Some(rewriter) => rewriter.rewrite(wanted, risky),
        None => Rewritten::nothing(wanted, &Refusal::of(UNPARSED)),
    }
}

#[cfg(test)]
mod tests;
