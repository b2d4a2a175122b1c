//! `importlaw where NAME`: where something is defined, and everything that names it.
//!
//! Three answers from three places: [`subject`] says what bears the name, [`uses`] who imports it, [`mentions`] where
//! people and strings speak of it. [`text`] is for people; JSON is [`Found`] as it stands. (A module cannot be called
//! `where`.)

mod mentions;
mod subject;
mod text;
mod uses;

use std::io::Write;

use clap::ValueEnum;
use serde::Serialize;

use super::context::{Failure, Project, on_threads};
use super::{Exit, Global};
use crate::check::analyse_naming;
use crate::formats::context::write_json;
use crate::graph::model::ModuleId;
use crate::registry::pattern::{Pattern, Subject as Importer};
use crate::registry::values::nearest;
use crate::rules::context::{Context, PRODUCTION, Surroundings};
use crate::source::Span;
use subject::{Name, Subject};

/// What `where` takes.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A symbol, module or package: `C`, `a.b`, `a.b.C`, `a::b::C`; the end of a path will do
    name: String,
    /// Only what these modules import and mention (patterns as in the registry): are there any left?
    #[arg(long, value_name = "MODULES", value_delimiter = ',')]
    from: Vec<String>,
    /// Every line, not the first ones of each group
    #[arg(long)]
    all: bool,
    /// Output format
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
}

/// Everything about a name. Lists are sorted: production first, then the other scopes, each by path and line.
#[derive(Serialize)]
struct Found {
    schema: u32,
    name: String,
    from: Vec<String>,
    definitions: Vec<Definition>,
    /// Other modules and symbols whose path ends so.
    namesakes: Vec<String>,
    doors: Vec<Door>,
    imports: Vec<Import>,
    strings: Vec<StringRef>,
    /// Comments and docstrings.
    mentions: Vec<Mention>,
    /// Other strings that hold the name: most often no reference, so they do not count as left.
    literals: Vec<Mention>,
    counts: Counts,
    /// What stands inside of the module or package itself and is not listed; nothing with `--from`.
    inside: Counts,
    /// What stands in no module of `--from`.
    elsewhere: Counts,
}

/// What bears the name.
#[derive(PartialEq, Eq, PartialOrd, Ord, Serialize)]
struct Definition {
    name: String,
    /// `package`, `module`, `directory`, `class`, `function`, `value`; in Rust `crate`, `module`, `type`, `function`, `value`.
    kind: &'static str,
    path: Option<String>,
    line: Option<u32>,
    scope: Option<String>,
    language: Option<&'static str>,
    /// How many modules lie below it.
    modules: usize,
}

/// A module through which the name is imported.
#[derive(PartialEq, Eq, PartialOrd, Ord, Serialize)]
struct Door {
    module: String,
    imports: usize,
    /// `first-party`, `external`, `missing`, or `missing-name` where the module exists and does not bind it.
    resolves: &'static str,
}

/// One import, access, or literal dynamic import.
#[derive(Serialize)]
struct Import {
    path: String,
    line: u32,
    scope: String,
    language: &'static str,
    importer: String,
    written: String,
    definition: Option<String>,
    /// `first-party`, `external`, `missing` or `unknown`.
    resolves: &'static str,
    kinds: Vec<&'static str>,
}

/// One reference by string: `mock.patch("a.b.C")` and kin.
#[derive(Serialize)]
struct StringRef {
    path: String,
    line: u32,
    scope: String,
    importer: String,
    written: String,
}

/// One line of a comment, a docstring or another string literal that holds the name.
#[derive(Serialize)]
struct Mention {
    path: String,
    line: u32,
    scope: String,
    /// `comment`, `docstring` or `literal`.
    kind: &'static str,
    text: String,
}

/// How many there are.
#[derive(Clone, Copy, Default, PartialEq, Eq, Serialize)]
struct Counts {
    imports: usize,
    strings: usize,
    mentions: usize,
    literals: usize,
}

impl Counts {
    /// Whether nothing is left that refers to the name.
    fn is_none_left(self) -> bool {
        self.imports + self.strings + self.mentions == 0
    }
}

impl Found {
    /// Whether nothing bears the name and nothing speaks of it.
    fn is_empty(&self) -> bool {
        let nothing = Counts::default();
        self.definitions.is_empty()
            && [self.counts, self.inside, self.elsewhere].iter().all(|at| *at == nothing)
    }
}

/// Prints what is known of the name; exit 1 where nothing bears it.
pub fn run(global: &Global, args: &Args, out: &mut (dyn Write + Send)) -> Result<Exit, Failure> {
    let name = Name::parse(&args.name)
        .map_err(|why| Failure::usage(why, Some("write `C`, `a.b`, `a.b.C` or `a::b::C`".to_owned())))?;
    let from = patterns(&args.from)?;
    let project = Project::open(global)?;
    let (found, near) = on_threads(global.jobs, || {
        let sources = project.sources()?;
        let analysis = analyse_naming(&project.registry, &sources, name.last())?;
        let around = Surroundings::default();
        let context =
            Context::new(&project.registry, &analysis.graph, &analysis.project, project.as_of, around);
        each_names_something(&context, &from)?;
        let subject = Subject::find(&context, &name);
        let asked = Asked { context: &context, subject: &subject, from: &from };
        let uses = uses::find(&asked);
        let (mentions, literals) = mentions::find(&asked, &sources, &analysis, &uses.literals);
        let count = |of: fn(&Tallies) -> usize| Counts {
            imports: of(&uses.imports.tallies),
            strings: of(&uses.strings.tallies),
            mentions: of(&mentions.tallies),
            literals: of(&literals.tallies),
        };
        let found = Found {
            schema: 1,
            name: name.text.clone(),
            from: args.from.clone(),
            counts: count(|tallies| tallies.listed),
            inside: count(|tallies| tallies.inside),
            elsewhere: count(|tallies| tallies.elsewhere),
            definitions: subject.definitions(&context),
            namesakes: subject.namesakes.clone(),
            doors: uses.doors,
            imports: uses.imports.list,
            strings: uses.strings.list,
            mentions: mentions.list,
            literals: literals.list,
        };
        let near = if found.is_empty() { subject::nearest_name(&context, &name) } else { None };
        Ok::<_, Failure>((found, near))
    })??;
    match args.format {
        Format::Json => write_json(&found, out)?,
        Format::Text => text::write(&found, near.as_deref(), args.all, out)?,
    }
    Ok(if found.is_empty() { Exit::Findings } else { Exit::Clean })
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

fn patterns(written: &[String]) -> Result<Vec<Pattern>, Failure> {
    let parse = |text: &String| {
        Pattern::parse(text, Span::default(), 1)
            .map_err(|why| Failure::usage(format!("`--from {text}`: {why}"), None))
    };
    written.iter().map(parse).collect()
}

/// A pattern that names no module would make every answer "none left".
fn each_names_something(context: &Context, from: &[Pattern]) -> Result<(), Failure> {
    let modules = || context.graph.module_ids();
    for pattern in from {
        if !modules().any(|id| pattern.matches(&context.subject(id))) {
            let near = nearest(&pattern.text, modules().map(|id| context.graph.module(id).name.as_str()));
            let help = near.map(|near| format!("did you mean `{near}`?"));
            return Err(Failure::usage(format!("`--from {}` names no module", pattern.text), help));
        }
    }
    Ok(())
}
