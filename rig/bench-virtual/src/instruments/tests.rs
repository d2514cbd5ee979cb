//! The instruments against what they state of themselves.

use super::*;
use crate::mechanism::{
    CarriageParameters, Drive, Mechanism, NOMINAL_CARRIAGE, NOMINAL_MOTOR, PenParameters,
};
use rig_bench::{GAUGE, InstrumentId, MOTOR_CURRENT, SampleBlock, SampleStatus, Shaft, TACHOMETER};

const STEP_NS: u64 = 50_000;

const STATED: GaugeParameters = GaugeParameters {
    noise_nm: 10_000.0,
    linearity_nm: 4_000.0,
    mounting_nm: 300_000.0,
    block_height_nm: 500_000.0,
    block_u_nm: 100.0,
    seating_nm: 1_000.0,
    tilt_deg: 0.5,
    drift_nm: 500.0,
};

struct Stand {
    mechanism: Mechanism,
    instruments: Instruments,
    now_ns: u64,
    seen: Vec<(InstrumentId, SampleBlock)>,
}

fn stand(parameters: &GaugeParameters, seed: u64, unit: u32, setup: u16) -> Stand {
    let pen = PenParameters {
        motor: NOMINAL_MOTOR,
        carriage: CarriageParameters {
            backlash_mm: 0.020,
            float_sd_mm: 0.008,
            ..NOMINAL_CARRIAGE
        },
        position_offset_mm: 0.0,
        current_offset_a: 0.0,
    };
    let mut mechanism = Mechanism::new(pen, seed, unit, setup);
    mechanism.set_supply(3.7);
    let instruments = Instruments::new(parameters, seed, unit, setup);
    Stand {
        mechanism,
        instruments,
        now_ns: 0,
        seen: Vec::new(),
    }
}

impl Stand {
    fn run(&mut self, drive: &Drive, seconds: f64) {
        for _ in 0..(seconds * 20_000.0) as u32 {
            let motion = self.mechanism.step(drive, 50e-6);
            self.instruments.look(&motion, self.now_ns);
            self.now_ns += STEP_NS;
        }
        let seen = self.instruments.take().into_iter().map(|it| match it {
            Observation::Samples { instrument, block } => (instrument, block),
            Observation::Link { .. } => panic!("instruments send no bytes"),
        });
        self.seen.extend(seen);
    }

    fn values(&self, instrument: InstrumentId) -> Vec<i64> {
        let of = |it: &&(InstrumentId, SampleBlock)| it.0 == instrument;
        self.seen
            .iter()
            .filter(of)
            .flat_map(|it| it.1.values.iter().copied())
            .collect()
    }
}

