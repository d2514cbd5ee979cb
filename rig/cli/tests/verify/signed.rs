//! Station keys and sign-offs.

use crate::runs::{RUN, Station, penrig, replace, shown, text, verify};
use std::fs;
use std::process::Output;

#[test]
fn a_signature_holds_for_its_key_and_for_no_other() {
    let station = Station::copy();
    let said = station.verify_with(&["--public-key", &station.public_key()]);
    assert_eq!(said.code, 0, "{said:?}");
    let proved = said.lines("proved").join("\n");
    assert!(
        proved.contains("by the station's key that was given"),
        "{proved}"
    );
    assert!(proved.contains("never a person's"), "{proved}");
    // The key can be given as it is printed, too.
    let signature: serde_json::Value =
        serde_json::from_slice(&fs::read(station.file("signature.json")).unwrap()).unwrap();
    let hex = station.out().join("key.txt");
    fs::write(
        &hex,
        format!("{}\n", signature["public_key"].as_str().unwrap()),
    )
    .unwrap();
    assert_eq!(station.verify_with(&["--public-key", &shown(&hex)]).code, 0);

    let other = shown(&station.out().join("other.pem"));
    assert!(penrig(&["station-key", "new", &other]).status.success());
    let said = station.verify_with(&["--public-key", &format!("{other}.pub")]);
    assert_eq!(said.code, 3, "{said:?}");
    assert_eq!(said.findings()[0].0, "signature.json");
    // What stands beside the signature is held to it too.
    for name in ["public_key", "signature", "fingerprint", "ledger_number"] {
        let path = station.file("signature.json");
        let sound = fs::read_to_string(&path).unwrap();
        let value = signature[name].to_string();
        let changed = match value.strip_prefix("\"a") {
            Some(rest) => format!("\"b{rest}"),
            None if value == "1" => "2".to_owned(),
            None => format!("\"a{}", &value[2..]),
        };
        replace(
            &path,
            &format!("{name}\": {value}"),
            &format!("{name}\": {changed}"),
        );
        let said = station.verify();
        assert_eq!(said.code, 3, "{name}: {said:?}");
        assert_eq!(said.findings()[0].0, "signature.json", "{name}");
        // The other verifier reckons on the curve, and leaves what stands beside alone.
        if ["public_key", "signature"].contains(&name)
            && let Some(python) = station.python()
        {
            assert_eq!(python.status.code(), Some(3), "{name}: verify.py");
        }
        fs::write(&path, sound).unwrap();
    }
}

#[test]
fn a_key_is_its_owners_alone_and_never_overwritten() {
    let station = Station::copy();
    let before = fs::read(station.key()).unwrap();
    let again = penrig(&["station-key", "new", &station.key()]);
    assert_eq!(again.status.code(), Some(2));
    assert!(text(&again.stderr).contains("never overwritten"));
    assert_eq!(fs::read(station.key()).unwrap(), before);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |path: &str| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&station.key()), 0o600);
        fs::set_permissions(station.key(), fs::Permissions::from_mode(0o640)).unwrap();
        let out = shown(&station.out());
        let refused = penrig(&["qualify", "--out", &out, "--sign", &station.key()]);
        assert_eq!(refused.status.code(), Some(2));
        assert!(
            text(&refused.stderr).contains("chmod 600"),
            "{}",
            text(&refused.stderr)
        );
    }
    let public = station.public_key();
    let out = shown(&station.out());
    let refused = penrig(&["qualify", "--out", &out, "--sign", &public]);
    assert_eq!(refused.status.code(), Some(2), "a public key signs nothing");
}

fn sign_off(station: &Station, more: &[&str]) -> Output {
    let run = shown(&station.run());
    penrig(&[&["sign-off", run.as_str()], more].concat())
}

#[test]
fn sign_offs_are_appended_to_what_verifies_and_told_as_claimed() {
    let station = Station::copy();
    let first = sign_off(&station, &["--name", "A. Person", "--meaning", "review"]);
    assert_eq!(first.status.code(), Some(0), "{}", text(&first.stderr));
    let said = text(&first.stdout);
    for part in [
        "as claimed",
        "no electronic signature",
        "21 CFR 11",
        "not for product release",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let more = [
        "--name",
        "B. Person",
        "--meaning",
        "approval",
        "--reference",
        "QR-1",
    ];
    assert_eq!(sign_off(&station, &more).status.code(), Some(0));
    let said = station.verify();
    assert_eq!(said.code, 0, "{said:?}");
    let notes = said.lines("notes");
    assert_eq!(notes.len(), 2, "{said:?}");
    assert!(
        notes[1].contains("B. Person") && notes[1].contains("approval (QR-1)"),
        "{notes:?}"
    );
    assert!(
        notes[1].contains("as claimed, not authenticated"),
        "{notes:?}"
    );
    for (option, args) in [
        ("--name", ["--name", " ", "--meaning", "review"]),
        ("--meaning", ["--name", "A", "--meaning", ""]),
    ] {
        let refused = sign_off(&station, &args);
        assert_eq!(refused.status.code(), Some(2));
        assert!(text(&refused.stderr).contains(&format!("{option} is empty")));
    }
    // One that is kept elsewhere shows that none was taken away.
    let head = said.head("the last sign-off of this run");
    assert_eq!(station.verify_with(&["--head", &head]).code, 0);
    let path = station.out().join(format!("signoffs/{RUN}.jsonl"));
    let sound = fs::read_to_string(&path).unwrap();
    fs::write(&path, sound.lines().next().unwrap().to_owned() + "\n").unwrap();
    assert_eq!(station.verify_with(&["--head", &head]).code, 3);
    // One that was changed.
    fs::write(&path, sound.replacen("review", "approval", 1)).unwrap();
    let said = station.verify();
    assert_eq!(said.code, 3, "{said:?}");
    assert_eq!(said.findings()[0].0, format!("signoffs/{RUN}.jsonl"));
    assert_eq!(said.findings()[0].1, Some(1));
}

#[test]
fn what_does_not_verify_is_not_signed_off_and_a_sign_off_does_not_hold_for_another_content() {
    let station = Station::copy();
    let args = ["--name", "A. Person", "--meaning", "review"];
    let lot = station.file("lot.csv");
    let sound = fs::read_to_string(&lot).unwrap();
    replace(&lot, "VIRTUAL", "HARDWARE");
    let refused = sign_off(&station, &args);
    assert_eq!(refused.status.code(), Some(3));
    assert!(
        text(&refused.stdout).contains("lot.csv"),
        "{}",
        text(&refused.stdout)
    );
    assert!(
        !station.out().join("signoffs").exists(),
        "nothing was written"
    );
    fs::write(&lot, sound).unwrap();
    assert_eq!(sign_off(&station, &args).status.code(), Some(0));
    // Put beside another run, it is of another content.
    let signoffs = station.out().join("signoffs");
    let other = format!("{}.jsonl", crate::runs::OTHER);
    fs::copy(signoffs.join(format!("{RUN}.jsonl")), signoffs.join(&other)).unwrap();
    let said = verify(&[&shown(&station.out().join(crate::runs::OTHER))]);
    assert_eq!(said.code, 3, "{said:?}");
    let all = format!("{:?}", said.findings());
    assert!(
        all.contains("what was signed off is not what is here"),
        "{all}"
    );
}
