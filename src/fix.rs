//! Findings ended by writing imports another way: what a rule wants instead is planned, laid over the tree in memory and
//! checked again. What would get worse is left alone. Nothing is written here.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use crate::check::rewrites::{self, Expected, Rewriter};
use crate::check::{self, Analysis, NothingChecked, Options};
use crate::discover::Sources;
use crate::facts::Also;
use crate::languages::python::decode::decode;
use crate::languages::rewrite::{Refusal, Wanted, What, apply};
use crate::module_path;
use crate::registry::Registry;
use crate::report::{Finding, Report};
use crate::source::{FileId, Language, RelPath, SourceFile, Span};
use crate::violation::{Key, Place, Status};

/// What would be done, and what it comes to.
pub struct Fixed {
    /// What is found before.
    pub before: Report,
    /// What is found afterwards.
    pub after: Report,
    /// The files that change, in path order.
    pub files: Vec<File>,
    /// Findings that know what to import instead and are left as they are, in the report's order.
    pub left: Vec<Left>,
}

/// A file that changes.
pub struct File {
    /// Where it lies.
    pub path: RelPath,
    /// Its bytes when it was read.
    pub before: Vec<u8>,
    /// The bytes that take their place.
    pub after: Vec<u8>,
    /// How many of the findings asked for have ended in it, by rule.
    pub ended: BTreeMap<String, u32>,
}

/// A finding that is left as it is.
pub struct Left {
    /// Its file.
    pub path: String,
    /// 1-based line.
    pub line: u32,
    /// Its rule.
    pub rule: String,
    /// Why it is left.
    pub refusal: Refusal,
}

/// What has been written may show more that can be: a wildcard taken apart names doors. More rounds than this it does
/// not take.
const ROUNDS: usize = 5;

/// How often one round is checked again with fewer files, before all the rest is left alone.
const TRIES: usize = 12;

/// Plans every change that the findings asked for know of. `sources` end up as the tree would be afterwards. On threads
/// like [`check::check`].
pub fn fix(
    registry: &Registry,
    sources: &mut Sources,
    options: &Options,
    risky: bool,
) -> Result<Fixed, NothingChecked> {
    let whole = Options { paths: Vec::new(), rules: Vec::new(), scope: None, since: None, ..options.clone() };
    let mut state = State::new(registry, sources, &whole)?;
    let before = state.report.clone();
    let mut texts: BTreeMap<RelPath, (Vec<u8>, Vec<u8>)> = BTreeMap::new();
    let mut barred: BTreeMap<RelPath, String> = BTreeMap::new();
    let mut left = Vec::new();
    for _ in 0..ROUNDS {
        let round = plan(&state, sources, options, risky, &barred);
        left = round.left;
        if round.files.is_empty() {
            break;
        }
        let mut files = round.files;
        for file in &files {
            sources.lay(&file.path, Some(file.after.clone()));
        }
        for tried in 0.. {
            let next = State::new(registry, sources, &whole)?;
            let mut worse = worse(registry, sources, &state, &next, &files);
            if worse.is_empty() {
                state = next;
                break;
            }
            if tried == TRIES {
                let why = "the changes of several files make other findings together".to_owned();
                worse = files.iter().map(|file| (file.path.clone(), why.clone())).collect();
            }
            files.retain(|file| {
                let stays = !worse.contains_key(&file.path);
                if !stays {
                    sources.lay(&file.path, texts.get(&file.path).map(|(_, now)| now.clone()));
                }
                stays
            });
            barred.extend(worse);
            if files.is_empty() {
                break;
            }
        }
        for Planned { path, before, after, .. } in files {
            texts.entry(path).or_insert_with(|| (before, Vec::new())).1 = after;
        }
    }
    let ended = Ended::new(&before, &state.report, options);
    let files = texts
        .into_iter()
        .map(|(path, (before, after))| File { ended: ended.of(path.as_str()), path, before, after })
        .collect();
    Ok(Fixed { before, after: state.report, files, left })
}

