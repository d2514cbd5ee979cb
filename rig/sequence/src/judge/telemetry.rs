//! Telemetry: at the period asked for, and with the state and the faults that the pen has.

use super::Findings;
use crate::model::{LATEST, Model};
use crate::reply::InWords as _;
use crate::{Event, Property, What};
use firmware_units::Nanoseconds;
use firmware_wire::{Request, State, Telemetry};

/// A frame may have waited so long behind replies, or in a pen that writes flash.
const LAG: Nanoseconds = Nanoseconds::from_millis(60);
const WRITE: Nanoseconds = Nanoseconds::from_millis(600);
/// Fewer frames say nothing of a period.
const FRAMES: u32 = 10;

/// Telemetry heard so far.
#[derive(Debug, Default)]
pub(super) struct Heard {
    /// Period that is known, ms, and since when.
    period: Option<(u32, Nanoseconds)>,
    /// The frame before at this period: when it came, and when it says that it was taken.
    last: Option<(Nanoseconds, u32)>,
    /// Frames at this period, and those that did not come.
    frames: u32,
    missed: u32,
    /// Silence was told already.
    told: bool,
}

impl Heard {
    fn begin(&mut self, period: Option<u32>, at: Nanoseconds) {
        *self = Self {
            period: period.map(|it| (it, at)),
            ..Self::default()
        };
    }

    /// A request was answered: a period that is set anew begins anew.
    pub(super) fn answered(&mut self, request: &Request, at: Nanoseconds) {
        if matches!(request, Request::SetTelemetryPeriod(_)) {
            self.begin(None, at);
        }
    }

    /// Notes the period after an event.
    pub(super) fn after(&mut self, model: &Model, event: &Event) {
        let period = model.telemetry_period();
        let disturbed = matches!(event.what, What::Reset | What::Hang | What::Supply(_));
        if disturbed || period != self.period.map(|it| it.0) {
            self.begin(period, event.at.min(LATEST));
        }
    }

    /// Looks whether telemetry is overdue, before the next event.
    pub(super) fn before(&mut self, _model: &Model, at: Nanoseconds, findings: &mut Findings) {
        let Some((period, since)) = self.period.filter(|it| it.0 > 0) else {
            return;
        };
        let last = self.last.map_or(since, |it| it.0);
        let patience = Nanoseconds::from_millis(3 * u64::from(period)) + WRITE;
        if at > last + patience && !self.told {
            self.told = true;
            let seconds = at.saturating_sub(last).seconds();
            findings.add(
                Property::Telemetry,
                at,
                format!("telemetry every {period} ms"),
                format!("none for {seconds:.3} s"),
            );
        }
    }

    /// Judges one frame.
    pub(super) fn take(
        &mut self,
        model: &Model,
        at: Nanoseconds,
        telemetry: &Telemetry,
        findings: &mut Findings,
    ) {
        if let Some(shown) = model.may_show(at) {
            judge_shown(&shown, at, telemetry, findings);
        }
        let Some((period, since)) = self.period else {
            return;
        };
        if period == 0 {
            if at > since + LAG {
                findings.add(
                    Property::Telemetry,
                    at,
                    "no telemetry, since it is off".to_owned(),
                    "telemetry".to_owned(),
                );
            }
            return;
        }
        let taken = telemetry.at.0;
        if let Some((_, before)) = self.last.replace((at, taken)) {
            let apart = taken.wrapping_sub(before);
            if apart == 0 || apart % period != 0 {
                findings.add(
                    Property::Telemetry,
                    at,
                    format!("telemetry every {period} ms"),
                    format!("{apart} ms after the one before, by the pen's clock"),
                );
                self.begin(Some(period), at);
                return;
            }
            self.frames += 1;
            self.missed += apart / period - 1;
            if self.frames >= FRAMES && self.missed * 5 > self.frames + self.missed {
                findings.add(
                    Property::Telemetry,
                    at,
                    format!("telemetry every {period} ms"),
                    format!("{} frames, {} missing", self.frames, self.missed),
                );
                self.begin(Some(period), at);
            }
        } else if since + LAG > at {
            // It may have been taken before the period was set.
            self.last = None;
        }
    }
}

/// State and faults against what the model allows.
fn judge_shown(
    shown: &[(State, firmware_wire::FaultSet)],
    at: Nanoseconds,
    telemetry: &Telemetry,
    findings: &mut Findings,
) {
    let seen = (telemetry.state, telemetry.faults);
    if shown.is_empty() || shown.contains(&seen) {
        return;
    }
    let faults = shown.iter().any(|it| it.1 == seen.1);
    let property = if faults {
        Property::Telemetry
    } else {
        Property::Faults
    };
    let words =
        |it: &(State, firmware_wire::FaultSet)| format!("{:?}, faults {}", it.0, it.1.in_words());
    let expected: Vec<String> = shown.iter().map(words).collect();
    findings.add(
        property,
        at,
        format!("telemetry: {}", expected.join(", or ")),
        words(&seen),
    );
}
