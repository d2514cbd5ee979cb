//! The lot alert in the terminal's summary: lots large enough for a tolerance interval.

#[expect(dead_code, reason = "the tables' tests use the rest")]
mod small;

use rig_report::summary;
use rig_spec::{Evidence, Measured, Unit};
use small::Pen;

/// Lines of the summary that speak of tolerance intervals, of 25 good pens whose protrusion is as
/// given and whose rate is spread a little.
fn lines(depth_mm: impl Fn(f64) -> f64) -> String {
    let spec = small::spec();
    let mut lot = small::lot(&spec, &[Pen::Good; 25]);
    for (place, unit) in (0..).zip(&mut lot.units) {
        // From −1 to 1, evenly.
        let place = f64::from(place * 7 % 25 - 12) / 12.0;
        let values = [
            ("DEP-04", Unit::Millimeter, depth_mm(place), 0.011),
            ("RAT-03", Unit::StrokesPerSecond, 116.6 + 0.3 * place, 0.02),
        ];
        for (id, of, value, expanded) in values {
            let measured = Measured::from_f64(of, value, expanded, 2.0).expect("a number");
            let result = small::judged(&spec, id, &[Evidence::measured(measured, 1_166)]);
            let old = unit.results.iter_mut().find(|it| it.row().as_str() == id);
            *old.expect("a row of the lot") = result;
        }
    }
    let summary = summary(&spec, &lot).expect("a plan of the spec");
    let of_intervals = |it: &&str| it.starts_with("alert") || it.starts_with("tolerance");
    summary
        .lines()
        .filter(of_intervals)
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn within_the_limits() {
    insta::assert_snapshot!(lines(|place| 1.5 + 0.02 * place));
}

#[test]
fn beyond_a_limit_though_every_pen_passes() {
    insta::assert_snapshot!(lines(|place| 1.58 + 0.04 * place));
}

#[test]
fn not_normal_and_too_few_for_anything_else() {
    insta::assert_snapshot!(lines(|place| 1.45 + 0.1 * place.powi(12)));
}

#[test]
fn all_alike() {
    insta::assert_snapshot!(lines(|_| 1.5));
}

#[test]
fn a_small_lot_is_told_nothing() {
    let spec = small::spec();
    let summary = summary(&spec, &small::lot(&spec, &[Pen::Good; 19])).unwrap();
    assert!(!summary.contains("tolerance  "), "{summary}");
}
