//! What runs say together: counted by hand, by way of an index that may be lost, stale or broken.

use rusqlite::Connection;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use tempfile::TempDir;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// On a day of January 2026.
fn penrig(day: u32, args: &[&str]) -> Output {
    let epoch = 1_767_225_600 + 86_400 * (day - 1);
    Command::new(env!("CARGO_BIN_EXE_penrig"))
        .current_dir(root())
        .env("SOURCE_DATE_EPOCH", epoch.to_string())
        .args(args)
        .output()
        .expect("the binary runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// One run of plan smoke, which draws one pen, of a lot, with what else its scenario says.
#[track_caller]
fn qualify(out: &Path, day: u32, lot: &str, more: &str, code: i32) {
    let reference = root().join("rig/bench-virtual/scenarios/reference.toml");
    let scenario = fs::read_to_string(reference).expect("the scenario is there");
    let scenario = scenario.replace("REF-2026-01", lot) + more;
    let path = out.with_extension(format!("{lot}-{day}.toml"));
    fs::write(&path, scenario).expect("a scenario can be written");
    let (path, out) = (path.to_string_lossy(), out.to_string_lossy());
    let args = ["qualify", "--plan", "smoke", "--units", "1"];
    let rest = ["--scenario", &*path, "--out", &*out];
    let output = penrig(day, &[&args[..], &rest].concat());
    let said = text(&output.stdout) + &text(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{said}");
}

/// Needles 0.17 mm further out than the factory record says: DEP-04 fails.
const OFF: &str = "\n[[fault]]\nname = \"depth-zero-off\"\nunit = \"PA1-00000001\"\num = 170\ncontained = false\n";
/// A gauge that holds its last value: the rig gives up, and nothing is decided.
const STALE: &str = "\n[[fault]]\nname = \"gauge-hold\"\nunit = \"PA1-00000001\"\n";

/// Lot REF: fails, then passes. Lot B: passes. Lot C: undecided.
fn four_runs(dir: &TempDir) -> PathBuf {
    let out = dir.path().join("out");
    qualify(&out, 1, "REF", OFF, 3);
    qualify(&out, 2, "REF", "", 0);
    qualify(&out, 3, "B", "", 0);
    qualify(&out, 4, "C", STALE, 1);
    out
}

/// Stdout and stderr of `history`.
#[track_caller]
fn history(out: &[&Path], args: &[&str], code: i32) -> (String, String) {
    let mut all = vec!["history".to_owned()];
    for it in out {
        all.extend(["--out".to_owned(), it.to_string_lossy().into_owned()]);
    }
    all.extend(args.iter().map(|it| (*it).to_owned()));
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    let output = penrig(31, &all);
    let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(
        output.status.code(),
        Some(code),
        "{args:?}: {stdout}{stderr}"
    );
    (stdout, stderr)
}

/// A figure of a lot.
#[track_caller]
fn figure(json: &str, pointer: &str) -> serde_json::Value {
    let value: serde_json::Value = serde_json::from_str(json).expect("one JSON object");
    value.pointer(pointer).cloned().unwrap_or_default()
}

#[test]
fn counts_are_those_by_hand_and_the_same_however_the_index_was_made() {
    let dir = TempDir::new().unwrap();
    let out = dir.path().join("out");
    let out = out.as_path();
    // A run at a time, so that the index grows as the folder does.
    qualify(out, 1, "REF", OFF, 3);
    let (_, said) = history(&[out], &[], 0);
    assert!(said.contains("1 of 1 run folders in"), "{said}");
    qualify(out, 2, "REF", "", 0);
    qualify(out, 3, "B", "", 0);
    history(&[out], &[], 0);
    qualify(out, 4, "C", STALE, 1);
    let (grown, said) = history(&[out], &[], 0);
    assert!(said.contains("1 of 4 run folders in"), "{said}");
    insta::assert_snapshot!("history", grown);
    let (json, said) = history(&[out], &["--format", "json"], 0);
    assert_eq!(said, "", "nothing is read anew");
    for (pointer, expected) in [
        ("/kind", serde_json::json!("VIRTUAL")),
        ("/lots/0/lot", "REF".into()),
        ("/lots/0/runs", 2.into()),
        ("/lots/0/units", 1.into()),
        ("/lots/0/first_pass", 0.into()),
        ("/lots/0/last_met", 1.into()),
        ("/lots/0/turned", serde_json::json!(["PA1-00000001"])),
        ("/lots/1/lot", "B".into()),
        ("/lots/1/first_pass", 1.into()),
        ("/lots/2/lot", "C".into()),
        ("/lots/2/first_pass", 0.into()),
        ("/lots/2/last_met", 0.into()),
        ("/runs/0/disposition", "held".into()),
        ("/unread", serde_json::json!([])),
    ] {
        assert_eq!(figure(&json, pointer), expected, "{pointer}");
    }
    let row = ["--row", "DEP-04"];
    let (chart, _) = history(&[out], &row, 0);
    insta::assert_snapshot!("history_row", chart);
    let in_json = [&row[..], &["--format", "json"]].concat();
    let (chart_json, _) = history(&[out], &in_json, 0);
    // The value that failed counts, not the one of the second test.
    let first = figure(&chart_json, "/row/benches/0/points/0/value");
    let results = fs::read_to_string(out.join("20260101T000000Z-smoke/results.csv")).unwrap();
    let line = results.lines().find(|it| it.contains(",DEP-04,")).unwrap();
    assert!(line.contains(&format!("{first}")), "{first}: {line}");

    let (rebuilt, _) = history(&[out], &["--rebuild"], 0);
    assert_eq!(rebuilt, grown);
    fs::remove_file(out.join("history.sqlite")).unwrap();
    assert_eq!(history(&[out], &[], 0).0, grown);
    assert_eq!(history(&[out], &["--format", "json"], 0).0, json);
    assert_eq!(history(&[out], &in_json, 0).0, chart_json);
}

#[test]
fn an_index_that_is_lost_stale_broken_or_touched_changes_no_figure() {
    let dir = TempDir::new().unwrap();
    let out = four_runs(&dir);
    let out = out.as_path();
    let index = out.join("history.sqlite");
    let expected = history(&[out], &[], 0).0;
    let check = |said: &str| {
        let (found, notes) = history(&[out], &[], 0);
        assert_eq!(found, expected, "{said}");
        assert!(notes.contains(said), "{said}: {notes}");
        assert!(history(&[out], &[], 0).1.is_empty(), "{said}: mended once");
    };
    fs::write(&index, "this is no database\n".repeat(100)).unwrap();
    check("is no index");
    fs::write(&index, "").unwrap();
    check("is empty; made anew");
    let half = fs::read(&index).unwrap();
    fs::write(&index, &half[..half.len() / 2]).unwrap();
    check("made anew");
    let execute = |sql: &str| {
        let connection = Connection::open(&index).unwrap();
        assert!(connection.execute_batch(sql).is_ok(), "{sql}");
    };
    execute("PRAGMA user_version = 99");
    check("is an index of version 99, this program keeps 1; made anew");
    execute("DROP TABLE result");
    check("cannot be read");
    // Somebody makes a failing pen pass in the index alone.
    execute("UPDATE unit SET standing = 'meets plan', is_first_pass = 1");
    check("2 of 4 run folders in");
    execute("UPDATE result SET value = value - 1000 WHERE row = 'DEP-04'");
    check("run folders in");
    execute("DELETE FROM run WHERE lot = 'B'");
    check("1 of 4 run folders in");

    execute("PRAGMA application_id = 7");
    let (_, said) = history(&[out], &["--rebuild"], 2);
    assert!(said.contains("is a database of another program"), "{said}");
    assert!(index.exists());
}

/// `history` with these arguments, begun and not waited for.
fn begin_history(out: &Path, args: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_penrig"))
        .current_dir(root())
        .args(["history", "--out"])
        .arg(out)
        .args(args)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs")
}

#[test]
fn many_at_once_give_the_same_figures_and_leave_a_sound_index() {
    let dir = TempDir::new().unwrap();
    let out = four_runs(&dir);
    let out = out.as_path();
    let expected = history(&[out], &[], 0).0;
    let index = out.join("history.sqlite");
    let mut in_use = 0;
    for round in 0..12 {
        // None there, one there, one that is broken.
        match round % 3 {
            0 => fs::remove_file(&index).unwrap(),
            1 => {}
            _ => fs::write(&index, "this is no database\n".repeat(100)).unwrap(),
        }
        let args: [&[&str]; 6] = [&[], &["--rebuild"], &[], &["--rebuild"], &[], &[]];
        let children = args.map(|it| begin_history(out, it));
        for child in children {
            let output = child.wait_with_output().unwrap();
            let said = text(&output.stderr);
            assert_eq!(output.status.code(), Some(0), "{said}");
            assert_eq!(text(&output.stdout), expected, "{said}");
            in_use += usize::from(said.contains("in use by another `penrig history`"));
        }
        let (found, said) = history(&[out], &[], 0);
        assert_eq!(
            (found.as_str(), said.as_str()),
            (expected.as_str(), ""),
            "round {round}"
        );
    }
    assert!(in_use > 0, "none met another: nothing was tested");
}

#[test]
fn what_is_read_while_a_run_is_under_way_is_right_and_nothing_is_missed_afterwards() {
    let dir = TempDir::new().unwrap();
    let out = dir.path().join("out");
    let out = out.as_path();
    qualify(out, 1, "REF", "", 0);
    let mut running = Command::new(env!("CARGO_BIN_EXE_penrig"))
        .current_dir(root())
        .env("SOURCE_DATE_EPOCH", "1767312000")
        .args([
            "qualify", "--plan", "smoke", "--units", "3", "--jobs", "1", "--out",
        ])
        .arg(out)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut seen = Vec::new();
    loop {
        let is_over = running.try_wait().unwrap();
        let (json, said) = history(&[out], &["--format", "json"], 0);
        assert_eq!(figure(&json, "/unread"), serde_json::json!([]), "{said}");
        assert_eq!(figure(&json, "/runs/0/disposition"), "meets plan");
        assert_eq!(figure(&json, "/runs/0/met"), 1);
        let second = figure(&json, "/runs/1/disposition");
        assert!(
            [
                serde_json::Value::Null,
                "unfinished".into(),
                "meets plan".into()
            ]
            .contains(&second),
            "{second}"
        );
        if seen.last() != Some(&second) {
            seen.push(second);
        }
        if let Some(status) = is_over {
            assert_eq!(status.code(), Some(0));
            break;
        }
    }
    assert_eq!(seen.last(), Some(&"meets plan".into()), "{seen:?}");
    assert!(seen.contains(&"unfinished".into()), "{seen:?}");
    let (by_index, said) = history(&[out], &["--format", "json"], 0);
    assert_eq!(said, "", "nothing is read anew");
    assert_eq!(
        history(&[out], &["--format", "json", "--rebuild"], 0).0,
        by_index
    );
    assert_eq!(figure(&by_index, "/runs/1/units"), 3);
    assert_eq!(figure(&by_index, "/runs/1/drawn"), 1);
}

#[test]
fn folders_that_vanish_change_or_break_are_said_and_the_rest_is_read() {
    let dir = TempDir::new().unwrap();
    let out = four_runs(&dir);
    let out = out.as_path();
    let (json, _) = history(&[out], &["--format", "json"], 0);
    assert_eq!(figure(&json, "/ledger/held"), serde_json::json!([]));
    let folder = out.to_string_lossy();
    let hold = [
        "hold",
        "--serial",
        "PA1-00000001",
        "--by",
        "Q. Ledger",
        "--reason",
        "cracked",
    ];
    let held = penrig(5, &[&hold[..], &["--out", &*folder]].concat());
    assert!(held.status.success());
    let (shown, _) = history(&[out], &[], 0);
    assert!(
        shown.contains("held, by the ledger: PA1-00000001"),
        "{shown}"
    );
    // Gone: its values are missing, and what the ledger says of its unit stays in the yield.
    fs::remove_dir_all(out.join("20260101T000000Z-smoke")).unwrap();
    let (json, said) = history(&[out], &["--format", "json"], 0);
    assert!(said.contains("was indexed and is gone"), "{said}");
    assert_eq!(figure(&json, "/lots/0/without_folder"), 1);
    assert_eq!(figure(&json, "/lots/0/first_pass"), 0);
    assert_eq!(figure(&json, "/lots/0/last_met"), 1);
    assert_eq!(figure(&json, "/lots/0/rows/1/row"), "DEP-04");
    assert_eq!(figure(&json, "/lots/0/rows/1/n"), 1);
    let (shown, said) = history(&[out], &[], 0);
    assert_eq!(said, "", "said once");
    let stub = "Run 20260101T000000Z-smoke has no folder here that could be read";
    assert!(shown.contains(stub), "{shown}");
    // A byte of a chain is changed: the folder cannot be read, the rest can.
    let broken = out.join("20260103T000000Z-smoke/journal/00001-PA1-00000001.jsonl");
    let kept = fs::read(&broken).unwrap();
    let mut changed = kept.clone();
    let at = changed.len() / 2;
    changed[at] ^= 1;
    fs::write(&broken, changed).unwrap();
    let (shown, said) = history(&[out], &[], 4);
    assert!(
        shown.contains("20260103T000000Z-smoke: not read, so its values are in no figure: "),
        "{shown}"
    );
    assert!(
        said.contains("1 of what is there could not be read"),
        "{said}"
    );
    let (json, _) = history(&[out], &["--format", "json"], 4);
    assert_eq!(figure(&json, "/unread/0/name"), "20260103T000000Z-smoke");
    history(&[out], &["--rebuild"], 4);
    // Put right, it counts again.
    fs::write(&broken, kept).unwrap();
    let (json, _) = history(&[out], &["--format", "json"], 0);
    assert_eq!(figure(&json, "/lots/1/without_folder"), 0);
    // A ledger that is broken is said too.
    let ledger = out.join("ledger.jsonl");
    let mut bytes = fs::read(&ledger).unwrap();
    bytes[100] ^= 1;
    fs::write(&ledger, bytes).unwrap();
    let (shown, _) = history(&[out], &[], 4);
    assert!(shown.contains("ledger.jsonl: not read"), "{shown}");
}

#[test]
fn two_folders_are_one_history_and_a_copy_counts_once() {
    let dir = TempDir::new().unwrap();
    let (first, second) = (dir.path().join("first"), dir.path().join("second"));
    qualify(&first, 1, "REF", OFF, 3);
    qualify(&second, 2, "REF", "", 0);
    let both = [first.as_path(), second.as_path()];
    let counts = |json: &str| {
        ["runs", "units", "first_pass", "last_met"]
            .map(|it| figure(json, &format!("/lots/0/{it}")))
            .map(|it| it.as_u64().unwrap())
    };
    let (json, _) = history(&both, &["--format", "json"], 0);
    assert_eq!(counts(&json), [2, 1, 0, 1]);
    // The order of the folders says nothing, the order of time does.
    let (other, _) = history(&[both[1], both[0]], &["--format", "json"], 0);
    assert_eq!(other, json);
    let name = "20260101T000000Z-smoke";
    copy(&first.join(name), &second.join("copy-of-it"));
    let (again, said) = history(&both, &["--format", "json"], 0);
    assert_eq!(again, json);
    assert!(
        said.contains("there more than once, and counted once: 20260101T000000Z-smoke"),
        "{said}"
    );
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder can be made");
    for entry in fs::read_dir(from).expect("a folder") {
        let path = entry.expect("an entry").path();
        let to = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            copy(&path, &to);
        } else {
            fs::copy(&path, &to).expect("a file can be copied");
        }
    }
}

#[test]
fn what_cannot_be_shown_says_what_to_do() {
    let dir = TempDir::new().unwrap();
    let out = dir.path().join("out");
    let out = out.as_path();
    let said = history(&[out], &[], 2).1;
    assert!(said.contains("cannot read the folder of runs"), "{said}");
    fs::create_dir_all(out).unwrap();
    let said = history(&[out], &[], 2).1;
    assert!(
        said.contains("there are no runs; give folders of runs with --out DIR"),
        "{said}"
    );
    qualify(out, 1, "REF", "", 0);
    let said = history(&[out], &["--lot", "X"], 2).1;
    assert!(
        said.contains("no run is of lot X; lots: REF (VIRTUAL)"),
        "{said}"
    );
    let said = history(&[out], &["--kind", "hardware"], 2).1;
    assert!(said.contains("no run is of kind HARDWARE"), "{said}");
    let said = history(&[out], &["--row", "DEP-99"], 2).1;
    assert!(said.contains("rows with values: "), "{said}");
    let said = history(&[out], &["--since", "yesterday"], 2).1;
    assert!(said.contains("is no day such as 2026-11-02"), "{said}");
    history(&[out], &["--plot", "x.svg"], 2);
    // A picture says in words what it is of.
    let picture = dir.path().join("x.svg");
    let picture = picture.to_string_lossy();
    history(&[out], &["--row", "DEP-04", "--plot", &picture], 0);
    assert!(fs::read_to_string(&*picture).unwrap().contains("VIRTUAL"));
}
