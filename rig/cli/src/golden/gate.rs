//! Whether the last check of a golden pen lets a bench be used.

use super::log::{LogLine, Standing};
use jiff::Timestamp;
use rig_spec::GoldenPen;
use std::fmt;

/// Why a bench may not be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// No check of this bench.
    Missing { bench: String },
    /// Lines of the last check are missing.
    Incomplete { checked: String },
    /// The last check did not pass.
    NotPassed { checked: String, check: String },
    /// It was against other reference values.
    OtherValues { checked: String },
    /// It is older than a shift.
    Overdue { checked: String, shift_h: u32 },
    /// It lies in the future: a clock was set.
    Future { checked: String },
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { bench } => {
                write!(f, "no golden pen was ever checked on bench {bench}")
            }
            Self::Incomplete { checked } => {
                write!(f, "the check of the golden pen at {checked} is not whole")
            }
            Self::NotPassed { checked, check } => {
                write!(
                    f,
                    "the check of the golden pen at {checked} ended with `{check}`"
                )
            }
            Self::OtherValues { checked } => write!(
                f,
                "the check of the golden pen at {checked} was against another file of reference values"
            ),
            Self::Overdue { checked, shift_h } => write!(
                f,
                "the check of the golden pen at {checked} is older than a shift of {shift_h} h"
            ),
            Self::Future { checked } => write!(
                f,
                "the check of the golden pen at {checked} lies in the future; look at the clock"
            ),
        }
    }
}

/// When the last check of a bench was made, if it passed, is whole, was against these reference
/// values and is no older than a shift.
pub(super) fn last_check(
    lines: &[LogLine],
    bench: &str,
    pen: &GoldenPen,
    now: Timestamp,
) -> Result<String, Refusal> {
    let mut of_bench = lines.iter().filter(|it| it.bench == bench);
    let last = of_bench.next_back().ok_or_else(|| Refusal::Missing {
        bench: bench.to_owned(),
    })?;
    let checked = last.checked.clone();
    let numbers: Vec<usize> = lines
        .iter()
        .filter(|it| it.bench == bench && it.checked == checked)
        .map(|it| it.line)
        .collect();
    // A time that cannot be read is a line that nobody wrote whole.
    let at: Timestamp = match checked.parse() {
        Ok(at) if numbers.iter().copied().eq(1..=last.of) => at,
        _ => return Err(Refusal::Incomplete { checked }),
    };
    if last.golden_sha256 != pen.sha256 {
        return Err(Refusal::OtherValues { checked });
    }
    if last.check != Standing::Passed.word() {
        let check = last.check.clone();
        return Err(Refusal::NotPassed { checked, check });
    }
    let age_s = now.as_second() - at.as_second();
    if age_s < 0 {
        return Err(Refusal::Future { checked });
    }
    let shift_h = pen.shift_h;
    if age_s > 3_600 * i64::from(shift_h) {
        return Err(Refusal::Overdue { checked, shift_h });
    }
    Ok(checked)
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: &str = "2026-05-04T06:00:00Z";

    fn pen() -> GoldenPen {
        GoldenPen {
            serial: "PA1-00000042".to_owned(),
            valid_until: "2027-03-01".to_owned(),
            shift_h: 8,
            values: Vec::new(),
            sha256: "abc".to_owned(),
        }
    }

    fn check(at: &str, bench: &str, verdict: &str) -> Vec<LogLine> {
        (1..=2)
            .map(|line| LogLine {
                checked: at.to_owned(),
                bench: bench.to_owned(),
                line,
                of: 2,
                check: verdict.to_owned(),
                golden_sha256: "abc".to_owned(),
                ..LogLine::default()
            })
            .collect()
    }

    #[track_caller]
    fn expect(lines: &[LogLine], now: &str, expected: Result<&str, &str>) {
        let now = now.parse().expect("a time");
        let found = last_check(lines, "bench-03", &pen(), now).map_err(|it| it.to_string());
        assert_eq!(found.as_deref().map_err(String::as_str), expected);
    }

    #[test]
    fn a_check_holds_for_a_shift_and_no_longer() {
        let lines = check(AT, "bench-03", "pass");
        expect(&lines, AT, Ok(AT));
        expect(&lines, "2026-05-04T14:00:00Z", Ok(AT));
        expect(
            &lines,
            "2026-05-04T14:00:01Z",
            Err("the check of the golden pen at 2026-05-04T06:00:00Z is older than a shift of 8 h"),
        );
        expect(
            &lines,
            "2026-05-04T05:59:59Z",
            Err(
                "the check of the golden pen at 2026-05-04T06:00:00Z lies in the future; look at the clock",
            ),
        );
    }

    #[test]
    fn the_last_check_of_this_bench_counts_alone() {
        let missing = Err("no golden pen was ever checked on bench bench-03");
        expect(&[], AT, missing);
        expect(&check(AT, "bench-04", "pass"), AT, missing);
        let later = "2026-05-04T07:00:00Z";
        let two = |first: &str, second: &str| {
            [
                check(AT, "bench-03", first),
                check(later, "bench-03", second),
                check(later, "bench-04", "fail"),
            ]
            .concat()
        };
        expect(&two("fail", "pass"), later, Ok(later));
        for verdict in ["fail", "inconclusive", "not measured", ""] {
            let expected = format!(
                "the check of the golden pen at 2026-05-04T07:00:00Z ended with `{verdict}`"
            );
            expect(&two("pass", verdict), later, Err(&expected));
        }
    }

    #[test]
    fn a_check_that_is_not_whole_or_of_other_values_does_not_count() {
        let incomplete = Err("the check of the golden pen at 2026-05-04T06:00:00Z is not whole");
        expect(&check(AT, "bench-03", "pass")[..1], AT, incomplete);
        expect(&check(AT, "bench-03", "pass")[1..], AT, incomplete);
        let mut other = check(AT, "bench-03", "pass");
        for line in &mut other {
            line.golden_sha256 = "def".to_owned();
        }
        expect(
            &other,
            AT,
            Err(
                "the check of the golden pen at 2026-05-04T06:00:00Z was against another file of reference values",
            ),
        );
        let torn = check("yesterday", "bench-03", "pass");
        expect(
            &torn,
            AT,
            Err("the check of the golden pen at yesterday is not whole"),
        );
    }
}
