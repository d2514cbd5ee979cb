//! The treatment under way: its id, its time and its strokes.

use crate::signal::TICK_MILLIS;

/// A treatment's 60 min in control ticks.
const LIMIT_TICKS: u32 = 60 * 60 * 1_000 / TICK_MILLIS.0;

/// A treatment, from its first START to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Treatment {
    /// Id, as written to the cartridge's chip.
    pub(crate) id: u32,
    /// Time since the first START.
    pub(crate) elapsed_ticks: u32,
    /// Strokes so far.
    pub(crate) strokes: u32,
}

impl Treatment {
    /// A treatment that begins now.
    pub(crate) const fn new(id: u32) -> Self {
        Self {
            id,
            elapsed_ticks: 0,
            strokes: 0,
        }
    }

    /// Counts one control tick and the strokes in it.
    pub(crate) fn tick(&mut self, strokes: u32) {
        self.elapsed_ticks = self.elapsed_ticks.saturating_add(1);
        self.strokes = self.strokes.saturating_add(strokes);
    }

    /// Whether its time is used up.
    pub(crate) const fn over(&self) -> bool {
        self.elapsed_ticks >= LIMIT_TICKS
    }
}

/// A treatment id: the chip's unique id, the cartridge's unique id and the time of START in µs,
/// mixed (FNV-1a, 32 bits). The cartridge is used once, so no two treatments share these.
pub(crate) fn id(chip_uid: &[u8; 12], cartridge: u64, now: u32) -> u32 {
    let bytes = chip_uid
        .iter()
        .copied()
        .chain(cartridge.to_le_bytes())
        .chain(now.to_le_bytes());
    let id = bytes.fold(0x811C_9DC5u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    // All ones is the mark of an unused chip; its complement would be read back as one, too.
    if id == u32::MAX || id == 0 { 1 } else { id }
}
