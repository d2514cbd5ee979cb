//! What a station's ledger says of testing again: who was tested how often, who failed, and who may
//! be tested once more.

use super::{LedgerEvent, Line};
use crate::{BenchKind, TestedBefore};
use rig_spec::RowId;
use std::collections::BTreeMap;

/// What a ledger says of one unit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UnitHistory {
    /// Numbers of the runs that it was tested in, in order.
    pub runs: Vec<u64>,
    /// Whether it met the plan in its first run that came to an end.
    pub first: Option<bool>,
    /// Whether it met the plan in its last run that came to an end.
    pub last: Option<bool>,
    /// Run and rows of the last failure that no later result under a deviation has answered.
    pub failed: Option<(u64, Vec<RowId>)>,
    /// Runs that were begun with it and never came to an end: number and name.
    pub without_end: Vec<(u64, String)>,
    /// Deviations given since that failure and not used up.
    pub leave: u32,
    /// Deviations that were used.
    pub used: u32,
    /// Whether it is held.
    pub is_held: bool,
}

impl UnitHistory {
    /// What a run that is now begun with the unit says of it; nothing if it was never tested.
    #[must_use]
    pub fn before(&self, serial: &str) -> Option<TestedBefore> {
        (!self.runs.is_empty()).then(|| TestedBefore {
            serial: serial.to_owned(),
            runs: u32::try_from(self.runs.len()).unwrap_or(u32::MAX),
            first_met: self.first,
            failed: self.failed.clone(),
            deviations: self.used + u32::from(self.leave > 0),
        })
    }

    /// Whether testing it now would be testing a failure away.
    #[must_use]
    pub fn may_be_tested(&self) -> bool {
        self.failed.is_none() || self.leave > 0
    }
}

/// What the ledger says of every unit, by serial number, from runs on one kind of bench.
///
/// A failure stands until a run under a deviation has come to its end. A deviation is leave for one
/// run. Runs under other kinds of bench say nothing of these.
#[must_use]
pub fn unit_histories(
    lines: &[Line<LedgerEvent>],
    kind: BenchKind,
) -> BTreeMap<String, UnitHistory> {
    let mut units: BTreeMap<String, UnitHistory> = BTreeMap::new();
    let mut begun: BTreeMap<u64, Vec<String>> = BTreeMap::new();
    let mut lots: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for line in lines {
        match &line.event {
            LedgerEvent::RunBegun(run) if run.kind == kind => {
                for serial in &run.units {
                    let unit = units.entry(serial.clone()).or_default();
                    unit.runs.push(run.number);
                    unit.without_end.push((run.number, run.run_id.clone()));
                    if unit.leave > 0 {
                        unit.leave -= 1;
                        unit.used += 1;
                    }
                }
                begun.insert(run.number, run.units.clone());
                lots.entry(run.lot.clone())
                    .or_default()
                    .extend(run.units.iter().cloned());
            }
            LedgerEvent::RunEnded {
                number,
                not_meeting,
                ..
            } => {
                for serial in begun.remove(number).unwrap_or_default() {
                    let unit = units.entry(serial.clone()).or_default();
                    let result = not_meeting.iter().find(|it| it.serial == serial);
                    unit.without_end.retain(|it| it.0 != *number);
                    unit.first.get_or_insert(result.is_none());
                    unit.last = Some(result.is_none());
                    match result.filter(|it| !it.failed.is_empty()) {
                        Some(result) => {
                            unit.failed = Some((*number, result.failed.clone()));
                            unit.leave = 0;
                        }
                        None if result.is_none() => unit.failed = None,
                        // Neither failed nor met: what failed before stands.
                        None => {}
                    }
                }
            }
            LedgerEvent::Deviation(deviation) => {
                units.entry(deviation.serial.clone()).or_default().leave += 1;
            }
            LedgerEvent::Hold(hold) => {
                let of_lot = hold.lot.as_ref().and_then(|it| lots.get(it));
                for serial in hold.serial.iter().chain(of_lot.into_iter().flatten()) {
                    units.entry(serial.clone()).or_default().is_held = true;
                }
            }
            LedgerEvent::RunBegun(_) => {}
        }
    }
    units
}

