//! Made-up hours, judged by the rows of the real tables.

use super::*;
use crate::rows::hour::Ended;
use crate::rows::tally::Counts;
use crate::thermometer::ThermometerError;
use firmware_wire::{FaultSet, State};
use rig_bench::{AMBIENT_THERMOMETER, InstrumentId, NOSE_THERMOMETER, Quantity};
use rig_measure::{Contact, Flattening, rate_budget};
use rig_spec::{Decision, SpecSet};
use std::collections::BTreeMap;

const PPB: u32 = 20_000;

macro_rules! tables {
    ($($name:literal),+) => {
        [$(($name, include_str!(concat!("../../../../../specs/pen-a1/", $name)))),+]
    };
}

fn spec() -> SpecSet {
    let files: BTreeMap<String, String> = tables!(
        "cartridge.csv",
        "characterisation.csv",
        "columns.csv",
        "design.csv",
        "document.csv",
        "hazards.csv",
        "loads.csv",
        "plans.csv",
        "presets.csv",
        "rig.csv",
        "unit.csv"
    )
    .into_iter()
    .map(|(name, text)| (name.to_owned(), text.to_owned()))
    .collect();
    SpecSet::parse(&files).unwrap()
}

fn estimate(value: f64, u: f64) -> Estimate {
    Estimate {
        value,
        u,
        dof: f64::INFINITY,
        n: 7_000,
    }
}

/// A load at the needles whose contact may hide so much, nm.
fn touching(half_width_nm: f64) -> Contact {
    Contact::Possible(Flattening {
        depth_nm: half_width_nm,
        half_width_nm,
    })
}

fn minute(rate_hz: f64, u_hz: f64, protrusion_mm: f64) -> Minute {
    let rate = estimate(rate_hz, u_hz);
    Minute {
        rate: rate_budget(&rate, PPB).measured(&rate),
        protrusion: Ok((estimate(1e6 * protrusion_mm, 100.0), touching(1_000.0))),
    }
}

/// 59 windows of 116.667 /s and 1.5 mm, 31 degC in air of 22.
fn hour() -> Hour {
    Hour {
        minutes: vec![minute(116.667, 1e-4, 1.5); 59],
        ended: Ended::InTime,
        ran_s: 3_600.0,
        counts: Some(Counts {
            first: -1,
            last: -1,
            strokes: 420_000,
            turns: 420_000,
        }),
        temperatures: Some(Ok((estimate(31_000.0, 3.0), estimate(22_000.0, 3.0)))),
        datum_stands: true,
        on_cell: false,
    }
}

fn ended(fault: Fault) -> Ended {
    Ended::Early(State::Faulted, FaultSet::NONE.with(fault))
}

fn thermometer(id: InstrumentId, expanded_uncertainty: f64) -> Instrument {
    Instrument {
        id,
        model: String::new(),
        serial: String::new(),
        quantity: Quantity::TemperatureMilliCelsius,
        sample_rate_hz: 4,
        resolution: 10,
        range: (-20_000, 120_000),
        bandwidth_hz: 0,
        certificate: Certificate {
            id: String::new(),
            traceability: String::new(),
            calibrated: String::new(),
            due: String::new(),
            expanded_uncertainty,
            coverage_factor: 2.0,
            time_base_ppb: 0,
            linearity: 0.0,
        },
    }
}

/// Judges a row on the evidence of an hour.
fn judged(id: &str, hour: &Hour) -> Result<(Evidence, Decision), RowError> {
    let spec = spec();
    let row = spec.row(id).unwrap();
    let gauge = GaugeProperties {
        certificate_expanded_nm: 1_000.0,
        certificate_k: 2.0,
        linearity_nm: 4_000.0,
        tilt_deg: 0.5,
        drift_nm_per_kelvin: 500.0,
        temperature_kelvin: 1.0,
        bandwidth_hz: 20_000.0,
        stroke_amplitude_nm: 1_500_000.0,
        fit_bias_nm: 100.0,
        seating_nm: 1_000.0,
    };
    let (nose, air) = (
        thermometer(NOSE_THERMOMETER, 230.0),
        thermometer(AMBIENT_THERMOMETER, 230.0),
    );
    let evidence = match id {
        "END-01" => rate_drift(hour, row, spec.row("RAT-03").unwrap(), PPB),
        "END-02" => depth_drift(hour, row, &gauge),
        "END-03" => counter_error(hour, row),
        _ => {
            let rated = spec.document.maximum_rated_millicelsius();
            nose_temperature(hour, row, Some((&nose, &air)), rated)
        }
    }?;
    let decision = row.judge(&evidence).unwrap();
    Ok((evidence, decision))
}

#[track_caller]
fn check(id: &str, hour: &Hour, verdict: Verdict, value: i64) {
    let (evidence, decision) = judged(id, hour).unwrap();
    assert_eq!(decision.verdict, verdict, "{decision:?}");
    assert_eq!(evidence.measured.map(|it| it.value), Some(value));
}

#[track_caller]
fn check_error(id: &str, hour: &Hour, expected: &str) {
    assert_eq!(judged(id, hour).unwrap_err().to_string(), expected);
}

#[test]
fn a_sound_hour_passes_every_row() {
    check("END-01", &hour(), Verdict::Pass, 0);
    check("END-02", &hour(), Verdict::Pass, 0);
    check("END-03", &hour(), Verdict::Pass, 0);
    check("THM-01", &hour(), Verdict::Pass, 39_000);
    let (evidence, _) = judged("END-01", &hour()).unwrap();
    assert_eq!(evidence.n, Some(59));
    assert_eq!(
        Finding::print_list(&evidence.findings),
        "59 of 59 RAT-03 held"
    );
    // Twice 20 ppm over sqrt(3), k = 2, and next to nothing of scatter, in 1e-9.
    let expanded = evidence.measured.unwrap().expanded;
    assert!((32_600..33_000).contains(&expanded), "{expanded}");
}

