//! When a current rose and when a rate came inside its limits, against signals of known truth.

use crate::synthetic::Noise;
use firmware_units::Nanoseconds;
use rig_measure::{
    Block, Capture, Channel, CurrentStream, EdgeCapture, Exceedance, InsideFrom, NotMeasurable,
    inside_from, time_above,
};

const RATE_HZ: u32 = 2_000;

/// One second of a current in µA as the probe shows it, with 2 mA of noise.
fn capture_of(current_ua: impl Fn(f64) -> f64) -> Capture {
    let mut noise = Noise::seeded(23);
    let mut probe = CurrentStream::new(Channel {
        sample_rate_hz: RATE_HZ,
        resolution: 100,
        range: (-5_000_000, 5_000_000),
        noise: 0.0,
        time_base_ppb: 50_000,
        at_jitter: Nanoseconds(0),
    });
    let id = probe.open();
    for index in 0..100_u64 {
        let values: Vec<i64> = (20 * index..20 * index + 20)
            .map(|it| current_ua(it as f64 / f64::from(RATE_HZ)) + 2_000.0 * noise.normal())
            .map(|it| libm::round(it / 100.0) as i64 * 100)
            .collect();
        probe.push(&Block {
            first_seq: 20 * index,
            at: Nanoseconds(10_000_000 * index),
            values: &values,
            exceptions: &[],
        });
    }
    probe.close(id).expect("sound")
}

/// A rise to 2.3 A with a time constant of 45 ms from 0.2 s on; it crosses 2.0 A 91.6 ms later.
fn rise(t: f64) -> f64 {
    2.3e6 * (1.0 - libm::exp(-(t - 0.2).max(0.0) / 0.045))
}

fn exceedance(current_ua: impl Fn(f64) -> f64) -> Option<Exceedance> {
    let event = Nanoseconds::from_millis(100);
    let found = time_above(&capture_of(current_ua), event, 2e6, 2_000.0, 0.02);
    found.expect("the event lies in the capture")
}

fn above(current_ua: impl Fn(f64) -> f64) -> Option<f64> {
    let begun = exceedance(current_ua)?.begun;
    assert!(
        begun.u < 1.5e-3,
        "a block, and 2 mA of a rise of 6.7 A/s: {begun:?}"
    );
    Some(begun.value)
}

#[test]
fn a_current_that_rose_is_timed_from_the_first_sample_beyond_the_threshold() {
    let crossing_s = 0.1 + 0.0917;
    let found = above(rise).expect("it rose");
    assert!((found - crossing_s).abs() < 1.5e-3, "{found}");
    let found = above(|t| -rise(t)).expect("the sign of the probe does not matter");
    assert!((found - crossing_s).abs() < 1.5e-3, "{found}");
}

#[test]
fn an_exceedance_that_does_not_last_is_none() {
    assert_eq!(above(|t| 0.8 * rise(t)), None, "1.84 A at most");
    let spike = |t: f64| {
        if (0.3..0.31).contains(&t) {
            2.5e6
        } else {
            0.5e6
        }
    };
    assert_eq!(above(spike), None, "10 ms of the 20 ms wanted");
}

#[test]
fn an_exceedance_that_was_interrupted_shows_in_its_smallest_mean() {
    let switched_off = |t: f64| if t < 0.6 { rise(t) } else { 0.0 };
    let whole = exceedance(switched_off).expect("it rose");
    assert!(whole.smallest > 2e6, "{whole:?}");
    let dip = |t: f64| {
        if (0.4..0.43).contains(&t) {
            1.0e6
        } else {
            switched_off(t)
        }
    };
    let interrupted = exceedance(dip).expect("it rose");
    assert!(interrupted.smallest < 1.1e6, "{interrupted:?}");
    assert_eq!(interrupted.begun.value, whole.begun.value);
}

#[test]
fn what_was_above_before_the_event_counts_from_the_event() {
    let found = above(|_| 2.5e6).expect("it is above all along");
    assert!(found.abs() < 1e-3, "{found}");
    let outside = time_above(
        &capture_of(rise),
        Nanoseconds::from_seconds(2),
        2e6,
        0.0,
        0.02,
    );
    assert!(matches!(outside, Err(NotMeasurable::EventOutside { .. })));
}

/// Edges at these periods in ms, from 1 s on.
fn edges(periods_ms: &[f64]) -> EdgeCapture {
    let mut edges_ns = vec![1_000_000_000];
    for period_ms in periods_ms {
        let last = edges_ns[edges_ns.len() - 1];
        edges_ns.push(last + (1e6 * period_ms) as i64);
    }
    EdgeCapture { edges_ns }
}

fn inside(periods_ms: &[f64]) -> Option<InsideFrom> {
    inside_from(&edges(periods_ms), 110.833, 122.5).expect("enough edges")
}

#[test]
fn a_rate_is_inside_from_the_first_of_the_periods_that_stay_so() {
    // 8.571 ms is 116.667 /s; the limits are 8.163 and 9.023 ms.
    let found = inside(&[40.0, 12.0, 9.1, 8.6, 8.5, 8.6]).expect("the last ones are inside");
    assert_eq!(found.edge_ns, 1_000_000_000 + 69_700_000);
    assert!((found.period_s - 8.6e-3).abs() < 1e-12);
    assert!((found.held_s - 17.1e-3).abs() < 1e-9);
}

#[test]
fn one_stroke_outside_begins_the_wait_anew() {
    let found = inside(&[8.6, 8.6, 8.1, 8.6, 8.6]).expect("the last ones are inside");
    assert_eq!(found.edge_ns, 1_000_000_000 + 33_900_000);
    assert_eq!(inside(&[8.6, 8.6, 8.6, 9.1]), None, "the last is outside");
    let missing = inside(&[8.6, 8.6, 17.2, 8.6, 8.6]).expect("the last ones are inside");
    assert_eq!(missing.edge_ns, 1_000_000_000 + 43_000_000);
}

#[test]
fn edges_that_make_no_sense_are_never_inside() {
    assert_eq!(inside(&[8.6, -8.6]), None);
    assert_eq!(
        inside_from(&edges(&[8.6]), 110.0, 120.0),
        Err(NotMeasurable::TooFewEdges {
            needed: 3,
            found: 2
        })
    );
    let mad = EdgeCapture {
        edges_ns: vec![i64::MIN, i64::MAX, i64::MIN, i64::MAX],
    };
    assert_eq!(inside_from(&mad, 110.0, 120.0), Ok(None));
}
