//! What operators and hosts do: a treatment with a plot, so that the pen mostly runs.

mod mishap;
mod settings;
mod tables;

use crate::action::{Action, Fitting, Sequence, Step};
use crate::profile::chance::{Choice, Draw, Span};
use crate::profile::page::{Listing, listed, spanned};
use crate::profile::ranges::Ranges;
use firmware_units::{Micrometers, Microseconds, Millinewtons, Milliseconds, Millivolts};
use firmware_wire::{Preset, Request};
use tables::{Battery, By, Change, Closing, First, Host, Look, Mishap, Swap};

/// Needles of the usual cartridge.
const NEEDLES: u8 = 14;
/// Force on one needle at 1 mm of protrusion, mN: 30 is a microneedle's (Olatunji 2013), 150 a
/// 0.25 mm needle's in tough skin.
const NEEDLE_FORCE: (u64, u64) = (30, 150);

/// Draws a treatment.
pub(super) fn draw(draw: Draw, ranges: &Ranges) -> Sequence {
    let mut plot = Plot {
        draw,
        ranges,
        steps: Vec::new(),
        unlocked: false,
        preset: None,
        depth: Micrometers::ZERO,
        cartridge: None,
        beating: false,
        silent_host: false,
        supply: Millivolts(0),
        mishap: Mishap::Nothing,
        mishap_pass: 0,
        n_passes: 0,
    };
    plot.treatment();
    Sequence { steps: plot.steps }
}

/// Every table of the profile.
pub(super) fn listings() -> Vec<Listing> {
    use tables as t;
    vec![
        listed(&t::BATTERY),
        listed(&t::TELEMETRY),
        listed(&t::HOST),
        listed(&t::FIRST_CARTRIDGE),
        listed(&t::NUMBING),
        listed(&t::CHOOSING),
        listed(&t::BESIDE_PRESET),
        listed(&t::BY_HAND),
        listed(&t::RATE),
        listed(&t::READ_BACK),
        listed(&t::SECTIONS),
        listed(&t::PASSES),
        listed(&t::START_BY),
        listed(&t::PASS_LENGTH),
        listed(&t::SKIN),
        listed(&t::LOOK),
        listed(&t::END_BY),
        listed(&t::BETWEEN_PASSES),
        listed(&t::BETWEEN_SECTIONS),
        listed(&t::MISHAP),
        listed(&MISHAP_PASS),
        listed(&t::CLOSING),
        spanned(
            "Times",
            &[
                &t::TOUCH,
                &t::SHORT_PASS,
                &t::LONG_PASS,
                &t::REACTION,
                &t::PROGRAM,
                &t::FITTING,
                &t::PRESS,
                &t::NUMBING_TIME,
                &t::GLITCH_TIME,
                &t::SILENCE_TIME,
                &t::SAG_TIME,
                &t::JAM_TIME,
                &t::POWER_OFF_TIME,
                &t::SETTLE,
            ],
        ),
    ]
}

/// What the plot knows of the pen while it is written.
struct Plot<'r> {
    draw: Draw,
    ranges: &'r Ranges,
    steps: Vec<Step>,
    unlocked: bool,
    /// Chosen, and its ceiling.
    preset: Option<(Preset, Micrometers)>,
    depth: Micrometers,
    /// Longest protrusion that what is fitted allows.
    cartridge: Option<Micrometers>,
    beating: bool,
    /// The host hangs behind its first START.
    silent_host: bool,
    supply: Millivolts,
    mishap: Mishap,
    /// The pass that it happens in.
    mishap_pass: u32,
    n_passes: u32,
}

