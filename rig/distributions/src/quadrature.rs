//! Integrals of smooth functions over a finite interval.

/// Positive nodes and weights of the Gauss-Legendre rule with 20 points (DLMF 3.5.v), computed to
/// 40 digits as roots of the Legendre polynomial.
const GAUSS_LEGENDRE_20: [(f64, f64); 10] = [
    (0.076_526_521_133_497_34, 0.152_753_387_130_725_84),
    (0.227_785_851_141_645_07, 0.149_172_986_472_603_74),
    (0.373_706_088_715_419_55, 0.142_096_109_318_382_04),
    (0.510_867_001_950_827_1, 0.131_688_638_449_176_64),
    (0.636_053_680_726_515, 0.118_194_531_961_518_41),
    (0.746_331_906_460_150_8, 0.101_930_119_817_240_44),
    (0.839_116_971_822_218_8, 0.083_276_741_576_704_75),
    (0.912_234_428_251_326, 0.062_672_048_334_109_07),
    (0.963_971_927_277_913_8, 0.040_601_429_800_386_94),
    (0.993_128_599_185_094_9, 0.017_614_007_139_152_118),
];
/// A panel is done when halving it changes the integral by less than this share of the whole; the
/// halves are then far better than that.
const SHARE: f64 = 1e-12;
/// More panels than any function of this crate needs.
const MAX_PANELS: usize = 20_000;

/// ∫ `f` from `low` to `high`, both finite, by Gauss-Legendre panels that are halved where needed.
///
/// For a function without change of sign the relative error is some 1e-15. A feature much narrower
/// than the interval may be missed: see [`integrate_pieces`]. NaN if a value is not finite, or if
/// the panels do not suffice.
pub fn integrate(f: impl FnMut(f64) -> f64, low: f64, high: f64) -> f64 {
    integrate_pieces(f, &[low, high])
}

/// ∫ `f` from the first of some rising points to the last, with a panel to begin with between
/// neighbours: points where the function changes its scale belong among them. Otherwise as
/// [`integrate`].
pub fn integrate_pieces(mut f: impl FnMut(f64) -> f64, points: &[f64]) -> f64 {
    let mut pending: Vec<Panel> = points
        .windows(2)
        .map(|ends| Panel::new(&mut f, ends[0], ends[1]))
        .collect();
    // A hundredth of a first guess of the whole, which may be far off.
    let mut scale = 0.01 * pending.iter().map(|it| it.integral).sum::<f64>().abs();
    // From left to right, so that sums are the same on any machine.
    pending.reverse();
    let mut total = 0.0;
    let mut lost = 0.0;
    let mut n_panels = 0;
    while let Some(panel) = pending.pop() {
        let middle = 0.5 * (panel.low + panel.high);
        let left = Panel::new(&mut f, panel.low, middle);
        let right = Panel::new(&mut f, middle, panel.high);
        let halves = left.integral + right.integral;
        n_panels += 1;
        if !halves.is_finite() || n_panels > MAX_PANELS {
            return f64::NAN;
        }
        scale = f64::max(scale, (total + halves).abs());
        let is_indivisible = middle <= panel.low || middle >= panel.high;
        if (halves - panel.integral).abs() <= SHARE * scale || is_indivisible {
            // Neumaier's sum.
            let sum = total + halves;
            lost += if f64::abs(total) >= halves.abs() {
                (total - sum) + halves
            } else {
                (halves - sum) + total
            };
            total = sum;
        } else {
            pending.push(right);
            pending.push(left);
        }
    }
    total + lost
}

struct Panel {
    low: f64,
    high: f64,
    integral: f64,
}

impl Panel {
    fn new(f: &mut impl FnMut(f64) -> f64, low: f64, high: f64) -> Self {
        let center = 0.5 * (low + high);
        let half = 0.5 * (high - low);
        let sum: f64 = GAUSS_LEGENDRE_20
            .iter()
            .map(|(node, weight)| weight * (f(center - half * node) + f(center + half * node)))
            .sum();
        Self {
            low,
            high,
            integral: half * sum,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_integrals() {
        let check = |actual: f64, exact: f64| {
            assert!((actual / exact - 1.0).abs() < 4e-15, "{actual} {exact}");
        };
        check(integrate(libm::exp, 0.0, 1.0), core::f64::consts::E - 1.0);
        check(
            integrate(|x| libm::exp(-0.5 * x * x), -40.0, 40.0),
            libm::sqrt(2.0 * core::f64::consts::PI),
        );
        // A narrow peak off the middle of a wide interval.
        check(
            integrate(|x| 1.0 / (1e-6 + (x - 0.125) * (x - 0.125)), -1.0, 1.0),
            1e3 * (libm::atan(0.875e3) + libm::atan(1.125e3)),
        );
    }

    #[test]
    fn what_cannot_be_integrated_is_no_number() {
        assert!(integrate(|_| f64::NAN, 0.0, 1.0).is_nan());
        assert!(integrate(|x| x, 0.0, f64::INFINITY).is_nan());
        assert!(integrate(|x| libm::sin(1e9 * x), 0.0, 1.0).is_nan());
    }
}
