//! What the pen was to do, from the reference model's answers event by event.
//!
//! The model knows a state as of an event; what follows by itself with time, as that a pen that was
//! stopped has to be at rest half a second later, is written ahead here and overwritten by what
//! comes before it is due.

use super::orders::{Cause, End, Motion, Orders};
use super::series::Series;
use super::surroundings::LOWEST_SUPPLY;
use super::{after, before};
use crate::action::ShaftHold;
use crate::model::{self, Model, Requirements, Since, Starter, StopCause};
use crate::trace::{Event, Trace, What};
use firmware_units::{Micrometers, Millivolts, Nanoseconds, StrokesPerMinute};
use firmware_wire::{FaultSet, Reply, Request, State};

/// A button's contact stands still for 30 ms before it counts (firmware/core, `BUTTON_TICKS`).
const BUTTON_DEBOUNCE: Nanoseconds = Nanoseconds::from_millis(30);
/// A cartridge's contact, for 50 ms.
pub(super) const CARTRIDGE_DEBOUNCE: Nanoseconds = Nanoseconds::from_millis(50);
/// What a press of the button leads to shows within this time.
const PRESSED: Nanoseconds = Nanoseconds::from_millis(1_000);
/// A host may be taken for lost from here on: the pen's timer of 0.40 s, less 5 % for its
/// oscillator and a control tick.
const SILENCE: Nanoseconds = Nanoseconds::from_millis(380);
/// A cam that nothing brakes has come to rest: from 150 strokes/s, friction alone takes 0.46 s
/// (firmware/HARDWARE.md: 2.0e-7 kg m², 0.25 mN m and 4e-7 N m s/rad).
const COASTING: Nanoseconds = Nanoseconds::from_millis(1_000);
/// A pen that was reset has homed and parked; proposed. At 15 mm/s the carriage's whole travel of
/// 3.1 mm takes 0.2 s each way; self-test and the watchdog's 0.1 s come before.
const HOMING: Nanoseconds = Nanoseconds::from_millis(3_000);

/// How often the model is asked while nothing happens and it is not sure of itself, and at most how
/// many times: half a minute, in which everything that a pen does by itself but sleep and the end of
/// a treatment has happened.
const ASK_AGAIN: Nanoseconds = Nanoseconds::from_millis(100);
const ASKED_AT_MOST: usize = 300;

/// What the model answers after an event.
#[derive(Clone, Copy, Debug)]
struct Answers {
    motion: model::Motion,
    depth: Option<Since<Micrometers>>,
    rate: Option<Since<StrokesPerMinute>>,
    ceiling: Micrometers,
    supply_ok: bool,
    recalibrated: bool,
}

/// What is written while events are taken.
struct Writer<'a> {
    requirements: &'a Requirements,
    orders: Orders,
    /// The model's last answer.
    last: model::Motion,
    /// When the last whole frame had left.
    heard: Nanoseconds,
    /// When the last one had left that was no older than all before it, and its number: whether an
    /// older one is a sign of life, no requirement says.
    heard_new: (Nanoseconds, Option<u16>),
    supply: Millivolts,
    shaft: ShaftHold,
    /// When a run was last left open here, whatever the model says of it.
    opened: Option<Nanoseconds>,
    /// When the model was last asked.
    asked: Nanoseconds,
    /// Whether something was done that may set in motion, since the model was last sure.
    may_start: bool,
    /// When the button was last moved: what follows shows only once its contact has stood still.
    pressed: Option<Nanoseconds>,
    /// What rest is: a pen whose calibration was changed on purpose parks where that says.
    rest: Motion,
}

impl Orders {
    /// What the pen was to do in a trace, whose events are in order of time.
    pub(crate) fn of(trace: &Trace, requirements: &Requirements) -> Self {
        let mut model = Model::new(requirements);
        let mut writer = Writer::new(requirements, Answers::of(&model));
        for event in &trace.events {
            writer.wait(&mut model, event.at);
            model.event(event);
            writer.take(event, Answers::of(&model));
        }
        writer.wait(&mut model, trace.ended);
        writer.orders.lost = model.is_lost();
        writer.close(trace.ended)
    }
}

