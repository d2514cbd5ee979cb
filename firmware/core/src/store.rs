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
}

/// How a write stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Storing {
    UnderWay,
    Done,
    Failed,
}

/// A write under way.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    copy: RecordCopy,
    record: Calibration,
    step: Step,
    asked: bool,
}

impl Store {
    /// Begins to write the record into a copy.
    pub(crate) const fn new(record: Calibration, copy: RecordCopy) -> Self {
        Self {
            copy,
            record,
            step: Step::Erase,
            asked: false,
        }
    }

    /// What is being written, and where.
    pub(crate) const fn record(&self) -> (Calibration, RecordCopy) {
        (self.record, self.copy)
    }

    /// One control tick: takes the outcome of the last command and gives the next.
    pub(crate) fn tick(
        &mut self,
        outcome: Option<FlashOutcome>,
    ) -> (Option<FlashCommand>, Storing) {
        let bytes = self.record.to_bytes();
        if core::mem::replace(&mut self.asked, true) {
            self.step = match (self.step, outcome) {
                (Step::Erase, Some(FlashOutcome::Done)) => Step::Program { offset: 0 },
                (Step::Program { offset }, Some(FlashOutcome::Done)) => {
                    let offset = offset + FLASH_WORD_LEN as u8;
                    if usize::from(offset) < COPY_LEN {
                        Step::Program { offset }
                    } else {
                        Step::ReadBack
                    }
                }
                (Step::ReadBack, Some(FlashOutcome::Read(found))) if found == bytes => {
                    return (None, Storing::Done);
                }
                _ => return (None, Storing::Failed),
            };
        }
        let command = match self.step {
            Step::Erase => FlashCommand::Erase(self.copy),
            Step::Program { offset } => {
                let at = usize::from(offset);
                let mut word = [0; FLASH_WORD_LEN];
                word.copy_from_slice(&bytes[at..at + FLASH_WORD_LEN]);
                FlashCommand::Program {
                    copy: self.copy,
                    offset,
                    word,
                }
            }
            Step::ReadBack => FlashCommand::Read(self.copy),
        };
        (Some(command), Storing::UnderWay)
    }
}
