//! Uncertainty budgets: what scatter cannot know, combined after the GUM.
//!
//! Symbols and clauses are those of JCGM 100:2008. Inputs are taken as uncorrelated.

use crate::{COVERAGE_95_45, Estimate, student_t_coverage};
use core::f64::consts::{SQRT_2, TAU};
use std::fmt;

/// Shape of what is known about an input (JCGM 100:2008, 4.2 and 4.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Distribution {
    /// Type A, from scatter.
    TypeA,
    /// Normal, such as a certificate's U over its k.
    Normal,
    /// Rectangular: a half-width over √3.
    Rectangular,
    /// Triangular: a half-width over √6.
    Triangular,
    /// Arcsine: a half-width over √2.
    Arcsine,
}

impl fmt::Display for Distribution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl Distribution {
    /// What a half-width is divided by to give a standard uncertainty; for a normal one, what a
    /// standard uncertainty is divided by, which is 1.
    #[must_use]
    pub fn divisor(self) -> f64 {
        match self {
            Self::TypeA | Self::Normal => 1.0,
            Self::Rectangular => libm::sqrt(3.0),
            Self::Triangular => libm::sqrt(6.0),
            Self::Arcsine => SQRT_2,
        }
    }

    /// Its name in tables.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::TypeA => "type A",
            Self::Normal => "normal",
            Self::Rectangular => "rectangular",
            Self::Triangular => "triangular",
            Self::Arcsine => "arcsine",
        }
    }
}

/// One line of a budget.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Component {
    /// What it is.
    pub name: &'static str,
    /// Its standard uncertainty, in its own unit.
    pub u: f64,
    /// Change of the result with it.
    pub sensitivity: f64,
    /// Its degrees of freedom.
    pub dof: f64,
    /// What its standard uncertainty was taken from.
    pub distribution: Distribution,
}

impl Component {
    /// The scatter of an estimate.
    #[must_use]
    pub fn scatter(name: &'static str, estimate: &Estimate) -> Self {
        Self {
            name,
            u: estimate.u,
            sensitivity: 1.0,
            dof: estimate.dof,
            distribution: Distribution::TypeA,
        }
    }

    /// A limit of error (half-width) of the given shape, or a standard uncertainty if normal;
    /// in the unit of the result.
    #[must_use]
    pub fn limit(name: &'static str, half_width: f64, distribution: Distribution) -> Self {
        Self {
            name,
            u: half_width.abs() / distribution.divisor(),
            sensitivity: 1.0,
            dof: f64::INFINITY,
            distribution,
        }
    }
}

/// A budget: what goes into the uncertainty of one value.
///
/// The budgets made here have the estimate's own scatter first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Budget {
    /// Its lines.
    pub components: Vec<Component>,
}

/// One line of a budget as it is printed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Line {
    /// What it is.
    pub name: &'static str,
    /// What its standard uncertainty was taken from.
    pub distribution: Distribution,
    /// Its standard uncertainty, in its own unit.
    pub u: f64,
    /// Change of the result with it.
    pub sensitivity: f64,
    /// Its contribution |c| u, in the unit of the result.
    pub contribution: f64,
    /// Its degrees of freedom; infinite where `u` is known.
    pub dof: f64,
    /// Its share of u_c², from 0 to 1; zero in a budget of zeros.
    pub share: f64,
}

/// A combined uncertainty.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Combined {
    /// Combined standard uncertainty.
    pub u_c: f64,
    /// Effective degrees of freedom, before they are cut to a whole number for `k`.
    pub nu_eff: f64,
    /// Coverage factor for 95.45 %.
    pub k: f64,
    /// Expanded uncertainty.
    pub expanded: f64,
}

/// A value with its uncertainty: what is judged.
///
/// Neither is rounded. Both are NaN or infinite if an input was; whoever records them refuses
/// that.
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    /// The value, corrected for known effects.
    pub value: f64,
    /// Its uncertainty.
    pub uncertainty: Combined,
    /// Where the uncertainty comes from.
    pub budget: Budget,
    /// How many observations it rests on.
    pub n: usize,
}

