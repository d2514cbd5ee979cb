//! A small language for traces: what is done and what the pen says, one after the other.

use crate::judge::{Said, judge_said};
use crate::model::Requirements;
use crate::{Event, Fitting, Property, ShaftHold, Trace, What};
use firmware_units::{
    Micrometers, Micronewtonmeters, Millinewtons, Milliseconds, Millivolts, Nanoseconds,
    StrokesPerMinute,
};
use firmware_wire::{
    FaultSet, Refusal, Reply, Request, Setting, SettingId, State, Status, Telemetry,
};

/// From a request's last bit to its reply.
const ROUND_TRIP: u64 = 6;

/// A trace that is being written.
#[derive(Clone, Debug)]
pub(in crate::judge) struct Story {
    trace: Trace,
    /// Bench time, ms.
    now: u64,
    number: u16,
    step: usize,
    /// Heartbeats go out every 100 ms.
    beats: Option<u64>,
    /// The cam turns since then at this period, µs; the next mark.
    turns: Option<(u64, u64)>,
    next_cartridge: u64,
}

impl Story {
    pub(in crate::judge) fn new() -> Self {
        Self {
            trace: Trace::default(),
            now: 0,
            number: 100,
            step: 0,
            beats: None,
            turns: None,
            next_cartridge: 1,
        }
    }

    fn push(mut self, what: What) -> Self {
        let at = Nanoseconds::from_millis(self.now);
        self.trace.events.push(Event { at, what });
        self
    }

    /// Lets time pass, heartbeats going on and the cam turning.
    pub(in crate::judge) fn wait(mut self, millis: u64) -> Self {
        let until = self.now + millis;
        while let Some(beat) = self.beats.filter(|it| *it <= until) {
            self.beats = Some(beat + 100);
            self.pass(beat);
            self = self.beat();
        }
        self.pass(until);
        self
    }

    /// Marks of the tachometer up to a time.
    fn pass(&mut self, until: u64) {
        while let Some((next, period)) = self.turns.filter(|it| it.0 <= until * 1_000) {
            self.trace.edges.push(Nanoseconds(next * 1_000));
            self.turns = Some((next + period, period));
        }
        self.now = self.now.max(until);
    }

    fn beat(mut self) -> Self {
        self.number = self.number.wrapping_add(1);
        let number = self.number;
        self = self.push(What::Sent {
            number,
            request: Request::Heartbeat,
        });
        self.pass(self.now + ROUND_TRIP);
        self.push(What::Replied {
            number,
            reply: Reply::Done,
        })
    }

    pub(in crate::judge) fn beats(mut self, on: bool) -> Self {
        self.beats = on.then_some(self.now);
        self
    }

    /// The cam turns from now on at a rate, /min, or rests.
    pub(in crate::judge) fn turns(mut self, rate: Option<u64>) -> Self {
        self.turns = rate.map(|rate| {
            let period = 60_000_000 / rate;
            (self.now * 1_000 + period / 2, period)
        });
        self
    }

    pub(in crate::judge) fn step(mut self) -> Self {
        let step = self.step;
        self.step += 1;
        self.push(What::Step(step))
    }

    /// Sends a request with the next number.
    pub(in crate::judge) fn send(mut self, request: Request) -> Self {
        self.number = self.number.wrapping_add(1);
        let number = self.number;
        self.send_as(number, request)
    }

    pub(in crate::judge) fn send_as(self, number: u16, request: Request) -> Self {
        self.push(What::Sent { number, request })
    }

    /// The pen replies to a number.
    pub(in crate::judge) fn reply_to(mut self, number: u16, reply: Reply) -> Self {
        self.pass(self.now + ROUND_TRIP);
        self.push(What::Replied { number, reply })
    }

    /// A request with the next number, and its reply.
    pub(in crate::judge) fn ask(mut self, request: Request, reply: Reply) -> Self {
        self = self.send(request);
        let number = self.number;
        self.reply_to(number, reply)
    }

    pub(in crate::judge) fn number(&self) -> u16 {
        self.number
    }

    pub(in crate::judge) fn unanswered(mut self) -> Self {
        self.pass(self.now + 250);
        let number = self.number;
        self.push(What::Unanswered { number })
    }

    pub(in crate::judge) fn done(self, request: Request) -> Self {
        self.ask(request, Reply::Done)
    }

    pub(in crate::judge) fn refused(self, request: Request, refusal: Refusal) -> Self {
        self.ask(request, Reply::Refused(refusal))
    }

    pub(in crate::judge) fn depth(self, depth: i32, reply: Result<(), Refusal>) -> Self {
        let reply = reply.map_or_else(Reply::Refused, |()| Reply::Done);
        self.ask(Request::Set(Setting::Depth(Micrometers(depth))), reply)
    }

    pub(in crate::judge) fn reads_depth(self, depth: i32) -> Self {
        let reply = Reply::Setting(Setting::Depth(Micrometers(depth)));
        self.ask(Request::Get(SettingId::Depth), reply)
    }

