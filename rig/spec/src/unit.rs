//! Units that tables are written in, and the integer units of the record.

use crate::Decimal;
use crate::decimal::print_fixed;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What is counted: two values compare only within one dimension.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Dimension {
    /// Length.
    Length,
    /// Stroke rate.
    Rate,
    /// Time.
    Time,
    /// Ratio of two like quantities.
    Ratio,
    /// Temperature.
    Temperature,
    /// Number of things.
    Count,
}

impl fmt::Display for Dimension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Length => "a length",
            Self::Rate => "a rate",
            Self::Time => "a time",
            Self::Ratio => "a ratio",
            Self::Temperature => "a temperature",
            Self::Count => "a count",
        })
    }
}

/// The integer unit that values of one dimension are recorded and judged in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum RecordUnit {
    /// 1e-9 m.
    Nanometer,
    /// 1e-6 /s.
    Microhertz,
    /// 1e-6 s.
    Microsecond,
    /// 1e-9.
    PartPerBillion,
    /// 1e-3 degC.
    MilliCelsius,
    /// 1.
    Count,
}

impl RecordUnit {
    /// What it counts.
    #[must_use]
    pub fn dimension(self) -> Dimension {
        match self {
            Self::Nanometer => Dimension::Length,
            Self::Microhertz => Dimension::Rate,
            Self::Microsecond => Dimension::Time,
            Self::PartPerBillion => Dimension::Ratio,
            Self::MilliCelsius => Dimension::Temperature,
            Self::Count => Dimension::Count,
        }
    }

    /// Its symbol.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Nanometer => "nm",
            Self::Microhertz => "µHz",
            Self::Microsecond => "µs",
            Self::PartPerBillion => "1e-9",
            Self::MilliCelsius => "m°C",
            Self::Count => "count",
        }
    }
}

impl fmt::Display for RecordUnit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A unit that a limit may be written in; the closed list of the `unit` column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Unit {
    /// Millimetres.
    Millimeter,
    /// Micrometres.
    Micrometer,
    /// Strokes a second.
    StrokesPerSecond,
    /// Per cent.
    Percent,
    /// Parts in a million.
    PartPerMillion,
    /// A plain ratio.
    Ratio,
    /// Seconds.
    Second,
    /// Minutes.
    Minute,
    /// Degrees Celsius.
    Celsius,
    /// Things counted.
    Count,
    /// Strokes counted.
    Strokes,
    /// Mismatches counted.
    Mismatches,
    /// Violations counted.
    Violations,
}

impl Unit {
    /// Every unit, in the order of the column dictionary.
    pub const ALL: [Self; 13] = [
        Self::Millimeter,
        Self::Micrometer,
        Self::StrokesPerSecond,
        Self::Percent,
        Self::PartPerMillion,
        Self::Ratio,
        Self::Second,
        Self::Minute,
        Self::Celsius,
        Self::Count,
        Self::Strokes,
        Self::Mismatches,
        Self::Violations,
    ];

    /// Reads a cell of a `unit` column.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.word() == text)
    }

    /// The word that stands in tables.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Millimeter => "mm",
            Self::Micrometer => "um",
            Self::StrokesPerSecond => "strokes/s",
            Self::Percent => "%",
            Self::PartPerMillion => "ppm",
            Self::Ratio => "ratio",
            Self::Second => "s",
            Self::Minute => "min",
            Self::Celsius => "degC",
            Self::Count => "count",
            Self::Strokes => "strokes",
            Self::Mismatches => "mismatches",
            Self::Violations => "violations",
        }
    }

    /// The integer unit that values written in this one are recorded in.
    #[must_use]
    pub fn record_unit(self) -> RecordUnit {
        match self {
            Self::Millimeter | Self::Micrometer => RecordUnit::Nanometer,
            Self::StrokesPerSecond => RecordUnit::Microhertz,
            Self::Percent | Self::PartPerMillion | Self::Ratio => RecordUnit::PartPerBillion,
            Self::Second | Self::Minute => RecordUnit::Microsecond,
            Self::Celsius => RecordUnit::MilliCelsius,
            Self::Count | Self::Strokes | Self::Mismatches | Self::Violations => RecordUnit::Count,
        }
    }

    /// Record units in one of this unit; exact by definition of each unit.
    #[must_use]
    pub fn record_units_in_one(self) -> i64 {
        match self {
            Self::Millimeter | Self::StrokesPerSecond | Self::Second => 1_000_000,
            Self::Micrometer | Self::PartPerMillion | Self::Celsius => 1_000,
            Self::Percent => 10_000_000,
            Self::Ratio => 1_000_000_000,
            Self::Minute => 60_000_000,
            Self::Count | Self::Strokes | Self::Mismatches | Self::Violations => 1,
        }
    }

    /// The cell in record units, or nothing if it is finer than the record or too large.
    #[must_use]
    pub fn to_record(self, cell: Decimal) -> Option<i64> {
        cell.times(self.record_units_in_one(), 1)
    }

    /// The unit a record value is printed in: this one, but seconds for minutes, since a
    /// microsecond is no finite decimal of a minute.
    #[must_use]
    pub fn printed(self) -> Self {
        match self {
            Self::Minute => Self::Second,
            other => other,
        }
    }

    /// Prints a record value exactly, in [`Unit::printed`], with the fixed decimals of the unit.
    #[must_use]
    pub fn print(self, record_value: i64) -> String {
        let unit = self.printed();
        print_fixed(
            i128::from(record_value),
            unit.record_units_in_one().ilog10(),
        )
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// Why a kernel's result cannot be recorded.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum RoundError {
    /// NaN or an infinity.
    #[error("{value} {unit} is not a number")]
    NotFinite {
        /// The result.
        value: f64,
        /// Its unit.
        unit: Unit,
    },
    /// Too large for the record.
    #[error("{value} {unit} is beyond the range of the record")]
    OutOfRange {
        /// The result.
        value: f64,
        /// Its unit.
        unit: Unit,
    },
}

