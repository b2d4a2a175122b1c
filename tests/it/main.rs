//! The integration tests.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

mod architecture;
mod bad_input;
mod baseline;
mod cargo_metadata;
mod cli;
mod determinism;
mod docs;
mod entrypoint;
mod every_rule;
mod explain_file;
mod first_screen;
mod fixture;
mod hook;
mod html;
mod layers;
mod one_cause;
mod migrate;
mod mixed;
mod options;
mod page;
mod properties;
mod readme;
mod references;
mod report;
mod resolves;
mod since;
mod templates;
mod starts;
mod whereabouts;
