//! The ledger: what is cut off, changed or deleted.

use crate::runs::{OTHER, RUN, Said, Station, lines, shown, verify};
use std::fs;

fn of_ledger(station: &Station, more: &[&str]) -> Said {
    let out = shown(&station.out());
    verify(&[&["--ledger", out.as_str()], more].concat())
}

#[test]
fn a_sound_ledger_is_sound_by_either_way_to_ask() {
    let station = Station::copy();
    let said = of_ledger(&station, &[]);
    assert_eq!((said.code, said.findings()), (0, Vec::new()), "{said:?}");
    assert!(
        said.lines("proved")[0].contains("over 4 lines; runs begun 2, ended 2"),
        "{said:?}"
    );
    assert!(
        said.lines("not_proved")
            .join("\n")
            .contains("cut off the ledger's end")
    );
    assert_eq!(verify(&[&shown(&station.out())]).code, 0);
    let head = said.head("the ledger's last line");
    let said = of_ledger(&station, &["--head", &head]);
    assert!(
        !said
            .lines("not_proved")
            .join("\n")
            .contains("cut off the ledger's end")
    );
}

#[test]
fn a_bit_that_flips_in_the_ledger_is_found_against_its_head_on_its_line() {
    let station = Station::copy();
    let head = of_ledger(&station, &[]).head("the ledger's last line");
    let sound = fs::read(station.ledger()).unwrap();
    for at in (0..sound.len()).step_by(37).chain([sound.len() - 1]) {
        let mut bytes = sound.clone();
        bytes[at] ^= 1;
        fs::write(station.ledger(), &bytes).unwrap();
        let said = of_ledger(&station, &["--head", &head]);
        assert_eq!(said.code, 3, "byte {at}: {said:?}");
        let findings = said.findings();
        assert!(
            findings.iter().any(|it| it.0 == "ledger.jsonl"),
            "byte {at}: {said:?}"
        );
        let line = sound[..at].iter().filter(|it| **it == b'\n').count() as u64 + 1;
        // Of the last line nothing in the files says what it was: the head alone does.
        if line < 4 {
            assert_eq!(findings[0].1, Some(line), "byte {at}: {said:?}");
        }
    }
}

#[test]
fn a_line_that_was_changed_or_cut_off_is_found_without_a_head() {
    let station = Station::copy();
    let all = lines(&station.ledger());
    assert_eq!(all.len(), 4);
    for (line, from, to) in [
        (0, "\"plan\":\"smoke\"", "\"plan\":\"other\""),
        (1, "meets plan", "fails plan"),
        (2, "PA1-00000001", "PA1-00000009"),
    ] {
        let mut changed = all.clone();
        changed[line] = changed[line].replace(from, to);
        assert_ne!(changed, all);
        fs::write(station.ledger(), changed.concat()).unwrap();
        let said = station.is_found_by_both(to);
        let (file, found, _) = &said.findings()[0];
        assert_eq!(
            (file.as_str(), *found),
            ("ledger.jsonl", Some(line as u64 + 1)),
            "{said:?}"
        );
    }
    // The last line says what the run itself says otherwise.
    let other = [shown(&station.out().join(OTHER))];
    let other = [other[0].as_str()];
    for (from, to) in [
        ("meets plan", "fails plan"),
        ("\"exit\":0", "\"exit\":3"),
        (
            "\"not_meeting\":[]",
            "\"not_meeting\":[{\"serial\":\"x\",\"standing\":\"\",\"failed\":[]}]",
        ),
    ] {
        fs::write(station.ledger(), all.concat()).unwrap();
        let mut changed = all.clone();
        changed[3] = changed[3].replace(from, to);
        assert_ne!(changed, all);
        fs::write(station.ledger(), changed.concat()).unwrap();
        let said = verify(&other);
        assert_eq!(said.code, 3, "{to}: {said:?}");
        assert_eq!(said.findings()[0].1, Some(4), "{to}: {said:?}");
    }
    fs::write(station.ledger(), all[..3].concat()).unwrap();
    let said = of_ledger(&station, &[]);
    assert_eq!(said.code, 3, "{said:?}");
    assert!(
        said.findings()[0]
            .2
            .contains("the line of its end was cut off"),
        "{said:?}"
    );
    fs::write(station.ledger(), all[..2].concat()).unwrap();
    let said = of_ledger(&station, &[]);
    assert_eq!(said.code, 3, "{said:?}");
    assert_eq!(said.findings()[0].0, OTHER);
}

