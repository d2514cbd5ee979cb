//! What is said of runs that are made here, against counts and figures by hand.

use rig_history::{
    NothingSelected, ResultEntry, RowEntry, RunEntry, Selection, UNFINISHED, UnitEntry, select,
    svg, text,
};
use rig_record::BenchKind;

/// Serial number, value of DEP-04 in µm, standing.
type Unit<'u> = (&'u str, i64, &'u str);

const MEETS: &str = "meets plan";

/// A run of plan release on row DEP-04, 1.35 mm to 1.65 mm, U 10 µm.
fn run(number: u64, kind: BenchKind, bench: &str, lot: &str, units: &[Unit<'_>]) -> RunEntry {
    RunEntry {
        run_id: format!("run-{number}"),
        begun: format!("{kind}-{number}"),
        number,
        kind,
        lot: lot.to_owned(),
        plan: "release".to_owned(),
        started: format!("2026-01-{number:02}T09:00:00Z"),
        ended: Some(format!("2026-01-{number:02}T10:00:00Z")),
        spec: "PEN-A1-SPEC revision A".to_owned(),
        firmware: "1.2.0".to_owned(),
        station: String::new(),
        disposition: MEETS.to_owned(),
        has_folder: true,
        rows: vec![RowEntry {
            row: "DEP-04".to_owned(),
            measurand: "protrusion".to_owned(),
            unit: "mm".to_owned(),
            lower: Some(1_350_000),
            upper: Some(1_650_000),
            is_required: true,
        }],
        units: units
            .iter()
            .map(|&(serial, um, standing)| UnitEntry {
                serial: serial.to_owned(),
                bench: bench.to_owned(),
                standing: standing.to_owned(),
                is_first_pass: standing == MEETS,
                results: vec![ResultEntry {
                    row: "DEP-04".to_owned(),
                    value: Some(1_000 * um),
                    expanded: Some(10_000),
                    is_left_out: false,
                    verdict: "pass".to_owned(),
                    attempts: 1,
                }],
            })
            .collect(),
    }
}

const STEEL: BenchKind = BenchKind::Hardware;
const MODEL: BenchKind = BenchKind::Virtual;

fn of_row() -> Selection {
    Selection {
        row: Some("DEP-04".to_owned()),
        ..Selection::default()
    }
}

#[test]
fn yield_is_of_the_first_test_and_of_the_last_and_values_are_of_the_first() {
    let first = run(
        1,
        STEEL,
        "a",
        "L",
        &[
            ("1", 1_500, MEETS),
            ("2", 1_700, "fails"),
            ("3", 1_510, MEETS),
        ],
    );
    let mut again = run(
        2,
        STEEL,
        "a",
        "L",
        &[("2", 1_490, MEETS), ("4", 1_490, MEETS)],
    );
    again.units[1].is_first_pass = false; // Met it after a re-measurement.
    // The order in which folders are found is not that of time.
    let history = select(&[again, first], &Selection::default()).unwrap();
    let [lot] = history.lots.as_slice() else {
        panic!("{:?}", history.lots);
    };
    assert_eq!((lot.runs, lot.units, lot.tested_again), (2, 4, 1));
    assert_eq!((lot.first_pass, lot.first_met, lot.last_met), (2, 3, 4));
    assert_eq!(lot.turned, ["2"]);
    // Values 1.50, 1.70, 1.51, 1.49 mm: mean 1.55, Σ of squares 0.0302, s = √(0.0302/3).
    let row = &lot.rows[0];
    let s = (0.0302_f64 / 3.0).sqrt();
    assert_eq!(row.n, 4);
    assert!((row.mean.unwrap() - 1.55).abs() < 1e-12);
    assert!((row.standard_deviation.unwrap() - s).abs() < 1e-12);
    assert!((row.ppk.unwrap() - 0.1 / (3.0 * s)).abs() < 1e-9);
    assert!(row.ppk_lower_bound.unwrap() < row.ppk.unwrap());
}

#[test]
fn steel_and_model_are_never_in_one_figure() {
    let runs = [
        run(
            1,
            MODEL,
            "virtual",
            "L",
            &[("1", 1_400, "fails"), ("2", 1_410, MEETS)],
        ),
        run(
            2,
            STEEL,
            "a",
            "L",
            &[("1", 1_500, MEETS), ("2", 1_510, MEETS)],
        ),
    ];
    let history = select(&runs, &of_row()).unwrap();
    assert_eq!(history.kind, STEEL);
    assert_eq!((history.runs.len(), history.runs_of_other_kind), (1, 1));
    assert_eq!((history.lots[0].units, history.lots[0].first_pass), (2, 2));
    assert!((history.lots[0].rows[0].least.unwrap() - 1.5).abs() < 1e-12);
    let row = history.row.as_ref().unwrap();
    assert_eq!(row.benches.len(), 1);
    assert_eq!(row.benches[0].points.len(), 2);
    let shown = text(&history);
    assert!(
        shown.starts_with("HISTORY  HARDWARE  1 run, 1 lot"),
        "{shown}"
    );
    assert!(
        shown.contains("1 run on the virtual bench is not in here"),
        "{shown}"
    );
    assert!(svg(row, history.kind).contains("HARDWARE"));

    let selection = Selection {
        kind: Some(MODEL),
        ..of_row()
    };
    let history = select(&runs, &selection).unwrap();
    assert_eq!((history.kind, history.runs.len()), (MODEL, 1));
    assert!((history.lots[0].rows[0].largest.unwrap() - 1.41).abs() < 1e-12);
    let row = history.row.as_ref().unwrap();
    assert!(svg(row, history.kind).contains("VIRTUAL"));
    // Without hardware among what is selected, virtual is what there is.
    let selection = Selection {
        bench: Some("virtual".to_owned()),
        ..Selection::default()
    };
    assert_eq!(select(&runs, &selection).unwrap().kind, MODEL);
}

/// Forty units about 1.5 mm, then one far out; two lots; two benches 20 µm apart.
fn long() -> Vec<RunEntry> {
    let wave = [0, 3, -2, 1, -3, 2, -1, 0, 4, -4];
    let mut runs = Vec::new();
    for number in 1..=6_u64 {
        let lot = if number <= 3 { "L1" } else { "L2" };
        let (bench, offset) = if number % 3 == 0 { ("b", 20) } else { ("a", 0) };
        let serials: Vec<String> = (0..10).map(|it| format!("{number}{it}")).collect();
        let mut units: Vec<Unit<'_>> = serials
            .iter()
            .zip(wave)
            .map(|(serial, um)| (serial.as_str(), 1_500 + offset + um, MEETS))
            .collect();
        if number == 5 {
            units[9].1 = 1_540;
            units[9].2 = "fails";
        }
        runs.push(run(number, STEEL, bench, lot, &units));
    }
    runs
}

#[test]
fn a_point_out_of_control_is_named_with_run_and_unit() {
    let history = select(&long(), &of_row()).unwrap();
    let row = history.row.as_ref().unwrap();
    let names: Vec<&str> = row.benches.iter().map(|it| it.bench.as_str()).collect();
    assert_eq!(names, ["a", "b"]);
    let out: Vec<(&str, &str)> = row.benches[0]
        .points
        .iter()
        .filter(|it| !it.signals.is_empty())
        .map(|it| (it.run.as_str(), it.serial.as_str()))
        .collect();
    assert_eq!(out, [("run-5", "59")]);
    // Ranges within a wave: 3 5 3 4 5 3 1 4 8, between waves 4, and 36 into the last.
    let center = row.benches[0].moving_range.unwrap().center;
    let by_hand = (4.0 * 36.0 - 8.0 + 36.0 + 3.0 * 4.0) / 39.0 * 1e-3;
    assert!((center - by_hand).abs() < 1e-12, "{center} {by_hand}");
    assert!(!row.benches[0].is_provisional);
    // Twenty units of each lot; within lots as the waves scatter.
    let lots = &row.benches[0].lots;
    assert_eq!(lots.iter().map(|it| it.n).collect::<Vec<_>>(), [20, 20]);
    assert!((lots[0].mean - 1.5).abs() < 1e-12);
    assert!((lots[1].mean - (1.5 + 0.044 / 20.0)).abs() < 1e-12);
    assert!(row.benches[1].points.iter().all(|it| it.value > 1.51));
    insta::assert_snapshot!(text(&history));
}

#[test]
fn benches_differ_if_by_more_than_scatter_and_instruments_allow() {
    let history = select(&long(), &of_row()).unwrap();
    let it = &history.row.as_ref().unwrap().differences[0];
    assert_eq!(
        (it.first.as_str(), it.second.as_str(), it.paired),
        ("a", "b", None)
    );
    // −20 µm, and the 44 µm of the unit that is out over 40 units.
    assert!((it.difference - (-0.020 + 0.044 / 40.0)).abs() < 1e-12);
    // U 10 µm on both.
    assert!((it.instruments - 0.010 * 2.0_f64.sqrt()).abs() < 1e-12);
    assert!((it.expanded - it.scatter.hypot(it.instruments)).abs() < 1e-12);
    assert!(it.is_shown);
    // The same units on both: the differences of their values, which here scatter by 1 µm.
    let runs = [
        run(
            1,
            STEEL,
            "a",
            "L",
            &[
                ("1", 1_400, MEETS),
                ("2", 1_600, MEETS),
                ("3", 1_500, MEETS),
            ],
        ),
        run(
            2,
            STEEL,
            "b",
            "L",
            &[
                ("1", 1_405, MEETS),
                ("2", 1_604, MEETS),
                ("3", 1_506, MEETS),
            ],
        ),
    ];
    let history = select(&runs, &of_row()).unwrap();
    let it = &history.row.as_ref().unwrap().differences[0];
    assert_eq!(it.paired, Some(3));
    assert!((it.difference - -0.005).abs() < 1e-12);
    // Student's t for 95 % and two degrees of freedom: 4.30265272991.
    let by_hand = 4.302_652_729_91 * 0.001 / 3.0_f64.sqrt();
    assert!((it.scatter - by_hand).abs() < 1e-12, "{}", it.scatter);
    assert!(
        !it.is_shown,
        "5 µm are within what the instruments may differ by"
    );
    // In the lot's statistics each unit counts once all the same.
    assert_eq!(history.lots[0].rows[0].n, 3);
}

#[test]
fn a_value_in_doubt_is_no_value_and_the_next_test_counts() {
    let mut first = run(
        1,
        STEEL,
        "a",
        "L",
        &[("1", 1_800, "undecided"), ("2", 1_500, MEETS)],
    );
    first.units[0].results[0].is_left_out = true;
    let again = run(2, STEEL, "a", "L", &[("1", 1_510, MEETS)]);
    let history = select(&[first, again], &Selection::default()).unwrap();
    let row = &history.lots[0].rows[0];
    assert_eq!((row.n, row.left_out), (2, 1));
    assert!((row.largest.unwrap() - 1.51).abs() < 1e-12);
    assert_eq!(
        (history.lots[0].first_met, history.lots[0].last_met),
        (1, 2)
    );
}

#[test]
fn what_cannot_be_computed_is_said_and_never_a_number() {
    let one = [run(1, STEEL, "a", "L", &[("1", 1_500, MEETS)])];
    let history = select(&one, &of_row()).unwrap();
    let row = &history.lots[0].rows[0];
    assert_eq!((row.n, row.ppk, row.standard_deviation), (1, None, None));
    let chart = &history.row.as_ref().unwrap().benches[0];
    assert_eq!(chart.limits, None);
    let shown = text(&history);
    assert!(
        shown.contains("no control limits: fewer than 2 values"),
        "{shown}"
    );
    assert!(svg(history.row.as_ref().unwrap(), STEEL).contains("no control limits"));

    let equal = [run(
        1,
        STEEL,
        "a",
        "L",
        &[("1", 1_500, MEETS), ("2", 1_500, MEETS)],
    )];
    let history = select(&equal, &of_row()).unwrap();
    assert_eq!(history.lots[0].rows[0].ppk, None);
    assert_eq!(history.row.as_ref().unwrap().benches[0].limits, None);
    assert!(text(&history).contains("all values are equal"));
    assert!(!svg(history.row.as_ref().unwrap(), STEEL).contains("NaN"));

    let mut other = run(2, STEEL, "a", "L", &[("3", 1_510, MEETS)]);
    other.rows[0].upper = Some(1_600_000);
    let history = select(&[equal[0].clone(), other], &Selection::default()).unwrap();
    let row = &history.lots[0].rows[0];
    assert_eq!((row.ppk, row.upper), (None, None));
    assert_eq!(
        row.why_no_ppk.as_deref(),
        Some("the limits differ between runs")
    );
}

#[test]
fn runs_without_an_end_or_a_folder_are_said() {
    let mut cut = run(1, STEEL, "a", "L", &[("1", 1_500, "fails")]);
    cut.disposition = UNFINISHED.to_owned();
    cut.ended = None;
    let mut lost = run(2, STEEL, "", "L", &[("1", 0, MEETS)]);
    lost.has_folder = false;
    lost.rows = Vec::new();
    lost.units[0].results = Vec::new();
    let runs = [cut, lost];
    let history = select(&runs, &Selection::default()).unwrap();
    let lot = &history.lots[0];
    assert_eq!((lot.unfinished, lot.without_folder), (1, 1));
    let on_a = Selection {
        bench: Some("a".to_owned()),
        ..Selection::default()
    };
    let history = select(&runs, &on_a).unwrap();
    assert_eq!((history.runs.len(), history.runs_of_unknown_bench), (1, 1));
    assert!(text(&history).contains("1 run of which only the ledger is left"));
    let history = select(&runs, &Selection::default()).unwrap();
    assert_eq!(history.runs_of_unknown_bench, 0);
    let lot = &history.lots[0];
    // A failure that was shown stands, however the run ended.
    assert_eq!((lot.units, lot.first_met, lot.last_met), (1, 0, 1));
    let shown = text(&history);
    assert!(
        shown.contains("Run run-1 never came to its end: the unit that was done is counted."),
        "{shown}"
    );
    assert!(
        shown.contains("Run run-2 has no folder here that could be read"),
        "{shown}"
    );
}

#[test]
fn what_is_not_there_is_said_with_what_is() {
    assert_eq!(
        select(&[], &Selection::default()),
        Err(NothingSelected::NoRuns)
    );
    let runs = long();
    let no_lot = Selection {
        lot: Some("L9".to_owned()),
        ..Selection::default()
    };
    insta::assert_snapshot!(select(&runs, &no_lot).unwrap_err(), @"no run is of lot L9; lots: L1 (HARDWARE), L2 (HARDWARE); benches: a, b; the last run began 2026-01-06T09:00:00Z");
    let late = Selection {
        since: Some("2027-01-01".to_owned()),
        ..Selection::default()
    };
    insta::assert_snapshot!(select(&runs, &late).unwrap_err(), @"no run is of 2027-01-01 or later; lots: L1 (HARDWARE), L2 (HARDWARE); benches: a, b; the last run began 2026-01-06T09:00:00Z");
    let no_row = Selection {
        row: Some("RAT-03".to_owned()),
        ..Selection::default()
    };
    insta::assert_snapshot!(select(&runs, &no_row).unwrap_err(), @"no unit has a value of row RAT-03; rows with values: DEP-04");
    insta::assert_snapshot!(NothingSelected::NoRuns, @"there are no runs");
}

#[test]
fn a_selection_leaves_what_it_names() {
    let runs = long();
    let of = |selection: Selection| {
        let history = select(&runs, &selection).unwrap();
        (
            history.runs.len(),
            history.lots.iter().map(|it| it.units).sum::<usize>(),
        )
    };
    let all = Selection::default();
    assert_eq!(of(all.clone()), (6, 60));
    let some = |name: &str| Some(name.to_owned());
    assert_eq!(
        of(Selection {
            lot: some("L1"),
            ..all.clone()
        }),
        (3, 30)
    );
    assert_eq!(
        of(Selection {
            bench: some("b"),
            ..all.clone()
        }),
        (2, 20)
    );
    assert_eq!(
        of(Selection {
            since: some("2026-01-03"),
            ..all.clone()
        }),
        (4, 40)
    );
    assert_eq!(
        of(Selection {
            kind: Some(STEEL),
            ..all
        }),
        (6, 60)
    );
}
