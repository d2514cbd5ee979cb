//! What a pen answers, and what it does then.
//!
//! Where several reasons speak against a request, the first is given in the order in which
//! [`Refusal`] lists them (firmware/wire).

use super::due::{Context, Span, What};
use super::expected::Expected;
use super::guess::{Chip, Guess, Mark, Phase, Treatment, count};
use super::window;
use super::{Requirements, Since, Starter, StopCause};
use firmware_units::{Micrometers, Nanometers, Nanoseconds};
use firmware_wire::{
    Fault, PROTOCOL_VERSION, Preset, REVISION, Refusal, Reply, Request, Setting, SettingId,
};

/// Depth calibrations that are taken (firmware/wire, `Request::Calibrate`), nm.
const HOME_PROTRUSION: (Nanometers, Nanometers) = (Nanometers(-1_000_000), Nanometers(-200_000));
/// See [`HOME_PROTRUSION`].
const SCREW_LEAD: (Nanometers, Nanometers) = (Nanometers(480_000), Nanometers(520_000));

/// What may follow a request: guesses, each with the answer that goes with it.
pub(super) type Outcomes = Vec<(Guess, Expected)>;

impl Guess {
    /// Takes a whole frame, by the rules of the link.
    pub(super) fn receive(
        &self,
        number: u16,
        request: &Request,
        context: Context<'_>,
        span: Span,
    ) -> Outcomes {
        let mut guess = self.clone();
        if guess.phase == Phase::Off {
            return vec![(guess, Expected::Silence)];
        }
        let last = guess.link.last;
        let again = last.is_some_and(|(n, r, _)| n == number && r == *request);
        let behind =
            last.is_some_and(|(n, _, _)| (1..=window::BEHIND).contains(&n.wrapping_sub(number)));
        if *request != Request::Stop {
            if again {
                guess.hear(span);
                count(&mut guess.link.counts.repeated);
                let before = last.and_then(|(_, _, reply)| reply);
                let expected = before.map_or(Expected::Anything, Expected::Exactly);
                return vec![(guess, expected)];
            }
            if behind && *request != Request::Identify {
                return vec![guess.out_of_order()];
            }
        }
        // Before the trace the pen heard frames whose numbers nobody kept.
        let unknown = last.is_none() && guess.booted == Nanoseconds::ZERO;
        let late = unknown
            && span.0 <= window::SILENCE.most
            && !matches!(request, Request::Stop | Request::Identify);
        let old = late.then(|| guess.clone().out_of_order());
        guess.hear(span);
        let mut outcomes = guess.ask(request, context, span);
        for (guess, _) in &mut outcomes {
            let counts = &mut guess.link.counts;
            count(if again {
                &mut counts.repeated
            } else {
                &mut counts.accepted
            });
            // A late STOP does not make older what came before it.
            if !(behind && *request == Request::Stop) {
                guess.link.last = Some((number, *request, None));
            }
        }
        outcomes.extend(old);
        outcomes
    }

    /// A frame behind the last one is counted and not acted on.
    fn out_of_order(mut self) -> (Self, Expected) {
        count(&mut self.link.counts.out_of_order);
        let refusal = Reply::Refused(Refusal::OutOfOrder);
        let reply = refusal.as_of(self.link.revision, false);
        (self, Expected::Exactly(reply))
    }

    /// A sign of life of the host.
    fn hear(&mut self, span: Span) {
        self.link.heard = span.0;
        self.cancel(What::Silent);
        self.expect(What::Silent, window::SILENCE, span.0, span.1);
    }

