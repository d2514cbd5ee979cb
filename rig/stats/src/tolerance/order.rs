//! Ranks of distribution-free tolerance intervals.

use super::{Sides, ToleranceClaim};
use rig_distributions::binomial;

/// No claim of practice needs more values.
const MOST: usize = 1 << 30;

/// Confidence with which the interval that leaves off `left_off` spacings holds its content: the
/// content between order statistics is beta distributed, P(content ≥ p) = P(Bin(n, p) ≤ n − m)
/// (Wilks 1941).
fn confidence(n: usize, left_off: usize, content: f64) -> f64 {
    if left_off > n {
        return 0.0;
    }
    binomial::cdf((n - left_off) as u64, n as u64, content)
}

fn ends(sides: Sides) -> usize {
    match sides {
        Sides::Both => 2,
        Sides::Lower | Sides::Upper => 1,
    }
}

/// The rank from each bounded end, 1 for the least and the largest value, of the narrowest
/// interval that attains the confidence, and the confidence that it attains. None if `n` values do
/// not suffice.
#[must_use]
pub fn order_trim(n: usize, claim: ToleranceClaim) -> Option<(usize, f64)> {
    let attained = |rank: usize| confidence(n, rank * ends(claim.sides), claim.content);
    let attains = |rank: usize| attained(rank) >= claim.confidence;
    if n == 0 || !attains(1) {
        return None;
    }
    // Rising in the rank, so halving finds the last rank that attains it.
    let (mut low, mut high) = (1, n / ends(claim.sides) + 1);
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if attains(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
    Some((low, attained(low)))
}

/// The least number of values with which the least and the largest one hold the claim. None if no
/// number of practice does.
#[must_use]
pub fn order_statistics_needed(claim: ToleranceClaim) -> Option<usize> {
    let attains = |n: usize| confidence(n, ends(claim.sides), claim.content) >= claim.confidence;
    let mut high = 1;
    while !attains(high) {
        high *= 2;
        if high > MOST {
            return None;
        }
    }
    let mut low = high / 2;
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if attains(middle) {
            high = middle;
        } else {
            low = middle;
        }
    }
    Some(high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claim_out_of_range_has_no_answer() {
        let claim = |content, confidence| ToleranceClaim {
            sides: Sides::Both,
            content,
            confidence,
        };
        assert_eq!(order_trim(0, claim(0.9, 0.9)), None);
        assert_eq!(order_trim(100, claim(f64::NAN, 0.9)), None);
        assert_eq!(order_statistics_needed(claim(1.0, 0.9)), None);
        assert_eq!(order_statistics_needed(claim(0.9, f64::NAN)), None);
    }
}