fn mean_and_spread(values: &[i64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().map(|&it| it as f64).sum::<f64>() / n;
    let square = values
        .iter()
        .map(|&it| (it as f64 - mean).powi(2))
        .sum::<f64>();
    (mean, (square / n).sqrt())
}

#[test]
fn gauge_noise_is_white_and_as_large_as_stated() {
    let mut stand = stand(&STATED, 1, 0, 0);
    stand.run(&Drive::default(), 2.0);
    let values = stand.values(GAUGE);
    let n = values.len() as f64;
    let (mean, spread) = mean_and_spread(&values);
    assert!(
        (spread / 10_000.0 - 1.0).abs() < 4.0 / (2.0 * n).sqrt(),
        "{spread} nm"
    );
    for lag in [1, 2, 7, 100] {
        let products = values.iter().zip(&values[lag..]);
        let covariance: f64 = products
            .map(|(&a, &b)| (a as f64 - mean) * (b as f64 - mean))
            .sum::<f64>()
            / n;
        assert!(
            (covariance / spread.powi(2)).abs() < 4.0 / n.sqrt(),
            "lag {lag}"
        );
    }
}

#[test]
fn gauge_block_gives_the_zero_within_linearity_and_seating() {
    for (seed, unit) in [(1, 0), (2, 3), (9, 1)] {
        let mut stand = stand(&STATED, seed, unit, 0);
        stand.instruments.set_gauge_block(true);
        stand.run(&Drive::default(), 1.0);
        let (mean, spread) = mean_and_spread(&stand.values(GAUGE));
        let error_nm = mean - 500_000.0 - stand.instruments.gauge_zero_nm();
        assert!(
            error_nm.abs() < 4_000.0 + 3.0 * 1_100.0 + 500.0 + 300.0,
            "{error_nm} nm"
        );
        assert!(
            error_nm.abs() > 10.0,
            "a block without any error is no model"
        );
        assert!(spread < 10_500.0);
        assert!((stand.instruments.gauge_zero_nm() - 500_000.0).abs() <= 300_000.0);
    }
}

#[test]
fn linearity_stays_within_its_bound_and_is_no_straight_line() {
    for seed in 0..20 {
        let stand = stand(&STATED, seed, 0, 0);
        let error = |x_mm: f64| 1e6 * stand.instruments.gauge.linearity_mm(x_mm);
        let worst = (-400..=400)
            .map(|k| error(f64::from(k) * 0.01).abs())
            .fold(0.0, f64::max);
        assert!((1_000.0..=4_000.0).contains(&worst), "{worst} nm");
    }
}

#[test]
fn sample_clocks_are_off_by_at_most_20_ppm_and_differ() {
    let errors: Vec<f64> = (0..20)
        .flat_map(|seed| {
            let mut bench = Noise::new(seed, 0, 0, Purpose::Instruments);
            [20_000, 2_000, 1].map(|hz| SampleClock::new(hz, &mut bench).rate_error())
        })
        .collect();
    assert!(errors.iter().all(|it| it.abs() <= 20e-6));
    assert!(errors.iter().any(|it| it.abs() > 10e-6));
    assert!(errors.windows(2).all(|pair| pair[0] != pair[1]));
}

#[test]
fn samples_come_as_often_as_the_clock_says_and_edges_carry_its_error() {
    let mut stand = stand(&STATED, 5, 0, 0);
    let mut bench = Noise::new(5, 0, 0, Purpose::Instruments);
    let mut clock = |hz| SampleClock::new(hz, &mut bench).rate_error();
    let (gauge, current, edges) = (clock(20_000), clock(2_000), clock(1));
    stand.mechanism.set_shaft(Shaft::Turned {
        millihertz: 100_000,
    });
    stand.run(&Drive::default(), 60.0);
    let count = |instrument| stand.values(instrument).len() as f64;
    assert!(
        (count(GAUGE) - 1_200_000.0 * (1.0 + gauge)).abs() <= 1.0,
        "{}",
        count(GAUGE)
    );
    assert!((count(MOTOR_CURRENT) - 120_000.0 * (1.0 + current)).abs() <= 1.0);
    let times = stand.values(TACHOMETER);
    let period_ns = (times[times.len() - 1] - times[0]) as f64 / (times.len() - 1) as f64;
    // Two edges of 1 µs over 60 s: 4 standard deviations are 0.1 ppm.
    assert!(
        (period_ns / 10e6 - (1.0 + edges)).abs() < 1e-7,
        "{period_ns} {edges}"
    );
    let differences: Vec<i64> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let (_, spread) = mean_and_spread(&differences);
    let n = differences.len() as f64;
    // Each difference holds the jitter of two edges.
    assert!(
        (spread / (1_000.0 * 2f64.sqrt()) - 1.0).abs() < 6.0 / n.sqrt(),
        "{spread} ns"
    );
}

#[test]
fn blocks_follow_each_other_without_gap_and_begin_at_their_first_sample() {
    let mut stand = stand(&STATED, 1, 0, 0);
    for seconds in [0.001, 0.25, 0.033_3, 0.5] {
        stand.run(&Drive::default(), seconds);
    }
    let clock = SampleClock::new(GAUGE_HZ, &mut Noise::new(1, 0, 0, Purpose::Instruments));
    let mut next = 0;
    for (_, block) in stand.seen.iter().filter(|it| it.0 == GAUGE) {
        assert_eq!(block.first_seq, next);
        assert!(block.values.len() <= stream::MAX_BLOCK);
        let mut clock = clock.clone();
        let at = (0..=next)
            .filter_map(|_| clock.next_before(f64::MAX))
            .last()
            .unwrap()
            .1;
        assert_eq!(block.at.0, at as u64);
        next += block.values.len() as u64;
    }
    assert!(next > 15_000);
}

#[test]
fn a_held_gauge_repeats_its_last_value_and_calls_it_valid() {
    let mut stand = stand(&STATED, 1, 0, 0);
    stand.run(&Drive::default(), 0.1);
    let last = *stand.values(GAUGE).last().unwrap();
    stand.seen.clear();
    stand.instruments.defects.gauge_held = true;
    stand.run(&Drive::default(), 0.1);
    assert!(stand.values(GAUGE).iter().all(|&it| it == last));
    assert!(stand.seen.iter().all(|it| it.1.exceptions.is_empty()));
}

#[test]
fn dropouts_are_marked_and_as_frequent_as_asked() {
    let mut stand = stand(&STATED, 1, 0, 0);
    stand.instruments.defects.gauge_dropout = 0.05;
    stand.run(&Drive::default(), 2.0);
    let marked: Vec<SampleStatus> = stand
        .seen
        .iter()
        .flat_map(|it| it.1.exceptions.iter().map(|it| it.1))
        .collect();
    assert!(marked.iter().all(|&it| it == SampleStatus::NoTarget));
    let share = marked.len() as f64 / 40_000.0;
    assert!(
        (share - 0.05).abs() < 4.0 * (0.05 * 0.95 / 40_000.0_f64).sqrt(),
        "{share}"
    );
}

/// Count and highest number of the gauge's samples of 0.2 s after a defect at 0.1 s.
#[track_caller]
fn check_missing(defects: InstrumentDefects, count: usize, last_seq: u64) {
    let mut stand = stand(&STATED, 1, 0, 0);
    stand.run(&Drive::default(), 0.1);
    stand.instruments.defects = defects;
    stand.run(&Drive::default(), 0.1);
    let (_, last) = stand.seen.iter().rfind(|it| it.0 == GAUGE).unwrap();
    assert_eq!(stand.values(GAUGE).len(), count);
    assert_eq!(last.first_seq + last.values.len() as u64 - 1, last_seq);
}

#[test]
fn missing_samples_show_in_the_numbering_or_are_lost_silently() {
    let sound = InstrumentDefects::default();
    check_missing(sound, 4_000, 3_999);
    check_missing(
        InstrumentDefects {
            gauge_gap: 7,
            ..sound
        },
        3_993,
        3_999,
    );
    check_missing(
        InstrumentDefects {
            gauge_loss: 7,
            ..sound
        },
        3_993,
        3_992,
    );
}

#[test]
fn beyond_its_range_the_gauge_says_so() {
    let mut stand = stand(&STATED, 1, 0, 0);
    stand.instruments.defects.gauge_shift_mm = -5.0;
    stand.run(&Drive::default(), 0.01);
    let (_, block) = stand.seen.iter().find(|it| it.0 == GAUGE).unwrap();
    assert_eq!(block.exceptions.len(), block.values.len());
    assert!(
        block
            .exceptions
            .iter()
            .all(|it| it.1 == SampleStatus::OutOfRange)
    );
}

#[test]
fn the_gauge_covers_every_place_the_needles_can_reach() {
    // 3 mm of stroke below the home protrusion's lower end, and the stop with 0.1 mm of needle.
    for (needles_mm, mounting) in [(-0.4 - 0.3 - 3.0, -0.3), (2.58 + 0.1, 0.3)] {
        let shown_mm: f64 = needles_mm + 0.5 + mounting;
        assert!(shown_mm.abs() + 0.004 + 0.05 < 4.0, "{shown_mm} mm");
    }
}

#[test]
fn current_probe_shows_the_motor_current_within_gain_offset_and_noise() {
    let mut stand = stand(&STATED, 1, 0, 0);
    stand.mechanism.set_shaft(Shaft::Locked);
    stand.run(
        &Drive {
            duty: 1.0,
            supply_closed: true,
            ..Drive::default()
        },
        1.0,
    );
    let (mean, spread) = mean_and_spread(&stand.values(MOTOR_CURRENT));
    let expected = 3.7e6 / 1.28;
    assert!(
        (mean - expected).abs() < 0.003 * expected + 1_000.0 + 200.0,
        "{mean} µA"
    );
    // Noise and the rounding to 1 mA.
    let stated = (2_000.0_f64.powi(2) + 1_000.0_f64.powi(2) / 12.0).sqrt();
    assert!(
        (spread / stated - 1.0).abs() < 4.0 / 4_000_f64.sqrt(),
        "{spread} µA"
    );
}

#[test]
fn same_seed_gives_the_same_samples_and_another_set_up_others() {
    let run = |seed, unit, setup| {
        let mut stand = stand(&STATED, seed, unit, setup);
        stand.mechanism.set_cartridge(Some(0.0));
        stand.run(
            &Drive {
                duty: 0.5,
                supply_closed: true,
                ..Drive::default()
            },
            0.3,
        );
        stand.seen
    };
    assert_eq!(run(1, 2, 0), run(1, 2, 0));
    assert_ne!(run(1, 2, 0), run(1, 2, 1));
    assert_ne!(run(1, 2, 0), run(1, 3, 0));
    assert_ne!(run(1, 2, 0), run(2, 2, 0));
}
