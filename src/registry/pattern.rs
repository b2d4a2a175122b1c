//! Patterns: names of modules, and path globs.
//!
//! A dotted name speaks of Python's `a.b` and of Rust's `a::b`, as a bare `a` speaks of either; `::` or a prefix makes
//! it one language's. Knows no graph: whoever has the modules asks a pattern about one of them. Matching a module allocates nothing and
//! takes time in the product of the two lengths at worst, whatever the wildcards.

mod includes;

use globset::{Candidate, GlobBuilder, GlobSet, GlobSetBuilder};

use super::Item;
use crate::module_path::{is_within, prefixes, split_first};
use crate::source::{Language, Span};

/// What a pattern is matched against: one module.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// Its name, `a.b.c` or `a::b::c`.
    pub name: &'a str,
    /// Its file, relative to the root.
    pub path: &'a str,
    /// Its scope.
    pub scope: &'a str,
    /// Its language.
    pub language: Language,
}

/// A compiled module pattern.
#[derive(Clone, Debug)]
pub struct Pattern {
    /// As written.
    pub text: String,
    /// Byte range in the registry text.
    pub span: Span,
    /// 1-based line there.
    pub line: u32,
    language: Option<Language>,
    shape: Shape,
}

#[derive(Clone, Debug)]
enum Shape {
    /// No wildcard: by far the most common, and a string comparison for each way to write it.
    Literal {
        name: Box<str>,
        /// The same as a Rust name, where that is another and may be meant too.
        rust: Option<Box<str>>,
        exact: bool,
    },
    /// At least one wildcard.
    Wild {
        parts: Box<[Part]>,
        exact: bool,
    },
    Scope(Box<str>),
    Path(Box<PathGlobs>),
}

/// One component of a name with wildcards.
#[derive(Clone, Debug)]
enum Part {
    /// `**`: zero or more components.
    Deep,
    /// Without a star.
    Literal(Box<str>),
    /// With stars, each of which stands for any characters.
    Glob(Box<str>),
}

impl Pattern {
    /// Compiles a pattern as written; the error says what is wrong with it, in one sentence without a final stop.
    pub fn parse(text: &str, span: Span, line: u32) -> Result<Self, String> {
        let (language, rest) = language_prefix(text);
        let (shape, implied) = if let Some(scope) = rest.strip_prefix('@') {
            if !is_label(scope) {
                return Err(format!("`{text}`: `@` stands before the name of a scope"));
            }
            (Shape::Scope(scope.into()), None)
        } else if let Some(glob) = rest.strip_prefix("path:") {
            if glob.starts_with('!') {
                return Err(format!("`{text}`: a single path glob cannot be negated"));
            }
            let item = Item { text: glob.to_owned(), span, line };
            let globs = PathGlobs::new(&[item]).map_err(|(_, why)| why)?;
            (Shape::Path(Box::new(globs)), None)
        } else {
            name_shape(text, rest, language)?
        };
        Ok(Self { text: text.to_owned(), span, line, language: language.or(implied), shape })
    }

    /// Whether the module is one of those that the pattern names.
    pub fn matches(&self, subject: &Subject<'_>) -> bool {
        if !self.speaks_of(subject.language) {
            return false;
        }
        match &self.shape {
            Shape::Scope(scope) => subject.scope == &**scope,
            Shape::Path(globs) => globs.is_match(subject.path),
            Shape::Literal { .. } | Shape::Wild { .. } => self.covers(subject.name),
        }
    }

    /// Whether a module of that name would match, if there were one; false for `@scope` and `path:`.
    pub fn matches_name(&self, name: &str) -> bool {
        self.language.is_none_or(|language| may_be_of(language, name)) && self.covers(name)
    }

    fn covers(&self, module: &str) -> bool {
        match &self.shape {
            Shape::Literal { name, rust, exact: true } => {
                module == &**name || rust.as_deref().is_some_and(|rust| module == rust)
            }
            Shape::Literal { name, rust, exact: false } => {
                is_within(module, name) || rust.as_deref().is_some_and(|rust| is_within(module, rust))
            }
            Shape::Wild { parts, exact } => parts_match(parts, *exact, module),
            Shape::Scope(_) | Shape::Path(_) => false,
        }
    }

