//! The command line.

mod evidence;
mod recorded;

use recorded::recorded;

pub(crate) use evidence::{
    AffectedArgs, DeviationArgs, DeviationCommand, HistoryArgs, HoldArgs, KindChoice, RejudgeArgs,
    ReportArgs, SignOffArgs, StationKeyCommand, VerifyArgs,
};

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use std::num::NonZeroUsize;
use std::ops::RangeInclusive;
use std::path::PathBuf;

const EXIT_CODES: &str = "Exit codes:
  0    every required row pass on every unit
  1    the rig could not do its job
  2    usage, or a defect in an input
  3    fail; of `verify`, a mismatch
  4    inconclusive, held, or a required row not run
  130  interrupted";

/// Measures motorised microneedling pens against approved tables.
#[derive(Debug, Parser)]
#[command(name = "penrig", version, about, after_help = EXIT_CODES)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Qualifies a lot of pens: flash, drive, measure, judge, report
    #[command(after_help = "Examples:
  penrig qualify                          the reference lot on the virtual bench, plan release
  penrig qualify --plan smoke --units 1   a quick look
  penrig qualify --scenario lot.toml --seed 7 --out reports-of-today
  penrig qualify --serial PA1-00000003    one pen of the lot
  penrig qualify --lot rig/cli/examples/lot.csv    the pens of an intake list
  penrig qualify --bench bench.toml --plan smoke   the pen in the fixture of a hardware bench; at a
                                                   terminal its serial number is asked for
  penrig qualify --sign station.pem       with the station's signature over the manifest
  penrig qualify --resume 20260105T090000Z-release   a run that was stopped
  penrig qualify --format json | jq '.exit, .pens[].not_pass[]'    for a program

The report is a folder of CSV tables, report.html and junit.xml; its path is printed at the end.
`penrig verify` checks it.
With --format json, stdout is one document: run, folder, disposition, exit (code and meaning),
counts, per pen the rows that are not pass with value, U and limits as exact decimals, and what to
do next.
Exit codes are listed by `penrig --help`.")]
    Qualify(Box<QualifyArgs>),
    /// Flashes one pen, verifies and reads back, and lets it identify itself
    #[command(after_help = "Examples:
  penrig flash                                   the reference lot's first pen, on the virtual bench
  penrig flash --image other.elf --format json   one JSON object, for a program to read")]
    Flash(HandArgs),
    /// Prints who one pen says it is
    #[command(after_help = "Examples:
  penrig identify
  penrig identify --serial PA1-00000003 --format json

On the virtual bench the pen is flashed first: a blank chip has nothing to say.")]
    Identify(HandArgs),
    /// One pen, by hand: commands typed, or read from a script
    #[command(after_help = "Examples:
  penrig console
  penrig console --scenario rig/bench-virtual/scenarios/motor-drag.toml --serial PA1-00000003
  printf 'fit\\nset depth 1.25\\nstart\\nwait 1\\nstatus\\nstop\\n' | penrig console

`help` there lists the commands. At a terminal, bench time goes with the wall clock; in a script it
moves only by what commands take, so that the same script gives the same bytes.
The pen is stopped, parked and switched off at the end, however that comes.
Exit codes: 2 if a line of a script was not understood, 130 after Ctrl-C.")]
    Console(ConsoleArgs),
    /// Looks for misbehaviour with command sequences, and makes a failing one short
    #[command(after_help = "Examples:
  penrig explore                                    200 adversarial sequences on the virtual bench
  penrig explore --image new.elf --sequences 2000 --seed 7
  penrig explore --profile usage --keep-going       as operators use it; every property once
  penrig explore --scenario rig/bench-virtual/scenarios/motor-drag.toml
  penrig explore --bench bench.toml --minutes 30 --strokes 50000    a pen of steel, within a budget
  penrig explore --profile usage --corpus tests/end-to-end/corpus   and keeps what reaches most
  penrig explore --shorten RUN/counterexamples/PA1-00000001-sequence-118.toml   what a run has kept

Each sequence begins with a pen that was just switched on, and is judged by what the instruments saw
and by what the protocol promises. The first that fails is repeated, made short, printed as a table,
and kept as a file that a person can read and edit, with its trace, its waveform and a picture.
`penrig replay FILE` runs it again.
rig/sequence/PROFILES.md says how sequences are drawn.

