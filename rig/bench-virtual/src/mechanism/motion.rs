//! How the needles moved during one step: the truth that instruments look at.

use super::slider_crank::Crank;
use std::f64::consts::{PI, TAU};

/// Motion of shaft and needles during one step, in seconds from its beginning.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Motion {
    /// Length of the step, s.
    pub duration_s: f64,
    /// Cam angle at its beginning, rad from bottom of stroke, below a full turn.
    pub theta: f64,
    /// The crank at some angle of this step, from which others are reached quickly.
    pub crank: Crank,
    /// Shaft speed at its beginning, rad/s; never negative.
    pub omega: f64,
    /// Shaft acceleration, rad/s².
    pub acceleration: f64,
    /// Protrusion at top of stroke without float, mm.
    pub top_mm: f64,
    /// Strokes begun before this step.
    pub stroke: u64,
    /// Float of the stroke under way, mm.
    pub float_mm: f64,
    /// Float of the stroke that begins in this step, if one does, mm.
    pub next_float_mm: f64,
    /// Where the needles stay below top of stroke, mm, if the cam is loose.
    pub resting_mm: Option<f64>,
    /// Motor current, A.
    pub current_a: f64,
}

impl Motion {
    /// Cam angle some time into the step, rad; above a full turn after the next bottom of stroke.
    #[must_use]
    pub fn theta_at(&self, offset_s: f64) -> f64 {
        self.theta + offset_s * (self.omega + 0.5 * self.acceleration * offset_s)
    }

    /// When the shaft passes an angle in (theta, theta + 2π], seconds into the step.
    #[must_use]
    pub fn crossing_s(&self, angle: f64) -> Option<f64> {
        let way = angle - self.theta;
        if way <= 0.0 || self.theta_at(self.duration_s) < angle {
            return None;
        }
        // The root of way = ω t + a t²/2 that is stable for small a; the end of the step is
        // at or past the angle, so the discriminant is negative by rounding alone.
        let root = libm::sqrt((self.omega * self.omega + 2.0 * self.acceleration * way).max(0.0));
        Some((2.0 * way / (self.omega + root)).min(self.duration_s))
    }

    /// Protrusion of the needle plane as a sensor with a first-order lag of `lag_s` shows it, mm.
    ///
    /// The lag is short against a stroke, so it is taken to second order:
    /// 1/(1 + τ s) = e^(−τ s) (1 + τ² s²/2 + …), a delay and an attenuation.
    #[must_use]
    pub fn needles_mm(&self, offset_s: f64, lag_s: f64) -> f64 {
        if let Some(resting_mm) = self.resting_mm {
            return self.top_mm + resting_mm;
        }
        let theta = self.theta_at(offset_s - lag_s);
        let float_mm = if theta < TAU {
            self.float_mm
        } else {
            self.next_float_mm
        };
        let slide = self.crank.near(theta).slide();
        let attenuation_mm = 0.5 * lag_s * lag_s * slide.curvature_mm * self.omega * self.omega;
        self.top_mm + float_mm * slide.lift + slide.position_mm + attenuation_mm
    }

    /// The top of a stroke, if the step holds one: when, and the protrusion there in mm.
    #[must_use]
    pub fn peak(&self) -> Option<(f64, f64)> {
        if self.resting_mm.is_some() {
            return None;
        }
        let before = self
            .crossing_s(PI)
            .map(|at_s| (at_s, self.top_mm + self.float_mm));
        before.or_else(|| {
            self.crossing_s(TAU + PI)
                .map(|at_s| (at_s, self.top_mm + self.next_float_mm))
        })
    }
}
