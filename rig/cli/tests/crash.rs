//! A run that is killed, or whose disk fills up, and taken up again: nothing acknowledged is lost,
//! nothing is there twice, and the tables are those of a run that nothing happened to.

#![cfg(unix)]

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use tempfile::TempDir;

/// Tables that do not depend on when a run was made.
const TABLES: [&str; 7] = [
    "results.csv",
    "units.csv",
    "lot.csv",
    "attempts.csv",
    "budgets.csv",
    "anomalies.csv",
    "trace.csv",
];

fn penrig(out: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_penrig"));
    command
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."))
        .env("SOURCE_DATE_EPOCH", "1767225600")
        .args(args)
        .arg("--out")
        .arg(out);
    command
}

/// The smallest run that has everything: two units, one of them failing, so that there are
/// verdicts of both kinds and waveforms.
fn begin(out: &Path, scenario: &Path) -> Command {
    let mut command = penrig(out, &["qualify", "--plan", "smoke", "--units", "2"]);
    command
        .arg("--scenario")
        .arg(scenario)
        .args(["--waveforms", "all"]);
    command
}

fn scenario(dir: &TempDir) -> PathBuf {
    let reference =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../bench-virtual/scenarios/reference.toml");
    let text = fs::read_to_string(reference).expect("a run that the test made");
    let fault = "\n[[fault]]\nname = \"depth-zero-off\"\nunit = \"PA1-00000001\"\num = 300\ncontained = false\n";
    let path = dir.path().join("one-pen-off.toml");
    fs::write(&path, text + fault).expect("a run that the test made");
    path
}

/// The only run folder, finished or not.
fn run_folder(out: &Path) -> Option<PathBuf> {
    let mut folders = fs::read_dir(out)
        .ok()?
        .filter_map(|it| Some(it.ok()?.path()))
        .filter(|it| it.is_dir());
    let folder = folders.next();
    assert!(folders.next().is_none(), "one run, one folder");
    folder
}

fn is_finished(folder: &Path) -> bool {
    folder.extension().is_none_or(|it| it != "partial")
}

/// Bytes of everything that a run has written so far.
fn written(folder: &Path) -> u64 {
    let Ok(entries) = fs::read_dir(folder) else {
        return 0;
    };
    let sizes = entries.filter_map(|entry| {
        let entry = entry.ok()?;
        let metadata = entry.metadata().ok()?;
        Some(if metadata.is_dir() {
            written(&entry.path())
        } else {
            metadata.len()
        })
    });
    sizes.sum()
}

/// Every whole line of every journal, by file name.
fn journals(folder: &Path) -> Vec<(String, Vec<String>)> {
    let mut journals: Vec<(String, Vec<String>)> = fs::read_dir(folder.join("journal"))
        .into_iter()
        .flatten()
        .map(|entry| {
            let entry = entry.expect("a run that the test made");
            let text = fs::read_to_string(entry.path()).expect("a run that the test made");
            let whole = text.rfind('\n').map_or(0, |it| it + 1);
            let lines = text[..whole].lines().map(str::to_owned).collect();
            (entry.file_name().to_string_lossy().into_owned(), lines)
        })
        .collect();
    journals.sort();
    journals
}

fn check_nothing_lost(before: &[(String, Vec<String>)], after: &[(String, Vec<String>)]) {
    for (name, lines) in before {
        let found = after.iter().find(|it| it.0 == *name);
        let found = &found.unwrap_or_else(|| panic!("{name} is gone")).1;
        assert_eq!(&found[..lines.len()], &lines[..], "{name}");
    }
}

/// Attempts by unit and row, as the journals have them; each once.
fn attempts(folder: &Path) -> Vec<String> {
    let mut attempts = Vec::new();
    for (name, lines) in journals(folder) {
        for line in lines {
            let line: serde_json::Value =
                serde_json::from_str(&line).expect("a run that the test made");
            if let Some(attempted) = line.pointer("/event/attempted") {
                attempts.push(format!(
                    "{name} {} {}",
                    attempted["row"], attempted["attempt"]["number"]
                ));
            }
        }
    }
    attempts
}

fn tables(folder: &Path) -> Vec<(String, String)> {
    let read = |name: &str| {
        let path = folder.join(name);
        (
            name.to_owned(),
            fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path:?}: {error}")),
        )
    };
    TABLES.iter().map(|name| read(name)).collect()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[track_caller]
