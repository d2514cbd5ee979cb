//! Numbers as people read them: uncertainty to two digits, the value to the same place
//! (JCGM 100:2008, 7.2.6).

use crate::Measurand;
use rig_measure::{Distribution, Measured};

/// Unit that a measurand is shown in, and how many of it one of the chain's units is.
pub(crate) fn unit_of(measurand: Measurand) -> (&'static str, f64) {
    match measurand {
        Measurand::StrokeRate | Measurand::TachometerRate => ("strokes/s", 1.0),
        Measurand::PeriodVariation | Measurand::TachometerVariation => ("%", 100.0),
        Measurand::MeanProtrusion
        | Measurand::MeanTop
        | Measurand::LargestProtrusion
        | Measurand::LargestTop => ("mm", 1e-6),
        Measurand::Spread | Measurand::Drift => ("um", 1e-3),
    }
}

/// `1.803 ± 0.011 mm`: uncertainty rounded up to two significant digits, value to its place.
pub(crate) fn value_and_u(measurand: Measurand, measured: &Measured) -> (String, String) {
    let (_, factor) = unit_of(measurand);
    let (value, expanded) = (
        factor * measured.value,
        factor * measured.uncertainty.expanded,
    );
    if !(expanded > 0.0 && expanded.is_finite()) {
        return (plain(value), plain(expanded));
    }
    let mut place = place_of(expanded);
    let mut up = libm::ceil(expanded / power(place) - 1e-9);
    if up >= 100.0 {
        // 0.0995 is 0.10 and not 0.100.
        place += 1;
        up = libm::ceil(expanded / power(place) - 1e-9);
    }
    let decimals = usize::try_from(-place).unwrap_or(0);
    // Negative zero would show its sign.
    let nearest = libm::round(value / power(place)) * power(place) + 0.0;
    (
        format!("{nearest:.decimals$}"),
        format!("{:.decimals$}", up * power(place)),
    )
}

/// `1.803 ± 0.012 mm`.
pub(crate) fn value_with_unit(measurand: Measurand, measured: &Measured) -> String {
    let (value, expanded) = value_and_u(measurand, measured);
    format!("{value} ± {expanded} {}", unit_of(measurand).0)
}

/// The place of the second significant digit, as power of ten.
fn place_of(number: f64) -> i32 {
    // Truncation is exact: a whole number, a few hundred at most.
    libm::floor(libm::log10(number)) as i32 - 1
}

fn power(place: i32) -> f64 {
    libm::pow(10.0, f64::from(place))
}

/// A number with about three significant digits.
pub(crate) fn plain(number: f64) -> String {
    if number == 0.0 {
        return "0".to_owned();
    }
    if !number.is_finite() {
        return if number.is_nan() { "-" } else { "inf" }.to_owned();
    }
    let place = libm::floor(libm::log10(number.abs())) as i32;
    if !(-6..7).contains(&place) {
        return format!("{number:.2e}");
    }
    let decimals = usize::try_from(2 - place).unwrap_or(0);
    format!("{number:.decimals$}")
}

/// Degrees of freedom, whole as they are used.
pub(crate) fn dof(number: f64) -> String {
    if number >= 1e6 {
        "inf".to_owned()
    } else if number >= 10.0 {
        format!("{:.0}", libm::floor(number))
    } else {
        format!("{number:.1}")
    }
}

/// Word of a distribution.
pub(crate) fn word(distribution: Distribution) -> &'static str {
    match distribution {
        Distribution::TypeA => "type A",
        Distribution::Normal => "normal",
        Distribution::Rectangular => "rectangular",
        Distribution::Triangular => "triangular",
        Distribution::Arcsine => "arcsine",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rig_measure::{Budget, Combined};

    #[track_caller]
    fn check(measurand: Measurand, value: f64, expanded: f64, expected: (&str, &str)) {
        let measured = Measured {
            value,
            uncertainty: Combined {
                u_c: expanded / 2.0,
                nu_eff: f64::INFINITY,
                k: 2.0,
                expanded,
            },
            budget: Budget::default(),
            n: 1,
        };
        let (value, expanded) = value_and_u(measurand, &measured);
        assert_eq!((value.as_str(), expanded.as_str()), expected);
    }

    #[test]
    fn the_value_ends_where_its_uncertainty_does() {
        check(
            Measurand::MeanProtrusion,
            1_803_214.4,
            11_000.6,
            ("1.803", "0.012"),
        );
        check(
            Measurand::MeanProtrusion,
            -3_499.2,
            900.0,
            ("-0.00350", "0.00090"),
        );
        check(
            Measurand::StrokeRate,
            116.666_666_7,
            0.000_745,
            ("116.66667", "0.00075"),
        );
        check(
            Measurand::StrokeRate,
            116.666_666_7,
            0.000_999,
            ("116.6667", "0.0010"),
        );
        check(Measurand::Spread, -0.01, 995.0, ("0.0", "1.0"));
        check(Measurand::Spread, 8_123.0, 412_000.0, ("10", "420"));
        check(
            Measurand::PeriodVariation,
            0.001_234,
            0.000_1,
            ("0.123", "0.010"),
        );
    }

    #[test]
    fn other_numbers_have_three_digits() {
        for (number, expected) in [
            (0.0, "0"),
            (12_345.6, "12346"),
            (1.234_56, "1.23"),
            (0.000_123_4, "0.000123"),
            (1.2e-9, "1.20e-9"),
            (-0.5, "-0.500"),
            (f64::NAN, "-"),
            (f64::INFINITY, "inf"),
        ] {
            assert_eq!(plain(number), expected);
        }
        assert_eq!(
            (dof(16.76), dof(2.34), dof(f64::INFINITY)),
            ("16".to_owned(), "2.3".to_owned(), "inf".to_owned())
        );
    }
}
