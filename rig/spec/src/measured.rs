//! A measured value with its uncertainty, as integers of the record.

use crate::unit::{round_to_record, round_up_to_record};
use crate::{RecordUnit, RoundError, Unit};
use serde::{Deserialize, Serialize};

/// A measured value: JCGM 200 2.10 with its expanded uncertainty, both in one record unit.
///
/// Everything in it is what is printed, so that anyone can judge again from the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measured {
    /// Unit of `value` and `expanded`.
    pub unit: RecordUnit,
    /// The value.
    pub value: i64,
    /// Expanded uncertainty U; zero only for what is counted and not measured.
    pub expanded: u64,
    /// Coverage factor k of U, in thousandths.
    pub k_thousandths: u32,
}

/// Why a kernel's result is no measured value.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum MeasuredError {
    /// The value cannot be recorded.
    #[error("value: {0}")]
    Value(RoundError),
    /// The expanded uncertainty cannot be recorded.
    #[error("expanded uncertainty: {0}")]
    Expanded(RoundError),
    /// The expanded uncertainty is not above zero.
    #[error("expanded uncertainty {expanded} {unit} is not above zero")]
    NoUncertainty {
        /// What was given.
        expanded: f64,
        /// Its unit.
        unit: Unit,
    },
    /// The coverage factor is not a number between 1 and 10.
    #[error("coverage factor {k} is not between 1 and 10")]
    CoverageFactor {
        /// What was given.
        k: f64,
    },
}

impl Measured {
    /// Rounds a kernel's result to the record: the value to the nearest unit (see
    /// [`round_to_record`]), the expanded uncertainty upwards. `value` and `expanded` are in `unit`.
    ///
    /// # Errors
    /// NaN or infinite value or uncertainty, an uncertainty that is zero or negative, a coverage
    /// factor outside 1 to 10, or a value beyond the record's range.
    pub fn from_f64(unit: Unit, value: f64, expanded: f64, k: f64) -> Result<Self, MeasuredError> {
        if !(1.0..=10.0).contains(&k) {
            return Err(MeasuredError::CoverageFactor { k });
        }
        let value = round_to_record(unit, value).map_err(MeasuredError::Value)?;
        let expanded_count = round_up_to_record(unit, expanded).map_err(MeasuredError::Expanded)?;
        match u64::try_from(expanded_count) {
            Ok(count) if count > 0 => Ok(Self {
                unit: unit.record_unit(),
                value,
                expanded: count,
                k_thousandths: libm::round(k * 1000.0) as u32,
            }),
            _ => Err(MeasuredError::NoUncertainty { expanded, unit }),
        }
    }

    /// A count, or another value of a row judged `exact`: without uncertainty.
    #[must_use]
    pub fn exact(unit: RecordUnit, value: i64) -> Self {
        Self {
            unit,
            value,
            expanded: 0,
            k_thousandths: 2_000,
        }
    }

    /// What U is divided by for a normal distribution that stands in for the value's own: k, but
    /// no more than 2. A k above 2 comes from few degrees of freedom; the normal distribution
    /// with the same interval of 95.45 % then has the wider U/2.
    #[must_use]
    pub fn coverage_for_probability(&self) -> f64 {
        f64::from(self.k_thousandths.min(2_000)) / 1000.0
    }

    /// The mean of two measured values of one measurand, half units away from zero.
    ///
    /// The larger of both uncertainties is kept: what two measurements share (datum, calibration)
    /// does not average out. `None` if their units differ.
    #[must_use]
    pub fn mean(self, other: Self) -> Option<Self> {
        if self.unit != other.unit {
            return None;
        }
        let sum = i128::from(self.value) + i128::from(other.value);
        let mean = (sum + sum.signum()) / 2;
        // A mean lies between its parts, so it fits.
        let wider = if other.expanded > self.expanded {
            other
        } else {
            self
        };
        Some(Self {
            value: mean as i64,
            ..wider
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_is_rounded_once_and_its_uncertainty_upwards() {
        let measured = Measured::from_f64(Unit::Micrometer, 1_503.214_4, 11.000_2, 2.0).unwrap();
        assert_eq!(
            measured,
            Measured {
                unit: RecordUnit::Nanometer,
                value: 1_503_214,
                expanded: 11_001,
                k_thousandths: 2_000
            }
        );
    }

    #[test]
    fn nonsense_is_refused() {
        let check = |value, expanded, k, expected: &str| {
            let error = Measured::from_f64(Unit::Millimeter, value, expanded, k).unwrap_err();
            assert_eq!(error.to_string(), expected);
        };
        check(f64::NAN, 0.1, 2.0, "value: NaN mm is not a number");
        check(
            1e12,
            0.1,
            2.0,
            "value: 1000000000000 mm is beyond the range of the record",
        );
        check(
            1.0,
            f64::INFINITY,
            2.0,
            "expanded uncertainty: inf mm is not a number",
        );
        check(1.0, 0.0, 2.0, "expanded uncertainty 0 mm is not above zero");
        check(
            1.0,
            -0.1,
            2.0,
            "expanded uncertainty -0.1 mm is not above zero",
        );
        check(
            1.0,
            0.1,
            f64::NAN,
            "coverage factor NaN is not between 1 and 10",
        );
        check(1.0, 0.1, 0.0, "coverage factor 0 is not between 1 and 10");
    }

    #[test]
    fn a_mean_keeps_the_larger_uncertainty_and_rounds_halves_away_from_zero() {
        let at = |value, expanded| Measured {
            expanded,
            ..Measured::exact(RecordUnit::Nanometer, value)
        };
        assert_eq!(at(3, 10).mean(at(6, 20)), Some(at(5, 20)));
        assert_eq!(at(-3, 10).mean(at(-6, 5)), Some(at(-5, 10)));
        assert_eq!(at(i64::MAX, 1).mean(at(i64::MAX, 1)), Some(at(i64::MAX, 1)));
        assert_eq!(at(1, 1).mean(Measured::exact(RecordUnit::Count, 1)), None);
    }
}
