//! Traces from QEMU: its `microbit` board, a Cortex-M0, logs the registers before each
//! instruction.

use std::fs;
use std::io::BufReader;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use rig_armv6m_traces::{Program, State};

const QEMU: &str = "qemu-system-arm";
/// States after which a program is taken not to end.
pub(crate) const MOST_STATES: usize = 500_000;

/// First line of `qemu-system-arm --version`; nothing where it is not installed.
pub(crate) fn version() -> Option<String> {
    let output = Command::new(QEMU).arg("--version").output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    output.status.success().then_some(())?;
    Some(text.lines().next()?.trim().to_owned())
}

/// The trace of a program; cut off at [`MOST_STATES`].
pub(crate) fn trace(program: &Program) -> Result<Vec<State>> {
    let folder = tempfile::tempdir().context("cannot create a folder for the image")?;
    let (flash, ram) = (folder.path().join("flash"), folder.path().join("ram"));
    fs::write(&flash, program.flash())?;
    fs::write(&ram, program.ram())?;
    let mut loader = std::ffi::OsString::from("loader,addr=0x20000000,force-raw=on,file=");
    loader.push(&ram);
    let mut child = Command::new(QEMU)
        .args(["-M", "microbit", "-display", "none", "-monitor", "none"])
        .args(["-serial", "none", "-nodefaults"])
        // The BKPT at a program's end ends QEMU.
        .args(["-semihosting-config", "enable=on,target=native"])
        // One instruction a block of translated code, and the registers before each block.
        .args(["-singlestep", "-d", "cpu,nochain"])
        .arg("-kernel")
        .arg(&flash)
        .arg("-device")
        .arg(loader)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot run {QEMU}"))?;
    let log = child.stderr.take().context("QEMU has a standard error")?;
    let states = read(BufReader::with_capacity(1 << 16, log));
    let is_complete = states.as_ref().is_ok_and(|it| it.len() < MOST_STATES);
    if !is_complete {
        // It may wait for its log to be read, or never end. That it is gone already is no error.
        let _ = child.kill();
    }
    let status = child.wait()?;
    let states = states?;
    ensure!(
        !is_complete || status.success(),
        "{QEMU} ended with {status}"
    );
    Ok(states)
}

/// Reads a log to its end.
fn read(mut log: impl std::io::BufRead) -> Result<Vec<State>> {
    let mut states = Vec::new();
    let (mut line, mut n_read) = (String::new(), 0);
    let mut state = State::default();
    while {
        line.clear();
        log.read_line(&mut line).context("the log")? > 0
    } {
        match line.strip_prefix("XPSR=") {
            Some(xpsr) if n_read == 16 => {
                state.xpsr = hexadecimal(xpsr)?;
                // Logged again: QEMU had looked at interrupts instead. No program branches to itself.
                if states.last() != Some(&state) {
                    states.push(state);
                }
                n_read = 0;
                if states.len() == MOST_STATES {
                    return Ok(states);
                }
            }
            Some(_) => bail!("flags before all registers: {line:?}"),
            None => {
                for field in line.split_ascii_whitespace() {
                    let (name, value) = field
                        .split_once('=')
                        .with_context(|| format!("QEMU says {line:?}"))?;
                    ensure!(name == format!("R{n_read:02}"), "QEMU says {line:?}");
                    state.registers[n_read] = hexadecimal(value)?;
                    n_read += 1;
                }
            }
        }
    }
    ensure!(n_read == 0, "the log ends within a state");
    Ok(states)
}

fn hexadecimal(text: &str) -> Result<u32> {
    let digits = text.get(..8).unwrap_or(text);
    u32::from_str_radix(digits, 16).with_context(|| format!("QEMU says {text:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A state as QEMU logs it.
    fn logged(first: u32, xpsr: u32) -> String {
        let row = |from: u32| {
            let fields = (from..from + 4).map(|it| format!("R{it:02}={:08x}", first + it));
            fields.collect::<Vec<_>>().join(" ")
        };
        let rows: Vec<String> = [0, 4, 8, 12].map(row).to_vec();
        format!("{}\nXPSR={xpsr:08x} -Z-- T priv-thread\n", rows.join("\n"))
    }

    #[test]
    fn a_log_is_read_state_by_state_and_a_state_logged_again_counts_once() {
        let log = logged(1, 0x4100_0000) + &logged(1, 0x4100_0000) + &logged(2, 0x0100_0003);
        let states = read(log.as_bytes()).unwrap();
        let expected = [(1, 0x4100_0000), (2, 0x0100_0003)].map(|(first, xpsr)| State {
            registers: std::array::from_fn(|it| first + it as u32),
            xpsr,
        });
        assert_eq!(states, expected);
    }

    #[test]
    fn what_is_no_state_is_an_error() {
        let log = logged(1, 0);
        for (from, to) in [
            ("R03=", "R04="),
            ("R03=00000004", "R03=0000000g"),
            ("R00=00000001 ", ""),
            ("XPSR=", "qemu: lockup "),
            ("R15=00000010", ""),
        ] {
            assert!(log.contains(from));
            let log = log.replace(from, to);
            assert!(read(log.as_bytes()).is_err(), "{from} to {to}");
        }
        let cut = &log[..log.len() / 2];
        assert!(read(cut.as_bytes()).is_err());
    }
}
