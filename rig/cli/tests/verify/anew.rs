//! Files that were made anew so that they fit together, as far as they can.

use crate::runs::{
    PENS, RUN, Station, json, lines, member, penrig_at, read, replace, sha256, shown, text, verify,
    write,
};
use std::fs;
use std::path::Path;
use tempfile::TempDir;

/// Puts END row, manifest and ledger right again after files of the run were changed.
fn fix(station: &Station) {
    let manifest_path = station.file("manifest.json");
    let mut manifest = read(&manifest_path);
    let before = sha256(manifest.as_bytes());
    let parsed = json(&manifest);
    for file in parsed["files"].as_array().into_iter().flatten() {
        let name = member(file, "name");
        let (was, size) = (member(file, "sha256"), &file["bytes"]);
        let bytes = fs::read(station.file(name)).expect("a listed file");
        let entry = |size: &str, hash: &str| {
            format!("{{\"name\": \"{name}\", \"bytes\": {size}, \"sha256\": \"{hash}\"}}")
        };
        let now = entry(&bytes.len().to_string(), &sha256(&bytes));
        manifest = manifest.replace(&entry(&size.to_string(), was), &now);
    }
    write(&manifest_path, &manifest);
    let ledger = read(&station.ledger());
    let ledger = ledger.replace(&before, &sha256(manifest.as_bytes()));
    write(&station.ledger(), &rechained(&ledger, &"0".repeat(64)).0);
    // The other run hangs on a line of the ledger that is another now; it is left out of this.
    let other = station.out().join(crate::runs::OTHER);
    fs::remove_dir_all(other).expect("the other run");
    let two: Vec<String> = lines(&station.ledger()).into_iter().take(2).collect();
    write(&station.ledger(), &two.concat());
    fs::remove_file(station.file("signature.json")).expect("a signature");
}

/// The same lines, each naming the one before it again; and the last hash.
fn rechained(text: &str, origin: &str) -> (String, String) {
    let mut head = origin.to_owned();
    let mut out = String::new();
    for line in text.split_inclusive('\n') {
        let parsed = json(line);
        let prev = member(&parsed, "prev");
        let line = line.replacen(prev, &head, 1);
        head = sha256(line.trim_end().as_bytes());
        out.push_str(&line);
    }
    (out, head)
}

fn fix_end(path: &Path) {
    let text = read(path);
    let end = text.rfind("END,").expect("an END row");
    let (body, last) = text.split_at(end);
    let hash = last.trim_end().split(',').nth(2).expect("a hash");
    let last = last.replace(hash, &sha256(body.as_bytes()));
    write(path, &format!("{body}{last}"));
}

/// A fail in place of the pass of one row.
fn change_verdict(path: &Path) {
    let mut all = lines(path);
    let line = all
        .iter_mut()
        .find(|it| it.contains(",DEP-04,"))
        .expect("a row of DEP-04");
    assert_eq!(line.matches(",pass,").count(), 1, "{line}");
    *line = line.replace(",pass,", ",fail,");
    write(path, &all.concat());
}

