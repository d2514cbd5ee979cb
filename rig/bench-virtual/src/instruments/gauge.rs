//! The displacement gauge: looks along the axis at the needle plane, over the whole stroke.
//!
//! Range 8 mm in 16 bits, so that one indication step is 122 nm: the needles reach from 2.58 mm
//! outside to some 3.7 mm inside the nose plane, which no 5 mm gauge would cover.
//! The gauge does not know where the nose plane is: its frame is offset by how the pen sits.

use super::InstrumentDefects;
use super::clock::SampleClock;
use super::stream::Stream;
use crate::mechanism::Motion;
use crate::noise::Noise;
use rig_bench::{GAUGE, Observation, SampleStatus};

/// Half the gauge's range, mm.
const HALF_RANGE_MM: f64 = 4.0;
/// One step of the indication, nm.
pub const GAUGE_LSB_NM: f64 = 8e6 / 65_536.0;
/// First-order time constant of the gauge, s: 20 kHz.
pub const GAUGE_LAG_S: f64 = 1.0 / (std::f64::consts::TAU * 20e3);
/// Where the nose plane stands in the gauge's frame by the fixture's drawing, mm: the needles
/// reach further in than out.
const NOSE_PLANE_MM: f64 = 0.5;

/// What is stated of gauge and fixture, and what the true values are drawn from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GaugeParameters {
    /// Standard deviation of the noise of one sample, nm.
    pub noise_nm: f64,
    /// Largest deviation from linearity, nm.
    pub linearity_nm: f64,
    /// Largest offset of a pen in its seat along the axis, nm.
    pub mounting_nm: f64,
    /// Height of the gauge block's face above the nose plane, as certified, nm.
    pub block_height_nm: f64,
    /// Standard uncertainty of that height, nm.
    pub block_u_nm: f64,
    /// Standard deviation of seating block and pen in one plane, nm.
    pub seating_nm: f64,
    /// Largest angle between gauge and needle axis, degrees.
    pub tilt_deg: f64,
    /// Largest slow drift to either side, nm.
    pub drift_nm: f64,
}

/// How one pen sits before the gauge, drawn anew for each set-up.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GaugeSetup {
    /// Indication for a target in the nose plane, mm.
    zero_mm: f64,
    /// True height of the seated block above the nose plane, mm.
    block_mm: f64,
    /// Cosine of the angle between gauge and axis.
    cosine: f64,
    /// Amplitude of the slow drift, mm.
    drift_mm: f64,
    /// Its angular frequency, rad/s, and phase.
    drift_omega: f64,
    drift_phase: f64,
}

impl GaugeSetup {
    pub(crate) fn draw(parameters: &GaugeParameters, fixture: &mut Noise) -> Self {
        let seating_nm = parameters.seating_nm * fixture.sorted_gaussian()
            + parameters.block_u_nm * fixture.sorted_gaussian();
        let tilt = parameters.tilt_deg.to_radians() * fixture.uniform();
        Self {
            zero_mm: NOSE_PLANE_MM + 1e-6 * parameters.mounting_nm * fixture.symmetric(),
            block_mm: 1e-6 * (parameters.block_height_nm + seating_nm),
            cosine: libm::cos(tilt),
            drift_mm: 1e-6 * parameters.drift_nm * fixture.symmetric(),
            // The workshop's air comes and goes in 10 to 20 minutes.
            drift_omega: std::f64::consts::TAU / (600.0 * (1.0 + fixture.uniform())),
            drift_phase: std::f64::consts::TAU * fixture.uniform(),
        }
    }
}

/// The gauge.
pub(crate) struct Gauge {
    clock: SampleClock,
    stream: Stream,
    noise: Noise,
    setup: GaugeSetup,
    noise_mm: f64,
    linearity: [f64; 2],
    block: bool,
    /// Where the nose plane stands against its place without a load, mm: a force presses it away.
    nose_mm: f64,
    /// What the place of resting needles was computed from, and where they show.
    resting: Option<([f64; 4], f64)>,
    drift_mm: f64,
    /// What a faulty gauge has drifted, mm.
    drifted_mm: f64,
    held_nm: i64,
    /// Samples for which it goes on holding its last value.
    holds: u32,
    silently_skipped: u64,
}