#[test]
fn a_rate_that_drifts_fails_inside_its_limits_and_a_window_outside_fails_without_drift() {
    let mut drifts = hour();
    drifts.minutes[0] = minute(122.0, 1e-4, 1.5);
    drifts.minutes[58] = minute(112.0, 1e-4, 1.5);
    check("END-01", &drifts, Verdict::Fail, -81_967_213);
    let mut droops = hour();
    droops.minutes[30] = minute(110.0, 1e-4, 1.5);
    check("END-01", &droops, Verdict::Fail, 0);
    let (evidence, decision) = judged("END-01", &droops).unwrap();
    assert_eq!(
        Finding::print_list(&evidence.findings),
        "58 of 59 RAT-03 held"
    );
    assert_eq!(decision.reasons.len(), 1);
    // However it ended.
    droops.ended = ended(Fault::BatteryLow);
    check("END-01", &droops, Verdict::Fail, 0);
}

#[test]
fn a_window_within_its_uncertainty_of_the_limit_leaves_the_row_in_doubt() {
    let mut unsure = hour();
    unsure.minutes[30] = minute(110.833, 0.01, 1.5);
    check("END-01", &unsure, Verdict::Inconclusive, 0);
    // One that is surely outside decides.
    unsure.minutes[31] = minute(110.0, 0.01, 1.5);
    check("END-01", &unsure, Verdict::Fail, 0);
}

#[test]
fn a_treatment_that_ended_early_is_no_evidence() {
    let mut early = hour();
    early.ended = ended(Fault::BatteryLow);
    early.ran_s = 1_234.4;
    for id in ["END-01", "END-02", "END-03", "THM-01"] {
        check_error(
            id,
            &early,
            "the pen stopped by itself after 1234 s: Faulted, latched BatteryLow",
        );
    }
    let mut short = hour();
    short.minutes.truncate(1);
    for id in ["END-01", "END-02"] {
        check_error(id, &short, "not measurable: window of 60 s, 120 s needed");
    }
}

#[test]
fn a_protrusion_that_drifts_fails_unless_the_datum_moved() {
    let drifted = |mm: f64| {
        let mut hour = hour();
        hour.minutes[58] = minute(116.667, 1e-4, 1.5 + mm);
        hour
    };
    check("END-02", &drifted(0.03), Verdict::Pass, 30_000);
    check("END-02", &drifted(0.048), Verdict::Inconclusive, 48_000);
    check("END-02", &drifted(-0.08), Verdict::Fail, -80_000);
    // A load that may hide 20 µm in either window: U is 33 µm.
    let mut hidden = drifted(0.03);
    for minute in &mut hidden.minutes {
        let protrusion = minute.protrusion.as_mut();
        protrusion.unwrap().1 = touching(20_000.0);
    }
    check("END-02", &hidden, Verdict::Inconclusive, 30_000);
    let mut moved = drifted(-0.08);
    moved.datum_stands = false;
    check("END-02", &moved, Verdict::Inconclusive, -80_000);
    let mut bent = hour();
    bent.minutes[0].protrusion = Err(NotMeasurable::NotFinite);
    assert!(judged("END-02", &bent).is_err());
    assert!(judged("END-01", &bent).is_ok());
}

#[test]
fn one_stroke_too_many_fails() {
    let mut one = hour();
    one.counts = one.counts.map(|it| Counts { last: 0, ..it });
    check("END-03", &one, Verdict::Fail, 1);
    one.counts = None;
    assert!(judged("END-03", &one).is_err());
}

#[test]
fn a_nose_that_would_be_too_hot_in_the_warmest_air_fails() {
    let nose = |millicelsius: f64| {
        let mut hour = hour();
        hour.temperatures = Some(Ok((estimate(millicelsius, 3.0), estimate(22_000.0, 3.0))));
        hour
    };
    // U is 0.33 K, and the guard band, too.
    check("THM-01", &nose(34_600.0), Verdict::Pass, 42_600);
    check("THM-01", &nose(34_900.0), Verdict::Inconclusive, 42_900);
    check("THM-01", &nose(35_400.0), Verdict::Fail, 43_400);
    let (evidence, _) = judged("THM-01", &nose(31_000.0)).unwrap();
    let expanded = evidence.measured.unwrap().expanded;
    assert!((325..335).contains(&expanded), "{expanded}");
}

#[test]
fn a_temperature_that_nobody_saw_is_none() {
    let mut silent = hour();
    silent.temperatures = Some(Err(ThermometerError::Silent {
        instrument: NOSE_THERMOMETER,
        silent_s: 30,
    }));
    check_error("THM-01", &silent, "nose thermometer: no samples for 30 s");
    check("END-01", &silent, Verdict::Pass, 0);
    let mut missing = hour();
    missing.temperatures = None;
    assert!(matches!(
        judged("THM-01", &missing),
        Err(RowError::NoInstrument(RowInstrument::Thermometers))
    ));
    let spec = spec();
    let row = spec.row("THM-01").unwrap();
    assert!(nose_temperature(&hour(), row, None, Some(30_000)).is_err());
    let (nose, air) = (
        thermometer(NOSE_THERMOMETER, 230.0),
        thermometer(AMBIENT_THERMOMETER, 230.0),
    );
    assert!(nose_temperature(&hour(), row, Some((&nose, &air)), None).is_err());
}
