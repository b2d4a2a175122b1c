//! What becomes of each import statement: which names stay, which are written into another one, which get a new one.

use std::cell::RefCell;

use super::layout::{Group, Layout, New, change, one_line, written};
use super::statements::Statement;
use crate::facts::Facts;
use crate::languages::rewrite::{Change, Refusal, Wanted};
use crate::module_path;

/// What one name is to be.
#[derive(Clone)]
struct Want {
    /// Its index in all that is wanted, and further ones that want the same.
    wanted: Vec<usize>,
    /// The import's index in the facts.
    index: u32,
    path: String,
    named: bool,
}

/// What becomes of one statement.
#[derive(Default)]
struct Plan {
    wants: Vec<Option<Want>>,
    /// Whether it has been decided; only then others' names may be written into one that has wants.
    done: bool,
    /// The names that leave it.
    gone: Vec<bool>,
    /// Another module in the place of its own.
    module: Option<String>,
    /// What stands in the place of a name.
    items: Vec<Option<String>>,
    /// Names of others that come into it.
    added: Vec<New>,
    /// New statements behind it.
    after: Vec<Group>,
    /// Another statement in its place.
    whole: Option<String>,
    deleted: bool,
    /// Changes elsewhere: of the uses of a name.
    uses: Vec<Change>,
}

impl Plan {
    fn has_wants(&self) -> bool {
        self.wants.iter().any(Option::is_some)
    }
}

pub(super) struct Planner<'a> {
    layout: Layout<'a>,
    facts: &'a Facts,
    plans: Vec<Plan>,
    refused: RefCell<Vec<(usize, Refusal)>>,
}

/// Renames what is written below a plain import: its index, the new path, and all plain imports that are rewritten.
pub(super) type Rename<'r> = &'r dyn Fn(u32, &str, &[u32]) -> Result<Vec<Change>, Refusal>;

impl<'a> Planner<'a> {
    pub(super) fn new(layout: Layout<'a>, facts: &'a Facts) -> Self {
        let plan = |statement: &Statement| Plan {
            wants: vec![None; statement.items.len()],
            gone: vec![false; statement.items.len()],
            items: vec![None; statement.items.len()],
            ..Plan::default()
        };
        let plans = layout.statements.all.iter().map(plan).collect();
        Self { layout, facts, plans, refused: RefCell::default() }
    }

    /// Takes one name on.
    pub(super) fn want(&mut self, at: usize, index: u32, wanted: &Wanted) -> Result<(), Refusal> {
        let (statement, item) = self.place(index).ok_or_else(|| Refusal::of("it is no longer there"))?;
        match &mut self.plans[statement].wants[item] {
            Some(want) if want.path == wanted.path && want.named == wanted.named => want.wanted.push(at),
            Some(_) => return Err(Refusal::of("two findings want it from different places")),
            none => {
                let (path, named) = (wanted.path.clone(), wanted.named);
                *none = Some(Want { wanted: vec![at], index, path, named });
            }
        }
        Ok(())
    }

    /// Takes a wildcard on: it gets another module, and stays one unless there are names to take its place.
    pub(super) fn want_wildcard(&mut self, index: u32, wanted: &Wanted, names: Option<Vec<String>>) {
        let Some((at, item)) = self.place(index) else { return };
        let statement = &self.layout.statements.all[at];
        let plan = &mut self.plans[at];
        plan.done = true;
        let own = statement.from.as_ref().filter(|from| from.level == 0).map(|from| from.module.as_str());
        let module = module_path::parent(&wanted.path).unwrap_or(&wanted.path);
        plan.module = (own != Some(module)).then(|| module.to_owned());
        plan.items[item] = names.map(|names| self.layout.names(statement, &names));
    }

    fn place(&self, index: u32) -> Option<(usize, usize)> {
        let import = self.facts.imports.get(index as usize)?;
        self.layout.statements.by_offset.get(&(import.span.start as usize)).copied()
    }

