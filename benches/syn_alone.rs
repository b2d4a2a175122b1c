//! How long `syn` takes to parse the Rust files of a directory, on as many threads as there are processors: the floor
//! that a check of the same tree is measured against.
//!
//!     cargo bench --bench syn_alone -- DIR [LIST]
//!
//! LIST is a file with one path below DIR on each line; without it every `.rs` file counts. Prints the number of files,
//! of those that do not parse, bytes, seconds of wall time, and the peak of resident memory in MiB where /proc tells it.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program of its own")]

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;
use std::{env, fs};

use rayon::prelude::*;

fn main() -> ExitCode {
    let mut arguments = env::args().skip(1).filter(|argument| argument != "--bench");
    let Some(root) = arguments.next().map(PathBuf::from) else {
        eprintln!("usage: cargo bench --bench syn_alone -- DIR [LIST]");
        return ExitCode::from(2);
    };
    let listed = arguments.next().and_then(|list| fs::read_to_string(list).ok());
    let files: Vec<PathBuf> = match &listed {
        Some(list) => list.lines().map(|path| root.join(path)).collect(),
        None => walkdir::WalkDir::new(&root)
            .into_iter()
            .flatten()
            .filter(|entry| entry.file_type().is_file())
            .map(walkdir::DirEntry::into_path)
            .filter(|path| path.extension().is_some_and(|suffix| suffix == "rs"))
            .collect(),
    };
    let (bytes, unparsed) = (AtomicU64::new(0), AtomicU64::new(0));
    let start = Instant::now();
    // syn recurses; its threads need room.
    let pool = rayon::ThreadPoolBuilder::new().stack_size(64 << 20).build();
    let Ok(pool) = pool else { return ExitCode::FAILURE };
    pool.install(|| {
        files.par_iter().for_each(|path| {
            let Ok(text) = fs::read_to_string(path) else { return };
            bytes.fetch_add(text.len() as u64, Ordering::Relaxed);
            if syn::parse_file(&text).is_err() {
                unparsed.fetch_add(1, Ordering::Relaxed);
            }
            proc_macro2::extra::invalidate_current_thread_spans();
        });
    });
    let seconds = start.elapsed().as_secs_f64();
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:")?.trim().split(' ').next()?.parse::<u64>().ok());
    println!(
        "files {} unparsed {} bytes {} seconds {seconds:.3} peak {}",
        files.len(),
        unparsed.into_inner(),
        bytes.into_inner(),
        peak.map_or_else(|| "unknown".to_owned(), |kib| format!("{} MiB", kib / 1024)),
    );
    ExitCode::SUCCESS
}
