//! The sequences that a pen failed, kept for `penrig replay`; the first also as short as it gets.

use super::finish::Finished;
use super::journal::UnitJournal;
use super::{Lot, Source};
use crate::Failure;
use crate::explore::{self, Subject};
use crate::lot::Intake;
use crate::progress::Display;
use anyhow::anyhow;
use rig_procedure::{Violating, sequence_seed};
use rig_sequence::model::Requirements;
use rig_sequence::{Origin, Profile};
use std::cell::Cell;

/// What stands beside a unit while it is run.
pub(super) struct Aside<'a> {
    unit: &'a Intake,
    display: &'a Display,
    has_shortened: Cell<bool>,
}

/// How the name of a sequence ends that was made short; before it, the name of the one that was.
pub(crate) const SHORT: &str = "-short.toml";

impl<'a> Aside<'a> {
    pub(super) fn new(unit: &'a Intake, display: &'a Display) -> Self {
        Self {
            unit,
            display,
            has_shortened: Cell::new(false),
        }
    }

    pub(super) fn serial(&self) -> &'a str {
        &self.unit.serial
    }
}

impl Lot<'_> {
    /// Keeps a sequence that the pen failed. Of a unit's first, a virtual bench also looks for a
    /// shorter one that fails alike: on a pen of its own, so that the unit and what is claimed of it
    /// know nothing of that.
    pub(super) fn keep_violating(
        &self,
        aside: &Aside<'_>,
        row: &str,
        found: &Violating,
        journal: &mut UnitJournal,
    ) -> Result<(), Failure> {
        let run = self.run;
        let seed = sequence_seed(&run.image.image, &run.spec, &self.plan.name);
        let (Some(first), Some(seed)) = (found.violations.first(), seed) else {
            return Ok(());
        };
        let scenario = run.begun.scenario.clone().unwrap_or_default();
        let of_virtual = run.begun.seed.map(|seed| (scenario, seed));
        let origin = Origin::new(Profile::Usage, seed, u64::from(found.number));
        let drawn = explore::failed(
            first.property,
            (&found.sequence, &found.trace, &found.violations),
            None,
            Some(origin),
            explore::conditions_of(&run.spec, &run.image, of_virtual),
        );
        let stem = format!(
            "counterexamples/{}-sequence-{}",
            aside.serial(),
            found.number
        );
        let name = format!("{stem}.toml");
        self.keep(
            journal,
            row,
            &name,
            drawn.to_string().as_bytes(),
            Vec::new(),
        )?;
        let Source::Virtual { scenario, seed } = &run.source else {
            return Ok(());
        };
        if aside.has_shortened.replace(true) {
            return Ok(());
        }
        let subject = self.subject(aside, *seed)?;
        let on = (&**scenario, aside.unit.index);
        let of = (&found.sequence, origin);
        let Some(short) = explore::shortened(&subject, on, of, aside.display)? else {
            return Ok(());
        };
        let name = format!("{stem}{SHORT}");
        self.keep(
            journal,
            row,
            &name,
            short.to_string().as_bytes(),
            Vec::new(),
        )
    }

    fn subject(&self, aside: &Aside<'_>, seed: u64) -> Result<Subject, Failure> {
        let run = self.run;
        let requirements = Requirements::from_spec(&run.spec).map_err(|error| {
            Failure::Rig(anyhow!("the spec tables cannot judge sequences: {error}"))
        })?;
        let named = run.begun.scenario.clone();
        Ok(Subject {
            spec: run.spec.clone(),
            requirements,
            image: run.image.clone(),
            serial: aside.serial().to_owned(),
            bench: "virtual".to_owned(),
            scenario: Some(named.unwrap_or_default()),
            seed,
        })
    }
}

/// Sequences that are told of at the end of a run, at most.
const TOLD: usize = 3;

/// How the sequences that pens failed are run again: those that were made short, or else the first.
pub(super) fn to_replay(finished: &Finished) -> Vec<String> {
    let kept = finished.attachments.iter();
    let kept: Vec<_> = kept
        .filter(|it| it.path.starts_with("counterexamples/"))
        .collect();
    let line = |path: &str| {
        let path = finished.folder.join(path);
        format!("replay       penrig replay {}", path.display())
    };
    let short = kept.iter().filter(|it| it.path.ends_with(SHORT));
    let mut lines: Vec<String> = short.take(TOLD).map(|it| line(&it.path)).collect();
    if let (true, Some(first)) = (lines.is_empty(), kept.first()) {
        lines.push(format!(
            "{}; `penrig explore --shorten FILE` makes it short",
            line(&first.path)
        ));
    }
    lines
}
