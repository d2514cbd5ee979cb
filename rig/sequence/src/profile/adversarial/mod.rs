//! What nobody should do: at limits, in the midst of things, a tick too early or too late.

mod settings;
mod story;
mod tables;
mod trial;
mod wire;

use crate::action::{Action, Fitting, Sequence, ShaftHold, Step};
use crate::profile::chance::{Draw, Span};
use crate::profile::page::{Listing, listed, spanned};
use crate::profile::ranges::Ranges;
use firmware_units::{
    Micrometers, Micronewtonmeters, Microseconds, Millinewtons, Milliseconds, Millivolts,
};
use firmware_wire::Request;
use tables::{Fit, Press, Scene, Wait};

/// Supply of a pen that is left alone, mV.
const NOMINAL: Millivolts = Millivolts(3_700);

/// Draws a sequence of scenes.
pub(super) fn draw(draw: Draw, ranges: &Ranges) -> Sequence {
    let mut chaos = Chaos {
        draw,
        ranges,
        steps: Vec::new(),
    };
    if !chaos.draw.one_in(5) {
        chaos.push(Microseconds::ZERO, Action::Heartbeats(true));
    }
    chaos.telemetry();
    let first = chaos.draw.choose(&tables::OPENING);
    let (low, high) = chaos.draw.choose(&tables::SCENES);
    for place in 0..chaos.draw.between(low, high) {
        let scene = match first {
            Some(first) if place == 0 => first,
            _ => chaos.draw.choose(&tables::SCENE),
        };
        chaos.scene(scene);
    }
    Sequence { steps: chaos.steps }
}

/// Every table of the profile.
pub(super) fn listings() -> Vec<Listing> {
    use tables as t;
    vec![
        listed(&t::SCENES),
        listed(&t::TELEMETRY),
        listed(&t::OPENING),
        listed(&t::SCENE),
        listed(&t::WAIT),
        listed(&t::CONSTANTS),
        listed(&t::LIMIT),
        listed(&t::DEPTH_OFF),
        listed(&t::RATE_OFF),
        listed(&t::RACE),
        listed(&t::DAMAGE),
        listed(&t::WANTED),
        listed(&t::FIT),
        listed(&t::DIP),
        listed(&t::PRESS),
        listed(&t::STORY),
        listed(&t::TRIAL),
        spanned(
            "Times",
            &[
                &t::TICKS,
                &t::ANY,
                &t::SECONDS,
                &t::MINUTES,
                &t::RUN_TIME,
                &t::SILENCE_TIME,
                &t::DIP_TIME,
                &t::SHAFT_TIME,
                &t::BOOT_TIME,
                &t::STORY_RUN,
                &t::STORY_GAP,
                &t::STORY_HOLD,
                &t::FLAT_TIME,
                &t::OVERLOAD_TIME,
                &t::HANG_TIME,
            ],
        ),
    ]
}

struct Chaos<'r> {
    draw: Draw,
    ranges: &'r Ranges,
    steps: Vec<Step>,
}

