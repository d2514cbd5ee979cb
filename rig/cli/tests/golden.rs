//! `penrig bench check --golden` on the virtual bench, and hardware runs that its log refuses.

use std::fs;
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
        .env_remove("SOURCE_DATE_EPOCH")
        .stdin(Stdio::null())
        .output()
        .expect("the binary runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A folder with files in it.
fn folder(files: &[(&str, &str)]) -> TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    }
    dir
}

fn at(dir: &TempDir, name: &str) -> String {
    dir.path().join(name).display().to_string()
}

const HEAD: &str =
    "serial,row,reference,reference_u,unit,allowed_difference,basis,valid_until,shift_h\n";

/// Checks the golden pen of the virtual bench against reference values of its own, given as
/// reference and its U for DEP-04.
fn checked(serial: &str, reference: &str, u: &str, more: &[&str]) -> (TempDir, Output) {
    let line = format!("{serial},DEP-04,{reference},{u},mm,0.020,ours,9999-12-31,8\n");
    let dir = folder(&[("golden.csv", &format!("{HEAD}{line}"))]);
    let golden = format!("--golden={}", at(&dir, "golden.csv"));
    let station = at(&dir, "station");
    let args = ["bench", "check", &golden, "--station", &station];
    let output = penrig(&[&args, more].concat());
    (dir, output)
}

fn log(dir: &TempDir) -> String {
    fs::read_to_string(dir.path().join("station/golden-checks.csv")).unwrap_or_default()
}

#[test]
fn the_virtual_golden_pen_passes_and_each_check_is_appended() {
    let dir = tempfile::tempdir().unwrap();
    let station = at(&dir, "station");
    let args = ["bench", "check", "--golden", "--station", &station];
    let output = penrig(&args);
    let shown = text(&output.stdout);
    assert_eq!(
        output.status.code(),
        Some(0),
        "{shown}{}",
        text(&output.stderr)
    );
    assert!(
        shown.starts_with("PASS  golden pen PA1-00000001 on bench virtual"),
        "{shown}"
    );
    for row in ["DEP-04", "RAT-03"] {
        assert!(shown.contains(row), "{shown}");
    }
    let first = log(&dir);
    assert_eq!(first.lines().count(), 3, "{first}");
    assert_eq!(penrig(&args).status.code(), Some(0));
    let second = log(&dir);
    assert!(second.starts_with(&first), "what was logged is left alone");
    assert_eq!(second.lines().count(), 5, "{second}");
}

#[test]
fn a_golden_pen_beyond_what_is_allowed_fails_and_is_logged() {
    let (dir, output) = checked("PA1-00000001", "1.600", "0.006", &[]);
    let shown = text(&output.stdout);
    assert_eq!(output.status.code(), Some(3), "{shown}");
    assert!(shown.starts_with("FAIL  golden pen"), "{shown}");
    assert!(
        shown.contains("0.020000 mm allowed, fail: beyond the allowed difference"),
        "{shown}"
    );
    assert!(
        log(&dir).contains(",fail,beyond the allowed difference,fail,"),
        "{}",
        log(&dir)
    );

    // A pen whose zero has moved by 0.3 mm since its values were taken.
    let scenario = "rig/bench-virtual/scenarios/depth-zero-off.toml";
    let (_, output) = checked("PA1-00000003", "1.507", "0.006", &["--scenario", scenario]);
    assert_eq!(output.status.code(), Some(3), "{}", text(&output.stdout));
}

#[test]
fn a_reference_that_is_hardly_known_leaves_it_open() {
    let (dir, output) = checked("PA1-00000001", "1.500", "0.050", &[]);
    let shown = text(&output.stdout);
    assert_eq!(output.status.code(), Some(4), "{shown}");
    assert!(shown.starts_with("INCONCLUSIVE"), "{shown}");
    assert!(log(&dir).contains(",inconclusive,"), "{}", log(&dir));
}

