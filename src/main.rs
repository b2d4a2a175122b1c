//! The binary: parse the command line, run it, exit with its code.

use std::process::ExitCode;

/// Syntax trees are many small boxes, made and dropped on every thread: the system's allocator is a fifth of a run.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    importlaw::commands::main()
}