/// Of so many modules that could be imported before it is asked what stops them; that of the others comes to the same.
const MOST_STOPPED: usize = 100;

/// One state of the tree, judged.
struct State {
    analysis: Analysis,
    report: Report,
    /// What cannot be imported: no rule need ask for it.
    stopped: BTreeSet<String>,
}

impl State {
    fn new(registry: &Registry, sources: &Sources, options: &Options) -> Result<Self, NothingChecked> {
        let (analysis, report) = check::judged(registry, sources, options)?;
        let stopped = check::stopped(registry, sources, &analysis);
        Ok(Self { analysis, report, stopped })
    }
}

/// One round: the files with their new texts.
struct Round {
    files: Vec<Planned>,
    left: Vec<Left>,
}

struct Planned {
    path: RelPath,
    before: Vec<u8>,
    after: Vec<u8>,
    /// What of other rules may come in the place of findings that the same imports have: (rule, importer, target).
    follows: Vec<Key>,
    /// What its changed imports must lead to.
    expected: Vec<Expected>,
}

/// A finding with what it wants.
type Asked<'a> = (&'a Finding, FileId);

fn plan(
    state: &State,
    sources: &Sources,
    options: &Options,
    risky: bool,
    barred: &BTreeMap<RelPath, String>,
) -> Round {
    let mut by_path: BTreeMap<&str, Vec<Asked>> = BTreeMap::new();
    let mut others: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in &state.report.findings {
        let Place::Source(file, _) = finding.violation.place else { continue };
        others.entry(&finding.path).or_default().push(finding);
        if finding.violation.instead.is_some()
            && finding.violation.status != Status::Waived
            && check::is_selected(finding, options)
        {
            by_path.entry(&finding.path).or_default().push((finding, file));
        }
    }
    let by_path: Vec<(&str, Vec<Asked>)> = by_path.into_iter().collect();
    let planned: Vec<(Option<Planned>, Vec<Left>)> = by_path
        .into_par_iter()
        .map(|(path, asked)| {
            let path = RelPath::new(path);
            let leave = |why: &str| {
                let left = asked.iter().map(|(finding, _)| left(finding, Refusal::of(why)));
                (None, left.collect())
            };
            if let Some(why) = barred.get(&path) {
                return leave(why);
            }
            let Ok(bytes) = sources.read(&path) else { return leave("it can no longer be read") };
            let of_file = |(_, file): &&Asked| &state.analysis.files[file.index()];
            let Some(file) = asked.first().as_ref().map(of_file) else { return leave("") };
            if check::hash(&bytes) != state.analysis.hashes[file.id.index()] {
                return leave("it has changed since it was read");
            }
            let Some(text) = as_written(&bytes, file) else { return leave("its text is not UTF-8") };
            let around = others.get(path.as_str()).map_or(&[][..], Vec::as_slice);
            one_file(state, &path, &text, &asked, around, risky)
        })
        .collect();
    let mut round = Round { files: Vec::new(), left: Vec::new() };
    for (file, left) in planned {
        round.files.extend(file);
        round.left.extend(left);
    }
    round
}

/// The text of a file, where it is the bytes themselves.
fn as_written(bytes: &[u8], file: &SourceFile) -> Option<String> {
    match file.language {
        Language::Python => {
            let text = decode(bytes, file.kind).ok()?;
            // A notebook's cells are not its text; the rewriter says so.
            (text.as_bytes() == bytes || file.kind == crate::source::FileKind::Notebook)
                .then(|| text.into_owned())
        }
        Language::Rust | Language::TypeScript => String::from_utf8(bytes.to_vec()).ok(),
    }
}

