//! The binary as its users run it: exit codes, messages, and what it leaves behind.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
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
        .output()
        .expect("the binary runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Runs and checks exit code and a part of stderr.
#[track_caller]
fn check(args: &[&str], code: i32, expected: &str) {
    let output = penrig(args);
    let stderr = text(&output.stderr);
    assert!(stderr.contains(expected), "stderr: {stderr}");
    assert_eq!(output.status.code(), Some(code), "stderr: {stderr}");
}

/// A copy of the spec folder with one file changed.
fn spec_with(
    dir: &TempDir,
    name: &str,
    change: impl Fn(String) -> Option<String>,
) -> io::Result<String> {
    let copy = dir.path().join("spec");
    fs::create_dir(&copy)?;
    for entry in fs::read_dir(root().join("specs/pen-a1"))? {
        let path = entry?.path();
        fs::copy(&path, copy.join(path.file_name().unwrap_or_default()))?;
    }
    let changed = copy.join(name);
    match change(fs::read_to_string(&changed)?) {
        Some(text) => fs::write(&changed, text)?,
        None => fs::remove_file(&changed)?,
    }
    Ok(copy.display().to_string())
}

#[test]
fn unknown_words_are_usage_errors_that_name_what_there_is() {
    check(
        &["qualify", "--bench", "gold"],
        2,
        "unknown bench `gold`; this edition knows: virtual",
    );
    check(
        &["qualify", "--plan", "quick"],
        2,
        "plans.csv has no plan `quick`; it has smoke, release",
    );
    check(&["qualify", "--units", "0"], 2, "--units");
    check(
        &["qualify", "--serial", "PA1-99999999"],
        2,
        "PA1-99999999 is not a pen of this bench's lot",
    );
}

#[test]
fn a_defective_table_is_named_with_line_and_column_and_nothing_runs() {
    let dir = TempDir::new().unwrap();
    let spec = spec_with(&dir, "unit.csv", |text| {
        Some(
            text.replacen("0.50,0.35,0.65", "0.50,0.65,0.35", 1)
                .replacen("guard-band", "guard-bend", 1),
        )
    })
    .unwrap();
    let out = dir.path().join("out").display().to_string();
    let args = ["qualify", "--spec", &spec, "--out", &out];
    check(
        &args,
        2,
        "2 defects in the spec tables; none of them is used",
    );
    check(&args, 2, "unit.csv:2: column `rule`");
    check(&args, 2, "unit.csv:5:");
    assert!(
        !Path::new(&out).exists(),
        "no report folder for a run that never began"
    );
}

#[test]
fn a_missing_table_or_folder_is_an_input_defect() {
    let dir = TempDir::new().unwrap();
    let spec = spec_with(&dir, "plans.csv", |_| None).unwrap();
    check(&["qualify", "--spec", &spec], 2, "plans.csv");
    check(
        &["spec", "check", "no/such/folder"],
        2,
        "cannot read the spec folder `no/such/folder`",
    );
}

#[test]
fn an_image_that_is_not_what_it_says_is_refused() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("image.elf");
    let image = path.display().to_string();
    check(
        &["qualify", "--image", &image],
        2,
        "cannot read the firmware image",
    );
    fs::write(&path, "no elf").unwrap();
    check(
        &["qualify", "--image", &image],
        2,
        "not a whole 32-bit little-endian ELF file",
    );
    let released = fs::read(root().join("firmware/images/pen-a1-1.2.1.elf")).unwrap();
    let mut other = released.clone();
    other[18] = 243;
    fs::write(&path, &other).unwrap();
    check(
        &["qualify", "--image", &image],
        2,
        "built for ELF machine 243, not ARM",
    );
    fs::write(&path, &released).unwrap();
    check(
        &["qualify", "--image", &image],
        2,
        "no provenance for the image",
    );
    let provenance = fs::read_to_string(root().join("firmware/images/pen-a1-1.2.1.toml")).unwrap();
    fs::write(path.with_extension("toml"), provenance).unwrap();
    let mut flipped = released;
    let last = flipped.len() - 1;
    flipped[last] ^= 1;
    fs::write(&path, &flipped).unwrap();
    check(
        &["qualify", "--image", &image],
        2,
        "take both from one release",
    );
}

