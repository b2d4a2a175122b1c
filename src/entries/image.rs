//! What the last stage of a Dockerfile holds of the project's source files, and what it starts.
//!
//! Followed are FROM, COPY, ADD, WORKDIR, ENV, ARG, CMD and ENTRYPOINT. What RUN does to files is not.

use std::collections::BTreeMap;

use super::command::{self, Started, What};
use super::dockerfile::{Instruction, exec_form, instructions};
use super::ignore::glob;

/// More sources of copies than any real file has; those beyond are not followed.
const SOURCES: usize = 500;

/// Bytes of paths that all stages together may hold: each may copy all of the one before it twice.
const HELD: usize = 64 << 20;

/// What the variables in a text may add to it.
const LONGEST: usize = 8 << 10;

/// More variables than any real file sets; those beyond are unknown.
const VARIABLES: usize = 500;

/// More stages than any real file has.
const STAGES: usize = 100;

/// Files by path, without a `/` in front: positions in the listing.
pub(super) type View = BTreeMap<String, usize>;

/// One stage, as far as it is built; the last one is the image.
#[derive(Clone, Debug, Default)]
pub(super) struct Image {
    /// The source files that it holds.
    pub(super) files: View,
    /// Where commands run.
    pub(super) workdir: String,
    /// ENV and ARG.
    pub(super) env: BTreeMap<String, String>,
    /// Lines of copies that could not be followed.
    pub(super) unclear: Vec<u32>,
    /// The line of its first copy.
    pub(super) first_copy: Option<u32>,
    name: String,
    cmd: Option<Command>,
    entrypoint: Option<Command>,
}

/// A CMD or ENTRYPOINT.
#[derive(Clone, Debug)]
struct Command {
    line: u32,
    form: Form,
}

#[derive(Clone, Debug)]
enum Form {
    Exec(Vec<String>),
    Shell(String),
}

/// The commands that an image starts.
#[derive(Debug, Default)]
pub(super) struct Starts {
    /// `CMD` or `ENTRYPOINT`.
    pub(super) keyword: &'static str,
    /// Its line.
    pub(super) line: u32,
    /// What it starts.
    pub(super) started: Vec<Started>,
}

/// An image, and how many sources of its copies are in the context.
pub(super) struct Read {
    pub(super) image: Image,
    pub(super) found: u32,
}

/// Reads a Dockerfile whose context holds `context`; None where it has no stage.
pub(super) fn read(text: &str, context: &View) -> Option<Read> {
    let mut reader =
        Reader { context, stages: Vec::new(), args: BTreeMap::new(), found: 0, sources: 0, held: 0 };
    for instruction in instructions(text) {
        reader.instruction(&instruction);
    }
    Some(Read { found: reader.found, image: reader.stages.pop()? })
}

struct Reader<'a> {
    context: &'a View,
    stages: Vec<Image>,
    /// ARG before the first FROM.
    args: BTreeMap<String, String>,
    found: u32,
    /// Sources of copies so far.
    sources: usize,
    /// Bytes of paths that the stages hold.
    held: usize,
}

