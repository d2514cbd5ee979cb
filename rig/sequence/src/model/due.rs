//! What a pen does by itself as time passes.

use super::guess::{Chip, Guess, Mark, Out, Phase};
use super::window;
use super::world::World;
use super::{Requirements, Starter, StopCause};
use firmware_units::Nanoseconds;
use firmware_wire::Fault;
use std::collections::{BTreeSet, VecDeque};

/// What happens by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum What {
    ContactCloses,
    ContactOpens,
    ChipRead,
    Marked,
    MovedOut,
    Runs,
    Rests,
    Homed,
    Wrote,
    ButtonCloses,
    ButtonOpens,
    Silent,
    Sleeps,
    TimeUp,
    Latches(Fault),
    CauseGone(Fault),
}

/// Something that may happen from one time on, has happened by another, and after a third does not
/// happen any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Due {
    pub(super) what: What,
    pub(super) from: Nanoseconds,
    pub(super) by: Option<Nanoseconds>,
    pub(super) until: Option<Nanoseconds>,
}

/// What guesses go by.
#[derive(Clone, Copy)]
pub(super) struct Context<'m> {
    pub(super) world: &'m World,
    pub(super) requirements: &'m Requirements,
}

/// Times between which something happened.
pub(super) type Span = (Nanoseconds, Nanoseconds);

/// Deadlines are taken together over this time.
const APART: Nanoseconds = Nanoseconds::from_millis(20);
/// At most so many at once.
const STEPS: usize = 40;
/// More guesses than this, and the model gives up.
const GUESSES: usize = 2_000;
/// So it does after more looks at guesses in one step.
const LOOKS: usize = 30_000;

/// The guesses that hold at some time between two: by the first of them what must have happened
/// has, and until the second what may happen may have. Nothing if there are too many.
pub(super) fn advance(
    guesses: &[Guess],
    context: Context<'_>,
    sure: Nanoseconds,
    maybe: Nanoseconds,
) -> Option<Vec<Guess>> {
    let mut now = guesses.to_vec();
    // Deadline by deadline, so that guesses that differ in the order of things become one again.
    for _ in 0..STEPS {
        let Some(next) = first_deadline(&now).map(|it| it.saturating_add(APART)) else {
            break;
        };
        if next >= sure {
            break;
        }
        now = step(now, context, next, next)?;
    }
    step(now, context, sure, maybe)
}

/// When something must have happened first.
fn first_deadline(guesses: &[Guess]) -> Option<Nanoseconds> {
    let dues = guesses.iter().flat_map(|it| &it.due);
    dues.filter_map(|it| it.by).min()
}

/// As [`advance`], in one step.
fn step(
    guesses: Vec<Guess>,
    context: Context<'_>,
    sure: Nanoseconds,
    maybe: Nanoseconds,
) -> Option<Vec<Guess>> {
    let mut all: Vec<Guess> = Vec::new();
    for guess in guesses {
        add(&mut all, guess);
    }
    let mut todo: VecDeque<usize> = (0..all.len()).collect();
    let mut looked_at = 0;
    while let Some(place) = todo.pop_front() {
        looked_at += 1;
        if all.len() > GUESSES || looked_at > LOOKS {
            return None;
        }
        let guess = all[place].clone();
        for idx in 0..guess.due.len() {
            if !guess.may_happen(idx, maybe) {
                continue;
            }
            for next in guess.happens(idx, context, maybe) {
                if let Some(changed) = add(&mut all, next)
                    && !todo.contains(&changed)
                {
                    todo.push_back(changed);
                }
            }
        }
    }
    let mut left: Vec<Guess> = Vec::new();
    for guess in all.into_iter().filter_map(|it| it.still(sure)) {
        add(&mut left, guess);
    }
    Some(left)
}

