//! `cargo xtask examples`: makes the example reports under `reports/examples` anew, or checks that
//! the committed ones are what the program makes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};

const FOLDER: &str = "reports/examples";
/// Time of day that the examples were made at, by their own word.
const EPOCH: &str = "1767225600";
/// Each example: its name, what is run, and with which exit code it ends.
const EXAMPLES: [(&str, &[&str], i32); 2] = [
    ("meets-plan", &["--operator", "Example"], 0),
    (
        "one-pen-fails",
        &[
            "--operator",
            "Example",
            "--scenario",
            "rig/bench-virtual/scenarios/depth-zero-off.toml",
        ],
        3,
    ),
];
/// What is kept of a run's folder.
const KEPT: [&str; 11] = [
    "report.html",
    "junit.xml",
    "results.csv",
    "units.csv",
    "lot.csv",
    "attempts.csv",
    "budgets.csv",
    "anomalies.csv",
    "trace.csv",
    "run.csv",
    "manifest.json",
];
/// What names the program that made it, and so differs from build to build.
const OF_ONE_BUILD: [&str; 3] = ["report.html", "run.csv", "manifest.json"];

/// What is to be done.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Compare with the committed examples instead of writing them
    #[arg(long)]
    check: bool,
}

/// Runs the chore.
pub(crate) fn run(root: &Path, options: &Options) -> Result<ExitCode> {
    let penrig = crate::toolchain::penrig(root)?;
    let mut is_same = true;
    for (name, arguments, code) in EXAMPLES {
        let out = root.join("target/examples-of-reports").join(name);
        if out.exists() {
            fs::remove_dir_all(&out).with_context(|| format!("cannot empty {out:?}"))?;
        }
        let made = make(root, &penrig, &out, arguments, code)?;
        let kept = root.join(FOLDER).join(name);
        for file in KEPT {
            let from = made.join(file);
            let bytes = fs::read(&from).with_context(|| format!("cannot read {from:?}"))?;
            let to = kept.join(file);
            if options.check {
                let before = fs::read(&to).with_context(|| format!("cannot read {to:?}"))?;
                if before != bytes && !OF_ONE_BUILD.contains(&file) {
                    println!("{FOLDER}/{name}/{file} is not what the program makes");
                    is_same = false;
                }
            } else {
                fs::create_dir_all(&kept).with_context(|| format!("cannot make {kept:?}"))?;
                fs::write(&to, bytes).with_context(|| format!("cannot write {to:?}"))?;
            }
        }
        println!("{FOLDER}/{name}");
    }
    if !is_same {
        println!("make them anew with `cargo xtask examples`, and look at what differs");
    }
    Ok(if is_same {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Makes one run and gives its folder.
fn make(root: &Path, penrig: &Path, out: &Path, arguments: &[&str], code: i32) -> Result<PathBuf> {
    let output = Command::new(penrig)
        .current_dir(root)
        .env("SOURCE_DATE_EPOCH", EPOCH)
        .arg("qualify")
        .args(arguments)
        .arg("--out")
        .arg(out)
        .output()
        .with_context(|| format!("cannot run {penrig:?}"))?;
    if output.status.code() != Some(code) {
        bail!(
            "penrig ended with {}, not {code}: {}",
            output.status,
            String::from_utf8_lossy(&output.stderr)
        );
    }
    let mut folders = fs::read_dir(out)
        .with_context(|| format!("cannot read {out:?}"))?
        .filter_map(|it| Some(it.ok()?.path()))
        .filter(|it| it.is_dir());
    folders.next().context("no run folder")
}
