//! The pen's stroke counters against the marks of the tachometer.
//!
//! The pen counts at bottom of stroke, the tachometer's mark comes a quarter turn later. A cam that
//! started between the two gives the tachometer one more, one that came to rest there the pen: so
//! over any time that begins with the cam at rest, pen minus tachometer is 0 or 1, or it is -1 or 0,
//! and it stays the one or the other until counting begins anew.

use super::Findings;
use crate::model::{Model, Requirements};
use crate::{Event, Property, Trace, What};
use firmware_units::Nanoseconds;
use firmware_wire::TreatmentReport;
use std::collections::BTreeMap;

/// The pen counts in the control tick of 2 ms after the bottom of stroke.
const OLDER: Nanoseconds = Nanoseconds::from_millis(4);
/// Telemetry may have waited so long behind replies.
const LAG: Nanoseconds = Nanoseconds::from_millis(60);
/// Strokes so shortly before a reset or a lost supply, and so long after it, may go uncounted.
const BEFORE: Nanoseconds = Nanoseconds::from_millis(10);
/// See [`BEFORE`].
const AFTER: Nanoseconds = Nanoseconds::from_millis(150);

/// What is counted from when, as the model has it: place of the treatment; treatment, section, pass.
type Counted = Option<(u32, [Nanoseconds; 3])>;

/// Counts of one trace.
pub(super) struct Counters<'t> {
    edges: &'t [Nanoseconds],
    /// Times in which strokes may go uncounted.
    gaps: Vec<(Nanoseconds, Nanoseconds)>,
    error: (i64, i64),
    /// Whether a count that began then may be 0 or 1 ahead, or 1 or 0 behind.
    ahead: BTreeMap<Nanoseconds, (bool, bool)>,
    /// What was counted from when, and since when that has been so.
    counted: (Counted, Nanoseconds),
    /// Since when there is no treatment.
    none_since: Option<Nanoseconds>,
}

impl<'t> Counters<'t> {
    pub(super) fn new(trace: &'t Trace, requirements: &Requirements) -> Self {
        Self {
            edges: &trace.edges,
            gaps: gaps(trace),
            error: requirements.counter_error,
            ahead: BTreeMap::new(),
            counted: (None, Nanoseconds::ZERO),
            none_since: Some(Nanoseconds::ZERO),
        }
    }

    /// Notes what is counted after an event.
    pub(super) fn after(&mut self, model: &Model, event: &Event) {
        let counted = model.counted_from();
        if counted != self.counted.0 {
            self.counted = (counted, event.at);
        }
        let none = model.treatment() == Some(None);
        self.none_since = match self.none_since {
            Some(since) if none => Some(since),
            _ => none.then_some(event.at),
        };
    }

    /// Judges a report of the treatment, asked for and answered at the times given.
    pub(super) fn report(
        &mut self,
        model: &Model,
        span: (Nanoseconds, Nanoseconds),
        report: &TreatmentReport,
        findings: &mut Findings,
    ) {
        let Some((_, from)) = model.counted_from() else {
            return;
        };
        let counts = [
            ("strokes of the treatment", report.strokes),
            ("strokes of the section", report.section_strokes),
            ("strokes of the pass", report.pass_strokes),
        ];
        for ((name, strokes), from) in counts.into_iter().zip(from) {
            self.check(name, from, span, strokes, findings);
        }
    }

    /// Judges the strokes of a telemetry frame.
    pub(super) fn telemetry(
        &mut self,
        model: &Model,
        at: Nanoseconds,
        strokes: u32,
        findings: &mut Findings,
    ) {
        let taken = at.saturating_sub(LAG);
        let (counted, since) = self.counted;
        let none = self.none_since.is_some_and(|it| it < taken);
        if none && model.treatment() == Some(None) {
            if strokes != 0 {
                findings.add(
                    Property::Counters,
                    at,
                    "0 strokes in telemetry, no treatment being under way".to_owned(),
                    format!("{strokes} strokes"),
                );
            }
        } else if let Some((_, from)) = counted
            && since < taken
            && model.counted_from() == counted
        {
            self.check(
                "strokes in telemetry",
                from[0],
                (taken, at),
                strokes,
                findings,
            );
        }
    }

    fn check(
        &mut self,
        name: &str,
        from: Nanoseconds,
        span: (Nanoseconds, Nanoseconds),
        strokes: u32,
        findings: &mut Findings,
    ) {
        let surely = self.count(from, span.0.saturating_sub(OLDER), true);
        let at_most = self.count(from, span.1, false);
        let strokes = i64::from(strokes);
        let fits = |behind: i64| {
            let least = surely - behind + self.error.0;
            let most = at_most + 1 - behind + self.error.1;
            (least..=most).contains(&strokes)
        };
        let now = (fits(0), fits(1));
        let before = self.ahead.get(&from).copied().unwrap_or((true, true));
        let left = (now.0 && before.0, now.1 && before.1);
        if left == (false, false) {
            let expected = if now == left {
                format!("{name}: {} to {}", surely - 1, at_most + 1)
            } else {
                format!("{name}: {surely} to {at_most}, as far from that as before")
            };
            findings.add(Property::Counters, span.1, expected, format!("{strokes}"));
            // Told once; from here on it counts anew.
            self.ahead.insert(from, (true, true));
        } else {
            self.ahead.insert(from, left);
        }
    }

    /// Marks after one time up to another, those in gaps left out or not.
    fn count(&self, from: Nanoseconds, to: Nanoseconds, certain: bool) -> i64 {
        let first = self.edges.partition_point(|it| *it <= from);
        let last = self.edges.partition_point(|it| *it <= to).max(first);
        let counted = self.edges[first..last].iter().filter(|edge| {
            !certain || !self.gaps.iter().any(|it| it.0 <= **edge && **edge <= it.1)
        });
        i64::try_from(counted.count()).unwrap_or(i64::MAX)
    }
}

/// Times around resets and without supply.
fn gaps(trace: &Trace) -> Vec<(Nanoseconds, Nanoseconds)> {
    let mut gaps = Vec::new();
    let mut away: Option<Nanoseconds> = None;
    for event in &trace.events {
        match event.what {
            What::Reset | What::Hang => gaps.push((
                event.at.saturating_sub(BEFORE),
                event.at.saturating_add(AFTER),
            )),
            What::Supply(supply) if supply.0 < crate::model::RUNS => {
                away = away.or(Some(event.at));
            }
            What::Supply(_) => {
                if let Some(since) = away.take() {
                    gaps.push((since.saturating_sub(BEFORE), event.at.saturating_add(AFTER)));
                }
            }
            _ => {}
        }
    }
    if let Some(since) = away {
        gaps.push((since.saturating_sub(BEFORE), Nanoseconds(u64::MAX)));
    }
    gaps
}
