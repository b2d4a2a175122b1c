//! Many starts at once: what one start has shown of a module is not worked out again for the next.
//!
//! A module that was loaded without asking anything of a module below it that was only half loaded behaves the same in
//! every start in which none of the modules it needs is half loaded: more that is loaded already never takes a name away.

use std::collections::BTreeMap;
use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::machine::{CallKey, Called, Event, Flow, Machine, State};
use super::{Entry, Failure, Kind, World};
use crate::graph::model::ModuleId;
use crate::source::Span;

/// What loading a module comes to, whoever asks for it.
#[derive(Debug)]
struct Memo {
    /// Every module that it needs, sorted: none of them may be half loaded where this is to hold.
    needs: Vec<ModuleId>,
    /// Those that are loaded afterwards, with what of their bodies did not run.
    loaded: Vec<ModuleId>,
    skipped: Vec<(ModuleId, Vec<Span>)>,
    /// The functions that were followed, with the modules that each asked for.
    calls: Vec<(CallKey, Rc<[ModuleId]>)>,
    undecided: Vec<Rc<Failure>>,
    failure: Option<Failure>,
    /// Whether some of these failures is that of a module half loaded.
    is_fragile: bool,
}

/// What is known of modules from earlier starts.
#[derive(Debug, Default)]
pub(super) struct Memos {
    on: bool,
    of: FxHashMap<ModuleId, Rc<Memo>>,
}

/// Where a load began.
pub(super) struct Mark {
    log: usize,
    calls: usize,
    undecided: usize,
    asked: usize,
}

/// What becomes of many starts.
#[derive(Clone, Debug, Default)]
pub struct Survey {
    /// By entry, in the order given.
    pub verdicts: Vec<Verdict>,
    /// Failures by cause, in the order of their first entry.
    pub causes: Vec<Failure>,
}

/// What becomes of one of many starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It starts.
    Starts,
    /// It fails: index into [`Survey::causes`].
    Fails(u32),
    /// It may fail and may not: index into [`Survey::causes`].
    Unknown(u32),
}

/// Starts every entry in a process of its own; `as_test` says of which the `conftest.py` files come first.
pub fn survey(world: &World, entries: &[ModuleId], as_test: impl Fn(ModuleId) -> bool) -> Survey {
    let mut machine = Machine::new(world);
    machine.memos.on = true;
    let mut survey = Survey::default();
    let mut known: BTreeMap<(Kind, String), u32> = BTreeMap::new();
    let mut number = |failure: Failure, causes: &mut Vec<Failure>| {
        *known.entry((failure.kind, failure.path.clone())).or_insert_with(|| {
            causes.push(failure);
            causes.len() as u32 - 1
        })
    };
    for entry in entries {
        let entry = Entry { module: *entry, symbol: None, calls: &[], as_test: as_test(*entry) };
        let start = machine.start(&entry);
        let verdict = if let Some(failure) = start.failure {
            Verdict::Fails(number(failure, &mut survey.causes))
        } else if !start.undecided.is_empty() {
            Verdict::Unknown(number((*start.undecided[0]).clone(), &mut survey.causes))
        } else {
            Verdict::Starts
        };
        survey.verdicts.push(verdict);
    }
    survey
}

impl Machine<'_, '_> {
    /// Where a load begins.
    pub(super) fn mark(&mut self) -> Mark {
        let asked = std::mem::replace(&mut self.asked, usize::MAX);
        Mark { log: self.log.len(), calls: self.calls.len(), undecided: self.start.undecided.len(), asked }
    }

    /// What is known of loading a module, if it holds here.
    pub(super) fn recall(&mut self, id: ModuleId) -> Option<Flow> {
        let memo = Rc::clone(self.memos.of.get(&id)?);
        if self.loading.iter().any(|loading| memo.needs.binary_search(loading).is_ok()) {
            return None;
        }
        // What failed half loaded may work where more is there.
        if memo.is_fragile && memo.needs.iter().any(|needed| self.state(*needed) == State::Loaded) {
            return None;
        }
        for module in &memo.loaded {
            if self.state(*module) == State::New {
                self.set_state(*module, State::Loaded);
                self.start.loaded.push(*module);
            }
        }
        for (module, spans) in &memo.skipped {
            self.skipped.entry(*module).or_insert_with(|| spans.clone());
        }
        for (key, asked_for) in &memo.calls {
            self.called.entry(*key).or_insert_with(|| {
                self.calls.push(*key);
                Called::Done(Rc::clone(asked_for))
            });
        }
        memo.undecided.iter().for_each(|failure| self.undecided_as(failure));
        let flow = memo.failure.clone().map_or(Ok(()), |failure| Err(Box::new(failure)));
        self.log.push(if flow.is_ok() { Event::Loaded(id) } else { Event::Failed(id) });
        Some(flow)
    }