impl Reader<'_> {
    fn instruction(&mut self, instruction: &Instruction) {
        let Instruction { keyword, rest, line } = instruction;
        if keyword == "FROM" {
            self.from(rest, *line);
            return;
        }
        let Some(mut stage) = self.stages.pop() else {
            if keyword == "ARG" {
                set(&mut self.args, assignments(rest, &BTreeMap::new()));
            }
            return;
        };
        match keyword.as_str() {
            "WORKDIR" => {
                let dir = expanded(unquoted(rest), &stage.env).0;
                stage.workdir = below(&stage.workdir, &dir);
            }
            "ENV" => {
                let values = assignments(rest, &stage.env);
                set(&mut stage.env, values);
            }
            "ARG" => {
                let mut values = assignments(rest, &stage.env);
                values.retain(|(name, _)| !stage.env.contains_key(name));
                set(&mut stage.env, values);
            }
            "COPY" | "ADD" => self.copy(&mut stage, rest, *line),
            "CMD" => stage.cmd = Some(Command::new(rest, *line)),
            "ENTRYPOINT" => stage.entrypoint = Some(Command::new(rest, *line)),
            _ => {}
        }
        self.stages.push(stage);
    }

    /// `FROM [--platform=…] image [AS name]`; anything else is a line of something else.
    fn from(&mut self, rest: &str, line: u32) {
        let words: Vec<&str> = rest.split_whitespace().filter(|word| !word.starts_with("--")).collect();
        let (image, name) = match words.as_slice() {
            [image] => (*image, ""),
            [image, r#as, name] if r#as.eq_ignore_ascii_case("as") => (*image, *name),
            _ => return,
        };
        if self.stages.len() == STAGES {
            return;
        }
        let image = expanded(image, &self.args).0;
        let mut base = self.stage(&image).cloned().unwrap_or_default();
        self.held += base.files.keys().map(|path| size(path)).sum::<usize>();
        if self.held > HELD {
            base.files.clear();
            base.unclear.push(line);
        }
        self.stages.push(Image { name: name.to_lowercase(), ..base });
    }

    fn stage(&self, name: &str) -> Option<&Image> {
        let name = name.to_lowercase();
        let by_name = self.stages.iter().rev().find(|stage| !stage.name.is_empty() && stage.name == name);
        by_name.or_else(|| self.stages.get(name.parse::<usize>().ok()?))
    }

    fn copy(&mut self, stage: &mut Image, rest: &str, line: u32) {
        let mut rest = rest;
        let mut from = None;
        let mut keeps_parents = false;
        let mut clear = true;
        while rest.starts_with("--") {
            let (flag, after) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
            match flag.split_once('=').unwrap_or((flag, "")) {
                ("--from", name) => from = Some(name.to_owned()),
                ("--parents", value) => keeps_parents = value != "false",
                ("--exclude", _) => clear = false,
                _ => {}
            }
            rest = after.trim_start();
        }
        // A heredoc is a file of its own, none of the project's.
        if rest.starts_with("<<") {
            return;
        }
        let words = exec_form(rest)
            .unwrap_or_else(|| rest.split_whitespace().map(|word| unquoted(word).to_owned()).collect());
        let words: Vec<(String, bool)> = words.iter().map(|word| expanded(word, &stage.env)).collect();
        let Some(((dest, dest_known), sources)) = words.split_last() else { return };
        if sources.is_empty() {
            return;
        }
        self.sources += sources.len();
        if self.sources > SOURCES || !dest_known || sources.iter().any(|(_, known)| !known) {
            stage.unclear.push(line);
            return;
        }
        let other = match &from {
            None => None,
            // A stage, or an image from elsewhere, which holds nothing of the project.
            Some(name) => match self.stage(name) {
                Some(stage) => Some(stage.files.clone()),
                None => return,
            },
        };
        let context = self.context;
        let view = other.as_ref().unwrap_or(context);
        let target = below(&stage.workdir, dest);
        let is_dir = dest.ends_with('/')
            || dest.ends_with("/.")
            || dest == "."
            || sources.len() > 1
            || target == stage.workdir
            || holds(&stage.files, &target);
        let mut copied = false;
        for (source, _) in sources {
            if source.contains("://") || source.starts_with("git@") {
                continue;
            }
            let Some(source) = normalised(source) else { continue };
            let matched = matches(view, &source);
            self.found += u32::from(from.is_none() && !matched.is_empty());
            let is_dir = is_dir || is_wild(&source);
            for entry in matched {
                copied = true;
                let target = match entry.rsplit_once('/') {
                    Some((parent, _)) if keeps_parents => below(&target, parent),
                    _ => target.clone(),
                };
                if let Some(at) = view.get(&entry) {
                    let name = entry.rsplit('/').next().unwrap_or(&entry);
                    let path = if is_dir { below(&target, name) } else { target };
                    clear &= self.hold(stage, path, *at);
                } else {
                    for (path, at) in inside(view, &entry) {
                        let rest = if entry.is_empty() { path } else { &path[entry.len() + 1..] };
                        clear &= self.hold(stage, below(&target, rest), *at);
                    }
                }
            }
        }
        if copied {
            stage.first_copy.get_or_insert(line);
            if !clear {
                stage.unclear.push(line);
            }
        }
    }

    /// Puts a file into a stage, while there is room.
    fn hold(&mut self, stage: &mut Image, path: String, at: usize) -> bool {
        self.held += size(&path);
        let is_room = self.held <= HELD;
        if is_room {
            stage.files.insert(path, at);
        }
        is_room
    }
}

