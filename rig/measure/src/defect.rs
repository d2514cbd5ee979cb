//! What can be wrong with a signal, and why a value could not be measured.

use std::fmt;

/// What is wrong with a run of samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DefectKind {
    /// The sequence number jumped: samples were taken and lost.
    Lost,
    /// The sequence number went back or stood still: samples came twice or out of order.
    OutOfOrder,
    /// Sequence numbers follow each other, but bench time does not agree with their count.
    Uncounted,
    /// The instrument saw no target.
    NoTarget,
    /// The instrument says out of range, or the indication stands at an end of its range.
    OutOfRange,
    /// The indication repeats for longer than noise and resolution allow by chance.
    Stale,
    /// No sample came for a time in which there should have been some.
    Silent,
}

impl fmt::Display for DefectKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Lost => "samples lost",
            Self::OutOfOrder => "samples out of order",
            Self::Uncounted => "sample count disagrees with bench time",
            Self::NoTarget => "no target",
            Self::OutOfRange => "out of range",
            Self::Stale => "indication held",
            Self::Silent => "no samples",
        })
    }
}

/// A run of samples that are no indications.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignalDefect {
    /// What is wrong.
    pub kind: DefectKind,
    /// Sequence number of the first sample concerned.
    pub first: u64,
    /// Sequence number of the last sample concerned.
    pub last: u64,
}

impl fmt::Display for SignalDefect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, samples {} to {}", self.kind, self.first, self.last)
    }
}

/// Defects of a stream, bounded.
#[derive(Clone, Debug, Default)]
pub(crate) struct DefectLog {
    defects: Vec<SignalDefect>,
}

impl DefectLog {
    /// A stream this broken is not worth a longer list.
    const CAPACITY: usize = 1000;

    pub(crate) fn push(&mut self, defect: SignalDefect) {
        if self.defects.len() < Self::CAPACITY {
            merge(&mut self.defects, defect);
        }
    }

    pub(crate) fn defects(&self) -> &[SignalDefect] {
        &self.defects
    }
}

/// Adds a defect, joined to a recent one of its kind that it touches.
pub(crate) fn merge(defects: &mut Vec<SignalDefect>, defect: SignalDefect) {
    let touching = defects.iter_mut().rev().take(4).find(|it| {
        it.kind == defect.kind
            && defect.first <= it.last.saturating_add(1)
            && it.first <= defect.last.saturating_add(1)
    });
    match touching {
        Some(before) => {
            before.first = before.first.min(defect.first);
            before.last = before.last.max(defect.last);
        }
        None => defects.push(defect),
    }
}

