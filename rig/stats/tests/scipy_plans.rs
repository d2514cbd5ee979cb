//! Sampling plans against values that SciPy computed (`scipy/plans.py`), where nothing is published.

use rig_stats::acceptance::{
    AttributesPlan, Quality, SequentialTest, Spread, Stage, TruncatedTest, TwoPoints,
    VariablesPlan, course, smallest_single_plan, smallest_variables_plan, zero_acceptance_plan,
};
use std::collections::BTreeMap;
use std::error::Error;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

struct Line {
    kind: String,
    name: String,
    numbers: Vec<f64>,
}

fn lines() -> Result<Vec<Line>> {
    let mut lines = Vec::new();
    for text in include_str!("scipy/plans.csv").lines().skip(1) {
        let mut cells = text.split(',').map(str::to_owned);
        lines.push(Line {
            kind: cells.next().ok_or("a kind")?,
            name: cells.next().ok_or("a name")?,
            numbers: cells
                .map(|it| it.parse())
                .collect::<std::result::Result<_, _>>()?,
        });
    }
    Ok(lines)
}

/// Lines of a kind; at least `least`, so that a lost file does not pass.
fn of_kind(kind: &str, least: usize) -> Result<Vec<Line>> {
    let found: Vec<Line> = lines()?.into_iter().filter(|it| it.kind == kind).collect();
    assert!(found.len() >= least, "{} lines of {kind}", found.len());
    Ok(found)
}

fn plans() -> Result<BTreeMap<&'static str, AttributesPlan>> {
    let plan = |numbers: &[(u32, Option<u32>, u32)]| {
        let stages = numbers
            .iter()
            .map(|&(n, accept, reject)| Stage { n, accept, reject });
        AttributesPlan::new(stages.collect())
    };
    let some = |n, accept, reject| (n, Some(accept), reject);
    Ok(BTreeMap::from([
        ("single-50-1", plan(&[some(50, 1, 2)])?),
        ("single-800-21", plan(&[some(800, 21, 22)])?),
        ("double-80", plan(&[some(80, 2, 5), some(80, 6, 7)])?),
        (
            "double-reduced-50",
            plan(&[some(50, 1, 5), some(50, 4, 7)])?,
        ),
        (
            "multiple-20",
            plan(&[
                (20, None, 3),
                some(20, 0, 3),
                some(20, 1, 4),
                some(20, 2, 5),
                some(20, 3, 6),
                some(20, 4, 6),
                some(20, 6, 7),
            ])?,
        ),
        (
            "multiple-315",
            plan(&[
                some(315, 2, 9),
                some(315, 7, 14),
                some(315, 13, 19),
                some(315, 19, 25),
                some(315, 25, 29),
                some(315, 31, 33),
                some(315, 37, 38),
            ])?,
        ),
        (
            "uneven",
            plan(&[some(10, 0, 3), some(25, 2, 5), some(60, 4, 5)])?,
        ),
    ]))
}

fn near(what: &str, ours: f64, scipy: f64, relative: f64) {
    let tolerance = relative * scipy.abs() + 1e-300;
    assert!(
        (ours - scipy).abs() <= tolerance,
        "{what}: ours {ours:e}, SciPy {scipy:e}"
    );
}

#[test]
fn acceptance_and_sample_number_of_attributes_plans() {
    let plans = plans().unwrap();
    for (kind, least) in [("process", 49), ("rate", 21), ("lot", 28)] {
        for line in of_kind(kind, least).unwrap() {
            let n = &line.numbers;
            let (quality, pa, asn) = match kind {
                "process" => (Quality::Process { p: n[0] }, n[1], n[2]),
                "rate" => (Quality::Rate { per_unit: n[0] }, n[1], n[2]),
                _ => {
                    let lot = Quality::Lot {
                        size: n[0] as u32,
                        nonconforming: n[1] as u32,
                    };
                    (lot, n[2], n[3])
                }
            };
            let course = course(&plans[line.name.as_str()], quality).unwrap();
            let what = format!("{} {quality:?}", line.name);
            // SciPy's own mass functions are good to some 1e-12 at these sizes.
            near(&what, course.accept(), pa, 2e-11);
            near(&what, course.average_sample_number(), asn, 2e-11);
            let sum = course.accept() + course.reject();
            assert!((sum - 1.0).abs() < 1e-11, "{what}: {sum}");
        }
    }
}

fn points(name: &str) -> Result<(TwoPoints, Option<u32>)> {
    let numbers: Vec<f64> = name
        .split('/')
        .map(str::parse)
        .collect::<std::result::Result<_, _>>()?;
    let points = TwoPoints::new(numbers[0], numbers[1], numbers[2], numbers[3])?;
    Ok((points, numbers.get(4).map(|it| *it as u32)))
}

