//! importlaw: who may import what, and the one place each symbol comes from.
//!
//! Reading order follows the way of the data: sources, facts of one file, the module graph, verdicts of the rules,
//! the report, its formats.

pub mod source;
pub mod module_path;
pub mod hash;
pub mod facts;
pub mod violation;
pub mod registry;
pub mod languages;
pub mod waivers;
pub mod baseline;
pub mod report;
pub mod entries;
pub mod git;
pub mod discover;
pub mod graph;
pub mod startup;
pub mod rules;
pub mod check;
pub mod formats;
pub mod fix;
pub mod commands;
