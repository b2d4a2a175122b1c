//! Several states of one tree, one after the other: what a state shares with the one before it is not read again.

use super::{Analysis, Later, NothingChecked, Options, Wanted, analyse_beside, judge};
use crate::discover::Sources;
use crate::facts::Date;
use crate::registry::Registry;
use crate::report::trend::Score;

/// A walk over states of one tree, in any order; neighbours share the most.
#[derive(Default)]
pub struct Walk {
    last: Option<Seen>,
}

struct Seen {
    /// Which registry asked: what is read of a file depends on it.
    registry: String,
    sources: Sources,
    analysis: Analysis,
}

impl Walk {
    /// The numbers of the next state, judged as on that day. To be called on threads with at least
    /// [`STACK`](super::STACK) bytes of stack.
    pub fn score(
        &mut self,
        registry: &Registry,
        sources: Sources,
        as_of: Date,
    ) -> Result<Score, NothingChecked> {
        let near = self.last.as_ref().filter(|last| last.registry == registry.hash);
        let near = near.map(|last| Later { sources: &last.sources, analysis: &last.analysis });
        let analysis = analyse_beside(registry, &sources, &Wanted::new(registry), near)?;
        let report = judge(registry, &sources, &analysis, &Options::as_of(as_of))?;
        self.last = Some(Seen { registry: registry.hash.clone(), sources, analysis });
        Ok(Score::of(&report))
    }
}
