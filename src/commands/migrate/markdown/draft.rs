//! The registry's text, with a note for each line of the page, and a count of them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use super::page::{Mention, Page, Told};
use super::plan::{Path, Place, Plan};
use super::world::{Existence, World};
use crate::formats::context::{counted, escape};
use crate::registry::schema::CHECKS;

/// The registry that a plan comes to; `source` is how the page is called.
pub fn draft(page: &Page, plan: &Plan, world: &World, source: &str) -> String {
    let draft = Draft { page, plan, world };
    let mut out = head(source);
    draft.doors(&mut out);
    draft.canonical(&mut out);
    draft.moved(&mut out);
    draft.protected(&mut out);
    draft.nowhere(&mut out);
    out
}

fn head(source: &str) -> String {
    let source = escape(source);
    format!(
        "\
# Drafted by `importlaw migrate markdown` from {source}: read it before you rely on it.
#
# `page:N` is line N of that page. Where the page contradicts itself, nothing is excused and nothing counts as
# compliant by it: of two things said of one path the worse holds; of two doors the one marked on its own line, the
# other is retired; what is still undecided stands in comments at the end.
version = 1
"
    )
}

struct Draft<'a> {
    page: &'a Page,
    plan: &'a Plan,
    world: &'a World<'a>,
}

/// A door's module, with the compatible and the retired modules of its symbols.
type Ways = (String, Vec<String>, Vec<String>);