    /// The name that the pattern itself stands for, of a name that it covers: `a.b` of `a.b.c` under `a.*`.
    pub fn top<'n>(&self, name: &'n str) -> Option<&'n str> {
        if !self.matches_name(name) {
            return None;
        }
        prefixes(name).find(|head| self.covers(head))
    }

    /// Whether the pattern names that very module, rather than something above it.
    pub fn names(&self, subject: &Subject<'_>) -> bool {
        self.matches(subject)
            && match &self.shape {
                Shape::Literal { .. } => self.literal_in(subject.language) == Some(subject.name),
                Shape::Wild { parts, .. } => parts_match(parts, true, subject.name),
                Shape::Scope(_) | Shape::Path(_) => true,
            }
    }

    /// The plain name, where the pattern is one (with or without `=`): with dots, or with `::` where only Rust is meant.
    pub fn literal(&self) -> Option<&str> {
        match &self.shape {
            Shape::Literal { name, .. } => Some(name),
            _ => None,
        }
    }

    /// The same as that language writes it; None also where the pattern does not speak of that language.
    pub fn literal_in(&self, language: Language) -> Option<&str> {
        match &self.shape {
            Shape::Literal { rust: Some(rust), .. } if language == Language::Rust => Some(rust),
            Shape::Literal { name, .. } if self.speaks_of(language) => Some(name),
            _ => None,
        }
    }

    /// Whether a module of that language may match.
    pub fn speaks_of(&self, language: Language) -> bool {
        self.language.is_none_or(|own| own == language)
    }

    /// Whether it is written with `=`: the module alone, nothing below it.
    pub fn is_exact(&self) -> bool {
        matches!(self.shape, Shape::Literal { exact: true, .. } | Shape::Wild { exact: true, .. })
    }

    /// The scope of an `@scope` pattern.
    pub fn scope_name(&self) -> Option<&str> {
        match &self.shape {
            Shape::Scope(scope) => Some(scope),
            _ => None,
        }
    }
}

/// Whether `text` can name a scope or an entry: letters, digits, `-`, `_` and `.`, so that it needs no quoting in a
/// waiver or on a command line.
pub(super) fn is_label(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.'))
}

fn language_prefix(text: &str) -> (Option<Language>, &str) {
    for (prefix, language) in
        [("python:", Language::Python), ("rust:", Language::Rust), ("ts:", Language::TypeScript)]
    {
        if let Some(rest) = text.strip_prefix(prefix) {
            return (Some(language), rest);
        }
    }
    (None, text)
}

/// Sorts of Rust targets whose modules bear the sort before their name: `bin:app::a`.
const TARGET_SORTS: [&str; 5] = ["bin", "test", "example", "bench", "build"];

/// Where the name begins behind `bin:` or another sort of target; 0 where there is no such thing in front.
pub(super) fn target_sort(name: &str) -> usize {
    match name.split_once(':') {
        Some((sort, rest)) if TARGET_SORTS.contains(&sort) && !rest.starts_with(':') => sort.len() + 1,
        _ => 0,
    }
}

/// Whether a module of that language can bear that name.
fn may_be_of(language: Language, name: &str) -> bool {
    match language {
        Language::Python => !name.contains(':'),
        Language::Rust => !name.contains('.'),
        Language::TypeScript => true,
    }
}

/// A name's shape and the language that its separator implies; dots and a single component may be of any.
fn name_shape(
    text: &str,
    rest: &str,
    language: Option<Language>,
) -> Result<(Shape, Option<Language>), String> {
    let (exact, name) = match rest.strip_prefix('=') {
        Some(name) => (true, name),
        None => (false, rest),
    };
    if name.is_empty() {
        return Err(if text.is_empty() {
            "a pattern cannot be empty".to_owned()
        } else {
            format!("`{text}` names no module")
        });
    }
    let may_have_a_sort = matches!(language, None | Some(Language::Rust)) && !name.contains('/');
    let sort = if may_have_a_sort { target_sort(name) } else { 0 };
    let (separator, implied) = if name.contains('/') {
        ("/", Some(Language::TypeScript))
    } else if name.contains("::") || sort > 0 {
        ("::", Some(Language::Rust))
    } else {
        (".", None)
    };
    let wrong = |why: String| format!("`{text}`: {why}");
    if let (Some(said), Some(implied)) = (language, implied)
        && said != implied
    {
        let (language, joins) = (said.name(), said.separator());
        return Err(wrong(format!(
            "the parts of a {language} name are joined by `{joins}`, not `{separator}`"
        )));
    }
    let mut parts = Vec::new();
    for component in name[sort..].split(separator) {
        if separator == "::" && component.contains('.') {
            return Err(wrong("a name is written with `::` or with `.`, not both".to_owned()));
        }
        parts.push(part(component).map_err(wrong)?);
    }
    let is_rust = language.or(implied) == Some(Language::Rust);
    if is_rust {
        let first = name[sort..].split(separator).next().unwrap_or_default();
        rust_crate(first).map_err(wrong)?;
    }
    if sort > 0 {
        match parts.first_mut() {
            Some(Part::Literal(first) | Part::Glob(first)) => *first = name[..sort + first.len()].into(),
            _ => {
                return Err(wrong(format!("`**` cannot be part of a component: write `{}*`", &name[..sort])));
            }
        }
    }
    let shape = if parts.iter().all(|part| matches!(part, Part::Literal(_))) {
        let as_rust = || name.replace('.', "::").into();
        Shape::Literal {
            name: if is_rust { as_rust() } else { name.into() },
            rust: (language.or(implied).is_none() && separator == "." && name.contains('.')).then(as_rust),
            exact,
        }
    } else {
        Shape::Wild { parts: parts.into(), exact }
    };
    Ok((shape, implied))
}