impl Gauge {
    pub(crate) fn new(
        parameters: &GaugeParameters,
        setup: GaugeSetup,
        clock: SampleClock,
        bench: &mut Noise,
        noise: Noise,
    ) -> Self {
        // Chebyshev polynomials of third and fifth order stay within ±1 over the range, so
        // their sum stays within the stated linearity. The sensor was linearised at its factory:
        // offset and slope are taken out.
        let share = 0.4 + 0.2 * bench.uniform();
        let size_mm = 1e-6 * parameters.linearity_nm * (0.5 + 0.5 * bench.uniform());
        let sign = if bench.symmetric() < 0.0 { -1.0 } else { 1.0 };
        Self {
            clock,
            stream: Stream::new(GAUGE),
            noise,
            setup,
            noise_mm: 1e-6 * parameters.noise_nm,
            linearity: [sign * size_mm * share, size_mm * (1.0 - share)],
            block: false,
            nose_mm: 0.0,
            resting: None,
            drift_mm: 0.0,
            drifted_mm: 0.0,
            held_nm: 0,
            holds: 0,
            silently_skipped: 0,
        }
    }

    /// Lets the clock run faster by a share.
    pub(crate) fn run_fast_by(&mut self, share: f64) {
        self.clock.run_fast_by(share);
    }

    pub(crate) fn set_block(&mut self, present: bool) {
        self.block = present;
    }

    /// Moves the nose plane, and with it the needles and a block on it, mm.
    pub(crate) fn set_nose(&mut self, nose_mm: f64) {
        self.nose_mm = nose_mm;
    }

    pub(crate) fn zero_nm(&self) -> f64 {
        1e6 * self.setup.zero_mm
    }

    /// Deviation from linearity at a place of the gauge's frame, mm.
    pub(crate) fn linearity_mm(&self, x_mm: f64) -> f64 {
        let u = (x_mm / HALF_RANGE_MM).clamp(-1.0, 1.0);
        let u2 = u * u;
        let t3 = u * (4.0 * u2 - 3.0);
        let t5 = u * ((16.0 * u2 - 20.0) * u2 + 5.0);
        self.linearity[0] * t3 + self.linearity[1] * t5
    }

    pub(crate) fn look(&mut self, motion: &Motion, begin_ns: u64, defects: &mut InstrumentDefects) {
        let begin_ns = begin_ns as f64;
        let end_ns = begin_ns + 1e9 * motion.duration_s;
        while let Some((number, at_ns)) = self.clock.next_before(end_ns) {
            if defects.gauge_gap > 0 {
                defects.gauge_gap -= 1;
                continue;
            }
            if defects.gauge_loss > 0 {
                defects.gauge_loss -= 1;
                self.silently_skipped += 1;
                continue;
            }
            // The drift is slow: one look in 256 samples is enough.
            if number % 256 == 0 {
                let angle = self.setup.drift_omega * 1e-9 * at_ns + self.setup.drift_phase;
                self.drift_mm = self.setup.drift_mm * libm::sin(angle);
            }
            if defects.gauge_drift != 0.0 {
                self.drifted_mm += defects.gauge_drift * self.clock.period_s();
            }
            let target_mm = if self.block {
                self.setup.block_mm
            } else {
                self.needles_mm(motion, 1e-9 * (at_ns - begin_ns))
            };
            let (value_nm, status) = self.indicate(target_mm, defects);
            self.stream
                .push(number - self.silently_skipped, at_ns, value_nm, status);
        }
    }

    /// Where the needles show; looked up once while they rest.
    fn needles_mm(&mut self, motion: &Motion, offset_s: f64) -> f64 {
        if motion.omega != 0.0 || motion.acceleration != 0.0 {
            return motion.needles_mm(offset_s, GAUGE_LAG_S);
        }
        let place = [
            motion.theta,
            motion.crank.theta(),
            motion.top_mm,
            motion.float_mm,
        ];
        match self.resting {
            Some((known, needles_mm)) if known == place => needles_mm,
            _ => {
                let needles_mm = motion.needles_mm(offset_s, GAUGE_LAG_S);
                self.resting = Some((place, needles_mm));
                needles_mm
            }
        }
    }

