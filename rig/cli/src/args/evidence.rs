//! Options of the commands that work on runs that were made before.

use super::Format;
use clap::{Args as ClapArgs, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Where runs are looked for.
#[derive(Debug, ClapArgs)]
pub(crate) struct RunsFolder {
    /// Folder that run folders and their ledger are in
    #[arg(long, default_value = "target/reports", value_name = "DIR")]
    pub(crate) out: PathBuf,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct VerifyArgs {
    /// The run's folder, or its name in --out; a folder of runs is verified as with --ledger
    #[arg(value_name = "RUN", required_unless_present = "ledger")]
    pub(crate) run: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) runs: RunsFolder,
    /// Verifies the ledger of this folder of runs, and that each run begun is there
    #[arg(long, value_name = "DIR", conflicts_with = "run")]
    pub(crate) ledger: Option<PathBuf>,
    /// The run alone, with what the ledger says of it: not whether other runs are there
    #[arg(long, conflicts_with = "ledger")]
    pub(crate) alone: bool,
    /// The station's public key, got from elsewhere: the run must be signed with it
    #[arg(long, value_name = "FILE", conflicts_with = "ledger")]
    pub(crate) public_key: Option<PathBuf>,
    /// A hash that was kept elsewhere: nothing that it was taken from may have changed
    #[arg(long, value_name = "HASH", value_parser = sha256)]
    pub(crate) head: Option<String>,
    /// How the result is printed: lines for people, or one JSON object for programs
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

#[derive(Debug, Subcommand)]
pub(crate) enum StationKeyCommand {
    /// Makes a key, Ed25519, and prints its public half and fingerprint
    #[command(after_help = "Example:
  penrig station-key new station.pem
  penrig qualify --sign station.pem
  penrig verify RUN --public-key station.pem.pub

The private key is readable by its owner alone; FILE.pub is the public one. OpenSSL reads both.
A file that is there is never overwritten.")]
    New {
        /// File of the private key
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
}

#[derive(Debug, ClapArgs)]
pub(crate) struct SignOffArgs {
    /// The run's folder, or its name in --out
    #[arg(value_name = "RUN")]
    pub(crate) run: PathBuf,
    /// Who signs off; recorded as claimed, not authenticated
    #[arg(long, value_name = "NAME")]
    pub(crate) name: String,
    /// What it means, such as review, approval or responsibility
    #[arg(long, value_name = "TEXT")]
    pub(crate) meaning: String,
    /// Document that it refers to
    #[arg(long, default_value = "", value_name = "TEXT")]
    pub(crate) reference: String,
    #[command(flatten)]
    pub(crate) runs: RunsFolder,
}

/// A SHA-256, as it is printed.
fn sha256(text: &str) -> Result<String, String> {
    let text = text.trim().to_lowercase();
    if text.len() == 64 && text.bytes().all(|it| it.is_ascii_hexdigit()) {
        Ok(text)
    } else {
        Err("must be a whole SHA-256: 64 hexadecimal digits".to_owned())
    }
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ReportArgs {
    /// Folder of a run, or its name in --out
    pub(crate) run: PathBuf,
    #[command(flatten)]
    pub(crate) runs: RunsFolder,
    /// Folder that the report is written to; none is written otherwise
    #[arg(long, value_name = "DIR")]
    pub(crate) to: Option<PathBuf>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct RejudgeArgs {
    /// Folder of a run, or its name in --out
    pub(crate) run: PathBuf,
    /// Folder of the other spec tables
    #[arg(long, value_name = "DIR")]
    pub(crate) spec: PathBuf,
    #[command(flatten)]
    pub(crate) runs: RunsFolder,
    /// Folder that the tables are written to; none are written otherwise
    #[arg(long, value_name = "DIR")]
    pub(crate) to: Option<PathBuf>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct AffectedArgs {
    /// Name, serial number or certificate of the instrument
    #[arg(long, value_name = "ID")]
    pub(crate) instrument: String,
    /// First day in doubt, ISO 8601
    #[arg(long, value_name = "DATE")]
    pub(crate) since: String,
    #[command(flatten)]
    pub(crate) runs: RunsFolder,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct HistoryArgs {
    /// Folder that run folders are in; may be given several times
    #[arg(long, default_value = "target/reports", value_name = "DIR")]
    pub(crate) out: Vec<PathBuf>,
    /// One lot alone
    #[arg(long, value_name = "LOT")]
    pub(crate) lot: Option<String>,
    /// Units that were on this bench alone
    #[arg(long, value_name = "NAME")]
    pub(crate) bench: Option<String>,
    /// Row whose control charts are shown, such as DEP-04
    #[arg(long, value_name = "ROW")]
    pub(crate) row: Option<String>,
    /// First day, ISO 8601, by when runs began
    #[arg(long, value_name = "DATE")]
    pub(crate) since: Option<String>,
    /// Runs on this kind of bench; if not given, hardware if there is any, else virtual
    #[arg(long, value_enum, value_name = "KIND")]
    pub(crate) kind: Option<KindChoice>,
    /// Draws the control charts, as SVG
    #[arg(long, value_name = "FILE", requires = "row")]
    pub(crate) plot: Option<PathBuf>,
    /// Makes the index anew from the run folders
    #[arg(long)]
    pub(crate) rebuild: bool,
    /// How the result is printed: lines for people, or one JSON object for programs
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

/// Hardware or virtual.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum KindChoice {
    /// The emulated pen and models of everything else
    Virtual,
    /// Pens in a fixture
    Hardware,
}

#[derive(Debug, Subcommand)]
pub(crate) enum DeviationCommand {
    /// Adds one, for one unit and one test
    #[command(after_help = "Example:
  penrig deviation add --serial PA1-00000003 --by 'Q. Ledger' --reason 'cartridge was cracked, replaced' --reference NCR-114")]
    Add(DeviationArgs),
}

#[derive(Debug, ClapArgs)]
pub(crate) struct DeviationArgs {
    /// The unit that failed
    #[arg(long, value_name = "SN")]
    pub(crate) serial: String,
    /// Why it may be tested again
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
    /// Who says so; recorded as claimed, not authenticated
    #[arg(long, value_name = "NAME")]
    pub(crate) by: String,
    /// Document that it refers to
    #[arg(long, default_value = "", value_name = "TEXT")]
    pub(crate) reference: String,
    #[command(flatten)]
    pub(crate) runs: RunsFolder,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct HoldArgs {
    /// The unit
    #[arg(
        long,
        value_name = "SN",
        required_unless_present = "lot",
        conflicts_with = "lot"
    )]
    pub(crate) serial: Option<String>,
    /// The lot
    #[arg(long, value_name = "LOT")]
    pub(crate) lot: Option<String>,
    /// Why
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
    /// Who says so; recorded as claimed, not authenticated
    #[arg(long, value_name = "NAME")]
    pub(crate) by: String,
    #[command(flatten)]
    pub(crate) runs: RunsFolder,
}
