//! The module import graph: flat vectors and ids, both directions.
//!
//! [`build`] makes it from facts and the language's tree; [`exports`] follows re-exports to definitions;
//! [`rust`] holds what Rust modules show; [`writes`] are names bound from elsewhere; [`packages`] tells what
//! lies in what; [`cycles`] breaks cycles; [`paths`] searches chains.
//! Knows no registry and no disk.

pub mod build;
pub mod cycles;
pub mod exports;
pub mod model;
pub mod packages;
pub mod paths;
pub mod rust;
pub mod writes;
