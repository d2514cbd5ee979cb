//! `cargo xtask traces`: captures the traces that `rig-armv6m` is held to, or checks them.

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use rig_armv6m_traces::{Golden, PROGRAMS, Program, Replay, State};

use crate::qemu;

/// Where the traces are.
const FOLDER: &str = "rig/armv6m/tests/golden";
/// States shown before a difference.
const CONTEXT: usize = 6;

/// How to capture or check.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Capture and compare with the committed traces instead of writing them
    #[arg(long)]
    check: bool,
    /// Only this program
    #[arg(long, value_name = "NAME")]
    program: Option<String>,
    /// Fail where QEMU is not installed
    #[arg(long)]
    require: bool,
}

/// Runs the chore.
pub(crate) fn run(root: &Path, options: &Options) -> Result<ExitCode> {
    let Some(version) = qemu::version() else {
        println!("not run, because qemu-system-arm is not installed");
        return Ok(if options.require {
            ExitCode::FAILURE
        } else {
            ExitCode::SUCCESS
        });
    };
    println!("source: {version}, -M microbit (Cortex-M0)");
    let (mut n_compared, mut n_different) = (0, 0);
    for program in PROGRAMS
        .iter()
        .filter(|it| options.program.as_ref().is_none_or(|name| it.name == name))
    {
        let trace = qemu::trace(program).with_context(|| program.name)?;
        n_compared += trace.len();
        let mut lines: Vec<String> = difference(program, &trace).into_iter().collect();
        if trace.len() == qemu::MOST_STATES {
            lines.push(format!(
                "does not end: {} {}",
                trace[0],
                trace[trace.len() - 1]
            ));
        }
        let path = root.join(FOLDER).join(format!("{}.txt", program.name));
        let golden = Golden::new(program, &version, trace.iter().copied());
        if options.check {
            lines.extend(
                kept(&path)
                    .and_then(|it| compare(&it, &golden))
                    .err()
                    .map(|it| format!("{it:#}")),
            );
        } else {
            fs::write(&path, golden.to_text()).with_context(|| format!("cannot write {path:?}"))?;
        }
        if lines.is_empty() {
            println!("equal: {}: {} instructions", program.name, trace.len());
        }
        for line in &lines {
            println!("different: {}: {line}", program.name);
            n_different += 1;
        }
    }
    println!("{n_compared} instructions compared with rig-armv6m, {n_different} differences");
    Ok(if n_different == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// The committed trace.
fn kept(path: &Path) -> Result<Golden> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {path:?}"))?;
    Golden::parse(&text).or_else(|defects| {
        let lines: Vec<String> = defects.iter().map(ToString::to_string).collect();
        bail!("{}: {}", path.display(), lines.join("; "))
    })
}

/// Whether the committed trace is what was captured, by the same QEMU or another.
fn compare(kept: &Golden, captured: &Golden) -> Result<()> {
    kept.compare(captured)
        .with_context(|| format!("the committed trace, captured by {}", kept.source))
}

/// Where `rig-armv6m` leaves a trace, in words.
fn difference(program: &Program, trace: &[State]) -> Option<String> {
    let mut replay = Replay::new(program);
    let mut found: Vec<State> = Vec::new();
    for (number, expected) in trace.iter().enumerate() {
        let state = replay.next();
        if state.as_ref() == Some(expected) {
            found.extend(state);
            continue;
        }
        let before = found.iter().rev().take(CONTEXT).rev();
        let before: String = before.map(|it| format!("\n           {it}")).collect();
        let mine = state.map_or_else(
            || {
                format!("{:?}", replay.outcome())
                    .chars()
                    .take(200)
                    .collect()
            },
            |it| it.to_string(),
        );
        let after: String = trace[number + 1..]
            .iter()
            .take(CONTEXT)
            .map(|it| format!("\n  then     {it}"))
            .collect();
        return Some(format!(
            "at instruction {number}{before}\n  found    {mine}\n  expected {expected}{after}"
        ));
    }
    replay
        .next()
        .map(|state| format!("goes on after {} instructions: {state}", trace.len()))
}
