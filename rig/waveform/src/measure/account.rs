//! Which strokes were used, and why others were not.

use rig_measure::{SignalDefect, Stroke};

/// Why a top that was passed gave no stroke.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rejected {
    /// Beside lost, held or marked samples.
    pub beside_defects: u64,
    /// At the beginning or the end of the window, and not whole there.
    pub at_the_ends: u64,
    /// Not the rise, smooth top and fall of a stroke.
    pub by_shape: u64,
}

/// The strokes of a window.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StrokeAccount {
    /// Measured and used.
    pub used: u64,
    /// Tops that were passed.
    pub seen: u64,
    /// Tops that gave no stroke.
    pub rejected: Rejected,
    /// Parts of the window that no defect interrupts, with strokes in them.
    pub parts: u64,
    /// The stroke before: number of its top, and its mark.
    last: Option<(u64, f64)>,
}

/// Where a stroke stands to the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// After it, without a defect between them.
    Follows,
    /// First of the window, or after a defect.
    Begins,
}

/// So many defects before a stroke are looked at; those further back lie before its neighbour.
const NEAR: usize = 64;

impl StrokeAccount {
    /// Counts a stroke in, with the tops passed before it.
    pub(crate) fn take(&mut self, stroke: &Stroke, defects: &[SignalDefect]) -> Place {
        let (before, mark) = self.last.unwrap_or((0, f64::NEG_INFINITY));
        let between = defects
            .iter()
            .rev()
            .take(NEAR)
            .any(|it| it.last as f64 >= mark && it.first as f64 <= stroke.mark);
        let passed = stroke.ordinal.saturating_sub(before + 1);
        let is_first = self.last.is_none();
        self.used += 1;
        if between {
            self.rejected.beside_defects += passed;
        } else if is_first {
            self.rejected.at_the_ends += passed;
        } else {
            self.rejected.by_shape += passed;
        }
        self.last = Some((stroke.ordinal, stroke.mark));
        if between || is_first {
            self.parts += 1;
            Place::Begins
        } else {
            Place::Follows
        }
    }

    /// Ends the window, with so many tops passed in it.
    pub(crate) fn finish(&mut self, seen: u64, defects: &[SignalDefect]) {
        self.seen = seen;
        let (before, mark) = self.last.unwrap_or((0, f64::NEG_INFINITY));
        let passed = seen.saturating_sub(before);
        if defects.iter().any(|it| it.last as f64 >= mark) {
            self.rejected.beside_defects += passed;
        } else if self.last.is_some() && passed <= 1 {
            self.rejected.at_the_ends += passed;
        } else {
            self.rejected.by_shape += passed;
        }
    }
}
