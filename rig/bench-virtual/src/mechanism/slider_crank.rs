//! The cam: a slider crank that lifts the needles once a turn.
//!
//! With crank radius r, rod l and cam angle θ (rad) counted from bottom of stroke, the needles
//! stand below top of stroke by (plane geometry of a centric slider crank)
//!
//! ```text
//! −s(θ) = r (1 + cos θ) + l − √(l² − r² sin² θ)
//! ```
//!
//! r = 1.5 mm, l = 5.0 mm (HARDWARE.md): a stroke of 2 r = 3.0 mm, one a turn, and a second
//! harmonic of about r/4l = 7.5 % of the first, which a spectrum of the gauge shows. Rod and
//! bearings are rigid and without play.

/// Crank radius, mm: half the stroke of 3.0 mm.
pub const CRANK_MM: f64 = 1.5;
/// Rod length, mm.
pub const ROD_MM: f64 = 5.0;

/// Where the slider stands at one cam angle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Slide {
    /// Position below (negative) top of stroke, mm.
    pub position_mm: f64,
    /// Its first derivative by cam angle, mm/rad; positive while the needles rise.
    pub slope_mm: f64,
    /// Its second derivative by cam angle, mm/rad².
    pub curvature_mm: f64,
    /// (1 − cos θ)/2: 0 at bottom of stroke, 1 at top; the share of the stroke-to-stroke float
    /// that shows.
    pub lift: f64,
}

/// A cam angle with its sine and cosine.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Crank {
    theta: f64,
    sin: f64,
    cos: f64,
}

impl Crank {
    /// The crank at `theta`, radians from bottom of stroke.
    #[must_use]
    pub fn at(theta: f64) -> Self {
        let (sin, cos) = libm::sincos(theta);
        Self { theta, sin, cos }
    }

    /// The crank at `theta`; quick where that is near this one.
    #[must_use]
    pub fn near(&self, theta: f64) -> Self {
        let way = theta - self.theta;
        if way.abs() > NEAR {
            return Self::at(theta);
        }
        // Rotation by a small angle, its sine and cosine by their series: below 1e-16 at NEAR.
        let w2 = way * way;
        let w4 = w2 * w2;
        let sin = way * ((1.0 - w2 * SIXTH) + w4 * (1.0 / 120.0 - w2 * (1.0 / 5_040.0)));
        let cos =
            (1.0 - 0.5 * w2) + w4 * ((1.0 / 24.0 - w2 * (1.0 / 720.0)) + w4 * (1.0 / 40_320.0));
        Self {
            theta,
            sin: self.sin * cos + self.cos * sin,
            cos: self.cos * cos - self.sin * sin,
        }
    }

    /// Cam angle, rad.
    #[must_use]
    pub fn theta(&self) -> f64 {
        self.theta
    }

    /// Where the slider stands.
    #[must_use]
    pub fn slide(&self) -> Slide {
        let (sin, cos) = (self.sin, self.cos);
        let rod = libm::sqrt(ROD_MM * ROD_MM - CRANK_MM * CRANK_MM * sin * sin);
        let by_rod = 1.0 / rod;
        let lever = CRANK_MM * CRANK_MM * by_rod;
        let swing = lever * sin * cos;
        Slide {
            position_mm: rod - ROD_MM - CRANK_MM * (1.0 + cos),
            slope_mm: CRANK_MM * sin - swing,
            curvature_mm: CRANK_MM * cos - lever * (cos * cos - sin * sin) - swing * swing * by_rod,
            lift: 0.5 * (1.0 - cos),
        }
    }
}

/// Farthest way over which a crank is turned by its series, rad.
const NEAR: f64 = 0.06;
const SIXTH: f64 = 1.0 / 6.0;

/// The slider at cam angle `theta`, radians from bottom of stroke.
#[must_use]
pub fn slide(theta: f64) -> Slide {
    Crank::at(theta).slide()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::PI;

    #[track_caller]
    fn check(theta: f64, position_mm: f64) {
        let slide = slide(theta);
        assert!((slide.position_mm - position_mm).abs() < 1e-12, "{slide:?}");
    }

    #[test]
    fn stroke_is_three_millimetres_from_bottom_to_top() {
        check(0.0, -3.0);
        check(PI, 0.0);
        // A quarter turn: 1.5 mm below by the crank and 5 − √(25 − 2.25) by the rod's slant.
        check(PI / 2.0, -1.5 - (5.0 - 22.75_f64.sqrt()));
    }

    #[test]
    fn a_crank_turned_a_little_is_the_crank_there() {
        for k in 0..400 {
            let from = f64::from(k) * 0.0157;
            for way in [-0.06, -0.033, 0.0, 1e-6, 0.05, 0.06, 0.1, -7.0] {
                let (near, there) = (Crank::at(from).near(from + way), Crank::at(from + way));
                assert!((near.sin - there.sin).abs() < 5e-16, "{from} {way}");
                assert!((near.cos - there.cos).abs() < 5e-16, "{from} {way}");
            }
        }
    }

    #[test]
    fn derivatives_agree_with_differences() {
        let step = 1e-5;
        for k in 0..200 {
            let theta = f64::from(k) * PI / 100.0;
            let (before, here, after) = (slide(theta - step), slide(theta), slide(theta + step));
            let slope = (after.position_mm - before.position_mm) / (2.0 * step);
            let curvature = (after.slope_mm - before.slope_mm) / (2.0 * step);
            assert!((slope - here.slope_mm).abs() < 1e-8, "{theta}");
            assert!((curvature - here.curvature_mm).abs() < 1e-8, "{theta}");
        }
    }
}
