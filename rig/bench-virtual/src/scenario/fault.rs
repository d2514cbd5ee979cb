//! Faults: what is broken, on which unit, from when to when.

use super::Lot;
use firmware_units::Nanoseconds;
use serde::Deserialize;

/// One fault of a scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// What is broken.
    pub kind: FaultKind,
    /// On which unit.
    pub affected: Affected,
    /// Bench time at which it strikes.
    pub from: Nanoseconds,
    /// Bench time at which it is gone again; never if none.
    pub until: Option<Nanoseconds>,
    /// Whether the pen must contain it: no needle or rate beyond its ceiling, whatever breaks.
    pub contained: bool,
}

impl Fault {
    /// Whether it holds at some bench time.
    #[must_use]
    pub fn is_active(&self, now: Nanoseconds) -> bool {
        self.from <= now && self.until.is_none_or(|until| now < until)
    }
}

/// Which unit of the lot a fault strikes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Affected {
    /// Every one.
    All,
    /// The one with this index in the lot.
    Unit(usize),
}

/// What is broken.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(tag = "name", rename_all = "kebab-case", deny_unknown_fields)]
pub enum FaultKind {
    /// Mechanism: needles stand further out than the factory record says.
    DepthZeroOff {
        /// By how much.
        um: i32,
    },
    /// Mechanism: the nut slips back when the carriage goes out, unseen by the position sensor.
    CarriageSlip {
        /// Protrusion beyond which it has slipped.
        at_um: i32,
        /// By how much.
        by_um: u32,
    },
    /// Mechanism: the carriage sticks and retracts no further, unseen by the position sensor.
    ParkStop {
        /// Protrusion at which it sticks.
        um: i32,
    },
    /// Cartridge: the needles are longer than its certificate says.
    NeedlesLong {
        /// By how much.
        um: i32,
    },
    /// Mechanism: further dry friction on the cam shaft.
    MotorDrag {
        /// Torque.
        torque_unm: u32,
    },
    /// Mechanism: the stepper misses pulses.
    StepsLost {
        /// Share of pulses missed.
        probability: f64,
    },
    /// Mechanism: the nose is warmed from outside.
    NoseHeated {
        /// Final rise.
        kelvin: u32,
    },
    /// Electronics: the Hall sensor gives no edges.
    HallDead {},
    /// Electronics: the carriage position sensor holds its last value.
    PositionHeld {},
    /// Electronics: the low-side motor switch conducts always.
    SwitchShorted {},
    /// Supply: the battery's voltage falls.
    SupplyDip {
        /// To this.
        to_mv: u32,
    },
    /// Link: no byte passes in either direction.
    LinkDead {},
    /// Link: bytes to the pen are damaged.
    LinkNoise {
        /// Share of bytes with one flipped bit.
        probability: f64,
    },
    /// Instruments: the gauge repeats its last indication and calls it valid.
    GaugeHold {},
    /// Instruments: the gauge loses its target and says so.
    GaugeDropout {
        /// Share of samples.
        probability: f64,
    },
    /// Instruments: gauge samples are missing, with a gap in their numbers.
    GaugeGap {
        /// How many.
        samples: u64,
    },
    /// Instruments: gauge samples are missing, without a gap in their numbers.
    GaugeLoss {
        /// How many.
        samples: u64,
    },
    /// Instruments: the gauge moves in its holder.
    GaugeShift {
        /// By how much.
        um: i32,
    },
    /// Instruments: the tachometer gives no edges.
    TachometerDead {},
}

impl FaultKind {
    fn probability(&self) -> Option<f64> {
        match *self {
            Self::StepsLost { probability }
            | Self::LinkNoise { probability }
            | Self::GaugeDropout { probability } => Some(probability),
            _ => None,
        }
    }
}

/// The part of an entry that every fault has.
#[derive(Deserialize)]
pub(crate) struct FaultEntry {
    unit: String,
    contained: bool,
    #[serde(default)]
    from_s: f64,
    for_s: Option<f64>,
}

impl FaultEntry {
    /// Reads one `[[fault]]` table: the common keys here, the rest by the fault's name.
    pub(crate) fn read(mut table: toml::Table, lot: &Lot) -> Result<Fault, String> {
        let mut common = toml::Table::new();
        for key in ["unit", "contained", "from_s", "for_s"] {
            if let Some(value) = table.remove(key) {
                common.insert(key.to_owned(), value);
            }
        }
        let say = |error: toml::de::Error| error.message().trim().to_owned();
        let kind: FaultKind = toml::Value::Table(table).try_into().map_err(say)?;
        let entry: Self = toml::Value::Table(common).try_into().map_err(say)?;
        if kind
            .probability()
            .is_some_and(|it| !(0.0..=1.0).contains(&it))
        {
            return Err("probability is not 0 to 1".to_owned());
        }
        let from = nanoseconds("from_s", entry.from_s)?;
        let until = match entry.for_s {
            Some(for_s) => Some(from.saturating_add(nanoseconds("for_s", for_s)?)),
            None => None,
        };
        let affected = match entry.unit.as_str() {
            "all" => Affected::All,
            serial => Affected::Unit(lot.index_of(serial).ok_or_else(|| {
                format!("unit `{serial}` is neither a serial number of the lot nor `all`")
            })?),
        };
        Ok(Fault {
            kind,
            affected,
            from,
            until,
            contained: entry.contained,
        })
    }
}

/// A time of a scenario, to the nearest nanosecond.
fn nanoseconds(name: &str, seconds: f64) -> Result<Nanoseconds, String> {
    if (0.0..=1e6).contains(&seconds) {
        // Positive and far below 2^63.
        Ok(Nanoseconds((seconds * 1e9 + 0.5) as u64))
    } else {
        Err(format!("{name}: {seconds} is not 0 to 1,000,000 s"))
    }
}
