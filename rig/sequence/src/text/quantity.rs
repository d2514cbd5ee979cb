//! Quantities of a step as text, held exactly.

/// How one quantity is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Written {
    /// Unit behind the number, its words apart.
    pub(super) unit: &'static [&'static str],
    /// Decimals of the finest count.
    pub(super) decimals: u32,
    /// Decimals always written.
    pub(super) least_decimals: usize,
    /// Smallest and largest count.
    pub(super) range: (i64, i64),
    /// How it may be written.
    pub(super) example: &'static str,
}

/// Bench time, µs; a day at most.
pub(super) const TIME: Written = Written {
    unit: &["s"],
    decimals: 6,
    least_decimals: 0,
    range: (0, 86_400_000_000),
    example: "0.250 s",
};
/// Depth setting, µm: any that the wire carries.
pub(super) const DEPTH: Written = Written {
    unit: &["mm"],
    decimals: 3,
    least_decimals: 2,
    range: (i32::MIN as i64, i32::MAX as i64),
    example: "1.50 mm",
};
/// Longest protrusion that a cartridge allows, µm.
pub(super) const LENGTH: Written = Written {
    unit: &["mm"],
    decimals: 3,
    least_decimals: 1,
    range: (0, 10_000),
    example: "2.5 mm",
};
/// Home protrusion or lead of the screw, nm; what eighteen digits hold.
pub(super) const FINE_LENGTH: Written = Written {
    unit: &["mm"],
    decimals: 6,
    least_decimals: 6,
    range: (-999_999_999_999_999_999, 999_999_999_999_999_999),
    example: "-0.400000 mm",
};
/// Rate setting, 1/min: any that the wire carries.
pub(super) const RATE: Written = Written {
    unit: &["/min"],
    decimals: 0,
    least_decimals: 0,
    range: (0, u32::MAX as i64),
    example: "7000 /min",
};
/// Telemetry period, ms: any that the wire carries.
pub(super) const PERIOD: Written = Written {
    unit: &["ms"],
    decimals: 0,
    least_decimals: 0,
    range: (0, u32::MAX as i64),
    example: "100 ms",
};
/// Force, mN; what the fixture can give.
pub(super) const FORCE: Written = Written {
    unit: &["N"],
    decimals: 3,
    least_decimals: 1,
    range: (0, 10_000),
    example: "0.1 N",
};
/// Supply, mV; not more than the pen's charger gives.
pub(super) const SUPPLY: Written = Written {
    unit: &["V"],
    decimals: 3,
    least_decimals: 1,
    range: (0, 5_000),
    example: "3.7 V",
};
/// Torque of the brake, µN m.
pub(super) const TORQUE: Written = Written {
    unit: &["mN", "m"],
    decimals: 3,
    least_decimals: 1,
    range: (0, 100_000),
    example: "1.5 mN m",
};
/// A number without a unit.
pub(super) const fn count(low: i64, high: i64, example: &'static str) -> Written {
    Written {
        unit: &[],
        decimals: 0,
        least_decimals: 0,
        range: (low, high),
        example,
    }
}

impl Written {
    /// Number and unit.
    pub(super) fn print(self, count: i64) -> String {
        let mut text = self.number(count);
        for word in self.unit {
            text.push(' ');
            text.push_str(word);
        }
        text
    }

    /// The unit, its words with a space between them.
    pub(super) fn unit_text(self) -> String {
        self.unit.join(" ")
    }

    /// The number alone, with as few decimals as hold it, but never fewer than are always written.
    pub(super) fn number(self, count: i64) -> String {
        let sign = if count < 0 { "-" } else { "" };
        let scale = 10_u64.pow(self.decimals);
        let magnitude = count.unsigned_abs();
        let whole = magnitude / scale;
        if self.decimals == 0 {
            return format!("{sign}{whole}");
        }
        let width = self.decimals as usize;
        let fraction = format!("{:0width$}", magnitude % scale);
        let kept = self.kept(&fraction);
        if kept == 0 {
            return format!("{sign}{whole}");
        }
        format!("{sign}{whole}.{}", &fraction[..kept])
    }

    /// Times are written in whole seconds, to the millisecond or to the microsecond, so that they
    /// are told apart at a glance.
    fn kept(self, fraction: &str) -> usize {
        let needed = fraction.trim_end_matches('0').len();
        if self.unit == TIME.unit {
            return match needed {
                0 => 0,
                1..=3 => 3,
                _ => 6,
            };
        }
        needed.max(self.least_decimals)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_the_decimals_that_they_need() {
        for (written, count, text) in [
            (TIME, 0, "0 s"),
            (TIME, 250_000, "0.250 s"),
            (TIME, 12, "0.000012 s"),
            (TIME, 90_000_000, "90 s"),
            (DEPTH, 1_500, "1.50 mm"),
            (DEPTH, 1_501, "1.501 mm"),
            (DEPTH, -1, "-0.001 mm"),
            (DEPTH, i64::from(i32::MIN), "-2147483.648 mm"),
            (LENGTH, 2_500, "2.5 mm"),
            (FINE_LENGTH, -400_000, "-0.400000 mm"),
            (RATE, 7_000, "7000 /min"),
            (SUPPLY, 3_100, "3.1 V"),
            (SUPPLY, 0, "0.0 V"),
            (TORQUE, 1_550, "1.55 mN m"),
            (count(1, 2, "1"), 2, "2"),
        ] {
            assert_eq!(written.print(count), text);
        }
    }
}
