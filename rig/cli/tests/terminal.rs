//! The console at a terminal: a pseudo-terminal with someone who types.
#![cfg(unix)]

use pty::{Terminal, interrupt};
use std::fs;
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use tempfile::TempDir;

mod pty;

/// A console that remembers lines in this file.
fn console(history: &Path) -> io::Result<Terminal> {
    let history = history.display().to_string();
    Terminal::start(&["console", "--history", &history], &[], None)
}

const PARKED: &str = "STOP sent; the pen says that it is parked; switched off";

#[test]
fn lines_are_edited_completed_remembered_and_obeyed() {
    let dir = TempDir::new().unwrap();
    let history = dir.path().join("new").join("history");
    let mut terminal = console(&history).unwrap();
    terminal.wait_for("pen> ").unwrap();
    // A slip, taken back, and the rest completed.
    terminal.type_keys("get rx\x7f\t\r").unwrap();
    terminal.wait_for("get rate ").unwrap();
    terminal.wait_for("rate 7000 strokes/min").unwrap();
    terminal.wait_for("pen> ").unwrap();
    terminal.type_keys("tele\t50\r").unwrap();
    terminal.wait_for("telemetry every 50 ms").unwrap();
    // Telemetry comes while a line is being typed, and the line stays whole.
    terminal.wait_for("pen> ").unwrap();
    terminal.type_keys("telemetry").unwrap();
    terminal.wait_for("0 strokes\r\n").unwrap();
    terminal.wait_for("0 strokes\r\n").unwrap();
    terminal.wait_for("pen> telemetry").unwrap();
    terminal.type_keys(" off\r").unwrap();
    terminal.wait_for("telemetry off\r\n").unwrap();
    terminal.wait_for("pen> ").unwrap();
    terminal.type_keys("quit\r").unwrap();
    let (code, shown) = terminal.end().unwrap();
    assert!(shown.contains(PARKED), "{shown:?}");
    assert!(!shown.contains("press Enter"), "{shown:?}");
    assert_eq!(code, Some(0));
    let remembered = fs::read_to_string(&history).unwrap();
    let lines: Vec<&str> = remembered.lines().skip(1).map(str::trim_end).collect();
    assert_eq!(lines, ["get rate", "telemetry 50", "telemetry off", "quit"]);
    // The next console knows the line before `quit`.
    let mut terminal = console(&history).unwrap();
    terminal.wait_for("pen> ").unwrap();
    terminal.type_keys("\x1b[A\x1b[A\r").unwrap();
    terminal.wait_for("telemetry off\r\n").unwrap();
    terminal.wait_for("pen> ").unwrap();
    terminal.type_keys("\x04").unwrap();
    let (code, shown) = terminal.end().unwrap();
    assert!(shown.contains(PARKED), "{shown:?}");
    assert_eq!(code, Some(0));
}

#[test]
fn what_is_typed_ahead_or_pasted_is_done_line_by_line() {
    let dir = TempDir::new().unwrap();
    let mut terminal = console(&dir.path().join("history")).unwrap();
    terminal.wait_for("pen> ").unwrap();
    terminal.type_keys("fit\rget depth\rget rate\r").unwrap();
    terminal.wait_for("cartridge 1 fitted").unwrap();
    terminal.wait_for("depth 0.00 mm").unwrap();
    terminal.wait_for("rate 7000").unwrap();
    terminal.wait_for("pen> ").unwrap();
    // As a terminal brackets what is pasted; it waits for Enter.
    let pasted = "set depth 0.5\nget depth\nset width 1\nstart";
    terminal
        .type_keys(&format!("\x1b[200~{pasted}\x1b[201~"))
        .unwrap();
    terminal.type_keys("\r").unwrap();
    terminal
        .wait_for("pen> get depth\r\ndepth 0.50 mm")
        .unwrap();
    terminal
        .wait_for("`width` is not `depth` or `rate`")
        .unwrap();
    terminal.wait_for("pen> ").unwrap();
    terminal.type_keys("status\r").unwrap();
    // What stood behind the line that was not understood was not done.
    terminal.wait_for("state      ready").unwrap();
    terminal.wait_for("pen> ").unwrap();
    terminal.type_keys("quit\r").unwrap();
    assert_eq!(terminal.end().unwrap().0, Some(0));
}

#[test]
fn ctrl_c_at_the_prompt_parks_the_pen_that_runs() {
    let dir = TempDir::new().unwrap();
    let mut terminal = console(&dir.path().join("history")).unwrap();
    terminal.wait_for("pen> ").unwrap();
    terminal.type_keys("fit\rstart\r").unwrap();
    terminal.wait_for("starting: ").unwrap();
    terminal.wait_for("pen> ").unwrap();
    terminal.type_keys("\x03").unwrap();
    let (code, shown) = terminal.end().unwrap();
    assert!(shown.contains(PARKED), "{shown:?}");
    assert_eq!(code, Some(130));
}

#[test]
fn an_interrupt_from_outside_parks_the_pen_and_gives_the_terminal_back() {
    let dir = TempDir::new().unwrap();
    let mut terminal = console(&dir.path().join("history")).unwrap();
    terminal.wait_for("pen> ").unwrap();
    interrupt(&terminal.program).unwrap();
    let (code, shown) = terminal.end().unwrap();
    assert!(shown.contains(PARKED), "{shown:?}");
    assert_eq!(code, Some(130));
}

#[test]
fn an_interrupt_ends_a_script_in_the_middle_of_a_line() {
    let mut console = Command::new(env!("CARGO_BIN_EXE_penrig"))
        .arg("console")
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = console.stdin.take().unwrap();
    stdin.write_all(b"fit\nstart\nwait 3600\nstatus\n").unwrap();
    let mut shown = BufReader::new(console.stdout.take().unwrap()).lines();
    assert!(shown.any(|line| line.unwrap() == "pen> wait 3600"));
    interrupt(&console).unwrap();
    // The line after it is not begun.
    let rest: Vec<String> = shown.map(Result::unwrap).collect();
    assert_eq!(rest, [PARKED]);
    assert_eq!(console.wait().unwrap().code(), Some(130));
}