impl Answers {
    fn of(model: &Model) -> Self {
        Self {
            motion: model.may_move(),
            depth: model.depth(),
            rate: model.rate(),
            ceiling: model.ceiling(),
            supply_ok: model.supply_ok(),
            recalibrated: model.recalibrated(),
        }
    }
}

impl<'a> Writer<'a> {
    fn new(requirements: &'a Requirements, first: Answers) -> Self {
        let motion = match first.motion {
            model::Motion::Forbidden { .. } => Motion::Forbidden,
            _ => Motion::Open,
        };
        Self {
            requirements,
            orders: Orders {
                motion: Series::new(motion),
                depth: Series::new(first.depth.map(|it| it.value)),
                rate: Series::new(first.rate.map(|it| it.value)),
                ceiling: Series::new(Some(first.ceiling)),
                ends: Vec::new(),
                starts: Vec::new(),
                lost: false,
            },
            last: first.motion,
            heard: Nanoseconds::ZERO,
            heard_new: (Nanoseconds::ZERO, None),
            supply: LOWEST_SUPPLY,
            shaft: ShaftHold::Free,
            opened: None,
            asked: Nanoseconds::ZERO,
            may_start: false,
            pressed: None,
            rest: Motion::Forbidden,
        }
    }

    /// Asks the model again while time passes and it is not sure of itself: what it is waiting for
    /// may be over before anything is done or heard.
    fn wait(&mut self, model: &mut Model, until: Nanoseconds) {
        let mut at = self.asked;
        let unsure = |it: model::Motion| {
            let other = StopCause::Other;
            matches!(it, model::Motion::Uncertain)
                || matches!(it, model::Motion::Stopping { by, .. } if by == other)
        };
        // A press shows only once its contact has stood still, whatever was sure before.
        let pressed = self.pressed;
        let shows = |at| pressed.is_some_and(|it| before(at, it) <= PRESSED);
        for _ in 0..ASKED_AT_MOST {
            at = after(at, ASK_AGAIN);
            if at >= until || !(unsure(self.last) || shows(at)) {
                break;
            }
            model.let_pass(at);
            self.motion(at, model.may_move());
        }
        self.asked = until;
    }

    /// Takes the next event, and what the model answers after it.
    fn take(&mut self, event: &Event, answers: Answers) {
        self.silence(event.at);
        self.event(event);
        self.settings(event.at, answers);
        self.motion(event.at, answers.motion);
        self.supply(event.at, answers.supply_ok);
        self.fault_shown(event);
    }

    /// Time passes to the end.
    fn close(mut self, ended: Nanoseconds) -> Orders {
        self.silence(ended);
        self.orders
    }

    /// What lies before the model: link, supply and shaft as they are.
    fn event(&mut self, event: &Event) {
        self.may_start |= may_start(&event.what);
        match event.what {
            What::Sent { number, .. } => {
                self.heard = event.at;
                let newest = self.heard_new.1;
                if newest.is_none_or(|it| number.wrapping_sub(it).cast_signed() >= 0) {
                    self.heard_new = (event.at, Some(number));
                }
            }
            What::Button(_) => self.pressed = Some(event.at),
            What::Supply(voltage) => self.supply = voltage,
            What::Shaft(hold) => self.shaft = hold,
            _ => {}
        }
    }

    /// Depth, rate, ceiling.
    fn settings(&mut self, at: Nanoseconds, answers: Answers) {
        let orders = &mut self.orders;
        match answers.depth.filter(|_| !answers.recalibrated) {
            Some(depth) => set_since(&mut orders.depth, depth.since, Some(depth.value)),
            None => orders.depth.set(at, None),
        }
        match answers.rate {
            Some(rate) => set_since(&mut orders.rate, rate.since, Some(rate.value)),
            None => orders.rate.set(at, None),
        }
        if answers.recalibrated {
            self.rest = Motion::Still;
            if *orders.motion.at(at) == Motion::Forbidden {
                orders.motion.set(at, Motion::Still);
            }
        }
        let ceiling = Some(answers.ceiling).filter(|_| !answers.recalibrated);
        orders.ceiling.set(at, ceiling);
    }

