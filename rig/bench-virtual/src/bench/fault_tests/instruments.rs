//! Checks of what may be broken about the rig's instruments.

use super::{Check, OFF, ON, Stand, near, stand};
use crate::mechanism::Drive;
use rig_bench::{
    AMBIENT_THERMOMETER, FORCE, GAUGE, InstrumentId, MOTOR_CURRENT, NOSE_THERMOMETER, SampleStatus,
    Shaft, TACHOMETER,
};

pub(super) const CHECKS: &[Check] = &[
    ("gauge-hold", gauge_hold),
    ("gauge-hold-on-loss", gauge_hold_on_loss),
    ("gauge-dropout", gauge_dropout),
    ("gauge-gap", gauge_gap),
    ("gauge-loss", gauge_loss),
    ("gauge-shift", gauge_shift),
    ("gauge-saturated", gauge_saturated),
    ("gauge-tilt", gauge_tilt),
    ("gauge-drift", gauge_drift),
    ("gauge-scale", gauge_scale),
    ("gauge-noise", gauge_noise),
    ("gauge-clock-off", gauge_clock_off),
    ("tachometer-dead", tachometer_dead),
    ("tachometer-double", tachometer_double),
    ("tachometer-missed", tachometer_missed),
    ("tachometer-clock-off", tachometer_clock_off),
    ("current-dead", current_dead),
    ("current-offset", current_offset),
    ("current-clock-off", current_clock_off),
    ("force-dead", force_dead),
    ("axial-weak", axial_weak),
    ("nose-thermometer-dead", nose_thermometer_dead),
];

/// Mean and standard deviation of an instrument's values over half a second at rest.
fn at_rest(stand: &mut Stand, instrument: InstrumentId) -> (f64, f64) {
    stand.seen.clear();
    stand.run(&OFF, 0.5);
    let values = stand.values(instrument);
    let n = values.len() as f64;
    let mean = values.iter().map(|&it| it as f64).sum::<f64>() / n;
    let square = values
        .iter()
        .map(|&it| (it as f64 - mean).powi(2))
        .sum::<f64>();
    (mean, (square / n).sqrt())
}

/// A cam that the fixture turns at 100 strokes/s.
fn turned(fault: &str) -> Stand {
    let mut stand = stand(fault);
    stand.world.set_shaft(Shaft::Turned {
        millihertz: 100_000,
    });
    stand
}

fn nose_thermometer_dead() {
    let mut broken = stand("name = \"nose-thermometer-dead\"\nfrom_s = 1");
    broken.run(&OFF, 3.0);
    assert_eq!(broken.values(NOSE_THERMOMETER).len(), 4);
    assert_eq!(broken.values(AMBIENT_THERMOMETER).len(), 12);
}

fn gauge_hold() {
    let mut broken = turned("name = \"gauge-hold\"\nfrom_s = 0.1");
    broken.run(&OFF, 0.1);
    let last = *broken.values(GAUGE).last().unwrap();
    broken.seen.clear();
    broken.run(&OFF, 0.2);
    assert!(broken.values(GAUGE).iter().all(|&it| it == last));
    assert_eq!(broken.statuses(GAUGE), []);
}

/// Lengths of runs of one value.
fn runs(values: &[i64]) -> Vec<usize> {
    values.chunk_by(|a, b| a == b).map(<[i64]>::len).collect()
}

fn gauge_hold_on_loss() {
    let mut broken = turned("name = \"gauge-hold-on-loss\"\nprobability = 0.002\nsamples = 40");
    broken.run(&OFF, 2.0);
    assert_eq!(broken.statuses(GAUGE), []);
    let runs = runs(&broken.values(GAUGE));
    let long = runs.iter().filter(|&&it| it >= 41).count() as f64;
    // Each of the samples that is not held begins one.
    let expected = 40_000.0 * 0.002 / (1.0 + 0.002 * 39.0);
    near(long, expected, 4.0 * expected.sqrt());
    assert!(runs.iter().all(|&it| !(5..41).contains(&it)), "{runs:?}");
}

fn gauge_dropout() {
    let mut broken = stand("name = \"gauge-dropout\"\nprobability = 0.05");
    broken.run(&OFF, 1.0);
    let lost = broken.statuses(GAUGE);
    assert!(lost.iter().all(|&it| it == SampleStatus::NoTarget));
    near(
        lost.len() as f64 / 20_000.0,
        0.05,
        4.0 * (0.0475_f64 / 20_000.0).sqrt(),
    );
}

/// Samples, and one more than the last one's number, of 0.2 s.
fn counted(fault: &str) -> (usize, u64) {
    let mut stand = stand(fault);
    stand.run(&OFF, 0.2);
    let end = stand
        .blocks(GAUGE)
        .last()
        .map_or(0, |block| block.first_seq + block.values.len() as u64);
    (stand.values(GAUGE).len(), end)
}

fn gauge_gap() {
    assert_eq!(counted(""), (4_000, 4_000));
    let found = counted("name = \"gauge-gap\"\nsamples = 7\nfrom_s = 0.1");
    assert_eq!(found, (3_993, 4_000));
}

fn gauge_loss() {
    let found = counted("name = \"gauge-loss\"\nsamples = 7\nfrom_s = 0.1");
    assert_eq!(found, (3_993, 3_993));
}

fn gauge_shift() {
    let mut broken = stand("name = \"gauge-shift\"\num = 50\nfrom_s = 0.5");
    let (before, _) = at_rest(&mut broken, GAUGE);
    // Linearity over the way is below 4 µm.
    near(at_rest(&mut broken, GAUGE).0 - before, 50_000.0, 4_000.0);
}

