//! What fails: how a failure is told, who catches it, and that what has failed often is not tried again.

use std::rc::Rc;

use super::machine::{At, CallKey, Flow, Frame, Machine, State};
use super::{Failure, Kind};
use crate::facts::load::{Catches, Try};
use crate::graph::model::{ModuleId, RowId};
use crate::module_path;
use crate::source::Span;

/// How often what failed is tried again in one start; the ways to a failure may be more than anyone can follow.
const MAX_TRIES: u32 = 4;

/// What is tried again where it has failed.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Tried {
    Module(ModuleId),
    Function(CallKey),
}

/// How often it has failed, and how at last.
pub(super) struct Failed {
    times: u32,
    /// Its chain begins at what failed.
    failure: Failure,
}

impl Machine<'_, '_> {
    /// What may fail or not. That something raises below a condition is what conditions are for.
    pub(super) fn undecided(&mut self, failure: Failure) {
        if failure.kind != Kind::Raises {
            self.start.undecided.push(Rc::new(failure));
        }
    }

    /// The same of one that an earlier start has met; once in each start.
    pub(super) fn undecided_as(&mut self, failure: &Rc<Failure>) {
        if self.told.insert(Rc::as_ptr(failure)) {
            self.start.undecided.push(Rc::clone(failure));
        }
    }

    pub(super) fn guarded(&mut self, frame: Frame, guarded: &Try) -> Flow {
        let flow = self.block(frame, &guarded.body);
        let own = frame.function.is_none();
        let mut unrun: Vec<Span> = guarded.handlers.iter().map(|handler| handler.span).collect();
        let flow = match flow {
            Ok(()) => {
                if own {
                    self.skip(frame.module, unrun);
                }
                self.block(frame, &guarded.orelse)
            }
            Err(failure) => {
                let raised = failure.raised;
                let caught = guarded.handlers.iter().position(|handler| {
                    !raised.is_empty() && handler.catches.intersects(raised | Catches::UNKNOWN)
                });
                match caught {
                    None => Err(failure),
                    Some(at) => {
                        let handler = &guarded.handlers[at];
                        unrun.swap_remove(at);
                        unrun.push(guarded.orelse_span);
                        let broke_off = self.stands[frame.module.index()].0;
                        unrun.push(Span::new(broke_off, guarded.body_span.end));
                        if own {
                            self.skip(frame.module, unrun);
                        }
                        if !handler.catches.intersects(raised) {
                            self.undecided((*failure).clone());
                        }
                        let frame = Frame { handling: Some(&failure), ..frame };
                        self.block(frame, &handler.body)
                    }
                }
            }
        };
        match self.block(frame, &guarded.finalbody) {
            Ok(()) => flow,
            failed => failed,
        }
    }

    fn skip(&mut self, module: ModuleId, spans: Vec<Span>) {
        let spans = spans.into_iter().filter(|span| span.end > span.start);
        self.skipped.entry(module).or_default().extend(spans);
    }

    pub(super) fn fail(&self, kind: Kind, path: String, module: ModuleId, at: At) -> Flow {
        Err(Box::new(self.failure(kind, path, module, at)))
    }

    pub(super) fn fail_at(
        &self,
        kind: Kind,
        path: String,
        module: ModuleId,
        at: At,
        row: RowId,
        holder: Option<ModuleId>,
    ) -> Flow {
        self.fail_about(kind, path, module, at, Some(row), holder)
    }

    pub(super) fn fail_about(
        &self,
        kind: Kind,
        path: String,
        module: ModuleId,
        at: At,
        row: Option<RowId>,
        holder: Option<ModuleId>,
    ) -> Flow {
        let bound_at = holder.and_then(|holder| self.binding_line(holder, module_path::last(&path)));
        let stands_at = holder
            .filter(|holder| self.state(*holder) == State::Loading)
            .map(|holder| self.stands[holder.index()].1);
        let failure = self.failure(kind, path, module, at);
        Err(Box::new(Failure { holder, bound_at, row, stands_at, ..failure }))
    }

    pub(super) fn failure(&self, kind: Kind, path: String, module: ModuleId, at: At) -> Failure {
        Failure {
            kind,
            path,
            holder: None,
            bound_at: None,
            row: None,
            module,
            line: at.line,
            offset: at.offset,
            chain: self.hops.clone(),
            raised: kind.raised(),
            stands_at: None,
        }
    }

    /// The failure of what has been tried often enough. What came of it before is not in the window of whoever asks
    /// now, so that nobody but the outermost may be remembered.
    pub(super) fn has_failed(&mut self, tried: Tried) -> Option<Box<Failure>> {
        self.failed.get(&tried).filter(|failed| failed.times >= MAX_TRIES)?;
        if let Some(outermost) = self.loading.first() {
            self.ask(*outermost);
        }
        let failed = self.failed.get(&tried)?;
        let chain = self.hops.iter().chain(&failed.failure.chain).copied().collect();
        Some(Box::new(Failure { chain, ..failed.failure.clone() }))
    }

    /// Notes that what runs now has failed.
    pub(super) fn note_failed(&mut self, tried: Tried, failure: &Failure) {
        if failure.kind == Kind::TooMuch {
            return;
        }
        let times = self.failed.get(&tried).map_or(1, |failed| failed.times + 1);
        if times > MAX_TRIES {
            return;
        }
        let chain = failure.chain.get(self.hops.len()..).unwrap_or_default().to_vec();
        self.failed.insert(tried, Failed { times, failure: Failure { chain, ..failure.clone() } });
    }
}
