//! What a gauge of finite bandwidth takes off the top of a stroke, and its correction.

use crate::protrusion::{at_least, tops};
use crate::{Budget, Component, Contact, Zero, protrusion_budget};
use crate::{Distribution, Estimate, GaugeProperties, NotMeasurable, Stroke, TopShape};
use core::f64::consts::TAU;

/// A bandwidth is known to ±10 %, so that a loss, which goes with its square, is to ±20 %.
const KNOWN_TO: f64 = 0.2;

/// Loss at the top of stroke in a gauge that follows to first order.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BandwidthLoss {
    /// How far the indication stays below the needles, nm.
    pub loss_nm: f64,
    /// Largest error of that, nm, rectangular: a bandwidth that is 10 % from what its certificate
    /// says.
    pub half_width_nm: f64,
}

/// The loss of these strokes, from the curvature of their own tops: τ²/2 |x″|, τ = 1/(2π f_c).
///
/// A first-order low-pass gives x(t − τ) + τ²/2 x″ + … (its step response expanded), so that it
/// loses nothing on a plateau, and on a top what its curvature says, whatever harmonics the cam
/// has. The next term is (f/f_c)² of it. Nothing if the bandwidth is zero, which means that it
/// does not matter.
///
/// # Errors
/// As for [`crate::protrusion_maximum`].
pub fn bandwidth_loss(
    strokes: &[Stroke],
    gauge: &GaugeProperties,
    sample_rate_hz: u32,
) -> Result<BandwidthLoss, NotMeasurable> {
    at_least(1, strokes)?;
    let strokes = tops(strokes, 1)?.strokes;
    if gauge.bandwidth_hz <= 0.0 {
        return Ok(BandwidthLoss {
            loss_nm: 0.0,
            half_width_nm: 0.0,
        });
    }
    let tau = f64::from(sample_rate_hz) / (TAU * gauge.bandwidth_hz);
    let losses = strokes.iter().map(|it| match (it.top_shape, it.free) {
        // Half the second derivative, a sample².
        (TopShape::Free, Some(free)) => tau * tau * free.curve[0].abs(),
        _ => 0.0,
    });
    let loss_nm = losses.sum::<f64>() / strokes.len() as f64;
    if !loss_nm.is_finite() {
        return Err(NotMeasurable::NotFinite);
    }
    Ok(BandwidthLoss {
        loss_nm,
        half_width_nm: KNOWN_TO * loss_nm,
    })
}

impl BandwidthLoss {
    /// The estimate with the loss put back.
    #[must_use]
    pub fn corrected(&self, estimate: &Estimate) -> Estimate {
        Estimate {
            value: estimate.value + self.loss_nm,
            ..*estimate
        }
    }

    /// [`protrusion_budget`] of a corrected estimate: its line of the bandwidth is what the
    /// correction may be wrong by, and not the whole loss.
    #[must_use]
    pub fn protrusion_budget(
        &self,
        corrected: &Estimate,
        zero: &Zero,
        gauge: &GaugeProperties,
        contact: Contact,
    ) -> Budget {
        // A rate of zero loses nothing; the line is replaced all the same.
        let mut budget = protrusion_budget(corrected, zero, gauge, 0.0, contact);
        let name = "gauge bandwidth";
        for line in budget.components.iter_mut().filter(|it| it.name == name) {
            *line = Component::limit(name, self.half_width_nm, Distribution::Rectangular);
        }
        budget
    }
}
