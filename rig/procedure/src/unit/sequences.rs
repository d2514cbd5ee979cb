//! The sequences of a run: which of them fall to a unit, and what is told while they last.

use super::{Progress, Unit};
use crate::pen::Pen;
use crate::rows::RowError;
use crate::rows::sequences::{Campaign, Note, Sequences, ceilings, mean_of, of_all};
use rig_bench::Bench;
use rig_sequence::model::Requirements;
use rig_spec::Row;

/// The row whose `n` fixes how many sequences there are, and whose place in the plan how many units
/// share them.
const COUNTED: &str = "SAF-05";
/// The row whose strokes of a mean count.
const MEANS: &str = "RAT-07-D1";

impl Unit<'_> {
    /// The sequences that were run on this unit.
    pub(super) fn sequences_of(&self, row: &Row) -> Result<&Sequences, RowError> {
        crate::rows::stated(row, "sequences", self.sequences.as_ref())
    }

    /// Runs the sequences that fall to this unit, unless they were run before.
    pub(super) fn run_sequences<B: Bench>(
        &mut self,
        pen: &mut Pen<'_, B>,
        row: &Row,
    ) -> Result<(), RowError> {
        if self.sequences.is_some() {
            return Ok(());
        }
        let broken = |error: &dyn std::fmt::Display| {
            RowError::Precondition(format!("requirements of the spec: {error}"))
        };
        let requirements =
            Requirements::from_spec(self.job.spec).map_err(|error| broken(&error))?;
        let n = self.row(COUNTED)?.n.unwrap_or(0);
        let campaign = Campaign {
            numbers: self.numbers(row, n),
            draw: &|number| todo!("{number}"),
            judge: &|trace| todo!("{trace:?}"),
            ceilings: &|trace| ceilings(trace, &requirements),
            strokes_of_mean: mean_of(self.row(MEANS)?),
        };
        let id = row.id.to_string();
        let of = campaign.numbers.len();
        let notes = &self.notes;
        let all = of_all(pen, &campaign, &mut |note| {
            let row = id.clone();
            notes.borrow_mut().push(match note {
                Note::Done(done) => Progress::Part { row, done, of },
                Note::Violating(found) => Progress::Violating { row, found },
            });
        })?;
        self.sequences = Some(all);
        Ok(())
    }

    /// Numbers of the sequences that fall to this unit: each to one of the units that the plan wants
    /// them on.
    fn numbers(&self, row: &Row, n: u32) -> Vec<u32> {
        let entry = self.job.plan.entry(COUNTED);
        let entry = entry.or_else(|| self.job.plan.entry(row.id.as_str()));
        let wanted = |index: &u32| entry.is_none_or(|it| it.n_units.includes(*index));
        let units = u32::try_from((0..self.job.of).filter(wanted).count());
        let units = units.unwrap_or(u32::MAX).max(1);
        let falls = |number: &u32| number % units == self.job.index % units;
        (0..n).filter(falls).collect()
    }
}
