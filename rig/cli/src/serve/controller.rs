//! The fixture's side of the instrument stream (`rig/bench/INSTRUMENT-STREAM.md`): frames from a
//! rig in, what they do to a bench, frames out. No port, and time is an argument.

#[cfg(test)]
mod tests;

use firmware_units::{Millivolts, Nanoseconds};
use rig_bench::{Actuation, Bench, BenchError, Instrument, Observation};
use rig_fixture_wire::{
    Act, Command, DecodeError, Decoder, Frame, InstrumentInfo, InstrumentName, OffCause, Refusal,
    Reply, Report, ShaftState, Who, WhyNot, encode, split,
};
use std::collections::VecDeque;
use std::time::Duration;

/// Highest supply voltage of this fixture, mV.
const MOST_MV: u32 = 6_000;

/// What a controller remembers.
pub(super) struct Controller {
    decoder: Decoder<Command>,
    /// Number of the next frame to the rig.
    next: u16,
    powered: bool,
    /// The rig that has the port open switched the supply on.
    is_rigs: bool,
    /// The supply goes off when nothing was heard for so long.
    hold: Option<Duration>,
    /// When something was last heard, by the wall clock since the start.
    heard: Duration,
    /// Bytes from the pen and to it since power-on; what is still leaving is not among them.
    from_pen: u64,
    to_pen: u64,
    /// Bytes that are leaving for the pen: when their last bit will have left, ns, and how many.
    leaving: VecDeque<(u64, u64)>,
    sample_rates: Vec<(InstrumentName, u32)>,
    out: Vec<Vec<u8>>,
}

impl Controller {
    /// The controller of a bench whose supply is on already, or off.
    pub(super) fn new(bench: &impl Bench, powered: bool) -> Self {
        let rate = |it: &Instrument| Some((InstrumentName::of(it.id)?, it.sample_rate_hz));
        Self {
            decoder: Decoder::new(),
            next: 0,
            powered,
            is_rigs: false,
            hold: None,
            heard: Duration::ZERO,
            from_pen: 0,
            to_pen: 0,
            leaving: VecDeque::new(),
            sample_rates: bench.instruments().iter().filter_map(rate).collect(),
            out: Vec::new(),
        }
    }

    /// Whether the pen's supply is on.
    pub(super) fn is_powered(&self) -> bool {
        self.powered
    }

    /// Frames for the rig since this was asked before.
    pub(super) fn take(&mut self) -> Vec<Vec<u8>> {
        std::mem::take(&mut self.out)
    }

    /// A rig has opened the port.
    pub(super) fn attached(&mut self) {
        self.decoder.abandon();
        self.next = 0;
        self.out.clear();
    }

    /// The rig has closed the port: a supply that it switched on goes off.
    /// Whether it did.
    pub(super) fn detached(&mut self, bench: &mut impl Bench) -> Result<bool, BenchError> {
        self.out.clear();
        let goes_off = self.powered && self.is_rigs;
        if goes_off {
            self.switch_off(bench)?;
        }
        Ok(goes_off)
    }

    /// Takes bytes from the rig at a time of the wall clock, and does what they say.
    ///
    /// # Errors
    /// The bench is broken; the rig has been told.
    pub(super) fn receive(
        &mut self,
        bench: &mut impl Bench,
        bytes: &[u8],
        wall: Duration,
    ) -> Result<(), BenchError> {
        for frame in self.decoder.extend(bytes) {
            let (to, done) = match frame {
                Ok(Frame { number, message }) => {
                    self.heard = wall;
                    (number, self.obey(bench, number, message))
                }
                Err(
                    error @ (DecodeError::Version { number, .. } | DecodeError::Message { number }),
                ) => (number, Ok(refused(WhyNot::NotUnderstood, error))),
                // Its number is not known: nobody can be answered.
                Err(DecodeError::Malformed | DecodeError::Oversized) => continue,
            };
            let reply = done.inspect_err(|error| self.broke(error))?;
            self.say(&Report::Reply { to, reply });
        }
        Ok(())
    }

    /// Does one command and gives its last reply.
    fn obey(
        &mut self,
        bench: &mut impl Bench,
        to: u16,
        command: Command,
    ) -> Result<Reply, BenchError> {
        let is_refused = |why, text: &str| Ok(refused(why, text));
        match command {
            Command::Describe => self.describe(bench, to),
            Command::KeepAlive => {}
            Command::DescribeFaults => {
                for fault in bench.faults() {
                    let reply = Reply::Fault(fault.clone().into());
                    self.say(&Report::Reply { to, reply });
                }
            }
            Command::PowerOn { .. } if self.powered => {
                return is_refused(WhyNot::IsOn, "the supply is on");
            }
            Command::PowerOn { supply_mv, .. } if supply_mv > MOST_MV => {
                return is_refused(WhyNot::Lacking, "the fixture supplies at most 6 V");
            }
            Command::PowerOn { supply_mv, hold_ms } => {
                bench.power_on(Millivolts(supply_mv))?;
                self.powered = true;
                self.is_rigs = true;
                self.hold = (hold_ms > 0).then(|| Duration::from_millis(hold_ms.into()));
                (self.from_pen, self.to_pen) = (0, 0);
                self.leaving.clear();
            }
            Command::PowerOff if !self.powered => {
                return is_refused(WhyNot::IsOff, "the supply is off");
            }
            Command::PowerOff => self.switch_off(bench)?,
            Command::Actuate(act) => {
                if let Some(refusal) = self.refusal(&act, bench.faults().len()) {
                    return Ok(refusal);
                }
                bench.actuate(Actuation::from(act))?;
            }
        }
        Ok(Reply::Done {
            now_ns: bench.now().0,
        })
    }

