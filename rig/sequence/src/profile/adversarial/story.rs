//! Stories: what takes several steps to show, from a pen that was put right to where it shows.

use super::tables::{self, Damage, Limit, Story};
use super::{Chaos, NOMINAL};
use crate::action::{Action, Fitting, ShaftHold};
use firmware_units::{Micrometers, Microseconds, Millinewtons, Milliseconds, StrokesPerMinute};
use firmware_wire::{Request, Setting, SettingId, revision::REVISION};

const NOW: Microseconds = Microseconds::ZERO;
const REST: Microseconds = Microseconds(tables::STORY_REST);

impl Chaos<'_> {
    pub(super) fn story(&mut self) {
        let story = self.draw.choose(&tables::STORY);
        self.put_right();
        match story {
            Story::BadBytes => self.bad_bytes(),
            Story::OldFrames => self.old_frames(),
            Story::Again => self.again(),
            Story::Counted => self.counted(),
            Story::PauseSilence => self.pause_silence(),
            Story::ButtonAlone => self.button_alone(),
            Story::TwoTreatments => self.two_treatments(),
            Story::ChipAgain => self.chip_again(),
            Story::DeepLock => self.deep_lock(),
            Story::SetStarting => self.set_starting(),
            Story::RateRunning => self.rate_running(),
            Story::Watched => self.watched(),
        }
    }

    /// At rest, with a fresh cartridge, nothing acting on it and nothing latched.
    fn put_right(&mut self) {
        self.act(Action::Heartbeats(true));
        self.push(NOW, Action::Supply(NOMINAL));
        self.push(NOW, Action::Shaft(ShaftHold::Free));
        self.push(NOW, Action::Axial(Millinewtons(0)));
        let (needles, force) = (0, Millinewtons(0));
        self.push(NOW, Action::Needles { needles, force });
        self.push(NOW, Action::Button(false));
        self.then(Request::Stop);
        self.fresh(REST);
        self.push(
            Microseconds(tables::STORY_READ),
            Action::Send(Request::ClearFaults),
        );
        if self.draw.one_in(2) {
            self.then(Request::EndTreatment);
        }
    }

    fn fresh(&mut self, after: Microseconds) {
        let length = self.ranges.usual_cartridge();
        let fresh = Action::Cartridge(Some(Fitting::Fresh { length }));
        self.push(after, fresh);
    }

    /// At once.
    fn then(&mut self, request: Request) {
        self.push(NOW, Action::Send(request));
    }

    fn run_for_a_while(&mut self) {
        self.then(Request::Start);
        self.pause(&tables::STORY_RUN);
    }

    /// Things that are no sign of life, one after the other for as long as it takes to see that.
    fn noise(&mut self, mut one: impl FnMut(&mut Self) -> Action) {
        self.push(NOW, Action::Heartbeats(false));
        let mut left = tables::STORY_NOISE;
        while left > 0 {
            let gap = self.draw.time(&tables::STORY_GAP);
            let action = one(self);
            self.push(gap, action);
            left = left.saturating_sub(gap.0);
        }
        self.push(Microseconds(100_000), Action::Send(Request::GetStatus));
    }

    fn bad_bytes(&mut self) {
        self.run_for_a_while();
        self.noise(|it| {
            let damage = it.draw.of(&[
                Damage::CutShort,
                Damage::Flipped,
                Damage::Garbage,
                Damage::Zeros,
            ]);
            let damage = damage.copied().unwrap_or(Damage::Garbage);
            it.damaged(damage)
        });
    }

    fn old_frames(&mut self) {
        self.run_for_a_while();
        self.noise(|it| {
            // A STOP would be heeded.
            let request = it.draw.of(&[
                Request::Heartbeat,
                Request::GetStatus,
                Request::Start,
                Request::UnlockDepth,
                Request::SetTelemetryPeriod(Milliseconds(100)),
            ]);
            let request = request.copied().unwrap_or(Request::Heartbeat);
            let back = it.draw.between(2, 40) as u16;
            Action::Late { request, back }
        });
    }

    fn again(&mut self) {
        for request in [
            Request::Start,
            Request::Pause,
            Request::Start,
            Request::Stop,
            Request::NextSection,
            Request::GetTreatment,
            Request::EndTreatment,
        ] {
            self.then(request);
            if self.draw.one_in(2) {
                self.push(NOW, Action::Repeat);
            }
            let is_stop = matches!(request, Request::Pause | Request::Stop);
            if is_stop {
                self.push(REST, Action::Nothing);
            } else if request == Request::Start {
                self.pause(&tables::STORY_RUN);
            }
        }
    }

    fn counted(&mut self) {
        self.then(Request::GetLinkReport);
        for _ in 0..self.draw.between(2, 5) {
            let damage = self.draw.choose(&tables::DAMAGE);
            let gap = self.draw.time(&tables::STORY_GAP);
            let action = self.damaged(damage);
            self.push(gap, action);
        }
        self.push(Microseconds(100_000), Action::Send(Request::GetLinkReport));
    }

    fn pause_silence(&mut self) {
        self.run_for_a_while();
        self.then(Request::Pause);
        self.push(REST, Action::Nothing);
        self.run_for_a_while();
        self.push(NOW, Action::Heartbeats(false));
        self.pause(&tables::STORY_HOLD);
        self.then(Request::GetStatus);
    }

    fn button_alone(&mut self) {
        self.push(NOW, Action::Heartbeats(false));
        self.pause(&tables::STORY_RUN);
        for _ in 0..2 {
            self.push(NOW, Action::Button(true));
            self.push(Microseconds(80_000), Action::Button(false));
            self.pause(&tables::STORY_RUN);
            self.then(Request::GetStatus);
        }
    }

    fn two_treatments(&mut self) {
        self.run_for_a_while();
        self.then(Request::GetTreatment);
        self.then(Request::Stop);
        self.push(REST, Action::Send(Request::EndTreatment));
        if self.draw.one_in(2) {
            self.push(NOW, Action::Cartridge(Some(Fitting::Same)));
        } else {
            self.fresh(NOW);
        }
        self.push(
            Microseconds(tables::STORY_READ),
            Action::Send(Request::GetCartridge),
        );
        self.run_for_a_while();
        self.then(Request::GetTreatment);
    }

    fn chip_again(&mut self) {
        self.run_for_a_while();
        if self.draw.one_in(2) {
            self.then(Request::Stop);
            self.push(REST, Action::Send(Request::EndTreatment));
        }
        self.push(NOW, Action::Reset);
        self.push(Microseconds(tables::STORY_HOMED), Action::Nothing);
        let revision = REVISION;
        self.then(Request::Hello { revision });
        self.then(Request::GetCartridge);
        self.then(Request::GetStatus);
        self.run_for_a_while();
    }

    fn deep_lock(&mut self) {
        if self.draw.one_in(2) {
            self.run_for_a_while();
            self.then(Request::Stop);
            self.push(REST, Action::Nothing);
        }
        let armed = self.ranges.armed.0;
        self.deep(armed);
        let request = if self.draw.one_in(2) {
            Request::LockDepth
        } else {
            Request::EndTreatment
        };
        self.then(request);
        self.then(Request::Get(SettingId::Depth));
        self.then(Request::LockDepth);
        self.then(Request::Get(SettingId::Depth));
    }

    /// Unlocks, and sets a depth above this one.
    fn deep(&mut self, above: i32) {
        self.then(Request::ClearPreset);
        self.then(Request::UnlockDepth);
        let step = self.ranges.step.0.max(1);
        let n_steps = u64::try_from((self.ranges.range.0 - above) / step).unwrap_or(1);
        let depth = above + step * self.draw.between(1, n_steps.max(1)) as i32;
        self.then(Request::Set(Setting::Depth(Micrometers(depth))));
    }

    fn set_starting(&mut self) {
        if self.draw.one_in(2) {
            let armed = self.ranges.armed.0;
            self.deep(armed);
        }
        let set = self.limit(Limit::Step);
        if self.draw.one_in(2) {
            self.push(NOW, Action::Burst(vec![Request::Start, set]));
        } else {
            self.then(Request::Start);
            let after = Microseconds(self.draw.log_between(1_000, 200_000));
            self.push(after, Action::Send(set));
        }
        self.then(Request::Get(SettingId::Depth));
        self.pause(&tables::STORY_RUN);
    }

    fn rate_running(&mut self) {
        self.run_for_a_while();
        let (slowest, fastest) = self.ranges.rates;
        let rate = match self.draw.below(3) {
            0 => slowest,
            1 => fastest,
            _ => StrokesPerMinute(
                self.draw
                    .between(u64::from(slowest.0), u64::from(fastest.0)) as u32,
            ),
        };
        self.then(Request::Set(Setting::Rate(rate)));
        self.pause(&tables::STORY_HOLD);
    }

    fn watched(&mut self) {
        let fast = Milliseconds(20);
        self.then(Request::SetTelemetryPeriod(fast));
        if self.draw.one_in(2) {
            self.then(Request::Set(Setting::Depth(Micrometers::ZERO)));
        } else {
            let deepest = self.ranges.range - self.ranges.step;
            self.deep(deepest.0);
        }
        if self.draw.one_in(2) {
            let (_, fastest) = self.ranges.rates;
            self.then(Request::Set(Setting::Rate(fastest)));
        }
        self.run_for_a_while();
        let look = Request::GetStatus;
        self.push(NOW, Action::Burst(vec![Request::Stop, look, look]));
        self.push(Microseconds(20_000), Action::Send(look));
        self.push(REST, Action::Send(look));
    }
}
