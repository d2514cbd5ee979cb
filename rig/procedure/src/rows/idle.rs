//! The row of the start after idle.

use super::reaction::{conditions, stop_anyhow, watch};
use super::words::count_before;
use super::{Kernel, RowError, capture, depth, evidence, rate, rig, stated};
use crate::chain::Window;
use crate::pen::Pen;
use firmware_units::{Nanometers, Nanoseconds};
use firmware_wire::{Fault, Request, State};
use rig_bench::Bench;
use rig_measure::{
    Estimate, Measured, agree_over_strokes, duration_budget, inside_from, protrusion_mean,
    rise_budget,
};
use rig_spec::{Bound, Clause, Doubt, Evidence, Finding, Row, Tolerance, Verdict};

/// END-04: protrusion before, idle, START; from the end of its frame until every single stroke is
/// within the limits of the rate row and stays so, and protrusion after against before.
///
/// While it idles nothing is asked of the pen. A pen that took the START and does not run has
/// failed, by a bound. The strokes before and after are as many as the depth row takes. In so long
/// a time the gauge may have moved: if the gauge block is not where it was, within the limits of
/// the rig's row, the change is not the pen's.
pub(crate) fn start_after<B: Bench>(
    pen: &mut Pen<'_, B>,
    row: &Row,
    depth_row: &Row,
    rate_row: &Row,
    datum_row: &Row,
) -> Result<Evidence, RowError> {
    let (set_depth, set_rate) = conditions(row)?;
    let n_strokes = stated(depth_row, "n", depth_row.n)? as usize;
    let minutes = count_before(row, "stimulus", "min")?;
    let limits = limits_hz(rate_row)?;
    let watch = watch(row)?;
    let before = capture::strokes(pen, set_depth, set_rate, n_strokes)?;
    pen.session
        .wait_long(Nanoseconds::from_seconds(60 * u64::from(minutes)))?;
    let edges = pen.session.chain().open_edges();
    pen.session.start_heartbeat();
    let started = pen.expect_done(Request::Start)?;
    pen.session.run_until(started + watch)?;
    if !runs(pen)? {
        pen.session.chain().close_edges(edges)?;
        stop_anyhow(pen)?;
        let evidence = time_evidence(pen, row, &bound(watch.seconds()), 0.0)?;
        return Ok(evidence.bounded(Some(Bound::AtLeast)));
    }
    let after = capture::running_strokes(pen, set_rate, n_strokes)?;
    let mut edges = pen.session.chain().close_edges(edges)?;
    let (by_gauge, by_tachometer) = rate::both(pen, &after)?;
    agree_over_strokes(&by_gauge, &by_tachometer, &after.edges)?;
    // The cam has stopped since: what counts is up to the end of the window.
    let last_ns = stated(row, "edges", after.edges.edges_ns.last().copied())?;
    edges.edges_ns.retain(|edge_ns| *edge_ns <= last_ns);
    let chain = pen.session.chain();
    let seconds = |edge_ns| stated(row, "edges", chain.seconds_to_edge(started, edge_ns));
    let (time, is_bound) = match inside_from(&edges, limits.0, limits.1)? {
        Some(inside) => {
            let time = Estimate {
                value: seconds(inside.edge_ns)?,
                u: inside.period_s / libm::sqrt(3.0),
                dof: f64::INFINITY,
                n: 1,
            };
            (time, None)
        }
        None => (bound(seconds(last_ns)?), Some(Bound::AtLeast)),
    };
    // Bench time of an edge is taken from another edge, at most the whole window away.
    let time_base_ppb = chain.edges_instrument().certificate.time_base_ppb;
    let drift_s = f64::from(time_base_ppb) * 1e-9 * window_s(&edges.edges_ns);
    let mut evidence = time_evidence(pen, row, &time, drift_s)?.bounded(is_bound);
    let change = change(pen, &before, &after)?;
    let rounded = Nanometers(away_from_zero(change.value));
    evidence.findings.push(Finding::ProtrusionChange(rounded));
    if is_uncertain(row, &change) {
        evidence = evidence.in_doubt(Doubt::FindingUncertain);
    }
    if !datum_stands(pen, datum_row)? {
        evidence = evidence.in_doubt(Doubt::DatumMoved);
    }
    Ok(evidence)
}

