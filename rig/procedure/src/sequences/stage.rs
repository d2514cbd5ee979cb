//! The steps of a sequence, done to pen and fixture.

use super::UNANSWERED;
use crate::NOMINAL_SUPPLY;
use crate::hang::Hanger;
use crate::pen::{Pen, REFERENCE};
use crate::reset;
use crate::rows::cartridge::FOREIGN_TREATMENT;
use crate::session::SessionError;
use firmware_units::{Micrometers, Millinewtons, Millivolts, Nanoseconds};
use firmware_wire::{CartridgeChip, Reply, Request};
use rig_bench::{Actuation, Bench, BenchError, Cartridge, Shaft};
use rig_sequence::{Action, Fitting, ShaftHold, Step, What};

/// Supply at which the chip runs for sure (DS12232: from 1.7 V).
const CHIP_RUNS: Millivolts = Millivolts(2_000);
/// Between taking one cartridge out and fitting the next, as a hand does.
const CHANGE: Nanoseconds = Nanoseconds::from_millis(200);
/// What stands on a chip that makes no sense.
const UNREADABLE: [u8; 24] = [0; 24];

/// A cartridge, and what its chip holds as far as the rig knows.
#[derive(Clone, Copy, Debug)]
struct Fitted {
    id: u64,
    /// Nothing if the chip makes no sense.
    chip: Option<CartridgeChip>,
}

/// What is done to the pen, and what the fixture has done to it so far.
pub(super) struct Stage<'p, 'b, B: Bench> {
    pub(super) pen: &'p mut Pen<'b, B>,
    supply: Millivolts,
    shaft: ShaftHold,
    needles: (u8, Millinewtons),
    axial: Millinewtons,
    pressed: bool,
    is_fitted: bool,
    /// The cartridge that was fitted last.
    last: Option<Fitted>,
    n_used: u32,
    /// Events of the log that were looked at for what the pen says of the cartridge.
    looked: usize,
}

impl<'p, 'b, B: Bench> Stage<'p, 'b, B> {
    /// Nothing is done yet, and nothing fitted.
    pub(super) fn new(pen: &'p mut Pen<'b, B>) -> Self {
        Self {
            pen,
            supply: NOMINAL_SUPPLY,
            shaft: ShaftHold::Free,
            needles: (0, Millinewtons::ZERO),
            axial: Millinewtons::ZERO,
            pressed: false,
            is_fitted: false,
            last: None,
            n_used: 0,
            looked: 0,
        }
    }

    /// Does a step; `to_come` begins with it. It begins with its pause, and ends when its action is
    /// done: when replies have come or are not coming, and when bytes have left.
    pub(super) fn step(
        &mut self,
        index: usize,
        step: &Step,
        to_come: &[Step],
    ) -> Result<(), SessionError> {
        self.pen.session.wait_long(step.after.into())?;
        self.pen.session.note(What::Step(index));
        let loses_sight = matches!(
            step.action,
            Action::Cartridge(_) | Action::Supply(_) | Action::Reset | Action::Hang
        );
        if loses_sight && to_come.iter().any(|it| fits_same(&it.action)) {
            self.ask_for_mark()?;
        }
        match &step.action {
            Action::Nothing => Ok(()),
            Action::Send(request) => self.send(*request).map(|_| ()),
            Action::Burst(requests) => self.burst(requests),
            Action::Repeat => match self.pen.session.link().last_frame() {
                Some(frame) => self.send_and_listen(&frame),
                None => Ok(()),
            },
            Action::Late { request, back } => {
                let frame = self.pen.session.link().late_frame(request, *back);
                self.send_and_listen(&frame)
            }
            Action::CutShort { request, bytes } => {
                let frame = self.pen.session.link().broken_frame(request);
                let length = usize::from(*bytes).min(frame.len().saturating_sub(1));
                self.pen.session.send_broken(&frame[..length])
            }
            Action::Flipped { request, bit } => {
                let mut frame = self.pen.session.link().broken_frame(request);
                let bit = usize::from(*bit) % (8 * frame.len().saturating_sub(1)).max(1);
                frame[bit / 8] ^= 1 << (bit % 8);
                self.pen.session.send_broken(&frame)
            }
            Action::Garbage(bytes) => self.pen.session.send_broken(bytes),
            Action::Heartbeats(true) => {
                self.pen.session.start_heartbeat();
                Ok(())
            }
            Action::Heartbeats(false) => {
                self.pen.session.stop_heartbeat();
                Ok(())
            }
            Action::Cartridge(fitting) => self.change_cartridge(*fitting),
            Action::Needles { needles, force } => self.set_needles(*needles, *force),
            Action::Shaft(hold) => self.hold_shaft(*hold),
            Action::Axial(force) => self.push(*force),
            Action::Supply(supply) => self.set_supply(*supply),
            Action::Button(pressed) => self.press(*pressed),
            Action::Reset => self.reset(),
            Action::Hang => self.hang(),
            Action::Recalibrate => self.recalibrate(),
        }
    }

