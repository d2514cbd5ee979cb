//! The `penrig` binary: files, clock, threads, progress and exit code around the pure crates.

mod args;
mod bench;
mod bench_list;
mod bundle;
mod clock;
mod console;
mod dut;
mod explore;
mod flash;
mod golden;
mod hardware;
mod history;
mod identify;
mod input;
mod interrupt;
mod lot;
mod measure;
mod operator;
mod progress;
mod qualify;
mod qualify_json;
mod replay;
mod runs;
#[cfg(unix)]
mod serve;
mod signature;
mod spec_check;
mod study;
mod text;
mod verify;
mod waveforms;

use args::{BenchCommand, Command, DeviationCommand, SpecCommand, StationKeyCommand, StudyCommand};
use clap::Parser as _;
use std::process::ExitCode;

/// Why a command ended without a verdict, and with which exit code.
#[derive(Debug)]
enum Failure {
    /// Usage, or a defect in an input: exit 2.
    Input(anyhow::Error),
    /// The rig could not do its job: exit 1.
    Rig(anyhow::Error),
}

impl Failure {
    fn input(error: impl Into<anyhow::Error>) -> Self {
        Self::Input(error.into())
    }

    fn rig(error: impl Into<anyhow::Error>) -> Self {
        Self::Rig(error.into())
    }
}

fn main() -> ExitCode {
    let done = match args::Args::parse().command {
        Command::Qualify(args) => qualify::run(&args),
        Command::Flash(args) => flash::run(&args),
        Command::Identify(args) => identify::run(&args),
        Command::Console(args) => console::run(&args),
        Command::Explore(args) => explore::run(&args),
        Command::Replay(args) => replay::run(&args),
        Command::Study(StudyCommand::Grr(args)) => study::run(&args),
        Command::Measure(args) => measure::run(&args),
        Command::Report(args) => runs::report(&args),
        Command::Rejudge(args) => runs::rejudge(&args),
        Command::Affected(args) => runs::affected(&args),
        Command::History(args) => history::run(&args),
        Command::Deviation(DeviationCommand::Add(args)) => runs::add_deviation(&args),
        Command::Hold(args) => runs::hold(&args),
        Command::Verify(args) => verify::run(&args),
        Command::StationKey(StationKeyCommand::New { file }) => signature::new_key(&file),
        Command::SignOff(args) => signature::sign_off(&args),
        Command::Spec(SpecCommand::Check { dir }) => spec_check::run(&dir),
        Command::Bench(BenchCommand::List(args)) => bench_list::run(&args),
        Command::Bench(BenchCommand::Check(args)) => golden::check_bench(&args),
        #[cfg(unix)]
        Command::Bench(BenchCommand::Serve(args)) => serve::run(&args),
        #[cfg(not(unix))]
        Command::Bench(BenchCommand::Serve(_)) => Err(Failure::Input(anyhow::anyhow!(
            "this system has no pseudo-terminals"
        ))),
    };
    match done {
        Ok(code) => ExitCode::from(code),
        Err(Failure::Input(error)) => report_failure(&error, 2),
        Err(Failure::Rig(error)) => report_failure(&error, 1),
    }
}

fn report_failure(error: &anyhow::Error, code: u8) -> ExitCode {
    print_error(&format!("penrig: {error:#}"));
    ExitCode::from(code)
}

/// Results go to stdout. A reader that has seen enough is no error; a result that cannot be written
/// is.
fn print_line(text: &str) {
    use std::io::Write as _;
    match writeln!(std::io::stdout(), "{text}") {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            print_error(&format!("penrig: cannot write the result: {error}"));
            std::process::exit(1);
        }
        Ok(()) | Err(_) => {}
    }
}

/// What went wrong and how far things are goes to stderr.
#[expect(clippy::print_stderr, reason = "stderr carries errors and progress")]
fn print_error(text: &str) {
    eprintln!("{text}");
}
