//! The noncentral t distribution: (Z + δ)/√(χ²_ν/ν) for a standard normal Z.

use crate::quadrature::integrate_pieces;
use crate::stirling::{log_excess, stirling_error};
use crate::tails::{Sought, is_parameter};
use crate::{normal, root, student_t};
use core::f64::consts::PI;

/// Where the integrand has fallen by e^−41 from its peak, the rest is below 1e-17 of the whole.
const FALL: f64 = 41.0;

/// Probability below `t`. NaN unless `dof` > 0 and `delta` is finite.
///
/// ∫ Φ(t s − δ) f(s) ds over the distribution of s = √(χ²_ν/ν), in ln s, by adaptive
/// Gauss-Legendre panels around the integrand's own peak; so a deep tail is integrated where it
/// lies. The series of AS 243 loses its digits with δ.
#[must_use]
pub fn cdf(t: f64, dof: f64, delta: f64) -> f64 {
    if !is_sensible(t, dof, delta) {
        return f64::NAN;
    }
    if dof.is_infinite() {
        return normal::cdf(t - delta);
    }
    if delta == 0.0 {
        return student_t::cdf(t, dof);
    }
    if t.is_infinite() {
        return if t > 0.0 { 1.0 } else { 0.0 };
    }
    if t == 0.0 {
        return normal::cdf(-delta);
    }
    Integrand { t, dof, delta }.integral()
}

/// Probability above `t`. NaN unless `dof` > 0 and `delta` is finite.
#[must_use]
pub fn sf(t: f64, dof: f64, delta: f64) -> f64 {
    cdf(-t, dof, -delta)
}

/// The t below which a share `p` lies; infinite for 0 and 1. NaN unless 0 ≤ `p` ≤ 1, `dof` > 0 and
/// `delta` is finite.
#[must_use]
pub fn quantile(p: f64, dof: f64, delta: f64) -> f64 {
    solve(Sought::lower(p), dof, delta)
}

/// The t above which a share `q` lies; infinite for 0 and 1. NaN unless 0 ≤ `q` ≤ 1, `dof` > 0 and
/// `delta` is finite.
#[must_use]
pub fn upper_quantile(q: f64, dof: f64, delta: f64) -> f64 {
    solve(Sought::upper(q), dof, delta)
}

fn is_sensible(t: f64, dof: f64, delta: f64) -> bool {
    !t.is_nan() && (is_parameter(dof) || dof == f64::INFINITY) && delta.is_finite()
}

/// Φ(t s − δ) times the density of ln s.
#[derive(Clone, Copy, Debug)]
struct Integrand {
    t: f64,
    dof: f64,
    delta: f64,
}

impl Integrand {
    fn integral(self) -> f64 {
        let Some(peak) = self.peak() else {
            return f64::NAN;
        };
        let top = self.ln_kernel(peak);
        if top < -800.0 {
            // The density's constant does not lift it above the smallest number.
            return 0.0;
        }
        let (Some(low), Some(high)) = (self.edge(peak, top, -1.0), self.edge(peak, top, 1.0))
        else {
            return f64::NAN;
        };
        let f = |w: f64| libm::exp(self.ln_kernel(w) - top);
        let area = integrate_pieces(f, &self.pieces(low, peak, high));
        let half = 0.5 * self.dof;
        // 2 (ν/2)^(ν/2) e^(−ν/2)/Γ(ν/2).
        let constant = if half < 1.0 {
            2.0 * libm::exp(half * libm::log(half) - half - libm::lgamma(half))
        } else {
            2.0 * libm::sqrt(half / (2.0 * PI)) * libm::exp(-stirling_error(half))
        };
        (libm::exp(top) * constant * area).min(1.0)
    }

    /// Ends, peak and its width, and where Φ rises if that is another place: there t s = δ, and the
    /// argument of Φ changes by one within 1/δ of ln s.
    fn pieces(self, low: f64, peak: f64, high: f64) -> Vec<f64> {
        let slope = self.t * libm::exp(peak);
        let width = 8.0 / libm::sqrt(2.0 * self.dof + slope * slope);
        let mut points = vec![low, high, peak - width, peak, peak + width];
        let rise = libm::log(self.delta / self.t);
        if rise.is_finite() {
            let width = 8.0 / self.delta.abs();
            points.extend([rise - width, rise, rise + width]);
        }
        points.retain(|it| (low..=high).contains(it));
        points.sort_by(f64::total_cmp);
        points
    }

