//! The cartridge: presence, its id chip, and the mark of the treatment it is used in.

use firmware_units::Micrometers;
use firmware_wire::Refusal;
use firmware_wire::cartridge::{CHIP_LEN, CartridgeChip, MARK_OFFSET};

use crate::signal::{ChipCommand, ChipOutcome, PAGE_LEN};
use crate::switch::{Change, Switch};

/// Contact must stand still for 50 ms.
const PRESENCE_TICKS: u8 = 25;
/// Attempts to read or mark a chip.
const ATTEMPTS: u8 = 3;
/// The chip is busy for up to 5 ms after a write (AT24CS01 data sheet, tWR); 12 ms are waited.
const WRITE_TICKS: u8 = 6;

/// What is known of the cartridge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Chip {
    /// None fitted.
    Absent,
    /// Being read: next byte, attempts left.
    Reading { offset: u8, attempts: u8 },
    /// Not ours, damaged, or dumb.
    Unreadable,
    /// Read.
    Read(CartridgeChip),
    /// Being marked with a treatment; ticks to wait before the mark is read back.
    Marking {
        chip: CartridgeChip,
        treatment: u32,
        wait: u8,
        attempts: u8,
    },
}

/// How marking went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Marking {
    UnderWay,
    Done,
    Failed,
}

/// The cartridge.
#[derive(Clone, Debug)]
pub(crate) struct Cartridge {
    presence: Switch,
    chip: Chip,
    bytes: [u8; CHIP_LEN],
    /// A command is out and its outcome is due.
    asked: bool,
}

impl Cartridge {
    pub(crate) const fn new() -> Self {
        Self {
            presence: Switch::new(false, PRESENCE_TICKS),
            chip: Chip::Absent,
            bytes: [0; CHIP_LEN],
            asked: false,
        }
    }

    /// Whether a cartridge is fitted.
    pub(crate) fn fitted(&self) -> bool {
        self.presence.closed()
    }

    /// Longest protrusion the cartridge allows, if it could be read.
    pub(crate) fn needle_length(&self) -> Option<Micrometers> {
        self.known().map(|it| it.needle_length)
    }

    /// The chip's contents, if they could be read.
    pub(crate) fn known(&self) -> Option<&CartridgeChip> {
        match &self.chip {
            Chip::Read(chip) | Chip::Marking { chip, .. } => Some(chip),
            Chip::Absent | Chip::Reading { .. } | Chip::Unreadable => None,
        }
    }

    /// Whether the cartridge may be used in the treatment under way, or a new one.
    ///
    /// # Errors
    /// [`Refusal::Busy`] while its chip is being read, else why not.
    pub(crate) fn check(&self, treatment: Option<u32>) -> Result<(), Refusal> {
        match &self.chip {
            Chip::Absent => Err(Refusal::NoCartridge),
            Chip::Unreadable => Err(Refusal::CartridgeUnreadable),
            Chip::Reading { .. } => Err(Refusal::Busy),
            Chip::Read(chip) | Chip::Marking { chip, .. } => match chip.treatment {
                Some(used) if Some(used) != treatment => {
                    mutated!("mutant-used-cartridge-answered-done": Err(Refusal::CartridgeUsed) => Ok(()))
                }
                _ => Ok(()),
            },
        }
    }

    /// Marks the cartridge as used in the treatment; nothing to do where it is marked already.
    pub(crate) fn mark(&mut self, treatment: u32) {
        if let Chip::Read(chip) = self.chip
            && chip.treatment.is_none()
        {
            self.chip = Chip::Marking {
                chip,
                treatment,
                wait: 0,
                attempts: ATTEMPTS,
            };
            self.asked = false;
            mutated!("mutant-mark-not-written": () =>
                self.chip = Chip::Read(CartridgeChip { treatment: Some(treatment), ..chip }));
        }
    }

