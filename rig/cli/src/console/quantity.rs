//! Quantities as people type them, held exactly.

use crate::text::fixed;
use firmware_units::StrokesPerMinute;
use rig_spec::Decimal;

/// What is typed of one quantity: its unit, what is counted of it, and what makes sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Typed {
    /// Unit it is typed in; may be left out or stand behind the number.
    pub(crate) unit: &'static str,
    /// Counts in one unit.
    pub(crate) factor: i64,
    /// Smallest and largest count.
    pub(crate) range: (i64, i64),
    /// A number as it may be typed.
    pub(crate) example: &'static str,
}

/// Depth, in micrometres.
pub(crate) const DEPTH: Typed = Typed {
    unit: "mm",
    factor: 1_000,
    range: (-100_000, 100_000),
    example: "1.25",
};
/// Home protrusion or lead of the screw, in nanometres.
pub(crate) const FINE_LENGTH: Typed = Typed {
    unit: "mm",
    factor: 1_000_000,
    range: (-10_000_000, 10_000_000),
    example: "-0.400000",
};
/// Rate, in strokes a minute.
pub(crate) const RATE: Typed = Typed {
    unit: "/min",
    factor: 1,
    range: (0, 1_000_000),
    example: "7000",
};
/// Telemetry period, in milliseconds.
pub(crate) const PERIOD: Typed = Typed {
    unit: "ms",
    factor: 1,
    range: (0, 1_000_000),
    example: "100",
};
/// Time to wait, in nanoseconds; an hour at most.
pub(crate) const WAIT: Typed = Typed {
    unit: "s",
    factor: 1_000_000_000,
    range: (0, 3_600_000_000_000),
    example: "2.5",
};
/// Force on a needle, in millinewtons.
pub(crate) const FORCE: Typed = Typed {
    unit: "N",
    factor: 1_000,
    range: (0, 10_000),
    example: "0.2",
};
/// Supply voltage, in millivolts; not more than the pen's charger gives.
pub(crate) const SUPPLY: Typed = Typed {
    unit: "V",
    factor: 1_000,
    range: (0, 5_000),
    example: "3.7",
};
/// Torque of the brake, in micronewton metres.
pub(crate) const TORQUE: Typed = Typed {
    unit: "mN m",
    factor: 1_000,
    range: (0, 100_000),
    example: "1.5",
};

/// Why a text is not the quantity wanted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum QuantityError {
    /// No decimal number.
    #[error("`{given}` is no decimal number in {unit}; write it as in {example}")]
    Form {
        given: String,
        unit: &'static str,
        example: &'static str,
    },
    /// Finer than what is counted.
    #[error("`{given}` {unit} is finer than {finest} {unit}")]
    TooFine {
        given: String,
        unit: &'static str,
        finest: String,
    },
    /// Too small or too large to be meant.
    #[error("`{given}` {unit} is not within {low} to {high} {unit}")]
    Range {
        given: String,
        unit: &'static str,
        low: String,
        high: String,
    },
    /// A rate a second that no whole number of strokes a minute reads.
    #[error("`{given}`/s is no whole number of strokes a minute; give these, as in 7000")]
    NotPerMinute { given: String },
}

impl Typed {
    /// The count that a text means.
    pub(crate) fn parse(self, text: &str) -> Result<i64, QuantityError> {
        let number = text.strip_suffix(self.unit).unwrap_or(text).trim_end();
        let decimal = Decimal::parse(number).map_err(|_| QuantityError::Form {
            given: text.to_owned(),
            unit: self.unit,
            example: self.example,
        })?;
        let count = decimal
            .times(self.factor, 1)
            .ok_or_else(|| QuantityError::TooFine {
                given: number.to_owned(),
                unit: self.unit,
                finest: self.print(1),
            })?;
        self.check(number, count)
    }

