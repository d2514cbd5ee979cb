//! What the person at the bench sees of `penrig qualify`, on a pseudo-terminal; and that a program
//! sees nothing of it.
#![cfg(unix)]

use pty::{Terminal, interrupt};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tempfile::TempDir;

mod pty;

/// The one run in a folder of runs.
fn only_run(out: &Path) -> PathBuf {
    let runs: Vec<PathBuf> = fs::read_dir(out)
        .expect("a folder")
        .map(|it| it.expect("an entry").path())
        // The ledger stands beside it.
        .filter(|it| it.is_dir())
        .collect();
    let [run] = &runs[..] else {
        panic!("one run, not {runs:?}")
    };
    run.clone()
}

#[test]
fn progress_and_verdicts_are_shown_large_at_a_terminal() {
    let dir = TempDir::new().unwrap();
    let out = dir.path().join("out").display().to_string();
    let scenario = "rig/bench-virtual/scenarios/depth-zero-off.toml";
    let args = [
        "qualify",
        "--plan",
        "smoke",
        "--scenario",
        scenario,
        "--serial",
        "PA1-00000003",
        "--serial",
        "PA1-00000001",
        "--jobs",
        "1",
        "--out",
        &out,
    ];
    let stdout = File::create(dir.path().join("stdout")).unwrap();
    let mut terminal = Terminal::start(&args, &[], Some(stdout.into())).unwrap();
    terminal.wait_for("PA1-00000001").unwrap();
    terminal.wait_for("0/5 rows").unwrap();
    terminal.wait_for("0/2 units").unwrap();
    terminal.wait_for("time left unknown").unwrap();
    // A band for the unit, in white on blue, and it stays in sight.
    terminal
        .wait_for("\u{1b}[38;5;231m\u{1b}[48;5;25m\u{1b}[1m║  ✔ PASS   PA1-00000001 VIRTUAL   5 of 5 required rows pass")
        .unwrap();
    terminal.wait_for("last ").unwrap();
    terminal.wait_for(" ✔ PASS ").unwrap();
    let (code, screen) = terminal.end().unwrap();
    // Nothing is required of the second pen in the lot by plan smoke.
    assert_eq!(code, Some(0), "{screen:?}");
    assert!(screen.contains("████   ███   ████  ████ "), "{screen:?}");
    assert!(
        screen.contains("virtual, not for product release"),
        "{screen:?}"
    );
    let said = fs::read_to_string(dir.path().join("stdout")).unwrap();
    assert!(said.starts_with("MEETS PLAN  VIRTUAL"), "{said}");
    assert!(!said.contains('\u{1b}') && !said.contains('█'), "{said}");
}

#[test]
fn a_failing_pen_is_named_below_its_word_and_no_color_is_heeded() {
    let dir = TempDir::new().unwrap();
    let out = dir.path().join("out").display().to_string();
    let scenario = "rig/bench-virtual/scenarios/depth-zero-off.toml";
    let args = [
        "qualify",
        "--plan",
        "smoke",
        "--scenario",
        scenario,
        "--serial",
        "PA1-00000003",
        "--out",
        &out,
    ];
    let mut terminal = Terminal::start(&args, &[("NO_COLOR", "1")], None).unwrap();
    terminal.wait_for("rows").unwrap();
    let (code, screen) = terminal.end().unwrap();
    assert_eq!(code, Some(3), "{screen:?}");
    // The emblem and FAIL, each row by itself.
    for row in [
        "  █   █   █████  ███  ███ █    ",
        "    █     ███   █████  █  █    ",
        "  █   █   █     █   █ ███ █████",
    ] {
        assert!(screen.contains(row.trim_end()), "{row} in {screen}");
    }
    assert!(
        screen.contains("lot held: one failing pen: PA1-00000003"),
        "{screen:?}"
    );
    assert!(
        !screen.contains("\u{1b}[38;") && !screen.contains("\u{1b}[48;"),
        "{screen:?}"
    );
}