    /// The model's answer on motion, if it is a new one.
    fn motion(&mut self, at: Nanoseconds, answer: model::Motion) {
        let held = matches!(
            self.last,
            model::Motion::Forbidden { .. } | model::Motion::Stopping { .. }
        );
        let unsure = answer == model::Motion::Uncertain;
        let pressed = self.pressed.filter(|it| before(at, *it) <= PRESSED);
        let may_start = self.may_start || pressed.is_some();
        self.may_start &= unsure;
        if answer == self.last || (held && unsure && !may_start) {
            return;
        }
        let motion = &mut self.orders.motion;
        match answer {
            model::Motion::Forbidden { since } => {
                // What a stop has left open stays so until it is due. The model's rest may begin
                // when it is over at the latest, which is still to come.
                set_since(motion, since.min(at), self.rest);
            }
            model::Motion::Stopping { since, by } => self.stopping(since, by),
            model::Motion::Commanded { since, .. } => {
                // What may have ended it by itself is over when the model still calls it a run.
                let open = self.opened.is_some_and(|it| it >= since);
                motion.set(if open { at } else { since }, Motion::Commanded);
                if self.orders.starts.last() != Some(&since) {
                    self.orders.starts.push(since);
                }
            }
            model::Motion::Homing { since } => {
                // What was open until now, because it may have been a run, stays so.
                let was_unsure = self.last == model::Motion::Uncertain;
                let from = if was_unsure { since.max(at) } else { since };
                motion.set(from, Motion::Open);
                motion.set(from.max(after(since, COASTING)), Motion::Still);
                motion.set(from.max(after(since, HOMING)), self.rest);
            }
            model::Motion::Off { since } => {
                motion.set(since, Motion::Open);
                motion.set(after(since, COASTING), Motion::Still);
            }
            model::Motion::Uncertain => {
                let from = pressed.filter(|it| match self.last {
                    model::Motion::Homing { since } => *it > since,
                    _ => held && *it > motion.last_change(),
                });
                motion.set(from.unwrap_or(at), Motion::Open);
            }
        }
        self.last = answer;
    }

    /// A run has been ended: open until it is due, forbidden from then on.
    fn stopping(&mut self, since: Nanoseconds, by: StopCause) {
        let (stop, stall) = (self.requirements.stop, self.requirements.stall);
        let (cause, allowed) = match by {
            StopCause::Asked => (Cause::Asked, stop),
            StopCause::Button => (Cause::Button, after(stop, BUTTON_DEBOUNCE)),
            StopCause::CartridgeOut => (Cause::CartridgeOut, after(stop, CARTRIDGE_DEBOUNCE)),
            StopCause::Silence => (Cause::Silence, self.requirements.lost_link),
            StopCause::Stall => (Cause::Stall, after(stop, stall)),
            // Nobody outside knows when it came: at the latest when it is shown.
            StopCause::Other => return self.orders.motion.set(since, Motion::Open),
        };
        self.end(End {
            at: since,
            cause,
            due: after(since, allowed),
        });
    }

    /// Keeps an end of a run, unless one that came before is due before and still stands.
    fn end(&mut self, end: End) {
        let Orders { motion, ends, .. } = &mut self.orders;
        let standing = ends
            .last()
            .copied()
            .filter(|it| it.due > end.at && motion.last_change() == it.due);
        match standing {
            Some(earlier) if earlier.due <= end.due => return,
            Some(_) => {
                ends.pop();
            }
            None => {}
        }
        motion.set(end.at, Motion::Open);
        motion.set(end.due, self.rest);
        ends.push(end);
    }

