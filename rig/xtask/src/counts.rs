//! `cargo xtask counts`: how many host instructions a bench-second costs, against what is
//! committed: a guard against regressions where wall time is too noisy.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

/// Where the committed counts stand, from the root.
const COMMITTED: &str = "rig/bench-virtual/benches/counts.toml";
/// Function of the benchmark whose work is counted.
const COUNTED: &str = "*real_time::work*";
/// Largest deviation to either side, as a share; fewer instructions are to be committed, too.
const ALLOWED: f64 = 0.05;
/// Bench-seconds of a count.
const SECONDS: &str = "1";

/// What to do with the counts.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Fail where nothing can be counted
    #[arg(long)]
    require: bool,
    /// Write the counts of this machine instead of comparing them
    #[arg(long)]
    write: bool,
}

/// The committed counts.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Committed {
    /// Compiler that they hold for.
    rustc: String,
    /// Host instructions of one bench-second, by part of the benchmark.
    instructions: BTreeMap<String, u64>,
}

/// Counts every committed part and says how far it is from what is committed.
pub(crate) fn run(root: &Path, options: &Options) -> Result<ExitCode> {
    let path = root.join(COMMITTED);
    let text = fs::read_to_string(&path).with_context(|| format!("reading {COMMITTED}"))?;
    let committed: Committed = toml::from_str(&text).with_context(|| COMMITTED.to_owned())?;
    let rustc = said(Command::new("rustc").arg("--version")).context("asking rustc")?;
    let rustc = rustc.trim();
    let reason = if said(Command::new("valgrind").arg("--version")).is_err() {
        Some("valgrind is not installed".to_owned())
    } else if rustc != committed.rustc && !options.write {
        Some(format!(
            "the counts hold for {}, and this is {rustc}",
            committed.rustc
        ))
    } else {
        None
    };
    if let Some(reason) = reason {
        println!("not run, because {reason}");
        return Ok(ExitCode::from(u8::from(options.require)));
    }
    let program = build(root)?;
    let mut counts = BTreeMap::new();
    let mut n_off = 0;
    for (part, &before) in &committed.instructions {
        let now = count(&program, part)?;
        let change = now as f64 / before as f64 - 1.0;
        let is_off = change.abs() > ALLOWED;
        n_off += usize::from(is_off);
        println!(
            "{part:<28} {now:>12} instructions a bench-second, {:+.1} % of {before}{}",
            100.0 * change,
            if is_off { ": OFF" } else { "" },
        );
        counts.insert(part, now);
    }
    if options.write {
        let mut text = format!(
            "# Host instructions of one bench-second, by `cargo xtask counts --write`.\n\
             rustc = \"{rustc}\"\n\n[instructions]\n"
        );
        for (part, count) in counts {
            text += &format!("{part} = {count}\n");
        }
        fs::write(&path, text).with_context(|| format!("writing {COMMITTED}"))?;
        return Ok(ExitCode::SUCCESS);
    }
    Ok(ExitCode::from(u8::from(n_off > 0)))
}

/// Builds the benchmark and gives its path.
fn build(root: &Path) -> Result<PathBuf> {
    let output = Command::new("cargo")
        .current_dir(root)
        .args(["bench", "--package", "rig-bench-virtual"])
        .args(["--bench", "real_time", "--no-run"])
        .output()
        .context("running cargo")?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    ensure!(output.status.success(), "cargo: {said}");
    let path = said
        .lines()
        .find(|line| line.contains("Executable") && line.contains("real_time"))
        .and_then(|line| line.rsplit_once('(')?.1.strip_suffix(')'))
        .with_context(|| format!("cargo names no program: {said}"))?;
    Ok(root.join(path))
}

/// Host instructions of one bench-second of a part.
fn count(program: &Path, part: &str) -> Result<u64> {
    let folder = tempfile::tempdir().context("a temporary folder")?;
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--collect-atstart=no"])
        .arg(format!("--toggle-collect={COUNTED}"))
        .arg(format!(
            "--callgrind-out-file={}",
            folder.path().join("callgrind").display()
        ))
        .arg(program)
        .args(["count", part, SECONDS])
        .output()
        .context("running valgrind")?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    ensure!(output.status.success(), "{part}: {said}");
    let count: u64 = said
        .lines()
        .find_map(|line| line.split_once("Collected : "))
        .and_then(|(_, count)| count.trim().parse().ok())
        .with_context(|| format!("{part}: valgrind gives no count: {said}"))?;
    ensure!(count > 0, "{part}: nothing was counted");
    Ok(count)
}

/// What a program says, if it can be run.
fn said(command: &mut Command) -> Result<String> {
    let output = command.output()?;
    ensure!(output.status.success(), "{command:?}");
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