/// What a path takes in a view, roughly.
fn size(path: &str) -> usize {
    path.len() + size_of::<(String, usize)>()
}

fn set(env: &mut BTreeMap<String, String>, values: Vec<(String, String)>) {
    for (name, value) in values {
        if env.len() < VARIABLES || env.contains_key(&name) {
            env.insert(name, value);
        }
    }
}

impl Image {
    /// What it starts. A CMD alone tells more of its place than behind a wrapper of an ENTRYPOINT.
    pub(super) fn starts(&self) -> Starts {
        let tells = |started: &[Started]| started.iter().any(|one| !matches!(one.what, What::Program(_)));
        let of = |command: &Command| match &command.form {
            Form::Exec(words) => {
                let words: Vec<String> = words.iter().map(|word| expanded(word, &self.env).0).collect();
                command::started(&words, &self.env)
            }
            Form::Shell(line) => command::started_by_shell(&expanded(line, &self.env).0, &self.env),
        };
        let cmd = || self.cmd.as_ref().map(|cmd| Starts { keyword: "CMD", line: cmd.line, started: of(cmd) });
        let Some(entrypoint) = &self.entrypoint else { return cmd().unwrap_or_default() };
        let Form::Exec(words) = &entrypoint.form else {
            return Starts { keyword: "ENTRYPOINT", line: entrypoint.line, started: of(entrypoint) };
        };
        if let Some(cmd) = cmd().filter(|cmd| tells(&cmd.started)) {
            return cmd;
        }
        let more = match self.cmd.as_ref().map(|cmd| &cmd.form) {
            Some(Form::Exec(words)) => words.clone(),
            _ => Vec::new(),
        };
        let whole = Command { line: entrypoint.line, form: Form::Exec([words.clone(), more].concat()) };
        Starts { keyword: "ENTRYPOINT", line: entrypoint.line, started: of(&whole) }
    }

    /// The directories that its commands import from, in order.
    pub(super) fn import_dirs(&self) -> Vec<String> {
        let written = self.env.get("PYTHONPATH").map_or("", String::as_str);
        let dirs = written.split(':').filter(|dir| !dir.is_empty()).map(|dir| below(&self.workdir, dir));
        std::iter::once(self.workdir.clone()).chain(dirs).collect()
    }
}

impl Command {
    fn new(rest: &str, line: u32) -> Self {
        let form = exec_form(rest).map_or_else(|| Form::Shell(rest.to_owned()), Form::Exec);
        Self { line, form }
    }
}

/// What lies below a directory, "" being the top.
pub(super) fn inside<'v>(view: &'v View, dir: &str) -> impl Iterator<Item = (&'v String, &'v usize)> {
    let start = if dir.is_empty() { String::new() } else { format!("{dir}/") };
    view.range(start.clone()..).take_while(move |(path, _)| path.starts_with(&start))
}

fn holds(view: &View, dir: &str) -> bool {
    inside(view, dir).next().is_some()
}

/// The files and directories of a view that a source names.
fn matches(view: &View, source: &str) -> Vec<String> {
    if !is_wild(source) {
        let exists = view.contains_key(source) || holds(view, source);
        return if exists { vec![source.to_owned()] } else { Vec::new() };
    }
    let Some(globs) = glob(&format!("/{source}")) else { return Vec::new() };
    let depth = source.split('/').count();
    let mut matched: Vec<String> = Vec::new();
    for path in view.keys() {
        let end = path.match_indices('/').nth(depth - 1).map_or(path.len(), |(at, _)| at);
        let head = &path[..end];
        if head.split('/').count() == depth
            && matched.last().is_none_or(|last| last != head)
            && globs.is_match(head)
        {
            matched.push(head.to_owned());
        }
    }
    matched
}

fn is_wild(source: &str) -> bool {
    source.contains(['*', '?', '['])
}

/// `path` as seen from `dir`, without a `/` in front.
pub(super) fn below(dir: &str, path: &str) -> String {
    let mut parts: Vec<&str> = if path.starts_with('/') { Vec::new() } else { dir.split('/').collect() };
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.retain(|part| !part.is_empty());
    parts.join("/")
}

/// A source's path below its context, which it cannot leave.
fn normalised(source: &str) -> Option<String> {
    let climbs = source.split('/').any(|part| part == "..");
    (!climbs).then(|| below("", source))
}

