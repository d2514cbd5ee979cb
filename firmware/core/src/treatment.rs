//! The treatment under way: its id, its time, its strokes, sections and passes.
//!
//! A treatment is done in sections, each gone over in passes: a pass begins when the cam is first
//! driven after START and lasts until the next one; a START after a pause goes on with the same
//! pass. Strokes are Hall edges, those while the cam comes to rest included.

use firmware_units::Milliseconds;
use firmware_wire::TreatmentReport;

use crate::signal::TICK_MILLIS;

/// A treatment's 60 min in control ticks.
const LIMIT_TICKS: u32 =
    60 * 60 * 1_000 / mutated!("mutant-treatment-limit-in-milliseconds": TICK_MILLIS.0 => 1);

/// A treatment, from its first START to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Treatment {
    /// Id, as written to the cartridge's chip.
    pub id: u32,
    /// Time since the first START in control ticks.
    pub elapsed_ticks: u32,
    /// Strokes so far.
    pub strokes: u32,
    /// Section, from 1.
    pub section: u16,
    /// Passes begun in this section.
    pub section_passes: u16,
    /// Passes begun.
    pub passes: u32,
    /// Strokes when this section began.
    pub section_from: u32,
    /// Strokes when the last pass began.
    pub pass_from: u32,
}

impl Treatment {
    /// A treatment that begins now.
    #[must_use]
    pub const fn new(id: u32) -> Self {
        Self {
            id,
            elapsed_ticks: 0,
            strokes: 0,
            section: 1,
            section_passes: 0,
            passes: 0,
            section_from: 0,
            pass_from: 0,
        }
    }

    /// Counts one control tick and the strokes in it; whether this tick used the time up.
    pub(crate) fn tick(&mut self, strokes: u32) -> bool {
        let ticks = mutated!("mutant-treatment-time-counts-strokes": 1 => strokes);
        self.elapsed_ticks = self.elapsed_ticks.saturating_add(ticks);
        self.strokes = self.strokes.saturating_add(strokes);
        self.elapsed_ticks == LIMIT_TICKS
    }

    /// Whether its time is used up.
    pub(crate) const fn over(&self) -> bool {
        self.elapsed_ticks >= LIMIT_TICKS
    }

    pub(crate) fn begin_pass(&mut self) {
        self.section_passes = self.section_passes.saturating_add(1);
        self.passes = self.passes.saturating_add(1);
        self.pass_from = self.strokes;
    }

    pub(crate) fn begin_section(&mut self) {
        self.section = self.section.saturating_add(1);
        self.section_passes = mutated!("mutant-section-keeps-its-passes": 0 => self.section_passes);
        self.section_from = self.strokes;
        self.pass_from = self.strokes;
    }

    pub(crate) fn report(&self) -> TreatmentReport {
        let millis = |ticks: u32| Milliseconds(ticks.saturating_mul(TICK_MILLIS.0));
        TreatmentReport {
            id: self.id,
            elapsed: millis(self.elapsed_ticks),
            left: millis(LIMIT_TICKS.saturating_sub(self.elapsed_ticks)),
            section: self.section,
            section_passes: self.section_passes,
            passes: self.passes,
            pass_strokes: self.strokes.saturating_sub(self.pass_from),
            section_strokes: self.strokes.saturating_sub(self.section_from),
            strokes: self.strokes,
        }
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
    let id = mutated!("mutant-treatment-ids-all-alike": id => 0);
    if id == u32::MAX || id == 0 { 1 } else { id }
}