#[test]
fn a_verdict_in_a_table_with_end_manifest_and_ledger_put_right_is_told_by_the_journal() {
    let station = Station::copy();
    change_verdict(&station.file("results.csv"));
    fix_end(&station.file("results.csv"));
    fix(&station);
    let said = station.verify();
    assert_eq!(said.code, 3, "{said:?}");
    let findings = said.json["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 1, "{said:?}");
    let finding = &findings[0];
    assert_eq!(finding["kind"], "table");
    assert_eq!(finding["file"], "results.csv");
    assert_eq!(finding["column"], "verdict");
    assert_eq!(finding["unit"], PENS[0]);
    assert_eq!(finding["row"], "DEP-04");
    let what = finding["what"].as_str().unwrap();
    assert!(
        what.starts_with("holds `fail`, the journal and the spec give `pass`"),
        "{what}"
    );
    // The other one has no tables to compare with, and reckons.
    if let Some(python) = station.python() {
        let said = text(&python.stdout);
        let expected = "results.csv: unit PA1-00000001, row DEP-04: fail does not follow\n";
        assert_eq!(said, expected);
    }
}

/// Makes journals, manifest and ledger anew after `change` was made to a unit's journal.
fn forge(station: &Station, change: impl Fn(&str) -> String) {
    let run_path = station.file("journal/run.jsonl");
    let unit_path = station.unit(0);
    let text = read(&unit_path);
    let first = &lines(&run_path)[0];
    let before = sha256(text.lines().last().unwrap_or_default().as_bytes());
    let (text, head) = rechained(&change(&text), &sha256(first.trim_end().as_bytes()));
    write(&unit_path, &text);
    let run = read(&run_path);
    let run_before = sha256(run.lines().last().unwrap_or_default().as_bytes());
    let origin = sha256(lines(&station.ledger())[0].trim_end().as_bytes());
    let (run, run_head) = rechained(&run.replace(&before, &head), &origin);
    write(&run_path, &run);
    // The manifest's own hash is put right by `fix`, which reads it from the ledger.
    let manifest = read(&station.file("manifest.json"));
    let old = sha256(manifest.as_bytes());
    let manifest = manifest
        .replace(&before, &head)
        .replace(&run_before, &run_head);
    write(&station.file("manifest.json"), &manifest);
    let ledger = read(&station.ledger());
    let ledger = ledger
        .replace(&old, &sha256(manifest.as_bytes()))
        .replace(&run_before, &run_head);
    write(&station.ledger(), &ledger);
    fix(station);
}

/// Makes every chain, manifest and ledger anew after `change` was made to the run's first line.
fn forge_begun(station: &Station, change: impl Fn(&str) -> String) {
    let hash_of_last = |text: &str| sha256(text.lines().last().unwrap_or_default().as_bytes());
    let run_path = station.file("journal/run.jsonl");
    let run = read(&run_path);
    let (first, rest) = run.split_once('\n').expect("more than one line");
    let changed = change(first);
    assert_ne!(changed, first);
    let mut hashes = Vec::new();
    for pen in 0..PENS.len() {
        let text = read(&station.unit(pen));
        let (anew, head) = rechained(&text, &sha256(changed.as_bytes()));
        write(&station.unit(pen), &anew);
        hashes.push((hash_of_last(&text), head));
    }
    let put_right = |text: &str, hashes: &[(String, String)]| {
        let replace = |text: String, it: &(String, String)| text.replace(&it.0, &it.1);
        hashes.iter().fold(text.to_owned(), replace)
    };
    let origin = sha256(lines(&station.ledger())[0].trim_end().as_bytes());
    let anew = put_right(&format!("{changed}\n{rest}"), &hashes);
    let (anew, head) = rechained(&anew, &origin);
    write(&run_path, &anew);
    hashes.push((hash_of_last(&run), head));
    let manifest = read(&station.file("manifest.json"));
    let anew = put_right(&manifest, &hashes);
    write(&station.file("manifest.json"), &anew);
    hashes.push((sha256(manifest.as_bytes()), sha256(anew.as_bytes())));
    let ledger = put_right(&read(&station.ledger()), &hashes);
    write(&station.ledger(), &ledger);
    fix(station);
}

#[test]
fn tables_that_another_version_made_are_undecided_and_no_mismatch() {
    let station = Station::copy();
    let ours = concat!("\"tool_version\":\"", env!("CARGO_PKG_VERSION"), "\"");
    forge_begun(&station, |it| {
        it.replacen(ours, "\"tool_version\":\"0.0.9\"", 1)
    });
    // run.csv is as the program of today made it, and another would have named itself there.
    let said = station.verify();
    assert_eq!((said.code, said.findings()), (4, Vec::new()), "{said:?}");
    assert_eq!(said.json["state"], "undecided");
    let undecided = said.lines("undecided").join("\n");
    assert!(
        undecided.contains("they were made by 0.0.9: compare them with that one"),
        "{undecided}"
    );
    // What does not follow from the journal whatever the version stays a mismatch.
    replace(&station.file("lot.csv"), "VIRTUAL", "HARDWARE");
    station.is_found_by_both("a bench of steel");
}

#[test]
fn tables_that_another_build_made_otherwise_are_told_of_as_such() {
    let station = Station::copy();
    let begun = json(&lines(&station.file("journal/run.jsonl"))[0]);
    let program = member(&begun["event"]["begun"], "program_sha256").to_owned();
    forge_begun(&station, |it| it.replacen(&program, &"a".repeat(64), 1));
    let said = station.verify();
    assert_eq!(said.code, 3, "{said:?}");
    let notes = said.lines("notes").join("\n");
    assert!(notes.contains("two builds"), "{said:?}");
}

#[test]
fn a_verdict_in_a_journal_with_every_chain_made_anew_does_not_follow_from_its_evidence() {
    let station = Station::copy();
    forge(&station, |text| {
        text.replace("\"verdict\":\"Pass\"", "\"verdict\":\"Inconclusive\"")
    });
    let said = station.verify();
    assert_eq!(said.code, 3, "{said:?}");
    let findings = said.json["findings"].as_array().unwrap();
    assert_eq!(findings[0]["kind"], "verdict", "{said:?}");
    assert_eq!(findings[0]["unit"], PENS[0]);
    let kinds: Vec<&str> = findings
        .iter()
        .filter_map(|it| it["kind"].as_str())
        .collect();
    assert!(
        kinds
            .iter()
            .all(|it| ["verdict", "table", "ledger"].contains(it)),
        "{kinds:?}"
    );
}

#[test]
fn a_unit_whose_end_stands_as_format_1_wrote_it_is_read_as_the_same() {
    let station = Station::copy();
    forge(&station, |text| {
        let all: Vec<&str> = text.split_inclusive('\n').collect();
        let (last, before) = all.split_last().unwrap();
        let mut last = json(last);
        let mut written_out = 0;
        for result in last["event"]["ended"]["results"].as_array_mut().unwrap() {
            if result.as_object_mut().unwrap().remove("as_attempt") == Some(1.into()) {
                let mut judged = result["attempts"][0]["end"]["Judged"].clone();
                judged["from"] = serde_json::json!({ "Attempt": 1 });
                result["judged"] = judged;
                written_out += 1;
            }
            for end in ["judged", "reported", "not_run"] {
                // What it did not come to stood there as null: asking for it puts it there.
                let _ = &mut result[end];
            }
        }
        assert!(written_out > 0);
        format!("{}{last}\n", before.concat())
    });
    let said = station.verify();
    assert_eq!((said.code, said.findings()), (0, Vec::new()), "{said:?}");
}

#[test]
fn an_attempt_that_was_acknowledged_and_left_out_of_the_end_is_missed() {
    let station = Station::copy();
    forge(&station, |text| {
        let all: Vec<&str> = text.split_inclusive('\n').collect();
        let (last, before) = all.split_last().unwrap();
        // The same attempt under another condition than was acknowledged.
        let changed = last.replacen("depth_mm 1.50", "depth_mm 1.00", 1);
        assert_ne!(changed, *last);
        [&before.concat(), changed.as_str()].concat()
    });
    let said = station.verify();
    let findings = said.findings();
    assert_eq!(said.code, 3, "{said:?}");
    let (acknowledged, never) = (&findings[1].2, &findings[0].2);
    for part in ["was acknowledged and does not stand so", "DEP-04"] {
        assert!(acknowledged.contains(part), "{said:?}");
    }
    assert!(never.contains("was never acknowledged so"), "{said:?}");
}

/// What no chain shows: another run, whole, in the place of this one. A head kept elsewhere and a
/// station's key do show it.
#[test]
fn everything_made_anew_is_sound_in_itself_and_fails_a_head_or_a_key_that_was_kept() {
    let station = Station::copy();
    let kept = station.verify();
    let heads = [
        kept.head("manifest.json of this run"),
        kept.head("the ledger's last line"),
    ];
    for head in &heads {
        let said = station.verify_with(&["--head", head]);
        assert_eq!(said.code, 0, "{said:?}");
        let anew = said
            .lines("not_proved")
            .join("\n")
            .contains("made all of it anew");
        assert!(!anew, "{said:?}");
    }
    let dir = TempDir::new().unwrap();
    let out = shown(dir.path());
    let forged = penrig_at(
        0,
        &[
            "qualify", "--plan", "smoke", "--units", "2", "--seed", "77", "--out", &out,
        ],
    );
    assert!(forged.status.success(), "{}", text(&forged.stderr));
    let run = shown(&dir.path().join(RUN));
    assert_eq!(verify(&[&run]).code, 0, "it fits together");
    for head in &heads {
        let said = verify(&[&run, "--head", head]);
        assert_eq!(said.code, 3, "{said:?}");
        assert!(said.findings()[0].2.contains("stands nowhere"), "{said:?}");
    }
    assert_eq!(
        verify(&[&run, "--public-key", &station.public_key()]).code,
        3
    );
}

/// The journal of a run whose clock was nine seconds ahead when it was begun.
fn set_back(text: &str) -> String {
    let at = "\"at\":\"2026-01-01T00:00:00Z\"";
    assert!(text.contains(at));
    text.replacen(at, "\"at\":\"2026-01-01T00:00:09Z\"", 1)
}

#[test]
fn a_clock_that_was_set_back_stands_in_run_csv() {
    let station = Station::copy();
    forge(&station, set_back);
    let said = station.verify();
    assert_eq!(said.code, 3, "{said:?}");
    let findings = said.findings();
    assert_eq!(findings.len(), 1, "{said:?}");
    assert_eq!(findings[0].0, "run.csv");
    assert!(findings[0].2.contains("give `wall clock`"), "{said:?}");
}

#[test]
fn a_clock_that_was_set_back_is_a_note() {
    let station = Station::copy();
    let table = station.file("run.csv");
    let mut all = lines(&table);
    let place = all.iter().position(|it| it.starts_with("ledger number,"));
    let line = format!(
        "wall clock,\"was set back: the order of what was written down holds, its times do not, from journal/00001-{}.jsonl line 2\",\n",
        PENS[0]
    );
    all.insert(place.unwrap(), line);
    let rows = all.len() - 2;
    let end = all.last_mut().unwrap();
    *end = end.replacen(&format!("END,{},", rows - 1), &format!("END,{rows},"), 1);
    write(&table, &all.concat());
    fix_end(&table);
    forge(&station, set_back);
    let said = station.verify();
    assert_eq!((said.code, said.findings()), (0, Vec::new()), "{said:?}");
    assert!(
        said.lines("notes")
            .join("\n")
            .contains("clock was set back"),
        "{said:?}"
    );
    if let Some(python) = station.python() {
        assert_eq!(text(&python.stdout), "sound\n");
    }
    replace(&station.file("lot.csv"), "VIRTUAL", "HARDWARE");
    station.is_found_by_both("a bench of steel");
}

#[test]
fn a_file_that_is_listed_and_follows_from_nothing_is_told_of() {
    let station = Station::copy();
    let text = "x\n";
    write(&station.file("extra.html"), text);
    let entry = format!(
        "    {{\"name\": \"extra.html\", \"bytes\": 2, \"sha256\": \"{}\"}},\n",
        sha256(text.as_bytes())
    );
    let manifest = read(&station.file("manifest.json"));
    let before = sha256(manifest.as_bytes());
    let at = manifest.find("    {\"name\": \"inputs/").unwrap();
    let manifest = format!("{}{entry}{}", &manifest[..at], &manifest[at..]);
    write(&station.file("manifest.json"), &manifest);
    let ledger = read(&station.ledger()).replace(&before, &sha256(manifest.as_bytes()));
    write(&station.ledger(), &ledger);
    fix(&station);
    let said = station.verify();
    assert_eq!((said.code, said.findings()), (0, Vec::new()), "{said:?}");
    let not = said.lines("not_proved").join("\n");
    assert!(
        not.contains("follow from the journal: extra.html, report.html;"),
        "{not}"
    );
}