    /// Decides on `import a.b` and its kin.
    pub(super) fn plain_imports(&mut self, risky: bool, rename: Rename) {
        let all = &self.layout.statements.all;
        let plain = |at: &usize| all[*at].from.is_none() && self.plans[*at].has_wants();
        let statements: Vec<usize> = (0..all.len()).filter(plain).collect();
        let alike: Vec<u32> = statements
            .iter()
            .flat_map(|at| self.plans[*at].wants.iter().flatten().map(|want| want.index))
            .collect();
        for at in statements {
            let statement = &all[at];
            self.plans[at].done = true;
            for (item_at, item) in statement.items.iter().enumerate() {
                let Some(want) = self.plans[at].wants[item_at].clone() else { continue };
                let new = if want.named {
                    Err(Refusal::of("it imports a module whole, and a name is to take its place"))
                } else if item.alias.is_some() || !item.name.contains('.') {
                    let explicit = item.alias.is_some() || want.path != item.name;
                    Ok(written(&want.path, explicit.then(|| item.local())))
                } else if risky {
                    rename(want.index, &want.path, &alike).map(|changes| {
                        self.plans[at].uses.extend(changes);
                        want.path.clone()
                    })
                } else {
                    let first = module_path::first(&item.name);
                    let why = format!("it binds `{first}`, and every use of that would have to be renamed");
                    Err(Refusal::unless_unsafe(&why))
                };
                match new {
                    Ok(new) => self.plans[at].items[item_at] = Some(new),
                    Err(refusal) => self.refuse(&want, &refusal),
                }
            }
        }
    }

    fn refuse(&self, want: &Want, refusal: &Refusal) {
        self.refused.borrow_mut().extend(want.wanted.iter().map(|at| (*at, refusal.clone())));
    }

    /// Decides on all else; the changes, and what is refused.
    pub(super) fn finish(mut self) -> (Vec<Change>, Vec<(usize, Refusal)>) {
        for at in 0..self.plans.len() {
            if self.layout.statements.all[at].from.is_some()
                && self.plans[at].has_wants()
                && let Err(refusal) = self.take_names(at)
            {
                for want in self.plans[at].wants.iter().flatten() {
                    self.refuse(want, &refusal);
                }
            }
        }
        let all = &self.layout.statements.all;
        let changes = all.iter().zip(&self.plans).flat_map(|(statement, plan)| self.changes(statement, plan));
        (changes.collect(), self.refused.take())
    }

    /// Decides on the names of one statement; on all of them or none.
    fn take_names(&mut self, at: usize) -> Result<(), Refusal> {
        let layout = self.layout;
        let statement = &layout.statements.all[at];
        let own = module_of(statement).map(str::to_owned);
        let mut leaving: Vec<(usize, Option<String>, New)> = Vec::new();
        for (item, want) in self.plans[at].wants.iter().enumerate() {
            let Some(want) = want else { continue };
            let (module, new) = renamed(layout, statement, item, want);
            leaving.push((item, module, new));
        }
        let comment = "comments stand between the names of its statement";
        let within: Vec<(usize, New)> = leaving
            .extract_if(.., |(_, module, _)| module.is_some() && *module == own)
            .map(|(item, _, new)| (item, new))
            .collect();
        let stays = statement.items.len() - leaving.len();
        let alone = layout.is_alone(statement);
        if !alone && leaving.iter().any(|(_, _, new)| new.comment.is_some()) {
            return Err(Refusal::of(comment));
        }
        let is_leaving = |item: usize| leaving.iter().any(|(at, ..)| *at == item);
        if stays > 0 && layout.without(statement, &is_leaving).is_none() {
            return Err(Refusal::of(comment));
        }
        let comments = !layout.comments(statement).is_empty();
        let may_merge = !layout.statements.suites[statement.suite].in_try
            && layout.pragma(statement).is_none()
            && (stays > 0 || !comments && layout.removed(statement).is_some());
        let mut merged: Vec<usize> = Vec::new();
        let mut groups: Vec<(Vec<usize>, Group)> = Vec::new();
        for (item, module, new) in leaving {
            if may_merge && module.as_ref().is_some_and(|module| self.merge(at, module, &new)) {
                merged.push(item);
                continue;
            }
            match groups.iter_mut().find(|(_, group)| group.module == module && module.is_some()) {
                Some((items, group)) => {
                    items.push(item);
                    group.items.push(new);
                }
                None => groups.push((vec![item], Group { module, items: vec![new] })),
            }
        }
        let plan = &mut self.plans[at];
        for (item, new) in within {
            plan.items[item] = Some(new.written());
        }
        if stays == 0 && groups.is_empty() {
            plan.deleted = true;
        } else {
            let stays_here = if stays == 0 { Some(groups.remove(0)) } else { None };
            let later = groups.iter().flat_map(|(items, _)| items);
            for item in merged.iter().chain(later) {
                plan.gone[*item] = true;
            }
            plan.after = groups.into_iter().map(|(_, group)| group).collect();
            let gone = plan.gone.clone();
            match stays_here {
                Some((items, Group { module: Some(module), items: new })) => {
                    if layout.without(statement, &|item| gone[item]).is_none() {
                        return Err(self.undone(at, comment));
                    }
                    plan.module = Some(module);
                    for (item, new) in items.into_iter().zip(new) {
                        plan.items[item] = Some(new.written());
                    }
                }
                Some((_, group)) => {
                    if comments && statement.brackets.is_some() {
                        return Err(self.undone(at, comment));
                    }
                    plan.whole = Some(one_line(&group, if statement.lazy { "lazy " } else { "" }));
                }
                None => {}
            }
        }
        self.plans[at].done = true;
        Ok(())
    }

