//! A pen that may start does: START accepted, or the button pressed, the cam turns.

use super::Findings;
use crate::model::{Model, Motion};
use crate::{Property, Trace};
use firmware_units::Nanoseconds;

/// By then it has started.
const STARTED: Nanoseconds = Nanoseconds::from_millis(2_000);
/// Marks of the tachometer by then; the slowest rate alone gives four times as many.
const EDGES: usize = 20;

/// Runs that were commanded.
#[derive(Debug, Default)]
pub(super) struct Starts {
    /// The run under way, until it was looked at.
    since: Option<Nanoseconds>,
    /// The last one looked at.
    seen: Option<Nanoseconds>,
}

impl Starts {
    /// Notes a run that begins.
    pub(super) fn after(&mut self, model: &Model) {
        self.since = match model.may_move() {
            Motion::Commanded { since, .. } if self.seen != Some(since) => Some(since),
            Motion::Commanded { .. } => None,
            // What is uncertain for a while may become certain again.
            Motion::Uncertain => self.since,
            _ => None,
        };
    }

    /// Looks at a run that has been under way for long by a time, before that time's event.
    pub(super) fn check(
        &mut self,
        model: &mut Model,
        at: Nanoseconds,
        trace: &Trace,
        findings: &mut Findings,
    ) {
        let Some(since) = self.since else { return };
        let by = since + STARTED;
        if at < by {
            return;
        }
        self.since = None;
        self.seen = Some(since);
        model.let_pass(by);
        let goes_on =
            matches!(model.may_move(), Motion::Commanded { since: it, .. } if it == since);
        if !goes_on {
            return;
        }
        let from = trace.edges.partition_point(|it| *it <= since);
        let to = trace.edges.partition_point(|it| *it <= by);
        let edges = to.saturating_sub(from);
        if edges < EDGES {
            findings.add(
                Property::Start,
                by,
                format!("the cam turns within {} s of START", STARTED.seconds()),
                format!("{edges} marks of the tachometer"),
            );
        }
    }
}
