//! Rule `risk`: a stated largest risk of accepting what lies beyond its limits.

use crate::{Decimal, GuardRatio, Measured, Tolerance, conformance_probability};
use rig_distributions::normal;

/// Largest risk of false acceptance, in millionths: the probability that a value which passes
/// lies beyond its limits in truth (specific consumer's risk, JCGM 106:2012 8.3.2, without
/// knowledge of the process).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct MaxRisk {
    // Invariant: above zero and below one half.
    millionths: u32,
}

impl MaxRisk {
    /// Reads a cell of column `max_risk`: above 0 and below 0.5, at most six decimals.
    #[must_use]
    pub fn from_decimal(cell: Decimal) -> Option<Self> {
        let millionths = u32::try_from(cell.times(1_000_000, 1)?).ok()?;
        (1..500_000)
            .contains(&millionths)
            .then_some(Self { millionths })
    }

    /// The risk in millionths.
    #[must_use]
    pub fn millionths(self) -> u32 {
        self.millionths
    }

    /// Guard band over U that leaves this risk at a single limit: z(1 − risk)/k, rounded up to a
    /// millionth, k taken as 2 where it is larger.
    #[must_use]
    pub fn guard_ratio(self, measured: &Measured) -> GuardRatio {
        let z = -normal::quantile(f64::from(self.millionths) * 1e-6);
        // Below 5 for a millionth, so that it fits.
        let millionths = libm::ceil(z / measured.coverage_for_probability() * 1e6);
        GuardRatio::from_millionths(millionths as u32)
    }

    /// Whether both limits together leave no more than this risk.
    #[must_use]
    pub fn allows(self, tolerance: Tolerance, measured: &Measured) -> bool {
        conformance_millionths(tolerance, measured) >= 1_000_000 - self.millionths
    }
}

/// Conformance probability of a measured value, rounded down to millionths; zero without U.
#[must_use]
pub fn conformance_millionths(tolerance: Tolerance, measured: &Measured) -> u32 {
    let standard = measured.expanded as f64 / measured.coverage_for_probability();
    let [lower, upper] =
        [tolerance.lower(), tolerance.upper()].map(|it| it.map(|limit| limit as f64));
    let probability = conformance_probability(measured.value as f64, standard, lower, upper);
    // The cast truncates, and a probability times a million is far inside `u32`.
    (probability * 1e6) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{RecordUnit, Unit, Verdict};

    fn risk(cell: &str) -> MaxRisk {
        MaxRisk::from_decimal(Decimal::parse(cell).unwrap()).unwrap()
    }

    fn measured(value: i64, expanded: u64, k_thousandths: u32) -> Measured {
        Measured {
            unit: RecordUnit::Nanometer,
            value,
            expanded,
            k_thousandths,
        }
    }

    #[test]
    fn guard_band_is_that_of_the_published_rules() {
        // ISO 14253-1:2017: 1.65 u at 5 %; ILAC-G8:09/2019, table 1: 2 u at 2.5 % or less, 3 U
        // below a part in a million.
        for (cell, in_u, within) in [
            ("0.05", 1.645, 5e-4),
            ("0.02275", 2.0, 1e-4),
            ("0.01", 2.326, 5e-4),
        ] {
            let ratio = risk(cell).guard_ratio(&measured(0, 1_000, 2_000));
            let h = 2.0 * f64::from(ratio.millionths()) * 1e-6;
            assert!((h - in_u).abs() < within, "{cell}: {h}");
        }
    }

    #[test]
    fn few_degrees_of_freedom_widen_the_guard_band_and_never_narrow_it() {
        let ratio = |k| risk("0.05").guard_ratio(&measured(0, 1_000, k));
        assert_eq!(ratio(2_870), ratio(2_000));
        assert!(ratio(1_645) > ratio(2_000));
    }

    #[test]
    fn at_the_acceptance_limit_the_risk_is_the_stated_one() {
        let limit = Tolerance::new(Unit::Millimeter, None, Some(1_650_000)).unwrap();
        for cell in ["0.000001", "0.001", "0.02", "0.05", "0.3"] {
            let value = |shift| {
                let at = measured(0, 11_000, 2_000);
                let band = risk(cell).guard_ratio(&at).guard_band(at.expanded);
                measured(1_650_000 - band as i64 + shift, 11_000, 2_000)
            };
            assert!(risk(cell).allows(limit, &value(0)), "{cell}");
            assert!(!risk(cell).allows(limit, &value(10)), "{cell}");
        }
    }

    #[test]
    fn two_limits_share_the_risk() {
        // U as wide as half the tolerance: 1.65 u from each limit is within, and both tails
        // together are 10 %.
        let tolerance = Tolerance::new(Unit::Millimeter, Some(0), Some(33_000)).unwrap();
        let value = measured(16_500, 20_000, 2_000);
        let band = risk("0.05").guard_ratio(&value).guard_band(value.expanded);
        assert_eq!(tolerance.decide(value.value, band), Verdict::Pass);
        assert!(!risk("0.05").allows(tolerance, &value));
        assert!(risk("0.1").allows(tolerance, &value));
    }

    #[test]
    fn without_uncertainty_nothing_is_allowed() {
        let limit = Tolerance::new(Unit::Millimeter, None, Some(10)).unwrap();
        assert!(!risk("0.05").allows(limit, &measured(0, 0, 2_000)));
        assert_eq!(conformance_millionths(limit, &measured(0, 0, 2_000)), 0);
    }
}