impl Draft<'_> {
    /// The paths that went to places of a kind, in the order of the page.
    fn placed(&self, wanted: impl Fn(&Place) -> bool) -> Vec<&Path> {
        let mut paths: Vec<(&Path, usize)> = self
            .plan
            .places
            .iter()
            .filter(|(_, (_, place))| wanted(place))
            .map(|(path, (claim, _))| (path, claim.mentions.first().copied().unwrap_or(0)))
            .collect();
        paths.sort_by_key(|(path, at)| (*at, self.position(*at, path)));
        paths.into_iter().map(|(path, _)| path).collect()
    }

    fn position(&self, mention: usize, path: &Path) -> usize {
        self.page.mentions[mention].names.iter().position(|(name, _)| *name == path.name).unwrap_or(0)
    }

    /// Doors by module and by the other ways to their symbols.
    fn ways(&self) -> Vec<(Ways, Vec<&Path>)> {
        let mut compatible: BTreeMap<&Path, Vec<String>> = BTreeMap::new();
        let mut retired: BTreeMap<&Path, Vec<String>> = BTreeMap::new();
        for (path, (_, place)) in &self.plan.places {
            match place {
                Place::Compatible(door) => compatible.entry(door).or_default().push(path.module.clone()),
                Place::Retired(door) => retired.entry(door).or_default().push(path.module.clone()),
                _ => {}
            }
        }
        let mut groups: Vec<(Ways, Vec<&Path>)> = Vec::new();
        let mut index: BTreeMap<Ways, usize> = BTreeMap::new();
        for path in self.placed(|place| *place == Place::Door) {
            let of = |ways: &BTreeMap<&Path, Vec<String>>| ways.get(path).cloned().unwrap_or_default();
            let ways = (path.module.clone(), of(&compatible), of(&retired));
            let at = *index.entry(ways.clone()).or_insert_with(|| {
                groups.push((ways, Vec::new()));
                groups.len() - 1
            });
            groups[at].1.push(path);
        }
        groups
    }

    fn doors(&self, out: &mut String) {
        let ways = self.ways();
        let plain =
            ways.iter().filter(|((_, compatible, retired), _)| compatible.is_empty() && retired.is_empty());
        let mut header = Header::new("\n[doors]\n");
        for ((module, ..), paths) in plain {
            header.once(out);
            self.notes(paths, out);
            let _ = writeln!(
                out,
                "\"{module}\" = {}",
                list(paths.iter().map(|path| path.name.clone()), module.len() + 5)
            );
        }
    }

    fn canonical(&self, out: &mut String) {
        let mut ids: BTreeSet<String> = CHECKS.iter().map(|check| check.name.to_owned()).collect();
        ids.extend(["doors", "moved", DEPRECATED].map(str::to_owned));
        for ((module, compatible, retired), paths) in self.ways() {
            if compatible.is_empty() && retired.is_empty() {
                continue;
            }
            out.push_str("\n[[canonical]]\n");
            self.notes(&paths, out);
            let name = &paths[0].name;
            if !ids.insert(name.clone()) {
                let mut numbers = 2_u32..;
                let free = numbers.find_map(|n| Some(format!("symbol-{n}")).filter(|id| !ids.contains(id)));
                let id = free.unwrap_or_default();
                let _ = writeln!(out, "id         = \"{id}\"");
                ids.insert(id);
            }
            let _ = writeln!(out, "symbols    = {}", list(paths.iter().map(|path| path.name.clone()), 13));
            let _ = writeln!(out, "path       = \"{module}\"");
            let way = |module: &String, of: &Path| Path { module: module.clone(), name: of.name.clone() };
            if !compatible.is_empty() {
                out.push_str("compatible = [\n");
                for module in &compatible {
                    let old: Vec<Path> = paths.iter().map(|path| way(module, path)).collect();
                    let lines = self.notes_indented(&old, out);
                    let _ = writeln!(out, "    {{ path = \"{module}\", reason = \"{lines}\" }},");
                }
                out.push_str("]\n");
            }
            if !retired.is_empty() {
                out.push_str("retired    = [\n");
                for module in &retired {
                    let old: Vec<Path> = paths.iter().map(|path| way(module, path)).collect();
                    self.notes_indented(&old, out);
                    let _ = writeln!(out, "    \"{module}\",");
                }
                out.push_str("]\n");
            }
        }
    }

    fn moved(&self, out: &mut String) {
        let mut header = Header::new("\n[moved]\n");
        let mut written = BTreeSet::new();
        for path in self.placed(|place| matches!(place, Place::Moved(_))) {
            let (_, Place::Moved(to)) = &self.plan.places[path] else { continue };
            header.once(out);
            self.notes(&[path], out);
            let line = format!("\"{}\" = \"{}\"", path.written(), to.written());
            // `import a` and `from a import *` are one whole module.
            let comment = if written.insert(path.written()) { "" } else { "# " };
            let _ = writeln!(out, "{comment}{line}");
        }
    }

    fn protected(&self, out: &mut String) {
        let paths = self.placed(|place| *place == Place::Protected);
        if paths.is_empty() {
            return;
        }
        // A `[[forbidden]]` from everywhere would govern every import there is, and nearly all would comply.
        let _ = writeln!(
            out,
            "\n[[protected]]\n# Not to be used, and the page names nothing to use instead. Modules are meant whole."
        );
        let _ = writeln!(out, "id      = \"{DEPRECATED}\"\nmodules = [");
        let mut modules: BTreeSet<&str> = BTreeSet::new();
        for path in &paths {
            if modules.insert(&path.module) {
                let all: Vec<Path> = paths
                    .iter()
                    .filter(|other| other.module == path.module)
                    .map(|path| (*path).clone())
                    .collect();
                self.notes_indented(&all, out);
                let _ = writeln!(out, "    \"={}\",", path.module);
            }
        }
        out.push_str("]\nonly    = []\nreason  = \"the page calls it deprecated or broken\"\n");
    }

    fn nowhere(&self, out: &mut String) {
        let paths = self.placed(|place| matches!(place, Place::Nowhere(_)));
        let mut header =
            Header::new("\n# Not in force: what the page leaves undecided, and what no entry can say.\n");
        for path in paths {
            let (_, Place::Nowhere(why)) = &self.plan.places[path] else { continue };
            header.once(out);
            out.push_str("#\n");
            self.notes(&[path], out);
            let _ = writeln!(out, "#   {}: {why}", path.written());
        }
    }

    fn notes(&self, paths: &[&Path], out: &mut String) {
        for note in self.notes_of(paths) {
            let _ = writeln!(out, "# {note}");
        }
    }

    /// Indented notes; returns the lines of the page as a reason.
    fn notes_indented(&self, paths: &[Path], out: &mut String) -> String {
        let paths: Vec<&Path> = paths.iter().collect();
        for note in self.notes_of(&paths) {
            let _ = writeln!(out, "    # {note}");
        }
        let mentions: BTreeSet<usize> = self.mentions(&paths).into_keys().collect();
        let lines = mentions.into_iter().map(|at| format!("page:{}", self.page.mentions[at].line));
        lines.collect::<Vec<_>>().join(", ")
    }

    /// The mentions of some paths, and of each the positions of the names in question.
    fn mentions(&self, paths: &[&Path]) -> BTreeMap<usize, BTreeSet<usize>> {
        let mut mentions: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
        for path in paths {
            for at in self.plan.places.get(*path).map_or(&[][..], |(claim, _)| &claim.mentions) {
                mentions.entry(*at).or_default().insert(self.position(*at, path));
            }
        }
        mentions
    }

    /// One note for each mention of some paths.
    fn notes_of(&self, paths: &[&Path]) -> Vec<String> {
        let mentions = self.mentions(paths);
        mentions.iter().map(|(at, names)| self.note(*at, names, paths.len() > 1)).collect()
    }

    fn note(&self, at: usize, positions: &BTreeSet<usize>, several: bool) -> String {
        let mention = &self.page.mentions[at];
        let mut note = format!("page:{} {}", mention.line, mention.status.word());
        if mention.told == Told::Nowhere {
            note.push_str(" (unmarked)");
        }
        let shown = |position: &usize| format!("`{}`", name_at(mention, *position));
        if several && positions.len() < mention.names.len().max(2) {
            let names: Vec<String> = positions.iter().map(shown).collect();
            let _ = write!(note, " {}", names.join(", "));
        }
        let existence = &self.plan.existence[at];
        let is_there = |position: &usize| existence[*position] == Existence::Yes;
        let there: Vec<String> = positions.iter().filter(|at| is_there(at)).map(shown).collect();
        let mut said: Vec<String> = Vec::new();
        if there.len() == positions.len() {
            said.push("exists".to_owned());
        } else if !there.is_empty() {
            said.push(format!("of which {} exists", there.join(", ")));
        }
        for position in positions {
            let word = match &existence[*position] {
                Existence::Yes => continue,
                Existence::Outside => "from outside the project".to_owned(),
                Existence::Unknown(why) => format!("cannot be told: {why}"),
                Existence::No(near) => format!("does not exist: {near}"),
            };
            if !said.contains(&word) {
                said.push(word);
            }
        }
        let _ = write!(note, ", {}", said.join("; "));
        if let Some(object) = self.another_object(mention, positions) {
            let _ = write!(note, "; not the door's object, but `{object}`");
        }
        let named = |name: &str| positions.iter().any(|position| name_at(mention, *position) == name);
        for conflict in self.plan.conflicts[at].iter().filter(|conflict| named(&conflict.name)) {
            let _ = write!(note, "; conflicts with line {} (which {})", conflict.line, conflict.what);
        }
        note
    }

    /// What a compatible door leads to, where that is not what its door leads to.
    fn another_object(&self, mention: &Mention, positions: &BTreeSet<usize>) -> Option<String> {
        positions.iter().find_map(|position| {
            let path = Path { module: mention.module.clone(), name: name_at(mention, *position).to_owned() };
            let (_, Place::Compatible(door)) = self.plan.places.get(&path)? else { return None };
            let own = self.world.definition(&path.module, &path.name)?;
            let right = self.world.definition(&door.module, &door.name)?;
            (own != right).then(|| self.world.path_of(&own))
        })
    }
}

