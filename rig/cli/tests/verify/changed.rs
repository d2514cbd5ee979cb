//! One thing is changed; both verifiers find it, and penrig says where.

use crate::runs::{
    OTHER, PENS, RUN, Station, files, lines, penrig, replace, shown, text, verify, write,
};
use std::fs;
use std::path::Path;

#[test]
fn a_sound_run_is_sound_to_both_and_says_what_is_shown_and_what_is_not() {
    let station = Station::copy();
    let said = station.verify();
    assert_eq!((said.code, said.findings()), (0, Vec::new()), "{said:?}");
    let shown_of = said.lines("proved").join("\n");
    for part in [
        "verdicts follow again from their evidence",
        "tables are byte for byte",
        "chains hold",
        "it is run 1 of 2",
    ] {
        assert!(shown_of.contains(part), "{part}: {shown_of}");
    }
    let not = said.lines("not_proved").join("\n");
    for part in [
        "made all of it anew",
        "whose key that is",
        "what was written down was so",
    ] {
        assert!(not.contains(part), "{part}: {not}");
    }
    if let Some(python) = station.python() {
        assert_eq!(text(&python.stdout), "sound\n");
    }
    let plain = penrig(&["verify", RUN, "--out", &shown(&station.out())]);
    let plain = text(&plain.stdout);
    assert!(
        plain.starts_with("SOUND  run 20260101T000000Z-smoke\n"),
        "{plain}"
    );
    assert!(plain.contains("\nnot shown "), "{plain}");
}

/// The line that a byte stands on; a line feed belongs to the line that it ends.
fn line_of(bytes: &[u8], at: usize) -> u64 {
    bytes[..at].iter().filter(|it| **it == b'\n').count() as u64 + 1
}

#[test]
fn a_bit_that_flips_anywhere_is_found_in_its_file_and_in_a_journal_on_its_line() {
    let station = Station::copy();
    let names = files(&station.run());
    assert!(names.iter().any(|it| it.ends_with(".parquet")), "{names:?}");
    assert!(names.len() > 25, "{names:?}");
    for name in &names {
        let path = station.file(name);
        let sound = fs::read(&path).unwrap();
        let last = sound.len() - 1;
        let places = [0, last / 5, last / 3, last / 2, last * 4 / 5, last];
        for (count, at) in places.into_iter().enumerate() {
            let mut bytes = sound.clone();
            bytes[at] ^= 1;
            fs::write(&path, &bytes).unwrap();
            let what = format!("{name}, byte {at} of {}", sound.len());
            let said = station.verify();
            // A format's number may become another's: that is said too, and nothing else is.
            let is_format = said.code == 2 && said.stderr.contains("format");
            assert!(said.code == 3 || is_format, "{what}: {said:?}");
            let findings = said.findings();
            let names_it = findings.iter().any(|it| it.0.ends_with(name.as_str()));
            assert!(names_it || is_format, "{what}: {said:?}");
            if name.starts_with("journal/") {
                let (file, line, all) = &findings[0];
                assert_eq!(
                    (file, *line),
                    (name, Some(line_of(&sound, at))),
                    "{what}: {all}"
                );
            }
            if count == 3
                && let Some(python) = station.python()
            {
                assert_eq!(python.status.code(), Some(3), "{what}: verify.py");
            }
        }
        fs::write(&path, &sound).unwrap();
    }
    assert_eq!(station.verify().code, 0, "all is as it was");
}

#[test]
fn a_byte_of_an_attempt_that_was_changed_is_named_with_what_it_was() {
    let station = Station::copy();
    let path = station.unit(0);
    let sound = fs::read(&path).unwrap();
    let all = lines(&path);
    let line = all
        .iter()
        .position(|it| it.contains("\"attempted\":{\"row\":\"DEP-04\""))
        .expect("an attempt on DEP-04");
    let start: usize = all[..line].iter().map(String::len).sum();
    for at in (start..start + all[line].len() - 1).step_by(97) {
        let mut bytes = sound.clone();
        bytes[at] ^= 1;
        fs::write(&path, bytes).unwrap();
        let said = station.verify();
        let finding = &said.json["findings"][0];
        assert_eq!(finding["line"], line + 1, "byte {at}: {said:?}");
        assert_eq!(finding["byte"], at, "byte {at}: {said:?}");
        assert_eq!(finding["unit"], PENS[0]);
        assert_eq!(finding["row"], "DEP-04");
        let what = finding["what"].as_str().unwrap();
        let was = String::from_utf8_lossy(&sound[at..at + 1]).into_owned();
        assert!(
            what.contains(&format!("it was `{was}")),
            "byte {at}: {what}"
        );
    }
}

