//! The fold: events in, guesses out, and what a reply does to them.

use super::Requirements;
use super::asked::Outcomes;
use super::due::{Context, add, advance};
use super::expected::Difference;
use super::guess::{Guess, Phase};
use super::line::{Fate, Line};
use super::window;
use super::world::World;
use crate::action::Fitting;
use crate::trace::{Event, What};
use firmware_units::Nanoseconds;
use firmware_wire::{FaultSet, Request, State};
use std::collections::{BTreeSet, VecDeque};

/// No trace lasts so long; later times count as this one.
pub(crate) const LATEST: Nanoseconds = Nanoseconds(1 << 62);

/// A request whose reply is awaited.
#[derive(Clone, Debug)]
pub(super) struct Waiting {
    pub(super) number: u16,
    pub(super) request: Request,
    pub(super) sent: Nanoseconds,
    /// Whether broken bytes before it have swallowed it.
    pub(super) fate: Fate,
    /// A reset or a lost supply came over it: it was acted on or not, and may be answered or not.
    pub(super) crossed: bool,
    /// Somebody waits for the reply; else bytes have become a frame by chance.
    pub(super) meant: bool,
}

/// What the model has to say of an event.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Remark {
    /// Nothing.
    None,
    /// A reply that may be.
    Allowed {
        /// To what.
        request: Request,
        /// When that was sent.
        sent: Nanoseconds,
        /// Whether nothing else would have been allowed.
        certain: bool,
    },
    /// A reply that may not be.
    Wrong {
        /// To what.
        request: Request,
        /// Wherein it differs from the nearest reply that may be, and what all of these are.
        differences: Vec<Difference>,
    },
    /// A reply to nothing that was asked, or to what was answered already.
    Unasked,
    /// No reply, though the pen was up.
    Silent {
        /// To what.
        request: Request,
    },
}

/// State and faults as telemetry shows them.
pub(crate) type Shown = (State, FaultSet);

/// The model, after some events.
///
/// Queries are about the time of the event taken last.
#[derive(Clone, Debug)]
pub struct Model {
    pub(super) requirements: Requirements,
    pub(super) world: World,
    pub(super) guesses: Vec<Guess>,
    pub(super) waiting: VecDeque<Waiting>,
    pub(super) now: Nanoseconds,
    pub(super) line: Line,
    /// When something last came that was no whole frame, and whether a reset or a lost supply may
    /// have cut off what the pen was sending before it.
    pub(super) heard_broken: Option<(Nanoseconds, bool)>,
    /// What the pen was sending may have been cut off: it spoils what it sends next.
    pub(super) cut_off: bool,
    /// What may have been shown lately: until when, and what; nothing where that is too much to say.
    pub(super) shown: VecDeque<(Nanoseconds, Option<Vec<Shown>>)>,
    /// Chips of which the pen told the treatment that they are marked with. A bench that cannot read
    /// chips fits any other one again as it was.
    pub(super) told: BTreeSet<u64>,
    /// There were too many guesses.
    pub(super) lost: bool,
}

impl Model {
    /// The model of a pen as a trace begins.
    #[must_use]
    pub fn new(requirements: &Requirements) -> Self {
        Self {
            guesses: vec![Guess::new(requirements.rate_after_boot)],
            requirements: requirements.clone(),
            world: World::new(),
            waiting: VecDeque::new(),
            now: Nanoseconds::ZERO,
            line: Line::default(),
            heard_broken: None,
            cut_off: false,
            shown: VecDeque::new(),
            told: BTreeSet::new(),
            lost: false,
        }
    }

    /// Takes the next event.
    pub fn event(&mut self, event: &Event) {
        let _ = self.take(event);
    }

