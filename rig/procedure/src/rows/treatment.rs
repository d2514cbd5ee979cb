//! Rows of the treatment: what ends with it, and when it ends by itself.

use super::reaction::conditions;
use super::words::number_after;
use super::{Kernel, RowError, evidence, link, stated};
use crate::pen::{Pen, fault_names};
use firmware_units::{Micrometers, Nanoseconds};
use firmware_wire::{Refusal, Request, Setting};
use rig_bench::Bench;
use rig_measure::{Estimate, NotMeasurable, duration_budget};
use rig_spec::{Bound, Evidence, Finding, Row, Tolerance};

/// A run without end is looked at in stretches of this length.
const LOOK: Nanoseconds = Nanoseconds::from_seconds(5);
/// Beyond the row's upper limit, a pen that still runs is watched no longer.
const BEYOND: Nanoseconds = Nanoseconds::from_seconds(10);
/// So many tops of stroke without an edge may fall between two looks.
const TOPS_WITHOUT_EDGE: u64 = 3;

/// SAF-12: a depth that the unlocked pen took is refused once the treatment has ended.
///
/// Taken before, so that a pen which refuses everything proves nothing.
pub(crate) fn unlock_ends<B: Bench>(pen: &mut Pen<'_, B>, row: &Row) -> Result<Evidence, RowError> {
    let n = stated(row, "n", row.n)?;
    let depth = number_after(row, "stimulus", "depth")?.times(1_000, 1);
    let depth = stated(row, "stimulus", depth.and_then(|it| i32::try_from(it).ok()))?;
    let depth = Micrometers(depth);
    let mut refused = 0;
    for repeat in 0..n {
        if repeat > 0 {
            pen.fit_cartridge(None)?;
        }
        pen.unlock_depth()?;
        pen.expect_done(Request::Set(Setting::Depth(depth)))?;
        pen.start()?;
        pen.stop()?;
        pen.expect_done(Request::EndTreatment)?;
        let is_refused = link::is_refused(pen, depth, &[Refusal::AboveArmedLimit])?;
        refused += u32::from(is_refused);
        pen.lock_depth()?;
    }
    let findings = vec![Finding::Refused { refused, of: n }];
    Ok(Evidence::findings(findings, u64::from(n)))
}

/// SAF-13: a treatment that is never stopped, from the end of its START frame to the last edge
/// before the cam stands.
///
/// From the first edge to the last the tachometer's own clock is used, which has a certificate;
/// from START to the first edge bench time. The gauge must see no more strokes either. A cam that
/// stands for a fault, or still turns well beyond the upper limit, is no end by the limit; the
/// second fails by a bound.
pub(crate) fn limit<B: Bench>(pen: &mut Pen<'_, B>, row: &Row) -> Result<Evidence, RowError> {
    let (depth, rate) = conditions(row)?;
    let upper = row.tolerance.and_then(Tolerance::upper);
    let upper_us = u64::try_from(stated(row, "upper", upper)?).unwrap_or(0);
    pen.set(depth, rate)?;
    pen.session.start_heartbeat();
    let mut edges = pen.session.chain().open_edges();
    let started = pen.expect_done(Request::Start)?;
    let deadline = started + Nanoseconds(1_000 * upper_us) + BEYOND;
    let mut turning: Option<Turning> = None;
    let mut stands = false;
    while !stands && pen.session.now() < deadline {
        let tops_before = pen.session.chain().tops_seen();
        pen.session.wait_long(LOOK)?;
        let chain = pen.session.chain();
        let seen = chain.close_edges(edges)?.edges_ns;
        edges = chain.open_edges();
        let tops = chain.tops_seen() - tops_before;
        if tops > seen.len() as u64 + TOPS_WITHOUT_EDGE {
            // The cam turns and the tachometer does not see it.
            return Err(NotMeasurable::TooFewEdges {
                needed: usize::try_from(tops).unwrap_or(usize::MAX),
                found: seen.len(),
            }
            .into());
        }
        match (seen.first(), seen.last()) {
            (Some(&first_ns), Some(&last_ns)) => match &mut turning {
                Some(turning) => turning.last_ns = last_ns,
                None => {
                    let first_s = chain.seconds_to_edge(started, first_ns);
                    let first_s = stated(row, "first edge", first_s)?;
                    turning = Some(Turning {
                        first_s,
                        first_ns,
                        last_ns,
                    });
                }
            },
            _ => stands = true,
        }
    }
    pen.session.chain().close_edges(edges)?;
    let status = pen.status()?;
    if !status.faults.is_empty() {
        return Err(RowError::Precondition(format!(
            "the treatment did not end by its limit: {}",
            fault_names(status.faults)
        )));
    }
    if !stands {
        pen.stop()?;
    }
    pen.session.stop_heartbeat();
    let turning =
        turning.ok_or_else(|| RowError::Precondition("the cam never turned".to_owned()))?;
    let chain = pen.session.chain();
    let estimate = Estimate {
        value: turning.seconds(),
        u: chain.fixture().edge_u_ns * 1e-9,
        dof: f64::INFINITY,
        n: 1,
    };
    let event_u_s = chain.fixture().time_jitter_ns as f64 * 1e-9 / libm::sqrt(3.0);
    let time_base_ppb = chain.edges_instrument().certificate.time_base_ppb;
    let measured = duration_budget(&estimate, time_base_ppb, event_u_s).measured(&estimate);
    let bound = (!stands).then_some(Bound::AtLeast);
    Ok(evidence(row, Kernel::Time, &measured)?.bounded(bound))
}

/// A cam from its first edge to its last.
struct Turning {
    /// Seconds of bench time from START to the first edge.
    first_s: f64,
    /// First and last edge by the tachometer's clock, ns.
    first_ns: i64,
    last_ns: i64,
}

impl Turning {
    /// Seconds from START to the last edge.
    fn seconds(&self) -> f64 {
        let between_ns = i128::from(self.last_ns) - i128::from(self.first_ns);
        self.first_s + between_ns as f64 * 1e-9
    }
}