    fn indicate(
        &mut self,
        target_mm: f64,
        defects: &InstrumentDefects,
    ) -> (i64, Option<SampleStatus>) {
        let x_mm = self.setup.zero_mm
            + self.setup.cosine * (1.0 - defects.gauge_foreshortened) * (target_mm + self.nose_mm)
            + self.drift_mm
            + self.drifted_mm
            + defects.gauge_shift_mm;
        // Drawn for every sample, so that a fault does not move the noise of later samples.
        let sd_mm = if defects.gauge_noise_mm == 0.0 {
            self.noise_mm
        } else {
            libm::hypot(self.noise_mm, defects.gauge_noise_mm)
        };
        let noise_mm = sd_mm * self.noise.gaussian();
        if self.holds > 0 {
            self.holds -= 1;
            return (self.held_nm, None);
        }
        let (loss, samples) = defects.gauge_hold_on_loss;
        if self.noise.chance(loss) {
            self.holds = samples.saturating_sub(1);
            return (self.held_nm, None);
        }
        if defects.gauge_held {
            return (self.held_nm, None);
        }
        if self.noise.chance(defects.gauge_dropout) {
            return (0, Some(SampleStatus::NoTarget));
        }
        let mut shown_mm = x_mm + self.linearity_mm(x_mm) + noise_mm;
        shown_mm += defects.gauge_scale * shown_mm;
        if let Some(most_mm) = defects.gauge_saturated_mm {
            shown_mm = shown_mm.clamp(-most_mm, most_mm);
        }
        let (code, status) = quantise(shown_mm);
        self.held_nm = code;
        (code, status)
    }

    pub(crate) fn take(&mut self, observations: &mut Vec<Observation>) {
        self.stream.take(observations);
    }
}

/// The indication for a place in the gauge's frame: 65,536 steps over the range, in whole nm.
fn quantise(shown_mm: f64) -> (i64, Option<SampleStatus>) {
    // To the nearest step: truncation of a number that the offset makes positive.
    let code = (shown_mm * (1e6 / GAUGE_LSB_NM) + 32_768.5).clamp(0.0, 65_535.0) as i64 - 32_768;
    // 8 mm / 65,536 is 15,625/128 nm: exact, to the nearest.
    let value_nm = (code * 15_625 + 64) >> 7;
    let status = (shown_mm.abs() > HALF_RANGE_MM).then_some(SampleStatus::OutOfRange);
    (value_nm, status)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(shown_mm: f64, value_nm: i64, status: Option<SampleStatus>) {
        assert_eq!(quantise(shown_mm), (value_nm, status));
    }

    #[test]
    fn indications_are_steps_of_122_nm_and_end_at_the_range() {
        check(0.0, 0, None);
        check(0.000_060, 0, None);
        check(0.000_062, 122, None);
        check(-0.000_062, -122, None);
        check(3.999_9, 3_999_878, None);
        check(4.1, 3_999_878, Some(SampleStatus::OutOfRange));
        check(-4.1, -4_000_000, Some(SampleStatus::OutOfRange));
    }

    #[test]
    fn each_set_up_of_a_pen_is_drawn_anew_with_the_spread_stated() {
        let stated = crate::Scenario::reference().bench.gauge();
        let n = 4_000_u16;
        let setups: Vec<GaugeSetup> = (1..=n)
            .map(|setup| {
                let mut fixture = Noise::new(1, 3, setup, crate::noise::Purpose::Fixture);
                GaugeSetup::draw(&stated, &mut fixture)
            })
            .collect();
        let moments = |of: &dyn Fn(&GaugeSetup) -> f64| {
            let n = f64::from(n);
            let mean = setups.iter().map(of).sum::<f64>() / n;
            let square = setups.iter().map(|it| (of(it) - mean).powi(2)).sum::<f64>();
            (mean, (square / (n - 1.0)).sqrt())
        };
        let check = |what: &str, found: (f64, f64), mean: f64, deviation: f64| {
            // Five standard errors, and what holding deviates within three of theirs takes away.
            let within = 5.0 * deviation / f64::from(n).sqrt();
            assert!((found.0 - mean).abs() < within, "{what}: mean {}", found.0);
            let ratio = found.1 / deviation;
            assert!(
                (0.93..1.06).contains(&ratio),
                "{what}: deviation {}",
                found.1
            );
        };
        // Seating of 1 µm and the block's 0.1 µm; offset uniform to 0.3 mm; drift to 0.5 µm.
        check("block", moments(&|it| it.block_mm), 0.5, 1.005e-3);
        check("zero", moments(&|it| it.zero_mm), 0.5, 0.3 / 3.0_f64.sqrt());
        check(
            "drift",
            moments(&|it| it.drift_mm),
            0.0,
            0.5e-3 / 3.0_f64.sqrt(),
        );
        let least = libm::cos(0.5_f64.to_radians());
        assert!(setups.iter().all(|it| (least..=1.0).contains(&it.cosine)));
        assert!(setups.windows(2).all(|pair| pair[0] != pair[1]));
    }
}
