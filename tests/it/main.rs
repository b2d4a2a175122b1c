//! The integration tests.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod architecture;
mod docs;
mod fixture;
mod readme;
