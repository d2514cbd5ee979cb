//! Tachometer edges, one a stroke, to stroke rate.

use crate::defect::DefectLog;
use crate::rate::{coefficient_of_variation, uneven};
use crate::{
    CaptureId, DefectKind, Estimate, Event, NotMeasurable, SignalDefect, Smoothed, smoothed,
};
use std::collections::BTreeMap;

/// Edges between opening and closing a capture; none was lost on the way from the instrument.
#[derive(Clone, Debug, PartialEq)]
pub struct EdgeCapture {
    /// Times of the edges by the instrument's own clock, ns.
    pub edges_ns: Vec<i64>,
}

/// The tachometer from power-on to power-off.
///
/// It can see lost edges by their sequence numbers and edges that go back in time; an edge that
/// the optics missed or doubled shows only between its neighbours, in [`tachometer_rate`].
#[derive(Debug, Default)]
pub struct TachometerStream {
    next_seq: Option<u64>,
    last_ns: Option<i64>,
    edges_seen: u64,
    open: BTreeMap<u64, (Vec<i64>, Option<SignalDefect>)>,
    n_opened: u64,
    log: DefectLog,
}

impl TachometerStream {
    /// A stream that has seen nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes one block of edges.
    pub fn push(&mut self, first_seq: u64, edges_ns: &[i64]) {
        if edges_ns.is_empty() {
            return;
        }
        let end = first_seq.saturating_add(edges_ns.len() as u64);
        let next = self.next_seq.unwrap_or(first_seq);
        if first_seq > next {
            self.note(SignalDefect {
                kind: DefectKind::Lost,
                first: next,
                last: first_seq - 1,
            });
        } else if first_seq < next {
            self.note(SignalDefect {
                kind: DefectKind::OutOfOrder,
                first: first_seq,
                last: end.max(next) - 1,
            });
        }
        let mut before = self.last_ns;
        for (seq, &edge) in (first_seq..end).zip(edges_ns) {
            if before.is_some_and(|it| edge <= it) {
                self.note(SignalDefect {
                    kind: DefectKind::OutOfOrder,
                    first: seq,
                    last: seq,
                });
            }
            before = Some(edge);
        }
        self.next_seq = Some(end);
        self.last_ns = before;
        self.edges_seen += edges_ns.len() as u64;
        for (edges, _) in self.open.values_mut() {
            edges.extend_from_slice(edges_ns);
        }
    }

    /// Opens a capture at the next edge.
    pub fn open(&mut self) -> CaptureId {
        let id = self.n_opened;
        self.n_opened += 1;
        self.open.insert(id, (Vec::new(), None));
        CaptureId(id)
    }

    /// Closes a capture after the last edge received.
    ///
    /// # Errors
    /// [`NotMeasurable::Defect`] if an edge in it was lost or out of order,
    /// [`NotMeasurable::NoSuchCapture`] if it was opened on another stream.
    pub fn close(&mut self, id: CaptureId) -> Result<EdgeCapture, NotMeasurable> {
        let CaptureId(id) = id;
        match self.open.remove(&id) {
            None => Err(NotMeasurable::NoSuchCapture),
            Some((_, Some(defect))) => Err(NotMeasurable::Defect(defect)),
            Some((edges_ns, None)) => Ok(EdgeCapture { edges_ns }),
        }
    }

    /// Edges since power-on.
    #[must_use]
    pub fn edges_seen(&self) -> u64 {
        self.edges_seen
    }

    /// Defects since power-on, merged where they touch; the first thousand.
    #[must_use]
    pub fn defects(&self) -> &[SignalDefect] {
        self.log.defects()
    }

    fn note(&mut self, defect: SignalDefect) {
        self.log.push(defect);
        for (_, first) in self.open.values_mut() {
            first.get_or_insert(defect);
        }
    }
}

/// Realised mean rate, Hz by the instrument's clock: periods between the first and the last edge
/// over the time between them, edges smoothed (see [`crate::smoothed`]). `edge_u_ns` is the
/// standard uncertainty of one edge.
///
/// A steady shaft's rate has the u of a line through all edges, 4 times less than that of the
/// first and the last alone at 100 edges; an uneven one's that of these two. Timing noise beyond
/// `edge_u_ns` is seen in the edges themselves.
///
/// # Errors
/// [`NotMeasurable::TooFewEdges`] below 3; [`NotMeasurable::MissingEdge`] and
/// [`NotMeasurable::DoubleEdge`] if a period is above 1.6 or below 0.6 of the median of the five
/// around it, which no motor does from one stroke to the next while it runs.
pub fn tachometer_rate(capture: &EdgeCapture, edge_u_ns: f64) -> Result<Estimate, NotMeasurable> {
    Ok(smoothed_edges(capture, edge_u_ns, 3)?.rate)
}

