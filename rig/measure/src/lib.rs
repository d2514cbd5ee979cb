//! Sample streams in, measured values with honest uncertainty out.
//!
//! A stream ([`GaugeStream`], [`CurrentStream`], [`TachometerStream`]) takes what an instrument
//! sends, from power-on to power-off, in memory that does not grow with the record.
//! A capture opened on a stream keeps what one measurement needs: one [`Stroke`] a stroke, a
//! [`Trace`] of short means, and the signal demodulated at the harmonics of its rate. Closing it gives a [`Capture`] only if every sample between opening
//! and closing was there and sound; otherwise [`NotMeasurable`] says why not.
//! Functions of a capture give an [`Estimate`] (value and what its own scatter says of it);
//! a [`Budget`] adds what the scatter cannot know and gives a [`Measured`] value.
//!
//! Lengths are in nanometres, rates in strokes a second (Hz), times in seconds unless a name says
//! otherwise; currents in microamperes. Nothing here is rounded.
//!
//! **Invariant:** a value that rests on a missing, stale or saturated sample does not exist.
//! **Invariant:** transcendental functions come from `libm`, so results are equal on every machine.

mod agreement;
mod allan;
mod bandwidth;
mod bend;
mod budget;
mod capture;
mod channel;
mod coarse;
mod contact;
mod defect;
mod estimate;
mod fit;
mod flatness;
mod follow;
mod gram;
mod harmonic;
mod harmonic_robust;
mod hinge;
mod instrument;
mod moments;
mod protrusion;
mod rate;
mod rest;
mod robust_fit;
mod smoother;
mod spike;
mod stroke;
mod student;
mod sums;
#[cfg(test)]
mod synthetic;
mod tachometer;
mod trace;
mod travel;
mod turn;
mod unseen;

pub use agreement::{agree_over_strokes, unequal_ends};
pub use allan::{Stability, allan_deviation, overlapping_allan_deviation, stroke_stability};
pub use bandwidth::{BandwidthLoss, bandwidth_loss};
pub use budget::{Budget, Combined, Component, Distribution, Line, Measured};
pub use capture::{Capture, CaptureId, CurrentStream, GaugeStream};
pub use channel::{Block, Channel, SampleClock, SampleFault, StreamCheck, stale_run_length};
pub use defect::{DefectKind, NotMeasurable, SignalDefect};
pub use estimate::Estimate;
pub use harmonic::{Harmonic, HarmonicFit, HarmonicSettings, harmonic};
pub use harmonic_robust::{RobustRate, RobustSettings, harmonic_robust};
pub use instrument::{
    GaugeProperties, Zero, duration_budget, protrusion_budget, rate_budget, rise_budget,
};
pub use protrusion::{
    Maximum, Rise, decide_tops, minimum_rise, protrusion_maximum, protrusion_mean, spread,
};
pub use rate::{
    Agreement, RateMethod, StrokeRate, agree, period_variation, rate_by_marks, relative_difference,
    stroke_rate,
};
pub use rest::{Exceedance, Settling, time_above, time_below, time_to_rest};
pub use smoother::{Event, Smoothed, smoothed};
pub use stroke::{Stroke, StrokeSettings, StrokeTracker, TopShape, Trough};
pub use student::{COVERAGE_95_45, student_t_coverage};
pub use tachometer::{
    EdgeCapture, InsideFrom, TachometerStream, edge_period_variation, inside_from, tachometer_rate,
};
pub use trace::{Trace, largest_change, largest_level, level};
pub use travel::{
    Revolutions, drift, dwell, missed_by_tachometer, missed_strokes, protrusion_bottom,
    stroke_length,
};
pub use unseen::{Contact, Flattening, unseen_flattening};