    /// Does what a request asks, or declines.
    fn ask(mut self, request: &Request, context: Context<'_>, span: Span) -> Outcomes {
        if !only_looks(request) {
            self.wake(span.0, span.1);
        }
        let requirements = context.requirements;
        let done = match *request {
            Request::Identify => {
                self.link.revision = 0;
                let expected = Expected::Identity(self.identity);
                return vec![(self, expected)];
            }
            Request::Hello { revision } => {
                self.link.revision = revision.min(REVISION);
                let reply = Reply::Hello {
                    protocol: PROTOCOL_VERSION,
                    revision: self.link.revision,
                };
                return vec![(self, Expected::Exactly(reply))];
            }
            Request::GetStatus => {
                let expected = self.status(requirements);
                return vec![(self, expected)];
            }
            Request::Get(id) => {
                let setting = match id {
                    SettingId::Depth => Setting::Depth(self.depth.value),
                    SettingId::Rate => Setting::Rate(self.rate.value),
                };
                return vec![(self, Expected::Exactly(Reply::Setting(setting)))];
            }
            Request::GetCalibration => {
                let expected = Expected::Calibration(self.calibration);
                return vec![(self, expected)];
            }
            Request::GetLinkCounters => {
                let expected = Expected::Counters(self.link.counts);
                return vec![(self, expected)];
            }
            Request::GetLinkReport => {
                let expected = Expected::LinkReport(self.link.counts);
                return vec![(self, expected)];
            }
            Request::GetLog(number) => return vec![(self, Expected::Log(number))],
            Request::GetTreatment => {
                let expected = self.treatment_report(requirements, span);
                return vec![(self, expected)];
            }
            Request::GetCartridge => {
                let expected = self.cartridge_report();
                return vec![(self, expected)];
            }
            Request::Set(Setting::Depth(depth)) => self.set_depth(depth, requirements, span),
            Request::Set(Setting::Rate(rate)) => {
                if rate < requirements.rates.0 || rate > requirements.rates.1 {
                    Err(Refusal::OutOfRange)
                } else {
                    if rate != self.rate.value {
                        self.rate = Since {
                            value: rate,
                            since: span.0,
                        };
                    }
                    Ok(())
                }
            }
            Request::SelectPreset(preset) => self.select(preset, requirements, span),
            Request::ClearPreset => {
                self.preset = None;
                Ok(())
            }
            Request::UnlockDepth => {
                self.unlocked = true;
                Ok(())
            }
            Request::LockDepth => {
                let falls = self.depth.value > requirements.armed;
                match self.depth_is_free() {
                    Err(refusal) if falls => Err(refusal),
                    _ => {
                        self.arm(requirements.armed, span.0);
                        Ok(())
                    }
                }
            }
            Request::Start => {
                return self
                    .start(Starter::Host, context, span)
                    .into_iter()
                    .map(|(guess, done)| (guess, answer(done)))
                    .collect();
            }
            Request::Stop => {
                self.stop(false, StopCause::Asked, span.0, span);
                Ok(())
            }
            Request::Pause => {
                if self.in_run() {
                    self.stop(true, StopCause::Asked, span.0, span);
                    Ok(())
                } else if self.phase == Phase::Paused {
                    Ok(())
                } else {
                    Err(Refusal::NotRunning)
                }
            }
            Request::NextSection => self.next_section(span),
            Request::EndTreatment => self.end_treatment(requirements, span),
            Request::ClearFaults => self.clear_faults(context, span),
            Request::Heartbeat => Ok(()),
            Request::SetTelemetryPeriod(period) => {
                let (least, most) = window::TELEMETRY;
                if period.0 != 0 && !(least..=most).contains(&period.0) {
                    Err(Refusal::OutOfRange)
                } else {
                    let ticks = period.0.div_ceil(window::TICK_MS);
                    self.link.telemetry = Some(ticks * window::TICK_MS);
                    Ok(())
                }
            }
            Request::Calibrate {
                home_protrusion,
                screw_lead,
            } => {
                let outcomes = self.calibrate(home_protrusion, screw_lead, context, span);
                return outcomes
                    .into_iter()
                    .map(|(guess, done)| (guess, answer(done)))
                    .collect();
            }
        };
        vec![(self, answer(done))]
    }

    /// The deepest setting that would be taken, a whole number of steps.
    pub(super) fn limit(&self, requirements: &Requirements) -> Micrometers {
        let lowest = self.ceiling(requirements).max(Micrometers::ZERO);
        Micrometers(lowest.0 - lowest.0 % requirements.step.0)
    }

    /// The lowest of limit in force, preset's ceiling and cartridge's length.
    pub(super) fn ceiling(&self, requirements: &Requirements) -> Micrometers {
        let armed = if self.unlocked {
            requirements.range
        } else {
            requirements.armed
        };
        let preset = self.preset.and_then(|it| requirements.preset(it));
        let ceiling = preset.map_or(requirements.range, |it| it.ceiling);
        armed.min(ceiling).min(self.length(requirements))
    }

    fn length(&self, requirements: &Requirements) -> Micrometers {
        match self.chip {
            Chip::Known { length, .. } => length,
            Chip::Absent | Chip::Reading | Chip::Unreadable => requirements.range,
        }
    }

    fn check_depth(
        &self,
        depth: Micrometers,
        preset: Option<Preset>,
        requirements: &Requirements,
    ) -> Result<(), Refusal> {
        let ceiling = preset.and_then(|it| requirements.preset(it));
        if depth.0 % requirements.step.0 != 0 {
            Err(Refusal::NotAStep)
        } else if depth < Micrometers::ZERO || depth > requirements.range {
            Err(Refusal::OutOfRange)
        } else if !self.unlocked && depth > requirements.armed {
            Err(Refusal::AboveArmedLimit)
        } else if ceiling.is_some_and(|it| depth > it.ceiling) {
            Err(Refusal::AbovePresetCeiling)
        } else if matches!(self.chip, Chip::Known { length, .. } if depth > length) {
            Err(Refusal::AboveCartridgeLimit)
        } else {
            Ok(())
        }
    }