fn finish(out: &Path) -> Output {
    let folder = run_folder(out).expect("a run that the test made");
    let folder = folder.to_string_lossy();
    penrig(out, &["qualify", "--resume", &folder])
        .output()
        .expect("a run that the test made")
}

/// How many kills; more of them for a figure: `PENRIG_KILLS=400 cargo test -p rig-cli --test crash`.
fn kills() -> u64 {
    std::env::var("PENRIG_KILLS").map_or(16, |it| it.parse().expect("a run that the test made"))
}

#[test]
fn killed_anywhere_and_resumed_it_ends_as_if_nothing_had_happened() {
    let dir = TempDir::new().unwrap();
    let scenario = scenario(&dir);
    let undisturbed = dir.path().join("undisturbed");
    let output = begin(&undisturbed, &scenario).output().unwrap();
    assert_eq!(output.status.code(), Some(3), "{}", text(&output.stderr));
    let whole = run_folder(&undisturbed).unwrap();
    let expected = tables(&whole);
    let all_attempts = attempts(&whole);
    let size = written(&whole);

    let mut killed = 0;
    for place in 0..kills() {
        let out = dir.path().join(format!("killed-{place}"));
        // Spread over everything that is written, at places that are no multiples of anything.
        let at = size * (2 * place + 1) / (2 * kills()) + place * 37 % 101;
        let mut child = begin(&out, &scenario)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        killed += u64::from(kill_at(&mut child, &out, at));
        let Some(folder) = run_folder(&out) else {
            // Killed before there was a folder: nothing was begun.
            continue;
        };
        let before = journals(&folder);
        if !is_finished(&folder) || ends_in_ledger(&out) == 0 {
            let output = finish(&out);
            let stderr = text(&output.stderr);
            if stderr.contains("before anything of it was on disk")
                || stderr.contains("is no run folder")
            {
                assert!(attempts(&folder).is_empty());
                fs::remove_dir_all(&out).unwrap();
                continue;
            }
            assert_eq!(output.status.code(), Some(3), "killed at {at}: {stderr}");
        }
        let folder = run_folder(&out).unwrap();
        assert!(is_finished(&folder));
        check_nothing_lost(&before, &journals(&folder));
        assert_eq!(ends_in_ledger(&out), 1, "killed at {at}");
        assert_eq!(tables(&folder), expected, "killed at {at}");
        let mut found = attempts(&folder);
        found.sort();
        let mut wanted = all_attempts.clone();
        wanted.sort();
        assert_eq!(found, wanted, "killed at {at}: each attempt once");
        fs::remove_dir_all(&out).unwrap();
    }
    assert!(killed * 2 > kills(), "{killed} of {} were killed", kills());
}

/// How many ends of runs the ledger has.
fn ends_in_ledger(out: &Path) -> usize {
    let ledger = fs::read_to_string(out.join("ledger.jsonl")).unwrap_or_default();
    ledger.matches("{\"run_ended\":").count()
}

#[test]
fn a_run_that_the_ledger_does_not_know_the_end_of_is_told_to_it() {
    let dir = TempDir::new().unwrap();
    let scenario = scenario(&dir);
    let out = dir.path().join("out");
    begin(&out, &scenario).output().unwrap();
    // As the program leaves it that is stopped between the folder's name and the ledger.
    let path = out.join("ledger.jsonl");
    let ledger = fs::read_to_string(&path).unwrap();
    let (first, _) = ledger.split_once('\n').unwrap();
    fs::write(&path, format!("{first}\n")).unwrap();
    // It is not told of a run that is not as it was written.
    let manifest = run_folder(&out).unwrap().join("manifest.json");
    let whole = fs::read(&manifest).unwrap();
    fs::write(&manifest, &whole[..whole.len() / 2]).unwrap();
    let output = finish(&out);
    assert_eq!(output.status.code(), Some(2), "{}", text(&output.stderr));
    let stderr = text(&output.stderr);
    assert!(
        stderr.contains("the ledger is not told of its end"),
        "{stderr}"
    );
    assert_eq!(fs::read_to_string(&path).unwrap(), format!("{first}\n"));
    fs::write(&manifest, &whole).unwrap();
    let output = finish(&out);
    assert_eq!(output.status.code(), Some(3), "{}", text(&output.stderr));
    assert_eq!(fs::read_to_string(&path).unwrap(), ledger);
    let output = finish(&out);
    assert_eq!(output.status.code(), Some(2), "{}", text(&output.stderr));
}

