//! The cam Hall sensor and what may go wrong on its wire: missing, doubled and spurious edges.

use crate::noise::Noise;

/// Motor current above which its wires disturb the Hall sensor's, A.
const DISTURBING_A: f64 = 0.02;

/// What may be broken about the Hall sensor; the default is sound.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct HallDefects {
    /// It gives no edges.
    pub dead: bool,
    /// Share of edges that are missing.
    pub missed: f64,
    /// Share of edges that come twice.
    pub doubled: f64,
    /// How long after the first one the second one comes, s.
    pub double_after_s: f64,
    /// Spurious edges a second while the motor has current; at most one comes in a step.
    pub spurious_per_s: f64,
}

/// The sensor: at most one edge of the cam and one that is none in each step.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hall {
    /// Time left until a second edge, from the beginning of the next step, s.
    echo_s: Option<f64>,
}

impl Hall {
    /// What the pen sees of a step in which the cam gave `edge_s`: edges in the order of time.
    pub(crate) fn sense(
        &mut self,
        edge_s: Option<f64>,
        duration_s: f64,
        current_a: f64,
        defects: &HallDefects,
        noise: &mut Noise,
    ) -> [Option<f64>; 2] {
        if *defects == HallDefects::default() {
            self.echo_s = None;
            return [edge_s, None];
        }
        let true_edge_s = edge_s.filter(|_| !defects.dead && !noise.chance(defects.missed));
        if let Some(at_s) = true_edge_s
            && noise.chance(defects.doubled)
        {
            self.echo_s = Some(at_s + defects.double_after_s);
        }
        let mut false_edge_s = None;
        if let Some(echo_s) = self.echo_s.take() {
            if echo_s <= duration_s {
                false_edge_s = Some(echo_s);
            } else {
                self.echo_s = Some(echo_s - duration_s);
            }
        }
        if current_a.abs() > DISTURBING_A && noise.chance(defects.spurious_per_s * duration_s) {
            false_edge_s = Some(duration_s * noise.uniform());
        }
        match (true_edge_s, false_edge_s) {
            (Some(one), Some(another)) if another < one => [Some(another), Some(one)],
            (None, false_edge) => [false_edge, None],
            (true_edge, false_edge) => [true_edge, false_edge],
        }
    }
}
