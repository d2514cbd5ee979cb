//! Operating characteristic of the default gate.

use super::{Scale, svg};
use crate::html::markup::{Markup, Px};
use rig_spec::AttributesPlan;
use rig_stats::acceptance::{Quality, acceptance_probability};

const LEFT: f64 = 64.0;
const TOP: f64 = 26.0;

/// Chances that a lot of a process meets the plan, and that it meets it or is held, at a share of
/// nonconforming pens; none for a lot that no plan describes.
pub(in crate::html) fn chances(n_units: u32, share: f64) -> Option<(f64, f64)> {
    let chance = |accept| {
        let plan = AttributesPlan::single(n_units, accept).ok()?;
        acceptance_probability(&plan, Quality::Process { p: share }).ok()
    };
    Some((chance(0)?, chance(1).unwrap_or(1.0)))
}

/// The share at which a lot of so many units meets the plan with a given chance: that of no
/// nonconforming pen among them.
pub(in crate::html) fn share_at(n_units: u32, chance: f64) -> f64 {
    1.0 - libm::pow(chance, 1.0 / f64::from(n_units.max(1)))
}

/// Draws both curves for a lot of `n_units`.
pub(in crate::html) fn operating_curve(page: &mut Markup, n_units: u32, words: &str) {
    let (width, bottom) = (560.0, 230.0);
    let last = 100.0 * share_at(n_units, 0.01);
    let x = Scale::new((0.0, last), (LEFT, width - 90.0));
    let y = Scale::new((0.0, 1.0), (bottom, TOP));
    svg(page, (width, bottom + 38.0), words, |canvas| {
        canvas.y_axis(&y, (LEFT, width - 90.0), 5.0, "chance");
        canvas.x_axis(
            &x,
            (TOP, bottom),
            6.0,
            "nonconforming pens of the process, %",
        );
        let (mut meets, mut held) = (String::new(), String::new());
        let mut ends = (0.0, 0.0);
        for step in 0..=80 {
            let percent = last * f64::from(step) / 80.0;
            let Some(chance) = chances(n_units, percent / 100.0) else {
                continue;
            };
            let pen = if step == 0 { 'M' } else { 'L' };
            meets += &format!("{pen}{} {}", Px(x.at(percent)), Px(y.at(chance.0)));
            held += &format!("{pen}{} {}", Px(x.at(percent)), Px(y.at(chance.1)));
            ends = chance;
        }
        canvas.path("data-line", &meets);
        canvas.path("control data-open", &held);
        let right = width - 84.0;
        canvas.text("", "start", right, y.at(ends.0) + 4.0, "meets plan");
        canvas.text(
            "",
            "start",
            right,
            (y.at(ends.1) + 4.0).min(y.at(ends.0) - 11.0),
            "or is held",
        );
        for chance in [0.95, 0.5, 0.1] {
            let percent = 100.0 * share_at(n_units, chance);
            canvas.sign(
                crate::html::mark::Mark::Pass,
                x.at(percent),
                y.at(chance),
                8.0,
            );
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gate_is_that_of_no_failing_pen() {
        let (meets, or_held) = chances(20, 0.18).unwrap();
        assert!((meets - libm::pow(0.82, 20.0)).abs() < 1e-12);
        // NIST-style check: Pa of n = 20, c = 1 at 18 % is 0.1018 (see rig-stats' example).
        assert!((or_held - 0.101_832_279_3).abs() < 1e-9);
        assert!((chances(5, share_at(5, 0.1)).unwrap().0 - 0.1).abs() < 1e-12);
        assert_eq!(chances(0, 0.1), None);
    }
}
