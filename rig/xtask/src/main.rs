//! Project chores: `cargo xtask firmware` builds the released images, or checks that they can be
//! rebuilt, and `cargo xtask mutants` images with one bug each; `cargo xtask counts` guards the speed
//! of the virtual bench, `cargo xtask traces` captures the traces that the emulated core is held to.
#![expect(
    clippy::print_stdout,
    reason = "a command line program prints its results"
)]

mod check;
mod counts;
mod elsewhere;
mod examples;
mod firmware;
mod hunt;
mod image;
mod images;
mod mutants;
mod provenance;
mod qemu;
mod sbom;
mod sources;
mod table;
mod toolchain;
mod traces;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Parser, Subcommand};

/// Project chores.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Builds the firmware images, or checks that the committed ones can be rebuilt.
    ///
    /// Example: `cargo xtask firmware --check`
    Firmware(firmware::Options),
    /// Counts what a bench-second costs in host instructions and compares it with what is
    /// committed.
    ///
    /// Example: `cargo xtask counts`
    Counts(counts::Options),
    /// Builds images of the firmware with one deliberate bug each, for the rig to find.
    ///
    /// Example: `cargo xtask mutants armed-limit-one-step-high`
    Mutants(mutants::Options),
    /// Lets `penrig explore` look for mutants of the firmware, or for faults of the virtual bench,
    /// and writes `reports/mutants.csv` or `reports/faults.csv`.
    ///
    /// Example: `cargo xtask hunt --faults`
    Hunt(hunt::Options),
    /// Makes the example reports under `reports/examples` anew, or checks the committed ones.
    ///
    /// Example: `cargo xtask examples --check`
    Examples(examples::Options),
    /// Lists every package that the program and the firmware are built from, as `reports/sbom.csv`.
    ///
    /// Example: `cargo xtask sbom --check`
    Sbom(sbom::Options),
    /// Captures the traces that the emulated core is held to from QEMU, or checks the committed
    /// ones, and compares each instruction with the core.
    ///
    /// Example: `cargo xtask traces --check`
    Traces(traces::Options),
}

fn main() -> anyhow::Result<ExitCode> {
    // The folder of this crate, as cargo runs it, is two below the root.
    let package = std::env::var_os("CARGO_MANIFEST_DIR").context("run as `cargo xtask`")?;
    let root: PathBuf = [PathBuf::from(package), "../..".into()].iter().collect();
    let root = root.canonicalize()?;
    match Arguments::parse().chore {
        Chore::Hunt(options) => hunt::run(&root, &options),
        Chore::Firmware(options) => firmware::run(&root, &options),
        Chore::Counts(options) => counts::run(&root, &options),
        Chore::Mutants(options) => mutants::run(&root, &options),
        Chore::Examples(options) => examples::run(&root, &options),
        Chore::Sbom(options) => sbom::run(&root, &options),
        Chore::Traces(options) => traces::run(&root, &options),
    }
}
