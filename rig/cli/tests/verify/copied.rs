//! A run folder that was copied in part, wherever the copying stopped.

use crate::runs::{RUN, Station, files, penrig, shown, text};
use std::fs;
use tempfile::TempDir;

/// Copies the files of the run one after the other and stops within one of them.
fn copied_to_within(station: &Station, stop: usize) -> (TempDir, String) {
    let dir = TempDir::new().expect("a folder for the copy");
    let names = files(&station.run());
    for (place, name) in names.iter().take(stop + 1).enumerate() {
        let to = dir.path().join(RUN).join(name);
        fs::create_dir_all(to.parent().expect("a folder")).expect("a folder for the copy");
        let bytes = fs::read(station.file(name)).expect("a file");
        let length = if place == stop {
            bytes.len() / 2
        } else {
            bytes.len()
        };
        fs::write(to, &bytes[..length]).expect("a copy");
    }
    let within = names[stop].clone();
    (dir, within)
}

#[test]
fn a_run_that_was_copied_in_part_is_never_sound_and_its_report_never_another() {
    let station = Station::copy();
    let whole = penrig(&["report", &shown(&station.run())]);
    assert_eq!(whole.status.code(), Some(0), "{}", text(&whole.stderr));
    // The last line names the folder.
    let result = |stdout: &[u8]| text(stdout).split("\nreport ").next().map(str::to_owned);
    let count = files(&station.run()).len();
    let mut by_journal = 0;
    for stop in (0..count).step_by(2).chain([count - 1]) {
        let (dir, within) = copied_to_within(&station, stop);
        let run = shown(&dir.path().join(RUN));
        let verified = penrig(&["verify", &run]);
        let told = text(&verified.stdout) + &text(&verified.stderr);
        match verified.status.code() {
            Some(2) => assert!(
                told.contains("copied in part") || told.contains("is no run folder"),
                "{within}: {told}"
            ),
            Some(3) => assert!(
                told.contains(&within) || told.contains("copied in part"),
                "{within}: {told}"
            ),
            other => panic!("{within}: {other:?}: {told}"),
        }
        // A report is made of journals and inputs alone: it is refused, or says what is missing, or
        // is the one of the whole run.
        let report = penrig(&["report", &run]);
        match report.status.code() {
            Some(2) => assert!(!report.stderr.is_empty()),
            Some(0) => {
                assert_eq!(result(&report.stdout), result(&whole.stdout), "{within}");
                by_journal += 1;
            }
            Some(3 | 4) => {
                let told = text(&report.stdout);
                assert!(told.contains("\nunfinished "), "{within}: {told}");
            }
            other => panic!("{within}: {other:?}: {}", text(&report.stderr)),
        }
        // It came to its end elsewhere, and nothing takes it up here.
        let resumed = penrig(&["qualify", "--resume", &run]);
        assert_eq!(resumed.status.code(), Some(2), "{within}");
    }
    assert!(
        by_journal > 0,
        "journals and inputs come before what is left"
    );
}