fn one_file(
    state: &State,
    path: &RelPath,
    text: &str,
    asked: &[Asked],
    around: &[&Finding],
    risky: bool,
) -> (Option<Planned>, Vec<Left>) {
    let mut alone = Vec::new();
    let mut changes = Vec::new();
    let mut follows = Vec::new();
    let mut by_source: BTreeMap<FileId, Vec<&Finding>> = BTreeMap::new();
    for (finding, file) in asked {
        by_source.entry(*file).or_default().push(finding);
    }
    let mut asking: BTreeMap<FileId, Asking> = BTreeMap::new();
    for (file, mut findings) in by_source {
        let mut one = Asking::new(state, file, text);
        // Of several that want one import from different places the first of this order is heard.
        findings.sort_by_key(|finding| order(finding.violation.kind));
        for finding in findings {
            if let Err(refusal) = one.ask(finding, risky) {
                alone.push(left(finding, refusal));
            }
        }
        asking.insert(file, one);
    }
    let mut expected = Vec::new();
    for Asking { rewriter, wanted, .. } in in_one_voice(state, text, asking, &mut alone).into_values() {
        let asked: Vec<Wanted> = wanted.iter().map(|(one, _)| one.clone()).collect();
        let done = rewriter.rewrite(&asked, risky);
        for (index, refusal) in &done.refused {
            alone.extend(wanted[*index].1.iter().map(|finding| left(finding, refusal.clone())));
        }
        changes.extend(done.changes);
        let refused = |index: &usize| done.refused.iter().any(|(at, _)| at == index);
        for (index, (one, findings)) in wanted.iter().enumerate() {
            if !refused(&index) {
                follows.extend(following(one, findings, around));
                expected.extend(rewriter.expected(one, risky));
            }
        }
    }
    alone.sort_by_key(|left| left.line);
    let sorted = crate::languages::rewrite::Rewritten::sorted(changes);
    let after = sorted.filter(|changes| !changes.is_empty()).and_then(|changes| apply(text, &changes));
    let planned = after.map(|after| Planned {
        path: path.clone(),
        before: text.as_bytes().to_vec(),
        after: after.into_bytes(),
        follows,
        expected,
    });
    (planned, alone)
}

/// What is wanted of one of the modules that a file holds.
struct Asking<'a> {
    rewriter: Rewriter<'a>,
    wanted: Vec<(Wanted, Vec<&'a Finding>)>,
    at: BTreeMap<What, usize>,
}

impl<'a> Asking<'a> {
    fn new(state: &'a State, file: FileId, text: &'a str) -> Self {
        let analysis = &state.analysis;
        let rewriter = Rewriter::new(&analysis.files[file.index()], text, &analysis.graph);
        Self { rewriter, wanted: Vec::new(), at: BTreeMap::new() }
    }

    fn ask(&mut self, finding: &'a Finding, risky: bool) -> Result<(), Refusal> {
        let wanted = self.rewriter.wanted(&finding.violation);
        let wanted = wanted.ok_or_else(|| Refusal::of("it is no import of its own"))?;
        let safe = finding.violation.instead.as_ref().is_some_and(|instead| instead.safe);
        if !safe && !risky {
            let why = "what it leads to now is another thing than what stands there instead";
            let takes_all = "it takes everything: to name what is used may miss a name";
            let caught = "where it fails now the program goes on without, and it would not fail any more";
            let kind = finding.violation.import_kind;
            let why = match kind.map_or(Also::empty(), |kind| kind.also) {
                also if also.contains(Also::WILDCARD) => takes_all,
                also if also.contains(Also::OPTIONAL) && finding.violation.definition.is_none() => caught,
                _ => why,
            };
            return Err(Refusal::unless_unsafe(why));
        }
        self.add(wanted, [finding]);
        Ok(())
    }

    fn add(&mut self, wanted: Wanted, findings: impl IntoIterator<Item = &'a Finding>) {
        let at = *self.at.entry(wanted.what).or_insert_with(|| {
            self.wanted.push((wanted, Vec::new()));
            self.wanted.len() - 1
        });
        self.wanted[at].1.extend(findings);
    }
}