/// Whether the pen runs after its START; a link that it lost is no matter of its own.
fn runs<B: Bench>(pen: &mut Pen<'_, B>) -> Result<bool, RowError> {
    let status = pen.status()?;
    if status.faults.contains(Fault::LostLink) {
        return Err(RowError::Precondition("the pen lost the link".to_owned()));
    }
    Ok(status.state == State::Running)
}

/// A time that had not ended when it was last looked at.
fn bound(observed_s: f64) -> Estimate {
    Estimate {
        value: observed_s,
        u: 1e-3,
        dof: f64::INFINITY,
        n: 1,
    }
}

/// The time as evidence; `edge_s` is the largest error of the bench time of an edge.
fn time_evidence<B: Bench>(
    pen: &mut Pen<'_, B>,
    row: &Row,
    time: &Estimate,
    edge_s: f64,
) -> Result<Evidence, RowError> {
    let chain = pen.session.chain();
    let jitter_s = chain.fixture().time_jitter_ns as f64 * 1e-9;
    let event_u_s = (jitter_s + edge_s) / libm::sqrt(3.0);
    let time_base_ppb = chain.edges_instrument().certificate.time_base_ppb;
    let measured = duration_budget(time, time_base_ppb, event_u_s).measured(time);
    evidence(row, Kernel::Time, &measured)
}

/// Whether the gauge block is where it was when the zero was taken.
pub(crate) fn datum_stands<B: Bench>(
    pen: &mut Pen<'_, B>,
    datum_row: &Row,
) -> Result<bool, RowError> {
    let zero = depth::zero(pen)?;
    let block = rig::block_level(pen)?;
    let drift = rig::zero_drift(datum_row, &zero, &block)?;
    let decision = datum_row
        .judge(&drift)
        .map_err(|error| RowError::Precondition(format!("{}: {error}", datum_row.id)))?;
    Ok(decision.verdict == Verdict::Pass)
}

/// The limits of a row of stroke rate, Hz.
fn limits_hz(rate_row: &Row) -> Result<(f64, f64), RowError> {
    let limit = |column, of: fn(Tolerance) -> Option<i64>| {
        let microhertz = stated(rate_row, column, rate_row.tolerance.and_then(of))?;
        Ok::<f64, RowError>(microhertz as f64 * 1e-6)
    };
    Ok((
        limit("lower", Tolerance::lower)?,
        limit("upper", Tolerance::upper)?,
    ))
}

fn window_s(edges_ns: &[i64]) -> f64 {
    match (edges_ns.first(), edges_ns.last()) {
        (Some(&first), Some(&last)) => (i128::from(last) - i128::from(first)) as f64 * 1e-9,
        _ => 0.0,
    }
}

/// Mean protrusion after minus before, nm.
fn change<B: Bench>(
    pen: &mut Pen<'_, B>,
    before: &Window,
    after: &Window,
) -> Result<Measured, RowError> {
    let zero = depth::zero(pen)?;
    let contact = (
        pen.contact(before.gauge.strokes())?,
        pen.contact(after.gauge.strokes())?,
    );
    let before = protrusion_mean(before.gauge.strokes(), &zero)?;
    let after = protrusion_mean(after.gauge.strokes(), &zero)?;
    let difference = Estimate {
        value: after.value - before.value,
        u: libm::hypot(after.u, before.u),
        dof: after.dof.min(before.dof),
        n: after.n.min(before.n),
    };
    let properties = pen.session.chain().gauge_properties();
    Ok(rise_budget(&difference, &properties, contact).measured(&difference))
}

/// A change is never recorded smaller than it was.
fn away_from_zero(value: f64) -> i64 {
    (libm::ceil(value.abs()) * value.signum()) as i64
}

/// Whether the change lies within its own uncertainty of the limit that the row expects it to keep.
fn is_uncertain(row: &Row, change: &Measured) -> bool {
    let clauses = row.expected.iter().flat_map(|it| it.clauses());
    let mut limits = clauses.filter_map(|clause| match clause {
        Clause::ProtrusionChangeAtMost(limit) => Some(limit.0 as f64),
        _ => None,
    });
    limits.any(|limit| (change.value.abs() - limit).abs() < change.uncertainty.expanded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_rounded_away_from_zero() {
        assert_eq!(away_from_zero(12.1), 13);
        assert_eq!(away_from_zero(-12.1), -13);
        assert_eq!(away_from_zero(0.0), 0);
    }
}