/// Kills a program once its run has written so much; whether it still ran.
fn kill_at(child: &mut Child, out: &Path, at: u64) -> bool {
    loop {
        if child
            .try_wait()
            .expect("a run that the test made")
            .is_some()
        {
            return false;
        }
        let folder = fs::read_dir(out).ok().and_then(|mut it| {
            it.find_map(|entry| {
                let path = entry.ok()?.path();
                path.is_dir().then_some(path)
            })
        });
        if folder.is_some_and(|it| written(&it) >= at) {
            // SIGKILL: nothing of it runs any more.
            child.kill().expect("a run that the test made");
            child.wait().expect("a run that the test made");
            return true;
        }
    }
}

#[test]
fn no_verdict_is_shown_that_is_not_on_disk() {
    // Files may not grow beyond so many blocks of 512 bytes; a write past it fails as on a full disk.
    let dir = TempDir::new().unwrap();
    let scenario = scenario(&dir);
    for blocks in [1, 3, 8, 16, 24, 32] {
        let out = dir.path().join(format!("full-{blocks}"));
        let begun = begin(&out, &scenario);
        let mut command = Command::new("sh");
        command
            .current_dir(begun.get_current_dir().unwrap())
            .env("SOURCE_DATE_EPOCH", "1767225600")
            .arg("-c")
            .arg(format!(
                "trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\""
            ))
            .arg(begun.get_program())
            .args(begun.get_args());
        let output = command.output().unwrap();
        let stderr = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{blocks}: {stderr}");
        assert!(stderr.contains("cannot "), "{stderr}");
        assert!(output.stdout.is_empty(), "{}", text(&output.stdout));
        let Some(folder) = run_folder(&out) else {
            continue;
        };
        let before = journals(&folder);
        if before.iter().all(|it| it.1.is_empty()) {
            continue;
        }
        let output = finish(&out);
        assert_eq!(output.status.code(), Some(3), "{}", text(&output.stderr));
        check_nothing_lost(&before, &journals(&run_folder(&out).unwrap()));
    }
}

#[test]
fn an_interrupted_run_keeps_its_record_and_goes_on_from_there() {
    let dir = TempDir::new().unwrap();
    let scenario = scenario(&dir);
    let undisturbed = dir.path().join("undisturbed");
    begin(&undisturbed, &scenario).output().unwrap();
    let out = dir.path().join("interrupted");
    let mut child = begin(&out, &scenario)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let process = nix::unistd::Pid::from_raw(child.id().cast_signed());
    // Once something is measured.
    while run_folder(&out).is_none_or(|it| attempts_so_far(&it) == 0) {
        assert!(child.try_wait().unwrap().is_none(), "it ended by itself");
    }
    nix::sys::signal::kill(process, nix::sys::signal::Signal::SIGINT).unwrap();
    let lines: Vec<String> = BufReader::new(child.stdout.take().unwrap())
        .lines()
        .map(Result::unwrap)
        .collect();
    let code = child.wait().unwrap().code();
    assert_eq!(code, Some(130), "{lines:#?}");
    assert!(
        lines.iter().any(|it| it.starts_with("resume ")),
        "{lines:#?}"
    );
    let folder = run_folder(&out).unwrap();
    assert!(!is_finished(&folder));
    let before = journals(&folder);
    // What there is can be read at once.
    let units = fs::read_to_string(folder.join("units.csv")).unwrap();
    assert!(units.contains("aborted: interrupted"), "{units}");
    let output = finish(&out);
    assert_eq!(output.status.code(), Some(3), "{}", text(&output.stderr));
    let folder = run_folder(&out).unwrap();
    check_nothing_lost(&before, &journals(&folder));
    assert_eq!(tables(&folder), tables(&run_folder(&undisturbed).unwrap()));
}

