//! What a series of lots meets under normal and tightened inspection with their switching rules.

use super::{AttributesPlan, Quality, QualityError, acceptance_probability};

/// A scheme of a normal and a tightened plan, at one quality.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SchemeCharacteristic {
    /// Probability that a lot is accepted, over a long series.
    pub accept: f64,
    /// Share of lots that meet normal inspection.
    pub normal: f64,
    /// Probability of acceptance under normal inspection.
    pub accept_normal: f64,
    /// Probability of acceptance under tightened inspection.
    pub accept_tightened: f64,
}

/// The long run of a scheme at one quality, without reduced inspection and without
/// discontinuation.
///
/// With P of normal and Q of tightened inspection, a stay in normal inspection lasts
/// (2 − P⁴)/((1 − P)(1 − P⁴)) lots on average (until two of five or fewer are not accepted), one in
/// tightened inspection (1 − Q⁵)/((1 − Q) Q⁵) (until five in a row are accepted); the scheme
/// accepts the mean of P and Q, weighted by these. K. S. Stephens, K. E. Larson, An evaluation of
/// the MIL-STD-105D system of sampling plans, Industrial Quality Control 23(7), 1967.
///
/// # Errors
/// [`QualityError`].
///
/// # Examples
/// ```
/// use rig_stats::acceptance::{AttributesPlan, Quality, scheme_characteristic};
/// let (normal, tightened) = (AttributesPlan::single(200, 7)?, AttributesPlan::single(200, 5)?);
/// let scheme = scheme_characteristic(&normal, &tightened, Quality::Process { p: 0.0193 })?;
/// assert!(scheme.accept_tightened < scheme.accept && scheme.accept < scheme.accept_normal);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn scheme_characteristic(
    normal: &AttributesPlan,
    tightened: &AttributesPlan,
    quality: Quality,
) -> Result<SchemeCharacteristic, QualityError> {
    let accept_normal = acceptance_probability(normal, quality)?;
    let accept_tightened = acceptance_probability(tightened, quality)?;
    let normal = share_of_normal(accept_normal, accept_tightened);
    Ok(SchemeCharacteristic {
        accept: normal * accept_normal + (1.0 - normal) * accept_tightened,
        normal,
        accept_normal,
        accept_tightened,
    })
}

/// Share of lots under normal inspection; the lengths multiplied out, so that a probability of 0 or
/// 1 gives the limit.
fn share_of_normal(p: f64, q: f64) -> f64 {
    let (p4, q5) = (libm::pow(p, 4.0), libm::pow(q, 5.0));
    let stay_normal = (2.0 - p4) * (1.0 - q) * q5;
    let stay_tightened = (1.0 - q5) * (1.0 - p) * (1.0 - p4);
    let sum = stay_normal + stay_tightened;
    if sum > 0.0 {
        stay_normal / sum
    } else if q > 0.0 {
        // Both accept every lot: a series that begins normal stays so.
        1.0
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same share from the chain itself: states of the window under normal inspection, counts
    /// under tightened inspection, iterated to rest.
    fn share_by_chain(p: f64, q: f64) -> f64 {
        // 0: no lot not accepted within the last four; 1 to 4: so many lots since the last one.
        // 5 to 9: accepted in a row under tightened inspection.
        let mut at = [0.0; 10];
        at[0] = 1.0;
        let mut mean = [0.0; 10];
        for lot in 0..400_000_u32 {
            let mut next = [0.0; 10];
            next[0] += at[0] * p;
            next[1] += at[0] * (1.0 - p);
            for age in 1..=4 {
                next[if age == 4 { 0 } else { age + 1 }] += at[age] * p;
                next[5] += at[age] * (1.0 - p);
            }
            for row in 0..5 {
                next[if row == 4 { 0 } else { 6 + row }] += at[5 + row] * q;
                next[5] += at[5 + row] * (1.0 - q);
            }
            at = next;
            if lot >= 200_000 {
                for (sum, share) in mean.iter_mut().zip(at) {
                    *sum += share / 200_000.0;
                }
            }
        }
        mean[..5].iter().sum()
    }

    #[test]
    fn formula_and_chain_agree() {
        for (p, q) in [
            (0.95, 0.80),
            (0.9, 0.6),
            (0.5, 0.3),
            (0.99, 0.97),
            (0.3, 0.3),
        ] {
            let (formula, chain) = (share_of_normal(p, q), share_by_chain(p, q));
            assert!((formula - chain).abs() < 1e-9, "{p} {q}: {formula} {chain}");
        }
    }

    #[test]
    fn ends_are_limits() {
        assert_eq!(share_of_normal(1.0, 1.0), 1.0);
        assert_eq!(share_of_normal(1.0, 0.5), 1.0);
        assert_eq!(share_of_normal(0.5, 0.0), 0.0);
        assert_eq!(share_of_normal(0.0, 0.0), 0.0);
    }
}
