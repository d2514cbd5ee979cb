//! What the report of a large lot takes, from its record in memory: `cargo bench -p rig-report --
//! [UNITS] [tables|html|junit]`. 10,000 pens on forty rows unless a number is given; every part
//! unless one is named. Prints CPU seconds and the resident peak up to each part, as Linux counts
//! them. DESIGN.md section 11 asks for 5 s and 300 MB.
//!
//! The example `large_run` makes the same lot as a run on disk, for the commands that read one.
#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

use rig_report::{Extras, Tables, html, junit};
use std::fs;
use std::hint::black_box;
use std::io::{self, Write};

#[path = "../tests/large/mod.rs"]
mod large;
#[path = "../tests/sample/mod.rs"]
mod sample;

/// Where tables go: nothing is kept.
struct Counted(usize);

impl Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // cargo itself adds `--bench`.
    let arguments = std::env::args().skip(1);
    let arguments: Vec<String> = arguments.filter(|it| !it.starts_with("--")).collect();
    let units = arguments.iter().find_map(|it| it.parse().ok());
    let part = arguments
        .iter()
        .find(|it| it.parse::<usize>().is_err())
        .map(String::as_str);
    let wants = |it: &str| part.is_none_or(|part| part == it);
    let spec = large::spec();
    let lot = large::lot(&spec, units.unwrap_or(10_000));
    let mut last = told("the record", 0.0)?;
    if wants("tables") {
        let tables = Tables::new(&spec, &lot)?;
        let mut bytes = Counted(0);
        for name in tables.names() {
            tables.write(name, &mut bytes)?;
        }
        let Counted(bytes) = bytes;
        last = told(&format!("tables, {bytes} bytes"), last)?;
    }
    if wants("html") {
        let bytes = html(&spec, &lot, &Extras::default())?.len();
        last = told(&format!("report.html, {bytes} bytes"), last)?;
    }
    if wants("junit") {
        let bytes = junit(&spec, &lot, &[])?.len();
        told(&format!("junit.xml, {bytes} bytes"), last)?;
    }
    black_box(&lot);
    Ok(())
}

/// Prints a part with its CPU seconds; gives the CPU seconds so far.
fn told(what: &str, before: f64) -> Result<f64, Box<dyn std::error::Error>> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    let fields: Vec<&str> = stat
        .rsplit(')')
        .next()
        .unwrap_or_default()
        .split_whitespace()
        .collect();
    let ticks = |at: usize| fields.get(at).and_then(|it| it.parse::<f64>().ok());
    // User and system time, in hundredths of a second on Linux.
    let seconds = (ticks(11).unwrap_or(0.0) + ticks(12).unwrap_or(0.0)) / 100.0;
    let status = fs::read_to_string("/proc/self/status")?;
    let kilobytes = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let number = line.and_then(|it| it.split_whitespace().next()?.parse::<f64>().ok());
        number.unwrap_or(0.0) / 1000.0
    };
    println!(
        "{:6.2} s CPU, {:6.1} MB resident, peak {:6.1} MB: {what}",
        seconds - before,
        kilobytes("VmRSS:") * 1.024,
        kilobytes("VmHWM:") * 1.024
    );
    Ok(seconds)
}
