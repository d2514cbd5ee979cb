//! The pen's own cell: open-circuit voltage and internal resistance by its state of charge.
//!
//! One 14500 cell of 800 mAh (data sheets: Beltrona BELLIIONAA800, 800 mAh at 0.2 C to 2.75 V,
//! 100 mΩ after charge, 2 C at most; Tenergy 14500, 800 mAh, below 80 mΩ). With z the charge that is
//! left as a share of the capacity,
//!
//! ```text
//! V(z) = −1.031 e^(−35 z) + 3.685 + 0.2156 z − 0.1178 z² + 0.3201 z³      V
//! R(z) = R_b + 0.1562 e^(−24.37 z)                                        Ω
//! dz/dt = −I/Q
//! ```
//!
//! The curves are those of Chen and Rincón-Mora, "Accurate electrical battery model capable of
//! predicting runtime and I-V performance", IEEE Trans. Energy Convers. 21(2), 2006, for an 850 mAh
//! lithium-ion cell (recalled, not seen); their resistance far from empty is 74 mΩ, here it is R_b,
//! the 80 mΩ of the pen. Relaxation after a load, temperature, self-discharge and ageing over cycles
//! are left out.

/// Capacity of a sound cell, A s: 800 mAh.
pub const CAPACITY_AS: f64 = 0.8 * 3_600.0;

/// A cell as it discharges.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Cell {
    /// What has been drawn since its last charge, A s.
    drawn_as: f64,
}

impl Cell {
    /// At the end of its charge.
    pub(super) fn charged() -> Self {
        Self { drawn_as: 0.0 }
    }

    /// Draws a charge, A s.
    pub(super) fn draw(&mut self, charge_as: f64) {
        self.drawn_as += charge_as;
    }

    /// What is left of a capacity of which the share `lost` is gone for good.
    fn left(self, lost: f64) -> f64 {
        let capacity_as = CAPACITY_AS * (1.0 - lost);
        if capacity_as <= 0.0 {
            return 0.0;
        }
        (1.0 - self.drawn_as / capacity_as).clamp(0.0, 1.0)
    }

    /// Open-circuit voltage, V, and what the internal resistance is beyond that of a charged cell,
    /// Ω.
    pub(super) fn shows(self, lost: f64) -> (f64, f64) {
        let z = self.left(lost);
        let volts =
            -1.031 * libm::exp(-35.0 * z) + 3.685 + z * (0.2156 + z * (-0.1178 + z * 0.3201));
        (volts, 0.1562 * libm::exp(-24.37 * z))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn volts(share_drawn: f64) -> f64 {
        let mut cell = Cell::charged();
        cell.draw(share_drawn * CAPACITY_AS);
        cell.shows(0.0).0
    }

    #[test]
    fn the_voltage_falls_with_the_charge_between_the_ends_of_a_lithium_cell() {
        assert!((volts(0.0) - 4.102_9).abs() < 1e-9, "{}", volts(0.0));
        assert!((volts(0.5) - 3.803_4).abs() < 1e-3, "{}", volts(0.5));
        assert!((volts(1.0) - 2.654).abs() < 1e-9, "{}", volts(1.0));
        // Flat in the middle, a knee at the end.
        for percent in 0..100 {
            let share = f64::from(percent) * 0.01;
            assert!(volts(share + 0.01) < volts(share), "{share}");
        }
        assert!(volts(0.9) > 3.6);
        assert_eq!(volts(2.0), volts(1.0));
    }

    #[test]
    fn a_cell_that_lost_capacity_is_empty_sooner_and_one_without_any_at_once() {
        let mut cell = Cell::charged();
        cell.draw(0.1 * CAPACITY_AS);
        assert_eq!(cell.shows(0.9), (volts(1.0), 0.1562));
        assert!(cell.shows(0.5).0 < cell.shows(0.0).0);
        assert_eq!(Cell::charged().shows(1.0).0, volts(1.0));
    }
}
