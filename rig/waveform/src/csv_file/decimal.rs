//! Decimal text to whole counts, exactly: no number of a file passes through a float.

/// Why text is no count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NumberFault {
    /// No decimal number.
    NotANumber,
    /// The word for a number that is none: NaN or infinite.
    NotFinite,
    /// Beyond 64 bits.
    TooLarge,
}

/// A count, and whether the text had digits below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Count {
    pub(crate) value: i64,
    /// The text had digits below one count, and was rounded, halves away from zero.
    pub(crate) rounded: bool,
}

/// Reads `-12.5e-3` as counts of which 10^`decimals` make one of the text's unit.
pub(crate) fn parse(text: &[u8], decimals: u32) -> Result<Count, NumberFault> {
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    let (mantissa, exponent) = match digits.iter().position(|it| matches!(it, b'e' | b'E')) {
        Some(at) => (&digits[..at], exponent(&digits[at + 1..], text)?),
        None => (digits, 0),
    };
    let mut number: i128 = 0;
    // Power of ten that the last digit taken stands for.
    let mut place: i64 = exponent + i64::from(decimals);
    let (mut n_digits, mut fraction, mut dropped) = (0_usize, false, false);
    for &byte in mantissa {
        match byte {
            b'0'..=b'9' => {
                n_digits += 1;
                if number >= 10_i128.pow(36) {
                    // Far below any count that fits, or far above all.
                    dropped |= byte != b'0';
                    place += i64::from(!fraction);
                    continue;
                }
                number = number * 10 + i128::from(byte - b'0');
                place -= i64::from(fraction);
            }
            b'.' if !fraction => fraction = true,
            _ => return Err(not_a_number(text)),
        }
    }
    if n_digits == 0 {
        return Err(not_a_number(text));
    }
    let (magnitude, rounded) = scaled(number, place)?;
    let signed = if negative { -magnitude } else { magnitude };
    let value = i64::try_from(signed).map_err(|_| NumberFault::TooLarge)?;
    Ok(Count {
        value,
        rounded: rounded || dropped,
    })
}

/// A rate in Hz as text, in microhertz; none if it is no positive decimal number.
pub(crate) fn parse_microhertz(text: &str) -> Option<i64> {
    let count = parse(text.as_bytes(), 6).ok()?;
    (count.value >= 0 && !count.rounded).then_some(count.value)
}

/// `number` × 10^`place`, and whether digits were lost.
fn scaled(number: i128, place: i64) -> Result<(i128, bool), NumberFault> {
    if number == 0 {
        return Ok((0, false));
    }
    if place >= 0 {
        let factor = u32::try_from(place)
            .ok()
            .and_then(|it| 10_i128.checked_pow(it));
        let value = factor.and_then(|it| number.checked_mul(it));
        return value.map(|it| (it, false)).ok_or(NumberFault::TooLarge);
    }
    let divisor = u32::try_from(-place)
        .ok()
        .and_then(|it| 10_i128.checked_pow(it));
    let Some(divisor) = divisor else {
        return Ok((0, true));
    };
    let (whole, rest) = (number / divisor, number % divisor);
    Ok((whole + i128::from(rest * 2 >= divisor), rest != 0))
}

fn exponent(digits: &[u8], text: &[u8]) -> Result<i64, NumberFault> {
    let number = std::str::from_utf8(digits)
        .ok()
        .and_then(|it| it.parse::<i32>().ok());
    number.map(i64::from).ok_or_else(|| not_a_number(text))
}

fn not_a_number(text: &[u8]) -> NumberFault {
    let word = text.to_ascii_lowercase();
    let word = word.strip_prefix(b"-").unwrap_or(&word);
    let word = word.strip_prefix(b"+").unwrap_or(word);
    let words: [&[u8]; 5] = [b"nan", b"inf", b"infinity", b"na", b"n/a"];
    if words.contains(&word) {
        NumberFault::NotFinite
    } else {
        NumberFault::NotANumber
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, decimals: u32, value: i64, rounded: bool) {
        assert_eq!(
            parse(text.as_bytes(), decimals),
            Ok(Count { value, rounded }),
            "{text}"
        );
    }

    #[test]
    fn decimal_text_is_taken_exactly() {
        check("1500", 3, 1_500_000, false);
        check("0.1", 6, 100_000, false);
        check("-1.803214", 6, -1_803_214, false);
        check("+.5", 3, 500, false);
        check("5.", 3, 5_000, false);
        check("1.5e-3", 6, 1_500, false);
        check("15E2", 0, 1_500, false);
        check("-0.000", 3, 0, false);
        check("9223372036854775807", 0, i64::MAX, false);
        check("-9223372036854775808", 0, i64::MIN, false);
    }

    #[test]
    fn digits_below_a_count_are_rounded_and_said_so() {
        check("1.2345674", 6, 1_234_567, true);
        check("1.2345675", 6, 1_234_568, true);
        check("-1.2345675", 6, -1_234_568, true);
        check("1e-300", 6, 0, true);
        check(
            "0.00000000000000000000000000000000000000000000000001",
            6,
            0,
            true,
        );
        check(
            "1.00000000000000000000000000000000000000000000000001",
            6,
            1_000_000,
            true,
        );
        check("1.2300000", 6, 1_230_000, false);
    }

    #[test]
    fn what_is_no_number_is_told_from_what_is_not_finite() {
        for text in [
            "",
            ".",
            "-",
            "1,5",
            "1.2.3",
            "1e",
            "e5",
            "abc",
            "1 2",
            "0x10",
            "--1",
            "1e99999999999",
        ] {
            assert_eq!(
                parse(text.as_bytes(), 3),
                Err(NumberFault::NotANumber),
                "{text}"
            );
        }
        for text in ["NaN", "nan", "-inf", "Infinity", "NA", "N/A"] {
            assert_eq!(
                parse(text.as_bytes(), 3),
                Err(NumberFault::NotFinite),
                "{text}"
            );
        }
        for text in [
            "9223372036854775808",
            "1e300",
            "99999999999999999999999999999999999999999999",
        ] {
            assert_eq!(
                parse(text.as_bytes(), 0),
                Err(NumberFault::TooLarge),
                "{text}"
            );
        }
    }

    proptest::proptest! {
        #[test]
        fn a_count_printed_comes_back(value: i64, decimals in 0_u32..9) {
            let scale = 10_i128.pow(decimals);
            let magnitude = i128::from(value).abs();
            let sign = if value < 0 { "-" } else { "" };
            let width = decimals as usize;
            let text = format!("{sign}{}.{:0width$}", magnitude / scale, magnitude % scale);
            proptest::prop_assert_eq!(parse(text.as_bytes(), decimals), Ok(Count { value, rounded: false }));
        }

        #[test]
        fn nothing_panics(text: Vec<u8>, decimals in 0_u32..13) {
            let _ = parse(&text, decimals);
        }
    }
}
