//! Roots of rising functions of one variable.

/// Halvings of an interval of finite numbers never need more; interpolation needs far fewer.
const MAX_STEPS: usize = 2100;

/// Where `rising` crosses zero between `low` and `high`, to the last bits.
///
/// Inverse quadratic interpolation where the last three points are shaped for it, bisection
/// otherwise (T. R. Chandrupatla, Adv. Eng. Software 28, 1997, 145-149). Values may be infinite.
/// None unless `rising(low)` ≤ 0 ≤ `rising(high)`, both ends finite, or if a value is NaN.
pub fn bracketed(mut rising: impl FnMut(f64) -> f64, low: f64, high: f64) -> Option<f64> {
    let (at_low, at_high) = (rising(low), rising(high));
    let is_bracket = low.is_finite() && high.is_finite() && at_low <= 0.0 && at_high >= 0.0;
    is_bracket
        .then(|| chandrupatla(&mut rising, (low, at_low), (high, at_high)))
        .flatten()
}

/// Where `rising` crosses zero, sought from `guess` outwards in steps that double from `step`.
///
/// None if there is no crossing among the finite numbers, or if a value is NaN.
pub fn from_guess(mut rising: impl FnMut(f64) -> f64, guess: f64, step: f64) -> Option<f64> {
    let mut near = (guess, rising(guess));
    if near.1 == 0.0 {
        return Some(guess);
    }
    // A step that the guess does not feel would be tried in vain.
    let step = f64::max(step, 4.0 * f64::EPSILON * guess.abs());
    let mut step = if near.1 < 0.0 { step } else { -step };
    while step.is_finite() && step != 0.0 {
        let point = near.0 + step;
        let far = (point, rising(point));
        if !point.is_finite() || far.1.is_nan() {
            return None;
        }
        if far.1 == 0.0 || (far.1 > 0.0) != (near.1 > 0.0) {
            return chandrupatla(&mut rising, near, far);
        }
        near = far;
        step *= 2.0;
    }
    None
}

/// Two points with their values, of opposite sign or zero.
fn chandrupatla(
    rising: &mut impl FnMut(f64) -> f64,
    mut older: (f64, f64),
    mut newest: (f64, f64),
) -> Option<f64> {
    if older.1.is_nan() || newest.1.is_nan() {
        return None;
    }
    let mut fraction = 0.5;
    for _ in 0..MAX_STEPS {
        for (point, value) in [older, newest] {
            if value == 0.0 {
                return Some(point);
            }
        }
        let mut point = older.0 + fraction * (newest.0 - older.0);
        if !point.is_finite() {
            point = 0.5 * older.0 + 0.5 * newest.0;
        }
        let best = if older.1.abs() < newest.1.abs() {
            older.0
        } else {
            newest.0
        };
        let value = rising(point);
        if value.is_nan() {
            return None;
        }
        let third = if (value > 0.0) == (older.1 > 0.0) {
            core::mem::replace(&mut older, (point, value))
        } else {
            let third = newest;
            newest = older;
            older = (point, value);
            third
        };
        // `older` is the point just tried, `newest` the other end of the bracket.
        let width = (newest.0 - older.0).abs();
        let tolerance = 2.0 * f64::EPSILON * best.abs();
        let smallest = 0.5 * tolerance / width;
        if smallest > 0.5 || width <= f64::MIN_POSITIVE {
            return Some(if older.1.abs() < newest.1.abs() {
                older.0
            } else {
                newest.0
            });
        }
        fraction = interpolated(older, newest, third).map_or(0.5, |it| {
            it.clamp(smallest.min(0.5), 1.0 - smallest.min(0.5))
        });
    }
    None
}

/// Fraction of the way from `a` to `b` at which a parabola in the value has its zero.
fn interpolated(a: (f64, f64), b: (f64, f64), c: (f64, f64)) -> Option<f64> {
    let xi = (a.0 - b.0) / (c.0 - b.0);
    let phi = (a.1 - b.1) / (c.1 - b.1);
    let is_shaped = phi * phi < xi && (1.0 - phi) * (1.0 - phi) < 1.0 - xi;
    if !is_shaped {
        return None;
    }
    let fraction = a.1 / (b.1 - a.1) * c.1 / (b.1 - c.1)
        + (c.0 - a.0) / (b.0 - a.0) * a.1 / (c.1 - a.1) * b.1 / (c.1 - b.1);
    fraction.is_finite().then_some(fraction)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_roots() {
        let cube = |x: f64| x * x * x - 2.0;
        let exact = libm::cbrt(2.0);
        assert!((bracketed(cube, -10.0, 10.0).unwrap() - exact).abs() < 1e-15);
        assert!((from_guess(cube, 100.0, 1e-3).unwrap() - exact).abs() < 1e-15);
        assert!((from_guess(cube, -100.0, 1e-3).unwrap() - exact).abs() < 1e-15);
        // A logarithm that is infinite at one end.
        let log = |x: f64| libm::log(x / 1e-200);
        let root = bracketed(log, 0.0, 1.0).unwrap();
        assert!((root / 1e-200 - 1.0).abs() < 1e-14, "{root}");
        // A step is found too.
        let step = |x: f64| if x < 0.3 { -1.0 } else { 1.0 };
        assert!((bracketed(step, -1e9, 1e9).unwrap() - 0.3).abs() < 1e-15);
    }

    #[test]
    fn what_is_no_bracket_has_no_root() {
        assert_eq!(bracketed(|x| x, 1.0, 2.0), None);
        assert_eq!(bracketed(|x| x, f64::NEG_INFINITY, 2.0), None);
        assert_eq!(bracketed(|_| f64::NAN, -1.0, 2.0), None);
        assert_eq!(from_guess(|_| 1.0, 0.0, 1.0), None);
        assert_eq!(from_guess(|_| f64::NAN, 0.0, 1.0), None);
    }
}