    /// The depth is held while the carriage stands out for it.
    fn depth_is_free(&self) -> Result<(), Refusal> {
        match self.phase {
            Phase::Running => Err(Refusal::Running),
            Phase::Marking | Phase::MovingOut | Phase::Trying => Err(Refusal::Busy),
            _ => Ok(()),
        }
    }

    fn rests_now(&self) -> Result<(), Refusal> {
        match self.phase {
            Phase::Idle | Phase::Paused | Phase::Asleep => Ok(()),
            Phase::Running => Err(Refusal::Running),
            _ => Err(Refusal::Busy),
        }
    }

    fn put_depth(&mut self, depth: Micrometers, at: Nanoseconds) {
        if depth != self.depth.value {
            self.depth = Since {
                value: depth,
                since: at,
            };
        }
    }

    fn set_depth(
        &mut self,
        depth: Micrometers,
        requirements: &Requirements,
        span: Span,
    ) -> Result<(), Refusal> {
        self.check_depth(depth, self.preset, requirements)?;
        self.depth_is_free()?;
        self.put_depth(depth, span.0);
        Ok(())
    }

    fn select(
        &mut self,
        preset: Preset,
        requirements: &Requirements,
        span: Span,
    ) -> Result<(), Refusal> {
        let limit = requirements.preset(preset).ok_or(Refusal::OutOfRange)?;
        self.check_depth(limit.depth, Some(preset), requirements)?;
        self.depth_is_free()?;
        self.preset = Some(preset);
        self.put_depth(limit.depth, span.0);
        Ok(())
    }

    pub(super) fn check_cartridge(&self) -> Result<(), Refusal> {
        match self.chip {
            Chip::Absent => Err(Refusal::NoCartridge),
            Chip::Reading => Err(Refusal::Busy),
            Chip::Unreadable => Err(Refusal::CartridgeUnreadable),
            Chip::Known { .. } if self.usable() => Ok(()),
            Chip::Known { .. } => Err(Refusal::CartridgeUsed),
        }
    }

    /// Why START is declined, the battery aside.
    fn against_start(&self, requirements: &Requirements) -> Result<(), Refusal> {
        self.check_depth(self.depth.value, self.preset, requirements)?;
        self.rests_now()?;
        self.check_cartridge()?;
        if !self.latched.is_empty() {
            return Err(Refusal::Faulted);
        }
        if self.treatment.is_some_and(|it| it.over) {
            return Err(Refusal::TreatmentOver);
        }
        Ok(())
    }

    /// Begins a run, or says why not.
    pub(super) fn start(
        mut self,
        by: Starter,
        context: Context<'_>,
        span: Span,
    ) -> Vec<(Self, Result<(), Refusal>)> {
        self.wake(span.0, span.1);
        if let Err(refusal) = self.against_start(context.requirements) {
            return vec![(self, Err(refusal))];
        }
        let good = context.world.battery_good(span.0);
        let mut outcomes = Vec::new();
        if good != Some(true) {
            outcomes.push((self.clone(), Err(Refusal::BatteryLow)));
        }
        if good != Some(false) {
            self.begin(by, context, span);
            outcomes.push((self, Ok(())));
        }
        outcomes
    }

    fn begin(&mut self, by: Starter, context: Context<'_>, span: Span) {
        self.before_change(span.1);
        self.treatment_new = self.treatment.is_none();
        let place = match self.treatment {
            Some(treatment) => treatment.place,
            None => {
                self.treatments += 1;
                self.treatment = Some(Treatment {
                    place: self.treatments,
                    begun: span,
                    missed: Nanoseconds::ZERO,
                    over: false,
                    section: 1,
                    section_passes: 0,
                    passes: 0,
                    section_from: span.0,
                    pass_from: span.0,
                });
                let (least, most) = context.requirements.treatment;
                self.expect(What::TimeUp, window::Window { least, most }, span.0, span.1);
                self.treatments
            }
        };
        if let Chip::Known { mark, marking, .. } = &mut self.chip
            && marking.is_none()
        {
            let window = if *mark == Mark::Unused {
                *marking = Some(place);
                window::MARK
            } else {
                window::MARKED
            };
            self.expect(What::Marked, window, span.0, span.1);
        }
        self.ran_under = self.ceiling(context.requirements);
        self.starter = by;
        self.pass_due = self.phase != Phase::Paused;
        self.phase = Phase::Marking;
        self.since = span.0;
        self.cancel(What::Sleeps);
    }

