//! The depth carriage: homing, step planning with backlash take-up, and supervision by the
//! position sensor.
//!
//! Positions are counted in microsteps from the home switch, outward positive. Every position is
//! approached outward, so that the backlash of the screw always lies on the same side.

use firmware_units::{Micrometers, Nanometers};
use firmware_wire::Calibration;

use crate::scale::scale;
use crate::signal::{Direction, StepTrain};

/// Microsteps a turn of the screw (HARDWARE.md: 20 full steps x 8).
const STEPS_PER_TURN: i32 = 160;
/// Most pulses a tick: 5,000 steps/s, 15.6 mm/s.
const PULSES_MAX: i32 = mutated!("mutant-carriage-at-less-than-half-speed": 10 => 4);
/// Pulses a tick while looking for the home switch: its window is 100 µm, a tick 16 µm.
const PULSES_SEEK: i32 = 5;
/// Change of pulses a tick from tick to tick: 10 mm/s in 6 ms.
const PULSES_RAMP: i32 = 2;
/// Period of pulses in µs by their number, so that a train ends within its tick; a single pulse
/// ends early, so that the switch has settled when homing looks at it.
const PULSE_PERIOD: [u16; 11] = [0, 960, 960, 650, 490, 392, 326, 280, 245, 217, 196];
/// Steps within which the ramp surely stops.
const STOP_FROM_FULL: i32 = 45;
/// Steps that surely take up the backlash: 50 µm for up to 30 µm.
const TAKE_UP: i32 = 16;
/// The switch opens where the carriage leaves it outward, 50 µm from home.
const HOME_EDGE: Micrometers = Micrometers(50);
/// Samples that must show the switch open.
const HOME_OPEN_TICKS: u8 = 3;
/// Most steps to find the switch inward, to find it outward from beyond, and to leave it outward:
/// 4.4, 0.5 and 0.25 mm.
const SEEK_STEPS: i32 = 1_400;
const EMERGE_STEPS: i32 = 160;
const LEAVE_STEPS: i32 = 80;
/// How far the sensor may be from the step count, while positioned and just after homing.
const SENSOR_TOLERANCE: i32 = mutated!("mutant-carriage-lost-at-two-millimetres": 100 => 2_000);
const SENSOR_TOLERANCE_HOME: i32 = 150;
/// Sensor readings beyond this are not home, whatever the switch says: its edge and the tolerance.
const HOME_WITNESS: i32 = HOME_EDGE.0 + SENSOR_TOLERANCE_HOME;
/// Ticks that the sensor must disagree: 20 ms.
const LOST_TICKS: u8 = 10;
/// Protrusion at top of stroke when parked, and at depth 0.00 (HARDWARE.md).
const PARKED: Micrometers = Micrometers(mutated!("mutant-park-at-nose-plane": -200 => 0));
/// Factory records outside these are not believed; above the park position, no carriage could park.
const HOME_PROTRUSION_RANGE: (Nanometers, Nanometers) =
    (Nanometers(-1_000_000), Nanometers(-200_000));
const LEAD_RANGE: (Nanometers, Nanometers) = (Nanometers(480_000), Nanometers(520_000));
/// Used to retract a pen whose factory record is lost.
const NOMINAL_HOME_PROTRUSION: i32 = -400_000;
const NOMINAL_LEAD: i32 = 500_000;

/// What the carriage is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Task {
    /// Nothing asked for yet; position unknown.
    Unknown,
    /// Inward until the home switch closes; steps left.
    Seek(i32),
    /// It was not found inward, and the sensor says that the carriage is beyond it: outward step
    /// by step until it closes; steps left.
    Emerge(i32),
    /// Outward step by step until it opens; steps left, samples that showed it open.
    Leave(i32, u8),
    /// Position known; moving to the target or holding it.
    Positioned,
    /// Position lost: inward until the home switch closes, since inward is always harmless.
    Retract(i32),
    /// Position lost; standing still.
    Lost,
}

/// The carriage.
#[derive(Clone, Debug)]
pub(crate) struct Carriage {
    task: Task,
    /// Steps from home, as commanded.
    position: i32,
    /// The position one tick ago: what the sensor's converted value belongs to.
    position_before: i32,
    target: i32,
    /// A stop on the way, so that the target is approached outward.
    via: Option<i32>,
    /// Outward steps that still go into the backlash.
    slack: i32,
    /// Pulses of the last tick, outward positive.
    speed: i32,
    disagreeing: u8,
    at_home: bool,
    /// Nanometres: calibration in force.
    home_protrusion: i32,
    lead: i32,
    /// Micrometres a step, << 16.
    micrometers_per_step: i32,
}

/// Whether protrusion at home and lead of the screw can be those of a pen of this design.
pub(crate) fn believable(home_protrusion: Nanometers, screw_lead: Nanometers) -> bool {
    let within =
        |value: Nanometers, range: (Nanometers, Nanometers)| value >= range.0 && value <= range.1;
    within(home_protrusion, HOME_PROTRUSION_RANGE) && within(screw_lead, LEAD_RANGE)
}

