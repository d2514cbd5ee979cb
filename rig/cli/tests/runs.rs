//! What is done with a run afterwards: read back, judged anew, searched, held.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn penrig(out: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_penrig"))
        .current_dir(root())
        .env("SOURCE_DATE_EPOCH", "1767225600")
        .args(args)
        .arg("--out")
        .arg(out)
        .output()
        .expect("a run that the test made")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Runs, and gives stdout and stderr.
#[track_caller]
fn check(out: &Path, args: &[&str], code: i32) -> String {
    let output = penrig(out, args);
    let all = text(&output.stdout) + &text(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{args:?}: {all}");
    all
}

/// One run of plan smoke over one pen whose depth zero is out by 0.16 mm: it fails DEP-04.
fn failing_run(dir: &TempDir) -> PathBuf {
    let reference = root().join("rig/bench-virtual/scenarios/reference.toml");
    let text = fs::read_to_string(reference).expect("a run that the test made");
    let fault = "\n[[fault]]\nname = \"depth-zero-off\"\nunit = \"PA1-00000001\"\num = 160\ncontained = false\n";
    let scenario = dir.path().join("off.toml");
    fs::write(&scenario, text + fault).expect("a run that the test made");
    let out = dir.path().join("out");
    let scenario = scenario.to_string_lossy();
    let args = ["qualify", "--plan", "smoke", "--units", "1", "--scenario"];
    check(&out, &[&args[..], &[&scenario]].concat(), 3);
    out
}

const RUN: &str = "20260101T000000Z-smoke";

/// A copy of the spec with one table changed.
fn spec_with(dir: &TempDir, table: &str, from: &str, to: &str) -> String {
    let folder = dir.path().join("spec");
    fs::create_dir_all(&folder).expect("a run that the test made");
    for entry in fs::read_dir(root().join("specs/pen-a1")).expect("a run that the test made") {
        let path = entry.expect("a run that the test made").path();
        let text = fs::read_to_string(&path).expect("a run that the test made");
        let name = path.file_name().expect("a run that the test made");
        let text = if name == table {
            assert!(text.contains(from), "{table} has {from}");
            text.replacen(from, to, 1)
        } else {
            text
        };
        fs::write(folder.join(name), text).expect("a run that the test made");
    }
    folder.to_string_lossy().into_owned()
}

#[test]
fn a_report_made_anew_has_the_same_bytes() {
    let dir = TempDir::new().unwrap();
    let out = failing_run(&dir);
    let again = dir.path().join("again");
    let said = check(&out, &["report", RUN, "--to", &again.to_string_lossy()], 3);
    assert!(said.contains("DEP-04 fail"), "{said}");
    for entry in fs::read_dir(&again).unwrap() {
        let path = entry.unwrap().path();
        let there = out.join(RUN).join(path.file_name().unwrap());
        assert_eq!(
            fs::read(&path).unwrap(),
            fs::read(&there).unwrap(),
            "{there:?}"
        );
    }
    let refused = check(&out, &["report", RUN, "--to", &again.to_string_lossy()], 2);
    assert!(
        refused.contains("is there already and not empty"),
        "{refused}"
    );
    check(&out, &["report", "nowhere"], 2);
}

#[test]
fn another_revision_changes_verdicts_and_nothing_else() {
    let dir = TempDir::new().unwrap();
    let out = failing_run(&dir);
    let line = fs::read_to_string(root().join("specs/pen-a1/unit.csv")).unwrap();
    let line = line.lines().find(|it| it.starts_with("DEP-04,")).unwrap();
    assert!(line.contains(",1.65,"), "{line}");
    let wider = line.replace(",1.65,", ",1.95,");
    let spec = spec_with(&dir, "unit.csv", line, &wider);
    let to = dir.path().join("rejudged");
    let to = to.to_string_lossy();
    let before = fs::read(out.join(RUN).join("results.csv")).unwrap();
    let said = check(&out, &["rejudge", RUN, "--spec", &spec, "--to", &to], 0);
    assert!(said.starts_with("RETROSPECTIVE  VIRTUAL"), "{said}");
    assert!(
        said.contains("PA1-00000001  DEP-04: fail, now pass"),
        "{said}"
    );
    assert!(said.contains("verdicts     1 of "), "{said}");
    assert_eq!(fs::read(out.join(RUN).join("results.csv")).unwrap(), before);
    let table = fs::read_to_string(Path::new(&*to).join("rejudged.csv")).unwrap();
    let row = table.lines().find(|it| it.contains(",DEP-04,")).unwrap();
    insta::assert_snapshot!(row);
}

#[test]
fn what_was_measured_under_another_condition_is_not_judged_by_it() {
    let dir = TempDir::new().unwrap();
    let out = failing_run(&dir);
    let line = fs::read_to_string(root().join("specs/pen-a1/unit.csv")).unwrap();
    let line = line.lines().find(|it| it.starts_with("DEP-04,")).unwrap();
    let slower = line.replacen(",116.667,", ",100,", 1);
    assert_ne!(line, slower);
    let spec = spec_with(&dir, "unit.csv", line, &slower);
    let said = check(&out, &["rejudge", RUN, "--spec", &spec], 4);
    assert!(
        said.contains("DEP-04: fail, now not run: precondition: measured with rate_per_s `116.667`, the row now says `100`"),
        "{said}"
    );
}

#[test]
fn an_instrument_leads_to_every_result_that_rests_on_it() {
    let dir = TempDir::new().unwrap();
    let out = failing_run(&dir);
    let list = |instrument: &str, since: &str| {
        let output = penrig(
            &out,
            &["affected", "--instrument", instrument, "--since", since],
        );
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        text(&output.stdout)
    };
    let by_name = list("gauge", "2026-01-01");
    assert!(by_name.contains(",DEP-04,"), "{by_name}");
    let by_tachometer = list("tachometer", "2026-01-01");
    assert!(by_tachometer.contains(",RAT-03,") && !by_tachometer.contains(",DEP-04,"));
    assert_eq!(list("VIRTUAL-GAUGE", "2025-12-31"), by_name);
    assert_eq!(
        list("gauge", "2026-01-02").lines().count(),
        1,
        "later than the run"
    );
    assert_eq!(list("micrometer", "2026-01-01").lines().count(), 1);
    check(
        &out,
        &["affected", "--instrument", "gauge", "--since", "last week"],
        2,
    );
    // What was measured of a unit that was cut short is not kept quiet about.
    let cut = |name: &str, lines: &dyn Fn(usize) -> usize| {
        let path = out.join(RUN).join(name);
        let text = fs::read_to_string(&path).unwrap();
        let kept: Vec<&str> = text.lines().take(lines(text.lines().count())).collect();
        fs::write(&path, kept.join("\n") + "\n").unwrap();
    };
    cut("journal/run.jsonl", &|_| 1);
    cut("journal/00001-PA1-00000001.jsonl", &|it| it - 1);
    // Without an end, nobody knows that it was over by then.
    let args = ["affected", "--instrument", "gauge", "--since", "2026-01-02"];
    let said = check(&out, &args, 2);
    assert!(said.contains("PA1-00000001 was cut short"), "{said}");
    // A run that cannot be read may have been affected too.
    fs::write(out.join(RUN).join("journal/run.jsonl"), "{}\n{}\n").unwrap();
    let said = check(
        &out,
        &["affected", "--instrument", "gauge", "--since", "2026-01-01"],
        2,
    );
    assert!(said.contains("the list may not be whole"), "{said}");
}

#[test]
fn a_failure_is_remembered_and_deviations_and_holds_are_only_added() {
    let dir = TempDir::new().unwrap();
    let out = failing_run(&dir);
    let add = |serial: &str, reason: &str, code| {
        let args = ["deviation", "add", "--by", "Q", "--serial", serial];
        check(&out, &[&args[..], &["--reason", reason]].concat(), code)
    };
    assert!(add("PA1-00000002", "x", 2).contains("has no failure in this ledger"));
    assert!(add("PA1-00000001", " ", 2).contains("--reason is empty"));
    let added = add("PA1-00000001", "zero was set wrong", 0);
    assert!(
        added.contains(
            "deviation 1: PA1-00000001 may be tested once more; it failed DEP-04 in run 1"
        ),
        "{added}"
    );
    let again = check(&out, &["qualify", "--plan", "smoke", "--units", "1"], 0);
    let told: Vec<&str> = again
        .lines()
        .filter(|it| it.contains("tested again") || it.contains("falsely accepted"))
        .collect();
    insta::assert_snapshot!(told.join("\n"));
    let second = fs::read_to_string(out.join(format!("{RUN}-2")).join("run.csv")).unwrap();
    let before = format!("\nprevious run of the lot,{RUN},\n");
    assert!(second.contains(&before), "{second}");
    let held = check(
        &out,
        &[
            "hold",
            "--lot",
            "REF-2026-01",
            "--by",
            "Q",
            "--reason",
            "gauge",
        ],
        0,
    );
    assert!(held.contains("hold 1: REF-2026-01 is held; nothing here releases it"));
    check(&out, &["hold", "--by", "Q", "--reason", "gauge"], 2);
    let elsewhere = dir.path().join("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    let args = ["hold", "--serial", "A", "--by", "Q", "--reason", "r"];
    assert!(check(&elsewhere, &args, 2).contains("has no ledger"));
    let ledger = fs::read_to_string(out.join("ledger.jsonl")).unwrap();
    assert_eq!(ledger.lines().count(), 6, "{ledger}");
}