#[test]
fn a_pipe_gets_the_result_alone() {
    let dir = TempDir::new().unwrap();
    let out = dir.path().join("out").display().to_string();
    let output = Command::new(env!("CARGO_BIN_EXE_penrig"))
        .args([
            "qualify", "--plan", "smoke", "--units", "1", "--format", "json",
        ])
        .args(["--lot", "rig/cli/examples/lot.csv", "--out", &out])
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."))
        .env("SOURCE_DATE_EPOCH", "1767225600")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    let said: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let run = only_run(dir.path().join("out").as_path());
    assert_eq!(said["folder"], run.display().to_string());
    assert_eq!(said["exit"]["code"], 0);
    let shown = String::from_utf8(output.stdout).unwrap();
    // The ledger's hash is over that of the program, too; it is the last line's.
    let ledger = fs::read_to_string(dir.path().join("out/ledger.jsonl")).unwrap();
    let head = rig_spec::sha256(ledger.lines().last().unwrap().as_bytes());
    assert_eq!(said["ledger_head"], head.as_str());
    let shown = shown.replace(&head, "HEAD").replace(&out, "OUT");
    insta::assert_snapshot!("qualify_json", shown);
    // The bundle has the same for CI, and what the intake list says.
    let junit = fs::read_to_string(run.join("junit.xml")).unwrap();
    insta::assert_snapshot!("junit_xml", junit);
    assert!(junit.contains("WO-2026-014"), "{junit}");
    let manifest = fs::read_to_string(run.join("manifest.json")).unwrap();
    assert!(manifest.contains("\"junit.xml\""), "{manifest}");
    // The list is an input like any other: a copy of it, its hash, and how the program was made.
    let list = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/lot.csv");
    let list = fs::read(list).unwrap();
    assert_eq!(fs::read(run.join("inputs/lot.csv")).unwrap(), list);
    assert!(manifest.contains("\"inputs/lot.csv\""), "{manifest}");
    let table = fs::read_to_string(run.join("run.csv")).unwrap();
    let value = |key: &str| {
        let line = table.lines().find_map(|it| it.strip_prefix(key));
        let value = line.and_then(|it| it.strip_prefix(','));
        value.unwrap_or_else(|| panic!("{key}: {table}")).to_owned()
    };
    assert_eq!(value("intake list"), "lot.csv,");
    let hash = format!("{},", rig_spec::sha256(&list));
    assert_eq!(value("intake list sha256"), hash);
    assert!(value("compiler").starts_with("rustc 1."), "{table}");
    assert_eq!(value("sequence generator"), "version 2,");
    assert!(!table.contains("previous run of the lot"), "{table}");
}

#[test]
fn a_failing_row_is_in_the_document_with_its_limits_and_files() {
    let dir = TempDir::new().unwrap();
    let out = dir.path().join("out").display().to_string();
    let scenario = "rig/bench-virtual/scenarios/depth-zero-off.toml";
    let output = Command::new(env!("CARGO_BIN_EXE_penrig"))
        .args([
            "qualify",
            "--plan",
            "smoke",
            "--scenario",
            scenario,
            "--format",
            "json",
        ])
        .args(["--serial", "PA1-00000003", "--out", &out])
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."))
        .env("SOURCE_DATE_EPOCH", "1767225600")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(3));
    let said: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (&said["exit"]["code"], &said["units"]["fail"]),
        (&3.into(), &1.into())
    );
    let rows = said["pens"][0]["not_pass"].as_array().unwrap();
    let row = rows.iter().find(|it| it["row"] == "DEP-04").unwrap();
    insta::assert_snapshot!(
        "failing_row_json",
        serde_json::to_string_pretty(row).unwrap()
    );
    let file = row["files"][0].as_str().unwrap();
    let run = only_run(dir.path().join("out").as_path());
    assert!(run.join(file).exists(), "{file}");
    let junit = fs::read_to_string(run.join("junit.xml")).unwrap();
    assert!(junit.contains(&format!("[[ATTACHMENT|{file}]]")), "{junit}");
}

#[test]
fn an_interrupt_is_answered_at_once_parks_the_pen_and_keeps_the_record() {
    let dir = TempDir::new().unwrap();
    let out = dir.path().join("out").display().to_string();
    let args = [
        "qualify", "--plan", "release", "--units", "2", "--jobs", "1", "--out", &out,
    ];
    let mut terminal = Terminal::start(&args, &[], None).unwrap();
    // In the middle of the first pen.
    terminal.wait_for("2/30 rows").unwrap();
    interrupt(&terminal.program).unwrap();
    terminal
        .wait_for(
            "penrig: stopping: parking the pen and keeping the record; once more to leave at once",
        )
        .unwrap();
    let (code, screen) = terminal.end().unwrap();
    assert_eq!(code, Some(130), "{screen:?}");
    assert!(screen.contains("interrupted; record kept"), "{screen:?}");
    // NO VERDICT: the third row of the emblem and of the first two letters.
    assert!(screen.contains("  █████   █ █ █ █   █ "), "{screen:?}");
    let run = only_run(dir.path().join("out").as_path());
    // It can be resumed.
    assert!(run.extension().is_some_and(|it| it == "partial"));
    let units = fs::read_to_string(run.join("units.csv")).unwrap();
    let of = |serial: &str| {
        let line = units.lines().find(|it| it.contains(serial));
        line.unwrap_or_default().to_owned()
    };
    for serial in ["PA1-00000001", "PA1-00000002"] {
        assert!(of(serial).contains(",aborted: interrupted,"), "{units}");
        assert!(of(serial).contains(",undecided,"), "{units}");
    }
    let results = fs::read_to_string(run.join("results.csv")).unwrap();
    let line = |row: &str| {
        let line = results.lines().find(|it| it.contains(row));
        line.unwrap_or_default().to_owned()
    };
    // What was measured before stays, in doubt, since the gauge block was not looked at again; what
    // was not says why.
    let first = line(",DEP-00a,");
    assert!(
        first.contains(",inconclusive,datum not checked afterwards,"),
        "{first}"
    );
    assert!(results.contains("not run: run aborted before"), "{results}");
    let junit = fs::read_to_string(run.join("junit.xml")).unwrap();
    assert!(junit.contains("type=\"interrupted\""), "{junit}");
}

