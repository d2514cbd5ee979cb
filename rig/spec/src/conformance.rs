//! Conformance probability of JCGM 106.

use rig_distributions::normal;

/// Probability that the true value lies within the limits, given a measured value `y` with
/// standard uncertainty `u`, both limits in the unit of `y`; a missing limit is open.
///
/// # Formula
/// p_c = Φ((T_U − y)/u) − Φ((T_L − y)/u), JCGM 106:2012 7.4, with a normal distribution and no
/// knowledge of the process before measuring. Each tail is computed on its
/// own side of zero, so small probabilities keep their digits.
///
/// `u` above zero is wanted; otherwise, or if `y` is no number, the answer is 0: nothing is known.
#[must_use]
pub fn conformance_probability(y: f64, u: f64, lower: Option<f64>, upper: Option<f64>) -> f64 {
    let inputs_are_numbers = y.is_finite() && u.is_finite() && u > 0.0;
    if !inputs_are_numbers {
        return 0.0;
    }
    let tail = |distance: f64| normal::sf(distance / u);
    let below = lower.map_or(0.0, |limit| tail(y - limit));
    let above = upper.map_or(0.0, |limit| tail(limit - y));
    (1.0 - below - above).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(y: f64, u: f64, lower: Option<f64>, upper: Option<f64>, published: f64, digits: f64) {
        let p_c = conformance_probability(y, u, lower, upper);
        assert!(
            (p_c - published).abs() <= 0.5 * digits,
            "{p_c} against {published}"
        );
    }

    #[test]
    fn two_sided_example_of_jcgm_106() {
        // JCGM 106:2012 7.4: y = 13.6, u = 1.8, limits 12.5 and 16.3.
        check(13.6, 1.8, Some(12.5), Some(16.3), 0.6626, 1e-4);
    }

    #[test]
    fn one_sided_zener_example_of_jcgm_106() {
        // JCGM 106:2012 7.3: breakdown voltage -5.47 V, u = 0.05 V, upper limit -5.40 V.
        check(-5.47, 0.05, None, Some(-5.40), 0.91924, 1e-5);
    }

    #[test]
    fn guard_bands_leave_the_known_risk_at_the_acceptance_limit() {
        // Φ(h) for w = h u, one-sided worst case.
        for (h, nonconforming) in [
            (0.0, 0.5),
            (1.0, 0.158_655_254),
            (1.645, 0.049_984_905),
            (2.0, 0.022_750_132),
        ] {
            check(-h, 1.0, None, Some(0.0), 1.0 - nonconforming, 2e-9);
        }
    }

    #[test]
    fn without_an_uncertainty_nothing_is_known() {
        assert_eq!(conformance_probability(1.0, 0.0, Some(0.0), Some(2.0)), 0.0);
        assert_eq!(
            conformance_probability(f64::NAN, 1.0, Some(0.0), Some(2.0)),
            0.0
        );
    }
}
