//! Sequences run on a bench: a pen as new, the steps, the look at the end, and the trace of it all.

mod look;
mod stage;

use crate::pen::{Limits, Pen};
use crate::rows::faults::trial::renew;
use crate::rows::{RowError, rig};
use crate::session::{Session, SessionError};
use firmware_units::{Micrometers, Millinewtons, Milliseconds, Nanoseconds, StrokesPerMinute};
use firmware_wire::{Request, Setting, State};
use rig_bench::{Actuation, Bench, Shaft};
use rig_sequence::{Event, Sequence, Trace, What};
use stage::Stage;

/// A request that has no answer so long after its last bit gets none.
const UNANSWERED: Nanoseconds = crate::link::REPLY_TIMEOUT;
/// The setpoints of a pen that has just booted.
const DEPTH: Micrometers = Micrometers::ZERO;
const RATE: StrokesPerMinute = StrokesPerMinute(7_000);

/// A sequence could not be run. Never a violation.
#[derive(Debug, thiserror::Error)]
pub enum PlayError {
    /// The rig failed.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// The pen cannot be brought to where a sequence begins.
    #[error("the pen is not as new: {0}")]
    NotAsNew(String),
}

impl From<RowError> for PlayError {
    fn from(error: RowError) -> Self {
        match error {
            RowError::Session(error) => Self::Session(error),
            other => Self::NotAsNew(other.to_string()),
        }
    }
}

impl From<rig_bench::BenchError> for PlayError {
    fn from(error: rig_bench::BenchError) -> Self {
        Self::Session(error.into())
    }
}

impl From<PlayError> for RowError {
    fn from(error: PlayError) -> Self {
        match error {
            PlayError::Session(error) => Self::Session(error),
            other @ PlayError::NotAsNew(_) => Self::Precondition(other.to_string()),
        }
    }
}

/// A pen on a bench, ready to have sequences run on it one after the other.
pub struct Player<'b, B: Bench> {
    pen: Pen<'b, B>,
}

impl<'b, B: Bench> Player<'b, B> {
    /// Takes over a session with a pen that was just powered on: waits for its boot, agrees on a
    /// revision, and takes the zero from the gauge block. The cartridges of its sequences are
    /// numbered from the given id on.
    ///
    /// # Errors
    /// The rig failed, or the pen does not come up.
    pub fn admit(session: Session<'b, B>, cartridges: u64) -> Result<Self, PlayError> {
        // Its own ceiling is not looked at here: a trace is judged by itself.
        let none = Limits {
            armed: Micrometers::ZERO,
            range: Micrometers::ZERO,
        };
        let mut pen = Pen::new(session, cartridges, none);
        pen.wait_for_boot()?;
        pen.identify()?;
        pen.clear_faults()?;
        let level = rig::zero_level(&mut pen)?;
        pen.session.chain().set_zero(level);
        Ok(Self { pen })
    }

    /// Runs a sequence, from a pen as new, and gives what was done and seen.
    ///
    /// # Errors
    /// The rig failed, or the pen cannot be brought to where a sequence begins.
    pub fn play(&mut self, sequence: &Sequence) -> Result<Trace, PlayError> {
        play(&mut self.pen, sequence)
    }

    /// Stops the pen and takes away what acts on it, as far as it lets itself be stopped.
    ///
    /// # Errors
    /// The rig failed.
    pub fn park(&mut self) -> Result<(), SessionError> {
        self.pen.session.unwatched();
        match self.pen.recover() {
            Err(RowError::Session(error)) => Err(error),
            Ok(()) | Err(_) => Ok(()),
        }
    }

    /// The session, for its bench and its time.
    pub fn session(&mut self) -> &mut Session<'b, B> {
        &mut self.pen.session
    }
}

/// Runs a sequence.
///
/// It begins with a pen as new: whatever the fixture does to it is taken back, its supply is
/// interrupted, and where it remembers more than it should of what was before, that is ended by
/// request; then all is looked at, and insisted on. The trace begins there.
pub(crate) fn play<B: Bench>(
    pen: &mut Pen<'_, B>,
    sequence: &Sequence,
) -> Result<Trace, PlayError> {
    make_new(pen)?;
    let began = pen.session.now();
    if !pen.session.chain().begin_motion_log(began) {
        let cause = "no zero was taken from the gauge block".to_owned();
        return Err(PlayError::NotAsNew(cause));
    }
    let counts = pen.session.counts();
    pen.session.link().begin_log();
    let ran = steps_and_look(pen, sequence);
    // Whatever happened: nothing is logged any more.
    let events = pen.session.link().end_log();
    let motion = pen.session.chain().end_motion_log();
    pen.session.set_counts(counts);
    pen.session.take_telemetry();
    ran?;
    let (strokes, edges, slices) = motion.map(|it| it.finish()).unwrap_or_default();
    let protrusion_u_nm = pen.session.chain().protrusion_u_nm().unwrap_or_default();
    Ok(Trace {
        events: with_silence(since(events, began)),
        strokes,
        edges,
        slices,
        protrusion_u_nm,
        ended: pen.session.now() - began,
        stuck: None,
    })
}

