//! The treatment that rows END-01, END-02, END-03 and THM-01 share: an hour on the pen's own cell
//! under load, taken in windows that are reduced to their means as they end.

use super::reaction::conditions;
use super::{RowError, capture, depth, idle, rate, stated, tally};
use crate::chain::Window;
use crate::pen::{Pen, fault_names};
use crate::thermometer::ThermometerError;
use firmware_units::Nanoseconds;
use firmware_wire::{Fault, FaultSet, State};
use rig_bench::Bench;
use rig_measure::{
    Contact, Estimate, Measured, NotMeasurable, Zero, agree_over_strokes, protrusion_mean,
};
use rig_spec::{Load, Row};

/// Length of a window (END-01: "each 60 s window").
const WINDOW: Nanoseconds = Nanoseconds::from_seconds(60);

/// Between two looks after the last whole window.
const REST_LOOK: Nanoseconds = Nanoseconds::from_millis(200);

/// What a window came to.
#[derive(Clone, Debug)]
pub(crate) struct Minute {
    /// Stroke rate by the tachometer, once the gauge agrees, Hz.
    pub(crate) rate: Measured,
    /// Mean protrusion, nm, and what contact with the load may hide.
    pub(crate) protrusion: Result<(Estimate, Contact), NotMeasurable>,
}

/// How the treatment ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// After the time that the row asks for, or by the pen's limit of a treatment.
    InTime,
    /// Before, by itself.
    Early(State, FaultSet),
}

/// Temperatures when the pen was last seen to run, m°C: nose and air.
pub(crate) type Temperatures = Result<(Estimate, Estimate), ThermometerError>;

/// What is kept of the treatment.
#[derive(Clone, Debug)]
pub(crate) struct Hour {
    pub(crate) minutes: Vec<Minute>,
    pub(crate) ended: Ended,
    /// From START to the last edge, s.
    pub(crate) ran_s: f64,
    /// Nothing without a window, and of a pen that stopped by itself.
    pub(crate) counts: Option<tally::Counts>,
    /// Nothing if the bench has no thermometers.
    pub(crate) temperatures: Option<Temperatures>,
    /// Whether the gauge block was where it had been, afterwards.
    pub(crate) datum_stands: bool,
    /// The cell was left in place for what comes next.
    pub(crate) on_cell: bool,
}

impl Hour {
    /// Whether the pen stopped because its battery was low.
    pub(crate) fn ran_empty(&self) -> bool {
        matches!(self.ended, Ended::Early(_, faults) if faults.contains(Fault::BatteryLow))
    }

    /// Insists that the treatment lasted as long as it should.
    pub(crate) fn insist_whole(&self) -> Result<(), RowError> {
        match self.ended {
            Ended::InTime => Ok(()),
            Ended::Early(state, faults) => Err(RowError::Precondition(format!(
                "the pen stopped by itself after {:.0} s: {state:?}, {}",
                self.ran_s,
                fault_names(faults)
            ))),
        }
    }
}

/// The rows that the treatment goes by.
#[derive(Clone, Copy)]
pub(crate) struct Rows<'r> {
    /// Depth, rate, load, time.
    pub(crate) row: &'r Row,
    /// The pen's limit of a treatment: one that ends by itself may end from its lower limit on.
    pub(crate) limit: &'r Row,
    /// The gauge block after against before.
    pub(crate) datum: &'r Row,
}

/// Runs it. The cell stays in place if `keep_cell`; all else is undone.
///
/// A treatment that the pen ends before its limit may be, or by a fault, is kept as far as it came:
/// the rows say what it is worth.
pub(crate) fn run<B: Bench>(
    pen: &mut Pen<'_, B>,
    rows: Rows<'_>,
    load: Option<&Load>,
    keep_cell: bool,
) -> Result<Hour, RowError> {
    let (set_depth, set_rate) = conditions(rows.row)?;
    let length = stated(rows.row, "window_s", rows.row.window.one())?;
    let limit = stated(rows.limit, "lower", rows.limit.tolerance)?;
    let soonest_us = stated(rows.limit, "lower", limit.lower())?;
    let soonest = Nanoseconds(1_000 * u64::try_from(soonest_us).unwrap_or(0)).min(length);
    let zero = depth::zero(pen)?;
    pen.load_needles(load)?;
    pen.connect_cell()?;
    pen.set(set_depth, set_rate)?;
    let turns_before = pen.session.chain().edges_seen();
    let started = pen.start()?;
    let mut run = Run {
        // A pen of before knows no counters of a treatment.
        counts: pen.insist_revision_1().is_ok(),
        started,
        turns_before,
        zero,
        minutes: Vec::new(),
        first: None,
        last: None,
        temperatures: None,
        ran_s: 0.0,
    };
    let until = started + length;
    pen.session.wait(capture::SETTLE)?;
    let mut runs = true;
    while runs && pen.session.now() + WINDOW <= until {
        runs = run.minute(pen)?;
    }
    while runs && pen.session.now() < until {
        runs = run.rest(pen, until)?;
    }
    run.end(pen, rows.datum, soonest, runs, keep_cell)
}

/// A treatment under way.
struct Run {
    counts: bool,
    started: Nanoseconds,
    turns_before: u64,
    zero: Zero,
    minutes: Vec<Minute>,
    first: Option<i64>,
    last: Option<i64>,
    temperatures: Option<Temperatures>,
    ran_s: f64,
}