fn unquoted(word: &str) -> &str {
    let inner = |quote| word.strip_prefix(quote).and_then(|word| word.strip_suffix(quote));
    inner('"').or_else(|| inner('\'')).unwrap_or(word)
}

/// `A=1 B="2 3"`, `A 1 2`, `A`.
fn assignments(rest: &str, env: &BTreeMap<String, String>) -> Vec<(String, String)> {
    let first = rest.split_whitespace().next().unwrap_or_default();
    if !first.contains('=') {
        return match rest.split_once(char::is_whitespace) {
            Some((name, value)) => vec![(name.to_owned(), expanded(value.trim(), env).0)],
            None => Vec::new(),
        };
    }
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    let mut quote = None;
    let mut chars = rest.chars();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            (None, c) if c.is_whitespace() => words.push(std::mem::take(&mut word)),
            (None | Some('"'), '\\') => word.extend(chars.next()),
            (_, c) => word.push(c),
        }
    }
    words.push(word);
    let assignment = |word: &String| {
        let (name, value) = word.split_once('=')?;
        Some((name.to_owned(), expanded(value, env).0))
    };
    words.iter().filter_map(assignment).collect()
}

/// `$NAME`, `${NAME}`, `${NAME:-default}` and `${NAME:+other}` replaced, and whether all of them are known. An unknown
/// name is empty, and so is a text that would become too long.
fn expanded(text: &str, env: &BTreeMap<String, String>) -> (String, bool) {
    let mut known = true;
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let name_end =
            |text: &str| text.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(text.len());
        let (name, modifier, after) = if let Some(inner) = rest.strip_prefix('{') {
            let (inner, after) = inner.split_once('}').unwrap_or((inner, ""));
            let (name, modifier) = inner.split_at(name_end(inner));
            (name, modifier, after)
        } else {
            let (name, after) = rest.split_at(name_end(rest));
            (name, "", after)
        };
        if name.is_empty() {
            out.push('$');
            if rest.starts_with('{') {
                continue;
            }
        }
        rest = after;
        let value = env.get(name).filter(|value| !value.is_empty());
        let modifier = modifier.strip_prefix(':').unwrap_or(modifier);
        match (value, modifier.chars().next()) {
            (Some(_), Some('+')) | (None, Some('-')) => out.push_str(&modifier[1..]),
            (Some(value), _) if out.len() + value.len() <= text.len() + LONGEST => out.push_str(value),
            (Some(_), _) => return (String::new(), false),
            (None, Some('+')) => {}
            (None, _) => known = known && name.is_empty(),
        }
    }
    out.push_str(rest);
    (out, known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_joined_as_in_an_image() {
        for (dir, path, joined) in [
            ("app", "x", "app/x"),
            ("app", "./x//y/", "app/x/y"),
            ("app", "/x", "x"),
            ("app", ".", "app"),
            ("a/b", "../c", "a/c"),
            ("", "../../c", "c"),
            ("a", "/", ""),
        ] {
            assert_eq!(below(dir, path), joined, "{dir} {path}");
        }
    }

    #[test]
    fn variables_are_replaced() {
        let env = BTreeMap::from([("A".to_owned(), "1".to_owned()), ("EMPTY".to_owned(), String::new())]);
        for (text, result, known) in [
            ("x$A/${A}y", "x1/1y", true),
            ("${A:-2}${B:-2}${B-3}", "123", true),
            ("${A:+x}${B:+y}", "x", true),
            ("$B.", ".", false),
            ("${B}", "", false),
            ("${EMPTY:-d}", "d", true),
            ("$(date) $", "$(date) $", true),
            ("${", "${", true),
            ("é$Aé", "é", false),
        ] {
            assert_eq!(expanded(text, &env), (result.to_owned(), known), "{text}");
        }
    }

    #[test]
    fn assignments_of_both_forms() {
        let env = BTreeMap::from([("A".to_owned(), "1".to_owned())]);
        let of = |text: &str| -> Vec<String> {
            assignments(text, &env).into_iter().map(|(name, value)| format!("{name}={value}")).collect()
        };
        assert_eq!(of("B=2 C=\"3 $A\" D=4\\ 5 E='6'"), ["B=2", "C=3 1", "D=4 5", "E=6"]);
        assert_eq!(of("PYTHONPATH /app:$A"), ["PYTHONPATH=/app:1"]);
        assert_eq!(of("ALONE"), [""; 0]);
    }
}