/// The chance, in hundredths of a percent, that one of `tests` tests accepts a pen that each would
/// accept with `risk_hundredths`; rounded up.
///
/// Tests are taken as independent, which gives the most that repeating can add.
#[must_use]
pub fn accepted_in_any(risk_hundredths: u32, tests: u32) -> u32 {
    let mut none = 1.0;
    let risk = f64::from(risk_hundredths.min(10_000)) / 10_000.0;
    for _ in 0..tests {
        none *= 1.0 - risk;
    }
    let any = (1.0 - none) * 10_000.0;
    // Above by less than the last place of the product.
    (any - 1e-6).max(0.0).ceil() as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::{Chain, Deviation, Hold, LedgerRun, ORIGIN, UnitResult, read_chain};

    fn run(number: u64, kind: BenchKind) -> LedgerEvent {
        LedgerEvent::RunBegun(Box::new(LedgerRun {
            number,
            run_id: format!("run-{number}"),
            kind,
            lot: "L".to_owned(),
            plan: "release".to_owned(),
            image_sha256: String::new(),
            spec: String::new(),
            operator: String::new(),
            station: String::new(),
            reason: String::new(),
            units: vec!["A".to_owned(), "B".to_owned()],
        }))
    }

    fn ended(number: u64, failed: &[&str]) -> LedgerEvent {
        LedgerEvent::RunEnded {
            number,
            run_id: format!("run-{number}"),
            disposition: String::new(),
            exit: 0,
            manifest_sha256: String::new(),
            head: String::new(),
            not_meeting: failed
                .iter()
                .map(|serial| UnitResult {
                    serial: (*serial).to_owned(),
                    standing: "fails".to_owned(),
                    failed: RowId::parse("DEP-04").into_iter().collect(),
                })
                .collect(),
        }
    }

    fn deviation(serial: &str) -> LedgerEvent {
        LedgerEvent::Deviation(Deviation {
            number: 1,
            serial: serial.to_owned(),
            reason: "fixture".to_owned(),
            by: "Q".to_owned(),
            reference: String::new(),
        })
    }

    fn of_a(events: &[LedgerEvent]) -> UnitHistory {
        let mut text = String::new();
        let mut chain = Chain::hung_on(ORIGIN);
        for event in events {
            let (line, next) = chain.next("2026-01-05T09:00:00Z", event).unwrap();
            text.push_str(&line);
            chain = next;
        }
        let read = read_chain(text.as_bytes(), ORIGIN).unwrap();
        let mut units = unit_histories(&read.lines, BenchKind::Hardware);
        units.remove("A").unwrap_or_default()
    }

    #[test]
    fn a_failed_unit_is_tested_again_under_a_deviation_alone_and_once() {
        let hardware = BenchKind::Hardware;
        let mut events = vec![run(1, hardware), ended(1, &["A"])];
        let may = |events: &[LedgerEvent]| of_a(events).may_be_tested();
        assert!(!may(&events));
        events.push(deviation("B"));
        assert!(!may(&events), "another's");
        events.push(deviation("A"));
        assert!(may(&events));
        events.push(run(2, hardware));
        assert!(!may(&events), "it is used up though its run never ends");
        events.push(ended(2, &["A"]));
        assert!(!may(&events));
        events.extend([deviation("A"), run(3, hardware), ended(3, &[])]);
        let history = of_a(&events);
        assert!(history.may_be_tested());
        assert_eq!(history.runs, [1, 2, 3]);
        assert_eq!(
            (history.first, history.last, history.used),
            (Some(false), Some(true), 2)
        );
    }

    #[test]
    fn a_deviation_given_before_the_failure_is_no_leave() {
        let hardware = BenchKind::Hardware;
        let events = [run(1, hardware), deviation("A"), ended(1, &["A"])];
        assert!(!of_a(&events).may_be_tested());
    }

    #[test]
    fn what_a_virtual_bench_says_is_nothing_to_a_pen_of_steel() {
        let events = [run(1, BenchKind::Virtual), ended(1, &["A"])];
        assert_eq!(of_a(&events), UnitHistory::default());
    }

    #[test]
    fn a_run_without_an_end_and_a_hold_are_known() {
        let hold = LedgerEvent::Hold(Hold {
            number: 1,
            serial: None,
            lot: Some("L".to_owned()),
            reason: String::new(),
            by: String::new(),
        });
        let history = of_a(&[run(1, BenchKind::Hardware), hold]);
        assert_eq!(history.without_end, [(1, "run-1".to_owned())]);
        assert!(history.is_held);
    }

    #[test]
    fn repeating_a_test_adds_to_its_risk() {
        // 1 - (1 - 0.0228)^n: 2.28, 4.508, 6.685 %.
        assert_eq!(accepted_in_any(228, 1), 228);
        assert_eq!(accepted_in_any(228, 2), 451);
        assert_eq!(accepted_in_any(228, 3), 669);
        assert_eq!(accepted_in_any(228, 0), 0);
        assert_eq!(accepted_in_any(10_000, 1), 10_000);
    }
}
