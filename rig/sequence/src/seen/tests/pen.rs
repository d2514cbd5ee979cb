//! A pen of a few numbers: a cam that is brought up and braked, a carriage that moves out and back,
//! and what instruments would see of them.

use crate::seen::orders::{Cause, End, Motion, Orders};
use crate::seen::series::Series;
use crate::seen::{Seen, SeenLimits, look};
use crate::testing::spec;
use crate::trace::{Event, Slice, Stroke, Trace, What};
use crate::violation::Property;
use firmware_units::{Micrometers, Nanoseconds, StrokesPerMinute};
use std::f64::consts::TAU;

/// Time between two looks at cam and carriage, s.
const STEP_S: f64 = 2.5e-4;
/// Length of a slice, in such steps.
const STEPS_A_SLICE: usize = 40;
/// Stroke of the cam, nm.
const STROKE_NM: f64 = 3e6;
/// Parked top of stroke, nm.
const PARKED_NM: f64 = -2e5;

/// What the pen does, and what it was told.
#[derive(Clone, Debug)]
pub(super) struct Pen {
    /// Depth set.
    pub(super) depth: Micrometers,
    /// Rate set.
    pub(super) rate: StrokesPerMinute,
    /// Ceiling in force.
    pub(super) ceiling: Micrometers,
    /// When START left, s; the carriage is out 0.2 s later.
    pub(super) start_s: f64,
    /// Time from START until the cam begins to turn, s; it is at rate 0.2 s later.
    pub(super) cam_s: f64,
    /// When STOP left, s.
    pub(super) stop_s: f64,
    /// What ends the run.
    pub(super) cause: Cause,
    /// When the pen has to be at rest, s after the end.
    pub(super) due_s: f64,
    /// Time from STOP to the cam's standing, s.
    pub(super) braking_s: f64,
    /// Time from STOP to the carriage's being parked, s.
    pub(super) parking_s: f64,
    /// Rate over the one set.
    pub(super) speed: f64,
    /// Top of stroke less the depth set, nm.
    pub(super) offset_nm: f64,
    /// Top of stroke of the parked pen, nm.
    pub(super) parked_nm: f64,
    /// End of the look, s.
    pub(super) end_s: f64,
}

impl Default for Pen {
    fn default() -> Self {
        Self {
            depth: Micrometers(1_500),
            rate: StrokesPerMinute(7_000),
            ceiling: Micrometers(1_500),
            start_s: 1.0,
            cam_s: 0.2,
            stop_s: 5.0,
            cause: Cause::Asked,
            due_s: 0.5,
            braking_s: 0.15,
            parking_s: 0.25,
            speed: 1.0,
            offset_nm: 0.0,
            parked_nm: PARKED_NM,
            end_s: 7.0,
        }
    }
}

/// Seconds as bench time.
pub(super) fn s(seconds: f64) -> Nanoseconds {
    Nanoseconds((seconds * 1e9).round() as u64)
}

/// The limits of Pen A1.
pub(super) fn limits() -> SeenLimits {
    SeenLimits::of(&spec()).unwrap()
}

/// Goes from 0 to 1 between two times.
fn ramp(time: f64, from: f64, to: f64) -> f64 {
    ((time - from) / (to - from)).clamp(0.0, 1.0)
}

impl Pen {
    /// Rate of the cam, 1/s.
    fn cam(&self, time: f64) -> f64 {
        let begin = self.start_s + self.cam_s;
        let up = ramp(time, begin, begin + 0.2);
        let down = 1.0 - ramp(time, self.stop_s, self.stop_s + self.braking_s);
        self.speed * f64::from(self.rate.0) / 60.0 * up * down
    }

    /// Protrusion at top of stroke, nm.
    fn top(&self, time: f64) -> f64 {
        let out = f64::from(self.depth.0) * 1e3 + self.offset_nm;
        let there = ramp(time, self.start_s, self.start_s + 0.2);
        let back = 1.0 - ramp(time, self.stop_s, self.stop_s + self.parking_s);
        self.parked_nm + (out - self.parked_nm) * there * back
    }

    /// What the instruments see.
    pub(super) fn trace(&self) -> Trace {
        let mut trace = Trace {
            protrusion_u_nm: 12_000.0,
            ended: s(self.end_s),
            ..Trace::default()
        };
        for (step, at) in [(0, 0.0), (1, self.start_s), (2, self.stop_s)] {
            trace.events.push(Event {
                at: s(at),
                what: What::Step(step),
            });
        }
        let (mut phase, mut time) = (0.4, 0.0);
        let mut furthest = f64::NEG_INFINITY;
        for step in 1..=(self.end_s / STEP_S).round() as usize {
            let turned = self.cam(time + STEP_S / 2.0) * STEP_S;
            let when = |mark: f64| {
                let share = (mark - phase) / turned;
                ((0.0..1.0).contains(&share) && turned > 0.0).then_some(time + share * STEP_S)
            };
            if let Some(at) = when(phase.floor() + 1.0) {
                trace.edges.push(s(at));
            }
            if let Some(at) = when((phase - 0.5).floor() + 1.5) {
                trace.strokes.push(Stroke {
                    at: s(at),
                    protrusion_nm: self.top(at),
                    u_nm: 2_700.0,
                });
            }
            phase += turned;
            time = step as f64 * STEP_S;
            let inside = STROKE_NM * (1.0 + (phase * TAU).cos()) / 2.0;
            furthest = furthest.max(self.top(time) - inside);
            if step % STEPS_A_SLICE == 0 {
                trace.slices.push(Slice {
                    until: s(time),
                    furthest_nm: Some(furthest),
                    current_ua: 2e3 * self.cam(time),
                });
                furthest = f64::NEG_INFINITY;
            }
        }
        trace
    }

    /// What it was to do.
    pub(super) fn orders(&self) -> Orders {
        let mut motion = Series::new(Motion::Forbidden);
        let (start, stop) = (s(self.start_s), s(self.stop_s));
        let due = s(self.stop_s + self.due_s);
        motion.set(start, Motion::Commanded);
        motion.set(stop, Motion::Open);
        motion.set(due, Motion::Forbidden);
        let end = End {
            at: stop,
            cause: self.cause,
            due,
        };
        Orders {
            motion,
            depth: Series::new(Some(self.depth)),
            rate: Series::new(Some(self.rate)),
            ceiling: Series::new(Some(self.ceiling)),
            ends: vec![end],
            starts: vec![start],
            lost: false,
        }
    }

    /// What is seen of it.
    pub(super) fn seen(&self) -> Seen {
        look(&self.trace(), || self.orders(), &limits())
    }
}

impl Seen {
    /// The properties violated, in order of time.
    pub(super) fn properties(&self) -> Vec<Property> {
        self.violations.iter().map(|it| it.property).collect()
    }

    /// Nothing violated, and nothing in doubt.
    pub(super) fn held(&self) -> bool {
        self.violations.is_empty() && self.inconclusive.is_none()
    }

    /// Nothing violated, and something in doubt.
    pub(super) fn in_doubt(&self) -> bool {
        self.violations.is_empty() && self.inconclusive.is_some()
    }
}
