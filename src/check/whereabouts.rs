//! Where something is defined, and everything that names it: three answers from three places. [`subject`] says what
//! bears the name, [`uses`] who imports it, [`mentions`] where people and strings speak of it.
//!
//! It is found on demand and judged by nothing; texts are read again for it.

mod mentions;
mod subject;
mod uses;

use serde::Serialize;

use super::Analysis;
use crate::discover::Sources;
use crate::graph::model::ModuleId;
use crate::registry::pattern::{Pattern, Subject as Importer};
use crate::rules::context::{Context, PRODUCTION};
use subject::Subject;
pub use subject::{Name, nearest_name};

/// Everything about a name. Lists are sorted: production first, then the other scopes, each by path and line.
#[derive(Serialize)]
pub struct Found {
    /// Counts breaking changes.
    pub schema: u32,
    /// The name.
    pub name: String,
    /// The modules whose uses are listed; empty = all.
    pub from: Vec<String>,
    /// What bears the name.
    pub definitions: Vec<Definition>,
    /// Other modules and symbols whose path ends so.
    pub namesakes: Vec<String>,
    /// The modules through which it is imported.
    pub doors: Vec<Door>,
    /// Imports.
    pub imports: Vec<Import>,
    /// References by string.
    pub strings: Vec<StringRef>,
    /// Comments and docstrings.
    pub mentions: Vec<Mention>,
    /// Other strings that hold the name: most often no reference, so they do not count as left.
    pub literals: Vec<Mention>,
    /// What is listed.
    pub counts: Counts,
    /// What stands inside of the module or package itself and is not listed; nothing with `--from`.
    pub inside: Counts,
    /// What stands in no module of `--from`.
    pub elsewhere: Counts,
}

/// What bears the name.
#[derive(PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Definition {
    /// The name.
    pub name: String,
    /// `package`, `module`, `directory`, `class`, `function`, `value`; in Rust `crate`, `module`, `type`, `function`, `value`.
    pub kind: &'static str,
    /// The file.
    pub path: Option<String>,
    /// 1-based line.
    pub line: Option<u32>,
    /// The scope.
    pub scope: Option<String>,
    /// The language.
    pub language: Option<&'static str>,
    /// How many modules lie below it.
    pub modules: usize,
}

/// A module through which the name is imported.
#[derive(PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Door {
    /// The module.
    pub module: String,
    /// Imports.
    pub imports: usize,
    /// `first-party`, `external`, `missing`, or `missing-name` where the module exists and does not bind it.
    pub resolves: &'static str,
}

/// One import, access, or literal dynamic import.
#[derive(Serialize)]
pub struct Import {
    /// The file.
    pub path: String,
    /// 1-based line.
    pub line: u32,
    /// The scope.
    pub scope: String,
    /// The language.
    pub language: &'static str,
    /// The importing module.
    pub importer: String,
    /// The path as written, made absolute.
    pub written: String,
    /// Where that is defined.
    pub definition: Option<String>,
    /// `first-party`, `external`, `missing` or `unknown`.
    pub resolves: &'static str,
    /// Its kinds.
    pub kinds: Vec<&'static str>,
}

/// One reference by string: `mock.patch("a.b.C")` and kin.
#[derive(Serialize)]
pub struct StringRef {
    /// The file.
    pub path: String,
    /// 1-based line.
    pub line: u32,
    /// The scope.
    pub scope: String,
    /// The importing module.
    pub importer: String,
    /// The path as written, made absolute.
    pub written: String,
}

/// One line of a comment, a docstring or another string literal that holds the name.
#[derive(Serialize)]
pub struct Mention {
    /// The file.
    pub path: String,
    /// 1-based line.
    pub line: u32,
    /// The scope.
    pub scope: String,
    /// `comment`, `docstring` or `literal`.
    pub kind: &'static str,
    /// The line without the space around it.
    pub text: String,
}