#[test]
fn a_gauge_that_holds_its_value_is_a_check_without_a_measurement() {
    let scenario = "rig/bench-virtual/scenarios/gauge-hold.toml";
    let (dir, output) = checked("PA1-00000003", "1.507", "0.006", &["--scenario", scenario]);
    let shown = text(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{shown}");
    assert!(shown.starts_with("NOT MEASURED"), "{shown}");
    assert!(shown.contains("indication held"), "{shown}");
    assert!(log(&dir).contains(",not measured,"), "{}", log(&dir));
}

#[test]
fn what_cannot_be_checked_is_refused_before_a_pen_is_run() {
    let (dir, output) = checked("PA1-00000001", "1.5O", "0.006", &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("golden.csv:2: column `reference`"));
    assert_eq!(log(&dir), "");
    let (_, output) = checked("PA1-00000099", "1.5", "0.006", &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        text(&output.stderr).contains("golden pen PA1-00000099 is not a pen of this bench's lot")
    );
    let output = penrig(&["bench", "check"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("which bench?"));
    // A log that is something else is not added to.
    let dir = folder(&[("station/golden-checks.csv", "a,b\n1,2\n")]);
    let station = at(&dir, "station");
    let output = penrig(&["bench", "check", "--golden", "--station", &station]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(log(&dir), "a,b\n1,2\n");
}

/// What `qualify` says of a bench file whose golden pen was checked so; the bench itself does not
/// exist, so whatever is said, it was not opened before.
fn refused(golden: &str, checks: &str) -> String {
    let example = fs::read_to_string(root().join("rig/bench-hardware/bench.toml")).expect("a text");
    let section = example.find("[golden]").expect("a section");
    let bench = format!("{}{golden}", &example[..section]);
    let line = "PA1-00000042,DEP-04,1.503,0.006,mm,0.020,ours,9999-12-31,8\n";
    let values = format!("{HEAD}{line}");
    let dir = folder(&[
        ("bench.toml", &bench),
        ("golden.csv", &values),
        ("old.csv", &values.replace("9999-12-31", "2026-01-01")),
        ("station/golden-checks.csv", checks),
    ]);
    let file = at(&dir, "bench.toml");
    let out = at(&dir, "out");
    let output = penrig(&[
        "qualify",
        "--serial",
        "PA1-00000001",
        "--bench",
        &file,
        "--out",
        &out,
    ]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    assert!(!Path::new(&out).exists());
    text(&output.stderr).replace(&file, "bench.toml")
}

const KEPT: &str = "[golden]\nkept = \"yes\"\nfile = \"golden.csv\"\nstation = \"station\"\n";
const LOG_HEAD: &str = "checked,bench,serial,row,line,of,value,expanded,reference,reference_u,difference,difference_u,allowed,unit,verdict,why,check,golden_sha256,operator,tool_version\n";
/// SHA-256 of the reference values above.
const SHA256: &str = "54db69f2260a516fa19a2f2db7ccc0033f623e8af8093ebb6e340f2f376fef85";

fn check_line(checked: &str, verdict: &str, sha256: &str) -> String {
    format!(
        "{LOG_HEAD}{checked},bench-03,PA1-00000042,DEP-04,1,1,1.503000,0.005000,1.503000,0.006000,0.000000,0.007811,0.020000,mm,{verdict},,{verdict},{sha256},,0.1.0\n"
    )
}

#[test]
fn a_hardware_run_is_refused_without_a_check_that_passed_within_the_shift() {
    let todo = "; put golden pen PA1-00000042 into the fixture and run `penrig bench check --golden --bench bench.toml`\n";
    assert_eq!(
        refused(KEPT, ""),
        format!("penrig: no golden pen was ever checked on bench bench-03{todo}")
    );
    let old = "2026-05-04T06:00:00Z";
    assert_eq!(
        refused(KEPT, &check_line(old, "pass", SHA256)),
        format!("penrig: the check of the golden pen at {old} is older than a shift of 8 h{todo}")
    );
    assert_eq!(
        refused(KEPT, &check_line(old, "fail", SHA256)),
        format!("penrig: the check of the golden pen at {old} ended with `fail`{todo}")
    );
    assert_eq!(
        refused(KEPT, &check_line(old, "pass", "0000")),
        format!(
            "penrig: the check of the golden pen at {old} was against another file of reference values{todo}"
        )
    );
    assert_eq!(
        refused(&KEPT.replace("golden.csv", "old.csv"), ""),
        "penrig: the reference values of golden pen PA1-00000042 held until 2026-01-01; have it measured anew and enter them\n"
    );
    let silent = refused("", "");
    assert!(
        silent.contains("does not speak of a golden pen"),
        "{silent}"
    );
}

#[test]
fn a_bench_that_keeps_none_on_purpose_is_opened() {
    let said = refused(
        "[golden]\nkept = \"no\"\nreason = \"a bench of an afternoon\"\n",
        "",
    );
    // Whatever part is not there, it was looked for.
    assert!(!said.contains("golden"), "{said}");
}
