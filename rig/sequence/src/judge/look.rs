//! The look at the end: after any sequence the needles are parked, or said to be exposed, and the
//! pen can be used again.
//!
//! The look is the last step of a trace. In it STOP was sent, supply, shaft and loads were as usual,
//! and a status was asked for 2 s later. Then faults were cleared, a fresh cartridge fitted, and the
//! pen started and stopped.

use super::Findings;
use crate::reply::InWords as _;
use crate::{Event, Property, Trace, What};
use firmware_units::Nanoseconds;
use firmware_wire::{Fault, FaultSet, Reply, Request, Status};

/// Marks of the tachometer in the 1.5 s of the run; at 7,000 /min about 140 come.
const EDGES: usize = 60;
/// Faults whose cause outlives the look: those that only a reset ends, and a nose that cools.
const STAYING: [Fault; 3] = [Fault::Calibration, Fault::SelfTest, Fault::NoseHot];
/// Faults with which the carriage may not be where it should.
const CARRIAGE: [Fault; 3] = [Fault::CarriageLost, Fault::SelfTest, Fault::Calibration];

/// What was seen of the look so far.
#[derive(Debug, Default)]
pub(super) struct Look {
    /// Place of the look's step; nothing without steps.
    step: Option<usize>,
    under_way: bool,
    asked: Vec<(u16, Request, Nanoseconds)>,
    first: Option<Status>,
    last: Option<(Nanoseconds, Status)>,
    cleared: Option<(Nanoseconds, Reply)>,
    started: Option<(Nanoseconds, Reply)>,
    stopped: Option<Nanoseconds>,
    edges: usize,
}

impl Look {
    /// The look of a trace: its last step.
    pub(super) fn of(trace: &Trace) -> Self {
        let steps = trace.events.iter().filter_map(|it| match it.what {
            What::Step(step) => Some(step),
            _ => None,
        });
        Self {
            step: steps.max(),
            ..Self::default()
        }
    }

    /// Takes the next event.
    pub(super) fn take(&mut self, event: &Event, trace: &Trace, findings: &mut Findings) {
        match &event.what {
            What::Step(step) => self.under_way = Some(*step) == self.step,
            What::Sent { number, request } if self.under_way => {
                if *request == Request::Stop
                    && let Some((started, _)) = self.started
                    && self.stopped.is_none()
                {
                    self.stopped = Some(event.at);
                    let from = trace.edges.partition_point(|it| *it <= started);
                    let to = trace.edges.partition_point(|it| *it <= event.at);
                    self.edges = to.saturating_sub(from);
                }
                self.asked.push((*number, *request, event.at));
            }
            What::Replied { number, reply } if self.under_way => {
                let asked = self.asked.iter().rev().find(|it| it.0 == *number).copied();
                if let Some((_, request, sent)) = asked {
                    self.replied(&request, sent, reply, event.at, findings);
                }
            }
            _ => {}
        }
    }

    fn replied(
        &mut self,
        request: &Request,
        sent: Nanoseconds,
        reply: &Reply,
        at: Nanoseconds,
        findings: &mut Findings,
    ) {
        match (request, reply) {
            (Request::GetStatus, Reply::Status(status)) => {
                if self.first.is_none() {
                    self.first = Some(*status);
                    if !at_rest(status) {
                        findings.add(
                            Property::SafeState,
                            at,
                            "parked, or said to be exposed with a fault of the carriage".to_owned(),
                            seen(status),
                        );
                    }
                }
                self.last = Some((at, *status));
            }
            (Request::ClearFaults, reply) => self.cleared = Some((at, *reply)),
            (Request::Start, reply) => self.started = Some((sent, *reply)),
            _ => {}
        }
    }

    /// Judges the recovery when all is over; why it could not, if so.
    pub(super) fn end(&self, findings: &mut Findings) -> Option<String> {
        self.step?;
        let (Some(first), Some((last_at, last))) = (self.first, self.last) else {
            return Some("the look at the end holds no status".to_owned());
        };
        let Some((cleared_at, cleared)) = self.cleared else {
            return Some("the look at the end clears no faults".to_owned());
        };
        if cleared != Reply::Done {
            if !STAYING.iter().any(|it| first.faults.contains(*it)) {
                findings.add(
                    Property::SafeState,
                    cleared_at,
                    "faults whose cause is gone can be cleared".to_owned(),
                    cleared.in_words(),
                );
            }
            return None;
        }
        let Some((started_at, started)) = self.started else {
            return Some("the look at the end has no START".to_owned());
        };
        if started != Reply::Done {
            let expected = "the pen starts again, all causes gone".to_owned();
            findings.add(
                Property::SafeState,
                started_at,
                expected,
                started.in_words(),
            );
        } else if self.stopped.is_some() && self.edges < EDGES {
            let expected = "the cam turns again".to_owned();
            let observed = format!("{} marks of the tachometer", self.edges);
            findings.add(Property::SafeState, started_at, expected, observed);
        } else if last.faults != FaultSet::NONE || !last.parked {
            let expected = "parked and without a fault after the last run".to_owned();
            findings.add(Property::SafeState, last_at, expected, seen(&last));
        }
        None
    }
}

fn at_rest(status: &Status) -> bool {
    let lost = CARRIAGE.iter().any(|it| status.faults.contains(*it));
    status.parked || (status.may_be_exposed && lost)
}

fn seen(status: &Status) -> String {
    format!(
        "{:?}, faults {}, parked {}, may be exposed {}",
        status.state,
        status.faults.in_words(),
        status.parked.in_words(),
        status.may_be_exposed.in_words()
    )
}