    /// Time passes: a pen that the host has started may end its run by itself, and must.
    fn silence(&mut self, now: Nanoseconds) {
        let by_host = matches!(
            self.last,
            model::Motion::Commanded {
                by: Starter::Host,
                ..
            }
        );
        let may_end = after(self.heard_new.0, SILENCE);
        let motion = &mut self.orders.motion;
        let running = *motion.last() == Motion::Commanded
            || (*motion.last() == Motion::Open && motion.last_change() == may_end);
        if !(by_host && running) || now <= may_end {
            return;
        }
        motion.set(may_end, Motion::Open);
        self.opened = Some(may_end);
        let lost_link = self.requirements.lost_link;
        if before(now, self.heard) > lost_link {
            let end = End {
                at: self.heard,
                cause: Cause::Silence,
                due: after(self.heard, lost_link),
            };
            self.orders.motion.set(end.due, self.rest);
            self.orders.ends.push(end);
        }
    }

    /// A supply below what a pen has to work at, and a shaft that is held, may end a run at any
    /// time; without supply needles cannot be parked.
    fn supply(&mut self, at: Nanoseconds, supply_ok: bool) {
        let motion = &mut self.orders.motion;
        if self.shaft == ShaftHold::Locked && *motion.at(at) == Motion::Commanded {
            motion.set(at, Motion::Open);
            self.opened = Some(at);
        }
        if self.supply >= LOWEST_SUPPLY && supply_ok {
            return;
        }
        match *motion.at(at) {
            Motion::Commanded => {
                motion.set(at, Motion::Open);
                self.opened = Some(at);
            }
            // A stop under way has no carriage to park with.
            Motion::Open if *motion.last() == Motion::Forbidden => {
                motion.set(at, Motion::Open);
                motion.set(after(at, COASTING), Motion::Still);
            }
            Motion::Open | Motion::Still | Motion::Forbidden => {}
        }
    }

    /// A fault that the pen shows while it may run ends the run there.
    fn fault_shown(&mut self, event: &Event) {
        let faulted = match &event.what {
            What::Telemetry(it) => shows_fault(it.state, it.faults),
            What::Replied {
                reply: Reply::Status(it),
                ..
            } => shows_fault(it.state, it.faults),
            _ => false,
        };
        let running = matches!(
            self.last,
            model::Motion::Commanded { .. } | model::Motion::Stopping { .. }
        );
        let motion = &self.orders.motion;
        if faulted
            && running
            && *motion.last() != Motion::Still
            && matches!(motion.at(event.at), Motion::Open | Motion::Commanded)
        {
            self.end(End {
                at: event.at,
                cause: Cause::FaultShown,
                due: after(event.at, self.requirements.stop),
            });
        }
    }
}

/// Whether what is done may set a pen at rest in motion: what asks it to stop does not, nor does
/// what is heard.
fn may_start(what: &What) -> bool {
    match what {
        What::Sent { request, .. } => !matches!(
            request,
            Request::Stop
                | Request::Pause
                | Request::NextSection
                | Request::EndTreatment
                | Request::Heartbeat
        ),
        What::SentBroken(_)
        | What::Button(_)
        | What::Reset
        | What::Hang
        | What::Supply(_)
        | What::Cartridge(_) => true,
        What::Step(_)
        | What::Replied { .. }
        | What::Unanswered { .. }
        | What::Telemetry(_)
        | What::HeardBroken
        | What::Needles { .. }
        | What::Shaft(_)
        | What::Axial(_) => false,
    }
}

fn shows_fault(state: State, faults: FaultSet) -> bool {
    state == State::Faulted && !faults.is_empty()
}

/// The value from `since` on, or from the last change on if that is later.
fn set_since<T: PartialEq>(series: &mut Series<T>, since: Nanoseconds, value: T) {
    series.set(since.max(series.last_change()), value);
}

#[cfg(test)]
mod tests;