impl Carriage {
    /// A carriage anywhere; `calibration` is believable, or absent.
    pub(crate) fn new(calibration: Option<&Calibration>) -> Self {
        let mut carriage = Self {
            task: Task::Unknown,
            position: 0,
            position_before: 0,
            target: 0,
            via: None,
            slack: TAKE_UP,
            speed: 0,
            disagreeing: 0,
            at_home: false,
            home_protrusion: NOMINAL_HOME_PROTRUSION,
            lead: NOMINAL_LEAD,
            micrometers_per_step: micrometers_per_step(NOMINAL_LEAD),
        };
        if let Some(calibration) = calibration {
            carriage.calibrate(calibration);
        }
        carriage
    }

    /// Reckons with a believable factory record from now on; to be homed anew.
    pub(crate) fn calibrate(&mut self, calibration: &Calibration) {
        let narrow = |value: Nanometers, otherwise| i32::try_from(value.0).unwrap_or(otherwise);
        self.home_protrusion = narrow(calibration.home_protrusion, NOMINAL_HOME_PROTRUSION);
        self.lead = narrow(calibration.screw_lead, NOMINAL_LEAD);
        self.micrometers_per_step = micrometers_per_step(self.lead);
    }

    /// Looks for home anew, then parks.
    pub(crate) fn home(&mut self) {
        self.task = Task::Seek(SEEK_STEPS);
        self.via = None;
        self.disagreeing = 0;
    }

    /// Goes inward as far as it goes, since inward is always harmless; the position is lost.
    pub(crate) fn retract(&mut self) {
        self.task = Task::Retract(SEEK_STEPS);
    }

    /// Goes to a protrusion at top of stroke; zero means parked.
    pub(crate) fn move_to(&mut self, depth: Micrometers) {
        let protrusion = if depth > Micrometers::ZERO {
            depth
        } else {
            PARKED
        };
        let travel = protrusion.0 * 1_000 - self.home_protrusion;
        self.aim((travel * STEPS_PER_TURN + self.lead / 2) / self.lead);
    }

    /// Goes to the park position.
    pub(crate) fn park(&mut self) {
        self.move_to(Micrometers::ZERO);
    }

    fn aim(&mut self, target: i32) {
        self.target = target.max(0);
        let distance = self.target - self.position;
        let direct = distance >= self.slack
            && (self.speed == 0 || self.speed > 0 && distance >= STOP_FROM_FULL);
        self.via = if direct {
            None
        } else {
            Some((self.target - TAKE_UP).max(0))
        };
    }

    /// Whether the position is known and nothing moves.
    pub(crate) fn arrived(&self) -> bool {
        self.task == Task::Positioned
            && self.speed == 0
            && self.position == self.target
            && self.via.is_none()
    }

    /// Whether pulses are still to come.
    pub(crate) fn moving(&self) -> bool {
        match self.task {
            Task::Unknown | Task::Lost => false,
            Task::Seek(_) | Task::Emerge(_) | Task::Leave(..) | Task::Retract(_) => true,
            Task::Positioned => !self.arrived(),
        }
    }

    /// Whether the position is known.
    pub(crate) fn homed(&self) -> bool {
        self.task == Task::Positioned
    }

    /// Whether the position is lost and nothing more can be done about it.
    pub(crate) fn given_up(&self) -> bool {
        self.task == Task::Lost
    }

    /// Whether the needles are known to be below the nose plane over the whole stroke.
    pub(crate) fn parked(&self) -> bool {
        match self.task {
            Task::Positioned => {
                let at =
                    mutated!("mutant-parked-is-where-it-shall-be": self.position => self.target);
                at <= self.parked_steps() && self.disagreeing == 0
            }
            _ => self.at_home,
        }
    }

    fn parked_steps(&self) -> i32 {
        // A step more than the rounded park position.
        ((PARKED.0 * 1_000 - self.home_protrusion) * STEPS_PER_TURN / self.lead).max(0) + 1
    }

    /// The protrusion that a carriage position, by its sensor, would give.
    pub(crate) fn protrusion(&self, sensor: Micrometers) -> Micrometers {
        Micrometers(sensor.0 + self.home_protrusion / 1_000)
    }

    /// One control tick: supervises, and plans the next pulses.
    ///
    /// `sensor` is the position converted one tick ago, if it can be believed; `home` the switch
    /// now. The answer's second part says that the carriage was lost in this tick.
    pub(crate) fn tick(
        &mut self,
        sensor: Option<Micrometers>,
        home: bool,
    ) -> (Option<StepTrain>, bool) {
        // A switch that sticks must not end a retraction: the sensor has to bear it out.
        let home = home && sensor.is_some_and(|it| it.0.abs() <= HOME_WITNESS);
        self.at_home = home;
        let lost = self.supervise(sensor) || self.watch_home(sensor, home);
        if lost {
            self.retract();
        }
        self.position_before = self.position;
        let pulses = self.plan(home);
        self.speed = pulses;
        self.position += pulses;
        self.slack = (self.slack - pulses).clamp(0, TAKE_UP);
        (train(pulses), lost)
    }