#[test]
fn a_file_that_is_gone_or_put_in_is_named() {
    let station = Station::copy();
    for name in files(&station.run()) {
        let path = station.file(&name);
        let bytes = fs::read(&path).unwrap();
        fs::remove_file(&path).unwrap();
        let said = station.verify();
        match name.as_str() {
            // Nothing that the rest can be held against.
            "manifest.json" | "journal/run.jsonl" => {
                assert_eq!(said.code, 2, "{name}: {said:?}");
                assert!(said.stderr.contains(&name), "{said:?}");
                assert!(said.stderr.contains("copied in part"), "{said:?}");
            }
            // A run need not be signed; whoever knows that it was gives the key.
            "signature.json" => {
                assert_eq!(said.code, 0, "{said:?}");
                let said = station.verify_with(&["--public-key", &station.public_key()]);
                assert_eq!(said.code, 3, "{said:?}");
                assert_eq!(said.findings()[0].0, name);
            }
            _ => {
                assert_eq!(said.code, 3, "{name}: {said:?}");
                assert!(said.findings().iter().all(|it| it.0 == name), "{said:?}");
            }
        }
        fs::write(&path, bytes).unwrap();
    }
    for name in [
        "notes.txt",
        "inputs/spec/more.csv",
        "journal/00003-PA1-3.jsonl",
        "more.csv",
    ] {
        fs::write(station.file(name), "x\n").unwrap();
        let said = station.is_found_by_both(name);
        assert!(said.findings().iter().all(|it| it.0 == name), "{said:?}");
        fs::remove_file(station.file(name)).unwrap();
    }
    assert_eq!(station.verify().code, 0);
}

#[cfg(unix)]
#[test]
fn a_link_in_place_of_a_file_is_named() {
    let station = Station::copy();
    let elsewhere = station.out().join("elsewhere.csv");
    fs::rename(station.file("lot.csv"), &elsewhere).unwrap();
    std::os::unix::fs::symlink(&elsewhere, station.file("lot.csv")).unwrap();
    let said = station.verify();
    assert_eq!(said.code, 3, "{said:?}");
    assert!(
        said.findings()
            .iter()
            .any(|it| it.2.contains("neither a file nor a folder"))
    );
}

#[test]
fn a_journal_that_was_cut_swapped_or_taken_from_another_run_is_named_with_its_line() {
    let station = Station::copy();
    let changed = |path: &Path, text: &str, line: u64, what: &str| {
        let sound = fs::read(path).unwrap();
        fs::write(path, text).unwrap();
        let said = station.is_found_by_both(what);
        let name = shown(path.strip_prefix(station.run()).unwrap());
        let (file, found, all) = &said.findings()[0];
        assert_eq!((file, *found), (&name, Some(line)), "{what}: {all}");
        fs::write(path, sound).unwrap();
    };
    for path in [station.unit(0), station.file("journal/run.jsonl")] {
        let all = lines(&path);
        assert!(all.len() >= 4, "{}", path.display());
        for end in 0..all.len() {
            let last = (end as u64).max(1);
            changed(
                &path,
                &all[..end].concat(),
                last,
                &format!("cut after line {end}"),
            );
        }
        let mut swapped = all.clone();
        swapped.swap(1, 2);
        changed(&path, &swapped.concat(), 2, "two lines swapped");
        let twice = [&all[..2], &all[1..]].concat();
        changed(&path, &twice.concat(), 3, "a line twice");
        let without = [&all[..1], &all[2..]].concat();
        changed(&path, &without.concat(), 2, "a line left out");
    }
    let other = station.out().join(OTHER);
    let of_other = other.join(format!("journal/00001-{}.jsonl", PENS[0]));
    changed(
        &station.unit(0),
        &lines(&of_other).concat(),
        1,
        "another run's unit",
    );
    assert_eq!(station.verify().code, 0);
}