impl Chaos<'_> {
    fn scene(&mut self, scene: Scene) {
        match scene {
            Scene::Run => self.run(),
            Scene::Setting => {
                let request = self.setting();
                self.send(request);
            }
            Scene::Race => self.race(),
            Scene::Frames => self.frames(),
            Scene::Request => {
                let request = self.any_request();
                self.send(request);
            }
            Scene::Silence => self.silence(),
            Scene::Cartridge => self.cartridge(),
            Scene::Load => self.load(),
            Scene::Shaft => self.shaft(),
            Scene::Supply => self.supply(),
            Scene::Button => self.button(),
            Scene::Reset => {
                self.act(Action::Reset);
                self.after_boot();
            }
            Scene::Mend => self.mend(),
            Scene::Story => self.story(),
            Scene::Trial => self.trial(),
        }
    }

    fn run(&mut self) {
        self.act(Action::Heartbeats(true));
        let length = self.ranges.usual_cartridge();
        let fresh = Action::Cartridge(Some(Fitting::Fresh { length }));
        self.push(Microseconds::ZERO, fresh);
        // The chip is read in it.
        self.push(Microseconds(600_000), Action::Nothing);
        for _ in 0..self.draw.between(0, 3) {
            let request = self.setting();
            self.push(Microseconds::ZERO, Action::Send(request));
        }
        self.push(Microseconds::ZERO, Action::Send(Request::Start));
        self.pause(&tables::RUN_TIME);
    }

    fn silence(&mut self) {
        self.act(Action::Heartbeats(false));
        let time = if self.draw.one_in(2) {
            self.aimed(400, 2)
        } else {
            self.draw.time(&tables::SILENCE_TIME)
        };
        let back = match self.draw.below(3) {
            0 => Action::Send(Request::Heartbeat),
            1 => Action::Send(Request::GetStatus),
            _ => Action::Heartbeats(true),
        };
        self.push(time, back);
    }

    fn cartridge(&mut self) {
        let usual = self.ranges.usual_cartridge();
        let shorter = self.ranges.cartridges.get(1..).unwrap_or_default();
        let fitting = match self.draw.choose(&tables::FIT) {
            Fit::Nothing => None,
            Fit::Usual => Some(Fitting::Fresh { length: usual }),
            Fit::Shorter => {
                let length = self.draw.of(shorter).copied().unwrap_or(usual);
                Some(Fitting::Fresh { length })
            }
            Fit::Odd => {
                let most = u64::try_from(self.ranges.range.0).unwrap_or(0);
                let length = Micrometers(self.draw.between(1, most) as i32);
                Some(Fitting::Fresh { length })
            }
            Fit::Same => Some(Fitting::Same),
            Fit::Used => Some(Fitting::Used),
            Fit::Unreadable => Some(Fitting::Unreadable),
        };
        self.act(Action::Cartridge(fitting));
        if self.draw.one_in(2) {
            let request = if self.draw.one_in(2) {
                Request::Start
            } else {
                self.setting()
            };
            self.send(request);
        }
    }

    fn load(&mut self) {
        let force = |draw: &mut Draw, (low, high)| {
            Millinewtons(i32::try_from(draw.log_between(low, high)).unwrap_or(0))
        };
        let action = if self.draw.one_in(4) {
            Action::Axial(force(&mut self.draw, tables::AXIAL))
        } else if self.draw.one_in(4) {
            Action::Needles {
                needles: 0,
                force: Millinewtons(0),
            }
        } else {
            Action::Needles {
                needles: self.draw.between(1, 14) as u8,
                force: force(&mut self.draw, tables::FORCE),
            }
        };
        self.act(action);
    }

    fn shaft(&mut self) {
        let hold = if self.draw.one_in(2) {
            ShaftHold::Locked
        } else {
            let torque = self.draw.log_between(tables::TORQUE.0, tables::TORQUE.1);
            ShaftHold::Brake(Micronewtonmeters(i32::try_from(torque).unwrap_or(0)))
        };
        self.act(Action::Shaft(hold));
        let time = self.draw.time(&tables::SHAFT_TIME);
        self.push(time, Action::Shaft(ShaftHold::Free));
    }

    fn supply(&mut self) {
        let level = u64::from(self.draw.choose(&tables::DIP));
        // A converter's step to either side.
        let level = (level + self.draw.between(0, 20)).saturating_sub(10);
        self.act(Action::Supply(Millivolts(level as u32)));
        let time = self.draw.time(&tables::DIP_TIME);
        self.push(time, Action::Supply(NOMINAL));
        if level < 3_000 {
            self.after_boot();
        }
    }

    /// The host begins anew, before or after the pen has homed.
    fn after_boot(&mut self) {
        self.pause(&tables::BOOT_TIME);
        if !self.draw.one_in(4) {
            self.push(Microseconds::ZERO, Action::Send(Request::Identify));
            let revision = firmware_wire::revision::REVISION;
            let hello = Action::Send(Request::Hello { revision });
            self.push(Microseconds::ZERO, hello);
            self.telemetry();
        }
    }

    fn telemetry(&mut self) {
        if let Some(period) = self.draw.choose(&tables::TELEMETRY) {
            let request = Request::SetTelemetryPeriod(Milliseconds(period));
            self.push(Microseconds::ZERO, Action::Send(request));
        }
    }

    fn button(&mut self) {
        match self.draw.choose(&tables::PRESS) {
            Press::Aimed => {
                self.act(Action::Button(true));
                let time = self.aimed(30, 2);
                self.push(time, Action::Button(false));
            }
            Press::Bounces => {
                for _ in 0..3 {
                    let (down, up) = (self.bounce(), self.bounce());
                    self.push(up, Action::Button(true));
                    self.push(down, Action::Button(false));
                }
                let up = self.bounce();
                self.push(up, Action::Button(true));
                self.push(Microseconds(100_000), Action::Button(false));
            }
            Press::Long => {
                self.act(Action::Button(true));
                let time = self.draw.log_between(100_000, 4_000_000);
                self.push(Microseconds(time), Action::Button(false));
            }
            Press::WithStart => {
                self.act(Action::Button(true));
                let time = Microseconds(self.draw.between(0, 60_000));
                let request = if self.draw.one_in(2) {
                    Request::Start
                } else {
                    Request::Stop
                };
                self.push(time, Action::Send(request));
                self.push(Microseconds(60_000), Action::Button(false));
            }
        }
    }

    fn bounce(&mut self) -> Microseconds {
        Microseconds(self.draw.between(1_000, 29_000))
    }

    fn mend(&mut self) {
        let now = Microseconds::ZERO;
        self.act(Action::Supply(NOMINAL));
        self.push(now, Action::Shaft(ShaftHold::Free));
        self.push(now, Action::Button(false));
        self.push(now, Action::Heartbeats(true));
        self.push(now, Action::Send(Request::Stop));
        let length = self.ranges.usual_cartridge();
        let fresh = Action::Cartridge(Some(Fitting::Fresh { length }));
        self.push(Microseconds(1_000_000), fresh);
        self.push(Microseconds(600_000), Action::Send(Request::ClearFaults));
    }

    /// Waits, and sends it.
    fn send(&mut self, request: Request) {
        self.act(Action::Send(request));
    }

    /// Waits, and does it.
    fn act(&mut self, action: Action) {
        let after = self.wait();
        self.push(after, action);
    }

    fn pause(&mut self, span: &Span) {
        let after = self.draw.time(span);
        self.push(after, Action::Nothing);
    }

    fn push(&mut self, after: Microseconds, action: Action) {
        self.steps.push(Step { after, action });
    }

    fn wait(&mut self) -> Microseconds {
        match self.draw.choose(&tables::WAIT) {
            Wait::None => Microseconds::ZERO,
            Wait::Ticks => self.draw.time(&tables::TICKS),
            Wait::Aimed => {
                let constant = self.draw.choose(&tables::CONSTANTS);
                self.aimed(constant, 1)
            }
            Wait::Any => self.draw.time(&tables::ANY),
            Wait::Seconds => self.draw.time(&tables::SECONDS),
            Wait::Minutes => self.draw.time(&tables::MINUTES),
        }
    }

    /// A constant, to so many ticks on either side.
    fn aimed(&mut self, millis: u64, n_ticks: u64) -> Microseconds {
        let off = n_ticks * tables::TICK;
        Microseconds(millis * 1_000 - off + self.draw.between(0, 2 * off))
    }
}
