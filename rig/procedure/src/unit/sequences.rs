//! The sequences of a run: which of them fall to a unit, and what is told while they last.

use super::{Progress, Unit};
use crate::image::{Image, hex};
use crate::pen::Pen;
use crate::rows::sequences::{Campaign, Note, Sequences, ceilings, mean_of, of_all};
use crate::rows::{RowError, stated};
use firmware_units::Micrometers;
use rig_bench::Bench;
use rig_sequence::model::{PresetLimit, Requirements};
use rig_sequence::{Coverage, Profile, Ranges, Sequence, draw, judge, seed_of};
use rig_spec::{Row, SpecSet};
use sha2::{Digest as _, Sha256};
use std::cell::RefCell;

/// The row whose `n` fixes how many sequences there are, and whose place in the plan how many units
/// share them.
const COUNTED: &str = "SAF-05";
/// The row whose strokes of a mean count.
const MEANS: &str = "RAT-07-D1";

/// Longest protrusions that cartridges allow, the usual one first: that of the whole range, the one
/// that reaches no further than the armed limit, and one below it.
fn cartridges(requirements: &Requirements) -> Vec<Micrometers> {
    let below = Micrometers(requirements.armed.0 - 2 * requirements.step.0);
    vec![requirements.range, requirements.armed, below]
}

/// Where the limits lie that sequences keep to, touch and overstep.
#[must_use]
pub fn sequence_ranges(requirements: &Requirements) -> Ranges {
    let preset = |it: &PresetLimit| (it.preset, it.depth, it.ceiling);
    Ranges {
        step: requirements.step,
        armed: requirements.armed,
        range: requirements.range,
        rates: requirements.rates,
        rate_after_boot: requirements.rate_after_boot,
        presets: requirements.presets.iter().map(preset).collect(),
        cartridges: cartridges(requirements),
    }
}

/// SHA-256 over all tables of a spec, hexadecimal: over each table's name, a zero, its SHA-256 in
/// hexadecimal and a line feed, in order of names.
#[must_use]
pub fn spec_sha256(spec: &SpecSet) -> String {
    let mut tables = Sha256::new();
    for (name, table) in &spec.tables {
        tables.update(name);
        tables.update([0]);
        tables.update(&table.sha256);
        tables.update(b"\n");
    }
    hex(&tables.finalize())
}

/// The seed of SAF-05's sequences, from image, spec and plan ([`seed_of`]): of the image the SHA-256
/// of its file, of the spec [`spec_sha256`]. Nothing for a hash that is none.
#[must_use]
pub fn sequence_seed(image: &Image, spec: &SpecSet, plan: &str) -> Option<[u8; 32]> {
    let tables = from_hex(&spec_sha256(spec))?;
    let image_sha256 = from_hex(&image.file_sha256)?;
    Some(seed_of(&image_sha256, &tables, plan))
}

fn from_hex(hex: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    let digits = hex.as_bytes().chunks_exact(2);
    if hex.len() != 2 * bytes.len() {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(digits) {
        *byte = u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(bytes)
}

impl Unit<'_> {
    /// The sequences that were run on this unit.
    pub(super) fn sequences_of(&self, row: &Row) -> Result<&Sequences, RowError> {
        stated(row, "sequences", self.sequences.as_ref())
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
        let ranges = sequence_ranges(&requirements);
        let seed = sequence_seed(self.job.image, self.job.spec, &self.job.plan.name);
        let seed = stated(row, "seed", seed)?;
        let last = RefCell::new(Sequence::default());
        let coverage = RefCell::new(Coverage::default());
        let campaign = Campaign {
            numbers: self.numbers(row, n),
            draw: &|number| {
                let sequence = draw(Profile::Usage, seed, u64::from(number), &ranges);
                last.replace(sequence.clone());
                sequence
            },
            judge: &|trace| {
                let reached = Coverage::of(&last.borrow(), trace, &ranges);
                coverage.borrow_mut().add(&reached);
                judge(trace, &requirements)
            },
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
        notes.borrow_mut().push(Progress::Covered {
            row: row.id.to_string(),
            items: coverage.into_inner().rows(&ranges),
        });
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
