//! What a bench file may say, and every way in which it may not.

use super::*;

/// A bench file without a defect.
const SOUND: &str = include_str!("../../bench.toml");

#[track_caller]
fn defects(change: impl Fn(String) -> String) -> String {
    match Description::parse("bench.toml", &change(SOUND.to_owned())) {
        Ok(read) => panic!("no defect found: {read:?}"),
        Err(defects) => defects.to_string(),
    }
}

#[test]
fn the_example_has_no_defect() {
    let read = Description::parse("bench.toml", SOUND).unwrap();
    assert_eq!(read.name, "bench-03");
    assert_eq!(read.flash, FlashPolicy::IfDifferent);
    assert_eq!(read.probe.selector.to_string(), "0483:374e:0042");
    assert_eq!(read.dut.baud, 115_200);
    let parts = read.parts.unwrap();
    assert_eq!(parts.instruments.len(), 5);
    assert_eq!(parts.instruments[0].range, (-4_000_000, 4_000_000));
    assert_eq!(parts.instruments[1].quantity, Quantity::EdgeTimeNs);
    assert_eq!(
        parts.instruments[3].quantity,
        Quantity::TemperatureMilliCelsius
    );
    assert_eq!(parts.actuators.len(), 7);
    assert_eq!(read.silence, Duration::from_secs(2));
    let kept = Golden::Kept {
        file: "golden.csv".to_owned(),
        station: "station".to_owned(),
    };
    assert_eq!(read.golden, Some(kept));
}

#[test]
fn a_golden_pen_is_kept_or_not_on_purpose_or_not_spoken_of() {
    let kept = "kept = \"yes\"\nfile = \"golden.csv\"\nstation = \"station\"\n";
    assert!(SOUND.contains(kept));
    let with = |text: &str| SOUND.replace(kept, text);
    let not_kept = with("kept = \"no\"\nreason = \"a bench of an afternoon\"\n");
    let read = Description::parse("bench.toml", &not_kept).unwrap();
    let reason = "a bench of an afternoon".to_owned();
    assert_eq!(read.golden, Some(Golden::NotKept { reason }));
    let silent = SOUND.split("[golden]").next().unwrap();
    let read = Description::parse("bench.toml", silent).unwrap();
    assert_eq!(read.golden, None);
    let found: Vec<String> = [
        "",
        "kept = \"perhaps\"\n",
        "kept = \"no\"\n",
        "kept = \"no\"\nreason = \"x\"\nfile = \"golden.csv\"\n",
        "kept = \"yes\"\nfile = \"\"\n",
    ]
    .iter()
    .map(|it| defects(|_| with(it)))
    .collect();
    insta::assert_snapshot!(found.join("\n\n"));
}

#[test]
fn every_defect_is_reported_at_once_with_line_and_column() {
    let text = defects(|text| {
        text.replace(
            "flash = \"if-different\"",
            "flash = \"sometimes\"\ncolour = 3",
        )
        .replace("0483:374e:0042", "stlink")
        .replace("due = \"2027-03-01\"", "due = \"2025-02-30\"")
        .replace("coverage_factor = 2.0", "coverage_factor = 0.5")
        .replace("sample_rate_hz = 20_000", "sample_rate_hz = \"fast\"")
        .replace("model = \"optical tachometer\"\n", "")
        .replace("name = \"current probe\"", "name = \"gauge\"")
        .replace("\"button\", ", "\"button\", \"button\", \"siren\", ")
        .replace("/dev/ttyACM0", "/dev/ttyUSB0")
    });
    insta::assert_snapshot!(text);
}

#[test]
fn every_break_of_syntax_is_reported_at_once() {
    let text = defects(|text| {
        text.replace("[dut]", "[dut")
            .replace("tilt_deg = 0.5", "tilt_deg =")
    });
    insta::assert_snapshot!(text);
}

#[test]
fn an_empty_file_names_what_is_missing() {
    insta::assert_snapshot!(defects(|_| String::new()));
}

#[test]
fn other_defects_of_one_kind_each() {
    let cases = [
        ("baud = 115_200", "baud = 300"),
        ("range = [-4_000_000, 4_000_000]", "range = [4, 4]"),
        ("range = [-4_000_000, 4_000_000]", "range = 7"),
        ("id = \"C-2026-0117\"", "id = \"\""),
        ("due = \"2027-03-01\"", "due = \"2025-03-01\""),
        ("tilt_deg = 0.5", "tilt_deg = nan"),
        ("[bench]", "[[bench]]"),
        ("described_by = \"file\"", "described_by = \"hearsay\""),
        ("described_by = \"file\"", "described_by = \"controller\""),
    ];
    let found: Vec<String> = cases
        .iter()
        .map(|(from, to)| format!("{to}\n{}", defects(|text| text.replacen(from, to, 1))))
        .collect();
    insta::assert_snapshot!(found.join("\n\n"));
}