impl Budget {
    /// Combines the lines.
    ///
    /// u_c² = Σ (c u)² (JCGM 100:2008, equation 10);
    /// ν_eff = u_c⁴ / Σ ((c u)⁴/ν) (G.2b, Welford-Satterthwaite);
    /// k = t(ν_eff) for 95.45 %, ν_eff cut to the whole number below (G.4.1); U = k u_c.
    /// An empty budget gives zero with k = 2.
    #[must_use]
    pub fn combine(&self) -> Combined {
        let contributions = self
            .components
            .iter()
            .map(|it| (it.sensitivity * it.u, it.dof));
        let u_c = libm::sqrt(contributions.clone().map(|(u, _)| u * u).sum());
        // As fourth powers of shares, so that no unit makes them under- or overflow.
        let inverse_nu: f64 = contributions
            .filter(|(u, _)| *u != 0.0)
            .map(|(u, dof)| libm::pow(u / u_c, 4.0) / dof)
            .sum();
        let nu_eff = if inverse_nu == 0.0 {
            f64::INFINITY
        } else {
            1.0 / inverse_nu
        };
        let nu_for_k = if nu_eff >= 1.0 {
            libm::floor(nu_eff)
        } else {
            nu_eff
        };
        let k = student_t_coverage(COVERAGE_95_45, nu_for_k);
        Combined {
            u_c,
            nu_eff,
            k,
            expanded: k * u_c,
        }
    }

    /// The lines as a table has them, in order, with each one's share of the whole.
    ///
    /// # Examples
    /// ```
    /// use rig_measure::{Budget, Component, Distribution};
    ///
    /// let budget = Budget {
    ///     components: vec![
    ///         Component::limit("calibration", 3.0, Distribution::Normal),
    ///         Component::limit("linearity", 4.0 * 3.0_f64.sqrt(), Distribution::Rectangular),
    ///     ],
    /// };
    /// let shares: Vec<f64> = budget.lines().iter().map(|it| (100.0 * it.share).round()).collect();
    /// assert_eq!(shares, [36.0, 64.0]);
    /// ```
    #[must_use]
    pub fn lines(&self) -> Vec<Line> {
        let variance: f64 = self
            .components
            .iter()
            .map(|it| it.sensitivity * it.u * it.sensitivity * it.u)
            .sum();
        let line = |it: &Component| {
            let contribution = (it.sensitivity * it.u).abs();
            let share = if variance > 0.0 {
                contribution * contribution / variance
            } else {
                0.0
            };
            Line {
                name: it.name,
                distribution: it.distribution,
                u: it.u,
                sensitivity: it.sensitivity,
                contribution,
                dof: it.dof,
                share,
            }
        };
        self.components.iter().map(line).collect()
    }

    /// The value with this budget's uncertainty.
    #[must_use]
    pub fn measured(self, estimate: &Estimate) -> Measured {
        let uncertainty = self.combine();
        Measured {
            value: estimate.value,
            uncertainty,
            budget: self,
            n: estimate.n,
        }
    }
}

/// Where zero protrusion is: the nose plane, taken from the gauge block.
///
/// Protrusion is indication − `level` + `block_height_nm`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Zero {
    /// Indication on the block, nm (see [`crate::level`]).
    pub level: Estimate,
    /// Height of the block's face above the nose plane, nm.
    pub block_height_nm: f64,
    /// Standard uncertainty of that height: block certificate and seating, nm.
    pub block_u_nm: f64,
}

impl Zero {
    /// Protrusion of an indication, both in nm.
    #[must_use]
    pub fn protrusion_nm(&self, indication_nm: f64) -> f64 {
        indication_nm - self.level.value + self.block_height_nm
    }
}

