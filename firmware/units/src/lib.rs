//! Quantities as integer newtypes, named after their unit, shared by pen and rig.
//!
//! The type says the unit, the name of the variable says the quantity.
//! Every number that crosses the wire, a table or a record is one of these; floating point
//! lives only inside the numerical kernels of the rig.
#![no_std]

use core::fmt;

macro_rules! quantity {
    ($(#[$doc:meta])* $name:ident($int:ty), $unit:literal) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash,
            serde::Serialize, serde::Deserialize,
        )]
        #[serde(transparent)]
        pub struct $name(pub $int);

        impl $name {
            /// The quantity zero.
            pub const ZERO: Self = Self(0);

            /// The sum, held at the type's range.
            #[must_use]
            pub const fn saturating_add(self, other: Self) -> Self {
                Self(self.0.saturating_add(other.0))
            }

            /// The difference, held at the type's range.
            #[must_use]
            pub const fn saturating_sub(self, other: Self) -> Self {
                Self(self.0.saturating_sub(other.0))
            }
        }

        impl core::ops::Add for $name {
            type Output = Self;
            fn add(self, other: Self) -> Self {
                Self(self.0 + other.0)
            }
        }

        impl core::ops::Sub for $name {
            type Output = Self;
            fn sub(self, other: Self) -> Self {
                Self(self.0 - other.0)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!("{} ", $unit), self.0)
            }
        }
    };
}

quantity!(/// Length, 1e-6 m.
    Micrometers(i32), "µm");
quantity!(/// Length, 1e-9 m.
    Nanometers(i64), "nm");
quantity!(/// Stroke rate as the pen's settings carry it: 7,000 /min is exact, 116.667 /s is not.
    StrokesPerMinute(u32), "strokes/min");
quantity!(/// Rate, 1e-6 /s.
    Microhertz(i64), "µHz");
quantity!(/// Time, 1e-3 s.
    Milliseconds(u32), "ms");
quantity!(/// Time, 1e-6 s.
    Microseconds(u64), "µs");
quantity!(/// Time on the bench clock, 1e-9 s; bench time zero is power-on after flashing.
    Nanoseconds(u64), "ns");
quantity!(/// Voltage, 1e-3 V.
    Millivolts(u32), "mV");
quantity!(/// Current, 1e-3 A.
    Milliamperes(i32), "mA");
quantity!(/// Current, 1e-6 A.
    Microamperes(i64), "µA");
quantity!(/// Celsius temperature, 0.1 degC.
    Decidegrees(i32), "ddegC");
quantity!(/// Ratio, 1e-3.
    Permille(i32), "‰");
quantity!(/// Force, 1e-3 N.
    Millinewtons(i32), "mN");
quantity!(/// Torque, 1e-6 N m.
    Micronewtonmeters(i32), "µN m");

impl From<Micrometers> for Nanometers {
    fn from(length: Micrometers) -> Self {
        Self(i64::from(length.0) * 1000)
    }
}

impl From<Microseconds> for Nanoseconds {
    fn from(time: Microseconds) -> Self {
        Self(time.0 * 1000)
    }
}

impl From<Milliseconds> for Microseconds {
    fn from(time: Milliseconds) -> Self {
        Self(u64::from(time.0) * 1000)
    }
}

impl From<Milliseconds> for Nanoseconds {
    fn from(time: Milliseconds) -> Self {
        Self(u64::from(time.0) * 1_000_000)
    }
}

impl Nanoseconds {
    /// The whole seconds given, as bench time.
    #[must_use]
    pub const fn from_seconds(seconds: u64) -> Self {
        Self(seconds * 1_000_000_000)
    }

    /// The whole milliseconds given, as bench time.
    #[must_use]
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis * 1_000_000)
    }

    /// Seconds, for the numerical kernels and for display.
    #[must_use]
    pub fn seconds(self) -> f64 {
        self.0 as f64 * 1e-9
    }
}

impl From<StrokesPerMinute> for Microhertz {
    /// Rounds to the nearest microhertz; 60 strokes/min is 1 Hz.
    fn from(rate: StrokesPerMinute) -> Self {
        Self((i64::from(rate.0) * 1_000_000 + 30) / 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn default_rate_converts_to_the_nearest_microhertz() {
        assert_eq!(
            Microhertz::from(StrokesPerMinute(7_000)),
            Microhertz(116_666_667)
        );
    }

    #[test]
    fn lengths_and_times_widen_exactly() {
        assert_eq!(Nanometers::from(Micrometers(-200)), Nanometers(-200_000));
        assert_eq!(
            Nanoseconds::from(Milliseconds(400)),
            Nanoseconds(400_000_000)
        );
    }
}