fn steps_and_look<B: Bench>(pen: &mut Pen<'_, B>, sequence: &Sequence) -> Result<(), SessionError> {
    let mut stage = Stage::new(pen);
    for (index, step) in sequence.steps.iter().enumerate() {
        let to_come = &sequence.steps[index..];
        stage.step(index, step, to_come)?;
    }
    look::at_the_end(&mut stage, sequence.steps.len())
}

/// Brings pen and fixture to where every sequence begins.
pub(crate) fn make_new<B: Bench>(pen: &mut Pen<'_, B>) -> Result<(), PlayError> {
    pen.session.stop_heartbeat();
    for actuation in [
        Actuation::Button { pressed: false },
        Actuation::Shaft(Shaft::Free),
        Actuation::AxialForce(Millinewtons::ZERO),
        Actuation::NeedleLoad {
            needles: 0,
            force_per_needle: Millinewtons::ZERO,
        },
        Actuation::Cartridge(None),
    ] {
        pen.session.actuate(actuation)?;
    }
    renew(pen)?;
    // A dip that was too short for the RAM to be lost leaves a treatment behind.
    pen.end_treatment()?;
    for request in [
        Request::ClearPreset,
        Request::LockDepth,
        Request::Set(Setting::Depth(DEPTH)),
        Request::Set(Setting::Rate(RATE)),
        Request::SetTelemetryPeriod(Milliseconds::ZERO),
    ] {
        pen.expect_done(request)?;
    }
    let status = pen.status()?;
    let is_new = status.state == State::Standby
        && status.faults.is_empty()
        && (status.depth, status.rate) == (DEPTH, RATE)
        && status.parked
        && !(status.unlocked || status.cartridge || status.may_be_exposed)
        && status.preset.is_none()
        && status.treatment.is_none();
    if is_new {
        return Ok(());
    }
    Err(PlayError::NotAsNew(format!("{status:?}")))
}

/// Events by time since the sequence began.
fn since(events: Vec<Event>, began: Nanoseconds) -> Vec<Event> {
    let events = events.into_iter();
    let since = |event: Event| Event {
        at: event.at.saturating_sub(began),
        ..event
    };
    events.map(since).collect()
}

/// The same events, and the requests that stayed without an answer. Of frames with one number, the
/// first reply answers the first.
fn with_silence(mut events: Vec<Event>) -> Vec<Event> {
    let mut taken = vec![false; events.len()];
    let mut silences = Vec::new();
    for (place, event) in events.iter().enumerate() {
        let What::Sent { number, .. } = event.what else {
            continue;
        };
        let until = event.at + UNANSWERED;
        let after = (place + 1..events.len()).take_while(|it| events[*it].at <= until);
        let is_answer = |it: &usize| {
            let what = &events[*it].what;
            let same = matches!(what, What::Replied { number: it, .. } if *it == number);
            same && !taken[*it]
        };
        match after.into_iter().find(is_answer) {
            Some(answer) => taken[answer] = true,
            None => silences.push(Event {
                at: until,
                what: What::Unanswered { number },
            }),
        }
    }
    events.extend(silences);
    events.sort_by_key(|event| event.at);
    events
}

#[cfg(test)]
mod tests {
    use super::*;
    use firmware_wire::Reply;

    fn event(ms: u64, what: What) -> Event {
        let at = Nanoseconds::from_millis(ms);
        Event { at, what }
    }

    fn sent(ms: u64, number: u16) -> Event {
        let request = Request::Stop;
        event(ms, What::Sent { number, request })
    }

    fn replied(ms: u64, number: u16) -> Event {
        let reply = Reply::Done;
        event(ms, What::Replied { number, reply })
    }

    #[test]
    fn each_frame_takes_one_reply_and_silence_is_dated_by_its_end() {
        let silence = |ms, number| event(ms, What::Unanswered { number });
        let answered = vec![sent(0, 7), sent(1, 7), replied(2, 7), replied(3, 7)];
        assert_eq!(with_silence(answered.clone()), answered);
        assert_eq!(
            with_silence(vec![sent(0, 7), sent(1, 7), replied(2, 7), sent(300, 8)]),
            [
                sent(0, 7),
                sent(1, 7),
                replied(2, 7),
                silence(251, 7),
                sent(300, 8),
                silence(550, 8)
            ]
        );
        // Too late, and by another number.
        assert_eq!(
            with_silence(vec![sent(0, 7), replied(100, 6), replied(251, 7)]),
            [
                sent(0, 7),
                replied(100, 6),
                silence(250, 7),
                replied(251, 7)
            ]
        );
    }
}