#[test]
fn a_report_folder_that_cannot_be_written_stops_before_a_bench_is_touched() {
    let dir = TempDir::new().unwrap();
    let file = dir.path().join("file");
    fs::write(&file, "").unwrap();
    let out = file.join("below").display().to_string();
    check(
        &["qualify", "--out", &out],
        1,
        "give another with --out DIR",
    );
}

#[test]
fn a_scenario_with_a_defect_is_named_with_its_line() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("lot.toml");
    let reference = include_str!("../../bench-virtual/scenarios/reference.toml");
    fs::write(
        &path,
        format!("{reference}\n[[fault]]\nname = \"gremlin\"\nunit = \"all\"\ncontained = false\n"),
    )
    .unwrap();
    check(
        &["qualify", "--scenario", &path.display().to_string()],
        2,
        "gremlin",
    );
}

#[test]
fn an_intake_list_is_held_against_the_lot() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("lot.csv");
    let lot = path.display().to_string();
    fs::write(&path, "serial\nPA1-00000001\nPA1-00000001\n").unwrap();
    check(
        &["qualify", "--lot", &lot],
        2,
        "lot.csv:3: column `serial`: `PA1-00000001` stands already in",
    );
    let many = "serial,colour\n,red\nPA1/1,red\n";
    fs::write(&path, many).unwrap();
    let out = dir.path().join("out").display().to_string();
    let args = ["qualify", "--lot", &lot, "--out", &out];
    check(
        &args,
        2,
        "3 defects in the intake list; no unit is run until all are put right",
    );
    check(&args, 2, "lot.csv:1: unknown column `colour`");
    check(&args, 2, "lot.csv:3: column `serial`: `PA1/1`");
    assert!(!Path::new(&out).exists(), "nothing was begun");
    fs::write(&path, b"serial,condition\nPA1-00000001,ge\xf6ffnet\n").unwrap();
    check(&args, 2, "lot.csv: line 2 is not UTF-8; save it as CSV");
    fs::write(&path, "").unwrap();
    check(&args, 2, "lot.csv: table is empty");
    check(
        &["qualify", "--lot", "no/such.csv"],
        2,
        "cannot read the intake list `no/such.csv`",
    );
    fs::write(&path, "serial\nPA1-00000001\n").unwrap();
    check(
        &["qualify", "--lot", &lot, "--serial", "PA1-00000002"],
        2,
        "--serial: serial number PA1-00000002 is not on the intake list",
    );
    let twice = ["--serial", "PA1-00000001", "--serial", "PA1-00000001"];
    check(
        &[&["qualify"], &twice[..]].concat(),
        2,
        "--serial: PA1-00000001 is given twice",
    );
    fs::write(&path, "serial\nXX1-00000001\n").unwrap();
    check(
        &["qualify", "--lot", &lot],
        2,
        "XX1-00000001 is not a pen of this bench's lot",
    );
}

/// Tables that must not differ between runs of the same seed.
const TABLES: [&str; 7] = [
    "results.csv",
    "units.csv",
    "lot.csv",
    "attempts.csv",
    "budgets.csv",
    "anomalies.csv",
    "trace.csv",
];

/// A smoke run of two units; its folder's tables.
fn smoke(out: &Path, jobs: &str) -> io::Result<(Output, Vec<String>)> {
    let out = out.join(format!("jobs-{jobs}"));
    let args = [
        "qualify",
        "--plan",
        "smoke",
        "--units",
        "2",
        "--jobs",
        jobs,
        "--out",
        &out.display().to_string(),
    ];
    let output = penrig(&args);
    let runs = fs::read_dir(&out)?
        .map(|entry| Ok(entry?.path()))
        // The ledger stands beside the run.
        .filter(|path| path.as_ref().map_or(true, |it| it.is_dir()))
        .collect::<io::Result<Vec<PathBuf>>>()?;
    let [run] = runs.as_slice() else {
        panic!("one run folder, not {runs:?}")
    };
    assert!(run.extension().is_none(), "{} is not whole", run.display());
    assert!(run.join("manifest.json").exists());
    let tables = TABLES.iter().map(|name| fs::read_to_string(run.join(name)));
    Ok((output, tables.collect::<io::Result<_>>()?))
}