    /// Logarithm of the integrand at s = e^w, up to a constant.
    fn ln_kernel(self, w: f64) -> f64 {
        let square_excess = libm::expm1(2.0 * w);
        let z = libm::fma(self.t, libm::exp(w), -self.delta);
        normal::ln_cdf(z) - 0.5 * self.dof * log_excess(square_excess, libm::exp(2.0 * w))
    }

    /// The one zero of the slope, s − 1/s = t h(t s − δ)/ν with h = φ/Φ: the left side rises with
    /// s, the right side falls.
    fn peak(self) -> Option<f64> {
        let slope = |w: f64| {
            let s = libm::exp(w);
            let h = normal::ln_cdf_slope(libm::fma(self.t, s, -self.delta));
            2.0 * libm::sinh(w) - self.t / self.dof * h
        };
        root::from_guess(slope, 0.0, 0.1 / libm::sqrt(self.dof.max(1.0)))
    }

    /// Where the integrand has all but vanished on one side of its peak.
    fn edge(self, peak: f64, top: f64, side: f64) -> Option<f64> {
        let fallen = |distance: f64| top - self.ln_kernel(peak + side * distance) - FALL;
        let mut distance = 0.1 / libm::sqrt(self.dof.max(1.0));
        for _ in 0..60 {
            match fallen(distance) {
                it if it >= 0.0 => return Some(peak + side * distance),
                it if it.is_nan() => return None,
                _ => distance *= 1.5,
            }
        }
        None
    }
}

fn solve(sought: Sought, dof: f64, delta: f64) -> f64 {
    if !is_sensible(0.0, dof, delta) || sought.is_nan() {
        return f64::NAN;
    }
    if sought.is_lowest() {
        return f64::NEG_INFINITY;
    }
    if sought.is_highest() {
        return f64::INFINITY;
    }
    let z = match sought {
        Sought::Lower(p) => normal::quantile(p),
        Sought::Upper(q) => normal::upper_quantile(q),
    };
    if dof.is_infinite() {
        return delta + z;
    }
    // Johnson and Welch's normal approximation, without its corrections.
    let spread = libm::sqrt(1.0 + delta * delta / (2.0 * dof));
    let guess = delta + z * spread;
    let above = |t: f64| match sought {
        Sought::Lower(p) => libm::log(cdf(t, dof, delta) / p),
        Sought::Upper(q) => libm::log(q / sf(t, dof, delta)),
    };
    root::from_guess(above, guess, 0.05 * spread).unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tails_are_whole() {
        for (t, dof, delta) in [
            (1.0, 3.0, 2.0),
            (-0.7, 0.5, 4.0),
            (50.0, 1e6, 48.0),
            (2.0, 30.0, -1.0),
        ] {
            let whole = cdf(t, dof, delta) + sf(t, dof, delta);
            assert!((whole - 1.0).abs() < 1e-14, "{whole}");
        }
    }

    #[test]
    fn ends() {
        assert_eq!(cdf(f64::INFINITY, 3.0, 1.0), 1.0);
        assert_eq!(cdf(f64::NEG_INFINITY, 3.0, 1.0), 0.0);
        assert_eq!(quantile(0.0, 3.0, 1.0), f64::NEG_INFINITY);
        assert_eq!(quantile(1.0, 3.0, 1.0), f64::INFINITY);
        for (t, dof, delta) in [
            (f64::NAN, 1.0, 1.0),
            (1.0, 0.0, 1.0),
            (1.0, f64::NAN, 1.0),
            (1.0, 1.0, f64::INFINITY),
        ] {
            assert!(cdf(t, dof, delta).is_nan() && sf(t, dof, delta).is_nan());
            assert!(quantile(t, dof, delta).is_nan() || t == 1.0 && dof == 1.0);
        }
        assert!(quantile(1.5, 3.0, 1.0).is_nan());
    }
}