    /// Takes a plan back. Only where nothing was merged: a statement with comments that leaves whole never is.
    fn undone(&mut self, at: usize, why: &str) -> Refusal {
        let plan = &mut self.plans[at];
        plan.gone.fill(false);
        plan.items.fill(None);
        plan.after.clear();
        Refusal::of(why)
    }

    /// Writes a name into another statement of its suite that takes from that module already, if there is one where the
    /// file cannot tell the difference.
    fn merge(&mut self, from: usize, module: &str, new: &New) -> bool {
        let all = &self.layout.statements.all;
        let suite = all[from].suite;
        // Two statements of one module were written apart on purpose.
        let alike =
            |at: usize| matches!((&all[at].from, &all[from].from), (Some(a), Some(b)) if a.is_like(b));
        let mut candidates: Vec<usize> =
            (0..all.len()).filter(|at| *at != from && all[*at].suite == suite && !alike(*at)).collect();
        // The nearest above, then the nearest below.
        candidates.sort_by_key(|at| if *at < from { (0, from - at) } else { (1, at - from) });
        for at in candidates {
            if !self.is_near(from, at, new.local()) || all[at].lazy != all[from].lazy {
                continue;
            }
            if let Some(group) = self.plans[at].after.iter_mut().find(|g| g.module.as_deref() == Some(module))
            {
                if !group.items.iter().any(|item| item.local() == new.local()) {
                    group.items.push(new.clone());
                    return true;
                }
                return group.items.iter().any(|item| item == new);
            }
            if let Some(merged) = self.merge_into(at, module, new) {
                return merged;
            }
        }
        false
    }

    /// Whether a name may be bound at another statement of the suite as well.
    fn is_near(&self, from: usize, at: usize, local: &str) -> bool {
        let layout = self.layout;
        let (one, other) = (&layout.statements.all[from.min(at)], &layout.statements.all[from.max(at)]);
        let between = &layout.statements.suites[one.suite].statements[one.place + 1..other.place];
        let imports_alone = at < from || between.iter().all(|(_, _, is_import)| *is_import);
        imports_alone && !layout.statements.says(layout.text, local, one.end, other.start)
    }

