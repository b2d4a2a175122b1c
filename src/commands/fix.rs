//! `importlaw fix`: writes imports as the rules want them.
//!
//! What is written is planned and checked again in memory by [`fix`](crate::fix); here it is decided whether it may be
//! written, and told what became of it.

mod unified;

use std::collections::BTreeMap;
use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;

use super::context::{Failure, Project, on_threads, write_file};
use super::{Exit, Global};
use crate::check::{self, Options};
use crate::discover::{Sources, in_repository, read_regular};
use crate::fix::{self, File, Left};
use crate::formats::context::{counted, escape, number};
use crate::git::{self, ObjectId};
use crate::source::RelPath;

/// What `fix` takes.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Fix only findings in these files or directories
    paths: Vec<PathBuf>,
    /// Fix only findings of this rule; repeatable
    #[arg(long, value_name = "ID")]
    rule: Vec<String>,
    /// Also do what may change what the program does: rename uses, take wildcards apart, lead to another definition
    #[arg(long = "unsafe")]
    risky: bool,
    /// Show the changes as a patch and write nothing
    #[arg(long)]
    diff: bool,
    /// Also write files that have changes git does not hold
    #[arg(long, conflicts_with = "diff")]
    allow_dirty: bool,
    /// Findings that this file records are known and do not fail (default: importlaw.baseline at the project root,
    /// where there is one)
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
}

/// Writes what can be fixed, or shows it.
pub fn run(global: &Global, args: &Args, out: &mut (dyn Write + Send)) -> Result<Exit, Failure> {
    let project = Project::open(global)?;
    let paths: Result<Vec<String>, Failure> = args.paths.iter().map(|path| project.relative(path)).collect();
    project.known_rules(&args.rule)?;
    let options = Options {
        as_of_given: project.as_of_given,
        paths: paths?.into_iter().filter(|path| !path.is_empty()).collect(),
        rules: args.rule.clone(),
        baseline: project.baseline(args.baseline.as_deref())?,
        ..Options::as_of(project.as_of)
    };
    let (fixed, sources) = on_threads(global.jobs, || {
        let mut sources = project.sources()?;
        let fixed = fix::fix(&project.registry, &mut sources, &options, args.risky)?;
        Ok::<_, Failure>((fixed, sources))
    })??;
    if args.diff {
        unified::write(&fixed.files, io::stdout().is_terminal(), out)?;
        out.flush()?;
        // What is shown is a patch for other programs; the rest is for people.
        tell(&mut io::stderr(), "Would fix", &fixed.files, &fixed.left, args.risky)?;
        let mut before = fixed.before;
        check::narrow(&mut before, &options);
        return Ok(if before.fails() { Exit::Findings } else { Exit::Clean });
    }
    if !args.allow_dirty {
        clean(&project, &sources, &fixed.files)?;
    }
    let mut left = fixed.left;
    let mut written: Vec<File> = Vec::new();
    for file in fixed.files {
        match write(&sources, &file)? {
            None => written.push(file),
            Some(why) => {
                let refusal = crate::languages::rewrite::Refusal::of(why);
                let rule = file.ended.keys().next().cloned().unwrap_or_default();
                left.push(Left { path: file.path.to_string(), line: 1, rule, refusal });
            }
        }
    }
    tell(out, "Fixed", &written, &left, args.risky)?;
    let mut after = fixed.after;
    check::narrow(&mut after, &options);
    let errors = after.findings.iter().filter(|finding| finding.fails()).count() as u64;
    if errors > 0 {
        let (remain, it) = if errors == 1 { ("remains", "it") } else { ("remain", "them") };
        writeln!(out, "{} {remain}: `importlaw check` lists {it}.", counted(errors, "error"))?;
    }
    Ok(if errors > 0 { Exit::Findings } else { Exit::Clean })
}

/// Writes a file that is still as it was read; else why not.
fn write(sources: &Sources, file: &File) -> Result<Option<&'static str>, Failure> {
    let Some(place) = sources.on_disk(&file.path) else { return Ok(Some("it does not lie on disk")) };
    let limit = file.before.len() as u64;
    if !read_regular(&place, limit).is_ok_and(|now| now == file.before) {
        return Ok(Some("it has changed since it was read"));
    }
    write_file(&place, |out| out.write_all(&file.after))
        .map_err(|error| Failure::usage(format!("{} cannot be written: {error}", file.path), None))?;
    Ok(None)
}