With --corpus, few sequences that held are chosen, out of the folder and of those drawn, that reach
whatever any of them reached: states, transitions, commands in states, refusals, faults, limits. Each is
a file of readable steps; what is needed no more is removed, and coverage.csv beside them says who
reaches what. One that a person wrote or changed stays. If not all of it fits into --corpus-minutes,
what adds most for its time is kept, and the rest is named.
Exit codes: 0 if nothing was found, 3 if something was, 4 if some sequences could not be judged.")]
    Explore(Box<ExploreArgs>),
    /// Runs a stored command sequence again, on any bench: a counterexample, or one of a corpus
    #[command(after_help = "Examples:
  penrig replay target/counterexamples/SafeState-1a2b3c4d.toml
  penrig replay stop-race.toml --image new.elf --times 5
  penrig replay stop-race.toml --bench bench.toml --plot seen.svg

What differs from when the file was made (firmware, spec, bench) is said first.
A counterexample is asked for its property, a sequence of a corpus for all of them, and for what it
alone reached.
Exit codes: 3 if it fails, 0 if it does not, or does not any more, 4 if that cannot be said, 2 if the
file cannot be run.")]
    Replay(ReplayArgs),
    /// Studies the rig itself
    #[command(subcommand)]
    Study(StudyCommand),
    /// Runs the measuring chain on a recorded waveform
    #[command(after_help = "Examples:
  penrig measure running.parquet                   a record of penrig: rate and certificate stand in it
  penrig measure scope.csv --from 1 --to 6         columns time_s,position_um; no certificate, no zero
  penrig measure daq.csv --sample-rate 50000 --certificate bench.toml --zero on-block.csv
  penrig measure scope.csv --tachometer edges.csv --per-stroke strokes.csv --plot scope.svg
  penrig measure running.parquet --format json     one JSON object, for a program to read

Every value comes with its uncertainty and its budget, or with the reason why there is none.
rig/waveform/WAVEFORM.md describes the files.
Exit codes: 1 if nothing could be measured, 2 for a defect in an input.")]
    Measure(Box<MeasureArgs>),
    /// Reads a run back from what was written down, and writes its report anew
    #[command(after_help = "Examples:
  penrig report 20260105T090000Z-release             a run in target/reports
  penrig report /archive/20260105T090000Z-release --to again

The run itself is not touched. Exit codes are those of `penrig qualify`; 4 for a run that was cut short.")]
    Report(ReportArgs),
    /// Judges what a run measured by another revision of the spec
    #[command(after_help = "Examples:
  penrig rejudge 20260105T090000Z-release --spec specs/pen-a1-rev-b
  penrig rejudge 20260105T090000Z-release --spec specs/pen-a1-rev-b --to rejudged

Nothing is measured again and nothing is replaced: the result is marked retrospective. A row whose
condition differs between the two is not run, since what was measured says nothing about it.
Exit codes are those of `penrig qualify`, by the other spec.")]
    Rejudge(RejudgeArgs),
    /// Lists every result that was taken with an instrument since a day
    #[command(after_help = "Examples:
  penrig affected --instrument gauge --since 2026-11-02
  penrig affected --instrument CAL-2291 --since 2026-11-02 > affected.csv

For an instrument that was found out of calibration (ISO 13485:2016 7.6): name, serial number or
certificate. The list is CSV on stdout.")]
    Affected(AffectedArgs),
    /// What the runs in a folder say together: yield, capability, control charts
    #[command(after_help = "Examples:
  penrig history                                  every lot: yield and capability
  penrig history --lot REF-2026-01 --row DEP-04   control charts of one row
  penrig history --row DEP-04 --plot DEP-04.svg   the same as a picture
  penrig history --out line-1 --out line-2 --since 2026-11-02 --format json

