//! What a run without a registry says of starting: how many modules cannot be imported, and why.

use serde::Serialize;

/// Modules that were started, each for itself, and what stops them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Starts {
    /// Modules of packages in scope production.
    pub service: StartCount,
    /// Modules of scope test.
    pub test: StartCount,
    /// What is taken for an entry point.
    pub entries: Vec<StartEntry>,
    /// What stops modules, most of them first.
    pub causes: Vec<StartCause>,
}

/// How many modules start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct StartCount {
    /// All that were started.
    pub modules: u32,
    /// Those that cannot be imported.
    pub fail: u32,
    /// Of those, the ones that do not parse themselves.
    pub unparsed: u32,
    /// What stops the others: how many causes.
    pub causes: u32,
    /// Those that may fail or not.
    pub unknown: u32,
}

/// One entry point.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StartEntry {
    /// `a.b` or `a.b:app`.
    pub module: String,
    /// What names it: a Dockerfile, pyproject.toml, its own name.
    pub source: String,
    /// Why it does not start; None where it does.
    pub failure: Option<String>,
}

/// One cause.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StartCause {
    /// One sentence.
    pub message: String,
    /// The file that fails.
    pub path: String,
    /// 1-based line.
    pub line: u32,
    /// Modules of packages in scope production that it stops.
    pub service: u32,
    /// Test modules that it stops.
    pub test: u32,
}
