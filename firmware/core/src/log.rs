//! The event log: the last entries of what happened, kept over resets.
//!
//! The log lies in RAM that start-up code does not clear, a slot an entry; each slot has a check of
//! its own, so that a reset in the middle of a write loses that entry alone. Power that is lost for
//! long empties it.

use firmware_units::Milliseconds;
use firmware_wire::{LOG_SLOT_LEN, LogEntry, LogEvent};

/// Entries kept; the oldest gives way.
pub const LOG_LEN: usize = 64;
/// One entry as it is kept.
pub type LogSlot = [u8; LOG_SLOT_LEN];

/// The log.
#[derive(Clone, Debug)]
pub struct EventLog {
    entries: [Option<LogEntry>; LOG_LEN],
    /// Number of the next entry.
    next: u32,
    /// Number of the first entry that is not kept yet.
    unkept: u32,
    boot: u16,
}

impl Default for EventLog {
    fn default() -> Self {
        Self::new()
    }
}

impl EventLog {
    /// An empty log.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            entries: [None; LOG_LEN],
            next: 0,
            unkept: 0,
            boot: 0,
        }
    }

    /// What a reset left of the log; the boot that begins now gets a number of its own.
    pub fn recover(slots: impl Iterator<Item = LogSlot>) -> Self {
        let mut log = Self::new();
        let mut newest: Option<LogEntry> = None;
        for (at, slot) in slots.take(LOG_LEN).enumerate() {
            let entry = LogEntry::from_slot(&slot).filter(|it| place(it.number) == at);
            log.entries[at] = entry;
            if let Some(entry) = entry
                && newest.is_none_or(|it| ahead(it.number, entry.number))
            {
                newest = Some(entry);
            }
        }
        if let Some(newest) = newest {
            log.next = newest.number.wrapping_add(1);
            log.unkept = log.next;
            log.boot = newest.boot.wrapping_add(1);
        }
        log
    }

    /// Enters what happened at a time since boot. The same again at once is not entered twice.
    pub(crate) fn note(&mut self, at: Milliseconds, event: LogEvent) {
        let last = self.entries[place(self.next.wrapping_sub(1))];
        if last.is_some_and(|it| it.event == event && it.boot == self.boot) {
            return;
        }
        self.entries[place(self.next)] = Some(LogEntry {
            number: self.next,
            boot: self.boot,
            at,
            event,
        });
        self.next = self.next.wrapping_add(1);
    }

    /// The first entry with at least this number.
    ///
    /// # Errors
    /// There is none yet; the number of the next one.
    pub(crate) fn from(&self, number: u32) -> Result<LogEntry, u32> {
        let wanted = |entry: &LogEntry| !ahead(entry.number, number);
        let first = self.entries.iter().flatten().filter(|it| wanted(it));
        first
            .copied()
            .reduce(|first, it| {
                if ahead(it.number, first.number) {
                    it
                } else {
                    first
                }
            })
            .ok_or(self.next)
    }

    /// An entry to keep and the slot for it, if one is not kept yet.
    pub fn unkept(&mut self) -> Option<(usize, LogSlot)> {
        if self.unkept == self.next {
            return None;
        }
        let at = place(self.unkept);
        self.unkept = self.unkept.wrapping_add(1);
        self.entries[at].map(|entry| (at, entry.to_slot()))
    }
}

/// The slot of an entry.
const fn place(number: u32) -> usize {
    number as usize % LOG_LEN
}

/// Whether the second number is ahead of the first; numbers wrap.
const fn ahead(first: u32, second: u32) -> bool {
    second != first && second.wrapping_sub(first) < u32::MAX / 2
}

#[cfg(test)]
mod tests {
    use super::*;
    use firmware_wire::{BootCause, Fault};

    /// Retained RAM around a log.
    struct Retained {
        slots: [LogSlot; LOG_LEN],
        log: EventLog,
    }

    impl Retained {
        fn new() -> Self {
            Self {
                slots: [[0xA5; LOG_SLOT_LEN]; LOG_LEN],
                log: EventLog::recover(std::iter::repeat_n([0xA5; LOG_SLOT_LEN], LOG_LEN)),
            }
        }

        fn note(&mut self, event: LogEvent) {
            self.log.note(Milliseconds(7), event);
            while let Some((at, slot)) = self.log.unkept() {
                self.slots[at] = slot;
            }
        }

        fn reset(&mut self) {
            self.log = EventLog::recover(self.slots.iter().copied());
        }

        fn numbers(&self) -> Vec<(u32, u16)> {
            let mut numbers = Vec::new();
            let mut from = 0;
            while let Ok(entry) = self.log.from(from) {
                numbers.push((entry.number, entry.boot));
                from = entry.number + 1;
            }
            assert_eq!(self.log.from(from), Err(self.log.next));
            numbers
        }
    }

    #[test]
    fn entries_outlive_a_reset_and_boots_are_told_apart() {
        let mut retained = Retained::new();
        assert_eq!(retained.numbers(), []);
        retained.note(LogEvent::Booted(BootCause::Power));
        retained.note(LogEvent::FaultLatched(Fault::Stall));
        retained.reset();
        retained.note(LogEvent::Booted(BootCause::Watchdog));
        assert_eq!(retained.numbers(), [(0, 0), (1, 0), (2, 1)]);
    }

    #[test]
    fn the_oldest_entry_gives_way_and_a_torn_slot_is_left_out() {
        let mut retained = Retained::new();
        for id in 0..100 {
            retained.note(LogEvent::TreatmentBegun(id));
        }
        retained.slots[70 % LOG_LEN][3] ^= 1;
        retained.reset();
        let numbers = retained.numbers();
        assert_eq!(numbers.len(), LOG_LEN - 1);
        assert_eq!((numbers[0].0, numbers[62].0), (36, 99));
        assert!(numbers.iter().all(|it| it.0 != 70));
        retained.note(LogEvent::Awoke);
        assert_eq!(retained.numbers().last(), Some(&(100, 1)));
    }

    #[test]
    fn the_same_again_is_entered_once() {
        let mut retained = Retained::new();
        for _ in 0..5 {
            retained.note(LogEvent::CartridgeRemoved);
        }
        retained.note(LogEvent::Awoke);
        retained.note(LogEvent::CartridgeRemoved);
        assert_eq!(retained.numbers().len(), 3);
    }
}
