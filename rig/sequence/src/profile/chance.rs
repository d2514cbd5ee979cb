//! Choices and spans: what is drawn, how often, and why; in whole numbers, so that every machine
//! draws the same.

use firmware_units::Microseconds;
use proptest::prelude::Rng;
use proptest::test_runner::TestRng;

/// One of several, with the weight and the reason of each.
#[derive(Debug)]
pub(crate) struct Choice<T: 'static> {
    /// What is chosen.
    pub(crate) name: &'static str,
    /// Weight, value, its words, its reason.
    pub(crate) rows: &'static [(u32, T, &'static str, &'static str)],
}

/// A time between two bounds, as likely within each octave of it as within any other.
#[derive(Debug)]
pub(crate) struct Span {
    /// What lasts so long.
    pub(crate) name: &'static str,
    /// Shortest and longest, µs.
    pub(crate) bounds: (u64, u64),
    /// Why.
    pub(crate) reason: &'static str,
}

/// Where everything is drawn from.
#[derive(Debug)]
pub(crate) struct Draw {
    rng: TestRng,
}

impl Draw {
    pub(crate) fn new(rng: TestRng) -> Self {
        Self { rng }
    }

    /// A number below the bound; each as likely but for 2^-64 of the bound.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        let product = u128::from(self.rng.next_u64()) * u128::from(bound);
        // Below the bound, since the draw is below 2^64.
        (product >> 64) as u64
    }

    /// A number within both bounds.
    pub(crate) fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.below(high.saturating_sub(low).saturating_add(1))
    }

    /// One in so many.
    pub(crate) fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    /// One of a list; the first of an empty one does not exist.
    pub(crate) fn of<'l, T>(&mut self, list: &'l [T]) -> Option<&'l T> {
        let place = self.below(list.len() as u64);
        list.get(usize::try_from(place).unwrap_or(0))
    }

    /// One value of a choice.
    pub(crate) fn choose<T: Copy>(&mut self, choice: &Choice<T>) -> T {
        let total: u64 = choice.rows.iter().map(|row| u64::from(row.0)).sum();
        let mut left = self.below(total);
        for (weight, value, _, _) in choice.rows {
            let weight = u64::from(*weight);
            if left < weight {
                return *value;
            }
            left -= weight;
        }
        choice.rows[0].1
    }

    /// A time of a span.
    pub(crate) fn time(&mut self, span: &Span) -> Microseconds {
        Microseconds(self.log_between(span.bounds.0, span.bounds.1))
    }

    /// A number within both bounds, as likely within each octave as within any other; a zero bound
    /// counts as one.
    pub(crate) fn log_between(&mut self, low: u64, high: u64) -> u64 {
        let (low, high) = (low.max(1), high.max(1));
        let place = self.between(log2(low), log2(high));
        exp2(place).clamp(low, high)
    }
}

/// Bits behind the point of a logarithm.
const FRACTION: u32 = 32;

/// Logarithm to base two, straight between the powers; of one or more.
fn log2(value: u64) -> u64 {
    let power = value.ilog2();
    let above = u128::from(value - (1 << power));
    (u64::from(power) << FRACTION) + ((above << FRACTION) >> power) as u64
}

/// What [`log2`] is of.
fn exp2(log: u64) -> u64 {
    let power = log >> FRACTION;
    let fraction = u128::from(log & ((1 << FRACTION) - 1));
    let base = 1_u64 << power.min(63);
    base.saturating_add(((u128::from(base) * fraction) >> FRACTION) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use proptest::test_runner::RngAlgorithm;

    fn draw() -> Draw {
        Draw::new(TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]))
    }

    #[test]
    fn every_octave_is_as_likely() {
        let mut draw = draw();
        let mut octaves = [0_u32; 20];
        for _ in 0..20_000 {
            octaves[draw.log_between(1, (1 << 20) - 1).ilog2() as usize] += 1;
        }
        // 1,000 each; six standard deviations are 185.
        assert!(
            octaves.iter().all(|n| n.abs_diff(1_000) < 185),
            "{octaves:?}"
        );
    }

    #[test]
    fn weights_are_kept() {
        let choice = Choice {
            name: "",
            rows: &[(1, 'a', "", ""), (0, 'b', "", ""), (3, 'c', "", "")],
        };
        let mut draw = draw();
        let mut n_a = 0;
        for _ in 0..4_000 {
            match draw.choose(&choice) {
                'a' => n_a += 1,
                other => assert_eq!(other, 'c'),
            }
        }
        // Six standard deviations are 164.
        assert!(1_000_u32.abs_diff(n_a) < 164, "{n_a}");
    }

    proptest! {
        #[test]
        fn what_is_drawn_is_within(low in 0_u64..=u64::MAX >> 1, more in 0_u64..=u64::MAX >> 1) {
            let mut draw = draw();
            let high = low + more;
            for _ in 0..20 {
                prop_assert!((low..=high).contains(&draw.between(low, high)));
                prop_assert!((low.max(1)..=high.max(1)).contains(&draw.log_between(low, high)));
            }
        }
    }
}
