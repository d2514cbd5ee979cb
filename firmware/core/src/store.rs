//! Writes a factory record: erase, program, read back, one step a control tick.
//!
//! The copy that does not hold is written, with the next generation, so that the one that holds
//! stays whole whatever cuts the write short. A page erase stalls the chip for up to 40 ms (DS12232
//! table 47), so the pen writes only while motor and carriage rest.

use firmware_wire::calibration::COPY_LEN;
use firmware_wire::{Calibration, RecordCopy};

use crate::signal::{FlashCommand, FlashOutcome};

/// Bytes programmed in one go (RM0444 3.3.8).
pub const FLASH_WORD_LEN: usize = 8;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Erase,
    Program { offset: u8 },
    ReadBack,
    Written,
    Failed,
}

/// How a write stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Storing {
    UnderWay,
    Written,
    Failed,
}

/// A write under way.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    copy: RecordCopy,
    record: Calibration,
    step: Step,
}

impl Store {
    /// Begins to write the record into a copy.
    pub(crate) const fn new(record: Calibration, copy: RecordCopy) -> Self {
        Self {
            copy,
            record,
            step: Step::Erase,
        }
    }

    /// What is being written, and where.
    pub(crate) const fn record(&self) -> (Calibration, RecordCopy) {
        (self.record, self.copy)
    }

    /// How the write stands.
    pub(crate) const fn storing(&self) -> Storing {
        match self.step {
            Step::Erase | Step::Program { .. } | Step::ReadBack => Storing::UnderWay,
            Step::Written => Storing::Written,
            Step::Failed => Storing::Failed,
        }
    }

    /// The next job for the flash controller.
    pub(crate) fn job(&self) -> Option<FlashCommand> {
        match self.step {
            Step::Erase => Some(FlashCommand::Erase(self.copy)),
            Step::Program { offset } => {
                let at = usize::from(offset);
                let mut word = [0; FLASH_WORD_LEN];
                word.copy_from_slice(&self.record.to_bytes()[at..at + FLASH_WORD_LEN]);
                Some(FlashCommand::Program {
                    copy: self.copy,
                    offset,
                    word,
                })
            }
            Step::ReadBack => Some(FlashCommand::Read(self.copy)),
            Step::Written | Step::Failed => None,
        }
    }

    /// Takes the outcome of the job.
    pub(crate) fn done(&mut self, outcome: FlashOutcome) {
        self.step = match (self.step, outcome) {
            (Step::Erase, FlashOutcome::Done) => Step::Program { offset: 0 },
            (Step::Program { offset }, FlashOutcome::Done) => {
                let offset = offset + FLASH_WORD_LEN as u8;
                if usize::from(offset) < COPY_LEN {
                    Step::Program { offset }
                } else {
                    Step::ReadBack
                }
            }
            (Step::ReadBack, FlashOutcome::Read(found)) if found == self.record.to_bytes() => {
                Step::Written
            }
            _ => Step::Failed,
        };
    }
}
