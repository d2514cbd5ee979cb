//! Where the limits lie that sequences keep to, touch and overstep.

use firmware_units::{Micrometers, StrokesPerMinute};
use firmware_wire::Preset;

/// Limits of settings, from the spec tables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ranges {
    /// Step of the depth setting; above zero.
    pub step: Micrometers,
    /// Highest depth setting while the limit is armed.
    pub armed: Micrometers,
    /// Highest depth setting at all.
    pub range: Micrometers,
    /// Slowest and fastest rate setting.
    pub rates: (StrokesPerMinute, StrokesPerMinute),
    /// Rate setting after boot.
    pub rate_after_boot: StrokesPerMinute,
    /// Treatment areas: which, the depth it sets, its ceiling.
    pub presets: Vec<(Preset, Micrometers, Micrometers)>,
    /// Longest protrusions that cartridges allow, the usual one first.
    pub cartridges: Vec<Micrometers>,
}

impl Ranges {
    /// The usual cartridge; the highest depth setting where none is named.
    #[must_use]
    pub fn usual_cartridge(&self) -> Micrometers {
        self.cartridges.first().copied().unwrap_or(self.range)
    }

    /// The largest whole number of steps that is not above the depth.
    #[must_use]
    pub fn floor(&self, depth: Micrometers) -> Micrometers {
        let step = self.step.0.max(1);
        Micrometers(depth.0.div_euclid(step).saturating_mul(step))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Pen A1's, for tests; presets are read from its table.
    pub(crate) fn pen_a1() -> Ranges {
        let table = include_str!("../../../../specs/pen-a1/presets.csv");
        let depth = |text: &str| {
            let decimal = rig_spec::Decimal::parse(text).unwrap();
            Micrometers(i32::try_from(decimal.times(1_000, 1).unwrap()).unwrap())
        };
        let presets = Preset::ALL
            .into_iter()
            .zip(table.lines().skip(1))
            .map(|(preset, line)| {
                let cells: Vec<&str> = line.split(',').collect();
                (preset, depth(cells[1]), depth(cells[2]))
            })
            .collect();
        Ranges {
            step: Micrometers(250),
            armed: Micrometers(1_500),
            range: Micrometers(2_500),
            rates: (StrokesPerMinute(3_000), StrokesPerMinute(9_000)),
            rate_after_boot: StrokesPerMinute(7_000),
            presets,
            cartridges: vec![Micrometers(2_500), Micrometers(1_500), Micrometers(1_000)],
        }
    }

    #[test]
    fn a_depth_falls_to_its_step() {
        let ranges = pen_a1();
        assert_eq!(ranges.presets.len(), 13);
        assert_eq!(ranges.floor(Micrometers(1_499)), Micrometers(1_250));
        assert_eq!(ranges.floor(Micrometers(1_500)), Micrometers(1_500));
        assert_eq!(ranges.usual_cartridge(), Micrometers(2_500));
    }
}