    /// Takes the next event, and says what is to be said of it.
    pub(crate) fn take(&mut self, event: &Event) -> Remark {
        let at = event.at.max(self.now).min(LATEST);
        self.now = at;
        if self.lost {
            return Remark::None;
        }
        self.forget_unmeant(at);
        match &event.what {
            What::Replied { number, reply } => return self.replied(at, *number, reply),
            What::Unanswered { number } => return self.unanswered(at, *number),
            What::Sent { number, request } => self.sent(at, *number, *request),
            What::SentBroken(bytes) => self.sent_broken(at, bytes),
            What::HeardBroken => {
                self.pass(at);
                self.heard_broken = Some((at, std::mem::take(&mut self.cut_off)));
            }
            What::Telemetry(_) => {
                self.pass(at);
                self.cut_off = false;
            }
            What::Step(_) => self.pass(at),
            _ => self.outside(at, &event.what),
        }
        Remark::None
    }

    /// Lets time pass until then, nothing being done.
    pub(crate) fn let_pass(&mut self, at: Nanoseconds) {
        if !self.lost {
            self.now = self.now.max(at).min(LATEST);
            self.pass(self.now);
        }
    }

    pub(super) fn pass(&mut self, at: Nanoseconds) {
        self.note_shown(at);
        let sure = self.sure(at);
        self.advance(sure, at);
    }

    /// What is due by this time has happened: requests that are under way may hold it off.
    fn sure(&self, at: Nanoseconds) -> Nanoseconds {
        let waiting = self.waiting.iter().filter(|it| !it.crossed);
        waiting.map(|it| it.sent).min().unwrap_or(at).min(at)
    }

