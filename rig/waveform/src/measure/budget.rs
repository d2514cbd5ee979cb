//! Budgets from what is stated of the gauge, and what they leave out for want of it.

use crate::Calibration;
use rig_measure::{
    Budget, Component, Contact, Estimate, GaugeProperties, Measured, Zero, protrusion_budget,
    rate_budget,
};

/// Largest residual bias of the per-stroke fit that the measuring chain is tested for, nm.
const FIT_BIAS_NM: f64 = 100.0;

/// What is known, and whether a zero is.
pub(crate) struct Known<'a> {
    pub(crate) calibration: &'a Calibration,
    /// The zero, if there is one.
    pub(crate) zero: Option<Zero>,
    /// Mean height of a stroke, nm.
    pub(crate) height_nm: f64,
    /// Stroke rate, Hz, if there is one.
    pub(crate) rate_hz: Option<f64>,
}

impl Known<'_> {
    /// Whether a certificate, or flags in its place, state the gauge's uncertainty.
    pub(crate) fn is_calibrated(&self) -> bool {
        self.calibration.expanded.is_some()
    }

    /// A length with its budget, and what that leaves out.
    pub(crate) fn length(
        &self,
        estimate: &Estimate,
        contact: Contact,
    ) -> (Measured, Vec<&'static str>) {
        if !self.is_calibrated() {
            return (
                scatter_only(estimate, "scatter of the tops"),
                vec![ALL_BUT_SCATTER],
            );
        }
        let nowhere = Zero {
            level: Estimate {
                value: 0.0,
                u: 0.0,
                dof: f64::INFINITY,
                n: 0,
            },
            block_height_nm: 0.0,
            block_u_nm: 0.0,
        };
        let zero = self.zero.unwrap_or(nowhere);
        let it = self.calibration;
        let properties = self.properties();
        let rate_hz = self.rate_hz.unwrap_or(0.0);
        let full = protrusion_budget(estimate, &zero, &properties, rate_hz, contact);
        let has_zero = self.zero.is_some();
        let mut left_out = Vec::new();
        let stated = |name: &str| match name {
            "gauge linearity" => it.linearity.is_some(),
            "zero on the gauge block" => it.block_level_u.is_some(),
            "gauge block" => it.block_u.is_some(),
            "seating" => it.seating.is_some(),
            "alignment" => it.tilt_deg.is_some(),
            "temperature" => it.drift_per_kelvin.is_some() && it.temperature_kelvin.is_some(),
            "gauge bandwidth" => it.bandwidth_hz.is_some() && self.rate_hz.is_some(),
            _ => true,
        };
        // Without a zero there is no plane that these lines could be about.
        let of_zero = |name: &str| {
            matches!(
                name,
                "zero on the gauge block" | "gauge block" | "seating" | "alignment"
            )
        };
        let mut components: Vec<Component> = Vec::new();
        for component in full.components {
            if !has_zero && of_zero(component.name) {
                continue;
            }
            if stated(component.name) {
                components.push(component);
            } else {
                left_out.push(component.name);
            }
        }
        (Budget { components }.measured(estimate), left_out)
    }

    /// A difference of lengths taken with one zero.
    pub(crate) fn difference(&self, estimate: &Estimate) -> (Measured, Vec<&'static str>) {
        let it = self.calibration;
        let mut budget = Budget {
            components: vec![Component::scatter("scatter of the tops", estimate)],
        };
        let drift = it.drift_per_kelvin.zip(it.temperature_kelvin);
        let Some((per_kelvin, kelvin)) = drift else {
            return (budget.measured(estimate), vec!["temperature"]);
        };
        budget.components.push(Component::limit(
            "temperature",
            per_kelvin * kelvin,
            rig_measure::Distribution::Rectangular,
        ));
        (budget.measured(estimate), Vec::new())
    }

    /// A rate by the gauge's time base, or by the one given.
    pub(crate) fn rate(
        &self,
        estimate: &Estimate,
        time_base_ppb: Option<u32>,
    ) -> (Measured, Vec<&'static str>) {
        match time_base_ppb {
            Some(ppb) => (rate_budget(estimate, ppb).measured(estimate), Vec::new()),
            None => (
                scatter_only(estimate, "timing of the strokes"),
                vec!["time base"],
            ),
        }
    }

    fn properties(&self) -> GaugeProperties {
        let it = self.calibration;
        GaugeProperties {
            certificate_expanded_nm: it.expanded.unwrap_or(0.0),
            certificate_k: it.coverage_factor.unwrap_or(2.0),
            linearity_nm: it.linearity.unwrap_or(0.0),
            tilt_deg: it.tilt_deg.unwrap_or(0.0),
            drift_nm_per_kelvin: it.drift_per_kelvin.unwrap_or(0.0),
            temperature_kelvin: it.temperature_kelvin.unwrap_or(0.0),
            bandwidth_hz: it.bandwidth_hz.unwrap_or(0.0),
            stroke_amplitude_nm: if self.height_nm.is_finite() {
                0.5 * self.height_nm
            } else {
                0.0
            },
            fit_bias_nm: FIT_BIAS_NM,
            seating_nm: it.seating.unwrap_or(0.0),
        }
    }
}

/// What a budget of scatter alone leaves out.
pub(crate) const ALL_BUT_SCATTER: &str = "all but scatter: no certificate";

/// A value whose budget is its own scatter.
pub(crate) fn scatter_only(estimate: &Estimate, name: &'static str) -> Measured {
    Budget {
        components: vec![Component::scatter(name, estimate)],
    }
    .measured(estimate)
}