/// Why there is no value. It never becomes a verdict.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum NotMeasurable {
    /// The window holds samples that are no indications.
    #[error("signal defect in the window: {0}")]
    Defect(SignalDefect),
    /// The capture was not opened on this stream.
    #[error("no such capture on this stream")]
    NoSuchCapture,
    /// Too few complete strokes.
    #[error("{found} complete strokes in the window, {needed} needed")]
    TooFewStrokes {
        /// At least so many.
        needed: usize,
        /// Complete strokes found.
        found: usize,
    },
    /// Too few tachometer edges.
    #[error("{found} tachometer edges in the window, {needed} needed")]
    TooFewEdges {
        /// At least so many.
        needed: usize,
        /// Edges found.
        found: usize,
    },
    /// The top of the strokes is not the smooth top that the fit assumes.
    #[error(
        "tops of stroke do not fit: residual {residual_nm:.0} nm, gauge noise {noise_nm:.0} nm"
    )]
    Shape {
        /// Standard deviation of the residuals, pooled or of the worst stroke.
        residual_nm: f64,
        /// Standard deviation of the noise, from third differences.
        noise_nm: f64,
    },
    /// So much could be hidden by noise that the value would say nothing.
    #[error(
        "tops of stroke may be flattened by contact {depth_nm:.0} nm below their free tops without showing it"
    )]
    Flattening {
        /// A plateau so far below the free top would not be noticed.
        depth_nm: f64,
    },
    /// A revolution without an edge.
    #[error("tachometer missed an edge after edge {index}")]
    MissingEdge {
        /// Position in the capture of the edge before the gap.
        index: usize,
    },
    /// Two edges in one revolution.
    #[error("tachometer gave a double edge after edge {index}")]
    DoubleEdge {
        /// Position in the capture of the edge before the extra one.
        index: usize,
    },
    /// Two instruments disagree by more than their uncertainties allow.
    #[error("gauge and tachometer disagree: {first} Hz and {second} Hz, {allowed} Hz allowed")]
    Disagreement {
        /// The gauge's rate.
        first: f64,
        /// The tachometer's rate.
        second: f64,
        /// Expanded uncertainty of the difference.
        allowed: f64,
    },
    /// The signal moved while a level was taken.
    #[error("not still: moved by {moved:.0} counts in the window, {allowed:.0} allowed")]
    NotStill {
        /// Largest change found, in counts of the quantity.
        moved: f64,
        /// Largest change allowed, in counts of the quantity.
        allowed: f64,
    },
    /// The window is too short for the measurement.
    #[error("window of {observed_s} s, {needed_s} s needed")]
    WindowTooShort {
        /// At least so long.
        needed_s: f64,
        /// So long it is.
        observed_s: f64,
    },
    /// The event that a time is taken from lies outside the capture.
    #[error("the event lies outside the capture, {before_s} s before its beginning")]
    EventOutside {
        /// Seconds from the event to the beginning of the capture; negative after its end.
        before_s: f64,
    },
    /// The motion is too uneven to count its strokes: one came far too early or too late, because
    /// the motion did so or because it was missed or doubled.
    #[error("strokes cannot be followed: phase off by {turns:.2} turns from one to the next")]
    Unsteady {
        /// Largest departure found from one stroke to the next.
        turns: f64,
    },
    /// No stroke rate stands out of the signal.
    #[error("no stroke rate stands out of the signal")]
    NotPeriodic,
    /// An input is not a finite number, or arithmetic on it was not.
    #[error("an input is not a finite number")]
    NotFinite,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_message() {
        let kinds = [
            DefectKind::Lost,
            DefectKind::OutOfOrder,
            DefectKind::Uncounted,
            DefectKind::NoTarget,
            DefectKind::OutOfRange,
            DefectKind::Stale,
            DefectKind::Silent,
        ];
        let defect = |kind| {
            NotMeasurable::Defect(SignalDefect {
                kind,
                first: 20,
                last: 27,
            })
        };
        let others = [
            NotMeasurable::NoSuchCapture,
            NotMeasurable::TooFewStrokes {
                needed: 10,
                found: 3,
            },
            NotMeasurable::TooFewEdges {
                needed: 3,
                found: 2,
            },
            NotMeasurable::Shape {
                residual_nm: 19_121.6,
                noise_nm: 9_897.6,
            },
            NotMeasurable::Flattening {
                depth_nm: 412_345.6,
            },
            NotMeasurable::MissingEdge { index: 39 },
            NotMeasurable::DoubleEdge { index: 40 },
            NotMeasurable::Disagreement {
                first: 116.7,
                second: 233.4,
                allowed: 0.005,
            },
            NotMeasurable::NotStill {
                moved: 12_000.4,
                allowed: 5_000.0,
            },
            NotMeasurable::WindowTooShort {
                needed_s: 0.1,
                observed_s: 0.05,
            },
            NotMeasurable::EventOutside { before_s: 0.25 },
            NotMeasurable::Unsteady { turns: 0.97 },
            NotMeasurable::NotPeriodic,
            NotMeasurable::NotFinite,
        ];
        let messages: Vec<String> = kinds
            .into_iter()
            .map(defect)
            .chain(others)
            .map(|it| it.to_string())
            .collect();
        insta::assert_snapshot!(messages.join("\n"));
    }
}