/// What is known of gauge and fixture, from certificates and drawings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GaugeProperties {
    /// Expanded uncertainty of an indication, nm.
    pub certificate_expanded_nm: f64,
    /// Its coverage factor.
    pub certificate_k: f64,
    /// Largest deviation from linearity, nm.
    pub linearity_nm: f64,
    /// Largest angle between gauge and needle axis, degrees.
    pub tilt_deg: f64,
    /// Largest change of the gauge per kelvin of the fixture, nm.
    pub drift_nm_per_kelvin: f64,
    /// Largest departure from the temperature at which the zero was taken, K.
    pub temperature_kelvin: f64,
    /// First-order bandwidth, Hz; zero if not known to matter.
    pub bandwidth_hz: f64,
    /// Amplitude of the stroke (half its length), nm.
    pub stroke_amplitude_nm: f64,
    /// Largest residual bias of the peak fit, nm.
    pub fit_bias_nm: f64,
    /// Repeatability of bringing block and pen to the same plane, standard uncertainty, nm.
    pub seating_nm: f64,
}

/// Budget of a protrusion in nm at a stroke rate.
///
/// | line | from | taken as |
/// | --- | --- | --- |
/// | scatter of the tops | the estimate | Type A |
/// | gauge calibration | certificate U over its k | normal |
/// | gauge linearity | largest deviation | rectangular |
/// | zero on the gauge block | scatter of the level | Type A |
/// | gauge block | certificate of the block | normal |
/// | seating | block and pen on the same plane | normal |
/// | alignment | (1 − cos tilt) × distance from the block's face | rectangular |
/// | temperature | nm/K × K | rectangular |
/// | gauge bandwidth | loss at top of stroke, not corrected | rectangular |
/// | peak fit | its largest bias | rectangular |
///
/// The bandwidth line is a first-order low-pass on the fundamental,
/// A (1 − 1/√(1 + (f/f_c)²)); the second harmonic of a cam with rod ratio 0.3 adds a third to it,
/// which its √3 holds. Tilt and bandwidth only ever lessen an indication; as the tilt is not known
/// it is not corrected, and the whole is taken as half-width on both sides. The same is done here
/// with the bandwidth, which is enough while it is the smaller part of the budget (20 kHz: 25 nm);
/// of a slow gauge the loss must be corrected, see [`crate::bandwidth_loss`]: at 2 kHz 3.3 µm,
/// which this budget holds in 91 of 100 cases and the corrected one in 97 (tests).
#[must_use]
pub fn protrusion_budget(
    estimate: &Estimate,
    zero: &Zero,
    gauge: &GaugeProperties,
    rate_hz: f64,
) -> Budget {
    use Distribution::{Normal, Rectangular};
    let distance_nm = estimate.value - zero.block_height_nm;
    Budget {
        components: vec![
            Component::scatter("scatter of the tops", estimate),
            calibration(gauge),
            Component::limit("gauge linearity", gauge.linearity_nm, Rectangular),
            Component::scatter("zero on the gauge block", &zero.level),
            Component::limit("gauge block", zero.block_u_nm, Normal),
            Component::limit("seating", gauge.seating_nm, Normal),
            alignment(gauge, distance_nm),
            Component::limit(
                "temperature",
                gauge.drift_nm_per_kelvin * gauge.temperature_kelvin,
                Rectangular,
            ),
            Component::limit(
                "gauge bandwidth",
                bandwidth_loss_nm(gauge, rate_hz),
                Rectangular,
            ),
            Component::limit("peak fit", gauge.fit_bias_nm, Rectangular),
        ],
    }
}

/// Budget of a difference of two protrusions taken minutes apart at one rate, nm.
///
/// What both share drops out: zero, block, seating, bandwidth. Linearity does not, and may have
/// both signs: it counts twice, independently. Of the temperature it is what changes from one to
/// the other that counts, by at most its departure.
#[must_use]
pub fn rise_budget(estimate: &Estimate, gauge: &GaugeProperties) -> Budget {
    use Distribution::Rectangular;
    Budget {
        components: vec![
            Component::scatter("scatter of the tops", estimate),
            Component::limit(
                "gauge linearity, lower notch",
                gauge.linearity_nm,
                Rectangular,
            ),
            Component::limit(
                "gauge linearity, upper notch",
                gauge.linearity_nm,
                Rectangular,
            ),
            alignment(gauge, estimate.value),
            Component::limit(
                "temperature",
                gauge.drift_nm_per_kelvin * gauge.temperature_kelvin,
                Rectangular,
            ),
        ],
    }
}

