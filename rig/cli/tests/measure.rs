//! `penrig measure` as its users run it: reports, files it writes, and what it refuses.

use rig_waveform::{Description, ParquetWriter, Quantity, Stretch};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

/// Recorded by tests/end-to-end/examples/record_waveforms.rs.
const FOLDER: &str = "rig/cli/tests/measure";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn penrig(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_penrig"))
        .arg("measure")
        .args(args)
        .current_dir(root())
        .env_remove("COLUMNS")
        .output()
        .expect("the binary runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn recorded(name: &str) -> String {
    format!("{FOLDER}/{name}")
}

/// Runs what must succeed and say nothing on stderr; its stdout.
#[track_caller]
fn shown(args: &[&str]) -> String {
    let output = penrig(args);
    assert_eq!(text(&output.stderr), "", "{args:?}");
    assert_eq!(output.status.code(), Some(0), "{args:?}");
    text(&output.stdout)
}

/// Runs what must end with this code, nothing on stdout; its stderr.
#[track_caller]
fn refused(args: &[&str], code: i32) -> String {
    let output = penrig(args);
    assert_eq!(
        output.status.code(),
        Some(code),
        "{args:?}: {}",
        text(&output.stderr)
    );
    assert_eq!(text(&output.stdout), "", "{args:?}");
    text(&output.stderr)
}

#[test]
fn a_record_of_penrig_brings_its_certificate_and_its_zero() {
    insta::assert_snapshot!("parquet", shown(&[&recorded("running.parquet")]));
    let json = shown(&[&recorded("running.parquet"), "--format", "json"]);
    insta::assert_snapshot!("parquet_json", json);
}

#[test]
fn a_record_gives_what_the_chain_gave_when_it_was_recorded() {
    let json = shown(&[&recorded("running.parquet"), "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&json).unwrap();
    let check = |name: &str, live: f64, live_u: f64| {
        let entries = report["measurands"].as_array().unwrap();
        let entry = entries.iter().find(|it| it["measurand"] == name).unwrap();
        let value = entry["value"]["value"].as_f64().unwrap();
        let scatter = entry["value"]["budget"][0]["u"].as_f64().unwrap();
        // To the six and nine decimals that are printed.
        assert!((value - live).abs() < 1e-6, "{name}: {value}, live {live}");
        assert!(
            (scatter - live_u).abs() < 1e-8,
            "{name}: {scatter}, live {live_u}"
        );
    };
    // As examples/record_waveforms.rs printed them, from the chain that had run since power-on; the
    // rate, then 116.976 783 with u 0.000 051, as since the chain allows for unseen jitter.
    check("stroke rate", 116.976779, 5.8994e-05);
    check("mean protrusion", 1.253_387_063, 0.000_722_664);
    check("spread", 7.182_812_617, 0.529_736_756);
}

#[test]
fn a_file_of_another_program_is_measured_by_scatter_alone() {
    insta::assert_snapshot!("csv", shown(&[&recorded("running.csv")]));
}

#[test]
fn certificate_block_and_tachometer_come_from_files_of_their_own() {
    let args = [
        &recorded("running.csv"),
        "--certificate",
        "rig/bench-hardware/bench.toml",
        "--zero",
        &recorded("block.parquet"),
        "--tachometer",
        &recorded("edges.csv"),
    ];
    insta::assert_snapshot!("certificate", shown(&args));
}

#[test]
fn a_tachometer_shares_the_clock_of_the_file_wherever_that_begins() {
    let dir = TempDir::new().unwrap();
    let file = |name: &str, text: String| {
        let path = dir.path().join(name);
        fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let read = |name: &str| fs::read_to_string(root().join(recorded(name))).unwrap();
    let mut shifted = String::from("time_s,position_um\n");
    for line in read("running.csv").lines().skip(2) {
        let (time, value) = line.split_once(',').unwrap();
        // Before zero at first.
        let time: f64 = time.parse().unwrap();
        shifted.push_str(&format!("{:.5},{value}\n", time - 0.1));
    }
    let mut edges = String::from("edge_ns\n");
    for line in read("edges.csv").lines().skip(1) {
        edges.push_str(&format!("{}\n", line.parse::<i64>().unwrap() - 100_000_000));
    }
    let line = |args: &[&str]| {
        let report = shown(args);
        let line = report.lines().find(|it| it.starts_with("rate, tachometer"));
        line.unwrap().to_owned()
    };
    let (waveform, edges) = (file("w.csv", shifted), file("e.csv", edges));
    let moved = line(&[&waveform, "--tachometer", &edges]);
    let expected = line(&[
        &recorded("running.csv"),
        "--tachometer",
        &recorded("edges.csv"),
    ]);
    assert_eq!(moved, expected);
    assert!(expected.ends_with(" 35"), "{expected}");
}

#[test]
fn the_help_has_examples() {
    insta::assert_snapshot!("help_measure", shown(&["--help"]));
}

#[test]
fn the_same_samples_give_the_same_values_whatever_the_file() {
    let dir = TempDir::new().unwrap();
    let csv = fs::read_to_string(root().join(recorded("running.csv"))).unwrap();
    let cells = csv.lines().skip(2).map(|it| it.split_once(',').unwrap().1);
    let values: Vec<i64> = cells
        .map(|it| (it.parse::<f64>().unwrap() * 1e3).round() as i64)
        .collect();
    let description = Description::new(
        Quantity::Displacement,
        firmware_units::Microhertz(20_000_000_000),
    );
    let path = dir.path().join("same.parquet");
    write(
        &path,
        &description,
        &[Stretch {
            first_seq: 0,
            values,
            exceptions: vec![],
        }],
    )
    .unwrap();
    let path = path.display().to_string();
    let after_heading = |it: String| it.split_once("\nmeasurand").unwrap().1.to_owned();
    let by_csv = shown(&[&recorded("running.csv")]);
    let by_parquet = shown(&[&path]);
    let samples = |it: &str| {
        it.lines()
            .find(|it| it.starts_with("samples"))
            .unwrap()
            .to_owned()
    };
    assert_eq!(samples(&by_csv), samples(&by_parquet));
    assert_eq!(after_heading(by_csv), after_heading(by_parquet));
}

#[test]
fn strokes_and_picture_are_written_and_are_the_same_each_time() {
    let dir = TempDir::new().unwrap();
    let write = |name: &str| {
        let file = |end: &str| dir.path().join(format!("{name}.{end}"));
        let (table, plot) = (file("csv"), file("svg"));
        shown(&[
            &recorded("running.parquet"),
            "--per-stroke",
            &table.display().to_string(),
            "--plot",
            &plot.display().to_string(),
        ]);
        (
            fs::read_to_string(table).unwrap(),
            fs::read_to_string(plot).unwrap(),
        )
    };
    let (table, plot) = write("a");
    assert_eq!((table.clone(), plot.clone()), write("b"));
    let lines: Vec<&str> = table.lines().collect();
    let rows = lines.len() - 2;
    assert_eq!(
        lines[0].split(',').count(),
        lines[rows + 1].split(',').count()
    );
    assert!(
        lines[rows + 1].starts_with(&format!("END,{rows},")),
        "{}",
        lines[rows + 1]
    );
    insta::assert_snapshot!("per_stroke", lines[..4].join("\n"));
    assert!(plot.starts_with("<svg") && plot.ends_with("</svg>\n"));
    assert_eq!(
        plot.matches("<text").count(),
        plot.matches("</text>").count()
    );
    assert!(plot.contains("mean protrusion") && plot.contains("whole record"));
}

/// The one folder in a folder.
fn run_in(out: &Path) -> std::io::Result<PathBuf> {
    let mut paths = fs::read_dir(out)?.filter_map(|it| Some(it.ok()?.path()));
    let folder = paths.find(|it| it.is_dir());
    folder.ok_or_else(|| std::io::ErrorKind::NotFound.into())
}

fn qualify(out: &Path, args: &[&str]) -> Option<i32> {
    let output = Command::new(env!("CARGO_BIN_EXE_penrig"))
        .args(["qualify", "--plan", "smoke", "--jobs", "1", "--out"])
        .arg(out)
        .args(args)
        .current_dir(root())
        .env("SOURCE_DATE_EPOCH", "1767225600")
        .output()
        .expect("the binary runs");
    output.status.code()
}

#[test]
fn a_run_keeps_the_waveforms_that_were_asked_for_and_they_give_its_values() {
    let dir = TempDir::new().unwrap();
    let out = |name: &str| dir.path().join(name);
    let args = ["--units", "1", "--waveforms", "all"];
    for name in ["a", "b"] {
        assert_eq!(qualify(&out(name), &args), Some(0));
    }
    assert_eq!(qualify(&out("c"), &["--units", "1"]), Some(0));
    let (a, b, c) = (run_in(&out("a")), run_in(&out("b")), run_in(&out("c")));
    let (a, b, c) = (a.unwrap(), b.unwrap(), c.unwrap());
    // Nothing failed: the run is as it was before there were waveforms.
    assert!(!c.join("waveforms").exists() && !c.join("waveforms.csv").exists());
    let results = fs::read(a.join("results.csv")).unwrap();
    assert_eq!(results, fs::read(c.join("results.csv")).unwrap());

    let index = fs::read_to_string(a.join("waveforms.csv")).unwrap();
    assert_eq!(index, fs::read_to_string(b.join("waveforms.csv")).unwrap());
    let manifest = fs::read_to_string(a.join("manifest.json")).unwrap();
    let rows: Vec<Vec<&str>> = index.lines().map(|it| it.split(',').collect()).collect();
    assert!(
        rows.len() >= 7 && rows[rows.len() - 1][0] == "END",
        "{index}"
    );
    for row in &rows[1..rows.len() - 1] {
        let (file, sha256) = (row[5], row[9]);
        assert!(
            manifest.contains(file) && manifest.contains(sha256),
            "{file}"
        );
        let path = a.join(file).display().to_string();
        let report = text(&penrig(&[&path]).stdout);
        assert!(
            report.contains(sha256) && report.contains(row[8]),
            "{report}"
        );
        assert_eq!((row[0], row[7]), ("VIRTUAL", "yes"), "{index}");
    }

    // The row's own window lies after the start of the motor.
    let path = a.join("waveforms/PA1-00000001-DEP-04.parquet");
    let path = path.display().to_string();
    let json = shown(&[&path, "--from", "1.3", "--to", "8", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&json).unwrap();
    let measured = &report["measurands"][2];
    assert_eq!(measured["measurand"], "mean protrusion");
    let value = measured["value"]["value"].as_f64().unwrap();
    // DEP-04 of this pen by results.csv, within the scatter of other strokes.
    let recorded = 1.502_073;
    let results = String::from_utf8(results).unwrap();
    let row = results
        .lines()
        .find(|it| it.contains(",PA1-00000001,unit,DEP-04,"));
    assert!(row.unwrap().contains(",1.502073,"), "{row:?}");
    assert!((value - recorded).abs() < 0.001, "{value}");
}

#[test]
fn a_row_that_fails_leaves_its_waveform() {
    let dir = TempDir::new().unwrap();
    let args = [
        "--scenario",
        "rig/bench-virtual/scenarios/depth-zero-off.toml",
        "--serial",
        "PA1-00000003",
    ];
    assert_eq!(qualify(dir.path(), &args), Some(3));
    let run = run_in(dir.path()).unwrap();
    let index = fs::read_to_string(run.join("waveforms.csv")).unwrap();
    assert!(
        index.contains(",DEP-04,fail,waveforms/PA1-00000003-DEP-04.parquet,"),
        "{index}"
    );
    assert!(!index.contains(",pass,"), "{index}");
}

#[test]
fn gaps_and_marked_samples_are_said_and_left_out() {
    let dir = TempDir::new().unwrap();
    let csv = fs::read_to_string(root().join(recorded("running.csv"))).unwrap();
    let mut out = String::from("seq,position_um,status\n");
    for (seq, line) in (100..).zip(csv.lines().skip(2)) {
        let cell = line.split_once(',').unwrap().1;
        match seq {
            2_000..2_400 => {}
            4_000..4_010 => out.push_str(&format!("{seq},,no-target\n")),
            _ => out.push_str(&format!("{seq},{cell},\n")),
        }
    }
    let path = dir.path().join("gaps.csv");
    fs::write(&path, out).unwrap();
    let plot = dir.path().join("gaps.svg");
    let path = path.display().to_string();
    let args = [
        &path,
        "--sample-rate",
        "20000",
        "--plot",
        &plot.display().to_string(),
    ];
    insta::assert_snapshot!("gaps", shown(&args));
    assert!(
        fs::read_to_string(plot)
            .unwrap()
            .matches("url(#defect)")
            .count()
            >= 6
    );
}

#[test]
fn a_window_without_strokes_is_no_result() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("dead.csv");
    let dead: String = (0..20_000).map(|_| "1.5\n").collect();
    fs::write(&path, format!("position_mm\n{dead}")).unwrap();
    let path = path.display().to_string();
    let output = penrig(&[&path, "--sample-rate", "20000"]);
    assert_eq!(output.status.code(), Some(1));
    insta::assert_snapshot!("dead", text(&output.stdout));
}

#[test]
fn inputs_that_are_none_are_named() {
    let dir = TempDir::new().unwrap();
    let file = |name: &str, content: &str| {
        let path = dir.path().join(name);
        fs::write(&path, content).unwrap();
        path.display().to_string()
    };
    let check = |args: &[&str], expected: &str| {
        let stderr = refused(args, 2);
        assert!(stderr.contains(expected), "{args:?}: {stderr}");
    };
    let sound = file("sound.csv", "time_s,position_um\n0,1\n0.001,2\n0.002,3\n");
    check(&["no.csv"], "cannot read the waveform `no.csv`");
    check(
        &[&dir.path().display().to_string()],
        "cannot read the waveform",
    );
    check(&[&file("empty.csv", "")], "empty.csv: no line but comments");
    check(
        &[&file("header.csv", "time_s,position_um\n")],
        "header.csv: a header and no samples",
    );
    check(
        &[&file("one.csv", "time_s,position_um\n0,1\n")],
        "one sample; a rate needs two",
    );
    check(
        &[&file(
            "cells.csv",
            "time_s,position_um\n0,1\n0.001,NaN\n0.002,x\n0.003,1\n",
        )],
        "2 defects in the waveform; nothing of it is measured",
    );
    check(
        &[&file(
            "cells.csv",
            "time_s,position_um\n0,1\n0.001,NaN\n0.002,x\n0.003,1\n",
        )],
        "cells.csv:4: column `position_um`: `x` is no number",
    );
    check(
        &[&file(
            "unsorted.csv",
            "time_s,position_um\n0,1\n0.002,1\n0.001,1\n0.003,1\n",
        )],
        "unsorted.csv:4: column `time_s`: 0.001 comes after 0.002",
    );
    check(
        &[&file(
            "twice.csv",
            "time_s,position_um\n0,1\n0.001,1\n0.001,1\n0.002,1\n",
        )],
        "twice.csv:4: column `time_s`: 0.001 comes twice",
    );
    check(
        &[&file(
            "uneven.csv",
            "time_s,position_um\n0,1\n0.001,1\n0.0024,1\n0.0034,1\n0.0044,1\n",
        )],
        "uneven.csv:4: column `time_s`: uneven sampling",
    );
    check(
        &[&file(
            "mixed.csv",
            "time_s,position_um,position_mm\n0,1,1\n",
        )],
        "units are mixed",
    );
    check(
        &[&file(
            "unknown.csv",
            "time_s,position_um,speed_mm_s\n0,1,1\n",
        )],
        "column `speed_mm_s`: unknown column",
    );
    check(
        &[&file("norate.csv", "seq,position_um\n0,1\n1,2\n")],
        "no sample rate: give --sample-rate HZ",
    );
    check(
        &[&sound, "--sample-rate", "900"],
        "the times say 1000 samples a second, --sample-rate says 900",
    );
    check(
        &[&recorded("running.parquet"), "--sample-rate", "10000"],
        "says 20000 samples a second, --sample-rate says 10000",
    );
    check(
        &[&sound, "--from", "2", "--to", "1"],
        "the window begins at 2 s and ends at 1 s",
    );
    check(&[&sound, "--from", "NaN"], "--from");
    check(
        &[&sound, "--block-level", "1.5"],
        "--block-level needs the height of the gauge block",
    );
    check(&[&sound, "--expanded", "1"], "--k");
    check(
        &[&sound, "--unit", "inch"],
        "--unit `inch` is not nm, um, mm or m",
    );
    check(
        &[&sound, "--tachometer", &file("edges.csv", "edge_s\n1\nx\n")],
        "edges.csv:3: column `edge_s`: `x` is no number",
    );
    check(
        &[&sound, "--certificate", &file("c.toml", "[fixture]\n")],
        "no [[instrument]] with name = \"gauge\"",
    );
    check(
        &[
            &sound,
            "--certificate",
            &file(
                "u.toml",
                "[[instrument]]\nname = \"gauge\"\n[instrument.certificate]\nexpanded_uncertainty = 5\n",
            ),
        ],
        "U alone says nothing",
    );
    check(
        &[
            &sound,
            "--zero",
            &recorded("running.parquet"),
            "--block-height",
            "0.5",
        ],
        "no level on the gauge block",
    );
    check(&[&file("cut.parquet", "PAR1")], "cut.parquet");
    let whole = fs::read(root().join(recorded("running.parquet"))).unwrap();
    let mut damaged = whole.clone();
    damaged[10_000] ^= 1;
    let path = dir.path().join("damaged.parquet");
    fs::write(&path, damaged).unwrap();
    check(&[&path.display().to_string()], "it was changed or damaged");
    let current = dir.path().join("current.parquet");
    let description =
        Description::new(Quantity::Current, firmware_units::Microhertz(2_000_000_000));
    write(
        &current,
        &description,
        &[Stretch {
            first_seq: 0,
            values: vec![1; 9],
            exceptions: vec![],
        }],
    )
    .unwrap();
    check(
        &[&current.display().to_string()],
        "is of current; strokes are measured from displacement",
    );
}

fn write(
    path: &Path,
    description: &Description,
    stretches: &[Stretch],
) -> Result<(), Box<dyn std::error::Error>> {
    let mut writer = ParquetWriter::new(Vec::new(), description, "penrig 0.1.0")?;
    for stretch in stretches {
        writer.push(stretch)?;
    }
    fs::write(path, writer.finish(&[])?.0)?;
    Ok(())
}
