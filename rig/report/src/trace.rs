//! `trace.csv`: from each hazard over its controls to the rows that show them, untested ones named.

use crate::results::{required, verdict};
use crate::table::Table;
use rig_record::{LotRecord, RowResult};
use rig_spec::{Hazard, Plan, Row, RowId, SpecSet, Verdict};
use std::io::{self, Write};

pub(crate) const COLUMNS: &[&str] = &[
    "bench",
    "lot",
    "hazard",
    "description",
    "harm",
    "controls",
    "shows",
    "row",
    "table",
    "measurand",
    "required",
    "units_pass",
    "units_inconclusive",
    "units_fail",
    "units_untested",
    "standing",
];

pub(crate) fn render(
    out: &mut dyn Write,
    spec: &SpecSet,
    plan: &Plan,
    lot: &LotRecord,
) -> io::Result<()> {
    let mut table = Table::new(out, COLUMNS);
    for hazard in &spec.hazards {
        for (shows, id) in rows_of(spec, hazard) {
            let row = spec
                .row(id.as_str())
                .expect("the parser checked the rows that hazards name");
            let counts = Counts::new(lot, row);
            table.push(&[
                ("bench", lot.header.bench.kind.to_string()),
                ("lot", lot.header.lot.clone()),
                ("hazard", hazard.id.clone()),
                ("description", hazard.hazard.clone()),
                ("harm", hazard.harm.clone()),
                ("controls", hazard.controls.clone()),
                ("shows", shows.to_owned()),
                ("row", id.to_string()),
                ("table", row.table.to_string()),
                ("measurand", row.measurand.clone()),
                (
                    "required",
                    lot.units
                        .first()
                        .map_or_else(|| "no".to_owned(), |unit| required(plan, unit, row)),
                ),
                ("units_pass", counts.passed.to_string()),
                ("units_inconclusive", counts.inconclusive.to_string()),
                ("units_fail", counts.failed.to_string()),
                ("units_untested", counts.untested.to_string()),
                ("standing", counts.standing()),
            ]);
        }
    }
    table.finish().map(|_| ())
}

/// The rows of a hazard and what they show; then rows that name the hazard without being named.
pub(crate) fn rows_of<'s>(spec: &'s SpecSet, hazard: &'s Hazard) -> Vec<(&'static str, &'s RowId)> {
    let implemented = hazard
        .implemented_by
        .iter()
        .map(|it| ("control implemented", it));
    let effective = hazard
        .effective_by
        .iter()
        .map(|it| ("control effective", it));
    let named: Vec<_> = implemented.chain(effective).collect();
    let unnamed = spec
        .rows
        .iter()
        .filter(|row| {
            row.hazard.as_ref() == Some(&hazard.id) && !named.iter().any(|(_, id)| **id == row.id)
        })
        .map(|row| ("named by the row only", &row.id));
    named.iter().copied().chain(unnamed).collect()
}

/// How the units of a lot stand on one row.
pub(crate) struct Counts {
    pub(crate) passed: usize,
    pub(crate) inconclusive: usize,
    pub(crate) failed: usize,
    pub(crate) untested: usize,
    /// Why the first untested unit is.
    why_untested: String,
}

impl Counts {
    fn new(lot: &LotRecord, row: &Row) -> Self {
        Self::of(lot.results_of(row.id.as_str()))
    }

    /// Of the results of one row, one a unit.
    pub(crate) fn of<'r>(results: impl Iterator<Item = Option<&'r RowResult>>) -> Self {
        let mut counts = Self {
            passed: 0,
            inconclusive: 0,
            failed: 0,
            untested: 0,
            why_untested: "not run: no unit".to_owned(),
        };
        for result in results {
            match result.and_then(RowResult::verdict) {
                Some(Verdict::Pass) => counts.passed += 1,
                Some(Verdict::Inconclusive) => counts.inconclusive += 1,
                Some(Verdict::Fail) => counts.failed += 1,
                None => {
                    if counts.untested == 0 {
                        counts.why_untested = verdict(result);
                    }
                    counts.untested += 1;
                }
            }
        }
        counts
    }

    /// The worst of all units; `untested` with the first reason if no unit was judged.
    pub(crate) fn standing(&self) -> String {
        if self.failed > 0 {
            "fail".to_owned()
        } else if self.inconclusive > 0 {
            "inconclusive".to_owned()
        } else if self.passed > 0 && self.untested == 0 {
            "pass".to_owned()
        } else if self.passed > 0 {
            "pass, some units untested".to_owned()
        } else {
            format!(
                "untested: {}",
                self.why_untested.trim_start_matches("not run: ")
            )
        }
    }
}
