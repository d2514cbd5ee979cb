//! Streams and captures: what is refused, what is a stroke, and when something happened.

use crate::pen::{
    Noise, RATE, Running, channel, exact_zero, indicate, send, send_with, settings, slider, stream,
    strokes_of, time_of,
};
use firmware_units::Nanoseconds;
use rig_measure::{
    Block, Capture, Channel, CurrentStream, DefectKind, NotMeasurable, SampleFault, Settling,
    StrokeTracker, TachometerStream, largest_change, largest_level, period_variation,
    protrusion_mean, rate_by_marks, tachometer_rate, time_below, time_to_rest,
};
use rig_measure::{EdgeCapture, Stroke};
use std::f64::consts::TAU;

/// The defect for which a capture of these blocks is refused, if it is.
fn refusal(blocks: &[(u64, &[i64])], faults: &[(usize, SampleFault)]) -> Option<DefectKind> {
    let mut gauge = stream();
    let id = gauge.open();
    for (first_seq, samples) in blocks {
        send_with(&mut gauge, *first_seq, samples, faults);
    }
    match gauge.close(id) {
        Ok(_) => None,
        Err(NotMeasurable::Defect(defect)) => Some(defect.kind),
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn a_window_with_a_bad_sample_is_refused() {
    let sound = Running {
        seconds: 0.5,
        ..Running::default()
    }
    .signal(1)
    .samples;
    let (before, after) = sound.split_at(4_321);
    assert_eq!(refusal(&[(0, &sound)], &[]), None);
    assert_eq!(
        refusal(&[(0, before), (4_321, after)], &[]),
        None,
        "how it is cut does not matter"
    );
    assert_eq!(
        refusal(&[(0, before), (4_322, &after[1..])], &[]),
        Some(DefectKind::Lost),
        "one sample lost"
    );
    assert_eq!(
        refusal(&[(0, before), (4_320, after)], &[]),
        Some(DefectKind::OutOfOrder)
    );
    assert_eq!(
        refusal(&[(0, &sound)], &[(5_000, SampleFault::NoTarget)]),
        Some(DefectKind::NoTarget)
    );
    assert_eq!(
        refusal(&[(0, &sound)], &[(5_199, SampleFault::OutOfRange)]),
        Some(DefectKind::OutOfRange)
    );
    let altered = |change: &dyn Fn(&mut [i64])| {
        let mut samples = sound.clone();
        change(&mut samples);
        refusal(&[(0, &samples)], &[])
    };
    assert_eq!(
        altered(&|it| it[700] = 5_000_000),
        Some(DefectKind::OutOfRange),
        "at the end of the range"
    );
    let shortest = rig_measure::stale_run_length(100, 5_000.0)
        .expect("noise is well above the resolution") as usize;
    assert_eq!(shortest, 9);
    let hold = |from: usize, length: usize| {
        let held = sound[from];
        altered(&move |it| it[from..from + length].fill(held))
    };
    assert_eq!(hold(3_000, 20), Some(DefectKind::Stale), "1 ms");
    assert_eq!(
        hold(9_990, 10),
        Some(DefectKind::Stale),
        "to the end of the record"
    );
    assert_eq!(
        hold(3_000, shortest),
        Some(DefectKind::Stale),
        "the shortest that is certain"
    );
}

#[test]
fn noise_is_not_taken_for_a_held_value() {
    // The shortest noise that a living gauge has, standing still: the likeliest to repeat.
    let mut noise = Noise::seeded(2);
    let samples: Vec<i64> = (0..400_000)
        .map(|_| indicate(5_000.0 * noise.normal()))
        .collect();
    assert_eq!(refusal(&[(0, &samples)], &[]), None);
}

/// Gauge blocks dated by the given function of their position.
fn dated(at: impl Fn(u64) -> u64, jitter_ns: u64) -> Option<DefectKind> {
    let samples = Running::default().signal(3).samples;
    let channel = Channel {
        at_jitter: Nanoseconds(jitter_ns),
        ..channel()
    };
    let mut gauge = rig_measure::GaugeStream::new(channel, settings());
    let id = gauge.open();
    for (index, values) in (0_u64..).zip(samples.chunks(200)) {
        gauge.push(&Block {
            first_seq: 200 * index,
            at: Nanoseconds(at(index)),
            values,
            exceptions: &[],
        });
    }
    gauge.tick(Nanoseconds(1_050_000_000));
    match gauge.close(id) {
        Err(NotMeasurable::Defect(defect)) => Some(defect.kind),
        _ => None,
    }
}

#[test]
fn samples_lost_without_a_trace_show_against_the_clock() {
    let even = |index: u64| index * 10_000_000;
    assert_eq!(dated(even, 0), None);
    assert_eq!(
        dated(|it| it * 10_000_200, 0),
        None,
        "20 ppm is what the time base may have"
    );
    assert_eq!(
        dated(|it| even(it) + if it > 50 { 50_000 } else { 0 }, 0),
        Some(DefectKind::Uncounted),
        "one"
    );
    let late = |it: u64| even(it) + 700_000 * (it % 3);
    assert_eq!(dated(late, 2_000_000), None, "jitter of transport");
    assert_eq!(
        dated(
            |it| even(it) + if it > 50 { 6_000_000 } else { 0 },
            2_000_000
        ),
        Some(DefectKind::Uncounted)
    );
    // Slow loss: one sample in each tenth block stays below half a sample a block and adds up.
    assert_eq!(
        dated(|it| even(it) + it * 5_000, 0),
        Some(DefectKind::Uncounted)
    );
}

#[test]
fn an_instrument_that_sends_nothing_is_silent() {
    let mut gauge = stream();
    gauge.tick(Nanoseconds::from_millis(90));
    let id = gauge.open();
    assert!(gauge.defects().is_empty());
    gauge.tick(Nanoseconds::from_millis(150));
    assert_eq!(gauge.defects()[0].kind, DefectKind::Silent);
    assert!(matches!(gauge.close(id), Err(NotMeasurable::Defect(_))));
    let id = gauge.open();
    send(&mut gauge, 0, &Running::default().signal(4).samples);
    gauge.tick(Nanoseconds::from_millis(1_050));
    assert!(
        gauge.close(id).is_ok(),
        "what came before the capture does not spoil it"
    );
    let id = gauge.open();
    gauge.tick(Nanoseconds::from_millis(1_200));
    assert!(gauge.close(id).is_err());
}

#[test]
fn captures_are_closed_once_and_on_their_stream() {
    let (mut one, mut other) = (stream(), stream());
    let id = one.open();
    assert_eq!(
        other.close(id).map(|_| ()),
        Err(NotMeasurable::NoSuchCapture)
    );
}

#[test]
fn strokes_do_not_depend_on_how_the_stream_is_cut() {
    let samples = Running {
        seconds: 3.0,
        spread_nm: 8_000.0,
        ..Running::default()
    }
    .signal(5)
    .samples;
    let whole = strokes_of(&samples);
    for length in [1, 7, 1_000, 33_333] {
        let mut tracker = StrokeTracker::new(settings());
        let mut strokes = Vec::new();
        for (index, values) in samples.chunks(length).enumerate() {
            tracker.push((index * length) as u64, values, &mut strokes);
        }
        assert!(strokes == whole, "blocks of {length}");
    }
}

#[test]
fn a_capture_holds_the_strokes_that_lie_in_it() {
    let signal = Running {
        seconds: 3.0,
        ..Running::default()
    }
    .signal(6);
    let mut gauge = stream();
    send(&mut gauge, 0, &signal.samples[..20_000]);
    let id = gauge.open();
    send(&mut gauge, 20_000, &signal.samples[20_000..50_000]);
    let n = gauge.strokes_in(&id);
    let capture = gauge.close(id).expect("sound");
    assert_eq!(capture.strokes().len(), n);
    let inside = signal
        .tops
        .iter()
        .filter(|it| it.0 > 20_000.0 && it.0 < 50_000.0)
        .count();
    assert!(inside - n <= 3, "{n} of {inside} strokes");
    assert!(
        capture
            .strokes()
            .iter()
            .all(|it| it.top > 20_030.0 && it.top < 49_970.0)
    );
    assert_eq!(capture.trace().means.len(), 1_500);
    assert_eq!(capture.clock().index_of(time_of(21_000)), 21_000.0);
}

#[test]
fn a_spike_is_taken_out_and_counted_and_a_smaller_glitch_refused() {
    let signal = Running {
        spread_nm: 8_000.0,
        ..Running::default()
    }
    .signal(7);
    let strokes = strokes_of(&signal.samples);
    let top = strokes[20].top.round() as usize;
    let altered = |change: &dyn Fn(&mut Vec<i64>)| {
        let mut samples = signal.samples.clone();
        change(&mut samples);
        strokes_of(&samples)
    };
    for size in [-2_000_000, -500_000, 500_000, 2_000_000] {
        let spiked = altered(&|it| it[top + 3] += size);
        assert_eq!(spiked[20].rejected, 1, "{size} nm");
        assert!(
            (spiked[20].peak_nm - strokes[20].peak_nm).abs() < 3_000.0,
            "{size} nm: {:?}",
            spiked[20]
        );
        assert!(protrusion_mean(&spiked, &exact_zero()).is_ok());
    }
    // Too small for a spike, too large for noise: twelve standard deviations and more.
    for size in [-140_000, -120_000, 120_000, 140_000] {
        let glitch = protrusion_mean(&altered(&|it| it[top + 3] += size), &exact_zero());
        assert!(
            matches!(glitch, Err(NotMeasurable::Shape { .. })),
            "{size} nm: {glitch:?}"
        );
    }
}

/// A movement in samples: crank angle (0 at the top) and carriage by time in seconds.
fn movement(seconds: f64, seed: u64, position: impl Fn(f64) -> (f64, f64)) -> Vec<i64> {
    let mut noise = Noise::seeded(seed);
    (0..(seconds * f64::from(RATE)) as u32)
        .map(|it| {
            let (angle, carriage) = position(f64::from(it) / f64::from(RATE));
            indicate(carriage + slider(angle) + 10_000.0 * noise.normal())
        })
        .collect()
}

#[test]
fn standing_creeping_and_carriage_moves_are_no_strokes() {
    let strokes =
        |position: &dyn Fn(f64) -> (f64, f64)| strokes_of(&movement(4.0, 8, position)).len();
    assert_eq!(strokes(&|_| (2.0, 0.0)), 0, "standing");
    assert_eq!(
        strokes(&|t| (2.0, 20_000.0 * libm::sin(900.0 * t))),
        0,
        "shaking by 20 µm"
    );
    // 2.7 mm at 15 mm/s: out, stay, in, out again.
    let out = |t: f64| (t * 15e6).clamp(0.0, 2.7e6);
    assert_eq!(
        strokes(&|t| (
            3.0,
            out(t - 0.5) - out(t - 1.3) + out(t - 2.0) - out(t - 2.6)
        )),
        0,
        "carriage"
    );
    assert_eq!(strokes(&|t| (0.1 * t, 0.0)), 0, "turned too slowly");
}

#[test]
fn strokes_are_measured_from_start_to_stop() {
    // From rest up to 116.667 /s within 0.3 s, down from 2 s within 0.1 s. Turns are the integral.
    let (up, down, rate) = (0.3, 0.1, 116.667);
    let turns = |t: f64| {
        let rising = t.min(up);
        let falling = (t - 2.0).clamp(0.0, down);
        let level = (t.min(2.0) - up).max(0.0);
        rate * (rising * rising / (2.0 * up) + level + falling - falling * falling / (2.0 * down))
    };
    let samples = movement(3.0, 9, |t| (TAU * (turns(t) + 0.4), 1_500_000.0));
    let strokes = strokes_of(&samples);
    let whole = (turns(3.0) + 0.4) as usize;
    assert!(
        strokes.len() + 3 >= whole && strokes.len() <= whole,
        "{} of {whole}",
        strokes.len()
    );
    for stroke in &strokes {
        let off = (stroke.peak_nm - 1_500_000.0).abs();
        assert!(off < 5.0 * stroke.peak_u_nm + 100.0, "{stroke:?}");
    }
    // A mean over a ramp counts strokes over time all the same.
    let rate = rate_by_marks(&strokes, RATE).expect("measurable").rate;
    assert_eq!(rate.n, strokes.len() - 1);
}

#[test]
fn a_stroke_that_was_not_measured_still_counts() {
    let mut strokes = strokes_of(&Running::default().signal(10).samples);
    let rate = |strokes: &[Stroke]| rate_by_marks(strokes, RATE).expect("measurable").rate;
    let whole = rate(&strokes);
    strokes.remove(30);
    let without = rate(&strokes);
    assert_eq!(without.n, whole.n);
    assert!((without.value - whole.value).abs() < 0.5 * whole.u);
    let variation = period_variation(&strokes).expect("measurable");
    assert!(variation.value < 1e-3, "no doubled period: {variation:?}");
}

#[test]
fn slow_strokes_of_a_turned_shaft_are_measured() {
    for turns_a_second in [0.8, 1.0, 5.0, 8.0] {
        let samples = movement(6.0, 11, |t| (TAU * turns_a_second * t + 1.0, -200_000.0));
        let strokes = strokes_of(&samples);
        assert!(
            strokes.len() as f64 >= 6.0 * turns_a_second - 2.5,
            "{turns_a_second} /s: {}",
            strokes.len()
        );
        for stroke in strokes {
            assert!(
                (stroke.peak_nm + 200_000.0).abs() < 5.0 * stroke.peak_u_nm + 100.0,
                "{stroke:?}"
            );
        }
    }
}

/// A capture of a gauge signal that begins at power-on.
fn captured(samples: &[i64]) -> Capture {
    let mut gauge = stream();
    let id = gauge.open();
    send(&mut gauge, 0, samples);
    gauge.close(id).expect("sound")
}

#[test]
fn time_to_rest_is_the_end_of_the_last_motion() {
    // Running at 150 /s and 2.5 mm; cam stops within 60 ms after the event and a delay, then the
    // carriage pulls back 2.7 mm at 15 mm/s.
    for (seed, delay, stop) in [(1, 0.004, 0.060), (2, 0.0101, 0.081), (3, 0.020, 0.0333)] {
        let event_s = 0.1003;
        let braked_s = event_s + delay;
        let position = |t: f64| {
            let falling = (t - braked_s).clamp(0.0, stop);
            let turns = 150.0 * (t.min(braked_s) + falling - falling * falling / (2.0 * stop));
            let retracted = ((t - braked_s - stop) * 15e6).clamp(0.0, 2.7e6);
            (TAU * turns, 2.5e6 - retracted)
        };
        let capture = captured(&movement(1.0, seed, position));
        let truth = delay + stop + 0.18;
        let event = Nanoseconds((event_s * 1e9) as u64);
        let settling = time_to_rest(&capture, event, 50_000.0, 0.15).expect("measurable");
        let Settling::After(estimate) = settling else {
            panic!("{settling:?}")
        };
        // Late by up to a block, early by what 16 µm take at 15 mm/s and half a block.
        let late = estimate.value - truth;
        assert!((-1.6e-3..=1.0e-3).contains(&late), "late by {late} s");
        assert!(late.abs() <= 2.0 * estimate.u, "u {}", estimate.u);
        let never =
            time_to_rest(&capture, event, 50_000.0, 0.9).expect_err("not observed for so long");
        assert!(matches!(never, NotMeasurable::WindowTooShort { .. }));
        let outside = time_to_rest(&capture, Nanoseconds::from_millis(1_100), 50_000.0, 0.15);
        assert!(matches!(outside, Err(NotMeasurable::EventOutside { .. })));
    }
}

#[test]
fn what_does_not_rest_has_no_time_to_rest() {
    let event = Nanoseconds::from_millis(100);
    let rests = |samples: &[i64]| {
        time_to_rest(&captured(samples), event, 50_000.0, 0.15).expect("measurable")
    };
    let running = Running {
        rate_hz: 150.0,
        top_nm: -200_000.0,
        ..Running::default()
    }
    .signal(12);
    assert!(
        matches!(rests(&running.samples), Settling::NotWithin { .. }),
        "runs on below the threshold"
    );
    assert!(
        matches!(
            rests(&movement(1.0, 13, |_| (0.0, 80_000.0))),
            Settling::NotWithin { .. }
        ),
        "still, but out"
    );
    let creeping = movement(1.0, 14, |t| (0.0, -200_000.0 - 1e6 * t));
    assert!(
        matches!(rests(&creeping), Settling::NotWithin { .. }),
        "creeps inwards"
    );
    let still = rests(&movement(1.0, 15, |_| (0.0, -200_000.0)));
    assert!(
        matches!(still, Settling::After(it) if it.value == 0.0),
        "was at rest: {still:?}"
    );
    let twitch = movement(1.0, 16, |t| {
        (
            0.0,
            if (0.7..0.702).contains(&t) {
                -100_000.0
            } else {
                -200_000.0
            },
        )
    });
    assert!(
        matches!(rests(&twitch), Settling::After(it) if (it.value - 0.602).abs() < 1.5e-3),
        "twitches late"
    );
}

#[test]
fn a_current_that_fell_is_timed() {
    let rate = 2_000;
    let channel = Channel {
        sample_rate_hz: rate,
        resolution: 100,
        range: (-5_000_000, 5_000_000),
        noise: 0.0,
        time_base_ppb: 50_000,
        at_jitter: Nanoseconds(0),
    };
    let below = |off_s: f64, seconds: f64| {
        let mut noise = Noise::seeded(17);
        let mut probe = CurrentStream::new(channel);
        let id = probe.open();
        let samples: Vec<i64> = (0..(seconds * f64::from(rate)) as u32)
            .map(|it| {
                let t = f64::from(it) / f64::from(rate);
                let current = if t < off_s {
                    1e6
                } else {
                    1e6 * libm::exp(-(t - off_s) / 1e-3)
                };
                indicate(-current + 2_000.0 * noise.normal())
            })
            .collect();
        for (index, values) in (0_u64..).zip(samples.chunks(20)) {
            probe.push(&Block {
                first_seq: 20 * index,
                at: Nanoseconds(10_000_000 * index),
                values,
                exceptions: &[],
            });
        }
        let capture = probe.close(id).expect("sound");
        time_below(&capture, Nanoseconds::from_millis(100), 20_000.0, 0.15).expect("measurable")
    };
    // It falls to 20 mA in 3.9 ms.
    let Settling::After(estimate) = below(0.35, 1.0) else {
        panic!("it fell")
    };
    assert!(
        (estimate.value - 0.2539).abs() < 2.0 * estimate.u,
        "{estimate:?}"
    );
    assert!(
        matches!(below(0.9, 1.0), Settling::NotWithin { .. }),
        "fell too late to believe it"
    );
    assert!(
        matches!(below(2.0, 1.0), Settling::NotWithin { .. }),
        "a stalled motor"
    );
}

#[test]
fn parked_needles_have_a_largest_level_and_change() {
    let capture = captured(&movement(1.0, 18, |_| (0.0, -200_000.0)));
    let highest = largest_level(capture.trace()).expect("long enough");
    assert!(
        (-200_000.0..-194_000.0).contains(&highest.value),
        "{highest:?}"
    );
    assert!(largest_change(capture.trace()).expect("long enough").value < 10_000.0);
}

#[test]
fn tachometer_edges_that_are_missing_or_double_are_refused() {
    let even: Vec<i64> = (0..100).map(|it| it * 8_571_429).collect();
    let rate = |edges: Vec<i64>| tachometer_rate(&EdgeCapture { edges_ns: edges }, 100.0);
    assert!((rate(even.clone()).expect("sound").value - 116.667).abs() < 1e-3);
    let mut missing = even.clone();
    missing.remove(40);
    assert_eq!(rate(missing), Err(NotMeasurable::MissingEdge { index: 39 }));
    let mut double = even.clone();
    double.insert(41, even[40] + 200_000);
    assert_eq!(rate(double), Err(NotMeasurable::DoubleEdge { index: 40 }));
    for at in [0, 1, 98, 99] {
        let mut near_end = even.clone();
        near_end.insert(at + 1, even[at] + 200_000);
        assert!(rate(near_end).is_err(), "double at {at}");
    }
    assert_eq!(
        rate(even[..2].to_vec()),
        Err(NotMeasurable::TooFewEdges {
            needed: 3,
            found: 2
        })
    );

    let mut stream = TachometerStream::new();
    let id = stream.open();
    stream.push(0, &even[..50]);
    stream.push(51, &even[51..]);
    assert_eq!(stream.edges_seen(), 99);
    assert!(
        matches!(stream.close(id), Err(NotMeasurable::Defect(it)) if it.kind == DefectKind::Lost)
    );
    let id = stream.open();
    stream.push(100, &[even[99] - 1]);
    assert!(
        matches!(stream.close(id), Err(NotMeasurable::Defect(it)) if it.kind == DefectKind::OutOfOrder)
    );
}

#[test]
fn too_few_strokes_are_refused() {
    let strokes: Vec<Stroke> = strokes_of(&Running::default().signal(19).samples);
    assert_eq!(
        protrusion_mean(&strokes[..9], &exact_zero()),
        Err(NotMeasurable::TooFewStrokes {
            needed: 10,
            found: 9
        })
    );
    assert!(rate_by_marks(&strokes[..2], RATE).is_err());
    assert!(period_variation(&strokes[..20]).is_err());
}