/// Adds a guess; two that differ in times alone, or in what a reset or the reading of a chip may
/// find, become one, with the times of both and what may be found of either. Its place, if anything
/// was added.
pub(super) fn add(guesses: &mut Vec<Guess>, mut guess: Guess) -> Option<usize> {
    guess.forget();
    guess.due.sort_by_key(|it| it.what);
    let Some(place) = guesses.iter().position(|it| it.is_like(&guess)) else {
        guesses.push(guess);
        return Some(guesses.len() - 1);
    };
    let before = guesses[place].clone();
    guesses[place].merge(&guess);
    (guesses[place] != before).then_some(place)
}

impl Due {
    /// The same thing, at the times of both.
    fn or(self, other: Self) -> Self {
        let latest = |a: Option<Nanoseconds>, b| Some(a?.max(b?));
        Self {
            what: self.what,
            from: self.from.min(other.from),
            by: latest(self.by, other.by),
            until: latest(self.until, other.until),
        }
    }
}

impl Guess {
    /// Whether another guess differs in no more than what [`Guess::merge`] merges.
    fn is_like(&self, other: &Self) -> bool {
        let dues = |it: &Due| (it.what, it.by.is_none(), it.until.is_none());
        let link = |it: &Self| {
            (
                it.link.last,
                it.link.revision,
                it.link.telemetry,
                it.link.counts,
            )
        };
        // What differs most often comes first.
        (
            self.phase,
            self.latched,
            self.causes,
            self.fitted,
            self.chip,
        ) == (
            other.phase,
            other.latched,
            other.causes,
            other.fitted,
            other.chip,
        ) && self.due.len() == other.due.len()
            && self.due.iter().map(dues).eq(other.due.iter().map(dues))
            && (
                self.starter,
                self.stopped_by,
                self.unlocked,
                self.preset,
                self.button,
            ) == (
                other.starter,
                other.stopped_by,
                other.unlocked,
                other.preset,
                other.button,
            )
            && (self.depth.value, self.rate.value, self.out, self.booted)
                == (other.depth.value, other.rate.value, other.out, other.booted)
            && (
                self.treatment,
                self.treatments,
                self.treatment_new,
                self.pass_due,
            ) == (
                other.treatment,
                other.treatments,
                other.treatment_new,
                other.pass_due,
            )
            && (self.ran_under, self.was_moving, self.recalibrated)
                == (other.ran_under, other.was_moving, other.recalibrated)
            && (self.identity, self.calibration, self.writing)
                == (other.identity, other.calibration, other.writing)
            && link(self) == link(other)
            && self.ids == other.ids
    }

    /// Takes in the times of a guess that is like this one, and what may be found of it.
    fn merge(&mut self, other: &Self) {
        for (due, other) in self.due.iter_mut().zip(&other.due) {
            *due = due.or(*other);
        }
        self.since = self.since.max(other.since);
        self.depth.since = self.depth.since.max(other.depth.since);
        self.rate.since = self.rate.since.max(other.rate.since);
        self.driven.0 = self.driven.0.min(other.driven.0);
        self.driven.1 = self.driven.1.max(other.driven.1);
        self.link.heard = self.link.heard.max(other.link.heard);
        self.deaf_until = self.deaf_until.max(other.deaf_until);
        for (later, kept) in &other.stale {
            match self.stale.iter_mut().find(|it| it.1 == *kept) {
                Some((until, _)) => *until = (*until).max(*later),
                None => self.stale.push((*later, *kept)),
            }
        }
        for id in self
            .marks
            .keys()
            .chain(other.marks.keys())
            .copied()
            .collect::<BTreeSet<_>>()
        {
            match other.marks.get(&id) {
                None => self.may_be_marked(id, None),
                Some(marks) => marks.iter().for_each(|it| self.may_be_marked(id, *it)),
            }
        }
    }

    /// Whether something due may have happened, nothing that comes before it being left out.
    fn may_happen(&self, idx: usize, maybe: Nanoseconds) -> bool {
        let due = &self.due[idx];
        due.from <= maybe
            && self
                .due
                .iter()
                .all(|other| other.by.is_none_or(|by| by >= due.from))
    }

