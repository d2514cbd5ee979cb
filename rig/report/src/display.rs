//! Values as text: exact with fixed decimals for tables, rounded for people.

use crate::table::or_empty;
use rig_spec::{Evidence, Finding, Measured, Row, Unit};

/// A record value in the printed unit of its row, exactly; empty without value or unit.
pub(crate) fn exact(row: &Row, value: Option<i64>) -> String {
    match (row.unit, value) {
        (Some(unit), Some(value)) => unit.print(value),
        _ => String::new(),
    }
}

/// As [`exact`] for what cannot be negative.
pub(crate) fn exact_unsigned(row: &Row, value: Option<u64>) -> String {
    exact(row, value.map(|it| i64::try_from(it).unwrap_or(i64::MAX)))
}

/// The symbol of a unit that values are printed in, for people; tables have it in ASCII.
pub(crate) fn symbol(unit: Unit) -> &'static str {
    match unit.printed() {
        Unit::Micrometer => "µm",
        Unit::Celsius => "°C",
        printed => printed.word(),
    }
}

/// The unit that values of a row are printed in.
pub(crate) fn unit_word(row: &Row) -> String {
    or_empty(row.unit.map(Unit::printed))
}

/// Entries apart by `; `.
pub(crate) fn list<T: ToString>(entries: &[T]) -> String {
    entries
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("; ")
}

/// The cells of one piece of evidence, all empty without any.
#[derive(Default)]
pub(crate) struct EvidenceCells {
    pub(crate) n: String,
    pub(crate) value: String,
    pub(crate) bound: String,
    pub(crate) expanded: String,
    pub(crate) k: String,
    pub(crate) observed: String,
    pub(crate) doubts: String,
}

impl EvidenceCells {
    pub(crate) fn new(row: &Row, evidence: Option<&Evidence>) -> Self {
        let Some(evidence) = evidence else {
            return Self::default();
        };
        let measured = evidence.measured;
        // What is counted has no uncertainty; an empty cell says so, a zero would claim one.
        let with_u = measured.filter(|it| it.expanded > 0);
        Self {
            n: or_empty(evidence.n),
            value: exact(row, measured.map(|it| it.value)),
            bound: or_empty(measured.and(evidence.bound)),
            expanded: exact_unsigned(row, with_u.map(|it| it.expanded)),
            k: or_empty(
                with_u.map(|it| {
                    format!("{}.{:03}", it.k_thousandths / 1000, it.k_thousandths % 1000)
                }),
            ),
            observed: Finding::print_list(&evidence.findings),
            doubts: list(&evidence.doubts),
        }
    }
}

/// `1.803 mm ± 0.011 mm (k = 2)`: uncertainty rounded up to two significant digits, value rounded
/// to the same place (GUM 7.2.6). Nothing reads this back.
pub(crate) fn for_people(unit: Unit, measured: Measured) -> String {
    let word = symbol(unit);
    let (value, expanded) = value_and_expanded(unit, measured);
    let Some(expanded) = expanded else {
        return format!("{value} {word}");
    };
    let k = trim_zeros(&format!(
        "{}.{:03}",
        measured.k_thousandths / 1000,
        measured.k_thousandths % 1000
    ));
    format!("{value} {word} ± {expanded} {word} (k = {k})")
}

/// Value and U as [`for_people`] rounds them, without their unit; no U of what is counted.
pub(crate) fn value_and_expanded(unit: Unit, measured: Measured) -> (String, Option<String>) {
    if measured.expanded == 0 {
        return (trimmed(unit, measured.value), None);
    }
    let place = place_of_two_digits(measured.expanded);
    let expanded = measured.expanded.div_ceil(place).saturating_mul(place);
    let value = rounded_to(measured.value, i64::try_from(place).unwrap_or(i64::MAX));
    let decimals = decimals_of(unit, place);
    let cut = |text: String| cut_to(&text, decimals);
    let expanded = i64::try_from(expanded).unwrap_or(i64::MAX);
    (cut(unit.print(value)), Some(cut(unit.print(expanded))))
}

/// A record value without trailing zeros, for limits and excesses.
pub(crate) fn trimmed(unit: Unit, value: i64) -> String {
    trim_zeros(&unit.print(value))
}

/// Largest power of ten that leaves at least two digits of `expanded`.
fn place_of_two_digits(expanded: u64) -> u64 {
    10_u64.pow(expanded.ilog10().saturating_sub(1))
}

fn rounded_to(value: i64, place: i64) -> i64 {
    let half = place / 2 * value.signum();
    value.saturating_add(half) / place * place
}

fn decimals_of(unit: Unit, place: u64) -> usize {
    let all = unit.printed().record_units_in_one().ilog10();
    all.saturating_sub(place.ilog10()) as usize
}

fn cut_to(text: &str, decimals: usize) -> String {
    match text.split_once('.') {
        Some((whole, _)) if decimals == 0 => whole.to_owned(),
        Some((whole, fraction)) => format!("{whole}.{}", &fraction[..decimals.min(fraction.len())]),
        None => text.to_owned(),
    }
}

fn trim_zeros(text: &str) -> String {
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rig_spec::RecordUnit;

    #[track_caller]
    fn check(unit: Unit, value: i64, expanded: u64, expected: &str) {
        let measured = Measured {
            unit: unit.record_unit(),
            value,
            expanded,
            k_thousandths: 2_000,
        };
        assert_eq!(for_people(unit, measured), expected);
    }

    #[test]
    fn uncertainty_shows_two_digits_and_the_value_the_same_place() {
        check(
            Unit::Millimeter,
            1_803_214,
            11_001,
            "1.803 mm ± 0.012 mm (k = 2)",
        );
        check(
            Unit::Millimeter,
            -3_499,
            900,
            "-0.00350 mm ± 0.00090 mm (k = 2)",
        );
        check(
            Unit::StrokesPerSecond,
            116_666_667,
            745,
            "116.66667 strokes/s ± 0.00075 strokes/s (k = 2)",
        );
        check(
            Unit::Minute,
            3_600_123_456,
            2_000_000,
            "3600.1 s ± 2.0 s (k = 2)",
        );
        check(Unit::Celsius, 41_500, 450_000, "40 °C ± 450 °C (k = 2)");
        check(Unit::Millimeter, 7, 3, "0.000007 mm ± 0.000003 mm (k = 2)");
    }

    #[test]
    fn what_is_counted_shows_no_uncertainty() {
        let count = Measured::exact(RecordUnit::Count, 3);
        assert_eq!(for_people(Unit::Mismatches, count), "3 mismatches");
    }
}
