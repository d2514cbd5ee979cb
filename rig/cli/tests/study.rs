//! `penrig study grr` on the virtual bench.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

/// Root of the project.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn penrig(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_penrig"))
        .args(args)
        .current_dir(root())
        .env("SOURCE_DATE_EPOCH", "1767225600")
        .stdin(Stdio::null())
        .output()
        .expect("the binary runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// What a study came to.
struct Done {
    code: Option<i32>,
    shown: String,
    /// study.csv, grr.csv, run.csv, manifest.json.
    tables: Vec<String>,
}

/// A study of three pens in two set-ups.
fn small(jobs: &str) -> io::Result<Done> {
    let dir = TempDir::new()?;
    let out = dir.path().display().to_string();
    let args = [
        "study",
        "grr",
        "--pens",
        "3",
        "--set-ups",
        "2",
        "--jobs",
        jobs,
        "--out",
        &out,
    ];
    let output = penrig(&args);
    let run = fs::read_dir(dir.path())?
        .next()
        .ok_or(io::ErrorKind::NotFound)??
        .path();
    assert!(run.extension().is_none(), "{} is not whole", run.display());
    let tables = ["study.csv", "grr.csv", "run.csv", "manifest.json"];
    let tables = tables.iter().map(|name| fs::read_to_string(run.join(name)));
    let shown = format!("{}{}", text(&output.stdout), text(&output.stderr));
    // Where it was written and how fast belong to this run alone.
    let shown: Vec<&str> = shown
        .lines()
        .filter(|it| !it.starts_with("report ") && !it.starts_with("speed "))
        .collect();
    Ok(Done {
        code: output.status.code(),
        shown: shown.join("\n"),
        tables: tables.collect::<io::Result<_>>()?,
    })
}

#[test]
fn a_small_study_is_measured_and_cannot_pass_and_does_not_depend_on_jobs() {
    let done = small("1").unwrap();
    let shown = &done.shown;
    // Smaller than the row asks for: inconclusive.
    assert_eq!(done.code, Some(4), "{shown}");
    for part in [
        "INCONCLUSIVE  VIRTUAL  gauge R&R of DEP-04",
        "3 pens x 2 set-ups x 2 repeats, order drawn from seed 1; virtual, not for product release",
        "rule simple: inconclusive: condition not reached",
    ] {
        assert!(shown.contains(part), "{shown}");
    }
    let again = small("2").unwrap();
    assert_eq!(*shown, again.shown);
    assert_eq!(done.tables, again.tables);

    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .from_reader(done.tables[0].as_bytes());
    let headers = reader.headers().unwrap().clone();
    let column = |name: &str| headers.iter().position(|it| it == name).unwrap();
    let mut cells = std::collections::BTreeMap::new();
    for record in reader.records() {
        let record = record.unwrap();
        if &record[column("bench")] == "END" {
            continue;
        }
        assert_eq!(&record[column("sound")], "yes");
        assert_eq!(&record[column("block_verdict")], "pass");
        let value: f64 = record[column("value")].parse().unwrap();
        let cell = (
            record[column("pen")].to_owned(),
            record[column("setup")].to_owned(),
        );
        cells.entry(cell).or_insert_with(Vec::new).push(value);
    }
    assert_eq!(cells.len(), 6);
    for ((pen, setup), values) in &cells {
        // Repeats of one set-up differ by the strokes' float alone: 8 µm over √1000, twice.
        assert_eq!(values.len(), 2);
        let apart = (values[0] - values[1]).abs();
        assert!(apart > 0.0 && apart < 0.002, "{pen} {setup}: {values:?}");
    }
    // Set-ups of one pen differ by seating, which a repeat does not see.
    for pen in ["PA1-00000001", "PA1-00000002", "PA1-00000003"] {
        let of = |setup: &str| cells[&(pen.to_owned(), setup.to_owned())][0];
        assert!((of("1") - of("2")).abs() > 1e-6, "{pen}");
    }
}

#[track_caller]
fn check_usage(args: &[&str], expected: &str) {
    let output = penrig(&[&["study", "grr"], args].concat());
    let said = text(&output.stderr);
    assert!(said.contains(expected), "{said}");
    assert_eq!(output.status.code(), Some(2), "{said}");
}

#[test]
fn what_cannot_be_studied_is_refused_before_anything_is_measured() {
    check_usage(&["--row", "DEP-99"], "the spec has no row DEP-99");
    check_usage(&["--row", "SAF-02"], "SAF-02 cannot be studied");
    check_usage(&["--row", "DEP-09-U"], "DEP-09-U cannot be studied");
    check_usage(&["--alpha", "1.5"], "--alpha 1.5 is not between 0 and 1");
    check_usage(&["--pens", "1"], "1 is not in 2..=1000");
    check_usage(&["--repeats", "1"], "1 is not in 2..=1000");
    check_usage(&["--serial", "PA1-00000001"], "at least two pens");
    let two = ["--serial", "PA1-00000001", "--serial", "PA1-09999999"];
    check_usage(&two, "PA1-09999999 is not a pen of this bench's lot");
    let scenario = "rig/bench-virtual/scenarios/depth-zero-off.toml";
    check_usage(
        &["--scenario", scenario],
        "the scenario's lot has 5 pens, the study wants 10",
    );
    let file = "rig/bench-hardware/bench.toml";
    check_usage(&["--bench", file], "which pens? Name each with --serial SN");
    let serials = ["--serial", "A", "--serial", "B", "--bench", file];
    check_usage(&serials, "run this at a terminal");
}

#[test]
fn a_gauge_that_holds_its_value_is_a_bench_error_and_what_was_measured_is_kept() {
    let dir = TempDir::new().unwrap();
    let out = dir.path().display().to_string();
    let args = [
        "study",
        "grr",
        "--pens",
        "3",
        "--set-ups",
        "2",
        "--out",
        &out,
        "--scenario",
        "rig/bench-virtual/scenarios/gauge-hold.toml",
    ];
    let output = penrig(&args);
    let shown = text(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{shown}");
    assert!(shown.starts_with("NOT JUDGED  VIRTUAL"), "{shown}");
    assert!(shown.contains("4 of 12 values are missing"), "{shown}");
    let run = fs::read_dir(dir.path()).unwrap().next().unwrap().unwrap();
    let study = fs::read_to_string(run.path().join("study.csv")).unwrap();
    assert!(study.contains("indication held"), "{study}");
    assert_eq!(study.matches(",yes,").count(), 8, "{study}");
}

#[test]
fn a_gauge_that_moves_in_a_set_up_voids_what_was_measured_in_it() {
    let dir = TempDir::new().unwrap();
    let reference = root().join("rig/bench-virtual/scenarios/reference.toml");
    let moved = "\n[[fault]]\nname = \"gauge-shift\"\num = 20\nunit = \"PA1-00000002\"\nfrom_s = 12\ncontained = false\n";
    let text = fs::read_to_string(reference).unwrap() + moved;
    let scenario = dir.path().join("moved.toml");
    fs::write(&scenario, text).unwrap();
    let (scenario, out) = (scenario.display().to_string(), dir.path().join("out"));
    let out_text = out.display().to_string();
    let args = [
        "study",
        "grr",
        "--pens",
        "2",
        "--set-ups",
        "2",
        "--scenario",
        &scenario,
        "--out",
        &out_text,
    ];
    let output = penrig(&args);
    let shown = text_of(&output);
    // The rig's own doing, and no verdict on it: not run to its end.
    assert_eq!(output.status.code(), Some(4), "{shown}");
    assert!(shown.starts_with("NOT JUDGED"), "{shown}");
    assert!(
        shown.contains("void         PA1-00000002 set-up 1, repeat 1: datum moved"),
        "{shown}"
    );
    assert!(
        shown.contains("4 of 8 values are missing or not to be believed"),
        "{shown}"
    );
}

fn text_of(output: &Output) -> String {
    text(&output.stdout) + &text(&output.stderr)
}

/// With progress at a terminal, interrupted after the first set-up.
#[cfg(unix)]
#[test]
fn an_interrupt_keeps_what_was_measured() {
    use nix::pty::{Winsize, openpty};
    use nix::sys::signal::{Signal, kill};
    use std::io::Read as _;

    let dir = TempDir::new().unwrap();
    let size = Winsize {
        ws_row: 40,
        ws_col: 120,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    let pair = openpty(&size, None).unwrap();
    let child = Command::new(env!("CARGO_BIN_EXE_penrig"))
        .args(["study", "grr", "--jobs", "1", "--out"])
        .arg(dir.path())
        .current_dir(root())
        .env("TERM", "xterm")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(pair.slave)
        .spawn()
        .unwrap();
    let mut screen = fs::File::from(pair.master);
    let (mut shown, mut buffer) = (Vec::new(), [0; 4_096]);
    while !text(&shown).contains("1/60 set-ups") {
        // A program that ends without it closes its terminal.
        let length = screen.read(&mut buffer).expect("a terminal that is open");
        shown.extend_from_slice(&buffer[..length]);
    }
    let pid = nix::unistd::Pid::from_raw(child.id().try_into().unwrap());
    kill(pid, Signal::SIGINT).unwrap();
    let drained = std::thread::spawn(move || {
        // Until its other end is gone.
        while matches!(screen.read(&mut buffer), Ok(1..)) {}
    });
    let output = child.wait_with_output().unwrap();
    drained.join().unwrap();
    assert_eq!(output.status.code(), Some(130), "{}", text(&output.stdout));
    assert!(text(&output.stdout).starts_with("NOT JUDGED"));
    let run = fs::read_dir(dir.path()).unwrap().next().unwrap().unwrap();
    let study = fs::read_to_string(run.path().join("study.csv")).unwrap();
    assert!(study.matches(",yes,").count() >= 2, "{study}");
}

/// On a hardware bench the person at the terminal is asked for each pen, by name, before anything
/// is opened; here they end it.
#[cfg(unix)]
#[test]
fn at_a_hardware_bench_the_person_is_asked_for_each_pen() {
    use nix::pty::openpty;
    use std::io::{Read as _, Write as _};

    let dir = TempDir::new().unwrap();
    let pair = openpty(None, None).unwrap();
    let child = Command::new(env!("CARGO_BIN_EXE_penrig"))
        .args(["study", "grr", "--bench", "rig/bench-hardware/bench.toml"])
        .args([
            "--serial",
            "PA1-00000001",
            "--serial",
            "PA1-00000002",
            "--out",
        ])
        .arg(dir.path())
        .current_dir(root())
        .env_remove("SOURCE_DATE_EPOCH")
        .stdin(pair.slave.try_clone().unwrap())
        .stdout(Stdio::piped())
        .stderr(pair.slave)
        .spawn()
        .unwrap();
    let mut terminal = fs::File::from(pair.master);
    let (mut shown, mut buffer) = (Vec::new(), [0; 4_096]);
    while !text(&shown).contains("into the fixture anew, then press Enter") {
        let length = terminal.read(&mut buffer).expect("a terminal that is open");
        shown.extend_from_slice(&buffer[..length]);
    }
    let asked = text(&shown);
    assert!(
        asked.contains("set-up 1: take the pen out, put pen PA1-0000000"),
        "{asked}"
    );
    terminal.write_all(b"q\n").unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{}", text(&output.stdout));
    assert!(text(&output.stdout).starts_with("NOT JUDGED"));
}
