//! What a language must answer; nothing here knows the registry, the graph or the disk.

pub mod comments;
pub mod python;
pub mod rust;
