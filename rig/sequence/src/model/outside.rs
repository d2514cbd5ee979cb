//! What contacts, button, reset and supply do to a guess.

use super::due::{Due, What};
use super::guess::{Chip, Counts, Guess, Kept, LinkState, Mark, Out, Phase};
use super::window::{self, Window};
use super::world::World;
use super::{Requirements, Since};
use firmware_units::{Micrometers, Nanoseconds};
use firmware_wire::{Calibration, Fault, FaultSet};

/// A switch that moved back and forth at once may have been noticed or not.
const SWAP: Window = Window {
    least: Nanoseconds::ZERO,
    most: window::CONTACT.most,
};

impl Guess {
    /// The contact of the cartridge has moved; `swapped` if one was put in another's place. It
    /// stands as it does since the first of two times at the earliest, the second at the latest.
    pub(super) fn contact(
        mut self,
        stood: (Nanoseconds, Nanoseconds),
        closed: bool,
        swapped: bool,
    ) -> Vec<Self> {
        let (earliest, at) = stood;
        if self.phase == Phase::Off {
            return vec![self];
        }
        let mut guesses = Vec::new();
        if swapped || !closed {
            // A mark that is being written may be there, or torn, and the pen does not know.
            self.half_mark(true);
        }
        if closed && !swapped {
            self.cancel(What::ContactOpens);
            if !self.fitted {
                self.expect(What::ContactCloses, window::CONTACT, earliest, at);
            }
        } else if !closed {
            self.cancel(What::ContactCloses);
            if self.fitted {
                self.expect(What::ContactOpens, window::CONTACT, earliest, at);
            }
        } else if self.fitted {
            let mut noticed = self.clone();
            noticed.expect(What::ContactOpens, SWAP, at, at);
            guesses.push(noticed);
        } else {
            self.cancel(What::ContactCloses);
            self.expect(What::ContactCloses, window::CONTACT, earliest, at);
        }
        guesses.push(self);
        guesses
    }

    /// A cartridge is fitted again with the mark that the pen wrote, or without.
    pub(super) fn or_unmarked(mut self, id: u64) -> Vec<Self> {
        if self.marks.contains_key(&id) {
            self.may_be_marked(id, None);
        }
        vec![self]
    }

    /// A marking that is broken off may have been done, or be torn.
    fn half_mark(&mut self, torn: bool) {
        let Chip::Known {
            id,
            marking: Some(place),
            ..
        } = self.chip
        else {
            return;
        };
        self.may_be_marked(id, Some(Mark::Treatment(place)));
        if torn {
            self.may_be_marked(id, Some(Mark::Torn));
        }
    }

    /// The button has moved, and stands so since the first of two times at the earliest, the second
    /// at the latest.
    pub(super) fn push_button(&mut self, stood: (Nanoseconds, Nanoseconds), down: bool) {
        let (earliest, at) = stood;
        if self.phase == Phase::Off {
            return;
        }
        let (other, what) = if down {
            (What::ButtonOpens, What::ButtonCloses)
        } else {
            (What::ButtonCloses, What::ButtonOpens)
        };
        self.cancel(other);
        if self.button != down && !self.is_due(what) {
            self.expect(what, window::BUTTON, earliest, at);
        }
    }

    /// What a reset may find kept.
    fn kept_at(&self, at: Nanoseconds) -> Vec<Kept> {
        let mut found = vec![self.kept()];
        for (until, kept) in &self.stale {
            if *until >= at && !found.contains(kept) {
                found.push(*kept);
            }
        }
        found
    }

    /// The debug probe resets the chip.
    pub(super) fn reset(
        mut self,
        at: Nanoseconds,
        world: &World,
        requirements: &Requirements,
    ) -> Vec<Self> {
        if self.phase == Phase::Off {
            return vec![self];
        }
        self.half_mark(false);
        let booted = |kept| {
            let mut guess = self.clone();
            guess.boot(kept, at, world, requirements);
            guess
        };
        let guesses = self.kept_at(at).into_iter().map(booted);
        guesses.flat_map(Self::either_record).collect()
    }

    /// The program hangs: the watchdog resets the chip, and a fault says so (SAF-11; firmware/wire,
    /// `Fault::Watchdog`). Until then the pen is taken to boot already, later than it does.
    pub(super) fn hang(
        mut self,
        at: Nanoseconds,
        world: &World,
        requirements: &Requirements,
    ) -> Vec<Self> {
        if self.phase == Phase::Off {
            return vec![self];
        }
        self.half_mark(false);
        let booted = |mut kept: Kept| {
            let mut guess = self.clone();
            kept.latched = kept.latched.with(Fault::Watchdog);
            guess.boot(kept, at, world, requirements);
            guess.later(window::WATCHDOG.most);
            guess
        };
        let guesses = self.kept_at(at).into_iter().map(booted);
        guesses.flat_map(Self::either_record).collect()
    }