    pub(in crate::judge) fn rate(self, rate: u32, reply: Result<(), Refusal>) -> Self {
        let reply = reply.map_or_else(Reply::Refused, |()| Reply::Done);
        self.ask(Request::Set(Setting::Rate(StrokesPerMinute(rate))), reply)
    }

    pub(in crate::judge) fn broken(self, bytes: &[u8]) -> Self {
        self.push(What::SentBroken(bytes.to_vec()))
    }

    /// Bytes come from the pen that are no whole frame.
    pub(in crate::judge) fn heard_broken(mut self) -> Self {
        self.pass(self.now + ROUND_TRIP);
        self.push(What::HeardBroken)
    }

    /// Fits a new cartridge with needles of this length, and waits until it is read.
    pub(in crate::judge) fn fit(mut self, length: i32) -> Self {
        let id = self.next_cartridge;
        self.next_cartridge += 1;
        let length = Micrometers(length);
        self.fitting(Fitting::Fresh { length }, id).wait(300)
    }

    pub(in crate::judge) fn fitting(self, fitting: Fitting, id: u64) -> Self {
        self.push(What::Cartridge(Some((fitting, id))))
    }

    pub(in crate::judge) fn take_out(self) -> Self {
        self.push(What::Cartridge(None))
    }

    pub(in crate::judge) fn button(self, down: bool) -> Self {
        self.push(What::Button(down))
    }

    pub(in crate::judge) fn reset(self) -> Self {
        self.push(What::Reset)
    }

    pub(in crate::judge) fn supply(self, millivolts: u32) -> Self {
        self.push(What::Supply(Millivolts(millivolts)))
    }

    pub(in crate::judge) fn shaft(self, hold: ShaftHold) -> Self {
        self.push(What::Shaft(hold))
    }

    pub(in crate::judge) fn brake(self, torque: i32) -> Self {
        self.shaft(ShaftHold::Brake(Micronewtonmeters(torque)))
    }

    pub(in crate::judge) fn axial(self, millinewtons: i32) -> Self {
        self.push(What::Axial(Millinewtons(millinewtons)))
    }

    /// START, accepted, heartbeats going on; the cam turns 300 ms later at 7,000 /min.
    pub(in crate::judge) fn start(self) -> Self {
        self.done(Request::Start)
            .beats(true)
            .wait(300)
            .turns(Some(7_000))
            .wait(200)
    }

    /// STOP, accepted; at rest and parked 700 ms later.
    pub(in crate::judge) fn stop(self) -> Self {
        self.done(Request::Stop)
            .beats(false)
            .wait(150)
            .turns(None)
            .wait(950)
    }

    pub(in crate::judge) fn status(self, status: Status) -> Self {
        self.ask(Request::GetStatus, Reply::Status(status))
    }

    pub(in crate::judge) fn telemetry(self, taken: u32, state: State, strokes: u32) -> Self {
        self.telemetry_with(taken, state, FaultSet::NONE, strokes)
    }

    pub(in crate::judge) fn telemetry_with(
        self,
        taken: u32,
        state: State,
        faults: FaultSet,
        strokes: u32,
    ) -> Self {
        self.push(What::Telemetry(Telemetry {
            at: Milliseconds(taken),
            state,
            faults,
            rate_millihertz: 0,
            position: Micrometers(-200),
            motor_current: firmware_units::Milliamperes(0),
            battery: Millivolts(3_700),
            temperature: firmware_units::Decidegrees(250),
            strokes,
        }))
    }

    /// Marks so far.
    pub(in crate::judge) fn edges(&self) -> u32 {
        u32::try_from(self.trace.edges.len()).unwrap()
    }

    pub(in crate::judge) fn now(&self) -> u64 {
        self.now
    }

    pub(in crate::judge) fn trace(mut self) -> Trace {
        self.trace.ended = Nanoseconds::from_millis(self.now + 10);
        self.trace
    }

    pub(in crate::judge) fn judge(self) -> Said {
        let requirements = Requirements::from_spec(&crate::testing::spec()).unwrap();
        judge_said(&self.trace(), &requirements)
    }
}

/// A pen at rest as a trace begins.
pub(in crate::judge) fn at_rest() -> Status {
    Status {
        state: State::Standby,
        faults: FaultSet::NONE,
        depth: Micrometers(0),
        limit: Micrometers(1_500),
        rate: StrokesPerMinute(7_000),
        unlocked: false,
        preset: None,
        cartridge: false,
        treatment: None,
        parked: true,
        may_be_exposed: false,
    }
}

/// Everything in the story holds.
#[track_caller]
pub(in crate::judge) fn check(story: Story) {
    let said = story.judge();
    assert_eq!(said.violations, [], "{:?}", said.unjudged);
    assert!(!said.unjudged.iter().any(|it| it.contains("too much")));
}

/// The story violates this property first.
#[track_caller]
pub(in crate::judge) fn check_violated(story: Story, property: Property) {
    let said = story.judge();
    let first = said.violations.first().map(|it| it.property);
    assert_eq!(first, Some(property), "{:?}", said.violations);
}
