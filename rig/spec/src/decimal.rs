//! Decimal text as people write it, held exactly.

use std::fmt;

/// A decimal number: `digits` / 10^`decimals`. Never passes through a float.
///
/// # Examples
/// ```
/// use rig_spec::Decimal;
/// let limit = Decimal::parse("0.35")?;
/// assert_eq!(limit.times(1_000_000, 1), Some(350_000)); // mm as nanometres
/// # Ok::<(), rig_spec::DecimalError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decimal {
    // Invariant: |digits| < 10^MAX_DIGITS, decimals <= MAX_DIGITS.
    digits: i128,
    decimals: u32,
}

/// Most digits a cell may have; any product with a unit's factor then fits `i128`.
const MAX_DIGITS: usize = 18;

/// Why a text is not a decimal number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecimalError {
    /// Not `-digits.digits`: empty, a plus sign, an exponent, a comma, a space, a letter.
    #[error("is not a decimal number such as `-0.15`")]
    Form,
    /// More digits than any limit needs.
    #[error("has more than 18 digits")]
    TooLong,
}

impl Decimal {
    /// Parses `123`, `-0.150` or `2.5`. A digit is wanted on both sides of the point.
    ///
    /// # Errors
    /// [`DecimalError::Form`] for anything else, [`DecimalError::TooLong`] beyond 18 digits.
    pub fn parse(text: &str) -> Result<Self, DecimalError> {
        let (negative, magnitude) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, fraction) = match magnitude.split_once('.') {
            Some((_, "")) => return Err(DecimalError::Form),
            Some(parts) => parts,
            None => (magnitude, ""),
        };
        if whole.is_empty()
            || !whole
                .bytes()
                .chain(fraction.bytes())
                .all(|it| it.is_ascii_digit())
        {
            return Err(DecimalError::Form);
        }
        if whole.len() + fraction.len() > MAX_DIGITS {
            return Err(DecimalError::TooLong);
        }
        let unsigned = whole
            .bytes()
            .chain(fraction.bytes())
            .fold(0_i128, |digits, digit| {
                digits * 10 + i128::from(digit - b'0')
            });
        let decimals = fraction.len() as u32; // At most 18.
        Ok(Self {
            digits: if negative { -unsigned } else { unsigned },
            decimals,
        })
    }

    /// The number times `numerator` / `denominator`, if that is a whole number that fits.
    #[must_use]
    pub fn times(self, numerator: i64, denominator: i64) -> Option<i64> {
        let dividend = self.digits.checked_mul(i128::from(numerator))?;
        let divisor = i128::from(denominator) * 10_i128.pow(self.decimals);
        if divisor == 0 || dividend % divisor != 0 {
            return None;
        }
        i64::try_from(dividend / divisor).ok()
    }

    /// The whole number nearest to the number times `factor` (halves away from zero), if it is the
    /// one meant: the number is what `whole / factor` reads when rounded to as many decimals.
    #[must_use]
    pub fn nearest_whole_meant(self, factor: i64) -> Option<i64> {
        let scale = 10_i128.pow(self.decimals);
        let dividend = self.digits.checked_mul(i128::from(factor))?;
        let half = if dividend < 0 { -scale / 2 } else { scale / 2 };
        let whole = (dividend + half) / scale;
        let residue = (dividend - whole * scale).abs();
        // Half a unit of the last decimal written, times the factor.
        (2 * residue <= i128::from(factor).abs()).then(|| i64::try_from(whole).ok())?
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&print_fixed(self.digits, self.decimals))
    }
}

/// Prints `digits` / 10^`decimals` with exactly that many decimals and a dot.
pub(crate) fn print_fixed(digits: i128, decimals: u32) -> String {
    let sign = if digits < 0 { "-" } else { "" };
    let magnitude = digits.unsigned_abs();
    if decimals == 0 {
        return format!("{sign}{magnitude}");
    }
    let scale = 10_u128.pow(decimals);
    let width = usize::try_from(decimals).expect("a handful of decimals");
    format!("{sign}{}.{:0width$}", magnitude / scale, magnitude % scale)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(text: &str, expected: Result<&str, DecimalError>) {
        assert_eq!(
            Decimal::parse(text).map(|it| it.to_string()),
            expected.map(str::to_owned),
            "{text}"
        );
    }

    #[test]
    fn decimal_text_is_read_as_written() {
        check("0.10", Ok("0.10"));
        check("-100", Ok("-100"));
        check("116.667", Ok("116.667"));
        check("-0.010", Ok("-0.010"));
        check("000", Ok("0"));
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "", "-", ".5", "5.", "+1", "1e3", "1,5", "1 5", "0x1", "NaN", "inf", "1.2.3", "--1",
            "１",
        ] {
            check(text, Err(DecimalError::Form));
        }
        check("1234567890.1234567890", Err(DecimalError::TooLong));
    }

    #[test]
    fn a_cell_finer_than_the_unit_has_no_value() {
        let cell = |text| Decimal::parse(text).unwrap();
        assert_eq!(cell("0.35").times(1_000_000, 1), Some(350_000));
        assert_eq!(cell("0.0000005").times(1_000_000, 1), None);
        assert_eq!(cell("9223372036854").times(1_000_000_000, 1), None);
    }

    #[test]
    fn a_rate_names_the_whole_strokes_per_minute_it_was_rounded_from() {
        let per_min = |text| Decimal::parse(text).unwrap().nearest_whole_meant(60);
        assert_eq!(per_min("116.667"), Some(7_000));
        assert_eq!(
            per_min("116.66"),
            None,
            "6,999.6 is not within 0.3 of a whole number"
        );
        assert_eq!(per_min("116.7"), Some(7_002), "116.7 is 7,002 /min exactly");
        assert_eq!(per_min("50"), Some(3_000));
        assert_eq!(per_min("0"), Some(0));
    }

    proptest! {
        #[test]
        fn printing_and_parsing_are_inverse(digits in -999_999_999_i128..1_000_000_000, decimals in 0_u32..9) {
            let text = print_fixed(digits, decimals);
            let back = Decimal::parse(&text).unwrap();
            prop_assert_eq!(back.decimals, decimals);
            prop_assert_eq!(back.digits, digits);
        }
    }
}