    fn check(self, number: &str, count: i64) -> Result<i64, QuantityError> {
        let (low, high) = self.range;
        if (low..=high).contains(&count) {
            return Ok(count);
        }
        Err(QuantityError::Range {
            given: number.to_owned(),
            unit: self.unit,
            low: self.print(low),
            high: self.print(high),
        })
    }

    /// A count in the unit, without needless zeros.
    fn print(self, count: i64) -> String {
        let decimals = self.factor.ilog10();
        let text = fixed(count, decimals);
        if decimals == 0 {
            return text;
        }
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    }
}

/// A rate setting: strokes a minute, `/min` or nothing behind them, or strokes a second with `/s`.
pub(crate) fn rate(text: &str) -> Result<StrokesPerMinute, QuantityError> {
    let count = match text.strip_suffix("/s") {
        None => RATE.parse(text)?,
        Some(number) => {
            let number = number.trim_end();
            let decimal = Decimal::parse(number).map_err(|_| QuantityError::Form {
                given: text.to_owned(),
                unit: "strokes/s",
                example: "116.7/s",
            })?;
            let count =
                decimal
                    .nearest_whole_meant(60)
                    .ok_or_else(|| QuantityError::NotPerMinute {
                        given: number.to_owned(),
                    })?;
            RATE.check(number, count)?
        }
    };
    Ok(StrokesPerMinute(
        u32::try_from(count).expect("within the range"),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(typed: Typed, text: &str, expected: Result<i64, &str>) {
        let actual = typed.parse(text).map_err(|error| error.to_string());
        assert_eq!(actual, expected.map_err(str::to_owned), "{text}");
    }

    #[test]
    fn a_quantity_is_counted_exactly() {
        check(DEPTH, "1.25", Ok(1_250));
        check(DEPTH, "1.25mm", Ok(1_250));
        check(DEPTH, "1.25 mm", Ok(1_250));
        check(DEPTH, "-0.2", Ok(-200));
        check(WAIT, "0.000000001", Ok(1));
        check(WAIT, "3600", Ok(3_600_000_000_000));
        check(TORQUE, "1.5 mN m", Ok(1_500));
        check(SUPPLY, "3.7V", Ok(3_700));
    }

    #[test]
    fn what_is_wrong_with_a_quantity_is_said_with_what_to_do() {
        check(
            DEPTH,
            "1,25",
            Err("`1,25` is no decimal number in mm; write it as in 1.25"),
        );
        check(
            DEPTH,
            "1.25 inch",
            Err("`1.25 inch` is no decimal number in mm; write it as in 1.25"),
        );
        check(DEPTH, "1.2505", Err("`1.2505` mm is finer than 0.001 mm"));
        check(PERIOD, "0.5", Err("`0.5` ms is finer than 1 ms"));
        check(WAIT, "3600.1", Err("`3600.1` s is not within 0 to 3600 s"));
        check(SUPPLY, "37", Err("`37` V is not within 0 to 5 V"));
        check(FORCE, "-0.1", Err("`-0.1` N is not within 0 to 10 N"));
    }

    #[test]
    fn a_rate_may_be_given_by_the_minute_or_by_the_second() {
        let check = |text, expected: Result<u32, &str>| {
            let actual = rate(text).map(|it| it.0).map_err(|it| it.to_string());
            assert_eq!(actual, expected.map_err(str::to_owned), "{text}");
        };
        check("7000", Ok(7_000));
        check("7000/min", Ok(7_000));
        check("116.7/s", Ok(7_002));
        check("116.667/s", Ok(7_000));
        check("116.667 /s", Ok(7_000));
        check(
            "116.66/s",
            Err("`116.66`/s is no whole number of strokes a minute; give these, as in 7000"),
        );
        check("7000.5", Err("`7000.5` /min is finer than 1 /min"));
        check(
            "fast/s",
            Err("`fast/s` is no decimal number in strokes/s; write it as in 116.7/s"),
        );
        check("-1/s", Err("`-1` /min is not within 0 to 1000000 /min"));
    }
}