    /// Sends a request and waits for its reply.
    pub(super) fn send(&mut self, request: Request) -> Result<Option<Reply>, SessionError> {
        Ok(self.pen.session.request(request)?.reply)
    }

    /// Sends the frame that the link made last, and waits for a reply with its number.
    fn send_and_listen(&mut self, frame: &[u8]) -> Result<(), SessionError> {
        let mark = self.pen.session.link().log().len();
        let number = self.pen.session.link().last_number();
        let sent = self.pen.session.send_frame(frame)?;
        self.listen(mark, number.as_slice(), sent + UNANSWERED)
    }

    fn burst(&mut self, requests: &[Request]) -> Result<(), SessionError> {
        let session = &mut self.pen.session;
        let mark = session.link().log().len();
        let mut numbers = Vec::with_capacity(requests.len());
        let mut sent = session.now();
        for request in requests {
            let frame = session.link().frame(request);
            numbers.extend(session.link().last_number());
            sent = session.send_frame(&frame)?;
        }
        self.listen(mark, &numbers, sent + UNANSWERED)
    }

    /// Waits until every one of these numbers was replied to since a place in the log, or until a
    /// time.
    fn listen(
        &mut self,
        mark: usize,
        numbers: &[u16],
        until: Nanoseconds,
    ) -> Result<(), SessionError> {
        let session = &mut self.pen.session;
        while session.now() < until {
            let heard = &session.link().log()[mark..];
            let is_answered = |number: &u16| {
                let is_answer =
                    |what: &What| matches!(what, What::Replied { number: it, .. } if it == number);
                heard.iter().any(|event| is_answer(&event.what))
            };
            if numbers.iter().all(is_answered) {
                break;
            }
            session.listen(until)?;
        }
        Ok(())
    }

    /// Changes the cartridge.
    pub(super) fn change_cartridge(&mut self, next: Option<Fitting>) -> Result<(), SessionError> {
        self.learn_mark();
        if self.is_fitted {
            self.pen.session.actuate(Actuation::Cartridge(None))?;
            self.pen.session.note(What::Cartridge(None));
            self.is_fitted = false;
            if next.is_some() {
                self.pen.session.wait(CHANGE)?;
            }
        }
        let Some(fitting) = next else { return Ok(()) };
        let fitted = self.cartridge(fitting);
        let chip = fitted.chip.map_or(UNREADABLE, |chip| chip.to_bytes());
        self.pen
            .session
            .actuate(Actuation::Cartridge(Some(Cartridge {
                chip,
                needle_excess: Micrometers::ZERO,
            })))?;
        let what = What::Cartridge(Some((fitting, fitted.id)));
        self.pen.session.note(what);
        self.is_fitted = true;
        self.last = Some(fitted);
        // What was heard so far was said of another one.
        self.looked = self.pen.session.link().log().len();
        Ok(())
    }

    fn cartridge(&mut self, fitting: Fitting) -> Fitted {
        let (needles, reference_length) = REFERENCE;
        let (needle_length, treatment) = match (fitting, self.last) {
            (Fitting::Same, Some(last)) => return last,
            (Fitting::Fresh { length }, _) => (length, None),
            (Fitting::Same, None) => (reference_length, None),
            (Fitting::Used, _) => {
                self.n_used += 1;
                (reference_length, Some(FOREIGN_TREATMENT + self.n_used))
            }
            (Fitting::Unreadable, _) => {
                let id = self.pen.next_cartridge_id();
                return Fitted { id, chip: None };
            }
        };
        let id = self.pen.next_cartridge_id();
        let chip = CartridgeChip {
            id,
            needles,
            needle_length,
            treatment,
        };
        Fitted {
            id,
            chip: Some(chip),
        }
    }

    /// Asks the pen what it wrote on a chip that had no mark yet. The bench cannot read a chip back,
    /// so that one fitted again holds what the pen said of it: this request, which no step names,
    /// stands in the trace as any other. A chip whose mark the pen did not tell before it lost its
    /// supply is fitted again without one.
    fn ask_for_mark(&mut self) -> Result<(), SessionError> {
        self.learn_mark();
        let is_unmarked = self
            .last
            .and_then(|it| it.chip)
            .is_some_and(|it| it.treatment.is_none());
        if self.is_fitted && is_unmarked && self.supply != Millivolts(0) {
            self.send(Request::GetCartridge)?;
            self.learn_mark();
        }
        Ok(())
    }