/// Refuses where a file to be written holds what git cannot bring back.
fn clean(project: &Project, sources: &Sources, files: &[File]) -> Result<(), Failure> {
    if files.is_empty() {
        return Ok(());
    }
    let asks = |message: String| {
        let help = "commit or stash first, or say --allow-dirty; --diff shows the changes".to_owned();
        Failure::usage(message, Some(help))
    };
    if !in_repository(&project.root) {
        let files = counted(files.len() as u64, "file");
        return Err(asks(format!("{files} would be written, and no git repository holds what they are now")));
    }
    let of = |entries: Vec<git::Entry>| -> BTreeMap<PathBuf, ObjectId> {
        entries.into_iter().map(|entry| (PathBuf::from(entry.path), entry.id)).collect()
    };
    let silent = |why: String| asks(format!("git does not say what has changed: {why}"));
    let index = of(git::index(&project.root, None).map_err(silent)?);
    let head = match git::commit(&project.root, "HEAD") {
        Some(commit) => of(git::tree(&project.root, &commit).map_err(silent)?),
        None => BTreeMap::new(),
    };
    let holds = |file: &File| {
        let place = sources.on_disk(&file.path)?;
        let place = place.strip_prefix(&project.root).ok()?;
        let (staged, committed) = (index.get(place)?, head.get(place)?);
        Some(staged == committed && committed.names_bytes(&file.before))
    };
    let dirty: Vec<&RelPath> =
        files.iter().filter(|file| holds(file) != Some(true)).map(|file| &file.path).collect();
    let Some(first) = dirty.first() else { return Ok(()) };
    let others = match dirty.len() - 1 {
        0 => String::new(),
        n => format!(" and {} more", number(n as u64)),
    };
    let have = if dirty.len() == 1 { "has" } else { "have" };
    Err(asks(format!("{first}{others} would be written, and {have} changes that are not committed")))
}

/// Places that are named of each reason.
const NAMED: usize = 5;

/// What became of the findings, for a person.
fn tell(out: &mut dyn Write, done: &str, files: &[File], left: &[Left], risky: bool) -> io::Result<()> {
    let mut rules: BTreeMap<&str, u32> = BTreeMap::new();
    for (rule, n) in files.iter().flat_map(|file| &file.ended) {
        *rules.entry(rule).or_default() += n;
    }
    let mut rules: Vec<(&str, u32)> = rules.into_iter().collect();
    rules.sort_by_key(|(rule, n)| (std::cmp::Reverse(*n), *rule));
    let all: u32 = rules.iter().map(|(_, n)| n).sum();
    if files.is_empty() {
        writeln!(out, "Nothing {}.", if done == "Fixed" { "was fixed" } else { "would be fixed" })?;
    } else {
        let by_rule: Vec<String> =
            rules.iter().map(|(rule, n)| format!("{} {}", number(*n), escape(rule))).collect();
        let (findings, files) = (counted(all, "finding"), counted(files.len() as u64, "file"));
        writeln!(out, "{done} {findings} in {files}: {}.", by_rule.join(", "))?;
    }
    let waits = |left: &&Left| left.refusal.needs_unsafe && !risky;
    groups(out, "Needs --unsafe", left.iter().filter(waits))?;
    groups(out, "Left alone", left.iter().filter(|left| !waits(left)))
}

/// The findings left for each reason, with the first of their places.
fn groups<'l>(out: &mut dyn Write, title: &str, left: impl Iterator<Item = &'l Left>) -> io::Result<()> {
    let mut by_why: BTreeMap<&str, Vec<&Left>> = BTreeMap::new();
    for left in left {
        by_why.entry(&left.refusal.why).or_default().push(left);
    }
    if by_why.is_empty() {
        return Ok(());
    }
    let all: usize = by_why.values().map(Vec::len).sum();
    writeln!(out, "{title}: {}", counted(all as u64, "finding"))?;
    let mut groups: Vec<(&str, Vec<&Left>)> = by_why.into_iter().collect();
    groups.sort_by_key(|(why, left)| (std::cmp::Reverse(left.len()), *why));
    for (why, left) in groups {
        writeln!(out, "  {:>5}  {}", number(left.len() as u64), escape(why))?;
        for left in left.iter().take(NAMED) {
            writeln!(out, "           {}:{} [{}]", escape(&left.path), left.line, escape(&left.rule))?;
        }
        if left.len() > NAMED {
            writeln!(out, "           … {} more", number((left.len() - NAMED) as u64))?;
        }
    }
    Ok(())
}