Hardware and virtual runs are never in one figure; if there are both, hardware is shown.
A unit counts once in a statistic of values, with its first value that is not in doubt.
Beside the run folders stands history.sqlite, an index made from them: a folder is read when it
is new or changed, and where index and folder disagree, the folder holds. It may be deleted.
Exit codes: 0; 2 if there is nothing to show; 4 if a run folder or the ledger could not be read.
A point that is out of control is said and changes no exit code.")]
    History(HistoryArgs),
    /// Writes down leave to test a failed unit again
    #[command(subcommand)]
    Deviation(DeviationCommand),
    /// Holds a unit or a lot; nothing releases it
    #[command(after_help = "Examples:
  penrig hold --serial PA1-00000003 --by 'Q. Ledger' --reason 'nose cone cracked'
  penrig hold --lot REF-2026-01 --by 'Q. Ledger' --reason 'gauge found out of calibration'")]
    Hold(HoldArgs),
    /// Says whether a run, or a station's ledger, is as it was written, and whether its result follows
    #[command(after_help = "Examples:
  penrig verify target/reports/20260105T090000Z-release
  penrig verify 20260105T090000Z-release --head 25be2d08…   against a hash that was kept elsewhere
  penrig verify RUN --public-key station.pub                and against the station's signature
  penrig verify --ledger target/reports                     the ledger alone: gaps and deleted runs
  penrig verify RUN --alone                                 the run alone, wherever the others are kept
  penrig verify RUN --format json                           one JSON object, for a program to read

What is not as it was written is told a line each, the worst first, with file, line and byte, and for
tables with column, unit and row. At the end it says what was shown and what was not: changes are
seen relative to a hash (--head) or a public key that is kept where the files' writers cannot write.
A hash is that of a manifest, of a line of the ledger, of a chain or of a sign-off, as printed at `keep`.
Exit codes: 0 sound, 3 a mismatch, 2 no run folder, another format or copied in part, 1 cannot be read,
4 a run that has not come to its end (what is there was checked), or tables of another version.")]
    Verify(VerifyArgs),
    /// A station's key, which runs are signed with
    #[command(subcommand)]
    StationKey(StationKeyCommand),
    /// Records what a person says of a run: who, what it means, and of which content
    #[command(after_help = "Examples:
  penrig sign-off 20260105T090000Z-release --name \"A. Person\" --meaning review
  penrig sign-off RUN --name \"B. Person\" --meaning approval --reference QR-2026-014

The run must verify. The record is a line of `signoffs/RUN.jsonl` beside the run folders, chained to
the SHA-256 of the run's manifest; it is appended to and never changed.
The name is as claimed: nobody is authenticated, so it is no electronic signature in the sense of
21 CFR 11 (11.200 asks for two components that identify the person).
Exit codes: 3 if the run does not verify, 4 if it has not come to its end; nothing is written then.")]
    SignOff(SignOffArgs),
    /// Looks at spec tables
    #[command(subcommand)]
    Spec(SpecCommand),
    /// Looks at benches
    #[command(subcommand)]
    Bench(BenchCommand),
}

#[derive(Debug, Subcommand)]
pub(crate) enum StudyCommand {
    /// Gauge R&R: pens put into the fixture again and again, and measured several times each
    #[command(after_help = "Examples:
  penrig study grr                              as rig.csv asks for it, on the virtual bench
  penrig study grr --row DEP-06 --seed 7        another depth, other pens, another order
  penrig study grr --row RAT-03                 a measurand that no row judges: inconclusive
  penrig study grr --pens 3 --set-ups 2         a quick look; too small to pass
  penrig study grr --bench bench.toml --serial PA1-00000001 --serial PA1-00000002 …

Each set-up is a new seating of gauge block and pen and a new zero; in it the row is measured again
and again. Set-ups are run one after another, in each the pens in an order drawn from the seed.
Components are by analysis of variance, two factors crossed (AIAG MSA); row MSR-02 of rig.csv judges
the upper bound of the rig's spread against the tolerance of the row measured.
The report is a folder: study.csv has every value, grr.csv every figure.
On a hardware bench a person puts the pens in: the program asks at the terminal for each.
Exit codes are listed by `penrig --help`; 3 here says that the rig's spread is too large.")]
    Grr(StudyGrrArgs),
}