    /// The guess if nothing more has happened by a time, where that is possible.
    fn still(mut self, sure: Nanoseconds) -> Option<Self> {
        if self.due.iter().any(|it| it.by.is_some_and(|by| by <= sure)) {
            return None;
        }
        self.due
            .retain(|it| it.until.is_none_or(|until| until > sure));
        for due in &mut self.due {
            due.from = due.from.max(sure);
        }
        self.stale.retain(|(until, _)| *until >= sure);
        Some(self)
    }

    /// The guess after something due has happened.
    fn happens(&self, idx: usize, context: Context<'_>, maybe: Nanoseconds) -> Vec<Self> {
        let mut guess = self.clone();
        let due = guess.due.remove(idx);
        let last = due.by.or(due.until).unwrap_or(maybe).min(maybe);
        let span = (due.from, last.max(due.from));
        let world = context.world;
        match due.what {
            What::ContactCloses => {
                guess.fitted = true;
                guess.chip = Chip::Reading;
                guess.expect(What::ChipRead, window::READ, span.0, span.1);
            }
            What::ContactOpens => guess.contact_opens(world, span),
            What::ChipRead => return guess.chip_read(world, span),
            What::Marked => return guess.marked(world, span),
            What::MovedOut => guess.moved_out(world, span),
            What::Runs => {
                guess.phase = Phase::Running;
                guess.hazards(world, span.0);
            }
            What::Rests => guess.rests(due.by.unwrap_or(span.1), span),
            What::Homed => {
                guess.phase = Phase::Idle;
                guess.since = due.by.unwrap_or(span.1);
                guess.out = Out::No;
                guess.wanted(span.0, span.1);
            }
            What::Wrote => {
                let written = guess.writing.take().flatten();
                guess.hold_record(written);
                guess.phase = Phase::Boot;
                guess.expect(What::Homed, window::HOME, span.0, span.1);
            }
            What::ButtonCloses => {
                guess.button = true;
                return guess.pressed(context, span);
            }
            What::ButtonOpens => guess.button = false,
            What::Silent => {
                guess.link.last = None;
                if guess.in_run() && guess.starter == Starter::Host {
                    guess.latch(Fault::LostLink, guess.link.heard, span);
                }
            }
            What::Sleeps => {
                if guess.latched.is_empty() {
                    if guess.treatment.is_none() {
                        guess.arm(context.requirements.armed, span.0);
                    }
                    guess.phase = Phase::Asleep;
                }
            }
            What::TimeUp => {
                if let Some(treatment) = &mut guess.treatment {
                    treatment.over = true;
                }
                if guess.in_run() {
                    guess.stop(false, StopCause::Other, span.0, span);
                }
            }
            What::Latches(fault) => {
                if matches!(fault, Fault::BatteryLow | Fault::NoseHot | Fault::SelfTest) {
                    guess.causes = guess.causes.with(fault);
                }
                let since = if fault == Fault::Stall {
                    world.shaft_since.max(guess.driven.0)
                } else {
                    span.0
                };
                guess.latch(fault, since, span);
                guess.hazards(world, span.0);
            }
            What::CauseGone(fault) => {
                guess.causes = guess.causes.without(fault);
                guess.hazards(world, span.0);
            }
        }
        vec![guess]
    }

    fn contact_opens(&mut self, world: &World, span: Span) {
        self.fitted = false;
        let known = matches!(self.chip, Chip::Known { .. });
        self.chip = Chip::Absent;
        self.cancel(What::ChipRead);
        self.cancel(What::Marked);
        if world.fitted.is_some() {
            self.expect(What::ContactCloses, window::CONTACT, span.0, span.1);
        }
        if self.in_run() {
            self.latch(Fault::CartridgeRemoved, world.contact_stands.since, span);
        }
        if let Phase::Stopping { paused } = &mut self.phase {
            *paused = false;
        }
        if known {
            self.wake(span.0, span.1);
            self.stop(
                false,
                StopCause::CartridgeOut,
                world.contact_stands.since,
                span,
            );
        }
    }

