//! The motor drive: series cut-off, brake and PWM in their order, and what the drive itself can
//! find wrong.

use firmware_units::Milliamperes;
use firmware_wire::Fault;

use crate::analog::Analog;
use crate::hall::Hall;
use crate::rate_loop::RateLoop;

/// Ticks with the cut-off closed and no duty, in which nothing may flow or turn.
const CHECK_TICKS: u32 = 6;
/// No edge for so long while driven: stalled.
const STALL_TICKS: u32 = mutated!("mutant-stall-time-in-milliseconds": 60 => 300);
/// The first turns may take longer together; a cam that cannot start is off within 0.30 s.
const START_TICKS: u32 = 125;
const START_EDGES: u32 = 3;
/// For so long (200 ms) in a row the edges fell short of the back-EMF; one in five lost comes to
/// it too.
const DOUBT: u32 = 100 * RateLoop::DOUBTED;
/// 160 strokes/s: two periods in a row below this many microseconds, or four below it on average,
const OVER_SPEED_PERIOD: u32 = 6_250;
/// or a single one below this many (166.7 strokes/s), which jitter cannot explain.
const OVER_SPEED_PERIOD_SINGLE: u32 = 6_000;
/// Above this for so many ticks while driven: over-current. A cam under drag takes up to 1.9 A
/// steadily, a locked one 3.1 A; the time is longer than a stall's, so that a locked cam is called
/// stalled.
const OVER_CURRENT: Milliamperes =
    Milliamperes(mutated!("mutant-over-current-at-twenty-amperes": 2_000 => 20_000));
const OVER_CURRENT_TICKS: u8 = 70;
/// Current that flows without drive only through a shorted switch.
const STRAY_CURRENT: Milliamperes = Milliamperes(200);
const STRAY_CURRENT_TICKS: u8 = 10;
const STRAY_CURRENT_CHECK_TICKS: u8 = 3;
/// Turns in a row of a cam that was at rest and is not driven.
const STRAY_EDGES: u32 = 3;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Cut-off open, brake on from the second tick; whether the cam has come to rest since.
    Off { rested: bool },
    /// Brake off, then cut-off closed, PWM still off.
    Check,
    /// The loop drives.
    Driving,
}

/// The motor drive.
#[derive(Clone, Debug)]
pub(crate) struct Drive {
    phase: Phase,
    /// Ticks in this phase.
    ticks: u32,
    /// Edges since driving began.
    edges: u32,
    over_current: u8,
    stray_current: u8,
    short_periods: u8,
    rate_loop: RateLoop,
}

/// Pins of the drive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DrivePins {
    pub(crate) duty: u16,
    pub(crate) cutoff_closed: bool,
    pub(crate) brake: bool,
}

impl Drive {
    pub(crate) const fn new() -> Self {
        Self {
            // A reset may have come while the cam turned.
            phase: Phase::Off { rested: false },
            ticks: 0,
            edges: 0,
            over_current: 0,
            stray_current: 0,
            short_periods: 0,
            rate_loop: RateLoop::new(),
        }
    }

    fn enter(&mut self, phase: Phase) {
        self.phase = phase;
        self.ticks = 0;
        self.over_current = 0;
        self.stray_current = 0;
        self.short_periods = 0;
    }

    /// Begins to turn the cam; whether this call did.
    pub(crate) fn start(&mut self) -> bool {
        let off = matches!(self.phase, Phase::Off { .. });
        if off {
            self.enter(mutated!("mutant-drive-unchecked": Phase::Check => Phase::Driving));
            self.edges = 0;
            self.rate_loop = RateLoop::new();
        }
        off
    }

    /// Motor off: cut-off open and PWM at zero in this tick, brake from the next.
    pub(crate) fn stop(&mut self) {
        if !matches!(self.phase, Phase::Off { .. }) {
            self.enter(Phase::Off { rested: false });
        }
    }

    /// Whether the loop turns the cam.
    pub(crate) fn driving(&self) -> bool {
        self.phase == Phase::Driving
    }

    /// Whether the motor is off and the cam has come to rest.
    pub(crate) fn at_rest(&self) -> bool {
        self.phase == Phase::Off { rested: true }
    }

    /// One control tick. `edges` is the number of Hall edges in it, `setpoint` in 1/1000
    /// stroke/s. A fault is to be answered with [`Drive::stop`].
    pub(crate) fn tick(
        &mut self,
        setpoint: i32,
        edges: u32,
        hall: &Hall,
        now: u32,
        analog: &Analog,
    ) -> (DrivePins, Option<Fault>) {
        self.ticks = self.ticks.saturating_add(1);
        match self.phase {
            Phase::Off { rested } => {
                let pins = DrivePins {
                    duty: 0,
                    cutoff_closed: false,
                    brake: self.ticks > 1,
                };
                if !rested {
                    if hall.still() {
                        self.enter(Phase::Off { rested: true });
                        self.ticks = 1;
                    }
                    return (pins, None);
                }
                let stray = hall.in_a_row() >= STRAY_EDGES
                    || self.stray(analog.current(), STRAY_CURRENT_TICKS);
                (pins, stray.then_some(Fault::UncommandedMotion))
            }
            Phase::Check => {
                let pins = DrivePins {
                    duty: 0,
                    cutoff_closed: self.ticks > 1,
                    brake: false,
                };
                if self.ticks > CHECK_TICKS {
                    self.enter(Phase::Driving);
                }
                let stray = edges > 0 || self.stray(analog.current(), STRAY_CURRENT_CHECK_TICKS);
                (pins, stray.then_some(Fault::UncommandedMotion))
            }
            Phase::Driving => {
                self.edges = self.edges.saturating_add(edges);
                let fault = self.watch(edges, hall, analog.current_smooth());
                let duty = self.rate_loop.tick(
                    setpoint,
                    hall.rate(now),
                    hall.rise(),
                    analog.current(),
                    analog.battery(),
                );
                (
                    DrivePins {
                        duty,
                        cutoff_closed: true,
                        brake: false,
                    },
                    fault,
                )
            }
        }
    }

    fn stray(&mut self, current: Milliamperes, ticks: u8) -> bool {
        self.stray_current = if current > STRAY_CURRENT {
            self.stray_current.saturating_add(1)
        } else {
            0
        };
        self.stray_current >= ticks
    }

    /// What is wrong while driving.
    fn watch(&mut self, edges: u32, hall: &Hall, current: Milliamperes) -> Option<Fault> {
        let stalled = if self.edges < START_EDGES {
            mutated!("mutant-stall-unwatched-in-first-turns": self.ticks > START_TICKS => false)
        } else {
            hall.since() > STALL_TICKS || self.rate_loop.doubt() >= DOUBT
        };
        if stalled {
            return Some(Fault::Stall);
        }
        if edges > 0 && mutated!("mutant-over-speed-unwatched": self.too_fast(hall) => false) {
            return Some(Fault::OverSpeed);
        }
        self.over_current = if current > OVER_CURRENT {
            self.over_current.saturating_add(1)
        } else {
            0
        };
        (self.over_current >= OVER_CURRENT_TICKS).then_some(Fault::OverCurrent)
    }

    fn too_fast(&mut self, hall: &Hall) -> bool {
        let Some(period) = hall.period() else {
            self.short_periods = 0;
            return false;
        };
        self.short_periods = if period < OVER_SPEED_PERIOD {
            self.short_periods.saturating_add(1)
        } else {
            0
        };
        period < OVER_SPEED_PERIOD_SINGLE
            || self.short_periods >= 2
            || hall
                .four_periods()
                .is_some_and(|it| it < 4 * OVER_SPEED_PERIOD)
    }
}
