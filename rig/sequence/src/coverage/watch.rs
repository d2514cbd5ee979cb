//! Coverage out of a trace.

use super::limits::{InForce, touched_by_depth, touched_by_rate};
use super::{Coverage, Item, names};
use crate::action::{Fitting, Sequence};
use crate::profile::Ranges;
use crate::trace::{Trace, What};
use firmware_units::Nanoseconds;
use firmware_wire::{Fault, FaultSet, Reply, Request, Setting, State};
use std::collections::BTreeMap;

/// How long a state that passes by itself is taken to last after it was shown; a pen boots, starts
/// and stops within some hundred milliseconds.
const PASSING: Nanoseconds = Nanoseconds(100_000_000);
/// Supply below which the pen's chip is off and its settings are gone, mV
/// (rig/bench-virtual/FIDELITY.md, supply).
const FORGETS_MV: u32 = 1_750;

pub(super) fn watch(sequence: &Sequence, trace: &Trace, ranges: &Ranges) -> Coverage {
    let mut watch = Watch {
        ranges,
        coverage: Coverage::default(),
        shown: Some((State::Standby, Nanoseconds::ZERO)),
        before: Some(State::Standby),
        in_force: InForce::default(),
        asked: BTreeMap::new(),
    };
    for event in &trace.events {
        if let What::Step(place) = event.what {
            let step = sequence.steps.get(place);
            if let Some(action) = step.and_then(|it| names::action(&it.action)) {
                watch.coverage.count(Item::Action(action), 1);
            }
        }
        watch.see(event.at, &event.what);
    }
    watch.coverage
}

struct Watch<'r> {
    ranges: &'r Ranges,
    coverage: Coverage,
    /// The state as far as it is known, and since when it was shown.
    shown: Option<(State, Nanoseconds)>,
    /// The state that was shown last, however long ago.
    before: Option<State>,
    in_force: InForce,
    /// Requests without a reply yet, by number.
    asked: BTreeMap<u16, Request>,
}

impl Watch<'_> {
    fn see(&mut self, at: Nanoseconds, what: &What) {
        match what {
            What::Sent { number, request } => self.sent(at, *number, request),
            What::Replied { number, reply } => {
                if let Some(request) = self.asked.remove(number) {
                    self.replied(at, &request, reply);
                }
            }
            What::Unanswered { number } => {
                self.asked.remove(number);
                self.shown = None;
            }
            What::Telemetry(telemetry) => self.look(at, telemetry.state, telemetry.faults),
            What::Cartridge(fitted) => {
                self.shown = None;
                self.in_force.cartridge = match fitted {
                    Some((Fitting::Fresh { length }, _)) => Some(*length),
                    Some((Fitting::Same, _)) => self.in_force.cartridge,
                    _ => None,
                };
            }
            What::Button(_) | What::Shaft(_) => self.shown = None,
            What::Supply(supply) => {
                self.shown = None;
                if supply.0 < FORGETS_MV {
                    self.forgotten();
                }
            }
            What::Reset | What::Hang => {
                self.shown = None;
                self.forgotten();
            }
            What::Step(_)
            | What::SentBroken(_)
            | What::HeardBroken
            | What::Needles { .. }
            | What::Axial(_) => {}
        }
    }

    fn forgotten(&mut self) {
        self.in_force.unlocked = false;
        self.in_force.preset = None;
        self.asked.clear();
        self.before = None;
    }

    /// The state as far as it is known now.
    fn state(&self, at: Nanoseconds) -> &'static str {
        match self.shown {
            Some((State::Boot | State::Starting | State::Stopping, since))
                if at > since + PASSING =>
            {
                names::UNKNOWN
            }
            Some((state, _)) => names::state(state),
            None => names::UNKNOWN,
        }
    }

    fn sent(&mut self, at: Nanoseconds, number: u16, request: &Request) {
        let state = self.state(at);
        let command = names::command(request);
        self.coverage.count(Item::Command(command, state), 1);
        let touched = match request {
            Request::Set(Setting::Depth(depth)) => {
                touched_by_depth(*depth, self.in_force, self.ranges)
            }
            Request::Set(Setting::Rate(rate)) => touched_by_rate(*rate, self.ranges),
            _ => Vec::new(),
        };
        for (limit, side) in touched {
            self.coverage.count(Item::Limit(limit, side), 1);
        }
        self.asked.insert(number, *request);
    }

    fn replied(&mut self, at: Nanoseconds, request: &Request, reply: &Reply) {
        match reply {
            Reply::Refused(refusal) => {
                let refusal = names::refusal(*refusal);
                self.coverage.count(Item::Refusal(refusal), 1);
            }
            Reply::Status(status) => self.look(at, status.state, status.faults),
            Reply::Done => self.done(request),
            _ => {}
        }
    }

    fn done(&mut self, request: &Request) {
        match request {
            Request::UnlockDepth => self.in_force.unlocked = true,
            Request::LockDepth => self.in_force.unlocked = false,
            Request::SelectPreset(preset) => self.in_force.preset = Some(*preset),
            Request::ClearPreset => self.in_force.preset = None,
            Request::EndTreatment => {
                self.in_force.unlocked = false;
                self.shown = None;
            }
            Request::Start
            | Request::Stop
            | Request::Pause
            | Request::NextSection
            | Request::ClearFaults
            | Request::Calibrate { .. } => self.shown = None,
            _ => {}
        }
    }

    fn look(&mut self, at: Nanoseconds, state: State, faults: FaultSet) {
        self.coverage.count(Item::State(names::state(state)), 1);
        if let Some(before) = self.before
            && names::TRANSITIONS.contains(&(before, state))
        {
            let item = Item::Transition(names::state(before), names::state(state));
            self.coverage.count(item, 1);
        }
        let latched = Fault::ALL.into_iter().filter(|it| faults.contains(*it));
        for fault in latched {
            self.coverage.count(Item::Fault(names::fault(fault)), 1);
        }
        self.shown = Some((state, at));
        self.before = Some(state);
    }
}
