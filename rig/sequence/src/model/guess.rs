//! One guess at what the pen is: everything about it that a reply can show.

use super::due::{Due, What};
use super::window::{self, Window};
use super::{Since, Starter, StopCause};
use firmware_units::{Micrometers, Nanoseconds, StrokesPerMinute};
use firmware_wire::{Calibration, Fault, FaultSet, Identity, Preset, Reply, Request, State};
use std::collections::{BTreeMap, BTreeSet};

/// What the pen is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// Without supply.
    Off,
    /// Self-test, homing, parking.
    Boot,
    /// Writing its factory record.
    Calibrating,
    Idle,
    Paused,
    Asleep,
    /// START accepted; the cartridge is being marked.
    Marking,
    MovingOut,
    /// The drive is being tried; the pass has begun.
    Trying,
    Running,
    /// Coming to rest; whether the pass may go on then.
    Stopping {
        paused: bool,
    },
}

/// Whether the needles stand out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Out {
    No,
    Maybe,
    Surely,
}

/// What the pen knows of the chip of what is fitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Chip {
    Absent,
    Reading,
    Unreadable,
    Known {
        id: u64,
        length: Micrometers,
        mark: Mark,
        /// The treatment it is being marked with.
        marking: Option<u32>,
    },
}

/// What a cartridge's chip says of its use. Treatments go by their place in the sequence, from one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Mark {
    Unused,
    Treatment(u32),
    /// One of another sequence.
    Foreign,
    Torn,
}

/// A treatment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Treatment {
    /// Its place in the sequence.
    pub(super) place: u32,
    /// Its first START: last bit sent, reply heard.
    pub(super) begun: (Nanoseconds, Nanoseconds),
    /// Time that it may not have counted.
    pub(super) missed: Nanoseconds,
    pub(super) over: bool,
    pub(super) section: u16,
    pub(super) section_passes: u16,
    pub(super) passes: u32,
    /// When section and pass began, the cam at rest.
    pub(super) section_from: Nanoseconds,
    pub(super) pass_from: Nanoseconds,
}

/// What may stand on chips that this pen marked, or began to; nothing for one still as it was made.
pub(super) type Marks = BTreeMap<u64, BTreeSet<Option<Mark>>>;

/// What a reset leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Kept {
    pub(super) latched: FaultSet,
    pub(super) treatment: Option<Treatment>,
    pub(super) moving: bool,
}

/// The link as the pen knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct LinkState {
    /// The frame acted on last, and what was answered, if that was heard.
    pub(super) last: Option<(u16, Request, Option<Reply>)>,
    pub(super) revision: u8,
    /// Last sign of life of the host.
    pub(super) heard: Nanoseconds,
    /// Telemetry period, ms, zero for none; nothing while it is not known.
    pub(super) telemetry: Option<u32>,
    pub(super) counts: Counts,
}

/// Link counters, each where it is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) accepted: Option<u32>,
    pub(super) malformed: Option<u32>,
    pub(super) oversized: Option<u32>,
    pub(super) not_understood: Option<u32>,
    pub(super) repeated: Option<u32>,
    pub(super) out_of_order: Option<u32>,
    pub(super) truncated: Option<u32>,
    pub(super) receive_errors: Option<u32>,
}

/// One guess.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Guess {
    pub(super) phase: Phase,
    /// Since when nothing that matters to motion has changed: a start, a stop, rest.
    pub(super) since: Nanoseconds,
    pub(super) starter: Starter,
    pub(super) stopped_by: StopCause,
    pub(super) depth: Since<Micrometers>,
    pub(super) rate: Since<StrokesPerMinute>,
    pub(super) unlocked: bool,
    pub(super) preset: Option<Preset>,
    pub(super) treatment: Option<Treatment>,
    /// Treatments so far.
    pub(super) treatments: u32,
    /// Ids on the wire of those whose id was seen, by place.
    pub(super) ids: BTreeMap<u32, u32>,
    /// START began the treatment that the cartridge is being marked with.
    pub(super) treatment_new: bool,
    /// The next turn of the cam begins a pass, since that START.
    pub(super) pass_due: bool,
    /// Contact of the cartridge, debounced.
    pub(super) fitted: bool,
    pub(super) chip: Chip,
    /// What may be written on the chips of cartridges that were fitted: it matters when one is read.
    pub(super) marks: Marks,
    pub(super) latched: FaultSet,
    /// Causes that hold.
    pub(super) causes: FaultSet,
    /// The button, debounced.
    pub(super) button: bool,
    pub(super) out: Out,
    /// When the drive set in, at least and at most.
    pub(super) driven: (Nanoseconds, Nanoseconds),
    /// The ceiling under which the run began.
    pub(super) ran_under: Micrometers,
    /// Without supply: whether it was in motion when that went.
    pub(super) was_moving: bool,
    /// When it came out of reset.
    pub(super) booted: Nanoseconds,
    pub(super) link: LinkState,
    pub(super) identity: Option<Identity>,
    pub(super) calibration: Option<Calibration>,
    /// The factory record that is being written, if one is; nothing in it while the one before is not
    /// known.
    pub(super) writing: Option<Option<Calibration>>,
    pub(super) recalibrated: bool,
    /// What may have been kept before the last change, and until when a reset may find that.
    pub(super) stale: Vec<(Nanoseconds, Kept)>,
    /// Until when a frame may go unheard.
    pub(super) deaf_until: Nanoseconds,
    pub(super) due: Vec<Due>,
}