/// Budget of a rate in Hz: scatter, and the instrument's time base as rectangular.
#[must_use]
pub fn rate_budget(estimate: &Estimate, time_base_ppb: u32) -> Budget {
    Budget {
        components: vec![
            Component::scatter("timing of the strokes", estimate),
            Component::limit(
                "time base",
                estimate.value * f64::from(time_base_ppb) * 1e-9,
                Distribution::Rectangular,
            ),
        ],
    }
}

/// Budget of a time in s; `event_u_s` is the standard uncertainty of the event it begins with.
#[must_use]
pub fn duration_budget(estimate: &Estimate, time_base_ppb: u32, event_u_s: f64) -> Budget {
    Budget {
        components: vec![
            Component::scatter("sampling", estimate),
            Component::limit("event", event_u_s, Distribution::Normal),
            Component::limit(
                "time base",
                estimate.value * f64::from(time_base_ppb) * 1e-9,
                Distribution::Rectangular,
            ),
        ],
    }
}

fn calibration(gauge: &GaugeProperties) -> Component {
    Component::limit(
        "gauge calibration",
        gauge.certificate_expanded_nm / gauge.certificate_k,
        Distribution::Normal,
    )
}

fn alignment(gauge: &GaugeProperties, distance_nm: f64) -> Component {
    let shortened = 1.0 - libm::cos(gauge.tilt_deg * TAU / 360.0);
    Component::limit(
        "alignment",
        shortened * distance_nm,
        Distribution::Rectangular,
    )
}

