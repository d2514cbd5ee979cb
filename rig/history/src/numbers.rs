//! Numbers for people: as many decimals as their spread bears.

use serde::{Serialize as _, Serializer};

/// Decimals at which `size` shows two significant digits; at most 9.
pub(crate) fn decimals(size: f64) -> usize {
    let size = size.abs();
    if !(size > 0.0 && size.is_finite()) {
        return 3;
    }
    let place = libm::floor(libm::log10(size)) as i32;
    (1 - place).clamp(0, 9) as usize
}

/// A number with so many decimals; never `-0.00`.
pub(crate) fn fixed(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    let is_zero = text.bytes().all(|it| b"-0.".contains(&it));
    if is_zero {
        text.trim_start_matches('-').to_owned()
    } else {
        text
    }
}

/// A number without trailing zeros, for limits.
pub(crate) fn plain(value: f64) -> String {
    let text = fixed(value, 9);
    let text = text.trim_end_matches('0').trim_end_matches('.');
    text.to_owned()
}

/// Digits that a computed number is given to programs with: what a float adds beyond them is noise.
const DIGITS: usize = 12;

/// A computed number without the noise of its last bits.
pub(crate) fn clean<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(rounded(*value))
}

/// The same of one that may be missing.
pub(crate) fn clean_option<S: Serializer>(
    value: &Option<f64>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    value.map(rounded).serialize(serializer)
}

fn rounded(value: f64) -> f64 {
    format!("{value:.*e}", DIGITS - 1).parse().unwrap_or(value)
}

/// Lines of cells with two spaces between columns; the columns of `left` are flush left, the
/// others right. Trailing blanks are cut off.
pub(crate) fn aligned(rows: &[Vec<String>], left: &[usize]) -> String {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|it| it.get(column));
        cells.map(|it| it.chars().count()).max().unwrap_or(0)
    };
    let mut text = String::new();
    for row in rows {
        let cells: Vec<String> = row
            .iter()
            .enumerate()
            .map(|(column, cell)| {
                let room = width(column).saturating_sub(cell.chars().count());
                if left.contains(&column) {
                    format!("{cell}{}", " ".repeat(room))
                } else {
                    format!("{}{cell}", " ".repeat(room))
                }
            })
            .collect();
        text.push_str(cells.join("  ").trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_loses_noise_and_nothing_else() {
        let check = |value: f64, expected: f64| {
            assert_eq!(rounded(value).to_bits(), expected.to_bits(), "{value}");
        };
        check(0.004_327_999_999_999_887_5, 0.004_328);
        check(1.502_073, 1.502_073);
        check(-116.971_084, -116.971_084);
        check(0.0, 0.0);
        check(123_456_789_012.0, 123_456_789_012.0);
        check(f64::INFINITY, f64::INFINITY);
    }

    #[test]
    fn a_spread_shows_two_digits() {
        let both = |value: f64| fixed(value, decimals(value));
        assert_eq!(both(0.012_34), "0.012");
        assert_eq!(both(0.099_9), "0.100");
        assert_eq!(both(1.25), "1.2");
        assert_eq!(both(12.5), "12");
        assert_eq!(both(1_234.0), "1234");
        assert_eq!(decimals(0.0), 3);
        assert_eq!(decimals(1e-12), 9);
        assert_eq!(fixed(-0.000_1, 2), "0.00");
        assert_eq!(plain(1.65), "1.65");
        assert_eq!(plain(20.0), "20");
    }

    #[test]
    fn columns_line_up() {
        let rows = [
            vec!["a".into(), "1".into()],
            vec!["long".into(), "100".into()],
        ];
        assert_eq!(aligned(&rows, &[0]), "a       1\nlong  100\n");
    }
}
