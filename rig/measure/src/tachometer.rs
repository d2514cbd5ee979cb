//! Tachometer edges, one a stroke, to stroke rate.

use crate::{CaptureId, Estimate, NotMeasurable, SignalDefect};

/// Edges between opening and closing a capture; none was lost.
#[derive(Clone, Debug, PartialEq)]
pub struct EdgeCapture {
    /// Times of the edges by the instrument's own clock, ns.
    pub edges_ns: Vec<i64>,
}

/// The tachometer from power-on to power-off.
#[derive(Debug)]
pub struct TachometerStream {}

impl TachometerStream {
    /// A stream that has seen nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self {}
    }

    /// Takes one block of edges.
    pub fn push(&mut self, first_seq: u64, edges_ns: &[i64]) {
        let _ = (first_seq, edges_ns);
        unimplemented!()
    }

    /// Opens a capture at the next edge.
    pub fn open(&mut self) -> CaptureId {
        unimplemented!()
    }

    /// Closes a capture after the last edge received.
    ///
    /// # Errors
    /// [`NotMeasurable::Defect`] if an edge in it was lost or out of order.
    pub fn close(&mut self, id: CaptureId) -> Result<EdgeCapture, NotMeasurable> {
        let _ = id;
        unimplemented!()
    }

    /// Edges since power-on.
    #[must_use]
    pub fn edges_seen(&self) -> u64 {
        unimplemented!()
    }

    /// Defects since power-on.
    #[must_use]
    pub fn defects(&self) -> &[SignalDefect] {
        unimplemented!()
    }
}

/// Realised mean rate, Hz by the instrument's clock. `edge_u_ns` is the standard uncertainty of
/// one edge.
///
/// # Errors
/// [`NotMeasurable::TooFewEdges`] below 3, [`NotMeasurable::MissingEdge`],
/// [`NotMeasurable::DoubleEdge`].
pub fn tachometer_rate(capture: &EdgeCapture, edge_u_ns: f64) -> Result<Estimate, NotMeasurable> {
    let _ = (capture, edge_u_ns);
    unimplemented!()
}

/// Coefficient of variation of the period, corrected for timing noise, as a fraction.
///
/// # Errors
/// As [`tachometer_rate`]; 20 edges at least.
pub fn edge_period_variation(
    capture: &EdgeCapture,
    edge_u_ns: f64,
) -> Result<Estimate, NotMeasurable> {
    let _ = (capture, edge_u_ns);
    unimplemented!()
}
