//! Seeded noise: one ChaCha8 stream a source, normal deviates by the ziggurat method.
//!
//! Method: Marsaglia and Tsang, "The Ziggurat Method for Generating Random Variables",
//! J. Stat. Softw. 5(8), 2000, with 256 layers and a deviate from 53 bits that share none with
//! the layer's index (Doornik 2005). All functions are from `libm`, so the deviates are equal on
//! every machine.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use std::sync::LazyLock;

/// Start of the tail with 256 layers.
const TAIL: f64 = 3.654_152_885_361_009;
/// Area of each layer under exp(-x²/2), with 256 layers.
const AREA: f64 = 0.004_928_673_233_974_655;
const LAYERS: usize = 256;
/// 2^-53: a 53-bit integer times this is uniform in [0, 1).
const UNIT: f64 = 1.0 / 9_007_199_254_740_992.0;

struct Ziggurat {
    edges: [f64; LAYERS + 1],
    heights: [f64; LAYERS + 1],
}

static ZIGGURAT: LazyLock<Ziggurat> = LazyLock::new(|| {
    let height = |x: f64| libm::exp(-0.5 * x * x);
    let mut edges = [0.0; LAYERS + 1];
    edges[0] = AREA / height(TAIL);
    edges[1] = TAIL;
    for layer in 2..LAYERS {
        let above = AREA / edges[layer - 1] + height(edges[layer - 1]);
        edges[layer] = libm::sqrt(-2.0 * libm::log(above));
    }
    Ziggurat {
        heights: edges.map(height),
        edges,
    }
});

/// What a stream of noise is for; each purpose of each unit has its own stream, so that adding
/// a source does not move the others.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Purpose {
    /// What one unit of the lot truly is.
    Unit,
    /// Stroke-to-stroke float of the needles.
    Strokes,
    /// The pen's own analog sensors.
    Sensors,
    /// What the instruments of the bench truly are: the same for every unit.
    Instruments,
    /// How one unit sits in the fixture.
    Fixture,
    /// Noise of the gauge.
    Gauge,
    /// Jitter of the tachometer.
    Tachometer,
    /// Noise of the current probe.
    Current,
    /// Faults of the mechanism that strike by chance.
    Faults,
    /// Damage to bytes on the link.
    Link,
    /// Noise of the force sensor, and what it truly is.
    Force,
    /// What the bench's thermometers truly are.
    Thermometers,
    /// Noise of the thermometer on the nose.
    NoseThermometer,
    /// Noise of the thermometer in the air.
    AmbientThermometer,
}

/// One stream of noise.
#[derive(Clone)]
pub(crate) struct Noise {
    rng: ChaCha8Rng,
    ziggurat: &'static Ziggurat,
}

impl Noise {
    /// The stream for one purpose, of one unit of a lot, in one set-up of it.
    pub(crate) fn new(seed: u64, unit: u32, setup: u16, purpose: Purpose) -> Self {
        let mut bytes = *b"penrig virtual bench noise 1\0\0\0\0";
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        let mut rng = ChaCha8Rng::from_seed(bytes);
        rng.set_stream(u64::from(unit) << 32 | u64::from(setup) << 8 | purpose as u64);
        Self {
            rng,
            ziggurat: &ZIGGURAT,
        }
    }

    /// Uniform in [0, 1).
    pub(crate) fn uniform(&mut self) -> f64 {
        (self.rng.next_u64() >> 11) as f64 * UNIT
    }

    /// Uniform in [-1, 1).
    pub(crate) fn symmetric(&mut self) -> f64 {
        2.0 * self.uniform() - 1.0
    }

    /// Normal, mean 0, standard deviation 1.
    pub(crate) fn gaussian(&mut self) -> f64 {
        loop {
            let bits = self.rng.next_u64();
            let layer = (bits & 0xFF) as usize;
            let deviate = 2.0 * ((bits >> 11) as f64 * UNIT) - 1.0;
            let x = deviate * self.ziggurat.edges[layer];
            if x.abs() < self.ziggurat.edges[layer + 1] {
                return x;
            }
            if layer == 0 {
                return if deviate < 0.0 {
                    -self.tail()
                } else {
                    self.tail()
                };
            }
            let (low, high) = (
                self.ziggurat.heights[layer],
                self.ziggurat.heights[layer + 1],
            );
            if low + (high - low) * self.uniform() < libm::exp(-0.5 * x * x) {
                return x;
            }
        }
    }

    /// Normal deviate held within ±3: production sorts out what lies further.
    pub(crate) fn sorted_gaussian(&mut self) -> f64 {
        self.gaussian().clamp(-3.0, 3.0)
    }

    /// Whether something of this probability happens.
    pub(crate) fn chance(&mut self, probability: f64) -> bool {
        probability > 0.0 && self.uniform() < probability
    }

    fn tail(&mut self) -> f64 {
        loop {
            let x = libm::log(1.0 - self.uniform()) / TAIL;
            let y = libm::log(1.0 - self.uniform());
            if -2.0 * y >= x * x {
                return TAIL - x;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deviates(n: usize) -> Vec<f64> {
        let mut noise = Noise::new(7, 0, 0, Purpose::Gauge);
        (0..n).map(|_| noise.gaussian()).collect()
    }

    #[test]
    fn moments_are_those_of_a_normal_distribution() {
        let x = deviates(400_000);
        let moment = |k: i32| x.iter().map(|x| x.powi(k)).sum::<f64>() / x.len() as f64;
        // Standard errors of the first four moments: sqrt(1, 2, 15, 96)/sqrt(n); four of them.
        let bound = |variance: f64| 4.0 * (variance / x.len() as f64).sqrt();
        assert!(moment(1).abs() < bound(1.0));
        assert!((moment(2) - 1.0).abs() < bound(2.0));
        assert!(moment(3).abs() < bound(15.0));
        assert!((moment(4) - 3.0).abs() < bound(96.0));
    }

    #[test]
    fn shares_beyond_each_sigma_are_those_of_a_normal_distribution() {
        let x = deviates(400_000);
        // 1, 2, 3 and beyond the ziggurat's tail: libm's erfc gives the reference.
        for limit in [0.1, 0.5, 1.0, 2.0, 3.0, TAIL] {
            let expected = libm::erfc(limit / std::f64::consts::SQRT_2);
            let share = x.iter().filter(|x| x.abs() > limit).count() as f64 / x.len() as f64;
            let deviation = (expected * (1.0 - expected) / x.len() as f64).sqrt();
            assert!(
                (share - expected).abs() < 4.0 * deviation,
                "{limit}: {share} {expected}"
            );
        }
    }

    #[test]
    fn streams_repeat_and_differ_by_unit_setup_and_purpose() {
        let first = |unit, setup, purpose| Noise::new(1, unit, setup, purpose).uniform();
        assert_eq!(first(3, 0, Purpose::Gauge), first(3, 0, Purpose::Gauge));
        let all = [
            first(3, 0, Purpose::Gauge),
            first(4, 0, Purpose::Gauge),
            first(3, 1, Purpose::Gauge),
            first(3, 0, Purpose::Current),
        ];
        for (i, a) in all.iter().enumerate() {
            assert!(all[..i].iter().all(|b| b != a));
        }
    }
}