impl Run {
    /// One window; false, and nothing kept of it, if the pen no longer ran at its end.
    fn minute<B: Bench>(&mut self, pen: &mut Pen<'_, B>) -> Result<bool, RowError> {
        let chain = pen.session.chain();
        let edges = chain.open_edges();
        let window = chain.open();
        let until = pen.session.now() + WINDOW;
        self.tally(pen)?;
        pen.session.run_until(until)?;
        let chain = pen.session.chain();
        let window = chain.close(window);
        let edges_ns = chain.close_edges(edges)?.edges_ns;
        self.note_last_edge(pen, edges_ns.last().copied());
        if !is_running(pen)? {
            return Ok(false);
        }
        self.temperatures = temperatures(pen);
        let window = window?;
        self.minutes.push(self.reduce(pen, &window)?);
        Ok(true)
    }

    /// What is left of the treatment after the last whole window; false if the pen has stopped.
    fn rest<B: Bench>(
        &mut self,
        pen: &mut Pen<'_, B>,
        until: Nanoseconds,
    ) -> Result<bool, RowError> {
        let edges = pen.session.chain().open_edges();
        self.tally(pen)?;
        let look = pen.session.now() + REST_LOOK;
        pen.session.run_until(until.min(look))?;
        let edges_ns = pen.session.chain().close_edges(edges)?.edges_ns;
        self.note_last_edge(pen, edges_ns.last().copied());
        let runs = is_running(pen)?;
        if runs {
            self.temperatures = temperatures(pen);
        }
        Ok(runs)
    }

    fn note_last_edge<B: Bench>(&mut self, pen: &mut Pen<'_, B>, edge_ns: Option<i64>) {
        let chain = pen.session.chain();
        let last_s = edge_ns.and_then(|it| chain.seconds_to_edge(self.started, it));
        self.ran_s = last_s.unwrap_or(self.ran_s);
    }

    fn tally<B: Bench>(&mut self, pen: &mut Pen<'_, B>) -> Result<(), RowError> {
        if self.counts
            && let Some(apart) = tally::apart(pen, self.started, self.turns_before)?
        {
            self.first.get_or_insert(apart);
            self.last = Some(apart);
        }
        Ok(())
    }

    fn reduce<B: Bench>(&self, pen: &mut Pen<'_, B>, window: &Window) -> Result<Minute, RowError> {
        let (by_gauge, by_tachometer) = rate::both(pen, window)?;
        agree_over_strokes(&by_gauge, &by_tachometer, &window.edges)?;
        let strokes = window.gauge.strokes();
        let mean = protrusion_mean(strokes, &self.zero);
        Ok(Minute {
            rate: by_tachometer,
            protrusion: mean.and_then(|mean| Ok((mean, pen.contact(strokes)?))),
        })
    }

    /// Brings the pen to rest and looks at what is left to see.
    fn end<B: Bench>(
        mut self,
        pen: &mut Pen<'_, B>,
        datum_row: &Row,
        soonest: Nanoseconds,
        runs: bool,
        keep_cell: bool,
    ) -> Result<Hour, RowError> {
        let edges = pen.session.chain().open_edges();
        if runs {
            pen.stop()?;
        }
        let status = pen.wait_for_rest()?;
        pen.session.stop_heartbeat();
        let edges_ns = pen.session.chain().close_edges(edges)?.edges_ns;
        self.note_last_edge(pen, edges_ns.last().copied());
        let early = !runs && (!status.faults.is_empty() || self.ran_s < soonest.seconds());
        let ended = if early {
            Ended::Early(status.state, status.faults)
        } else {
            Ended::InTime
        };
        let counts = match (self.first, self.last) {
            (Some(first), Some(last)) if !early => Some(tally::Counts {
                first,
                last,
                strokes: tally::strokes(pen)?,
                turns: pen.session.chain().edges_seen() - self.turns_before,
            }),
            _ => None,
        };
        pen.unload_needles()?;
        let datum_stands = early || idle::datum_stands(pen, datum_row)?;
        let on_cell = keep_cell && !early;
        if !on_cell {
            pen.connect_supply()?;
        }
        if !status.faults.is_empty() {
            clear_anyhow(pen)?;
        }
        Ok(Hour {
            minutes: self.minutes,
            ended,
            ran_s: self.ran_s,
            counts,
            temperatures: self.temperatures,
            datum_stands,
            on_cell,
        })
    }
}

/// Whether the pen runs; one that lost the link has lost what was to be seen.
pub(crate) fn is_running<B: Bench>(pen: &mut Pen<'_, B>) -> Result<bool, RowError> {
    let status = pen.status()?;
    if status.faults.contains(Fault::LostLink) {
        return Err(RowError::Precondition("the pen lost the link".to_owned()));
    }
    Ok(status.state == State::Running)
}

/// Clears what is latched, as far as it lets itself be cleared: what was measured stands.
pub(crate) fn clear_anyhow<B: Bench>(pen: &mut Pen<'_, B>) -> Result<(), RowError> {
    match pen.clear_faults() {
        Err(RowError::Session(error)) => Err(error.into()),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// What the thermometers show now, if the bench has them.
fn temperatures<B: Bench>(pen: &mut Pen<'_, B>) -> Option<Temperatures> {
    let now = pen.session.now();
    let (nose, ambient) = pen.session.chain().thermometers()?;
    Some(
        nose.reading(now)
            .and_then(|nose| Ok((nose, ambient.reading(now)?))),
    )
}