    /// How marking with the treatment stands.
    pub(crate) fn marking(&self, treatment: u32) -> Marking {
        match &self.chip {
            Chip::Marking { .. } => Marking::UnderWay,
            Chip::Read(chip) if chip.treatment == Some(treatment) => Marking::Done,
            _ => Marking::Failed,
        }
    }

    /// One control tick: debounces, takes the outcome of the last command and gives the next.
    pub(crate) fn tick(
        &mut self,
        fitted: bool,
        outcome: Option<ChipOutcome>,
    ) -> Option<ChipCommand> {
        let fitted =
            mutated!("mutant-cartridge-removal-unnoticed": fitted => fitted || self.fitted());
        match self.presence.tick(fitted) {
            Some(Change::Closed) => {
                self.chip = Chip::Reading {
                    offset: 0,
                    attempts: ATTEMPTS,
                };
                self.asked = false;
            }
            Some(Change::Opened) => self.chip = Chip::Absent,
            None => {}
        }
        let outcome = if core::mem::take(&mut self.asked) {
            outcome
        } else {
            None
        };
        let command = match self.chip {
            Chip::Absent | Chip::Unreadable | Chip::Read(_) => None,
            Chip::Reading { offset, attempts } => self.read(offset, attempts, outcome),
            Chip::Marking {
                chip,
                treatment,
                wait,
                attempts,
            } => self.write_mark(chip, treatment, wait, attempts, outcome),
        };
        self.asked = command.is_some();
        command
    }

    fn read(
        &mut self,
        offset: u8,
        attempts: u8,
        outcome: Option<ChipOutcome>,
    ) -> Option<ChipCommand> {
        let (offset, attempts) = match outcome {
            None => (offset, attempts),
            Some(ChipOutcome::Read(page)) => {
                let at = usize::from(offset);
                self.bytes[at..at + PAGE_LEN].copy_from_slice(&page);
                (offset + PAGE_LEN as u8, attempts)
            }
            Some(ChipOutcome::Written | ChipOutcome::Failed) => (0, attempts - 1),
        };
        if usize::from(offset) == CHIP_LEN {
            self.chip = match CartridgeChip::from_bytes(&self.bytes) {
                Some(mut chip) => {
                    mutated!("mutant-used-mark-not-read": () => chip.treatment = None);
                    Chip::Read(chip)
                }
                None if attempts > 1 => Chip::Reading {
                    offset: 0,
                    attempts: attempts - 1,
                },
                None => Chip::Unreadable,
            };
            return None;
        }
        if attempts == 0 {
            self.chip = Chip::Unreadable;
            return None;
        }
        self.chip = Chip::Reading { offset, attempts };
        Some(ChipCommand::Read { offset })
    }

    fn write_mark(
        &mut self,
        chip: CartridgeChip,
        treatment: u32,
        wait: u8,
        attempts: u8,
        outcome: Option<ChipOutcome>,
    ) -> Option<ChipCommand> {
        let mark = CartridgeChip::mark(treatment);
        let write = Some(ChipCommand::Write {
            offset: MARK_OFFSET,
            page: mark,
        });
        let (wait, attempts, command) = match (wait, outcome) {
            (0, Some(ChipOutcome::Read(page))) if page == mark => {
                self.chip = Chip::Read(CartridgeChip {
                    treatment: Some(treatment),
                    ..chip
                });
                return None;
            }
            (0, Some(ChipOutcome::Written)) => (WRITE_TICKS, attempts, None),
            (0, Some(ChipOutcome::Read(_) | ChipOutcome::Failed)) => (0, attempts - 1, write),
            (0, None) => (0, attempts, write),
            (1, _) => (
                0,
                attempts,
                Some(ChipCommand::Read {
                    offset: MARK_OFFSET,
                }),
            ),
            (wait, _) => (wait - 1, attempts, None),
        };
        if attempts == 0 {
            self.chip = Chip::Unreadable;
            return None;
        }
        self.chip = Chip::Marking {
            chip,
            treatment,
            wait,
            attempts,
        };
        command
    }
}
