//! What scenarios may say, and how defects of one are reported.

use super::*;

const HEAD: &str = "[lot]
name = \"T\"
seed = 1
units = 3
first_serial = 7
hardware_revision = \"C\"
[dates]
today = \"2026-01-02\"
calibrated = \"2026-01-01\"
due = \"2027-01-01\"
";

#[track_caller]
fn check_fault(text: &str, expected: FaultKind) {
    let text = format!("{HEAD}[[fault]]\nunit = \"all\"\ncontained = true\n{text}");
    let scenario = Scenario::parse("s.toml", &text).unwrap();
    assert_eq!(scenario.faults[0].kind, expected);
}

#[test]
fn every_scenario_of_the_folder_is_read() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios");
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|it| it != "toml") {
            continue;
        }
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let scenario = Scenario::parse(&name, &std::fs::read_to_string(&path).unwrap());
        assert_eq!(scenario.as_ref().err(), None);
        assert_eq!(
            scenario.unwrap().faults.is_empty(),
            name == "reference.toml",
            "{name}"
        );
        names.push(name);
    }
    names.sort();
    assert_eq!(
        names,
        [
            "carriage-one-notch-low.toml",
            "depth-zero-off.toml",
            "gauge-hold.toml",
            "motor-drag.toml",
            "needles-out-when-parked.toml",
            "reference.toml",
        ]
    );
}

#[test]
fn the_reference_lot_states_the_defaults_and_its_serial_numbers() {
    let reference = Scenario::reference();
    assert_eq!(reference.variation, Variation::default());
    assert_eq!(reference.bench, BenchSection::default());
    assert_eq!(
        reference.serials(),
        [
            "PA1-00000001",
            "PA1-00000002",
            "PA1-00000003",
            "PA1-00000004",
            "PA1-00000005"
        ]
    );
}

#[test]
fn faults_are_read_by_name() {
    check_fault("name = \"hall-dead\"\n", FaultKind::HallDead);
    check_fault(
        "name = \"depth-zero-off\"\num = -300\n",
        FaultKind::DepthZeroOff { um: -300.0 },
    );
    check_fault(
        "name = \"carriage-slip\"\nat_um = 1400\nby_um = 250\n",
        FaultKind::CarriageSlip {
            at_um: 1_400.0,
            by_um: 250.0,
        },
    );
    check_fault(
        "name = \"gauge-dropout\"\nprobability = 0.05\nfrom_s = 3\n",
        FaultKind::GaugeDropout { probability: 0.05 },
    );
}

#[test]
fn a_fault_holds_from_its_time_to_its_end_on_its_unit() {
    let text = format!(
        "{HEAD}[[fault]]\nname = \"hall-dead\"\nunit = \"PA1-00000008\"\ncontained = true\nfrom_s = 1.5\nfor_s = 2\n"
    );
    let scenario = Scenario::parse("s.toml", &text).unwrap();
    assert_eq!(scenario.faults_of(0).count(), 0);
    let fault = scenario.faults_of(1).next().unwrap();
    let active = |ms| fault.is_active(firmware_units::Nanoseconds::from_millis(ms));
    assert_eq!(
        [1_499, 1_500, 3_499, 3_500].map(active),
        [false, true, true, false]
    );
}

#[test]
fn a_fault_is_contained_as_the_catalogue_says_unless_the_scenario_says_otherwise() {
    let contained = |fault: &str| {
        let text = format!("{HEAD}[[fault]]\nunit = \"all\"\n{fault}\n");
        Scenario::parse("s.toml", &text).unwrap().faults[0].contained
    };
    assert!(contained("name = \"hall-dead\""));
    assert!(!contained("name = \"hall-dead\"\ncontained = false"));
    assert!(!contained("name = \"gauge-hold\""));
}