fn bandwidth_loss_nm(gauge: &GaugeProperties, rate_hz: f64) -> f64 {
    if gauge.bandwidth_hz <= 0.0 {
        return 0.0;
    }
    let ratio = rate_hz / gauge.bandwidth_hz;
    gauge.stroke_amplitude_nm * (1.0 - 1.0 / libm::sqrt(1.0 + ratio * ratio))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn component(u: f64, dof: f64) -> Component {
        Component {
            name: "test",
            u,
            sensitivity: 1.0,
            dof,
            distribution: Distribution::Normal,
        }
    }

    #[test]
    fn end_gauge_of_the_gum() {
        // JCGM 100:2008, H.1.5 and table H.1: contributions to u(l) in nm and their degrees of
        // freedom, u_c = 32 nm, ν_eff = 16, U99 = 93 nm.
        let lines = [(25.0, 18.0), (9.7, 24.0), (2.9, 50.0), (16.6, 2.0)];
        // Table H.1: the difference d is made of repeatability 5.8 (24), random 3.9 (5) and
        // systematic 6.7 (8) effects of the comparator, 9.7 nm together with ν_eff = 25.6.
        let comparator = Budget {
            components: vec![
                component(5.8, 24.0),
                component(3.9, 5.0),
                component(6.7, 8.0),
            ],
        };
        let comparator = comparator.combine();
        assert!((comparator.u_c - 9.7).abs() < 0.05, "{comparator:?}");
        assert!((comparator.nu_eff - 25.6).abs() < 0.2, "{comparator:?}");

        let budget = Budget {
            components: lines.iter().map(|&(u, dof)| component(u, dof)).collect(),
        };
        let combined = budget.combine();
        assert!((combined.u_c - 31.67).abs() < 0.05, "{combined:?}");
        assert!((combined.nu_eff - 16.7).abs() < 0.1, "{combined:?}");
        let u99 = student_t_coverage(0.99, libm::floor(combined.nu_eff)) * combined.u_c;
        assert!((u99 - 93.0).abs() < 1.0, "U99 {u99}");
    }

    #[test]
    fn lines_have_contributions_and_shares() {
        let half = Component {
            sensitivity: -0.5,
            ..component(8.0, 12.0)
        };
        let budget = Budget {
            components: vec![component(3.0, 5.0), half],
        };
        let lines = budget.lines();
        assert_eq!(lines.len(), 2);
        assert_eq!((lines[1].contribution, lines[1].dof), (4.0, 12.0));
        assert!((lines[0].share - 0.36).abs() < 1e-15 && (lines[1].share - 0.64).abs() < 1e-15);
        let zeros = Budget {
            components: vec![component(0.0, 5.0)],
        };
        assert_eq!(zeros.lines()[0].share, 0.0);
        let named = [
            Distribution::TypeA,
            Distribution::Normal,
            Distribution::Rectangular,
            Distribution::Triangular,
            Distribution::Arcsine,
        ];
        assert_eq!(
            named.map(|it| it.to_string()).join(", "),
            "type A, normal, rectangular, triangular, arcsine"
        );
    }

    #[test]
    fn known_uncertainty_has_k_of_two() {
        let combined = Budget {
            components: vec![component(3.0, f64::INFINITY), component(4.0, f64::INFINITY)],
        }
        .combine();
        assert_eq!(combined.u_c, 5.0);
        assert!((combined.k - 2.0).abs() < 1e-12 && (combined.expanded - 10.0).abs() < 1e-11);
        let empty = Budget::default().combine();
        assert!(empty.expanded == 0.0 && (empty.k - 2.0).abs() < 1e-12);
    }

    #[test]
    fn what_is_not_a_number_stays_so() {
        let combined = Budget {
            components: vec![component(f64::NAN, 5.0), component(1.0, 5.0)],
        }
        .combine();
        assert!(combined.expanded.is_nan());
        let combined = Budget {
            components: vec![component(1.0, 0.0)],
        }
        .combine();
        assert!(
            combined.expanded.is_nan(),
            "no degrees of freedom, no coverage factor: {combined:?}"
        );
    }

    /// A laser triangulation gauge of 10 mm range and its fixture.
    fn gauge() -> GaugeProperties {
        GaugeProperties {
            certificate_expanded_nm: 4_000.0,
            certificate_k: 2.0,
            linearity_nm: 8_000.0,
            tilt_deg: 2.0,
            drift_nm_per_kelvin: 2_000.0,
            temperature_kelvin: 2.0,
            bandwidth_hz: 10_000.0,
            stroke_amplitude_nm: 1_500_000.0,
            fit_bias_nm: 100.0,
            seating_nm: 5_000.0,
        }
    }

    #[test]
    fn protrusion_at_one_and_a_half_millimetres() {
        let estimate = Estimate {
            value: 1.5e6,
            u: 280.0,
            dof: 999.0,
            n: 1000,
        };
        let level = Estimate {
            value: 0.0,
            u: 100.0,
            dof: 500.0,
            n: 1000,
        };
        let zero = Zero {
            level,
            block_height_nm: 0.0,
            block_u_nm: 500.0,
        };
        let budget = protrusion_budget(&estimate, &zero, &gauge(), 116.667);
        let line = |name: &str| {
            budget
                .components
                .iter()
                .find(|it| it.name == name)
                .map(|it| it.u)
        };
        let near = |name: &str, u: f64| {
            let ours = line(name).expect("the line is in the budget");
            assert!((ours - u).abs() < 1.0, "{name}: {ours}, by hand {u}");
        };
        // By hand: a/√3; 1.5 mm (1 − cos 2°) = 913.8 nm; 1.5 mm × (0.0116667²)/2 = 102.1 nm.
        near("gauge calibration", 2_000.0);
        near("gauge linearity", 4_618.8);
        near("alignment", 527.6);
        near("temperature", 2_309.4);
        near("gauge bandwidth", 58.9);
        near("peak fit", 57.7);
        // √(280² + 2000² + 4618.8² + 100² + 500² + 5000² + 527.6² + 2309.4² + 58.9² + 57.7²) is
        // 7502.7 nm.
        let measured = budget.measured(&estimate);
        assert!(
            (measured.uncertainty.expanded - 15_005.0).abs() < 5.0,
            "{:?}",
            measured.uncertainty
        );
        assert_eq!(measured.n, 1000);
    }

    #[test]
    fn rate_is_limited_by_its_time_base() {
        let estimate = Estimate {
            value: 100.0,
            u: 30e-6,
            dof: 70.0,
            n: 500,
        };
        let combined = rate_budget(&estimate, 20_000).combine();
        // ±20 ppm of 100 Hz, rectangular, is 1.155 mHz.
        assert!((combined.u_c - 1.155e-3).abs() < 1e-6, "{combined:?}");
    }
}