/// Rounds a numerical kernel's result, in `unit`, to the record's resolution; halves go away from
/// zero. This is the one place where a measured value becomes an integer, and it comes before the
/// decision.
///
/// # Errors
/// [`RoundError::NotFinite`] for NaN and infinities; [`RoundError::OutOfRange`] beyond 2^53
/// record units, where `f64` no longer holds every integer.
pub fn round_to_record(unit: Unit, value: f64) -> Result<i64, RoundError> {
    in_record_units(unit, value).map(|it| libm::round(it) as i64)
}

/// As [`round_to_record`], but never below `value`: for uncertainties.
pub(crate) fn round_up_to_record(unit: Unit, value: f64) -> Result<i64, RoundError> {
    in_record_units(unit, value).map(|it| libm::ceil(it) as i64)
}

fn in_record_units(unit: Unit, value: f64) -> Result<f64, RoundError> {
    if !value.is_finite() {
        return Err(RoundError::NotFinite { value, unit });
    }
    let scaled = value * unit.record_units_in_one() as f64;
    if scaled.abs() > 9_007_199_254_740_992.0 {
        return Err(RoundError::OutOfRange { value, unit });
    }
    Ok(scaled)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(cell: &str, unit: Unit, record_value: i64, printed: &str) {
        assert_eq!(
            unit.to_record(Decimal::parse(cell).unwrap()),
            Some(record_value)
        );
        assert_eq!(unit.print(record_value), printed);
    }

    #[test]
    fn cells_become_integers_of_the_record_unit_and_print_back() {
        check("0.35", Unit::Millimeter, 350_000, "0.350000");
        check("37.5", Unit::Micrometer, 37_500, "37.500");
        check("110.833", Unit::StrokesPerSecond, 110_833_000, "110.833000");
        check("-10", Unit::Percent, -100_000_000, "-10.0000000");
        check("-100", Unit::PartPerMillion, -100_000, "-100.000");
        check("0.5", Unit::Ratio, 500_000_000, "0.500000000");
        check("0.30", Unit::Second, 300_000, "0.300000");
        check("58", Unit::Minute, 3_480_000_000, "3480.000000");
        check("43", Unit::Celsius, 43_000, "43.000");
        check("299", Unit::Violations, 299, "299");
    }

    #[test]
    fn every_unit_reads_back_from_its_word() {
        for unit in Unit::ALL {
            assert_eq!(Unit::parse(unit.word()), Some(unit));
        }
        assert_eq!(Unit::parse("inch"), None);
    }

    #[test]
    fn results_round_to_the_nearest_record_unit_and_uncertainties_upwards() {
        assert_eq!(
            round_to_record(Unit::Millimeter, 1.503_214_4),
            Ok(1_503_214)
        );
        assert_eq!(round_to_record(Unit::Millimeter, -0.000_000_5), Ok(-1));
        assert_eq!(round_up_to_record(Unit::Micrometer, 11.000_1), Ok(11_001));
    }

    #[test]
    fn what_is_no_number_cannot_be_recorded() {
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert!(matches!(
                round_to_record(Unit::Second, value),
                Err(RoundError::NotFinite { .. })
            ));
        }
        assert!(matches!(
            round_to_record(Unit::Ratio, 1e8),
            Err(RoundError::OutOfRange { .. })
        ));
    }

    proptest! {
        #[test]
        fn what_is_printed_parses_to_the_same_record_value(value in -1_000_000_000_000_i64..1_000_000_000_000, idx in 0_usize..13) {
            let unit = Unit::ALL[idx];
            let cell = Decimal::parse(&unit.print(value)).unwrap();
            prop_assert_eq!(unit.printed().to_record(cell), Some(value));
        }
    }
}