/// A scenario with something wrong in most of its lines.
const BROKEN: &str = r#"seeds = 3
[lot]
name = 7
seed = -1
units = 0
first_serial = 1.5
hardware_revision = "CC"
[variation]
home_protrusion_sd_um = -5
backlash = 3
backlash_min_um = 30
backlash_max_um = 20
[bench]
tilt_centidegrees = 9000
colour = "blue"
[dates]
today = "2026-13-02"
calibrated = 2026-01-01
[[fault]]
name = "hall-deaf"
unit = "all"
[[fault]]
name = "x"
unit = "all"
[[fault]]
name = "gauge-dropout"
probabilty = 0.5
unit = "all"
contained = "yes"
[[fault]]
name = "supply-dip"
to_mv = 1e9
from_s = -1
for_s = "long"
[[fault]]
name = "hall-dead"
probability = 1
unit = 3
"#;

#[test]
fn every_defect_is_reported_at_once_with_line_and_column() {
    let error = Scenario::parse("s.toml", BROKEN).unwrap_err();
    insta::assert_snapshot!(error);
}

#[test]
fn defects_of_faults_that_need_a_sound_lot() {
    let faults = r#"[[fault]]
name = "hall-dead"
unit = "PA1-00000001"
[[fault]]
name = "gauge-hold"
unit = "all"
from_s = 3
[[fault]]
name = "gauge-hold"
unit = "PA1-00000008"
from_s = 1
for_s = 3
[[fault]]
name = "depth-zero-off"
unit = "all"
um = 300
from_s = 2
[[fault]]
name = "probe-lost"
unit = "all"
transfers = 10
for_s = 1
"#;
    let error = Scenario::parse("s.toml", &format!("{HEAD}{faults}")).unwrap_err();
    insta::assert_snapshot!(error);
}

#[test]
fn what_is_no_toml_is_said_with_its_place_and_the_rest_is_read() {
    let error = Scenario::parse("s.toml", "[lot\nname = \nseed = 1\n").unwrap_err();
    insta::assert_snapshot!(error);
    let error = Scenario::parse("s.toml", "lot = 3\nfault = 4\n").unwrap_err();
    insta::assert_snapshot!(error);
}

#[track_caller]
fn check_overlap(first: &str, second: &str, overlaps: bool) {
    let fault = |it: &str| format!("[[fault]]\nname = \"hall-dead\"\n{it}\n");
    let text = format!("{HEAD}{}{}", fault(first), fault(second));
    let found = match Scenario::read(&text) {
        Ok(_) => false,
        Err(defects) => {
            assert!(
                defects
                    .iter()
                    .all(|it| matches!(it.kind, DefectKind::Overlap { line: 11, .. })),
                "{defects:?}"
            );
            true
        }
    };
    assert_eq!(found, overlaps, "{first} and {second}");
}

#[test]
fn a_fault_overlaps_itself_on_one_unit_at_one_time_alone() {
    check_overlap("unit = \"all\"", "unit = \"all\"", true);
    check_overlap("unit = \"PA1-00000007\"", "unit = \"all\"", true);
    check_overlap("unit = \"PA1-00000007\"", "unit = \"PA1-00000008\"", false);
    let (early, late) = (
        "unit = \"all\"\nfrom_s = 1\nfor_s = 2",
        "unit = \"all\"\nfrom_s = 3",
    );
    check_overlap(early, late, false);
    check_overlap(late, early, false);
    check_overlap(early, "unit = \"all\"\nfrom_s = 2.9", true);
    check_overlap("unit = \"all\"\nfrom_s = 2.9", early, true);
}

#[test]
fn serial_numbers_end_at_eight_digits() {
    let text = HEAD.replace("first_serial = 7", "first_serial = 99999998");
    let error = Scenario::parse("s.toml", &text).unwrap_err().to_string();
    assert_eq!(
        error,
        "bench description: s.toml:1:1: `first_serial`: 99999998 and 3 units go beyond serial number 99999999"
    );
}

#[test]
fn a_certificate_is_due_after_its_calibration() {
    let text = HEAD.replace("2027-01-01", "2025-01-01");
    let error = Scenario::parse("s.toml", &text).unwrap_err().to_string();
    assert_eq!(
        error,
        "bench description: s.toml:7:1: `calibrated` is 2026-01-01, beyond `due`, which is 2025-01-01"
    );
}