#[test]
fn lines_and_truncated_course_of_the_sequential_test() {
    for line in of_kind("lines", 3).unwrap() {
        let test = SequentialTest::new(points(&line.name).unwrap().0);
        for (ours, scipy) in [test.h1, test.h2, test.s].into_iter().zip(&line.numbers) {
            near(&line.name, ours, *scipy, 1e-13);
        }
    }
    for line in of_kind("sequential", 15).unwrap() {
        let (points, most) = points(&line.name).unwrap();
        let test = TruncatedTest::new(SequentialTest::new(points), most.unwrap()).unwrap();
        let found = test.characteristic(line.numbers[0]).unwrap();
        let what = format!("{} p {}", line.name, line.numbers[0]);
        near(&what, found.accept, line.numbers[1], 1e-11);
        near(&what, found.average_sample_number, line.numbers[2], 1e-11);
        assert!((found.accept + found.reject - 1.0).abs() < 1e-11);
    }
}

#[test]
fn acceptance_of_variables_plans() {
    for line in of_kind("s-method", 30).unwrap() {
        let [k, p, unknown, known] = line.numbers[..] else {
            panic!("four numbers");
        };
        let n = line.name.parse().unwrap();
        let accepted = |spread| {
            let plan = VariablesPlan::new(n, k, spread).unwrap();
            plan.acceptance_probability(p).unwrap()
        };
        let what = format!("n {n}, k {k}, p {p}");
        // SciPy's noncentral t loses its digits in a far tail, and then is 0; ours is held to
        // multiprecision values in rig-distributions.
        let apart = (accepted(Spread::Unknown) - unknown).abs();
        assert!(apart <= 1e-9 * unknown + 1e-15, "{what}: {apart:e}");
        near(&what, accepted(Spread::Known(2.0)), known, 1e-11);
    }
    for line in of_kind("share", 36).unwrap() {
        let [q, unknown, known] = line.numbers[..] else {
            panic!("three numbers");
        };
        let n = line.name.parse().unwrap();
        let share = |spread| {
            VariablesPlan::new(n, 1.0, spread)
                .unwrap()
                .estimated_share(q)
        };
        near(&line.name, share(Spread::Unknown), unknown, 1e-11);
        near(&line.name, share(Spread::Known(1.0)), known, 1e-11);
    }
}

#[test]
fn acceptance_between_two_limits() {
    for line in of_kind("between", 20).unwrap() {
        let [k, below, above, unknown, known] = line.numbers[..] else {
            panic!("five numbers");
        };
        let n = line.name.parse().unwrap();
        let accepted = |spread| {
            let plan = VariablesPlan::new(n, k, spread).unwrap();
            let forth = plan.acceptance_probability_between(below, above).unwrap();
            let back = plan.acceptance_probability_between(above, below).unwrap();
            assert!(
                (forth - back).abs() < 1e-12,
                "{n} {below} {above}: {forth} {back}"
            );
            forth
        };
        // SciPy's integral is asked for 1e-12.
        for (spread, scipy) in [(Spread::Unknown, unknown), (Spread::Known(3.0), known)] {
            let ours = accepted(spread);
            assert!(
                (ours - scipy).abs() < 1e-10,
                "n {n}, {below}, {above}, {spread:?}: ours {ours}, SciPy {scipy}"
            );
        }
    }
}

/// A share that vanishes leaves the plan with one limit.
#[test]
fn a_far_limit_does_not_matter() {
    for spread in [Spread::Unknown, Spread::Known(1.0)] {
        let plan = VariablesPlan::new(10, 1.7, spread).unwrap();
        let one = plan.acceptance_probability(0.03).unwrap();
        let two = plan.acceptance_probability_between(1e-40, 0.03).unwrap();
        assert!((one - two).abs() < 1e-11, "{spread:?}: {one} {two}");
        assert_eq!(plan.acceptance_probability_between(0.0, 0.03), Ok(one));
        for (below, above) in [(f64::NAN, 0.1), (-0.1, 0.1), (0.5, 0.5), (0.1, 1.0)] {
            assert!(plan.acceptance_probability_between(below, above).is_err());
        }
    }
}

#[test]
fn plans_found_from_two_points() {
    for line in of_kind("single", 4).unwrap() {
        let plan = smallest_single_plan(points(&line.name).unwrap().0).unwrap();
        let stage = plan.stages()[0];
        let found = (f64::from(stage.n), stage.accept.map(f64::from));
        assert_eq!(
            found,
            (line.numbers[0], Some(line.numbers[1])),
            "{}",
            line.name
        );
    }
    for line in of_kind("s-plan", 4).unwrap() {
        let points = points(&line.name).unwrap().0;
        let plan = smallest_variables_plan(points, Spread::Unknown).unwrap();
        assert_eq!(f64::from(plan.n()), line.numbers[0], "{}", line.name);
        near(&line.name, plan.k(), line.numbers[1], 1e-10);
    }
    for line in of_kind("zero", 6).unwrap() {
        let [limiting, beta, n] = line.numbers[..] else {
            panic!("three numbers");
        };
        let plan = zero_acceptance_plan(line.name.parse().unwrap(), limiting, beta).unwrap();
        assert_eq!(
            f64::from(plan.largest_sample()),
            n,
            "{} {limiting}",
            line.name
        );
        assert_eq!(plan.stages()[0].accept, Some(0));
    }
}