/// What is wrong with the first component of a name that is surely Rust's.
pub(super) fn rust_crate(name: &str) -> Result<(), String> {
    if name.contains('-') {
        let named = name.replace('-', "_");
        return Err(format!("a crate is named as in code: `{named}`, not `{name}`"));
    }
    match name {
        "crate" | "self" | "super" => {
            Err(format!("`{name}` is no crate: a registry speaks of it by its name"))
        }
        _ => Ok(()),
    }
}

fn part(component: &str) -> Result<Part, String> {
    if component.is_empty() {
        return Err("a component is empty".to_owned());
    }
    if component == "**" {
        return Ok(Part::Deep);
    }
    if component.contains("**") {
        return Err("`**` must be a whole component".to_owned());
    }
    if let Some(odd) = component.chars().find(|&c| !may_name_a_module(c)) {
        return Err(match odd {
            ':' => "`:` names a symbol, but this speaks of modules".to_owned(),
            '?' | '[' | ']' | '{' | '}' => format!("`{odd}` is not a wildcard here: only `*` and `**` are"),
            c if c.is_whitespace() => "a name holds no spaces".to_owned(),
            c => format!("a module name cannot hold `{}`", c.escape_debug()),
        });
    }
    Ok(if component.contains('*') { Part::Glob(component.into()) } else { Part::Literal(component.into()) })
}

/// A wide reading, because scripts and TypeScript files have names that no identifier has.
fn may_name_a_module(c: char) -> bool {
    c == '*' || !(c.is_whitespace() || c.is_control() || ":=!,;|()[]{}<>?\"'`\\".contains(c))
}

fn parts_match(parts: &[Part], exact: bool, name: &str) -> bool {
    let mut rest = Some(name);
    let mut at = 0;
    // Only the last `**` ever needs another try: what stands before it has matched as early as it can.
    let mut retry: Option<(usize, &str)> = None;
    loop {
        let Some(part) = parts.get(at) else {
            if !exact || rest.is_none() {
                return true;
            }
            match give_one_more(&mut retry) {
                Some((again, tail)) => (at, rest) = (again, tail),
                None => return false,
            }
            continue;
        };
        if matches!(part, Part::Deep) {
            at += 1;
            retry = rest.map(|rest| (at, rest));
            continue;
        }
        let Some(text) = rest else { return false };
        let (head, tail) = split_first(text);
        let fits = match part {
            Part::Deep => false,
            Part::Literal(literal) => head == &**literal,
            Part::Glob(glob) => component_matches(glob.as_bytes(), head.as_bytes()),
        };
        if fits {
            at += 1;
            rest = tail;
        } else {
            match give_one_more(&mut retry) {
                Some((again, tail)) => (at, rest) = (again, tail),
                None => return false,
            }
        }
    }
}

/// Lets the last `**` swallow one more component: where to go on, and with which rest of the name.
fn give_one_more<'a>(retry: &mut Option<(usize, &'a str)>) -> Option<(usize, Option<&'a str>)> {
    let (at, text) = (*retry)?;
    let tail = split_first(text).1;
    *retry = tail.map(|tail| (at, tail));
    Some((at, tail))
}

/// `*` against any bytes. Bytes will do: no character's encoding is part of another's.
fn component_matches(glob: &[u8], text: &[u8]) -> bool {
    let (mut g, mut t) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while t < text.len() {
        if glob.get(g) == Some(&b'*') {
            g += 1;
            retry = Some((g, t));
        } else if glob.get(g) == Some(&text[t]) {
            g += 1;
            t += 1;
        } else if let Some((after_star, taken)) = retry {
            retry = Some((after_star, taken + 1));
            (g, t) = (after_star, taken + 1);
        } else {
            return false;
        }
    }
    glob[g..].iter().all(|&byte| byte == b'*')
}

