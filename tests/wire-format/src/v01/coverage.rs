//! Whether the vectors of version 1 leave anything out.

use super::{Kind, Row, rows, text};
use std::collections::BTreeSet;

/// Each name stands behind `before`, as whole words, in some row of the kind.
fn check(rows: &[Row], kind: Kind, before: &str, names: &[&str]) {
    for name in names {
        let wanted = format!(" {before}{name} ");
        let found = rows
            .iter()
            .any(|row| row.kind == kind && format!(" ^ {} ", row.text).contains(&wanted));
        assert!(found, "no {kind:?} has{wanted}");
    }
}

#[test]
fn every_variant_has_a_vector() {
    let rows = rows().unwrap();
    let check = |kind, before: &str, names: &[&str]| check(&rows, kind, before, names);
    check(Kind::Request, "^ ", text::REQUESTS.revision_0);
    check(Kind::Request, "^ Set ", text::SETTINGS.revision_0);
    check(Kind::Request, "^ Get ", text::SETTING_IDS.revision_0);
    check(Kind::Request, "^ SelectPreset ", text::PRESETS.revision_0);
    check(Kind::Reply, "^ ", text::REPLIES.revision_0);
    check(Kind::Reply, "^ Refused ", text::REFUSALS.revision_0);
    check(Kind::Reply, "^ Setting ", text::SETTINGS.revision_0);
    check(Kind::Reply, "^ Status state=", text::STATES.revision_0);
    check(Kind::Reply, "faults=", text::FAULTS.revision_0);
    check(Kind::Reply, "faults=", &["none"]);
    check(Kind::Reply, "preset=", &["none", "Scars"]);
    check(Kind::Reply, "treatment=", &["none", "16909060"]);
    for flag in ["unlocked", "cartridge", "parked", "may_be_exposed"] {
        check(Kind::Reply, &format!("{flag}="), &["true", "false"]);
    }
    check(
        Kind::Rejected,
        "^ ",
        &["malformed", "oversized", "version 2", "unknown message"],
    );
}

#[test]
fn every_variant_of_revision_1_has_a_vector() {
    let rows = rows().unwrap();
    let check = |kind, before: &str, names: &[&str]| check(&rows, kind, before, names);
    check(Kind::Request1, "^ ", text::REQUESTS.revision_1);
    check(Kind::Request1, "^ Set ", text::SETTINGS.revision_1);
    check(Kind::Request1, "^ Get ", text::SETTING_IDS.revision_1);
    check(Kind::Request1, "^ SelectPreset ", text::PRESETS.revision_1);
    check(Kind::Reply1, "^ ", text::REPLIES.revision_1);
    check(Kind::Reply1, "^ Refused ", text::REFUSALS.revision_1);
    check(Kind::Reply1, "^ Setting ", text::SETTINGS.revision_1);
    check(Kind::Reply1, "^ Status state=", text::STATES.revision_1);
    let telemetry = "^ Telemetry at_ms=3600000 state=";
    check(Kind::Reply1, telemetry, text::STATES.revision_1);
    let status = "^ Status state=Faulted faults=";
    check(Kind::Reply1, status, text::FAULTS.revision_1);
    let cartridge = "^ Cartridge id=0123456789abcdef needles=14 needle_length_um=2500 treatment=";
    check(Kind::Reply1, cartridge, &["none", "16909060"]);
    for kind in [Kind::Reply1, Kind::LogSlot] {
        check(kind, "event=", text::LOG_EVENTS.revision_1);
        check(kind, "event=SectionBegun section=", &["2", "16384"]);
        check(kind, "event=TreatmentBegun treatment=", &["16909060"]);
        check(kind, "event=TreatmentEnded treatment=", &["16909061"]);
        check(kind, "event=TreatmentOver treatment=", &["16909062"]);
        check(kind, "event=CartridgeFitted cartridge_low=", &["89abcdef"]);
        check(kind, "event=CalibrationWritten generation=", &["7"]);
    }
    let event = "event=Booted cause=";
    check(Kind::Reply1, event, text::BOOT_CAUSES.revision_1);
    // In a set a fault is a bit, here it is a variant's number.
    let event = "event=FaultLatched fault=";
    check(Kind::Reply1, event, text::FAULTS.revision_0);
    check(Kind::Reply1, event, text::FAULTS.revision_1);
    let event = "event=FaultsCleared faults=";
    check(Kind::Reply1, event, &["none", "NoseHot+SelfTest"]);
    let event = "event=PresetChosen preset=";
    check(Kind::Reply1, event, &["PatchTest", "Scars"]);
    check(Kind::Reply1, event, text::PRESETS.revision_1);
    let event = "event=StartRefused refusal=";
    check(Kind::Reply1, event, &["NotAStep", "BatteryLow"]);
    check(Kind::Reply1, event, text::REFUSALS.revision_1);
    check(Kind::LogSlot, "^ ", &["malformed"]);
}

/// Of each message with several fields one vector has no two alike, so that fields that trade
/// places show. A status is left out: it has more flags than a flag has values, and the vectors of
/// revision 0 tell its fields apart.
#[test]
fn no_two_fields_can_trade_places_unseen() {
    fn name(row: &Row) -> &str {
        row.text.split(' ').next().unwrap_or_default()
    }
    fn all_differ(row: &Row) -> bool {
        let values: Vec<&str> = row
            .text
            .split(' ')
            .filter_map(|word| word.split_once('=').map(|(_, value)| value))
            .collect();
        values.len() == values.iter().collect::<BTreeSet<_>>().len()
    }
    let rows: Vec<Row> = rows()
        .unwrap()
        .into_iter()
        .filter(|row| matches!(row.kind, Kind::Request1 | Kind::Reply1 | Kind::LogSlot))
        .filter(|row| name(row) != "Status")
        .collect();
    let told_apart: BTreeSet<(Kind, &str)> = rows
        .iter()
        .filter(|row| all_differ(row))
        .map(|row| (row.kind, name(row)))
        .collect();
    for row in &rows {
        let message = (row.kind, name(row));
        assert!(told_apart.contains(&message), "{message:?}: fields alike");
    }
}

/// How long a frame of each message can get, which the vectors show to fit.
#[test]
fn the_longest_message_of_each_kind_is_a_vector() {
    let rows = rows().unwrap();
    let longest = |kind: Kind, name: &str| {
        rows.iter()
            .filter(|row| row.kind == kind && row.text.starts_with(&format!("{name} ")))
            .map(|row| row.hex.len() / 2)
            .max()
    };
    // Header, CRC-32, COBS code, final zero and the variant's number take 10 bytes. A number takes
    // at most 3 bytes if it has 16 bits, 5 if it has 32, 10 if it has 64.
    assert_eq!(longest(Kind::Request1, "Calibrate"), Some(10 + 2 * 10));
    assert_eq!(longest(Kind::Request1, "GetLog"), Some(10 + 5));
    assert_eq!(longest(Kind::Reply1, "Treatment"), Some(10 + 7 * 5 + 2 * 3));
    assert_eq!(
        longest(Kind::Reply1, "Cartridge"),
        Some(10 + 10 + 1 + 5 + 6)
    );
    assert_eq!(longest(Kind::Reply1, "Log"), Some(10 + 5 + 3 + 5 + 6));
    assert_eq!(longest(Kind::Reply1, "LogEnd"), Some(10 + 5));
    assert_eq!(longest(Kind::Reply1, "LinkReport"), Some(10 + 8 * 5));
}