/// Edges smoothed; times are in seconds.
fn smoothed_edges(
    capture: &EdgeCapture,
    edge_u_ns: f64,
    needed: usize,
) -> Result<Smoothed, NotMeasurable> {
    let periods_s = sound_periods_s(capture, needed)?;
    // An instrument that counts nanoseconds is no better than their rounding.
    let u = edge_u_ns.max(1.0 / libm::sqrt(12.0)) * 1e-9;
    let mut at = 0.0;
    let mut events = vec![Event {
        turns: 0.0,
        at,
        u,
        blur: 0.0,
    }];
    for (index, period_s) in (1_u32..).zip(&periods_s) {
        at += period_s;
        events.push(Event {
            turns: f64::from(index),
            at,
            u,
            blur: 0.0,
        });
    }
    let smoothed = smoothed(&events)?;
    Ok(Smoothed {
        rate: Estimate {
            n: periods_s.len(),
            ..smoothed.rate
        },
        ..smoothed
    })
}

/// From when on every period of a capture lay inside limits of rate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct InsideFrom {
    /// The edge that ends the first of these periods, ns by the instrument's own clock. The rate
    /// came inside up to a period earlier.
    pub edge_ns: i64,
    /// That period, s.
    pub period_s: f64,
    /// Seconds from there to the last edge.
    pub held_s: f64,
}

/// From when on every single period of a capture lay inside limits of rate, Hz; nothing if the
/// last one did not.
///
/// Each period counts for itself, so that one stroke outside begins the wait anew. An edge that
/// the optics missed looks like such a stroke: whoever asks checks the settled part by
/// [`tachometer_rate`].
///
/// # Errors
/// [`NotMeasurable::TooFewEdges`] below 3.
pub fn inside_from(
    capture: &EdgeCapture,
    lowest_hz: f64,
    highest_hz: f64,
) -> Result<Option<InsideFrom>, NotMeasurable> {
    let edges = &capture.edges_ns;
    if edges.len() < 3 {
        return Err(NotMeasurable::TooFewEdges {
            needed: 3,
            found: edges.len(),
        });
    }
    // Through i128: edges of an instrument gone mad may lie anywhere.
    let seconds = |from: i64, to: i64| (i128::from(to) - i128::from(from)) as f64 * 1e-9;
    let is_inside = |pair: &[i64]| {
        let period_s = seconds(pair[0], pair[1]);
        period_s > 0.0 && (lowest_hz..=highest_hz).contains(&(1.0 / period_s))
    };
    let outside = edges.windows(2).rposition(|pair| !is_inside(pair));
    let first = outside.map_or(0, |it| it + 1);
    let last_ns = edges[edges.len() - 1];
    Ok(edges.get(first + 1).map(|&edge_ns| InsideFrom {
        edge_ns,
        period_s: seconds(edges[first], edge_ns),
        held_s: seconds(edge_ns, last_ns),
    }))
}

/// Coefficient of variation of the period, corrected for timing noise, as a fraction.
///
/// s² = s_obs² − 2 u_edge², `edge_u_ns` taken as it is given.
///
/// # Errors
/// As [`tachometer_rate`]; 21 edges at least.
pub fn edge_period_variation(
    capture: &EdgeCapture,
    edge_u_ns: f64,
) -> Result<Estimate, NotMeasurable> {
    let periods_s = sound_periods_s(capture, 21)?;
    let edge_u_s = edge_u_ns * 1e-9;
    coefficient_of_variation(&periods_s, 2.0 * edge_u_s * edge_u_s)
}

/// Periods in seconds, if no edge is missing or double.
fn sound_periods_s(capture: &EdgeCapture, needed: usize) -> Result<Vec<f64>, NotMeasurable> {
    let edges = &capture.edges_ns;
    if edges.len() < needed.max(3) {
        return Err(NotMeasurable::TooFewEdges {
            needed: needed.max(3),
            found: edges.len(),
        });
    }
    // Through i128: edges of an instrument gone mad may lie anywhere.
    let periods_s: Vec<f64> = edges
        .windows(2)
        .map(|it| (i128::from(it[1]) - i128::from(it[0])) as f64 * 1e-9)
        .collect();
    let steps: Vec<(f64, f64)> = periods_s.iter().map(|it| (*it, 1.0)).collect();
    match uneven(&steps).next() {
        Some((index, off)) if off > 0.0 => Err(NotMeasurable::MissingEdge { index }),
        Some((index, _)) => Err(NotMeasurable::DoubleEdge { index }),
        None => Ok(periods_s),
    }
}
