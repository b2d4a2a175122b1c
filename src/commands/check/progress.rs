//! A line on the terminal that tells how far a run has come, once it has taken a second; gone before anything else is
//! written.

use std::io::{self, IsTerminal, Write};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::discover::progress::{Progress, Stage};
use crate::formats::context::{cut, number};

/// Whoever waits no longer than this wants no line.
const PATIENCE: Duration = Duration::from_secs(1);
/// Between two drawings.
const PAUSE: Duration = Duration::from_millis(100);
/// Columns between the brackets.
const BAR: usize = 24;

/// The line, as long as this lives.
pub struct Shown {
    /// Dropped to end it.
    end: Option<Sender<()>>,
    drawer: Option<JoinHandle<()>>,
}

/// Whether there is somebody to show it to: both streams on a terminal that can take a line back.
pub fn is_wanted() -> bool {
    let dumb = std::env::var_os("TERM").is_none_or(|term| term == "dumb");
    io::stderr().is_terminal() && io::stdout().is_terminal() && !dumb && std::env::var_os("CI").is_none()
}

/// Begins to show it, where it is watched; `width` are the terminal's columns.
pub fn show(progress: &Progress, width: usize) -> Shown {
    if progress.now().is_none() {
        return Shown { end: None, drawer: None };
    }
    let progress = progress.clone();
    let (end, ended) = mpsc::channel();
    let drawer = thread::spawn(move || {
        let mut pause = PATIENCE;
        let mut drawn = false;
        let mut err = io::stderr();
        // A terminal that is gone ends no run.
        while matches!(ended.recv_timeout(pause), Err(RecvTimeoutError::Timeout)) {
            if let Some((stage, done, total)) = progress.now() {
                let _ = write!(err, "\r{}\u{1b}[K", line(stage, done, total, width));
                let _ = err.flush();
                drawn = true;
            }
            pause = PAUSE;
        }
        if drawn {
            let _ = write!(err, "\r\u{1b}[K");
            let _ = err.flush();
        }
    });
    Shown { end: Some(end), drawer: Some(drawer) }
}

impl Drop for Shown {
    fn drop(&mut self) {
        drop(self.end.take());
        if let Some(drawer) = self.drawer.take() {
            let _ = drawer.join();
        }
    }
}

fn line(stage: Stage, done: u32, total: u32, width: usize) -> String {
    let says = match stage {
        Stage::Listing => "Listing files",
        Stage::Reading => "Reading files",
        Stage::Graph => "Building the graph",
        Stage::Judging => "Judging imports",
        Stage::Reporting => "Counting",
    };
    let line = if total == 0 {
        format!("{says} …")
    } else {
        let filled = (u64::from(done) * BAR as u64 / u64::from(total)) as usize;
        let bar = format!("{}{}", "=".repeat(filled), " ".repeat(BAR - filled));
        format!("{says}  [{bar}]  {} of {}", number(done), number(total))
    };
    // A line that wraps could not be taken back.
    cut(&line, width.saturating_sub(1)).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line() {
        assert_eq!(line(Stage::Listing, 0, 0, 80), "Listing files …");
        assert_eq!(
            line(Stage::Reading, 5_306, 10_613, 80),
            "Reading files  [===========             ]  5,306 of 10,613"
        );
        assert_eq!(line(Stage::Reading, 4, 4, 80), "Reading files  [========================]  4 of 4");
        assert_eq!(line(Stage::Reading, 1, 4, 12), "Reading fi…");
    }
}
