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
fn check_defect(text: &str, expected: &str) {
    let error = Scenario::parse("s.toml", &format!("{HEAD}{text}")).unwrap_err();
    assert_eq!(error.to_string(), format!("bench description: {expected}"));
}

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
    check_fault("name = \"hall-dead\"\n", FaultKind::HallDead {});
    check_fault(
        "name = \"depth-zero-off\"\num = -300\n",
        FaultKind::DepthZeroOff { um: -300 },
    );
    check_fault(
        "name = \"carriage-slip\"\nat_um = 1400\nby_um = 250\n",
        FaultKind::CarriageSlip {
            at_um: 1_400,
            by_um: 250,
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
fn defects_are_reported_with_their_line_and_all_at_once() {
    check_defect(
        "[[fault]]\nname = \"x\"\n",
        "s.toml:11: fault: unknown variant `x`, expected one of `depth-zero-off`, `carriage-slip`, `park-stop`, `needles-long`, `motor-drag`, `steps-lost`, `nose-heated`, `hall-dead`, `position-held`, `switch-shorted`, `supply-dip`, `link-dead`, `link-noise`, `gauge-hold`, `gauge-dropout`, `gauge-gap`, `gauge-loss`, `gauge-shift`, `tachometer-dead`",
    );
    check_defect(
        "[[fault]]\nname = \"hall-dead\"\nunit = \"all\"\n[[fault]]\nname = \"park-stop\"\nmm = 1\n",
        "s.toml:11: fault: missing field `contained`\ns.toml:14: fault: unknown field `mm`, expected `um`",
    );
    check_defect(
        "[[fault]]\nname = \"hall-dead\"\nunit = \"PA1-00000001\"\ncontained = true\n",
        "s.toml:11: fault: unit `PA1-00000001` is neither a serial number of the lot nor `all`",
    );
    check_defect(
        "[[fault]]\nname = \"gauge-dropout\"\nprobability = 1.5\nunit = \"all\"\ncontained = true\n",
        "s.toml:11: fault: probability is not 0 to 1",
    );
    check_defect(
        "[[fault]]\nname = \"hall-dead\"\nunit = \"all\"\ncontained = true\nfrom_s = -1\n",
        "s.toml:11: fault: from_s: -1 is not 0 to 1,000,000 s",
    );
    check_defect(
        "[[fault]]\nname = \"hall-dead\"\nprobability = 1\nunit = \"all\"\ncontained = true\n",
        "s.toml:11: fault: unknown field `probability`, there are no fields",
    );
    check_defect(
        "[variation]\nbacklash = 3\n",
        "s.toml:12: unknown field `backlash`, expected one of `home_protrusion_sd_um`, `depth_zero_residual_sd_um`, `screw_lead_sd_ppm`, `screw_lead_residual_sd_ppm`, `backlash_min_um`, `backlash_max_um`, `stroke_to_stroke_sd_um`, `motor_tolerance_permille`, `friction_tolerance_permille`, `oscillator_sd_ppm`, `position_sensor_sd_um`, `current_sensor_sd_ua`",
    );
    check_defect(
        "[variation]\nbacklash_max_um = 3\n",
        "s.toml: variation.backlash_max_um is below backlash_min_um",
    );
}

#[test]
fn dates_are_checked() {
    let text = HEAD
        .replace("2026-01-02", "2026-13-02")
        .replace("units = 3", "units = 0");
    let error = Scenario::parse("s.toml", &text).unwrap_err().to_string();
    assert_eq!(
        error,
        "bench description: s.toml: lot.units: 0 is not 1 to 10000000\ns.toml: dates.today: `2026-13-02` is no date like 2026-01-31"
    );
}
