//! What only a ledger knows of runs, against what the ledger's own reading says of each unit.

use rig_history::{RunEntry, Selection, select};
use rig_record::BenchKind;
use rig_record::journal::{
    Chain, LedgerEvent, LedgerRun, Line, ORIGIN, UnitResult, read_chain, unit_histories,
};
use rig_spec::RowId;

fn begun(number: u64, units: &[&str]) -> LedgerRun {
    LedgerRun {
        number,
        run_id: format!("run-{number}"),
        kind: BenchKind::Hardware,
        lot: "L".to_owned(),
        plan: "release".to_owned(),
        image_sha256: String::new(),
        spec: String::new(),
        operator: String::new(),
        station: String::new(),
        reason: String::new(),
        units: units.iter().map(|it| (*it).to_owned()).collect(),
    }
}

fn not_meeting(serial: &str, standing: &str, rows: &[&str]) -> UnitResult {
    UnitResult {
        serial: serial.to_owned(),
        standing: standing.to_owned(),
        failed: rows.iter().filter_map(|it| RowId::parse(it)).collect(),
    }
}

/// Runs that came to their end, by what did not meet the plan in them.
fn ledger(runs: &[(&LedgerRun, &[UnitResult])]) -> Vec<Line<LedgerEvent>> {
    let mut text = String::new();
    let mut chain = Chain::hung_on(ORIGIN);
    for (run, not_meeting) in runs {
        let end = LedgerEvent::RunEnded {
            number: run.number,
            run_id: run.run_id.clone(),
            disposition: "held".to_owned(),
            exit: 3,
            manifest_sha256: String::new(),
            head: String::new(),
            not_meeting: not_meeting.to_vec(),
        };
        for event in [LedgerEvent::RunBegun(Box::new((*run).clone())), end] {
            let at = format!("2026-01-{:02}T09:00:00Z", run.number);
            let (line, next) = chain.next(&at, &event).expect("an event is JSON");
            text.push_str(&line);
            chain = next;
        }
    }
    read_chain(text.as_bytes(), ORIGIN)
        .expect("a chain just made")
        .lines
}

#[test]
fn first_and_last_tests_are_those_of_the_ledger() {
    let runs = [
        begun(1, &["A", "B", "C", "D"]),
        begun(2, &["B", "C"]),
        begun(3, &["C", "D"]),
    ];
    let ends: [&[UnitResult]; 3] = [
        &[
            not_meeting("B", "fails", &["DEP-04"]),
            not_meeting("C", "undecided", &[]),
        ],
        &[not_meeting("C", "fails", &["RAT-03"])],
        &[not_meeting("D", "undecided", &[])],
    ];
    let pairs: Vec<(&LedgerRun, &[UnitResult])> = runs.iter().zip(ends).collect();
    let lines = ledger(&pairs);
    let entries: Vec<RunEntry> = pairs
        .iter()
        .map(|(run, not_meeting)| {
            let at = format!("2026-01-{:02}T09:00:00Z", run.number);
            let end = Some((at.clone(), "held".to_owned(), *not_meeting));
            RunEntry::of_ledger(run, format!("hash {}", run.number), at, end)
        })
        .collect();
    let history = select(&entries, &Selection::default()).unwrap();
    let lot = &history.lots[0];
    let units = unit_histories(&lines, BenchKind::Hardware);
    let count = |holds: &dyn Fn(&rig_record::journal::UnitHistory) -> bool| {
        units.values().filter(|it| holds(it)).count()
    };
    assert_eq!(lot.units, units.len());
    assert_eq!(lot.first_met, count(&|it| it.first == Some(true)));
    assert_eq!(lot.last_met, count(&|it| it.last == Some(true)));
    assert_eq!(lot.tested_again, count(&|it| it.runs.len() > 1));
    // By hand: A and D met it at first; A, B and C at last.
    assert_eq!((lot.units, lot.first_met, lot.last_met), (4, 2, 3));
    assert_eq!(lot.turned, ["B", "C"]);
    assert_eq!((lot.without_folder, lot.rows.len()), (3, 0));
}

#[test]
fn of_a_run_that_never_ended_the_ledger_knows_no_result() {
    let run = begun(1, &["A"]);
    let entry = RunEntry::of_ledger(&run, String::new(), "2026-01-01".to_owned(), None);
    let history = select(&[entry], &Selection::default()).unwrap();
    let lot = &history.lots[0];
    assert_eq!(
        (lot.units, lot.unfinished, lot.disposition.clone()),
        (0, 1, None)
    );
}