impl Counts {
    pub(super) const ZERO: Self = Self {
        accepted: Some(0),
        malformed: Some(0),
        oversized: Some(0),
        not_understood: Some(0),
        repeated: Some(0),
        out_of_order: Some(0),
        truncated: Some(0),
        receive_errors: Some(0),
    };

    /// Bytes came that are no whole frame: how they fall apart is not known.
    pub(super) fn broken(&mut self) {
        self.malformed = None;
        self.oversized = None;
        self.truncated = None;
    }
}

/// Counts one more of what is known.
pub(super) fn count(counter: &mut Option<u32>) {
    *counter = counter.map(|it| it.saturating_add(1));
}

impl Guess {
    /// The pen as a trace begins.
    pub(super) fn new(rate: StrokesPerMinute) -> Self {
        let zero = Nanoseconds::ZERO;
        let mut guess = Self {
            phase: Phase::Idle,
            since: zero,
            starter: Starter::Host,
            stopped_by: StopCause::Other,
            depth: Since {
                value: Micrometers::ZERO,
                since: zero,
            },
            rate: Since {
                value: rate,
                since: zero,
            },
            unlocked: false,
            preset: None,
            treatment: None,
            treatments: 0,
            ids: BTreeMap::new(),
            treatment_new: false,
            pass_due: true,
            fitted: false,
            chip: Chip::Absent,
            marks: BTreeMap::new(),
            latched: FaultSet::NONE,
            causes: FaultSet::NONE,
            button: false,
            out: Out::No,
            driven: (zero, zero),
            ran_under: Micrometers::ZERO,
            was_moving: false,
            booted: zero,
            link: LinkState {
                last: None,
                revision: firmware_wire::REVISION,
                heard: zero,
                telemetry: None,
                counts: Counts::default(),
            },
            identity: None,
            calibration: None,
            writing: None,
            recalibrated: false,
            stale: Vec::new(),
            deaf_until: zero,
            due: Vec::new(),
        };
        guess.wanted(zero, zero);
        guess
    }

    /// The state shown.
    pub(super) fn state(&self) -> State {
        if !self.latched.is_empty() {
            return State::Faulted;
        }
        match self.phase {
            Phase::Off | Phase::Boot | Phase::Calibrating => State::Boot,
            Phase::Idle if self.usable() => State::Ready,
            Phase::Idle => State::Standby,
            Phase::Paused => State::Paused,
            Phase::Asleep => State::Asleep,
            Phase::Marking | Phase::MovingOut | Phase::Trying => State::Starting,
            Phase::Running => State::Running,
            Phase::Stopping { .. } => State::Stopping,
        }
    }

    /// Whether what is fitted may be used now.
    pub(super) fn usable(&self) -> bool {
        match self.chip {
            Chip::Known { mark, .. } => match mark {
                Mark::Unused => true,
                Mark::Treatment(place) => self.treatment.is_some_and(|it| it.place == place),
                Mark::Foreign | Mark::Torn => false,
            },
            Chip::Absent | Chip::Reading | Chip::Unreadable => false,
        }
    }

    /// Whether a frame that begins now may go unheard.
    pub(super) fn deaf(&self, at: Nanoseconds) -> bool {
        self.phase == Phase::Off || self.deaf_until > at
    }

    /// Whether a run is under way: from START to what ends it.
    pub(super) fn in_run(&self) -> bool {
        matches!(
            self.phase,
            Phase::Marking | Phase::MovingOut | Phase::Trying | Phase::Running
        )
    }

    /// Whether a reset would find the pen at rest.
    pub(super) fn kept(&self) -> Kept {
        Kept {
            latched: self.latched,
            treatment: self.treatment,
            moving: self.in_run() || matches!(self.phase, Phase::Stopping { .. }),
        }
    }