    /// The chip is read: it says one of what may stand on it.
    fn chip_read(mut self, world: &World, span: Span) -> Vec<Self> {
        let Some(made) = world.fitted.filter(|it| it.readable) else {
            self.chip = Chip::Unreadable;
            return vec![self];
        };
        let marks = self.marks.remove(&made.id);
        let marks = marks.unwrap_or_else(|| BTreeSet::from([None]));
        let read = |written: Option<Mark>| {
            let mut guess = self.clone();
            if written.is_some() {
                guess.marks.insert(made.id, BTreeSet::from([written]));
            }
            let unmarked = if made.used {
                Mark::Foreign
            } else {
                Mark::Unused
            };
            let mark = written.unwrap_or(unmarked);
            if mark == Mark::Torn {
                guess.chip = Chip::Unreadable;
                return guess;
            }
            guess.chip = Chip::Known {
                id: made.id,
                length: made.length,
                mark,
                marking: None,
            };
            guess.wake(span.0, span.1);
            guess
        };
        marks.into_iter().map(read).collect()
    }

    /// The chip is marked, or takes no mark since it is not there any more.
    fn marked(mut self, world: &World, span: Span) -> Vec<Self> {
        let Chip::Known {
            id,
            length,
            mark,
            marking,
        } = self.chip
        else {
            return vec![self];
        };
        let mut outcomes = Vec::new();
        if marking.is_some() && world.fitted.is_none_or(|it| it.id != id) {
            let mut failed = self.clone();
            failed.chip = Chip::Unreadable;
            failed.not_marked(span);
            outcomes.push(failed);
        }
        let mark = marking.map_or(mark, Mark::Treatment);
        self.chip = Chip::Known {
            id,
            length,
            mark,
            marking: None,
        };
        if marking.is_some() {
            let there = world.fitted.map_or(id, |it| it.id);
            self.marks.insert(there, BTreeSet::from([Some(mark)]));
        }
        if self.phase == Phase::Marking {
            if self.usable() {
                self.treatment_new = false;
                self.phase = Phase::MovingOut;
                if self.depth.value.0 > 0 {
                    self.out = Out::Maybe;
                }
                self.expect(What::MovedOut, window::MOVE_OUT, span.0, span.1);
            } else {
                self.not_marked(span);
            }
        }
        outcomes.push(self);
        outcomes
    }

    fn not_marked(&mut self, span: Span) {
        if self.phase != Phase::Marking {
            return;
        }
        self.before_change(span.1);
        if self.treatment_new {
            self.treatment = None;
            self.cancel(What::TimeUp);
        }
        self.phase = Phase::Idle;
        self.wanted(span.0, span.1);
    }

    fn moved_out(&mut self, world: &World, span: Span) {
        self.before_change(span.1);
        if let Some(treatment) = &mut self.treatment
            && std::mem::take(&mut self.pass_due)
        {
            treatment.section_passes = treatment.section_passes.saturating_add(1);
            treatment.passes = treatment.passes.saturating_add(1);
            treatment.pass_from = self.since;
        }
        self.phase = Phase::Trying;
        self.driven = span;
        if self.out == Out::Maybe {
            self.out = Out::Surely;
        }
        self.expect(What::Runs, window::TRY_DRIVE, span.0, span.1);
        self.hazards(world, span.0);
    }

    fn rests(&mut self, surely: Nanoseconds, span: Span) {
        self.before_change(span.1);
        self.phase = match self.phase {
            Phase::Stopping { paused: true } => Phase::Paused,
            _ => Phase::Idle,
        };
        self.since = surely;
        if !self.latched.contains(Fault::CarriageLost) {
            self.out = Out::No;
        }
        self.wanted(span.0, span.1);
    }
}
