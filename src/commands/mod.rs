//! The command line: what can be asked, and how an answer becomes an exit code.
//!
//! One file a subcommand; what they share is in [`context`].

pub mod baseline;
pub mod check;
pub mod context;
pub mod diff;
pub mod explain;
pub mod fix;
pub mod graph;
pub mod hook;
pub mod init;
pub mod migrate;
pub mod registry;
pub mod trend;
pub mod report;
pub mod whereabouts;
pub mod why;

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};

use context::Failure;

/// Who may import what, and the one place each symbol comes from.
#[derive(Debug, Parser)]
#[command(name = "importlaw", version, max_term_width = 100, arg_required_else_help = true)]
pub struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// What every command takes.
#[derive(Debug, clap::Args)]
pub struct Global {
    /// Run as if started in DIR
    #[arg(short = 'C', value_name = "DIR", global = true)]
    directory: Option<PathBuf>,
    /// Use this registry; the project root stays the same
    #[arg(long, value_name = "FILE", global = true)]
    registry: Option<PathBuf>,
    /// Judge dates against this day (default: the date of the commit checked out, else today)
    #[arg(long, value_name = "YYYY-MM-DD", global = true)]
    as_of: Option<String>,
    /// Threads to use (default: all)
    #[arg(long, value_name = "N", global = true)]
    jobs: Option<usize>,
    /// Colour the output
    #[arg(long, value_name = "WHEN", default_value = "auto", global = true)]
    color: When,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum When {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Judge every import; exit 1 on findings of level error
    Check(check::Args),
    /// Draft a registry that holds today, and record what is wrong already
    Init(init::Args),
    /// Write imports as the rules want them: doors, moved paths, absolute paths, names with one definition; exit 1
    /// while errors remain
    Fix(fix::Args),
    /// Say what is new against the baseline, and what of it is stale; record findings, or remove what is stale
    Baseline(baseline::Args),
    /// Say what a change introduced and fixed, and how compliance came from one state to another
    Diff(diff::Args),
    /// Write the report that people read: the number, how it changed, what to mend first, and for `--closing` whether an
    /// incident may be closed (exit 1 if not)
    Report(report::Args),
    /// Score commits of git's history, to show how compliance came to be what it is
    Trend(trend::Args),
    /// Say what a rule, a check or an entry of the registry means, with an example; or what applies to a file
    Explain(explain::Args),
    /// Say where a symbol, module or package is defined, and all that imports or mentions it; exit 1 if nothing bears
    /// the name
    Where(whereabouts::Args),
    /// Show a shortest import chain from one module to another; exit 1 if there is none
    Why(why::Args),
    /// Print the module import graph
    Graph(graph::Args),
    /// Install or uninstall git hooks that run the check
    #[command(subcommand)]
    Hook(hook::Command),
    /// Check, list, begin or describe the registry
    #[command(subcommand)]
    Registry(registry::Command),
    /// Turn what a project already has into a registry
    #[command(subcommand)]
    Migrate(migrate::Command),
}

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Nothing to object to.
    Clean,
    /// Findings of level error, or no chain.
    Findings,
}

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let color = cli.global.color();
    let mut out = io::BufWriter::new(io::stdout());
    let ended = run(&cli, &mut out).and_then(|exit| out.flush().map(|()| exit).map_err(Failure::from));
    match ended {
        Ok(Exit::Clean) => ExitCode::SUCCESS,
        Ok(Exit::Findings) => ExitCode::from(1),
        // Whoever reads has seen enough. A gate whose verdict nobody took is no success; anything else is done.
        Err(Failure::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => match cli.command {
            Command::Check(_) | Command::Baseline(_) | Command::Diff(_) | Command::Report(_) => {
                ExitCode::from(2)
            }
            _ => ExitCode::SUCCESS,
        },
        Err(failure) => {
            drop(out);
            let _ = failure.render(color, &mut io::stderr());
            ExitCode::from(2)
        }
    }
}

fn run(cli: &Cli, out: &mut (dyn Write + Send)) -> Result<Exit, Failure> {
    let global = &cli.global;
    match &cli.command {
        Command::Check(args) => check::run(global, args, out),
        Command::Init(args) => init::run(global, args, out),
        Command::Fix(args) => fix::run(global, args, out),
        Command::Baseline(args) => baseline::run(global, args, out),
        Command::Diff(args) => diff::run(global, args, out),
        Command::Report(args) => report::run(global, args, out),
        Command::Trend(args) => trend::run(global, args, out),
        Command::Explain(args) => explain::run(global, args, out),
        Command::Where(args) => whereabouts::run(global, args, out),
        Command::Why(args) => why::run(global, args, out),
        Command::Graph(args) => graph::run(global, args, out),
        Command::Hook(command) => hook::run(global, command, out),
        Command::Registry(command) => registry::run(global, command, out),
        Command::Migrate(command) => migrate::run(global, command, out),
    }
}

impl Global {
    /// Whether standard output is to be coloured: as asked, else on a terminal unless `NO_COLOR` is set.
    fn color(&self) -> bool {
        match self.color {
            When::Always => true,
            When::Never => false,
            When::Auto => {
                std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
                    && io::stdout().is_terminal()
            }
        }
    }
}