fn gauge_saturated() {
    let mut broken = turned("name = \"gauge-saturated\"\num = 1000");
    broken.run(&OFF, 0.1);
    let values = broken.values(GAUGE);
    assert_eq!(values.iter().map(|it| it.abs()).max(), Some(1_000_000));
    assert!(values.iter().filter(|&&it| it == -1_000_000).count() > 500);
    assert_eq!(broken.statuses(GAUGE), []);
}

/// Mean indication of the needle plane at two carriage positions some 1.25 mm apart: the
/// difference over its true value.
fn slope(fault: &str) -> f64 {
    let mut stand = stand(fault);
    let (low, _) = at_rest(&mut stand, GAUGE);
    let low_um = stand.top_um();
    stand.walk(400);
    let (high, _) = at_rest(&mut stand, GAUGE);
    1e-3 * (high - low) / (stand.top_um() - low_um)
}

fn gauge_tilt() {
    let found = slope("name = \"gauge-tilt\"\ncentidegrees = 1500") / slope("");
    near(found, 15f64.to_radians().cos(), 0.002);
}

fn gauge_drift() {
    let mut broken = stand("name = \"gauge-drift\"\nnm_per_s = 20000\nfor_s = 1.0");
    let (first, _) = at_rest(&mut broken, GAUGE);
    near(at_rest(&mut broken, GAUGE).0 - first, 10_000.0, 1_000.0);
    // What it has drifted stays: the means of the halves lie 15 µm before its end at 20 µm.
    near(at_rest(&mut broken, GAUGE).0 - first, 15_000.0, 1_000.0);
    near(at_rest(&mut broken, GAUGE).0 - first, 15_000.0, 1_000.0);
}

fn gauge_scale() {
    near(
        slope("name = \"gauge-scale\"\nppm = 20000") / slope(""),
        1.02,
        0.002,
    );
}

fn gauge_noise() {
    let (_, spread) = at_rest(&mut stand("name = \"gauge-noise\"\nnm = 24000"), GAUGE);
    near(spread / 26_000.0, 1.0, 4.0 / (2.0_f64 * 10_000.0).sqrt());
}

/// Samples of an instrument in a second, beside the sound one's.
fn sample_ratio(fault: &str, instrument: InstrumentId) -> f64 {
    let count = |fault: &str| stand(fault).run(&OFF, 1.0).values(instrument).len() as f64;
    count(fault) / count("")
}

fn gauge_clock_off() {
    near(
        sample_ratio("name = \"gauge-clock-off\"\nppm = 10000", GAUGE),
        1.01,
        1e-4,
    );
}

fn current_clock_off() {
    let fault = "name = \"current-clock-off\"\nppm = -10000";
    near(sample_ratio(fault, MOTOR_CURRENT), 0.99, 1e-3);
}

fn tachometer_dead() {
    let mut broken = turned("name = \"tachometer-dead\"\nfrom_s = 1");
    assert_eq!(broken.run(&OFF, 1.0).values(TACHOMETER).len(), 100);
    assert_eq!(broken.run(&OFF, 1.0).values(TACHOMETER).len(), 100);
}

fn tachometer_double() {
    let mut broken = turned("name = \"tachometer-double\"\nprobability = 0.5");
    let times = broken.run(&OFF, 10.0).values(TACHOMETER);
    let doubled = times
        .windows(2)
        .filter(|pair| (pair[1] - pair[0] - 200_000).abs() < 100);
    near(
        doubled.count() as f64 / 1_000.0,
        0.5,
        4.0 * (0.25_f64 / 1_000.0).sqrt(),
    );
    near(times.len() as f64, 1_500.0, 80.0);
}

fn tachometer_missed() {
    let mut broken = turned("name = \"tachometer-missed\"\nprobability = 0.2");
    let found = broken.run(&OFF, 10.0).values(TACHOMETER).len() as f64;
    near(found / 1_000.0, 0.8, 4.0 * (0.16_f64 / 1_000.0).sqrt());
}

fn tachometer_clock_off() {
    let period = |fault: &str| {
        let times = turned(fault).run(&OFF, 2.0).values(TACHOMETER);
        (times[times.len() - 1] - times[0]) as f64 / (times.len() - 1) as f64
    };
    let found = period("name = \"tachometer-clock-off\"\nppm = 500") / period("");
    near(found, 1.000_5, 1e-6);
}

/// Mean of the current probe at a locked shaft, µA.
fn stall_ua(fault: &str) -> f64 {
    let mut stand = stand(fault);
    stand.world.set_shaft(Shaft::Locked);
    let half = Drive { duty: 0.5, ..ON };
    let values = stand.run(&half, 1.0).values(MOTOR_CURRENT);
    values.iter().sum::<i64>() as f64 / values.len() as f64
}

fn current_dead() {
    assert_eq!(stall_ua("name = \"current-dead\""), 0.0);
}

fn current_offset() {
    let found = stall_ua("name = \"current-offset\"\nua = 30000") - stall_ua("");
    near(found, 30_000.0, 200.0);
}

fn force_dead() {
    let mut broken = stand("name = \"force-dead\"");
    broken.world.set_axial(1.0);
    near(at_rest(&mut broken, FORCE).0, 0.0, 2_500.0);
    // It presses all the same.
    let mut sound = stand("");
    let free_um = sound.run(&OFF, 0.01).top_um();
    near(broken.top_um() - free_um, 10.0, 1e-6);
}

fn axial_weak() {
    let mut broken = stand("name = \"axial-weak\"\npermille = 400");
    broken.world.set_axial(1.0);
    near(at_rest(&mut broken, FORCE).0, 400_000.0, 4_000.0);
    let free_um = stand("").run(&OFF, 0.01).top_um();
    near(broken.top_um() - free_um, 4.0, 1e-6);
}