    /// The button was pressed.
    pub(super) fn pressed(mut self, context: Context<'_>, span: Span) -> Vec<Self> {
        self.wake(span.0, span.1);
        if self.in_run() {
            let since = context.world.button_stands.since;
            self.stop(false, StopCause::Button, since, span);
        } else if self.rests_now().is_ok() {
            let started = self.start(Starter::Button, context, span);
            return started.into_iter().map(|(guess, _)| guess).collect();
        }
        vec![self]
    }

    fn next_section(&mut self, span: Span) -> Result<(), Refusal> {
        self.rests_now()?;
        self.before_change(span.1);
        let treatment = self.treatment.as_mut().ok_or(Refusal::NoTreatment)?;
        treatment.section = treatment.section.saturating_add(1);
        treatment.section_passes = 0;
        treatment.section_from = span.0;
        treatment.pass_from = span.0;
        self.stop(false, StopCause::Asked, span.0, span);
        Ok(())
    }

    fn end_treatment(&mut self, requirements: &Requirements, span: Span) -> Result<(), Refusal> {
        if self.treatment.is_none() {
            return Err(Refusal::NoTreatment);
        }
        self.stop(false, StopCause::Asked, span.0, span);
        self.before_change(span.1);
        self.treatment = None;
        self.cancel(What::TimeUp);
        self.arm(requirements.armed, span.0);
        Ok(())
    }

    fn clear_faults(&mut self, context: Context<'_>, span: Span) -> Result<(), Refusal> {
        self.rests_now()?;
        if !self.causes.is_empty() {
            return Err(Refusal::CauseRemains);
        }
        self.before_change(span.1);
        let lost = self.latched.contains(Fault::CarriageLost);
        self.latched = firmware_wire::FaultSet::NONE;
        if lost {
            self.phase = Phase::Boot;
            self.since = span.0;
            self.cancel(What::Sleeps);
            self.expect(What::Homed, window::HOME, span.0, span.1);
        }
        self.hazards(context.world, span.0);
        Ok(())
    }

    fn calibrate(
        mut self,
        home_protrusion: Nanometers,
        screw_lead: Nanometers,
        context: Context<'_>,
        span: Span,
    ) -> Vec<(Self, Result<(), Refusal>)> {
        let within = |value: Nanometers, range: (Nanometers, Nanometers)| {
            value >= range.0 && value <= range.1
        };
        let mut against = Ok(());
        if !within(home_protrusion, HOME_PROTRUSION) || !within(screw_lead, SCREW_LEAD) {
            against = Err(Refusal::OutOfRange);
        } else if let Err(refusal) = self.rests_now() {
            against = Err(refusal);
        } else if !self.latched.is_empty() {
            against = Err(Refusal::Faulted);
        }
        if let Err(refusal) = against {
            return vec![(self, Err(refusal))];
        }
        let good = context.world.battery_good(span.0);
        let mut outcomes = Vec::new();
        if good != Some(true) {
            outcomes.push((self.clone(), Err(Refusal::BatteryLow)));
        }
        if good == Some(false) {
            return outcomes;
        }
        if self.fitted {
            outcomes.push((self, Err(Refusal::CartridgeFitted)));
        } else if self.treatment.is_some() {
            outcomes.push((self, Err(Refusal::TreatmentUnderWay)));
        } else {
            self.writing = Some(self.calibration.map(|record| firmware_wire::Calibration {
                generation: record.generation.wrapping_add(1),
                home_protrusion,
                screw_lead,
                ..record
            }));
            self.phase = Phase::Calibrating;
            self.since = span.0;
            self.cancel(What::Sleeps);
            self.deaf_until = span.1 + window::WRITE.most;
            self.expect(What::Wrote, window::WRITE, span.0, span.1);
            outcomes.push((self, Ok(())));
        }
        outcomes
    }
}

fn answer(done: Result<(), Refusal>) -> Expected {
    Expected::Exactly(match done {
        Ok(()) => Reply::Done,
        Err(refusal) => Reply::Refused(refusal),
    })
}

/// Whether a request asks nothing of the pen but an answer: it does not keep it awake.
fn only_looks(request: &Request) -> bool {
    matches!(
        request,
        Request::Identify
            | Request::Hello { .. }
            | Request::GetStatus
            | Request::Get(_)
            | Request::GetCalibration
            | Request::GetLinkCounters
            | Request::GetLinkReport
            | Request::GetLog(_)
            | Request::GetTreatment
            | Request::GetCartridge
            | Request::Heartbeat
            | Request::SetTelemetryPeriod(_)
    )
}