/// The name at a position of a mention; empty for `import a.b`.
fn name_at(mention: &Mention, position: usize) -> &str {
    mention.names.get(position).map_or("", |(name, _)| name)
}

/// The id of what is not to be used and has no door.
const DEPRECATED: &str = "deprecated";

/// A table's header, written before its first line.
struct Header {
    text: Option<&'static str>,
}

impl Header {
    fn new(text: &'static str) -> Self {
        Self { text: Some(text) }
    }

    fn once(&mut self, out: &mut String) {
        out.push_str(self.text.take().unwrap_or_default());
    }
}

/// A TOML list; over several lines where it is long.
fn list(items: impl Iterator<Item = String>, indent: usize) -> String {
    let items: Vec<String> = items.map(|item| format!("\"{item}\"")).collect();
    let length: usize = items.iter().map(|item| item.len() + 2).sum();
    if length + indent <= WIDTH {
        return format!("[{}]", items.join(", "));
    }
    format!("[\n{}]", items.iter().map(|item| format!("    {item},\n")).collect::<String>())
}

const WIDTH: usize = 90;

/// What was read, in lines of the page, for a person.
pub fn summary(page: &Page, plan: &Plan, source: &str) -> String {
    let number = |wanted: &dyn Fn(usize) -> bool| (0..page.mentions.len()).filter(|at| wanted(*at)).count();
    let any = |at: usize, wanted: &dyn Fn(&Existence) -> bool| plan.existence[at].iter().any(wanted);
    let missing = |at: usize| any(at, &|e| matches!(e, Existence::No(_)));
    let untold = |at: usize| any(at, &|e| matches!(e, Existence::Unknown(_))) && !missing(at);
    let outside = |at: usize| any(at, &|e| *e == Existence::Outside) && !missing(at) && !untold(at);
    let there = |at: usize| plan.existence[at].iter().all(|e| *e == Existence::Yes);
    let recommended = |at: usize| {
        use super::words::Status::{Broken, Deprecated};
        !matches!(page.mentions[at].status, Deprecated | Broken)
    };
    let mut out = String::new();
    let read = counted(page.mentions.len() as u64, "import");
    let _ = writeln!(out, "{}: {read} read", escape(source));
    let row = |out: &mut String, what: &str, said: String| {
        let _ = writeln!(out, "  {what:16} {said}");
    };
    row(&mut out, "exist", number(&there).to_string());
    let wrong = match number(&|at| missing(at) && recommended(at)) {
        0 => String::new(),
        n => format!(", {n} of them although the page recommends them"),
    };
    row(&mut out, "do not exist", format!("{}{wrong}", number(&missing)));
    for (count, what) in [(number(&untold), "cannot be told"), (number(&outside), "from outside")] {
        if count > 0 {
            row(&mut out, what, count.to_string());
        }
    }
    let conflicting = number(&|at| !plan.conflicts[at].is_empty());
    row(&mut out, "conflict", format!("{conflicting} with another line of the page"));
    let left = plan.places.values().filter(|(_, place)| matches!(place, Place::Nowhere(_))).count();
    row(&mut out, "not in force", format!("{}, in comments at the end", counted(left as u64, "path")));
    let lines: Vec<String> = page.not_understood.iter().take(MOST_LINES).map(u32::to_string).collect();
    let more = page.not_understood.len() - lines.len();
    let lines = if lines.is_empty() { String::new() } else { format!(": {}", lines.join(", ")) };
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    let count = counted(page.not_understood.len() as u64, "line");
    row(&mut out, "not understood", format!("{count}{lines}{more}"));
    out
}

/// Lines named in the summary.
const MOST_LINES: usize = 20;