    /// Whether the sensor has disagreed with the step count, or said nothing, for too long.
    fn supervise(&mut self, sensor: Option<Micrometers>) -> bool {
        if self.task != Task::Positioned {
            return false;
        }
        let expected = scale(self.position_before, self.micrometers_per_step, 16);
        if near(sensor, expected, SENSOR_TOLERANCE) {
            self.disagreeing = 0;
            return false;
        }
        self.disagreeing += 1;
        self.disagreeing >= LOST_TICKS
    }

    /// Steps of homing that the switch decides; whether home was not found.
    fn watch_home(&mut self, sensor: Option<Micrometers>, home: bool) -> bool {
        match self.task {
            Task::Seek(left) => {
                if home && self.speed == 0 {
                    self.task = Task::Leave(LEAVE_STEPS, 0);
                } else if left <= 0 && sensor.is_some_and(|it| it.0 < -HOME_EDGE.0) {
                    self.task = Task::Emerge(EMERGE_STEPS);
                    return false;
                }
                left <= 0
            }
            Task::Emerge(left) => {
                if home {
                    self.task = Task::Leave(LEAVE_STEPS, 0);
                }
                left <= 0
            }
            Task::Leave(left, open) => {
                let open = if home { 0 } else { open + 1 };
                self.task = Task::Leave(left, open);
                if open < HOME_OPEN_TICKS {
                    return left <= 0;
                }
                // The first step beyond the edge showed it open, HOME_OPEN_TICKS - 1 steps ago.
                let edge = (HOME_EDGE.0 << 16) / self.micrometers_per_step;
                self.position = edge + i32::from(HOME_OPEN_TICKS);
                self.task = Task::Positioned;
                self.disagreeing = 0;
                let expected = scale(self.position, self.micrometers_per_step, 16);
                self.park();
                !near(sensor, expected, SENSOR_TOLERANCE_HOME)
            }
            Task::Retract(left) => {
                if home || left <= 0 {
                    self.task = Task::Lost;
                }
                false
            }
            Task::Unknown | Task::Positioned | Task::Lost => false,
        }
    }

    /// Pulses for this tick, outward positive.
    fn plan(&mut self, home: bool) -> i32 {
        match self.task {
            Task::Unknown | Task::Lost => 0,
            Task::Seek(left) => {
                let wanted = if home { 0 } else { -PULSES_SEEK };
                let pulses = ramp(self.speed, wanted);
                self.task = Task::Seek(left + pulses.min(0));
                pulses
            }
            Task::Emerge(left) => {
                let pulses = ramp(self.speed, 1);
                self.task = Task::Emerge(left - pulses.max(0));
                pulses
            }
            Task::Leave(left, open) => {
                let pulses = ramp(self.speed, 1);
                self.task = Task::Leave(left - pulses, open);
                pulses
            }
            Task::Retract(left) => {
                let pulses = ramp(self.speed, -PULSES_SEEK);
                self.task = Task::Retract(left + pulses.min(0));
                pulses
            }
            Task::Positioned => self.approach(),
        }
    }

    /// Pulses toward the next stop.
    fn approach(&mut self) -> i32 {
        if self.speed == 0 && self.via == Some(self.position) {
            self.via = None;
        }
        let distance = self.via.unwrap_or(self.target) - self.position;
        let allowed = stopping_speed(distance.abs());
        let wanted = if distance < 0 { -allowed } else { allowed };
        ramp(self.speed, wanted)
    }
}

/// Whether the sensor bears a position out.
fn near(sensor: Option<Micrometers>, expected: i32, tolerance: i32) -> bool {
    sensor.is_some_and(|it| (it.0 - expected).abs() <= tolerance)
}

/// Micrometres a step, << 16: lead / 1,000 / 160 x 2^16, kept within 32 bits.
const fn micrometers_per_step(lead: i32) -> i32 {
    (((lead as u32) << 12) / 10_000) as i32
}

/// The pulses a tick from which the ramp still stops within the distance.
const fn stopping_speed(distance: i32) -> i32 {
    match distance {
        0 => 0,
        1..=3 => 1,
        4..=8 => 2,
        9..=15 => 4,
        16..=24 => 6,
        25..=35 => 8,
        _ => PULSES_MAX,
    }
}

/// From one speed toward another, no faster than the ramp allows.
fn ramp(speed: i32, wanted: i32) -> i32 {
    speed + (wanted - speed).clamp(-PULSES_RAMP, PULSES_RAMP)
}

fn train(pulses: i32) -> Option<StepTrain> {
    let count = usize::try_from(pulses.unsigned_abs()).ok()?;
    if count == 0 {
        return None;
    }
    let direction = if pulses < 0 {
        Direction::Inward
    } else {
        Direction::Outward
    };
    Some(StepTrain {
        direction,
        pulses: count as u8,
        period: PULSE_PERIOD[count.min(10)],
    })
}