#[test]
fn what_is_no_run_and_what_is_of_another_format_is_said_and_not_judged() {
    let station = Station::copy();
    let two = |args: &[&str], part: &str| {
        let said = verify(args);
        assert_eq!(said.code, 2, "{said:?}");
        assert!(said.stderr.contains(part), "{part}: {said:?}");
    };
    let empty = station.out().join("empty");
    fs::create_dir(&empty).unwrap();
    two(&[&shown(&empty)], "is no run folder");
    two(&["no-such-run"], "there is no run `no-such-run`");
    two(
        &[&shown(&station.run()), "--head", "12ab"],
        "64 hexadecimal digits",
    );
    two(&["--ledger", &shown(&empty)], "has no ledger.jsonl");
    fs::write(
        empty.join("manifest.json"),
        "{\"manifest\": 1, \"files\": []}",
    )
    .unwrap();
    two(&[&shown(&empty)], "is of format 1");
    two(&[&shown(&empty)], "a study's");
    let manifest = station.file("manifest.json");
    replace(&manifest, "\"manifest\": 2", "\"manifest\": 3");
    two(&[&shown(&station.run())], "`manifest.json` is of format 3");
    replace(&manifest, "\"manifest\": 3", "\"manifest\": 2");
    replace(
        &station.file("journal/run.jsonl"),
        "\"journal\":2",
        "\"journal\":9",
    );
    two(
        &[&shown(&station.run())],
        "is of journal format 9; this program reads 1 and 2",
    );
}

/// Takes the run back to what a power cut leaves before its report was written.
fn unfinish(station: &Station) -> std::path::PathBuf {
    for name in files(&station.run()) {
        if !["journal/", "inputs/", "waveforms/"]
            .iter()
            .any(|it| name.starts_with(it))
        {
            fs::remove_file(station.file(&name)).expect("a file");
        }
    }
    let run = station.file("journal/run.jsonl");
    let all = lines(&run);
    write(&run, &all[..all.len() - 1].concat());
    let partial = station.out().join(format!("{RUN}.partial"));
    fs::rename(station.run(), &partial).expect("another name");
    fs::remove_dir_all(station.out().join(OTHER)).expect("the other run");
    let ledger = lines(&station.ledger());
    write(&station.ledger(), &ledger[0]);
    partial
}

#[test]
fn an_unfinished_run_says_so_and_its_chains_are_held_to_what_is_there() {
    let station = Station::copy();
    let partial = unfinish(&station);
    let said = verify(&[&shown(&partial)]);
    assert_eq!((said.code, said.findings()), (4, Vec::new()), "{said:?}");
    assert_eq!(said.json["state"], "unfinished");
    assert!(
        said.lines("notes")
            .join("\n")
            .contains("2 of 2 units were dealt with"),
        "{said:?}"
    );
    let sign_off = penrig(&[
        "sign-off",
        &shown(&partial),
        "--name",
        "A. Person",
        "--meaning",
        "review",
    ]);
    assert_eq!(
        sign_off.status.code(),
        Some(4),
        "{}",
        text(&sign_off.stdout)
    );
    assert!(
        !station.out().join("signoffs").exists(),
        "nothing was written"
    );
    // What a crash leaves is no mismatch.
    let unit = partial.join(format!("journal/00002-{}.jsonl", PENS[1]));
    let whole = fs::read(partial.join("journal/run.jsonl")).unwrap();
    let torn = [&whole[..], b"{\"seq\":9,\"pr"].concat();
    fs::write(partial.join("journal/run.jsonl"), torn).unwrap();
    let said = verify(&[&shown(&partial)]);
    assert_eq!(said.code, 4, "{said:?}");
    assert!(
        said.lines("notes")
            .join("\n")
            .contains("12 bytes from byte"),
        "{said:?}"
    );
    // What somebody changed is one.
    replace(&unit, "PA1-00000002", "PA1-00000003");
    let said = verify(&[&shown(&partial)]);
    assert_eq!(said.code, 3, "{said:?}");
    assert_eq!(said.findings()[0].1, Some(1), "{said:?}");
}

#[test]
fn a_run_that_was_resumed_can_be_signed_and_is_sound() {
    let station = Station::copy();
    let partial = unfinish(&station);
    // What a try before the crash left beside the manifest does not count.
    fs::write(partial.join("signature.json"), "{}").unwrap();
    let resumed = penrig(&[
        "qualify",
        "--resume",
        &shown(&partial),
        "--sign",
        &station.key(),
    ]);
    assert!(resumed.status.success(), "{}", text(&resumed.stderr));
    let said = station.verify_with(&["--public-key", &station.public_key()]);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(
        said.lines("notes").join("\n").contains("taken up again"),
        "{said:?}"
    );
    if let Some(python) = station.python() {
        assert_eq!(text(&python.stdout), "sound\n");
    }
}