#[test]
fn a_clock_that_runs_backwards_is_told_of_and_changes_no_result() {
    let dir = TempDir::new().unwrap();
    let scenario = scenario(&dir);
    let undisturbed = dir.path().join("undisturbed");
    begin(&undisturbed, &scenario).output().unwrap();
    let out = dir.path().join("out");
    let mut child = begin(&out, &scenario)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    while run_folder(&out).is_none_or(|it| attempts_so_far(&it) == 0) {
        assert!(child.try_wait().unwrap().is_none(), "it ended by itself");
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let folder = run_folder(&out).unwrap();
    // A day before it was begun.
    let resumed = penrig(&out, &["qualify", "--resume", &folder.to_string_lossy()])
        .env("SOURCE_DATE_EPOCH", "1767139200")
        .output()
        .unwrap();
    let stderr = text(&resumed.stderr);
    assert_eq!(resumed.status.code(), Some(3), "{stderr}");
    assert!(
        stderr.contains("the wall clock says 2025-12-31T00:00:00Z, and the run was last written to at 2026-01-01T00:00:00Z"),
        "{stderr}"
    );
    let folder = run_folder(&out).unwrap();
    assert_eq!(tables(&folder), tables(&run_folder(&undisturbed).unwrap()));
    let verified = penrig(&out, &["verify", &folder.to_string_lossy()])
        .output()
        .unwrap();
    let told = text(&verified.stdout);
    assert_eq!(verified.status.code(), Some(0), "{told}");
    let run = fs::read_to_string(folder.join("run.csv")).unwrap();
    let clock = run.lines().find(|it| it.starts_with("wall clock,"));
    assert!(
        clock
            .is_some_and(|it| it.contains("was set back") && it.contains("journal/run.jsonl line")),
        "{run}"
    );
    for file in ["journal/run.jsonl line", "ledger.jsonl line"] {
        let line = told.lines().find(|it| it.contains(file));
        assert!(line.is_some_and(|it| it.contains("set back")), "{told}");
    }
}

fn attempts_so_far(folder: &Path) -> usize {
    let count = |entry: std::io::Result<fs::DirEntry>| {
        let text = fs::read_to_string(entry.ok()?.path()).ok()?;
        Some(text.matches("{\"attempted\":").count())
    };
    fs::read_dir(folder.join("journal")).map_or(0, |it| it.filter_map(count).sum())
}

#[test]
fn a_run_is_resumed_with_what_it_was_begun_with_or_not_at_all() {
    let dir = TempDir::new().unwrap();
    let scenario = scenario(&dir);
    let out = dir.path().join("out");
    let mut child = begin(&out, &scenario)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    while run_folder(&out).is_none_or(|it| attempts_so_far(&it) == 0) {
        assert!(child.try_wait().unwrap().is_none(), "it ended by itself");
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let folder = run_folder(&out).unwrap();
    let refused = |expected: &str| {
        let output = finish(&out);
        let stderr = text(&output.stderr);
        assert!(stderr.contains(expected), "{stderr}");
        assert_eq!(output.status.code(), Some(2), "{stderr}");
    };
    let changed = |name: &str, change: &dyn Fn(String) -> String, expected: &str| {
        let path = folder.join(name);
        let was = fs::read_to_string(&path).unwrap();
        fs::write(&path, change(was.clone())).unwrap();
        refused(expected);
        fs::write(&path, was).unwrap();
    };
    changed(
        "inputs/spec/unit.csv",
        &|it| it.replacen("DEP-04", "DEP-24", 1),
        "changed since the run was begun",
    );
    changed(
        "inputs/scenario.toml",
        &|it| it.replace("300", "30"),
        "changed since the run was begun",
    );
    changed(
        "journal/run.jsonl",
        &|it| it.replacen("\"journal\":2", "\"journal\":9", 1),
        "is of journal format 9; this program reads 1 and 2",
    );
    // A bundle of which the units' chains were left behind.
    let unit = folder.join("journal/00001-PA1-00000001.jsonl");
    let aside = dir.path().join("aside");
    let lines = fs::read_to_string(&unit).unwrap();
    fs::rename(&unit, &aside).unwrap();
    let other = lines.replacen("\"seq\":1,", "\"seq\":2,", 1);
    fs::write(&unit, other).unwrap();
    refused("is not as it was written");
    fs::rename(&aside, &unit).unwrap();
    let output = penrig(&out, &["qualify", "--resume", "nowhere"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("there is no run `nowhere`"));
    let output = penrig(&out, &["qualify", "--plan", "smoke", "--resume", "x"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", text(&output.stderr));
    let output = finish(&out);
    assert_eq!(output.status.code(), Some(3), "{}", text(&output.stderr));
    refused("came to its end; there is nothing to resume");
}
