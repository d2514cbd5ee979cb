//! The document that the tables are an edition of.

use crate::serial_pattern;
use crate::{Decimal, SerialError, SerialPattern, Unit};
use firmware_units::Milliamperes;

/// Contents of `document.csv`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Document number.
    pub document: String,
    /// Revision.
    pub revision: String,
    /// Status, such as `draft, not approved`.
    pub status: String,
    /// Who approved it.
    pub approver: Option<String>,
    /// From when it is in force, ISO 8601.
    pub effective: Option<String>,
    /// The device.
    pub device: String,
    /// Highest ambient temperature the device is rated for, as written.
    pub maximum_rated_ambient: String,
    /// The motor's rated current; only rows that load the motor by it need it.
    pub rated_motor_current: Option<Milliamperes>,
    /// The form that serial numbers of the device have.
    pub serial_pattern: Option<SerialPattern>,
}

impl Document {
    /// Holds a serial number against the form that the device's have; without one, against what can
    /// stand in the name of a file.
    ///
    /// # Errors
    /// [`SerialError`] says which form it lacks.
    pub fn check_serial(&self, serial: &str) -> Result<(), SerialError> {
        serial_pattern::check(serial, self.serial_pattern.as_ref())
    }

    /// The highest ambient temperature, in thousandths of a degree Celsius, if it is written as
    /// `30 degC` is.
    #[must_use]
    pub fn maximum_rated_millicelsius(&self) -> Option<i64> {
        let degrees = self.maximum_rated_ambient.strip_suffix(" degC")?;
        Unit::Celsius.to_record(Decimal::parse(degrees).ok()?)
    }
}

/// Reads a current above zero, such as `1.0 A`; whole milliamperes, never through a float.
pub(crate) fn parse_current(cell: &str) -> Option<Milliamperes> {
    let amperes = Decimal::parse(cell.strip_suffix(" A")?).ok()?;
    let milliamperes = i32::try_from(amperes.times(1_000, 1)?).ok()?;
    (milliamperes > 0).then_some(Milliamperes(milliamperes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ambient_temperature_is_read_exactly_or_not_at_all() {
        let read = |cell: &str| {
            Document {
                document: String::new(),
                revision: String::new(),
                status: String::new(),
                approver: None,
                effective: None,
                device: String::new(),
                maximum_rated_ambient: cell.to_owned(),
                rated_motor_current: None,
                serial_pattern: None,
            }
            .maximum_rated_millicelsius()
        };
        assert_eq!(read("30 degC"), Some(30_000));
        assert_eq!(read("37.5 degC"), Some(37_500));
        for cell in ["", "30", "30 K", "warm degC", "30.00001 degC"] {
            assert_eq!(read(cell), None, "{cell}");
        }
    }

    #[test]
    fn a_current_is_read_exactly_or_not_at_all() {
        assert_eq!(parse_current("1.0 A"), Some(Milliamperes(1_000)));
        assert_eq!(parse_current("0.250 A"), Some(Milliamperes(250)));
        for cell in ["", "1.0", "1.0 mA", "0 A", "-1 A", "1.0005 A", "one A"] {
            assert_eq!(parse_current(cell), None, "{cell}");
        }
    }
}
