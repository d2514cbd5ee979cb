//! How bad each fault is that the bench brings about on demand: one that nobody can overlook, and
//! where a mild one is harder to contain than a bad one, that too.

use super::{FaultEntry, catalog};
use crate::scenario::fault::FaultKind;

/// A fault as the bench brings it about on demand.
#[derive(Clone, Copy, Debug)]
pub struct OnDemand {
    /// Its line in the catalogue.
    pub entry: &'static FaultEntry,
    /// Its parameters, in their order.
    pub numbers: &'static [f64],
    /// What is broken.
    pub kind: FaultKind,
}

impl OnDemand {
    /// Its name, with its parameters where it has any.
    #[must_use]
    pub fn label(&self) -> String {
        let numbers = self.entry.parameters.iter().zip(self.numbers);
        let numbers = numbers.map(|(parameter, number)| format!(" {} {number}", parameter.name));
        format!("{}{}", self.entry.name, numbers.collect::<String>())
    }
}

/// Name and parameters.
const SEVERITIES: &[(&str, &[f64])] = &[
    ("zero-drift", &[100.0]),
    ("carriage-slip", &[1_400.0, 250.0]),
    ("park-stop", &[100.0]),
    ("backlash-grown", &[400.0]),
    ("steps-lost", &[1.0]),
    ("steps-lost", &[0.3]),
    ("cam-slip", &[]),
    ("shaft-stuck", &[]),
    // Nothing of a pen slows a shaft that is turned from outside: not beyond the ceiling of rate.
    ("cam-turned", &[20_000.0]),
    ("motor-drag", &[8_000.0]),
    ("motor-drag", &[5_000.0]),
    ("motor-drag", &[3_000.0]),
    ("nose-heated", &[1_000.0]),
    ("nose-soft", &[90.0]),
    ("needles-long", &[300.0]),
    ("needles-bent", &[400.0]),
    ("needles-missing", &[14.0]),
    ("membrane-drag", &[8_000.0]),
    ("membrane-drag", &[3_000.0]),
    ("hall-dead", &[]),
    ("hall-double", &[1.0, 2_000.0]),
    ("hall-double", &[0.2, 3_000.0]),
    ("hall-missed", &[0.2]),
    ("hall-missed", &[0.5]),
    ("hall-missed", &[0.9]),
    ("hall-noise", &[2_000.0]),
    ("hall-noise", &[50.0]),
    ("position-held", &[]),
    ("position-torn", &[]),
    ("switch-shorted", &[]),
    ("cut-off-stuck", &[]),
    ("winding-shorted", &[200.0]),
    ("winding-shorted", &[700.0]),
    ("home-stuck-closed", &[]),
    ("home-stuck-open", &[]),
    ("cartridge-stuck-closed", &[]),
    ("cartridge-stuck-open", &[]),
    ("button-stuck", &[]),
    ("converter-dead", &[]),
    ("tick-lost", &[]),
    ("oscillator-drift", &[100_000.0, 0.5]),
    ("oscillator-drift", &[40_000.0, 0.5]),
    ("oscillator-drift", &[-100_000.0, 0.5]),
    // The factory record's second copy.
    ("flash-page-stuck", &[63.0]),
    ("flash-page-weak", &[63.0]),
    ("calibration-lost", &[]),
    ("calibration-copy-lost", &[]),
    ("supply-dip", &[3_100.0]),
    ("supply-dip", &[0.0]),
    ("battery-weak", &[6_000.0]),
    ("brown-out-in-move", &[500.0, 50.0]),
    ("link-dead", &[]),
    ("link-cut-to-pen", &[]),
    ("link-cut-from-pen", &[]),
    ("link-noise", &[0.05]),
    ("link-bit-errors", &[0.01]),
    ("link-byte-loss", &[0.05]),
];

/// Every fault of pen, cartridge, electronics, chip, supply and link that can come and go, in the
/// order of the list above.
pub fn on_demand() -> impl Iterator<Item = OnDemand> {
    SEVERITIES.iter().filter_map(|&(name, numbers)| {
        let entry = catalog().find(|entry| entry.name == name)?;
        let kind = (entry.make)(numbers);
        Some(OnDemand {
            entry,
            numbers,
            kind,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_contained_fault_is_there_within_its_ranges() {
        let offered: Vec<OnDemand> = on_demand().collect();
        assert_eq!(offered.len(), SEVERITIES.len(), "each is of the catalogue");
        let names: BTreeSet<&str> = offered.iter().map(|it| it.entry.name).collect();
        let left_out: Vec<&str> = catalog()
            .filter(|entry| entry.contained && !names.contains(entry.name))
            .map(|entry| entry.name)
            .collect();
        // On demand the pen is on the fixture's supply, and its cell feeds nothing.
        assert_eq!(left_out, ["battery-worn"]);
        let labels: BTreeSet<String> = offered.iter().map(OnDemand::label).collect();
        assert_eq!(labels.len(), offered.len());
        for it in &offered {
            assert_eq!(it.entry.parameters.len(), it.numbers.len());
            for (parameter, number) in it.entry.parameters.iter().zip(it.numbers) {
                let range = parameter.least..=parameter.most;
                assert!(range.contains(number), "{}", it.label());
            }
        }
    }
}