/// A file that several modules share is written once, and only where all of them would write the same: what they want
/// is brought before the first of them.
fn in_one_voice<'a>(
    state: &'a State,
    text: &'a str,
    asking: BTreeMap<FileId, Asking<'a>>,
    alone: &mut Vec<Left>,
) -> BTreeMap<FileId, Asking<'a>> {
    let graph = &state.analysis.graph;
    let shared = |file: &FileId| graph.same_file(graph.home[file.index()]).nth(1).is_some();
    if !asking.keys().any(shared) {
        return asking;
    }
    let mut said = BTreeMap::new();
    for (file, one) in &asking {
        let places = one.wanted.iter().filter_map(|(wanted, _)| one.rewriter.writes(wanted));
        said.extend(places.map(|(span, path)| ((*file, span), path)));
    }
    let said = |file: FileId, span: Span| said.get(&(file, span)).cloned();
    let mut first: BTreeMap<FileId, Asking> = BTreeMap::new();
    for (_, Asking { rewriter, wanted, .. }) in asking {
        let agreed: Vec<Result<(), Refusal>> =
            wanted.iter().map(|(one, _)| rewriter.agrees(one, &said)).collect();
        let holders: Vec<(FileId, What)> = wanted.iter().map(|(one, _)| rewriter.first_holder(one)).collect();
        for (((mut one, findings), agreed), (file, what)) in wanted.into_iter().zip(agreed).zip(holders) {
            match agreed {
                Ok(()) => {
                    one.what = what;
                    first.entry(file).or_insert_with(|| Asking::new(state, file, text)).add(one, findings);
                }
                Err(refusal) => {
                    alone.extend(findings.iter().map(|finding| left(finding, refusal.clone())));
                }
            }
        }
    }
    first
}

/// Which rule is heard first where several want one import.
fn order(kind: &str) -> usize {
    const FIRST: [&str; 5] = ["canonical", "doors", "moved", "unresolved-import", "relative-import"];
    FIRST.iter().position(|known| *known == kind).unwrap_or(FIRST.len())
}

/// An import that one rule objects to anyway goes on being objected to by its new target: no more findings than before.
fn following(wanted: &Wanted, findings: &[&Finding], around: &[&Finding]) -> Vec<Key> {
    let Some(own) = findings.first() else { return Vec::new() };
    let same = around.iter().filter(|other| {
        other.offset == own.offset
            && other.violation.status == Status::New
            && findings.iter().all(|finding| finding.violation.rule != other.violation.rule)
    });
    same.map(|other| Key { target: wanted.path.clone(), ..Key::of(&other.violation, &other.path) }).collect()
}

fn left(finding: &Finding, refusal: Refusal) -> Left {
    Left { path: finding.path.clone(), line: finding.line, rule: finding.violation.rule.clone(), refusal }
}

/// How many findings of a key there are, and how many of them are new.
type Counts<'a> = BTreeMap<(&'a str, Key), (u32, u32, &'a Finding)>;

fn counts(report: &Report) -> Counts<'_> {
    let mut counts = Counts::new();
    for finding in &report.findings {
        if let Place::Source(..) | Place::Path(_) = finding.violation.place {
            let key = (finding.path.as_str(), Key::of(&finding.violation, &finding.path));
            let count = counts.entry(key).or_insert((0, 0, finding));
            count.0 += 1;
            count.1 += u32::from(finding.violation.status == Status::New);
        }
    }
    counts
}