#[test]
fn a_run_that_was_deleted_is_named() {
    let station = Station::copy();
    fs::remove_dir_all(station.out().join(OTHER)).unwrap();
    let said = station.is_found_by_both("a run deleted");
    let (file, line, all) = &said.findings()[0];
    assert_eq!(
        (file.as_str(), *line),
        ("ledger.jsonl", Some(3)),
        "{said:?}"
    );
    assert!(all.contains(OTHER) && all.contains("deleted"), "{all}");
    assert_eq!(of_ledger(&station, &[]).findings(), said.findings());
    assert!(all.contains("--alone"), "it is said what to do: {all}");
    // The run that is there can be verified without the one that is not.
    let said = station.verify_with(&["--alone"]);
    assert_eq!((said.code, said.findings()), (0, Vec::new()), "{said:?}");
    let not = said.lines("not_proved").join("\n");
    assert!(not.contains("they were not looked at (--alone)"), "{not}");
    let proved = said.lines("proved").join("\n");
    assert!(proved.contains("it is run 1 of 2"), "{proved}");
    // What the ledger says of it still counts.
    let sound = fs::read_to_string(station.ledger()).unwrap();
    let (number, manifest) = ("\"number\":1", "\"manifest_sha256\":\"");
    for (from, to) in [
        (number, "\"number\":2"),
        (manifest, "\"manifest_sha256\":\"0"),
    ] {
        fs::write(station.ledger(), sound.replacen(from, to, 1)).unwrap();
        assert_eq!(station.verify_with(&["--alone"]).code, 3, "{to}");
    }
    fs::write(station.ledger(), sound).unwrap();
    fs::rename(station.run(), station.out().join("renamed")).unwrap();
    let renamed = shown(&station.out().join("renamed"));
    assert_eq!(
        verify(&[&renamed, "--alone"]).code,
        3,
        "the ledger has no such run"
    );
}

#[test]
fn a_run_under_another_name_or_from_elsewhere_is_not_of_this_ledger() {
    let station = Station::copy();
    fs::rename(station.run(), station.out().join("renamed")).unwrap();
    let said = of_ledger(&station, &[]);
    assert_eq!(said.code, 3, "{said:?}");
    let files: Vec<String> = said.findings().into_iter().map(|it| it.0).collect();
    assert_eq!(files, ["ledger.jsonl", "renamed"], "{said:?}");
    let renamed = verify(&[&shown(&station.out().join("renamed"))]);
    assert!(
        renamed
            .lines("notes")
            .join("\n")
            .contains("renamed or copied"),
        "{renamed:?}"
    );
}

#[test]
fn a_run_without_its_ledger_is_sound_and_says_what_is_missing() {
    let station = Station::copy();
    fs::remove_file(station.ledger()).unwrap();
    let said = station.verify();
    assert_eq!(said.code, 0, "{said:?}");
    let not = said.lines("not_proved").join("\n");
    assert!(not.contains("there is no ledger.jsonl beside it"), "{not}");
}

#[test]
fn a_gap_in_the_numbers_is_told_though_the_chain_was_made_anew() {
    let station = Station::copy();
    let all = lines(&station.ledger());
    // The first run and its end are gone, and the rest hangs on nothing again.
    let mut head = "0".repeat(64);
    let mut text = String::new();
    for (seq, line) in all[2..].iter().enumerate() {
        let parsed: serde_json::Value = serde_json::from_str(line).unwrap();
        let line = line
            .replacen(parsed["prev"].as_str().unwrap(), &head, 1)
            .replacen(
                &format!("\"seq\":{}", seq + 2),
                &format!("\"seq\":{seq}"),
                1,
            );
        head = crate::runs::sha256(line.trim_end().as_bytes());
        text.push_str(&line);
    }
    fs::write(station.ledger(), text).unwrap();
    fs::remove_dir_all(station.out().join(RUN)).unwrap();
    let said = of_ledger(&station, &[]);
    assert_eq!(said.code, 3, "{said:?}");
    let all = format!("{:?}", said.findings());
    assert!(all.contains("begins run 2, and 1 is its turn"), "{all}");
}
