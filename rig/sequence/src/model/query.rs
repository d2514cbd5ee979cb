//! What the model says of a pen when it is asked.

use super::fold::{Model, Waiting};
use super::guess::{Guess, Phase};
use super::window;
use super::{KnownFaults, Motion, Since};
use firmware_units::{Micrometers, Nanoseconds, StrokesPerMinute};
use firmware_wire::{Fault, FaultSet, Request, State};

impl Model {
    /// Depth setting; nothing while it may be one of several, or the pen has no supply.
    #[must_use]
    pub fn depth(&self) -> Option<Since<Micrometers>> {
        self.agreed(|it| it.depth, |it| matches!(it, Request::Start))
    }

    /// Rate setting, as [`Model::depth`].
    #[must_use]
    pub fn rate(&self) -> Option<Since<StrokesPerMinute>> {
        self.agreed(|it| it.rate, |_| false)
    }

    fn agreed<T: Copy + PartialEq>(
        &self,
        value: impl Fn(&Guess) -> Since<T>,
        harmless: impl Fn(&Request) -> bool,
    ) -> Option<Since<T>> {
        let pending = |it: &&Waiting| !it.crossed && changes_settings(&it.request);
        if self
            .waiting
            .iter()
            .filter(pending)
            .any(|it| !harmless(&it.request))
            || self.lost
        {
            return None;
        }
        let mut guesses = self.guesses.iter();
        let mut agreed = value(guesses.next()?);
        for guess in guesses {
            let other = value(guess);
            if other.value != agreed.value {
                return None;
            }
            agreed.since = agreed.since.max(other.since);
        }
        let off = self.guesses.iter().any(|it| it.phase == Phase::Off);
        (!off).then_some(agreed)
    }

    /// Deepest that a stroke may go now: the lowest of the limit in force, the preset's ceiling and
    /// the cartridge's length; the highest of them that may hold while that is uncertain. A run
    /// that is coming to rest is still under the ceiling that it began with.
    #[must_use]
    pub fn ceiling(&self) -> Micrometers {
        let pending = self
            .waiting
            .iter()
            .any(|it| !it.crossed && changes_settings(&it.request));
        if self.lost || pending {
            return self.requirements.range;
        }
        let each = self.guesses.iter().map(|guess| {
            let now = guess.ceiling(&self.requirements);
            match guess.phase {
                Phase::Stopping { .. } | Phase::Boot | Phase::Off => now.max(guess.ran_under),
                _ => now,
            }
        });
        each.max().unwrap_or(self.requirements.range)
    }

    /// Whether cam and carriage may move.
    #[must_use]
    pub fn may_move(&self) -> Motion {
        let pending = self
            .waiting
            .iter()
            .any(|it| !it.crossed && changes_motion(&it.request));
        if self.lost || pending {
            return Motion::Uncertain;
        }
        let mut motions = self.guesses.iter().map(motion);
        let first = motions.next().unwrap_or(Motion::Uncertain);
        motions.fold(first, together)
    }

    /// The states that the pen may show in revision 1, each once.
    #[must_use]
    pub fn states(&self) -> Vec<State> {
        let mut states = Vec::new();
        for guess in self.guesses.iter().filter(|it| it.phase != Phase::Off) {
            if !states.contains(&guess.state()) {
                states.push(guess.state());
            }
        }
        states
    }

    /// Latched faults.
    #[must_use]
    pub fn faults(&self) -> KnownFaults {
        let mut known = KnownFaults::default();
        if self.lost {
            known.possible = Fault::ALL.into_iter().fold(FaultSet::NONE, FaultSet::with);
            return known;
        }
        let mut latched: Option<u16> = None;
        for guess in &self.guesses {
            latched = Some(latched.unwrap_or(u16::MAX) & guess.latched.0);
            known.possible = FaultSet(known.possible.0 | guess.latched.0);
        }
        known.latched = FaultSet(latched.unwrap_or(0));
        known
    }