    /// Whether a name has been written into a statement; None where that takes nothing from the module.
    fn merge_into(&mut self, at: usize, module: &str, new: &New) -> Option<bool> {
        let statement = &self.layout.statements.all[at];
        let plan = &self.plans[at];
        let settled = plan.done || !plan.has_wants();
        let now = plan.module.as_deref().or_else(|| module_of(statement))?;
        let wildcard = statement.items.iter().any(|item| item.name == "*");
        let whole = plan.whole.is_some() || plan.deleted || plan.gone.contains(&true);
        if now != module || !settled || wildcard || whole || self.is_waived(statement) {
            return None;
        }
        let local = new.local();
        for (item, rewritten) in statement.items.iter().zip(&plan.items) {
            if item.local() == local {
                let same = rewritten.clone().unwrap_or_else(|| written(&item.name, item.alias.as_deref()));
                return Some(same == new.written());
            }
        }
        if let Some(known) = plan.added.iter().find(|known| known.local() == local) {
            return Some(known.name == new.name);
        }
        let mut added = plan.added.clone();
        added.push(new.clone());
        if self.layout.with(statement, &added).is_none() {
            return Some(false);
        }
        self.plans[at].added = added;
        Some(true)
    }

    /// Whether a waiver speaks of a statement: it would excuse what is written into it.
    fn is_waived(&self, statement: &Statement) -> bool {
        if self.facts.waivers.is_empty() {
            return false;
        }
        let mut imports = self.facts.imports.iter();
        let Some(import) = imports.find(|import| import.statement.start as usize == statement.start) else {
            return false;
        };
        // One that stands alone speaks of the line below.
        let lines = import.statement_line.saturating_sub(1)..=import.statement_end_line;
        self.facts.waivers.iter().any(|waiver| !waiver.file_wide && lines.contains(&waiver.line))
    }

    fn changes(&self, statement: &Statement, plan: &Plan) -> Vec<Change> {
        let layout = self.layout;
        let mut changes = plan.uses.clone();
        if plan.deleted {
            changes.extend(layout.removed(statement));
            return changes;
        }
        if let Some(whole) = &plan.whole {
            changes.push(change(statement.start, statement.end, whole.clone()));
        } else {
            if let (Some(module), Some(from)) = (&plan.module, &statement.from) {
                changes.push(self.module(from.start, from.end, module));
            }
            for ((item, new), gone) in statement.items.iter().zip(&plan.items).zip(&plan.gone) {
                let old = &layout.text[item.start..item.end];
                if let Some(new) = new
                    && !gone
                    && *new != written(&item.name, item.alias.as_deref())
                    && new != old
                {
                    changes.push(change(item.start, item.end, new.clone()));
                }
            }
            if plan.gone.contains(&true) {
                changes.extend(layout.without(statement, &|item| plan.gone[item]).unwrap_or_default());
            }
            if !plan.added.is_empty() {
                changes.extend(layout.with(statement, &plan.added).unwrap_or_default());
            }
        }
        if !plan.after.is_empty() {
            changes.extend(layout.followed_by(statement, &plan.after));
        }
        changes
    }

    /// Another module between `from` and `import`; `from.import x` has no blanks around its own.
    fn module(&self, start: usize, end: usize, module: &str) -> Change {
        let text = self.layout.text;
        let blank = |c: Option<char>| c.is_none_or(|c| c.is_whitespace() || c == '\\');
        let before = if blank(text[..start].chars().next_back()) { "" } else { " " };
        let behind = if blank(text[end..].chars().next()) { "" } else { " " };
        change(start, end, format!("{before}{module}{behind}"))
    }
}

/// The module that a statement takes names from, where it says so absolutely.
fn module_of(statement: &Statement) -> Option<&str> {
    let from = statement.from.as_ref()?;
    (from.level == 0 && from.module != "__future__").then_some(from.module.as_str())
}

/// A name as it is to be taken from another module; without one it is a module itself.
fn renamed(layout: Layout, statement: &Statement, item: usize, want: &Want) -> (Option<String>, New) {
    let comment = layout.own_comment(statement, item);
    let item = &statement.items[item];
    let (module, name) = match module_path::split_last(&want.path) {
        Some((module, name)) if want.named => (Some(module.to_owned()), name),
        _ => (None, want.path.as_str()),
    };
    // `X as X` says that X is meant to be imported from here.
    let said = item.alias.as_deref() == Some(item.name.as_str());
    let alias = (name != item.local() || said).then(|| item.local().to_owned());
    (module, New { name: name.to_owned(), alias, comment })
}