/// How many there are.
#[derive(Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Imports.
    pub imports: usize,
    /// References by string.
    pub strings: usize,
    /// Comments and docstrings.
    pub mentions: usize,
    /// Other strings.
    pub literals: usize,
}

impl Counts {
    /// Whether nothing is left that refers to the name.
    pub fn is_none_left(self) -> bool {
        self.imports + self.strings + self.mentions == 0
    }
}

impl Found {
    /// Whether nothing bears the name and nothing speaks of it.
    pub fn is_empty(&self) -> bool {
        let nothing = Counts::default();
        self.definitions.is_empty()
            && [self.counts, self.inside, self.elsewhere].iter().all(|at| *at == nothing)
    }
}

/// Finds all that bears, imports or mentions a name; with `from` only what these modules do.
pub fn find(
    context: &Context,
    sources: &Sources,
    analysis: &Analysis,
    name: &Name,
    from: &[Pattern],
) -> Found {
    let subject = Subject::find(context, name);
    let asked = Asked { context, subject: &subject, from };
    let uses = uses::find(&asked);
    let (mentions, literals) = mentions::find(&asked, sources, analysis, &uses.literals);
    let count = |of: fn(&Tallies) -> usize| Counts {
        imports: of(&uses.imports.tallies),
        strings: of(&uses.strings.tallies),
        mentions: of(&mentions.tallies),
        literals: of(&literals.tallies),
    };
    Found {
        schema: 1,
        name: name.text.clone(),
        from: from.iter().map(|pattern| pattern.text.clone()).collect(),
        counts: count(|tallies| tallies.listed),
        inside: count(|tallies| tallies.inside),
        elsewhere: count(|tallies| tallies.elsewhere),
        definitions: subject.definitions(context),
        namesakes: subject.namesakes.clone(),
        doors: uses.doors,
        imports: uses.imports.list,
        strings: uses.strings.list,
        mentions: mentions.list,
        literals: literals.list,
    }
}

/// What is asked, of which state of the project.
struct Asked<'a> {
    context: &'a Context<'a>,
    subject: &'a Subject<'a>,
    from: &'a [Pattern],
}

/// Whether a use is listed, and if not, why.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    Listed,
    Inside,
    Elsewhere,
}

/// How many uses stand where.
#[derive(Default)]
struct Tallies {
    listed: usize,
    inside: usize,
    elsewhere: usize,
}

/// The uses that are listed, and how many are not.
struct Collected<T> {
    list: Vec<T>,
    tallies: Tallies,
}

impl<T> Collected<T> {
    /// Keeps what is listed, in its order.
    fn new(uses: impl IntoIterator<Item = (Standing, T)>) -> Self {
        let mut collected = Self { list: Vec::new(), tallies: Tallies::default() };
        for (standing, one) in uses {
            let tallies = &mut collected.tallies;
            match standing {
                Standing::Listed => {
                    tallies.listed += 1;
                    collected.list.push(one);
                }
                Standing::Inside => tallies.inside += 1,
                Standing::Elsewhere => tallies.elsewhere += 1,
            }
        }
        collected
    }
}

impl Asked<'_> {
    fn standing(&self, module: ModuleId) -> Standing {
        if self.from.is_empty() {
            return if self.subject.modules.contains(module) { Standing::Inside } else { Standing::Listed };
        }
        self.standing_of(&self.context.subject(module))
    }

    /// The same of a file that is no module.
    fn standing_of(&self, file: &Importer<'_>) -> Standing {
        if self.from.is_empty() || self.from.iter().any(|pattern| pattern.matches(file)) {
            Standing::Listed
        } else {
            Standing::Elsewhere
        }
    }

    /// Production first, then the scopes in the registry's order.
    fn rank(&self, scope: &str) -> usize {
        let scopes = &self.context.registry.scopes;
        match scopes.iter().position(|known| known.name == scope) {
            Some(at) if scope != PRODUCTION => at + 1,
            _ => 0,
        }
    }
}
