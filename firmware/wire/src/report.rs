//! Reports of revision 1: treatment, cartridge, event log, link.

use firmware_units::{Micrometers, Milliseconds};
use serde::{Deserialize, Serialize};

use crate::message::{Fault, FaultSet, LinkCounters, Preset, Refusal};

/// The treatment under way; answer to [`Request::GetTreatment`](crate::Request::GetTreatment).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TreatmentReport {
    /// Id, as written to the cartridge's chip.
    pub id: u32,
    /// Time since its first START.
    pub elapsed: Milliseconds,
    /// What is left of its 60 min.
    pub left: Milliseconds,
    /// Section, from 1.
    pub section: u16,
    /// Passes begun in this section.
    pub section_passes: u16,
    /// Passes begun in the treatment.
    pub passes: u32,
    /// Strokes in the pass begun last.
    pub pass_strokes: u32,
    /// Strokes in this section.
    pub section_strokes: u32,
    /// Strokes in the treatment.
    pub strokes: u32,
}

/// What the fitted cartridge's chip says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CartridgeReport {
    /// Unique id.
    pub id: u64,
    /// Number of needles.
    pub needles: u8,
    /// Longest protrusion the cartridge allows.
    pub needle_length: Micrometers,
    /// The treatment it was first used in.
    pub treatment: Option<u32>,
}

/// One entry of the event log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogEntry {
    /// Number; counts every entry since the log was last empty (power lost for long).
    pub number: u32,
    /// Counts resets, so that times of different boots are told apart.
    pub boot: u16,
    /// Milliseconds since that boot, by the pen's oscillator.
    pub at: Milliseconds,
    /// What happened.
    pub event: LogEvent,
}

/// Bytes in which an entry is kept in retained RAM.
pub const LOG_SLOT_LEN: usize = 24;
const LOG_BODY_LEN: usize = LOG_SLOT_LEN - 4;

impl LogEntry {
    /// The entry as it lies in retained RAM: postcard, zeros, CRC-32 over both.
    #[must_use]
    pub fn to_slot(&self) -> [u8; LOG_SLOT_LEN] {
        let mut slot = [0; LOG_SLOT_LEN];
        // An entry takes at most 19 bytes; one that did not fit would not check.
        if postcard::to_slice(self, &mut slot[..LOG_BODY_LEN]).is_ok() {
            let crc = crate::frame::CRC.checksum(&slot[..LOG_BODY_LEN]);
            slot[LOG_BODY_LEN..].copy_from_slice(&crc.to_le_bytes());
        }
        slot
    }

    /// Reads a slot; `None` if nothing was written there or a write was cut short.
    #[must_use]
    pub fn from_slot(slot: &[u8; LOG_SLOT_LEN]) -> Option<Self> {
        let (body, crc) = slot.split_at(LOG_BODY_LEN);
        if crc != crate::frame::CRC.checksum(body).to_le_bytes() {
            return None;
        }
        postcard::take_from_bytes(body).ok().map(|(entry, _)| entry)
    }
}

/// Why the pen booted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum BootCause {
    /// Power came on, or came back.
    Power,
    /// The watchdog.
    Watchdog,
    /// Reset pin, debug probe or software.
    Other,
}

/// What the event log tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LogEvent {
    /// The pen came out of reset.
    Booted(BootCause),
    /// A fault was latched.
    FaultLatched(Fault),
    /// Latched faults were cleared on purpose.
    FaultsCleared(FaultSet),
    /// The armed limit was lifted.
    DepthUnlocked,
    /// The armed limit holds again.
    DepthLocked,
    /// A preset was chosen.
    PresetChosen(Preset),
    /// A treatment began; its id.
    TreatmentBegun(u32),
    /// A treatment was ended; its id.
    TreatmentEnded(u32),
    /// The treatment's time was used up; its id.
    TreatmentOver(u32),
    /// A section began; its number.
    SectionBegun(u16),
    /// A cartridge was read; low 32 bits of its id.
    CartridgeFitted(u32),
    /// The cartridge was taken out.
    CartridgeRemoved,
    /// A START was declined.
    StartRefused(Refusal),
    /// A factory record was written; its generation.
    CalibrationWritten(u32),
    /// A factory record could not be written; the one before holds.
    CalibrationFailed,
    /// The pen fell asleep.
    FellAsleep,
    /// The pen awoke.
    Awoke,
}

/// Everything counted on the link since boot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkReport {
    /// What revision 0 counts.
    pub counters: LinkCounters,
    /// Older frames that came after newer ones.
    pub out_of_order: u32,
    /// Frames that broke off: 50 ms of silence before their end. Also counted as malformed.
    pub truncated: u32,
    /// Bytes that the receiver lost or took with a framing or noise error.
    pub receive_errors: u32,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn entry(event: LogEvent) -> LogEntry {
        LogEntry {
            number: u32::MAX,
            boot: u16::MAX,
            at: Milliseconds(u32::MAX),
            event,
        }
    }

    #[test]
    fn the_longest_entries_survive_their_slot() {
        for event in [
            LogEvent::TreatmentBegun(u32::MAX),
            LogEvent::FaultsCleared(FaultSet(u16::MAX)),
            LogEvent::StartRefused(Refusal::TreatmentUnderWay),
            LogEvent::Awoke,
        ] {
            let entry = entry(event);
            assert_eq!(LogEntry::from_slot(&entry.to_slot()), Some(entry));
        }
        assert_eq!(LogEntry::from_slot(&[0; LOG_SLOT_LEN]), None);
        assert_eq!(LogEntry::from_slot(&[0xFF; LOG_SLOT_LEN]), None);
    }

    proptest! {
        #[test]
        fn one_flipped_bit_shows(bit in 0..8 * LOG_SLOT_LEN, id: u32) {
            let mut slot = entry(LogEvent::TreatmentBegun(id)).to_slot();
            slot[bit / 8] ^= 1 << (bit % 8);
            prop_assert_eq!(LogEntry::from_slot(&slot), None);
        }
    }
}