    /// Keeps what a load came to, if it is the same wherever it is asked for.
    pub(super) fn remember(&mut self, id: ModuleId, mark: &Mark, flow: &Flow) {
        let own = self.loading.len();
        let alone = self.asked >= own;
        self.asked = mark.asked.min(if alone { usize::MAX } else { self.asked });
        let gave_up = flow.as_ref().is_err_and(|failure| failure.kind == Kind::TooMuch);
        if !self.memos.on || gave_up || !alone || self.memos.of.contains_key(&id) {
            return;
        }
        // What this start has loaded since, and how much of that was there when a module was asked for.
        let window = &self.log[mark.log..];
        let within: FxHashSet<ModuleId> = window.iter().filter_map(|event| event.loaded()).collect();
        let mut there: FxHashSet<ModuleId> = FxHashSet::default();
        let mut needs: FxHashSet<ModuleId> = FxHashSet::from_iter([id]);
        let mut undecided = self.start.undecided[mark.undecided..].to_vec();
        let mut skipped: BTreeMap<ModuleId, Vec<Span>> = BTreeMap::new();
        let own = self.calls[mark.calls..].iter().filter_map(|key| match self.called.get(key) {
            Some(Called::Done(asked_for)) => Some((*key, Rc::clone(asked_for))),
            _ => None,
        });
        let mut calls: FxHashMap<CallKey, Rc<[ModuleId]>> = own.collect();
        for event in window {
            let module = event.module();
            if there.contains(&module) {
                continue;
            }
            needs.insert(module);
            let memo = self.memos.of.get(&module);
            // What fails by itself was loaded here all the same: what came before made the difference.
            let works = memo.filter(|memo| memo.failure.is_none());
            match (event, works) {
                (Event::Failed(_), _) => needs.extend(memo.iter().flat_map(|memo| &memo.needs)),
                (Event::Loaded(_), None) => {
                    there.insert(module);
                    skipped.extend(self.skipped.get(&module).map(|spans| (module, spans.clone())));
                }
                // It was loaded before, and what it needs is not known; or in another start it would fail here.
                (Event::Found(_), None) => return,
                (event, Some(memo)) => {
                    // It was loaded before. In another start it would be loaded here, with half of what it needs.
                    let half = |needed: &ModuleId| {
                        *needed == id || within.contains(needed) && !there.contains(needed)
                    };
                    if matches!(event, Event::Found(_)) && memo.needs.iter().any(half) {
                        return;
                    }
                    needs.extend(&memo.needs);
                    there.extend(&memo.loaded);
                    skipped.extend(memo.skipped.iter().cloned());
                    calls.extend(memo.calls.iter().cloned());
                    undecided.extend(memo.undecided.iter().cloned());
                }
            }
        }
        let sorted = |set: FxHashSet<ModuleId>| {
            let mut list: Vec<ModuleId> = set.into_iter().collect();
            list.sort_unstable();
            list
        };
        let (needs, loaded) = (sorted(needs), sorted(there));
        let mut told = FxHashSet::default();
        undecided.retain(|failure| told.insert(Rc::as_ptr(failure)));
        let failure = flow.as_ref().err().map(|failure| (**failure).clone());
        let skipped = skipped.into_iter().collect();
        let is_fragile = undecided
            .iter()
            .map(Rc::as_ref)
            .chain(&failure)
            .any(|failure| matches!(failure.kind, Kind::NotYet | Kind::AttributeNotYet));
        let calls = calls.into_iter().collect();
        let memo = Memo { needs, loaded, skipped, calls, undecided, failure, is_fragile };
        self.memos.of.insert(id, Rc::new(memo));
    }
}