    fn context(&self) -> Context<'_> {
        Context {
            world: &self.world,
            requirements: &self.requirements,
        }
    }

    pub(super) fn advance(&mut self, sure: Nanoseconds, maybe: Nanoseconds) {
        match advance(&self.guesses, self.context(), sure, maybe) {
            Some(guesses) => self.guesses = guesses,
            None => self.lost = true,
        }
    }

    fn each(&mut self, change: impl Fn(Guess, Context<'_>) -> Vec<Guess>) {
        let mut changed: Vec<Guess> = Vec::new();
        for guess in std::mem::take(&mut self.guesses) {
            for next in change(guess, self.context()) {
                add(&mut changed, next);
            }
        }
        self.guesses = changed;
    }

    /// What follows if the pen has acted on a request by a time.
    pub(super) fn outcomes(&self, waiting: &Waiting, at: Nanoseconds) -> Outcomes {
        let span = (waiting.sent, at);
        let asked = self.guesses.iter();
        asked
            .flat_map(|it| it.receive(waiting.number, &waiting.request, self.context(), span))
            .collect()
    }

    /// What is done from outside.
    fn outside(&mut self, at: Nanoseconds, what: &What) {
        self.note_shown(at);
        let sure = self.sure(at);
        self.advance(sure, at);
        if self.lost {
            return;
        }
        match what {
            What::Cartridge(cartridge) => {
                let before = self.world.fitted.take();
                if let Some((fitting, id)) = cartridge {
                    self.world.fit(*fitting, *id);
                }
                let closed = cartridge.is_some();
                if before.is_none() && !closed {
                    return;
                }
                let swapped = before.is_some() && closed;
                if swapped {
                    // Back and forth at once.
                    self.world.contact_stands.moved(at);
                }
                self.world.contact_stands.moved(at);
                if let Some((Fitting::Same, id)) = cartridge
                    && !self.told.contains(id)
                {
                    self.each(|guess, _| guess.or_unmarked(*id));
                }
                let stood = (self.world.contact_stands.earliest, at);
                self.each(|guess, _| guess.contact(stood, closed, swapped));
            }
            What::Button(down) if *down != self.world.button => {
                self.world.button = *down;
                self.world.button_stands.moved(at);
                let stood = (self.world.button_stands.earliest, at);
                self.each(|mut guess, _| {
                    guess.push_button(stood, *down);
                    vec![guess]
                });
            }
            What::Reset => {
                self.line = Line::default();
                self.cross(at);
                self.each(|guess, it| guess.reset(at, it.world, it.requirements));
            }
            What::Hang => {
                self.line = Line::default();
                self.cross(at);
                self.each(|guess, it| guess.hang(at, it.world, it.requirements));
            }
            What::Supply(supply) => self.supply(at, supply.0),
            What::Shaft(_) | What::Axial(_) | What::Needles { .. } => {
                if self.world.hindered() {
                    self.world.hindered_until = Some(at);
                }
                match what {
                    What::Shaft(hold) => {
                        self.world.shaft = *hold;
                        self.world.shaft_since = at;
                    }
                    What::Axial(force) => self.world.axial = force.0,
                    What::Needles { needles, force } => {
                        self.world.needles = i32::from(*needles).saturating_mul(force.0);
                    }
                    _ => {}
                }
                self.each(|mut guess, it| {
                    guess.hazards(it.world, at);
                    vec![guess]
                });
            }
            _ => {}
        }
    }

    fn supply(&mut self, at: Nanoseconds, supply: u32) {
        self.world.set_supply(at, supply);
        if supply < window::RUNS {
            self.line = Line::default();
            self.cross(at);
        }
        self.each(|mut guess, it| {
            guess.hazards(it.world, at);
            if supply < window::DEAD {
                guess.power_off(at)
            } else if supply >= window::RUNS {
                guess.power_on(at, it.world, it.requirements)
            } else if guess.phase == Phase::Off {
                let mut both = guess.clone().power_on(at, it.world, it.requirements);
                both.push(guess);
                both
            } else {
                let mut both = guess.clone().power_off(at);
                both.push(guess);
                both
            }
        });
    }

    /// A reset comes over requests that are under way.
    fn cross(&mut self, at: Nanoseconds) {
        self.cut_off = true;
        for place in 0..self.waiting.len() {
            if self.waiting[place].crossed {
                continue;
            }
            self.waiting[place].crossed = true;
            let waiting = self.waiting[place].clone();
            for (guess, _) in self.outcomes(&waiting, at) {
                add(&mut self.guesses, guess);
            }
        }
    }

    /// Keeps what may have been shown until now.
    pub(super) fn note_shown(&mut self, at: Nanoseconds) {
        let shown = self.shown_from(at);
        self.shown.push_back((at, shown));
        while self.shown.front().is_some_and(|it| it.0 + window::LAG < at) {
            self.shown.pop_front();
        }
    }

    /// What may have been shown since the last event, at most the lag of telemetry ago.
    /// Nothing where that is too much to say.
    fn shown_from(&self, at: Nanoseconds) -> Option<Vec<Shown>> {
        let sure = self.sure(at).min(at.saturating_sub(window::LAG));
        let guesses = advance(&self.guesses, self.context(), sure, at)?;
        let mut shown = Vec::new();
        for guess in &guesses {
            let state = state_as_of(guess);
            if guess.phase != Phase::Off && !shown.contains(&(state, guess.latched)) {
                shown.push((state, guess.latched));
            }
        }
        Some(shown)
    }

    /// What telemetry that comes now may show; nothing where the model does not know.
    pub(crate) fn may_show(&self, at: Nanoseconds) -> Option<Vec<Shown>> {
        if self.lost {
            return None;
        }
        let mut all = self.shown_from(at.max(self.now).min(LATEST))?;
        let lately = self.shown.iter().filter(|it| it.0 + window::LAG >= at);
        for (_, shown) in lately {
            for shown in shown.as_ref()? {
                if !all.contains(shown) {
                    all.push(*shown);
                }
            }
        }
        Some(all)
    }
}

/// The state in the words of the revision in force.
fn state_as_of(guess: &Guess) -> State {
    match guess.state() {
        State::Paused | State::Asleep if guess.link.revision == 0 => {
            if guess.usable() {
                State::Ready
            } else {
                State::Standby
            }
        }
        state => state,
    }
}
