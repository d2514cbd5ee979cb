//! A published case: what was printed where, and what we compute.

use std::error::Error;
use std::fmt::Write as _;

/// Makes a case.
pub(crate) type Make = fn() -> Result<Case, Box<dyn Error>>;

/// Whether the printed value was seen, or is known from elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// The source's text was seen.
    Seen,
    /// Recalled from the literature, not seen.
    Recalled,
}

/// One value of a case.
pub(crate) enum Value {
    /// A number as printed, what we compute, and how far they may lie apart; none for half a unit
    /// of the last printed digit.
    Number(&'static str, f64, Option<f64>),
    /// Words as printed, and ours.
    Words(&'static str, String),
}

/// A published case.
pub(crate) struct Case {
    /// What is computed, with its arguments.
    pub(crate) statistic: &'static str,
    /// Where it stands.
    pub(crate) source: &'static str,
    /// Whether it was seen.
    pub(crate) standing: Standing,
    /// Printed and computed.
    pub(crate) values: Vec<Value>,
    /// Why a tolerance is wider than the printed digits, or what else the reader should know.
    pub(crate) note: &'static str,
}

/// One test a case, and the list of them.
macro_rules! cases {
    ($($name:ident),* $(,)?) => {
        pub(crate) const ALL: &[crate::case::Make] = &[$($name),*];

        mod test {
            $(
                #[test]
                fn $name() {
                    super::$name().unwrap().check(stringify!($name));
                }
            )*
        }
    };
}

impl Case {
    /// Holds ours to the printed values.
    pub(crate) fn check(&self, name: &str) {
        assert!(!self.values.is_empty(), "{name} has no value");
        let wide = self
            .values
            .iter()
            .any(|it| matches!(it, Value::Number(_, _, Some(_))));
        assert!(
            !wide || !self.note.is_empty(),
            "{name}: a wider tolerance has a reason"
        );
        for value in &self.values {
            match value {
                Value::Number(printed, ours, tolerance) => {
                    let expected: f64 = printed.parse().unwrap_or(f64::NAN);
                    let tolerance = tolerance.unwrap_or_else(|| half_a_unit(printed));
                    let apart = (ours - expected).abs();
                    assert!(
                        apart <= tolerance,
                        "{name}: printed {printed}, ours {ours}, tolerance {tolerance}"
                    );
                }
                Value::Words(printed, ours) => assert_eq!(printed, ours, "{name}"),
            }
        }
    }
}

/// Half a unit of the last digit of `0.0763` or `1.283903e-01`, and a little for its own rounding.
fn half_a_unit(printed: &str) -> f64 {
    let (digits, exponent) = match printed.split_once('e') {
        Some((digits, exponent)) => (digits, exponent.parse().unwrap_or(f64::NAN)),
        None => (printed, 0.0),
    };
    let decimals = digits.split_once('.').map_or(0, |(_, it)| it.len());
    0.500_001 * 10_f64.powf(exponent - decimals as f64)
}

/// Ours, with two digits more than printed.
fn ours_like(printed: &str, ours: f64) -> String {
    let digits = printed.split('e').next().unwrap_or(printed);
    let decimals = digits.split_once('.').map_or(0, |(_, it)| it.len()) + 2;
    if printed.contains('e') {
        format!("{ours:.decimals$e}")
    } else {
        format!("{ours:.decimals$}")
    }
}

const HEAD: &str = "\
# Published plans

Sampling plans, their characteristics and tables against printed numbers.
`rig/stats/tests/published_plans` computes every line and holds this page to it.
Where no tolerance is noted, ours lies within half a unit of the last printed digit.
*Seen*: the text of the source was seen; *recalled*: known from the literature, not seen.
What has no published value is held to SciPy by `rig/stats/tests/scipy_plans.rs`.

| no | statistic | published | ours | note | source | |
| --- | --- | --- | --- | --- | --- | --- |
";

/// The page of all cases.
pub(crate) fn page(cases: &[Make]) -> String {
    let mut page = HEAD.to_owned();
    for (number, make) in (1..).zip(cases) {
        let line = match make() {
            Ok(case) => line(number, &case),
            Err(error) => format!("| {number} | {error} |"),
        };
        // Writing to a string does not fail.
        let _ = writeln!(page, "{line}");
    }
    page
}

fn line(number: usize, case: &Case) -> String {
    let mut printed = Vec::new();
    let mut ours = Vec::new();
    for value in &case.values {
        match value {
            Value::Number(text, value, _) => {
                printed.push((*text).to_owned());
                ours.push(ours_like(text, *value));
            }
            Value::Words(text, value) => {
                printed.push((*text).to_owned());
                ours.push(value.clone());
            }
        }
    }
    let separator = if case.values.iter().any(|it| matches!(it, Value::Words(..))) {
        "; "
    } else {
        " "
    };
    let standing = match case.standing {
        Standing::Seen => "seen",
        Standing::Recalled => "recalled",
    };
    format!(
        "| {number} | {} | {} | {} | {} | {} | {standing} |",
        case.statistic,
        printed.join(separator),
        ours.join(separator),
        case.note,
        case.source
    )
}
