//! Whether gauge and tachometer agree, though they see the ends of a window differently.

use crate::{Agreement, EdgeCapture, Measured, NotMeasurable};

/// Periods at each end of which the shortest and the longest stand for the one beyond it.
const BESIDE: usize = 8;

/// Whether the gauge's stroke rate and the tachometer's agree over the strokes that both saw:
/// |difference| ≤ √(U₁² + U₂²), and what unequal ends can make of it beyond that.
///
/// Both are realised means of one window, but the gauge counts from mark to mark, the tachometer
/// from edge to edge, and either begins and ends up to a stroke apart from the other. A rate that
/// steps or slides has different means over both, and neither instrument is wrong. How different is
/// seen in the edges: the gauge's `n` periods are laid over them in every place where they fit, and
/// the mean from edge to edge there is compared with that of all edges. Beyond each end one more
/// edge is allowed for, as late as the shortest and as the longest of the last eight periods. As turns
/// and times in between are sums of parts of neighbouring periods, places between edges give means
/// between those. A steady motion has next to none of this; in a step of 10 % among 500 strokes it is
/// 0.02 % for every stroke by which the ends are apart, where a lost stroke makes 0.2 % and a wrong
/// clock what it is wrong by.
///
/// # Errors
/// [`NotMeasurable::Disagreement`]; [`NotMeasurable::TooFewEdges`] below 3.
pub fn agree_over_strokes(
    gauge: &Measured,
    tachometer: &Measured,
    edges: &EdgeCapture,
) -> Result<Agreement, NotMeasurable> {
    let difference = gauge.value - tachometer.value;
    let (lowest, highest) = unequal_ends(edges, gauge.n)?;
    let ends = if difference > 0.0 { highest } else { -lowest };
    let expanded = libm::hypot(gauge.uncertainty.expanded, tachometer.uncertainty.expanded);
    let allowed = expanded + ends;
    if difference.abs() <= allowed {
        return Ok(Agreement {
            difference,
            allowed,
        });
    }
    Err(NotMeasurable::Disagreement {
        first: gauge.value,
        second: tachometer.value,
        allowed,
    })
}

/// The least and the most that the mean over some `n` periods may be above that of all edges, Hz;
/// the least is never above zero, the most never below.
///
/// # Errors
/// [`NotMeasurable::TooFewEdges`] below 3, [`NotMeasurable::NotFinite`] if time stands.
pub fn unequal_ends(edges: &EdgeCapture, n: usize) -> Result<(f64, f64), NotMeasurable> {
    let (Some(&first), Some(&last)) = (edges.edges_ns.first(), edges.edges_ns.last()) else {
        return Err(too_few(0));
    };
    let seconds = |it: &i64| (i128::from(*it) - i128::from(first)) as f64 * 1e-9;
    let times: Vec<f64> = edges.edges_ns.iter().map(seconds).collect();
    if times.len() < 3 {
        return Err(too_few(times.len()));
    }
    let whole = (times.len() - 1) as f64 / seconds(&last);
    if !(whole.is_finite() && whole > 0.0) {
        return Err(NotMeasurable::NotFinite);
    }
    let periods: Vec<f64> = times.windows(2).map(|it| it[1] - it[0]).collect();
    let beside = BESIDE.min(periods.len());
    let (before, after) = (&periods[..beside], &periods[periods.len() - beside..]);
    let (mut lowest, mut highest) = (0.0_f64, 0.0_f64);
    for begin in extremes(before) {
        for end in extremes(after) {
            let mut extended = Vec::with_capacity(times.len() + 2);
            extended.push(-begin);
            extended.extend_from_slice(&times);
            extended.push(seconds(&last) + end);
            // n may have been cut to a whole number.
            for periods in n.max(1)..=n + 1 {
                for ends in extended.windows(periods + 1) {
                    let above = periods as f64 / (ends[periods] - ends[0]) - whole;
                    (lowest, highest) = (lowest.min(above), highest.max(above));
                }
            }
        }
    }
    if lowest.is_finite() && highest.is_finite() {
        Ok((lowest, highest))
    } else {
        Err(NotMeasurable::NotFinite)
    }
}

/// The shortest and the longest.
fn extremes(periods: &[f64]) -> [f64; 2] {
    let shortest = periods.iter().copied().fold(f64::INFINITY, f64::min);
    let longest = periods.iter().copied().fold(0.0, f64::max);
    [shortest, longest]
}

fn too_few(found: usize) -> NotMeasurable {
    NotMeasurable::TooFewEdges { needed: 3, found }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_bounded_by_the_periods_at_the_ends() {
        // 50 periods of 10 ms, 50 of 11 ms; the gauge may have 98 of them.
        let mut edges_ns = vec![0_i64];
        for index in 0..100 {
            let period = if index < 50 { 10_000_000 } else { 11_000_000 };
            edges_ns.push(edges_ns[index] + period);
        }
        let edges = EdgeCapture { edges_ns };
        let (lowest, highest) = unequal_ends(&edges, 98).expect("edges");
        // All: 100 in 1.05 s. Without the last three of 11 ms, and one more of 10 ms before: 98 in
        // 1.027 s. Without the first three of 10 ms, and one more of 11 ms after: 98 in 1.031 s.
        let all = 100.0 / 1.05;
        assert!((highest - (98.0 / 1.027 - all)).abs() < 1e-9, "{highest}");
        assert!((lowest - (98.0 / 1.031 - all)).abs() < 1e-9, "{lowest}");
    }

    #[test]
    fn a_steady_motion_has_equal_ends_and_few_edges_none() {
        let edges = EdgeCapture {
            edges_ns: (0..200).map(|it| 8_571_429 * it).collect(),
        };
        let (lowest, highest) = unequal_ends(&edges, 197).expect("edges");
        assert!(lowest.abs() < 1e-9 && highest.abs() < 1e-9);
        for n in 0..3 {
            let few = EdgeCapture {
                edges_ns: (0..n).collect(),
            };
            let found = unequal_ends(&few, 10);
            assert!(matches!(found, Err(NotMeasurable::TooFewEdges { .. })));
        }
        let standing = EdgeCapture {
            edges_ns: vec![5; 10],
        };
        assert_eq!(unequal_ends(&standing, 8), Err(NotMeasurable::NotFinite));
    }
}