/// Path globs as in .gitignore, `!` negation included; the last match wins.
///
/// One difference from git: a file can be taken back although a directory above it is covered.
#[derive(Clone, Debug, Default)]
pub struct PathGlobs {
    set: GlobSet,
    /// For each glob of the set the written item that it comes from.
    owners: Vec<Owner>,
    written: Vec<Item>,
}

#[derive(Clone, Copy, Debug)]
struct Owner {
    item: usize,
    negated: bool,
}

impl PathGlobs {
    /// Compiles a list; the error names the item (by index) and says what is wrong with it.
    pub fn new(items: &[Item]) -> Result<Self, (usize, String)> {
        let mut builder = GlobSetBuilder::new();
        let mut owners = Vec::new();
        for (index, item) in items.iter().enumerate() {
            let (negated, globs) = translate(&item.text).map_err(|why| (index, why))?;
            for glob in globs {
                let glob = GlobBuilder::new(&glob)
                    .literal_separator(true)
                    .backslash_escape(true)
                    .build()
                    .map_err(|error| (index, format!("`{}`: {}", item.text, error.kind())))?;
                builder.add(glob);
                owners.push(Owner { item: index, negated });
            }
        }
        let set = builder.build().map_err(|error| {
            let last = items.len().saturating_sub(1);
            (last, format!("the globs cannot be compiled: {}", error.kind()))
        })?;
        Ok(Self { set, owners, written: items.to_vec() })
    }

    /// Whether a file is covered: whether the last item that matches it is not a negation.
    pub fn is_match(&self, path: &str) -> bool {
        if self.owners.iter().all(|owner| !owner.negated) {
            return self.set.is_match(path);
        }
        let last = self.set.matches(path).into_iter().max();
        last.is_some_and(|glob| !self.owners[glob].negated)
    }

    /// Indices of the items whose pattern matches the path, negations included, in the order of the list.
    pub fn matched_patterns(&self, path: &str) -> impl Iterator<Item = usize> {
        let mut globs = Vec::new();
        self.set.matches_candidate_into(&Candidate::new(path), &mut globs);
        let mut items: Vec<usize> = globs.into_iter().map(|glob| self.owners[glob].item).collect();
        items.sort_unstable();
        items.dedup();
        items.into_iter()
    }

    /// The list as written.
    pub fn written(&self) -> &[Item] {
        &self.written
    }

    /// Whether there is no pattern at all.
    pub fn is_empty(&self) -> bool {
        self.owners.is_empty()
    }
}

/// One line of .gitignore as globs of whole paths, and whether it is a negation.
fn translate(text: &str) -> Result<(bool, Vec<String>), String> {
    let (negated, glob) = match text.strip_prefix('!') {
        Some(glob) => (true, glob),
        None => (false, text),
    };
    let directory = glob.ends_with('/');
    let body = glob.strip_suffix('/').unwrap_or(glob);
    let anchored = body.contains('/');
    let body = body.strip_prefix('/').unwrap_or(body);
    if body.is_empty() {
        return Err(if text.is_empty() {
            "a path glob cannot be empty".to_owned()
        } else {
            format!("`{text}` names no path")
        });
    }
    if let Some(odd) = body.split('/').find(|part| matches!(*part, "" | "." | "..")) {
        return Err(match odd {
            "" => format!("`{text}`: a component is empty"),
            _ => format!("`{text}`: `{odd}` cannot be part of a path below the project root"),
        });
    }
    let full = escape_braces(&if anchored { body.to_owned() } else { format!("**/{body}") });
    let last = body.rsplit('/').next().unwrap_or(body);
    let covers_content = directory || !last.contains(['*', '?', '[']);
    let mut globs = Vec::new();
    if covers_content {
        globs.push(format!("{full}/**"));
    }
    if !directory {
        globs.push(full);
    }
    Ok((negated, globs))
}

/// In .gitignore braces are themselves, and template projects have directories called `{{name}}`.
fn escape_braces(glob: &str) -> String {
    let mut escaped = String::with_capacity(glob.len());
    let mut in_class = false;
    let mut chars = glob.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' if !in_class => {
                escaped.push(c);
                escaped.extend(chars.next());
                continue;
            }
            '[' => in_class = true,
            ']' => in_class = false,
            '{' | '}' if !in_class => escaped.push('\\'),
            _ => {}
        }
        escaped.push(c);
    }
    escaped
}

#[cfg(test)]
mod tests;
