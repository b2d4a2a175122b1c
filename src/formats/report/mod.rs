//! The pages of `importlaw report`: functions of their data alone.

pub mod json;
pub mod markdown;

#[cfg(test)]
pub(super) mod sample;
