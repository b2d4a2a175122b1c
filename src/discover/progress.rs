//! How far a run has come, for whoever watches it. Counts, and shows nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU32, Ordering};

/// What a run does at the moment, in the order in which it does it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The tree is listed.
    Listing,
    /// Files are read and parsed.
    Reading,
    /// The graph is built.
    Graph,
    /// The rules are judged.
    Judging,
    /// Findings are placed and counted.
    Reporting,
}

const STAGES: [Stage; 5] = [Stage::Listing, Stage::Reading, Stage::Graph, Stage::Judging, Stage::Reporting];

/// How far a run has come. The default one is watched by nobody, and counting costs nothing.
#[derive(Clone, Debug, Default)]
pub struct Progress(Option<Arc<State>>);

#[derive(Debug, Default)]
struct State {
    stage: AtomicU8,
    done: AtomicU32,
    total: AtomicU32,
}

impl Progress {
    /// One that can be asked.
    pub fn watched() -> Self {
        Self(Some(Arc::default()))
    }

    /// A stage begins, of that many steps; 0 where they are not counted.
    pub fn begin(&self, stage: Stage, total: usize) {
        if let Some(state) = &self.0 {
            state.done.store(0, Ordering::Relaxed);
            state.total.store(total as u32, Ordering::Relaxed);
            state.stage.store(stage as u8, Ordering::Relaxed);
        }
    }

    /// A step of the stage is done.
    pub fn step(&self) {
        if let Some(state) = &self.0 {
            state.done.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// The stage, the steps that are done, and all of them; None where nobody counts.
    pub fn now(&self) -> Option<(Stage, u32, u32)> {
        let state = self.0.as_ref()?;
        let total = state.total.load(Ordering::Relaxed);
        let done = state.done.load(Ordering::Relaxed).min(total);
        Some((STAGES[usize::from(state.stage.load(Ordering::Relaxed))], done, total))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_counts_where_somebody_watches() {
        let progress = Progress::watched();
        assert_eq!(progress.now(), Some((Stage::Listing, 0, 0)));
        progress.begin(Stage::Reading, 2);
        progress.clone().step();
        assert_eq!(progress.now(), Some((Stage::Reading, 1, 2)));
        (0..5).for_each(|_| progress.step());
        assert_eq!(progress.now(), Some((Stage::Reading, 2, 2)), "what is read twice is counted once");
        progress.begin(Stage::Reporting, 0);
        assert_eq!(progress.now(), Some((Stage::Reporting, 0, 0)));
        let unwatched = Progress::default();
        unwatched.step();
        assert_eq!(unwatched.now(), None);
    }
}