    /// All that comes may come so much later.
    fn later(&mut self, by: Nanoseconds) {
        for due in &mut self.due {
            due.by = due.by.map(|it| it + by);
        }
        self.deaf_until = self.deaf_until + by;
        if let Some(treatment) = &mut self.treatment {
            treatment.missed = treatment.missed.saturating_add(by);
        }
    }

    /// The supply goes away.
    pub(super) fn power_off(mut self, at: Nanoseconds) -> Vec<Self> {
        if self.phase == Phase::Off {
            return vec![self];
        }
        self.half_mark(true);
        let off = |kept: Kept| {
            let mut off = self.clone();
            off.latched = kept.latched;
            off.treatment = kept.treatment;
            off.was_moving = kept.moving;
            off.phase = Phase::Off;
            off.since = at;
            off.chip = Chip::Absent;
            off.fitted = false;
            off.due.clear();
            off.stale.clear();
            off
        };
        let guesses = self.kept_at(at).into_iter().map(off);
        guesses.flat_map(Self::either_record).collect()
    }

    /// The supply comes back: retained RAM may have been kept or lost.
    pub(super) fn power_on(
        self,
        at: Nanoseconds,
        world: &World,
        requirements: &Requirements,
    ) -> Vec<Self> {
        if self.phase != Phase::Off {
            return vec![self];
        }
        let away = at.saturating_sub(self.since);
        let treatment = self.treatment.map(|mut it| {
            it.missed = it.missed.saturating_add(away);
            it
        });
        let mut latched = self.latched;
        if self.was_moving {
            latched = latched.with(Fault::BrownOut);
        }
        let kept = Kept {
            latched,
            treatment,
            moving: false,
        };
        let lost = Kept {
            latched: FaultSet::NONE,
            treatment: None,
            moving: false,
        };
        [kept, lost]
            .into_iter()
            .map(|kept| {
                let mut guess = self.clone();
                guess.boot(kept, at, world, requirements);
                let out = self.out;
                if out != Out::No && !guess.latched.contains(Fault::BrownOut) {
                    let surely = out == Out::Surely;
                    let window = window::FOUND_OUT;
                    guess.due.push(Due {
                        what: What::Latches(Fault::BrownOut),
                        from: at + window.least,
                        by: surely.then_some(at + window.most),
                        until: (!surely).then_some(at + window.most),
                    });
                }
                guess
            })
            .collect()
    }

    /// A factory record that was being written when the chip lost supply or was reset holds as it was
    /// or as it was to be: one copy always does (SAF-10; firmware/HARDWARE.md, memory).
    fn either_record(mut self) -> Vec<Self> {
        let Some(written) = self.writing.take() else {
            return vec![self];
        };
        let mut new = self.clone();
        new.hold_record(written);
        match written {
            // Nothing is known of either.
            None => vec![new],
            Some(_) => vec![self, new],
        }
    }

    /// Another factory record holds from now on.
    pub(super) fn hold_record(&mut self, written: Option<Calibration>) {
        let depths = |it: Calibration| (it.home_protrusion, it.screw_lead);
        let (before, now) = (self.calibration.map(depths), written.map(depths));
        self.recalibrated |= now.is_none() || before != now;
        self.calibration = written;
    }

    /// Comes out of reset.
    fn boot(&mut self, kept: Kept, at: Nanoseconds, world: &World, requirements: &Requirements) {
        self.phase = Phase::Boot;
        self.since = at;
        self.booted = at;
        self.depth = Since {
            value: Micrometers::ZERO,
            since: at,
        };
        self.rate = Since {
            value: requirements.rate_after_boot,
            since: at,
        };
        self.unlocked = false;
        self.preset = None;
        self.treatment = kept.treatment.map(|mut it| {
            it.missed = it.missed + window::UP.most + window::UP.most;
            it
        });
        self.treatment_new = false;
        self.pass_due = true;
        self.fitted = false;
        self.chip = Chip::Absent;
        self.latched = kept.latched;
        self.causes = FaultSet::NONE;
        // A button held down as it comes up is no press.
        self.button = true;
        if self.out == Out::Surely {
            self.out = Out::Maybe;
        }
        self.was_moving = false;
        self.link = LinkState {
            last: None,
            revision: 0,
            heard: at,
            telemetry: Some(0),
            counts: Counts::ZERO,
        };
        self.stale.clear();
        self.deaf_until = at + window::DEAF;
        self.due.clear();
        let up = (at + window::UP.least, at + window::UP.most);
        self.expect(What::Homed, window::HOME, up.0, up.1);
        if world.fitted.is_some() {
            self.expect(What::ContactCloses, window::CONTACT, up.0, up.1);
        }
        if !world.button {
            self.expect(What::ButtonOpens, window::BUTTON, up.0, up.1);
        }
        if let Some(treatment) = self.treatment
            && !treatment.over
        {
            let (least, most) = requirements.treatment;
            self.due.push(Due {
                what: What::TimeUp,
                from: treatment.begun.0 + least,
                by: Some(treatment.begun.1 + most + treatment.missed),
                until: None,
            });
        }
        self.hazards(world, at);
    }
}