    /// Why an actuator cannot be set so, if it cannot.
    fn refusal(&self, act: &Act, n_faults: usize) -> Option<Reply> {
        let (why, text) = match *act {
            Act::Supply { .. } | Act::Battery if !self.powered => {
                (WhyNot::IsOff, "the supply is off")
            }
            Act::Supply { mv } if mv > MOST_MV => {
                (WhyNot::Lacking, "the fixture supplies at most 6 V")
            }
            Act::NeedleLoad { force_mn, .. } if force_mn < 0 => {
                (WhyNot::Lacking, "the fixture cannot pull at the needles")
            }
            Act::Shaft(ShaftState::Brake { torque_unm }) if torque_unm < 0 => {
                (WhyNot::Lacking, "a brake's torque is not negative")
            }
            Act::AxialForce { force_mn } if force_mn < 0 => {
                (WhyNot::Lacking, "the fixture cannot pull at the nose cone")
            }
            Act::Fault { fault, .. } if usize::from(fault) >= n_faults => {
                (WhyNot::Lacking, "the fixture has no such fault")
            }
            _ => return None,
        };
        Some(refused(why, text))
    }

    fn describe(&mut self, bench: &impl Bench, to: u16) {
        let identity = bench.identity().clone();
        let mut replies = vec![Reply::Who(Who {
            bench: identity.bench,
            kind: identity.kind.into(),
            probe: identity.probe,
            chip: identity.chip,
            description: identity.description,
            powered: self.powered,
            now_ns: bench.now().0,
        })];
        let instruments = bench.instruments().iter();
        replies.extend(
            instruments
                .filter_map(InstrumentInfo::of)
                .map(Reply::Instrument),
        );
        replies.push(Reply::Fixture(bench.fixture().clone().into()));
        let actuators = bench.actuators().iter().map(|&it| it.into());
        replies.push(Reply::Actuators(actuators.collect()));
        for reply in replies {
            self.say(&Report::Reply { to, reply });
        }
    }

    fn switch_off(&mut self, bench: &mut impl Bench) -> Result<(), BenchError> {
        self.powered = false;
        self.is_rigs = false;
        self.hold = None;
        self.leaving.clear();
        bench.power_off()
    }

    /// Switches the supply off if its rig has been silent for too long.
    pub(super) fn watch(
        &mut self,
        bench: &mut impl Bench,
        wall: Duration,
    ) -> Result<(), BenchError> {
        let is_late = self
            .hold
            .is_some_and(|hold| wall.saturating_sub(self.heard) > hold);
        if self.powered && is_late {
            let now_ns = bench.now().0;
            self.switch_off(bench)?;
            let cause = OffCause::RigSilent;
            self.say(&Report::SupplyOff { now_ns, cause });
        }
        Ok(())
    }

    /// The controller stops: the supply goes off.
    pub(super) fn stop(&mut self, bench: &mut impl Bench) -> Result<(), BenchError> {
        if self.powered {
            let now_ns = bench.now().0;
            self.switch_off(bench)?;
            let cause = OffCause::Stopping;
            self.say(&Report::SupplyOff { now_ns, cause });
        }
        Ok(())
    }

    /// Bytes were sent to the pen, and their last bit leaves then.
    pub(super) fn sent(&mut self, n_bytes: usize, leaves: Nanoseconds) {
        self.leaving.push_back((leaves.0, n_bytes as u64));
    }

    /// Says what happened on the bench until `now`, and that this was all.
    pub(super) fn observed(&mut self, observations: &[Observation], now: Nanoseconds) {
        for observation in observations {
            match observation {
                Observation::Link { at, bytes } => {
                    self.left_until(at.0);
                    self.from_pen += bytes.len() as u64;
                    self.link(at.0);
                }
                Observation::Samples { instrument, block } => {
                    let name = InstrumentName::of(*instrument);
                    let of = |it: &&(InstrumentName, u32)| Some(it.0) == name;
                    // The stream has a name for every instrument of the virtual bench.
                    let Some(&(name, rate)) = self.sample_rates.iter().find(of) else {
                        continue;
                    };
                    for samples in split(name, block, rate) {
                        self.say(&Report::Samples(samples));
                    }
                }
            }
        }
        self.left_until(now.0);
        self.say(&Report::Time { now_ns: now.0 });
    }

    /// Says which bytes have left for the pen until then.
    fn left_until(&mut self, until_ns: u64) {
        while let Some((at_ns, n_bytes)) = self
            .leaving
            .pop_front_if(|&mut (at_ns, _)| at_ns <= until_ns)
        {
            self.to_pen += n_bytes;
            self.link(at_ns);
        }
    }

    fn link(&mut self, at_ns: u64) {
        self.say(&Report::Link {
            at_ns,
            from_pen: self.from_pen,
            to_pen: self.to_pen,
        });
    }

    /// Tells the rig that the bench is broken.
    pub(super) fn broke(&mut self, error: &BenchError) {
        self.powered = false;
        self.say(&Report::Broken {
            cause: error.to_string(),
        });
    }

    fn say(&mut self, report: &Report) {
        // The longest texts are those of the bench's own certificates, far below a frame's length.
        if let Ok(frame) = encode(self.next, report) {
            self.next = self.next.wrapping_add(1);
            self.out.push(frame);
        }
    }
}

fn refused(why: WhyNot, text: impl ToString) -> Reply {
    Reply::Refused(Refusal {
        why,
        text: text.to_string(),
    })
}