    /// Remembers what is kept now, before something of it changes, up to the given time.
    pub(super) fn before_change(&mut self, latest: Nanoseconds) {
        let kept = self.kept();
        let until = latest + window::KEEP;
        self.stale.retain(|(old, _)| *old >= latest);
        if self.stale.is_empty() {
            self.stale.push((until, kept));
        }
        for (old, _) in &mut self.stale {
            *old = until;
        }
    }

    /// Forgets of a run what matters no more, so that guesses that differ in that alone are one.
    pub(super) fn forget(&mut self) {
        if self.phase != Phase::Marking {
            self.treatment_new = false;
        }
        if !self.in_run() {
            self.starter = Starter::Host;
            self.pass_due = true;
        }
        if !matches!(self.phase, Phase::Stopping { .. }) {
            self.stopped_by = StopCause::Other;
        }
        if matches!(self.phase, Phase::Idle | Phase::Paused | Phase::Asleep) {
            self.ran_under = Micrometers::ZERO;
        }
    }

    /// What may stand on a chip may be this too.
    pub(super) fn may_be_marked(&mut self, id: u64, mark: Option<Mark>) {
        let unmarked = || BTreeSet::from([None]);
        self.marks.entry(id).or_insert_with(unmarked).insert(mark);
    }

    /// What will happen by itself, from one time in a span.
    pub(super) fn expect(
        &mut self,
        what: What,
        window: Window,
        least: Nanoseconds,
        most: Nanoseconds,
    ) {
        self.due.push(Due {
            what,
            from: least + window.least,
            by: Some(most + window.most),
            until: None,
        });
    }

    pub(super) fn cancel(&mut self, what: What) {
        self.due.retain(|it| it.what != what);
    }

    pub(super) fn is_due(&self, what: What) -> bool {
        self.due.iter().any(|it| it.what == what)
    }

    /// Somebody wanted something between two times: sleep is further off.
    pub(super) fn wanted(&mut self, least: Nanoseconds, most: Nanoseconds) {
        self.cancel(What::Sleeps);
        if matches!(self.phase, Phase::Idle | Phase::Paused) {
            self.expect(What::Sleeps, window::SLEEP, least, most);
        }
    }

    /// A request or a hand wakes the pen.
    pub(super) fn wake(&mut self, least: Nanoseconds, most: Nanoseconds) {
        if self.phase == Phase::Asleep {
            self.phase = Phase::Idle;
        }
        self.wanted(least, most);
    }

    /// Arms the depth limit; a setting above it falls to it.
    pub(super) fn arm(&mut self, armed: Micrometers, at: Nanoseconds) {
        self.unlocked = false;
        if self.depth.value > armed {
            self.depth = Since {
                value: armed,
                since: at,
            };
        }
    }

    /// Ends a run, or a pause, or the hope of one; `since` is when what ended it came.
    pub(super) fn stop(
        &mut self,
        paused: bool,
        by: StopCause,
        since: Nanoseconds,
        span: (Nanoseconds, Nanoseconds),
    ) {
        match &mut self.phase {
            Phase::Marking | Phase::MovingOut | Phase::Trying | Phase::Running => {
                self.before_change(span.1);
                if self.out == Out::Surely {
                    self.out = Out::Maybe;
                }
                self.phase = Phase::Stopping { paused };
                self.since = since;
                self.stopped_by = by;
                self.cancel(What::MovedOut);
                self.cancel(What::Runs);
                self.unhinder();
                self.expect(What::Rests, window::REST, span.0, span.1);
            }
            Phase::Stopping { paused: goes_on } => *goes_on &= paused,
            Phase::Paused if !paused => {
                self.phase = Phase::Idle;
                self.wanted(span.0, span.1);
            }
            _ => {}
        }
    }

    /// Latches a fault and does what follows from it.
    pub(super) fn latch(
        &mut self,
        fault: Fault,
        since: Nanoseconds,
        span: (Nanoseconds, Nanoseconds),
    ) {
        self.before_change(span.1);
        self.latched = self.latched.with(fault);
        let by = match fault {
            Fault::CartridgeRemoved => StopCause::CartridgeOut,
            Fault::LostLink => StopCause::Silence,
            Fault::Stall => StopCause::Stall,
            _ => StopCause::Other,
        };
        self.stop(false, by, since, span);
        if fault == Fault::CarriageLost {
            self.out = Out::Maybe;
        }
        if self.phase == Phase::Asleep {
            self.wake(span.0, span.1);
        }
    }

    /// Hazards of a driven motor are over.
    fn unhinder(&mut self) {
        self.due.retain(|it| {
            !matches!(
                it.what,
                What::Latches(Fault::Stall | Fault::OverCurrent | Fault::OverSpeed)
            )
        });
    }
}