#[derive(Debug, ClapArgs)]
pub(crate) struct StudyGrrArgs {
    /// Pens; as many as rig.csv asks for otherwise
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(2..=1_000))]
    pub(crate) pens: Option<u32>,
    /// Set-ups of each pen; as many as rig.csv asks for otherwise
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(2..=1_000))]
    pub(crate) set_ups: Option<u32>,
    /// Repeats in each set-up; as many as rig.csv asks for otherwise
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(2..=1_000))]
    pub(crate) repeats: Option<u32>,
    /// Row whose measurand is measured
    #[arg(long, default_value = "DEP-04", value_name = "ID")]
    pub(crate) row: String,
    /// p-value from which the interaction is pooled with the repeats: 0.05 by Minitab's habit, 0.25
    /// by AIAG's text. The bound that is judged never pools
    #[arg(long, default_value_t = 0.05, value_name = "P")]
    pub(crate) alpha: f64,
    /// Bench: `virtual`, or the bench file of a hardware bench
    #[arg(long, default_value = "virtual", value_name = "virtual|FILE")]
    pub(crate) bench: String,
    /// Serial number of a pen, once for each; the first ones of the scenario's lot otherwise
    #[arg(long, value_name = "SN", conflicts_with = "pens")]
    pub(crate) serial: Vec<String>,
    /// Folder of spec tables
    #[arg(long, default_value = DEFAULT_SPEC, value_name = "DIR")]
    pub(crate) spec: PathBuf,
    /// Firmware image, an ELF file with its provenance (.toml) beside it
    #[arg(long, default_value = DEFAULT_IMAGE, value_name = "FILE")]
    pub(crate) image: PathBuf,
    /// Scenario of the virtual bench; the built-in reference lot otherwise, with as many pens as it
    /// takes
    #[arg(long, value_name = "FILE")]
    pub(crate) scenario: Option<PathBuf>,
    /// Seed of the order of runs, and of every random choice of the virtual bench; the scenario's
    /// own otherwise
    #[arg(long)]
    pub(crate) seed: Option<u64>,
    /// Benches at work at once; one a core otherwise
    #[arg(long, value_name = "N")]
    pub(crate) jobs: Option<NonZeroUsize>,
    /// Folder that study folders are made in
    #[arg(long, default_value = "target/reports", value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// Who runs it; recorded as claimed, not authenticated
    #[arg(long, default_value = "", value_name = "NAME")]
    pub(crate) operator: String,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SpecCommand {
    /// Reports every defect of every table of a folder
    #[command(after_help = "Example:\n  penrig spec check specs/pen-a1")]
    Check {
        /// Folder of tables
        #[arg(default_value = DEFAULT_SPEC)]
        dir: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum BenchCommand {
    /// Lists the benches that this program knows, or the faults of the virtual one
    #[command(after_help = "Examples:
  penrig bench list
  penrig bench list --faults                  what a scenario file can break, and who must find it
  penrig bench list --faults --format json    the same, for a program to read")]
    List(ListArgs),
    /// Says of each part of a hardware bench whether it answers, or measures its golden pen
    #[command(after_help = "Examples:
  penrig bench check bench.toml                       each part of the bench
  penrig bench check --golden --bench bench.toml      the golden pen, in the fixture
  penrig bench check --golden                         that of the virtual bench, to see how it goes

Of the parts: the pen is switched on for up to six seconds, homes, and is asked who it is.
The golden pen is a pen whose values are known. Its rows are run as in any run, each difference from
the reference value is judged by rule `simple` against what its file allows, and the result is
appended to golden-checks.csv in the station's folder. Without a check that passed within the shift,
`penrig qualify` refuses the bench. The bench file's table [golden] names file and folder.
Exit codes: 1 if a part does not answer, a calibration is due or the golden pen could not be measured;
2 for a defect in a file; 3 if the golden pen is beyond what is allowed, 4 if that is not known.")]
    Check(CheckArgs),
    /// Runs the virtual bench as a process of its own, in real time, for programs from outside
    #[command(after_help = "Examples:
  penrig bench serve                        a blank pen, its supply off: flash it with probe-rs
  penrig bench serve --ready                a flashed pen, switched on: talk to it with picocom
  penrig bench serve --listen 127.0.0.1:4000 --format json

It prints where the debug port (for probe-rs, and gdb through it), the pen's serial port and the
instrument stream are, and what to type, then serves them until Ctrl-C or SIGTERM.
Bench time goes with the wall clock; under load it falls behind, and never skips.
The debug port speaks the network protocol of probe-rs' Glasgow driver; nobody is asked for a name,
so it listens for programs of this machine alone unless told otherwise.
At the end the motor is off and nothing is left: the virtual pen and its flash are gone.")]
    Serve(ServeArgs),
}

#[derive(Debug, ClapArgs)]
pub(crate) struct CheckArgs {
    /// The bench file
    #[arg(value_name = "FILE", conflicts_with = "bench")]
    pub(crate) file: Option<PathBuf>,
    /// The same, or `virtual` for a golden pen
    #[arg(long, value_name = "virtual|FILE")]
    pub(crate) bench: Option<String>,
    /// Measures the golden pen; the file of its reference values, if not the one that the bench
    /// file names
    #[arg(long, value_name = "FILE", num_args = 0..=1, require_equals = true)]
    #[expect(clippy::option_option, reason = "not given, given, given with a file")]
    pub(crate) golden: Option<Option<PathBuf>>,
    /// Folder that checks of the golden pen are appended in, if not the one that the bench file
    /// names
    #[arg(long, value_name = "DIR", requires = "golden")]
    pub(crate) station: Option<PathBuf>,
    /// Folder of spec tables
    #[arg(long, default_value = DEFAULT_SPEC, value_name = "DIR")]
    pub(crate) spec: PathBuf,
    /// Firmware image that the golden pen runs
    #[arg(long, default_value = DEFAULT_IMAGE, value_name = "FILE")]
    pub(crate) image: PathBuf,
    /// Scenario of the virtual bench; the built-in reference lot otherwise
    #[arg(long, value_name = "FILE", requires = "golden")]
    pub(crate) scenario: Option<PathBuf>,
    /// Who checks; recorded as claimed, not authenticated
    #[arg(long, default_value = "", value_name = "NAME")]
    pub(crate) operator: String,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ListArgs {
    /// The faults that scenarios of the virtual bench can name
    #[arg(long)]
    pub(crate) faults: bool,
    /// How the list is printed: lines for people, or one JSON object for programs
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ServeArgs {
    #[command(flatten)]
    pub(crate) bench: BenchArgs,
    /// Flashes the image and switches the pen on before programs come
    #[arg(long)]
    pub(crate) ready: bool,
    /// Where the debug port listens; port 0 takes one that is free
    #[arg(long, default_value = "127.0.0.1:0", value_name = "HOST:PORT")]
    pub(crate) listen: String,
    /// How the ports are printed: lines for people, or one line of JSON for programs
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

/// Tables of Pen A1, from the root of the project.
pub(crate) const DEFAULT_SPEC: &str = "specs/pen-a1";
/// Reference values of the virtual bench's golden pen, from the root of the project.
pub(crate) const DEFAULT_GOLDEN: &str = "rig/bench-virtual/scenarios/golden.csv";
/// Where checks of the virtual bench's golden pen are kept, from the root of the project.
pub(crate) const DEFAULT_STATION: &str = "target/station";
/// Released image of Pen A1, from the root of the project.
pub(crate) const DEFAULT_IMAGE: &str = "firmware/images/pen-a1-1.2.1.elf";

#[derive(Clone, Debug, ClapArgs)]
pub(crate) struct QualifyArgs {
    /// Bench: `virtual`, or the bench file of a hardware bench
    #[arg(long, default_value = "virtual", value_name = "virtual|FILE")]
    pub(crate) bench: String,
    /// Folder of spec tables
    #[arg(long, default_value = DEFAULT_SPEC, value_name = "DIR")]
    pub(crate) spec: PathBuf,
    /// Firmware image, an ELF file with its provenance (.toml) beside it
    #[arg(long, default_value = DEFAULT_IMAGE, value_name = "FILE")]
    pub(crate) image: PathBuf,
    /// Intake list, CSV with a column serial and any of udi, work_order, condition, cartridge_lot;
    /// all pens of the scenario otherwise
    #[arg(long, value_name = "FILE")]
    pub(crate) lot: Option<PathBuf>,
    /// Only the first so many units
    #[arg(long, value_name = "N", conflicts_with = "serial")]
    pub(crate) units: Option<NonZeroUsize>,
    /// Only this unit; may be given several times
    #[arg(long, value_name = "SN")]
    pub(crate) serial: Vec<String>,
    /// Plan of plans.csv: smoke, release, design, endurance
    #[arg(long, default_value = "release")]
    pub(crate) plan: String,
    /// Scenario of the virtual bench; the built-in reference lot otherwise
    #[arg(long, value_name = "FILE")]
    pub(crate) scenario: Option<PathBuf>,
    /// Seed of every random choice of the virtual bench; the scenario's own otherwise
    #[arg(long)]
    pub(crate) seed: Option<u64>,
    /// Benches at work at once; one a core otherwise
    #[arg(long, value_name = "N")]
    pub(crate) jobs: Option<NonZeroUsize>,
    /// Rows whose gauge waveform goes into the run folder, as Parquet
    #[arg(long, value_enum, default_value_t = Waveforms::Failed)]
    pub(crate) waveforms: Waveforms,
    /// Folder that run folders are made in
    #[arg(long, default_value = "target/reports", value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// Goes on with a run that was stopped: its folder, or its name in --out; it takes everything
    /// else from there
    #[arg(long, value_name = "RUN", conflicts_with_all = [
        "bench", "spec", "image", "lot", "units", "serial", "plan", "scenario", "seed", "waveforms",
        "operator", "station", "reason",
    ])]
    pub(crate) resume: Option<PathBuf>,
    /// Signs the manifest with the station's private key (`penrig station-key new`)
    #[arg(long, value_name = "FILE")]
    pub(crate) sign: Option<PathBuf>,
    /// Who runs it; recorded as claimed, not authenticated
    #[arg(long, default_value = "", value_name = "NAME", value_parser = recorded)]
    pub(crate) operator: String,
    /// Where it is run
    #[arg(long, default_value = "", value_name = "ID", value_parser = recorded)]
    pub(crate) station: String,
    /// Why it is run
    #[arg(long, default_value = "", value_name = "TEXT", value_parser = recorded)]
    pub(crate) reason: String,
    /// How the result is printed: lines for people, or one JSON document for programs
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

/// Which rows' waveforms are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Waveforms {
    /// None.
    None,
    /// Those of rows that fail or stay undecided.
    Failed,
    /// Those of all rows that are run.
    All,
}

/// One pen on one bench.
#[derive(Debug, ClapArgs)]
pub(crate) struct BenchArgs {
    /// Bench: `virtual`
    #[arg(long, default_value = "virtual", value_name = "virtual|FILE")]
    pub(crate) bench: String,
    /// Scenario of the virtual bench; the built-in reference lot otherwise
    #[arg(long, value_name = "FILE")]
    pub(crate) scenario: Option<PathBuf>,
    /// Seed of every random choice of the virtual bench; the scenario's own otherwise
    #[arg(long)]
    pub(crate) seed: Option<u64>,
    /// Which pen; the lot's first otherwise
    #[arg(long, value_name = "SN")]
    pub(crate) serial: Option<String>,
    /// Firmware image, an ELF file with its provenance (.toml) beside it
    #[arg(long, default_value = DEFAULT_IMAGE, value_name = "FILE")]
    pub(crate) image: PathBuf,
}

/// How sequences are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ProfileChoice {
    /// As operators and hosts use a pen.
    Usage,
    /// As nobody should: at every limit, at the wrong time, on a bad line.
    Adversarial,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ExploreArgs {
    #[command(flatten)]
    pub(crate) bench: BenchArgs,
    /// Folder of spec tables
    #[arg(long, default_value = DEFAULT_SPEC, value_name = "DIR")]
    pub(crate) spec: PathBuf,
    /// How sequences are drawn
    #[arg(long, value_enum, default_value_t = ProfileChoice::Adversarial)]
    pub(crate) profile: ProfileChoice,
    /// Most sequences that are drawn
    #[arg(long, default_value_t = 200, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    pub(crate) sequences: u64,
    /// Number of the first sequence
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub(crate) first: u64,
    /// Minutes of bench time, of all benches together, after which no new sequence is drawn
    #[arg(long, default_value_t = 600, value_name = "MIN", value_parser = clap::value_parser!(u64).range(1..=100_000))]
    pub(crate) minutes: u64,
    /// Strokes that shortening a failing sequence may make
    #[arg(long, default_value_t = 10_000_000, value_name = "N")]
    pub(crate) strokes: u64,
    /// Minutes of bench time that shortening one failing sequence may take; 0 leaves it as it is
    #[arg(long, default_value_t = 120, value_name = "MIN", value_parser = clap::value_parser!(u64).range(0..=100_000))]
    pub(crate) shrink_minutes: u64,
    /// A sequence fails if K of at most N runs do
    #[arg(long, default_value = "2/3", value_name = "K/N", value_parser = repeats)]
    pub(crate) repeat: (u32, u32),
    /// Goes on after the first failure, for other properties
    #[arg(long)]
    pub(crate) keep_going: bool,
    /// Prints the sequences that would be run, and runs none
    #[arg(long)]
    pub(crate) list: bool,
    /// Draws none: makes the sequence of this file short, if it fails
    #[arg(long, value_name = "FILE", conflicts_with_all = ["profile", "sequences", "first", "list", "keep_going", "corpus"])]
    pub(crate) shorten: Option<PathBuf>,
    /// Prints what was reached: states, transitions, commands in states, refusals, faults, limits
    #[arg(long)]
    pub(crate) coverage: bool,
    /// Folder of a corpus: its sequences are run first, and of them and of those drawn few are chosen
    /// that reach as much, and kept there; --sequences at most 20000
    #[arg(long, value_name = "DIR")]
    pub(crate) corpus: Option<PathBuf>,
    /// Minutes of bench time that the sequences of a corpus may take together
    #[arg(long, default_value_t = 60, value_name = "MIN", requires = "corpus", value_parser = clap::value_parser!(u64).range(1..=100_000))]
    pub(crate) corpus_minutes: u64,
    /// Benches at work at once; one a core otherwise
    #[arg(long, value_name = "N")]
    pub(crate) jobs: Option<NonZeroUsize>,
    /// Folder that counterexamples are written to
    #[arg(long, default_value = "target/counterexamples", value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// Who runs it; recorded as claimed, not authenticated
    #[arg(long, default_value = "", value_name = "NAME")]
    pub(crate) operator: String,
    /// How the result is printed: lines for people, or one JSON object for programs
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ReplayArgs {
    /// The counterexample, or the sequence of a corpus
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) bench: BenchArgs,
    /// Folder of spec tables
    #[arg(long, default_value = DEFAULT_SPEC, value_name = "DIR")]
    pub(crate) spec: PathBuf,
    /// How often it is run
    #[arg(long, default_value_t = 3, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub(crate) times: u32,
    /// Draws what was seen
    #[arg(long, value_name = "FILE.svg")]
    pub(crate) plot: Option<PathBuf>,
    /// Who runs it; recorded as claimed, not authenticated
    #[arg(long, default_value = "", value_name = "NAME")]
    pub(crate) operator: String,
    /// How the result is printed: lines for people, or one JSON object for programs
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

/// `K/N`, so many of so many.
fn repeats(text: &str) -> Result<(u32, u32), String> {
    let wrong = || "must be K/N with 1 <= K <= N <= 100, such as 2/3".to_owned();
    let (failures, runs) = text.split_once('/').ok_or_else(wrong)?;
    let failures: u32 = failures.parse().map_err(|_| wrong())?;
    let runs: u32 = runs.parse().map_err(|_| wrong())?;
    if (1..=runs).contains(&failures) && runs <= 100 {
        Ok((failures, runs))
    } else {
        Err(wrong())
    }
}

/// A command that looks at one pen and prints what it saw.
#[derive(Debug, ClapArgs)]
pub(crate) struct HandArgs {
    #[command(flatten)]
    pub(crate) bench: BenchArgs,
    /// How the result is printed: lines for people, or one JSON object for programs
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct MeasureArgs {
    /// The waveform: Parquet as penrig records it, or CSV
    pub(crate) waveform: PathBuf,
    /// Samples a second, where the file does not say
    #[arg(long, value_name = "HZ", value_parser = rate)]
    pub(crate) sample_rate: Option<f64>,
    /// Unit of a CSV file of one column without a header: nm, um, mm or m
    #[arg(long, value_name = "UNIT")]
    pub(crate) unit: Option<String>,
    /// Beginning of the window, seconds after the first sample
    #[arg(long, value_name = "S", value_parser = not_negative)]
    pub(crate) from: Option<f64>,
    /// End of the window, seconds after the first sample
    #[arg(long, value_name = "S", value_parser = not_negative)]
    pub(crate) to: Option<f64>,
    /// Movement from trough to top below this is no stroke, mm
    #[arg(long, value_name = "MM", default_value = "1", value_parser = positive)]
    pub(crate) smallest_stroke: f64,
    /// Gauge and fixture, as a bench file states them; comes before what the waveform says
    #[arg(long, value_name = "FILE")]
    pub(crate) certificate: Option<PathBuf>,
    /// Expanded uncertainty of an indication, um; needs its coverage factor
    #[arg(long, value_name = "UM", requires = "k", value_parser = not_negative)]
    pub(crate) expanded: Option<f64>,
    /// Coverage factor of --expanded
    #[arg(long, value_name = "K", requires = "expanded", value_parser = positive)]
    pub(crate) k: Option<f64>,
    /// Largest deviation of the gauge from linearity, um
    #[arg(long, value_name = "UM", value_parser = not_negative)]
    pub(crate) linearity: Option<f64>,
    /// Largest error of the gauge's time base, parts in a million
    #[arg(long, value_name = "PPM", value_parser = ppm)]
    pub(crate) time_base: Option<f64>,
    /// First-order bandwidth of the gauge, Hz
    #[arg(long, value_name = "HZ", value_parser = positive)]
    pub(crate) bandwidth: Option<f64>,
    /// The gauge's indication on the gauge block, mm: protrusion is measured from there
    #[arg(long, value_name = "MM", conflicts_with = "zero", value_parser = finite, allow_negative_numbers = true)]
    pub(crate) block_level: Option<f64>,
    /// A waveform of the gauge block, in place of --block-level
    #[arg(long, value_name = "WAVEFORM")]
    pub(crate) zero: Option<PathBuf>,
    /// Height of the gauge block's face above the nose plane, mm
    #[arg(long, value_name = "MM", value_parser = finite, allow_negative_numbers = true)]
    pub(crate) block_height: Option<f64>,
    /// Edges of a tachometer on the same clock, CSV with a column such as edge_s
    #[arg(long, value_name = "EDGES")]
    pub(crate) tachometer: Option<PathBuf>,
    /// Writes one row a stroke
    #[arg(long, value_name = "FILE.csv")]
    pub(crate) per_stroke: Option<PathBuf>,
    /// Draws the waveform, rate and tops
    #[arg(long, value_name = "FILE.svg")]
    pub(crate) plot: Option<PathBuf>,
    /// How results are printed: lines for people, or one JSON object for programs
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

fn finite(text: &str) -> Result<f64, String> {
    let number: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    within(number, f64::MIN..=f64::MAX, "a finite number")
}

fn not_negative(text: &str) -> Result<f64, String> {
    within(finite(text)?, 0.0..=f64::MAX, "zero or more")
}

fn positive(text: &str) -> Result<f64, String> {
    within(
        finite(text)?,
        f64::MIN_POSITIVE..=f64::MAX,
        "more than zero",
    )
}

fn ppm(text: &str) -> Result<f64, String> {
    within(finite(text)?, 0.0..=1000.0, "0 to 1000")
}

fn rate(text: &str) -> Result<f64, String> {
    within(finite(text)?, 1.0..=1e9, "1 to 1000000000")
}

fn within(number: f64, range: RangeInclusive<f64>, what: &str) -> Result<f64, String> {
    if range.contains(&number) {
        Ok(number)
    } else {
        Err(format!("must be {what}"))
    }
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ConsoleArgs {
    #[command(flatten)]
    pub(crate) bench: BenchArgs,
    /// File that typed lines are remembered in; `penrig/history` in the user's folder for state
    /// otherwise. A script is not remembered
    #[arg(long, value_name = "FILE")]
    pub(crate) history: Option<PathBuf>,
}

/// For whom a result is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Text,
    Json,
}