/// The files whose change makes something worse, and what.
fn worse(
    registry: &Registry,
    sources: &Sources,
    before: &State,
    after: &State,
    files: &[Planned],
) -> BTreeMap<RelPath, String> {
    let mut worse: BTreeMap<RelPath, String> = BTreeMap::new();
    let unparsed = |report: &Report, path: &str| report.unparsed.iter().any(|file| file.path == path);
    for file in files {
        let path = file.path.as_str();
        if unparsed(&after.report, path) && !unparsed(&before.report, path) {
            worse.insert(file.path.clone(), "it would not parse afterwards".to_owned());
        }
    }
    let by_path: BTreeMap<&str, &Planned> = files.iter().map(|file| (file.path.as_str(), file)).collect();
    let mut modules: BTreeMap<&str, Vec<FileId>> = BTreeMap::new();
    for source in &after.analysis.files {
        let path = source.path.as_str();
        if by_path.get(path).is_some_and(|file| !file.expected.is_empty()) {
            modules.entry(path).or_default().push(source.id);
        }
    }
    for (path, modules) in modules {
        let file = by_path[path];
        if let Some(why) = rewrites::broken(&after.analysis.graph, &modules, &file.expected) {
            worse.insert(file.path.clone(), why);
        }
    }
    let newly: Vec<&str> =
        after.stopped.difference(&before.stopped).map(String::as_str).take(MOST_STOPPED).collect();
    for (path, stopped) in check::why_stopped(registry, sources, &after.analysis, &newly) {
        let why = format!("{path} could not be imported any more: {}", stopped.why);
        // The nearest to what fails; where that was not it, the next check says so.
        let way = stopped.way.iter().rev().map(String::as_str).chain([path]);
        let mut responsible: Vec<&&Planned> = way.filter_map(|path| by_path.get(path)).take(1).collect();
        if responsible.is_empty() {
            responsible = by_path.values().collect();
        }
        for file in responsible {
            worse.entry(file.path.clone()).or_insert_with(|| why.clone());
        }
    }
    let counts_before = counts(&before.report);
    for ((path, key), (all, new, finding)) in counts(&after.report) {
        let (all_before, new_before, _) =
            counts_before.get(&(path, key.clone())).copied().unwrap_or((0, 0, finding));
        let touched = by_path.get(path);
        let modules_of = |file: &Planned| {
            let path = file.path.as_str().to_owned();
            after.analysis.graph.modules.iter().filter(move |module| module.path == path)
        };
        let may = touched.map_or(0, |file| file.follows.iter().filter(|follows| **follows == key).count());
        let may = may as u32;
        if all <= all_before + may && new <= new_before + may {
            continue;
        }
        let violation = &finding.violation;
        let says = format!("[{}] {}", violation.rule, violation.message);
        let why = format!("{path} would have a new finding: {says}");
        if violation.rule == "unresolved-import"
            && let Some(asked) = module_path::parent(violation.target())
            && let Some(file) = by_path.values().find(|file| modules_of(file).any(|of| of.name == asked))
            && file.path.as_str() != path
        {
            // What binds the name no more; where it never did, the next check says so.
            worse.entry(file.path.clone()).or_insert_with(|| why.clone());
            continue;
        }
        if let Some(file) = touched {
            worse.entry(file.path.clone()).or_insert_with(|| format!("it would have a new finding: {says}"));
            continue;
        }
        let mut responsible: Vec<&&Planned> =
            violation.chain.iter().filter_map(|hop| by_path.get(hop.path.as_str())).collect();
        let defines = |file: &Planned| {
            modules_of(file).any(|module| module_path::is_within(violation.target(), &module.name))
        };
        if responsible.is_empty() {
            responsible = by_path.values().filter(|file| defines(file)).collect();
        }
        if responsible.is_empty() {
            responsible = by_path.values().collect();
        }
        for file in responsible {
            worse.entry(file.path.clone()).or_insert_with(|| why.clone());
        }
    }
    worse
}

/// The findings asked for that are no more, by file and rule.
struct Ended {
    by_file: BTreeMap<String, BTreeMap<String, u32>>,
}

impl Ended {
    fn new(before: &Report, after: &Report, options: &Options) -> Self {
        let count = |report: &Report| {
            let mut count: BTreeMap<(String, String), u32> = BTreeMap::new();
            for finding in report.findings.iter().filter(|finding| check::is_selected(finding, options)) {
                *count.entry((finding.path.clone(), finding.violation.rule.clone())).or_default() += 1;
            }
            count
        };
        let after = count(after);
        let mut by_file: BTreeMap<String, BTreeMap<String, u32>> = BTreeMap::new();
        for ((path, rule), n) in count(before) {
            let still = after.get(&(path.clone(), rule.clone())).copied().unwrap_or(0);
            if n > still {
                by_file.entry(path).or_default().insert(rule, n - still);
            }
        }
        Self { by_file }
    }

    fn of(&self, path: &str) -> BTreeMap<String, u32> {
        self.by_file.get(path).cloned().unwrap_or_default()
    }
}