#[test]
fn a_smoke_run_passes_and_its_tables_do_not_depend_on_jobs() {
    let dir = TempDir::new().unwrap();
    let (output, tables) = smoke(dir.path(), "1").unwrap();
    let shown = format!("{}{}", text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(0), "{shown}");
    assert!(shown.contains("VIRTUAL"), "{shown}");
    let (_, again) = smoke(dir.path(), "2").unwrap();
    for ((name, first), second) in TABLES.iter().zip(&tables).zip(&again) {
        assert_eq!(first, second, "{name}");
        insta::assert_snapshot!(name.replace('.', "_"), first);
    }
}

/// A smoke run of the unit that a scenario breaks: exit code, stdout, and its results.csv.
fn broken_unit(scenario: &str) -> io::Result<(Option<i32>, String, String)> {
    let dir = TempDir::new()?;
    let path = format!("rig/bench-virtual/scenarios/{scenario}.toml");
    let out = dir.path().display().to_string();
    let args = [
        "qualify",
        "--plan",
        "smoke",
        "--scenario",
        &path,
        "--serial",
        "PA1-00000003",
        "--out",
        &out,
    ];
    let output = penrig(&args);
    let mut paths = fs::read_dir(dir.path())?.map(|entry| Ok(entry?.path()));
    let is_folder = |path: &io::Result<PathBuf>| path.as_ref().map_or(true, |it| it.is_dir());
    let run = paths.find(is_folder).ok_or(io::ErrorKind::NotFound)??;
    let results = fs::read_to_string(run.join("results.csv"))?;
    Ok((output.status.code(), text(&output.stdout), results))
}

#[test]
fn a_failing_pen_is_named_with_its_row_on_the_terminal_and_in_the_table() {
    let (code, shown, results) = broken_unit("depth-zero-off").unwrap();
    assert_eq!(code, Some(3), "{shown}");
    assert!(shown.contains("PA1-00000003 DEP-04 fail"), "{shown}");
    let line = results.lines().find(|line| line.contains(",DEP-04,"));
    let line = line.expect("a line for the row");
    assert!(
        line.contains("PA1-00000003") && line.contains(",fail,"),
        "{line}"
    );
}

#[test]
fn a_gauge_that_holds_its_last_value_is_a_bench_error_with_its_exit_code() {
    let (code, shown, results) = broken_unit("gauge-hold").unwrap();
    assert_eq!(code, Some(1), "{shown}");
    assert!(shown.contains("indication held"), "{shown}");
    let line = results.lines().find(|line| line.contains(",DEP-04,"));
    let line = line.expect("a line for the row");
    assert!(
        line.contains("not run: ") && !line.contains(",pass,"),
        "{line}"
    );
}

#[test]
fn the_faults_that_a_scenario_can_name_are_listed_for_people_and_for_programs() {
    let listed = penrig(&["bench", "list", "--faults"]);
    assert_eq!(listed.status.code(), Some(0));
    insta::assert_snapshot!("bench_list_faults", text(&listed.stdout));
    let listed = penrig(&["bench", "list", "--faults", "--format", "json"]);
    let found: serde_json::Value = serde_json::from_slice(&listed.stdout).unwrap();
    let names: Vec<&str> = found["faults"]
        .as_array()
        .unwrap()
        .iter()
        .map(|fault| fault["name"].as_str().unwrap())
        .collect();
    let catalogue: Vec<&str> = rig_bench_virtual::catalog().map(|it| it.name).collect();
    assert_eq!(names, catalogue);
    assert_eq!(found["faults"][0]["parameters"][0]["name"], "um");
    let benches = penrig(&["bench", "list"]);
    assert!(text(&benches.stdout).starts_with("virtual  emulated STM32G071"));
}

#[test]
fn every_defect_of_a_scenario_is_on_stderr_with_its_place_and_nothing_runs() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("lot.toml");
    fs::write(
        &path,
        "[lot]\nunits = -1\n[[fault]]\nname = \"hall-deaf\"\n",
    )
    .unwrap();
    let path = path.display().to_string();
    let output = penrig(&["qualify", "--scenario", &path]);
    assert_eq!(output.status.code(), Some(2));
    insta::assert_snapshot!(text(&output.stderr).replace(&path, "lot.toml"));
}
