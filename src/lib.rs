//! importlaw: who may import what, and the one place each symbol comes from.
//!
//! Reading order follows the way of the data: sources, facts of one file, the module graph, verdicts of the rules,
//! the report, its formats.

pub mod check;
pub mod commands;
pub mod discover;
pub mod facts;
pub mod formats;
pub mod git;
pub mod graph;
pub mod hash;
pub mod languages;
pub mod module_path;
pub mod registry;
pub mod report;
pub mod rules;
pub mod source;
pub mod violation;
pub mod waivers;