    /// Id of the treatment under way, where it is known: nothing, or none.
    #[must_use]
    pub fn treatment(&self) -> Option<Option<u32>> {
        if self.lost {
            return None;
        }
        let id = |guess: &Guess| match guess.treatment {
            None => Some(None),
            Some(treatment) => guess.ids.get(&treatment.place).copied().map(Some),
        };
        let first = id(self.guesses.first()?)?;
        let agreed = self.guesses.iter().all(|it| id(it) == Some(first));
        agreed.then_some(first)
    }

    /// Whether the supply is within what the pen is rated for, and has been for a second.
    #[must_use]
    pub fn supply_ok(&self) -> bool {
        self.world.battery_good(self.now) == Some(true) && self.world.supply < window::NO_BATTERY
    }

    /// Whether the pen's depth calibration may have been changed by request: depths are then as
    /// that says.
    #[must_use]
    pub fn recalibrated(&self) -> bool {
        self.guesses.iter().any(|it| it.recalibrated)
    }

    /// Whether there is one guess alone.
    #[must_use]
    pub fn is_certain(&self) -> bool {
        self.guesses.len() == 1 && !self.lost
    }

    /// Whether the model has given up: so much may be that nothing more is said.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        self.lost
    }

    /// Telemetry period, ms, zero for none; nothing where it is not known.
    pub(crate) fn telemetry_period(&self) -> Option<u32> {
        if self.lost {
            return None;
        }
        let first = self.guesses.first()?.link.telemetry?;
        let agreed = self
            .guesses
            .iter()
            .all(|it| it.link.telemetry == Some(first) && it.phase != Phase::Off);
        agreed.then_some(first)
    }

    /// When treatment, section and pass under way began, where that is known; the treatment's place
    /// in the sequence before.
    pub(crate) fn counted_from(&self) -> Option<(u32, [Nanoseconds; 3])> {
        if self.lost {
            return None;
        }
        let from = |guess: &Guess| {
            let it = guess.treatment?;
            Some((it.place, [it.begun.0, it.section_from, it.pass_from]))
        };
        let first = from(self.guesses.first()?)?;
        let agreed = self.guesses.iter().all(|it| from(it) == Some(first));
        agreed.then_some(first)
    }
}

fn changes_settings(request: &Request) -> bool {
    matches!(
        request,
        Request::Set(_)
            | Request::SelectPreset(_)
            | Request::ClearPreset
            | Request::UnlockDepth
            | Request::LockDepth
            | Request::EndTreatment
    )
}

fn changes_motion(request: &Request) -> bool {
    matches!(
        request,
        Request::Start
            | Request::Stop
            | Request::Pause
            | Request::NextSection
            | Request::EndTreatment
            | Request::ClearFaults
            | Request::Calibrate { .. }
    )
}

fn motion(guess: &Guess) -> Motion {
    let since = guess.since;
    match guess.phase {
        Phase::Off => Motion::Off { since },
        Phase::Boot | Phase::Calibrating => Motion::Homing { since },
        Phase::Idle | Phase::Paused | Phase::Asleep => Motion::Forbidden { since },
        Phase::Marking | Phase::MovingOut | Phase::Trying | Phase::Running => Motion::Commanded {
            since,
            by: guess.starter,
        },
        Phase::Stopping { .. } => Motion::Stopping {
            since,
            by: guess.stopped_by,
        },
    }
}

/// What holds if either may: what allows more, if that is plain.
fn together(one: Motion, other: Motion) -> Motion {
    match (one, other) {
        _ if one == other => one,
        (Motion::Forbidden { since: a }, Motion::Forbidden { since: b }) => {
            Motion::Forbidden { since: a.max(b) }
        }
        (Motion::Forbidden { .. }, more @ (Motion::Stopping { .. } | Motion::Homing { .. }))
        | (more @ (Motion::Stopping { .. } | Motion::Homing { .. }), Motion::Forbidden { .. }) => {
            more
        }
        _ => Motion::Uncertain,
    }
}