    /// Takes from what was heard since the last look what it says of the fitted chip's mark.
    fn learn_mark(&mut self) {
        let Some(Fitted {
            id,
            chip: Some(chip),
        }) = &mut self.last
        else {
            return;
        };
        let log = self.pen.session.link().log();
        for event in &log[self.looked.min(log.len())..] {
            if let What::Replied {
                reply: Reply::Cartridge(report),
                ..
            } = &event.what
                && report.id == *id
                && chip.treatment.is_none()
            {
                chip.treatment = report.treatment;
            }
        }
        self.looked = log.len();
    }

    pub(super) fn set_needles(
        &mut self,
        needles: u8,
        force: Millinewtons,
    ) -> Result<(), SessionError> {
        if (needles, force) == self.needles {
            return Ok(());
        }
        self.pen.session.actuate(Actuation::NeedleLoad {
            needles,
            force_per_needle: force,
        })?;
        self.pen.session.note(What::Needles { needles, force });
        self.needles = (needles, force);
        Ok(())
    }

    pub(super) fn hold_shaft(&mut self, hold: ShaftHold) -> Result<(), SessionError> {
        if hold == self.shaft {
            return Ok(());
        }
        self.pen.session.actuate(Actuation::Shaft(match hold {
            ShaftHold::Free => Shaft::Free,
            ShaftHold::Brake(torque) => Shaft::Brake(torque),
            ShaftHold::Locked => Shaft::Locked,
        }))?;
        self.pen.session.note(What::Shaft(hold));
        self.shaft = hold;
        Ok(())
    }

    pub(super) fn push(&mut self, force: Millinewtons) -> Result<(), SessionError> {
        if force == self.axial {
            return Ok(());
        }
        self.pen.session.actuate(Actuation::AxialForce(force))?;
        self.pen.session.note(What::Axial(force));
        self.axial = force;
        Ok(())
    }

    pub(super) fn set_supply(&mut self, supply: Millivolts) -> Result<(), SessionError> {
        if supply == self.supply {
            return Ok(());
        }
        self.pen.session.actuate(Actuation::Supply(supply))?;
        self.pen.session.note(What::Supply(supply));
        self.supply = supply;
        Ok(())
    }

    pub(super) fn press(&mut self, pressed: bool) -> Result<(), SessionError> {
        if pressed == self.pressed {
            return Ok(());
        }
        self.pen.session.actuate(Actuation::Button { pressed })?;
        self.pen.session.note(What::Button(pressed));
        self.pressed = pressed;
        Ok(())
    }

    /// Resets the chip through the debug probe, at some moment of the time that this takes; its
    /// begin stands in the trace.
    fn reset(&mut self) -> Result<(), SessionError> {
        let session = &mut self.pen.session;
        let probe = session.bench().probe()?;
        session.note(What::Reset);
        reset::by_line(probe).map_err(|error| {
            let cause = format!("resetting the chip: {error}");
            BenchError::Probe { cause }.into()
        })
    }
}

impl<B: Bench> Stage<'_, '_, B> {
    /// Sends the chip's program into an endless loop through the debug probe, as SAF-11 does. A chip
    /// without enough supply has no program to be sent.
    fn hang(&mut self) -> Result<(), SessionError> {
        if self.supply < CHIP_RUNS {
            return Ok(());
        }
        let bench = self.pen.session.bench();
        let chip = bench.identity().chip.clone();
        let hung = Hanger::attach(bench.probe()?, &chip).and_then(Hanger::hang);
        hung.map_err(|error| {
            let cause = format!("hanging the control loop: {error}");
            BenchError::Probe { cause }
        })?;
        self.pen.session.note(What::Hang);
        Ok(())
    }

    /// Has the factory record written anew with the depth calibration that it holds.
    fn recalibrate(&mut self) -> Result<(), SessionError> {
        let Some(Reply::Calibration(record)) = self.send(Request::GetCalibration)? else {
            return Ok(());
        };
        let again = Request::Calibrate {
            home_protrusion: record.home_protrusion,
            screw_lead: record.screw_lead,
        };
        self.send(again).map(|_| ())
    }
}

fn fits_same(action: &Action) -> bool {
    *action == Action::Cartridge(Some(Fitting::Same))
}
