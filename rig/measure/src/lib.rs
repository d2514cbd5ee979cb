//! Sample streams in, measured values with honest uncertainty out.
//!
//! A stream ([`GaugeStream`], [`CurrentStream`], [`TachometerStream`]) takes what an instrument
//! sends, from power-on to power-off, in memory that does not grow with the record.
//! A capture opened on a stream keeps what one measurement needs: one [`Stroke`] a stroke and a
//! [`Trace`] of short means. Closing it gives a [`Capture`] only if every sample between opening
//! and closing was there and sound; otherwise [`NotMeasurable`] says why not.
//! Functions of a capture give an [`Estimate`] (value and what its own scatter says of it);
//! a [`Budget`] adds what the scatter cannot know and gives a [`Measured`] value.
//!
//! Lengths are in nanometres, rates in strokes a second (Hz), times in seconds unless a name says
//! otherwise; currents in microamperes. Nothing here is rounded.
//!
//! **Invariant:** a value that rests on a missing, stale or saturated sample does not exist.
//! **Invariant:** transcendental functions come from `libm`, so results are equal on every machine.

mod bandwidth;
mod budget;
mod capture;
mod channel;
mod contact;
mod defect;
mod estimate;
mod fit;
mod flatness;
mod hinge;
mod protrusion;
mod rate;
mod rest;
mod spike;
mod stroke;
mod student;
#[cfg(test)]
mod synthetic;
mod tachometer;
mod trace;
mod travel;
mod turn;

pub use bandwidth::{BandwidthLoss, bandwidth_loss};
pub use budget::{
    Budget, Combined, Component, Distribution, GaugeProperties, Line, Measured, Zero,
    duration_budget, protrusion_budget, rate_budget, rise_budget,
};
pub use capture::{Capture, CaptureId, CurrentStream, GaugeStream};
pub use channel::{Block, Channel, SampleClock, SampleFault, StreamCheck, stale_run_length};
pub use defect::{DefectKind, NotMeasurable, SignalDefect};
pub use estimate::Estimate;
pub use protrusion::{
    Maximum, Rise, decide_tops, minimum_rise, protrusion_maximum, protrusion_mean, spread,
};
pub use rate::{Agreement, agree, period_variation, relative_difference, stroke_rate};
pub use rest::{Exceedance, Settling, time_above, time_below, time_to_rest};
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