#[test]
fn a_second_interrupt_leaves_at_once_and_the_folder_says_that_it_is_not_whole() {
    let dir = TempDir::new().unwrap();
    let out = dir.path().join("out").display().to_string();
    let args = [
        "qualify",
        "--plan",
        "endurance",
        "--units",
        "1",
        "--out",
        &out,
    ];
    let mut terminal = Terminal::start(&args, &[], None).unwrap();
    terminal.wait_for("rows").unwrap();
    interrupt(&terminal.program).unwrap();
    interrupt(&terminal.program).unwrap();
    let (code, screen) = terminal.end().unwrap();
    assert_eq!(code, Some(130), "{screen:?}");
    let run = only_run(dir.path().join("out").as_path());
    // Two signals that come as one are one.
    let left = screen.contains("left at once");
    assert!(run.extension().is_some_and(|it| it == "partial"));
    assert_eq!(left, !run.join("units.csv").exists(), "{screen:?}");
}

#[test]
fn at_a_hardware_bench_the_pen_is_asked_for_and_an_answer_is_held_against_form_and_list() {
    let dir = TempDir::new().unwrap();
    let list = dir.path().join("lot.csv");
    fs::write(&list, "serial\nPA1-00000002\nPA1-00000003\n").unwrap();
    // No such bench is there: what comes after the question fails.
    let example = "rig/bench-hardware/bench.toml";
    let bench = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(example);
    let bench = fs::read_to_string(bench).unwrap();
    let at = bench.find("[golden]").unwrap();
    let bench = format!(
        "{}[golden]\nkept = \"no\"\nreason = \"a test\"\n",
        &bench[..at]
    );
    let file = dir.path().join("bench.toml");
    fs::write(&file, bench).unwrap();
    let (file, list) = (file.display().to_string(), list.display().to_string());
    let out = dir.path().join("out").display().to_string();
    let args = ["qualify", "--bench", &file, "--lot", &list, "--out", &out];
    let ask = "scan or type it, nothing to leave: ";
    let mut terminal = Terminal::start(&args, &[], None).unwrap();
    terminal.wait_for(ask).unwrap();
    terminal.type_keys("PA1/2\r").unwrap();
    terminal.wait_for("`PA1/2` is not a serial number").unwrap();
    terminal.wait_for(ask).unwrap();
    terminal.type_keys("PA1-00000009\r").unwrap();
    terminal
        .wait_for("serial number PA1-00000009 is not on the intake list")
        .unwrap();
    terminal.wait_for(ask).unwrap();
    terminal.type_keys("PA1-00000003\r").unwrap();
    let (code, screen) = terminal.end().unwrap();
    assert_eq!(code, Some(1), "{screen:?}");
    assert!(!Path::new(&out).exists());
    // Nothing typed: nothing run.
    let mut terminal = Terminal::start(&args, &[], None).unwrap();
    terminal.wait_for(ask).unwrap();
    terminal.type_keys("\r").unwrap();
    let (code, screen) = terminal.end().unwrap();
    assert_eq!(code, Some(2), "{screen:?}");
    assert!(screen.contains("no serial number was given"), "{screen:?}");
}

#[test]
fn without_a_person_there_is_nobody_to_ask() {
    let output = Command::new(env!("CARGO_BIN_EXE_penrig"))
        .args(["qualify", "--bench", "rig/bench-hardware/bench.toml"])
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."))
        .env_remove("SOURCE_DATE_EPOCH")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        said.contains("which pen lies in the fixture? Give --serial SN"),
        "{said}"
    );
}
