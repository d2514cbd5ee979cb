//! `decode.py` on the vectors of version 1: it reads the same, and would notice if it did not.

use super::{Kind, VECTORS, rows};
use anyhow::{Context as _, Result, ensure};
use std::io::Write as _;
use std::process::{Command, Output, Stdio};

const DECODER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/decode.py");

/// `None` where there is no Python 3; the reader of the log is told.
fn python(vectors: &str) -> Result<Option<Output>> {
    let found = Command::new("python3")
        .arg("--version")
        .output()
        .is_ok_and(|it| it.status.success());
    if !found {
        ensure!(
            std::env::var_os("CI").is_none(),
            "a CI machine needs python3, for decode.py"
        );
        // Written past the capture of test output, so that it is seen without a failure.
        writeln!(
            std::io::stderr(),
            "decode.py was NOT RUN, because python3 is missing"
        )?;
        return Ok(None);
    }
    let mut script = Command::new("python3")
        .args([DECODER, "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .context("starting decode.py")?;
    script
        .stdin
        .take()
        .context("its input")?
        .write_all(vectors.as_bytes())
        .context("writing to decode.py")?;
    script
        .wait_with_output()
        .context("waiting for decode.py")
        .map(Some)
}

#[test]
fn a_decoder_in_another_language_reads_the_same() {
    if let Some(output) = python(VECTORS).unwrap() {
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(
            output.status.success(),
            "decode.py: {said}{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let n_rows = rows().unwrap().len();
        assert_eq!(said.trim(), format!("{n_rows} vectors agree"));
    }
}

#[test]
fn the_other_decoder_does_see_a_difference() {
    if python(VECTORS).unwrap().is_none() {
        return;
    }
    let check = |true_text: &str, false_text: &str| {
        let spoiled = VECTORS.replacen(true_text, false_text, 1);
        assert_ne!(spoiled, VECTORS, "the vectors hold {true_text}");
        let output = python(&spoiled)
            .unwrap()
            .expect("python3 was there a moment ago");
        let said = String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), Some(1), "{false_text}: {said}");
        assert!(said.contains("1 of "), "{false_text}: {said}");
    };
    check("depth_um=1500", "depth_um=1501");
    check("Refused NotAStep", "Refused OutOfRange");
    check("home_protrusion_nm=-412345", "home_protrusion_nm=412345");
    check("needles=14", "needles=15");
    check(",malformed", ",unknown message");
    // Rows of revision 0 keep its words, those of revision 1 have theirs.
    check("+bit12+", "+SelfTest+");
    check("faults=SelfTest ", "faults=bit12 ");
    check("Hello revision=1", "Hello revision=2");
    check("Hello protocol=1 revision=0", "Hello protocol=0 revision=1");
    check("event=FellAsleep", "event=Awoke");
    check("LogSlot number=513", "LogSlot number=514");
    check(
        "log-slot-zeros,log-slot,,00",
        "log-slot-zeros,log-slot,7,00",
    );
}

#[test]
fn revision_0_has_no_words_for_a_row_of_revision_1_there_either() {
    let rows = rows().unwrap();
    let n_later = rows
        .iter()
        .filter(|row| matches!(row.kind, Kind::Request1 | Kind::Reply1))
        .count();
    let vectors = VECTORS
        .replace(",request-1,", ",request,")
        .replace(",reply-1,", ",reply,");
    if let Some(output) = python(&vectors).unwrap() {
        let said = String::from_utf8_lossy(&output.stdout);
        let all_differ = format!("{n_later} of {} vectors differ", rows.len());
        assert_eq!(said.lines().last(), Some(all_differ.as_str()), "{said}");
    }
}