impl Plot<'_> {
    fn treatment(&mut self) {
        self.opening();
        self.first_cartridge();
        self.settings();
        if self.draw.choose(&tables::NUMBING) {
            self.wait(&tables::NUMBING_TIME);
        }
        let n_sections = self.draw.choose(&tables::SECTIONS);
        self.mishap = self.draw.choose(&tables::MISHAP);
        self.mishap_pass = 1 + self.draw.choose(&MISHAP_PASS);
        for section in 1..=n_sections {
            if section > 1 {
                self.next_section();
            }
            let n_section_passes = self.draw.choose(&tables::PASSES);
            for pass in 1..=n_section_passes {
                if pass > 1 {
                    self.between_passes();
                }
                // What goes wrong happens at the latest in the last pass.
                if section == n_sections && pass == n_section_passes {
                    self.mishap_pass = self.mishap_pass.min(self.n_passes + 1);
                }
                self.pass();
            }
        }
        self.closing();
    }

    fn opening(&mut self) {
        self.supply = match self.draw.choose(&tables::BATTERY) {
            Battery::Nominal => Millivolts(3_700),
            Battery::Charged => Millivolts(4_100),
            Battery::Low => Millivolts(3_450),
        };
        if self.supply != Millivolts(3_700) {
            self.person(Action::Supply(self.supply));
        }
        self.program(Request::Identify);
        self.hello();
        if let Some(period) = self.draw.choose(&tables::TELEMETRY) {
            self.program(Request::SetTelemetryPeriod(Milliseconds(period)));
        }
        match self.draw.choose(&tables::HOST) {
            Host::Beats => self.beat(),
            Host::BeatsLate => {}
            Host::Hangs => self.silent_host = true,
        }
        self.program(Request::GetStatus);
    }

    /// Agrees on the newest revision, as is needed after [`Request::Identify`].
    fn hello(&mut self) {
        self.program(Request::Hello {
            revision: firmware_wire::revision::REVISION,
        });
    }

    fn first_cartridge(&mut self) {
        let usual = self.ranges.usual_cartridge();
        let shorter = self.ranges.cartridges.get(1..).unwrap_or_default();
        match self.draw.choose(&tables::FIRST_CARTRIDGE) {
            First::Usual => return self.fit_fresh(usual),
            First::Shorter => {
                let length = self.draw.of(shorter).copied().unwrap_or(usual);
                return self.fit_fresh(length);
            }
            First::Nothing => {}
            First::Used => self.fit(Fitting::Used),
            First::Unreadable => self.fit(Fitting::Unreadable),
        }
        self.wait(&tables::FITTING);
        self.person(Action::Send(Request::Start));
        self.fit_fresh(usual);
    }

    fn fit_fresh(&mut self, length: Micrometers) {
        self.fit(Fitting::Fresh { length });
        self.cartridge = Some(length);
        self.wait(&tables::FITTING);
    }

    fn fit(&mut self, fitting: Fitting) {
        self.person(Action::Cartridge(Some(fitting)));
    }

    fn next_section(&mut self) {
        self.host(Request::NextSection);
        match self.draw.choose(&tables::BETWEEN_SECTIONS) {
            Change::Settings => self.settings(),
            Change::Rate => self.rate(),
            Change::Nothing => {}
        }
        if self.draw.one_in(3) {
            self.program(Request::GetTreatment);
        }
    }

    fn between_passes(&mut self) {
        let usual = self.ranges.usual_cartridge();
        match self.draw.choose(&tables::BETWEEN_PASSES) {
            Swap::Nothing => {}
            Swap::Fresh => {
                self.person(Action::Cartridge(None));
                let length = self.cartridge.unwrap_or(usual);
                self.fit_fresh(length);
            }
            Swap::Same => {
                self.person(Action::Cartridge(None));
                self.fit(Fitting::Same);
                self.wait(&tables::FITTING);
            }
        }
    }

    fn pass(&mut self) {
        self.n_passes += 1;
        if !self.beating && !self.silent_host {
            self.beat();
        }
        match self.draw.choose(&tables::START_BY) {
            By::Button => self.press(),
            By::Host | By::Pause => self.host(Request::Start),
        }
        let span = self.draw.choose(&tables::PASS_LENGTH);
        let mut left = self.draw.time(span).0;
        let on_skin = self.draw.choose(&tables::SKIN);
        if on_skin {
            // A fifth of the pass until the skin is met, a tenth without it at the end.
            let force = self.draw.between(NEEDLE_FORCE.0, NEEDLE_FORCE.1);
            self.push(Microseconds(left / 5), skin(force));
            left -= left / 5;
        }
        let happens = self.n_passes == self.mishap_pass;
        let mishap = if happens {
            self.mishap
        } else {
            Mishap::Nothing
        };
        let look_after = self.draw.between(left / 10, left / 2);
        self.look(Microseconds(look_after));
        left -= look_after;
        if !matches!(mishap, Mishap::Nothing) {
            let before = self.draw.between(left / 4, left / 2);
            self.push(Microseconds(before), Action::Nothing);
            left -= before;
            if self.happen(mishap) {
                self.lift(Microseconds(left / 10));
                return self.recover(mishap);
            }
        }
        if on_skin {
            self.lift(Microseconds(left - left / 10));
            left /= 10;
        }
        self.push(Microseconds(left), Action::Nothing);
        match self.draw.choose(&tables::END_BY) {
            By::Host => self.program(Request::Stop),
            By::Pause => self.program(Request::Pause),
            By::Button => self.press(),
        }
        if self.silent_host {
            // The lost link has ended this pass; the host is started anew.
            self.silent_host = false;
            self.beat();
            self.program(Request::ClearFaults);
        }
        self.wait(&tables::SETTLE);
    }

    fn look(&mut self, after: Microseconds) {
        let look = match self.draw.choose(&tables::LOOK) {
            Look::Nothing => return self.push(after, Action::Nothing),
            Look::Status => Request::GetStatus,
            Look::Treatment => Request::GetTreatment,
            Look::Log => Request::GetLog(self.draw.below(8) as u32),
            Look::SetDepth => self.any_depth(),
            Look::SetRate => self.any_rate(),
            Look::Preset => match self.draw.of(&Preset::ALL) {
                Some(preset) => Request::SelectPreset(*preset),
                None => Request::ClearPreset,
            },
        };
        // A host that hangs asks nothing.
        let action = if self.silent_host {
            Action::Nothing
        } else {
            Action::Send(look)
        };
        self.push(after, action);
    }

    fn closing(&mut self) {
        let closing = self.draw.choose(&tables::CLOSING);
        if self.draw.one_in(2) {
            self.program(Request::GetTreatment);
        }
        match closing {
            Closing::Left => {}
            Closing::OutAlone => self.person(Action::Cartridge(None)),
            Closing::End => self.host(Request::EndTreatment),
            Closing::EndAndOut => {
                self.host(Request::EndTreatment);
                self.person(Action::Cartridge(None));
            }
            Closing::AnotherClient => {
                self.host(Request::EndTreatment);
                self.wait(&tables::FITTING);
                self.host(Request::Start);
            }
        }
    }

    fn press(&mut self) {
        self.person(Action::Button(true));
        let time = self.draw.time(&tables::PRESS);
        self.push(time, Action::Button(false));
    }

    fn beat(&mut self) {
        self.beating = true;
        let after = self.draw.time(&tables::PROGRAM);
        self.push(after, Action::Heartbeats(true));
    }

    fn lift(&mut self, after: Microseconds) {
        self.push(after, skin(0));
    }

    /// A person does something.
    fn person(&mut self, action: Action) {
        let after = self.draw.time(&tables::REACTION);
        self.push(after, action);
    }

    /// A person has the host ask something.
    fn host(&mut self, request: Request) {
        self.person(Action::Send(request));
    }

    /// The host's program asks something by itself.
    fn program(&mut self, request: Request) {
        let after = self.draw.time(&tables::PROGRAM);
        self.push(after, Action::Send(request));
    }

    fn wait(&mut self, span: &Span) {
        let after = self.draw.time(span);
        self.push(after, Action::Nothing);
    }

    fn push(&mut self, after: Microseconds, action: Action) {
        self.steps.push(Step { after, action });
    }
}

/// In which pass something goes wrong.
const MISHAP_PASS: Choice<u32> = Choice {
    name: "pass in which it goes wrong, if the treatment has so many",
    rows: &[
        (60, 0, "first", "most treatments here have one or two"),
        (40, 1, "second", "likewise"),
    ],
};

fn skin(force: u64) -> Action {
    Action::Needles {
        needles: if force == 0 { 0 } else { NEEDLES },
        force: Millinewtons(i32::try_from(force).unwrap_or(0)),
    }
}
